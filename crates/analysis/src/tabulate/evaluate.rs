//! From sums by cluster and cell to estimates.
//!
//! For a cell with totals T by cluster, a base with totals B by cluster and R = ΣT/ΣB, the score of a
//! cluster is (T − R·B)/ΣB; its variation within strata is the variance of R. After calibration the
//! effects of the margins' levels, found from sums by level alone, are taken out of each cluster's
//! score. Deviations are taken from the stratum's mean before they are squared, so that nothing is lost
//! to cancellation.

use crate::accumulate::{Scan, TableAccumulator};
use crate::error::Result;
use crate::estimate::shares::ShareOf;
use crate::problem::single_clusters;
use crate::tabulate::column::ColumnSums;
use crate::tabulate::differences::{ColumnDifference, Pairs};
use crate::tabulate::replicated::replicate_totals;
use crate::tabulate::{Base, BlockKind};
use crate::variance::linearization::{Contribution, contribution, presence_matters};
use crate::variance::satterthwaite::{Form, Widenings};

/// How one pair of a row variable and a banner variable is evaluated.
pub(super) struct Evaluation<'a> {
    pub(super) scan: &'a Scan<'a>,
    pub(super) kind: BlockKind,
    pub(super) share_of: ShareOf,
    /// Whether columns are held against each other.
    pub(super) compares: bool,
    /// Whether intervals are wider where clusters are unequal.
    pub(super) widens: bool,
}

/// The columns of a row variable and a banner variable.
pub(super) struct Evaluated {
    /// The columns, the total first.
    pub(super) columns: Vec<ColumnSums>,
    /// By row, the differences of every two columns of the banner variable, their places counted from
    /// the total.
    pub(super) differences: Vec<Vec<ColumnDifference>>,
}

/// A line of sums (of a cluster, of the whole, of a calibration code) as cells and bases of the table.
///
/// Column 0 is the total: the sum over all codes. `bases` has one line for all rows, or, for shares of
/// rows, one a row.
pub(super) struct Line {
    pub(super) cells: Vec<f64>,
    pub(super) bases: Vec<f64>,
}

/// What clusters have of the base of each column.
struct Met {
    /// Clusters and strata that meet it.
    counts: Vec<(usize, usize)>,
    /// By what intervals about it are wider, where they are.
    widenings: Vec<f64>,
    /// It in each cluster, columns × clusters, where it is wanted.
    bases: Vec<Vec<f64>>,
}

/// How strata add to the variance of each column.
struct StratumTerms {
    /// Factor on the sum of squares, by column.
    factors: Vec<f64>,
    /// 1 where deviations are from the stratum's mean, 0 where from zero.
    centres: Vec<f64>,
}

