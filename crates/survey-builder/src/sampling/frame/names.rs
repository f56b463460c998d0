//! The names of a column while rows come in: each spelling is looked at once.

use std::collections::HashMap;

use super::Reading;
use crate::list::spelling::{self, Merged};
use crate::list::text::tidied_bytes;
use crate::sampling::problem::Problem;

/// Groups of spellings that are told of a column.
const TOLD: usize = 20;
/// Spellings that are told of a group.
const SHOWN: usize = 6;

/// Why a cell has no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoName {
    Empty,
    NotUtf8,
}

/// The distinct names of a column.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// The column's name.
    pub column: String,
    /// The names in the order in which they first stand in the file.
    pub list: Vec<String>,
    /// How often each stands there.
    pub counts: Vec<u64>,
    by_name: HashMap<String, u32>,
    by_bytes: HashMap<Vec<u8>, u32>,
    last: Option<u32>,
    last_cell: Vec<u8>,
    /// Spellings and the names that they are read as.
    aliases: HashMap<String, String>,
    as_written: bool,
}

impl Names {
    pub(super) fn new(column: &str, reading: &Reading, as_written: bool) -> Self {
        let own = reading.merged.iter().filter(|merged| merged.column == column);
        let aliases = own.flat_map(|merged| {
            merged.spellings.iter().map(|other| (other.clone(), merged.name.clone()))
        });
        let (column, aliases) = (column.to_owned(), aliases.collect());
        Self { column, aliases, as_written, ..Self::default() }
    }

    /// The code of a cell, counted.
    pub(super) fn known(&mut self, cell: &[u8]) -> Result<u32, NoName> {
        // Rows of one name often stand together.
        if let Some(code) = self.last.filter(|_| self.last_cell == cell) {
            self.count(code);
            return Ok(code);
        }
        let code = match self.by_bytes.get(cell) {
            Some(code) => *code,
            None => {
                let code = self.named(cell)?;
                self.by_bytes.insert(cell.to_vec(), code);
                code
            }
        };
        self.last_cell.clear();
        self.last_cell.extend_from_slice(cell);
        self.last = Some(code);
        self.count(code);
        Ok(code)
    }

    fn count(&mut self, code: u32) {
        if let Some(count) = self.counts.get_mut(code as usize) {
            *count += 1;
        }
    }

    fn named(&mut self, cell: &[u8]) -> Result<u32, NoName> {
        let text = if self.as_written {
            std::str::from_utf8(cell).ok().map(|text| text.trim().into())
        } else {
            tidied_bytes(cell)
        };
        let text = text.ok_or(NoName::NotUtf8)?;
        let name = self.aliases.get(&*text).map_or(&*text, String::as_str);
        if name.is_empty() {
            return Err(NoName::Empty);
        }
        if let Some(code) = self.by_name.get(name) {
            return Ok(*code);
        }
        let code = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.by_name.insert(name.to_owned(), code);
        self.list.push(name.to_owned());
        self.counts.push(0);
        Ok(code)
    }

    /// The name of a code.
    pub(super) fn name(&self, code: u32) -> &str {
        self.list.get(code as usize).map_or("", String::as_str)
    }

    /// What differs only in spelling, told.
    pub(super) fn notes(&self) -> Vec<Problem> {
        let groups = spelling::groups(&self.list, &self.counts);
        let more = groups.len().saturating_sub(TOLD);
        let note = |group: &Vec<usize>| {
            let names: Vec<&str> = group.iter().map(|at| self.list[*at].as_str()).collect();
            let with_count = |at: &usize| format!("{} ({})", self.list[*at], self.counts[*at]);
            let mut shown: Vec<String> = group.iter().take(SHOWN).map(with_count).collect();
            shown.extend((group.len() > SHOWN).then(|| "…".to_owned()));
            Problem::FrameSpellings {
                column: self.column.clone(),
                names: shown.join(", "),
                differ: spelling::difference(&names).into(),
            }
        };
        let mut notes: Vec<Problem> = groups.iter().take(TOLD).map(note).collect();
        if more > 0 {
            let (column, count) = (self.column.clone(), more as u64);
            notes.push(Problem::FrameSpellingsMore { column, count });
        }
        notes
    }

    /// Makes one name of those that differ only in spelling; gives the new code of
    /// each old one, and what was merged.
    pub(super) fn merge(&mut self) -> (Vec<u32>, Vec<Merged>) {
        let groups = spelling::groups(&self.list, &self.counts);
        let mut kept: Vec<usize> = (0..self.list.len()).collect();
        let mut merged = Vec::new();
        for group in &groups {
            let Some((first, others)) = group.split_first() else { continue };
            for other in others {
                kept[*other] = *first;
            }
            merged.push(Merged {
                column: self.column.clone(),
                name: self.list[*first].clone(),
                spellings: others.iter().map(|at| self.list[*at].clone()).collect(),
            });
        }
        // In the order in which a name first stands in the file, whatever its spelling.
        let mut new_of_kept: HashMap<usize, u32> = HashMap::new();
        let mut names = Vec::new();
        let mut codes = Vec::with_capacity(kept.len());
        for place in kept {
            let next = u32::try_from(names.len()).unwrap_or(u32::MAX);
            codes.push(*new_of_kept.entry(place).or_insert_with(|| {
                names.push(self.list[place].clone());
                next
            }));
        }
        self.list = names;
        (codes, merged)
    }
}
