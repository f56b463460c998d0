//! The example study: made with one click, brought into the field and answered though the
//! program is killed on the way, everybody once; no letter leaves; removed with one click.

#[path = "support/program.rs"]
mod program;
mod support;

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::time::{Duration, Instant};

use fielding::App;
use fielding::example::SEED;
use fielding::example::people::{Behaviour, residents};
use fielding::keys::Keys;
use fielding::rules::access::Role;
use fielding::rules::states::{Example, ResponseState};
use fielding::store::{DatabaseUrl, Id, Store, cases, pool, responses, rounds, samples, studies};
use program::{PATIENCE, Program};
use sondage::browser::{Answer, Browser};
use support::{pair, token_of};

/// When the program is killed: after so many answers have come in, of some hundreds.
const KILLED_AT: [i64; 2] = [1, 60];

fn press(browser: &mut Browser, page: &str, address: &str) -> Answer {
    let token = token_of(&browser.get(page).expect("answers").body);
    browser.post(address, &[pair("token", &token)]).expect("answers")
}

/// Interviews that have ended, whether they have moved on or not.
fn ended(app: &App, study: Id) -> i64 {
    let count = app.store.read_now(move |connection| {
        let round = rounds::current(connection, study)?.id;
        Ok(responses::interview_count(connection, study)? + pool::count(connection, round)?)
    });
    count.expect("read")
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + 3 * PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "{what}: not within three minutes");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Everybody of the sample who would has answered, and nobody twice.
fn everybody_answered(app: &App, id: Id) {
    let drawn: HashSet<String> = app
        .store
        .read_now(move |connection| {
            let units = samples::unit_keys(connection, id)?;
            let cases = cases::page(connection, id, 0, i64::MAX)?;
            let units = cases.iter().filter_map(|case| units.get(&case.sampled_unit_id?).cloned());
            Ok(units.collect())
        })
        .expect("read");
    assert_eq!(drawn.len(), 1_200);
    let willing = residents(SEED)
        .iter()
        .filter(|one| drawn.contains(&one.id) && one.behaviour() == Behaviour::Completes)
        .count();
    wait_until("moved on", || {
        let left = app.store.read_now(move |connection| {
            let round = rounds::current(connection, id)?.id;
            pool::count(connection, round)
        });
        left.expect("read") == 0
    });
    let by_state = app.store.read_now(move |connection| {
        let round = rounds::current(connection, id)?.id;
        let mut by_state: BTreeMap<&str, usize> = BTreeMap::new();
        for row in responses::ended_of_round(connection, round)? {
            *by_state.entry(row.state.word()).or_default() += 1;
        }
        Ok(by_state)
    });
    let by_state = by_state.expect("read");
    assert_eq!(by_state.get(ResponseState::Complete.word()), Some(&willing), "{by_state:?}");
}

/// Until it is filled where `whole`; else it is removed while it is being filled.
fn example_filled(url: &DatabaseUrl, database: &str, folder: &Path, whole: bool) {
    let app = App::new(
        Store::open(url).expect("opens"),
        Keys::open(folder).expect("keys"),
        "http://127.0.0.1:1",
    );
    let (unit, real) = support::make_study(&app, 40, 5);
    let session = support::session_of(&app, Role::Designer, unit);
    let watcher = support::session_of(&app, Role::Analyst, unit);
    let start = || Program::serve(folder, &["--database", database], &[]);
    let browser = |program: &Program, session: &str| {
        let mut browser = Browser::new(&program.address);
        browser.set_cookie("session", session);
        browser
    };

    let mut running = start();
    let mut owner = browser(&running, &session);
    let made = press(&mut owner, "/studies/new", "/studies/example");
    let address = made.location.expect("the way to the study");
    let again = press(&mut owner, "/studies/new", "/studies/example");
    assert_eq!(again.location.as_deref(), Some(&*address), "a unit has one");
    let id = address.rsplit('/').next().and_then(Id::parse).expect("a study");
    let state = || {
        let found = app.store.read_now(move |connection| studies::find(connection, id));
        found.expect("read").map(|study| study.example)
    };
    for answers in KILLED_AT {
        wait_until("answers", || ended(&app, id) >= answers);
        assert_eq!(state(), Some(Example::Filling), "it was filled before it was killed");
        // Dropped, it is killed.
        drop(running);
        running = start();
    }
    if whole {
        wait_until("filled", || state() == Some(Example::Filled));
        everybody_answered(&app, id);
    }

    let mut owner = browser(&running, &session);
    let page = owner.get(&address).expect("answers").body;
    assert!(page.contains("This is the example study"), "{page}");
    let tables = owner.get(&format!("{address}/tables")).expect("answers");
    assert_eq!((tables.status, tables.body.contains("<table")), (200, whole), "{}", tables.body);
    let mail = folder.join("mail");
    let letters = std::fs::read_dir(&mail).map_or(0, Iterator::count);
    assert_eq!(letters, 0, "letters in {}", mail.display());

    // Who may only read removes nothing, and no real study is removed this way.
    let removal = format!("{address}/example/removal");
    let refused = press(&mut browser(&running, &watcher), "/home", &removal);
    assert_eq!(refused.status, 403);
    let not_one = press(&mut owner, "/home", &format!("/studies/{real}/example/removal"));
    assert_eq!(not_one.status, 404);
    let removed = press(&mut owner, &address, &removal);
    assert_eq!((removed.status, removed.location.as_deref()), (303, Some("/studies?deleted")));
    assert_eq!(state(), None);
    assert_eq!(owner.get(&address).expect("answers").status, 404);
    let made = press(&mut owner, "/studies/new", "/studies/example");
    assert_ne!(made.location, Some(address), "a new one can be made");
}

#[test]
fn the_example_is_filled_on_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("test.sqlite");
    let database = format!("sqlite:{}", path.display());
    example_filled(&DatabaseUrl::Sqlite(path), &database, folder.path(), true);
}

#[test]
fn the_example_is_removed_while_it_is_filled_on_postgresql() {
    let Some(database) = support::postgresql_database() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let url = DatabaseUrl::parse(&database).expect("an address");
    example_filled(&url, &database, folder.path(), false);
}
