//! The cube method: samples on which totals of known variables come out (nearly)
//! as they are in the population (Deville and Tillé, 2004).
//!
//! Flight: the vector of probabilities walks at random on the plane on which
//! all totals are met, until it meets the walls of the cube; a few members at a
//! time (Chauvet and Tillé, 2006), so that time grows with N. Landing: what is
//! left undecided goes on with one variable less at a time, the last first.

mod local;

use crate::sampling::random::Stream;

pub use self::local::local_cube;

/// A probability this near to 0 or 1 is decided.
const EDGE: f64 = 1e-9;

/// Variables to balance on: a row a member, `width` values each.
#[derive(Clone, Debug, PartialEq)]
pub struct Balance {
    /// Values a member.
    pub width: usize,
    /// The values, member after member.
    pub values: Vec<f64>,
}

impl Balance {
    /// From columns of equal length; none balances on the size alone.
    pub fn from_columns(columns: &[Vec<f64>], members: usize) -> Self {
        let width = columns.len();
        let mut values = Vec::with_capacity(width * members);
        for member in 0..members {
            values.extend(columns.iter().map(|column| column[member]));
        }
        Self { width, values }
    }

    /// The values of a member.
    pub(in crate::sampling) fn row(&self, member: usize) -> &[f64] {
        &self.values[member * self.width..(member + 1) * self.width]
    }
}

/// Draws with these probabilities, balanced on the size first and on the
/// variables in their order. Where the probabilities sum to a whole number the
/// size is that. Gives places in order.
pub fn cube(probabilities: &[f64], balance: &Balance, stream: &mut Stream) -> Vec<usize> {
    stratified(probabilities, &vec![0; probabilities.len()], balance, stream)
}

/// Draws with these probabilities, balanced on the size of each stratum first,
/// then on the variables over all (Chauvet, 2009; strata join one at a time:
/// Hasler and Tillé, 2014). Strata are numbered from 0. Gives places in order.
pub fn stratified(
    probabilities: &[f64],
    strata: &[u32],
    balance: &Balance,
    stream: &mut Stream,
) -> Vec<usize> {
    let scale = scales(balance, probabilities.len());
    let mut walk = Walk { probabilities, now: probabilities.to_vec(), strata, balance, scale };
    let mut members: Vec<usize> =
        (0..probabilities.len()).filter(|member| undecided(probabilities[*member])).collect();
    shuffle(&mut members, stream);
    // A stable sort keeps the random order inside each stratum.
    members.sort_by_key(|member| strata[*member]);
    let mut pool: Vec<usize> = Vec::new();
    for group in members.chunk_by(|one, other| strata[*one] == strata[*other]) {
        let left = walk.flight(group, balance.width, stream);
        pool.extend(left);
        pool = walk.flight(&pool, balance.width, stream);
    }
    for width in (0..=balance.width).rev() {
        pool = walk.flight(&pool, width, stream);
    }
    // Only strata whose size is no whole number still have an open member.
    for member in pool {
        let taken = stream.uniform() < walk.now[member];
        walk.now[member] = if taken { 1.0 } else { 0.0 };
    }
    (0..probabilities.len()).filter(|member| walk.now[*member] > 0.5).collect()
}

fn undecided(probability: f64) -> bool {
    probability > EDGE && probability < 1.0 - EDGE
}

/// One over the largest value of each variable, so that none drowns another.
fn scales(balance: &Balance, members: usize) -> Vec<f64> {
    let mut largest = vec![0.0_f64; balance.width];
    for member in 0..members {
        for (largest, value) in largest.iter_mut().zip(balance.row(member)) {
            *largest = largest.max(value.abs());
        }
    }
    largest.into_iter().map(|most| if most > 0.0 { 1.0 / most } else { 0.0 }).collect()
}

pub(super) fn shuffle(members: &mut [usize], stream: &mut Stream) {
    for place in (1..members.len()).rev() {
        let other = stream.below(place as u64 + 1);
        members.swap(place, usize::try_from(other).unwrap_or(0));
    }
}

struct Walk<'a> {
    probabilities: &'a [f64],
    now: Vec<f64>,
    strata: &'a [u32],
    balance: &'a Balance,
    scale: Vec<f64>,
}

