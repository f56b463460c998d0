//! What would hold the writer for long is stored in portions, between which
//! respondents' pages are, and is there for everybody with the last one. What
//! stopped on the way is taken back, or for a closing and a release gone on with.

use std::sync::Arc;
use std::time::Duration;

use crate::acts::deletion;
use crate::acts::draw::Drawn;
use crate::acts::invitations::{self, Queueing};
use crate::acts::keep_sample;
use crate::acts::release::{self, Releasing};
use crate::acts::study::{self, Closing};
use crate::acts::trials::{kept_since, remove_old_trials};
use crate::app::App;
use crate::error::Error;
use crate::rules::states::{FrameState, Prepared};
use crate::store::preparations::{self, PORTION, Preparation};
use crate::store::{
    Connection, Id, Instant, Scope, deletion as stored, frames, outbox, samples, trials,
};

/// A preparation to which nothing came for so long has died with its program.
const PATIENCE_SECONDS: i64 = 600;
/// A frame that has been coming in for so long has died with its program: nothing as
/// large as a frame may be takes as long.
const ARRIVAL_SECONDS: i64 = 6 * 3_600;
/// The rest after a full queue.
const REST: Duration = Duration::from_millis(50);

/// Writes a portion; while more waits to be written than may wait, this waits.
fn write<T, F>(app: &App, study: Id, change: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: Fn(&mut Connection) -> Result<T, Error> + Clone + Send + 'static,
{
    loop {
        match app.store.write_now(Scope::Study(study), change.clone()) {
            Err(Error::Busy) => std::thread::sleep(REST),
            outcome => return outcome,
        }
    }
}

/// Stores a draw: its sample is there with its cases, and the frame is let go.
/// Returns how many cases are open.
///
/// # Errors
///
/// Everything that [`keep_sample::begin`] and [`keep_sample::end`] refuse; then
/// nothing is kept.
pub fn store_sample(app: &App, user: Option<Id>, study: Id, drawn: Drawn) -> Result<usize, Error> {
    let (now, drawn) = (app.clock.now(), Arc::new(drawn));
    let of_draw = Arc::clone(&drawn);
    let begun =
        write(app, study, move |connection| keep_sample::begin(connection, now, study, &of_draw))?;
    let outcome = keep_rest(app, user, study, &begun, &drawn);
    if outcome.is_err() {
        take_back(app, study, begun.preparation(), Prepared::Sample)?;
    }
    outcome
}

fn keep_rest(
    app: &App,
    user: Option<Id>,
    study: Id,
    begun: &keep_sample::Begun,
    drawn: &Drawn,
) -> Result<usize, Error> {
    let rows = Arc::new(keep_sample::rows(&app.keys, begun, drawn)?);
    let portion = |units: std::ops::Range<usize>, areas: std::ops::Range<usize>| {
        let (rows, begun, now) = (Arc::clone(&rows), begun.clone(), app.clock.now());
        write(app, study, move |connection| {
            let units = rows.units.get(units.clone()).unwrap_or_default();
            let areas = rows.areas.get(areas.clone()).unwrap_or_default();
            keep_sample::keep(connection, now, &begun, units, areas)
        })
    };
    let ranges = |length: usize| {
        (0..length).step_by(PORTION).map(move |from| from..(from + PORTION).min(length))
    };
    ranges(rows.units.len()).try_for_each(|units| portion(units, 0..0))?;
    ranges(rows.areas.len()).try_for_each(|areas| portion(0..0, areas))?;
    let (rows, begun, now) = (Arc::clone(&rows), begun.clone(), app.clock.now());
    write(app, study, move |connection| keep_sample::end(connection, now, user, &begun, &rows))
}

/// Queues an invitation to every open case that has had none. Returns how many.
///
/// # Errors
///
/// As [`invitations::invite`].
pub fn invite(app: &App, user: Option<Id>, study: Id) -> Result<usize, Error> {
    let now = app.clock.now();
    let begun = write(app, study, move |connection| invitations::invite(connection, now, study))?;
    queue(app, user, study, begun)
}

/// Queues the next reminder. Returns how many.
///
/// # Errors
///
/// As [`invitations::remind`].
pub fn remind(app: &App, user: Option<Id>, study: Id) -> Result<usize, Error> {
    let now = app.clock.now();
    let begun = write(app, study, move |connection| invitations::remind(connection, now, study))?;
    queue(app, user, study, begun)
}

/// Queues the messages that were begun with. Returns how many.
///
/// # Errors
///
/// A study that was closed meanwhile; then none goes out.
pub fn queue(app: &App, user: Option<Id>, study: Id, begun: Queueing) -> Result<usize, Error> {
    let outcome = queue_rest(app, user, study, begun);
    if outcome.is_err() {
        take_back(app, study, begun.preparation(), Prepared::Messages)?;
    }
    outcome
}

fn queue_rest(app: &App, user: Option<Id>, study: Id, begun: Queueing) -> Result<usize, Error> {
    let mut after = 0;
    loop {
        let now = app.clock.now();
        let last = write(app, study, move |connection| {
            invitations::queue_portion(connection, now, &begun, after)
        })?;
        match last {
            Some(last) => after = last,
            None => break,
        }
    }
    let now = app.clock.now();
    write(app, study, move |connection| invitations::end_queueing(connection, now, user, &begun))
}

/// Releases the replicates of a study's sample up to number `upto`. Returns how many
/// cases that opened.
///
/// # Errors
///
/// As [`release::release`]; once it is decided it is gone on with later.
pub fn release(app: &App, user: Option<Id>, study: Id, upto: u32) -> Result<usize, Error> {
    let now = app.clock.now();
    let begun =
        write(app, study, move |connection| release::release(connection, now, user, study, upto))?;
    open_released(app, begun)
}

/// Opens the cases of released replicates. Returns how many.
///
/// # Errors
///
/// What the database says.
pub fn open_released(app: &App, releasing: Releasing) -> Result<usize, Error> {
    let (study, mut after, mut opened) = (releasing.study(), 0, 0);
    loop {
        let now = app.clock.now();
        let portion = write(app, study, move |connection| {
            release::release_portion(connection, now, &releasing, after)
        })?;
        let Some((last, more)) = portion else { break };
        (after, opened) = (last, opened + more);
    }
    write(app, study, move |connection| release::end_release(connection, &releasing))?;
    Ok(opened)
}

/// Closes a study and ends what is under way. Returns how many interviews became
/// partial.
///
/// # Errors
///
/// What the database says; the closing is gone on with later.
pub fn close(app: &App, user: Option<Id>, study: Id) -> Result<usize, Error> {
    let now = app.clock.now();
    let begun =
        write(app, study, move |connection| study::close_study(connection, now, user, study))?;
    begun.map_or(Ok(0), |closing| end_all(app, closing))
}

/// Ends what is under way in a study that was closed. Returns how many interviews
/// became partial.
///
/// # Errors
///
/// As [`close`].
pub fn end_all(app: &App, closing: Closing) -> Result<usize, Error> {
    let (study, mut after, mut partial) = (closing.study(), 0, 0);
    loop {
        let now = app.clock.now();
        let last = write(app, study, move |connection| {
            study::cancel_portion(connection, now, &closing, after)
        })?;
        let Some(last) = last else { break };
        after = last;
    }
    after = 0;
    loop {
        let (keys, now) = (app.keys.clone(), app.clock.now());
        let ended = write(app, study, move |connection| {
            study::close_portion(connection, &keys, now, &closing, after)
        })?;
        let Some((last, became)) = ended else { break };
        (after, partial) = (last, partial + became);
    }
    let keys = app.keys.clone();
    write(app, study, move |connection| study::end_closing(connection, &keys, &closing))?;
    app.store.forget_journal()?;
    Ok(partial)
}

/// Deletes what belongs to a study whose deletion has begun, in portions, and the
/// study.
///
/// # Errors
///
/// What the database says; the deletion is gone on with later.
pub fn delete_all(app: &App, study: Id) -> Result<(), Error> {
    loop {
        let keys = app.keys.clone();
        let more = write(app, study, move |connection| {
            deletion::deletion_portion(connection, &keys, study)
        })?;
        if !more {
            break;
        }
    }
    let keys = app.keys.clone();
    write(app, study, move |connection| deletion::end_deletion(connection, &keys, study))?;
    app.store.forget_journal()
}

/// Takes a preparation back, in portions.
fn take_back(app: &App, study: Id, id: Id, what: Prepared) -> Result<(), Error> {
    let limit = preparations::limit();
    loop {
        let left = write(app, study, move |connection| {
            let left = match what {
                Prepared::Sample => samples::take_back(connection, id, limit)?,
                Prepared::Messages => outbox::take_back(connection, id, limit)? > 0,
                Prepared::Closing | Prepared::Release => false,
            };
            if !left {
                preparations::end(connection, id)?;
            }
            Ok(left)
        })?;
        if !left {
            return Ok(());
        }
    }
}

/// Goes on with closings, releases and deletions that stopped, and takes other preparations back to which
/// nothing came since `before`, and frames that have been coming in since hours before that.
/// Returns how many.
///
/// # Errors
///
/// What the database says.
pub fn sweep(app: &App, before: Instant) -> Result<usize, Error> {
    let stopped = app.store.read_now(|connection| preparations::stopped(connection, before))?;
    for one in &stopped {
        let Preparation { id, study_id, what, .. } = *one;
        match what {
            Prepared::Closing => end_all(app, Closing::of(one)).map(drop)?,
            Prepared::Release => open_released(app, Releasing::of(one)).map(drop)?,
            Prepared::Sample | Prepared::Messages => take_back(app, study_id, id, what)?,
        }
    }
    let arriving_since = before.plus_seconds(-ARRIVAL_SECONDS);
    let arriving = app.store.read_now(|connection| frames::arriving(connection, arriving_since))?;
    for (study, frame) in &arriving {
        let frame = *frame;
        write(app, *study, move |connection| {
            // It may have come in after all.
            let row = frames::find(connection, frame)?;
            if row.is_some_and(|row| row.state == FrameState::Arriving) {
                frames::discard(connection, frame)?;
            }
            Ok(())
        })?;
    }
    // To delete what another node is deleting harms nobody.
    let deleted = app.store.read_now(stored::begun)?;
    deleted.iter().try_for_each(|study| delete_all(app, *study))?;
    let now = app.clock.now();
    let old = app.store.read_now(|connection| trials::with_older(connection, kept_since(now)))?;
    for study in &old {
        let study = *study;
        write(app, study, move |connection| remove_old_trials(connection, now, study))?;
    }
    Ok(stopped.len() + arriving.len() + deleted.len() + old.len())
}

/// What stopped with the program that ran before: a file belongs to one program, so
/// that at its start nothing can be under way; on a server another node may be at it.
///
/// # Errors
///
/// What the database says.
pub fn sweep_at_start(app: &App) -> Result<usize, Error> {
    if app.store.is_shared() { Ok(0) } else { sweep(app, Instant(i64::MAX)) }
}

/// Looks after what stopped, again and again.
pub async fn run(app: App, pause: Duration) {
    loop {
        let before = app.clock.now().plus_seconds(-PATIENCE_SECONDS);
        let in_work = app.clone();
        match tokio::task::spawn_blocking(move || sweep(&in_work, before)).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::error!(%error, "what stopped could not be swept up"),
            Err(error) => tracing::error!(%error, "what stopped could not be swept up"),
        }
        tokio::time::sleep(pause).await;
    }
}
