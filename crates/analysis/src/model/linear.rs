//! Generalised linear models: linear, logistic, Poisson and the like.
//!
//! Fitted by iteratively reweighted least squares (`McCullagh` and Nelder 1989, §2.5) with weights scaled
//! to mean one; the covariance is the sandwich A⁻¹BA⁻¹, A the expected information and B the covariance
//! of the totals of the scores x w (y − μ)(dμ/dη)/V(μ) (Binder 1983; Lumley 2010, ch. 5).

mod rows;

use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use super::ModelMatrix;
use crate::design::{DegreesOfFreedomRule, Design};
use crate::distribution::{
    f_upper_tail, normal_density, normal_quantile, normal_upper_tail, student_quantile,
    student_two_sided,
};
use crate::error::{Error, Result};
use crate::estimate::moments::Members;
use crate::estimate::{Interval, IntervalMethod, confidence_problem};
use crate::model::linear::rows::{Fit, Rows, Search};
use crate::problem::Fault;
use crate::variance::linearization::{Covariance, covariance_of_totals};
use crate::variance::replication::replicated_or_linear;

/// How the variance of a value depends on its mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Constant.
    Gaussian,
    /// μ(1 − μ); values from 0 to 1.
    Binomial,
    /// μ; values of zero or more.
    Poisson,
    /// μ²; values above zero.
    Gamma,
}

/// The function of the mean that is linear in the terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// μ.
    Identity,
    /// ln μ.
    Log,
    /// ln(μ/(1 − μ)).
    Logit,
    /// The normal quantile of μ.
    Probit,
    /// ln(−ln(1 − μ)).
    ComplementaryLogLog,
    /// 1/μ.
    Inverse,
}

impl Family {
    fn variance(self, mean: f64) -> f64 {
        match self {
            Self::Gaussian => 1.0,
            Self::Binomial => mean * (1.0 - mean),
            Self::Poisson => mean,
            Self::Gamma => mean * mean,
        }
    }

    fn start(self, value: f64, weight: f64) -> f64 {
        match self {
            Self::Gaussian | Self::Gamma => value,
            Self::Binomial => (weight * value + 0.5) / (weight + 1.0),
            Self::Poisson => value + 0.1,
        }
    }

    /// Twice the fall in log likelihood from the value itself to the mean.
    fn deviance(self, value: f64, mean: f64) -> f64 {
        let with_log =
            |factor: f64, ratio: f64| if factor > 0.0 { factor * ratio.ln() } else { 0.0 };
        match self {
            Self::Gaussian => (value - mean) * (value - mean),
            Self::Binomial => {
                let other = (1.0 - value) / (1.0 - mean);
                2.0 * (with_log(value, value / mean) + with_log(1.0 - value, other))
            }
            Self::Poisson => 2.0 * (with_log(value, value / mean) - (value - mean)),
            Self::Gamma => -2.0 * ((value / mean).ln() - (value - mean) / mean),
        }
    }

    fn allows(self, value: f64) -> bool {
        match self {
            Self::Gaussian => value.is_finite(),
            Self::Binomial => (0.0..=1.0).contains(&value),
            Self::Poisson => value.is_finite() && value >= 0.0,
            Self::Gamma => value.is_finite() && value > 0.0,
        }
    }

    /// Whether a mean can belong to the family.
    fn holds(self, mean: f64) -> bool {
        match self {
            Self::Gaussian => mean.is_finite(),
            Self::Binomial => mean > 0.0 && mean < 1.0,
            Self::Poisson | Self::Gamma => mean.is_finite() && mean > 0.0,
        }
    }
}

impl Link {
    fn of_mean(self, mean: f64) -> f64 {
        match self {
            Self::Identity => mean,
            Self::Log => mean.ln(),
            Self::Logit => (mean / (1.0 - mean)).ln(),
            Self::Probit => normal_quantile(mean),
            Self::ComplementaryLogLog => (-(-mean).ln_1p()).ln(),
            Self::Inverse => 1.0 / mean,
        }
    }

