//! One thing to answer as a page shows it: its control, its options, and what
//! stands in it.

use chrono::NaiveDate;
use fielding::acts::interview::{ANSWERED_ELSEWHERE, MEMBERS_LOST};
use fielding::acts::media::own_name;
use fielding::files::upload::{self, Sort};
use serde::Serialize;
use survey_builder::questionnaire::answer::{Answer, ItemId, Value};
use survey_builder::questionnaire::document::{
    DatePart, Item, Kind, Question, Shape, Shown, TextFormat,
};
use survey_builder::questionnaire::expression::print_number;
use survey_builder::questionnaire::order::{drawn_profiles, offered_codes, offered_for};
use survey_builder::questionnaire::routing::default_value;
use survey_builder::questionnaire::search::index::searched;
use survey_builder::questionnaire::search::search;
use survey_builder::questionnaire::validate::{Mistake, typed_to_find};

use super::viewer::{MOST_FOUND, Viewer};
use crate::render::megabytes;

/// One thing to answer.
#[derive(Serialize)]
pub struct ItemView {
    pub(super) name: String,
    /// What is pressed or typed into: `radio`, `checkbox`, `acknowledge`,
    /// `select`, `search`, `ranking`, `scale`, `file`, `signature`, `text` or
    /// `area`.
    pub(super) control: &'static str,
    pub(super) wording: String,
    /// The heading of its column, in a grid.
    pub(super) column: String,
    pub(super) value: String,
    pub(super) options: Vec<OptionView>,
    pub(super) offers: Vec<OptionView>,
    pub(super) error: String,
    pub(super) input_mode: &'static str,
    pub(super) width: usize,
    pub(super) unit: String,
    pub(super) limit: String,
    /// How a day or a time is written; empty for the rest.
    pub(super) example: String,
    /// The numbers of a ranking's places.
    pub(super) places: Vec<PlaceView>,
    /// The option that opens it.
    pub(super) opened_by: String,
    /// What a file may be, for the browser's choice of files.
    pub(super) accept: String,
    /// The name of the file that is kept.
    pub(super) file: String,
    /// Whether that is a picture.
    pub(super) is_picture: bool,
    /// Whether it is a place, which a device may know.
    pub(super) is_place: bool,
    /// Why a doubted answer is right; `None` where there is no doubt.
    pub(super) reason: Option<String>,
}

/// One place of a ranking, with the options to choose from.
#[derive(Serialize)]
pub struct PlaceView {
    pub(super) id: String,
    pub(super) number: usize,
    pub(super) chosen: String,
}

/// One option.
#[derive(Serialize)]
pub struct OptionView {
    pub(super) id: String,
    pub(super) code: String,
    pub(super) label: String,
    pub(super) checked: bool,
    pub(super) exclusive: bool,
    /// A reason for having no value: set apart from the substantive options.
    pub(super) apart: bool,
    /// The file of its picture; empty where it has none.
    pub(super) image: String,
    /// What makes it up, for an alternative of a choice set.
    pub(super) details: Vec<DetailView>,
}

/// An attribute of an alternative and its level.
#[derive(Serialize)]
pub struct DetailView {
    pub(super) name: String,
    pub(super) level: String,
}

