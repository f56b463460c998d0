//! Blocks: parts of a questionnaire that can stand in another one, with their lists and
//! rosters, the words in every language, and the conditions among them.
//!
//! A block is a small document of its own ([`cut`]), so that whatever reads documents
//! reads blocks. Put into a draft ([`insert()`]) its parts get identities that are made of
//! theirs and of the insertion's: what of a draft came from which part of a block is
//! known without being stored, and a block that changed is compared with what the draft
//! made of it ([`update()`]).

mod fit;
mod insert;
mod update;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::answer::ItemId;
use super::document::{Block as Standing, Document, Kind, Members, Page, Question, Section, Text};
use super::expression::texts_in;
use super::operation::compose::moved;
use super::operation::{Node, Part};
use super::piping::insertions;

pub use fit::original;
pub use insert::{Inserted, insert};
pub use update::{Change, Changed, Update, held, update};

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// One question.
    Question,
    /// One question with rows.
    Battery,
    /// Questions that are shown at once.
    Page,
    /// A section.
    Section,
}

impl Shape {
    /// Every one of them.
    pub const ALL: [Self; 4] = [Self::Question, Self::Battery, Self::Page, Self::Section];

    /// Its word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::Battery => "battery",
            Self::Page => "page",
            Self::Section => "section",
        }
    }
}

/// A part of a questionnaire as a document of its own: one section, which is the block
/// itself or only holds the page that is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// What it is.
    pub shape: Shape,
    /// Its questions with everything that they need.
    pub document: Document,
}

/// Something named in a block that is not in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Outside {
    /// The question, section or check that names it.
    pub place: String,
    /// What is named.
    pub name: String,
}

/// A block as it was cut out, and what did not come with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Cut {
    /// The block.
    pub block: Block,
    /// Conditions of the sections and the page around it, which are not part of it.
    pub around: Vec<String>,
}

/// Cuts a part out of a document: a section, a page or a question, which brings its page
/// along where it is alone there. `None` where there is no such part, or it is another.
pub fn cut(document: &Document, item: ItemId) -> Option<Cut> {
    let item = moved(document, item);
    let parts = document.parts();
    let find = |id: ItemId| parts.iter().find(|(_, part)| part.id() == id);
    let (place, part) = find(item)?;
    let around_it = find(place.parent).map(|(_, part)| *part);
    let section = match (part.to_node(), around_it) {
        (Node::Section(section), _) => *section,
        (Node::Page(page), Some(Part::Section(outer))) => wrapped(outer, *page),
        (Node::Question(question), Some(Part::Page(page))) => {
            let (outer, _) = document.pages().find(|(_, one)| one.id == page.id)?;
            wrapped(outer, Page::new(page.id, &page.name, vec![*question]))
        }
        _ => return None,
    };
    let mut around = Vec::new();
    let mut above = find(place.parent);
    while let Some((place, part)) = above {
        match part {
            Part::Page(page) => around.extend(page.relevant.clone()),
            Part::Section(section) => {
                around.extend(section.relevant.clone());
                around.extend(section.each.as_ref().map(|each| each.roster.clone()));
            }
            _ => {}
        }
        above = find(place.parent);
    }
    let is_section = matches!(part, Part::Section(_));
    Some(Cut { block: block_of(document, section, is_section), around })
}

/// A section that only holds a page.
fn wrapped(outer: &Section, page: Page) -> Section {
    Section::new(outer.id, &outer.name, vec![Standing::Page(page)])
}

/// The block of a section, with what it needs of the document around it.
fn block_of(document: &Document, section: Section, is_section: bool) -> Block {
    let questions: Vec<&Question> = section
        .with_inner()
        .into_iter()
        .flat_map(Section::own_pages)
        .flat_map(|page| &page.questions)
        .collect();
    let shape = match questions.as_slice() {
        _ if is_section => Shape::Section,
        [one] if !one.kind.rows().is_empty() => Shape::Battery,
        [_] => Shape::Question,
        _ => Shape::Page,
    };
    let lists: BTreeSet<String> =
        questions.iter().flat_map(|one| one.kind.lists()).map(str::to_owned).collect();
    let rosters = rosters_of(document, &section, &questions);
    let title = if section.title.is_empty() || !is_section {
        questions.first().map(|one| one.wording.clone()).unwrap_or_default()
    } else {
        section.title.clone()
    };
    let mut cut = Document {
        id: section.id,
        name: section.name.clone(),
        title,
        languages: document.languages.clone(),
        default_language: document.default_language.clone(),
        lists: document.lists.iter().filter(|one| lists.contains(&one.name)).cloned().collect(),
        rosters: document
            .rosters
            .iter()
            .filter(|one| rosters.contains(&one.name))
            .cloned()
            .collect(),
        sections: vec![section],
        ..Document::default()
    };
    // A section has the identity of the document that it is in nowhere else.
    cut.id = fit::document_identity(cut.id);
    let known = known(&cut);
    cut.checks =
        document.checks.iter().filter(|one| is_within(&one.expression, &known)).cloned().collect();
    Block { shape, document: cut }
}

