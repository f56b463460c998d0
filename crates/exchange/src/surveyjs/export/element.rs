//! One question as an element: what all kinds share, conditions and checks.

use serde_json::{Map, Value, json};
use survey_builder::questionnaire::document::{
    Choice, Constraint, Kind, Media, Question, Required, Source,
};
use survey_builder::questionnaire::expression::{Expected, Type};

use super::condition::Standing;
use super::{Exporter, put};
use crate::formula::write::Writer;
use crate::formula::{Formula, Operator};

impl Exporter<'_> {
    /// The elements of a question: itself, and what stands with it.
    pub(super) fn question(&mut self, question: &Question) -> Vec<Value> {
        let name = &question.name;
        let mut elements: Vec<Value> = question
            .media
            .iter()
            .enumerate()
            .map(|(at, media)| self.media(name, at, media))
            .collect();
        let interview = matches!(&question.kind, Kind::Hidden(hidden)
            if matches!(hidden.source, Source::Interview(_)));
        if interview {
            self.lose(name, "kind", question.kind.name());
            return elements;
        }
        let mut parts = self.kind(question);
        let words = self.text(&question.wording, !matches!(question.kind, Kind::Note));
        let key = if matches!(question.kind, Kind::Note) { "html" } else { "title" };
        if words.is_none() && question.kind.takes_answer() {
            // Without it a model shows the name.
            parts.insert("titleLocation".to_owned(), json!("hidden"));
        }
        put(&mut parts, key, words);
        put(&mut parts, "description", self.text(&question.hint, true));
        self.visible(question, &mut parts);
        self.required(question, &mut parts);
        self.default(question, &mut parts);
        if question.read_only {
            parts.insert("readOnly".to_owned(), json!(true));
        }
        if question.anchored {
            parts.insert("randomize".to_owned(), json!(false));
        }
        let validators = self.validators(question);
        if !validators.is_empty() {
            let known = parts.remove("validators").and_then(|known| known.as_array().cloned());
            let all: Vec<Value> = known.into_iter().flatten().chain(validators).collect();
            parts.insert("validators".to_owned(), Value::Array(all));
        }
        self.without_place(question);
        elements.push(Value::Object(parts));
        if let Kind::BestWorst(_) = question.kind {
            return self.best_worst(question);
        }
        elements
    }

    fn without_place(&mut self, question: &Question) {
        let name = &question.name;
        let default = self.document.default_language.clone();
        if let Some(number) = &question.number {
            self.lose(name, "number", number);
        }
        if !question.instruction.is_empty() {
            self.lose(name, "instruction", question.instruction.get(&default, ""));
        }
        for offer in &question.offers {
            self.lose(name, "offers", offer.name());
        }
        for role in &question.roles {
            self.lose(name, "roles", &written(role));
        }
        for mode in &question.modes {
            self.lose(name, "modes", &written(mode));
        }
    }

    /// A picture, sound or film: an element of its own before the question.
    fn media(&mut self, name: &str, at: usize, media: &Media) -> Value {
        self.lose(name, "media", media.file.get(&self.document.default_language, ""));
        let link = self.text(&media.file, true);
        let mut parts = Map::new();
        parts.insert("type".to_owned(), json!("image"));
        parts.insert("name".to_owned(), json!(format!("{name}_media{}", at + 1)));
        put(&mut parts, "imageLink", link);
        Value::Object(parts)
    }

    fn visible(&mut self, question: &Question, parts: &mut Map<String, Value>) {
        let name = &question.name;
        let own = self.condition(name, "relevant", question.relevant.as_ref());
        let of_page = self.of_page.clone().filter(|_| question.kind.is_silent());
        let all =
            Formula::all(of_page.into_iter().chain(self.conditions.iter().cloned()).chain(own));
        let original = question.relevant.clone().unwrap_or_default();
        let text = self.expression(name, "relevant", all, &original);
        match (question.kind.is_silent(), text) {
            (false, Some(text)) => {
                parts.insert("visibleIf".to_owned(), json!(text));
            }
            (true, condition) => {
                parts.insert("visible".to_owned(), json!(false));
                let worked_out = parts.get("expression").and_then(Value::as_str);
                match (condition, worked_out) {
                    (Some(condition), Some(text)) => {
                        let whole = format!("iif({condition}, {text}, '')");
                        parts.insert("expression".to_owned(), json!(whole));
                    }
                    (Some(_), None) if question.relevant.is_some() => {
                        self.lose(name, "relevant", &original);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn required(&mut self, question: &Question, parts: &mut Map<String, Value>) {
        if !question.kind.takes_answer() {
            return;
        }
        let name = &question.name;
        match (question.required, &question.required_when) {
            (Required::Hard, Some(condition)) => {
                let formula = self.condition(name, "required", Some(condition));
                let text = self.expression(name, "required", formula, condition);
                put(parts, "requiredIf", text.map(|text| json!(text)));
            }
            (Required::Hard, None) => {
                let rows = matches!(question.kind, Kind::Battery(_));
                let key = if rows { "eachRowRequired" } else { "isRequired" };
                parts.insert(key.to_owned(), json!(true));
            }
            (Required::No, _) if !matches!(question.kind, Kind::LongText(_)) => {
                self.lose(name, "required", "no");
            }
            (Required::Soft, _) if matches!(question.kind, Kind::LongText(_)) => {
                self.lose(name, "required", "soft");
            }
            (Required::Soft, Some(condition)) => self.lose(name, "required", condition),
            _ => {}
        }
    }

    fn default(&mut self, question: &Question, parts: &mut Map<String, Value>) {
        let Some(text) = &question.default else { return };
        let name = &question.name;
        let kind = question.items().into_iter().next().and_then(|item| item.kind);
        let expected = kind.clone().map_or(Expected::Single, Expected::Value);
        let Ok(formula) = self.formula(text, None, expected, Writer::calculation) else {
            self.lose(name, "default", text);
            return;
        };
        let value = match (&formula, kind) {
            (Formula::Text(code), Some(Type::Set(_))) => Some(json!([code])),
            (Formula::Text(text), _) => Some(json!(text)),
            (Formula::Number(number), _) => Some(json!(number)),
            (Formula::Call(name, parts), _) => match (name.as_str(), parts.as_slice()) {
                ("true" | "false", []) => Some(json!(name == "true")),
                ("date", [Formula::Text(day)]) => Some(json!(day)),
                _ => None,
            },
            _ => None,
        };
        if value.is_some() {
            put(parts, "defaultValue", value);
            return;
        }
        let text = self.expression(name, "default", Some(formula), text);
        put(parts, "defaultValueExpression", text.map(|text| json!(text)));
    }

    fn validators(&mut self, question: &Question) -> Vec<Value> {
        let mut validators = Vec::new();
        for constraint in &question.constraints {
            match self.validator(question, constraint) {
                Some(validator) => validators.push(validator),
                None => self.lose(&question.name, "constraint", &constraint.expression),
            }
        }
        validators
    }

    fn validator(&mut self, question: &Question, constraint: &Constraint) -> Option<Value> {
        let own = question.kind.answer_type()?;
        let formula = self
            .formula(&constraint.expression, Some(own), Expected::Condition, Writer::constraint)
            .ok()?;
        let mut parts = Map::new();
        if let Some(pattern) = pattern(&formula) {
            parts.insert("type".to_owned(), json!("regex"));
            parts.insert("regex".to_owned(), json!(whole(pattern)));
        } else {
            // A model checks what is left blank too.
            let blank = Formula::SelfValue.blank();
            let unless = Formula::binary(Operator::Or, blank, formula);
            let standing =
                Standing { places: &self.places, around: &self.around, own: Some(&question.name) };
            parts.insert("type".to_owned(), json!("expression"));
            parts.insert("expression".to_owned(), json!(standing.written(&unless).ok()?));
        }
        put(&mut parts, "text", self.text(&constraint.message, true));
        if constraint.soft {
            parts.insert("notificationType".to_owned(), json!("warning"));
        }
        Some(Value::Object(parts))
    }

    /// Which options are offered: a condition on `{item}`, or where it asks for
    /// more than the code one on each option.
    pub(super) fn filter(
        &mut self,
        question: &Question,
        choice: &Choice,
        parts: &mut Map<String, Value>,
    ) {
        let Some(filter) = &choice.filter else { return };
        let own = Some(Type::Option(choice.list.clone()));
        let Ok(formula) = self.formula(filter, own, Expected::Condition, Writer::filter) else {
            self.lose(&question.name, "filter", filter);
            return;
        };
        let mut columns = false;
        formula.each(&mut |part| {
            columns |= matches!(part, Formula::Column(column) if column != "name");
        });
        if !columns {
            let text = self.expression(&question.name, "filter", Some(formula), filter);
            put(parts, "choicesVisibleIf", text.map(|text| json!(text)));
            return;
        }
        let options = self.document.list(&choice.list).map_or(&[][..], |list| &list.options);
        let Some(Value::Array(choices)) = parts.get_mut("choices") else { return };
        let mut written = Vec::new();
        for option in options {
            let own = formula.clone().replaced(&mut |part| match part {
                Formula::Column(name) if name == "name" => Formula::text(&option.code),
                Formula::Column(name) => {
                    Formula::text(option.attributes.get(&name).map_or("", String::as_str))
                }
                other => other,
            });
            let standing = Standing { places: &self.places, around: &self.around, own: None };
            written.push(standing.written(&own));
        }
        if written.iter().all(Result::is_ok) {
            for (choice, condition) in choices.iter_mut().zip(written.into_iter().flatten()) {
                if let Value::Object(choice) = choice {
                    choice.insert("visibleIf".to_owned(), json!(condition));
                }
            }
        } else {
            self.lose(&question.name, "filter", filter);
        }
    }
}

/// The pattern of a constraint that is nothing but one.
fn pattern(formula: &Formula) -> Option<&str> {
    match formula {
        Formula::Call(name, parts) if name == "regex" => match parts.as_slice() {
            [Formula::SelfValue, Formula::Text(pattern)] => Some(pattern),
            _ => None,
        },
        _ => None,
    }
}

/// A pattern that is looked for anywhere, as one of the whole text.
fn whole(pattern: &str) -> String {
    if pattern.contains('|') { format!("^(?:{pattern})$") } else { format!("^{pattern}$") }
}

/// The word of a role or a mode in documents.
fn written(word: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(word).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}
