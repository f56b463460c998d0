//! A form that was written is read again, and what became another is told: codes
//! that a form cannot have, formats and limits that it does not know, what
//! members are called. What was told as left out is not told twice, and what a
//! form says in other words (conditions) is tried in its own program instead.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use survey_builder::problem::{Finding, Problem, Severity, first_places};
use survey_builder::questionnaire::document::{Document, Question, Roster};

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
    let after: BTreeMap<&str, &Question> =
        again.questions().map(|question| (question.name.as_str(), question)).collect();
    let mut lists = BTreeSet::new();
    for question in document.questions() {
        if let Some(became) = after.get(question.name.as_str()) {
            kinds(question, became, &mut found);
            if question.kind.list().is_some_and(|list| lists.insert(list.to_owned())) {
                codes(document, &again, question, became, &mut found);
            }
        }
    }
    for roster in &document.rosters {
        if let Some(became) = again.rosters.iter().find(|one| one.name == roster.name) {
            members(roster, became, &mut found);
        }
    }
    tell(found, &written.problems)
}

/// The codes of the options of a question, in their order.
fn codes(
    document: &Document,
    again: &Document,
    question: &Question,
    became: &Question,
    found: &mut Differences,
) {
    let options = |document: &Document, question: &Question| -> Vec<String> {
        let list = question.kind.list().and_then(|list| document.list(list));
        list.into_iter().flat_map(|list| &list.options).map(|one| one.code.clone()).collect()
    };
    let (before, after) = (options(document, question), options(again, became));
    for (one, other) in before.iter().zip(&after).filter(|(one, other)| one != other) {
        found.note("code", question.kind.list().unwrap_or_default(), one, other);
    }
}

/// What a kind of question says of its answers.
fn kinds(question: &Question, became: &Question, found: &mut Differences) {
    if question.kind.name() != became.kind.name() {
        found.note("kind", &question.name, question.kind.name(), became.kind.name());
        return;
    }
    compare(&question.name, &leaves(&question.kind), &leaves(&became.kind), found);
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
            finding.problem.place.as_text() == Some(place) && role == Some(&said(what))
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
