//! Models of `SurveyJS` become documents.

mod importing;

use importing::{document, kinds, mutated, questions};
use proptest::prelude::*;
use survey_builder::questionnaire::document::{Kind, Question};

/// Bounds that are numbers, texts of numbers, days, and expressions.
const BOUNDS: &str = r#"{"elements": [
    {"type": "text", "name": "plain", "inputType": "number", "min": 1, "max": "10", "maxLength": 4},
    {"type": "text", "name": "bound", "inputType": "number", "min": "=age()", "max": 5},
    {"type": "text", "name": "day", "inputType": "date", "min": "2026-01-31", "max": "=today(3)"},
    {"type": "comment", "name": "long", "maxLength": "many", "min": 3},
    {"type": "slider", "name": "slide", "min": "{plain}", "max": 50}
]}"#;

#[test]
fn bounds_that_cannot_be_read_stay_as_remarks() {
    let document = document(BOUNDS.as_bytes());
    let kinds = kinds(&document);
    assert_eq!(kinds["plain"], "decimal");
    let Kind::Decimal(range) = &questions(&document)["plain"].kind else { panic!("a number") };
    assert_eq!((range.minimum, range.maximum), (Some(1.0), Some(10.0)));
    let Kind::Date(range) = &questions(&document)["day"].kind else { panic!("a day") };
    assert_eq!((range.minimum.as_deref(), range.maximum.as_deref()), (Some("2026-01-31"), None));
    let remarks: Vec<(&str, &str)> =
        document.remarks.iter().map(|one| (one.role.as_str(), one.original.as_str())).collect();
    let expected = [
        ("min", "=age()"),
        ("max", "=today(3)"),
        ("min", "3"),
        ("maxLength", "many"),
        ("min", "{plain}"),
        ("text", "form"),
    ];
    assert_eq!(remarks, expected);
}

proptest! {
    #[test]
    fn nothing_panics(changes in prop::collection::vec(any::<(usize, u8, u8)>(), 0..12)) {
        let bytes = mutated(BOUNDS.as_bytes(), &changes);
        let _ = exchange::questionnaire::import(&[("file.json", &bytes)]);
    }
}

/// A grid whose cells would be called as a question is; a tick; a shared panel.
const PARTS: &str = r#"{"elements": [
    {"type": "text", "name": "g_a_x", "inputType": "number", "step": 1},
    {"type": "matrixdropdown", "name": "g", "rows": ["a", "b"],
     "columns": [{"name": "x", "cellType": "text"}, {"name": "y", "cellType": "text"}]},
    {"type": "boolean", "name": "read", "displayMode": "checkbox", "isRequired": true},
    {"type": "text", "name": "why", "visibleIf": "{read} = true"},
    {"type": "paneldynamic", "name": "kids", "templateVisibleIf": "{panel.age} < 18",
     "templateElements": [{"type": "text", "name": "age", "inputType": "number", "step": 1}]},
    {"type": "paneldynamic", "name": "more", "valueName": "kids",
     "templateElements": [{"type": "text", "name": "school", "visibleIf": "{panel.age} > 5"}]},
    {"type": "checkbox", "name": "news", "choices": ["radio",
        {"value": "none", "isExclusive": true, "randomize": false},
        {"value": "else", "showCommentArea": true}]}
],
"calculatedValues": [{"name": "twice", "expression": "{g_a_x} * 2"}]}"#;

#[test]
fn parts_of_questions_have_names_of_their_own() {
    let document = document(PARTS.as_bytes());
    let questions = questions(&document);
    let names: Vec<String> =
        document.questions().flat_map(Question::items).map(|item| item.name.to_string()).collect();
    let distinct: std::collections::BTreeSet<&String> = names.iter().collect();
    assert_eq!(distinct.len(), names.len(), "{names:?}");
    assert_eq!(questions["read"].kind, Kind::Acknowledge);
    assert_eq!(questions["why"].relevant.as_deref(), Some("read = true"));
    assert_eq!(document.rosters.len(), 1);
    assert_eq!(questions["school"].relevant.as_deref(), Some("age > 5"));
    let Kind::Multiple(news) = &questions["news"].kind else { panic!("a choice") };
    let other = news.choice.other.as_ref().expect("a box beside an option");
    assert_eq!((other.name.as_str(), other.option.as_str()), ("news_other", "else"));
    let list = document.list(&news.choice.list).expect("a list");
    assert!(list.options[1].exclusive && list.options[1].anchored);
    // A value that is worked out stands behind what it reads.
    let order: Vec<&str> = document.questions().map(|one| one.name.as_str()).collect();
    assert_eq!(order[..2], ["g_a_x", "twice"]);
}
