//! Backups: made while people answer and restored, with every page that was
//! acknowledged; never over data, nor over a later program's; the keys apart.

#[path = "support/program.rs"]
mod program;
mod support;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use fielding::App;
use fielding::keys::Keys;
use fielding::store::{DatabaseUrl, Id, Store, backup, cases, responses, studies};
use program::{Program, run, said};
use sondage::browser::{Browser, read_form};
use support::{make_study, pair, postgresql_database};
use survey_builder::questionnaire::answer::Answers;

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn open(data: &Path, url: &str) -> App {
    let store = Store::open(&DatabaseUrl::parse(url).expect("an address")).expect("opens");
    App::new(store, Keys::open(data).expect("keys"), "http://127.0.0.1:1")
}

/// Answers the first page of a questionnaire; `Some` when that was acknowledged.
fn consents(address: &str, link: &str) -> Option<()> {
    let mut browser = Browser::new(address);
    let welcome = browser.get(&format!("/r/{link}")).ok()?;
    let form = read_form(&welcome.body, "/answer/start")?;
    browser.submit(&form.action, &form.hidden).ok()?;
    let path = "/answer/page/consent";
    let form = read_form(&browser.get(path).ok()?.body, path)?;
    let mut filled = form.hidden.clone();
    filled.push(pair("consent", "1"));
    browser.post(path, &filled).ok().filter(|answer| answer.status == 303).map(drop)
}

fn is_saved(app: &App, case: Id) -> bool {
    let answers = app.store.read_now(|connection| {
        let open = responses::of_case(connection, &app.keys, case)?;
        let Some(open) = open else { return Ok(None) };
        Ok(Some(responses::progress(connection, &app.keys, open.row.id)?.answers))
    });
    answers.expect("read").is_some_and(|answers| answers != Answers::default())
}

#[test]
fn a_backup_under_load_has_every_page_acknowledged_before_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy.db"));
    std::fs::create_dir_all(&data).expect("made");
    let url = format!("sqlite:{}", text(&data.join("sondage.sqlite")));
    let links: Vec<(Id, String)> = {
        let app = open(&data, &url);
        let (_, study) = make_study(&app, 800, 100);
        let rows = app.store.read_now(|connection| cases::page(connection, study, 0, 400));
        rows.expect("cases").iter().map(|case| (case.id, app.keys.link(case.id))).collect()
    };
    let program = Program::serve(&data, &[], &[]);
    let (done, stop) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    let before = std::thread::scope(|scope| {
        for worker in 0..4 {
            let (links, done, stop, address) = (&links, &done, &stop, &program.address);
            scope.spawn(move || {
                for (case, link) in links.iter().skip(worker).step_by(4) {
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                    if consents(address, link).is_some() {
                        done.lock().expect("done").push(*case);
                    }
                }
            });
        }
        while done.lock().expect("done").len() < 40 {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let before = done.lock().expect("done").clone();
        let output = run(&["backup", &text(&copy), "--data", &text(&data)]);
        stop.store(true, Ordering::SeqCst);
        assert!(output.status.success(), "{}", said(&output));
        before
    });
    drop(program);
    assert!(before.len() >= 40);
    let keys = sondage::backup::keys_beside(&copy);
    let kept = std::fs::read_to_string(&keys).expect("the keys");
    assert_eq!(kept.lines().count(), 2);
    let secret = kept.split_whitespace().nth(1).expect("a key").as_bytes();
    let bytes = std::fs::read(&copy).expect("the copy");
    assert!(!bytes.windows(secret.len()).any(|window| window == secret), "no key in the copy");
    for file in [&copy, &keys] {
        only_the_owner_reads(file, 0o600);
    }
    // Into another folder, with the keys.
    let other = folder.path().join("other");
    let output = run(&["restore", &text(&copy), "--data", &text(&other)]);
    assert!(output.status.success(), "{}", said(&output));
    only_the_owner_reads(&other, 0o700);
    only_the_owner_reads(&other.join("service.key"), 0o600);
    let app = open(&other, &format!("sqlite:{}", text(&other.join("sondage.sqlite"))));
    for case in &before {
        assert!(is_saved(&app, *case), "an acknowledged page is missing");
    }
    assert!(links.iter().any(|(case, link)| app.keys.link(*case) == *link), "links still lead");
    drop(app);
    // Not over data, unless that is asked for; then it is the copy again.
    let again = ["restore", &text(&copy), "--data", &text(&other)];
    let refused = run(&again);
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).contains("is there already"), "{}", said(&refused));
    assert!(run(&[&again[..], &["--force"]].concat()).status.success());
    let doctor = said(&run(&["doctor", "--data", &text(&data), "--listen", "127.0.0.1:0"]));
    assert!(doctor.contains("last backup:") && !doctor.contains("none made"), "{doctor}");
}

fn only_the_owner_reads(path: &Path, expected: u32) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, expected, "{}", path.display());
    }
}

#[test]
fn a_later_programs_database_is_left_alone() {
    use diesel::connection::SimpleConnection as _;
    use diesel::{Connection as _, SqliteConnection};
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).expect("made");
    let database = data.join("sondage.sqlite");
    let copy = text(&folder.path().join("copy.db"));
    drop(open(&data, &format!("sqlite:{}", text(&database))));
    assert!(run(&["backup", &copy, "--data", &text(&data)]).status.success());
    let mut connection = SqliteConnection::establish(&text(&database)).expect("opens");
    connection
        .batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')")
        .expect("a later change");
    drop(connection);
    let before = std::fs::read(&database).expect("there");
    let serving = run(&["serve", "--data", &text(&data), "--listen", "127.0.0.1:0"]);
    assert_eq!(serving.status.code(), Some(1));
    assert!(said(&serving).contains("made by a later program"), "{}", said(&serving));
    let restoring = run(&["restore", &copy, "--data", &text(&data), "--force"]);
    assert!(said(&restoring).contains("made by a later program"), "{}", said(&restoring));
    assert_eq!(std::fs::read(&database).expect("there"), before);
    let doctor = run(&["doctor", "--data", &text(&data), "--listen", "127.0.0.1:0"]);
    assert_eq!(doctor.status.code(), Some(1));
    assert!(said(&doctor).contains("9999"), "{}", said(&doctor));
}

