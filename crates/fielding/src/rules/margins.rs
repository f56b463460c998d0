//! Known shares of the population, to rake to.

use serde::{Deserialize, Serialize};

/// A known share of the population, to rake to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarginShare {
    /// The question's name.
    pub variable: String,
    /// The option's code.
    pub code: String,
    /// Between 0 and 1; the shares of a variable add up to 1.
    pub share: f64,
}
