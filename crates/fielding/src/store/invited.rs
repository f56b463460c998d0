//! People who were asked to work here and have not come yet.

use diesel::prelude::*;

use super::schema::invited_people;
use super::{Connection, Id, Instant};
use crate::error::Error;
use crate::rules::access::Role;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable, Selectable)]
#[diesel(table_name = invited_people)]
pub struct Invited {
    /// Identity.
    pub id: Id,
    /// The address, in small letters; one invitation each.
    pub email: String,
    /// The name, as whoever invites wrote it.
    pub name: String,
    /// The language of the letter and of the pages to come.
    pub language: String,
    /// Where the role will be held.
    pub unit_id: Id,
    /// The role.
    pub role: Role,
    /// Who invites.
    pub invited_by: Id,
    /// When.
    pub invited_at: Instant,
    /// The keyed hash of the link's token; none before the letter is written.
    pub token_hash: Option<Vec<u8>>,
    /// Until when the link works.
    pub expires_at: Option<Instant>,
    /// When the letter left.
    pub sent_at: Option<Instant>,
    /// Why it did not; empty where it did, or has not been tried.
    pub problem: String,
}

/// Adds one; a second one with the same address is a conflict.
pub fn insert(connection: &mut Connection, invited: &Invited) -> Result<(), Error> {
    diesel::insert_into(invited_people::table).values(invited.clone()).execute(connection)?;
    Ok(())
}

/// The one with that identity.
pub fn find(connection: &mut Connection, id: Id) -> Result<Option<Invited>, Error> {
    Ok(invited_people::table.find(id).first(connection).optional()?)
}

/// The one with that address.
pub fn find_by_email(connection: &mut Connection, email: &str) -> Result<Option<Invited>, Error> {
    let own = invited_people::table.filter(invited_people::email.eq(email.to_owned()));
    Ok(own.first(connection).optional()?)
}

/// Whose link that is, while it works.
pub fn find_by_token(
    connection: &mut Connection,
    token_hash: &[u8],
    now: Instant,
) -> Result<Option<Invited>, Error> {
    Ok(invited_people::table
        .filter(invited_people::token_hash.eq(token_hash.to_vec()))
        .filter(invited_people::expires_at.ge(now))
        .first(connection)
        .optional()?)
}

/// Those who were asked into one of the units, the first first.
pub fn of_units(connection: &mut Connection, units: &[Id]) -> Result<Vec<Invited>, Error> {
    Ok(invited_people::table
        .filter(invited_people::unit_id.eq_any(units.to_vec()))
        .order((invited_people::invited_at.asc(), invited_people::id.asc()))
        .load(connection)?)
}

/// Gives an invitation a link in the place of any before it.
pub fn set_link(
    connection: &mut Connection,
    id: Id,
    token_hash: &[u8],
    expires_at: Instant,
) -> Result<(), Error> {
    diesel::update(invited_people::table.find(id))
        .set((
            invited_people::token_hash.eq(token_hash.to_vec()),
            invited_people::expires_at.eq(expires_at),
        ))
        .execute(connection)?;
    Ok(())
}

/// Says who invites.
pub fn set_inviter(connection: &mut Connection, id: Id, by: Id) -> Result<(), Error> {
    diesel::update(invited_people::table.find(id))
        .set(invited_people::invited_by.eq(by))
        .execute(connection)?;
    Ok(())
}

/// Notes what came of the letter: when it left, or why it did not.
pub fn set_sent(
    connection: &mut Connection,
    id: Id,
    sent_at: Option<Instant>,
    problem: &str,
) -> Result<(), Error> {
    diesel::update(invited_people::table.find(id))
        .set((invited_people::sent_at.eq(sent_at), invited_people::problem.eq(problem)))
        .execute(connection)?;
    Ok(())
}

/// Deletes one. Returns how many there were.
pub fn delete(connection: &mut Connection, id: Id) -> Result<usize, Error> {
    Ok(diesel::delete(invited_people::table.find(id)).execute(connection)?)
}
