//! The library: blocks that units keep, their versions, and the drafts into which they
//! were put.

use std::collections::BTreeMap;

use diesel::prelude::*;
use survey_builder::questionnaire::library::Block;

use super::column::Json;
use super::schema::{block_uses, block_versions, blocks, studies, users};
use super::{Connection, Id, Instant};
use crate::error::Error;
use crate::rules::states::{BlockShape, StudyStatus};

/// A block of a unit, without what it says.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable, Selectable)]
#[diesel(table_name = blocks)]
pub struct BlockRow {
    /// Identity.
    pub id: Id,
    /// The unit whose block it is.
    pub unit_id: Id,
    /// Its name, unique in the unit.
    pub name: String,
    /// What its newest version is.
    pub shape: BlockShape,
    /// The codes of the languages in which it is whole, parted by spaces.
    pub languages: String,
    /// How many questions it has.
    pub questions: i64,
    /// What it says, without what spellings differ in.
    pub words: String,
    /// Its newest version.
    pub number: i64,
    /// When that was saved.
    pub changed_at: Instant,
    /// Since when it is offered no more.
    pub withdrawn_at: Option<Instant>,
}

/// A version of a block.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = block_versions)]
pub struct BlockVersion {
    /// The block.
    pub block_id: Id,
    /// 1, 2, …
    pub number: i64,
    /// What it says.
    pub block: Json<Block>,
    /// The study whose draft it was cut out of, while there is one.
    pub study_id: Option<Id>,
    /// The last edit of that draft.
    pub draft_number: i64,
    /// The number of its published version.
    pub version_number: Option<i64>,
    /// What was changed, in the words of who saved it.
    pub note: String,
    /// Who saved it.
    pub made_by: Id,
    /// When.
    pub made_at: Instant,
}

/// What a list says of a version.
#[derive(Clone, Debug, Queryable)]
pub struct ListedVersion {
    /// 1, 2, …
    pub number: i64,
    /// The study whose draft it was cut out of, while there is one.
    pub study_id: Option<Id>,
    /// The number of that draft's published version.
    pub version_number: Option<i64>,
    /// What was changed.
    pub note: String,
    /// When it was saved.
    pub made_at: Instant,
    /// The name of who did.
    pub author: String,
}

/// A block that was put into a draft.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable, Selectable)]
#[diesel(table_name = block_uses)]
pub struct BlockUse {
    /// Identity, of which the identities in the draft are made.
    pub id: Id,
    /// The study.
    pub study_id: Id,
    /// The block: a unit's, or one that the program ships with.
    pub block_id: Id,
    /// The version that was put in or taken last.
    pub number: i64,
    /// Who put it in.
    pub made_by: Id,
    /// When.
    pub made_at: Instant,
}

/// A study into which a block was put.
#[derive(Clone, Debug, Queryable)]
pub struct UsedIn {
    /// The use.
    pub id: Id,
    /// The version.
    pub number: i64,
    /// The study.
    pub study: Id,
    /// The unit that it is in.
    pub unit: Id,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub status: StudyStatus,
}

/// Adds a block.
pub fn insert(connection: &mut Connection, block: &BlockRow) -> Result<(), Error> {
    diesel::insert_into(blocks::table).values(block.clone()).execute(connection)?;
    Ok(())
}

/// The block with that identity.
pub fn find(connection: &mut Connection, id: Id) -> Result<Option<BlockRow>, Error> {
    Ok(blocks::table.find(id).first(connection).optional()?)
}

/// How many blocks a unit has, and whether one of them but `but` has that name.
pub fn names(
    connection: &mut Connection,
    unit: Id,
    name: &str,
    but: Option<Id>,
) -> Result<(usize, bool), Error> {
    let own: Vec<(Id, String)> = blocks::table
        .filter(blocks::unit_id.eq(unit))
        .select((blocks::id, blocks::name))
        .load(connection)?;
    let taken = own.iter().any(|(id, own)| own == name && Some(*id) != but);
    Ok((own.len(), taken))
}

/// The blocks of units that are offered, by name.
pub fn offered(
    connection: &mut Connection,
    units: &[Id],
    limit: i64,
) -> Result<Vec<BlockRow>, Error> {
    Ok(blocks::table
        .filter(blocks::unit_id.eq_any(units.to_vec()))
        .filter(blocks::withdrawn_at.is_null())
        .order((blocks::name, blocks::id))
        .limit(limit)
        .load(connection)?)
}

/// Adds a version.
pub fn insert_version(connection: &mut Connection, version: &BlockVersion) -> Result<(), Error> {
    diesel::insert_into(block_versions::table).values(version.clone()).execute(connection)?;
    Ok(())
}

