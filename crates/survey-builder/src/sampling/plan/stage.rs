//! One stage of a plan.

use serde::{Deserialize, Serialize};

use super::{Amount, Method, is_false};

/// One stage of a draw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// What is drawn.
    pub units: StageUnits,
    /// Columns whose values together are the strata of this stage, inside each
    /// cluster of the stage before. The first stage has the frame's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strata: Vec<String>,
    /// Columns by which each list is sorted before a systematic or sequential draw
    /// goes through it, the first first: implicit strata. Columns of numbers sort
    /// as numbers. Without them the order is that of the frame.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sort: Vec<String>,
    /// Turns the order of each column round whenever a value of the one before is
    /// done, so that neighbours are alike in all of them.
    #[serde(default, skip_serializing_if = "is_false")]
    pub serpentine: bool,
    /// How.
    pub method: Method,
    /// How many.
    pub amount: Amount,
    /// A systematic draw is made of so many, each with a random start of its own and
    /// its part of the number: their differences show the variance (Wolter, 2007,
    /// chapter 8). A unit may come by several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts: Option<u32>,
    /// Members whose probability by size reaches this are taken for certain, and
    /// the rest of the number is drawn from the others; without it those at 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certainty: Option<f64>,
    /// Sizes below this count as this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smallest: Option<f64>,
    /// Sizes above this count as this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub largest: Option<f64>,
}

/// What a stage draws.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageUnits {
    /// The clusters of the frame.
    Clusters,
    /// Clusters by another column of names, inside those drawn before.
    Level(String),
    /// The units of the frame.
    Units,
}

impl Stage {
    /// A stage without strata of its own, in the order of the frame.
    pub fn new(units: StageUnits, method: Method, amount: Amount) -> Self {
        Self {
            units,
            strata: Vec::new(),
            sort: Vec::new(),
            serpentine: false,
            method,
            amount,
            starts: None,
            certainty: None,
            smallest: None,
            largest: None,
        }
    }

    /// Whether a unit may come several times.
    pub fn repeats(&self) -> bool {
        self.method.repeats() || self.starts.is_some()
    }
}
