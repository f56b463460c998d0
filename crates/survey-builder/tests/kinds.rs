//! Kinds of question beyond the plain ones: what their fields take, and how
//! what was sent becomes an answer.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use survey_builder::questionnaire::answer::{Answer, Answers, State, Value};
use survey_builder::questionnaire::document::{Document, Kind, Question};
use survey_builder::questionnaire::dry_run::dry_run;
use survey_builder::questionnaire::order::{
    drawn_profiles, item_order, offered_codes, question_order,
};
use survey_builder::questionnaire::path::{Path, Standpoint, Stop};
use survey_builder::questionnaire::publish::publish;
use survey_builder::questionnaire::review::review;
use survey_builder::questionnaire::routing::route;
use survey_builder::questionnaire::validate::{Checked, Posted, check_page};
use survey_builder::questionnaire::version::Version;

const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");

fn document() -> Document {
    let path =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/questionnaires/more-kinds.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("a file")).expect("a document")
}

fn version() -> Version {
    publish(document()).expect("a version")
}

/// Checks a page on which these fields were sent.
fn send(version: &Version, before: &Answers, page: &str, fields: &[(&str, &[&str])]) -> Checked {
    let posted: Posted = fields
        .iter()
        .map(|(name, values)| {
            ((*name).to_owned(), values.iter().map(|value| (*value).to_owned()).collect())
        })
        .collect();
    let stop = Stop::page(version.page_named(page).expect("a page"));
    check_page(version, &stop, before, &posted, TODAY, 7).expect("on the path")
}

fn answer(version: &Version, checked: &Checked, name: &str) -> Option<Answer> {
    let (item, _) = version.item_named(name).expect("an item");
    checked.answers.get(item).cloned()
}

fn told(version: &Version, checked: &Checked) -> BTreeMap<String, String> {
    let name = |id| {
        let mut items = version.document.questions().flat_map(Question::items);
        items.find(|item| item.id == id).expect("an item").name.into_owned()
    };
    checked.mistakes.iter().map(|one| (name(one.item), one.code.clone())).collect()
}

fn one(version: &Version, page: &str, name: &str, values: &[&str]) -> Result<Answer, String> {
    let checked = send(version, &Answers::default(), page, &[(name, values)]);
    match told(version, &checked).remove(name) {
        Some(code) => Err(code),
        None => Ok(answer(version, &checked, name).expect("an answer")),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "compared with what may be a mistake")]
fn value(value: Value) -> Result<Answer, String> {
    Ok(Answer::Value(value))
}

fn code(code: &str) -> Value {
    Value::Option(code.to_owned())
}

#[test]
fn times_and_parts_of_dates_are_read_as_people_write_them() {
    let version = version();
    let day =
        |year, month, day| Value::Date(NaiveDate::from_ymd_opt(year, month, day).expect("it"));
    for (typed, minutes) in [("18:30", 1_110), ("7h05", 425), ("18.30", 1_110), ("6", 360)] {
        assert_eq!(one(&version, "wake", "wake", &[typed]), value(Value::Time(minutes)), "{typed}");
    }
    for typed in ["24:00", "18:60", "noon", "18:30:99", "1:2:3:4"] {
        assert_eq!(one(&version, "wake", "wake", &[typed]), Err("time".to_owned()), "{typed}");
    }
    let moment = value(Value::Text("2026-09-02T18:30".to_owned()));
    assert_eq!(one(&version, "wake", "met", &["2026-09-02T18:30"]), moment);
    assert_eq!(one(&version, "wake", "met", &["02/09/2026 18h30"]), moment);
    assert_eq!(one(&version, "wake", "met", &["02/09/2026"]), Err("date_time".to_owned()));
    assert_eq!(one(&version, "moved", "moved", &["09/1985"]), value(day(1985, 9, 1)));
    assert_eq!(one(&version, "moved", "moved", &["1985-09"]), value(day(1985, 9, 1)));
    assert_eq!(one(&version, "moved", "moved", &["13/1985"]), Err("month".to_owned()));
    assert_eq!(one(&version, "moved", "born", &["1985"]), value(day(1985, 1, 1)));
    assert_eq!(one(&version, "moved", "born", &["85"]), Err("year".to_owned()));
}

