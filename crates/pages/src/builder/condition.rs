//! A condition in the panel: put together by choosing, or written as an expression;
//! in words either way. Nothing is changed before it is saved, so every button but
//! that one only shows the form again.

pub mod lines;

use std::collections::HashSet;
use std::sync::Arc;

use actix_web::http::StatusCode;
use chrono::NaiveDate;
use fielding::error::Problem;
use locale::{argument_text, problem_text};
use serde::Serialize;
use survey_builder::questionnaire::compile::compile_version;
use survey_builder::questionnaire::document::{Document, Kind, Question};
use survey_builder::questionnaire::expression::chosen::{Lines, comparisons, name_written};
use survey_builder::questionnaire::expression::{
    Expected, Expression, Type, compile, function_names,
};
use survey_builder::questionnaire::names::{WithSelf, reference};
use survey_builder::questionnaire::operation::{Draft, Operation, Part, Property};
use survey_builder::questionnaire::validate::Posted;
use survey_builder::questionnaire::version::Version;
use uuid::Uuid;

use self::lines::{Line, MOST, Typed, fitting, how_of};
use super::Seen;
use super::said::{Said, Speaker, list_of, short};
use super::simulated::Simulations;
use crate::form::as_sent;
use crate::paper;

/// Options that are offered in a list; of more the label is typed.
const LISTED: usize = 200;

/// What a condition may ask about.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// As expressions store it.
    pub reference: String,
    /// As authors write it.
    name: String,
    /// As people find it in the outline.
    label: String,
    /// The type of its answers.
    pub kind: Type,
}

/// What has a condition, and where that stands.
struct Place<'a> {
    /// What it is asked about.
    item: Uuid,
    /// Which of its conditions.
    property: &'static str,
    /// The part of the panel that it belongs to.
    owner: Uuid,
    /// What people call that.
    called: String,
    /// What it says now.
    text: Option<&'a str>,
    /// What may be asked about: everything before it.
    candidates: Vec<Candidate>,
    /// What is asked at its place or after it.
    later: HashSet<String>,
    /// The conditions around it, which count here too: whose, and what it says.
    around: Vec<(String, String)>,
}

/// The form of a condition.
#[derive(Debug, Serialize)]
pub struct Editor {
    item: String,
    /// Where one goes back to.
    owner: String,
    property: &'static str,
    called: String,
    /// What it said when the page was made.
    was: String,
    /// Whether it is written as an expression.
    written: bool,
    /// Why lines cannot show it, if they cannot.
    beyond_lines: bool,
    all: bool,
    parts: Vec<PartView>,
    /// Whether a line more may be added.
    may_add: bool,
    text: String,
    /// What it says in words; empty where it cannot be read, or says nothing.
    said: Vec<Said>,
    /// What is wrong: the words, and in the expression what stands before it, it, and
    /// what stands after it.
    problems: Vec<Wrong>,
    /// Conditions around it: whose, and what it says.
    around: Vec<(String, Vec<Said>)>,
    /// What can be named: the name, its type, what is asked.
    names: Vec<(String, String, String)>,
    /// What can be called: the name, and what it gives.
    functions: Vec<(String, String)>,
    /// Of how many simulated respondents it is told who is asked what.
    respondents: usize,
    /// Who is asked what now, and who would be: what, how many, how many.
    effect: Vec<(String, u32, u32)>,
    /// What it would be; nothing where that is not whole.
    #[serde(skip)]
    would: Option<String>,
}

/// Lines that belong together.
#[derive(Debug, Serialize)]
struct PartView {
    /// Its place.
    number: usize,
    lines: Vec<LineView>,
}

/// A line.
#[derive(Debug, Serialize)]
struct LineView {
    /// What the names of its fields begin with.
    name: String,
    /// Its place, as its button sends it.
    place: String,
    /// Which line it is, from 1.
    number: usize,
    /// The questions: reference, label, whether it is chosen.
    questions: Vec<(String, String, bool)>,
    /// The comparisons: word, key, whether it is chosen.
    comparisons: Vec<(String, String, bool)>,
    /// What the value is chosen or typed with: `none`, `option`, `options`, `number`,
    /// `day`, `time`, `text` or `range`.
    control: &'static str,
    /// The options: code, label, whether it is chosen.
    options: Vec<(String, String, bool)>,
    value: String,
    upper: String,
    /// What is not whole in it.
    problem: String,
}

