//! Samples: drawn from a frame by a plan and a seed, and drawn again to prove it.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Place;

use serde::{Deserialize, Serialize};

use super::chain::Entry;
use super::check::check;
use super::coordination::{Coordination, coordinate};
use super::frame::{Blocks, Columns, Frame};
use super::joint::{self, Approximation, Matrix};
use super::listing::{List, first_lists, inner_lists};
use super::plan::{Method, Plan, Stage};
use super::problem::Problem;
use super::random::Seed;
use super::release::deal;
use super::second_phase::second_phase;
use super::select::{Pick, probabilities, select, select_by_numbers, select_over_strata};
use super::selection::repeated::chromy_pairs;
use super::spread::{Auxiliary, auxiliary};
use super::take::{Take, takes};

/// The form of a stored sample; a later form gets another number.
const FORM: u32 = 2;
/// The form in which what is drawn again is there again, and a second phase
/// without strata of its own is one list. Records of it are replayed so.
const FORM_WITHOUT_HITS: u32 = 1;

/// Whether records of this form can be read and drawn again.
pub(super) fn knows(form: u32) -> bool {
    (FORM_WITHOUT_HITS..=FORM).contains(&form)
}

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
    /// Of a first stage that is balanced or spread, what its members have of that: the
    /// variance needs it. Older records have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub auxiliary: Vec<Auxiliary>,
    /// How the draw was coordinated with others of the list, where the plan says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coordination: Option<Coordination>,
    /// What was decided after the draw, each bound to what stands before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<Entry>,
    /// The hash of the last entry, or of the draw while there is none; older
    /// records have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
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
    /// A row a member, with its own probability on the diagonal; of draws in which a
    /// member may come several times, expected products of hits and expected hits.
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
    /// Its base weight: how often it came over the probability, and over its
    /// multiplicity (Hansen and Hurwitz, 1943).
    pub weight: f64,
    /// Where a stage draws with replacement, for each time that it came how often
    /// what was drawn at each stage had come before, the outermost first; at a stage
    /// of several starts by which of them it came, from 0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub came: Vec<Vec<u32>>,
    /// How it came through the second phase, if there is one and it did; the
    /// probability given the first phase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_phase: Option<StageDraw>,
    /// The stratum of the second phase that it came through in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_stratum: Option<String>,
    /// Its replicate, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicate: Option<u32>,
}

impl SampledUnit {
    /// How often it came: more than once only with replacement.
    pub fn hits(&self) -> usize {
        self.came.len().max(1)
    }
}

/// How a unit, or the cluster it is in, came through a stage.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StageDraw {
    /// The probability of being drawn at this stage; with replacement, how often it
    /// is expected.
    pub probability: f64,
    /// How many were drawn from the same list (for finite population corrections).
    pub sampled: u64,
    /// How many the list held.
    pub population: u64,
}

/// Draws a sample. The same frame, plan and seed give the same sample in any
/// process, to the last bit.
///
/// # Errors
///
/// Everything that stands in the way; then nothing is drawn.
pub fn draw(frame: &Frame, plan: &Plan, seed: Seed) -> Result<Sample, Vec<Problem>> {
    let coordination = coordinate(frame, plan, seed, None, &[])?.coordination;
    draw_as(FORM, frame, plan, seed, coordination)
}

/// Draws a sample beside others of the same list, as [`coordinate`] has set it.
///
/// # Errors
///
/// As [`draw`].
pub fn draw_beside(
    frame: &Frame,
    plan: &Plan,
    seed: Seed,
    coordination: Option<Coordination>,
) -> Result<Sample, Vec<Problem>> {
    draw_as(FORM, frame, plan, seed, coordination)
}

