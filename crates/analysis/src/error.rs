//! The one error type of this crate.
//!
//! Bad input is reported whole: a caller who hands in a column with five faults learns all five, each
//! with its place and what to do about it, instead of mending them one run at a time.

pub use survey_builder::problem::Problem;

/// Everything that can go wrong in this crate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The input cannot be used; every problem found is listed.
    #[error("{}", listed(.0))]
    Invalid(Vec<Problem>),
}

impl Error {
    /// What is wrong.
    pub fn into_problems(self) -> Vec<Problem> {
        let Self::Invalid(problems) = self;
        problems
    }
}

/// The result of everything that can fail in this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// `Ok` where there is no problem, otherwise all of them.
pub(crate) fn all_or_nothing(problems: Vec<Problem>) -> Result<()> {
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// For logs: codes and arguments.
fn listed(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
