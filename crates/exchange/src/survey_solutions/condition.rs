//! Conditions in C# as formulas.
//!
//! A blank answer is `null` there: compared by size it gives false, compared for
//! being another true, as in the formulas of forms. Whole numbers divide as whole
//! ones.

use std::cell::RefCell;

use survey_builder::problem::{Argument, Phrase, phrase};

use super::members::OfMember;
use super::names::{Names, Rows, Sort};
use super::syntax::{Syntax, read};
use crate::formula::{Formula, Operator};

/// The most macros that stand in each other.
const MACRO_LIMIT: usize = 10;

/// The most bytes of a condition with what its macros stand for.
const EXPANDED_LIMIT: usize = 100_000;

/// Where a condition stands.
pub(super) struct Standing<'n> {
    pub names: &'n Names,
    /// The rosters around, the innermost last.
    pub around: &'n [String],
    /// The variable of the question whose answer is checked.
    pub own: Option<&'n str>,
    /// The values of members that conditions need.
    pub of_members: &'n RefCell<Vec<OfMember>>,
}

pub(super) fn without(what: impl Into<Argument>) -> Phrase {
    phrase("phrase-no-counterpart").with("what", what)
}

/// What was made of a condition, or why it cannot be.
pub(super) type Found = Result<Formula, Phrase>;

