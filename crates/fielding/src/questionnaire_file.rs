//! Questionnaire files as people send them: which format it is, what came out,
//! everything that was wrong.

use exchange::questionnaire::{self, Severity, import};
use survey_builder::questionnaire::document::Document;

use crate::error::Problem;

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
    let (errors, warnings): (Vec<_>, Vec<_>) =
        reading.problems.iter().partition(|problem| problem.severity == Severity::Error);
    Reading {
        format: reading.format.map_or("", questionnaire::Format::name),
        document: reading.document,
        errors: errors.into_iter().map(told).collect(),
        warnings: warnings.into_iter().map(told).collect(),
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