/// Draws a sample as records of that form have it.
pub(super) fn draw_as(
    form: u32,
    frame: &Frame,
    plan: &Plan,
    seed: Seed,
    mut coordination: Option<Coordination>,
) -> Result<Sample, Vec<Problem>> {
    let rested = coordination.as_ref().and_then(|coordination| coordination.rested(frame));
    let frame = rested.as_ref().unwrap_or(frame);
    let takes = check(frame, plan)?;
    if let Some(coordination) = &mut coordination {
        coordination.complete(frame, plan);
    }
    let mut drawing = Drawing::new(frame, plan, seed);
    drawing.coordination = coordination.as_ref().filter(|one| one.own.is_some());
    let lists = first_lists(frame, &plan.stages[0]);
    let selections = drawing.select_first(&lists, &takes);
    for (list, selection) in lists.iter().zip(&selections) {
        let names = [list.stratum.clone()];
        for pick in selection {
            drawing.hits.push(pick.hit);
            drawing.follow(1, list, pick.place, &names, &[pick.draw]);
            drawing.hits.pop();
        }
    }
    let joint =
        if plan.joint { joint_of(frame, plan, &lists, &takes, &selections) } else { Vec::new() };
    let places: Vec<Vec<usize>> = (selections.iter())
        .map(|selection| selection.iter().map(|pick| pick.place).collect())
        .collect();
    let auxiliary = auxiliary(frame, &plan.stages[0], &lists, &places);
    let (indices, mut units) = drawing.finish(form != FORM_WITHOUT_HITS);
    if let Some(stage) = &plan.second_phase {
        let of_plan = form != FORM_WITHOUT_HITS;
        second_phase(frame, stage, seed, of_plan, &indices, &mut units)?;
    }
    if let Some(release) = plan.release {
        deal(&mut units, release, seed);
    }
    let mut sample = Sample {
        form,
        seed,
        plan: plan.clone(),
        columns: frame.columns.clone(),
        plan_hash: plan.hash(&frame.columns),
        frame_hash: frame.hash.clone(),
        frame_blocks: Some(frame.blocks.clone()),
        units,
        joint,
        auxiliary,
        coordination,
        entries: Vec::new(),
        last: None,
    };
    if form != FORM_WITHOUT_HITS {
        sample.last = Some(sample.draw_hash());
    }
    Ok(sample)
}

/// A draw under way.
pub(super) struct Drawing<'f> {
    frame: &'f Frame,
    plan: &'f Plan,
    seed: Seed,
    /// How the first stage is coordinated with other draws, if it is.
    coordination: Option<&'f Coordination>,
    /// What the streams of chance inside are called by, before the stage.
    what: &'static str,
    /// At each stage above, how often what was drawn there had come before.
    pub(super) hits: Vec<u32>,
    indices: Vec<u32>,
    units: Vec<SampledUnit>,
}

impl<'f> Drawing<'f> {
    fn new(frame: &'f Frame, plan: &'f Plan, seed: Seed) -> Self {
        Self::called("", frame, plan, seed)
    }

    /// A draw whose streams of chance are its own, apart from those of others with
    /// the same seed.
    pub(super) fn called(what: &'static str, frame: &'f Frame, plan: &'f Plan, seed: Seed) -> Self {
        Self {
            frame,
            plan,
            seed,
            coordination: None,
            what,
            hits: Vec::new(),
            indices: Vec::new(),
            units: Vec::new(),
        }
    }
}

