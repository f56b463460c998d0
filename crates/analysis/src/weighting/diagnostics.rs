//! What a step of weighting did: the effect on precision, the extremes, the margins.

use serde::{Deserialize, Serialize};

/// A margin's level before and after weighting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LevelAdjustment {
    /// The variable.
    pub variable: String,
    /// The level, by label.
    pub level: String,
    /// Rows in the level.
    pub rows: usize,
    /// Sum of weights before.
    pub before: f64,
    /// Sum of weights after.
    pub after: f64,
    /// The target.
    pub target: f64,
}

/// What a step of weighting did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WeightingDiagnostics {
    /// Name of the step: `raking` or `post-stratification`.
    pub step: String,
    /// Rounds done; one for post-stratification.
    pub rounds: usize,
    /// Largest relative gap between a level's weights and its target at the end.
    pub largest_gap: f64,
    /// Largest relative gap after each round.
    pub gaps: Vec<f64>,
    /// Kish's design effect of the weights before.
    pub kish_before: f64,
    /// Kish's design effect of the weights after.
    pub kish_after: f64,
    /// Smallest weight above zero after.
    pub smallest: f64,
    /// Largest weight after.
    pub largest: f64,
    /// Largest ÷ smallest.
    pub ratio: f64,
    /// Smallest and largest factor by which a weight changed.
    pub factor_range: (f64, f64),
    /// Every level of every margin.
    pub levels: Vec<LevelAdjustment>,
}

/// Kish's design effect of unequal weights, n Σw² / (Σw)², over the weights above zero (Kish 1965,
/// §11.7). One for equal weights; NaN where there is no weight.
pub fn kish_design_effect(weights: &[f64]) -> f64 {
    let mut rows = 0.0;
    let mut sum = 0.0;
    let mut squares = 0.0;
    for &weight in weights {
        if weight > 0.0 {
            rows += 1.0;
            sum += weight;
            squares += weight * weight;
        }
    }
    rows * squares / (sum * sum)
}

/// Kish's effective sample size (Σw)² / Σw².
pub fn kish_effective_rows(weights: &[f64]) -> f64 {
    let sum: f64 = weights.iter().sum();
    let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
    sum * sum / squares
}

/// Smallest and largest weight above zero.
pub(crate) fn weight_range(weights: &[f64]) -> (f64, f64) {
    weights
        .iter()
        .filter(|weight| **weight > 0.0)
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(smallest, largest), &weight| {
            (smallest.min(weight), largest.max(weight))
        })
}

/// Smallest and largest ratio after ÷ before, over rows with a weight before.
pub(crate) fn factor_range(before: &[f64], after: &[f64]) -> (f64, f64) {
    let factors: Vec<f64> = before
        .iter()
        .zip(after)
        .filter(|(before, _)| **before > 0.0)
        .map(|(before, after)| after / before)
        .collect();
    weight_range(&factors)
}
