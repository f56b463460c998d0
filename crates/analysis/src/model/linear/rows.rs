//! The rows of a model and the search for its coefficients.
//!
//! One run through the rows makes, for given coefficients, the predictors and the weighted cross
//! products of the terms that the next coefficients need. It goes by blocks that stay in the
//! processor's cache; their sums are added in order, so they do not depend on the number of threads.

use nalgebra::{DMatrix, DMatrixView, DVector, Dyn};
use rayon::prelude::*;
use survey_builder::problem::phrase;

use super::{Family, Link, Stopping};
use crate::design::Stage;
use crate::error::{Error, Result};
use crate::problem::{Fault, at_row};

/// Steps after which the search gives up.
const STEPS: usize = 100;

/// Largest move of a coefficient, in parts of itself, that counts as rest.
const AT_REST: f64 = 1e-11;

/// Rows from which on a part of them is fitted first.
const MANY: usize = 200_000;

/// Of so many blocks, one is in that part.
const PART: usize = 16;

/// Rows of a block; with 20 terms they stay in the second cache.
const BLOCK: usize = 2048;

/// What is fitted, and when the search ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Search {
    pub(super) family: Family,
    pub(super) link: Link,
    pub(super) stopping: Stopping,
}

/// Coefficients found, with what their covariance needs.
pub(super) struct Fit {
    pub(super) coefficients: DVector<f64>,
    pub(super) means: Vec<f64>,
    /// What a row's term in the scores is multiplied with: w (y − μ)(dμ/dη)/V(μ).
    working: Vec<f64>,
    inverse_information: DMatrix<f64>,
    pub(super) deviance: f64,
}

/// The rows that enter a model, with weights of mean one over all members of the domain.
pub(super) struct Rows<'a> {
    pub(super) places: Vec<usize>,
    weights: Vec<f64>,
    response: &'a [f64],
    columns: &'a [Vec<f64>],
}

/// What one run through the rows finds.
struct Run {
    predictors: Vec<f64>,
    /// `ZᵀZ`, Z the terms and then the working response, times the roots of the working weights.
    products: DMatrix<f64>,
    /// Whether every mean belongs to the family.
    holds: bool,
}

/// What a block adds to a [`Run`].
struct BlockSums {
    products: DMatrix<f64>,
    holds: bool,
}

/// Memory for a block, used again for the next.
struct Scratch {
    /// Z of [`Run`], a column each [`BLOCK`] numbers, and columns of zeros up to [`LEAST`].
    scaled: Vec<f64>,
    roots: Vec<f64>,
    gathered: Vec<f64>,
}

fn largest_move(next: &DVector<f64>, before: &DVector<f64>) -> f64 {
    let moves = next.iter().zip(before.iter());
    moves.map(|(new, old)| (new - old).abs() / (old.abs() + 1e-6)).fold(0.0, f64::max)
}

/// The values of a column at `places`, which rise: where they lie together, as they are.
fn values_at<'b>(column: &'b [f64], places: &[usize], gathered: &'b mut Vec<f64>) -> &'b [f64] {
    match (places.first(), places.last()) {
        (Some(&first), Some(&last)) if last - first + 1 == places.len() => &column[first..=last],
        _ => {
            gathered.clear();
            gathered.extend(places.iter().map(|&row| column[row]));
            gathered
        }
    }
}

impl<'a> Rows<'a> {
    pub(super) fn new(
        weights: &[f64],
        mean: f64,
        response: &'a [f64],
        columns: &'a [Vec<f64>],
        known: &[bool],
    ) -> Self {
        let places: Vec<usize> =
            (0..known.len()).filter(|&row| known[row] && weights[row] > 0.0).collect();
        let weights = places.iter().map(|&row| weights[row] / mean).collect();
        Self { places, weights, response, columns }
    }

