//! `sondage sample verify`: the draw made again from the frame, and every later
//! entry from what stood before it.

use std::path::{Path, PathBuf};

use locale::problem_text;
use serde_json::{Value as Json, json};
use survey_builder::sampling::chain::{Act, Broken};
use survey_builder::sampling::coordination::{EarlierRecord, coordinate};
use survey_builder::sampling::sample::SampledUnit;
use survey_builder::sampling::verify::EntryFault;
use survey_builder::sampling::{Columns, Frame, Replay, Sample, Verdict, verify};

use super::manifest;
use crate::frame::{pretty, problem_json, refuse};
use crate::frame_file::{self, Refusal};
use crate::sampling_arguments::{EncodingChoice, SampleCommand};
use crate::terminal::{Failure, print_line};

/// Verifies and prints what does not hold.
///
/// # Errors
///
/// Files that cannot be read, and a record that does not hold.
pub fn run(command: &SampleCommand, language: &str) -> Result<(), Failure> {
    let SampleCommand::Verify { manifest, frame, lists, earlier, expect, encoding, json } = command
    else {
        return Ok(());
    };
    let recorded = manifest::read(manifest)?;
    let lists = match read_lists(&recorded, lists, *encoding) {
        Ok(lists) => lists,
        Err(refusal) => return refuse(refusal, *json),
    };
    let sheet = recorded.columns.reading.sheet.as_deref();
    let opened = frame_file::open(frame, *encoding, sheet);
    // A changed frame may lack columns or have bad rows now; that it is another
    // one is what matters.
    let found = match opened.and_then(|file| Ok(file.frame_again(&recorded.columns)?)) {
        Ok(frame) => {
            let mut verdict = verify(&recorded, &frame, &lists);
            if verdict.draw == Replay::Identical && !held_to(&recorded, &frame, earlier)? {
                verdict.draw = Replay::CoordinationDiffers;
            }
            verdict
        }
        Err(Refusal::Problems(problems)) => Verdict {
            draw: Replay::CannotDraw { problems },
            broken: recorded.broken(),
            entries: recorded.entries.len(),
            faults: Vec::new(),
        },
        Err(refusal) => return refuse(refusal, *json),
    };
    let last = recorded.last_hash();
    let expected = expect.as_ref().is_none_or(|noted| *noted == last);
    if *json {
        print_line(&pretty(&as_json(&found, &last, expected)));
    } else {
        for line in in_words(&found, &last, expected, language) {
            print_line(&line);
        }
    }
    if found.holds() && expected { Ok(()) } else { Err(Failure::RefusedSample) }
}

/// Whether what a record says of earlier draws is what their own records say. They are
/// known by the names of their files; nothing is held to those that are not given.
fn held_to(recorded: &Sample, frame: &Frame, earlier: &[PathBuf]) -> Result<bool, Failure> {
    let (Some(coordination), Some(overlap)) = (&recorded.coordination, &recorded.plan.overlap)
    else {
        return Ok(true);
    };
    let mut given = Vec::new();
    for path in earlier {
        given.push((path.file_name(), manifest::read(path)?));
    }
    let named: Vec<EarlierRecord<'_>> = (overlap.records().into_iter())
        .filter_map(|name| {
            let file = Path::new(name).file_name();
            let (_, sample) = given.iter().find(|(given, _)| *given == file)?;
            Some(EarlierRecord { name, sample })
        })
        .collect();
    if named.len() < overlap.records().len() {
        // Each that is given must be one that the draw took into account.
        let known: Vec<&str> = (coordination.earlier.iter())
            .map(|draw| draw.draw_hash.as_str())
            .chain(coordination.resting.iter().map(|one| one.draw_hash.as_str()))
            .collect();
        return Ok(named.iter().all(|one| known.contains(&one.sample.draw_hash().as_str())));
    }
    let again = coordinate(frame, &recorded.plan, recorded.seed, coordination.day, &named);
    Ok(again.is_ok_and(|again| again.coordination.as_ref() == Some(coordination)))
}

/// The lists that entries were drawn from, each read with the columns of its entry.
fn read_lists(
    recorded: &Sample,
    paths: &[PathBuf],
    encoding: EncodingChoice,
) -> Result<Vec<Frame>, Refusal> {
    let wanted: Vec<(&Columns, &str)> = (recorded.entries.iter())
        .filter_map(|entry| match &entry.act {
            Act::Listed(listed) => Some((&listed.columns, listed.list_hash.as_str())),
            Act::SecondPhase(phase) => Some((&phase.columns, phase.list_hash.as_str())),
            _ => None,
        })
        .collect();
    let mut found = Vec::new();
    for path in paths {
        found.extend(read_list(path, &wanted, encoding)?);
    }
    Ok(found)
}

