//! A form that was written is read again, and every part, property and text that
//! became another is told: codes that a form cannot have, formats and limits that it
//! does not know, what members are called. What was told as left out is not told
//! twice, and what a form says in other words (conditions) is tried in its own program
//! instead.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use survey_builder::problem::{Finding, Problem, Severity, first_places};
use survey_builder::questionnaire::document::{Document, Roster};

use super::build::build;
use super::export::Exported;
use super::sheet::Workbook;
use crate::draft::said;

/// Parts of a kind that are no property of its answers: names of other things,
/// texts, and what is written in other words.
const OTHERWISE: [&str; 12] = [
    "list",
    "id",
    "name",
    "expression",
    "filter",
    "wording",
    "label",
    "rows",
    "columns",
    "other",
    "total",
    "low",
];

/// What differs, by what it is: where, what it was, what it became.
#[derive(Default)]
struct Differences(BTreeMap<String, Vec<(String, String, String)>>);

impl Differences {
    fn note(&mut self, what: &str, place: &str, before: &str, after: &str) {
        let (before, after) = (before.to_owned(), after.to_owned());
        self.0.entry(what.to_owned()).or_default().push((place.to_owned(), before, after));
    }
}

/// What the sheets say otherwise than the document.
pub(super) fn differences(document: &Document, written: &Exported) -> Vec<Finding> {
    let grid = |rows: &[Vec<String>]| Some((1..).zip(rows.iter().cloned()).collect());
    let grids = [
        ("survey", grid(&written.survey)),
        ("choices", grid(&written.choices)),
        ("settings", grid(&written.settings)),
    ];
    let Ok(workbook) = Workbook::of_grids(grids.into_iter().collect()) else { return Vec::new() };
    let again = build(&workbook).document;
    let mut found = Differences::default();
    for roster in &document.rosters {
        if let Some(became) = again.rosters.iter().find(|one| one.name == roster.name) {
            members(roster, became, &mut found);
        }
    }
    everything_else(document, &again, &mut found);
    tell(found, &written.problems)
}

/// What is written in the words of another language, or compared above, or says
/// nothing to anybody.
const ASIDE: [&str; 14] = [
    "id",
    "name",
    "appearance",
    "relevant",
    "expression",
    "filter",
    "required_when",
    "default",
    "total",
    "eligible",
    "each",
    "members",
    "blocks",
    "questions",
];

/// Parts that are gone, and every other property and text of those that are not.
fn everything_else(document: &Document, again: &Document, found: &mut Differences) {
    let (before, after) = (parts(document), parts(again));
    for ((sort, name), part) in &before {
        let Some(other) = after.get(&(*sort, name.clone())) else {
            found.note(sort, name, name, "");
            continue;
        };
        let mut flat = [BTreeMap::new(), BTreeMap::new()];
        for (value, flat) in [part, other].into_iter().zip(&mut flat) {
            flatten(value, "", "", flat);
        }
        let [one, other] = flat;
        let none = String::new();
        for key in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
            let [one, other] = [&one, &other].map(|all| all.get(key).unwrap_or(&none));
            if one != other {
                found.note(&key.1, name, one, other);
            }
        }
    }
}

/// Everything in a document that has a name, by what it is.
fn parts(document: &Document) -> BTreeMap<(&'static str, String), Value> {
    let mut found = BTreeMap::new();
    let mut add = |sort, name: &str, value: serde_json::Result<Value>| {
        found.extend(value.ok().map(|value| ((sort, name.to_owned()), value)));
    };
    for section in document.all_sections() {
        add("section", &section.name, serde_json::to_value(section));
        for page in section.own_pages() {
            add("page", &page.name, serde_json::to_value(page));
        }
    }
    for question in document.questions() {
        add("question", &question.name, serde_json::to_value(question));
    }
    for list in &document.lists {
        add("list", &list.name, serde_json::to_value(list));
    }
    for roster in &document.rosters {
        add("roster", &roster.name, serde_json::to_value(roster));
    }
    for check in &document.checks {
        add("check", &check.name, serde_json::to_value(check));
    }
    let texts = serde_json::json!({
        "title": document.title, "address_form": document.address_form,
    });
    add("form", &document.name, Ok(texts));
    found
}

