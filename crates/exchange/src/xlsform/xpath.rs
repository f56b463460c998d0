//! Reads the `XPath` of forms into a tree: the part that forms use.

use crate::formula::read::number_at;
use crate::formula::{Formula, Operator};
use survey_builder::problem::{Argument, Phrase, phrase};

/// Why a text is no `XPath`, or one that is not carried over.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fault {
    /// What is wrong and where, in characters.
    Syntax(Phrase, usize),
    /// The construct that is not carried over.
    NotCarried(Argument),
}

/// How deep pieces may nest.
const DEPTH_LIMIT: usize = 60;

/// The longest formula that is read, in characters.
const LENGTH_LIMIT: usize = 20_000;

/// Reads a whole formula.
pub(crate) fn parse(source: &str) -> Result<Formula, Fault> {
    let characters: Vec<char> = source.chars().collect();
    if characters.len() > LENGTH_LIMIT {
        return Err(Fault::Syntax(
            phrase("phrase-more-characters-than").with("limit", LENGTH_LIMIT),
            LENGTH_LIMIT,
        ));
    }
    let mut reader = Reader { characters, place: 0, depth: 0 };
    let read = reader.expression(1)?;
    reader.skip_spaces();
    match reader.peek(0) {
        None => Ok(read),
        Some(_) => Err(reader.unexpected()),
    }
}

/// Reads the piece at the start of a text; with it how many characters it has.
pub(crate) fn parse_first(source: &str) -> Result<(Formula, usize), Fault> {
    let characters: Vec<char> = source.chars().take(LENGTH_LIMIT).collect();
    let mut reader = Reader { characters, place: 0, depth: 0 };
    let read = reader.operand()?;
    Ok((read, reader.place))
}

struct Reader {
    characters: Vec<char>,
    place: usize,
    depth: usize,
}

