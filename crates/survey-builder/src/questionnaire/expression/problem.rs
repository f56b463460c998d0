//! What can be wrong with an expression, told so that it can be put right.
//!
//! A [`Problem`] has a coarse [`Kind`] (what the reference cases compare), a
//! place, and a [`Detail`] with a stable code and named arguments, from which
//! pages make the sentence in the reader's language (`problem-<code>`). The
//! English sentence is its `Display`.

use std::fmt;

use serde::{Deserialize, Serialize};

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

    /// The named arguments of the message.
    pub fn arguments(&self) -> Vec<(&'static str, String)> {
        self.detail.arguments()
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each variant's sentence is in Display, below")]
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
    WrongType { expected: String, found: String },
    NotComparable { left: String, right: String },
    NotOrdered { found: String },
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
#[expect(missing_docs, reason = "each variant's words are in `words`, below")]
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
    /// The stable code of the reason.
    pub fn code(self) -> &'static str {
        match self {
            Self::UnclosedGroup => "unclosed_group",
            Self::UnopenedGroup => "unopened_group",
            Self::UnclosedClass => "unclosed_class",
            Self::EmptyClass => "empty_class",
            Self::BadRange => "bad_range",
            Self::NothingToRepeat => "nothing_to_repeat",
            Self::BadRepeat => "bad_repeat",
            Self::BadEscape => "bad_escape",
            Self::LookAround => "look_around",
            Self::BackReference => "back_reference",
            Self::Unsupported => "unsupported",
            Self::TooLarge => "too_large",
            Self::TooDeep => "too_deep",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::UnclosedGroup => "a group opened with ( is not closed",
            Self::UnopenedGroup => "a ) closes nothing; write \\) for the character itself",
            Self::UnclosedClass => "a class opened with [ is not closed",
            Self::EmptyClass => "a class [] matches nothing",
            Self::BadRange => "a range in [ ] must go from the lower to the higher character",
            Self::NothingToRepeat => "*, +, ? and { } need something before them to repeat",
            Self::BadRepeat => "a repeat is written {2}, {2,} or {2,5}, at most 1000",
            Self::BadEscape => "this escape is not known; write \\\\ for a backslash",
            Self::LookAround => "look-ahead and look-behind are not supported",
            Self::BackReference => "references back to a group are not supported",
            Self::Unsupported => "this construct is not supported",
            Self::TooLarge => "the pattern is too large",
            Self::TooDeep => "the pattern is nested too deeply",
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
    pub fn arguments(&self) -> Vec<(&'static str, String)> {
        let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
        match self {
            Self::TooLong { limit } | Self::TooDeep { limit } => vec![("limit", limit.to_string())],
            Self::UnexpectedCharacter { character } => vec![("character", character.clone())],
            Self::UnexpectedToken { found } | Self::NotOrdered { found } => {
                vec![("found", found.clone())]
            }
            Self::NumberTooLarge { number } => vec![("number", number.clone())],
            Self::UnknownName { name, nearest } | Self::UnknownFunction { name, nearest } => {
                vec![("name", name.clone()), ("nearest", or_empty(nearest))]
            }
            Self::RosterAlone { name } => vec![("name", name.clone())],
            Self::ArgumentCount { function, least, most, found } => vec![
                ("function", function.clone()),
                ("least", least.to_string()),
                ("most", most.map_or_else(String::new, |most| most.to_string())),
                ("found", found.to_string()),
            ],
            Self::WrongType { expected, found } => {
                vec![("expected", expected.clone()), ("found", found.clone())]
            }
            Self::NotComparable { left, right } | Self::OptionsOfOtherList { left, right } => {
                vec![("left", left.clone()), ("right", right.clone())]
            }
            Self::NeedsQuestion { function } => vec![("function", function.clone())],
            Self::UnknownOption { option, list, options } => vec![
                ("option", option.clone()),
                ("list", list.clone()),
                ("options", options.clone()),
            ],
            Self::BadPattern { pattern, reason } => {
                vec![("pattern", pattern.clone()), ("reason", reason.code().to_owned())]
            }
            Self::BadDate { text } | Self::BadTime { text } => vec![("text", text.clone())],
            Self::Cycle { names } => vec![("names", names.clone())],
            Self::Empty
            | Self::UnexpectedEnd
            | Self::UnclosedParenthesis
            | Self::UnclosedName
            | Self::UnterminatedText
            | Self::NoSelf
            | Self::SetComparison
            | Self::ChainedComparison
            | Self::PatternNotWritten => Vec::new(),
        }
    }

    /// What to do about it, in English.
    pub fn remedy(&self) -> String {
        match self {
            Self::Empty => "write a condition or leave the field out".to_owned(),
            Self::TooLong { .. } | Self::TooDeep { .. } => {
                "move parts of it into calculations of their own".to_owned()
            }
            Self::UnexpectedCharacter { .. } | Self::UnexpectedToken { .. } => {
                "remove it, or put text in quotes".to_owned()
            }
            Self::UnexpectedEnd => "finish the expression or remove the last operator".to_owned(),
            Self::UnclosedParenthesis => "add the closing )".to_owned(),
            Self::UnclosedName => "write the name as ${name}".to_owned(),
            Self::NumberTooLarge { .. } => "write a number below 1.8e308".to_owned(),
            Self::UnterminatedText => "add the closing quote; double a quote inside".to_owned(),
            Self::UnknownName { nearest: Some(nearest), .. }
            | Self::UnknownFunction { nearest: Some(nearest), .. } => {
                format!("did you mean {nearest}?")
            }
            Self::UnknownName { .. } => "use the name of a question; put text in quotes".to_owned(),
            Self::UnknownFunction { .. } => "see the list of functions".to_owned(),
            Self::NoSelf => "name the question instead of .".to_owned(),
            Self::RosterAlone { name } => format!("write count({name}) or {name}.question"),
            Self::ArgumentCount { .. } => "give it the arguments it needs".to_owned(),
            Self::WrongType { expected, .. } => convert_remedy(expected),
            Self::NotComparable { .. } => {
                "compare like with like; number(x) and text(x) convert".to_owned()
            }
            Self::NotOrdered { .. } => "order numbers, dates and times only".to_owned(),
            Self::SetComparison => "use selected(question, 'option')".to_owned(),
            Self::OptionsOfOtherList { .. } => {
                "compare questions that share a list, or their code(x)".to_owned()
            }
            Self::NeedsQuestion { .. } => "name a question there".to_owned(),
            Self::UnknownOption { options, .. } => format!("the options are {options}"),
            Self::ChainedComparison => "use between(x, low, high), or join with and".to_owned(),
            Self::PatternNotWritten => "write the pattern in quotes".to_owned(),
            Self::BadPattern { reason, .. } => reason.words().to_owned(),
            Self::BadDate { .. } => "write a day of the calendar as date('2026-11-23')".to_owned(),
            Self::BadTime { .. } => "write a time from 00:00 to 23:59 as time('18:30')".to_owned(),
            Self::Cycle { .. } => "remove one of the references".to_owned(),
        }
    }
}

fn convert_remedy(expected: &str) -> String {
    match expected {
        "number" => "convert it with number(x)",
        "text" => "convert it with text(x), or label(x) for an option",
        "bool" => "compare it with something, or use answered(x)",
        "date" => "write a day as date('2026-11-23')",
        "time" => "write a time as time('18:30')",
        _ => "use a value of that type",
    }
    .to_owned()
}

impl fmt::Display for Detail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentence = match self {
            Self::Empty => "there is no expression".to_owned(),
            Self::TooLong { limit } => format!("longer than {limit} characters"),
            Self::TooDeep { limit } => format!("nested more than {limit} deep"),
            Self::UnexpectedCharacter { character } => format!("unexpected character {character}"),
            Self::UnexpectedToken { found } => format!("unexpected {found}"),
            Self::UnexpectedEnd => "something is missing at the end".to_owned(),
            Self::UnclosedParenthesis => "a parenthesis is not closed".to_owned(),
            Self::UnclosedName => "a name after ${ is not closed".to_owned(),
            Self::NumberTooLarge { number } => format!("the number {number} is too large"),
            Self::UnterminatedText => "a text has no closing quote".to_owned(),
            Self::UnknownName { name, .. } => format!("no question is called {name}"),
            Self::NoSelf => "there is no value that . could stand for here".to_owned(),
            Self::RosterAlone { name } => format!("{name} is a roster, not a question"),
            Self::UnknownFunction { name, .. } => format!("no function is called {name}"),
            Self::ArgumentCount { function, least, most, found } => {
                let wanted = match most {
                    Some(most) if most == least => least.to_string(),
                    Some(most) => format!("{least} to {most}"),
                    None => format!("at least {least}"),
                };
                format!("{function} takes {wanted} arguments, not {found}")
            }
            Self::WrongType { expected, found } => format!("needs {expected}, found {found}"),
            Self::NotComparable { left, right } => format!("cannot compare {left} with {right}"),
            Self::NotOrdered { found } => format!("{found} has no order"),
            Self::SetComparison => "a set of options cannot be compared".to_owned(),
            Self::OptionsOfOtherList { left, right } => {
                format!("options of {left} and of {right} are different things")
            }
            Self::NeedsQuestion { function } => format!("{function} asks about one question"),
            Self::UnknownOption { option, list, .. } => format!("{list} has no option {option}"),
            Self::ChainedComparison => "a comparison of a comparison".to_owned(),
            Self::PatternNotWritten => "the pattern must stand in quotes".to_owned(),
            Self::BadPattern { pattern, .. } => format!("the pattern {pattern} cannot be used"),
            Self::BadDate { text } => format!("{text} is not a day"),
            Self::BadTime { text } => format!("{text} is not a time"),
            Self::Cycle { names } => format!("these read each other in a circle: {names}"),
        };
        write!(formatter, "{sentence}; {}", self.remedy())
    }
}
