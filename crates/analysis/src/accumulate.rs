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

use std::borrow::Cow;
use std::ops::{IndexMut, Range};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::design::Design;
use crate::error::{Result, invalid};
use crate::variance::projection::{Gram, Projection};

/// A coded column in design order; short codes are kept in a byte.
#[derive(Debug, Clone)]
pub(crate) enum Codes {
    Narrow(Vec<u8>),
    Wide(Vec<u16>),
}

impl Codes {
    fn at(&self, row: usize) -> usize {
        match self {
            Self::Narrow(codes) => codes[row].index(),
            Self::Wide(codes) => codes[row].index(),
        }
    }
}

/// Some clusters that are summed in one go.
#[derive(Debug, Clone)]
pub(crate) struct ClusterBlock {
    pub(crate) index: usize,
    pub(crate) clusters: Range<usize>,
}

/// A banner variable in design order.
#[derive(Debug)]
pub(crate) struct BannerColumn {
    codes: Codes,
    /// Squared weights by block and code.
    squares: Vec<Vec<f64>>,
    /// Number of columns it makes.
    pub(crate) columns: usize,
}

/// A code as an index.
pub(crate) trait Code: Copy + Send + Sync {
    fn index(self) -> usize;
}

impl Code for u8 {
    #[inline]
    fn index(self) -> usize {
        usize::from(self)
    }
}

impl Code for u16 {
    #[inline]
    fn index(self) -> usize {
        usize::from(self)
    }
}

/// The rows of a design in the order of its clusters, with what accumulators need of each.
#[derive(Debug)]
pub(crate) struct Scan<'a> {
    pub(crate) design: &'a Design,
    /// Whether rows already stand in design order.
    sorted: bool,
    weights: Cow<'a, [f64]>,
    /// The margins of the calibration, if there is one step.
    pub(crate) calibration: Option<CalibrationScan>,
}

/// The margins of a calibration in design order.
///
/// Sums are kept by combination of levels where combinations are few (one addition a row), else by level
/// of each margin.
#[derive(Debug)]
pub(crate) struct CalibrationScan {
    /// Code of each row, in one column (combinations) or one a margin.
    columns: Vec<Vec<u16>>,
    /// Levels (counted through all margins) that each code stands for.
    levels_of_code: Vec<Vec<usize>>,
    /// Weight of each row in level means.
    inner: Vec<f64>,
    pub(crate) levels: usize,
    pub(crate) gram: Gram,
    pub(crate) rounds: usize,
    /// Weights by cluster and level: clusters × levels.
    pub(crate) cluster_weights: Vec<f64>,
}

/// Most combinations of levels that are summed apart.
const COMBINATIONS_MAX: usize = 256;

impl<'a> Scan<'a> {
    /// Prepares a design for scanning; none where its variance needs more than one pass (several
    /// stages, or several steps of calibration).
    pub(crate) fn new(design: &'a Design) -> Option<Self> {
        if design.is_multistage() || design.calibrations().len() > 1 {
            return None;
        }
        let sorted = design.order().iter().enumerate().all(|(place, &row)| place == row as usize);
        let mut scan =
            Self { design, sorted, weights: Cow::Borrowed(design.weights()), calibration: None };
        if !sorted {
            let weights = design.weights();
            scan.weights =
                Cow::Owned(design.order().par_iter().map(|&row| weights[row as usize]).collect());
        }
        scan.calibration = CalibrationScan::new(&scan)?;
        Some(scan)
    }

    /// A column in design order.
    pub(crate) fn arranged<T: Copy>(&self, column: &[T]) -> Vec<T> {
        self.design.order().iter().map(|&row| column[row as usize]).collect()
    }

    /// A column of codes in design order, as bytes where they fit.
    fn codes(&self, column: &[u16], levels: usize) -> Codes {
        // Codes are at most `levels`, checked before.
        #[expect(clippy::cast_possible_truncation)]
        let narrow = |code: u16| code as u8;
        match (levels < 256, self.sorted) {
            (true, true) => Codes::Narrow(column.iter().map(|&code| narrow(code)).collect()),
            (true, false) => {
                // Short first: a byte a row stays in the cache while it is read out of order.
                let short: Vec<u8> = column.iter().map(|&code| narrow(code)).collect();
                Codes::Narrow(self.arranged(&short))
            }
            (false, true) => Codes::Wide(column.to_vec()),
            (false, false) => Codes::Wide(self.arranged(column)),
        }
    }

    /// Clusters in blocks of about 32,768 rows, whose weights and codes stay in the processor's cache
    /// while every table reads them. Fixed by the design alone, so that sums come out the same however
    /// the blocks are shared among threads.
    pub(crate) fn blocks(&self) -> Vec<ClusterBlock> {
        let starts = self.design.cluster_starts();
        let mut blocks = Vec::new();
        let mut first = 0;
        let mut close = |clusters: Range<usize>| {
            if !clusters.is_empty() {
                blocks.push(ClusterBlock { index: blocks.len(), clusters });
            }
        };
        for cluster in 0..self.design.clusters() {
            if starts[cluster + 1] - starts[first] >= 32_768 {
                close(first..cluster + 1);
                first = cluster + 1;
            }
        }
        close(first..self.design.clusters());
        blocks
    }

