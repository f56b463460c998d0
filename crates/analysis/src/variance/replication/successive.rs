//! Successive differences: replicates for samples drawn systematically from an ordered list.
//!
//! The weight of cluster i is multiplied by 1 + √(1 − f)·2^(−3/2)·(a(i, k) − a(j, k)), j the next of the
//! stratum, in a circle, and a a Hadamard matrix; V = 4/K Σ (θₖ − θ)² (Fay and Train 1995). With a row of
//! the matrix for every cluster a total has V = ½ Σ (zᵢ − zⱼ)² (Ash 2014); two in a stratum give the
//! variance by linearisation.

use survey_builder::problem::phrase;

use super::by_cluster;
use crate::design::replicates::{Centre, Replicates};
use crate::design::{Design, SinglePsu};
use crate::error::Result;
use crate::problem::{Fault, single_clusters};

/// Replicates of successive differences, clusters in the order of their codes (rows in the order of
/// the data where there are no clusters). `count`: how many; none: the next order of a Hadamard matrix
/// that has a row for every cluster. With fewer, rows are used again at another step, and the variance
/// is no longer exact for totals. Always about the full-sample estimate.
///
/// # Errors
/// A count of which there is no Hadamard matrix here; a stratum with one cluster, unless the design
/// says what to do with it (it then adds nothing).
pub fn successive_differences(design: &Design, count: Option<usize>) -> Result<Replicates> {
    let stage = &design.stages()[0];
    let single = |stratum: &usize| stage.clusters_of(*stratum).len() < 2;
    let codes: Vec<u32> =
        (0..stage.stratum_count()).filter(single).map(|s| stage.stratum_code(s)).collect();
    if !codes.is_empty() && design.single_psu() == SinglePsu::Fail {
        return Err(single_clusters(1, &codes));
    }
    let clusters = stage.cluster_count();
    let order = count.unwrap_or_else(|| next_order(clusters + 1));
    let matrix = Hadamard::of_order(order).ok_or_else(|| {
        Fault::ReplicatesOrder { order, other: next_order(order) }
            .refused(phrase("phrase-input-replicates"))
    })?;
    let mut neighbours = vec![(0, 0); clusters];
    let mut correction = vec![0.0; clusters];
    for stratum in 0..stage.stratum_count() {
        let own = stage.clusters_of(stratum);
        let left = stage.finite_population_correction(stratum).max(0.0).sqrt();
        for cluster in own.clone() {
            let next = if cluster + 1 == own.end { own.start } else { cluster + 1 };
            neighbours[cluster] = (line(cluster, order), line(next, order));
            correction[cluster] = left;
        }
    }
    let factor = |replicate: usize, cluster: usize| {
        let (own, next) = neighbours[cluster];
        let difference = matrix.sign(own, replicate) - matrix.sign(next, replicate);
        1.0 + correction[cluster] * difference * 0.125_f64.sqrt()
    };
    let factors: Vec<Vec<f64>> = (0..order)
        .map(|replicate| (0..clusters).map(|cluster| factor(replicate, cluster)).collect())
        .collect();
    Ok(Replicates {
        weights: by_cluster(design, &factors),
        scale: 4.0 / order as f64,
        relative_scales: vec![1.0; order],
        centre: Centre::FullSample,
        degrees_of_freedom: clusters.saturating_sub(stage.stratum_count()) as f64,
    })
}

/// The line of the matrix that a cluster has, the first (all ones) left out. Once all are used they are
/// gone through again in steps of two, then three, so that neighbours are other pairs (Ash 2014).
fn line(cluster: usize, order: usize) -> usize {
    let lines = order - 1;
    let (round, place) = (cluster / lines, cluster % lines);
    1 + (place * (round % (lines - 1) + 1)) % lines
}

/// The least order of a Hadamard matrix from `least` on that can be made here.
fn next_order(least: usize) -> usize {
    let mut order = least.max(4).next_multiple_of(4);
    while construction(order).is_none() {
        order += 4;
    }
    order
}

/// How a Hadamard matrix is made.
#[derive(Debug, Clone)]
enum Construction {
    /// The matrix `[[1]]`.
    One,
    /// Twice that of half the order (Sylvester 1867).
    Doubled(usize),
    /// From the squares modulo a prime that is 3 modulo 4, of order prime + 1 (Paley 1933).
    Paley(usize),
    /// From those of a prime that is 1 modulo 4, of order 2(prime + 1).
    PaleySymmetric(usize),
}

