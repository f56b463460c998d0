//! The second phase: drawn again from the units of the first, in strata of its
//! own or in those of the plan.

use std::collections::{BTreeMap, HashMap};

use super::frame::Frame;
use super::listing::{List, inner_lists, list_of};
use super::plan::{Amount, Stage};
use super::problem::{Problem, stratum_words};
use super::random::Seed;
use super::sample::{SampledUnit, StageDraw};
use super::select::select;
use super::take::takes;

/// A unit of the second phase: its stratum there and how it came through.
pub(super) type Through = (String, StageDraw);

/// Draws from lists, one a stratum; gives those drawn by id.
///
/// # Errors
///
/// A list that is too small, and everything that the allocation refuses.
pub(super) fn draw_from(
    frame: &Frame,
    stage: &Stage,
    seed: Seed,
    lists: &[List<'_>],
) -> Result<HashMap<String, Through>, Vec<Problem>> {
    if let Amount::Each { count, all_if_fewer: false } = stage.amount {
        let wanted = u64::from(count);
        let problems: Vec<Problem> = lists
            .iter()
            .map(|list| (list, list.members.len() as u64))
            .filter(|(_, available)| *available < wanted)
            .map(|(list, available)| Problem::PlanOverPhase {
                stratum: stratum_words(&list.stratum),
                wanted,
                available,
            })
            .collect();
        if !problems.is_empty() {
            return Err(problems);
        }
    }
    let counts = takes(frame, stage, lists)?;
    let mut drawn = HashMap::new();
    for (list, count) in lists.iter().zip(counts) {
        let mut stream = seed.stream_of("second phase", std::slice::from_ref(&list.stratum));
        for pick in select(stage, frame, &list.members, count, &mut stream) {
            let name = list.members.name(frame, pick.place).to_owned();
            drawn.insert(name, (list.stratum.clone(), pick.draw));
        }
    }
    Ok(drawn)
}

/// Draws the second phase of a plan from the units drawn. `of_plan`: a stage
/// without strata of its own keeps those of the frame.
///
/// # Errors
///
/// As [`draw_from`].
pub(super) fn second_phase(
    frame: &Frame,
    stage: &Stage,
    seed: Seed,
    of_plan: bool,
    indices: &[u32],
    units: &mut [SampledUnit],
) -> Result<(), Vec<Problem>> {
    let lists = if of_plan && stage.strata.is_empty() {
        lists_by(frame, stage, indices, |index| frame.stratum_of(&frame.units[index as usize]))
    } else {
        inner_lists(frame, stage, indices)
    };
    let drawn = draw_from(frame, stage, seed, &lists)?;
    for unit in units {
        let through = drawn.get(&unit.unit);
        unit.second_phase = through.map(|(_, stage)| *stage);
        if of_plan {
            unit.second_stratum = through.map(|(stratum, _)| stratum.clone());
        }
    }
    Ok(())
}

/// Lists of units by the name of a stratum, in the order of the names.
pub(super) fn lists_by<'f, 'n>(
    frame: &'f Frame,
    stage: &Stage,
    indices: &[u32],
    stratum: impl Fn(u32) -> &'n str,
) -> Vec<List<'f>> {
    let mut strata: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for index in indices {
        strata.entry(stratum(*index)).or_default().push(*index);
    }
    let list = |(stratum, units): (&str, Vec<u32>)| list_of(frame, stage, stratum, units);
    strata.into_iter().map(list).collect()
}
