//! A block as it stands in one draft: identities of its own there, and names that
//! nothing else has.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::super::answer::ItemId;
use super::super::document::{Document, Kind, Members, Question, Section};
use super::super::expression::{renamed, texts_in};
use super::super::operation::{Part, inserted, members};
use super::{Block, known};

/// The namespace of the identities of documents that are cut out.
const CUT_NAMESPACE: Uuid = Uuid::from_u128(0x5a0d_a6e0_0003_4c5e_9a3e_7b1f_2d4c_6e88);

/// The identity of the document that is cut out with a section.
pub(super) fn document_identity(section: ItemId) -> ItemId {
    Uuid::new_v5(&CUT_NAMESPACE, section.as_bytes())
}

/// The identity that a part of a block has where it was put in.
pub(super) fn identity_in(insertion: Uuid, part: ItemId) -> ItemId {
    Uuid::new_v5(&insertion, part.as_bytes())
}

/// A block that was cut out of a draft into which an earlier version was put, with the
/// identities and names that its parts had in that version: so that a block that was
/// changed in a draft is a new version of itself. What is new in it keeps its own.
pub fn original(changed: &Block, insertion: Uuid, before: &Block) -> Block {
    let mut back: BTreeMap<ItemId, ItemId> = BTreeMap::new();
    before.document.clone().each_identity(&mut |id| {
        back.insert(identity_in(insertion, *id), *id);
    });
    let mut block = changed.clone();
    block.document.each_identity(&mut |id| {
        if let Some(was) = back.get(id) {
            *id = *was;
        }
    });
    // What holds the block is the same, whatever it is in the draft.
    let is_held = block.holder().is_some();
    if let (Some(holder), Some(section)) = (before.holder(), block.document.sections.first_mut())
        && is_held
    {
        section.id = holder;
    }
    block.document.id = before.document.id;
    block.document.name.clone_from(&before.document.name);
    let tables =
        Tables::of(&block.document, &before.document, &block, before.holder(), &mut Vec::new());
    tables.follow(&mut block.document);
    block
}

/// A block as it would stand in a draft.
pub(super) struct Fitted {
    /// It.
    pub document: Document,
    /// What is called otherwise there: before, after.
    pub renamed: Vec<(String, String)>,
}

/// Fits a block into a draft: parts that are in the draft already keep the names that
/// they have there, others get names that nothing has.
pub(super) fn fit(block: &Block, insertion: Uuid, draft: &Document) -> Fitted {
    let mut document = block.document.clone();
    document.each_identity(&mut |id| *id = identity_in(insertion, *id));
    for question in questions_mut(&mut document) {
        question.number = None;
    }
    let holder = block.holder().map(|id| identity_in(insertion, id));
    let mut told = Vec::new();
    let tables = Tables::of(&document, draft, block, holder, &mut told);
    tables.follow(&mut document);
    Fitted { document, renamed: told }
}

fn questions_mut(document: &mut Document) -> impl Iterator<Item = &mut Question> {
    document.pages_mut().into_iter().flat_map(|page| &mut page.questions)
}

/// What is called otherwise, by what may share a name: a page may be called as its
/// question, and a list as the question that has it.
struct Tables {
    /// What expressions mean: questions, rows, boxes, rosters, and what is called by them.
    meant: BTreeMap<String, String>,
    lists: BTreeMap<String, String>,
    /// Sections and pages.
    places: BTreeMap<String, String>,
    checks: BTreeMap<String, String>,
}

/// Things of one sort, with their names.
type Named = Vec<(ItemId, String)>;

fn lists(document: &Document) -> Named {
    document.lists.iter().map(|one| (one.id, one.name.clone())).collect()
}

fn checks(document: &Document) -> Named {
    document.checks.iter().map(|one| (one.id, one.name.clone())).collect()
}

/// Sections and pages; the section that only holds the block is called nothing in the
/// draft.
fn places(document: &Document, holder: Option<ItemId>) -> Named {
    let parts = document.parts();
    let named = parts.iter().filter_map(|(_, part)| match part {
        Part::Section(one) => Some((one.id, one.name.clone())),
        Part::Page(one) => Some((one.id, one.name.clone())),
        _ => None,
    });
    named.filter(|(id, _)| Some(*id) != holder).collect()
}

/// What expressions mean by a name of its own.
fn things(document: &Document) -> Named {
    let mut found = Named::new();
    for (_, part) in document.parts() {
        match part {
            Part::Question(one) => {
                found.push((one.id, one.name.clone()));
                let other = one.kind.choice().and_then(|one| one.other.as_ref());
                found.extend(other.map(|other| (other.id, other.name.clone())));
            }
            Part::Row(one) => found.push((one.id, one.name.clone())),
            Part::Roster(one) => found.push((one.id, one.name.clone())),
            _ => {}
        }
    }
    found
}

