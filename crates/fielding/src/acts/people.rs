//! Who works here: set-up, new people, sign-in.

use crate::error::{Clash, Error, Missing};
use crate::keys::Keys;
use crate::rules::access::Role;
use crate::rules::states::AuditAction;
use crate::store::people::{self, Unit, User};
use crate::store::{Connection, Id, Instant, audit};

/// A working day and a bit.
pub const SESSION_SECONDS: i64 = 12 * 3600;
/// How long a one-time sign-in link works.
pub const LINK_SECONDS: i64 = 3600;

/// Makes the first unit and its owner. Returns the unit.
///
/// # Errors
///
/// Somebody works here already.
pub fn set_up(connection: &mut Connection, organisation: &str, owner: &User) -> Result<Id, Error> {
    if !people::is_empty(connection)? {
        return Err(Error::Conflict(Clash::AlreadySetUp));
    }
    let (now, unit) = (owner.created_at, Id::rising());
    let name = organisation.to_owned();
    let row = Unit { id: unit, parent_id: None, name, created_at: now };
    people::insert_unit(connection, &row)?;
    people::insert_user(connection, owner)?;
    people::grant(connection, owner.id, unit, Role::Owner)?;
    audit::record(connection, now, Some(owner.id), AuditAction::SetUp, &unit.to_string(), "")?;
    Ok(unit)
}

/// Adds a person with a role in the topmost unit.
///
/// # Errors
///
/// Nothing is set up, or somebody has that address.
pub fn add_user(connection: &mut Connection, user: &User, role: Role) -> Result<(), Error> {
    let root = people::root_unit(connection)?.ok_or(Error::NotFound(Missing::Organisation))?;
    if people::find_by_email(connection, &user.email)?.is_some() {
        return Err(Error::Conflict(Clash::UserExists));
    }
    people::insert_user(connection, user)?;
    people::grant(connection, user.id, root.id, role)?;
    let (now, subject) = (user.created_at, user.id.to_string());
    audit::record(connection, now, None, AuditAction::UserAdded, &subject, role.word())
}

/// Keeps a one-time sign-in link for the person with that address.
pub fn make_sign_in_link(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    email: &str,
    token: &str,
) -> Result<(), Error> {
    let user = people::find_by_email(connection, email)?.ok_or(Error::NotFound(Missing::User))?;
    let expires = now.plus_seconds(LINK_SECONDS);
    people::insert_sign_in_link(connection, &keys.lookup(token), user.id, expires)?;
    audit::record(connection, now, None, AuditAction::SignInLinkMade, &user.id.to_string(), "")
}

/// Opens a session for somebody.
pub fn open_session(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    user: Id,
    token: &str,
) -> Result<(), Error> {
    let expires = now.plus_seconds(SESSION_SECONDS);
    people::insert_session(connection, &keys.lookup(token), user, now, expires)?;
    audit::record(connection, now, Some(user), AuditAction::SignedIn, &user.to_string(), "")
}

/// Uses up a one-time sign-in link and opens a session by it. Returns whether it
/// was one.
pub fn use_sign_in_link(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    link: &str,
    token: &str,
) -> Result<bool, Error> {
    let user = people::take_sign_in_link(connection, &keys.lookup(link), now)?;
    let Some(user) = user else { return Ok(false) };
    open_session(connection, keys, now, user.id, token)?;
    Ok(true)
}

/// Ends a session.
pub fn close_session(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    user: Id,
    token: &str,
) -> Result<(), Error> {
    people::delete_session(connection, &keys.lookup(token))?;
    audit::record(connection, now, Some(user), AuditAction::SignedOut, &user.to_string(), "")
}