impl Walk<'_> {
    /// Walks with the members, balanced on the size of each of their strata and
    /// on the first `width` variables; gives those still undecided.
    fn flight(&mut self, members: &[usize], width: usize, stream: &mut Stream) -> Vec<usize> {
        let mut groups: Vec<u32> = members.iter().map(|member| self.strata[*member]).collect();
        groups.sort_unstable();
        groups.dedup();
        let rows = groups.len() + width;
        let mut waiting = members.iter().copied();
        let mut active: Vec<usize> = Vec::with_capacity(rows + 1);
        let mut matrix = Vec::new();
        loop {
            let room = (rows + 1).saturating_sub(active.len());
            active
                .extend(waiting.by_ref().filter(|member| undecided(self.now[*member])).take(room));
            if active.is_empty() {
                return active;
            }
            self.fill(&active, &groups, width, &mut matrix);
            let Some(direction) = null_vector(&mut matrix, rows, active.len()) else {
                return active;
            };
            self.step(&active, &direction, stream);
            active.retain(|member| undecided(self.now[*member]));
        }
    }

    /// The matrix of the active members, column by column in memory order of
    /// rows: a one in the row of the stratum, then x/π.
    fn fill(&self, active: &[usize], groups: &[u32], width: usize, matrix: &mut Vec<f64>) {
        let columns = active.len();
        matrix.clear();
        matrix.resize((groups.len() + width) * columns, 0.0);
        for (column, member) in active.iter().enumerate() {
            if let Ok(group) = groups.binary_search(&self.strata[*member]) {
                matrix[group * columns + column] = 1.0;
            }
            let values = self.balance.row(*member).iter().zip(&self.scale).take(width);
            for (row, (value, scale)) in values.enumerate() {
                let place = (groups.len() + row) * columns + column;
                matrix[place] = value * scale / self.probabilities[*member];
            }
        }
    }

    /// A step as far as the walls allow, to either side, so that the mean stays.
    fn step(&mut self, active: &[usize], direction: &[f64], stream: &mut Stream) {
        let (mut ahead, mut back) = (f64::INFINITY, f64::INFINITY);
        for (member, slope) in active.iter().zip(direction) {
            let now = self.now[*member];
            if *slope > 0.0 {
                ahead = ahead.min((1.0 - now) / slope);
                back = back.min(now / slope);
            } else if *slope < 0.0 {
                ahead = ahead.min(now / -slope);
                back = back.min((1.0 - now) / -slope);
            }
        }
        let length = if stream.uniform() * (ahead + back) < back { ahead } else { -back };
        for (member, slope) in active.iter().zip(direction) {
            let moved = (self.now[*member] + length * slope).clamp(0.0, 1.0);
            self.now[*member] = if moved <= EDGE {
                0.0
            } else if moved >= 1.0 - EDGE {
                1.0
            } else {
                moved
            };
        }
    }
}

