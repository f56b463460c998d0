//! What was decided after the draw: entries that are appended to a sample's
//! record, each bound by its hash to everything that stands before it, so that
//! one that was edited, dropped or moved is found.

use serde::{Deserialize, Serialize};

use super::frame::{Columns, hash_of_text};
use super::plan::Stage;
use super::problem::Problem;
use super::random::Seed;
use super::release::{Substitution, first_reserve, substitute};
use super::sample::{Sample, SampledUnit, StageDraw};

/// One decision after the draw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// What was decided.
    #[serde(flatten)]
    pub act: Act,
    /// The hash of the entry before, or of the draw.
    pub previous: String,
    /// SHA-256 of that hash and of what was decided, in hexadecimal.
    pub hash: String,
}

/// What can be decided after a draw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "a record has few entries")]
pub enum Act {
    /// Replicates were released.
    Released {
        /// How many are in the field by now, from the first.
        replicates: u32,
    },
    /// A unit of the reserve took another's place.
    Substituted(Substitution),
    /// Units were drawn from what the field listed in the clusters drawn.
    Listed(Listed),
    /// A second phase was drawn from what the first found.
    SecondPhase(SecondPhase),
    /// A sample was drawn once more, into another record.
    DrawnAgain {
        /// The name of that record's file.
        record: String,
        /// Its seed.
        seed: Seed,
        /// The hash of its draw.
        draw_hash: String,
    },
}

/// A listing stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listed {
    /// The stages inside the clusters.
    pub stages: Vec<Stage>,
    /// Which column of the list was what.
    pub columns: Columns,
    /// SHA-256 of the list's bytes.
    pub list_hash: String,
    /// The clusters that the list holds.
    pub clusters: Vec<String>,
    /// The units drawn, with what happened at every stage from the first.
    pub units: Vec<SampledUnit>,
}

/// A second phase that was drawn after the first was in the field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecondPhase {
    /// How it was drawn.
    pub stage: Stage,
    /// Which column of the list was what.
    pub columns: Columns,
    /// SHA-256 of the list's bytes.
    pub list_hash: String,
    /// Those drawn, in the order of the sample.
    pub units: Vec<PhaseUnit>,
}

/// A unit of a second phase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhaseUnit {
    /// Its id.
    pub unit: String,
    /// Its stratum in that phase.
    pub stratum: String,
    /// How it came through, given the first phase.
    #[serde(flatten)]
    pub stage: StageDraw,
}

/// What is wrong with a chain, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "broken", rename_all = "snake_case")]
pub enum Broken {
    /// An entry is not what its hash is of.
    Changed {
        /// Its number, from 1.
        entry: usize,
    },
    /// An entry does not follow what stands before it: an entry was dropped or
    /// moved, or the draw was edited.
    Order {
        /// Its number, from 1.
        entry: usize,
    },
    /// What the record names as its end is not there: the last entries were
    /// dropped, or a draw without entries was edited.
    End,
}

fn hash_of(previous: &str, act: &Act) -> String {
    hash_of_text(&serde_json::to_string(&(previous, act)).unwrap_or_default())
}

impl Entry {
    /// The entry of a decision that is bound to a hash: of the entry before, or of
    /// the draw.
    pub fn after(previous: String, act: Act) -> Self {
        let hash = hash_of(&previous, &act);
        Self { act, previous, hash }
    }
}

impl Sample {
    /// SHA-256, in hexadecimal, of the draw: everything but what was decided after
    /// it.
    pub fn draw_hash(&self) -> String {
        let draw = Self { entries: Vec::new(), last: None, ..self.clone() };
        hash_of_text(&serde_json::to_string(&draw).unwrap_or_default())
    }

    /// The hash that the next entry is bound to: of the last one, or of the draw.
    pub fn last_hash(&self) -> String {
        match self.entries.last() {
            Some(entry) => entry.hash.clone(),
            None => self.draw_hash(),
        }
    }

    /// The same record with an entry more.
    ///
    /// # Errors
    ///
    /// A chain that is broken already.
    pub fn with(mut self, act: Act) -> Result<Self, Broken> {
        if let Some(broken) = self.broken() {
            return Err(broken);
        }
        self.push(Entry::after(self.last_hash(), act));
        Ok(self)
    }

    /// The same record with entries that were kept apart from it.
    #[must_use]
    pub fn with_entries(mut self, entries: impl IntoIterator<Item = Entry>) -> Self {
        entries.into_iter().for_each(|entry| self.push(entry));
        self
    }