/// Something wrong.
#[derive(Debug, Default, PartialEq, Serialize)]
struct Wrong {
    words: String,
    before: String,
    at: String,
    after: String,
}

/// What a form of a condition asks for.
pub enum Asked {
    /// The form again.
    Again(Box<Editor>),
    /// To be saved: the wishes, and what is shown then.
    Save(Vec<Operation>, Uuid),
    /// There is no such thing.
    Gone,
}

/// The form of a condition as it stands.
pub fn editor(seen: &Seen, item: Uuid, property: &str, language: &str) -> Option<Editor> {
    let place = place(seen, item, property, language)?;
    let typed = standing(seen, &place, language);
    Some(show(seen, &place, typed, (Vec::new(), false), language))
}

/// What a form of a condition asks for.
pub fn asked(seen: &Seen, form: &Posted, language: &str) -> Asked {
    let item = Uuid::try_parse(as_sent(form, "item")).ok();
    let property = as_sent(form, "property");
    let Some(place) = item.and_then(|item| place(seen, item, property, language)) else {
        return Asked::Gone;
    };
    let mut typed = Typed::of_form(form);
    let then = as_sent(form, "then");
    let again = |typed: Typed, strict: bool| {
        Asked::Again(Box::new(show(seen, &place, typed, (Vec::new(), strict), language)))
    };
    match then.split_once(':').unwrap_or((then, "")) {
        ("save", _) => save(seen, form, &place, typed, language),
        ("clear", _) => set(&place, form, None),
        ("write", _) => match written(seen, &place, &typed, language) {
            Some(text) => again(Typed { written: true, text, ..typed }, false),
            None => again(typed, true),
        },
        ("choose", _) => {
            if let Some(found) = chosen(seen, &place, &typed.text, language) {
                typed = found;
            }
            again(typed, false)
        }
        (change, at) => {
            rearrange(&mut typed, change, at);
            again(typed, false)
        }
    }
}

/// Adds and takes away lines.
fn rearrange(typed: &mut Typed, change: &str, at: &str) {
    let count: usize = typed.parts.iter().map(Vec::len).sum();
    let mut at = at.split('.').filter_map(|number| number.parse::<usize>().ok());
    match (change, at.next(), at.next()) {
        ("line", None, _) if count < MOST => typed.parts.push(vec![Line::default()]),
        ("group", None, _) if count + 1 < MOST => {
            typed.parts.push(vec![Line::default(), Line::default()]);
        }
        ("line", Some(part), _) if count < MOST => {
            if let Some(lines) = typed.parts.get_mut(part) {
                lines.push(Line::default());
            }
        }
        ("drop", Some(part), Some(line)) => {
            if let Some(lines) = typed.parts.get_mut(part).filter(|lines| line < lines.len()) {
                lines.remove(line);
            }
            typed.parts.retain(|lines| !lines.is_empty());
        }
        _ => {}
    }
}

/// A condition as it stands, in lines where they can show it.
fn standing(seen: &Seen, place: &Place<'_>, language: &str) -> Typed {
    let text = place.text.unwrap_or_default();
    if text.trim().is_empty() {
        return Typed { all: true, parts: vec![vec![Line::default()]], ..Typed::default() };
    }
    let written = || Typed { written: true, text: text.to_owned(), ..Typed::default() };
    chosen(seen, place, text, language).unwrap_or_else(written)
}

/// An expression in lines; `None` where they cannot show it.
fn chosen(seen: &Seen, place: &Place<'_>, text: &str, language: &str) -> Option<Typed> {
    if text.trim().is_empty() {
        return Some(Typed { all: true, parts: vec![vec![Line::default()]], ..Typed::default() });
    }
    let lines = Lines::of(&read(seen, text).ok()?.spoken())?;
    let typed = Typed::of_lines(&lines, &place.candidates, language);
    let count: usize = typed.parts.iter().map(Vec::len).sum();
    // What could not be typed back is not shown in lines.
    let whole = typed.lines(&place.candidates, (&seen.version, language)).is_ok();
    (whole && count <= MOST).then_some(Typed { text: text.to_owned(), ..typed })
}

