//! How large two groups must be so that a test tells them apart.
//!
//! n₁ = (z₁ + z₂)² V / d², z₁ for the confidence and z₂ for the power; V is the
//! variance of the difference for each unit of the first group,
//! V₁ + V₂/k − 2ρ o min(1, k) √(V₁V₂)/k with k = n₂/n₁, when a share o of the
//! smaller group is in both with correlation ρ (Kish, 1965, section 12.4). The
//! distance d is the difference (test that there is one), the difference less a
//! margin (non-inferiority, superiority), or the margin less the difference
//! (equivalence); (Chow, Shao, Wang and Lokhnygina, 2018, sections 3.2 and 4.2).

use serde::{Deserialize, Serialize};

use super::{Circumstances, Sizes, between, normal_quantile};
use crate::problem::{Phrase, phrase};
use crate::sampling::problem::Problem;

/// The variance that a test of two proportions is planned with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceVariance {
    /// Each group's own p (1 − p), as under the alternative.
    Separate,
    /// p (1 − p) of the mean of both proportions, weighted by the groups' sizes.
    Pooled,
    /// One quarter in each group, the largest there is.
    Largest,
}

/// What a test is to do.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Test {
    /// The probability to find what is there, such as 0.8.
    pub power: f64,
    /// Whether a difference either way counts.
    pub two_sided: bool,
    /// 0 for a test of a difference. Otherwise, two-sided: both groups count as
    /// equal when they differ by less; one-sided: the second is more than this
    /// above the first (below zero: not much worse).
    pub margin: f64,
    /// The size of the second group over that of the first.
    pub ratio: f64,
    /// The correlation between both values of a unit that is in both groups.
    pub correlation: f64,
    /// The share of the smaller group that is in both.
    pub overlap: f64,
}

impl Default for Test {
    fn default() -> Self {
        Self {
            power: 0.8,
            two_sided: true,
            margin: 0.0,
            ratio: 1.0,
            correlation: 0.0,
            overlap: 0.0,
        }
    }
}

/// The sizes of two groups to tell their proportions apart; circumstances are
/// those of the first and of the second, with the first's confidence.
///
/// # Errors
///
/// Every quantity out of its range, and differences that no size can show.
pub fn for_proportions(
    proportions: [f64; 2],
    variance: DifferenceVariance,
    test: &Test,
    circumstances: &[Circumstances; 2],
) -> Result<[Sizes; 2], Vec<Problem>> {
    let [one, two] = proportions;
    let mut problems = Vec::new();
    between(&mut problems, "phrase-proportion-1", one, 0.0, 1.0);
    between(&mut problems, "phrase-proportion-2", two, 0.0, 1.0);
    let mean = (one + test.ratio * two) / (1.0 + test.ratio);
    let variances = match variance {
        DifferenceVariance::Separate => [one * (1.0 - one), two * (1.0 - two)],
        DifferenceVariance::Pooled => [mean * (1.0 - mean); 2],
        DifferenceVariance::Largest => [0.25; 2],
    };
    groups(problems, variances, two - one, test, circumstances)
}

/// The sizes of two groups to tell their means apart, given the standard
/// deviation in each.
///
/// # Errors
///
/// As [`for_proportions`].
pub fn for_means(
    means: [f64; 2],
    deviations: [f64; 2],
    test: &Test,
    circumstances: &[Circumstances; 2],
) -> Result<[Sizes; 2], Vec<Problem>> {
    let mut problems = Vec::new();
    between(&mut problems, "phrase-deviation-1", deviations[0], 0.0, f64::INFINITY);
    between(&mut problems, "phrase-deviation-2", deviations[1], 0.0, f64::INFINITY);
    let variances = deviations.map(|deviation| deviation * deviation);
    groups(problems, variances, means[1] - means[0], test, circumstances)
}

