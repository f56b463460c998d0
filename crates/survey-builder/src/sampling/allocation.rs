//! Allocation: shares a total out over strata, in whole numbers.

pub mod multivariate;

use super::plan::{Allocation, Costly, Share};
use super::problem::Problem;

/// How many to draw in each stratum.
///
/// `populations` is what proportional shares go by; `available` how many there
/// are to draw from. Strata below the minimum are raised to it and the rest is
/// shared out again among the others. Whole numbers by largest remainder
/// (Hamilton): each stratum gets its share cut to a whole number, and what is
/// left goes one by one to the largest remainders, ties to the earlier stratum.
///
/// # Errors
///
/// Every stratum asked for more than it has, left out, or lacking a number.
pub fn allocate(
    strata: &[&str],
    populations: &[f64],
    available: &[u64],
    allocation: &Allocation,
) -> Result<Vec<u64>, Vec<Problem>> {
    let counts = match &allocation.share {
        Share::Fixed(numbers) => {
            let known = |name: &&str| numbers.contains_key(*name);
            let problems = name_problems(strata, numbers.keys(), known);
            if !problems.is_empty() {
                return Err(problems);
            }
            strata.iter().map(|name| u64::from(numbers[*name])).collect()
        }
        Share::Multivariate(wanted) => {
            multivariate::cheapest(strata, populations, available, wanted, allocation.minimum)?
        }
        share => {
            let measures = measures(strata, populations, share)?;
            return allocate_by(strata, &measures, available, allocation);
        }
    };
    within(strata, available, counts)
}

/// As [`allocate`], in proportion to measures that are known.
///
/// # Errors
///
/// Every stratum asked for more than it has, or left out.
pub(super) fn allocate_by(
    strata: &[&str],
    measures: &[f64],
    available: &[u64],
    allocation: &Allocation,
) -> Result<Vec<u64>, Vec<Problem>> {
    let most: Option<&[u64]> = allocation.capped.then_some(available);
    within(strata, available, shared(strata, measures, most, allocation)?)
}

/// The counts, if each is above zero and no more than there are.
fn within(strata: &[&str], available: &[u64], counts: Vec<u64>) -> Result<Vec<u64>, Vec<Problem>> {
    let problems: Vec<Problem> = strata
        .iter()
        .zip(&counts)
        .zip(available)
        .filter_map(|((name, wanted), available)| {
            let (stratum, wanted, available) = ((*name).to_owned(), *wanted, *available);
            if wanted == 0 {
                Some(Problem::PlanStratumLeftOut { stratum })
            } else if wanted > available {
                Some(Problem::PlanOverPopulation { stratum, wanted, available })
            } else {
                None
            }
        })
        .collect();
    if problems.is_empty() { Ok(counts) } else { Err(problems) }
}

pub(super) fn name_problems<'n>(
    strata: &[&str],
    named: impl Iterator<Item = &'n String>,
    known: impl Fn(&&str) -> bool,
) -> Vec<Problem> {
    let unknown = named
        .filter(|name| !strata.contains(&name.as_str()))
        .map(|name| Problem::PlanUnknownStratum { stratum: name.clone() });
    let lacking = strata
        .iter()
        .filter(|name| !known(name))
        .map(|name| Problem::PlanStratumWithoutNumber { stratum: (*name).to_owned() });
    unknown.chain(lacking).collect()
}

/// What the total is shared out by.
fn measures(strata: &[&str], populations: &[f64], share: &Share) -> Result<Vec<f64>, Vec<Problem>> {
    match share {
        Share::Equal => Ok(vec![1.0; strata.len()]),
        Share::Power(exponent) if !(0.0..=1.0).contains(exponent) => {
            Err(vec![Problem::PlanBadExponent { value: *exponent }])
        }
        Share::Power(exponent) => {
            Ok(populations.iter().map(|population| population.powf(*exponent)).collect())
        }
        Share::Neyman(deviations) => {
            let known = |name: &&str| deviations.contains_key(*name);
            let mut problems = name_problems(strata, deviations.keys(), known);
            let bad = deviations.iter().filter(|(_, value)| !(value.is_finite() && **value > 0.0));
            problems.extend(bad.map(|(stratum, value)| Problem::PlanBadDeviation {
                stratum: stratum.clone(),
                value: *value,
            }));
            if !problems.is_empty() {
                return Err(problems);
            }
            let product = |(name, population): (&&str, &f64)| population * deviations[*name];
            Ok(strata.iter().zip(populations).map(product).collect())
        }
        Share::CostOptimal(costly) => {
            let known = |name: &&str| costly.contains_key(*name);
            let mut problems = name_problems(strata, costly.keys(), known);
            let above = |value: f64| value.is_finite() && value > 0.0;
            for (stratum, Costly { deviation, cost }) in costly {
                for value in [deviation, cost].into_iter().filter(|value| !above(**value)) {
                    let stratum = stratum.clone();
                    problems.push(Problem::PlanBadDeviation { stratum, value: *value });
                }
            }
            if !problems.is_empty() {
                return Err(problems);
            }
            let share = |(name, population): (&&str, &f64)| {
                let Costly { deviation, cost } = costly[*name];
                population * deviation / cost.sqrt()
            };
            Ok(strata.iter().zip(populations).map(share).collect())
        }
        // Deviations of a column are known where the frame is: [`allocate_by`].
        Share::NeymanColumn(_)
        | Share::CostOptimalColumn(_)
        | Share::Proportional
        | Share::Fixed(_)
        | Share::Multivariate(_) => Ok(populations.to_vec()),
    }
}

