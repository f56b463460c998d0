//! `questionnaire import --prove`: simulated respondents answer here and, where engines
//! are named that are on the machine, there; what differs is listed.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn sondage(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sondage"));
    command.args(arguments).env_remove("SONDAGE_ENGINES").env_remove("SONDAGE_ODK_VALIDATE");
    command.output().expect("runs")
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The engines that the tests of forms use, or nothing where they were not brought.
fn engines() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../exchange/tests/engines");
    let there = folder.join("node_modules/survey-core").is_dir();
    if there && Command::new("node").arg("--version").output().is_ok() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "npm ci in {}", folder.display());
    println!("skipped: no engines; npm ci in {}", folder.display());
    None
}

const FORM: &str = "| survey | | | | |\n| | type | name | label | relevant |\n\
    | | integer | age | Age? | |\n| | text | job | Job? | ${age} > 14 |\n\
    | | text | school | School? | ${age} < 15 |\n";

#[test]
fn without_an_engine_it_is_answered_here() {
    let folder = tempfile::tempdir().expect("a folder");
    let form = folder.path().join("form.md");
    std::fs::write(&form, FORM).expect("written");
    let form = form.display().to_string();
    let said =
        printed(&sondage(&["questionnaire", "import", &form, "--prove", "--language", "en"]));
    assert!(said.contains("1,000") || said.contains("1000"), "{said}");
    assert!(said.contains("not compared with other programs: name the folder"), "{said}");
    let nowhere = folder.path().display().to_string();
    let said = printed(&sondage(&[
        "questionnaire",
        "import",
        &form,
        "--prove",
        "--engines",
        &nowhere,
        "--language",
        "en",
    ]));
    assert!(said.contains("holds no engine"), "{said}");
}

#[test]
fn engines_are_asked_the_same() {
    let Some(engines) = engines() else { return };
    let engines = engines.display().to_string();
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("form.md");
    std::fs::write(&place, FORM).expect("written");
    let form = place.display().to_string();
    let prove = |file: &str| -> serde_json::Value {
        let asked = ["questionnaire", "import", file, "--prove", "--json", "--engines", &engines];
        serde_json::from_str(&printed(&sondage(&asked))).expect("json")
    };
    let report = prove(&form);
    let found = report["proof"]["engines"].as_array().expect("engines");
    assert_eq!(found.len(), 2, "{report}");
    for engine in found {
        assert_eq!(engine["respondents"], 1_000, "{engine}");
        assert_eq!(engine["questions"], 3_000, "{engine}");
        assert_eq!(engine["found"].as_array().map(Vec::len), Some(0), "{engine}");
        assert_eq!(engine["original"], false);
    }
    // A form in its own language is filled in itself. Its hash is known to the engine and
    // not here: what is asked of all here is asked of nobody there.
    let lost = "<h:html xmlns=\"http://www.w3.org/2002/xforms\" xmlns:h=\"http://www.w3.org/1999/xhtml\">\
        <h:head><h:title>t</h:title><model><instance><data id=\"t\"><a/><b/></data></instance>\
        <bind nodeset=\"/data/a\" type=\"string\"/>\
        <bind nodeset=\"/data/b\" type=\"string\" relevant=\"digest( /data/a , 'MD5') = 'x'\"/>\
        </model></h:head><h:body><input ref=\"/data/a\"><label>A</label></input>\
        <input ref=\"/data/b\"><label>B</label></input></h:body></h:html>";
    let form = folder.path().join("form.xml");
    std::fs::write(&form, lost).expect("written");
    let form = form.display().to_string();
    let report = prove(&form);
    let web_forms = &report["proof"]["engines"][0];
    assert_eq!(web_forms["engine"], "ODK Web Forms");
    assert_eq!(web_forms["original"], true, "{report}");
    assert_eq!(web_forms["found"][0]["question"], "b");
    assert_eq!(web_forms["found"][0]["here"], 1_000);
    let asked = ["questionnaire", "import", &form, "--prove", "--language", "vi"];
    let said = printed(&sondage(&[&asked[..], &["--engines", &engines]].concat()));
    assert!(said.contains("b: chỉ được hỏi ở đây"), "{said}");
}

/// `JavaRosa` is asked where its archive is named.
#[test]
fn the_engine_of_collect_is_asked_the_same() {
    let archive =
        std::env::var("SONDAGE_ODK_VALIDATE").ok().filter(|path| Path::new(path).is_file());
    let java = Command::new("java").arg("--version").output().is_ok();
    let Some(archive) = archive.filter(|_| java) else {
        println!("skipped: SONDAGE_ODK_VALIDATE names no archive, or there is no Java");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let form = folder.path().join("form.md");
    std::fs::write(&form, FORM).expect("written");
    let form = form.display().to_string();
    let asked =
        ["questionnaire", "import", &form, "--prove", "--json", "--javarosa", archive.as_str()];
    let report: serde_json::Value = serde_json::from_str(&printed(&sondage(&asked))).expect("json");
    let engines = report["proof"]["engines"].as_array().expect("engines");
    assert_eq!(engines.len(), 1, "{report}");
    assert_eq!(engines[0]["engine"], "JavaRosa");
    assert_eq!(engines[0]["respondents"], 1_000, "{report}");
    assert_eq!(engines[0]["found"].as_array().map(Vec::len), Some(0), "{report}");
}

/// An engine that never ends, and one that takes all memory, are killed, and that is told.
#[test]
#[cfg(unix)]
fn an_engine_has_so_much_time_and_memory() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let form = folder.path().join("form.md");
    std::fs::write(&form, FORM).expect("written");
    let packages = folder.path().join("node_modules/survey-core");
    std::fs::create_dir_all(packages).expect("a folder");
    let bin = folder.path().join("bin");
    std::fs::create_dir(&bin).expect("a folder");
    let node = bin.join("node");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").expect("a path"));
    let proved = |script: &str, more: &[&str]| {
        std::fs::write(&node, format!("#!/bin/sh\n{script}\n")).expect("written");
        std::fs::set_permissions(&node, std::fs::Permissions::from_mode(0o755)).expect("runs");
        let mut command = Command::new(env!("CARGO_BIN_EXE_sondage"));
        command.args(["questionnaire", "import"]).arg(&form).args(["--prove", "--language", "en"]);
        command.arg("--engines").arg(folder.path()).args(more);
        printed(
            &command.env_remove("SONDAGE_ODK_VALIDATE").env("PATH", &path).output().expect("runs"),
        )
    };
    let said = proved("exec sleep 600", &["--engine-seconds", "1"]);
    assert!(said.contains("SurveyJS was not done after 1 seconds and was ended"), "{said}");
    let hungry = "exec tail /dev/zero";
    let said = proved(hungry, &["--engine-megabytes", "60", "--engine-seconds", "120"]);
    assert!(said.contains("SurveyJS needed more than 60 MB and was ended"), "{said}");
    let said = proved("echo 'TypeError: no such thing' >&2; exit 1", &[]);
    assert!(said.contains("SurveyJS did not run: TypeError: no such thing"), "{said}");
}
