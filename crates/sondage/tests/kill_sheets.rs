//! What somebody chose of an uploaded workbook is there, whole, though the program is
//! killed while they choose: the sheet that is the list, and the file beside it of which
//! it is asked what is meant. What was on its way when it was killed is there whole or
//! not at all.

#[path = "support/program.rs"]
mod program;
mod support;

use std::io::Read as _;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fielding::App;
use fielding::acts::frame::Rows;
use fielding::acts::frame::meanwhile::{self, Meanwhile};
use fielding::acts::study::create_study;
use fielding::keys::Keys;
use fielding::rules::access::Role;
use fielding::rules::states::Privacy;
use fielding::store::{DatabaseUrl, Id, Scope, Store, frames};
use program::Program;
use sondage::browser::Browser;
use support::{multipart, pair, token_of};

/// Kills on each database, unless `SONDAGE_KILLS` says how many.
const KILLS: u32 = 6;
/// So many moments of the work differ; then they come again.
const MOMENTS: u32 = 12;
/// Rows of a sheet: more than go into one part.
const PEOPLE: usize = 2_000;
const SHEETS: [&str; 2] = ["Quý 1", "Quý 2"];

/// Letters in which nothing repeats, so that packing gains little.
fn noise(mut seed: u64) -> String {
    let sign = |number: u64| char::from(b'!' + u8::try_from(number % 90).unwrap_or_default());
    let mut next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        seed >> 33
    };
    (0..560).map(|_| sign(next())).filter(|sign| !"\"',;=+-@".contains(*sign)).collect()
}

/// Two sheets of people, each with its own names.
fn list() -> Vec<u8> {
    let rows = |sheet: usize| -> Vec<Vec<String>> {
        let names = ["id", "area", "note"].map(str::to_owned).to_vec();
        let people = (0..PEOPLE).map(|person| {
            let seed = (sheet * PEOPLE + person + 1) as u64;
            vec![format!("s{sheet}-{person}"), format!("a{}", person % 2), noise(seed)]
        });
        std::iter::once(names).chain(people).collect()
    };
    support::workbook(&[(SHEETS[0], rows(0)), (SHEETS[1], rows(1))])
}

/// Known totals in a workbook of two sheets, of which it is asked which is meant.
fn totals(number: u32) -> Vec<u8> {
    let cover = vec![vec![format!("Bìa {number}"), noise(number.into())]];
    let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
    let numbers = vec![row(["stratum", "total"]), row(["a0", "1000"]), row(["a1", "1000"])];
    support::workbook(&[("Bìa", cover), ("Số liệu", numbers)])
}

/// What somebody sends.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Sent {
    /// The choice of a sheet.
    Sheet(&'static str),
    /// A file of totals.
    Totals(String),
}

/// What somebody was told is kept, and what was on its way.
#[derive(Clone, Debug)]
struct Told {
    sheet: &'static str,
    totals: Option<String>,
    on_its_way: Option<Sent>,
}

/// The study, its workbooks and who works on it.
struct Desk<'a> {
    app: App,
    database: &'a str,
    folder: &'a Path,
    session: String,
    study: Id,
    list: Vec<u8>,
    totals: [Vec<u8>; 2],
    /// What was acknowledged by the program that runs.
    acknowledged: AtomicUsize,
}

