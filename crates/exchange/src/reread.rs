//! A file that was written is read again, and every part, property and text that
//! became another is told: codes that the format cannot have, kinds and limits that it
//! does not know, what members are called, the version. What was told as left out is
//! not told twice, and what is said in other words (conditions) is tried in the
//! format's own program instead.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use survey_builder::problem::{Argument, Finding, Problem, Severity, first_places};
use survey_builder::questionnaire::document::{Document, Language, OptionList, Roster};

use crate::draft::{Read, role_in_words, version_of};
use crate::questionnaire::fallback::UNNAMED;

/// Parts of the members of a roster that are no property of theirs: names of other
/// things, texts, and what is written in other words.
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

/// What is told of a file that was written: that it cannot be read again, or what
/// became another. `lost` is what was told as left out.
pub(crate) fn what_changed(document: &Document, again: Read, lost: &[Finding]) -> Vec<Finding> {
    match again {
        Ok((again, _)) => differences(document, again, lost),
        Err(problems) => {
            let first = problems.into_iter().next().map(|one| one.problem).unwrap_or_default();
            let place = first.place.clone();
            let problem = Problem::new("export_not_read_again", place);
            let problem = problem.with("reason", first.into_phrase());
            vec![Finding { severity: Severity::Warning, problem }]
        }
    }
}

/// What the document that was read again says otherwise than the one that was written.
pub(crate) fn differences(
    document: &Document,
    mut again: Document,
    lost: &[Finding],
) -> Vec<Finding> {
    let mut found = Differences::default();
    same_language(document, &mut again);
    for roster in &document.rosters {
        if let Some(became) = again.rosters.iter().find(|one| one.name == roster.name) {
            members(roster, became, &mut found);
        }
    }
    everything_else(document, &again, &mut found);
    let version = |of| version_of(of).unwrap_or_default().to_owned();
    if version_of(document) != version_of(&again) {
        found.note("version", &document.name, &version(document), &version(&again));
    }
    tell(found, lost)
}

/// Texts without a language become texts of the usual one: told once, with the
/// languages of the document, and no text is another for it.
fn same_language(document: &Document, again: &mut Document) {
    let own = &document.default_language;
    let theirs = again.default_language.clone();
    if own != UNNAMED || theirs == *own || document.languages.iter().any(|one| one.code == theirs) {
        return;
    }
    again.each_text(|worded| {
        if let Some(words) = worded.text.0.remove(&theirs) {
            worded.text.0.insert(own.clone(), words);
        }
    });
    for language in again.languages.iter_mut().filter(|one| one.code == theirs) {
        language.code.clone_from(own);
    }
    again.default_language.clone_from(own);
}

/// What is written in the words of another language, or compared above, or says
/// nothing to anybody.
const ASIDE: [&str; 15] = [
    "id",
    "name",
    "list",
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
        match after.get(&(*sort, name.clone())) {
            Some(other) => properties(name, part, other, found),
            None => found.note(sort, name, name, ""),
        }
    }
    let of_form = [form(document), form(again)];
    properties(&document.name, &of_form[0], &of_form[1], found);
    lists(document, again, found);
}

/// The properties and texts in which two parts differ.
fn properties(place: &str, before: &Value, after: &Value, found: &mut Differences) {
    let mut flat = [BTreeMap::new(), BTreeMap::new()];
    for (value, flat) in [before, after].into_iter().zip(&mut flat) {
        flatten(value, "", "", flat);
    }
    let none = String::new();
    for key in flat[0].keys().chain(flat[1].keys()).collect::<BTreeSet<_>>() {
        let [one, other] = [&flat[0], &flat[1]].map(|all| all.get(key).unwrap_or(&none));
        if one != other {
            found.note(&key.1, place, one, other);
        }
    }
}

/// What a document says of itself.
fn form(document: &Document) -> Value {
    let named = |one: &Language| format!("{} ({})", one.name, one.code);
    let languages: Vec<String> = document.languages.iter().map(named).collect();
    serde_json::json!({
        "title": document.title,
        "address_form": document.address_form,
        "language": languages.join(", "),
    })
}

