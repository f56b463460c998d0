//! What happens to a case is written down once, and its disposition and the
//! counts follow.
//!
//! What comes from outside (mail taken over, bounces, wishes for no more mail) is
//! a contact of the case in every study. What the person does in an anonymous
//! study is none: it changes how the case is counted, which only the sealed
//! interview knows, and nothing on the case.

use crate::error::{Error, Missing};
use crate::keys::Keys;
use crate::rules::disposition::{Disposition, Event, disposition};
use crate::rules::states::{CaseStatus, Mode, SuppressionReason};
use crate::store::cases::{self, CaseRow};
use crate::store::responses::{self, Open};
use crate::store::studies::{self, Study};
use crate::store::{Connection, Id, Instant, contacts, outbox, outcomes, suppressions};

/// Writes an event from outside down and derives the disposition anew.
pub fn record(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    study: &Study,
    case: Id,
    mode: Mode,
    event: Event,
) -> Result<Disposition, Error> {
    let case = cases::find(connection, case)?.ok_or(Error::NotFound(Missing::Case))?;
    contacts::insert(connection, case.id, study.keeps(now), mode, event)?;
    let events = contacts::events_of(connection, case.id)?;
    let derived = disposition(events.into_iter().map(|(_, _, event)| event));
    if derived == case.disposition {
        return Ok(derived);
    }
    cases::set_disposition(connection, case.id, derived)?;
    // Once a person of an anonymous study has begun, what they do counts, not
    // what the mail does.
    let counted_elsewhere = study.is_anonymous()
        && (responses::has_sealed_link(connection, keys, case.id)?
            || responses::ending_of(connection, keys, case.id)?.is_some());
    if !counted_elsewhere {
        let (stratum, before) = (case.stratum.as_str(), case.disposition);
        outcomes::shift(connection, case.round_id, stratum, before, derived)?;
    }
    Ok(derived)
}

/// Notes what the person did in an open interview.
pub fn answered(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    study: &Study,
    case: &CaseRow,
    open: &mut Open,
    event: Event,
) -> Result<(), Error> {
    let Some(known) = &mut open.known else {
        record(connection, keys, now, study, case.id, open.row.mode, event)?;
        return Ok(());
    };
    let after = known.disposition.after(event);
    outcomes::shift(connection, case.round_id, &case.stratum, known.disposition, after)?;
    if known.disposition != after {
        known.disposition = after;
        responses::set_known(connection, keys, open.row.id, known)?;
    }
    Ok(())
}

/// Notes that somebody who has not begun does not take part.
pub fn opted_out(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    study: &Study,
    case: &CaseRow,
) -> Result<(), Error> {
    if study.is_anonymous() {
        let after = case.disposition.after(Event::OptedOut);
        return outcomes::shift(connection, case.round_id, &case.stratum, case.disposition, after);
    }
    record(connection, keys, now, study, case.id, Mode::Web, Event::OptedOut).map(drop)
}

/// The owner of an address wants no more mail: the address is remembered, what
/// is queued for the case is taken back, and the case knows.
pub fn unsubscribe(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    case: Id,
    contact_hash: &[u8],
) -> Result<(), Error> {
    let case = cases::find(connection, case)?.ok_or(Error::NotFound(Missing::Link))?;
    let study = studies::require(connection, case.study_id)?;
    if suppressions::contains(connection, contact_hash)? {
        return Ok(());
    }
    let since = study.today(now);
    suppressions::insert(connection, contact_hash, SuppressionReason::Unsubscribed, since)?;
    outbox::cancel(connection, &[case.id])?;
    if case.status == CaseStatus::Open {
        record(connection, keys, now, &study, case.id, Mode::Email, Event::Unsubscribed)?;
    }
    Ok(())
}
