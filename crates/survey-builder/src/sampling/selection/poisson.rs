//! Poisson sampling and its kin, by one random number a member. Numbers that a
//! unit keeps from survey to survey make samples overlap, or keep them apart.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How a unit's random number comes about that it keeps for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PermanentNumbers {
    /// A text that surveys share whose samples are coordinated: the number of a
    /// unit follows from it and the unit's id.
    pub key: String,
    /// Where the numbers begin, from 0 (in) to 1 (out): surveys with the same
    /// beginning overlap as much as can be, with beginnings apart as little. A
    /// panel rotates by moving it a little each round.
    #[serde(default)]
    pub start: f64,
    /// Counts downwards from the beginning.
    #[serde(default)]
    pub reversed: bool,
}

impl PermanentNumbers {
    /// A unit's number from 0 (in) to 1 (out), a multiple of 2⁻⁵³ before it is
    /// moved by the start.
    pub fn of(&self, unit: &str) -> f64 {
        let mut hash = Sha256::new();
        hash.update(b"sondage permanent number 1\n");
        hash.update((self.key.len() as u64).to_be_bytes());
        hash.update(self.key.as_bytes());
        hash.update(unit.as_bytes());
        let digest: [u8; 32] = hash.finalize().into();
        let high = digest.iter().take(8).fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let number = (high >> 11) as f64 * 2.0_f64.powi(-53);
        moved(number, self.start, self.reversed)
    }
}

/// A permanent number counted from a start, round the end.
pub fn moved(number: f64, start: f64, reversed: bool) -> f64 {
    let apart = if reversed { start - number } else { number - start };
    let apart = apart - apart.floor();
    // A hair below zero is rounded up to one.
    if apart < 1.0 { apart } else { 0.0 }
}

/// Each member on its own: drawn if its number is below its probability. The
/// size is left to chance. Gives places in order.
pub fn poisson(probabilities: &[f64], numbers: &[f64]) -> Vec<usize> {
    let drawn = |place: &usize| numbers[*place] < probabilities[*place];
    (0..probabilities.len()).filter(drawn).collect()
}

/// The `count` members with the least number over probability (sequential
/// Poisson sampling: Ohlsson, 1998). Inclusion probabilities are met nearly, not
/// exactly. Gives places in order.
pub fn sequential(probabilities: &[f64], numbers: &[f64], count: usize) -> Vec<usize> {
    least(count, probabilities.len(), |place| numbers[place] / probabilities[place])
}

/// The `count` members with the least odds of the number over odds of the
/// probability (Pareto sampling: Rosén, 1997), which of such rules comes nearest
/// to its inclusion probabilities. Gives places in order.
pub fn pareto(probabilities: &[f64], numbers: &[f64], count: usize) -> Vec<usize> {
    least(count, probabilities.len(), |place| {
        let (number, probability) = (numbers[place], probabilities[place]);
        number * (1.0 - probability) / ((1.0 - number) * probability)
    })
}

fn least(count: usize, members: usize, rank: impl Fn(usize) -> f64) -> Vec<usize> {
    let mut order: Vec<(f64, usize)> = (0..members).map(|place| (rank(place), place)).collect();
    if count < members {
        order.select_nth_unstable_by(count, |one, other| {
            one.0.total_cmp(&other.0).then(one.1.cmp(&other.1))
        });
        order.truncate(count);
    }
    let mut drawn: Vec<usize> = order.into_iter().map(|(_, place)| place).collect();
    drawn.sort_unstable();
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    fn survey(start: f64, reversed: bool) -> Vec<usize> {
        let numbers = PermanentNumbers { key: "register".to_owned(), start, reversed };
        let of: Vec<f64> = (0..400).map(|unit| numbers.of(&format!("u{unit}"))).collect();
        sequential(&[0.2; 400], &of, 80)
    }

    fn shared(one: &[usize], other: &[usize]) -> usize {
        one.iter().filter(|place| other.contains(place)).count()
    }

    #[test]
    fn samples_overlap_rotate_or_keep_apart() {
        let first = survey(0.0, false);
        assert_eq!(shared(&first, &survey(0.0, false)), 80);
        // A quarter of the panel of 0.2 moves out.
        let next = shared(&first, &survey(0.05, false));
        assert!((50..=70).contains(&next), "{next}");
        assert_eq!(shared(&first, &survey(0.5, false)), 0);
        assert_eq!(shared(&first, &survey(0.0, true)), 0);
    }

    #[test]
    fn numbers_stay_for_good_and_are_even() {
        let numbers = PermanentNumbers { key: "a".to_owned(), start: 0.0, reversed: false };
        assert!((numbers.of("unit 1") - KNOWN).abs() < 1e-14, "{}", numbers.of("unit 1"));
        let mean: f64 =
            (0..10_000).map(|unit| numbers.of(&unit.to_string())).sum::<f64>() / 10_000.0;
        assert!((mean - 0.5).abs() < 0.015, "{mean}");
        assert!((moved(0.1, 0.3, false) - 0.8).abs() < 1e-12);
        assert!((moved(0.1, 0.3, true) - 0.2).abs() < 1e-12);
    }

    /// Written down once: a change would break every panel.
    const KNOWN: f64 = 0.669_266_532_719_868;
}
