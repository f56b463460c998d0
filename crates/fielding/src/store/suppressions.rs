//! Addresses that get no more mail, by keyed hash.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::Connection;
use super::schema::suppressions;
use crate::error::Error;
use crate::rules::states::SuppressionReason;

/// Remembers that an address wants no more mail.
pub fn insert(
    connection: &mut Connection,
    contact_hash: &[u8],
    reason: SuppressionReason,
    since: NaiveDate,
) -> Result<(), Error> {
    if contains(connection, contact_hash)? {
        return Ok(());
    }
    diesel::insert_into(suppressions::table)
        .values((
            suppressions::contact_hash.eq(contact_hash.to_vec()),
            suppressions::reason.eq(reason),
            suppressions::since.eq(since),
        ))
        .execute(connection)?;
    Ok(())
}

/// Whether an address wants no more mail.
pub fn contains(connection: &mut Connection, contact_hash: &[u8]) -> Result<bool, Error> {
    Ok(suppressions::table
        .find(contact_hash.to_vec())
        .select(suppressions::contact_hash)
        .first::<Vec<u8>>(connection)
        .optional()?
        .is_some())
}
