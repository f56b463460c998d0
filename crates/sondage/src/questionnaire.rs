//! `sondage questionnaire`: reads, checks, compares and tries out
//! questionnaire files, without a database.

mod engine;
mod prove;
mod repair;

use std::io::IsTerminal as _;
use std::path::Path;

use fielding::acts::study;
use fielding::clock::Clock;
use fielding::files::questionnaire::{self as questionnaire_file, Reading, Target};
use fielding::store::Zone;
use fielding::{Error, Problem};
use locale::problem_text;
use pages::paper;
use serde_json::json;
use survey_builder::questionnaire::compile::compile_version;
use survey_builder::questionnaire::difference::{Difference, Weight};
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::dry_run::{DryRun, dry_run_telling};
use survey_builder::questionnaire::finding::Severity;
use survey_builder::questionnaire::repair::{Repaired, repair};
use survey_builder::questionnaire::review::{estimated_minutes, review};
use survey_builder::questionnaire::summary::Summary;
use survey_builder::questionnaire::version::Version;

use self::engine::{Bounds, Places};
use self::prove::Proof;
use crate::arguments::{ExportFormat, ImportArguments, QuestionnaireCommand};
use crate::output::{Output, Readers};
use crate::terminal::{Failure, Progress, print_error, print_line};

/// Runs the subcommand and prints what it found.
///
/// # Errors
///
/// A file that cannot be read or is refused, a questionnaire that cannot be
/// published where it must be.
pub fn run(command: &QuestionnaireCommand, language: &str) -> Result<(), Failure> {
    match command {
        QuestionnaireCommand::Check { file } => check(file, language),
        QuestionnaireCommand::Export { file, output, format, force } => {
            let output = output
                .as_deref()
                .map(|output| target(file, output, *format, *force))
                .transpose()?;
            export(file, output.as_ref(), *format, language)
        }
        QuestionnaireCommand::Import(arguments) => import(arguments, language),
        QuestionnaireCommand::Diff { before, after, json } => diff(before, after, *json, language),
        QuestionnaireCommand::DryRun { file, respondents, seed, json } => {
            try_out(file, *respondents, *seed, *json, language)
        }
    }
}

fn check(file: &Path, language: &str) -> Result<(), Failure> {
    let reading = read(file)?;
    tell_warnings(reading.warnings.iter().chain(&reading.notes).cloned(), language);
    let document = reading.document().map_err(Error::Invalid)?;
    let doubtful = review(&document).into_iter().filter(|one| one.severity == Severity::Warning);
    tell_warnings(doubtful.map(Problem::from), language);
    let questions = document.question_count().to_string();
    let version = study::publish_document(document).map_err(Error::Invalid)?;
    let arguments = [("questions", questions.as_str()), ("hash", version.hash.as_str())];
    print_line(&locale::text(language, "cli-publishable", &arguments));
    Ok(())
}

/// Where a document goes: a place that may be written, whose ending is that of the
/// format.
fn target(
    file: &Path,
    output: &Path,
    format: Option<ExportFormat>,
    force: bool,
) -> Result<Output, Failure> {
    let endings: &[&str] = match format {
        None => &["json", "xlsx", "xml", "html"],
        Some(ExportFormat::Document | ExportFormat::Surveyjs) => &["json"],
        Some(ExportFormat::Xlsform) => &["xlsx"],
        Some(ExportFormat::Xform) => &["xml"],
        Some(ExportFormat::Paper) => &["html"],
    };
    Output::check(output, endings, &[file], force, Readers::Anybody)
}

/// Writes a document in the format that is asked for, or else that the name of
/// the output has.
fn export(
    file: &Path,
    output: Option<&Output>,
    format: Option<ExportFormat>,
    language: &str,
) -> Result<(), Failure> {
    let document = read(file)?.document().map_err(Error::Invalid)?;
    let named = output.map(Output::path);
    let page =
        |output: &Path| output.extension().is_some_and(|end| end.eq_ignore_ascii_case("html"));
    let target = match (format, named) {
        (Some(ExportFormat::Paper), _) => None,
        (None, Some(output)) if page(output) => None,
        (Some(ExportFormat::Xlsform), _) => Some(Target::Xlsform),
        (Some(ExportFormat::Xform), _) => Some(Target::Xform),
        (Some(ExportFormat::Surveyjs), _) => Some(Target::Surveyjs),
        (Some(ExportFormat::Document), _) | (None, None) => Some(Target::Document),
        (None, Some(output)) => Some(Target::of_file(output)?),
    };
    let bytes = match target {
        None => on_paper(document, language)?.into_bytes(),
        Some(target) => {
            let (bytes, lost) = questionnaire_file::write(&document, target)?;
            tell_warnings(lost.into_iter(), language);
            bytes
        }
    };
    let failed =
        |file: &Path, reason: String| Failure::File { file: file.display().to_string(), reason };
    match output {
        Some(output) => output.write_bytes(&bytes),
        None => {
            let text = String::from_utf8(bytes);
            let text = text
                .map_err(|_| failed(file, "a workbook is not printed; use --output".to_owned()))?;
            print_line(&text);
            Ok(())
        }
    }
}

