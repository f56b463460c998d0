//! Margins crossed a few at a time, so that raking needs few runs through the rows.
//!
//! Weights move only by a factor for each level. With the margins in groups, the factors of one group
//! are a table F of its cells, and the sums that this group's margins need are those of the table
//! T = Σ d ∏ F of the *other* groups, d the weights before. One run through the rows makes T; every
//! margin of the group is then met in turn within T · F, which is small. The weights themselves are
//! made once, at the end. These are the steps of iterative proportional fitting (Deming and Stephan
//! 1940) in their usual order, added up in another.

use std::ops::{AddAssign, Range};
use std::sync::Arc;

use rayon::prelude::*;

use super::{Margin, RakeOptions};
use crate::error::Result;
use crate::problem::{Fault, at_level, percent};
use crate::variance::projection::ProjectionMargin;

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
    cell_of_row: Arc<Vec<u16>>,
    /// Rows by cell.
    rows: Vec<usize>,
}

/// All margins, in groups.
pub(in crate::weighting) struct CrossedMargins {
    groups: Vec<Group>,
    level_counts: Vec<usize>,
    /// Sums of the weights before.
    before: Sums,
}

/// Sums of some weights.
pub(in crate::weighting) struct Sums {
    /// By group and cell.
    by_cell: Vec<Vec<f64>>,
    /// By margin and level.
    pub(in crate::weighting) by_level: Vec<Vec<f64>>,
}

/// Weights that meet the margins.
#[derive(Debug, PartialEq)]
pub(in crate::weighting) struct Raked {
    /// One a row.
    pub(in crate::weighting) weights: Vec<f64>,
    /// The largest gap after each round.
    pub(in crate::weighting) gaps: Vec<f64>,
    /// Their sums by margin and level.
    pub(in crate::weighting) sums: Vec<Vec<f64>>,
}

impl CrossedMargins {
    /// The margins of rows with `weights` before raking. None where a margin is not as long as they are
    /// or a code is not one of its levels.
    pub(in crate::weighting) fn new(margins: &[Margin], weights: &[f64]) -> Option<Self> {
        let level_counts: Vec<usize> = margins.iter().map(|margin| margin.levels.len()).collect();
        let groups = grouped(&level_counts)
            .into_iter()
            .map(|range| Group::new(range.clone(), &margins[range], weights))
            .collect::<Option<Vec<_>>>()?;
        let (groups, by_cell): (Vec<Group>, Vec<Vec<f64>>) = groups.into_iter().unzip();
        let before = Sums { by_cell, by_level: Vec::new() };
        let mut crossed = Self { groups, level_counts, before };
        crossed.before.by_level = crossed.by_level(crossed.before.by_cell.iter().cloned());
        Some(crossed)
    }

    /// Sums of the weights before.
    pub(in crate::weighting) fn before(&self) -> &Sums {
        &self.before
    }

    /// Sums of `weights`, one a row.
    pub(in crate::weighting) fn sums(&self, weights: &[f64]) -> Sums {
        let by_cell: Vec<_> = self.groups.iter().map(|group| group.table(weights, &[])).collect();
        let by_level = self.by_level(by_cell.iter().cloned());
        Sums { by_cell, by_level }
    }

    /// Rows by margin and level.
    pub(in crate::weighting) fn level_rows(&self) -> Vec<Vec<usize>> {
        self.by_level(self.groups.iter().map(|group| group.rows.clone()))
    }

