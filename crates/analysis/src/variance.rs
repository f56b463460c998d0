//! Variances of estimates from how the sample was drawn.
//!
//! `linearization` turns scores (the first-order effect of each row on an estimate) into
//! covariances; `projection` first takes out of the scores what calibration of the weights has
//! already explained.

pub(crate) mod drawn;
pub mod linearization;
pub mod projection;
pub(crate) mod regression;
pub mod replication;
pub(crate) mod satterthwaite;
pub mod unequal;
