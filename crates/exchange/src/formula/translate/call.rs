//! Functions of the forms' `XPath`.

use survey_builder::problem::phrase;
use survey_builder::questionnaire::expression::{Type, print_number};

use super::super::{Formula, Operator};
use super::{Literal, Part, Translator, quoted, settled};

impl Translator<'_> {
    /// A function that gives true or false; `None` for the others.
    pub(crate) fn condition_call(
        &mut self,
        name: &str,
        arguments: &[Formula],
        reading: bool,
    ) -> Option<Part> {
        Some(match (name, arguments) {
            ("true", []) => Part::atom("true", Type::Bool),
            ("false", []) => Part::atom("false", Type::Bool),
            ("not", [inner]) => {
                let inner = self.condition(inner, !reading);
                let missing = inner.missing;
                Part::atom(format!("not({})", inner.text), Type::Bool).with_missing(missing)
            }
            ("asked", [Formula::Question(name)]) => {
                let question = self.question(name);
                Part::atom(format!("asked({})", question.text), Type::Bool)
            }
            ("boolean" | "once", [inner]) => self.condition(inner, reading),
            // Holds a set that option, a text that part?
            ("holds", [whole, part]) => {
                let kind = self.value(whole).kind;
                match kind {
                    Type::Set(_) | Type::Option(_) => self.selected(whole, part, reading),
                    _ => {
                        let parts = [whole.clone(), part.clone()];
                        return self.condition_call("contains", &parts, reading);
                    }
                }
            }
            ("between", [value, low, high]) => {
                let parts: Vec<Part> = [value, low, high]
                    .into_iter()
                    .map(|part| {
                        let part = self.value(part);
                        self.as_number(part)
                    })
                    .collect();
                let missing = parts.iter().any(|part| part.missing);
                let texts: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
                let call = format!("between({})", texts.join(", "));
                settled(Part::atom(call, Type::Bool).with_missing(missing), false, reading)
            }
            ("selected", [chosen, code]) => self.selected(chosen, code, reading),
            ("contains" | "starts-with" | "ends-with", [text, part]) => {
                let (text, part) = (self.value(text), self.value(part));
                let (text, part) = (Self::as_text(text), Self::as_text(part));
                let missing = text.missing || part.missing;
                let name = name.replace('-', "_");
                let call = format!("{name}({}, {})", text.text, part.text);
                // An empty part is in every text, also in a blank one.
                let default = part.is_empty_text();
                settled(Part::atom(call, Type::Bool).with_missing(missing), default, reading)
            }
            ("regex", [text, pattern]) => {
                let text = self.value(text);
                let text = Self::as_text(text);
                let Formula::Text(pattern) = pattern else {
                    return Some(
                        self.not_carried(phrase("phrase-regex-with-a-pattern-that-is-computed")),
                    );
                };
                let call = format!("matches({}, {})", text.text, quoted(pattern));
                let missing = text.missing;
                settled(Part::atom(call, Type::Bool).with_missing(missing), false, reading)
            }
            ("if", [condition, yes, no]) => {
                let (facts_yes, facts_no) =
                    (self.facts(condition, true), self.facts(condition, false));
                let condition = self.exact(condition);
                let yes = self.knowing(facts_yes, |inner| inner.condition(yes, reading));
                let no = self.knowing(facts_no, |inner| inner.condition(no, reading));
                let text = format!("if({}, {}, {})", condition.text, yes.text, no.text);
                Part::atom(text, Type::Bool).with_missing(yes.missing || no.missing)
            }
            ("checklist" | "weighted-checklist", [least, most, rest @ ..]) => {
                return self.checklist(name, least, most, rest);
            }
            ("boolean-from-string", [text]) => {
                let text = self.value(text);
                let text = Self::as_text(text);
                let call = format!("{} in ('true', '1')", text.bound(5));
                settled(Part::new(call, 4, Type::Bool).with_missing(text.missing), false, reading)
            }
            _ => return None,
        })
    }

    fn selected(&mut self, chosen: &Formula, code: &Formula, reading: bool) -> Part {
        let (chosen, code) = (self.value(chosen), self.value(code));
        if let Some(Literal::Text(code)) = &code.literal
            && let Some(test) = self.state_test(&chosen, code)
        {
            return test;
        }
        let code_text = match &code.literal {
            Some(Literal::Number(number)) => quoted(&print_number(*number)),
            // Another list with codes of its own: they are compared as such.
            _ if matches!(
                (&chosen.kind, &code.kind),
                (Type::Set(one) | Type::Option(one), Type::Option(other)) if one != other
            ) =>
            {
                Self::as_text(code.clone()).text
            }
            _ => code.text.clone(),
        };
        let missing = chosen.missing || code.missing;
        let text = match chosen.kind {
            Type::Set(_) | Type::Option(_) => format!("selected({}, {code_text})", chosen.text),
            // On a text it asks for one of its words; forms use it on single codes.
            Type::Text => {
                let text = format!("{} = {code_text}", chosen.bound(5));
                return settled(
                    Part::new(text, 4, Type::Bool).with_missing(missing),
                    false,
                    reading,
                );
            }
            ref kind => {
                let construct = format!("selected of a {}", kind.name());
                return self.not_fitting(construct);
            }
        };
        settled(Part::atom(text, Type::Bool).with_missing(missing), false, reading)
    }

    /// What stands beside a chosen option in a column of its list.
    fn item_of_list(&mut self, list: &str, choice: &Formula, column: &str) -> Part {
        let choice = self.value(choice);
        if !matches!(&choice.kind, Type::Option(own) if own == list) {
            return self.not_fitting(format!("instance('{list}')"));
        }
        let text = match column {
            "label" => format!("label({})", choice.text),
            column => format!("attribute({}, {})", choice.text, quoted(column)),
        };
        Part::atom(text, Type::Text).with_missing(true)
    }

    /// One of the chosen options, counted from 0.
    fn selected_at(&mut self, set: &Formula, place: &Formula) -> Part {
        let (set, place) = (self.value(set), self.value(place));
        let place = self.as_number(place);
        let (kind, text) = match &set.kind {
            Type::Set(list) => {
                (Type::Option(list.clone()), format!("selected_at({}, {})", set.text, place.text))
            }
            // A ranking; its places count from 1 here.
            Type::List(of) if matches!(**of, Type::Option(_)) => {
                ((**of).clone(), format!("item_at({}, {} + 1)", set.text, place.text))
            }
            _ => return self.not_fitting("selected-at of what is no multiple choice"),
        };
        Part::atom(text, kind).with_missing(true)
    }

    /// A function that gives a value.
    pub(crate) fn value_call(
        &mut self,
        source: &Formula,
        name: &str,
        arguments: &[Formula],
    ) -> Part {
        match (name, arguments) {
            ("if", [condition, yes, no]) => self.choose(condition, yes, no),
            ("once" | "string", [inner]) if name == "once" => self.value(inner),
            ("coalesce", [first, second]) => {
                let (first, second) = (self.value(first), self.value(second));
                let (first, second) = self.one_type(first, second);
                let text = format!("coalesce({}, {})", first.text, second.text);
                Part::atom(text, first.kind.clone()).with_missing(first.missing && second.missing)
            }
            ("count-selected", [set]) => {
                let set = self.value(set);
                let missing = set.missing;
                let part = Part::atom(format!("count_selected({})", set.text), Type::Number);
                Part { blank: Some(0.0), ..part.with_missing(missing) }
            }
            ("selected-at", [set, place]) => self.selected_at(set, place),
            ("item-of-list", [Formula::Text(list), choice, Formula::Text(column)]) => {
                self.item_of_list(list, choice, column)
            }
            // What the program keeps of an option's label.
            ("jr:itext", [Formula::Call(name, parts)]) if name == "item-of-list" => {
                match parts.as_slice() {
                    [Formula::Text(list), choice, Formula::Text(id)] if id == "itextId" => {
                        self.item_of_list(list, choice, "label")
                    }
                    _ => self.not_carried("jr:itext()"),
                }
            }
            // The same of a file that is a list of the form.
            (
                "pulldata",
                [Formula::Text(list), Formula::Text(column), Formula::Text(key), choice],
            ) if key == "name" => self.item_of_list(list, choice, column),
            ("jr:choice-name", [choice, ..]) => {
                let choice = self.value(choice);
                let missing = choice.missing;
                Part::atom(format!("label({})", choice.text), Type::Text).with_missing(missing)
            }
            ("count", [Formula::Question(name)]) if self.meanings.rosters.contains(name) => {
                Part::atom(format!("count({})", super::reference(name)), Type::Number)
            }
            ("count-non-empty" | "count", [_, ..]) => {
                let parts: Vec<Part> = arguments.iter().map(|part| self.value(part)).collect();
                let texts: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
                let sets = parts.iter().any(|part| matches!(part.kind, Type::Set(_)));
                let call = if sets && parts.len() == 1 {
                    format!("coalesce(count_selected({}), 0)", texts.join(", "))
                } else {
                    format!("count_answered({})", texts.join(", "))
                };
                Part::atom(call, Type::Number)
            }
            ("sum" | "mean" | "min" | "max", [one]) => {
                let list = self.value(one);
                if !matches!(&list.kind, Type::List(kind) if **kind == Type::Number) {
                    let list = self.as_number(list);
                    let missing = list.missing;
                    return Part::atom(list.text, Type::Number).with_missing(missing);
                }
                Part::atom(format!("{name}({})", list.text), Type::Number).with_missing(true)
            }
            ("position", [..]) => Part::atom("position()", Type::Number),
            ("time", [inner]) => {
                let inner = self.value(inner);
                Self::as_time(inner)
            }
            ("random", []) => Part::atom("random()", Type::Number),
            ("today", []) => Part::atom("today()", Type::Date),
            ("date", [inner]) => {
                let inner = self.value(inner);
                Self::as_date(inner)
            }
            ("format-date", [day, Formula::Text(form)]) => self.format_date(day, form),
            _ => {
                let part = self.day_call(name, arguments);
                let part = part.or_else(|| self.text_call(name, arguments));
                match part.or_else(|| self.library_call(name, arguments)) {
                    Some(part) => part,
                    None => self.number_call(source, name, arguments),
                }
            }
        }
    }

    /// A function that counts in days.
    fn day_call(&mut self, name: &str, arguments: &[Formula]) -> Option<Part> {
        Some(match (name, arguments) {
            ("year" | "month" | "day" | "weekday", [day]) => {
                let day = self.value(day);
                let day = Self::as_date(day);
                let missing = day.missing;
                Part::atom(format!("{name}({})", day.text), Type::Number).with_missing(missing)
            }
            ("days-between" | "months-between" | "years-between", [from, to]) => {
                let (from, to) = (self.value(from), self.value(to));
                let (from, to) = (Self::as_date(from), Self::as_date(to));
                let call = format!("{}({}, {})", name.replace('-', "_"), from.text, to.text);
                Part::atom(call, Type::Number).with_missing(from.missing || to.missing)
            }
            _ => return None,
        })
    }

    fn choose(&mut self, condition: &Formula, yes: &Formula, no: &Formula) -> Part {
        if let Some(no) = otherwise(condition, no) {
            return self.choose_known(condition, yes, no);
        }
        let (facts_yes, facts_no) = (self.facts(condition, true), self.facts(condition, false));
        let condition = self.exact(condition);
        let yes = self.knowing(facts_yes, |inner| inner.value(yes));
        let no = self.knowing(facts_no, |inner| inner.value(no));
        let (yes, no) = self.one_type(yes, no);
        let text = format!("if({}, {}, {})", condition.text, yes.text, no.text);
        let part = Part::atom(text, kind_of_both(&yes, &no));
        // What is chosen is known only as far as both are.
        let written = yes.written && no.written;
        Part { written, ..part.with_missing(yes.missing || no.missing) }
    }

    /// A choice that gives nothing where its condition is missing, which is what
    /// `if` does here.
    fn choose_known(&mut self, condition: &Formula, yes: &Formula, no: &Formula) -> Part {
        let condition = self.condition(condition, false);
        let (yes, no) = (self.value(yes), self.value(no));
        let (yes, no) = self.one_type(yes, no);
        let text = format!("if({}, {}, {})", condition.text, yes.text, no.text);
        let written = yes.written && no.written;
        let missing = condition.missing || yes.missing || no.missing;
        let part = Part::atom(text, kind_of_both(&yes, &no));
        Part { written, ..part.with_missing(missing) }
    }

    /// Two values in one type: `if` and `coalesce` need that here.
    fn one_type(&self, one: Part, other: Part) -> (Part, Part) {
        if one.is_empty_text() {
            let blank = blank_like(&other);
            return (blank, other);
        }
        if other.is_empty_text() {
            let blank = blank_like(&one);
            return (one, blank);
        }
        let option_and_literal = |option: &Part, literal: &Part| {
            let Type::Option(list) = &option.kind else { return false };
            match &literal.literal {
                // Another text than the list's codes makes a text of both.
                Some(Literal::Text(code)) => {
                    let known = self.meanings.lists.get(list).into_iter().flatten();
                    known.into_iter().any(|choice| choice.code == *code)
                }
                Some(Literal::Number(_)) => true,
                None => literal.written,
            }
        };
        if one.kind == other.kind {
            (one, other)
        } else if option_and_literal(&one, &other) {
            let other = Self::as_text(other);
            (one, other)
        } else if option_and_literal(&other, &one) {
            let one = Self::as_text(one);
            (one, other)
        } else if one.kind == Type::Date || other.kind == Type::Date {
            (Self::as_date(one), Self::as_date(other))
        } else {
            (Self::as_text(one), Self::as_text(other))
        }
    }

    fn format_date(&mut self, day: &Formula, form: &str) -> Part {
        let day = self.value(day);
        let day = Self::as_date(day);
        let missing = day.missing;
        let text = match form {
            "%Y" => format!("text(year({}))", day.text),
            "%n" => format!("text(month({}))", day.text),
            "%e" => format!("text(day({}))", day.text),
            "%Y-%m-%d" => format!("text({})", day.text),
            _ if has_known_signs(form) => format!("format_date({}, {})", day.text, quoted(form)),
            _ => return self.not_carried(phrase("phrase-format-date-with").with("form", form)),
        };
        Part::atom(text, Type::Text).with_missing(missing)
    }

    fn text_call(&mut self, name: &str, arguments: &[Formula]) -> Option<Part> {
        let texts = |translator: &mut Self| -> Vec<Part> {
            arguments
                .iter()
                .map(|argument| {
                    let part = translator.value(argument);
                    Self::as_text(part)
                })
                .collect()
        };
        Some(match (name, arguments) {
            ("string", [inner]) => {
                let inner = self.value(inner);
                Self::as_text(inner)
            }
            ("concat", [_, ..]) => {
                // A blank joins as an empty text.
                let parts: Vec<String> = texts(self)
                    .iter()
                    .map(|part| {
                        if part.missing {
                            format!("coalesce({}, '')", part.text)
                        } else {
                            part.text.clone()
                        }
                    })
                    .collect();
                Part::atom(format!("concat({})", parts.join(", ")), Type::Text)
            }
            ("string-length", [_]) => {
                let parts = texts(self);
                let part = Part::atom(format!("length({})", parts[0].text), Type::Number);
                Part { blank: Some(0.0), ..part.with_missing(parts[0].missing) }
            }
            ("substr", [text, from, rest @ ..]) if rest.len() < 2 => {
                let text = self.value(text);
                let (text, from) = (Self::as_text(text), self.value(from));
                let from = self.as_number(from);
                let count = if let Some(to) = rest.first() {
                    let to = self.value(to);
                    let to = self.as_number(to);
                    format!("{} - {}", to.bound(5), from.bound(6))
                } else {
                    format!("length({})", text.text)
                };
                let call = format!("substring({}, {}, {count})", text.text, from.text);
                Part::atom(call, Type::Text).with_missing(text.missing || from.missing)
            }
            ("upper" | "lower", [_]) => {
                let parts = texts(self);
                let missing = parts[0].missing;
                Part::atom(format!("{name}({})", parts[0].text), Type::Text).with_missing(missing)
            }
            ("normalize-space" | "trim", [_]) => {
                let parts = texts(self);
                let missing = parts[0].missing;
                let ours = name.replace('-', "_");
                Part::atom(format!("{ours}({})", parts[0].text), Type::Text).with_missing(missing)
            }
            _ => return None,
        })
    }

    fn number_call(&mut self, source: &Formula, name: &str, arguments: &[Formula]) -> Part {
        let ours = match (name, arguments.len()) {
            ("round", 1 | 2) => "round",
            ("floor", 1) => "floor",
            ("ceiling", 1) => "ceil",
            ("abs", 1) => "abs",
            ("sqrt", 1) => "sqrt",
            ("pow", 2) => "pow",
            ("log", 1) => "ln",
            ("log10" | "exp" | "sin" | "cos" | "tan" | "asin" | "acos" | "atan", 1)
            | ("atan2", 2) => name,
            ("sum", 2..) => "sum",
            ("mean", 2..) => "mean",
            ("min", 2..) => "min",
            ("max", 2..) => "max",
            ("number" | "int" | "decimal-date-time", 1) => "",
            (
                "true"
                | "false"
                | "not"
                | "boolean"
                | "selected"
                | "contains"
                | "starts-with"
                | "ends-with"
                | "regex"
                | "holds"
                | "between"
                | "checklist"
                | "weighted-checklist"
                | "boolean-from-string",
                _,
            ) => return self.exact_call(source, name),
            _ => return self.not_carried(format!("{name}()")),
        };
        let mut parts = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let part = self.value(argument);
            parts.push(self.as_number(part));
        }
        let missing = parts.iter().any(|part| part.missing);
        if name == "int" {
            // Cut off, not rounded down.
            let text = &parts[0].text;
            let call = format!("if({} < 0, ceil({text}), floor({text}))", parts[0].bound(5));
            return Part::atom(call, Type::Number).with_missing(missing);
        }
        if ours.is_empty() {
            return parts.remove(0);
        }
        let texts: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
        Part::atom(format!("{ours}({})", texts.join(", ")), Type::Number).with_missing(missing)
    }

    /// A truth where a value stands; with a wrong number of arguments it is none.
    fn exact_call(&mut self, source: &Formula, name: &str) -> Part {
        let Formula::Call(_, arguments) = source else {
            return self.not_carried(format!("{name}()"));
        };
        match self.condition_call(name, arguments, false) {
            Some(part) => settled(part, false, true),
            None => self.not_carried(
                phrase("phrase-function-with-arguments")
                    .with("function", format!("{name}()"))
                    .with("count", arguments.len()),
            ),
        }
    }
}

