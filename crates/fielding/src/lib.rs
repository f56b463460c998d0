//! The fielding service: sends and receives responses.
//!
//! [`rules`] decide (pure), [`store`] keeps (all SQL), [`acts`] change, [`jobs`]
//! work in the background, [`mail`] carries invitations. What speaks HTTP is the crate
//! `pages`, above this one.

pub mod acts;
pub mod app;
pub mod clock;
pub mod error;
pub mod file;
pub mod frame_file;
pub mod jobs;
pub mod keys;
pub mod mail;
pub mod plan_file;
pub mod private;
pub mod questionnaire_file;
pub mod results;
pub mod rules;
pub mod store;

pub use app::App;
pub use error::{Clash, Error, Missing, Problem};
