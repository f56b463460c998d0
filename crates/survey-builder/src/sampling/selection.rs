//! Selection: which members of a list are drawn, and with what probability.

pub mod conditional;
pub mod cube;
pub mod elimination;
pub mod nearest;
pub mod pivotal;
pub mod poisson;
pub mod repeated;

use super::random::Stream;

/// The probability with which each member is drawn when `count` are drawn in
/// proportion to size: n M / ΣM; members for which that reaches 1 are certain,
/// and the rest is shared out among the others until none is left above
/// (Särndal, Swensson and Wretman, 1992, section 3.6).
///
/// Sizes are above zero; with `count` at or over the number of members all are
/// certain.
#[expect(clippy::cast_precision_loss, reason = "sample sizes are far below 2^53")]
pub fn inclusion_probabilities(sizes: &[f64], count: u64) -> Vec<f64> {
    with_certainty(sizes, count as f64, 1.0)
}

/// As [`inclusion_probabilities`], of a number that may be between two whole ones,
/// with those certain whose share reaches `certainty` (above 0 and at most 1). Where
/// these are as many as are to be drawn, the others have no chance.
pub fn with_certainty(sizes: &[f64], expected: f64, certainty: f64) -> Vec<f64> {
    let mut probabilities = vec![0.0; sizes.len()];
    let mut certain = vec![false; sizes.len()];
    let mut left = expected;
    loop {
        let total: f64 = sizes
            .iter()
            .zip(&certain)
            .filter(|(_, certain)| !**certain)
            .map(|(size, _)| size)
            .sum();
        let mut found = 0.0;
        for ((size, certain), probability) in sizes.iter().zip(&mut certain).zip(&mut probabilities)
        {
            if *certain {
                continue;
            }
            let share = left * size / total;
            *probability = share.min(1.0);
            if share >= certainty {
                *probability = 1.0;
                *certain = true;
                found += 1.0;
            }
        }
        if found == 0.0 {
            return probabilities;
        }
        left = (left - found).max(0.0);
    }
}

/// Draws `count` of `population` members so that every subset is equally
/// likely; gives their places in order (selection sampling: Fan, Muller and
/// Rezucha, 1962).
pub fn simple(population: u64, count: u64, stream: &mut Stream) -> Vec<usize> {
    let mut drawn = Vec::new();
    let mut wanted = count.min(population);
    for place in 0..population {
        if wanted == 0 {
            break;
        }
        if stream.below(population - place) < wanted {
            drawn.push(usize::try_from(place).unwrap_or(usize::MAX));
            wanted -= 1;
        }
    }
    drawn
}

/// Draws `count` of `population` members at equal distances from a random
/// start; a fractional distance keeps every probability equal.
pub fn systematic(population: u64, count: u64, stream: &mut Stream) -> Vec<usize> {
    let count = count.min(population);
    if count == 0 {
        return Vec::new();
    }
    // In whole numbers: member m is drawn when a point start + j·population
    // (start below population) falls in [m·count, (m + 1)·count).
    let start = stream.below(population);
    (0..count)
        .map(|step| {
            (u128::from(start) + u128::from(step) * u128::from(population)) / u128::from(count)
        })
        .map(|place| usize::try_from(place).unwrap_or(usize::MAX))
        .collect()
}

/// Draws `count` times one of `population` members, each time all of them; a
/// member may come several times. Gives places in order.
pub fn with_replacement(population: u64, count: u64, stream: &mut Stream) -> Vec<usize> {
    let mut drawn: Vec<usize> = (0..count)
        .map(|_| usize::try_from(stream.below(population)).unwrap_or(usize::MAX))
        .collect();
    drawn.sort_unstable();
    drawn
}

/// Draws every k-th member from a random one on, past the end to the beginning,
/// k = ⌊N/n⌋ (Lahiri, 1951). Gives places in order.
pub fn circular(population: u64, count: u64, stream: &mut Stream) -> Vec<usize> {
    let count = count.min(population);
    if count == 0 {
        return Vec::new();
    }
    let start = stream.below(population);
    let mut drawn: Vec<usize> = (0..count)
        .map(|step| (start + step * (population / count)) % population)
        .map(|place| usize::try_from(place).unwrap_or(usize::MAX))
        .collect();
    drawn.sort_unstable();
    drawn
}

/// Draws as [`systematic_with`], but with the members in random order, so that
/// nearly any two may come together (Hartley and Rao, 1962). Gives places in
/// order.
pub fn systematic_shuffled(probabilities: &[f64], stream: &mut Stream) -> Vec<usize> {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    cube::shuffle(&mut order, stream);
    let shuffled: Vec<f64> = order.iter().map(|place| probabilities[*place]).collect();
    let mut drawn: Vec<usize> = systematic_with(&shuffled, stream.uniform())
        .into_iter()
        .map(|place| order[place])
        .collect();
    drawn.sort_unstable();
    drawn
}

/// Draws systematically with these probabilities, which sum to a whole number:
/// a member is drawn when one of the points `start`, `start + 1`, … falls in
/// its part of the cumulated probabilities (Madow, 1949). `start` lies from 0
/// (in) to 1 (out). Gives places in order.
pub fn systematic_with(probabilities: &[f64], start: f64) -> Vec<usize> {
    let total: f64 = probabilities.iter().sum();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sample size")]
    let wanted = total.round() as usize;
    let mut drawn = systematic_any(probabilities, start);
    drawn.truncate(wanted);
    // Rounding may leave the last point a hair behind the last member.
    let last = probabilities.iter().rposition(|probability| *probability > 0.0);
    if let Some(last) = last.filter(|last| drawn.len() < wanted && drawn.last() != Some(last)) {
        drawn.push(last);
    }
    drawn
}

/// As [`systematic_with`], of probabilities (below 1) whose sum may be between two
/// whole numbers: then as many are drawn as one or the other, on average the sum.
pub fn systematic_any(probabilities: &[f64], start: f64) -> Vec<usize> {
    let mut drawn = Vec::new();
    let (mut cumulated, mut point) = (0.0, start);
    for (place, probability) in probabilities.iter().enumerate() {
        cumulated += probability;
        if point < cumulated {
            drawn.push(place);
            point += 1.0;
        }
    }
    drawn
}
