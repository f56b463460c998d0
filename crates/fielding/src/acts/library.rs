//! The library: parts of drafts are saved as blocks, blocks are put into drafts by
//! operations like any other, and what a newer version of one changes is taken there.

use std::collections::BTreeSet;

use survey_builder::plain::plain;
use survey_builder::questionnaire::library::{Block, Cut, Inserted, cut, insert, original, update};
use survey_builder::questionnaire::operation::{Operation, perform};
use uuid::Uuid;

use super::draft::{Edited, MOST_PARTS, draft_of, keep};
use crate::error::{Error, Missing, Problem};
use crate::rules::shipped;
use crate::rules::states::{AuditAction, EditStep};
use crate::store::blocks::{self, BlockRow, BlockUse, BlockVersion};
use crate::store::drafts::StoredDraft;
use crate::store::{Connection, Id, Instant, Json, audit, drafts, studies};

/// The most characters of a block's name.
pub const LONGEST_NAME: usize = 80;
/// The most characters of what is said of a version.
pub const LONGEST_NOTE: usize = 200;
/// Blocks that a unit may have, those that are offered no more too.
pub const MOST: usize = 500;
/// Characters of what a block says by which it is found.
const MOST_WORDS: usize = 20_000;

/// A block as it is offered: a unit's or one that the program ships with.
#[derive(Clone, Debug)]
pub struct Offered {
    /// Its version.
    pub number: i64,
    /// What it says.
    pub block: Block,
    /// Its name, by which the record knows it.
    pub name: String,
}

/// A version of a block; the newest where no number is given.
///
/// # Errors
///
/// No such block or version.
pub fn offered(
    connection: &mut Connection,
    block: Id,
    number: Option<i64>,
) -> Result<Offered, Error> {
    let missing = || Error::NotFound(Missing::Block);
    if let Some(own) = shipped::find(block.0) {
        let number = number.unwrap_or(own.number());
        let found = own.version(number).ok_or_else(missing)?.clone();
        return Ok(Offered { number, block: found, name: own.key.to_owned() });
    }
    let row = blocks::find(connection, block)?.ok_or_else(missing)?;
    let number = number.unwrap_or(row.number);
    let version = blocks::version(connection, block, number)?.ok_or_else(missing)?;
    Ok(Offered { number, block: version.block.into_inner(), name: row.name })
}

/// The part of a draft that is chosen.
fn cut_of(stored: &StoredDraft, item: Uuid) -> Result<Cut, Error> {
    let found = cut(&stored.draft.document, item).filter(|cut| cut.block.questions() > 0);
    found.ok_or_else(|| Error::invalid("block-nothing-chosen", "item"))
}

/// What is wrong with a name, if anything.
fn name_problem(
    connection: &mut Connection,
    (unit, block): (Id, Option<Id>),
    name: &str,
) -> Result<Option<Problem>, Error> {
    let (count, taken) = blocks::names(connection, unit, name, block)?;
    Ok(if name.is_empty() {
        Some(Problem::new("required", "name"))
    } else if name.chars().count() > LONGEST_NAME {
        Some(Problem::new("block-name-too-long", "name").with("most", LONGEST_NAME))
    } else if taken {
        Some(Problem::new("block-name-taken", "name"))
    } else if block.is_none() && count >= MOST {
        Some(Problem::new("too-many-blocks", "name").with("most", MOST))
    } else {
        None
    })
}

/// What is told of a block in lists and found by search.
fn described(row: BlockRow, block: &Block) -> BlockRow {
    let words: String = plain(&block.words()).chars().take(MOST_WORDS).collect();
    BlockRow {
        shape: block.shape.into(),
        languages: block.languages().join(" "),
        questions: i64::try_from(block.questions()).unwrap_or(i64::MAX),
        words,
        ..row
    }
}

/// Adds a version of a block that is cut out of a draft.
fn add_version(
    connection: &mut Connection,
    (now, author, study): (Instant, Id, Id),
    stored: &StoredDraft,
    (of, number, block): (Id, i64, Block),
    note: &str,
) -> Result<(), Error> {
    let published = match studies::current_version(connection, study)? {
        Some(version) => studies::version(connection, version)?.map(|version| version.number),
        None => None,
    };
    let version = BlockVersion {
        block_id: of,
        number,
        block: Json::new(block),
        study_id: Some(study),
        draft_number: stored.number,
        version_number: published,
        note: note.to_owned(),
        made_by: author,
        made_at: now,
    };
    blocks::insert_version(connection, &version)
}

