//! Weights that meet what is known of the population, and what that costs.
//!
//! Each function takes a design and answers a new one whose history says what was done, so that later
//! variances know it.

pub mod calibrate;
pub mod composite;
pub mod diagnostics;
pub mod eligibility;
pub mod nonresponse;
pub mod panel;
pub mod post_stratify;
pub mod propensity;
pub mod rake;
pub mod representativity;
pub mod trim;
pub mod trimmed_raking;