/// A direction that the matrix (rows after rows) maps to nothing, if there is
/// one: Gauss's elimination with the largest entry of each row as its pivot.
fn null_vector(matrix: &mut [f64], rows: usize, columns: usize) -> Option<Vec<f64>> {
    const ZERO: f64 = 1e-11;
    let mut pivot_row = vec![usize::MAX; columns];
    let mut pivots: Vec<(usize, usize)> = Vec::with_capacity(rows);
    for row in 0..rows {
        let (before, rest) = matrix.split_at_mut(row * columns);
        let current = &mut rest[..columns];
        let largest = current.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
        for (other, column) in &pivots {
            let factor = current[*column];
            if factor != 0.0 {
                let pivot = &before[other * columns..(other + 1) * columns];
                for (value, of_pivot) in current.iter_mut().zip(pivot) {
                    *value -= factor * of_pivot;
                }
                current[*column] = 0.0;
            }
        }
        let best = (0..columns)
            .filter(|column| pivot_row[*column] == usize::MAX)
            .max_by(|one, other| current[*one].abs().total_cmp(&current[*other].abs()));
        let Some(best) = best else { break };
        if current[best].abs() <= ZERO * largest || current[best] == 0.0 {
            continue;
        }
        let factor = 1.0 / current[best];
        for value in current.iter_mut() {
            *value *= factor;
        }
        current[best] = 1.0;
        pivot_row[best] = row;
        pivots.push((row, best));
    }
    let free = (0..columns).find(|column| pivot_row[*column] == usize::MAX)?;
    let mut direction = vec![0.0; columns];
    direction[free] = 1.0;
    // Each row is free of the pivots before it only, so go from the last.
    for (row, column) in pivots.iter().rev() {
        let values = &matrix[row * columns..(row + 1) * columns];
        let sum: f64 = values
            .iter()
            .zip(&direction)
            .enumerate()
            .filter(|(place, _)| place != column)
            .map(|(_, (value, slope))| value * slope)
            .sum();
        direction[*column] = -sum;
    }
    Some(direction)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampling::random::Seed;

    fn totals(columns: &[Vec<f64>], probabilities: &[f64], drawn: &[usize]) -> Vec<(f64, f64)> {
        columns
            .iter()
            .map(|column| {
                let estimate =
                    drawn.iter().map(|place| column[*place] / probabilities[*place]).sum();
                (column.iter().sum(), estimate)
            })
            .collect()
    }

    #[test]
    fn totals_come_out_as_in_the_population() {
        let mut stream = Seed(5).stream(1, 0);
        let columns: Vec<Vec<f64>> =
            (0..4).map(|_| (0..600).map(|_| 1.0 + stream.uniform()).collect()).collect();
        let sizes: Vec<f64> = (0..600).map(|_| 0.5 + stream.uniform()).collect();
        let probabilities = crate::sampling::selection::inclusion_probabilities(&sizes, 120);
        let balance = Balance::from_columns(&columns, 600);
        for seed in 0..20 {
            let drawn = cube(&probabilities, &balance, &mut Seed(seed).stream(1, 0));
            assert_eq!(drawn.len(), 120);
            for (known, estimated) in totals(&columns, &probabilities, &drawn) {
                // Landing moves a total by no more than a few members' worth.
                assert!((estimated / known - 1.0).abs() < 0.03, "{estimated} for {known}");
            }
        }
    }

    #[test]
    fn balancing_equations_hold_to_the_end_of_the_flight() {
        let mut stream = Seed(15).stream(1, 0);
        let columns: Vec<Vec<f64>> =
            (0..10).map(|_| (0..2_000).map(|_| stream.uniform() * 100.0).collect()).collect();
        let sizes: Vec<f64> = (0..2_000).map(|_| 0.2 + stream.uniform()).collect();
        let probabilities = crate::sampling::selection::inclusion_probabilities(&sizes, 300);
        let balance = Balance::from_columns(&columns, 2_000);
        let strata = vec![0; 2_000];
        for seed in 0..10 {
            let scale = scales(&balance, 2_000);
            let now = probabilities.clone();
            let mut walk = Walk {
                probabilities: &probabilities,
                now,
                strata: &strata,
                balance: &balance,
                scale,
            };
            let members: Vec<usize> = (0..2_000).collect();
            let left = walk.flight(&members, balance.width, &mut Seed(seed).stream(1, 0));
            // Deville and Tillé (2004): no more are undecided than there are equations.
            assert!(left.len() <= 11, "{} are left", left.len());
            let size: f64 = walk.now.iter().sum();
            assert!((size - 300.0).abs() < 1e-7, "{size}");
            for column in &columns {
                let known: f64 = column.iter().sum();
                let terms = column.iter().zip(&walk.now).zip(&probabilities);
                let estimate: f64 = terms.map(|((value, now), p)| value * now / p).sum();
                assert!((estimate / known - 1.0).abs() < 1e-10, "{estimate} for {known}");
            }
        }
    }

    #[test]
    fn two_ways_of_strata_both_have_their_sizes() {
        // With whole margins every vertex of the polytope is whole (a transportation
        // problem), so that nothing is left to landing.
        let (rows, columns_of) = (8, 5);
        let members = rows * columns_of * 10;
        let row = |member: usize| member % rows;
        let column = |member: usize| (member / rows) % columns_of;
        let is = |yes: bool| f64::from(u8::from(yes));
        let by_row = (0..rows)
            .map(|wanted| (0..members).map(|member| is(row(member) == wanted)).collect::<Vec<_>>());
        let by_column = (0..columns_of).map(|wanted| {
            (0..members).map(|member| is(column(member) == wanted)).collect::<Vec<_>>()
        });
        let columns: Vec<Vec<f64>> = by_row.chain(by_column).collect();
        let balance = Balance::from_columns(&columns, members);
        let probabilities = vec![0.1; members];
        for seed in 0..50 {
            let drawn = cube(&probabilities, &balance, &mut Seed(seed).stream(1, 0));
            for wanted in 0..rows {
                assert_eq!(drawn.iter().filter(|it| row(**it) == wanted).count(), columns_of);
            }
            for wanted in 0..columns_of {
                assert_eq!(drawn.iter().filter(|it| column(**it) == wanted).count(), rows);
            }
        }
    }

    #[test]
    fn every_stratum_has_its_size() {
        let mut stream = Seed(6).stream(1, 0);
        let strata: Vec<u32> = (0..500).map(|member| member % 50).collect();
        let column: Vec<f64> = (0..500).map(|_| stream.uniform()).collect();
        let balance = Balance::from_columns(std::slice::from_ref(&column), 500);
        let probabilities = vec![0.3; 500];
        let drawn = stratified(&probabilities, &strata, &balance, &mut stream);
        for stratum in 0..50 {
            assert_eq!(drawn.iter().filter(|place| strata[**place] == stratum).count(), 3);
        }
        let [(known, estimated)] = totals(&[column], &probabilities, &drawn)[..] else {
            panic!("one total")
        };
        assert!((estimated / known - 1.0).abs() < 0.02, "{estimated} for {known}");
    }

    #[test]
    fn variables_that_repeat_one_another_do_no_harm() {
        let column: Vec<f64> = (0..40).map(f64::from).collect();
        let columns = vec![column.clone(), column, vec![0.0; 40], vec![7.0; 40]];
        let balance = Balance::from_columns(&columns, 40);
        let drawn = cube(&[0.25; 40], &balance, &mut Seed(8).stream(1, 0));
        assert_eq!(drawn.len(), 10);
    }
}
