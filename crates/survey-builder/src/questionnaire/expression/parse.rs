//! Reads tokens into a syntax tree, by operator precedence.
//!
//! Chains of one operator become one node with many parts: a sum of a thousand
//! terms is wide, not deep, and no input makes the recursion deep.

use super::problem::{Detail, Problem};
use super::token::{Span, Token, tokens};
use super::tree::{DEPTH_LIMIT, Operation};

/// A piece of syntax and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Syntax {
    pub at: Span,
    pub form: Form,
    /// How many levels it has.
    depth: usize,
}

/// What a piece of syntax is.
#[derive(Clone, Debug)]
pub(super) enum Form {
    Number(f64),
    Text(String),
    Bool(bool),
    Name(String),
    SelfValue,
    /// An operator with its operands.
    Operator(Operation, Vec<Syntax>),
    /// `x in (a, b)`: the first is x.
    In(Vec<Syntax>),
    Call {
        name: String,
        name_at: Span,
        arguments: Vec<Syntax>,
    },
}

/// How tightly operators bind.
mod binding {
    pub const OR: u8 = 1;
    pub const AND: u8 = 2;
    pub const NOT: u8 = 3;
    pub const COMPARE: u8 = 4;
    pub const ADD: u8 = 5;
    pub const MULTIPLY: u8 = 6;
    pub const NEGATE: u8 = 7;
}

/// Reads a whole expression.
pub(super) fn parse(source: &str) -> Result<Syntax, Vec<Problem>> {
    let tokens = tokens(source)?;
    if tokens.len() == 1 {
        return Err(vec![Problem::new((0, source.chars().count()), Detail::Empty)]);
    }
    let mut reader = Reader { tokens, place: 0, level: 0 };
    let syntax = reader.expression(binding::OR).map_err(|problem| vec![problem])?;
    if reader.peek() == &Token::End { Ok(syntax) } else { Err(vec![reader.unexpected()]) }
}

struct Reader {
    tokens: Vec<(Token, Span)>,
    place: usize,
    level: usize,
}

impl Reader {
    fn peek(&self) -> &Token {
        // The cutter always ends with `End`, which is never passed.
        self.tokens.get(self.place).map_or(&Token::End, |(token, _)| token)
    }

    fn at(&self) -> Span {
        self.tokens.get(self.place).map_or((0, 0), |(_, at)| *at)
    }

    fn advance(&mut self) -> (Token, Span) {
        let found = (self.peek().clone(), self.at());
        if found.0 != Token::End {
            self.place += 1;
        }
        found
    }

