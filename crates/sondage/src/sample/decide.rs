//! `sondage sample release`, `substitute` and `extend`: what is decided after the
//! draw, each an entry of the manifest.

use std::path::Path;

use serde_json::json;
use survey_builder::problem::first_places;
use survey_builder::sampling::chain::{self, Act};
use survey_builder::sampling::extension::{list_stage, phase_stage, unlisted};
use survey_builder::sampling::{Plan, Problem, Sample};

use super::manifest::Held;
use super::read_plan;
use crate::frame::{pretty, refuse};
use crate::frame_file::{self, Refusal};
use crate::sampling_arguments::EncodingChoice;
use crate::terminal::{Failure, print_line};

/// Releases replicates up to a number.
///
/// # Errors
///
/// What the sample does not allow; what the disk says.
pub fn release(path: &Path, upto: u32, machine: bool, language: &str) -> Result<(), Failure> {
    let held = Held::open(path)?;
    let found = chain::release(&held.sample, upto).map_err(Refusal::from);
    append(held, found, machine, language)
}

/// Puts a unit of the reserve in another's place.
///
/// # Errors
///
/// As [`release`].
pub fn substitute(
    path: &Path,
    unit: &str,
    reason: &str,
    machine: bool,
    language: &str,
) -> Result<(), Failure> {
    let held = Held::open(path)?;
    let found = chain::replace(&held.sample, unit, reason).map_err(Refusal::from);
    append(held, found, machine, language)
}

/// Draws from a list that came after the draw.
///
/// # Errors
///
/// As [`release`], and what is wrong with list and plan.
pub fn extend(
    path: &Path,
    list: (&Path, EncodingChoice),
    plan: &Path,
    machine: bool,
    language: &str,
) -> Result<(), Failure> {
    let held = Held::open(path)?;
    let found = further(&held.sample, list, plan);
    append(held, found, machine, language)
}

fn further(
    sample: &Sample,
    (list, encoding): (&Path, EncodingChoice),
    plan: &Path,
) -> Result<Act, Refusal> {
    let (columns, plan, _) = read_plan(plan)?;
    check_plan(&plan)?;
    let sheet = columns.reading.sheet.as_deref();
    let list = frame_file::open(list, encoding, sheet)?.frame(&plan.columns(&columns))?;
    Ok(match &plan.second_phase {
        Some(stage) => phase_stage(sample, &list, stage)?,
        None => {
            if columns.cluster.is_none() {
                return Err(vec![Problem::PlanWithoutClusters { stage: 1 }].into());
            }
            list_stage(sample, &list, &plan.stages)?
        }
    })
}

/// A plan of an extension says stages or a second phase, and nothing else.
fn check_plan(plan: &Plan) -> Result<(), Refusal> {
    let one = plan.stages.is_empty() == plan.second_phase.is_some();
    let alone = plan.release.is_none()
        && plan.nonprobability.is_none()
        && !plan.substitution
        && !plan.joint
        && plan.overlap.is_none()
        && plan.multiplicity.is_none();
    if one && alone { Ok(()) } else { Err(vec![Problem::PlanNotOfExtension].into()) }
}

fn append(
    mut held: Held,
    found: Result<Act, Refusal>,
    machine: bool,
    language: &str,
) -> Result<(), Failure> {
    let act = match found {
        Ok(act) => act,
        Err(refusal) => return refuse(refusal, machine),
    };
    held.append(act)?;
    let appended = &held.sample;
    let left = if appended.listings().next().is_some() { unlisted(appended) } else { Vec::new() };
    if machine {
        let entry = appended.entries.last();
        print_line(&pretty(&json!({
            "outcome": "appended",
            "entry": appended.entries.len(),
            "act": entry,
            "last_hash": appended.last_hash(),
            "unlisted": left,
        })));
        return Ok(());
    }
    if let Some(entry) = appended.entries.last() {
        print_line(&in_words(&entry.act, language));
    }
    if !left.is_empty() {
        let (count, first) = (left.len().to_string(), first_places(left.iter().copied()));
        let arguments = [("count", count.as_str()), ("first", &first)];
        print_line(&locale::text(language, "cli-sample-unlisted", &arguments));
    }
    let number = appended.entries.len().to_string();
    let arguments = [("entry", number.as_str()), ("hash", &appended.last_hash())];
    print_line(&locale::text(language, "cli-sample-entry", &arguments));
    Ok(())
}

/// What an entry says.
fn in_words(act: &Act, language: &str) -> String {
    let say = |key: &str, arguments: &[(&str, &str)]| locale::text(language, key, arguments);
    match act {
        Act::Released { replicates } => {
            say("cli-sample-released", &[("count", &replicates.to_string())])
        }
        Act::Substituted(one) => {
            say("cli-sample-substituted", &[("unit", &one.unit), ("by", &one.by)])
        }
        Act::Listed(listed) => {
            let (units, clusters) =
                (listed.units.len().to_string(), listed.clusters.len().to_string());
            say("cli-sample-listed", &[("units", &units), ("clusters", &clusters)])
        }
        Act::SecondPhase(phase) => {
            say("cli-sample-phase", &[("units", &phase.units.len().to_string())])
        }
        Act::DrawnAgain { record, .. } => say("cli-sample-drawn-again", &[("file", record)]),
    }
}
