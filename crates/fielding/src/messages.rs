//! What is written to people, and what carries it.

pub mod account_mail;
pub mod mail;
