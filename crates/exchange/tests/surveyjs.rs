//! Models of `SurveyJS` become documents.

mod importing;

use importing::{document, kinds, mutated, questions};
use proptest::prelude::*;
use survey_builder::questionnaire::document::Kind;

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