/// Lines as an expression, the one that is there where they say just that; `None`
/// where a line is not whole. A single line in which nothing is chosen says nothing.
fn written(seen: &Seen, place: &Place<'_>, typed: &Typed, language: &str) -> Option<String> {
    if typed.written {
        return Some(typed.text.clone());
    }
    let blank = |parts: &[Vec<Line>]| {
        parts.iter().flatten().all(|line| line.question.is_empty())
            && parts.iter().flatten().count() <= 1
    };
    if blank(&typed.parts) {
        return Some(String::new());
    }
    let version = (seen.version.as_ref(), language);
    let lines = typed.lines(&place.candidates, version).ok()?;
    let there = place.text.unwrap_or_default();
    if let Some(standing) = chosen(seen, place, there, language)
        && standing.lines(&place.candidates, version).is_ok_and(|one| one == lines)
    {
        return Some(there.to_owned());
    }
    let name = |reference: &str| {
        let found = place.candidates.iter().find(|one| one.reference == reference);
        found.map(|one| one.name.clone())
    };
    lines.written(&name)
}

fn save(seen: &Seen, form: &Posted, place: &Place<'_>, typed: Typed, language: &str) -> Asked {
    match written(seen, place, &typed, language) {
        Some(text) => set(place, form, Some(text)),
        None => Asked::Again(Box::new(show(seen, place, typed, (Vec::new(), true), language))),
    }
}

/// The condition set to something else than it was when the page was made.
fn set(place: &Place<'_>, form: &Posted, text: Option<String>) -> Asked {
    let optional = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let was = optional(super::edits::plain_lines(as_sent(form, "was")));
    let now = text.and_then(optional);
    let property = |text| match place.property {
        "relevant" => Property::Relevant(text),
        _ => Property::RequiredWhen(text),
    };
    let wishes = if was == now {
        Vec::new()
    } else {
        vec![Operation::Set { item: place.item, was: property(was), now: property(now) }]
    };
    Asked::Save(wishes, place.owner)
}

/// The form again, with what is said where nothing of it could be done.
pub fn again(seen: &Seen, form: &Posted, problems: Vec<Problem>, language: &str) -> Option<Editor> {
    let item = Uuid::try_parse(as_sent(form, "item")).ok()?;
    let place = place(seen, item, as_sent(form, "property"), language)?;
    Some(show(seen, &place, Typed::of_form(form), (problems, true), language))
}

fn read(
    seen: &Seen,
    text: &str,
) -> Result<Expression, Vec<survey_builder::questionnaire::expression::Problem>> {
    let scope = WithSelf { names: seen.version.names(), kind: None };
    compile(text, &scope, Some(Expected::Condition))
}

