//! Whether the rows and columns of a weighted table go together.
//!
//! Pearson's statistic of a weighted table is distributed as Σ δᵢ χ²₁, the δ being the generalised
//! design effects: the eigenvalues of (C′D⁻¹C/n)⁻¹ C′D⁻¹VD⁻¹C, with D the diagonal of the cell shares,
//! V their covariance, and C the interactions, orthogonal to the margins (Rao and Scott 1981; 1984).
//! The Wald statistic holds the cells against the product of their margins (Koch, Freeman and Freeman
//! 1975; with few clusters adjusted as by Thomas and Rao 1987).

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

use super::{DesignTest, Reference};
use crate::design::{DegreesOfFreedomRule, Design};
use crate::distribution::{chi_squared_upper_tail, f_upper_tail, weighted_chi_squared_upper_tail};
use crate::error::{Result, all_or_nothing, invalid};
use crate::estimate::moments::{empty_domain, means, totals};
use crate::estimate::{Coded, EstimateOptions, IntervalMethod, checked_domain};
use crate::variance::linearization::{Covariance, covariance_of_totals};

/// How independence is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndependenceMethod {
    /// Pearson's statistic over the mean design effect, against χ² (Rao and Scott 1981, first order).
    FirstOrder,
    /// Over the sum of the design effects, against F with Satterthwaite's degrees of freedom (Rao and
    /// Scott 1984, second order; Thomas and Rao 1987).
    SecondOrder,
    /// Wald's statistic over its number of terms, against F.
    Wald,
    /// Wald's statistic adjusted for the estimated covariance.
    AdjustedWald,
    /// Pearson's statistic against the sum of weighted χ², whose tail is found by saddlepoint
    /// approximation (Kuonen 1999).
    LinearCombination,
}

/// A weighted table with the covariance of its shares: all that the tests need, however the
/// covariance was made.
#[derive(Debug, Clone)]
pub struct CellShares {
    /// Number of rows of the table.
    pub rows: usize,
    /// Number of columns of the table.
    pub columns: usize,
    /// Shares of the cells in the table, row by row.
    pub shares: Vec<f64>,
    /// Their covariance.
    pub covariance: Covariance,
    /// Covariance of the totals of the cells, as shares of the sum of the weights.
    pub total_covariance: Covariance,
    /// Members for whom both are known.
    pub answered: f64,
    /// Respondents that Pearson's statistic is scaled to.
    pub respondents: f64,
    /// Degrees of freedom of the design.
    pub degrees_of_freedom: f64,
}

/// Tests independence of `rows` and `columns` among members of `domain` for whom both are known.
///
/// Pearson's statistic is scaled to all members of the domain, as R's `svychisq` does, also to those
/// with a missing value; the choice changes the statistic of [`IndependenceMethod::FirstOrder`] and
/// [`IndependenceMethod::LinearCombination`] but, since the design effects carry the same factor, no
/// probability.
///
/// # Errors
/// Codes above the number of levels, wrong lengths, an empty domain, a row or column without members,
/// a covariance that is singular, a single-cluster stratum under [`crate::SinglePsu::Fail`].
pub fn independence(
    design: &Design,
    rows: Coded<'_>,
    columns: Coded<'_>,
    domain: Option<&[bool]>,
    method: IndependenceMethod,
) -> Result<DesignTest> {
    cell_shares(design, rows, columns, domain)?.test(method)
}

/// The table of `rows` and `columns`, by linearisation.
///
/// # Errors
/// As [`independence`].
pub fn cell_shares(
    design: &Design,
    rows: Coded<'_>,
    columns: Coded<'_>,
    domain: Option<&[bool]>,
) -> Result<CellShares> {
    checked_domain(design, domain)?;
    let mut problems = rows.problems("rows", design.rows());
    problems.extend(columns.problems("columns", design.rows()));
    all_or_nothing(problems)?;
    if design.needs_rows() || design.is_calibrated() || design.replicates().is_some() {
        by_rows(design, rows, columns, domain)
    } else {
        by_clusters(design, rows, columns, domain)
    }
}

