//! Questions that nobody can be asked: what must hold for them cannot hold at once.
//!
//! Looked at is what surely must hold: the conditions of a question, of its page and
//! its sections, and, where one of these looks at another question's answer, what must
//! hold for that to be asked. What is joined by *or*, or is not a plain test, is left
//! out, so a question that is told is surely never asked, and one that is not told may
//! still be.

use std::collections::{BTreeSet, HashMap, HashSet};

use uuid::Uuid;

use super::answer::{ItemId, Value};
use super::expression::Type;
use super::expression::spoken::{How, Leaf, Operand, Spoken, Subject, Test};
use super::version::Version;

/// A question that is never asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Never {
    /// The question.
    pub question: ItemId,
    /// What cannot hold at once; one part that cannot hold at all stands alone.
    pub because: Vec<Leaf>,
}

/// The questions of a version that are never asked, in order.
pub fn never_asked(version: &Version) -> Vec<Never> {
    let required = Required::of(version);
    let mut found = Vec::new();
    for (index, page) in version.pages().iter().enumerate() {
        let Some(written) = version.page(index) else { continue };
        for (question, _) in written.questions.iter().zip(&page.questions) {
            let mut leaves = Vec::new();
            required.collect(question.id, &mut HashSet::new(), &mut leaves);
            if let Some(because) = required.clash(&leaves) {
                found.push(Never { question: question.id, because });
            }
        }
    }
    found
}

/// What surely must hold for each question.
struct Required<'a> {
    version: &'a Version,
    own: HashMap<ItemId, Vec<Leaf>>,
}

impl<'a> Required<'a> {
    fn of(version: &'a Version) -> Self {
        let mut own = HashMap::new();
        for (index, page) in version.pages().iter().enumerate() {
            let Some(written) = version.page(index) else { continue };
            let around: Vec<Leaf> =
                page.relevant.iter().flat_map(|one| together(one.spoken())).collect();
            for (question, compiled) in written.questions.iter().zip(&page.questions) {
                let mut leaves = around.clone();
                leaves.extend(compiled.relevant.iter().flat_map(|one| together(one.spoken())));
                own.insert(question.id, leaves);
            }
        }
        Self { version, own }
    }

    /// What must hold for a question and for those whose answers that needs.
    fn collect(&self, question: ItemId, seen: &mut HashSet<ItemId>, leaves: &mut Vec<Leaf>) {
        if !seen.insert(question) {
            return;
        }
        for leaf in self.own.get(&question).into_iter().flatten() {
            leaves.push(leaf.clone());
            let Some(test) = leaf.test.as_ref().filter(|test| needs_answer(test)) else { continue };
            for read in reads(test) {
                let asked = Uuid::try_parse(read).ok().and_then(|id| self.version.question(id));
                // What stands in a roster is asked more than once.
                let outside = asked.filter(|it| self.version.rosters_around(it.id).is_empty());
                if let Some(asked) = outside {
                    self.collect(asked.id, seen, leaves);
                }
            }
        }
    }

    /// Two parts that cannot hold at once, or one that cannot hold.
    fn clash(&self, leaves: &[Leaf]) -> Option<Vec<Leaf>> {
        let domains: Vec<Option<(&Subject, Domain)>> = leaves
            .iter()
            .map(|leaf| {
                let test = leaf.test.as_ref()?;
                Some((&test.of, self.domain(test)?))
            })
            .collect();
        for (place, found) in domains.iter().enumerate() {
            let Some((of, domain)) = found else { continue };
            if domain.is_empty() {
                return Some(vec![leaves[place].clone()]);
            }
            for (before, other) in domains[..place].iter().enumerate() {
                let Some((other_of, other)) = other else { continue };
                if other_of == of && domain.misses(other) {
                    return Some(vec![leaves[before].clone(), leaves[place].clone()]);
                }
            }
        }
        None
    }