/// Lays the form out. `strict` tells what lines lack; otherwise they may be on the way.
fn show(
    seen: &Seen,
    place: &Place<'_>,
    typed: Typed,
    (problems, strict): (Vec<Problem>, bool),
    language: &str,
) -> Editor {
    let speaker = Speaker::new(&seen.version, language).in_full();
    let mut wrong: Vec<Wrong> = problems
        .iter()
        .map(|problem| Wrong { words: problem_text(problem, language), ..Wrong::default() })
        .collect();
    let lacking = match typed.lines(&place.candidates, (&seen.version, language)) {
        Err(lacking) if strict && !typed.written => lacking,
        _ => Vec::new(),
    };
    let text = written(seen, place, &typed, language);
    let said = match text.as_deref() {
        Some(text) if !text.trim().is_empty() => match read(seen, text) {
            Ok(expression) => {
                wrong.extend(too_early(place, &expression, &speaker, language));
                speaker.spoken(&expression.spoken(), None)
            }
            Err(problems) => {
                wrong.extend(problems.iter().map(|problem| in_place(text, problem, language)));
                Vec::new()
            }
        },
        _ => Vec::new(),
    };
    let mut number = 0;
    let mut parts = Vec::new();
    for (part, lines) in typed.parts.iter().enumerate() {
        let mut views = Vec::new();
        for (at, line) in lines.iter().enumerate() {
            number += 1;
            let lacks = lacking.iter().find(|(one, other, _)| (*one, *other) == (part, at));
            let problem = lacks.map(|(_, _, problem)| problem_text(problem, language));
            let mut view = line_view(seen, &place.candidates, &speaker, line);
            view.name = format!("l.{part}.{at}");
            view.place = format!("{part}.{at}");
            view.number = number;
            view.problem = problem.unwrap_or_default();
            views.push(view);
        }
        parts.push(PartView { number: part, lines: views });
    }
    let (names, functions) =
        if typed.written { vocabulary(place, language) } else { Default::default() };
    Editor {
        item: place.item.to_string(),
        owner: place.owner.to_string(),
        property: place.property,
        called: place.called.clone(),
        was: place.text.unwrap_or_default().to_owned(),
        beyond_lines: typed.written && chosen(seen, place, &typed.text, language).is_none(),
        written: typed.written,
        all: typed.all,
        parts,
        may_add: number < MOST,
        text: typed.text,
        said,
        problems: wrong,
        around: place
            .around
            .iter()
            .map(|(whose, text)| (whose.clone(), speaker.condition(text, None)))
            .collect(),
        names,
        functions,
        respondents: 0,
        effect: Vec::new(),
        would: text.filter(|text| text.trim().is_empty() || read(seen, text).is_ok()),
    }
}

/// What is read before it is asked.
fn too_early(
    place: &Place<'_>,
    expression: &Expression,
    speaker: &Speaker<'_>,
    language: &str,
) -> Vec<Wrong> {
    let read = expression.references().into_iter().filter(|read| place.later.contains(*read));
    read.map(|read| {
        let problem = Problem::new("condition-too-early", "").with("question", speaker.name(read));
        Wrong { words: problem_text(&problem, language), ..Wrong::default() }
    })
    .collect()
}

/// A problem of an expression, with the place that it is at.
fn in_place(
    text: &str,
    problem: &survey_builder::questionnaire::expression::Problem,
    language: &str,
) -> Wrong {
    let signs: Vec<char> = text.chars().collect();
    let (from, to) = (problem.at.0.min(signs.len()), problem.at.1.min(signs.len()));
    let part = |from: usize, to: usize| signs[from..to.max(from)].iter().collect::<String>();
    let at = part(from, to);
    // Where something is missing there is nothing to show but what stands before it.
    let shown = if at.trim().is_empty() { text.trim() } else { at.as_str() };
    let words = problem_text(&problem.told("", shown), language);
    Wrong { words, before: part(0, from), after: part(to, signs.len()), at }
}

