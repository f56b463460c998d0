//! What can be wrong with an expression, told so that it can be put right.
//!
//! A [`Problem`] has a coarse [`Kind`] (what the reference cases compare), a
//! place in the text, and a [`Detail`] with a stable code and arguments. Its
//! sentence is that of the problem it is told as.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::problem::{self, Argument, Phrase, phrase};

/// The kinds of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The text does not follow the grammar.
    Syntax,
    /// A text literal has no closing quote.
    UnterminatedText,
    /// No question or roster has that name.
    UnknownName,
    /// No function has that name.
    UnknownFunction,
    /// Too many or too few arguments.
    ArgumentCount,
    /// The types do not go together.
    TypeMismatch,
    /// The list has no such option.
    UnknownOption,
    /// A comparison of a comparison.
    ChainedComparison,
    /// The pattern cannot be used.
    BadPattern,
    /// Not a day or not a time.
    BadDate,
    /// Expressions read each other in a circle.
    Cycle,
}

/// One problem in an expression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// Where: character offsets in the expression, the end exclusive.
    pub at: (usize, usize),
    /// What exactly.
    pub detail: Detail,
}

impl Problem {
    pub(super) fn new(at: (usize, usize), detail: Detail) -> Self {
        Self { at, detail }
    }

    /// The coarse kind.
    pub fn kind(&self) -> Kind {
        self.detail.kind()
    }

    /// The stable code of the message.
    pub fn code(&self) -> &'static str {
        self.detail.code()
    }

    /// The same as every crate tells it, for the expression that stands at a
    /// place.
    pub fn told(&self, place: &str, expression: &str) -> problem::Problem {
        let mut told = problem::Problem::new(self.code(), place).with("expression", expression);
        told.arguments.extend(self.detail.arguments());
        told
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = self.at;
        write!(formatter, "characters {from} to {to}: {}", self.detail)
    }
}

impl std::error::Error for Problem {}

/// What is wrong, with the words that the message needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each variant's sentence is in web/locales")]
pub enum Detail {
    Empty,
    TooLong { limit: usize },
    TooDeep { limit: usize },
    UnexpectedCharacter { character: String },
    UnexpectedToken { found: String },
    UnexpectedEnd,
    UnclosedParenthesis,
    UnclosedName,
    NumberTooLarge { number: String },
    UnterminatedText,
    UnknownName { name: String, nearest: Option<String> },
    NoSelf,
    RosterAlone { name: String },
    UnknownFunction { name: String, nearest: Option<String> },
    ArgumentCount { function: String, least: usize, most: Option<usize>, found: usize },
    WrongType { expected: Phrase, found: Phrase },
    NotComparable { left: Phrase, right: Phrase },
    NotOrdered { found: Phrase },
    SetComparison,
    OptionsOfOtherList { left: String, right: String },
    NeedsQuestion { function: String },
    UnknownOption { option: String, list: String, options: String },
    ChainedComparison,
    PatternNotWritten,
    BadPattern { pattern: String, reason: PatternProblem },
    BadDate { text: String },
    BadTime { text: String },
    Cycle { names: String },
}

/// Why a pattern of `matches` cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each variant's words are in web/locales")]
pub enum PatternProblem {
    UnclosedGroup,
    UnopenedGroup,
    UnclosedClass,
    EmptyClass,
    BadRange,
    NothingToRepeat,
    BadRepeat,
    BadEscape,
    LookAround,
    BackReference,
    Unsupported,
    TooLarge,
    TooDeep,
}

impl PatternProblem {
    /// The key of the reason's words.
    pub fn key(self) -> &'static str {
        match self {
            Self::UnclosedGroup => "phrase-pattern-unclosed-group",
            Self::UnopenedGroup => "phrase-pattern-unopened-group",
            Self::UnclosedClass => "phrase-pattern-unclosed-class",
            Self::EmptyClass => "phrase-pattern-empty-class",
            Self::BadRange => "phrase-pattern-bad-range",
            Self::NothingToRepeat => "phrase-pattern-nothing-to-repeat",
            Self::BadRepeat => "phrase-pattern-bad-repeat",
            Self::BadEscape => "phrase-pattern-bad-escape",
            Self::LookAround => "phrase-pattern-look-around",
            Self::BackReference => "phrase-pattern-back-reference",
            Self::Unsupported => "phrase-pattern-unsupported",
            Self::TooLarge => "phrase-pattern-too-large",
            Self::TooDeep => "phrase-pattern-too-deep",
        }
    }
}

