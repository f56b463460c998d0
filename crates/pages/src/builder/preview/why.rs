//! Why each question is asked or not, with what is answered in the preview.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::Serialize;
use survey_builder::questionnaire::document::Question;
use survey_builder::questionnaire::expression::spoken::Leaf;
use survey_builder::questionnaire::path::{Path, Stop};
use survey_builder::questionnaire::why::{Because, why};
use uuid::Uuid;

use super::super::Seen;
use super::super::said::{Said, Speaker};
use crate::paper;

/// What stands below the page, in the language of who writes the questionnaire.
#[derive(Serialize)]
pub struct WhyView {
    language: String,
    title: String,
    hint: String,
    forget: String,
    /// Said after the last page.
    at_end: String,
    /// The questions of the page, and all others.
    own: Vec<WhyLine>,
    others: Vec<WhyLine>,
    others_title: String,
}

/// A question.
#[derive(Serialize)]
struct WhyLine {
    item: String,
    called: String,
    asked: bool,
    /// Whether it is, in words.
    told: String,
    parts: Vec<WhyPart>,
}

/// Something that decides.
#[derive(Serialize)]
struct WhyPart {
    holds: bool,
    said: Vec<Said>,
    /// Whose condition it is, where it is not the question's own; what is still blank.
    notes: Vec<String>,
}

/// Why each question is asked or not.
pub fn why_view(
    seen: &Seen,
    (path, stop, today): (&Path, &Stop, NaiveDate),
    at_end: bool,
    language: &str,
) -> WhyView {
    let document = seen.document();
    let text = |key: &str| locale::text(language, key, &[]);
    let teller = Teller {
        seen,
        path,
        today,
        language,
        speaker: Speaker::new(&seen.version, language).in_full(),
        labels: paper::labels(document),
    };
    let page = stop.page_index().and_then(|index| seen.version.page(index));
    let here = |question: &Question| {
        page.is_some_and(|page| page.questions.iter().any(|one| one.id == question.id))
    };
    let told = document.questions().filter(|question| !question.kind.is_silent());
    let (own, others): (Vec<&Question>, Vec<&Question>) = told.partition(|one| here(one));
    let lines = |questions: Vec<&Question>| {
        questions.into_iter().filter_map(|question| teller.line(question)).collect()
    };
    WhyView {
        language: language.to_owned(),
        title: text("why-title"),
        hint: text("why-hint"),
        forget: text("why-forget"),
        at_end: if at_end { text("why-at-end") } else { String::new() },
        own: lines(own),
        others: lines(others),
        others_title: text("why-others"),
    }
}

struct Teller<'a> {
    seen: &'a Seen,
    path: &'a Path,
    today: NaiveDate,
    language: &'a str,
    speaker: Speaker<'a>,
    labels: HashMap<String, String>,
}

impl Teller<'_> {
    fn text(&self, key: &str, arguments: &[(&str, &str)]) -> String {
        locale::text(self.language, key, arguments)
    }

    fn line(&self, question: &Question) -> Option<WhyLine> {
        let why = why(&self.seen.version, self.path, question.id, self.today)?;
        let wording = self.speaker.text_of(&question.wording);
        let called = match self.labels.get(&question.name) {
            Some(number) => format!("{number}. {wording}"),
            None => wording,
        };
        let told = match (why.asked, why.because.is_empty()) {
            (true, true) => "why-everyone",
            (true, false) => "why-asked",
            (false, _) => "why-not-asked",
        };
        let parts = why.because.into_iter().flat_map(|one| self.parts(one, question.id));
        Some(WhyLine {
            item: question.id.to_string(),
            called,
            asked: why.asked,
            told: self.text(told, &[]),
            parts: parts.collect(),
        })
    }

    fn parts(&self, because: Because, question: Uuid) -> Vec<WhyPart> {
        let plain = |key: &str| {
            let said = vec![Said::words(self.text(key, &[]))];
            vec![WhyPart { holds: false, said, notes: Vec::new() }]
        };
        match because {
            Because::Ended(_) => plain("why-ended"),
            Because::OtherMode => plain("why-other-mode"),
            Because::NoMembers => plain("why-no-members"),
            Because::Condition { of, parts } => {
                let whose = self.whose(of, question);
                let part = |(leaf, holds): (Leaf, Option<bool>)| {
                    let mut notes: Vec<String> = whose.iter().cloned().collect();
                    if holds.is_none() {
                        notes.push(self.blank(&leaf));
                    }
                    let said = vec![self.speaker.leaf(&leaf, None)];
                    WhyPart { holds: holds == Some(true), said, notes }
                };
                parts.into_iter().map(part).collect()
            }
        }
    }

    /// Whose condition it is, where it is not the question's own.
    fn whose(&self, of: Uuid, question: Uuid) -> Option<String> {
        if of == question {
            return None;
        }
        let sections = self.seen.document().all_sections();
        let section = sections.into_iter().find(|section| section.id == of);
        Some(match section {
            Some(section) => {
                self.text("why-of-section", &[("title", &self.speaker.text_of(&section.title))])
            }
            None => self.text("why-of-page", &[]),
        })
    }

    /// What is still blank: what was not asked at all is told.
    fn blank(&self, leaf: &Leaf) -> String {
        let asked = |reference: &&&str| {
            let item = Uuid::try_parse(reference).ok();
            let question = item.and_then(|item| self.seen.version.question(item));
            question.is_some_and(|question| {
                self.seen.version.rosters_around(question.id).is_empty()
                    && !self.path.asks(question.id)
            })
        };
        match leaf.references().iter().find(asked) {
            Some(reference) => {
                self.text("why-blank-not-asked", &[("question", &self.speaker.name(reference))])
            }
            None => self.text("why-blank", &[]),
        }
    }
}
