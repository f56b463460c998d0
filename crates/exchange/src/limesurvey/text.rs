//! Texts with markup and with expressions in braces: `{Q1.shown}` inserts an
//! answer, anything longer becomes a computed value that is inserted.

use super::expression::{self, Context};
use crate::formula::Formula;
use survey_builder::problem::Phrase;

const OPEN: char = '\u{e000}';
const CLOSE: char = '\u{e001}';

/// The most bytes that are searched for the end of an expression.
const LONGEST: usize = 20_000;

/// A piece of a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    Words(String),
    /// The source of an expression.
    Expression(String),
}

/// What an expression in a text comes to.
pub(super) enum Inserted {
    /// The answer to the item of that name.
    Answer(String),
    /// Words that never change.
    Words(String),
    /// A value to be worked out.
    Value(Formula),
}

/// The words and the expressions of a text, markup taken out of the words only.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut sources = Vec::new();
    let marked = marked(text, &mut sources);
    let plain = crate::draft::text::without_markup(&marked);
    let mut pieces = Vec::new();
    let mut rest = plain.as_str();
    while let Some((before, after)) = rest.split_once(OPEN) {
        let (number, after) = after.split_once(CLOSE).unwrap_or((after, ""));
        if !before.is_empty() {
            pieces.push(Piece::Words(before.to_owned()));
        }
        if let Some(source) = number.parse::<usize>().ok().and_then(|place| sources.get(place)) {
            pieces.push(Piece::Expression(source.clone()));
        }
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest.to_owned()));
    }
    pieces
}

/// The text with a mark in the place of each expression.
fn marked(text: &str, sources: &mut Vec<String>) -> String {
    let mut marked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find('{') {
        marked.push_str(&rest[..place]);
        rest = &rest[place..];
        let Some(length) = expression_length(rest) else {
            marked.push('{');
            rest = &rest[1..];
            continue;
        };
        marked.push_str(&format!("{OPEN}{}{CLOSE}", sources.len()));
        sources.push(rest[1..length - 1].to_owned());
        rest = &rest[length..];
    }
    marked.push_str(rest);
    marked
}

/// How many bytes the expression at the start has, braces included. A brace
/// before a space is none.
fn expression_length(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut level = 0_u32;
    let mut escaped = false;
    for (place, next) in text.char_indices() {
        let is_none = place == 1 && (next.is_whitespace() || next == '}');
        if is_none || place > LONGEST {
            return None;
        }
        match (quote, next) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if open == next => quote = None,
            (None, '"' | '\'') => quote = Some(next),
            (None, '{') => level += 1,
            (None, '}') => {
                level -= 1;
                if level == 0 {
                    return Some(place + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// What an expression in a text inserts.
pub(super) fn inserted(source: &str, context: Context<'_>) -> Result<Inserted, Phrase> {
    // Such as the lengths in a pattern.
    if source.chars().all(|next| next.is_ascii_digit() || next == ',') {
        return Ok(Inserted::Words(format!("{{{source}}}")));
    }
    let formula = expression::value(source, context)?;
    Ok(match formula {
        Formula::Text(words) => Inserted::Words(words),
        Formula::Question(name) => Inserted::Answer(name),
        Formula::Call(name, mut arguments)
            if name == "jr:choice-name" && matches!(arguments[..], [Formula::Question(_)]) =>
        {
            match arguments.remove(0) {
                Formula::Question(name) => Inserted::Answer(name),
                other => Inserted::Value(other),
            }
        }
        other => Inserted::Value(other),
    })
}

#[cfg(test)]
mod tests {
    use super::{Piece, pieces};

    #[test]
    fn expressions_are_found_between_words() {
        let words = |text: &str| Piece::Words(text.to_owned());
        let source = |text: &str| Piece::Expression(text.to_owned());
        assert_eq!(
            pieces("<p>Dear {if(a < b, '<b>}', \"x\")},</p> { not }{}"),
            [words("Dear "), source("if(a < b, '<b>}', \"x\")"), words(",\n{ not }{}")]
        );
        assert_eq!(pieces("{A}{B"), [source("A"), words("{B")]);
    }
}
