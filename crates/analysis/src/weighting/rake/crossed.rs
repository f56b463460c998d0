//! Margins crossed a few at a time, so that raking needs few runs through the rows.
//!
//! Weights move only by a factor for each level. With the margins in groups, the factors of one group
//! are a table F of its cells, and the sums that this group's margins need are those of the table
//! T = Σ d ∏ F of the *other* groups, d the weights before. One run through the rows makes T; every
//! margin of the group is then met in turn within T · F, which is small. The weights themselves are
//! made once, at the end. These are the steps of iterative proportional fitting (Deming and Stephan
//! 1940) in their usual order, added up in another.

use std::ops::{AddAssign, Range};

use rayon::prelude::*;

use super::{Margin, RakeOptions};
use crate::error::{Error, Result};

/// Most cells of several margins crossed: their sums and factors stay in the processor's first cache.
const CELLS_MAX: usize = 4096;

/// Rows of a block, at least: sums of blocks are added in order, whoever made them.
const BLOCK: usize = 32_768;

/// Most blocks: each has a table of its own.
const BLOCKS_MAX: usize = 64;

/// Rows whose products are made before they are added: they stay in the first cache.
const STRIP: usize = 1024;

/// Consecutive margins, crossed.
struct Group {
    /// Their places among all margins.
    margins: Range<usize>,
    /// Number of cells: the product of the numbers of levels.
    cells: usize,
    /// Level of each cell in each of the margins, from zero.
    levels: Vec<Vec<u16>>,
    /// Cell of each row.
    cell_of_row: Vec<u16>,
}

/// All margins, in groups.
pub(in crate::weighting) struct CrossedMargins {
    groups: Vec<Group>,
    level_counts: Vec<usize>,
    /// Sums of the weights before, by margin and level.
    before: Vec<Vec<f64>>,
}

impl CrossedMargins {
    /// The margins of rows with `weights` before raking. None where a margin is not as long as they are
    /// or a code is none of its levels.
    pub(in crate::weighting) fn new(margins: &[Margin], weights: &[f64]) -> Option<Self> {
        let level_counts: Vec<usize> = margins.iter().map(|margin| margin.levels.len()).collect();
        let groups = grouped(&level_counts)
            .into_iter()
            .map(|range| Group::new(range.clone(), &margins[range], weights.len()))
            .collect::<Option<_>>()?;
        let mut crossed = Self { groups, level_counts, before: Vec::new() };
        crossed.before = crossed.level_sums(weights);
        Some(crossed)
    }

    /// Sums of the weights before, by margin and level.
    pub(in crate::weighting) fn before(&self) -> &[Vec<f64>] {
        &self.before
    }

    /// Sums of `weights`, one a row, by level.
    pub(in crate::weighting) fn level_sums(&self, weights: &[f64]) -> Vec<Vec<f64>> {
        let tables = self.groups.iter().map(|group| group.table(weights, &[]));
        self.by_level(tables)
    }

    /// Rows by level.
    pub(in crate::weighting) fn level_rows(&self) -> Vec<Vec<usize>> {
        let counts: Vec<Vec<usize>> = self.groups.par_iter().map(Group::counts).collect();
        self.by_level(counts.into_iter())
    }

    /// The margins of tables of all groups.
    fn by_level<N: Copy + Default + AddAssign>(
        &self,
        tables: impl Iterator<Item = Vec<N>>,
    ) -> Vec<Vec<N>> {
        let each = self.groups.iter().zip(tables);
        each.flat_map(|(group, table)| {
            let counts = &self.level_counts[group.margins.clone()];
            let margins = group.levels.iter().zip(counts);
            margins.map(|(levels, &count)| sums(levels, &table, count)).collect::<Vec<_>>()
        })
        .collect()
    }

