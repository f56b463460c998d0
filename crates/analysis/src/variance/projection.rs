//! What calibrated weights have explained is taken out of the scores before their variance is formed.
//!
//! After post-stratification or raking an estimate no longer varies with the sizes of the cells it was
//! adjusted to. Its variance is therefore that of the residuals from those cells (Deville and Särndal
//! 1992, §3; Lumley 2010, ch. 7). For one set of cells the residual is a deviation from the cell's
//! mean. For several raking margins the means are taken out margin by margin, again and again, which
//! converges to the residual of a least-squares fit on all margins together.

use std::sync::Arc;

/// One step of weighting, remembered for the variance.
///
/// The residual of a score x (which includes its weight) is x − w·Σ a(level), the a(level) being means
/// of x/w by level, taken out in turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    /// Name of the step, for reports: `raking` or `post-stratification`.
    pub name: String,
    /// The margins, in the order in which they are taken out.
    pub margins: Vec<ProjectionMargin>,
    /// Weights after the step, one a row.
    pub weights: Arc<Vec<f64>>,
    /// Weight of each row in the means; none: rows count equally.
    ///
    /// R's `postStratify` weights by the weights before the step, its `rake` counts rows equally; both
    /// are kept so that results agree.
    pub inner: Option<Arc<Vec<f64>>>,
    /// How often the margins are gone through.
    pub rounds: usize,
}

/// A margin of a [`Projection`].
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectionMargin {
    /// The variable, for reports.
    pub variable: String,
    /// Cell of each row. Margins that are crossed with one another share their cells.
    pub cells: Arc<Vec<u16>>,
    /// Level of each cell, dense from zero.
    pub level_of_cell: Vec<u16>,
    /// Number of levels.
    pub level_count: usize,
}

impl ProjectionMargin {
    /// Level of a row, from zero.
    pub(crate) fn level(&self, row: usize) -> usize {
        usize::from(self.level_of_cell[usize::from(self.cells[row])])
    }

    /// Levels of the rows, from zero.
    pub(crate) fn levels(&self) -> impl Iterator<Item = usize> {
        self.cells.iter().map(|&cell| usize::from(self.level_of_cell[usize::from(cell)]))
    }
}

impl Projection {
    /// Total number of levels over all margins.
    pub fn level_count(&self) -> usize {
        self.margins.iter().map(|margin| margin.level_count).sum()
    }

    /// Weight of a row in the means; rows without weight have none.
    pub(crate) fn inner_weight(&self, row: usize) -> f64 {
        if self.weights[row] <= 0.0 {
            0.0
        } else {
            self.inner.as_ref().map_or(1.0, |inner| inner[row])
        }
    }

    /// Replaces a column of scores by its residuals.
    pub(crate) fn take_out(&self, gram: &Gram, scores: &mut [f64]) {
        let mut sums = vec![0.0; self.level_count()];
        for (row, score) in scores.iter().enumerate() {
            let inner = self.inner_weight(row);
            if *score != 0.0 && inner > 0.0 {
                let share = inner * score / self.weights[row];
                let mut offset = 0;
                for margin in &self.margins {
                    sums[offset + margin.level(row)] += share;
                    offset += margin.level_count;
                }
            }
        }
        let effects = gram.effects(&sums, self.rounds);
        for (row, score) in scores.iter_mut().enumerate() {
            let mut explained = 0.0;
            let mut offset = 0;
            for margin in &self.margins {
                explained += effects[offset + margin.level(row)];
                offset += margin.level_count;
            }
            *score -= self.weights[row] * explained;
        }
    }
}

/// Sums of the inner weights over pairs of levels: what is needed, besides the sums of a column by
/// level, to find its residual without going through the rows again.
#[derive(Debug, Clone)]
pub(crate) struct Gram {
    /// Levels × levels, row-major.
    cross: Vec<f64>,
    /// Where each margin's levels start; one more entry than margins.
    starts: Vec<usize>,
}

impl Gram {
    pub(crate) fn new(projection: &Projection) -> Self {
        let mut starts = vec![0];
        for margin in &projection.margins {
            starts.push(starts[starts.len() - 1] + margin.level_count);
        }
        let levels = projection.level_count();
        let mut cross = vec![0.0; levels * levels];
        for row in 0..projection.weights.len() {
            let inner = projection.inner_weight(row);
            for (left_start, left) in starts.iter().zip(&projection.margins) {
                let left = left_start + left.level(row);
                for (right_start, right) in starts.iter().zip(&projection.margins) {
                    cross[left * levels + right_start + right.level(row)] += inner;
                }
            }
        }
        Self { cross, starts }
    }

    /// What each level explains, given the sums of a column by level.
    ///
    /// Taking out the means of margin m changes the sums by every other margin's level through the
    /// cross counts alone, so the rounds run on levels, not on rows.
    pub(crate) fn effects(&self, sums: &[f64], rounds: usize) -> Vec<f64> {
        let levels = sums.len();
        let mut left = sums.to_vec();
        let mut effects = vec![0.0; levels];
        let mut change = vec![0.0; levels];
        for _ in 0..rounds {
            for margin in self.starts.windows(2) {
                let own = margin[0]..margin[1];
                for level in own.clone() {
                    let size = self.cross[level * levels + level];
                    change[level] = if size > 0.0 { left[level] / size } else { 0.0 };
                    effects[level] += change[level];
                }
                for level in own {
                    let cross = &self.cross[level * levels..(level + 1) * levels];
                    for (sum, cross) in left.iter_mut().zip(cross) {
                        *sum -= change[level] * cross;
                    }
                }
            }
        }
        effects
    }
}
