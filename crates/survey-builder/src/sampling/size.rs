//! How large a sample must be.
//!
//! Each answer comes in four steps, every one rounded up: for simple random
//! sampling, with the design effect, with the finite population, and the cases
//! to release given the share that responds.

pub mod clusters;
pub mod components;
pub mod curve;
pub mod difference;
pub mod fieldwork;
pub mod optimum;
mod student;

use serde::{Deserialize, Serialize};

use super::problem::Problem;
use crate::problem::phrase;

/// The formula for a proportion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProportionMethod {
    /// z² p (1 − p) / d² (Cochran, 1977, section 4.4).
    Wald,
    /// With a continuity correction and the least favourable p within the
    /// margin (Fleiss, Levin and Paik, 2003, section 2.5).
    Fleiss,
    /// The size at which Wilson's (1927) interval is as wide as wanted:
    /// z² (a + √(p²q² + d²(1 − 2p)²)) / 2d², a = pq − 2d².
    Wilson,
}

/// What lowers or raises a sample size besides precision.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Circumstances {
    /// How sure the interval is, such as 0.95.
    pub confidence: f64,
    /// The variance compared with simple random sampling, 1 for none.
    pub design_effect: f64,
    /// The number of units in the population, where it is small.
    pub population: Option<f64>,
    /// The share of released cases that respond (eligibility × contact ×
    /// cooperation), 1 for all.
    pub response: f64,
}

impl Default for Circumstances {
    fn default() -> Self {
        Self { confidence: 0.95, design_effect: 1.0, population: None, response: 1.0 }
    }
}

/// Sample sizes, each step after the one before.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sizes {
    /// Completes needed under simple random sampling.
    pub simple: f64,
    /// … with the design effect.
    pub with_design_effect: f64,
    /// … with the finite population: the completes needed.
    pub completes: f64,
    /// The cases to release.
    pub released: f64,
}

/// The size for estimating a proportion to within `margin` on either side.
///
/// # Errors
///
/// Every quantity out of its range.
pub fn for_proportion(
    method: ProportionMethod,
    proportion: f64,
    margin: f64,
    circumstances: &Circumstances,
) -> Result<Sizes, Vec<Problem>> {
    let mut problems = circumstances.problems();
    between(&mut problems, "phrase-proportion", proportion, 0.0, 1.0);
    between(&mut problems, "phrase-margin", margin, 0.0, 0.5);
    if !problems.is_empty() {
        return Err(problems);
    }
    let z = two_sided(circumstances.confidence);
    let simple = match method {
        ProportionMethod::Wald => z * z * proportion * (1.0 - proportion) / (margin * margin),
        ProportionMethod::Fleiss => {
            let factor = least_favourable(proportion, margin);
            factor * z * z / (4.0 * margin * margin) + 1.0 / margin - 2.0 * z * z
                + (z + 2.0) / factor
        }
        ProportionMethod::Wilson => {
            let (product, square) = (proportion * (1.0 - proportion), margin * margin);
            let root = product.hypot(margin * (1.0 - 2.0 * proportion));
            z * z * (product - 2.0 * square + root) / (2.0 * square)
        }
    };
    Ok(circumstances.steps(simple))
}

/// Four times the largest p (1 − p) within the margin of a proportion that is
/// not near one half.
fn least_favourable(proportion: f64, margin: f64) -> f64 {
    if proportion < margin || proportion > 1.0 - margin {
        8.0 * margin * (1.0 - 2.0 * margin)
    } else if proportion < 0.3 {
        4.0 * (proportion + margin) * (1.0 - proportion - margin)
    } else if proportion > 0.7 {
        4.0 * (proportion - margin) * (1.0 - proportion + margin)
    } else {
        1.0
    }
}

/// The size for estimating a mean to within `margin` on either side, given the
/// standard deviation of what is measured (Cochran, 1977, section 4.6).
///
/// # Errors
///
/// Every quantity out of its range.
pub fn for_mean(
    deviation: f64,
    margin: f64,
    circumstances: &Circumstances,
) -> Result<Sizes, Vec<Problem>> {
    let mut problems = circumstances.problems();
    between(&mut problems, "phrase-deviation", deviation, 0.0, f64::INFINITY);
    between(&mut problems, "phrase-margin", margin, 0.0, f64::INFINITY);
    if !problems.is_empty() {
        return Err(problems);
    }
    let z = two_sided(circumstances.confidence);
    Ok(circumstances.steps((z * deviation / margin).powi(2)))
}

