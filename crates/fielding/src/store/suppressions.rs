//! Addresses that get no more mail, by keyed hash.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::Connection;
use super::connection::on_either;
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
    // Two people may share an address and both ask, at once.
    on_either!(
        connection,
        diesel::insert_into(suppressions::table)
            .values((
                suppressions::contact_hash.eq(contact_hash),
                suppressions::reason.eq(reason),
                suppressions::since.eq(since),
            ))
            .on_conflict(suppressions::contact_hash)
            .do_nothing()
    )?;
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
