//! Writes expressions in the `XPath` of forms, with what they give for blanks
//! kept.
//!
//! Ours has three truths, `XPath` two. So each condition is written in two
//! ways: what is true where it is true ([`Writer::truth`]), and what is true
//! where it is false ([`Writer::falsity`]); where neither holds, it is missing.
//! Relevance and filters ask for the first; constraints that nothing speaks
//! against for the opposite of the second.

mod members;
mod value;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use survey_builder::questionnaire::answer::{State, Value};
use survey_builder::questionnaire::document::ListOption;
use survey_builder::questionnaire::expression::{
    Expression, Node, Operation, Program, Type, print_number,
};
use survey_builder::questionnaire::names::reference;
use survey_builder::questionnaire::version::Version;

use self::members::Repeats;
pub(crate) use self::members::{Around, Repeat};

/// What an expression reads.
#[derive(Clone, Debug)]
struct Read {
    name: String,
    kind: Option<Type>,
    /// Codes that stand for having no value.
    flagged: Vec<(String, State)>,
}

/// Why an expression cannot be written: the construct that has no counterpart.
pub(crate) type Missing = String;
type Written = Result<String, Missing>;

/// Writes the expressions of one document.
pub(crate) struct Writer {
    reads: BTreeMap<String, Read>,
    /// Where members of rosters are asked, and where one is.
    repeats: Repeats,
    /// The columns that every option of a list has something in.
    filled: BTreeSet<(String, String)>,
    /// How the value being checked or filtered is written.
    own: &'static str,
    /// The patterns of the expression, as they were written.
    patterns: Vec<(Program, String)>,
    /// What must hold for a question to be asked, by its reference.
    asked: BTreeMap<String, Vec<Node>>,
    /// How many conditions of that sort one is inside of.
    depth: Cell<usize>,
    /// How codes are written.
    fit: fn(&str) -> String,
}

/// How deep conditions that ask whether others hold are written out.
const ASKED_DEPTH: usize = 6;
/// How long what is written out may become, in bytes.
const ASKED_LENGTH: usize = 4_000;

impl Writer {
    pub(crate) fn of(version: &Version, fit: fn(&str) -> String) -> Self {
        let (document, names) = (&version.document, version.names());
        let mut reads = BTreeMap::new();
        for question in document.questions() {
            for item in question.items() {
                let list = item.list().and_then(|list| document.list(list));
                let flagged = list
                    .into_iter()
                    .flat_map(|list| &list.options)
                    .filter_map(|option| Some((fit(&option.code), option.missing?)))
                    .collect();
                // What is worked out has a type once its formula has one.
                let kind = item.kind.clone().or_else(|| names.kind(&item.name).cloned());
                let name = item.name.to_string();
                reads.insert(reference(item.id), Read { name, kind, flagged });
            }
        }
        let mut filled = BTreeSet::new();
        for list in &document.lists {
            for column in list.options.iter().flat_map(|option| option.attributes.keys()) {
                let has = |option: &ListOption| {
                    option.attributes.get(column).is_some_and(|cell| !cell.is_empty())
                };
                if list.options.iter().all(has) {
                    filled.insert((list.name.clone(), column.clone()));
                }
            }
        }
        Self {
            reads,
            repeats: Repeats::of(version),
            filled,
            own: ".",
            patterns: Vec::new(),
            asked: asked(version),
            depth: Cell::new(0),
            fit,
        }
    }

    /// A condition: true where ours is true.
    pub(crate) fn relevance(&mut self, expression: &Expression) -> Written {
        self.read_patterns(expression);
        self.truth(&expression.tree)
    }

    /// A filter of options: the option is its `name`.
    pub(crate) fn filter(&mut self, expression: &Expression) -> Written {
        self.read_patterns(expression);
        self.own = "name";
        self.repeats.current = "current()/";
        let written = self.truth(&expression.tree);
        self.own = ".";
        self.repeats.current = "";
        written
    }

    /// What is written from now on stands in this group too.
    pub(crate) fn enter(&mut self, around: Around) {
        self.repeats.enter(around);
    }

    /// The number of the member one is in.
    pub(crate) fn position(&self) -> String {
        self.repeats.position()
    }

