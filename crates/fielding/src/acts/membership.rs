//! Who works in which unit as what: invitations, roles, and who may sign in at all.
//! Whoever acts is looked up again in the transaction of the act: two who end each
//! other's role at once cannot both.

use super::units::authority;
use crate::error::{Error, Missing, Problem};
use crate::keys::Keys;
use crate::messages::mail::is_address;
use crate::rules::access::Role;
use crate::rules::account::name_problem;
use crate::rules::states::{AccountLetterKind, AuditAction};
use crate::store::account_letters::{self, AccountLetter};
use crate::store::invited::{self, Invited};
use crate::store::people::{self, User};
use crate::store::{Connection, Id, Instant, audit, sessions};

/// How long the link of an invitation works.
pub const INVITATION_SECONDS: i64 = 7 * 86_400;

/// Somebody who is to work here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPerson {
    /// Where.
    pub unit: Id,
    /// The address.
    pub email: String,
    /// The name as shown.
    pub name: String,
    /// As what.
    pub role: Role,
    /// The language of letter and pages.
    pub language: String,
}

/// What came of an invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A letter goes out, or a link is shown.
    Invited(Id),
    /// Somebody with that address works here already, and has the role at once.
    Granted(Id),
}

/// Invites somebody. `by_letter` queues the letter with the link.
///
/// # Errors
///
/// No authority over the unit or over the role; a name or address that is none; an
/// invitation that waits, or a role that is held in the unit already: all at once.
pub fn invite(
    connection: &mut Connection,
    now: Instant,
    by: Id,
    new: &NewPerson,
    by_letter: bool,
) -> Result<Asked, Error> {
    people::unit(connection, new.unit)?.ok_or(Error::NotFound(Missing::Unit))?;
    if !authority(connection, by, new.unit)?.may_give(new.role) {
        return Err(Error::Forbidden);
    }
    let email = new.email.trim().to_lowercase();
    let known = people::find_by_email(connection, &email)?;
    let mut problems: Vec<Problem> = name_problem(&new.name, "name").into_iter().collect();
    if !is_address(&email) {
        problems.push(Problem::new("email", "email"));
    } else if invited::find_by_email(connection, &email)?.is_some() {
        problems.push(Problem::new("invited-already", "email"));
    } else if let Some(user) = &known
        && people::role_in(connection, user.id, new.unit)?.is_some()
    {
        problems.push(Problem::new("role-held", "email"));
    } else if known.as_ref().is_some_and(|user| user.disabled) {
        problems.push(Problem::new("person-disabled", "email"));
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    if let Some(user) = known {
        people::grant(connection, user.id, new.unit, new.role)?;
        let (action, subject) = (AuditAction::RoleSet, user.id.to_string());
        audit::record(connection, now, Some(by), action, &subject, new.role.word())?;
        return Ok(Asked::Granted(user.id));
    }
    let row = Invited {
        id: Id::rising(),
        email: email.clone(),
        name: new.name.trim().to_owned(),
        language: new.language.clone(),
        unit_id: new.unit,
        role: new.role,
        invited_by: by,
        invited_at: now,
        token_hash: None,
        expires_at: None,
        sent_at: None,
        problem: String::new(),
    };
    invited::insert(connection, &row)?;
    if by_letter {
        let letter = AccountLetter::new(&email, AccountLetterKind::Invitation, now);
        account_letters::queue(connection, &letter)?;
    }
    let (action, subject) = (AuditAction::PersonInvited, row.id.to_string());
    audit::record(connection, now, Some(by), action, &subject, new.role.word())?;
    Ok(Asked::Invited(row.id))
}

/// An invitation that somebody may do something about.
fn waiting(connection: &mut Connection, by: Id, id: Id) -> Result<Invited, Error> {
    let row = invited::find(connection, id)?.ok_or(Error::NotFound(Missing::Invitation))?;
    authority(connection, by, row.unit_id)?;
    Ok(row)
}

/// Queues the letter of an invitation again: a new link takes the place of the one
/// before, and whoever asks for it is who invites.
///
/// # Errors
///
/// No such invitation any more, or no authority over its unit.
pub fn invite_again(
    connection: &mut Connection,
    now: Instant,
    by: Id,
    id: Id,
    by_letter: bool,
) -> Result<(), Error> {
    let row = waiting(connection, by, id)?;
    account_letters::withdraw(connection, &row.email, AccountLetterKind::Invitation)?;
    if by_letter {
        let letter = AccountLetter::new(&row.email, AccountLetterKind::Invitation, now);
        account_letters::queue(connection, &letter)?;
    }
    invited::set_inviter(connection, id, by)?;
    invited::set_sent(connection, id, None, "")?;
    let (action, subject) = (AuditAction::InvitationSentAgain, id.to_string());
    audit::record(connection, now, Some(by), action, &subject, row.role.word())
}

/// Takes an invitation back: its link works no more.
///
/// # Errors
///
/// As [`invite_again`].
pub fn withdraw(connection: &mut Connection, now: Instant, by: Id, id: Id) -> Result<(), Error> {
    let row = waiting(connection, by, id)?;
    account_letters::withdraw(connection, &row.email, AccountLetterKind::Invitation)?;
    invited::delete(connection, id)?;
    let (action, subject) = (AuditAction::InvitationWithdrawn, id.to_string());
    audit::record(connection, now, Some(by), action, &subject, row.role.word())
}

/// Gives an invitation a link with this token, in the place of any before it. Returns
/// the invitation, if it still waits.
pub fn make_invitation_link(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    email: &str,
    token: &str,
) -> Result<Option<Invited>, Error> {
    let Some(row) = invited::find_by_email(connection, email)? else { return Ok(None) };
    let expires = now.plus_seconds(INVITATION_SECONDS);
    invited::set_link(connection, row.id, &keys.lookup(token), expires)?;
    Ok(Some(row))
}

/// Notes what came of the letter of an invitation: it left, or why it did not.
pub fn note_letter(
    connection: &mut Connection,
    now: Instant,
    invitation: Id,
    problem: Option<&str>,
) -> Result<(), Error> {
    let sent = problem.is_none().then_some(now);
    invited::set_sent(connection, invitation, sent, problem.unwrap_or_default())
}

/// The invitation behind a link, while it works: whoever invited must still be somebody
/// who may, so that nobody comes back by an invitation of their own.
///
/// # Errors
///
/// A failed read.
pub fn standing_invitation(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    token: &str,
) -> Result<Option<Invited>, Error> {
    let found = invited::find_by_token(connection, &keys.lookup(token), now)?;
    let Some(row) = found else { return Ok(None) };
    match authority(connection, row.invited_by, row.unit_id) {
        Ok(giver) if giver.may_give(row.role) => Ok(Some(row)),
        Ok(_) | Err(Error::Forbidden) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Uses up the link of an invitation: an account with that password and the role. Who
/// has got an account since keeps its password. Returns the account, if it was a link.
pub fn join(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    token: &str,
    password_hash: &str,
) -> Result<Option<User>, Error> {
    let found = standing_invitation(connection, keys, now, token)?;
    let Some(row) = found else { return Ok(None) };
    invited::delete(connection, row.id)?;
    let user = match people::find_by_email(connection, &row.email)? {
        Some(user) => user,
        None => {
            let user = User {
                id: Id::rising(),
                email: row.email.clone(),
                name: row.name.clone(),
                password_hash: Some(password_hash.to_owned()),
                language: row.language.clone(),
                disabled: false,
                created_at: now,
            };
            people::insert_user(connection, &user)?;
            user
        }
    };
    if people::role_in(connection, user.id, row.unit_id)?.is_none() {
        people::grant(connection, user.id, row.unit_id, row.role)?;
    }
    let (action, subject) = (AuditAction::PersonJoined, user.id.to_string());
    audit::record(connection, now, Some(user.id), action, &subject, row.role.word())?;
    Ok(Some(user))
}

/// Refuses what would leave nobody who looks after the whole.
fn keeps_an_owner(connection: &mut Connection) -> Result<(), Error> {
    let root = people::root_unit(connection)?.ok_or(Error::NotFound(Missing::Organisation))?;
    let people = people::of_units(connection, &[root.id])?;
    let owns = |(user, _, role): &(User, Id, Role)| *role == Role::Owner && !user.disabled;
    if people.iter().any(owns) { Ok(()) } else { Err(Error::invalid("last-owner", "")) }
}

fn person(connection: &mut Connection, id: Id) -> Result<User, Error> {
    people::find(connection, id)?.ok_or(Error::NotFound(Missing::User))
}

/// Gives somebody a role in a unit, in the place of the one before it.
///
/// # Errors
///
/// No authority over the unit, the role or the role before; the last owner.
pub fn set_role(
    connection: &mut Connection,
    now: Instant,
    by: Id,
    (user, unit): (Id, Id),
    role: Role,
) -> Result<(), Error> {
    person(connection, user)?;
    let giver = authority(connection, by, unit)?;
    let before = people::role_in(connection, user, unit)?;
    if !giver.may_give(role) || before.is_some_and(|before| !giver.may_give(before)) {
        return Err(Error::Forbidden);
    }
    match before {
        Some(before) if before == role => return Ok(()),
        Some(_) => people::change_role(connection, user, unit, role)?,
        None => people::grant(connection, user, unit, role)?,
    }
    keeps_an_owner(connection)?;
    let was = before.map_or("–", Role::word);
    let told = format!("{was} → {role}");
    audit::record(connection, now, Some(by), AuditAction::RoleSet, &user.to_string(), &told)
}

/// Ends somebody's role in a unit.
///
/// # Errors
///
/// No such role; no authority over the unit; the last owner.
pub fn end_role(
    connection: &mut Connection,
    now: Instant,
    by: Id,
    (user, unit): (Id, Id),
) -> Result<(), Error> {
    person(connection, user)?;
    let giver = authority(connection, by, unit)?;
    let role = people::role_in(connection, user, unit)?.ok_or(Error::NotFound(Missing::Role))?;
    if !giver.may_give(role) {
        return Err(Error::Forbidden);
    }
    people::end_role(connection, user, unit)?;
    keeps_an_owner(connection)?;
    let subject = user.to_string();
    audit::record(connection, now, Some(by), AuditAction::RoleEnded, &subject, role.word())
}

/// Refuses who has no authority over somebody as a whole: over every unit in which
/// that person is anything, or over the topmost for one who is nothing.
pub(super) fn over_person(connection: &mut Connection, by: Id, user: Id) -> Result<(), Error> {
    let mut units: Vec<Id> =
        people::roles_of(connection, user)?.into_iter().map(|(unit, _)| unit).collect();
    if units.is_empty() {
        units.extend(people::root_unit(connection)?.map(|root| root.id));
    }
    for unit in units {
        authority(connection, by, unit)?;
    }
    Ok(())
}

/// Refuses somebody's sign-in from now on: every session and every link ends at once.
///
/// # Errors
///
/// Oneself; the last owner; no authority over everything that person is.
pub fn disable(connection: &mut Connection, now: Instant, by: Id, user: Id) -> Result<(), Error> {
    let row = person(connection, user)?;
    over_person(connection, by, user)?;
    if by == user {
        return Err(Error::invalid("not-oneself", ""));
    }
    if row.disabled {
        return Ok(());
    }
    people::set_disabled(connection, user, true)?;
    keeps_an_owner(connection)?;
    sessions::delete_all(connection, user, None)?;
    people::end_all_links(connection, user)?;
    account_letters::withdraw(connection, &row.email, AccountLetterKind::Password)?;
    audit::record(connection, now, Some(by), AuditAction::PersonDisabled, &user.to_string(), "")
}

/// Allows somebody to sign in again.
///
/// # Errors
///
/// No authority over everything that person is.
pub fn enable(connection: &mut Connection, now: Instant, by: Id, user: Id) -> Result<(), Error> {
    let row = person(connection, user)?;
    over_person(connection, by, user)?;
    if !row.disabled {
        return Ok(());
    }
    people::set_disabled(connection, user, false)?;
    audit::record(connection, now, Some(by), AuditAction::PersonEnabled, &user.to_string(), "")
}
