//! Generalised linear models: linear, logistic, Poisson and the like.
//!
//! Fitted by iteratively reweighted least squares (`McCullagh` and Nelder 1989, §2.5) with weights scaled
//! to mean one; the covariance is the sandwich A⁻¹BA⁻¹, A the expected information and B the covariance
//! of the totals of the scores x w (y − μ)(dμ/dη)/V(μ) (Binder 1983; Lumley 2010, ch. 5).

use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::ModelMatrix;
use crate::design::{DegreesOfFreedomRule, Design};
use crate::distribution::{
    f_upper_tail, normal_density, normal_quantile, normal_upper_tail, student_quantile,
    student_two_sided,
};
use crate::error::{Error, Result, invalid};
use crate::estimate::moments::Members;
use crate::estimate::{Interval, IntervalMethod, confidence_problem};
use crate::variance::linearization::Covariance;
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
                let mean = 1.0 / (1.0 + (-predictor).exp());
                let small = (-predictor.abs()).exp();
                (mean, small / ((1.0 + small) * (1.0 + small)))
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
    /// When no coefficient moves by more than 1e-11 of itself; the covariance is that at the end.
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

/// Coefficients found, with what their covariance needs.
struct Fit {
    coefficients: DVector<f64>,
    means: Vec<f64>,
    /// What a row's term in the scores is multiplied with: w (y − μ)(dμ/dη)/V(μ).
    working: Vec<f64>,
    inverse_information: DMatrix<f64>,
}

/// The rows that enter a model, with weights of mean one over all members of the domain.
struct Rows<'a> {
    places: Vec<usize>,
    weights: Vec<f64>,
    response: &'a [f64],
    columns: &'a [Vec<f64>],
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
    let members = members(design, response, terms, domain)?;
    let mean_weight = mean_weight(design, domain);
    let rows = Rows::new(design.weights(), mean_weight, response, &terms.columns, &members.known);
    rows.check(family)?;
    let fit = rows.fit(family, link, stopping, None)?;
    let scores = rows.scores(&fit, design.rows());
    let again = |weights: &[f64]| {
        if by_influence {
            let share = |row: &usize| weights[*row] / design.weights()[*row];
            let total = |column: &Vec<f64>| rows.places.iter().map(|r| share(r) * column[*r]).sum();
            return Ok(scores.iter().map(total).collect());
        }
        // Weights add up to one and the search starts at the full sample's end, as in R: where it
        // stops by the deviance, that decides the last digits.
        let sum: f64 = rows.places.iter().map(|&row| weights[row]).sum();
        let again = Rows::new(weights, sum, response, &terms.columns, &members.known);
        let found = again.fit(family, link, stopping, Some(&fit.coefficients))?;
        Ok(found.coefficients.iter().copied().collect())
    };
    let covariance = replicated_or_linear(design, again, || scores.clone(), &members.known)?;
    let clusters =
        design.degrees_of_freedom(DegreesOfFreedomRule::Answered, domain, Some(&members.known));
    let ones = [vec![1.0; design.rows()]];
    let null = Rows::new(design.weights(), mean_weight, response, &ones, &members.known)
        .deviance_of(family, link, stopping)?;
    let mut fitted = vec![f64::NAN; design.rows()];
    for (&row, mean) in rows.places.iter().zip(&fit.means) {
        fitted[row] = *mean;
    }
    Ok(LinearModel {
        names: terms.names.clone(),
        degrees_of_freedom: clusters + 1.0 - terms.columns.len() as f64,
        dispersion: rows.dispersion(&fit, family),
        deviance: rows.deviance(&fit.means, family),
        null_deviance: null,
        coefficients: fit.coefficients.iter().copied().collect(),
        covariance,
        fitted,
    })
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
    if lengths.clone().any(|length| length != weights.len()) {
        return Err(invalid("columns", "differ in length", "give one entry a row"));
    }
    let known: Vec<bool> = (0..weights.len())
        .map(|row| {
            !response[row].is_nan() && terms.columns.iter().all(|column| !column[row].is_nan())
        })
        .collect();
    let mean = weights.iter().sum::<f64>() / weights.len() as f64;
    let rows = Rows::new(weights, mean, response, &terms.columns, &known);
    rows.check(family)?;
    Ok(rows.fit(family, link, Stopping::AtRest, None)?.coefficients.iter().copied().collect())
}