impl Standing<'_> {
    /// Reads a condition.
    pub(super) fn formula(&self, source: &str) -> Found {
        self.value(&read(&self.with_macros(source)?)?)
    }

    /// A condition with what its macros stand for.
    fn with_macros(&self, source: &str) -> Result<String, Phrase> {
        let mut text = source.to_owned();
        for _ in 0..MACRO_LIMIT {
            let mut parts = text.split('$');
            let mut whole = parts.next().unwrap_or_default().to_owned();
            let mut any = false;
            for part in parts {
                let is_sign = |sign: &char| sign.is_alphanumeric() || *sign == '_';
                let name: String = part.chars().take_while(is_sign).collect();
                match self.names.macros.get(&name) {
                    Some(content) => {
                        any = true;
                        whole.push_str(&format!("({content}){}", &part[name.len()..]));
                    }
                    None => whole.push_str(&format!("${part}")),
                }
                if whole.len() > EXPANDED_LIMIT {
                    return Err(phrase("phrase-more-characters-than").with("limit", EXPANDED_LIMIT));
                }
            }
            text = whole;
            if !any {
                return Ok(text);
            }
        }
        Err(phrase("phrase-nested-deeper-than").with("limit", MACRO_LIMIT))
    }

    fn value(&self, syntax: &Syntax) -> Found {
        Ok(match syntax {
            Syntax::Number { value, .. } => Formula::Number(*value),
            Syntax::Text(text) => Formula::text(text),
            Syntax::Truth(true) => Formula::call("true", Vec::new()),
            Syntax::Truth(false) => Formula::call("false", Vec::new()),
            Syntax::Null => Formula::text(""),
            Syntax::Name(name) => self.name(name)?,
            Syntax::Not(inner) => self.value(inner)?.negated(),
            Syntax::Negate(inner) => match self.value(inner)? {
                Formula::Number(number) => Formula::Number(-number),
                other => Formula::Negate(Box::new(other)),
            },
            Syntax::Binary(operator, left, right) => self.binary(*operator, left, right)?,
            Syntax::Choice(condition, yes, no) => {
                let parts = [condition, yes, no].map(|part| self.value(part));
                Formula::call("if", parts.into_iter().collect::<Result<_, _>>()?)
            }
            Syntax::Coalesce(first, second) => {
                Formula::call("coalesce", vec![self.value(first)?, self.value(second)?])
            }
            Syntax::Cast(kind, inner) => {
                let value = self.value(inner)?;
                let cuts = ["int", "long", "Int32"].contains(&kind.as_str());
                if cuts && !self.is_whole(inner) {
                    Formula::call("int", vec![value])
                } else {
                    value
                }
            }
            Syntax::Member(of, name) => self.member(of, name)?,
            Syntax::Call(of, arguments) => self.call(of, arguments)?,
            Syntax::New(name, parts) if name == "DateTime" => Self::day(parts)?,
            Syntax::New(name, _) => return Err(without(format!("new {name}"))),
            Syntax::Index(..) => return Err(without("[…]")),
            Syntax::Array(_) => return Err(without("new[] {…}")),
            Syntax::Function(..) => return Err(without("=>")),
        })
    }

    fn name(&self, name: &str) -> Found {
        match name {
            "self" => return Ok(Formula::SelfValue),
            "@optioncode" => return Ok(Formula::Column("name".to_owned())),
            "@rowindex" => {
                self.innermost(name)?;
                return Ok(row_number());
            }
            "@rowcode" => return self.row_code(),
            _ => {}
        }
        if self.own == Some(name) {
            return Ok(Formula::SelfValue);
        }
        match self.names.variable(name) {
            Some(entity) if entity.sort != Sort::Other && entity.sort != Sort::List => {
                Ok(Formula::question(&entity.name))
            }
            Some(_) => Err(without(name)),
            None => Err(phrase("phrase-no-question-is-called").with("name", name)),
        }
    }

    fn innermost(&self, what: &str) -> Result<&str, Phrase> {
        self.around.last().map(String::as_str).ok_or_else(|| without(what))
    }

    /// The code of the member that is asked about.
    fn row_code(&self) -> Found {
        let roster = self.innermost("@rowcode")?;
        let rows = self.names.roster_named(roster).and_then(|one| one.rows.as_ref());
        match rows {
            Some(Rows::Fixed(codes)) => {
                let mut all = Formula::Number(0.0);
                for (place, code) in codes.iter().enumerate().rev() {
                    let code = crate::draft::text::number(code).map(Formula::Number);
                    let code = code.ok_or_else(|| without("@rowcode"))?;
                    let is_here = Formula::binary(Operator::Equal, position(), counted(place + 1));
                    all = if place + 1 == codes.len() {
                        code
                    } else {
                        Formula::call("if", vec![is_here, code, all])
                    };
                }
                Ok(all)
            }
            Some(Rows::Chosen(question)) => {
                Ok(Formula::call("selected-at", vec![Formula::question(question), row_number()]))
            }
            Some(Rows::Counted) => Ok(row_number()),
            _ => Err(without("@rowcode")),
        }
    }

    /// The places of the members with these codes, where a roster has the same always.
    pub(super) fn row_is_one_of(&self, codes: &[Syntax]) -> Option<Formula> {
        let entity = self.names.roster_named(self.around.last()?)?;
        let Some(Rows::Fixed(all)) = &entity.rows else { return None };
        let mut tests = Vec::new();
        for code in codes {
            let Syntax::Number { value, .. } = code else { return None };
            let is_it = |own: &String| crate::draft::text::number(own) == Some(*value);
            // A code that no member has is never met.
            let place = all.iter().position(is_it).map_or(0, |place| place + 1);
            tests.push(Formula::binary(Operator::Equal, position(), counted(place)));
        }
        Formula::any(tests)
    }

    fn binary(&self, operator: Operator, left: &Syntax, right: &Syntax) -> Found {
        let is_row = |part: &Syntax| *part == Syntax::Name("@rowcode".to_owned());
        if matches!(operator, Operator::Equal | Operator::NotEqual) {
            let code = match (is_row(left), is_row(right)) {
                (true, false) => Some(right),
                (false, true) => Some(left),
                _ => None,
            };
            let found = code.and_then(|code| self.row_is_one_of(std::slice::from_ref(code)));
            if let Some(test) = found {
                return Ok(if operator == Operator::Equal { test } else { test.negated() });
            }
            for (part, truth) in [(left, right), (right, left)] {
                if let Syntax::Truth(truth) = truth {
                    let part = self.value(part)?;
                    let wanted = *truth == (operator == Operator::Equal);
                    return Ok(if wanted { part } else { part.negated() });
                }
            }
        }
        let is_text = |part: &Syntax| self.is_text(part);
        if operator == Operator::Add && (is_text(left) || is_text(right)) {
            return Ok(Formula::call("concat", vec![self.value(left)?, self.value(right)?]));
        }
        let found = Formula::binary(operator, self.value(left)?, self.value(right)?);
        if operator == Operator::Divide && self.is_whole(left) && self.is_whole(right) {
            return Ok(Formula::call("int", vec![found]));
        }
        Ok(found)
    }

    /// Whether a part is a whole number there.
    fn is_whole(&self, syntax: &Syntax) -> bool {
        match syntax {
            Syntax::Number { is_whole, .. } => *is_whole,
            Syntax::Name(name) if name == "self" => self.own.is_some_and(|own| self.has_whole(own)),
            Syntax::Name(name) => name.starts_with('@') || self.has_whole(name),
            Syntax::Negate(inner) => self.is_whole(inner),
            Syntax::Cast(kind, _) => ["int", "long", "Int32"].contains(&kind.as_str()),
            Syntax::Binary(operator, left, right) => {
                matches!(operator.binding().0, 5 | 6) && self.is_whole(left) && self.is_whole(right)
            }
            Syntax::Choice(_, yes, no) | Syntax::Coalesce(yes, no) => {
                self.is_whole(yes) && self.is_whole(no)
            }
            Syntax::Member(of, name) => match name.as_str() {
                "Value" => self.is_whole(of),
                "Length" | "Count" | "Year" | "Month" | "Day" => true,
                _ => false,
            },
            Syntax::Call(of, _) => {
                let name = if let Syntax::Member(_, name) = &**of { name.as_str() } else { "" };
                ["Count", "CountValues", "FullYearsSince", "FullYearsBetween"].contains(&name)
            }
            _ => false,
        }
    }

    fn has_whole(&self, name: &str) -> bool {
        let sort = self.names.variable(name).map(|one| one.sort);
        matches!(sort, Some(Sort::Whole | Sort::Single))
    }

    pub(super) fn sort_of(&self, syntax: &Syntax) -> Option<Sort> {
        match syntax {
            Syntax::Name(name) if name == "self" => self.sort_of_own(),
            Syntax::Name(name) => self.names.variable(name).map(|one| one.sort),
            // Questions asked with yes and no.
            Syntax::Member(of, name) if ["Yes", "Value"].contains(&name.as_str()) => {
                self.sort_of(of)
            }
            _ => None,
        }
    }

    fn sort_of_own(&self) -> Option<Sort> {
        self.names.variable(self.own?).map(|one| one.sort)
    }

    pub(super) fn is_text(&self, syntax: &Syntax) -> bool {
        match syntax {
            Syntax::Text(_) => true,
            Syntax::Call(of, _) => {
                let texts = ["ToString", "ToUpper", "ToLower", "Trim", "Substring", "Left"];
                matches!(&**of, Syntax::Member(_, name) if texts.contains(&name.as_str()))
            }
            Syntax::Binary(Operator::Add, left, right) => self.is_text(left) || self.is_text(right),
            other => self.sort_of(other) == Some(Sort::Text),
        }
    }

    /// A day that is written out.
    fn day(parts: &[Syntax]) -> Found {
        let mut numbers = Vec::new();
        for part in parts {
            match part {
                Syntax::Number { value, is_whole: true } => numbers.push(*value),
                _ => return Err(without("new DateTime")),
            }
        }
        match numbers.as_slice() {
            [year, month, day] => {
                let text = format!("{year:04}-{month:02}-{day:02}");
                Ok(Formula::call("date", vec![Formula::text(&text)]))
            }
            _ => Err(without("new DateTime")),
        }
    }

    /// What a value of that sort is when it is read whole, as `selected` needs it.
    pub(super) fn set(&self, of: &Syntax) -> Found {
        match of {
            Syntax::Member(inner, name) if name == "Yes" => self.value(inner),
            other => self.value(other),
        }
    }

    pub(super) fn part(&self, syntax: &Syntax) -> Found {
        self.value(syntax)
    }

    /// The roster or the list that a name is: its name here.
    pub(super) fn roster_of(&self, syntax: &Syntax) -> Option<&str> {
        let Syntax::Name(name) = syntax else { return None };
        self.names.variable(name)?.roster.as_deref()
    }
}

/// The place of the member that is asked about, from 1.
fn position() -> Formula {
    Formula::call("position", Vec::new())
}

/// The same from 0.
fn row_number() -> Formula {
    Formula::binary(Operator::Subtract, position(), Formula::Number(1.0))
}

#[expect(clippy::cast_precision_loss, reason = "members are few")]
fn counted(count: usize) -> Formula {
    Formula::Number(count as f64)
}
