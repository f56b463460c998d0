//! Values: what is counted with, joined and shown.

use survey_builder::questionnaire::answer::Value;
use survey_builder::questionnaire::expression::{Node, Operation};

use super::{Missing, Writer, Written, certain, grouped};

impl Writer {
    pub(super) fn value(&self, node: &Node) -> Written {
        match node {
            Node::Constant(value) => self.constant(value),
            Node::Question(read) => self.answer(read),
            Node::Instances(read) => self.repeats.answers(read, &self.name(read)?),
            Node::Roster(read) => self.repeats.roster(read),
            Node::SelfValue => Ok(self.own.to_owned()),
            Node::CallOfList(Operation::Attribute, list, parts) => match &parts[..] {
                [Node::SelfValue, Node::Constant(Value::Text(column))] => Ok(column.clone()),
                [choice @ Node::Question(_), Node::Constant(Value::Text(column))] => {
                    let choice = self.value(choice)?;
                    Ok(format!("instance('{list}')/root/item[name = {choice}]/{column}"))
                }
                _ => Err("attribute() of an answer".to_owned()),
            },
            Node::CallOfList(Operation::Label, _, parts) => match &parts[..] {
                [asked @ Node::Question(_)] => {
                    let name = self.value(asked)?;
                    Ok(format!("jr:choice-name({name}, '{name}')"))
                }
                _ => Err("label() of what is no answer".to_owned()),
            },
            Node::CallOfList(Operation::SelectedAt, _, parts) => {
                self.function("selected-at", parts)
            }
            Node::CallOfList(operation, ..) => Err(format!("{}()", operation.name())),
            Node::Matches(..) => Err("a pattern".to_owned()),
            Node::Call(operation, parts) => self.value_call(*operation, parts),
        }
    }

    /// The answer to an item, of the members one is in.
    pub(super) fn answer(&self, read: &str) -> Written {
        self.repeats.answer(read, &self.name(read)?)
    }

    fn name(&self, read: &str) -> Written {
        let read = self.reads.get(read).ok_or("a question that is not there")?;
        Ok(format!("${{{}}}", read.name))
    }

    fn value_call(&self, operation: Operation, parts: &[Node]) -> Written {
        use Operation as Op;
        match (operation, parts) {
            (Op::Add, [left, Node::Call(Op::Negate, inner)]) if inner.len() == 1 => {
                Ok(format!("{} - {}", self.value(left)?, self.operand(&inner[0])?))
            }
            (Op::Add, [left, right]) => {
                Ok(format!("{} + {}", self.value(left)?, self.value(right)?))
            }
            (Op::Multiply | Op::Divide | Op::Remainder, [left, right]) => {
                let word = match operation {
                    Op::Multiply => "*",
                    Op::Divide => "div",
                    _ => "mod",
                };
                Ok(format!("{} {word} {}", self.operand(left)?, self.operand(right)?))
            }
            (Op::Negate, [inner]) => Ok(format!("-{}", self.operand(inner)?)),
            // Cut off at the point: that is one function there.
            (
                Op::If,
                [Node::Call(Op::Less, test), Node::Call(Op::Ceil, up), Node::Call(Op::Floor, down)],
            ) if up == down && test.first() == up.first() => self.function("int", up),
            (Op::If, [condition, yes, no]) => {
                let (yes, no) = (self.value(yes)?, self.value(no)?);
                let holds = self.truth(condition)?;
                if certain(condition) {
                    return Ok(format!("if({holds}, {yes}, {no})"));
                }
                let fails = self.falsity(condition)?;
                Ok(format!("if({holds}, {yes}, if({fails}, {no}, ''))"))
            }
            (Op::Coalesce, [only]) => self.value(only),
            (Op::Coalesce, [first, rest @ ..]) => {
                let rest = self.value_call(Op::Coalesce, rest)?;
                Ok(format!("coalesce({}, {rest})", self.value(first)?))
            }
            // A sum with a blank among its parts would be no number there.
            (Op::Sum, [list @ Node::Instances(_)]) => {
                Ok(format!("sum({}[. != ''])", self.value(list)?))
            }
            (Op::Sum, parts) => self.sum(parts),
            (Op::Count, [roster @ Node::Roster(_)]) => {
                Ok(format!("count({})", self.value(roster)?))
            }
            (Op::CountAnswered, parts) => {
                let each: Result<Vec<String>, Missing> = parts
                    .iter()
                    .map(|part| Ok(format!("if({}, 1, 0)", self.known(part)?.join(" and "))))
                    .collect();
                Ok(each?.join(" + "))
            }
            (Op::CountSelected, parts) => self.where_known("count-selected", parts),
            (Op::Length, parts) => self.where_known("string-length", parts),
            (Op::Concat, parts) => self.where_known("concat", parts),
            (Op::Number, parts) => self.function("number", parts),
            (Op::ToText | Op::ToTime, parts) => self.function("string", parts),
            (Op::ToDate, parts) => self.function("date", parts),
            (Op::Code, [inner]) => self.value(inner),
            (Op::Substring, [text, from, count]) => {
                let (text, from) = (self.value(text)?, self.operand(from)?);
                Ok(format!("substr({text}, {from}, {from} + {})", self.operand(count)?))
            }
            (Op::Year | Op::Month | Op::Day | Op::DaysBetween | Op::AddDays | Op::Today, parts) => {
                self.day(operation, parts)
            }
            (Op::Random, []) => Ok("once(random())".to_owned()),
            (Op::Position, []) => Ok(self.repeats.position()),
            (Op::ItemAt, [Node::Instances(read), place]) => {
                self.repeats.item_at(read, &self.name(read)?, &self.operand(place)?)
            }
            _ => self.library_call(operation, parts),
        }
    }

