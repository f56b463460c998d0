//! The audit: who did what, to what, when. Never an answer, never a contact.

use diesel::prelude::*;

use super::schema::{audit_entries, users};
use super::{Connection, Id, Instant};
use crate::error::Error;
use crate::rules::states::AuditAction;

/// Adds an entry. `subject` is an identity; `detail` is short and without names
/// of respondents.
pub fn record(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    action: AuditAction,
    subject: &str,
    detail: &str,
) -> Result<(), Error> {
    diesel::insert_into(audit_entries::table)
        .values((
            audit_entries::id.eq(Id::rising()),
            audit_entries::at.eq(now),
            audit_entries::user_id.eq(user),
            audit_entries::action.eq(action),
            audit_entries::subject.eq(subject),
            audit_entries::detail.eq(detail),
        ))
        .execute(connection)?;
    Ok(())
}

/// One entry as it is read.
#[derive(Clone, Debug, Queryable)]
pub struct Entry {
    /// When it was done.
    pub at: Instant,
    /// The name of who did it; none where the program did.
    pub who: Option<String>,
    /// What was done.
    pub action: AuditAction,
    /// What there is to say about it.
    pub detail: String,
}

/// The newest entries about a subject.
pub fn about(connection: &mut Connection, subject: &str, limit: i64) -> Result<Vec<Entry>, Error> {
    Ok(audit_entries::table
        .left_join(users::table)
        .filter(audit_entries::subject.eq(subject))
        .order(audit_entries::id.desc())
        .limit(limit)
        .select((
            audit_entries::at,
            users::name.nullable(),
            audit_entries::action,
            audit_entries::detail,
        ))
        .load(connection)?)
}

/// When each of the users did something last.
pub fn last_of(
    connection: &mut Connection,
    users: &[Id],
    action: AuditAction,
) -> Result<Vec<(Id, Instant)>, Error> {
    let found: Vec<(Option<Id>, Option<Instant>)> = audit_entries::table
        .filter(audit_entries::user_id.eq_any(users.to_vec()))
        .filter(audit_entries::action.eq(action))
        .group_by(audit_entries::user_id)
        .select((audit_entries::user_id, diesel::dsl::max(audit_entries::at)))
        .load(connection)?;
    Ok(found.into_iter().filter_map(|(user, at)| user.zip(at)).collect())
}
