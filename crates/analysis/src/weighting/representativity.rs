//! R-indicators: how evenly people answered, given what is known of all who were sampled.
//!
//! R = 1 − 2S(ρ), S the standard deviation of the propensities to answer over the population: 1 where all
//! are as likely to answer, lower the more they differ (Schouten, Cobben and Bethlehem 2009). Partial
//! indicators say which variables and levels the unevenness comes from (Schouten, Shlomo and Skinner
//! 2011): unconditional ones from what lies between the levels of a variable, conditional ones from what
//! is left of it within the cells of all the others.

use std::collections::HashMap;

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use crate::design::{DegreesOfFreedomRule, Design};
use crate::distribution::student_quantile;
use crate::error::{Problem, Result, all_or_nothing};
use crate::estimate::moments::mean;
use crate::estimate::{Coded, EstimateOptions, Interval, IntervalMethod, length_problem};
use crate::model::ModelMatrix;
use crate::model::linear::{Family, Link, Stopping, linear_model};
use crate::problem::{Fault, at_row};

/// A variable that is known of everybody who was sampled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Auxiliary<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its levels; nobody's may be missing.
    pub levels: Coded<'a>,
}

/// How evenly people answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Representativity {
    /// 1 − 2S, S² less its bias (`bias`), at least zero.
    pub indicator: f64,
    /// Its standard error (Shlomo, Skinner and Schouten 2012, §4): the variance of S² is 4A′ΣA +
    /// 2tr(BΣBΣ) from the model, Σ the design-based covariance of its coefficients, plus that of the mean
    /// of the squared deviations by linearisation; over S².
    pub standard_error: Option<f64>,
    /// Student's interval, kept within 0 and 1.
    pub interval: Option<Interval>,
    /// 1 − 2S without regard to bias.
    pub unadjusted: f64,
    /// What the error of the coefficients adds to S², tr(BΣ).
    pub bias: f64,
    /// Weighted share that answered.
    pub response_rate: f64,
    /// S/(2 rate): the most that the mean of a standardised variable can be off (Schouten, Cobben and
    /// Bethlehem 2009, §3.2), from the adjusted S.
    pub largest_bias: f64,
    /// The partial indicators of each variable.
    pub variables: Vec<PartialIndicators>,
}

/// What one variable has to do with who answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartialIndicators {
    /// The variable.
    pub name: String,
    /// √Σ Nₖ/N (ρ̄ₖ − ρ̄)²: the spread between its levels.
    pub unconditional: f64,
    /// √Σ (ρ − ρ̄)²/N, ρ̄ the mean of the cell of all other variables.
    pub conditional: f64,
    /// Of each level: √(Nₖ/N)(ρ̄ₖ − ρ̄), below zero where it answers less.
    pub level_unconditional: Vec<f64>,
    /// Of each level: the root of its part of the conditional sum.
    pub level_conditional: Vec<f64>,
}

/// The R-indicator of a sample with its partial indicators, from a logistic model of the levels of all
/// auxiliary variables.
///
/// # Errors
/// No variable, wrong lengths, missing levels, nobody or everybody answered, levels that determine one
/// another, a single-cluster stratum under [`crate::SinglePsu::Fail`].
pub fn representativity(
    design: &Design,
    responded: &[bool],
    auxiliaries: &[Auxiliary<'_>],
    confidence: f64,
) -> Result<Representativity> {
    all_or_nothing(problems(design, responded, auxiliaries))?;
    let terms = terms(auxiliaries, design.rows());
    let answered: Vec<f64> = responded.iter().map(|own| f64::from(u8::from(*own))).collect();
    let (family, link, stopping) = (Family::Binomial, Link::Logit, Stopping::AtRest);
    let model = linear_model(design, &answered, &terms, family, link, stopping, None)?;
    let weights = design.weights();
    let total: f64 = weights.iter().sum();
    let average = |of: &dyn Fn(usize) -> f64| -> f64 {
        let in_use = weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0);
        in_use.map(|(row, weight)| weight * of(row)).sum::<f64>() / total
    };
    let rho = &model.fitted;
    let rate = average(&|row| rho[row]);
    let square = average(&|row| (rho[row] - rate).powi(2));
    let slope = |row: usize| rho[row] * (1.0 - rho[row]);
    let count = terms.columns.len();
    let centre: Vec<f64> =
        terms.columns.iter().map(|x| average(&|row| slope(row) * x[row])).collect();
    let z = |term: usize, row: usize| slope(row) * terms.columns[term][row] - centre[term];
    let a = DVector::from_fn(count, |term, _| average(&|row| (rho[row] - rate) * z(term, row)));
    let b =
        DMatrix::from_fn(count, count, |one, other| average(&|row| z(one, row) * z(other, row)));
    let covariance = model.covariance.matrix();
    let product = &b * &covariance;
    let bias = product.trace();
    let adjusted = (square - bias).max(0.0);
    let options = EstimateOptions {
        confidence,
        interval: IntervalMethod::StudentT,
        degrees_of_freedom: DegreesOfFreedomRule::FullDesign,
    };
    let squares: Vec<f64> = rho.iter().map(|own| (own - rate).powi(2)).collect();
    let sampling = mean(design, &squares, None, &options)?;
    let variance = 4.0 * (a.transpose() * &covariance * &a)[(0, 0)]
        + 2.0 * (&product * &product).trace()
        + sampling.standard_error.powi(2);
    let spread = adjusted.sqrt();
    let indicator = 1.0 - 2.0 * spread;
    // At S = 0 the root has no slope, and R no such error.
    let standard_error = (spread > 0.0).then(|| (variance / adjusted).sqrt());
    let t = student_quantile(0.5 + 0.5 * confidence, sampling.degrees_of_freedom);
    let interval = standard_error.map(|error| Interval {
        lower: (indicator - t * error).max(0.0),
        upper: (indicator + t * error).min(1.0),
        confidence,
        method: IntervalMethod::StudentT,
    });
    let variables = (0..auxiliaries.len())
        .map(|place| partial(place, auxiliaries, weights, rho, rate))
        .collect();
    Ok(Representativity {
        indicator,
        standard_error,
        interval: interval.filter(|interval| interval.lower.is_finite()),
        unadjusted: 1.0 - 2.0 * square.sqrt(),
        bias,
        response_rate: rate,
        largest_bias: spread / (2.0 * rate),
        variables,
    })
}

