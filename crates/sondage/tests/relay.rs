//! A study's whole road through somebody else's relay: set up, a list, a sample,
//! invitations that Postfix delivers, answers by the links in the letters, closing, and
//! the report.

#[path = "support/postfix.rs"]
mod postfix;
#[path = "support/program.rs"]
mod program;
mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use fielding::App;
use fielding::keys::Keys;
use fielding::store::{DatabaseUrl, Store};
use postfix::{NOBODY, Postfix};
use program::Program;
use sondage::browser::{Browser, path_of, read_form};
use support::{form_of, pair, send_frame, send_plan};

/// People on the list, all of whom are drawn.
const PEOPLE: usize = 24;

/// The code for the first sign-in, as the program prints it.
fn setup_code(data: &Path) -> String {
    let store = Store::open(&DatabaseUrl::Sqlite(data.join("sondage.sqlite"))).expect("opens");
    pages::people::setup_code(&App::new(store, Keys::open(data).expect("keys"), ""))
}

/// A letter's text as it was written, its lines joined again.
fn words(letter: &str) -> String {
    letter.replace("=\n", "").replace("=3D", "=")
}

/// The respondents' address in a letter.
fn link(letter: &str) -> Option<String> {
    let words = words(letter);
    let rest = words.split_once("/r/")?.1;
    let code: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    Some(format!("/r/{code}"))
}

/// Answers whatever is asked, the first of what is offered, to the end.
fn answer(base: &str, link: &str) {
    let mut browser = Browser::new(base);
    let welcome = browser.get(link).expect("answers");
    let form = read_form(&welcome.body, "/answer/start").expect("a beginning");
    let (mut at, mut page) = browser.submit(&form.action, &form.hidden).expect("answers");
    for _ in 0..30 {
        if path_of(&at) == "/answer/done" {
            return;
        }
        let form = read_form(&page.body, path_of(&at)).unwrap_or_else(|| panic!("{}", page.body));
        let mut filled = form.hidden;
        for field in &form.fields {
            let text = match field.kind.as_str() {
                "radio" | "checkbox" => field.values[0].clone(),
                _ if field.name == "age" || field.name == "hours" => "33".to_owned(),
                _ => String::new(),
            };
            filled.push((field.name.clone(), text));
        }
        (at, page) = browser.submit(&form.action, &filled).expect("answers");
    }
    panic!("the interview does not end");
}

/// Presses the button of a page of consequences.
fn confirm(browser: &mut Browser, path: &str, typed: &str) {
    let page = browser.get(path).expect("answers");
    let mut form = form_of(&page);
    form.hidden.push(pair("typed", typed));
    let done = browser.post(&form.action, &form.hidden).expect("answers");
    assert_eq!(done.status, 303, "{path}: {}", done.body);
}

#[test]
fn mailed_through_postfix_answered_closed_and_reported() {
    let Some(relay) = Postfix::start() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let url = format!("smtp://localhost:{}?tls=required", relay.port);
    let certificate = relay.certificate().display().to_string();
    let arguments = ["--mail", &url, "--mail-from", "Nhóm <survey@example.org>"];
    let program = Program::serve(&data, &arguments, &[("SSL_CERT_FILE", &certificate)]);

    let mut owner = Browser::new(&program.address);
    let code = setup_code(&data);
    let set_up = [
        ("code", code.as_str()),
        ("organisation", "Viện Nghiên cứu"),
        ("name", "Lan"),
        ("email", "lan@example.org"),
        ("password", "một mật khẩu đủ dài"),
    ];
    let done = owner.post("/setup", &set_up.map(|(name, value)| pair(name, value)));
    assert_eq!(done.expect("answers").status, 303);

    let study = send_frame(&mut owner, PEOPLE);
    let plan = owner.get(&format!("{study}/sample/plan")).expect("answers");
    let kept = send_plan(&mut owner, &form_of(&plan), &(PEOPLE / 4).to_string(), "fields");
    assert_eq!(kept.status, 303, "{}", kept.body);
    confirm(&mut owner, &format!("{study}/sample/draw"), &PEOPLE.to_string());
    confirm(&mut owner, &format!("{study}/opening"), "");
    confirm(&mut owner, &format!("{study}/invitations"), "");

    let letters = relay.wait_for(PEOPLE - 1);
    assert!(letters.iter().all(|letter| letter.contains("with ESMTPS")), "encrypted on the way");
    let to_nobody = format!("<{NOBODY}>");
    assert!(letters.iter().all(|letter| !letter.contains(&to_nobody)));
    // What the relay would not take is told, and not of whom.
    let field = format!("{study}/field");
    let end = Instant::now() + Duration::from_mins(1);
    let told = loop {
        let page = owner.get(&field).expect("answers").body;
        if page.contains("5.1.1") {
            break page;
        }
        assert!(Instant::now() < end, "{}", relay.log());
        std::thread::sleep(Duration::from_millis(100));
    };
    assert!(!told.contains(NOBODY), "{told}");

    let links: Vec<String> = letters.iter().filter_map(|letter| link(letter)).collect();
    assert_eq!(links.len(), PEOPLE - 1);
    links.iter().take(20).for_each(|link| answer(&program.address, link));
    confirm(&mut owner, &format!("{study}/closure"), "Phường");

    let report = owner.get(&format!("{study}/downloads/report.html")).expect("answers");
    assert_eq!(report.status, 200, "{}", report.body);
    println!("{}", report.body);
    let rows = owner.get(&format!("{study}/downloads/responses.csv")).expect("answers").body;
    assert_eq!(rows.lines().count(), 21, "20 interviews below their heads");
}