    fn rows_of_block(&self, clusters: &Range<usize>) -> Range<usize> {
        let starts = self.design.cluster_starts();
        starts[clusters.start] as usize..starts[clusters.end] as usize
    }

    /// A banner variable in design order, with the squared weights of its columns by block.
    pub(crate) fn banner(&self, codes: &[u16], levels: usize) -> BannerColumn {
        let codes = self.codes(codes, levels);
        let squares = self
            .blocks()
            .iter()
            .map(|block| {
                let mut sums = vec![0.0; levels + 1];
                for row in self.rows_of_block(&block.clusters) {
                    sums[codes.at(row)] += self.weights[row] * self.weights[row];
                }
                sums
            })
            .collect();
        BannerColumn { codes, squares, columns: levels }
    }

    /// A coded row variable in design order, with the list of rows that have no level.
    pub(crate) fn coded_rows(&self, codes: &[u16], levels: usize) -> RowSource {
        let codes = self.codes(codes, levels);
        let without = match &codes {
            Codes::Narrow(codes) => places_of_zero(codes),
            Codes::Wide(codes) => places_of_zero(codes),
        };
        RowSource::Coded { codes, without }
    }

    fn rows_of(&self, cluster: usize) -> Range<usize> {
        let starts = self.design.cluster_starts();
        starts[cluster] as usize..starts[cluster + 1] as usize
    }
}

impl CalibrationScan {
    /// None within none: no calibration. None: too many levels for one pass.
    #[expect(clippy::option_option, reason = "absent and impossible are different answers")]
    fn new(scan: &Scan<'_>) -> Option<Option<Self>> {
        let Some(step) = scan.design.calibrations().first() else { return Some(None) };
        let levels = step.level_count();
        if levels > usize::from(u16::MAX) {
            return None;
        }
        let (columns, levels_of_code) = calibration_codes(step);
        let columns: Vec<Vec<u16>> = columns.iter().map(|column| scan.arranged(column)).collect();
        let inner: Vec<f64> = (0..scan.design.rows()).map(|row| step.inner_weight(row)).collect();
        let mut cluster_weights = vec![0.0; scan.design.clusters() * levels];
        for cluster in 0..scan.design.clusters() {
            let sums = &mut cluster_weights[cluster * levels..(cluster + 1) * levels];
            for column in &columns {
                for row in scan.rows_of(cluster) {
                    for &level in &levels_of_code[usize::from(column[row])] {
                        sums[level] += scan.weights[row];
                    }
                }
            }
        }
        Some(Some(Self {
            inner: scan.arranged(&inner),
            columns,
            levels_of_code,
            levels,
            gram: Gram::new(step),
            rounds: step.rounds,
            cluster_weights,
        }))
    }

    /// Number of codes that sums are kept by.
    pub(crate) fn codes(&self) -> usize {
        self.levels_of_code.len()
    }

    /// Sums by level from sums by code.
    pub(crate) fn by_level(&self, by_code: impl Iterator<Item = f64>) -> Vec<f64> {
        let mut sums = vec![0.0; self.levels];
        for (sum, levels) in by_code.zip(&self.levels_of_code) {
            for &level in levels {
                sums[level] += sum;
            }
        }
        sums
    }
}

