//! Sums by cluster and cell of a table: all that shares, means and their variances need.
//!
//! One pass over coded columns fills an accumulator; accumulators of other rows are merged by addition;
//! its state can be stored or sent; evaluation (in [`crate::tabulate`]) needs no rows again. Rows are
//! taken in design order, so the sums of a cluster are one short run of memory and never depend on how
//! many threads there are.
//!
//! ```text
//! update(rows) ─┐
//! update(rows) ─┼─ merge ── state ── evaluate
//! update(rows) ─┘
//! ```

mod scan;

use std::ops::Range;

use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use crate::accumulate::scan::Code;
use crate::error::Result;
use crate::problem::Fault;
pub(crate) use scan::{BannerColumn, CalibrationScan, ClusterBlock, Codes, Scan};

/// The rows of a table: what is summed by cell.
#[derive(Debug)]
pub(crate) enum RowSource {
    /// One level a row; rows without a level are left out of the base.
    Coded { codes: Codes, without: Vec<u32> },
    /// A set: one column of 0/1 an option, and who answered.
    Set { options: Vec<Vec<u8>>, answered: Vec<u8> },
    /// A number; NaN is left out of the base.
    Number(Vec<f64>),
}

/// Sums by cluster and cell of one table.
///
/// Cells are row codes × column codes, row-major. Code 0 of the columns stands for those in no column;
/// row 0 holds, for a coded variable, those without a level, and for a set or a number the base.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableAccumulator {
    /// Row codes, with 0.
    pub row_codes: usize,
    /// Column codes, with 0.
    pub column_codes: usize,
    /// First cluster (in design order) it holds.
    pub first_cluster: usize,
    /// Sums of weights (times values, for numbers), by cluster and cell.
    pub weighted: Vec<f64>,
    /// Rows, by cell; whole numbers.
    pub counts: Vec<f64>,
    /// Sums of squared weights of the base, by column code.
    pub squares: Vec<f64>,
    /// Sums of inner weights (times values, for numbers), by calibration code and cell.
    pub calibration: Vec<f64>,
}

impl TableAccumulator {
    /// An accumulator of zeros for some clusters.
    pub fn new(
        row_codes: usize,
        column_codes: usize,
        clusters: Range<usize>,
        calibration_codes: usize,
    ) -> Self {
        let cells = row_codes * column_codes;
        Self {
            row_codes,
            column_codes,
            first_cluster: clusters.start,
            weighted: vec![0.0; clusters.len() * cells],
            counts: vec![0.0; cells],
            squares: vec![0.0; column_codes],
            calibration: vec![0.0; calibration_codes * cells],
        }
    }

    /// Number of cells.
    pub fn cells(&self) -> usize {
        self.row_codes * self.column_codes
    }

    /// The clusters it holds.
    pub fn clusters(&self) -> Range<usize> {
        let count = self.weighted.len().checked_div(self.cells()).unwrap_or(0);
        self.first_cluster..self.first_cluster + count
    }

    /// Adds the rows of a block of clusters to the tables of one row variable and several banner
    /// variables.
    pub(crate) fn update_all(
        tables: &mut [Self],
        scan: &Scan<'_>,
        rows: &RowSource,
        banner: &[BannerColumn],
        block: &ClusterBlock,
    ) {
        let RowSource::Coded { codes, without } = rows else {
            for (table, banner) in tables.iter_mut().zip(banner) {
                table.update_uncoded(scan, rows, banner, block);
            }
            return;
        };
        let small = tables.iter().all(|table| table.row_codes <= 16 && table.column_codes <= 16);
        let short: Option<Vec<&[u8]>> = banner.iter().map(|banner| banner.codes.narrow()).collect();
        if let (true, Some(rows), Some(columns)) = (small, codes.narrow(), short) {
            for (tables, columns) in tables.chunks_mut(5).zip(columns.chunks(5)) {
                match *columns {
                    [one] => sum_small(tables, scan, rows, [one], block),
                    [one, two] => sum_small(tables, scan, rows, [one, two], block),
                    [one, two, three] => sum_small(tables, scan, rows, [one, two, three], block),
                    [one, two, three, four] => {
                        sum_small(tables, scan, rows, [one, two, three, four], block);
                    }
                    [one, two, three, four, five] => {
                        sum_small(tables, scan, rows, [one, two, three, four, five], block);
                    }
                    _ => {}
                }
            }
        } else {
            for (table, banner) in tables.iter_mut().zip(banner) {
                match (codes, &banner.codes) {
                    (Codes::Narrow(r), Codes::Narrow(c)) => table.sum_large(scan, r, c, block),
                    (Codes::Narrow(r), Codes::Wide(c)) => table.sum_large(scan, r, c, block),
                    (Codes::Wide(r), Codes::Narrow(c)) => table.sum_large(scan, r, c, block),
                    (Codes::Wide(r), Codes::Wide(c)) => table.sum_large(scan, r, c, block),
                }
            }
        }
        for (table, banner) in tables.iter_mut().zip(banner) {
            table.update_calibration(scan, codes, &banner.codes, block);
            table.update_squares(scan, without, banner, block);
        }
    }