    pub(super) fn check(&self, family: Family) -> Result<()> {
        if self.places.len() < self.columns.len() || self.columns.is_empty() {
            return Err(Fault::DataTooFew {
                found: self.places.len(),
                least: self.columns.len().max(1),
            }
            .refused(phrase("phrase-input-model-rows")));
        }
        let mut values = self.places.iter().map(|&row| self.response[row]);
        if let Some(first) = values.next()
            && values.all(|value| value == first)
        {
            // Its standard errors and tests would be made of rounding.
            return Err(Fault::DataConstant.refused(phrase("phrase-input-response")));
        }
        match self.places.iter().find(|&&row| !family.allows(self.response[row])) {
            None => Ok(()),
            Some(&row) => Err(Error::Invalid(vec![
                Fault::ModelValue { value: self.response[row].into() }
                    .at(at_row(phrase("phrase-input-response"), row)),
            ])),
        }
    }

    /// From `start` or, without one, from what a part of many rows gives or the response itself.
    pub(super) fn fit(&self, search: Search, start: Option<&DVector<f64>>) -> Result<Fit> {
        let near = if start.is_none() { self.coefficients_of_part(search) } else { None };
        if let Some(near) = near
            && let Ok(fit) = self.search(search, Some(&near))
        {
            return Ok(fit);
        }
        self.search(search, start)
    }

    /// Coefficients of a part of the rows, from which the search over all of them is shorter. Only where
    /// the likelihood has a single summit, so that the search ends at the same place; and not where it
    /// stops by the deviance, as its last digits then depend on the start.
    fn coefficients_of_part(&self, search: Search) -> Option<DVector<f64>> {
        let canonical = matches!(
            (search.family, search.link),
            (Family::Binomial, Link::Logit) | (Family::Poisson, Link::Log)
        );
        if !canonical || search.stopping != Stopping::AtRest || self.places.len() < MANY {
            return None;
        }
        // Whole blocks, as they lie in memory.
        let places = self.places.chunks(BLOCK).step_by(PART).flatten().copied().collect();
        let weights = self.weights.chunks(BLOCK).step_by(PART).flatten().copied().collect();
        let part = Rows { places, weights, ..*self };
        part.fit(search, None).ok().map(|fit| fit.coefficients)
    }

    fn search(&self, search: Search, start: Option<&DVector<f64>>) -> Result<Fit> {
        let mut run = self.run(start, search);
        let mut before = start.cloned();
        let mut moved_before = None;
        for _ in 0..STEPS {
            let (next, inverse) = self.solve(&run)?;
            let aim = before.as_ref().map(|before| largest_move(&next, before));
            if let (Stopping::AtRest, Some(aim)) = (search.stopping, aim) {
                if aim < AT_REST {
                    return Ok(self.finished(next, (&run, &run), inverse, search));
                }
                // The moves shrink ever faster, so that the next is smaller than by the last ratio.
                if aim < 1e-7 && moved_before.is_some_and(|last| aim * aim / last < AT_REST) {
                    let end = self.run_without_products(&next, search);
                    if end.holds {
                        return Ok(self.finished(next, (&end, &end), inverse, search));
                    }
                }
            }
            let (next, after) = self.run_inside(next, before.as_ref(), search)?;
            let moved = before.as_ref().map(|before| largest_move(&next, before));
            match search.stopping {
                // Near zero a coefficient keeps moving by rounding; the deviance tells.
                Stopping::AtRest
                    if moved.is_some_and(|moved| moved < 1e-7)
                        && self.change(&run, &after, search) <= 1e-14 =>
                {
                    let (_, inverse) = self.solve(&after)?;
                    return Ok(self.finished(next, (&after, &after), inverse, search));
                }
                Stopping::ByDeviance if self.change(&run, &after, search) < 1e-8 => {
                    return Ok(self.finished(next, (&run, &after), inverse, search));
                }
                Stopping::AtRest | Stopping::ByDeviance => {}
            }
            before = Some(next);
            run = after;
            moved_before = moved;
        }
        Err(Fault::ModelUnsettled { steps: STEPS }.refused(phrase("phrase-input-model")))
    }

