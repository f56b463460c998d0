//! Values worked out for the whole model: each is put behind the last answer
//! that it reads, so that what reads it finds it there.

use std::collections::BTreeSet;

use survey_builder::questionnaire::document::{Block, Computed, Kind, Question, Section, Text};

use super::{Reader, string};
use crate::account::Json;
use crate::draft::Slot;
use crate::formula::Formula;

/// A value that waits for its place.
struct Waiting {
    question: Question,
    reads: BTreeSet<String>,
}

impl Reader {
    /// Puts the calculated values of a model between its questions.
    pub(super) fn calculated(&mut self, model: &Json, sections: &mut Vec<Section>) {
        let mut waiting = Vec::new();
        for value in model.get("calculatedValues").and_then(Json::as_array).into_iter().flatten() {
            let (name, source) = (string(value, "name"), string(value, "expression"));
            let kind = Kind::Computed(Computed { expression: String::new(), list: None });
            let question = self.draft.question(&self.names.ours(name), Text::default(), kind);
            let formula = self.formula(source);
            let mut reads = BTreeSet::new();
            if let Ok(formula) = &formula {
                formula.each(&mut |part| {
                    if let Formula::Question(name) = part {
                        reads.insert(name.clone());
                    }
                });
            }
            self.draft.later(Slot::Calculation(question.id), formula, source, name);
            waiting.push(Waiting { question, reads });
        }
        // Those that others read go first; a circle goes as it is written.
        while !waiting.is_empty() {
            let unplaced: BTreeSet<&String> =
                waiting.iter().map(|one| &one.question.name).collect();
            let next = waiting
                .iter()
                .position(|one| !one.reads.iter().any(|name| unplaced.contains(name)));
            let one = waiting.remove(next.unwrap_or(0));
            self.place(one, sections);
        }
    }

    fn place(&mut self, one: Waiting, sections: &mut Vec<Section>) {
        let mut last = None;
        for (at, section) in sections.iter().enumerate() {
            for inner in section.with_inner() {
                for question in inner.own_pages().flat_map(|page| &page.questions) {
                    let read = one.reads.contains(&question.name)
                        || question.items().iter().any(|item| one.reads.contains(&*item.name));
                    if read {
                        last = Some((at, question.id));
                    }
                }
            }
        }
        let mut question = Some(one.question);
        if let Some((at, id)) = last {
            put_behind(&mut sections[at], id, &mut question);
        }
        let Some(question) = question else { return };
        let name = question.name.clone();
        let page = self.draft.page(&name, vec![question]);
        let section = self.draft.section(&name, Text::default(), vec![Block::Page(page)]);
        sections.insert(last.map_or(0, |(at, _)| at + 1), section);
    }
}

/// Puts a question behind another on its page, unless members of a roster are
/// asked there.
fn put_behind(
    section: &mut Section,
    id: survey_builder::questionnaire::answer::ItemId,
    question: &mut Option<Question>,
) {
    if section.each.is_some() {
        return;
    }
    for block in &mut section.blocks {
        match block {
            Block::Section(inner) => put_behind(inner, id, question),
            Block::Page(page) => {
                let place = page.questions.iter().position(|one| one.id == id);
                if let Some(place) = place
                    && let Some(question) = question.take()
                {
                    page.questions.insert(place + 1, question);
                }
            }
        }
    }
}
