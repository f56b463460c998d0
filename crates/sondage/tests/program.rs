//! The program as a person starts it: help, the demonstration twice, and every
//! way in which starting can fail.

#[path = "support/smtp.rs"]
mod smtp;
mod support;

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use smtp::{Protection, Relay};

fn sondage(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sondage")).args(arguments).output().expect("runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

#[test]
fn help_of_the_program_and_of_each_subcommand() {
    for arguments in [
        vec!["--help"],
        vec!["serve", "--help"],
        vec!["demo", "--help"],
        vec!["sign-in-link", "--help"],
        vec!["add-user", "--help"],
        vec!["questionnaire", "--help"],
        vec!["questionnaire", "check", "--help"],
        vec!["questionnaire", "export", "--help"],
        vec!["questionnaire", "import", "--help"],
        vec!["questionnaire", "diff", "--help"],
        vec!["questionnaire", "dry-run", "--help"],
        vec!["frame", "check", "--help"],
        vec!["sample", "size", "proportion", "--help"],
        vec!["sample", "plan", "--help"],
        vec!["sample", "draw", "--help"],
        vec!["sample", "replay", "--help"],
        vec!["estimate", "--help"],
        vec!["tabulate", "--help"],
        vec!["weight", "--help"],
        vec!["reliability", "--help"],
    ] {
        let output = sondage(&arguments);
        assert!(output.status.success(), "{arguments:?}");
        let help = text(&output.stdout);
        // The service's settings are told where they mean something.
        let serves = ["--help", "serve", "demo", "sign-in-link", "add-user"];
        let expected = serves.contains(&arguments[0]);
        assert!(help.contains("Usage:"), "{arguments:?}: {help}");
        assert_eq!(help.contains("--database"), expected, "{arguments:?}: {help}");
    }
}

#[test]
fn what_the_command_line_refuses_is_told_in_the_chosen_language() {
    let refused = |arguments: &[&str], variable: (&str, &str)| {
        let output = Command::new(env!("CARGO_BIN_EXE_sondage"))
            .args(arguments)
            .env_remove("SONDAGE_LANGUAGE")
            .env("LANG", "C")
            .env(variable.0, variable.1)
            .output()
            .expect("runs");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
        text(&output.stderr)
    };
    let english = "error: unexpected argument '--nothing' found\n";
    let vietnamese = "lỗi: không có đối số '--nothing'\n";
    let none = ("SONDAGE_TEST", "");
    assert!(refused(&["--nothing"], none).starts_with(english));
    assert!(refused(&["--language", "en", "--nothing"], ("LANG", "vi_VN")).starts_with(english));
    assert!(refused(&["--language=vi", "--nothing"], none).starts_with(vietnamese));
    assert!(refused(&["--nothing"], ("SONDAGE_LANGUAGE", "vi")).starts_with(vietnamese));
    assert!(refused(&["--nothing"], ("LANG", "vi_VN.UTF-8")).starts_with(vietnamese));
    let elsewhere = &["completions", "bash", "--mail", "x"];
    let said = refused(elsewhere, none);
    assert!(said.starts_with("error: --mail is not a setting of `completions`\n\nUsage: sondage"));
    let said = refused(elsewhere, ("LANG", "vi_VN"));
    let told = "lỗi: --mail không phải là thiết lập của `completions`\n\nCách dùng: sondage";
    assert!(said.starts_with(told), "{said}");
    assert!(said.ends_with("\n\nĐể biết thêm, hãy thử '--help'.\n"), "{said}");
}

#[test]
fn the_demonstration_runs_twice_and_sends_to_a_relay() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = path(folder.path(), "data");
    let relay = Relay::start(Protection::Clear);
    let run = || {
        Command::new(env!("CARGO_BIN_EXE_sondage"))
            .args(["demo", "--no-serve", "--listen", "127.0.0.1:0", "--language", "vi"])
            .args(["--data", &data])
            .env("SONDAGE_MAIL", format!("smtp://127.0.0.1:{}", relay.port))
            .output()
            .expect("runs")
    };
    let first = run();
    assert!(first.status.success(), "{}", text(&first.stderr));
    let said = text(&first.stdout);
    for expected in [
        "25 câu",
        "20.000 người ở 40 phường",
        "15 phường",
        "1.200 đối tượng",
        "RR3",
        "Cronbach",
        "%  [",
    ] {
        assert!(said.contains(expected), "{expected} not in:\n{said}");
    }
    let results = |said: &str| said.split("Kết quả chính").nth(1).unwrap_or_default().to_owned();
    for file in ["tables.xlsx", "tables.csv", "report.html"] {
        let size =
            std::fs::metadata(folder.path().join("data/demo").join(file)).expect("written").len();
        assert!(size > 5_000, "{file}: {size} bytes");
    }
    let report =
        std::fs::read_to_string(folder.path().join("data/demo/report.html")).expect("the report");
    for expected in
        ["Giai đoạn 1: cụm, hệ thống với xác suất tỷ lệ", "Giai đoạn 2: đơn vị", "mỗi cụm 80"]
    {
        assert!(report.contains(expected), "{expected} not in the report");
    }
    // What nobody has told the program is said to be unknown; days and design are known.
    let unstated: Vec<&str> = (report.split("<dt>").skip(1))
        .filter(|fact| fact.contains("chưa nêu"))
        .filter_map(|fact| fact.split("</dt>").next())
        .collect();
    let expected = [
        "Nguồn kinh phí",
        "Tổng thể",
        "Quà tặng, thù lao cho người trả lời",
        "Kiểm soát chất lượng",
    ];
    assert_eq!(unstated, expected);
    assert_eq!(relay.taken().len(), 1_200);
    let second = run();
    assert!(second.status.success(), "{}", text(&second.stderr));
    assert_eq!(results(&text(&second.stdout)), results(&said), "the same results the second time");
    assert_eq!(relay.taken().len(), 1_200, "nobody is written to twice");
}

