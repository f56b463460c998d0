//! The attributes of a question, which count what was asked of them: what no
//! reader asks for is told.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::model::Texts;

/// Attributes by their names, each a text by the codes of languages.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    texts: BTreeMap<String, Texts>,
    handed_out: RefCell<BTreeSet<String>>,
}

impl Attributes {
    /// The texts of an attribute, to fill in while a file is read.
    pub(super) fn entry(&mut self, name: String) -> &mut Texts {
        self.texts.entry(name).or_default()
    }

    /// The texts of an attribute. Whoever asks for it carries it over, or tells
    /// that it is not.
    pub(super) fn get(&self, name: &str) -> Option<&Texts> {
        let found = self.texts.get(name)?;
        self.handed_out.borrow_mut().insert(name.to_owned());
        Some(found)
    }

    /// Every text of every attribute, to look through; nothing is carried so.
    pub(super) fn all_texts(&self) -> impl Iterator<Item = &String> {
        self.texts.values().flat_map(Texts::values)
    }

    /// Each attribute with what it says, and whether anybody asked for it.
    pub(super) fn accounted(&self) -> Vec<(String, String, bool)> {
        let handed_out = self.handed_out.borrow();
        let said = |texts: &Texts| {
            let mut values: Vec<&str> = texts.values().map(|text| text.trim()).collect();
            values.dedup();
            values.join(" / ")
        };
        let each = self.texts.iter();
        each.map(|(name, texts)| (name.clone(), said(texts), handed_out.contains(name))).collect()
    }
}

/// What an attribute says that is one for all languages.
pub(super) fn one_for_all(texts: &Texts) -> &str {
    texts.get("").or_else(|| texts.values().next()).map_or("", String::as_str)
}
