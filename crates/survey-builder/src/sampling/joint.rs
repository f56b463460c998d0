//! Joint inclusion probabilities: how often two members are drawn together,
//! which the variance of a sample drawn with unequal probabilities needs.
//!
//! Each function takes first-order probabilities, from 0 to 1, whose sum is a
//! whole number, and gives a symmetric matrix with these on its diagonal.
//! Members that are certain or never drawn are set apart first: a certain
//! member is drawn with another as often as that other is drawn.

use super::selection::conditional::{chances_of_sizes, without, working_odds};
use super::selection::{inclusion_probabilities, systematic_with};

/// A square matrix, row by row.
pub type Matrix = Vec<Vec<f64>>;

/// A probability this near to 0 or 1 counts as that.
const EDGE: f64 = 1e-12;

/// For a systematic draw in the given order: the share of starts from 0 to 1
/// with which both are drawn (Madow, 1949). Time grows with N² n.
pub fn systematic(probabilities: &[f64]) -> Matrix {
    let members = probabilities.len();
    let mut joint = vec![vec![0.0; members]; members];
    let mut cumulated = 0.0;
    let mut edges = vec![0.0, 1.0];
    for probability in probabilities {
        cumulated += probability;
        edges.push(cumulated.fract());
    }
    edges.sort_by(f64::total_cmp);
    // Between two neighbouring edges every start draws the same sample.
    for (low, high) in edges.iter().zip(&edges[1..]) {
        let drawn = systematic_with(probabilities, f64::midpoint(*low, *high));
        for one in &drawn {
            for other in &drawn {
                joint[*one][*other] += high - low;
            }
        }
    }
    with_diagonal(joint, probabilities)
}

/// For draws of each member on its own: the product.
pub fn independent(probabilities: &[f64]) -> Matrix {
    apart(probabilities, |inner, _| {
        inner.iter().map(|one| inner.iter().map(|other| one * other).collect()).collect()
    })
}

/// For Tillé's elimination: members leave one at a time, until the sample is
/// left (Tillé, 1996). Time grows with N² (N − n).
pub fn tille(probabilities: &[f64]) -> Matrix {
    apart(probabilities, |inner, count| {
        let members = inner.len();
        let mut joint = vec![vec![1.0; members]; members];
        let mut before = vec![1.0; members];
        for left in (count..members).rev() {
            let now = if left == count {
                inner.to_vec()
            } else {
                inclusion_probabilities(inner, left as u64)
            };
            let leaves: Vec<f64> =
                now.iter().zip(&before).map(|(now, before)| 1.0 - now / before).collect();
            for (row, one) in joint.iter_mut().zip(&leaves) {
                for (cell, other) in row.iter_mut().zip(&leaves) {
                    *cell *= 1.0 - one - other;
                }
            }
            before = now;
        }
        joint
    })
}

/// For Midzuno's method as Deville and Tillé (1998) generalise it: those left
/// out are drawn by Tillé's elimination.
pub fn midzuno(probabilities: &[f64]) -> Matrix {
    apart(probabilities, |inner, _| {
        let out: Vec<f64> = inner.iter().map(|probability| 1.0 - probability).collect();
        let mut joint = tille(&out);
        for (row, one) in joint.iter_mut().zip(inner) {
            for (cell, other) in row.iter_mut().zip(inner) {
                *cell += one + other - 1.0;
            }
        }
        joint
    })
}

/// For the fixed-size design of maximum entropy with these probabilities, that
/// is conditional Poisson sampling (Chen, Dempster and Liu, 1994). Time grows
/// with N² n.
pub fn maximum_entropy(probabilities: &[f64]) -> Matrix {
    apart(probabilities, |inner, count| conditional_poisson(&working_odds(inner, count), count))
}

/// For conditional Poisson sampling of `count` with these odds: the design whose
/// samples have chances in proportion to the product of their odds. The
/// diagonal is left at zero.
pub fn conditional_poisson(odds: &[f64], count: usize) -> Matrix {
    let shares: Vec<f64> = odds.iter().map(|odds| odds / (1.0 + odds)).collect();
    pairwise(&shares, count, |one, other, rest| {
        one * other * count.checked_sub(2).map_or(0.0, |others| rest[others])
    })
}

/// A matrix from a weight for each pair: their shares, and the chances of each
/// number of the others; scaled to the pairs of a sample of `count`.
fn pairwise(shares: &[f64], count: usize, weight: impl Fn(f64, f64, &[f64]) -> f64) -> Matrix {
    let members = shares.len();
    let mut joint = vec![vec![0.0; members]; members];
    if count < 2 {
        return joint;
    }
    let all = chances_of_sizes(shares);
    let mut sum = 0.0;
    for one in 0..members {
        let others = without(&all, shares[one]);
        for other in one + 1..members {
            let rest = without(&others, shares[other]);
            joint[one][other] = weight(shares[one], shares[other], &rest);
            joint[other][one] = joint[one][other];
            sum += 2.0 * joint[one][other];
        }
    }
    scale(&mut joint, pairs(count) / sum);
    joint
}

