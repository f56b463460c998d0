//! Plans: how a sample is to be drawn, and what that would give.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::allocation::allocate;
use super::frame::{Frame, Stratum, hex};
use super::problem::Problem;
use super::selection::inclusion_probabilities;

/// How to draw: one stage of units, or clusters and then units in them. Strata
/// are those of the frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The stages, the first first.
    pub stages: Vec<Stage>,
}

/// One stage of a draw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// What is drawn.
    pub units: StageUnits,
    /// How.
    pub method: Method,
    /// How many.
    pub amount: Amount,
}

/// What a stage draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageUnits {
    /// The clusters of the frame.
    Clusters,
    /// The units of the frame.
    Units,
}

/// How a stage draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Every subset of the size is equally likely.
    Simple,
    /// Every k-th from a random start, in frame order: with equal probabilities.
    Systematic,
    /// Systematic with probability proportional to size; those as large as the
    /// interval are taken with certainty.
    SystematicPps(SizeMeasure),
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
    /// A total, shared out over the strata; for the first stage.
    Allocated(Allocation),
    /// The same number in each cluster; for a later stage.
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
    /// These numbers, by stratum name.
    Fixed(BTreeMap<String, u32>),
}

/// What a plan would draw in a stratum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StratumPreview {
    /// The stratum's name.
    pub stratum: String,
    /// Its frame units.
    pub units: u64,
    /// Its clusters.
    pub clusters: u64,
    /// How many the first stage draws.
    pub drawn: u64,
    /// How many of them are certain to be drawn.
    pub certain: u64,
    /// The expected number of units in the sample.
    pub expected_units: f64,
}

impl Plan {
    /// SHA-256, in hexadecimal, of the plan as JSON and of the frame's column
    /// roles, which are part of how a sample is drawn.
    pub fn hash(&self, frame: &Frame) -> String {
        let json = serde_json::to_string(&(self, &frame.columns)).unwrap_or_default();
        hex(&Sha256::digest(json.as_bytes()))
    }
}

/// What the plan would draw, stratum by stratum.
///
/// # Errors
///
/// Everything that stands in the way, with the numbers.
pub fn preview(frame: &Frame, plan: &Plan) -> Result<Vec<StratumPreview>, Vec<Problem>> {
    let counts = check(frame, plan)?;
    let first = &plan.stages[0];
    Ok(frame
        .strata
        .iter()
        .zip(counts)
        .map(|(stratum, drawn)| {
            let probabilities = first.probabilities(frame, stratum, drawn);
            let members = first.members(frame, stratum);
            let expected_units = members
                .iter()
                .zip(&probabilities)
                .map(|(member, probability)| probability * plan.take(frame, *member))
                .sum();
            let certain = probabilities.iter().filter(|probability| **probability >= 1.0).count();
            StratumPreview {
                stratum: stratum.name.clone(),
                units: stratum.units.len() as u64,
                clusters: stratum.clusters.len() as u64,
                drawn,
                certain: certain as u64,
                expected_units,
            }
        })
        .collect())
}

/// How many the first stage draws in each stratum, in the frame's order.
pub(super) fn check(frame: &Frame, plan: &Plan) -> Result<Vec<u64>, Vec<Problem>> {
    let mut problems = plan.shape_problems(frame);
    if !problems.is_empty() {
        return Err(problems);
    }
    let first = &plan.stages[0];
    let Amount::Allocated(allocation) = &first.amount else {
        return Err(vec![Problem::PlanWithoutStage]);
    };
    let available: Vec<u64> =
        frame.strata.iter().map(|stratum| first.members(frame, stratum).len() as u64).collect();
    let populations: Vec<f64> =
        frame.strata.iter().map(|stratum| first.population(frame, stratum)).collect();
    let names: Vec<&str> = frame.strata.iter().map(|stratum| stratum.name.as_str()).collect();
    let counts = allocate(&names, &populations, &available, allocation);
    problems.extend(plan.take_problems(frame));
    match counts {
        Ok(counts) if problems.is_empty() => Ok(counts),
        Ok(_) => Err(problems),
        Err(mut found) => {
            found.append(&mut problems);
            Err(found)
        }
    }
}

