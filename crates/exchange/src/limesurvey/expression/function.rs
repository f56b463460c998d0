//! The functions of `ExpressionScript`.

use super::super::variables::Variable;
use super::{Context, opposite, selected};
use crate::formula::{Formula, Operator};
use survey_builder::problem::{Phrase, phrase};

/// Functions that have another name here and nothing else.
const RENAMED: [(&str, &str); 27] = [
    ("intval", "int"),
    ("floatval", "number"),
    ("fixnum", "number"),
    ("localize_number", "number"),
    ("floor", "floor"),
    ("ceil", "ceiling"),
    ("round", "round"),
    ("abs", "abs"),
    ("sqrt", "sqrt"),
    ("pow", "pow"),
    ("exp", "exp"),
    ("log10", "log10"),
    ("sin", "sin"),
    ("cos", "cos"),
    ("tan", "tan"),
    ("asin", "asin"),
    ("acos", "acos"),
    ("atan", "atan"),
    ("atan2", "atan2"),
    ("strlen", "string-length"),
    ("strtolower", "lower"),
    ("strtoupper", "upper"),
    ("trim", "trim"),
    ("join", "concat"),
    ("min", "min"),
    ("max", "max"),
    ("strval", "string"),
];

impl Context<'_> {
    pub(super) fn call(self, name: &str, arguments: Vec<Formula>) -> Result<Formula, Phrase> {
        let lower = name.to_lowercase();
        match (lower.as_str(), arguments.len()) {
            ("is_empty" | "empty" | "is_null", 1) => self.is_empty(arguments),
            ("isset", 1) => Ok(opposite(self.is_empty(arguments)?)),
            ("not", 1) => Ok(opposite(self.truth(first(arguments))?)),
            ("if" | "iif", 3) => {
                let mut arguments = arguments.into_iter();
                let condition = self.truth(arguments.next().unwrap_or(Formula::SelfValue))?;
                let rest: Result<Vec<Formula>, Phrase> =
                    arguments.map(|part| self.value(part)).collect();
                Ok(Formula::call("if", std::iter::once(condition).chain(rest?).collect()))
            }
            ("count", _) => self.count(arguments),
            ("sum", _) => self.sum(arguments),
            ("countif", 2..) => self.counted(arguments, |_| Formula::Number(1.0)),
            ("sumif", 2..) => self.counted(arguments, filled),
            ("countifop", 3..) => self.counted_by(arguments, |_| Formula::Number(1.0)),
            ("sumifop", 3..) => self.counted_by(arguments, filled),
            ("is_numeric" | "is_float" | "is_int", 1) => {
                let value = self.value(first(arguments))?;
                Ok(Formula::call("number", vec![value]).blank().negated())
            }
            ("is_nan", 1) => {
                let value = self.value(first(arguments))?;
                Ok(Formula::call("number", vec![value]).blank())
            }
            ("substr" | "mb_substr", 2 | 3) => self.part_of_text(arguments),
            ("implode", 2..) => self.joined(arguments),
            ("regexmatch", 2) => self.matched(arguments),
            ("strpos" | "stripos" | "strstr" | "stristr", 2) => {
                Err(phrase("phrase-function-gives-a-place").with("function", format!("{name}()")))
            }
            ("date", 1 | 2) => self.date(arguments),
            ("strtotime", 1) => self.moment(first(arguments)),
            ("today", 0) => Ok(Formula::call("today", Vec::new())),
            ("pi", 0) => Ok(Formula::Number(std::f64::consts::PI)),
            ("log", 1) => Ok(Formula::call("log", vec![self.value(first(arguments))?])),
            ("log", 2) => {
                let mut parts = self
                    .values(arguments)?
                    .into_iter()
                    .map(|part| Formula::call("log", vec![part]));
                let (value, base) = (parts.next(), parts.next());
                let missing = || phrase("phrase-something-is-missing");
                let (value, base) = (value.ok_or_else(missing)?, base.ok_or_else(missing)?);
                Ok(Formula::binary(Operator::Divide, value, base))
            }
            ("in_array", 2..) => self.among(arguments),
            ("true" | "false" | "array", _) => Ok(Formula::call(&lower, self.values(arguments)?)),
            ("unique", _) => Err(phrase("phrase-no-counterpart").with("what", "unique()")),
            (
                "htmlspecialchars" | "html_entity_decode" | "nl2br" | "stripslashes" | "addslashes",
                1,
            ) => self.value(first(arguments)),
            ("an assignment", _) => Err(phrase("phrase-assignment")),
            _ => match RENAMED.iter().find(|(theirs, _)| *theirs == lower) {
                Some((_, ours)) => {
                    let parts = if matches!(*ours, "min" | "max") {
                        self.flat(arguments)?
                    } else {
                        self.values(arguments)?
                    };
                    Ok(Formula::call(ours, parts))
                }
                None => Err(phrase("phrase-no-counterpart").with("what", format!("{name}()"))),
            },
        }
    }

    fn values(self, arguments: Vec<Formula>) -> Result<Vec<Formula>, Phrase> {
        arguments.into_iter().map(|part| self.value(part)).collect()
    }

    /// What the arguments stand for, `self` and `that` laid out.
    fn laid_out(self, arguments: Vec<Formula>) -> Result<Vec<Laid>, Phrase> {
        let mut laid = Vec::new();
        for argument in arguments {
            match argument {
                Formula::Question(written) => {
                    let (name, _) = super::split(&written);
                    let members = self.many(&name)?;
                    laid.extend(members.into_iter().map(|member| Laid::Variable(member.variable)));
                }
                other => laid.push(Laid::Value(self.value(other)?)),
            }
        }
        Ok(laid)
    }

    fn flat(self, arguments: Vec<Formula>) -> Result<Vec<Formula>, Phrase> {
        Ok(self.laid_out(arguments)?.into_iter().map(Laid::value).collect())
    }

    fn is_empty(self, arguments: Vec<Formula>) -> Result<Formula, Phrase> {
        let parts = self.laid_out(arguments)?.into_iter().map(|part| match part {
            Laid::Variable(Variable::Chosen { question, code, .. }) => {
                selected(&question, &code).negated()
            }
            other => other.value().blank(),
        });
        Formula::all(parts).ok_or_else(|| phrase("phrase-something-is-missing"))
    }

    /// How many have a value.
    fn count(self, arguments: Vec<Formula>) -> Result<Formula, Phrase> {
        let mut ticked = Vec::new();
        let mut valued = Vec::new();
        for part in self.laid_out(arguments)? {
            match part {
                Laid::Variable(Variable::Chosen { question, code, .. }) => {
                    ticked.push(one_if(selected(&question, &code)));
                }
                other => valued.push(other.value()),
            }
        }
        if !valued.is_empty() {
            ticked.push(Formula::call("count-non-empty", valued));
        }
        Ok(added(ticked))
    }

    /// The sum, in which a blank counts nothing.
    fn sum(self, arguments: Vec<Formula>) -> Result<Formula, Phrase> {
        Ok(added(self.flat(arguments)?.into_iter().map(|part| filled(&part)).collect()))
    }

    /// `countif(value, …)`: adds `weight` of those that have the value.
    fn counted(
        self,
        mut arguments: Vec<Formula>,
        weight: fn(&Formula) -> Formula,
    ) -> Result<Formula, Phrase> {
        let wanted = self.value(arguments.remove(0))?;
        self.weighted(arguments, weight, |part| {
            Formula::binary(Operator::Equal, part, wanted.clone())
        })
    }

    /// `countifop('>', value, …)`.
    fn counted_by(
        self,
        mut arguments: Vec<Formula>,
        weight: fn(&Formula) -> Formula,
    ) -> Result<Formula, Phrase> {
        let operator = match arguments.remove(0) {
            Formula::Text(sign) if sign == "RX" => {
                let Formula::Text(pattern) = arguments.remove(0) else {
                    return Err(phrase("phrase-pattern-that-is-computed"));
                };
                let pattern = whole_pattern(&pattern)?;
                return self.weighted(arguments, weight, |part| {
                    Formula::call("regex", vec![part, Formula::text(&pattern)])
                });
            }
            Formula::Text(sign) => match sign.as_str() {
                "==" | "eq" => Operator::Equal,
                "!=" | "ne" => Operator::NotEqual,
                "<" | "lt" => Operator::Less,
                "<=" | "le" => Operator::LessOrEqual,
                ">" | "gt" => Operator::Greater,
                ">=" | "ge" => Operator::GreaterOrEqual,
                other => return Err(phrase("phrase-comparing-by").with("sign", other)),
            },
            _ => return Err(phrase("phrase-comparison-that-is-computed")),
        };
        let wanted = self.value(arguments.remove(0))?;
        self.weighted(arguments, weight, |part| Formula::binary(operator, part, wanted.clone()))
    }

    fn weighted(
        self,
        arguments: Vec<Formula>,
        weight: fn(&Formula) -> Formula,
        test: impl Fn(Formula) -> Formula,
    ) -> Result<Formula, Phrase> {
        let parts = self.flat(arguments)?.into_iter().map(|part| {
            let weight = weight(&part);
            Formula::call("if", vec![test(part), weight, Formula::Number(0.0)])
        });
        Ok(added(parts.collect()))
    }

    fn part_of_text(self, arguments: Vec<Formula>) -> Result<Formula, Phrase> {
        let mut parts = self.values(arguments)?.into_iter();
        let text = parts.next().unwrap_or_else(|| Formula::text(""));
        let from = parts.next().unwrap_or(Formula::Number(0.0));
        if matches!(from, Formula::Negate(_)) {
            return Err(phrase("phrase-substr-from-the-end"));
        }
        let mut given = vec![text, from.clone()];
        given.extend(parts.next().map(|count| match (&from, &count) {
            (Formula::Number(from), Formula::Number(count)) => Formula::Number(from + count),
            _ => Formula::binary(Operator::Add, from, count),
        }));
        Ok(Formula::call("substr", given))
    }

    fn joined(self, mut arguments: Vec<Formula>) -> Result<Formula, Phrase> {
        let between = self.value(arguments.remove(0))?;
        let mut parts = Vec::new();
        for part in self.flat(arguments)? {
            if !parts.is_empty() {
                parts.push(between.clone());
            }
            parts.push(part);
        }
        Ok(Formula::call("concat", parts))
    }

    fn matched(self, arguments: Vec<Formula>) -> Result<Formula, Phrase> {
        let mut parts = arguments.into_iter();
        // Some write them the other way round.
        let ((Some(Formula::Text(pattern)), Some(text))
        | (Some(text), Some(Formula::Text(pattern)))) = (parts.next(), parts.next())
        else {
            return Err(phrase("phrase-pattern-that-is-computed"));
        };
        let pattern = whole_pattern(&pattern)?;
        Ok(Formula::call("regex", vec![self.value(text)?, Formula::Text(pattern)]))
    }

    /// `date('Y')`, of today or of an answer.
    fn date(self, arguments: Vec<Formula>) -> Result<Formula, Phrase> {
        let mut parts = arguments.into_iter();
        let Some(Formula::Text(form)) = parts.next() else {
            return Err(phrase("phrase-date-form-that-is-computed"));
        };
        let day = match parts.next() {
            None => Formula::call("today", Vec::new()),
            Some(day) => self.value(day)?,
        };
        match form.as_str() {
            "Y" => Ok(Formula::call("year", vec![day])),
            "m" | "n" => Ok(Formula::call("month", vec![day])),
            "d" | "j" => Ok(Formula::call("day", vec![day])),
            "N" => Ok(Formula::call("weekday", vec![day])),
            "Y-m-d" | "y-m-d" => Ok(day),
            other => Err(phrase("phrase-format-date-with").with("form", other)),
        }
    }

    fn moment(self, argument: Formula) -> Result<Formula, Phrase> {
        match argument {
            Formula::Text(text) if matches!(text.as_str(), "now" | "today") => {
                Ok(Formula::call("today", Vec::new()))
            }
            other => Ok(Formula::call("date", vec![self.value(other)?])),
        }
    }

    fn among(self, mut arguments: Vec<Formula>) -> Result<Formula, Phrase> {
        let wanted = self.value(arguments.remove(0))?;
        let tests = self
            .flat(arguments)?
            .into_iter()
            .map(|part| Formula::binary(Operator::Equal, wanted.clone(), part));
        Formula::any(tests).ok_or_else(|| phrase("phrase-something-is-missing"))
    }
}

