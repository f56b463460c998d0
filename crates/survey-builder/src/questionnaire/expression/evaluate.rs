//! Computes the value of an expression: the Rust evaluator.
//!
//! `web/js/expression.js` is the other one; every function here has its twin
//! there, in the same order. Nothing fails: what cannot be computed is missing.

mod function;
mod reduce;

use std::borrow::Cow;

use chrono::NaiveDate;

use super::tree::{Node, Operation};
use super::{Environment, Expression, number, text};
use crate::questionnaire::answer::{Answer, State, Value};

/// A value that is read in place where it can be; `None` is missing.
type Found<'e> = Option<Cow<'e, Value>>;

/// The value of an expression in an environment; `None` is missing.
pub fn evaluate(expression: &Expression, environment: &dyn Environment) -> Option<Value> {
    Evaluator { environment }.value(&expression.tree).map(Cow::into_owned)
}

struct Evaluator<'e> {
    environment: &'e dyn Environment,
}

impl<'e> Evaluator<'e> {
    fn value(&self, node: &'e Node) -> Found<'e> {
        match node {
            Node::Constant(value) => Some(Cow::Borrowed(value)),
            Node::Question(reference) => admitted(value_of(self.environment.answer(reference))?),
            Node::Instances(reference) => value_of(self.environment.instances(reference)),
            Node::SelfValue => admitted(self.environment.self_value()?),
            Node::Roster(_) => None,
            Node::Call(operation, arguments) => self.call(*operation, arguments),
            Node::CallOfList(operation, list, arguments) => {
                self.call_of_list(*operation, list, arguments)
            }
            Node::Matches(program, argument) => {
                let matched = program.matches(&self.text(argument)?);
                truth(matched)
            }
        }
    }

    fn call(&self, operation: Operation, arguments: &'e [Node]) -> Found<'e> {
        match operation {
            Operation::Or => self.kleene(arguments, true).map(bool_value),
            Operation::And => self.kleene(arguments, false).map(bool_value),
            Operation::Not => truth(!self.truth(arguments.first()?)?),
            Operation::Equal => truth(self.equal(arguments)?),
            Operation::NotEqual => truth(!self.equal(arguments)?),
            Operation::Less
            | Operation::LessOrEqual
            | Operation::Greater
            | Operation::GreaterOrEqual => self.compare(operation, arguments),
            Operation::In => self.is_in(arguments),
            Operation::Between => self.between(arguments),
            Operation::If => {
                let chosen = if self.truth(arguments.first()?)? { 1 } else { 2 };
                self.value(arguments.get(chosen)?)
            }
            Operation::Coalesce => arguments.iter().find_map(|argument| self.value(argument)),
            Operation::Answered
            | Operation::Skipped
            | Operation::Refused
            | Operation::DontKnow
            | Operation::NotApplicable
            | Operation::Asked => truth(self.has_state(operation, arguments.first()?)),
            Operation::Add
            | Operation::Negate
            | Operation::Multiply
            | Operation::Divide
            | Operation::Remainder => self.arithmetic(operation, arguments).map(number_value),
            Operation::Min
            | Operation::Max
            | Operation::Sum
            | Operation::Mean
            | Operation::Count
            | Operation::CountAnswered
            | Operation::All
            | Operation::Any
            | Operation::Join
            | Operation::ItemAt => self.reduce(operation, arguments),
            _ => self.function(operation, arguments),
        }
    }

    fn truth(&self, node: &'e Node) -> Option<bool> {
        match *self.value(node)? {
            Value::Bool(flag) => Some(flag),
            _ => None,
        }
    }

    fn number(&self, node: &'e Node) -> Option<f64> {
        match *self.value(node)? {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    fn text(&self, node: &'e Node) -> Option<Cow<'e, str>> {
        match self.value(node)? {
            Cow::Borrowed(Value::Text(text) | Value::Option(text)) => Some(Cow::Borrowed(text)),
            Cow::Owned(Value::Text(text) | Value::Option(text)) => Some(Cow::Owned(text)),
            _ => None,
        }
    }

    fn day(&self, node: &'e Node) -> Option<NaiveDate> {
        match *self.value(node)? {
            Value::Date(day) => Some(day),
            _ => None,
        }
    }

    /// `or` (`decisive` true) and `and` (`decisive` false) of Kleene (1952):
    /// one decisive part decides, whatever is missing.
    fn kleene(&self, arguments: &'e [Node], decisive: bool) -> Option<bool> {
        let mut known = true;
        for argument in arguments {
            match self.truth(argument) {
                Some(flag) if flag == decisive => return Some(decisive),
                Some(_) => {}
                None => known = false,
            }
        }
        known.then_some(!decisive)
    }

    fn equal(&self, arguments: &'e [Node]) -> Option<bool> {
        let left = self.value(arguments.first()?)?;
        let right = self.value(arguments.get(1)?)?;
        Some(same(&left, &right))
    }

    fn compare(&self, operation: Operation, arguments: &'e [Node]) -> Found<'e> {
        let left = self.rank(arguments.first()?)?;
        let right = self.rank(arguments.get(1)?)?;
        truth(match operation {
            Operation::Less => left < right,
            Operation::LessOrEqual => left <= right,
            Operation::Greater => left > right,
            _ => left >= right,
        })
    }

    /// Numbers, dates and times as numbers that keep their order.
    fn rank(&self, node: &'e Node) -> Option<f64> {
        rank(&*self.value(node)?)
    }

    fn is_in(&self, arguments: &'e [Node]) -> Found<'e> {
        let (wanted, members) = arguments.split_first()?;
        let wanted = self.value(wanted)?;
        let mut found = false;
        for member in members {
            found |= same(&wanted, &*self.value(member)?);
        }
        truth(found)
    }

    fn between(&self, arguments: &'e [Node]) -> Found<'e> {
        let value = self.rank(arguments.first()?)?;
        let low = self.rank(arguments.get(1)?)?;
        let high = self.rank(arguments.get(2)?)?;
        truth(low <= value && value <= high)
    }

    fn has_state(&self, operation: Operation, node: &'e Node) -> bool {
        let state = match node {
            Node::Question(reference) => {
                let answer = self.environment.answer(reference);
                match (answer.state(), value_of(answer).and_then(admitted)) {
                    (State::Answered, None) => State::Skipped,
                    (state, _) => state,
                }
            }
            // What is being checked was asked; else nothing would be checked.
            _ if self.value(node).is_some() => State::Answered,
            _ => State::Skipped,
        };
        match operation {
            Operation::Answered => state == State::Answered,
            Operation::Skipped => state == State::Skipped,
            Operation::Refused => state == State::Refused,
            Operation::DontKnow => state == State::DontKnow,
            Operation::NotApplicable => state == State::NotApplicable,
            _ => !matches!(state, State::NotAsked | State::NotReached),
        }
    }

    fn arithmetic(&self, operation: Operation, arguments: &'e [Node]) -> Option<f64> {
        let (first, rest) = arguments.split_first()?;
        let mut result = self.number(first)?;
        if operation == Operation::Negate {
            return number::finite(-result);
        }
        for argument in rest {
            let operand = self.number(argument)?;
            result = number::finite(match operation {
                Operation::Add => result + operand,
                Operation::Multiply => result * operand,
                Operation::Divide => result / operand,
                _ => result % operand,
            })?;
        }
        Some(result)
    }
}

/// The value of an answer, borrowed where the answer is.
fn value_of(answer: Cow<'_, Answer>) -> Found<'_> {
    match answer {
        Cow::Borrowed(Answer::Value(value)) => Some(Cow::Borrowed(value)),
        Cow::Owned(Answer::Value(value)) => Some(Cow::Owned(value)),
        _ => None,
    }
}

/// An answer as the language sees it: texts in NFC; an empty text, an empty
/// set and a number that is not finite are no values.
fn admitted(value: Cow<'_, Value>) -> Found<'_> {
    match &*value {
        Value::Text(written) => {
            if written.is_empty() {
                return None;
            }
            let normal = text::normalise(written);
            if normal == *written { Some(value) } else { Some(Cow::Owned(Value::Text(normal))) }
        }
        Value::Set(codes) if codes.is_empty() => None,
        Value::Number(number) => match number::finite(*number)? {
            finite if finite.to_bits() == number.to_bits() => Some(value),
            zero => Some(number_value(zero)),
        },
        _ => Some(value),
    }
}

fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Text(left) | Value::Option(left), Value::Text(right) | Value::Option(right)) => {
            left == right
        }
        _ => left == right,
    }
}

fn rank(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Date(day) => Some(f64::from(chrono::Datelike::num_days_from_ce(day))),
        Value::Time(minute) => Some(f64::from(*minute)),
        _ => None,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "every operation answers a value or missing")]
fn truth<'e>(flag: bool) -> Found<'e> {
    Some(bool_value(flag))
}

fn bool_value<'e>(flag: bool) -> Cow<'e, Value> {
    Cow::Owned(Value::Bool(flag))
}

fn number_value<'e>(number: f64) -> Cow<'e, Value> {
    Cow::Owned(Value::Number(number))
}

fn text_value<'e>(written: &str) -> Cow<'e, Value> {
    Cow::Owned(Value::Text(text::normalise(written)))
}
