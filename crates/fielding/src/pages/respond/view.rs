//! What a question page shows, worked out from version, path and answers: the
//! template only lays it out.

use chrono::NaiveDate;
use serde::Serialize;
use survey_builder::questionnaire::answer::{Answer, ItemId, Value};
use survey_builder::questionnaire::document::{
    DatePart, Document, Item, Kind, Media, MediaKind, Question, Required, Shape, Shown, Text,
    TextFormat,
};
use survey_builder::questionnaire::expression::print_number;
use survey_builder::questionnaire::member::{Stop, member_label};
use survey_builder::questionnaire::order::{
    item_order, offered_codes, offered_for, question_order,
};
use survey_builder::questionnaire::piping::fill;
use survey_builder::questionnaire::routing::{Path, Standpoint, default_value};
use survey_builder::questionnaire::search::{search, searched};
use survey_builder::questionnaire::validate::{Mistake, typed_to_find};
use survey_builder::questionnaire::version::reference;
use tera::Context;

use super::files::megabytes;
use super::options::MOST_FOUND;
use super::skips::skips_on_page;
use crate::file::{self, Sort};
use crate::interview::{Interview, Pending};
use crate::locale;

/// A page of questions.
#[derive(Serialize)]
pub struct PageView {
    name: String,
    section_title: String,
    /// The member of a roster that the page is about; empty outside rosters.
    member: String,
    questions: Vec<QuestionView>,
    problems: Vec<ProblemView>,
    blanks: bool,
    /// Whether the problems are doubts: sent again, they are accepted.
    doubtful: bool,
    /// For skips within the page, JSON; empty when there are none.
    skips: String,
    /// Whether it asks for a file.
    sends_files: bool,
    /// The scripts it needs besides the one of every page.
    scripted: bool,
}

/// A question, or a note.
#[derive(Serialize)]
pub struct QuestionView {
    kind: &'static str,
    number: String,
    wording: String,
    hint: String,
    optional: bool,
    /// The items that take an answer: itself, rows, cells, parts.
    items: Vec<ItemView>,
    /// The box beside an option.
    other: Option<ItemView>,
    read_only: bool,
    /// What goes with the wording.
    media: Vec<MediaView>,
    /// Whether its options depend on answers of its own page.
    refreshed: bool,
    /// Whether several may be chosen.
    several: bool,
    /// Identity, where a skip within the page may hide it.
    reference: String,
    low: String,
    high: String,
}

/// One thing to answer.
#[derive(Serialize)]
pub struct ItemView {
    name: String,
    /// What is pressed or typed into: `radio`, `checkbox`, `acknowledge`,
    /// `select`, `search`, `ranking`, `scale`, `file`, `signature`, `text` or
    /// `area`.
    control: &'static str,
    wording: String,
    /// The heading of its column, in a grid.
    column: String,
    value: String,
    options: Vec<OptionView>,
    offers: Vec<OptionView>,
    error: String,
    input_mode: &'static str,
    width: usize,
    unit: String,
    limit: String,
    /// How a day or a time is written; empty for the rest.
    example: String,
    /// The numbers of a ranking's places.
    places: Vec<PlaceView>,
    /// The option that opens it.
    opened_by: String,
    /// What a file may be, for the browser's choice of files.
    accept: String,
    /// The name of the file that is kept.
    file: String,
    /// Whether that is a picture.
    is_picture: bool,
    /// Whether it is a place, which a device may know.
    is_place: bool,
    /// Why a doubted answer is right; `None` where there is no doubt.
    reason: Option<String>,
}

/// A picture, sound or film beside a wording.
#[derive(Serialize)]
pub struct MediaView {
    /// `image`, `audio` or `video`.
    kind: &'static str,
    file: String,
}

/// One place of a ranking, with the options to choose from.
#[derive(Serialize)]
pub struct PlaceView {
    id: String,
    number: usize,
    chosen: String,
}