fn line_view(
    seen: &Seen,
    candidates: &[Candidate],
    speaker: &Speaker<'_>,
    line: &Line,
) -> LineView {
    let question = candidates.iter().find(|one| one.reference == line.question);
    let fits = question.map(|one| fitting(&one.kind)).unwrap_or_default();
    // Another question may be compared otherwise: its usual comparison is taken.
    let how = fits.iter().find(|word| **word == line.how).or(fits.first());
    let found = how.and_then(|word| how_of(word)).zip(question);
    let day = question.is_some_and(|one| one.kind == Type::Date);
    let key = |word: &str| {
        let own = format!("how-day-{word}");
        if day && locale::has("en", &own) { own } else { format!("how-{word}") }
    };
    let list = found.and_then(|((_, counted), one)| {
        list_of(&one.kind).filter(|_| !counted).and_then(|list| seen.version.list(list))
    });
    let control = match found {
        None => "none",
        Some(((how, counted), one)) => match (how.operands(), &one.kind) {
            ((0, 0), _) => "none",
            ((2, 2), _) => "range",
            (_, _) if counted => "number",
            ((_, 1), Type::Option(_) | Type::Set(_))
                if list.is_some_and(|list| list.options.len() <= LISTED) =>
            {
                "option"
            }
            (_, Type::Option(_) | Type::Set(_))
                if list.is_some_and(|list| list.options.len() <= LISTED) =>
            {
                "options"
            }
            (_, Type::Number) => "number",
            (_, Type::Date) => "day",
            (_, Type::Time) => "time",
            _ => "text",
        },
    };
    let listed = matches!(control, "option" | "options");
    let options =
        list.filter(|_| listed).map_or(&[][..], |list| &list.options).iter().map(|option| {
            let label = speaker.label(list.map(|list| list.name.as_str()), &option.code);
            (option.code.clone(), label, line.values.contains(&option.code))
        });
    LineView {
        name: String::new(),
        place: String::new(),
        number: 0,
        questions: candidates
            .iter()
            .map(|one| (one.reference.clone(), one.label.clone(), one.reference == line.question))
            .collect(),
        comparisons: fits.iter().map(|word| (word.clone(), key(word), Some(word) == how)).collect(),
        control,
        options: options.collect(),
        value: if listed {
            String::new()
        } else {
            line.values.first().cloned().unwrap_or_default()
        },
        upper: line.upper.clone(),
        problem: String::new(),
    }
}

/// What can be named and called where a condition stands.
fn vocabulary(
    place: &Place<'_>,
    language: &str,
) -> (Vec<(String, String, String)>, Vec<(String, String)>) {
    let names = place.candidates.iter().map(|one| {
        let kind = argument_text(&one.kind.phrase().into(), language);
        (name_written(&one.name), kind, one.label.clone())
    });
    let functions = function_names().map(|name| {
        let key = format!("say-{}", name.replace('_', "-"));
        let words = [("a", "…"), ("b", "…"), ("c", "…"), ("all", "…")];
        let gives = match locale::has(language, &key) {
            true => locale::text(language, &key, &words),
            false => String::new(),
        };
        (name.to_owned(), gives)
    });
    (names.collect(), functions.collect())
}

/// Finds what has the condition, and what stands before it.
fn place<'a>(seen: &'a Seen, item: Uuid, property: &str, language: &str) -> Option<Place<'a>> {
    let document = seen.document();
    let property = match property {
        "relevant" => "relevant",
        "required-when" => "required-when",
        _ => return None,
    };
    let speaker = Speaker::new(&seen.version, language);
    let labels = paper::labels(document);
    let called = |question: &Question| match labels.get(&question.name) {
        Some(number) => locale::text(language, "builder-question", &[("number", number)]),
        None => short(question.wording.get(speaker.shown(), &document.default_language)),
    };
    let around = around(document, item, language);
    let mut found: Option<Place<'a>> = None;
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut later = HashSet::new();
    let at = |owner: Uuid, called: String, text: Option<&'a String>, before: &[Candidate]| Place {
        item,
        property,
        owner,
        called,
        text: text.map(String::as_str),
        candidates: before.to_vec(),
        later: HashSet::new(),
        around: around.clone(),
    };
    for (_, part) in document.parts() {
        match part {
            Part::Section(one) if one.id == item && property == "relevant" => {
                let title = short(one.title.get(speaker.shown(), &document.default_language));
                found = Some(at(one.id, title, one.relevant.as_ref(), &candidates));
            }
            Part::Page(one) if one.id == item && property == "relevant" => {
                let called = locale::text(language, "builder-page-panel", &[]);
                found = Some(at(one.id, called, one.relevant.as_ref(), &candidates));
            }
            Part::Question(one) => {
                if one.id == item {
                    let text = match property {
                        "relevant" => one.relevant.as_ref(),
                        _ => one.required_when.as_ref(),
                    };
                    found = Some(at(one.id, called(one), text, &candidates));
                }
                for candidate in of_question(seen, one, &labels, &speaker) {
                    let row =
                        one.kind.rows().iter().find(|row| reference(row.id) == candidate.reference);
                    if let Some(row) = row.filter(|row| row.id == item && property == "relevant") {
                        let words = row.wording.get(speaker.shown(), &document.default_language);
                        let called = format!("{}: {}", called(one), short(words));
                        found = Some(at(one.id, called, row.relevant.as_ref(), &candidates));
                    }
                    if found.is_some() {
                        later.insert(candidate.reference.clone());
                    } else {
                        candidates.push(candidate);
                    }
                }
            }
            _ => {}
        }
    }
    let mut found = found?;
    found.later = later;
    // What is asked of each member of a roster has one answer only inside it.
    let inside = seen.version.rosters_around(first_item(document, item).unwrap_or(item));
    found.candidates.retain(|one| {
        let read = Uuid::try_parse(&one.reference).unwrap_or_default();
        inside.starts_with(seen.version.rosters_around(read))
    });
    Some(found)
}

