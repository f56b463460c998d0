//! What changes: every change is a function here that gets a connection, the keys
//! it needs and the time, reads what it decides from, decides, stores, and writes
//! the audit, all in the one transaction in which it is called
//! ([`Store::write`](crate::store::Store::write)). Pages, jobs and the command
//! line parse, authorise, call and answer.

pub mod account;
pub mod appearance;
pub mod comments;
pub mod contact;
pub mod deletion;
pub mod draft;
pub mod draft_authors;
pub mod draw;
pub mod example;
pub mod frame;
pub mod interview;
pub mod invitations;
pub mod keep_sample;
mod kept_numbers;
pub mod library;
pub mod margins;
pub mod media;
pub mod membership;
pub mod people;
pub mod pool;
pub mod release;
pub mod second_factor;
pub mod settings;
pub mod sign_off;
pub mod states;
pub mod study;
pub mod trials;
pub mod units;