impl Detail {
    /// The coarse kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Empty
            | Self::TooLong { .. }
            | Self::TooDeep { .. }
            | Self::UnexpectedCharacter { .. }
            | Self::UnexpectedToken { .. }
            | Self::UnexpectedEnd
            | Self::UnclosedParenthesis
            | Self::UnclosedName
            | Self::NumberTooLarge { .. } => Kind::Syntax,
            Self::UnterminatedText => Kind::UnterminatedText,
            Self::UnknownName { .. } | Self::NoSelf => Kind::UnknownName,
            Self::UnknownFunction { .. } => Kind::UnknownFunction,
            Self::ArgumentCount { .. } => Kind::ArgumentCount,
            Self::RosterAlone { .. }
            | Self::WrongType { .. }
            | Self::NotComparable { .. }
            | Self::NotOrdered { .. }
            | Self::SetComparison
            | Self::OptionsOfOtherList { .. }
            | Self::NeedsQuestion { .. } => Kind::TypeMismatch,
            Self::UnknownOption { .. } => Kind::UnknownOption,
            Self::ChainedComparison => Kind::ChainedComparison,
            Self::PatternNotWritten | Self::BadPattern { .. } => Kind::BadPattern,
            Self::BadDate { .. } | Self::BadTime { .. } => Kind::BadDate,
            Self::Cycle { .. } => Kind::Cycle,
        }
    }

    /// The stable code of the message, such as `expression_unknown_option`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "expression_empty",
            Self::TooLong { .. } => "expression_too_long",
            Self::TooDeep { .. } => "expression_too_deep",
            Self::UnexpectedCharacter { .. } => "expression_unexpected_character",
            Self::UnexpectedToken { .. } => "expression_unexpected_token",
            Self::UnexpectedEnd => "expression_unexpected_end",
            Self::UnclosedParenthesis => "expression_unclosed_parenthesis",
            Self::UnclosedName => "expression_unclosed_name",
            Self::NumberTooLarge { .. } => "expression_number_too_large",
            Self::UnterminatedText => "expression_unterminated_text",
            Self::UnknownName { .. } => "expression_unknown_name",
            Self::NoSelf => "expression_no_self",
            Self::RosterAlone { .. } => "expression_roster_alone",
            Self::UnknownFunction { .. } => "expression_unknown_function",
            Self::ArgumentCount { .. } => "expression_argument_count",
            Self::WrongType { .. } => "expression_wrong_type",
            Self::NotComparable { .. } => "expression_not_comparable",
            Self::NotOrdered { .. } => "expression_not_ordered",
            Self::SetComparison => "expression_set_comparison",
            Self::OptionsOfOtherList { .. } => "expression_options_of_other_list",
            Self::NeedsQuestion { .. } => "expression_needs_question",
            Self::UnknownOption { .. } => "expression_unknown_option",
            Self::ChainedComparison => "expression_chained_comparison",
            Self::PatternNotWritten => "expression_pattern_not_written",
            Self::BadPattern { .. } => "expression_bad_pattern",
            Self::BadDate { .. } => "expression_bad_date",
            Self::BadTime { .. } => "expression_bad_time",
            Self::Cycle { .. } => "expression_cycle",
        }
    }

    /// The named arguments of the message.
    pub fn arguments(&self) -> Vec<(String, Argument)> {
        let named: Vec<(&str, Argument)> = match self {
            Self::TooLong { limit } | Self::TooDeep { limit } => vec![("limit", (*limit).into())],
            Self::UnexpectedCharacter { character } => vec![("character", character.into())],
            Self::UnexpectedToken { found } => vec![("found", found.into())],
            Self::NotOrdered { found } => vec![("found", found.clone().into())],
            Self::NumberTooLarge { number } => vec![("number", number.into())],
            Self::UnknownName { name, nearest } | Self::UnknownFunction { name, nearest } => {
                vec![("name", name.into()), ("nearest", nearest.clone().unwrap_or_default().into())]
            }
            Self::RosterAlone { name } => vec![("name", name.into())],
            Self::ArgumentCount { function, least, most, found } => vec![
                ("function", function.into()),
                ("least", (*least).into()),
                ("most", most.map_or_else(Argument::default, Argument::from)),
                ("found", (*found).into()),
            ],
            Self::WrongType { expected, found } => {
                vec![("expected", expected.clone().into()), ("found", found.clone().into())]
            }
            Self::NotComparable { left, right } => {
                vec![("left", left.clone().into()), ("right", right.clone().into())]
            }
            Self::OptionsOfOtherList { left, right } => {
                vec![("left", left.into()), ("right", right.into())]
            }
            Self::NeedsQuestion { function } => vec![("function", function.into())],
            Self::UnknownOption { option, list, options } => {
                vec![("option", option.into()), ("list", list.into()), ("options", options.into())]
            }
            Self::BadPattern { pattern, reason } => {
                vec![("pattern", pattern.into()), ("reason", phrase(reason.key()).into())]
            }
            Self::BadDate { text } | Self::BadTime { text } => vec![("text", text.into())],
            Self::Cycle { names } => vec![("names", names.into())],
            Self::Empty
            | Self::UnexpectedEnd
            | Self::UnclosedParenthesis
            | Self::UnclosedName
            | Self::UnterminatedText
            | Self::NoSelf
            | Self::SetComparison
            | Self::ChainedComparison
            | Self::PatternNotWritten => Vec::new(),
        };
        named.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// For logs; the sentence is that of [`Problem::told`].
impl fmt::Display for Detail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = problem::Problem::new(self.code(), "");
        told.arguments = self.arguments();
        told.fmt(formatter)
    }
}
