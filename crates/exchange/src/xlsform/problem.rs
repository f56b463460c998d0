//! What can be wrong with a form, with sheet, row, column and remedy.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::draft::{self, Severity};

/// One problem of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The sheet: `survey`, `choices` or `settings`; empty for the whole file.
    pub sheet: String,
    /// The row as the spreadsheet counts it (the header is row 1).
    pub row: Option<u32>,
    /// The column's heading, or empty.
    pub column: String,
    /// What exactly.
    pub detail: Detail,
}

/// What is wrong, with the words that the sentence needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each variant's sentence says what it is")]
pub enum Detail {
    #[error("the file is no workbook that can be read ({reason}); save it as .xlsx or .csv")]
    XlsformUnreadable { reason: String },
    #[error("not UTF-8; save the sheet as CSV in UTF-8")]
    XlsformEncoding,
    #[error("the sheet {sheet} is missing; add it")]
    XlsformSheetMissing { sheet: String },
    #[error("the sheet is empty; add its header and rows")]
    XlsformSheetEmpty,
    #[error("the sheet has no column {name}; add it")]
    XlsformColumnMissing { name: String },
    #[error("two columns are called {name}; the first is read; remove one")]
    XlsformColumnTwice { name: String },
    #[error("the column is not known, its cells are kept as remarks; correct its heading")]
    XlsformColumnUnknown,
    #[error("the cells of the column are kept as remarks; look whether they matter")]
    XlsformColumnNotCarried,
    #[error("the form has no question; add rows to the survey sheet")]
    XlsformNoQuestions,
    #[error("the row has no type; write one, such as text or select_one LIST")]
    XlsformTypeMissing,
    #[error("no question type is called {name}; see the XLSForm reference for the types")]
    XlsformTypeUnknown { name: String },
    #[error("the type {name} is not carried over yet; remove the row or ask otherwise")]
    XlsformTypeNotCarried { name: String },
    #[error("{name} needs the name of a list, as in {name} LIST")]
    XlsformListMissing { name: String },
    #[error("no list is called {list} on the choices sheet; add it or correct the name")]
    XlsformListUnknown { list: String },
    #[error("the row has no name; write one")]
    XlsformNameMissing,
    #[error("{name} is no name; start with a letter or _, then letters, digits, _, - or .")]
    XlsformNameBad { name: String },
    #[error("the name {name} stands in row {first} already; change one")]
    XlsformNameTwice { name: String, first: u32 },
    #[error(
        "the option {option} of {list} stands there already for others; this one is called {other} here"
    )]
    XlsformChoiceRenamed { list: String, option: String, other: String },
    #[error("the option {option} of {list} stands in row {first} already; change one")]
    XlsformChoiceTwice { list: String, option: String, first: u32 },
    #[error("the option has no name; write its code")]
    XlsformChoiceWithoutName,
    #[error("the row has no label; write what is read")]
    XlsformLabelMissing,
    #[error("the group opened here is never closed; add end_group")]
    XlsformGroupOpen,
    #[error("no group is open here; remove the row or open one before")]
    XlsformGroupNotOpen,
    #[error("a repeat is closed by a group or the other way round; match them")]
    XlsformGroupMismatch,
    #[error(
        "a table-list group that cannot be a battery: {}; its questions stand alone",
        not_a_battery(reason)
    )]
    XlsformNotABattery { reason: String },
    #[error("{value} is not known here and was left out; use one of {known}")]
    XlsformValueUnknown { value: String, known: String },
    #[error("the parameter {name} is kept as a remark only; decide about it")]
    XlsformParameterNotCarried { name: String },
    #[error("a calculation has no formula; write it in the calculation column")]
    XlsformCalculationMissing,
    #[error("the formula is no XPath: {reason} at character {at}; correct it")]
    XlsformXpath { reason: String, at: usize },
    #[error("{construct} is not carried over; the formula is kept as a remark, write it anew")]
    XlsformXpathNotCarried { construct: String },
    #[error("no question before this one is called {name}; correct the name")]
    XlsformXpathUnknownName { name: String },
    #[error("the formula became {expression}, and there: {english}")]
    XlsformExpression { expression: String, problem: String, english: String },
    #[error("the options are not in the form ({file}); it is asked as text, add them as a list")]
    XlsformOptionsElsewhere { file: String },
    #[error("the default language {name} has no column; give it one or change the setting")]
    XlsformDefaultLanguage { name: String },
}