fn problems(design: &Design, responded: &[bool], auxiliaries: &[Auxiliary<'_>]) -> Vec<Problem> {
    let mut problems =
        length_problem(phrase("phrase-input-responded"), responded.len(), design.rows());
    if auxiliaries.is_empty() {
        problems
            .push(Fault::DataTooFew { found: 0, least: 1 }.at(phrase("phrase-input-variables")));
    }
    for one in auxiliaries {
        problems.extend(one.levels.problems(one.name, design.rows()));
        if let Some(row) = one.levels.codes.iter().position(|code| *code == 0) {
            problems.push(Fault::DataMissing.at(at_row(one.name, row)));
        }
    }
    let (yes, no) = (responded.contains(&true), responded.contains(&false));
    if !(yes && no) {
        problems.push(Fault::DataConstant.at(phrase("phrase-input-responded")));
    }
    problems
}

/// An intercept and the levels of each variable after its first that somebody has.
fn terms(auxiliaries: &[Auxiliary<'_>], rows: usize) -> ModelMatrix {
    let mut terms = ModelMatrix::intercept(rows);
    for one in auxiliaries {
        let used = (1..=one.levels.levels)
            .filter(|level| one.levels.codes.iter().any(|code| usize::from(*code) == *level));
        for level in used.skip(1) {
            let column = one.levels.codes.iter();
            terms.push(
                format!("{} {level}", one.name),
                column.map(|code| f64::from(u8::from(usize::from(*code) == level))).collect(),
            );
        }
    }
    terms
}

fn partial(
    place: usize,
    auxiliaries: &[Auxiliary<'_>],
    weights: &[f64],
    rho: &[f64],
    rate: f64,
) -> PartialIndicators {
    let total: f64 = weights.iter().sum();
    let own = auxiliaries[place].levels;
    let mut sums = vec![(0.0, 0.0); own.levels];
    let mut cells: HashMap<Vec<u16>, (f64, f64)> = HashMap::new();
    let cell_of = |row: usize| -> Vec<u16> {
        let others = auxiliaries.iter().enumerate().filter(|(other, _)| *other != place);
        others.map(|(_, one)| one.levels.codes[row]).collect()
    };
    for (row, weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        let level = &mut sums[usize::from(own.codes[row]) - 1];
        *level = (level.0 + weight, level.1 + weight * rho[row]);
        let cell = cells.entry(cell_of(row)).or_default();
        *cell = (cell.0 + weight, cell.1 + weight * rho[row]);
    }
    let level_unconditional: Vec<f64> = sums
        .iter()
        .map(
            |&(size, sum)| {
                if size > 0.0 { (size / total).sqrt() * (sum / size - rate) } else { 0.0 }
            },
        )
        .collect();
    let mut within = vec![0.0; own.levels];
    for (row, weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        let (size, sum) = cells[&cell_of(row)];
        within[usize::from(own.codes[row]) - 1] += weight * (rho[row] - sum / size).powi(2) / total;
    }
    PartialIndicators {
        name: auxiliaries[place].name.to_owned(),
        unconditional: level_unconditional.iter().map(|own| own * own).sum::<f64>().sqrt(),
        conditional: within.iter().sum::<f64>().sqrt(),
        level_unconditional,
        level_conditional: within.into_iter().map(f64::sqrt).collect(),
    }
}
