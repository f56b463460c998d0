//! Estimates from several completed copies of data that had gaps (Rubin 1987, ch. 3).

use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use crate::error::{Problem, Result, all_or_nothing};
use crate::estimate::joint::Joint;
use crate::estimate::presentation::PrecisionFlag;
use crate::estimate::quantile::Quantile;
use crate::estimate::{Estimate, EstimateOptions, coefficient_of_variation};
use crate::problem::Fault;
use crate::variance::linearization::{Covariance, root};

/// What the copies give together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pooled {
    /// Means of the estimates over the copies.
    pub estimates: Vec<f64>,
    /// T = W + (1 + 1/m) B, one row an estimate.
    pub covariance: Vec<Vec<f64>>,
    /// Degrees of freedom of each estimate; infinite where the copies agree and the complete data
    /// have no limit.
    pub degrees_of_freedom: Vec<f64>,
    /// Share of what the gaps took from each estimate (Rubin 1987, eq. 3.1.10).
    pub missing_information: Vec<f64>,
    /// Copies.
    pub imputations: usize,
}

impl Pooled {
    /// Standard errors.
    pub fn standard_errors(&self) -> Vec<f64> {
        self.covariance.iter().enumerate().map(|(place, row)| root(row[place])).collect()
    }
}

/// What degrees of freedom the data would have without gaps.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CompleteData {
    /// No limit: Rubin's (1987) degrees of freedom.
    Unlimited,
    /// So many, ν: 1/(1/df + 1/df*), df* = (ν + 1)/(ν + 3) · ν · W/T (Barnard and Rubin 1999, eq. 3).
    BarnardRubin(f64),
    /// The same with W/(W + B) for W/T, as R's `mitools` has it: a little more.
    Mitools(f64),
}

/// One estimate from several copies.
#[derive(Debug, Clone, PartialEq)]
pub struct PooledEstimate {
    /// Value, standard error, degrees of freedom and Student interval by Rubin's rules; rows are the
    /// fewest of a copy, and there is no design effect.
    pub estimate: Estimate,
    /// Share of what the gaps took.
    pub missing_information: f64,
}

/// Puts one estimate from several copies together, with the degrees of freedom of the complete data those
/// of the copies (Barnard and Rubin 1999).
///
/// # Errors
/// As [`pool`].
pub fn pool_one(copies: &[Estimate], options: &EstimateOptions) -> Result<PooledEstimate> {
    let Some(first) = copies.first() else {
        return Err(Fault::DataTooFew { found: 0, least: 2 }.refused(phrase("phrase-input-copies")));
    };
    let given: Vec<(Vec<f64>, Covariance)> =
        copies.iter().map(|one| (vec![one.value], single(one.standard_error))).collect();
    let least = |of: &dyn Fn(&Estimate) -> f64| copies.iter().map(of).fold(f64::INFINITY, f64::min);
    let complete = CompleteData::BarnardRubin(least(&|one| one.degrees_of_freedom));
    let pooled = pool_estimates(&given, complete)?;
    let (value, error) = (pooled.estimates[0], pooled.standard_errors()[0]);
    let degrees_of_freedom = pooled.degrees_of_freedom[0];
    let rows = copies.iter().map(|one| one.rows).min().unwrap_or(0);
    let coefficient_of_variation = coefficient_of_variation(value, error);
    Ok(PooledEstimate {
        estimate: Estimate {
            value,
            standard_error: error,
            interval: options.symmetric(value, error, degrees_of_freedom),
            degrees_of_freedom,
            design_effect: None,
            rows,
            effective_rows: None,
            coefficient_of_variation,
            replicates_left_out: first.replicates_left_out,
            reliability: PrecisionFlag::of_mean(rows, coefficient_of_variation, error),
        },
        missing_information: pooled.missing_information[0],
    })
}

/// Puts quantiles from several copies together, one for each probability in turn, with Student limits
/// about the mean: limits of copies, which are not symmetric, have no mean of their own that covers.
/// Without a standard error in one of the copies there is none of the whole, and no limits.
///
/// # Errors
/// As [`pool`].
pub fn pool_quantiles(
    copies: &[Vec<Quantile>],
    options: &EstimateOptions,
) -> Result<Vec<PooledQuantile>> {
    let count = copies.iter().map(Vec::len).min().unwrap_or(0);
    (0..count).map(|place| pool_quantile(copies, place, options)).collect()
}

/// One quantile from several copies.
#[derive(Debug, Clone, PartialEq)]
pub struct PooledQuantile {
    /// Value, standard error and limits by Rubin's rules; rows are the fewest of a copy.
    pub quantile: Quantile,
    /// Share of what the gaps took; none without a standard error.
    pub missing_information: Option<f64>,
}

