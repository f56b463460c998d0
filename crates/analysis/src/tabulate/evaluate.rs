//! From sums by cluster and cell to estimates.
//!
//! For a cell with totals T by cluster, a base with totals B by cluster and R = ΣT/ΣB, the score of a
//! cluster is (T − R·B)/ΣB; its variation within strata is the variance of R. After calibration the
//! effects of the margins' levels, found from sums by level alone, are taken out of each cluster's
//! score. Deviations are taken from the stratum's mean before they are squared, so that nothing is lost
//! to cancellation.

use crate::accumulate::{Scan, TableAccumulator};
use crate::disclosure::nchs::Reliability;
use crate::disclosure::suppression::Disclosure;
use crate::error::{Error, Result};
use crate::estimate::proportion::{Quantiles, Spread, interval, reliability};
use crate::estimate::shares::ShareOf;
use crate::estimate::{EstimateOptions, coefficient_of_variation};
use crate::tabulate::{Base, BlockKind, Cell, TableOptions, mean_method};
use crate::variance::linearization::{Contribution, contribution};

/// How one pair of a row variable and a banner variable is evaluated.
pub(super) struct Evaluation<'a> {
    pub(super) scan: &'a Scan<'a>,
    pub(super) kind: BlockKind,
    pub(super) share_of: ShareOf,
}

/// The columns of one banner variable (and the total before them, if asked for).
pub(super) struct PairSums {
    pub(super) columns: Vec<ColumnSums>,
}

/// One column of a block.
pub(super) struct ColumnSums {
    pub(super) base: Base,
    /// Degrees of freedom by clusters and strata that meet the base.
    pub(super) degrees_answered: f64,
    /// Degrees of freedom by the rule of the table.
    pub(super) degrees: f64,
    values: Vec<Option<f64>>,
    variances: Vec<f64>,
    rows: Vec<usize>,
    base_rows: Vec<usize>,
    weighted: Vec<f64>,
    /// Quantiles that depend on the column alone, made when first needed.
    quantiles: Option<Quantiles>,
}

/// One estimate made from rows.
pub(super) struct RowEstimate {
    pub(super) value: Option<f64>,
    pub(super) variance: f64,
    pub(super) rows: usize,
    pub(super) base_rows: usize,
    pub(super) weighted: f64,
}

/// Totals of one column by cluster: of each row, and of each row's base.
struct ClusterTotals {
    rows: usize,
    /// Clusters × rows.
    cells: Vec<f64>,
    /// Clusters × rows.
    bases: Vec<f64>,
}

