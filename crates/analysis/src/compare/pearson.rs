//! Pearson's test of a table of plain counts, for data that are not a sample by design.

use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use crate::distribution::chi_squared_upper_tail;
use crate::error::Result;
use crate::problem::Fault;

/// Pearson's test with what each cell adds to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PearsonTest {
    /// Σ (O − E)²/E, without correction.
    pub statistic: f64,
    /// (rows − 1)(columns − 1).
    pub degrees_of_freedom: f64,
    /// Probability of a value as large.
    pub p: f64,
    /// Counts expected under independence.
    pub expected: Vec<Vec<f64>>,
    /// (O − E)/√(E(1 − row share)(1 − column share)) (Haberman 1973).
    pub adjusted_residuals: Vec<Vec<f64>>,
}

/// Pearson's test of independence of a table of counts.
///
/// # Errors
/// Fewer than two rows or columns, rows of different lengths, a row or column without members.
pub fn pearson_test(counts: &[Vec<u64>]) -> Result<PearsonTest> {
    let columns = counts.first().map_or(0, Vec::len);
    if counts.len() < 2 || columns < 2 || counts.iter().any(|row| row.len() != columns) {
        return Err(Fault::TableSmall.refused(phrase("phrase-input-table")));
    }
    let by_row: Vec<f64> = counts.iter().map(|row| row.iter().sum::<u64>() as f64).collect();
    let by_column: Vec<f64> =
        (0..columns).map(|place| counts.iter().map(|row| row[place]).sum::<u64>() as f64).collect();
    if by_row.iter().chain(&by_column).any(|sum| *sum == 0.0) {
        return Err(Fault::TableEmptyLine.refused(phrase("phrase-input-table")));
    }
    let all: f64 = by_row.iter().sum();
    let expected: Vec<Vec<f64>> = by_row
        .iter()
        .map(|row| by_column.iter().map(|column| row * column / all).collect())
        .collect();
    let gap = |row: usize, column: usize| counts[row][column] as f64 - expected[row][column];
    let mut statistic = 0.0;
    let mut adjusted_residuals = vec![vec![0.0; columns]; counts.len()];
    for row in 0..counts.len() {
        for column in 0..columns {
            let expected = expected[row][column];
            statistic += gap(row, column) * gap(row, column) / expected;
            let left = (1.0 - by_row[row] / all) * (1.0 - by_column[column] / all);
            adjusted_residuals[row][column] = gap(row, column) / (expected * left).sqrt();
        }
    }
    let degrees_of_freedom = ((counts.len() - 1) * (columns - 1)) as f64;
    let p = chi_squared_upper_tail(statistic, degrees_of_freedom);
    Ok(PearsonTest { statistic, degrees_of_freedom, p, expected, adjusted_residuals })
}
