//! `sondage sample draw`: draws a sample and writes its manifest and its units.

use std::path::Path;

use chrono::NaiveDate;
use fielding::files::list::ListFile;
use serde_json::json;
use survey_builder::sampling::expectation::{Assumptions, Expectation, expect};
use survey_builder::sampling::sample::draw_beside;
use survey_builder::sampling::spread::{Quality, quality};
use survey_builder::sampling::{Problem, Sample, Seed};

use super::manifest::Place;
use super::overlap::{Beside, beside};
use super::units::{self, kept};
use super::{all_doubts, read_plan, table, tell_doubts};
use crate::frame::{pretty, problem_json, refuse, tell_notes};
use crate::frame_file::{self, Refusal};
use crate::output::{Output, Readers};
use crate::sampling_arguments::{EncodingChoice, ReadingOptions, SampleCommand};
use crate::terminal::{Failure, print_line};

/// A draw and what was expected of it.
struct Drawn {
    sample: Sample,
    expected: Expectation,
    doubtful: Vec<Problem>,
    beside: Beside,
    quality: Option<Quality>,
    /// How the list was read.
    notes: Vec<Problem>,
}

/// Draws and writes.
///
/// # Errors
///
/// Files that cannot be read or written, a manifest that is there, and everything
/// that stands in the way of the draw.
pub fn run(command: &SampleCommand, language: &str) -> Result<(), Failure> {
    let SampleCommand::Draw {
        frame,
        plan,
        seed,
        on,
        output,
        new,
        units,
        keep,
        encoding,
        reading,
        json,
        force,
    } = command
    else {
        return Ok(());
    };
    let nowhere = Path::new("");
    let beside = units.as_deref().unwrap_or(nowhere);
    let mut place = Place::check(output, &[frame.as_path(), plan.as_path(), beside], *new)?;
    let units = units.as_ref().map(|units| {
        let inputs = [frame.as_path(), plan.as_path(), output.as_path(), place.path()];
        Output::check(units, &["csv"], &inputs, *force, Readers::Owner)
    });
    let units = units.transpose()?;
    let seed = Seed(seed.unwrap_or_else(rand::random));
    let drawn = drawn(frame, plan, (seed, *on), *encoding, reading).and_then(|(drawn, list)| {
        let kept = units.as_ref().map(|_| kept(&drawn.sample, &list, keep));
        Ok((drawn, kept.transpose()?))
    });
    let (drawn, kept) = match drawn {
        Ok(drawn) => drawn,
        Err(refusal) => return refuse(refusal, *json),
    };
    place.write(&drawn.sample)?;
    if let (Some(output), Some(kept)) = (units, kept) {
        units::write(&drawn.sample, &kept, &output)?;
    }
    tell(&drawn, place.path(), *json, language);
    Ok(())
}

fn drawn(
    frame: &Path,
    plan_file: &Path,
    (seed, day): (Seed, Option<NaiveDate>),
    encoding: EncodingChoice,
    options: &ReadingOptions,
) -> Result<(Drawn, ListFile), Refusal> {
    let (mut columns, plan, assumptions) = read_plan(plan_file)?;
    columns.reading = frame_file::reading(options, &columns.reading);
    let list = frame_file::open(frame, encoding, columns.reading.sheet.as_deref())?;
    let frame = list.frame(&plan.columns(&columns))?;
    // Which groups are told apart is no part of the draw.
    let assumptions = Assumptions { domain: None, ..assumptions };
    let beside = beside(plan_file, &plan, &frame, seed, day)?;
    let expected = expect(beside.coordinated.frame(&frame), &plan, &assumptions)?;
    let coordination = beside.coordinated.coordination.clone();
    let sample = draw_beside(&frame, &plan, seed, coordination)?;
    let doubtful = all_doubts(&plan, &expected, &beside);
    let quality = quality(beside.coordinated.frame(&frame), &sample);
    Ok((Drawn { sample, expected, doubtful, beside, quality, notes: frame.notes }, list))
}

fn tell(drawn: &Drawn, manifest: &Path, machine: bool, language: &str) {
    let Drawn { sample, expected, doubtful, beside, quality, notes } = drawn;
    let file = manifest.display().to_string();
    if machine {
        print_line(&pretty(&json!({
            "outcome": "drawn",
            "units": sample.units.len(),
            "seed": sample.seed,
            "frame_hash": sample.frame_hash,
            "plan_hash": sample.plan_hash,
            "manifest": file,
            "last_hash": sample.last_hash(),
            "strata": expected.drawn,
            "doubts": doubtful.iter().map(problem_json).collect::<Vec<_>>(),
            "quality": quality,
            "overlap": beside.as_json(Some(sample)),
        })));
        return;
    }
    let say = |key: &str, arguments: &[(&str, &str)]| locale::text(language, key, arguments);
    tell_notes(notes, language);
    print_line(&table(&expected.drawn, language));
    if let Some(shared) = beside.table(Some(sample), language) {
        print_line(&shared);
    }
    for line in quality.iter().flat_map(|quality| in_words(quality, language)) {
        print_line(&line);
    }
    tell_doubts(doubtful, language);
    let units = sample.units.len().to_string();
    let seed = sample.seed.0.to_string();
    print_line(&say("cli-sample-drawn", &[("units", &units), ("seed", &seed)]));
    print_line(&say("cli-sample-frame-hash", &[("hash", &sample.frame_hash)]));
    print_line(&say("cli-sample-plan-hash", &[("hash", &sample.plan_hash)]));
    print_line(&say("cli-sample-manifest", &[("file", &file)]));
}

/// How well a sample is balanced and spread.
fn in_words(quality: &Quality, language: &str) -> Vec<String> {
    let number = |value: f64, decimals| locale::number(language, value, decimals);
    let balance = quality.balance.iter().map(|(column, known, estimated)| {
        let off = if *known == 0.0 { 0.0 } else { 100.0 * (estimated / known - 1.0) };
        let (known, estimated, off) = (number(*known, 1), number(*estimated, 1), number(off, 2));
        let arguments = [
            ("column", column.as_str()),
            ("known", &known),
            ("estimated", &estimated),
            ("off", &off),
        ];
        locale::text(language, "cli-sample-balance", &arguments)
    });
    let spread = quality.spread.map(|spread| {
        locale::text(language, "cli-sample-spread", &[("spread", &number(spread, 3))])
    });
    balance.chain(spread).collect()
}
