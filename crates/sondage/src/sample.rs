//! `sondage sample`: shows what a plan would draw, draws it, and draws it again.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use fielding::acts::draw::{write_routes, write_units};
use fielding::files::plan as plan_file;
use locale::problem_text;
use serde_json::{Value as Json, json};
use survey_builder::sampling::check::StratumPreview;
use survey_builder::sampling::expectation::{Assumptions, Expectation, Expected, expect};
use survey_builder::sampling::sample::SampledUnit;
use survey_builder::sampling::{
    Columns, Frame, Plan, Problem, Replay, Sample, Seed, draw, preview, replay,
};

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
        SampleCommand::Plan { frame, plan, encoding, reading, json } => {
            match look_ahead(frame, plan, *encoding, reading) {
                Ok((frame, plan_hash, expected)) if *json => {
                    let report = json!({
                        "outcome": "possible",
                        "frame_hash": frame.hash,
                        "notes": notes_json(&frame.notes),
                        "plan_hash": plan_hash,
                        "strata": expected.drawn,
                        "expected": {
                            "all": expected.all,
                            "strata": expected.strata,
                            "domains": expected.domains,
                        },
                    });
                    print_line(&pretty(&report));
                    Ok(())
                }
                Ok((frame, _, expected)) => {
                    tell_notes(&frame.notes, language);
                    print_line(&table(&expected.drawn, language));
                    print_line("");
                    print_line(&expected_table(&expected, language));
                    Ok(())
                }
                Err(refusal) => refuse(refusal, *json),
            }
        }
        SampleCommand::Draw {
            frame,
            plan,
            seed,
            output,
            units,
            encoding,
            reading,
            json,
            force,
        } => {
            let check = |path: &Path, ending, other: &Path| {
                let inputs = [frame.as_path(), plan.as_path(), other];
                Output::check(path, &[ending], &inputs, *force, Readers::Owner)
            };
            let nowhere = Path::new("");
            let manifest = check(output, "json", units.as_deref().unwrap_or(nowhere))?;
            let units = units.as_ref().map(|units| check(units, "csv", output)).transpose()?;
            let seed = Seed(seed.unwrap_or_else(rand::random));
            let drawn = look(frame, plan, *encoding, reading).and_then(|(frame, plan, rows)| {
                Ok((draw(&frame, &plan, seed)?, rows, frame.notes))
            });
            let (sample, rows, notes) = match drawn {
                Ok(drawn) => drawn,
                Err(refusal) => return refuse(refusal, *json),
            };
            write_manifest(&sample, &manifest)?;
            if let Some(units) = units {
                let mut rows = Vec::new();
                write_units(&sample, &mut rows).map_err(|error| units.refused(&error))?;
                units.write_bytes(&rows)?;
            }
            tell_notes(&notes, language);
            tell_drawn(&sample, &rows, output, *json, language);
            Ok(())
        }
        SampleCommand::Routes { manifest, walks, starts, interval, output, force } => {
            let file = Output::check(output, &["csv"], &[manifest], *force, Readers::Owner)?;
            let sample = read_manifest(manifest)?;
            let mut rows = Vec::new();
            write_routes(&sample, *walks, *starts, *interval, &mut rows)
                .map_err(|error| file.refused(&error))?;
            file.write_bytes(&rows)
        }
        SampleCommand::Replay { manifest, frame, encoding, json } => {
            again(manifest, frame, *encoding, *json, language)
        }
    }
}

fn unreadable(path: &Path, reason: &impl ToString) -> Failure {
    Failure::File { file: path.display().to_string(), reason: reason.to_string() }
}

/// Reads frame and plan and says what the plan would draw.
fn look(
    frame: &Path,
    plan: &Path,
    encoding: EncodingChoice,
    options: &ReadingOptions,
) -> Result<(Frame, Plan, Vec<StratumPreview>), Refusal> {
    let (mut columns, plan, _) = read_plan(plan)?;
    columns.reading = frame_file::reading(options, &columns.reading);
    let file = frame_file::open(frame, encoding, columns.reading.sheet.as_deref())?;
    let frame = file.frame(&plan.columns(&columns))?;
    let rows = preview(&frame, &plan)?;
    Ok((frame, plan, rows))
}