    /// The innermost group ends.
    pub(crate) fn leave(&mut self) {
        self.repeats.leave();
    }

    /// A constraint: met where ours is true or missing.
    pub(crate) fn constraint(&mut self, expression: &Expression) -> Written {
        self.read_patterns(expression);
        let mut elsewhere = false;
        expression.tree.each(&mut |node| {
            elsewhere |= matches!(node, Node::Question(_) | Node::Instances(_));
        });
        // The value itself is there whenever it is checked.
        if elsewhere && !certain(&expression.tree) {
            Ok(format!("not({})", self.falsity(&expression.tree)?))
        } else {
            self.truth(&expression.tree)
        }
    }

    /// A value.
    pub(crate) fn calculation(&mut self, expression: &Expression) -> Written {
        self.read_patterns(expression);
        let tree = &expression.tree;
        match expression.kind {
            Type::Bool if certain(tree) => self.truth(tree),
            Type::Bool => {
                let (truth, falsity) = (self.truth(tree)?, self.falsity(tree)?);
                Ok(format!("if({truth}, 'true', if({falsity}, 'false', ''))"))
            }
            _ => self.value(tree),
        }
    }

    /// A tree holds patterns as programs; the words they were written in stand
    /// in the text, in the same order.
    fn read_patterns(&mut self, expression: &Expression) {
        let mut programs = Vec::new();
        expression.tree.each(&mut |node| {
            if let Node::Matches(program, _) = node {
                programs.push(program.clone());
            }
        });
        self.patterns = programs.into_iter().zip(written_patterns(&expression.text)).collect();
    }

    /// Whether a text matches a pattern.
    fn matches(&self, program: &Program, text: &Node, truth: bool) -> Written {
        let pattern = self.patterns.iter().find(|(known, _)| known == program);
        let (_, pattern) = pattern.ok_or("a pattern")?;
        let test = format!("regex({}, {})", self.value(text)?, quoted(pattern));
        if truth && !program.matches("") {
            Ok(test)
        } else if truth {
            self.unless_blank(&[text], test)
        } else {
            self.unless_blank(&[text], format!("not({test})"))
        }
    }

    fn truth(&self, node: &Node) -> Written {
        match node {
            Node::Constant(Value::Bool(truth)) => Ok(format!("{truth}()")),
            Node::Question(_) => Ok(format!("{} = 'OK'", self.value(node)?)),
            Node::Matches(program, text) => self.matches(program, text, true),
            Node::Call(operation, parts) => self.call(*operation, parts, true),
            _ => Err("a condition of another kind".to_owned()),
        }
    }

    fn falsity(&self, node: &Node) -> Written {
        match node {
            Node::Constant(Value::Bool(truth)) => Ok(format!("{}()", !truth)),
            Node::Question(_) => Ok("false()".to_owned()),
            Node::Matches(program, text) => self.matches(program, text, false),
            Node::Call(operation, parts) => self.call(*operation, parts, false),
            _ => Err("a condition of another kind".to_owned()),
        }
    }

    fn either(&self, node: &Node, truth: bool) -> Written {
        if truth { self.truth(node) } else { self.falsity(node) }
    }