/// The first question in a section or on a page; what it is for anything else.
fn first_item(document: &Document, item: Uuid) -> Option<Uuid> {
    let sections = document.all_sections();
    if let Some(section) = sections.iter().find(|section| section.id == item) {
        let pages = section.with_inner().into_iter().flat_map(|inner| inner.own_pages());
        return pages.flat_map(|page| &page.questions).map(|question| question.id).next();
    }
    let page = document.pages().find(|(_, page)| page.id == item);
    page.and_then(|(_, page)| page.questions.first()).map(|question| question.id)
}

/// The conditions of the sections and the page around something.
fn around(document: &Document, item: Uuid, language: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let has = |question: &Question| {
        question.id == item || question.kind.rows().iter().any(|row| row.id == item)
    };
    for section in document.all_sections() {
        let inner = section.with_inner();
        let inside = inner.iter().any(|one| {
            (one.id == item && one.id != section.id)
                || one.own_pages().any(|page| page.id == item || page.questions.iter().any(has))
        });
        if let Some(text) = section.relevant.as_ref().filter(|_| inside) {
            let title = section.title.get(&document.default_language, "");
            found.push((short(title), text.clone()));
        }
    }
    for (_, page) in document.pages() {
        let inside = page.id != item && page.questions.iter().any(has);
        if let Some(text) = page.relevant.as_ref().filter(|_| inside) {
            found.push((locale::text(language, "builder-page-panel", &[]), text.clone()));
        }
    }
    found
}

/// What may be asked about of one question.
fn of_question(
    seen: &Seen,
    question: &Question,
    labels: &std::collections::HashMap<String, String>,
    speaker: &Speaker<'_>,
) -> Vec<Candidate> {
    let fallback = &seen.document().default_language;
    let kept = matches!(&question.kind, Kind::Hidden(hidden) if !hidden.can_be_read());
    let number = labels.get(&question.name).map(|number| format!("{number}. ")).unwrap_or_default();
    let wording = short(question.wording.get(speaker.shown(), fallback));
    let mut found = Vec::new();
    let mut add = |id: Uuid, name: &str, part: &str| {
        let Some(kind) = seen.version.answer_type(name).filter(|_| !kept) else { return };
        if comparisons(kind, false).is_empty() {
            return;
        }
        let words = match (wording.as_str(), part) {
            ("", "") => name.to_owned(),
            (wording, "") => wording.to_owned(),
            ("", part) => short(part),
            (_, part) => short(part),
        };
        let label = format!("{number}{words}");
        let (reference, name, kind) = (reference(id), name.to_owned(), kind.clone());
        found.push(Candidate { reference, name, label, kind });
    };
    let items = question.items();
    let alone = items.iter().filter(|item| !item.is_other).count() == 1;
    for item in &items {
        let text = match (item.row, item.column) {
            (Some(row), Some(column)) => {
                let of = |text: &survey_builder::questionnaire::document::Text| {
                    text.get(speaker.shown(), fallback).to_owned()
                };
                format!("{} – {}", of(&row.wording), of(&column.label))
            }
            (Some(row), None) => row.wording.get(speaker.shown(), fallback).to_owned(),
            _ if alone && !item.is_other => String::new(),
            _ => item.wording.get(speaker.shown(), fallback).to_owned(),
        };
        add(item.id, &item.name, &text);
    }
    found
}

