//! `sondage sample`: shows what a plan would draw, draws it, draws further from it,
//! and holds its record to the frame.

mod decide;
mod draw;
pub mod manifest;
mod optimum;
mod overlap;
mod simulate;
mod units;
mod verify;

use std::path::Path;

use chrono::NaiveDate;
use fielding::acts::draw::write_routes;
use fielding::files::plan as plan_file;
use locale::problem_text;
use serde_json::json;
use survey_builder::sampling::check::StratumPreview;
use survey_builder::sampling::doubts::doubts;
use survey_builder::sampling::expectation::{Assumptions, Expectation, Expected, expect};
use survey_builder::sampling::{Columns, Frame, Plan, Problem, Seed};

use self::overlap::{Beside, beside};
use crate::frame::{notes_json, pretty, problem_json, refuse, tell_notes};
use crate::frame_file::{self, Refusal};
use crate::output::{Output, Readers};
use crate::sample_size;
use crate::sampling_arguments::{EncodingChoice, ReadingOptions, SampleCommand};
use crate::terminal::{Failure, columns, print_line};

/// Runs the subcommand and prints what it found.
///
/// # Errors
///
/// Files that cannot be read or written, plans that cannot be drawn, samples
/// that do not come out the same.
pub fn run(command: &SampleCommand, language: &str) -> Result<(), Failure> {
    match command {
        SampleCommand::Size { aim } => sample_size::run(aim, language),
        SampleCommand::Plan { frame, plan, on, encoding, reading, json } => {
            match look_ahead(frame, plan, *on, *encoding, reading) {
                Ok(Ahead { frame, plan_hash, expected, doubtful, beside }) if *json => {
                    let report = json!({
                        "outcome": "possible",
                        "frame_hash": frame.hash,
                        "notes": notes_json(&frame.notes),
                        "plan_hash": plan_hash,
                        "strata": expected.drawn,
                        "doubts": doubtful.iter().map(problem_json).collect::<Vec<_>>(),
                        "overlap": beside.as_json(None),
                        "expected": {
                            "all": expected.all,
                            "strata": expected.strata,
                            "domains": expected.domains,
                        },
                    });
                    print_line(&pretty(&report));
                    Ok(())
                }
                Ok(Ahead { frame, expected, doubtful, beside, .. }) => {
                    tell_notes(&frame.notes, language);
                    print_line(&table(&expected.drawn, language));
                    print_line("");
                    print_line(&expected_table(&expected, language));
                    if let Some(shared) = beside.table(None, language) {
                        print_line("");
                        print_line(&shared);
                    }
                    tell_doubts(&doubtful, language);
                    Ok(())
                }
                Err(refusal) => refuse(refusal, *json),
            }
        }
        SampleCommand::Optimum(given) => optimum::run(given, language),
        SampleCommand::Simulate(given) => simulate::run(given, language),
        SampleCommand::Draw { .. } => draw::run(command, language),
        SampleCommand::Routes { manifest, walks, starts, interval, output, force } => {
            let file = Output::check(output, &["csv"], &[manifest], *force, Readers::Owner)?;
            let sample = manifest::read(manifest)?;
            let mut rows = Vec::new();
            write_routes(&sample, *walks, *starts, *interval, &mut rows)
                .map_err(|error| file.refused(&error))?;
            file.write_bytes(&rows)
        }
        SampleCommand::Units { .. } => units::run(command),
        SampleCommand::Release { manifest, replicates, json } => {
            decide::release(manifest, *replicates, *json, language)
        }
        SampleCommand::Substitute { manifest, unit, reason, json } => {
            decide::substitute(manifest, unit, reason, *json, language)
        }
        SampleCommand::Extend { manifest, list, plan, encoding, json } => {
            decide::extend(manifest, (list, *encoding), plan, *json, language)
        }
        SampleCommand::Verify { .. } => verify::run(command, language),
    }
}

/// What is worth a look before the draw.
fn tell_doubts(doubtful: &[Problem], language: &str) {
    for doubt in doubtful {
        let problem = problem_text(&doubt.as_problem(), language);
        print_line(&locale::text(language, "cli-sample-doubt", &[("problem", &problem)]));
    }
}

fn unreadable(path: &Path, reason: &impl ToString) -> Failure {
    Failure::File { file: path.display().to_string(), reason: reason.to_string() }
}

/// What is known of a draw before it.
struct Ahead {
    frame: Frame,
    plan_hash: String,
    expected: Expectation,
    /// What is worth a look.
    doubtful: Vec<Problem>,
    beside: Beside,
}

