//! Cuts the text of an expression into tokens.

use unicode_normalization::char::is_combining_mark;

use super::problem::{Detail, Problem};
use super::{function, number, text};

/// Character offsets, the end exclusive.
pub(super) type Span = (usize, usize);

/// The longest expression that is read, in characters.
const LENGTH_LIMIT: usize = 20_000;

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Text(String),
    /// A name; bare names that are words of the language are [`Token::Word`].
    Name(String),
    /// A name that `(` follows at once, with `-` turned into `_`.
    Function(String),
    /// `and or not in div mod true false`.
    Word(&'static str),
    /// An operator or bracket.
    Symbol(&'static str),
    /// `.` alone.
    SelfValue,
    End,
}

impl Token {
    /// The token as a message shows it.
    pub(super) fn show(&self) -> String {
        match self {
            Self::Number(value) => number::print(*value),
            Self::Text(value) => format!("'{value}'"),
            Self::Name(name) => name.clone(),
            Self::Function(name) => format!("{name}("),
            Self::Word(word) | Self::Symbol(word) => (*word).to_owned(),
            Self::SelfValue => ".".to_owned(),
            Self::End => String::new(),
        }
    }
}

const WORDS: [&str; 8] = ["and", "or", "not", "in", "div", "mod", "true", "false"];

/// Longer symbols stand before those that begin them.
const SYMBOLS: [&str; 14] =
    ["==", "!=", "<=", ">=", "=", "<", ">", "+", "-", "*", "/", "%", "(", ")"];

/// Cuts `source`; the last token is always [`Token::End`].
pub(super) fn tokens(source: &str) -> Result<Vec<(Token, Span)>, Vec<Problem>> {
    let characters: Vec<char> = source.chars().collect();
    if characters.len() > LENGTH_LIMIT {
        let at = (LENGTH_LIMIT, characters.len());
        return Err(vec![Problem::new(at, Detail::TooLong { limit: LENGTH_LIMIT })]);
    }
    let mut cutter = Cutter { characters, place: 0, tokens: Vec::new(), problems: Vec::new() };
    while cutter.place < cutter.characters.len() {
        cutter.next();
    }
    let end = cutter.characters.len();
    cutter.tokens.push((Token::End, (end, end)));
    if cutter.problems.is_empty() { Ok(cutter.tokens) } else { Err(cutter.problems) }
}

struct Cutter {
    characters: Vec<char>,
    place: usize,
    tokens: Vec<(Token, Span)>,
    problems: Vec<Problem>,
}

impl Cutter {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.characters.get(self.place + ahead).copied()
    }

    fn push(&mut self, token: Token, length: usize) {
        self.tokens.push((token, (self.place, self.place + length)));
        self.place += length;
    }

    fn slice(&self, from: usize, to: usize) -> String {
        text::normalise(&self.characters[from..to].iter().collect::<String>())
    }

    fn next(&mut self) {
        let Some(character) = self.peek(0) else { return };
        let digit_follows = self.peek(1).is_some_and(|next| next.is_ascii_digit());
        if text::is_space(character) {
            self.place += 1;
        } else if character.is_ascii_digit() || (character == '.' && digit_follows) {
            self.number();
        } else if starts_name(character) {
            self.name();
        } else if character == '$' && self.peek(1) == Some('{') {
            self.braced_name();
        } else if character == '\'' || character == '"' {
            self.text(character);
        } else if character == '.' {
            self.push(Token::SelfValue, 1);
        } else if character == ',' {
            self.push(Token::Symbol(","), 1);
        } else if let Some(symbol) = self.symbol() {
            self.push(Token::Symbol(symbol), symbol.chars().count());
        } else {
            let at = (self.place, self.place + 1);
            let character = character.to_string();
            self.problems.push(Problem::new(at, Detail::UnexpectedCharacter { character }));
            self.place += 1;
        }
    }

    fn symbol(&self) -> Option<&'static str> {
        SYMBOLS.into_iter().find(|symbol| {
            symbol.chars().enumerate().all(|(ahead, wanted)| self.peek(ahead) == Some(wanted))
        })
    }

    fn number(&mut self) {
        let mut length = 0;
        let mut point = false;
        while let Some(character) = self.peek(length) {
            let joins = character == '.'
                && !point
                && self.peek(length + 1).is_some_and(|next| next.is_ascii_digit());
            point |= joins;
            if !(joins || character.is_ascii_digit()) {
                break;
            }
            length += 1;
        }
        let written = self.slice(self.place, self.place + length);
        if let Some(value) = number::parse(&written) {
            self.push(Token::Number(value), length);
        } else {
            let at = (self.place, self.place + length);
            self.problems.push(Problem::new(at, Detail::NumberTooLarge { number: written }));
            self.place += length;
        }
    }

    /// How many characters of a name start `ahead`.
    fn name_length(&self, ahead: usize) -> usize {
        if !self.peek(ahead).is_some_and(starts_name) {
            return 0;
        }
        let mut length = 1;
        while self.peek(ahead + length).is_some_and(continues_name) {
            length += 1;
        }
        length
    }

    fn name(&mut self) {
        if let Some((length, name)) = self.hyphenated_function() {
            self.push(Token::Function(name), length);
            return;
        }
        let mut length = self.name_length(0);
        let word = self.slice(self.place, self.place + length);
        if let Some(word) = WORDS.into_iter().find(|known| *known == word) {
            // `not(x)` is also written like a function, and `true()` like XPath's.
            let token = match (word, self.peek(length)) {
                ("not", Some('(')) => Token::Function(word.to_owned()),
                _ => Token::Word(word),
            };
            self.push(token, length);
            return;
        }
        if self.peek(length) == Some('(') {
            self.push(Token::Function(word), length);
            return;
        }
        while self.peek(length) == Some('.') {
            let member = self.name_length(length + 1);
            if member == 0 {
                break;
            }
            length += 1 + member;
        }
        let name = self.slice(self.place, self.place + length);
        self.push(Token::Name(name), length);
    }

    /// A function whose name has hyphens: `count-selected(`. In
    /// `age-count-selected(uses)` only the end names a function, so the first
    /// part is left to stand as a name; when no part is known, the whole is
    /// taken for one (unknown) function.
    fn hyphenated_function(&self) -> Option<(usize, String)> {
        let mut starts = vec![0];
        let mut length = self.name_length(0);
        while self.peek(length) == Some('-') {
            let part = self.name_length(length + 1);
            if part == 0 {
                break;
            }
            starts.push(length + 1);
            length += 1 + part;
        }
        if starts.len() == 1 || self.peek(length) != Some('(') {
            return None;
        }
        let from =
            |start: usize| self.slice(self.place + start, self.place + length).replace('-', "_");
        let known = starts.iter().find(|start| {
            let name = from(**start);
            name == "not" || function::find(&name).is_some()
        });
        match known {
            Some(0) | None => Some((length, from(0))),
            Some(_) => None,
        }
    }

    fn braced_name(&mut self) {
        let closing = self.characters[self.place..].iter().position(|character| *character == '}');
        let Some(closing) = closing else {
            let at = (self.place, self.characters.len());
            self.problems.push(Problem::new(at, Detail::UnclosedName));
            self.place = self.characters.len();
            return;
        };
        let name = self.slice(self.place + 2, self.place + closing);
        let name = text::trim(&name).to_owned();
        self.push(Token::Name(name), closing + 1);
    }

    fn text(&mut self, quote: char) {
        let mut content = String::new();
        let mut length = 1;
        loop {
            match self.peek(length) {
                None => {
                    let at = (self.place, self.characters.len());
                    self.problems.push(Problem::new(at, Detail::UnterminatedText));
                    self.place = self.characters.len();
                    return;
                }
                Some(character) if character == quote => {
                    if self.peek(length + 1) != Some(quote) {
                        break;
                    }
                    content.push(quote);
                    length += 2;
                }
                Some(character) => {
                    content.push(character);
                    length += 1;
                }
            }
        }
        self.push(Token::Text(text::normalise(&content)), length + 1);
    }
}

fn starts_name(character: char) -> bool {
    character == '_' || character.is_alphabetic()
}

/// A combining mark belongs to its letter: names may be typed decomposed.
fn continues_name(character: char) -> bool {
    starts_name(character) || character.is_alphanumeric() || is_combining_mark(character)
}
