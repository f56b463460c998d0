//! What a question page shows, worked out from version, path and answers: the
//! template only lays it out.

use chrono::NaiveDate;
use serde::Serialize;
use survey_builder::questionnaire::answer::{Answer, Value};
use survey_builder::questionnaire::document::{
    Document, Item, Kind, Question, Required, TextFormat,
};
use survey_builder::questionnaire::expression::print_number;
use survey_builder::questionnaire::piping::fill;
use survey_builder::questionnaire::routing::{Path, offered_codes, row_order};
use survey_builder::questionnaire::validate::Mistake;
use survey_builder::questionnaire::version::{Version, reference};
use tera::Context;

use crate::interview::{Interview, Pending};
use crate::locale;

/// A page of questions.
#[derive(Serialize)]
pub struct PageView {
    name: String,
    section_title: String,
    questions: Vec<QuestionView>,
    problems: Vec<ProblemView>,
    blanks: bool,
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
    /// The items that take an answer: itself, or a battery's rows.
    items: Vec<ItemView>,
    /// Identity, where a skip within the page may hide it.
    reference: String,
    low: String,
    high: String,
}

/// One thing to answer.
#[derive(Serialize)]
pub struct ItemView {
    name: String,
    wording: String,
    value: String,
    options: Vec<OptionView>,
    offers: Vec<OptionView>,
    error: String,
    input_mode: &'static str,
    width: usize,
    unit: String,
    limit: String,
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
pub fn section_progress(interview: &Interview, path: &Path, page: usize) -> (usize, usize) {
    let version = &interview.version;
    let mut sections: Vec<usize> =
        path.pages.iter().map(|index| version.pages()[*index].part()).collect();
    sections.dedup();
    let own = version.pages()[page].part();
    let place = sections.iter().position(|section| *section == own).unwrap_or(0);
    (place + 1, sections.len())
}

struct Viewer<'a> {
    interview: &'a Interview,
    path: &'a Path,
    pending: Option<&'a Pending>,
    language: &'a str,
}

/// Builds the view of one page.
pub fn page_view(
    interview: &Interview,
    path: &Path,
    index: usize,
    pending: Option<&Pending>,
    language: &str,
) -> PageView {
    let viewer = Viewer { interview, path, pending, language };
    let version = &interview.version;
    let skips = skips_on_page(version, path, index, interview.began_on());
    let questions: Vec<&Question> = version.page(index).map_or(Vec::new(), |page| {
        page.questions
            .iter()
            .filter(|question| !question.kind.is_silent())
            // What depends on this very page is shown; the script hides it.
            .filter(|question| path.asks(question.id) || skips.depends(question))
            .collect()
    });
    let mut problems: Vec<ProblemView> = Vec::new();
    for mistake in pending.map_or(&[][..], |pending| &pending.mistakes) {
        problems.push(ProblemView {
            target: viewer.target(mistake.item),
            text: viewer.mistake_text(mistake),
        });
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
        questions: questions.into_iter().map(|question| viewer.question(question)).collect(),
        problems,
        blanks,
        skips: skips.json,
    }
}