impl Evaluation<'_> {
    fn share_of(&self) -> ShareOf {
        if self.kind == BlockKind::Shares { self.share_of } else { ShareOf::Column }
    }

    /// Totals of the cells in each replicate, one list an accumulator of a row variable, where the
    /// variance comes from replicates.
    pub(super) fn replicate_totals(&self, sums: &[TableAccumulator]) -> Option<Vec<Vec<f64>>> {
        let factors = self.scan.design.cluster_factors()?;
        Some(replicate_totals(factors, self.kind, sums))
    }

    /// Evaluates all columns of a pair, the total first; `replicated`: the totals of its cells in each
    /// replicate.
    pub(super) fn pair(
        &self,
        sums: &TableAccumulator,
        replicated: Option<&[f64]>,
    ) -> Result<Evaluated> {
        let (rows, width) = (sums.row_codes - 1, sums.column_codes);
        let mut whole = self.line(rows, width);
        let mut counts = self.line(rows, width);
        self.expand(&column_sums(&sums.weighted, sums.cells()), width, &mut whole);
        self.expand(&sums.counts, width, &mut counts);
        let values: Vec<Option<f64>> = (0..rows * width)
            .map(|cell| {
                let base = whole.bases[self.base_place(cell, width)];
                let people = counts.bases[self.base_place(cell, width)];
                (people > 0.0 && base > 0.0).then(|| whole.cells[cell] / base)
            })
            .collect();
        let ratios: Vec<f64> = values.iter().map(|value| value.unwrap_or(0.0)).collect();
        // Cells without a base get scores of zero.
        let scales: Vec<f64> = (0..rows * width)
            .map(|cell| {
                values[cell].map_or(0.0, |_| 1.0 / whole.bases[self.base_place(cell, width)])
            })
            .collect();
        let mut pairs =
            (self.compares && self.share_of() == ShareOf::Column).then(|| Pairs::new(rows, width));
        let Met { counts: met, widenings, bases } = self.met(sums, pairs.is_some());
        let variances = match (self.scan.design.replicates(), replicated) {
            (Some(replicates), Some(totals)) => {
                self.replicated_variances(replicates, &values, width, totals, pairs.as_mut())?
            }
            _ => {
                let effects = self.effects(sums, &ratios, &scales);
                self.variances(sums, &ratios, &scales, &effects, pairs.as_mut())?
            }
        };
        let design = self.scan.design;
        let differences = pairs
            .map_or_else(Vec::new, |pairs| pairs.finished(design, &bases, &values, &variances));
        let columns = (0..width)
            .map(|column| {
                let cells = || (0..rows).map(|row| row * width + column);
                let base = self.base(sums, &whole, &counts, column, rows);
                let own = if self.kind == BlockKind::Mean { &counts.bases } else { &counts.cells };
                let weighted =
                    if self.kind == BlockKind::Mean { &whole.bases } else { &whole.cells };
                ColumnSums {
                    base,
                    met: met[column],
                    degrees: f64::NAN,
                    own_degrees: vec![None; rows],
                    widenings: cells()
                        .map(|cell| {
                            widenings.get(self.base_place(cell, width)).copied().unwrap_or(1.0)
                        })
                        .collect(),
                    values: cells().map(|cell| values[cell]).collect(),
                    variances: cells().map(|cell| variances[cell]).collect(),
                    rows: cells().map(|cell| whole_number(own[cell])).collect(),
                    base_rows: cells()
                        .map(|cell| whole_number(counts.bases[self.base_place(cell, width)]))
                        .collect(),
                    weighted: cells().map(|cell| weighted[cell]).collect(),
                    quantiles: None,
                }
            })
            .collect();
        Ok(Evaluated { columns, differences })
    }

    /// What clusters have of the base of each column; of the bases themselves only where they are
    /// wanted.
    fn met(&self, sums: &TableAccumulator, keeps_bases: bool) -> Met {
        let (rows, width) = (sums.row_codes - 1, sums.column_codes);
        let stage = &self.scan.design.stages()[0];
        let mut line = self.line(rows, width);
        let form = self.widens.then(|| Form::new(self.scan.design));
        let mut widenings = form.as_ref().map(|form| Widenings::new(form, line.bases.len()));
        let mut met = vec![(0, 0); width];
        let mut clusters = vec![0; width];
        let kept = if keeps_bases { width } else { 0 };
        let mut bases = vec![Vec::with_capacity(self.scan.design.clusters()); kept];
        for stratum in 0..stage.stratum_count() {
            clusters.fill(0);
            for cluster in stage.clusters_of(stratum) {
                let place = cluster * sums.cells();
                self.expand(&sums.weighted[place..place + sums.cells()], width, &mut line);
                if let Some(widenings) = &mut widenings {
                    widenings.add(&line.bases);
                }
                for (bases, base) in bases.iter_mut().zip(&line.bases) {
                    bases.push(*base);
                }
                for (column, clusters) in clusters.iter_mut().enumerate() {
                    let mut bases = line.bases.iter().skip(column).step_by(width);
                    *clusters += usize::from(bases.any(|&base| base != 0.0));
                }
            }
            for (met, clusters) in met.iter_mut().zip(&clusters) {
                met.0 += clusters;
                met.1 += usize::from(*clusters > 0);
            }
            if let Some(widenings) = &mut widenings {
                widenings.end(stratum);
            }
        }
        let widenings = widenings.map_or_else(Vec::new, Widenings::finished);
        Met { counts: met, widenings, bases }
    }

    /// Where the base of a cell stands.
    pub(super) fn base_place(&self, cell: usize, width: usize) -> usize {
        if self.share_of() == ShareOf::Row { cell } else { cell % width }
    }

    pub(super) fn line(&self, rows: usize, width: usize) -> Line {
        let bases = if self.share_of() == ShareOf::Row { rows * width } else { width };
        Line { cells: vec![0.0; rows * width], bases: vec![0.0; bases] }
    }

    /// Turns sums by row and column code into cells and bases of the table. Bases are first those of
    /// shares of columns, added up on the way.
    pub(super) fn expand(&self, sums: &[f64], width: usize, line: &mut Line) {
        let bases = &mut line.bases[..width];
        bases.fill(0.0);
        let mut all = 0.0;
        for (cells, sums) in
            line.cells.chunks_exact_mut(width).zip(sums[width..].chunks_exact(width))
        {
            let mut total = 0.0;
            for ((cell, base), sum) in cells.iter_mut().zip(&mut *bases).zip(sums) {
                *cell = *sum;
                *base += sum;
                total += sum;
            }
            cells[0] = total;
            all += total;
        }
        bases[0] = all;
        match (self.kind, self.share_of()) {
            (BlockKind::Options | BlockKind::Mean, _) => {
                line.bases.copy_from_slice(&sums[..width]);
                line.bases[0] = line.bases.iter().sum();
            }
            (BlockKind::Shares, ShareOf::Column) => {}
            (BlockKind::Shares, ShareOf::Row) => {
                let pairs = line.cells.chunks_exact(width).zip(line.bases.chunks_exact_mut(width));
                for (cells, bases) in pairs {
                    bases.fill(cells[1..].iter().sum());
                    bases[0] = cells[0];
                }
            }
            (BlockKind::Shares, ShareOf::Total) => {
                let inside = |cells: &[f64]| cells[1..].iter().sum::<f64>();
                line.bases.fill(line.cells.chunks_exact(width).map(inside).sum());
                line.bases[0] = line.cells.chunks_exact(width).map(|cells| cells[0]).sum();
            }
        }
    }

    /// The people a column is about, whatever its cells are shares of.
    fn base(
        &self,
        sums: &TableAccumulator,
        whole: &Line,
        counts: &Line,
        column: usize,
        rows: usize,
    ) -> Base {
        let width = sums.column_codes;
        let over = |line: &Line| -> f64 {
            if self.kind == BlockKind::Shares {
                (0..rows).map(|row| line.cells[row * width + column]).sum()
            } else {
                line.bases[column]
            }
        };
        let squares: f64 =
            if column == 0 { sums.squares.iter().sum() } else { sums.squares[column] };
        let (people, weighted) = (over(counts), over(whole));
        let effective =
            if people > 0.0 && squares > 0.0 { weighted * weighted / squares } else { 0.0 };
        Base { rows: whole_number(people), weighted, effective_rows: effective }
    }

    /// What each calibration level explains of each cell: levels × cells; empty without calibration.
    fn effects(&self, sums: &TableAccumulator, ratios: &[f64], scales: &[f64]) -> Vec<f64> {
        let Some(calibration) = &self.scan.calibration else { return Vec::new() };
        let (rows, width) = (sums.row_codes - 1, sums.column_codes);
        let cells = rows * width;
        let mut line = self.line(rows, width);
        let mut scores = vec![0.0; calibration.codes() * cells];
        for (sums, scores) in
            sums.calibration.chunks_exact(sums.cells()).zip(scores.chunks_exact_mut(cells))
        {
            self.expand(sums, width, &mut line);
            self.score(&line, width, ratios, scales, scores);
        }
        let mut effects = vec![0.0; calibration.levels * cells];
        for cell in 0..cells {
            let by_code = scores.iter().skip(cell).step_by(cells).copied();
            let by_level = calibration.by_level(by_code);
            for (level, effect) in
                calibration.gram.effects(&by_level, calibration.rounds).into_iter().enumerate()
            {
                effects[level * cells + cell] = effect;
            }
        }
        effects
    }

    /// (T − R·B)/ΣB for every cell.
    fn score(&self, line: &Line, width: usize, ratios: &[f64], scales: &[f64], out: &mut [f64]) {
        let lines = out
            .chunks_exact_mut(width)
            .zip(line.cells.chunks_exact(width))
            .zip(ratios.chunks_exact(width).zip(scales.chunks_exact(width)));
        for (row, ((out, cells), (ratios, scales))) in lines.enumerate() {
            let start = if self.share_of() == ShareOf::Row { row * width } else { 0 };
            let bases = &line.bases[start..start + width];
            for column in 0..width {
                out[column] = (cells[column] - ratios[column] * bases[column]) * scales[column];
            }
        }
    }

    /// Variances by cell; covariances of columns go into `pairs`.
    fn variances(
        &self,
        sums: &TableAccumulator,
        ratios: &[f64],
        scales: &[f64],
        effects: &[f64],
        mut pairs: Option<&mut Pairs>,
    ) -> Result<Vec<f64>> {
        let (rows, width) = (sums.row_codes - 1, sums.column_codes);
        let cells = rows * width;
        let stage = &self.scan.design.stages()[0];
        let presence = self.presence(sums);
        let mut tally = Tally::new(width);
        let mut line = self.line(rows, width);
        let mut variances = vec![0.0; cells];
        let mut scores: Vec<f64> = Vec::new();
        for stratum in 0..stage.stratum_count() {
            let clusters = stage.clusters_of(stratum);
            let terms = tally.terms(self, stratum, presence.as_deref());
            scores.resize(clusters.len() * cells, 0.0);
            for (cluster, scores) in clusters.clone().zip(scores.chunks_exact_mut(cells)) {
                let place = cluster * sums.cells();
                self.expand(&sums.weighted[place..place + sums.cells()], width, &mut line);
                self.score(&line, width, ratios, scales, scores);
                self.take_out(cluster, effects, scores);
            }
            add_squares(&scores, width, &terms, &mut variances);
            if let Some(pairs) = &mut pairs {
                pairs.add(&scores, terms.factors[0], terms.centres[0]);
            }
        }
        let scale = tally.finish()?;
        for line in variances.chunks_exact_mut(width) {
            for (variance, scale) in line.iter_mut().zip(&scale) {
                *variance *= scale;
            }
        }
        if let (Some(pairs), Some(&scale)) = (pairs, scale.first()) {
            pairs.scale(scale);
        }
        Ok(variances)
    }

    /// Which clusters meet the base of each column (clusters × columns), where anything depends on it.
    fn presence(&self, sums: &TableAccumulator) -> Option<Vec<bool>> {
        let design = self.scan.design;
        let by_domain = !design.is_calibrated() && presence_matters(design);
        if !by_domain {
            return None;
        }
        let (rows, width) = (sums.row_codes - 1, sums.column_codes);
        let mut line = self.line(rows, width);
        let mut presence = Vec::with_capacity(design.clusters() * width);
        for sums in sums.weighted.chunks_exact(sums.cells()) {
            self.expand(sums, width, &mut line);
            for column in 0..width {
                presence
                    .push(line.bases.iter().skip(column).step_by(width).any(|&base| base != 0.0));
            }
        }
        Some(presence)
    }

    /// Takes what calibration explains out of the scores of a cluster.
    fn take_out(&self, cluster: usize, effects: &[f64], scores: &mut [f64]) {
        let Some(calibration) = &self.scan.calibration else { return };
        let levels = calibration.levels;
        let weights = &calibration.cluster_weights[cluster * levels..(cluster + 1) * levels];
        for (&weight, effects) in weights.iter().zip(effects.chunks_exact(scores.len())) {
            for (score, effect) in scores.iter_mut().zip(effects) {
                *score -= weight * effect;
            }
        }
    }
}

