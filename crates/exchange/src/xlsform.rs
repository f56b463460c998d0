//! XLSForm: the spreadsheet form of ODK, Kobo and many others, read into a
//! [`Document`].
//!
//! ```text
//! import_csv(survey, choices, settings)  ┐
//! import_workbook(bytes)                 ┴→ sheets → rows → Document
//! ```
//!
//! Conditions are translated from `XPath` with what they give for blanks kept
//! (see `formula`). Every problem of the file is told at once, with sheet,
//! row, column and remedy; with an error among them there is no document.
//!
//! Columns that start with `x_` are ours: `x_number` (printed number), `x_role`
//! (what an answer is used for) and, on choices, `x_flag` (`dk`, `refused`,
//! `na`, `exclusive`, `anchor`, `end_refusal`).

mod biff;
mod build;
mod choices;
mod every_sheet;
mod export;
pub(crate) mod form;
mod language;
mod ledger;
mod ods;
mod problem;
mod row;
mod rules;
mod sheet;
pub(crate) mod xpath;

use survey_builder::problem::Finding;
use survey_builder::questionnaire::document::Document;

pub(crate) use self::every_sheet::all_sheets;
pub use self::export::{Exported, export, export_workbook};
pub(crate) use self::language::parse as language_named;
use self::problem::Problems;
pub use self::problem::{Detail, Problem};
use sheet::Workbook;
pub(crate) use sheet::{Grid, separator};
pub use survey_builder::problem::Severity;

/// The name of the thread on which workbooks are read. A damaged one may end
/// it; whoever prints panics can leave that one out.
pub const READER_THREAD: &str = "workbook reader";

/// An imported form.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The questionnaire, a draft to be reviewed and published.
    pub document: Document,
    /// What was carried with a change, or left out: warnings only.
    pub warnings: Vec<Problem>,
    /// What was changed on the way, as every reader tells it.
    pub settled: Vec<Finding>,
}

/// Imports a form from its sheets as CSV in UTF-8.
///
/// # Errors
///
/// Every problem of the sheets, when one of them is an error.
pub fn import_csv(
    survey: &[u8],
    choices: Option<&[u8]>,
    settings: Option<&[u8]>,
) -> Result<Imported, Vec<Problem>> {
    finish(Workbook::from_csv(survey, choices, settings))
}

/// Imports a form from a workbook (`.xlsx`, `.xls`, `.xlsb` or `.ods`).
///
/// # Errors
///
/// Every problem of the workbook, when one of them is an error.
pub fn import_workbook(bytes: &[u8]) -> Result<Imported, Vec<Problem>> {
    finish(Workbook::from_spreadsheet(bytes))
}

/// Imports a form from one CSV: the survey sheet alone, or all sheets, where a
/// line with a first cell begins the sheet of that name.
///
/// # Errors
///
/// Every problem of the sheets, when one of them is an error.
pub fn import_single_csv(bytes: &[u8]) -> Result<Imported, Vec<Problem>> {
    finish(Workbook::from_single_csv(bytes))
}

/// Imports a form from the cells of Markdown tables that hold all sheets, with
/// the numbers of their lines.
///
/// # Errors
///
/// Every problem of the sheets, when one of them is an error.
pub fn import_lines(lines: Vec<(u32, Vec<String>)>) -> Result<Imported, Vec<Problem>> {
    finish(Workbook::from_lines(lines, Problems::default()))
}

/// Imports a form from JSON: an object of sheets, each a list of rows.
///
/// # Errors
///
/// Every problem of the sheets, when one of them is an error.
pub fn import_json(value: &serde_json::Value) -> Result<Imported, Vec<Problem>> {
    finish(Workbook::from_json(value))
}

/// Imports a form from the rows of its sheets, by the names of the sheets.
pub(crate) fn import_grids(
    grids: std::collections::BTreeMap<&'static str, Option<Grid>>,
) -> Result<Imported, Vec<Problem>> {
    finish(Workbook::of_grids(grids))
}

fn finish(workbook: Result<Workbook, Vec<Problem>>) -> Result<Imported, Vec<Problem>> {
    let build::Built { document, mut problems, settled } = build::build(&workbook?);
    problems.sort_by_key(Problem::order);
    problems.dedup();
    let refused = problems.iter().any(|problem| problem.severity() == Severity::Error);
    if refused { Err(problems) } else { Ok(Imported { document, warnings: problems, settled }) }
}
