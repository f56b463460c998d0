//! Random numbers that anyone can draw again.
//!
//! `ChaCha12` keyed by the seed, with one stream for each place where chance
//! decides (a stage in a stratum or cluster): what is drawn in one place never
//! depends on what happened in another, nor on the order of work. How bits
//! become numbers is fixed here and not left to a library, so that a sample
//! drawn today comes out the same from a later version.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha12Rng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What a draw starts from; written down with the sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(pub u64);

/// A source of random numbers for one place.
#[derive(Clone, Debug)]
pub struct Stream(ChaCha12Rng);

impl Seed {
    /// The stream of a place: a stage (from 1) and the index there of a stratum
    /// or cluster.
    pub fn stream(self, stage: u32, place: u32) -> Stream {
        let mut key = Sha256::new();
        key.update(b"sondage sample 1\n");
        key.update(self.0.to_be_bytes());
        let mut generator = ChaCha12Rng::from_seed(key.finalize().into());
        generator.set_stream((u64::from(stage) << 32) | u64::from(place));
        Stream(generator)
    }
}

impl Seed {
    /// The stream of a place that is known by names: what is drawn there and the
    /// strata and clusters that it is in, the outermost first.
    pub fn stream_of(self, what: &str, names: &[String]) -> Stream {
        let mut key = Sha256::new();
        key.update(b"sondage sample 1 by name\n");
        key.update(self.0.to_be_bytes());
        for name in std::iter::once(what).chain(names.iter().map(String::as_str)) {
            key.update((name.len() as u64).to_be_bytes());
            key.update(name.as_bytes());
        }
        Stream(ChaCha12Rng::from_seed(key.finalize().into()))
    }
}

impl Stream {
    /// A number from 0 (in) to 1 (out), a multiple of 2⁻⁵³.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    pub fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * 2.0_f64.powi(-53)
    }

    /// A whole number below `bound` (above 0), each equally likely
    /// (Lemire, 2019: multiply, and draw again in the rare uneven part).
    #[expect(clippy::cast_possible_truncation, reason = "high and low halves are meant")]
    pub fn below(&mut self, bound: u64) -> u64 {
        let uneven = bound.wrapping_neg() % bound.max(1);
        loop {
            let product = u128::from(self.0.next_u64()) * u128::from(bound);
            if product as u64 >= uneven {
                return (product >> 64) as u64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_never_change() {
        let mut stream = Seed(20_261_123).stream(1, 0);
        let drawn: Vec<u64> = (0..4).map(|_| stream.below(1_000_000)).collect();
        assert_eq!(drawn, KNOWN);
        let mut other = Seed(20_261_123).stream(1, 1);
        assert_ne!(other.below(1_000_000), KNOWN[0]);
    }

    /// Drawn once and written down: a change here would change every sample.
    const KNOWN: [u64; 4] = [183_133, 769_359, 608_365, 6_452];

    #[test]
    fn numbers_below_a_bound_are_even() {
        let mut stream = Seed(1).stream(1, 0);
        let mut counts = [0_i32; 6];
        for _ in 0..60_000 {
            counts[usize::try_from(stream.below(6)).expect("small")] += 1;
        }
        assert!(counts.iter().all(|count| (count - 10_000).abs() < 400), "{counts:?}");
    }
}
