//! The one error type of this crate.
//!
//! Bad input is reported whole: a caller who hands in a column with five faults learns all five, each
//! with its place and what to do about it, instead of mending them one run at a time.

use std::fmt;

use serde::Serialize;

/// Where in the input a problem lies.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Place {
    /// A whole input, named as the caller knows it (`weights`, `fpc of stage 2`).
    Input(String),
    /// One row (counted from zero) of a named input.
    Row {
        /// The input.
        input: String,
        /// The row, from zero.
        row: usize,
    },
    /// One level of a variable.
    Level {
        /// The variable.
        variable: String,
        /// The level, by label.
        level: String,
    },
    /// A sampling stratum, by its code.
    Stratum {
        /// The stage, counted from one.
        stage: usize,
        /// The code as given.
        code: u32,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(input) => write!(formatter, "{input}"),
            Self::Row { input, row } => write!(formatter, "{input}, row {}", row + 1),
            Self::Level { variable, level } => write!(formatter, "{variable} = {level}"),
            Self::Stratum { stage, code } => write!(formatter, "stage {stage}, stratum {code}"),
        }
    }
}

/// One fault of the input: where it is, what is wrong, what to do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub fault: String,
    /// What mends it.
    pub remedy: String,
}

impl Problem {
    /// A problem with a whole input.
    pub fn input(name: &str, fault: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { place: Place::Input(name.to_owned()), fault: fault.into(), remedy: remedy.into() }
    }

    /// A problem with one row of an input.
    pub fn row(
        name: &str,
        row: usize,
        fault: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            place: Place::Row { input: name.to_owned(), row },
            fault: fault.into(),
            remedy: remedy.into(),
        }
    }

    /// A problem with one level of a variable.
    pub fn level(
        variable: &str,
        level: &str,
        fault: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            place: Place::Level { variable: variable.to_owned(), level: level.to_owned() },
            fault: fault.into(),
            remedy: remedy.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}; {}", self.place, self.fault, self.remedy)
    }
}

/// Everything that can go wrong in this crate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The input cannot be used; every problem found is listed.
    #[error("{}", listed(.0))]
    Invalid(Vec<Problem>),
    /// Strata with a single sampled cluster, and the rule for them is to fail.
    #[error(
        "stage {stage}: strata with a single sampled cluster (codes {codes:?}); \
         choose a rule other than fail, or join strata"
    )]
    SinglePsu {
        /// The stage, from one.
        stage: usize,
        /// The codes of the strata.
        codes: Vec<u32>,
    },
    /// Raking stopped before it met its margins.
    #[error(
        "raking did not meet its margins in {rounds} rounds: {variable} = {level} is off by \
         {largest_gap:e} of its target; merge sparse levels, drop a margin, or allow more rounds"
    )]
    RakingNotConverged {
        /// Rounds done.
        rounds: usize,
        /// Largest relative gap that is left.
        largest_gap: f64,
        /// The margin's variable.
        variable: String,
        /// The margin's level.
        level: String,
    },
}

/// The result of everything that can fail in this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// `Ok` where there is no problem, otherwise all of them.
pub(crate) fn all_or_nothing(problems: Vec<Problem>) -> Result<()> {
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// An error of a single problem.
pub(crate) fn invalid(name: &str, fault: impl Into<String>, remedy: impl Into<String>) -> Error {
    Error::Invalid(vec![Problem::input(name, fault, remedy)])
}

fn listed(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
