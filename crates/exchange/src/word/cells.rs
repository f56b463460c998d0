//! What the cells of a table say.

use super::blank::is_blank_only;
use super::body::{Line, Table};
use super::mark::{Mark, is_box, mark};
use super::phrases::is_row_number;

/// The words of a cell.
fn words_of(cell: &[Line]) -> String {
    let lines: Vec<String> = cell.iter().map(Line::seen).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

/// Whether nothing is said in a cell but that something is ticked or written there.
pub(super) fn is_open(text: &str) -> bool {
    let ticks = |next: char| is_box(next) || next.is_whitespace();
    let boxed = matches!(mark(text), Some((Mark::Box(_), "")));
    text.chars().all(ticks) || boxed || is_blank_only(text)
}

pub(super) fn is_digits(text: &str) -> bool {
    let text = text.trim().trim_matches(['(', ')', '.', '□', '○', '☐', ' ']);
    (1..=2).contains(&text.len()) && text.bytes().all(|next| next.is_ascii_digit())
}

/// What the cells of a table say, by rows.
pub(super) struct Cells<'t> {
    table: &'t Table,
    texts: Vec<Vec<String>>,
}

impl<'t> Cells<'t> {
    pub(super) fn of(table: &'t Table) -> Self {
        let rows = table.rows.iter();
        let texts = rows.map(|row| row.iter().map(|cell| words_of(cell)).collect()).collect();
        Self { table, texts }
    }

    pub(super) fn width(&self) -> usize {
        self.texts.iter().map(Vec::len).max().unwrap_or(0)
    }

    pub(super) fn text(&self, row: usize, column: usize) -> &str {
        self.texts.get(row).and_then(|row| row.get(column)).map_or("", String::as_str)
    }

    pub(super) fn lines(&self, row: usize, column: usize) -> &'t [Line] {
        self.table.rows.get(row).and_then(|row| row.get(column)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn rows(&self) -> usize {
        self.texts.len()
    }

    /// Whether the first column only numbers the rows.
    pub(super) fn is_numbered(&self) -> bool {
        let numbers = |row: usize| {
            let text = self.text(row, 0).trim().trim_end_matches(['.', ')']);
            text.is_empty() || text.len() < 4 && text.chars().all(char::is_alphanumeric)
        };
        self.width() > 2
            && is_row_number(self.text(0, 0))
            && (1..self.rows()).all(numbers)
            && (1..self.rows()).any(|row| !self.text(row, 0).is_empty())
    }
}
