//! The way to each section, page and question of a document, so that a formula
//! finds its place without a walk through all of it.

use std::collections::HashMap;

use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{
    Block, Constraint, Document, EditCheck, Kind, Members, Page, Question, Row, Section,
    identity_of,
};
use survey_builder::questionnaire::expression::Type;

use super::Slot;

/// The section's place, then the places of blocks within; of a question also its
/// place on the page.
type Way = Vec<usize>;

/// The ways to everything; they hold as long as nothing is moved.
#[derive(Default)]
pub(super) struct Ways {
    blocks: HashMap<ItemId, Way>,
    questions: HashMap<ItemId, Way>,
    /// The question of each row of a battery or grid.
    rows: HashMap<ItemId, ItemId>,
}

enum Found<'d> {
    Section(&'d mut Section),
    Page(&'d mut Page),
}

/// What stands at the end of a way.
fn found<'d>(document: &'d mut Document, way: &[usize]) -> Option<Found<'d>> {
    let (first, rest) = way.split_first()?;
    let mut section = document.sections.get_mut(*first)?;
    for place in rest {
        match section.blocks.get_mut(*place)? {
            Block::Section(inner) => section = inner,
            Block::Page(page) => return Some(Found::Page(page)),
        }
    }
    Some(Found::Section(section))
}

pub(super) fn rows(kind: &Kind) -> &[Row] {
    match kind {
        Kind::Battery(battery) => &battery.rows,
        Kind::Grid(grid) => &grid.rows,
        _ => &[],
    }
}

fn rows_mut(kind: &mut Kind) -> &mut [Row] {
    match kind {
        Kind::Battery(battery) => &mut battery.rows,
        Kind::Grid(grid) => &mut grid.rows,
        _ => &mut [],
    }
}

impl Ways {
    pub(super) fn new(document: &Document) -> Self {
        let mut ways = Self::default();
        for (place, section) in document.sections.iter().enumerate() {
            ways.section(section, vec![place]);
        }
        ways
    }

    fn section(&mut self, section: &Section, way: Way) {
        for (place, block) in section.blocks.iter().enumerate() {
            let way = [way.as_slice(), &[place]].concat();
            match block {
                Block::Section(inner) => self.section(inner, way),
                Block::Page(page) => {
                    for (place, question) in page.questions.iter().enumerate() {
                        let of_rows = rows(&question.kind).iter().map(|row| (row.id, question.id));
                        self.rows.extend(of_rows);
                        let way = [way.as_slice(), &[place]].concat();
                        self.questions.entry(question.id).or_insert(way);
                    }
                    self.blocks.entry(page.id).or_insert(way);
                }
            }
        }
        self.blocks.entry(section.id).or_insert(way);
    }

    /// A question.
    pub(super) fn question<'d>(&self, document: &'d Document, id: ItemId) -> Option<&'d Question> {
        let (last, way) = self.questions.get(&id)?.split_last()?;
        let (first, rest) = way.split_first()?;
        let mut section = document.sections.get(*first)?;
        for place in rest {
            match section.blocks.get(*place)? {
                Block::Section(inner) => section = inner,
                Block::Page(page) => return page.questions.get(*last),
            }
        }
        None
    }

    /// The type of a question's answer.
    pub(super) fn type_of(&self, document: &Document, id: ItemId) -> Option<Type> {
        self.question(document, id)?.items().into_iter().next()?.kind
    }

    /// The list that a question offers.
    pub(super) fn list_of(&self, document: &Document, id: ItemId) -> Option<String> {
        self.question(document, id)?.kind.choice().map(|choice| choice.list.clone())
    }

    /// Changes a question.
    pub(super) fn with_question(
        &self,
        document: &mut Document,
        id: ItemId,
        change: impl FnOnce(&mut Question),
    ) {
        let Some((last, way)) = self.questions.get(&id).and_then(|way| way.split_last()) else {
            return;
        };
        if let Some(Found::Page(page)) = found(document, way)
            && let Some(question) = page.questions.get_mut(*last)
        {
            change(question);
        }
    }

    fn with_section(&self, document: &mut Document, id: ItemId, change: impl FnOnce(&mut Section)) {
        let way = self.blocks.get(&id);
        if let Some(Found::Section(section)) = way.and_then(|way| found(document, way)) {
            change(section);
        }
    }

    /// Puts a translated formula in its place.
    pub(super) fn put(&self, document: &mut Document, slot: &Slot, text: String) {
        match slot {
            Slot::Section(id) => self.with_section(document, *id, |one| one.relevant = Some(text)),
            Slot::Each(id) => self.with_section(document, *id, |one| {
                if let Some(each) = &mut one.each {
                    each.filter = Some(text);
                }
            }),
            Slot::Page(id) => {
                let way = self.blocks.get(id);
                if let Some(Found::Page(page)) = way.and_then(|way| found(document, way)) {
                    page.relevant = Some(text);
                }
            }
            Slot::Question(id) => {
                self.with_question(document, *id, |one| one.relevant = Some(text));
            }
            Slot::Row(id) => {
                let Some(question) = self.rows.get(id) else { return };
                self.with_question(document, *question, |one| {
                    let row = rows_mut(&mut one.kind).iter_mut().find(|row| row.id == *id);
                    if let Some(row) = row {
                        row.relevant = Some(text);
                    }
                });
            }
            Slot::Constraint { question, message, soft } => {
                let (message, soft) = (message.clone(), *soft);
                self.with_question(document, *question, |one| {
                    one.constraints.push(Constraint { expression: text, message, soft });
                });
            }
            Slot::Filter(id) => self.with_question(document, *id, |one| {
                if let Some(choice) = one.kind.choice_mut() {
                    choice.filter = Some(text);
                }
            }),
            Slot::Default(id) => self.with_question(document, *id, |one| one.default = Some(text)),
            Slot::Required(id, required) => self.with_question(document, *id, |one| {
                one.required = *required;
                one.required_when = Some(text);
            }),
            Slot::Count(id) => {
                if let Some(roster) = document.rosters.iter_mut().find(|roster| roster.id == *id) {
                    roster.members = Members::Count { expression: text, at_most: None };
                }
            }
            Slot::Total(id) => self.with_question(document, *id, |one| {
                if let Kind::Grid(grid) = &mut one.kind {
                    grid.total = Some(text);
                }
            }),
            Slot::Check { name, message } => {
                let id = identity_of(&document.name, "check", name);
                let (name, message) = (name.clone(), message.clone());
                document.checks.push(EditCheck { id, name, expression: text, message });
            }
            Slot::Calculation(_) => {}
        }
    }
}
