//! Rounding of counts so that small ones cannot be told: to the nearest multiple of a base, by chance
//! without bias, or so that the table still adds up.

use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;
use survey_builder::sampling::Seed;
use survey_builder::sampling::random::Stream;

use crate::error::Result;
use crate::problem::Fault;

/// A table of counts with its margins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundedTable {
    /// Cells, row by row.
    pub cells: Vec<u64>,
    /// Totals of the rows.
    pub rows: Vec<u64>,
    /// Totals of the columns.
    pub columns: Vec<u64>,
    /// Total of all.
    pub total: u64,
}

fn checked(base: u64) -> Result<()> {
    if base >= 2 {
        return Ok(());
    }
    Err(Fault::range(base, phrase("phrase-2-or-more"))
        .refused(phrase("phrase-input-rounding-base")))
}

/// The nearest multiple of `base`; half of it goes up.
///
/// # Errors
/// A base below 2.
pub fn nearest(count: u64, base: u64) -> Result<u64> {
    checked(base)?;
    Ok((count + base / 2) / base * base)
}

/// Each count up or down to a multiple of `base`, up with the chance of its remainder over the base, so
/// that its mean is the count (Fellegi 1975). Margins are rounded on their own and need not be sums.
/// Counts that are multiples stay.
///
/// # Errors
/// A base below 2.
pub fn randomly(counts: &[u64], base: u64, seed: Seed) -> Result<Vec<u64>> {
    checked(base)?;
    let mut stream = seed.stream(3, 0);
    Ok(counts
        .iter()
        .map(|count| {
            let left = count % base;
            let up = left > 0 && stream.below(base) < left;
            count - left + if up { base } else { 0 }
        })
        .collect())
}

/// Controlled rounding of a table of two dimensions: every cell and every total becomes one of the two
/// multiples of `base` next to it, sums stay sums, and each has its own count as mean (Cox 1987).
///
/// # Errors
/// A base below 2; cells that do not fill whole rows.
pub fn controlled(counts: &[u64], columns: usize, base: u64, seed: Seed) -> Result<RoundedTable> {
    checked(base)?;
    if columns == 0 || !counts.len().is_multiple_of(columns) {
        return Err(Fault::DataCount {
            found: counts.len(),
            needed: columns * counts.len().div_ceil(columns.max(1)),
        }
        .refused(phrase("phrase-input-table-cells")));
    }
    let mut table = Extended::new(counts, columns, base);
    let mut stream = seed.stream(3, 1);
    while let Some(cycle) = table.cycle() {
        table.shift(&cycle, &mut stream);
    }
    Ok(table.rounded())
}

/// The table with a column and a row that make every line a multiple of the base: what is left of a row
/// to its next multiple, and so on. Remainders below the base are moved about in it.
struct Extended {
    height: usize,
    width: usize,
    base: u64,
    /// Whole multiples.
    whole: Vec<u64>,
    /// What is above them.
    left: Vec<u64>,
}

impl Extended {
    fn new(counts: &[u64], columns: usize, base: u64) -> Self {
        let (height, width) = (counts.len() / columns + 1, columns + 1);
        let mut left = vec![0; height * width];
        let mut whole = vec![0; height * width];
        for (place, count) in counts.iter().enumerate() {
            let own = place / columns * width + place % columns;
            left[own] = count % base;
            whole[own] = count - count % base;
        }
        let complement = |sum: u64| (base - sum % base) % base;
        for row in 0..height - 1 {
            let sum: u64 = left[row * width..row * width + columns].iter().sum();
            left[row * width + columns] = complement(sum);
        }
        for column in 0..width {
            let sum: u64 = (0..height - 1).map(|row| left[row * width + column]).sum();
            left[(height - 1) * width + column] = complement(sum);
        }
        Self { height, width, base, whole, left }
    }

    /// Cells with a remainder that follow each other along a row, then a column, and so on in a circle:
    /// a line whose sum is a multiple has none such cell or two at least.
    fn cycle(&self) -> Option<Vec<usize>> {
        let start = self.left.iter().position(|left| *left > 0)?;
        let mut path = vec![start];
        loop {
            let here = *path.last()?;
            let (row, column) = (here / self.width, here % self.width);
            let along_row = path.len() % 2 == 1;
            let other = if along_row {
                (0..self.width)
                    .map(|column| row * self.width + column)
                    .find(|&cell| cell != here && self.left[cell] > 0)
            } else {
                (0..self.height)
                    .map(|row| row * self.width + column)
                    .find(|&cell| cell != here && self.left[cell] > 0)
            }?;
            // The first line that is met again closes the circle.
            let same = |cell: &usize| {
                if along_row {
                    cell % self.width == other % self.width
                } else {
                    cell / self.width == other / self.width
                }
            };
            let parity = usize::from(!along_row);
            let met = (parity..path.len() - 1)
                .step_by(2)
                .find(|&place| same(&path[place]) && (path.len() - place) % 2 == 1);
            path.push(other);
            if let Some(place) = met {
                return Some(path.split_off(place));
            }
        }
    }