    /// Functions that stand one to one, or nearly so.
    fn library_call(&self, operation: Operation, parts: &[Node]) -> Written {
        use Operation as Op;
        match (operation, parts) {
            (Op::Round, parts) => self.function("round", parts),
            (Op::Floor, [inner]) => Ok(format!("int({})", self.value(inner)?)),
            (
                Op::Abs
                | Op::Sqrt
                | Op::Pow
                | Op::Exp
                | Op::Log10
                | Op::Sin
                | Op::Cos
                | Op::Tan
                | Op::Asin
                | Op::Acos
                | Op::Atan
                | Op::Atan2
                | Op::Distance
                | Op::Area
                | Op::Geofence,
                parts,
            ) => self.function(operation.name(), parts),
            (
                Op::SubstringBefore | Op::SubstringAfter | Op::Translate | Op::NormalizeSpace,
                parts,
            ) => self.where_known(&operation.name().replace('_', "-"), parts),
            (Op::FormatDate, parts) => self.where_known("format-date", parts),
            (Op::Join, [_, Node::Instances(_)]) => self.function("join", parts),
            (Op::Ln, parts) => self.function("log", parts),
            _ => Err(format!("{}()", operation.name())),
        }
    }

    /// What is counted in days.
    fn day(&self, operation: Operation, parts: &[Node]) -> Written {
        use Operation as Op;
        match (operation, parts) {
            (Op::Year, [day]) => Ok(format!("number(format-date({}, '%Y'))", self.value(day)?)),
            (Op::Month, [day]) => Ok(format!("number(format-date({}, '%n'))", self.value(day)?)),
            (Op::Day, [day]) => Ok(format!("number(format-date({}, '%e'))", self.value(day)?)),
            (Op::DaysBetween, [from, to]) => Ok(format!(
                "decimal-date-time({}) - decimal-date-time({})",
                self.value(to)?,
                self.value(from)?
            )),
            (Op::AddDays, [day, days]) => {
                let (day, days) = (self.value(day)?, self.operand(days)?);
                Ok(format!("date(decimal-date-time({day}) + {days})"))
            }
            (Op::Today, []) => Ok("today()".to_owned()),
            _ => Err(format!("{}()", operation.name())),
        }
    }

    pub(super) fn function(&self, name: &str, parts: &[Node]) -> Written {
        let parts: Result<Vec<String>, Missing> =
            parts.iter().map(|part| self.value(part)).collect();
        Ok(format!("{name}({})", parts?.join(", ")))
    }

    /// A function that would take a blank for an empty text.
    fn where_known(&self, name: &str, parts: &[Node]) -> Written {
        let call = self.function(name, parts)?;
        let mut known = Vec::new();
        for part in parts {
            known.extend(self.known(part)?);
        }
        if known.is_empty() {
            Ok(call)
        } else {
            Ok(format!("if({}, {call}, '')", known.join(" and ")))
        }
    }

    /// A sum that leaves out what is blank.
    fn sum(&self, parts: &[Node]) -> Written {
        let mut each = Vec::new();
        let mut any = Vec::new();
        for part in parts {
            let known = self.known(part)?.join(" and ");
            let value = self.operand(part)?;
            each.push(if known.is_empty() { value } else { format!("if({known}, {value}, 0)") });
            any.push(known);
        }
        let sum = each.join(" + ");
        if any.iter().any(String::is_empty) {
            return Ok(sum);
        }
        let any: Vec<String> = any.into_iter().map(grouped).collect();
        Ok(format!("if({}, {sum}, '')", any.join(" or ")))
    }
}
