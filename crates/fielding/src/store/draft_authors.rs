//! Who has a draft open, so that authors see one another.

use diesel::prelude::*;

use super::schema::{draft_authors, users};
use super::{Connection, Id, Instant};
use crate::error::Error;

/// Seconds after which somebody who was not heard of is there no longer.
pub const ABSENT_SECONDS: i64 = 45;

/// Seconds after which it is put down again that somebody is still there.
pub const HEARD_SECONDS: i64 = 15;

/// Where somebody is in a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// At that part, or at none.
    At(Option<Id>),
    /// Still where they were.
    AsBefore,
}

/// Somebody who has a draft open.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Present {
    /// Who.
    pub user: Id,
    /// Their name.
    pub name: String,
    /// What they have chosen.
    pub item: Option<Id>,
}

/// Who has the draft of a study open at a moment, by name.
pub fn present(
    connection: &mut Connection,
    study: Id,
    now: Instant,
) -> Result<Vec<Present>, Error> {
    Ok(draft_authors::table
        .inner_join(users::table.on(users::id.eq(draft_authors::user_id)))
        .filter(draft_authors::study_id.eq(study))
        .filter(draft_authors::seen_at.gt(now.plus_seconds(-ABSENT_SECONDS)))
        .order((users::name, users::id))
        .select((users::id, users::name, draft_authors::item_id))
        .load(connection)?)
}

/// What somebody has chosen in a draft, and when they were last heard of.
pub fn find(
    connection: &mut Connection,
    study: Id,
    user: Id,
) -> Result<Option<(Option<Id>, Instant)>, Error> {
    Ok(draft_authors::table
        .find((study, user))
        .select((draft_authors::item_id, draft_authors::seen_at))
        .first(connection)
        .optional()?)
}

/// Whether there is something to put down that is not known yet.
pub fn is_news(
    connection: &mut Connection,
    now: Instant,
    (study, author): (Id, Id),
    chosen: Chosen,
) -> Result<bool, Error> {
    Ok(match (find(connection, study, author)?, chosen) {
        (None, _) => true,
        (Some((before, _)), Chosen::At(item)) if before != item => true,
        (Some((_, seen)), _) => now >= seen.plus_seconds(HEARD_SECONDS),
    })
}

/// Puts down what somebody has chosen in a draft.
pub fn put(
    connection: &mut Connection,
    (study, user): (Id, Id),
    item: Option<Id>,
    now: Instant,
) -> Result<(), Error> {
    let values = (draft_authors::item_id.eq(item), draft_authors::seen_at.eq(now));
    let before = draft_authors::table.find((study, user));
    if diesel::update(before).set(values).execute(connection)? == 0 {
        let own = (draft_authors::study_id.eq(study), draft_authors::user_id.eq(user));
        diesel::insert_into(draft_authors::table).values((own, values)).execute(connection)?;
    }
    Ok(())
}

/// Forgets who was last heard of at a moment or before.
pub fn forget(connection: &mut Connection, study: Id, until: Instant) -> Result<(), Error> {
    let gone = draft_authors::study_id.eq(study).and(draft_authors::seen_at.le(until));
    diesel::delete(draft_authors::table.filter(gone)).execute(connection)?;
    Ok(())
}
