//! Draws one member at a time, by which one leaves or enters next.

use super::inclusion_probabilities;
use crate::sampling::random::Stream;

/// Draws by Tillé's (1996) elimination: from all members one leaves at a time
/// until `count` are left; with k left, each is in with the probability that it
/// would have in a sample of k. Time grows with N (N − n). Gives places in order.
pub fn tille(probabilities: &[f64], count: usize, stream: &mut Stream) -> Vec<usize> {
    let mut inside: Vec<usize> = (0..probabilities.len()).collect();
    let mut before = vec![1.0; probabilities.len()];
    for left in (count..probabilities.len()).rev() {
        let now = if left == count {
            probabilities.to_vec()
        } else {
            inclusion_probabilities(probabilities, left as u64)
        };
        // The chances to leave of those that are left sum to one.
        let chance = |place: &usize| 1.0 - now[*place] / before[*place];
        let total: f64 = inside.iter().map(chance).sum();
        let leaving = pick(inside.iter().map(chance), stream.uniform() * total);
        inside.remove(leaving);
        before = now;
    }
    inside
}

/// Draws by Midzuno's method as Deville and Tillé (1998) generalise it: those
/// left out are drawn by [`tille`]. Gives places in order.
pub fn midzuno(probabilities: &[f64], count: usize, stream: &mut Stream) -> Vec<usize> {
    let out: Vec<f64> = probabilities.iter().map(|probability| 1.0 - probability).collect();
    let left_out = tille(&out, probabilities.len() - count, stream);
    (0..probabilities.len()).filter(|place| left_out.binary_search(place).is_err()).collect()
}

/// Draws one member after another by Brewer's (1975) method: with a the sum of
/// the probabilities of those drawn and r still to draw, the next in proportion
/// to π(n − a − π)/(n − a − rπ). Time grows with N n. Gives places in order.
#[expect(clippy::cast_precision_loss, reason = "sample sizes are far below 2^53")]
pub fn brewer(probabilities: &[f64], count: usize, stream: &mut Stream) -> Vec<usize> {
    let mut outside: Vec<usize> = (0..probabilities.len()).collect();
    let mut drawn = Vec::with_capacity(count);
    let mut free = probabilities.iter().sum::<f64>();
    for left in (1..=count).rev() {
        let chance = |place: &usize| {
            let probability = probabilities[*place];
            probability * (free - probability) / (free - left as f64 * probability)
        };
        let total: f64 = outside.iter().map(chance).sum();
        let next = pick(outside.iter().map(chance), stream.uniform() * total);
        let place = outside.remove(next);
        free -= probabilities[place];
        drawn.push(place);
    }
    drawn.sort_unstable();
    drawn
}

/// The place in whose part of the cumulated chances the point lies.
fn pick(chances: impl Iterator<Item = f64>, point: f64) -> usize {
    let mut cumulated = 0.0;
    let mut last = 0;
    for (place, chance) in chances.enumerate() {
        cumulated += chance;
        if chance > 0.0 {
            last = place;
            if point < cumulated {
                break;
            }
        }
    }
    last
}
