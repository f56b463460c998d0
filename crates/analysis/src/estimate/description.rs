//! Description of a numeric variable: how many values, where they lie, how they spread.

use serde::{Deserialize, Serialize};

use crate::design::{DegreesOfFreedomRule, Design};
use crate::error::Result;
use crate::estimate::moments::{Members, weighted_mean};
use crate::estimate::quantile::{Limits, QuantileRule, quantiles};
use crate::estimate::{EstimateOptions, IntervalMethod};

/// What a variable looks like in the population, estimated; values only.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// Rows with a known value.
    pub rows: usize,
    /// Rows of the domain without one.
    pub missing: usize,
    /// Sum of the weights of the rows with a value.
    pub weight: f64,
    /// Mean.
    pub mean: f64,
    /// Standard deviation, √(n/(n−1) Σw(y − ȳ)²/W); none for one row.
    pub standard_deviation: Option<f64>,
    /// Σw(y − ȳ)³/W over the cube of the deviation with divisor W (Fisher's g₁); none where nothing varies.
    pub skewness: Option<f64>,
    /// Σw(y − ȳ)⁴/W over its fourth power, less 3 (g₂).
    pub excess_kurtosis: Option<f64>,
    /// Smallest value.
    pub smallest: f64,
    /// First quartile, median and third quartile (type 2).
    pub quartiles: [f64; 3],
    /// Largest value.
    pub largest: f64,
}

/// Describes a column (NaN: missing) among the members of a domain.
///
/// # Errors
/// As [`super::moments::mean`].
pub fn describe(design: &Design, column: &[f64], domain: Option<&[bool]>) -> Result<Description> {
    let members = Members::new(design, &[column], domain)?;
    let mean = weighted_mean(design, column, &members);
    let known = || {
        let rows = column.iter().zip(design.weights()).zip(&members.known);
        rows.filter(|((_, weight), known)| **known && **weight > 0.0).map(|(row, _)| row)
    };
    let moment = |power: i32| {
        known().map(|(value, weight)| weight * (value - mean).powi(power)).sum::<f64>()
            / members.weight
    };
    let second = moment(2);
    let rows = members.rows as f64;
    let varies = |value: f64| (second > 0.0).then_some(value).filter(|value| value.is_finite());
    let options = EstimateOptions {
        confidence: 0.95,
        interval: IntervalMethod::StudentT,
        degrees_of_freedom: DegreesOfFreedomRule::FullDesign,
    };
    // Quantiles alone; their limits are not asked for, so a design without variance will do.
    let plain = design.without_variance();
    let rule = QuantileRule::AveragedInverseCdf;
    let places = [0.25, 0.5, 0.75];
    let found = quantiles(&plain, column, &places, domain, rule, Limits::FoundShare, &options)?;
    let in_domain = |row: usize| domain.is_none_or(|own| own[row]) && design.weights()[row] > 0.0;
    let all = (0..design.rows()).filter(|&row| in_domain(row)).count();
    Ok(Description {
        rows: members.rows,
        missing: all.saturating_sub(members.rows),
        weight: members.weight,
        mean,
        standard_deviation: (members.rows > 1).then(|| (second * rows / (rows - 1.0)).sqrt()),
        skewness: varies(moment(3) / second.powf(1.5)),
        excess_kurtosis: varies(moment(4) / (second * second) - 3.0),
        smallest: known().map(|(value, _)| *value).fold(f64::INFINITY, f64::min),
        quartiles: [found[0].value, found[1].value, found[2].value],
        largest: known().map(|(value, _)| *value).fold(f64::NEG_INFINITY, f64::max),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DesignInput, SinglePsu, StageInput, Weights};

    #[test]
    fn a_small_variable_by_hand() {
        let design = Design::new(DesignInput {
            weights: Weights::Given(vec![1.0, 1.0, 2.0, 1.0, 0.0]),
            stages: vec![StageInput { strata: Some(vec![1, 2, 2, 2, 2]), ..StageInput::default() }],
            nest: false,
            single_psu: SinglePsu::Fail,
            domain_single_psu: false,
        })
        .expect("a design");
        let found = describe(&design, &[0.0, 2.0, 4.0, f64::NAN, 99.0], None).expect("described");
        // Values 0, 2, 4, 4: mean 2.5, squares 6.25 + 0.25 + 2 · 2.25 = 11, cubes −15.625 − 0.125 + 6.75.
        assert_eq!((found.rows, found.missing, found.weight, found.mean), (3, 1, 4.0, 2.5));
        let near =
            |one: Option<f64>, other: f64| assert!((one.expect("varies") - other).abs() < 1e-12);
        near(found.standard_deviation, (2.75 * 1.5_f64).sqrt());
        near(found.skewness, -2.25 / 2.75_f64.powf(1.5));
        assert_eq!((found.smallest, found.largest), (0.0, 4.0));
        assert_eq!(found.quartiles, [1.0, 3.0, 4.0]);
        let constant = describe(&design, &[1.0; 5], None).expect("described");
        assert_eq!((constant.skewness, constant.standard_deviation), (None, Some(0.0)));
    }
}
