//! Paths in formulas (`../inputs/source`, `/data/age`): which question they
//! lead to. Questions are known by name here, so a path is followed through
//! the groups of the form and read as the name at its end; where several rows have that
//! name, as that of its row, until it is known what the question became called.

use std::collections::BTreeMap;

use super::super::row::{Group, Item};
use super::super::sheet::{Row, Sheet};

/// What no name begins with: the sign of a row.
const SIGN: char = '\u{0}';

/// Where the rows of a form stand.
#[derive(Default)]
pub(super) struct Places {
    /// The groups around each row, and its own name, by the row's number.
    of_row: BTreeMap<u32, Vec<String>>,
    /// The rows of questions, by their places.
    questions: BTreeMap<Vec<String>, u32>,
    /// How many rows have a name: one that several have says no place.
    names: BTreeMap<String, usize>,
    /// What the question of each row became called.
    called: BTreeMap<u32, String>,
}

impl Places {
    pub(super) fn of(sheet: &Sheet, items: &[Item<'_>]) -> Self {
        let mut places = Self::default();
        places.read(sheet, items, &mut Vec::new());
        places
    }

    fn read(&mut self, sheet: &Sheet, items: &[Item<'_>], around: &mut Vec<String>) {
        for item in items {
            let (row, inner) = match item {
                Item::Question(row, _) => (row, None),
                // What a loop makes has other names.
                Item::Group(_, Group::Loop(_), _) => continue,
                Item::Group(row, _, inner) => (row, Some(inner)),
            };
            let row: &Row = row;
            let name = sheet.cell(row, "name").to_owned();
            *self.names.entry(name.clone()).or_default() += 1;
            around.push(name);
            self.of_row.insert(row.number, around.clone());
            match inner {
                Some(inner) => self.read(sheet, inner, around),
                None => {
                    self.questions.insert(around.clone(), row.number);
                }
            }
            around.pop();
        }
    }

    /// Notes what the question of a row became called.
    pub(super) fn call(&mut self, row: &Row, name: &str) {
        self.called.insert(row.number, name.to_owned());
    }

    /// What a name is in the document, where it is the sign of a row.
    pub(super) fn name_of(&self, sign: &str) -> Option<String> {
        self.called.get(&sign.strip_prefix(SIGN)?.parse().ok()?).cloned()
    }

    /// The name of the question that a path leads to from a row, or the sign of its row.
    pub(super) fn question(&self, row: &Row, path: &str) -> Option<String> {
        let mut steps = path.split('/').peekable();
        let mut place = self.of_row.get(&row.number)?.clone();
        if path.starts_with('/') {
            // The first is the form itself.
            steps.nth(1)?;
            place.clear();
        }
        for step in steps {
            match step {
                "." => {}
                ".." => {
                    place.pop()?;
                }
                name => place.push(name.to_owned()),
            }
        }
        let number = self.questions.get(&place)?;
        let known = place.last()?;
        let is_one = self.names.get(known) == Some(&1);
        Some(if is_one { known.clone() } else { format!("{SIGN}{number}") })
    }
}
