//! Samples: drawn from a frame by a plan and a seed, and drawn again to prove it.

use serde::{Deserialize, Serialize};

use super::frame::{Columns, Frame};
use super::plan::{Amount, Method, Plan, Stage, StageUnits, check};
use super::problem::Problem;
use super::random::{Seed, Stream};
use super::selection::{inclusion_probabilities, simple, systematic, systematic_with};

/// The form of a stored sample; a later form gets another number.
const FORM: u32 = 1;

/// A drawn sample and all that is needed to draw it again. As JSON it is the
/// manifest that anyone with the frame can replay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The form of this record.
    pub form: u32,
    /// What it started from.
    pub seed: Seed,
    /// How it was drawn.
    pub plan: Plan,
    /// Which column of the frame was what.
    pub columns: Columns,
    /// SHA-256 of plan and column roles.
    pub plan_hash: String,
    /// SHA-256 of the frame's bytes.
    pub frame_hash: String,
    /// The units, by stratum, cluster and place in the frame.
    pub units: Vec<SampledUnit>,
}

/// A drawn unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SampledUnit {
    /// Its id in the frame.
    pub unit: String,
    /// Its stratum's name; empty where there are no strata.
    pub stratum: String,
    /// Its cluster's name, if clusters were drawn: the primary sampling unit.
    pub cluster: Option<String>,
    /// What happened at each stage.
    pub stages: Vec<StageDraw>,
    /// The product of the stages' probabilities.
    pub probability: f64,
    /// Its base weight: one over the probability.
    pub weight: f64,
}

/// How a unit, or the cluster it is in, came through a stage.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StageDraw {
    /// The probability of being drawn at this stage.
    pub probability: f64,
    /// How many were drawn from the same list (for finite population corrections).
    pub sampled: u64,
    /// How many the list held.
    pub population: u64,
}

/// What a replay finds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Replay {
    /// The same sample comes out.
    Identical,
    /// The record is of a form that this version does not know.
    UnknownForm {
        /// Its form.
        form: u32,
    },
    /// The frame is another one than the sample was drawn from.
    FrameDiffers {
        /// The hash in the record.
        expected: String,
        /// The hash of the frame given.
        found: String,
    },
    /// The plan in the record is not the one its hash is of.
    PlanDiffers {
        /// The hash in the record.
        expected: String,
        /// The hash of the plan.
        found: String,
    },
    /// Nothing can be drawn from the frame by the plan.
    CannotDraw {
        /// Why.
        problems: Vec<Problem>,
    },
    /// The samples differ, first at this place.
    Differs {
        /// The place in the list of units, from 0.
        place: usize,
        /// The unit in the record, if it has one there.
        expected: Option<SampledUnit>,
        /// The unit drawn now, if there is one.
        found: Option<SampledUnit>,
    },
}

/// Draws a sample. The same frame, plan and seed give the same sample in any
/// process, to the last bit.
///
/// # Errors
///
/// Everything that stands in the way; then nothing is drawn.
pub fn draw(frame: &Frame, plan: &Plan, seed: Seed) -> Result<Sample, Vec<Problem>> {
    let counts = check(frame, plan)?;
    let first = &plan.stages[0];
    let mut units = Vec::new();
    for ((index, stratum), count) in (0_u32..).zip(&frame.strata).zip(counts) {
        let members = first.members(frame, stratum);
        let mut stream = seed.stream(1, index);
        for (place, stage) in select(first, frame, members, count, &mut stream) {
            let member = members[place];
            if first.units == StageUnits::Units {
                units.push(sampled(frame, member, None, vec![stage]));
            } else {
                within(frame, plan, seed, member, stage, &mut units);
            }
        }
    }
    Ok(Sample {
        form: FORM,
        seed,
        plan: plan.clone(),
        columns: frame.columns.clone(),
        plan_hash: plan.hash(frame),
        frame_hash: frame.hash.clone(),
        units,
    })
}

