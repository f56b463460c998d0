//! One element of a page: the question, and what stands with it.

use survey_builder::problem::Problem;
use survey_builder::questionnaire::document::{
    Choice, Computed, Constraint, DateRange, FileRule, Hidden, Kind, Media, MediaKind, Question,
    Required, Shown, Source, Text, TextFormat, TextRule,
};
use uuid::Uuid;

use super::number::{media_of, number, text_kind, text_rule};
use super::{Reader, is_true, string};
use crate::account::Json;
use crate::draft::{Slot, hidden_value};
use crate::formula::{Formula, Operator};

/// The value of a choice, a row or a rate: itself or its `value`.
pub(super) fn value_of(choice: &Json) -> String {
    let value = ["value", "name"].iter().find_map(|key| choice.get(key)).unwrap_or(choice);
    as_written(value)
}

impl Reader {
    /// The question of an element with its comment box or its shown value.
    pub(super) fn questions(&mut self, element: &Json, path: &str) -> Vec<Question> {
        let roster = self.names.roster.clone();
        let known = self.names.find_ours(path, roster.as_deref());
        let ours = known.unwrap_or_else(|| path.to_owned());
        let wording = match element.get("html") {
            Some(html) => self.names.text(Some(html)),
            None if is_untitled(element) => self.names.text(element.get("title")),
            None => self.names.wording(element, string(element, "name")),
        };
        let mut kind = self.kind(element, path, &ours);
        let begins = ["defaultValue", "defaultValueExpression"];
        if is_hidden(element)
            && string(element, "visibleIf").is_empty()
            && begins.iter().any(|key| element.get(key).is_some())
            && let Some(value) = hidden_value(&kind)
        {
            kind = Kind::Hidden(Hidden { value, source: Source::Default });
        }
        let mut question = self.draft.question(&ours, wording, kind);
        question.hint = self.names.text(element.get("description"));
        let required = ["isRequired", "eachRowRequired", "isAllRowRequired"];
        if required.iter().any(|key| is_true(element, key)) {
            question.required = Required::Hard;
        } else if matches!(question.kind, Kind::LongText(_)) {
            // An open comment is an offer, not a question to press.
            question.required = Required::No;
        }
        question.anchored = element.is_off("randomize");
        question.read_only = is_true(element, "readOnly") && question.kind.takes_answer();
        if string(element, "type") == "image" {
            let file = self.names.text(element.get("imageLink"));
            question.media.push(Media { kind: MediaKind::Image, file });
        }
        self.conditions_of_choices(element, &question, path);
        self.validators(element, &mut question, path);
        self.unread(element, &question, path);
        self.conditions_of_rows(element, &question, path);
        let mut questions = vec![question];
        self.nested(element, &mut questions);
        self.comment(element, path, &ours, &mut questions);
        if string(element, "type") == "expression" {
            self.calculation(element, &questions[0], path);
            if is_hidden(element) {
                return questions;
            }
            let mut shown = self.names.wording(element, string(element, "name"));
            for words in shown.0.values_mut() {
                words.push_str(&format!(": ${{{ours}}}"));
            }
            questions.push(self.draft.question(&format!("{ours}_shown"), shown, Kind::Note));
        }
        questions
    }

    /// What a question that is never shown works out: under a condition it is
    /// asked under that condition, but for what its page says already.
    fn calculation(&mut self, element: &Json, question: &Question, path: &str) {
        let source = string(element, "expression");
        let mut formula = self.formula(source);
        if let Ok(Formula::Call(name, parts)) = &formula
            && let [condition, value, blank] = parts.as_slice()
            && name == "if"
            && is_hidden(element)
            && *blank == Formula::text("")
        {
            let own = match (&self.of_page, condition) {
                (Some(page), whole) if page == whole => None,
                (Some(page), Formula::Binary(Operator::And, left, right)) if **left == *page => {
                    Some((**right).clone())
                }
                (_, whole) => Some(whole.clone()),
            };
            if let Some(own) = own {
                self.draft.later(Slot::Question(question.id), Ok(own), source, path);
            }
            formula = Ok(value.clone());
        }
        self.draft.later(Slot::Calculation(question.id), formula, source, path);
    }

    /// The conditions of rows, and what a matrix says besides.
    fn conditions_of_rows(&mut self, element: &Json, question: &Question, path: &str) {
        let rows = match &question.kind {
            Kind::Battery(battery) => battery.rows.as_slice(),
            Kind::Grid(grid) => grid.rows.as_slice(),
            _ => return,
        };
        let rows: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let written = element.get("rows").and_then(Json::as_array).into_iter().flatten();
        for (row, id) in written.zip(rows) {
            let source = string(row, "visibleIf");
            if !source.is_empty() {
                let formula = self.formula(source);
                self.draft.later(Slot::Row(id), formula, source, path);
            }
        }
        let keys = [
            "rowsVisibleIf",
            "columnsVisibleIf",
            "cells",
            "detailElements",
            "eachRowUnique",
            "totalText",
            "keyDuplicationError",
        ];
        for key in keys {
            if let Some(value) = element.get(key) {
                self.draft.kept(Some(question.id), path, key, &as_written(value));
            }
        }
    }

