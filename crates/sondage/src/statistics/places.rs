//! The names of columns and levels in place of the words and numbers that the statistics have for them.

use analysis::Error;
use analysis::problem::numbered_item;
use survey_builder::problem::Argument;

/// Puts a column in place of the words for an input that has no name.
pub fn put_column(place: &mut Argument, input: &str, column: &str) {
    if let Argument::Phrase(own) = place {
        if own.phrase == input {
            *place = column.into();
        } else {
            own.arguments.iter_mut().for_each(|(_, part)| put_column(part, input, column));
        }
    }
}

/// Puts the label of a level in place of its number, counted from one.
pub fn put_label(place: &mut Argument, column: &str, labels: &[String]) {
    let Argument::Phrase(own) = place else { return };
    let is_of_column = own.arguments.iter().any(|(_, part)| *part == column);
    for (name, part) in own.arguments.iter_mut().filter(|_| is_of_column) {
        if let Some(label) = whole(part).and_then(|own| labels.get(own.checked_sub(1)?))
            && name == "level"
        {
            *part = label.into();
        }
    }
}

/// Puts the columns of items in place of their numbers, counted from one.
pub fn with_items(error: Error, columns: &[String]) -> Error {
    let mut problems = error.into_problems();
    for problem in &mut problems {
        put_item(&mut problem.place, columns);
    }
    Error::Invalid(problems)
}

fn put_item(place: &mut Argument, columns: &[String]) {
    let Argument::Phrase(own) = place else { return };
    let number = own.arguments.iter().find(|(name, _)| name == "number");
    let number = number.filter(|_| own.phrase == numbered_item(0).phrase);
    match number.and_then(|(_, number)| columns.get(whole(number)?.checked_sub(1)?)) {
        Some(column) => *place = column.into(),
        None => own.arguments.iter_mut().for_each(|(_, part)| put_item(part, columns)),
    }
}

/// Stage and code of the stratum that a place is, if it is one.
pub fn stratum_in(place: &Argument) -> Option<(usize, u32)> {
    let Argument::Phrase(own) = place else { return None };
    let part = |name: &str| own.arguments.iter().find(|(own, _)| own == name).map(|(_, part)| part);
    let code = whole(part("stratum")?)?;
    Some((whole(part("stage")?)?, u32::try_from(code).ok()?))
}

fn whole(argument: &Argument) -> Option<usize> {
    match argument {
        // Written and read as people write it: exact, and nothing else is a whole number.
        Argument::Number(number) => number.to_string().parse().ok(),
        Argument::Phrase(_) | Argument::Text(_) => None,
    }
}
