//! One operation, exactly as it says.

use std::collections::HashSet;

use super::super::answer::ItemId;
use super::super::document::{Document, Slot, Text};
use super::property::{Property, swap};
use super::{Conflict, Draft, Node, Operation, Place, Refusal};

impl Draft {
    /// A draft of a document about which nobody disagrees.
    pub fn of(mut document: Document) -> Self {
        // A text that says nothing is one that is not there, so that what is written
        // and taken back leaves the draft as it was.
        document.each_text(|worded| worded.text.0.retain(|_, said| !said.is_empty()));
        Self { document, conflicts: Vec::new() }
    }

    /// The text that stands there in that language, empty where nobody wrote one.
    /// `None` where there is no such place.
    pub(super) fn said(&mut self, slot: Slot, language: &str) -> Option<String> {
        let read = |text: &mut Text| text.0.get(language).cloned();
        self.document.change_text(slot, read).map(Option::unwrap_or_default)
    }

    fn conflict(&self, conflict: &Conflict) -> Option<usize> {
        self.conflicts.iter().position(|one| one == conflict)
    }
}

impl Operation {
    /// Does it, and gives what takes it back. Where it is refused, nothing is changed.
    ///
    /// # Errors
    ///
    /// Anything that is not as the operation says: see [`Refusal`].
    pub fn apply(&self, draft: &mut Draft) -> Result<Self, Refusal> {
        match self {
            Self::Insert { node, at } => insert(draft, node, *at),
            Self::Remove { item, from } => remove(draft, *item, *from),
            Self::Move { item, from, to } => shift(draft, *item, (*from, *to)),
            Self::Write { item, role, language, was, now } => {
                write(draft, (*item, *role), language, (was, now))?;
                let (was, now, language) = (now.clone(), was.clone(), language.clone());
                Ok(Self::Write { item: *item, role: *role, language, was, now })
            }
            Self::Confirm { item, role, language, was, now } => {
                draft.said((*item, *role), language).ok_or(Refusal::Gone)?;
                let (was, now, language) = (now.clone(), was.clone(), language.clone());
                Ok(Self::Confirm { item: *item, role: *role, language, was, now })
            }
            Self::Set { item, was, now } => {
                let old = swap(&mut draft.document, *item, now.clone())?;
                if !old.agrees(was, *item) {
                    swap(&mut draft.document, *item, old)?;
                    return Err(Refusal::ChangedSince);
                }
                // A kind brings its rows with it: none may be another question's.
                if matches!(now, Property::Kind(_)) && has_twins(&draft.document) {
                    swap(&mut draft.document, *item, old)?;
                    return Err(Refusal::Twice);
                }
                // What stands there now may hold texts that stayed.
                let set = swap(&mut draft.document, *item, old.clone())?;
                swap(&mut draft.document, *item, set.clone())?;
                Ok(Self::Set { item: *item, was: set, now: old })
            }
            Self::Dispute(conflict) => {
                if draft.conflict(conflict).is_some() {
                    return Err(Refusal::Twice);
                }
                draft.conflicts.push(conflict.clone());
                draft.conflicts.sort_by(Conflict::order);
                Ok(Self::Settle(conflict.clone()))
            }
            Self::Settle(conflict) => {
                let at = draft.conflict(conflict).ok_or(Refusal::Gone)?;
                draft.conflicts.remove(at);
                Ok(Self::Dispute(conflict.clone()))
            }
        }
    }

    /// The part that it is about.
    pub fn item(&self) -> ItemId {
        match self {
            Self::Insert { node, .. } => node.id(),
            Self::Remove { item, .. }
            | Self::Move { item, .. }
            | Self::Write { item, .. }
            | Self::Confirm { item, .. }
            | Self::Set { item, .. }
            | Self::Dispute(Conflict { item, .. })
            | Self::Settle(Conflict { item, .. }) => *item,
        }
    }

    /// Everything that it reaches: the part, and where it came from or goes.
    pub(super) fn reaches(&self) -> Vec<ItemId> {
        let places: &[Place] = match self {
            Self::Insert { at, .. } => &[*at],
            Self::Remove { from, .. } => &[*from],
            Self::Move { from, to, .. } => &[*from, *to],
            _ => &[],
        };
        let parents = places.iter().map(|place| place.parent);
        std::iter::once(self.item()).chain(parents).collect()
    }
}

impl Conflict {
    fn order(&self, other: &Self) -> std::cmp::Ordering {
        let key = |one: &Self| (one.item, one.role, one.language.clone(), one.second.clone());
        key(self).cmp(&key(other))
    }
}

/// Whether two things have the same identity.
fn has_twins(document: &Document) -> bool {
    let mut seen = HashSet::new();
    document.identities().into_iter().any(|id| !seen.insert(id))
}

fn insert(draft: &mut Draft, node: &Node, at: Place) -> Result<Operation, Refusal> {
    let there: HashSet<ItemId> = draft.document.identities().into_iter().collect();
    if node.identities().iter().any(|id| there.contains(id)) {
        return Err(Refusal::Twice);
    }
    draft.document.put(node.clone(), at)?;
    Ok(Operation::Remove { item: node.id(), from: at })
}

fn remove(draft: &mut Draft, item: ItemId, from: Place) -> Result<Operation, Refusal> {
    let (node, at) = draft.document.take(item).ok_or(Refusal::Gone)?;
    if at != from {
        draft.document.put(node, at)?;
        return Err(Refusal::ChangedSince);
    }
    Ok(Operation::Insert { node, at })
}

fn shift(
    draft: &mut Draft,
    item: ItemId,
    (from, to): (Place, Place),
) -> Result<Operation, Refusal> {
    let (node, at) = draft.document.take(item).ok_or(Refusal::Gone)?;
    let inside = node.identities().contains(&to.parent);
    let refused = if inside {
        Some(Refusal::WithinItself)
    } else if at != from {
        Some(Refusal::ChangedSince)
    } else {
        draft.document.put(node.clone(), to).err()
    };
    if let Some(refusal) = refused {
        draft.document.put(node, at)?;
        return Err(refusal);
    }
    Ok(Operation::Move { item, from: to, to: from })
}

fn write(
    draft: &mut Draft,
    slot: Slot,
    language: &str,
    (was, now): (&str, &str),
) -> Result<(), Refusal> {
    let done = draft.document.change_text(slot, |text| {
        if text.0.get(language).map_or("", String::as_str) != was {
            return Err(Refusal::ChangedSince);
        }
        if now.is_empty() {
            text.0.remove(language);
        } else {
            text.0.insert(language.to_owned(), now.to_owned());
        }
        Ok(())
    });
    done.unwrap_or(Err(Refusal::Gone))
}
