//! What is drawn after the first stage was in the field: units from what was
//! listed in the clusters drawn, as household surveys do, and a second phase from
//! what the first found.
//!
//! Chance comes from the sample's seed, so nobody can draw until it pleases, and
//! that of one cluster depends on no other: lists may come cluster by cluster.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::chain::{Act, Listed, PhaseUnit, SecondPhase};
use super::check::check;
use super::fielded::{Standing, fielded};
use super::frame::Frame;
use super::listing::{Group, List, Members, inner_lists};
use super::plan::{Allocation, Amount, Method, Plan, Share, Stage, StageUnits};
use super::problem::Problem;
use super::sample::{Drawing, Sample, SampledUnit};
use super::second_phase::{draw_from, lists_by};
use super::shape::stage_problems;
use super::take::takes;
use crate::problem::first_places;

/// Draws units from a list of what the field found in clusters of the sample. The
/// list's cluster is the unit that was drawn; stages are those inside it. Clusters
/// that the list does not hold may come with a later one.
///
/// # Errors
///
/// A sample with a second phase or an open reserve of such lists; stages that ask
/// for what the list has not; clusters that were not drawn, are not in the field,
/// or were listed before.
pub fn list_stage(sample: &Sample, list: &Frame, stages: &[Stage]) -> Result<Act, Vec<Problem>> {
    let plan = inside(list, stages);
    check(list, &plan)?;
    let mut problems = Vec::new();
    if sample.units.iter().any(|unit| unit.second_phase.is_some()) || sample.later_phase().is_some()
    {
        problems.push(Problem::SampleHasPhase);
    }
    if sample.plan.ends_in_clusters() {
        problems.push(Problem::SampleTakesClusters);
    }
    problems.extend(strange_clusters(sample, list));
    if let Some(before) = sample.listings().next()
        && (before.stages != stages || before.columns != list.columns)
    {
        problems.push(Problem::SampleListedOtherwise);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let of_name: HashMap<&str, usize> =
        list.clusters.iter().enumerate().map(|(place, one)| (one.name.as_str(), place)).collect();
    let mut units = Vec::new();
    // A cluster in another's place is drawn in with the probabilities of that.
    for (id, _, area) in areas(sample) {
        if let Some(cluster) = of_name.get(id) {
            units.extend(inside_of(sample, area, list, &plan, *cluster));
        }
    }
    Ok(Act::Listed(Listed {
        stages: stages.to_vec(),
        columns: list.columns.clone(),
        list_hash: list.hash.clone(),
        clusters: list.clusters.iter().map(|cluster| cluster.name.clone()).collect(),
        units,
    }))
}

/// The plan by which a list is checked and drawn: its clusters, all of them, and
/// the stages inside.
fn inside(list: &Frame, stages: &[Stage]) -> Plan {
    let total = u32::try_from(list.clusters.len()).unwrap_or(u32::MAX);
    let all = Allocation { total, share: Share::Proportional, minimum: 0, capped: false };
    let clusters = Stage::new(StageUnits::Clusters, Method::Simple, Amount::Allocated(all));
    Plan::of(std::iter::once(clusters).chain(stages.iter().cloned()).collect())
}

/// Clusters of a list that nothing can be drawn in.
fn strange_clusters(sample: &Sample, list: &Frame) -> Vec<Problem> {
    let drawn: HashMap<&str, Standing> =
        areas(sample).map(|(id, standing, _)| (id, standing)).collect();
    let listed: HashSet<&str> =
        sample.listings().flat_map(|listed| &listed.clusters).map(String::as_str).collect();
    let (mut unknown, mut waiting, mut twice) = (Vec::new(), Vec::new(), Vec::new());
    for cluster in &list.clusters {
        let name = cluster.name.as_str();
        match drawn.get(name) {
            None => unknown.push(name),
            Some(_) if listed.contains(name) => twice.push(name),
            Some(Standing::InField) => {}
            Some(_) => waiting.push(name),
        }
    }
    let told = |names: Vec<&str>, problem: fn(usize, String) -> Problem| {
        (!names.is_empty()).then(|| problem(names.len(), first_places(names.iter().copied())))
    };
    let unknown = told(unknown, |count, first| Problem::ListClustersUnknown { count, first });
    let waiting = told(waiting, |count, first| Problem::ListClustersWaiting { count, first });
    let twice = told(twice, |count, first| Problem::ListClustersTwice { count, first });
    [unknown, waiting, twice].into_iter().flatten().collect()
}

/// What a listing stage draws in: the units of the draw, with how they stand.
fn areas(sample: &Sample) -> impl Iterator<Item = (&str, Standing, &SampledUnit)> {
    let before = fielded(sample, false);
    before.into_iter().map(|one| (one.id, one.standing, one.unit))
}

/// The units drawn in one cluster, for each time that it came.
fn inside_of(
    sample: &Sample,
    area: &SampledUnit,
    list: &Frame,
    plan: &Plan,
    cluster: usize,
) -> Vec<SampledUnit> {
    let of_list = &list.clusters[cluster];
    let group = Group {
        name: &of_list.name,
        units: of_list.units.as_slice().into(),
        // Chance goes by the cluster's name and not by its place in one list.
        cluster: None,
    };
    let members = List { stratum: String::new(), members: Members::Clusters(vec![group]) };
    let names: Vec<String> =
        std::iter::once(&area.stratum).chain(&area.cluster).chain(&area.within).cloned().collect();
    let mut drawing = Drawing::called("listing, ", list, plan, sample.seed);
    let once = [Vec::new()];
    let times = if area.came.is_empty() { &once[..] } else { &area.came };
    for hits in times {
        drawing.hits.clone_from(hits);
        drawing.follow(1, &members, 0, &names, &area.stages);
    }
    let (_, mut units) = drawing.finish(true);
    // What the area's weight has beside one over its probability: multiplicity.
    let once = area.weight / hits_of(area) * area.probability;
    for unit in &mut units {
        unit.stratum.clone_from(&area.stratum);
        unit.weight *= once;
        unit.replicate = area.replicate;
    }
    units
}

#[expect(clippy::cast_precision_loss, reason = "few")]
fn hits_of(unit: &SampledUnit) -> f64 {
    unit.hits() as f64
}

/// Clusters in the field of which no list came yet.
pub fn unlisted(sample: &Sample) -> Vec<&str> {
    let listed: BTreeSet<&str> =
        sample.listings().flat_map(|listed| &listed.clusters).map(String::as_str).collect();
    areas(sample)
        .filter(|(id, standing, _)| *standing == Standing::InField && !listed.contains(id))
        .map(|(id, ..)| id)
        .collect()
}

/// Draws a second phase from what the first found: the list has those found with
/// what is known of them by now. A stage without strata of its own keeps those of
/// the sample.
///
/// # Errors
///
/// A sample that has a second phase; units that are not in the field; a stage that
/// asks for what the list has not.
pub fn phase_stage(sample: &Sample, list: &Frame, stage: &Stage) -> Result<Act, Vec<Problem>> {
    let mut problems = Vec::new();
    if sample.plan.second_phase.is_some() || sample.later_phase().is_some() {
        problems.push(Problem::SampleHasPhase);
    }
    if sample.repeats() || stage.repeats() {
        problems.push(Problem::SamplePhaseRepeats);
    }
    stage_problems(stage, 2, list, &mut problems);
    if stage.units != StageUnits::Units {
        problems.push(Problem::PlanStageOrder { stage: 2 });
    }
    let in_field = fielded(sample, true);
    let known: HashMap<&str, &SampledUnit> = (in_field.iter())
        .filter(|one| one.standing == Standing::InField)
        .map(|one| (one.id, one.unit))
        .collect();
    let ids = || (0..list.units.len()).map(|place| list.ids.get(place));
    let unknown: Vec<&str> = ids().filter(|id| !known.contains_key(id)).collect();
    if !unknown.is_empty() {
        let first = first_places(unknown.iter().copied());
        problems.push(Problem::ListUnitsUnknown { count: unknown.len(), first });
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let indices: Vec<u32> = (0..).take(list.units.len()).collect();
    let lists = if stage.strata.is_empty() {
        lists_by(list, stage, &indices, |index| {
            known.get(list.ids.get(index as usize)).map_or("", |unit| unit.stratum.as_str())
        })
    } else {
        inner_lists(list, stage, &indices)
    };
    takes(list, stage, &lists)?;
    let drawn = draw_from(list, stage, sample.seed, &lists)?;
    let unit = |id: &str| {
        let (stratum, stage) = drawn.get(id)?;
        Some(PhaseUnit { unit: id.to_owned(), stratum: stratum.clone(), stage: *stage })
    };
    Ok(Act::SecondPhase(SecondPhase {
        stage: stage.clone(),
        columns: list.columns.clone(),
        list_hash: list.hash.clone(),
        units: in_field.iter().filter_map(|one| unit(one.id)).collect(),
    }))
}
