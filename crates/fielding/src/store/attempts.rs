//! Tries at what is limited, counted by subject and stretch of time. A subject is
//! a keyed hash: no address is stored.

use diesel::prelude::*;

use super::connection::on_either;
use super::schema::attempts;
use super::{Connection, Instant};
use crate::error::Error;

const SECOND: i64 = 1_000_000;

/// Counts a try at something that is limited and says how many there have been
/// in this window. Windows that are over are forgotten.
pub fn count_attempt(
    connection: &mut Connection,
    subject: &[u8],
    now: Instant,
    window_seconds: i64,
) -> Result<i64, Error> {
    let window = window_of(now, window_seconds);
    let over = window - 2 * window_seconds * SECOND;
    diesel::delete(attempts::table.filter(attempts::window_start.lt(over))).execute(connection)?;
    add(connection, subject, window)?;
    Ok(attempts::table
        .find((subject.to_vec(), window))
        .select(attempts::tries)
        .first(connection)?)
}

/// Takes back a try that was counted in this window: it was right.
pub fn take_back(
    connection: &mut Connection,
    subject: &[u8],
    now: Instant,
    window_seconds: i64,
) -> Result<(), Error> {
    let window = window_of(now, window_seconds);
    let counted = attempts::table.find((subject.to_vec(), window));
    diesel::update(counted.filter(attempts::tries.gt(0)))
        .set(attempts::tries.eq(attempts::tries - 1))
        .execute(connection)?;
    Ok(())
}

/// Takes one place for a message to a domain, unless `most` were taken in the
/// last minute: counted by the second, so that no 60 seconds hold more, wherever
/// they begin. Returns whether there was one.
pub fn take_place(
    connection: &mut Connection,
    domain: &[u8],
    now: Instant,
    most: i64,
) -> Result<bool, Error> {
    let second = now.0.div_euclid(SECOND) * SECOND;
    let of_domain = || attempts::table.filter(attempts::subject.eq(domain.to_vec()));
    let before = second - 60 * SECOND;
    diesel::delete(of_domain().filter(attempts::window_start.lt(before))).execute(connection)?;
    let taken: Vec<i64> = of_domain().select(attempts::tries).load(connection)?;
    if taken.iter().sum::<i64>() >= most {
        return Ok(false);
    }
    add(connection, domain, second)?;
    Ok(true)
}

/// When the window of a moment began.
fn window_of(now: Instant, window_seconds: i64) -> i64 {
    let length = window_seconds * SECOND;
    now.0.div_euclid(length) * length
}

fn add(connection: &mut Connection, subject: &[u8], window: i64) -> Result<(), Error> {
    on_either!(
        connection,
        diesel::insert_into(attempts::table)
            .values((
                attempts::subject.eq(subject),
                attempts::window_start.eq(window),
                attempts::tries.eq(1),
            ))
            .on_conflict((attempts::subject, attempts::window_start))
            .do_update()
            .set(attempts::tries.eq(attempts::tries + 1))
    )?;
    Ok(())
}
