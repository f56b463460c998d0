//! Draws by size in which a member may come several times.

use crate::sampling::joint::Matrix;
use crate::sampling::random::Stream;

/// A sum this near to a whole number counts as that.
const EDGE: f64 = 1e-9;

/// Draws `count` times one member, each time of all, with probability proportional
/// to size (Hansen and Hurwitz, 1943). Sizes are above zero. Gives places in order,
/// as often as they came.
pub fn pps_with_replacement(sizes: &[f64], count: u64, stream: &mut Stream) -> Vec<usize> {
    let mut cumulated = Vec::with_capacity(sizes.len());
    let mut total = 0.0;
    for size in sizes {
        total += size;
        cumulated.push(total);
    }
    let mut drawn: Vec<usize> = (0..count)
        .map(|_| {
            let point = stream.uniform() * total;
            let place = cumulated.partition_point(|sum| *sum <= point);
            // Rounding may put the point at the end itself.
            place.min(sizes.len().saturating_sub(1))
        })
        .collect();
    drawn.sort_unstable();
    drawn
}

/// Draws sequentially with minimum repetition (Chromy, 1979): member after member,
/// round from one that is drawn by size, so that after each the hits so far are what
/// is expected so far, rounded down or up. `expected`: how often each is to come;
/// the hits of a member differ from that by less than one. Gives places in order, as
/// often as they came.
pub fn chromy(expected: &[f64], stream: &mut Stream) -> Vec<usize> {
    let Some(first) = pps_with_replacement(expected, 1, stream).first().copied() else {
        return Vec::new();
    };
    let mut drawn = Vec::new();
    let (mut high, mut hits) = (false, 0);
    let members = expected.len();
    for (step, place) in steps(expected, first).zip((0..members).map(|at| (first + at) % members)) {
        let chance = step.chance(high);
        high = chance >= 1.0 || chance > 0.0 && stream.uniform() < chance;
        let sum = step.whole + u64::from(high);
        drawn.extend((hits..sum).map(|_| place));
        hits = hits.max(sum);
    }
    drawn.sort_unstable();
    drawn
}

/// How often two members are expected together in [`chromy`]'s draws: E(nᵢnⱼ), with
/// E(nᵢ) on the diagonal. The hits so far form a chain of two states, which is
/// followed from each member and for each first one: time grows with N³.
pub fn chromy_pairs(expected: &[f64]) -> Matrix {
    let members = expected.len();
    let total: f64 = expected.iter().sum();
    let mut joint = vec![vec![0.0; members]; members];
    for first in 0..members {
        let steps: Vec<Step> = steps(expected, first).collect();
        for (one, row) in pairs_from(&steps).into_iter().enumerate() {
            let place = (first + one) % members;
            for (at, together) in (one + 1..).zip(row) {
                let other = (first + at) % members;
                let share = together * expected[first] / total;
                joint[place][other] += share;
                joint[other][place] += share;
            }
        }
    }
    for (place, own) in expected.iter().enumerate() {
        joint[place][place] = *own;
    }
    joint
}

/// For each member the E(nᵢnⱼ) with those after it.
fn pairs_from(steps: &[Step]) -> Vec<Vec<f64>> {
    let mut before = 0.0;
    let mut rows = Vec::with_capacity(steps.len());
    for (one, step) in steps.iter().enumerate() {
        // The expectation of the member's hits with the state after it.
        let mut held = step.carried([1.0 - before, before], |hits| hits);
        before = step.part;
        let mut row = Vec::with_capacity(steps.len() - one - 1);
        for next in &steps[one + 1..] {
            row.push(next.carried(held, |hits| hits).iter().sum());
            held = next.carried(held, |_| 1.0);
        }
        rows.push(row);
    }
    rows
}

/// A member on the way: what is expected up to it, and what was before.
struct Step {
    /// The part of the sum before that is over a whole number.
    part_before: f64,
    /// The whole number in the sum before.
    whole_before: u64,
    /// The same with the member.
    part: f64,
    whole: u64,
}

impl Step {
    /// The chance that the hits so far are rounded up after the member, given
    /// whether they were before.
    fn chance(&self, high: bool) -> f64 {
        match (high, self.part > self.part_before) {
            (false, true) => (self.part - self.part_before) / (1.0 - self.part_before),
            (false, false) => 0.0,
            (true, true) => 1.0,
            // At a whole sum nothing is rounded up.
            (true, false) if self.part_before == 0.0 => 0.0,
            (true, false) => self.part / self.part_before,
        }
    }

