//! The two databases behind one connection type.
#![allow(missing_docs, reason = "the derived code has items that cannot be documented")]

use diesel::{PgConnection, SqliteConnection};

/// A connection to either database. Every query takes `&mut` of this.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// The default: a file.
    Sqlite(SqliteConnection),
    /// Chosen by a `postgresql://` address.
    Postgresql(PgConnection),
}
