//! How well balanced and how well spread a sample is, and what of its members the variance
//! of such a sample needs.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::check::check;
use super::frame::Frame;
use super::listing::{List, first_lists};
use super::plan::{Method, Stage, StageUnits};
use super::sample::{Sample, SampledUnit};
use super::select::{columns, probabilities};
use super::selection::cube::Balance;
use super::selection::nearest::Points;

/// What members of a list have that was drawn balanced or spread.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Auxiliary {
    /// The list's stratum.
    pub stratum: String,
    /// The members drawn.
    pub members: Vec<String>,
    /// Of each, what the sample is balanced on, besides its number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub balance: Vec<Vec<f64>>,
    /// The totals of that over the list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub totals: Vec<f64>,
    /// Of each, where it lies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coordinates: Vec<Vec<f64>>,
}

/// How well a first stage is balanced and spread.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// For each column that it is balanced on, its total in the list and the sample's
    /// estimate of that.
    pub balance: Vec<(String, f64, f64)>,
    /// The Voronoi measure of spread over all lists, where there are coordinates: the
    /// mean of (vᵢ − 1)², vᵢ the probabilities of those to whom member i is the nearest of
    /// the sample (Stevens and Olsen, 2004). 0 is best.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spread: Option<f64>,
}

/// The columns that a stage balances on in each list, and those of coordinates.
fn asked(stage: &Stage) -> Option<(&[String], &[String])> {
    match &stage.method {
        Method::Cube(balanced) => Some((&balanced.variables, &balanced.coordinates)),
        Method::LocalPivotal(spread) => Some((&[], &spread.coordinates)),
        _ => None,
    }
}

/// What the record keeps of the members that a first stage drew. Balance over all strata
/// together is no property of a list, so nothing is kept of it.
pub(super) fn auxiliary(
    frame: &Frame,
    stage: &Stage,
    lists: &[List<'_>],
    drawn: &[Vec<usize>],
) -> Vec<Auxiliary> {
    let over_strata = matches!(&stage.method, Method::Cube(balanced) if balanced.over_strata);
    let Some((balance, coordinates)) = asked(stage).filter(|_| !over_strata) else {
        return Vec::new();
    };
    lists
        .iter()
        .zip(drawn)
        .map(|(list, places)| {
            let all: Vec<usize> = (0..list.members.len()).collect();
            let rows = |names: &[String], mean: bool| -> Vec<Vec<f64>> {
                let columns = columns(frame, &list.members, names, places, mean);
                let row = |at: usize| columns.iter().map(|column| column[at]).collect();
                if names.is_empty() { Vec::new() } else { (0..places.len()).map(row).collect() }
            };
            Auxiliary {
                stratum: list.stratum.clone(),
                members: places.iter().map(|at| list.members.name(frame, *at).to_owned()).collect(),
                balance: rows(balance, false),
                totals: (columns(frame, &list.members, balance, &all, false).iter())
                    .map(|column| column.iter().sum())
                    .collect(),
                coordinates: rows(coordinates, true),
            }
        })
        .collect()
}

/// How well a sample's first stage is balanced and spread; nothing for a method that does
/// neither.
pub fn quality(frame: &Frame, sample: &Sample) -> Option<Quality> {
    let stage = sample.plan.stages.first()?;
    let (balance, coordinates) = asked(stage)?;
    let takes = check(frame, &sample.plan).ok()?;
    let lists = first_lists(frame, stage);
    let names = drawn_names(sample, stage);
    let mut totals: Vec<(String, f64, f64)> =
        balance.iter().map(|name| (name.clone(), 0.0, 0.0)).collect();
    let (mut unevenness, mut count) = (0.0, 0.0);
    for (list, take) in lists.iter().zip(takes) {
        let chances = probabilities(stage, frame, &list.members, take);
        let name = |at: usize| (list.stratum.clone(), list.members.name(frame, at).to_owned());
        let drawn: Vec<usize> =
            (0..chances.len()).filter(|at| names.contains(&name(*at))).collect();
        let all: Vec<usize> = (0..chances.len()).collect();
        for (total, column) in
            totals.iter_mut().zip(columns(frame, &list.members, balance, &all, false))
        {
            total.1 += column.iter().sum::<f64>();
            total.2 += drawn.iter().map(|at| column[*at] / chances[*at]).sum::<f64>();
        }
        if !coordinates.is_empty() && !drawn.is_empty() {
            let axes = columns(frame, &list.members, coordinates, &all, true);
            let places = Balance::from_columns(&axes, chances.len());
            #[expect(clippy::cast_precision_loss, reason = "a sample size")]
            let size = drawn.len() as f64;
            unevenness += size * voronoi(&chances, &places, &drawn);
            count += size;
        }
    }
    let spread = (!coordinates.is_empty() && count > 0.0).then(|| unevenness / count);
    Some(Quality { balance: totals, spread })
}

/// What the first stage drew, by stratum and name.
fn drawn_names(sample: &Sample, stage: &Stage) -> HashSet<(String, String)> {
    let name = |unit: &SampledUnit| match (&unit.cluster, &stage.units) {
        (Some(cluster), StageUnits::Clusters | StageUnits::Level(_)) => cluster.clone(),
        _ => unit.unit.clone(),
    };
    sample.units.iter().map(|unit| (unit.stratum.clone(), name(unit))).collect()
}

/// The mean of (vᵢ − 1)² over those drawn; who is as near to several counts for each in
/// equal parts.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub fn voronoi(probabilities: &[f64], places: &Balance, drawn: &[usize]) -> f64 {
    const NEAR: f64 = 1e-12;
    let own: Vec<f64> = drawn.iter().flat_map(|at| places.row(*at)).copied().collect();
    let points = Points::new(&own, places.width);
    let mut held = vec![0.0; drawn.len()];
    for (member, probability) in probabilities.iter().enumerate() {
        let at = places.row(member);
        let mut count = 4;
        let nearest = loop {
            let found = points.nearest_with_distance(at, count);
            let least = found.first().map_or(0.0, |one| one.1);
            let as_near: Vec<usize> = found
                .iter()
                .filter(|(_, distance)| *distance <= least * (1.0 + NEAR))
                .map(|(rank, _)| *rank)
                .collect();
            if as_near.len() < found.len() || found.len() == drawn.len() || count >= 64 {
                break as_near;
            }
            count *= 2;
        };
        for rank in &nearest {
            held[*rank] += probability / nearest.len() as f64;
        }
    }
    held.iter().map(|held| (held - 1.0).powi(2)).sum::<f64>() / drawn.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_hold_the_others() {
        // Ten on a line, every third drawn: 0 to 2, 3 to 5 and 6 to 9, at 1/3 each.
        let line: Vec<f64> = (0..10).map(f64::from).collect();
        let places = Balance::from_columns(&[line], 10);
        let found = voronoi(&[0.3; 10], &places, &[1, 4, 7]);
        // 3, 3 and 4 people.
        let expected = (2.0 * 0.1_f64.powi(2) + 0.2 * 0.2) / 3.0;
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        // Halfway counts for both.
        let found = voronoi(&[0.2; 10], &places, &[2, 6]);
        let (low, high) = (0.2 * 4.5, 0.2 * 5.5);
        let expected = f64::midpoint((low - 1.0_f64).powi(2), (high - 1.0_f64).powi(2));
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }
}