    /// Goes round until every level is within the tolerance. Answers the weights and the largest gap
    /// after each round.
    ///
    /// # Errors
    /// [`Error::RakingNotConverged`] naming the level that is furthest off.
    pub(in crate::weighting) fn rake(
        &self,
        weights: &[f64],
        margins: &[Margin],
        options: &RakeOptions,
    ) -> Result<(Vec<f64>, Vec<f64>)> {
        let ones = |group: &Group| vec![1.0; group.cells];
        let mut factors: Vec<Vec<f64>> = self.groups.iter().map(ones).collect();
        let mut tables: Vec<Vec<f64>> = vec![Vec::new(); self.groups.len()];
        let mut gaps = Vec::new();
        tables[0] = self.table(0, weights, &factors);
        loop {
            for (place, group) in self.groups.iter().enumerate() {
                if place > 0 {
                    tables[place] = self.table(place, weights, &factors);
                }
                group.meet(&tables[place], &mut factors[place], margins);
            }
            // The last table is as it was made; the first serves the next round.
            for (place, table) in tables.iter_mut().enumerate().take(self.groups.len() - 1) {
                *table = self.table(place, weights, &factors);
            }
            let (gap, margin, level) = self.largest_gap(&tables, &factors, margins);
            gaps.push(gap);
            if gap <= options.tolerance {
                return Ok((self.weights(weights, &factors), gaps));
            }
            if gaps.len() >= options.rounds_max {
                return Err(Error::RakingNotConverged {
                    rounds: gaps.len(),
                    largest_gap: gap,
                    variable: margins[margin].variable.clone(),
                    level: margins[margin].levels[level].clone(),
                });
            }
        }
    }

    /// Sums of the weights times the factors of all other groups, by cell of the group at `place`.
    fn table(&self, place: usize, weights: &[f64], factors: &[Vec<f64>]) -> Vec<f64> {
        let others: Vec<(&[u16], &[f64])> = self.factors_by_row(factors, Some(place)).collect();
        self.groups[place].table(weights, &others)
    }

    /// Cells of the rows and factors of the cells, of all groups but one.
    fn factors_by_row<'a>(
        &'a self,
        factors: &'a [Vec<f64>],
        without: Option<usize>,
    ) -> impl Iterator<Item = (&'a [u16], &'a [f64])> {
        let all = self.groups.iter().zip(factors).enumerate();
        all.filter(move |(place, _)| Some(*place) != without)
            .map(|(_, (group, factors))| (group.cell_of_row.as_slice(), factors.as_slice()))
    }

    /// The largest relative gap, with its margin and level.
    fn largest_gap(
        &self,
        tables: &[Vec<f64>],
        factors: &[Vec<f64>],
        margins: &[Margin],
    ) -> (f64, usize, usize) {
        let now = tables.iter().zip(factors).map(|(table, factors)| product(table, factors));
        let sums = self.by_level(now);
        let mut largest = (0.0, 0, 0);
        for (index, (margin, sums)) in margins.iter().zip(&sums).enumerate() {
            for (level, (sum, target)) in sums.iter().zip(&margin.totals).enumerate() {
                let gap = if *target > 0.0 { (sum - target).abs() / target } else { *sum };
                if gap > largest.0 {
                    largest = (gap, index, level);
                }
            }
        }
        largest
    }

    /// The weights times the factors of all groups.
    fn weights(&self, weights: &[f64], factors: &[Vec<f64>]) -> Vec<f64> {
        let all: Vec<(&[u16], &[f64])> = self.factors_by_row(factors, None).collect();
        let mut made = weights.to_vec();
        made.par_chunks_mut(BLOCK)
            .enumerate()
            .for_each(|(block, weights)| multiply(weights, block * BLOCK, &all));
        made
    }
}

impl Group {
    fn new(range: Range<usize>, margins: &[Margin], rows: usize) -> Option<Self> {
        let sound = |margin: &Margin| {
            margin.codes.len() == rows && margin.levels.len() == margin.totals.len()
        };
        if !margins.iter().all(sound) {
            return None;
        }
        let mut cell_of_row = vec![0_u16; rows];
        let blocks = cell_of_row.par_chunks_mut(BLOCK).enumerate();
        let known = blocks.map(|(block, cells)| cross(cells, block * BLOCK, margins));
        if !known.reduce(|| true, |one, other| one && other) {
            return None;
        }
        let counts: Vec<usize> = margins.iter().map(|margin| margin.levels.len()).collect();
        let cells = counts.iter().product();
        let levels = (0..counts.len())
            .map(|place| {
                let below: usize = counts[place + 1..].iter().product();
                let level = |cell: usize| u16::try_from(cell / below % counts[place]);
                (0..cells).map(|cell| level(cell).unwrap_or(u16::MAX)).collect()
            })
            .collect();
        Some(Self { margins: range, cells, levels, cell_of_row })
    }

