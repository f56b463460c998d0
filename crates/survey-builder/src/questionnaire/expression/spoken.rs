//! What a condition says, as people say it: "question 5 is one of these and age is at
//! least 18".
//!
//! Only what can be said plainly becomes a [`Test`]; every other part stays as it is
//! written, so that nothing is said which the condition does not mean. The parts of a
//! tree have the value that the expression has, blanks included (a test holds them to
//! it).

use super::parse::{Form, Syntax, parse};
use super::tree::{Node, Operation};
use super::{Environment, Expression, Type, evaluate};
use crate::questionnaire::answer::Value;

/// A condition in parts.
#[derive(Clone, Debug, PartialEq)]
pub enum Spoken {
    /// Holds where every part holds.
    All(Vec<Spoken>),
    /// Holds where one part holds at least.
    Any(Vec<Spoken>),
    /// Has no parts.
    Leaf(Leaf),
}

/// A part of a condition that has no parts of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    /// How it is said; `None` where it can only be shown as it is written.
    pub test: Option<Test>,
    /// As it is written.
    pub text: String,
    node: Node,
}

/// One thing that is looked at, and what it is compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// What is looked at.
    pub of: Subject,
    /// How it is compared.
    pub how: How,
    /// With what: one thing, two for [`How::Between`], any number for [`How::OneOf`]
    /// and [`How::NoneOf`], none where the comparison needs none.
    pub with: Vec<Operand>,
}

/// What a test looks at.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// The answer stored under this reference.
    Answer(String),
    /// How many options were chosen there.
    Count(String),
    /// The value being checked, or the option being offered.
    Own,
}

/// What something is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// A value that is written out.
    Value(Value),
    /// The answer stored under this reference.
    Answer(String),
    /// The day the response began.
    Today,
}

macro_rules! comparisons {
    ($($variant:ident $name:literal),+ $(,)?) => {
        /// How a test compares.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the words of each are in web/locales")]
        pub enum How { $($variant),+ }

        impl How {
            /// Every one of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word in forms and in the keys of texts.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

comparisons! {
    Is "is", IsNot "is-not", OneOf "one-of", NoneOf "none-of",
    Includes "includes", Excludes "excludes",
    Less "less", AtMost "at-most", More "more", AtLeast "at-least", Between "between",
    Contains "contains", StartsWith "starts-with", EndsWith "ends-with",
    Yes "yes", No "no",
    Answered "answered", NotAnswered "not-answered",
    Skipped "skipped", Refused "refused", DontKnow "dont-know", NotApplicable "not-applicable",
    Asked "asked", NotAsked "not-asked",
}

impl How {
    /// The comparison of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|how| how.name() == name)
    }

    /// What holds where this does not; `None` where there is no word for it. Blank is
    /// neither.
    fn negated(self) -> Option<Self> {
        let pairs = [
            (Self::Is, Self::IsNot),
            (Self::OneOf, Self::NoneOf),
            (Self::Includes, Self::Excludes),
            (Self::Less, Self::AtLeast),
            (Self::More, Self::AtMost),
            (Self::Yes, Self::No),
            (Self::Answered, Self::NotAnswered),
            (Self::Asked, Self::NotAsked),
        ];
        pairs.into_iter().find_map(|(one, other)| match self {
            how if how == one => Some(other),
            how if how == other => Some(one),
            _ => None,
        })
    }

    /// The same comparison read from the other side.
    fn turned(self) -> Self {
        match self {
            Self::Less => Self::More,
            Self::More => Self::Less,
            Self::AtMost => Self::AtLeast,
            Self::AtLeast => Self::AtMost,
            how => how,
        }
    }

    /// How many things it compares with: the least and the most.
    pub fn operands(self) -> (usize, usize) {
        match self {
            Self::OneOf | Self::NoneOf => (1, usize::MAX),
            Self::Between => (2, 2),
            Self::Yes
            | Self::No
            | Self::Answered
            | Self::NotAnswered
            | Self::Skipped
            | Self::Refused
            | Self::DontKnow
            | Self::NotApplicable
            | Self::Asked
            | Self::NotAsked => (0, 0),
            _ => (1, 1),
        }
    }
}

impl Subject {
    /// The reference of the question that it looks at.
    pub fn reference(&self) -> Option<&str> {
        match self {
            Self::Answer(reference) | Self::Count(reference) => Some(reference),
            Self::Own => None,
        }
    }
}

impl Leaf {
    /// Its value; `None` is missing.
    pub fn value(&self, environment: &dyn Environment) -> Option<bool> {
        let whole = Expression { text: String::new(), kind: Type::Bool, tree: self.node.clone() };
        match evaluate(&whole, environment)? {
            Value::Bool(flag) => Some(flag),
            _ => None,
        }
    }

    /// The references of the questions it reads, each once, in order.
    pub fn references(&self) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        self.node.each(&mut |node| {
            if let Node::Question(id) | Node::Instances(id) = node
                && !found.contains(&id.as_str())
            {
                found.push(id);
            }
        });
        found
    }
}

impl Spoken {
    /// The parts that have no parts.
    pub fn leaves(&self) -> Vec<&Leaf> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::leaves).collect(),
            Self::Leaf(leaf) => vec![leaf],
        }
    }

    /// Its value; `None` is missing. Parts are joined as in the language (Kleene 1952).
    pub fn value(&self, environment: &dyn Environment) -> Option<bool> {
        let joined = |parts: &[Self], decisive: bool| {
            let mut known = true;
            for part in parts {
                match part.value(environment) {
                    Some(flag) if flag == decisive => return Some(decisive),
                    Some(_) => {}
                    None => known = false,
                }
            }
            known.then_some(!decisive)
        };
        match self {
            Self::All(parts) => joined(parts, false),
            Self::Any(parts) => joined(parts, true),
            Self::Leaf(leaf) => leaf.value(environment),
        }
    }

    /// The parts that decide whether it holds, each with its value: as long as these
    /// stay as they are, nothing else changes that. Missing does not hold.
    pub fn deciding(&self, environment: &dyn Environment) -> Vec<(&Leaf, Option<bool>)> {
        let holds = |part: &Self| part.value(environment) == Some(true);
        match self {
            Self::Leaf(leaf) => vec![(leaf, leaf.value(environment))],
            Self::All(parts) | Self::Any(parts) => {
                let whole = holds(self);
                // Where all must hold, those decide that do not; where one is enough,
                // those that do.
                let some = matches!(self, Self::Any(_)) == whole;
                let chosen = parts.iter().filter(|part| !some || holds(part) == whole);
                chosen.flat_map(|part| part.deciding(environment)).collect()
            }
        }
    }
}