/// Every plain value in a part, by the way to it and the property it is of: that
/// which is nearest, of a text the one that has it in each language.
fn flatten(
    value: &Value,
    way: &str,
    property: &str,
    found: &mut BTreeMap<(String, String), String>,
) {
    match value {
        Value::Object(members) => {
            let is_text = !members.contains_key("type") && members.values().all(Value::is_string);
            for (key, inner) in members.iter().filter(|(key, _)| !ASIDE.contains(&key.as_str())) {
                let own = match key.as_str() {
                    _ if is_text && !property.is_empty() => property,
                    "type" => "kind",
                    key => key,
                };
                flatten(inner, &format!("{way}.{key}"), own, found);
            }
        }
        Value::Array(values) => {
            let count = values.len().to_string();
            found.insert((format!("{way}.count"), property.to_owned()), count);
            for (place, inner) in values.iter().enumerate() {
                flatten(inner, &format!("{way}.{place}"), property, found);
            }
        }
        Value::Null => {}
        plain => {
            let text = plain.as_str().map_or_else(|| plain.to_string(), str::to_owned);
            found.insert((way.to_owned(), property.to_owned()), text);
        }
    }
}

fn members(roster: &Roster, became: &Roster, found: &mut Differences) {
    compare(&roster.name, &leaves(&roster.members), &leaves(&became.members), found);
    let words = |roster: &Roster| roster.label.0.values().next().cloned().unwrap_or_default();
    if words(roster) != words(became) {
        found.note("member-label", &roster.name, &words(roster), &words(became));
    }
}

fn compare(
    place: &str,
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
    found: &mut Differences,
) {
    let none = String::new();
    for what in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
        let [one, other] = [before, after].map(|all| all.get(what).unwrap_or(&none));
        if one != other {
            found.note(what, place, one, other);
        }
    }
}

/// The plain values in something, by their keys.
fn leaves(of: &impl serde::Serialize) -> BTreeMap<String, String> {
    fn collect(value: &Value, key: &str, found: &mut BTreeMap<String, String>) {
        match value {
            Value::Object(parts) => {
                for (key, part) in
                    parts.iter().filter(|(key, _)| !OTHERWISE.contains(&key.as_str()))
                {
                    collect(part, key, found);
                }
            }
            Value::Array(_) | Value::Null => {}
            Value::String(text) => {
                found.insert(key.to_owned(), text.clone());
            }
            other => {
                found.insert(key.to_owned(), other.to_string());
            }
        }
    }
    let mut found = BTreeMap::new();
    if let Ok(value) = serde_json::to_value(of) {
        collect(&value, "", &mut found);
    }
    found
}

/// One problem for each sort of difference, but for what was told as left out.
fn tell(found: Differences, lost: &[Finding]) -> Vec<Finding> {
    let is_told = |what: &str, place: &str| {
        lost.iter().any(|finding| {
            let role = finding.problem.argument("what");
            // Of a question that is left out nothing more is told.
            finding.problem.place.as_text() == Some(place)
                && (role == Some(&said(what)) || what == "question")
        })
    };
    let mut told = Vec::new();
    for (what, mut places) in found.0 {
        places.retain(|(place, ..)| !is_told(&what, place) && !is_told("members", place));
        let Some((_, before, after)) = places.first().cloned() else { continue };
        let first = first_places(places.iter().map(|(place, ..)| place.as_str()));
        let problem = Problem::new("export_changed", first)
            .with("what", said(&what))
            .with("count", places.len())
            .with("before", before)
            .with("after", after);
        told.push(Finding { severity: Severity::Warning, problem });
    }
    told
}
