//! A file in two languages: the Vietnamese and the English of one thing stand in
//! two lines or on both sides of a stroke. They are told apart where that is
//! certain.

use super::body::{Line, Piece};
use super::mark::mark;
use crate::draft::language::recognized;

/// How a file says things in two languages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Languages {
    /// Whether it is in two at all.
    pub is_two: bool,
    /// Whether English comes first.
    pub is_english_first: bool,
}

/// The language of a text, where it is certain: letters that English has not, or
/// words that are English.
pub(super) fn language(text: &str) -> Option<&'static str> {
    if text.chars().any(|next| next.is_alphabetic() && !next.is_ascii()) {
        return recognized(std::iter::once(text)).filter(|code| *code == "vi").or(Some("vi"));
    }
    recognized(std::iter::once(text)).filter(|code| *code == "en")
}

impl Languages {
    /// Looks at every line: two languages are those where a fifth of the lines
    /// are certainly in each, or a fifth hold both.
    pub(super) fn of(pieces: &[Piece]) -> Self {
        let (mut all, mut vietnamese, mut english, mut both) = (0, 0, 0, [0, 0]);
        let mut look = |line: &Line| {
            let seen = line.seen();
            let text = mark(&seen).map_or(seen.as_str(), |(_, rest)| rest);
            if text.chars().filter(|next| next.is_alphabetic()).count() < 2 {
                return;
            }
            all += 1;
            if let Some((left, right)) = sides(text) {
                match (language(left), language(right)) {
                    (Some("vi"), one) if one != Some("vi") => both[0] += 1,
                    (one, Some("vi")) if one != Some("vi") => both[1] += 1,
                    _ => {}
                }
                return;
            }
            match language(text) {
                Some("vi") => vietnamese += 1,
                Some(_) => english += 1,
                None => {}
            }
        };
        for piece in pieces {
            match piece {
                Piece::Line(line) => look(line),
                Piece::Table(table) => table.rows.iter().flatten().flatten().for_each(&mut look),
            }
        }
        let is_two = all > 3
            && (vietnamese * 5 >= all && english * 5 >= all || (both[0] + both[1]) * 5 >= all);
        let first = pieces.iter().find_map(|piece| match piece {
            Piece::Line(line) => language(&line.text),
            Piece::Table(_) => None,
        });
        let strokes_say = both[0] != both[1];
        let is_english_first =
            is_two && if strokes_say { both[1] > both[0] } else { first == Some("en") };
        Self { is_two, is_english_first }
    }

    /// A text as pieces of one language each.
    pub(super) fn apart(self, text: &str) -> Vec<(Option<&'static str>, &str)> {
        if !self.is_two {
            return vec![(None, text)];
        }
        if let Some((left, right)) = sides(text) {
            let codes = if self.is_english_first { ["en", "vi"] } else { ["vi", "en"] };
            let fits = |text: &str, code: &str| language(text).is_none_or(|found| found == code);
            if fits(left, codes[0]) && fits(right, codes[1]) {
                return vec![(Some(codes[0]), left), (Some(codes[1]), right)];
            }
        }
        vec![(language(text), text)]
    }
}

/// Both sides of the one stroke in a text. One without spaces parts languages
/// only where just one side has letters that English has not.
fn sides(text: &str) -> Option<(&str, &str)> {
    if let Some((left, right)) = text.split_once(" / ") {
        return (!right.contains(" / ")).then(|| (left.trim(), right.trim()));
    }
    let (left, right) = text.split_once('/')?;
    let foreign = |text: &str| text.chars().any(|next| next.is_alphabetic() && !next.is_ascii());
    let words = |text: &str| text.chars().filter(|next| next.is_alphabetic()).count() > 1;
    let certain = !right.contains('/') && words(left) && words(right);
    (certain && foreign(left) != foreign(right)).then(|| (left.trim(), right.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strokes_part_languages_where_it_is_certain() {
        let two = Languages { is_two: true, is_english_first: false };
        for (text, parts) in [
            ("Nam / Male", &[(Some("vi"), "Nam"), (Some("en"), "Male")][..]),
            ("Có/Yes", &[(Some("vi"), "Có"), (Some("en"), "Yes")]),
            ("Ông/Bà bao nhiêu tuổi?", &[(Some("vi"), "Ông/Bà bao nhiêu tuổi?")]),
            ("How old are you?", &[(Some("en"), "How old are you?")]),
        ] {
            assert_eq!(two.apart(text), parts, "{text}");
        }
    }
}