/// An argument, laid out.
enum Laid {
    Variable(Variable),
    Value(Formula),
}

impl Laid {
    fn value(self) -> Formula {
        match self {
            Self::Value(formula) => formula,
            Self::Variable(Variable::Item { name, .. }) => Formula::Question(name),
            Self::Variable(Variable::Chosen { question, code, value, .. }) => {
                let ticked = selected(&question, &code);
                Formula::call("if", vec![ticked, Formula::text(value), Formula::text("")])
            }
            Self::Variable(Variable::Rank { question, place }) => {
                #[expect(clippy::cast_precision_loss, reason = "a place in a ranking is small")]
                let place = Formula::Number(place as f64);
                Formula::call("selected-at", vec![Formula::Question(question), place])
            }
        }
    }
}

fn first(arguments: Vec<Formula>) -> Formula {
    arguments.into_iter().next().unwrap_or_else(|| Formula::text(""))
}

fn one_if(condition: Formula) -> Formula {
    Formula::call("if", vec![condition, Formula::Number(1.0), Formula::Number(0.0)])
}

/// The number of a piece, 0 where it has none.
fn filled(part: &Formula) -> Formula {
    match part {
        Formula::Number(_) => part.clone(),
        Formula::Call(name, arguments) if name == "if" => match &arguments[..] {
            // A box: what it holds where it is ticked.
            [condition, Formula::Text(yes), Formula::Text(no)] if no.is_empty() => {
                let worth = yes.parse().unwrap_or(0.0);
                let parts = vec![condition.clone(), Formula::Number(worth), Formula::Number(0.0)];
                Formula::call("if", parts)
            }
            _ => blank_is_zero(part),
        },
        _ => blank_is_zero(part),
    }
}

