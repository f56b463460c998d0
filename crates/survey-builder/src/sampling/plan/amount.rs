//! How many a stage draws, and how that is shared out over strata.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::is_false;

/// How many a stage draws.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Amount {
    /// A total, shared out over the strata: for the first stage, or in each
    /// cluster for a later stage with strata of its own.
    Allocated(Allocation),
    /// The same number in each stratum of each cluster; for a later stage.
    Each {
        /// The number.
        count: u32,
        /// Whether a cluster with fewer gives all it has.
        #[serde(default)]
        all_if_fewer: bool,
    },
    /// This part of each list, above 0 and at most 1: where it is no whole number,
    /// chance decides between the two next to it, so that the probability is the
    /// rate itself.
    Rate(f64),
    /// Such a part of each list, by the name of its stratum.
    Rates(BTreeMap<String, f64>),
}

/// A total and how it is shared out over the strata.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allocation {
    /// How many in all; for [`Share::Fixed`] the sum of its numbers counts.
    pub total: u32,
    /// In what proportions.
    pub share: Share,
    /// The fewest in any stratum.
    #[serde(default)]
    pub minimum: u32,
    /// A stratum whose share is more than it has gives all, and the rest goes to
    /// the others; otherwise that is a problem.
    #[serde(default, skip_serializing_if = "is_false")]
    pub capped: bool,
}

/// In what proportions a total is shared out over strata.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Share {
    /// The same for each.
    Equal,
    /// By the stratum's population: its number of the stage's units, or its
    /// total size if the stage draws in proportion to size.
    Proportional,
    /// By the population to a power from 0 (equal) to 1 (proportional);
    /// one half for the square root (Bankier, 1988).
    Power(f64),
    /// By the population times the standard deviation of what is measured, by
    /// stratum name (Neyman, 1934).
    Neyman(BTreeMap<String, f64>),
    /// By the population times the standard deviation over the root of what an
    /// interview costs, by stratum name (Cochran, 1977, section 5.5).
    CostOptimal(BTreeMap<String, Costly>),
    /// As [`Share::Neyman`], with the standard deviations in the strata of a column
    /// of numbers of the frame, which is known of all; clusters have sums.
    NeymanColumn(String),
    /// As [`Share::CostOptimal`], with standard deviations of such a column.
    CostOptimalColumn(ColumnCosts),
    /// The cheapest sizes that reach the precision wanted for several variables
    /// (Bethel, 1989); the total follows from them.
    Multivariate(Multivariate),
    /// These numbers, by stratum name.
    Fixed(BTreeMap<String, u32>),
}

/// What cost-optimal allocation needs to know of a stratum.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Costly {
    /// The standard deviation of what is measured.
    pub deviation: f64,
    /// What one interview costs, in any currency.
    pub cost: f64,
}

/// What cost-optimal allocation by a column of the frame needs to know.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnCosts {
    /// The column.
    pub column: String,
    /// What one interview costs, by stratum name.
    pub costs: BTreeMap<String, f64>,
}

impl Amount {
    /// The column of numbers that it is worked out from, if any.
    pub fn column(&self) -> Option<&String> {
        let Self::Allocated(Allocation { share, .. }) = self else { return None };
        share.column()
    }
}

impl Share {
    /// The column of numbers whose deviations it goes by, if any.
    pub fn column(&self) -> Option<&String> {
        match self {
            Self::NeymanColumn(column) => Some(column),
            Self::CostOptimalColumn(by) => Some(&by.column),
            _ => None,
        }
    }
}

/// Precision wanted for several variables.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Multivariate {
    /// What is measured.
    pub variables: Vec<Precision>,
    /// What one interview costs, by stratum name; without it the same everywhere.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub costs: BTreeMap<String, f64>,
}

/// How precisely a mean is to be known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Precision {
    /// The variable, for messages.
    pub name: String,
    /// The standard error wanted of its mean over the strata of its domain, in its
    /// units.
    pub standard_error: f64,
    /// Its standard deviation, by the names of these strata.
    pub deviations: BTreeMap<String, f64>,
    /// The strata that make up the domain; without them all do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domain: Vec<String>,
}
