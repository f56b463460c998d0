//! What stands in the way of a plan, and what it would draw: said with the
//! numbers before anything is drawn.

use serde::{Deserialize, Serialize};

use super::allocation::allocate;
use super::frame::Frame;
use super::listing::{List, first_lists, inner_lists};
use super::plan::{Amount, Method, Nonprobability, Plan, Stage, StageUnits};
use super::problem::Problem;
use super::select::probabilities;
use crate::problem::{Argument, phrase};

/// More problems than this are counted and not listed.
const PROBLEM_LIMIT: usize = 1_000;
/// The most that methods may take: steps of eliminations, cells of tables.
const STEP_LIMIT: u64 = 2_000_000_000;
const CELL_LIMIT: u64 = 20_000_000;
/// The most first-stage members whose joint probabilities are worked out.
const JOINT_LIMIT: u64 = 1_500;

/// What a plan would draw in a stratum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StratumPreview {
    /// The stratum's name.
    pub stratum: String,
    /// Its frame units.
    pub units: u64,
    /// Its clusters.
    pub clusters: u64,
    /// How many the first stage draws.
    pub drawn: u64,
    /// How many of them are certain to be drawn.
    pub certain: u64,
    /// The expected number of units in the sample.
    pub expected_units: f64,
}

/// What the plan would draw, stratum by stratum.
///
/// # Errors
///
/// Everything that stands in the way, with the numbers.
pub fn preview(frame: &Frame, plan: &Plan) -> Result<Vec<StratumPreview>, Vec<Problem>> {
    let counts = check(frame, plan)?;
    let first = &plan.stages[0];
    let lists = first_lists(frame, first);
    Ok(frame
        .strata
        .iter()
        .zip(lists)
        .zip(counts)
        .map(|((stratum, list), drawn)| {
            let probabilities = probabilities(first, frame, &list.members, drawn);
            let expected_units = expected(frame, plan, 1, &list, drawn);
            let may_be = first.method != Method::WithReplacement;
            let certain = probabilities.iter().filter(|one| may_be && **one >= 1.0).count();
            StratumPreview {
                stratum: stratum.name.clone(),
                units: stratum.units.len() as u64,
                clusters: stratum.clusters.len() as u64,
                drawn,
                certain: certain as u64,
                expected_units,
            }
        })
        .collect())
}

/// How many units are expected of a list of which a stage draws so many.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn expected(frame: &Frame, plan: &Plan, number: usize, list: &List<'_>, count: u64) -> f64 {
    let stage = &plan.stages[number - 1];
    let Some(next) = plan.stages.get(number) else {
        if stage.units == StageUnits::Units {
            return count as f64;
        }
        let probabilities = probabilities(stage, frame, &list.members, count);
        let inside = |(place, p): (usize, &f64)| p * list.members.units(place).len() as f64;
        return probabilities.iter().enumerate().map(inside).sum();
    };
    probabilities(stage, frame, &list.members, count)
        .iter()
        .enumerate()
        .map(|(place, probability)| {
            let lists = inner_lists(frame, next, list.members.units(place));
            let counts = counts(frame, next, &lists).unwrap_or_default();
            let inside = lists.iter().zip(counts);
            probability
                * inside.map(|(list, n)| expected(frame, plan, number + 1, list, n)).sum::<f64>()
        })
        .sum()
}