impl Drawing<'_> {
    fn select_first(&self, lists: &[List<'_>], takes: &[Take]) -> Vec<Vec<Pick>> {
        let stage = &self.plan.stages[0];
        if let Method::Cube(balanced) = &stage.method
            && balanced.over_strata
        {
            let mut stream = self.seed.stream_of("stage 1 over strata", &[]);
            let variables = &balanced.variables;
            return select_over_strata(stage, variables, self.frame, lists, takes, &mut stream);
        }
        (0_u32..)
            .zip(lists)
            .zip(takes)
            .map(|((index, list), take)| {
                let mut stream = self.seed.stream(1, index);
                if let Some(coordination) = self.coordination {
                    let numbers = coordination.numbers(self.frame, list);
                    let (members, stream) = (&list.members, &mut stream);
                    return select_by_numbers(stage, self.frame, members, *take, &numbers, stream);
                }
                select(stage, self.frame, &list.members, *take, &mut stream)
            })
            .collect()
    }

    /// Goes on inside a member that stage `number` drew, or takes it.
    pub(super) fn follow(
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
        let takes = takes(self.frame, stage, &inner).unwrap_or_default();
        let selections = self.select_inside(number, stage, cluster, &names, &inner, &takes);
        for (list, selection) in inner.iter().zip(selections) {
            let mut names = names.clone();
            names.extend(Some(list.stratum.clone()).filter(|name| !name.is_empty()));
            for pick in selection {
                let stages: Vec<StageDraw> = above.iter().copied().chain([pick.draw]).collect();
                self.hits.push(pick.hit);
                self.follow(number + 1, list, pick.place, &names, &stages);
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
        takes: &[Take],
    ) -> Vec<Vec<Pick>> {
        // A cluster that came twice gets a sample of its own each time.
        let again = self.hits.iter().any(|hit| *hit > 0);
        let hits = if again { format!(" after hits {:?}", self.hits) } else { String::new() };
        let what = format!("{}stage {}{hits}", self.what, number + 1);
        if let Method::Cube(balanced) = &stage.method
            && balanced.over_strata
        {
            let mut stream = self.seed.stream_of(&format!("{what} over strata"), names);
            let variables = &balanced.variables;
            return select_over_strata(stage, variables, self.frame, lists, takes, &mut stream);
        }
        lists
            .iter()
            .zip(takes)
            .map(|(list, take)| {
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
                select(stage, self.frame, &list.members, *take, &mut stream)
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
            came: if self.plan.repeats() { vec![self.hits.clone()] } else { Vec::new() },
            second_phase: None,
            second_stratum: None,
            replicate: None,
        });
    }

    /// The places in the frame and the units; those that came several times are
    /// there once, if `merged`.
    pub(super) fn finish(self, merged: bool) -> (Vec<u32>, Vec<SampledUnit>) {
        let Self { indices, mut units, .. } = self;
        if !merged {
            for unit in &mut units {
                unit.came.clear();
            }
            return (indices, units);
        }
        let mut places: HashMap<u32, usize> = HashMap::new();
        let (mut first, mut once) = (Vec::new(), Vec::<SampledUnit>::with_capacity(units.len()));
        for (index, unit) in indices.into_iter().zip(units) {
            match places.entry(index) {
                Place::Occupied(place) => {
                    let before = &mut once[*place.get()];
                    before.weight += unit.weight;
                    before.came.extend(unit.came);
                }
                Place::Vacant(place) => {
                    place.insert(once.len());
                    first.push(index);
                    once.push(unit);
                }
            }
        }
        (first, once)
    }
}

/// The joint probabilities of the first stage's draws; nothing for methods
/// whose pairs have no known probability.
fn joint_of(
    frame: &Frame,
    plan: &Plan,
    lists: &[List<'_>],
    takes: &[Take],
    selections: &[Vec<Pick>],
) -> Vec<JointProbabilities> {
    let stage = &plan.stages[0];
    if stage.starts.is_some() {
        return Vec::new();
    }
    let (exact, matrix_of): (bool, fn(&[f64]) -> Matrix) = match &stage.method {
        Method::Systematic | Method::SystematicPps(_) => (true, joint::systematic),
        // With equal probabilities simple random sampling has the largest entropy.
        Method::Simple | Method::MaximumEntropy(_) => (true, joint::maximum_entropy),
        Method::Sampford(_) => (true, joint::sampford),
        Method::Tille(_) => (true, joint::tille),
        Method::Midzuno(_) => (true, joint::midzuno),
        Method::Poisson(_) => (true, joint::independent),
        Method::Chromy(_) => (true, chromy_pairs),
        Method::Brewer(_)
        | Method::ShuffledPps(_)
        | Method::SequentialPoisson(_)
        | Method::Pareto(_) => {
            (false, |probabilities| joint::approximate(probabilities, Approximation::Exacting))
        }
        Method::Circular
        | Method::WithReplacement
        | Method::PpsWithReplacement(_)
        | Method::Cube(_)
        | Method::LocalPivotal(_) => {
            return Vec::new();
        }
    };
    lists
        .iter()
        .zip(takes)
        .zip(selections)
        .map(|((list, take), selection)| {
            let of = |take| matrix_of(&probabilities(stage, frame, &list.members, take));
            let all = over_numbers(*take, &stage.method, of);
            let mut places: Vec<usize> = selection.iter().map(|pick| pick.place).collect();
            places.dedup();
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

/// Joint probabilities over the numbers that chance may decide on.
fn over_numbers(take: Take, method: &Method, of: impl Fn(Take) -> Matrix) -> Matrix {
    if take.one_more == 0.0 || matches!(method, Method::Poisson(_)) {
        return of(take);
    }
    let (mut mean, high) = (of(Take::fixed(take.least)), of(Take::fixed(take.most())));
    for (cell, high) in mean.iter_mut().flatten().zip(high.iter().flatten()) {
        *cell += take.one_more * (high - *cell);
    }
    mean
}