/// What strata add, counted by column.
struct Tally {
    /// Strata that meet each column.
    strata: Vec<usize>,
    /// Those of them whose contribution is known.
    known: Vec<usize>,
    failing: Vec<u32>,
}

impl Tally {
    fn new(width: usize) -> Self {
        Self { strata: vec![0; width], known: vec![0; width], failing: Vec::new() }
    }

    /// What a stratum adds to each column.
    fn terms(
        &mut self,
        evaluation: &Evaluation<'_>,
        stratum: usize,
        presence: Option<&[bool]>,
    ) -> StratumTerms {
        let design = evaluation.scan.design;
        let stage = &design.stages()[0];
        let width = self.strata.len();
        let mut terms = StratumTerms { factors: vec![0.0; width], centres: vec![1.0; width] };
        let presence = presence.filter(|_| !design.is_calibrated());
        let alike = presence.is_none();
        for column in 0..width {
            if alike && column > 0 {
                terms.factors[column] = terms.factors[0];
                terms.centres[column] = terms.centres[0];
                self.strata[column] = self.strata[0];
                self.known[column] = self.known[0];
                continue;
            }
            let meets: Option<Vec<bool>> = presence.map(|presence| {
                (0..stage.cluster_count())
                    .map(|cluster| presence[cluster * width + column])
                    .collect()
            });
            match contribution(design, stage, stratum, meets.as_deref()) {
                Err(code) => self.failing.push(code),
                Ok(Contribution::Absent) => {}
                Ok(Contribution::Average) => self.strata[column] += 1,
                Ok(term) => {
                    self.strata[column] += 1;
                    self.known[column] += 1;
                    match term {
                        Contribution::Centred(factor) => terms.factors[column] = factor,
                        Contribution::Uncentred(factor) => {
                            terms.factors[column] = factor;
                            terms.centres[column] = 0.0;
                        }
                        _ => {}
                    }
                }
            }
        }
        terms
    }

