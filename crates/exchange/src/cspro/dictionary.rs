//! A dictionary as its file tells it, however it is written.

use std::collections::BTreeMap;

use crate::account::Left;

/// A text in the languages of the dictionary, in their order.
pub(super) type Labels = Vec<String>;

/// A dictionary.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    pub name: String,
    pub labels: Labels,
    /// The codes of its languages with their names.
    pub languages: Vec<(String, String)>,
    pub levels: Vec<Level>,
    /// Which records go with which others, in words.
    pub relations: Vec<String>,
    /// What no reader asked for.
    pub left: Vec<Left>,
}

/// A level: what a case is made of, and what those parts are made of.
#[derive(Debug, Default)]
pub(super) struct Level {
    pub name: String,
    pub labels: Labels,
    pub note: String,
    pub ids: Vec<Item>,
    pub records: Vec<Record>,
}

/// A record: items that go together.
#[derive(Debug, Default)]
pub(super) struct Record {
    pub name: String,
    pub labels: Labels,
    pub note: String,
    pub is_required: bool,
    pub occurrences: Occurrences,
    pub items: Vec<Item>,
}

/// How often something occurs, and what each time is called.
#[derive(Clone, Debug, Default)]
pub(super) struct Occurrences {
    /// 0 and 1 are once.
    pub maximum: u32,
    /// The number of a time, from 1, and what it is called.
    pub labels: Vec<(u32, Labels)>,
}

/// A variable.
#[derive(Debug, Default)]
pub(super) struct Item {
    pub name: String,
    pub labels: Labels,
    pub note: String,
    /// `numeric`, `alpha`, `image`, …, in small letters.
    pub content: String,
    /// Where it begins in its record; subitems begin within their item.
    pub start: u32,
    pub length: u32,
    pub decimals: u32,
    pub has_decimal_mark: bool,
    pub is_subitem: bool,
    pub occurrences: Occurrences,
    /// How it is entered, in small letters: `checkbox`, `date`, …
    pub capture: String,
    /// How a date is written: `YYYYMMDD`.
    pub date_format: String,
    pub sets: Vec<ValueSet>,
}

/// What values an item may have.
#[derive(Debug, Default)]
pub(super) struct ValueSet {
    pub name: String,
    /// Sets with the same word here have the same values.
    pub link: String,
    pub values: Vec<Value>,
}

/// One value, or several that are called alike.
#[derive(Clone, Debug, Default)]
pub(super) struct Value {
    pub labels: Labels,
    /// From and to; only from for a single value.
    pub pairs: Vec<(String, Option<String>)>,
    /// `MISSING`, `REFUSED`, `NOTAPPL`, `DEFAULT`, or empty.
    pub special: String,
    pub image: String,
}

impl Dictionary {
    /// Gives linked value sets the values that are written at one of them only.
    pub(super) fn follow_links(&mut self) {
        let mut values: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for set in self.items().flat_map(|item| &item.sets) {
            if !set.link.is_empty() && !set.values.is_empty() {
                values.entry(set.link.clone()).or_insert_with(|| set.values.clone());
            }
        }
        for level in &mut self.levels {
            let records = level.records.iter_mut().flat_map(|record| &mut record.items);
            for set in level.ids.iter_mut().chain(records).flat_map(|item| &mut item.sets) {
                if let (true, Some(linked)) = (set.values.is_empty(), values.get(&set.link)) {
                    set.values.clone_from(linked);
                }
            }
        }
    }

    /// Every item.
    pub(super) fn items(&self) -> impl Iterator<Item = &Item> {
        self.levels.iter().flat_map(|level| {
            let records = level.records.iter().flat_map(|record| &record.items);
            level.ids.iter().chain(records)
        })
    }
}
