//! `sondage questionnaire`: reads, checks, compares and tries out
//! questionnaire files, without a database.

use std::path::Path;

use fielding::questionnaire_file::{self, Reading};
use fielding::store::Instant;
use fielding::{Error, Problem, locale, study};
use serde_json::json;
use survey_builder::questionnaire::difference::Difference;
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::dry_run::{DryRun, dry_run};
use survey_builder::questionnaire::review::{Severity, estimated_minutes, review};
use survey_builder::questionnaire::summary::Summary;
use survey_builder::questionnaire::version::Version;

use crate::arguments::QuestionnaireCommand;
use crate::terminal::Failure;

/// Runs the subcommand and prints what it found.
///
/// # Errors
///
/// A file that cannot be read or is refused, a questionnaire that cannot be
/// published where it must be.
pub fn run(command: &QuestionnaireCommand, language: &str) -> Result<(), Failure> {
    match command {
        QuestionnaireCommand::Check { file } => check(file, language),
        QuestionnaireCommand::Export { file } => {
            print(&as_json(file, &read(file)?.document().map_err(Error::Invalid)?)?);
            Ok(())
        }
        QuestionnaireCommand::Import { file, json } => import(file, *json),
        QuestionnaireCommand::Diff { before, after, json } => diff(before, after, *json),
        QuestionnaireCommand::DryRun { file, respondents, seed, json } => {
            try_out(file, *respondents, *seed, *json)
        }
    }
}

fn check(file: &Path, language: &str) -> Result<(), Failure> {
    let reading = read(file)?;
    tell_warnings(&reading.warnings);
    let document = reading.document().map_err(Error::Invalid)?;
    for finding in review(&document) {
        if finding.severity == Severity::Warning {
            eprintln!("warning: {finding}");
        }
    }
    let questions = document.question_count().to_string();
    let version = study::publish_document(document).map_err(Error::Invalid)?;
    let arguments = [("questions", questions.as_str()), ("hash", version.hash.as_str())];
    print(&locale::text(language, "cli-publishable", &arguments));
    Ok(())
}

fn import(file: &Path, machine: bool) -> Result<(), Failure> {
    let reading = read(file)?;
    let summary = reading.document.as_ref().map(Summary::of);
    if machine {
        print(&as_json(file, &report(&reading, summary.as_ref()))?);
    } else {
        tell_warnings(&reading.warnings);
        if let Some(summary) = &summary {
            print(&lines(&reading, summary));
        }
    }
    match reading.document {
        Some(_) => Ok(()),
        // The report told why already.
        None if machine => Err(Failure::Refused),
        None => Err(Error::Invalid(reading.errors).into()),
    }
}

fn report(reading: &Reading, summary: Option<&Summary>) -> serde_json::Value {
    let problem = |severity: &'static str| {
        move |problem: &Problem| {
            json!({
                "severity": severity,
                "place": problem.place,
                "code": problem.code,
                "message": problem.english,
            })
        }
    };
    let problems: Vec<serde_json::Value> = (reading.errors.iter().map(problem("error")))
        .chain(reading.warnings.iter().map(problem("warning")))
        .collect();
    let outcome = match (&reading.document, reading.warnings.is_empty()) {
        (None, _) => "refused",
        (Some(_), true) => "whole",
        (Some(_), false) => "with notes",
    };
    json!({
        "format": reading.format,
        "outcome": outcome,
        "summary": summary,
        "problems": problems,
    })
}

fn lines(reading: &Reading, summary: &Summary) -> String {
    let kinds: Vec<String> =
        summary.questions.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    format!(
        "{}: {} questions ({}), {} options in {} lists, {} sections, {} rosters, {} conditions, \
         languages {}; {} warnings, {} remarks",
        reading.format,
        summary.all_questions(),
        kinds.join(", "),
        summary.options,
        summary.lists,
        summary.sections,
        summary.rosters,
        summary.conditions,
        summary.languages.join(", "),
        reading.warnings.len(),
        summary.remarks,
    )
}

