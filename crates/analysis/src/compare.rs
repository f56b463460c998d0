//! Tests: whether two variables of a table go together, whether groups differ.
//!
//! Each takes the design and answers a [`DesignTest`]: the statistic, its degrees of freedom and the
//! probability of a value as large were there nothing to find.

mod cells;
pub mod exact;
pub mod goodness_of_fit;
pub mod independence;
pub mod kappa;
pub mod pearson;
mod rao_scott;

pub(crate) use cells::ClusterCells;
use serde::{Deserialize, Serialize};

/// What a test answers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DesignTest {
    /// The statistic.
    pub statistic: f64,
    /// The distribution it is held against.
    pub reference: Reference,
    /// Probability of a value as large or larger; NaN where degrees of freedom are not above zero.
    pub p: f64,
}

/// The distribution that a statistic is held against.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reference {
    /// F.
    F {
        /// Degrees of freedom of the numerator; need not be whole.
        numerator: f64,
        /// Degrees of freedom of the denominator.
        denominator: f64,
    },
    /// χ².
    ChiSquared {
        /// Degrees of freedom.
        degrees_of_freedom: f64,
    },
    /// `scale` times χ² (Satterthwaite 1946).
    ScaledChiSquared {
        /// The factor.
        scale: f64,
        /// Degrees of freedom; need not be whole.
        degrees_of_freedom: f64,
    },
    /// A sum of χ² of one degree of freedom each, with weights.
    LinearCombination,
}