/// Reads frame and plan and says what is expected of the plan: the frame, the
/// plan's hash, and that.
fn look_ahead(
    frame: &Path,
    plan: &Path,
    encoding: EncodingChoice,
    options: &ReadingOptions,
) -> Result<(Frame, String, Expectation), Refusal> {
    let (mut columns, plan, assumptions) = read_plan(plan)?;
    columns.reading = frame_file::reading(options, &columns.reading);
    let columns = plan.columns(&columns);
    let with_domain = assumptions.columns(columns.clone());
    let file = frame_file::open(frame, encoding, columns.reading.sheet.as_deref())?;
    let frame = file.frame(&with_domain)?;
    let expected = expect(&frame, &plan, &assumptions)?;
    // As a draw would record it.
    let columns = Columns { reading: frame.columns.reading.clone(), ..columns };
    let hash = plan.hash(&columns);
    Ok((frame, hash, expected))
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
            count(row.drawn),
            count(row.certain),
            number(row.expected_units, 1),
        ]);
    }
    let sum = |of: fn(&StratumPreview) -> u64| count(rows.iter().map(of).sum());
    lines.push(vec![
        locale::text(language, "cli-all", &[]),
        sum(|row| row.units),
        sum(|row| row.clusters),
        sum(|row| row.drawn),
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

fn write_manifest(sample: &Sample, file: &Output) -> Result<(), Failure> {
    file.write(|output| {
        serde_json::to_writer_pretty(&mut *output, sample).map_err(|error| file.refused(&error))?;
        output.write_all(b"\n").map_err(|error| file.refused(&error))
    })
}

fn tell_drawn(
    sample: &Sample,
    rows: &[StratumPreview],
    manifest: &Path,
    machine: bool,
    language: &str,
) {
    let file = manifest.display().to_string();
    if machine {
        print_line(&pretty(&json!({
            "outcome": "drawn",
            "units": sample.units.len(),
            "seed": sample.seed,
            "frame_hash": sample.frame_hash,
            "plan_hash": sample.plan_hash,
            "manifest": file,
            "strata": rows,
        })));
        return;
    }
    let say = |key: &str, arguments: &[(&str, &str)]| locale::text(language, key, arguments);
    print_line(&table(rows, language));
    let units = sample.units.len().to_string();
    let seed = sample.seed.0.to_string();
    print_line(&say("cli-sample-drawn", &[("units", &units), ("seed", &seed)]));
    print_line(&say("cli-sample-frame-hash", &[("hash", &sample.frame_hash)]));
    print_line(&say("cli-sample-plan-hash", &[("hash", &sample.plan_hash)]));
    print_line(&say("cli-sample-manifest", &[("file", &file)]));
}

fn read_manifest(path: &Path) -> Result<Sample, Failure> {
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    serde_json::from_reader(BufReader::new(file)).map_err(|error| unreadable(path, &error))
}

fn again(
    manifest: &Path,
    frame: &Path,
    encoding: EncodingChoice,
    machine: bool,
    language: &str,
) -> Result<(), Failure> {
    let recorded = read_manifest(manifest)?;
    let sheet = recorded.columns.reading.sheet.as_deref();
    let opened = frame_file::open(frame, encoding, sheet);
    // A changed frame may lack columns or have bad rows now; that it is another
    // one is what matters.
    let found = match opened.and_then(|file| Ok(file.frame_again(&recorded.columns)?)) {
        Ok(frame) => replay(&recorded, &frame),
        Err(Refusal::Problems(problems)) => Replay::CannotDraw { problems },
        Err(refusal) => return refuse(refusal, machine),
    };
    if machine {
        print_line(&pretty(&as_json(&found)));
    } else {
        print_line(&in_words(&found, language));
    }
    if found == Replay::Identical { Ok(()) } else { Err(Failure::RefusedSample) }
}

fn as_json(found: &Replay) -> Json {
    match found {
        Replay::CannotDraw { problems } => json!({
            "outcome": "cannot_draw",
            "problems": problems.iter().map(problem_json).collect::<Vec<_>>(),
        }),
        other => json!(other),
    }
}

fn in_words(found: &Replay, language: &str) -> String {
    let say = |key: &str, arguments: &[(&str, &str)]| locale::text(language, key, arguments);
    let unit = |unit: &Option<Box<SampledUnit>>| {
        unit.as_ref().map_or_else(
            || say("cli-replay-none", &[]),
            |unit| format!("{} ({}, {})", unit.unit, unit.stratum, unit.weight),
        )
    };
    match found {
        Replay::Identical => say("cli-replay-identical", &[]),
        Replay::UnknownForm { form } => say("cli-replay-form", &[("form", &form.to_string())]),
        Replay::FrameDiffers { expected, found, rows } => {
            let frame = say("cli-replay-frame", &[("expected", expected), ("found", found)]);
            let Some(rows) = rows else { return frame };
            // The header is the first line of the file.
            let (first, last) = ((rows.first + 1).to_string(), (rows.last + 1).to_string());
            format!("{frame}; {}", say("cli-replay-rows", &[("first", &first), ("last", &last)]))
        }
        Replay::PlanDiffers { expected, found } => {
            say("cli-replay-plan", &[("expected", expected), ("found", found)])
        }
        Replay::CannotDraw { problems } => {
            let told = problems.iter().map(|problem| problem_text(&problem.as_problem(), language));
            let lines = told.collect::<Vec<_>>().join("\n");
            format!("{}\n{lines}", say("cli-replay-cannot", &[]))
        }
        Replay::JointDiffers => say("cli-replay-joint", &[]),
        Replay::Differs { place, expected, found } => {
            let place = (place + 1).to_string();
            let arguments =
                [("place", place.as_str()), ("expected", &unit(expected)), ("found", &unit(found))];
            say("cli-replay-differs", &arguments)
        }
    }
}
