//! What an author wished, done to the draft as others have made it since; and what an
//! author did, taken back.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::super::answer::ItemId;
use super::super::words;
use super::{Conflict, Draft, Operation, Part, Place, Refusal};

/// What an edit is in its author's line of edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Something new.
    Change,
    /// The edit of that number is taken back.
    Undo(i64),
    /// The undoing of that number is taken back.
    Redo(i64),
}

/// What one author did at once, as it was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    /// Its place in the order of all edits, from 1.
    pub number: i64,
    /// Who did it.
    pub author: Uuid,
    /// What it is in its author's line.
    pub step: Step,
    /// What was done, in order.
    pub operations: Vec<Operation>,
    /// What takes it back, in the order in which it does.
    pub inverses: Vec<Operation>,
}

/// What became of wishes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// What was done, in order.
    pub operations: Vec<Operation>,
    /// What takes it back, in the order in which it does.
    pub inverses: Vec<Operation>,
    /// What could not be done, with the words that were in it, and why.
    pub refused: Vec<(Operation, Refusal)>,
}

impl Outcome {
    fn refuse(wish: &Operation, refusal: Refusal) -> Self {
        Self { refused: vec![(wish.clone(), refusal)], ..Self::default() }
    }

    /// Whether nothing was done and nothing refused: it was so already.
    pub fn is_nothing(&self) -> bool {
        self.operations.is_empty() && self.refused.is_empty()
    }
}

/// Does what an author wished who has seen the draft before the edits `since`. What
/// cannot be done is refused alone; the rest is done.
pub fn perform(draft: &mut Draft, wishes: &[Operation], since: &[Edit]) -> Outcome {
    let mut outcome = Outcome::default();
    for wish in wishes {
        let fitted = fit(draft, wish, since);
        let done = fitted.and_then(|operations| apply_all(draft, &operations));
        match done {
            Ok(done) => {
                outcome.operations.extend(done.operations);
                outcome.inverses.splice(0..0, done.inverses);
            }
            Err(refusal) => outcome.refused.push((wish.clone(), refusal)),
        }
    }
    outcome
}

/// All of them, or none.
fn apply_all(draft: &mut Draft, operations: &[Operation]) -> Result<Outcome, Refusal> {
    let mut done = Outcome::default();
    for operation in operations {
        match operation.apply(draft) {
            Ok(inverse) => {
                done.operations.push(operation.clone());
                done.inverses.insert(0, inverse);
            }
            Err(refusal) => {
                for inverse in &done.inverses {
                    inverse.apply(draft)?;
                }
                return Err(refusal);
            }
        }
    }
    Ok(done)
}

/// A place in the draft as it is: where the neighbour has gone since, what stood
/// before it then; where nothing of that stands there either, the first place of the
/// right parent, which is better than none.
fn standing(draft: &Draft, mut place: Place, since: &[Edit]) -> Place {
    let parts = draft.document.parts();
    let stands = |place: Place| {
        let here = |(at, part): &(Place, Part<'_>)| {
            at.parent == place.parent && place.after == Some(part.id())
        };
        place.after.is_none() || parts.iter().any(here)
    };
    for operation in since.iter().flat_map(|edit| &edit.operations) {
        if stands(place) {
            return place;
        }
        let (Operation::Remove { item, from } | Operation::Move { item, from, .. }) = operation
        else {
            continue;
        };
        if place.after == Some(*item) && from.parent == place.parent {
            place.after = from.after;
        }
    }
    if stands(place) { place } else { Place::first(place.parent) }
}

/// A wish as operations that say exactly what is there now; none where it is so already.
fn fit(draft: &mut Draft, wish: &Operation, since: &[Edit]) -> Result<Vec<Operation>, Refusal> {
    Ok(match wish {
        Operation::Insert { node, at } => {
            vec![Operation::Insert { node: node.clone(), at: standing(draft, *at, since) }]
        }
        Operation::Remove { item, .. } => {
            // Somebody else took it away already: it is as was wished.
            let from = draft.document.place(*item);
            from.map(|from| Operation::Remove { item: *item, from }).into_iter().collect()
        }
        Operation::Move { item, to, .. } => {
            let from = draft.document.place(*item).ok_or(Refusal::Gone)?;
            let to = standing(draft, *to, since);
            let stays = to == from || to.after == Some(*item);
            if stays { Vec::new() } else { vec![Operation::Move { item: *item, from, to }] }
        }
        Operation::Write { .. } => written(draft, wish)?,
        Operation::Set { item, was, now } if was.agrees(now, *item) => Vec::new(),
        Operation::Set { .. } | Operation::Settle(_) | Operation::Confirm { .. } => {
            vec![wish.clone()]
        }
        // Only two texts that meet make one.
        Operation::Dispute(_) => return Err(Refusal::DoesNotFit),
    })
}

