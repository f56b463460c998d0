//! Branching logic and calculations.
//!
//! `[uses(2)] = '1'` asks whether an option of a checkbox field is ticked.

use std::collections::BTreeMap;
use survey_builder::problem::{Phrase, phrase};

use crate::formula::read::{Dialect, Sign, read};
use crate::formula::{Formula, Operator};

const DIALECT: Dialect = Dialect {
    operators: &[
        ("or", Sign::Between(Operator::Or)),
        ("||", Sign::Between(Operator::Or)),
        ("and", Sign::Between(Operator::And)),
        ("&&", Sign::Between(Operator::And)),
        ("<>", Sign::Between(Operator::NotEqual)),
        ("!=", Sign::Between(Operator::NotEqual)),
        ("<=", Sign::Between(Operator::LessOrEqual)),
        (">=", Sign::Between(Operator::GreaterOrEqual)),
        ("==", Sign::Between(Operator::Equal)),
        ("=", Sign::Between(Operator::Equal)),
        ("<", Sign::Between(Operator::Less)),
        (">", Sign::Between(Operator::Greater)),
        ("^", Sign::Call("pow")),
        ("+", Sign::Between(Operator::Add)),
        ("-", Sign::Between(Operator::Subtract)),
        ("*", Sign::Between(Operator::Multiply)),
        ("/", Sign::Between(Operator::Divide)),
        ("%", Sign::Between(Operator::Remainder)),
    ],
    brackets: Some(('[', ']')),
    bare: false,
    inside: "_",
};

/// The names of fields here.
pub(super) struct Names {
    pub fields: BTreeMap<String, String>,
}

/// Days in a year and in a month, as the system counts.
const YEAR: f64 = 365.2425;
const MONTH: f64 = 30.44;

/// Reads a formula.
pub(super) fn formula(source: &str, names: &Names) -> Result<Formula, Phrase> {
    if source.contains("][") {
        return Err(phrase("phrase-field-of-another-event"));
    }
    let parsed = read(&source.replace(['\r', '\n'], " "), &DIALECT)?;
    names.value(parsed)
}

impl Names {
    fn value(&self, formula: Formula) -> Result<Formula, Phrase> {
        match formula {
            Formula::Question(written) => self.field(&written),
            Formula::Binary(operator, left, right) => {
                if matches!(operator, Operator::Equal | Operator::NotEqual) {
                    let tested =
                        self.box_test(&left, &right).or_else(|| self.box_test(&right, &left));
                    if let Some(test) = tested {
                        return Ok(if operator == Operator::Equal { test } else { test.negated() });
                    }
                }
                Ok(Formula::binary(operator, self.value(*left)?, self.value(*right)?))
            }
            Formula::Negate(inner) => Ok(Formula::Negate(Box::new(self.value(*inner)?))),
            Formula::Call(name, arguments) => {
                let arguments: Result<Vec<Formula>, Phrase> =
                    arguments.into_iter().map(|part| self.value(part)).collect();
                call(&name.to_lowercase(), arguments?)
            }
            other => Ok(other),
        }
    }

    fn field(&self, written: &str) -> Result<Formula, Phrase> {
        let name = written.split(':').next().unwrap_or_default();
        if let Some((field, code)) = checkbox(name) {
            let ticked = self.ticked(field, code)?;
            let parts = vec![ticked, Formula::Number(1.0), Formula::Number(0.0)];
            return Ok(Formula::call("if", parts));
        }
        self.fields
            .get(name)
            .map(|name| Formula::question(name))
            .ok_or_else(|| phrase("phrase-no-field-is-called").with("name", name))
    }

    fn ticked(&self, field: &str, code: &str) -> Result<Formula, Phrase> {
        let name = self
            .fields
            .get(field)
            .ok_or_else(|| phrase("phrase-no-field-is-called").with("name", field))?;
        Ok(Formula::call("selected", vec![Formula::question(name), Formula::text(code)]))
    }

    /// `[uses(2)] = '1'`.
    fn box_test(&self, field: &Formula, literal: &Formula) -> Option<Formula> {
        let Formula::Question(written) = field else { return None };
        let (field, code) = checkbox(written)?;
        let ticked = self.ticked(field, code).ok()?;
        match literal {
            Formula::Text(text) if text == "1" => Some(ticked),
            Formula::Text(text) if text == "0" || text.is_empty() => Some(ticked.negated()),
            Formula::Number(number) if (*number - 1.0).abs() < f64::EPSILON => Some(ticked),
            Formula::Number(number) if *number == 0.0 => Some(ticked.negated()),
            _ => None,
        }
    }
}

