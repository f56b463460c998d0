//! What long lists are found by, worked out once when a version is compiled.

use std::collections::BTreeMap;

use super::super::document::{Choice, Document, Kind, ListOption, OptionList, Shown};
use crate::plain::plain;

/// The most options that one page shows; longer lists are searched.
pub const MOST_OPTIONS: usize = 300;

/// The choice of a question whose options are searched, not shown: it is from a
/// long list, or its author wants it so.
pub fn searched<'a>(document: &Document, kind: &'a Kind) -> Option<&'a Choice> {
    searched_of(kind, |list| document.list(list))
}

/// The same, where lists are found by their names otherwise.
pub(in crate::questionnaire) fn searched_of<'a, 'd>(
    kind: &'a Kind,
    list: impl FnOnce(&str) -> Option<&'d OptionList>,
) -> Option<&'a Choice> {
    let choice = match kind {
        Kind::Single(choice) => choice,
        // A ranking is searched too: its order is that of choosing.
        Kind::Multiple(multiple) | Kind::Ranking(multiple) => &multiple.choice,
        _ => return None,
    };
    let long = |list: &OptionList| list.options.len() > MOST_OPTIONS;
    (choice.shown == Shown::Search || list(&choice.list).is_some_and(long)).then_some(choice)
}

/// What the options of one list are found by.
#[derive(Clone, Debug)]
pub(super) struct Index {
    /// One an option, in the list's order: its labels in every language and its
    /// code, plain, each after a line end and a space.
    pub entries: Vec<String>,
}

impl Index {
    fn of(list: &OptionList) -> Self {
        let entry = |option: &ListOption| {
            let labels = option.label.0.values().map(String::as_str);
            let texts = labels.chain([option.code.as_str()]);
            texts.fold(String::new(), |entry, text| entry + "\n " + &plain(text))
        };
        Self { entries: list.options.iter().map(entry).collect() }
    }
}

/// The lists of a document that are searched, ready for it.
#[derive(Clone, Debug, Default)]
pub struct Indices(pub(super) BTreeMap<String, Index>);

impl Indices {
    /// Indexes the lists that some question searches.
    pub(in super::super) fn of(document: &Document) -> Self {
        let choices = document.questions().filter_map(|one| searched(document, &one.kind));
        let mut indices = BTreeMap::new();
        for list in choices.filter_map(|choice| document.list(&choice.list)) {
            indices.entry(list.name.clone()).or_insert_with(|| Index::of(list));
        }
        Self(indices)
    }
}