/// Whether a form of a day needs no names of months and no times.
fn has_known_signs(form: &str) -> bool {
    form.split('%').skip(1).all(|rest| rest.starts_with(['Y', 'y', 'm', 'n', 'd', 'e']))
}

fn kind_of_both(one: &Part, other: &Part) -> Type {
    match (&one.kind, &other.kind) {
        (Type::Option(_), _) => one.kind.clone(),
        _ => other.kind.clone(),
    }
}

/// A missing value of the type of another part.
fn blank_like(other: &Part) -> Part {
    let text = match other.kind {
        Type::Number => "number('')".to_owned(),
        Type::Text => "text(number(''))".to_owned(),
        // Which of the two stands for it is never known: a missing condition.
        _ => format!("if(number('') = 0, {0}, {0})", other.text),
    };
    Part::atom(text, other.kind.clone()).with_missing(true)
}

/// What `if(a < b, x, if(a >= b, y, ''))` gives where the first does not hold:
/// the two comparisons leave out only what is blank.
fn otherwise<'f>(condition: &Formula, no: &'f Formula) -> Option<&'f Formula> {
    let Formula::Binary(operator, left, right) = condition else { return None };
    let opposite = match operator {
        Operator::Less => Operator::GreaterOrEqual,
        Operator::LessOrEqual => Operator::Greater,
        Operator::Greater => Operator::LessOrEqual,
        Operator::GreaterOrEqual => Operator::Less,
        _ => return None,
    };
    let Formula::Call(name, parts) = no else { return None };
    match (name.as_str(), parts.as_slice()) {
        ("if", [Formula::Binary(other, low, high), value, Formula::Text(blank)])
            if *other == opposite && low == left && high == right && blank.is_empty() =>
        {
            Some(value)
        }
        _ => None,
    }
}
