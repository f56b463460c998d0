//! What people change of their own account.

use crate::error::{Error, Missing};
use crate::rules::account::name_problem;
use crate::rules::states::{AccountLetterKind, AuditAction};
use crate::store::{Connection, Id, Instant, account_letters, audit, people, sessions};

/// Between two notes of when a session was last used.
pub const SEEN_SECONDS: i64 = 3600;

/// Changes how one is called and the language of the pages. Nothing is written where
/// nothing is different.
///
/// # Errors
///
/// A name that is empty, too long or of several lines.
pub fn change_account(
    connection: &mut Connection,
    now: Instant,
    user: Id,
    (name, language): (&str, &str),
) -> Result<(), Error> {
    let row = people::find(connection, user)?.ok_or(Error::NotFound(Missing::User))?;
    let name = name.trim();
    if let Some(problem) = name_problem(name, "name") {
        return Err(Error::Invalid(vec![problem]));
    }
    if (row.name.as_str(), row.language.as_str()) == (name, language) {
        return Ok(());
    }
    people::set_name(connection, user, name, language)?;
    let subject = user.to_string();
    audit::record(connection, now, Some(user), AuditAction::AccountChanged, &subject, "")
}

/// Changes one's own password. `present` is the hash that the present password was
/// found to be right by. Every other session and every link of the account ends.
///
/// # Errors
///
/// A password that has been changed since (`password-wrong`).
pub fn change_password(
    connection: &mut Connection,
    now: Instant,
    (user, session): (Id, Id),
    (present, new): (Option<&str>, &str),
) -> Result<(), Error> {
    let row = people::find(connection, user)?.ok_or(Error::NotFound(Missing::User))?;
    if row.password_hash.as_deref() != present {
        return Err(Error::invalid("password-wrong", "present"));
    }
    people::set_password(connection, user, new)?;
    sessions::delete_all(connection, user, Some(session))?;
    people::end_all_links(connection, user)?;
    account_letters::withdraw(connection, &row.email, AccountLetterKind::Password)?;
    let subject = user.to_string();
    audit::record(connection, now, Some(user), AuditAction::PasswordChanged, &subject, "")
}

/// Ends one of one's own sessions. Nothing is written where it has ended.
pub fn end_session(
    connection: &mut Connection,
    now: Instant,
    user: Id,
    session: Id,
) -> Result<(), Error> {
    let ended = sessions::delete_of_user(connection, user, session)?;
    note_ended(connection, now, user, ended)
}

/// Ends all of one's own sessions but the present one.
pub fn end_other_sessions(
    connection: &mut Connection,
    now: Instant,
    user: Id,
    present: Id,
) -> Result<(), Error> {
    let ended = sessions::delete_all(connection, user, Some(present))?;
    note_ended(connection, now, user, ended)
}

fn note_ended(
    connection: &mut Connection,
    now: Instant,
    user: Id,
    ended: usize,
) -> Result<(), Error> {
    if ended == 0 {
        return Ok(());
    }
    let (subject, count) = (user.to_string(), ended.to_string());
    audit::record(connection, now, Some(user), AuditAction::SessionsEnded, &subject, &count)
}

/// Notes that a session was used.
pub fn see_session(connection: &mut Connection, now: Instant, session: Id) -> Result<(), Error> {
    sessions::set_seen(connection, session, now)
}
