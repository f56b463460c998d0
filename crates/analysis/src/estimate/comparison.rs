//! Differences between estimates, and their probabilities where many are looked at.

use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use crate::design::Design;
use crate::distribution::{normal_two_sided, student_two_sided};
use crate::error::Result;
use crate::estimate::joint::Joint;
use crate::estimate::moments::means_by_domain;
use crate::estimate::{EstimateOptions, Interval};
use crate::problem::Fault;
use crate::tabulate::mean_method;
use crate::variance::satterthwaite::{Form, PairDegrees, Reach};

/// The difference of two estimates of a [`Joint`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Places of the two estimates.
    pub pair: (usize, usize),
    /// First minus second.
    pub value: f64,
    /// Its standard error, from the joint covariance.
    pub standard_error: f64,
    /// Degrees of freedom that it is held against.
    pub degrees_of_freedom: f64,
    /// Its interval; none where there is no probability.
    pub interval: Option<Interval>,
    /// Probability of a Student value as far from zero; none where a variance is zero or unknown.
    pub p: Option<f64>,
}

/// Differences of every two estimates, the earlier minus the later, tested by Student's t.
///
/// # Errors
/// None for a joint whose covariance fits its estimates.
pub fn differences(joint: &Joint, degrees_of_freedom: f64) -> Result<Vec<Difference>> {
    let count = joint.estimates.len();
    let mut differences = Vec::new();
    for one in 0..count {
        for other in one + 1..count {
            let mut coefficients = vec![0.0; count];
            coefficients[one] = 1.0;
            coefficients[other] = -1.0;
            let contrast = joint.contrast(&coefficients)?;
            let t = contrast.value / contrast.standard_error;
            let p = student_two_sided(t, degrees_of_freedom);
            differences.push(Difference {
                pair: (one, other),
                value: contrast.value,
                standard_error: contrast.standard_error,
                degrees_of_freedom,
                interval: None,
                p: (contrast.standard_error > 0.0 && p.is_finite()).then_some(p),
            });
        }
    }
    Ok(differences)
}

/// Means of several domains with the differences of every two.
#[derive(Debug, Clone)]
pub struct DomainDifferences {
    /// The means, with their covariance.
    pub joint: Joint,
    /// The earlier minus the later of every two.
    pub differences: Vec<Difference>,
}

/// Means of a column (NaN: missing) in several domains and the differences of every two, each held
/// against Satterthwaite's degrees of freedom of the two domains. A domain whose variance is zero or
/// unknown takes part in no test.
///
/// # Errors
/// As [`means_by_domain`].
pub fn domain_differences(
    design: &Design,
    values: &[f64],
    domains: &[Vec<bool>],
    options: &EstimateOptions,
) -> Result<DomainDifferences> {
    let joint = means_by_domain(design, values, domains, options)?;
    let differences = held_against(design, &joint, values, domains, options)?;
    Ok(DomainDifferences { joint, differences })
}

/// The differences of every two estimates by domain of a column, each held against the degrees of freedom
/// of the two.
///
/// # Errors
/// A joint that has not an estimate a domain.
pub fn held_against(
    design: &Design,
    joint: &Joint,
    values: &[f64],
    domains: &[Vec<bool>],
    options: &EstimateOptions,
) -> Result<Vec<Difference>> {
    if domains.len() != joint.estimates.len() {
        let fault = Fault::DataCount { found: domains.len(), needed: joint.estimates.len() };
        return Err(fault.refused(phrase("phrase-input-domain")));
    }
    let form = Form::new(design);
    let reach: Vec<Reach> = domains
        .iter()
        .map(|domain| {
            let clusters = design.stages()[0].cluster_of_row();
            let mut weights = vec![0.0; design.clusters()];
            let rows = domain.iter().zip(values).zip(clusters.iter().zip(design.weights()));
            for ((_, value), (&cluster, weight)) in rows.filter(|((member, _), _)| **member) {
                weights[cluster as usize] += if value.is_nan() { 0.0 } else { *weight };
            }
            Reach::new(&form, &weights)
        })
        .collect();
    let most =
        design.replicates().map_or(f64::INFINITY, |replicates| replicates.degrees_of_freedom);
    let mut found = differences(joint, f64::NAN)?;
    for difference in &mut found {
        let (one, other) = difference.pair;
        let own = [one, other].map(|place| joint.covariance.variance(place));
        let held = PairDegrees::new(&reach[one], &reach[other], most).of(own);
        let (degrees, reach) = (held.degrees, held.scale * difference.standard_error);
        let known = [one, other].iter().all(|&place| joint.estimates[place].error_is_known());
        let p = student_two_sided(difference.value / reach, degrees);
        let tested = known && difference.standard_error > 0.0 && degrees > 0.0 && p.is_finite();
        difference.degrees_of_freedom = degrees;
        difference.p = tested.then_some(p);
        let symmetric = EstimateOptions { interval: mean_method(options.interval), ..*options };
        // As wide as the test sees it, so that both say the same.
        difference.interval =
            difference.p.and(symmetric.symmetric(difference.value, reach, degrees));
    }
    Ok(found)
}

