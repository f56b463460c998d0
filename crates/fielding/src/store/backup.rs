//! Copies of the database, and which program a database belongs to.
//!
//! A copy of a file is made with `VACUUM INTO`: one reading transaction, so it
//! is whole and of one moment however much is written meanwhile, and pages that
//! were freed are not in it. A server has programs of its own for this.

use std::path::Path;

use diesel::migration::{Migration, MigrationSource};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel::{Connection as _, PgConnection, SqliteConnection};

use super::Connection;
use super::connection::{DatabaseUrl, POSTGRESQL_MIGRATIONS, SQLITE_MIGRATIONS};
use crate::error::Error;

/// The tables of a database, by the migrations that made them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// What the database says it is: `SQLite 3.50.4`.
    pub engine: String,
    /// Migrations that were run, in order.
    pub applied: Vec<String>,
    /// Migrations that this program has and the database has not.
    pub pending: Vec<String>,
    /// Migrations that this program does not know: the database is a later one's.
    pub unknown: Vec<String>,
    /// The database's clock, in seconds since 1970, where it has one of its own.
    pub clock: Option<i64>,
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

#[derive(QueryableByName)]
struct JournalMode {
    #[diesel(sql_type = Text)]
    journal_mode: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn words(connection: &mut Connection, query: &str) -> Result<Vec<String>, Error> {
    let rows: Vec<Word> = diesel::sql_query(query).load(connection)?;
    Ok(rows.into_iter().map(|row| row.word).collect())
}

fn count(connection: &mut Connection, query: &str) -> Result<i64, Error> {
    Ok(diesel::sql_query(query).get_result::<Count>(connection)?.count)
}

fn known<Database: diesel::backend::Backend>(
    source: &impl MigrationSource<Database>,
) -> Result<Vec<String>, Error> {
    let migrations = source.migrations().map_err(|error| Error::Migration(error.to_string()))?;
    let mut names: Vec<String> = migrations
        .iter()
        .map(|migration| migration.name().version().as_owned().to_string())
        .collect();
    names.sort();
    Ok(names)
}

/// Which migrations a connected database has had; changes nothing.
pub fn schema_of(connection: &mut Connection) -> Result<Schema, Error> {
    let (known, there, engine, clock) = match connection {
        Connection::Sqlite(_) => (
            known::<diesel::sqlite::Sqlite>(&SQLITE_MIGRATIONS)?,
            "SELECT count(*) AS count FROM sqlite_master \
             WHERE name = '__diesel_schema_migrations'",
            "SELECT 'SQLite ' || sqlite_version() AS word",
            None,
        ),
        Connection::Postgresql(_) => (
            known::<diesel::pg::Pg>(&POSTGRESQL_MIGRATIONS)?,
            "SELECT count(*) AS count FROM information_schema.tables \
             WHERE table_schema = current_schema() \
             AND table_name = '__diesel_schema_migrations'",
            "SELECT 'PostgreSQL ' || current_setting('server_version') AS word",
            Some("SELECT CAST(extract(epoch FROM now()) AS BIGINT) AS count"),
        ),
    };
    let applied = match count(connection, there)? {
        0 => Vec::new(),
        _ => words(
            connection,
            "SELECT version AS word FROM __diesel_schema_migrations ORDER BY version",
        )?,
    };
    Ok(Schema {
        engine: words(connection, engine)?.pop().unwrap_or_default(),
        pending: known.iter().filter(|name| !applied.contains(name)).cloned().collect(),
        unknown: applied.iter().filter(|name| !known.contains(name)).cloned().collect(),
        applied,
        clock: clock.map(|query| count(connection, query)).transpose()?,
    })
}

/// Connects as it is: makes nothing and brings nothing up to date. `None` where
/// there is no file.
fn connect(url: &DatabaseUrl) -> Result<Option<Connection>, Error> {
    let unreachable = |error: ConnectionError| Error::Unreachable(error.to_string());
    Ok(match url {
        DatabaseUrl::Sqlite(path) if !path.exists() => None,
        DatabaseUrl::Sqlite(path) => {
            let mut sqlite =
                SqliteConnection::establish(&path.to_string_lossy()).map_err(unreachable)?;
            diesel::sql_query("PRAGMA busy_timeout = 10000").execute(&mut sqlite)?;
            Some(Connection::Sqlite(sqlite))
        }
        DatabaseUrl::Postgresql(url) => {
            Some(Connection::Postgresql(PgConnection::establish(url).map_err(unreachable)?))
        }
    })
}

/// Which migrations a database has had. `None` where there is none.
pub fn schema(url: &DatabaseUrl) -> Result<Option<Schema>, Error> {
    connect(url)?.map(|mut connection| schema_of(&mut connection)).transpose()
}

/// Refuses a database of a later program, in words.
pub fn refuse_later(schema: &Schema) -> Result<(), Error> {
    match schema.unknown.last() {
        Some(latest) => Err(Error::LaterDatabase(latest.clone())),
        None => Ok(()),
    }
}

/// Copies the file of a database while it may be in use. `target` must be empty
/// or not there.
pub fn copy_file(database: &Path, target: &Path) -> Result<(), Error> {
    let Some(mut connection) = connect(&DatabaseUrl::Sqlite(database.to_path_buf()))? else {
        return Err(Error::Unreachable(format!("there is no file {}", database.display())));
    };
    diesel::sql_query("VACUUM INTO $1")
        .bind::<Text, _>(target.to_string_lossy().into_owned())
        .execute(&mut connection)?;
    Ok(())
}

/// Looks through the file of a database, all of it.
pub fn check_file(database: &Path) -> Result<Schema, Error> {
    let damaged = |reason: String| Error::Damaged { what: "database", reason };
    let Some(mut connection) = connect(&DatabaseUrl::Sqlite(database.to_path_buf()))? else {
        return Err(Error::Unreachable(format!("there is no file {}", database.display())));
    };
    let said = words(&mut connection, "SELECT integrity_check AS word FROM pragma_integrity_check")
        .map_err(|error| damaged(error.to_string()))?;
    if said != ["ok"] {
        return Err(damaged(said.join("; ")));
    }
    schema_of(&mut connection)
}

/// Takes what the journal holds into the file of a database and removes the
/// journal, so that another file may take its place.
///
/// # Errors
///
/// [`Error::InUse`] while a program has it open: what that program stored from
/// then on would go to a file that nobody finds again.
pub fn close_file(database: &Path) -> Result<(), Error> {
    let connected = connect(&DatabaseUrl::Sqlite(database.to_path_buf()))?;
    let Some(Connection::Sqlite(mut sqlite)) = connected else { return Ok(()) };
    diesel::sql_query("PRAGMA busy_timeout = 1000").execute(&mut sqlite)?;
    let left: Result<JournalMode, _> =
        diesel::sql_query("PRAGMA journal_mode = DELETE").get_result(&mut sqlite);
    match left {
        Ok(left) if left.journal_mode == "wal" => Err(Error::InUse(database.to_path_buf())),
        Err(error) if error.to_string().contains("locked") => {
            Err(Error::InUse(database.to_path_buf()))
        }
        Err(error) => Err(error.into()),
        Ok(_) => Ok(()),
    }
}
