//! Columns while they grow, answer by answer.

use std::borrow::Cow;
use std::collections::HashMap;

use survey_builder::questionnaire::answer::{Answer, ItemId, State, Value};
use survey_builder::questionnaire::document::Question;
use survey_builder::questionnaire::version::Version;

use crate::dataset::codebook::{Variable, VariableKind};
use crate::dataset::column::{Column, Values};

/// Options that mean there is no value, by item and code.
pub type MissingOptions = HashMap<(ItemId, String), State>;

/// The options of every version that mean there is no value.
pub fn missing_options(versions: &[&Version]) -> MissingOptions {
    let mut found = HashMap::new();
    for document in versions.iter().map(|version| &version.document) {
        for item in document.questions().flat_map(Question::items) {
            let list = item.list().and_then(|name| document.list(name));
            for option in list.into_iter().flat_map(|list| &list.options) {
                if let Some(state) = option.missing {
                    found.insert((item.id, option.code.clone()), state);
                }
            }
        }
    }
    found
}

/// A column while it grows.
pub struct Growing {
    variable: Variable,
    column: Column,
    codes: HashMap<String, u16>,
}

impl Growing {
    /// One without rows.
    pub fn new(variable: Variable) -> Self {
        let values = match variable.kind {
            VariableKind::Choice => Values::Coded(Vec::new()),
            VariableKind::Set => Values::Set(vec![Vec::new(); variable.levels.len()]),
            VariableKind::Scale { .. } | VariableKind::Number => Values::Number(Vec::new()),
            VariableKind::Text | VariableKind::Date => Values::Text(Vec::new()),
        };
        let codes =
            variable.levels.iter().zip(1_u16..).map(|(level, code)| (level.code.clone(), code));
        let codes = codes.collect();
        Self { variable, column: Column { values, states: Vec::new() }, codes }
    }

    /// Adds a row. An item that its version did not have was not asked.
    pub fn push(&mut self, answer: Option<&Answer>, missing: &MissingOptions) {
        let variable = &self.variable;
        let held = answer.map(|answer| of_place(answer, variable.place));
        let answer = held.as_deref();
        let value = answer.and_then(Answer::value);
        let state = match value.and_then(|value| meant_missing(value, variable.item, missing)) {
            Some(state) => state,
            None => answer.map_or(State::NotAsked, Answer::state),
        };
        let value = value.filter(|_| state == State::Answered);
        let stored = match &mut self.column.values {
            Values::Coded(codes) => {
                let code = value.and_then(|value| self.codes.get(&plain(value))).copied();
                codes.push(code.unwrap_or(0));
                code.is_some()
            }
            Values::Number(numbers) => {
                let number = value.and_then(number);
                numbers.push(number.unwrap_or(f64::NAN));
                number.is_some()
            }
            Values::Text(texts) => {
                texts.push(value.map(plain));
                value.is_some()
            }
            Values::Set(options) => {
                let chosen = match value {
                    Some(Value::Set(chosen)) => Some(chosen),
                    _ => None,
                };
                for (option, level) in options.iter_mut().zip(&variable.levels) {
                    let has = chosen.is_some_and(|chosen| chosen.contains(&level.code));
                    option.push(u8::from(has));
                }
                chosen.is_some()
            }
        };
        // A value that the column cannot hold (a code that no version lists) was edited away.
        let lost = state == State::Answered && !stored;
        self.column.states.push(if lost { State::EditedOut } else { state });
    }

    /// The variable and its column.
    pub fn finish(self) -> (Variable, Column) {
        (self.variable, self.column)
    }
}

/// What stands in a place of a ranking; other answers as they are.
fn of_place(answer: &Answer, place: Option<usize>) -> Cow<'_, Answer> {
    let (Some(place), Answer::Value(Value::List(order))) = (place, answer) else {
        return Cow::Borrowed(answer);
    };
    let value = place.checked_sub(1).and_then(|place| order.get(place)).cloned().flatten();
    Cow::Owned(value.map_or(Answer::Missing(State::Skipped), Answer::Value))
}

/// The state that a chosen option stands for, if it means that there is no value.
fn meant_missing(value: &Value, item: Option<ItemId>, missing: &MissingOptions) -> Option<State> {
    let item = item?;
    let state = |code: &String| missing.get(&(item, code.clone())).copied();
    match value {
        Value::Option(code) => state(code),
        Value::Set(codes) => codes.iter().find_map(state),
        _ => None,
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
        Value::Time(minutes) => Some(f64::from(*minutes)),
        _ => None,
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) | Value::Option(text) => text.clone(),
        Value::Date(date) => date.to_string(),
        Value::Time(minutes) => format!("{:02}:{:02}", minutes / 60, minutes % 60),
        Value::Set(codes) => codes.join(" "),
        Value::List(values) => {
            let parts: Vec<String> =
                values.iter().map(|value| value.as_ref().map_or_else(String::new, plain)).collect();
            parts.join(" ")
        }
    }
}
