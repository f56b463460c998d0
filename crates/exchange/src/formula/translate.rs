//! Translates `XPath` into the expression language, blanks included.
//!
//! In a form's `XPath` a blank answer is an empty text (or no number), and a
//! condition is true or false, never missing. Ours has missing, which is read
//! in the end as false (relevance) or as met (constraints). A part whose
//! missing would be read otherwise than `XPath` reads the blank is wrapped:
//! `${x} != 'a'` becomes `coalesce(x != 'a', true)` where missing would read
//! false, and stays `x != 'a'` where missing would read true. So what stands
//! unwrapped gives the same as the original for every answer, blank or not.
//!
//! An option flagged as a reason for having no value (`dk`, `refused`, `na`)
//! becomes the test of that state: `${x} = '98'` becomes `dont_know(x)`.

mod call;
mod compare;
mod library;

use std::collections::{BTreeMap, BTreeSet};

use survey_builder::problem::{Argument, phrase};
use survey_builder::questionnaire::answer::State;
use survey_builder::questionnaire::expression::{Type, print_number};

use super::{Fault, Formula, Operator};

/// What a form's names mean, as far as they are known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meanings {
    /// The types of questions, by name.
    pub questions: BTreeMap<String, Type>,
    /// How each is written here: in another roster it is `roster.name`.
    pub spelled: BTreeMap<String, String>,
    /// The types by the names as they are written here.
    pub written: BTreeMap<String, Type>,
    /// The names of rosters.
    pub rosters: BTreeSet<String>,
    /// The options of lists, in order.
    pub lists: BTreeMap<String, Vec<Choice>>,
}

impl Meanings {
    /// Adds a question, with the name it is written by here.
    pub(crate) fn add(&mut self, name: &str, written: &str, kind: Type) {
        self.questions.insert(name.to_owned(), kind.clone());
        self.spelled.insert(name.to_owned(), written.to_owned());
        self.written.insert(written.to_owned(), kind);
    }
}

/// An option as translation needs it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choice {
    pub code: String,
    pub missing: Option<State>,
    /// Further columns of the choices sheet, for filters.
    pub columns: BTreeMap<String, String>,
}

