//! Any questionnaire: the format is recognised from the content.
//!
//! ```text
//! import(name, bytes)  → Format → that format's reader → Draft → settle → Document
//! ```
//!
//! A reader puts what it finds into a draft (see `draft`); conditions wait
//! there until every name is known. What cannot be carried over stays in the
//! document as a remark and is told with its place.

pub(crate) mod draft;
mod problem;
pub(crate) mod settle;

use serde::Serialize;
use survey_builder::questionnaire::document::Document;

pub use problem::{Problem, Severity};
pub(crate) use problem::{refused, unreadable};

/// What a reader gives: the document with what is to be told about it, or why
/// it is refused.
pub(crate) type Read = Result<(Document, Vec<Problem>), Vec<Problem>>;

/// The systems whose questionnaires are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// A document of our own.
    Sondage,
    /// The spreadsheet form of ODK, Kobo and others.
    Xlsform,
    /// `LimeSurvey`'s structure (`.lss`), or the archive that holds one (`.lsa`).
    Limesurvey,
    /// `LimeSurvey`'s tab-separated form.
    LimesurveyTsv,
    /// A `SurveyJS` model.
    Surveyjs,
    /// A schema of the ONS questionnaire runner.
    Ons,
    /// A Qualtrics survey (`.qsf`).
    Qualtrics,
    /// A `REDCap` data dictionary.
    Redcap,
    /// A `CSPro` dictionary (`.dcf`).
    Cspro,
}