#[test]
fn a_ranking_keeps_its_order() {
    let version = version();
    let rank = |values: &[&str]| one(&version, "goods_rank", "goods_rank", values);
    let order = Value::List(vec![Some(code("meat")), Some(code("rice"))]);
    assert_eq!(rank(&["meat", "", "rice"]), value(order));
    assert_eq!(rank(&["meat"]), Err("too_few".to_owned()));
    assert_eq!(rank(&["meat", "rice", "fish", "fruit"]), Err("too_many".to_owned()));
    assert_eq!(rank(&["meat", "meat"]), Err("ranking_twice".to_owned()));
    assert_eq!(rank(&["meat", "gold"]), Err("unknown_option".to_owned()));
    assert_eq!(rank(&[""]), Ok(Answer::Missing(State::Skipped)));
}

#[test]
fn the_best_is_not_the_worst() {
    let version = version();
    let question =
        version.document.questions().find(|one| one.name == "goods_extremes").expect("it");
    let path = Path::default();
    let at = Standpoint { version: &version, path: &path, within: &[], today: TODAY };
    let offered = offered_codes(&at, question, 7);
    assert_eq!(offered.len(), 3, "three of four are drawn");
    let (first, second) = (offered[0].as_str(), offered[1].as_str());
    let fields = |best, worst| {
        send(
            &version,
            &Answers::default(),
            "goods_extremes",
            &[("goods_extremes_best", &[best][..]), ("goods_extremes_worst", &[worst][..])],
        )
    };
    let checked = fields(first, second);
    assert!(checked.mistakes.is_empty(), "{:?}", checked.mistakes);
    assert_eq!(answer(&version, &checked, "goods_extremes_best"), Some(Answer::Value(code(first))));
    let mistakes = told(&version, &fields(first, first));
    assert_eq!(mistakes["goods_extremes_worst"], "best_worst_same");
}

#[test]
fn scales_step_and_boxes_are_ticked() {
    let version = version();
    assert_eq!(one(&version, "stars", "stars", &["75"]), value(Value::Number(75.0)));
    assert_eq!(one(&version, "stars", "stars", &["70"]), Err("unknown_option".to_owned()));
    assert_eq!(one(&version, "rules", "rules", &["yes"]), value(Value::Bool(true)));
    assert_eq!(one(&version, "rules", "rules", &["no"]), Err("unknown_option".to_owned()));
    assert_eq!(one(&version, "rules", "rules", &[]), Err("choose_one".to_owned()));
}

#[test]
fn cells_are_answered_each_by_itself_and_add_up() {
    let version = version();
    let none = Answers::default();
    let checked = send(
        &version,
        &none,
        "services",
        &[("clinic_known", &["3"]), ("clinic_visits", &["4"]), ("library_visits", &["many"])],
    );
    assert_eq!(answer(&version, &checked, "clinic_known"), Some(Answer::Value(code("3"))));
    assert_eq!(
        answer(&version, &checked, "clinic_visits"),
        Some(Answer::Value(Value::Number(4.0)))
    );
    assert_eq!(
        told(&version, &checked),
        BTreeMap::from([("library_visits".into(), "number".into())])
    );
    assert_eq!(checked.blanks.len(), 1, "library_known is asked for once more");
    let short = send(&version, &none, "budget", &[("b_food", &["60"]), ("b_home", &["30"])]);
    assert_eq!(told(&version, &short), BTreeMap::from([("b_food".into(), "total".into())]));
    let whole = send(&version, &none, "budget", &[("b_food", &["60"]), ("b_home", &["40"])]);
    assert!(whole.mistakes.is_empty());
    assert!(send(&version, &none, "budget", &[]).mistakes.is_empty(), "blank is no sum");
}

