//! What is written to people, and what carries it.

pub mod mail;
