//! Documents: what can be published, what a review finds, what a page accepts,
//! and the published schema.

use chrono::NaiveDate;
use survey_builder::questionnaire::answer::{Answer, Answers, State, Value};
use survey_builder::questionnaire::document::{Block, Document, Kind, Question};
use survey_builder::questionnaire::review::{Severity, review};
use survey_builder::questionnaire::routing::offered_codes;
use survey_builder::questionnaire::validate::{Checked, Posted, check_page};
use survey_builder::questionnaire::version::{Version, publish};

fn read(path: &str) -> String {
    let path = format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn all_kinds() -> Document {
    serde_json::from_str(&read("fixtures/questionnaires/all-kinds.json")).expect("a document")
}

/// A question by its place: section, page, question.
fn question(document: &mut Document, section: usize, page: usize, place: usize) -> &mut Question {
    match &mut document.sections[section].blocks[page] {
        Block::Page(page) => &mut page.questions[place],
        Block::Section(_) => panic!("a section"),
    }
}

fn version() -> Version {
    publish(all_kinds()).expect("can be published")
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day")
}

fn check(version: &Version, page: &str, before: &Answers, fields: &[(&str, &str)]) -> Checked {
    let mut posted = Posted::new();
    for (name, value) in fields {
        posted.entry((*name).to_owned()).or_default().push((*value).to_owned());
    }
    let page = version.page_named(page).expect("a page");
    check_page(version, page, before, &posted, today(), 7).expect("on the path")
}

fn consented(version: &Version) -> Answers {
    check(version, "consent", &Answers::default(), &[("consent", "1")]).answers
}

fn value(version: &Version, answers: &Answers, name: &str) -> Option<Answer> {
    let (item, _) = version.item_named(name).expect("a question");
    answers.get(item).cloned()
}

#[test]
fn the_schema_in_docs_is_the_schema() {
    let schema = schemars::schema_for!(Document);
    let generated = serde_json::to_string_pretty(&schema).expect("JSON") + "\n";
    let path = format!("{}/../../docs/questionnaire.schema.json", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("SONDAGE_BLESS").is_some() {
        std::fs::write(&path, &generated).expect("written");
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == generated,
        "docs/questionnaire.schema.json is out of date: run with SONDAGE_BLESS=1"
    );
}

#[test]
fn publishing_the_same_content_gives_the_same_hash() {
    let (first, second) = (version(), version());
    assert_eq!(first.hash, second.hash);
    assert_eq!(first.hash.len(), 64);
    let mut changed = all_kinds();
    changed.title.0.insert("en".to_owned(), "Another title".to_owned());
    assert_ne!(publish(changed).expect("can be published").hash, first.hash);
}

#[test]
fn a_document_survives_its_file() {
    let document = all_kinds();
    let json = serde_json::to_string(&document).expect("JSON");
    assert_eq!(serde_json::from_str::<Document>(&json).expect("a document"), document);
}

#[test]
fn a_review_finds_everything_at_once() {
    let mut document = all_kinds();
    document.lists[1].options[0].label.0.remove("en");
    question(&mut document, 1, 0, 1).relevant = Some("age > 3 and wroks = 'yes'".to_owned());
    question(&mut document, 1, 1, 0).name = "works".to_owned();
    let Kind::Computed(computed) = &mut question(&mut document, 2, 0, 1).kind else {
        panic!("not computed")
    };
    computed.list = Some("no_such_list".to_owned());
    let findings = review(&document);
    let codes: Vec<&str> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| finding.code.as_str())
        .collect();
    for expected in ["untranslated", "expression-unknown-name", "duplicate-name", "unknown-list"] {
        assert!(codes.contains(&expected), "{expected} not in {codes:?}");
    }
    assert!(publish(document).is_err());
}

#[test]
fn a_condition_must_not_read_what_is_asked_later() {
    let mut document = all_kinds();
    question(&mut document, 1, 0, 1).relevant = Some("age > 3".to_owned());
    let findings = review(&document);
    assert!(
        findings
            .iter()
            .any(|finding| finding.code == "forward-reference" && finding.place == "hours")
    );
}

#[test]
fn reasons_are_kept_apart_from_values() {
    let version = version();
    let before = consented(&version);
    let checked = check(&version, "work", &before, &[("works", "dk")]);
    assert_eq!(value(&version, &checked.answers, "works"), Some(Answer::Missing(State::DontKnow)));
    assert!(checked.mistakes.is_empty() && checked.blanks.is_empty(), "{checked:?}");
    let checked = check(&version, "age", &before, &[("age.state", "refused")]);
    assert_eq!(value(&version, &checked.answers, "age"), Some(Answer::Missing(State::Refused)));
    let checked = check(&version, "age", &before, &[("age.state", "not_applicable")]);
    assert_eq!(checked.mistakes.len(), 1, "a reason that is not offered");
}

#[test]
fn a_question_skipped_on_the_page_is_not_asked_for() {
    let version = version();
    let before = consented(&version);
    assert!(check(&version, "work", &before, &[("works", "no")]).blanks.is_empty());
    assert_eq!(check(&version, "work", &before, &[("works", "yes")]).blanks.len(), 1);
    let checked = check(&version, "work", &before, &[("works", "yes"), ("hours", "37,5")]);
    assert_eq!(
        value(&version, &checked.answers, "hours"),
        Some(Answer::Value(Value::Number(37.5)))
    );
}

#[test]
fn choices_keep_to_their_rules() {
    let version = version();
    let before = consented(&version);
    let codes = |fields: &[(&str, &str)]| -> Vec<String> {
        check(&version, "uses", &before, fields)
            .mistakes
            .into_iter()
            .map(|mistake| mistake.code)
            .collect()
    };
    assert_eq!(codes(&[("uses", "none"), ("uses", "bus")]), ["exclusive"]);
    assert_eq!(codes(&[("uses", "bus"), ("uses", "car"), ("uses", "bike")]), ["too_many"]);
    assert_eq!(codes(&[("uses", "train")]), ["unknown_option"]);
    let checked = check(&version, "uses", &before, &[("uses", "car"), ("uses", "bus")]);
    let expected = Value::Set(vec!["bus".to_owned(), "car".to_owned()]);
    assert_eq!(
        value(&version, &checked.answers, "uses"),
        Some(Answer::Value(expected)),
        "in list order"
    );
    let mut then = before.clone();
    then.apply(&checked.answers);
    let refused = check(&version, "most", &then, &[("most", "bike")]);
    assert_eq!(refused.mistakes[0].code, "unknown_option", "only what was chosen is offered");
}

#[test]
fn limits_are_told() {
    let version = version();
    let before = consented(&version);
    let code = |page: &str, fields: &[(&str, &str)]| {
        check(&version, page, &before, fields).mistakes.first().map(|mistake| mistake.code.clone())
    };
    assert_eq!(code("age", &[("age", "17")]).as_deref(), Some("number_range"));
    assert_eq!(code("age", &[("age", "17.5")]).as_deref(), Some("whole_number"));
    assert_eq!(code("age", &[("age", "")]).as_deref(), Some("choose_one"), "hard required");
    assert_eq!(code("age", &[("age", "abc")]).as_deref(), Some("number"));
    assert_eq!(code("since", &[("since", "31/02/2020")]).as_deref(), Some("date"));
    assert_eq!(code("since", &[("since", "01/01/2027")]).as_deref(), Some("date_range"));
    assert_eq!(code("since", &[("since", "2/9/1985")]), None);
    assert_eq!(code("since", &[]), None, "not required");
    assert_eq!(code("words", &[("job", &"x".repeat(41))]).as_deref(), Some("text_too_long"));
    assert_eq!(code("score", &[("score", "11")]).as_deref(), Some("number_range"));
    assert_eq!(code("opinions", &[("safe", "4")]).as_deref(), Some("unknown_option"));
}

#[test]
fn shuffled_options_keep_one_order_a_person_and_anchors_stay() {
    let version = version();
    let (_, question) = version.item_named("uses").expect("a question");
    let answers = consented(&version);
    let order = |seed| offered_codes(&version, question, &answers, today(), seed);
    let mut orders = std::collections::BTreeSet::new();
    for seed in 0..60 {
        assert_eq!(order(seed), order(seed));
        assert_eq!(order(seed)[3..], ["other", "none"]);
        orders.insert(order(seed));
    }
    assert_eq!(orders.len(), 6, "every order of three options comes up");
}

#[test]
fn chance_decides_once_and_evenly() {
    use survey_builder::questionnaire::document::Computed;
    use survey_builder::questionnaire::routing::{drawn_answers, route};
    let mut document = all_kinds();
    question(&mut document, 2, 0, 1).kind = Kind::Computed(Computed {
        expression: "if(random() < 0.5, 'young', 'old')".to_owned(),
        list: Some("band".to_owned()),
    });
    let version = publish(document).expect("can be published");
    let (band, _) = version.item_named("band").expect("a question");
    let mut young = 0;
    for seed in 0..2000 {
        let drawn = drawn_answers(&version, today(), seed);
        assert_eq!(drawn, drawn_answers(&version, today(), seed));
        let mut answers = consented(&version);
        answers.apply(&drawn);
        let path = route(&version, &answers, today());
        assert_eq!(path.answers.get(band), drawn.get(band), "stored, not drawn again");
        young +=
            i32::from(drawn.get(band) == Some(&Answer::Value(Value::Option("young".to_owned()))));
    }
    // Binomial(2000, 0.5): five standard deviations are 112.
    assert!((young - 1000).abs() < 112, "{young}");
}
