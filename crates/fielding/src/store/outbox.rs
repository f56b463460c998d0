//! The outbox: messages decided on and not yet sent.
//!
//! A message is queued in the transaction of the decision to send it. A worker
//! claims it (queued → sending), hands it to the relay, and marks it sent. One
//! that was claimed when the program died may or may not have gone out: it is
//! marked `unsure` and never sent again by itself.

use diesel::prelude::*;

use super::cases::CaseRow;
use super::connection::on_either;
use super::schema::{cases, outbox, preparations, studies};
use super::{Connection, Id, Instant};
use crate::error::Error;
use crate::rules::states::{CaseStatus, MessageKind, MessageState, StudyStatus};

/// One message.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable, Selectable)]
#[diesel(table_name = outbox)]
pub struct Message {
    /// Identity.
    pub id: Id,
    /// The study.
    pub study_id: Id,
    /// The round.
    pub round_id: Id,
    /// To whom.
    pub case_id: Id,
    /// What it is; with its number one of a kind a case.
    pub kind: MessageKind,
    /// Reminders are numbered from 1; an invitation is 0.
    pub number: i64,
    /// Where it stands.
    pub state: MessageState,
    /// Not before.
    pub due_at: Instant,
    /// How often it was tried.
    pub attempts: i64,
    /// What the relay said last.
    pub problem: String,
}

/// Queues a message unless the case already has it; one of a preparation is there
/// when that has ended. Returns whether it was queued.
pub fn queue(
    connection: &mut Connection,
    case: &CaseRow,
    (kind, number): (MessageKind, i64),
    due_at: Instant,
    preparation: Id,
) -> Result<bool, Error> {
    let inserted = on_either!(
        connection,
        diesel::insert_into(outbox::table)
            .values((
                outbox::id.eq(Id::rising()),
                outbox::study_id.eq(case.study_id),
                outbox::round_id.eq(case.round_id),
                outbox::case_id.eq(case.id),
                outbox::kind.eq(kind),
                outbox::number.eq(number),
                outbox::state.eq(MessageState::Queued),
                outbox::due_at.eq(due_at),
                outbox::attempts.eq(0),
                outbox::problem.eq(""),
                outbox::preparation_id.eq(preparation),
            ))
            .on_conflict((outbox::case_id, outbox::kind, outbox::number))
            .do_nothing()
    )?;
    Ok(inserted > 0)
}

/// The cases of a round that are still open and have not had a message.
macro_rules! open_without {
    ($round:expr, $message:expr) => {{
        let (kind, number): (MessageKind, i64) = $message;
        let had = outbox::table
            .filter(outbox::round_id.eq($round))
            .filter(outbox::kind.eq(kind))
            .filter(outbox::number.eq(number))
            .select(outbox::case_id);
        cases::table
            .filter(cases::round_id.eq($round))
            .filter(cases::status.eq(CaseStatus::Open))
            .filter(diesel::dsl::not(cases::id.eq_any(had)))
    }};
}

/// How many cases of a round are still open and have not had a message, by the
/// language it would have.
pub fn open_by_language(
    connection: &mut Connection,
    round: Id,
    message: (MessageKind, i64),
) -> Result<Vec<(String, i64)>, Error> {
    Ok(open_without!(round, message)
        .group_by(cases::language)
        .select((cases::language, diesel::dsl::count_star()))
        .order(cases::language.asc())
        .load(connection)?)
}

/// The first of these cases after number `after`, in order.
pub fn open_after(
    connection: &mut Connection,
    round: Id,
    message: (MessageKind, i64),
    after: i64,
    limit: i64,
) -> Result<Vec<CaseRow>, Error> {
    Ok(open_without!(round, message)
        .filter(cases::number.gt(after))
        .order(cases::number.asc())
        .limit(limit)
        .load(connection)?)
}

/// Messages that belong to no preparation (any more): the others are not there yet.
macro_rules! there {
    ($query:expr) => {
        $query.filter(outbox::preparation_id.is_null().or(diesel::dsl::not(
            outbox::preparation_id.eq_any(preparations::table.select(preparations::id.nullable())),
        )))
    };
}

