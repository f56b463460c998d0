//! The cells of a row, counted.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Cells by the names of their columns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cells {
    texts: BTreeMap<String, String>,
    handed_out: RefCell<BTreeSet<String>>,
}

impl Cells {
    /// Fills a cell in while a file is read.
    pub(crate) fn put(&mut self, column: String, cell: String) {
        self.texts.insert(column, cell);
    }

    /// The cell of a column as it is written. Whoever asks for it carries it
    /// over, or tells that it is not.
    pub(crate) fn get(&self, column: &str) -> Option<&String> {
        let (name, found) = self.texts.get_key_value(column)?;
        self.handed_out.borrow_mut().insert(name.clone());
        Some(found)
    }

    /// The cell of a column, trimmed; empty where there is none.
    pub(crate) fn cell(&self, column: &str) -> &str {
        self.get(column).map_or("", |cell| cell.trim())
    }

    /// The same only to look at: nothing is carried over so.
    pub(crate) fn peek(&self, column: &str) -> &str {
        self.texts.get(column).map_or("", |cell| cell.trim())
    }

    /// Every filled cell, all of them to be kept.
    pub(crate) fn whole(&self) -> impl Iterator<Item = (&str, &str)> {
        self.hand_out();
        self.filled()
    }

    /// The filled cells that no reader was given.
    pub(crate) fn left(&self) -> Vec<(&str, &str)> {
        let handed_out = self.handed_out.borrow();
        self.filled().filter(|(column, _)| !handed_out.contains(*column)).collect()
    }

    /// A further row of one thing, in another language: cells that say the same as
    /// those read of the first are read with them.
    pub(crate) fn read_as(&self, first: &Self) {
        let of_first = first.handed_out.borrow().clone();
        let same = self.filled().filter(|(column, cell)| first.peek(column) == *cell);
        let same = same.filter(|(column, _)| of_first.contains(*column));
        let same: Vec<String> = same.map(|(column, _)| column.to_owned()).collect();
        self.handed_out.borrow_mut().extend(same);
    }

    /// All cells are kept or carried over.
    pub(crate) fn hand_out(&self) {
        self.handed_out.borrow_mut().extend(self.texts.keys().cloned());
    }

    fn filled(&self) -> impl Iterator<Item = (&str, &str)> {
        let cells = self.texts.iter().map(|(column, cell)| (column.as_str(), cell.trim()));
        cells.filter(|(_, cell)| !cell.is_empty())
    }
}

impl FromIterator<(String, String)> for Cells {
    /// Of two cells of one column the filled one stays.
    fn from_iter<I: IntoIterator<Item = (String, String)>>(cells: I) -> Self {
        let mut texts: BTreeMap<String, String> = BTreeMap::new();
        for (column, cell) in cells {
            let known = texts.entry(column).or_default();
            if known.trim().is_empty() {
                *known = cell;
            }
        }
        Self { texts, handed_out: RefCell::default() }
    }
}
