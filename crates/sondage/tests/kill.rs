//! An acknowledged page is on disk: the program is killed again and again, with
//! no warning, while people answer; every page that was answered with "go on"
//! must be there afterwards, whole. So must every edit of a questionnaire that its
//! author was told is saved.

mod support;

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use fielding::App;
use fielding::acts::{comments, study};
use fielding::keys::Keys;
use fielding::rules::access::Role;
use fielding::rules::states::{AuditAction, Privacy};
use fielding::store::{
    DatabaseUrl, Id, Scope, Store, audit, cases, comments as stored_comments, drafts, people,
    studies, trials,
};
use sondage::browser::{Browser, path_of, read_form};

/// Kills on each database, unless `SONDAGE_KILLS` says how many.
const KILLS: u32 = 6;
/// So many moments of the work differ; then they come again.
const MOMENTS: u32 = 12;
const PEOPLE_AT_ONCE: usize = 6;
const CASES_EACH: u32 = 400;

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
    listener.local_addr().expect("bound").port()
}

fn start(folder: &Path, database: &str, port: u16) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sondage"));
    let child = command
        .args(["serve", "--data"])
        .arg(folder)
        .args(["--database", database, "--listen", &format!("127.0.0.1:{port}")])
        .stdout(Stdio::null())
        .spawn()
        .expect("starts");
    let deadline = Instant::now() + Duration::from_secs(30);
    let mut browser = Browser::new(&format!("http://127.0.0.1:{port}"));
    while browser.get("/health").map_or(0, |answer| answer.status) != 200 {
        assert!(Instant::now() < deadline, "did not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

/// How often the program is killed on each database.
fn kills() -> u32 {
    std::env::var("SONDAGE_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS)
}

/// The program that is killed, and somebody who is signed in there.
struct Killed<'a> {
    database: &'a str,
    folder: &'a Path,
    session: &'a str,
}

impl Killed<'_> {
    /// Starts it; where it answers, and a browser of who is signed in.
    fn start(&self) -> (String, Child, Browser) {
        let port = free_port();
        let base = format!("http://127.0.0.1:{port}");
        let running = start(self.folder, self.database, port);
        let mut browser = Browser::new(&base);
        browser.set_cookie("session", self.session);
        (base, running, browser)
    }
}

/// What one person was told is saved.
#[derive(Clone, Default)]
struct Acknowledged {
    link: String,
    hours: Option<String>,
    score: Option<String>,
    done: bool,
}

/// One person answers as far as the program lets them; what was acknowledged is
/// noted only after the answer has come back.
fn answer(base: &str, person: usize, link: &str) -> Acknowledged {
    let mut told = Acknowledged { link: link.to_owned(), ..Acknowledged::default() };
    let mut browser = Browser::new(base);
    let hours = format!("{}", person % 90);
    let score = format!("{}", person % 11);
    let pages: [(&str, Vec<(&str, &str)>); 9] = [
        ("consent", vec![("consent", "1")]),
        ("work", vec![("works", "yes"), ("hours", &hours)]),
        ("uses", vec![("uses", "bus")]),
        ("opinions", vec![("safe", "5"), ("cheap", "1")]),
        ("score", vec![("score", &score)]),
        ("age", vec![("age", "33")]),
        ("since", vec![]),
        ("words", vec![]),
        ("thanks", vec![]),
    ];
    let Ok(welcome) = browser.get(&format!("/r/{link}")) else { return told };
    let Some(form) = read_form(&welcome.body, "/answer/start") else { return told };
    if browser.submit(&form.action, &form.hidden).is_err() {
        return told;
    }
    for (page, fields) in pages {
        let path = format!("/answer/page/{page}");
        let Ok(shown) = browser.get(&path) else { return told };
        let Some(form) = read_form(&shown.body, &path) else { return told };
        let mut filled = form.hidden.clone();
        filled.extend(fields.iter().map(|(name, value)| support::pair(name, value)));
        let Ok(answer) = browser.post(&path, &filled) else { return told };
        if answer.status != 303 {
            return told;
        }
        match page {
            "work" => told.hours = Some(hours.clone()),
            "score" => told.score = Some(score.clone()),
            _ => {}
        }
    }
    let Ok(last) = browser.get("/answer/end") else { return told };
    let Some(form) = read_form(&last.body, "/answer/end") else { return told };
    if let Ok(answer) = browser.post(&form.action, &form.hidden) {
        told.done =
            answer.status == 303 && answer.location.as_deref().map(path_of) == Some("/answer/done");
    }
    told
}

/// Looks for what was acknowledged, as the person would: by the link.
fn check(base: &str, told: &Acknowledged) {
    let mut browser = Browser::new(base);
    let front = browser.get(&format!("/r/{}", told.link)).expect("answers");
    if told.done {
        assert!(front.body.contains("đã được gửi"), "a submitted interview is not submitted");
        return;
    }
    if front.body.contains("đã được gửi") {
        // Submitted, but the program died before it could say so.
        return;
    }
    if let Some(hours) = &told.hours {
        let page = browser.get("/answer/page/work").expect("answers");
        assert!(page.body.contains(&format!("value=\"{hours}\"")), "an acknowledged page is lost");
    }
    if let Some(score) = &told.score {
        let page = browser.get("/answer/page/score").expect("answers");
        let words: Vec<&str> = page.body.split_whitespace().collect();
        let chosen = format!("value=\"{score}\" checked");
        assert!(words.join(" ").contains(&chosen), "an acknowledged page is lost");
    }
}

fn killed_again_and_again(url: &DatabaseUrl, database: &str, folder: &Path) {
    let kills = kills();
    // Enough people for every kill to come upon somebody.
    let each = CASES_EACH.max(kills * 8);
    let links: Vec<String> = {
        let store = Store::open(url).expect("opens");
        let keys = Keys::open(folder).expect("keys");
        let app = App::new(store, keys, "http://127.0.0.1:1");
        let people = usize::try_from(each * 5).expect("few");
        let (_, study) = support::make_study(&app, people, each);
        let rows = app.store.read_now(|connection| cases::page(connection, study, 0, 100_000));
        rows.expect("cases").iter().map(|case| app.keys.link(case.id)).collect()
    };
    let next = AtomicUsize::new(0);
    let told: Mutex<Vec<Acknowledged>> = Mutex::new(Vec::new());
    let mut checked = 0;
    for kill in 0..kills {
        let port = free_port();
        let base = format!("http://127.0.0.1:{port}");
        let mut program = start(folder, database, port);
        // Those before are looked at once more in the end.
        let told_so_far = told.lock().expect("not poisoned").clone();
        told_so_far[checked..].iter().for_each(|person| check(&base, person));
        checked = told_so_far.len();
        let stopped = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..PEOPLE_AT_ONCE {
                scope.spawn(|| {
                    while !stopped.load(Ordering::Relaxed) {
                        let person = next.fetch_add(1, Ordering::Relaxed);
                        let Some(link) = links.get(person) else { return };
                        let said = answer(&base, person, link);
                        told.lock().expect("not poisoned").push(said);
                    }
                });
            }
            // At a different moment of the work each time.
            std::thread::sleep(Duration::from_millis(350 + 130 * u64::from(kill % MOMENTS)));
            program.kill().expect("killed");
            program.wait().expect("gone");
            stopped.store(true, Ordering::Relaxed);
        });
    }
    let port = free_port();
    let base = format!("http://127.0.0.1:{port}");
    let mut program = start(folder, database, port);
    let told = told.into_inner().expect("not poisoned");
    for person in &told {
        check(&base, person);
    }
    program.kill().expect("killed");
    program.wait().expect("gone");
    let acknowledged: usize = told
        .iter()
        .map(|person| {
            usize::from(person.hours.is_some())
                + usize::from(person.score.is_some())
                + usize::from(person.done)
        })
        .sum();
    println!("killed {kills} times: {acknowledged} acknowledged saves checked, 0 lost");
    assert!(acknowledged > 20, "only {acknowledged}");
}

