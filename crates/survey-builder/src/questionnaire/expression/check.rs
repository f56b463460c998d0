//! Gives every part of an expression its type and names its problems.
//!
//! Types flow up from the leaves. The one thing that flows down is a wish: a
//! text literal beside an option becomes an option of that list, also through
//! `if` and `coalesce`. A part that is wrong has no type (`None`), and what
//! contains it stays silent, so that one mistake is told once.

mod call;

use super::problem::{Detail, Problem};
use super::token::Span;
use super::tree::{Node, Operation};
use super::{Expected, Scope, Type, parse::Form, parse::Syntax};
use crate::problem::{Phrase, phrase};
use crate::questionnaire::answer::Value;

/// A checked part: its type, unless it is wrong, and its node.
pub(super) struct Checked {
    pub kind: Option<Type>,
    pub node: Node,
    pub at: Span,
}

/// Checks a whole expression.
pub(super) fn check(
    syntax: &Syntax,
    scope: &dyn Scope,
    expected: Option<&Expected>,
) -> Result<(Type, Node), Vec<Problem>> {
    let mut checker = Checker { scope, problems: Vec::new() };
    let wish = match expected {
        Some(Expected::Value(kind)) => Some(kind),
        _ => None,
    };
    let whole = checker.part(syntax, wish);
    match (expected, &whole.kind) {
        (Some(Expected::Condition), Some(_)) => checker.require(&whole, &Type::Bool),
        (Some(Expected::Value(kind)), Some(_)) => checker.require(&whole, kind),
        (Some(Expected::Single), Some(Type::List(_))) => {
            checker.wrong_type(&whole, phrase("phrase-type-one-value"));
        }
        _ => {}
    }
    match whole.kind {
        Some(kind) if checker.problems.is_empty() => Ok((kind, whole.node)),
        _ => {
            checker.problems.sort_by_key(|problem| problem.at);
            checker.problems.dedup();
            Err(checker.problems)
        }
    }
}

pub(super) struct Checker<'a> {
    scope: &'a dyn Scope,
    problems: Vec<Problem>,
}