impl Evaluation<'_> {
    /// Row codes that are rows of the table.
    fn rows(&self, sums: &TableAccumulator) -> usize {
        sums.row_codes - 1
    }

    pub(super) fn pair(&self, sums: &TableAccumulator, with_total: bool) -> Result<PairSums> {
        let mut columns = Vec::with_capacity(sums.column_codes);
        if with_total {
            columns.push(self.column(sums, 0..sums.column_codes)?);
        }
        for column in 1..sums.column_codes {
            columns.push(self.column(sums, column..column + 1)?);
        }
        Ok(PairSums { columns })
    }

    /// One column: a single code, or all of them for the total.
    fn column(&self, sums: &TableAccumulator, codes: std::ops::Range<usize>) -> Result<ColumnSums> {
        let rows = self.rows(sums);
        let width = sums.column_codes;
        let share_of = if self.kind == BlockKind::Shares { self.share_of } else { ShareOf::Column };
        // The rows that make up the base, and the columns over which it is taken.
        let base_codes = match share_of {
            ShareOf::Column => codes.clone(),
            ShareOf::Row | ShareOf::Total if codes.len() > 1 => codes.clone(),
            ShareOf::Row | ShareOf::Total => 1..width,
        };
        let base_rows = |row: usize| match (self.kind, share_of) {
            (BlockKind::Shares, ShareOf::Row) => row + 1..row + 2,
            (BlockKind::Shares, _) => 1..rows + 1,
            (BlockKind::Options | BlockKind::Mean, _) => 0..1,
        };
        let own_base = if self.kind == BlockKind::Shares { 1..rows + 1 } else { 0..1 };
        let over = |values: &dyn Fn(usize) -> f64,
                    rows: std::ops::Range<usize>,
                    columns: &std::ops::Range<usize>|
         -> f64 {
            rows.flat_map(|row| columns.clone().map(move |column| row * width + column))
                .map(values)
                .sum()
        };
        let count = |rows: std::ops::Range<usize>, columns: &std::ops::Range<usize>| -> usize {
            rows.flat_map(|row| columns.clone().map(move |column| row * width + column))
                .map(|cell| usize::try_from(sums.counts[cell]).unwrap_or(usize::MAX))
                .sum()
        };
        let totals = self.cluster_totals(sums, &codes, &base_codes, share_of);
        let whole = column_sums(&totals.cells, rows);
        let whole_base = column_sums(&totals.bases, rows);
        let values: Vec<Option<f64>> = whole
            .iter()
            .zip(&whole_base)
            .map(|(cell, base)| (*base > 0.0).then(|| cell / base))
            .collect();
        let level_sums: Vec<Vec<f64>> = (0..rows)
            .map(|row| {
                let ratio = values[row].unwrap_or(0.0);
                self.level_sums(sums, |cell_sums| {
                    let at = |cell: usize| cell_sums[cell];
                    (over(&at, row + 1..row + 2, &codes)
                        - ratio * over(&at, base_rows(row), &base_codes))
                        / whole_base[row]
                })
            })
            .collect();
        let (variances, present) = self.variances(&totals, &values, &whole_base, &level_sums)?;
        let squares = over(&|cell| sums.squares[cell], own_base.clone(), &codes);
        let base_weight: f64 = if self.kind == BlockKind::Shares {
            whole.iter().sum()
        } else {
            whole_base.first().copied().unwrap_or(0.0)
        };
        let base = Base {
            rows: count(own_base, &codes),
            weighted: base_weight,
            effective_rows: if squares > 0.0 { base_weight * base_weight / squares } else { 0.0 },
        };
        Ok(ColumnSums {
            base,
            degrees_answered: self.degrees(&present),
            degrees: f64::NAN,
            rows: (0..rows)
                .map(|row| match self.kind {
                    BlockKind::Mean => count(0..1, &codes),
                    _ => count(row + 1..row + 2, &codes),
                })
                .collect(),
            base_rows: (0..rows).map(|row| count(base_rows(row), &base_codes)).collect(),
            weighted: if self.kind == BlockKind::Mean { whole_base } else { whole },
            values,
            variances,
            quantiles: None,
        })
    }

    fn cluster_totals(
        &self,
        sums: &TableAccumulator,
        codes: &std::ops::Range<usize>,
        base_codes: &std::ops::Range<usize>,
        share_of: ShareOf,
    ) -> ClusterTotals {
        let rows = self.rows(sums);
        let width = sums.column_codes;
        let clusters = sums.clusters().len();
        let mut totals = ClusterTotals {
            rows,
            cells: vec![0.0; clusters * rows],
            bases: vec![0.0; clusters * rows],
        };
        let of = |cluster: &[f64], row: usize, columns: &std::ops::Range<usize>| -> f64 {
            cluster[row * width + columns.start..row * width + columns.end].iter().sum()
        };
        let per_cluster = sums.weighted.chunks_exact(sums.cells());
        let out = totals.cells.chunks_exact_mut(rows).zip(totals.bases.chunks_exact_mut(rows));
        for (cluster, (cells, bases)) in per_cluster.zip(out) {
            for (row, cell) in cells.iter_mut().enumerate() {
                *cell = of(cluster, row + 1, codes);
            }
            match (self.kind, share_of) {
                (BlockKind::Shares, ShareOf::Column) => bases.fill(cells.iter().sum()),
                (BlockKind::Shares, ShareOf::Row) => {
                    for (row, base) in bases.iter_mut().enumerate() {
                        *base = of(cluster, row + 1, base_codes);
                    }
                }
                (BlockKind::Shares, ShareOf::Total) => {
                    bases.fill((1..=rows).map(|row| of(cluster, row, base_codes)).sum());
                }
                (BlockKind::Options | BlockKind::Mean, _) => bases.fill(of(cluster, 0, base_codes)),
            }
        }
        totals
    }

    /// Sums of a score by calibration level; empty without calibration.
    fn level_sums(&self, sums: &TableAccumulator, score: impl Fn(&[f64]) -> f64) -> Vec<f64> {
        let Some(calibration) = &self.scan.calibration else { return Vec::new() };
        let by_level: Vec<f64> = sums.calibration.chunks_exact(sums.cells()).map(score).collect();
        calibration.gram.effects(&by_level, calibration.rounds)
    }

    /// Variances of each row's estimate, and which clusters meet the base.
    fn variances(
        &self,
        totals: &ClusterTotals,
        values: &[Option<f64>],
        whole_base: &[f64],
        effects: &[Vec<f64>],
    ) -> Result<(Vec<f64>, Vec<bool>)> {
        let rows = totals.rows;
        let design = self.scan.design;
        let stage = &design.stages()[0];
        let present: Vec<bool> = totals
            .bases
            .chunks_exact(rows)
            .map(|bases| bases.iter().any(|base| *base != 0.0))
            .collect();
        let meets = if design.is_calibrated() { None } else { Some(present.as_slice()) };
        let ratios: Vec<f64> = values.iter().map(|value| value.unwrap_or(f64::NAN)).collect();
        let mut variances = vec![0.0; rows];
        let mut failing = Vec::new();
        let (mut strata, mut known) = (0_usize, 0_usize);
        let mut scores = Vec::new();
        for stratum in 0..stage.stratum_count() {
            let (factor, centred) = match contribution(design, stage, stratum, meets) {
                Err(code) => {
                    failing.push(code);
                    continue;
                }
                Ok(Contribution::Absent) => continue,
                Ok(Contribution::Average) => {
                    strata += 1;
                    continue;
                }
                Ok(Contribution::Zero) => (0.0, true),
                Ok(Contribution::Centred(factor)) => (factor, true),
                Ok(Contribution::Uncentred(factor)) => (factor, false),
            };
            strata += 1;
            known += 1;
            let clusters = stage.clusters_of(stratum);
            let range = clusters.start * rows..clusters.end * rows;
            scores.clear();
            let pairs = totals.cells[range.clone()]
                .chunks_exact(rows)
                .zip(totals.bases[range].chunks_exact(rows));
            for (cells, bases) in pairs {
                for row in 0..rows {
                    scores.push((cells[row] - ratios[row] * bases[row]) / whole_base[row]);
                }
            }
            self.take_out(clusters.clone(), rows, effects, &mut scores);
            add_squares(&scores, rows, clusters.len(), centred, factor, &mut variances);
        }
        if !failing.is_empty() {
            return Err(Error::SinglePsu { stage: 1, codes: failing });
        }
        if strata != known {
            let scale = strata as f64 / known as f64;
            variances.iter_mut().for_each(|variance| *variance *= scale);
        }
        Ok((variances, present))
    }

    /// Takes what calibration explains out of the scores of some clusters.
    fn take_out(
        &self,
        clusters: std::ops::Range<usize>,
        rows: usize,
        effects: &[Vec<f64>],
        scores: &mut [f64],
    ) {
        let Some(calibration) = &self.scan.calibration else { return };
        let levels = calibration.levels;
        for (cluster, scores) in clusters.zip(scores.chunks_exact_mut(rows)) {
            let weights = &calibration.cluster_weights[cluster * levels..(cluster + 1) * levels];
            for (score, effects) in scores.iter_mut().zip(effects) {
                *score -= weights.iter().zip(effects).map(|(weight, a)| weight * a).sum::<f64>();
            }
        }
    }

    fn degrees(&self, present: &[bool]) -> f64 {
        let stage = &self.scan.design.stages()[0];
        let clusters = present.iter().filter(|present| **present).count();
        let strata = (0..stage.stratum_count())
            .filter(|&stratum| stage.clusters_of(stratum).any(|cluster| present[cluster]))
            .count();
        clusters.saturating_sub(strata) as f64
    }
}