    /// The mean and its derivative by the linear predictor.
    fn mean_and_slope(self, predictor: f64) -> (f64, f64) {
        match self {
            Self::Identity => (predictor, 1.0),
            Self::Log => (predictor.exp(), predictor.exp()),
            Self::Logit => {
                let small = (-predictor.abs()).exp();
                let share = 1.0 / (1.0 + small);
                let mean = if predictor < 0.0 { small * share } else { share };
                (mean, small * share * share)
            }
            Self::Probit => (normal_upper_tail(-predictor), normal_density(predictor)),
            Self::ComplementaryLogLog => {
                let hazard = predictor.exp();
                (-(-hazard).exp_m1(), hazard * (-hazard).exp())
            }
            Self::Inverse => (1.0 / predictor, -1.0 / (predictor * predictor)),
        }
    }
}

/// When the search for coefficients ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stopping {
    /// When no coefficient moves by more than 1e-11 of itself, or would at the next step if moves kept the
    /// last ratio; the covariance is that at the end.
    AtRest,
    /// When the deviance moves by less than 1e-8 of itself, and with the information of the step before,
    /// as R's `glm` and hence its `svyglm`: standard errors differ by some 1e-5.
    ByDeviance,
}

/// A fitted model.
#[derive(Debug, Clone)]
pub struct LinearModel {
    /// Names of the terms.
    pub names: Vec<String>,
    /// Coefficients, on the scale of the link.
    pub coefficients: Vec<f64>,
    /// Their design-based covariance.
    pub covariance: Covariance,
    /// Degrees of freedom: those of the clusters that hold a complete row, plus one, minus terms.
    pub degrees_of_freedom: f64,
    /// Population variance of the Pearson residuals, times the mean weight of the rows of the model over
    /// that of all members of the domain (R's `summary.svyglm`).
    pub dispersion: f64,
    /// Deviance, with weights of mean one over all members of the domain.
    pub deviance: f64,
    /// Deviance of the model with an intercept alone.
    pub null_deviance: f64,
    /// Fitted means, one a row; NaN for rows outside the model.
    pub fitted: Vec<f64>,
}

/// F test that several coefficients are zero.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct WaldTest {
    /// β′V⁻¹β / k.
    pub f: f64,
    /// k.
    pub numerator: f64,
    /// Degrees of freedom of the model.
    pub denominator: f64,
    /// Probability of a value as large.
    pub p: f64,
}

/// Fits a model of `response` on the columns of `terms` among members of `domain`.
///
/// # Errors
/// Columns of the wrong length or infinite, values that the family does not allow, terms that determine
/// one another, a search that does not come to rest, a single-cluster stratum under
/// [`crate::SinglePsu::Fail`].
pub fn linear_model(
    design: &Design,
    response: &[f64],
    terms: &ModelMatrix,
    family: Family,
    link: Link,
    stopping: Stopping,
    domain: Option<&[bool]>,
) -> Result<LinearModel> {
    fitted(design, response, terms, (family, link, stopping), domain, false)
}

