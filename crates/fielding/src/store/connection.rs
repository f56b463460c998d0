//! Connections: which database, how it is set up, and the two ways in
//! (reading and writing).

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Pool, PooledConnection};
use diesel::{Connection as _, PgConnection, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use rand::RngExt as _;
use tokio::sync::oneshot;

use super::Id;
use super::backend::AnyConnection;
use super::backup;
use super::writer::Writer;
use crate::error::Error;
use crate::private;

pub(super) const SQLITE_MIGRATIONS: EmbeddedMigrations =
    embed_migrations!("../../migrations/sqlite");
pub(super) const POSTGRESQL_MIGRATIONS: EmbeddedMigrations =
    embed_migrations!("../../migrations/postgresql");

/// Where the data are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file, made when missing.
    Sqlite(PathBuf),
    /// A server.
    Postgresql(String),
}

impl DatabaseUrl {
    /// Reads an address. `sqlite:PATH` (or a bare path) and
    /// `postgresql://…` (or `postgres://…`) are known; anything else is refused.
    pub fn parse(url: &str) -> Result<Self, Error> {
        if url.starts_with("postgresql://") || url.starts_with("postgres://") {
            return Ok(Self::Postgresql(url.to_owned()));
        }
        let path = url.strip_prefix("sqlite:").map_or(url, |rest| rest.trim_start_matches("//"));
        if path.is_empty() || path.contains("://") {
            let scheme = url.split(':').next().unwrap_or_default();
            return Err(Error::UnknownDatabase(scheme.to_owned()));
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }

    fn connection_string(&self) -> String {
        match self {
            Self::Sqlite(path) => path.to_string_lossy().into_owned(),
            Self::Postgresql(url) => url.clone(),
        }
    }
}

/// Runs a statement on the connection itself: what both databases know (`ON
/// CONFLICT`) and the type that stands for both does not. Unlike SQL in words it
/// is prepared once a connection.
macro_rules! on_either {
    ($connection:expr, $statement:expr) => {
        match $connection {
            $crate::store::Connection::Sqlite(sqlite) => $statement.execute(sqlite),
            $crate::store::Connection::Postgresql(postgresql) => $statement.execute(postgresql),
        }
    };
}
pub(super) use on_either;

/// How many connections read at once on `SQLite`, and work at once on `PostgreSQL`.
const POOL_SIZE: u32 = 16;

/// How often a change is tried again that met another.
const RETRIES: u32 = 12;

/// The database: a pool that reads, and a writer.
#[derive(Clone)]
pub struct Store {
    pool: Pool<ConnectionManager<AnyConnection>>,
    writer: Option<Writer>,
    counts: Arc<WriteCounts>,
}

#[derive(Debug, Default)]
struct WriteCounts {
    writes: AtomicU64,
    retried: AtomicU64,
}

#[derive(Debug)]
struct SetUp;

impl CustomizeConnection<AnyConnection, diesel::r2d2::Error> for SetUp {
    fn on_acquire(&self, connection: &mut AnyConnection) -> Result<(), diesel::r2d2::Error> {
        set_up(connection).map_err(diesel::r2d2::Error::QueryError)
    }
}

/// `FULL`: an acknowledged answer is on disk. `secure_delete`: what is deleted
/// (the way from a case to its answers) is overwritten.
fn set_up(connection: &mut AnyConnection) -> Result<(), diesel::result::Error> {
    match connection {
        AnyConnection::Sqlite(sqlite) => sqlite.batch_execute(
            "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
             PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA cache_size = -16000;",
        ),
        AnyConnection::Postgresql(postgresql) => postgresql
            .batch_execute("SET synchronous_commit = on; SET client_min_messages = warning;"),
    }
}

impl Store {
    /// Opens the database, makes it when missing, and brings its tables up to date.
    pub fn open(url: &DatabaseUrl) -> Result<Self, Error> {
        if let DatabaseUrl::Sqlite(path) = url {
            check_folder(path)?;
            keep_private(path)?;
        }
        let target = url.connection_string();
        let mut connection = open_one(url)?;
        backup::refuse_later(&backup::schema_of(&mut connection)?)?;
        migrate(&mut connection)?;
        let pool = Pool::builder()
            .max_size(POOL_SIZE)
            .min_idle(Some(1))
            // A file does not go away between two queries; a server may.
            .test_on_check_out(matches!(url, DatabaseUrl::Postgresql(_)))
            .connection_customizer(Box::new(SetUp))
            .build(ConnectionManager::new(target))
            .map_err(|error| Error::Unreachable(error.to_string()))?;
        let writer = match url {
            DatabaseUrl::Sqlite(_) => Some(Writer::start(connection)?),
            DatabaseUrl::Postgresql(_) => None,
        };
        Ok(Self { pool, writer, counts: Arc::default() })
    }

