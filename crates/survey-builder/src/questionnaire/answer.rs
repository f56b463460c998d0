//! Answers: a value or the reason why there is none.
//!
//! Blank is never zero and never an empty string: everything but
//! [`State::Answered`] is *missing*, and the reason travels with it from the
//! screen to the exported file.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Why a question has a value, or why it has none.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// There is a value.
    Answered,
    /// The question is off the respondent's path.
    NotAsked,
    /// The interview ended before the question.
    NotReached,
    /// The question was shown and left blank.
    Skipped,
    /// "Don't know" was chosen.
    DontKnow,
    /// "Prefer not to say" was chosen.
    Refused,
    /// "Does not apply" was chosen.
    NotApplicable,
    /// An editor removed the value; the reason is in the audit.
    EditedOut,
}

impl State {
    /// The name used in files and expressions, such as `dont_know`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::NotAsked => "not_asked",
            Self::NotReached => "not_reached",
            Self::Skipped => "skipped",
            Self::DontKnow => "dont_know",
            Self::Refused => "refused",
            Self::NotApplicable => "not_applicable",
            Self::EditedOut => "edited_out",
        }
    }

    /// The state with that name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Every state, in the order in which tables list them.
    pub const ALL: [Self; 8] = [
        Self::Answered,
        Self::NotAsked,
        Self::NotReached,
        Self::Skipped,
        Self::DontKnow,
        Self::Refused,
        Self::NotApplicable,
        Self::EditedOut,
    ];
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum Value {
    /// True or false.
    Bool(bool),
    /// A finite IEEE double.
    Number(f64),
    /// Text in NFC, never empty as an answer.
    Text(String),
    /// A day.
    Date(NaiveDate),
    /// Minutes since midnight, 0 to 1,439.
    Time(u16),
    /// The code of one option.
    Option(String),
    /// The codes of the chosen options, in list order, never empty as an answer.
    Set(Vec<String>),
    /// One value an instance of a roster; `None` is missing.
    List(Vec<Option<Value>>),
}

/// One answer: a value, or the state that says why there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// A value was given.
    Value(Value),
    /// There is no value, for this reason (never [`State::Answered`]).
    Missing(State),
}

impl Answer {
    /// The value, if the question was answered.
    pub fn value(&self) -> Option<&Value> {
        match self {
            Self::Value(value) => Some(value),
            Self::Missing(_) => None,
        }
    }

    /// The state.
    pub fn state(&self) -> State {
        match self {
            Self::Value(_) => State::Answered,
            Self::Missing(state) => *state,
        }
    }
}

/// The immutable identity of a question, battery row, option, page or section.
pub type ItemId = Uuid;

/// One person's answers, keyed by the identity of what was asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(pub BTreeMap<ItemId, Answer>);

impl Answers {
    /// The stored answer, on or off the path.
    pub fn get(&self, item: ItemId) -> Option<&Answer> {
        self.0.get(&item)
    }

    /// Stores an answer, replacing an earlier one.
    pub fn set(&mut self, item: ItemId, answer: Answer) {
        self.0.insert(item, answer);
    }

    /// Takes over every answer of a later revision.
    pub fn apply(&mut self, revision: &Self) {
        for (item, answer) in &revision.0 {
            self.0.insert(*item, answer.clone());
        }
    }
}