/// A study more in a unit, with a questionnaire and nothing else.
fn another_study(app: &App, unit: Id) -> Id {
    let now = app.clock.now();
    let made = app.store.write_now(Scope::Everything, move |connection| {
        let new = support::new_study(unit, "Đi lại", Privacy::Anonymous);
        Ok(study::create_study(connection, now, None, &new, &support::document())?.id)
    });
    made.expect("made")
}

/// Writes questions until the program is gone; gives what was acknowledged, and the
/// form that was on its way.
fn write(
    base: &str,
    (builder, session): (&str, &str),
    sent: &mut u32,
) -> (Vec<String>, Vec<(String, String)>) {
    let mut browser = Browser::new(base);
    browser.set_cookie("session", session);
    let mut told = Vec::new();
    let Ok(page) = browser.get(builder) else { return (told, Vec::new()) };
    let token = support::token_of(&page.body);
    loop {
        *sent += 1;
        let (wording, sent_as) = (format!("written-{sent}-here"), Id::random().to_string());
        let fields =
            [("token", &*token), ("do", "add"), ("wording", &wording), ("sent_as", &sent_as)];
        let form: Vec<_> = fields.iter().map(|(name, text)| support::pair(name, text)).collect();
        match browser.post(builder, &form) {
            Ok(answer) if answer.status == 303 => told.push(wording),
            _ => return (told, form),
        }
    }
}

