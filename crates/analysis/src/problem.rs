//! What can be wrong with what the statistics are given.
//!
//! A fault is a code and the numbers of its sentence; where it lies is said by the place: a name that the
//! caller gave (a column, a variable), the words for an input without a name, or a row, a level, a stratum
//! of one of them. The sentences are in `web/locales`.

use serde::Serialize;
use survey_builder::problem::{Argument, Phrase, Problem, phrase};

use crate::error::Error;

/// What is wrong; where is said by [`Fault::at`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each variant's sentence, in web/locales, says what it is")]
pub enum Fault {
    DataLength { found: usize, rows: usize },
    DataCount { found: usize, needed: usize },
    DataTooFew { found: usize, least: usize },
    DataTooMany { most: u64 },
    DataMissing,
    DataMissingIn { count: usize },
    DataInfinite,
    DataNotANumber { text: String },
    DataRange { value: Argument, bounds: Argument },
    DataLevel { found: usize, levels: usize },
    DataColumnUnknown { columns: String },
    DataColumnTwice,
    DataKind { wanted: Argument },
    DataConstant,
    DataVaries { value: Argument, other: Argument, within: Argument },
    DataSumZero,
    DataDependent,
    DataFollows { others: String },
    DomainEmpty,
    CountOver { count: u64, size: u64 },
    VersionMissing { version: String },
    VersionKind,
    VersionMembers,
    DesignClusterTwice { clusters: String },
    DesignPopulation { sampled: Argument, population: Argument },
    DesignStages,
    DesignSingleCluster,
    SampleIdBlank { count: usize, first: String },
    SampleIdUnknown { count: usize, first: String },
    SampleIdTwice { count: usize, first: String },
    SampleIdWaiting { count: usize, first: String },
    SampleIdReplaced { count: usize, first: String },
    SampleWithoutHits,
    SampleWithoutPhaseStrata,
    ReplicatesOther,
    ReplicatesNotTwo { clusters: usize },
    ReplicatesOrder { order: usize, other: usize },
    ReplicatesRefused { reason: Argument },
    TableSmall,
    TableEmptyLine,
    TableLevels { found: usize, other: usize },
    TablePartsDiffer,
    TableNeedsRows,
    FormulaUnreadable { found: Argument },
    FormulaWithoutValue,
    QuantileInterval,
    ImputationWithoutDonor { gaps: usize },
    ModelUnsettled { steps: usize },
    ModelValue { value: Argument },
    ModelRange,
    ModelLevels,
    FactorsUnsettled { factors: usize, rounds: usize },
    FactorsAlike,
    CellUnanswered,
    PropensityClasses { classes: usize },
    HouseholdNew,
    MarginLevelUnknown { levels: String },
    MarginWithoutTarget,
    MarginWithoutRows,
    MarginWithoutTotal,
    MarginSums { sum: f64, other: String, expected: f64 },
    RakingUnmet { rounds: usize, gap: f64 },
    CalibrationUnmet { term: String, gap: f64 },
    LimitsOrder { lower: Argument, upper: Argument },
    LimitsAround { lower: Argument, upper: Argument, middle: f64 },
    LimitsSum,
    LimitsUnmet { turns: usize, level: Argument, gap: f64 },
}

impl Fault {
    /// The problem that this fault is at a place.
    pub fn at(self, place: impl Into<Argument>) -> Problem {
        Problem::from_variant(&self, place)
    }

    /// A value outside what it may be.
    pub fn range(value: impl Into<Argument>, bounds: Phrase) -> Self {
        Self::DataRange { value: value.into(), bounds: bounds.into() }
    }

    /// An error of this problem alone.
    pub fn refused(self, place: impl Into<Argument>) -> Error {
        Error::Invalid(vec![self.at(place)])
    }
}

/// A row (counted from zero) of an input.
pub fn at_row(input: impl Into<Argument>, row: usize) -> Phrase {
    phrase("phrase-place-row").with("input", input).with("row", row + 1)
}

/// A level of a variable.
pub fn at_level(variable: impl Into<Argument>, level: impl Into<Argument>) -> Phrase {
    phrase("phrase-place-level").with("variable", variable).with("level", level)
}

/// A stratum of a stage (counted from one), by its code.
pub fn at_stratum(stage: usize, code: u32) -> Phrase {
    phrase("phrase-place-stratum").with("stage", stage).with("stratum", code)
}

/// An item among several, by its place from zero.
pub fn numbered_item(place: usize) -> Phrase {
    phrase("phrase-input-item").with("number", place + 1)
}

/// Strata with a single sampled cluster, where the rule for them is to fail.
pub(crate) fn single_clusters(stage: usize, codes: &[u32]) -> Error {
    let one = |code: &u32| Fault::DesignSingleCluster.at(at_stratum(stage, *code));
    Error::Invalid(codes.iter().map(one).collect())
}

/// What is wrong with numbers that must be zero or more, each named by its row.
pub(crate) fn below_zero(input: &Argument, values: &[f64]) -> Vec<Problem> {
    let usable = |value: f64| value.is_finite() && value >= 0.0;
    let fault = |value: f64| match value {
        value if value.is_nan() => Fault::DataMissing,
        value => Fault::range(value, phrase("phrase-0-or-more")),
    };
    let all = values.iter().enumerate().filter(|(_, value)| !usable(**value));
    all.map(|(place, value)| fault(*value).at(at_row(input, place))).collect()
}

/// A number with the digits that a reader needs.
pub(crate) fn rounded(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

/// A share as a percentage of two digits.
pub(crate) fn percent(share: f64) -> f64 {
    format!("{:.1e}", share * 100.0).parse().unwrap_or(share)
}
