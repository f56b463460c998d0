//! Calibration: weights as near as may be to those before that meet population totals.
//!
//! The factor g of a row is a function of x′λ, with λ such that Σ w g x equals the totals, found by
//! Newton's method (Deville and Särndal 1992). The variance of an estimate is then that of the residuals
//! of its values on x, regressed with the weights before, times the new weights (their eq. 3.4).

use std::collections::HashMap;

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use crate::design::Design;
use crate::error::{Problem, Result, all_or_nothing};
use crate::estimate::length_problem;
use crate::model::ModelMatrix;
use crate::problem::{Fault, at_row, percent};
use crate::variance::regression::Regression;

/// The distance between weights before and after that is kept small.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Distance {
    /// Squared: g = 1 + x′λ; factors may be negative.
    Linear,
    /// Squared, with factors kept within limits; those at a limit stay there.
    Bounded {
        /// Smallest factor, below 1.
        lower: f64,
        /// Largest factor, above 1.
        upper: f64,
    },
    /// g = exp(x′λ); with indicators the weights of raking.
    Raking,
    /// The logit distance of Deville and Särndal (1992, case 6): factors strictly within limits.
    Logit {
        /// Limit below, below 1.
        lower: f64,
        /// Limit above, above 1.
        upper: f64,
    },
}

impl Distance {
    /// The factor at u = x′λ and its derivative.
    fn factor(self, u: f64) -> (f64, f64) {
        match self {
            Self::Linear => (1.0 + u, 1.0),
            Self::Bounded { lower, upper } => {
                let free = 1.0 + u;
                if free < lower {
                    (lower, 0.0)
                } else if free > upper {
                    (upper, 0.0)
                } else {
                    (free, 1.0)
                }
            }
            Self::Raking => (u.exp(), u.exp()),
            Self::Logit { lower, upper } => {
                let a = (upper - lower) / ((1.0 - lower) * (upper - 1.0));
                let e = (a * u).exp();
                let below = upper - 1.0 + (1.0 - lower) * e;
                let value = if e.is_finite() {
                    (lower * (upper - 1.0) + upper * (1.0 - lower) * e) / below
                } else {
                    upper
                };
                let slope = a * (upper - value) * (value - lower) / (upper - lower);
                (value, slope)
            }
        }
    }

    fn problem(self) -> Option<Problem> {
        let (Self::Bounded { lower, upper } | Self::Logit { lower, upper }) = self else {
            return None;
        };
        let usable = lower < 1.0 && upper > 1.0 && lower.is_finite() && upper.is_finite();
        (!usable).then(|| {
            Fault::LimitsAround { lower: lower.into(), upper: upper.into(), middle: 1.0 }
                .at(phrase("phrase-input-factor-limits"))
        })
    }
}

/// Population totals of the columns of a matrix of auxiliary variables.
#[derive(Debug, Clone, PartialEq)]
pub struct Auxiliaries {
    /// The columns, an intercept among them where the size of the population is known.
    pub terms: ModelMatrix,
    /// A total a column.
    pub totals: Vec<f64>,
    /// Variance of a row in the working model, up to a factor; none: equal. In proportion to the one
    /// auxiliary variable it makes the ratio estimator.
    pub variance: Option<Vec<f64>>,
}

/// Calibrates the weights of a design; the design then knows of it.
///
/// # Errors
/// As [`calibrated_weights`].
pub fn calibrate(design: Design, auxiliaries: &Auxiliaries, distance: Distance) -> Result<Design> {
    let design = design.with_each_replicate(|replicate| {
        calibrated_weights(replicate.weights(), auxiliaries, distance)
    })?;
    let weights = calibrated_weights(design.weights(), auxiliaries, distance)?;
    let step = Regression::new(
        design.weights().to_vec(),
        weights.clone(),
        auxiliaries.terms.columns.clone(),
        auxiliaries.variance.clone(),
    )?;
    Ok(design.calibrated_on(weights, step))
}

/// Calibrates with one factor for all rows of a household or other cluster, so that rows that had one
/// weight within it keep one (Lemaître and Dufour 1987: each row has the means of its cluster as
/// auxiliaries, weighted by the mean weight, and the totals are the same). `clusters`: a code a row.
///
/// # Errors
/// As [`calibrated_weights`]; clusters that are not one a row.
pub fn calibrate_clusters(
    design: Design,
    auxiliaries: &Auxiliaries,
    distance: Distance,
    clusters: &[u32],
) -> Result<Design> {
    if clusters.len() != design.rows() {
        return Err(Fault::DataLength { found: clusters.len(), rows: design.rows() }
            .refused(phrase("phrase-input-clusters")));
    }
    all_or_nothing(problems(design.weights(), auxiliaries, distance))?;
    let averaged = |column: &[f64]| means_of(clusters, column);
    let mut shared = auxiliaries.clone();
    shared.terms.columns = shared.terms.columns.iter().map(|column| averaged(column)).collect();
    shared.variance = shared.variance.as_deref().map(averaged);
    let step = |weights: &[f64]| -> Result<(Vec<f64>, Vec<f64>, Vec<f64>)> {
        let mean = averaged(weights);
        let met = calibrated_weights(&mean, &shared, distance)?;
        let factor =
            |(after, before): (&f64, &f64)| if *before == 0.0 { 0.0 } else { after / before };
        let factors: Vec<f64> = met.iter().zip(&mean).map(factor).collect();
        let weights = weights.iter().zip(&factors).map(|(weight, g)| weight * g).collect();
        Ok((weights, mean, met))
    };
    let design = design.with_each_replicate(|replicate| Ok(step(replicate.weights())?.0))?;
    let (weights, mean, met) = step(design.weights())?;
    let regression = Regression::new(mean, met, shared.terms.columns, shared.variance)?;
    Ok(design.calibrated_on(weights, regression))
}