    /// What an answer may be where a test holds; `None` where that is not told.
    fn domain(&self, test: &Test) -> Option<Domain> {
        let values: Option<Vec<&Value>> = test
            .with
            .iter()
            .map(|one| match one {
                Operand::Value(value) => Some(value),
                _ => None,
            })
            .collect();
        let values = values?;
        let kind = self.kind(&test.of);
        if let Some(Type::Option(list)) = kind {
            let codes: BTreeSet<String> = values
                .iter()
                .filter_map(|value| match value {
                    Value::Option(code) => Some(code.clone()),
                    _ => None,
                })
                .collect();
            let all = || -> BTreeSet<String> {
                let list = self.version.list(list);
                let options = list.map_or(&[][..], |list| &list.options).iter();
                options.map(|option| option.code.clone()).collect()
            };
            return Some(Domain::Codes(match test.how {
                How::Is | How::OneOf | How::Includes => codes,
                How::IsNot | How::NoneOf | How::Excludes => &all() - &codes,
                _ => return None,
            }));
        }
        let rank = |value: &Value| match value {
            Value::Number(number) => Some(*number),
            Value::Date(day) => Some(f64::from(chrono::Datelike::num_days_from_ce(day))),
            Value::Time(minute) => Some(f64::from(*minute)),
            _ => None,
        };
        match (test.how, values.as_slice()) {
            (How::Yes, _) => Some(Domain::Truth(true)),
            (How::No, _) => Some(Domain::Truth(false)),
            (How::Includes, [Value::Option(code)]) => Some(Domain::With(code.clone(), true)),
            (How::Excludes, [Value::Option(code)]) => Some(Domain::With(code.clone(), false)),
            (How::Between, [low, high]) => {
                Some(Domain::Range((rank(low)?, true), (rank(high)?, true)))
            }
            (how, [value]) => {
                let (value, open) = (rank(value)?, (f64::INFINITY, true));
                let least = (f64::NEG_INFINITY, true);
                Some(match how {
                    How::Is => Domain::Range((value, true), (value, true)),
                    How::Less => Domain::Range(least, (value, false)),
                    How::AtMost => Domain::Range(least, (value, true)),
                    How::More => Domain::Range((value, false), open),
                    How::AtLeast => Domain::Range((value, true), open),
                    _ => return None,
                })
            }
            _ => None,
        }
    }

    fn kind(&self, of: &Subject) -> Option<&Type> {
        let Subject::Answer(reference) = of else { return None };
        let item = Uuid::try_parse(reference).ok()?;
        let question = self.version.question(item)?;
        let named = question.items().into_iter().find(|one| one.id == item);
        let name = named.map_or_else(|| question.name.clone(), |one| one.name.into_owned());
        self.version.answer_type(&name)
    }
}

/// What an answer may be.
enum Domain {
    /// One of these options.
    Codes(BTreeSet<String>),
    /// Several options, with or without this one.
    With(String, bool),
    /// From one number to another, each with or without itself.
    Range((f64, bool), (f64, bool)),
    /// True or false.
    Truth(bool),
}

impl Domain {
    fn is_empty(&self) -> bool {
        match self {
            Self::Codes(codes) => codes.is_empty(),
            Self::Range(low, high) => is_void(*low, *high),
            Self::With(..) | Self::Truth(_) => false,
        }
    }

    /// Whether nothing is in both.
    fn misses(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Codes(one), Self::Codes(other)) => one.is_disjoint(other),
            (Self::With(one, there), Self::With(other, their)) => one == other && there != their,
            (Self::Truth(one), Self::Truth(other)) => one != other,
            (Self::Range(low, high), Self::Range(other_low, other_high)) => {
                is_void(*low, *other_high) || is_void(*other_low, *high)
            }
            _ => false,
        }
    }
}

/// Whether no number lies between two bounds.
fn is_void((low, with_low): (f64, bool), (high, with_high): (f64, bool)) -> bool {
    // Bounds are what authors write: equal ones are the same number.
    low > high || (low >= high && !(with_low && with_high))
}

/// The parts that must all hold.
fn together(spoken: Spoken) -> Vec<Leaf> {
    match spoken {
        Spoken::Leaf(leaf) => vec![leaf],
        Spoken::All(parts) => parts.into_iter().flat_map(together).collect(),
        Spoken::Any(_) => Vec::new(),
    }
}

/// Whether a test holds only where what it looks at was answered.
fn needs_answer(test: &Test) -> bool {
    !matches!(
        test.how,
        How::NotAnswered
            | How::Skipped
            | How::Refused
            | How::DontKnow
            | How::NotApplicable
            | How::NotAsked
    )
}

/// The references that a test reads.
fn reads(test: &Test) -> Vec<&str> {
    let with = test.with.iter().filter_map(|one| match one {
        Operand::Answer(reference) => Some(reference.as_str()),
        _ => None,
    });
    test.of.reference().into_iter().chain(with).collect()
}
