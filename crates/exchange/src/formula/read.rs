//! Reads the formulas of systems whose syntax differs in little but its words:
//! operators between operands, functions, quoted texts, names.

use super::{Formula, Operator};
use survey_builder::problem::{Phrase, phrase};

/// What is particular to one system's formulas.
pub(crate) struct Dialect {
    /// Operators, longer ones first; words are found whatever their case.
    pub operators: &'static [(&'static str, Sign)],
    /// The brackets around names, if they have any.
    pub brackets: Option<(char, char)>,
    /// Whether names may stand without brackets.
    pub bare: bool,
    /// Characters besides letters and digits that a bare name may have.
    pub inside: &'static str,
}

/// What an operator does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// Stands between two pieces.
    Between(Operator),
    /// The function of that name of two pieces, binding like a comparison.
    Call(&'static str),
    /// Follows its only piece.
    After(&'static str),
}

impl Sign {
    fn binding(self) -> u8 {
        match self {
            Self::Between(operator) => operator.binding().0,
            Self::Call("pow") => 7,
            Self::Call(_) | Self::After(_) => 4,
        }
    }
}

const DEPTH_LIMIT: usize = 60;
const LENGTH_LIMIT: usize = 20_000;

/// Reads a whole formula; the fault says what is wrong.
pub(crate) fn read(source: &str, dialect: &Dialect) -> Result<Formula, Phrase> {
    let characters: Vec<char> = source.chars().collect();
    if characters.len() > LENGTH_LIMIT {
        return Err(phrase("phrase-more-characters-than").with("limit", LENGTH_LIMIT));
    }
    let mut reader = Reader { characters, place: 0, depth: 0, dialect };
    let formula = reader.expression(1)?;
    reader.skip_spaces();
    match reader.peek(0) {
        None => Ok(formula),
        Some(character) => Err(phrase("phrase-unexpected-at")
            .with("sign", character.to_string())
            .with("at", reader.place)),
    }
}

/// Reads the number at a place, and goes behind it.
pub(crate) fn number_at(characters: &[char], place: &mut usize) -> Result<Formula, Phrase> {
    let start = *place;
    while characters.get(*place).is_some_and(|next| next.is_ascii_digit() || *next == '.') {
        *place += 1;
    }
    let written: String = characters[start..*place].iter().collect();
    let number = crate::draft::text::number(&written);
    number.map(Formula::Number).ok_or_else(|| phrase("phrase-no-number").with("text", written))
}

struct Reader<'d> {
    characters: Vec<char>,
    place: usize,
    depth: usize,
    dialect: &'d Dialect,
}