/// One option.
#[derive(Serialize)]
pub struct OptionView {
    id: String,
    code: String,
    label: String,
    checked: bool,
    exclusive: bool,
    /// A reason for having no value: set apart from the substantive options.
    apart: bool,
    /// The file of its picture; empty where it has none.
    image: String,
}

/// A line of the error summary.
#[derive(Serialize)]
pub struct ProblemView {
    target: String,
    text: String,
}

/// A link that shows the same page in another language.
#[derive(Serialize)]
pub struct LanguageLink {
    code: String,
    name: String,
}

/// The first letter in capitals.
pub fn capitalised(text: &str) -> String {
    let mut signs = text.chars();
    match signs.next() {
        Some(first) => first.to_uppercase().chain(signs).collect(),
        None => String::new(),
    }
}

/// The questionnaire's languages that the program speaks too, but the current.
pub fn language_links(document: &Document, current: &str) -> Vec<LanguageLink> {
    locale::LANGUAGES
        .iter()
        .filter(|(code, _)| *code != current)
        .filter(|(code, _)| document.languages.iter().any(|language| language.code == *code))
        .map(|(code, name)| LanguageLink { code: (*code).to_owned(), name: (*name).to_owned() })
        .collect()
}

/// A page without a study.
pub fn plain(language: &str) -> Context {
    let mut context = Context::new();
    let (you, capital) = if language == "vi" { ("quý vị", "Quý vị") } else { ("you", "You") };
    context.insert("you", you);
    context.insert("You", capital);
    context.insert("title", "Sondage");
    context.insert("organisation", "");
    context.insert("phone", "");
    context.insert("closes_on", &None::<String>);
    let others: Vec<LanguageLink> = locale::LANGUAGES
        .iter()
        .filter(|(code, _)| *code != language)
        .map(|(code, name)| LanguageLink { code: (*code).to_owned(), name: (*name).to_owned() })
        .collect();
    context.insert("languages", &others);
    context
}

/// Which section this page is in, and how many there are on the path.
pub fn section_progress(interview: &Interview, path: &Path, stop: &Stop) -> (usize, usize) {
    let mut sections = path.parts(&interview.version);
    let own = path.stops.iter().position(|one| one == stop).map_or(0, |place| sections[place]);
    sections.dedup();
    let place = sections.iter().position(|section| *section == own).unwrap_or(0);
    (place + 1, sections.len())
}

struct Viewer<'a> {
    interview: &'a Interview,
    path: &'a Path,
    stop: &'a Stop,
    pending: Option<&'a Pending>,
    language: &'a str,
}

/// Builds the view of one page.
pub fn page_view(
    interview: &Interview,
    path: &Path,
    stop: &Stop,
    pending: Option<&Pending>,
    language: &str,
) -> PageView {
    let viewer = Viewer { interview, path, stop, pending, language };
    let version = &interview.version;
    let index = stop.page_index().unwrap_or(usize::MAX);
    let skips = skips_on_page(&viewer.at(), index);
    let questions: Vec<&Question> = version.page(index).map_or(Vec::new(), |page| {
        question_order(page, interview.seed())
            .into_iter()
            .map(|place| &page.questions[place])
            .filter(|question| !question.kind.is_silent())
            // What depends on this very page is shown; the script hides it.
            .filter(|question| path.asks(stop.key(question.id)) || skips.depends(question))
            .collect()
    });
    let mut problems: Vec<ProblemView> = Vec::new();
    for mistake in pending.map_or(&[][..], |pending| &pending.mistakes) {
        problems.push(ProblemView {
            target: viewer.target(mistake.item),
            text: viewer.mistake_text(mistake),
        });
    }
    let doubts = pending.map_or(&[][..], |pending| &pending.doubts);
    let doubtful = problems.is_empty() && !doubts.is_empty();
    if doubtful {
        problems.extend(doubts.iter().map(|doubt| ProblemView {
            target: viewer.target(doubt.item),
            text: viewer.mistake_text(doubt),
        }));
    }
    let blanks = problems.is_empty() && pending.is_some_and(|pending| !pending.blanks.is_empty());
    if blanks {
        for item in pending.map_or(&[][..], |pending| &pending.blanks) {
            problems.push(ProblemView {
                target: viewer.target(*item),
                text: viewer.item_wording(*item),
            });
        }
    }
    let questions: Vec<QuestionView> =
        questions.into_iter().map(|question| viewer.question(question)).collect();
    let has = |is: &dyn Fn(&ItemView) -> bool| {
        questions.iter().flat_map(|question| &question.items).any(is)
    };
    PageView {
        name: version.page(index).map(|page| page.name.clone()).unwrap_or_default(),
        section_title: version
            .section_of(index)
            .map(|section| viewer.text(&section.title))
            .unwrap_or_default(),
        member: member_label(version, path, &stop.within, language),
        problems,
        blanks,
        doubtful,
        skips: skips.json,
        sends_files: has(&|item: &ItemView| !item.accept.is_empty()),
        scripted: has(&|item| !item.accept.is_empty() || item.is_place || item.control == "search")
            || questions.iter().any(|question| question.refreshed),
        questions,
    }
}

