//! The account of a form: every filled cell that no reader asked for stays as a
//! remark, and each column is told once with its first rows. The sheets count
//! themselves what they hand out, so that a reader cannot forget to.

use super::problem::{Detail, Problems};
use super::sheet::{Sheet, Workbook};
use crate::draft::Draft;

/// How many rows are named where a column has many.
const FIRST_ROWS: usize = 3;

/// Keeps and tells the cells of all sheets that nobody read.
pub(super) fn account(workbook: &Workbook, draft: &mut Draft, problems: &mut Problems) {
    for (name, sheet) in [
        ("survey", &workbook.survey),
        ("choices", &workbook.choices),
        ("external_choices", &workbook.external),
        ("settings", &workbook.settings),
    ] {
        left(name, sheet, draft, problems);
    }
}

fn left(name: &str, sheet: &Sheet, draft: &mut Draft, problems: &mut Problems) {
    for (place, column) in sheet.columns.iter().enumerate() {
        let mut rows: Vec<u32> = Vec::new();
        let of_column = |row: &&super::sheet::Row| row.left().any(|left| left == place);
        for row in sheet.rows.iter().filter(of_column) {
            let of = sheet.peek(row, if name == "settings" { "form_id" } else { "name" });
            let cell = row.peek(place);
            let original = if of.is_empty() { cell.to_owned() } else { format!("{of}: {cell}") };
            draft.remark(None, if column.is_empty() { "column" } else { column }, &original);
            rows.push(row.number);
        }
        let Some(first) = rows.first().copied() else { continue };
        let named: Vec<String> = rows.iter().take(FIRST_ROWS).map(ToString::to_string).collect();
        let more = if rows.len() > FIRST_ROWS { ", …" } else { "" };
        let (count, rows) = (rows.len(), named.join(", ") + more);
        let heading = sheet.headings.get(place).map_or("", |heading| heading.trim());
        problems.add(name, Some(first), heading, Detail::XlsformCellsNotCarried { count, rows });
    }
}