/// The size for estimating a mean to within a coefficient of variation of its own,
/// given that of what is measured, S/Ȳ; √((1 − p)/p) for a proportion (Cochran,
/// 1977, section 4.6).
///
/// # Errors
///
/// Every quantity out of its range.
pub fn for_variation(
    of_units: f64,
    wanted: f64,
    circumstances: &Circumstances,
) -> Result<Sizes, Vec<Problem>> {
    let mut problems = circumstances.problems();
    between(&mut problems, "phrase-variation-of-units", of_units, 0.0, f64::INFINITY);
    between(&mut problems, "phrase-variation-wanted", wanted, 0.0, f64::INFINITY);
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(circumstances.steps((of_units / wanted).powi(2)))
}

impl Circumstances {
    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        between(&mut problems, "phrase-confidence", self.confidence, 0.0, 1.0);
        between(&mut problems, "phrase-design-effect", self.design_effect, 0.0, f64::INFINITY);
        if !(self.response > 0.0 && self.response <= 1.0) {
            problems.push(Problem::SizeOutOfRange {
                quantity: phrase("phrase-response").into(),
                value: self.response.into(),
                bounds: phrase("phrase-above-0-and-at-most-1").into(),
            });
        }
        if let Some(population) = self.population {
            between(&mut problems, "phrase-population", population, 0.0, f64::INFINITY);
        }
        problems
    }

    fn steps(&self, simple: f64) -> Sizes {
        let simple = simple.ceil();
        let with_design_effect = (simple * self.design_effect).ceil();
        let completes = self.population.map_or(with_design_effect, |population| {
            (with_design_effect / (1.0 + (with_design_effect - 1.0) / population)).ceil()
        });
        let released = (completes / self.response).ceil();
        Sizes { simple, with_design_effect, completes, released }
    }
}

fn between(problems: &mut Vec<Problem>, quantity: &'static str, value: f64, low: f64, high: f64) {
    if !(value > low && value < high) {
        let bounds = if high.is_finite() {
            phrase("phrase-between").with("low", low).with("high", high)
        } else {
            phrase("phrase-above").with("low", low)
        };
        problems.push(Problem::SizeOutOfRange {
            quantity: phrase(quantity).into(),
            value: value.into(),
            bounds: bounds.into(),
        });
    }
}

/// The normal quantile that leaves (1 − confidence) / 2 above it.
pub(super) fn two_sided(confidence: f64) -> f64 {
    normal_quantile(0.5 + confidence / 2.0)
}

/// The standard normal distribution, by Marsaglia's (2004) series.
fn normal_probability(x: f64) -> f64 {
    if x.abs() > 8.5 {
        return if x > 0.0 { 1.0 } else { 0.0 };
    }
    let (density, sum) = density_and_sum(x);
    0.5 + density * sum
}

/// The density at x, and what it is multiplied by to give Φ(x) − ½.
fn density_and_sum(x: f64) -> (f64, f64) {
    let density = (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let (mut sum, mut term, mut odd) = (x, x, 3.0);
    while term.abs() > 1e-17 * sum.abs() && odd < 400.0 {
        term *= x * x / odd;
        sum += term;
        odd += 2.0;
    }
    (density, sum)
}

/// The standard normal quantile of a probability between 0 and 1, by Newton's
/// steps; above zero the steps only ever climb, since the distribution is concave
/// there.
fn normal_quantile(probability: f64) -> f64 {
    if probability < 0.5 {
        return -normal_quantile(1.0 - probability);
    }
    let mut x = 0.0_f64;
    for _ in 0..200 {
        let (density, sum) = density_and_sum(x);
        let step = (probability - 0.5 - density * sum) / density;
        if step.abs() < 1e-14 || x > 8.0 {
            break;
        }
        x += step;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_the_tables() {
        for (probability, expected) in [
            (0.5, 0.0),
            (0.05, -1.644_853_626_951_472_7),
            (0.95, 1.644_853_626_951_472_7),
            (0.975, 1.959_963_984_540_054),
            (0.995, 2.575_829_303_548_900_4),
        ] {
            assert!((normal_quantile(probability) - expected).abs() < 1e-12);
        }
    }

    #[test]
    fn quantities_out_of_range_are_named() {
        let bad = Circumstances { confidence: 1.0, response: 0.0, ..Circumstances::default() };
        let told = for_proportion(ProportionMethod::Wald, 1.2, 0.03, &bad).expect_err("problems");
        assert_eq!(told.len(), 3);
        assert_eq!(told[0].code(), "size_out_of_range");
        assert!(told.iter().any(|problem| {
            problem.as_problem().argument("quantity") == Some(&phrase("phrase-proportion").into())
        }));
    }
}
