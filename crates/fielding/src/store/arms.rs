//! How often each arm of a split ballot was given.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::connection::on_either;
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
    on_either!(
        connection,
        diesel::insert_into(arm_counts::table)
            .values((
                arm_counts::study_id.eq(study),
                arm_counts::item_id.eq(item),
                arm_counts::code.eq(code),
                arm_counts::given.eq(1),
            ))
            .on_conflict((arm_counts::study_id, arm_counts::item_id, arm_counts::code))
            .do_update()
            .set(arm_counts::given.eq(arm_counts::given + 1))
    )?;
    Ok(())
}