/// The page to print, in the reader's language where the document has it. What
/// cannot be published can be printed: people argue over drafts on paper.
fn on_paper(document: Document, language: &str) -> Result<String, Failure> {
    let (version, findings) = compile_version(document);
    tell_warnings(findings.into_iter().map(Problem::from), language);
    let document = &version.document;
    let has = document.languages.iter().any(|one| one.code == language);
    let shown = if has { language } else { &document.default_language };
    Ok(paper::html(&version, shown, language)?)
}

fn import(arguments: &ImportArguments, language: &str) -> Result<(), Failure> {
    let ImportArguments { file, json: machine, texts_in, repair: repairs, output, force, .. } =
        arguments;
    if let Some(code) = texts_in.as_deref().filter(|code| !locale::is_code(code)) {
        let problem = Problem::new("not_a_language", "--texts-in").with("code", code);
        return Err(Error::Invalid(vec![problem]).into());
    }
    let place = |output: &Path| {
        Output::check(output, &["json", "xlsx", "xml"], &[file], *force, Readers::Anybody)
    };
    let output = output.as_deref().map(place).transpose()?;
    let reading = read_in(file, texts_in.as_deref())?;
    let summary = reading.document.as_ref().map(Summary::of);
    let obstacles = reading.document.clone().map(obstacles);
    let repaired = reading.document.as_ref().filter(|_| *repairs).map(repair);
    let proof = proof(arguments, &reading, repaired.as_ref())?;
    if *machine {
        let mut report = report(&reading, summary.as_ref(), obstacles.as_deref());
        if let Some(proof) = &proof {
            report["proof"] = json!(proof);
        }
        if let Some(repaired) = &repaired {
            report["repair"] = repair::report(repaired);
        }
        print_line(&as_json(file, &report)?);
    } else {
        tell_warnings(reading.warnings.iter().chain(&reading.notes).cloned(), language);
        if let Some(summary) = &summary {
            print_line(&lines(&reading, summary, language));
        }
        if let Some(obstacles) = &obstacles {
            print_line(&publishing(obstacles, language));
        }
        if let Some(repaired) = &repaired {
            print_line(&repair::told(repaired, language));
        }
        if let Some(proof) = &proof {
            let places = places(arguments);
            let named = places.folder.is_some() || places.archive.is_some();
            print_line(&prove::told(proof, named, language));
        }
    }
    if let (Some(repaired), Some(output)) = (&repaired, &output) {
        repair::write(repaired, output, language)?;
    }
    match reading.document {
        Some(_) => Ok(()),
        // The report told why already.
        None if *machine => Err(Failure::Refused),
        None => Err(Error::Invalid(reading.errors).into()),
    }
}

/// The proof of what was read, or of what it was repaired to, where it is asked for. What
/// cannot be published is not proved: why not is told already.
fn proof(
    arguments: &ImportArguments,
    reading: &Reading,
    repaired: Option<&Repaired>,
) -> Result<Option<Proof>, Failure> {
    let document = repaired.map(|one| &one.document).or(reading.document.as_ref());
    let document = document.filter(|_| arguments.prove);
    let Some(document) = document.filter(|one| obstacles((*one).clone()).is_empty()) else {
        return Ok(None);
    };
    let today = Clock::system().now().day_in(Zone::default());
    let source = (arguments.file.as_path(), reading.format);
    let places = places(arguments);
    let (seconds, megabytes) = (arguments.engine_seconds, arguments.engine_megabytes);
    let bounds = Bounds { seconds, megabytes };
    prove::prove(document.clone(), source, places, bounds, today).map(Some)
}

/// Where the engines are that a proof asks.
fn places(arguments: &ImportArguments) -> Places<'_> {
    let ImportArguments { engines, javarosa, .. } = arguments;
    Places { folder: engines.as_deref(), archive: javarosa.as_deref() }
}