/// Questions of which it is told who is asked them.
const AFFECTED: usize = 12;

impl Editor {
    /// With what it would do to who is asked what, worked out on simulated respondents.
    #[must_use]
    pub fn with_effect(
        mut self,
        (version, language): (Arc<Version>, &str),
        simulations: &Simulations,
        today: NaiveDate,
    ) -> Self {
        let item = Uuid::try_parse(&self.item).ok();
        let (Some(item), Some(would), "relevant") = (item, &self.would, self.property) else {
            return self;
        };
        let text = Some(would.trim().to_owned()).filter(|text| !text.is_empty());
        let mut document = version.document.clone();
        let was = Some(self.was.clone()).filter(|text| !text.is_empty());
        let (was, now) = (Property::Relevant(was), Property::Relevant(text));
        let (owner, before) = (self.owner(), simulations.of(&version, today));
        let after = if was == now {
            Arc::clone(&before)
        } else {
            let mut draft = Draft::of(document);
            if (Operation::Set { item, was, now }).apply(&mut draft).is_err() {
                return self;
            }
            let (changed, _) = compile_version(draft.document);
            simulations.changed((&version, &changed), item, today)
        };
        document = version.document.clone();
        let labels = paper::labels(&document);
        let speaker = Speaker::new(&version, language);
        self.respondents = after.respondents();
        let counts = document.questions().map(|question| {
            (question, before.asked(question.id), after.asked(question.id))
        });
        let affected = counts.filter(|(question, before, after)| {
            before != after || Some(question.id) == owner
        });
        let told = affected.take(AFFECTED).map(|(question, before, after)| {
            let called = match labels.get(&question.name) {
                Some(number) => format!("{number}. {}", speaker.text_of(&question.wording)),
                None => speaker.text_of(&question.wording),
            };
            (called, before, after)
        });
        self.effect = told.collect();
        self
    }

    /// The part of the panel that it belongs to.
    pub fn owner(&self) -> Option<Uuid> {
        Uuid::try_parse(&self.owner).ok()
    }
}

/// Nothing is stored by a form that is shown again.
pub fn status(editor: &Editor) -> StatusCode {
    let lacks =
        editor.parts.iter().flat_map(|part| &part.lines).any(|line| !line.problem.is_empty());
    if lacks { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
}

#[cfg(test)]
impl Editor {
    /// As an example: in lines or as an expression, with what is wrong.
    pub fn examples(seen: &Seen, language: &str) -> Vec<Self> {
        let document = seen.document();
        let last = document.questions().last().expect("a question").id;
        let place = place(seen, last, "relevant", language).expect("a place");
        let line = |name: &str, how: &str, values: &[&str]| {
            let found = place.candidates.iter().find(|one| one.name == name).expect("a question");
            let values = values.iter().map(|value| (*value).to_owned()).collect();
            Line {
                question: found.reference.clone(),
                how: how.to_owned(),
                values,
                upper: String::new(),
            }
        };
        let lines = Typed {
            all: true,
            parts: vec![
                vec![line("works", "is", &["yes"])],
                vec![line("works", "one-of", &["yes", "no"]), line("age", "between", &["18"])],
                vec![line("since", "at-least", &["02/09/2026"]), line("job", "contains", &["x"])],
                vec![Line::default()],
                vec![line("job", "answered", &[])],
            ],
            ..Typed::default()
        };
        let text = |text: &str| Typed { written: true, text: text.to_owned(), ..Typed::default() };
        let problem = vec![Problem::new("condition-changed-since", "")];
        let mut shown = show(seen, &place, lines, (problem, true), language);
        shown.around.push(("…".to_owned(), vec![Said::words("…")]));
        shown.effect.push(("…".to_owned(), 10, 20));
        let any = Typed { parts: vec![vec![line("works", "is", &["yes"])]], ..Typed::default() };
        vec![
            shown,
            show(seen, &place, any, (Vec::new(), false), language),
            show(seen, &place, text("length(job) > 3"), (Vec::new(), false), language),
            show(seen, &place, text("job > 'x"), (Vec::new(), false), language),
        ]
    }
}
