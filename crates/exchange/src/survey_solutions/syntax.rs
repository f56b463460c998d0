//! The C# of conditions, as far as conditions use it: names with members and calls,
//! operators, literals, arrays, casts, functions of one name. Statements are none.

use survey_builder::problem::{Phrase, phrase};

use crate::formula::Operator;
use crate::formula::read::number_at;

/// The most signs of a condition.
const LENGTH_LIMIT: usize = 20_000;

/// How deep parts may stand in each other: they are read by functions that call
/// themselves.
const DEPTH_LIMIT: usize = 50;

/// The most operators, members and calls in a row.
const ROW_LIMIT: usize = 300;

/// A piece of C#.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Syntax {
    /// A number; whole ones without a point divide as whole ones.
    Number {
        value: f64,
        is_whole: bool,
    },
    Text(String),
    Truth(bool),
    Null,
    /// A name, `@` included.
    Name(String),
    /// `of.name`.
    Member(Box<Self>, String),
    Call(Box<Self>, Vec<Self>),
    /// `of[place]`.
    Index(Box<Self>, Vec<Self>),
    Not(Box<Self>),
    Negate(Box<Self>),
    Binary(Operator, Box<Self>, Box<Self>),
    /// `condition ? yes : no`.
    Choice(Box<Self>, Box<Self>, Box<Self>),
    /// `first ?? second`.
    Coalesce(Box<Self>, Box<Self>),
    /// `(type)of`.
    Cast(String, Box<Self>),
    /// `name => body`.
    Function(String, Box<Self>),
    /// `new[] {…}`.
    Array(Vec<Self>),
    /// `new name(…)`.
    New(String, Vec<Self>),
}

impl Syntax {
    /// What a function says of its argument, said inside the roster: `x.age` is `age`.
    pub(super) fn of_member(&self, argument: &str) -> Self {
        let inner = |part: &Self| Box::new(part.of_member(argument));
        let all = |parts: &[Self]| parts.iter().map(|part| part.of_member(argument)).collect();
        match self {
            Self::Member(of, name) if **of == Self::Name(argument.to_owned()) => {
                Self::Name(name.clone())
            }
            Self::Member(of, name) => Self::Member(inner(of), name.clone()),
            Self::Call(of, parts) => Self::Call(inner(of), all(parts)),
            Self::Index(of, parts) => Self::Index(inner(of), all(parts)),
            Self::Not(of) => Self::Not(inner(of)),
            Self::Negate(of) => Self::Negate(inner(of)),
            Self::Binary(operator, left, right) => {
                Self::Binary(*operator, inner(left), inner(right))
            }
            Self::Choice(test, yes, no) => Self::Choice(inner(test), inner(yes), inner(no)),
            Self::Coalesce(one, other) => Self::Coalesce(inner(one), inner(other)),
            Self::Cast(kind, of) => Self::Cast(kind.clone(), inner(of)),
            Self::Function(name, body) => Self::Function(name.clone(), inner(body)),
            Self::Array(parts) => Self::Array(all(parts)),
            Self::New(name, parts) => Self::New(name.clone(), all(parts)),
            other => other.clone(),
        }
    }
}

/// Reads a whole condition; the fault says what is wrong.
pub(super) fn read(source: &str) -> Result<Syntax, Phrase> {
    let signs: Vec<char> = source.chars().collect();
    if signs.len() > LENGTH_LIMIT {
        return Err(phrase("phrase-more-characters-than").with("limit", LENGTH_LIMIT));
    }
    let mut reader = Reader { signs, place: 0, depth: 0 };
    let found = reader.choice()?;
    reader.skip()?;
    match reader.peek(0) {
        None => Ok(found),
        Some(_) => Err(reader.unexpected()),
    }
}

struct Reader {
    signs: Vec<char>,
    place: usize,
    depth: usize,
}

/// Operators between two pieces, longer ones first.
const OPERATORS: [(&str, Operator); 13] = [
    ("||", Operator::Or),
    ("&&", Operator::And),
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
    ("+", Operator::Add),
    ("-", Operator::Subtract),
    ("*", Operator::Multiply),
    ("/", Operator::Divide),
    ("%", Operator::Remainder),
];

/// Types that stand in brackets before what they make of it.
const TYPES: [&str; 9] =
    ["int", "long", "double", "decimal", "float", "bool", "string", "DateTime", "Int32"];

