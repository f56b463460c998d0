//! Whom a study writes to: invitations and reminders are queued here, claimed by
//! whoever sends them, and what became of each is written down.

use super::contact;
use crate::error::{Clash, Error, Problem};
use crate::keys::Keys;
use crate::rules::disposition::Event;
use crate::rules::states::{AuditAction, MessageKind, MessageState, Mode, Prepared};
use crate::store::outbox::{self, Message};
use crate::store::preparations::{self, Preparation};
use crate::store::studies::{self, Study};
use crate::store::{Connection, Id, Instant, audit, responses, rounds};

/// Nobody is written to about a study that takes no answers.
fn require_open(connection: &mut Connection, now: Instant, study: Id) -> Result<Study, Error> {
    let row = studies::require(connection, study)?;
    if row.accepts_answers(row.today(now)) {
        Ok(row)
    } else {
        Err(Error::Conflict(Clash::StudyNotOpen))
    }
}

/// Messages that are about to be queued: which, and to how many.
#[derive(Clone, Debug)]
pub struct Due {
    round: Id,
    /// Its kind and number.
    pub message: (MessageKind, i64),
    /// How many cases it goes to, by language.
    pub languages: Vec<(String, i64)>,
}

impl Due {
    fn of(
        connection: &mut Connection,
        round: Id,
        message: (MessageKind, i64),
    ) -> Result<Self, Error> {
        let languages = outbox::open_by_language(connection, round, message)?;
        Ok(Self { round, message, languages })
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
    Due::of(connection, round, (MessageKind::Invitation, 0))
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
                .with("last", locale::date(row.today(at))),
        ]));
    }
    Due::of(connection, round, (MessageKind::Reminder, last + 1))
}

/// Messages that are being queued in portions, for nobody to see or to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queueing {
    id: Id,
    study: Id,
    round: Id,
    message: (MessageKind, i64),
    begun_at: Instant,
}

impl Queueing {
    /// Its preparation.
    pub fn preparation(&self) -> Id {
        self.id
    }
}

/// Begins to queue an invitation to every open case that has had none.
///
/// # Errors
///
/// As [`invitations_due`], and a study for which something is being prepared.
pub fn invite(connection: &mut Connection, now: Instant, study: Id) -> Result<Queueing, Error> {
    let due = invitations_due(connection, now, study)?;
    begin_queueing(connection, now, study, &due)
}

/// Begins to queue the next reminder: see [`reminders_due`].
///
/// # Errors
///
/// As [`reminders_due`], and a study for which something is being prepared.
pub fn remind(connection: &mut Connection, now: Instant, study: Id) -> Result<Queueing, Error> {
    let due = reminders_due(connection, now, study)?;
    begin_queueing(connection, now, study, &due)
}

fn begin_queueing(
    connection: &mut Connection,
    now: Instant,
    study: Id,
    due: &Due,
) -> Result<Queueing, Error> {
    // The cases of a sample that is still being stored, or released, are not there yet.
    let sorts = [Prepared::Messages, Prepared::Sample, Prepared::Release];
    preparations::require_none(connection, study, &sorts)?;
    let id = Id::rising();
    let what = Prepared::Messages;
    preparations::begin(connection, &Preparation { id, study_id: study, what, touched_at: now })?;
    Ok(Queueing { id, study, round: due.round, message: due.message, begun_at: now })
}

/// Queues a portion, to cases after number `after`. Returns the number of the last
/// one; `None` when there was none left.
///
/// # Errors
///
/// [`Clash::TakenBack`] when the rest was.
pub fn queue_portion(
    connection: &mut Connection,
    now: Instant,
    queueing: &Queueing,
    after: i64,
) -> Result<Option<i64>, Error> {
    let Queueing { id, round, message, begun_at, .. } = *queueing;
    if !preparations::touch(connection, id, now)? {
        return Err(Error::Conflict(Clash::TakenBack));
    }
    let limit = preparations::limit();
    let portion = outbox::open_after(connection, round, message, after, limit)?;
    for case in &portion {
        outbox::queue(connection, case, message, begun_at, id)?;
    }
    Ok(portion.last().map(|case| case.number))
}

/// What was queued is there, and goes out. Returns how many messages.
///
/// # Errors
///
/// A study that was closed meanwhile: nobody is written to.
pub fn end_queueing(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    queueing: &Queueing,
) -> Result<usize, Error> {
    require_open(connection, now, queueing.study)?;
    if !preparations::end(connection, queueing.id)? {
        return Err(Error::Conflict(Clash::TakenBack));
    }
    let queued = outbox::prepared_count(connection, queueing.id)?;
    let action = match queueing.message.0 {
        MessageKind::Invitation => AuditAction::Invited,
        MessageKind::Reminder => AuditAction::Reminded,
    };
    record(connection, now, user, action, queueing.study, queued)
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
pub struct Attempt {
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
pub fn record_attempt(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    attempt: &Attempt,
) -> Result<(), Error> {
    let Attempt { message, state, due_at, attempts, problem, event } = attempt;
    outbox::record_attempt(connection, message.id, *state, *due_at, *attempts, problem)?;
    if let Some(event) = event {
        let study = studies::require(connection, message.study_id)?;
        contact::record(connection, keys, now, &study, message.case_id, Mode::Email, *event)?;
    }
    Ok(())
}