fn diff(before: &Path, after: &Path, machine: bool) -> Result<(), Failure> {
    let document = |file: &Path| -> Result<Document, Failure> {
        Ok(read(file)?.document().map_err(Error::Invalid)?)
    };
    let difference = Difference::between(&document(before)?, &document(after)?);
    if machine {
        print(&as_json(after, &difference)?);
        return Ok(());
    }
    for change in &difference.changes {
        print(&change.to_string());
    }
    let weight = difference.weight().map_or("nothing changed", |weight| weight.name());
    print(&format!("{} changes: {weight}", difference.changes.len()));
    Ok(())
}

fn try_out(file: &Path, respondents: u32, seed: u64, machine: bool) -> Result<(), Failure> {
    let document = read(file)?.document().map_err(Error::Invalid)?;
    let language = document.default_language.clone();
    let minutes = estimated_minutes(&document, &language);
    let version = study::publish_document(document).map_err(Error::Invalid)?;
    let run = dry_run(&version, respondents, seed, Instant::now().day());
    if machine {
        print(&as_json(file, &json!({ "minutes": minutes, "run": run }))?);
    } else {
        print(&told(&version, &run, minutes));
    }
    Ok(())
}

fn told(version: &Version, run: &DryRun, minutes: f64) -> String {
    let [least, lower, middle, upper, most] = run.lengths;
    let mut lines = vec![
        format!("{} respondents, version {}", run.respondents, &version.hash[..12]),
        format!(
            "finished {}, refused {}, screened out {}, stuck {}",
            run.finished,
            run.refused,
            run.screened_out,
            run.stuck.values().sum::<u32>()
        ),
        format!(
            "questions asked: {least} {lower} {middle} {upper} {most} (least, quartiles, most)"
        ),
        format!("estimated reading and answering: {minutes:.1} minutes"),
    ];
    lines.extend(run.stuck.iter().map(|(page, count)| format!("stuck at {page}: {count}")));
    lines.extend(run.never_asked.iter().map(|question| format!("never asked: {question}")));
    lines.extend(
        run.never_offered
            .iter()
            .map(|(question, code)| format!("never offered: {question} {code}")),
    );
    for (item, codes) in &run.rejections {
        let codes: Vec<String> =
            codes.iter().map(|(code, count)| format!("{code} {count}")).collect();
        let rate = run.rejection_rate(item) * 100.0;
        lines.push(format!("refused answers to {item}: {rate:.0}% ({})", codes.join(", ")));
    }
    lines.join("\n")
}

fn tell_warnings(warnings: &[Problem]) {
    for warning in warnings {
        eprintln!("warning: {warning}");
    }
}

/// Prints a text; a closed pipe is no reason to fail.
fn print(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn as_json(file: &Path, value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map_err(|error| Failure::File {
        file: file.display().to_string(),
        reason: error.to_string(),
    })
}

fn read(path: &Path) -> Result<Reading, Failure> {
    let sheets = read_sheets(path)?;
    let files: Vec<(&str, &[u8])> =
        sheets.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    Ok(questionnaire_file::read(&files))
}

fn read_sheets(path: &Path) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let failure = |path: &Path, error: std::io::Error| Failure::File {
        file: path.display().to_string(),
        reason: error.to_string(),
    };
    let mut files = Vec::new();
    if path.is_dir() {
        for entry in std::fs::read_dir(path).map_err(|error| failure(path, error))? {
            let entry = entry.map_err(|error| failure(path, error))?.path();
            if entry.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv")) {
                files.push(entry);
            }
        }
        files.sort();
    } else {
        files.push(path.to_path_buf());
    }
    files
        .into_iter()
        .map(|file| {
            let bytes = std::fs::read(&file).map_err(|error| failure(&file, error))?;
            let name = file
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default();
            Ok((name, bytes))
        })
        .collect()
}
