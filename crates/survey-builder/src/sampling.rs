//! Probability samples: frames, plans and reproducible draws.
//!
//! The road: a [`frame::Frame`] is read from a list of the population, a
//! [`plan::Plan`] says how to draw (stages, methods, sizes), [`check::preview`]
//! shows what it would give, and [`sample::draw`] draws it from a
//! [`random::Seed`]. A [`sample::Sample`] can be repeated by anyone who has the
//! frame: [`sample::replay`] says whether it comes out the same.

pub mod allocation;
pub mod area;
pub mod boundaries;
pub mod chain;
pub mod check;
pub mod coordination;
pub mod doubts;
pub mod expectation;
pub mod extension;
pub mod fielded;
pub mod frame;
pub mod horvitz_thompson;
pub mod joint;
mod listing;
mod order;
pub mod plan;
pub mod problem;
pub mod random;
pub mod release;
pub mod replay;
pub mod sample;
mod second_phase;
mod select;
pub mod selection;
mod shape;
pub mod size;
pub mod spread;
mod take;
pub mod verify;
pub mod within_household;

pub use check::preview;
pub use frame::{Columns, Frame};
pub use plan::{
    Allocation, Amount, Balanced, ByNumber, Method, Nonprobability, Overlap, Plan, Release, Share,
    SizeMeasure, Spread, Stage, StageUnits,
};
pub use problem::Problem;
pub use random::Seed;
pub use replay::{Replay, replay};
pub use sample::{Sample, SampledUnit, draw};
pub use verify::{Verdict, verify};
