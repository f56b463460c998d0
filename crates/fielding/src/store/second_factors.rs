//! Second factors: the sealed secret of somebody's application, the last step that
//! was used of it, and the keyed hashes of recovery codes.

use diesel::prelude::*;

use super::schema::{recovery_codes, second_factors};
use super::{Connection, Id, Instant};
use crate::error::Error;

/// One second factor.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = second_factors)]
pub struct SecondFactor {
    /// Whose it is.
    pub user_id: Id,
    /// The secret, sealed for that person.
    pub sealed: Vec<u8>,
    /// Since when.
    pub since: Instant,
    /// The step (of thirty seconds) whose code was used last.
    pub last_step: i64,
}

/// Keeps one.
pub fn insert(connection: &mut Connection, factor: &SecondFactor) -> Result<(), Error> {
    diesel::insert_into(second_factors::table).values(factor.clone()).execute(connection)?;
    Ok(())
}

/// Somebody's, if there is one.
pub fn find(connection: &mut Connection, user: Id) -> Result<Option<SecondFactor>, Error> {
    Ok(second_factors::table.find(user).first(connection).optional()?)
}

/// Which of the users have one.
pub fn who_has_one(connection: &mut Connection, users: &[Id]) -> Result<Vec<Id>, Error> {
    Ok(second_factors::table
        .filter(second_factors::user_id.eq_any(users.to_vec()))
        .select(second_factors::user_id)
        .load(connection)?)
}

/// Notes the step that was used.
pub fn set_last_step(connection: &mut Connection, user: Id, step: i64) -> Result<(), Error> {
    diesel::update(second_factors::table.find(user))
        .set(second_factors::last_step.eq(step))
        .execute(connection)?;
    Ok(())
}

/// Takes somebody's away, with the recovery codes. Returns whether there was one.
pub fn delete(connection: &mut Connection, user: Id) -> Result<bool, Error> {
    delete_codes(connection, user)?;
    Ok(diesel::delete(second_factors::table.find(user)).execute(connection)? == 1)
}

/// Keeps recovery codes.
pub fn insert_codes(
    connection: &mut Connection,
    user: Id,
    hashes: &[Vec<u8>],
) -> Result<(), Error> {
    for hash in hashes {
        let row = (recovery_codes::code_hash.eq(hash.clone()), recovery_codes::user_id.eq(user));
        diesel::insert_into(recovery_codes::table).values(row).execute(connection)?;
    }
    Ok(())
}

/// Uses up a recovery code. Returns whether it was one.
pub fn take_code(connection: &mut Connection, user: Id, hash: &[u8]) -> Result<bool, Error> {
    let own = recovery_codes::user_id.eq(user).and(recovery_codes::code_hash.eq(hash.to_vec()));
    Ok(diesel::delete(recovery_codes::table.filter(own)).execute(connection)? == 1)
}

/// How many recovery codes somebody has left.
pub fn codes_left(connection: &mut Connection, user: Id) -> Result<i64, Error> {
    let own = recovery_codes::table.filter(recovery_codes::user_id.eq(user));
    Ok(own.count().get_result(connection)?)
}

/// Ends somebody's recovery codes.
pub fn delete_codes(connection: &mut Connection, user: Id) -> Result<(), Error> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user)))
        .execute(connection)?;
    Ok(())
}
