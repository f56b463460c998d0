//! Factors of a correlation matrix: principal axes, least residuals, maximum likelihood; rotated
//! obliquely where there are several.

use nalgebra::{DMatrix, DVector, SymmetricEigen};
use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use super::squared_multiple_correlations;
use crate::error::Result;
use crate::problem::Fault;

/// How loadings are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactorMethod {
    /// Communalities put back until their sum moves by 0.001 or less, at most fifty times: psych's `pa`.
    /// Nothing keeps them below one.
    PrincipalAxis,
    /// Least sum of squared residual correlations (Harman and Jones 1966), which is where the principal
    /// axes come to rest.
    MinimumResidual,
    /// Maximum likelihood (Lawley and Maxwell 1971, eq. 4.11 to 4.14).
    MaximumLikelihood,
}

/// Loadings of items (rows) on factors (columns).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Factors {
    pub(crate) loadings: DMatrix<f64>,
    pub(crate) uniquenesses: Vec<f64>,
    /// Items whose uniqueness is held at the least, by place.
    pub(crate) at_limit: Vec<usize>,
}

/// The least share of an item that is its own: keeps improper solutions inside, as psych and R's
/// `factanal` do.
const LEAST_UNIQUENESS: f64 = 0.005;
const MOST_ROUNDS: usize = 10_000;

/// Unrotated factors of a correlation matrix.
pub(crate) fn factors(
    correlations: &DMatrix<f64>,
    count: usize,
    method: FactorMethod,
) -> Result<Factors> {
    let items = correlations.nrows();
    if count == 0 || count >= items {
        return Err(Fault::range(
            count,
            phrase("phrase-at-least-1-and-fewer-than").with("most", items),
        )
        .refused(phrase("phrase-input-factors-of-items")));
    }
    if correlations.iter().any(|value| !value.is_finite()) {
        return Err(Fault::DataConstant.refused(phrase("phrase-input-items")));
    }
    let start: Vec<f64> = squared_multiple_correlations(correlations)
        .unwrap_or_else(|| vec![0.5; items])
        .iter()
        .map(|explained| inside(1.0 - explained))
        .collect();
    if method == FactorMethod::PrincipalAxis {
        return principal_axes(correlations, start, count);
    }
    let discrepancy = Discrepancy { correlations, count, method };
    // There may be several valleys; the deepest found from a few usual starts is taken.
    let half = |start: &[f64], share: f64| start.iter().map(|own| inside(own * share)).collect();
    let fewer = 1.0 - 0.5 * count as f64 / items as f64;
    let starts: [Vec<f64>; 4] = [half(&start, fewer), vec![0.5; items], half(&start, 0.3), start];
    let own = discrepancy.deepest(starts)?;
    let at_limit = limited(&own);
    let loadings = match method {
        FactorMethod::MaximumLikelihood => likelihood_step(correlations, &own, count),
        _ => leading(&reduced(correlations, &own), count, 0.0),
    };
    // An item at the limit has a communality of its loadings that need not be one less the limit.
    let uniquenesses = match method {
        FactorMethod::MaximumLikelihood => own,
        _ => loadings.row_iter().map(|row| 1.0 - row.norm_squared()).collect(),
    };
    Ok(Factors { loadings: positive(loadings), uniquenesses, at_limit })
}

/// Communalities are put back until their sum comes to rest.
fn principal_axes(correlations: &DMatrix<f64>, start: Vec<f64>, count: usize) -> Result<Factors> {
    let mut own = start;
    let mut communality: f64 = own.iter().map(|own| 1.0 - own).sum();
    for round in 1.. {
        let loadings = leading(&reduced(correlations, &own), count, 0.0);
        // Not kept inside: by this method a communality may pass one, and psych lets it.
        own = loadings.row_iter().map(|row| 1.0 - row.norm_squared()).collect();
        let sum: f64 = own.iter().map(|own| 1.0 - own).sum();
        let at_rest = (sum - communality).abs() <= 0.001 || round == 50;
        communality = sum;
        if at_rest {
            let at_limit = limited(&own);
            return Ok(Factors { loadings: positive(loadings), uniquenesses: own, at_limit });
        }
    }
    Err(unsettled(count))
}

fn limited(own: &[f64]) -> Vec<usize> {
    (0..own.len()).filter(|&item| own[item] <= LEAST_UNIQUENESS * (1.0 + 1e-9)).collect()
}

fn unsettled(count: usize) -> crate::Error {
    Fault::FactorsUnsettled { factors: count, rounds: MOST_ROUNDS }
        .refused(phrase("phrase-input-factors-of-items"))
}

/// What is least at the uniquenesses: of the eigenvalues that the factors leave, ½ Σ λ² of R − Ψ (least
/// residuals), or Σ (λ − log λ − 1) of Ψ^−½ R Ψ^−½ (maximum likelihood).
struct Discrepancy<'a> {
    correlations: &'a DMatrix<f64>,
    count: usize,
    method: FactorMethod,
}

