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
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::design::Design;
use crate::error::{Result, invalid};
use crate::variance::projection::Gram;

/// A coded column in design order; short codes are kept in a byte.
#[derive(Debug, Clone)]
pub(crate) enum Codes<'a> {
    Narrow(Vec<u8>),
    Wide(Cow<'a, [u16]>),
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
#[derive(Debug)]
pub(crate) struct CalibrationScan {
    /// Level of each row in each margin, counted through all margins.
    margins: Vec<Vec<u16>>,
    /// Weight of each row in level means.
    inner: Vec<f64>,
    pub(crate) levels: usize,
    pub(crate) gram: Gram,
    pub(crate) rounds: usize,
    /// Weights by cluster and level: clusters × levels.
    pub(crate) cluster_weights: Vec<f64>,
}

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
            scan.weights = Cow::Owned(scan.arranged(design.weights()));
        }
        scan.calibration = CalibrationScan::new(&scan)?;
        Some(scan)
    }

    /// A column in design order.
    pub(crate) fn arranged<T: Copy>(&self, column: &[T]) -> Vec<T> {
        self.design.order().iter().map(|&row| column[row as usize]).collect()
    }

    /// A column of numbers in design order, without a copy where it stands so already.
    pub(crate) fn numbers<'b>(&self, column: &'b [f64]) -> Cow<'b, [f64]> {
        if self.sorted { Cow::Borrowed(column) } else { Cow::Owned(self.arranged(column)) }
    }

    /// A column of codes in design order, as bytes where they fit.
    pub(crate) fn codes<'b>(&self, column: &'b [u16], levels: usize) -> Codes<'b> {
        // Codes are at most `levels`, checked before.
        #[expect(clippy::cast_possible_truncation)]
        let narrow = |code: u16| code as u8;
        match (levels < 256, self.sorted) {
            (true, true) => Codes::Narrow(column.iter().map(|&code| narrow(code)).collect()),
            (true, false) => Codes::Narrow(
                self.design.order().iter().map(|&row| narrow(column[row as usize])).collect(),
            ),
            (false, true) => Codes::Wide(Cow::Borrowed(column)),
            (false, false) => Codes::Wide(Cow::Owned(self.arranged(column))),
        }
    }

    /// Clusters in blocks of about 65,536 rows: fixed by the design alone, so that sums come out the
    /// same however the blocks are shared among threads.
    pub(crate) fn blocks(&self) -> Vec<Range<usize>> {
        let starts = self.design.cluster_starts();
        let mut blocks = Vec::new();
        let mut first = 0;
        for cluster in 0..self.design.clusters() {
            if starts[cluster + 1] - starts[first] >= 65_536 {
                blocks.push(first..cluster + 1);
                first = cluster + 1;
            }
        }
        if first < self.design.clusters() {
            blocks.push(first..self.design.clusters());
        }
        blocks
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
        let mut offset = 0;
        let mut margins = Vec::with_capacity(step.margins.len());
        for margin in &step.margins {
            let shifted: Vec<u16> = margin
                .levels
                .iter()
                .map(|&level| u16::try_from(level as usize + offset).unwrap_or(u16::MAX))
                .collect();
            margins.push(scan.arranged(&shifted));
            offset += margin.level_count;
        }
        let inner: Vec<f64> = (0..scan.design.rows()).map(|row| step.inner_weight(row)).collect();
        let mut cluster_weights = vec![0.0; scan.design.clusters() * levels];
        for cluster in 0..scan.design.clusters() {
            let sums = &mut cluster_weights[cluster * levels..(cluster + 1) * levels];
            for margin in &margins {
                for row in scan.rows_of(cluster) {
                    sums[usize::from(margin[row])] += scan.weights[row];
                }
            }
        }
        Some(Some(Self {
            inner: scan.arranged(&inner),
            margins,
            levels,
            gram: Gram::new(step),
            rounds: step.rounds,
            cluster_weights,
        }))
    }
}

