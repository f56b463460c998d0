//! The fielding service: sends and receives responses.
//!
//! [`rules`] decide (pure), [`store`] keeps (all SQL), [`pages`] speak HTTP,
//! [`jobs`] work in the background, [`mail`] carries invitations.

pub mod error;
pub mod keys;
pub mod rules;
pub mod store;

pub use error::{Error, Problem};