/// Draws in one cluster; without a second stage all of it is taken.
fn within(
    frame: &Frame,
    plan: &Plan,
    seed: Seed,
    cluster: u32,
    first: StageDraw,
    units: &mut Vec<SampledUnit>,
) {
    let members = &frame.clusters[cluster as usize].units;
    let Some(stage) = plan.stages.get(1) else {
        units.extend(members.iter().map(|unit| sampled(frame, *unit, Some(cluster), vec![first])));
        return;
    };
    let count = match &stage.amount {
        Amount::Each { count, .. } => u64::from(*count).min(members.len() as u64),
        Amount::Allocated(_) => 0,
    };
    let mut stream = seed.stream(2, cluster);
    for (place, second) in select(stage, frame, members, count, &mut stream) {
        units.push(sampled(frame, members[place], Some(cluster), vec![first, second]));
    }
}

/// Draws `count` of a list by the stage's method: places and probabilities.
fn select(
    stage: &Stage,
    frame: &Frame,
    members: &[u32],
    count: u64,
    stream: &mut Stream,
) -> Vec<(usize, StageDraw)> {
    let population = members.len() as u64;
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    let equal =
        StageDraw { probability: count as f64 / population as f64, sampled: count, population };
    let places = match stage.method {
        Method::Simple => simple(population, count, stream),
        Method::Systematic => systematic(population, count, stream),
        Method::SystematicPps(_) => {
            let sizes = stage.sizes(frame, members).unwrap_or_default();
            let probabilities = inclusion_probabilities(&sizes, count);
            let places = pps(&probabilities, stream);
            let drawn = |place: usize| StageDraw { probability: probabilities[place], ..equal };
            return places.into_iter().map(|place| (place, drawn(place))).collect();
        }
    };
    places.into_iter().map(|place| (place, equal)).collect()
}

/// The certain members, and the others systematically.
fn pps(probabilities: &[f64], stream: &mut Stream) -> Vec<usize> {
    let others: Vec<usize> =
        (0..probabilities.len()).filter(|place| probabilities[*place] < 1.0).collect();
    let of_others: Vec<f64> = others.iter().map(|place| probabilities[*place]).collect();
    let chosen = systematic_with(&of_others, stream.uniform());
    let certain = (0..probabilities.len()).filter(|place| probabilities[*place] >= 1.0);
    let mut places: Vec<usize> =
        certain.chain(chosen.into_iter().map(|place| others[place])).collect();
    places.sort_unstable();
    places
}

fn sampled(frame: &Frame, unit: u32, cluster: Option<u32>, stages: Vec<StageDraw>) -> SampledUnit {
    let unit = &frame.units[unit as usize];
    let probability = stages.iter().map(|stage| stage.probability).product();
    SampledUnit {
        unit: unit.id.to_string(),
        stratum: frame.stratum_of(unit).to_owned(),
        cluster: cluster.map(|cluster| frame.clusters[cluster as usize].name.clone()),
        stages,
        probability,
        weight: 1.0 / probability,
    }
}

/// Draws a recorded sample again and compares.
pub fn replay(recorded: &Sample, frame: &Frame) -> Replay {
    if recorded.form != FORM {
        return Replay::UnknownForm { form: recorded.form };
    }
    if recorded.frame_hash != frame.hash {
        let (expected, found) = (recorded.frame_hash.clone(), frame.hash.clone());
        return Replay::FrameDiffers { expected, found };
    }
    let plan_hash = recorded.plan.hash(frame);
    if recorded.plan_hash != plan_hash {
        let expected = recorded.plan_hash.clone();
        return Replay::PlanDiffers { expected, found: plan_hash };
    }
    let again = match draw(frame, &recorded.plan, recorded.seed) {
        Ok(again) => again,
        Err(problems) => return Replay::CannotDraw { problems },
    };
    let longest = recorded.units.len().max(again.units.len());
    let different =
        (0..longest).find(|place| recorded.units.get(*place) != again.units.get(*place));
    match different {
        None => Replay::Identical,
        Some(place) => Replay::Differs {
            place,
            expected: recorded.units.get(place).cloned(),
            found: again.units.get(place).cloned(),
        },
    }
}
