//! Who works here: set-up, new people, sign-in.

use crate::error::{Clash, Error, Missing};
use crate::keys::Keys;
use crate::rules::access::Role;
use crate::rules::second_factor::Requirement;
use crate::rules::states::{AuditAction, LinkPurpose, SessionStage};
use crate::store::people::{self, Unit, User};
use crate::store::sessions::{self, Session};
use crate::store::{Connection, Id, Instant, Zone, audit, second_factors};

/// A working day and a bit.
pub const SESSION_SECONDS: i64 = 12 * 3600;
/// How long somebody may take to type the code of a second factor.
pub const CODE_SECONDS: i64 = 600;
/// How long a one-time sign-in link works.
pub const LINK_SECONDS: i64 = 3600;
/// How long a link that sets a new password works.
pub const PASSWORD_LINK_SECONDS: i64 = 30 * 60;

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
    let hash = keys.lookup(token);
    people::insert_link(connection, &hash, user.id, LinkPurpose::SignIn, expires)?;
    audit::record(connection, now, None, AuditAction::SignInLinkMade, &user.id.to_string(), "")
}

/// By what somebody comes in.
#[derive(Clone, Debug)]
pub struct Entrance<'a> {
    /// The token that the session will have.
    pub token: &'a str,
    /// The device, in plain words.
    pub device: &'a str,
    /// Who must have a second factor.
    pub requirement: Requirement,
}

/// Opens a session for somebody, who has shown who they are. Returns what it still
/// waits for: a code of the second factor, where there is one; that one is set up,
/// where there must be.
pub fn open_session(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    user: Id,
    entrance: &Entrance<'_>,
) -> Result<SessionStage, Error> {
    let stage = if second_factors::find(connection, user)?.is_some() {
        SessionStage::Code
    } else {
        let roles = people::roles_of(connection, user)?.into_iter().map(|(_, role)| role);
        let must = entrance.requirement.holds(roles, now.day_in(Zone::default()));
        if must { SessionStage::Setup } else { SessionStage::Whole }
    };
    let lasts = if stage == SessionStage::Code { CODE_SECONDS } else { SESSION_SECONDS };
    let session = Session {
        token_hash: keys.lookup(entrance.token),
        id: Id::random(),
        user_id: user,
        created_at: now,
        expires_at: now.plus_seconds(lasts),
        device: entrance.device.to_owned(),
        seen_at: now,
        stage,
    };
    sessions::insert(connection, &session)?;
    if stage != SessionStage::Code {
        let subject = user.to_string();
        audit::record(connection, now, Some(user), AuditAction::SignedIn, &subject, "")?;
    }
    Ok(stage)
}

/// Uses up a one-time sign-in link and opens a session by it. Returns what the session
/// waits for; `None` where it was no link.
pub fn use_sign_in_link(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    link: &str,
    entrance: &Entrance<'_>,
) -> Result<Option<SessionStage>, Error> {
    let user = people::take_link(connection, &keys.lookup(link), LinkPurpose::SignIn, now)?;
    let Some(user) = user else { return Ok(None) };
    open_session(connection, keys, now, user.id, entrance).map(Some)
}

/// Ends a session.
pub fn close_session(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    user: Id,
    token: &str,
) -> Result<(), Error> {
    sessions::delete(connection, &keys.lookup(token))?;
    audit::record(connection, now, Some(user), AuditAction::SignedOut, &user.to_string(), "")
}

/// Keeps a one-time link that sets a new password, in the place of any before it,
/// for the person with that address. Returns the person, if there is one who may
/// sign in.
pub fn make_password_link(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    email: &str,
    token: &str,
) -> Result<Option<User>, Error> {
    let found = people::find_by_email(connection, email)?;
    let Some(user) = found.filter(|user| !user.disabled) else { return Ok(None) };
    people::end_links(connection, user.id, LinkPurpose::Password, now)?;
    let (hash, expires) = (keys.lookup(token), now.plus_seconds(PASSWORD_LINK_SECONDS));
    people::insert_link(connection, &hash, user.id, LinkPurpose::Password, expires)?;
    let (action, subject) = (AuditAction::PasswordLinkMade, user.id.to_string());
    audit::record(connection, now, None, action, &subject, "")?;
    Ok(Some(user))
}

/// Uses up a link that sets a new password: `hash` is the password's. Every session
/// and every other link of the account ends. Returns whether it was one.
pub fn set_password_by_link(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    link: &str,
    hash: &str,
) -> Result<bool, Error> {
    let user = people::take_link(connection, &keys.lookup(link), LinkPurpose::Password, now)?;
    let Some(user) = user else { return Ok(false) };
    people::set_password(connection, user.id, hash)?;
    sessions::delete_all(connection, user.id, None)?;
    people::end_all_links(connection, user.id)?;
    let (action, subject) = (AuditAction::PasswordSet, user.id.to_string());
    audit::record(connection, now, Some(user.id), action, &subject, "")?;
    Ok(true)
}
