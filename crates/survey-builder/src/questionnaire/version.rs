//! Versions: what was published and never changes.
//!
//! A version is the document, the hash of its content and everything worked
//! out from it once: where each item stands, and every expression compiled.
//! Responses name the version they answer; rendering a page needs no query and
//! no parsing.

use std::collections::HashMap;

use super::answer::ItemId;
use super::document::{
    Block, Choice, Document, Kind, ListOption, OptionList, Page, Question, Section,
};
use super::expression::{Expression, Type};
use super::names::{Names, reference};
use super::search::index::{Indices, searched_of};

/// A published questionnaire. Make one with [`publish`](super::publish::publish).
#[derive(Clone, Debug)]
pub struct Version {
    /// SHA-256 of the document's canonical JSON, in hexadecimal.
    pub hash: String,
    /// What was published.
    pub document: Document,
    pub(super) pages: Vec<CompiledPage>,
    pub(super) sections: HashMap<ItemId, CompiledSection>,
    pub(super) rosters: HashMap<ItemId, CompiledRoster>,
    pub(super) names: Names,
    pub(super) places: HashMap<ItemId, Place>,
    /// Where in the document the list of each name stands.
    pub(super) lists: HashMap<String, usize>,
    /// By list, where in it the option of each code stands.
    pub(super) options: HashMap<String, HashMap<String, usize>>,
    pub(super) checks: Vec<CompiledCheck>,
    pub(super) indices: Indices,
    pub(super) draws: bool,
}

/// Where an item stands in the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Index into [`Version::pages`].
    pub page: usize,
    /// Index of the question on its page.
    pub question: usize,
}

/// A page with its compiled conditions.
#[derive(Clone, Debug)]
pub struct CompiledPage {
    /// Where it stands: the index of the section in the document, of the block
    /// in that section, and so on down to the page.
    pub trail: Vec<usize>,
    /// The rosters for whose members it is asked, the outermost first.
    pub rosters: Vec<ItemId>,
    /// All must be true: those of the sections around it and its own.
    pub relevant: Vec<Expression>,
    /// Its questions, in order.
    pub questions: Vec<CompiledQuestion>,
    /// Whether what is answered on it may change what is asked on it: if not, the
    /// path before it holds until all of it is answered.
    pub reads_itself: bool,
}

impl CompiledQuestion {
    /// Every expression of the question.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let one = [
            &self.relevant,
            &self.required_when,
            &self.filter,
            &self.calculation,
            &self.default,
            &self.total,
            &self.selection.eligible,
            &self.selection.man,
            &self.selection.age,
            &self.selection.birthday,
        ];
        let rows = self.item_relevant.iter().flatten();
        one.into_iter().flatten().chain(&self.constraints).chain(rows)
    }

    /// Whether a constraint is about all answers of the question together, such
    /// as the sum of its rows: it names some of them, and not the one answer
    /// that `.` is. It is looked at once, when all are there.
    pub fn is_about_whole(&self, constraint: &Expression) -> bool {
        let read = constraint.references();
        self.items.len() > 1
            && !constraint.reads_self()
            && self.items.iter().any(|item| read.contains(reference(*item).as_str()))
    }
}

impl CompiledPage {
    /// The index in the document of the outermost section around it.
    pub fn part(&self) -> usize {
        self.trail.first().copied().unwrap_or_default()
    }
}

/// A section's compiled conditions.
#[derive(Clone, Debug, Default)]
pub struct CompiledSection {
    /// All must be true: those of the sections around it and its own.
    pub relevant: Vec<Expression>,
    /// For which members it is asked.
    pub filter: Option<Expression>,
}

/// A roster's compiled expressions.
#[derive(Clone, Debug, Default)]
pub struct CompiledRoster {
    /// How many members it has, where an expression says so.
    pub count: Option<Expression>,
}

/// A question's items and compiled expressions.
#[derive(Clone, Debug, Default)]
pub struct CompiledQuestion {
    /// What holds its answers, in order.
    pub items: Vec<ItemId>,
    /// When it is on the path.
    pub relevant: Option<Expression>,
    /// When it must be answered.
    pub required_when: Option<Expression>,
    /// In the order of the document's constraints.
    pub constraints: Vec<Expression>,
    /// Which options are offered.
    pub filter: Option<Expression>,
    /// How it is worked out.
    pub calculation: Option<Expression>,
    /// Whether chance decides it: then it is drawn once and stored.
    pub is_drawn: bool,
    /// What stands in its box before anything is answered.
    pub default: Option<Expression>,
    /// What the numbers of every column of a grid must add up to.
    pub total: Option<Expression>,
    /// When each of `items` is asked, where a row says so; empty when none does.
    pub item_relevant: Vec<Option<Expression>>,
    /// The option that opens the text beside it; the text is the last item.
    pub other: Option<String>,
    /// What decides who of a household is asked.
    pub selection: CompiledSelection,
}