/// Everything in a document that has a name, by what it is; lists aside.
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
    for roster in &document.rosters {
        add("roster", &roster.name, serde_json::to_value(roster));
    }
    for check in &document.checks {
        add("check", &check.name, serde_json::to_value(check));
    }
    found
}

/// Lists are those that the same questions offer: some formats have no names for them.
/// One that no question offers is told as gone if none of its name is there.
fn lists(document: &Document, again: &Document, found: &mut Differences) {
    let mut became: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut missing = BTreeSet::new();
    let offered = |question| -> Vec<String> {
        let mut names = Vec::new();
        if let Ok(value) = serde_json::to_value(question) {
            list_names(&value, &mut names);
        }
        names
    };
    let after: BTreeMap<&str, Vec<String>> =
        again.questions().map(|one| (one.name.as_str(), offered(one))).collect();
    for question in document.questions() {
        let Some(theirs) = after.get(question.name.as_str()) else { continue };
        let own = offered(question);
        for (place, name) in own.iter().enumerate() {
            let Some(list) = document.list(name) else { continue };
            match theirs.get(place).filter(|_| theirs.len() == own.len()) {
                Some(other) => {
                    became.entry(&list.name).or_default().insert(other.clone());
                }
                None => {
                    missing.insert(list.name.as_str());
                }
            }
        }
    }
    for list in &document.lists {
        let own = again.list(&list.name);
        let others = became.get(list.name.as_str());
        let mut others: Vec<&OptionList> =
            others.into_iter().flatten().filter_map(|name| again.list(name)).collect();
        // Two questions of one list may have become two with the same options.
        others.dedup_by(|one, other| one.options == other.options);
        if others.is_empty() {
            others.extend(own);
        }
        if others.is_empty() || (missing.contains(list.name.as_str()) && own.is_none()) {
            found.note("list", &list.name, &list.name, "");
        }
        for other in others {
            if let (Ok(one), Ok(other)) = (serde_json::to_value(list), serde_json::to_value(other))
            {
                properties(&list.name, &one, &other, found);
            }
        }
    }
}

/// The lists that are offered in a question, in their order.
fn list_names(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, inner) in members {
                match inner {
                    Value::String(name) if key == "list" => names.push(name.clone()),
                    inner => list_names(inner, names),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|inner| list_names(inner, names)),
        _ => {}
    }
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

/// Whether something of that sort has a name of its own.
fn is_part(what: &str) -> bool {
    ["section", "page", "question", "list", "roster", "check"].contains(&what)
}

/// One problem for each sort of difference, but for what was told as left out.
fn tell(found: Differences, lost: &[Finding]) -> Vec<Finding> {
    let lost: Vec<(BTreeSet<&str>, Option<&Argument>)> = lost
        .iter()
        .map(|finding| {
            let places = finding.problem.place.as_text().unwrap_or_default().split(", ");
            (places.collect(), finding.problem.argument("what"))
        })
        .collect();
    let is_told = |what: &str, place: &str| {
        let role = role_in_words(what);
        lost.iter().any(|(places, told)| {
            // Of a question that is left out nothing more is told, nor that a part is
            // gone of which something was told as left out.
            places.contains(place) && (*told == Some(&role) || what == "question" || is_part(what))
        })
    };
    let mut told = Vec::new();
    for (what, mut places) in found.0 {
        places.retain(|(place, ..)| !is_told(&what, place) && !is_told("members", place));
        let Some((_, before, after)) = places.first().cloned() else { continue };
        let first = first_places(places.iter().map(|(place, ..)| place.as_str()));
        let problem = if is_part(&what) && after.is_empty() {
            Problem::new("export_gone", first)
        } else {
            Problem::new("export_changed", first).with("before", before).with("after", after)
        };
        let problem = problem.with("what", role_in_words(&what)).with("count", places.len());
        told.push(Finding { severity: Severity::Warning, problem });
    }
    told
}
