//! The kind of a field by its type, its validation and its tags.

use survey_builder::problem::Problem;
use survey_builder::questionnaire::document::{
    Choice, DateRange, FileRule, Kind, ListOption, MultipleChoice, NumberRange, Points, Scale,
    Shown, Text, TextFormat, TextRule,
};

use super::annotation::Tags;
use super::build::Builder;
use super::table::{Field, choices};
use crate::draft::text::number;

impl Builder {
    /// The kind of a field.
    pub(super) fn kind(&mut self, field: &Field, tags: &Tags) -> Kind {
        match field.kind.as_str() {
            "text" => self.text_kind(field, tags),
            "notes" | "textarea" => Kind::LongText(TextRule {
                at_most: tags.number("CHARLIMIT"),
                format: TextFormat::Any,
            }),
            "radio" => Kind::Single(self.choice(field, tags, Shown::List)),
            "dropdown" | "select" => {
                let shown = if field.validation() == "autocomplete" {
                    Shown::Search
                } else {
                    Shown::Dropdown
                };
                Kind::Single(self.choice(field, tags, shown))
            }
            "checkbox" | "advcheckbox" => Kind::Multiple(MultipleChoice {
                choice: self.choice(field, tags, Shown::List),
                at_least: None,
                at_most: tags.number("MAXCHECKED"),
            }),
            "yesno" => self.truth(field, "Yes", "No"),
            "truefalse" => self.truth(field, "True", "False"),
            "slider" => self.slider(field),
            "descriptive" => Kind::Note,
            "file" if field.validation() == "signature" => Kind::Signature,
            "file" => Kind::File(FileRule::default()),
            _ => {
                self.unknown(field);
                Kind::ShortText(TextRule::default())
            }
        }
    }

    fn unknown(&mut self, field: &Field) {
        self.draft.warn(Problem::new("import_type", field.place()).with("type", &field.kind));
        if field.has("choices") {
            let item = Some(self.item(field));
            self.draft.kept(item, field.place(), "choices", field.cell("choices"));
        }
    }

    fn truth(&mut self, field: &Field, yes: &str, no: &str) -> Kind {
        let options = [("1", yes), ("0", no)]
            .map(|(code, label)| (code.to_owned(), self.draft.text(label)))
            .to_vec();
        Kind::Single(Choice::of(&self.draft.list(&field.name, options)))
    }

    /// The options of a field; tags say which stand alone.
    pub(super) fn options(&mut self, field: &Field, tags: &Tags) -> Vec<ListOption> {
        let alone: Vec<&str> =
            tags.given("NONEOFTHEABOVE").unwrap_or_default().split(',').map(str::trim).collect();
        let mut options = Vec::new();
        for (code, label) in choices(field.cell("choices")) {
            let label = self.text(&label);
            let label = if label.is_empty() { self.draft.text(&code) } else { label };
            let mut option = ListOption::new(uuid::Uuid::nil(), &code, label);
            option.exclusive = alone.contains(&code.as_str());
            options.push(option);
        }
        options
    }

    fn choice(&mut self, field: &Field, tags: &Tags, shown: Shown) -> Choice {
        let options = self.options(field, tags);
        Choice {
            list: self.draft.list_of(&field.name, options),
            filter: None,
            shuffled: tags.given("RANDOMORDER").is_some(),
            shown,
            other: None,
        }
    }

    fn slider(&mut self, field: &Field) -> Kind {
        let labels: Vec<&str> = field.cell("choices").split('|').map(str::trim).collect();
        let number = |written: &str, or_else: i32| written.parse().unwrap_or(or_else);
        let (from, to) = (number(field.cell("minimum"), 0), number(field.cell("maximum"), 100));
        let (low, high) = match labels[..] {
            [low, middle, high] => {
                if !middle.is_empty() {
                    let item = Some(self.item(field));
                    self.draft.kept(item, field.place(), "label of the middle", middle);
                }
                (self.text(low), self.text(high))
            }
            [low, high] => (self.text(low), self.text(high)),
            [low] => (self.text(low), Text::default()),
            _ => (Text::default(), Text::default()),
        };
        let to = if to > from { to } else { from.saturating_add(100) };
        Kind::Scale(Scale { from, to, step: 1, low, high, shown: Points::Slider })
    }

    fn text_kind(&mut self, field: &Field, tags: &Tags) -> Kind {
        let rule = |format| Kind::ShortText(TextRule { at_most: tags.number("CHARLIMIT"), format });
        if tags.given("BARCODE-APP").is_some() {
            return rule(TextFormat::Barcode);
        }
        let number = |written: &str| number(&written.replace(',', "."));
        let range = |decimals| NumberRange {
            minimum: number(field.cell("minimum")),
            maximum: number(field.cell("maximum")),
            decimals,
            unit: Text::default(),
        };
        let day = |written: &str| Some(written.to_owned()).filter(|day| is_day(day));
        match field.validation().as_str() {
            "" => rule(TextFormat::Any),
            "integer" | "int" => Kind::Integer(range(None)),
            "number" | "float" | "number_comma_decimal" => Kind::Decimal(range(None)),
            validation if validation.starts_with("number_") => {
                let decimals = validation[7..].chars().next().and_then(|digit| digit.to_digit(10));
                Kind::Decimal(range(decimals.and_then(|digits| u8::try_from(digits).ok())))
            }
            validation if validation.starts_with("datetime") => Kind::DateTime,
            validation if validation.starts_with("date") => Kind::Date(DateRange {
                minimum: day(field.cell("minimum")),
                maximum: day(field.cell("maximum")),
                ..DateRange::default()
            }),
            "time" | "time_hh_mm_ss" => Kind::Time,
            "email" => rule(TextFormat::Email),
            validation if validation.starts_with("phone") => rule(TextFormat::Phone),
            other => {
                let item = Some(self.item(field));
                self.draft.kept(item, field.place(), "validation", other);
                rule(TextFormat::Any)
            }
        }
    }
}

/// Whether a text is a day, `2026-01-31`.
pub(super) fn is_day(text: &str) -> bool {
    text.len() == 10 && text.parse::<chrono::NaiveDate>().is_ok()
}