/// Which of Brewer and Donadio's (2003) approximations, by what πᵢⱼ ≈
/// πᵢπⱼ(cᵢ + cⱼ)/2 is made with; S is Σπ².
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approximation {
    /// c = (n − 1)/(n − πᵢ).
    Own,
    /// c = (n − 1)/(n − S/n).
    Common,
    /// c = (n − 1)/(n − 2πᵢ + S/n), as Hartley and Rao (1962).
    HartleyRao,
    /// c = (n − 1)/(n − πᵢ(2n − 1)/(n − 1) + S/(n − 1)), which keeps row sums best.
    Exacting,
}

/// Approximations for designs of high entropy of which only the first-order
/// probabilities are known, such as Brewer's method and systematic draws in
/// random order.
pub fn approximate(probabilities: &[f64], which: Approximation) -> Matrix {
    apart(probabilities, |inner, count| {
        let n = real(count);
        let squares: f64 = inner.iter().map(|probability| probability * probability).sum();
        let factor = |probability: &f64| {
            (n - 1.0)
                / match which {
                    Approximation::Own => n - probability,
                    Approximation::Common => n - squares / n,
                    Approximation::HartleyRao => n - 2.0 * probability + squares / n,
                    Approximation::Exacting if count < 2 => 1.0,
                    Approximation::Exacting => {
                        n - probability * (2.0 * n - 1.0) / (n - 1.0) + squares / (n - 1.0)
                    }
                }
        };
        let factors: Vec<f64> = inner.iter().map(factor).collect();
        let pair = |one: usize, other: usize| {
            inner[one] * inner[other] * f64::midpoint(factors[one], factors[other])
        };
        (0..inner.len())
            .map(|one| (0..inner.len()).map(|other| pair(one, other)).collect())
            .collect()
    })
}

/// For Sampford's (1967) method: the chance of a sample is in proportion to
/// Πωᵢ Σ(1 − πᵢ), ω being the odds π/(1 − π), both over the sample. So πᵢⱼ goes
/// with ωᵢωⱼ Σₜ (t − πᵢ − πⱼ) times the sum of products of n − t odds of the
/// others, t from 2 to n. Time grows with N³.
pub fn sampford(probabilities: &[f64]) -> Matrix {
    apart(probabilities, |inner, count| {
        pairwise(inner, count, |one, other, rest| {
            let weight = |taken: usize| {
                (real(taken) - one - other) * rest.get(count - taken).copied().unwrap_or(0.0)
            };
            one * other * (2..=count).map(weight).sum::<f64>()
        })
    })
}

/// Computes the joint probabilities of those that chance decides on, whose
/// number to draw is the second argument, and puts the others around them.
fn apart(probabilities: &[f64], inside: impl Fn(&[f64], usize) -> Matrix) -> Matrix {
    let open: Vec<usize> = (0..probabilities.len())
        .filter(|place| (EDGE..=1.0 - EDGE).contains(&probabilities[*place]))
        .collect();
    let inner: Vec<f64> = open.iter().map(|place| probabilities[*place]).collect();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sample size")]
    let count = inner.iter().sum::<f64>().round() as usize;
    let found = inside(&inner, count);
    // Where one of two is certain or never drawn they are independent.
    let mut joint: Matrix = probabilities
        .iter()
        .map(|one| probabilities.iter().map(|other| one * other).collect())
        .collect();
    for (row, one) in found.iter().zip(&open) {
        for (cell, other) in row.iter().zip(&open) {
            joint[*one][*other] = *cell;
        }
    }
    with_diagonal(joint, probabilities)
}

fn with_diagonal(mut joint: Matrix, probabilities: &[f64]) -> Matrix {
    for (place, probability) in probabilities.iter().enumerate() {
        joint[place][place] = *probability;
    }
    joint
}

fn scale(joint: &mut Matrix, factor: f64) {
    joint.iter_mut().flatten().for_each(|cell| *cell *= factor);
}

#[expect(clippy::cast_precision_loss, reason = "sample sizes are far below 2^53")]
fn real(count: usize) -> f64 {
    count as f64
}

