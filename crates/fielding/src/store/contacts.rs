//! What happened to cases, and who they are: their contacts, each an event that
//! never changes, and their sealed details.

use diesel::prelude::*;

use super::schema::{contact_details, contacts};
use super::{Connection, Id, Instant};
use crate::error::Error;
use crate::rules::disposition::Event;
use crate::rules::states::Mode;

/// Adds an event to a case.
pub fn insert(
    connection: &mut Connection,
    case: Id,
    at: Instant,
    mode: Mode,
    event: Event,
) -> Result<(), Error> {
    let last: Option<i64> = contacts::table
        .filter(contacts::case_id.eq(case))
        .select(diesel::dsl::max(contacts::sequence))
        .first(connection)?;
    diesel::insert_into(contacts::table)
        .values((
            contacts::id.eq(Id::random()),
            contacts::case_id.eq(case),
            contacts::at.eq(at),
            contacts::sequence.eq(last.unwrap_or(0) + 1),
            contacts::mode.eq(mode),
            contacts::event.eq(event),
        ))
        .execute(connection)?;
    Ok(())
}

/// What happened to a case, oldest first.
pub fn events_of(
    connection: &mut Connection,
    case: Id,
) -> Result<Vec<(Instant, Mode, Event)>, Error> {
    Ok(contacts::table
        .filter(contacts::case_id.eq(case))
        .order(contacts::sequence.asc())
        .select((contacts::at, contacts::mode, contacts::event))
        .load(connection)?)
}

/// Keeps a case's sealed contact details.
pub fn insert_details(connection: &mut Connection, case: Id, sealed: &[u8]) -> Result<(), Error> {
    diesel::insert_into(contact_details::table)
        .values((contact_details::case_id.eq(case), contact_details::sealed.eq(sealed.to_vec())))
        .execute(connection)?;
    Ok(())
}

/// A case's sealed contact details.
pub fn details_of(connection: &mut Connection, case: Id) -> Result<Option<Vec<u8>>, Error> {
    Ok(contact_details::table
        .find(case)
        .select(contact_details::sealed)
        .first(connection)
        .optional()?)
}