/// A discrepancy, its slopes by the logarithms of the uniquenesses, and its curvature (Jöreskog 1967,
/// 1977: with v the vectors that are left, the squares of Σ vv′).
struct Shape {
    value: f64,
    slopes: DVector<f64>,
    curvature: DMatrix<f64>,
}

impl Discrepancy<'_> {
    fn at(&self, logs: &DVector<f64>) -> Shape {
        let size = logs.len();
        let own = logs.map(f64::exp);
        let likelihood = self.method == FactorMethod::MaximumLikelihood;
        let matrix = DMatrix::from_fn(size, size, |one, other| {
            let cell = self.correlations[(one, other)];
            if likelihood {
                cell / (own[one] * own[other]).sqrt()
            } else if one == other {
                cell - own[one]
            } else {
                cell
            }
        });
        let eigen = SymmetricEigen::new(matrix);
        let mut order: Vec<usize> = (0..size).collect();
        order.sort_by(|&one, &other| eigen.eigenvalues[other].total_cmp(&eigen.eigenvalues[one]));
        let (mut value, mut slopes) = (0.0, DVector::zeros(size));
        let mut left = DMatrix::zeros(size, size);
        for &place in &order[self.count..] {
            let root = eigen.eigenvalues[place];
            let vector = eigen.eigenvectors.column(place);
            value += if likelihood { root - root.ln() - 1.0 } else { 0.5 * root * root };
            for item in 0..size {
                let square = vector[item] * vector[item];
                slopes[item] +=
                    if likelihood { (1.0 - root) * square } else { -root * square * own[item] };
            }
            left.ger(1.0, &vector, &vector, 1.0);
        }
        let curvature = DMatrix::from_fn(size, size, |one, other| {
            let square = left[(one, other)] * left[(one, other)];
            if likelihood { square } else { square * own[one] * own[other] }
        });
        Shape { value, slopes, curvature }
    }

    fn deepest(&self, starts: [Vec<f64>; 4]) -> Result<Vec<f64>> {
        let mut best: Option<(f64, Vec<f64>)> = None;
        for start in starts {
            let Ok(own) = self.least(start) else { continue };
            let value =
                self.at(&DVector::from_iterator(own.len(), own.iter().map(|o| o.ln()))).value;
            if best.as_ref().is_none_or(|(least, _)| value < *least) {
                best = Some((value, own));
            }
        }
        best.map(|(_, own)| own).ok_or_else(|| unsettled(self.count))
    }

    /// The uniquenesses at which it is least, from Newton steps within the limits; an item that is at a
    /// limit and would go beyond it stays there.
    fn least(&self, start: Vec<f64>) -> Result<Vec<f64>> {
        let (low, high) = (LEAST_UNIQUENESS.ln(), 0.0);
        let mut logs = DVector::from_vec(start).map(|own: f64| own.ln().clamp(low, high));
        let mut now = self.at(&logs);
        for _ in 0..MOST_ROUNDS {
            let held = |item: usize| {
                (logs[item] <= low && now.slopes[item] > 0.0)
                    || (logs[item] >= high && now.slopes[item] < 0.0)
            };
            let free: Vec<usize> = (0..logs.len()).filter(|&item| !held(item)).collect();
            let slopes = DVector::from_iterator(free.len(), free.iter().map(|&i| now.slopes[i]));
            if free.is_empty() || slopes.amax() < 1e-11 {
                return Ok(logs.iter().map(|log| log.exp()).collect());
            }
            let mut curvature = DMatrix::from_fn(free.len(), free.len(), |one, other| {
                now.curvature[(free[one], free[other])]
            });
            let step = loop {
                if let Some(root) = curvature.clone().cholesky() {
                    break root.solve(&slopes);
                }
                let more = 1e-8 + 1e-3 * curvature.diagonal().amax();
                for item in 0..free.len() {
                    curvature[(item, item)] += more;
                }
            };
            let mut scale = 1.0;
            let (next, shape) = loop {
                let mut next = logs.clone();
                for (&item, change) in free.iter().zip(step.iter()) {
                    next[item] = (logs[item] - scale * change).clamp(low, high);
                }
                let shape = self.at(&next);
                if shape.value <= now.value || scale < 1e-12 {
                    break (next, shape);
                }
                scale *= 0.5;
            };
            // Where no step is better, rounding is all that is left.
            if (&next - &logs).amax() < 1e-14 || scale < 1e-12 {
                return Ok(logs.iter().map(|log| log.exp()).collect());
            }
            (logs, now) = (next, shape);
        }
        Err(unsettled(self.count))
    }
}

fn inside(uniqueness: f64) -> f64 {
    uniqueness.clamp(LEAST_UNIQUENESS, 1.0)
}

/// Correlations with communalities in the diagonal.
fn reduced(correlations: &DMatrix<f64>, own: &[f64]) -> DMatrix<f64> {
    let mut matrix = correlations.clone();
    for (item, own) in own.iter().enumerate() {
        matrix[(item, item)] = 1.0 - own;
    }
    matrix
}

