//! One copy of a database, of either kind.

use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::{PgConnection, SqliteConnection};

use super::files::refused;
use super::ids::{Known, LENGTH, Pair};
use super::journal::by_bytes;
use crate::error::Error;

/// The name of the copy of a copy.
const COPY: &str = "copy.sqlite";
/// So many bytes of a file are looked at together.
const BLOCK: u64 = 1 << 20;

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
}

fn unreachable(error: &ConnectionError) -> Error {
    Error::Unreachable(error.to_string())
}

/// One copy of a database, opened; `SQLite` copies are copied once more, so that looking
/// changes nothing.
pub struct Taken {
    pub connection: Either,
    /// Its journal, of `SQLite`.
    pub journal: Vec<u8>,
    folder: Option<tempfile::TempDir>,
}

/// Either database.
pub enum Either {
    Sqlite(SqliteConnection),
    Postgresql(PgConnection),
}

impl Taken {
    /// Opens a server.
    pub fn postgresql(address: &str) -> Result<Self, Error> {
        let connection = PgConnection::establish(address).map_err(|error| unreachable(&error))?;
        let connection = Either::Postgresql(connection);
        Ok(Self { connection, journal: Vec::new(), folder: None })
    }

    /// Opens a file with its journal.
    pub fn sqlite(file: &Path) -> Result<Self, Error> {
        let folder = tempfile::tempdir().map_err(refused(file))?;
        let copy = folder.path().join(COPY);
        std::fs::copy(file, &copy).map_err(refused(file))?;
        let journal = std::fs::read(format!("{}-wal", file.display())).unwrap_or_default();
        if !journal.is_empty() {
            let beside = folder.path().join(format!("{COPY}-wal"));
            std::fs::write(beside, &journal).map_err(refused(file))?;
        }
        let target = copy.to_string_lossy().into_owned();
        let mut connection =
            SqliteConnection::establish(&target).map_err(|error| unreachable(&error))?;
        connection.batch_execute("PRAGMA query_only = ON")?;
        Ok(Self { connection: Either::Sqlite(connection), journal, folder: Some(folder) })
    }

    /// Pairs that lie side by side in the file itself, or in its journal.
    pub fn side_by_side(&self, known: &Known) -> Result<BTreeSet<Pair>, Error> {
        let mut found = by_bytes(&self.journal, known);
        let Some(folder) = &self.folder else { return Ok(found) };
        let path = folder.path().join(COPY);
        let mut file = File::open(&path).map_err(refused(&path))?;
        let mut block = Vec::new();
        loop {
            // A pair may lie across two blocks.
            let kept = block.len().saturating_sub(2 * LENGTH - 1);
            block.drain(..kept);
            let more = file.by_ref().take(BLOCK).read_to_end(&mut block).map_err(refused(&path))?;
            if more == 0 {
                return Ok(found);
            }
            found.extend(by_bytes(&block, known));
        }
    }

    /// What a query finds.
    pub fn load<T>(&mut self, query: &str) -> Result<Vec<T>, Error>
    where
        T: QueryableByNameOfBoth,
    {
        Ok(match &mut self.connection {
            Either::Sqlite(sqlite) => diesel::sql_query(query).load::<T>(sqlite)?,
            Either::Postgresql(postgresql) => diesel::sql_query(query).load::<T>(postgresql)?,
        })
    }

    /// The columns of a table.
    pub fn columns(&mut self, table: &str) -> Result<HashSet<String>, Error> {
        let query = match &self.connection {
            Either::Sqlite(_) => format!("SELECT name FROM pragma_table_info('{table}')"),
            Either::Postgresql(_) => format!(
                "SELECT column_name::text AS name FROM information_schema.columns \
                 WHERE table_name = '{table}'"
            ),
        };
        Ok(self.load::<Column>(&query)?.into_iter().map(|column| column.name).collect())
    }

    /// An identity as a statement writes it.
    pub fn literal(&self, id: &[u8]) -> String {
        let hex = id.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        match self.connection {
            Either::Sqlite(_) => format!("x'{hex}'"),
            Either::Postgresql(_) => format!("'\\x{hex}'::bytea"),
        }
    }
}

/// What can be loaded from either database.
pub trait QueryableByNameOfBoth:
    QueryableByName<diesel::sqlite::Sqlite> + QueryableByName<diesel::pg::Pg> + 'static
{
}

impl<T> QueryableByNameOfBoth for T where
    T: QueryableByName<diesel::sqlite::Sqlite> + QueryableByName<diesel::pg::Pg> + 'static
{
}