#[test]
fn a_damaged_backup_is_not_restored() {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("copy.db");
    std::fs::write(&copy, vec![b'x'; 9_000]).expect("written");
    let data = folder.path().join("data");
    let output = run(&["restore", &text(&copy), "--data", &text(&data)]);
    assert!(!output.status.success());
    assert!(!data.join("sondage.sqlite").exists(), "{}", said(&output));
}

/// A folder with a database and keys, and its backup.
fn backed_up(folder: &Path) -> (PathBuf, String, Id) {
    let (data, copy) = (folder.join("data"), text(&folder.join("copy.db")));
    std::fs::create_dir_all(&data).expect("made");
    let database = data.join("sondage.sqlite");
    let study = make_study(&open(&data, &format!("sqlite:{}", text(&database))), 40, 5).1;
    let made = run(&["backup", &copy, "--data", &text(&data)]);
    assert!(made.status.success(), "{}", said(&made));
    (data, copy, study)
}

#[test]
fn nothing_is_restored_under_a_program_that_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, copy, _) = backed_up(folder.path());
    let missing = run(&["restore", "nothing.db", "--data", &text(&data)]);
    assert!(said(&missing).contains("nothing.db"), "{}", said(&missing));
    let restore = ["restore", &copy, "--data", &text(&data), "--force"];
    let program = Program::serve(&data, &[], &[]);
    let before = std::fs::metadata(data.join("sondage.sqlite")).expect("there").len();
    for (language, words) in [("en", "stop it first"), ("vi", "hãy dừng chương trình đó trước")]
    {
        let refused = run(&[&restore[..], &["--language", language]].concat());
        assert_eq!(refused.status.code(), Some(1));
        assert!(said(&refused).contains(words), "{}", said(&refused));
    }
    let mut browser = Browser::new(&program.address);
    assert!(browser.get("/health").expect("it answers").body.starts_with("ok"));
    assert!(std::fs::metadata(data.join("sondage.sqlite")).expect("there").len() >= before);
    drop(program);
    let restored = run(&restore);
    assert!(restored.status.success(), "{}", said(&restored));
    for ending in ["-wal", "-shm"] {
        assert!(!data.join(format!("sondage.sqlite{ending}")).exists());
    }
    let left = std::fs::read_dir(&data).expect("there").flatten();
    assert!(
        left.into_iter().all(|file| file.path().extension().is_none_or(|ending| ending != "part"))
    );
}

#[test]
fn a_damaged_database_is_replaced_with_its_journal() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, copy, study) = backed_up(folder.path());
    let database = data.join("sondage.sqlite");
    std::fs::write(&database, vec![b'x'; 9_000]).expect("damaged");
    std::fs::write(data.join("sondage.sqlite-wal"), vec![b'y'; 9_000]).expect("left behind");
    let restore = ["restore", &copy, "--data", &text(&data)];
    assert!(!run(&restore).status.success(), "not without --force");
    let restored = run(&[&restore[..], &["--force"]].concat());
    assert!(restored.status.success(), "{}", said(&restored));
    let app = open(&data, &format!("sqlite:{}", text(&database)));
    let found = app.store.read_now(|connection| studies::find(connection, study)).expect("read");
    assert!(found.is_some());
}

#[test]
fn a_copy_without_its_keys_is_not_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, copy, _) = backed_up(folder.path());
    std::fs::remove_file(data.join("contact.key")).expect("removed");
    let second = text(&folder.path().join("second.db"));
    let refused = run(&["backup", &second, "--data", &text(&data)]);
    assert!(!refused.status.success());
    assert!(!Path::new(&second).exists(), "{}", said(&refused));
    // Keys that cannot be read are not keys that are not there.
    std::fs::create_dir(data.join("contact.key")).expect("made");
    let restore = ["restore", &copy, "--data", &text(&folder.path().join("data"))];
    assert!(said(&run(&restore)).contains("contact.key"), "names the key");
}

#[test]
fn a_server_is_backed_up_by_its_own_programs() {
    let Some(url) = postgresql_database() else { return };
    if std::process::Command::new("pg_dump").arg("--version").output().is_err() {
        println!("skipped: there is no pg_dump");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (data, copy) = (folder.path().join("data"), text(&folder.path().join("copy.dump")));
    std::fs::create_dir_all(&data).expect("made");
    let study = {
        let app = open(&data, &url);
        make_study(&app, 40, 5).1
    };
    let at = ["--data", &text(&data), "--database", &url];
    let made = run(&[&["backup", &copy], &at[..]].concat());
    assert!(made.status.success(), "{}", said(&made));
    let refused = run(&[&["restore", &copy], &at[..]].concat());
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    let restored = run(&[&["restore", &copy, "--force"], &at[..]].concat());
    assert!(restored.status.success(), "{}", said(&restored));
    let schema = backup::schema(&DatabaseUrl::parse(&url).expect("an address")).expect("read");
    assert!(schema.is_some_and(|schema| schema.pending.is_empty()));
    let app = open(&data, &url);
    let rows = app.store.read_now(|connection| cases::page(connection, study, 0, 100));
    assert_eq!(rows.expect("cases").len(), 20);
}