    /// Sums by cell of the weights times the factors that `others` give for the cells of each row. Blocks
    /// are fixed and added in order: the sums do not hang on the number of threads.
    fn table(&self, weights: &[f64], others: &[(&[u16], &[f64])]) -> Vec<f64> {
        let length = BLOCK.max(weights.len().div_ceil(BLOCKS_MAX));
        let blocks = weights.par_chunks(length).zip(self.cell_of_row.par_chunks(length));
        let tables: Vec<Vec<f64>> = blocks
            .enumerate()
            .map(|(block, (weights, cells))| {
                self.table_of_block(weights, cells, block * length, others)
            })
            .collect();
        let mut all = vec![0.0; self.cells];
        for table in &tables {
            for (sum, more) in all.iter_mut().zip(table) {
                *sum += more;
            }
        }
        all
    }

    /// The same for the rows of a block, which starts at row `first`.
    fn table_of_block(
        &self,
        weights: &[f64],
        cells: &[u16],
        first: usize,
        others: &[(&[u16], &[f64])],
    ) -> Vec<f64> {
        let mut table = vec![0.0; self.cells];
        let mut factored = [0.0; STRIP];
        let strips = weights.chunks(STRIP).zip(cells.chunks(STRIP)).enumerate();
        for (strip, (weights, cells)) in strips {
            let factored = &mut factored[..weights.len()];
            factored.copy_from_slice(weights);
            multiply(factored, first + strip * STRIP, others);
            for (&cell, weight) in cells.iter().zip(factored.iter()) {
                table[usize::from(cell)] += weight;
            }
        }
        table
    }

    /// Rows by cell.
    fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.cells];
        for &cell in &self.cell_of_row {
            counts[usize::from(cell)] += 1;
        }
        counts
    }

    /// Moves the factors of the cells so that each margin in turn is met.
    fn meet(&self, table: &[f64], factors: &mut [f64], margins: &[Margin]) {
        for (levels, margin) in self.levels.iter().zip(&margins[self.margins.clone()]) {
            let sums = sums(levels, &product(table, factors), margin.totals.len());
            let moves: Vec<f64> = sums
                .iter()
                .zip(&margin.totals)
                .map(|(sum, total)| if *sum > 0.0 { total / sum } else { 1.0 })
                .collect();
            for (factor, &level) in factors.iter_mut().zip(levels) {
                *factor *= moves[usize::from(level)];
            }
        }
    }
}

/// Consecutive margins are joined while their cells stay few.
fn grouped(level_counts: &[usize]) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    let mut cells = 0;
    for (place, &count) in level_counts.iter().enumerate() {
        match groups.last_mut() {
            Some(group) if cells * count <= CELLS_MAX => {
                group.end = place + 1;
                cells *= count;
            }
            _ => {
                groups.push(place..place + 1);
                cells = count;
            }
        }
    }
    groups
}

/// Gives each row of a block, which starts at row `first`, its cell. Answers whether every code is one
/// of its margin's levels.
fn cross(cells: &mut [u16], first: usize, margins: &[Margin]) -> bool {
    let mut known = true;
    for margin in margins {
        // A code is at most 65,535, so its place is below that; where levels are as many, they stand
        // alone in their group, and the product below is zero.
        let count = u16::try_from(margin.levels.len()).unwrap_or(u16::MAX);
        for (cell, code) in cells.iter_mut().zip(&margin.codes[first..]) {
            // Missing, zero, becomes the largest number.
            let level = code.wrapping_sub(1);
            known &= level < count;
            *cell = cell.wrapping_mul(count).wrapping_add(level);
        }
    }
    known
}

/// Multiplies what rows from `first` on have with the factors of their cells.
fn multiply(values: &mut [f64], first: usize, factors: &[(&[u16], &[f64])]) {
    for (cells, factors) in factors {
        for (value, &cell) in values.iter_mut().zip(&cells[first..]) {
            *value *= factors[usize::from(cell)];
        }
    }
}

fn product(table: &[f64], factors: &[f64]) -> Vec<f64> {
    table.iter().zip(factors).map(|(sum, factor)| sum * factor).collect()
}

