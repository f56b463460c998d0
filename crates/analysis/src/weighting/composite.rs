//! Composite weights: two samples of one population, or of frames that overlap, put together.

use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use crate::error::{Result, all_or_nothing};
use crate::estimate::length_problem;
use crate::problem::{Fault, below_zero};
use crate::weighting::diagnostics::kish_effective_rows;

/// Weights of two samples together, each factor kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Composite {
    /// The share λ of the first sample where both could have drawn a person.
    pub share: f64,
    /// Factor of each row: λ or 1 − λ in the overlap, 1 elsewhere.
    pub factors: Vec<f64>,
    /// Weights times factors.
    pub weights: Vec<f64>,
}

/// Weights λw in the first sample and (1 − λ)w in the second for people whom both could have drawn, w for
/// others (Hartley 1962). `second`: whether a row is of the second sample; `overlap`: whether both could
/// have drawn it. `share`: λ; without one, the first's part of the effective sizes of both (Kish's) in
/// the overlap, which is near the choice of least variance (O'Muircheartaigh and Pedlow 2002).
///
/// Keep the samples apart in the design: the sample is a stratum above all others.
///
/// # Errors
/// Wrong lengths, weights that are missing or below zero, a share outside 0 to 1, a sample without rows
/// in the overlap.
pub fn composite_weights(
    weights: &[f64],
    second: &[bool],
    overlap: &[bool],
    share: Option<f64>,
) -> Result<Composite> {
    let mut problems =
        length_problem(phrase("phrase-input-second-column"), second.len(), weights.len());
    problems.extend(length_problem(
        phrase("phrase-input-overlap-column"),
        overlap.len(),
        weights.len(),
    ));
    problems.extend(below_zero(&phrase("phrase-input-weights").into(), weights));
    if let Some(share) = share.filter(|share| !(0.0..=1.0).contains(share)) {
        problems.push(
            Fault::range(share, phrase("phrase-from-0-to-1")).at(phrase("phrase-input-share")),
        );
    }
    all_or_nothing(problems)?;
    let own = |of_second: bool| -> Vec<f64> {
        (0..weights.len())
            .filter(|&row| overlap[row] && second[row] == of_second && weights[row] > 0.0)
            .map(|row| weights[row])
            .collect()
    };
    let both = [own(false), own(true)];
    let empty = both
        .iter()
        .zip([phrase("phrase-input-first-sample"), phrase("phrase-input-second-sample")]);
    let empty = empty.filter(|(rows, _)| rows.is_empty());
    all_or_nothing(
        empty.map(|(_, name)| Fault::DataTooFew { found: 0, least: 1 }.at(name)).collect(),
    )?;
    let sizes = both.map(|rows| kish_effective_rows(&rows));
    let share = share.unwrap_or(sizes[0] / (sizes[0] + sizes[1]));
    let factors: Vec<f64> = (0..weights.len())
        .map(|row| match (overlap[row], second[row]) {
            (false, _) => 1.0,
            (true, false) => share,
            (true, true) => 1.0 - share,
        })
        .collect();
    let weights = weights.iter().zip(&factors).map(|(weight, factor)| weight * factor).collect();
    Ok(Composite { share, factors, weights })
}
