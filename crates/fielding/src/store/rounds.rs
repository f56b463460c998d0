//! Rounds: each fielding of a study. Samples, cases, messages and responses name
//! theirs; a study has at least one.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::connection::on_either;
use super::schema::{day_counts, rounds};
use super::{Connection, Id, slot};
use crate::error::{Error, Missing};
use crate::rules::states::DayCount;

/// One round.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = rounds)]
pub struct RoundRow {
    /// Identity.
    pub id: Id,
    /// The study.
    pub study_id: Id,
    /// 1, 2, …
    pub number: i64,
    /// The first day of answers.
    pub opened_on: Option<NaiveDate>,
    /// The day it was closed.
    pub closed_on: Option<NaiveDate>,
    /// What putting small groups together changed, JSON; empty where nothing was.
    pub regrouping: String,
}

/// Adds the next round of a study.
pub fn insert_next(connection: &mut Connection, study: Id) -> Result<RoundRow, Error> {
    let last: Option<i64> = rounds::table
        .filter(rounds::study_id.eq(study))
        .select(diesel::dsl::max(rounds::number))
        .first(connection)?;
    let row = RoundRow {
        id: Id::rising(),
        study_id: study,
        number: last.unwrap_or(0) + 1,
        opened_on: None,
        closed_on: None,
        regrouping: String::new(),
    };
    diesel::insert_into(rounds::table).values(row.clone()).execute(connection)?;
    Ok(row)
}

/// The round of a study that is in the field, or is next: its last one.
pub fn current(connection: &mut Connection, study: Id) -> Result<RoundRow, Error> {
    let found = rounds::table
        .filter(rounds::study_id.eq(study))
        .order(rounds::number.desc())
        .first(connection)
        .optional()?;
    found.ok_or(Error::NotFound(Missing::Round))
}

/// One round.
pub fn find(connection: &mut Connection, id: Id) -> Result<RoundRow, Error> {
    rounds::table.find(id).first(connection).optional()?.ok_or(Error::NotFound(Missing::Round))
}

/// Keeps the day on which a round was opened for the first time.
pub fn set_opened(connection: &mut Connection, id: Id, on: NaiveDate) -> Result<(), Error> {
    diesel::update(rounds::table.find(id).filter(rounds::opened_on.is_null()))
        .set(rounds::opened_on.eq(on))
        .execute(connection)?;
    Ok(())
}

/// Keeps the day on which a round was closed.
pub fn set_closed(connection: &mut Connection, id: Id, on: NaiveDate) -> Result<(), Error> {
    diesel::update(rounds::table.find(id)).set(rounds::closed_on.eq(on)).execute(connection)?;
    Ok(())
}

/// Keeps what putting small groups together changed.
pub fn set_regrouping(connection: &mut Connection, id: Id, json: &str) -> Result<(), Error> {
    diesel::update(rounds::table.find(id)).set(rounds::regrouping.eq(json)).execute(connection)?;
    Ok(())
}

/// Counts interviews of a day: the day stands on none of them.
pub fn count_day(
    connection: &mut Connection,
    round: Id,
    day: NaiveDate,
    what: DayCount,
    responses: i64,
) -> Result<(), Error> {
    let slot = slot(connection);
    on_either!(
        connection,
        diesel::insert_into(day_counts::table)
            .values((
                day_counts::round_id.eq(round),
                day_counts::day.eq(day),
                day_counts::what.eq(what),
                day_counts::slot.eq(slot),
                day_counts::responses.eq(responses),
            ))
            .on_conflict((
                day_counts::round_id,
                day_counts::day,
                day_counts::what,
                day_counts::slot,
            ))
            .do_update()
            .set(day_counts::responses.eq(day_counts::responses + excluded(day_counts::responses)))
    )?;
    Ok(())
}

/// Interviews by day and what is counted.
pub fn days(
    connection: &mut Connection,
    round: Id,
) -> Result<BTreeMap<(NaiveDate, DayCount), i64>, Error> {
    let rows: Vec<(NaiveDate, DayCount, i64)> = day_counts::table
        .filter(day_counts::round_id.eq(round))
        .select((day_counts::day, day_counts::what, day_counts::responses))
        .load(connection)?;
    let mut days = BTreeMap::new();
    for (day, what, responses) in rows {
        *days.entry((day, what)).or_default() += responses;
    }
    Ok(days)
}
