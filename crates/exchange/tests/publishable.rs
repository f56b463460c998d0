//! What is imported can be published: of the reference questionnaires that are
//! read, how many as they come, and of which the reasons against it are known.

mod importing;

use std::collections::BTreeMap;

use exchange::questionnaire::{Format, Reading, import};
use survey_builder::questionnaire::publish::publish;
use survey_builder::questionnaire::repair::repair;

/// How many of those that are read must be publishable, and of those in several
/// languages.
const BAR: usize = 117;
const BAR_OF_SEVERAL_LANGUAGES: usize = 10;

/// Those that cannot be: what an author must put right there, by the code of the
/// reason.
const KNOWN: [(&str, &[&str]); 2] = [
    // Values drawn by chance and nothing else.
    ("collect/random.xml", &["no-questions"]),
    // Two notes and a look-up in another file: nobody is asked anything.
    ("pyxform/pull_data.xlsx", &["no-questions"]),
];

/// The questionnaires of the reference set that are read.
fn read() -> Option<Vec<(String, Reading)>> {
    let root = std::env::var_os("SONDAGE_REFERENCE")?;
    let root = std::path::PathBuf::from(root).join("questionnaires");
    let files = importing::files().into_iter().filter(|(name, _)| root.join(name).is_file());
    let readings = files.map(|(name, bytes)| {
        let reading = import(&[(&name, &bytes)]);
        (name, reading)
    });
    Some(readings.filter(|(_, reading)| reading.document.is_some()).collect())
}

#[test]
fn what_is_read_can_be_published() {
    let Some(readings) = read() else {
        println!("skipped: SONDAGE_REFERENCE is not set");
        return;
    };
    let mut reasons: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let [mut fit, mut several, mut several_fit] = [0; 3];
    for (name, reading) in &readings {
        let mut codes: Vec<String> =
            reading.obstacles().into_iter().map(|one| one.problem.code).collect();
        codes.sort();
        codes.dedup();
        let languages = reading.document.as_ref().map_or(0, |one| one.languages.len());
        fit += usize::from(codes.is_empty());
        several += usize::from(languages > 1);
        several_fit += usize::from(languages > 1 && codes.is_empty());
        if !codes.is_empty() {
            reasons.insert(name.clone(), codes);
        }
    }
    println!(
        "{fit} of {} can be published as they come, {several_fit} of {several} in several languages",
        readings.len()
    );
    let known = KNOWN.iter().map(|(name, codes)| {
        ((*name).to_owned(), codes.iter().map(|code| (*code).to_owned()).collect())
    });
    assert_eq!(reasons, known.collect());
    assert!(fit >= BAR && several_fit >= BAR_OF_SEVERAL_LANGUAGES, "{fit}, {several_fit}");
}

/// What cannot be published, repaired: which files become publishable, by how many
/// changes, and what stands against the others.
#[test]
fn what_cannot_be_published_is_repaired() {
    let Some(readings) = read() else {
        println!("skipped: SONDAGE_REFERENCE is not set");
        return;
    };
    let [mut unfit, mut repaired, mut changes] = [0; 3];
    let mut lines = Vec::new();
    for (name, reading) in readings.iter().filter(|(_, reading)| !reading.obstacles().is_empty()) {
        let document = reading.document.as_ref().expect("looked at before");
        let found = repair(document);
        unfit += 1;
        let mut sorts: BTreeMap<&str, usize> = BTreeMap::new();
        for change in &found.changes {
            *sorts.entry(change.code.as_str()).or_default() += 1;
        }
        let sorts: Vec<String> =
            sorts.into_iter().map(|(code, count)| format!("{code} {count}")).collect();
        let sorts = if sorts.is_empty() { "no change".to_owned() } else { sorts.join(", ") };
        if found.left.is_empty() {
            repaired += 1;
            changes += found.changes.len();
            publish(found.document).unwrap_or_else(|left| panic!("{name}: {left:?}"));
            lines.push(format!("- {name}: {sorts}.\n"));
        } else {
            let left: Vec<&str> = found.left.iter().map(|one| one.problem.code.as_str()).collect();
            lines.push(format!("- {name}: {sorts}; left: {}.\n", left.join(", ")));
        }
    }
    let counts = format!(
        "{unfit} of {} that are read cannot be published; {repaired} can be after {changes} changes.\n\n",
        readings.len()
    );
    println!("{counts}{}", lines.concat());
    importing::documented("repaired", &(counts + &lines.concat()));
}

#[test]
fn no_language_is_left_without_a_name() {
    for (name, reading) in read().unwrap_or_default() {
        let document = reading.document.expect("looked at before");
        let codes: Vec<&str> = document.languages.iter().map(|one| one.code.as_str()).collect();
        assert!(!codes.contains(&"und"), "{name}: {codes:?}");
        assert!(codes.contains(&document.default_language.as_str()), "{name}: {codes:?}");
    }
}

/// What a reader told as left out is in the document, so that a builder can list
/// it.
#[test]
fn what_is_settled_is_marked_in_the_document() {
    for (name, reading) in read().unwrap_or_default() {
        if reading.format == Some(Format::Document) {
            continue;
        }
        let document = reading.document.expect("looked at before");
        let told = |code: &str| reading.problems.iter().any(|one| one.problem.code == code);
        let marked = |role: &str| document.remarks.iter().any(|one| one.role == role);
        for (code, role) in [
            ("import_language", "language"),
            ("import_language_unknown", "language"),
            ("untranslated_some", "translation"),
            ("import_default_text", "translation"),
            ("import_without_text", "text"),
            ("import_message", "message"),
            ("import_member_value_left_out", "value"),
            ("import_member_value", "value"),
            ("import_renamed", "name"),
        ] {
            assert_eq!(told(code), told(code) && marked(role), "{name}: {code}");
        }
    }
}
