//! Comparisons: which types meet, and what a blank gives.

use survey_builder::questionnaire::expression::{Type, print_number};

use super::super::{Formula, Operator};
use super::{Literal, Part, Translator, quoted, settled};

impl Translator<'_> {
    pub(crate) fn comparison(
        &mut self,
        operator: Operator,
        left: &Formula,
        right: &Formula,
        reading: bool,
    ) -> Part {
        let (left, right) = (self.value(left), self.value(right));
        let equality = matches!(operator, Operator::Equal | Operator::NotEqual);
        if equality && (left.is_empty_text() || right.is_empty_text()) {
            let tested = if left.is_empty_text() { &right } else { &left };
            return self.blank_test(tested, operator == Operator::Equal);
        }
        if equality && let Some(part) = self.state_comparison(operator, &left, &right) {
            return part;
        }
        let (left, right) =
            if equality { self.alike(left, right) } else { self.ordered(left, right) };
        finish(operator, left, right, reading)
    }

    /// `${x} = ''` and `${x} != ''`. A reason for having no value is no blank.
    fn blank_test(&self, tested: &Part, blank: bool) -> Part {
        let mut names = vec!["answered"];
        for (_, state) in self.flagged(&tested.kind) {
            if !names.contains(&state.name()) {
                names.push(state.name());
            }
        }
        let tests: Vec<String> = names
            .iter()
            .filter(|name| **name == "answered" || tested.answer)
            .map(|name| format!("{name}({})", tested.text))
            .collect();
        match (&tests[..], blank) {
            ([test], false) => Part::atom(test.clone(), Type::Bool),
            (_, false) => Part::new(tests.join(" or "), 1, Type::Bool),
            (_, true) => Part::atom(format!("not({})", tests.join(" or ")), Type::Bool),
        }
    }

    /// `${x} = '98'` where 98 stands for having no value.
    fn state_comparison(&self, operator: Operator, left: &Part, right: &Part) -> Option<Part> {
        let (answer, code) = match (&left.literal, &right.literal) {
            (None, Some(literal)) => (left, literal),
            (Some(literal), None) => (right, literal),
            _ => return None,
        };
        let code = match code {
            Literal::Text(code) => code.clone(),
            Literal::Number(number) => print_number(*number),
        };
        let test = self.state_test(answer, &code)?;
        Some(if operator == Operator::Equal {
            test
        } else {
            Part::atom(format!("not({})", test.text), Type::Bool)
        })
    }

    /// The test of the state that a code of an answer's list stands for.
    pub(crate) fn state_test(&self, answer: &Part, code: &str) -> Option<Part> {
        if !answer.answer {
            return None;
        }
        let flagged = self.flagged(&answer.kind);
        let (_, state) = flagged.into_iter().find(|(known, _)| *known == code)?;
        Some(Part::atom(format!("{}({})", state.name(), answer.text), Type::Bool))
    }

    /// Two sides of `=` in types that can be equal.
    fn alike(&mut self, left: Part, right: Part) -> (Part, Part) {
        match (&left.kind, &right.kind) {
            (Type::Option(one), Type::Option(other)) if one == other => (left, right),
            (Type::Date, _) | (_, Type::Date) => (Self::as_date(left), Self::as_date(right)),
            (Type::Time, _) | (_, Type::Time) => (Self::as_time(left), Self::as_time(right)),
            (Type::Bool, _) | (_, Type::Bool) => self.truths(left, right),
            (Type::Option(list), _) if right.literal.is_some() => {
                let right = self.as_code(list, right);
                self.option_and(left, right)
            }
            (_, Type::Option(list)) if left.literal.is_some() => {
                let left = self.as_code(list, left);
                let (right, left) = self.option_and(right, left);
                (left, right)
            }
            (Type::Number, _) | (_, Type::Number) => {
                (self.number_side(left), self.number_side(right))
            }
            _ => (Self::as_text(left), Self::as_text(right)),
        }
    }

    /// A literal beside an option: its code, if the list has one that reads so.
    fn as_code(&self, list: &str, literal: Part) -> Part {
        let Some(Literal::Number(number)) = literal.literal else { return literal };
        let code = print_number(number);
        let known = self.meanings.lists.get(list).into_iter().flatten();
        if known.into_iter().any(|choice| choice.code == code) {
            return Part {
                literal: Some(Literal::Text(code.clone())),
                ..Part::atom(quoted(&code), Type::Text)
            };
        }
        literal
    }

    fn option_and(&mut self, option: Part, literal: Part) -> (Part, Part) {
        if matches!(literal.literal, Some(Literal::Number(_))) {
            return (self.as_number(option), literal);
        }
        (option, literal)
    }

    /// What `XPath` compares as truths: `true()`, and texts that say so.
    fn truths(&mut self, left: Part, right: Part) -> (Part, Part) {
        let mut truth = |part: Part| match (&part.kind, &part.literal) {
            (Type::Bool, _) => part,
            (_, Some(Literal::Text(text))) => match text.to_lowercase().as_str() {
                "true" | "ok" | "yes" | "y" | "1" => Part::atom("true", Type::Bool),
                "false" | "no" | "n" | "0" => Part::atom("false", Type::Bool),
                _ => self.not_fitting("a truth compared with a text"),
            },
            (_, Some(Literal::Number(number))) if *number == 0.0 => Part::atom("false", Type::Bool),
            (_, Some(Literal::Number(_))) => Part::atom("true", Type::Bool),
            _ => self.not_fitting("a truth compared with something else"),
        };
        (truth(left), truth(right))
    }

    /// Numbers that a blank leaves without value keep that here: `finish`
    /// decides what it gives.
    fn number_side(&mut self, part: Part) -> Part {
        if part.kind == Type::Number { part } else { self.as_number(part) }
    }

    fn ordered(&mut self, left: Part, right: Part) -> (Part, Part) {
        if left.kind == Type::Time || right.kind == Type::Time {
            return (Self::as_time(left), Self::as_time(right));
        }
        if left.kind == Type::Date || right.kind == Type::Date {
            let number = left.kind == Type::Number || right.kind == Type::Number;
            if !number {
                return (Self::as_date(left), Self::as_date(right));
            }
        }
        (self.number_side(left), self.number_side(right))
    }
}

