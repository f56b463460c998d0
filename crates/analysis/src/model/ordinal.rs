//! Proportional odds models of ordered levels.
//!
//! P(Y ≤ k) = F(ζₖ − x′β) with F logistic (`McCullagh` 1980), fitted by weighted pseudo-likelihood; the
//! covariance is the sandwich of the observed information (Binder 1983).

use nalgebra::{DMatrix, DVector};
use survey_builder::problem::phrase;

use super::ModelMatrix;
use super::linear::members;
use crate::design::Design;
use crate::error::{Result, all_or_nothing};
use crate::estimate::Coded;
use crate::problem::Fault;
use crate::variance::linearization::Covariance;
use crate::variance::replication::replicated_or_linear;

/// A fitted model.
#[derive(Debug, Clone)]
pub struct OrdinalModel {
    /// Names of the terms.
    pub names: Vec<String>,
    /// Coefficients β: above zero where high values go with high levels.
    pub coefficients: Vec<f64>,
    /// Cut points ζ between the levels, rising.
    pub cut_points: Vec<f64>,
    /// Covariance of coefficients, then cut points.
    pub covariance: Covariance,
}

impl OrdinalModel {
    /// Standard errors of coefficients, then cut points.
    pub fn standard_errors(&self) -> Vec<f64> {
        (0..self.covariance.size()).map(|place| self.covariance.standard_error(place)).collect()
    }
}

struct Problem<'a> {
    rows: Vec<usize>,
    weights: Vec<f64>,
    levels: usize,
    response: &'a [u16],
    terms: &'a [Vec<f64>],
}

/// First and second derivatives of a row's log likelihood, by parameter.
struct Slopes {
    log: f64,
    first: DVector<f64>,
    second: DMatrix<f64>,
}

/// Fits a model of the ordered levels of `response` on `terms` (without an intercept) among members of
/// `domain`.
///
/// # Errors
/// Fewer than three levels in use or a level without members, terms that determine one another, a
/// search that does not come to rest, a single-cluster stratum under [`crate::SinglePsu::Fail`].
pub fn ordinal_model(
    design: &Design,
    response: Coded<'_>,
    terms: &ModelMatrix,
    domain: Option<&[bool]>,
) -> Result<OrdinalModel> {
    all_or_nothing(response.problems(phrase("phrase-input-response"), design.rows()))?;
    let numbers: Vec<f64> = response
        .codes
        .iter()
        .map(|&code| if code == 0 { f64::NAN } else { f64::from(code) })
        .collect();
    let members = members(design, &numbers, terms, domain)?;
    let rows: Vec<usize> = (0..design.rows())
        .filter(|&row| members.known[row] && design.weights()[row] > 0.0)
        .collect();
    let with = |weights: &[f64]| {
        let mean = rows.iter().map(|&row| weights[row]).sum::<f64>() / rows.len() as f64;
        Problem {
            weights: rows.iter().map(|&row| weights[row] / mean).collect(),
            rows: rows.clone(),
            levels: response.levels,
            response: response.codes,
            terms: &terms.columns,
        }
    };
    let problem = with(design.weights());
    let parameters = problem.solve()?;
    let (_, information) = problem.sums(&parameters);
    let inverse = information.try_inverse().ok_or_else(dependent)?;
    let count = parameters.len();
    let mut scores = vec![vec![0.0; design.rows()]; count];
    for (&row, weight) in problem.rows.iter().zip(&problem.weights) {
        let influence = &inverse * problem.slopes(row, &parameters).first * *weight;
        for (column, value) in scores.iter_mut().zip(influence.iter()) {
            column[row] = *value;
        }
    }
    let again = |weights: &[f64]| Ok(with(weights).solve()?.iter().copied().collect());
    let covariance = replicated_or_linear(design, again, || scores, &members.known)?;
    let own = terms.columns.len();
    Ok(OrdinalModel {
        names: terms.names.clone(),
        coefficients: parameters.iter().take(own).copied().collect(),
        cut_points: parameters.iter().skip(own).copied().collect(),
        covariance,
    })
}

fn dependent() -> crate::Error {
    Fault::DataDependent.refused(phrase("phrase-input-terms"))
}