/// How tightly an operator binds; comparing binds tighter than asking for the same.
fn binding(operator: Operator) -> u8 {
    match operator {
        Operator::Equal | Operator::NotEqual => 3,
        other => other.binding().0,
    }
}

fn begins_name(sign: char) -> bool {
    sign.is_alphabetic() || sign == '_' || sign == '@'
}

fn continues_name(sign: char) -> bool {
    sign.is_alphanumeric() || sign == '_'
}

impl Reader {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.signs.get(self.place + ahead).copied()
    }

    fn stands(&self, word: &str) -> bool {
        word.chars().enumerate().all(|(ahead, wanted)| self.peek(ahead) == Some(wanted))
    }

    fn unexpected(&self) -> Phrase {
        match self.peek(0) {
            None => phrase("phrase-something-is-missing"),
            Some(sign) => {
                phrase("phrase-unexpected-at").with("sign", sign.to_string()).with("at", self.place)
            }
        }
    }

    /// Goes over spaces and comments.
    fn skip(&mut self) -> Result<(), Phrase> {
        loop {
            if self.peek(0).is_some_and(char::is_whitespace) {
                self.place += 1;
            } else if self.stands("//") {
                while self.peek(0).is_some_and(|sign| sign != '\n') {
                    self.place += 1;
                }
            } else if self.stands("/*") {
                while !self.stands("*/") {
                    self.peek(0).ok_or_else(|| phrase("phrase-something-is-missing"))?;
                    self.place += 1;
                }
                self.place += 2;
            } else {
                return Ok(());
            }
        }
    }

    /// Goes over a sign that must stand here.
    fn over(&mut self, sign: &str) -> Result<(), Phrase> {
        self.skip()?;
        if !self.stands(sign) {
            return Err(self.unexpected());
        }
        self.place += sign.chars().count();
        Ok(())
    }

    /// Goes over a sign if it stands here.
    fn met(&mut self, sign: &str) -> Result<bool, Phrase> {
        self.skip()?;
        let is_there = self.stands(sign);
        if is_there {
            self.place += sign.chars().count();
        }
        Ok(is_there)
    }

    fn choice(&mut self) -> Result<Syntax, Phrase> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return Err(phrase("phrase-nested-deeper-than").with("limit", DEPTH_LIMIT));
        }
        let condition = self.or_else()?;
        self.skip()?;
        let found = if self.stands("?") && !self.stands("?.") {
            self.place += 1;
            let yes = self.choice()?;
            self.over(":")?;
            let no = self.choice()?;
            Syntax::Choice(Box::new(condition), Box::new(yes), Box::new(no))
        } else {
            condition
        };
        self.depth -= 1;
        Ok(found)
    }

    fn or_else(&mut self) -> Result<Syntax, Phrase> {
        let mut all = vec![self.binary(1)?];
        while self.met("??")? {
            all.push(self.binary(1)?);
            if all.len() > ROW_LIMIT {
                return Err(phrase("phrase-too-many-operators-in-a-row"));
            }
        }
        let last = all.pop().unwrap_or(Syntax::Null);
        let joined = |after, one| Syntax::Coalesce(Box::new(one), Box::new(after));
        Ok(all.into_iter().rev().fold(last, joined))
    }

    fn binary(&mut self, least: u8) -> Result<Syntax, Phrase> {
        let mut left = self.unary()?;
        for _ in 0..ROW_LIMIT {
            self.skip()?;
            let found = OPERATORS.iter().find(|(sign, _)| self.stands(sign));
            let Some((sign, operator)) = found else { return Ok(left) };
            if binding(*operator) < least || self.stands("=>") {
                return Ok(left);
            }
            self.place += sign.len();
            let right = self.binary(binding(*operator) + 1)?;
            left = Syntax::Binary(*operator, Box::new(left), Box::new(right));
        }
        Err(phrase("phrase-too-many-operators-in-a-row"))
    }

    fn unary(&mut self) -> Result<Syntax, Phrase> {
        self.skip()?;
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return Err(phrase("phrase-nested-deeper-than").with("limit", DEPTH_LIMIT));
        }
        let found = match self.peek(0) {
            Some('!') => {
                self.place += 1;
                Syntax::Not(Box::new(self.unary()?))
            }
            Some('-') => {
                self.place += 1;
                Syntax::Negate(Box::new(self.unary()?))
            }
            Some('+') => {
                self.place += 1;
                self.unary()?
            }
            Some('(') => match self.cast() {
                Some(kind) => Syntax::Cast(kind, Box::new(self.unary()?)),
                None => self.followed()?,
            },
            _ => self.followed()?,
        };
        self.depth -= 1;
        Ok(found)
    }

    /// Goes over a type in brackets, if one stands here.
    fn cast(&mut self) -> Option<String> {
        let rest: String = self.signs[self.place + 1..].iter().take(24).collect();
        let (inner, _) = rest.split_once(')')?;
        let kind = inner.trim().trim_end_matches('?');
        let known = TYPES.iter().find(|one| **one == kind)?;
        self.place += inner.chars().count() + 2;
        Some((*known).to_owned())
    }

    /// An operand with its members, calls and places.
    fn followed(&mut self) -> Result<Syntax, Phrase> {
        let mut of = self.operand()?;
        for _ in 0..ROW_LIMIT {
            self.skip()?;
            if self.met("?.")? || self.met(".")? {
                self.skip()?;
                let name = self.name()?;
                of = Syntax::Member(Box::new(of), name);
            } else if self.met("(")? {
                of = Syntax::Call(Box::new(of), self.list(")")?);
            } else if self.met("[")? {
                of = Syntax::Index(Box::new(of), self.list("]")?);
            } else {
                return Ok(of);
            }
        }
        Err(phrase("phrase-too-many-operators-in-a-row"))
    }

    /// Pieces parted by commas, up to a closing sign.
    fn list(&mut self, close: &str) -> Result<Vec<Syntax>, Phrase> {
        let mut found = Vec::new();
        if self.met(close)? {
            return Ok(found);
        }
        loop {
            found.push(self.argument()?);
            if self.met(close)? {
                return Ok(found);
            }
            self.over(",")?;
        }
    }

    /// A piece, or a function of one name.
    fn argument(&mut self) -> Result<Syntax, Phrase> {
        self.skip()?;
        let start = self.place;
        if self.peek(0).is_some_and(begins_name) {
            let name = self.name()?;
            if self.met("=>")? {
                return Ok(Syntax::Function(name, Box::new(self.choice()?)));
            }
            self.place = start;
        }
        self.choice()
    }

    fn name(&mut self) -> Result<String, Phrase> {
        if !self.peek(0).is_some_and(begins_name) {
            return Err(self.unexpected());
        }
        let mut name = String::new();
        while let Some(sign) =
            self.peek(0).filter(|sign| continues_name(*sign) || name.is_empty() && *sign == '@')
        {
            name.push(sign);
            self.place += 1;
        }
        Ok(name)
    }

    fn operand(&mut self) -> Result<Syntax, Phrase> {
        match self.peek(0) {
            Some('(') => {
                self.place += 1;
                let inner = self.choice()?;
                self.over(")")?;
                Ok(inner)
            }
            Some('"') => self.text(false),
            Some('@') if self.peek(1) == Some('"') => {
                self.place += 1;
                self.text(true)
            }
            Some('\'') => self.sign(),
            Some(sign) if sign.is_ascii_digit() => self.number(),
            Some('.') if self.peek(1).is_some_and(|sign| sign.is_ascii_digit()) => self.number(),
            Some(sign) if begins_name(sign) => {
                let name = self.name()?;
                match name.as_str() {
                    "true" => Ok(Syntax::Truth(true)),
                    "false" => Ok(Syntax::Truth(false)),
                    "null" => Ok(Syntax::Null),
                    "new" => self.made(),
                    _ => Ok(Syntax::Name(name)),
                }
            }
            _ => Err(self.unexpected()),
        }
    }

    fn number(&mut self) -> Result<Syntax, Phrase> {
        let start = self.place;
        let number = number_at(&self.signs, &mut self.place)?;
        let mut is_whole = !self.signs[start..self.place].contains(&'.');
        if let Some(sign) = self.peek(0).filter(|sign| "lLmMdDfF".contains(*sign)) {
            is_whole &= "lL".contains(sign);
            self.place += 1;
        }
        if self.peek(0).is_some_and(continues_name) {
            return Err(self.unexpected());
        }
        match number {
            crate::formula::Formula::Number(value) => Ok(Syntax::Number { value, is_whole }),
            _ => Err(self.unexpected()),
        }
    }

    /// A text between quotes; one that begins with `@` doubles its quotes.
    fn text(&mut self, is_plain: bool) -> Result<Syntax, Phrase> {
        self.place += 1;
        let mut text = String::new();
        loop {
            let sign = self.peek(0).ok_or_else(|| phrase("phrase-something-is-missing"))?;
            self.place += 1;
            match sign {
                '"' if is_plain && self.peek(0) == Some('"') => {
                    self.place += 1;
                    text.push('"');
                }
                '"' => return Ok(Syntax::Text(text)),
                '\\' if !is_plain => text.push(self.escaped()?),
                sign => text.push(sign),
            }
        }
    }

    fn escaped(&mut self) -> Result<char, Phrase> {
        let sign = self.peek(0).ok_or_else(|| phrase("phrase-something-is-missing"))?;
        self.place += 1;
        Ok(match sign {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            '\\' | '"' | '\'' => sign,
            _ => {
                self.place -= 1;
                return Err(self.unexpected());
            }
        })
    }

    /// One sign between quotes, which is a text here.
    fn sign(&mut self) -> Result<Syntax, Phrase> {
        self.place += 1;
        let sign = self.peek(0).ok_or_else(|| phrase("phrase-something-is-missing"))?;
        self.place += 1;
        let sign = if sign == '\\' { self.escaped()? } else { sign };
        self.over("'")?;
        Ok(Syntax::Text(sign.to_string()))
    }

    /// What stands behind `new`.
    fn made(&mut self) -> Result<Syntax, Phrase> {
        self.skip()?;
        let mut name = String::new();
        while self.peek(0).is_some_and(begins_name) {
            name = self.name()?;
            if !self.met(".")? {
                break;
            }
            self.skip()?;
        }
        // `int?[]`.
        self.met("?")?;
        if self.met("[")? {
            self.over("]")?;
            self.over("{")?;
            return Ok(Syntax::Array(self.list("}")?));
        }
        self.over("(")?;
        Ok(Syntax::New(name, self.list(")")?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(source: &str) -> String {
        match read(source) {
            Ok(found) => format!("{found:?}"),
            Err(reason) => reason.phrase,
        }
    }

    #[test]
    fn operators_bind_as_in_c_sharp() {
        for (one, other) in [
            ("a == 1 && b > 2 || !c", "((a == 1) && (b > 2)) || (!c)"),
            ("a + b * c - d", "(a + (b * c)) - d"),
            ("a > 1 == true", "(a > 1) == true"),
            ("a ?? b ?? c", "a ?? (b ?? c)"),
            ("a ? b : c ? d : e", "a ? b : (c ? d : e)"),
            ("-a.b(1)", "-(a.b(1))"),
            ("a /* one */ == // two\n 1", "a==1"),
        ] {
            assert_eq!(shown(one), shown(other), "{one}");
            assert!(read(one).is_ok(), "{one}");
        }
        assert_ne!(shown("(int)a"), shown("a"));
        assert_eq!(shown("(a)"), shown("a"));
    }

    #[test]
    fn literals_are_read() {
        let text = |text: &str| Ok(Syntax::Text(text.to_owned()));
        assert_eq!(read(r#""a\"b\\""#), text("a\"b\\"));
        assert_eq!(read(r#"@"a\d""b""#), text("a\\d\"b"));
        assert_eq!(read("'x'"), text("x"));
        assert_eq!(read("2.5"), Ok(Syntax::Number { value: 2.5, is_whole: false }));
        assert_eq!(read("2m"), Ok(Syntax::Number { value: 2.0, is_whole: false }));
        assert_eq!(read("2L"), Ok(Syntax::Number { value: 2.0, is_whole: true }));
        assert!(matches!(read("new int?[] {1, 2}"), Ok(Syntax::Array(all)) if all.len() == 2));
        assert!(matches!(read("new[]{}"), Ok(Syntax::Array(all)) if all.is_empty()));
        assert!(
            matches!(read("new DateTime(2026, 1, 31)"), Ok(Syntax::New(_, all)) if all.len() == 3)
        );
        assert!(matches!(read("r.Count(x => x.age > 5)"), Ok(Syntax::Call(..))));
    }

    #[test]
    fn what_cannot_be_read_says_where() {
        for source in ["", "a ==", "a b", "(a", "\"a", "a.", "1x", "/*", "a[1", "f(1,)", "#"] {
            assert!(read(source).is_err(), "{source}");
        }
        for source in [
            "(".repeat(10_000),
            "!".repeat(10_000),
            "a".to_owned() + &".b".repeat(9_000),
            "1".to_owned() + &"+1".repeat(9_000),
            "f(".repeat(5_000),
        ] {
            assert!(read(&source).is_err(), "{}", &source[..10]);
        }
    }
}