/// `by_influence`: replicates take the totals of the influence of each row instead of fitting the model
/// again; for responses that are made from the whole sample, such as ranks.
pub(crate) fn fitted(
    design: &Design,
    response: &[f64],
    terms: &ModelMatrix,
    (family, link, stopping): (Family, Link, Stopping),
    domain: Option<&[bool]>,
    by_influence: bool,
) -> Result<LinearModel> {
    let search = Search { family, link, stopping };
    let members = members(design, response, terms, domain)?;
    let mean_weight = mean_weight(design, domain);
    let rows = Rows::new(design.weights(), mean_weight, response, &terms.columns, &members.known);
    rows.check(family)?;
    let fit = rows.fit(search, None)?;
    let covariance = if design.is_linear_by_cluster() {
        covariance_by_clusters(design, &rows, &fit, &members.known)?
    } else {
        let scores = rows.scores(&fit, design.rows());
        let again = |weights: &[f64]| {
            if by_influence {
                return Ok(totals_of(&scores, &rows.places, weights, design.weights()));
            }
            // Weights add up to one and the search starts at the full sample's end, as in R: where it
            // stops by the deviance, that decides the last digits.
            let sum: f64 = rows.places.iter().map(|&row| weights[row]).sum();
            let again = Rows::new(weights, sum, response, &terms.columns, &members.known);
            let found = again.fit(search, Some(&fit.coefficients))?;
            Ok(found.coefficients.iter().copied().collect())
        };
        replicated_or_linear(design, again, || scores.clone(), &members.known)?
    };
    let clusters =
        design.degrees_of_freedom(DegreesOfFreedomRule::Answered, domain, Some(&members.known));
    let mut fitted = vec![f64::NAN; design.rows()];
    for (&row, mean) in rows.places.iter().zip(&fit.means) {
        fitted[row] = *mean;
    }
    Ok(LinearModel {
        names: terms.names.clone(),
        degrees_of_freedom: clusters + 1.0 - terms.columns.len() as f64,
        dispersion: rows.dispersion(&fit, family),
        deviance: fit.deviance,
        null_deviance: rows.null_deviance(family),
        coefficients: fit.coefficients.iter().copied().collect(),
        covariance,
        fitted,
    })
}

/// Totals of scores with other weights.
fn totals_of(scores: &[Vec<f64>], rows: &[usize], weights: &[f64], before: &[f64]) -> Vec<f64> {
    let share = |row: usize| weights[row] / before[row];
    let total = |column: &Vec<f64>| rows.iter().map(|&row| share(row) * column[row]).sum();
    scores.iter().map(total).collect()
}

/// The covariance of the coefficients of a design of one stage without calibration.
fn covariance_by_clusters(
    design: &Design,
    rows: &Rows<'_>,
    fit: &Fit,
    known: &[bool],
) -> Result<Covariance> {
    let stage = &design.stages()[0];
    let mut present = vec![false; stage.cluster_count()];
    for (&cluster, &known) in stage.cluster_of_row().iter().zip(known) {
        present[cluster as usize] |= known;
    }
    let totals = rows.cluster_totals(fit, stage);
    covariance_of_totals(design, &totals, Some(&present), fit.coefficients.len())
}

/// Coefficients alone, with any weights of zero or more, one a row: for replicates, and for models that
/// take the sample as it is.
///
/// # Errors
/// As [`linear_model`].
pub fn coefficients(
    weights: &[f64],
    response: &[f64],
    terms: &ModelMatrix,
    family: Family,
    link: Link,
) -> Result<Vec<f64>> {
    let lengths = terms.columns.iter().map(Vec::len).chain([response.len()]);
    if let Some(found) = lengths.clone().find(|length| *length != weights.len()) {
        let columns = phrase("phrase-input-columns");
        return Err(Fault::DataLength { found, rows: weights.len() }.refused(columns));
    }
    let known: Vec<bool> = (0..weights.len())
        .map(|row| {
            !response[row].is_nan() && terms.columns.iter().all(|column| !column[row].is_nan())
        })
        .collect();
    let mean = weights.iter().sum::<f64>() / weights.len() as f64;
    let rows = Rows::new(weights, mean, response, &terms.columns, &known);
    rows.check(family)?;
    Ok(rows
        .fit(Search { family, link, stopping: Stopping::AtRest }, None)?
        .coefficients
        .iter()
        .copied()
        .collect())
}

fn mean_weight(design: &Design, domain: Option<&[bool]>) -> f64 {
    let Some(domain) = domain else {
        return design.weights().iter().sum::<f64>() / design.rows() as f64;
    };
    let rows = || (0..design.rows()).filter(|&row| domain[row]);
    rows().map(|row| design.weights()[row]).sum::<f64>() / rows().count() as f64
}