fn blank_is_zero(part: &Formula) -> Formula {
    let number = Formula::call("number", vec![part.clone()]);
    Formula::call("coalesce", vec![number, Formula::Number(0.0)])
}

fn added(parts: Vec<Formula>) -> Formula {
    let sum = |left, right| Formula::binary(Operator::Add, left, right);
    parts.into_iter().reduce(sum).unwrap_or(Formula::Number(0.0))
}

/// A pattern between slashes that may stand anywhere in a text, as one for the
/// whole text.
pub(in super::super) fn whole_pattern(written: &str) -> Result<String, Phrase> {
    let written = written.trim();
    let mut pattern = written;
    if let Some(mark) = written.chars().next().filter(|mark| "/#~".contains(*mark))
        && let Some((inner, flags)) = written[1..].rsplit_once(mark)
    {
        if flags.contains('i') {
            return Err(phrase("phrase-pattern-that-ignores-case"));
        }
        pattern = inner;
    }
    let start = pattern.strip_prefix('^');
    let body = start.unwrap_or(pattern);
    let end = body.strip_suffix('$').filter(|body| !body.ends_with('\\'));
    let middle = end.unwrap_or(body);
    // Alternatives at the top belong together.
    let middle = if middle.contains('|') { format!("({middle})") } else { middle.to_owned() };
    let before = if start.is_some() { "" } else { ".*" };
    let after = if end.is_some() { "" } else { ".*" };
    Ok(format!("{before}{middle}{after}"))
}