/// An edit check that can be run.
#[derive(Clone, Debug)]
pub struct CompiledCheck {
    /// Its place in the document's checks.
    pub index: usize,
    /// What must hold; missing counts as met.
    pub expression: Expression,
    /// The rosters of whose members it is about, the outermost first.
    pub rosters: Vec<ItemId>,
}

/// What is known of each member of a household who may be asked, from inside the
/// member.
#[derive(Clone, Debug, Default)]
pub struct CompiledSelection {
    /// Whether the member may be asked.
    pub eligible: Option<Expression>,
    /// Whether it is a man.
    pub man: Option<Expression>,
    /// Its age in years.
    pub age: Option<Expression>,
    /// Its birthday.
    pub birthday: Option<Expression>,
}

impl Version {
    /// The pages, in order.
    pub fn pages(&self) -> &[CompiledPage] {
        &self.pages
    }

    /// What names mean.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The compiled conditions of a section.
    pub fn section(&self, id: ItemId) -> Option<&CompiledSection> {
        self.sections.get(&id)
    }

    /// The compiled expressions of a roster that a section asks about.
    pub fn roster(&self, id: ItemId) -> Option<&CompiledRoster> {
        self.rosters.get(&id)
    }

    /// The rosters for whose members an item is asked, the outermost first.
    pub fn rosters_around(&self, item: ItemId) -> &[ItemId] {
        if self.rosters.is_empty() {
            return &[];
        }
        let page = self.place(item).and_then(|place| self.pages.get(place.page));
        page.map_or(&[], |page| &page.rosters)
    }

    /// What must hold between answers.
    pub fn checks(&self) -> &[CompiledCheck] {
        &self.checks
    }

    /// The list of that name.
    pub fn list(&self, name: &str) -> Option<&OptionList> {
        self.document.lists.get(*self.lists.get(name)?)
    }

    /// The choice of a question whose options are searched, not shown: see
    /// [`searched`](super::search::index::searched).
    pub fn searched<'k>(&self, kind: &'k Kind) -> Option<&'k Choice> {
        searched_of(kind, |list| self.list(list))
    }

    /// The option of a list with that code.
    pub fn option(&self, list: &str, code: &str) -> Option<&ListOption> {
        let place = self.options.get(list)?.get(code)?;
        self.list(list)?.options.get(*place)
    }

    /// What searched lists are found by.
    pub fn indices(&self) -> &Indices {
        &self.indices
    }

    /// Whether chance decides anything in it.
    pub fn draws(&self) -> bool {
        self.draws
    }

    /// The page at an index of [`Version::pages`], as written.
    pub fn page(&self, index: usize) -> Option<&Page> {
        let (last, section) = (self.pages.get(index)?.trail.last()?, self.section_of(index)?);
        match section.blocks.get(*last)? {
            Block::Page(page) => Some(page),
            Block::Section(_) => None,
        }
    }

    /// The section a page stands in.
    pub fn section_of(&self, page: usize) -> Option<&Section> {
        self.sections_around(page).pop()
    }

    /// The sections a page stands in, the outermost first.
    pub fn sections_around(&self, page: usize) -> Vec<&Section> {
        let trail = self.pages.get(page).map_or(&[][..], |page| &page.trail);
        let Some((first, rest)) = trail.split_first() else { return Vec::new() };
        let mut found: Vec<&Section> = self.document.sections.get(*first).into_iter().collect();
        for index in rest {
            let inner = found.last().and_then(|section| section.blocks.get(*index));
            if let Some(Block::Section(inner)) = inner {
                found.push(inner);
            }
        }
        found
    }

    /// The index of the page of that name.
    pub fn page_named(&self, name: &str) -> Option<usize> {
        (0..self.pages.len()).find(|index| self.page(*index).is_some_and(|page| page.name == name))
    }

    /// Where an item stands.
    pub fn place(&self, item: ItemId) -> Option<Place> {
        self.places.get(&item).copied()
    }

    /// The compiled expressions of the question that an item is, or is part of.
    pub fn compiled(&self, item: ItemId) -> Option<&CompiledQuestion> {
        let place = self.place(item)?;
        self.pages.get(place.page)?.questions.get(place.question)
    }

    /// The question that an item is, or is a row of.
    pub fn question(&self, item: ItemId) -> Option<&Question> {
        let place = self.place(item)?;
        self.page(place.page)?.questions.get(place.question)
    }

    /// The question of that name, or the one with a row of that name.
    pub fn item_named(&self, name: &str) -> Option<(ItemId, &Question)> {
        self.document.questions().find_map(|question| {
            question
                .items()
                .into_iter()
                .find(|item| item.name == name)
                .map(|item| (item.id, question))
        })
    }

    /// The type of an item's answers.
    pub fn answer_type(&self, name: &str) -> Option<&Type> {
        self.names.kind(name)
    }
}
