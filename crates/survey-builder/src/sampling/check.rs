//! What stands in the way of a plan, and what it would draw: said with the
//! numbers before anything is drawn.

use serde::{Deserialize, Serialize};

use super::frame::Frame;
use super::listing::{List, first_lists, inner_lists};
use super::order::mixed;
use super::plan::{Amount, Method, Plan, StageUnits};
use super::problem::{Problem, stratum_words};
use super::select::probabilities;
use super::shape::shape_problems;
use super::take::{Take, takes};
use crate::problem::phrase;

/// More problems than this are counted and not listed.
const PROBLEM_LIMIT: usize = 1_000;
/// The most that methods may take: steps of eliminations, cells of tables.
const STEP_LIMIT: u64 = 2_000_000_000;
const CELL_LIMIT: u64 = 20_000_000;
/// The most first-stage members whose joint probabilities are worked out.
const JOINT_LIMIT: u64 = 1_500;
/// The same where chains are followed from every member.
const CHAIN_LIMIT: u64 = 500;

/// What a plan would draw in a stratum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StratumPreview {
    /// The stratum's name.
    pub stratum: String,
    /// Its frame units.
    pub units: u64,
    /// Its clusters.
    pub clusters: u64,
    /// How many the first stage draws; of a rate the fewest.
    pub drawn: u64,
    /// The chance that it draws one more, which a rate leaves open.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub one_more: f64,
    /// How many of them are certain to be drawn.
    pub certain: u64,
    /// The expected number of units in the sample.
    pub expected_units: f64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

impl StratumPreview {
    /// How many the first stage is expected to draw.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    pub fn expected_drawn(&self) -> f64 {
        self.drawn as f64 + self.one_more
    }
}

/// What the plan would draw, stratum by stratum.
///
/// # Errors
///
/// Everything that stands in the way, with the numbers.
pub fn preview(frame: &Frame, plan: &Plan) -> Result<Vec<StratumPreview>, Vec<Problem>> {
    let takes = check(frame, plan)?;
    let first = &plan.stages[0];
    let lists = first_lists(frame, first);
    Ok(frame
        .strata
        .iter()
        .zip(lists)
        .zip(takes)
        .map(|((stratum, list), take)| {
            let probabilities = probabilities(first, frame, &list.members, take);
            let expected_units = expected(frame, plan, 1, &list, take);
            let may_be = !first.method.repeats();
            let certain = probabilities.iter().filter(|one| may_be && **one >= 1.0).count();
            StratumPreview {
                stratum: stratum.name.clone(),
                units: stratum.units.len() as u64,
                clusters: stratum.clusters.len() as u64,
                drawn: take.least,
                one_more: take.one_more,
                certain: certain as u64,
                expected_units,
            }
        })
        .collect())
}

/// How many units are expected of a list of which a stage draws so many.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn expected(frame: &Frame, plan: &Plan, number: usize, list: &List<'_>, take: Take) -> f64 {
    let stage = &plan.stages[number - 1];
    let Some(next) = plan.stages.get(number) else {
        if stage.units == StageUnits::Units {
            return take.expected();
        }
        let probabilities = probabilities(stage, frame, &list.members, take);
        let inside = |(place, p): (usize, &f64)| p * list.members.units(place).len() as f64;
        return probabilities.iter().enumerate().map(inside).sum();
    };
    probabilities(stage, frame, &list.members, take)
        .iter()
        .enumerate()
        .map(|(place, probability)| {
            let lists = inner_lists(frame, next, list.members.units(place));
            let takes = takes(frame, next, &lists).unwrap_or_default();
            let inside = lists.iter().zip(takes);
            probability
                * inside.map(|(list, n)| expected(frame, plan, number + 1, list, n)).sum::<f64>()
        })
        .sum()
}

