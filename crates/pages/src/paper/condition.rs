//! Conditions and calculations in words, for people who read a questionnaire
//! on paper: `q3 = 2 and age >= 18` becomes "question 3 is 2 (Bus) and
//! question 5 is at least 18".

use std::collections::HashMap;

use locale::FluentValue;
use survey_builder::questionnaire::answer::Value;
use survey_builder::questionnaire::expression::{Expression, Node, Operation, print_number};
use survey_builder::questionnaire::version::Version;

/// Says expressions in one language.
pub struct Teller<'a> {
    version: &'a Version,
    /// What each item is called, by the reference that expressions store.
    names: HashMap<String, Named>,
    /// The language of the program's own words.
    language: &'a str,
    /// The language of the questionnaire's texts.
    shown: &'a str,
}

/// How an item is called, and the list its answers are codes of.
#[derive(Clone, Debug, Default)]
pub struct Named {
    /// Such as "question 10".
    pub words: String,
    /// The name of a list.
    pub list: Option<String>,
}

impl<'a> Teller<'a> {
    /// Says the expressions of a version.
    pub fn new(
        version: &'a Version,
        names: HashMap<String, Named>,
        language: &'a str,
        shown: &'a str,
    ) -> Self {
        Self { version, names, language, shown }
    }

    /// An expression in words. `own` is the list of the value being checked.
    pub fn tell(&self, expression: &Expression, own: Option<&str>) -> String {
        Sentence { teller: self, own }.say(&expression.tree, None)
    }

    /// What an item is called.
    pub fn name(&self, reference: &str) -> String {
        match self.names.get(reference) {
            Some(named) => named.words.clone(),
            None => reference.to_owned(),
        }
    }

    fn text(&self, key: &str, arguments: &[(&str, &str)]) -> String {
        locale::text(self.language, key, arguments)
    }
}

/// One expression while it is said.
struct Sentence<'a> {
    teller: &'a Teller<'a>,
    own: Option<&'a str>,
}

