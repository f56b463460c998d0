//! What a question page shows, worked out from version, path and answers: the
//! template only lays it out.

use chrono::NaiveDate;
use serde::Serialize;
use survey_builder::questionnaire::answer::{Answer, ItemId, Value};
use survey_builder::questionnaire::document::{
    DatePart, Document, Item, Kind, Question, Required, Shown, Text, TextFormat,
};
use survey_builder::questionnaire::expression::print_number;
use survey_builder::questionnaire::member::{Stop, member_label};
use survey_builder::questionnaire::order::{
    item_order, offered_codes, offered_for, question_order,
};
use survey_builder::questionnaire::piping::fill;
use survey_builder::questionnaire::routing::{Path, Standpoint, default_value};
use survey_builder::questionnaire::validate::Mistake;
use survey_builder::questionnaire::version::reference;
use tera::Context;

use super::skips::skips_on_page;
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
    /// `select`, `ranking`, `scale`, `text` or `area`.
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
    example: &'static str,
    /// The numbers of a ranking's places.
    places: Vec<PlaceView>,
    /// The option that opens it.
    opened_by: String,
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
    PageView {
        name: version.page(index).map(|page| page.name.clone()).unwrap_or_default(),
        section_title: version
            .section_of(index)
            .map(|section| viewer.text(&section.title))
            .unwrap_or_default(),
        member: member_label(version, path, &stop.within, language),
        questions: questions.into_iter().map(|question| viewer.question(question)).collect(),
        problems,
        blanks,
        doubtful,
        skips: skips.json,
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
            reference: reference(question.id),
            low,
            high,
        }
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
        ItemView {
            name: name.to_owned(),
            control: control(&kind),
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
                })
                .collect(),
            error,
            input_mode,
            width,
            unit,
            limit,
            example: example(&kind),
            opened_by: opened_by.unwrap_or_default(),
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
            .filter_map(|code| list.options.iter().find(|option| option.code == *code))
            .map(|option| OptionView {
                checked: chosen.contains(&option.code)
                    // A stored "don't know" is shown as the option that gave it.
                    || (self.posted(name).is_none() && option.missing.is_some() && option.missing == state),
                exclusive: option.exclusive || option.missing.is_some(),
                apart: option.missing.is_some(),
                ..plain(option.code.clone(), self.text(&option.label))
            })
            .collect()
    }

    fn offered(&self, question: &Question) -> Vec<String> {
        offered_codes(&self.at(), question, self.interview.seed())
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
        Kind::Single(choice) if matches!(choice.shown, Shown::Dropdown | Shown::Search) => "select",
        Kind::Single(_) | Kind::Consent(_) | Kind::Battery(_) | Kind::BestWorst(_) => "radio",
        Kind::Multiple(_) => "checkbox",
        Kind::Ranking(_) => "ranking",
        Kind::Scale(_) => "scale",
        Kind::Acknowledge => "acknowledge",
        Kind::LongText(_) => "area",
        _ => "text",
    }
}

/// How a day or a time is written.
fn example(kind: &Kind) -> &'static str {
    match kind {
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