/// `uses(2)`: the field and the code.
fn checkbox(written: &str) -> Option<(&str, &str)> {
    let (field, rest) = written.split_once('(')?;
    let (code, _) = rest.split_once(')')?;
    Some((field.trim(), code.trim()))
}

fn call(name: &str, mut arguments: Vec<Formula>) -> Result<Formula, Phrase> {
    let same = ["if", "sum", "mean", "min", "max", "abs", "sqrt", "concat", "lower", "upper"];
    let further = ["round", "trim", "not", "true", "false", "pow", "year", "month", "day", "exp"];
    let renamed = |name: &str, arguments| Ok(Formula::call(name, arguments));
    match (name, arguments.len()) {
        ("roundup", 1) => renamed("ceiling", arguments),
        ("rounddown", 1) => renamed("floor", arguments),
        ("roundup" | "rounddown", 2) => {
            let Formula::Number(places) = arguments[1] else {
                return Err(phrase("phrase-rounding-to-places-that-are-computed"));
            };
            let shift = Formula::Number(10_f64.powf(places.clamp(-9.0, 9.0)));
            let value = Formula::binary(Operator::Multiply, arguments.remove(0), shift.clone());
            let cut = if name == "roundup" { "ceiling" } else { "floor" };
            let whole = Formula::call(cut, vec![value]);
            Ok(Formula::binary(Operator::Divide, whole, shift))
        }
        ("length", 1) => renamed("string-length", arguments),
        ("log", 1) => renamed("log", arguments),
        ("power" | "exponential", 2) => renamed("pow", arguments),
        ("contains", 2) => renamed("contains", arguments),
        ("not_contain", 2) => Ok(Formula::call("contains", arguments).negated()),
        ("starts_with", 2) => renamed("starts-with", arguments),
        ("ends_with", 2) => renamed("ends-with", arguments),
        ("left", 2) => {
            arguments.insert(1, Formula::Number(0.0));
            renamed("substr", arguments)
        }
        ("mid", 3) => match (&arguments[1], &arguments[2]) {
            (Formula::Number(from), Formula::Number(count)) => {
                let (from, to) = (from - 1.0, from - 1.0 + count);
                let parts = vec![arguments.remove(0), Formula::Number(from), Formula::Number(to)];
                renamed("substr", parts)
            }
            _ => Err(phrase("phrase-mid-with-places-that-are-computed")),
        },
        ("mod", 2) => {
            let divisor = arguments.remove(1);
            Ok(Formula::binary(Operator::Remainder, arguments.remove(0), divisor))
        }
        ("isblank" | "isblankormissingcode" | "isblanknotmissingcode", 1) => {
            Ok(arguments.remove(0).blank())
        }
        ("isnumber" | "isinteger", 1) => Ok(Formula::call("number", arguments).blank().negated()),
        ("datediff", 3..) => datediff(arguments),
        _ if same.contains(&name) || further.contains(&name) => renamed(name, arguments),
        _ => Err(phrase("phrase-no-counterpart").with("what", format!("{name}()"))),
    }
}

/// `datediff([a], [b], "y")`: never negative unless the last argument asks for it.
fn datediff(arguments: Vec<Formula>) -> Result<Formula, Phrase> {
    let is_signed = arguments.iter().skip(3).any(|part| {
        matches!(part, Formula::Call(name, _) if name == "true")
            || matches!(part, Formula::Text(text) if text.eq_ignore_ascii_case("true"))
    });
    let mut parts = arguments.into_iter();
    let mut day = || {
        parts.next().map(|part| match part {
            Formula::Text(text) if text == "today" || text == "now" => {
                Formula::call("today", Vec::new())
            }
            other => other,
        })
    };
    let (Some(from), Some(to)) = (day(), day()) else {
        return Err(phrase("phrase-something-is-missing"));
    };
    let Some(Formula::Text(unit)) = parts.next() else {
        return Err(phrase("phrase-unit-that-is-computed"));
    };
    let mut days = Formula::call("days-between", vec![from, to]);
    if !is_signed {
        days = Formula::call("abs", vec![days]);
    }
    match unit.as_str() {
        "d" => Ok(days),
        "y" => Ok(Formula::binary(Operator::Divide, days, Formula::Number(YEAR))),
        "M" => Ok(Formula::binary(Operator::Divide, days, Formula::Number(MONTH))),
        other => Err(phrase("phrase-difference-of-dates-in").with("unit", other)),
    }
}
