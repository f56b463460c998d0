//! Whether the rows and columns of a weighted table go together.
//!
//! Pearson's statistic of a weighted table is held against the distribution that the design gives it
//! (Rao and Scott 1981; 1984; see [`WeightedTable`]).
//! The Wald statistic holds the cells against the product of their margins (Koch, Freeman and Freeman
//! 1975; with few clusters adjusted as by Thomas and Rao 1987).

use nalgebra::{DMatrix, DVector};
use survey_builder::problem::phrase;

use super::cells::ClusterCells;
use super::rao_scott::Interactions;
use super::rao_scott::WeightedTable;
use super::{CellShares, DesignTest, IndependenceMethod, Reference, singular};
use crate::design::{DegreesOfFreedomRule, Design};
use crate::distribution::f_upper_tail;
use crate::error::{Result, all_or_nothing};
use crate::estimate::moments::{means, totals};
use crate::estimate::{Coded, EstimateOptions, IntervalMethod, checked_domain};

/// Tests independence of `rows` and `columns` among members of `domain` for whom both are known.
///
/// Pearson's statistic is scaled to all members of the domain, as R's `svychisq` does, also to those
/// with a missing value; the choice changes the statistic of [`IndependenceMethod::FirstOrder`] and
/// [`IndependenceMethod::LinearCombination`] but, since the design effects carry the same factor, no
/// probability.
///
/// # Errors
/// Codes above the number of levels, wrong lengths, an empty domain, fewer than two rows or columns with
/// members, a covariance that is singular, a single-cluster stratum under [`crate::SinglePsu::Fail`].
pub fn independence(
    design: &Design,
    rows: Coded<'_>,
    columns: Coded<'_>,
    domain: Option<&[bool]>,
    method: IndependenceMethod,
) -> Result<DesignTest> {
    check(design, rows, columns, domain)?;
    let (kept_rows, kept_columns) = peopled(design, rows, columns, domain);
    let (own_rows, own_columns) = (kept_rows.coded(rows), kept_columns.coded(columns));
    let (rows, columns) =
        (kept_rows.of(own_rows.as_ref(), rows), kept_columns.of(own_columns.as_ref(), columns));
    let test = if by_cluster(design) {
        let sums = cluster_sums(design, rows, columns, domain);
        sums.cells(design, rows, columns, domain).test(design, method)
    } else {
        by_rows(design, rows, columns, domain)?.test(method)
    };
    let left_out = kept_rows.left_out() + kept_columns.left_out();
    test.map(|test| DesignTest { left_out, ..test })
}

/// The levels that somebody has: what nobody has says nothing about whether two variables go together.
pub(crate) struct Peopled {
    /// By level, its new code; 0 where nobody has it.
    codes: Vec<u16>,
    levels: usize,
}

impl Peopled {
    /// Of levels with people.
    pub(crate) fn new(peopled: impl Iterator<Item = bool>) -> Self {
        let mut levels = 0;
        let codes = peopled.map(|peopled| {
            levels += u16::from(peopled);
            if peopled { levels } else { 0 }
        });
        let codes = codes.collect();
        Self { codes, levels: usize::from(levels) }
    }

    /// How many levels are left out.
    pub(crate) fn left_out(&self) -> usize {
        self.codes.len() - self.levels
    }

    /// How many are left.
    pub(crate) fn levels(&self) -> usize {
        self.levels
    }

    /// The new code of a level, counted from 1; 0 for none.
    pub(crate) fn code(&self, level: usize) -> usize {
        level
            .checked_sub(1)
            .and_then(|place| self.codes.get(place))
            .map_or(0, |it| usize::from(*it))
    }

    /// The new codes of a column, where they differ from its own.
    fn coded(&self, column: Coded<'_>) -> Option<Vec<u16>> {
        let new = |code: &u16| match usize::from(*code).checked_sub(1) {
            Some(place) => self.codes.get(place).copied().unwrap_or(0),
            None => 0,
        };
        (self.left_out() > 0).then(|| column.codes.iter().map(new).collect())
    }

