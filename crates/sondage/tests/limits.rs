//! What strangers may cost: nothing is read of a form before it is known who sends
//! it, a body that does not come is let go, and limits count people, not proxies.

#[path = "support/program.rs"]
mod program;
mod support;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use fielding::App;
use fielding::keys::Keys;
use fielding::rules::access::Role;
use fielding::store::{DatabaseUrl, Store};
use pages::bodies::Bodies;
use pages::site::Site;
use pages::{ADDRESSES, Who};
use program::Program;
use support::Service;

/// Sends a head and what there is of the body, and gives the status that comes back.
fn exchange(base: &str, path: &str, lines: &str, body: &[u8]) -> (u16, String) {
    let host = base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).expect("connects");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
    let head =
        format!("POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{lines}\r\n\r\n");
    stream.write_all(&[head.as_bytes(), body].concat()).expect("sent");
    let (mut answer, mut piece) = (Vec::new(), [0; 4096]);
    // A server that has answered before the body came waits a while for it.
    while !is_whole(&answer) {
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => break,
            Ok(read) => answer.extend_from_slice(&piece[..read]),
        }
    }
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_else(|| panic!("{path} answers nothing: {answer}")), answer)
}

/// Whether the head of an answer is there, and as much as it says will follow.
fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.and_then(|length| length.parse().ok()).is_some_and(|length: usize| body.len() >= length)
}

const FILES: &str = "Content-Type: multipart/form-data; boundary=x";

#[test]
fn a_form_is_read_only_when_who_sends_it_may() {
    let service = Service::start();
    let mut viewer = service.signed_in(Role::Viewer, service.unit);
    let token = viewer.cookie("session").expect("a session").to_owned();
    let mut tried = 0;
    for door in ADDRESSES.iter().filter(|door| door.method == "POST") {
        let path = door
            .path
            .replace("{id}", &service.study.to_string())
            .replace("{name}", "picture.png")
            .replace("{stop:.+}", "one");
        // Of the body, 100 MB, nothing ever comes.
        let lines = format!("{FILES}\r\nContent-Length: 100000000");
        if matches!(door.who, Who::May(_)) {
            let (status, _) = exchange(&service.base, &path, &lines, b"");
            assert!(matches!(status, 303 | 401), "{path}: {status}");
            let cookie = format!("{lines}\r\nCookie: session={token}");
            let (status, _) = exchange(&service.base, &path, &cookie, b"");
            assert_eq!(status, 403, "{path}");
            tried += 2;
        } else if door.path.starts_with("/answer/page") || door.path.starts_with("/answer/members")
        {
            let (status, _) = exchange(&service.base, &path, &lines, b"");
            assert_eq!(status, 303, "{path}");
            tried += 1;
        }
    }
    assert!(tried >= 30, "{tried} doors were tried");
    viewer.get("/studies").expect("still answers");
}

#[test]
fn a_file_with_a_problem_in_every_row_gives_a_page_that_can_be_read() {
    let service = Service::start();
    let mut designer = service.signed_in(Role::Designer, service.unit);
    let token = support::token_of(&designer.get("/studies/new").expect("answers").body);
    let rows = "text,a,b\n".repeat(20_000);
    let file = format!("type,name,label\n{rows}");
    let fields = [("token", token.as_str()), ("name", "x"), ("organisation", "o"), ("phone", "1")];
    let (kind, body) =
        support::multipart(&fields, &[("questionnaire", "survey.csv", file.as_bytes())]);
    let answer = designer.post_body("/studies", &kind, &body).expect("answers");
    assert_eq!(answer.status, 422);
    let told = answer.body.split("<li>and ").nth(1).expect("says how many");
    assert!(told.starts_with("19,899 more"), "{}", &told[..40]);
    assert!(answer.body.len() < 30_000, "{} bytes", answer.body.len());
}

