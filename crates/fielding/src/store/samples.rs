//! Frames (their hash and counts), samples and sampled units.

use std::collections::HashMap;

use diesel::prelude::*;

use super::schema::{frames, sampled_units, samples};
use super::{Connection, Id, Instant};
use crate::error::Error;

/// What is kept of a frame.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = frames)]
pub struct FrameRow {
    /// Identity.
    pub id: Id,
    /// The study it was read for.
    pub study_id: Id,
    /// The file's name.
    pub name: String,
    /// SHA-256 of what was read.
    pub hash: String,
    /// Frame units.
    pub units: i64,
    /// When it was read.
    pub read_at: Instant,
}

/// One draw.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = samples)]
pub struct SampleRow {
    /// Identity.
    pub id: Id,
    /// The study.
    pub study_id: Id,
    /// The frame.
    pub frame_id: Id,
    /// The plan, JSON.
    pub plan: String,
    /// The plan's hash.
    pub plan_hash: String,
    /// The seed.
    pub seed: String,
    /// Everything a replay needs, JSON.
    pub manifest: String,
    /// When it was drawn.
    pub drawn_at: Instant,
}

/// A drawn unit.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = sampled_units)]
pub struct SampledUnitRow {
    /// Identity.
    pub id: Id,
    /// The sample.
    pub sample_id: Id,
    /// The unit's identity in the frame.
    pub unit_key: String,
    /// Its stratum.
    pub stratum: String,
    /// Its primary sampling unit.
    pub psu: String,
    /// Its inclusion probability over all stages.
    pub probability: f64,
    /// The inverse of the probability.
    pub base_weight: f64,
}

/// Keeps a draw with its frame and units. Call inside a transaction.
pub fn insert(
    connection: &mut Connection,
    frame: &FrameRow,
    sample: &SampleRow,
    units: &[SampledUnitRow],
) -> Result<(), Error> {
    diesel::insert_into(frames::table).values(frame.clone()).execute(connection)?;
    diesel::insert_into(samples::table).values(sample.clone()).execute(connection)?;
    for unit in units {
        diesel::insert_into(sampled_units::table).values(unit.clone()).execute(connection)?;
    }
    Ok(())
}

/// A study's sample and its frame, if it is drawn.
pub fn of_study(
    connection: &mut Connection,
    study: Id,
) -> Result<Option<(SampleRow, FrameRow)>, Error> {
    let sample: Option<SampleRow> =
        samples::table.filter(samples::study_id.eq(study)).first(connection).optional()?;
    let Some(sample) = sample else { return Ok(None) };
    let frame = frames::table.find(sample.frame_id).first(connection)?;
    Ok(Some((sample, frame)))
}

/// Sampled units by stratum and PSU: stratum, PSU, units.
pub fn counts(
    connection: &mut Connection,
    sample: Id,
) -> Result<Vec<(String, String, i64)>, Error> {
    Ok(sampled_units::table
        .filter(sampled_units::sample_id.eq(sample))
        .group_by((sampled_units::stratum, sampled_units::psu))
        .select((sampled_units::stratum, sampled_units::psu, diesel::dsl::count_star()))
        .order((sampled_units::stratum.asc(), sampled_units::psu.asc()))
        .load(connection)?)
}

/// The frame identity of each sampled unit of a study.
pub fn unit_keys(connection: &mut Connection, study: Id) -> Result<HashMap<Id, String>, Error> {
    let rows: Vec<(Id, String)> = sampled_units::table
        .inner_join(samples::table)
        .filter(samples::study_id.eq(study))
        .select((sampled_units::id, sampled_units::unit_key))
        .load(connection)?;
    Ok(rows.into_iter().collect())
}
