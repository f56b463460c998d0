//! Paths in formulas (`../inputs/source`, `/data/age`): which question they
//! lead to. Questions are known by name here, so a path is followed through
//! the groups of the form and read as the name at its end.

use std::collections::{BTreeMap, BTreeSet};

use super::super::row::{Group, Item};
use super::super::sheet::{Row, Sheet};

/// Where the rows of a form stand.
#[derive(Default)]
pub(super) struct Places {
    /// The groups around each row, and its own name, by the row's number.
    of_row: BTreeMap<u32, Vec<String>>,
    /// The places of questions.
    questions: BTreeSet<Vec<String>>,
    /// How many rows have a name: one that several have says no place.
    names: BTreeMap<String, usize>,
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
                    self.questions.insert(around.clone());
                }
            }
            around.pop();
        }
    }

    /// The name of the question that a path leads to from a row.
    pub(super) fn question(&self, row: &Row, path: &str) -> Option<&str> {
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
        let known = self.questions.get(&place)?.last()?;
        (self.names.get(known) == Some(&1)).then_some(known.as_str())
    }
}
