//! Whom a study writes to: invitations and reminders are queued here, claimed by
//! whoever sends them, and what became of each is written down.

use super::contact;
use crate::error::{Clash, Error, Missing, Problem};
use crate::keys::Keys;
use crate::rules::disposition::Event;
use crate::rules::states::{AuditAction, MessageKind, MessageState, Mode};
use crate::store::cases::CaseRow;
use crate::store::outbox::{self, Message};
use crate::store::studies::{self, Study};
use crate::store::{Connection, Id, Instant, audit, responses, rounds};

/// Nobody is written to about a study that takes no answers.
fn require_open(connection: &mut Connection, now: Instant, study: Id) -> Result<Study, Error> {
    let row = studies::find(connection, study)?.ok_or(Error::NotFound(Missing::Study))?;
    if row.accepts_answers(row.today(now)) {
        Ok(row)
    } else {
        Err(Error::Conflict(Clash::StudyNotOpen))
    }
}

/// Messages that are about to be queued: which, and to whom.
#[derive(Clone, Debug)]
pub struct Due {
    /// Its kind and number.
    pub message: (MessageKind, i64),
    /// The cases it goes to.
    pub cases: Vec<CaseRow>,
}

impl Due {
    /// Queues them. Returns how many.
    fn queue(&self, connection: &mut Connection, now: Instant) -> Result<usize, Error> {
        outbox::queue_all(connection, &self.cases, self.message, now)
    }
}

/// The invitations that [`invite`] queues: to every open case that has had none.
///
/// # Errors
///
/// A study that takes no answers.
pub fn invitations_due(connection: &mut Connection, now: Instant, study: Id) -> Result<Due, Error> {
    require_open(connection, now, study)?;
    let round = rounds::current(connection, study)?.id;
    let message = (MessageKind::Invitation, 0);
    Ok(Due { message, cases: outbox::open_without(connection, round, message)? })
}

/// Queues an invitation to every open case that has had none. Returns how many.
pub fn invite(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    study: Id,
) -> Result<usize, Error> {
    let queued = invitations_due(connection, now, study)?.queue(connection, now)?;
    record(connection, now, user, AuditAction::Invited, study, queued)
}

/// The reminders that [`remind`] queues: to every case that has neither finished
/// nor refused. In an anonymous study to every case that could be written to, so
/// that the queue tells nobody who has answered; those who have get none when it
/// is sent.
///
/// # Errors
///
/// A study that takes no answers, nobody invited yet, or the last message less
/// than the study's gap ago.
pub fn reminders_due(connection: &mut Connection, now: Instant, study: Id) -> Result<Due, Error> {
    let row = require_open(connection, now, study)?;
    let round = rounds::current(connection, study)?.id;
    let Some((last, at)) = outbox::last_of_round(connection, round)? else {
        return Err(Error::Conflict(Clash::NobodyInvited));
    };
    let days = (row.today(now) - row.today(at)).num_days();
    if days < row.gap_days {
        return Err(Error::Invalid(vec![
            Problem::new("reminder-gap", "")
                .with("days", row.gap_days)
                .with("last", crate::locale::date(row.today(at))),
        ]));
    }
    let message = (MessageKind::Reminder, last + 1);
    Ok(Due { message, cases: outbox::open_without(connection, round, message)? })
}

/// Queues the next reminder: see [`reminders_due`]. Returns how many.
///
/// # Errors
///
/// As [`reminders_due`].
pub fn remind(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    study: Id,
) -> Result<usize, Error> {
    let queued = reminders_due(connection, now, study)?.queue(connection, now)?;
    record(connection, now, user, AuditAction::Reminded, study, queued)
}

/// The messages that [`send_doubtful_again`] queues: kind, language, how many.
///
/// # Errors
///
/// A study that takes no answers.
pub fn doubtful_due(
    connection: &mut Connection,
    now: Instant,
    study: Id,
) -> Result<Vec<(MessageKind, String, i64)>, Error> {
    require_open(connection, now, study)?;
    outbox::doubtful_by_letter(connection, study)
}

/// Sends once more what may have gone out when the program or the connection
/// died: whoever asks for it accepts that somebody may hear twice, and a mail
/// program knows the second for the first. Returns how many.
pub fn send_doubtful_again(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    study: Id,
) -> Result<usize, Error> {
    require_open(connection, now, study)?;
    let queued = outbox::queue_doubtful(connection, study, now)?;
    record(connection, now, user, AuditAction::SentAgain, study, queued)
}

/// Writes down how many messages somebody had queued, and returns it.
fn record(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    action: AuditAction,
    study: Id,
    queued: usize,
) -> Result<usize, Error> {
    audit::record(connection, now, user, action, &study.to_string(), &queued.to_string())?;
    Ok(queued)
}

/// Whether a message is not to be sent because its person has ended the
/// interview since; in an anonymous study only the keys can tell.
pub fn is_needless(
    connection: &mut Connection,
    keys: &Keys,
    message: &Message,
    study: &Study,
) -> Result<bool, Error> {
    Ok(study.is_anonymous() && responses::ending_of(connection, keys, message.case_id)?.is_some())
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The message.
    pub message: Message,
    /// Where it stands now.
    pub state: MessageState,
    /// When it is due next.
    pub due_at: Instant,
    /// How often it has been tried.
    pub attempts: i64,
    /// What the relay said.
    pub problem: String,
    /// What that makes true of the case.
    pub event: Option<Event>,
}

/// Writes down what became of a message.
pub fn settle(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    settled: &Settled,
) -> Result<(), Error> {
    let Settled { message, state, due_at, attempts, problem, event } = settled;
    outbox::settle(connection, message.id, *state, *due_at, *attempts, problem)?;
    if let Some(event) = event {
        let study =
            studies::find(connection, message.study_id)?.ok_or(Error::NotFound(Missing::Study))?;
        contact::record(connection, keys, now, &study, message.case_id, Mode::Email, *event)?;
    }
    Ok(())
}
