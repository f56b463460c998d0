//! Nonresponse by propensity: a logistic model tells how likely each person was to answer; people alike
//! in that form classes, and those of a class who answered stand for all of it.

use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use crate::design::Design;
use crate::error::{Problem, Result, all_or_nothing};
use crate::estimate::{Coded, length_problem};
use crate::model::ModelMatrix;
use crate::model::linear::{Family, Link, coefficients};
use crate::problem::{Fault, at_row};
use crate::weighting::nonresponse::adjust_in_cells;

/// What is done with propensities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PropensityUse {
    /// Weighting cells of so many classes of equal weight; five take away most of the bias that the
    /// model sees (Cochran 1968; Rosenbaum and Rubin 1984; Little 1986).
    Classes(usize),
    /// One over the propensity; lets a few weights grow large where it is small.
    Inverse,
}

/// Weights after nonresponse, with what they rest on.
#[derive(Debug, Clone)]
pub struct PropensityAdjustment {
    /// The design with adjusted weights; those who did not answer have none. The variance takes the
    /// weights as given; with replicates the model is fitted in each.
    pub design: Design,
    /// Coefficients of the model.
    pub coefficients: Vec<f64>,
    /// The propensity of each row.
    pub propensities: Vec<f64>,
    /// The class of each row, from 1; none where there are no classes.
    pub classes: Option<Vec<u16>>,
    /// The factor of each class, or of each row that answered.
    pub factors: Vec<f64>,
}

/// Adjusts weights for nonresponse by the propensity to answer, given `terms` (an intercept among
/// them). `weighted`: whether the model uses the weights (Little and Vartivarian 2003 advise against it
/// where the design variables are among the terms).
///
/// # Errors
/// Wrong lengths, terms that are missing for a row or determine one another, a model that tells without
/// error who answers, a class without anybody who did.
pub fn adjust_by_propensity(
    design: &Design,
    responded: &[bool],
    terms: &ModelMatrix,
    used: PropensityUse,
    weighted: bool,
) -> Result<PropensityAdjustment> {
    all_or_nothing(problems(design, responded, terms, used))?;
    let plain = design.clone().with_each_replicate(|replicate| {
        let found = weigh(&replicate, responded, terms, used, weighted)?;
        Ok(found.design.weights().to_vec())
    })?;
    let mut found = weigh(&plain, responded, terms, used, weighted)?;
    let weights = found.design.weights().to_vec();
    found.design = plain.with_weights(weights);
    Ok(found)
}

fn problems(
    design: &Design,
    responded: &[bool],
    terms: &ModelMatrix,
    used: PropensityUse,
) -> Vec<Problem> {
    let mut problems =
        length_problem(phrase("phrase-input-responded"), responded.len(), design.rows());
    for (name, column) in terms.names.iter().zip(&terms.columns) {
        problems.extend(length_problem(name, column.len(), design.rows()));
        if let Some(row) = column.iter().position(|value| !value.is_finite()) {
            problems.push(Fault::DataMissing.at(at_row(name, row)));
        }
    }
    if let PropensityUse::Classes(count) = used
        && !(2..=1000).contains(&count)
    {
        problems.push(
            Fault::range(count, phrase("phrase-from-2-to-1000")).at(phrase("phrase-input-classes")),
        );
    }
    problems
}

fn weigh(
    design: &Design,
    responded: &[bool],
    terms: &ModelMatrix,
    used: PropensityUse,
    weighted: bool,
) -> Result<PropensityAdjustment> {
    let answered: Vec<f64> = responded.iter().map(|own| f64::from(u8::from(*own))).collect();
    // Rows of weight zero are in no model.
    let ones: Vec<f64> =
        design.weights().iter().map(|weight| f64::from(u8::from(*weight > 0.0))).collect();
    let weights = if weighted { design.weights() } else { &ones };
    let coefficients = coefficients(weights, &answered, terms, Family::Binomial, Link::Logit)?;
    let propensities: Vec<f64> = (0..design.rows())
        .map(|row| {
            let sum: f64 = terms.columns.iter().zip(&coefficients).map(|(x, b)| x[row] * b).sum();
            1.0 / (1.0 + (-sum).exp())
        })
        .collect();
    match used {
        PropensityUse::Classes(count) => {
            let classes = classes(&propensities, design.weights(), count);
            let cells = Coded { codes: &classes, levels: count };
            let plain = design.reweighed(design.weights().to_vec());
            let adjusted = adjust_in_cells(&plain, responded, cells).map_err(|_| {
                Fault::PropensityClasses { classes: count }.refused(phrase("phrase-input-classes"))
            })?;
            Ok(PropensityAdjustment {
                design: adjusted.design,
                coefficients,
                propensities,
                classes: Some(classes),
                factors: adjusted.factors,
            })
        }
        PropensityUse::Inverse => {
            let rows = propensities.iter().zip(responded);
            let factors: Vec<f64> =
                rows.map(|(p, answered)| if *answered { 1.0 / p } else { 0.0 }).collect();
            let weights = design.weights().iter().zip(&factors).map(|(w, g)| w * g).collect();
            Ok(PropensityAdjustment {
                design: design.reweighed(weights),
                coefficients,
                propensities,
                classes: None,
                factors,
            })
        }
    }
}

/// Classes of about equal weight by propensity; equal propensities stay together.
fn classes(propensities: &[f64], weights: &[f64], count: usize) -> Vec<u16> {
    let mut order: Vec<usize> = (0..propensities.len()).collect();
    order.sort_by(|&one, &other| propensities[one].total_cmp(&propensities[other]));
    let total: f64 = weights.iter().sum();
    let mut classes = vec![1; propensities.len()];
    let mut below = 0.0;
    for ties in order.chunk_by(|&one, &other| propensities[one] == propensities[other]) {
        let weight: f64 = ties.iter().map(|&row| weights[row]).sum();
        let middle = (below + 0.5 * weight) / total;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to count")]
        let class = ((middle * count as f64) as u16).min(u16::try_from(count - 1).unwrap_or(0)) + 1;
        for &row in ties {
            classes[row] = class;
        }
        below += weight;
    }
    classes
}