    /// The margins, of which `margins` holds the names, in the form that variances use.
    pub(in crate::weighting) fn projection_margins(
        &self,
        margins: &[Margin],
    ) -> Vec<ProjectionMargin> {
        let of_group = |group: &Group| {
            let cells = Arc::clone(&group.cell_of_row);
            let own = margins[group.margins.clone()].iter().zip(group.levels.clone());
            own.map(move |(margin, level_of_cell)| ProjectionMargin {
                variable: margin.variable.clone(),
                cells: Arc::clone(&cells),
                level_of_cell,
                level_count: margin.levels.len(),
            })
            .collect::<Vec<_>>()
        };
        self.groups.iter().flat_map(of_group).collect()
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

    /// Goes round until every level is within the tolerance, from `weights`, one a row, that have the
    /// sums `before`.
    ///
    /// # Errors
    /// [`Error::RakingNotConverged`] naming the level that is furthest off.
    pub(in crate::weighting) fn rake(
        &self,
        weights: &[f64],
        before: &Sums,
        margins: &[Margin],
        options: &RakeOptions,
    ) -> Result<Raked> {
        let ones = |group: &Group| vec![1.0; group.cells];
        let mut factors: Vec<Vec<f64>> = self.groups.iter().map(ones).collect();
        let mut tables: Vec<Vec<f64>> = vec![Vec::new(); self.groups.len()];
        let mut gaps = Vec::new();
        // All factors are one.
        tables[0].clone_from(&before.by_cell[0]);
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
            let now = tables.iter().zip(&factors).map(|(table, factors)| product(table, factors));
            let sums = self.by_level(now);
            let (gap, margin, level) = largest_gap(&sums, margins);
            gaps.push(gap);
            if gap <= options.tolerance {
                return Ok(Raked { weights: self.weights(weights, &factors), gaps, sums });
            }
            if gaps.len() >= options.rounds_max {
                return Err(Fault::RakingUnmet { rounds: gaps.len(), gap: percent(gap) }
                    .refused(at_level(&margins[margin].variable, &margins[margin].levels[level])));
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

    /// The weights times the factors of all groups.
    fn weights(&self, weights: &[f64], factors: &[Vec<f64>]) -> Vec<f64> {
        let all: Vec<(&[u16], &[f64])> = self.factors_by_row(factors, None).collect();
        let mut made = vec![0.0; weights.len()];
        let strips = made.par_chunks_mut(BLOCK).zip(weights.par_chunks(BLOCK)).enumerate();
        strips.for_each(|(block, (made, weights))| multiplied(made, weights, block * BLOCK, &all));
        made
    }
}

impl Group {
    /// The group of `margins`, which are those at `range` among all, with the sums of `weights`, one a
    /// row, by cell.
    fn new(range: Range<usize>, margins: &[Margin], weights: &[f64]) -> Option<(Self, Vec<f64>)> {
        let sound = |margin: &Margin| {
            margin.codes.len() == weights.len() && margin.levels.len() == margin.totals.len()
        };
        if !margins.iter().all(sound) {
            return None;
        }
        let counts: Vec<usize> = margins.iter().map(|margin| margin.levels.len()).collect();
        let cells = counts.iter().product();
        let (cell_of_row, rows, sums) = crossed_rows(margins, cells, weights)?;
        let levels = (0..counts.len())
            .map(|place| {
                let below: usize = counts[place + 1..].iter().product();
                let level = |cell: usize| u16::try_from(cell / below % counts[place]);
                (0..cells).map(|cell| level(cell).unwrap_or(u16::MAX)).collect()
            })
            .collect();
        let cell_of_row = Arc::new(cell_of_row);
        Some((Self { margins: range, cells, levels, cell_of_row, rows }, sums))
    }

    /// Sums by cell of the weights times the factors that `others` give for the cells of each row. Blocks
    /// are fixed and added in order: the sums do not depend on the number of threads.
    fn table(&self, weights: &[f64], others: &[(&[u16], &[f64])]) -> Vec<f64> {
        let length = block_length(weights.len());
        let blocks = weights.par_chunks(length).zip(self.cell_of_row.par_chunks(length));
        let tables: Vec<Vec<f64>> = blocks
            .enumerate()
            .map(|(block, (weights, cells))| {
                self.table_of_block(weights, cells, block * length, others)
            })
            .collect();
        added(tables.iter(), self.cells)
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
            multiplied(factored, weights, first + strip * STRIP, others);
            add_by_cell(&mut table, cells, factored);
        }
        table
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

/// Rows of the blocks that `rows` are added up by.
fn block_length(rows: usize) -> usize {
    BLOCK.max(rows.div_ceil(BLOCKS_MAX))
}

/// Crosses `margins` in one run through the rows: the cell of each row, and by cell the rows and the sum
/// of their `weights`. None where a code is not among its margin's levels.
fn crossed_rows(
    margins: &[Margin],
    cells: usize,
    weights: &[f64],
) -> Option<(Vec<u16>, Vec<usize>, Vec<f64>)> {
    let length = block_length(weights.len());
    let mut cell_of_row = vec![0_u16; weights.len()];
    let blocks = cell_of_row.par_chunks_mut(length).zip(weights.par_chunks(length)).enumerate();
    let of_block = |(block, (own, weights)): (usize, (&mut [u16], &[f64]))| {
        let (mut rows, mut sums) = (vec![0_usize; cells], vec![0.0; cells]);
        let known = cross(own, block * length, margins);
        if known {
            for &cell in own.iter() {
                rows[usize::from(cell)] += 1;
            }
            add_by_cell(&mut sums, own, weights);
        }
        known.then_some((rows, sums))
    };
    let found: Option<Vec<_>> = blocks.map(of_block).collect();
    let (rows, sums): (Vec<_>, Vec<_>) = found?.into_iter().unzip();
    Some((cell_of_row, added(rows.iter(), cells), added(sums.iter(), cells)))
}

/// Adds what rows have to the sums of their cells.
fn add_by_cell(sums: &mut [f64], cells: &[u16], values: &[f64]) {
    for (&cell, value) in cells.iter().zip(values) {
        sums[usize::from(cell)] += value;
    }
}

/// Tables of `cells` added up, in order.
fn added<'a, N: Copy + Default + AddAssign + 'a>(
    tables: impl Iterator<Item = &'a Vec<N>>,
    cells: usize,
) -> Vec<N> {
    let mut all = vec![N::default(); cells];
    for table in tables {
        for (sum, &more) in all.iter_mut().zip(table) {
            *sum += more;
        }
    }
    all
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

/// What rows from `first` on have, times the factors of their cells.
fn multiplied(made: &mut [f64], values: &[f64], first: usize, factors: &[(&[u16], &[f64])]) {
    let Some((&(cells, own), rest)) = factors.split_first() else {
        made.copy_from_slice(values);
        return;
    };
    for ((made, value), &cell) in made.iter_mut().zip(values).zip(&cells[first..]) {
        *made = value * own[usize::from(cell)];
    }
    for (cells, factors) in rest {
        for (made, &cell) in made.iter_mut().zip(&cells[first..]) {
            *made *= factors[usize::from(cell)];
        }
    }
}

/// The largest relative gap between sums by margin and level and their targets, with its margin and
/// level.
fn largest_gap(sums: &[Vec<f64>], margins: &[Margin]) -> (f64, usize, usize) {
    let mut largest = (0.0, 0, 0);
    for (index, (margin, sums)) in margins.iter().zip(sums).enumerate() {
        for (level, (sum, target)) in sums.iter().zip(&margin.totals).enumerate() {
            let gap = if *target > 0.0 { (sum - target).abs() / target } else { *sum };
            if gap > largest.0 {
                largest = (gap, index, level);
            }
        }
    }
    largest
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
            let raked =
                crossed.rake(&weights, crossed.before(), &margins, &OPTIONS).expect("raked");
            let expected = by_rows(&margins, &weights, raked.gaps.len());
            let gaps =
                raked.weights.iter().zip(&expected).map(|(own, other)| (own / other - 1.0).abs());
            let gap = gaps.fold(0.0, f64::max);
            assert!(gap < 1e-11, "{} groups: {gap}", crossed.groups.len());
            for (told, added) in raked.sums.iter().zip(crossed.sums(&raked.weights).by_level) {
                let gaps = told.iter().zip(&added).map(|(one, other)| (one / other - 1.0).abs());
                assert!(gaps.fold(0.0, f64::max) < 1e-12, "{told:?} {added:?}");
            }
        }
    }

    #[test]
    fn the_last_bit_does_not_hang_on_the_number_of_threads() {
        let (margins, weights) = sample(3 * BLOCK + 5, &[60, 50, 7, 40, 3]);
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.expect("a pool").install(|| {
                let crossed = CrossedMargins::new(&margins, &weights).expect("margins");
                let raked = crossed.rake(&weights, crossed.before(), &margins, &OPTIONS);
                (raked.expect("raked"), crossed.sums(&weights).by_level)
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
