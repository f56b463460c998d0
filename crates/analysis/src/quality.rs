//! Signs that answers were not given with care, or not by the person they stand for.
//!
//! Each check gives every row a value and a threshold. A row beyond its threshold is flagged and stays
//! in the data: what a flag means, people decide who know the survey. No check removes or changes
//! anything, and none is proof.

mod interviewers;
mod matches;
mod patterns;

use serde::Serialize;
use survey_builder::problem::phrase;

use crate::problem::{Fault, numbered_item};

pub use interviewers::{InterviewerEffect, interviewer_effect};
pub use matches::{duplicate_contacts, percent_match, percent_match_of_numbers};
pub use patterns::{
    fast_responses, item_nonresponse, longest_runs, multivariate_outliers, straight_lines,
};

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// How long the interview took, as a share of the median.
    ShortTime,
    /// How little the answers of a battery vary: their standard deviation.
    StraightLine,
    /// The longest run of the same answer.
    LongestRun,
    /// The share of items without an answer.
    ItemNonresponse,
    /// The greatest share of items answered as somebody else of the stratum did.
    PercentMatch,
    /// How far the answers lie from the middle of all: Mahalanobis' squared distance.
    Mahalanobis,
    /// How many rows have the same contact.
    DuplicateContact,
}

impl Check {
    /// Whether a value below the threshold is flagged; otherwise one above.
    pub fn flags_below(self) -> bool {
        matches!(self, Self::ShortTime | Self::StraightLine)
    }

    /// Its name, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::ShortTime => "short_time",
            Self::StraightLine => "straight_line",
            Self::LongestRun => "longest_run",
            Self::ItemNonresponse => "item_nonresponse",
            Self::PercentMatch => "percent_match",
            Self::Mahalanobis => "mahalanobis",
            Self::DuplicateContact => "duplicate_contact",
        }
    }
}

/// A check of all rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Checked {
    /// What was looked at.
    pub check: Check,
    /// One value a row; NaN where the check says nothing about the row.
    pub values: Vec<f64>,
    /// One threshold a row. A value that meets it is flagged as well.
    pub thresholds: Vec<f64>,
}

/// A row beyond a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Flag {
    /// The row, from zero.
    pub row: usize,
    /// What was looked at.
    pub check: Check,
    /// What was found.
    pub value: f64,
    /// What it is held against.
    pub threshold: f64,
}

impl Checked {
    fn with_one_threshold(check: Check, values: Vec<f64>, threshold: f64) -> Self {
        let thresholds = vec![threshold; values.len()];
        Self { check, values, thresholds }
    }

    /// The rows beyond their thresholds, in order.
    pub fn flags(&self) -> impl Iterator<Item = Flag> {
        let beyond = |(_, (value, threshold)): &(usize, (&f64, &f64))| {
            if self.check.flags_below() { value <= threshold } else { value >= threshold }
        };
        self.values
            .iter()
            .zip(&self.thresholds)
            .enumerate()
            .filter(beyond)
            .map(|(row, (&value, &threshold))| Flag { row, check: self.check, value, threshold })
    }

    /// The share of all rows that is flagged.
    pub fn share_flagged(&self) -> f64 {
        self.flags().count() as f64 / self.values.len() as f64
    }

    /// How many rows the check says something about.
    pub fn assessed(&self) -> usize {
        self.values.iter().filter(|value| !value.is_nan()).count()
    }
}

/// The number of rows, when all columns have as many.
fn rows_of(items: &[&[f64]]) -> crate::Result<usize> {
    let rows = items.first().map_or(0, |item| item.len());
    let mut problems = Vec::new();
    if items.is_empty() {
        problems.push(Fault::DataTooFew { found: 0, least: 1 }.at(phrase("phrase-input-items")));
    }
    for (place, item) in items.iter().enumerate().filter(|(_, item)| item.len() != rows) {
        problems.push(Fault::DataLength { found: item.len(), rows }.at(numbered_item(place)));
    }
    if problems.is_empty() { Ok(rows) } else { Err(crate::Error::Invalid(problems)) }
}