/// From sums by cluster and cell, where the variance needs no more: one look at each row.
fn by_clusters(
    design: &Design,
    rows: Coded<'_>,
    columns: Coded<'_>,
    domain: Option<&[bool]>,
) -> Result<CellShares> {
    let stage = &design.stages()[0];
    let size = rows.levels * columns.levels;
    let mut totals = vec![0.0; stage.cluster_count() * size];
    let mut present = vec![false; stage.cluster_count()];
    let mut answered = 0_usize;
    let coded = rows.codes.iter().zip(columns.codes);
    let placed = stage.cluster_of_row().iter().zip(design.weights());
    for (place, ((&row, &column), (&cluster, &weight))) in coded.zip(placed).enumerate() {
        if row == 0 || column == 0 || domain.is_some_and(|member| !member[place]) {
            continue;
        }
        let cell = (usize::from(row) - 1) * columns.levels + usize::from(column) - 1;
        totals[cluster as usize * size + cell] += weight;
        present[cluster as usize] = true;
        answered += usize::from(weight != 0.0);
    }
    if answered == 0 {
        return Err(empty_domain());
    }
    let mut shares = vec![0.0; size];
    for totals in totals.chunks_exact(size) {
        for (share, total) in shares.iter_mut().zip(totals) {
            *share += total;
        }
    }
    let sum: f64 = shares.iter().sum();
    for share in &mut shares {
        *share /= sum;
    }
    let total_covariance = covariance_of_totals(design, &totals, &present, size)?;
    for totals in totals.chunks_exact_mut(size) {
        let base: f64 = totals.iter().sum();
        for (total, share) in totals.iter_mut().zip(&shares) {
            *total = (*total - share * base) / sum;
        }
    }
    Ok(CellShares {
        rows: rows.levels,
        columns: columns.levels,
        shares,
        degrees_of_freedom: design.degrees_of_freedom(DegreesOfFreedomRule::FullDesign, None, None),
        covariance: covariance_of_totals(design, &totals, &present, size)?,
        total_covariance: total_covariance.scaled(1.0 / (sum * sum)),
        answered: answered as f64,
        respondents: members(design, domain) as f64,
    })
}

fn members(design: &Design, domain: Option<&[bool]>) -> usize {
    domain.map_or(design.rows(), |members| members.iter().filter(|m| **m).count())
}

/// From a column of indicators a cell.
fn by_rows(
    design: &Design,
    rows: Coded<'_>,
    columns: Coded<'_>,
    domain: Option<&[bool]>,
) -> Result<CellShares> {
    let options = EstimateOptions {
        confidence: 0.95,
        interval: IntervalMethod::StudentT,
        degrees_of_freedom: DegreesOfFreedomRule::FullDesign,
    };
    let indicators = cell_indicators(rows, columns);
    let slices: Vec<&[f64]> = indicators.iter().map(Vec::as_slice).collect();
    let joint = means(design, &slices, domain, &options)?;
    let totals = totals(design, &slices, domain, &options)?;
    let sum: f64 = totals.estimates.iter().map(|estimate| estimate.value).sum();
    Ok(CellShares {
        rows: rows.levels,
        columns: columns.levels,
        shares: joint.estimates.iter().map(|estimate| estimate.value).collect(),
        degrees_of_freedom: design.degrees_of_freedom(options.degrees_of_freedom, None, None),
        covariance: joint.covariance,
        total_covariance: totals.covariance.scaled(1.0 / (sum * sum)),
        answered: joint.estimates.first().map_or(0, |estimate| estimate.rows) as f64,
        respondents: members(design, domain) as f64,
    })
}

/// A 0/1 column a cell, row by row; NaN where either is missing.
pub fn cell_indicators(rows: Coded<'_>, columns: Coded<'_>) -> Vec<Vec<f64>> {
    let mut indicators = vec![vec![0.0; rows.codes.len()]; rows.levels * columns.levels];
    for (place, (&row, &column)) in rows.codes.iter().zip(columns.codes).enumerate() {
        if row == 0 || column == 0 {
            for indicator in &mut indicators {
                indicator[place] = f64::NAN;
            }
        } else {
            let cell = (usize::from(row) - 1) * columns.levels + usize::from(column) - 1;
            indicators[cell][place] = 1.0;
        }
    }
    indicators
}

impl CellShares {
    /// Pearson's statistic of the table scaled to those for whom both are known, with no regard to the
    /// design.
    pub fn unadjusted_pearson(&self) -> f64 {
        self.pearson() * self.answered / self.respondents
    }

    fn pearson(&self) -> f64 {
        let (by_row, by_column) = self.margins();
        let mut sum = 0.0;
        for (cell, share) in self.shares.iter().enumerate() {
            let expected = by_row[cell / self.columns] * by_column[cell % self.columns];
            sum += (share - expected) * (share - expected) / expected;
        }
        sum * self.respondents
    }

    /// The test by one of the methods.
    ///
    /// # Errors
    /// A table with one row or column, an empty row or column, a covariance that is singular.
    pub fn test(&self, method: IndependenceMethod) -> Result<DesignTest> {
        self.check()?;
        match method {
            IndependenceMethod::Wald => self.wald(false),
            IndependenceMethod::AdjustedWald => self.wald(true),
            IndependenceMethod::FirstOrder
            | IndependenceMethod::SecondOrder
            | IndependenceMethod::LinearCombination => self.rao_scott(method),
        }
    }

    fn check(&self) -> Result<()> {
        let (by_row, by_column) = self.margins();
        if self.rows < 2 || self.columns < 2 {
            return Err(invalid(
                "table",
                "has one row or column",
                "give two levels or more of each",
            ));
        }
        if by_row.iter().chain(&by_column).any(|share| *share <= 0.0) {
            return Err(invalid(
                "table",
                "has a row or column without members",
                "leave out levels that nobody has",
            ));
        }
        Ok(())
    }

