//! Probability samples: frames, plans and reproducible draws.
//!
//! The road: a [`frame::Frame`] is read from a list of the population, a
//! [`plan::Plan`] says how to draw (stages, methods, sizes), [`plan::preview`]
//! shows what it would give, and [`sample::draw`] draws it from a
//! [`random::Seed`]. A [`sample::Sample`] can be repeated by anyone who has the
//! frame: [`sample::replay`] says whether it comes out the same.

pub mod allocation;
pub mod frame;
pub mod horvitz_thompson;
pub mod joint;
pub mod plan;
pub mod problem;
pub mod random;
pub mod sample;
pub mod selection;
pub mod size;

pub use frame::{Columns, Frame};
pub use plan::{Allocation, Amount, Method, Plan, Share, SizeMeasure, Stage, StageUnits};
pub use problem::Problem;
pub use random::Seed;
pub use sample::{Replay, Sample, SampledUnit, draw, replay};
