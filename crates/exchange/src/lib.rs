//! Other systems' formats, in and out.
//!
//! Pure: bytes in, values out, and the other way round. One file or folder a
//! format. What a foreign file says that we cannot carry is told with its
//! place, never dropped in silence.

mod account;
mod cspro;
pub mod data;
mod draft;
mod formula;
mod limesurvey;
mod ons;
pub mod prove;
mod qualtrics;
pub mod questionnaire;
mod redcap;
mod reread;
mod survey_solutions;
pub mod surveyjs;
pub mod translation;
mod word;
pub mod words;
pub mod xform;
pub mod xlsform;

/// What can go wrong when a file is written; what is wrong in files that are
/// read is told by each format's own problems.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The workbook could not be made.
    #[error("the workbook could not be made: {0}")]
    Workbook(String),
}
