//! Variances of tables from replicates whose weights are the sample's times factors of clusters.
//!
//! The sums by cluster that the table has anyway, times the factors, give the totals of every replicate
//! and cell; each replicate's shares and means follow as those of the sample do, and their spread is the
//! variance ([`crate::variance::replication`]).

use crate::accumulate::TableAccumulator;
use crate::design::factors::ClusterFactors;
use crate::design::replicates::Replicates;
use crate::error::Result;
use crate::tabulate::BlockKind;
use crate::tabulate::differences::Pairs;
use crate::tabulate::evaluate::Evaluation;
use crate::variance::linearization::not_below_zero;

/// Totals of each replicate for several accumulators of one row variable: for each of them replicates ×
/// its cells, row-major. All go into one product, so that the factors are read once.
pub(super) fn replicate_totals(
    factors: &ClusterFactors,
    kind: BlockKind,
    sums: &[TableAccumulator],
) -> Vec<Vec<f64>> {
    let used: Vec<Vec<usize>> = sums.iter().map(|sums| used_cells(kind, sums)).collect();
    let size: usize = used.iter().map(Vec::len).sum();
    let totals = factors.totals(size, |cluster, out| {
        for (sums, used) in sums.iter().zip(&used) {
            let own = &sums.weighted[cluster * sums.cells()..(cluster + 1) * sums.cells()];
            out.extend(used.iter().map(|&cell| own[cell]));
        }
    });
    let mut first = 0;
    let mut answer = Vec::with_capacity(sums.len());
    for (sums, used) in sums.iter().zip(&used) {
        let mut own = vec![0.0; factors.replicates() * sums.cells()];
        let replicates = own.chunks_exact_mut(sums.cells()).zip(totals.chunks_exact(size.max(1)));
        for (own, totals) in replicates {
            for (&cell, total) in used.iter().zip(&totals[first..]) {
                own[cell] = *total;
            }
        }
        first += used.len();
        answer.push(own);
    }
    answer
}

/// Cells that have rows, without those that no share needs.
fn used_cells(kind: BlockKind, sums: &TableAccumulator) -> Vec<usize> {
    let first = if kind == BlockKind::Shares { sums.column_codes } else { 0 };
    (first..sums.cells()).filter(|&cell| sums.counts[cell] > 0.0).collect()
}

impl Evaluation<'_> {
    /// Variances by cell of the table from the totals of the replicates, replicates × cells of the
    /// accumulator; zero where there is no estimate.
    ///
    /// # Errors
    /// Cells for which fewer than two replicates give an estimate.
    pub(super) fn replicated_variances(
        &self,
        replicates: &Replicates,
        values: &[Option<f64>],
        width: usize,
        totals: &[f64],
        pairs: Option<&mut Pairs>,
    ) -> Result<Vec<f64>> {
        let count = replicates.weights.len();
        let mut line = self.line(values.len() / width, width);
        let mut thetas = vec![f64::NAN; values.len() * count];
        for (replicate, totals) in totals.chunks_exact(values.len() + width).enumerate() {
            self.expand(totals, width, &mut line);
            for (cell, total) in line.cells.iter().enumerate() {
                let base = line.bases[self.base_place(cell, width)];
                thetas[cell * count + replicate] = total / base;
            }
        }
        if let Some(pairs) = pairs {
            pairs.of_replicates(replicates, values, &thetas)?;
        }
        let of_cell = |(value, thetas): (&Option<f64>, &[f64])| {
            value.map_or(Ok(0.0), |value| {
                let covariance = replicates.covariance(&[value], thetas)?;
                Ok(not_below_zero(covariance.variance(0)))
            })
        };
        values.iter().zip(thetas.chunks_exact(count)).map(of_cell).collect()
    }
}
