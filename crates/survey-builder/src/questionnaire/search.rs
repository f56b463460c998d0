//! Options found by a part of their label: for lists too long to show.
//!
//! Accents, case and punctuation do not matter, and a label is found in every
//! language it has: `ha noi` finds `Hà Nội`. No filter is worked out for an
//! option that does not fit what was typed, so a list of tens of thousands is
//! answered at once.

pub mod index;

use super::document::{ListOption, Question};
use super::order::is_offered;
use super::path::Standpoint;
use crate::plain::plain;

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
    let list = question.kind.list().and_then(|list| version.list(list));
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
