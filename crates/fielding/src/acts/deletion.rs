//! A study is put out of the way, or deleted with everything that belongs to it.

use crate::error::{Clash, Error, Missing};
use crate::keys::Keys;
use crate::rules::states::{AuditAction, Example, Prepared, StudyStatus};
use crate::store::preparations;
use crate::store::studies::{self, Study};
use crate::store::{Connection, Id, Instant, audit, deletion};

/// A study of which nothing is under way, and that is in no use as `in_use` has it.
fn at_rest(
    connection: &mut Connection,
    study: Id,
    in_use: impl FnOnce(&Study) -> bool,
) -> Result<Study, Error> {
    let row = studies::require(connection, study)?;
    if in_use(&row) {
        return Err(Error::Conflict(Clash::StudyOpen));
    }
    preparations::require_none(connection, study, Prepared::ALL)?;
    Ok(row)
}

fn takes_answers(study: &Study) -> bool {
    study.status == StudyStatus::Open
}

/// Puts a study out of the way: it is in no list and can come back.
///
/// # Errors
///
/// A study that takes answers, or of which something is being stored.
pub fn archive_study(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    study: Id,
) -> Result<(), Error> {
    let row = at_rest(connection, study, takes_answers)?;
    if row.archived_at.is_some() {
        return Ok(());
    }
    studies::set_archived(connection, study, Some(now))?;
    audit::record(connection, now, user, AuditAction::StudyArchived, &study.to_string(), "")
}

/// Brings a study back that was out of the way.
pub fn restore_study(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    study: Id,
) -> Result<(), Error> {
    let row = studies::require(connection, study)?;
    if row.archived_at.is_none() {
        return Ok(());
    }
    studies::set_archived(connection, study, None)?;
    audit::record(connection, now, user, AuditAction::StudyRestored, &study.to_string(), "")
}

/// Begins to delete a study: from now on nobody finds it. What belongs to it goes in
/// portions. The example study, whose people are invented, may take answers until then.
///
/// # Errors
///
/// A study that takes answers, or of which something is being stored.
pub fn begin_deletion(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    study: Id,
) -> Result<(), Error> {
    let row = at_rest(connection, study, |row| takes_answers(row) && row.example == Example::No)?;
    if !deletion::begin(connection, study, now)? {
        return Err(Error::NotFound(Missing::Study));
    }
    // The study's own record goes out of sight with it: its unit keeps that it was.
    let unit = row.unit_id.to_string();
    audit::record(connection, now, user, AuditAction::StudyDeleted, &unit, &row.name)
}

/// Deletes some of what belongs to a study whose deletion has begun. Returns whether
/// there was anything.
pub fn deletion_portion(
    connection: &mut Connection,
    keys: &Keys,
    study: Id,
) -> Result<bool, Error> {
    let limit = preparations::limit();
    deletion::portion(connection, keys, study, limit)
}

/// Deletes what is left of a study whose deletion has begun, and the study.
pub fn end_deletion(connection: &mut Connection, keys: &Keys, study: Id) -> Result<(), Error> {
    // Somebody may have stored something between the last portion and this.
    while deletion_portion(connection, keys, study)? {}
    deletion::end(connection, study)
}
