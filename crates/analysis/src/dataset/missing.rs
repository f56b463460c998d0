//! Why values are missing: by which codes files say so, and how often.

use serde::{Deserialize, Serialize};
use survey_builder::questionnaire::answer::State;

use crate::dataset::column::Column;

/// Values of one variable that stand for no answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MissingValues {
    /// Single values, as they are written.
    pub codes: Vec<String>,
    /// Ranges of numbers, their ends among them.
    pub ranges: Vec<(f64, f64)>,
}

impl MissingValues {
    /// From values and ranges as they are typed, such as `9` and `-99..-90`.
    pub fn typed<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut found = Self::default();
        for value in values {
            let ends = value.split_once("..").and_then(|(low, high)| {
                Some((number_in(low.trim())?, number_in(high.trim())?))
                    .filter(|(low, high)| low <= high)
            });
            match ends {
                Some(ends) => found.ranges.push(ends),
                None => found.codes.push(value.to_owned()),
            }
        }
        found
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty() && self.ranges.is_empty()
    }

    /// Whether a value is one of them.
    pub fn has(&self, value: &str) -> bool {
        let number = number_in(value);
        let within =
            |(low, high): &(f64, f64)| number.is_some_and(|it| (*low..=*high).contains(&it));
        self.codes.iter().any(|code| is_code(code, value)) || self.ranges.iter().any(within)
    }

    /// These and others.
    pub fn add(&mut self, others: &Self) {
        let new = |code: &&String| !self.codes.contains(code);
        let codes: Vec<String> = others.codes.iter().filter(new).cloned().collect();
        self.codes.extend(codes);
        let new = |range: &&(f64, f64)| !self.ranges.contains(range);
        let ranges: Vec<(f64, f64)> = others.ranges.iter().filter(new).copied().collect();
        self.ranges.extend(ranges);
    }

    /// Each as it is typed, in order.
    pub fn as_typed(&self) -> Vec<String> {
        let range = |(low, high): &(f64, f64)| format!("{low}..{high}");
        self.codes.iter().cloned().chain(self.ranges.iter().map(range)).collect()
    }
}

/// Whether a value is a code: the same text or the same number (`-99` and `-99.0`).
pub fn is_code(code: &str, value: &str) -> bool {
    code == value || number_in(code).is_some_and(|number| number_in(value) == Some(number))
}

/// The number that a text is, where it is one.
pub fn number_in(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// The number that stands for a state in exported files, where a value cannot; none for `Answered`.
///
/// The same in every study, so that syntax written for one fits the next.
pub fn missing_code(state: State) -> Option<i32> {
    match state {
        State::Answered => None,
        State::NotApplicable => Some(-94),
        State::EditedOut => Some(-93),
        State::Skipped => Some(-95),
        State::NotReached => Some(-96),
        State::Refused => Some(-97),
        State::DontKnow => Some(-98),
        State::NotAsked => Some(-99),
    }
}

/// Rows by state, in the order of [`State::ALL`], states without rows left out.
pub fn state_counts(column: &Column) -> Vec<(State, usize)> {
    State::ALL
        .into_iter()
        .map(|state| (state, column.states.iter().filter(|&&own| own == state).count()))
        .filter(|(_, count)| *count > 0)
        .collect()
}

/// Share of those asked who gave no value: skipped, don't know, refused or edited out ÷ all but not
/// asked, not reached and not applicable. None where nobody was asked.
pub fn item_nonresponse(column: &Column) -> Option<f64> {
    let mut asked = 0_usize;
    let mut without = 0_usize;
    for state in &column.states {
        match state {
            State::NotAsked | State::NotReached | State::NotApplicable => {}
            State::Answered => asked += 1,
            State::Skipped | State::DontKnow | State::Refused | State::EditedOut => {
                asked += 1;
                without += 1;
            }
        }
    }
    (asked > 0).then(|| without as f64 / asked as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_compare_as_numbers_and_ranges_have_their_ends() {
        let missing = MissingValues::typed(["9", "refused", "-99..-90"]);
        for none in ["9", "9.0", "refused", "-99", "-90", "-95.5"] {
            assert!(missing.has(none), "{none}");
        }
        for value in ["8", "Refused", "-89.9", "-100", ""] {
            assert!(!missing.has(value), "{value}");
        }
        assert_eq!(missing.as_typed(), ["9", "refused", "-99..-90"]);
        // A range the wrong way round is a text like any other.
        assert_eq!(MissingValues::typed(["5..1"]).codes, ["5..1"]);
    }
}
