//! Cases, what happened to them, and the counts of their outcomes.
//!
//! A case's disposition is derived from its contacts and kept beside them; the
//! counts by stratum change in the same transaction, so rates need no scan.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Text};

use super::schema::{
    cases, contact_details, contacts, outcome_counts, sampled_units, suppressions,
};
use super::{Connection, Id, Instant};
use crate::error::Error;
use crate::rules::disposition::disposition;

/// One case.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = cases)]
pub struct CaseRow {
    /// Identity.
    pub id: Id,
    /// The study.
    pub study_id: Id,
    /// The sampled unit; absent for open links.
    pub sampled_unit_id: Option<Id>,
    /// Number within the study, from 1.
    pub number: i64,
    /// Stratum, for rates.
    pub stratum: String,
    /// Keyed hash of the link.
    pub link_hash: Vec<u8>,
    /// Keyed hash of the access code.
    pub code_hash: Vec<u8>,
    /// Language of the invitation.
    pub language: String,
    /// [`WAITING`], `open`, `done`, `refused`, or `closed` (broken off when the study closed).
    pub status: String,
    /// AAPOR code derived from the contacts.
    pub disposition: String,
    /// The day it was done or refused.
    pub ended_on: Option<NaiveDate>,
}

/// The design variables of a case: stratum, PSU, base weight.
pub type DesignVariables = (String, String, f64);

/// The status of a case whose replicate has not been released: nobody is written
/// to, its link opens nothing, and no rate counts it.
pub const WAITING: &str = "waiting";

/// Adds a case; one that is released is counted.
pub fn insert(connection: &mut Connection, case: &CaseRow) -> Result<(), Error> {
    diesel::insert_into(cases::table).values(case.clone()).execute(connection)?;
    if case.status == WAITING {
        return Ok(());
    }
    add_to_count(connection, case.study_id, &case.stratum, &case.disposition, 1)
}

/// Adds the cases of a sample with their sealed contact details, and counts those
/// that are released; gives their number.
pub fn insert_all(
    connection: &mut Connection,
    new: &[(CaseRow, Option<Vec<u8>>)],
) -> Result<usize, Error> {
    let mut counts: BTreeMap<(Id, &str, &str), i64> = BTreeMap::new();
    for (case, sealed) in new {
        diesel::insert_into(cases::table).values(case.clone()).execute(connection)?;
        if let Some(sealed) = sealed {
            insert_contact_details(connection, case.id, sealed)?;
        }
        if case.status != WAITING {
            *counts.entry((case.study_id, &case.stratum, &case.disposition)).or_default() += 1;
        }
    }
    let mut open = 0;
    for ((study, stratum, disposition), count) in counts {
        add_to_count(connection, study, stratum, disposition, count)?;
        open += usize::try_from(count).unwrap_or(0);
    }
    Ok(open)
}

/// The case of a link or access code, by its keyed hash.
pub fn find_by_secret(connection: &mut Connection, hash: &[u8]) -> Result<Option<CaseRow>, Error> {
    let by_link =
        cases::table.filter(cases::link_hash.eq(hash.to_vec())).first(connection).optional()?;
    match by_link {
        Some(case) => Ok(Some(case)),
        None => Ok(cases::table
            .filter(cases::code_hash.eq(hash.to_vec()))
            .first(connection)
            .optional()?),
    }
}

/// One case.
pub fn find(connection: &mut Connection, id: Id) -> Result<Option<CaseRow>, Error> {
    Ok(cases::table.find(id).first(connection).optional()?)
}

/// Cases of a study after number `after`, in order.
pub fn page(
    connection: &mut Connection,
    study: Id,
    after: i64,
    limit: i64,
) -> Result<Vec<CaseRow>, Error> {
    Ok(cases::table
        .filter(cases::study_id.eq(study))
        .filter(cases::number.gt(after))
        .order(cases::number.asc())
        .limit(limit)
        .load(connection)?)
}

/// The design variables that a response copies from its case.
pub fn design_variables(
    connection: &mut Connection,
    case: &CaseRow,
) -> Result<DesignVariables, Error> {
    let Some(unit) = case.sampled_unit_id else {
        return Ok((case.stratum.clone(), String::new(), 1.0));
    };
    Ok(sampled_units::table
        .find(unit)
        .select((sampled_units::stratum, sampled_units::psu, sampled_units::base_weight))
        .first(connection)?)
}