#[test]
fn what_is_written_beside_an_option_belongs_to_it() {
    let version = version();
    let none = Answers::default();
    let boat: (&str, &[&str]) = ("usual_other", &["boat"]);
    let boat_answer = Some(Answer::Value(Value::Text("boat".to_owned())));
    let checked = send(&version, &none, "usual", &[("usual", &["other"]), boat]);
    assert_eq!(answer(&version, &checked, "usual_other"), boat_answer);
    // Another option was chosen: what is in the box is not kept.
    let checked = send(&version, &none, "usual", &[("usual", &["bus"]), boat]);
    assert_eq!(answer(&version, &checked, "usual_other"), None);
    // Nothing was chosen: who writes means "other".
    let checked = send(&version, &none, "usual", &[boat]);
    assert_eq!(answer(&version, &checked, "usual"), Some(Answer::Value(code("other"))));
    assert_eq!(answer(&version, &checked, "usual_other"), boat_answer);
    // Chosen and left blank: asked for once more, never insisted on.
    let checked = send(&version, &none, "usual", &[("usual", &["other"])]);
    assert_eq!((checked.mistakes.len(), checked.blanks.len()), (0, 1));
    let path = route(&version, &checked.answers, TODAY);
    let (other, _) = version.item_named("usual_other").expect("it");
    assert!(path.asks_item(other));
    let path = route(&version, &none, TODAY);
    assert!(!path.asks_item(other));
}

#[test]
fn rows_modes_defaults_and_doubts() {
    let version = version();
    let item = |name: &str| version.item_named(name).expect("an item").0;
    let mut before = Answers::default();
    before.set(item("usual"), Answer::Value(code("car")));
    before.set(item("ward"), Answer::Value(code("b")));
    let checked = send(&version, &before, "views", &[("v_bus", &["1"]), ("v_road", &["2"])]);
    let path = route(&version, &checked.answers, TODAY);
    assert!(!path.asks_item(item("v_bus")) && path.asks_item(item("v_road")));
    assert!(!path.asks(item("note_home")), "asked by interviewers only");
    // A hidden value is its default; one that cannot be changed too.
    let weight = path.answers.get(item("weight")).and_then(Answer::value).cloned();
    assert_eq!(weight, Some(Value::Number(6.0)));
    let checked = send(&version, &before, "city", &[("city", &["Huế"]), ("code", &["mine"])]);
    let code = answer(&version, &checked, "code");
    assert_eq!(code, Some(Answer::Value(Value::Text("W-b".to_owned()))));
    // A soft constraint doubts and keeps.
    let checked = send(&version, &before, "trip", &[("trip", &["200"])]);
    assert_eq!((checked.mistakes.len(), checked.doubts.len()), (0, 1));
    assert_eq!(answer(&version, &checked, "trip"), Some(Answer::Value(Value::Number(200.0))));
    assert!(send(&version, &before, "trip", &[("trip", &["20"])]).doubts.is_empty());
}

#[test]
fn orders_are_permutations_that_leave_the_fixed_alone() {
    let mut document = document();
    for page in document.pages_mut() {
        page.shuffled = true;
    }
    let version = publish(document).expect("a version");
    for seed in 0..50 {
        for (_, page) in version.document.pages() {
            let order = question_order(page, seed);
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..page.questions.len()).collect::<Vec<_>>());
            for (place, question) in page.questions.iter().enumerate() {
                assert!(question.kind.takes_answer() || order[place] == place);
                assert_eq!(item_order(question, seed).len(), question.items().len());
            }
        }
    }
}

#[test]
fn a_simulated_respondent_gets_through() {
    let run = dry_run(&version(), 300, 5, TODAY);
    assert_eq!(run.stuck, BTreeMap::new());
    assert_eq!(run.never_asked, ["note_home"]);
    assert!(run.finished > 200, "{}", run.finished);
}

