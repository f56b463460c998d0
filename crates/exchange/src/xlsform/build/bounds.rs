//! Bounds that can be read off a constraint: what a question's own kind says
//! need not be said twice.

use survey_builder::questionnaire::document::{Kind, NumberRange};

use crate::formula::{Formula, Operator};

/// Reads bounds off the parts of a constraint that all must hold. Whether the
/// kind now says all that the constraint said.
pub(in crate::xlsform) fn bound(parsed: &Formula, kind: &mut Kind) -> bool {
    let Formula::Binary(operator, left, right) = parsed else { return false };
    if *operator == Operator::And {
        // Both are read, whatever the first gave.
        let left = bound(left, kind);
        return bound(right, kind) && left;
    }
    match kind {
        Kind::Integer(range) if **left == Formula::SelfValue => {
            number(right).is_some_and(|limit| limited(*operator, limit, true, range))
        }
        Kind::Decimal(range) if **left == Formula::SelfValue => {
            number(right).is_some_and(|limit| limited(*operator, limit, false, range))
        }
        Kind::Multiple(multiple) | Kind::Ranking(multiple) if is_call(left, "count-selected") => {
            let Some(limit) = number(right) else { return false };
            let mut range = NumberRange::default();
            let read = limited(*operator, limit, true, &mut range);
            multiple.at_least = range.minimum.and_then(count).or(multiple.at_least);
            multiple.at_most = range.maximum.and_then(count).or(multiple.at_most);
            read
        }
        Kind::ShortText(rule) | Kind::LongText(rule) if is_call(left, "string-length") => {
            let Some(limit) = number(right) else { return false };
            let mut range = NumberRange::default();
            let read = limited(*operator, limit, true, &mut range);
            rule.at_most = range.maximum.and_then(count).or(rule.at_most);
            read && range.minimum.is_none()
        }
        Kind::Date(range) if **left == Formula::SelfValue => match (operator, day(right)) {
            (Operator::GreaterOrEqual, Some(day)) => {
                range.minimum = Some(day);
                true
            }
            (Operator::LessOrEqual, Some(day)) => {
                range.maximum = Some(day);
                true
            }
            _ => false,
        },
        _ => false,
    }
}

fn is_call(part: &Formula, wanted: &str) -> bool {
    matches!(part, Formula::Call(name, arguments)
        if name == wanted && arguments[..] == [Formula::SelfValue])
}

fn number(part: &Formula) -> Option<f64> {
    match part {
        Formula::Number(number) => Some(*number),
        Formula::Negate(inner) => number(inner).map(|number| -number),
        _ => None,
    }
}

fn day(part: &Formula) -> Option<String> {
    let Formula::Call(name, arguments) = part else { return None };
    match &arguments[..] {
        [Formula::Text(day)] if name == "date" && day.len() == 10 => Some(day.clone()),
        _ => None,
    }
}

/// One bound; above a whole number means the next one.
fn limited(operator: Operator, limit: f64, whole: bool, range: &mut NumberRange) -> bool {
    if whole && limit.fract().abs() > 0.0 {
        return false;
    }
    match operator {
        Operator::GreaterOrEqual => range.minimum = Some(limit),
        Operator::LessOrEqual => range.maximum = Some(limit),
        Operator::Greater if whole => range.minimum = Some(limit + 1.0),
        Operator::Less if whole => range.maximum = Some(limit - 1.0),
        _ => return false,
    }
    true
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, checked")]
fn count(limit: f64) -> Option<u32> {
    (1.0..=100_000.0).contains(&limit).then_some(limit as u32)
}
