//! Typed columns: values with the state of each.

use serde::{Deserialize, Serialize};
use survey_builder::questionnaire::answer::State;

use crate::dataset::codebook::Variable;
use crate::error::Problem;
use crate::estimate::length_problem;
use crate::problem::{Fault, at_row};

/// One value a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "values", rename_all = "snake_case")]
pub enum Values {
    /// Codes of the variable's levels: 1 is the first, 0 means no value.
    Coded(Vec<u16>),
    /// Numbers; NaN means no value.
    Number(Vec<f64>),
    /// Texts, dates and times as written; `None` means no value.
    Text(Vec<Option<String>>),
    /// A set of options: for each of the variable's levels one column of 1 (chosen) and 0. Rows without
    /// a value are 0 throughout; their state tells them from rows that chose nothing.
    Set(Vec<Vec<u8>>),
}

/// A column: values, and for each row why there is one or none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// The values.
    pub values: Values,
    /// The state of each row; `Answered` where there is a value.
    pub states: Vec<State>,
}

impl Column {
    /// A coded column that is answered wherever its code is above zero, else skipped.
    pub fn coded(codes: Vec<u16>) -> Self {
        let states = codes.iter().map(|&code| state(code != 0)).collect();
        Self { values: Values::Coded(codes), states }
    }

    /// A numeric column that is answered wherever its value is a number, else skipped.
    pub fn number(values: Vec<f64>) -> Self {
        let states = values.iter().map(|value| state(!value.is_nan())).collect();
        Self { values: Values::Number(values), states }
    }

    /// The rows of those numbers, in their order; `None` where there is no such row.
    pub fn rows(&self, rows: &[usize]) -> Option<Self> {
        fn pick<T: Clone>(from: &[T], rows: &[usize]) -> Option<Vec<T>> {
            rows.iter().map(|row| from.get(*row).cloned()).collect()
        }
        let values = match &self.values {
            Values::Coded(codes) => Values::Coded(pick(codes, rows)?),
            Values::Number(numbers) => Values::Number(pick(numbers, rows)?),
            Values::Text(texts) => Values::Text(pick(texts, rows)?),
            Values::Set(options) => {
                Values::Set(options.iter().map(|one| pick(one, rows)).collect::<Option<_>>()?)
            }
        };
        Some(Self { values, states: pick(&self.states, rows)? })
    }

    /// Which rows have a value.
    pub fn answered(&self) -> Vec<bool> {
        self.states.iter().map(|&state| state == State::Answered).collect()
    }

    /// What is wrong with the column as that variable of a dataset with `rows` rows.
    pub(crate) fn problems(&self, variable: &Variable, rows: usize) -> Vec<Problem> {
        let name = &variable.name;
        let mut problems = length_problem(name, self.states.len(), rows);
        match &self.values {
            Values::Coded(codes) => {
                problems.extend(length_problem(name, codes.len(), rows));
                let over = codes
                    .iter()
                    .enumerate()
                    .find(|(_, code)| usize::from(**code) > variable.levels.len());
                if let Some((row, code)) = over {
                    problems.push(
                        Fault::DataLevel {
                            found: usize::from(*code),
                            levels: variable.levels.len(),
                        }
                        .at(at_row(name, row)),
                    );
                }
            }
            Values::Number(values) => problems.extend(length_problem(name, values.len(), rows)),
            Values::Text(values) => problems.extend(length_problem(name, values.len(), rows)),
            Values::Set(options) => {
                problems.extend(length_problem(
                    format!("{name} (options)"),
                    options.len(),
                    variable.levels.len(),
                ));
                for option in options {
                    problems.extend(length_problem(name, option.len(), rows));
                }
            }
        }
        problems
    }
}

fn state(has_value: bool) -> State {
    if has_value { State::Answered } else { State::Skipped }
}
