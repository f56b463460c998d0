//! A block put into a draft, as operations.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::super::answer::ItemId;
use super::super::document::{Block as Standing, Document};
use super::super::operation::compose::{page_place, section_place};
use super::super::operation::{Node, Operation, Place};
use super::fit::{fit, is_there};
use super::{Block, Outside, Shape};

/// What puts a block into a draft, and what is to be told about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Inserted {
    /// What does it, in order.
    pub wishes: Vec<Operation>,
    /// The first question of it, or it itself where it has none.
    pub first: ItemId,
    /// What is called otherwise in the draft: before, after.
    pub renamed: Vec<(String, String)>,
    /// What it names that is not in it, and whether the draft has something of that name.
    pub outside: Vec<(Outside, bool)>,
    /// Languages of the draft in which some of its texts are missing.
    pub untranslated: Vec<String>,
    /// Its languages that the draft has not: the words come along and wait.
    pub unread: Vec<String>,
    /// Files that it shows: they must be sent to the study.
    pub media: Vec<String>,
}

/// Puts a block after a part of a draft: a section after the outermost one around the
/// part, pages after its page. `insertion` makes the identities; the same gives the same.
/// `None` where the block is empty.
pub fn insert(block: &Block, insertion: Uuid, draft: &Document, after: ItemId) -> Option<Inserted> {
    let fitted = fit(block, insertion, draft);
    let document = fitted.document;
    let mut wishes = Vec::new();
    let at_end = |last: Option<ItemId>| Place { parent: draft.id, after: last };
    let mut last = draft.lists.last().map(|one| one.id);
    for list in document.lists {
        let at = at_end(last.replace(list.id));
        wishes.push(Operation::Insert { node: Node::List(Box::new(list)), at });
    }
    let mut last = draft.rosters.last().map(|one| one.id);
    for roster in document.rosters {
        let at = at_end(last.replace(roster.id));
        wishes.push(Operation::Insert { node: Node::Roster(Box::new(roster)), at });
    }
    let section = document.sections.into_iter().next()?;
    let questions = section.with_inner().into_iter().flat_map(super::Section::own_pages);
    let first = questions.flat_map(|page| &page.questions).map(|one| one.id).next();
    let first = first.unwrap_or(section.id);
    match page_place(draft, after).filter(|_| block.shape != Shape::Section) {
        Some(mut at) => {
            for standing in section.blocks {
                let node = match standing {
                    Standing::Page(page) => Node::Page(Box::new(page)),
                    Standing::Section(inner) => Node::Section(Box::new(inner)),
                };
                let next = Place::after(at.parent, node.id());
                wishes.push(Operation::Insert { node, at });
                at = next;
            }
        }
        None => {
            let at = section_place(draft, after);
            wishes.push(Operation::Insert { node: Node::Section(Box::new(section)), at });
        }
    }
    let mut last = draft.checks.last().map(|one| one.id);
    for check in document.checks {
        let at = at_end(last.replace(check.id));
        wishes.push(Operation::Insert { node: Node::Check(Box::new(check)), at });
    }
    let spoken: BTreeSet<String> = block.languages().into_iter().collect();
    let has = |code: &str| draft.languages.iter().any(|one| one.code == code);
    let outside = block.outside().into_iter();
    Some(Inserted {
        wishes,
        first,
        renamed: fitted.renamed,
        outside: outside
            .map(|one| (is_there(&one.name, draft), one))
            .map(|(is, one)| (one, is))
            .collect(),
        untranslated: draft
            .languages
            .iter()
            .filter(|one| !spoken.contains(&one.code))
            .map(|one| one.code.clone())
            .collect(),
        unread: spoken.iter().filter(|code| !has(code)).cloned().collect(),
        media: block.media().into_iter().collect(),
    })
}
