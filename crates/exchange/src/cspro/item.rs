//! The kind of an item by its content and its first value set.

use survey_builder::problem::Problem;
use survey_builder::questionnaire::answer::State;
use survey_builder::questionnaire::document::{
    Choice, DatePart, DateRange, FileRule, Geo, Kind, ListOption, MediaKind, MultipleChoice,
    NumberRange, Shape, Shown, TextFormat, TextRule,
};

use super::build::Builder;
use super::dictionary::{Item, Value, ValueSet};
use crate::draft::text;
use crate::formula::{Formula, Operator};

/// What an item is here.
pub(super) struct Made {
    pub kind: Kind,
    /// Reasons for having no value that stand beside the box.
    pub offers: Vec<State>,
    /// What its values must satisfy, where bounds do not say it.
    pub constraint: Option<Formula>,
}

impl Made {
    fn of(kind: Kind) -> Self {
        Self { kind, offers: Vec::new(), constraint: None }
    }
}

impl Builder<'_> {
    /// What an item is.
    pub(super) fn made(&mut self, item: &Item, name: &str) -> Made {
        let set = item.sets.first().filter(|set| !set.values.is_empty());
        match item.content.as_str() {
            "image" => return Made::of(sent_file(MediaKind::Image)),
            "audio" => return Made::of(sent_file(MediaKind::Audio)),
            "document" | "file" => return Made::of(sent_file(MediaKind::Any)),
            "geometry" => return Made::of(Kind::Geo(Geo { shape: Shape::Area })),
            _ => {}
        }
        match item.capture.as_str() {
            "date" => return Made::of(date(&item.date_format)),
            "photo" => return Made::of(sent_file(MediaKind::Image)),
            "signature" => return Made::of(Kind::Signature),
            "audio" => return Made::of(sent_file(MediaKind::Audio)),
            _ => {}
        }
        let is_alpha = item.content.starts_with("alpha");
        match set {
            Some(set) if is_alpha || !has_range(set) => self.choice(item, name, set, is_alpha),
            Some(set) => ranged(item, set),
            None if is_alpha => {
                let at_most = Some(item.length).filter(|length| *length > 0);
                let format =
                    if item.capture == "barcode" { TextFormat::Barcode } else { TextFormat::Any };
                let rule = TextRule { at_most, format };
                let is_long = item.capture == "textboxmultiline" || item.length > 250;
                Made::of(if is_long { Kind::LongText(rule) } else { Kind::ShortText(rule) })
            }
            None => Made::of(number(item, widest(item))),
        }
    }

    fn choice(&mut self, item: &Item, name: &str, set: &ValueSet, is_alpha: bool) -> Made {
        let mut options = Vec::new();
        for value in &set.values {
            let several = value.pairs.len() > 1;
            for (from, to) in &value.pairs {
                let code = match to {
                    Some(to) => format!("{}-{}", from.trim(), to.trim()),
                    None => from.trim().to_owned(),
                };
                let mut label = self.text(&value.labels);
                if label.is_empty() {
                    label = self.draft.text(&code);
                } else if several {
                    for words in label.0.values_mut() {
                        words.push_str(&format!(" ({code})"));
                    }
                }
                let mut option = ListOption::new(uuid::Uuid::nil(), &code, label);
                option.missing = state(value);
                option.image = Some(value.image.clone()).filter(|image| !image.is_empty());
                options.push(option);
            }
        }
        let width = options.iter().map(|option| option.code.chars().count()).max().unwrap_or(0);
        let same = options.iter().all(|option| option.code.chars().count() == width);
        let count = u32::try_from(options.len()).unwrap_or(u32::MAX);
        let width = u32::try_from(width).unwrap_or(u32::MAX).max(1);
        // Ticked codes stand side by side in one text.
        let has_room = same
            && count > 1
            && item.length >= width.saturating_mul(2)
            && item.length.is_multiple_of(width);
        let is_ticked = is_alpha && (item.capture == "checkbox" || has_room);
        if is_ticked && item.capture != "checkbox" {
            self.draft.note(Problem::new("import_checkbox", name));
        }
        let list = self.draft.list_of(name, options);
        let shown = match item.capture.as_str() {
            "dropdown" | "combobox" => Shown::Dropdown,
            "togglebutton" => Shown::Buttons,
            _ => Shown::List,
        };
        let choice = Choice { shown, ..Choice::of(&list) };
        Made::of(if is_ticked {
            let most = item.length / width;
            let at_most = Some(most).filter(|most| *most > 0 && *most < count);
            Kind::Multiple(MultipleChoice { choice, at_least: None, at_most })
        } else {
            Kind::Single(choice)
        })
    }
}

