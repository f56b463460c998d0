//! One question from its row, and a battery from a group's rows.

use survey_builder::questionnaire::document::{
    self as document, Battery, Choice, Computed, Constraint, DateRange, Kind, MultipleChoice,
    NumberRange, Question, Required, Role, Text, TextRule, identity_of,
};
use survey_builder::questionnaire::expression::{Expected, Type};

use super::super::problem::Detail;
use super::super::row::{Asked, Item};
use super::super::sheet::Row;
use super::super::translate::Place;
use super::super::xpath::{Operator, XPath};
use super::Builder;

const ROLES: &str = "consent, weighting, design_weight, key_outcome, sensitive, split_ballot";

/// A question with nothing but its kind.
pub(super) fn blank(form: &str, name: &str, kind: Kind) -> Question {
    Question::new(identity_of(form, "question", name), name, Text::default(), kind)
}

impl<'s> Builder<'s> {
    pub(super) fn question(&mut self, row: &'s Row, asked: &Asked) -> Option<Question> {
        let name = self.name(row);
        let kind = self.kind(row, asked)?;
        let mut question = blank(self.form, &name, kind);
        question.wording = self.text(row, "label");
        question.hint = self.text(row, "hint");
        question.instruction = self.text(row, "guidance_hint");
        question.relevant = self.condition(row, "relevant", Place::Relevance);
        question.roles = self.roles(row);
        if question.roles.contains(&Role::Consent)
            && let Kind::Single(choice) = question.kind
        {
            question.kind = Kind::Consent(choice);
        }
        let number = self.cell(row, "x_number");
        question.number = (!number.is_empty()).then(|| number.to_owned());
        if *asked != Asked::Calculate && question.wording.is_empty() {
            self.add(row, "label", Detail::XlsformLabelMissing);
        }
        question.required = self.required(row, &question.kind);
        if let Some(kind) = self.meanings.questions.get(&name).cloned() {
            self.constrain(row, &kind, &mut question);
        }
        Some(question)
    }

    fn kind(&mut self, row: &'s Row, asked: &Asked) -> Option<Kind> {
        Some(match asked {
            Asked::SelectOne(list) => Kind::Single(self.choice(row, list)),
            Asked::SelectMultiple(list) => Kind::Multiple(MultipleChoice {
                choice: self.choice(row, list),
                at_least: None,
                at_most: None,
            }),
            Asked::Integer => Kind::Integer(NumberRange::default()),
            Asked::Decimal => Kind::Decimal(NumberRange::default()),
            Asked::Text if self.has_appearance(row, "multiline") => {
                Kind::LongText(TextRule::default())
            }
            Asked::Text => Kind::ShortText(TextRule::default()),
            Asked::Date => Kind::Date(DateRange::default()),
            Asked::Note => Kind::Note,
            Asked::Calculate => Kind::Computed(self.computed(row)?),
        })
    }

    fn choice(&mut self, row: &'s Row, list: &str) -> Choice {
        let filter = self.condition(row, "choice_filter", Place::Filter(list));
        let mut choice = Choice { filter, ..Choice::of(list) };
        let parameters = self.cell(row, "parameters");
        for parameter in parameters.split([' ', ',', ';']).filter(|part| !part.is_empty()) {
            match parameter.split_once('=') {
                Some(("randomize", value)) => choice.shuffled = value == "true",
                // Each response has its own seed.
                Some(("seed", _)) => {}
                _ => {
                    let name = parameter.to_owned();
                    self.add(row, "parameters", Detail::XlsformParameterNotCarried { name });
                }
            }
        }
        choice
    }

