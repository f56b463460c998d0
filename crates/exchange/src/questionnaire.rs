//! Any questionnaire: the format is recognised from the content.
//!
//! ```text
//! import(files) → recognize → that format's reader → Draft → settle → Document
//! ```
//!
//! A reader puts what it finds into a draft (see `draft`); conditions wait
//! there until every name is known. What cannot be carried over stays in the
//! document as a remark and is told with its place.

mod format;

use serde_json::Value;
use survey_builder::problem::Problem;
pub use survey_builder::problem::{Finding, Severity};
use survey_builder::questionnaire::document::Document;

use crate::draft::{Read, line, refusal, refused, unreadable};
use crate::xlsform;
pub use format::Format;
use format::{Content, decode, recognize};

/// What reading a questionnaire gave.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The format that was recognised.
    pub format: Option<Format>,
    /// The questionnaire, a draft to be reviewed and published, unless it was
    /// refused.
    pub document: Option<Document>,
    /// Everything to be told; with an error among them there is no document.
    pub problems: Vec<Finding>,
}

impl Reading {
    fn of(format: Format, read: Read) -> Self {
        match read {
            Ok((document, problems)) => {
                Self { format: Some(format), document: Some(document), problems }
            }
            Err(problems) => Self { format: Some(format), document: None, problems },
        }
    }

    fn nothing(problems: Vec<Finding>) -> Self {
        Self { format: None, document: None, problems }
    }
}

/// Reads a questionnaire from a file of any system known here, or from the
/// sheets of a form as CSV files (`survey.csv`, `choices.csv`, `settings.csv`;
/// other files are left aside then). Each file is its name and its bytes.
pub fn import(files: &[(&str, &[u8])]) -> Reading {
    let sheet = |name: &str| {
        let own = |file: &str| file.to_lowercase().ends_with(&format!("{name}.csv"));
        files.iter().find(|(file, _)| own(file)).map(|(_, bytes)| *bytes)
    };
    match (files, sheet("survey")) {
        ([(_, bytes)], _) => import_one(bytes),
        ([], _) => Reading::nothing(refusal(Problem::new("import_no_file", ""))),
        (_, Some(survey)) => {
            let form = xlsform::import_csv(survey, sheet("choices"), sheet("settings"));
            Reading::of(Format::Xlsform, of_form(form))
        }
        (_, None) => Reading::nothing(refusal(Problem::new("import_which_file", ""))),
    }
}

fn import_one(bytes: &[u8]) -> Reading {
    match recognize(bytes) {
        Content::Workbook => Reading::of(Format::Xlsform, of_form(xlsform::import_workbook(bytes))),
        Content::Structure => {
            Reading::of(Format::Limesurvey, crate::limesurvey::read_structure(bytes))
        }
        Content::Json(format, value) => Reading::of(format, read_json(format, &value, bytes)),
        Content::Lines(format, text) => Reading::of(format, read_lines(format, &text, bytes)),
        Content::Markdown(text) => {
            let form = xlsform::import_lines(markdown_lines(&text));
            Reading::of(Format::Xlsform, of_form(form))
        }
        Content::Other(what) => Reading::nothing(refused(what)),
    }
}

fn read_json(format: Format, value: &Value, bytes: &[u8]) -> Read {
    match format {
        Format::Surveyjs => crate::surveyjs::read(value),
        Format::Ons => crate::ons::read(value),
        Format::Qualtrics => crate::qualtrics::read(value),
        Format::Xlsform => of_form(xlsform::import_json(value)),
        _ if value.is_null() => {
            // Why it is no JSON at all, before whose it might have been.
            let reason = serde_json::from_str::<Value>(&decode(bytes)).err();
            let place = reason.as_ref().map(|error| line(error.line()));
            let reason = reason.map_or_else(String::new, |error| error.to_string());
            Err(unreadable(place.unwrap_or_default(), reason))
        }
        _ => match serde_json::from_str(&decode(bytes)) {
            Ok(document) => Ok((document, Vec::new())),
            Err(error) => {
                let problem = Problem::new("document_json", line(error.line()));
                Err(refusal(problem.with("reason", error.to_string())))
            }
        },
    }
}

fn read_lines(format: Format, text: &str, bytes: &[u8]) -> Read {
    match format {
        Format::Limesurvey => crate::limesurvey::read_table(text),
        Format::Redcap => crate::redcap::read(text),
        Format::Cspro => crate::cspro::read(text),
        _ => of_form(xlsform::import_single_csv(bytes)),
    }
}

/// The rows of Markdown tables with the numbers of their lines.
fn markdown_lines(text: &str) -> Vec<(u32, Vec<String>)> {
    let rule = |cell: &String| cell.chars().all(|next| matches!(next, '-' | ':' | ' '));
    (1..)
        .zip(text.lines())
        .filter_map(|(number, line)| {
            let inner = line.trim().strip_prefix('|')?;
            let inner = inner.strip_suffix('|').unwrap_or(inner);
            let cells = cells_of(inner);
            let is_rule = cells.iter().all(rule) && cells.iter().any(|cell| cell.contains('-'));
            (!is_rule).then_some((number, cells))
        })
        .collect()
}

/// The cells of a line; `\|` is a bar in a cell.
fn cells_of(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut characters = line.chars().peekable();
    while let Some(next) = characters.next() {
        match (next, characters.peek()) {
            ('\\', Some('|')) => {
                characters.next();
                cells.iter_mut().last().unwrap_or(&mut String::new()).push('|');
            }
            ('|', _) => cells.push(String::new()),
            _ => cells.iter_mut().last().unwrap_or(&mut String::new()).push(next),
        }
    }
    cells.into_iter().map(|cell| cell.trim().to_owned()).collect()
}

fn of_form(form: Result<xlsform::Imported, Vec<xlsform::Problem>>) -> Read {
    let told = |problems: Vec<xlsform::Problem>| problems.iter().map(Finding::from).collect();
    match form {
        Ok(form) => Ok((form.document, told(form.warnings))),
        Err(problems) => Err(told(problems)),
    }
}