    /// Sets and numbers.
    fn update_uncoded(
        &mut self,
        scan: &Scan<'_>,
        rows: &RowSource,
        banner: &BannerColumn,
        block: &ClusterBlock,
    ) {
        match rows {
            RowSource::Coded { .. } => {}
            RowSource::Set { options, answered } => {
                self.update_each(scan, &banner.codes, block, |row, add| {
                    if answered[row] != 0 {
                        add(0, 1.0);
                        for (option, chosen) in options.iter().enumerate() {
                            if chosen[row] != 0 {
                                add(option + 1, 1.0);
                            }
                        }
                    }
                });
            }
            RowSource::Number(values) => {
                self.update_each(scan, &banner.codes, block, |row, add| {
                    if !values[row].is_nan() {
                        add(0, 1.0);
                        add(1, values[row]);
                    }
                });
            }
        }
    }

    /// Two codes of any size, one cell a row.
    fn sum_large<R: Code, C: Code>(
        &mut self,
        scan: &Scan<'_>,
        rows: &[R],
        columns: &[C],
        block: &ClusterBlock,
    ) {
        let width = self.column_codes;
        let mut sums = vec![[0.0_f64; 2]; self.cells()];
        for cluster in block.clusters.clone() {
            let range = scan.rows_of(cluster);
            let coded = rows[range.clone()].iter().zip(&columns[range.clone()]);
            for ((row, column), &weight) in coded.zip(&scan.weights[range]) {
                let sum = &mut sums[row.index() * width + column.index()];
                *sum = [sum[0] + weight, sum[1] + 1.0];
            }
            self.take_weights(cluster, &mut sums, width);
        }
        self.take_counts(&sums, width);
    }

    /// Takes over the sums of a cluster, of which nothing was taken before, and clears them. Lines of
    /// `sums` are `stride` apart.
    fn take_weights(&mut self, cluster: usize, sums: &mut [[f64; 2]], stride: usize) {
        let cells = self.cells();
        let first = (cluster - self.first_cluster) * cells;
        let weighted = self.weighted[first..first + cells].chunks_exact_mut(self.column_codes);
        for (weighted, sums) in weighted.zip(sums.chunks_exact_mut(stride)) {
            for (weighted, sum) in weighted.iter_mut().zip(sums) {
                *weighted = std::mem::take(&mut sum[0]);
            }
        }
    }

    /// Takes over counts, of any clusters. Lines of `sums` are `stride` apart.
    fn take_counts(&mut self, sums: &[[f64; 2]], stride: usize) {
        let counts = self.counts.chunks_exact_mut(self.column_codes);
        for (counts, sums) in counts.zip(sums.chunks_exact(stride)) {
            for (count, sum) in counts.iter_mut().zip(sums) {
                *count += sum[1];
            }
        }
    }

    /// Sums of inner weights by calibration code.
    fn update_calibration(
        &mut self,
        scan: &Scan<'_>,
        rows: &Codes,
        columns: &Codes,
        block: &ClusterBlock,
    ) {
        let Some(calibration) = &scan.calibration else { return };
        let range = scan.rows_of_block(&block.clusters);
        match (rows, columns) {
            (Codes::Narrow(r), Codes::Narrow(c)) => self.sum_inner(calibration, r, c, range),
            (Codes::Narrow(r), Codes::Wide(c)) => self.sum_inner(calibration, r, c, range),
            (Codes::Wide(r), Codes::Narrow(c)) => self.sum_inner(calibration, r, c, range),
            (Codes::Wide(r), Codes::Wide(c)) => self.sum_inner(calibration, r, c, range),
        }
    }

    fn sum_inner<R: Code, C: Code>(
        &mut self,
        calibration: &CalibrationScan,
        rows: &[R],
        columns: &[C],
        range: Range<usize>,
    ) {
        let (cells, width) = (self.cells(), self.column_codes);
        let inner = &calibration.inner[range.clone()];
        for codes in &calibration.columns {
            let coded = rows[range.clone()].iter().zip(&columns[range.clone()]);
            for ((row, column), (&code, inner)) in coded.zip(codes[range.clone()].iter().zip(inner))
            {
                let cell = row.index() * width + column.index();
                self.calibration[usize::from(code) * cells + cell] += inner;
            }
        }
    }

