//! A draft as it was before some edits: gone back to for looking, or brought back by
//! operations that can themselves be taken back.

use uuid::Uuid;

use super::{Draft, Edit, Operation, Outcome, Refusal, Step, take_back};

/// Makes a draft what it was before its last edits, which must be exactly those.
///
/// # Errors
///
/// Edits that are not those that were done last.
pub fn rewind(draft: &mut Draft, edits: &[Edit]) -> Result<(), Refusal> {
    for inverse in edits.iter().rev().flat_map(|edit| &edit.inverses) {
        inverse.apply(draft)?;
    }
    Ok(())
}

/// Takes edits back that came one after another, whoever did them. What was done `since`
/// stays: where it meets what is taken back, that is refused and told.
pub fn restore(draft: &mut Draft, edits: &[Edit], since: &[Edit]) -> Outcome {
    let number = edits.last().map_or(0, |edit| edit.number);
    // Nobody's, so that everything since is somebody else's.
    let author = Uuid::nil();
    let inverses = joined(edits.iter().rev().flat_map(|edit| &edit.inverses));
    let whole = Edit { number, author, step: Step::Change, operations: Vec::new(), inverses };
    take_back(draft, &whole, since)
}

/// Operations with what was written in one text again and again written once. A text is
/// followed only as long as nothing but texts changes: after that it may be another's.
fn joined<'a>(operations: impl Iterator<Item = &'a Operation>) -> Vec<Operation> {
    let mut joined: Vec<Operation> = Vec::new();
    let mut first = 0;
    for operation in operations {
        let Operation::Write { item, role, language, now, .. } = operation else {
            joined.push(operation.clone());
            first = joined.len();
            continue;
        };
        let same = |one: &&mut Operation| matches!(one, Operation::Write { item: i, role: r, language: l, .. } if (i, r, l) == (item, role, language));
        match joined[first..].iter_mut().find(same) {
            Some(Operation::Write { now: last, .. }) => last.clone_from(now),
            _ => joined.push(operation.clone()),
        }
    }
    // What came to where it began is no change.
    joined.retain(|one| !matches!(one, Operation::Write { was, now, .. } if was == now));
    joined
}