/// Saves a part of a draft as a block of a unit.
///
/// # Errors
///
/// A part that is no block; a name that is empty, too long or taken, or more blocks than a
/// unit may have.
pub fn save_block(
    connection: &mut Connection,
    now: Instant,
    author: Id,
    study: Id,
    (item, unit, name): (Uuid, Id, &str),
) -> Result<Id, Error> {
    let stored = draft_of(connection, study)?;
    let block = cut_of(&stored, item)?.block;
    let name = name.trim();
    if let Some(problem) = name_problem(connection, (unit, None), name)? {
        return Err(Error::Invalid(vec![problem]));
    }
    let row = BlockRow {
        id: Id::rising(),
        unit_id: unit,
        name: name.to_owned(),
        shape: block.shape.into(),
        languages: String::new(),
        questions: 0,
        words: String::new(),
        number: 1,
        changed_at: now,
        withdrawn_at: None,
    };
    let row = described(row, &block);
    blocks::insert(connection, &row)?;
    add_version(connection, (now, author, study), &stored, (row.id, 1, block), "")?;
    let (action, subject) = (AuditAction::BlockSaved, study.to_string());
    audit::record(connection, now, Some(author), action, &subject, name)?;
    Ok(row.id)
}

/// Saves a part of a draft as the next version of a block: of the draft from which it was
/// cut, or of one into which it was put, which then has that version.
///
/// # Errors
///
/// A block that is not there or not offered any more; a part that is no block, that shares
/// nothing with it, or that is what it was; a note that is too long.
pub fn save_version(
    connection: &mut Connection,
    now: Instant,
    author: Id,
    study: Id,
    (item, block, note): (Uuid, Id, &str),
) -> Result<i64, Error> {
    let row = blocks::find(connection, block)?.filter(|row| row.withdrawn_at.is_none());
    let row = row.ok_or(Error::NotFound(Missing::Block))?;
    let note = note.trim();
    if note.chars().count() > LONGEST_NOTE {
        let problem = Problem::new("block-note-too-long", "note").with("most", LONGEST_NOTE);
        return Err(Error::Invalid(vec![problem]));
    }
    let stored = draft_of(connection, study)?;
    let cut = cut_of(&stored, item)?.block;
    let before = offered(connection, block, None)?.block;
    let (mut next, mut taken) = (cut.clone(), None);
    for used in blocks::uses_of_study(connection, study)? {
        if used.block_id != block {
            continue;
        }
        let put_in = offered(connection, block, Some(used.number))?.block;
        let found = original(&cut, used.id.0, &put_in);
        // Not what it was cut out of, which may stand in the same draft.
        if shares(&found, &put_in) && !shares(&cut, &put_in) {
            (next, taken) = (found, Some(used.id));
            break;
        }
    }
    if !shares(&next, &before) {
        return Err(Error::invalid("block-nothing-shared", "block"));
    }
    if next == before {
        return Err(Error::invalid("block-same", "block"));
    }
    let number = row.number + 1;
    let row = described(BlockRow { number, changed_at: now, ..row }, &next);
    blocks::set_newest(connection, &row)?;
    add_version(connection, (now, author, study), &stored, (block, number, next), note)?;
    if let Some(used) = taken {
        blocks::set_taken(connection, used, number)?;
    }
    let (action, subject) = (AuditAction::BlockSaved, study.to_string());
    let detail = format!("{} v{number}", row.name);
    audit::record(connection, now, Some(author), action, &subject, &detail)?;
    Ok(number)
}

/// Whether two blocks have a question of one identity.
fn shares(one: &Block, other: &Block) -> bool {
    let own: BTreeSet<Uuid> = other.document.questions().map(|one| one.id).collect();
    one.document.questions().any(|question| own.contains(&question.id))
}

/// What was put into a draft.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// What became of it.
    pub edited: Edited,
    /// The first question that was put in.
    pub first: Uuid,
}

/// Does what puts a block into a draft.
fn place(
    connection: &mut Connection,
    (now, author, study): (Instant, Id, Id),
    mut stored: StoredDraft,
    (sent_as, inserted): (Id, Inserted),
) -> Result<Placed, Error> {
    let outcome = perform(&mut stored.draft, &inserted.wishes, &[]);
    if stored.draft.document.identities().len() > MOST_PARTS {
        let problem = Problem::new("edit_too_large", "").with("most", MOST_PARTS);
        return Err(Error::Invalid(vec![problem]));
    }
    let step = (sent_as, EditStep::Change, None);
    let edited = keep(connection, now, (study, author), stored, step, outcome)?;
    Ok(Placed { edited, first: inserted.first })
}

/// Puts a version of a block into a draft, after a part of it. `None` where the same was
/// sent before.
///
/// # Errors
///
/// A block or version that is not there; a questionnaire that would become too large.
pub fn insert_block(
    connection: &mut Connection,
    now: Instant,
    author: Id,
    study: Id,
    (block, number, after, sent_as): (Id, i64, Uuid, Id),
) -> Result<Option<Placed>, Error> {
    let stored = draft_of(connection, study)?;
    if drafts::sent(connection, stored.questionnaire, sent_as)?.is_some() {
        return Ok(None);
    }
    let found = offered(connection, block, Some(number))?;
    let used = BlockUse {
        id: Id::rising(),
        study_id: study,
        block_id: block,
        number,
        made_by: author,
        made_at: now,
    };
    let inserted = insert(&found.block, used.id.0, &stored.draft.document, after);
    let inserted = inserted.ok_or(Error::NotFound(Missing::Block))?;
    let placed = place(connection, (now, author, study), stored, (sent_as, inserted))?;
    blocks::insert_use(connection, &used)?;
    let (action, subject) = (AuditAction::BlockInserted, study.to_string());
    let detail = format!("{} v{number}", found.name);
    audit::record(connection, now, Some(author), action, &subject, &detail)?;
    Ok(Some(placed))
}