impl Viewer<'_> {
    fn text(&self, text: &survey_builder::questionnaire::document::Text) -> String {
        let document = &self.interview.version.document;
        let raw = text.get(self.language, &document.default_language);
        fill(raw, &self.interview.version, self.path, self.language)
    }

    fn question(&self, question: &Question) -> QuestionView {
        let rows = row_order(question, self.interview.seed());
        let answered = question.items();
        let view = |item: &Item| self.item(question, item.id, &item.name, item.wording);
        let items = if rows.is_empty() {
            answered.iter().map(view).collect()
        } else {
            rows.into_iter().filter_map(|row| answered.get(row)).map(view).collect()
        };
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
            reference: reference(question.id),
            low,
            high,
        }
    }

    fn item(
        &self,
        question: &Question,
        item: survey_builder::questionnaire::answer::ItemId,
        name: &str,
        wording: &survey_builder::questionnaire::document::Text,
    ) -> ItemView {
        let chosen = self.chosen(question, item, name);
        let state = self.chosen_state(item, name);
        let error = self
            .pending
            .and_then(|pending| pending.mistakes.iter().find(|mistake| mistake.item == item))
            .map(|mistake| self.mistake_text(mistake))
            .unwrap_or_default();
        let (input_mode, width, unit, limit) = match &question.kind {
            Kind::Integer(range) => ("numeric", 8, self.text(&range.unit), String::new()),
            Kind::Decimal(range) => ("decimal", 10, self.text(&range.unit), String::new()),
            Kind::Date(_) => ("text", 12, String::new(), String::new()),
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
        };
        ItemView {
            name: name.to_owned(),
            wording: self.text(wording),
            value: chosen.first().cloned().unwrap_or_default(),
            options: self.options(question, name, &chosen, item),
            offers: question
                .offers
                .iter()
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
        }
    }

    fn options(
        &self,
        question: &Question,
        name: &str,
        chosen: &[String],
        item: survey_builder::questionnaire::answer::ItemId,
    ) -> Vec<OptionView> {
        if let Kind::Scale(scale) = &question.kind {
            return (scale.from..=scale.to)
                .map(|point| OptionView {
                    id: format!("{name}-{point}"),
                    code: point.to_string(),
                    label: point.to_string(),
                    checked: chosen.contains(&point.to_string()),
                    exclusive: false,
                    apart: false,
                })
                .collect();
        }
        let version = &self.interview.version;
        let Some(list) = question.kind.list().and_then(|list| version.document.list(list)) else {
            return Vec::new();
        };
        let state = self.path.answers.get(item).map(Answer::state);
        let today = self.interview.began_on();
        offered_codes(version, question, &self.path.answers, today, self.interview.seed())
            .into_iter()
            .filter_map(|code| list.options.iter().find(|option| option.code == code))
            .map(|option| OptionView {
                id: format!("{name}-{}", option.code),
                code: option.code.clone(),
                label: self.text(&option.label),
                checked: chosen.contains(&option.code)
                    // A stored "don't know" is shown as the option that gave it.
                    || (self.posted(name).is_none() && option.missing.is_some() && option.missing == state),
                exclusive: option.exclusive || option.missing.is_some(),
                apart: option.missing.is_some(),
            })
            .collect()
    }

    fn posted(&self, name: &str) -> Option<&Vec<String>> {
        self.pending.and_then(|pending| pending.posted.get(name))
    }

    /// What the form shows: what was typed when it was not accepted, else what
    /// is stored.
    fn chosen(
        &self,
        question: &Question,
        item: survey_builder::questionnaire::answer::ItemId,
        name: &str,
    ) -> Vec<String> {
        if self.pending.is_some() {
            return self.posted(name).cloned().unwrap_or_default();
        }
        match self.interview.progress.answers.get(item).and_then(Answer::value) {
            Some(Value::Option(code) | Value::Text(code)) => vec![code.clone()],
            Some(Value::Set(codes)) => codes.clone(),
            Some(Value::Number(number)) => {
                let text = print_number(*number);
                let comma = self.language == "vi" && matches!(question.kind, Kind::Decimal(_));
                vec![if comma { text.replace('.', ",") } else { text }]
            }
            Some(Value::Date(day)) => vec![locale::date(*day)],
            _ => Vec::new(),
        }
    }

    fn chosen_state(
        &self,
        item: survey_builder::questionnaire::answer::ItemId,
        name: &str,
    ) -> Option<String> {
        if self.pending.is_some() {
            return self.posted(&format!("{name}.state"))?.first().cloned();
        }
        Some(self.interview.progress.answers.get(item)?.state().name().to_owned())
    }

    /// The id of the first control of an item, for links from the summary.
    fn target(&self, item: survey_builder::questionnaire::answer::ItemId) -> String {
        let version = &self.interview.version;
        let Some(question) = version.question(item) else { return String::new() };
        let name = item_name(question, item);
        let first = match &question.kind {
            Kind::Scale(scale) => Some(scale.from.to_string()),
            _ => offered_codes(
                version,
                question,
                &self.path.answers,
                self.interview.began_on(),
                self.interview.seed(),
            )
            .into_iter()
            .next(),
        };
        match first {
            Some(code) => format!("{name}-{code}"),
            None => name,
        }
    }

    fn item_wording(&self, item: survey_builder::questionnaire::answer::ItemId) -> String {
        let Some(question) = self.interview.version.question(item) else { return String::new() };
        question
            .items()
            .into_iter()
            .find(|part| part.id == item)
            .map(|part| self.text(part.wording))
            .unwrap_or_default()
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

fn item_name(question: &Question, item: survey_builder::questionnaire::answer::ItemId) -> String {
    question
        .items()
        .into_iter()
        .find(|part| part.id == item)
        .map(|part| part.name.into_owned())
        .unwrap_or_default()
}

/// The name of a kind in templates.
pub fn kind_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Single(_) | Kind::Consent(_) => "single",
        Kind::Multiple(_) => "multiple",
        Kind::Battery(_) => "battery",
        Kind::Scale(_) => "scale",
        Kind::Integer(_) | Kind::Decimal(_) => "number",
        Kind::ShortText(_) => "short_text",
        Kind::LongText(_) => "long_text",
        Kind::Date(_) => "date",
        _ => "note",
    }
}

