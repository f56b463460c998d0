//! What has a condition, and what that may ask about: everything before it.

use std::collections::{HashMap, HashSet};

use survey_builder::questionnaire::document::{Document, Kind, Question, Section};
use survey_builder::questionnaire::expression::Type;
use survey_builder::questionnaire::expression::chosen::comparisons;
use survey_builder::questionnaire::names::reference;
use survey_builder::questionnaire::operation::Part;
use uuid::Uuid;

use super::super::Seen;
use super::super::said::{Speaker, short};
use crate::paper;

/// What a condition may ask about.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// As expressions store it.
    pub reference: String,
    /// As authors write it.
    pub name: String,
    /// As people find it in the outline.
    pub label: String,
    /// The type of its answers.
    pub kind: Type,
}

/// What has a condition, and where that stands.
pub struct Place<'a> {
    /// What it is asked about.
    pub item: Uuid,
    /// Which of its conditions.
    pub property: &'static str,
    /// The part of the panel that it belongs to.
    pub owner: Uuid,
    /// What people call that.
    pub called: String,
    /// What it says now.
    pub text: Option<&'a str>,
    /// What may be asked about: everything before it.
    pub candidates: Vec<Candidate>,
    /// What is asked at its place or after it.
    pub later: HashSet<String>,
    /// The conditions around it, which count here too: whose, and what it says.
    pub around: Vec<(String, String)>,
}

/// Finds what has the condition, and what stands before it.
pub fn place<'a>(seen: &'a Seen, item: Uuid, property: &str, language: &str) -> Option<Place<'a>> {
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
        let pages = section.with_inner().into_iter().flat_map(Section::own_pages);
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
    labels: &HashMap<String, String>,
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
