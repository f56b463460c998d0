//! How often each arm of a split ballot was given.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{Binary, Text};

use super::schema::arm_counts;
use super::{Connection, Id};
use crate::error::Error;

/// How often each arm of a question was given.
pub fn given(
    connection: &mut Connection,
    study: Id,
    item: Id,
) -> Result<BTreeMap<String, i64>, Error> {
    let counts: Vec<(String, i64)> = arm_counts::table
        .filter(arm_counts::study_id.eq(study))
        .filter(arm_counts::item_id.eq(item))
        .select((arm_counts::code, arm_counts::given))
        .load(connection)?;
    Ok(counts.into_iter().collect())
}

/// Counts an arm that is given.
pub fn give(connection: &mut Connection, study: Id, item: Id, code: &str) -> Result<(), Error> {
    diesel::sql_query(
        "INSERT INTO arm_counts (study_id, item_id, code, given) VALUES ($1, $2, $3, 1) \
         ON CONFLICT (study_id, item_id, code) \
         DO UPDATE SET given = arm_counts.given + excluded.given",
    )
    .bind::<Binary, _>(study)
    .bind::<Binary, _>(item)
    .bind::<Text, _>(code)
    .execute(connection)?;
    Ok(())
}
