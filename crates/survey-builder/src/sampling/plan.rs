//! Plans: how a sample is to be drawn, and what that would give.

mod amount;
mod method;
mod overlap;
mod stage;

use serde::{Deserialize, Serialize};

use super::frame::{Columns, hash_of_text};

pub use self::amount::{Allocation, Amount, ColumnCosts, Costly, Multivariate, Precision, Share};
pub use self::method::{Balanced, ByNumber, Method, SizeMeasure, Spread};
pub use self::overlap::{Overlap, Rest, RestUnit};
pub use self::stage::{Stage, StageUnits};

/// How to draw: one stage of units, or stages of clusters and then units in
/// them. Strata of the first stage are those of the frame.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The stages, the first first.
    #[serde(default)]
    pub stages: Vec<Stage>,
    /// A second phase: drawn from the units of the first, in strata of its own or
    /// else in those of the frame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_phase: Option<Stage>,
    /// Replicates that the sample is dealt into, to be released whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Release>,
    /// Whether units may be replaced, by units of a reserve replicate.
    #[serde(default, skip_serializing_if = "is_false")]
    pub substitution: bool,
    /// The column that says in how many frames a unit stands, or by how many
    /// ways it can be drawn: its weight is divided by that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multiplicity: Option<String>,
    /// Keep the joint inclusion probabilities of the first stage.
    #[serde(default, skip_serializing_if = "is_false")]
    pub joint: bool,
    /// How the draw is coordinated with others of the same list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap: Option<Overlap>,
    /// Set where people are not drawn: then there are no stages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonprobability: Option<Nonprobability>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// Ways to find people that give no inclusion probabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nonprobability {
    /// Whoever fills a cell until it is full.
    Quota,
    /// Whoever follows a link.
    OpenLink,
}

/// Replicates of a sample, each a random part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// How many.
    pub replicates: u32,
    /// How many of them, the last, wait as reserves.
    #[serde(default)]
    pub reserve: u32,
}

impl Plan {
    /// These stages and nothing else.
    pub fn of(stages: Vec<Stage>) -> Self {
        Self { stages, ..Self::default() }
    }

    /// SHA-256, in hexadecimal, of the plan as JSON and of the frame's column
    /// roles, which are part of how a sample is drawn. By which rules a record was
    /// read is no part of it: a plan's hash is the same in every release.
    pub fn hash(&self, columns: &Columns) -> String {
        let mut columns = columns.clone();
        columns.reading.rules = None;
        let json = serde_json::to_string(&(self, columns)).unwrap_or_default();
        hash_of_text(&json)
    }

    /// The roles of a frame's columns with those added that the plan speaks of.
    pub fn columns(&self, given: &Columns) -> Columns {
        let mut columns = given.clone();
        let mut add = |to_names: bool, name: &String| {
            let list = if to_names { &mut columns.labels } else { &mut columns.numbers };
            if !list.contains(name) {
                list.push(name.clone());
            }
        };
        for stage in self.stages.iter().chain(&self.second_phase) {
            if let StageUnits::Level(name) = &stage.units {
                add(true, name);
            }
            stage.strata.iter().chain(&stage.sort).for_each(|name| add(true, name));
            stage.amount.column().into_iter().for_each(|name| add(false, name));
            stage.method.number_columns().for_each(|name| add(false, name));
        }
        self.multiplicity.iter().for_each(|name| add(false, name));
        columns
    }
}

impl Plan {
    /// Whether units may come several times at a stage.
    pub(super) fn repeats(&self) -> bool {
        self.stages.iter().any(Stage::repeats)
    }

    /// Whether clusters are all that is drawn, and taken whole.
    pub(super) fn ends_in_clusters(&self) -> bool {
        self.stages.iter().all(|stage| stage.units != StageUnits::Units)
    }
}