    /// A calculation; its type becomes known to what follows.
    fn computed(&mut self, row: &'s Row) -> Option<Computed> {
        let source = self.cell(row, "calculation");
        if source.is_empty() {
            self.add(row, "calculation", Detail::XlsformCalculationMissing);
            return None;
        }
        let parsed = self.parse(row, "calculation", source)?;
        let place = Place::Calculation;
        let translated = self.translated(row, "calculation", &parsed, place)?;
        let name = self.name(row);
        // Its value is an option if a part says so, or if it only gives codes
        // of the list that has its name.
        let list = match &translated.kind {
            Type::Option(list) => Some(list.clone()),
            Type::Text => self.codes_of_own_list(&name, &parsed).then(|| name.clone()),
            _ => None,
        };
        let expected = list
            .as_ref()
            .map_or(Expected::Single, |list| Expected::Value(Type::Option(list.clone())));
        let kind = self.checked(row, "calculation", &translated, place, expected)?;
        self.meanings.questions.insert(name, kind);
        Some(Computed { expression: translated.text, list })
    }

    fn codes_of_own_list(&self, name: &str, parsed: &XPath) -> bool {
        let Some(choices) = self.meanings.lists.get(name) else { return false };
        let mut literals = Vec::new();
        branch_literals(parsed, &mut literals)
            && literals.iter().all(|code| choices.iter().any(|choice| choice.code == **code))
    }

    fn required(&mut self, row: &'s Row, kind: &Kind) -> Required {
        let value = self.cell(row, "required").to_lowercase();
        match value.trim_end_matches("()") {
            "yes" | "true" | "1" => Required::Hard,
            // An open comment is an offer, not a question to press.
            "" if matches!(kind, Kind::LongText(_)) => Required::No,
            "" => Required::Soft,
            "no" | "false" | "0" => Required::No,
            _ => {
                self.add(row, "required", Detail::XlsformRequiredDynamic { value });
                Required::Soft
            }
        }
    }

    fn roles(&mut self, row: &'s Row) -> Vec<Role> {
        let mut roles = Vec::new();
        let cell = self.cell(row, "x_role");
        for word in cell.split([',', ' ', ';']).filter(|word| !word.is_empty()) {
            roles.push(match word {
                "consent" => Role::Consent,
                "weighting" => Role::Weighting,
                "design_weight" => Role::DesignWeight,
                "key_outcome" => Role::KeyOutcome,
                "sensitive" => Role::Sensitive,
                "split_ballot" => Role::SplitBallot,
                _ => {
                    let (value, known) = (word.to_owned(), ROLES.to_owned());
                    self.add(row, "x_role", Detail::XlsformValueUnknown { value, known });
                    continue;
                }
            });
        }
        roles
    }

    /// The constraint, and the bounds that can be read off it.
    fn constrain(&mut self, row: &'s Row, kind: &Type, question: &mut Question) {
        let Some(expression) = self.condition(row, "constraint", Place::Constraint(kind)) else {
            return;
        };
        let message = self.text(row, "constraint_message");
        question.constraints.push(Constraint { expression, message, soft: false });
        if let Ok(parsed) = super::super::xpath::parse(self.cell(row, "constraint")) {
            bound(&parsed, &mut question.kind);
        }
    }

