//! Words that changed: what differs between two texts, and how two people's changes
//! of one text become one.
//!
//! Words are compared, not letters: what people read as one change is one.

use std::ops::Range;

use serde::Serialize;
use similar::{Algorithm, DiffOp, capture_diff_slices};

/// A run of words that stayed, went or came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "what", content = "words", rename_all = "snake_case")]
pub enum Piece {
    /// It is in both texts.
    Same(String),
    /// It is in the earlier text alone.
    Gone(String),
    /// It is in the later text alone.
    New(String),
}

/// A text into words and the spaces between them, which together are the text.
fn words(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let other = |sign: char| sign.is_whitespace() != first.is_whitespace();
        let (word, after) = rest.split_at(rest.find(other).unwrap_or(rest.len()));
        found.push(word);
        rest = after;
    }
    found
}

/// What is different, in order; together the same and the gone pieces are the earlier
/// text, the same and the new ones the later.
pub fn difference(before: &str, after: &str) -> Vec<Piece> {
    let (old, new) = (words(before), words(after));
    let mut pieces = Vec::new();
    for operation in capture_diff_slices(Algorithm::Myers, &old, &new) {
        let (_, was, is) = operation.as_tag_tuple();
        let (gone, came) = (old[was].concat(), new[is].concat());
        if matches!(operation, DiffOp::Equal { .. }) {
            pieces.push(Piece::Same(came));
            continue;
        }
        if !gone.is_empty() {
            pieces.push(Piece::Gone(gone));
        }
        if !came.is_empty() {
            pieces.push(Piece::New(came));
        }
    }
    pieces
}

/// Two people's changes of one text, as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The text with both changes; where they overlap, with the first one's words.
    pub text: String,
    /// Whether they overlap somewhere.
    pub overlap: bool,
}

/// A place of the common text, and what stands there instead.
#[derive(Clone, Debug)]
struct Change<'a> {
    at: Range<usize>,
    words: Vec<&'a str>,
}

impl Change<'_> {
    /// Whether two changes cannot both be made: they share a word, or something is
    /// put in at the edge of what the other replaces.
    fn meets(&self, other: &Range<usize>) -> bool {
        let touches = self.at.is_empty() || other.is_empty();
        if touches {
            self.at.start <= other.end && other.start <= self.at.end
        } else {
            self.at.start < other.end && other.start < self.at.end
        }
    }
}

fn changes<'a>(common: &[&str], text: &'a str) -> Vec<Change<'a>> {
    let new = words(text);
    let operations = capture_diff_slices(Algorithm::Myers, common, &new);
    let changed = operations.iter().filter(|one| !matches!(one, DiffOp::Equal { .. }));
    let of = |one: &DiffOp| Change { at: one.old_range(), words: new[one.new_range()].to_vec() };
    changed.map(of).collect()
}

/// Makes one text of `first` and `second`, which were both written from `common`.
pub fn merge(common: &str, first: &str, second: &str) -> Merged {
    if second == common || first == second {
        return Merged { text: first.to_owned(), overlap: false };
    }
    let base = words(common);
    let (ours, theirs) = (changes(&base, first), changes(&base, second));
    let (mut ours, mut theirs) = (ours.into_iter().peekable(), theirs.into_iter().peekable());
    let (mut text, mut overlap, mut at) = (String::new(), false, 0);
    loop {
        // The next place, grown until nothing more meets it.
        let next = [ours.peek(), theirs.peek()].into_iter().flatten().map(|one| one.at.start).min();
        let Some(start) = next else { break };
        let of_first = ours.peek().is_some_and(|one| one.at.start == start);
        let seed = if of_first { ours.peek() } else { theirs.peek() };
        let mut place = seed.map_or(start..start, |one| one.at.clone());
        let (mut mine, mut yours) = (Vec::new(), Vec::new());
        loop {
            if let Some(one) = ours.next_if(|one| one.meets(&place) || one.at == place) {
                place = place.start.min(one.at.start)..place.end.max(one.at.end);
                mine.push(one);
            } else if let Some(one) = theirs.next_if(|one| one.meets(&place) || one.at == place) {
                place = place.start.min(one.at.start)..place.end.max(one.at.end);
                yours.push(one);
            } else {
                break;
            }
        }
        text.push_str(&base[at..place.start].concat());
        at = place.end;
        let (said, other) = (with(&base, &place, &mine), with(&base, &place, &yours));
        match (mine.is_empty(), yours.is_empty()) {
            (_, true) => text.push_str(&said),
            (true, false) => text.push_str(&other),
            (false, false) => {
                overlap |= said != other;
                text.push_str(&said);
            }
        }
    }
    text.push_str(&base[at..].concat());
    Merged { text, overlap }
}