impl Checker<'_> {
    fn problem(&mut self, at: Span, detail: Detail) {
        self.problems.push(Problem::new(at, detail));
    }

    fn wrong_type(&mut self, part: &Checked, expected: Phrase) {
        if let Some(kind) = &part.kind {
            let found = kind.phrase();
            self.problem(part.at, Detail::WrongType { expected, found });
        }
    }

    /// Tells it when the part has another type.
    fn require(&mut self, part: &Checked, expected: &Type) {
        if part.kind.as_ref().is_some_and(|kind| kind != expected) {
            self.wrong_type(part, expected.phrase());
        }
    }

    /// Checks a part; `wish` is the type that its text literals should take if
    /// they can.
    fn part(&mut self, syntax: &Syntax, wish: Option<&Type>) -> Checked {
        let at = syntax.at;
        let constant = |kind, value| Checked { kind: Some(kind), node: Node::Constant(value), at };
        match &syntax.form {
            Form::Number(value) => constant(Type::Number, Value::Number(*value)),
            Form::Bool(flag) => constant(Type::Bool, Value::Bool(*flag)),
            Form::Text(text) => match wish {
                Some(Type::Option(list)) => self.option(text, list, at),
                _ => constant(Type::Text, Value::Text(text.clone())),
            },
            Form::Name(name) => self.name(name, at),
            Form::SelfValue => {
                let kind = self.scope.self_type();
                if kind.is_none() {
                    self.problem(at, Detail::NoSelf);
                }
                Checked { kind, node: Node::SelfValue, at }
            }
            Form::Operator(operation, parts) => self.operator(*operation, parts, at),
            Form::In(parts) => self.membership(parts, at),
            Form::Call { name, name_at, arguments } => {
                self.call(name, *name_at, arguments, at, wish)
            }
        }
    }

    fn option(&mut self, code: &str, list: &str, at: Span) -> Checked {
        let codes = self.scope.options(list).unwrap_or_default();
        let known = codes.iter().any(|known| known == code);
        if !known {
            let shown: Vec<&str> = codes.iter().take(20).map(String::as_str).collect();
            let mut options = shown.join(", ");
            if codes.len() > shown.len() {
                options.push_str(", …");
            }
            let detail =
                Detail::UnknownOption { option: code.to_owned(), list: list.to_owned(), options };
            self.problem(at, detail);
        }
        let node = Node::Constant(Value::Option(code.to_owned()));
        Checked { kind: known.then(|| Type::Option(list.to_owned())), node, at }
    }

    fn name(&mut self, name: &str, at: Span) -> Checked {
        if let Some(symbol) = self.scope.question(name) {
            let node = match symbol.kind {
                Type::List(_) => Node::Instances(symbol.id),
                _ => Node::Question(symbol.id),
            };
            return Checked { kind: Some(symbol.kind), node, at };
        }
        if self.scope.roster(name).is_some() {
            self.problem(at, Detail::RosterAlone { name: name.to_owned() });
        } else {
            let nearest = nearest(name, self.scope.names().into_iter());
            self.problem(at, Detail::UnknownName { name: name.to_owned(), nearest });
        }
        Checked { kind: None, node: Node::SelfValue, at }
    }

    fn operator(&mut self, operation: Operation, parts: &[Syntax], at: Span) -> Checked {
        match operation {
            Operation::Or | Operation::And | Operation::Not => {
                self.uniform(operation, parts, &Type::Bool, &Type::Bool, at)
            }
            Operation::Equal | Operation::NotEqual => self.equality(operation, parts, at),
            Operation::Less
            | Operation::LessOrEqual
            | Operation::Greater
            | Operation::GreaterOrEqual => self.ordering(operation, parts, at),
            _ => self.uniform(operation, parts, &Type::Number, &Type::Number, at),
        }
    }

    /// Operands of one fixed type.
    fn uniform(
        &mut self,
        operation: Operation,
        parts: &[Syntax],
        expected: &Type,
        result: &Type,
        at: Span,
    ) -> Checked {
        let mut right = true;
        let mut nodes = Vec::with_capacity(parts.len());
        for part in parts {
            let checked = self.part(part, None);
            self.require(&checked, expected);
            right &= checked.kind.as_ref() == Some(expected);
            nodes.push(checked.node);
        }
        Checked { kind: right.then(|| result.clone()), node: Node::Call(operation, nodes), at }
    }

    fn equality(&mut self, operation: Operation, parts: &[Syntax], at: Span) -> Checked {
        let parts = self.alike(parts, None);
        let node_of = |parts: Vec<Checked>| {
            Node::Call(operation, parts.into_iter().map(|part| part.node).collect())
        };
        let [left, right] = &parts[..] else {
            return Checked { kind: None, node: node_of(parts), at };
        };
        let comparable = match (&left.kind, &right.kind) {
            (Some(left_kind), Some(right_kind)) => {
                if let Some(detail) = unequal(left_kind, right_kind) {
                    self.problem(at, detail);
                    false
                } else {
                    true
                }
            }
            _ => false,
        };
        Checked { kind: comparable.then_some(Type::Bool), node: node_of(parts), at }
    }

    fn ordering(&mut self, operation: Operation, parts: &[Syntax], at: Span) -> Checked {
        let parts: Vec<Checked> = parts.iter().map(|part| self.part(part, None)).collect();
        let right = self.ordered_alike(&parts, at);
        let nodes = parts.into_iter().map(|part| part.node).collect();
        Checked { kind: right.then_some(Type::Bool), node: Node::Call(operation, nodes), at }
    }

    /// Whether all parts have one type that has an order; says so if not.
    fn ordered_alike(&mut self, parts: &[Checked], at: Span) -> bool {
        let mut first: Option<&Type> = None;
        for part in parts {
            let Some(kind) = &part.kind else { return false };
            // Text beside a date is most likely a date without its date().
            if !matches!(kind, Type::Number | Type::Date | Type::Time) {
                let detail = match first {
                    Some(first) => {
                        Detail::WrongType { expected: first.phrase(), found: kind.phrase() }
                    }
                    None => Detail::NotOrdered { found: kind.phrase() },
                };
                self.problem(part.at, detail);
                return false;
            }
            match first {
                None => first = Some(kind),
                Some(first) if first == kind => {}
                Some(first) => {
                    let (left, right) = (first.phrase(), kind.phrase());
                    self.problem(at, Detail::NotComparable { left, right });
                    return false;
                }
            }
        }
        true
    }

    /// Checks parts that should have one type: the first that is not made of
    /// text literals decides what the literals become.
    fn alike(&mut self, parts: &[Syntax], wish: Option<&Type>) -> Vec<Checked> {
        let decisive = parts.iter().position(|part| !is_literal_text(part));
        let decided = decisive.map(|place| (place, self.part(&parts[place], wish)));
        let wish = match &decided {
            Some((_, Checked { kind: Some(kind), .. })) => Some(kind.clone()),
            _ => wish.cloned(),
        };
        let mut checked = Vec::with_capacity(parts.len());
        let mut decided = decided;
        for (place, part) in parts.iter().enumerate() {
            match decided.take_if(|(decisive, _)| *decisive == place) {
                Some((_, part)) => checked.push(part),
                None => checked.push(self.part(part, wish.as_ref())),
            }
        }
        checked
    }

    fn membership(&mut self, parts: &[Syntax], at: Span) -> Checked {
        let parts = self.alike(parts, None);
        let mut right = true;
        let mut first: Option<&Type> = None;
        for part in &parts {
            match (&part.kind, first) {
                (None, _) => right = false,
                (Some(Type::Set(_)), None) => {
                    self.problem(part.at, Detail::SetComparison);
                    right = false;
                    break;
                }
                (Some(kind @ (Type::Number | Type::Text | Type::Option(_))), None) => {
                    first = Some(kind);
                }
                (Some(_), None) => {
                    self.wrong_type(part, phrase("phrase-type-option-text-or-number"));
                    right = false;
                    break;
                }
                (Some(kind), Some(first)) => {
                    if let Some(detail) = unequal(first, kind) {
                        self.problem(part.at, detail);
                        right = false;
                    }
                }
            }
        }
        let nodes = parts.into_iter().map(|part| part.node).collect();
        Checked { kind: right.then_some(Type::Bool), node: Node::Call(Operation::In, nodes), at }
    }
}