/// The ordered pairs in a sample of this size.
fn pairs(count: usize) -> f64 {
    real(count) * (real(count) - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const METHODS: [fn(&[f64]) -> Matrix; 5] =
        [systematic, tille, midzuno, maximum_entropy, sampford];

    /// Whatever the method, a fixed size n makes each row sum to n πᵢ, and no
    /// pair is more likely than its rarer member.
    fn obeys_the_laws(probabilities: &[f64]) {
        let count: f64 = probabilities.iter().sum();
        for method in METHODS {
            let joint = method(probabilities);
            for (one, row) in joint.iter().enumerate() {
                let expected = count * probabilities[one];
                assert!((row.iter().sum::<f64>() - expected).abs() < 1e-9, "{row:?}");
                for (other, cell) in row.iter().enumerate() {
                    let gap = (cell - joint[other][one]).abs();
                    assert!(gap < 1e-12, "{gap} of {one} {other}");
                    let most = probabilities[one].min(probabilities[other]);
                    assert!((-1e-12..=most + 1e-12).contains(cell), "{cell} over {most}");
                }
            }
        }
    }

    #[test]
    fn rows_sum_to_the_size_times_the_probability() {
        obeys_the_laws(&[0.2, 0.7, 0.8, 0.5, 0.4, 0.4]);
        obeys_the_laws(&[1.0, 0.3, 0.0, 0.9, 0.8, 1.0]);
        obeys_the_laws(&[0.6, 0.4, 1.0]);
        obeys_the_laws(&[1.0, 1.0]);
        let sizes: Vec<f64> = (1..=60).map(f64::from).collect();
        obeys_the_laws(&inclusion_probabilities(&sizes, 25));
    }

    /// Every sample of the size, as places.
    fn samples(members: usize, count: usize) -> Vec<Vec<usize>> {
        let masks = (0_u32..1 << members).filter(|mask| mask.count_ones() as usize == count);
        masks.map(|mask| (0..members).filter(|place| mask >> place & 1 == 1).collect()).collect()
    }

    /// πᵢⱼ of a design from the chance of each of its samples, up to a factor.
    fn enumerated(members: usize, count: usize, chance: impl Fn(&[usize]) -> f64) -> Matrix {
        let mut joint = vec![vec![0.0; members]; members];
        let mut sum = 0.0;
        for sample in samples(members, count) {
            let weight = chance(&sample);
            sum += weight;
            for one in &sample {
                for other in &sample {
                    joint[*one][*other] += weight;
                }
            }
        }
        scale(&mut joint, 1.0 / sum);
        joint
    }

    fn assert_same(found: &Matrix, expected: &Matrix) {
        for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
            assert!((found - expected).abs() < 1e-12, "{found} for {expected}");
        }
    }

    #[test]
    fn matrices_are_those_of_all_samples() {
        for (probabilities, count) in [
            (vec![0.2, 0.7, 0.8, 0.5, 0.4, 0.4], 3),
            (
                inclusion_probabilities(
                    &[27., 15., 20., 15., 52., 15., 62., 54., 12., 50., 29., 14.],
                    5,
                ),
                5,
            ),
        ] {
            let odds: Vec<f64> = probabilities.iter().map(|p| p / (1.0 - p)).collect();
            let product = |odds: &[f64], sample: &[usize]| -> f64 {
                sample.iter().map(|place| odds[*place]).product()
            };
            let sampford = |sample: &[usize]| {
                let rest: f64 = sample.iter().map(|place| 1.0 - probabilities[*place]).sum();
                product(&odds, sample) * rest
            };
            let members = probabilities.len();
            assert_same(&super::sampford(&probabilities), &enumerated(members, count, sampford));
            let found = maximum_entropy(&probabilities);
            let working = working_odds(&probabilities, count);
            let all = enumerated(members, count, |sample| product(&working, sample));
            // The diagonal of the enumeration says that the odds are the right ones.
            assert_same(&found, &all);
        }
    }

    #[test]
    fn approximations_of_equal_probabilities_are_exact() {
        for which in [
            Approximation::Own,
            Approximation::Common,
            Approximation::HartleyRao,
            Approximation::Exacting,
        ] {
            let joint = approximate(&[0.4; 10], which);
            assert!((joint[2][7] - 4.0 * 3.0 / 90.0).abs() < 2e-2, "{which:?} {}", joint[2][7]);
        }
        let joint = approximate(&[0.4; 10], Approximation::Exacting);
        assert!((joint[2][7] - 4.0 * 3.0 / 90.0).abs() < 1e-12, "{}", joint[2][7]);
    }

    #[test]
    fn equal_probabilities_give_simple_random_sampling() {
        for method in [tille, midzuno, maximum_entropy, sampford] {
            let joint = method(&[0.4; 10]);
            assert!((joint[2][7] - 4.0 * 3.0 / 90.0).abs() < 1e-12, "{}", joint[2][7]);
        }
    }
}