/// The rows whose response and terms are all known.
pub(crate) fn members(
    design: &Design,
    response: &[f64],
    terms: &ModelMatrix,
    domain: Option<&[bool]>,
) -> Result<Members> {
    let mut all: Vec<&[f64]> = terms.columns.iter().map(Vec::as_slice).collect();
    all.push(response);
    // Most models have nothing missing: then the domain is all that counts.
    let complete = |column: &&[f64]| column.len() == design.rows() && all_finite(column);
    let columns: &[&[f64]] = if all.par_iter().all(complete) { &[] } else { &all };
    Members::new(design, columns, domain)
}

/// Whether a column holds numbers alone; told for many at once, without a branch for each.
fn all_finite(column: &[f64]) -> bool {
    column.chunks(1024).all(|part| part.iter().fold(true, |all, value| all & value.is_finite()))
}

impl LinearModel {
    /// Standard errors of the coefficients.
    pub fn standard_errors(&self) -> Vec<f64> {
        (0..self.coefficients.len()).map(|term| self.covariance.standard_error(term)).collect()
    }

    /// Coefficient over standard error, and the probability of a Student value as far from zero.
    pub fn student_test(&self, term: usize) -> (f64, f64) {
        let t = self.coefficients[term] / self.covariance.standard_error(term);
        (t, student_two_sided(t, self.degrees_of_freedom))
    }

    /// Student interval of a coefficient; none without degrees of freedom.
    ///
    /// # Errors
    /// A confidence outside 0 to 1.
    pub fn interval(&self, term: usize, confidence: f64) -> Result<Option<Interval>> {
        if let Some(problem) = confidence_problem(confidence) {
            return Err(Error::Invalid(vec![problem]));
        }
        let multiple = student_quantile(0.5 + 0.5 * confidence, self.degrees_of_freedom);
        let reach = multiple * self.covariance.standard_error(term);
        let value = self.coefficients[term];
        Ok(reach.is_finite().then_some(Interval {
            lower: value - reach,
            upper: value + reach,
            confidence,
            method: IntervalMethod::StudentT,
        }))
    }

    /// Wald's F test that the coefficients at `terms` are zero (R's `regTermTest`).
    ///
    /// # Errors
    /// No terms, places beyond the last, a covariance that is singular.
    pub fn wald_test(&self, terms: &[usize]) -> Result<WaldTest> {
        wald_test(&self.coefficients, &self.covariance, self.degrees_of_freedom, terms)
    }
}

/// Wald's F test that the coefficients at `terms` are zero: their covariance is that of all coefficients,
/// `denominator` its degrees of freedom.
///
/// # Errors
/// No terms, places beyond the last, a covariance of another size or one that is singular.
pub fn wald_test(
    coefficients: &[f64],
    covariance: &Covariance,
    denominator: f64,
    terms: &[usize],
) -> Result<WaldTest> {
    let known = coefficients.len().min(covariance.size());
    if terms.is_empty() || terms.iter().any(|&term| term >= known) {
        return Err(Fault::range(format!("{terms:?}"), phrase("phrase-terms-of-the-model"))
            .refused(phrase("phrase-input-terms")));
    }
    let own = DVector::from_iterator(terms.len(), terms.iter().map(|&t| coefficients[t]));
    let covariance = DMatrix::from_fn(terms.len(), terms.len(), |one, other| {
        covariance.get(terms[one], terms[other])
    });
    let solved = covariance
        .lu()
        .solve(&own)
        .ok_or_else(|| Fault::DataDependent.refused(phrase("phrase-input-terms")))?;
    let numerator = terms.len() as f64;
    let f = own.dot(&solved) / numerator;
    Ok(WaldTest { f, numerator, denominator, p: f_upper_tail(f, numerator, denominator) })
}