/// The rows of a table: what is summed by cell.
#[derive(Debug)]
pub(crate) enum RowSource<'a> {
    /// One level a row; code 0 is left out of the base.
    Coded(Codes<'a>),
    /// A set: one column of 0/1 an option, and who answered.
    Set { options: Vec<Vec<u8>>, answered: Vec<u8> },
    /// A number; NaN is left out of the base.
    Number(Cow<'a, [f64]>),
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
    /// Rows, by cell.
    pub counts: Vec<u64>,
    /// Sums of squared weights, by cell.
    pub squares: Vec<f64>,
    /// Sums of inner weights (times values, for numbers), by calibration level and cell.
    pub calibration: Vec<f64>,
}

impl TableAccumulator {
    /// An accumulator of zeros for some clusters.
    pub fn new(
        row_codes: usize,
        column_codes: usize,
        clusters: Range<usize>,
        calibration_levels: usize,
    ) -> Self {
        let cells = row_codes * column_codes;
        Self {
            row_codes,
            column_codes,
            first_cluster: clusters.start,
            weighted: vec![0.0; clusters.len() * cells],
            counts: vec![0; cells],
            squares: vec![0.0; cells],
            calibration: vec![0.0; calibration_levels * cells],
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

    /// Adds the rows of some clusters.
    pub(crate) fn update(
        &mut self,
        scan: &Scan<'_>,
        rows: &RowSource<'_>,
        columns: &Codes<'_>,
        clusters: Range<usize>,
    ) {
        match (rows, columns) {
            (RowSource::Coded(Codes::Narrow(rows)), Codes::Narrow(columns)) => {
                self.update_coded(scan, rows, columns, clusters);
            }
            (RowSource::Coded(Codes::Narrow(rows)), Codes::Wide(columns)) => {
                self.update_coded(scan, rows, columns, clusters);
            }
            (RowSource::Coded(Codes::Wide(rows)), Codes::Narrow(columns)) => {
                self.update_coded(scan, rows, columns, clusters);
            }
            (RowSource::Coded(Codes::Wide(rows)), Codes::Wide(columns)) => {
                self.update_coded(scan, rows, columns, clusters);
            }
            (RowSource::Set { options, answered }, columns) => {
                self.update_each(scan, columns, clusters, |row, add| {
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
            (RowSource::Number(values), columns) => {
                self.update_each(scan, columns, clusters, |row, add| {
                    if !values[row].is_nan() {
                        add(0, 1.0);
                        add(1, values[row]);
                    }
                });
            }
        }
    }

    /// The common case, kept tight: two codes, one cell a row.
    fn update_coded<R: Code, C: Code>(
        &mut self,
        scan: &Scan<'_>,
        rows: &[R],
        columns: &[C],
        clusters: Range<usize>,
    ) {
        let cells = self.cells();
        let width = self.column_codes;
        for cluster in clusters {
            let range = scan.rows_of(cluster);
            let place = (cluster - self.first_cluster) * cells;
            let sums = &mut self.weighted[place..place + cells];
            let counts = &mut self.counts[..cells];
            let squares = &mut self.squares[..cells];
            let coded = rows[range.clone()].iter().zip(&columns[range.clone()]);
            for ((row, column), &weight) in coded.zip(&scan.weights[range.clone()]) {
                let cell = row.index() * width + column.index();
                sums[cell] += weight;
                squares[cell] += weight * weight;
                counts[cell] += 1;
            }
            if let Some(calibration) = &scan.calibration {
                for margin in &calibration.margins {
                    for index in range.clone() {
                        let cell = rows[index].index() * width + columns[index].index();
                        self.calibration[usize::from(margin[index]) * cells + cell] +=
                            calibration.inner[index];
                    }
                }
            }
        }
    }

    /// The general case: a row may add to several cells.
    fn update_each(
        &mut self,
        scan: &Scan<'_>,
        columns: &Codes<'_>,
        clusters: Range<usize>,
        visit: impl Fn(usize, &mut dyn FnMut(usize, f64)),
    ) {
        let cells = self.cells();
        for cluster in clusters {
            let place = (cluster - self.first_cluster) * cells;
            for index in scan.rows_of(cluster) {
                let column = match columns {
                    Codes::Narrow(codes) => codes[index].index(),
                    Codes::Wide(codes) => codes[index].index(),
                };
                let weight = scan.weights[index];
                visit(index, &mut |row, value| {
                    let cell = row * self.column_codes + column;
                    self.weighted[place + cell] += weight * value;
                    self.squares[cell] += weight * weight;
                    self.counts[cell] += 1;
                    if let Some(calibration) = &scan.calibration {
                        for margin in &calibration.margins {
                            self.calibration[usize::from(margin[index]) * cells + cell] +=
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
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        Ok(())
    }
}

fn add(sums: &mut [f64], more: &[f64]) {
    for (sum, more) in sums.iter_mut().zip(more) {
        *sum += more;
    }
}