impl Reader {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.characters.get(self.place + ahead).copied()
    }

    fn skip_spaces(&mut self) {
        while self.peek(0).is_some_and(char::is_whitespace) {
            self.place += 1;
        }
    }

    fn accept(&mut self, wanted: &str) -> bool {
        let found =
            wanted.chars().enumerate().all(|(ahead, wanted)| self.peek(ahead) == Some(wanted));
        if found {
            self.place += wanted.chars().count();
        }
        found
    }

    fn unexpected(&self) -> Fault {
        let reason = match self.peek(0) {
            None => phrase("phrase-something-is-missing"),
            // Wildcards and variables among them, where an operand is expected.
            Some(character @ ('/' | '[' | '@' | '|' | '*' | '$')) => {
                return Fault::NotCarried(
                    phrase("phrase-path-with").with("sign", character.to_string()).into(),
                );
            }
            Some(character) => phrase("phrase-unexpected").with("sign", character.to_string()),
        };
        Fault::Syntax(reason, self.place)
    }

    fn expression(&mut self, least: u8) -> Result<Formula, Fault> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return Err(Fault::Syntax(
                phrase("phrase-nested-deeper-than").with("limit", DEPTH_LIMIT),
                self.place,
            ));
        }
        let mut left = self.operand()?;
        let mut length = 0;
        loop {
            self.skip_spaces();
            let before = self.place;
            let Some(operator) = self.operator() else { break };
            let (tightness, _) = operator.binding();
            if tightness < least {
                self.place = before;
                break;
            }
            let right = self.expression(tightness + 1)?;
            left = Formula::Binary(operator, Box::new(left), Box::new(right));
            // The tree of a chain leans to the left, one level a link.
            length += 1;
            if length > 200 {
                return Err(Fault::Syntax(
                    phrase("phrase-too-many-operators-in-a-row"),
                    self.place,
                ));
            }
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operator(&mut self) -> Option<Operator> {
        for (word, operator) in [
            ("!=", Operator::NotEqual),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("=", Operator::Equal),
            ("<", Operator::Less),
            (">", Operator::Greater),
            ("+", Operator::Add),
            ("-", Operator::Subtract),
            ("*", Operator::Multiply),
        ] {
            if self.accept(word) {
                return Some(operator);
            }
        }
        for (word, operator) in [
            ("or", Operator::Or),
            ("and", Operator::And),
            ("div", Operator::Divide),
            ("mod", Operator::Remainder),
        ] {
            // ODK's programs take them in capitals, too.
            let mut signs = word.chars().enumerate();
            let stands = signs.all(|(ahead, wanted)| {
                self.peek(ahead).is_some_and(|sign| sign.eq_ignore_ascii_case(&wanted))
            });
            let ends = !self.peek(word.len()).is_some_and(continues_name);
            if stands && ends {
                self.place += word.len();
                return Some(operator);
            }
        }
        None
    }

    fn operand(&mut self) -> Result<Formula, Fault> {
        self.skip_spaces();
        let digit_at =
            |reader: &Self, ahead| reader.peek(ahead).is_some_and(|next| next.is_ascii_digit());
        match self.peek(0) {
            Some('(') => {
                self.place += 1;
                let inner = self.expression(1)?;
                self.close()?;
                Ok(inner)
            }
            Some('-') => {
                self.place += 1;
                Ok(Formula::Negate(Box::new(self.expression(7)?)))
            }
            Some('$') if self.peek(1) == Some('{') => self.question(),
            Some(quote @ ('\'' | '"')) => self.text(quote),
            Some('.') if digit_at(self, 1) => self.number(),
            Some('.') if self.peek(1) == Some('.') || self.peek(1) == Some('/') => self.path(),
            Some('/') => self.path(),
            Some('.') => {
                self.place += 1;
                Ok(Formula::SelfValue)
            }
            Some(character) if character.is_ascii_digit() => self.number(),
            Some(character) if starts_name(character) => self.name(),
            _ => Err(self.unexpected()),
        }
    }

    /// A path from here or from the form's root, as it is written: a question
    /// whose name is not known yet.
    fn path(&mut self) -> Result<Formula, Fault> {
        let start = self.place;
        loop {
            let _ = self.accept("/");
            if !self.accept("..") && !self.accept(".") {
                let from = self.place;
                while self.peek(0).is_some_and(continues_name) {
                    self.place += 1;
                }
                if self.place == from {
                    return Err(self.unexpected());
                }
            }
            if self.peek(0) != Some('/') {
                break;
            }
        }
        let path: String = self.characters[start..self.place].iter().collect();
        if self.peek(0) == Some('(') {
            // A sort of nodes: `text()`, `node()`.
            return Err(Fault::NotCarried(format!("{path}()").into()));
        }
        self.skip_not_blank();
        Ok(Formula::Question(path))
    }

    fn close(&mut self) -> Result<(), Fault> {
        self.skip_spaces();
        if self.accept(")") {
            return Ok(());
        }
        match self.peek(0) {
            None => Err(Fault::Syntax(phrase("phrase-parenthesis-not-closed"), self.place)),
            Some(_) => Err(self.unexpected()),
        }
    }

    fn question(&mut self) -> Result<Formula, Fault> {
        let from = self.place;
        self.place += 2;
        let start = self.place;
        while let Some(character) = self.peek(0) {
            self.place += 1;
            if character == '}' {
                let name: String = self.characters[start..self.place - 1].iter().collect();
                if name.contains('#') {
                    return Err(Fault::NotCarried(format!("${{{name}}}").into()));
                }
                self.skip_not_blank();
                return Ok(Formula::Question(name.trim().to_owned()));
            }
        }
        Err(Fault::Syntax(phrase("phrase-name-not-closed"), from))
    }

    /// `instance('list')/root/item[name = choice]/column`, read after its first
    /// parenthesis: what stands beside a chosen option.
    fn item_of_list(&mut self) -> Result<Formula, Fault> {
        let not_carried = || Fault::NotCarried("instance()".into());
        let list = self.expression(1)?;
        self.close()?;
        self.skip_spaces();
        if !self.accept("/root/item[") {
            return Err(not_carried());
        }
        let test = self.expression(1)?;
        self.skip_spaces();
        let key = |part: &Formula| matches!(part, Formula::Column(name) if name == "name");
        let choice = match test {
            Formula::Binary(Operator::Equal, left, right) if key(&left) => *right,
            Formula::Binary(Operator::Equal, left, right) if key(&right) => *left,
            _ => return Err(not_carried()),
        };
        if !self.accept("]/") {
            return Err(not_carried());
        }
        let from = self.place;
        while self.peek(0).is_some_and(continues_name) {
            self.place += 1;
        }
        let column: String = self.characters[from..self.place].iter().collect();
        if column.is_empty() {
            return Err(not_carried());
        }
        Ok(Formula::call("item-of-list", vec![list, choice, Formula::Text(column)]))
    }

    /// `[. != '']`: of several answers those that are there, which is what
    /// functions of several count here anyway.
    fn skip_not_blank(&mut self) {
        let from = self.place;
        let mut parts = ["[", ".", "!=", "''", "]"].iter();
        let there = parts.all(|part| {
            self.skip_spaces();
            self.accept(part)
        });
        if !there {
            self.place = from;
        }
    }

    fn text(&mut self, quote: char) -> Result<Formula, Fault> {
        let from = self.place;
        self.place += 1;
        let start = self.place;
        while let Some(character) = self.peek(0) {
            self.place += 1;
            if character == quote {
                return Ok(Formula::Text(self.characters[start..self.place - 1].iter().collect()));
            }
        }
        Err(Fault::Syntax(phrase("phrase-text-without-closing-quote"), from))
    }

    fn number(&mut self) -> Result<Formula, Fault> {
        let start = self.place;
        number_at(&self.characters, &mut self.place).map_err(|reason| Fault::Syntax(reason, start))
    }

    fn name(&mut self) -> Result<Formula, Fault> {
        let start = self.place;
        while self.peek(0).is_some_and(continues_name) {
            self.place += 1;
        }
        let name: String = self.characters[start..self.place].iter().collect();
        self.skip_spaces();
        if !self.accept("(") {
            return Ok(Formula::Column(name));
        }
        let mut arguments = Vec::new();
        self.skip_spaces();
        if self.accept(")") {
            // From an option that is filtered to the question.
            if name == "current" && self.accept("/") {
                return self.path();
            }
            return Ok(Formula::Call(name, arguments));
        }
        if name == "instance" {
            return self.item_of_list();
        }
        // The place of the repeat around; between them may be groups.
        if name == "position" && self.accept("..") {
            while self.accept("/..") {}
            self.skip_spaces();
            self.close()?;
            return Ok(Formula::Call(name, arguments));
        }
        loop {
            arguments.push(self.expression(1)?);
            self.skip_spaces();
            if !self.accept(",") {
                self.close()?;
                return Ok(Formula::Call(name, arguments));
            }
        }
    }
}

fn starts_name(character: char) -> bool {
    character == '_' || character.is_alphabetic()
}

fn continues_name(character: char) -> bool {
    starts_name(character) || character.is_alphanumeric() || matches!(character, '-' | '.' | ':')
}