impl Reader<'_> {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.characters.get(self.place + ahead).copied()
    }

    fn skip_spaces(&mut self) {
        while self.peek(0).is_some_and(char::is_whitespace) {
            self.place += 1;
        }
    }

    fn stands(&self, word: &str) -> bool {
        let same = word.chars().enumerate().all(|(ahead, wanted)| {
            self.peek(ahead).is_some_and(|found| found.eq_ignore_ascii_case(&wanted))
        });
        let is_word = word.chars().all(char::is_alphabetic);
        let length = word.chars().count();
        same && !(is_word && self.peek(length).is_some_and(|next| self.continues(next)))
    }

    fn continues(&self, character: char) -> bool {
        character.is_alphanumeric() || character == '_' || self.dialect.inside.contains(character)
    }

    fn expression(&mut self, least: u8) -> Result<Formula, Phrase> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return Err(phrase("phrase-nested-deeper-than").with("limit", DEPTH_LIMIT));
        }
        let mut left = self.operand()?;
        let mut links = 0;
        loop {
            self.skip_spaces();
            let found = self.dialect.operators.iter().find(|(word, _)| self.stands(word));
            let Some((word, sign)) = found else { break };
            if sign.binding() < least {
                break;
            }
            self.place += word.chars().count();
            links += 1;
            if links > 200 {
                return Err(phrase("phrase-too-many-operators-in-a-row"));
            }
            left = match sign {
                Sign::After(name) => Formula::call(name, vec![left]),
                Sign::Between(operator) => {
                    let right = self.expression(sign.binding() + 1)?;
                    Formula::binary(*operator, left, right)
                }
                Sign::Call(name) => {
                    let right = self.expression(sign.binding() + 1)?;
                    Formula::call(name, vec![left, right])
                }
            };
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operand(&mut self) -> Result<Formula, Phrase> {
        self.skip_spaces();
        let Some(character) = self.peek(0) else {
            return Err(phrase("phrase-something-is-missing"));
        };
        if let Some((open, close)) = self.dialect.brackets
            && character == open
        {
            return self.bracketed(close);
        }
        match character {
            '(' => {
                self.place += 1;
                let inner = self.expression(1)?;
                self.expect(')')?;
                Ok(inner)
            }
            '[' => {
                self.place += 1;
                Ok(Formula::call("array", self.arguments(']')?))
            }
            '-' => {
                self.place += 1;
                Ok(Formula::Negate(Box::new(self.expression(7)?)))
            }
            '+' => {
                self.place += 1;
                self.expression(7)
            }
            '!' => {
                self.place += 1;
                Ok(self.expression(7)?.negated())
            }
            quote @ ('\'' | '"') => self.text(quote),
            digit if digit.is_ascii_digit() || digit == '.' => self.number(),
            letter if letter.is_alphabetic() || letter == '_' => self.word(),
            other => Err(phrase("phrase-unexpected-at")
                .with("sign", other.to_string())
                .with("at", self.place)),
        }
    }

    fn expect(&mut self, wanted: char) -> Result<(), Phrase> {
        self.skip_spaces();
        if self.peek(0) == Some(wanted) {
            self.place += 1;
            Ok(())
        } else {
            Err(phrase("phrase-sign-missing-at")
                .with("sign", wanted.to_string())
                .with("at", self.place))
        }
    }

    fn bracketed(&mut self, close: char) -> Result<Formula, Phrase> {
        let start = self.place + 1;
        let open = self.characters[self.place];
        let mut level = 0;
        while let Some(character) = self.peek(0) {
            self.place += 1;
            if character == open {
                level += 1;
            } else if character == close {
                level -= 1;
                if level == 0 {
                    let name: String = self.characters[start..self.place - 1].iter().collect();
                    return Ok(Formula::Question(name.trim().to_owned()));
                }
            }
        }
        Err(phrase("phrase-sign-missing").with("sign", close.to_string()))
    }

    fn text(&mut self, quote: char) -> Result<Formula, Phrase> {
        self.place += 1;
        let mut text = String::new();
        while let Some(character) = self.peek(0) {
            self.place += 1;
            match (character, self.peek(0)) {
                ('\\', Some(escaped)) if escaped == quote || escaped == '\\' => {
                    text.push(escaped);
                    self.place += 1;
                }
                (found, _) if found == quote => return Ok(Formula::Text(text)),
                (found, _) => text.push(found),
            }
        }
        Err(phrase("phrase-text-without-closing-quote"))
    }

    fn number(&mut self) -> Result<Formula, Phrase> {
        number_at(&self.characters, &mut self.place)
    }

    fn word(&mut self) -> Result<Formula, Phrase> {
        let start = self.place;
        while self.peek(0).is_some_and(|next| self.continues(next)) {
            self.place += 1;
        }
        let name: String = self.characters[start..self.place].iter().collect();
        if name.eq_ignore_ascii_case("not") || name.eq_ignore_ascii_case("negate") {
            return Ok(self.expression(4)?.negated());
        }
        self.skip_spaces();
        if self.peek(0) == Some('(') {
            self.place += 1;
            return Ok(Formula::Call(name, self.arguments(')')?));
        }
        match name.to_lowercase().as_str() {
            "true" => Ok(Formula::call("true", Vec::new())),
            "false" => Ok(Formula::call("false", Vec::new())),
            _ if self.dialect.bare => Ok(Formula::Question(name)),
            _ => Ok(Formula::Text(name)),
        }
    }

    fn arguments(&mut self, close: char) -> Result<Vec<Formula>, Phrase> {
        let mut arguments = Vec::new();
        self.skip_spaces();
        if self.peek(0) == Some(close) {
            self.place += 1;
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression(1)?);
            self.skip_spaces();
            if self.peek(0) == Some(',') {
                self.place += 1;
            } else {
                self.expect(close)?;
                return Ok(arguments);
            }
        }
    }
}
