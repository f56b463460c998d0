//! Post-stratification: one factor a cell, so that each cell meets its population total.
//!
//! Holt and Smith 1979. The cells of several variables are one variable with a level for each
//! combination.

use std::sync::Arc;

use crate::design::Design;
use crate::error::{Error, Result};
use crate::variance::projection::Projection;
use crate::weighting::diagnostics::WeightingDiagnostics;
use crate::weighting::rake::{Margin, checked_sums, crossed, level_adjustments};

/// Adjusts the weights so that each level of `cells` meets its total.
///
/// # Errors
/// As [`crate::weighting::rake::rake`], without the failure to converge.
pub fn post_stratify(design: Design, cells: &Margin) -> Result<(Design, WeightingDiagnostics)> {
    let margins = std::slice::from_ref(cells);
    let crossed = crossed(&design, margins).map_err(Error::Invalid)?;
    let design = design.with_each_replicate(|replicate| {
        checked_sums(&crossed, replicate.weights(), margins)?;
        Ok(stratified(&replicate, cells))
    })?;
    let weights = stratified(&design, cells);
    let levels = level_adjustments(margins, &crossed, &crossed.sums(&weights).by_level);
    let before = design.weights();
    let told =
        WeightingDiagnostics::new("post-stratification", vec![0.0], before, &weights, levels);
    let step = Projection {
        name: "post-stratification".to_owned(),
        margins: crossed.projection_margins(margins),
        weights: Arc::new(weights),
        inner: Some(design.shared_weights()),
        rounds: 1,
    };
    Ok((design.calibrated(step), told))
}

/// Weights times the total of their cell over the weight there.
fn stratified(design: &Design, cells: &Margin) -> Vec<f64> {
    let mut sums = vec![0.0; cells.levels.len()];
    for (&code, weight) in cells.codes.iter().zip(design.weights()) {
        sums[usize::from(code) - 1] += weight;
    }
    cells
        .codes
        .iter()
        .zip(design.weights())
        .map(|(&code, weight)| {
            let cell = usize::from(code) - 1;
            if sums[cell] > 0.0 { weight * cells.totals[cell] / sums[cell] } else { 0.0 }
        })
        .collect()
}