fn groups(
    mut problems: Vec<Problem>,
    variances: [f64; 2],
    difference: f64,
    test: &Test,
    circumstances: &[Circumstances; 2],
) -> Result<[Sizes; 2], Vec<Problem>> {
    problems.extend(circumstances[0].problems());
    if circumstances[1] != circumstances[0] {
        problems.extend(circumstances[1].problems());
    }
    problems.extend(test.problems());
    if !problems.is_empty() {
        return Err(problems);
    }
    let equivalence = test.two_sided && test.margin != 0.0;
    let distance =
        if equivalence { test.margin - difference.abs() } else { difference - test.margin };
    let out_of_range = |quantity: &'static str, value: f64, bounds: &'static str| {
        let (quantity, bounds) = (phrase(quantity).into(), phrase(bounds).into());
        vec![Problem::SizeOutOfRange { quantity, value: value.into(), bounds }]
    };
    // Differences of decimal shares are off by rounding, never by this much.
    if distance.abs() < 1e-12 || (equivalence && distance < 0.0) {
        let bounds = match (equivalence, test.margin == 0.0) {
            (true, _) => "phrase-smaller-than-the-margin",
            (false, true) => "phrase-other-than-0",
            (false, false) => "phrase-other-than-the-margin",
        };
        return Err(out_of_range("phrase-difference", difference, bounds));
    }
    let confidence = circumstances[0].confidence;
    let tested = if test.two_sided && !equivalence { 0.5 + confidence / 2.0 } else { confidence };
    let found = if equivalence { 0.5 + test.power / 2.0 } else { test.power };
    let quantiles = normal_quantile(tested) + normal_quantile(found);
    if quantiles <= 0.0 {
        return Err(out_of_range(
            "phrase-power",
            test.power,
            "phrase-above-one-less-the-confidence",
        ));
    }
    let both = test.correlation * test.overlap * test.ratio.min(1.0);
    let covariance = both * (variances[0] * variances[1]).sqrt() / test.ratio;
    let variance = variances[0] + variances[1] / test.ratio - 2.0 * covariance;
    if variance <= 0.0 {
        return Err(out_of_range(
            "phrase-correlation",
            test.correlation,
            "phrase-lower-nothing-varies",
        ));
    }
    let first = (variance * (quantiles / distance).powi(2)).ceil();
    Ok([circumstances[0].steps(first), circumstances[1].steps(test.ratio * first)])
}

impl Test {
    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        between(&mut problems, "phrase-power", self.power, 0.0, 1.0);
        between(&mut problems, "phrase-ratio", self.ratio, 0.0, f64::INFINITY);
        let mut refuse = |quantity: &'static str, value: f64, bounds: Phrase| {
            problems.push(Problem::SizeOutOfRange {
                quantity: phrase(quantity).into(),
                value: value.into(),
                bounds: bounds.into(),
            });
        };
        if !(-1.0..=1.0).contains(&self.correlation) {
            let bounds = phrase("phrase-from-to").with("low", -1.0).with("high", 1.0);
            refuse("phrase-correlation", self.correlation, bounds);
        }
        if !(0.0..=1.0).contains(&self.overlap) {
            refuse("phrase-overlap", self.overlap, phrase("phrase-from-0-to-1"));
        }
        if !self.margin.is_finite() {
            refuse("phrase-margin", self.margin, phrase("phrase-a-number"));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: [Circumstances; 2] =
        [Circumstances { confidence: 0.95, design_effect: 1.0, population: None, response: 1.0 };
            2];

    fn quantities(told: &[Problem]) -> Vec<String> {
        let quantity = |problem: &Problem| problem.as_problem().argument("quantity").cloned();
        told.iter().filter_map(quantity).map(|quantity| quantity.to_string()).collect()
    }

    #[test]
    fn impossible_comparisons_are_told_at_once() {
        let test = Test { power: 1.0, ratio: -1.0, overlap: 2.0, ..Test::default() };
        let told = for_proportions([0.3, 1.3], DifferenceVariance::Pooled, &test, &PLAIN)
            .expect_err("problems");
        assert_eq!(
            quantities(&told),
            ["phrase-proportion-2", "phrase-power", "phrase-ratio", "phrase-overlap"]
        );
        let same = for_means([3.0, 3.0], [1.0, 1.0], &Test::default(), &PLAIN);
        assert_eq!(quantities(&same.expect_err("no difference")), ["phrase-difference"]);
        let far = Test { margin: 0.05, ..Test::default() };
        let told = for_proportions([0.3, 0.4], DifferenceVariance::Separate, &far, &PLAIN);
        assert_eq!(quantities(&told.expect_err("not equivalent")), ["phrase-difference"]);
        let one = Test { correlation: 1.0, overlap: 1.0, ..Test::default() };
        let told = for_means([3.0, 4.0], [1.0, 1.0], &one, &PLAIN);
        assert_eq!(quantities(&told.expect_err("nothing varies")), ["phrase-correlation"]);
        let low = [Circumstances { confidence: 0.3, ..PLAIN[0] }; 2];
        let weak = Test { power: 0.2, two_sided: false, ..Test::default() };
        let told = for_means([3.0, 4.0], [1.0, 1.0], &weak, &low);
        assert_eq!(quantities(&told.expect_err("no power")), ["phrase-power"]);
    }

    #[test]
    fn a_panel_needs_fewer_than_fresh_samples() {
        let panel = Test { correlation: 0.6, overlap: 1.0, ..Test::default() };
        let size = |test: &Test| {
            for_proportions([0.3, 0.4], DifferenceVariance::Separate, test, &PLAIN).expect("sizes")
        };
        let fresh = size(&Test::default());
        assert!((fresh[0].simple - 354.0).abs() < 1e-9);
        assert!(size(&panel)[0].simple < 0.42 * fresh[0].simple);
    }
}
