//! Conditions besides relevance: those of versions without expressions, what
//! answers must satisfy, and which parts are offered.

use survey_builder::problem::{Phrase, phrase};
use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{Kind, Question, Text};

use super::build::Builder;
use super::expression::{self, Context, selected};
use super::model::{Asked, Condition, Part};
use super::variables::Variable;
use crate::draft::{Slot, text::number};
use crate::formula::{Formula, Operator};

/// The tests of each field of a scenario.
type Fields = Vec<(String, Vec<Formula>)>;

impl Builder<'_> {
    /// The conditions of versions without expressions: those of one field are
    /// alternatives, the fields of a scenario go together, scenarios are
    /// alternatives again.
    pub(super) fn older_conditions(
        &self,
        asked: &Asked,
    ) -> Option<(Result<Formula, Phrase>, String)> {
        if asked.conditions.is_empty() {
            return None;
        }
        let context = self.context(asked.place(), false);
        let mut scenarios: Vec<(&str, Fields)> = Vec::new();
        let mut originals = Vec::new();
        for condition in &asked.conditions {
            let Condition { scenario, field, method, value, .. } = condition;
            originals.push(format!("{field} {} {value}", method.trim()));
            let formula = match self.older_condition(condition, context) {
                Ok(formula) => formula,
                Err(reason) => return Some((Err(reason), originals.join("; "))),
            };
            if !scenarios.iter().any(|(known, _)| known == scenario) {
                scenarios.push((scenario, Vec::new()));
            }
            let Some((_, fields)) = scenarios.iter_mut().find(|(known, _)| known == scenario)
            else {
                continue;
            };
            let key = if field.starts_with('+') { &condition.question } else { field };
            match fields.iter_mut().find(|(known, _)| known == key) {
                Some((_, tests)) => tests.push(formula),
                None => fields.push((key.clone(), vec![formula])),
            }
        }
        let scenarios = scenarios.into_iter().filter_map(|(_, fields)| {
            Formula::all(fields.into_iter().filter_map(|(_, tests)| Formula::any(tests)))
        });
        let formula = Formula::any(scenarios).ok_or_else(|| phrase("phrase-something-is-missing"));
        Some((formula, originals.join("; ")))
    }

    fn older_condition(
        &self,
        condition: &Condition,
        context: Context<'_>,
    ) -> Result<Formula, Phrase> {
        let field = condition.field.trim();
        let method = condition.method.trim();
        let value = condition.value.trim();
        let source = self.survey.questions().find(|one| one.id == condition.question);
        let is_ticked = source.is_some_and(|one| matches!(one.kind, 'M' | 'P'));
        let (name, value) = match field.strip_prefix('+') {
            Some(name) => (name.to_owned(), value),
            None if field.starts_with('{') => {
                (field.trim_matches(|next| next == '{' || next == '}').to_owned(), value)
            }
            None if is_ticked => (format!("{field}{value}"), "Y"),
            None => (field.to_owned(), value),
        };
        let left = match context.variables.find(&name) {
            Some(Variable::Chosen { question, code, .. }) => {
                let ticked = selected(question, code);
                let is_no = method == "!=" || value.is_empty() || value == "N";
                return Ok(if is_no && method != "!=" || (method == "!=" && value == "Y") {
                    ticked.negated()
                } else {
                    ticked
                });
            }
            _ => expression::variable(&name, context)?,
        };
        let inner = value.strip_prefix('@').and_then(|rest| rest.strip_suffix('@'));
        let right = match inner {
            Some(other) => expression::variable(other, context)?,
            None if value.starts_with('{') => expression::value(value, context)?,
            None => Formula::text(value),
        };
        let operator = match method {
            "RX" => {
                let pattern = expression::whole_pattern(value)?;
                return Ok(Formula::call("regex", vec![left, Formula::Text(pattern)]));
            }
            "" | "==" | "=" => Operator::Equal,
            "!=" => Operator::NotEqual,
            "<" | "a<b" => Operator::Less,
            "<=" | "a<=b" => Operator::LessOrEqual,
            ">" | "a>b" => Operator::Greater,
            ">=" | "a>=b" => Operator::GreaterOrEqual,
            other => return Err(phrase("phrase-comparing-by").with("sign", other)),
        };
        Ok(Formula::binary(operator, left, right))
    }

    /// What answers must satisfy.
    pub(super) fn validation(&mut self, asked: &Asked, id: ItemId, made: &[Question]) {
        let own = asked.place().to_owned();
        let Some(question) = made.iter().find(|one| one.id == id) else { return };
        if !question.kind.takes_answer() {
            return;
        }
        let is_one = !matches!(question.kind, Kind::Grid(_) | Kind::Battery(_));
        let tip = |builder: &mut Self, name: &str| match asked.attributes.get(name) {
            Some(texts) => builder.text(texts, &own, &own),
            None => Text::default(),
        };
        let message = tip(self, "em_validation_q_tip");
        let part_message = tip(self, "em_validation_sq_tip");
        let constraint = |message: &Text| Slot::Constraint {
            question: id,
            message: message.clone(),
            soft: false,
        };
        let whole = asked.attribute("em_validation_q").to_owned();
        if !matches!(whole.as_str(), "" | "1") {
            let context = self.context(&own, is_one);
            let formula = expression::condition(&whole, context);
            let total = formula.as_ref().ok().and_then(|read| self.total_of(asked, question, read));
            match total {
                Some(total) => self.draft.later(Slot::Total(id), Ok(total), &whole, &own),
                // Of several answers it is looked at once all are given.
                None => self.draft.later(constraint(&message), formula, &whole, &own),
            }
        }
        let part = asked.attribute("em_validation_sq").to_owned();
        if !matches!(part.as_str(), "" | "1") {
            self.put_condition(constraint(&part_message), &part, &own);
        }
        if !asked.pattern.is_empty() {
            let formula = expression::whole_pattern(&asked.pattern).map(|pattern| {
                Formula::call("regex", vec![Formula::SelfValue, Formula::Text(pattern)])
            });
            self.draft.later(constraint(&message), formula, &asked.pattern, &own);
        }
        self.bounds(asked, id, question);
    }

    /// What the numbers of a question must add up to, where a condition says no
    /// more than that.
    fn total_of(&self, asked: &Asked, question: &Question, read: &Formula) -> Option<Formula> {
        let Kind::Grid(grid) = &question.kind else { return None };
        let Formula::Binary(Operator::Equal, left, right) = read else { return None };
        let sum = expression::value("sum(self)", self.context(asked.place(), false)).ok()?;
        let total = match (&**left, &**right) {
            (left, right) if *left == sum => right,
            (left, right) if *right == sum => left,
            _ => return None,
        };
        let one = grid.columns.len() == 1 && asked.attribute("em_validation_q_tip").is_empty();
        one.then(|| Formula::call("number", vec![total.clone()]))
    }

    /// Bounds that are worked out; plain numbers stand in the kinds.
    fn bounds(&mut self, asked: &Asked, id: ItemId, question: &Question) {
        let own = asked.place().to_owned();
        let is_grid = matches!(question.kind, Kind::Grid(_) | Kind::Battery(_));
        let count = |formula| Formula::call("count-selected", vec![formula]);
        for (name, operator) in [
            ("min_num_value_n", Operator::GreaterOrEqual),
            ("max_num_value_n", Operator::LessOrEqual),
            ("date_min", Operator::GreaterOrEqual),
            ("date_max", Operator::LessOrEqual),
            ("min_answers", Operator::GreaterOrEqual),
            ("max_answers", Operator::LessOrEqual),
            ("min_num_value", Operator::GreaterOrEqual),
            ("max_num_value", Operator::LessOrEqual),
            ("equals_num_value", Operator::Equal),
            ("min_num_value_sgqa", Operator::GreaterOrEqual),
            ("max_num_value_sgqa", Operator::LessOrEqual),
            ("num_value_equals_sgqa", Operator::Equal),
        ] {
            let source = asked.attribute(name).to_owned();
            let of_all = name.contains("num_value") && !name.ends_with("_n");
            let is_date = name.starts_with("date");
            let is_count = name.ends_with("answers");
            let is_carried =
                number(&source).is_some() && !of_all || is_date && super::kind::is_day(&source);
            let fits = match &question.kind {
                Kind::Multiple(_) | Kind::Ranking(_) | Kind::Battery(_) => is_count,
                Kind::Date(_) | Kind::DateTime => is_date,
                Kind::Integer(_) | Kind::Decimal(_) => name.ends_with("_n"),
                Kind::Grid(_) => of_all || name.ends_with("_n") || is_count,
                _ => false,
            };
            if source.is_empty() || is_carried && !(is_grid && is_count) {
                continue;
            }
            if !fits {
                if !is_date {
                    self.keep(id, &own, name, &source);
                }
                continue;
            }
            if operator == Operator::Equal && is_grid {
                let formula = expression::value(&source, self.context(&own, false));
                let formula = formula.map(|total| Formula::call("number", vec![total]));
                self.draft.later(Slot::Total(id), formula, &source, &own);
                continue;
            }
            let all = is_grid && (of_all || is_count);
            let bound = match source.as_str() {
                "today" | "now" if is_date => Ok(Formula::call("today", Vec::new())),
                _ => expression::value(&source, self.context(&own, !all)),
            };
            let left = if all {
                let call = if is_count { "count(self)" } else { "sum(self)" };
                expression::value(call, self.context(&own, false))
            } else if is_count {
                Ok(count(Formula::SelfValue))
            } else {
                Ok(Formula::SelfValue)
            };
            let formula = left.and_then(|left| Ok(Formula::binary(operator, left, bound?)));
            let slot = Slot::Constraint { question: id, message: Text::default(), soft: false };
            self.draft.later(slot, formula, &source, &own);
        }
    }

    /// When a part is offered: its own relevance and the filters by other
    /// questions.
    pub(super) fn offered(&mut self, asked: &Asked, part: &Part) -> Option<(Formula, String)> {
        let own = asked.place().to_owned();
        let mut tests = Vec::new();
        let mut originals = Vec::new();
        let source = part.relevance.trim();
        if !matches!(source, "" | "1") {
            match expression::condition(source, self.context(&own, false)) {
                Ok(formula) => {
                    tests.push(formula);
                    originals.push(source.to_owned());
                }
                Err(reason) => {
                    self.draft.condition_lost(None, "relevant", source, &own, reason);
                }
            }
        }
        for name in ["array_filter", "array_filter_exclude"] {
            let sources = asked.attribute(name);
            for source in sources.split([';', ',']).map(str::trim).filter(|code| !code.is_empty()) {
                let Some(test) = self.filtered(source, &part.code) else { continue };
                tests.push(if name == "array_filter" { test } else { test.negated() });
                originals.push(format!("{name}: {source}"));
            }
        }
        Some((Formula::all(tests)?, originals.join("; ")))
    }

    /// Whether the part of that code has an answer in another question; `None`
    /// if it has no such part.
    fn filtered(&self, source: &str, code: &str) -> Option<Formula> {
        let members = self.variables.members(source)?;
        let of_cell = format!("{code}_");
        let tests: Vec<Formula> = members
            .iter()
            .filter(|member| member.suffix == code || member.suffix.starts_with(&of_cell))
            .map(|member| match &member.variable {
                Variable::Chosen { question, code, .. } => selected(question, code),
                Variable::Item { name, .. } => Formula::question(name).blank().negated(),
                Variable::Rank { question, .. } => selected(question, code),
            })
            .collect();
        if tests.is_empty()
            && let [one] = members
            && let Variable::Item { name, coded: true } = &one.variable
        {
            let same =
                Formula::binary(Operator::Equal, Formula::question(name), Formula::text(code));
            return Some(same);
        }
        Formula::any(tests)
    }

    /// Tells a filter by another question that no question is called.
    pub(super) fn check_filters(&mut self, asked: &Asked, id: ItemId) {
        for name in ["array_filter", "array_filter_exclude"] {
            let sources = asked.attribute(name).to_owned();
            for source in sources.split([';', ',']).map(str::trim).filter(|code| !code.is_empty()) {
                if self.variables.members(source).is_none() {
                    let reason = phrase("phrase-no-question-is-called").with("name", source);
                    self.draft.condition_lost(Some(id), name, source, asked.place(), reason);
                }
            }
        }
    }
}
