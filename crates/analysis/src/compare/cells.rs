//! Tests of independence from sums by cluster and cell, with no look at the rows.
//!
//! The sums that a table is made of ([`crate::accumulate`]) are all that its test needs. Those of Rao and
//! Scott do not even need the covariance of the cells: only that of the interactions C′D⁻¹p̂ (Rao and
//! Scott 1984, §3), which is found from the interactions of each cluster.

use super::DesignTest;
use super::independence::{CellShares, IndependenceMethod};
use super::rao_scott::{Interactions, WeightedTable};
use crate::design::{DegreesOfFreedomRule, Design};
use crate::error::Result;
use crate::estimate::moments::empty_domain;
use crate::variance::linearization::{Covariance, covariance_of_totals};

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

/// The cells of a line of sums, without those of code 0, row by row.
fn inside(line: &[f64], columns: usize) -> impl Iterator<Item = f64> {
    line.chunks_exact(columns + 1).skip(1).flat_map(|line| line[1..].iter().copied())
}

impl ClusterCells<'_> {
    fn cells(&self) -> usize {
        self.rows * self.columns
    }

    /// The cells of each cluster (or replicate) in turn.
    fn lines<'s>(&self, sums: &'s [f64]) -> impl Iterator<Item = &'s [f64]> + use<'s> {
        sums.chunks_exact((self.rows + 1) * (self.columns + 1))
    }

    /// Totals of the cells, row by row.
    fn totals(&self) -> Vec<f64> {
        let mut totals = vec![0.0; self.cells()];
        for line in self.lines(self.sums) {
            for (total, sum) in totals.iter_mut().zip(inside(line, self.columns)) {
                *total += sum;
            }
        }
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
            degrees_of_freedom: design.degrees_of_freedom(
                DegreesOfFreedomRule::FullDesign,
                None,
                None,
            ),
        };
        Ok((table, sum))
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
        let covariance =
            self.covariance(design, &table.shares, sum, interactions.terms(), |cells, out| {
                interactions.of(cells, out);
            })?;
        table.rao_scott(method, &covariance.matrix())
    }

    /// The table with all covariances of its cells.
    ///
    /// # Errors
    /// As [`super::independence::cell_shares`].
    pub(crate) fn cell_shares(&self, design: &Design) -> Result<CellShares> {
        let (table, sum) = self.shares(design)?;
        let size = self.cells();
        let plain = |cells: &mut [f64], out: &mut Vec<f64>| out.extend_from_slice(cells);
        let covariance = self.covariance(design, &table.shares, sum, size, plain)?;
        let total_covariance = self.covariance_of_totals(design, size)?;
        Ok(CellShares {
            covariance,
            total_covariance: total_covariance.scaled(1.0 / (sum * sum)),
            answered: self.answered,
            table,
        })
    }

    /// Covariance of a linear function (`size` values) of the shares: from its scores by cluster, or
    /// from its values in the replicates.
    fn covariance(
        &self,
        design: &Design,
        shares: &[f64],
        sum: f64,
        size: usize,
        function: impl Fn(&mut [f64], &mut Vec<f64>),
    ) -> Result<Covariance> {
        let mut cells = vec![0.0; self.cells()];
        let mut apply = |cells_of: &mut dyn FnMut(&mut [f64]), out: &mut Vec<f64>| {
            cells_of(&mut cells);
            function(&mut cells, out);
        };
        if let (Some(replicates), Some(sums)) = (design.replicates(), self.replicated) {
            let (mut values, mut thetas) = (Vec::with_capacity(size), Vec::new());
            apply(&mut |cells| cells.copy_from_slice(shares), &mut values);
            for line in self.lines(sums) {
                let base: f64 = inside(line, self.columns).sum();
                let own = &mut |cells: &mut [f64]| {
                    for (cell, total) in cells.iter_mut().zip(inside(line, self.columns)) {
                        *cell = total / base;
                    }
                };
                apply(own, &mut thetas);
            }
            return replicates.covariance(&values, &thetas);
        }
        let mut scores = Vec::with_capacity(design.clusters() * size);
        for line in self.lines(self.sums) {
            let base: f64 = inside(line, self.columns).sum();
            let own = &mut |cells: &mut [f64]| {
                let totals = inside(line, self.columns).zip(shares);
                for (cell, (total, share)) in cells.iter_mut().zip(totals) {
                    *cell = (total - share * base) / sum;
                }
            };
            apply(own, &mut scores);
        }
        covariance_of_totals(design, &scores, &self.present(), size)
    }

    fn covariance_of_totals(&self, design: &Design, size: usize) -> Result<Covariance> {
        let gathered = |sums: &[f64]| -> Vec<f64> {
            self.lines(sums).flat_map(|line| inside(line, self.columns)).collect()
        };
        match (design.replicates(), self.replicated) {
            (Some(replicates), Some(sums)) => {
                replicates.covariance(&self.totals(), &gathered(sums))
            }
            _ => covariance_of_totals(design, &gathered(self.sums), &self.present(), size),
        }
    }

    /// Which clusters have a member.
    fn present(&self) -> Vec<bool> {
        let meets = |line: &[f64]| inside(line, self.columns).any(|sum| sum != 0.0);
        self.lines(self.sums).map(meets).collect()
    }
}