/// What an author was told is saved is there, once; what was on its way is sent again
/// under its own name, and is there once too. A questionnaire is written through
/// `MOMENTS` kills; then another is begun.
fn edits_killed(url: &DatabaseUrl, database: &str, folder: &Path) {
    let kills = kills();
    let questionnaires = kills.div_ceil(MOMENTS);
    let (studies, session) = {
        let store = Store::open(url).expect("opens");
        let keys = Keys::open(folder).expect("keys");
        let app = App::new(store, keys, "http://127.0.0.1:1");
        let (unit, _) = support::make_study(&app, 40, 5);
        let studies: Vec<_> = (0..questionnaires).map(|_| another_study(&app, unit)).collect();
        (studies, support::session_of(&app, Role::Owner, unit))
    };
    let (mut sent, mut checked) = (0, 0);
    for (place, study) in studies.iter().enumerate() {
        let before = u32::try_from(place).expect("few") * MOMENTS;
        let builder = format!("/studies/{study}/builder");
        checked += written_through_kills(
            &Killed { database, folder, session: &session },
            &builder,
            MOMENTS.min(kills - before),
            &mut sent,
        );
    }
    println!("killed {kills} times: {checked} edits checked, 0 lost, none twice");
    assert!(checked > 10, "only {checked}");
}

/// Writes one questionnaire through so many kills; how many edits were looked for.
fn written_through_kills(program: &Killed, builder: &str, kills: u32, sent: &mut u32) -> usize {
    let (mut told, mut on_its_way) = (Vec::new(), Vec::new());
    for kill in 0..=kills {
        let (base, mut running, mut browser) = program.start();
        for _ in 0..2 {
            if on_its_way.is_empty() {
                break;
            }
            assert_eq!(browser.post(builder, &on_its_way).expect("answers").status, 303);
        }
        told.extend(
            on_its_way.iter().find(|(name, _)| name == "wording").map(|(_, text)| text.clone()),
        );
        let page = browser.get(builder).expect("answers").body;
        for wording in &told {
            assert_eq!(page.matches(wording.as_str()).count(), 1, "{wording}");
        }
        if kill < kills {
            let written = std::thread::scope(|scope| {
                let writing = scope.spawn(|| write(&base, (builder, program.session), sent));
                std::thread::sleep(Duration::from_millis(400 + 120 * u64::from(kill % MOMENTS)));
                running.kill().expect("killed");
                writing.join().expect("written")
            });
            told.extend(written.0);
            on_its_way = written.1;
        } else {
            running.kill().expect("killed");
        }
        running.wait().expect("gone");
    }
    told.len()
}