fn mean_weight(design: &Design, domain: Option<&[bool]>) -> f64 {
    let rows = || (0..design.rows()).filter(|&row| domain.is_none_or(|member| member[row]));
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
    Members::new(design, &all, domain)
}

const STEPS: usize = 100;

/// Rows whose products are summed in one go; with 20 terms they stay in the processor's cache.
const BLOCK: usize = 1024;

fn means(predictors: &[f64], link: Link) -> Vec<f64> {
    predictors.par_iter().map(|predictor| link.mean_and_slope(*predictor).0).collect()
}

fn largest_move(next: &DVector<f64>, before: &DVector<f64>) -> f64 {
    let moves = next.iter().zip(before.iter());
    moves.map(|(new, old)| (new - old).abs() / (old.abs() + 1e-6)).fold(0.0, f64::max)
}

impl<'a> Rows<'a> {
    fn new(
        weights: &[f64],
        mean: f64,
        response: &'a [f64],
        columns: &'a [Vec<f64>],
        known: &[bool],
    ) -> Self {
        let places: Vec<usize> =
            (0..known.len()).filter(|&row| known[row] && weights[row] > 0.0).collect();
        let weights = places.iter().map(|&row| weights[row] / mean).collect();
        Self { places, weights, response, columns }
    }

    fn check(&self, family: Family) -> Result<()> {
        if self.places.len() < self.columns.len() || self.columns.is_empty() {
            return Err(invalid("model", "has fewer rows than terms", "leave out terms"));
        }
        match self.places.iter().find(|&&row| !family.allows(self.response[row])) {
            None => Ok(()),
            Some(&row) => Err(Error::Invalid(vec![crate::error::Problem::row(
                "response",
                row,
                format!("{} is outside the family", self.response[row]),
                "choose a family that allows the values",
            )])),
        }
    }

    /// From `start` or, without one, from the response itself.
    fn fit(
        &self,
        family: Family,
        link: Link,
        stopping: Stopping,
        start: Option<&DVector<f64>>,
    ) -> Result<Fit> {
        let near = |(&row, weight): (&usize, &f64)| {
            link.of_mean(family.start(self.response[row], *weight))
        };
        let mut predictors: Vec<f64> = match start {
            Some(start) => self.predictors(start),
            None => self.places.iter().zip(&self.weights).map(near).collect(),
        };
        let mut before: Option<DVector<f64>> = None;
        let mut deviance = self.deviance(&means(&predictors, link), family);
        for _ in 0..STEPS {
            let (next, inverse_information) = self.step(&predictors, family, link)?;
            let next = self.inside(next, before.as_ref(), family, link)?;
            let behind = std::mem::replace(&mut predictors, self.predictors(&next));
            let means = means(&predictors, link);
            let deviance_before = std::mem::replace(&mut deviance, self.deviance(&means, family));
            let done = match stopping {
                Stopping::AtRest => {
                    // Near zero a coefficient keeps moving by rounding; the deviance tells.
                    let still = (deviance - deviance_before).abs() <= 1e-14 * deviance.abs();
                    let moved = before.as_ref().map(|before| largest_move(&next, before));
                    moved.is_some_and(|moved| moved < 1e-11 || (still && moved < 1e-7))
                }
                Stopping::ByDeviance => {
                    (deviance - deviance_before).abs() / (deviance.abs() + 0.1) < 1e-8
                }
            };
            if done {
                let working = self.working(&behind, &predictors, family, link);
                return Ok(Fit { coefficients: next, means, working, inverse_information });
            }
            before = Some(next);
        }
        Err(invalid(
            "model",
            format!("did not come to rest in {STEPS} steps"),
            "look for a term that tells the response apart without error, and join its levels",
        ))
    }