#[test]
fn what_keeps_it_from_starting_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = path(folder.path(), "data");
    let fails = |arguments: &[&str], code: i32, expected: &str| {
        let output = sondage(arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(expected), "{arguments:?}: {said}");
    };
    fails(&["--data", &data, "--language", "fr"], 2, "[possible values: vi, en]");
    fails(
        &["--data", &data, "--database", "mysql://x/y", "--language", "en"],
        2,
        "unknown database address",
    );
    fails(
        &["--data", &data, "--database", "mysql://x/y", "--language", "vi"],
        2,
        "không biết địa chỉ cơ sở dữ liệu",
    );
    fails(
        &[
            "--data",
            &data,
            "--database",
            "postgresql://nobody@127.0.0.1:1/x",
            "--listen",
            "127.0.0.1:0",
        ],
        1,
        "database",
    );
    fails(&["--data", &data, "--mail", "pop3://x"], 1, "unknown mail address");
    let taken = TcpListener::bind("127.0.0.1:0").expect("binds");
    let address = taken.local_addr().expect("bound").to_string();
    fails(
        &["--data", &data, "--listen", &address, "--language", "vi"],
        1,
        "không mở được cổng tại",
    );
    let file = folder.path().join("a-file");
    std::fs::write(&file, "x").expect("written");
    fails(
        &["--data", &path(&file, "data"), "--listen", "127.0.0.1:0", "--language", "en"],
        1,
        "cannot write to the folder",
    );
    let keys = folder.path().join("keys");
    std::fs::create_dir(&keys).expect("made");
    std::fs::write(keys.join("service.key"), "short").expect("written");
    fails(
        &["--data", &keys.display().to_string(), "--listen", "127.0.0.1:0"],
        1,
        "64 hexadecimal digits",
    );
    fails(&["sign-in-link", "nobody@example.org", "--data", &data], 1, "Person not found");
}

