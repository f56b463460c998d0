//! What is found in long lists, what files and places become, and the reasons
//! for answers that are doubted.

use chrono::NaiveDate;
use survey_builder::questionnaire::answer::{Answer, Answers, State, Value};
use survey_builder::questionnaire::document::{Document, Kind, MultipleChoice, reason_of};
use survey_builder::questionnaire::edit::failed_checks;
use survey_builder::questionnaire::order::{arms_at_start, even_arm};
use survey_builder::questionnaire::path::{Standpoint, Stop};
use survey_builder::questionnaire::publish::publish;
use survey_builder::questionnaire::routing::route;
use survey_builder::questionnaire::search::search;
use survey_builder::questionnaire::validate::{Checked, Posted, check_page};
use survey_builder::questionnaire::version::Version;

const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day");

fn version() -> Version {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/questionnaires/devices.json");
    let document: Document =
        serde_json::from_str(&std::fs::read_to_string(path).expect("a file")).expect("a document");
    publish(document).expect("a version")
}

fn send(version: &Version, before: &Answers, page: &str, fields: &[(&str, &[&str])]) -> Checked {
    let values = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    let posted: Posted =
        fields.iter().map(|(name, given)| ((*name).to_owned(), values(given))).collect();
    let stop = Stop::page(version.page_named(page).expect("a page"));
    check_page(version, &stop, before, &posted, TODAY, 7).expect("on the path")
}

fn value(version: &Version, checked: &Checked, name: &str) -> Result<Value, String> {
    if let Some(mistake) = checked.mistakes.first() {
        return Err(mistake.code.clone());
    }
    let (item, _) = version.item_named(name).expect("an item");
    match checked.answers.get(item) {
        Some(Answer::Value(value)) => Ok(value.clone()),
        other => Err(format!("{other:?}")),
    }
}

/// The codes that are found, and whether the first is meant.
fn found(version: &Version, question: &str, typed: &str) -> (Vec<String>, bool) {
    let answers = Answers::default();
    let path = route(version, &answers, TODAY);
    let at = Standpoint { version, path: &path, within: &[], today: TODAY };
    let (_, question) = version.item_named(question).expect("a question");
    let found = search(&at, question, typed, 50);
    (found.options.iter().map(|option| option.code.clone()).collect(), found.sure)
}

#[test]
fn long_lists_are_searched_without_accents() {
    let version = version();
    let only = |code: &str| (vec![code.to_owned()], true);
    for typed in
        ["Phường Hà Nội", "phuong ha noi", "HÀ-NỘI", "noi ha", "w999", "Ha\u{300} Nô\u{323}i"]
    {
        assert_eq!(found(&version, "ward", typed), only("w999"), "{typed}");
    }
    // The one called just so is meant, though others begin like it.
    let (codes, sure) = found(&version, "ward", "phường bình an 1");
    assert_eq!((codes[0].as_str(), codes.len(), sure), ("w001", 11, true));
    let (codes, sure) = found(&version, "ward", "binh an");
    assert_eq!((codes.len(), sure), (40, false));
    assert_eq!(found(&version, "ward", "nowhere"), (Vec::new(), false));
    assert_eq!(found(&version, "ward", "").0.len(), 50);
}

#[test]
fn two_options_called_the_same_are_not_guessed_between() {
    let mut document = version().document;
    let list = document.lists.iter_mut().find(|list| list.name == "ward").expect("the wards");
    list.options[1].label = list.options[0].label.clone();
    let version = publish(document).expect("a version");
    let (codes, sure) = found(&version, "ward", "phường bình an 1");
    assert_eq!((&codes[..2], sure), (&["w001".to_owned(), "w002".to_owned()][..], false));
    let sent = send(&version, &Answers::default(), "ward", &[("ward.text", &["binh an 1 ward"])]);
    assert_eq!(value(&version, &sent, "ward"), Err("search_many".to_owned()));
}

#[test]
fn what_is_typed_means_the_option_it_finds() {
    let version = version();
    let none = Answers::default();
    let one = |fields: &[(&str, &[&str])]| {
        value(&version, &send(&version, &none, "ward", fields), "ward")
    };
    let chosen = |code: &str| Ok(Value::Option(code.to_owned()));
    assert_eq!(one(&[("ward", &["w010"])]), chosen("w010"));
    assert_eq!(one(&[("ward.text", &["ha noi"])]), chosen("w999"));
    // Somebody who types again has changed their mind.
    assert_eq!(one(&[("ward", &["w010"]), ("ward.text", &["ha noi"])]), chosen("w999"));
    assert_eq!(one(&[("ward.text", &["binh an"])]), Err("search_many".to_owned()));
    assert_eq!(one(&[("ward.text", &["xyz"])]), Err("search_none".to_owned()));
    assert_eq!(one(&[("ward", &["w777"])]), Err("unknown_option".to_owned()));
    let several =
        send(&version, &none, "visited", &[("visited", &["w010"]), ("visited.text", &["ha noi"])]);
    let set = Value::Set(vec!["w010".to_owned(), "w999".to_owned()]);
    assert_eq!(value(&version, &several, "visited"), Ok(set));
}