/// How many a stage draws of each list.
pub(super) fn counts(
    frame: &Frame,
    stage: &Stage,
    lists: &[List<'_>],
) -> Result<Vec<u64>, Vec<Problem>> {
    match &stage.amount {
        Amount::Each { count, .. } => Ok(lists
            .iter()
            .map(|list| match stage.method {
                Method::WithReplacement => u64::from(*count),
                _ => u64::from(*count).min(list.members.len() as u64),
            })
            .collect()),
        Amount::Allocated(allocation) => {
            let names: Vec<&str> = lists.iter().map(|list| list.stratum.as_str()).collect();
            let available: Vec<u64> = lists
                .iter()
                .map(|list| match stage.method {
                    Method::WithReplacement => u64::MAX,
                    _ => list.members.len() as u64,
                })
                .collect();
            let populations: Vec<f64> =
                lists.iter().map(|list| population(frame, stage, list)).collect();
            allocate(&names, &populations, &available, allocation)
        }
    }
}

/// What proportional allocation counts in a list.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn population(frame: &Frame, stage: &Stage, list: &List<'_>) -> f64 {
    match stage.method.size() {
        Some(measure) => list.members.sizes(frame, measure).iter().sum(),
        None => list.members.len() as f64,
    }
}

/// How many the first stage draws in each stratum, in the frame's order.
pub(super) fn check(frame: &Frame, plan: &Plan) -> Result<Vec<u64>, Vec<Problem>> {
    let mut problems = shape_problems(plan, frame);
    if !problems.is_empty() {
        return Err(problems);
    }
    let first = &plan.stages[0];
    let lists = first_lists(frame, first);
    let found = counts(frame, first, &lists).unwrap_or_else(|found| {
        problems.extend(found);
        Vec::new()
    });
    for (list, count) in lists.iter().zip(&found) {
        problems.extend(too_large(plan, 1, list, *count, &list.stratum));
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
                if available < wanted && stage.method != Method::WithReplacement {
                    problems.push(Problem::PlanOverCluster {
                        stratum: stratum.to_owned(),
                        cluster: joined(cluster, &inner.stratum),
                        wanted,
                        available,
                    });
                }
            }
        }
        let found = counts(frame, stage, &lists).unwrap_or_else(|found| {
            problems.extend(found.into_iter().map(|problem| inside(problem, cluster)));
            Vec::new()
        });
        for (inner, count) in lists.iter().zip(found) {
            let place = joined(cluster, &inner.stratum);
            problems.extend(too_large(plan, number + 1, inner, count, &place));
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
        Method::WithReplacement => wanted <= CELL_LIMIT,
        _ => true,
    };
    let pairs = !plan.joint || number > 1 || members <= JOINT_LIMIT;
    (!fits || !pairs).then(|| Problem::PlanTooLarge {
        stage: number,
        method: phrase(if fits { "phrase-joint-probabilities" } else { method.key() }).into(),
        stratum: stratum.to_owned(),
        members,
        wanted,
    })
}

fn shape_problems(plan: &Plan, frame: &Frame) -> Vec<Problem> {
    if let Some(kind) = plan.nonprobability {
        let kind = match kind {
            Nonprobability::Quota => "phrase-quota-sample",
            Nonprobability::OpenLink => "phrase-open-link-sample",
        };
        return vec![Problem::PlanNonprobability { kind: phrase(kind).into() }];
    }
    if plan.stages.is_empty() {
        return vec![Problem::PlanWithoutStage];
    }
    let mut problems = Vec::new();
    for (index, stage) in plan.stages.iter().enumerate() {
        let number = index + 1;
        let last = number == plan.stages.len();
        if stage.units == StageUnits::Units && !last
            || stage.units != StageUnits::Units && last && index > 0 && !plan.ends_in_clusters()
        {
            problems.push(Problem::PlanStageOrder { stage: number });
        }
        stage_problems(stage, number, frame, &mut problems);
        match &stage.amount {
            Amount::Allocated(_) if index > 0 && stage.strata.is_empty() => {
                problems.push(Problem::PlanAllocationLate { stage: number });
            }
            Amount::Each { .. } if index == 0 => {
                problems.push(Problem::PlanWithoutAllocation { stage: number });
            }
            Amount::Each { count: 0, .. } => {
                problems.push(Problem::PlanDrawsNothing { stage: number });
            }
            _ => {}
        }
    }
    if let Some(stage) = &plan.second_phase {
        let number = plan.stages.len() + 1;
        stage_problems(stage, number, frame, &mut problems);
        if stage.units != StageUnits::Units {
            problems.push(Problem::PlanStageOrder { stage: number });
        }
        let mut all = plan.stages.iter().chain([stage]);
        if all.any(|stage| stage.method == Method::WithReplacement) {
            problems.push(value(
                "phrase-method-with-a-second-phase",
                phrase(Method::WithReplacement.key()),
                "phrase-without-replacement",
            ));
        }
    }
    problems.extend(other_problems(plan, frame));
    problems
}

