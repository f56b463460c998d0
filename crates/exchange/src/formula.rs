//! Formulas of other systems, in one tree.
//!
//! Each format reads its own syntax into a [`Formula`], whose functions have
//! the names that `XPath` gives them; one translator (see [`translate`]) writes
//! it in the expression language, with what it gives for blanks kept.

use survey_builder::problem::{Argument, Phrase};

pub(crate) mod read;
pub(crate) mod translate;
pub(crate) mod write;

/// A piece of a formula.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Formula {
    Number(f64),
    Text(String),
    /// `${name}`.
    Question(String),
    /// `.`.
    SelfValue,
    /// A bare name: a column of the choices sheet, in a choice filter.
    Column(String),
    Call(String, Vec<Formula>),
    Binary(Operator, Box<Formula>, Box<Formula>),
    Negate(Box<Formula>),
}

/// The operators between two pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Operator {
    /// How tightly it binds, and how our language writes it.
    pub(crate) fn binding(self) -> (u8, &'static str) {
        match self {
            Self::Or => (1, "or"),
            Self::And => (2, "and"),
            Self::Equal => (4, "="),
            Self::NotEqual => (4, "!="),
            Self::Less => (4, "<"),
            Self::LessOrEqual => (4, "<="),
            Self::Greater => (4, ">"),
            Self::GreaterOrEqual => (4, ">="),
            Self::Add => (5, "+"),
            Self::Subtract => (5, "-"),
            Self::Multiply => (6, "*"),
            Self::Divide => (6, "/"),
            Self::Remainder => (6, "mod"),
        }
    }
}

/// Why a formula cannot be carried over.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fault {
    /// The construct that has no counterpart.
    NotCarried(Argument),
    /// No question is called so.
    UnknownName(String),
    /// What it became, the code of what is wrong there, and that in words.
    Unfit(String, Phrase),
}

impl Formula {
    /// A function with its arguments.
    pub(crate) fn call(name: &str, arguments: Vec<Self>) -> Self {
        Self::Call(name.to_owned(), arguments)
    }

    /// A text.
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// A question's answer.
    pub(crate) fn question(name: &str) -> Self {
        Self::Question(name.to_owned())
    }

    /// Two pieces with an operator between them.
    pub(crate) fn binary(operator: Operator, left: Self, right: Self) -> Self {
        Self::Binary(operator, Box::new(left), Box::new(right))
    }

    /// The opposite of a condition.
    pub(crate) fn negated(self) -> Self {
        match self {
            Self::Call(name, mut arguments) if name == "not" && arguments.len() == 1 => {
                arguments.remove(0)
            }
            other => Self::call("not", vec![other]),
        }
    }

    /// Whether the piece has no value.
    pub(crate) fn blank(self) -> Self {
        Self::binary(Operator::Equal, self, Self::text(""))
    }

    /// All must hold; `None` of none.
    pub(crate) fn all(parts: impl IntoIterator<Item = Self>) -> Option<Self> {
        parts.into_iter().reduce(|left, right| Self::binary(Operator::And, left, right))
    }

    /// One must hold; `None` of none.
    pub(crate) fn any(parts: impl IntoIterator<Item = Self>) -> Option<Self> {
        parts.into_iter().reduce(|left, right| Self::binary(Operator::Or, left, right))
    }

    /// Whether it reads the answer to the question of that name.
    pub(crate) fn reads(&self, name: &str) -> bool {
        let mut found = false;
        self.each(&mut |part| found |= matches!(part, Self::Question(of) if of == name));
        found
    }

    /// Looks at every piece.
    pub(crate) fn each(&self, look: &mut impl FnMut(&Self)) {
        look(self);
        match self {
            Self::Call(_, arguments) => arguments.iter().for_each(|part| part.each(look)),
            Self::Binary(_, left, right) => {
                left.each(look);
                right.each(look);
            }
            Self::Negate(inner) => inner.each(look),
            _ => {}
        }
    }

    /// Puts something else in the place of pieces, from the leaves up.
    pub(crate) fn replaced(self, put: &mut impl FnMut(Self) -> Self) -> Self {
        let inner = match self {
            Self::Call(name, arguments) => {
                Self::Call(name, arguments.into_iter().map(|part| part.replaced(put)).collect())
            }
            Self::Binary(operator, left, right) => {
                Self::binary(operator, left.replaced(put), right.replaced(put))
            }
            Self::Negate(inner) => Self::Negate(Box::new(inner.replaced(put))),
            other => other,
        };
        put(inner)
    }
}
