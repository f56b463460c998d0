//! The local cube method: samples that are balanced and spread over space at once
//! (Grafström and Tillé, 2013).
//!
//! The walk takes a member by chance and its nearest neighbours, as many as there are
//! equations, and goes on until one of them is decided: what one loses its neighbours get.
//! What is left lands as in the cube method.

use super::{Balance, Walk, null_vector, scales, undecided};
use crate::sampling::random::Stream;
use crate::sampling::selection::nearest::Points;

/// Draws with these probabilities, balanced on the size first and on the variables in
/// their order, and spread over the places of the members. Gives places in order.
pub fn local_cube(
    probabilities: &[f64],
    balance: &Balance,
    coordinates: &Balance,
    stream: &mut Stream,
) -> Vec<usize> {
    let scale = scales(balance, probabilities.len());
    let strata = vec![0; probabilities.len()];
    let now = probabilities.to_vec();
    let mut walk = Walk { probabilities, now, strata: &strata, balance, scale };
    let mut pool = walk.near_flight(coordinates, stream);
    for width in (0..=balance.width).rev() {
        pool = walk.flight(&pool, width, stream);
    }
    for member in pool {
        let taken = stream.uniform() < walk.now[member];
        walk.now[member] = if taken { 1.0 } else { 0.0 };
    }
    (0..probabilities.len()).filter(|member| walk.now[*member] > 0.5).collect()
}

impl Walk<'_> {
    /// Walks with neighbours until fewer are undecided than there are equations; gives
    /// these.
    fn near_flight(&mut self, coordinates: &Balance, stream: &mut Stream) -> Vec<usize> {
        let open: Vec<usize> =
            (0..self.now.len()).filter(|member| undecided(self.now[*member])).collect();
        let places: Vec<f64> =
            open.iter().flat_map(|member| coordinates.row(*member)).copied().collect();
        let mut points = Points::new(&places, coordinates.width);
        // Members by their ranks in the tree, and the ranks that are still open.
        let members: Vec<usize> =
            points.given().iter().map(|point| open[*point as usize]).collect();
        let mut left: Vec<usize> = (0..members.len()).collect();
        let mut place: Vec<usize> = left.clone();
        let rows = 1 + self.balance.width;
        let mut matrix = Vec::new();
        while left.len() > rows {
            let drawn = stream.below(left.len() as u64);
            let first = left[usize::try_from(drawn).unwrap_or(0)];
            let mut near = points.nearest_to(coordinates.row(members[first]), rows + 1);
            // Of many at one place it may not be among the nearest itself.
            if !near.contains(&first) {
                near.pop();
                near.push(first);
            }
            let active: Vec<usize> = near.iter().map(|rank| members[*rank]).collect();
            self.fill(&active, &[0], self.balance.width, &mut matrix);
            let Some(direction) = null_vector(&mut matrix, rows, active.len()) else { break };
            self.step(&active, &direction, stream);
            for rank in near {
                if !undecided(self.now[members[rank]]) {
                    points.remove(rank);
                    let at = place[rank];
                    left.swap_remove(at);
                    if let Some(moved) = left.get(at) {
                        place[*moved] = at;
                    }
                }
            }
        }
        left.into_iter().map(|rank| members[rank]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::cube;
    use super::*;
    use crate::sampling::random::Seed;
    use crate::sampling::selection::inclusion_probabilities;
    use crate::sampling::spread::voronoi;

    /// Chances, balance and spread together, beside the cube method alone.
    #[test]
    fn chances_hold_and_samples_are_balanced_and_spread() {
        const DRAWS: u32 = 3_000;
        let mut stream = Seed(77).stream(1, 0);
        let columns: Vec<Vec<f64>> =
            (0..2).map(|_| (0..80).map(|_| 1.0 + stream.uniform()).collect()).collect();
        let balance = Balance::from_columns(&columns, 80);
        let axes: Vec<Vec<f64>> =
            (0..2).map(|_| (0..80).map(|_| stream.uniform()).collect()).collect();
        let places = Balance::from_columns(&axes, 80);
        let sizes: Vec<f64> = (0..80).map(|_| 0.5 + stream.uniform()).collect();
        let probabilities = inclusion_probabilities(&sizes, 20);
        let mut times = [0.0; 80];
        let (mut off, mut spread) = ([0.0; 2], [0.0; 2]);
        for draw in 0..DRAWS {
            let mut stream = Seed(u64::from(draw)).stream(2, 1);
            let near = local_cube(&probabilities, &balance, &places, &mut stream);
            let plain = cube(&probabilities, &balance, &mut stream);
            assert_eq!(near.len(), 20);
            for place in &near {
                times[*place] += 1.0;
            }
            for (way, drawn) in [near, plain].into_iter().enumerate() {
                spread[way] += voronoi(&probabilities, &places, &drawn) / f64::from(DRAWS);
                for column in &columns {
                    let known: f64 = column.iter().sum();
                    let found: f64 = drawn.iter().map(|it| column[*it] / probabilities[*it]).sum();
                    off[way] += (found / known - 1.0).abs() / f64::from(2 * DRAWS);
                }
            }
        }
        for (times, chance) in times.iter().zip(&probabilities) {
            let error = (chance * (1.0 - chance) / f64::from(DRAWS)).sqrt();
            assert!((times / f64::from(DRAWS) - chance).abs() < 5.0 * error, "{times} {chance}");
        }
        // As balanced as the cube method, and much better spread.
        assert!(off[0] < 1.2 * off[1], "{off:?}");
        assert!(spread[0] < 0.75 * spread[1], "{spread:?}");
    }

    #[test]
    fn many_at_one_place_are_drawn_as_well() {
        let balance = Balance::from_columns(&[], 60);
        let places = Balance::from_columns(&[vec![1.0; 60]], 60);
        let drawn = local_cube(&[0.25; 60], &balance, &places, &mut Seed(3).stream(1, 0));
        assert_eq!(drawn.len(), 15);
    }
}
