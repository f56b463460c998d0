//! Every setting of the README's table, by flag and by variable: the built
//! program is started with it. And what keeps it from starting, and how it stops.

#[path = "support/program.rs"]
mod program;
#[path = "support/smtp.rs"]
mod smtp;
mod support;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use program::{Program, command, run, said};
use smtp::{Protection, Relay};
use sondage::browser::Browser;
use support::postgresql_database;

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn answers(program: &Program) -> bool {
    let mut browser = Browser::new(&program.address);
    browser.get("/health").is_ok_and(|answer| answer.status == 200 && answer.body == "ok\n")
}

/// Flag, variable and value of every setting that can be given to a program which
/// then serves.
fn settings(folder: &Path, relay: &Relay) -> Vec<(&'static str, &'static str, String)> {
    let port = TcpListener::bind("127.0.0.1:0").expect("binds").local_addr().expect("bound");
    vec![
        ("--data", "SONDAGE_DATA", text(&folder.join("elsewhere"))),
        ("--database", "SONDAGE_DATABASE", format!("sqlite:{}", text(&folder.join("own.db")))),
        ("--listen", "SONDAGE_LISTEN", port.to_string()),
        ("--public-address", "SONDAGE_PUBLIC_ADDRESS", "http://survey.example.org/".to_owned()),
        ("--trusted-proxies", "SONDAGE_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8".to_owned()),
        ("--mail", "SONDAGE_MAIL", format!("smtp://127.0.0.1:{}", relay.port)),
        ("--mail-from", "SONDAGE_MAIL_FROM", "Nhóm <lan@example.org>".to_owned()),
        ("--mail-per-minute", "SONDAGE_MAIL_PER_MINUTE", "5".to_owned()),
        ("--second-factor", "SONDAGE_SECOND_FACTOR", "2027-01-31".to_owned()),
        ("--workers", "SONDAGE_WORKERS", "3".to_owned()),
        ("--language", "SONDAGE_LANGUAGE", "vi".to_owned()),
    ]
}

#[test]
fn every_setting_of_the_readme_is_served_with_by_flag_and_by_variable() {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md");
    let readme = std::fs::read_to_string(readme).expect("the README");
    let relay = Relay::start(Protection::Clear);
    let folder = tempfile::tempdir().expect("a folder");
    let tried = settings(folder.path(), &relay);
    let table = readme.lines().filter(|line| line.starts_with("| `--")).count();
    assert_eq!(table, tried.len() + 1, "the settings tried, and --verbose");
    for (place, (flag, variable, value)) in tried.into_iter().enumerate() {
        assert!(readme.contains(&format!("| `{flag}` | `{variable}` |")), "{flag} in the README");
        for by_flag in [true, false] {
            let data = text(&folder.path().join(format!("data-{place}-{by_flag}")));
            let mut starting = command(&["serve"]);
            if flag != "--data" {
                starting.args(["--data", &data]);
            }
            if flag != "--listen" {
                starting.args(["--listen", "127.0.0.1:0"]);
            }
            if by_flag {
                starting.args([flag, &value]);
            } else {
                starting.env(variable, &value);
            }
            let program = Program::start(starting);
            let held = match flag {
                "--data" => folder.path().join("elsewhere/service.key").exists(),
                "--database" => folder.path().join("own.db").exists(),
                "--listen" => program.address.ends_with(&value),
                "--public-address" => program.printed.contains("http://survey.example.org ("),
                "--language" => program.printed.contains("Đang chạy"),
                _ => true,
            };
            assert!(held, "{flag}: {}", program.printed);
            assert!(flag == "--public-address" || answers(&program), "{flag} {variable}");
        }
    }
}

#[test]
fn it_serves_without_a_subcommand_and_with_a_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = text(&folder.path().join("data"));
    let plain = Program::start(command(&["--data", &data, "--listen", "127.0.0.1:0", "--verbose"]));
    assert!(answers(&plain), "{}", plain.printed);
    if let Some(url) = postgresql_database() {
        let other = folder.path().join("other");
        let program = Program::serve(&other, &[], &[("SONDAGE_DATABASE", &url)]);
        assert!(answers(&program));
        assert!(!other.join("sondage.sqlite").exists());
        // It takes no text with NUL, of which nobody hears.
        let mut browser = Browser::new(&program.address);
        let sent = [("email", "a\0b@example.org"), ("password", "x\0y")];
        let sent = sent.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(browser.post("/sign-in", &sent).expect("answers").status, 422);
        let studies = browser.get("/studies/%00/media/%00").expect("answers");
        assert!(studies.status < 500, "{}", studies.body);
    }
}