    /// Moves remainders round a circle, up here and down there, until one of them is used up; which way
    /// is by chance, so that every mean stays.
    fn shift(&mut self, cycle: &[usize], stream: &mut Stream) {
        let room = |first: bool| {
            let of = |(place, &cell): (usize, &usize)| {
                if (place % 2 == 0) == first {
                    self.base - self.left[cell]
                } else {
                    self.left[cell]
                }
            };
            cycle.iter().enumerate().map(of).min().unwrap_or(0)
        };
        let (up, down) = (room(true), room(false));
        let first_up = stream.below(up + down) < down;
        let step = if first_up { up } else { down };
        for (place, &cell) in cycle.iter().enumerate() {
            if (place % 2 == 0) == first_up {
                self.left[cell] += step;
                if self.left[cell] == self.base {
                    self.left[cell] = 0;
                    self.whole[cell] += self.base;
                }
            } else {
                self.left[cell] -= step;
            }
        }
    }

    fn rounded(&self) -> RoundedTable {
        let (height, width) = (self.height - 1, self.width - 1);
        let cells: Vec<u64> = (0..height)
            .flat_map(|row| self.whole[row * self.width..row * self.width + width].to_vec())
            .collect();
        let rows: Vec<u64> = cells.chunks(width).map(|row| row.iter().sum()).collect();
        let columns = (0..width).map(|column| cells.iter().skip(column).step_by(width).sum());
        RoundedTable { total: rows.iter().sum(), columns: columns.collect(), rows, cells }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_multiple() {
        let round = |count, base| nearest(count, base).expect("a base");
        assert_eq!([round(2, 5), round(3, 5), round(7, 5), round(8, 5)], [0, 5, 5, 10]);
        assert_eq!([round(1, 2), round(4, 10), round(5, 10), round(14, 10)], [2, 0, 10, 10]);
        assert!(nearest(3, 1).is_err());
    }

    #[test]
    fn random_rounding_has_the_count_as_mean() {
        let counts = vec![7_u64; 20_000];
        let rounded = randomly(&counts, 5, Seed(1)).expect("a base");
        assert!(rounded.iter().all(|count| *count == 5 || *count == 10));
        let mean = rounded.iter().sum::<u64>() as f64 / 20_000.0;
        // 5 √(0.24/20000) is 0.017.
        assert!((mean - 7.0).abs() < 0.09, "{mean}");
        assert_eq!(randomly(&counts, 5, Seed(1)), Ok(rounded));
    }

    #[test]
    fn controlled_rounding_adds_up_next_to_every_count() {
        let mut state = 3_u64;
        let mut sums = [0.0; 12];
        let fixed: Vec<u64> = (0..12).map(|place| (place * 7 + 3) % 23).collect();
        for seed in 0..2_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99);
            let counts: Vec<u64> = if seed % 2 == 0 {
                fixed.clone()
            } else {
                (0..12).map(|place| (state >> (place * 4)) % 19).collect()
            };
            let base = 5;
            let found = controlled(&counts, 4, base, Seed(seed)).expect("a table");
            let next = |rounded: u64, count: u64| {
                rounded.is_multiple_of(base) && rounded.abs_diff(count) < base
            };
            assert!(found.cells.iter().zip(&counts).all(|(one, own)| next(*one, *own)));
            for (row, rounded) in found.rows.iter().enumerate() {
                assert!(next(*rounded, counts[row * 4..row * 4 + 4].iter().sum()));
            }
            for (column, rounded) in found.columns.iter().enumerate() {
                assert!(next(*rounded, counts.iter().skip(column).step_by(4).sum()));
            }
            assert!(next(found.total, counts.iter().sum()));
            if seed % 2 == 0 {
                for (sum, cell) in sums.iter_mut().zip(&found.cells) {
                    *sum += *cell as f64 / 1_000.0;
                }
            }
        }
        // Five standard errors of at most 2.5/√1000.
        for (mean, count) in sums.iter().zip(&fixed) {
            assert!((mean - *count as f64).abs() < 0.4, "{mean} beside {count}");
        }
        assert!(controlled(&[1, 2, 3], 2, 5, Seed(1)).is_err());
    }
}
