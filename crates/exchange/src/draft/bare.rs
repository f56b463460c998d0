//! Texts without the forms in which answers are inserted: other systems insert
//! answers as they are.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Value;
use survey_builder::problem::{Finding, Problem, Severity};
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::piping::without_forms;

use super::role_in_words;

/// The document with every `${name|form}` as `${name}`, and where there was one.
pub(crate) fn bare(document: &Document) -> (Cow<'_, Document>, Vec<Finding>) {
    let same = || (Cow::Borrowed(document), Vec::new());
    // Most documents have none: then nothing is copied but this.
    let Ok(mut json) = serde_json::to_value(document) else { return same() };
    let mut places = BTreeSet::new();
    strip(&mut json, "", &mut places);
    if places.is_empty() {
        return same();
    }
    let Ok(bare) = serde_json::from_value(json) else { return same() };
    let told = places.into_iter().map(|place| {
        let problem = Problem::new("export_lost", place).with("what", role_in_words("form"));
        Finding { severity: Severity::Warning, problem: problem.with("original", "${…|…}") }
    });
    (Cow::Owned(bare), told.collect())
}

/// Strips every text below a value; the place is the nearest name.
fn strip(value: &mut Value, place: &str, places: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(bare) = without_forms(text) {
                *text = bare;
                places.insert(place.to_owned());
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|inner| strip(inner, place, places)),
        Value::Object(members) => {
            let own = members.get("name").and_then(Value::as_str).unwrap_or(place).to_owned();
            members.values_mut().for_each(|inner| strip(inner, &own, places));
        }
        _ => {}
    }
}
