//! Covariances of estimates by linearisation, for stratified samples of one or more stages.
//!
//! An estimate that is a smooth function of weighted totals behaves, to first order, like the total of
//! its scores. The variance of that total is, by stage, the variation of the cluster totals within
//! strata (Särndal, Swensson and Wretman 1992, ch. 4 and 5; Lumley 2010, ch. 2):
//!
//! V = Σₕ (1 − fₕ) nₕ/(nₕ − 1) Σᵢ (zₕᵢ − z̄ₕ)²
//!
//! and stages below add the same within each cluster, times the sampling fractions of the stages
//! above. Clusters in which a domain has no member have z = 0 and still count in nₕ.

use nalgebra::{DMatrix, DMatrixView, Dyn};

use crate::design::{DegreesOfFreedomRule, Design, SinglePsu, Stage, Step};
use crate::error::Result;
use crate::problem::single_clusters;
use crate::variance::projection::Gram;

/// A symmetric matrix of covariances, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Covariance {
    size: usize,
    values: Vec<f64>,
    /// Replicates in which an estimate was not defined, and which were left out.
    pub(crate) left_out: usize,
    /// The form of the variance can fall below zero, which then is no rounding.
    by_pairs: bool,
    /// Degrees of freedom of each variance by what lists add to it, where the sample's record has them.
    by_list: Option<Vec<f64>>,
}

impl Covariance {
    /// Number of estimates.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Covariance of two estimates.
    pub fn get(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.size + column]
    }

    /// From a symmetric matrix.
    pub(crate) fn of_matrix(matrix: &DMatrix<f64>) -> Self {
        Self {
            size: matrix.nrows(),
            values: matrix.as_slice().to_vec(),
            left_out: 0,
            by_pairs: false,
            by_list: None,
        }
    }

    /// Makes the covariances of an estimate unknown.
    pub(crate) fn forget(&mut self, place: usize) {
        for other in 0..self.size {
            self.values[place * self.size + other] = f64::NAN;
            self.values[other * self.size + place] = f64::NAN;
        }
    }

    /// All covariances times a factor.
    pub(crate) fn scaled(&self, factor: f64) -> Self {
        let values = self.values.iter().map(|value| value * factor).collect();
        Self { values, by_list: self.by_list.clone(), ..*self }
    }

    /// Degrees of freedom of an estimate: at most those that are counted, and under
    /// [`DegreesOfFreedomRule::Adjusted`] by what the lists of a sample's record add to the variance,
    /// which is fewer where few starts or clusters vary beside many that were certain; at least one.
    pub(crate) fn degrees(&self, place: usize, rule: DegreesOfFreedomRule, counted: f64) -> f64 {
        match &self.by_list {
            Some(degrees) if rule == DegreesOfFreedomRule::Adjusted && degrees[place] >= 0.0 => {
                counted.min(degrees[place].max(1.0))
            }
            _ => counted,
        }
    }

    /// As a matrix.
    pub(crate) fn matrix(&self) -> DMatrix<f64> {
        DMatrix::from_row_slice(self.size, self.size, &self.values)
    }

    /// How many replicates gave no estimate and were left out; zero where there are no replicates.
    pub fn replicates_left_out(&self) -> usize {
        self.left_out
    }

    /// Variance of an estimate.
    pub fn variance(&self, index: usize) -> f64 {
        self.get(index, index)
    }

    /// Standard error of an estimate; not a number where the variance is not known or below zero.
    pub fn standard_error(&self, index: usize) -> f64 {
        self.root(self.variance(index))
    }

    /// The root of a variance that these covariances give.
    pub(crate) fn root(&self, variance: f64) -> f64 {
        if self.by_pairs && variance < 0.0 { f64::NAN } else { root(variance) }
    }

    /// Variance of the linear combination with the given coefficients, one an estimate.
    pub fn variance_of(&self, coefficients: &[f64]) -> f64 {
        let mut sum = 0.0;
        for (row, left) in coefficients.iter().enumerate() {
            for (column, right) in coefficients.iter().enumerate() {
                sum += left * right * self.get(row, column);
            }
        }
        sum
    }
}

/// Rounding may leave a variance that is zero just below it; `max` alone would make zero of an unknown one.
pub(crate) fn not_below_zero(variance: f64) -> f64 {
    if variance.is_nan() { variance } else { variance.max(0.0) }
}

/// The standard error of a variance; not a number where that is unknown.
pub(crate) fn root(variance: f64) -> f64 {
    not_below_zero(variance).sqrt()
}