/// How probabilities are raised for being many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Adjustment {
    /// m p (Bonferroni; Dunn 1961).
    Bonferroni,
    /// (m − i + 1) p₍ᵢ₎, never falling (Holm 1979).
    Holm,
    /// 1 − (1 − p)ᵐ (Šidák 1967).
    Sidak,
    /// m p₍ᵢ₎ / i, never rising from the largest (Benjamini and Hochberg 1995).
    BenjaminiHochberg,
    /// The same times Σ 1/i (Benjamini and Yekutieli 2001).
    BenjaminiYekutieli,
}

/// Adjusted probabilities, in the order given; those that are NaN stay so and are not counted.
pub fn adjusted(probabilities: &[f64], adjustment: Adjustment) -> Vec<f64> {
    let mut order: Vec<usize> =
        (0..probabilities.len()).filter(|&place| !probabilities[place].is_nan()).collect();
    order.sort_by(|&one, &other| probabilities[one].total_cmp(&probabilities[other]));
    let m = order.len() as f64;
    let harmonic: f64 = (1..=order.len()).map(|rank| 1.0 / rank as f64).sum();
    let raised = |rank: usize, p: f64| match adjustment {
        Adjustment::Bonferroni => m * p,
        Adjustment::Holm => (m - rank as f64 + 1.0) * p,
        // Where p is small, 1 − (1 − p)ᵐ would lose its digits.
        Adjustment::Sidak => -(m * (-p).ln_1p()).exp_m1(),
        Adjustment::BenjaminiHochberg => m * p / rank as f64,
        Adjustment::BenjaminiYekutieli => harmonic * m * p / rank as f64,
    };
    let mut adjusted = probabilities.to_vec();
    for (index, &place) in order.iter().enumerate() {
        adjusted[place] = raised(index + 1, probabilities[place]).min(1.0);
    }
    match adjustment {
        Adjustment::Holm => order.windows(2).for_each(|pair| {
            adjusted[pair[1]] = adjusted[pair[1]].max(adjusted[pair[0]]);
        }),
        Adjustment::BenjaminiHochberg | Adjustment::BenjaminiYekutieli => {
            order.windows(2).rev().for_each(|pair| {
                adjusted[pair[0]] = adjusted[pair[0]].min(adjusted[pair[1]]);
            });
        }
        Adjustment::Bonferroni | Adjustment::Sidak => {}
    }
    adjusted
}

/// A test that two shares of unweighted counts are one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PooledTest {
    /// (p₁ − p₂) / √(p(1 − p)(1/n₁ + 1/n₂)), p the share of both together.
    pub z: f64,
    /// Probability of a normal value as far from zero.
    pub p: f64,
}

/// The test of two shares with their pooled variance (Fleiss, Levin and Paik 2003, §3.1, without
/// correction).
///
/// # Errors
/// Counts above their size, sizes of zero, shares that are both 0 or both 1.
pub fn pooled_test(first: (u64, u64), second: (u64, u64)) -> Result<PooledTest> {
    for (name, (count, size)) in [("first share", first), ("second share", second)] {
        if size == 0 || count > size {
            return Err(Fault::CountOver { count, size }.refused(name));
        }
    }
    let share = |(count, size): (u64, u64)| count as f64 / size as f64;
    let pooled = (first.0 as f64 + second.0 as f64) / (first.1 as f64 + second.1 as f64);
    let variance = pooled * (1.0 - pooled) * (1.0 / first.1 as f64 + 1.0 / second.1 as f64);
    if variance <= 0.0 {
        return Err(Fault::DataConstant.refused(phrase("phrase-input-shares")));
    }
    let z = (share(first) - share(second)) / variance.sqrt();
    Ok(PooledTest { z, p: normal_two_sided(z) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjustments_keep_order_and_gaps() {
        let p = [0.04, f64::NAN, 0.01, 0.02];
        let holm = adjusted(&p, Adjustment::Holm);
        assert!((holm[0] - 0.04).abs() < 1e-12 && holm[1].is_nan());
        assert!((holm[2] - 0.03).abs() < 1e-12 && (holm[3] - 0.04).abs() < 1e-12);
        let hochberg = adjusted(&p, Adjustment::BenjaminiHochberg);
        assert!((hochberg[2] - 0.03).abs() < 1e-12 && (hochberg[0] - 0.04).abs() < 1e-12);
        assert!(adjusted(&[], Adjustment::Sidak).is_empty());
    }

    #[test]
    fn shares_without_variance_are_refused() {
        assert!(pooled_test((0, 5), (0, 7)).is_err());
        assert!(pooled_test((6, 5), (0, 7)).is_err());
    }
}
