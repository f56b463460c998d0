//! Lists of which somebody must say which sheet of a workbook is meant and which row has the
//! names of their columns: what is shown of them, what is asked, what was answered.

use std::fs::File;

use exchange::data::workbook::SheetRows;
use fielding::acts::frame::meanwhile::Kept;
use fielding::acts::frame::{SHOWN_ROWS, as_problems};
use fielding::error::{Error, Problem};
use fielding::files::list::{Declared, ListFile, Opening};
use serde::Serialize;
use survey_builder::list::rows::Asked;
use survey_builder::questionnaire::validate::Posted;
use survey_builder::sampling;

use crate::form::field;

/// A sheet of a workbook with its first rows.
#[derive(Serialize)]
pub struct SheetLine {
    name: String,
    taken: bool,
    rows: Vec<RowLine>,
}

/// A row as it is in the file.
#[derive(Serialize)]
pub struct RowLine {
    number: usize,
    cells: Vec<String>,
}

/// Cells that are shown of a row.
const CELLS: usize = 6;

impl RowLine {
    /// The first cells of these rows, numbered from 1.
    pub fn of(rows: &[Vec<String>]) -> Vec<Self> {
        let line = |(number, row): (usize, &Vec<String>)| Self {
            number,
            cells: row.iter().take(CELLS).cloned().collect(),
        };
        (1..).zip(rows).map(line).collect()
    }
}

impl SheetLine {
    /// The sheets of a file that is kept, each as far as the row of its names.
    pub fn of(kept: &Kept, header_row: u64) -> Vec<Self> {
        let line = |(name, rows): &SheetRows| {
            let most = usize::try_from(header_row).unwrap_or(0).max(3).min(rows.len());
            let taken = kept.taken.as_deref() == Some(name);
            Self { name: name.clone(), taken, rows: RowLine::of(&rows[..most]) }
        };
        kept.sheets.iter().map(line).collect()
    }
}

/// A file that is kept while it is asked about.
#[derive(Serialize)]
pub struct KeptLine {
    name: String,
    sheets: Vec<SheetLine>,
    header_row: u64,
    /// The same as it stands in its field.
    row_text: String,
}

impl KeptLine {
    /// Of what is known of it.
    pub fn of(kept: Kept) -> Self {
        Self {
            sheets: SheetLine::of(&kept, kept.header_row),
            header_row: kept.header_row,
            row_text: kept.header_row.to_string(),
            name: kept.name,
        }
    }
}

/// Which sheet and which row somebody chose; empty where nothing was.
#[derive(Default)]
pub struct Answer {
    sheet: String,
    row: String,
}

impl Answer {
    /// What a form says of the file of one of its fields.
    pub fn of(form: &Posted, name: &str) -> Self {
        Self {
            sheet: field(form, &format!("{name}_sheet")),
            row: field(form, &format!("{name}_row")),
        }
    }

    /// Whether nothing was chosen.
    pub fn is_empty(&self) -> bool {
        self.sheet.is_empty() && self.row.is_empty()
    }
}

/// What is wrong with a list names its file.
pub fn named_in(name: &str) -> impl Fn(Vec<sampling::Problem>) -> Error + '_ {
    move |problems| {
        let in_file: Vec<sampling::Problem> =
            problems.into_iter().map(|problem| problem.in_file(name)).collect();
        Error::Invalid(as_problems(&in_file))
    }
}

/// What there is to ask of a list that was sent: its sheets, where there are several, and its
/// first rows, where the names of its columns are not in the first one.
///
/// # Errors
///
/// A file that cannot be read or is no list.
pub fn asked_of(file: File, name: &str, wanted: &[&str]) -> Result<Kept, Error> {
    let opened = ListFile::open(file, name, Opening::default()).map_err(named_in(name))?;
    let asked = Asked { header_row: None, wanted };
    let header_row = opened.header_row(asked).map_err(named_in(name))?;
    let mut sheets = opened.sheets(SHOWN_ROWS).map_err(named_in(name))?;
    let taken = opened.sheet_taken().map(str::to_owned);
    if sheets.is_empty() && header_row > 1 {
        let rows = opened.beginning_of(SHOWN_ROWS).map_err(named_in(name))?;
        sheets.push((String::new(), rows));
    }
    let declared = Declared::Unknown;
    Ok(Kept { name: name.to_owned(), declared, taken, header_row, sheets, ..Kept::default() })
}

/// Opens a list by what was answered, with the row of its names; what is still to be asked is
/// a problem.
///
/// # Errors
///
/// That, a row that is no number, and what is wrong with the file.
pub fn opened(
    kept: &Kept,
    name: &str,
    answer: &Answer,
    file: impl FnOnce() -> Result<File, Error>,
) -> Result<(ListFile, u64), Error> {
    let Answer { sheet, row } = answer;
    let asks_sheet = kept.sheets.len() > 1 && sheet.is_empty();
    let asks_row = !kept.sheets.is_empty() && row.is_empty();
    if asks_sheet || asks_row {
        let code = if asks_sheet { "list-sheet-asked" } else { "list-row-asked" };
        return Err(Error::Invalid(vec![Problem::new(code, "").with("file", kept.name.as_str())]));
    }
    let header_row = if row.is_empty() { Ok(kept.header_row) } else { row.parse() };
    let header_row = header_row.map_err(|_| Error::invalid("whole-number", name))?;
    let sheet = Some(sheet.as_str()).filter(|sheet| !sheet.is_empty());
    let opened = ListFile::open(file()?, &kept.name, Opening { sheet, ..Opening::default() });
    Ok((opened.map_err(named_in(&kept.name))?, header_row))
}

#[cfg(test)]
impl SheetLine {
    /// As an example.
    pub fn example(taken: bool) -> Self {
        let rows = RowLine::of(&[vec!["a".to_owned(), String::new()]]);
        Self { name: format!("sheet {taken}"), taken, rows }
    }
}

#[cfg(test)]
impl KeptLine {
    /// As an example, with several sheets or none.
    pub fn example(several: bool) -> Self {
        let sheets =
            if several { [true, false].map(SheetLine::example).into() } else { Vec::new() };
        let name = "totals.xlsx".to_owned();
        Self { name, sheets, header_row: 2, row_text: "2".to_owned() }
    }
}
