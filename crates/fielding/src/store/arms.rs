//! How often each arm of a split ballot was given.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Text};

use super::schema::arm_counts;
use super::{Connection, Id};
use crate::error::Error;

/// How often each arm of a question was given. Whoever asks inside a write
/// holds the counts until the write is done, so that no two give the same.
pub fn given(
    connection: &mut Connection,
    study: Id,
    item: Id,
    codes: &[&str],
) -> Result<BTreeMap<String, i64>, Error> {
    for code in codes {
        // Adding nothing makes the row and, on PostgreSQL, locks it; on SQLite
        // there is one writer anyway.
        add(connection, study, item, code, 0)?;
    }
    let counts: Vec<(String, i64)> = arm_counts::table
        .filter(arm_counts::study_id.eq(study))
        .filter(arm_counts::item_id.eq(item))
        .select((arm_counts::code, arm_counts::given))
        .load(connection)?;
    Ok(counts.into_iter().collect())
}

/// Counts an arm that is given.
pub fn give(connection: &mut Connection, study: Id, item: Id, code: &str) -> Result<(), Error> {
    add(connection, study, item, code, 1)
}

fn add(
    connection: &mut Connection,
    study: Id,
    item: Id,
    code: &str,
    count: i64,
) -> Result<(), Error> {
    diesel::sql_query(
        "INSERT INTO arm_counts (study_id, item_id, code, given) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (study_id, item_id, code) \
         DO UPDATE SET given = arm_counts.given + excluded.given",
    )
    .bind::<Binary, _>(study)
    .bind::<Binary, _>(item)
    .bind::<Text, _>(code)
    .bind::<BigInt, _>(count)
    .execute(connection)?;
    Ok(())
}
