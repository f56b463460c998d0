//! Conditional Poisson sampling: Poisson sampling given its size, which of all
//! designs with its inclusion probabilities has the largest entropy.

use crate::sampling::random::Stream;

/// The odds for which conditional Poisson sampling has these probabilities
/// (between 0 and 1, summing to `count`), by correcting each one's odds until
/// rounding errors are all that is left (Chen, Dempster and Liu, 1994).
pub fn working_odds(probabilities: &[f64], count: usize) -> Vec<f64> {
    let wanted: Vec<f64> = probabilities.iter().map(|p| p / (1.0 - p)).collect();
    let mut odds = wanted.clone();
    let mut nearest = f64::INFINITY;
    for _ in 0..200 {
        let found = first_order(&odds, count);
        let gap = |(found, probability): (&f64, &f64)| (found - probability).abs();
        let farthest = found.iter().zip(probabilities).map(gap).fold(0.0, f64::max);
        if farthest < 1e-15 || (farthest < 1e-12 && farthest >= nearest) {
            break;
        }
        nearest = farthest;
        for ((odds, wanted), found) in odds.iter_mut().zip(&wanted).zip(&found) {
            *odds *= wanted * (1.0 - found) / found;
        }
    }
    odds
}

/// The first-order probabilities of conditional Poisson sampling of `count`
/// with these odds. The usual recursion from one size to the next loses all its
/// digits from a hundred draws on; here every term is above zero. Time grows
/// with N².
pub fn first_order(odds: &[f64], count: usize) -> Vec<f64> {
    let Some(others) = count.checked_sub(1) else { return vec![0.0; odds.len()] };
    let shares: Vec<f64> = odds.iter().map(|odds| odds / (1.0 + odds)).collect();
    let all = chances_of_sizes(&shares);
    shares.iter().map(|share| share * without(&all, *share)[others] / all[count]).collect()
}

/// How likely each size of a Poisson sample is, from none to all.
pub fn chances_of_sizes(probabilities: &[f64]) -> Vec<f64> {
    let mut chances = vec![0.0; probabilities.len() + 1];
    chances[0] = 1.0;
    for (most, probability) in probabilities.iter().enumerate() {
        for size in (0..=most).rev() {
            chances[size + 1] += chances[size] * probability;
            chances[size] *= 1.0 - probability;
        }
    }
    chances
}

/// How likely each size is with one member less, worked out from the end at
/// which rounding errors shrink.
pub fn without(chances: &[f64], probability: f64) -> Vec<f64> {
    let members = chances.len() - 1;
    let mut less = vec![0.0; members];
    let mut carried = 0.0;
    if probability <= 0.5 {
        for size in 0..members {
            carried = (chances[size] - probability * carried) / (1.0 - probability);
            less[size] = carried;
        }
    } else {
        for size in (0..members).rev() {
            carried = (chances[size + 1] - (1.0 - probability) * carried) / probability;
            less[size] = carried;
        }
    }
    less
}

/// The chances of each number drawn from the members from a place on, when
/// each is drawn on its own with its probability; one row more than members.
fn tails(shares: &[f64], count: usize) -> Vec<Vec<f64>> {
    let mut rows = vec![vec![0.0; count + 1]; shares.len() + 1];
    rows[shares.len()][0] = 1.0;
    for (place, share) in shares.iter().enumerate().rev() {
        for taken in 0..=count {
            let without = (1.0 - share) * rows[place + 1][taken];
            let with = if taken == 0 { 0.0 } else { share * rows[place + 1][taken - 1] };
            rows[place][taken] = without + with;
        }
    }
    rows
}

/// Draws `count` by maximum entropy: member after member, each with its chance
/// given how many are still to come. Time and memory grow with N n, times some
/// rounds to find the odds. Gives places in order.
pub fn maximum_entropy(probabilities: &[f64], count: usize, stream: &mut Stream) -> Vec<usize> {
    let odds = working_odds(probabilities, count);
    let shares: Vec<f64> = odds.iter().map(|odds| odds / (1.0 + odds)).collect();
    let tails = tails(&shares, count);
    let mut drawn = Vec::with_capacity(count);
    for (place, share) in shares.iter().enumerate() {
        let left = count - drawn.len();
        if left == 0 {
            break;
        }
        let chance = share * tails[place + 1][left - 1] / tails[place][left];
        if shares.len() - place == left || stream.uniform() < chance {
            drawn.push(place);
        }
    }
    drawn
}

/// Draws `count` by Sampford's (1967) method without his rejections: the chance
/// of a sample is in proportion to Πωᵢ Σ(1 − πᵢ), a sum over who came first, so
/// members are taken one after another and one of those drawn is marked as that
/// one. Time and memory grow with N n. Gives places in order.
pub fn sampford(probabilities: &[f64], count: usize, stream: &mut Stream) -> Vec<usize> {
    let unmarked = tails(probabilities, count);
    let mut marked = vec![vec![0.0; count + 1]; probabilities.len() + 1];
    for (place, share) in probabilities.iter().enumerate().rev() {
        for taken in 1..=count {
            marked[place][taken] = (1.0 - share) * marked[place + 1][taken]
                + share * marked[place + 1][taken - 1]
                + share * (1.0 - share) * unmarked[place + 1][taken - 1];
        }
    }
    let mut drawn = Vec::with_capacity(count);
    let mut found = false;
    for (place, share) in probabilities.iter().enumerate() {
        let left = count - drawn.len();
        if left == 0 {
            break;
        }
        let must = probabilities.len() - place == left;
        let point = stream.uniform();
        if found {
            let chance = share * unmarked[place + 1][left - 1] / unmarked[place][left];
            if must || point < chance {
                drawn.push(place);
            }
        } else {
            let all = marked[place][left];
            let as_first = share * (1.0 - share) * unmarked[place + 1][left - 1] / all;
            let as_other = share * marked[place + 1][left - 1] / all;
            if must || point < as_first + as_other {
                drawn.push(place);
                found = point < as_first;
            }
        }
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odds_are_found_for_large_samples() {
        let sizes: Vec<f64> = (0..400).map(|place| 1.0 + f64::from(place % 37)).collect();
        let wanted = crate::sampling::selection::inclusion_probabilities(&sizes, 180);
        assert!(wanted.iter().all(|probability| *probability < 1.0));
        let found = first_order(&working_odds(&wanted, 180), 180);
        for (found, wanted) in found.iter().zip(&wanted) {
            assert!((found - wanted).abs() < 1e-12, "{found} for {wanted}");
        }
    }
}
