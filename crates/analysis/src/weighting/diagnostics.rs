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
    /// Smallest weight after, with its sign; zeros left out.
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
        let Comparison { before: first, after: last, factors } = Comparison::of(before, after);
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
            factor_range: factors,
            levels,
        }
    }
}

/// Rows that one thread goes through in one go; their sums are added in order.
const BLOCK: usize = 8192;

/// Numbers that are looked at side by side: each has sums of its own, so that it need not wait for the
/// sums of the one before.
const LANES: usize = 4;

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
        blocks.into_iter().fold(Self::NONE, Self::with)
    }

    fn of_block(weights: &[f64]) -> Self {
        let plain = Self::of_all(weights);
        if plain.range.0 > 0.0 && !plain.sum.is_nan() {
            return plain;
        }
        // Rows of weight zero are nobody; weights that calibration made negative are weights.
        let people = weights.iter().filter(|weight| **weight != 0.0);
        people.fold(Self::NONE, |all, &weight| {
            let range = (weight, weight);
            all.with(Self { rows: 1.0, sum: weight, squares: weight * weight, range })
        })
    }

    /// As if all weights were above zero, which is several times as fast as to ask each.
    fn of_all(weights: &[f64]) -> Self {
        let (mut sum, mut squares, mut range) = ([0.0; LANES], [0.0; LANES], RangeLanes::NONE);
        let (parts, rest) = weights.as_chunks();
        for part in parts {
            for lane in 0..LANES {
                sum[lane] += part[lane];
                squares[lane] += part[lane] * part[lane];
            }
            range.widen(part);
        }
        for (lane, weight) in rest.iter().enumerate() {
            sum[lane] += weight;
            squares[lane] += weight * weight;
        }
        Self {
            rows: weights.len() as f64,
            sum: sum.iter().sum(),
            squares: squares.iter().sum(),
            range: range.joined(rest),
        }
    }

    /// Of these weights and others.
    fn with(self, other: Self) -> Self {
        Self {
            rows: self.rows + other.rows,
            sum: self.sum + other.sum,
            squares: self.squares + other.squares,
            range: wider(self.range, other.range),
        }
    }

    fn kish_design_effect(self) -> f64 {
        self.rows * self.squares / (self.sum * self.sum)
    }
}

/// What one run through weights before and after a step tells.
#[derive(Debug, Clone, Copy)]
struct Comparison {
    before: Spread,
    after: Spread,
    /// Smallest and largest ratio after ÷ before that is above zero, over rows with a weight before.
    factors: (f64, f64),
}

impl Comparison {
    const NONE: Self = Self { before: Spread::NONE, after: Spread::NONE, factors: NO_RANGE };

    fn of(before: &[f64], after: &[f64]) -> Self {
        let blocks = before.par_chunks(BLOCK).zip(after.par_chunks(BLOCK));
        let blocks: Vec<Self> =
            blocks.map(|(before, after)| Self::of_block(before, after)).collect();
        blocks.into_iter().fold(Self::NONE, Self::with)
    }

    fn of_block(before: &[f64], after: &[f64]) -> Self {
        let spreads = [before, after].map(Spread::of_block);
        let all_above = spreads.iter().all(|spread| spread.rows == before.len() as f64);
        let factors =
            if all_above { factors_of_all(before, after) } else { factors(before, after) };
        Self { before: spreads[0], after: spreads[1], factors }
    }

    fn with(self, other: Self) -> Self {
        Self {
            before: self.before.with(other.before),
            after: self.after.with(other.after),
            factors: wider(self.factors, other.factors),
        }
    }
}

/// Smallest and largest ratio after ÷ before that is above zero, over rows with a weight before.
fn factors(before: &[f64], after: &[f64]) -> (f64, f64) {
    let above = before.iter().zip(after).filter(|(before, _)| **before > 0.0);
    let factors = above.map(|(before, after)| after / before).filter(|factor| *factor > 0.0);
    factors.fold(NO_RANGE, |all, factor| wider(all, (factor, factor)))
}

/// The same where all weights are above zero.
fn factors_of_all(before: &[f64], after: &[f64]) -> (f64, f64) {
    let mut range = RangeLanes::NONE;
    let (befores, before_rest) = before.as_chunks::<LANES>();
    let (afters, after_rest) = after.as_chunks::<LANES>();
    for (before, after) in befores.iter().zip(afters) {
        range.widen(&std::array::from_fn(|lane| after[lane] / before[lane]));
    }
    wider(range.joined(&[]), factors(before_rest, after_rest))
}

/// A range in each lane.
struct RangeLanes {
    smallest: [f64; LANES],
    largest: [f64; LANES],
}

impl RangeLanes {
    const NONE: Self = Self { smallest: [NO_RANGE.0; LANES], largest: [NO_RANGE.1; LANES] };

    /// Widens the range of each lane by a number. Comparisons are shorter for the processor than `min` and
    /// `max`, which mind what is not a number.
    #[inline]
    fn widen(&mut self, numbers: &[f64; LANES]) {
        for (lane, &number) in numbers.iter().enumerate() {
            let (low, high) = (self.smallest[lane], self.largest[lane]);
            self.smallest[lane] = if number < low { number } else { low };
            self.largest[lane] = if number > high { number } else { high };
        }
    }

    /// The range of all lanes and of `rest`.
    fn joined(&self, rest: &[f64]) -> (f64, f64) {
        let lanes = self.smallest.iter().copied().zip(self.largest);
        lanes.chain(rest.iter().map(|&number| (number, number))).fold(NO_RANGE, wider)
    }
}

/// The range of no number.
const NO_RANGE: (f64, f64) = (f64::INFINITY, f64::NEG_INFINITY);

fn wider(one: (f64, f64), other: (f64, f64)) -> (f64, f64) {
    (one.0.min(other.0), one.1.max(other.1))
}

/// Kish's design effect of unequal weights, n Σw² / (Σw)², over the rows with a weight (Kish 1965,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_without_weight_count_for_nothing() {
        let rows = 2 * BLOCK + 3;
        // Of the three blocks one has no zeros, and the last is shorter than all lanes.
        let zero = |row: usize| row > BLOCK && row.is_multiple_of(5);
        let weight = |row: usize| if zero(row) { 0.0 } else { 1.0 + (row % 7) as f64 };
        let factor = |row: usize| 0.5 + (row % 3) as f64;
        let before: Vec<f64> = (0..rows).map(weight).collect();
        let after: Vec<f64> = (0..rows).map(|row| weight(row) * factor(row)).collect();
        let found = WeightingDiagnostics::new("raking", Vec::new(), &before, &after, Vec::new());
        let kish = |weights: &[f64]| {
            let count = weights.iter().filter(|weight| **weight > 0.0).count() as f64;
            let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
            count * squares / weights.iter().sum::<f64>().powi(2)
        };
        assert!((found.kish_before - kish(&before)).abs() < 1e-12);
        assert!((found.kish_after - kish(&after)).abs() < 1e-12);
        assert_eq!((found.smallest, found.largest, found.factor_range), (0.5, 17.5, (0.5, 2.5)));
        assert!(kish_design_effect(&[0.0, 0.0]).is_nan());
    }
}
