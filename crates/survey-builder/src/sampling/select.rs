//! One draw from a list, by the method that a stage names.

use super::frame::Frame;
use super::listing::{List, Members};
use super::plan::{ByNumber, Method, SizeMeasure, Stage};
use super::random::Stream;
use super::sample::StageDraw;
use super::selection::cube::{self, Balance};
use super::selection::pivotal::{Pairs, local_pivotal};
use super::selection::repeated::{chromy, pps_with_replacement};
use super::selection::{
    circular, conditional, elimination, poisson, simple, systematic, systematic_any,
    systematic_shuffled, systematic_with, with_certainty, with_replacement,
};
use super::take::Take;

/// A member that was drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pick {
    /// Its place in the list.
    pub place: usize,
    /// How often it had come before; of a draw by several starts, by which.
    pub hit: u32,
    /// What happened.
    pub draw: StageDraw,
}

/// The probability with which each member is drawn; where members may come several
/// times, how often that is expected. Where chance decides on the number, that is
/// the mean over both numbers.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub(super) fn probabilities(
    stage: &Stage,
    frame: &Frame,
    members: &Members<'_>,
    take: Take,
) -> Vec<f64> {
    let Some(measure) = stage.method.size() else {
        return vec![take.expected() / members.len() as f64; members.len()];
    };
    let sizes = sizes(stage, frame, members, measure);
    if stage.method.repeats() {
        let total: f64 = sizes.iter().sum();
        return sizes.iter().map(|size| take.expected() * size / total).collect();
    }
    let certainty = stage.certainty.unwrap_or(1.0);
    let is_any = stage.starts.is_some() || matches!(stage.method, Method::Poisson(_));
    if is_any || take.one_more == 0.0 {
        return with_certainty(&sizes, take.expected(), certainty);
    }
    let low = with_certainty(&sizes, take.least as f64, certainty);
    let high = with_certainty(&sizes, take.most() as f64, certainty);
    let mean = |(low, high): (f64, f64)| low + take.one_more * (high - low);
    low.into_iter().zip(high).map(mean).collect()
}

/// The sizes of members within the stage's limits.
pub(super) fn sizes(
    stage: &Stage,
    frame: &Frame,
    members: &Members<'_>,
    measure: SizeMeasure,
) -> Vec<f64> {
    let (least, most) = (stage.smallest.unwrap_or(0.0), stage.largest.unwrap_or(f64::INFINITY));
    let mut sizes = members.sizes(frame, measure);
    for size in &mut sizes {
        *size = size.max(least).min(most);
    }
    sizes
}

/// Draws from a list: those drawn, in the order of their places.
pub(super) fn select(
    stage: &Stage,
    frame: &Frame,
    members: &Members<'_>,
    take: Take,
    stream: &mut Stream,
) -> Vec<Pick> {
    let population = members.len() as u64;
    let stated = probabilities(stage, frame, members, take);
    if let Some(starts) = stage.starts {
        return by_starts(&stated, starts, stream);
    }
    let places = if matches!(stage.method, Method::Poisson(_)) {
        by_probability(stage, frame, members, &stated, stream)
    } else {
        let count = take.decided(stream);
        let own = if take.one_more > 0.0 {
            probabilities(stage, frame, members, Take::fixed(count))
        } else {
            stated.clone()
        };
        match &stage.method {
            _ if count == 0 => Vec::new(),
            Method::Simple => simple(population, count, stream),
            Method::WithReplacement => with_replacement(population, count, stream),
            Method::Systematic => systematic(population, count, stream),
            Method::Circular => circular(population, count, stream),
            Method::PpsWithReplacement(_) => pps_with_replacement(&own, count, stream),
            Method::Chromy(_) => chromy(&own, stream),
            _ => by_probability(stage, frame, members, &own, stream),
        }
    };
    picked(&places, &stated)
}

/// Draws from a list by what each member's permanent number has become: the least
/// numbers come first.
pub(super) fn select_by_numbers(
    stage: &Stage,
    frame: &Frame,
    members: &Members<'_>,
    take: Take,
    numbers: &[f64],
    stream: &mut Stream,
) -> Vec<Pick> {
    let stated = probabilities(stage, frame, members, take);
    let by_chance = matches!(stage.method, Method::Poisson(_));
    let count = if by_chance { 0 } else { take.decided(stream) };
    let own = if by_chance || take.one_more == 0.0 {
        stated.clone()
    } else {
        probabilities(stage, frame, members, Take::fixed(count))
    };
    let others = others(&own);
    let open: Vec<f64> = others.iter().map(|place| own[*place]).collect();
    let numbers: Vec<f64> = others.iter().map(|place| numbers[*place]).collect();
    let chosen = match &stage.method {
        Method::Poisson(_) => poisson::poisson(&open, &numbers),
        Method::Pareto(_) => poisson::pareto(&open, &numbers, expected_size(&open)),
        // Of equal chances the least numbers are a simple sample.
        _ => poisson::sequential(&open, &numbers, expected_size(&open)),
    };
    picked(&with_certain(&own, &others, chosen), &stated)
}