    /// A condition, as it is true or as it is false.
    fn call(&self, operation: Operation, parts: &[Node], truth: bool) -> Written {
        use Operation as Op;
        match (operation, parts) {
            // Where nothing can be missing, false is the opposite of true.
            (Op::And | Op::Or, _) if !truth && parts.iter().all(certain) => {
                Ok(format!("not({})", self.call(operation, parts, true)?))
            }
            (Op::And | Op::Or, parts) => {
                let each: Result<Vec<String>, Missing> =
                    parts.iter().map(|part| Ok(grouped(self.either(part, truth)?))).collect();
                // What is false of "and" is "or" of what is false.
                let all = (operation == Op::And) == truth;
                let neutral =
                    if all { ["true()", "not(false())"] } else { ["false()", "not(true())"] };
                let mut each = each?;
                let last = each.last().cloned();
                each.retain(|part| !neutral.contains(&part.as_str()));
                if each.is_empty() {
                    each.extend(last);
                }
                Ok(each.join(if all { " and " } else { " or " }))
            }
            (Op::Not, [inner]) if certain(inner) && truth => {
                Ok(format!("not({})", self.truth(inner)?))
            }
            (Op::Not, [inner]) => self.either(inner, !truth),
            (
                Op::Equal
                | Op::NotEqual
                | Op::Less
                | Op::LessOrEqual
                | Op::Greater
                | Op::GreaterOrEqual,
                [left, right],
            ) => self.comparison(operation, left, right, truth),
            (Op::In, [value, codes @ ..]) => {
                let operation = if truth { Op::Equal } else { Op::NotEqual };
                let each: Result<Vec<String>, Missing> = codes
                    .iter()
                    .map(|code| self.comparison(operation, value, code, true))
                    .collect();
                Ok(each?.join(if truth { " or " } else { " and " }))
            }
            (Op::Between, [value, low, high]) => {
                let (first, second, word) = if truth {
                    (Op::GreaterOrEqual, Op::LessOrEqual, " and ")
                } else {
                    (Op::Less, Op::Greater, " or ")
                };
                let first = self.comparison(first, value, low, true)?;
                Ok(format!("{first}{word}{}", self.comparison(second, value, high, true)?))
            }
            (Op::If, [condition, yes, no]) if certain(condition) => {
                let (yes, no) = (self.either(yes, truth)?, self.either(no, truth)?);
                Ok(format!("if({}, {yes}, {no})", self.truth(condition)?))
            }
            (Op::If, [condition, yes, no]) => {
                let (yes, no) = (self.either(yes, truth)?, self.either(no, truth)?);
                let (holds, fails) = (self.truth(condition)?, self.falsity(condition)?);
                Ok(format!(
                    "({} and {}) or ({} and {})",
                    grouped(holds),
                    grouped(yes),
                    grouped(fails),
                    grouped(no)
                ))
            }
            (Op::Coalesce, [first, rest @ ..]) => self.first_known(first, rest, truth),
            _ => self.test(operation, parts, truth),
        }
    }

    /// A test of one answer.
    fn test(&self, operation: Operation, parts: &[Node], truth: bool) -> Written {
        use Operation as Op;
        match (operation, parts) {
            (Op::Answered, [Node::Question(read)]) => {
                let known = self.known_question(read)?;
                Ok(if truth { known } else { format!("not({known})") })
            }
            (Op::Skipped, [asked]) => {
                let test = format!("{} = ''", self.value(asked)?);
                Ok(if truth { test } else { format!("not({test})") })
            }
            (Op::DontKnow | Op::Refused | Op::NotApplicable, [Node::Question(read)]) => {
                let test = self.state(operation, read)?;
                Ok(if truth { test } else { format!("not({test})") })
            }
            (Op::Asked, [Node::Question(read) | Node::Instances(read)]) => {
                let test = self.asked(read)?;
                Ok(if truth { test } else { format!("not({test})") })
            }
            (Op::Selected, [chosen, code]) => {
                let test = format!("selected({}, {})", self.value(chosen)?, self.value(code)?);
                if truth { Ok(test) } else { self.unless_blank(&[chosen], format!("not({test})")) }
            }
            (Op::Contains | Op::StartsWith | Op::EndsWith, [text, part]) => {
                let name = operation.name().replace('_', "-");
                let test = format!("{name}({}, {})", self.value(text)?, self.value(part)?);
                if truth {
                    self.unless_blank(&[part], test)
                } else {
                    self.unless_blank(&[text, part], format!("not({test})"))
                }
            }
            _ => Err(format!("{}()", operation.name())),
        }
    }

    /// Whether a question is asked: the conditions that decide it, written out.
    fn asked(&self, read: &str) -> Written {
        let conditions = self.asked.get(read).ok_or("asked() of a member's answer")?;
        if self.depth.get() >= ASKED_DEPTH {
            return Err("asked() of what asks so itself, many times over".to_owned());
        }
        self.depth.set(self.depth.get() + 1);
        let each: Result<Vec<String>, Missing> =
            conditions.iter().map(|one| Ok(grouped(self.truth(one)?))).collect();
        self.depth.set(self.depth.get() - 1);
        match each?.join(" and ") {
            none if none.is_empty() => Ok("true()".to_owned()),
            long if long.len() > ASKED_LENGTH => Err("asked() with long conditions".to_owned()),
            test => Ok(test),
        }
    }