fn pool_quantile(
    copies: &[Vec<Quantile>],
    place: usize,
    options: &EstimateOptions,
) -> Result<PooledQuantile> {
    let each = || copies.iter().map(|copy| &copy[place]);
    let given: Option<Vec<(Vec<f64>, Covariance)>> =
        each().map(|one| Some((vec![one.value], single(one.standard_error?)))).collect();
    let least = each().map(|one| one.degrees_of_freedom).fold(f64::INFINITY, f64::min);
    let mut whole = Quantile {
        value: each().map(|one| one.value).sum::<f64>() / copies.len() as f64,
        standard_error: None,
        lower: None,
        upper: None,
        degrees_of_freedom: least,
        rows: each().map(|one| one.rows).min().unwrap_or(0),
        confidence: options.confidence,
        ..copies[0][place]
    };
    let Some(given) = given else {
        return Ok(PooledQuantile { quantile: whole, missing_information: None });
    };
    let pooled = pool_estimates(&given, CompleteData::BarnardRubin(least))?;
    let (error, df) = (pooled.standard_errors()[0], pooled.degrees_of_freedom[0]);
    let limits = options.symmetric(whole.value, error, df);
    whole.standard_error = Some(error);
    whole.lower = limits.map(|limits| limits.lower);
    whole.upper = limits.map(|limits| limits.upper);
    whole.degrees_of_freedom = df;
    let missing_information = Some(pooled.missing_information[0]);
    Ok(PooledQuantile { quantile: whole, missing_information })
}

/// The covariance of one estimate with that standard error.
fn single(standard_error: f64) -> Covariance {
    Covariance::of_matrix(&DMatrix::from_element(1, 1, standard_error.powi(2)))
}

/// Rubin's rules: W the mean of the covariances, B the covariance of the estimates between copies,
/// r = (1 + 1/m) B / W and df = (m − 1)(1 + 1/r)² (Rubin 1987, eq. 3.1.2 to 3.1.8).
///
/// # Errors
/// Fewer than two copies, different numbers of estimates, degrees of freedom that are not above zero.
pub fn pool(copies: &[Joint], complete: CompleteData) -> Result<Pooled> {
    let copies: Vec<(Vec<f64>, Covariance)> = copies
        .iter()
        .map(|copy| (copy.estimates.iter().map(|one| one.value).collect(), copy.covariance.clone()))
        .collect();
    pool_estimates(&copies, complete)
}

/// As [`pool`], from values and their covariance, such as the coefficients of a model.
///
/// # Errors
/// As [`pool`].
pub fn pool_estimates(copies: &[(Vec<f64>, Covariance)], complete: CompleteData) -> Result<Pooled> {
    let count = copies.first().map_or(0, |copy| copy.0.len());
    all_or_nothing(problems(copies, count, complete))?;
    let m = copies.len() as f64;
    let estimates: Vec<f64> =
        (0..count).map(|place| copies.iter().map(|copy| copy.0[place]).sum::<f64>() / m).collect();
    let within = |one: usize, other: usize| {
        copies.iter().map(|copy| copy.1.get(one, other)).sum::<f64>() / m
    };
    let between = |one: usize, other: usize| {
        let off = |copy: &(Vec<f64>, Covariance), place: usize| copy.0[place] - estimates[place];
        copies.iter().map(|copy| off(copy, one) * off(copy, other)).sum::<f64>() / (m - 1.0)
    };
    let covariance: Vec<Vec<f64>> = (0..count)
        .map(|one| {
            (0..count)
                .map(|other| within(one, other) + (1.0 + 1.0 / m) * between(one, other))
                .collect()
        })
        .collect();
    let mut degrees_of_freedom = Vec::with_capacity(count);
    let mut missing_information = Vec::with_capacity(count);
    for (place, row) in covariance.iter().enumerate() {
        let kept = within(place, place);
        let increase = (1.0 + 1.0 / m) * between(place, place) / kept;
        let large = (m - 1.0) * (1.0 + 1.0 / increase).powi(2);
        let combined = |complete: f64, share: f64| {
            let observed = (complete + 1.0) / (complete + 3.0) * complete * share;
            1.0 / (1.0 / large + 1.0 / observed)
        };
        let df = match complete {
            CompleteData::Unlimited => large,
            CompleteData::BarnardRubin(df) => combined(df, kept / row[place]),
            CompleteData::Mitools(df) => combined(df, kept / (kept + between(place, place))),
        };
        degrees_of_freedom.push(df);
        missing_information.push((increase + 2.0 / (df + 3.0)) / (increase + 1.0));
    }
    Ok(Pooled {
        estimates,
        covariance,
        degrees_of_freedom,
        missing_information,
        imputations: copies.len(),
    })
}

fn problems(
    copies: &[(Vec<f64>, Covariance)],
    count: usize,
    complete: CompleteData,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    if copies.len() < 2 {
        problems.push(
            Fault::DataTooFew { found: copies.len(), least: 2 }.at(phrase("phrase-input-copies")),
        );
    }
    for (index, copy) in copies.iter().enumerate() {
        if copy.0.len() != count || copy.1.size() != count {
            problems.push(
                Fault::DataCount { found: copy.0.len(), needed: count }
                    .at(phrase("phrase-input-copy-estimates").with("number", index + 1)),
            );
        }
    }
    if let CompleteData::BarnardRubin(df) | CompleteData::Mitools(df) = complete
        && !(df.is_finite() && df > 0.0)
    {
        problems.push(
            Fault::range(df, phrase("phrase-above-0"))
                .at(phrase("phrase-input-degrees-of-freedom")),
        );
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_copy_is_refused() {
        assert!(pool(&[], CompleteData::Unlimited).is_err());
    }
}