/// Where a formula stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place<'a> {
    /// Missing is read as false.
    Relevance,
    /// Missing is read as met; `.` has a value of this type.
    Constraint(&'a Type),
    /// Chooses options of that list; missing is read as false.
    Filter(&'a str),
    /// Gives a value.
    Calculation,
}

/// A translated formula.
#[derive(Clone, Debug)]
pub(crate) struct Translated {
    pub text: String,
    /// The type of its value.
    pub kind: Type,
}

/// Translates a formula, or says everything that cannot be.
pub(crate) fn translate(
    source: &Formula,
    meanings: &Meanings,
    place: Place<'_>,
) -> Result<Translated, Vec<Fault>> {
    let mut translator =
        Translator { meanings, place, known: BTreeSet::new(), problems: Vec::new() };
    let part = match place {
        Place::Calculation => translator.value(source),
        Place::Constraint(_) => translator.condition(source, true),
        Place::Relevance | Place::Filter(_) => translator.condition(source, false),
    };
    if translator.problems.is_empty() {
        Ok(Translated { text: part.text, kind: part.kind })
    } else {
        Err(translator.problems)
    }
}

/// A translated part.
#[derive(Clone, Debug)]
struct Part {
    text: String,
    /// How tightly its outermost operator binds; 9 for none.
    binding: u8,
    kind: Type,
    /// Whether it is missing where `XPath` has a blank.
    missing: bool,
    /// What `XPath` takes a blank for, where that is a number.
    blank: Option<f64>,
    literal: Option<Literal>,
    /// Whether it gives nothing but written texts, which can be options.
    written: bool,
    /// Whether it is an answer itself, not worked out.
    answer: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Literal {
    Number(f64),
    Text(String),
}

impl Part {
    fn new(text: impl Into<String>, binding: u8, kind: Type) -> Self {
        Self {
            text: text.into(),
            binding,
            kind,
            missing: false,
            blank: None,
            literal: None,
            written: false,
            answer: false,
        }
    }

    fn atom(text: impl Into<String>, kind: Type) -> Self {
        Self::new(text, 9, kind)
    }

    fn with_missing(self, missing: bool) -> Self {
        Self { missing, ..self }
    }

    /// The text, in parentheses if it binds more loosely than `least`.
    fn bound(&self, least: u8) -> String {
        if self.binding < least { format!("({})", self.text) } else { self.text.clone() }
    }

    fn is_empty_text(&self) -> bool {
        self.literal == Some(Literal::Text(String::new()))
    }
}

struct Translator<'a> {
    meanings: &'a Meanings,
    place: Place<'a>,
    /// Questions that must have a value where the current part counts.
    known: BTreeSet<String>,
    problems: Vec<Fault>,
}

impl Translator<'_> {
    fn problem(&mut self, fault: Fault) -> Part {
        self.problems.push(fault);
        Part::atom("false", Type::Bool)
    }

    fn not_carried(&mut self, construct: impl Into<Argument>) -> Part {
        self.problem(Fault::NotCarried(construct.into()))
    }

    /// What may only follow from a problem told before.
    fn not_fitting(&mut self, construct: impl Into<Argument>) -> Part {
        if self.problems.is_empty() {
            self.not_carried(construct)
        } else {
            Part::atom("false", Type::Bool)
        }
    }

    /// Translates with further questions known to have a value.
    fn knowing<T>(&mut self, facts: Vec<String>, translate: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.known.clone();
        self.known.extend(facts);
        let part = translate(self);
        self.known = before;
        part
    }

    /// A condition in which missing will be read as `reading`.
    fn condition(&mut self, source: &Formula, reading: bool) -> Part {
        match source {
            Formula::Binary(operator @ (Operator::Or | Operator::And), left, right) => {
                self.junction(*operator, left, right, reading)
            }
            Formula::Binary(operator, left, right) if operator.binding().0 == 4 => {
                self.comparison(*operator, left, right, reading)
            }
            Formula::Call(name, arguments) => {
                if let Some(part) = self.condition_call(name, arguments, reading) {
                    part
                } else {
                    let part = self.value(source);
                    Self::as_condition(part, reading)
                }
            }
            _ => {
                let part = self.value(source);
                Self::as_condition(part, reading)
            }
        }
    }

    fn junction(
        &mut self,
        operator: Operator,
        left: &Formula,
        right: &Formula,
        reading: bool,
    ) -> Part {
        let (binding, word) = operator.binding();
        // The right side counts only where the left is true (and) or false (or).
        let facts = self.facts(left, operator == Operator::And);
        let left = self.condition(left, reading);
        let right = self.knowing(facts, |translator| translator.condition(right, reading));
        let text = format!("{} {word} {}", left.bound(binding), right.bound(binding + 1));
        Part::new(text, binding, Type::Bool).with_missing(left.missing || right.missing)
    }

    /// A condition that is never missing.
    fn exact(&mut self, source: &Formula) -> Part {
        let part = self.condition(source, false);
        settled(part, false, true)
    }

    fn as_condition(part: Part, reading: bool) -> Part {
        match part.kind {
            Type::Bool => settled(part, false, reading),
            Type::Number => {
                let missing = part.missing;
                let text = format!("{} != 0", part.bound(5));
                settled(Part::new(text, 4, Type::Bool).with_missing(missing), false, reading)
            }
            _ => Part::atom(format!("answered({})", part.text), Type::Bool),
        }
    }

    fn value(&mut self, source: &Formula) -> Part {
        match source {
            Formula::Number(number) => Part {
                literal: Some(Literal::Number(*number)),
                ..Part::atom(print_number(*number), Type::Number)
            },
            Formula::Text(text) => Part {
                literal: Some(Literal::Text(text.clone())),
                written: true,
                ..Part::atom(quoted(text), Type::Text)
            },
            Formula::Question(name) => self.question(name),
            Formula::SelfValue => match self.place {
                Place::Constraint(kind) => Part { answer: true, ..Part::atom(".", kind.clone()) },
                _ => self.not_carried(phrase("phrase-dot-outside-a-constraint")),
            },
            Formula::Column(name) => match self.place {
                Place::Filter(list) if name == "name" => {
                    Part::atom(".", Type::Option(list.to_owned()))
                }
                Place::Filter(_) if name == "label" => Part::atom("label(.)", Type::Text),
                Place::Filter(list) if self.has_column(list, name) => {
                    Part::atom(format!("attribute(., {})", quoted(name)), Type::Text)
                        .with_missing(true)
                }
                _ => self.problem(Fault::UnknownName(name.clone())),
            },
            Formula::Negate(inner) => {
                let inner = self.value(inner);
                let inner = self.as_number(inner);
                let missing = inner.missing;
                Part::new(format!("-{}", inner.bound(7)), 7, Type::Number).with_missing(missing)
            }
            Formula::Binary(operator, left, right) => match operator.binding().0 {
                5 | 6 => self.arithmetic(*operator, left, right),
                _ => self.exact(source),
            },
            Formula::Call(name, arguments) => self.value_call(source, name, arguments),
        }
    }

    fn has_column(&self, list: &str, column: &str) -> bool {
        let choices = self.meanings.lists.get(list);
        choices.is_some_and(|list| list.iter().any(|one| one.columns.contains_key(column)))
    }

    fn question(&mut self, name: &str) -> Part {
        let Some(kind) = self.meanings.questions.get(name) else {
            if self.meanings.rosters.contains(name) {
                return self.not_carried(phrase("phrase-roster-as-a-value").with("name", name));
            }
            return self.problem(Fault::UnknownName(name.to_owned()));
        };
        let missing = !self.known.contains(name);
        let written = self.meanings.spelled.get(name).map_or(name, String::as_str);
        let written = match (kind, written.split_once('.')) {
            (Type::List(_), Some((roster, inner)))
                if reference(roster) == roster && reference(inner) == inner =>
            {
                written.to_owned()
            }
            _ => reference(written),
        };
        Part { answer: true, ..Part::atom(written, kind.clone()) }.with_missing(missing)
    }

    fn arithmetic(&mut self, operator: Operator, left: &Formula, right: &Formula) -> Part {
        let (left, right) = (self.value(left), self.value(right));
        let missing = left.missing || right.missing;
        match (operator, &left.kind, &right.kind) {
            (Operator::Subtract, Type::Date, Type::Date) => {
                let text = format!("days_between({}, {})", right.text, left.text);
                return Part::atom(text, Type::Number).with_missing(missing);
            }
            (Operator::Add | Operator::Subtract, Type::Date, _) => {
                let days = self.as_number(right);
                let sign = if operator == Operator::Subtract { "-" } else { "" };
                let binding = if sign.is_empty() { 0 } else { 7 };
                let text = format!("add_days({}, {sign}{})", left.text, days.bound(binding));
                return Part::atom(text, Type::Date).with_missing(missing);
            }
            _ => {}
        }
        let (left, right) = (self.as_number(left), self.as_number(right));
        let (binding, word) = operator.binding();
        let text = format!("{} {word} {}", left.bound(binding), right.bound(binding + 1));
        Part::new(text, binding, Type::Number).with_missing(missing)
    }

    fn as_number(&mut self, part: Part) -> Part {
        // What XPath takes for a number when blank stays one.
        if let (Type::Number, Some(blank), true) = (&part.kind, part.blank, part.missing) {
            let text = format!("coalesce({}, {})", part.text, print_number(blank));
            return Part::atom(text, Type::Number);
        }
        match (&part.kind, &part.literal) {
            (Type::Number, _) => part,
            (Type::Text, Some(Literal::Text(text))) => match text.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => Part {
                    literal: Some(Literal::Number(number)),
                    ..Part::atom(print_number(number), Type::Number)
                },
                _ => Part::atom("number('')", Type::Number).with_missing(true),
            },
            (Type::Text | Type::Option(_) | Type::Bool, _) => {
                Part::atom(format!("number({})", part.text), Type::Number).with_missing(true)
            }
            (Type::Date, _) => {
                // XPath counts days from 1970.
                let text = format!("days_between(date('1970-01-01'), {})", part.text);
                Part::atom(text, Type::Number).with_missing(part.missing)
            }
            (kind, _) => {
                let construct = format!("a {} as a number", kind.name());
                self.not_fitting(construct)
            }
        }
    }

    /// As text; blank becomes missing.
    fn as_text(part: Part) -> Part {
        let (missing, text) = (part.missing, part.text.clone());
        match (&part.kind, &part.literal) {
            (Type::Text, _) => part,
            (_, Some(Literal::Number(number))) => {
                Part { written: true, ..Part::atom(quoted(&print_number(*number)), Type::Text) }
            }
            (Type::Option(_) | Type::Set(_), _) => {
                Part::atom(format!("code({text})"), Type::Text).with_missing(missing)
            }
            _ => Part::atom(format!("text({text})"), Type::Text).with_missing(missing),
        }
    }

    fn as_date(part: Part) -> Part {
        let missing = part.missing;
        match part.kind {
            Type::Date => part,
            _ => Part::atom(format!("date({})", part.text), Type::Date)
                .with_missing(missing || part.literal.is_none()),
        }
    }

    fn as_time(part: Part) -> Part {
        let missing = part.missing;
        match (&part.kind, &part.literal) {
            (Type::Time, _) => part,
            // Forms write seconds and zones; minutes are what counts here.
            (_, Some(Literal::Text(text))) => {
                let minutes: String = text.chars().take(5).collect();
                Part::atom(format!("time({})", quoted(&minutes)), Type::Time)
            }
            _ => Part::atom(format!("time({})", part.text), Type::Time).with_missing(missing),
        }
    }

    /// The options of a question's list that stand for having no value.
    fn flagged(&self, kind: &Type) -> Vec<(&str, State)> {
        let (Type::Option(list) | Type::Set(list)) = kind else { return Vec::new() };
        self.meanings
            .lists
            .get(list)
            .into_iter()
            .flatten()
            .filter_map(|choice| Some((choice.code.as_str(), choice.missing?)))
            .collect()
    }

    /// The questions that have a value wherever `source` is `truth`.
    fn facts(&self, source: &Formula, truth: bool) -> Vec<String> {
        let empty = |part: &Formula| *part == Formula::Text(String::new());
        match source {
            Formula::Binary(Operator::And, left, right) if truth => {
                [self.facts(left, true), self.facts(right, true)].concat()
            }
            Formula::Binary(Operator::Or, left, right) if !truth => {
                [self.facts(left, false), self.facts(right, false)].concat()
            }
            Formula::Call(name, arguments) if name == "not" => {
                arguments.first().map(|inner| self.facts(inner, !truth)).unwrap_or_default()
            }
            Formula::Binary(operator @ (Operator::Equal | Operator::NotEqual), left, right) => {
                let (Formula::Question(name), literal) = (&**left, &**right) else {
                    return Vec::new();
                };
                let kind = self.meanings.questions.get(name);
                let flagged = kind.map(|kind| self.flagged(kind)).unwrap_or_default();
                let has_value = match (operator, literal) {
                    (Operator::Equal, part) if empty(part) => !truth && flagged.is_empty(),
                    (Operator::NotEqual, part) if empty(part) => truth && flagged.is_empty(),
                    (Operator::Equal, Formula::Text(code)) => {
                        truth && !flagged.iter().any(|(known, _)| known == code)
                    }
                    (Operator::Equal, Formula::Number(_)) => truth && flagged.is_empty(),
                    _ => false,
                };
                if has_value { vec![name.clone()] } else { Vec::new() }
            }
            _ => Vec::new(),
        }
    }
}

/// A condition that `XPath` takes for `default` where a blank makes ours missing,
/// fit for a place that reads missing as `reading`.
fn settled(part: Part, default: bool, reading: bool) -> Part {
    if !part.missing || default == reading {
        return part;
    }
    Part::atom(format!("coalesce({}, {default})", part.text), Type::Bool)
}

/// A name as the expression language writes it.
pub(crate) fn reference(name: &str) -> String {
    let words = ["and", "or", "not", "in", "div", "mod", "true", "false"];
    let mut characters = name.chars();
    let plain = characters.next().is_some_and(|first| first == '_' || first.is_alphabetic())
        && characters.all(|next| next == '_' || next.is_alphanumeric());
    if plain && !words.contains(&name) { name.to_owned() } else { format!("${{{name}}}") }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
