//! Weighted estimates that know how the sample was drawn.
//!
//! The road through this crate: answers become a [`Dataset`], the sample a [`Design`]; weights are
//! adjusted to what is known of the population (raking), and estimates, tables and reports follow:
//!
//! ```text
//! assemble(&[Version], responses)   -> Datasets
//! rake(Design, &[Margin], options)  -> Design
//! mean / total / ratio / shares     -> Estimate
//! tabulate(&Design, &TableSpec)     -> Table
//! report(&Study, &[Table])          -> Report
//! ```
//!
//! Statistics come with their design-based standard error, an interval whose method is named, degrees
//! of freedom by a named rule, and a flag that says whether they are fit to be shown. `docs/METHODS.md`
//! gives every formula and its source.

// Counts become numbers in every formula; above 2^53 rows they would not fit in memory anyway.
#![allow(clippy::cast_precision_loss)]
// Weights, shares and indicators are compared with exactly 0 and 1, where those have a meaning.
#![allow(clippy::float_cmp)]
// Formulas keep the letters of their sources.
#![allow(clippy::many_single_char_names)]

pub mod accumulate;
pub mod agreement;
pub mod compare;
pub mod dataset;
pub mod design;
pub mod disclosure;
pub mod distribution;
pub mod error;
pub mod estimate;
pub mod model;
pub mod quality;
pub mod reliability;
pub mod report;
pub mod tabulate;
pub mod variance;
pub mod weighting;

pub use dataset::{Dataset, assemble};
pub use design::{
    DegreesOfFreedomRule, Design, DesignInput, Population, SinglePsu, StageInput, Weights,
};
pub use error::{Error, Problem, Result};
pub use estimate::{Coded, Estimate, EstimateOptions, Interval, IntervalMethod};
pub use report::{Report, Study, report};
pub use tabulate::{Table, TableSpec, tabulate};
