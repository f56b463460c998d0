//! The rows of a model and the search for its coefficients.
//!
//! One run through the rows makes, for given coefficients, the predictors, the deviance and the
//! weighted cross products of the terms that the next coefficients need. It goes by blocks that stay in
//! the processor's cache; their sums are added in order, so they do not hang on the number of threads.

use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

use super::{Family, Link, Stopping};
use crate::design::Stage;
use crate::error::{Error, Problem, Result, invalid};

/// Steps after which the search gives up.
const STEPS: usize = 100;

/// Largest move of a coefficient, in parts of itself, that counts as rest.
const AT_REST: f64 = 1e-11;

/// Rows from which on a part of them is fitted first.
const MANY: usize = 200_000;

/// Of so many blocks, one is in that part.
const PART: usize = 16;

/// Rows of a block; with 20 terms they stay in the second cache.
const BLOCK: usize = 1024;

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
    /// ZᵀZ, Z the terms and, last, the working response, times the roots of the working weights.
    products: DMatrix<f64>,
    deviance: f64,
    /// Whether every mean belongs to the family.
    holds: bool,
}

/// What a block adds to a [`Run`].
struct BlockSums {
    products: DMatrix<f64>,
    deviance: f64,
    holds: bool,
}

/// Memory for a block, used again for the next.
struct Scratch {
    /// Z of [`Run`], a column each [`BLOCK`] numbers, and columns of zeros up to a whole tile.
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
            return Err(invalid("model", "has fewer rows than terms", "leave out terms"));
        }
        match self.places.iter().find(|&&row| !family.allows(self.response[row])) {
            None => Ok(()),
            Some(&row) => Err(Error::Invalid(vec![Problem::row(
                "response",
                row,
                format!("{} is outside the family", self.response[row]),
                "choose a family that allows the values",
            )])),
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
    /// stops by the deviance, as its last digits then hang on the start.
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
        let mut moved_before = f64::INFINITY;
        for _ in 0..STEPS {
            let (next, inverse) = self.solve(&run)?;
            let aim = before.as_ref().map_or(f64::INFINITY, |before| largest_move(&next, before));
            if search.stopping == Stopping::AtRest {
                if aim < AT_REST {
                    return Ok(self.finished(next, (&run, &run), inverse, search));
                }
                // The moves shrink ever faster, so that the next is smaller than by the last ratio.
                if aim < 1e-7 && aim * aim / moved_before < AT_REST {
                    let end = self.run_without_products(&next, search);
                    return Ok(self.finished(next, (&end, &end), inverse, search));
                }
            }
            let (next, after) = self.run_inside(next, before.as_ref(), search)?;
            let moved = before.as_ref().map_or(f64::INFINITY, |before| largest_move(&next, before));
            let change = (after.deviance - run.deviance).abs();
            match search.stopping {
                // Near zero a coefficient keeps moving by rounding; the deviance tells.
                Stopping::AtRest if moved < 1e-7 && change <= 1e-14 * after.deviance.abs() => {
                    let (_, inverse) = self.solve(&after)?;
                    return Ok(self.finished(next, (&after, &after), inverse, search));
                }
                Stopping::ByDeviance if change / (after.deviance.abs() + 0.1) < 1e-8 => {
                    return Ok(self.finished(next, (&run, &after), inverse, search));
                }
                Stopping::AtRest | Stopping::ByDeviance => {}
            }
            before = Some(next);
            run = after;
            moved_before = moved;
        }
        Err(invalid(
            "model",
            format!("did not come to rest in {STEPS} steps"),
            "look for a term that tells the response apart without error, and join its levels",
        ))
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
        let each = |index: usize| {
            let (mean, slope) = link.mean_and_slope(behind.predictors[index]);
            let weight = self.weights[index] * slope * slope / family.variance(mean);
            let (mean, slope) = link.mean_and_slope(end.predictors[index]);
            (mean, weight * (self.response[self.places[index]] - mean) / slope)
        };
        let (means, working) = (0..self.places.len()).into_par_iter().map(each).unzip();
        Fit { coefficients, means, working, inverse_information, deviance: end.deviance }
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
        let size = self.columns.len() + 1;
        let mut run =
            Run { predictors, products: DMatrix::zeros(size, size), deviance: 0.0, holds: true };
        for block in &blocks {
            if with_products {
                run.products += &block.products;
            }
            run.deviance += block.deviance;
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
        let (mut deviance, mut holds) = (0.0, true);
        for (index, (&row, &predictor)) in places.iter().zip(predictors).enumerate() {
            let (mean, slope) = link.mean_and_slope(predictor);
            let response = self.response[row];
            let weight = weights[index] * slope * slope / family.variance(mean);
            let counts = weight > 0.0 && weight.is_finite();
            let root = if counts { weight.sqrt() } else { 0.0 };
            scratch.roots[index] = root;
            working[index] =
                if counts { root * (predictor + (response - mean) / slope) } else { 0.0 };
            deviance += weights[index] * family.deviance(response, mean);
            holds &= family == Family::Binomial || family.holds(mean);
        }
        BlockSums { products: DMatrix::zeros(0, 0), deviance, holds }
    }

    fn products_of_block(&self, places: &[usize], scratch: &mut Scratch) -> DMatrix<f64> {
        for (column, scaled) in self.columns.iter().zip(scratch.scaled.chunks_exact_mut(BLOCK)) {
            let values = values_at(column, places, &mut scratch.gathered);
            for ((scaled, value), root) in scaled.iter_mut().zip(values).zip(&scratch.roots) {
                *scaled = value * root;
            }
        }
        cross_products(&scratch.scaled, self.columns.len() + 1, places.len())
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
        Err(invalid(
            "model",
            "its means leave the range of the family",
            "choose another link, such as the logarithm",
        ))
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
            return Err(invalid(
                "terms",
                "one is determined by the others",
                "leave out a term, or a level that nobody has",
            ));
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
        let each = || self.places.iter().zip(&self.weights);
        let sum: f64 = self.weights.iter().sum();
        let mean = each().map(|(&row, weight)| weight * self.response[row]).sum::<f64>() / sum;
        each().map(|(&row, weight)| weight * family.deviance(self.response[row], mean)).sum()
    }

    /// n/(n − 1) times the weighted mean square deviation of (y − μ)/√V(μ).
    pub(super) fn dispersion(&self, fit: &Fit, family: Family) -> f64 {
        let residual = |(&row, mean): (&usize, &f64)| {
            (self.response[row] - mean) / family.variance(*mean).sqrt()
        };
        let residuals: Vec<f64> = self.places.par_iter().zip(&fit.means).map(residual).collect();
        let count = residuals.len() as f64;
        let each = || residuals.iter().zip(&self.weights);
        let sum: f64 = self.weights.iter().sum();
        let mean = each().map(|(residual, weight)| residual * weight).sum::<f64>() / sum;
        let squares: f64 =
            each().map(|(residual, weight)| weight * (residual - mean).powi(2)).sum();
        squares / (count - 1.0)
    }
}