    /// The rows of a `table-list` group, or why it is no battery; `None` if it
    /// does not ask to be one.
    pub(super) fn battery_rows(
        &self,
        row: &'s Row,
        items: &[Item<'s>],
    ) -> Option<Result<Vec<(&'s Row, String)>, Detail>> {
        if !self.has_appearance(row, "table-list") {
            return None;
        }
        let mut rows: Vec<(&Row, String)> = Vec::new();
        let no = |reason: &str| Some(Err(Detail::XlsformNotABattery { reason: reason.to_owned() }));
        for item in items {
            let Item::Question(row, Asked::SelectOne(list)) = item else {
                return no("mixed");
            };
            if rows.first().is_some_and(|(_, first)| first != list) {
                return no("lists");
            }
            for column in ["relevant", "constraint", "choice_filter"] {
                if !self.cell(row, column).is_empty() {
                    return no("condition");
                }
            }
            rows.push((row, list.clone()));
        }
        if rows.is_empty() { no("empty") } else { Some(Ok(rows)) }
    }

    pub(super) fn battery(&mut self, group: &'s Row, rows: &[(&'s Row, String)]) -> Question {
        let name = self.name(group);
        let list = rows.first().map(|(_, list)| list.clone()).unwrap_or_default();
        let mut battery_rows = Vec::with_capacity(rows.len());
        let mut roles = self.roles(group);
        let mut all_required = true;
        for (row, _) in rows {
            let row_name = self.name(row);
            let wording = self.text(row, "label");
            if wording.is_empty() {
                self.add(row, "label", Detail::XlsformLabelMissing);
            }
            for role in self.roles(row) {
                if !roles.contains(&role) {
                    roles.push(role);
                }
            }
            let id = identity_of(self.form, "question", &row_name);
            all_required &= self.required(row, &Kind::Note) == Required::Hard;
            battery_rows.push(document::Row { id, name: row_name, wording, relevant: None });
        }
        let numbers = [Some(group), rows.first().map(|(row, _)| *row)];
        let number = numbers
            .into_iter()
            .flatten()
            .map(|row| self.cell(row, "x_number"))
            .find(|number| !number.is_empty())
            .map(str::to_owned);
        let kind = Kind::Battery(Battery { list, rows: battery_rows, shuffled: false });
        let mut battery = blank(self.form, &name, kind);
        battery.wording = self.text(group, "label");
        if let Some(number) = &number {
            // The number stands before the wording by itself.
            for text in battery.wording.0.values_mut() {
                if let Some(rest) = text.strip_prefix(&format!("{number}. ")) {
                    *text = rest.to_owned();
                }
            }
        }
        if battery.wording.is_empty() {
            self.add(group, "label", Detail::XlsformLabelMissing);
        }
        battery.hint = self.text(group, "hint");
        battery.number = number;
        battery.roles = roles;
        if all_required {
            battery.required = Required::Hard;
        }
        battery
    }
}

/// Collects the texts that a formula can give; false if it can give others.
fn branch_literals<'x>(parsed: &'x XPath, literals: &mut Vec<&'x str>) -> bool {
    match parsed {
        XPath::Text(text) => {
            literals.push(text);
            true
        }
        XPath::Call(name, arguments) => match (name.as_str(), &arguments[..]) {
            ("if", [_, yes, no]) => branch_literals(yes, literals) && branch_literals(no, literals),
            _ => false,
        },
        _ => false,
    }
}

/// Reads bounds off the parts of a constraint that all must hold.
fn bound(parsed: &XPath, kind: &mut Kind) {
    match parsed {
        XPath::Binary(Operator::And, left, right) => {
            bound(left, kind);
            bound(right, kind);
        }
        XPath::Binary(operator, left, right) => {
            let limit = match **right {
                XPath::Number(number) => number,
                XPath::Negate(ref inner) => match **inner {
                    XPath::Number(number) => -number,
                    _ => return,
                },
                _ => return,
            };
            match (&**left, kind) {
                (XPath::SelfValue, Kind::Integer(range)) => {
                    whole_bound(*operator, limit, range);
                }
                (XPath::SelfValue, Kind::Decimal(range)) => match operator {
                    Operator::GreaterOrEqual => range.minimum = Some(limit),
                    Operator::LessOrEqual => range.maximum = Some(limit),
                    _ => {}
                },
                (XPath::Call(name, arguments), Kind::Multiple(multiple))
                    if name == "count-selected" && arguments[..] == [XPath::SelfValue] =>
                {
                    let mut range = NumberRange::default();
                    whole_bound(*operator, limit, &mut range);
                    multiple.at_least = range.minimum.and_then(count).or(multiple.at_least);
                    multiple.at_most = range.maximum.and_then(count).or(multiple.at_most);
                }
                _ => {}
            }
        }
        _ => {}
    }
}

fn whole_bound(operator: Operator, limit: f64, range: &mut NumberRange) {
    if limit.fract().abs() > 0.0 {
        return;
    }
    match operator {
        Operator::GreaterOrEqual => range.minimum = Some(limit),
        Operator::Greater => range.minimum = Some(limit + 1.0),
        Operator::LessOrEqual => range.maximum = Some(limit),
        Operator::Less => range.maximum = Some(limit - 1.0),
        _ => {}
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, checked")]
fn count(limit: f64) -> Option<u32> {
    (1.0..=1_000.0).contains(&limit).then_some(limit as u32)
}
