//! Work in the background.

pub mod send_mail;
pub mod watch;