impl Scratch {
    fn new(terms: usize) -> Self {
        Self {
            scaled: vec![0.0; (terms + 1).next_multiple_of(TILE) * BLOCK],
            roots: vec![0.0; BLOCK],
            gathered: Vec::with_capacity(BLOCK),
        }
    }
}

/// Columns of a tile on each side: its nine pairs of sums and what they are made from fill the
/// processor's registers.
const TILE: usize = 3;

/// ZᵀZ of the first `length` rows of `size` columns that start [`BLOCK`] apart. Columns of zeros fill the
/// last tile.
fn cross_products(columns: &[f64], size: usize, length: usize) -> DMatrix<f64> {
    let mut products = DMatrix::zeros(size, size);
    let tile_of = |first: usize| -> [&[f64]; TILE] {
        std::array::from_fn(|place| &columns[(first + place) * BLOCK..][..length])
    };
    for one in (0..size).step_by(TILE) {
        for other in (0..=one).step_by(TILE) {
            let sums = products_of_tile(tile_of(one), tile_of(other), length);
            for (row, sums) in (one..size).zip(sums) {
                for (column, sum) in (other..size).zip(sums) {
                    products[(row, column)] = sum;
                    products[(column, row)] = sum;
                }
            }
        }
    }
    products
}

/// The products of each left column with each right one, odd and even rows apart: two fit in one
/// instruction. Not inlined: within the caller the compiler keeps the sums in memory, at twice the time.
#[inline(never)]
#[expect(clippy::needless_range_loop, reason = "only counted loops leave the sums in registers")]
fn products_of_tile<'a>(
    left: [&'a [f64]; TILE],
    right: [&'a [f64]; TILE],
    length: usize,
) -> [[f64; TILE]; TILE] {
    let pairs = |column: &'a [f64]| &column.as_chunks::<2>().0[..length / 2];
    let (left_pairs, right_pairs) = (left.map(pairs), right.map(pairs));
    let mut sums = [[[0.0_f64; 2]; TILE]; TILE];
    for index in 0..length / 2 {
        for one in 0..TILE {
            let pair = left_pairs[one][index];
            for other in 0..TILE {
                sums[one][other][0] += pair[0] * right_pairs[other][index][0];
                sums[one][other][1] += pair[1] * right_pairs[other][index][1];
            }
        }
    }
    let last = length / 2 * 2;
    let rest = |left: &[f64], right: &[f64]| -> f64 {
        left[last..].iter().zip(&right[last..]).map(|(one, other)| one * other).sum()
    };
    std::array::from_fn(|one| {
        std::array::from_fn(|other| {
            let [even, odd] = sums[one][other];
            even + odd + rest(left[one], right[other])
        })
    })
}