/// Comments on a question until the program is gone; gives what was acknowledged.
fn comment(base: &str, link: &str, sent: &mut u32) -> Vec<String> {
    let mut browser = Browser::new(base);
    let mut told = Vec::new();
    let Ok(page) = browser.get(link) else { return told };
    let Some(item) = page.body.split("name=\"item\" value=\"").nth(1) else { return told };
    let item = item.split('"').next().unwrap_or_default().to_owned();
    loop {
        *sent += 1;
        let body = format!("said-{sent}-here");
        let fields =
            [("do", "comment"), ("item", &*item), ("weight", "must-change"), ("body", &body)];
        let form: Vec<_> = fields.iter().map(|(name, text)| support::pair(name, text)).collect();
        match browser.post(link, &form) {
            Ok(answer) if answer.status == 303 => told.push(body),
            _ => return told,
        }
    }
}

/// What an expert was told is kept is there, once, with its entry in the record; each
/// draft is reviewed through `MOMENTS` kills.
fn reviews_killed(url: &DatabaseUrl, database: &str, folder: &Path) {
    let kills = kills();
    let app = App::new(
        Store::open(url).expect("opens"),
        Keys::open(folder).expect("keys"),
        "http://127.0.0.1:1",
    );
    let (unit, _) = support::make_study(&app, 40, 5);
    let session = support::session_of(&app, Role::Owner, unit);
    let program = Killed { database, folder, session: &session };
    let (mut sent, mut checked) = (0, 0);
    for first in (0..kills).step_by(MOMENTS as usize) {
        let study = another_study(&app, unit);
        let (now, keys) = (app.clock.now(), app.keys.clone());
        let asked = app.store.write_now(Scope::Study(study), move |connection| {
            let user = people::find_by_email(connection, "owner@example.org")?;
            let user = user.expect("the owner").id;
            let until = chrono::NaiveDate::from_ymd_opt(2199, 12, 31).expect("a day");
            let expert = ("Phạm Thu Hương", true, until);
            comments::ask_expert(connection, &keys, now, user, study, expert)
        });
        let link = format!("/review/{}", asked.expect("asked"));
        let mut told = Vec::new();
        let here = MOMENTS.min(kills - first);
        for kill in 0..=here {
            let (base, mut running, mut browser) = program.start();
            let page = browser.get(&format!("/studies/{study}/builder/review")).expect("answers");
            for body in &told {
                assert_eq!(page.body.matches(body).count(), 1, "{body}");
            }
            let entries = app.store.read_now(move |connection| {
                let entries = audit::about(connection, &study.to_string(), i64::MAX)?;
                let kept = stored_comments::count(connection, study)?;
                let written = AuditAction::CommentWritten;
                Ok((kept, entries.iter().filter(|entry| entry.action == written).count()))
            });
            let (kept, entries) = entries.expect("read");
            assert_eq!(usize::try_from(kept), Ok(entries), "entries in the record");
            if kill < here {
                told.extend(std::thread::scope(|scope| {
                    let saying = scope.spawn(|| comment(&base, &link, &mut sent));
                    std::thread::sleep(Duration::from_millis(150 + 70 * u64::from(kill)));
                    running.kill().expect("killed");
                    saying.join().expect("said")
                }));
            } else {
                running.kill().expect("killed");
            }
            running.wait().expect("gone");
        }
        checked += told.len();
    }
    println!("killed {kills} times: {checked} comments checked, 0 lost, none twice");
    assert!(checked > 10, "only {checked}");
}

/// What is set for a study by somebody who changes every field to one number again
/// and again; gives the last number that was acknowledged.
fn set(base: &str, settings: &str, session: &str, mut number: usize) -> usize {
    let mut browser = Browser::new(base);
    browser.set_cookie("session", session);
    loop {
        let Ok(page) = browser.get(settings) else { return number };
        let Some(form) = read_form(&page.body, settings) else { return number };
        let mut fields = form.hidden;
        fields.extend([support::pair("closes_on", ""), support::pair("gap_days", "2")]);
        fields.extend(SETTINGS.map(|name| support::pair(name, &format!("{}", number + 1))));
        match browser.post(settings, &fields) {
            Ok(answer) if answer.status == 303 => number += 1,
            _ => return number,
        }
    }
}