    /// Questions that open with a choice, asked when it is chosen.
    fn nested(&mut self, element: &Json, questions: &mut Vec<Question>) {
        for choice in super::names::nesting_choices(element) {
            let chosen = Formula::call(
                "holds",
                vec![
                    Formula::Question(questions[0].name.clone()),
                    Formula::text(&value_of(choice)),
                ],
            );
            self.conditions.push((chosen, value_of(choice)));
            let mut blocks = Vec::new();
            self.fill(choice, questions, &mut blocks);
            self.conditions.pop();
            if !blocks.is_empty() {
                let name = string(element, "name").to_owned();
                self.draft.kept(None, &name, "elements", &choice.to_string());
            }
        }
    }

    /// Keeps bounds and sizes that are no plain values, such as `=today()`.
    fn unread(&mut self, element: &Json, question: &Question, path: &str) {
        let is_date = matches!(question.kind, Kind::Date(_));
        let has_bounds = is_date
            || matches!(question.kind, Kind::Integer(_) | Kind::Decimal(_) | Kind::Scale(_));
        for key in ["min", "max", "rangeMin", "rangeMax", "rateMin", "rateMax", "rateStep"] {
            let Some(value) = element.get(key).filter(|value| !value.is_null()) else { continue };
            let read = if is_date {
                value.as_str().is_some_and(|day| day.len() == 10 && !day.starts_with('='))
            } else {
                has_bounds && number(element, &[key]).is_some()
            };
            if !read {
                self.draft.kept(Some(question.id), path, key, &as_written(value));
            }
        }
        for key in ["minValueExpression", "maxValueExpression", "choicesEnableIf"] {
            if let Some(value) = element.get(key) {
                self.draft.kept(Some(question.id), path, key, &as_written(value));
            }
        }
        for key in ["maxLength", "maxSize", "minSelectedChoices", "maxSelectedChoices"] {
            let Some(value) = element.get(key).filter(|value| !value.is_null()) else { continue };
            if value.as_i64().is_none() {
                self.draft.kept(Some(question.id), path, key, &as_written(value));
            }
        }
    }

    fn comment(&mut self, element: &Json, path: &str, ours: &str, questions: &mut Vec<Question>) {
        let asked = is_true(element, "hasComment") || is_true(element, "showCommentArea");
        if !asked {
            return;
        }
        let name = self
            .names
            .find_ours(&format!("{path}-Comment"), self.names.roster.as_deref())
            .unwrap_or_else(|| format!("{ours}_comment"));
        let words = self.names.text(element.get("commentText"));
        let wording =
            if words.is_empty() { Text::new(&self.names.default, "Comment") } else { words };
        let kind = Kind::LongText(TextRule::default());
        let mut comment = self.draft.question(&name, wording, kind);
        comment.required = Required::No;
        questions.push(comment);
    }

    fn kind(&mut self, element: &Json, path: &str, ours: &str) -> Kind {
        let kind = string(element, "type");
        match kind {
            "text" => text_kind(element, self),
            "datepicker" => Kind::Date(DateRange::default()),
            "comment" | "editor" => Kind::LongText(text_rule(element)),
            "radiogroup" | "buttongroup" | "dropdown" | "checkbox" | "tagbox" | "imagepicker"
            | "imagemap" | "ranking" | "sortablelist" | "select" => {
                self.chosen(element, path, ours)
            }
            "boolean" if super::names::is_tick(element) => Kind::Acknowledge,
            "boolean" => {
                let options = self.boolean_options(element);
                let list = self.draft.list(&format!("{ours}_values"), options);
                Kind::Single(Choice { shown: Shown::Buttons, ..Choice::of(&list) })
            }
            "rating" => self.rating(element, ours),
            "slider" | "nouislider" | "bootstrapslider" => self.slider(element),
            "matrix" => self.battery(element, path),
            "matrixdropdown" => self.grid(element, path),
            "multipletext" => self.texts(element, path),
            "html" | "image" => Kind::Note,
            "expression" => Kind::Computed(Computed { expression: String::new(), list: None }),
            "file" => Kind::File(FileRule {
                media: self.media(element, path),
                at_most: element.get("maxSize").and_then(Json::as_u64).filter(|size| *size > 0),
            }),
            "signaturepad" => Kind::Signature,
            "microphone" => Kind::File(FileRule { media: MediaKind::Audio, at_most: None }),
            other => {
                self.draft.warn(Problem::new("import_type", path).with("type", other));
                self.draft.remark(None, "type", &element.to_string());
                Kind::ShortText(TextRule::default())
            }
        }
    }

    /// What files may be sent; single types of files are kept as they are written.
    fn media(&mut self, element: &Json, path: &str) -> MediaKind {
        let types = string(element, "acceptedTypes");
        let media = media_of(types);
        if !matches!(types, "" | "image/*" | "audio/*" | "video/*") {
            self.draft.kept(None, path, "acceptedTypes", types);
        }
        media
    }