impl Sentence<'_> {
    /// A node in words; in brackets where what stands around it would read as
    /// part of it.
    fn say(&self, node: &Node, around: Option<Operation>) -> String {
        let words = match node {
            Node::Constant(value) => self.constant(value, None),
            Node::Question(reference) | Node::Roster(reference) => self.teller.name(reference),
            Node::Instances(reference) => {
                self.teller.text("say-instances", &[("a", &self.teller.name(reference))])
            }
            Node::SelfValue => self.teller.text("say-self", &[]),
            Node::Matches(_, argument) => {
                self.teller.text("say-matches", &[("a", &self.say(argument, None))])
            }
            Node::Call(operation, arguments) => self.call(*operation, None, arguments),
            Node::CallOfList(operation, list, arguments) => {
                self.call(*operation, Some(list), arguments)
            }
        };
        let joined = |operation| binds(operation).is_some();
        match (around, node) {
            (Some(around), Node::Call(inner, _))
                if *inner != around && joined(*inner) && binds(*inner) <= binds(around) =>
            {
                format!("({words})")
            }
            _ => words,
        }
    }

    /// The list whose codes a node gives, if it gives any.
    fn list(&self, node: &Node) -> Option<&str> {
        match node {
            Node::Question(reference) | Node::Instances(reference) => {
                self.teller.names.get(reference)?.list.as_deref()
            }
            Node::SelfValue => self.own,
            Node::CallOfList(Operation::SelectedAt, list, _) => {
                self.teller.version.document.list(list).map(|list| list.name.as_str())
            }
            Node::Call(Operation::Coalesce | Operation::If, arguments) => {
                arguments.iter().find_map(|argument| self.list(argument))
            }
            _ => None,
        }
    }

    fn constant(&self, value: &Value, list: Option<&str>) -> String {
        match value {
            Value::Bool(true) => self.teller.text("say-true", &[]),
            Value::Bool(false) => self.teller.text("say-false", &[]),
            Value::Number(number) if self.teller.language == "vi" => {
                print_number(*number).replace('.', ",")
            }
            Value::Number(number) => print_number(*number),
            Value::Text(text) => format!("“{text}”"),
            Value::Date(day) => locale::date(*day),
            Value::Time(minutes) => format!("{:02}:{:02}", minutes / 60, minutes % 60),
            Value::Option(code) => self.option(code, list),
            Value::Set(codes) => {
                codes.iter().map(|code| self.option(code, list)).collect::<Vec<_>>().join(", ")
            }
            Value::List(_) => String::new(),
        }
    }

    /// A code with its label, as both stand on the paper.
    fn option(&self, code: &str, list: Option<&str>) -> String {
        let document = &self.teller.version.document;
        let list = list.and_then(|list| document.list(list));
        let option = list.and_then(|list| list.options.iter().find(|option| option.code == code));
        match option {
            Some(option) => {
                let label = option.label.get(self.teller.shown, &document.default_language);
                format!("{code} ({label})")
            }
            None => code.to_owned(),
        }
    }

    /// Arguments in words, codes with the labels of the list that any of them has.
    fn arguments(&self, list: Option<&str>, arguments: &[Node]) -> Vec<String> {
        let list = list.or_else(|| arguments.iter().find_map(|argument| self.list(argument)));
        arguments
            .iter()
            .map(|argument| match argument {
                Node::Constant(value) => self.constant(value, list),
                other => self.say(other, None),
            })
            .collect()
    }

    fn call(&self, operation: Operation, list: Option<&str>, arguments: &[Node]) -> String {
        match (operation, arguments) {
            (Operation::And | Operation::Or, _) => {
                let word = self.teller.text(&key(operation), &[]);
                self.joined(operation, arguments, &format!(" {word} "))
            }
            (Operation::Not, [Node::Call(Operation::In, members)]) => {
                self.member_of(&negative(Operation::In), members)
            }
            (Operation::Not, [Node::Call(inner, inner_arguments)])
                if locale::has(self.teller.language, &negative(*inner)) =>
            {
                self.phrase(&negative(*inner), &self.arguments(None, inner_arguments))
            }
            (Operation::Add, _) => self.sum(arguments),
            (Operation::Negate, [one]) => format!("−{}", self.say(one, Some(Operation::Multiply))),
            (Operation::Multiply, _) => self.joined(operation, arguments, " × "),
            (Operation::Divide, _) => self.joined(operation, arguments, " ÷ "),
            (Operation::In, _) => self.member_of(&key(operation), arguments),
            _ => {
                let said = self.arguments(list, arguments);
                if locale::has(self.teller.language, &key(operation)) {
                    self.phrase(&key(operation), &said)
                } else {
                    format!("{}({})", operation.name(), said.join("; "))
                }
            }
        }
    }

    /// The first of the arguments, and the codes it is or is not one of.
    fn member_of(&self, key: &str, arguments: &[Node]) -> String {
        let Some((first, codes)) = arguments.split_first() else { return String::new() };
        let list = self.list(first);
        let codes: Vec<String> = codes
            .iter()
            .map(|code| match code {
                Node::Constant(value) => self.constant(value, list),
                other => self.say(other, None),
            })
            .collect();
        self.phrase(key, &[self.say(first, None), codes.join(", ")])
    }

    fn joined(&self, operation: Operation, arguments: &[Node], between: &str) -> String {
        let parts: Vec<String> =
            arguments.iter().map(|argument| self.say(argument, Some(operation))).collect();
        parts.join(between)
    }

    /// `a + −b` is said `a − b`.
    fn sum(&self, arguments: &[Node]) -> String {
        let mut said = String::new();
        for (place, argument) in arguments.iter().enumerate() {
            let (sign, part) = match argument {
                Node::Call(Operation::Negate, inner) if place > 0 && inner.len() == 1 => {
                    (" − ", self.say(&inner[0], Some(Operation::Multiply)))
                }
                other => (" + ", self.say(other, Some(Operation::Add))),
            };
            if place > 0 {
                said.push_str(sign);
            }
            said.push_str(&part);
        }
        said
    }

    /// A sentence of the program's own with `$a`, `$b`, `$c`, and `$all` of
    /// them in a row.
    fn phrase(&self, key: &str, arguments: &[String]) -> String {
        let all = arguments.join(", ");
        let mut values = vec![("all", FluentValue::from(all))];
        for (name, argument) in ["a", "b", "c"].into_iter().zip(arguments) {
            values.push((name, FluentValue::from(argument.clone())));
        }
        locale::format(self.teller.language, key, values).unwrap_or_else(|| key.to_owned())
    }
}

/// How tightly an operation that joins its arguments holds them; `None` for
/// those that are said as a sentence or a name.
fn binds(operation: Operation) -> Option<u8> {
    match operation {
        Operation::Or => Some(1),
        Operation::And => Some(2),
        Operation::Add => Some(3),
        Operation::Multiply | Operation::Divide => Some(4),
        _ => None,
    }
}

fn key(operation: Operation) -> String {
    let name = match operation {
        Operation::Equal => "equal",
        Operation::NotEqual => "not-equal",
        Operation::Less => "less",
        Operation::LessOrEqual => "at-most",
        Operation::Greater => "greater",
        Operation::GreaterOrEqual => "at-least",
        other => return format!("say-{}", other.name().replace('_', "-")),
    };
    format!("say-{name}")
}

/// The key of what is said where an operation does not hold.
fn negative(operation: Operation) -> String {
    match operation {
        Operation::Equal => "say-not-equal".to_owned(),
        other => format!("say-no-{}", other.name().replace('_', "-")),
    }
}
