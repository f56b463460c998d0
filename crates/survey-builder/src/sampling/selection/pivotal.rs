//! Local pivotal methods: neighbours fight for their probability, so that a
//! sample is well spread in space (Grafström, Lundström and Schelin, 2012).

use super::nearest::Points;
use crate::sampling::random::Stream;

/// A probability this near to 0 or 1 is decided.
const EDGE: f64 = 1e-9;
/// So few stay in one tree to the end.
const SMALL: usize = 4_096;

/// Who fights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pairs {
    /// A member and its nearest neighbour, if they are each other's (method 1).
    Mutual,
    /// A member and its nearest neighbour (method 2).
    Nearest,
}

/// Draws with these probabilities; `coordinates` has `width` numbers a member.
/// Where the probabilities sum to a whole number the size is that. Time grows
/// nearly with N. Gives places in order.
pub fn local_pivotal(
    probabilities: &[f64],
    coordinates: &[f64],
    width: usize,
    pairs: Pairs,
    stream: &mut Stream,
) -> Vec<usize> {
    let mut now = probabilities.to_vec();
    let undecided = |probability: f64| probability > EDGE && probability < 1.0 - EDGE;
    let mut open: Vec<usize> = (0..now.len()).filter(|member| undecided(now[*member])).collect();
    // Once half are decided the rest moves together: what is looked at next then
    // lies near in memory, and the tree has no empty branches.
    while open.len() > 1 {
        let near: Vec<f64> = open
            .iter()
            .flat_map(|member| &coordinates[member * width..(member + 1) * width])
            .copied()
            .collect();
        let mut own: Vec<f64> = open.iter().map(|member| now[*member]).collect();
        let until = if open.len() <= SMALL { 1 } else { open.len() / 2 };
        let left = fight_until(until, &mut own, Points::new(&near, width), pairs, stream);
        for (member, probability) in open.iter().zip(own) {
            now[*member] = probability;
        }
        open = left.into_iter().map(|place| open[place]).collect();
    }
    if let Some(last) = open.first() {
        // All that is left of a sum that is no whole number.
        let taken = stream.uniform() < now[*last];
        now[*last] = if taken { 1.0 } else { 0.0 };
    }
    (0..now.len()).filter(|member| now[*member] > 0.5).collect()
}

/// Who is undecided, in blocks of neighbours: ranks of a tree follow space.
struct Open {
    size: usize,
    blocks: Vec<Vec<usize>>,
    /// For each rank its place in its block.
    place: Vec<usize>,
}

impl Open {
    fn new(count: usize, size: usize) -> Self {
        let ranks = |from: usize| (from..count.min(from + size)).collect();
        let blocks = (0..count).step_by(size).map(ranks).collect();
        Self { size, blocks, place: (0..count).map(|rank| rank % size).collect() }
    }

    fn remove(&mut self, rank: usize) {
        let block = &mut self.blocks[rank / self.size];
        let at = self.place[rank];
        block.swap_remove(at);
        if let Some(moved) = block.get(at) {
            self.place[*moved] = at;
        }
    }
}

/// Lets neighbours fight until about so many are undecided; gives these.
///
/// Who fights next is drawn among the neighbours of one block after the other,
/// so that a million members are not looked up all over the memory; whom they
/// fight is the nearest of all. With one block this is the method as published.
fn fight_until(
    until: usize,
    probabilities: &mut [f64],
    mut points: Points,
    pairs: Pairs,
    stream: &mut Stream,
) -> Vec<usize> {
    // Members are called by their ranks in the tree.
    let given: Vec<usize> = points.given().iter().map(|point| *point as usize).collect();
    let mut now: Vec<f64> = given.iter().map(|point| probabilities[*point]).collect();
    let count = now.len();
    // Two who are each other's nearest need not be in one block.
    let size = if pairs == Pairs::Mutual { count } else { SMALL };
    let mut open = Open::new(count, size);
    'blocks: for block in 0..open.blocks.len() {
        let enough = open.blocks[block].len() * until / count;
        while open.blocks[block].len() > enough.max(usize::from(until == 1)) {
            let undecided = &open.blocks[block];
            let drawn = stream.below(undecided.len() as u64);
            let one = undecided[usize::try_from(drawn).unwrap_or(0)];
            let Some((other, distance)) = points.nearest(one) else { break 'blocks };
            if pairs == Pairs::Mutual {
                // Equally near counts as nearest.
                let back = points.nearest(other).map_or(f64::INFINITY, |(_, back)| back);
                if back < distance {
                    continue;
                }
            }
            fight(&mut now, one, other, stream);
            for member in [one, other] {
                if now[member] <= EDGE || now[member] >= 1.0 - EDGE {
                    points.remove(member);
                    open.remove(member);
                }
            }
        }
    }
    for (point, probability) in given.iter().zip(now) {
        probabilities[*point] = probability;
    }
    open.blocks.into_iter().flatten().map(|rank| given[rank]).collect()
}

