//! Documents that were stored by a release can be read and asked for ever: what
//! later rules say of them is for publishing anew.

use std::path::Path;

use survey_builder::questionnaire::answer::Answers;
use survey_builder::questionnaire::compile::compile_version;
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::publish::publish;
use survey_builder::questionnaire::routing::route;

#[test]
fn stored_documents_of_every_release_can_be_asked() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/versions");
    let mut asked = 0;
    for release in std::fs::read_dir(folder).expect("the folder") {
        let release = release.expect("a release").path();
        for file in std::fs::read_dir(&release).expect("its documents") {
            let file = file.expect("a document").path();
            let json = std::fs::read_to_string(&file).expect("read");
            let document: Document = serde_json::from_str(&json)
                .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let (version, _) = compile_version(document);
            let day = chrono::NaiveDate::from_ymd_opt(2026, 11, 30).expect("a day");
            let path = route(&version, &Answers::default(), day);
            assert!(!path.stops.is_empty(), "{}", file.display());
            asked += 1;
        }
    }
    assert!(asked >= 4, "{asked}");
}

#[test]
fn a_document_that_is_refused_today_still_serves() {
    let json = include_str!("../../../fixtures/versions/0.1.0/all-kinds.json");
    let mut value: serde_json::Value = serde_json::from_str(json).expect("JSON");
    // A rule that came later: here, a text that the first language lacks.
    let title = value.get_mut("title").and_then(|title| title.as_object_mut()).expect("a title");
    title.remove("vi");
    let document: Document = serde_json::from_value(value).expect("a document");
    assert!(publish(document.clone()).is_err(), "refused when it is published");
    let (version, findings) = compile_version(document);
    let day = chrono::NaiveDate::from_ymd_opt(2026, 11, 30).expect("a day");
    assert!(!route(&version, &Answers::default(), day).stops.is_empty(), "{findings:?}");
}
