//! Unknown eligibility: those whose eligibility is known stand for those of their cell where it is not.

use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use crate::design::Design;
use crate::error::{Result, all_or_nothing};
use crate::estimate::{Coded, length_problem};
use crate::weighting::nonresponse::{NonresponseAdjustment, adjust_in_cells};

/// What is known of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Eligibility {
    /// Belongs to the population.
    Eligible,
    /// Does not.
    Ineligible,
    /// Nobody could tell.
    Unknown,
}

/// Gives the weight of the unknown to the known of their cell, eligible and ineligible alike, so that
/// the unknown are taken to be eligible as often as the known of the cell (Valliant, Dever and Kreuter
/// 2018, §13.4; AAPOR's e by proportional allocation). The ineligible then leave with a weight of zero.
///
/// # Errors
/// Wrong lengths, rows without a cell, cells in which nothing is known.
pub fn adjust_unknown_eligibility(
    design: &Design,
    eligibility: &[Eligibility],
    cells: Coded<'_>,
) -> Result<NonresponseAdjustment> {
    all_or_nothing(length_problem(
        phrase("phrase-input-eligibility"),
        eligibility.len(),
        design.rows(),
    ))?;
    let known: Vec<bool> =
        eligibility.iter().map(|status| *status != Eligibility::Unknown).collect();
    let adjusted = adjust_in_cells(design, &known, cells)?;
    let kept = |weights: &[f64]| -> Vec<f64> {
        let rows = weights.iter().zip(eligibility);
        rows.map(|(weight, status)| if *status == Eligibility::Eligible { *weight } else { 0.0 })
            .collect()
    };
    let design = adjusted.design.with_each_replicate(|replicate| Ok(kept(replicate.weights())))?;
    let weights = kept(design.weights());
    Ok(NonresponseAdjustment { design: design.with_weights(weights), factors: adjusted.factors })
}
