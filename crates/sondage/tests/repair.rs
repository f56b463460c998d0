//! `questionnaire import --repair`: what is changed is shown first, in both languages,
//! and written only where a place is given.

use std::process::{Command, Output};

use survey_builder::questionnaire::document::Document;

fn sondage(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sondage")).args(arguments).output().expect("runs")
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A questionnaire of ours in which a question asks about the answer to a later one.
fn questionnaire() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/questionnaires/all-kinds.json");
    let text = std::fs::read_to_string(path).expect("the fixture");
    let mut document: Document = serde_json::from_str(&text).expect("a document");
    let pages = document.pages_mut().into_iter();
    let mut questions = pages.flat_map(|page| &mut page.questions);
    let opinions = questions.find(|question| question.name == "opinions").expect("it");
    opinions.relevant = Some("score = 10".to_owned());
    serde_json::to_string(&document).expect("JSON")
}

#[test]
fn a_repair_is_shown_and_written_where_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (form, mended) = (path("ours.json"), path("mended.json"));
    std::fs::write(&form, questionnaire()).expect("written");
    let import =
        |more: &[&str]| sondage(&[&["questionnaire", "import", &form, "--repair"], more].concat());
    let english = printed(&import(&["--language", "en"]));
    assert!(english.contains("can be published: no"), "{english}");
    assert!(english.contains("none of which can be left out: 1"), "{english}");
    assert!(english.contains("opinions: it reads what is asked later"), "{english}");
    let vietnamese = printed(&import(&["--language", "vi"]));
    assert!(vietnamese.contains("sửa: phát hành được sau 1 thay đổi"), "{vietnamese}");
    assert!(vietnamese.contains("được hỏi ngay sau “score”"), "{vietnamese}");
    let report: serde_json::Value =
        serde_json::from_str(&printed(&import(&["--json"]))).expect("json");
    assert_eq!(report["publishable"], false);
    assert_eq!(report["repair"]["publishable"], true);
    assert_eq!(report["repair"]["changes"][0]["after"], "score");
    let files = std::fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(files, 1, "nothing is written unasked");

    let wrote = printed(&import(&["--language", "en", "--output", &mended]));
    assert!(wrote.contains("the repaired questionnaire is in"), "{wrote}");
    let again = sondage(&["questionnaire", "import", &mended, "--repair", "--language", "en"]);
    let again = printed(&again);
    assert!(again.contains("can be published: yes"), "{again}");
    assert!(again.contains("repair: nothing to change"), "{again}");
    // Never over a file that is there, nor in a format that is not written.
    assert_eq!(import(&["--output", &mended]).status.code(), Some(2));
    assert_eq!(import(&["--output", &path("mended.html")]).status.code(), Some(2));
    let without = ["questionnaire", "import", &form, "--output", &mended];
    assert_eq!(sondage(&without).status.code(), Some(2), "only a repair is written");
}

#[test]
fn what_cannot_be_repaired_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let form = folder.path().join("form.md");
    let note = "| survey | | | |\n| | type | name | label |\n| | note | a | Read this. |\n";
    std::fs::write(&form, note).expect("written");
    let form = form.display().to_string();
    let output =
        printed(&sondage(&["questionnaire", "import", &form, "--repair", "--language", "en"]));
    assert!(output.contains("repair: no change that is known"), "{output}");
}
