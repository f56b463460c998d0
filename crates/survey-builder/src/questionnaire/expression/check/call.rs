//! The types of function calls.

use super::super::function::{self, Function, Plain, Shape};
use super::super::parse::{Form, Syntax};
use super::super::pattern::Program;
use super::super::problem::Detail;
use super::super::token::Span;
use super::super::tree::{Node, Operation};
use super::super::{Type, calendar};
use super::{Checked, Checker, nearest, unequal};
use crate::problem::phrase;
use crate::questionnaire::answer::Value;

impl Plain {
    fn kind(self) -> Type {
        match self {
            Self::Bool => Type::Bool,
            Self::Number => Type::Number,
            Self::Text => Type::Text,
            Self::Date => Type::Date,
            Self::Time => Type::Time,
        }
    }
}

impl Checker<'_> {
    pub(super) fn call(
        &mut self,
        name: &str,
        name_at: Span,
        arguments: &[Syntax],
        at: Span,
        wish: Option<&Type>,
    ) -> Checked {
        let Some(function) = function::find(name) else {
            if name == "not" {
                self.argument_count(name, (1, Some(1)), arguments.len(), at);
            } else {
                let nearest = nearest(name, function::names());
                self.problem(name_at, Detail::UnknownFunction { name: name.to_owned(), nearest });
            }
            return self.wrong(arguments, at);
        };
        let fits = arguments.len() >= function.least
            && function.most.is_none_or(|most| arguments.len() <= most);
        if !fits {
            self.argument_count(name, (function.least, function.most), arguments.len(), at);
            return self.wrong(arguments, at);
        }
        let (kind, node) = self.shape(function, arguments, at, wish);
        Checked { kind, node, at }
    }

    fn argument_count(
        &mut self,
        name: &str,
        (least, most): (usize, Option<usize>),
        found: usize,
        at: Span,
    ) {
        let function = name.to_owned();
        self.problem(at, Detail::ArgumentCount { function, least, most, found });
    }

    /// Checks the arguments of a call that is wrong itself, for their own problems.
    fn wrong(&mut self, arguments: &[Syntax], at: Span) -> Checked {
        for argument in arguments {
            if !matches!(argument.form, Form::Text(_)) {
                self.part(argument, None);
            }
        }
        Checked { kind: None, node: Node::SelfValue, at }
    }

    fn shape(
        &mut self,
        function: Function,
        arguments: &[Syntax],
        at: Span,
        wish: Option<&Type>,
    ) -> (Option<Type>, Node) {
        match (function.shape, arguments) {
            (Shape::Plain(operation, kinds, result), _) => {
                self.plain(operation, kinds, result, arguments)
            }
            (Shape::State(operation), [question]) => self.state(function.name, operation, question),
            (Shape::Least(operation), _) => self.least(operation, arguments, at),
            (Shape::Numbers(operation), _) => {
                self.elements(operation, arguments, &Type::Number, Type::Number)
            }
            (Shape::Truths(operation), [list]) => self.truths(operation, list),
            (Shape::If, [condition, branches @ ..]) => self.choose(condition, branches, wish),
            (Shape::Coalesce, _) => self.coalesce(arguments, wish),
            (Shape::Between, _) => {
                let parts: Vec<Checked> =
                    arguments.iter().map(|part| self.part(part, None)).collect();
                let right = self.ordered_alike(&parts, at);
                (right.then_some(Type::Bool), call(Operation::Between, parts))
            }
            (Shape::Selected, [chosen, code]) => self.selected(chosen, code),
            (Shape::CountSelected, [set]) => self.count_selected(set),
            (Shape::SelectedAt, [set, place]) => self.selected_at(set, place),
            (Shape::Attribute, [option, name]) => self.attribute(option, name),
            (Shape::Count, [list]) => self.count(list),
            (Shape::CountAnswered, _) => {
                let parts: Vec<Checked> =
                    arguments.iter().map(|part| self.part(part, None)).collect();
                let right = parts.iter().all(|part| part.kind.is_some());
                (right.then_some(Type::Number), call(Operation::CountAnswered, parts))
            }
            (Shape::Matches, [text, pattern]) => self.matches(text, pattern),
            (Shape::Join, _) => self.elements(Operation::Join, arguments, &Type::Text, Type::Text),
            (Shape::ItemAt, [list, place]) => self.item_at(list, place),
            (shape, [argument]) => self.convert(shape, argument),
            // The count of arguments was checked before.
            _ => (None, Node::SelfValue),
        }
    }

    fn plain(
        &mut self,
        operation: Operation,
        kinds: &[Plain],
        result: Plain,
        arguments: &[Syntax],
    ) -> (Option<Type>, Node) {
        let mut right = true;
        let mut parts = Vec::with_capacity(arguments.len());
        for (place, argument) in arguments.iter().enumerate() {
            let Some(kind) = kinds.get(place).or(kinds.last()) else { continue };
            let part = self.part(argument, None);
            self.require(&part, &kind.kind());
            right &= part.kind.as_ref() == Some(&kind.kind());
            parts.push(part);
        }
        (right.then(|| result.kind()), call(operation, parts))
    }

    fn state(
        &mut self,
        name: &str,
        operation: Operation,
        question: &Syntax,
    ) -> (Option<Type>, Node) {
        let part = self.part(question, None);
        let reads = matches!(question.form, Form::Name(_) | Form::SelfValue);
        let right = match &part.kind {
            None => false,
            Some(Type::List(_)) => {
                self.wrong_type(&part, phrase("phrase-type-one-value"));
                false
            }
            // Whether there is a value can be asked of anything.
            Some(_) if reads || operation == Operation::Answered => true,
            Some(_) => {
                self.problem(part.at, Detail::NeedsQuestion { function: name.to_owned() });
                false
            }
        };
        (right.then_some(Type::Bool), call(operation, vec![part]))
    }

    /// `min` and `max`: of numbers, dates or times, or of lists of them.
    fn least(
        &mut self,
        operation: Operation,
        arguments: &[Syntax],
        at: Span,
    ) -> (Option<Type>, Node) {
        let parts: Vec<Checked> = arguments.iter().map(|part| self.part(part, None)).collect();
        let members: Vec<Checked> = parts
            .iter()
            .map(|part| Checked {
                kind: part.kind.as_ref().map(|kind| member(kind).clone()),
                node: Node::SelfValue,
                at: part.at,
            })
            .collect();
        let right = self.ordered_alike(&members, at);
        let kind = members.into_iter().next().and_then(|part| part.kind).filter(|_| right);
        (kind, call(operation, parts))
    }

    fn elements(
        &mut self,
        operation: Operation,
        arguments: &[Syntax],
        expected: &Type,
        result: Type,
    ) -> (Option<Type>, Node) {
        let mut right = true;
        let mut parts = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let part = self.part(argument, None);
            let fits = part.kind.as_ref().map(member) == Some(expected);
            if !fits {
                self.wrong_type(&part, expected.phrase());
            }
            right &= fits;
            parts.push(part);
        }
        (right.then_some(result), call(operation, parts))
    }

    fn truths(&mut self, operation: Operation, list: &Syntax) -> (Option<Type>, Node) {
        let part = self.part(list, None);
        let expected = Type::List(Box::new(Type::Bool));
        self.require(&part, &expected);
        let right = part.kind.as_ref() == Some(&expected);
        (right.then_some(Type::Bool), call(operation, vec![part]))
    }

    fn choose(
        &mut self,
        condition: &Syntax,
        branches: &[Syntax],
        wish: Option<&Type>,
    ) -> (Option<Type>, Node) {
        let condition = self.part(condition, None);
        self.require(&condition, &Type::Bool);
        let condition_fits = condition.kind == Some(Type::Bool);
        let (kind, mut parts) = self.one_type(branches, wish);
        parts.insert(0, condition);
        (kind.filter(|_| condition_fits), call(Operation::If, parts))
    }

    fn coalesce(&mut self, arguments: &[Syntax], wish: Option<&Type>) -> (Option<Type>, Node) {
        let (kind, parts) = self.one_type(arguments, wish);
        (kind, call(Operation::Coalesce, parts))
    }

    /// Parts that must have one type, and that type if they have.
    fn one_type(
        &mut self,
        arguments: &[Syntax],
        wish: Option<&Type>,
    ) -> (Option<Type>, Vec<Checked>) {
        let parts = self.alike(arguments, wish);
        let mut common: Option<Type> = None;
        let mut right = true;
        for part in &parts {
            match (&part.kind, &common) {
                (None, _) => right = false,
                (Some(kind), None) => common = Some(kind.clone()),
                (Some(kind), Some(first)) if kind == first => {}
                (Some(kind), Some(first)) => {
                    // A branch may be a set: only its type must be the same.
                    let detail = unequal(first, kind)
                        .filter(|detail| *detail != Detail::SetComparison)
                        .unwrap_or_else(|| Detail::NotComparable {
                            left: first.phrase(),
                            right: kind.phrase(),
                        });
                    self.problem(part.at, detail);
                    right = false;
                }
            }
        }
        (common.filter(|_| right), parts)
    }

    fn selected(&mut self, chosen: &Syntax, code: &Syntax) -> (Option<Type>, Node) {
        let chosen = self.part(chosen, None);
        let list = match &chosen.kind {
            Some(Type::Set(list) | Type::Option(list)) => Some(list.clone()),
            Some(_) => {
                self.wrong_type(&chosen, phrase("phrase-type-set-or-option"));
                None
            }
            None => None,
        };
        let Some(list) = list else {
            if !matches!(code.form, Form::Text(_)) {
                self.part(code, None);
            }
            return (None, Node::SelfValue);
        };
        let wanted = Type::Option(list);
        let written = matches!(code.form, Form::Text(_));
        let code = self.part(code, Some(&wanted));
        // A code that is worked out, such as `code(.)` of another list, is known
        // only when it is asked for.
        if !written && code.kind == Some(Type::Text) {
            return (Some(Type::Bool), call(Operation::Selected, vec![chosen, code]));
        }
        self.require(&code, &wanted);
        let right = code.kind.as_ref() == Some(&wanted);
        (right.then_some(Type::Bool), call(Operation::Selected, vec![chosen, code]))
    }

    fn count_selected(&mut self, set: &Syntax) -> (Option<Type>, Node) {
        let set = self.part(set, None);
        let right = matches!(set.kind, Some(Type::Set(_)));
        if !right {
            self.wrong_type(&set, phrase("phrase-type-a-set"));
        }
        (right.then_some(Type::Number), call(Operation::CountSelected, vec![set]))
    }

    fn selected_at(&mut self, set: &Syntax, place: &Syntax) -> (Option<Type>, Node) {
        let set = self.part(set, None);
        let place = self.part(place, None);
        self.require(&place, &Type::Number);
        let place_fits = place.kind == Some(Type::Number);
        let Some(Type::Set(list)) = set.kind.clone() else {
            self.wrong_type(&set, phrase("phrase-type-a-set"));
            return (None, Node::SelfValue);
        };
        let nodes = vec![set.node, place.node];
        let node = Node::CallOfList(Operation::SelectedAt, list.clone(), nodes);
        (place_fits.then_some(Type::Option(list)), node)
    }

    fn attribute(&mut self, option: &Syntax, name: &Syntax) -> (Option<Type>, Node) {
        let option = self.part(option, None);
        let name = self.part(name, None);
        self.require(&name, &Type::Text);
        let named = name.kind == Some(Type::Text);
        let Some(Type::Option(list)) = option.kind.clone() else {
            self.wrong_type(&option, phrase("phrase-type-an-option"));
            return (None, Node::SelfValue);
        };
        let node = Node::CallOfList(Operation::Attribute, list, vec![option.node, name.node]);
        (named.then_some(Type::Text), node)
    }

    fn count(&mut self, list: &Syntax) -> (Option<Type>, Node) {
        if let Form::Name(name) = &list.form
            && self.scope.question(name).is_none()
            && let Some(roster) = self.scope.roster(name)
        {
            let node = Node::Call(Operation::Count, vec![Node::Roster(roster)]);
            return (Some(Type::Number), node);
        }
        let part = self.part(list, None);
        let right = matches!(part.kind, Some(Type::List(_)));
        if !right {
            self.wrong_type(&part, phrase("phrase-type-a-list"));
        }
        (right.then_some(Type::Number), call(Operation::Count, vec![part]))
    }

    fn item_at(&mut self, list: &Syntax, place: &Syntax) -> (Option<Type>, Node) {
        let list = self.part(list, None);
        let place = self.part(place, None);
        self.require(&place, &Type::Number);
        let place_fits = place.kind == Some(Type::Number);
        let kind = match &list.kind {
            Some(Type::List(of)) => Some((**of).clone()),
            Some(_) => {
                self.wrong_type(&list, phrase("phrase-type-a-list"));
                None
            }
            None => None,
        };
        (kind.filter(|_| place_fits), call(Operation::ItemAt, vec![list, place]))
    }

    fn matches(&mut self, text: &Syntax, pattern: &Syntax) -> (Option<Type>, Node) {
        let text = self.part(text, None);
        self.require(&text, &Type::Text);
        let Form::Text(written) = &pattern.form else {
            self.problem(pattern.at, Detail::PatternNotWritten);
            return (None, Node::SelfValue);
        };
        match Program::compile(written) {
            Ok(program) => {
                let right = text.kind == Some(Type::Text);
                (right.then_some(Type::Bool), Node::Matches(program, Box::new(text.node)))
            }
            Err(reason) => {
                let pattern_text = written.clone();
                self.problem(pattern.at, Detail::BadPattern { pattern: pattern_text, reason });
                (None, Node::SelfValue)
            }
        }
    }

    /// The conversions: one argument of several types.
    fn convert(&mut self, shape: Shape, argument: &Syntax) -> (Option<Type>, Node) {
        if let Form::Text(text) = &argument.form
            && let Some(literal) = self.day_or_time(shape, text, argument.at)
        {
            return literal;
        }
        let part = self.part(argument, None);
        let Some(kind) = part.kind.clone() else { return (None, Node::SelfValue) };
        let (operation, result, expected) = match (shape, &kind) {
            (Shape::ToNumber, Type::Number | Type::Text | Type::Option(_) | Type::Bool) => {
                (Operation::Number, Some(Type::Number), "")
            }
            (Shape::ToNumber, _) => (Operation::Number, None, "phrase-type-text-or-option"),
            (Shape::ToText, Type::Set(_) | Type::List(_)) => {
                (Operation::ToText, None, "phrase-type-one-value")
            }
            (Shape::ToText, _) => (Operation::ToText, Some(Type::Text), ""),
            (Shape::ToDate, Type::Text | Type::Date) => (Operation::ToDate, Some(Type::Date), ""),
            (Shape::ToDate, _) => (Operation::ToDate, None, "phrase-type-text"),
            (Shape::ToTime, Type::Text | Type::Time) => (Operation::ToTime, Some(Type::Time), ""),
            (Shape::ToTime, _) => (Operation::ToTime, None, "phrase-type-text"),
            (Shape::Label, Type::Option(list) | Type::Set(list)) => {
                let node = Node::CallOfList(Operation::Label, list.clone(), vec![part.node]);
                return (Some(Type::Text), node);
            }
            (Shape::Label, _) => (Operation::Label, None, "phrase-type-set-or-option"),
            (_, Type::Option(_) | Type::Set(_)) => (Operation::Code, Some(Type::Text), ""),
            _ => (Operation::Code, None, "phrase-type-set-or-option"),
        };
        if result.is_none() {
            self.wrong_type(&part, phrase(expected));
        }
        (result, call(operation, vec![part]))
    }

    /// `date('…')` and `time('…')` of a literal are constants.
    fn day_or_time(&mut self, shape: Shape, text: &str, at: Span) -> Option<(Option<Type>, Node)> {
        let (kind, value, detail) = match shape {
            Shape::ToDate => {
                let value = calendar::parse_date(text).map(Value::Date);
                (Type::Date, value, Detail::BadDate { text: text.to_owned() })
            }
            Shape::ToTime => {
                let value = calendar::parse_time(text).map(Value::Time);
                (Type::Time, value, Detail::BadTime { text: text.to_owned() })
            }
            _ => return None,
        };
        Some(if let Some(value) = value {
            (Some(kind), Node::Constant(value))
        } else {
            self.problem(at, detail);
            (None, Node::SelfValue)
        })
    }
}

fn call(operation: Operation, parts: Vec<Checked>) -> Node {
    Node::Call(operation, parts.into_iter().map(|part| part.node).collect())
}

/// The type of a list's members, or the type itself.
fn member(kind: &Type) -> &Type {
    match kind {
        Type::List(of) => of,
        _ => kind,
    }
}