/// Fields of the settings that take any words.
const SETTINGS: [&str; 7] =
    ["name", "organisation", "phone", "sponsor", "population", "incentives", "quality"];

/// A change of the settings is there whole or not at all, with its entry in the record.
fn settings_killed(url: &DatabaseUrl, database: &str, folder: &Path) {
    let kills = kills();
    let app = App::new(
        Store::open(url).expect("opens"),
        Keys::open(folder).expect("keys"),
        "http://127.0.0.1:1",
    );
    let (unit, study) = support::make_study(&app, 40, 5);
    let session = support::session_of(&app, Role::Owner, unit);
    let program = Killed { database, folder, session: &session };
    let settings = format!("/studies/{study}/settings");
    let mut told = 0;
    for kill in 0..=kills {
        let (base, mut running, _) = program.start();
        let stored = app.store.read_now(move |connection| {
            let row = studies::find(connection, study)?.expect("the study");
            let entries = audit::about(connection, &study.to_string(), i64::MAX)?;
            let changed = AuditAction::SettingsChanged;
            Ok((row, entries.iter().filter(|entry| entry.action == changed).count()))
        });
        let (row, entries) = stored.expect("read");
        let number = row.name.parse().unwrap_or(0);
        assert!(number == told || number == told + 1, "{number} where {told} was acknowledged");
        assert_eq!(entries, number, "entries in the record");
        if number > 0 {
            let statement = &row.statement;
            let set = [&row.name, &row.organisation, &row.phone];
            let stated = [&statement.sponsor, &statement.population, &statement.quality];
            let all = set.into_iter().chain(stated).all(|text| *text == number.to_string());
            assert!(all, "half of {number}: {row:?}");
        }
        told = number;
        if kill < kills {
            let setting = std::thread::scope(|scope| {
                let setting = scope.spawn(|| set(&base, &settings, &session, told));
                std::thread::sleep(Duration::from_millis(400 + 120 * u64::from(kill % MOMENTS)));
                running.kill().expect("killed");
                setting.join().expect("set")
            });
            told = setting;
        } else {
            running.kill().expect("killed");
        }
        running.wait().expect("gone");
    }
    println!("killed {kills} times: {told} changes of settings checked, none in half");
    assert!(told > 10, "only {told}");
}

/// The value of a field of a page, or nothing.
fn value_of(page: &str, name: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\""))?;
    rest.split('"').next().map(str::to_owned)
}

/// Edits a draft, has it tried twice and publishes it, again and again until the program
/// is gone. `tests` are those that there are; the times that all of it was acknowledged.
fn publish_tried(owner: &mut Browser, study: &str, tests: &mut i64) -> u32 {
    let mut round = |owner: &mut Browser| -> Option<()> {
        let mut tell = |address: &str, fields: &[(&str, &str)]| -> Option<()> {
            let page = owner.get(address).ok()?.body;
            let mut all = vec![support::pair("token", &value_of(&page, "token")?)];
            for name in ["sent_as", "seen"] {
                all.extend(value_of(&page, name).map(|value| support::pair(name, &value)));
            }
            all.extend(fields.iter().map(|(name, value)| support::pair(name, value)));
            owner.post(address, &all).ok().filter(|answer| answer.status == 303).map(drop)
        };
        let lines = "Ông/Bà đi lúc mấy giờ?\n";
        tell(&format!("{study}/builder"), &[("do", "paste"), ("lines", lines)])?;
        let trials = format!("{study}/builder/trials");
        tell(&trials, &[("do", "make")])?;
        let page = owner.get(&trials).ok()?.body;
        let (_, rest) = page.split_once("/try/")?;
        let token: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
        for _ in 0..2 {
            let begun = owner.post(&format!("/try/{token}/start"), &[]).ok()?;
            *tests += i64::from(begun.status == 303);
        }
        let publication = format!("{study}/builder/publication");
        let page = owner.get(&publication).ok()?.body;
        let form = ["token", "seen"].map(|name| (name, value_of(&page, name)));
        let form: Vec<_> = form
            .into_iter()
            .filter_map(|(name, value)| Some(support::pair(name, &value?)))
            .collect();
        let done = owner.post(&publication, &form).ok()?;
        assert_eq!(done.status, 303, "{}", done.body);
        *tests = 0;
        Some(())
    };
    let mut rounds = 0;
    while round(owner).is_some() {
        rounds += 1;
    }
    rounds
}

