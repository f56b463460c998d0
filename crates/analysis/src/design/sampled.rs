//! The design of answers, from the record of the sample that they come from: nobody writes down again
//! what the draw knew.
//!
//! Rows are joined to the units in the field by id ([`join`]); weights, strata, clusters of every stage,
//! populations, certain units, unequal probabilities, phases and hits then come from the record
//! ([`design_of`]). An answer that did not come makes its list as small as if fewer had been drawn from
//! it: n is what answered, the population stays.

mod tree;

use std::collections::HashMap;

use survey_builder::problem::first_places;
use survey_builder::sampling::Sample;
use survey_builder::sampling::fielded::{FieldedUnit, Standing, fielded};

use self::tree::{Path, Tree};
use super::drawn::{DrawnList, Rule};
use super::{Design, DesignInput, Population, SinglePsu, StageInput, Weights};
use crate::error::{Error, Problem, Result};
use crate::problem::Fault;

/// Rows with the units of a sample that they are of.
#[derive(Debug, Clone)]
pub struct Joined<'s> {
    sample: &'s Sample,
    /// Every unit of the sample.
    units: Vec<FieldedUnit<'s>>,
    /// For each row the place of its unit among these.
    rows: Vec<usize>,
}

/// What a reader must know of a join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinReport {
    /// Units in the field.
    pub in_field: usize,
    /// Of these, without a row: how many, and the first.
    pub unanswered: (usize, String),
    /// Rows of units that the second phase did not draw, which have no weight.
    pub outside_second_phase: usize,
}

/// The design of rows, and the names of the lists that its messages speak of by number.
#[derive(Debug, Clone)]
pub struct SampledDesign {
    /// How the rows were drawn, with their base weights.
    pub design: Design,
    /// The names of the lists, by their codes.
    pub lists: Vec<String>,
    /// The stages of the rows, the first that left something to chance first.
    pub stages: Vec<SampledStage>,
    /// Whether these stages with the base weights are the whole design: not where it has joint
    /// probabilities, two phases, or units that came more than once in part.
    pub stages_are_whole: bool,
}

/// A stage of rows: whoever has these columns and the base weights can estimate again.
#[derive(Debug, Clone, PartialEq)]
pub struct SampledStage {
    /// The code of the list that each row's member was drawn from.
    pub lists: Vec<u32>,
    /// The code of the member, no two alike in a stage.
    pub members: Vec<u32>,
    /// The member's probability in its list, given who answered; none with replacement.
    pub probabilities: Vec<Option<f64>>,
}

impl SampledStage {
    /// Whether probabilities differ inside a list.
    pub fn is_by_size(&self) -> bool {
        let mut first: HashMap<u32, Option<f64>> = HashMap::new();
        let mut own = self.lists.iter().zip(&self.probabilities);
        own.any(|(list, own)| *first.entry(*list).or_insert(*own) != *own)
    }
}

/// What is still to be said of a design that a record gives.
#[derive(Debug, Clone, Copy)]
pub struct SampledRules {
    /// The rule for lists of which a single member is known that was not certain.
    pub single_psu: SinglePsu,
    /// As [`DesignInput::domain_single_psu`].
    pub domain_single_psu: bool,
}

/// Joins rows, by the ids of their units, to a sample.
///
/// # Errors
/// Ids that are blank, that stand twice, that the sample does not know, or whose units are not in the
/// field (in reserve, or replaced): each kind with its number and the first of them.
pub fn join<'s>(sample: &'s Sample, ids: &[&str], column: &str) -> Result<Joined<'s>> {
    let units = fielded(sample, true);
    let places: HashMap<&str, usize> =
        units.iter().enumerate().map(|(place, unit)| (unit.id, place)).collect();
    let mut taken = vec![false; units.len()];
    let mut rows = Vec::with_capacity(ids.len());
    let mut wrong: [Vec<&str>; 4] = Default::default();
    let mut blank = Vec::new();
    for (row, id) in ids.iter().enumerate() {
        let Some(&place) = places.get(id) else {
            if id.is_empty() {
                blank.push((row + 1).to_string());
            } else {
                wrong[0].push(id);
            }
            continue;
        };
        match units[place].standing {
            _ if std::mem::replace(&mut taken[place], true) => wrong[1].push(id),
            Standing::Waiting => wrong[2].push(id),
            Standing::Replaced => wrong[3].push(id),
            Standing::InField | Standing::OutsideSecondPhase => rows.push(place),
        }
    }
    let [unknown, twice, waiting, replaced] = wrong;
    let told = |ids: &[&str], fault: fn(usize, String) -> Fault| {
        let first = || first_places(ids.iter().copied());
        (!ids.is_empty()).then(|| fault(ids.len(), first()).at(column))
    };
    let blank: Vec<&str> = blank.iter().map(String::as_str).collect();
    let problems: Vec<Problem> = [
        told(&blank, |count, first| Fault::SampleIdBlank { count, first }),
        told(&unknown, |count, first| Fault::SampleIdUnknown { count, first }),
        told(&twice, |count, first| Fault::SampleIdTwice { count, first }),
        told(&waiting, |count, first| Fault::SampleIdWaiting { count, first }),
        told(&replaced, |count, first| Fault::SampleIdReplaced { count, first }),
    ]
    .into_iter()
    .flatten()
    .collect();
    if problems.is_empty() {
        Ok(Joined { sample, units, rows })
    } else {
        Err(Error::Invalid(problems))
    }
}