#[test]
fn what_anybody_may_send_is_short() {
    let service = Service::start();
    let body = vec![b'a'; 20_000];
    let lines = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 20000";
    for path in ["/code", "/sign-in", "/answer/start", "/answer/end"] {
        assert_eq!(exchange(&service.base, path, lines, &body).0, 422, "{path}");
    }
}

#[test]
fn a_body_that_does_not_come_is_let_go() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = DatabaseUrl::Sqlite(folder.path().join("test.sqlite"));
    let app = App::new(Store::open(&store).expect("opens"), Keys::random(), "http://127.0.0.1:1");
    let mut site = Site::new(app);
    site.bodies = Bodies::new(1 << 20, Duration::from_millis(400));
    let (base, _server) = support::serve_site(site);
    let lines = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000";
    let (status, answer) = exchange(&base, "/code", lines, b"code=");
    assert_eq!(status, 408, "{answer}");
    assert!(answer.contains("too slowly") || answer.contains("quá chậm"), "{answer}");
    let mut browser = sondage::browser::Browser::new(&base);
    assert_eq!(browser.get("/health").expect("answers").body, "ok\n");
}

/// Sends a wrong code from whoever these lines say; whether it was looked at.
fn guess(base: &str, lines: &str) -> bool {
    let body = "code=AAAA+AAAA+AAAA";
    let form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length:";
    let lines = format!("{lines}{form} {}", body.len());
    match exchange(base, "/code", &lines, body.as_bytes()).0 {
        303 => true,
        429 => false,
        status => panic!("{status}"),
    }
}

/// Guesses until one is refused.
fn until_refused(base: &str, lines: &str) -> usize {
    (0..310).find(|_| !guess(base, lines)).expect("refused in the end")
}

#[test]
fn limits_count_people_and_not_the_proxy() {
    let folder = tempfile::tempdir().expect("a folder");
    let behind = Program::serve(
        &folder.path().join("behind"),
        &["--trusted-proxies", "127.0.0.1,10.0.0.0/8"],
        &[],
    );
    assert_eq!(until_refused(&behind.address, "X-Forwarded-For: 198.51.100.1\r\n"), 300);
    // The same person by the other header, and what somebody wrote in front of it.
    for same in [
        "Forwarded: for=198.51.100.1;proto=https\r\n",
        "X-Forwarded-For: 203.0.113.9, 198.51.100.1, 10.1.1.1\r\n",
    ] {
        assert!(!guess(&behind.address, same), "{same}");
    }
    assert!(guess(&behind.address, "X-Forwarded-For: 198.51.100.2\r\n"), "another person");
    let open = Program::serve(&folder.path().join("open"), &[], &[]);
    assert_eq!(until_refused(&open.address, "X-Forwarded-For: 198.51.100.1\r\n"), 300);
    assert!(!guess(&open.address, "X-Forwarded-For: 198.51.100.2\r\n"), "not believed");
}

#[test]
fn what_is_right_does_not_count_and_a_code_is_one_wherever_it_stands() {
    let service = Service::start();
    let code = service.app.keys.code(service.cases[0]);
    for _ in 0..310 {
        let answer = service.browser().get(&format!("/r/{code}")).expect("answers");
        assert_eq!(answer.status, 200);
    }
    let mut by_code = service.browser();
    by_code.get(&format!("/r/{code}")).expect("answers");
    assert_eq!(by_code.cookie("interview"), Some(service.links[0].as_str()), "holds the link");
    // A code in the place of the link's secret opens nothing.
    let mut guessing = service.browser();
    guessing.set_cookie("interview", &code);
    assert_eq!(guessing.get("/answer").expect("answers").location.as_deref(), Some("/code"));
    let tries = until_refused(&service.base, "");
    assert_eq!(tries, 300, "none of the right ones counted");
    let wrong = service.browser().get("/r/AAAAAAAAAAAB").expect("answers").status;
    assert_eq!(wrong, 429, "one limit for both places");
    let link = service.browser().get(&format!("/r/{}", service.links[1])).expect("answers").status;
    assert_eq!(link, 200, "links are no guesses");
}