    /// Runs queries that change nothing, all on one state of the database.
    pub async fn read<T, F>(&self, query: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut AnyConnection) -> Result<T, Error> + Send + 'static,
    {
        let store = self.clone();
        run_blocking(move || store.read_now(query)).await
    }

    /// As [`Store::read`], on the calling thread.
    pub fn read_now<T, F>(&self, query: F) -> Result<T, Error>
    where
        F: FnOnce(&mut AnyConnection) -> Result<T, Error>,
    {
        let mut pooled = self.connection()?;
        let connection: &mut AnyConnection = &mut pooled;
        connection.transaction(|connection| {
            if let AnyConnection::Postgresql(postgresql) = connection {
                postgresql
                    .batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")?;
            }
            query(connection)
        })
    }

    fn connection(&self) -> Result<PooledConnection<ConnectionManager<AnyConnection>>, Error> {
        self.pool.get().map_err(|error| Error::Unreachable(error.to_string()))
    }

    /// Runs `change` in a transaction and returns once it is on disk; an error
    /// undoes it. On both databases the outcome is as if the changes within
    /// `scope` had been made one after the other: see [`Scope`]. `change` may run
    /// more than once and must do nothing but query.
    pub async fn write<T, F>(&self, scope: Scope, change: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut AnyConnection) -> Result<T, Error> + Send + 'static,
    {
        match &self.writer {
            Some(writer) => {
                let (answer, receiver) = oneshot::channel();
                // The caller may have gone away; the data are safe either way.
                writer.run(change, |outcome| drop(answer.send(outcome)))?;
                receiver.await.map_err(|_| Error::WriterStopped)?
            }
            None => {
                let store = self.clone();
                run_blocking(move || store.write_on_server(scope, change)).await
            }
        }
    }

    /// As [`Store::write`], waiting on the calling thread (command line, jobs, tests).
    pub fn write_now<T, F>(&self, scope: Scope, change: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut AnyConnection) -> Result<T, Error> + Send + 'static,
    {
        match &self.writer {
            Some(writer) => {
                let (answer, receiver) = mpsc::channel();
                writer.run(change, move |outcome| drop(answer.send(outcome)))?;
                receiver.recv().map_err(|_| Error::WriterStopped)?
            }
            None => self.write_on_server(scope, change),
        }
    }

    fn write_on_server<T, F>(&self, scope: Scope, change: F) -> Result<T, Error>
    where
        F: Fn(&mut AnyConnection) -> Result<T, Error>,
    {
        let mut pooled = self.connection()?;
        let connection: &mut AnyConnection = &mut pooled;
        self.counts.writes.fetch_add(1, Ordering::Relaxed);
        let mut tries = 0;
        loop {
            let outcome = connection.transaction(|connection| {
                scope.enter(connection)?;
                change(connection)
            });
            match outcome {
                Err(error) if error.may_be_tried_again() && tries < RETRIES => {
                    tries += 1;
                    self.counts.retried.fetch_add(1, Ordering::Relaxed);
                    // Those that met must not meet again.
                    let most = 1_u64 << tries.min(7);
                    std::thread::sleep(Duration::from_millis(rand::rng().random_range(1..=most)));
                }
                other => return other,
            }
        }
    }

    /// Whether other programs may use the database at the same time.
    pub fn is_shared(&self) -> bool {
        self.writer.is_none()
    }

