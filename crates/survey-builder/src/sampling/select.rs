//! One draw from a list, by the method that a stage names.

use super::frame::Frame;
use super::listing::{List, Members};
use super::plan::{ByNumber, Method, Stage};
use super::random::Stream;
use super::sample::StageDraw;
use super::selection::cube::{self, Balance};
use super::selection::pivotal::{Pairs, local_pivotal};
use super::selection::{
    circular, conditional, elimination, inclusion_probabilities, poisson, simple, systematic,
    systematic_shuffled, systematic_with, with_replacement,
};

/// The probability with which each member is drawn; with replacement, how often.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub(super) fn probabilities(
    stage: &Stage,
    frame: &Frame,
    members: &Members<'_>,
    count: u64,
) -> Vec<f64> {
    match stage.method.size() {
        Some(measure) => inclusion_probabilities(&members.sizes(frame, measure), count),
        None => vec![count as f64 / members.len() as f64; members.len()],
    }
}

/// Draws `count` of a list: places and what happened to each.
pub(super) fn select(
    stage: &Stage,
    frame: &Frame,
    members: &Members<'_>,
    count: u64,
    stream: &mut Stream,
) -> Vec<(usize, StageDraw)> {
    let population = members.len() as u64;
    let places = match &stage.method {
        Method::Simple => simple(population, count, stream),
        Method::WithReplacement => with_replacement(population, count, stream),
        Method::Systematic => systematic(population, count, stream),
        Method::Circular => circular(population, count, stream),
        _ => {
            let probabilities = probabilities(stage, frame, members, count);
            let places = by_probability(stage, frame, members, &probabilities, stream);
            return with_probabilities(places, &probabilities, population);
        }
    };
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    let probability = count as f64 / population as f64;
    let sampled = places.len() as u64;
    let stage = StageDraw { probability, sampled, population };
    places.into_iter().map(|place| (place, stage)).collect()
}

fn with_probabilities(
    places: Vec<usize>,
    probabilities: &[f64],
    population: u64,
) -> Vec<(usize, StageDraw)> {
    let sampled = places.len() as u64;
    let stage = |place: usize| StageDraw { probability: probabilities[place], sampled, population };
    places.into_iter().map(|place| (place, stage(place))).collect()
}

/// The certain members, and the others by the method.
fn by_probability(
    stage: &Stage,
    frame: &Frame,
    members: &Members<'_>,
    probabilities: &[f64],
    stream: &mut Stream,
) -> Vec<usize> {
    let others: Vec<usize> =
        (0..probabilities.len()).filter(|place| probabilities[*place] < 1.0).collect();
    let open: Vec<f64> = others.iter().map(|place| probabilities[*place]).collect();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sample size")]
    let count = open.iter().sum::<f64>().round() as usize;
    let chosen = match &stage.method {
        Method::ShuffledPps(_) => systematic_shuffled(&open, stream),
        Method::Sampford(_) => conditional::sampford(&open, count, stream),
        Method::MaximumEntropy(_) => conditional::maximum_entropy(&open, count, stream),
        Method::Brewer(_) => elimination::brewer(&open, count, stream),
        Method::Tille(_) => elimination::tille(&open, count, stream),
        Method::Midzuno(_) => elimination::midzuno(&open, count, stream),
        Method::Poisson(by) => {
            poisson::poisson(&open, &numbers(by, frame, members, &others, stream))
        }
        Method::SequentialPoisson(by) => {
            poisson::sequential(&open, &numbers(by, frame, members, &others, stream), count)
        }
        Method::Pareto(by) => {
            poisson::pareto(&open, &numbers(by, frame, members, &others, stream), count)
        }
        Method::Cube(balanced) => {
            let columns = columns(frame, members, &balanced.variables, &others, false);
            cube::cube(&open, &Balance::from_columns(&columns, open.len()), stream)
        }
        Method::LocalPivotal(spread) => {
            let columns = columns(frame, members, &spread.coordinates, &others, true);
            let points = Balance::from_columns(&columns, open.len());
            let pairs = if spread.mutual { Pairs::Mutual } else { Pairs::Nearest };
            local_pivotal(&open, &points.values, points.width, pairs, stream)
        }
        // Those of equal probability do not come here.
        Method::SystematicPps(_)
        | Method::Simple
        | Method::WithReplacement
        | Method::Systematic
        | Method::Circular => systematic_with(&open, stream.uniform()),
    };
    let certain = (0..probabilities.len()).filter(|place| probabilities[*place] >= 1.0);
    let mut places: Vec<usize> =
        certain.chain(chosen.into_iter().map(|place| others[place])).collect();
    places.sort_unstable();
    places
}

/// The number of each of these members: its own for good, or a fresh one.
fn numbers(
    by: &ByNumber,
    frame: &Frame,
    members: &Members<'_>,
    places: &[usize],
    stream: &mut Stream,
) -> Vec<f64> {
    match &by.permanent {
        Some(permanent) => {
            places.iter().map(|place| permanent.of(members.name(frame, *place))).collect()
        }
        None => places.iter().map(|_| stream.uniform()).collect(),
    }
}

/// Columns of numbers of these members, each by its sum or mean over its units.
fn columns(
    frame: &Frame,
    members: &Members<'_>,
    names: &[String],
    places: &[usize],
    mean: bool,
) -> Vec<Vec<f64>> {
    names
        .iter()
        .map(|name| {
            let column = frame.numbers_of(name).unwrap_or_default();
            let number = |unit: u32| column[unit as usize];
            let all = if mean { members.means(number) } else { members.sums(number) };
            places.iter().map(|place| all[*place]).collect()
        })
        .collect()
}

/// One balanced draw over all lists of a stage, each with its own size: places
/// in each list and what happened to them.
pub(super) fn select_over_strata(
    stage: &Stage,
    variables: &[String],
    frame: &Frame,
    lists: &[List<'_>],
    counts: &[u64],
    stream: &mut Stream,
) -> Vec<Vec<(usize, StageDraw)>> {
    let (mut all, mut strata) = (Vec::new(), Vec::new());
    let mut merged: Vec<Vec<f64>> = vec![Vec::new(); variables.len()];
    for ((number, list), count) in (0_u32..).zip(lists).zip(counts) {
        let own = probabilities(stage, frame, &list.members, *count);
        let places: Vec<usize> = (0..own.len()).collect();
        strata.extend(own.iter().map(|_| number));
        all.extend(own);
        let columns = columns(frame, &list.members, variables, &places, false);
        for (merged, column) in merged.iter_mut().zip(columns) {
            merged.extend(column);
        }
    }
    let balance = Balance::from_columns(&merged, all.len());
    let drawn = cube::stratified(&all, &strata, &balance, stream);
    let mut begin = 0;
    lists
        .iter()
        .map(|list| {
            let end = begin + list.members.len();
            let inside = drawn.iter().filter(|place| (begin..end).contains(*place));
            let places = inside.map(|place| place - begin).collect();
            let told = with_probabilities(places, &all[begin..end], list.members.len() as u64);
            begin = end;
            told
        })
        .collect()
}
