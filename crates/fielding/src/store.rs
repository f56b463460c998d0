//! The store: all SQL, one file a noun, on `SQLite` and `PostgreSQL` alike.
//!
//! Every query is a function on `&mut` [`Connection`]; the caller decides
//! whether it reads ([`Store::read`]) or changes ([`Store::write`], one
//! transaction, acknowledged when it is on disk).

pub mod arms;
pub mod audit;
mod backend;
pub mod backup;
pub mod cases;
pub mod connection;
pub mod files;
pub mod frames;
pub mod outbox;
pub mod people;
pub mod responses;
pub mod samples;
pub mod schema;
pub mod studies;
pub mod types;
mod writer;

pub use backend::AnyConnection as Connection;
pub use connection::{DatabaseUrl, Store};
pub use types::{Id, Instant};
