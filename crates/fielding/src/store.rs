//! The store: all SQL, one file a noun, on `SQLite` and `PostgreSQL` alike.
//!
//! Every query is a function on `&mut` [`Connection`]; the caller decides
//! whether it reads ([`Store::read`]) or changes ([`Store::write`], one
//! transaction, acknowledged when it is on disk).

pub mod account_letters;
pub mod arms;
pub mod attempts;
pub mod audit;
mod backend;
pub mod backup;
pub mod blocks;
pub mod cases;
pub mod column;
pub mod comments;
pub mod connection;
pub mod contacts;
pub mod deletion;
pub mod draft_authors;
pub mod drafts;
pub mod files;
pub mod frames;
pub mod invited;
pub mod logos;
pub mod outbox;
pub mod outcomes;
pub mod people;
pub mod pool;
pub mod preparations;
pub mod responses;
pub mod rounds;
pub mod samples;
pub mod schema;
pub mod second_factors;
pub mod sessions;
pub mod sign_offs;
pub mod states;
pub mod studies;
pub mod suppressions;
pub mod thief;
pub mod trials;
pub mod types;
mod writer;

pub use backend::AnyConnection as Connection;
pub use column::Json;
pub use connection::{DatabaseUrl, Scope, Store};
pub use types::{Id, Instant, Zone};

/// Rows over which a counter is spread on a server.
const SLOTS: u64 = 64;

/// Where a counter is added to: on a server one of many rows, so that nodes do
/// not queue on one; in a file, which has one writer, always the same.
fn slot(connection: &Connection) -> i64 {
    match connection {
        Connection::Sqlite(_) => 0,
        Connection::Postgresql(_) => {
            let [place] = crate::keys::random_bytes::<1>();
            (u64::from(place) % SLOTS).cast_signed()
        }
    }
}
