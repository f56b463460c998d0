//! Authors of one draft hear of one another over HTTP: on one node, on two, and only as
//! long as they may.

#[path = "support/program.rs"]
mod program;
mod support;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use fielding::App;
use fielding::keys::Keys;
use fielding::rules::access::Role;
use fielding::store::people::{Unit, change_role, insert_unit};
use fielding::store::{Connection, DatabaseUrl, Id, Scope, Store, sessions};
use program::Program;
use serde_json::Value;
use sondage::browser::Browser;
use support::{Service, make_study, pair, session_of, token_of};

/// Within which something is heard of.
const SOON: Duration = Duration::from_secs(1);
/// Within which a stream ends whose listener may listen no longer.
const BEATS: Duration = Duration::from_secs(25);

/// A stream of events, read as it comes.
struct Stream(BufReader<TcpStream>);

impl Stream {
    /// Opens it; gives the status and the head too.
    fn open(base: &str, session: &str, query: &str) -> (Self, String) {
        let host = base.trim_start_matches("http://");
        let mut connection = TcpStream::connect(host).expect("connects");
        write!(
            connection,
            "GET /builder/events?{query} HTTP/1.1\r\nHost: {host}\r\nCookie: session={session}\r\n\
             Accept-Encoding: gzip, br\r\n\r\n"
        )
        .expect("sent");
        connection.set_read_timeout(Some(BEATS)).expect("a limit");
        let mut stream = Self(BufReader::new(connection));
        let mut head = String::new();
        while stream.0.read_line(&mut head).expect("read") > 2 {}
        (stream, head)
    }

    /// What is told next of a draft; `None` where the stream has ended.
    fn next(&mut self) -> Option<Value> {
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).expect("within the limit") == 0 || line == "0\r\n" {
                return None;
            }
            if let Some(data) = line.strip_prefix("data: ") {
                return Some(serde_json::from_str(data).expect("JSON"));
            }
        }
    }
}

/// The owner adds a question; gives its identity.
fn add(browser: &mut Browser, study: &str, wording: &str) -> String {
    let page = browser.get(&format!("/studies/{study}/builder")).expect("answers").body;
    let fields = [
        pair("token", &token_of(&page)),
        pair("sent_as", &Id::random().to_string()),
        pair("do", "add"),
        pair("wording", wording),
    ];
    let answer = browser.post(&format!("/studies/{study}/builder"), &fields).expect("answers");
    let way = answer.location.expect("a way");
    let (_, rest) = way.split_once("item=").expect("what is chosen");
    rest.split(['&', '#']).next().unwrap_or_default().to_owned()
}

fn signed_in(base: &str, session: &str) -> Browser {
    let mut browser = Browser::new(base);
    browser.set_cookie("session", session);
    browser
}

/// Lan listens by one address, Minh writes by another.
fn heard(app: &App, (unit, study): (Id, Id), [listens, writes]: [&str; 2]) {
    let (lan, minh) = (session_of(app, Role::Designer, unit), session_of(app, Role::Owner, unit));
    let (mut there, study) = (signed_in(writes, &minh), study.to_string());
    let (mut stream, head) = Stream::open(listens, &lan, &format!("study={study}"));
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let head = head.to_lowercase();
    assert!(head.contains("content-type: text/event-stream"), "{head}");
    assert!(!head.contains("gzip") && !head.contains("content-encoding: br"), "{head}");
    // How it is now, told at once: so nothing is lost between a page and its stream.
    let first = stream.next().expect("told");
    assert_eq!((&first["study"], &first["here"]), (&Value::from(study.as_str()), &"".into()));
    let began = Instant::now();
    let item = add(&mut there, &study, "Ông/Bà có đi làm không?");
    let mut told = stream.next().expect("told");
    if told["number"] == first["number"] {
        // That Minh has come was told before.
        told = stream.next().expect("told");
    }
    assert_eq!(told["number"].as_i64(), first["number"].as_i64().map(|number| number + 1));
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    // What Minh has chosen then.
    let began = Instant::now();
    there.get(&format!("/studies/{study}/builder?item={item}")).expect("answers");
    let there_now = format!("@{}", item.replace('-', ""));
    while !told["here"].as_str().is_some_and(|here| here.ends_with(&there_now)) {
        told = stream.next().expect("told");
    }
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    // Lan’s own page says it too, and does not name Lan.
    let page = signed_in(listens, &lan).get(&format!("/studies/{study}/builder"));
    let page = page.expect("answers").body;
    let (_, others) = page.split_once("id=\"others\"").expect("who else");
    let (others, _) = others.split_once("</p>").expect("an end");
    assert!(others.contains("Owner") || others.contains("owner-"), "{others}");
    assert!(!others.contains("designer-"), "{others}");
}

