//! Cases: sampled units while they are fielded. A case's disposition is derived
//! from its contacts and kept beside them.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::schema::{cases, sampled_units};
use super::{Connection, Id, contacts};
use crate::error::Error;
use crate::rules::disposition::Disposition;
use crate::rules::states::CaseStatus;

/// One case.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = cases)]
pub struct CaseRow {
    /// Identity.
    pub id: Id,
    /// The study.
    pub study_id: Id,
    /// The round.
    pub round_id: Id,
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
    /// Where it stands.
    pub status: CaseStatus,
    /// Derived from the contacts.
    pub disposition: Disposition,
    /// The day it was done or refused.
    pub ended_on: Option<NaiveDate>,
}

/// The design variables of a case: stratum, PSU, base weight.
pub type DesignVariables = (String, String, f64);

/// Adds a case with its sealed contact details.
pub fn insert(
    connection: &mut Connection,
    case: &CaseRow,
    sealed: Option<&[u8]>,
) -> Result<(), Error> {
    diesel::insert_into(cases::table).values(case.clone()).execute(connection)?;
    match sealed {
        Some(sealed) => contacts::insert_details(connection, case.id, sealed),
        None => Ok(()),
    }
}

/// The case of a link, by its keyed hash.
pub fn find_by_link(connection: &mut Connection, hash: &[u8]) -> Result<Option<CaseRow>, Error> {
    let found = cases::table.filter(cases::link_hash.eq(hash.to_vec()));
    Ok(found.first(connection).optional()?)
}

/// The case of an access code, by its keyed hash.
pub fn find_by_code(connection: &mut Connection, hash: &[u8]) -> Result<Option<CaseRow>, Error> {
    let found = cases::table.filter(cases::code_hash.eq(hash.to_vec()));
    Ok(found.first(connection).optional()?)
}

/// One case.
pub fn find(connection: &mut Connection, id: Id) -> Result<Option<CaseRow>, Error> {
    Ok(cases::table.find(id).first(connection).optional()?)
}

/// The case of a sampled unit.
pub fn of_unit(connection: &mut Connection, unit: Id) -> Result<Option<CaseRow>, Error> {
    let found = cases::table.filter(cases::sampled_unit_id.eq(unit));
    Ok(found.first(connection).optional()?)
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

/// Keeps a case's disposition.
pub fn set_disposition(
    connection: &mut Connection,
    case: Id,
    disposition: Disposition,
) -> Result<(), Error> {
    diesel::update(cases::table.find(case))
        .set(cases::disposition.eq(disposition))
        .execute(connection)?;
    Ok(())
}

/// Ends a case: it takes no more answers and gets no more mail.
pub fn end(
    connection: &mut Connection,
    case: Id,
    status: CaseStatus,
    on: NaiveDate,
) -> Result<(), Error> {
    diesel::update(cases::table.find(case))
        .set((cases::status.eq(status), cases::ended_on.eq(on)))
        .execute(connection)?;
    Ok(())
}
