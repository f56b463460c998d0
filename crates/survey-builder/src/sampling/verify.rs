//! Holds a sample's whole record to the frame and the lists it was drawn from:
//! the draw, and every entry after it.

use serde::{Deserialize, Serialize};

use super::chain::{Act, Broken, in_field, replace};
use super::extension::{list_stage, phase_stage};
use super::frame::Frame;
use super::problem::Problem;
use super::replay::{Replay, replay};
use super::sample::Sample;

/// What verifying a record finds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether the draw comes out the same.
    pub draw: Replay,
    /// Where the chain of entries is broken, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken: Option<Broken>,
    /// How many entries were held to what they say.
    pub entries: usize,
    /// What does not hold, with the number of its entry, from 1.
    pub faults: Vec<(usize, EntryFault)>,
}

impl Verdict {
    /// Whether everything holds.
    pub fn holds(&self) -> bool {
        self.draw == Replay::Identical && self.broken.is_none() && self.faults.is_empty()
    }
}

/// Why an entry does not hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum EntryFault {
    /// It could not have been made at that point.
    Impossible {
        /// Why.
        problems: Vec<Problem>,
    },
    /// Made again it is another one.
    Differs,
    /// The list it was drawn from was not given.
    WithoutList {
        /// The hash of that list.
        hash: String,
    },
}

/// Verifies a record. `lists`: what the field listed and what first phases found,
/// in any order, each read with the columns that its entry names.
pub fn verify(recorded: &Sample, frame: &Frame, lists: &[Frame]) -> Verdict {
    let draw = replay(recorded, frame);
    let faults: Vec<(usize, EntryFault)> = (1..)
        .zip(&recorded.entries)
        .filter_map(|(number, entry)| {
            let before = recorded.before(number);
            Some((number, fault(&before, &entry.act, lists)?))
        })
        .collect();
    Verdict { draw, broken: recorded.broken(), entries: recorded.entries.len(), faults }
}

/// What is wrong with an entry, made again from what stands before it.
fn fault(before: &Sample, act: &Act, lists: &[Frame]) -> Option<EntryFault> {
    let list_of = |hash: &str| {
        let found = lists.iter().find(|list| list.hash == hash);
        found.ok_or_else(|| EntryFault::WithoutList { hash: hash.to_owned() })
    };
    let again = match act {
        Act::Released { replicates } => Ok(in_field(before, *replicates)),
        Act::Substituted(one) => Ok(replace(before, &one.unit, &one.reason)),
        Act::Listed(listed) => {
            list_of(&listed.list_hash).map(|list| list_stage(before, list, &listed.stages))
        }
        Act::SecondPhase(phase) => {
            list_of(&phase.list_hash).map(|list| phase_stage(before, list, &phase.stage))
        }
        Act::DrawnAgain { .. } => return None,
    };
    match again {
        Err(fault) => Some(fault),
        Ok(Err(problems)) => Some(EntryFault::Impossible { problems }),
        Ok(Ok(again)) => (again != *act).then_some(EntryFault::Differs),
    }
}
