//! Draws a recorded sample again from its frame and compares.

use serde::{Deserialize, Serialize};

use super::frame::{Frame, Rows};
use super::problem::Problem;
use super::sample::{Sample, SampledUnit, draw_as, knows};

/// What a replay finds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Replay {
    /// The same sample comes out.
    Identical,
    /// The record is of a form that this version does not know.
    UnknownForm {
        /// Its form.
        form: u32,
    },
    /// The frame is another one than the sample was drawn from.
    FrameDiffers {
        /// The hash in the record.
        expected: String,
        /// The hash of the frame given.
        found: String,
        /// The first rows that are not the same, where the record tells; none
        /// where only the header or the way the file is written differs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rows: Option<Rows>,
    },
    /// The plan in the record is not the one its hash is of.
    PlanDiffers {
        /// The hash in the record.
        expected: String,
        /// The hash of the plan.
        found: String,
    },
    /// Nothing can be drawn from the frame by the plan.
    CannotDraw {
        /// Why.
        problems: Vec<Problem>,
    },
    /// The units are the same but their joint probabilities are not.
    JointDiffers,
    /// The units are the same but what the record says of what they are balanced on or
    /// spread over is not.
    AuxiliaryDiffers,
    /// The units are the same but what the record says of the coordination with other
    /// draws is not.
    CoordinationDiffers,
    /// The samples differ, first at this place.
    Differs {
        /// The place in the list of units, from 0.
        place: usize,
        /// The unit in the record, if it has one there.
        expected: Option<Box<SampledUnit>>,
        /// The unit drawn now, if there is one.
        found: Option<Box<SampledUnit>>,
    },
}

/// Draws a recorded sample again and compares.
pub fn replay(recorded: &Sample, frame: &Frame) -> Replay {
    if !knows(recorded.form) {
        return Replay::UnknownForm { form: recorded.form };
    }
    if recorded.frame_hash != frame.hash {
        let (expected, found) = (recorded.frame_hash.clone(), frame.hash.clone());
        let recorded = recorded.frame_blocks.as_ref();
        let rows = recorded.and_then(|blocks| blocks.first_difference(&frame.blocks));
        return Replay::FrameDiffers { expected, found, rows };
    }
    let plan_hash = recorded.plan.hash(&frame.columns);
    if recorded.plan_hash != plan_hash {
        let expected = recorded.plan_hash.clone();
        return Replay::PlanDiffers { expected, found: plan_hash };
    }
    let coordination = recorded.coordination.clone();
    if coordination.is_some() != recorded.plan.overlap.is_some() {
        return Replay::CoordinationDiffers;
    }
    let again = match draw_as(recorded.form, frame, &recorded.plan, recorded.seed, coordination) {
        Ok(again) => again,
        Err(problems) => return Replay::CannotDraw { problems },
    };
    let longest = recorded.units.len().max(again.units.len());
    let different =
        (0..longest).find(|place| recorded.units.get(*place) != again.units.get(*place));
    match different {
        None if recorded.joint != again.joint => Replay::JointDiffers,
        None if !recorded.auxiliary.is_empty() && recorded.auxiliary != again.auxiliary => {
            Replay::AuxiliaryDiffers
        }
        None if recorded.coordination != again.coordination => Replay::CoordinationDiffers,
        None => Replay::Identical,
        Some(place) => Replay::Differs {
            place,
            expected: recorded.units.get(place).cloned().map(Box::new),
            found: again.units.get(place).cloned().map(Box::new),
        },
    }
}
