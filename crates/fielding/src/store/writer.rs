//! The one writer of an `SQLite` database.
//!
//! A thread takes whatever has queued, up to [`BATCH`] jobs, runs each in a
//! savepoint (a bad one does not fail its neighbours), commits them all with
//! one wait for the disk, and only then answers. So many respondents share one
//! disk flush, and none is told "saved" before it is true.

use std::any::Any;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use super::Connection;
use crate::error::Error;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};

type Manager = <Connection as diesel::Connection>::TransactionManager;

/// Jobs that may wait; the next one is refused and the client told to retry.
const QUEUE: usize = 1024;
/// Jobs in one commit.
const BATCH: usize = 256;

/// Tells the waiting caller: `None` when the commit succeeded.
type Acknowledge = Box<dyn FnOnce(Option<Error>) + Send>;
type Job = Box<dyn FnOnce(Result<&mut Connection, Error>) -> (bool, Acknowledge) + Send>;

/// A handle to the writer thread.
#[derive(Clone)]
pub struct Writer {
    queue: Arc<SyncSender<Job>>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Result<Self, Error> {
        let (queue, jobs) = sync_channel(QUEUE);
        std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || write_all(connection, &jobs))
            .map_err(|error| Error::Unreachable(error.to_string()))?;
        Ok(Self { queue: Arc::new(queue) })
    }

    /// Queues a change; `answer` hears how it went once it is on disk or undone.
    pub(super) fn run<T, F, A>(&self, change: F, answer: A) -> Result<(), Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, Error> + Send + 'static,
        A: FnOnce(Result<T, Error>) + Send + 'static,
    {
        let job: Job = Box::new(move |connection| {
            let outcome = connection.and_then(|connection| catch(|| change(connection))?);
            let succeeded = outcome.is_ok();
            let acknowledge: Acknowledge = Box::new(move |failure| {
                answer(match (outcome, failure) {
                    (Ok(_), Some(failure)) => Err(failure),
                    (outcome, _) => outcome,
                });
            });
            (succeeded, acknowledge)
        });
        match self.queue.try_send(job) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_)) => Err(Error::Busy),
            Err(TrySendError::Disconnected(_)) => Err(Error::WriterStopped),
        }
    }
}

/// A panic in one job must not take the writer, and with it every respondent, down.
fn catch<T>(job: impl FnOnce() -> T) -> Result<T, Error> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(job)).map_err(
        |panic: Box<dyn Any + Send>| {
            let reason = panic
                .downcast_ref::<&str>()
                .map(ToString::to_string)
                .or_else(|| panic.downcast_ref::<String>().cloned())
                .unwrap_or_default();
            Error::Panicked(reason)
        },
    )
}

fn write_all(mut connection: Connection, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH {
            match jobs.try_recv() {
                Ok(job) => batch.push(job),
                Err(_) => break,
            }
        }
        write_batch(&mut connection, batch);
    }
}

fn write_batch(connection: &mut Connection, batch: Vec<Job>) {
    if let Err(error) = begin(connection) {
        // Running a job now would write outside a transaction: tell all of them why not.
        for job in batch {
            let (_, acknowledge) = job(Err(Error::Commit(error.to_string())));
            acknowledge(None);
        }
        return;
    }
    let mut waiting = Vec::with_capacity(batch.len());
    for job in batch {
        let savepoint = Manager::begin_transaction(connection);
        let opened = savepoint.is_ok();
        let (succeeded, acknowledge) = match savepoint {
            Ok(()) => job(Ok(connection)),
            Err(error) => job(Err(Error::Query(error))),
        };
        let closed = match (opened, succeeded) {
            (true, true) => Manager::commit_transaction(connection),
            (true, false) => Manager::rollback_transaction(connection),
            (false, _) => Ok(()),
        };
        waiting.push((acknowledge, closed.err().map(Error::Query)));
    }
    let failure = Manager::commit_transaction(connection).err();
    if failure.is_some() {
        reset(connection);
    }
    for (acknowledge, own_failure) in waiting {
        let failure =
            own_failure.or_else(|| failure.as_ref().map(|error| Error::Commit(error.to_string())));
        acknowledge(failure);
    }
}

/// `IMMEDIATE`: takes the write lock at once, so a batch never fails half-way
/// because another process wrote in between.
fn begin(connection: &mut Connection) -> Result<(), diesel::result::Error> {
    match connection {
        Connection::Sqlite(sqlite) => {
            AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE")
        }
        Connection::Postgresql(postgresql) => AnsiTransactionManager::begin_transaction(postgresql),
    }
}

/// After a failed commit (a full disk) the transaction may still be open.
fn reset(connection: &mut Connection) {
    if let Connection::Sqlite(sqlite) = connection {
        let still_open = AnsiTransactionManager::rollback_transaction(sqlite).is_err();
        if still_open && let Err(error) = sqlite.batch_execute("ROLLBACK") {
            tracing::debug!(%error, "no transaction to roll back");
        }
    }
}
