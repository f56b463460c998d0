//! How far coders agree who judged the same units.
//!
//! One column a coder, one entry a unit, NaN where a coder did not judge it. Cohen's kappa is for two
//! coders, Fleiss' for several who all judged every unit, Krippendorff's alpha for any number, with
//! gaps and with distances between values.

pub mod cohen;
pub mod fleiss;
pub mod krippendorff;

use crate::error::Problem;

/// Problems of columns that every coefficient needs: at least two, of one length, finite or missing.
pub(crate) fn column_problems(what: &str, columns: &[&[f64]]) -> Vec<Problem> {
    let mut problems = Vec::new();
    if columns.len() < 2 {
        problems.push(Problem::input(
            &format!("{what}s"),
            "fewer than two",
            "give at least two columns",
        ));
    }
    let rows = columns.first().map_or(0, |column| column.len());
    for (index, column) in columns.iter().enumerate() {
        let name = format!("{what} {}", index + 1);
        if column.len() != rows {
            problems.push(Problem::input(
                &name,
                format!("{} entries, the first has {rows}", column.len()),
                "give one entry a row",
            ));
        }
        if let Some(row) = column.iter().position(|value| value.is_infinite()) {
            problems.push(Problem::row(
                &name,
                row,
                "is infinite",
                "give a finite value, or none where it is missing",
            ));
        }
    }
    problems
}

/// Rows that are known in every column; the columns have one length.
pub(crate) fn complete_rows(columns: &[&[f64]]) -> Vec<usize> {
    let rows = columns.first().map_or(0, |column| column.len());
    (0..rows).filter(|&row| columns.iter().all(|column| !column[row].is_nan())).collect()
}

/// The distinct values in order of size.
pub(crate) fn distinct(values: impl Iterator<Item = f64>) -> Vec<f64> {
    // Adding zero turns −0 into 0, which is the same value.
    let mut values: Vec<f64> = values.filter(|value| !value.is_nan()).map(|v| v + 0.0).collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    values
}

/// The place of a value among [`distinct`] ones.
pub(crate) fn place(categories: &[f64], value: f64) -> usize {
    categories.partition_point(|category| *category < value)
}
