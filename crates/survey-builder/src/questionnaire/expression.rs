//! The expression language: one small, typed, total language for relevance,
//! constraints, calculations, option filters, piping, quotas and edit checks.
//!
//! An author writes `age >= 18 and selected(uses, 'bus')`. [`compile`] checks
//! it against a [`Scope`] (what the names mean) and gives an [`Expression`]:
//! the text plus a typed tree. [`evaluate`] computes it against an
//! [`Environment`] (what was answered). The tree is also read, as JSON, by
//! `web/js/expression.js`; the two evaluators give the same results, blanks
//! included, and a test holds them to it.
//!
//! Everything but an answered question is *missing*, here `None`. Logic is
//! Kleene's (1952): `false and missing` is false, `true or missing` is true.

mod calendar;
mod check;
pub mod chosen;
mod evaluate;
mod function;
mod geometry;
mod number;
mod parse;
mod pattern;
mod problem;
mod spelling;
pub mod spoken;
mod text;
mod token;
mod tree;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::answer::{Answer, Value};
use crate::problem::{Phrase, phrase};

pub use evaluate::evaluate;
pub use number::print as print_number;
pub use pattern::Program;
pub use problem::{Detail, Kind, PatternProblem, Problem};
pub use spelling::{renamed, texts_in};
pub use tree::{Node, Operation};

/// What identifies a list of options: in a document, its name.
pub type ListId = String;

/// The type of a question or of a part of an expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// True or false.
    Bool,
    /// A finite IEEE double.
    Number,
    /// Unicode text in NFC.
    Text,
    /// A day.
    Date,
    /// A minute of the day.
    Time,
    /// One option of a list.
    Option(ListId),
    /// Chosen options of a list.
    Set(ListId),
    /// One value an instance of a roster.
    List(Box<Type>),
}

impl Type {
    /// The name of the type without its list, such as `option`: the key by
    /// which pages name it in the reader's language.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Number => "number",
            Self::Text => "text",
            Self::Date => "date",
            Self::Time => "time",
            Self::Option(_) => "option",
            Self::Set(_) => "set",
            Self::List(_) => "list",
        }
    }
}

impl Type {
    /// What it is called in the texts of each language.
    pub fn phrase(&self) -> Phrase {
        match self {
            Self::Bool => phrase("phrase-type-bool"),
            Self::Number => phrase("phrase-type-number"),
            Self::Text => phrase("phrase-type-text"),
            Self::Date => phrase("phrase-type-date"),
            Self::Time => phrase("phrase-type-time"),
            Self::Option(list) => phrase("phrase-type-option").with("list", list),
            Self::Set(list) => phrase("phrase-type-set").with("list", list),
            Self::List(of) => phrase("phrase-type-list").with("of", of.phrase()),
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option(list) => write!(formatter, "option of {list}"),
            Self::Set(list) => write!(formatter, "set of {list}"),
            Self::List(of) => write!(formatter, "list of {of}"),
            _ => formatter.write_str(self.name()),
        }
    }
}

/// What a name means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// The stable reference that the tree stores; names may change.
    pub id: String,
    /// The type of its answers.
    pub kind: Type,
}

/// What the names in an expression mean, at the place where it stands.
pub trait Scope {
    /// The question of that name. For a member of a roster the name is
    /// `roster.question`: a list outside the roster, the instance's own value
    /// inside it.
    fn question(&self, name: &str) -> Option<Symbol>;

    /// The codes of a list, in list order.
    fn options(&self, list: &str) -> Option<&[String]>;

    /// The type of `.`, if there is a value being checked.
    fn self_type(&self) -> Option<Type> {
        None
    }

    /// The stable reference of the roster of that name.
    fn roster(&self, _name: &str) -> Option<String> {
        None
    }

    /// Every name, so that a misspelt one can be put right.
    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// What the place where an expression stands can take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// True or false: relevance, constraints, filters, quotas.
    Condition,
    /// A value of that type; a text literal becomes an option of its list.
    Value(Type),
    /// One value of any type, not a list: piping and calculations.
    Single,
}

/// What was answered, where an expression is evaluated.
pub trait Environment {
    /// The answer stored under the reference that the scope gave out; inside a
    /// roster, of the member one is in.
    fn answer(&self, reference: &str) -> Cow<'_, Answer>;

    /// The answers of every member of a roster under that reference: a
    /// [`Value::List`].
    fn instances(&self, reference: &str) -> Cow<'_, Answer> {
        self.answer(reference)
    }

    /// The value being checked (`.`); `None` is missing.
    fn self_value(&self) -> Option<Cow<'_, Value>> {
        None
    }

    /// The day the response began.
    fn today(&self) -> Option<NaiveDate> {
        None
    }

    /// A number from 0 (in) to 1 (out), drawn once for the response and the
    /// question whose calculation this is; the same whenever it is asked for.
    fn random(&self) -> Option<f64> {
        None
    }

    /// What the respondent reads for an option.
    fn label(&self, _list: &str, _code: &str) -> Option<String> {
        None
    }

    /// What the list says about an option, such as the province of a ward.
    fn attribute(&self, _list: &str, _code: &str, _name: &str) -> Option<String> {
        None
    }

    /// The codes of a list in list order, where the answers may not be in it.
    fn options(&self, _list: &str) -> Option<Cow<'_, [String]>> {
        None
    }

    /// The number of instances of a roster.
    fn roster_size(&self, _reference: &str) -> Option<usize> {
        None
    }

    /// The place of the roster instance that one is in, from 1.
    fn position(&self) -> Option<usize> {
        None
    }
}