/// A place of the common text with the changes that were made in it.
fn with(base: &[&str], place: &Range<usize>, made: &[Change<'_>]) -> String {
    let (mut text, mut at) = (String::new(), place.start);
    for change in made {
        text.push_str(&base[at..change.at.start].concat());
        text.push_str(&change.words.concat());
        at = change.at.end;
    }
    text + &base[at..place.end].concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn changes_of_different_words_are_both_kept() {
        let common = "Which things should your ward improve first?";
        let first = "Which three things should your ward improve first?";
        let second = "Which things should your ward improve soonest?";
        let merged = merge(common, first, second);
        assert_eq!(merged.text, "Which three things should your ward improve soonest?");
        assert!(!merged.overlap);
    }

    #[test]
    fn where_two_change_the_same_words_the_first_stand_and_it_is_told() {
        let common = "Which things should your ward improve first?";
        let first = "Which three things should your ward improve soonest?";
        let second = "Which things should your ward improve in the coming year?";
        let merged = merge(common, first, second);
        assert_eq!(merged.text, first);
        assert!(merged.overlap);
    }

    #[test]
    fn two_insertions_at_one_place_overlap() {
        assert!(merge("a b", "a x b", "a y b").overlap);
        assert!(!merge("a b", "a x b", "a x b").overlap);
    }

    #[test]
    fn a_difference_is_of_words() {
        let pieces = difference("Ông hài lòng không?", "Bà hài lòng không?");
        let told = [
            Piece::Gone("Ông".to_owned()),
            Piece::New("Bà".to_owned()),
            Piece::Same(" hài lòng không?".to_owned()),
        ];
        assert_eq!(pieces, told);
    }

    proptest! {
        #[test]
        fn pieces_are_the_two_texts(before in "[ab ]{0,12}", after in "[abc ]{0,12}") {
            let (mut old, mut new) = (String::new(), String::new());
            for piece in difference(&before, &after) {
                match piece {
                    Piece::Same(words) => { old.push_str(&words); new.push_str(&words); }
                    Piece::Gone(words) => old.push_str(&words),
                    Piece::New(words) => new.push_str(&words),
                }
            }
            prop_assert_eq!((old, new), (before, after));
        }

        #[test]
        fn who_changes_nothing_takes_nothing_away(
            common in "([abc]{1,2} ){0,6}", other in "([abcd]{1,2} ){0,6}",
        ) {
            prop_assert_eq!(merge(&common, &other, &common).text, other.clone());
            prop_assert_eq!(merge(&common, &common, &other).text, other.clone());
            prop_assert_eq!(merge(&common, &other, &other), Merged { text: other, overlap: false });
        }

        #[test]
        fn without_overlap_the_order_does_not_matter(
            common in "([abc]{1,2} ){0,6}",
            first in "([abcd]{1,2} ){0,6}",
            second in "([abce]{1,2} ){0,6}",
        ) {
            let (one, other) = (merge(&common, &first, &second), merge(&common, &second, &first));
            prop_assert_eq!(one.overlap, other.overlap);
            if !one.overlap {
                prop_assert_eq!(one.text, other.text);
            }
        }
    }
}