/// How many messages a preparation queued.
pub fn prepared_count(connection: &mut Connection, preparation: Id) -> Result<usize, Error> {
    let count: i64 = outbox::table
        .filter(outbox::preparation_id.eq(preparation))
        .count()
        .get_result(connection)?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// Takes back so many messages of a preparation. Returns how many there were.
pub fn take_back(connection: &mut Connection, preparation: Id, limit: i64) -> Result<usize, Error> {
    let some: Vec<Id> = outbox::table
        .filter(outbox::preparation_id.eq(preparation))
        .select(outbox::id)
        .limit(limit)
        .load(connection)?;
    Ok(diesel::delete(outbox::table.filter(outbox::id.eq_any(some))).execute(connection)?)
}

/// The number of the last reminder that was queued in a round, and when the last
/// message was; `None` before the first message.
pub fn last_of_round(
    connection: &mut Connection,
    round: Id,
) -> Result<Option<(i64, Instant)>, Error> {
    let last: (Option<i64>, Option<Instant>) = there!(outbox::table)
        .filter(outbox::round_id.eq(round))
        .select((diesel::dsl::max(outbox::number), diesel::dsl::max(outbox::due_at)))
        .first(connection)?;
    Ok(last.0.zip(last.1))
}

/// Claims up to `limit` messages that are due. Those whose case has ended
/// meanwhile are cancelled instead: reminders stop with the answer.
pub fn claim(connection: &mut Connection, now: Instant, limit: i64) -> Result<Vec<Message>, Error> {
    // Those of a study that is being closed are about to be taken back.
    let closed = studies::table.filter(studies::status.eq(StudyStatus::Closed)).select(studies::id);
    let due: Vec<(Message, CaseStatus)> = there!(outbox::table.inner_join(cases::table))
        .filter(diesel::dsl::not(outbox::study_id.eq_any(closed)))
        .filter(outbox::state.eq(MessageState::Queued))
        .filter(outbox::due_at.le(now))
        .order(outbox::due_at.asc())
        .limit(limit)
        .select((Message::as_select(), cases::status))
        .load(connection)?;
    let mut claimed = Vec::with_capacity(due.len());
    for (message, case_status) in due {
        let state = if case_status == CaseStatus::Open {
            MessageState::Sending
        } else {
            MessageState::Cancelled
        };
        // On a server several nodes may see the same row; the state in the
        // filter lets only one of them have it.
        let taken = diesel::update(
            outbox::table
                .filter(outbox::id.eq(message.id))
                .filter(outbox::state.eq(MessageState::Queued)),
        )
        .set((
            outbox::state.eq(state),
            outbox::attempts.eq(message.attempts + 1),
            outbox::due_at.eq(now),
        ))
        .execute(connection)?;
        if taken == 1 && state == MessageState::Sending {
            claimed.push(Message { attempts: message.attempts + 1, ..message });
        }
    }
    Ok(claimed)
}

/// Records how a claimed message went.
pub fn record_attempt(
    connection: &mut Connection,
    id: Id,
    state: MessageState,
    due_at: Instant,
    attempts: i64,
    problem: &str,
) -> Result<(), Error> {
    diesel::update(outbox::table.find(id))
        .set((
            outbox::state.eq(state),
            outbox::due_at.eq(due_at),
            outbox::attempts.eq(attempts),
            outbox::problem.eq(problem),
        ))
        .execute(connection)?;
    Ok(())
}

/// Messages claimed before `before` and without an outcome: the program died while
/// they were being sent. They are not sent again.
pub fn mark_unsure(connection: &mut Connection, before: Instant) -> Result<usize, Error> {
    Ok(diesel::update(
        outbox::table
            .filter(outbox::state.eq(MessageState::Sending))
            .filter(outbox::due_at.lt(before)),
    )
    .set(outbox::state.eq(MessageState::Unsure))
    .execute(connection)?)
}

/// What a program that stopped had under way. A file belongs to one program, so
/// at its start nothing can still be under way; on a server another node may be
/// sending, and [`mark_unsure`] waits.
pub fn mark_unsure_at_start(connection: &mut Connection) -> Result<usize, Error> {
    match connection {
        Connection::Sqlite(_) => mark_unsure(connection, Instant(i64::MAX)),
        Connection::Postgresql(_) => Ok(0),
    }
}

/// A message that may have gone out: the number of its case, its kind and number,
/// when it was tried.
pub type Doubtful = (i64, MessageKind, i64, Instant);

/// Messages of a study that may have gone out, the latest first, and how many
/// there are; those of people who finished or refused meanwhile do not matter
/// any more.
pub fn doubtful(
    connection: &mut Connection,
    study: Id,
    limit: i64,
) -> Result<(i64, Vec<Doubtful>), Error> {
    let of_study = || {
        outbox::table
            .inner_join(cases::table)
            .filter(outbox::study_id.eq(study))
            .filter(outbox::state.eq(MessageState::Unsure))
            .filter(cases::status.eq(CaseStatus::Open))
    };
    let all = of_study().count().get_result(connection)?;
    let shown = of_study()
        .order((outbox::due_at.desc(), cases::number.asc()))
        .limit(limit)
        .select((cases::number, outbox::kind, outbox::number, outbox::due_at))
        .load(connection)?;
    Ok((all, shown))
}

/// What may have gone out and whose case is still open: which message, in which
/// language, how many.
pub fn doubtful_by_letter(
    connection: &mut Connection,
    study: Id,
) -> Result<Vec<(MessageKind, String, i64)>, Error> {
    Ok(outbox::table
        .inner_join(cases::table)
        .filter(outbox::study_id.eq(study))
        .filter(outbox::state.eq(MessageState::Unsure))
        .filter(cases::status.eq(CaseStatus::Open))
        .group_by((outbox::kind, cases::language))
        .select((outbox::kind, cases::language, diesel::dsl::count_star()))
        .order((outbox::kind.asc(), cases::language.asc()))
        .load(connection)?)
}

/// Queues what may have gone out once more, to cases that are still open: the
/// same rows, so the same Message-IDs. Returns how many.
pub fn queue_doubtful(
    connection: &mut Connection,
    study: Id,
    due_at: Instant,
) -> Result<usize, Error> {
    let open = cases::table
        .filter(cases::study_id.eq(study))
        .filter(cases::status.eq(CaseStatus::Open))
        .select(cases::id);
    Ok(diesel::update(
        outbox::table
            .filter(outbox::study_id.eq(study))
            .filter(outbox::state.eq(MessageState::Unsure))
            .filter(outbox::case_id.eq_any(open)),
    )
    .set((
        outbox::state.eq(MessageState::Queued),
        outbox::due_at.eq(due_at),
        outbox::attempts.eq(0),
        outbox::problem.eq(""),
    ))
    .execute(connection)?)
}

/// Takes back what is still queued for these cases, as many as a portion has.
pub fn cancel(connection: &mut Connection, cases: &[Id]) -> Result<(), Error> {
    diesel::update(
        outbox::table
            .filter(outbox::case_id.eq_any(cases.to_vec()))
            .filter(outbox::state.eq(MessageState::Queued)),
    )
    .set(outbox::state.eq(MessageState::Cancelled))
    .execute(connection)?;
    Ok(())
}

/// How many messages of a study wait to be sent.
pub fn queued_count(connection: &mut Connection, study: Id) -> Result<i64, Error> {
    Ok(there!(outbox::table)
        .filter(outbox::study_id.eq(study))
        .filter(outbox::state.eq(MessageState::Queued))
        .count()
        .get_result(connection)?)
}

/// Messages of a study by kind and state.
pub fn counts(connection: &mut Connection, study: Id) -> Result<Vec<MessageCount>, Error> {
    Ok(there!(outbox::table)
        .filter(outbox::study_id.eq(study))
        .group_by((outbox::kind, outbox::number, outbox::state))
        .select((outbox::kind, outbox::number, outbox::state, diesel::dsl::count_star()))
        .order((outbox::kind.asc(), outbox::number.asc(), outbox::state.asc()))
        .load(connection)?)
}

/// How many messages of a kind and number are in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable)]
pub struct MessageCount {
    /// What they are.
    pub kind: MessageKind,
    /// Their number among those of their kind.
    pub number: i64,
    /// Where they stand.
    pub state: MessageState,
    /// How many.
    pub messages: i64,
}

/// Why messages of a study failed, the commonest reason first.
pub fn problems(connection: &mut Connection, study: Id) -> Result<Vec<(String, i64)>, Error> {
    let count = diesel::dsl::count_star();
    Ok(outbox::table
        .filter(outbox::study_id.eq(study))
        .filter(outbox::state.eq(MessageState::Failed))
        .group_by(outbox::problem)
        .select((outbox::problem, count))
        .order((count.desc(), outbox::problem.asc()))
        .limit(20)
        .load(connection)?)
}
