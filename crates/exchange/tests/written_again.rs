//! What is written as an `XLSForm`, an `XForm` and a `SurveyJS` model is read again: every
//! question, list, section and roster of every questionnaire is the same afterwards, or the
//! export told that it is not.

mod importing;

use std::collections::{BTreeMap, BTreeSet};

use exchange::questionnaire::{Finding, Format, import};
use exchange::{surveyjs, xform, xlsform};
use serde_json::Value;
use survey_builder::problem::Argument;
use survey_builder::questionnaire::document::{Document, Language};

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

/// Each part of a document by its name, without what is inside of other parts; what
/// the document says of itself under no name.
fn parts(document: &Document) -> BTreeMap<String, Value> {
    let mut whole = importing::bare(serde_json::to_value(document).expect("json"));
    with_options(&mut whole, document);
    let mut found = BTreeMap::new();
    collect(&whole, &mut found);
    let own = found.remove(&format!(" {}", document.name)).unwrap_or_default();
    // The names of languages as one property.
    let named = |one: &Language| format!("{} ({})", one.name, one.code);
    let languages: Vec<String> = document.languages.iter().map(named).collect();
    let own = own.as_object().cloned().unwrap_or_default().into_iter();
    let own = own.filter(|(key, _)| ["title", "address_form"].contains(&key.as_str()));
    let own = own.chain([("language".to_owned(), serde_json::json!(languages.join(", ")))]);
    found.insert(" ".to_owned(), Value::Object(own.collect()));
    found
}

/// Options in the place of the names of lists, which not every format has.
fn with_options(value: &mut Value, document: &Document) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(list)) = members.get("list") {
                let options = document.list(list).map(|list| &list.options);
                members["list"] = importing::bare(serde_json::to_value(options).expect("json"));
            }
            members.values_mut().for_each(|inner| with_options(inner, document));
        }
        Value::Array(values) => values.iter_mut().for_each(|one| with_options(one, document)),
        _ => {}
    }
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
                // Lists are compared where they are offered.
                if *sort == "options" {
                    return;
                }
                let is_question = *sort == "kind";
                found.insert(format!("{sort} {name}"), Value::Object(own));
                // What is inside a question is compared with it.
                if is_question {
                    return;
                }
            }
            // Languages are compared with the document that has them.
            let inside = members.iter().filter(|(key, _)| *key != "languages");
            inside.for_each(|(_, one)| collect(one, found));
        }
        _ => {}
    }
}

/// The properties in which two parts differ, conditions left out.
fn differing(before: &Value, after: &Value, key: &str, found: &mut BTreeSet<String>) {
    match (before, after) {
        (Value::Object(one), Value::Object(other)) => {
            // A text is one property in all its languages.
            let is_text = |all: &serde_json::Map<String, Value>| {
                !all.contains_key("type") && all.values().all(Value::is_string)
            };
            let is_text = !key.is_empty() && is_text(one) && is_text(other);
            for part in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
                if !FORMULAS.contains(&part.as_str()) {
                    let [one, other] =
                        [one, other].map(|all| all.get(part).unwrap_or(&Value::Null));
                    differing(one, other, if is_text { key } else { part }, found);
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

/// The lists that a question offers.
fn offered(document: &Document, question: &str) -> BTreeSet<String> {
    fn names(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(list)) = members.get("list") {
                    found.insert(list.clone());
                }
                members.values().for_each(|inner| names(inner, found));
            }
            Value::Array(values) => values.iter().for_each(|inner| names(inner, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    for one in document.questions().filter(|one| one.name == question) {
        names(&serde_json::to_value(one).expect("json"), &mut found);
    }
    found
}

/// What differs and was told neither at its place nor, with a count that holds it, for
/// its property.
fn untold(document: &Document, after: &Document, problems: &[Finding]) -> Vec<String> {
    let (before, after) = (parts(document), parts(after));
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
                    "members" => "roster",
                    _ => "question",
                };
                found.insert(gone.to_owned());
            }
        }
        let name = if name.is_empty() { &document.name } else { name };
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
        let is_named = |name: &String| {
            let lists = offered(document, name);
            let says = |one: &String| told.iter().any(|(words, _)| words.contains(one));
            says(name) || lists.iter().any(says)
        };
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

/// Writes every questionnaire, reads it again and looks that every difference was told;
/// how many came back as they were is printed, and by which property the others differ.
fn come_back(format: &str, write: impl Fn(&Document) -> (Vec<u8>, Vec<Finding>)) {
    let mut lost = Vec::new();
    let [mut all, mut same, mut silent] = [0, 0, 0];
    let mut sorts: BTreeMap<String, usize> = BTreeMap::new();
    for (name, document) in importing::documents() {
        let (written, problems) = write(&document);
        let again = import(&[("again", &written)]);
        all += 1;
        let refused = problems.iter().any(|one| one.problem.code == "export_not_read_again");
        let Some(again) = again.document else {
            if !refused {
                lost.push(format!("{name}: refused: {:?}", again.problems));
            }
            continue;
        };
        let untold = untold(&document, &again, &problems);
        lost.extend(untold.into_iter().map(|what| format!("{name}: {what}")));
        silent += usize::from(problems.is_empty());
        same += usize::from(parts(&document) == parts(&again));
        for one in problems.iter().filter(|one| {
            one.problem.code.starts_with("export_") && one.problem.argument("count").is_some()
        }) {
            let what = one.problem.argument("what").map(ToString::to_string);
            *sorts.entry(what.unwrap_or_default()).or_default() += 1;
        }
    }
    println!("{format}: {same} of {all} come back as they were, {silent} with nothing to tell");
    println!("told of files, by what became another: {sorts:?}");
    println!("{} differences that nobody told\n{}", lost.len(), lost.join("\n"));
    assert!(lost.is_empty());
}

#[test]
fn what_comes_back_otherwise_from_an_xlsform_is_told() {
    come_back("XLSForm", |document| xlsform::export_workbook(document).expect("a workbook"));
}

#[test]
fn what_comes_back_otherwise_from_an_xform_is_told() {
    come_back("XForm", |document| {
        let (form, problems) = xform::export(document);
        (form.into_bytes(), problems)
    });
}

#[test]
fn what_comes_back_otherwise_from_a_surveyjs_model_is_told() {
    come_back("SurveyJS", |document| {
        let (model, problems) = surveyjs::export(document);
        (serde_json::to_vec(&model).expect("json"), problems)
    });
}

/// A workbook is written as it was read.
#[test]
fn workbooks_come_back_as_they_were() {
    let [mut books, mut same] = [0, 0];
    for (name, bytes) in importing::files().iter().filter(|(name, _)| name.contains(".xls")) {
        let reading = import(&[(name, bytes)]);
        let is_form = reading.format == Some(Format::Xlsform);
        let Some(document) = reading.document.filter(|_| is_form) else { continue };
        let (workbook, problems) = xlsform::export_workbook(&document).expect("a workbook");
        let again = importing::document(&workbook);
        let [one, other] = [&document, &again]
            .map(|one| importing::bare(serde_json::to_value(one).expect("json")));
        books += 1;
        same += usize::from(one == other);
        if one != other {
            println!("otherwise: {name}: {:?}", problems.len());
        }
    }
    println!("{same} of {books} workbooks come back as they were");
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
