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

use super::{Circumstances, Sizes, between, normal_quantile, student};
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
    /// That of the mean proportion where there is no difference, each group's own
    /// where there is the one planned for: as the usual test works (Fleiss, Levin
    /// and Paik, 2003, section 4.2). With a margin each group's own.
    PooledNull,
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
        DifferenceVariance::Separate | DifferenceVariance::PooledNull => {
            [one * (1.0 - one), two * (1.0 - two)]
        }
        DifferenceVariance::Pooled => [mean * (1.0 - mean); 2],
        DifferenceVariance::Largest => [0.25; 2],
    };
    let is_pooled = variance == DifferenceVariance::PooledNull && test.margin == 0.0;
    let null = if is_pooled { [mean * (1.0 - mean); 2] } else { variances };
    let plan = prepared(problems, [null, variances], two - one, test, circumstances)?;
    Ok(both_sizes(plan.normal_first(), test, circumstances))
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
    let plan = prepared(problems, [variances; 2], means[1] - means[0], test, circumstances)?;
    Ok(both_sizes(plan.normal_first(), test, circumstances))
}

/// As [`for_means`], by Student's t: what the variance has to be estimated from is
/// counted. Degrees of freedom are n₁ + n₂ − 2 for equal deviations, else those of
/// Welch (1947).
///
/// # Errors
///
/// As [`for_proportions`].
pub fn for_means_by_t(
    means: [f64; 2],
    deviations: [f64; 2],
    test: &Test,
    circumstances: &[Circumstances; 2],
) -> Result<[Sizes; 2], Vec<Problem>> {
    let mut problems = Vec::new();
    between(&mut problems, "phrase-deviation-1", deviations[0], 0.0, f64::INFINITY);
    between(&mut problems, "phrase-deviation-2", deviations[1], 0.0, f64::INFINITY);
    let variances = deviations.map(|deviation| deviation * deviation);
    let plan = prepared(problems, [variances; 2], means[1] - means[0], test, circumstances)?;
    let mut first = plan.normal_first().max(2.0).max((2.0 / test.ratio).ceil());
    // Never more than a few; a power that rounding keeps out of reach ends it.
    for _ in 0..MOST_MORE {
        if plan.power_by_t(first, variances, test.ratio) >= plan.found {
            break;
        }
        first += 1.0;
    }
    Ok(both_sizes(first, test, circumstances))
}