    fn accept(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Token::Symbol(found) if *found == symbol);
        if found {
            self.place += 1;
        }
        found
    }

    fn unexpected(&self) -> Problem {
        match self.peek() {
            Token::End => Problem::new(self.at(), Detail::UnexpectedEnd),
            token => Problem::new(self.at(), Detail::UnexpectedToken { found: token.show() }),
        }
    }

    /// Reads an operand and every operator after it that binds at least as
    /// tightly as `least`.
    fn expression(&mut self, least: u8) -> Result<Syntax, Problem> {
        self.level += 1;
        if self.level > DEPTH_LIMIT {
            return Err(Problem::new(self.at(), Detail::TooDeep { limit: DEPTH_LIMIT }));
        }
        let mut left = self.operand()?;
        let mut compared = false;
        while let Some((operator, tightness)) = self.operator() {
            if tightness < least {
                break;
            }
            self.place += 1;
            if tightness == binding::COMPARE {
                if compared {
                    return Err(self.chained(&left, operator));
                }
                compared = true;
            }
            left = self.extend(left, operator, tightness)?;
            if left.depth > DEPTH_LIMIT {
                return Err(Problem::new(left.at, Detail::TooDeep { limit: DEPTH_LIMIT }));
            }
        }
        self.level -= 1;
        Ok(left)
    }

    /// Reads the rest of a second comparison, so that its whole place is told.
    fn chained(&mut self, left: &Syntax, operator: &'static str) -> Problem {
        let from = left.at.0;
        match self.extend(left.clone(), operator, binding::COMPARE) {
            Ok(whole) => Problem::new((from, whole.at.1), Detail::ChainedComparison),
            Err(problem) => problem,
        }
    }

    fn operator(&self) -> Option<(&'static str, u8)> {
        let (Token::Symbol(word) | Token::Word(word)) = self.peek() else { return None };
        let tightness = match *word {
            "or" => binding::OR,
            "and" => binding::AND,
            "=" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" => binding::COMPARE,
            "+" | "-" => binding::ADD,
            "*" | "/" | "%" | "div" | "mod" => binding::MULTIPLY,
            _ => return None,
        };
        Some((word, tightness))
    }

    fn extend(&mut self, left: Syntax, word: &str, tightness: u8) -> Result<Syntax, Problem> {
        if word == "in" {
            return self.membership(left);
        }
        let right = self.expression(tightness + 1)?;
        let operation = match word {
            "or" => Operation::Or,
            "and" => Operation::And,
            "=" | "==" => Operation::Equal,
            "!=" => Operation::NotEqual,
            "<" => Operation::Less,
            "<=" => Operation::LessOrEqual,
            ">" => Operation::Greater,
            ">=" => Operation::GreaterOrEqual,
            "+" | "-" => Operation::Add,
            "*" => Operation::Multiply,
            "/" | "div" => Operation::Divide,
            _ => Operation::Remainder,
        };
        // x − y is x + (−y), to the last bit.
        let right =
            if word == "-" { operator(Operation::Negate, right.at, vec![right]) } else { right };
        let at = (left.at.0, right.at.1);
        let joins = matches!(
            operation,
            Operation::Or | Operation::And | Operation::Add | Operation::Multiply
        );
        match left.form {
            Form::Operator(same, mut parts) if joins && same == operation => {
                let depth = left.depth.max(right.depth + 1);
                parts.push(right);
                Ok(Syntax { at, form: Form::Operator(operation, parts), depth })
            }
            form => Ok(operator(operation, at, vec![Syntax { form, ..left }, right])),
        }
    }

    fn membership(&mut self, left: Syntax) -> Result<Syntax, Problem> {
        let opening = self.at();
        if !self.accept("(") {
            return Err(self.unexpected());
        }
        let (mut parts, end) = self.list(opening)?;
        if parts.is_empty() {
            return Err(Problem::new(
                (opening.0, end),
                Detail::UnexpectedToken { found: ")".to_owned() },
            ));
        }
        let at = (left.at.0, end);
        parts.insert(0, left);
        let depth = 1 + deepest(&parts);
        Ok(Syntax { at, form: Form::In(parts), depth })
    }

    fn operand(&mut self) -> Result<Syntax, Problem> {
        let leaf = |form, at| Ok(Syntax { at, form, depth: 1 });
        let (token, at) = (self.peek().clone(), self.at());
        match token {
            Token::Number(value) => self.leaf(leaf(Form::Number(value), at)),
            Token::Text(value) => self.leaf(leaf(Form::Text(value), at)),
            Token::SelfValue => self.leaf(leaf(Form::SelfValue, at)),
            Token::Name(name) => {
                self.place += 1;
                if self.peek() == &Token::Symbol("(") {
                    self.place -= 1;
                    return self.call(name, at);
                }
                leaf(Form::Name(name), at)
            }
            Token::Word(word @ ("true" | "false")) => {
                self.place += 1;
                let mut end = at.1;
                if self.accept("(") {
                    end = self.at().1;
                    if !self.accept(")") {
                        return Err(self.unexpected());
                    }
                }
                leaf(Form::Bool(word == "true"), (at.0, end))
            }
            Token::Word("not") => self.prefix(Operation::Not, binding::NOT),
            Token::Symbol("-") => self.prefix(Operation::Negate, binding::NEGATE),
            Token::Symbol("(") => self.parenthesis(),
            Token::Function(name) => self.call(name, at),
            _ => Err(self.unexpected()),
        }
    }

    fn leaf(&mut self, leaf: Result<Syntax, Problem>) -> Result<Syntax, Problem> {
        self.place += 1;
        leaf
    }

    fn prefix(&mut self, operation: Operation, tightness: u8) -> Result<Syntax, Problem> {
        let (_, at) = self.advance();
        let inner = self.expression(tightness)?;
        Ok(operator(operation, (at.0, inner.at.1), vec![inner]))
    }

    fn parenthesis(&mut self) -> Result<Syntax, Problem> {
        let (_, opening) = self.advance();
        let inner = self.expression(binding::OR)?;
        let end = self.at().1;
        if self.accept(")") {
            // The place includes the parentheses.
            return Ok(Syntax { at: (opening.0, end), ..inner });
        }
        Err(self.unclosed(opening))
    }

    fn unclosed(&self, opening: Span) -> Problem {
        match self.peek() {
            Token::End => Problem::new(opening, Detail::UnclosedParenthesis),
            _ => self.unexpected(),
        }
    }

    fn call(&mut self, name: String, name_at: Span) -> Result<Syntax, Problem> {
        self.place += 1;
        let opening = self.at();
        self.place += 1;
        let (arguments, end) = self.list(opening)?;
        let at = (name_at.0, end);
        if name == "not" && arguments.len() == 1 {
            return Ok(operator(Operation::Not, at, arguments));
        }
        let depth = 1 + deepest(&arguments);
        Ok(Syntax { at, form: Form::Call { name, name_at, arguments }, depth })
    }

    /// Reads `a, b)`; gives the parts and where the parenthesis ends.
    fn list(&mut self, opening: Span) -> Result<(Vec<Syntax>, usize), Problem> {
        let mut parts = Vec::new();
        let mut end = self.at().1;
        if self.accept(")") {
            return Ok((parts, end));
        }
        loop {
            if self.peek() == &Token::End {
                return Err(self.unclosed(opening));
            }
            parts.push(self.expression(binding::OR)?);
            end = self.at().1;
            if self.accept(")") {
                return Ok((parts, end));
            }
            if !self.accept(",") {
                return Err(self.unclosed(opening));
            }
        }
    }
}

fn operator(operation: Operation, at: Span, parts: Vec<Syntax>) -> Syntax {
    let depth = 1 + deepest(&parts);
    Syntax { at, form: Form::Operator(operation, parts), depth }
}

fn deepest(parts: &[Syntax]) -> usize {
    parts.iter().map(|part| part.depth).max().unwrap_or(0)
}
