//! `questionnaire import --prove`: simulated respondents answer here and, where engines
//! are named that are on the machine, there; what differs is listed.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn sondage(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sondage"));
    command.args(arguments).env_remove("SONDAGE_ENGINES");
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
    assert_eq!(web_forms["original"], true, "{report}");
    assert_eq!(web_forms["found"][0]["question"], "b");
    assert_eq!(web_forms["found"][0]["here"], 1_000);
    let asked = ["questionnaire", "import", &form, "--prove", "--language", "vi"];
    let said = printed(&sondage(&[&asked[..], &["--engines", &engines]].concat()));
    assert!(said.contains("b: chỉ được hỏi ở đây"), "{said}");
}