    /// Squared weights of the base: those of the whole block without those of rows without a level.
    fn update_squares(
        &mut self,
        scan: &Scan<'_>,
        without: &[u32],
        banner: &BannerColumn,
        block: &ClusterBlock,
    ) {
        let range = scan.rows_of_block(&block.clusters);
        let first = without.partition_point(|&row| (row as usize) < range.start);
        let mut squares = banner.squares[block.index].clone();
        for &row in without[first..].iter().take_while(|&&row| (row as usize) < range.end) {
            let weight = scan.weights[row as usize];
            squares[banner.codes.at(row as usize)] -= weight * weight;
        }
        add(&mut self.squares, &squares);
    }

    /// The general case: a row may add to several cells.
    fn update_each(
        &mut self,
        scan: &Scan<'_>,
        columns: &Codes,
        block: &ClusterBlock,
        visit: impl Fn(usize, &mut dyn FnMut(usize, f64)),
    ) {
        let cells = self.cells();
        for cluster in block.clusters.clone() {
            let place = (cluster - self.first_cluster) * cells;
            for index in scan.rows_of(cluster) {
                let column = columns.at(index);
                let weight = scan.weights[index];
                visit(index, &mut |row, value| {
                    let cell = row * self.column_codes + column;
                    self.weighted[place + cell] += weight * value;
                    self.counts[cell] += 1.0;
                    if row == 0 {
                        self.squares[column] += weight * weight;
                    }
                    if let Some(calibration) = &scan.calibration {
                        for codes in &calibration.columns {
                            self.calibration[usize::from(codes[index]) * cells + cell] +=
                                calibration.inner[index] * value;
                        }
                    }
                });
            }
        }
    }

    /// Adds the sums of another accumulator of the same table, of the same or other clusters.
    ///
    /// # Errors
    /// Where the two are not of the same shape, or their clusters leave a gap.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        let same = self.row_codes == other.row_codes
            && self.column_codes == other.column_codes
            && self.calibration.len() == other.calibration.len();
        let (own, theirs) = (self.clusters(), other.clusters());
        if !same || theirs.start > own.end || own.start > theirs.end {
            return Err(Fault::TablePartsDiffer.refused(phrase("phrase-input-table")));
        }
        let cells = self.cells();
        let union = own.start.min(theirs.start)..own.end.max(theirs.end);
        if union != own {
            let mut wider = vec![0.0; union.len() * cells];
            let place = (own.start - union.start) * cells;
            wider[place..place + self.weighted.len()].copy_from_slice(&self.weighted);
            self.weighted = wider;
            self.first_cluster = union.start;
        }
        let place = (theirs.start - union.start) * cells;
        add(&mut self.weighted[place..], &other.weighted);
        add(&mut self.squares, &other.squares);
        add(&mut self.calibration, &other.calibration);
        add(&mut self.counts, &other.counts);
        Ok(())
    }
}

/// The common case, kept tight: codes of four bits, several banner variables at once. A row's weight and
/// code are read once for all of them; weight and count lie side by side, so that both are one load, one
/// addition and one store; a place of eight bits needs no check.
fn sum_small<const N: usize>(
    tables: &mut [TableAccumulator],
    scan: &Scan<'_>,
    rows: &[u8],
    columns: [&[u8]; N],
    block: &ClusterBlock,
) {
    let mut sums = [[[0.0_f64; 2]; 256]; N];
    for cluster in block.clusters.clone() {
        let range = scan.rows_of(cluster);
        let rows = &rows[range.clone()];
        let weights = &scan.weights[range.clone()][..rows.len()];
        let columns = columns.map(|column| &column[range.clone()][..rows.len()]);
        for index in 0..rows.len() {
            let line = rows[index] << 4;
            let weight = weights[index];
            for (sums, column) in sums.iter_mut().zip(columns) {
                let sum = &mut sums[usize::from(line | column[index])];
                *sum = [sum[0] + weight, sum[1] + 1.0];
            }
        }
        for (table, sums) in tables.iter_mut().zip(&mut sums) {
            table.take_weights(cluster, sums, 16);
        }
    }
    for (table, sums) in tables.iter_mut().zip(&sums) {
        table.take_counts(sums, 16);
    }
}

fn add(sums: &mut [f64], more: &[f64]) {
    for (sum, more) in sums.iter_mut().zip(more) {
        *sum += more;
    }
}
