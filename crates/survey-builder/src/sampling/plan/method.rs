//! How a stage draws.

use serde::{Deserialize, Serialize};

use super::is_false;
use crate::sampling::selection::poisson::PermanentNumbers;

/// How a stage draws.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Every subset of the size is equally likely.
    Simple,
    /// Each draw is from all: a unit may come several times.
    WithReplacement,
    /// Each draw is from all, with probability proportional to size (Hansen and
    /// Hurwitz, 1943): a unit may come several times.
    PpsWithReplacement(SizeMeasure),
    /// Sequentially, with probability proportional to size and as few repetitions
    /// as can be (Chromy, 1979): a unit comes as often as is expected, rounded down
    /// or up.
    Chromy(SizeMeasure),
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
    /// Columns of numbers over which the sample is spread as well; clusters have means.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coordinates: Vec<String>,
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

impl Method {
    /// What members are drawn in proportion to, if to anything.
    pub fn size(&self) -> Option<SizeMeasure> {
        match self {
            Self::Simple | Self::WithReplacement | Self::Systematic | Self::Circular => None,
            Self::SystematicPps(size)
            | Self::ShuffledPps(size)
            | Self::PpsWithReplacement(size)
            | Self::Chromy(size)
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
    pub fn number_columns(&self) -> impl Iterator<Item = &String> {
        let (balance, places): (&[String], &[String]) = match self {
            Self::Cube(balanced) => (&balanced.variables, &balanced.coordinates),
            Self::LocalPivotal(spread) => (&[], &spread.coordinates),
            _ => (&[], &[]),
        };
        balance.iter().chain(places)
    }

    /// Whether a unit may come several times.
    pub fn repeats(&self) -> bool {
        matches!(self, Self::WithReplacement | Self::PpsWithReplacement(_) | Self::Chromy(_))
    }

    /// Whether each draw is from all, so that any number can be had of any list.
    pub(in crate::sampling) fn replaces(&self) -> bool {
        matches!(self, Self::WithReplacement | Self::PpsWithReplacement(_))
    }

    /// Whether it names permanent numbers of its own.
    pub(in crate::sampling) fn has_permanent(&self) -> bool {
        let by_number = match self {
            Self::Poisson(by) | Self::SequentialPoisson(by) | Self::Pareto(by) => Some(by),
            _ => None,
        };
        by_number.is_some_and(|by| by.permanent.is_some())
    }

    /// Whether it goes through its list in order, so that the order matters.
    pub fn is_in_order(&self) -> bool {
        matches!(self, Self::Systematic | Self::Circular | Self::SystematicPps(_) | Self::Chromy(_))
    }

    /// Its name, as in a plan's file.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::WithReplacement => "with_replacement",
            Self::PpsWithReplacement(_) => "pps_with_replacement",
            Self::Chromy(_) => "chromy",
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
            Self::PpsWithReplacement(_) => "method-pps-with-replacement",
            Self::Chromy(_) => "method-chromy",
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