pub(super) fn stage_problems(
    stage: &Stage,
    number: usize,
    frame: &Frame,
    problems: &mut Vec<Problem>,
) {
    let stage_number = number;
    if stage.units == StageUnits::Clusters && frame.columns.cluster.is_none() {
        problems.push(Problem::PlanWithoutClusters { stage: number });
    }
    let by_column = stage.method.size() == Some(super::plan::SizeMeasure::Column);
    if by_column && frame.columns.size.is_none() {
        problems.push(Problem::PlanWithoutSize { stage: number });
    }
    let level = match &stage.units {
        StageUnits::Level(column) => Some(column),
        _ => None,
    };
    let names = level.into_iter().chain(&stage.strata);
    let lacking = names.filter(|column| frame.labels_of(column).is_none());
    let numbers = stage.method.number_columns().iter();
    let lacking = lacking.chain(numbers.filter(|column| frame.numbers_of(column).is_none()));
    problems.extend(
        lacking.map(|column| Problem::PlanWithoutColumn {
            stage: stage_number,
            column: column.clone(),
        }),
    );
    if number == 1 && !stage.strata.is_empty() {
        problems.push(value(
            "phrase-strata-of-stage-1",
            stage.strata.join(", "),
            "phrase-the-frame-s-named-there",
        ));
    }
    match &stage.method {
        Method::LocalPivotal(spread) if spread.coordinates.is_empty() => {
            problems.push(value(
                "phrase-coordinates",
                phrase("phrase-none"),
                "phrase-one-column-or-more",
            ));
        }
        Method::Poisson(by) | Method::SequentialPoisson(by) | Method::Pareto(by) => {
            if let Some(permanent) = &by.permanent
                && !(0.0..1.0).contains(&permanent.start)
            {
                problems.push(value("phrase-start", permanent.start, "phrase-from-0-to-below-1"));
            }
        }
        _ => {}
    }
}

fn other_problems(plan: &Plan, frame: &Frame) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(release) = plan.release
        && (release.replicates == 0 || release.reserve >= release.replicates)
    {
        let found = phrase("phrase-replicates-with-some-in-reserve")
            .with("replicates", release.replicates)
            .with("reserve", release.reserve);
        let bounds = "phrase-at-least-1-and-one-more-than-in-reserve";
        problems.push(value("phrase-replicates", found, bounds));
    }
    if plan.substitution && plan.release.is_none_or(|release| release.reserve == 0) {
        let found = phrase("phrase-without-a-reserve");
        let bounds = "phrase-from-replicates-in-reserve";
        problems.push(value("phrase-substitution", found, bounds));
    }
    if let Some(column) = &plan.multiplicity {
        match frame.numbers_of(column) {
            None => problems.push(Problem::PlanWithoutColumn { stage: 1, column: column.clone() }),
            Some(numbers) => {
                if let Some(place) = numbers.iter().position(|number| *number < 1.0) {
                    let found = phrase("phrase-number-for-a-unit")
                        .with("number", numbers[place])
                        .with("unit", frame.ids.get(place));
                    problems.push(value("phrase-multiplicity", found, "phrase-1-or-more"));
                }
            }
        }
    }
    problems
}

fn value(what: &'static str, value: impl Into<Argument>, bounds: &'static str) -> Problem {
    Problem::PlanValue {
        what: phrase(what).into(),
        value: value.into(),
        bounds: phrase(bounds).into(),
    }
}