impl Plan {
    fn shape_problems(&self, frame: &Frame) -> Vec<Problem> {
        if self.stages.is_empty() {
            return vec![Problem::PlanWithoutStage];
        }
        if self.stages.len() > 2 {
            return vec![Problem::PlanStages { found: self.stages.len() }];
        }
        let mut problems = Vec::new();
        for (index, stage) in self.stages.iter().enumerate() {
            let number = index + 1;
            let last = number == self.stages.len();
            if (stage.units == StageUnits::Units) != last && !(last && index == 0) {
                problems.push(Problem::PlanStageOrder { stage: number });
            }
            if stage.units == StageUnits::Clusters && frame.columns.cluster.is_none() {
                problems.push(Problem::PlanWithoutClusters { stage: number });
            }
            let by_column = stage.method == Method::SystematicPps(SizeMeasure::Column);
            if by_column && frame.columns.size.is_none() {
                problems.push(Problem::PlanWithoutSize { stage: number });
            }
            match &stage.amount {
                Amount::Allocated(_) if index > 0 => {
                    problems.push(Problem::PlanAllocationLate { stage: number });
                }
                Amount::Each { .. } if index == 0 => {
                    problems.push(Problem::PlanWithoutAllocation { stage: number });
                }
                Amount::Each { count: 0, .. } => {
                    problems.push(Problem::PlanDrawsNothing { stage: number });
                }
                _ => {}
            }
        }
        problems
    }

    /// The clusters that have fewer units than the second stage draws: any of
    /// them might be drawn.
    fn take_problems(&self, frame: &Frame) -> Vec<Problem> {
        let Some(Amount::Each { count, all_if_fewer: false }) =
            self.stages.get(1).map(|stage| &stage.amount)
        else {
            return Vec::new();
        };
        let small = |units: &Vec<u32>| (units.len() as u64) < u64::from(*count);
        frame
            .clusters
            .iter()
            .filter(|cluster| small(&cluster.units))
            .map(|cluster| Problem::PlanOverCluster {
                stratum: frame.strata[cluster.stratum as usize].name.clone(),
                cluster: cluster.name.clone(),
                wanted: u64::from(*count),
                available: cluster.units.len() as u64,
            })
            .collect()
    }

    /// How many units the sample has for a first-stage member once drawn.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    fn take(&self, frame: &Frame, member: u32) -> f64 {
        if self.stages[0].units == StageUnits::Units {
            return 1.0;
        }
        let inside = frame.clusters[member as usize].units.len() as u64;
        match self.stages.get(1).map(|stage| &stage.amount) {
            Some(Amount::Each { count, .. }) => inside.min(u64::from(*count)) as f64,
            _ => inside as f64,
        }
    }
}

impl Stage {
    /// What the stage can draw in a stratum: indices of clusters or of units.
    pub(super) fn members<'f>(&self, _frame: &'f Frame, stratum: &'f Stratum) -> &'f [u32] {
        match self.units {
            StageUnits::Clusters => &stratum.clusters,
            StageUnits::Units => &stratum.units,
        }
    }

    /// The size of each member, where the stage draws in proportion to size.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    pub(super) fn sizes(&self, frame: &Frame, members: &[u32]) -> Option<Vec<f64>> {
        let Method::SystematicPps(measure) = self.method else { return None };
        let size = |member: &u32| match (self.units, measure) {
            (StageUnits::Clusters, SizeMeasure::UnitCount) => {
                frame.clusters[*member as usize].units.len() as f64
            }
            (StageUnits::Clusters, SizeMeasure::Column) => frame.clusters[*member as usize].size,
            (StageUnits::Units, SizeMeasure::UnitCount) => 1.0,
            (StageUnits::Units, SizeMeasure::Column) => frame.units[*member as usize].size,
        };
        Some(members.iter().map(size).collect())
    }

    /// What proportional allocation counts in a stratum.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    fn population(&self, frame: &Frame, stratum: &Stratum) -> f64 {
        let members = self.members(frame, stratum);
        match self.sizes(frame, members) {
            Some(sizes) => sizes.iter().sum(),
            None => members.len() as f64,
        }
    }

    /// The probability with which each member is drawn.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    fn probabilities(&self, frame: &Frame, stratum: &Stratum, drawn: u64) -> Vec<f64> {
        let members = self.members(frame, stratum);
        match self.sizes(frame, members) {
            Some(sizes) => inclusion_probabilities(&sizes, drawn),
            None => vec![drawn as f64 / members.len() as f64; members.len()],
        }
    }
}