#[test]
fn a_long_ranking_is_searched_and_keeps_the_order_of_choosing() {
    let mut document = version().document;
    let question = document.question_mut("visited").expect("a question");
    let Kind::Multiple(multiple) = question.kind.clone() else { panic!("a multiple choice") };
    question.kind = Kind::Ranking(MultipleChoice { at_most: Some(3), ..multiple });
    let version = publish(document).expect("a version");
    let ranked = |fields: &[(&str, &[&str])]| {
        value(&version, &send(&version, &Answers::default(), "visited", fields), "visited")
    };
    let order = |codes: &[&str]| {
        let place = |code: &&str| Some(Value::Option((*code).to_owned()));
        Ok(Value::List(codes.iter().map(place).collect()))
    };
    assert_eq!(ranked(&[("visited", &["w010", "w002"])]), order(&["w010", "w002"]));
    let typed = ranked(&[("visited", &["w010", "w002"]), ("visited.text", &["ha noi"])]);
    assert_eq!(typed, order(&["w010", "w002", "w999"]));
    let four = ranked(&[("visited", &["w010", "w002", "w003", "w004"])]);
    assert_eq!(four, Err("too_many".to_owned()));
}

#[test]
fn a_file_is_answered_by_the_name_it_is_kept_under() {
    let version = version();
    let none = Answers::default();
    let one = |fields: &[(&str, &[&str])]| {
        value(&version, &send(&version, &none, "photo", fields), "photo")
    };
    let name = "7ff53e8c-6d60-460e-9705-23b131d7e1a2.jpg";
    assert_eq!(one(&[("photo", &[name])]), Ok(Value::Text(name.to_owned())));
    for forged in [
        "photo.jpg",
        "../secret",
        "7FF53E8C-6d60-460e-9705-23b131d7e1a2.jpg",
        "7ff53e8c-6d60-460e-9705-23b131d7e1a2./x",
    ] {
        assert_eq!(one(&[("photo", &[forged])]), Err("file_broken".to_owned()), "{forged}");
    }
    assert_eq!(
        one(&[("photo.fault", &["file_size", "max", "10 MB"])]),
        Err("file_size".to_owned())
    );
    assert_eq!(one(&[("photo.fault", &["anything"])]), Err("file_broken".to_owned()));
}

#[test]
fn a_doubted_answer_keeps_its_reason_until_it_is_doubted_no_more() {
    let version = version();
    let (hours, _) = version.item_named("hours").expect("an item");
    let mut answers = Answers::default();
    let doubted =
        send(&version, &answers, "hours", &[("hours", &["90"]), ("hours.reason", &[" harvest "])]);
    assert_eq!(doubted.doubts.len(), 1);
    assert_eq!(
        doubted.answers.get(reason_of(hours)),
        Some(&Answer::Value(Value::Text("harvest".to_owned())))
    );
    answers.apply(&doubted.answers);
    let path = route(&version, &answers, TODAY);
    let failed = failed_checks(&version, &path, TODAY);
    assert_eq!(failed.len(), 1);
    assert_eq!((&*failed[0].name, failed[0].reason), ("hours", Some(reason_of(hours))));
    let mended =
        send(&version, &answers, "hours", &[("hours", &["40"]), ("hours.reason", &["harvest"])]);
    assert_eq!(mended.answers.get(reason_of(hours)), Some(&Answer::Missing(State::NotAsked)));
    answers.apply(&mended.answers);
    let path = route(&version, &answers, TODAY);
    assert!(failed_checks(&version, &path, TODAY).is_empty());
}

#[test]
fn arms_never_differ_by_more_than_one() {
    let version = version();
    let split: Vec<_> = arms_at_start(&version).collect();
    let [question] = split.as_slice() else { panic!("{} arms", split.len()) };
    let mut given = std::collections::BTreeMap::from([("a".to_owned(), 0), ("b".to_owned(), 0)]);
    let mut firsts = std::collections::BTreeSet::new();
    for seed in 0..200 {
        let so_far = |code: &str| given.get(code).copied().unwrap_or(0);
        let code = even_arm(&version, question, seed, so_far).expect("an arm");
        if given["a"] == given["b"] {
            firsts.insert(code.clone());
        }
        *given.get_mut(&code).expect("known") += 1;
        assert!((given["a"] - given["b"]).abs() <= 1, "{given:?}");
    }
    assert_eq!(firsts.len(), 2, "chance decides between arms given as often");
}
