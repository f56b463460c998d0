//! A question of the runner: a title over one or more answers, each of which
//! is a question here.

use survey_builder::problem::{Problem, phrase};
use survey_builder::questionnaire::document::{
    Choice, DatePart, DateRange, Kind, ListOption, MultipleChoice, NumberRange, OtherText,
    Question, Required, Shown, Text, TextFormat, TextRule,
};
use uuid::Uuid;

use super::{Reader, list, string};
use crate::account::Json;
use crate::draft::Slot;
use crate::formula::{Formula, Operator};

impl Reader {
    pub(super) fn questions(&mut self, question: &Json, place: &str) -> Vec<Question> {
        let answers: Vec<&Json> = list(question, "answers").collect();
        let title = self.text(question.get("title"));
        let hint = self.hints(question, &["description", "instruction", "guidance", "warning"]);
        let mut questions = Vec::new();
        let alone = answers.len() == 1;
        let labelled = |answer: &&&Json| answer.get("label").is_some();
        let split = !alone && answers.iter().filter(labelled).count() > 0;
        if split && !title.is_empty() {
            let name = format!("{}_title", string(question, "id"));
            let mut note = self.draft.question(&name, title.clone(), Kind::Note);
            note.hint.clone_from(&hint);
            questions.push(note);
        }
        let exclusive = (string(question, "type") == "MutuallyExclusive" && !alone)
            .then(|| answers.last().copied())
            .flatten();
        for answer in &answers {
            if exclusive.is_some_and(|last| std::ptr::eq(last, *answer)) {
                self.exclusive(answer, &mut questions, place);
                continue;
            }
            let made = self.answer(answer, place);
            for mut one in made {
                if one.wording.is_empty() {
                    one.wording.clone_from(&title);
                } else if alone && !title.is_empty() {
                    // The label of the only answer says what goes into its box.
                    let label = std::mem::replace(&mut one.wording, title.clone());
                    one.hint = joined([&label, &one.hint]);
                }
                if !split {
                    one.hint = joined([&hint, &one.hint]);
                }
                questions.push(one);
            }
        }
        if let Some(dynamic) = question.get("dynamic_answers") {
            self.draft.kept(None, place, "dynamic_answers", &dynamic.to_string());
            for answer in list(dynamic, "answers") {
                questions.extend(self.answer(answer, place));
            }
        }
        self.sums(question, place);
        questions
    }

    fn hints(&mut self, owner: &Json, keys: &[&str]) -> Text {
        let mut parts = Vec::new();
        for key in keys {
            match owner.get(key) {
                Some(value)
                    if value.is_array()
                        || (value.is_object()
                            && value.get("text").is_none()
                            && value.get("text_plural").is_none()) =>
                {
                    parts.push(self.contents(value));
                }
                value => parts.push(self.text(value)),
            }
        }
        joined(parts.iter())
    }

    /// The question of one answer, and those of the boxes beside its options.
    fn answer(&mut self, answer: &Json, place: &str) -> Vec<Question> {
        let id = string(answer, "id");
        let name = self.names.next(id);
        let label = self.text(answer.get("label"));
        let mut beside = Vec::new();
        let kind = self.kind(answer, &name, place, &mut beside);
        let mut question = self.draft.question(&name, label, kind);
        question.hint = self.hints(answer, &["description", "guidance"]);
        if answer.get("mandatory").and_then(Json::as_bool) == Some(true) {
            question.required = Required::Hard;
        }
        self.limits(answer, &mut question, place);
        if let Some(default) = answer.get("default") {
            let formula = self.formula(default);
            let slot = Slot::Default(question.id);
            self.draft.later(slot, formula, &default.original(), place);
        }
        for key in ["suggestions", "validation"] {
            if let Some(value) = answer.get(key) {
                self.draft.remark(Some(question.id), key, &value.to_string());
            }
        }
        self.dynamic_options(answer, &question, place);
        let mut questions = vec![question];
        questions.extend(beside);
        questions
    }