    /// Empties the journal of an `SQLite` file, which otherwise keeps what was
    /// written before it was deleted; somebody who reads just now may keep it until
    /// the next time. A server's journal is its own to keep.
    pub fn forget_journal(&self) -> Result<(), Error> {
        let mut pooled = self.connection()?;
        let connection: &mut AnyConnection = &mut pooled;
        match connection {
            AnyConnection::Sqlite(sqlite) => {
                Ok(sqlite.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")?)
            }
            AnyConnection::Postgresql(_) => Ok(()),
        }
    }

    /// Writes on a server since the start, and how many of them were tried again
    /// because another came between.
    pub fn write_counts(&self) -> (u64, u64) {
        let counts = &self.counts;
        (counts.writes.load(Ordering::Relaxed), counts.retried.load(Ordering::Relaxed))
    }
}

/// Which changes a change may not meet.
///
/// `SQLite` has one writer, so that any two follow one another. On `PostgreSQL`
/// a change of everything runs SERIALIZABLE and is tried again, a bounded number
/// of times, when another came between. A change that only touches what belongs
/// to a study, or to one person's case in it, holds locks that say so and runs
/// READ COMMITTED: those of one study follow one another, and so do those of one
/// person, while people do not wait for each other. The locks are the server's
/// advisory ones, in its memory alone: a lock of a row is written to the row, and
/// the row of a case must not tell when its person answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Anything.
    Everything,
    /// A study and everything below it.
    Study(Id),
    /// One case of a study, its response, and counts that are only added to.
    Person {
        /// The study.
        study: Id,
        /// The case.
        case: Id,
    },
}

impl Scope {
    fn enter(self, connection: &mut AnyConnection) -> Result<(), Error> {
        let AnyConnection::Postgresql(postgresql) = connection else { return Ok(()) };
        postgresql.batch_execute(&match self {
            Self::Everything => "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE".to_owned(),
            Self::Study(study) => format!("SELECT pg_advisory_xact_lock({})", lock_key(study)),
            Self::Person { study, case } => format!(
                "SELECT pg_advisory_xact_lock_shared({}); SELECT pg_advisory_xact_lock({})",
                lock_key(study),
                lock_key(case)
            ),
        })?;
        Ok(())
    }
}

/// The second half of an identity, which is random.
fn lock_key(id: Id) -> i64 {
    let (_, low) = id.0.as_u64_pair();
    low.cast_signed()
}

async fn run_blocking<T, F>(work: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, Error> + Send + 'static,
{
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::WriterStopped)?
}

/// Brings the tables up to date.
fn migrate(connection: &mut AnyConnection) -> Result<(), Error> {
    let failed =
        |error: Box<dyn std::error::Error + Send + Sync>| Error::Migration(error.to_string());
    match connection {
        AnyConnection::Sqlite(sqlite) => {
            // A table that is copied and renamed has its rows referred to all along.
            let set = |sqlite: &mut SqliteConnection, on: &str| {
                let pragma = format!("PRAGMA foreign_keys = {on}");
                sqlite.batch_execute(&pragma).map_err(|error| Error::Migration(error.to_string()))
            };
            set(sqlite, "OFF")?;
            sqlite.run_pending_migrations(SQLITE_MIGRATIONS).map_err(failed)?;
            set(sqlite, "ON")
        }
        AnyConnection::Postgresql(postgresql) => {
            postgresql.run_pending_migrations(POSTGRESQL_MIGRATIONS).map(drop).map_err(failed)
        }
    }
}

fn open_one(url: &DatabaseUrl) -> Result<AnyConnection, Error> {
    let target = url.connection_string();
    let unreachable = |error: diesel::ConnectionError| Error::Unreachable(error.to_string());
    let mut connection = match url {
        DatabaseUrl::Sqlite(_) => {
            AnyConnection::Sqlite(SqliteConnection::establish(&target).map_err(unreachable)?)
        }
        DatabaseUrl::Postgresql(_) => {
            AnyConnection::Postgresql(PgConnection::establish(&target).map_err(unreachable)?)
        }
    };
    set_up(&mut connection).map_err(|error| Error::Unreachable(error.to_string()))?;
    Ok(connection)
}

/// Makes the file for its owner alone, before `SQLite` makes it for everybody; it
/// gives the files beside it the same rights.
fn keep_private(database: &Path) -> Result<(), Error> {
    let refused = |error: std::io::Error| Error::Folder {
        folder: database.to_path_buf(),
        reason: error.to_string(),
    };
    private::append(database).map(drop).map_err(refused)
}

/// Tells a read-only or full folder before `SQLite` says "unable to open".
fn check_folder(database: &Path) -> Result<(), Error> {
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    let refused = |error: std::io::Error| Error::Folder {
        folder: folder.to_path_buf(),
        reason: error.to_string(),
    };
    private::create_folder(folder).map_err(refused)?;
    let probe = folder.join(".sondage-write-test");
    std::fs::write(&probe, [0_u8; 4096]).map_err(refused)?;
    std::fs::remove_file(&probe).map_err(refused)
}
