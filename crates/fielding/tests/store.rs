//! The store on both databases: the same tables, the same story.
//!
//! SQLite always; PostgreSQL where `SONDAGE_TEST_POSTGRESQL` names a server in
//! which databases may be made (CI always sets it).

#[path = "store/acts.rs"]
mod acts;
#[path = "store/files.rs"]
mod files;
#[path = "store/meetings.rs"]
mod meetings;
#[path = "store/people.rs"]
mod people;
#[path = "store/portions.rs"]
mod portions;
#[path = "store/races.rs"]
mod races;
#[path = "store/schema.rs"]
mod schema;
#[path = "store/story.rs"]
mod story;
#[path = "store/support.rs"]
mod support;
#[path = "store/thief.rs"]
mod thief;
#[path = "store/watch.rs"]
mod watch;
#[path = "store/world.rs"]
mod world;
