//! The panel: what is chosen in the outline, with everything that can be changed of it.

use serde::Serialize;
use survey_builder::questionnaire::document::{
    Constraint, Document, Kind, Language, OFFERED, OptionList, Question, Text, TextRole,
};
use survey_builder::questionnaire::expression::Type;
use survey_builder::questionnaire::finding::Severity;
use survey_builder::questionnaire::operation::{Conflict, Part};
use survey_builder::questionnaire::validate::Posted;
use survey_builder::questionnaire::words::{Piece, difference};
use uuid::Uuid;

use super::Seen;
use super::fields::{self, Field};
use super::said::{Said, Speaker};
use crate::form::as_sent;
use crate::paper;

/// What is chosen.
#[derive(Serialize)]
pub struct Panel {
    /// Its identity.
    id: String,
    /// `document`, `section`, `page` or `question`.
    what: &'static str,
    /// The number or title that it is called by.
    called: String,
    texts: Vec<Field>,
    fields: Vec<Field>,
    /// Those that are seldom wanted.
    rare: Vec<Field>,
    /// When it is asked, and when it must be answered.
    conditions: Vec<Condition>,
    /// The kind of a question, to be changed.
    kind: Option<KindField>,
    options: Option<Options>,
    /// What answers must satisfy; the last line is empty.
    rules: Vec<Rule>,
    /// The name under which what they were is sent, and what they were.
    rules_were: (String, String),
    rows: Vec<Line>,
    /// Whether it has rows.
    has_rows: bool,
    conflicts: Vec<Dispute>,
    /// What is wrong or doubtful: `error` or `warning`, and the words.
    findings: Vec<(&'static str, String)>,
    /// The page that shows it.
    shows: Option<String>,
}

impl Panel {
    /// What its preview shows.
    pub fn previewed(&self) -> Option<&str> {
        self.shows.as_deref()
    }
}

/// A condition, which has a page of its own.
#[derive(Serialize)]
struct Condition {
    /// Which: `relevant` or `required-when`.
    property: &'static str,
    /// What it says; empty where there is none.
    said: Vec<Said>,
}

/// The kind of a question.
#[derive(Serialize)]
struct KindField {
    /// The name its JSON is sent under, and the JSON.
    was: (String, String),
    /// The name it is sent under.
    name: String,
    /// The kinds that it may have: word, key, whether it has it.
    choices: Vec<(String, String, bool)>,
    settings: Vec<Field>,
}

/// The options that it chooses from.
#[derive(Serialize)]
struct Options {
    /// The identity of the list.
    list: String,
    name: String,
    /// How many questions choose from it.
    used: usize,
    lines: Vec<Line>,
}

/// An option or a row.
#[derive(Serialize)]
struct Line {
    id: String,
    /// What it is called, in the language shown first.
    called: String,
    texts: Vec<Field>,
    fields: Vec<Field>,
    /// Whether it may have a condition, and what that says.
    has_condition: bool,
    said: Vec<Said>,
}

/// What an answer must satisfy.
#[derive(Serialize)]
struct Rule {
    /// What the names of its fields begin with.
    name: String,
    expression: String,
    /// It in words.
    said: Vec<Said>,
    /// What is said: code and name of the language, and the words.
    messages: Vec<(String, String, String)>,
    soft: bool,
}

/// Two versions of a text.
#[derive(Serialize)]
struct Dispute {
    /// Its place among those of the draft.
    number: usize,
    language: String,
    common: String,
    first: Vec<Piece>,
    second: Vec<Piece>,
    /// The second as it is sent back, so that no other is taken for it.
    second_words: String,
}

/// What is to be added.
#[derive(Serialize)]
pub struct Adding {
    /// After which part.
    after: String,
    called: String,
    /// The kinds: word, key.
    kinds: Vec<(String, String)>,
    #[serde(flatten)]
    typed: Typed,
}

/// What was typed as something to be added, where it could not be.
#[derive(Clone, Default, Serialize)]
pub struct Typed {
    kind: String,
    wording: String,
    options: String,
    lines: String,
}

impl Typed {
    /// What a form says.
    pub fn of(form: &Posted) -> Self {
        let said = |name| as_sent(form, name).to_owned();
        Self {
            kind: said("kind"),
            wording: said("wording"),
            options: said("options"),
            lines: said("lines"),
        }
    }
}

/// The panel of what is chosen; `None` where nothing is, or it is gone.
pub fn panel(seen: &Seen, chosen: Option<Uuid>, language: &str) -> Option<Panel> {
    let chosen = chosen?;
    let document = seen.document();
    if chosen == document.id {
        return Some(of_document(seen, language));
    }
    let (_, part) = document.parts().into_iter().find(|(_, part)| part.id() == chosen)?;
    let speaker = Speaker::new(&seen.version, language).in_full();
    match part {
        Part::Question(question) => Some(of_question(seen, question, language)),
        Part::Section(section) => {
            let id = section.id;
            let conditions = vec![condition(&speaker, "relevant", section.relevant.as_ref())];
            let shuffled = (section.shuffled, section.anchored);
            let first = section.own_pages().flat_map(|page| &page.questions);
            let shows = first.map(|question| question.id.to_string()).next();
            let fields = fields::of_block((id, &section.name), shuffled);
            let texts = texts(document, id, TextRole::Title, &section.title);
            let bare = bare(id, "section", &section.name);
            let panel = Panel { texts, fields, conditions, shows, ..bare };
            Some(told(seen, panel, &section.name, language))
        }
        Part::Page(page) => {
            let id = page.id;
            let conditions = vec![condition(&speaker, "relevant", page.relevant.as_ref())];
            let shuffled = (page.shuffled, page.anchored);
            let fields = fields::of_block((id, &page.name), shuffled);
            let shows = page.questions.first().map(|question| question.id.to_string());
            let panel = Panel { fields, conditions, shows, ..bare(id, "page", &page.name) };
            Some(told(seen, panel, &page.name, language))
        }
        // Rows and options are changed where they stand.
        _ => None,
    }
}

fn bare(id: Uuid, what: &'static str, called: &str) -> Panel {
    Panel {
        id: id.to_string(),
        what,
        called: called.to_owned(),
        texts: Vec::new(),
        fields: Vec::new(),
        rare: Vec::new(),
        conditions: Vec::new(),
        kind: None,
        options: None,
        rules: Vec::new(),
        rules_were: (String::new(), String::new()),
        rows: Vec::new(),
        has_rows: false,
        conflicts: Vec::new(),
        findings: Vec::new(),
        shows: None,
    }
}

fn condition(speaker: &Speaker<'_>, property: &'static str, text: Option<&String>) -> Condition {
    Condition { property, said: speaker.optional(text) }
}

/// With what is wrong or disputed about it.
fn told(seen: &Seen, mut panel: Panel, name: &str, language: &str) -> Panel {
    let speaker = Speaker::new(&seen.version, language);
    let about = |finding: &&survey_builder::questionnaire::finding::Finding| {
        let place = finding.problem.place.as_text().unwrap_or_default();
        place == name || place.strip_prefix(name).is_some_and(|rest| rest.starts_with([',', ' ']))
    };
    let findings = seen.findings.iter().filter(about).map(|finding| {
        let severity = if finding.severity == Severity::Error { "error" } else { "warning" };
        let problem = speaker.in_words(&finding.problem).at("");
        (severity, locale::problem_text(&problem, language))
    });
    panel.findings = findings.collect();
    let id = panel.id.clone();
    let own = |conflict: &Conflict| {
        conflict.item.to_string() == id
            || panel.rows.iter().any(|row| row.id == conflict.item.to_string())
            || panel.options.as_ref().is_some_and(|options| {
                options.lines.iter().any(|line| line.id == conflict.item.to_string())
            })
    };
    let spoken = |code: &str| {
        let known = seen.document().languages.iter().find(|one| one.code == code);
        known.map_or_else(|| code.to_owned(), |one| one.name.clone())
    };
    let conflicts = seen.stored.draft.conflicts.iter().enumerate();
    panel.conflicts = conflicts
        .filter(|(_, conflict)| own(conflict))
        .map(|(number, conflict)| Dispute {
            number,
            language: spoken(&conflict.language),
            common: conflict.common.clone(),
            first: difference(&conflict.common, &conflict.first),
            second: difference(&conflict.common, &conflict.second),
            second_words: conflict.second.clone(),
        })
        .collect();
    panel
}

/// A text in every language of the questionnaire.
fn texts(document: &Document, item: Uuid, role: TextRole, text: &Text) -> Vec<Field> {
    let languages = document.languages.iter();
    languages.map(|one| Field::text(item, role, text, (&one.code, &one.name))).collect()
}

fn of_document(seen: &Seen, language: &str) -> Panel {
    let document = seen.document();
    let mut shown = texts(document, document.id, TextRole::Title, &document.title);
    shown.extend(texts(document, document.id, TextRole::AddressForm, &document.address_form));
    let panel = Panel {
        texts: shown,
        fields: fields::of_document(document),
        ..bare(document.id, "document", &document.name)
    };
    told(seen, panel, &document.name, language)
}

fn of_question(seen: &Seen, question: &Question, language: &str) -> Panel {
    let document = seen.document();
    let id = question.id;
    let mut shown = texts(document, id, TextRole::Wording, &question.wording);
    shown.extend(texts(document, id, TextRole::Hint, &question.hint));
    shown.extend(texts(document, id, TextRole::Instruction, &question.instruction));
    question.kind.clone().each_text(id, |worded| {
        // Rows are below, with their names.
        let row = |item| question.kind.rows().iter().any(|row| row.id == item);
        if let Some((item, role)) = worded.slot.filter(|(item, _)| !row(*item)) {
            shown.extend(texts(document, item, role, worded.text));
        }
    });
    let number = paper::labels(document).remove(&question.name);
    let mut often = fields::of_question(question);
    let rare = often.split_off(fields::OFTEN);
    let kind = &question.kind;
    let speaker = Speaker::new(&seen.version, language).in_full();
    let mut conditions = vec![condition(&speaker, "relevant", question.relevant.as_ref())];
    if kind.takes_answer() {
        conditions.push(condition(&speaker, "required-when", question.required_when.as_ref()));
    }
    let rows = kind.rows().iter().map(|row| Line {
        has_condition: true,
        said: speaker.optional(row.relevant.as_ref()),
        id: row.id.to_string(),
        called: row.wording.get(&document.default_language, "").to_owned(),
        texts: texts(document, row.id, TextRole::Wording, &row.wording),
        fields: fields::of_row(row),
    });
    let panel = Panel {
        texts: shown,
        fields: often,
        rare,
        conditions,
        kind: Some(kind_field(id, kind, &speaker)),
        rules: rules(document, question, &speaker),
        rules_were: (
            format!("cw.{id}"),
            serde_json::to_string(&question.constraints).unwrap_or_default(),
        ),
        options: kind
            .list()
            .and_then(|list| document.list(list))
            .map(|list| options(document, list)),
        rows: rows.collect(),
        has_rows: matches!(kind, Kind::Battery(_) | Kind::Grid(_)),
        shows: Some(id.to_string()),
        ..bare(id, "question", number.as_deref().unwrap_or(&question.name))
    };
    told(seen, panel, &question.name, language)
}

/// What answers must satisfy, and one line more. What takes no answer needs none.
fn rules(document: &Document, question: &Question, speaker: &Speaker<'_>) -> Vec<Rule> {
    if !question.kind.takes_answer() {
        return Vec::new();
    }
    let none = Constraint { expression: String::new(), message: Text::default(), soft: false };
    let all = question.constraints.iter().chain(std::iter::once(&none)).enumerate();
    // A rule of a table is about each of its rows.
    let own = question.items().into_iter().next().and_then(|item| item.kind);
    let said = |text: &str| match text {
        "" => Vec::new(),
        text => speaker.condition(text, own.clone()),
    };
    all.map(|(number, one)| {
        let name = format!("c.{}.{number}", question.id);
        let message = |language: &Language| {
            let said = one.message.0.get(&language.code).cloned().unwrap_or_default();
            (language.code.clone(), language.name.clone(), said)
        };
        Rule {
            messages: document.languages.iter().map(message).collect(),
            expression: one.expression.clone(),
            said: said(&one.expression),
            soft: one.soft,
            name,
        }
    })
    .collect()
}

fn kind_field(item: Uuid, kind: &Kind, speaker: &Speaker<'_>) -> KindField {
    let own = kind.name();
    let key = |word: &str| format!("kind-name-{}", word.replace('_', "-"));
    let mut choices: Vec<(String, String, bool)> =
        OFFERED.iter().map(|word| ((*word).to_owned(), key(word), *word == own)).collect();
    if !OFFERED.contains(&own) {
        choices.push((own.to_owned(), key(own), true));
    }
    let json = serde_json::to_string(kind).unwrap_or_default();
    let mut settings = fields::settings(item, kind);
    if let Some(choice) = kind.choice()
        && let Some(filter) = &choice.filter
        && let Some(field) = settings.iter_mut().find(|one| one.name.ends_with(".filter"))
    {
        field.said = speaker.condition(filter, Some(Type::Option(choice.list.clone())));
    }
    KindField { was: (format!("k.{item}"), json), name: format!("kind.{item}"), choices, settings }
}

fn options(document: &Document, list: &OptionList) -> Options {
    let uses = |question: &&Question| question.kind.lists().contains(&list.name.as_str());
    let lines = list.options.iter().map(|option| Line {
        id: option.id.to_string(),
        called: option.label.get(&document.default_language, "").to_owned(),
        texts: texts(document, option.id, TextRole::Label, &option.label),
        fields: fields::of_option(option),
        has_condition: false,
        said: Vec::new(),
    });
    Options {
        list: list.id.to_string(),
        name: list.name.clone(),
        used: document.questions().filter(uses).count(),
        lines: lines.collect(),
    }
}

/// What may be added after what is chosen, or at the end.
pub fn adding(seen: &Seen, chosen: Option<Uuid>, typed: Typed) -> Adding {
    let document = seen.document();
    let last = document.questions().last().map(|question| question.id);
    let there = |id: &Uuid| document.place(*id).is_some();
    let after = chosen.filter(there).or(last).unwrap_or(document.id);
    let labels = paper::labels(document);
    let question = document.questions().find(|question| question.id == after);
    let called = question.and_then(|question| labels.get(&question.name).cloned());
    let kind = |word: &&str| ((*word).to_owned(), format!("kind-name-{}", word.replace('_', "-")));
    Adding {
        after: after.to_string(),
        called: called.unwrap_or_default(),
        kinds: OFFERED.iter().map(kind).collect(),
        typed,
    }
}
