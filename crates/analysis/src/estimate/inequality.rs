//! Measures of inequality of income: Gini, at risk of poverty, quintile share ratio.
//!
//! As Eurostat defines them and R's `laeken` computes them (Alfons and Templ 2013). Errors come from
//! replicates; without them there are values only, as linearisation needs the density at the quantiles.

use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use crate::design::{DegreesOfFreedomRule, Design};
use crate::error::Result;
use crate::estimate::quantile::{Limits, QuantileRule, quantiles};
use crate::estimate::{EstimateOptions, IntervalMethod};
use crate::problem::Fault;

/// The measures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Inequality {
    /// Gini coefficient, in percent.
    pub gini_percent: f64,
    /// Share of persons below 60 % of the median, in percent.
    pub at_risk_of_poverty_percent: f64,
    /// Income of those above the fourth quintile over that of those up to the first.
    pub quintile_share_ratio: f64,
}

/// Measures with their standard errors.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct InequalityErrors {
    /// The measures.
    pub measures: Inequality,
    /// Standard errors, in the units of the measures.
    pub standard_errors: Inequality,
}

/// As [`inequality`], with standard errors from the replicates of the design, each of which gives the
/// measures again (bootstrap or half-samples: the jackknife is not good for quantiles).
///
/// # Errors
/// As [`inequality`]; a design without replicates.
pub fn inequality_with_errors(
    design: &Design,
    income: &[f64],
    domain: Option<&[bool]>,
) -> Result<InequalityErrors> {
    let Some(replicates) = design.replicates() else {
        return Err(
            Fault::DataTooFew { found: 0, least: 2 }.refused(phrase("phrase-input-replicates"))
        );
    };
    let plain = design.without_variance();
    let again = |weights: &[f64]| {
        let found = inequality(&plain.reweighed(weights.to_vec()), income, domain)?;
        Ok(vec![found.gini_percent, found.at_risk_of_poverty_percent, found.quintile_share_ratio])
    };
    let found = replicates.estimate(design.weights(), again)?;
    let of = |values: [f64; 3]| Inequality {
        gini_percent: values[0],
        at_risk_of_poverty_percent: values[1],
        quintile_share_ratio: values[2],
    };
    Ok(InequalityErrors {
        measures: of([found.values[0], found.values[1], found.values[2]]),
        standard_errors: of([0, 1, 2].map(|place| found.covariance.standard_error(place))),
    })
}

/// Inequality of `income` (NaN: missing) among members of `domain`.
///
/// # Errors
/// As [`quantiles`]; incomes that add up to nothing.
pub fn inequality(design: &Design, income: &[f64], domain: Option<&[bool]>) -> Result<Inequality> {
    let options = EstimateOptions {
        confidence: 0.95,
        interval: IntervalMethod::StudentT,
        degrees_of_freedom: DegreesOfFreedomRule::FullDesign,
    };
    let rule = QuantileRule::AveragedInverseCdf;
    let plain = design.without_variance();
    let found =
        quantiles(&plain, income, &[0.2, 0.5, 0.8], domain, rule, Limits::FoundShare, &options)?;
    let mut rows: Vec<(f64, f64)> = (0..design.rows())
        .filter(|&row| domain.is_none_or(|member| member[row]) && !income[row].is_nan())
        .map(|row| (income[row], design.weights()[row]))
        .filter(|(_, weight)| *weight > 0.0)
        .collect();
    rows.sort_by(|one, other| one.0.total_cmp(&other.0));
    let weight: f64 = rows.iter().map(|row| row.1).sum();
    let total: f64 = rows.iter().map(|row| row.0 * row.1).sum();
    if total <= 0.0 {
        return Err(Fault::DataSumZero.refused(phrase("phrase-input-income")));
    }
    let (mut below, mut area) = (0.0, 0.0);
    for (income, own) in &rows {
        below += own;
        area += 2.0 * own * income * below - own * own * income;
    }
    let poor: f64 = rows.iter().filter(|row| row.0 < 0.6 * found[1].value).map(|row| row.1).sum();
    let sum = |holds: &dyn Fn(f64) -> bool| -> f64 {
        rows.iter().filter(|row| holds(row.0)).map(|row| row.0 * row.1).sum()
    };
    Ok(Inequality {
        gini_percent: 100.0 * (area / (weight * total) - 1.0),
        at_risk_of_poverty_percent: 100.0 * poor / weight,
        quintile_share_ratio: sum(&|x| x > found[2].value) / sum(&|x| x <= found[0].value),
    })
}
