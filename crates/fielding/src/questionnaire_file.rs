//! Questionnaire files as people send them: which format it is, what came out,
//! everything that was wrong.

use exchange::xlsform;
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

    fn refused(format: &'static str, errors: Vec<Problem>) -> Self {
        Self { format, errors, ..Self::default() }
    }
}

/// Reads a questionnaire: a document (`.json`), an XLSForm workbook, or its
/// sheets as CSV (`survey.csv`, `choices.csv`, `settings.csv`; other files are
/// left aside).
pub fn read(files: &[(&str, &[u8])]) -> Reading {
    let sheet = |name: &str| {
        files
            .iter()
            .find(|(file, _)| file.to_lowercase().ends_with(&format!("{name}.csv")))
            .map(|(_, bytes)| *bytes)
    };
    if let [(name, bytes)] = files
        && name.to_lowercase().ends_with(".json")
    {
        return read_document(name, bytes);
    }
    let imported = match (sheet("survey"), files) {
        (Some(survey), _) => xlsform::import_csv(survey, sheet("choices"), sheet("settings")),
        (None, [(_, bytes)]) => xlsform::import_workbook(bytes),
        (None, []) => {
            let problem = Problem::new("no-file", "questionnaire", "choose a file");
            return Reading::refused("", vec![problem]);
        }
        (None, _) => {
            let english = "choose one workbook, or survey.csv with choices.csv and settings.csv";
            return Reading::refused(
                "",
                vec![Problem::new("which-file", "questionnaire", english)],
            );
        }
    };
    match imported {
        Ok(imported) => Reading {
            format: "xlsform",
            document: Some(imported.document),
            errors: Vec::new(),
            warnings: imported.warnings.iter().map(told).collect(),
        },
        Err(problems) => {
            let (errors, warnings): (Vec<_>, Vec<_>) =
                problems.iter().partition(|problem| problem.severity() == xlsform::Severity::Error);
            Reading {
                format: "xlsform",
                document: None,
                errors: errors.into_iter().map(told).collect(),
                warnings: warnings.into_iter().map(told).collect(),
            }
        }
    }
}

fn read_document(name: &str, bytes: &[u8]) -> Reading {
    match serde_json::from_slice(bytes) {
        Ok(document) => {
            Reading { format: "document", document: Some(document), ..Reading::default() }
        }
        Err(error) => {
            let place = format!("{name}, line {}", error.line());
            let problem =
                Problem::new("document-json", &place, &format!("is not a document: {error}"));
            let arguments = vec![("reason".to_owned(), error.to_string())];
            Reading::refused("document", vec![Problem { arguments, ..problem }])
        }
    }
}

fn told(problem: &xlsform::Problem) -> Problem {
    Problem {
        code: problem.code().replace('_', "-"),
        place: place_in_workbook(problem),
        arguments: problem.arguments(),
        english: problem.detail.to_string(),
    }
}

/// `survey!12 relevant`: sheet, row and column as a spreadsheet shows them.
fn place_in_workbook(problem: &xlsform::Problem) -> String {
    let row = problem.row.map(|row| format!("!{row}")).unwrap_or_default();
    format!("{}{row} {}", problem.sheet, problem.column).trim().to_owned()
}