impl Viewer<'_> {
    /// What was typed as the reason for a doubted answer, or is stored.
    fn reason(&self, item: &Item<'_>) -> Option<String> {
        let pending = self.pending?;
        let reasoned = |doubt: &&Mistake| {
            let own = [MEMBERS_LOST, ANSWERED_ELSEWHERE];
            doubt.item == item.id && !own.contains(&doubt.code.as_str())
        };
        pending.doubts.iter().find(reasoned)?;
        let typed = pending.posted.get(&format!("{}.reason", item.name));
        Some(typed.and_then(|texts| texts.first()).cloned().unwrap_or_default())
    }

    pub(super) fn item(&self, question: &Question, item: &Item<'_>) -> ItemView {
        let name: &str = &item.name;
        let kind = item.kind_in(question);
        let chosen = self.chosen(question, item);
        let state = self.chosen_state(item.id, name);
        let error = self
            .pending
            .and_then(|pending| {
                let mut told = pending.mistakes.iter().chain(&pending.doubts);
                told.find(|mistake| mistake.item == item.id)
            })
            .map(|mistake| self.mistake_text(mistake))
            .unwrap_or_default();
        let other = question.kind.choice().and_then(|choice| choice.other.as_ref());
        let opened_by = other.filter(|_| item.is_other).map(|other| other.option.clone());
        let wording = match &opened_by {
            Some(code) if item.wording.is_empty() => self.label_of(question, code),
            None if matches!(question.kind, Kind::ChoiceSet(_)) => {
                self.task_heading(question, item)
            }
            _ => self.text(item.wording),
        };
        let (input_mode, width, unit, limit) = self.box_of(&kind);
        let options = self.options(question, item, &kind, &chosen);
        let is_searched = searched(&self.interview.version.document, &kind).is_some();
        let rule = kind.file_rule();
        let file = match &rule {
            Some(_) => chosen.first().cloned().unwrap_or_default(),
            None => String::new(),
        };
        let sort = file.split_once('.').and_then(|(_, ending)| Sort::named(ending));
        ItemView {
            name: name.to_owned(),
            control: if is_searched { "search" } else { control(&kind) },
            wording,
            column: item.column.map(|column| self.text(&column.label)).unwrap_or_default(),
            value: chosen.first().cloned().unwrap_or_default(),
            places: places(&kind, name, &options, &chosen),
            options,
            offers: question
                .offers
                .iter()
                .filter(|_| !item.is_other)
                .map(|offer| OptionView {
                    id: format!("{name}-{}", offer.name()),
                    code: offer.name().to_owned(),
                    label: locale::text(
                        self.language,
                        if offer.name() == "refused" { "field-refuse" } else { "field-dk" },
                        &[],
                    ),
                    checked: state.as_deref() == Some(offer.name()),
                    exclusive: true,
                    apart: true,
                    image: String::new(),
                    details: Vec::new(),
                })
                .collect(),
            error,
            input_mode,
            width,
            unit,
            limit: match &rule {
                Some(rule) => megabytes(upload::most_bytes(rule)),
                None => limit,
            },
            example: match &rule {
                Some(rule) => upload::endings(rule.media),
                None => example(&kind).to_owned(),
            },
            opened_by: opened_by.unwrap_or_default(),
            accept: rule.map(|rule| upload::media_types(rule.media)).unwrap_or_default(),
            is_picture: sort.is_some_and(Sort::is_picture),
            file,
            is_place: matches!(&*kind, Kind::Geo(geo) if geo.shape == Shape::Point),
            reason: self.reason(item),
        }
    }

    /// Which choice of a choice set it is: "Choice 2 of 6".
    fn task_heading(&self, question: &Question, item: &Item<'_>) -> String {
        let items = question.items();
        let place = items.iter().position(|one| one.id == item.id).map_or(1, |place| place + 1);
        let (place, all) = (place.to_string(), items.len().to_string());
        locale::text(self.language, "field-task", &[("n", &place), ("all", &all)])
    }

    /// What makes up an alternative of a choice set.
    fn details(&self, question: &Question, item: &Item<'_>, code: &str) -> Vec<DetailView> {
        let Kind::ChoiceSet(set) = &question.kind else { return Vec::new() };
        let version = &self.interview.version;
        let options = |list: &str| version.document.list(list).map_or(&[][..], |it| &it.options);
        let drawn = drawn_profiles(version, question, self.interview.seed());
        let task = question.items().iter().position(|one| one.id == item.id);
        let profile = options(&set.list).iter().position(|option| option.code == code);
        let (Some(drawn), Some(task), Some(profile)) = (drawn, task, profile) else {
            return Vec::new();
        };
        let Some(levels) = drawn.levels.get(task).and_then(|task| task.get(profile)) else {
            return Vec::new();
        };
        let detail = |place: &usize| {
            let attribute = set.attributes.get(*place)?;
            let level = options(&attribute.list).get(*levels.get(*place)?)?;
            Some(DetailView { name: self.text(&attribute.label), level: self.text(&level.label) })
        };
        drawn.attributes.iter().filter_map(detail).collect()
    }

    /// The label of an option of the question's own list.
    fn label_of(&self, question: &Question, code: &str) -> String {
        let list = question.kind.list().and_then(|list| self.interview.version.document.list(list));
        let mut options = list.into_iter().flat_map(|list| &list.options);
        options
            .find(|option| option.code == code)
            .map(|one| self.text(&one.label))
            .unwrap_or_default()
    }

    /// The keyboard, the width, the unit and the limit of a box to type into.
    fn box_of(&self, kind: &Kind) -> (&'static str, usize, String, String) {
        match kind {
            Kind::ItemCount(_) => ("numeric", 8, String::new(), String::new()),
            Kind::Integer(range) => ("numeric", 8, self.text(&range.unit), String::new()),
            Kind::Decimal(range) | Kind::Duration(range) => {
                ("decimal", 10, self.text(&range.unit), String::new())
            }
            Kind::Date(range) if range.precision == DatePart::Year => {
                ("numeric", 8, String::new(), String::new())
            }
            Kind::Date(_) | Kind::Time => ("text", 12, String::new(), String::new()),
            Kind::ShortText(rule) | Kind::LongText(rule) => (
                match rule.format {
                    TextFormat::Any | TextFormat::Barcode => "text",
                    TextFormat::Email => "email",
                    TextFormat::Phone => "tel",
                    TextFormat::Url => "url",
                    TextFormat::Digits => "numeric",
                },
                40,
                String::new(),
                rule.at_most.map(|most| most.to_string()).unwrap_or_default(),
            ),
            _ => ("text", 20, String::new(), String::new()),
        }
    }

    fn options(
        &self,
        question: &Question,
        item: &Item<'_>,
        kind: &Kind,
        chosen: &[String],
    ) -> Vec<OptionView> {
        let name: &str = &item.name;
        let plain = |code: String, label: String| OptionView {
            id: format!("{name}-{code}"),
            checked: chosen.contains(&code),
            code,
            label,
            exclusive: false,
            apart: false,
            image: String::new(),
            details: Vec::new(),
        };
        match kind {
            Kind::Scale(scale) => {
                let points = (scale.from..=scale.to).step_by(scale.step.max(1) as usize);
                return points.map(|point| plain(point.to_string(), point.to_string())).collect();
            }
            Kind::Acknowledge => {
                let label = locale::text(self.language, "field-acknowledge", &[]);
                return vec![plain("yes".to_owned(), label)];
            }
            _ => {}
        }
        let version = &self.interview.version;
        let Some(list) = kind.list().and_then(|list| version.document.list(list)) else {
            return Vec::new();
        };
        let state = self.path.answers.get(self.stop.key(item.id)).map(Answer::state);
        let of_question = self.offered(question);
        offered_for(version, question, item, &of_question)
            .iter()
            .filter_map(|code| version.option(&list.name, code))
            .map(|option| OptionView {
                checked: chosen.contains(&option.code)
                    // A stored "don't know" is shown as the option that gave it.
                    || (self.posted(name).is_none() && option.missing.is_some() && option.missing == state),
                exclusive: option.exclusive || option.missing.is_some(),
                apart: option.missing.is_some(),
                image: option.image.as_deref().map(own_name).unwrap_or_default().to_owned(),
                details: self.details(question, item, &option.code),
                ..plain(option.code.clone(), self.text(&option.label))
            })
            .collect()
    }

    /// The codes shown: of a list that is searched, what is chosen and, where
    /// several fitted what was typed, those to choose from.
    pub(super) fn offered(&self, question: &Question) -> Vec<String> {
        let version = &self.interview.version;
        if searched(&version.document, &question.kind).is_none() {
            return offered_codes(&self.at(), question, self.interview.seed());
        }
        let stored = self.interview.progress.answers.get(self.stop.key(question.id));
        let mut codes: Vec<String> = match (self.posted(&question.name), stored) {
            (Some(posted), _) => posted.clone(),
            (None, Some(Answer::Value(value))) => self.typed(&question.kind, value),
            _ => Vec::new(),
        };
        let list = question.kind.list().unwrap_or_default();
        codes.retain(|code| version.option(list, code).is_some());
        let typed = self.pending.map_or("", |one| typed_to_find(&one.posted, &question.name));
        if !typed.is_empty() {
            let found = search(&self.at(), question, typed, MOST_FOUND);
            let new = found.options.into_iter().map(|option| option.code.clone());
            let new: Vec<String> = new.filter(|code| !codes.contains(code)).collect();
            codes.extend(new);
        }
        codes
    }

    fn posted(&self, name: &str) -> Option<&Vec<String>> {
        self.pending.and_then(|pending| pending.posted.get(name))
    }

    /// What the form shows: what was typed when it was not accepted, else what
    /// is stored, else what the question begins with.
    fn chosen(&self, question: &Question, item: &Item<'_>) -> Vec<String> {
        if self.pending.is_some() && !question.read_only {
            return self.posted(&item.name).cloned().unwrap_or_default();
        }
        let stored = self.interview.progress.answers.get(self.stop.key(item.id));
        let first = item.id == question.id && (stored.is_none() || question.read_only);
        let default = if first { default_value(&self.at(), question.id) } else { None };
        let kind = item.kind_in(question);
        match default.as_ref().or_else(|| stored.and_then(Answer::value)) {
            Some(value) => self.typed(&kind, value),
            None => Vec::new(),
        }
    }

    /// A value as it is typed or pressed.
    fn typed(&self, kind: &Kind, value: &Value) -> Vec<String> {
        match value {
            Value::Text(moment) if matches!(kind, Kind::DateTime) => vec![moment_typed(moment)],
            Value::Option(code) | Value::Text(code) => vec![code.clone()],
            Value::Set(codes) => codes.clone(),
            Value::Number(number) => {
                let text = print_number(*number);
                let comma = self.language == "vi" && matches!(kind, Kind::Decimal(_));
                vec![if comma { text.replace('.', ",") } else { text }]
            }
            Value::Date(day) => vec![match kind {
                Kind::Date(range) if range.precision == DatePart::Month => {
                    day.format("%m/%Y").to_string()
                }
                Kind::Date(range) if range.precision == DatePart::Year => {
                    day.format("%Y").to_string()
                }
                _ => locale::date(*day),
            }],
            Value::Time(minutes) => vec![format!("{:02}:{:02}", minutes / 60, minutes % 60)],
            Value::Bool(true) => vec!["yes".to_owned()],
            Value::Bool(false) => Vec::new(),
            Value::List(values) => {
                values.iter().flatten().flat_map(|value| self.typed(kind, value)).collect()
            }
        }
    }

    fn chosen_state(&self, item: ItemId, name: &str) -> Option<String> {
        if self.pending.is_some() {
            return self.posted(&format!("{name}.state"))?.first().cloned();
        }
        Some(self.interview.progress.answers.get(self.stop.key(item))?.state().name().to_owned())
    }
}

