//! Who is asked what, as a map: one row a question, in the order of the document,
//! under the question whose answer decides whether it is asked.

use std::collections::HashMap;

use uuid::Uuid;

use super::answer::ItemId;
use super::document::{Block, Page, Question, Section};
use super::version::{CompiledPage, Version};

/// A section of the map.
#[derive(Clone, Debug, PartialEq)]
pub struct MapSection {
    /// The section.
    pub id: ItemId,
    /// How deep it stands: 0 for the outermost.
    pub depth: usize,
    /// The rows of its own pages.
    pub rows: Vec<MapRow>,
}

/// A row of the map.
#[derive(Clone, Debug, PartialEq)]
pub struct MapRow {
    /// The question.
    pub question: ItemId,
    /// How far it is indented.
    pub depth: usize,
    /// What decides whether it is asked, and how that is drawn.
    pub by: Decider,
}

/// What decides whether a question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decider {
    /// No answer of another question.
    Nobody,
    /// The question of that row of the same section, above it: a line leads there.
    Row(usize),
    /// A question too far away for a line.
    Far(ItemId),
}

/// Lays a version out. What cannot be compiled has no conditions here.
pub fn map(version: &Version) -> Vec<MapSection> {
    let mut drawn = Drawn { version, index: 0, sections: Vec::new() };
    for section in &version.document.sections {
        drawn.section(section, 0);
    }
    drawn.sections
}

struct Drawn<'a> {
    version: &'a Version,
    /// The index of the next page.
    index: usize,
    sections: Vec<MapSection>,
}

impl Drawn<'_> {
    fn section(&mut self, section: &Section, depth: usize) {
        let place = self.sections.len();
        self.sections.push(MapSection { id: section.id, depth, rows: Vec::new() });
        let mut rows: Vec<MapRow> = Vec::new();
        let mut at: HashMap<ItemId, usize> = HashMap::new();
        for block in &section.blocks {
            match block {
                Block::Page(page) => {
                    let compiled = self.version.pages().get(self.index);
                    self.page(page, compiled, (&mut rows, &mut at));
                    self.index += 1;
                }
                Block::Section(inner) => self.section(inner, depth + 1),
            }
        }
        self.sections[place].rows = rows;
    }

    fn page(
        &self,
        page: &Page,
        compiled: Option<&CompiledPage>,
        (rows, at): (&mut Vec<MapRow>, &mut HashMap<ItemId, usize>),
    ) {
        // The conditions of sections around it stand at their headings.
        let own = compiled.filter(|_| page.relevant.is_some()).and_then(|it| it.relevant.last());
        for (number, question) in page.questions.iter().enumerate() {
            let relevant = compiled.and_then(|it| it.questions.get(number)?.relevant.as_ref());
            let reads = [relevant, own].into_iter().flatten().flat_map(|it| it.references());
            let by = self.decider(question, reads.collect());
            let (depth, by) = match by {
                None => (0, Decider::Nobody),
                Some(question) => match at.get(&question) {
                    Some(row) if is_open(rows, *row) => (rows[*row].depth + 1, Decider::Row(*row)),
                    _ => (1, Decider::Far(question)),
                },
            };
            at.insert(question.id, rows.len());
            rows.push(MapRow { question: question.id, depth, by });
        }
    }

    /// The last question before this one that its conditions read.
    fn decider(&self, question: &Question, reads: Vec<&str>) -> Option<ItemId> {
        let read = reads.into_iter().filter_map(|read| Uuid::try_parse(read).ok());
        let place = |item: ItemId| self.version.place(item).map(|it| (it.page, it.question));
        let own = place(question.id);
        let before = read.filter_map(|item| Some((place(item)?, item)));
        let last = before.filter(|(place, _)| own.is_none_or(|own| *place < own)).max()?;
        self.version.question(last.1).map(|it| it.id)
    }
}

/// Whether a line can lead from a row down to the next: no row between stands as far
/// out as that one.
fn is_open(rows: &[MapRow], row: usize) -> bool {
    rows[row + 1..].iter().all(|between| between.depth > rows[row].depth)
}