/// Why a group is no battery, in English; pages have it by the same word.
fn not_a_battery(reason: &str) -> &'static str {
    match reason {
        "mixed" => "it holds more than select_one questions",
        "lists" => "its questions have different lists",
        "condition" => "one of its questions has a condition of its own",
        _ => "it is empty",
    }
}

impl Detail {
    fn severity(&self) -> Severity {
        match self {
            Self::XlsformColumnTwice { .. }
            | Self::XlsformColumnUnknown
            | Self::XlsformColumnNotCarried
            | Self::XlsformNotABattery { .. }
            | Self::XlsformValueUnknown { .. }
            | Self::XlsformParameterNotCarried { .. }
            | Self::XlsformLabelMissing
            | Self::XlsformChoiceRenamed { .. }
            | Self::XlsformOptionsElsewhere { .. }
            | Self::XlsformXpathNotCarried { .. }
            | Self::XlsformExpression { .. }
            | Self::XlsformDefaultLanguage { .. } => Severity::Warning,
            _ => Severity::Error,
        }
    }
}

impl Problem {
    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.detail.severity()
    }

    /// The stable code, such as `xlsform_list_unknown`; pages find the sentence
    /// in the reader's language under `problem-<code>`.
    pub fn code(&self) -> String {
        self.fields().get("code").and_then(|code| code.as_str()).unwrap_or_default().to_owned()
    }

    /// The named arguments of the sentence.
    pub fn arguments(&self) -> Vec<(String, String)> {
        self.fields()
            .into_iter()
            .filter(|(name, _)| name != "code")
            .map(|(name, value)| match value {
                serde_json::Value::String(text) => (name, text),
                other => (name, other.to_string()),
            })
            .collect()
    }

    fn fields(&self) -> serde_json::Map<String, serde_json::Value> {
        match serde_json::to_value(&self.detail) {
            Ok(serde_json::Value::Object(fields)) => fields,
            _ => serde_json::Map::new(),
        }
    }

    /// Problems are told in the order of their sheets, rows and columns.
    pub(super) fn order(&self) -> (usize, Option<u32>, String) {
        let sheets = ["", "settings", "survey", "choices"];
        let sheet = sheets.iter().position(|sheet| *sheet == self.sheet).unwrap_or(sheets.len());
        (sheet, self.row, self.column.clone())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.sheet)?;
        if let Some(row) = self.row {
            write!(formatter, "!{row}")?;
        }
        if !self.column.is_empty() {
            write!(formatter, ", {}", self.column)?;
        }
        if !self.sheet.is_empty() {
            formatter.write_str(": ")?;
        }
        write!(formatter, "{}", self.detail)
    }
}

impl From<&Problem> for draft::Problem {
    fn from(problem: &Problem) -> Self {
        let row = problem.row.map(|row| format!("!{row}")).unwrap_or_default();
        let place = format!("{}{row} {}", problem.sheet, problem.column);
        Self {
            severity: problem.severity(),
            place: place.trim().to_owned(),
            code: problem.code(),
            arguments: problem.arguments(),
            english: problem.detail.to_string(),
        }
    }
}

/// Collects the problems of one sheet.
#[derive(Debug, Default)]
pub(super) struct Problems(pub Vec<Problem>);

impl Problems {
    pub(super) fn add(&mut self, sheet: &str, row: Option<u32>, column: &str, detail: Detail) {
        let (sheet, column) = (sheet.to_owned(), column.to_owned());
        self.0.push(Problem { sheet, row, column, detail });
    }
}
