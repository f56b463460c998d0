//! Small areas: a direct estimate of each area and a model of what areas have in common, by the model of
//! Fay and Herriot (1979).
//!
//! θ̂ᵢ = xᵢ'β + vᵢ + eᵢ: the direct estimate is what the covariates say, what is particular of the area
//! (variance A, the same for all), and the error of sampling (variance Dᵢ, taken as known). A is the maximum
//! of the restricted likelihood, by Fisher scoring; the best prediction is γᵢθ̂ᵢ + (1 − γᵢ)xᵢ'β̂ with
//! γᵢ = A/(A + Dᵢ). Its mean squared error is that of Prasad and Rao (1990) in the form that goes with
//! restricted likelihood (Datta and Lahiri 2000): g₁ + g₂ + 2g₃. An area without a direct estimate has xᵢ'β̂,
//! the synthetic one, with the error A + xᵢ'(X'V⁻¹X)⁻¹xᵢ.

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use crate::error::{Error, Problem, Result};
use crate::problem::{Fault, at_row};

/// Steps of scoring after which it is given up.
const STEPS_MAX: usize = 500;
/// A step this small against the largest variance ends it.
const SETTLED: f64 = 1e-12;

/// A direct estimate of an area.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Direct {
    /// The estimate, in the unit of the variable.
    pub value: f64,
    /// Its sampling variance, above zero, in the unit squared.
    pub variance: f64,
}

/// Where a modelled estimate comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Direct estimate and model together.
    Composite,
    /// The model alone: the area has no direct estimate with a known error.
    Synthetic,
}

/// A modelled estimate of an area.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Modelled {
    /// The estimate, in the unit of the variable; kept as the model gives it, also where a share leaves 0 to 1.
    pub value: f64,
    /// Its mean squared error, in the unit squared.
    pub mean_squared_error: f64,
    /// The share of the direct estimate in it, from 0 to 1.
    pub share_of_direct: f64,
    /// What it comes from.
    pub source: Source,
}

/// Small areas by a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SmallAreas {
    /// One an area, in the order given.
    pub areas: Vec<Modelled>,
    /// The coefficients of the covariates.
    pub coefficients: Vec<f64>,
    /// Their standard errors.
    pub coefficient_errors: Vec<f64>,
    /// The variance between areas that the covariates leave; zero where the data show none, and then every
    /// estimate is synthetic.
    pub area_variance: f64,
    /// Steps of scoring.
    pub steps: usize,
}

/// Areas with a direct estimate, as the model takes them.
struct Model {
    values: DVector<f64>,
    variances: Vec<f64>,
    covariates: DMatrix<f64>,
}

/// What a variance between areas makes of the model.
struct Fitted {
    coefficients: DVector<f64>,
    /// (X'V⁻¹X)⁻¹.
    covariance: DMatrix<f64>,
    score: f64,
    information: f64,
}

/// Models areas from their direct estimates (none where an area has no row, or its error is not known) and
/// their covariates: columns with a value an area, an intercept among them if there is to be one.
///
/// # Errors
/// Covariates that have not a finite value an area, direct estimates whose variance is not above
/// zero, no more areas with direct estimates than covariates, covariates of which one follows from others,
/// and a likelihood without a settled maximum.
pub fn fay_herriot(direct: &[Option<Direct>], columns: &[Vec<f64>]) -> Result<SmallAreas> {
    check(direct, columns)?;
    let covariates = DMatrix::from_fn(direct.len(), columns.len(), |area, at| columns[at][area]);
    let known: Vec<usize> = (0..direct.len()).filter(|area| direct[*area].is_some()).collect();
    let found = || direct.iter().flatten();
    let model = Model {
        values: DVector::from_iterator(known.len(), found().map(|one| one.value)),
        variances: found().map(|one| one.variance).collect(),
        covariates: covariates.select_rows(&known),
    };
    let (area_variance, fitted, steps) = model.maximum()?;
    // 1/I(A), the variance of the estimated A.
    let of_variance =
        2.0 / model.variances.iter().map(|own| (area_variance + own).powi(-2)).sum::<f64>();
    let areas = direct
        .iter()
        .enumerate()
        .map(|(area, direct)| {
            let own = covariates.row(area).transpose();
            let synthetic = own.dot(&fitted.coefficients);
            let of_coefficients = own.dot(&(&fitted.covariance * &own));
            match direct {
                None => Modelled {
                    value: synthetic,
                    mean_squared_error: area_variance + of_coefficients,
                    share_of_direct: 0.0,
                    source: Source::Synthetic,
                },
                Some(direct) => {
                    let sum = area_variance + direct.variance;
                    let gamma = area_variance / sum;
                    let first = gamma * direct.variance;
                    let second = (1.0 - gamma).powi(2) * of_coefficients;
                    let third = direct.variance.powi(2) / sum.powi(3) * of_variance;
                    Modelled {
                        value: gamma * direct.value + (1.0 - gamma) * synthetic,
                        mean_squared_error: first + second + 2.0 * third,
                        share_of_direct: gamma,
                        source: Source::Composite,
                    }
                }
            }
        })
        .collect();
    Ok(SmallAreas {
        areas,
        coefficients: fitted.coefficients.iter().copied().collect(),
        coefficient_errors: fitted.covariance.diagonal().iter().map(|own| own.sqrt()).collect(),
        area_variance,
        steps,
    })
}

