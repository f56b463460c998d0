//! How many cases of each stratum have each disposition: changed with the cases,
//! so that rates need no scan.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use diesel::upsert::excluded;

use super::connection::on_either;
use super::schema::{outcome_counts, rounds};
use super::{Connection, Id, slot};
use crate::error::Error;
use crate::rules::disposition::Disposition;

/// Cases by stratum and disposition.
pub fn counts_of(
    connection: &mut Connection,
    round: Id,
) -> Result<Vec<(String, Disposition, i64)>, Error> {
    let rows: Vec<(String, Disposition, i64)> = outcome_counts::table
        .filter(outcome_counts::round_id.eq(round))
        .select((outcome_counts::stratum, outcome_counts::disposition, outcome_counts::cases))
        .load(connection)?;
    let mut counts: BTreeMap<(String, Disposition), i64> = BTreeMap::new();
    for (stratum, disposition, cases) in rows {
        *counts.entry((stratum, disposition)).or_default() += cases;
    }
    let some = counts.into_iter().filter(|(_, cases)| *cases > 0);
    Ok(some.map(|((stratum, disposition), cases)| (stratum, disposition, cases)).collect())
}

/// How many cases each of some studies has in its current round.
pub fn cases_by_study(
    connection: &mut Connection,
    studies: &[Id],
) -> Result<HashMap<Id, i64>, Error> {
    let of_all: Vec<(Id, i64, Id)> = rounds::table
        .filter(rounds::study_id.eq_any(studies.to_vec()))
        .select((rounds::study_id, rounds::number, rounds::id))
        .order(rounds::number.asc())
        .load(connection)?;
    // The last of a study takes the place of those before it.
    let current: HashMap<Id, Id> =
        of_all.into_iter().map(|(study, _, round)| (study, round)).collect();
    let counts: Vec<(Id, i64)> = outcome_counts::table
        .filter(outcome_counts::round_id.eq_any(current.values().copied().collect::<Vec<_>>()))
        .select((outcome_counts::round_id, outcome_counts::cases))
        .load(connection)?;
    let mut by_round: HashMap<Id, i64> = HashMap::new();
    for (round, cases) in counts {
        *by_round.entry(round).or_default() += cases;
    }
    let cases = |round| by_round.get(round).copied().unwrap_or(0);
    Ok(current.iter().map(|(study, round)| (*study, cases(round))).collect())
}

/// Changes how many cases of a stratum have a disposition.
pub fn add(
    connection: &mut Connection,
    round: Id,
    stratum: &str,
    disposition: Disposition,
    change: i64,
) -> Result<(), Error> {
    let slot = slot(connection);
    on_either!(
        connection,
        diesel::insert_into(outcome_counts::table)
            .values((
                outcome_counts::round_id.eq(round),
                outcome_counts::stratum.eq(stratum),
                outcome_counts::disposition.eq(disposition),
                outcome_counts::slot.eq(slot),
                outcome_counts::cases.eq(change),
            ))
            .on_conflict((
                outcome_counts::round_id,
                outcome_counts::stratum,
                outcome_counts::disposition,
                outcome_counts::slot,
            ))
            .do_update()
            .set(outcome_counts::cases.eq(outcome_counts::cases + excluded(outcome_counts::cases)))
    )?;
    Ok(())
}

/// Moves one case from a disposition to another.
pub fn shift(
    connection: &mut Connection,
    round: Id,
    stratum: &str,
    from: Disposition,
    to: Disposition,
) -> Result<(), Error> {
    if from == to {
        return Ok(());
    }
    // In one order always: two who move opposite ways must not wait for each other.
    let (first, second) = if from < to { ((from, -1), (to, 1)) } else { ((to, 1), (from, -1)) };
    add(connection, round, stratum, first.0, first.1)?;
    add(connection, round, stratum, second.0, second.1)
}
