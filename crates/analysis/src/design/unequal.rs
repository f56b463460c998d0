//! Unequal probabilities as part of a design: those of each cluster, and what is known of pairs.

use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use super::{Design, Stage};
use crate::error::Result;
use crate::problem::{Fault, at_row};

/// What is known, or taken, of the joint probabilities πᵢⱼ.
#[derive(Debug, Clone, PartialEq)]
pub enum JointProbabilities {
    /// πᵢπⱼ(n − 1)/(n − (πᵢ + πⱼ)/2) (Overton 1985).
    Overton,
    /// πᵢπⱼ(n − 1)/(n − πᵢ − πⱼ + Σπ²/n) (Hartley and Rao 1962), Σπ²/n over the population where it is
    /// known, else estimated by Σπ/n over the sample.
    HartleyRao {
        /// Σπ²/n over the population.
        sum_of_squares_over_size: Option<f64>,
    },
    /// Given, one row a row of the data, its own probability on the diagonal.
    Given(DMatrix<f64>),
}

impl JointProbabilities {
    /// Given probabilities from their cells, row by row, `rows` rows of as many.
    ///
    /// # Errors
    /// Another number of cells.
    pub fn given(rows: usize, cells: &[f64]) -> Result<Self> {
        if cells.len() != rows * rows {
            return Err(Fault::DataCount { found: cells.len(), needed: rows * rows }
                .refused(phrase("phrase-input-joint-probabilities")));
        }
        Ok(Self::Given(DMatrix::from_row_slice(rows, rows, cells)))
    }
}

/// Which of the two forms of the variance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnequalForm {
    /// Horvitz and Thompson's.
    HorvitzThompson,
    /// Yates and Grundy's, for samples of fixed size.
    YatesGrundy,
}

/// How the variance of an unequal probability sample is estimated.
#[derive(Debug, Clone, PartialEq)]
pub enum UnequalMethod {
    /// n/(n − 1) Σ(1 − πᵢ)(zᵢ − z̄)² (Brewer 2002, ch. 9).
    Brewer,
    /// By joint probabilities.
    Joint(JointProbabilities, UnequalForm),
}

/// A sample with unequal probabilities; several stages with Brewer's variance only.
#[derive(Debug, Clone)]
pub(crate) struct Unequal {
    /// Probability of each cluster given the stages above, by stage.
    pub probabilities: Vec<Vec<f64>>,
    /// A row of each first-stage cluster, to look up given joint probabilities.
    pub first_rows: Vec<usize>,
    pub method: UnequalMethod,
}

impl Unequal {
    /// `given`: a column of probabilities for each stage in use.
    ///
    /// # Errors
    /// Another number of columns than stages; several stages with another method than Brewer's;
    /// probabilities outside 0 to 1, or that vary within a cluster; a matrix of the wrong size.
    pub(crate) fn new(design: &Design, given: &[&[f64]], method: UnequalMethod) -> Result<Self> {
        let rows = design.rows();
        let several = design.stages().len() > 1;
        if several && method != UnequalMethod::Brewer {
            return Err(Fault::DesignStages.refused(phrase("phrase-input-stages")));
        }
        if given.len() != design.stages().len() {
            return Err(Fault::DataCount { found: given.len(), needed: design.stages().len() }
                .refused(phrase("phrase-input-probability-columns")));
        }
        let mut probabilities = Vec::with_capacity(given.len());
        let mut first_rows = Vec::new();
        for (stage, column) in design.stages().iter().zip(given) {
            let (of_cluster, rows) = by_cluster(stage, column, rows)?;
            if probabilities.is_empty() {
                first_rows = rows;
            }
            probabilities.push(of_cluster);
        }
        if let UnequalMethod::Joint(JointProbabilities::Given(matrix), _) = &method
            && (matrix.nrows() != rows || matrix.ncols() != rows)
        {
            return Err(Fault::DataCount { found: matrix.len(), needed: rows * rows }
                .refused(phrase("phrase-input-joint-probabilities")));
        }
        Ok(Self { probabilities, first_rows, method })
    }
}

/// The probability of each cluster of a stage, and its first row.
fn by_cluster(stage: &Stage, given: &[f64], rows: usize) -> Result<(Vec<f64>, Vec<usize>)> {
    let input = phrase("phrase-input-probabilities");
    if given.len() != rows {
        return Err(Fault::DataLength { found: given.len(), rows }.refused(input));
    }
    if let Some((row, p)) = given.iter().enumerate().find(|(_, p)| !(**p > 0.0 && **p <= 1.0)) {
        let bounds = phrase("phrase-above-0-and-at-most-1");
        return Err(Fault::range(*p, bounds).refused(at_row(input, row)));
    }
    let mut probabilities = vec![f64::NAN; stage.cluster_count()];
    let mut first_rows = vec![0; stage.cluster_count()];
    for (row, (&cluster, &p)) in stage.cluster_of_row().iter().zip(given).enumerate() {
        let own = &mut probabilities[cluster as usize];
        if own.is_nan() {
            *own = p;
            first_rows[cluster as usize] = row;
        } else if (*own - p).abs() > 1e-9 {
            return Err(Fault::DataVaries {
                value: p.into(),
                other: (*own).into(),
                within: phrase("phrase-cluster").into(),
            }
            .refused(at_row(input, row)));
        }
    }
    Ok((probabilities, first_rows))
}
