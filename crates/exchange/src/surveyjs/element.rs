//! One element of a page: the question, and what stands with it.

use serde_json::Value;
use survey_builder::questionnaire::answer::State;
use survey_builder::questionnaire::document::{
    Choice, Computed, Constraint, DatePart, DateRange, FileRule, Grid, Kind, ListOption, Media,
    MediaKind, MultipleChoice, NumberRange, OtherText, Points, Question, Required, Scale, Shown,
    Text, TextFormat, TextRule,
};
use uuid::Uuid;

use super::{Reader, is_true, string};
use crate::formula::{Formula, Operator};
use crate::questionnaire::draft::Slot;
use crate::questionnaire::{Problem, Severity};

/// The value of a choice, a row or a rate: itself or its `value`.
pub(super) fn value_of(choice: &Value) -> String {
    let value = ["value", "name"].iter().find_map(|key| choice.get(*key)).unwrap_or(choice);
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The options of an element, codes and labels.
pub(super) fn choices(reader: &Reader, element: &Value) -> Vec<(String, Text)> {
    let written = element.get("choices").or(element.get("rateValues"));
    let written = written.and_then(Value::as_array).into_iter().flatten();
    written
        .map(|choice| {
            let text = choice.get("text").or(choice.get("imageLink").and(None));
            let label = match text {
                Some(text) => reader.names.text(Some(text)),
                None => Text::new(&reader.names.default, &value_of(choice)),
            };
            (value_of(choice), label)
        })
        .collect()
}

impl Reader {
    /// The question of an element with its comment box or its shown value.
    pub(super) fn questions(&mut self, element: &Value, path: &str) -> Vec<Question> {
        let roster = self.roster.clone();
        let known = self.names.find_ours(path, roster.as_deref());
        let ours = known.unwrap_or_else(|| path.to_owned());
        let wording = match element.get("html") {
            Some(html) => self.names.text(Some(html)),
            None => self.names.wording(element, string(element, "name")),
        };
        let kind = self.kind(element, path, &ours);
        let mut question = self.draft.question(&ours, wording, kind);
        question.hint = self.names.text(element.get("description"));
        if is_true(element, "isRequired") {
            question.required = Required::Hard;
        }
        question.read_only = is_true(element, "readOnly") && question.kind.takes_answer();
        if string(element, "type") == "image" {
            let file = self.names.text(element.get("imageLink"));
            question.media.push(Media { kind: MediaKind::Image, file });
        }
        self.conditions_of_choices(element, &question, path);
        self.validators(element, &mut question, path);
        self.unread(element, &question, path);
        let mut questions = vec![question];
        self.comment(element, path, &ours, &mut questions);
        if string(element, "type") == "expression" {
            let source = string(element, "expression");
            let formula = self.formula(source);
            self.draft.later(Slot::Calculation(questions[0].id), formula, source, path);
            let mut shown = self.names.wording(element, string(element, "name"));
            for words in shown.0.values_mut() {
                words.push_str(&format!(": ${{{ours}}}"));
            }
            questions.push(self.draft.question(&format!("{ours}_shown"), shown, Kind::Note));
        }
        questions
    }

    /// Keeps bounds and sizes that are no plain values, such as `=today()`.
    fn unread(&mut self, element: &Value, question: &Question, path: &str) {
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
                self.draft.kept(Some(question.id), path, key, &said(value));
            }
        }
        for key in ["maxLength", "maxSize", "minSelectedChoices", "maxSelectedChoices"] {
            let Some(value) = element.get(key).filter(|value| !value.is_null()) else { continue };
            if value.as_i64().is_none() {
                self.draft.kept(Some(question.id), path, key, &said(value));
            }
        }
    }

    fn comment(&mut self, element: &Value, path: &str, ours: &str, questions: &mut Vec<Question>) {
        let asked = is_true(element, "hasComment") || is_true(element, "showCommentArea");
        if !asked {
            return;
        }
        let name = self
            .names
            .find_ours(&format!("{path}-Comment"), None)
            .unwrap_or_else(|| format!("{ours}_comment"));
        let words = self.names.text(element.get("commentText"));
        let wording =
            if words.is_empty() { Text::new(&self.names.default, "Comment") } else { words };
        let kind = Kind::LongText(TextRule::default());
        let mut comment = self.draft.question(&name, wording, kind);
        comment.required = Required::No;
        questions.push(comment);
    }

    fn kind(&mut self, element: &Value, path: &str, ours: &str) -> Kind {
        let kind = string(element, "type");
        match kind {
            "text" => text_kind(element, self),
            "datepicker" => Kind::Date(DateRange::default()),
            "comment" | "editor" => Kind::LongText(text_rule(element)),
            "radiogroup" | "buttongroup" | "dropdown" | "checkbox" | "tagbox" | "imagepicker"
            | "imagemap" | "ranking" | "sortablelist" | "select" => {
                self.chosen(element, path, ours)
            }
            "boolean" => {
                let options = self.boolean_options(element);
                let list = self.draft.list(&format!("{ours}_values"), options);
                Kind::Single(Choice { shown: Shown::Buttons, ..Choice::of(&list) })
            }
            "rating" => self.rating(element, ours),
            "slider" | "nouislider" | "bootstrapslider" => Kind::Decimal(NumberRange {
                minimum: number(element, &["min", "rangeMin"]).or(Some(0.0)),
                maximum: number(element, &["max", "rangeMax"]).or(Some(100.0)),
                ..NumberRange::default()
            }),
            "matrix" => self.battery(element, path),
            "matrixdropdown" => self.grid(element, path),
            "multipletext" => self.texts(element, path),
            "html" | "image" => Kind::Note,
            "expression" => Kind::Computed(Computed { expression: String::new(), list: None }),
            "file" => Kind::File(FileRule {
                media: media_of(string(element, "acceptedTypes")),
                at_most: element.get("maxSize").and_then(Value::as_u64).filter(|size| *size > 0),
            }),
            "signaturepad" => Kind::Signature,
            "microphone" => Kind::File(FileRule { media: MediaKind::Audio, at_most: None }),
            other => {
                let english = format!(
                    "the type {other} is not known; it is asked as a text, look what it should be"
                );
                let problem = Problem::new(Severity::Warning, path, "import_type", english);
                self.draft.problems.push(problem.with("type", other));
                self.draft.remark(None, "type", &element.to_string());
                Kind::ShortText(TextRule::default())
            }
        }
    }

    /// Labels of yes and no.
    pub(super) fn boolean_options(&self, element: &Value) -> Vec<(String, Text)> {
        let value = |key: &str, or_else: &str| match element.get(key) {
            Some(Value::Null) | None => or_else.to_owned(),
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

    fn chosen(&mut self, element: &Value, path: &str, ours: &str) -> Kind {
        let kind = string(element, "type");
        let mut options: Vec<ListOption> = choices(self, element)
            .into_iter()
            .map(|(code, label)| ListOption::new(Uuid::nil(), &code, label))
            .collect();
        match string(element, "choicesOrder") {
            "asc" => options.sort_by(|one, other| label_of(one).cmp(label_of(other))),
            "desc" => options.sort_by(|one, other| label_of(other).cmp(label_of(one))),
            _ => {}
        }
        self.images(element, &mut options);
        let special = self.special_options(element, &mut options);
        let source = string(element, "choicesFromQuestion");
        let mut list = if options.is_empty() && !source.is_empty() {
            self.list_of_question(source)
        } else {
            None
        };
        if list.is_none() {
            if element.get("choicesByUrl").is_some() && options.is_empty() {
                let url = element.get("choicesByUrl").map(Value::to_string).unwrap_or_default();
                self.draft.kept(None, path, "choicesByUrl", &url);
            }
            if options.is_empty() {
                let english = "the options are not in the model; it is asked as a text, add \
                               them as a list";
                self.draft.warn(path, "import_options_elsewhere", english);
                return Kind::ShortText(TextRule::default());
            }
            list = Some(self.draft.list_of(ours, options));
        }
        let list = list.unwrap_or_default();
        self.lists.insert(ours.to_owned(), list.clone());
        let mut choice = Choice::of(&list);
        choice.shuffled = string(element, "choicesOrder") == "random";
        choice.shown = match kind {
            "dropdown" | "select" => Shown::Dropdown,
            "tagbox" => Shown::Search,
            "imagepicker" | "imagemap" => Shown::Images,
            "buttongroup" => Shown::Buttons,
            _ => Shown::List,
        };
        if special {
            let wanted = self
                .names
                .find_ours(&format!("{path}-Comment"), None)
                .unwrap_or_else(|| format!("{ours}_comment"));
            let name = self.draft.name(&wanted);
            let id = self.draft.id("question", &name);
            let wording = self.names.text(element.get("otherPlaceholder"));
            choice.other = Some(OtherText { id, name, option: "other".to_owned(), wording });
        }
        let several = kind == "checkbox" || kind == "tagbox" || is_true(element, "multiSelect");
        let bound = |key: &str| {
            let found = element.get(key).and_then(Value::as_u64).filter(|count| *count > 0);
            found.and_then(|count| u32::try_from(count).ok())
        };
        let multiple = MultipleChoice {
            choice,
            at_least: bound("minSelectedChoices"),
            at_most: bound("maxSelectedChoices"),
        };
        match kind {
            "ranking" | "sortablelist" => Kind::Ranking(multiple),
            _ if several => Kind::Multiple(multiple),
            _ => Kind::Single(multiple.choice),
        }
    }

    fn images(&self, element: &Value, options: &mut [ListOption]) {
        let written = element.get("choices").and_then(Value::as_array).into_iter().flatten();
        for choice in written {
            let image = self.names.text(choice.get("imageLink"));
            let code = value_of(choice);
            if let Some(option) = options.iter_mut().find(|option| option.code == code)
                && !image.is_empty()
            {
                option.image = Some(image.get(&self.names.default, "").to_owned());
            }
        }
    }

    /// The options that models switch on; whether "other" is one of them.
    fn special_options(&self, element: &Value, options: &mut Vec<ListOption>) -> bool {
        let on = |keys: [&str; 2]| keys.iter().any(|key| is_true(element, key));
        let label = |key: &str, or_else: &str| {
            let text = self.names.text(element.get(key));
            if text.is_empty() { Text::new(&self.names.default, or_else) } else { text }
        };
        let mut add = |code: &str, label: Text, exclusive: bool, missing: Option<State>| {
            let mut option = ListOption::new(Uuid::nil(), code, label);
            option.exclusive = exclusive;
            option.missing = missing;
            option.anchored = true;
            options.push(option);
        };
        let other = on(["hasOther", "showOtherItem"]);
        if other {
            add("other", label("otherText", "Other (describe)"), false, None);
        }
        if on(["hasNone", "showNoneItem"]) {
            add("none", label("noneText", "None"), true, None);
        }
        if on(["showRefuseItem", "hasRefuse"]) {
            let text = label("refuseText", "Refuse to answer");
            add("refused", text, true, Some(State::Refused));
        }
        if on(["showDontKnowItem", "hasDontKnow"]) {
            let text = label("dontKnowText", "Don't know");
            add("dontknow", text, true, Some(State::DontKnow));
        }
        other
    }

    /// The list of a question asked before.
    fn list_of_question(&self, name: &str) -> Option<String> {
        let ours = self.names.find_ours(name, self.roster.as_deref())?;
        self.lists.get(&ours).cloned()
    }

    fn rating(&mut self, element: &Value, ours: &str) -> Kind {
        let options = choices(self, element);
        if !options.is_empty() {
            let list = self.draft.list(ours, options);
            return Kind::Single(Choice { shown: Shown::Buttons, ..Choice::of(&list) });
        }
        let whole = |key: &str, or_else: i32| {
            let found = element.get(key).and_then(Value::as_i64);
            found.and_then(|number| i32::try_from(number).ok()).unwrap_or(or_else)
        };
        let step = u32::try_from(whole("rateStep", 1)).unwrap_or(1).max(1);
        let from = whole("rateMin", 1);
        let count = whole("rateCount", 5);
        let to = element.get("rateMax").map_or(from + count - 1, |_| whole("rateMax", 5));
        let shown = match string(element, "rateType") {
            "stars" | "smileys" => Points::Stars,
            _ => Points::Numbers,
        };
        Kind::Scale(Scale {
            from,
            to: to.max(from + 1),
            step,
            low: self.names.text(element.get("minRateDescription")),
            high: self.names.text(element.get("maxRateDescription")),
            shown,
        })
    }

    /// Several short texts: a grid of one column, where all are of one kind.
    fn texts(&mut self, element: &Value, path: &str) -> Kind {
        use survey_builder::questionnaire::document::{Cell, Column, Row};
        let items: Vec<Value> =
            element.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
        let numbers =
            !items.is_empty() && items.iter().all(|item| string(item, "inputType") == "number");
        let cell = if numbers {
            Cell::Decimal(NumberRange::default())
        } else {
            Cell::Text(TextRule::default())
        };
        let mut rows = Vec::new();
        for item in &items {
            let value = value_of(item);
            let name = self.names.ours(&format!("{path}.{value}"));
            let name = self.draft.name(&name);
            let wording = match item.get("title") {
                Some(title) => self.names.text(Some(title)),
                None => Text::new(&self.names.default, &value),
            };
            rows.push(Row { id: self.draft.id("row", &name), name, wording, relevant: None });
        }
        let column = Column {
            id: self.draft.id("column", path),
            name: "text".to_owned(),
            label: Text::default(),
            cell,
        };
        Kind::Grid(Grid { rows, columns: vec![column], shuffled: false, total: None })
    }

    /// Which options are offered: each under its own condition, or those chosen
    /// elsewhere.
    fn conditions_of_choices(&mut self, element: &Value, question: &Question, path: &str) {
        if question.kind.choice().is_none() {
            return;
        }
        let mut parts = Vec::new();
        let mut originals = Vec::new();
        let item = || Formula::Column("name".to_owned());
        for choice in element.get("choices").and_then(Value::as_array).into_iter().flatten() {
            let source = string(choice, "visibleIf");
            if source.is_empty() {
                continue;
            }
            originals.push(format!("{}: {source}", value_of(choice)));
            match self.formula(source) {
                Ok(condition) => {
                    let code = Formula::text(&value_of(choice));
                    let another = Formula::binary(Operator::NotEqual, item(), code);
                    parts.extend(Formula::any([another, condition]));
                }
                Err(reason) => {
                    let id = Some(question.id);
                    self.draft.condition_lost(id, "visibleIf", source, path, &reason);
                }
            }
        }
        let source = string(element, "choicesVisibleIf");
        if !source.is_empty() {
            originals.push(source.to_owned());
            match self.formula(source) {
                Ok(condition) => parts.push(condition),
                Err(reason) => {
                    let id = Some(question.id);
                    self.draft.condition_lost(id, "choicesVisibleIf", source, path, &reason);
                }
            }
        }
        let source = string(element, "choicesFromQuestion");
        let mode = string(element, "choicesFromQuestionMode");
        if !source.is_empty() && (mode == "selected" || mode == "unselected") {
            let other = Formula::Question(self.names.ours(source));
            let chosen = Formula::call("selected", vec![other, item()]);
            originals.push(format!("{mode} of {source}"));
            parts.push(if mode == "selected" { chosen } else { chosen.negated() });
        }
        if let Some(formula) = Formula::all(parts) {
            let slot = Slot::Filter(question.id);
            self.draft.later(slot, Ok(formula), &originals.join("; "), path);
        }
    }

    fn validators(&mut self, element: &Value, question: &mut Question, path: &str) {
        for validator in element.get("validators").and_then(Value::as_array).into_iter().flatten() {
            let message = self.names.text(validator.get("text"));
            let bound = |key: &str| validator.get(key).and_then(Value::as_f64);
            let count = |key: &str| {
                let found = validator.get(key).and_then(Value::as_u64).filter(|least| *least > 0);
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
                        question.constraints.push(Constraint {
                            expression: format!("length(.) >= {least}"),
                            message,
                            soft: false,
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
                ("regex" | "regexvalidator", kind) if kind.takes_answer() => {
                    let pattern = whole_pattern(string(validator, "regex"));
                    let call =
                        Formula::call("regex", vec![Formula::SelfValue, Formula::text(&pattern)]);
                    let slot = Slot::Constraint { question: question.id, message, soft: false };
                    self.draft.later(slot, Ok(call), &pattern, path);
                }
                ("expression" | "expressionvalidator", kind) if kind.takes_answer() => {
                    let source = string(validator, "expression");
                    let formula = self.formula(source);
                    let slot = Slot::Constraint { question: question.id, message, soft: false };
                    self.draft.later(slot, formula, source, path);
                }
                _ => {
                    self.draft.kept(Some(question.id), path, "validator", &validator.to_string());
                }
            }
        }
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

fn label_of(option: &ListOption) -> &str {
    option.label.0.values().next().map_or("", String::as_str)
}

/// A value as it is written.
fn said(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn number(element: &Value, keys: &[&str]) -> Option<f64> {
    keys.iter().find_map(|key| {
        let value = element.get(*key)?;
        value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
    })
}

fn text_rule(element: &Value) -> TextRule {
    let most = element.get("maxLength").and_then(Value::as_u64).filter(|most| *most > 0);
    TextRule { at_most: most.and_then(|most| u32::try_from(most).ok()), ..TextRule::default() }
}

fn text_kind(element: &Value, reader: &Reader) -> Kind {
    let rule = |format| Kind::ShortText(TextRule { format, ..text_rule(element) });
    let day = |key: &str| {
        let day = string(element, key);
        (day.len() == 10 && !day.starts_with('=')).then(|| day.to_owned())
    };
    let dates =
        |precision| Kind::Date(DateRange { minimum: day("min"), maximum: day("max"), precision });
    match string(element, "inputType") {
        "number" | "range" => {
            let unit = element.get("maskSettings").and_then(|mask| mask.get("suffix"));
            Kind::Decimal(NumberRange {
                minimum: number(element, &["min"]),
                maximum: number(element, &["max"]),
                decimals: None,
                unit: reader.names.text(unit),
            })
        }
        "date" => dates(DatePart::Day),
        "month" => dates(DatePart::Month),
        "datetime" | "datetime-local" => Kind::DateTime,
        "time" => Kind::Time,
        "email" => rule(TextFormat::Email),
        "tel" => rule(TextFormat::Phone),
        "url" => rule(TextFormat::Url),
        _ => rule(TextFormat::Any),
    }
}

fn media_of(accepted: &str) -> MediaKind {
    let kinds =
        [("image", MediaKind::Image), ("audio", MediaKind::Audio), ("video", MediaKind::Video)];
    let mut found = accepted.split(',').map(|one| {
        kinds.iter().find(|(name, _)| one.trim().starts_with(name)).map(|(_, kind)| *kind)
    });
    match found.next().flatten() {
        Some(kind) if found.all(|other| other == Some(kind)) => kind,
        _ => MediaKind::Any,
    }
}