/// The number of pairs to tell two proportions of the same people apart, given the
/// shares who change from one to the other and back (`McNemar`'s test; Connor, 1987).
///
/// # Errors
///
/// As [`for_proportions`].
pub fn for_pairs(
    changed: [f64; 2],
    test: &Test,
    circumstances: &Circumstances,
) -> Result<Sizes, Vec<Problem>> {
    let mut problems = circumstances.problems();
    problems.extend(test.problems());
    between(&mut problems, "phrase-changed-1", changed[0], 0.0, 1.0);
    between(&mut problems, "phrase-changed-2", changed[1], 0.0, 1.0);
    let (both, difference) = (changed[0] + changed[1], changed[1] - changed[0]);
    if problems.is_empty() && both > 1.0 {
        problems.push(Problem::SizeOutOfRange {
            quantity: phrase("phrase-changed-together").into(),
            value: both.into(),
            bounds: phrase("phrase-at-most-1").into(),
        });
    }
    if problems.is_empty() && difference.abs() < 1e-12 {
        problems.push(Problem::SizeOutOfRange {
            quantity: phrase("phrase-difference").into(),
            value: difference.into(),
            bounds: phrase("phrase-other-than-0").into(),
        });
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let confidence = circumstances.confidence;
    let tested = if test.two_sided { 0.5 + confidence / 2.0 } else { confidence };
    let root = normal_quantile(tested) * both.sqrt()
        + normal_quantile(test.power) * (both - difference * difference).sqrt();
    Ok(circumstances.steps((root / difference).powi(2)))
}

/// More of the first group than the normal distribution asks for, at most.
const MOST_MORE: u32 = 10_000;

/// A comparison without problems.
struct Comparison {
    /// The variance of the difference for each of the first group, without a
    /// difference and with it.
    variances: [f64; 2],
    /// How far what is to be found is from what is tested.
    distance: f64,
    /// The probability below the limit of the test.
    tested: f64,
    /// The probability to be beyond it.
    found: f64,
}

impl Comparison {
    /// The size of the first group by the normal distribution.
    fn normal_first(&self) -> f64 {
        let [null, alternative] = self.variances;
        let root = normal_quantile(self.tested) * null.sqrt()
            + normal_quantile(self.found) * alternative.sqrt();
        (root / self.distance).powi(2).ceil()
    }

    /// The probability to be beyond Student's limit with so many in the first group.
    fn power_by_t(&self, first: f64, [one, two]: [f64; 2], ratio: f64) -> f64 {
        let second = ratio * first;
        let (of_first, of_second) = (one / first, two / second);
        #[expect(clippy::float_cmp, reason = "the same deviation, given once")]
        let degrees = if one == two {
            first + second - 2.0
        } else {
            (of_first + of_second).powi(2)
                / (of_first * of_first / (first - 1.0) + of_second * of_second / (second - 1.0))
        };
        let error = (self.variances[1] / first).sqrt();
        let limit = student::quantile(1.0 - self.tested, degrees);
        student::upper_tail(limit, degrees, self.distance.abs() / error)
    }
}

/// The sizes of both groups, given the first.
fn both_sizes(first: f64, test: &Test, circumstances: &[Circumstances; 2]) -> [Sizes; 2] {
    [circumstances[0].steps(first), circumstances[1].steps(test.ratio * first)]
}

fn prepared(
    mut problems: Vec<Problem>,
    variances: [[f64; 2]; 2],
    difference: f64,
    test: &Test,
    circumstances: &[Circumstances; 2],
) -> Result<Comparison, Vec<Problem>> {
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
    let variances = variances.map(|[one, two]| {
        let covariance = both * (one * two).sqrt() / test.ratio;
        one + two / test.ratio - 2.0 * covariance
    });
    if variances.iter().any(|variance| *variance <= 0.0) {
        return Err(out_of_range(
            "phrase-correlation",
            test.correlation,
            "phrase-lower-nothing-varies",
        ));
    }
    Ok(Comparison { variances, distance, tested, found })
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

    fn first(found: Result<[Sizes; 2], Vec<Problem>>) -> f64 {
        found.expect("sizes")[0].simple
    }

    /// Whole numbers, whatever kind holds them.
    fn same(found: &[f64], expected: &[f64]) -> bool {
        found.iter().zip(expected).all(|(one, other)| (one - other).abs() < 1e-9)
    }

    /// R's `power.prop.test` and `power.t.test` (stats 4.2), rounded up.
    #[test]
    fn two_groups_are_as_large_as_the_usual_tests_need() {
        let of = |shares, power, two_sided| {
            let test = Test { power, two_sided, ..Test::default() };
            first(for_proportions(shares, DifferenceVariance::PooledNull, &test, &PLAIN))
        };
        let found =
            [of([0.3, 0.4], 0.8, true), of([0.05, 0.08], 0.9, true), of([0.3, 0.4], 0.8, false)];
        assert!(same(&found, &[356.0, 1_418.0, 281.0]), "{found:?}");
        let of = |difference, deviation, power| {
            let test = Test { power, ..Test::default() };
            first(for_means_by_t([0.0, difference], [deviation; 2], &test, &PLAIN))
        };
        let found = [of(5.0, 10.0, 0.8), of(5.0, 5.0, 0.8), of(1.0, 1.0, 0.9), of(3.0, 2.0, 0.9)];
        assert!(same(&found, &[64.0, 17.0, 23.0, 11.0]), "{found:?}");
    }

    /// Samples drawn again and again: the test finds the difference as often as
    /// was planned, and one pair of people fewer would not do.
    #[test]
    fn the_power_of_t_is_kept() {
        let mut stream = crate::sampling::Seed(3).stream(1, 0);
        let mut normal = || {
            let (one, two): (f64, f64) = (1.0 - stream.uniform(), stream.uniform());
            (-2.0 * one.ln()).sqrt() * (2.0 * std::f64::consts::PI * two).cos()
        };
        let (size, draws) = (11_u32, 20_000);
        let limit = student::quantile(0.025, 20.0);
        let mut found = 0_u32;
        for _ in 0..draws {
            let mut group = |mean: f64| {
                let values: Vec<f64> = (0..size).map(|_| mean + 2.0 * normal()).collect();
                let mean = values.iter().sum::<f64>() / f64::from(size);
                let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
                (mean, squares)
            };
            let ((one, first), (two, second)) = (group(0.0), group(3.0));
            let error = ((first + second) / 20.0 * 2.0 / f64::from(size)).sqrt();
            found += u32::from((two - one) / error > limit);
        }
        let share = f64::from(found) / f64::from(draws);
        let (plain, one_less) = (
            student::upper_tail(limit, 20.0, 3.0 / (8.0_f64 / 11.0).sqrt()),
            student::upper_tail(
                student::quantile(0.025, 18.0),
                18.0,
                3.0 / (8.0_f64 / 10.0).sqrt(),
            ),
        );
        assert!((share - plain).abs() < 0.008, "{share} {plain}");
        // R: power.t.test(n = 10, delta = 3, sd = 2)$power is 0.887.
        assert!(plain >= 0.9 && (one_less - 0.887).abs() < 5e-4, "{plain} {one_less}");
    }

    /// The power of `McNemar`'s test over all numbers of changes, by the binomial
    /// distribution.
    #[test]
    fn pairs_are_enough_for_mcnemar() {
        let (test, changed) = (Test::default(), [0.05, 0.15]);
        let pairs = for_pairs(changed, &test, &PLAIN[0]).expect("a size").simple;
        let (both, up) = (0.2, 0.15 / 0.2);
        let mut power = 0.0;
        let mut of_both = (1.0_f64 - both).powf(pairs);
        let mut number = 0.0;
        while number <= pairs {
            let mut of_up = (1.0_f64 - up).powf(number);
            let mut higher = 0.0;
            while higher <= number {
                if (2.0 * higher - number) / number.max(1.0).sqrt() > 1.959_964 {
                    power += of_both * of_up;
                }
                of_up *= (number - higher) / (higher + 1.0) * up / (1.0 - up);
                higher += 1.0;
            }
            of_both *= (pairs - number) / (number + 1.0) * both / (1.0 - both);
            number += 1.0;
        }
        // Numbers of changes are whole, so the test does a little better.
        assert!(power >= 0.8, "{pairs}: {power}");
        let planned = |pairs: f64| {
            let error = ((0.2 - 0.01) / pairs).sqrt();
            crate::sampling::size::normal_probability(
                (0.1 - 1.959_964 * (0.2 / pairs).sqrt()) / error,
            )
        };
        assert!(planned(pairs) >= 0.8 && planned(pairs - 1.0) < 0.8, "{pairs}");
        assert_eq!(for_pairs([0.1, 0.1], &test, &PLAIN[0]).map_err(|told| told.len()), Err(1));
        assert_eq!(for_pairs([0.6, 0.7], &test, &PLAIN[0]).map_err(|told| told.len()), Err(1));
    }
}
