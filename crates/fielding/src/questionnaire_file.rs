//! Questionnaire files as people send them: which format it is, what came out,
//! everything that was wrong.

use std::path::Path;

use exchange::questionnaire::{self, Severity, import};
pub use exchange::xlsform::READER_THREAD;
use exchange::{xform, xlsform};
use survey_builder::questionnaire::document::Document;

use crate::error::{Error, Problem};

/// What reading a questionnaire gave.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The format that was recognised, such as `xlsform`; empty when none was.
    pub format: &'static str,
    /// The questionnaire, unless it was refused.
    pub document: Option<Document>,
    /// Why it was refused; empty otherwise.
    pub errors: Vec<Problem>,
    /// What was carried over with a change, or left out.
    pub warnings: Vec<Problem>,
    /// What is worth knowing, though nothing is lost.
    pub notes: Vec<Problem>,
}

impl Reading {
    /// The questionnaire, when nothing else is of interest.
    ///
    /// # Errors
    ///
    /// Why it was refused.
    pub fn document(self) -> Result<Document, Vec<Problem>> {
        self.document.ok_or(self.errors)
    }
}

/// Reads a questionnaire: a file of any system that is known (see
/// [`exchange::questionnaire`]), or the sheets of a form as CSV.
pub fn read(files: &[(&str, &[u8])]) -> Reading {
    let reading = import(files);
    let of = |severity: Severity| {
        let own = reading.problems.iter().filter(|problem| problem.severity == severity);
        own.map(told).collect()
    };
    Reading {
        format: reading.format.map_or("", questionnaire::Format::name),
        errors: of(Severity::Error),
        warnings: of(Severity::Warning),
        notes: of(Severity::Note),
        document: reading.document,
    }
}

fn told(problem: &questionnaire::Problem) -> Problem {
    Problem {
        code: problem.code.replace('_', "-"),
        place: problem.place.clone(),
        arguments: problem.arguments.clone(),
        english: problem.english.clone(),
    }
}

/// Writes a questionnaire in the format that a file of this name has, with what
/// has no place there.
///
/// # Errors
///
/// A name of no format that is written, or a file that cannot be made.
pub fn write(document: &Document, file: &Path) -> Result<(Vec<u8>, Vec<Problem>), Error> {
    let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let damaged = |reason: String| Error::Damaged { what: "questionnaire", reason };
    match extension.to_lowercase().as_str() {
        "json" => {
            let json = serde_json::to_vec_pretty(document);
            Ok((json.map_err(|error| damaged(error.to_string()))?, Vec::new()))
        }
        "xml" => {
            let (form, lost) = xform::export(document);
            Ok((form.into_bytes(), lost.iter().map(told).collect()))
        }
        "xlsx" => {
            let made = xlsform::export_workbook(document);
            let (bytes, lost) = made.map_err(|error| damaged(error.to_string()))?;
            Ok((bytes, lost.iter().map(told).collect()))
        }
        _ => {
            let english = "no questionnaire is written with this ending; use .json, .xlsx or .xml";
            let problem = Problem::new("export-format", &file.display().to_string(), english);
            Err(Error::Invalid(vec![problem]))
        }
    }
}