/// Joint covariance of estimates from their scores.
///
/// `scores` holds one column an estimate, each with one entry a row of the design: the row's weight
/// times its influence, zero outside the domain. `members` says which rows belong to the domain
/// (`None`: all); it matters for single-cluster rules only.
///
/// # Errors
/// [`Error::SinglePsu`] where a stratum has a single cluster and the design says to fail.
pub fn covariance(
    design: &Design,
    scores: &mut [Vec<f64>],
    members: Option<&[bool]>,
) -> Result<Covariance> {
    for step in design.calibrations() {
        match step {
            Step::Levels(step) => {
                let gram = Gram::new(step);
                for column in scores.iter_mut() {
                    step.take_out(&gram, column);
                }
            }
            Step::Regression(step) => {
                for column in scores.iter_mut() {
                    step.take_out(column);
                }
            }
        }
    }
    // After calibration every row bears on every estimate, so no cluster is absent from a domain.
    let members = if design.is_calibrated() { None } else { members };
    let size = scores.len();
    if let Some(unequal) = design.unequal() {
        let totals = |stage: &Stage| cluster_totals(stage, scores);
        let matrix = unequal.covariance(design, totals, size)?;
        return Ok(Covariance { by_pairs: true, ..Covariance::of_matrix(&matrix) });
    }
    if let Some(drawn) = design.drawn() {
        let (matrix, degrees) = drawn.covariance(design, scores)?;
        let by_list = Some(degrees);
        return Ok(Covariance { by_pairs: true, by_list, ..Covariance::of_matrix(&matrix) });
    }
    let mut values = vec![0.0; size * size];
    let stages = if design.is_multistage() { design.stages().len() } else { 1 };
    for (index, stage) in design.stages()[..stages].iter().enumerate() {
        let totals = cluster_totals(stage, scores);
        let present = members.map(|members| present_clusters(stage, members));
        let part = stage_covariance(design, index, stage, &totals, present.as_deref(), size)?;
        for (value, addition) in values.iter_mut().zip(part) {
            *value += addition;
        }
    }
    Ok(Covariance { size, values, left_out: 0, by_pairs: false, by_list: None })
}

/// Joint covariance of estimates whose scores are already added up by cluster (clusters × `size`,
/// row-major), for a design of one stage without calibration. `present`: the clusters with a member;
/// needed where [`presence_matters`].
pub(crate) fn covariance_of_totals(
    design: &Design,
    totals: &[f64],
    present: Option<&[bool]>,
    size: usize,
) -> Result<Covariance> {
    let stage = &design.stages()[0];
    let values = stage_covariance(design, 0, stage, totals, present, size)?;
    Ok(Covariance { size, values, left_out: 0, by_pairs: false, by_list: None })
}

/// Whether it matters to the variance of totals by cluster which first-stage clusters a domain meets.
/// Where no stratum can be single, one that is not met adds its zeros and nothing else.
pub(crate) fn presence_matters(design: &Design) -> bool {
    let stage = &design.stages()[0];
    let single = |stratum: usize| stage.clusters_of(stratum).len() == 1;
    design.domain_single_psu() || (0..stage.stratum_count()).any(single)
}

/// Totals of each score by cluster: clusters × estimates, row-major.
fn cluster_totals(stage: &Stage, scores: &[Vec<f64>]) -> Vec<f64> {
    let size = scores.len();
    let mut totals = vec![0.0; stage.cluster_count() * size];
    for (index, column) in scores.iter().enumerate() {
        for (&cluster, score) in stage.cluster_of_row().iter().zip(column) {
            totals[cluster as usize * size + index] += score;
        }
    }
    totals
}

fn present_clusters(stage: &Stage, members: &[bool]) -> Vec<bool> {
    let mut present = vec![false; stage.cluster_count()];
    for (&cluster, &member) in stage.cluster_of_row().iter().zip(members) {
        present[cluster as usize] |= member;
    }
    present
}

/// What a stratum adds to the variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Contribution {
    /// No cluster of it meets the domain.
    Absent,
    /// Known to be zero.
    Zero,
    /// Σ (z − z̄)², times the factor.
    Centred(f64),
    /// Σ z², times the factor.
    Uncentred(f64),
    /// Not known; the average of the others stands in.
    Average,
}

/// Decides what a stratum adds, by its size, its finite population and the single-cluster rule.
pub(crate) fn contribution(
    design: &Design,
    stage: &Stage,
    stratum: usize,
    present: Option<&[bool]>,
) -> std::result::Result<Contribution, u32> {
    let clusters = stage.clusters_of(stratum);
    let sampled = clusters.len();
    let meeting = present.map_or(sampled, |present| clusters.filter(|&c| present[c]).count());
    if meeting == 0 {
        return Ok(Contribution::Absent);
    }
    let correction = stage.finite_population_correction(stratum);
    // Below this the stratum represents itself: everything in it was sampled.
    if correction < 1e-7 {
        return Ok(Contribution::Zero);
    }
    let above = stage.fraction_above(stratum);
    if sampled == 1 {
        return match design.single_psu() {
            SinglePsu::Fail => Err(stage.stratum_code(stratum)),
            SinglePsu::Remove | SinglePsu::Certainty => Ok(Contribution::Zero),
            SinglePsu::Adjust => Ok(Contribution::Uncentred(above * correction)),
            SinglePsu::Average => Ok(Contribution::Average),
        };
    }
    let factor = above * correction * sampled as f64 / (sampled as f64 - 1.0);
    if meeting == 1 && design.domain_single_psu() {
        match design.single_psu() {
            SinglePsu::Adjust => return Ok(Contribution::Uncentred(factor)),
            SinglePsu::Average => return Ok(Contribution::Average),
            SinglePsu::Fail | SinglePsu::Remove | SinglePsu::Certainty => {}
        }
    }
    Ok(Contribution::Centred(factor))
}

