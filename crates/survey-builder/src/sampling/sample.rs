//! Samples: drawn from a frame by a plan and a seed, and drawn again to prove it.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::check::{check, counts};
use super::frame::{Blocks, Columns, Frame, Rows};
use super::joint::{self, Approximation, Matrix};
use super::listing::{List, first_lists, inner_lists};
use super::plan::{Amount, Method, Plan, Stage};
use super::problem::Problem;
use super::random::Seed;
use super::release::deal;
use super::select::{probabilities, select, select_over_strata};

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
    /// Fingerprints of the frame's rows, to tell where another frame differs;
    /// older records have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame_blocks: Option<Blocks>,
    /// The units, by stratum, cluster and place in the frame.
    pub units: Vec<SampledUnit>,
    /// The joint inclusion probabilities of the first stage, a stratum each,
    /// where the plan keeps them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joint: Vec<JointProbabilities>,
}

/// The joint inclusion probabilities of those drawn in a stratum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JointProbabilities {
    /// The stratum's name.
    pub stratum: String,
    /// The clusters or units drawn.
    pub members: Vec<String>,
    /// Whether they are the design's own; otherwise the approximation of
    /// Brewer and Donadio (2003).
    pub exact: bool,
    /// A row a member, with its own probability on the diagonal.
    pub matrix: Matrix,
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
    /// The strata and clusters of later stages that it is in, the outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub within: Vec<String>,
    /// What happened at each stage.
    pub stages: Vec<StageDraw>,
    /// The product of the stages' probabilities.
    pub probability: f64,
    /// Its base weight: one over the probability, and over its multiplicity.
    pub weight: f64,
    /// How it came through the second phase, if there is one and it did; the
    /// probability given the first phase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_phase: Option<StageDraw>,
    /// Its replicate, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicate: Option<u32>,
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
        /// The first rows that are not the same, where the record tells; none
        /// where only the header or the way the file is written differs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rows: Option<Rows>,
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
    /// The units are the same but their joint probabilities are not.
    JointDiffers,
    /// The samples differ, first at this place.
    Differs {
        /// The place in the list of units, from 0.
        place: usize,
        /// The unit in the record, if it has one there.
        expected: Option<Box<SampledUnit>>,
        /// The unit drawn now, if there is one.
        found: Option<Box<SampledUnit>>,
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
    let mut drawing =
        Drawing { frame, plan, seed, hits: Vec::new(), indices: Vec::new(), units: Vec::new() };
    let lists = first_lists(frame, &plan.stages[0]);
    let selections = drawing.select_first(&lists, &counts);
    for (list, selection) in lists.iter().zip(&selections) {
        let names = [list.stratum.clone()];
        for (hit, (place, stage)) in counted(selection) {
            drawing.hits.push(hit);
            drawing.follow(1, list, place, &names, &[stage]);
            drawing.hits.pop();
        }
    }
    let joint =
        if plan.joint { joint_of(frame, plan, &lists, &counts, &selections) } else { Vec::new() };
    let Drawing { indices, mut units, .. } = drawing;
    if let Some(stage) = &plan.second_phase {
        second_phase(frame, stage, seed, &indices, &mut units)?;
    }
    if let Some(release) = plan.release {
        deal(&mut units, release, seed);
    }
    Ok(Sample {
        form: FORM,
        seed,
        plan: plan.clone(),
        columns: frame.columns.clone(),
        plan_hash: plan.hash(&frame.columns),
        frame_hash: frame.hash.clone(),
        frame_blocks: Some(frame.blocks.clone()),
        units,
        joint,
    })
}

/// A draw under way.
struct Drawing<'f> {
    frame: &'f Frame,
    plan: &'f Plan,
    seed: Seed,
    /// At each stage above, how often what was drawn there had come before.
    hits: Vec<u32>,
    indices: Vec<u32>,
    units: Vec<SampledUnit>,
}