fn shared(
    strata: &[&str],
    measures: &[f64],
    most: Option<&[u64]>,
    allocation: &Allocation,
) -> Result<Vec<u64>, Vec<Problem>> {
    let total = u64::from(allocation.total);
    let minimum = u64::from(allocation.minimum);
    if total == 0 {
        return Err(vec![Problem::PlanDrawsNothing { stage: 1 }]);
    }
    let least = minimum * strata.len() as u64;
    if least > total {
        let strata = strata.len();
        return Err(vec![Problem::PlanTotalTooSmall { stage: 1, total, strata, minimum, least }]);
    }
    let most = |index: usize| most.map_or(u64::MAX, |most| most[index]);
    if (0..strata.len()).fold(0_u64, |sum, index| sum.saturating_add(most(index))) < total {
        return Ok((0..strata.len()).map(most).collect());
    }
    // Strata that are held at their least or most, and how many those get.
    let mut held: Vec<Option<u64>> = vec![None; strata.len()];
    loop {
        let free: Vec<usize> = (0..strata.len()).filter(|index| held[*index].is_none()).collect();
        let left = total.saturating_sub(held.iter().flatten().sum());
        let free_measures: Vec<f64> = free.iter().map(|index| measures[*index]).collect();
        let counts = largest_remainder(left, &free_measures);
        // The most first: what they cannot take lifts the others.
        let over = free.iter().zip(&counts).filter(|(index, count)| **count > most(**index));
        let over: Vec<usize> = over.map(|(index, _)| *index).collect();
        for index in &over {
            held[*index] = Some(most(*index));
        }
        if !over.is_empty() {
            continue;
        }
        let below =
            free.iter().zip(&counts).filter(|(index, count)| **count < minimum.min(most(**index)));
        let below: Vec<usize> = below.map(|(index, _)| *index).collect();
        for index in &below {
            held[*index] = Some(minimum.min(most(*index)));
        }
        if below.is_empty() {
            for (index, count) in free.into_iter().zip(counts) {
                held[index] = Some(count);
            }
            return Ok(held.into_iter().flatten().collect());
        }
    }
}

/// Whole numbers that sum to `total`, as near as can be to the measures' shares.
pub fn largest_remainder(total: u64, measures: &[f64]) -> Vec<u64> {
    let sum: f64 = measures.iter().sum();
    #[expect(clippy::cast_precision_loss, reason = "sample sizes are far below 2^53")]
    let exact: Vec<f64> = measures.iter().map(|measure| total as f64 * measure / sum).collect();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to total")]
    let mut counts: Vec<u64> = exact.iter().map(|share| share.floor() as u64).collect();
    let mut order: Vec<usize> = (0..measures.len()).collect();
    let remainder = |index: &usize| exact[*index] - exact[*index].floor();
    // A stable sort keeps ties in the order of the strata.
    order.sort_by(|one, other| remainder(other).total_cmp(&remainder(one)));
    let left = total.saturating_sub(counts.iter().sum());
    for index in order.into_iter().cycle().take(usize::try_from(left).unwrap_or(0)) {
        counts[index] += 1;
    }
    counts
}

/// Each measure's share of `total` rounded up to a whole number: no stratum gets
/// less than its share, and the sum may be over the total by less than one a
/// stratum.
pub fn rounded_up(total: u64, measures: &[f64]) -> Vec<u64> {
    let sum: f64 = measures.iter().sum();
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sample sizes are above zero and far below 2^53"
    )]
    measures.iter().map(|measure| (total as f64 * measure / sum).ceil() as u64).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn proportional(total: u32, minimum: u32) -> Allocation {
        Allocation { total, share: Share::Proportional, minimum, capped: false }
    }

    #[test]
    fn small_strata_are_raised_to_the_minimum() {
        let counts = allocate(
            &["a", "b", "c"],
            &[1.0, 10.0, 1_000.0],
            &[10, 10, 1_000],
            &proportional(100, 5),
        );
        assert_eq!(counts, Ok(vec![5, 5, 90]));
    }

    #[test]
    fn impossible_allocations_are_told_with_the_numbers() {
        let told = allocate(&["a", "b"], &[10.0, 90.0], &[10, 5], &proportional(20, 0));
        let (stratum, wanted, available) = ("b".to_owned(), 18, 5);
        assert_eq!(told, Err(vec![Problem::PlanOverPopulation { stratum, wanted, available }]));
        let told = allocate(&["a", "b"], &[1.0, 9_999.0], &[10, 50], &proportional(20, 0));
        assert_eq!(told, Err(vec![Problem::PlanStratumLeftOut { stratum: "a".to_owned() }]));
        let told = allocate(&["a", "b"], &[1.0, 9.0], &[10, 50], &proportional(3, 2));
        assert!(matches!(told.unwrap_err()[..], [Problem::PlanTotalTooSmall { least: 4, .. }]));
    }

    proptest! {
        #[test]
        fn allocations_sum_to_the_total(
            measures in proptest::collection::vec(0.1_f64..1e6, 1..30),
            total in 1_u32..5_000,
        ) {
            let counts = largest_remainder(u64::from(total), &measures);
            prop_assert_eq!(counts.iter().sum::<u64>(), u64::from(total));
            let sum: f64 = measures.iter().sum();
            for (count, measure) in counts.iter().zip(&measures) {
                let exact = f64::from(total) * measure / sum;
                let count = f64::from(u32::try_from(*count).expect("small"));
                prop_assert!((count - exact).abs() < 1.0 + 1e-9);
            }
        }
    }
}
