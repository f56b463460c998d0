//! Documents: what can be published, what a review finds, what a page accepts,
//! and the published schema.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use survey_builder::problem::phrase;
use survey_builder::questionnaire::answer::{Answer, Answers, State, Value};
use survey_builder::questionnaire::document::{
    Arm, Block, Choice, Document, Hidden, Kind, ListOption, Question, Required, Section, Source,
    Text, TextFormat, TextRule, identity_of,
};
use survey_builder::questionnaire::finding::Severity;
use survey_builder::questionnaire::order::{drawn_answers, offered_codes};
use survey_builder::questionnaire::path::{Path, Standpoint, Stop};
use survey_builder::questionnaire::preload::{Known, link_parameters, preloaded};
use survey_builder::questionnaire::publish::publish;
use survey_builder::questionnaire::review::review;
use survey_builder::questionnaire::routing::route;
use survey_builder::questionnaire::validate::{Checked, Posted, check_page};
use survey_builder::questionnaire::version::Version;

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
    let stop = Stop::page(version.page_named(page).expect("a page"));
    check_page(version, &stop, before, &posted, today(), 7).expect("on the path")
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
    let default = document.default_language.clone();
    document.lists[1].options[0].label.0.remove(&default);
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
        .map(|finding| finding.problem.code.as_str())
        .collect();
    for expected in ["untranslated", "expression-unknown-name", "duplicate-name", "unknown-list"] {
        assert!(codes.contains(&expected), "{expected} not in {codes:?}");
    }
    assert!(publish(document).is_err());
}

#[test]
fn a_missing_translation_is_shown_in_the_first_language() {
    let mut document = all_kinds();
    let default = document.default_language.clone();
    let other = document.languages.iter().find(|one| one.code != default).cloned();
    let other = other.expect("another language");
    let removed = document.lists[1].options[0].label.0.remove(&other.code);
    assert!(removed.is_some());
    let list = document.lists[1].name.clone();
    let findings = review(&document);
    let lacking = findings.iter().find(|one| one.problem.code == "untranslated-some");
    let lacking = lacking.expect("it is told");
    assert_eq!(lacking.severity, Severity::Warning);
    assert_eq!(lacking.problem.place.to_string(), list);
    assert_eq!(lacking.problem.argument("count"), Some(&1_u32.into()));
    let shown = document.lists[1].options[0].label.get(&other.code, &default);
    assert_eq!(shown, document.lists[1].options[0].label.0[&default]);
    assert!(publish(document.clone()).is_ok());
    // Who wants every language whole says so.
    document.needs_all_languages = true;
    let findings = publish(document).expect_err("it demands the translation");
    assert!(findings.iter().any(|one| one.problem.code == "untranslated"));
}

#[test]
fn rows_may_read_the_rows_before_them() {
    let mut document = all_kinds();
    let battery = document.pages_mut().into_iter().flat_map(|page| &mut page.questions).find_map(
        |question| match &mut question.kind {
            Kind::Battery(battery) if battery.rows.len() > 1 => Some(battery),
            _ => None,
        },
    );
    let battery = battery.expect("a battery");
    let (first, second) = (battery.rows[0].name.clone(), battery.rows[1].name.clone());
    battery.rows[1].relevant = Some(format!("answered({first})"));
    let order = |document: &Document| {
        let findings = review(document).into_iter();
        findings.filter(|one| one.problem.code == "forward-reference").count()
    };
    let mut ahead = document.clone();
    assert_eq!(order(&document), 0);
    for page in ahead.pages_mut() {
        for question in &mut page.questions {
            if let Kind::Battery(battery) = &mut question.kind {
                battery.rows[1].relevant = None;
                battery.rows[0].relevant = battery
                    .rows
                    .iter()
                    .any(|row| row.name == second)
                    .then(|| format!("answered({second})"));
            }
        }
    }
    assert_eq!(order(&ahead), 1);
}

