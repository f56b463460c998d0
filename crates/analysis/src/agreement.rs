//! How far coders agree who judged the same units.
//!
//! One column a coder, one entry a unit, NaN where a coder did not judge it. Cohen's kappa is for two
//! coders, Fleiss' for several who all judged every unit, Krippendorff's alpha for any number, with
//! gaps and with distances between values.

pub mod cohen;
pub mod fleiss;
pub mod krippendorff;

use survey_builder::problem::{Phrase, phrase};

use crate::error::Problem;
use crate::problem::{Fault, at_row};

/// A coder among several, by its place from zero.
pub(crate) fn numbered_coder(place: usize) -> Phrase {
    phrase("phrase-input-coder").with("number", place + 1)
}

/// Problems of columns that every coefficient needs: at least two, of one length, finite or missing.
/// `all` names them together, `one` the one at a place.
pub(crate) fn column_problems(
    all: Phrase,
    one: fn(usize) -> Phrase,
    columns: &[&[f64]],
) -> Vec<Problem> {
    let mut problems = Vec::new();
    if columns.len() < 2 {
        problems.push(Fault::DataTooFew { found: columns.len(), least: 2 }.at(all));
    }
    let rows = columns.first().map_or(0, |column| column.len());
    for (index, column) in columns.iter().enumerate() {
        if column.len() != rows {
            problems.push(Fault::DataLength { found: column.len(), rows }.at(one(index)));
        }
        if let Some(row) = column.iter().position(|value| value.is_infinite()) {
            problems.push(Fault::DataInfinite.at(at_row(one(index), row)));
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