    fn kind(&mut self, answer: &Json, name: &str, place: &str, beside: &mut Vec<Question>) -> Kind {
        let text = |format| Kind::ShortText(TextRule { format, ..text_rule(answer) });
        let dates = |precision| Kind::Date(DateRange { precision, ..DateRange::default() });
        match string(answer, "type") {
            "TextField" => text(TextFormat::Any),
            "MobileNumber" => text(TextFormat::Phone),
            "Email" => text(TextFormat::Email),
            "TextArea" | "Address" => Kind::LongText(text_rule(answer)),
            "Number" | "Currency" | "Percentage" | "Unit" => self.number(answer),
            "Date" => dates(DatePart::Day),
            "MonthYearDate" => dates(DatePart::Month),
            "YearDate" => dates(DatePart::Year),
            "Duration" => {
                let units: Vec<&str> = list(answer, "units").filter_map(Json::as_str).collect();
                let unit = self.draft.text(&units.join(", "));
                Kind::Duration(NumberRange { unit, ..NumberRange::default() })
            }
            "Radio" | "Dropdown" | "Relationship" | "Checkbox" => {
                self.choice(answer, name, place, beside)
            }
            other => {
                self.draft.warn(Problem::new("import_type", place).with("type", other));
                text(TextFormat::Any)
            }
        }
    }

    fn number(&self, answer: &Json) -> Kind {
        let decimals = answer.get("decimal_places").and_then(Json::as_u64);
        let decimals = decimals.and_then(|places| u8::try_from(places).ok());
        let unit = match string(answer, "type") {
            "Currency" => string(answer, "currency"),
            "Percentage" => "%",
            "Unit" => string(answer, "unit"),
            _ => "",
        };
        let range = NumberRange { unit: self.draft.text(unit), ..NumberRange::default() };
        // Money may have hundredths unless it is said that it has not.
        let whole =
            decimals == Some(0) || (decimals.is_none() && string(answer, "type") != "Currency");
        if whole {
            Kind::Integer(range)
        } else {
            Kind::Decimal(NumberRange { decimals: decimals.or(Some(2)), ..range })
        }
    }

    fn choice(
        &mut self,
        answer: &Json,
        name: &str,
        place: &str,
        beside: &mut Vec<Question>,
    ) -> Kind {
        let several = string(answer, "type") == "Checkbox";
        let mut options = Vec::new();
        let mut other: Option<OtherText> = None;
        for option in list(answer, "options") {
            let Some(value) = option.get("value") else { continue };
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let label = self.text(option.get("label"));
            options.push(ListOption::new(Uuid::nil(), &value, label));
            let Some(detail) = option.get("detail_answer") else { continue };
            if string(detail, "type") == "TextField" && other.is_none() {
                let name = self.names.next(string(detail, "id"));
                let name = self.draft.name(&name);
                let id = self.draft.id("question", &name);
                let wording = self.text(detail.get("label"));
                other = Some(OtherText { id, name, option: value, wording });
            } else {
                for question in self.answer(detail, place) {
                    let chosen = [Formula::question(name), Formula::text(&value)];
                    let formula = Formula::call("holds", chosen.to_vec());
                    let slot = Slot::Question(question.id);
                    self.draft.later(slot, Ok(formula), "detail_answer", place);
                    beside.push(question);
                }
            }
        }
        let chosen_before = self.list_of_dynamic(answer);
        let list = match chosen_before.as_ref().and_then(|list| self.draft.document.list(list)) {
            Some(_) if options.is_empty() => chosen_before,
            Some(before) => {
                let mut all = before.options.clone();
                all.append(&mut options);
                Some(self.draft.list_of(name, all))
            }
            None if options.is_empty() => None,
            None => Some(self.draft.list_of(name, options)),
        };
        let Some(list) = list else {
            self.draft.warn(Problem::new("import_options_elsewhere", place));
            let original = answer.get("dynamic_options").map(Json::to_string).unwrap_or_default();
            self.draft.remark(None, "dynamic_options", &original);
            return Kind::ShortText(TextRule::default());
        };
        self.lists.insert(name.to_owned(), list.clone());
        let mut choice = Choice { other, ..Choice::of(&list) };
        if string(answer, "type") == "Dropdown" {
            choice.shown = Shown::Dropdown;
        }
        if several {
            Kind::Multiple(MultipleChoice { choice, ..MultipleChoice::default() })
        } else {
            Kind::Single(choice)
        }
    }

