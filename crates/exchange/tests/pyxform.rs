//! Forms of the reference set as pyxform reads them: the same questions, the
//! same options, the same languages. What differs is named in
//! `docs/IMPORTS.md`.
//!
//! `SONDAGE_PYXFORM` is the Python that has the package.

mod importing;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use survey_builder::questionnaire::document::{Document, Question};

/// What pyxform made of a form, or why it made nothing.
#[derive(Deserialize)]
struct Theirs {
    error: Option<String>,
    #[serde(default)]
    names: BTreeSet<String>,
    #[serde(default)]
    choices: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    languages: BTreeSet<String>,
}

/// The names of everything in a document that a form would have a row for.
fn names(document: &Document) -> BTreeSet<String> {
    let items = document.questions().flat_map(Question::items).map(|item| item.name.to_string());
    items.chain(document.questions().map(|question| question.name.clone())).collect()
}

/// What differs, in words; nothing if nothing does.
fn differences(document: &Document, theirs: &Theirs) -> Vec<String> {
    let mut found = Vec::new();
    let ours = names(document);
    let missing: Vec<&str> =
        theirs.names.iter().filter(|name| !ours.contains(*name)).map(String::as_str).collect();
    if !missing.is_empty() {
        found.push(format!("questions only there: {}", missing.join(", ")));
    }
    for list in &document.lists {
        let codes: Vec<&str> = list.options.iter().map(|option| option.code.as_str()).collect();
        match theirs.choices.get(&list.name) {
            Some(known) if *known == codes => {}
            Some(known) => found.push(format!(
                "list {}: {} options there, {} here",
                list.name,
                known.len(),
                codes.len()
            )),
            None => found.push(format!("list {} only here", list.name)),
        }
    }
    // A form without translations has no language there.
    let ours = document.languages.len();
    if !theirs.languages.is_empty() && theirs.languages.len() != ours {
        found.push(format!("{} languages there, {ours} here", theirs.languages.len()));
    }
    found
}

#[test]
fn pyxform_reads_the_same_forms() {
    let Some(files) = importing::pyxform_forms() else { return };
    let paths: Vec<_> = files.iter().map(|(_, path, _)| path.clone()).collect();
    let said: Vec<Theirs> = importing::pyxform(&paths)
        .into_iter()
        .map(|one| serde_json::from_value(one).expect("an answer"))
        .collect();
    assert_eq!(said.len(), files.len(), "an answer a file");
    let (mut same, mut both_refuse) = (0, 0);
    let mut told = String::new();
    for ((name, _, ours), theirs) in files.iter().zip(&said) {
        let lines = match (&ours.document, &theirs.error) {
            (None, Some(_)) => {
                both_refuse += 1;
                continue;
            }
            (None, None) => vec!["refused here only".to_owned()],
            (Some(_), Some(error)) => {
                let first = error.lines().next().unwrap_or_default();
                vec![format!("refused there only ({first})")]
            }
            (Some(document), None) => differences(document, theirs),
        };
        if lines.is_empty() {
            same += 1;
        } else {
            told.push_str(&format!("- {name}: {}.\n", lines.join("; ")));
        }
    }
    let counts = format!(
        "{} forms: {same} the same, {both_refuse} refused by both, {} with differences.",
        files.len(),
        files.len() - same - both_refuse
    );
    println!("pyxform: {counts}");
    importing::documented("pyxform", &format!("{counts}\n\n{told}"));
}