#[test]
fn keys_that_went_missing_are_told_and_people_are_added() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = path(folder.path(), "data");
    std::fs::create_dir(folder.path().join("data")).expect("made");
    let url = fielding::store::DatabaseUrl::Sqlite(folder.path().join("data/sondage.sqlite"));
    let store = fielding::store::Store::open(&url).expect("opens");
    fielding::keys::Keys::open(&folder.path().join("data")).expect("made");
    let owner = support::user("lan@example.org");
    store
        .write_now(fielding::store::Scope::Everything, move |connection| {
            fielding::acts::people::set_up(connection, "Nhóm", &owner)
        })
        .expect("set up");
    drop(store);
    let add = |role: &str| {
        sondage(&["add-user", "hoa@example.org", "--name", "Hoa", "--role", role, "--data", &data])
    };
    let reset = |email: &str| {
        let output = sondage(&["reset-second-factor", email, "--data", &data, "--language", "en"]);
        (output.status.code(), text(&output.stderr) + &text(&output.stdout))
    };
    let (code, told) = reset("nobody@example.org");
    assert_eq!((code, told.contains("Person not found")), (Some(1), true), "{told}");
    let (code, told) = reset("lan@example.org");
    assert_eq!((code, told.contains("no second factor")), (Some(1), true), "{told}");
    assert_eq!(add("emperor").status.code(), Some(2));
    let added = add("analyst");
    assert!(text(&added.stdout).contains("/sign-in/"), "{}", text(&added.stderr));
    assert_eq!(add("analyst").status.code(), Some(1), "once");
    std::fs::remove_file(folder.path().join("data/contact.key")).expect("removed");
    let without = sondage(&["--data", &data, "--listen", "127.0.0.1:0"]);
    assert_eq!(without.status.code(), Some(1));
    assert!(text(&without.stderr).contains("take them from a backup"), "{}", text(&without.stderr));
}

