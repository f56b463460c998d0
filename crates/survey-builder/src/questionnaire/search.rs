//! Options found by a part of their label: for lists too long to show.
//!
//! Accents, case and punctuation do not matter, and a label is found in every
//! language it has: `ha noi` finds `Hà Nội`. No filter is worked out for an
//! option that does not fit what was typed, so a list of tens of thousands is
//! answered at once.

use std::collections::BTreeMap;

use super::document::{Choice, Document, Kind, ListOption, OptionList, Question, Shown};
use super::order::is_offered;
use super::routing::Standpoint;
use crate::plain::plain;

/// The most options that one page shows; longer lists are searched.
pub const MOST_OPTIONS: usize = 300;

/// The choice of a question whose options are searched, not shown: it is from a
/// long list, or its author wants it so.
pub fn searched<'a>(document: &Document, kind: &'a Kind) -> Option<&'a Choice> {
    let choice = match kind {
        Kind::Single(choice) => choice,
        // A ranking is searched too: its order is that of choosing.
        Kind::Multiple(multiple) | Kind::Ranking(multiple) => &multiple.choice,
        _ => return None,
    };
    let long = || {
        let list = document.list(&choice.list);
        list.is_some_and(|list| list.options.len() > MOST_OPTIONS)
    };
    (choice.shown == Shown::Search || long()).then_some(choice)
}

/// What the options of one list are found by.
#[derive(Clone, Debug)]
struct Index {
    /// One an option, in the list's order: its labels in every language and its
    /// code, plain, each after a line end and a space.
    entries: Vec<String>,
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

/// How well an option fits what was typed, the best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// A label or the code is just that.
    Whole,
    /// A label or the code begins with it.
    Start,
    /// Every word that was typed begins a word of it.
    Words,
}

/// What was typed, ready to be looked for.
struct Query {
    whole: String,
    start: String,
    words: Vec<String>,
}

impl Query {
    fn of(typed: &str) -> Self {
        let text = plain(typed);
        Self {
            words: text.split(' ').map(|word| format!(" {word}")).collect(),
            start: format!("\n {text}"),
            whole: format!("\n {text}\n"),
        }
    }

    fn fit(&self, entry: &str) -> Option<Fit> {
        if !self.words.iter().all(|word| entry.contains(word.as_str())) {
            return None;
        }
        let last = self.whole.trim_end_matches('\n');
        Some(if entry.contains(&self.whole) || entry.ends_with(last) {
            Fit::Whole
        } else if entry.contains(&self.start) {
            Fit::Start
        } else {
            Fit::Words
        })
    }
}

/// The lists of a document that are searched, ready for it.
#[derive(Clone, Debug, Default)]
pub struct Indices(BTreeMap<String, Index>);

impl Indices {
    /// Indexes the lists that some question searches.
    pub(super) fn of(document: &Document) -> Self {
        let choices = document.questions().filter_map(|one| searched(document, &one.kind));
        let mut indices = BTreeMap::new();
        for list in choices.filter_map(|choice| document.list(&choice.list)) {
            indices.entry(list.name.clone()).or_insert_with(|| Index::of(list));
        }
        Self(indices)
    }
}

/// Options that were found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found<'a> {
    /// The best first; among equals, in the list's order.
    pub options: Vec<&'a ListOption>,
    /// Whether there are more than were asked for.
    pub more: bool,
    /// Whether the first is meant: it is called just so and no other is, or it
    /// is the only one.
    pub sure: bool,
}

/// The options of a searched question that are offered here and fit what was
/// typed, at most `limit` of them. Nothing typed finds the first of the list.
pub fn search<'a>(
    at: &Standpoint<'a>,
    question: &Question,
    typed: &str,
    limit: usize,
) -> Found<'a> {
    let version = at.version;
    let mut found = Found { options: Vec::new(), more: false, sure: false };
    let list = question.kind.list().and_then(|list| version.document.list(list));
    let index = list.and_then(|list| version.indices().0.get(&list.name));
    let (Some(list), Some(index)) = (list, index) else { return found };
    let query = Query::of(typed);
    let mut fits: Vec<(Fit, usize)> = index
        .entries
        .iter()
        .enumerate()
        .filter_map(|(place, entry)| Some((query.fit(entry)?, place)))
        .collect();
    fits.sort_unstable();
    let mut whole = 0;
    for (fit, place) in fits {
        let Some(option) = list.options.get(place) else { continue };
        if !is_offered(at, question, &option.code) {
            continue;
        }
        whole += usize::from(fit == Fit::Whole);
        if found.options.len() == limit {
            found.more = true;
            // Wards of several towns may be called the same.
            if fit != Fit::Whole {
                break;
            }
            continue;
        }
        found.options.push(option);
    }
    found.sure = whole == 1 || (found.options.len() == 1 && !found.more);
    found
}
