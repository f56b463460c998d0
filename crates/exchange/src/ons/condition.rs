//! Conditions: trees of JSON, an operator over its operands.

use survey_builder::problem::{Phrase, phrase};

use super::{Reader, string};
use crate::account::{Json, Part};
use crate::formula::{Formula, Operator};

impl Reader {
    /// A rule, a value source or a literal.
    pub(super) fn formula(&self, rule: &Json) -> Result<Formula, Phrase> {
        self.rule(rule, 0)
    }

    fn rule(&self, rule: &Json, depth: u32) -> Result<Formula, Phrase> {
        if depth > 60 {
            return Err(phrase("phrase-nested-deeper-than").with("limit", 60_u32));
        }
        match rule.part() {
            Part::String(text) => Ok(Formula::text(text)),
            Part::Number(number) => Ok(Formula::Number(number.as_f64().unwrap_or_default())),
            // Flags of the sample are kept as words.
            Part::Bool(truth) => Ok(Formula::text(&truth.to_string())),
            Part::Null => Ok(Formula::text("")),
            Part::Array(_) => Err(phrase("phrase-list-where-one-value-is-expected")),
            Part::Object(parts) => {
                if parts.contains_key("source") {
                    return self.source(rule);
                }
                let mut parts = parts.iter();
                match (parts.next(), parts.next()) {
                    (Some((operator, operands)), None) => self.operator(operator, operands, depth),
                    _ => Err(phrase("phrase-rule-with-several-operators")),
                }
            }
        }
    }

    fn source(&self, source: &Json) -> Result<Formula, Phrase> {
        let identifier = string(source, "identifier");
        match (string(source, "source"), string(source, "selector")) {
            ("answers", "") => Ok(self.names.answer(identifier)),
            // There it is looked at before the member is added.
            ("list", "" | "count") if self.adding.as_deref() == Some(identifier) => {
                let place = Formula::call("position", Vec::new());
                Ok(Formula::binary(Operator::Subtract, place, Formula::Number(1.0)))
            }
            ("list", "" | "count") => {
                let roster = Formula::Question(self.names.roster(identifier));
                Ok(Formula::call("count", vec![roster]))
            }
            ("calculated_summary" | "grand_calculated_summary", _) => {
                Ok(Formula::Question(self.names.summary(identifier)))
            }
            ("metadata" | "supplementary_data" | "response_metadata", _) => {
                let name = self.names.known(source);
                name.map(Formula::question)
                    .ok_or_else(|| phrase("phrase-name-that-is-not-known").with("name", identifier))
            }
            (kind, selector) => Err(phrase("phrase-no-counterpart")
                .with("what", format!("{selector} {kind} {identifier}").trim())),
        }
    }

    fn operator(&self, name: &str, operands: &Json, depth: u32) -> Result<Formula, Phrase> {
        let none = Vec::new();
        let written = operands.as_array().unwrap_or(&none);
        let between = match name {
            "==" => Some(Operator::Equal),
            "!=" => Some(Operator::NotEqual),
            "<" => Some(Operator::Less),
            "<=" => Some(Operator::LessOrEqual),
            ">" => Some(Operator::Greater),
            ">=" => Some(Operator::GreaterOrEqual),
            "-" => Some(Operator::Subtract),
            "*" => Some(Operator::Multiply),
            "/" => Some(Operator::Divide),
            _ => None,
        };
        if let (Some(operator), [left, right]) = (between, &written[..]) {
            let (left, right) = (self.rule(left, depth + 1)?, self.rule(right, depth + 1)?);
            return Ok(Formula::binary(operator, left, right));
        }
        if let ("in" | "any-in" | "all-in", [left, right]) = (name, &written[..]) {
            return self.membership(name, left, right, depth);
        }
        if name == "date" {
            return self.date(written, depth);
        }
        let parts: Result<Vec<Formula>, Phrase> =
            written.iter().map(|part| self.rule(part, depth + 1)).collect();
        let parts = parts?;
        let nothing = || phrase("phrase-something-is-missing");
        match name {
            "and" => Formula::all(parts).ok_or_else(nothing),
            "or" => Formula::any(parts).ok_or_else(nothing),
            "+" => {
                let added = |left, right| Formula::binary(Operator::Add, left, right);
                parts.into_iter().reduce(added).ok_or_else(nothing)
            }
            "sum" => Ok(Formula::call("sum", parts)),
            "not" => parts.into_iter().next().map(Formula::negated).ok_or_else(nothing),
            "count" => match <[Formula; 1]>::try_from(parts) {
                // A list is counted already where it is named.
                Ok([Formula::Call(name, of)]) if name == "count" => Ok(Formula::Call(name, of)),
                Ok([counted @ Formula::Binary(Operator::Subtract, ..)]) => Ok(counted),
                Ok(one) => Ok(Formula::call("count-selected", one.into())),
                Err(_) => Err(phrase("phrase-count-of-several")),
            },
            "map" | "format-date" | "option-label-from-value" | "date-range" => {
                Err(phrase("phrase-no-counterpart").with("what", name))
            }
            other => Err(phrase("phrase-unknown-operator").with("name", other)),
        }
    }

    /// One of several values; of several answers, any or all.
    fn membership(
        &self,
        name: &str,
        left: &Json,
        right: &Json,
        depth: u32,
    ) -> Result<Formula, Phrase> {
        // `in` also asks whether an answer holds one value.
        let (whole, codes) = match (left, right.as_array(), left.as_array()) {
            (left, Some(codes), _) => (self.rule(left, depth + 1)?, codes.clone()),
            (_, None, Some(codes)) => (self.rule(right, depth + 1)?, codes.clone()),
            (literal, None, None) => (self.rule(right, depth + 1)?, vec![literal.clone()]),
        };
        let mut each = Vec::with_capacity(codes.len());
        for code in &codes {
            let code = self.rule(code, depth + 1)?;
            each.push(if name == "in" && right.is_array() {
                Formula::binary(Operator::Equal, whole.clone(), code)
            } else {
                Formula::call("holds", vec![whole.clone(), code])
            });
        }
        let joined = if name == "all-in" { Formula::all(each) } else { Formula::any(each) };
        joined.ok_or_else(|| phrase("phrase-something-is-missing"))
    }

    /// `{"date": ["now", {"days": -7}]}`.
    fn date(&self, written: &[Json], depth: u32) -> Result<Formula, Phrase> {
        let Some(first) = written.first() else {
            return Err(phrase("phrase-something-is-missing"));
        };
        let base = match first.as_str() {
            Some("now") => Formula::call("today", vec![]),
            Some(day) => Formula::call("date", vec![Formula::text(day)]),
            None => self.rule(first, depth + 1)?,
        };
        let Some(offset) = written.get(1) else { return Ok(base) };
        offset_by(base, offset)
    }
}

/// A day some days before or after another.
pub(super) fn offset_by(base: Formula, offset: &Json) -> Result<Formula, Phrase> {
    let days = offset.get("days").and_then(Json::as_f64).unwrap_or(0.0);
    for unit in ["weeks", "months", "years", "day_of_week"] {
        if offset.get(unit).is_some_and(|value| value.as_f64() != Some(0.0)) {
            return Err(phrase("phrase-difference-of-dates-in").with("unit", unit));
        }
    }
    if days.abs() < 0.5 {
        return Ok(base);
    }
    Ok(Formula::binary(Operator::Add, base, Formula::Number(days)))
}
