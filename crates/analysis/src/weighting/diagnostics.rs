//! What a step of weighting did: the effect on precision, the extremes, the margins.

use rayon::prelude::*;
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

impl WeightingDiagnostics {
    /// What a step did that took weights from `before` to `after`, one a row, with the largest gap of
    /// each round.
    pub(super) fn new(
        step: &str,
        gaps: Vec<f64>,
        before: &[f64],
        after: &[f64],
        levels: Vec<LevelAdjustment>,
    ) -> Self {
        let (first, last) = (Spread::of(before), Spread::of(after));
        Self {
            step: step.to_owned(),
            rounds: gaps.len(),
            largest_gap: gaps.last().copied().unwrap_or(0.0),
            gaps,
            kish_before: first.kish_design_effect(),
            kish_after: last.kish_design_effect(),
            smallest: last.range.0,
            largest: last.range.1,
            ratio: last.range.1 / last.range.0,
            factor_range: factor_range(before, after),
            levels,
        }
    }
}

/// Rows that one thread goes through in one go; their sums are added in order.
const BLOCK: usize = 32_768;

/// What one run through weights tells of those above zero.
#[derive(Debug, Clone, Copy)]
struct Spread {
    rows: f64,
    sum: f64,
    squares: f64,
    /// The smallest and the largest.
    range: (f64, f64),
}

impl Spread {
    const NONE: Self = Self { rows: 0.0, sum: 0.0, squares: 0.0, range: NO_RANGE };

    fn of(weights: &[f64]) -> Self {
        let blocks: Vec<Self> = weights.par_chunks(BLOCK).map(Self::of_block).collect();
        blocks.iter().fold(Self::NONE, |all, block| Self {
            rows: all.rows + block.rows,
            sum: all.sum + block.sum,
            squares: all.squares + block.squares,
            range: wider(all.range, block.range),
        })
    }

    fn of_block(weights: &[f64]) -> Self {
        let above = weights.iter().filter(|weight| **weight > 0.0);
        above.fold(Self::NONE, |all, &weight| Self {
            rows: all.rows + 1.0,
            sum: all.sum + weight,
            squares: all.squares + weight * weight,
            range: wider(all.range, (weight, weight)),
        })
    }

    fn kish_design_effect(self) -> f64 {
        self.rows * self.squares / (self.sum * self.sum)
    }
}

/// The range of no number.
const NO_RANGE: (f64, f64) = (f64::INFINITY, f64::NEG_INFINITY);

fn wider(one: (f64, f64), other: (f64, f64)) -> (f64, f64) {
    (one.0.min(other.0), one.1.max(other.1))
}

/// Kish's design effect of unequal weights, n Σw² / (Σw)², over the weights above zero (Kish 1965,
/// §11.7). One for equal weights; NaN where there is no weight.
pub fn kish_design_effect(weights: &[f64]) -> f64 {
    Spread::of(weights).kish_design_effect()
}

/// Kish's effective sample size (Σw)² / Σw².
pub fn kish_effective_rows(weights: &[f64]) -> f64 {
    let sum: f64 = weights.iter().sum();
    let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
    sum * sum / squares
}

/// Smallest and largest ratio after ÷ before that is above zero, over rows with a weight before.
fn factor_range(before: &[f64], after: &[f64]) -> (f64, f64) {
    let of_block = |(before, after): (&[f64], &[f64])| {
        before
            .iter()
            .zip(after)
            .filter(|(before, _)| **before > 0.0)
            .map(|(before, after)| after / before)
            .filter(|factor| *factor > 0.0)
            .fold(NO_RANGE, |all, factor| wider(all, (factor, factor)))
    };
    let blocks = before.par_chunks(BLOCK).zip(after.par_chunks(BLOCK));
    blocks.map(of_block).reduce(|| NO_RANGE, wider)
}