    /// Working weight at the step before times working residual at the end; at rest the two are one.
    fn working(&self, behind: &[f64], end: &[f64], family: Family, link: Link) -> Vec<f64> {
        (0..self.places.len())
            .map(|index| {
                let (mean, slope) = link.mean_and_slope(behind[index]);
                let weight = self.weights[index] * slope * slope / family.variance(mean);
                let (mean, slope) = link.mean_and_slope(end[index]);
                weight * (self.response[self.places[index]] - mean) / slope
            })
            .collect()
    }

    /// One weighted least squares fit, and the inverse of its cross products.
    fn step(
        &self,
        predictors: &[f64],
        family: Family,
        link: Link,
    ) -> Result<(DVector<f64>, DMatrix<f64>)> {
        let terms = self.columns.len();
        // Blocks are fixed and added in order: the sums do not hang on the number of threads.
        let blocks: Vec<(DMatrix<f64>, DVector<f64>)> = self
            .places
            .par_chunks(BLOCK)
            .zip(self.weights.par_chunks(BLOCK).zip(predictors.par_chunks(BLOCK)))
            .map(|(places, (weights, predictors))| {
                self.products(places, weights, predictors, family, link)
            })
            .collect();
        let mut cross: DMatrix<f64> = DMatrix::zeros(terms, terms);
        let mut right = DVector::zeros(terms);
        for (products, sums) in &blocks {
            cross += products;
            right += sums;
        }
        cross.fill_upper_triangle_with_lower_triangle();
        let scale: Vec<f64> = (0..terms).map(|term| cross[(term, term)].sqrt()).collect();
        // Scaled to a diagonal of ones, so that units of the terms do not pass for dependence.
        let scaled = DMatrix::from_fn(terms, terms, |one, other| {
            cross[(one, other)] / (scale[one] * scale[other])
        });
        let root = scaled.cholesky().filter(|root| {
            let factor = root.l_dirty();
            (0..terms).all(|term| factor[(term, term)] > 1e-7)
        });
        let Some(root) = root else {
            return Err(invalid(
                "terms",
                "one is determined by the others",
                "leave out a term, or a level that nobody has",
            ));
        };
        let inverse = root.inverse();
        let inverse = DMatrix::from_fn(terms, terms, |one, other| {
            inverse[(one, other)] / (scale[one] * scale[other])
        });
        Ok((&inverse * right, inverse))
    }

    /// What a block of rows adds to the weighted cross products (lower triangle) of the terms and to
    /// those with the working response.
    fn products(
        &self,
        places: &[usize],
        weights: &[f64],
        predictors: &[f64],
        family: Family,
        link: Link,
    ) -> (DMatrix<f64>, DVector<f64>) {
        let terms = self.columns.len();
        let mut working = DVector::zeros(places.len());
        let mut factors = DVector::zeros(places.len());
        for (index, &row) in places.iter().enumerate() {
            let (mean, slope) = link.mean_and_slope(predictors[index]);
            let weight = weights[index] * slope * slope / family.variance(mean);
            if weight > 0.0 && weight.is_finite() {
                factors[index] = weight;
                working[index] = predictors[index] + (self.response[row] - mean) / slope;
            }
        }
        // Side by side in memory, so that each product is one run through both.
        let columns =
            DMatrix::from_fn(places.len(), terms, |index, term| self.columns[term][places[index]]);
        let mut cross = DMatrix::zeros(terms, terms);
        let mut right = DVector::zeros(terms);
        for one in 0..terms {
            let left = columns.column(one).component_mul(&factors);
            right[one] = left.dot(&working);
            for other in 0..=one {
                cross[(one, other)] = left.dot(&columns.column(other));
            }
        }
        (cross, right)
    }

