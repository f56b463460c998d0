//! The second factor: set up, asked for, replaced, taken away. A code works once and a
//! recovery code works once, also where two are sent at the same moment: what was
//! used is stored in the transaction that takes it.

use super::membership::over_person;
use super::people::SESSION_SECONDS;
use crate::error::{Clash, Error, Missing};
use crate::keys::Keys;
use crate::rules::second_factor::{
    RECOVERY_CODES, RECOVERY_LENGTH, Requirement, is_code, matching_step, recovery_subject,
};
use crate::rules::states::{AccountLetterKind, AuditAction, SessionStage};
use crate::store::account_letters::{self, AccountLetter};
use crate::store::second_factors::{self, SecondFactor};
use crate::store::sessions::{self, Session};
use crate::store::{Connection, Id, Instant, Zone, audit, people};

/// Recovery codes, as they are shown once.
pub fn new_recovery_codes() -> Vec<String> {
    (0..RECOVERY_CODES).map(|_| crate::keys::random_code(RECOVERY_LENGTH)).collect()
}

/// Seconds since 1970, as codes count them.
fn seconds(now: Instant) -> u64 {
    u64::try_from(now.0.div_euclid(1_000_000)).unwrap_or_default()
}

/// Takes a code or a recovery code of somebody. Returns whether it was right; a right
/// one is used up.
fn take(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    user: Id,
    typed: &str,
) -> Result<bool, Error> {
    let Some(factor) = second_factors::find(connection, user)? else { return Ok(false) };
    if is_code(typed) {
        let secret = keys.unseal_factor(user, &factor.sealed)?;
        let step = matching_step(&secret, typed, seconds(now))?;
        let Some(step) = step.filter(|step| *step > factor.last_step) else { return Ok(false) };
        second_factors::set_last_step(connection, user, step)?;
        return Ok(true);
    }
    let hash = keys.lookup(&recovery_subject(user, typed));
    let taken = second_factors::take_code(connection, user, &hash)?;
    if taken {
        let left = second_factors::codes_left(connection, user)?.to_string();
        let (action, subject) = (AuditAction::RecoveryCodeUsed, user.to_string());
        audit::record(connection, now, Some(user), action, &subject, &left)?;
    }
    Ok(taken)
}

/// Whose sign-in waits for a code, by the token of its session.
pub fn who_waits(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    token: &str,
) -> Result<Option<people::User>, Error> {
    let found = sessions::find(connection, &keys.lookup(token), now)?;
    Ok(found.filter(|(session, _)| session.stage == SessionStage::Code).map(|(_, user)| user))
}

/// Ends the waiting of a sign-in: with a right code the session is open, under a new
/// token. Returns whether it was right.
pub fn pass(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    (token, new_token): (&str, &str),
    typed: &str,
) -> Result<bool, Error> {
    let hash = keys.lookup(token);
    let found = sessions::find(connection, &hash, now)?;
    let waits = found.filter(|(session, _)| session.stage == SessionStage::Code);
    let Some((session, user)) = waits else { return Ok(false) };
    if !take(connection, keys, now, user.id, typed)? {
        return Ok(false);
    }
    sessions::delete(connection, &hash)?;
    let open = Session {
        token_hash: keys.lookup(new_token),
        id: Id::random(),
        created_at: now,
        expires_at: now.plus_seconds(SESSION_SECONDS),
        seen_at: now,
        stage: SessionStage::Whole,
        ..session
    };
    sessions::insert(connection, &open)?;
    let (action, subject) = (AuditAction::SignedIn, user.id.to_string());
    audit::record(connection, now, Some(user.id), action, &subject, "")?;
    Ok(true)
}

fn keep_codes(
    connection: &mut Connection,
    keys: &Keys,
    user: Id,
    codes: &[String],
) -> Result<(), Error> {
    let hash = |code: &String| keys.lookup(&recovery_subject(user, code));
    let hashes: Vec<Vec<u8>> = codes.iter().map(hash).collect();
    second_factors::delete_codes(connection, user)?;
    second_factors::insert_codes(connection, user, &hashes)
}

/// Turns a second factor on, which a right code proves to work, with its recovery
/// codes. Sessions of the person that waited for that are open.
///
/// # Errors
///
/// A code that is not right (`factor-code`); somebody who has one already.
pub fn set_up(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    (user, secret): (Id, &[u8]),
    (typed, codes): (&str, &[String]),
) -> Result<(), Error> {
    if second_factors::find(connection, user)?.is_some() {
        return Err(Error::Conflict(Clash::FactorSetUp));
    }
    let step = matching_step(secret, typed, seconds(now))?;
    let step = step.ok_or_else(|| Error::invalid("factor-code", "code"))?;
    let sealed = keys.seal_factor(user, secret)?;
    let factor = SecondFactor { user_id: user, sealed, since: now, last_step: step };
    second_factors::insert(connection, &factor)?;
    keep_codes(connection, keys, user, codes)?;
    sessions::release_setup(connection, user)?;
    audit::record(connection, now, Some(user), AuditAction::FactorSetUp, &user.to_string(), "")
}

/// Gives new recovery codes in the place of those before.
///
/// # Errors
///
/// A code that is not right.
pub fn renew_codes(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    user: Id,
    (typed, codes): (&str, &[String]),
) -> Result<(), Error> {
    if !take(connection, keys, now, user, typed)? {
        return Err(Error::invalid("factor-code", "code"));
    }
    keep_codes(connection, keys, user, codes)?;
    let (action, subject) = (AuditAction::RecoveryCodesMade, user.to_string());
    audit::record(connection, now, Some(user), action, &subject, "")
}

/// Takes one's own second factor away, as one does before a new device. Who must have
/// one sets up another before anything else.
///
/// # Errors
///
/// A code that is not right.
pub fn remove_own(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    user: Id,
    (typed, requirement): (&str, Requirement),
) -> Result<(), Error> {
    if !take(connection, keys, now, user, typed)? {
        return Err(Error::invalid("factor-code", "code"));
    }
    second_factors::delete(connection, user)?;
    let roles = people::roles_of(connection, user)?.into_iter().map(|(_, role)| role);
    if requirement.holds(roles, now.day_in(Zone::default())) {
        sessions::demand_setup(connection, user)?;
    }
    audit::record(connection, now, Some(user), AuditAction::FactorRemoved, &user.to_string(), "")
}

/// Takes somebody's second factor away who has lost the device and the codes: every
/// session ends, and a letter tells them. `by` is nobody on the command line.
///
/// # Errors
///
/// Nobody of that identity; no second factor; no authority over everything that
/// person is.
pub fn remove_of(
    connection: &mut Connection,
    now: Instant,
    by: Option<Id>,
    user: Id,
) -> Result<(), Error> {
    let row = people::find(connection, user)?.ok_or(Error::NotFound(Missing::User))?;
    if let Some(by) = by {
        over_person(connection, by, user)?;
    }
    if !second_factors::delete(connection, user)? {
        return Err(Error::Conflict(Clash::NoFactor));
    }
    sessions::delete_all(connection, user, None)?;
    let letter = AccountLetter::new(&row.email, AccountLetterKind::FactorRemoved, now);
    account_letters::queue(connection, &letter)?;
    audit::record(connection, now, by, AuditAction::FactorRemoved, &user.to_string(), "")
}
