//! Every questionnaire of the reference set, from every system: what is read
//! of it, against what stands in it; and that whatever is read can be written
//! again.
//!
//! The expectations are in `fixtures/imports/expected.json`. How each was
//! compared with the file's own system stands in `docs/TESTING.md`. They are
//! written anew with `SONDAGE_BLESS=1`.

mod importing;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use exchange::questionnaire::{Reading, import};
use exchange::{xform, xlsform};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use survey_builder::questionnaire::summary::Summary;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Outcome {
    format: String,
    /// Whole, with notes, or refused.
    came: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    summary: Option<Summary>,
    /// How often each problem is told.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    problems: BTreeMap<String, usize>,
}

fn outcome(reading: &Reading) -> Outcome {
    let mut problems = BTreeMap::new();
    for problem in &reading.problems {
        *problems.entry(problem.problem.code.clone()).or_default() += 1;
    }
    let outcome = match (&reading.document, reading.problems.is_empty()) {
        (None, _) => "refused",
        (Some(_), true) => "whole",
        (Some(_), false) => "with notes",
    };
    Outcome {
        format: reading.format.map_or("", exchange::questionnaire::Format::name).to_owned(),
        came: outcome.to_owned(),
        summary: reading.document.as_ref().map(Summary::of),
        problems,
    }
}

/// The reference questionnaires, or `None` where they are not.
fn reference() -> Option<Vec<(String, PathBuf)>> {
    let Some(root) = std::env::var_os("SONDAGE_REFERENCE") else {
        println!("skipped: SONDAGE_REFERENCE is not set");
        return None;
    };
    let root = Path::new(&root).join("questionnaires");
    let mut found = Vec::new();
    for folder in std::fs::read_dir(&root).expect("the reference set") {
        let folder = folder.expect("an entry").path();
        if !folder.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(&folder).expect("a folder") {
            let file = file.expect("an entry").path();
            let name = file.strip_prefix(&root).expect("inside").to_string_lossy().into_owned();
            found.push((name, file));
        }
    }
    found.sort();
    Some(found)
}

fn read(name: &str, path: &Path) -> Reading {
    let bytes = std::fs::read(path).expect("a file");
    import(&[(name, &bytes)])
}

#[test]
fn every_reference_questionnaire_is_read_as_expected() {
    let Some(files) = reference() else { return };
    let expected = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/imports/expected.json");
    let found: BTreeMap<String, Outcome> =
        files.iter().map(|(name, path)| (name.clone(), outcome(&read(name, path)))).collect();
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for outcome in found.values() {
        *counts.entry((outcome.format.clone(), outcome.came.clone())).or_default() += 1;
    }
    for ((format, outcome), count) in &counts {
        println!("{format:>12} {outcome:<10} {count}");
    }
    let mut table = String::from(
        "| file | system | came | questions | options | languages | rosters | conditions | \
         remarks | told |\n|---|---|---|---|---|---|---|---|---|---|\n",
    );
    table.extend(found.iter().map(|(name, outcome)| row(name, outcome)));
    importing::documented("outcomes", &table);
    if std::env::var_os("SONDAGE_BLESS").is_some() {
        let json = serde_json::to_string_pretty(&found).expect("json");
        std::fs::write(expected, json + "\n").expect("written");
        return;
    }
    let expected = std::fs::read_to_string(expected).expect("the expectations");
    let expected: BTreeMap<String, Outcome> = serde_json::from_str(&expected).expect("json");
    let differing: Vec<String> = found
        .iter()
        .filter(|(name, outcome)| expected.get(*name).is_some_and(|known| known != *outcome))
        .map(|(name, outcome)| format!("{name}:\n  {outcome:?}\n  {:?}", expected[name]))
        .collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    let missing: Vec<&String> = expected.keys().filter(|name| !found.contains_key(*name)).collect();
    assert!(missing.is_empty(), "not there: {missing:?}");
}

/// A row of the table of outcomes.
fn row(name: &str, outcome: &Outcome) -> String {
    let notes: usize = outcome.problems.values().sum();
    let counts = outcome.summary.as_ref().map_or_else(
        || " | | | | | ".to_owned(),
        |summary| {
            format!(
                " {} | {} | {} | {} | {} | {} ",
                summary.all_questions(),
                summary.options,
                summary.languages.join(" "),
                summary.rosters,
                summary.conditions,
                summary.remarks
            )
        },
    );
    let notes = if notes == 0 { String::new() } else { notes.to_string() };
    format!("| {name} | {} | {} |{counts}| {notes} |\n", outcome.format, outcome.came)
}