/// The list of a file as the entry has it that was drawn from it.
fn read_list(
    path: &Path,
    wanted: &[(&Columns, &str)],
    encoding: EncodingChoice,
) -> Result<Option<Frame>, Refusal> {
    let mut problems = Vec::new();
    for (columns, hash) in wanted {
        let file = frame_file::open(path, encoding, columns.reading.sheet.as_deref())?;
        match file.frame_again(columns) {
            Ok(list) if list.hash == *hash => return Ok(Some(list)),
            Ok(_) => {}
            Err(told) => problems = told,
        }
    }
    if problems.is_empty() { Ok(None) } else { Err(problems.into()) }
}

fn as_json(found: &Verdict, last: &str, expected: bool) -> Json {
    let mut told = draw_as_json(&found.draw);
    if let Some(told) = told.as_object_mut() {
        told.insert("holds".to_owned(), json!(found.holds() && expected));
        told.insert("entries".to_owned(), json!(found.entries));
        told.insert("broken".to_owned(), json!(found.broken));
        let fault = |(entry, fault): &(usize, EntryFault)| match fault {
            EntryFault::Impossible { problems } => json!({
                "entry": entry,
                "fault": "impossible",
                "problems": problems.iter().map(problem_json).collect::<Vec<_>>(),
            }),
            other => json!({ "entry": entry, "fault": other }),
        };
        told.insert("faults".to_owned(), found.faults.iter().map(fault).collect());
        told.insert("last_hash".to_owned(), json!(last));
        told.insert("as_expected".to_owned(), json!(expected));
    }
    told
}

fn in_words(found: &Verdict, last: &str, expected: bool, language: &str) -> Vec<String> {
    let say = |key: &str, arguments: &[(&str, &str)]| locale::text(language, key, arguments);
    let mut lines = vec![draw_in_words(&found.draw, language)];
    match &found.broken {
        Some(Broken::Changed { entry }) => {
            lines.push(say("cli-verify-changed", &[("entry", &entry.to_string())]));
        }
        Some(Broken::Order { entry }) => {
            lines.push(say("cli-verify-order", &[("entry", &entry.to_string())]));
        }
        Some(Broken::End) => lines.push(say("cli-verify-end", &[])),
        None => {}
    }
    for (entry, fault) in &found.faults {
        let entry = entry.to_string();
        lines.push(match fault {
            EntryFault::Differs => say("cli-verify-differs", &[("entry", &entry)]),
            EntryFault::WithoutList { hash } => {
                say("cli-verify-list", &[("entry", &entry), ("hash", hash)])
            }
            EntryFault::Impossible { problems } => {
                let told: Vec<String> = (problems.iter())
                    .map(|problem| problem_text(&problem.as_problem(), language))
                    .collect();
                let reason = told.join("; ");
                say("cli-verify-impossible", &[("entry", &entry), ("reason", &reason)])
            }
        });
    }
    if !expected {
        lines.push(say("cli-verify-expected", &[]));
    }
    if found.entries > 0 {
        let entries = found.entries.to_string();
        if found.broken.is_none() && found.faults.is_empty() {
            lines.push(say("cli-verify-entries", &[("entries", &entries)]));
        }
        lines.push(say("cli-verify-last", &[("hash", last)]));
    }
    lines
}

fn draw_as_json(found: &Replay) -> Json {
    match found {
        Replay::CannotDraw { problems } => json!({
            "outcome": "cannot_draw",
            "problems": problems.iter().map(problem_json).collect::<Vec<_>>(),
        }),
        other => json!(other),
    }
}

fn draw_in_words(found: &Replay, language: &str) -> String {
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
        Replay::AuxiliaryDiffers => say("cli-replay-auxiliary", &[]),
        Replay::CoordinationDiffers => say("cli-replay-overlap", &[]),
        Replay::Differs { place, expected, found } => {
            let place = (place + 1).to_string();
            let arguments =
                [("place", place.as_str()), ("expected", &unit(expected)), ("found", &unit(found))];
            say("cli-replay-differs", &arguments)
        }
    }
}