    fn first_known(&self, first: &Node, rest: &[Node], truth: bool) -> Written {
        let own = self.either(first, truth)?;
        match rest {
            [] => Ok(own),
            [Node::Constant(Value::Bool(fallback))] if *fallback != truth => Ok(own),
            [Node::Constant(Value::Bool(_))] => Ok(format!("not({})", self.either(first, !truth)?)),
            [second, further @ ..] => {
                let (holds, fails) = (self.truth(first)?, self.falsity(first)?);
                let then = self.first_known(second, further, truth)?;
                let neither = format!("not({} or {})", grouped(holds), grouped(fails));
                Ok(format!("{} or ({neither} and {})", grouped(own), grouped(then)))
            }
        }
    }

    fn comparison(&self, operation: Operation, left: &Node, right: &Node, truth: bool) -> Written {
        use Operation as Op;
        let operation = match (operation, truth) {
            (same, true) => same,
            (Op::Equal, false) => Op::NotEqual,
            (Op::NotEqual, false) => Op::Equal,
            (Op::Less, false) => Op::GreaterOrEqual,
            (Op::LessOrEqual, false) => Op::Greater,
            (Op::Greater, false) => Op::LessOrEqual,
            (_, false) => Op::Less,
        };
        let word = operation.name();
        let test = format!("{} {word} {}", self.counted(left)?, self.counted(right)?);
        let written = |node: &Node| matches!(node, Node::Constant(_));
        if let Some(blank) = blank_count(operation, left, right) {
            let guarded: &[&Node] = if blank { &[left, right] } else { &[] };
            return self.unless_blank(guarded, test);
        }
        let guarded: Vec<&Node> = [left, right]
            .into_iter()
            .filter(|node| match operation {
                // A blank equals nothing that is written, and no number is
                // above or below what is none.
                Op::Equal => {
                    let sides = [left, right];
                    !sides.into_iter().any(|side| written(side) || self.is_filled(side))
                }
                Op::NotEqual => true,
                _ => !self.blank_is_no_number(node),
            })
            .collect();
        self.unless_blank(&guarded, test)
    }

    /// Whether it is a column in which every option has something.
    fn is_filled(&self, node: &Node) -> bool {
        let Node::CallOfList(Operation::Attribute, list, parts) = node else { return false };
        match &parts[..] {
            [Node::SelfValue, Node::Constant(Value::Text(column))] => {
                self.filled.contains(&(list.clone(), column.clone()))
            }
            _ => false,
        }
    }

    /// A value beside an operator; what counts is 0 for a blank.
    fn counted(&self, node: &Node) -> Written {
        match node {
            Node::Call(Operation::CountSelected, parts) => self.function("count-selected", parts),
            Node::Call(Operation::Length, parts) => self.function("string-length", parts),
            _ => self.operand(node),
        }
    }

    /// Whether a blank makes a comparison by size false by itself.
    fn blank_is_no_number(&self, node: &Node) -> bool {
        match node {
            Node::Question(read) => {
                let read = self.reads.get(read);
                read.is_some_and(|read| matches!(read.kind, Some(Type::Number)))
            }
            Node::Constant(_) | Node::SelfValue => true,
            Node::Call(
                Operation::Add | Operation::Negate | Operation::Multiply | Operation::Divide,
                parts,
            ) => parts.iter().all(|part| self.blank_is_no_number(part)),
            _ => false,
        }
    }

    /// A test that holds only where these have values.
    fn unless_blank(&self, nodes: &[&Node], test: String) -> Written {
        let mut parts: Vec<String> = Vec::new();
        for node in nodes {
            for known in self.known(node)? {
                if !parts.contains(&known) {
                    parts.push(known);
                }
            }
        }
        parts.push(test);
        Ok(parts.join(" and "))
    }

