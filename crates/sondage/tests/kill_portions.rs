//! What is stored in portions is stored whole or not at all, though the program is
//! killed in the middle: a draw and a mailing are taken back at the next start, a
//! closing is gone on with. On a server, where another node may be at it, that
//! happens after ten minutes without a sign of life; the clock is set for it.

mod support;

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use fielding::App;
use fielding::acts::people::set_up;
use fielding::keys::Keys;
use fielding::rules::states::StudyStatus;
use fielding::store::{Connection, DatabaseUrl, Id, Scope, Store, responses, sessions, studies};
use sondage::browser::{Browser, read_form};
use support::{form_of, pair, send_frame, send_plan};

/// Kills of each act, unless `SONDAGE_KILLS` says how many.
const KILLS: u32 = 4;
const PEOPLE: usize = 6_000;
/// Of each of four wards.
const EACH: usize = 500;
const CASES: i64 = 4 * 500;
const BEGUN: usize = 20;

/// One study on one database, and the program that is killed beside it.
struct World<'a> {
    app: App,
    database: &'a str,
    folder: &'a Path,
    session: String,
    study: Id,
    starts: i64,
    midway: u32,
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
    listener.local_addr().expect("bound").port()
}

/// A program that is killed when it goes out of sight.
struct Program {
    child: Child,
    base: String,
}

impl Program {
    fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }
}

