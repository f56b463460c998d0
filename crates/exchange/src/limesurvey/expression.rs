//! `ExpressionScript`: its syntax and its names, read into a [`Formula`].
//!
//! `Q1_A.NAOK == "Y"` asks whether a box is ticked: it becomes `selected`.
//! `self` is the question that the expression belongs to, `that.Q1` all parts
//! of another.

mod function;

use super::variables::{Member, Variable, Variables};
use crate::draft::text::number;
use crate::formula::read::{Dialect, Sign, read};
use crate::formula::{Formula, Operator};
use survey_builder::problem::{Phrase, phrase};

const DIALECT: Dialect = Dialect {
    operators: &[
        ("||", Sign::Between(Operator::Or)),
        ("or", Sign::Between(Operator::Or)),
        ("&&", Sign::Between(Operator::And)),
        ("and", Sign::Between(Operator::And)),
        ("===", Sign::Between(Operator::Equal)),
        ("!==", Sign::Between(Operator::NotEqual)),
        ("==", Sign::Between(Operator::Equal)),
        ("eq", Sign::Between(Operator::Equal)),
        ("!=", Sign::Between(Operator::NotEqual)),
        ("<>", Sign::Between(Operator::NotEqual)),
        ("ne", Sign::Between(Operator::NotEqual)),
        ("<=", Sign::Between(Operator::LessOrEqual)),
        ("le", Sign::Between(Operator::LessOrEqual)),
        (">=", Sign::Between(Operator::GreaterOrEqual)),
        ("ge", Sign::Between(Operator::GreaterOrEqual)),
        ("<", Sign::Between(Operator::Less)),
        ("lt", Sign::Between(Operator::Less)),
        (">", Sign::Between(Operator::Greater)),
        ("gt", Sign::Between(Operator::Greater)),
        ("=", Sign::Call("an assignment")),
        ("+", Sign::Between(Operator::Add)),
        ("-", Sign::Between(Operator::Subtract)),
        ("*", Sign::Between(Operator::Multiply)),
        ("/", Sign::Between(Operator::Divide)),
        ("%", Sign::Between(Operator::Remainder)),
    ],
    brackets: Some(('{', '}')),
    bare: true,
    inside: "._:#",
};

/// What an expression may mean where it stands.
#[derive(Clone, Copy)]
pub(super) struct Context<'c> {
    pub variables: &'c Variables,
    /// The code of the question it belongs to.
    pub own: &'c str,
    /// Whether it is about an answer that is being given.
    pub is_constraint: bool,
}

/// Reads an expression that decides something.
pub(super) fn condition(source: &str, context: Context<'_>) -> Result<Formula, Phrase> {
    let parsed = parse(source)?;
    let formula = context.truth(parsed)?;
    Ok(context.about_itself(formula))
}

/// Reads an expression that gives a value.
pub(super) fn value(source: &str, context: Context<'_>) -> Result<Formula, Phrase> {
    let parsed = parse(source)?;
    let formula = context.value(parsed)?;
    Ok(context.about_itself(formula))
}

/// A variable of an older condition.
pub(super) fn variable(name: &str, context: Context<'_>) -> Result<Formula, Phrase> {
    context.value(Formula::question(name))
}

fn parse(source: &str) -> Result<Formula, Phrase> {
    let source = plain(source);
    let source = source.trim();
    let inner = source.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let source = inner.filter(|inner| !inner.contains(['{', '}'])).unwrap_or(source);
    read(&with_numbers_bracketed(source), &DIALECT)
}

/// An expression as it was meant, where an editor of pages has kept it.
pub(super) fn plain(source: &str) -> String {
    let mut plain = source.to_owned();
    for (written, meant) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#039;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
        ("\u{a0}", " "),
        ("<br />", " "),
        ("<br/>", " "),
        ("<br>", " "),
        ("<p>", " "),
        ("</p>", " "),
    ] {
        if plain.contains(written) {
            plain = plain.replace(written, meant);
        }
    }
    plain
}

/// Names that begin with a digit (`12X3X45`) in brackets, so that they are not
/// read as numbers.
fn with_numbers_bracketed(source: &str) -> String {
    let mut written = String::with_capacity(source.len());
    let mut characters = source.chars().peekable();
    let mut quote = None;
    let mut in_name = false;
    while let Some(next) = characters.next() {
        if let Some(open) = quote {
            written.push(next);
            if next == '\\' {
                written.extend(characters.next());
            } else if next == open {
                quote = None;
            }
            continue;
        }
        if next.is_ascii_digit() && !in_name {
            let mut word = String::from(next);
            let inside = |next: &char| next.is_alphanumeric() || "._#:".contains(*next);
            while let Some(more) = characters.next_if(inside) {
                word.push(more);
            }
            if word.contains('X') {
                written.push_str(&format!("{{{word}}}"));
            } else {
                written.push_str(&word);
            }
            continue;
        }
        if next == '\'' || next == '"' {
            quote = Some(next);
        }
        in_name = next.is_alphanumeric() || "._#:".contains(next);
        written.push(next);
    }
    written
}