/// A text that is written, with what others wrote in it since.
fn written(draft: &mut Draft, wish: &Operation) -> Result<Vec<Operation>, Refusal> {
    let Operation::Write { item, role, language, was: common, now: second } = wish else {
        return Ok(Vec::new());
    };
    let first = draft.said((*item, *role), language).ok_or(Refusal::Gone)?;
    let merged = words::merge(common, &first, second);
    let mut operations = Vec::new();
    if merged.overlap {
        let (common, second) = (common.clone(), second.clone());
        let conflict = Conflict {
            item: *item,
            role: *role,
            language: language.clone(),
            common,
            first: merged.text.clone(),
            second,
        };
        if draft.conflicts.iter().all(|one| *one != conflict) {
            operations.push(Operation::Dispute(conflict));
        }
    }
    if merged.text != first {
        operations.insert(
            0,
            Operation::Write {
                item: *item,
                role: *role,
                language: language.clone(),
                was: first,
                now: merged.text,
            },
        );
    }
    Ok(operations)
}

/// Takes an edit back, as far as what others did since allows: `since` are the edits
/// after it. Words of others are never taken away with it.
pub fn take_back(draft: &mut Draft, edit: &Edit, since: &[Edit]) -> Outcome {
    let others: Vec<&Edit> = since.iter().filter(|one| one.author != edit.author).collect();
    let mut outcome = Outcome::default();
    for inverse in &edit.inverses {
        let one = match taken_back(draft, inverse, since, &others) {
            Ok(operations) => apply_all(draft, &operations),
            Err(refusal) => Err(refusal),
        };
        let one = one.unwrap_or_else(|refusal| Outcome::refuse(inverse, refusal));
        outcome.operations.extend(one.operations);
        outcome.inverses.splice(0..0, one.inverses);
        outcome.refused.extend(one.refused);
    }
    outcome
}

/// What takes one operation back; refused where that would undo what others did.
fn taken_back(
    draft: &mut Draft,
    inverse: &Operation,
    since: &[Edit],
    others: &[&Edit],
) -> Result<Vec<Operation>, Refusal> {
    let theirs = || others.iter().flat_map(|edit| &edit.operations);
    let met = match inverse {
        // What was put in goes: unless somebody else has worked on it.
        Operation::Remove { item, .. } => {
            let within: BTreeSet<ItemId> = draft
                .document
                .part(*item)
                .map(|(node, _)| node.identities().into_iter().collect())
                .unwrap_or_default();
            theirs().any(|one| one.reaches().iter().any(|id| within.contains(id)))
        }
        // What was moved goes back: unless somebody else has moved it on.
        Operation::Move { item, .. } => {
            theirs().any(|one| matches!(one, Operation::Move { item: moved, .. } if moved == item))
        }
        _ => false,
    };
    if met {
        return Err(Refusal::ChangedSince);
    }
    if let Operation::Dispute(_) = inverse {
        return Ok(vec![inverse.clone()]);
    }
    let operations = fit(draft, inverse, since)?;
    let disputed = operations.iter().any(|one| matches!(one, Operation::Dispute(_)));
    if disputed { Err(Refusal::ChangedSince) } else { Ok(operations) }
}

/// What an author's next undo takes back, and what the next redo: the lines of edits
/// that the author's own make, in order.
fn lines(own: &[(i64, Step)]) -> (Vec<i64>, Vec<i64>) {
    let (mut done, mut undone) = (Vec::new(), Vec::new());
    for (number, step) in own {
        match step {
            Step::Change => {
                done.push(*number);
                undone.clear();
            }
            Step::Undo(of) => {
                done.retain(|one| one != of);
                undone.push(*number);
            }
            Step::Redo(of) => {
                undone.retain(|one| one != of);
                done.push(*number);
            }
        }
    }
    (done, undone)
}

/// The number of the edit that an author's next undo takes back; `own` are the numbers
/// and steps of the author's edits, in order.
pub fn next_undo(own: &[(i64, Step)]) -> Option<i64> {
    lines(own).0.pop()
}

/// The number of the undoing that an author's next redo takes back.
pub fn next_redo(own: &[(i64, Step)]) -> Option<i64> {
    lines(own).1.pop()
}