/// The control that a kind is answered with.
pub(super) fn control(kind: &Kind) -> &'static str {
    match kind {
        Kind::Single(choice) if choice.shown == Shown::Dropdown => "select",
        Kind::Single(_)
        | Kind::Consent(_)
        | Kind::Battery(_)
        | Kind::BestWorst(_)
        | Kind::ChoiceSet(_) => "radio",
        Kind::Multiple(_) => "checkbox",
        Kind::Ranking(_) => "ranking",
        Kind::Scale(_) => "scale",
        Kind::Acknowledge => "acknowledge",
        Kind::LongText(_) => "area",
        Kind::Geo(geo) if geo.shape != Shape::Point => "area",
        Kind::File(_) => "file",
        Kind::Signature => "signature",
        _ => "text",
    }
}

/// How a day or a time is written.
fn example(kind: &Kind) -> &'static str {
    match kind {
        Kind::Geo(geo) if geo.shape == Shape::Point => "10.7769, 106.7009",
        Kind::Geo(_) => "10.7769, 106.7009; 10.7771, 106.7015",
        Kind::Time => "18:30",
        Kind::DateTime => "02/09/2026 18:30",
        Kind::Date(range) => match range.precision {
            DatePart::Day => "02/09/1985",
            DatePart::Month => "09/1985",
            DatePart::Year => "1985",
        },
        _ => "",
    }
}

/// `2026-09-02T18:30` as it was typed.
fn moment_typed(moment: &str) -> String {
    let parts = moment.split_once('T').and_then(|(day, time)| {
        let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?;
        Some(format!("{} {time}", locale::date(day)))
    });
    parts.unwrap_or_else(|| moment.to_owned())
}

/// The places of a ranking: as many as may be filled.
fn places(kind: &Kind, name: &str, options: &[OptionView], chosen: &[String]) -> Vec<PlaceView> {
    let Kind::Ranking(ranking) = kind else { return Vec::new() };
    let most = ranking.at_most.map_or(options.len(), |most| most as usize).min(options.len());
    (1..=most)
        .map(|number| PlaceView {
            id: format!("{name}-{number}"),
            number,
            chosen: chosen.get(number - 1).cloned().unwrap_or_default(),
        })
        .collect()
}