#[test]
fn what_cannot_be_is_refused_in_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = text(&folder.path().join("data"));
    let taken = TcpListener::bind("127.0.0.1:0").expect("binds");
    let taken = taken.local_addr().expect("bound").to_string();
    let file = text(&folder.path().join("file"));
    std::fs::write(&file, "no folder").expect("written");
    let under_file = format!("{file}/data");
    for (arguments, code, expected) in [
        (vec!["--listen", &taken], 1, "cannot use the port"),
        (vec!["--data", &under_file], 1, "cannot write"),
        (vec!["--public-address", "survey.example.org"], 2, "--public-address"),
        (vec!["--public-address", "ftp://survey.example.org"], 2, "--public-address"),
        (vec!["--public-address", "https://example.org/survey"], 2, "--public-address"),
        (vec!["--public-address", "https://example.org/?a=1"], 2, "--public-address"),
        (vec!["--public-address", "https://lan@example.org"], 2, "--public-address"),
        (vec!["--trusted-proxies", "127.0.0.1,proxy"], 2, "--trusted-proxies"),
        (vec!["--second-factor", "soon"], 2, "--second-factor"),
        (vec!["--language", "fr"], 2, "--language"),
        (vec!["--workers", "many"], 2, "--workers"),
        (vec!["--mail", "pop3://x"], 1, "mail"),
        (vec!["--database", "mysql://x"], 2, "mysql"),
        (vec!["--database", "postgresql://nobody@127.0.0.1:1/none"], 1, "database"),
    ] {
        let mut words = vec!["serve", "--listen", "127.0.0.1:0", "--data", &data];
        // A setting that is given twice is a mistake of its own.
        words.retain(|word| *word != arguments[0]);
        let words: Vec<&str> = match arguments[0] {
            "--listen" => vec!["serve", "--data", &data],
            "--data" => vec!["serve", "--listen", "127.0.0.1:0"],
            _ => words,
        };
        let output = run(&[words, arguments.clone()].concat());
        let told = said(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}");
        assert!(told.contains(expected), "{arguments:?}: {told}");
    }
    for (arguments, expected) in [
        (vec!["estimate", "x.csv", "--design", "d.toml", "--listen", "127.0.0.1:1"], "--listen"),
        (vec!["frame", "check", "x.csv", "--mail", "x"], "--mail"),
        (vec!["add-user", "nobody", "--name", "N", "--role", "viewer"], "name@example.org"),
    ] {
        let output = command(&arguments).current_dir(folder.path()).output().expect("runs");
        let told = said(&output);
        assert!(output.status.code() == Some(2) && told.contains(expected), "{told}");
    }
}

#[cfg(unix)]
#[test]
fn the_data_folder_is_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let program = Program::serve(&data, &[], &[]);
    assert!(answers(&program));
    let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for entry in std::fs::read_dir(&data).expect("a folder").flatten() {
        let expected = if entry.path().is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&entry.path()), expected, "{}", entry.path().display());
    }
    assert!(data.join("sondage.sqlite-wal").exists());
    drop(program);
    // A folder in which nothing may be written; root may write everywhere.
    let closed = folder.path().join("closed");
    std::fs::create_dir(&closed).expect("made");
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o500)).expect("set");
    if std::fs::write(closed.join("probe"), "x").is_err() {
        let output = run(&["serve", "--data", &text(&closed), "--listen", "127.0.0.1:0"]);
        assert!(said(&output).contains("cannot write"), "{}", said(&output));
    }
}

#[test]
fn a_request_under_way_is_finished_before_it_stops() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut program = Program::serve(&folder.path().join("data"), &[], &[]);
    let host = program.address.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&host).expect("connects");
    let body = "email=lan%40example.org&password=x";
    let head = format!(
        "POST /sign-in HTTP/1.1\r\nHost: {host}\r\nOrigin: {}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        program.address,
        body.len()
    );
    let (first, rest) = body.split_at(10);
    stream.write_all(head.as_bytes()).expect("sent");
    stream.write_all(first.as_bytes()).expect("sent");
    std::thread::sleep(Duration::from_millis(300));
    program.ask_to_stop();
    std::thread::sleep(Duration::from_millis(500));
    stream.write_all(rest.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 422") || answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert!(program.terminate().success());
}

#[test]
fn a_body_that_would_take_long_does_not_hold_up_the_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut program = Program::serve(&folder.path().join("data"), &[], &[]);
    let host = program.address.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&host).expect("connects");
    let head = format!(
        "POST /sign-in HTTP/1.1\r\nHost: {host}\r\nOrigin: {}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9000\r\n\r\nemail=",
        program.address,
    );
    stream.write_all(head.as_bytes()).expect("sent");
    std::thread::sleep(Duration::from_millis(300));
    let asked = Instant::now();
    assert!(program.terminate().success());
    assert!(asked.elapsed() < Duration::from_secs(8), "{:?}", asked.elapsed());
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
}

#[test]
fn shells_and_manuals_have_what_they_need() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = said(&run(&["completions", shell]));
        assert!(script.contains("sample") && script.contains("public-address"), "{shell}");
    }
    assert!(said(&run(&["man"])).contains(".TH sondage"));
    let page = said(&run(&["man", "sample", "draw"]));
    assert!(page.contains("seed") && !page.contains("mail"), "{page}");
    assert_eq!(run(&["man", "nothing"]).status.code(), Some(2));
    let help = said(&run(&["sample", "draw", "--help", "--language", "vi"]));
    assert!(help.contains("Khung mẫu") && help.contains("Tùy chọn") && !help.contains("--listen"));
}