/// The mean of a column in the cluster of each row.
fn means_of(clusters: &[u32], column: &[f64]) -> Vec<f64> {
    let mut sums: HashMap<u32, (f64, f64)> = HashMap::new();
    for (&cluster, value) in clusters.iter().zip(column) {
        let sum = sums.entry(cluster).or_default();
        *sum = (sum.0 + value, sum.1 + 1.0);
    }
    clusters.iter().map(|cluster| sums[cluster].0 / sums[cluster].1).collect()
}

const STEPS: usize = 200;

/// The weights that meet the totals to 1e-12 of the largest.
///
/// # Errors
/// [`crate::Error::Invalid`] naming missing values, lengths that differ, limits that do not hold 1,
/// auxiliary variables that determine one another, and the total that cannot be met.
pub fn calibrated_weights(
    weights: &[f64],
    auxiliaries: &Auxiliaries,
    distance: Distance,
) -> Result<Vec<f64>> {
    all_or_nothing(problems(weights, auxiliaries, distance))?;
    let columns = &auxiliaries.terms.columns;
    let variance = |row: usize| auxiliaries.variance.as_ref().map_or(1.0, |all| all[row]);
    let totals = DVector::from_column_slice(&auxiliaries.totals);
    let largest = totals.amax();
    let mut lambda: DVector<f64> = DVector::zeros(columns.len());
    let mut best = f64::INFINITY;
    let mut worst = (0, f64::INFINITY);
    for _ in 0..STEPS {
        let mut gap = totals.clone();
        let mut slopes: DMatrix<f64> = DMatrix::zeros(columns.len(), columns.len());
        let mut made = Vec::with_capacity(weights.len());
        for (row, &weight) in weights.iter().enumerate() {
            let u: f64 = columns.iter().zip(lambda.iter()).map(|(x, l)| x[row] * l).sum();
            let (factor, slope) = distance.factor(u / variance(row));
            made.push(weight * factor);
            let pull = weight * slope / variance(row);
            for (one, x) in columns.iter().enumerate() {
                gap[one] -= weight * factor * x[row];
                for (other, z) in columns.iter().enumerate() {
                    slopes[(one, other)] += pull * x[row] * z[row];
                }
            }
        }
        let size = gap.amax() / largest;
        if size <= 1e-12 || (size <= 1e-10 && size >= best) {
            return Ok(made);
        }
        best = size;
        worst = (gap.iamax(), size);
        let Some(step) = slopes.lu().solve(&gap).filter(|step| step.iter().all(|s| s.is_finite()))
        else {
            break;
        };
        lambda += step;
    }
    let name = auxiliaries.terms.names.get(worst.0).map_or("", String::as_str);
    Err(Fault::CalibrationUnmet { term: name.to_owned(), gap: percent(worst.1) }
        .refused(phrase("phrase-input-calibration")))
}

/// The first column that follows from those before it, among rows that have a weight: what is left of it
/// after the others are taken out of it is nothing beside it.
fn dependent(weights: &[f64], columns: &[Vec<f64>]) -> Option<usize> {
    let mut basis: Vec<Vec<f64>> = Vec::new();
    for (place, column) in columns.iter().enumerate() {
        let mut left: Vec<f64> =
            column.iter().zip(weights).map(|(x, w)| if *w == 0.0 { 0.0 } else { *x }).collect();
        let size = left.iter().map(|x| x * x).sum::<f64>().sqrt();
        // Twice, so that rounding does not stay in.
        for _ in 0..2 {
            for own in &basis {
                let along: f64 = own.iter().zip(&left).map(|(a, b)| a * b).sum();
                for (x, a) in left.iter_mut().zip(own) {
                    *x -= along * a;
                }
            }
        }
        let rest = left.iter().map(|x| x * x).sum::<f64>().sqrt();
        if rest <= 1e-9 * size {
            return Some(place);
        }
        basis.push(left.into_iter().map(|x| x / rest).collect());
    }
    None
}

fn problems(weights: &[f64], auxiliaries: &Auxiliaries, distance: Distance) -> Vec<Problem> {
    let mut problems: Vec<Problem> = distance.problem().into_iter().collect();
    let terms = &auxiliaries.terms;
    if terms.columns.len() != auxiliaries.totals.len() || terms.columns.is_empty() {
        problems.push(
            Fault::DataCount {
                found: auxiliaries.totals.len(),
                needed: terms.columns.len().max(1),
            }
            .at(phrase("phrase-input-totals")),
        );
    }
    for (name, column) in terms.names.iter().zip(&terms.columns) {
        if column.len() != weights.len() {
            problems.push(Fault::DataLength { found: column.len(), rows: weights.len() }.at(name));
        } else if let Some(row) = column.iter().position(|value| !value.is_finite()) {
            problems.push(Fault::DataMissing.at(at_row(name, row)));
        }
    }
    if problems.is_empty()
        && let Some(place) = dependent(weights, &terms.columns)
    {
        let name = terms.names.get(place).map_or("", String::as_str);
        let before = terms.names[..place].join(", ");
        let fault = if before.is_empty() {
            Fault::DataSumZero
        } else {
            Fault::DataFollows { others: before }
        };
        problems.push(fault.at(name));
    }
    if let Some(variance) = &auxiliaries.variance {
        let input = phrase("phrase-input-model-variance");
        problems.extend(length_problem(input.clone(), variance.len(), weights.len()));
        let faulty = variance.iter().position(|v| !(v.is_finite() && *v > 0.0));
        problems.extend(faulty.map(|row| {
            Fault::range(variance[row], phrase("phrase-above-0")).at(at_row(input, row))
        }));
    }
    problems
}