impl Context<'_> {
    fn truth(self, formula: Formula) -> Result<Formula, Phrase> {
        match formula {
            Formula::Binary(operator @ (Operator::And | Operator::Or), left, right) => {
                Ok(Formula::binary(operator, self.truth(*left)?, self.truth(*right)?))
            }
            Formula::Call(name, mut arguments) if name == "not" && arguments.len() == 1 => {
                Ok(opposite(self.truth(arguments.remove(0))?))
            }
            Formula::Question(name) => match self.one(&name)? {
                Variable::Chosen { question, code, .. } => Ok(selected(&question, &code)),
                _ => self.value(Formula::Question(name)),
            },
            Formula::Call(name, arguments) if name.eq_ignore_ascii_case("if") => {
                let [condition, yes, no] = <[Formula; 3]>::try_from(arguments)
                    .map_err(|_| phrase("phrase-something-is-missing"))?;
                let parts = vec![self.truth(condition)?, self.truth(yes)?, self.truth(no)?];
                Ok(Formula::call("if", parts))
            }
            Formula::Number(number) => {
                let name = if number == 0.0 { "false" } else { "true" };
                Ok(Formula::call(name, Vec::new()))
            }
            other => self.value(other),
        }
    }

    fn value(self, formula: Formula) -> Result<Formula, Phrase> {
        match formula {
            Formula::Question(name) => self.question(&name),
            Formula::Binary(operator, left, right) => self.binary(operator, *left, *right),
            Formula::Negate(inner) => Ok(Formula::Negate(Box::new(self.value(*inner)?))),
            Formula::Call(name, arguments) => self.call(&name, arguments),
            other => Ok(other),
        }
    }

    fn binary(self, operator: Operator, left: Formula, right: Formula) -> Result<Formula, Phrase> {
        match operator {
            Operator::And | Operator::Or => {
                Ok(Formula::binary(operator, self.truth(left)?, self.truth(right)?))
            }
            Operator::Equal | Operator::NotEqual => {
                let tested = self.box_test(&left, &right).or_else(|| self.box_test(&right, &left));
                if let Some(test) = tested {
                    return Ok(if operator == Operator::Equal { test } else { opposite(test) });
                }
                Ok(Formula::binary(operator, self.value(left)?, self.value(right)?))
            }
            Operator::Add => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                // It joins texts, as soon as one side is no number.
                let is_text = |part: &Formula| match part {
                    Formula::Text(text) => number(text).is_none(),
                    Formula::Call(name, _) => name == "concat",
                    _ => false,
                };
                if is_text(&left) || is_text(&right) {
                    return Ok(Formula::call("concat", vec![left, right]));
                }
                Ok(Formula::binary(operator, left, right))
            }
            _ => Ok(Formula::binary(operator, self.value(left)?, self.value(right)?)),
        }
    }

    /// Whether a box is ticked, asked by comparing it with what it then holds.
    fn box_test(self, variable: &Formula, literal: &Formula) -> Option<Formula> {
        let Formula::Question(name) = variable else { return None };
        let Variable::Chosen { question, code, value, .. } = self.one(name).ok()? else {
            return None;
        };
        let ticked = selected(&question, &code);
        match literal {
            Formula::Text(text) if text.trim() == value => Some(ticked),
            Formula::Text(text) if text.trim().is_empty() => Some(ticked.negated()),
            Formula::Number(number) if value == "1" && (*number - 1.0).abs() < f64::EPSILON => {
                Some(ticked)
            }
            // Some ask for N, which no box ever holds.
            Formula::Text(text) if text == "N" => Some(ticked.negated()),
            Formula::Text(_) | Formula::Number(_) => Some(Formula::call("false", Vec::new())),
            _ => None,
        }
    }

    /// The one variable of a name.
    fn one(self, name: &str) -> Result<Variable, Phrase> {
        let (name, _) = split(name);
        if let Some(found) = self.variables.find(&name) {
            return Ok(found.clone());
        }
        let mut members = self.many(&name)?;
        match members.len() {
            1 => Ok(members.remove(0).variable),
            0 => Err(phrase("phrase-question-without-an-answer").with("name", name)),
            _ => Err(phrase("phrase-name-of-several-answers").with("name", name)),
        }
    }

    /// All that a name stands for: `self` and `that` may be several.
    fn many(self, name: &str) -> Result<Vec<Member>, Phrase> {
        let mut words = name.split('.');
        let first = words.next().unwrap_or_default();
        let code = match first {
            "self" | "this" => self.own,
            "that" => words.next().unwrap_or_default(),
            _ => {
                if let Some(found) = self.variables.find(name) {
                    let variable = found.clone();
                    return Ok(vec![Member { suffix: String::new(), variable }]);
                }
                first
            }
        };
        let mut members: Vec<Member> = self
            .variables
            .members(code)
            .ok_or_else(|| match name.rsplit_once('.') {
                Some((known, attribute)) if self.variables.find(known).is_some() => {
                    phrase("phrase-no-counterpart").with("what", format!(".{attribute}"))
                }
                _ => phrase("phrase-no-question-is-called").with("name", code),
            })?
            .to_vec();
        let is_comment = |member: &Member| member.suffix.ends_with("comment");
        for word in words {
            match word {
                "comments" => members.retain(is_comment),
                "nocomments" => members.retain(|member| !is_comment(member)),
                _ => {
                    if let Some(part) = word.strip_prefix("sq_") {
                        members.retain(|member| {
                            member.suffix.split('_').any(|own| own == part)
                                || member.suffix.starts_with(part)
                        });
                    }
                }
            }
        }
        Ok(members)
    }

    fn question(self, written: &str) -> Result<Formula, Phrase> {
        let (name, attribute) = split(written);
        if name == "this" && self.is_constraint {
            return Ok(Formula::SelfValue);
        }
        if let Some((code, last)) = name.rsplit_once('.')
            && let Some(said) =
                self.variables.attribute(if code == "self" { self.own } else { code }, last)
        {
            return Ok(Formula::text(said));
        }
        let variable = self.one(written)?;
        Ok(match (variable, attribute) {
            (
                Variable::Chosen { question, .. } | Variable::Item { name: question, .. },
                Attribute::Asked,
            ) => {
                let asked = Formula::call("asked", vec![Formula::Question(question)]);
                Formula::call("if", vec![asked, Formula::Number(1.0), Formula::Number(0.0)])
            }
            (Variable::Item { name, coded: true }, Attribute::Shown) => {
                Formula::call("jr:choice-name", vec![Formula::Question(name)])
            }
            (Variable::Item { name, .. }, _) => Formula::Question(name),
            (Variable::Chosen { question, code, value, label }, attribute) => {
                let text = if attribute == Attribute::Shown { label } else { value.to_owned() };
                let parts =
                    vec![selected(&question, &code), Formula::Text(text), Formula::text("")];
                Formula::call("if", parts)
            }
            (Variable::Rank { question, place }, _) => {
                #[expect(clippy::cast_precision_loss, reason = "a place in a ranking is small")]
                let place = Formula::Number(place as f64);
                Formula::call("selected-at", vec![Formula::Question(question), place])
            }
        })
    }

    /// In a constraint, the question's own answer is the one being checked.
    fn about_itself(self, formula: Formula) -> Formula {
        if !self.is_constraint {
            return formula;
        }
        let own = match self.variables.members(self.own) {
            Some([Member { variable: Variable::Item { name, .. }, .. }, ..]) => name.clone(),
            Some([Member { variable: Variable::Chosen { question, .. }, .. }, ..]) => {
                question.clone()
            }
            _ => return formula,
        };
        formula.replaced(&mut |part| match part {
            Formula::Question(name) if name == own => Formula::SelfValue,
            other => other,
        })
    }
}