impl Desk<'_> {
    fn start(&self) -> Program {
        Program::serve(self.folder, &["--database", self.database], &[])
    }

    fn browser(&self, program: &Program) -> Browser {
        let mut browser = Browser::new(&program.address);
        browser.set_cookie("session", &self.session);
        browser
    }

    /// The file of totals of that name.
    fn totals_of(&self, name: &str) -> &[u8] {
        &self.totals[usize::from(name.ends_with("1.xlsx"))]
    }

    /// Chooses sheets and sends files of totals by turns until the program is gone.
    fn work(&self, mut browser: Browser, mut told: Told) -> Told {
        let frame = format!("/studies/{}/frame", self.study);
        let Ok(page) = browser.get(&frame) else { return told };
        let token = token_of(&page.body);
        loop {
            let sheet = if told.sheet == SHEETS[0] { SHEETS[1] } else { SHEETS[0] };
            told.on_its_way = Some(Sent::Sheet(sheet));
            let fields = [pair("token", &token), pair("sheet", sheet)];
            match browser.post(&format!("{frame}/sheet"), &fields) {
                Ok(answer) if answer.status == 303 => {}
                _ => return told,
            }
            told = Told { sheet, totals: None, on_its_way: None };
            self.acknowledged.fetch_add(1, Ordering::Relaxed);
            for number in 0..2 {
                let name = format!("totals-{number}.xlsx");
                told.on_its_way = Some(Sent::Totals(name.clone()));
                let fields = [("token", &*token), ("column", "id"), ("role", "unit")];
                let files: [(&str, &str, &[u8]); 1] = [("totals", &name, self.totals_of(&name))];
                let (media_type, body) = multipart(&fields, &files);
                match browser.post_body(&format!("{frame}/columns"), &media_type, &body) {
                    Ok(answer) if answer.body.contains(&format!("{name} is kept")) => {}
                    _ => return told,
                }
                told = Told { totals: Some(name), on_its_way: None, ..told };
                self.acknowledged.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Looks for what was acknowledged; what is there is what counts from now on.
    fn look(&self, told: &Told) -> Told {
        let study = self.study;
        let all = self.app.store.read_now(move |connection| {
            let waiting = frames::waiting(connection, study)?.expect("a frame waits");
            Ok((waiting, frames::of_study(connection, study)?))
        });
        let (waiting, all) = all.expect("read");
        let states: Vec<_> = all.iter().filter(|row| row.state == waiting.state).collect();
        assert_eq!(states.len(), 1, "one frame waits: {all:?}");

        let kept = |what| meanwhile::kept(&self.app, waiting.id, what).expect("read");
        let bytes = |what| {
            let (mut file, mut bytes) =
                (meanwhile::file(&self.app, waiting.id, what).expect("whole"), Vec::new());
            file.read_to_end(&mut bytes).expect("read");
            bytes
        };
        let taken = kept(Meanwhile::Frame).expect("the workbook is kept").taken;
        let sheet = SHEETS.into_iter().find(|name| taken.as_deref() == Some(name));
        let sheet = sheet.unwrap_or_else(|| panic!("{taken:?}"));
        let chosen = told.on_its_way == Some(Sent::Sheet(sheet));
        assert!(sheet == told.sheet || chosen, "{sheet} where {told:?}");
        assert!(bytes(Meanwhile::Frame) == self.list, "the workbook is another");
        // Its rows, all of them and none of the other sheet's.
        let mut rows = String::new();
        Rows::of(&self.app, waiting.id).read_to_string(&mut rows).expect("read");
        let of_sheet = format!("s{}-", usize::from(sheet == SHEETS[1]));
        let people = rows.lines().skip(1).filter(|row| row.starts_with(&of_sheet)).count();
        assert_eq!((people, rows.lines().count()), (PEOPLE, PEOPLE + 1), "rows of {sheet}");

        let totals = kept(Meanwhile::Totals).map(|kept| kept.name);
        let on_its_way = match &told.on_its_way {
            Some(Sent::Totals(name)) => Some(name),
            _ => None,
        };
        let as_told = if chosen { totals.is_none() } else { totals == told.totals };
        assert!(as_told || totals.as_ref() == on_its_way, "{totals:?} where {told:?}");
        if let Some(name) = &totals {
            assert!(bytes(Meanwhile::Totals) == self.totals_of(name), "{name} is another");
        }
        Told { sheet, totals, on_its_way: None }
    }
}

fn choices_killed(url: &DatabaseUrl, database: &str, folder: &Path) {
    let kills = std::env::var("SONDAGE_KILLS").ok().and_then(|kills| kills.parse().ok());
    let kills: u32 = kills.unwrap_or(KILLS);
    let app = App::new(
        Store::open(url).expect("opens"),
        Keys::open(folder).expect("keys"),
        "http://127.0.0.1:1",
    );
    let (unit, _) = support::make_study(&app, 40, 5);
    let (session, now) = (support::session_of(&app, Role::Owner, unit), app.clock.now());
    let made = app.store.write_now(Scope::Everything, move |connection| {
        let new = support::new_study(unit, "Đi lại", Privacy::Anonymous);
        Ok(create_study(connection, now, None, &new, &support::document())?.id)
    });
    let (study, totals) = (made.expect("made"), [totals(0), totals(1)]);
    let desk = Desk {
        app,
        database,
        folder,
        session,
        study,
        list: list(),
        totals,
        acknowledged: AtomicUsize::new(0),
    };
    let frame = format!("/studies/{study}/frame");

    let program = desk.start();
    let mut browser = desk.browser(&program);
    let files: [(&str, &str, &[u8]); 1] = [("frame", "list.xlsx", &desk.list)];
    let taken_in = support::send_parts(&mut browser, &frame, &[], &files);
    assert_eq!(taken_in.status, 303, "{}", taken_in.body);
    drop(program);

    let (mut told, mut checked) = (Told { sheet: SHEETS[0], totals: None, on_its_way: None }, 0);
    for kill in 0..kills {
        let program = desk.start();
        let browser = desk.browser(&program);
        told = std::thread::scope(|scope| {
            let before = told.clone();
            let working = scope.spawn(|| desk.work(browser, before));
            // Once something was acknowledged, at a different moment of the work each
            // time; dropped, it is killed.
            while desk.acknowledged.load(Ordering::Relaxed) == 0 && !working.is_finished() {
                std::thread::sleep(Duration::from_millis(5));
            }
            std::thread::sleep(Duration::from_millis(5 + 70 * u64::from(kill % MOMENTS)));
            drop(program);
            working.join().expect("worked")
        });
        told = desk.look(&told);
        let acknowledged = desk.acknowledged.swap(0, Ordering::Relaxed);
        assert!(acknowledged > 0, "nothing was acknowledged: {told:?}");
        checked += acknowledged;
    }
    // What never came whole is swept up at the start of a program that has the file to
    // itself, before it answers.
    let last = desk.start();
    let health = Browser::new(&last.address).get("/health").expect("answers");
    assert_eq!(health.status, 200);
    drop(last);
    if matches!(url, DatabaseUrl::Sqlite(_)) {
        let left = desk.app.store.read_now(|connection| {
            frames::arriving(connection, fielding::store::Instant(i64::MAX))
        });
        assert_eq!(left.expect("read"), [], "frames that never came whole");
    }
    desk.look(&told);
    println!("killed {kills} times: {checked} choices checked, 0 lost, none in half");
}

#[test]
fn choices_killed_on_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("test.sqlite");
    let database = format!("sqlite:{}", path.display());
    choices_killed(&DatabaseUrl::Sqlite(path), &database, folder.path());
}

#[test]
fn choices_killed_on_postgresql() {
    let Some(database) = support::postgresql_database() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let url = DatabaseUrl::parse(&database).expect("an address");
    choices_killed(&url, &database, folder.path());
}