const STEPS: usize = 100;

impl Problem<'_> {
    /// Newton's method from the cut points of the margin, steps halved while the likelihood falls.
    fn solve(&self) -> Result<DVector<f64>> {
        let mut parameters = self.start()?;
        let mut log = self.log_likelihood(&parameters);
        for _ in 0..STEPS {
            let (score, information) = self.sums(&parameters);
            let step = information.lu().solve(&score).ok_or_else(dependent)?;
            let mut scale = 1.0;
            let mut next = &parameters + &step;
            let mut next_log = self.log_likelihood(&next);
            while (next_log.is_nan() || next_log < log - 1e-10 * log.abs()) && scale > 1e-8 {
                scale *= 0.5;
                next = &parameters + &step * scale;
                next_log = self.log_likelihood(&next);
            }
            parameters = next;
            log = next_log;
            if (step * scale).amax() < 1e-10 {
                return Ok(parameters);
            }
        }
        Err(Fault::ModelUnsettled { steps: STEPS }.refused(phrase("phrase-input-model")))
    }

    fn start(&self) -> Result<DVector<f64>> {
        let mut by_level = vec![0.0; self.levels];
        for (&row, weight) in self.rows.iter().zip(&self.weights) {
            by_level[usize::from(self.response[row]) - 1] += weight;
        }
        if self.levels < 3 || by_level.contains(&0.0) {
            return Err(Fault::ModelLevels.refused(phrase("phrase-input-response")));
        }
        let all: f64 = by_level.iter().sum();
        let mut below = 0.0;
        let cut_points = by_level[..self.levels - 1].iter().map(|weight| {
            below += weight / all;
            (below / (1.0 - below)).ln()
        });
        let parameters = vec![0.0; self.terms.len()].into_iter().chain(cut_points);
        Ok(DVector::from_vec(parameters.collect()))
    }

    fn log_likelihood(&self, parameters: &DVector<f64>) -> f64 {
        let each = self.rows.iter().zip(&self.weights);
        each.map(|(&row, weight)| weight * self.slopes(row, parameters).log).sum()
    }

    /// The sum of the scores and the observed information.
    fn sums(&self, parameters: &DVector<f64>) -> (DVector<f64>, DMatrix<f64>) {
        let count = parameters.len();
        let mut score = DVector::zeros(count);
        let mut information = DMatrix::zeros(count, count);
        for (&row, weight) in self.rows.iter().zip(&self.weights) {
            let slopes = self.slopes(row, parameters);
            score += slopes.first * *weight;
            information -= slopes.second * *weight;
        }
        (score, information)
    }

    fn slopes(&self, row: usize, parameters: &DVector<f64>) -> Slopes {
        let (own, count) = (self.terms.len(), parameters.len());
        let level = usize::from(self.response[row]);
        let predictor: f64 =
            self.terms.iter().zip(parameters.iter()).map(|(term, b)| term[row] * b).sum();
        // F, its density and the density's slope at the cut point above and below.
        let at = |cut: usize| -> (f64, f64, f64) {
            let share = 1.0 / (1.0 + (predictor - parameters[own + cut - 1]).exp());
            let density = share * (1.0 - share);
            (share, density, density * (1.0 - 2.0 * share))
        };
        let upper = if level == self.levels { (1.0, 0.0, 0.0) } else { at(level) };
        let lower = if level == 1 { (0.0, 0.0, 0.0) } else { at(level - 1) };
        let share = upper.0 - lower.0;
        let direction = |cut: Option<usize>| {
            DVector::from_fn(count, |place, _| {
                if place < own {
                    -self.terms[place][row]
                } else {
                    f64::from(u8::from(Some(place - own + 1) == cut))
                }
            })
        };
        let above = direction((level < self.levels).then_some(level));
        let below = direction((level > 1).then_some(level - 1));
        let slope = &above * upper.1 - &below * lower.1;
        let curve = &above * above.transpose() * upper.2 - &below * below.transpose() * lower.2;
        let first = slope / share;
        let second = curve / share - &first * first.transpose();
        Slopes { log: share.ln(), first, second }
    }
}