/// One of two is decided and the other gets what is left of both probabilities
/// (Deville and Tillé, 1998).
fn fight(now: &mut [f64], one: usize, other: usize, stream: &mut Stream) {
    let (p, q) = (now[one], now[other]);
    let sum = p + q;
    let point = stream.uniform();
    (now[one], now[other]) = if sum < 1.0 {
        if point * sum < q { (0.0, sum) } else { (sum, 0.0) }
    } else if point * (2.0 - sum) < 1.0 - q {
        (1.0, sum - 1.0)
    } else {
        (sum - 1.0, 1.0)
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampling::random::Seed;

    // More members than one block has: members at the edges of blocks are drawn as
    // often as others, and neighbours keep each other out.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "counts and places of a few thousand"
    )]
    #[test]
    fn blocks_change_no_probability_and_spread_the_sample() {
        const MEMBERS: usize = 10_000;
        const DRAWS: u64 = 60;
        let mut stream = Seed(8).stream(1, 0);
        let coordinates: Vec<f64> = (0..2 * MEMBERS).map(|_| stream.uniform()).collect();
        // Four strips with probabilities of their own; they sum to 1,750.
        let strip = |member: usize| ((coordinates[2 * member] * 4.0) as usize).min(3);
        let shares = [0.05, 0.1, 0.2, 0.35];
        let probabilities: Vec<f64> = (0..MEMBERS).map(|member| shares[strip(member)]).collect();
        let expected: f64 = probabilities.iter().sum();
        let mut strips = [0.0; 4];
        let mut squares = [0.0; 100];
        for seed in 0..DRAWS {
            let mut stream = Seed(seed).stream(1, 0);
            let drawn = local_pivotal(&probabilities, &coordinates, 2, Pairs::Nearest, &mut stream);
            assert!((drawn.len() as f64 - expected).abs() < 1.0 + 1e-6, "{}", drawn.len());
            let mut inside = [0.0; 100];
            for member in drawn {
                strips[strip(member)] += 1.0 / DRAWS as f64;
                let cell =
                    |place: usize| ((coordinates[2 * member + place] * 10.0) as usize).min(9);
                inside[10 * cell(0) + cell(1)] += 1.0;
            }
            let mut wanted = [0.0; 100];
            for (member, probability) in probabilities.iter().enumerate() {
                let cell =
                    |place: usize| ((coordinates[2 * member + place] * 10.0) as usize).min(9);
                wanted[10 * cell(0) + cell(1)] += probability;
            }
            for (square, (found, wanted)) in squares.iter_mut().zip(inside.iter().zip(wanted)) {
                *square += (found - wanted).powi(2) / wanted / DRAWS as f64;
            }
        }
        for (number, found) in strips.into_iter().enumerate() {
            let of = |member: &usize| strip(*member) == number;
            let wanted: f64 = (0..MEMBERS).filter(of).map(|member| probabilities[member]).sum();
            // Well below the error of Poisson samples, because the strip is filled evenly.
            assert!((found - wanted).abs() < (wanted / DRAWS as f64).sqrt() * 3.0, "{number}");
        }
        // By chance alone the counts of cells would vary by about their expectation
        // times one less the probability; spread samples vary by far less.
        let mean = squares.iter().sum::<f64>() / 100.0;
        assert!(mean < 0.35, "{mean}");
    }
}