/// The rosters that a section is asked for, with those that these go over.
fn rosters_of(document: &Document, section: &Section, questions: &[&Question]) -> BTreeSet<String> {
    let each = section.with_inner().into_iter().filter_map(|one| one.each.as_ref());
    let mut found: BTreeSet<String> = each.map(|each| each.roster.clone()).collect();
    found.extend(questions.iter().filter_map(|one| match &one.kind {
        Kind::Selection(selection) => Some(selection.roster.clone()),
        _ => None,
    }));
    loop {
        let more =
            document.rosters.iter().filter(|one| found.contains(&one.name)).filter_map(|one| {
                match &one.members {
                    Members::Others { roster, .. } => Some(roster.clone()),
                    _ => None,
                }
            });
        let more: Vec<String> = more.filter(|name| !found.contains(name)).collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

/// What expressions and texts of a document may name: what takes an answer, and rosters.
fn known(document: &Document) -> BTreeSet<String> {
    let questions = document.questions();
    let mut found: BTreeSet<String> = document.rosters.iter().map(|one| one.name.clone()).collect();
    for question in questions {
        found.insert(question.name.clone());
        found.extend(question.items().into_iter().map(|item| item.name.into_owned()));
    }
    found
}

/// Whether a name is in there: by itself, or a roster's answers by its roster.
fn is_known(name: &str, known: &BTreeSet<String>) -> bool {
    known.contains(name)
        || name
            .rsplit_once('.')
            .is_some_and(|(roster, own)| known.contains(roster) && known.contains(own))
}

/// Whether an expression names something and nothing that is not in there.
fn is_within(expression: &str, known: &BTreeSet<String>) -> bool {
    let (named, _) = texts_in(expression);
    !named.is_empty() && named.iter().all(|name| is_known(name, known))
}

impl Block {
    /// Its sections, pages and questions, lists, rosters and checks that are the block
    /// itself: the section that only holds it is not.
    pub fn own(&self) -> Vec<ItemId> {
        let skipped = self.holder();
        let parts = self.document.parts();
        parts.iter().map(|(_, part)| part.id()).filter(|id| Some(*id) != skipped).collect()
    }

    /// The section that only holds the block, where it is not one itself.
    pub fn holder(&self) -> Option<ItemId> {
        let section = self.document.sections.first().map(|section| section.id);
        section.filter(|_| self.shape != Shape::Section)
    }

    /// The question of a block that is one question, else its number of questions.
    pub fn questions(&self) -> usize {
        self.document.questions().count()
    }

    /// What it names that is not in it, each once a place.
    pub fn outside(&self) -> Vec<Outside> {
        let known = known(&self.document);
        let mut found: BTreeSet<Outside> = BTreeSet::new();
        let mut look = |place: &str, expression: &str| {
            for name in texts_in(expression).0 {
                if !is_known(&name, &known) {
                    found.insert(Outside { place: place.to_owned(), name });
                }
            }
        };
        for (_, part) in self.document.parts() {
            match part {
                Part::Section(section) => {
                    section.relevant.iter().for_each(|text| look(&section.name, text));
                    let filter = section.each.as_ref().and_then(|each| each.filter.as_ref());
                    if let Some(text) = filter {
                        look(&section.name, text);
                    }
                }
                Part::Page(page) => page.relevant.iter().for_each(|text| look(&page.name, text)),
                Part::Question(question) => {
                    let mut question = question.clone();
                    let name = question.name.clone();
                    question.each_expression(&mut |text| look(&name, text));
                }
                Part::Roster(roster) => match &roster.members {
                    Members::Count { expression, .. } => look(&roster.name, expression),
                    Members::Chosen { question } | Members::Listed { question } => {
                        look(&roster.name, &format!("${{{question}}}"));
                    }
                    _ => {}
                },
                Part::Row(_) | Part::List(_) | Part::Option(_) | Part::Check(_) => {}
            }
        }
        self.document.clone().each_text(|worded| {
            for said in worded.text.0.values() {
                for one in insertions(said) {
                    if !is_known(one.name, &known) && !matches!(one.name, "you" | "You") {
                        let (place, name) = (worded.place.to_owned(), one.name.to_owned());
                        found.insert(Outside { place, name });
                    }
                }
            }
        });
        found.into_iter().collect()
    }

    /// The names of the files that go with it: pictures, sounds and films.
    pub fn media(&self) -> BTreeSet<String> {
        let questions = self.document.questions().flat_map(|one| &one.media);
        let files = questions.flat_map(|one| one.file.0.values().cloned());
        let options = self.document.lists.iter().flat_map(|list| &list.options);
        let named = files.chain(options.filter_map(|option| option.image.clone()));
        named.filter(|name| !name.is_empty()).collect()
    }

    /// The languages in which every text is that is there in any: a block is in them.
    pub fn languages(&self) -> Vec<String> {
        let mut document = self.document.clone();
        let said = |text: &Text| !text.is_empty();
        let mut lacking: BTreeSet<String> = BTreeSet::new();
        let codes: Vec<String> =
            self.document.languages.iter().map(|one| one.code.clone()).collect();
        document.each_text(|worded| {
            if worded.item.is_some() && said(worded.text) {
                lacking.extend(codes.iter().filter(|code| !worded.text.is_in(code)).cloned());
            }
        });
        codes.into_iter().filter(|code| !lacking.contains(code)).collect()
    }

    /// Everything that it says, in every language, for finding it by its words.
    pub fn words(&self) -> String {
        let mut said: Vec<String> = Vec::new();
        self.document.clone().each_text(|worded| said.extend(worded.text.0.values().cloned()));
        said.join(" ")
    }
}