    /// `runs`: at the step before and at the end; at rest the two are one. The working weight is that of
    /// the first, the residual that of the second.
    fn finished(
        &self,
        coefficients: DVector<f64>,
        (behind, end): (&Run, &Run),
        inverse_information: DMatrix<f64>,
        search: Search,
    ) -> Fit {
        let Search { family, link, .. } = search;
        let at_rest = std::ptr::eq(behind, end);
        let each = |index: usize| {
            let (mean, slope) = link.mean_and_slope(end.predictors[index]);
            let (mean_behind, slope_behind) =
                if at_rest { (mean, slope) } else { link.mean_and_slope(behind.predictors[index]) };
            let variance = family.variance(mean_behind);
            let weight = self.weights[index] * slope_behind * slope_behind / variance;
            (mean, weight * (self.response[self.places[index]] - mean) / slope)
        };
        let rows = self.places.len();
        let (mut means, mut working) = (vec![0.0; rows], vec![0.0; rows]);
        let blocks = means.par_chunks_mut(BLOCK).zip(working.par_chunks_mut(BLOCK)).enumerate();
        let deviances: Vec<f64> = blocks
            .map(|(block, (means, working))| {
                let start = block * BLOCK;
                for (index, own) in (start..).zip(means.iter_mut().zip(working)) {
                    (*own.0, *own.1) = each(index);
                }
                self.deviance_of_block(start, &|index| means[index - start], family)
            })
            .collect();
        let deviance = deviances.iter().sum();
        Fit { coefficients, means, working, inverse_information, deviance }
    }

    fn deviance(&self, mean: impl Fn(usize) -> f64 + Sync, family: Family) -> f64 {
        self.weighted_sum(|index| family.deviance(self.response[self.places[index]], mean(index)))
    }

    /// What the block that begins at `start` adds to the deviance.
    fn deviance_of_block(&self, start: usize, mean: &impl Fn(usize) -> f64, family: Family) -> f64 {
        let of_row = |index: usize| family.deviance(self.response[self.places[index]], mean(index));
        self.weighted_sum_of_block(start, &of_row)
    }

    /// How much the deviance changes from one run to the next, in parts of itself (plus a tenth where the
    /// search stops by it, as in R).
    fn change(&self, before: &Run, after: &Run, search: Search) -> f64 {
        let of = |run: &Run| {
            let mean = |index: usize| search.link.mean_and_slope(run.predictors[index]).0;
            self.deviance(mean, search.family)
        };
        let (last, now) = (of(before), of(after));
        let more = if search.stopping == Stopping::ByDeviance { 0.1 } else { 0.0 };
        (now - last).abs() / (now.abs() + more)
    }

    /// One run through the rows, at `coefficients` or, without them, at the response itself.
    fn run(&self, coefficients: Option<&DVector<f64>>, search: Search) -> Run {
        self.run_with(coefficients, search, true)
    }

    /// The run at the end, from which no step is made.
    fn run_without_products(&self, coefficients: &DVector<f64>, search: Search) -> Run {
        self.run_with(Some(coefficients), search, false)
    }

    fn run_with(
        &self,
        coefficients: Option<&DVector<f64>>,
        search: Search,
        with_products: bool,
    ) -> Run {
        let mut predictors = vec![0.0; self.places.len()];
        let rows = self.places.par_chunks(BLOCK).zip(self.weights.par_chunks(BLOCK));
        let blocks: Vec<BlockSums> = rows
            .zip(predictors.par_chunks_mut(BLOCK))
            .map_init(
                || Scratch::new(self.columns.len()),
                |scratch, ((places, weights), predictors)| {
                    self.predict(places, weights, coefficients, predictors, (search, scratch));
                    let mut sums =
                        self.moments_of_block(places, weights, predictors, (search, scratch));
                    if with_products {
                        sums.products = self.products_of_block(places, scratch);
                    }
                    sums
                },
            )
            .collect();
        let size = (self.columns.len() + 1).max(LEAST);
        let mut run = Run { predictors, products: DMatrix::zeros(size, size), holds: true };
        for block in &blocks {
            if with_products {
                run.products += &block.products;
            }
            run.holds &= block.holds;
        }
        run
    }

