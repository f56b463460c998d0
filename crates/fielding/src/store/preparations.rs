//! What is prepared in portions: nobody sees it until the row here goes, so that
//! no writer is held for long and nobody sees half of it.

use diesel::prelude::*;

use super::schema::preparations;
use super::{Connection, Id, Instant};
use crate::error::{Clash, Error};
use crate::rules::states::Prepared;

/// Rows of a portion: few enough that whoever saves a page meanwhile waits some two
/// milliseconds for one.
pub const PORTION: usize = 160;

/// [`PORTION`], as a statement takes it.
pub fn limit() -> i64 {
    i64::try_from(PORTION).unwrap_or(i64::MAX)
}

/// One preparation.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable, Selectable)]
#[diesel(table_name = preparations)]
pub struct Preparation {
    /// Identity; a sample's own while it is stored.
    pub id: Id,
    /// The study.
    pub study_id: Id,
    /// What is prepared.
    pub what: Prepared,
    /// When the last portion came.
    pub touched_at: Instant,
}

/// Begins one.
pub fn begin(connection: &mut Connection, new: &Preparation) -> Result<(), Error> {
    diesel::insert_into(preparations::table).values(new.clone()).execute(connection)?;
    Ok(())
}

/// A portion came. Returns whether the preparation is still there: one that was
/// taken back is not gone on with.
pub fn touch(connection: &mut Connection, id: Id, now: Instant) -> Result<bool, Error> {
    let touched = diesel::update(preparations::table.find(id))
        .set(preparations::touched_at.eq(now))
        .execute(connection)?;
    Ok(touched == 1)
}

/// Ends one: what was prepared is there. Returns whether there was one.
pub fn end(connection: &mut Connection, id: Id) -> Result<bool, Error> {
    Ok(diesel::delete(preparations::table.find(id)).execute(connection)? == 1)
}

/// What is being prepared in a study now.
pub fn of_study(connection: &mut Connection, study: Id) -> Result<Vec<Prepared>, Error> {
    Ok(preparations::table
        .filter(preparations::study_id.eq(study))
        .order(preparations::id.asc())
        .select(preparations::what)
        .load(connection)?)
}

/// Refuses while something of these sorts is prepared in a study.
///
/// # Errors
///
/// [`Clash::Preparing`].
pub fn require_none(
    connection: &mut Connection,
    study: Id,
    sorts: &[Prepared],
) -> Result<(), Error> {
    let preparing: i64 = preparations::table
        .filter(preparations::study_id.eq(study))
        .filter(preparations::what.eq_any(sorts.to_vec()))
        .count()
        .get_result(connection)?;
    if preparing > 0 { Err(Error::Conflict(Clash::Preparing)) } else { Ok(()) }
}

/// Those to which nothing came since `before`: whoever prepared them has died.
pub fn stopped(connection: &mut Connection, before: Instant) -> Result<Vec<Preparation>, Error> {
    Ok(preparations::table
        .filter(preparations::touched_at.lt(before))
        .order(preparations::id.asc())
        .load(connection)?)
}
