//! The store: all SQL, one file a noun, on `SQLite` and `PostgreSQL` alike.
//!
//! Every query is a function on `&mut` [`Connection`]; the caller decides
//! whether it reads ([`Store::read`]) or changes ([`Store::write`], one
//! transaction, acknowledged when it is on disk).

pub mod audit;
pub mod cases;
pub mod connection;
pub mod outbox;
pub mod people;
pub mod responses;
pub mod samples;
pub mod schema;
pub mod studies;
pub mod types;
mod writer;

pub use connection::{AnyConnection as Connection, DatabaseUrl, Store};
pub use types::{Id, Instant};