    /// The linear predictors of a block.
    fn predict(
        &self,
        places: &[usize],
        weights: &[f64],
        coefficients: Option<&DVector<f64>>,
        predictors: &mut [f64],
        (search, scratch): (Search, &mut Scratch),
    ) {
        let Some(coefficients) = coefficients else {
            for (predictor, (&row, weight)) in predictors.iter_mut().zip(places.iter().zip(weights))
            {
                let start = search.family.start(self.response[row], *weight);
                *predictor = search.link.of_mean(start);
            }
            return;
        };
        for (column, coefficient) in self.columns.iter().zip(coefficients.iter()) {
            let values = values_at(column, places, &mut scratch.gathered);
            for (predictor, value) in predictors.iter_mut().zip(values) {
                *predictor += value * coefficient;
            }
        }
    }

    /// All but the products, and what these need of the rows: roots and working response.
    fn moments_of_block(
        &self,
        places: &[usize],
        weights: &[f64],
        predictors: &[f64],
        (search, scratch): (Search, &mut Scratch),
    ) -> BlockSums {
        let Search { family, link, .. } = search;
        let working = &mut scratch.scaled[self.columns.len() * BLOCK..];
        let mut holds = true;
        for (index, (&row, &predictor)) in places.iter().zip(predictors).enumerate() {
            let (mean, slope) = link.mean_and_slope(predictor);
            let response = self.response[row];
            let weight = weights[index] * slope * slope / family.variance(mean);
            let counts = weight > 0.0 && weight.is_finite();
            let root = if counts { weight.sqrt() } else { 0.0 };
            scratch.roots[index] = root;
            working[index] =
                if counts { root * (predictor + (response - mean) / slope) } else { 0.0 };
            holds &= family == Family::Binomial || family.holds(mean);
        }
        BlockSums { products: DMatrix::zeros(0, 0), holds }
    }

    fn products_of_block(&self, places: &[usize], scratch: &mut Scratch) -> DMatrix<f64> {
        for (column, scaled) in self.columns.iter().zip(scratch.scaled.chunks_exact_mut(BLOCK)) {
            let values = values_at(column, places, &mut scratch.gathered);
            for ((scaled, value), root) in scaled.iter_mut().zip(values).zip(&scratch.roots) {
                *scaled = value * root;
            }
        }
        cross_products(&mut scratch.scaled, places.len())
    }

    /// The run at `next`, which is halved towards `before` until every mean belongs to the family.
    fn run_inside(
        &self,
        mut next: DVector<f64>,
        before: Option<&DVector<f64>>,
        search: Search,
    ) -> Result<(DVector<f64>, Run)> {
        for _ in 0..50 {
            let run = self.run(Some(&next), search);
            if run.holds {
                return Ok((next, run));
            }
            let Some(before) = before else { break };
            next = (next + before) * 0.5;
        }
        Err(Fault::ModelRange.refused(phrase("phrase-input-model")))
    }

    /// The weighted least squares coefficients, and the inverse of the cross products.
    fn solve(&self, run: &Run) -> Result<(DVector<f64>, DMatrix<f64>)> {
        let terms = self.columns.len();
        let cross = run.products.view((0, 0), (terms, terms));
        let right = run.products.view((0, terms), (terms, 1));
        let scale: Vec<f64> = (0..terms).map(|term| cross[(term, term)].sqrt()).collect();
        // Scaled to a diagonal of ones, so that units of the terms do not pass for dependence.
        let scaled = DMatrix::from_fn(terms, terms, |one, other| {
            cross[(one, other)] / (scale[one] * scale[other])
        });
        let root = scaled.cholesky().filter(|root| {
            let factor = root.l_dirty();
            (0..terms).all(|term| factor[(term, term)] > 1e-7)
        });
        let Some(root) = root else {
            return Err(Fault::DataDependent.refused(phrase("phrase-input-terms")));
        };
        let inverse = root.inverse();
        let inverse = DMatrix::from_fn(terms, terms, |one, other| {
            inverse[(one, other)] / (scale[one] * scale[other])
        });
        Ok(((&inverse * right).column(0).into_owned(), inverse))
    }

