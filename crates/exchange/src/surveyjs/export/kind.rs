//! The kinds of questions as types of elements.

use serde_json::{Map, Value, json};
use survey_builder::questionnaire::answer::State;
use survey_builder::questionnaire::document::{
    Cell, Choice, Column, Computed, DatePart, Grid, Kind, ListOption, MediaKind, MultipleChoice,
    NumberRange, OptionList, Points, Question, Required, Row, Scale, Shown, Source, Text,
    TextFormat, TextRule,
};
use survey_builder::questionnaire::expression::{Expected, Type};

use super::{Exporter, put};
use crate::formula::write::Writer;
use crate::formula::{Formula, Operator};

/// The codes that models give to the options that they switch on.
const SPECIAL: [(&str, Option<State>, &str, &str); 3] = [
    ("none", None, "showNoneItem", "noneText"),
    ("refused", Some(State::Refused), "showRefuseItem", "refuseText"),
    ("dontknow", Some(State::DontKnow), "showDontKnowItem", "dontKnowText"),
];

impl Exporter<'_> {
    /// The type and what belongs to it.
    pub(super) fn kind(&mut self, question: &Question) -> Map<String, Value> {
        let mut parts = Map::new();
        parts.insert("type".to_owned(), Value::Null);
        parts.insert("name".to_owned(), json!(question.name));
        let name = &question.name;
        let kind = match &question.kind {
            Kind::Single(choice) | Kind::Consent(choice) => {
                if matches!(question.kind, Kind::Consent(_)) {
                    self.lose(name, "kind", "consent");
                }
                self.choices(question, choice, false, &mut parts);
                one_of(choice, &mut parts)
            }
            Kind::Multiple(multiple) => {
                self.choices(question, &multiple.choice, true, &mut parts);
                counts(multiple, &mut parts);
                several_of(&multiple.choice, &mut parts)
            }
            Kind::Ranking(ranking) => {
                self.choices(question, &ranking.choice, true, &mut parts);
                counts(ranking, &mut parts);
                if ranking.at_least.is_some() || ranking.at_most.is_some() {
                    parts.insert("selectToRankEnabled".to_owned(), json!(true));
                }
                "ranking"
            }
            Kind::Battery(battery) => {
                let options = self.document.list(&battery.list);
                let columns = self.options(name, options, false);
                parts.insert("columns".to_owned(), Value::Array(columns));
                self.rows(&battery.rows, battery.shuffled, &mut parts);
                "matrix"
            }
            Kind::Grid(grid) => {
                self.grid(question, grid, &mut parts);
                "matrixdropdown"
            }
            Kind::Scale(scale) => self.scale(scale, &mut parts),
            Kind::Integer(range) => self.number(name, range, Some(json!(1)), &mut parts),
            Kind::Decimal(range) => {
                let step = range.decimals.map(|decimals| json!(10_f64.powi(-i32::from(decimals))));
                self.number(name, range, step, &mut parts)
            }
            Kind::Duration(range) => {
                self.lose(name, "kind", "duration");
                self.number(name, range, None, &mut parts)
            }
            Kind::ShortText(rule) => self.line(name, rule, &mut parts),
            Kind::LongText(rule) => {
                put(&mut parts, "maxLength", rule.at_most.map(|most| json!(most)));
                "comment"
            }
            Kind::Date(range) => {
                let kind = if range.precision == DatePart::Month { "month" } else { "date" };
                if range.precision == DatePart::Year {
                    self.lose(name, "precision", "year");
                }
                parts.insert("inputType".to_owned(), json!(kind));
                put(&mut parts, "min", range.minimum.as_ref().map(|day| json!(day)));
                put(&mut parts, "max", range.maximum.as_ref().map(|day| json!(day)));
                "text"
            }
            Kind::Computed(computed) => self.worked_out(name, computed, &mut parts),
            other => self.plain(name, other, &mut parts),
        };
        parts.insert("type".to_owned(), json!(kind));
        parts
    }

    fn worked_out(
        &mut self,
        name: &str,
        computed: &Computed,
        parts: &mut Map<String, Value>,
    ) -> &'static str {
        let expected = computed
            .list
            .clone()
            .map_or(Expected::Single, |list| Expected::Value(Type::Option(list)));
        let said = &computed.expression;
        let formula = self.formula(said, None, expected, Writer::calculation).ok();
        if formula.is_none() {
            self.lose(name, "calculation", said);
        }
        if let Some(list) = &computed.list {
            self.lose(name, "list", list);
        }
        let text = self.expression(name, "calculation", formula, said);
        let worked_out = text.is_some();
        put(parts, "expression", text.map(|text| json!(text)));
        if worked_out { "expression" } else { "text" }
    }

    /// Kinds that say little more than their type.
    fn plain(&mut self, name: &str, kind: &Kind, parts: &mut Map<String, Value>) -> &'static str {
        match kind {
            Kind::Time => {
                parts.insert("inputType".to_owned(), json!("time"));
                "text"
            }
            Kind::DateTime => {
                parts.insert("inputType".to_owned(), json!("datetime-local"));
                "text"
            }
            Kind::File(rule) => {
                let accepted = match rule.media {
                    MediaKind::Image => Some("image/*"),
                    MediaKind::Audio => Some("audio/*"),
                    MediaKind::Video => Some("video/*"),
                    MediaKind::Drawing => {
                        self.lose(name, "media", "drawing");
                        Some("image/*")
                    }
                    MediaKind::Any => None,
                };
                put(parts, "acceptedTypes", accepted.map(|accepted| json!(accepted)));
                put(parts, "maxSize", rule.at_most.map(|most| json!(most)));
                "file"
            }
            Kind::Signature => "signaturepad",
            Kind::Acknowledge => {
                parts.insert("displayMode".to_owned(), json!("checkbox"));
                "boolean"
            }
            Kind::Note => "html",
            Kind::Hidden(hidden) => {
                if let Source::Frame(said) | Source::Link(said) | Source::Outside(said) =
                    &hidden.source
                {
                    self.lose(name, "source", said);
                }
                self.lose(name, "kind", "hidden");
                "text"
            }
            other => {
                self.lose(name, "kind", other.name());
                "text"
            }
        }
    }

    fn choices(
        &mut self,
        question: &Question,
        choice: &Choice,
        several: bool,
        parts: &mut Map<String, Value>,
    ) {
        let list = self.document.list(&choice.list);
        let all = list.map_or(&[][..], |list| &list.options);
        let other = choice.other.as_ref().map(|other| other.option.as_str());
        let special = switched_on(all, other);
        let plain = &all[..all.len() - special];
        let mut choices = self.options_of(&question.name, plain, several);
        if choice.shown != Shown::Images || matches!(question.kind, Kind::Ranking(_)) {
            self.without_images(&question.name, &mut choices);
        }
        for (option, written) in plain.iter().zip(&mut choices) {
            let Some(text) = choice.other.as_ref().filter(|text| text.option == option.code) else {
                continue;
            };
            if let Value::Object(written) = written {
                written.insert("showCommentArea".to_owned(), json!(true));
                put(written, "commentPlaceholder", self.text(&text.wording, true));
            }
        }
        parts.insert("choices".to_owned(), Value::Array(choices));
        for option in &all[all.len() - special..] {
            let label = self.text(&option.label, true);
            if let Some((_, _, shows, text)) = SPECIAL.iter().find(|one| one.0 == option.code) {
                parts.insert((*shows).to_owned(), json!(true));
                put(parts, text, label);
            } else {
                parts.insert("showOtherItem".to_owned(), json!(true));
                put(parts, "otherText", label);
                let wording = choice.other.as_ref().map(|other| &other.wording);
                put(parts, "otherPlaceholder", wording.and_then(|text| self.text(text, true)));
            }
        }
        if let Some(other) = &choice.other
            && other.name != format!("{}_other", question.name)
        {
            self.lose(&question.name, "other", &other.name);
        }
        if choice.shuffled {
            parts.insert("choicesOrder".to_owned(), json!("random"));
        }
        self.filter(question, choice, parts);
    }

    /// Only one type of element shows pictures.
    fn without_images(&mut self, place: &str, choices: &mut [Value]) {
        for choice in choices.iter_mut().filter_map(Value::as_object_mut) {
            if let Some(link) = choice.remove("imageLink") {
                self.lose(place, "image", link.as_str().unwrap_or_default());
            }
        }
    }

    fn options(&mut self, place: &str, list: Option<&OptionList>, several: bool) -> Vec<Value> {
        let options = list.map_or(&[][..], |list| &list.options);
        let mut written = self.options_of(place, options, several);
        self.without_images(place, &mut written);
        written
    }

    fn options_of(&mut self, place: &str, options: &[ListOption], several: bool) -> Vec<Value> {
        let mut written = Vec::new();
        for option in options {
            let mut parts = Map::new();
            parts.insert("value".to_owned(), json!(option.code));
            put(&mut parts, "text", self.text(&option.label, true));
            if option.exclusive && several {
                parts.insert("isExclusive".to_owned(), json!(true));
            }
            if option.anchored {
                parts.insert("randomize".to_owned(), json!(false));
            }
            if let Some(link) = &option.image {
                parts.insert("imageLink".to_owned(), json!(link));
            }
            if let Some(state) = option.missing {
                self.lose(place, "missing", &format!("{} {}", option.code, state.name()));
            }
            for (column, cell) in &option.attributes {
                self.lose(place, "attributes", &format!("{} {column}={cell}", option.code));
            }
            written.push(Value::Object(parts));
        }
        written
    }

    fn rows(&mut self, rows: &[Row], shuffled: bool, parts: &mut Map<String, Value>) {
        let mut written = Vec::new();
        for row in rows {
            let mut one = Map::new();
            one.insert("value".to_owned(), json!(row.name));
            put(&mut one, "text", self.text(&row.wording, true));
            let own = self.condition(&row.name, "relevant", row.relevant.as_ref());
            let original = row.relevant.clone().unwrap_or_default();
            let text = self.expression(&row.name, "relevant", own, &original);
            put(&mut one, "visibleIf", text.map(|text| json!(text)));
            written.push(Value::Object(one));
        }
        parts.insert("rows".to_owned(), Value::Array(written));
        if shuffled {
            parts.insert("rowOrder".to_owned(), json!("random"));
        }
    }

    fn grid(&mut self, question: &Question, grid: &Grid, parts: &mut Map<String, Value>) {
        let columns = grid.columns.iter().map(|column| self.column(&question.name, column));
        let columns: Vec<Value> = columns.collect();
        parts.insert("columns".to_owned(), Value::Array(columns));
        self.rows(&grid.rows, grid.shuffled, parts);
        if question.required == Required::Hard {
            // Without this a model asks for one row only.
            for column in
                parts.get_mut("columns").and_then(Value::as_array_mut).into_iter().flatten()
            {
                column["isRequired"] = json!(true);
            }
        }
        if let Some(total) = &grid.total {
            self.lose(&question.name, "total", total);
        }
    }

    fn column(&mut self, place: &str, column: &Column) -> Value {
        let mut parts = Map::new();
        parts.insert("name".to_owned(), json!(column.name));
        // Without one a model shows the name.
        let title = self.text(&column.label, true).or_else(|| Some(json!(" ")));
        put(&mut parts, "title", title);
        let kind = match &column.cell {
            Cell::Single { list } | Cell::Multiple { list } => {
                let several = matches!(column.cell, Cell::Multiple { .. });
                let choices = self.options(place, self.document.list(list), several);
                parts.insert("choices".to_owned(), Value::Array(choices));
                if several { "checkbox" } else { "dropdown" }
            }
            Cell::Integer(range) => self.number(place, range, Some(json!(1)), &mut parts),
            Cell::Decimal(range) => {
                let step = range.decimals.map(|decimals| json!(10_f64.powi(-i32::from(decimals))));
                self.number(place, range, step, &mut parts)
            }
            Cell::Text(rule) => self.line(place, rule, &mut parts),
            Cell::Date(range) => {
                parts.insert("inputType".to_owned(), json!("date"));
                put(&mut parts, "min", range.minimum.as_ref().map(|day| json!(day)));
                put(&mut parts, "max", range.maximum.as_ref().map(|day| json!(day)));
                "text"
            }
        };
        parts.insert("cellType".to_owned(), json!(kind));
        Value::Object(parts)
    }

    fn number(
        &mut self,
        place: &str,
        range: &NumberRange,
        step: Option<Value>,
        parts: &mut Map<String, Value>,
    ) -> &'static str {
        parts.insert("inputType".to_owned(), json!("number"));
        put(parts, "min", range.minimum.map(whole_or_not));
        put(parts, "max", range.maximum.map(whole_or_not));
        put(parts, "step", step);
        if !range.unit.is_empty() {
            self.lose(place, "unit", range.unit.get(&self.document.default_language, ""));
        }
        "text"
    }

    fn line(
        &mut self,
        place: &str,
        rule: &TextRule,
        parts: &mut Map<String, Value>,
    ) -> &'static str {
        let kind = match rule.format {
            TextFormat::Email => Some("email"),
            TextFormat::Phone => Some("tel"),
            TextFormat::Url => Some("url"),
            TextFormat::Digits => {
                parts.insert(
                    "validators".to_owned(),
                    json!([{ "type": "regex", "regex": "^[0-9]*$" }]),
                );
                None
            }
            TextFormat::Barcode => {
                self.lose(place, "format", "barcode");
                None
            }
            TextFormat::Any => None,
        };
        put(parts, "inputType", kind.map(|kind| json!(kind)));
        put(parts, "maxLength", rule.at_most.map(|most| json!(most)));
        "text"
    }

    fn scale(&mut self, scale: &Scale, parts: &mut Map<String, Value>) -> &'static str {
        if scale.shown == Points::Slider {
            parts.insert("min".to_owned(), json!(scale.from));
            parts.insert("max".to_owned(), json!(scale.to));
            parts.insert("step".to_owned(), json!(scale.step));
            let ends = [(scale.from, &scale.low), (scale.to, &scale.high)];
            let labels = ends.into_iter().filter_map(|(value, text)| {
                Some(json!({ "value": value, "text": self.text(text, true)? }))
            });
            let labels: Vec<Value> = labels.collect();
            if !labels.is_empty() {
                parts.insert("customLabels".to_owned(), Value::Array(labels));
            }
            return "slider";
        }
        parts.insert("rateMin".to_owned(), json!(scale.from));
        parts.insert("rateMax".to_owned(), json!(scale.to));
        parts.insert("rateStep".to_owned(), json!(scale.step));
        put(parts, "minRateDescription", self.text(&scale.low, true));
        put(parts, "maxRateDescription", self.text(&scale.high, true));
        if scale.shown == Points::Stars {
            parts.insert("rateType".to_owned(), json!("stars"));
        }
        "rating"
    }

    /// Two questions in the place of one that models do not have.
    pub(super) fn best_worst(&mut self, question: &Question) -> Vec<Value> {
        let Kind::BestWorst(pair) = &question.kind else { return Vec::new() };
        if let Some(drawn) = pair.drawn {
            self.lose(&question.name, "drawn", &drawn.to_string());
        }
        let names = [format!("{}_best", question.name), format!("{}_worst", question.name)];
        let mut elements = Vec::new();
        for (name, label) in names.iter().zip([&pair.best, &pair.worst]) {
            let mut wording = question.wording.clone();
            for (language, words) in &mut wording.0 {
                let said = label.get(language, &self.document.default_language);
                words.push_str(&format!(" – {said}"));
            }
            let wording = if wording.is_empty() { Text::clone(label) } else { wording };
            let mut one =
                Question::new(question.id, name, wording, Kind::Single(Choice::of(&pair.list)));
            one.required = question.required;
            one.relevant.clone_from(&question.relevant);
            elements.extend(self.question(&one));
        }
        let differ = Formula::binary(
            Operator::NotEqual,
            Formula::question(&names[0]),
            Formula::question(&names[1]),
        );
        let either = Formula::any([
            Formula::question(&names[0]).blank(),
            Formula::question(&names[1]).blank(),
            differ,
        ]);
        if let Some(text) = self.expression(&question.name, "worst", either, "")
            && let Some(Value::Object(worst)) = elements.last_mut()
        {
            worst.insert(
                "validators".to_owned(),
                json!([{ "type": "expression", "expression": text }]),
            );
        }
        elements
    }
}

