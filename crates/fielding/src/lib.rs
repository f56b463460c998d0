//! The fielding service: sends and receives responses.
//!
//! [`rules`] decide (pure), [`store`] keeps (all SQL), [`acts`] change, [`pages`]
//! speak HTTP, [`jobs`] work in the background, [`mail`] carries invitations.

pub mod acts;
pub mod app;
pub mod bodies;
pub mod clock;
pub mod downloads;
pub mod error;
pub mod file;
pub mod frame_file;
pub mod jobs;
pub mod keys;
pub mod mail;
pub mod pages;
pub mod paper;
pub mod plan_file;
pub mod private;
pub mod questionnaire_file;
pub mod results;
pub mod rules;
pub mod store;

pub use app::App;
pub use error::{Clash, Error, Missing, Problem};