fn check(direct: &[Option<Direct>], columns: &[Vec<f64>]) -> Result<()> {
    let mut problems: Vec<Problem> = Vec::new();
    let covariates = || phrase("phrase-input-covariates");
    for column in columns {
        if column.len() != direct.len() {
            let fault = Fault::DataLength { found: column.len(), rows: direct.len() };
            problems.push(fault.at(covariates()));
        } else if let Some(row) = column.iter().position(|value| !value.is_finite()) {
            problems.push(Fault::DataMissing.at(at_row(covariates(), row)));
        }
    }
    for (area, direct) in direct.iter().enumerate() {
        let Some(direct) = direct else { continue };
        let is_usable = direct.value.is_finite() && direct.variance.is_finite();
        if !(is_usable && direct.variance > 0.0) {
            let fault = Fault::range(direct.variance, phrase("phrase-above-0"));
            problems.push(fault.at(at_row(phrase("phrase-input-direct-estimates"), area)));
        }
    }
    let (found, least) = (direct.iter().flatten().count(), columns.len() + 1);
    if found < least {
        let fault = Fault::DataTooFew { found, least };
        problems.push(fault.at(phrase("phrase-input-direct-estimates")));
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

impl Model {
    /// The restricted likelihood's score and information at a variance, and what follows from it.
    fn at(&self, area_variance: f64) -> Result<Fitted> {
        let weights: Vec<f64> =
            self.variances.iter().map(|own| 1.0 / (area_variance + own)).collect();
        let mut weighted = self.covariates.clone();
        for (mut row, weight) in weighted.row_iter_mut().zip(&weights) {
            row *= *weight;
        }
        let cross = weighted.transpose() * &self.covariates;
        // Columns on scales of their own must not look dependent.
        let scale = cross.diagonal().map(|own| if own > 0.0 { 1.0 / own.sqrt() } else { 0.0 });
        let scaled = DMatrix::from_fn(cross.nrows(), cross.ncols(), |row, column| {
            cross[(row, column)] * scale[row] * scale[column]
        });
        let dependent = || Fault::DataDependent.refused(phrase("phrase-input-covariates"));
        let cholesky = scaled.cholesky().ok_or_else(dependent)?;
        if cholesky.l_dirty().diagonal().iter().any(|own| *own < 1e-7) {
            return Err(dependent());
        }
        let inverse = cholesky.inverse();
        let covariance = DMatrix::from_fn(cross.nrows(), cross.ncols(), |row, column| {
            inverse[(row, column)] * scale[row] * scale[column]
        });
        let coefficients = &covariance * (weighted.transpose() * &self.values);
        // With P = W − WX(X'WX)⁻¹X'W, W diagonal: its trace, that of its square, and Py.
        let residuals = &self.values - &self.covariates * &coefficients;
        let squared: f64 =
            residuals.iter().zip(&weights).map(|(own, weight)| (own * weight).powi(2)).sum();
        let mut second = self.covariates.clone();
        for (mut row, weight) in second.row_iter_mut().zip(&weights) {
            row *= weight * weight;
        }
        let mut third = self.covariates.clone();
        for (mut row, weight) in third.row_iter_mut().zip(&weights) {
            row *= weight.powi(3);
        }
        let of_second = second.transpose() * &self.covariates * &covariance;
        let of_third = third.transpose() * &self.covariates * &covariance;
        let trace = weights.iter().sum::<f64>() - of_second.trace();
        let square = weights.iter().map(|weight| weight * weight).sum::<f64>()
            - 2.0 * of_third.trace()
            + (&of_second * &of_second).trace();
        let (score, information) = (0.5 * (squared - trace), 0.5 * square);
        Ok(Fitted { coefficients, covariance, score, information })
    }

    /// The variance between areas of the largest restricted likelihood, what follows from it, and the steps.
    fn maximum(&self) -> Result<(f64, Fitted, usize)> {
        let largest = self.variances.iter().copied().fold(0.0, f64::max);
        let mean = self.values.mean();
        let spread = self.values.iter().map(|own| (own - mean).powi(2)).sum::<f64>();
        let scale = largest.max(spread / (self.values.len() as f64 - 1.0));
        let mut variances: Vec<f64> = self.variances.clone();
        variances.sort_by(f64::total_cmp);
        let mut current = variances[variances.len() / 2];
        // Where the score changes its sign, once known.
        let (mut low, mut high) = (0.0, f64::INFINITY);
        for step in 1..=STEPS_MAX {
            let fitted = self.at(current)?;
            if fitted.score > 0.0 {
                low = current;
            } else {
                high = current;
            }
            let mut next = (current + fitted.score / fitted.information).max(0.0);
            // A step beyond what is known goes to the middle.
            if next > high || next < low {
                next = f64::midpoint(low, high);
            }
            if (next - current).abs() <= SETTLED * scale {
                return Ok((next, self.at(next)?, step));
            }
            current = next;
        }
        Err(Fault::ModelUnsettled { steps: STEPS_MAX }.refused(phrase("phrase-area-variance")))
    }
}