    /// What must hold for a value to be there.
    fn known(&self, node: &Node) -> Result<Vec<String>, Missing> {
        Ok(match node {
            Node::Question(read) => vec![self.known_question(read)?],
            Node::Call(Operation::Coalesce, parts) => match parts.last() {
                Some(Node::Constant(_)) => Vec::new(),
                _ => return Err("coalesce() of answers in a comparison".to_owned()),
            },
            // These count what is there, which may be nothing.
            Node::Call(Operation::CountAnswered | Operation::Count, _) => Vec::new(),
            Node::Call(Operation::Sum, parts) if parts.len() > 1 => {
                let mut each = Vec::new();
                for part in parts {
                    match self.known(part)?.join(" and ") {
                        always if always.is_empty() => return Ok(Vec::new()),
                        known => each.push(grouped(known)),
                    }
                }
                vec![format!("({})", each.join(" or "))]
            }
            Node::Call(Operation::If, parts) => {
                let values = parts.get(1..).unwrap_or_default();
                if values.iter().all(|part| matches!(part, Node::Constant(_))) {
                    Vec::new()
                } else {
                    vec![format!("{} != ''", self.value(node)?)]
                }
            }
            Node::Call(Operation::ItemAt, _) => vec![format!("{} != ''", self.value(node)?)],
            Node::Call(_, parts) | Node::CallOfList(_, _, parts) => {
                let mut all = Vec::new();
                for part in parts {
                    all.extend(self.known(part)?);
                }
                all
            }
            _ => Vec::new(),
        })
    }

    fn known_question(&self, read: &str) -> Written {
        let name = self.answer(read)?;
        let read = self.reads.get(read).ok_or("a question that is not there")?;
        let mut parts = vec![format!("{name} != ''")];
        for (code, _) in &read.flagged {
            parts.push(match read.kind {
                Some(Type::Set(_)) => format!("not(selected({name}, {}))", quoted(code)),
                _ => format!("{name} != {}", quoted(code)),
            });
        }
        Ok(parts.join(" and "))
    }

    /// The test of a reason for having no value: its codes.
    fn state(&self, operation: Operation, read: &str) -> Written {
        let name = self.answer(read)?;
        let read = self.reads.get(read).ok_or("a question that is not there")?;
        let tests: Vec<String> = read
            .flagged
            .iter()
            .filter(|(_, state)| state.name() == operation.name())
            .map(|(code, _)| match read.kind {
                Some(Type::Set(_)) => format!("selected({name}, {})", quoted(code)),
                _ => format!("{name} = {}", quoted(code)),
            })
            .collect();
        if tests.is_empty() { Ok("false()".to_owned()) } else { Ok(tests.join(" or ")) }
    }

    fn constant(&self, value: &Value) -> Written {
        Ok(match value {
            Value::Bool(truth) => format!("{truth}()"),
            Value::Number(number) => print_number(*number),
            Value::Option(code) => quoted(&(self.fit)(code)),
            Value::Text(text) => quoted(text),
            Value::Date(day) => format!("date('{day}')"),
            Value::Time(minutes) => format!("'{:02}:{:02}'", minutes / 60, minutes % 60),
            Value::Set(_) | Value::List(_) => return Err("a list".to_owned()),
        })
    }

    /// A value beside an operator.
    fn operand(&self, node: &Node) -> Written {
        let text = self.value(node)?;
        let loose = matches!(
            node,
            Node::Call(
                Operation::Add | Operation::Multiply | Operation::Divide | Operation::Remainder,
                _
            )
        );
        Ok(if loose { format!("({text})") } else { text })
    }
}

/// What must hold for each question outside rosters to be asked.
fn asked(version: &Version) -> BTreeMap<String, Vec<Node>> {
    let mut all = BTreeMap::new();
    for page in version.pages().iter().filter(|page| page.rosters.is_empty()) {
        for question in &page.questions {
            let conditions = page.relevant.iter().chain(&question.relevant);
            let conditions: Vec<Node> = conditions.map(|one| one.tree.clone()).collect();
            for item in &question.items {
                all.insert(reference(*item), conditions.clone());
            }
        }
    }
    all
}

/// What a comparison of a count with a number gives for a blank, whose count is
/// 0; `None` for other comparisons.
fn blank_count(operation: Operation, left: &Node, right: &Node) -> Option<bool> {
    let is_count =
        |node: &Node| matches!(node, Node::Call(Operation::CountSelected | Operation::Length, _));
    let limit = match right {
        Node::Constant(Value::Number(limit)) if is_count(left) => *limit,
        _ => return None,
    };
    let order = 0.0_f64.partial_cmp(&limit)?;
    Some(match operation {
        Operation::Equal => order.is_eq(),
        Operation::NotEqual => order.is_ne(),
        Operation::Less => order.is_lt(),
        Operation::LessOrEqual => order.is_le(),
        Operation::Greater => order.is_gt(),
        _ => order.is_ge(),
    })
}