/// What of one sort is called otherwise: parts that the draft has keep the names that
/// they have there, others get names that nothing of the sort has.
fn table(
    own: Named,
    there: Named,
    more: &BTreeSet<String>,
    told: &mut Vec<(String, String)>,
) -> BTreeMap<String, String> {
    let names: BTreeSet<String> = own.iter().map(|(_, name)| name.clone()).collect();
    let mut used: BTreeSet<String> = there.iter().map(|(_, name)| name.clone()).collect();
    used.extend(more.iter().cloned());
    let held: BTreeMap<ItemId, String> = there.into_iter().collect();
    let mut table = BTreeMap::new();
    for (id, old) in own {
        let new = held.get(&id).cloned().unwrap_or_else(|| free(&old, &used, &names));
        used.insert(new.clone());
        if new != old {
            told.push((old.clone(), new.clone()));
            table.insert(old, new);
        }
    }
    table
}

/// What expressions mean, and what is called by it: cells, and parts of an answer.
fn meant(
    document: &Document,
    draft: &Document,
    block: &Block,
    told: &mut Vec<(String, String)>,
) -> BTreeMap<String, String> {
    // What the block means by a name that is not in it, nothing of it may be called; nor
    // as a cell of the draft.
    let mut more: BTreeSet<String> = block.outside().into_iter().map(|one| one.name).collect();
    more.extend(known(draft));
    let mut table = table(things(document), things(draft), &more, told);
    for question in document.questions() {
        let mut after = question.clone();
        rename_question(&mut after, &table);
        let (before, after) = (question.items(), after.items());
        for (was, is) in before.iter().zip(&after).filter(|(was, is)| was.name != is.name) {
            table.insert(was.name.to_string(), is.name.to_string());
        }
    }
    table
}

/// A name that nothing has: it as it is, or with the first number that is free.
fn free(name: &str, used: &BTreeSet<String>, own: &BTreeSet<String>) -> String {
    if !used.contains(name) {
        return name.to_owned();
    }
    let numbered = (2_u32..).map(|number| format!("{name}_{number}"));
    let is_free = |name: &String| !used.contains(name) && !own.contains(name);
    numbered.into_iter().find(is_free).unwrap_or_default()
}

fn set(name: &mut String, table: &BTreeMap<String, String>) {
    if let Some(new) = table.get(name) {
        name.clone_from(new);
    }
}

/// The names that a question has of its own.
fn rename_question(question: &mut Question, table: &BTreeMap<String, String>) {
    set(&mut question.name, table);
    match &mut question.kind {
        Kind::Battery(battery) => battery.rows.iter_mut().for_each(|row| set(&mut row.name, table)),
        Kind::Grid(grid) => grid.rows.iter_mut().for_each(|row| set(&mut row.name, table)),
        kind => {
            let other = kind.choice_mut().and_then(|choice| choice.other.as_mut());
            if let Some(other) = other {
                set(&mut other.name, table);
            }
        }
    }
}

impl Tables {
    /// How the parts of a block are called in a draft; `holder` is what only holds them.
    fn of(
        document: &Document,
        draft: &Document,
        block: &Block,
        holder: Option<ItemId>,
        told: &mut Vec<(String, String)>,
    ) -> Self {
        let none = BTreeSet::new();
        Self {
            meant: meant(document, draft, block, told),
            lists: table(lists(document), lists(draft), &none, told),
            places: table(places(document, holder), places(draft, holder), &none, told),
            checks: table(checks(document), checks(draft), &none, told),
        }
    }

    fn section(&self, section: &mut Section) {
        set(&mut section.name, &self.places);
        if let Some(each) = &mut section.each {
            set(&mut each.roster, &self.meant);
        }
        for block in &mut section.blocks {
            match block {
                super::Standing::Section(inner) => self.section(inner),
                super::Standing::Page(page) => set(&mut page.name, &self.places),
            }
        }
    }

    /// Calls everything as the tables say, and follows it: in expressions, in texts that
    /// insert an answer, and wherever a list or a roster is meant.
    fn follow(&self, document: &mut Document) {
        for section in &mut document.sections {
            section.each_expression(&mut |text| *text = renamed(text, &self.meant));
            self.section(section);
        }
        for check in &mut document.checks {
            check.expression = renamed(&check.expression, &self.meant);
            set(&mut check.name, &self.checks);
        }
        for roster in &mut document.rosters {
            roster.members = members(&roster.members, &self.meant);
            if let Members::Others { roster, .. } = &mut roster.members {
                set(roster, &self.meant);
            }
            set(&mut roster.name, &self.meant);
        }
        for list in &mut document.lists {
            set(&mut list.name, &self.lists);
        }
        for question in questions_mut(document) {
            rename_question(question, &self.meant);
            question.kind.each_list(&mut |name| set(name, &self.lists));
            for constraint in &mut question.constraints {
                constraint.message = inserted(&constraint.message, &self.meant);
            }
            if let Kind::Selection(selection) = &mut question.kind {
                set(&mut selection.roster, &self.meant);
            }
        }
        document.each_text(|worded| {
            if worded.slot.is_some() {
                *worded.text = inserted(worded.text, &self.meant);
            }
        });
    }
}

/// Whether something named outside a block is there in a draft.
pub(super) fn is_there(name: &str, draft: &Document) -> bool {
    texts_in(name).0.iter().all(|name| super::is_known(name, &known(draft)))
}
