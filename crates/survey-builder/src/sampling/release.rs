//! Release: a sample dealt into replicates that are released whole, and what
//! takes the place of a unit where the plan allows that.

use super::plan::Release;
use super::problem::Problem;
use super::random::Seed;
use super::sample::{Sample, SampledUnit};
use crate::problem::{Argument, phrase};

/// Deals the units into replicates: in each stratum and cluster in random order,
/// one to each replicate in turn, from a random one on. So each replicate is a
/// random part of the sample, and no two differ in size by more than one there.
pub(super) fn deal(units: &mut [SampledUnit], release: Release, seed: Seed) {
    let place = |unit: &SampledUnit| (unit.stratum.clone(), unit.cluster.clone());
    for group in units.chunk_by_mut(|one, other| place(one) == place(other)) {
        let (stratum, cluster) = place(&group[0]);
        let names: Vec<String> = std::iter::once(stratum).chain(cluster).collect();
        let mut stream = seed.stream_of("replicates", &names);
        let mut order: Vec<usize> = (0..group.len()).collect();
        for place in (1..order.len()).rev() {
            let other = usize::try_from(stream.below(place as u64 + 1)).unwrap_or(0);
            order.swap(place, other);
        }
        let start = stream.below(u64::from(release.replicates));
        for (turn, unit) in (start..).zip(order) {
            let replicate = turn % u64::from(release.replicates);
            group[unit].replicate = u32::try_from(replicate + 1).ok();
        }
    }
}

/// A unit's weight when the first `released` replicates are released: they are
/// a random part of the sample, so its weight grows by what waits.
///
/// # Errors
///
/// A sample without replicates, or not that many.
pub fn released_weights(sample: &Sample, released: u32) -> Result<Vec<(usize, f64)>, Vec<Problem>> {
    let replicates = sample.plan.release.map_or(0, |release| release.replicates);
    if released == 0 || released > replicates {
        return Err(vec![Problem::PlanValue {
            what: phrase("phrase-number-of-replicates-to-release").into(),
            value: released.into(),
            bounds: phrase("phrase-from-1-to-those-of-the-plan").with("most", replicates).into(),
        }]);
    }
    let factor = f64::from(replicates) / f64::from(released);
    let open = |unit: &SampledUnit| unit.replicate.is_some_and(|number| number <= released);
    let units = sample.units.iter().enumerate().filter(|(_, unit)| open(unit));
    Ok(units.map(|(place, unit)| (place, unit.weight * factor)).collect())
}

/// The first of the replicates in reserve; one more than there are where none is.
pub(super) fn first_reserve(release: Release) -> u32 {
    release.replicates - release.reserve + 1
}

/// A unit that took another's place.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Substitution {
    /// The unit that could not be had.
    pub unit: String,
    /// The unit that takes its place.
    pub by: String,
    /// Why, in words.
    pub reason: String,
}

/// The unit that takes the place of another: the first of the reserve in the
/// same stratum and cluster that has not been used.
///
/// # Errors
///
/// A plan that allows none, a unit that is not in the sample or is itself in
/// reserve, no reason, or no reserve left there.
pub fn substitute(
    sample: &Sample,
    unit: &str,
    reason: &str,
    log: &[Substitution],
) -> Result<Substitution, Vec<Problem>> {
    let refuse = |value: Argument, bounds: &'static str| {
        let (what, bounds) = (phrase("phrase-substitution").into(), phrase(bounds).into());
        vec![Problem::PlanValue { what, value, bounds }]
    };
    let Some(release) = sample.plan.release.filter(|_| sample.plan.substitution) else {
        return Err(refuse(
            phrase("phrase-not-allowed").into(),
            "phrase-allowed-by-the-plan-before-the-draw",
        ));
    };
    if reason.trim().is_empty() {
        return Err(refuse(phrase("phrase-without-a-reason").into(), "phrase-given-one"));
    }
    let reserve = first_reserve(release);
    let in_reserve = |one: &SampledUnit| one.replicate.is_some_and(|n| n >= reserve);
    let Some(found) = sample.units.iter().find(|one| one.unit == unit && !in_reserve(one)) else {
        return Err(refuse(unit.into(), "phrase-a-unit-of-the-sample-that-is-not-in-reserve"));
    };
    if log.iter().any(|past| past.unit == unit) {
        return Err(refuse(unit.into(), "phrase-a-unit-that-was-not-replaced-before"));
    }
    let free = |one: &&SampledUnit| {
        in_reserve(one)
            && (&one.stratum, &one.cluster) == (&found.stratum, &found.cluster)
            && log.iter().all(|past| past.by != one.unit)
    };
    match sample.units.iter().find(free) {
        Some(by) => Ok(Substitution {
            unit: unit.to_owned(),
            by: by.unit.clone(),
            reason: reason.trim().to_owned(),
        }),
        None => Err(refuse(unit.into(), "phrase-of-a-stratum-and-cluster-with-a-reserve-left")),
    }
}
