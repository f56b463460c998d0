//! Plans: how a sample is to be drawn, and what that would give.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::frame::{Columns, hash_of_text};
use super::selection::poisson::PermanentNumbers;

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
    /// How.
    pub method: Method,
    /// How many.
    pub amount: Amount,
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

/// How a stage draws.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Every subset of the size is equally likely.
    Simple,
    /// Each draw is from all: a unit may come several times.
    WithReplacement,
    /// Every k-th from a random start, in frame order: with equal probabilities.
    Systematic,
    /// Every ⌊N/n⌋-th from a random one on, past the end to the beginning.
    Circular,
    /// Systematic with probability proportional to size; those as large as the
    /// interval are taken with certainty. So in all methods by size.
    SystematicPps(SizeMeasure),
    /// The same with the list in random order.
    ShuffledPps(SizeMeasure),
    /// Sampford's method.
    Sampford(SizeMeasure),
    /// Brewer's method.
    Brewer(SizeMeasure),
    /// Tillé's elimination.
    Tille(SizeMeasure),
    /// Midzuno's method, generalised.
    Midzuno(SizeMeasure),
    /// Maximum entropy: conditional Poisson sampling.
    MaximumEntropy(SizeMeasure),
    /// Each on its own; the size is left to chance.
    Poisson(ByNumber),
    /// Sequential Poisson sampling.
    SequentialPoisson(ByNumber),
    /// Pareto sampling.
    Pareto(ByNumber),
    /// The cube method.
    Cube(Balanced),
    /// A local pivotal method.
    LocalPivotal(Spread),
}

/// How methods by random numbers of the units draw.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByNumber {
    /// In proportion to what; without it all are equally likely.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<SizeMeasure>,
    /// Numbers that units keep from survey to survey; without it fresh ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permanent: Option<PermanentNumbers>,
}

/// What the cube method balances on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Balanced {
    /// Columns of numbers, the most important first; clusters have sums.
    pub variables: Vec<String>,
    /// In proportion to what; without it all are equally likely.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<SizeMeasure>,
    /// Balances over all strata together, each still with its size; otherwise
    /// in each stratum.
    #[serde(default, skip_serializing_if = "is_false")]
    pub over_strata: bool,
}

/// Where units lie, for the local pivotal methods.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// Columns of numbers; clusters have means.
    pub coordinates: Vec<String>,
    /// In proportion to what; without it all are equally likely.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<SizeMeasure>,
    /// Method 1, in which only mutual neighbours fight; otherwise method 2.
    #[serde(default, skip_serializing_if = "is_false")]
    pub mutual: bool,
}

/// What the size of a cluster or unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SizeMeasure {
    /// The number of frame units in it.
    UnitCount,
    /// The sum of the frame's size column over it.
    Column,
}

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

impl Stage {
    /// A stage without strata of its own.
    pub fn new(units: StageUnits, method: Method, amount: Amount) -> Self {
        Self { units, strata: Vec::new(), method, amount }
    }
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
            stage.strata.iter().for_each(|name| add(true, name));
            stage.method.number_columns().iter().for_each(|name| add(false, name));
        }
        self.multiplicity.iter().for_each(|name| add(false, name));
        columns
    }
}

impl Plan {
    /// Whether a stage draws with replacement, so that units may come several times.
    pub(super) fn repeats(&self) -> bool {
        self.stages.iter().any(|stage| stage.method == Method::WithReplacement)
    }

    /// Whether clusters are all that is drawn, and taken whole.
    pub(super) fn ends_in_clusters(&self) -> bool {
        self.stages.iter().all(|stage| stage.units != StageUnits::Units)
    }
}

impl Method {
    /// What members are drawn in proportion to, if to anything.
    pub fn size(&self) -> Option<SizeMeasure> {
        match self {
            Self::Simple | Self::WithReplacement | Self::Systematic | Self::Circular => None,
            Self::SystematicPps(size)
            | Self::ShuffledPps(size)
            | Self::Sampford(size)
            | Self::Brewer(size)
            | Self::Tille(size)
            | Self::Midzuno(size)
            | Self::MaximumEntropy(size) => Some(*size),
            Self::Poisson(by) | Self::SequentialPoisson(by) | Self::Pareto(by) => by.size,
            Self::Cube(balanced) => balanced.size,
            Self::LocalPivotal(spread) => spread.size,
        }
    }

    /// The columns of numbers that the method looks at.
    pub fn number_columns(&self) -> &[String] {
        match self {
            Self::Cube(balanced) => &balanced.variables,
            Self::LocalPivotal(spread) => &spread.coordinates,
            _ => &[],
        }
    }

    /// Its name, as in a plan's file.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::WithReplacement => "with_replacement",
            Self::Systematic => "systematic",
            Self::Circular => "circular",
            Self::SystematicPps(_) => "systematic_pps",
            Self::ShuffledPps(_) => "shuffled_pps",
            Self::Sampford(_) => "sampford",
            Self::Brewer(_) => "brewer",
            Self::Tille(_) => "tille",
            Self::Midzuno(_) => "midzuno",
            Self::MaximumEntropy(_) => "maximum_entropy",
            Self::Poisson(_) => "poisson",
            Self::SequentialPoisson(_) => "sequential_poisson",
            Self::Pareto(_) => "pareto",
            Self::Cube(_) => "cube",
            Self::LocalPivotal(_) => "local_pivotal",
        }
    }

    /// The key of its name in the texts of each language.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Simple => "method-simple",
            Self::WithReplacement => "method-with-replacement",
            Self::Systematic => "method-systematic",
            Self::Circular => "method-circular",
            Self::SystematicPps(_) => "method-systematic-pps",
            Self::ShuffledPps(_) => "method-shuffled-pps",
            Self::Sampford(_) => "method-sampford",
            Self::Brewer(_) => "method-brewer",
            Self::Tille(_) => "method-tille",
            Self::Midzuno(_) => "method-midzuno",
            Self::MaximumEntropy(_) => "method-maximum-entropy",
            Self::Poisson(_) => "method-poisson",
            Self::SequentialPoisson(_) => "method-sequential-poisson",
            Self::Pareto(_) => "method-pareto",
            Self::Cube(_) => "method-cube",
            Self::LocalPivotal(_) => "method-local-pivotal",
        }
    }
}
