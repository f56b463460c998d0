//! What an author asks for of several questions at once.

use std::collections::BTreeSet;

use super::super::super::answer::ItemId;
use super::super::super::document::{Document, Kind, Question};
use super::super::{Draft, Operation, Part, Place, Property};
use super::page_place;

/// Where several questions go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// After a question.
    After(ItemId),
    /// To the beginning of a section.
    Into(ItemId),
    /// Before everything.
    First,
}

/// What goes as one: whole pages where all of their questions are meant, single questions
/// where the page keeps others. In the order of the document.
fn wholes<'a>(document: &'a Document, items: &BTreeSet<ItemId>) -> Vec<Part<'a>> {
    let mut found = Vec::new();
    for (_, page) in document.pages() {
        let meant = page.questions.iter().filter(|question| items.contains(&question.id));
        let meant: Vec<&Question> = meant.collect();
        if !meant.is_empty() && meant.len() == page.questions.len() {
            found.push(Part::Page(page));
        } else {
            found.extend(meant.into_iter().map(Part::Question));
        }
    }
    found
}

/// Does one thing after the other on a copy, so that each says where its part was by then.
/// What could not be done is left out.
fn in_turn(
    document: &Document,
    parts: &[Part<'_>],
    mut wish: impl FnMut(ItemId, Place) -> Operation,
) -> Vec<Operation> {
    let mut draft = Draft::of(document.clone());
    let mut done = Vec::new();
    for item in parts.iter().map(Part::id) {
        let Some(from) = draft.document.place(item) else { continue };
        let operation = wish(item, from);
        if operation.apply(&mut draft).is_ok() {
            done.push(operation);
        }
    }
    done
}

/// Takes questions away, their pages with them where nothing is left on these.
pub fn remove_several(document: &Document, items: &BTreeSet<ItemId>) -> Vec<Operation> {
    in_turn(document, &wholes(document, items), |item, from| Operation::Remove { item, from })
}

/// Moves questions behind one another, in the order that they have: whole pages after the
/// page of the target, a question that leaves others behind onto that page. `None` where
/// the target is not there, is among them, or has no place for them.
pub fn move_several(
    document: &Document,
    items: &BTreeSet<ItemId>,
    target: Target,
) -> Option<Vec<Operation>> {
    let (mut pages, mut questions) = places(document, items, target)?;
    let parts = wholes(document, items);
    let whole: BTreeSet<ItemId> =
        parts.iter().filter(|part| matches!(part, Part::Page(_))).map(Part::id).collect();
    if questions.is_none() && whole.len() < parts.len() {
        return None;
    }
    let moves = in_turn(document, &parts, |item, from| {
        let to = if whole.contains(&item) {
            &mut pages
        } else {
            questions.as_mut().unwrap_or(&mut pages)
        };
        let operation = Operation::Move { item, from, to: *to };
        to.after = Some(item);
        operation
    });
    Some(moves)
}

/// Where pages and single questions go; the latter only where the target has a page.
fn places(
    document: &Document,
    items: &BTreeSet<ItemId>,
    target: Target,
) -> Option<(Place, Option<Place>)> {
    match target {
        Target::After(question) if items.contains(&question) => None,
        Target::After(question) => {
            let (_, page) = document
                .pages()
                .find(|(_, page)| page.questions.iter().any(|one| one.id == question))?;
            Some((page_place(document, page.id)?, Some(Place::after(page.id, question))))
        }
        Target::Into(section) => {
            let section = document.all_sections().into_iter().find(|one| one.id == section)?;
            Some((Place::first(section.id), None))
        }
        Target::First => Some((Place::first(document.sections.first()?.id), None)),
    }
}

/// Lets questions choose from the options of another. What chose from options keeps all
/// else that it says; what did not becomes what the other is. `None` where the other has
/// no list of options.
pub fn same_options(
    document: &Document,
    items: &BTreeSet<ItemId>,
    source: ItemId,
) -> Option<Vec<Operation>> {
    let source = document.questions().find(|question| question.id == source)?;
    let list = source.kind.choice().map(|choice| choice.list.as_str());
    let list = list.or(match &source.kind {
        Kind::Battery(battery) => Some(battery.list.as_str()),
        _ => None,
    })?;
    let kind = if source.kind.choice().is_some() { source.kind.name() } else { "single" };
    let mut wishes = Vec::new();
    for question in document.questions().filter(|one| items.contains(&one.id)) {
        let mut now = question.kind.clone();
        match &mut now {
            Kind::Battery(battery) => list.clone_into(&mut battery.list),
            other => match other.choice_mut() {
                Some(choice) => list.clone_into(&mut choice.list),
                None => now = question.kind.converted(kind, list)?,
            },
        }
        if now != question.kind {
            let was = Property::Kind(Box::new(question.kind.clone()));
            let now = Property::Kind(Box::new(now));
            wishes.push(Operation::Set { item: question.id, was, now });
        }
    }
    Some(wishes)
}
