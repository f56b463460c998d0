//! The rows of a design in the order of its clusters, and columns brought into that order.
//!
//! Everything that costs one look at each row and does not depend on the table is done here, once.

use std::borrow::Cow;
use std::ops::Range;

use rayon::prelude::*;

use crate::accumulate::RowSource;
use crate::design::{Design, Step};
use crate::variance::projection::{Gram, Projection};

/// A coded column in design order; short codes are kept in a byte.
#[derive(Debug, Clone)]
pub(crate) enum Codes {
    Narrow(Vec<u8>),
    Wide(Vec<u16>),
}

impl Codes {
    /// The codes, if they are kept in bytes.
    pub(super) fn narrow(&self) -> Option<&[u8]> {
        match self {
            Self::Narrow(codes) => Some(codes),
            Self::Wide(_) => None,
        }
    }

    pub(super) fn at(&self, row: usize) -> usize {
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
    pub(super) codes: Codes,
    /// Squared weights by block and code.
    pub(super) squares: Vec<Vec<f64>>,
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
    pub(super) weights: Cow<'a, [f64]>,
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
    pub(super) columns: Vec<Vec<u16>>,
    /// Levels (counted through all margins) that each code stands for.
    levels_of_code: Vec<Vec<usize>>,
    /// Weight of each row in level means.
    pub(super) inner: Vec<f64>,
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
        if design.needs_rows() {
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
        // The variance of replicates is theirs, whatever was done to the weights before.
        if design.replicates().is_none() {
            scan.calibration = CalibrationScan::new(&scan)?;
        }
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

    pub(super) fn rows_of_block(&self, clusters: &Range<usize>) -> Range<usize> {
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
                let rows = self.rows_of_block(&block.clusters);
                let weights = &self.weights[rows.clone()];
                match &codes {
                    Codes::Narrow(codes) => squares(&codes[rows], weights, levels),
                    Codes::Wide(codes) => squares(&codes[rows], weights, levels),
                }
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

    pub(super) fn rows_of(&self, cluster: usize) -> Range<usize> {
        let starts = self.design.cluster_starts();
        starts[cluster] as usize..starts[cluster + 1] as usize
    }
}

impl CalibrationScan {
    /// None within none: no calibration. None: too many levels for one pass.
    #[expect(clippy::option_option, reason = "absent and impossible are different answers")]
    fn new(scan: &Scan<'_>) -> Option<Option<Self>> {
        let Some(Step::Levels(step)) = scan.design.calibrations().first() else {
            return Some(None);
        };
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
                let code = |level: usize| u16::try_from(level + shift).unwrap_or(u16::MAX);
                margin.levels().map(code).collect()
            })
            .collect();
        return (columns, (0..offset).map(|level| vec![level]).collect());
    }
    let mut codes = vec![0_u16; step.weights.len()];
    let mut levels_of_code: Vec<Vec<usize>> = vec![Vec::new()];
    for margin in &step.margins {
        let count = margin.level_count;
        for (code, level) in codes.iter_mut().zip(margin.levels()) {
            // Below the number of combinations, so the conversion holds.
            *code = u16::try_from(usize::from(*code) * count + level).unwrap_or(0);
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

/// Sums of squared weights by code. Two sums a code, by turns: those of few codes would otherwise wait
/// for each other.
fn squares<C: Code>(codes: &[C], weights: &[f64], levels: usize) -> Vec<f64> {
    let mut sums = vec![[0.0; 2]; levels + 1];
    for (row, (code, weight)) in codes.iter().zip(weights).enumerate() {
        sums[code.index()][row % 2] += weight * weight;
    }
    sums.iter().map(|[even, odd]| even + odd).collect()
}

/// Where codes are zero. Every row writes its place and only a zero moves on, so that no branch has to
/// be guessed.
fn places_of_zero<C: Code>(codes: &[C]) -> Vec<u32> {
    const CHUNK: usize = 4096;
    let mut places = Vec::new();
    let mut found = [0_u32; CHUNK];
    let mut row = 0_u32;
    for codes in codes.chunks(CHUNK) {
        let mut count = 0;
        for code in codes {
            found[count % CHUNK] = row;
            count += usize::from(code.index() == 0);
            row += 1;
        }
        places.extend_from_slice(&found[..count]);
    }
    places
}