impl Drawing<'_> {
    fn select_first(&self, lists: &[List<'_>], counts: &[u64]) -> Vec<Vec<(usize, StageDraw)>> {
        let stage = &self.plan.stages[0];
        if let Method::Cube(balanced) = &stage.method
            && balanced.over_strata
        {
            let mut stream = self.seed.stream_of("stage 1 over strata", &[]);
            let variables = &balanced.variables;
            return select_over_strata(stage, variables, self.frame, lists, counts, &mut stream);
        }
        (0_u32..)
            .zip(lists)
            .zip(counts)
            .map(|((index, list), count)| {
                let mut stream = self.seed.stream(1, index);
                select(stage, self.frame, &list.members, *count, &mut stream)
            })
            .collect()
    }

    /// Goes on inside a member that stage `number` drew, or takes it.
    fn follow(
        &mut self,
        number: usize,
        list: &List<'_>,
        place: usize,
        names: &[String],
        above: &[StageDraw],
    ) {
        let group = list.members.group(place);
        let mut names = names.to_vec();
        names.extend(group.map(|group| group.name.to_owned()));
        let Some(stage) = self.plan.stages.get(number) else {
            for unit in list.members.units(place) {
                self.take(*unit, &names, above);
            }
            return;
        };
        let cluster = group.and_then(|group| group.cluster);
        let inner = inner_lists(self.frame, stage, list.members.units(place));
        // The check before has found that all of these can be had.
        let counts = counts(self.frame, stage, &inner).unwrap_or_default();
        let selections = self.select_inside(number, stage, cluster, &names, &inner, &counts);
        for (list, selection) in inner.iter().zip(selections) {
            let mut names = names.clone();
            names.extend(Some(list.stratum.clone()).filter(|name| !name.is_empty()));
            for (hit, (place, drawn)) in counted(&selection) {
                let stages: Vec<StageDraw> = above.iter().copied().chain([drawn]).collect();
                self.hits.push(hit);
                self.follow(number + 1, list, place, &names, &stages);
                self.hits.pop();
            }
        }
    }

    fn select_inside(
        &self,
        number: usize,
        stage: &Stage,
        cluster: Option<u32>,
        names: &[String],
        lists: &[List<'_>],
        counts: &[u64],
    ) -> Vec<Vec<(usize, StageDraw)>> {
        // A cluster that came twice gets a sample of its own each time.
        let again = self.hits.iter().any(|hit| *hit > 0);
        let hits = if again { format!(" after hits {:?}", self.hits) } else { String::new() };
        let what = format!("stage {}{hits}", number + 1);
        if let Method::Cube(balanced) = &stage.method
            && balanced.over_strata
        {
            let mut stream = self.seed.stream_of(&format!("{what} over strata"), names);
            let variables = &balanced.variables;
            return select_over_strata(stage, variables, self.frame, lists, counts, &mut stream);
        }
        lists
            .iter()
            .zip(counts)
            .map(|(list, count)| {
                // A cluster of the frame is known by its number, anything else by its names.
                let mut stream = match cluster {
                    Some(cluster) if number == 1 && stage.strata.is_empty() && !again => {
                        self.seed.stream(2, cluster)
                    }
                    _ => {
                        let path: Vec<String> =
                            names.iter().cloned().chain([list.stratum.clone()]).collect();
                        self.seed.stream_of(&what, &path)
                    }
                };
                select(stage, self.frame, &list.members, *count, &mut stream)
            })
            .collect()
    }

    fn take(&mut self, index: u32, names: &[String], stages: &[StageDraw]) {
        let unit = &self.frame.units[index as usize];
        let probability: f64 = stages.iter().map(|stage| stage.probability).product();
        let multiplicity = self.plan.multiplicity.as_ref();
        let ways = multiplicity.and_then(|column| self.frame.numbers_of(column));
        let ways = ways.map_or(1.0, |numbers| numbers[index as usize]);
        self.indices.push(index);
        self.units.push(SampledUnit {
            unit: self.frame.ids.get(index as usize).to_owned(),
            stratum: self.frame.stratum_of(unit).to_owned(),
            cluster: names.get(1).cloned(),
            within: names.get(2..).unwrap_or_default().to_vec(),
            stages: stages.to_vec(),
            probability,
            weight: 1.0 / (probability * ways),
            second_phase: None,
            replicate: None,
        });
    }
}

/// What was drawn, with how often the same place came before it; with
/// replacement equal places stand together.
fn counted(
    selection: &[(usize, StageDraw)],
) -> impl Iterator<Item = (u32, (usize, StageDraw))> + '_ {
    let groups = selection.chunk_by(|one, other| one.0 == other.0);
    groups.flat_map(|group| (0_u32..).zip(group.iter().copied()))
}

