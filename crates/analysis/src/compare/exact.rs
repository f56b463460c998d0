//! Fisher's exact test: of a table of two rows and two columns with its odds ratio, and of larger tables.
//!
//! Given its margins, the first cell of the table follows Fisher's noncentral hypergeometric
//! distribution, whose one parameter is the odds ratio (Fisher 1935; Cornfield 1956).

use serde::{Deserialize, Serialize};
use statrs::function::factorial::ln_factorial;
use survey_builder::problem::phrase;

use crate::error::Result;
use crate::estimate::confidence_problem;
use crate::problem::Fault;

/// The exact test with the odds ratio and its limits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ExactTest {
    /// Probability of a table that is as unlikely as this one or more.
    pub p: f64,
    /// The most likely odds ratio given the margins; 0 or infinite where a cell is at its end.
    pub odds_ratio: f64,
    /// Lower limit of the odds ratio.
    pub lower: f64,
    /// Upper limit of the odds ratio.
    pub upper: f64,
}

/// The distribution of the first cell.
struct FirstCell {
    values: Vec<f64>,
    /// Logarithms of the probabilities, up to a constant, where the odds ratio is one.
    logs: Vec<f64>,
    observed: f64,
}

/// Tests that the odds ratio of `[[a, b], [c, d]]` is one, on both sides.
///
/// # Errors
/// A table in which a row or column is empty; a confidence outside 0 to 1.
pub fn fisher_exact(counts: [[u64; 2]; 2], confidence: f64) -> Result<ExactTest> {
    if let Some(problem) = confidence_problem(confidence) {
        return Err(crate::Error::Invalid(vec![problem]));
    }
    let [[a, b], [c, d]] = counts;
    if a + b == 0 || c + d == 0 || a + c == 0 || b + d == 0 {
        return Err(Fault::TableEmptyLine.refused(phrase("phrase-input-table")));
    }
    let cell = FirstCell::new(counts);
    let own = cell.probabilities(0.0);
    let place = cell.values.partition_point(|value| *value < cell.observed);
    // Tables that are equally likely count, although rounding sets them apart.
    let bound = own[place] * (1.0 + 1e-7);
    let p = own.iter().filter(|one| **one <= bound).sum::<f64>().min(1.0);
    let tail = 0.5 * (1.0 - confidence);
    let (first, last) = (cell.values[0], cell.values[cell.values.len() - 1]);
    Ok(ExactTest {
        p,
        odds_ratio: match cell.observed {
            x if x == first => 0.0,
            x if x == last => f64::INFINITY,
            x => cell.solve(|cell, log_odds| cell.mean(log_odds) - x),
        },
        lower: if cell.observed == first {
            0.0
        } else {
            cell.solve(|cell, log_odds| cell.at_least(log_odds) - tail)
        },
        upper: if cell.observed == last {
            f64::INFINITY
        } else {
            cell.solve(|cell, log_odds| tail - cell.at_most(log_odds))
        },
    })
}

/// Tables beyond which [`fisher_exact_table`] gives up.
const MOST_TABLES: u64 = 50_000_000;

/// Probability, given the margins, of a table that is as unlikely as this one or more, for any number of
/// rows and columns (Freeman and Halton 1951): every table with the same margins is gone through.
///
/// # Errors
/// Rows of different lengths, an empty row or column, more tables than can be gone through.
pub fn fisher_exact_table(counts: &[Vec<u64>]) -> Result<f64> {
    let width = counts.first().map_or(0, Vec::len);
    let rows: Vec<u64> = counts.iter().map(|row| row.iter().sum()).collect();
    let columns: Vec<u64> = (0..width)
        .map(|column| counts.iter().map(|row| row.get(column).unwrap_or(&0)).sum())
        .collect();
    if width < 2 || counts.len() < 2 || counts.iter().any(|row| row.len() != width) {
        return Err(Fault::TableSmall.refused(phrase("phrase-input-table")));
    }
    if rows.contains(&0) || columns.contains(&0) {
        return Err(Fault::TableEmptyLine.refused(phrase("phrase-input-table")));
    }
    let all: u64 = rows.iter().sum();
    let logs: Vec<f64> = (0..=all).map(ln_factorial).collect();
    let log = |number: u64| logs[usize::try_from(number).unwrap_or(0)];
    let constant = rows.iter().chain(&columns).map(|own| log(*own)).sum::<f64>() - log(all);
    let own = constant - counts.iter().flatten().map(|cell| log(*cell)).sum::<f64>();
    let mut walk =
        Walk { columns: &columns, log: &log, bound: own + 1e-7, constant, p: 0.0, seen: 0 };
    let mut left = rows.clone();
    walk.column(0, 0, columns[0], &mut left, 0.0);
    if walk.seen > MOST_TABLES {
        return Err(Fault::DataTooMany { most: MOST_TABLES }
            .refused(phrase("phrase-input-possible-tables")));
    }
    Ok(walk.p.min(1.0))
}