impl Expression {
    /// What it says, in parts.
    pub fn spoken(&self) -> Spoken {
        let source: Vec<char> = self.text.chars().collect();
        let whole = || {
            let (text, node) = (self.text.trim().to_owned(), self.tree.clone());
            Spoken::Leaf(Leaf { test: None, text, node })
        };
        match parse(&self.text) {
            Ok(written) if self.kind == Type::Bool => said(&self.tree, &written, &source),
            _ => whole(),
        }
    }
}

/// A node in parts, beside how it is written.
fn said(node: &Node, written: &Syntax, source: &[char]) -> Spoken {
    let joined = |nodes: &[Node], parts: &[Syntax]| {
        let parts = nodes.iter().zip(parts);
        parts.map(|(node, written)| said(node, written, source)).collect::<Vec<_>>()
    };
    match (node, &written.form) {
        (Node::Call(Operation::And, nodes), Form::Operator(Operation::And, parts))
            if nodes.len() == parts.len() =>
        {
            let parts = joined(nodes, parts).into_iter().flat_map(|part| match part {
                Spoken::All(inner) => inner,
                part => vec![part],
            });
            return Spoken::All(parts.collect());
        }
        (Node::Call(Operation::Or, nodes), Form::Operator(Operation::Or, parts))
            if nodes.len() == parts.len() =>
        {
            let parts = joined(nodes, parts).into_iter().flat_map(|part| match part {
                Spoken::Any(inner) => inner,
                part => vec![part],
            });
            return Spoken::Any(parts.collect());
        }
        _ => {}
    }
    let text = source.get(written.at.0..written.at.1).unwrap_or(source).iter().collect();
    Spoken::Leaf(Leaf { test: test_of(node), text, node: node.clone() })
}