    /// Totals of the scores of the coefficients by cluster of a stage: clusters × terms, row-major.
    pub(super) fn cluster_totals(&self, fit: &Fit, stage: &Stage) -> Vec<f64> {
        let terms = self.columns.len();
        let of_term = |column: &Vec<f64>| {
            let mut totals = vec![0.0; stage.cluster_count()];
            for (&row, working) in self.places.iter().zip(&fit.working) {
                totals[stage.cluster_of_row()[row] as usize] += column[row] * working;
            }
            totals
        };
        let by_term: Vec<Vec<f64>> = self.columns.par_iter().map(of_term).collect();
        let mut totals = vec![0.0; stage.cluster_count() * terms];
        totals.par_chunks_exact_mut(terms).enumerate().for_each(|(cluster, own)| {
            for (term, totals) in by_term.iter().enumerate() {
                let factors = fit.inverse_information.column(term);
                for (total, factor) in own.iter_mut().zip(factors.iter()) {
                    *total += factor * totals[cluster];
                }
            }
        });
        totals
    }

    /// Scores of the coefficients, one column a term, zero for rows outside the model.
    pub(super) fn scores(&self, fit: &Fit, design_rows: usize) -> Vec<Vec<f64>> {
        let of_term = |term: usize| {
            let mut scores = vec![0.0; design_rows];
            for (other, column) in self.columns.iter().enumerate() {
                let factor = fit.inverse_information[(term, other)];
                for &row in &self.places {
                    scores[row] += factor * column[row];
                }
            }
            for (&row, working) in self.places.iter().zip(&fit.working) {
                scores[row] *= working;
            }
            scores
        };
        (0..self.columns.len()).into_par_iter().map(of_term).collect()
    }

    /// The deviance of the model with an intercept alone: its mean is the weighted mean of the response,
    /// whichever the link.
    pub(super) fn null_deviance(&self, family: Family) -> f64 {
        let response = |index: usize| self.response[self.places[index]];
        let mean = self.weighted_sum(response) / self.weighted_sum(|_| 1.0);
        // Most responses are zero or one, and the logarithms for these the same in all rows.
        let of_value = |value: f64| family.deviance(value, mean);
        let (of_zero, of_one) = (of_value(0.0), of_value(1.0));
        self.weighted_sum(|index| match response(index) {
            0.0 => of_zero,
            1.0 => of_one,
            value => of_value(value),
        })
    }

    /// n/(n − 1) times the weighted mean square deviation of (y − μ)/√V(μ).
    pub(super) fn dispersion(&self, fit: &Fit, family: Family) -> f64 {
        let residual = |index: usize| {
            let mean = fit.means[index];
            (self.response[self.places[index]] - mean) / family.variance(mean).sqrt()
        };
        let mean = self.weighted_sum(residual) / self.weighted_sum(|_| 1.0);
        let squares = self.weighted_sum(|index| (residual(index) - mean).powi(2));
        squares / (self.places.len() as f64 - 1.0)
    }

    /// Sum of the weights times what the rows of the model have, by their place in it.
    fn weighted_sum(&self, value: impl Fn(usize) -> f64 + Sync) -> f64 {
        let starts = (0..self.places.len()).into_par_iter().step_by(BLOCK);
        let sums: Vec<f64> =
            starts.map(|start| self.weighted_sum_of_block(start, &value)).collect();
        sums.iter().sum()
    }

    /// The same of the block that begins at `start`.
    fn weighted_sum_of_block(&self, start: usize, value: &impl Fn(usize) -> f64) -> f64 {
        let end = self.places.len().min(start + BLOCK);
        let rows = self.weights[start..end].iter().zip(start..);
        rows.map(|(weight, index)| weight * value(index)).sum()
    }
}

impl Scratch {
    fn new(terms: usize) -> Self {
        Self {
            scaled: vec![0.0; (terms + 1).max(LEAST) * BLOCK],
            roots: vec![0.0; BLOCK],
            gathered: Vec::with_capacity(BLOCK),
        }
    }
}