fn construction(order: usize) -> Option<Construction> {
    if order == 1 {
        return Some(Construction::One);
    }
    if order == 2 {
        return Some(Construction::Doubled(1));
    }
    if !order.is_multiple_of(4) {
        return None;
    }
    if is_prime(order - 1) {
        return Some(Construction::Paley(order - 1));
    }
    let half = order / 2;
    if construction(half).is_some() {
        return Some(Construction::Doubled(half));
    }
    (half > 1 && (half - 1) % 4 == 1 && is_prime(half - 1))
        .then_some(Construction::PaleySymmetric(half - 1))
}

fn is_prime(number: usize) -> bool {
    number > 1 && (2..=number.isqrt()).all(|divisor| !number.is_multiple_of(divisor))
}

/// A square matrix of 1 and −1 whose lines are orthogonal; the first line is of ones.
struct Hadamard {
    order: usize,
    signs: Vec<i8>,
}

impl Hadamard {
    fn of_order(order: usize) -> Option<Self> {
        let signs = match construction(order)? {
            Construction::One => vec![1],
            Construction::Doubled(half) => {
                let inner = Self::of_order(half)?;
                let sign = |line: usize, column: usize| {
                    let own = inner.signs[line % half * half + column % half];
                    if line >= half && column >= half { -own } else { own }
                };
                (0..order * order).map(|place| sign(place / order, place % order)).collect()
            }
            Construction::Paley(prime) => paley(prime),
            Construction::PaleySymmetric(prime) => paley_symmetric(prime),
        };
        let mut matrix = Self { order, signs };
        matrix.normalise();
        Some(matrix)
    }

    /// Columns turned so that the first line is of ones.
    fn normalise(&mut self) {
        for column in 0..self.order {
            if self.signs[column] < 0 {
                for line in 0..self.order {
                    self.signs[line * self.order + column] *= -1;
                }
            }
        }
    }

    fn sign(&self, line: usize, column: usize) -> f64 {
        f64::from(self.signs[line * self.order + column])
    }
}

/// 1 where a number is a square modulo a prime, −1 where not, 0 at zero.
fn characters(prime: usize) -> Vec<i8> {
    let mut values = vec![-1; prime];
    values[0] = 0;
    for number in 1..prime {
        values[number * number % prime] = 1;
    }
    values
}

/// I + S with S = [[0, 1], [−1, Q]].
fn paley(prime: usize) -> Vec<i8> {
    let of = characters(prime);
    let order = prime + 1;
    let sign = |line: usize, column: usize| match (line, column) {
        (0, _) => 1,
        (_, 0) => -1,
        (line, column) if line == column => 1,
        (line, column) => of[(prime + column - line) % prime],
    };
    (0..order * order).map(|place| sign(place / order, place % order)).collect()
}

/// Each entry of [[0, 1], [1, Q]] becomes a block of two by two: zeros (on the diagonal)
/// [[1, −1], [−1, −1]], others [[1, 1], [1, −1]] times the entry.
fn paley_symmetric(prime: usize) -> Vec<i8> {
    let of = characters(prime);
    let order = 2 * (prime + 1);
    let sign = |line: usize, column: usize| {
        let (block_line, block_column) = (line / 2, column / 2);
        let corner = (line % 2, column % 2);
        if block_line == block_column {
            return if corner == (0, 0) { 1 } else { -1 };
        }
        let entry = match (block_line, block_column) {
            (0, _) | (_, 0) => 1,
            (one, other) => of[(prime + other - one) % prime],
        };
        if corner == (1, 1) { -entry } else { entry }
    };
    (0..order * order).map(|place| sign(place / order, place % order)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_orthogonal() {
        for order in [1, 2, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 60, 68, 76, 80, 160] {
            let matrix = Hadamard::of_order(order).unwrap_or_else(|| panic!("{order}"));
            for one in 0..order {
                for other in 0..=one {
                    let product: f64 =
                        (0..order).map(|k| matrix.sign(one, k) * matrix.sign(other, k)).sum();
                    let expected = if one == other { order as f64 } else { 0.0 };
                    assert_eq!(product, expected, "order {order}, lines {one} and {other}");
                }
            }
            assert!((0..order).all(|column| matrix.sign(0, column) == 1.0));
        }
        assert_eq!((next_order(13), next_order(50)), (16, 56));
    }
}