/// What must be put right before a document can be published.
fn obstacles(document: Document) -> Vec<Problem> {
    study::publish_document(document).err().unwrap_or_default()
}

/// Whether it can be published, or why not.
fn publishing(obstacles: &[Problem], language: &str) -> String {
    if obstacles.is_empty() {
        return locale::text(language, "cli-import-publishable", &[]);
    }
    let mut lines = vec![locale::text(language, "cli-import-unpublishable", &[])];
    for obstacle in obstacles {
        let text = problem_text(obstacle, language);
        lines.push(locale::text(language, "cli-import-obstacle", &[("text", &text)]));
    }
    lines.join("\n")
}

fn report(
    reading: &Reading,
    summary: Option<&Summary>,
    obstacles: Option<&[Problem]>,
) -> serde_json::Value {
    let problem = |severity: &'static str| {
        move |problem: &Problem| {
            let message = problem_text(&problem.clone().at(""), "en");
            json!({
                "severity": severity,
                "place": problem.place,
                "code": problem.code,
                "message": message,
                // What is wrong stands first in each sentence, what to do last.
                "remedy": message.rsplit_once("; ").map(|(_, remedy)| remedy),
            })
        }
    };
    let problems: Vec<serde_json::Value> = (reading.errors.iter().map(problem("error")))
        .chain(reading.warnings.iter().map(problem("warning")))
        .chain(reading.notes.iter().map(problem("note")))
        .collect();
    let outcome = match (&reading.document, problems.is_empty()) {
        (None, _) => "refused",
        (Some(_), true) => "whole",
        (Some(_), false) => "with notes",
    };
    json!({
        "format": reading.format,
        "outcome": outcome,
        "summary": summary,
        "problems": problems,
        "publishable": obstacles.is_some_and(<[Problem]>::is_empty),
        "obstacles": obstacles.unwrap_or_default().iter().map(problem("error")).collect::<Vec<_>>(),
    })
}

fn lines(reading: &Reading, summary: &Summary, language: &str) -> String {
    let count = |key: &str, count: usize| locale::text(language, key, &[("n", &count.to_string())]);
    let kinds: Vec<String> =
        summary.questions.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    let all = summary.all_questions().to_string();
    [
        locale::text(
            language,
            "cli-import-questions",
            &[("format", reading.format), ("n", &all), ("kinds", &kinds.join(", "))],
        ),
        locale::text(
            language,
            "cli-import-options",
            &[("n", &summary.options.to_string()), ("lists", &summary.lists.to_string())],
        ),
        count("cli-import-sections", summary.sections),
        count("cli-import-rosters", summary.rosters),
        count("cli-import-conditions", summary.conditions),
        locale::text(
            language,
            "cli-import-languages",
            &[("languages", &summary.languages.join(", "))],
        ),
        count("cli-import-warnings", reading.warnings.len() + reading.notes.len()),
        count("cli-import-remarks", summary.remarks),
    ]
    .join("\n")
}

fn diff(before: &Path, after: &Path, machine: bool, language: &str) -> Result<(), Failure> {
    let document = |file: &Path| -> Result<Document, Failure> {
        Ok(read(file)?.document().map_err(Error::Invalid)?)
    };
    let difference = Difference::between(&document(before)?, &document(after)?);
    if machine {
        print_line(&as_json(after, &difference)?);
        return Ok(());
    }
    let weight =
        |weight: Weight| locale::text(language, &format!("cli-diff-{}", weight.name()), &[]);
    for change in &difference.changes {
        let what = locale::text(
            language,
            &format!("change-{}", change.what.name().replace('_', "-")),
            &[],
        );
        let values: Vec<&str> = [change.before.as_str(), change.after.as_str()]
            .into_iter()
            .filter(|value| !value.is_empty())
            .collect();
        let place = &change.place;
        let told = format!("{}: {place}: {what} {}", weight(change.weight), values.join(" → "));
        print_line(told.trim_end());
    }
    let gravest =
        difference.weight().map_or_else(|| locale::text(language, "cli-diff-nothing", &[]), weight);
    let count = difference.changes.len().to_string();
    let arguments = [("n", count.as_str()), ("weight", gravest.as_str())];
    print_line(&locale::text(language, "cli-diff-all", &arguments));
    Ok(())
}