impl Joined<'_> {
    /// What a reader must know of the join.
    pub fn report(&self) -> JoinReport {
        let mut answered = vec![false; self.units.len()];
        for place in &self.rows {
            answered[*place] = true;
        }
        let in_field = |unit: &FieldedUnit<'_>| unit.standing == Standing::InField;
        let silent: Vec<&str> = (self.units.iter().zip(&answered))
            .filter(|(unit, answered)| in_field(unit) && !**answered)
            .map(|(unit, _)| unit.id)
            .collect();
        let outside = |place: &&usize| self.units[**place].standing == Standing::OutsideSecondPhase;
        JoinReport {
            in_field: self.units.iter().filter(|unit| in_field(unit)).count(),
            unanswered: (silent.len(), first_places(silent)),
            outside_second_phase: self.rows.iter().filter(outside).count(),
        }
    }

    /// The first-stage stratum of each row, as a code.
    pub fn strata(&self) -> Vec<u32> {
        let mut codes: HashMap<&str, u32> = HashMap::new();
        let code = |place: &usize| {
            let next = u32::try_from(codes.len() + 1).unwrap_or(u32::MAX);
            *codes.entry(&self.units[*place].unit.stratum).or_insert(next)
        };
        self.rows.iter().map(code).collect()
    }

    /// The base weight of each row: none for those outside the second phase.
    pub fn weights(&self) -> Vec<f64> {
        self.rows.iter().map(|place| self.units[*place].weight.unwrap_or(0.0)).collect()
    }
}

/// The design of rows from the record of their sample.
///
/// Lists that were drawn from with equal probabilities have the variance of simple samples from finite
/// populations; those by size have Brewer's, or where the record has exact joint probabilities Yates and
/// Grundy's; Poisson samples have their own, draws with replacement Hansen and Hurwitz's, and two phases
/// the sum of both. Clusters that were certain are strata of their own, as are certain units by size.
///
/// # Errors
/// A record too old to say how units came, a second phase whose strata it does not have, rows without any
/// weight, and whatever [`Design::new`] finds.
pub fn design_of(joined: &Joined<'_>, rules: SampledRules) -> Result<SampledDesign> {
    let problems = too_old(joined.sample);
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let tree = Tree::new(joined.sample, &joined.units, &joined.rows);
    let weights = joined.weights();
    let two_phases = !tree.drawn.second.is_empty();
    let stages = if tree.is_plain() && !two_phases {
        plain_stages(&tree)
    } else {
        vec![first_stage(&tree, None)]
    };
    let plain = stages[0].population.is_some() || tree.is_plain() && !two_phases;
    let design = Design::new(DesignInput {
        weights: Weights::Given(weights),
        stages,
        nest: true,
        single_psu: rules.single_psu,
        domain_single_psu: rules.domain_single_psu,
    })?;
    let stages = stage_columns(&tree);
    let brewer = |list: &DrawnList| matches!(list.rule, Rule::Brewer);
    let stages_are_whole = plain || !two_phases && tree.drawn.lists.iter().all(brewer);
    let Tree { drawn, names, .. } = tree;
    let design = if plain { design } else { design.with_drawn(drawn) };
    Ok(SampledDesign { design, lists: names, stages, stages_are_whole })
}

/// The stages of the rows as columns.
fn stage_columns(tree: &Tree) -> Vec<SampledStage> {
    (0..tree.depth())
        .map(|depth| {
            let steps = tree.steps(depth);
            SampledStage {
                lists: steps.iter().map(|step| step.list).collect(),
                members: steps.iter().map(|step| step.member).collect(),
                probabilities: steps.iter().map(|step| step.probability).collect(),
            }
        })
        .collect()
}

/// What records of the first form do not say.
fn too_old(sample: &Sample) -> Vec<Problem> {
    let units = || sample.units_in_use();
    let mut problems = Vec::new();
    if sample.repeats() && units().any(|unit| unit.came.is_empty()) {
        problems.push(Fault::SampleWithoutHits.at(""));
    }
    let in_strata = sample.plan.second_phase.as_ref().is_some_and(|one| !one.strata.is_empty());
    if in_strata && units().any(|unit| unit.second_phase.is_some() && unit.second_stratum.is_none())
    {
        problems.push(Fault::SampleWithoutPhaseStrata.at(""));
    }
    problems
}

/// The strata and clusters of each row at one depth of its path.
fn first_stage(tree: &Tree, population: Option<Population>) -> StageInput {
    let step = |path: &Path| path.steps.first().copied().unwrap_or(tree.somewhere);
    StageInput {
        strata: Some(tree.paths.iter().map(|path| step(path).list).collect()),
        clusters: Some(tree.paths.iter().map(|path| step(path).member).collect()),
        population,
    }
}

/// Stages of simple samples: those that the estimators take in one pass where there is one stage.
fn plain_stages(tree: &Tree) -> Vec<StageInput> {
    (0..tree.depth())
        .map(|depth| {
            let steps = tree.steps(depth);
            let with_replacement = steps.iter().any(|step| step.population.is_infinite());
            StageInput {
                strata: Some(steps.iter().map(|step| step.list).collect()),
                clusters: Some(steps.iter().map(|step| step.member).collect()),
                population: (!with_replacement).then(|| {
                    Population::Counts(steps.iter().map(|step| step.population).collect())
                }),
            }
        })
        .collect()
}
