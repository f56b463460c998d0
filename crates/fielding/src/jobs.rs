//! Work in the background.

pub mod fill_examples;
pub mod move_pool;
pub mod prepare;
pub mod send_account_mail;
pub mod send_mail;
pub mod watch;