/// Draws again from those drawn, as one list in strata of its own.
fn second_phase(
    frame: &Frame,
    stage: &Stage,
    seed: Seed,
    indices: &[u32],
    units: &mut [SampledUnit],
) -> Result<(), Vec<Problem>> {
    let lists = inner_lists(frame, stage, indices);
    if let Amount::Each { count, all_if_fewer: false } = stage.amount {
        let wanted = u64::from(count);
        let problems: Vec<Problem> = lists
            .iter()
            .map(|list| (list, list.members.len() as u64))
            .filter(|(_, available)| *available < wanted)
            .map(|(list, available)| Problem::PlanOverPopulation {
                stratum: format!("{} of the second phase", list.stratum),
                wanted,
                available,
            })
            .collect();
        if !problems.is_empty() {
            return Err(problems);
        }
    }
    let counts = counts(frame, stage, &lists)?;
    let mut drawn: HashMap<String, StageDraw> = HashMap::new();
    for (list, count) in lists.iter().zip(counts) {
        let mut stream = seed.stream_of("second phase", std::slice::from_ref(&list.stratum));
        for (place, stage) in select(stage, frame, &list.members, count, &mut stream) {
            drawn.insert(list.members.name(frame, place).to_owned(), stage);
        }
    }
    for unit in units {
        unit.second_phase = drawn.get(&unit.unit).copied();
    }
    Ok(())
}

/// The joint probabilities of the first stage's draws; nothing for methods
/// whose pairs have no known probability.
fn joint_of(
    frame: &Frame,
    plan: &Plan,
    lists: &[List<'_>],
    counts: &[u64],
    selections: &[Vec<(usize, StageDraw)>],
) -> Vec<JointProbabilities> {
    let stage = &plan.stages[0];
    let (exact, matrix_of): (bool, fn(&[f64]) -> Matrix) = match &stage.method {
        Method::Systematic | Method::SystematicPps(_) => (true, joint::systematic),
        // With equal probabilities simple random sampling has the largest entropy.
        Method::Simple | Method::MaximumEntropy(_) => (true, joint::maximum_entropy),
        Method::Sampford(_) => (true, joint::sampford),
        Method::Tille(_) => (true, joint::tille),
        Method::Midzuno(_) => (true, joint::midzuno),
        Method::Poisson(_) => (true, joint::independent),
        Method::Brewer(_)
        | Method::ShuffledPps(_)
        | Method::SequentialPoisson(_)
        | Method::Pareto(_) => {
            (false, |probabilities| joint::approximate(probabilities, Approximation::Exacting))
        }
        Method::Circular | Method::WithReplacement | Method::Cube(_) | Method::LocalPivotal(_) => {
            return Vec::new();
        }
    };
    lists
        .iter()
        .zip(counts)
        .zip(selections)
        .map(|((list, count), selection)| {
            let all = matrix_of(&probabilities(stage, frame, &list.members, *count));
            let places: Vec<usize> = selection.iter().map(|(place, _)| *place).collect();
            let name = |place: &usize| list.members.name(frame, *place).to_owned();
            JointProbabilities {
                stratum: list.stratum.clone(),
                members: places.iter().map(name).collect(),
                exact,
                matrix: places
                    .iter()
                    .map(|one| places.iter().map(|other| all[*one][*other]).collect())
                    .collect(),
            }
        })
        .collect()
}

/// Draws a recorded sample again and compares.
pub fn replay(recorded: &Sample, frame: &Frame) -> Replay {
    if recorded.form != FORM {
        return Replay::UnknownForm { form: recorded.form };
    }
    if recorded.frame_hash != frame.hash {
        let (expected, found) = (recorded.frame_hash.clone(), frame.hash.clone());
        let recorded = recorded.frame_blocks.as_ref();
        let rows = recorded.and_then(|blocks| blocks.first_difference(&frame.blocks));
        return Replay::FrameDiffers { expected, found, rows };
    }
    let plan_hash = recorded.plan.hash(&frame.columns);
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
        None if recorded.joint != again.joint => Replay::JointDiffers,
        None => Replay::Identical,
        Some(place) => Replay::Differs {
            place,
            expected: recorded.units.get(place).cloned().map(Box::new),
            found: again.units.get(place).cloned().map(Box::new),
        },
    }
}