#[test]
fn what_is_read_is_written_as_a_form_and_read_again() {
    let Some(files) = reference() else { return };
    let (mut written, mut same) = (0, 0);
    let mut changed = Vec::new();
    for (name, path) in &files {
        let reading = read(name, path);
        let of_form = reading.format.is_some_and(|format| format.name() == "xlsform");
        let Some(document) = reading.document else { continue };
        let (bytes, _) = xlsform::export_workbook(&document).expect("a workbook");
        let (form, _) = xform::export(&document);
        roxmltree::Document::parse(&form).unwrap_or_else(|error| panic!("{name}: {error}"));
        let again = import(&[("form.xlsx", &bytes)]);
        let Some(again) = again.document else {
            panic!(
                "{name}: {:?}",
                again.problems.iter().map(ToString::to_string).collect::<Vec<_>>()
            );
        };
        written += 1;
        let json = |document| importing::bare(serde_json::to_value(document).expect("json"));
        if json(&document) == json(&again) {
            same += 1;
        } else if of_form {
            changed.push(name.clone());
        }
    }
    println!("{written} written as forms, {same} of them read again as they were");
    // Each of these says something that a form says otherwise, see docs/TESTING.md.
    let known = [
        "conjoint/Sample_form_-_Conjoint_Analysis.xlsx",
        "pyxform/UCL_Biomass_Plot_Form.xlsx",
        "pyxform/duplicate_columns.xlsx",
        "xform-test/ET-CRVS-KAP-Questionnaire-v11.1-jef.xlsx",
    ];
    let surprising: Vec<&String> =
        changed.iter().filter(|name| !known.contains(&name.as_str())).collect();
    assert!(surprising.is_empty(), "{surprising:?}");
}

/// ODK's own check of every form that is written; `SONDAGE_ODK_VALIDATE` names
/// its archive.
#[test]
fn odk_validate_accepts_every_form() {
    let Some(files) = reference() else { return };
    let Some(validate) = std::env::var_os("SONDAGE_ODK_VALIDATE") else {
        println!("skipped: SONDAGE_ODK_VALIDATE is not set");
        return;
    };
    let folder = std::env::temp_dir().join(format!("sondage-forms-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut command = std::process::Command::new("java");
    command.arg("-jar").arg(validate);
    let mut count = 0;
    for (name, path) in &files {
        let Some(document) = read(name, path).document else { continue };
        let form = folder.join(format!("{}.xml", name.replace(['/', ' '], "-")));
        std::fs::write(&form, xform::export(&document).0).expect("written");
        command.arg(form);
        count += 1;
    }
    let output = command.output().expect("java runs");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    std::fs::remove_dir_all(&folder).expect("removed");
    assert!(output.status.success(), "{}", said.split("failed validation").last().unwrap_or(""));
    println!("ODK Validate accepts {count} forms");
}

#[test]
fn damaged_reference_files_are_refused_and_never_break_the_reader() {
    let Some(files) = reference() else { return };
    for (name, path) in files {
        let bytes = std::fs::read(&path).expect("a file");
        for part in [1, 3, 7] {
            let cut = bytes.len() * part / 8;
            let _ = import(&[(&name, &bytes[..cut])]);
            let mut bent = bytes.clone();
            for place in (cut..bent.len()).step_by(997) {
                bent[place] = bent[place].wrapping_add(31);
            }
            let _ = import(&[(&name, &bent)]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = import(&[("file", &bytes)]);
    }

    #[test]
    fn no_text_that_begins_like_a_format_breaks_its_reader(
        start in prop::sample::select(vec![
            "{\"pages\":[{\"elements\":[", "{\"sections\":[{\"groups\":[", "{\"SurveyElements\":[",
            "[Dictionary]\nVersion=", "<?xml version=\"1.0\"?><document><LimeSurveyDocType>",
            "class\ttype/scale\tname\trelevance\ttext\n", "field_name,field_type,form_name\n",
            "<h xmlns=\"http://www.w3.org/2002/xforms\"><head><model><instance><d id=\"d\"><q/>",
            "| survey |\n| | type | name |\n", "type,name,label\n", "{\"survey\":[",
        ]),
        rest in ".{0,300}",
    ) {
        let _ = import(&[("file", format!("{start}{rest}").as_bytes())]);
    }
}