/// Puts a part of one draft into another, as a block that nobody keeps. `None` where the
/// same was sent before.
///
/// # Errors
///
/// A part that is not there (any more) or is no block; a questionnaire that would become
/// too large.
pub fn copy_part(
    connection: &mut Connection,
    now: Instant,
    author: Id,
    study: Id,
    (from, item, after, sent_as): (Id, Uuid, Uuid, Id),
) -> Result<Option<Placed>, Error> {
    let stored = draft_of(connection, study)?;
    if drafts::sent(connection, stored.questionnaire, sent_as)?.is_some() {
        return Ok(None);
    }
    let source = studies::require(connection, from)?;
    let block = cut_of(&draft_of(connection, from)?, item)?.block;
    let inserted = insert(&block, Id::rising().0, &stored.draft.document, after);
    let inserted = inserted.ok_or(Error::NotFound(Missing::Block))?;
    let placed = place(connection, (now, author, study), stored, (sent_as, inserted))?;
    let (action, subject) = (AuditAction::PartCopied, study.to_string());
    audit::record(connection, now, Some(author), action, &subject, &source.name)?;
    Ok(Some(placed))
}

/// What of a newer version an author takes into a draft.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The use.
    pub used: Id,
    /// The draft as it was seen, by its last edit.
    pub seen: i64,
    /// The version that was seen.
    pub number: i64,
    /// The changes that are taken, by their names.
    pub changes: BTreeSet<String>,
    /// The author's own name for it.
    pub sent_as: Id,
}

/// Takes what an author chose of a newer version of a block into a draft; what was not
/// chosen stays as it is there, and the draft has that version from then on.
///
/// # Errors
///
/// A use or version that is not there; a draft that was edited since it was seen: what
/// would be lost by it was not shown.
pub fn take_update(
    connection: &mut Connection,
    now: Instant,
    author: Id,
    study: Id,
    taken: &Taken,
) -> Result<Edited, Error> {
    let mut stored = draft_of(connection, study)?;
    if let Some(before) = drafts::sent(connection, stored.questionnaire, taken.sent_as)? {
        return Ok(Edited { number: stored.number, refused: before.refused.into_inner() });
    }
    let used = blocks::use_of(connection, study, taken.used)?;
    let used = used.ok_or(Error::NotFound(Missing::Block))?;
    if stored.number != taken.seen {
        return Err(Error::invalid("draft_changed_since", ""));
    }
    let before = offered(connection, used.block_id, Some(used.number))?.block;
    let after = offered(connection, used.block_id, Some(taken.number))?;
    let found = update(&before, &after.block, used.id.0, &stored.draft.document);
    let chosen = found.changes.iter().filter(|one| taken.changes.contains(&one.key()));
    let chosen: Vec<Operation> = chosen.flat_map(|one| one.operations.clone()).collect();
    blocks::set_taken(connection, used.id, taken.number)?;
    let (action, subject) = (AuditAction::BlockUpdated, study.to_string());
    let detail = format!("{} v{}", after.name, taken.number);
    audit::record(connection, now, Some(author), action, &subject, &detail)?;
    if chosen.is_empty() {
        return Ok(Edited { number: stored.number, refused: Vec::new() });
    }
    let wishes: Vec<Operation> = found.needed.into_iter().chain(chosen).collect();
    let outcome = perform(&mut stored.draft, &wishes, &[]);
    let step = (taken.sent_as, EditStep::Change, None);
    keep(connection, now, (study, author), stored, step, outcome)
}

/// Gives a block another name.
///
/// # Errors
///
/// A block that is not there; a name that is empty, too long or taken.
pub fn rename_block(
    connection: &mut Connection,
    now: Instant,
    author: Id,
    (block, name): (Id, &str),
) -> Result<(), Error> {
    let row = blocks::find(connection, block)?.ok_or(Error::NotFound(Missing::Block))?;
    let name = name.trim();
    if row.name == name {
        return Ok(());
    }
    if let Some(problem) = name_problem(connection, (row.unit_id, Some(block)), name)? {
        return Err(Error::Invalid(vec![problem]));
    }
    blocks::rename(connection, block, name)?;
    let (action, subject) = (AuditAction::BlockRenamed, block.to_string());
    audit::record(connection, now, Some(author), action, &subject, name)
}

/// Offers a block no more; drafts that have it keep it.
///
/// # Errors
///
/// A block that is not there.
pub fn withdraw_block(
    connection: &mut Connection,
    now: Instant,
    author: Id,
    block: Id,
) -> Result<(), Error> {
    let row = blocks::find(connection, block)?.ok_or(Error::NotFound(Missing::Block))?;
    if !blocks::withdraw(connection, block, now)? {
        return Ok(());
    }
    let (action, subject) = (AuditAction::BlockWithdrawn, block.to_string());
    audit::record(connection, now, Some(author), action, &subject, &row.name)
}
