//! Letters to accounts that somebody asked for and that wait to be sent: to an
//! address as it was typed, whether or not there is an account.

use diesel::prelude::*;

use super::schema::account_letters;
use super::{Connection, Id, Instant};
use crate::error::Error;
use crate::rules::states::AccountLetterKind;

/// One letter that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable, Selectable)]
#[diesel(table_name = account_letters)]
pub struct AccountLetter {
    /// Identity.
    pub id: Id,
    /// The address as it was typed, in small letters.
    pub email: String,
    /// When it was asked for.
    pub asked_at: Instant,
    /// Not before.
    pub due_at: Instant,
    /// What it is.
    pub kind: AccountLetterKind,
}

impl AccountLetter {
    /// A letter that is due at once.
    pub fn new(email: &str, kind: AccountLetterKind, now: Instant) -> Self {
        Self { id: Id::rising(), email: email.to_owned(), asked_at: now, due_at: now, kind }
    }
}

/// Queues a letter.
pub fn queue(connection: &mut Connection, letter: &AccountLetter) -> Result<(), Error> {
    diesel::insert_into(account_letters::table).values(letter.clone()).execute(connection)?;
    Ok(())
}

/// Whether a letter is due.
pub fn any_due(connection: &mut Connection, now: Instant) -> Result<bool, Error> {
    Ok(account_letters::table
        .filter(account_letters::due_at.le(now))
        .select(account_letters::id)
        .first::<Id>(connection)
        .optional()?
        .is_some())
}

/// Takes back the letters of a kind to an address that have not been sent.
pub fn withdraw(
    connection: &mut Connection,
    email: &str,
    kind: AccountLetterKind,
) -> Result<(), Error> {
    let waits = account_letters::email.eq(email.to_owned()).and(account_letters::kind.eq(kind));
    diesel::delete(account_letters::table.filter(waits)).execute(connection)?;
    Ok(())
}

/// Takes up to `limit` letters that are due out of the queue: each is given to one
/// who asks.
pub fn take(
    connection: &mut Connection,
    now: Instant,
    limit: i64,
) -> Result<Vec<AccountLetter>, Error> {
    let due: Vec<AccountLetter> = account_letters::table
        .filter(account_letters::due_at.le(now))
        .order(account_letters::due_at.asc())
        .limit(limit)
        .load(connection)?;
    let mut taken = Vec::with_capacity(due.len());
    for letter in due {
        if diesel::delete(account_letters::table.find(letter.id)).execute(connection)? == 1 {
            taken.push(letter);
        }
    }
    Ok(taken)
}