/// Why two types cannot be tested for equality, if they cannot.
fn unequal(left: &Type, right: &Type) -> Option<Detail> {
    let (one, other) = (left.phrase(), right.phrase());
    match (left, right) {
        (Type::Set(_), _) | (_, Type::Set(_)) => Some(Detail::SetComparison),
        (Type::Option(a), Type::Option(b)) if a != b => {
            Some(Detail::OptionsOfOtherList { left: a.clone(), right: b.clone() })
        }
        (Type::List(_), _) | (_, Type::List(_)) => {
            Some(Detail::NotComparable { left: one, right: other })
        }
        _ if left != right => Some(Detail::NotComparable { left: one, right: other }),
        _ => None,
    }
}

/// Whether a part is text literals and nothing else that could tell its list.
fn is_literal_text(syntax: &Syntax) -> bool {
    match &syntax.form {
        Form::Text(_) => true,
        Form::Call { name, arguments, .. } => match (name.as_str(), &arguments[..]) {
            ("if", [_, yes, no]) => is_literal_text(yes) && is_literal_text(no),
            ("coalesce", parts) => parts.iter().all(is_literal_text),
            _ => false,
        },
        _ => false,
    }
}

/// The known name that differs least, if it is near enough to be a slip.
fn nearest<T: AsRef<str>>(name: &str, known: impl Iterator<Item = T>) -> Option<String> {
    let limit = (name.chars().count() / 3).clamp(1, 3);
    known
        .map(|candidate| (distance(name, candidate.as_ref()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by(|(one, a), (other, b)| one.cmp(other).then_with(|| a.as_ref().cmp(b.as_ref())))
        .map(|(_, candidate)| candidate.as_ref().to_owned())
}

/// How many single-character edits lie between two names (Levenshtein, 1966).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (place, character) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = place + 1;
        for (column, wanted) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(character != *wanted);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}