    /// By how much each column's variance is scaled up for strata of which it is not known.
    fn finish(mut self) -> Result<Vec<f64>> {
        if !self.failing.is_empty() {
            self.failing.sort_unstable();
            self.failing.dedup();
            return Err(single_clusters(1, &self.failing));
        }
        let scale = |(&strata, &known): (&usize, &usize)| {
            if strata == known { 1.0 } else { strata as f64 / known as f64 }
        };
        Ok(self.strata.iter().zip(&self.known).map(scale).collect())
    }
}

/// Counts are sums of ones, exact far beyond any number of rows.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole_number(count: f64) -> usize {
    count as usize
}

/// Sums of lines that follow one another.
fn column_sums(values: &[f64], width: usize) -> Vec<f64> {
    let mut sums = vec![0.0; width];
    for line in values.chunks_exact(width) {
        for (sum, value) in sums.iter_mut().zip(line) {
            *sum += value;
        }
    }
    sums
}

/// Adds factor × Σ (z − z̄)² of one stratum to each cell's variance.
fn add_squares(scores: &[f64], width: usize, terms: &StratumTerms, variances: &mut [f64]) {
    let cells = variances.len();
    let clusters = (scores.len() / cells) as f64;
    let mut means = column_sums(scores, cells);
    for line in means.chunks_exact_mut(width) {
        for (mean, centre) in line.iter_mut().zip(&terms.centres) {
            *mean *= centre / clusters;
        }
    }
    let mut squares = vec![0.0; cells];
    for line in scores.chunks_exact(cells) {
        for ((square, score), mean) in squares.iter_mut().zip(line).zip(&means) {
            *square += (score - mean) * (score - mean);
        }
    }
    for (variances, squares) in variances.chunks_exact_mut(width).zip(squares.chunks_exact(width)) {
        for ((variance, square), factor) in variances.iter_mut().zip(squares).zip(&terms.factors) {
            *variance += factor * square;
        }
    }
}