    fn of<'c>(&self, own: Option<&'c Vec<u16>>, column: Coded<'c>) -> Coded<'c> {
        match own {
            Some(codes) => Coded { codes, levels: self.levels },
            None => column,
        }
    }
}

/// The levels of two columns that somebody has for whom both are known.
fn peopled(
    design: &Design,
    rows: Coded<'_>,
    columns: Coded<'_>,
    domain: Option<&[bool]>,
) -> (Peopled, Peopled) {
    let (mut of_rows, mut of_columns) = (vec![false; rows.levels], vec![false; columns.levels]);
    let pairs = rows.codes.iter().zip(columns.codes).zip(design.weights()).enumerate();
    for (place, ((&row, &column), &weight)) in pairs {
        let enters = weight != 0.0 && domain.is_none_or(|member| member[place]);
        if let (true, Some(row), Some(column)) =
            (enters, usize::from(row).checked_sub(1), usize::from(column).checked_sub(1))
        {
            of_rows[row] = true;
            of_columns[column] = true;
        }
    }
    (Peopled::new(of_rows.into_iter()), Peopled::new(of_columns.into_iter()))
}

/// The table of `rows` and `columns` with its covariance, by linearisation or from replicates.
///
/// # Errors
/// As [`independence`].
pub fn cell_shares(
    design: &Design,
    rows: Coded<'_>,
    columns: Coded<'_>,
    domain: Option<&[bool]>,
) -> Result<CellShares> {
    check(design, rows, columns, domain)?;
    if by_cluster(design) {
        let sums = cluster_sums(design, rows, columns, domain);
        return sums.cells(design, rows, columns, domain).cell_shares(design);
    }
    by_rows(design, rows, columns, domain)
}

fn check(
    design: &Design,
    rows: Coded<'_>,
    columns: Coded<'_>,
    domain: Option<&[bool]>,
) -> Result<()> {
    checked_domain(design, domain)?;
    let mut problems = rows.problems(phrase("phrase-input-table-rows"), design.rows());
    problems.extend(columns.problems(phrase("phrase-input-table-columns"), design.rows()));
    all_or_nothing(problems)
}

/// Whether sums by cluster are all that the covariance of a table needs.
pub(crate) fn by_cluster(design: &Design) -> bool {
    let uncalibrated = !design.is_calibrated() || design.cluster_factors().is_some();
    !design.needs_rows() && uncalibrated
}

/// Sums by cluster and cell of two columns of rows.
struct ClusterSums {
    sums: Vec<f64>,
    /// The same in each replicate, where there are factors.
    replicated: Option<Vec<f64>>,
    answered: usize,
}

/// One look at each row.
fn cluster_sums(
    design: &Design,
    rows: Coded<'_>,
    columns: Coded<'_>,
    domain: Option<&[bool]>,
) -> ClusterSums {
    let stage = &design.stages()[0];
    let width = columns.levels + 1;
    let size = (rows.levels + 1) * width;
    let mut sums = vec![0.0; stage.cluster_count() * size];
    let mut answered = 0_usize;
    let coded = rows.codes.iter().zip(columns.codes);
    let placed = stage.cluster_of_row().iter().zip(design.weights());
    for (place, ((&row, &column), (&cluster, &weight))) in coded.zip(placed).enumerate() {
        if row == 0 || column == 0 || domain.is_some_and(|member| !member[place]) {
            continue;
        }
        let cell = usize::from(row) * width + usize::from(column);
        sums[cluster as usize * size + cell] += weight;
        answered += usize::from(weight != 0.0);
    }
    let of_cluster = |cluster: usize, out: &mut Vec<f64>| {
        out.extend_from_slice(&sums[cluster * size..(cluster + 1) * size]);
    };
    let replicated = design.cluster_factors().map(|factors| factors.totals(size, of_cluster));
    ClusterSums { sums, replicated, answered }
}