    fn margins(&self) -> (Vec<f64>, Vec<f64>) {
        let mut by_row = vec![0.0; self.rows];
        let mut by_column = vec![0.0; self.columns];
        for (cell, share) in self.shares.iter().enumerate() {
            by_row[cell / self.columns] += share;
            by_column[cell % self.columns] += share;
        }
        (by_row, by_column)
    }

    fn rao_scott(&self, method: IndependenceMethod) -> Result<DesignTest> {
        let effects = self.design_effects()?;
        let pearson = self.pearson();
        let count = effects.len() as f64;
        let sum: f64 = effects.iter().sum();
        let squares: f64 = effects.iter().map(|effect| effect * effect).sum();
        Ok(match method {
            IndependenceMethod::FirstOrder => DesignTest {
                statistic: pearson,
                reference: Reference::ChiSquared { degrees_of_freedom: count },
                p: chi_squared_upper_tail(pearson / (sum / count), count),
            },
            IndependenceMethod::SecondOrder => {
                let numerator = sum * sum / squares;
                let denominator = numerator * self.degrees_of_freedom;
                DesignTest {
                    statistic: pearson / sum,
                    reference: Reference::F { numerator, denominator },
                    p: f_upper_tail(pearson / sum, numerator, denominator),
                }
            }
            _ => DesignTest {
                statistic: pearson,
                reference: Reference::LinearCombination,
                p: weighted_chi_squared_upper_tail(
                    pearson,
                    &effects,
                    sum * sum / squares * self.degrees_of_freedom,
                ),
            },
        })
    }

    /// The generalised design effects, as eigenvalues of a symmetric matrix that is similar.
    fn design_effects(&self) -> Result<Vec<f64>> {
        let inverse = DVector::from_iterator(
            self.shares.len(),
            self.shares.iter().map(|share| if *share > 0.0 { 1.0 / share } else { 0.0 }),
        );
        let mut weighted = self.interactions();
        let plain = weighted.clone();
        for (mut row, inverse) in weighted.row_iter_mut().zip(inverse.iter()) {
            row *= *inverse;
        }
        let independent = plain.transpose() * &weighted / self.respondents;
        let covariance = self.covariance.matrix();
        let actual = weighted.transpose() * covariance * &weighted;
        let root = independent.cholesky().ok_or_else(singular)?;
        let half = root.l().solve_lower_triangular(&actual).ok_or_else(singular)?;
        let both = root.l().solve_lower_triangular(&half.transpose()).ok_or_else(singular)?;
        let symmetric = (&both + both.transpose()) * 0.5;
        Ok(symmetric.symmetric_eigenvalues().iter().copied().collect())
    }

    /// Products of centred row and column contrasts: orthogonal to both margins and the constant.
    fn interactions(&self) -> DMatrix<f64> {
        let contrast = |level: usize, term: usize, levels: usize| {
            f64::from(u8::from(level == term + 1)) - 1.0 / levels as f64
        };
        let across = self.columns - 1;
        DMatrix::from_fn(self.shares.len(), (self.rows - 1) * across, |cell, term| {
            contrast(cell / self.columns, term / across, self.rows)
                * contrast(cell % self.columns, term % across, self.columns)
        })
    }

    /// The totals Y = N − N₊·N·₊/N₊₊ for all but the first row and column, over N₊₊, and their covariance
    /// by the delta method.
    fn wald(&self, adjusted: bool) -> Result<DesignTest> {
        let (by_row, by_column) = self.margins();
        let across = self.columns - 1;
        let terms = (self.rows - 1) * across;
        let place = |term: usize| (term / across + 1, term % across + 1);
        let gap = DVector::from_fn(terms, |term, _| {
            let (row, column) = place(term);
            self.shares[row * self.columns + column] - by_row[row] * by_column[column]
        });
        let jacobian = DMatrix::from_fn(terms, self.shares.len(), |term, cell| {
            let (row, column) = place(term);
            let (own_row, own_column) = (cell / self.columns, cell % self.columns);
            let mut slope = by_row[row] * by_column[column];
            if own_row == row && own_column == column {
                slope += 1.0;
            }
            if own_row == row {
                slope -= by_column[column];
            }
            if own_column == column {
                slope -= by_row[row];
            }
            slope
        });
        let covariance = &jacobian * self.total_covariance.matrix() * jacobian.transpose();
        let solved = covariance.lu().solve(&gap).ok_or_else(singular)?;
        let df = self.degrees_of_freedom;
        let numerator = terms as f64;
        let denominator = if adjusted { df - numerator + 1.0 } else { df };
        let factor = if adjusted { denominator / (numerator * df) } else { 1.0 / numerator };
        let statistic = gap.dot(&solved) * factor;
        Ok(DesignTest {
            statistic,
            reference: Reference::F { numerator, denominator },
            p: f_upper_tail(statistic, numerator, denominator),
        })
    }
}

fn singular() -> crate::Error {
    invalid(
        "table",
        "the covariance of its cells cannot be inverted",
        "join sparse levels, or use a test of Rao and Scott",
    )
}