/// The leading eigenvectors, times the root of what their eigenvalues have above `floor`.
fn leading(matrix: &DMatrix<f64>, count: usize, floor: f64) -> DMatrix<f64> {
    let eigen = SymmetricEigen::new(matrix.clone());
    let mut order: Vec<usize> = (0..matrix.nrows()).collect();
    order.sort_by(|&one, &other| eigen.eigenvalues[other].total_cmp(&eigen.eigenvalues[one]));
    DMatrix::from_fn(matrix.nrows(), count, |item, factor| {
        let place = order[factor];
        eigen.eigenvectors[(item, place)] * (eigen.eigenvalues[place] - floor).max(0.0).sqrt()
    })
}

/// Λ = Ψ^½ V (Θ − 1)^½ from the eigenvectors of Ψ^−½ R Ψ^−½ (Lawley and Maxwell 1971).
fn likelihood_step(correlations: &DMatrix<f64>, own: &[f64], count: usize) -> DMatrix<f64> {
    let scaled = DMatrix::from_fn(own.len(), own.len(), |one, other| {
        correlations[(one, other)] / (own[one] * own[other]).sqrt()
    });
    let mut loadings = leading(&scaled, count, 1.0);
    for (mut row, own) in loadings.row_iter_mut().zip(own) {
        row *= own.sqrt();
    }
    loadings
}

/// Every factor turned so that its loadings sum to zero or more.
fn positive(mut loadings: DMatrix<f64>) -> DMatrix<f64> {
    for mut column in loadings.column_iter_mut() {
        if column.sum() < 0.0 {
            column.neg_mut();
        }
    }
    loadings
}

/// Oblique factors: the pattern, and how the factors correlate.
pub(crate) struct Oblique {
    pub(crate) pattern: DMatrix<f64>,
    pub(crate) correlations: DMatrix<f64>,
}

/// Direct oblimin with γ = 0, by gradient projection (Jennrich 2002; Bernaards and Jennrich 2005).
/// Factors come in the order of what they explain, turned positive.
pub(crate) fn oblimin(loadings: &DMatrix<f64>) -> Result<Oblique> {
    let count = loadings.ncols();
    let mut turn = DMatrix::<f64>::identity(count, count);
    let mut at = Criterion::at(loadings, &turn).ok_or_else(collapsed)?;
    let mut step = 1.0;
    for _ in 0..MOST_ROUNDS {
        let along = DVector::from_fn(count, |factor, _| {
            turn.column(factor).dot(&at.gradient.column(factor))
        });
        let slope = &at.gradient - &turn * DMatrix::from_diagonal(&along);
        let size = slope.norm();
        if size < 1e-9 {
            break;
        }
        step *= 2.0;
        let mut better = None;
        for _ in 0..60 {
            let mut trial = &turn - &slope * step;
            for mut column in trial.column_iter_mut() {
                let length = column.norm();
                column /= length;
            }
            if let Some(new) = Criterion::at(loadings, &trial)
                && at.value - new.value > 0.5 * size * size * step
            {
                better = Some((trial, new));
                break;
            }
            step /= 2.0;
        }
        // Where no step is better, rounding is all that is left.
        let Some((trial, new)) = better else { break };
        turn = trial;
        at = new;
    }
    let correlations = turn.transpose() * &turn;
    Ok(arranged(&at.pattern, &correlations))
}

fn collapsed() -> crate::Error {
    Fault::FactorsAlike.refused(phrase("phrase-input-factors-of-items"))
}

/// Σ over pairs of factors of Σ λ²λ² / 2, and its gradient by the rotation.
struct Criterion {
    value: f64,
    pattern: DMatrix<f64>,
    gradient: DMatrix<f64>,
}

impl Criterion {
    fn at(loadings: &DMatrix<f64>, turn: &DMatrix<f64>) -> Option<Self> {
        let inverse = turn.clone().try_inverse()?;
        let pattern = loadings * inverse.transpose();
        let squares = pattern.component_mul(&pattern);
        let others = DMatrix::from_fn(squares.nrows(), squares.ncols(), |item, factor| {
            squares.row(item).sum() - squares[(item, factor)]
        });
        let value = squares.component_mul(&others).sum() / 4.0;
        let by_pattern = pattern.component_mul(&others);
        let gradient = -(pattern.transpose() * by_pattern * &inverse).transpose();
        value.is_finite().then_some(Self { value, pattern, gradient })
    }
}

fn arranged(pattern: &DMatrix<f64>, correlations: &DMatrix<f64>) -> Oblique {
    let explained = correlations * pattern.transpose() * pattern;
    let mut order: Vec<usize> = (0..pattern.ncols()).collect();
    order.sort_by(|&one, &other| explained[(other, other)].total_cmp(&explained[(one, one)]));
    let sign = |factor: usize| if pattern.column(factor).sum() < 0.0 { -1.0 } else { 1.0 };
    Oblique {
        pattern: DMatrix::from_fn(pattern.nrows(), pattern.ncols(), |item, place| {
            pattern[(item, order[place])] * sign(order[place])
        }),
        correlations: DMatrix::from_fn(order.len(), order.len(), |one, other| {
            let (one, other) = (order[one], order[other]);
            correlations[(one, other)] * sign(one) * sign(other)
        }),
    }
}
