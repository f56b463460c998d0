//! Numbers, texts and days of `SurveyJS`: what their boxes take.

use survey_builder::questionnaire::document::{
    Choice, DatePart, DateRange, Grid, Kind, MediaKind, NumberRange, Points, Scale, Shown, Text,
    TextFormat, TextRule,
};

use super::choice::choices;
use super::element::value_of;
use super::{Reader, string};
use crate::account::Json;
use crate::draft::text;

/// The most points of a scale that are shown one beside the other.
const MOST_POINTS: i64 = 100;

impl Reader {
    /// A line to point at; where it has points between whole numbers, a number.
    pub(super) fn slider(&self, element: &Json) -> Kind {
        let minimum = number(element, &["min", "rangeMin"]).unwrap_or(0.0);
        let maximum = number(element, &["max", "rangeMax"]).unwrap_or(100.0);
        let step = number(element, &["step"]).unwrap_or(1.0);
        let whole = |number: f64| number.fract() == 0.0 && number.abs() < 1e6;
        if string(element, "sliderType") == "range"
            || ![minimum, maximum, step].into_iter().all(whole)
            || step < 1.0
            || minimum >= maximum
        {
            return Kind::Decimal(NumberRange {
                minimum: Some(minimum),
                maximum: Some(maximum),
                ..NumberRange::default()
            });
        }
        let label = |of: f64| {
            let labels = element.get("customLabels").and_then(Json::as_array);
            let found = labels.into_iter().flatten().find(|one| {
                one.get("value")
                    .and_then(Json::as_f64)
                    .is_some_and(|value| (value - of).abs() < 1e-9)
            });
            self.names.text(found.and_then(|label| label.get("text")))
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
        Kind::Scale(Scale {
            from: minimum as i32,
            to: maximum as i32,
            step: step as u32,
            low: label(minimum),
            high: label(maximum),
            shown: Points::Slider,
        })
    }

    pub(super) fn rating(&mut self, element: &Json, ours: &str) -> Kind {
        let options = choices(self, element);
        if !options.is_empty() {
            let list = self.draft.list(ours, options);
            return Kind::Single(Choice { shown: Shown::Buttons, ..Choice::of(&list) });
        }
        let whole = |key: &str, or_else: i32| {
            let found = element.get(key).and_then(Json::as_i64);
            found.and_then(|number| i32::try_from(number).ok()).unwrap_or(or_else)
        };
        let step = u32::try_from(whole("rateStep", 1)).unwrap_or(1).max(1);
        let from = whole("rateMin", 1);
        let count = whole("rateCount", 5);
        let to = match element.get("rateMax") {
            Some(_) => whole("rateMax", 5),
            None => from.saturating_add(count.saturating_sub(1)),
        };
        let to = to.max(from.saturating_add(1));
        // Nobody sees so many points: it is a number.
        if i64::from(to) - i64::from(from) > MOST_POINTS * i64::from(step) {
            let (minimum, maximum) = (Some(f64::from(from)), Some(f64::from(to)));
            return Kind::Integer(NumberRange { minimum, maximum, ..NumberRange::default() });
        }
        let shown = match string(element, "rateType") {
            "stars" | "smileys" => Points::Stars,
            _ => Points::Numbers,
        };
        Kind::Scale(Scale {
            from,
            to,
            step,
            low: self.names.text(element.get("minRateDescription")),
            high: self.names.text(element.get("maxRateDescription")),
            shown,
        })
    }

    /// Several short texts: a grid of one column, where all are of one kind.
    pub(super) fn texts(&mut self, element: &Json, path: &str) -> Kind {
        use survey_builder::questionnaire::document::{Cell, Column, Row};
        let items: Vec<Json> =
            element.get("items").and_then(Json::as_array).cloned().unwrap_or_default();
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
}

pub(super) fn number(element: &Json, keys: &[&str]) -> Option<f64> {
    keys.iter().find_map(|key| {
        let value = element.get(key)?;
        value.as_f64().or_else(|| text::number(value.as_str()?))
    })
}

pub(super) fn text_rule(element: &Json) -> TextRule {
    let most = element.get("maxLength").and_then(Json::as_u64).filter(|most| *most > 0);
    TextRule { at_most: most.and_then(|most| u32::try_from(most).ok()), ..TextRule::default() }
}

/// A bound that is a day.
pub(super) fn day(element: &Json, key: &str) -> Option<String> {
    let day = string(element, key);
    (day.len() == 10 && !day.starts_with('=')).then(|| day.to_owned())
}

pub(super) fn text_kind(element: &Json, reader: &Reader) -> Kind {
    let rule = |format| Kind::ShortText(TextRule { format, ..text_rule(element) });
    let dates = |precision| {
        let (minimum, maximum) = (day(element, "min"), day(element, "max"));
        Kind::Date(DateRange { minimum, maximum, precision })
    };
    match string(element, "inputType") {
        "number" | "range" => {
            let unit = element.get("maskSettings").and_then(|mask| mask.get("suffix"));
            number_kind(element, reader.names.text(unit))
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

/// A number; whole where it goes by whole steps.
pub(super) fn number_kind(element: &Json, unit: Text) -> Kind {
    let (minimum, maximum) = (number(element, &["min"]), number(element, &["max"]));
    let step = number(element, &["step"]).filter(|step| *step > 0.0);
    let decimals = (1..=9_u8).find(|places| step == Some(10_f64.powi(-i32::from(*places))));
    let range = NumberRange { minimum, maximum, decimals, unit };
    if step.is_some_and(|step| step.fract() == 0.0) {
        Kind::Integer(range)
    } else {
        Kind::Decimal(range)
    }
}

pub(super) fn media_of(accepted: &str) -> MediaKind {
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
