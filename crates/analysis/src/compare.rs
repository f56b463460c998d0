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

use crate::problem::Fault;
pub(crate) use cells::ClusterCells;
pub use rao_scott::WeightedTable;
use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use crate::variance::linearization::Covariance;

/// What a test answers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DesignTest {
    /// The statistic.
    pub statistic: f64,
    /// The distribution it is held against.
    pub reference: Reference,
    /// Probability of a value as large or larger; NaN where degrees of freedom are not above zero.
    pub p: f64,
    /// Rows and columns that nobody is in, which were left out of the table.
    #[serde(default)]
    pub left_out: usize,
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

/// How independence is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndependenceMethod {
    /// Pearson's statistic over the mean design effect, against χ² (Rao and Scott 1981, first order).
    FirstOrder,
    /// Over the sum of the design effects, against F with Satterthwaite's degrees of freedom (Rao and
    /// Scott 1984, second order; Thomas and Rao 1987).
    SecondOrder,
    /// Wald's statistic over its number of terms, against F.
    Wald,
    /// Wald's statistic adjusted for the estimated covariance.
    AdjustedWald,
    /// Pearson's statistic against the sum of weighted χ², whose tail is found by saddlepoint
    /// approximation (Kuonen 1999).
    LinearCombination,
}

/// A weighted table with the covariance of its shares: all that the tests need, however the
/// covariance was made.
#[derive(Debug, Clone)]
pub struct CellShares {
    /// The table.
    pub table: WeightedTable,
    /// Covariance of its shares.
    pub covariance: Covariance,
    /// Covariance of the totals of the cells, as shares of the sum of the weights.
    pub total_covariance: Covariance,
    /// Members for whom both are known.
    pub answered: f64,
}

fn singular() -> crate::Error {
    Fault::DataDependent.refused(phrase("phrase-input-table-cells"))
}
