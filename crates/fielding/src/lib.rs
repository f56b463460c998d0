//! The fielding service: sends and receives responses.
//!
//! [`rules`] decide (pure), [`store`] keeps (all SQL), [`acts`] change, [`jobs`]
//! work in the background, [`files`] are what people send, [`messages`] what is
//! written to them. What speaks HTTP is the crate `pages`, above this one.

pub mod acts;
pub mod app;
pub mod backup_note;
pub mod clock;
pub mod contact;
pub mod error;
pub mod example;
pub mod files;
pub mod jobs;
pub mod keys;
pub mod messages;
pub mod private;
pub mod results;
pub mod rules;
pub mod store;

pub use app::App;
pub use error::{Clash, Error, Missing, Problem};
