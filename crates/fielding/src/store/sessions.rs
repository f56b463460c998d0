//! Sessions: who is signed in, by what device, since when, and what a sign-in still
//! waits for. Of a session's token there is only the keyed hash.

use diesel::prelude::*;

use super::schema::{sessions, users};
use super::{Connection, Id, Instant};
use crate::error::Error;
use crate::rules::states::SessionStage;
use crate::store::people::User;

/// One session.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = sessions)]
pub struct Session {
    /// The keyed hash of its token.
    pub token_hash: Vec<u8>,
    /// By what it is named on pages.
    pub id: Id,
    /// Whose it is.
    pub user_id: Id,
    /// When it began.
    pub created_at: Instant,
    /// When it ends by itself.
    pub expires_at: Instant,
    /// The device, in plain words; empty where nothing is known.
    pub device: String,
    /// When it was last used, to the hour.
    pub seen_at: Instant,
    /// What it still waits for.
    pub stage: SessionStage,
}

/// Opens a session, and forgets those that have expired.
pub fn insert(connection: &mut Connection, session: &Session) -> Result<(), Error> {
    let over = sessions::expires_at.lt(session.created_at);
    diesel::delete(sessions::table.filter(over)).execute(connection)?;
    diesel::insert_into(sessions::table).values(session.clone()).execute(connection)?;
    Ok(())
}

/// An unexpired session and its user, unless disabled.
pub fn find(
    connection: &mut Connection,
    token_hash: &[u8],
    now: Instant,
) -> Result<Option<(Session, User)>, Error> {
    Ok(sessions::table
        .inner_join(users::table)
        .filter(sessions::token_hash.eq(token_hash.to_vec()))
        .filter(sessions::expires_at.gt(now))
        .filter(users::disabled.eq(false))
        .select((sessions::all_columns, users::all_columns))
        .first(connection)
        .optional()?)
}

/// The sessions of a user that are open to everything, the one used last first.
pub fn of_user(connection: &mut Connection, user: Id, now: Instant) -> Result<Vec<Session>, Error> {
    Ok(sessions::table
        .filter(sessions::user_id.eq(user))
        .filter(sessions::expires_at.gt(now))
        .filter(sessions::stage.ne(SessionStage::Code))
        .order((sessions::seen_at.desc(), sessions::created_at.desc()))
        .load(connection)?)
}

/// Until when each of the users was last here, as far as sessions still tell.
pub fn last_seen(connection: &mut Connection, users: &[Id]) -> Result<Vec<(Id, Instant)>, Error> {
    Ok(sessions::table
        .filter(sessions::user_id.eq_any(users.to_vec()))
        .filter(sessions::stage.ne(SessionStage::Code))
        .order(sessions::seen_at.asc())
        .select((sessions::user_id, sessions::seen_at))
        .load(connection)?)
}

/// Ends a session.
pub fn delete(connection: &mut Connection, token_hash: &[u8]) -> Result<usize, Error> {
    let own = sessions::table.filter(sessions::token_hash.eq(token_hash.to_vec()));
    Ok(diesel::delete(own).execute(connection)?)
}

/// Ends one of a user's sessions by its name. Returns how many there were.
pub fn delete_of_user(connection: &mut Connection, user: Id, id: Id) -> Result<usize, Error> {
    let own = sessions::user_id.eq(user).and(sessions::id.eq(id));
    Ok(diesel::delete(sessions::table.filter(own)).execute(connection)?)
}

/// Ends every session of a user, but the one that is kept, if any. Returns how many.
pub fn delete_all(connection: &mut Connection, user: Id, kept: Option<Id>) -> Result<usize, Error> {
    let all = sessions::table.filter(sessions::user_id.eq(user));
    Ok(match kept {
        Some(kept) => diesel::delete(all.filter(sessions::id.ne(kept))).execute(connection)?,
        None => diesel::delete(all).execute(connection)?,
    })
}

/// Notes that a session was used.
pub fn set_seen(connection: &mut Connection, id: Id, at: Instant) -> Result<(), Error> {
    diesel::update(sessions::table.filter(sessions::id.eq(id)))
        .set(sessions::seen_at.eq(at))
        .execute(connection)?;
    Ok(())
}

/// Lets every session of a user that waits for a second factor to be set up wait no
/// longer.
pub fn release_setup(connection: &mut Connection, user: Id) -> Result<(), Error> {
    let waiting = sessions::user_id.eq(user).and(sessions::stage.eq(SessionStage::Setup));
    diesel::update(sessions::table.filter(waiting))
        .set(sessions::stage.eq(SessionStage::Whole))
        .execute(connection)?;
    Ok(())
}

/// Lets every session of a user wait until a second factor is set up.
pub fn demand_setup(connection: &mut Connection, user: Id) -> Result<(), Error> {
    let open = sessions::user_id.eq(user).and(sessions::stage.eq(SessionStage::Whole));
    diesel::update(sessions::table.filter(open))
        .set(sessions::stage.eq(SessionStage::Setup))
        .execute(connection)?;
    Ok(())
}