#[test]
fn how_many_apply_is_at_most_what_is_shown() {
    let version = version();
    let (arm, _) = version.item_named("worry_arm").expect("an arm");
    for (code, most) in [("short", 3), ("long", 4)] {
        let mut before = Answers::default();
        before.set(arm, Answer::Value(Value::Option(code.to_owned())));
        let count = |typed: &str| {
            let checked = send(&version, &before, "worries", &[("worries", &[typed])]);
            match told(&version, &checked).remove("worries") {
                Some(code) => Err(code),
                None => Ok(answer(&version, &checked, "worries")),
            }
        };
        assert_eq!(count("0"), Ok(Some(Answer::Value(Value::Number(0.0)))));
        let all = most.to_string();
        assert_eq!(count(&all), Ok(Some(Answer::Value(Value::Number(f64::from(most))))));
        assert_eq!(count(&(most + 1).to_string()), Err("number_range".to_owned()), "{code}");
        assert_eq!(count("-1"), Err("number_range".to_owned()));
    }
}

#[test]
fn alternatives_are_drawn_evenly_and_differ() {
    const PEOPLE: u64 = 4_000;
    let version = version();
    let (_, question) = version.item_named("line_1").expect("a choice");
    let mut times: BTreeMap<(usize, usize, usize, usize), u32> = BTreeMap::new();
    let mut first: BTreeMap<usize, u32> = BTreeMap::new();
    for seed in 0..PEOPLE {
        let drawn = drawn_profiles(&version, question, seed).expect("a choice set");
        assert_eq!(Some(&drawn), drawn_profiles(&version, question, seed).as_ref(), "again");
        *first.entry(drawn.attributes[0]).or_default() += 1;
        for (task, profiles) in drawn.levels.iter().enumerate() {
            assert_ne!(profiles[0], profiles[1], "two the same are no choice");
            for (profile, levels) in profiles.iter().enumerate() {
                for (attribute, level) in levels.iter().enumerate() {
                    *times.entry((task, profile, attribute, *level)).or_default() += 1;
                }
            }
        }
    }
    // Three levels of fare, two of the others, at each of three choices of two.
    assert_eq!(times.len(), 3 * 2 * (3 + 2 + 2));
    for ((task, profile, attribute, level), count) in times {
        let share = f64::from(count) / 4_000.0;
        let expected = if attribute == 0 { 1.0 / 3.0 } else { 0.5 };
        // Five standard errors of a share of 4,000.
        assert!(
            (share - expected).abs() < 5.0 * (expected * (1.0 - expected) / 4_000.0_f64).sqrt(),
            "{task} {profile} {attribute} {level}: {share}"
        );
    }
    assert_eq!(first.len(), 3, "every attribute comes first for some: {first:?}");
}

#[test]
fn each_choice_of_a_set_has_an_answer_of_its_own() {
    let version = version();
    let fields: &[(&str, &[&str])] =
        &[("line_1", &["a"]), ("line_2", &["none"]), ("line_3", &["c"])];
    let checked = send(&version, &Answers::default(), "line", fields);
    let option = |code: &str| Some(Answer::Value(Value::Option(code.to_owned())));
    assert_eq!(answer(&version, &checked, "line_1"), option("a"));
    assert_eq!(answer(&version, &checked, "line_2"), option("none"));
    assert_eq!(
        told(&version, &checked),
        BTreeMap::from([("line_3".into(), "unknown_option".into())])
    );
}

#[test]
fn choice_sets_that_cannot_be_are_told() {
    let mut document = document();
    let question = document.question_mut("line").expect("a question");
    let Kind::ChoiceSet(set) = &mut question.kind else { panic!("a choice set") };
    set.profiles = 4;
    set.tasks = 0;
    for attribute in &mut set.attributes {
        attribute.list = "nowhere".to_owned();
    }
    let question = document.question_mut("worries").expect("a question");
    let Kind::ItemCount(items) = &mut question.kind else { panic!("an item count") };
    items.filter = None;
    let codes: Vec<String> =
        review(&document).iter().map(|finding| finding.problem.code.clone()).collect();
    for code in [
        "choice-set-profiles",
        "choice-set-tasks",
        "choice-set-attributes",
        "unknown-list",
        "item-count-alone",
    ] {
        assert!(codes.iter().any(|told| told == code), "{code} is not among {codes:?}");
    }
}
