//! What is wrong with something that was given: one type for all crates.
//!
//! A problem says where it is, which one it is and what its sentence needs; the
//! sentence itself stands in the texts of each language, under
//! [`Problem::key`]. Words are never put together from pieces of a language: an
//! argument is somebody's own text, a number, or the key of another text.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

/// How much a problem matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; nothing is lost.
    Note,
    /// Worth a look.
    Warning,
    /// It is refused.
    Error,
}

/// A problem of something that may be taken nevertheless.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// What it is.
    #[serde(flatten)]
    pub problem: Problem,
}

/// One thing that is wrong.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// The stable code, such as `frame_id_twice`.
    pub code: String,
    /// Where: a question, a sheet and row, a field, a column; may be empty.
    pub place: Argument,
    /// What the sentence needs, by name.
    #[serde(default)]
    pub arguments: Vec<(String, Argument)>,
}

/// What stands in a sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Argument {
    /// A number, shown as the language writes it; whole ones are exact up to
    /// 2^53.
    Number(#[serde(serialize_with = "as_people_write")] f64),
    /// Words that the texts of each language have.
    Phrase(Box<Phrase>),
    /// What somebody wrote or what a thing is called, shown as it is.
    Text(String),
}

/// Whole numbers without a decimal sign.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    clippy::cast_possible_truncation,
    reason = "serde asks for it; only whole numbers that fit"
)]
fn as_people_write<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if number.fract() == 0.0 && number.abs() < 9e15 {
        serializer.serialize_i64(*number as i64)
    } else {
        serializer.serialize_f64(*number)
    }
}

/// Words with a text of their own in each language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Phrase {
    /// The key of the text.
    pub phrase: String,
    /// What the text needs, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<(String, Argument)>,
}

impl Problem {
    /// A problem without arguments yet. The code is written out, so that it can
    /// be looked for, and is never made from a sentence.
    pub fn new(code: &str, place: impl Into<Argument>) -> Self {
        Self { code: code.to_owned(), place: place.into(), arguments: Vec::new() }
    }

    /// A problem that a variant of an enum says: its tag `code` is the code, each
    /// of its fields an argument.
    pub fn from_variant(variant: &impl Serialize, place: impl Into<Argument>) -> Self {
        let mut told = Self::new("", place);
        let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(variant) else {
            return told;
        };
        for (name, value) in fields {
            match serde_json::from_value(value) {
                Ok(Argument::Text(code)) if name == "code" => told.code = code,
                Ok(argument) => told.arguments.push((name, argument)),
                Err(_) => {}
            }
        }
        told
    }

    /// The same with an argument more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Argument>) -> Self {
        self.arguments.push((name.to_owned(), value.into()));
        self
    }

    /// The same at another place.
    #[must_use]
    pub fn at(mut self, place: impl Into<Argument>) -> Self {
        self.place = place.into();
        self
    }

    /// The argument of that name.
    pub fn argument(&self, name: &str) -> Option<&Argument> {
        self.arguments.iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// The key of the sentence.
    pub fn key(&self) -> String {
        format!("problem-{}", self.code.replace('_', "-"))
    }

    /// Its sentence as a part of another.
    pub fn into_phrase(self) -> Phrase {
        Phrase { phrase: self.key(), arguments: self.arguments }
    }
}

/// The words under that key, such as `phrase-missing`.
pub fn phrase(key: &'static str) -> Phrase {
    Phrase { phrase: key.to_owned(), arguments: Vec::new() }
}

impl Phrase {
    /// The same with an argument more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Argument>) -> Self {
        self.arguments.push((name.to_owned(), value.into()));
        self
    }
}

impl Argument {
    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }

    /// The text, if it is somebody's own.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(_) | Self::Phrase(_) => None,
        }
    }
}

impl Default for Argument {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl From<&str> for Argument {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Argument {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<String> for Argument {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&Self> for Argument {
    fn from(argument: &Self) -> Self {
        argument.clone()
    }
}

impl From<Phrase> for Argument {
    fn from(phrase: Phrase) -> Self {
        Self::Phrase(Box::new(phrase))
    }
}

impl From<Problem> for Argument {
    fn from(problem: Problem) -> Self {
        Self::Phrase(Box::new(problem.into_phrase()))
    }
}

/// What is no finite number has no digits, and is shown as programs write it.
impl From<f64> for Argument {
    fn from(number: f64) -> Self {
        if number.is_finite() { Self::Number(number) } else { Self::Text(number.to_string()) }
    }
}

impl From<u32> for Argument {
    fn from(number: u32) -> Self {
        Self::Number(f64::from(number))
    }
}

macro_rules! wide_numbers {
    ($($kind:ty),*) => {$(
        impl From<$kind> for Argument {
            #[expect(clippy::cast_precision_loss, reason = "people have fewer things than 2^53")]
            fn from(number: $kind) -> Self {
                Self::Number(number as f64)
            }
        }
    )*};
}

wide_numbers!(u64, usize, i64);

impl PartialEq<&str> for Argument {
    fn eq(&self, text: &&str) -> bool {
        self.as_text() == Some(*text)
    }
}

/// For logs: where, which, and its arguments. The sentence is made from the
/// texts of a language, by who has them.
impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(formatter, "{}: ", self.place)?;
        }
        formatter.write_str(&self.code)?;
        in_brackets(&self.arguments, formatter)
    }
}

impl std::error::Error for Problem {}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(formatter)
    }
}

impl From<Finding> for Problem {
    fn from(finding: Finding) -> Self {
        finding.problem
    }
}

impl fmt::Display for Argument {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Phrase(phrase) => {
                formatter.write_str(&phrase.phrase)?;
                in_brackets(&phrase.arguments, formatter)
            }
            Self::Text(text) => formatter.write_str(text),
        }
    }
}

fn in_brackets(
    arguments: &[(String, Argument)],
    formatter: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    for (index, (name, value)) in arguments.iter().enumerate() {
        formatter.write_str(if index == 0 { " (" } else { ", " })?;
        write!(formatter, "{name}={value}")?;
    }
    if arguments.is_empty() { Ok(()) } else { formatter.write_str(")") }
}

/// How many places are named where many have the same problem.
const FIRST_PLACES: usize = 3;

/// The first of many places, each once, and whether there are more: `a, b, c, …`.
pub fn first_places<'p>(places: impl IntoIterator<Item = &'p str>) -> String {
    let mut first: Vec<&str> = Vec::new();
    for place in places {
        if place.is_empty() || first.contains(&place) {
            continue;
        }
        if first.len() == FIRST_PLACES {
            return first.join(", ") + ", …";
        }
        first.push(place);
    }
    first.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_keep_their_kind_on_the_way_through_json() {
        let bounds = phrase("phrase-from-to").with("low", 1_u32).with("high", 2.5);
        let problem = Problem::new("plan_value", "stage 1")
            .with("value", "7")
            .with("bounds", bounds)
            .with("count", 7_u64);
        let json = serde_json::to_string(&problem).expect("written");
        assert!(json.contains("[\"count\",7]"), "{json}");
        let read: Problem = serde_json::from_str(&json).expect("read");
        assert_eq!(read, problem);
        assert_eq!(
            problem.to_string(),
            "stage 1: plan_value (value=7, bounds=phrase-from-to (low=1, high=2.5), count=7)"
        );
        assert_eq!(problem.key(), "problem-plan-value");
    }
}
