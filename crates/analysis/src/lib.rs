//! Weighted estimates that know how the sample was drawn.
//!
//! The road through this crate: answers become a [`Dataset`], the sample a [`Design`]; weights are
//! adjusted to what is known of the population (raking), and estimates, tables and reports follow:
//!
//! ```text
//! assemble(&[&Version], responses)   -> Datasets
//! rake(Design, &[Margin], options)  -> Design
//! mean / total / ratio / shares     -> Estimate
//! tabulate(&Design, &TableSpec)     -> Table
//! report(&StudyFacts, &[Table])          -> Report
//! ```
//!
//! A sample of four from two strata, with the mean that its weights give and, from bootstrap replicates
//! that are raked like the sample, its error once more:
//!
//! ```
//! use analysis::estimate::moments::mean;
//! use analysis::variance::replication::bootstrap::{Bootstrap, bootstrap};
//! use analysis::design::replicates::Centre;
//! use analysis::weighting::rake::{Margin, RakeOptions, rake};
//! use analysis::{
//!     DegreesOfFreedomRule, Design, DesignInput, EstimateOptions, IntervalMethod, SinglePsu,
//!     StageInput, Weights,
//! };
//! use survey_builder::sampling::Seed;
//!
//! let design = Design::new(DesignInput {
//!     weights: Weights::Given(vec![10.0, 12.0, 9.0, 11.0, 10.0, 8.0]),
//!     stages: vec![StageInput { strata: Some(vec![1, 1, 1, 2, 2, 2]), ..StageInput::default() }],
//!     nest: false,
//!     single_psu: SinglePsu::Fail,
//!     domain_single_psu: false,
//! })?;
//! let options = EstimateOptions {
//!     confidence: 0.95,
//!     interval: IntervalMethod::StudentT,
//!     degrees_of_freedom: DegreesOfFreedomRule::FullDesign,
//! };
//! let hours = [35.0, 40.0, 38.0, 20.0, 25.0, 31.0];
//! let plain = mean(&design, &hours, None, &options)?;
//! assert_eq!((plain.rows, plain.degrees_of_freedom), (6, 4.0));
//!
//! let replicates = bootstrap(&design, Bootstrap::Preston, 50, Seed(7), Centre::FullSample)?;
//! let size = Margin {
//!     variable: "everybody".into(),
//!     levels: vec!["all".into()],
//!     totals: vec![600.0],
//!     codes: vec![1; 6],
//! };
//! let how = RakeOptions { tolerance: 1e-10, rounds_max: 100, projection_rounds: 10 };
//! let (raked, _) = rake(design.with_replicates(replicates)?, &[size], &how)?;
//! let again = mean(&raked, &hours, None, &options)?;
//! assert!((again.value - plain.value).abs() < 1e-9 && again.standard_error > 0.0);
//! # Ok::<(), analysis::Error>(())
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
pub mod problem;
pub mod quality;
pub mod reliability;
pub mod report;
pub mod simulation;
pub mod tabulate;
pub mod variance;
pub mod weighting;

pub use dataset::{Dataset, assemble};
pub use design::{
    DegreesOfFreedomRule, Design, DesignInput, Population, SinglePsu, StageInput, Weights,
};
pub use error::{Error, Problem, Result};
pub use estimate::{Coded, Estimate, EstimateOptions, Interval, IntervalMethod};
pub use report::{Report, StudyFacts, report};
pub use tabulate::{Table, TableSpec, TestedTable, tabulate, tabulate_with_tests};