/// Goes through all tables with given margins, cell by cell down each column.
struct Walk<'a> {
    columns: &'a [u64],
    log: &'a dyn Fn(u64) -> f64,
    bound: f64,
    constant: f64,
    p: f64,
    seen: u64,
}

impl Walk<'_> {
    fn column(&mut self, column: usize, row: usize, rest: u64, left: &mut [u64], logs: f64) {
        if self.seen > MOST_TABLES {
            return;
        }
        if column + 1 == self.columns.len() {
            // The last column takes what is left.
            self.seen += 1;
            let chance =
                self.constant - logs - left.iter().map(|own| (self.log)(*own)).sum::<f64>();
            if chance <= self.bound {
                self.p += chance.exp();
            }
            return;
        }
        if row + 1 == left.len() {
            if rest <= left[row] {
                left[row] -= rest;
                let logs = logs + (self.log)(rest);
                self.column(column + 1, 0, self.columns[column + 1], left, logs);
                left[row] += rest;
            }
            return;
        }
        let below: u64 = left[row + 1..].iter().sum();
        for cell in rest.saturating_sub(below)..=rest.min(left[row]) {
            left[row] -= cell;
            self.column(column, row + 1, rest - cell, left, logs + (self.log)(cell));
            left[row] += cell;
        }
    }
}

impl FirstCell {
    fn new([[a, b], [c, d]]: [[u64; 2]; 2]) -> Self {
        let (first_row, second_row, first_column) = (a + b, c + d, a + c);
        let low = first_column.saturating_sub(second_row);
        let high = first_row.min(first_column);
        let ways = |n: u64, k: u64| ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k);
        let logs =
            (low..=high).map(|x| ways(first_row, x) + ways(second_row, first_column - x)).collect();
        Self { values: (low..=high).map(|x| x as f64).collect(), logs, observed: a as f64 }
    }

    fn probabilities(&self, log_odds: f64) -> Vec<f64> {
        let logs: Vec<f64> =
            self.values.iter().zip(&self.logs).map(|(x, log)| log + x * log_odds).collect();
        let largest = logs.iter().fold(f64::NEG_INFINITY, |most, log| most.max(*log));
        let parts: Vec<f64> = logs.iter().map(|log| (log - largest).exp()).collect();
        let sum: f64 = parts.iter().sum();
        parts.iter().map(|part| part / sum).collect()
    }

    fn sum(&self, log_odds: f64, of: impl Fn(f64) -> f64) -> f64 {
        self.values.iter().zip(self.probabilities(log_odds)).map(|(x, p)| of(*x) * p).sum()
    }

    fn mean(&self, log_odds: f64) -> f64 {
        self.sum(log_odds, |x| x)
    }

    fn at_least(&self, log_odds: f64) -> f64 {
        self.sum(log_odds, |x| f64::from(u8::from(x >= self.observed)))
    }

    fn at_most(&self, log_odds: f64) -> f64 {
        self.sum(log_odds, |x| f64::from(u8::from(x <= self.observed)))
    }

    /// The odds ratio at which a growing function of its logarithm is zero.
    fn solve(&self, gap: impl Fn(&Self, f64) -> f64) -> f64 {
        let (mut low, mut high) = (-60.0, 60.0);
        for _ in 0..200 {
            let middle = 0.5 * (low + high);
            if gap(self, middle) > 0.0 { high = middle } else { low = middle }
        }
        (0.5 * (low + high)).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With two rows and columns both ways are one; a table of three columns by hand: margins 1 and 2 in
    /// the rows, ones in the columns, all three tables alike.
    #[test]
    fn larger_tables() {
        let p = |table: &[Vec<u64>]| fisher_exact_table(table).expect("a table");
        assert!((p(&[vec![3, 1], vec![1, 3]]) - 34.0 / 70.0).abs() < 1e-12);
        assert!((p(&[vec![1, 0, 0], vec![0, 1, 1]]) - 1.0).abs() < 1e-12);
        assert!(fisher_exact_table(&[vec![1, 0], vec![2, 0]]).is_err());
    }

    #[test]
    fn the_lady_tasting_tea() {
        // Fisher 1935, ch. 2: three of four cups right, p = 34/70 on both sides.
        let test = fisher_exact([[3, 1], [1, 3]], 0.95).expect("a table");
        assert!((test.p - 34.0 / 70.0).abs() < 1e-12, "{}", test.p);
        assert!(test.lower < test.odds_ratio && test.odds_ratio < test.upper);
    }
}
