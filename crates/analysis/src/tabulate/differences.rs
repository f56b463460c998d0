//! Differences of the columns of a banner variable, row by row, from the same scores by cluster as the
//! table's variances: no further look at the rows.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::design::Design;
use crate::design::replicates::Replicates;
use crate::distribution::student_two_sided;
use crate::error::Result;
use crate::estimate::is_rounding;
use crate::variance::satterthwaite::{Form, PairDegrees, Reach};

/// The difference of two columns of a table in one row.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ColumnDifference {
    /// Places of the two columns among those of the table.
    pub columns: (usize, usize),
    /// First minus second.
    pub value: f64,
    /// Its standard error, from the joint covariance.
    pub standard_error: f64,
    /// Satterthwaite's degrees of freedom of the two domains.
    pub degrees_of_freedom: f64,
    /// Probability of a Student value as far from zero; none where a variance is zero or unknown, or
    /// there are no degrees of freedom.
    pub p: Option<f64>,
}

impl ColumnDifference {
    /// From the variance of the difference, and the value and variance of each column.
    pub(super) fn new(
        columns: (usize, usize),
        values: [f64; 2],
        variance: f64,
        own: [f64; 2],
        degrees: &PairDegrees,
    ) -> Self {
        let (value, standard_error) = (values[0] - values[1], variance.max(0.0).sqrt());
        let held = degrees.of(own);
        let degrees_of_freedom = held.degrees;
        // A column without a variance of its own is unknown, however precise the other may be.
        let known = |(value, variance): (&f64, &f64)| {
            variance.is_finite() && *variance > 0.0 && !is_rounding(*value, variance.sqrt())
        };
        let tested = values.iter().zip(&own).all(known)
            && !is_rounding(values[0].abs().max(values[1].abs()), standard_error)
            && degrees_of_freedom > 0.0;
        let chance =
            || student_two_sided(value / (held.scale * standard_error), degrees_of_freedom);
        let p = tested.then(chance).filter(|p| p.is_finite());
        Self { columns, value, standard_error, degrees_of_freedom, p }
    }
}

/// Strata of at most so many clusters are turned into columns first.
const BLOCK: usize = 256;

/// Clusters that are multiplied side by side.
const SIDE_BY_SIDE: usize = 4;

/// The scores of one row in the clusters of a stratum, a column of the table after the other.
#[derive(Default)]
struct Block {
    /// Deviations, the last of a column filled up with zeros.
    columns: Vec<[f64; SIDE_BY_SIDE]>,
    /// How many of these a column has.
    length: usize,
    /// What the scores of each cell are taken as deviations from.
    means: Vec<f64>,
}

impl Block {
    /// Takes a stratum: its scores, clusters × cells, will be deviations from `centre` times their means.
    fn begin(&mut self, scores: &[f64], cells: usize, centre: f64) {
        let clusters = (scores.len() / cells).max(1);
        self.length = clusters.div_ceil(SIDE_BY_SIDE);
        self.means.clear();
        self.means.resize(cells, 0.0);
        for line in scores.chunks_exact(cells) {
            for (mean, score) in self.means.iter_mut().zip(line) {
                *mean += score;
            }
        }
        let share = centre / clusters as f64;
        self.means.iter_mut().for_each(|mean| *mean *= share);
    }

    /// Takes over the deviations of the cells of a row.
    fn fill(&mut self, scores: &[f64], cells: usize, own: Range<usize>) {
        self.columns.clear();
        self.columns.resize(own.len() * self.length, [0.0; SIDE_BY_SIDE]);
        for (column, cell) in self.columns.chunks_exact_mut(self.length).zip(own) {
            let mean = self.means[cell];
            for (places, lines) in column.iter_mut().zip(scores.chunks(SIDE_BY_SIDE * cells)) {
                for (place, line) in places.iter_mut().zip(lines.chunks_exact(cells)) {
                    *place = line[cell] - mean;
                }
            }
        }
    }

    /// Adds factor × the products of every two columns.
    fn add_products(&self, sums: &mut [f64], factor: f64) {
        let columns = || self.columns.chunks_exact(self.length);
        let across = columns().len();
        for ((one, first), sums) in columns().enumerate().zip(sums.chunks_exact_mut(across)) {
            for (sum, second) in sums[one..].iter_mut().zip(columns().skip(one)) {
                let mut lanes = [0.0; SIDE_BY_SIDE];
                for (first, second) in first.iter().zip(second) {
                    for (lane, (first, second)) in lanes.iter_mut().zip(first.iter().zip(second)) {
                        *lane += first * second;
                    }
                }
                *sum += factor * lanes.iter().sum::<f64>();
            }
        }
    }
}

/// Covariances of the columns of a banner variable, row by row.
pub(super) struct Pairs {
    rows: usize,
    /// Columns with the total, which is left out.
    width: usize,
    /// Rows × (width − 1)², of which only the diagonal and what is right of it count; or, from replicates, the
    /// variance of the difference of each pair.
    sums: Vec<f64>,
    of_differences: bool,
    block: Block,
}

impl Pairs {
    pub(super) fn new(rows: usize, width: usize) -> Self {
        let across = width - 1;
        let sums = vec![0.0; rows * across * across];
        Self { rows, width, sums, of_differences: false, block: Block::default() }
    }