/// Writes the comparison and settles what a blank gives.
fn finish(operator: Operator, left: Part, right: Part, reading: bool) -> Part {
    let (mut left, mut right) = (left, right);
    let mut default = operator == Operator::NotEqual;
    let literal = |part: &Part| match part.literal {
        Some(Literal::Number(number)) => Some(number),
        _ => None,
    };
    match (left.blank, literal(&right), right.blank, literal(&left)) {
        (Some(blank), Some(number), _, _) => default = holds(operator, blank, number),
        (_, _, Some(blank), Some(number)) => default = holds(operator, number, blank),
        _ => {
            // Both sides vary: put in what XPath takes a blank for.
            for side in [&mut left, &mut right] {
                if let (Some(blank), true) = (side.blank, side.missing) {
                    let text = format!("coalesce({}, {})", side.text, print_number(blank));
                    *side = Part::atom(text, Type::Number);
                }
            }
        }
    }
    let (binding, word) = operator.binding();
    let text = format!("{} {word} {}", left.bound(binding + 1), right.bound(binding + 1));
    let missing = left.missing || right.missing;
    let part = Part::new(text, binding, Type::Bool).with_missing(missing);
    let both_answers = left.answer && right.answer && left.missing && right.missing;
    match operator {
        // Two blanks are equal texts.
        Operator::Equal if both_answers => {
            let blanks = format!("not(answered({})) and not(answered({}))", left.text, right.text);
            Part::atom(format!("coalesce({}, {blanks})", part.text), Type::Bool)
        }
        Operator::NotEqual if both_answers => {
            let answered = format!("answered({}) or answered({})", left.text, right.text);
            Part::atom(format!("coalesce({}, {answered})", part.text), Type::Bool)
        }
        _ => settled(part, default, reading),
    }
}

fn holds(operator: Operator, left: f64, right: f64) -> bool {
    match operator {
        Operator::Less => left < right,
        Operator::LessOrEqual => left <= right,
        Operator::Greater => left > right,
        Operator::GreaterOrEqual => left >= right,
        Operator::NotEqual => (left - right).abs() > 0.0,
        _ => (left - right).abs() <= 0.0,
    }
}
