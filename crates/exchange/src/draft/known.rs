//! What stands where in a document, in its order, and what each part reads.

use std::collections::{BTreeSet, HashMap};

use survey_builder::questionnaire::document::{
    Block, Document, Kind, Page, Question, Section, Text,
};
use survey_builder::questionnaire::piping::parts;

use super::order::{formulas, words};

/// A section, a page or a question.
pub(super) struct Part<'d> {
    /// The places of the sections around and of the page, and of sections their own.
    pub way: Vec<usize>,
    pub what: What<'d>,
    /// How much of the way leads to the section whose members it is asked of; none where
    /// it is asked once.
    pub members: usize,
    /// Whether it is drawn into an order.
    pub shuffled: bool,
}

pub(super) enum What<'d> {
    Section(&'d Section),
    Page(&'d Page),
    Question(&'d Question),
}

impl<'d> Part<'d> {
    /// One without anything around it.
    pub fn alone(what: What<'d>) -> Self {
        Self { way: Vec::new(), what, members: 0, shuffled: false }
    }

    /// The sections around it.
    pub fn around(&self) -> &[usize] {
        &self.way[..self.way.len() - 1]
    }

    /// The question, where it is one.
    pub fn question(&self) -> Option<&Question> {
        match self.what {
            What::Question(question) => Some(question),
            _ => None,
        }
    }

    /// Whether nobody is asked it.
    pub fn is_silent(&self) -> bool {
        self.question().is_some_and(|one| matches!(one.kind, Kind::Computed(_) | Kind::Hidden(_)))
    }

    /// What decides whether it is asked, what is offered, or what its value is. Constraints
    /// and defaults are looked at when it is answered, not before.
    pub fn decided_by(&self) -> BTreeSet<&str> {
        match &self.what {
            What::Section(section) => section.relevant.iter().flat_map(|one| words(one)).collect(),
            What::Page(page) => page.relevant.iter().flat_map(|one| words(one)).collect(),
            What::Question(question) => {
                let computed = match &question.kind {
                    Kind::Computed(computed) => Some(&computed.expression),
                    _ => None,
                };
                let filter = question.kind.choice().and_then(|choice| choice.filter.as_ref());
                let own = [question.relevant.as_ref(), question.required_when.as_ref()];
                let all = own.into_iter().chain([computed, filter]).flatten();
                all.flat_map(|one| words(one)).collect()
            }
        }
    }

    /// All that it reads: in formulas, and inserted in texts.
    pub fn reads(&self) -> BTreeSet<&str> {
        let mut found = self.decided_by();
        match &self.what {
            What::Section(section) => {
                let filter = section.each.as_ref().and_then(|each| each.filter.as_ref());
                found.extend(filter.into_iter().flat_map(|one| words(one)));
                inserted(&section.title, &mut found);
            }
            What::Page(_) => {}
            What::Question(question) => {
                found.extend(formulas(question).flat_map(words));
                for text in [&question.wording, &question.hint, &question.instruction] {
                    inserted(text, &mut found);
                }
                for item in question.items() {
                    inserted(item.wording, &mut found);
                }
            }
        }
        found
    }
}

fn inserted<'t>(text: &'t Text, found: &mut BTreeSet<&'t str>) {
    for text in text.0.values().filter(|text| text.contains("${")) {
        found.extend(parts(text).into_iter().flatten().flat_map(|one| words(one.name)));
    }
}

/// All of a document, with what reads what.
pub(super) struct Order<'d> {
    pub all: Vec<Part<'d>>,
    /// The part in which each name is answered.
    places: HashMap<String, usize>,
    /// The parts that read each name, in their order.
    readers: HashMap<String, Vec<usize>>,
    /// What decides about each part: places of parts, the last one first.
    decided_by: Vec<Vec<usize>>,
    /// The part at the end of each way, pages and sections.
    ends: HashMap<Vec<usize>, usize>,
}

impl<'d> Order<'d> {
    pub fn of(document: &'d Document) -> Self {
        let mut all = Vec::new();
        for (place, section) in document.sections.iter().enumerate() {
            walk(section, &mut vec![place], (0, false), &mut all);
        }
        let blocks = all.iter().enumerate().filter(|(_, part)| part.question().is_none());
        let ends = blocks.map(|(place, part)| (part.way.clone(), place)).collect();
        let mut places = HashMap::new();
        for (place, part) in all.iter().enumerate() {
            let items = part.question().map_or_else(Vec::new, Question::items);
            places.extend(items.into_iter().map(|item| (item.name.into_owned(), place)));
        }
        let mut readers: HashMap<String, Vec<usize>> = HashMap::new();
        let mut decided_by = Vec::with_capacity(all.len());
        for (place, part) in all.iter().enumerate() {
            for name in part.reads().into_iter().filter(|name| places.contains_key(*name)) {
                readers.entry(name.to_owned()).or_default().push(place);
            }
            let mut known: Vec<usize> = part
                .decided_by()
                .into_iter()
                .filter_map(|name| places.get(name).copied())
                .collect();
            known.sort_unstable_by(|one, other| other.cmp(one));
            decided_by.push(known);
        }
        Self { all, places, readers, decided_by, ends }
    }