/// A version of a block.
pub fn version(
    connection: &mut Connection,
    block: Id,
    number: i64,
) -> Result<Option<BlockVersion>, Error> {
    Ok(block_versions::table.find((block, number)).first(connection).optional()?)
}

/// The versions of a block, the newest first.
pub fn versions_of(connection: &mut Connection, block: Id) -> Result<Vec<ListedVersion>, Error> {
    Ok(block_versions::table
        .inner_join(users::table.on(users::id.eq(block_versions::made_by)))
        .filter(block_versions::block_id.eq(block))
        .order(block_versions::number.desc())
        .select((
            block_versions::number,
            block_versions::study_id,
            block_versions::version_number,
            block_versions::note,
            block_versions::made_at,
            users::name,
        ))
        .load(connection)?)
}

/// The blocks that were cut out of the draft of a study.
pub fn of_study(connection: &mut Connection, study: Id) -> Result<Vec<Id>, Error> {
    Ok(block_versions::table
        .filter(block_versions::study_id.eq(study))
        .select(block_versions::block_id)
        .distinct()
        .order(block_versions::block_id)
        .load(connection)?)
}

/// What the newest version of a block is.
pub fn set_newest(connection: &mut Connection, block: &BlockRow) -> Result<(), Error> {
    diesel::update(blocks::table.find(block.id))
        .set((
            blocks::shape.eq(block.shape),
            blocks::languages.eq(block.languages.clone()),
            blocks::questions.eq(block.questions),
            blocks::words.eq(block.words.clone()),
            blocks::number.eq(block.number),
            blocks::changed_at.eq(block.changed_at),
        ))
        .execute(connection)?;
    Ok(())
}

/// Gives a block another name.
pub fn rename(connection: &mut Connection, block: Id, name: &str) -> Result<(), Error> {
    diesel::update(blocks::table.find(block)).set(blocks::name.eq(name)).execute(connection)?;
    Ok(())
}

/// Offers a block no more. Returns whether it was offered.
pub fn withdraw(connection: &mut Connection, block: Id, now: Instant) -> Result<bool, Error> {
    let offered = blocks::table.find(block).filter(blocks::withdrawn_at.is_null());
    let done = diesel::update(offered).set(blocks::withdrawn_at.eq(now)).execute(connection)?;
    Ok(done == 1)
}

/// Adds a use.
pub fn insert_use(connection: &mut Connection, used: &BlockUse) -> Result<(), Error> {
    diesel::insert_into(block_uses::table).values(used.clone()).execute(connection)?;
    Ok(())
}

/// A use in the draft of a study.
pub fn use_of(connection: &mut Connection, study: Id, id: Id) -> Result<Option<BlockUse>, Error> {
    let own = block_uses::table.find(id).filter(block_uses::study_id.eq(study));
    Ok(own.first(connection).optional()?)
}

/// What was put into the draft of a study, in order.
pub fn uses_of_study(connection: &mut Connection, study: Id) -> Result<Vec<BlockUse>, Error> {
    Ok(block_uses::table
        .filter(block_uses::study_id.eq(study))
        .order((block_uses::made_at, block_uses::id))
        .load(connection)?)
}

/// Says which version of a block a draft has taken.
pub fn set_taken(connection: &mut Connection, id: Id, number: i64) -> Result<(), Error> {
    diesel::update(block_uses::table.find(id))
        .set(block_uses::number.eq(number))
        .execute(connection)?;
    Ok(())
}

/// The studies into which a block was put, the newest first.
pub fn used_in(connection: &mut Connection, block: Id, limit: i64) -> Result<Vec<UsedIn>, Error> {
    Ok(block_uses::table
        .inner_join(studies::table.on(studies::id.eq(block_uses::study_id)))
        .filter(block_uses::block_id.eq(block))
        .filter(studies::deleted_at.is_null())
        .order((block_uses::made_at.desc(), block_uses::id.desc()))
        .limit(limit)
        .select((
            block_uses::id,
            block_uses::number,
            studies::id,
            studies::unit_id,
            studies::name,
            studies::status,
        ))
        .load(connection)?)
}

/// Into how many studies of some units each block was put.
pub fn counts(connection: &mut Connection, units: &[Id]) -> Result<BTreeMap<Id, usize>, Error> {
    let all: Vec<(Id, Id)> = block_uses::table
        .inner_join(studies::table.on(studies::id.eq(block_uses::study_id)))
        .filter(studies::unit_id.eq_any(units.to_vec()))
        .filter(studies::deleted_at.is_null())
        .select((block_uses::block_id, block_uses::study_id))
        .distinct()
        .load(connection)?;
    let mut counts = BTreeMap::new();
    for (block, _) in all {
        *counts.entry(block).or_default() += 1;
    }
    Ok(counts)
}