    /// What is held of each state (down, up) before the member, carried over it,
    /// times something of the member's hits.
    #[expect(clippy::cast_precision_loss, reason = "sample sizes are far below 2^53")]
    fn carried(&self, held: [f64; 2], of_hits: impl Fn(f64) -> f64) -> [f64; 2] {
        let mut after = [0.0; 2];
        for (state, held) in held.into_iter().enumerate() {
            let up = self.chance(state == 1);
            for (next, chance) in [1.0 - up, up].into_iter().enumerate() {
                let hits = (self.whole - self.whole_before) as f64 + next as f64 - state as f64;
                after[next] += held * chance * of_hits(hits);
            }
        }
        after
    }
}

/// The members from `first` on, round the end.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sample size")]
fn steps(expected: &[f64], first: usize) -> impl Iterator<Item = Step> + '_ {
    let mut sum = 0.0;
    let (mut part_before, mut whole_before) = (0.0, 0);
    expected[first..].iter().chain(&expected[..first]).map(move |own| {
        sum += own;
        let near: f64 = f64::round(sum);
        let is_whole = (sum - near).abs() < EDGE;
        let floor = if is_whole { near } else { f64::floor(sum) };
        let part = if is_whole { 0.0 } else { sum - floor };
        let step = Step { part_before, whole_before, part, whole: floor as u64 };
        (part_before, whole_before) = (step.part, step.whole);
        step
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampling::random::Seed;

    /// Every way that the hits can go, from each first member, with its chance.
    fn enumerated(expected: &[f64]) -> Matrix {
        let members = expected.len();
        let total: f64 = expected.iter().sum();
        let mut joint = vec![vec![0.0; members]; members];
        for first in 0..members {
            let order: Vec<usize> = (0..members).map(|at| (first + at) % members).collect();
            let mut ways = vec![(expected[first] / total, Vec::<u32>::new())];
            let mut sum = 0.0;
            for place in &order {
                sum += expected[*place];
                let before = sum - expected[*place];
                let mut next = Vec::new();
                for (chance, hits) in ways {
                    let so_far = f64::from(hits.iter().sum::<u32>());
                    for after in [sum.floor(), sum.ceil()] {
                        // Chromy's conditional chances, by cases of the fractional parts.
                        let (f0, f1) = (before.fract(), sum.fract());
                        let was_high = so_far > before;
                        let is_high = after > sum;
                        let up = if f1 > f0 {
                            if was_high { 1.0 } else { (f1 - f0) / (1.0 - f0) }
                        } else if was_high {
                            f1 / f0
                        } else {
                            0.0
                        };
                        let way = if is_high { up } else { 1.0 - up };
                        if way > 0.0 && after >= so_far {
                            #[expect(
                                clippy::cast_possible_truncation,
                                clippy::cast_sign_loss,
                                reason = "small"
                            )]
                            let own = (after - so_far) as u32;
                            next.push((chance * way, [hits.clone(), vec![own]].concat()));
                        }
                        if sum.fract() == 0.0 {
                            break;
                        }
                    }
                }
                ways = next;
            }
            for (chance, hits) in ways {
                for (one, own) in order.iter().zip(&hits) {
                    for (other, its) in order.iter().zip(&hits) {
                        joint[*one][*other] += chance * f64::from(own * its);
                    }
                }
            }
        }
        joint
    }

    #[test]
    fn pairs_are_those_of_all_ways() {
        // Eighths are exact in binary, so that fractional parts need no tolerance.
        for expected in [
            vec![0.25, 0.625, 0.875, 0.5, 0.375, 0.375],
            vec![1.5, 0.25, 2.125, 0.125],
            vec![0.5, 1.0, 0.5, 1.0],
        ] {
            let (found, known) = (chromy_pairs(&expected), enumerated(&expected));
            for one in 0..expected.len() {
                for other in (0..expected.len()).filter(|other| *other != one) {
                    let gap = (found[one][other] - known[one][other]).abs();
                    assert!(gap < 1e-12, "{gap} of {one} {other} of {expected:?}");
                }
            }
        }
    }

    #[test]
    fn hits_are_what_is_expected_rounded() {
        let expected = [0.3, 1.7, 2.4, 0.05, 0.55, 3.0];
        let mut hits = [0_u32; 6];
        for seed in 0..20_000 {
            let drawn = chromy(&expected, &mut Seed(seed).stream(9, 1));
            assert_eq!(drawn.len(), 8);
            for (place, own) in expected.iter().enumerate() {
                let times = drawn.iter().filter(|drawn| **drawn == place).count();
                let times = u32::try_from(times).expect("small");
                assert!((f64::from(times) - own).abs() < 1.0, "{times} for {own}");
                hits[place] += times;
            }
        }
        for (hits, own) in hits.iter().zip(expected) {
            let bound = 5.0 * (own.fract() * (1.0 - own.fract()) * 20_000.0).sqrt() + 1e-6;
            assert!((f64::from(*hits) - own * 20_000.0).abs() <= bound, "{hits} for {own}");
        }
    }
}
