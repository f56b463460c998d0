//! How many a stage draws of each list: whole numbers, or for rates one of the two
//! whole numbers next to what the rate asks for.

use std::collections::BTreeMap;

use super::allocation::{allocate, allocate_by, name_problems};
use super::frame::Frame;
use super::listing::{List, Members};
use super::plan::{Amount, Share, Stage};
use super::problem::{Problem, stratum_words};
use super::random::Stream;

/// How many are drawn of a list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Take {
    /// The fewest.
    pub least: u64,
    /// The chance of one more, below 1; zero where the number is fixed.
    pub one_more: f64,
}

impl Take {
    /// A number that is fixed.
    pub(super) fn fixed(count: u64) -> Self {
        Self { least: count, one_more: 0.0 }
    }

    /// A part of a list.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a part of a list"
    )]
    fn part(rate: f64, members: usize) -> Self {
        let wanted = rate * members as f64;
        // A product that rounding put a hair beside a whole number is that number.
        let near = wanted.round();
        let whole = (wanted - near).abs() < 1e-9 * near.max(1.0);
        let least = if whole { near } else { wanted.floor() };
        Self { least: least as u64, one_more: if whole { 0.0 } else { wanted - least } }
    }

    /// The most.
    pub(super) fn most(self) -> u64 {
        self.least + u64::from(self.one_more > 0.0)
    }

    /// How many are expected.
    #[expect(clippy::cast_precision_loss, reason = "sample sizes are far below 2^53")]
    pub(super) fn expected(self) -> f64 {
        self.least as f64 + self.one_more
    }

    /// The number that chance decides on; a fixed one costs no chance.
    pub(super) fn decided(self, stream: &mut Stream) -> u64 {
        if self.one_more > 0.0 {
            self.least + u64::from(stream.uniform() < self.one_more)
        } else {
            self.least
        }
    }
}

/// How many a stage draws of each list.
///
/// # Errors
///
/// What the allocation refuses, and rates that are no part of a list.
pub(super) fn takes(
    frame: &Frame,
    stage: &Stage,
    lists: &[List<'_>],
) -> Result<Vec<Take>, Vec<Problem>> {
    let fixed = |counts: Vec<u64>| counts.into_iter().map(Take::fixed).collect();
    match &stage.amount {
        Amount::Each { count, .. } => {
            let of = |list: &List<'_>| u64::from(*count).min(available(stage, list));
            Ok(fixed(lists.iter().map(of).collect()))
        }
        Amount::Rate(rate) => {
            let rates = vec![*rate; lists.len()];
            rated(lists, &rates)
        }
        Amount::Rates(rates) => {
            let names: Vec<&str> = lists.iter().map(|list| list.stratum.as_str()).collect();
            let known = |name: &&str| rates.contains_key(*name);
            let problems = name_problems(&names, rates.keys(), known);
            if !problems.is_empty() {
                return Err(problems);
            }
            rated(lists, &names.iter().map(|name| rates[*name]).collect::<Vec<_>>())
        }
        Amount::Allocated(allocation) => {
            let names: Vec<&str> = lists.iter().map(|list| list.stratum.as_str()).collect();
            let available: Vec<u64> = lists.iter().map(|list| available(stage, list)).collect();
            let populations: Vec<f64> =
                lists.iter().map(|list| population(frame, stage, list)).collect();
            match by_column(frame, lists, &names, &populations, &allocation.share)? {
                Some(measures) => allocate_by(&names, &measures, &available, allocation),
                None => allocate(&names, &populations, &available, allocation),
            }
            .map(fixed)
        }
    }
}

/// How many can be drawn of a list.
fn available(stage: &Stage, list: &List<'_>) -> u64 {
    if stage.method.replaces() { u64::MAX } else { list.members.len() as u64 }
}

fn rated(lists: &[List<'_>], rates: &[f64]) -> Result<Vec<Take>, Vec<Problem>> {
    let bad = lists.iter().zip(rates).filter(|(_, rate)| !(**rate > 0.0 && **rate <= 1.0));
    let mut problems: Vec<Problem> = bad
        .map(|(list, rate)| Problem::PlanBadRate {
            stratum: stratum_words(&list.stratum),
            value: *rate,
        })
        .collect();
    // The same rate for all is wrong once.
    problems.dedup_by(|one, other| one == other);
    if problems.is_empty() {
        Ok(lists
            .iter()
            .zip(rates)
            .map(|(list, rate)| Take::part(*rate, list.members.len()))
            .collect())
    } else {
        Err(problems)
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

/// What an allocation by a column of the frame shares out by: the population times
/// the column's deviation, over the root of what an interview costs.
fn by_column(
    frame: &Frame,
    lists: &[List<'_>],
    names: &[&str],
    populations: &[f64],
    share: &Share,
) -> Result<Option<Vec<f64>>, Vec<Problem>> {
    let Some(column) = share.column() else { return Ok(None) };
    let numbers = frame.numbers_of(column).unwrap_or_default();
    let costs = match share {
        Share::CostOptimalColumn(by) => costs_of(names, &by.costs)?,
        _ => vec![1.0; names.len()],
    };
    let measures: Vec<f64> = (lists.iter().zip(populations).zip(costs))
        .map(|((list, population), cost)| {
            population * deviation(&list.members, numbers) / cost.sqrt()
        })
        .collect();
    if measures.iter().all(|measure| *measure == 0.0) {
        return Err(vec![Problem::PlanColumnConstant { column: column.clone() }]);
    }
    Ok(Some(measures))
}

/// The cost of each stratum.
fn costs_of(names: &[&str], costs: &BTreeMap<String, f64>) -> Result<Vec<f64>, Vec<Problem>> {
    let mut problems = name_problems(names, costs.keys(), |name| costs.contains_key(*name));
    let bad = costs.iter().filter(|(_, cost)| !(cost.is_finite() && **cost > 0.0));
    problems.extend(bad.map(|(stratum, value)| Problem::PlanBadDeviation {
        stratum: stratum.clone(),
        value: *value,
    }));
    if problems.is_empty() {
        Ok(names.iter().map(|name| costs[*name]).collect())
    } else {
        Err(problems)
    }
}

/// The standard deviation of the members' sums of a column, with n − 1; zero for
/// fewer than two.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn deviation(members: &Members<'_>, numbers: &[f64]) -> f64 {
    let sums = members.sums(|unit| numbers.get(unit as usize).copied().unwrap_or_default());
    if sums.len() < 2 {
        return 0.0;
    }
    let mean = sums.iter().sum::<f64>() / sums.len() as f64;
    let squares: f64 = sums.iter().map(|sum| (sum - mean).powi(2)).sum();
    (squares / (sums.len() as f64 - 1.0)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampling::random::Seed;

    #[test]
    fn a_part_of_a_list_is_met_on_average() {
        let take = Take::part(0.02, 1_234);
        assert_eq!((take.least, take.most()), (24, 25));
        assert!((take.expected() - 24.68).abs() < 1e-9);
        let mut stream = Seed(3).stream(1, 0);
        let draws: u64 = (0..20_000).map(|_| take.decided(&mut stream)).sum();
        #[expect(clippy::cast_precision_loss, reason = "small")]
        let mean = draws as f64 / 20_000.0;
        assert!((mean - 24.68).abs() < 5.0 * (0.68_f64 * 0.32 / 20_000.0).sqrt(), "{mean}");
        // 0.1 · 30 is not 3 in binary.
        assert_eq!(Take::part(0.1, 30), Take::fixed(3));
    }
}
