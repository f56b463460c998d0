//! The built program is killed in the middle of an anonymous study, and all that it
//! leaves is taken: database and journal, the log, the exports, the mail folder, and
//! a copy of an hour before. None of it says who answered what.

#[path = "support/program.rs"]
mod program;
mod support;

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use fielding::App;
use fielding::jobs::prepare;
use fielding::keys::Keys;
use fielding::rules::access::Role;
use fielding::store::{Connection, DatabaseUrl, Id, Store, cases};
use program::{PATIENCE, Program, command, run, said};
use sondage::browser::{Browser, path_of, read_form};
use support::{Page, WHOLE, document, make_study_on, pair, session_of};
use survey_builder::questionnaire::document::{Document, Ending};

/// The questionnaire, in which people who are away are not asked.
fn screening() -> Document {
    let mut document = document();
    let list = document.lists.iter_mut().find(|list| list.name == "yes_no").expect("a list");
    let mut away = list.options[0].clone();
    "away".clone_into(&mut away.code);
    away.ends = Some(Ending::ScreenedOut);
    list.options.push(away);
    document
}

const AWAY: &[Page] = &[WHOLE[0], ("work", &[("works", "away")])];
const REFUSES: &[Page] = &[("consent", &[("consent", "2")])];

/// What somebody does: pages, and whether they end what they began.
fn behaves(person: usize) -> (&'static [Page], bool) {
    match person {
        0..8 => (WHOLE, true),
        8..10 => (AWAY, false),
        10 => (REFUSES, false),
        11 => (&WHOLE[..7], false),
        12 => (&WHOLE[..2], false),
        _ => (&[], false),
    }
}

fn answer(base: &str, link: &str, (pages, ends): (&[Page], bool)) {
    let mut browser = Browser::new(base);
    let welcome = browser.get(&format!("/r/{link}")).expect("answers");
    let form = read_form(&welcome.body, "/answer/start").expect("a way in");
    browser.submit(&form.action, &form.hidden).expect("answers");
    for (page, fields) in pages {
        let path = format!("/answer/page/{page}");
        let shown = browser.get(&path).expect("answers");
        let shown = match shown.location {
            Some(own) => browser.get(&own).expect("answers"),
            None => shown,
        };
        let form = read_form(&shown.body, &path).expect("a form");
        let mut filled = form.hidden.clone();
        filled.extend(fields.iter().map(|(name, value)| pair(name, value)));
        let (at, _) = browser.submit(&form.action, &filled).expect("answers");
        assert_ne!(path_of(&at), path, "{page} is accepted");
    }
    if ends {
        let last = browser.get("/answer/end").expect("answers");
        let form = read_form(&last.body, "/answer/end").expect("a button");
        let (at, _) = browser.submit(&form.action, &form.hidden).expect("answers");
        assert_eq!(path_of(&at), "/answer/done");
    }
}

/// Starts it with all that it says in a file.
fn start(folder: &Path, database: &str) -> Program {
    let data = folder.display().to_string();
    let log = File::options().append(true).create(true).open(folder.join("sondage.log"));
    let mut command =
        command(&["serve", "--data", &data, "--database", database, "--listen", "127.0.0.1:0"]);
    command.stderr(log.expect("a log"));
    Program::start(command)
}

/// Everything but what the program holds open, as a copy of an hour before.
fn copied(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("read") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            std::fs::copy(&path, to.join(path.file_name().expect("a name"))).expect("copied");
        }
    }
}

/// What the command says of these places: no pair, no small group, and how many have
/// ended.
fn steals(held: &[&str]) -> String {
    let output = run(&[&["thief", "--language", "en"], held].concat());
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("groups under five: 0"), "{said}");
    for line in said.lines().filter(|line| line.contains("pairs by")) {
        assert!(line.ends_with(": 0"), "{said}");
    }
    assert_eq!(said.matches("pairs by").count(), 7, "{said}");
    said
}