/// How many the first stage draws in each stratum, in the frame's order.
pub(super) fn check(frame: &Frame, plan: &Plan) -> Result<Vec<Take>, Vec<Problem>> {
    let mut problems = shape_problems(plan, frame);
    if !problems.is_empty() {
        return Err(problems);
    }
    let first = &plan.stages[0];
    let lists = first_lists(frame, first);
    let found = takes(frame, first, &lists).unwrap_or_else(|found| {
        problems.extend(found);
        Vec::new()
    });
    for (list, take) in lists.iter().zip(&found) {
        problems.extend(list_problems(frame, plan, 1, (list, *take), &list.stratum));
    }
    if plan.stages.len() > 1 {
        for list in &lists {
            inside_problems(frame, plan, 1, list, &list.stratum, &mut problems);
        }
    }
    if problems.len() > PROBLEM_LIMIT {
        let count = (problems.len() - PROBLEM_LIMIT) as u64;
        problems.truncate(PROBLEM_LIMIT);
        problems.push(Problem::PlanMore { count });
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

/// What later stages cannot draw in a member of a list: any might be drawn.
fn inside_problems(
    frame: &Frame,
    plan: &Plan,
    number: usize,
    list: &List<'_>,
    stratum: &str,
    problems: &mut Vec<Problem>,
) {
    let Some(stage) = plan.stages.get(number) else { return };
    for place in 0..list.members.len() {
        let cluster = list.members.name(frame, place);
        let lists = inner_lists(frame, stage, list.members.units(place));
        if let Amount::Each { count, all_if_fewer: false } = &stage.amount {
            let wanted = u64::from(*count);
            for inner in &lists {
                let available = inner.members.len() as u64;
                if available < wanted && !stage.method.replaces() {
                    problems.push(Problem::PlanOverCluster {
                        stratum: stratum.to_owned(),
                        cluster: joined(cluster, &inner.stratum),
                        wanted,
                        available,
                    });
                }
            }
        }
        let found = takes(frame, stage, &lists).unwrap_or_else(|found| {
            problems.extend(found.into_iter().map(|problem| inside(problem, cluster)));
            Vec::new()
        });
        for (inner, take) in lists.iter().zip(found) {
            let place = joined(cluster, &inner.stratum);
            problems.extend(list_problems(frame, plan, number + 1, (inner, take), &place));
        }
        for inner in &lists {
            inside_problems(frame, plan, number + 1, inner, stratum, problems);
        }
    }
}

fn joined(cluster: &str, stratum: &str) -> String {
    if stratum.is_empty() { cluster.to_owned() } else { format!("{cluster} / {stratum}") }
}

/// A problem of an allocation inside a cluster says in which.
fn inside(problem: Problem, cluster: &str) -> Problem {
    match problem {
        Problem::PlanOverPopulation { stratum, wanted, available } => {
            Problem::PlanOverPopulation { stratum: joined(cluster, &stratum), wanted, available }
        }
        Problem::PlanStratumLeftOut { stratum } => {
            Problem::PlanStratumLeftOut { stratum: joined(cluster, &stratum) }
        }
        other => other,
    }
}

/// What stands against drawing so many of a list.
fn list_problems(
    frame: &Frame,
    plan: &Plan,
    number: usize,
    (list, take): (&List<'_>, Take),
    stratum: &str,
) -> Vec<Problem> {
    let stage = &plan.stages[number - 1];
    let mut problems: Vec<Problem> =
        too_large(plan, number, list, take.most(), stratum).into_iter().collect();
    problems.extend(mixed(frame, stage, number, list));
    if let Some(starts) = stage.starts.filter(|starts| take.expected() < f64::from(*starts)) {
        let (stratum, expected) = (stratum_words(stratum), take.expected());
        problems.push(Problem::PlanStartsOver { stratum, starts, expected });
    }
    if stage.certainty.is_some() {
        let own = probabilities(stage, frame, &list.members, take);
        let certain = own.iter().filter(|probability| **probability >= 1.0).count() as u64;
        // With as many certain as are to be drawn nobody else could come.
        if certain > take.most() || own.iter().any(|probability| *probability <= 0.0) {
            let (stratum, wanted) = (stratum_words(stratum), take.least);
            problems.push(Problem::PlanAllCertain { stratum, certain, wanted });
        }
    }
    problems
}

fn too_large(
    plan: &Plan,
    number: usize,
    list: &List<'_>,
    wanted: u64,
    stratum: &str,
) -> Option<Problem> {
    let method = &plan.stages[number - 1].method;
    let members = list.members.len() as u64;
    let left = members.saturating_sub(wanted);
    let fits = match method {
        Method::Tille(_) => members.saturating_mul(left) <= STEP_LIMIT,
        Method::Midzuno(_) | Method::Brewer(_) => members.saturating_mul(wanted) <= STEP_LIMIT,
        Method::Sampford(_) => members.saturating_mul(wanted) <= CELL_LIMIT,
        Method::MaximumEntropy(_) => {
            members.saturating_mul(wanted) <= CELL_LIMIT && members <= 20_000
        }
        // Each draw is kept, however often it hits the same.
        Method::WithReplacement | Method::PpsWithReplacement(_) | Method::Chromy(_) => {
            wanted <= CELL_LIMIT
        }
        _ => true,
    };
    let limit = if matches!(method, Method::Chromy(_)) { CHAIN_LIMIT } else { JOINT_LIMIT };
    let pairs = !plan.joint || number > 1 || members <= limit;
    (!fits || !pairs).then(|| Problem::PlanTooLarge {
        stage: number,
        method: phrase(if fits { "phrase-joint-probabilities" } else { method.key() }).into(),
        stratum: stratum.to_owned(),
        members,
        wanted,
    })
}