    /// Halves a step until every mean belongs to the family.
    fn inside(
        &self,
        mut next: DVector<f64>,
        before: Option<&DVector<f64>>,
        family: Family,
        link: Link,
    ) -> Result<DVector<f64>> {
        for _ in 0..50 {
            let mut means = self.predictors(&next).into_iter().map(|p| link.mean_and_slope(p).0);
            if means.all(|mean| family.holds(mean) || family == Family::Binomial) {
                return Ok(next);
            }
            let Some(before) = before else { break };
            next = (next + before) * 0.5;
        }
        Err(invalid(
            "model",
            "its means leave the range of the family",
            "choose another link, such as the logarithm",
        ))
    }

    /// Scores of the coefficients, one column a term, zero for rows outside the model.
    fn scores(&self, fit: &Fit, design_rows: usize) -> Vec<Vec<f64>> {
        let of_term = |term: usize| {
            let mut scores = vec![0.0; design_rows];
            for (other, column) in self.columns.iter().enumerate() {
                let factor = fit.inverse_information[(term, other)];
                for &row in &self.places {
                    scores[row] += factor * column[row];
                }
            }
            for (&row, working) in self.places.iter().zip(&fit.working) {
                scores[row] *= working;
            }
            scores
        };
        (0..self.columns.len()).into_par_iter().map(of_term).collect()
    }

    fn predictors(&self, coefficients: &DVector<f64>) -> Vec<f64> {
        let predictor = |row: usize| -> f64 {
            self.columns.iter().zip(coefficients.iter()).map(|(column, b)| column[row] * b).sum()
        };
        self.places.par_iter().map(|&row| predictor(row)).collect()
    }

    fn deviance(&self, means: &[f64], family: Family) -> f64 {
        let each = self.places.iter().zip(&self.weights).zip(means);
        each.map(|((&row, weight), mean)| weight * family.deviance(self.response[row], *mean)).sum()
    }

    fn deviance_of(&self, family: Family, link: Link, stopping: Stopping) -> Result<f64> {
        Ok(self.deviance(&self.fit(family, link, stopping, None)?.means, family))
    }

    /// n/(n − 1) times the weighted mean square deviation of (y − μ)/√V(μ).
    fn dispersion(&self, fit: &Fit, family: Family) -> f64 {
        let residuals: Vec<f64> = self
            .places
            .iter()
            .zip(&fit.means)
            .map(|(&row, mean)| (self.response[row] - mean) / family.variance(*mean).sqrt())
            .collect();
        let count = residuals.len() as f64;
        let each = || residuals.iter().zip(&self.weights);
        let sum: f64 = self.weights.iter().sum();
        let mean = each().map(|(residual, weight)| residual * weight).sum::<f64>() / sum;
        let squares: f64 =
            each().map(|(residual, weight)| weight * (residual - mean).powi(2)).sum();
        squares / (count - 1.0)
    }
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
        if terms.is_empty() || terms.iter().any(|&term| term >= self.coefficients.len()) {
            return Err(invalid("terms", format!("{terms:?}"), "name terms of the model"));
        }
        let own = DVector::from_iterator(terms.len(), terms.iter().map(|&t| self.coefficients[t]));
        let covariance = DMatrix::from_fn(terms.len(), terms.len(), |one, other| {
            self.covariance.get(terms[one], terms[other])
        });
        let solved = covariance.lu().solve(&own).ok_or_else(|| {
            invalid("terms", "their covariance cannot be inverted", "test fewer terms at once")
        })?;
        let numerator = terms.len() as f64;
        let f = own.dot(&solved) / numerator;
        let denominator = self.degrees_of_freedom;
        Ok(WaldTest { f, numerator, denominator, p: f_upper_tail(f, numerator, denominator) })
    }
}