/// A draft is published with its tests gone, or neither: never one without the other.
/// Tests that were acknowledged are there until then.
fn trials_killed(url: &DatabaseUrl, database: &str, folder: &Path) {
    let kills = kills();
    let app = App::new(
        Store::open(url).expect("opens"),
        Keys::open(folder).expect("keys"),
        "http://127.0.0.1:1",
    );
    let (unit, _) = support::make_study(&app, 40, 5);
    let session = support::session_of(&app, Role::Owner, unit);
    let program = Killed { database, folder, session: &session };
    let id = another_study(&app, unit);
    let study = format!("/studies/{id}");
    let (mut tests, mut rounds, mut met) = (0, 0, [0, 0]);
    for kill in 0..=kills {
        let stored = app.store.read_now(move |connection| {
            let version = studies::current_version(connection, id)?.expect("a version");
            let version = studies::version(connection, version)?.expect("it");
            let published = version.draft_number == drafts::number(connection, id)?;
            let linked = trials::link_of(connection, id)?.is_some();
            Ok((published, trials::count(connection, id)?, linked))
        });
        let (published, count, linked) = stored.expect("read");
        if published {
            assert_eq!((count, linked), (0, false), "tests of what is published");
        } else {
            assert!(count == tests || count == tests + 1, "{count} where {tests} were told");
        }
        met[usize::from(published)] += 1;
        tests = count;
        if kill < kills {
            let (_, mut running, mut owner) = program.start();
            rounds += std::thread::scope(|scope| {
                let working = scope.spawn(|| publish_tried(&mut owner, &study, &mut tests));
                std::thread::sleep(Duration::from_millis(400 + 120 * u64::from(kill % MOMENTS)));
                running.kill().expect("killed");
                working.join().expect("worked")
            });
            running.wait().expect("gone");
        }
    }
    println!("killed {kills} times: {rounds} drafts tried and published; {met:?}");
}

/// Something that is killed: given a database, its address on the command line, and
/// the folder.
type Work = fn(&DatabaseUrl, &str, &Path);

fn on_sqlite(work: Work) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("test.sqlite");
    let database = format!("sqlite:{}", path.display());
    work(&DatabaseUrl::Sqlite(path), &database, folder.path());
}

fn on_postgresql(work: Work) {
    let Some(database) = support::postgresql_database() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let url = DatabaseUrl::parse(&database).expect("an address");
    work(&url, &database, folder.path());
}

#[test]
fn edits_killed_on_sqlite() {
    on_sqlite(edits_killed);
}

#[test]
fn edits_killed_on_postgresql() {
    on_postgresql(edits_killed);
}

#[test]
fn reviews_killed_on_sqlite() {
    on_sqlite(reviews_killed);
}

#[test]
fn reviews_killed_on_postgresql() {
    on_postgresql(reviews_killed);
}

#[test]
fn trials_killed_on_sqlite() {
    on_sqlite(trials_killed);
}

#[test]
fn trials_killed_on_postgresql() {
    on_postgresql(trials_killed);
}

#[test]
fn settings_killed_on_sqlite() {
    on_sqlite(settings_killed);
}

#[test]
fn settings_killed_on_postgresql() {
    on_postgresql(settings_killed);
}

#[test]
fn killed_on_sqlite() {
    on_sqlite(killed_again_and_again);
}

#[test]
fn killed_on_postgresql() {
    on_postgresql(killed_again_and_again);
}