#[test]
fn authors_hear_of_one_another() {
    let service = Service::start();
    heard(&service.app, (service.unit, service.study), [&service.base, &service.base]);
}

#[test]
fn authors_hear_of_one_another_on_two_nodes() {
    let Some(database) = support::postgresql_database() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let url = DatabaseUrl::parse(&database).expect("an address");
    let keys = Keys::open(folder.path()).expect("keys");
    let app = App::new(Store::open(&url).expect("opens"), keys, "http://127.0.0.1:1");
    let (unit, study) = make_study(&app, 40, 5);
    let settings = ["--database", &database, "--second-factor", "off"];
    let mut nodes = [(); 2].map(|()| Program::serve(folder.path(), &settings, &[]));
    heard(&app, (unit, study), [&nodes[0].address, &nodes[1].address]);
    // A stream that is open does not hold the end up.
    let session = session_of(&app, Role::Owner, unit);
    let (mut stream, _) = Stream::open(&nodes[0].address, &session, &format!("study={study}"));
    assert!(stream.next().is_some());
    let began = Instant::now();
    assert!(nodes[0].terminate().success());
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    while stream.next().is_some() {}
}

#[test]
fn nobody_hears_of_what_they_may_not_see() {
    let service = Service::start();
    let (app, study) = (&service.app, service.study.to_string());
    let query = format!("study={study}");
    let status = |session: &str, query: &str| {
        let (_, head) = Stream::open(&service.base, session, query);
        head.split_whitespace().nth(1).unwrap_or_default().to_owned()
    };
    assert_eq!(status("", &query), "303", "to sign in");
    assert_eq!(status(&session_of(app, Role::Analyst, service.unit), &query), "403");
    let (elsewhere, now) = (Id::random(), app.clock.now());
    let unit = Unit {
        id: elsewhere,
        parent_id: Some(service.unit),
        name: "Nơi khác".to_owned(),
        created_at: now,
    };
    app.store
        .write_now(Scope::Everything, move |connection| insert_unit(connection, &unit))
        .expect("a unit");
    let stranger = session_of(app, Role::Designer, elsewhere);
    assert_eq!(status(&stranger, &query), "404");
    assert_eq!(status(&stranger, ""), "204", "of nothing");
    assert_eq!(status(&stranger, "study=x&study=%00"), "404");
    // As many as a person's browsers may need, and no more: the oldest ends.
    let lan = session_of(app, Role::Designer, service.unit);
    let mut open: Vec<Stream> = Vec::new();
    for _ in 0..17 {
        let (stream, head) = Stream::open(&service.base, &lan, &query);
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        open.push(stream);
    }
    let began = Instant::now();
    let mut oldest = open.remove(0);
    while oldest.next().is_some() {}
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    assert!(open.iter_mut().all(|stream| stream.next().is_some()));
    // Whose session has ended hears nothing more.
    let hash = app.keys.lookup(&lan);
    app.store
        .write_now(Scope::Everything, move |connection: &mut Connection| {
            let found = sessions::find(connection, &hash, now)?;
            let (_, user) = found.expect("a session");
            sessions::delete_all(connection, user.id, None)
        })
        .expect("ended");
    for mut stream in open {
        while stream.next().is_some() {}
    }
    // Nor whoever has lost the role.
    let minh = session_of(app, Role::Designer, service.unit);
    let (mut stream, _) = Stream::open(&service.base, &minh, &query);
    let (hash, unit) = (app.keys.lookup(&minh), service.unit);
    app.store
        .write_now(Scope::Everything, move |connection: &mut Connection| {
            let (_, user) = sessions::find(connection, &hash, now)?.expect("a session");
            change_role(connection, user.id, unit, Role::Viewer)
        })
        .expect("changed");
    while stream.next().is_some() {}
}