impl ClusterSums {
    fn cells(
        &self,
        design: &Design,
        rows: Coded<'_>,
        columns: Coded<'_>,
        domain: Option<&[bool]>,
    ) -> ClusterCells<'_> {
        ClusterCells {
            rows: rows.levels,
            columns: columns.levels,
            sums: &self.sums,
            replicated: self.replicated.as_deref(),
            answered: self.answered as f64,
            respondents: members(design, domain) as f64,
        }
    }
}

/// Number of members of a domain with a weight; all rows with one where there is no domain.
pub(crate) fn members(design: &Design, domain: Option<&[bool]>) -> usize {
    let counts = |(place, weight): (usize, &f64)| {
        *weight != 0.0 && domain.is_none_or(|members| members[place])
    };
    design.weights().iter().enumerate().filter(|one| counts(*one)).count()
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
        degrees_of_freedom: DegreesOfFreedomRule::Answered,
    };
    let indicators = cell_indicators(rows, columns);
    let slices: Vec<&[f64]> = indicators.iter().map(Vec::as_slice).collect();
    let joint = means(design, &slices, domain, &options)?;
    let totals = totals(design, &slices, domain, &options)?;
    let sum: f64 = totals.estimates.iter().map(|estimate| estimate.value).sum();
    let table = WeightedTable {
        rows: rows.levels,
        columns: columns.levels,
        shares: joint.estimates.iter().map(|estimate| estimate.value).collect(),
        respondents: members(design, domain) as f64,
        degrees_of_freedom: joint
            .estimates
            .first()
            .map_or(0.0, |estimate| estimate.degrees_of_freedom),
    };
    Ok(CellShares {
        table,
        covariance: joint.covariance,
        total_covariance: totals.covariance.scaled(1.0 / (sum * sum)),
        answered: joint.estimates.first().map_or(0, |estimate| estimate.rows) as f64,
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
        self.table.pearson() * self.answered / self.table.respondents
    }

    /// The test by one of the methods.
    ///
    /// # Errors
    /// A table with one row or column, an empty row or column, a covariance that is singular.
    pub fn test(&self, method: IndependenceMethod) -> Result<DesignTest> {
        self.table.check()?;
        match method {
            IndependenceMethod::Wald => self.wald(false),
            IndependenceMethod::AdjustedWald => self.wald(true),
            IndependenceMethod::FirstOrder
            | IndependenceMethod::SecondOrder
            | IndependenceMethod::LinearCombination => {
                let interactions = Interactions::new(&self.table);
                self.table.rao_scott(method, &interactions.of_matrix(&self.covariance.matrix()))
            }
        }
    }

    /// The totals Y = N − N₊·N·₊/N₊₊ for all but the first row and column, over N₊₊, and their covariance
    /// by the delta method.
    fn wald(&self, adjusted: bool) -> Result<DesignTest> {
        let WeightedTable { rows, columns, shares, degrees_of_freedom: df, .. } = &self.table;
        let (by_row, by_column) = self.table.margins();
        let across = columns - 1;
        let terms = (rows - 1) * across;
        let place = |term: usize| (term / across + 1, term % across + 1);
        let gap = DVector::from_fn(terms, |term, _| {
            let (row, column) = place(term);
            shares[row * columns + column] - by_row[row] * by_column[column]
        });
        let jacobian = DMatrix::from_fn(terms, shares.len(), |term, cell| {
            let (row, column) = place(term);
            let (own_row, own_column) = (cell / columns, cell % columns);
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
        let numerator = terms as f64;
        let denominator = if adjusted { df - numerator + 1.0 } else { *df };
        let factor = if adjusted { denominator / (numerator * df) } else { 1.0 / numerator };
        let statistic = gap.dot(&solved) * factor;
        Ok(DesignTest {
            statistic,
            reference: Reference::F { numerator, denominator },
            p: f_upper_tail(statistic, numerator, denominator),
            left_out: 0,
        })
    }
}
