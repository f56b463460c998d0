//! Functions over many values: arguments, or the instances of a roster.
//! They leave out the missing.

use std::borrow::Cow;

use super::super::number;
use super::super::tree::{Node, Operation};
use super::{Evaluator, Found, admitted, bool_value, number_value, rank, text_value};
use crate::questionnaire::answer::Value;

impl<'e> Evaluator<'e> {
    pub(super) fn reduce(&self, operation: Operation, arguments: &'e [Node]) -> Found<'e> {
        if operation == Operation::Count {
            return Some(self.count(arguments.first()?));
        }
        match operation {
            Operation::Join => return self.join(arguments),
            Operation::ItemAt => return self.item_at(arguments),
            _ => {}
        }
        let members = self.members(arguments);
        let present = members.iter().flatten();
        match operation {
            Operation::CountAnswered => Some(count_value(present.count())),
            Operation::All => kleene_of(&members, false),
            Operation::Any => kleene_of(&members, true),
            Operation::Sum => Some(number_value(sum(present.map(|value| &**value))?)),
            Operation::Mean => {
                let count = members.iter().flatten().count();
                let sum = sum(present.map(|value| &**value))?;
                #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
                let mean = number::finite(sum / count as f64)?;
                Some(number_value(mean))
            }
            _ => {
                let sign = if operation == Operation::Min { 1.0 } else { -1.0 };
                let mut best: Option<(f64, &Cow<'e, Value>)> = None;
                for value in present {
                    let rank = sign * rank(value)?;
                    if best.as_ref().is_none_or(|(lowest, _)| rank < *lowest) {
                        best = Some((rank, value));
                    }
                }
                best.map(|(_, value)| value.clone())
            }
        }
    }

    /// The texts that are there, with the first argument between them.
    fn join(&self, arguments: &'e [Node]) -> Found<'e> {
        let (between, texts) = arguments.split_first()?;
        let between = self.text(between)?;
        let members = self.members(texts);
        let present: Vec<&str> = members
            .iter()
            .flatten()
            .filter_map(|value| match &**value {
                Value::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        (!present.is_empty()).then(|| text_value(&present.join(&between)))
    }

    /// What stands at a place of a list, counted from 1.
    fn item_at(&self, arguments: &'e [Node]) -> Found<'e> {
        let list = self.value(arguments.first()?)?;
        let Value::List(members) = &*list else { return None };
        let place = self.number(arguments.get(1)?)?.trunc();
        if place < 1.0 {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "≥ 1")]
        let member = members.get(place as usize - 1)?.clone()?;
        admitted(Cow::Owned(member))
    }

    /// Each argument's value, and each instance's where it is a list; a roster
    /// that was not reached has no instances.
    fn members(&self, arguments: &'e [Node]) -> Vec<Found<'e>> {
        let mut members = Vec::with_capacity(arguments.len());
        for argument in arguments {
            match self.value(argument) {
                Some(Cow::Borrowed(Value::List(values))) => {
                    members.extend(
                        values.iter().map(|value| admitted(Cow::Borrowed(value.as_ref()?))),
                    );
                }
                Some(Cow::Owned(Value::List(values))) => {
                    members.extend(values.into_iter().map(|value| admitted(Cow::Owned(value?))));
                }
                None if matches!(argument, Node::Instances(_)) => {}
                single => members.push(single),
            }
        }
        members
    }

    fn count(&self, list: &'e Node) -> Cow<'e, Value> {
        let count = match list {
            Node::Roster(reference) => self.environment.roster_size(reference).unwrap_or(0),
            _ => match self.value(list).as_deref() {
                Some(Value::List(values)) => values.len(),
                _ => 0,
            },
        };
        count_value(count)
    }
}

fn count_value<'e>(count: usize) -> Cow<'e, Value> {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let count = count as f64;
    number_value(count)
}

fn sum<'v>(values: impl Iterator<Item = &'v Value>) -> Option<f64> {
    let mut total: Option<f64> = None;
    for value in values {
        let Value::Number(number) = value else { return None };
        total = Some(number::finite(total.map_or(*number, |total| total + number))?);
    }
    total
}

fn kleene_of<'e>(members: &[Found<'e>], decisive: bool) -> Found<'e> {
    let mut known = true;
    for member in members {
        match member.as_deref() {
            Some(Value::Bool(flag)) if *flag == decisive => return Some(bool_value(decisive)),
            Some(Value::Bool(_)) => {}
            _ => known = false,
        }
    }
    known.then(|| bool_value(!decisive))
}