/// Sums of a table by level of its cells.
fn sums<N: Copy + Default + AddAssign>(levels: &[u16], table: &[N], count: usize) -> Vec<N> {
    let mut sums = vec![N::default(); count];
    for (&level, &value) in levels.iter().zip(table) {
        sums[usize::from(level)] += value;
    }
    sums
}

#[cfg(test)]
mod tests {
    use survey_builder::sampling::Seed;

    use super::*;

    const OPTIONS: RakeOptions =
        RakeOptions { tolerance: 1e-11, rounds_max: 200, projection_rounds: 1 };

    /// Margins of `levels` whose totals lie off what the weights have, and those weights.
    fn sample(rows: usize, levels: &[usize]) -> (Vec<Margin>, Vec<f64>) {
        let weights: Vec<f64> = (0..rows).map(|row| 1.0 + (row % 11) as f64 / 7.0).collect();
        let all: f64 = weights.iter().sum();
        let margin = |(place, &count): (usize, &usize)| {
            let mut stream = Seed(5 + place as u64).stream(1, 1);
            let codes: Vec<u16> = (0..rows)
                .map(|_| {
                    let share = stream.uniform();
                    let below = (1..count).filter(|level| (*level as f64) < share * count as f64);
                    u16::try_from(1 + below.count()).expect("a code")
                })
                .collect();
            let mut totals = vec![0.0; count];
            for (&code, weight) in codes.iter().zip(&weights) {
                totals[usize::from(code) - 1] += weight * (1.0 + f64::from(code % 3) / 10.0);
            }
            let sum: f64 = totals.iter().sum();
            let totals = totals.iter().map(|total| total * all / sum).collect();
            let levels = (1..=count).map(|level| level.to_string()).collect();
            Margin { variable: format!("m{place}"), levels, totals, codes }
        };
        (levels.iter().enumerate().map(margin).collect(), weights)
    }

    /// As it is told: the weights of all rows, margin by margin.
    fn by_rows(margins: &[Margin], weights: &[f64], rounds: usize) -> Vec<f64> {
        let mut weights = weights.to_vec();
        for margin in std::iter::repeat_n(margins, rounds).flatten() {
            let mut sums = vec![0.0; margin.levels.len()];
            for (&code, weight) in margin.codes.iter().zip(&weights) {
                sums[usize::from(code) - 1] += weight;
            }
            for (&code, weight) in margin.codes.iter().zip(&mut weights) {
                let level = usize::from(code) - 1;
                *weight *= margin.totals[level] / sums[level];
            }
        }
        weights
    }

    #[test]
    fn each_round_is_that_of_raking_row_by_row() {
        // One, two and three groups.
        for levels in [&[3, 4][..], &[9, 8, 7, 6, 5, 4], &[60, 50, 40, 3, 50, 40, 2]] {
            let (margins, weights) = sample(20_000, levels);
            let crossed = CrossedMargins::new(&margins, &weights).expect("margins");
            let (found, gaps) = crossed.rake(&weights, &margins, &OPTIONS).expect("weights");
            let expected = by_rows(&margins, &weights, gaps.len());
            let gaps = found.iter().zip(&expected).map(|(own, other)| (own / other - 1.0).abs());
            let gap = gaps.fold(0.0, f64::max);
            assert!(gap < 1e-11, "{} groups: {gap}", crossed.groups.len());
        }
    }

    #[test]
    fn the_last_bit_does_not_hang_on_the_number_of_threads() {
        let (margins, weights) = sample(3 * BLOCK + 5, &[60, 50, 7, 40, 3]);
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.expect("a pool").install(|| {
                let crossed = CrossedMargins::new(&margins, &weights).expect("margins");
                let (raked, _) = crossed.rake(&weights, &margins, &OPTIONS).expect("weights");
                (raked, crossed.level_sums(&weights))
            })
        };
        assert_eq!(with(1), with(2));
    }

    #[test]
    fn codes_without_a_level_are_not_crossed() {
        for code in [0, 5, u16::MAX] {
            let (mut margins, weights) = sample(50, &[3, 4]);
            margins[1].codes[20] = code;
            assert!(CrossedMargins::new(&margins, &weights).is_none(), "{code}");
        }
    }
}