/// What of a variable is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attribute {
    Value,
    Shown,
    Asked,
}

/// A name without its attribute, and that.
fn split(written: &str) -> (String, Attribute) {
    let mut name = written.trim();
    for prefix in ["INSERTANS:", "insertans:"] {
        name = name.strip_prefix(prefix).unwrap_or(name);
    }
    let mut attribute = Attribute::Value;
    while let Some((rest, last)) = name.rsplit_once('.') {
        attribute = match last {
            "NAOK" | "value" | "valueNAOK" | "code" => attribute,
            "shown" => Attribute::Shown,
            "relevanceStatus" => Attribute::Asked,
            _ => break,
        };
        name = rest;
    }
    (name.to_owned(), attribute)
}

/// The opposite of a condition, in few words.
pub(super) fn opposite(formula: Formula) -> Formula {
    match formula {
        Formula::Call(name, mut arguments) if name == "not" && arguments.len() == 1 => {
            arguments.remove(0)
        }
        Formula::Binary(Operator::Equal, left, right) if *right == Formula::text("") => {
            Formula::Binary(Operator::NotEqual, left, right)
        }
        other => other.negated(),
    }
}

/// Whether an option is among those chosen.
pub(super) fn selected(question: &str, code: &str) -> Formula {
    Formula::call("selected", vec![Formula::question(question), Formula::text(code)])
}

pub(super) use function::whole_pattern;
