//! Questionnaire files as people send them: which format it is, what came out,
//! everything that was wrong.

use std::path::Path;

use exchange::questionnaire::{self, Finding, Severity, import_in};
pub use exchange::xlsform::READER_THREAD;
use exchange::{surveyjs, xform, xlsform};
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

/// The endings of files that are read, as a browser's dialog takes them. Files are
/// recognised by their content, whatever they are called.
pub fn accepted() -> String {
    let endings = questionnaire::ENDINGS.iter().map(|ending| format!(".{ending}"));
    endings.collect::<Vec<_>>().join(",")
}

/// Reads a questionnaire: a file of any system that is known (see
/// [`exchange::questionnaire`]), or the sheets of a form as CSV.
pub fn read(files: &[(&str, &[u8])]) -> Reading {
    read_in(files, None)
}

/// As [`read`], where somebody says the language (its code) of texts that name
/// none.
pub fn read_in(files: &[(&str, &[u8])], language: Option<&str>) -> Reading {
    let reading = import_in(files, language);
    let of = |severity: Severity| {
        let own = reading.problems.iter().filter(|problem| problem.severity == severity);
        own.map(as_problem).collect()
    };
    Reading {
        format: reading.format.map_or("", questionnaire::Format::name),
        errors: of(Severity::Error),
        warnings: of(Severity::Warning),
        notes: of(Severity::Note),
        document: reading.document,
    }
}

/// Codes are written with hyphens in what the service keeps and answers.
fn as_problem(finding: &Finding) -> Problem {
    Problem { code: finding.problem.code.replace('_', "-"), ..finding.problem.clone() }
}

/// A format in which questionnaires are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A document of our own.
    Document,
    /// A workbook as ODK, Kobo and others read it.
    Xlsform,
    /// What ODK's programs fill in.
    Xform,
    /// A model of `SurveyJS`.
    Surveyjs,
}

impl Target {
    /// The format that a file of this name has.
    ///
    /// # Errors
    ///
    /// A name of no format that is written.
    pub fn of_file(file: &Path) -> Result<Self, Error> {
        let extension = file.extension().and_then(|extension| extension.to_str());
        match extension.unwrap_or_default().to_lowercase().as_str() {
            "json" => Ok(Self::Document),
            "xlsx" => Ok(Self::Xlsform),
            "xml" => Ok(Self::Xform),
            _ => {
                let place = file.display().to_string();
                Err(Error::Invalid(vec![Problem::new("export-format", &place)]))
            }
        }
    }
}

/// Writes a questionnaire, with what has no place in that format.
///
/// # Errors
///
/// A file that cannot be made.
pub fn write(document: &Document, target: Target) -> Result<(Vec<u8>, Vec<Problem>), Error> {
    let damaged = |reason: String| Error::Damaged { what: "questionnaire", reason };
    let (bytes, lost) = match target {
        Target::Document => (serde_json::to_vec_pretty(document), Vec::new()),
        Target::Surveyjs => {
            let (model, lost) = surveyjs::export(document);
            (serde_json::to_vec_pretty(&model), lost)
        }
        Target::Xform => {
            let (form, lost) = xform::export(document);
            (Ok(form.into_bytes()), lost)
        }
        Target::Xlsform => {
            let made = xlsform::export_workbook(document);
            let (bytes, lost) = made.map_err(|error| damaged(error.to_string()))?;
            (Ok(bytes), lost)
        }
    };
    let bytes = bytes.map_err(|error| damaged(error.to_string()))?;
    Ok((bytes, lost.iter().map(as_problem).collect()))
}
