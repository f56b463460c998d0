//! Tests of independence from sums by cluster and cell, with no look at the rows.
//!
//! The sums that a table is made of ([`crate::accumulate`]) are all that its test needs. Those of Rao and
//! Scott do not even need the covariance of the cells: only that of the interactions C′D⁻¹p̂ (Rao and
//! Scott 1984, §3), which is found from the interactions of each cluster.

use super::rao_scott::{Interactions, WeightedTable, contrasts};
use super::{CellShares, DesignTest, IndependenceMethod};
use crate::design::Design;
use crate::error::Result;
use crate::estimate::moments::empty_domain;
use crate::variance::linearization::{covariance_of_totals, presence_matters};

/// Weighted sums by cluster of a table of two coded variables.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClusterCells<'a> {
    /// Levels in the rows.
    pub(crate) rows: usize,
    /// Levels in the columns.
    pub(crate) columns: usize,
    /// Clusters × (rows + 1) × (columns + 1), row-major; code 0 is for those without a level.
    pub(crate) sums: &'a [f64],
    /// The same in each replicate, where the design has factors by cluster: replicates × …
    pub(crate) replicated: Option<&'a [f64]>,
    /// Members for whom both are known.
    pub(crate) answered: f64,
    /// Respondents that Pearson's statistic is scaled to.
    pub(crate) respondents: f64,
}

