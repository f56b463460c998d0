//! What stands in the way of a plan whatever the frame holds: its shape, and columns
//! and numbers that it names.

use super::coordination::overlap_problems;
use super::frame::{Frame, Labels};
use super::plan::Method;
use super::plan::{Amount, Nonprobability, Plan, SizeMeasure, Stage, StageUnits};
use super::problem::Problem;
use crate::problem::{Argument, phrase};

/// Everything that is wrong with a plan by itself.
pub(super) fn shape_problems(plan: &Plan, frame: &Frame) -> Vec<Problem> {
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
        if let Some(stage) = all.find(|stage| stage.repeats()) {
            problems.push(value(
                "phrase-method-with-a-second-phase",
                phrase(stage.method.key()),
                "phrase-without-replacement",
            ));
        }
    }
    problems.extend(other_problems(plan, frame));
    problems.extend(overlap_problems(plan));
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
    let by_column = stage.method.size() == Some(SizeMeasure::Column);
    if by_column && frame.columns.size.is_none() {
        problems.push(Problem::PlanWithoutSize { stage: number });
    }
    let level = match &stage.units {
        StageUnits::Level(column) => Some(column),
        _ => None,
    };
    let names = level.into_iter().chain(&stage.strata).chain(&stage.sort);
    let lacking = names.filter(|column| frame.labels_of(column).is_none());
    let numbers = stage.method.number_columns().chain(stage.amount.column());
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
    let unclear = |column: &&String| frame.labels_of(column).is_some_and(Labels::is_unclear);
    problems.extend(
        stage
            .sort
            .iter()
            .filter(unclear)
            .map(|column| Problem::PlanSortUnclear { stage: stage_number, column: column.clone() }),
    );
    problems.extend(option_problems(stage));
    match &stage.method {
        Method::LocalPivotal(spread) if spread.coordinates.is_empty() => {
            problems.push(value(
                "phrase-coordinates",
                phrase("phrase-none"),
                "phrase-one-column-or-more",
            ));
        }
        Method::Cube(balanced) if balanced.over_strata && !balanced.coordinates.is_empty() => {
            let (what, bounds) = ("phrase-coordinates", "phrase-none-over-strata");
            problems.push(value(what, balanced.coordinates.join(", "), bounds));
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

/// What a stage says beside method and amount, and cannot say with them.
fn option_problems(stage: &Stage) -> Vec<Problem> {
    let mut problems = Vec::new();
    let method = || phrase(stage.method.key());
    if !stage.sort.is_empty() && !stage.method.is_in_order() {
        problems.push(value("phrase-method-with-sort", method(), "phrase-a-method-in-order"));
    }
    if stage.serpentine && stage.sort.is_empty() {
        let none = phrase("phrase-none");
        problems.push(value("phrase-sort-of-a-serpentine", none, "phrase-one-column-or-more"));
    }
    if let Some(starts) = stage.starts {
        if !matches!(stage.method, Method::Systematic | Method::SystematicPps(_)) {
            problems.push(value(
                "phrase-method-with-starts",
                method(),
                "phrase-systematic-methods",
            ));
        }
        if starts < 2 {
            problems.push(value("phrase-starts", starts, "phrase-2-or-more"));
        }
    }
    let limits = [stage.certainty, stage.smallest, stage.largest];
    if limits.iter().any(Option::is_some) && stage.method.size().is_none() {
        problems.push(value("phrase-method-with-sizes", method(), "phrase-a-method-by-size"));
    }
    if let Some(certainty) = stage.certainty {
        if !(certainty > 0.0 && certainty <= 1.0) {
            let bounds = "phrase-above-0-and-at-most-1";
            problems.push(value("phrase-certainty", certainty, bounds));
        }
        if stage.method.repeats() || matches!(stage.method, Method::Poisson(_)) {
            let bounds = "phrase-a-method-of-fixed-size";
            problems.push(value("phrase-method-with-certainty", method(), bounds));
        }
    }
    let sizes = [("phrase-smallest", stage.smallest), ("phrase-largest", stage.largest)];
    for (what, size) in sizes.into_iter().filter_map(|(what, size)| Some((what, size?))) {
        if !(size.is_finite() && size > 0.0) {
            problems.push(value(what, size, "phrase-above-0"));
        }
    }
    if let (Some(smallest), Some(largest)) = (stage.smallest, stage.largest)
        && smallest > largest
    {
        problems.push(value("phrase-smallest", smallest, "phrase-at-most-the-largest"));
    }
    problems
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