/// Codes of the rows, and the levels that each code stands for.
fn calibration_codes(step: &Projection) -> (Vec<Vec<u16>>, Vec<Vec<usize>>) {
    let combinations: usize = step
        .margins
        .iter()
        .try_fold(1_usize, |product, margin| product.checked_mul(margin.level_count))
        .unwrap_or(usize::MAX);
    let mut offset = 0;
    if combinations > COMBINATIONS_MAX {
        let columns = step
            .margins
            .iter()
            .map(|margin| {
                let shift = offset;
                offset += margin.level_count;
                let code = |level: u32| u16::try_from(level as usize + shift).unwrap_or(u16::MAX);
                margin.levels.iter().map(|&level| code(level)).collect()
            })
            .collect();
        return (columns, (0..offset).map(|level| vec![level]).collect());
    }
    let mut codes = vec![0_u16; step.weights.len()];
    let mut levels_of_code: Vec<Vec<usize>> = vec![Vec::new()];
    for margin in &step.margins {
        let count = margin.level_count;
        for (code, &level) in codes.iter_mut().zip(&margin.levels) {
            // Below the number of combinations, so both conversions hold.
            *code = u16::try_from(usize::from(*code) * count + level as usize).unwrap_or(0);
        }
        levels_of_code = levels_of_code
            .iter()
            .flat_map(|levels| {
                (0..count).map(move |level| {
                    levels.iter().copied().chain([offset + level]).collect::<Vec<usize>>()
                })
            })
            .collect();
        offset += count;
    }
    (vec![codes], levels_of_code)
}

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

    /// Adds the rows of a block of clusters.
    pub(crate) fn update(
        &mut self,
        scan: &Scan<'_>,
        rows: &RowSource,
        banner: &BannerColumn,
        block: &ClusterBlock,
    ) {
        match rows {
            RowSource::Coded { codes, without } => {
                match (codes, &banner.codes) {
                    (Codes::Narrow(rows), Codes::Narrow(columns)) => {
                        self.update_coded(scan, rows, columns, block);
                    }
                    (Codes::Narrow(rows), Codes::Wide(columns)) => {
                        self.update_coded(scan, rows, columns, block);
                    }
                    (Codes::Wide(rows), Codes::Narrow(columns)) => {
                        self.update_coded(scan, rows, columns, block);
                    }
                    (Codes::Wide(rows), Codes::Wide(columns)) => {
                        self.update_coded(scan, rows, columns, block);
                    }
                }
                self.update_squares(scan, without, banner, block);
            }
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

    /// The common case, kept tight: two codes, one cell a row. Weight and count lie side by side, so
    /// that both are one load, one addition and one store.
    fn update_coded<R: Code, C: Code>(
        &mut self,
        scan: &Scan<'_>,
        rows: &[R],
        columns: &[C],
        block: &ClusterBlock,
    ) {
        let cells = self.cells();
        let width = self.column_codes;
        if self.row_codes <= 16 && width <= 16 {
            // Four bits each: the cell's place is known to lie within the table, so nothing is checked.
            let mut sums = [[0.0_f64; 2]; 256];
            let place = |row: R, column: C| (row.index() & 15) << 4 | (column.index() & 15);
            self.sum_clusters(scan, rows, columns, block, &mut sums, place, 16);
        } else {
            let mut sums = vec![[0.0_f64; 2]; cells];
            let place = |row: R, column: C| row.index() * width + column.index();
            self.sum_clusters(scan, rows, columns, block, sums.as_mut_slice(), place, width);
        }
        let Some(calibration) = &scan.calibration else { return };
        let range = scan.rows_of_block(&block.clusters);
        for codes in &calibration.columns {
            let coded = rows[range.clone()].iter().zip(&columns[range.clone()]);
            let inner = codes[range.clone()].iter().zip(&calibration.inner[range.clone()]);
            for ((row, column), (&code, inner)) in coded.zip(inner) {
                let cell = row.index() * width + column.index();
                self.calibration[usize::from(code) * cells + cell] += inner;
            }
        }
    }

    /// Sums weights and counts of each cluster by cell. `place` says where a cell stands in `sums`, whose
    /// lines are `stride` apart.
    #[expect(
        clippy::too_many_arguments,
        reason = "the inner loop of everything, kept free of state"
    )]
    #[inline]
    fn sum_clusters<
        R: Code,
        C: Code,
        S: AsMut<[[f64; 2]]> + IndexMut<usize, Output = [f64; 2]> + ?Sized,
    >(
        &mut self,
        scan: &Scan<'_>,
        rows: &[R],
        columns: &[C],
        block: &ClusterBlock,
        sums: &mut S,
        place: impl Fn(R, C) -> usize,
        stride: usize,
    ) {
        let cells = self.cells();
        for cluster in block.clusters.clone() {
            let range = scan.rows_of(cluster);
            let coded = rows[range.clone()].iter().zip(&columns[range.clone()]);
            for ((&row, &column), &weight) in coded.zip(&scan.weights[range]) {
                let sum = &mut sums[place(row, column)];
                *sum = [sum[0] + weight, sum[1] + 1.0];
            }
            let first = (cluster - self.first_cluster) * cells;
            let weighted = self.weighted[first..first + cells].chunks_exact_mut(self.column_codes);
            let counts = self.counts.chunks_exact_mut(self.column_codes);
            let lines = sums.as_mut().chunks_exact_mut(stride);
            for ((weighted, counts), sums) in weighted.zip(counts).zip(lines) {
                for ((weighted, count), sum) in weighted.iter_mut().zip(counts).zip(sums) {
                    *weighted += sum[0];
                    *count += sum[1];
                    *sum = [0.0; 2];
                }
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
            return Err(invalid(
                "accumulators",
                "they are of different tables, or leave clusters out between them",
                "merge parts of one table, neighbours first",
            ));
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

fn places_of_zero<C: Code>(codes: &[C]) -> Vec<u32> {
    codes.iter().zip(0_u32..).filter(|(code, _)| code.index() == 0).map(|(_, row)| row).collect()
}

fn add(sums: &mut [f64], more: &[f64]) {
    for (sum, more) in sums.iter_mut().zip(more) {
        *sum += more;
    }
}
