//! How an interview ends: submitted, screened out, refused, or broken off when
//! its study closes.

use serde::{Deserialize, Serialize};
use survey_builder::questionnaire::answer::Answers;
use survey_builder::questionnaire::path::Stop;

use super::save::{Step, Then, take_step};
use super::{Interview, RETRIES, Standing, Taken};
use crate::acts::contact;
use crate::app::App;
use crate::error::{Clash, Error};
use crate::keys::Keys;
use crate::rules::disposition::Event;
use crate::rules::states::{CaseStatus, DayCount, Ended, ResponseState};
use crate::store::cases::{self, CaseRow};
use crate::store::responses::{self, Known, Open};
use crate::store::studies::Study;
use crate::store::{Connection, Id, Instant, files, outbox, pool, rounds};

/// Submits the interview. Returns the first stop that is still open, if one is;
/// then nothing has changed.
pub async fn submit(app: &App, interview: &Interview) -> Result<Option<Stop>, Error> {
    let mut interview = interview.clone();
    for _ in 0..=RETRIES {
        match interview.standing() {
            Standing::Done => return Ok(None),
            Standing::Open => {}
            _ => return Err(Error::Conflict(Clash::InterviewEnded)),
        }
        let path = interview.path();
        if let Some(open) = interview.first_open_stop(path) {
            return Ok(Some(open.clone()));
        }
        let answers = interview.progress.answers.clone();
        let step = Step {
            then: Then::End { state: ResponseState::Complete, answers },
            ..Step::of(&interview).ok_or(Error::Conflict(Clash::InterviewEnded))?
        };
        if run(app, &interview, step).await? == Taken::Stored {
            return Ok(None);
        }
        interview = interview.reload(app).await?;
    }
    Err(Error::Busy)
}

/// The person does not take part: what was answered is removed.
pub async fn refuse(app: &App, interview: &Interview) -> Result<(), Error> {
    let mut interview = interview.clone();
    for _ in 0..=RETRIES {
        let Some(step) = Step::of(&interview) else { return Ok(()) };
        if run(app, &interview, Step { then: Then::Refuse, ..step }).await? != Taken::Stale {
            return Ok(());
        }
        interview = interview.reload(app).await?;
    }
    Err(Error::Busy)
}

/// Stores a step in one transaction.
pub(super) async fn run(app: &App, interview: &Interview, step: Step) -> Result<Taken, Error> {
    let (keys, now) = (app.keys.clone(), app.clock.now());
    let scope = step.scope(&interview.study);
    app.store.write(scope, move |connection| take_step(connection, &keys, now, &step)).await
}

/// What goes into the pool when an interview of an anonymous study has ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EndedInterview {
    /// The version it answers.
    pub version_id: Id,
    /// How it ended.
    pub state: ResponseState,
    /// What was known of it.
    pub known: Known,
    /// Its answers.
    pub answers: Answers,
}

/// A file in the pool: the name that the answers hold, and its content.
fn pooled_file(name: &str, bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(name.len()).unwrap_or(u16::MAX);
    [length.to_be_bytes().as_slice(), name.as_bytes(), bytes].concat()
}

/// The name and the content of a file that comes out of the pool.
pub fn read_pooled_file(file: &[u8]) -> Option<(String, Vec<u8>)> {
    let (length, rest) = file.split_first_chunk::<2>()?;
    let (name, bytes) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    Some((String::from_utf8(name.to_vec()).ok()?, bytes.to_vec()))
}

/// The event that an ending is, where it is one.
fn event_of(state: ResponseState) -> Option<Event> {
    match state {
        ResponseState::Complete => Some(Event::Completed),
        ResponseState::ScreenedOut => Some(Event::ScreenedOut),
        ResponseState::Open | ResponseState::Partial | ResponseState::BrokenOff => None,
    }
}

/// Ends an open interview in one of the ways in which its answers stay.
///
/// In an anonymous study the response leaves its table for the pool, the way to
/// it and its revisions are deleted, and the case is marked, not changed.
/// Elsewhere the answers are folded into the response and the case is closed.
pub fn finish(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    study: &Study,
    case: &CaseRow,
    mut open: Open,
    (state, answers): (ResponseState, &Answers),
) -> Result<(), Error> {
    if let Some(event) = event_of(state) {
        contact::answered(connection, keys, now, study, case, &mut open, event)?;
    }
    let today = study.today(now);
    let Some(known) = open.known else {
        responses::end(connection, open.row.id, state, answers, today)?;
        let status = if event_of(state).is_some() { CaseStatus::Done } else { CaseStatus::Closed };
        cases::end(connection, case.id, status, today)?;
        return outbox::cancel(connection, &[case.id]);
    };
    let mut sent = Vec::new();
    for (name, bytes) in files::of_response(connection, keys, open.row.id, true)? {
        if responses::file_names(answers).contains(name.as_str()) {
            sent.push(pooled_file(&name, &bytes));
        }
    }
    let ended =
        EndedInterview { version_id: open.row.version_id, state, known, answers: answers.clone() };
    let content = serde_json::to_vec(&ended)
        .map_err(|error| Error::Damaged { what: "response", reason: error.to_string() })?;
    pool::insert(connection, keys, case.round_id, &content, &sent)?;
    responses::delete(connection, keys, case.id, open.row.id)?;
    let ending = match state {
        ResponseState::Complete => Ended::Done,
        ResponseState::ScreenedOut => Ended::ScreenedOut,
        ResponseState::Open | ResponseState::Partial | ResponseState::BrokenOff => Ended::Closed,
    };
    responses::mark_ended(connection, keys, case.id, ending)?;
    // What is queued for the case stays as it is: a message that is taken back
    // would tell. Who has ended gets none; see `claim`.
    rounds::count_day(connection, case.round_id, today, DayCount::Ended, 1)
}

/// Removes what somebody answered who does not take part.
pub(super) fn remove(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    study: &Study,
    case: &CaseRow,
    open: Option<Open>,
) -> Result<(), Error> {
    let today = study.today(now);
    let anonymous = study.is_anonymous();
    match open {
        Some(mut open) => {
            contact::answered(connection, keys, now, study, case, &mut open, Event::OptedOut)?;
            responses::delete(connection, keys, case.id, open.row.id)?;
        }
        None => contact::opted_out(connection, keys, now, study, case)?,
    }
    if anonymous {
        responses::mark_ended(connection, keys, case.id, Ended::Refused)?;
        return rounds::count_day(connection, case.round_id, today, DayCount::Ended, 1);
    }
    cases::end(connection, case.id, CaseStatus::Refused, today)?;
    outbox::cancel(connection, &[case.id])
}
