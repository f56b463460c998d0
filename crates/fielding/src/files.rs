//! Files that people send: looked into, recognised, and read by the pure crates.

pub mod list;
pub mod margins;
pub mod plan;
pub mod questionnaire;
pub mod roles;
pub mod translation;
pub mod units;
pub mod upload;