/// Fewest columns and rows of Z, zeros among them: with five or fewer, nalgebra 0.35 takes a way that
/// misreads matrices whose rows lie apart.
const LEAST: usize = 8;

/// `ZᵀZ` of the first `length` rows of columns that start [`BLOCK`] apart.
fn cross_products(columns: &mut [f64], length: usize) -> DMatrix<f64> {
    for column in columns.chunks_exact_mut(BLOCK) {
        column[length..length.max(LEAST)].fill(0.0);
    }
    let (rows, size) = (Dyn(length.max(LEAST)), Dyn(columns.len() / BLOCK));
    let view = DMatrixView::from_slice_with_strides_generic;
    let right = view(columns, rows, size, Dyn(1), Dyn(BLOCK));
    // The same numbers with rows and columns exchanged.
    let left = view(columns, size, rows, Dyn(BLOCK), Dyn(1));
    let mut products = DMatrix::zeros(size.0, size.0);
    products.gemm(1.0, &left, &right, 0.0);
    products
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEARCH: Search =
        Search { family: Family::Binomial, link: Link::Logit, stopping: Stopping::AtRest };

    /// An intercept and two terms, and a response that leans on them.
    fn columns(rows: usize) -> (Vec<Vec<f64>>, Vec<f64>) {
        let spread = |row: usize, by: usize| (row * by % 1_009) as f64 / 1_009.0;
        let terms = [vec![1.0; rows]]
            .into_iter()
            .chain([37, 101].map(|by| (0..rows).map(|row| spread(row, by)).collect()))
            .collect();
        let leans = |row: usize| spread(row, 613) < 0.3 + 0.4 * spread(row, 37);
        (terms, (0..rows).map(|row| f64::from(u8::from(leans(row)))).collect())
    }

    fn rows<'a>(terms: &'a [Vec<f64>], response: &'a [f64]) -> Rows<'a> {
        let weights: Vec<f64> = (0..response.len()).map(|row| 1.0 + (row % 7) as f64).collect();
        Rows::new(&weights, 4.0, response, terms, &vec![true; response.len()])
    }

    #[test]
    fn products_are_those_of_each_pair_however_few_there_are() {
        for (length, size) in [(1, 2), (3, 2), (7, 3), (9, 12)] {
            let mut columns = vec![f64::NAN; size.max(LEAST) * BLOCK];
            columns[size * BLOCK..].fill(0.0);
            for (place, column) in columns.chunks_exact_mut(BLOCK).enumerate().take(size) {
                for (row, value) in column[..length].iter_mut().enumerate() {
                    *value = (1 + place * 3 + row * row) as f64;
                }
            }
            let of = |one: usize, other: usize| -> f64 {
                let column = |place: usize| &columns[place * BLOCK..][..length];
                column(one).iter().zip(column(other)).map(|(x, y)| x * y).sum()
            };
            let expected = DMatrix::from_fn(size, size, of);
            let products = cross_products(&mut columns, length);
            let gap = (products.view((0, 0), (size, size)) - expected).amax();
            assert!(gap < 1e-9, "{length} rows, {size} columns: {gap}");
        }
    }

    #[test]
    fn a_start_from_a_part_ends_where_the_whole_does() {
        let (terms, response) = columns(MANY + 5_001);
        let rows = rows(&terms, &response);
        assert!(rows.coefficients_of_part(SEARCH).is_some());
        let short = rows.fit(SEARCH, None).expect("a fit");
        let long = rows.search(SEARCH, None).expect("a fit");
        let gap = largest_move(&short.coefficients, &long.coefficients);
        assert!(gap < 1e-10, "{gap}");
        assert!((short.deviance / long.deviance - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_last_bit_does_not_hang_on_the_number_of_threads() {
        let (terms, response) = columns(3 * BLOCK + 17);
        let rows = rows(&terms, &response);
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let fit = pool.expect("a pool").install(|| rows.fit(SEARCH, None)).expect("a fit");
            (fit.coefficients, fit.inverse_information, fit.working, fit.deviance.to_bits())
        };
        assert_eq!(with(1), with(2));
    }
}