#[test]
fn a_full_disk_stores_nothing_and_says_so() {
    // `/dev/full` is a disk that is always full, where there is one.
    if !Path::new("/dev/full").exists() {
        println!("skipped: there is no /dev/full here");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    std::os::unix::fs::symlink("/dev/full", folder.path().join(".sondage-write-test"))
        .expect("linked");
    let output = sondage(&[
        "--data",
        &folder.path().display().to_string(),
        "--listen",
        "127.0.0.1:0",
        "--language",
        "en",
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("cannot write to the folder"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn texts_that_name_no_language_are_in_the_one_that_is_said() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../fixtures/cases/questionnaires/f12_semicolon.csv"
    );
    for (said, language) in [(&[][..], "fr"), (&["--texts-in", "vi"], "vi")] {
        let output =
            sondage(&[&["--language", "en", "questionnaire", "import", file], said].concat());
        let told = text(&output.stdout);
        assert!(told.contains(&format!("languages: {language}\n")), "{told}");
        assert!(told.contains("can be published: yes"), "{told}");
    }
    let wrong = ["--language", "vi", "questionnaire", "import", file, "--texts-in", "english"];
    let output = sondage(&wrong);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("“english” không phải mã ngôn ngữ"));
}

#[test]
fn a_questionnaire_is_checked_from_the_command_line() {
    let sample =
        format!("{}/../../fixtures/questionnaires/ward-services", env!("CARGO_MANIFEST_DIR"));
    let output = sondage(&["questionnaire", "check", &sample, "--language", "en"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("25 questions"));
    let folder = tempfile::tempdir().expect("a folder");
    let damaged = folder.path().join("form.xlsx");
    std::fs::write(&damaged, b"PK\x03\x04 nothing").expect("written");
    let output =
        sondage(&["questionnaire", "check", &damaged.display().to_string(), "--language", "vi"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("không đọc được tệp bảng tính"),
        "{}",
        text(&output.stderr)
    );
    assert_eq!(sondage(&["questionnaire", "check", "/nowhere"]).status.code(), Some(2));
    // What is exported can be read again and is the same questionnaire.
    let exported = sondage(&["questionnaire", "export", &sample]);
    let file = folder.path().join("form.json");
    std::fs::write(&file, &exported.stdout).expect("written");
    let again =
        sondage(&["questionnaire", "check", &file.display().to_string(), "--language", "en"]);
    let first = sondage(&["questionnaire", "check", &sample, "--language", "en"]);
    assert_eq!(text(&again.stdout), text(&first.stdout));
    let model = sondage(&["questionnaire", "export", &sample, "--format", "surveyjs"]);
    std::fs::write(&file, &model.stdout).expect("written");
    let import = ["questionnaire", "import", &file.display().to_string(), "--json"];
    let report: serde_json::Value =
        serde_json::from_slice(&sondage(&import).stdout).expect("a report");
    assert_eq!(report["format"], "surveyjs");
}

#[test]
fn a_reader_who_goes_away_is_no_failure() {
    let sample =
        format!("{}/../../fixtures/questionnaires/ward-services", env!("CARGO_MANIFEST_DIR"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_sondage"))
        .args(["questionnaire", "export", &sample])
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    // The document is longer than what a pipe holds.
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("ends").code(), Some(0));
    let mut child = Command::new(env!("CARGO_BIN_EXE_sondage"))
        .args(["questionnaire", "check", "/nowhere"])
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    drop(child.stderr.take());
    assert_eq!(child.wait().expect("ends").code(), Some(2));
}

#[test]
fn a_questionnaire_is_imported_compared_and_tried_out() {
    let root = env!("CARGO_MANIFEST_DIR");
    let sample = format!("{root}/../../fixtures/questionnaires/ward-services");
    let imported = sondage(&["questionnaire", "import", &sample, "--json"]);
    assert_eq!(imported.status.code(), Some(0));
    let report: serde_json::Value = serde_json::from_slice(&imported.stdout).expect("JSON");
    assert_eq!(report["format"], "xlsform");
    assert_eq!(report["outcome"], "whole", "{report}");
    assert_eq!(report["summary"]["languages"], serde_json::json!(["vi", "en"]));
    assert!(report["summary"]["questions"]["single"].as_u64() > Some(5), "{report}");

    let folder = tempfile::tempdir().expect("a folder");
    let damaged = path(folder.path(), "damaged.xlsx");
    std::fs::write(&damaged, b"PK\x03\x04 no workbook").expect("written");
    let refused = sondage(&["questionnaire", "import", &damaged, "--json"]);
    assert_eq!(refused.status.code(), Some(2));
    let report: serde_json::Value = serde_json::from_slice(&refused.stdout).expect("JSON");
    assert_eq!(report["outcome"], "refused");
    assert_eq!(report["problems"][0]["severity"], "error", "{report}");

    let diff = |after: &str, language: &str| {
        let output = sondage(&["questionnaire", "diff", &sample, after, "--language", language]);
        text(&output.stdout)
    };
    assert_eq!(diff(&sample, "en").trim(), "0 changes: nothing changed");
    assert_eq!(diff(&sample, "vi").trim(), "0 thay đổi: không có gì thay đổi");
    let exported = sondage(&["questionnaire", "export", &sample]).stdout;
    let mut document: serde_json::Value = serde_json::from_slice(&exported).expect("JSON");
    document["title"]["en"] = "Another title".into();
    let changed = path(folder.path(), "changed.json");
    std::fs::write(&changed, document.to_string()).expect("written");
    assert!(
        diff(&changed, "en").contains("cosmetic: ward_services_2026: title"),
        "{}",
        diff(&changed, "en")
    );
    assert!(diff(&changed, "vi").contains("tiêu đề"), "{}", diff(&changed, "vi"));
    let read = sondage(&["questionnaire", "import", &sample, "--language", "vi"]);
    assert!(text(&read.stdout).contains("câu hỏi"), "{}", text(&read.stdout));
    let tried = ["questionnaire", "dry-run", &sample, "--respondents", "20", "--language", "vi"];
    assert!(text(&sondage(&tried).stdout).starts_with("20 người trả lời mô phỏng"));

    let run = || sondage(&["questionnaire", "dry-run", &sample, "--respondents", "50", "--json"]);
    let first = run();
    assert_eq!(first.status.code(), Some(0), "{}", text(&first.stderr));
    let report: serde_json::Value = serde_json::from_slice(&first.stdout).expect("JSON");
    assert_eq!(report["run"]["respondents"], 50);
    assert_eq!(report["run"]["never_asked"], serde_json::json!([]), "{report}");
    assert_eq!(first.stdout, run().stdout, "one seed gives one run");
}
