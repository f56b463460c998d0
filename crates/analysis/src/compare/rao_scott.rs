//! Pearson's statistic of a weighted table, held against the distribution that the design gives it.
//!
//! It is distributed as Σ δᵢ χ²₁, the δ being the generalised design effects: the eigenvalues of
//! (C′D⁻¹C/n)⁻¹ C′D⁻¹VD⁻¹C, with D the diagonal of the cell shares, V their covariance, and C the
//! interactions, orthogonal to the margins (Rao and Scott 1981; 1984).

use nalgebra::DMatrix;
use survey_builder::problem::phrase;

use super::{DesignTest, IndependenceMethod, Reference, singular};
use crate::distribution::{chi_squared_upper_tail, f_upper_tail, weighted_chi_squared_upper_tail};
use crate::error::Result;
use crate::problem::Fault;

/// The shares of a table of two variables.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightedTable {
    /// Number of rows of the table.
    pub rows: usize,
    /// Number of columns of the table.
    pub columns: usize,
    /// Shares of the cells in the table, row by row.
    pub shares: Vec<f64>,
    /// Respondents that Pearson's statistic is scaled to.
    pub respondents: f64,
    /// Degrees of freedom of the design.
    pub degrees_of_freedom: f64,
}

impl WeightedTable {
    /// Whether independence can be tested at all.
    pub(super) fn check(&self) -> Result<()> {
        let (by_row, by_column) = self.margins();
        if self.rows < 2 || self.columns < 2 {
            return Err(Fault::TableSmall.refused(phrase("phrase-input-table")));
        }
        if by_row.iter().chain(&by_column).any(|share| *share <= 0.0) {
            return Err(Fault::TableEmptyLine.refused(phrase("phrase-input-table")));
        }
        Ok(())
    }

    /// Shares of the rows and of the columns.
    pub(super) fn margins(&self) -> (Vec<f64>, Vec<f64>) {
        let mut by_row = vec![0.0; self.rows];
        let mut by_column = vec![0.0; self.columns];
        for (cell, share) in self.shares.iter().enumerate() {
            by_row[cell / self.columns] += share;
            by_column[cell % self.columns] += share;
        }
        (by_row, by_column)
    }

    /// Pearson's statistic scaled to the respondents.
    pub(super) fn pearson(&self) -> f64 {
        let (by_row, by_column) = self.margins();
        let mut sum = 0.0;
        for (cell, share) in self.shares.iter().enumerate() {
            let expected = by_row[cell / self.columns] * by_column[cell % self.columns];
            sum += (share - expected) * (share - expected) / expected;
        }
        sum * self.respondents
    }

    /// The test from the covariance of the interactions, C′D⁻¹VD⁻¹C (terms × terms).
    ///
    /// # Errors
    /// Interactions that cannot be told apart.
    pub(super) fn rao_scott(
        &self,
        method: IndependenceMethod,
        covariance: &DMatrix<f64>,
    ) -> Result<DesignTest> {
        let effects = self.effects(covariance)?;
        let pearson = self.pearson();
        let count = effects.nrows() as f64;
        // Of a symmetric matrix the eigenvalues add up to its trace, their squares to those of its entries.
        let sum = effects.trace();
        let squares = effects.norm_squared();
        Ok(match method {
            IndependenceMethod::FirstOrder => DesignTest {
                statistic: pearson,
                reference: Reference::ChiSquared { degrees_of_freedom: count },
                p: chi_squared_upper_tail(pearson / (sum / count), count),
                left_out: 0,
            },
            IndependenceMethod::SecondOrder => {
                let numerator = sum * sum / squares;
                let denominator = numerator * self.degrees_of_freedom;
                DesignTest {
                    statistic: pearson / sum,
                    reference: Reference::F { numerator, denominator },
                    p: f_upper_tail(pearson / sum, numerator, denominator),
                    left_out: 0,
                }
            }
            _ => DesignTest {
                statistic: pearson,
                reference: Reference::LinearCombination,
                p: weighted_chi_squared_upper_tail(
                    pearson,
                    effects.symmetric_eigenvalues().as_slice(),
                    sum * sum / squares * self.degrees_of_freedom,
                ),
                left_out: 0,
            },
        })
    }

    /// A symmetric matrix whose eigenvalues are the generalised design effects.
    fn effects(&self, covariance: &DMatrix<f64>) -> Result<DMatrix<f64>> {
        let independent = Interactions::new(self).of_themselves() / self.respondents;
        let root = independent.cholesky().ok_or_else(singular)?;
        let half = root.l().solve_lower_triangular(covariance).ok_or_else(singular)?;
        let both = root.l().solve_lower_triangular(&half.transpose()).ok_or_else(singular)?;
        Ok((&both + both.transpose()) * 0.5)
    }
}

/// C′D⁻¹, with C the products of row and column contrasts: each level but the first against the first.
/// Any contrasts give the same design effects; to multiply by these takes three subtractions a cell.
pub(super) struct Interactions {
    rows: usize,
    columns: usize,
    /// One over each share; zero where that is.
    inverse: Vec<f64>,
}

impl Interactions {
    pub(super) fn new(table: &WeightedTable) -> Self {
        let inverse = |share: &f64| if *share > 0.0 { 1.0 / share } else { 0.0 };
        let inverse = table.shares.iter().map(inverse).collect();
        Self { rows: table.rows, columns: table.columns, inverse }
    }

    /// Number of interactions.
    pub(super) fn terms(&self) -> usize {
        (self.rows - 1) * (self.columns - 1)
    }

    /// One over each share, row by row; zero where that is.
    pub(super) fn inverse(&self) -> &[f64] {
        &self.inverse
    }

    /// Appends C′D⁻¹ times a line of cells.
    pub(super) fn of(&self, cells: &[f64], out: &mut Vec<f64>) {
        let scaled: Vec<f64> = cells.iter().zip(&self.inverse).map(|(c, d)| c * d).collect();
        contrasts(scaled.chunks_exact(self.columns), out);
    }

    /// C′D⁻¹MD⁻¹C of a symmetric matrix of cells.
    pub(super) fn of_matrix(&self, matrix: &DMatrix<f64>) -> DMatrix<f64> {
        let half = self.of_columns(matrix);
        self.of_columns(&half.transpose())
    }

    /// C′D⁻¹ times a matrix.
    fn of_columns(&self, matrix: &DMatrix<f64>) -> DMatrix<f64> {
        let mut values = Vec::with_capacity(self.terms() * matrix.ncols());
        for column in matrix.as_slice().chunks_exact(self.inverse.len()) {
            self.of(column, &mut values);
        }
        DMatrix::from_vec(self.terms(), matrix.ncols(), values)
    }

    /// C′D⁻¹C.
    fn of_themselves(&self) -> DMatrix<f64> {
        let contrast =
            |level: usize, term: usize| f64::from(level == term + 1) - f64::from(level == 0);
        let across = self.columns - 1;
        self.of_columns(&DMatrix::from_fn(self.inverse.len(), self.terms(), |cell, term| {
            contrast(cell / self.columns, term / across)
                * contrast(cell % self.columns, term % across)
        }))
    }
}

/// Appends xᵢⱼ − xᵢ₀ − x₀ⱼ + x₀₀ for all rows and columns but the first.
pub(super) fn contrasts<'a>(mut lines: impl Iterator<Item = &'a [f64]>, out: &mut Vec<f64>) {
    let Some([corner, first @ ..]) = lines.next() else { return };
    for line in lines {
        let [head, line @ ..] = line else { return };
        let shift = head - corner;
        out.extend(line.iter().zip(first).map(|(cell, top)| cell - top - shift));
    }
}