/// Skips within a page, for the script that hides what does not apply.
struct Skips {
    json: String,
    dependent: Vec<String>,
}

impl Skips {
    fn depends(&self, question: &Question) -> bool {
        self.dependent.contains(&reference(question.id))
    }
}

fn skips_on_page(version: &Version, path: &Path, index: usize, today: NaiveDate) -> Skips {
    let none = Skips { json: String::new(), dependent: Vec::new() };
    let (Some(page), Some(compiled)) = (version.page(index), version.pages().get(index)) else {
        return none;
    };
    let mut fields = serde_json::Map::new();
    for question in &page.questions {
        for item in question.items() {
            let name = item.name.as_ref();
            let kind = version.answer_type(name).map(|kind| serde_json::json!({
                "name": name,
                "type": kind.name(),
                "missing": question.kind.list().and_then(|list| version.document.list(list)).map(|list| {
                    list.options.iter().filter_map(|option| {
                        Some((option.code.clone(), serde_json::Value::from(option.missing?.name())))
                    }).collect::<serde_json::Map<_, _>>()
                }),
            }));
            if let Some(kind) = kind {
                fields.insert(reference(item.id), kind);
            }
        }
    }
    let mut rules = serde_json::Map::new();
    let mut answers = serde_json::Map::new();
    for (question, expressions) in page.questions.iter().zip(&compiled.questions) {
        let Some(relevant) = &expressions.relevant else { continue };
        // What lists say does not travel with the page: such a rule is the server's.
        if relevant.reads_lists() {
            continue;
        }
        let references = relevant.references();
        if !references.iter().any(|read| fields.contains_key(*read)) {
            continue;
        }
        for read in references {
            let stored = uuid::Uuid::try_parse(read).ok().and_then(|id| path.answers.get(id));
            if let (Some(stored), false) = (stored, fields.contains_key(read)) {
                answers.insert(read.to_owned(), script_answer(stored));
            }
        }
        if let Ok(tree) = serde_json::to_value(&relevant.tree) {
            rules.insert(reference(question.id), tree);
        }
    }
    if rules.is_empty() {
        return none;
    }
    let dependent = rules.keys().cloned().collect();
    let evaluator = crate::pages::render::asset_address("expression.js");
    let json = serde_json::json!({
        "rules": rules, "fields": fields, "answers": answers, "today": today,
        "evaluator": evaluator,
    });
    Skips { json: json.to_string(), dependent }
}

/// An answer as the script's evaluator reads it.
fn script_answer(answer: &Answer) -> serde_json::Value {
    match answer {
        Answer::Value(value) => match value {
            Value::Number(number) => serde_json::json!(number),
            Value::Bool(flag) => serde_json::json!(flag),
            Value::Text(text) | Value::Option(text) => serde_json::json!(text),
            Value::Set(codes) => serde_json::json!(codes),
            Value::Date(day) => serde_json::json!(day),
            Value::Time(minutes) => {
                serde_json::json!(format!("{:02}:{:02}", minutes / 60, minutes % 60))
            }
            Value::List(_) => serde_json::Value::Null,
        },
        Answer::Missing(state) => serde_json::json!({ "state": state.name() }),
    }
}