    /// Adds factor × Σ (z − z̄)(z − z̄)′ of the clusters of one stratum, whose `scores` are clusters × cells;
    /// `centre` is 0 where deviations are from zero.
    pub(super) fn add(&mut self, scores: &[f64], factor: f64, centre: f64) {
        let (width, across) = (self.width, self.width - 1);
        let cells = self.rows * width;
        if scores.len() > BLOCK * cells {
            return self.add_sparse(scores, factor, centre);
        }
        self.block.begin(scores, cells, centre);
        for (row, sums) in self.sums.chunks_exact_mut((across * across).max(1)).enumerate() {
            let own = row * width + 1..(row + 1) * width;
            self.block.fill(scores, cells, own);
            self.block.add_products(sums, factor);
        }
    }

    /// The same for a stratum of many clusters, which are then small: one person or a few, in few columns.
    fn add_sparse(&mut self, scores: &[f64], factor: f64, centre: f64) {
        let (width, across) = (self.width, self.width - 1);
        let clusters = (scores.len() / (self.rows * width).max(1)) as f64;
        let mut means = vec![0.0; self.rows * width];
        let mut filled = Vec::with_capacity(across);
        for scores in scores.chunks_exact(self.rows * width) {
            let lines = scores.chunks_exact(width).zip(means.chunks_exact_mut(width));
            for ((scores, means), sums) in lines.zip(self.sums.chunks_exact_mut(across * across)) {
                let scores = &scores[1..];
                filled.clear();
                filled.extend((0..across).filter(|&column| scores[column] != 0.0));
                for (place, &one) in filled.iter().enumerate() {
                    means[one + 1] += scores[one];
                    let score = factor * scores[one];
                    let sums = &mut sums[one * across..(one + 1) * across];
                    for &other in &filled[place..] {
                        sums[other] += score * scores[other];
                    }
                }
            }
        }
        let taken = factor * centre / clusters;
        for (means, sums) in
            means.chunks_exact(width).zip(self.sums.chunks_exact_mut(across * across))
        {
            let means = &means[1..];
            for (one, sums) in sums.chunks_exact_mut(across).enumerate() {
                let mean = taken * means[one];
                for (sum, other) in sums[one..].iter_mut().zip(&means[one..]) {
                    *sum -= mean * other;
                }
            }
        }
    }

    /// Scales all up for strata of which the variance is not known.
    pub(super) fn scale(&mut self, scale: f64) {
        self.sums.iter_mut().for_each(|sum| *sum *= scale);
    }

    /// Variances of differences from the estimates of each replicate, cells × replicates.
    pub(super) fn of_replicates(
        &mut self,
        replicates: &Replicates,
        values: &[Option<f64>],
        thetas: &[f64],
    ) -> Result<()> {
        self.of_differences = true;
        let count = replicates.weights.len();
        let across = self.width - 1;
        let of = |cell: usize| &thetas[cell * count..(cell + 1) * count];
        for row in 0..self.rows {
            for one in 0..across {
                for other in one + 1..across {
                    let place = |column: usize| row * self.width + column + 1;
                    let (Some(first), Some(second)) = (values[place(one)], values[place(other)])
                    else {
                        continue;
                    };
                    let pairs = of(place(one)).iter().zip(of(place(other)));
                    let gaps: Vec<f64> = pairs.map(|(one, other)| one - other).collect();
                    let found = replicates.covariance(&[first - second], &gaps)?;
                    self.sums[(row * across + one) * across + other] = found.variance(0);
                }
            }
        }
        Ok(())
    }

    fn variance(&self, row: usize, one: usize, other: usize) -> f64 {
        let across = self.width - 1;
        let at = |one: usize, other: usize| self.sums[(row * across + one) * across + other];
        if self.of_differences {
            return at(one, other);
        }
        at(one, one) + at(other, other) - 2.0 * at(one, other)
    }

    /// The differences of every two columns with people, by row. `bases`: the weight of each column in
    /// each cluster, the total first; `values` and `variances`: those of the cells.
    pub(super) fn finished(
        &self,
        design: &Design,
        bases: &[Vec<f64>],
        values: &[Option<f64>],
        variances: &[f64],
    ) -> Vec<Vec<ColumnDifference>> {
        let form = Form::new(design);
        let reach: Vec<Reach> =
            bases.iter().skip(1).map(|weights| Reach::new(&form, weights)).collect();
        let most =
            design.replicates().map_or(f64::INFINITY, |replicates| replicates.degrees_of_freedom);
        let pairs: Vec<(usize, usize, PairDegrees)> = (0..reach.len())
            .flat_map(|one| (one + 1..reach.len()).map(move |other| (one, other)))
            .map(|(one, other)| (one, other, PairDegrees::new(&reach[one], &reach[other], most)))
            .collect();
        let of_row = |row: usize| {
            let place = |column: usize| row * self.width + column + 1;
            let difference = |(one, other, degrees): &(usize, usize, PairDegrees)| {
                let found = [values[place(*one)]?, values[place(*other)]?];
                let own = [variances[place(*one)], variances[place(*other)]];
                let variance = self.variance(row, *one, *other);
                let columns = (one + 1, other + 1);
                Some(ColumnDifference::new(columns, found, variance, own, degrees))
            };
            pairs.iter().filter_map(difference).collect()
        };
        (0..self.rows).map(of_row).collect()
    }
}
