//! Forms of the reference set as pyxform reads them: the same questions, the
//! same options, the same languages. What differs is named in
//! `docs/IMPORTS.md`.
//!
//! `SONDAGE_PYXFORM` is the Python that has the package, `SONDAGE_PYXFORM_TESTS`
//! the folder that holds its own `tests` of the same version.

mod importing;

use std::collections::{BTreeMap, BTreeSet};

use exchange::questionnaire::{Severity, import};
use serde::Deserialize;
use survey_builder::questionnaire::document::{Document, Question};

/// What pyxform made of a form, or why it made nothing.
#[derive(Deserialize)]
struct Theirs {
    /// The test of pyxform's own that the form is from, and the form.
    #[serde(default)]
    test: String,
    #[serde(default)]
    text: String,
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

/// How many of a hundred forms in pyxform's own tests must come out alike.
const ALIKE: usize = 95;

/// The forms in pyxform's own tests, read where they are: each is read here where
/// it is there, with the same questions, lists and languages, and refused where it
/// is refused.
#[test]
fn the_makers_own_tests_come_out_alike() {
    let set = |name: &str| {
        let found = std::env::var_os(name);
        if found.is_none() {
            println!("skipped: {name} is not set");
        }
        found
    };
    let (Some(python), Some(tests)) = (set("SONDAGE_PYXFORM"), set("SONDAGE_PYXFORM_TESTS")) else {
        return;
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/engines/pyxform_tests.py");
    let output = std::process::Command::new(python).arg(script).arg(tests).output();
    let said = String::from_utf8(output.expect("python runs").stdout).expect("text");
    let all: Vec<Theirs> =
        said.lines().map(|line| serde_json::from_str(line).expect("json")).collect();
    let (mut same_verdict, mut differing) = (0, Vec::new());
    for theirs in &all {
        let ours = import(&[("form", theirs.text.as_bytes())]);
        let lines = match (&ours.document, &theirs.error) {
            (None, Some(_)) => Vec::new(),
            (None, None) => {
                let errors = ours.problems.iter().filter(|one| one.severity == Severity::Error);
                vec![format!(
                    "refused here only: {}",
                    errors.map(ToString::to_string).collect::<Vec<_>>().join("; ")
                )]
            }
            (Some(_), Some(error)) => {
                let first = error.lines().next().unwrap_or_default();
                vec![format!("refused there only: {first}")]
            }
            (Some(document), None) => differences(document, theirs),
        };
        same_verdict += usize::from(ours.document.is_some() == theirs.error.is_none());
        if !lines.is_empty() {
            differing.push(format!("{}: {}", theirs.test, lines.join("; ")));
        }
    }
    println!("{}", differing.join("\n"));
    println!(
        "pyxform's own tests: {} forms, {same_verdict} read or refused alike, {} with the same questions, lists and languages",
        all.len(),
        all.len() - differing.len()
    );
    assert!(same_verdict * 100 >= all.len() * ALIKE, "{same_verdict} of {}", all.len());
}