fn robbed(url: &DatabaseUrl, database: &str) {
    let (data, copies) = (tempfile::tempdir(), tempfile::tempdir());
    let (data, copies) = (data.expect("a folder"), copies.expect("a folder"));
    let (folder, copy) = (data.path(), copies.path().join("before"));
    let database = database.replace("FOLDER", &folder.display().to_string());
    let url = match url {
        DatabaseUrl::Sqlite(_) => DatabaseUrl::parse(&database).expect("an address"),
        DatabaseUrl::Postgresql(_) => url.clone(),
    };
    let (session, study, links) = {
        let store = Store::open(&url).expect("opens");
        let app = App::new(store, Keys::open(folder).expect("keys"), "http://127.0.0.1:1");
        let (unit, study) = make_study_on(&app, screening(), 40, 5);
        prepare::invite(&app, None, study).expect("queued");
        let rows = move |connection: &mut Connection| cases::page(connection, study, 0, 100);
        let rows = app.store.read_now(rows).expect("cases");
        let links: Vec<String> = rows.iter().map(|case| app.keys.link(case.id)).collect();
        (session_of(&app, Role::Owner, unit), study, links)
    };
    let taken = |path: &Path| path.display().to_string();
    let server = matches!(url, DatabaseUrl::Postgresql(_));
    let mut program = start(folder, &database);
    for (person, link) in links.iter().take(14).enumerate() {
        if person == 7 {
            // What waits for others moves on at the next start.
            drop(program);
            program = start(folder, &database);
            let place = if server { database.clone() } else { taken(folder) };
            wait_until("five have moved", || {
                !said_by(&["thief", "--language", "en", &place]).contains(": 0 ended")
            });
            copied(folder, &copy);
        }
        answer(&program.address, link, behaves(person));
    }
    let written = || std::fs::read_dir(folder.join("mail")).map_or(0, Iterator::count);
    wait_until("every letter has become a file", || written() == links.len());
    let mut owner = Browser::new(&program.address);
    owner.set_cookie("session", &session);
    exports(&mut owner, study, folder);
    // Killed, not stopped.
    drop(program);
    let held = if server {
        vec![database.clone(), taken(&copy), taken(folder)]
    } else {
        vec![taken(&copy), taken(folder)]
    };
    let held: Vec<&str> = held.iter().map(String::as_str).collect();
    let said = steals(&held);
    assert!(said.contains(": 5 ended interviews"), "{said}");
    // The next start closes it; then everything that ended is in the open.
    let program = start(folder, &database);
    let mut owner = Browser::new(&program.address);
    owner.set_cookie("session", &session);
    let page = owner.get(&format!("/studies/{study}/closure")).expect("answers");
    let form = read_form(&page.body, "/studies/").expect("a form");
    let mut pairs = form.hidden;
    pairs.push(pair("typed", "Đi lại"));
    assert_eq!(owner.post(&form.action, &pairs).expect("answers").status, 303);
    assert!(exports(&mut owner, study, folder) >= 4, "what is told is downloaded");
    drop(program);
    let said = steals(&held);
    assert!(said.contains(": 13 ended interviews"), "{said}");
    let all = ["thief", "--language", "en", "--keys", &taken(folder)].map(str::to_owned);
    let all: Vec<&str> = all.iter().map(String::as_str).chain(held.iter().copied()).collect();
    let with_keys = said_by(&all);
    assert!(with_keys.contains("with the keys: 0 open interviews and 0 that wait"), "{with_keys}");
}

fn said_by(arguments: &[&str]) -> String {
    said(&run(arguments))
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < end, "not within a minute: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Whatever the study's pages let an owner download, beside the rest. Returns how many.
fn exports(owner: &mut Browser, study: Id, folder: &Path) -> usize {
    let names = ["downloads/responses.csv", "downloads/codebook.csv", "downloads/tables.csv"];
    let names = names.iter().chain(&["downloads/report.html", "sample/units.csv"]);
    let names = names.chain(&["sample/manifest.json", "report", "tables"]);
    let kept = folder.join("exports");
    std::fs::create_dir_all(&kept).expect("a folder");
    let got = names.filter(|name| {
        let page = owner.get(&format!("/studies/{study}/{name}")).expect("answers");
        let file = kept.join(name.replace('/', "-"));
        page.status == 200 && std::fs::write(file, page.body).is_ok()
    });
    got.count()
}

#[test]
fn a_killed_programs_files_tell_of_nobody_on_sqlite() {
    let url = DatabaseUrl::Sqlite("sondage.sqlite".into());
    robbed(&url, "sqlite:FOLDER/sondage.sqlite");
}

#[test]
fn a_killed_programs_files_tell_of_nobody_on_postgresql() {
    let Some(database) = support::postgresql_database() else { return };
    robbed(&DatabaseUrl::parse(&database).expect("an address"), &database);
}
