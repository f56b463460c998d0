//! What is written is read again: every question, list, section and roster of every
//! questionnaire is the same afterwards, or the export told that it is not.

mod importing;

use std::collections::{BTreeMap, BTreeSet};

use exchange::questionnaire::{Finding, Format, import};
use exchange::{xform, xlsform};
use serde_json::Value;
use survey_builder::problem::Argument;
use survey_builder::questionnaire::document::Document;

/// Of the workbooks that are read, how many must come back as they were.
const BAR: usize = 25;

/// Properties that say a condition, in the words of another language: what they mean is
/// compared by asking (see `engines.rs`).
const FORMULAS: [&str; 9] = [
    "relevant",
    "expression",
    "filter",
    "required_when",
    "default",
    "total",
    "eligible",
    "each",
    "members",
];

/// Each part of a document by its name, without what is inside of other parts.
fn parts(document: &Document) -> BTreeMap<String, Value> {
    let whole = importing::bare(serde_json::to_value(document).expect("json"));
    let mut found = BTreeMap::new();
    collect(&whole, &mut found);
    found
}

fn collect(value: &Value, found: &mut BTreeMap<String, Value>) {
    match value {
        Value::Array(values) => values.iter().for_each(|one| collect(one, found)),
        Value::Object(members) => {
            if let Some(Value::String(name)) = members.get("name") {
                let mut own = members.clone();
                // Things of different sorts may be called alike.
                let sorts = ["kind", "blocks", "questions", "options", "members"];
                let sort = sorts.iter().find(|sort| own.contains_key(**sort)).unwrap_or(&"");
                for inside in ["sections", "blocks", "questions", "lists", "rosters", "checks"] {
                    own.remove(inside);
                }
                let is_question = *sort == "kind";
                found.insert(format!("{sort} {name}"), Value::Object(own));
                // What is inside a question is compared with it.
                if is_question {
                    return;
                }
            }
            members.values().for_each(|one| collect(one, found));
        }
        _ => {}
    }
}

/// The properties in which two parts differ, conditions left out.
fn differing(before: &Value, after: &Value, key: &str, found: &mut BTreeSet<String>) {
    match (before, after) {
        (Value::Object(one), Value::Object(other)) => {
            for key in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
                if !FORMULAS.contains(&key.as_str()) {
                    let [one, other] = [one, other].map(|all| all.get(key).unwrap_or(&Value::Null));
                    differing(one, other, key, found);
                }
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            one.iter().zip(other).for_each(|(one, other)| differing(one, other, key, found));
        }
        (one, other) if one != other => {
            found.insert(key.to_owned());
        }
        _ => {}
    }
}

/// What differs and was told neither at its place nor, with a count that holds it, for
/// its property.
fn untold(before: &Document, after: &Document, problems: &[Finding]) -> Vec<String> {
    let (before, after) = (parts(before), parts(after));
    let mut all: Vec<(String, String)> = Vec::new();
    for (sorted, part) in &before {
        let (sort, name) = sorted.split_once(' ').unwrap_or_default();
        let mut found = BTreeSet::new();
        match after.get(sorted) {
            Some(other) => differing(part, other, "", &mut found),
            None => {
                let gone = match sort {
                    "blocks" => "section",
                    "questions" => "page",
                    "options" => "list",
                    "members" => "roster",
                    _ => "question",
                };
                found.insert(gone.to_owned());
            }
        }
        all.extend(found.into_iter().map(|key| (name.to_owned(), key)));
    }
    let words = |text: &str| -> Vec<String> {
        let parts = text.split(|next: char| !next.is_alphanumeric() && !"_-.".contains(next));
        parts.map(str::to_owned).collect()
    };
    let told: Vec<(Vec<String>, usize)> = problems
        .iter()
        .map(|one| {
            let count = one.problem.argument("count").and_then(|count| match count {
                Argument::Number(count) => count.to_string().parse().ok(),
                _ => None,
            });
            (words(&one.problem.to_string()), count.unwrap_or(0))
        })
        .collect();
    let is_told = |(name, key): &&(String, String)| {
        let is_named = |name: &String| told.iter().any(|(words, _)| words.contains(name));
        let alike = all.iter().filter(|(name, other)| other == key && !is_named(name)).count();
        let key = if key == "type" { "kind" } else { key };
        let words_of_key = [key.to_owned(), format!("phrase-role-{key}")];
        let counted = |(words, count): &(Vec<String>, usize)| {
            *count >= alike && words_of_key.iter().any(|one| words.contains(one))
        };
        is_named(name) || told.iter().any(counted)
    };
    let untold = all.iter().filter(|one| !is_told(one));
    untold.map(|(name, key)| format!("{name}: {key}")).collect()
}

#[test]
fn what_comes_back_otherwise_is_told() {
    let mut lost = Vec::new();
    let [mut books, mut same] = [0, 0];
    for (name, bytes) in importing::files() {
        let reading = import(&[(&name, &bytes)]);
        let Some(document) = reading.document else { continue };
        let (workbook, problems) = xlsform::export_workbook(&document).expect("a workbook");
        let again = import(&[("again.xlsx", &workbook)]);
        let Some(again) = again.document else {
            lost.push(format!("{name}: refused: {:?}", again.problems));
            continue;
        };
        let untold = untold(&document, &again, &problems);
        lost.extend(untold.into_iter().map(|what| format!("{name}: {what}")));
        let is_book = name.contains(".xls") && reading.format == Some(Format::Xlsform);
        if is_book {
            let [one, other] = [&document, &again]
                .map(|one| importing::bare(serde_json::to_value(one).expect("json")));
            books += 1;
            same += usize::from(one == other);
            if one != other {
                println!("otherwise: {name}: {:?}", problems.len());
            }
        }
    }
    println!("{same} of {books} workbooks come back as they were");
    println!("{} differences that nobody told\n{}", lost.len(), lost.join("\n"));
    assert!(lost.is_empty());
    assert!(books == 0 || same >= BAR, "{same} of {books}");
}

#[test]
fn the_version_of_a_form_goes_with_it() {
    let form = b"| survey | | | |\n| | type | name | label |\n| | text | a | A |\n\
                 | settings | | |\n| | form_id | version |\n| | f | 2026-3 |\n";
    let document = importing::document(form);
    let version = |document: &Document| {
        let kept = document.remarks.iter().find(|one| one.role == "version");
        kept.map(|one| one.original.clone())
    };
    assert_eq!(version(&document).as_deref(), Some("2026-3"));
    let (workbook, _) = xlsform::export_workbook(&document).expect("a workbook");
    assert_eq!(version(&importing::document(&workbook)).as_deref(), Some("2026-3"));
    let (written, _) = xform::export(&document);
    assert!(written.contains("version=\"2026-3\""), "{written}");
    assert_eq!(version(&importing::document(written.as_bytes())).as_deref(), Some("2026-3"));
}