/// A checked expression: what was written, its type and its tree.
///
/// As JSON: `{"text": …, "type": …, "tree": …}`; see [`Node`] for the tree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expression {
    /// What the author wrote.
    pub text: String,
    /// The type of its value.
    #[serde(rename = "type")]
    pub kind: Type,
    /// What is evaluated.
    pub tree: Node,
}

impl Expression {
    /// The references of the questions and rosters it reads, each once.
    pub fn references(&self) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        self.tree.each(&mut |node| {
            if let Node::Question(id) | Node::Instances(id) | Node::Roster(id) = node {
                found.insert(id.as_str());
            }
        });
        found
    }

    /// Whether chance decides its value: then it is drawn once and stored.
    pub fn is_drawn(&self) -> bool {
        let mut drawn = false;
        self.tree.each(&mut |node| drawn |= matches!(node, Node::Call(Operation::Random, _)));
        drawn
    }

    /// Whether it reads what option lists say: their order, labels, attributes.
    pub fn reads_lists(&self) -> bool {
        let mut reads = false;
        self.tree.each(&mut |node| reads |= matches!(node, Node::CallOfList(..)));
        reads
    }

    /// Whether it reads rosters: how many members one has, or what all answered.
    pub fn reads_members(&self) -> bool {
        let mut reads = false;
        self.tree.each(&mut |node| {
            reads |= matches!(
                node,
                Node::Instances(_) | Node::Roster(_) | Node::Call(Operation::Position, _)
            );
        });
        reads
    }

    /// Whether it reads the value being checked (`.`).
    pub fn reads_self(&self) -> bool {
        let mut reads = false;
        self.tree.each(&mut |node| reads |= matches!(node, Node::SelfValue));
        reads
    }
}

/// Checks an expression and gives its tree, or every problem in it.
///
/// # Errors
///
/// All problems, in the order of their places.
#[expect(clippy::needless_pass_by_value, reason = "callers name the expectation in place")]
pub fn compile(
    text: &str,
    scope: &dyn Scope,
    expected: Option<Expected>,
) -> Result<Expression, Vec<Problem>> {
    let parsed = parse::parse(text)?;
    let (kind, tree) = check::check(&parsed, scope, expected.as_ref())?;
    Ok(Expression { text: text.to_owned(), kind, tree })
}

/// The names of the functions that authors may call.
pub fn function_names() -> impl Iterator<Item = &'static str> {
    function::names()
}

/// The value of a condition that lets something happen (relevance, filter,
/// quota, routing): missing counts as false.
pub fn is_true(value: Option<&Value>) -> bool {
    matches!(value, Some(Value::Bool(true)))
}

/// The value of a condition that forbids something (constraint, edit check):
/// missing counts as met.
pub fn is_met(value: Option<&Value>) -> bool {
    !matches!(value, Some(Value::Bool(false)))
}

/// Finds the circles in "this reads that": each as the names in reading
/// order, starting with the smallest; every circle's members are told once.
///
/// `reads` maps each name to the names it reads.
pub fn cycles(reads: &BTreeMap<String, BTreeSet<String>>) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = Vec::new();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for start in reads.keys() {
        if done.contains(start.as_str()) {
            continue;
        }
        // An explicit stack: a long chain of calculations must not exhaust the real one.
        let mut path: Vec<&str> = vec![start];
        let mut waiting: Vec<Vec<&str>> = vec![successors(reads, start)];
        while let Some(next) = waiting.last_mut().map(Vec::pop) {
            let Some(next) = next else {
                waiting.pop();
                if let Some(left) = path.pop() {
                    done.insert(left);
                }
                continue;
            };
            if let Some(from) = path.iter().position(|name| *name == next) {
                found.push(from_smallest(&path[from..]));
            } else if !done.contains(next) {
                path.push(next);
                waiting.push(successors(reads, next));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

fn successors<'a>(reads: &'a BTreeMap<String, BTreeSet<String>>, name: &str) -> Vec<&'a str> {
    reads.get(name).into_iter().flatten().rev().map(String::as_str).collect()
}

fn from_smallest(circle: &[&str]) -> Vec<String> {
    let smallest = (0..circle.len()).min_by_key(|place| circle[*place]).unwrap_or(0);
    circle.iter().cycle().skip(smallest).take(circle.len()).map(|name| (*name).to_owned()).collect()
}