impl World<'_> {
    /// Starts the program, each time an hour later.
    fn start(&mut self) -> Program {
        self.starts += 1;
        let now: DateTime<Utc> = Utc::now() + TimeDelta::hours(self.starts);
        let port = free_port();
        let child = Command::new(env!("CARGO_BIN_EXE_sondage"))
            .env("SONDAGE_CLOCK", now.to_rfc3339())
            .args(["serve", "--data"])
            .arg(self.folder)
            .args(["--database", self.database, "--listen", &format!("127.0.0.1:{port}")])
            .stdout(Stdio::null())
            .spawn()
            .expect("starts");
        let program = Program { child, base: format!("http://127.0.0.1:{port}") };
        wait_until("it starts", || {
            let answer = Browser::new(&program.base).get("/health");
            answer.is_ok_and(|answer| answer.status == 200)
        });
        wait_until("it is swept up", || self.count("preparations") == 0);
        program
    }

    fn browser(&self, program: &Program) -> Browser {
        let mut browser = Browser::new(&program.base);
        browser.set_cookie("session", &self.session);
        browser
    }

    fn count(&self, table: &str) -> i64 {
        #[derive(diesel::QueryableByName)]
        struct Count {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            rows: i64,
        }
        use diesel::RunQueryDsl as _;
        let query = format!("SELECT count(*) AS rows FROM {table}");
        let read = |connection: &mut Connection| {
            Ok(diesel::sql_query(query).get_result::<Count>(connection)?.rows)
        };
        self.app.store.read_now(read).expect("counted")
    }

    /// Presses the button of a page, and kills the program some moments later.
    fn kill_after(&mut self, path: &str, typed: &str, moments: Duration) {
        let program = self.start();
        let mut browser = self.browser(&program);
        let page = browser.get(path).expect("answers");
        let form = form_of(&page);
        let mut pairs = form.hidden;
        pairs.push(pair("typed", typed));
        let action = form.action;
        // The answer never comes, or came just before.
        let pressed = std::thread::spawn(move || drop(browser.post(&action, &pairs)));
        std::thread::sleep(moments);
        program.kill();
        pressed.join().expect("no panic");
        self.midway += u32::from(self.count("preparations") > 0);
    }

    /// Lets the program do it to its end.
    fn finish(&mut self, path: &str, typed: &str) {
        let program = self.start();
        let mut browser = self.browser(&program);
        let page = browser.get(path).expect("answers");
        // It may have come to its end just before the last kill.
        if page.status == 200
            && let Some(form) = read_form(&page.body, "/studies/")
        {
            let mut pairs = form.hidden;
            pairs.push(pair("typed", typed));
            assert_eq!(browser.post(&form.action, &pairs).expect("answers").status, 303);
        }
        program.kill();
    }

    /// Whether each of these tables has all its rows, or none.
    fn all_or_none(&self, tables: &[(&str, i64)]) -> bool {
        let counts: Vec<i64> = tables.iter().map(|(table, _)| self.count(table)).collect();
        let all = counts.iter().zip(tables).all(|(count, (_, all))| count == all);
        assert!(all || counts.iter().all(|count| *count == 0), "half of it: {tables:?} {counts:?}");
        all
    }
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !done() {
        assert!(Instant::now() < deadline, "not within a minute: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Somebody who may do everything, and the session they have.
fn make_owner(app: &App) -> String {
    let (owner, token) = (support::user("owner@example.org"), fielding::keys::random_token());
    let (now, hash) = (app.clock.now(), app.keys.lookup(&token));
    app.store
        .write_now(Scope::Everything, move |connection| {
            set_up(connection, "Nhóm", &owner)?;
            let until = now.plus_seconds(100 * 86_400);
            sessions::insert(connection, &support::session(&hash, owner.id, now, until))
        })
        .expect("made");
    token
}

/// A study with a frame and a plan, made on pages.
fn make_draft(browser: &mut Browser) -> Id {
    let study = send_frame(browser, PEOPLE);
    let page = browser.get(&format!("{study}/sample/plan")).expect("answers");
    let mut form = form_of(&page);
    form.hidden.push(pair("replicates", "2"));
    let kept = send_plan(browser, &form, &EACH.to_string(), "fields");
    assert_eq!(kept.status, 303, "{}", kept.body);
    Id::parse(study.rsplit('/').next().expect("an identity")).expect("an identity")
}

/// At different moments of what takes longest, on any machine.
fn moments(kill: u32) -> Duration {
    Duration::from_millis(20 + 60 * u64::from(kill % 12))
}

fn killed_midway(url: &DatabaseUrl, database: &str, folder: &Path) {
    let kills = std::env::var("SONDAGE_KILLS").ok().and_then(|kills| kills.parse().ok());
    let kills: u32 = kills.unwrap_or(KILLS);
    let app = {
        let store = Store::open(url).expect("opens");
        App::new(store, Keys::open(folder).expect("keys"), "http://127.0.0.1:1")
    };
    let session = make_owner(&app);
    let study = Id::random();
    let mut world = World { app, database, folder, session, study, starts: 0, midway: 0 };
    let program = world.start();
    let mut browser = world.browser(&program);
    world.study = make_draft(&mut browser);
    program.kill();
    let address = format!("/studies/{}", world.study);

    let drawn = [
        ("samples", 1),
        ("sampled_units", CASES),
        ("cases", CASES),
        ("contact_details", CASES),
        ("areas", 4),
    ];
    let draw = format!("{address}/sample/draw");
    for kill in 0..kills {
        world.kill_after(&draw, &CASES.to_string(), moments(kill));
        world.start().kill();
        if world.all_or_none(&drawn) {
            break;
        }
    }
    world.finish(&draw, &CASES.to_string());
    assert!(world.all_or_none(&drawn), "drawn in the end");

    let (id, now) = (world.study, world.app.clock.now());
    let open = move |connection: &mut Connection| {
        fielding::acts::study::open_study(connection, now, None, id)
    };
    world.app.store.write_now(Scope::Study(id), open).expect("opened");
    release_and_look(&mut world, &address, kills);
    let invitations = format!("{address}/invitations");
    for kill in 0..kills {
        world.kill_after(&invitations, "", moments(kill));
        world.start().kill();
        if world.all_or_none(&[("outbox", CASES)]) {
            break;
        }
    }
    world.finish(&invitations, "");
    assert!(world.all_or_none(&[("outbox", CASES)]), "queued in the end");

    close_and_look(&mut world, &address, kills);
    println!("killed {} starts, {} midway: whole or nothing", world.starts, world.midway);
    assert!(world.midway > 0, "no kill came midway");
}

/// Cases wait in two replicates; a release that was begun opens all of one, or both.
fn release_and_look(world: &mut World<'_>, address: &str, kills: u32) {
    let opened = |world: &World<'_>| world.count("cases WHERE status = 'open'");
    assert_eq!(opened(world), 0, "nobody is released yet");
    for upto in [1, 2] {
        let path = format!("{address}/sample/release?upto={upto}");
        for kill in 0..kills {
            world.kill_after(&path, "", moments(kill));
            // The next start goes on with it.
            world.start().kill();
            match opened(world) {
                all if all == CASES / 2 * upto => break,
                all => assert_eq!(all, CASES / 2 * (upto - 1), "half a release"),
            }
        }
        if opened(world) < CASES / 2 * upto {
            world.finish(&path, "");
        }
        assert_eq!(opened(world), CASES / 2 * upto, "released in the end");
    }
}

/// Some interviews are under way; a closing that was begun ends them all.
fn close_and_look(world: &mut World<'_>, address: &str, kills: u32) {
    let program = world.start();
    let id = world.study;
    let rows = world
        .app
        .store
        .read_now(move |connection| fielding::store::cases::page(connection, id, 0, 5_000))
        .expect("cases");
    for case in rows.iter().step_by(rows.len() / BEGUN) {
        let mut person = Browser::new(&program.base);
        let link = world.app.keys.link(case.id);
        let page = person.get(&format!("/r/{link}")).expect("answers");
        let form = read_form(&page.body, "/answer/start").expect("a form");
        assert_eq!(person.post(&form.action, &form.hidden).expect("answers").status, 303);
    }
    program.kill();
    let state = |world: &World<'_>| {
        let read = move |connection: &mut Connection| {
            let study = studies::find(connection, id)?.expect("a study");
            Ok((study.status, responses::open_count(connection, id)?))
        };
        world.app.store.read_now(read).expect("read")
    };
    let under_way = state(world).1;
    assert!(usize::try_from(under_way).is_ok_and(|open| open >= BEGUN));
    for kill in 0..kills {
        world.kill_after(&format!("{address}/closure"), "phường", moments(kill));
        // The next start goes on with it.
        world.start().kill();
        match state(world) {
            (StudyStatus::Open, open) => assert_eq!(open, under_way, "nothing has begun"),
            (status, open) => {
                assert_eq!((status, open), (StudyStatus::Closed, 0), "it is ended whole");
                break;
            }
        }
    }
    let (status, open) = state(world);
    if status == StudyStatus::Open {
        world.finish(&format!("{address}/closure"), "phường");
        assert_eq!(state(world), (StudyStatus::Closed, 0));
    } else {
        assert_eq!(open, 0);
    }
    delete_and_look(world, address, kills);
}

/// A deletion that was begun is gone on with until nothing is left.
fn delete_and_look(world: &mut World<'_>, address: &str, kills: u32) {
    let left = |world: &World<'_>| {
        let of = ["studies", "cases", "contact_details", "responses", "sampled_units", "outbox"];
        of.map(|table| world.count(table)).iter().sum::<i64>()
    };
    for kill in 0..kills {
        world.kill_after(&format!("{address}/deletion"), "phường", moments(kill));
        let begun = world.count("studies WHERE deleted_at IS NOT NULL");
        world.midway += u32::try_from(begun).expect("one study");
        let next = world.start();
        wait_until("it is deleted", || world.count("studies WHERE deleted_at IS NOT NULL") == 0);
        next.kill();
        if left(world) == 0 {
            return;
        }
        assert_eq!(world.count("cases"), CASES, "nothing has begun");
    }
    world.finish(&format!("{address}/deletion"), "phường");
    assert_eq!(left(world), 0);
}

#[test]
fn killed_midway_on_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("test.sqlite");
    let database = format!("sqlite:{}", path.display());
    killed_midway(&DatabaseUrl::Sqlite(path), &database, folder.path());
}

#[test]
fn killed_midway_on_postgresql() {
    let Some(database) = support::postgresql_database() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let url = DatabaseUrl::parse(&database).expect("an address");
    killed_midway(&url, &database, folder.path());
}