fn try_out(
    file: &Path,
    respondents: u32,
    seed: u64,
    machine: bool,
    language: &str,
) -> Result<(), Failure> {
    let document = read(file)?.document().map_err(Error::Invalid)?;
    let minutes = estimated_minutes(&document, &document.default_language);
    let version = study::publish_document(document).map_err(Error::Invalid)?;
    let today = Clock::system().now().day_in(Zone::default());
    // What others read of it holds nothing but what was found.
    let progress = std::io::stdout().is_terminal() && !machine;
    let label = locale::text(language, "cli-dry-run-progress", &[]);
    let progress = progress.then(|| Progress::new(&label, respondents as usize));
    let run = dry_run_telling(&version, respondents, seed, today, &|done| {
        if let Some(progress) = &progress {
            progress.show(done as usize);
        }
    });
    if machine {
        print_line(&as_json(file, &json!({ "minutes": minutes, "run": run }))?);
    } else {
        print_line(&told(&version, &run, minutes, language));
    }
    Ok(())
}

fn told(version: &Version, run: &DryRun, minutes: f64, language: &str) -> String {
    let say = |key: &str, arguments: &[(&str, &str)]| locale::text(language, key, arguments);
    let number = |count: u32| count.to_string();
    let stuck: u32 = run.stuck.values().sum();
    let [least, lower, middle, upper, most] = run.lengths.map(number);
    let mut lines = vec![
        say("cli-dry-run", &[("n", &number(run.respondents)), ("hash", &version.hash[..12])]),
        say(
            "cli-dry-run-ends",
            &[
                ("finished", &number(run.finished)),
                ("refused", &number(run.refused)),
                ("screened", &number(run.screened_out)),
                ("stuck", &number(stuck)),
            ],
        ),
        say(
            "cli-dry-run-lengths",
            &[
                ("least", &least),
                ("lower", &lower),
                ("middle", &middle),
                ("upper", &upper),
                ("most", &most),
            ],
        ),
        say("cli-dry-run-minutes", &[("minutes", &locale::number(language, minutes, 1))]),
    ];
    for (page, count) in &run.stuck {
        lines.push(say("cli-dry-run-stuck", &[("page", page), ("n", &number(*count))]));
    }
    for question in &run.never_asked {
        lines.push(say("cli-dry-run-never-asked", &[("question", question)]));
    }
    for (question, code) in &run.never_offered {
        let arguments = [("question", question.as_str()), ("code", code.as_str())];
        lines.push(say("cli-dry-run-never-offered", &arguments));
    }
    for (check, count) in &run.failed_checks {
        lines.push(say("cli-dry-run-check", &[("check", check), ("n", &number(*count))]));
    }
    for (item, codes) in &run.rejections {
        let codes: Vec<String> =
            codes.iter().map(|(code, count)| format!("{code} {count}")).collect();
        let rate = locale::percent(language, run.rejection_rate(item), 0);
        let arguments = [("item", item.as_str()), ("rate", &rate), ("codes", &codes.join(", "))];
        lines.push(say("cli-dry-run-rejected", &arguments));
    }
    lines.join("\n")
}

fn tell_warnings(warnings: impl Iterator<Item = Problem>, language: &str) {
    for warning in warnings {
        let text = problem_text(&warning, language);
        print_error(&locale::text(language, "cli-warning", &[("text", &text)]));
    }
}

fn as_json(file: &Path, value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map_err(|error| Failure::File {
        file: file.display().to_string(),
        reason: error.to_string(),
    })
}

fn read(path: &Path) -> Result<Reading, Failure> {
    read_in(path, None)
}

fn read_in(path: &Path, texts_in: Option<&str>) -> Result<Reading, Failure> {
    let sheets = read_sheets(path)?;
    let files: Vec<(&str, &[u8])> =
        sheets.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    Ok(questionnaire_file::read_in(&files, texts_in))
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

#[cfg(test)]
mod tests {
    use super::*;
    use survey_builder::questionnaire::difference::Aspect;

    #[test]
    fn every_change_has_its_words() {
        for (language, _) in locale::LANGUAGES {
            for aspect in Aspect::ALL {
                let key = format!("change-{}", aspect.name().replace('_', "-"));
                assert!(locale::has(language, &key), "{language}: {key}");
            }
            for weight in [Weight::Cosmetic, Weight::Compatible, Weight::Breaking] {
                let key = format!("cli-diff-{}", weight.name());
                assert!(locale::has(language, &key), "{language}: {key}");
            }
        }
    }
}