    /// The question whose chosen options are offered here.
    fn options_of(&self, answer: &Json) -> Option<String> {
        let values = answer.get("dynamic_options")?.get("values")?;
        if string(values, "source") != "answers" {
            return None;
        }
        self.names.inserted(string(values, "identifier")).map(str::to_owned)
    }

    fn list_of_dynamic(&self, answer: &Json) -> Option<String> {
        self.lists.get(&self.options_of(answer)?).cloned()
    }

    fn dynamic_options(&mut self, answer: &Json, question: &Question, place: &str) {
        if question.kind.choice().is_none() {
            return;
        }
        let Some(source) = self.options_of(answer) else { return };
        let mut filter = Formula::call(
            "holds",
            vec![Formula::Question(source), Formula::Column("name".to_owned())],
        );
        // Options that are written here are offered besides.
        for option in list(answer, "options") {
            let code = Formula::text(string(option, "value"));
            let item = Formula::Column("name".to_owned());
            let own = Formula::binary(Operator::Equal, item, code);
            filter = Formula::binary(Operator::Or, filter, own);
        }
        let original = answer.get("dynamic_options").map(Json::original).unwrap_or_default();
        self.draft.later(Slot::Filter(question.id), Ok(filter), &original, place);
    }

    /// "None of these" beside an answer: an option of the same list where the
    /// answer is a choice of several, else a question that excludes it.
    fn exclusive(&mut self, answer: &Json, questions: &mut Vec<Question>, place: &str) {
        let first = questions.iter().position(|one| one.kind.takes_answer());
        let Some(first) = first else {
            questions.extend(self.answer(answer, place));
            return;
        };
        if let Kind::Multiple(multiple) = &mut questions[first].kind
            && let Some(written) = self.draft.document.list(&multiple.choice.list)
        {
            let mut options = written.options.clone();
            let base = multiple.choice.list.clone();
            for option in list(answer, "options") {
                let label = self.text(option.get("label"));
                let mut one = ListOption::new(Uuid::nil(), string(option, "value"), label);
                one.exclusive = true;
                one.anchored = true;
                options.push(one);
            }
            let list = self.draft.list_of(&base, options);
            if let Kind::Multiple(multiple) = &mut questions[first].kind {
                multiple.choice.list.clone_from(&list);
            }
            let name = questions[first].name.clone();
            self.lists.insert(name.clone(), list);
            self.names.stands_for(string(answer, "id"), &name);
            return;
        }
        let others: Vec<String> = questions
            .iter()
            .filter(|one| one.kind.takes_answer())
            .map(|one| one.name.clone())
            .collect();
        let mut made = self.answer(answer, place);
        for one in made.iter_mut().filter(|one| one.wording.is_empty()) {
            // It has no question of its own: its first option says what it is.
            let first = list(answer, "options").next().and_then(|option| option.get("label"));
            one.wording = self.text(first);
        }
        for one in &made {
            let none = others.iter().map(|name| Formula::question(name).blank());
            if let Some(formula) = Formula::all(none) {
                let message = Text::default();
                let slot = Slot::Constraint { question: one.id, message, soft: false };
                self.draft.later(slot, Ok(formula), "MutuallyExclusive", place);
            }
        }
        questions.extend(made);
    }

