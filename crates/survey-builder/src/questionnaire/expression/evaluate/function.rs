//! The functions of one value or a fixed few: text, numbers, dates, choices.

use std::borrow::Cow;

use chrono::Datelike;

use super::super::tree::{Node, Operation};
use super::super::{calendar, geometry, number, text};
use super::{Evaluator, Found, number_value, text_value, truth};
use crate::questionnaire::answer::Value;

impl<'e> Evaluator<'e> {
    pub(super) fn function(&self, operation: Operation, arguments: &'e [Node]) -> Found<'e> {
        match operation {
            Operation::Position => {
                #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
                let position = self.environment.position()? as f64;
                return Some(number_value(position));
            }
            Operation::Random => return Some(number_value(self.environment.random()?)),
            Operation::Today => return Some(Cow::Owned(Value::Date(self.environment.today()?))),
            _ => {}
        }
        let first = arguments.first()?;
        match operation {
            Operation::Selected => self.selected(first, arguments.get(1)?),
            Operation::CountSelected => match &*self.value(first)? {
                #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
                Value::Set(codes) => Some(number_value(codes.len() as f64)),
                _ => None,
            },
            Operation::Code => match &*self.value(first)? {
                Value::Option(code) => Some(text_value(code)),
                Value::Set(codes) => Some(text_value(&codes.join(" "))),
                _ => None,
            },
            Operation::Number => as_number(&*self.value(first)?).map(number_value),
            Operation::ToText => as_text(&*self.value(first)?).map(|text| text_value(&text)),
            Operation::ToDate => match &*self.value(first)? {
                Value::Text(written) => calendar::parse_date(text::trim(written))
                    .map(|day| Cow::Owned(Value::Date(day))),
                Value::Date(day) => Some(Cow::Owned(Value::Date(*day))),
                _ => None,
            },
            Operation::ToTime => match &*self.value(first)? {
                Value::Text(written) => calendar::parse_time(text::trim(written))
                    .map(|minute| Cow::Owned(Value::Time(minute))),
                Value::Time(minute) => Some(Cow::Owned(Value::Time(*minute))),
                _ => None,
            },
            Operation::AddDays => {
                let moved = calendar::add_days(self.day(first)?, self.number(arguments.get(1)?)?)?;
                Some(Cow::Owned(Value::Date(moved)))
            }
            Operation::Length
            | Operation::Contains
            | Operation::StartsWith
            | Operation::EndsWith
            | Operation::Upper
            | Operation::Lower
            | Operation::Trim
            | Operation::Concat
            | Operation::Substring
            | Operation::SubstringBefore
            | Operation::SubstringAfter
            | Operation::Translate
            | Operation::NormalizeSpace => self.text_function(operation, arguments),
            Operation::Distance => geometry::distance(&self.text(first)?).map(number_value),
            Operation::Area => geometry::area(&self.text(first)?).map(number_value),
            Operation::Geofence => {
                let fence = self.text(arguments.get(1)?)?;
                truth(geometry::is_inside(&self.text(first)?, &fence)?)
            }
            Operation::Minutes => match *self.value(first)? {
                Value::Time(minutes) => Some(number_value(f64::from(minutes))),
                _ => None,
            },
            Operation::FormatDate => {
                let form = self.text(arguments.get(1)?)?;
                Some(text_value(&calendar::format_date(self.day(first)?, &form)))
            }
            _ => self.numeric(operation, first, arguments.get(1)).map(number_value),
        }
    }

    /// Functions whose result depends on the list of their argument.
    pub(super) fn call_of_list(
        &self,
        operation: Operation,
        list: &str,
        arguments: &'e [Node],
    ) -> Found<'e> {
        let value = self.value(arguments.first()?)?;
        match (operation, &*value) {
            (Operation::Label, Value::Option(code)) => {
                self.environment.label(list, code).map(|label| text_value(&label))
            }
            (Operation::Label, Value::Set(codes)) => {
                let labels = self
                    .in_list_order(list, codes)
                    .into_iter()
                    .map(|code| self.environment.label(list, code))
                    .collect::<Option<Vec<_>>>()?;
                Some(text_value(&labels.join(", ")))
            }
            (Operation::Attribute, Value::Option(code)) => {
                let name = self.value(arguments.get(1)?)?;
                let Value::Text(name) = &*name else { return None };
                let attribute = self.environment.attribute(list, code, name)?;
                (!attribute.is_empty()).then(|| text_value(&attribute))
            }
            (Operation::SelectedAt, Value::Set(codes)) => {
                let place = self.number(arguments.get(1)?)?.trunc();
                if place < 0.0 {
                    return None;
                }
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "≥ 0")]
                let code = self.in_list_order(list, codes).get(place as usize).copied()?;
                Some(Cow::Owned(Value::Option(code.to_owned())))
            }
            _ => None,
        }
    }

    fn in_list_order<'c>(&self, list: &str, codes: &'c [String]) -> Vec<&'c str> {
        let mut chosen: Vec<&str> = codes.iter().map(String::as_str).collect();
        if let Some(order) = self.environment.options(list) {
            let place = |code: &str| order.iter().position(|known| known == code);
            chosen.sort_by_key(|code| place(code).unwrap_or(usize::MAX));
        }
        chosen
    }

    fn selected(&self, chosen: &'e Node, code: &'e Node) -> Found<'e> {
        let chosen = self.value(chosen)?;
        let code = self.text(code)?;
        match &*chosen {
            Value::Set(codes) => truth(codes.iter().any(|chosen| *chosen == *code)),
            Value::Option(chosen) => truth(*chosen == *code),
            _ => None,
        }
    }

    fn text_function(&self, operation: Operation, arguments: &'e [Node]) -> Found<'e> {
        let first = self.text(arguments.first()?)?;
        let second = || self.text(arguments.get(1)?);
        match operation {
            #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
            Operation::Length => Some(number_value(first.chars().count() as f64)),
            Operation::Contains => truth(first.contains(&*second()?)),
            Operation::StartsWith => truth(first.starts_with(&*second()?)),
            Operation::EndsWith => truth(first.ends_with(&*second()?)),
            Operation::Upper => Some(text_value(&first.to_uppercase())),
            Operation::Lower => Some(text_value(&first.to_lowercase())),
            Operation::Trim => Some(text_value(text::trim(&first))),
            Operation::Substring => {
                let from = self.number(arguments.get(1)?)?.trunc().max(0.0);
                let count = self.number(arguments.get(2)?)?.trunc().max(0.0);
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "≥ 0")]
                let taken = first.chars().skip(from as usize).take(count as usize);
                Some(text_value(&taken.collect::<String>()))
            }
            Operation::SubstringBefore => {
                let part = second()?;
                Some(text_value(first.split_once(&*part).map_or("", |(before, _)| before)))
            }
            Operation::SubstringAfter => {
                let part = second()?;
                Some(text_value(first.split_once(&*part).map_or("", |(_, after)| after)))
            }
            Operation::Translate => {
                let from: Vec<char> = second()?.chars().collect();
                let to: Vec<char> = self.text(arguments.get(2)?)?.chars().collect();
                let turned = first.chars().filter_map(|character| {
                    match from.iter().position(|known| *known == character) {
                        Some(place) => to.get(place).copied(),
                        None => Some(character),
                    }
                });
                Some(text_value(&turned.collect::<String>()))
            }
            Operation::NormalizeSpace => {
                let words = first.split(text::is_space).filter(|word| !word.is_empty());
                Some(text_value(&words.collect::<Vec<_>>().join(" ")))
            }
            _ => {
                let mut joined = first.into_owned();
                for argument in &arguments[1..] {
                    joined.push_str(&self.text(argument)?);
                }
                Some(text_value(&joined))
            }
        }
    }

    fn numeric(
        &self,
        operation: Operation,
        first: &'e Node,
        second: Option<&'e Node>,
    ) -> Option<f64> {
        let day = || self.day(first);
        let other_day = || self.day(second?);
        let number = || self.number(first);
        match operation {
            Operation::Round => {
                let digits = second.map_or(Some(0.0), |second| self.number(second))?;
                number::round(number()?, digits)
            }
            Operation::Floor => number::finite(number()?.floor()),
            Operation::Ceil => number::finite(number()?.ceil()),
            Operation::Abs => number::finite(number()?.abs()),
            Operation::Sqrt => number::finite(number()?.sqrt()),
            Operation::Ln => number::ln(number()?),
            Operation::Log10 => number::log10(number()?),
            Operation::Sin => number::sin(number()?),
            Operation::Cos => number::cos(number()?),
            Operation::Tan => number::tan(number()?),
            Operation::Asin => number::asin(number()?),
            Operation::Acos => number::acos(number()?),
            Operation::Atan => number::finite(number::atan(number()?)),
            Operation::Atan2 => number::finite(number::atan2(number()?, self.number(second?)?)),
            Operation::Exp => number::exp(number()?),
            Operation::Pow => number::pow(number()?, self.number(second?)?),
            Operation::Year => Some(f64::from(day()?.year())),
            Operation::Month => Some(f64::from(day()?.month())),
            Operation::Day => Some(f64::from(day()?.day())),
            Operation::Weekday => Some(f64::from(day()?.weekday().number_from_monday())),
            Operation::DaysBetween => Some(calendar::days_between(day()?, other_day()?)),
            Operation::MonthsBetween => {
                number::finite(calendar::months_between(day()?, other_day()?))
            }
            Operation::YearsBetween => {
                number::finite(calendar::years_between(day()?, other_day()?))
            }
            _ => None,
        }
    }
}

fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        Value::Text(written) | Value::Option(written) => number::parse(written),
        _ => None,
    }
}

fn as_text(value: &Value) -> Option<String> {
    Some(match value {
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number::print(*number),
        Value::Text(text) | Value::Option(text) => text.clone(),
        Value::Date(day) => calendar::print_date(*day),
        Value::Time(minute) => calendar::print_time(*minute),
        Value::Set(_) | Value::List(_) => return None,
    })
}