/// Whether a value is always there.
fn always(node: &Node) -> bool {
    use Operation as Op;
    match node {
        Node::Constant(_)
        | Node::SelfValue
        | Node::Call(Op::Random | Op::Today | Op::CountAnswered | Op::Count | Op::Position, _) => {
            true
        }
        Node::Call(
            Op::Add
            | Op::Negate
            | Op::Multiply
            | Op::CountSelected
            | Op::Length
            | Op::Code
            | Op::Number
            | Op::ToText,
            parts,
        ) => parts.iter().all(always),
        Node::Call(Op::Coalesce, parts) => parts.last().is_some_and(always),
        _ => false,
    }
}

/// Whether a condition is never missing.
fn certain(node: &Node) -> bool {
    use Operation as Op;
    match node {
        Node::Constant(_)
        | Node::Call(
            Op::Answered | Op::Skipped | Op::Refused | Op::DontKnow | Op::NotApplicable | Op::Asked,
            _,
        ) => true,
        Node::Call(Op::And | Op::Or | Op::Not | Op::If, parts) => parts.iter().all(certain),
        Node::Call(Op::Coalesce, parts) => parts.last().is_some_and(certain),
        Node::Call(
            Op::Equal
            | Op::NotEqual
            | Op::Less
            | Op::LessOrEqual
            | Op::Greater
            | Op::GreaterOrEqual
            | Op::Selected
            | Op::Contains
            | Op::StartsWith
            | Op::EndsWith,
            parts,
        ) => parts.iter().all(always),
        Node::Matches(_, text) => always(text),
        _ => false,
    }
}

/// The patterns of `matches` in the order in which they are written.
fn written_patterns(text: &str) -> Vec<String> {
    let mut patterns = Vec::new();
    let mut rest = text;
    while let Some(place) = rest.find("matches(") {
        rest = &rest[place + "matches(".len()..];
        let mut depth = 1;
        let mut last = None;
        let mut characters = rest.char_indices().peekable();
        while let Some((_, next)) = characters.next() {
            match next {
                '(' => depth += 1,
                ')' => depth -= 1,
                quote @ ('\'' | '"') => {
                    let mut literal = String::new();
                    while let Some((_, inner)) = characters.next() {
                        if inner != quote {
                            literal.push(inner);
                        } else if characters.peek().is_some_and(|(_, next)| *next == quote) {
                            literal.push(quote);
                            characters.next();
                        } else {
                            break;
                        }
                    }
                    last = Some(literal);
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        patterns.extend(last);
    }
    patterns
}

/// A condition beside others: `and` and `or` do not mix without parentheses.
fn grouped(text: String) -> String {
    let mut depth = 0_i32;
    let mut quote = None;
    let mut loose = false;
    for (place, next) in text.char_indices() {
        match (next, quote) {
            (own, Some(open)) if own == open => quote = None,
            ('\'' | '"', None) => quote = Some(next),
            ('(', None) => depth += 1,
            (')', None) => depth -= 1,
            (' ', None) if depth == 0 => {
                let rest = &text[place..];
                loose |= rest.starts_with(" or ") || rest.starts_with(" and ");
            }
            _ => {}
        }
    }
    if loose { format!("({text})") } else { text }
}

/// A code as forms may have it: without spaces, which part the codes of a set,
/// and without bent quotes, which pyxform straightens.
pub(crate) fn fit_code(code: &str) -> String {
    let straight = code.replace(['‘', '’', '“', '”'], "_");
    straight.split_whitespace().collect::<Vec<_>>().join("_")
}

/// A text in quotes. `XPath` has no way to write both kinds in one text; bent
/// ones count, because pyxform straightens them.
fn quoted(text: &str) -> String {
    if text.contains(['\'', '‘', '’']) {
        format!("\"{}\"", text.replace(['"', '“', '”'], "'"))
    } else {
        format!("'{text}'")
    }
}