impl ClusterCells<'_> {
    fn cells(&self) -> usize {
        self.rows * self.columns
    }

    /// The cells of each cluster (or replicate) in turn.
    fn lines<'s>(&self, sums: &'s [f64]) -> impl Iterator<Item = &'s [f64]> + use<'s> {
        sums.chunks_exact((self.rows + 1) * (self.columns + 1))
    }

    /// Takes the cells over from a line of sums, without those of code 0.
    fn inside(&self, line: &[f64], cells: &mut [f64]) {
        let lines = line.chunks_exact(self.columns + 1).skip(1);
        for (cells, line) in cells.chunks_exact_mut(self.columns).zip(lines) {
            cells.copy_from_slice(&line[1..]);
        }
    }

    /// Totals of the cells, row by row.
    fn totals(&self) -> Vec<f64> {
        let mut whole = vec![0.0; (self.rows + 1) * (self.columns + 1)];
        for line in self.lines(self.sums) {
            for (total, sum) in whole.iter_mut().zip(line) {
                *total += sum;
            }
        }
        let mut totals = vec![0.0; self.cells()];
        self.inside(&whole, &mut totals);
        totals
    }

    /// The shares of the table, and the sum of its weights.
    fn shares(&self, design: &Design) -> Result<(WeightedTable, f64)> {
        let mut shares = self.totals();
        let sum: f64 = shares.iter().sum();
        if self.answered == 0.0 || sum <= 0.0 {
            return Err(empty_domain());
        }
        for share in &mut shares {
            *share /= sum;
        }
        let table = WeightedTable {
            rows: self.rows,
            columns: self.columns,
            shares,
            respondents: self.respondents,
            degrees_of_freedom: self.degrees_of_freedom(design),
        };
        Ok((table, sum))
    }

    /// Clusters minus strata that hold somebody of the table; those of replicates, where there are some.
    fn degrees_of_freedom(&self, design: &Design) -> f64 {
        if let Some(replicates) = design.replicates() {
            return replicates.degrees_of_freedom;
        }
        let met = self.met();
        let stage = &design.stages()[0];
        let strata = (0..stage.stratum_count())
            .filter(|&stratum| stage.clusters_of(stratum).any(|cluster| met[cluster]))
            .count();
        let clusters = met.iter().filter(|met| **met).count();
        clusters.saturating_sub(strata) as f64
    }

    /// Which clusters hold somebody of the table.
    fn met(&self) -> Vec<bool> {
        let inside = |line: &[f64]| {
            let mut lines = line.chunks_exact(self.columns + 1).skip(1);
            lines.any(|line| line[1..].iter().any(|sum| *sum != 0.0))
        };
        self.lines(self.sums).map(inside).collect()
    }

    /// Tests independence.
    ///
    /// # Errors
    /// As [`super::independence::independence`].
    pub(crate) fn test(&self, design: &Design, method: IndependenceMethod) -> Result<DesignTest> {
        if matches!(method, IndependenceMethod::Wald | IndependenceMethod::AdjustedWald) {
            return self.cell_shares(design)?.test(method);
        }
        let (table, sum) = self.shares(design)?;
        table.check()?;
        let interactions = Interactions::new(&table);
        let covariance = match (design.replicates(), self.replicated) {
            (Some(replicates), Some(sums)) => {
                let (values, thetas) = self.replicated_shares(&table, sums);
                let of = |cells: &[f64]| {
                    let mut out = Vec::with_capacity(interactions.terms());
                    interactions.of(cells, &mut out);
                    out
                };
                let thetas: Vec<f64> = thetas.chunks_exact(self.cells()).flat_map(of).collect();
                replicates.covariance(&of(values), &thetas)?
            }
            _ => {
                let scores = self.interactions_by_cluster(design, &interactions, sum);
                let present = self.present(design);
                covariance_of_totals(design, &scores, present.as_deref(), interactions.terms())?
            }
        };
        table.rao_scott(method, &covariance.matrix())
    }

    /// C′D⁻¹ times the scores of the shares, clusters × interactions.
    ///
    /// The score of a cell with share p is (T − pB)/ΣB, T and B the cluster's totals of cell and table, so
    /// over p it is T/(pΣB) − B/ΣB, and the last is lost in the contrasts. Cells that nobody is in have a
    /// score of zero: they get B/ΣB.
    fn interactions_by_cluster(
        &self,
        design: &Design,
        interactions: &Interactions,
        sum: f64,
    ) -> Vec<f64> {
        let width = self.columns + 1;
        let mut factors = vec![0.0; (self.rows + 1) * width];
        let mut empty = Vec::new();
        for (cell, inverse) in interactions.inverse().iter().enumerate() {
            let place = (cell / self.columns + 1) * width + cell % self.columns + 1;
            factors[place] = inverse / sum;
            if *inverse == 0.0 {
                empty.push(place);
            }
        }
        let mut scores = Vec::with_capacity(design.clusters() * interactions.terms());
        let mut scaled = vec![0.0; factors.len()];
        for line in self.lines(self.sums) {
            for ((scaled, total), factor) in scaled.iter_mut().zip(line).zip(&factors) {
                *scaled = total * factor;
            }
            if !empty.is_empty() {
                let inside = line.chunks_exact(width).skip(1).flat_map(|line| &line[1..]);
                let base = inside.sum::<f64>() / sum;
                for &place in &empty {
                    scaled[place] = base;
                }
            }
            let lines = scaled.chunks_exact(width).skip(1).map(|line| &line[1..]);
            contrasts(lines, &mut scores);
        }
        scores
    }

    /// The shares of the table, and those of each replicate, replicates × cells.
    fn replicated_shares<'t>(
        &self,
        table: &'t WeightedTable,
        sums: &[f64],
    ) -> (&'t [f64], Vec<f64>) {
        let mut thetas = self.gathered(sums);
        for cells in thetas.chunks_exact_mut(self.cells()) {
            let base: f64 = cells.iter().sum();
            for cell in cells {
                *cell /= base;
            }
        }
        (&table.shares, thetas)
    }

    /// The cells of all lines of sums.
    fn gathered(&self, sums: &[f64]) -> Vec<f64> {
        let lines = sums.len() / ((self.rows + 1) * (self.columns + 1));
        let mut cells = vec![0.0; lines * self.cells()];
        for (cells, line) in cells.chunks_exact_mut(self.cells()).zip(self.lines(sums)) {
            self.inside(line, cells);
        }
        cells
    }

    /// The table with all covariances of its cells.
    ///
    /// # Errors
    /// As [`super::independence::cell_shares`].
    pub(crate) fn cell_shares(&self, design: &Design) -> Result<CellShares> {
        let (table, sum) = self.shares(design)?;
        let (covariance, of_totals) = match (design.replicates(), self.replicated) {
            (Some(replicates), Some(sums)) => {
                let (values, thetas) = self.replicated_shares(&table, sums);
                let of_totals = replicates.covariance(&self.totals(), &self.gathered(sums))?;
                (replicates.covariance(values, &thetas)?, of_totals)
            }
            _ => {
                let present = self.present(design);
                let mut scores = self.gathered(self.sums);
                let of = |scores: &[f64]| {
                    covariance_of_totals(design, scores, present.as_deref(), self.cells())
                };
                let of_totals = of(&scores)?;
                for cells in scores.chunks_exact_mut(self.cells()) {
                    let base: f64 = cells.iter().sum();
                    for (cell, share) in cells.iter_mut().zip(&table.shares) {
                        *cell = (*cell - share * base) / sum;
                    }
                }
                (of(&scores)?, of_totals)
            }
        };
        Ok(CellShares {
            covariance,
            total_covariance: of_totals.scaled(1.0 / (sum * sum)),
            answered: self.answered,
            table,
        })
    }

    /// Which clusters have a member, where anything depends on it.
    fn present(&self, design: &Design) -> Option<Vec<bool>> {
        presence_matters(design).then(|| self.met())
    }
}