fn column_sums(values: &[f64], rows: usize) -> Vec<f64> {
    let mut sums = vec![0.0; rows];
    for line in values.chunks_exact(rows) {
        for (sum, value) in sums.iter_mut().zip(line) {
            *sum += value;
        }
    }
    sums
}

/// Adds factor × Σ (z − z̄)² of one stratum to each row's variance.
fn add_squares(
    scores: &[f64],
    rows: usize,
    clusters: usize,
    centred: bool,
    factor: f64,
    variances: &mut [f64],
) {
    let mut means = vec![0.0; rows];
    if centred {
        means = column_sums(scores, rows);
        for mean in &mut means {
            *mean /= clusters as f64;
        }
    }
    let mut squares = vec![0.0; rows];
    for line in scores.chunks_exact(rows) {
        for ((square, score), mean) in squares.iter_mut().zip(line).zip(&means) {
            *square += (score - mean) * (score - mean);
        }
    }
    for (variance, square) in variances.iter_mut().zip(squares) {
        *variance += factor * square;
    }
}

impl ColumnSums {
    /// A column whose estimates were made from rows.
    pub(super) fn from_rows(base: Base, degrees_answered: f64, rows: Vec<RowEstimate>) -> Self {
        Self {
            base,
            degrees_answered,
            degrees: f64::NAN,
            values: rows.iter().map(|row| row.value).collect(),
            variances: rows.iter().map(|row| row.variance).collect(),
            rows: rows.iter().map(|row| row.rows).collect(),
            base_rows: rows.iter().map(|row| row.base_rows).collect(),
            weighted: rows.iter().map(|row| row.weighted).collect(),
            quantiles: None,
        }
    }