/// The places that are left to chance.
fn others(probabilities: &[f64]) -> Vec<usize> {
    (0..probabilities.len()).filter(|place| probabilities[*place] < 1.0).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sample size")]
fn expected_size(open: &[f64]) -> usize {
    open.iter().sum::<f64>().round() as usize
}

/// The certain places and those chosen of the others, in order.
fn with_certain(probabilities: &[f64], others: &[usize], chosen: Vec<usize>) -> Vec<usize> {
    let certain = (0..probabilities.len()).filter(|place| probabilities[*place] >= 1.0);
    let mut places: Vec<usize> =
        certain.chain(chosen.into_iter().map(|place| others[place])).collect();
    places.sort_unstable();
    places
}

/// Members drawn, equal places side by side, with how often each had come before.
fn picked(places: &[usize], probabilities: &[f64]) -> Vec<Pick> {
    let (sampled, population) = (places.len() as u64, probabilities.len() as u64);
    let pick = |hit: u32, place: usize| Pick {
        place,
        hit,
        draw: StageDraw { probability: probabilities[place], sampled, population },
    };
    let alike = places.chunk_by(|one, other| one == other);
    alike.flat_map(|alike| (0_u32..).zip(alike).map(|(hit, place)| pick(hit, *place))).collect()
}

/// Systematic draws from several starts, each with its part of every probability;
/// certain members are taken once and are no part of them.
fn by_starts(probabilities: &[f64], starts: u32, stream: &mut Stream) -> Vec<Pick> {
    let (certain, open): (Vec<usize>, Vec<usize>) =
        (0..probabilities.len()).partition(|place| probabilities[*place] >= 1.0);
    let parts: Vec<f64> =
        open.iter().map(|place| probabilities[*place] / f64::from(starts)).collect();
    let mut drawn: Vec<(usize, u32)> = certain.into_iter().map(|place| (place, 0)).collect();
    for start in 0..starts {
        let places = systematic_any(&parts, stream.uniform());
        drawn.extend(places.into_iter().map(|place| (open[place], start)));
    }
    drawn.sort_unstable();
    let (sampled, population) = (drawn.len() as u64, probabilities.len() as u64);
    let draw = |place: usize| StageDraw { probability: probabilities[place], sampled, population };
    drawn.into_iter().map(|(place, hit)| Pick { place, hit, draw: draw(place) }).collect()
}

/// The certain members, and the others by the method.
fn by_probability(
    stage: &Stage,
    frame: &Frame,
    members: &Members<'_>,
    probabilities: &[f64],
    stream: &mut Stream,
) -> Vec<usize> {
    let others = others(probabilities);
    let open: Vec<f64> = others.iter().map(|place| probabilities[*place]).collect();
    let count = expected_size(&open);
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
            let balance = Balance::from_columns(&columns, open.len());
            if balanced.coordinates.is_empty() {
                return with_certain(probabilities, &others, cube::cube(&open, &balance, stream));
            }
            let axes = self::columns(frame, members, &balanced.coordinates, &others, true);
            cube::local_cube(&open, &balance, &Balance::from_columns(&axes, open.len()), stream)
        }
        Method::LocalPivotal(spread) => {
            let columns = columns(frame, members, &spread.coordinates, &others, true);
            let points = Balance::from_columns(&columns, open.len());
            let pairs = if spread.mutual { Pairs::Mutual } else { Pairs::Nearest };
            local_pivotal(&open, &points.values, points.width, pairs, stream)
        }
        // Those of equal probability, or that repeat, do not come here.
        Method::SystematicPps(_)
        | Method::Simple
        | Method::WithReplacement
        | Method::PpsWithReplacement(_)
        | Method::Chromy(_)
        | Method::Systematic
        | Method::Circular => systematic_with(&open, stream.uniform()),
    };
    with_certain(probabilities, &others, chosen)
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
pub(super) fn columns(
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
    takes: &[Take],
    stream: &mut Stream,
) -> Vec<Vec<Pick>> {
    let (mut all, mut stated, mut strata) = (Vec::new(), Vec::new(), Vec::new());
    let mut merged: Vec<Vec<f64>> = vec![Vec::new(); variables.len()];
    for ((number, list), take) in (0_u32..).zip(lists).zip(takes) {
        let count = take.decided(stream);
        stated.extend(probabilities(stage, frame, &list.members, *take));
        let own = probabilities(stage, frame, &list.members, Take::fixed(count));
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
            let places: Vec<usize> = inside.map(|place| place - begin).collect();
            let told = picked(&places, &stated[begin..end]);
            begin = end;
            told
        })
        .collect()
}