    fn push(&mut self, entry: Entry) {
        self.last = Some(entry.hash.clone());
        self.entries.push(entry);
    }

    /// The first place at which the chain is broken. Whether what it says is true
    /// is another question: [`verify`](super::verify::verify).
    pub fn broken(&self) -> Option<Broken> {
        let mut before = self.draw_hash();
        for (number, entry) in (1..).zip(&self.entries) {
            if entry.hash != hash_of(&entry.previous, &entry.act) {
                return Some(Broken::Changed { entry: number });
            }
            if entry.previous != before {
                return Some(Broken::Order { entry: number });
            }
            before.clone_from(&entry.hash);
        }
        match &self.last {
            Some(last) if *last != before => Some(Broken::End),
            _ => None,
        }
    }

    /// How many replicates are in the field: those released last, else all that
    /// are not in reserve; none in a sample without any.
    pub fn released(&self) -> Option<u32> {
        let release = self.plan.release?;
        Some(self.said_released().unwrap_or(release.replicates - release.reserve))
    }

    /// How many replicates are in the field by the last entry that says so.
    fn said_released(&self) -> Option<u32> {
        self.entries.iter().rev().find_map(|entry| match entry.act {
            Act::Released { replicates } => Some(replicates),
            _ => None,
        })
    }

    /// The substitutions so far.
    pub fn substitutions(&self) -> impl Iterator<Item = &Substitution> {
        self.entries.iter().filter_map(|entry| match &entry.act {
            Act::Substituted(one) => Some(one),
            _ => None,
        })
    }

    /// The listing stages so far.
    pub fn listings(&self) -> impl Iterator<Item = &Listed> {
        self.entries.iter().filter_map(|entry| match &entry.act {
            Act::Listed(listed) => Some(listed),
            _ => None,
        })
    }

    /// The second phase that was drawn after the first, if there is one.
    pub fn later_phase(&self) -> Option<&SecondPhase> {
        self.entries.iter().find_map(|entry| match &entry.act {
            Act::SecondPhase(phase) => Some(phase),
            _ => None,
        })
    }

    /// The same sample as it was before an entry (from 1).
    pub(super) fn before(&self, entry: usize) -> Self {
        let entries = self.entries.iter().take(entry - 1).cloned().collect();
        Self { entries, last: None, ..self.clone() }
    }
}

/// Releases replicates up to a number.
///
/// # Errors
///
/// A sample without replicates, or not more than are released and at most those
/// that it has.
pub fn release(sample: &Sample, upto: u32) -> Result<Act, Vec<Problem>> {
    let released = sample.released().unwrap_or(0);
    if upto <= released {
        let most = sample.plan.release.map_or(0, |release| release.replicates);
        return Err(vec![Problem::SampleRelease { value: upto, released, most }]);
    }
    in_field(sample, upto)
}

/// That so many replicates are in the field. The first such entry may say that
/// there are fewer than the plan has without one: none, where all wait at first.
///
/// # Errors
///
/// A sample without replicates, more than it has, and not more than an entry said
/// before.
pub fn in_field(sample: &Sample, replicates: u32) -> Result<Act, Vec<Problem>> {
    let most = sample.plan.release.map_or(0, |release| release.replicates);
    let said = sample.said_released();
    if sample.plan.release.is_none() || replicates > most || said.is_some_and(|n| replicates <= n) {
        let released = said.unwrap_or(0);
        return Err(vec![Problem::SampleRelease { value: replicates, released, most }]);
    }
    Ok(Act::Released { replicates })
}

/// Puts a unit of the reserve in another's place.
///
/// # Errors
///
/// As [`substitute`]; reserves that are released take nobody's place.
pub fn replace(sample: &Sample, unit: &str, reason: &str) -> Result<Act, Vec<Problem>> {
    let released = sample.released().unwrap_or(0);
    let reserve = sample.plan.release.map_or(0, first_reserve);
    if released >= reserve && sample.plan.release.is_some_and(|release| release.reserve > 0) {
        return Err(vec![Problem::SampleReserveReleased { replicate: reserve }]);
    }
    let log: Vec<Substitution> = sample.substitutions().cloned().collect();
    Ok(Act::Substituted(substitute(sample, unit, reason, &log)?))
}

/// That a sample was drawn once more: so nobody draws until it pleases unseen.
pub fn drawn_again(record: &str, other: &Sample) -> Act {
    Act::DrawnAgain { record: record.to_owned(), seed: other.seed, draw_hash: other.draw_hash() }
}