impl Viewer<'_> {
    fn at(&self) -> Standpoint<'_> {
        Standpoint {
            version: &self.interview.version,
            path: self.path,
            within: &self.stop.within,
            today: self.interview.began_on(),
        }
    }

    fn text(&self, text: &Text) -> String {
        let document = &self.interview.version.document;
        let raw = text.get(self.language, &document.default_language);
        fill(raw, &self.interview.version, self.path, &self.stop.within, self.language)
    }

    fn question(&self, question: &Question) -> QuestionView {
        let answered = question.items();
        let order = item_order(question, self.interview.seed());
        let shown = order.into_iter().filter_map(|place| answered.get(place));
        let items = shown
            .filter(|item| !item.is_other)
            // A row that is not asked is not shown; the page knows what is.
            .filter(|item| item.row.is_none_or(|_| self.path.asks_item(self.stop.key(item.id))))
            .map(|item| self.item(question, item))
            .collect();
        let other =
            answered.iter().find(|item| item.is_other).map(|item| self.item(question, item));
        let (low, high) = match &question.kind {
            Kind::Scale(scale) => (self.text(&scale.low), self.text(&scale.high)),
            _ => (String::new(), String::new()),
        };
        QuestionView {
            kind: kind_name(&question.kind),
            number: question.number.clone().unwrap_or_default(),
            wording: self.text(&question.wording),
            hint: self.text(&question.hint),
            optional: question.required == Required::No && question.kind.takes_answer(),
            items,
            other,
            read_only: question.read_only,
            media: question.media.iter().filter_map(|media| self.media(media)).collect(),
            refreshed: self.refreshed(question),
            several: matches!(question.kind, Kind::Multiple(_)),
            reference: reference(question.id),
            low,
            high,
        }
    }

    /// A picture, sound or film, in this language's form.
    fn media(&self, media: &Media) -> Option<MediaView> {
        let fallback = &self.interview.version.document.default_language;
        let file = media.file.get(self.language, fallback).to_owned();
        let kind = match media.kind {
            MediaKind::Image | MediaKind::Drawing => "image",
            MediaKind::Audio => "audio",
            MediaKind::Video => "video",
            MediaKind::Any => return None,
        };
        (!file.is_empty()).then_some(MediaView { kind, file })
    }

    /// Whether the options of a question hang on answers of its own page.
    fn refreshed(&self, question: &Question) -> bool {
        let version = &self.interview.version;
        let filter = version.compiled(question.id).and_then(|compiled| compiled.filter.as_ref());
        let page = self.stop.page_index().and_then(|index| version.page(index));
        let (Some(filter), Some(page)) = (filter, page) else { return false };
        let own: Vec<String> = page
            .questions
            .iter()
            .flat_map(Question::items)
            .map(|item| reference(item.id))
            .collect();
        filter.references().into_iter().any(|read| own.iter().any(|one| one == read))
    }

    /// What was typed as the reason for a doubted answer, or is stored.
    fn reason(&self, item: &Item<'_>) -> Option<String> {
        let pending = self.pending?;
        pending.doubts.iter().find(|doubt| doubt.item == item.id)?;
        let typed = pending.posted.get(&format!("{}.reason", item.name));
        Some(typed.and_then(|texts| texts.first()).cloned().unwrap_or_default())
    }

    fn item(&self, question: &Question, item: &Item<'_>) -> ItemView {
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
                })
                .collect(),
            error,
            input_mode,
            width,
            unit,
            limit: match &rule {
                Some(rule) => megabytes(file::most_bytes(rule)),
                None => limit,
            },
            example: match &rule {
                Some(rule) => file::endings(rule.media),
                None => example(&kind).to_owned(),
            },
            opened_by: opened_by.unwrap_or_default(),
            accept: rule.map(|rule| file::media_types(rule.media)).unwrap_or_default(),
            is_picture: sort.is_some_and(Sort::is_picture),
            file,
            is_place: matches!(&*kind, Kind::Geo(geo) if geo.shape == Shape::Point),
            reason: self.reason(item),
        }
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
                image: option.image.clone().unwrap_or_default(),
                ..plain(option.code.clone(), self.text(&option.label))
            })
            .collect()
    }

    /// The codes shown: of a list that is searched, what is chosen and, where
    /// several fitted what was typed, those to choose from.
    fn offered(&self, question: &Question) -> Vec<String> {
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

    /// The id of the first control of an item, for links from the summary.
    fn target(&self, item: ItemId) -> String {
        let version = &self.interview.version;
        let Some(question) = version.question(item) else { return String::new() };
        let items = question.items();
        let Some(item) = items.iter().find(|part| part.id == item) else { return String::new() };
        let kind = item.kind_in(question);
        let of_question = self.offered(question);
        if searched(&version.document, &kind).is_some() {
            return item.name.to_string();
        }
        let first = match (&*kind, control(&kind)) {
            (Kind::Scale(scale), _) => Some(scale.from.to_string()),
            (_, "ranking") => Some("1".to_owned()),
            (_, "acknowledge") => Some("yes".to_owned()),
            (_, "radio" | "checkbox") => {
                offered_for(version, question, item, &of_question).first().cloned()
            }
            _ => None,
        };
        match first {
            Some(code) => format!("{}-{code}", item.name),
            None => item.name.to_string(),
        }
    }

    fn item_wording(&self, item: ItemId) -> String {
        let Some(question) = self.interview.version.question(item) else { return String::new() };
        let items = question.items();
        let Some(part) = items.iter().find(|part| part.id == item) else { return String::new() };
        let wording = if part.wording.is_empty() { &question.wording } else { part.wording };
        match part.column.map(|column| self.text(&column.label)) {
            Some(column) if !column.is_empty() => format!("{} – {column}", self.text(wording)),
            _ => self.text(wording),
        }
    }

    fn mistake_text(&self, mistake: &Mistake) -> String {
        if let Some(message) = &mistake.message {
            return self.text(message);
        }
        let question = self.item_wording(mistake.item);
        let form = self.interview.version.document.address_form.0.get(self.language);
        let you = match (form, self.language) {
            (Some(form), _) => form.clone(),
            (None, "vi") => "quý vị".to_owned(),
            (None, _) => "you".to_owned(),
        };
        let capital = capitalised(&you);
        let mut arguments: Vec<(&str, &str)> =
            vec![("question", &question), ("you", &you), ("You", &capital)];
        arguments
            .extend(mistake.arguments.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let key = format!("mistake-{}", mistake.code.replace('_', "-"));
        locale::text(self.language, &key, &arguments)
    }
}

/// The control that a kind is answered with.
fn control(kind: &Kind) -> &'static str {
    match kind {
        Kind::Single(choice) if choice.shown == Shown::Dropdown => "select",
        Kind::Single(_) | Kind::Consent(_) | Kind::Battery(_) | Kind::BestWorst(_) => "radio",
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

/// The name of a kind in templates.
pub fn kind_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Consent(_) => "single",
        Kind::Integer(_) | Kind::Decimal(_) => "number",
        other => other.name(),
    }
}