/// Adds up the strata of one stage. `totals`: clusters × `size`, row-major.
fn stage_covariance(
    design: &Design,
    index: usize,
    stage: &Stage,
    totals: &[f64],
    present: Option<&[bool]>,
    size: usize,
) -> Result<Vec<f64>> {
    let mut products = Products::new(size);
    let mut failing = Vec::new();
    let mut stratum = 0;
    while stratum < stage.stratum_count() {
        // Strata of one parent cluster are averaged among themselves.
        let parent = stage.parent_of(stratum);
        let (mut strata, mut known) = (0_usize, 0_usize);
        let mut terms = Vec::new();
        while stratum < stage.stratum_count() && stage.parent_of(stratum) == parent {
            match contribution(design, stage, stratum, present) {
                Err(code) => failing.push(code),
                Ok(Contribution::Absent) => {}
                Ok(term) => {
                    strata += 1;
                    known += usize::from(term != Contribution::Average);
                    terms.push((stratum, term));
                }
            }
            stratum += 1;
        }
        if strata > 0 && known == 0 {
            // With no stratum known there is no average.
            products.forget();
        }
        let scale = if strata == known { 1.0 } else { strata as f64 / known as f64 };
        for (stratum, term) in terms {
            let clusters = stage.clusters_of(stratum);
            let own = &totals[clusters.start * size..clusters.end * size];
            match term {
                Contribution::Centred(factor) => {
                    products.add(own, &means(own, size), factor * scale);
                }
                Contribution::Uncentred(factor) => {
                    products.add(own, &vec![0.0; size], factor * scale);
                }
                Contribution::Absent | Contribution::Zero | Contribution::Average => {}
            }
        }
    }
    if failing.is_empty() {
        Ok(products.finish())
    } else {
        failing.dedup();
        Err(single_clusters(index + 1, &failing))
    }
}

/// Means by column of lines that follow one another.
fn means(lines: &[f64], size: usize) -> Vec<f64> {
    let mut means = vec![0.0; size];
    for line in lines.chunks_exact(size) {
        for (mean, total) in means.iter_mut().zip(line) {
            *mean += total;
        }
    }
    let count = (lines.len() / size) as f64;
    for mean in &mut means {
        *mean /= count;
    }
    means
}

/// Σ f·d·d′ over vectors d of deviations, many of them at once as a product of matrices.
struct Products {
    size: usize,
    /// Deviations times √f, one after another.
    waiting: Vec<f64>,
    sums: DMatrix<f64>,
}

/// Vectors that are multiplied at once.
const VECTORS_A_PRODUCT: usize = 1024;

/// Up to this size a plain loop is faster than bringing the vectors into a product's order.
const PLAIN_SIZE_MAX: usize = 5;

impl Products {
    fn new(size: usize) -> Self {
        Self { size, waiting: Vec::new(), sums: DMatrix::zeros(size, size) }
    }

    /// Adds the deviations of lines from a centre, each with the same factor of zero or more.
    fn add(&mut self, lines: &[f64], centre: &[f64], factor: f64) {
        let root = factor.sqrt();
        for line in lines.chunks_exact(self.size) {
            let deviations = line.iter().zip(centre).map(|(total, mean)| root * (total - mean));
            self.waiting.extend(deviations);
            if self.waiting.len() >= VECTORS_A_PRODUCT * self.size {
                self.multiply();
            }
        }
    }

    /// Makes the sums unknown.
    fn forget(&mut self) {
        self.sums.fill(f64::NAN);
    }

    fn multiply(&mut self) {
        let size = self.size;
        if size <= PLAIN_SIZE_MAX {
            for line in self.waiting.chunks_exact(size) {
                for (sums, one) in self.sums.as_mut_slice().chunks_exact_mut(size).zip(line) {
                    for (sum, other) in sums.iter_mut().zip(line) {
                        *sum += one * other;
                    }
                }
            }
        } else {
            let count = self.waiting.len() / size;
            let columns = DMatrixView::from_slice(&self.waiting, size, count);
            let lines = DMatrixView::<f64, Dyn, Dyn>::from_slice_with_strides(
                &self.waiting,
                count,
                size,
                size,
                1,
            );
            self.sums.gemm(1.0, &columns, &lines, 1.0);
        }
        self.waiting.clear();
    }

    fn finish(mut self) -> Vec<f64> {
        self.multiply();
        self.sums.as_slice().to_vec()
    }
}