/// The test that a node is; `None` where it is none.
fn test_of(node: &Node) -> Option<Test> {
    let (operation, arguments) = match node {
        // It stands where true or false is wanted, so it is one of the two.
        Node::Question(reference) => {
            let of = Subject::Answer(reference.clone());
            return Some(Test { of, how: How::Yes, with: Vec::new() });
        }
        Node::Call(operation, arguments) => (*operation, arguments.as_slice()),
        _ => return None,
    };
    if let Some(how) = state_of(operation) {
        let [Node::Question(reference)] = arguments else { return None };
        return Some(Test { of: Subject::Answer(reference.clone()), how, with: Vec::new() });
    }
    match (operation, arguments) {
        (Operation::Not, [inner]) => {
            let test = test_of(inner)?;
            Some(Test { how: test.how.negated()?, ..test })
        }
        (Operation::In, [first, members @ ..]) => {
            let with: Option<Vec<Operand>> = members.iter().map(operand).collect();
            let with =
                with.filter(|with| with.iter().all(|one| matches!(one, Operand::Value(_))))?;
            Some(Test { of: subject(first)?, how: How::OneOf, with })
        }
        (Operation::Between, [first, low, high]) => {
            let with = vec![operand(low)?, operand(high)?];
            Some(Test { of: subject(first)?, how: How::Between, with })
        }
        (
            Operation::Selected,
            [Node::Question(chosen), Node::Constant(value @ Value::Option(_))],
        ) => {
            let with = vec![Operand::Value(value.clone())];
            Some(Test { of: Subject::Answer(chosen.clone()), how: How::Includes, with })
        }
        (
            Operation::Contains | Operation::StartsWith | Operation::EndsWith,
            [Node::Question(text), Node::Constant(value @ Value::Text(_))],
        ) => {
            let how = match operation {
                Operation::Contains => How::Contains,
                Operation::StartsWith => How::StartsWith,
                _ => How::EndsWith,
            };
            let with = vec![Operand::Value(value.clone())];
            Some(Test { of: Subject::Answer(text.clone()), how, with })
        }
        (_, [one, other]) => compared(comparison_of(operation)?, one, other),
        _ => None,
    }
}

/// Two things compared: what is looked at stands first.
fn compared(how: How, one: &Node, other: &Node) -> Option<Test> {
    let (of, with, how) = match subject(one) {
        Some(of) => (of, operand(other)?, how),
        None => (subject(other)?, operand(one)?, how.turned()),
    };
    Some(match (how, &with) {
        (How::Is | How::IsNot, Operand::Value(Value::Bool(flag))) => {
            let how = if (how == How::Is) == *flag { How::Yes } else { How::No };
            Test { of, how, with: Vec::new() }
        }
        _ => Test { of, how, with: vec![with] },
    })
}

fn state_of(operation: Operation) -> Option<How> {
    Some(match operation {
        Operation::Answered => How::Answered,
        Operation::Skipped => How::Skipped,
        Operation::Refused => How::Refused,
        Operation::DontKnow => How::DontKnow,
        Operation::NotApplicable => How::NotApplicable,
        Operation::Asked => How::Asked,
        _ => return None,
    })
}

fn comparison_of(operation: Operation) -> Option<How> {
    Some(match operation {
        Operation::Equal => How::Is,
        Operation::NotEqual => How::IsNot,
        Operation::Less => How::Less,
        Operation::LessOrEqual => How::AtMost,
        Operation::Greater => How::More,
        Operation::GreaterOrEqual => How::AtLeast,
        _ => return None,
    })
}

fn subject(node: &Node) -> Option<Subject> {
    match node {
        Node::Question(reference) => Some(Subject::Answer(reference.clone())),
        Node::SelfValue => Some(Subject::Own),
        Node::Call(Operation::CountSelected, arguments) => match arguments.as_slice() {
            [Node::Question(reference)] => Some(Subject::Count(reference.clone())),
            _ => None,
        },
        _ => None,
    }
}

fn operand(node: &Node) -> Option<Operand> {
    match node {
        Node::Constant(Value::List(_) | Value::Set(_)) => None,
        Node::Constant(value) => Some(Operand::Value(value.clone())),
        Node::Question(reference) => Some(Operand::Answer(reference.clone())),
        Node::Call(Operation::Today, _) => Some(Operand::Today),
        Node::Call(Operation::Negate, arguments) => match arguments.as_slice() {
            [Node::Constant(Value::Number(number))] => Some(Operand::Value(Value::Number(-number))),
            _ => None,
        },
        _ => None,
    }
}
