//! Members and functions of values, in conditions.

use survey_builder::problem::{Phrase, phrase};

use super::condition::{Found, Standing, without};
use super::names::Sort;
use super::syntax::Syntax;
use crate::formula::{Formula, Operator};

/// Functions of numbers that stand one to one in formulas.
const MATHS: [(&str, &str); 17] = [
    ("Abs", "abs"),
    ("Ceiling", "ceiling"),
    ("Floor", "floor"),
    ("Max", "max"),
    ("Min", "min"),
    ("Pow", "pow"),
    ("Sqrt", "sqrt"),
    ("Truncate", "int"),
    ("Log", "log"),
    ("Log10", "log10"),
    ("Exp", "exp"),
    ("Sin", "sin"),
    ("Cos", "cos"),
    ("Tan", "tan"),
    ("Asin", "asin"),
    ("Acos", "acos"),
    ("Atan", "atan"),
];

impl Standing<'_> {
    /// `of.name`.
    pub(super) fn member(&self, of: &Syntax, name: &str) -> Found {
        let sort = self.sort_of(of);
        match (name, sort) {
            ("HasValue", _) => Ok(answered(self.part(of)?)),
            ("Value", _) | ("Yes", Some(Sort::Multiple)) => self.part(of),
            ("Length" | "Count", _) => self.length(of),
            ("Year" | "Month" | "Day", _) => {
                Ok(Formula::call(&name.to_lowercase(), vec![self.part(of)?]))
            }
            ("Empty", _) if is_named(of, &["string", "String"]) => Ok(Formula::text("")),
            ("PI", _) if is_named(of, &["Math"]) => Ok(Formula::call("pi", Vec::new())),
            _ => Err(without(format!(".{name}"))),
        }
    }

    /// How many: options chosen, members, signs of a text.
    fn length(&self, of: &Syntax) -> Found {
        if let Some(roster) = self.roster_of(of) {
            return Ok(Formula::call("count", vec![Formula::question(roster)]));
        }
        match self.sort_of(of) {
            Some(Sort::Multiple) => Ok(Formula::call("count-selected", vec![self.set(of)?])),
            _ if self.is_text(of) => Ok(Formula::call("string-length", vec![self.part(of)?])),
            _ => Err(without(".Length")),
        }
    }

    /// `of(arguments)`.
    pub(super) fn call(&self, of: &Syntax, arguments: &[Syntax]) -> Found {
        match of {
            Syntax::Name(name) => self.function(name, arguments),
            Syntax::Member(of, name) if is_named(of, &["Math"]) => self.maths(name, arguments),
            Syntax::Member(of, name) if is_named(of, &["string", "String"]) => {
                self.of_texts(name, arguments)
            }
            Syntax::Member(of, name) => self.method(of, name, arguments),
            _ => Err(without("(…)")),
        }
    }

    fn function(&self, name: &str, arguments: &[Syntax]) -> Found {
        match (name, arguments) {
            ("IsAnswered", [one]) => match (self.roster_of(one), self.sort_of(one)) {
                (Some(_), _) | (_, Some(Sort::Multiple)) => {
                    let count = self.length(one)?;
                    Ok(Formula::binary(Operator::Greater, count, Formula::Number(0.0)))
                }
                _ => Ok(answered(self.part(one)?)),
            },
            (
                "InRange" | "InList" | "ContainsAny" | "ContainsAll" | "ContainsOnly",
                [of, rest @ ..],
            ) => self.method(of, name, rest),
            ("FullYearsBetween", [from, to]) => {
                Ok(Formula::call("years-between", vec![self.part(from)?, self.part(to)?]))
            }
            _ => Err(without(format!("{name}()"))),
        }
    }

    fn maths(&self, name: &str, arguments: &[Syntax]) -> Found {
        let known = MATHS.iter().find(|(theirs, _)| *theirs == name);
        let Some((_, ours)) = known else { return Err(without(format!("Math.{name}()"))) };
        Ok(Formula::call(ours, self.all(arguments)?))
    }

    fn of_texts(&self, name: &str, arguments: &[Syntax]) -> Found {
        match (name, arguments) {
            ("IsNullOrEmpty" | "IsNullOrWhiteSpace", [text]) => Ok(self.part(text)?.blank()),
            ("Concat", _) => Ok(Formula::call("concat", self.all(arguments)?)),
            _ => Err(without(format!("string.{name}()"))),
        }
    }

    fn all(&self, parts: &[Syntax]) -> Result<Vec<Formula>, Phrase> {
        parts.iter().map(|part| self.part(part)).collect()
    }

    fn method(&self, of: &Syntax, name: &str, arguments: &[Syntax]) -> Found {
        if let Some(members) = self.members(of) {
            return self.of_members(members, name, arguments);
        }
        if self.sort_of(of) == Some(Sort::Multiple) {
            return self.of_set(of, name, arguments);
        }
        match (name, arguments) {
            ("InRange", [low, high]) => {
                let value = self.part(of)?;
                let least =
                    Formula::binary(Operator::GreaterOrEqual, value.clone(), self.part(low)?);
                let most = Formula::binary(Operator::LessOrEqual, value, self.part(high)?);
                Ok(Formula::binary(Operator::And, least, most))
            }
            ("InList", [_, ..]) => self.one_of(of, arguments),
            ("IsNoneOf", [_, ..]) => Ok(self.one_of(of, arguments)?.negated()),
            ("Contains", [one]) => match of {
                Syntax::Array(all) => self.one_of(one, all),
                _ => Ok(Formula::call("contains", vec![self.part(of)?, self.part(one)?])),
            },
            ("FullYearsSince", [from]) => {
                Ok(Formula::call("years-between", vec![self.part(from)?, self.part(of)?]))
            }
            _ => self.of_text(of, name, arguments),
        }
    }

    fn of_text(&self, of: &Syntax, name: &str, arguments: &[Syntax]) -> Found {
        let text = || self.part(of);
        match (name, arguments) {
            ("StartsWith", [part]) => {
                Ok(Formula::call("starts-with", vec![text()?, self.part(part)?]))
            }
            ("EndsWith", [part]) => Ok(Formula::call("ends-with", vec![text()?, self.part(part)?])),
            ("ToUpper", []) => Ok(Formula::call("upper", vec![text()?])),
            ("ToLower", []) => Ok(Formula::call("lower", vec![text()?])),
            ("Trim", []) => Ok(Formula::call("trim", vec![text()?])),
            ("ToString", []) => Ok(Formula::call("string", vec![text()?])),
            ("Substring", [from]) => Ok(Formula::call("substr", vec![text()?, self.part(from)?])),
            ("Substring", [from, count]) => {
                let (from, count) = (self.part(from)?, self.part(count)?);
                let to = Formula::binary(Operator::Add, from.clone(), count);
                Ok(Formula::call("substr", vec![text()?, from, to]))
            }
            ("Left", [count]) => {
                let parts = vec![text()?, Formula::Number(0.0), self.part(count)?];
                Ok(Formula::call("substr", parts))
            }
            _ => Err(without(format!(".{name}()"))),
        }
    }

    fn one_of(&self, of: &Syntax, all: &[Syntax]) -> Found {
        if *of == Syntax::Name("@rowcode".to_owned())
            && let Some(test) = self.row_is_one_of(all)
        {
            return Ok(test);
        }
        let value = self.part(of)?;
        let test = |one: &Syntax| -> Found {
            Ok(Formula::binary(Operator::Equal, value.clone(), self.part(one)?))
        };
        let tests = all.iter().map(test).collect::<Result<Vec<_>, _>>()?;
        Formula::any(tests).ok_or_else(|| phrase("phrase-something-is-missing"))
    }

    /// What is asked of the chosen options of a question.
    fn of_set(&self, of: &Syntax, name: &str, arguments: &[Syntax]) -> Found {
        let set = self.set(of)?;
        let count = || Formula::call("count-selected", vec![set.clone()]);
        let holds = |one: &Syntax| -> Found {
            let code = match self.part(one)? {
                Formula::Number(number) => {
                    Formula::Text(survey_builder::questionnaire::expression::print_number(number))
                }
                other => other,
            };
            Ok(Formula::call("selected", vec![set.clone(), code]))
        };
        let given: Vec<&Syntax> = match arguments {
            [Syntax::Array(all)] => all.iter().collect(),
            all => all.iter().collect(),
        };
        let tests = given.iter().map(|one| holds(one)).collect::<Result<Vec<_>, _>>();
        let some =
            |found: Option<Formula>| found.ok_or_else(|| phrase("phrase-something-is-missing"));
        #[expect(clippy::cast_precision_loss, reason = "options are few")]
        let number = || Formula::Number(given.len() as f64);
        match name {
            "Contains" if given.len() == 1 => some(tests?.pop()),
            "ContainsAny" => some(Formula::any(tests?)),
            "ContainsAll" => some(Formula::all(tests?)),
            "ContainsOnly" => {
                let as_many = Formula::binary(Operator::Equal, count(), number());
                some(Formula::all(tests?.into_iter().chain([as_many])))
            }
            "CountValues" | "ContainsAnyOtherThan" if !given.is_empty() => {
                let one = |test| {
                    Formula::call("if", vec![test, Formula::Number(1.0), Formula::Number(0.0)])
                };
                let sum = tests?
                    .into_iter()
                    .map(one)
                    .reduce(|left, right| Formula::binary(Operator::Add, left, right));
                let sum = some(sum)?;
                Ok(match name {
                    "CountValues" => sum,
                    _ => Formula::binary(Operator::Greater, count(), sum),
                })
            }
            "Count" if given.is_empty() => Ok(count()),
            "Any" if given.is_empty() => {
                Ok(Formula::binary(Operator::Greater, count(), Formula::Number(0.0)))
            }
            _ => Err(without(format!(".{name}()"))),
        }
    }
}

/// Whether a value is there.
fn answered(of: Formula) -> Formula {
    Formula::binary(Operator::NotEqual, of, Formula::text(""))
}

fn is_named(of: &Syntax, names: &[&str]) -> bool {
    matches!(of, Syntax::Name(name) if names.contains(&name.as_str()))
}