/// Records an event and derives the disposition anew. Returns the new code.
pub fn record(
    connection: &mut Connection,
    case: &CaseRow,
    at: Instant,
    mode: &str,
    event: &str,
) -> Result<String, Error> {
    let last: Option<i64> = contacts::table
        .filter(contacts::case_id.eq(case.id))
        .select(diesel::dsl::max(contacts::sequence))
        .first(connection)?;
    diesel::insert_into(contacts::table)
        .values((
            contacts::id.eq(Id::random()),
            contacts::case_id.eq(case.id),
            contacts::at.eq(at),
            contacts::sequence.eq(last.unwrap_or(0) + 1),
            contacts::mode.eq(mode),
            contacts::event.eq(event),
        ))
        .execute(connection)?;
    let events = events_of(connection, case.id)?;
    let derived = disposition(events.iter().map(|(_, event)| event.as_str())).code;
    let before: String = cases::table.find(case.id).select(cases::disposition).first(connection)?;
    if before != derived {
        diesel::update(cases::table.find(case.id))
            .set(cases::disposition.eq(derived))
            .execute(connection)?;
        add_to_count(connection, case.study_id, &case.stratum, &before, -1)?;
        add_to_count(connection, case.study_id, &case.stratum, derived, 1)?;
    }
    Ok(derived.to_owned())
}

/// What happened to a case, oldest first.
pub fn events_of(connection: &mut Connection, case: Id) -> Result<Vec<(Instant, String)>, Error> {
    Ok(contacts::table
        .filter(contacts::case_id.eq(case))
        .order(contacts::sequence.asc())
        .select((contacts::at, contacts::event))
        .load(connection)?)
}

/// Ends a case: it takes no more answers and gets no more mail.
pub fn end(
    connection: &mut Connection,
    case: Id,
    status: &str,
    on: NaiveDate,
) -> Result<(), Error> {
    diesel::update(cases::table.find(case))
        .set((cases::status.eq(status), cases::ended_on.eq(on)))
        .execute(connection)?;
    Ok(())
}

/// Cases by stratum and disposition.
pub fn outcome_counts_of(
    connection: &mut Connection,
    study: Id,
) -> Result<Vec<(String, String, i64)>, Error> {
    Ok(outcome_counts::table
        .filter(outcome_counts::study_id.eq(study))
        .filter(outcome_counts::cases.gt(0))
        .order((outcome_counts::stratum.asc(), outcome_counts::disposition.asc()))
        .select((outcome_counts::stratum, outcome_counts::disposition, outcome_counts::cases))
        .load(connection)?)
}

/// Changes how many cases of a stratum have a disposition.
pub fn add_to_count(
    connection: &mut Connection,
    study: Id,
    stratum: &str,
    disposition: &str,
    change: i64,
) -> Result<(), Error> {
    diesel::sql_query(
        "INSERT INTO outcome_counts (study_id, stratum, disposition, cases) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (study_id, stratum, disposition) \
         DO UPDATE SET cases = outcome_counts.cases + excluded.cases",
    )
    .bind::<Binary, _>(study)
    .bind::<Text, _>(stratum)
    .bind::<Text, _>(disposition)
    .bind::<BigInt, _>(change)
    .execute(connection)?;
    Ok(())
}

/// Keeps a case's sealed contact details.
pub fn insert_contact_details(
    connection: &mut Connection,
    case: Id,
    sealed: &[u8],
) -> Result<(), Error> {
    diesel::insert_into(contact_details::table)
        .values((contact_details::case_id.eq(case), contact_details::sealed.eq(sealed.to_vec())))
        .execute(connection)?;
    Ok(())
}

/// A case's sealed contact details.
pub fn contact_details_of(connection: &mut Connection, case: Id) -> Result<Option<Vec<u8>>, Error> {
    Ok(contact_details::table
        .find(case)
        .select(contact_details::sealed)
        .first(connection)
        .optional()?)
}

/// Remembers that an address wants no more mail.
pub fn suppress(
    connection: &mut Connection,
    contact_hash: &[u8],
    reason: &str,
    since: NaiveDate,
) -> Result<(), Error> {
    if is_suppressed(connection, contact_hash)? {
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
pub fn is_suppressed(connection: &mut Connection, contact_hash: &[u8]) -> Result<bool, Error> {
    Ok(suppressions::table
        .find(contact_hash.to_vec())
        .select(suppressions::contact_hash)
        .first::<Vec<u8>>(connection)
        .optional()?
        .is_some())
}