    /// Quantiles for a base of that many rows, made anew only if the base changes.
    fn quantiles(&mut self, options: &EstimateOptions, rows: usize) -> Quantiles {
        match self.quantiles {
            Some(known) if known.answered == rows => known,
            _ => {
                let made = Quantiles::new(options, self.degrees, rows, rows);
                self.quantiles = Some(made);
                made
            }
        }
    }

    /// The cell of a row of this column.
    pub(super) fn cell(&mut self, row: usize, kind: BlockKind, options: &TableOptions) -> Cell {
        let degrees = self.degrees;
        let mut cell = Cell {
            value: self.values[row],
            standard_error: None,
            interval: None,
            degrees_of_freedom: degrees,
            design_effect: None,
            effective_rows: None,
            rows: self.rows[row],
            weighted: self.weighted[row],
            reliability: Reliability::not_assessed(),
            disclosure: Disclosure::Shown,
        };
        let Some(value) = cell.value else { return cell };
        let variance = self.variances[row].max(0.0);
        // Without a single stratum to average over there is no variance, and no number stands for it.
        cell.standard_error = variance.is_finite().then(|| variance.sqrt());
        let estimate = options.estimate();
        let quantiles = self.quantiles(&estimate, self.base_rows[row]);
        if kind == BlockKind::Mean {
            let options = EstimateOptions { interval: mean_method(options.interval), ..estimate };
            cell.interval = options.symmetric_with(value, variance.sqrt(), quantiles.multiple);
            let relative = coefficient_of_variation(value, variance.sqrt());
            if self.base_rows[row] > 0 {
                cell.reliability =
                    Reliability::of_mean(self.base_rows[row], relative, variance.sqrt());
            }
            return cell;
        }
        let rows = self.base_rows[row] as f64;
        let spread = Spread {
            proportion: value.clamp(0.0, 1.0),
            variance,
            degrees_of_freedom: degrees,
            answered: rows,
            weight_ratio: 1.0,
        };
        cell.interval = interval(&spread, &estimate, &quantiles);
        cell.effective_rows = spread.effective_rows();
        let binomial = value * (1.0 - value);
        cell.design_effect = (binomial > 0.0 && rows > 1.0)
            .then(|| variance * (rows - 1.0) / binomial)
            .filter(|effect| effect.is_finite());
        if options.assess_reliability {
            cell.reliability = reliability(&spread, &quantiles);
        }
        cell
    }
}