    /// The bounds of a number or a day.
    fn limits(&mut self, answer: &Json, question: &mut Question, place: &str) {
        for (key, least) in [("minimum", true), ("maximum", false)] {
            let Some(limit) = answer.get(key) else { continue };
            let value = limit.at("value");
            let exclusive = limit.get("exclusive").and_then(Json::as_bool) == Some(true);
            if let Some(number) = value.as_f64()
                && put_bound(&mut question.kind, number, least, exclusive)
            {
                continue;
            }
            let bound = match (&question.kind, value.as_str()) {
                (Kind::Date(_), Some("now")) => Ok(Formula::call("today", vec![])),
                (Kind::Date(_), Some(day)) => Ok(Formula::call("date", vec![Formula::text(day)])),
                _ => self.formula(value),
            };
            let bound = bound.and_then(|bound| match limit.get("offset_by") {
                Some(offset) => super::condition::offset_by(bound, offset),
                None => Ok(bound),
            });
            let operator = match (least, exclusive) {
                (true, false) => Operator::GreaterOrEqual,
                (true, true) => Operator::Greater,
                (false, false) => Operator::LessOrEqual,
                (false, true) => Operator::Less,
            };
            let formula = bound.map(|bound| Formula::binary(operator, Formula::SelfValue, bound));
            let slot =
                Slot::Constraint { question: question.id, message: Text::default(), soft: false };
            self.draft.later(slot, formula, &format!("{key} {}", limit.original()), place);
        }
    }

    /// Answers that must add up: a constraint on the last of them.
    fn sums(&mut self, question: &Json, place: &str) {
        for calculation in list(question, "calculations") {
            let answers: Vec<&str> =
                list(calculation, "answers_to_calculate").filter_map(Json::as_str).collect();
            let total = match (calculation.get("value"), string(calculation, "answer_id")) {
                (Some(value), _) => self.formula(value),
                (None, "") => Err(phrase("phrase-sum-without-a-total")),
                (None, answer) => Ok(self.names.answer(answer)),
            };
            let Some(last) = answers.last() else { continue };
            let Some(id) = self.names.current(last).map(|name| self.draft.id("question", name))
            else {
                continue;
            };
            // Those of this question are meant, not those of its other variants.
            let own = |id: &&str| list(question, "answers").any(|one| string(one, "id") == *id);
            let parts = answers.iter().map(|answer| match self.names.current(answer) {
                _ if answer == last => Formula::SelfValue,
                Some(name) if own(answer) => Formula::question(name),
                _ => self.names.answer(answer),
            });
            let sum = Formula::call("sum", parts.collect());
            let conditions: Vec<&str> =
                list(calculation, "conditions").filter_map(Json::as_str).collect();
            let formula = total.map(|total| {
                let each = conditions.iter().filter_map(|condition| {
                    let operator = match *condition {
                        "equals" => Operator::Equal,
                        "less than" => Operator::Less,
                        "greater than" => Operator::Greater,
                        _ => return None,
                    };
                    Some(Formula::binary(operator, sum.clone(), total.clone()))
                });
                Formula::any(each)
                    .unwrap_or_else(|| Formula::binary(Operator::Equal, sum.clone(), total))
            });
            let slot = Slot::Constraint { question: id, message: Text::default(), soft: false };
            self.draft.later(slot, formula, &calculation.original(), place);
        }
    }
}

/// Puts a written bound into the kind itself; whether it has a place there.
fn put_bound(kind: &mut Kind, number: f64, least: bool, exclusive: bool) -> bool {
    let range = match kind {
        Kind::Integer(range) => {
            let step = if exclusive { if least { 1.0 } else { -1.0 } } else { 0.0 };
            let slot = if least { &mut range.minimum } else { &mut range.maximum };
            *slot = Some(number + step);
            return true;
        }
        Kind::Decimal(range) | Kind::Duration(range) if !exclusive => range,
        _ => return false,
    };
    *if least { &mut range.minimum } else { &mut range.maximum } = Some(number);
    true
}

fn text_rule(answer: &Json) -> TextRule {
    let most = answer.get("max_length").and_then(Json::as_u64);
    TextRule { at_most: most.and_then(|most| u32::try_from(most).ok()), ..TextRule::default() }
}

/// Texts one below the other.
fn joined<'t>(texts: impl IntoIterator<Item = &'t Text>) -> Text {
    let mut whole = Text::default();
    for text in texts {
        for (language, words) in &text.0 {
            let own = whole.0.entry(language.clone()).or_default();
            if !own.is_empty() {
                own.push('\n');
            }
            own.push_str(words);
        }
    }
    whole
}