/// The reason for having no value that a special value stands for.
fn state(value: &Value) -> Option<State> {
    match value.special.as_str() {
        "MISSING" => {
            let says = |words: &[&str]| {
                value.labels.iter().any(|label| {
                    let label = label.to_lowercase();
                    words.iter().any(|word| label.contains(word))
                })
            };
            Some(if says(&["refus", "từ chối"]) { State::Refused } else { State::DontKnow })
        }
        "REFUSED" => Some(State::Refused),
        "NOTAPPL" => Some(State::NotApplicable),
        _ => None,
    }
}

pub(super) fn has_range(set: &ValueSet) -> bool {
    set.values
        .iter()
        .any(|value| state(value).is_none() && value.pairs.iter().any(|(_, to)| to.is_some()))
}

/// The numbers between which a pair of a value set lies; `None` where they are
/// none.
fn piece(from: &str, to: Option<&str>) -> Option<(f64, f64)> {
    let from = text::number(from)?;
    Some((from, to.map_or(Some(from), text::number)?))
}

/// The pairs of a value set that are no numbers and no reason for having none.
pub(super) fn unread_values(set: &ValueSet) -> Vec<(String, Option<String>)> {
    let values = set.values.iter().filter(|value| state(value).is_none());
    let pairs = values.flat_map(|value| &value.pairs);
    pairs.filter(|(from, to)| piece(from, to.as_deref()).is_none()).cloned().collect()
}

/// A number with the bounds of its value set.
fn ranged(item: &Item, set: &ValueSet) -> Made {
    let mut offers = Vec::new();
    let mut pieces: Vec<(f64, f64)> = Vec::new();
    for value in &set.values {
        if let Some(state) = state(value) {
            if !offers.contains(&state) {
                offers.push(state);
            }
            continue;
        }
        for (from, to) in &value.pairs {
            pieces.extend(piece(from, to.as_deref()));
        }
    }
    pieces.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut joined: Vec<(f64, f64)> = Vec::new();
    for (from, to) in pieces {
        match joined.last_mut() {
            // Whole numbers that follow each other leave no gap.
            Some(last) if from <= last.1 + if item.decimals == 0 { 1.0 } else { 0.0 } => {
                last.1 = last.1.max(to);
            }
            _ => joined.push((from, to)),
        }
    }
    let bounds = NumberRange {
        minimum: joined.first().map(|(from, _)| *from),
        maximum: joined.last().map(|(_, to)| *to),
        ..NumberRange::default()
    };
    let constraint = if joined.len() > 1 {
        Formula::any(joined.iter().map(|(from, to)| {
            let bound = |operator, bound: f64| {
                Formula::binary(operator, Formula::SelfValue, Formula::Number(bound))
            };
            if from >= to {
                bound(Operator::Equal, *from)
            } else {
                Formula::binary(
                    Operator::And,
                    bound(Operator::GreaterOrEqual, *from),
                    bound(Operator::LessOrEqual, *to),
                )
            }
        }))
    } else {
        None
    };
    Made { kind: number(item, bounds), offers, constraint }
}

fn number(item: &Item, range: NumberRange) -> Kind {
    if item.decimals > 0 {
        Kind::Decimal(NumberRange { decimals: u8::try_from(item.decimals).ok(), ..range })
    } else {
        Kind::Integer(range)
    }
}

/// The bounds that the length of an item sets.
fn widest(item: &Item) -> NumberRange {
    let mark = u32::from(item.decimals > 0 && item.has_decimal_mark);
    let digits = item.length.saturating_sub(item.decimals).saturating_sub(mark);
    let maximum = (1..=9).contains(&digits).then(|| f64::from(10_u32.pow(digits) - 1));
    let maximum = maximum.map(|whole| if item.decimals > 0 { whole + 1.0 } else { whole });
    NumberRange { maximum, ..NumberRange::default() }
}

fn date(format: &str) -> Kind {
    let format = format.to_uppercase();
    let precision = if format.contains('D') || !format.contains('Y') {
        DatePart::Day
    } else if format.contains('M') {
        DatePart::Month
    } else {
        DatePart::Year
    };
    Kind::Date(DateRange { precision, ..DateRange::default() })
}

fn sent_file(media: MediaKind) -> Kind {
    Kind::File(FileRule { media, at_most: None })
}