#[test]
fn a_condition_must_not_read_what_is_asked_later() {
    let mut document = all_kinds();
    question(&mut document, 1, 0, 1).relevant = Some("age > 3".to_owned());
    let findings = review(&document);
    assert!(
        findings.iter().any(|finding| finding.problem.code == "forward-reference"
            && finding.problem.place == "hours")
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
    let path = route(&version, &answers, today());
    let at = Standpoint { version: &version, path: &path, within: &[], today: today() };
    let order = |seed| offered_codes(&at, question, seed);
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
    let mut document = all_kinds();
    question(&mut document, 2, 0, 1).kind = Kind::Computed(Computed {
        expression: "if(random() < 0.5, 'young', 'old')".to_owned(),
        list: Some("band".to_owned()),
    });
    let version = publish(document).expect("can be published");
    let (band, _) = version.item_named("band").expect("a question");
    let mut young = 0;
    for seed in 0..2000 {
        let drawn = drawn_answers(&version, &Answers::default(), today(), seed);
        assert_eq!(drawn, drawn_answers(&version, &Answers::default(), today(), seed));
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

/// The mistake's code of one text typed into a question, empty when it is taken.
fn typed(version: &Version, page: &str, name: &str, text: &str) -> String {
    let checked = check(version, page, &consented(version), &[(name, text)]);
    let (item, _) = version.item_named(name).expect("a question");
    let mistake = checked.mistakes.iter().find(|mistake| mistake.item == item);
    mistake.map(|mistake| mistake.code.clone()).unwrap_or_default()
}

#[test]
fn texts_have_the_form_that_is_asked() {
    let with = |format: TextFormat| {
        let mut document = all_kinds();
        document.question_mut("job").expect("a text").kind =
            Kind::ShortText(TextRule { at_most: None, format });
        publish(document).expect("can be published")
    };
    for (format, code, right, wrong) in [
        (
            TextFormat::Email,
            "email",
            ["an@example.com", "a.b+c@mail.example.vn"].as_slice(),
            ["an", "an@", "@example.com", "an@example", "a b@example.com", "an@example..com"]
                .as_slice(),
        ),
        (
            TextFormat::Phone,
            "phone",
            &["0901 234 567", "+84 (90) 123-4567"],
            &["12345", "0901 234 56a", "1234567890123456"],
        ),
        (TextFormat::Url, "url", &["https://example.com/a"], &["example.com", "ftp://example.com"]),
        (TextFormat::Digits, "digits", &["00700"], &["7a", "7.0", "-7"]),
    ] {
        let version = with(format);
        for text in right {
            assert_eq!(typed(&version, "words", "job", text), "", "{text}");
        }
        for text in wrong {
            assert_eq!(typed(&version, "words", "job", text), code, "{text}");
        }
    }
}

#[test]
fn a_number_has_at_most_its_decimals() {
    let mut document = all_kinds();
    let Kind::Decimal(range) = &mut document.question_mut("hours").expect("a number").kind else {
        panic!("a decimal");
    };
    range.decimals = Some(1);
    let version = publish(document).expect("can be published");
    let code = |text: &str| {
        let posted = [("works", "yes"), ("hours", text)];
        let checked = check(&version, "work", &consented(&version), &posted);
        checked.mistakes.first().map(|mistake| mistake.code.clone()).unwrap_or_default()
    };
    assert_eq!(code("7,5"), "");
    assert_eq!(code("7"), "");
    assert_eq!(code("7,25"), "decimals");
}

#[test]
fn a_question_is_required_only_when_its_condition_holds() {
    let mut document = all_kinds();
    let question = document.question_mut("hours").expect("a number");
    question.relevant = None;
    question.required = Required::Hard;
    question.required_when = Some("works = 'yes'".to_owned());
    let version = publish(document).expect("can be published");
    let blank = |works: &str| {
        let posted = [("works", works), ("hours", "")];
        check(&version, "work", &consented(&version), &posted).mistakes.len()
    };
    assert_eq!(blank("yes"), 1);
    assert_eq!(blank("no"), 0);
}

/// Whoever changes their mind twice finds what they had said.
#[test]
fn an_answer_that_leaves_the_path_comes_back_with_it() {
    let mut document = all_kinds();
    document.question_mut("works").expect("a choice").required = Required::No;
    let pages = document.sections[1].blocks.split_off(1);
    let mut inner = Section::new(uuid::Uuid::from_u128(7), "inner", pages);
    inner.relevant = Some("works = 'yes'".to_owned());
    document.sections[1].blocks.push(Block::Section(inner));
    let version = publish(document).expect("can be published");
    let mut answers = consented(&version);
    let mut is_asked = |works: &str, more: Option<&[(&str, &str)]>| {
        answers.apply(&check(&version, "work", &answers, &[("works", works)]).answers);
        if let Some(more) = more {
            answers.apply(&check(&version, "uses", &answers, more).answers);
        }
        let path = route(&version, &answers, today());
        let asked = path.stops.iter().any(|stop| stop.name(&version) == "uses");
        (asked, value(&version, &answers, "uses"))
    };
    let (asked, given) = is_asked("yes", Some(&[("uses", "bus")]));
    assert!(asked && given.is_some(), "{given:?}");
    assert_eq!(is_asked("no", None), (false, given.clone()));
    assert_eq!(is_asked("yes", None), (true, given));
}

#[test]
fn sections_within_sections_are_asked_under_all_their_conditions() {
    let mut document = all_kinds();
    let works = document.question_mut("works").expect("a choice");
    works.required = Required::No;
    let pages = document.sections[1].blocks.split_off(1);
    let mut inner = Section::new(uuid::Uuid::from_u128(7), "inner", pages);
    inner.relevant = Some("works = 'yes'".to_owned());
    document.sections[1].blocks.push(Block::Section(inner));
    let version = publish(document).expect("can be published");
    let pages = |works: &str| {
        let mut answers = consented(&version);
        answers.apply(&check(&version, "work", &answers, &[("works", works)]).answers);
        let path = route(&version, &answers, today());
        path.stops.iter().map(|stop| stop.name(&version).to_owned()).collect::<Vec<_>>()
    };
    assert!(pages("yes").contains(&"uses".to_owned()), "{:?}", pages("yes"));
    assert!(!pages("no").contains(&"uses".to_owned()), "{:?}", pages("no"));
    assert!(pages("no").contains(&"age".to_owned()), "what follows goes on: {:?}", pages("no"));
    let uses = version.page_named("uses").expect("a page");
    assert_eq!(version.section_of(uses).expect("it").name, "inner");
    assert_eq!(version.pages()[uses].part(), 1);
}

#[test]
fn arms_are_drawn_once_and_evenly() {
    let mut document = all_kinds();
    let id = uuid::Uuid::from_u128(8);
    let arm =
        Question::new(id, "arm", Text::default(), Kind::Arm(Arm { list: "yes_no".to_owned() }));
    document.pages_mut()[1].questions.insert(0, arm);
    let version = publish(document).expect("can be published");
    let drawn = |seed| drawn_answers(&version, &Answers::default(), today(), seed).get(id).cloned();
    let yes = Some(Answer::Value(Value::Option("yes".to_owned())));
    let count = (0..2_000).filter(|seed| drawn(*seed) == yes).count();
    // Five standard deviations of 2,000 even draws.
    assert!((888..=1_112).contains(&count), "{count}");
    assert_eq!(drawn(3), drawn(3));
    let mut answers = consented(&version);
    answers.apply(&drawn_answers(&version, &Answers::default(), today(), 3));
    assert_eq!(route(&version, &answers, today()).answers.get(id).cloned(), drawn(3));
}

#[test]
fn filters_read_what_lists_say_about_options() {
    let mut document = all_kinds();
    let list = document.lists.iter_mut().find(|list| list.name == "transport").expect("a list");
    for option in &mut list.options {
        let wheels = if option.code == "walk" { "0" } else { "2" };
        option.attributes.insert("wheels".to_owned(), wheels.to_owned());
    }
    let codes: Vec<String> = list.options.iter().map(|option| option.code.clone()).collect();
    let choice = document.question_mut("uses").expect("it").kind.choice_mut().expect("a choice");
    choice.filter = Some("number(attribute(., 'wheels')) > 0".to_owned());
    let version = publish(document).expect("can be published");
    let (_, question) = version.item_named("uses").expect("a question");
    let path = Path::default();
    let at = Standpoint { version: &version, path: &path, within: &[], today: today() };
    let offered = offered_codes(&at, question, 7);
    let without: Vec<_> = codes.iter().filter(|code| *code != "walk").collect();
    assert_eq!(offered.len(), without.len());
    assert!(without.iter().all(|code| offered.contains(code)), "{offered:?}");
}

type Change = fn(&mut Document);

#[test]
fn values_from_other_programs_come_with_the_link() {
    let mut document = all_kinds();
    let source = Source::Outside("ward".to_owned());
    let hidden = Hidden { source, ..Hidden::default() };
    document.question_mut("job").expect("it").kind = Kind::Hidden(hidden);
    assert!(review(&document).iter().any(|finding| finding.problem.code == "outside-value"));
    let version = publish(document).expect("a version");
    assert_eq!(link_parameters(&version.document), ["ward"]);
    let link = BTreeMap::from([("ward".to_owned(), "W12".to_owned())]);
    let answers = preloaded(&version, &Known { link, ..Known::default() });
    let (item, _) = version.item_named("job").expect("an item");
    let value = Value::Text("W12".to_owned());
    assert_eq!(answers.get(item), Some(&Answer::Value(value)));
}

#[test]
fn what_pages_cannot_ask_is_not_published() {
    let changes: [(&str, Change); 1] = [("phrase-list-too-long-to-show", |document| {
        let list = &mut document.lists[1];
        let first = list.options[0].clone();
        list.options.extend((0..400).map(|number| {
            let id = identity_of("long", "option", &number.to_string());
            ListOption { id, code: format!("o{number}"), ..first.clone() }
        }));
        let count = Kind::ItemCount(Choice::of("yes_no"));
        document.question_mut("since").expect("it").kind = count;
    })];
    assert_eq!(
        review(&all_kinds()).iter().filter(|one| one.problem.code == "not-fielded").count(),
        0
    );
    for (feature, change) in changes {
        let mut document = all_kinds();
        change(&mut document);
        let findings = publish(document).expect_err(feature);
        let told = findings.iter().any(|finding| {
            finding.problem.code == "not-fielded"
                && finding
                    .problem
                    .arguments
                    .contains(&("feature".to_owned(), phrase(feature).into()))
        });
        assert!(told, "{feature}: {findings:?}");
    }
}