    /// The part in which a name is answered.
    pub fn place_of(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// The last value that a question begins with, where it comes later.
    pub fn later_beginning(&self, place: usize) -> Option<usize> {
        let begins = self.all[place].question().and_then(|one| one.default.as_deref());
        let read = begins.into_iter().flat_map(words).filter_map(|name| self.place_of(name));
        read.max().filter(|last| *last > place && self.all[*last].is_silent())
    }

    /// The last part that decides about one, where it comes later.
    pub fn later(&self, place: usize) -> Option<usize> {
        self.decided_by[place].first().copied().filter(|last| *last > place)
    }

    /// The last part that decides about one, or about these conditions, where it does not
    /// come before a place.
    pub fn unknown_before(
        &self,
        part: usize,
        conditions: &[String],
        place: usize,
    ) -> Option<usize> {
        let own = self.decided_by[part].first().copied();
        let names = conditions.iter().flat_map(|one| words(one));
        let all = names.filter_map(|name| self.places.get(name).copied()).chain(own);
        all.max().filter(|last| *last >= place)
    }

    /// Whether anything behind one place, as far as another, reads a part.
    pub fn is_read_within(&self, part: usize, behind: usize, last: usize) -> bool {
        let Some(question) = self.all[part].question() else { return false };
        question.items().iter().any(|item| {
            let readers = self.readers.get(item.name.as_ref()).map_or(&[][..], Vec::as_slice);
            let first = readers.partition_point(|reader| *reader <= behind);
            readers.get(first).is_some_and(|reader| *reader <= last)
        })
    }

    /// Where the page of a question begins; of others their own place.
    pub fn start_of(&self, place: usize) -> usize {
        self.ends.get(&self.all[place].way).copied().unwrap_or(place)
    }

    /// The last part of what begins at a place.
    pub fn end_of(&self, place: usize) -> usize {
        let way = &self.all[place].way;
        match self.all[place].what {
            What::Question(_) => place,
            _ => {
                let inside = self.all[place + 1..].iter();
                place + inside.take_while(|one| one.way.starts_with(way)).count()
            }
        }
    }

    /// The conditions of the sections and the page below a way, down to another.
    pub fn left(&self, above: &[usize], below: &[usize]) -> Vec<String> {
        let ways = (above.len() + 1..=below.len()).map(|length| &below[..length]);
        let between = ways.filter_map(|way| self.all.get(*self.ends.get(way)?));
        let conditions = between.filter_map(|one| match one.what {
            What::Section(section) => section.relevant.clone(),
            What::Page(page) => page.relevant.clone(),
            What::Question(_) => None,
        });
        conditions.collect()
    }
}

fn walk<'d>(
    section: &'d Section,
    way: &mut Vec<usize>,
    (members, shuffled): (usize, bool),
    found: &mut Vec<Part<'d>>,
) {
    found.push(Part { way: way.clone(), what: What::Section(section), members, shuffled });
    let members = if section.each.is_some() { way.len() } else { members };
    let shuffled = shuffled || section.shuffled;
    for (place, block) in section.blocks.iter().enumerate() {
        way.push(place);
        walk_block(block, way, (members, shuffled), found);
        way.pop();
    }
}

fn walk_block<'d>(
    block: &'d Block,
    way: &mut Vec<usize>,
    (members, shuffled): (usize, bool),
    found: &mut Vec<Part<'d>>,
) {
    match block {
        Block::Section(inner) => walk(inner, way, (members, shuffled), found),
        Block::Page(page) => {
            let part = |what, shuffled| Part { way: way.clone(), what, members, shuffled };
            found.push(part(What::Page(page), shuffled));
            let shuffled = shuffled || page.shuffled;
            found.extend(page.questions.iter().map(|one| part(What::Question(one), shuffled)));
        }
    }
}

/// A section and all that is in it.
pub(super) fn of_section(section: &Section) -> Vec<Part<'_>> {
    let mut found = Vec::new();
    walk(section, &mut Vec::new(), (0, false), &mut found);
    found
}

/// What is in a section or on a page, with itself.
pub(super) fn of_block(block: &Block) -> Vec<Part<'_>> {
    let mut found = Vec::new();
    walk_block(block, &mut Vec::new(), (0, false), &mut found);
    found
}
