//! Any questionnaire: the format is recognised from the content.

pub(crate) mod draft;
mod problem;
pub(crate) mod settle;

pub use problem::{Problem, Severity};
pub(crate) use problem::{refused, unreadable};