    /// Labels of yes and no.
    pub(super) fn boolean_options(&self, element: &Json) -> Vec<(String, Text)> {
        let value =
            |key: &str, or_else: &str| match element.get(key).filter(|value| !value.is_null()) {
                None => or_else.to_owned(),
                Some(value) => value_of(value),
            };
        let label = |key: &str, or_else: &str| {
            let text = self.names.text(element.get(key));
            if text.is_empty() { Text::new(&self.names.default, or_else) } else { text }
        };
        vec![
            (value("valueTrue", "true"), label("labelTrue", "Yes")),
            (value("valueFalse", "false"), label("labelFalse", "No")),
        ]
    }

    fn validators(&mut self, element: &Json, question: &mut Question, path: &str) {
        for validator in element.get("validators").and_then(Json::as_array).into_iter().flatten() {
            // Of those that the kind says itself the words are left to be told.
            let text = validator.get("text");
            let is_soft = || matches!(string(validator, "notificationType"), "warning" | "info");
            let bound = |key: &str| validator.get(key).and_then(Json::as_f64);
            let count = |key: &str| {
                let found = validator.get(key).and_then(Json::as_u64).filter(|least| *least > 0);
                found.and_then(|least| u32::try_from(least).ok())
            };
            match (string(validator, "type"), &mut question.kind) {
                ("numeric" | "numericvalidator", Kind::Decimal(range) | Kind::Integer(range)) => {
                    range.minimum = bound("minValue").or(range.minimum);
                    range.maximum = bound("maxValue").or(range.maximum);
                }
                ("text" | "textvalidator", Kind::ShortText(rule) | Kind::LongText(rule)) => {
                    rule.at_most = count("maxLength").or(rule.at_most);
                    if let Some(least) = count("minLength") {
                        let (message, soft) = (self.names.text(text), is_soft());
                        question.constraints.push(Constraint {
                            expression: format!("length(.) >= {least}"),
                            message,
                            soft,
                        });
                    }
                }
                ("email" | "emailvalidator", Kind::ShortText(rule)) => {
                    rule.format = TextFormat::Email;
                }
                ("answercount" | "answercountvalidator", Kind::Multiple(multiple)) => {
                    multiple.at_least = count("minCount").or(multiple.at_least);
                    multiple.at_most = count("maxCount").or(multiple.at_most);
                }
                ("regex" | "regexvalidator", Kind::ShortText(rule))
                    if string(validator, "regex") == "^[0-9]*$" =>
                {
                    rule.format = TextFormat::Digits;
                }
                ("regex" | "regexvalidator", kind) if kind.takes_answer() => {
                    let pattern = whole_pattern(string(validator, "regex"));
                    let call =
                        Formula::call("regex", vec![Formula::SelfValue, Formula::text(&pattern)]);
                    let (message, soft) = (self.names.text(text), is_soft());
                    let slot = Slot::Constraint { question: question.id, message, soft };
                    self.draft.later(slot, Ok(call), &pattern, path);
                }
                ("expression" | "expressionvalidator", kind) if kind.takes_answer() => {
                    let source = string(validator, "expression");
                    let formula = self.formula(source).map(|read| about(read, &question.name));
                    let (message, soft) = (self.names.text(text), is_soft());
                    let slot = Slot::Constraint { question: question.id, message, soft };
                    self.draft.later(slot, formula, source, path);
                }
                _ => {
                    self.draft.kept(Some(question.id), path, "validator", &validator.to_string());
                }
            }
        }
    }
}

/// A condition on a question's own answer: it is the value that is checked, and
/// there is one whenever it is checked.
fn about(read: Formula, name: &str) -> Formula {
    let own = read.replaced(&mut |part| match part {
        Formula::Question(of) if of == name => Formula::SelfValue,
        other => other,
    });
    match own {
        Formula::Binary(Operator::Or, left, right) if *left == Formula::SelfValue.blank() => *right,
        other => other,
    }
}

/// The pattern of a search as one of the whole text.
fn whole_pattern(pattern: &str) -> String {
    let (inner, before) = match pattern.strip_prefix('^') {
        Some(inner) => (inner, ""),
        None => (pattern, ".*"),
    };
    let (inner, after) = match inner.strip_suffix('$') {
        Some(inner) if !inner.ends_with('\\') => (inner, ""),
        _ => (inner, ".*"),
    };
    if before.is_empty() && after.is_empty() {
        inner.to_owned()
    } else {
        format!("{before}(?:{inner}){after}")
    }
}

/// A value as it is written.
fn as_written(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Whether its name does not stand for a title that it has not.
fn is_untitled(element: &Json) -> bool {
    let worked_out = string(element, "type") == "expression" && is_hidden(element);
    worked_out || string(element, "titleLocation") == "hidden"
}

/// Whether it is never shown by itself.
pub(super) fn is_hidden(element: &Json) -> bool {
    element.is_off("visible")
}
