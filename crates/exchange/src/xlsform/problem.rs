//! What can be wrong with a form, with sheet, row, column and remedy.

use std::fmt;

use serde::{Deserialize, Serialize};

use survey_builder::problem::{self, Argument, Finding, Phrase, Severity};

/// One problem of a form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each variant's sentence, in web/locales, says what it is")]
pub enum Detail {
    XlsformUnreadable { reason: Argument },
    XlsformEncoding,
    XlsformSheetMissing { sheet: String },
    XlsformSheetEmpty,
    XlsformSheetNotCarried,
    XlsformSheetCut { count: usize },
    XlsformColumnMissing { name: String },
    XlsformColumnTwice { name: String },
    XlsformColumnUnknown,
    XlsformColumnNotCarried,
    XlsformCellsNotCarried { count: usize, rows: String },
    XlsformNoQuestions,
    XlsformTypeMissing,
    XlsformTypeUnknown { name: String },
    XlsformTypeNotCarried { name: String },
    XlsformListMissing { name: String },
    XlsformListUnknown { list: String },
    XlsformNameMissing,
    XlsformNameBad { name: String },
    XlsformNameReserved { name: String },
    XlsformParameter { reason: Phrase },
    XlsformTrigger { reason: Phrase },
    XlsformEntity { reason: Phrase },
    XlsformSourceTwice { name: String },
    XlsformNameTwice { name: String, first: u32 },
    XlsformChoiceRenamed { list: String, option: String, other: String },
    XlsformChoiceTwice { list: String, option: String, first: u32 },
    XlsformChoiceWithoutName,
    XlsformLabelMissing,
    XlsformGroupOpen,
    XlsformGroupNotOpen,
    XlsformGroupMismatch,
    XlsformNotABattery { reason: String },
    XlsformValueUnknown { value: String, known: String },
    XlsformParameterNotCarried { name: String },
    XlsformCalculationMissing,
    XlsformXpath { reason: Phrase, at: usize },
    XlsformXpathNotCarried { construct: Argument },
    XlsformXpathUnknownName { name: String },
    XlsformExpression { expression: String, problem: Phrase },
    XlsformOptionsElsewhere { file: String },
    XlsformDefaultLanguage { name: String },
}

impl Detail {
    fn severity(&self) -> Severity {
        match self {
            Self::XlsformColumnTwice { .. }
            | Self::XlsformColumnUnknown
            | Self::XlsformColumnNotCarried
            | Self::XlsformSheetNotCarried
            | Self::XlsformSheetCut { .. }
            | Self::XlsformCellsNotCarried { .. }
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

    /// The stable code, such as `xlsform_list_unknown`.
    pub fn code(&self) -> String {
        self.as_problem().code
    }

    /// The same as every crate tells it.
    pub fn as_problem(&self) -> problem::Problem {
        let row = self.row.map(|row| format!("!{row}")).unwrap_or_default();
        let place = format!("{}{row} {}", self.sheet, self.column);
        problem::Problem::from_variant(&self.detail, place.trim())
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
        self.as_problem().fmt(formatter)
    }
}

impl From<&Problem> for Finding {
    fn from(problem: &Problem) -> Self {
        Self { severity: problem.severity(), problem: problem.as_problem() }
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
