//! The residuals of scores after calibration on auxiliary variables.
//!
//! Deville and Särndal 1992, eq. 3.4: with the weights d before and dg after, the score dg·u becomes
//! dg·e, e the residual of u regressed on x with weights d over the variance of the working model.

use nalgebra::{DMatrix, DVector};
use survey_builder::problem::phrase;

use crate::error::Result;
use crate::problem::Fault;

/// One calibration, remembered for the variance.
#[derive(Debug, Clone)]
pub(crate) struct Regression {
    before: Vec<f64>,
    after: Vec<f64>,
    columns: Vec<Vec<f64>>,
    variance: Option<Vec<f64>>,
    inverse: DMatrix<f64>,
}

impl Regression {
    /// # Errors
    /// Columns that determine one another.
    pub(crate) fn new(
        before: Vec<f64>,
        after: Vec<f64>,
        columns: Vec<Vec<f64>>,
        variance: Option<Vec<f64>>,
    ) -> Result<Self> {
        let count = columns.len();
        let mut cross: DMatrix<f64> = DMatrix::zeros(count, count);
        for (row, weight) in before.iter().enumerate() {
            let weight = weight / variance.as_ref().map_or(1.0, |all| all[row]);
            for one in 0..count {
                for other in 0..count {
                    cross[(one, other)] += weight * columns[one][row] * columns[other][row];
                }
            }
        }
        let inverse = cross
            .try_inverse()
            .ok_or_else(|| Fault::DataDependent.refused(phrase("phrase-input-calibration")))?;
        Ok(Self { before, after, columns, variance, inverse })
    }

    /// Replaces a column of scores by its residuals.
    pub(crate) fn take_out(&self, scores: &mut [f64]) {
        let mut sums = DVector::zeros(self.columns.len());
        for (row, score) in scores.iter().enumerate() {
            if *score != 0.0 && self.after[row] != 0.0 {
                let share = self.before[row] * score
                    / self.after[row]
                    / self.variance.as_ref().map_or(1.0, |all| all[row]);
                for (sum, column) in sums.iter_mut().zip(&self.columns) {
                    *sum += share * column[row];
                }
            }
        }
        let slopes = &self.inverse * sums;
        for (row, score) in scores.iter_mut().enumerate() {
            let explained: f64 =
                self.columns.iter().zip(slopes.iter()).map(|(x, b)| x[row] * b).sum();
            *score -= self.after[row] * explained;
        }
    }
}
