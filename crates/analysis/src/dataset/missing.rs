//! Why values are missing: how often, and by which code exported files say so.

use survey_builder::questionnaire::answer::State;

use crate::dataset::column::Column;

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