/// How many options at the end a model can switch on by itself: other, none,
/// refused, don't know, in that order.
fn switched_on(options: &[ListOption], other: Option<&str>) -> usize {
    let fits = |option: &ListOption| {
        let plain = option.attributes.is_empty() && option.image.is_none() && option.ends.is_none();
        let known = SPECIAL.iter().any(|(code, state, ..)| {
            *code == option.code && *state == option.missing && option.exclusive
        });
        let is_other = option.code == "other"
            && other == Some("other")
            && option.missing.is_none()
            && !option.exclusive;
        plain && option.anchored && (known || is_other)
    };
    let order = |option: &ListOption| {
        let place = SPECIAL.iter().position(|(code, ..)| *code == option.code);
        place.map_or(0, |place| place + 1)
    };
    let mut count = 0;
    let mut after = SPECIAL.len() + 1;
    for option in options.iter().rev() {
        if !fits(option) || order(option) >= after {
            break;
        }
        after = order(option);
        count += 1;
    }
    count
}

fn one_of(choice: &Choice, parts: &mut Map<String, Value>) -> &'static str {
    match choice.shown {
        Shown::List => "radiogroup",
        Shown::Buttons => {
            parts.insert("colCount".to_owned(), json!(0));
            "radiogroup"
        }
        Shown::Dropdown => "dropdown",
        Shown::Search => {
            parts.insert("searchEnabled".to_owned(), json!(true));
            "dropdown"
        }
        Shown::Images => "imagepicker",
    }
}

fn several_of(choice: &Choice, parts: &mut Map<String, Value>) -> &'static str {
    match choice.shown {
        Shown::List => "checkbox",
        Shown::Buttons => {
            parts.insert("colCount".to_owned(), json!(0));
            "checkbox"
        }
        Shown::Dropdown => {
            parts.insert("searchEnabled".to_owned(), json!(false));
            "tagbox"
        }
        Shown::Search => "tagbox",
        Shown::Images => {
            parts.insert("multiSelect".to_owned(), json!(true));
            "imagepicker"
        }
    }
}

fn counts(multiple: &MultipleChoice, parts: &mut Map<String, Value>) {
    put(parts, "minSelectedChoices", multiple.at_least.map(|count| json!(count)));
    put(parts, "maxSelectedChoices", multiple.at_most.map(|count| json!(count)));
}

/// A whole number without a point.
fn whole_or_not(number: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "whole and small")]
    if number.fract() == 0.0 && number.abs() < 9e15 { json!(number as i64) } else { json!(number) }
}
