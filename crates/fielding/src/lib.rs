//! The fielding service: sends and receives responses.
//!
//! [`rules`] decide (pure), [`store`] keeps (all SQL), [`pages`] speak HTTP,
//! [`jobs`] work in the background, [`mail`] carries invitations, [`interview`]
//! is one person's way through a questionnaire.

pub mod app;
pub mod downloads;
pub mod draw;
pub mod error;
pub mod file;
pub mod frame;
pub mod frame_file;
pub mod interview;
pub mod jobs;
pub mod keys;
pub mod locale;
pub mod mail;
pub mod media;
pub mod pages;
pub mod paper;
pub mod plan_file;
pub mod problem_text;
pub mod questionnaire_file;
pub mod results;
pub mod rules;
pub mod store;
pub mod study;

pub use app::App;
pub use error::{Error, Problem};