/// Reads frame and plan and says what is expected of the plan.
fn look_ahead(
    frame: &Path,
    plan_file: &Path,
    day: Option<NaiveDate>,
    encoding: EncodingChoice,
    options: &ReadingOptions,
) -> Result<Ahead, Refusal> {
    let (mut columns, plan, assumptions) = read_plan(plan_file)?;
    columns.reading = frame_file::reading(options, &columns.reading);
    let columns = plan.columns(&columns);
    let with_domain = assumptions.columns(columns.clone());
    let file = frame_file::open(frame, encoding, columns.reading.sheet.as_deref())?;
    let frame = file.frame(&with_domain)?;
    // The key of numbers that a seed would give plays no part in what is expected.
    let beside = beside(plan_file, &plan, &frame, Seed(0), day)?;
    let expected = expect(beside.coordinated.frame(&frame), &plan, &assumptions)?;
    let doubtful = all_doubts(&plan, &expected, &beside);
    // As a draw would record it.
    let columns = Columns { reading: frame.columns.reading.clone(), ..columns };
    let plan_hash = plan.hash(&columns);
    Ok(Ahead { frame, plan_hash, expected, doubtful, beside })
}

/// What is worth a look in a plan and in the records beside which it is drawn.
fn all_doubts(plan: &Plan, expected: &Expectation, beside: &Beside) -> Vec<Problem> {
    let mut doubtful = doubts(plan, expected);
    doubtful.extend(beside.coordinated.notes.iter().cloned());
    doubtful
}

/// A plan's file, which must say what the frame's columns are.
fn read_plan(path: &Path) -> Result<(Columns, Plan, Assumptions), Refusal> {
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    let json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let read = plan_file::read(&text, json)?;
    match read.columns {
        Some(columns) => Ok((columns, read.plan, read.assumptions)),
        None => Err(vec![Problem::PlanWithoutFrame].into()),
    }
}

fn table(rows: &[StratumPreview], language: &str) -> String {
    let number = |value: f64, decimals| locale::number(language, value, decimals);
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    let count = |value: u64| number(value as f64, 0);
    // A rate leaves open whether it is one more.
    let drawn =
        |row: &StratumPreview| number(row.expected_drawn(), usize::from(row.one_more > 0.0));
    let heading = [
        "cli-stratum",
        "cli-units",
        "cli-clusters",
        "cli-drawn-first",
        "cli-certain",
        "cli-expected-units",
    ];
    let mut lines =
        vec![heading.iter().map(|key| locale::text(language, key, &[])).collect::<Vec<_>>()];
    for row in rows {
        lines.push(vec![
            if row.stratum.is_empty() { "–".to_owned() } else { row.stratum.clone() },
            count(row.units),
            count(row.clusters),
            drawn(row),
            count(row.certain),
            number(row.expected_units, 1),
        ]);
    }
    let sum = |of: fn(&StratumPreview) -> u64| count(rows.iter().map(of).sum());
    lines.push(vec![
        locale::text(language, "cli-all", &[]),
        sum(|row| row.units),
        sum(|row| row.clusters),
        number(
            rows.iter().map(StratumPreview::expected_drawn).sum(),
            usize::from(rows.iter().any(|row| row.one_more > 0.0)),
        ),
        sum(|row| row.certain),
        number(rows.iter().map(|row| row.expected_units).sum(), 1),
    ]);
    columns(&lines)
}

/// What is expected by stratum, over all, and by domain.
fn expected_table(expected: &Expectation, language: &str) -> String {
    let number = |value: f64, decimals| locale::number(language, value, decimals);
    let say = |key: &str| locale::text(language, key, &[]);
    let heading = [
        "cli-stratum",
        "cli-cases",
        "cli-completes",
        "cli-design-effect",
        "cli-margin",
        "cli-workload",
        "cli-cost",
    ];
    let line = |row: &Expected, name: String| {
        vec![
            name,
            number(row.cases, 1),
            number(row.completes, 1),
            number(row.design_effect, 2),
            row.margin.map_or_else(
                || "–".to_owned(),
                |margin| format!("±{} %", number(100.0 * margin, 1)),
            ),
            row.workload().map_or_else(|| "–".to_owned(), |cases| number(cases, 1)),
            number(row.cost, 0),
        ]
    };
    let named =
        |row: &Expected| if row.name.is_empty() { "–".to_owned() } else { row.name.clone() };
    let mut lines = vec![heading.map(say).to_vec()];
    lines.extend(expected.strata.iter().map(|row| line(row, named(row))));
    lines.push(line(&expected.all, say("cli-all")));
    lines.extend(expected.domains.iter().map(|row| line(row, named(row))));
    columns(&lines)
}
