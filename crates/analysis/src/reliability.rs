//! How well a set of items measures one thing.
//!
//! Cronbach's alpha as psych's `alpha` reports it, from the covariances of the items:
//!
//! - raw α = k/(k−1) · (1 − tr C / ΣC) (Cronbach 1951), standardised α the same with
//!   correlations;
//! - Guttman's λ₆ = 1 − Σ(1 − smc) / ΣR (Guttman 1945), smc the squared multiple correlation;
//! - Feldt's interval from F with n−1 and (n−1)(k−1) degrees of freedom (Feldt 1965), Duhachek's from
//!   the large-sample standard error (Duhachek and Iacobucci 2004).

pub mod factor;
pub mod halves;
pub mod intraclass;
pub mod omega;
pub mod polychoric;
pub mod retest;

use nalgebra::{DMatrix, SymmetricEigen};
use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use crate::distribution::{f_quantile, normal_quantile};
use crate::error::{Problem, Result, all_or_nothing};
use crate::estimate::{confidence_problem, length_problem};
use crate::problem::{Fault, below_zero, numbered_item};

/// What to do with rows that answered only some items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingItems {
    /// Each covariance uses the rows that have both items.
    Pairwise,
    /// Only rows that have all items are used.
    Listwise,
}

/// Options of [`cronbach_alpha`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AlphaOptions {
    /// Rows with missing items.
    pub missing: MissingItems,
    /// Confidence of the intervals, such as 0.95.
    pub confidence: f64,
    /// Whether the normal quantile of Duhachek's interval is rounded to two decimals, as psych has it.
    pub rounded_quantile: bool,
}

/// Internal consistency of a set of items.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Consistency {
    /// α from covariances.
    pub raw_alpha: f64,
    /// α from correlations.
    pub standardised_alpha: f64,
    /// Guttman's λ₆; none where the correlations are singular.
    pub lambda6: Option<f64>,
    /// Mean correlation between items.
    pub average_correlation: f64,
    /// Median correlation between items; none for one item.
    pub median_correlation: Option<f64>,
    /// k r̄ / (1 − r̄).
    pub signal_noise: f64,
}

/// One item within its scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ItemStatistics {
    /// Rows with an answer.
    pub rows: usize,
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub standard_deviation: f64,
    /// Correlation with the mean of all items.
    pub correlation_with_total: f64,
    /// Correlation with the total were the items standardised.
    pub standardised_correlation: f64,
    /// The same, corrected for item overlap by squared multiple correlations; none where singular.
    pub corrected_correlation: Option<f64>,
    /// Correlation with the sum of the other items, from the covariances.
    pub correlation_with_rest: f64,
    /// The scale without this item; none for a scale of two.
    pub without: Option<Consistency>,
}

/// An interval for α.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AlphaInterval {
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
}

/// Cronbach's alpha with everything that goes with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CronbachAlpha {
    /// Rows: all of them (pairwise) or those with every item (listwise).
    pub rows: usize,
    /// The whole scale.
    pub scale: Consistency,
    /// Large-sample standard error of raw α (Duhachek and Iacobucci).
    pub standard_error: f64,
    /// Interval from it.
    pub duhachek: AlphaInterval,
    /// Feldt's interval.
    pub feldt: AlphaInterval,
    /// Mean over rows of the row's mean of its items.
    pub mean: f64,
    /// Standard deviation of it.
    pub standard_deviation: f64,
    /// The items.
    pub items: Vec<ItemStatistics>,
}

/// Turns items round: smallest + largest − x, both over all items' known values, as psych does.
pub fn reverse(items: &mut [Vec<f64>], reversed: &[bool]) {
    let known = || items.iter().flatten().copied().filter(|value| !value.is_nan());
    let smallest = known().fold(f64::INFINITY, f64::min);
    let largest = known().fold(f64::NEG_INFINITY, f64::max);
    for (item, _) in items.iter_mut().zip(reversed).filter(|(_, reversed)| **reversed) {
        for value in item {
            *value = smallest + largest - *value;
        }
    }
}

/// Items that run against the others: those that load on the first principal component of the correlations
/// with the sign of the fewer. Turned round ([`reverse`]), they would go with the rest.
///
/// # Errors
/// As [`cronbach_alpha`].
pub fn reversed_items(items: &[&[f64]], missing: MissingItems) -> Result<Vec<usize>> {
    let (covariances, _) = item_covariances(items, missing)?;
    let correlations = correlations(&covariances);
    if correlations.iter().any(|value| !value.is_finite()) {
        return Ok(Vec::new());
    }
    let parts = SymmetricEigen::new(correlations);
    let first = parts.eigenvalues.imax();
    let loadings = parts.eigenvectors.column(first);
    let sign = loadings.sum().signum();
    let against = loadings.iter().enumerate().filter(|(_, loading)| *loading * sign < 0.0);
    Ok(against.map(|(item, _)| item).collect())
}

/// Cronbach's alpha of items (one column each, NaN: missing), with one weight a row or none.
///
/// Weighted covariances are Σw(x−x̄)(y−ȳ)/Σw · n/(n−1), as in R's `svycralpha`. The intervals take
/// n as the number of rows; with weights they are therefore approximate.
///
/// # Errors
/// Fewer than two items, columns of different lengths, an item without variance, no pair of items
/// answered together by two rows, negative weights.
pub fn cronbach_alpha(
    items: &[&[f64]],
    weights: Option<&[f64]>,
    options: &AlphaOptions,
) -> Result<CronbachAlpha> {
    let mut problems = item_problems(items, weights);
    problems.extend(confidence_problem(options.confidence));
    all_or_nothing(problems)?;
    let table = ItemTable::new(items, weights, options.missing);
    let covariances = table.covariances()?;
    let correlations = correlations(&covariances);
    let scale = consistency(&covariances);
    let count = items.len() as f64;
    let rows = table.rows as f64;
    let standard_error = (asymptotic_variance(&covariances) / rows).sqrt();
    let tail = 0.5 + 0.5 * options.confidence;
    let quantile = normal_quantile(tail);
    let rounded = (quantile * 100.0).round() / 100.0;
    let reach = if options.rounded_quantile { rounded } else { quantile } * standard_error;
    let (numerator, denominator) = (rows - 1.0, (rows - 1.0) * (count - 1.0));
    let feldt = |probability| {
        1.0 - (1.0 - scale.raw_alpha) * f_quantile(probability, numerator, denominator)
    };
    let row_means = table.row_means();
    let (mean, standard_deviation) = table.mean_and_deviation(&row_means);
    let statistics = item_statistics(&table, &covariances, &correlations, &row_means);
    Ok(CronbachAlpha {
        rows: table.rows,
        standard_error,
        duhachek: AlphaInterval { lower: scale.raw_alpha - reach, upper: scale.raw_alpha + reach },
        feldt: AlphaInterval { lower: feldt(tail), upper: feldt(1.0 - tail) },
        scale,
        mean,
        standard_deviation,
        items: statistics,
    })
}

fn item_problems(items: &[&[f64]], weights: Option<&[f64]>) -> Vec<Problem> {
    let mut problems = Vec::new();
    if items.len() < 2 {
        problems.push(
            Fault::DataTooFew { found: items.len(), least: 2 }.at(phrase("phrase-input-items")),
        );
        return problems;
    }
    let rows = items[0].len();
    for (index, item) in items.iter().enumerate() {
        if item.len() != rows {
            problems.push(Fault::DataLength { found: item.len(), rows }.at(numbered_item(index)));
        }
        let mut known = item.iter().filter(|value| !value.is_nan());
        let first = known.next();
        if known.all(|value| Some(value) == first) {
            problems.push(Fault::DataConstant.at(numbered_item(index)));
        }
    }
    if let Some(weights) = weights {
        let input = phrase("phrase-input-weights");
        problems.extend(length_problem(input.clone(), weights.len(), rows));
        problems.extend(below_zero(&input.into(), weights));
    }
    problems
}

/// Covariances of items without weights, every one of which varies, and the rows they rest on.
fn item_covariances(items: &[&[f64]], missing: MissingItems) -> Result<(DMatrix<f64>, usize)> {
    all_or_nothing(item_problems(items, None))?;
    let table = ItemTable::new(items, None, missing);
    let covariances = table.covariances()?;
    let flat = covariances.diagonal().iter().position(|variance| *variance <= 0.0);
    if let Some(item) = flat {
        return Err(Fault::DataConstant.refused(numbered_item(item)));
    }
    Ok((covariances, table.rows))
}

/// The items' columns with the rows that are used.
struct ItemTable {
    columns: Vec<Vec<f64>>,
    weights: Vec<f64>,
    rows: usize,
}

impl ItemTable {
    fn new(items: &[&[f64]], weights: Option<&[f64]>, missing: MissingItems) -> Self {
        let keep: Vec<usize> = (0..items[0].len())
            .filter(|&row| {
                missing == MissingItems::Pairwise || items.iter().all(|item| !item[row].is_nan())
            })
            .collect();
        let columns =
            items.iter().map(|item| keep.iter().map(|&row| item[row]).collect()).collect();
        let weights = keep.iter().map(|&row| weights.map_or(1.0, |weights| weights[row])).collect();
        Self { columns, weights, rows: keep.len() }
    }

    /// Weighted covariance of two columns over the rows that have both; none below two rows.
    fn covariance(&self, left: &[f64], right: &[f64]) -> Option<f64> {
        let both = || {
            left.iter()
                .zip(right)
                .zip(&self.weights)
                .filter(|((x, y), w)| !x.is_nan() && !y.is_nan() && **w > 0.0)
                .map(|((x, y), w)| (*x, *y, *w))
        };
        let rows = both().count() as f64;
        if rows < 2.0 {
            return None;
        }
        let weight: f64 = both().map(|(_, _, w)| w).sum();
        let mean_left = both().map(|(x, _, w)| w * x).sum::<f64>() / weight;
        let mean_right = both().map(|(_, y, w)| w * y).sum::<f64>() / weight;
        let sum: f64 = both().map(|(x, y, w)| w * (x - mean_left) * (y - mean_right)).sum();
        Some(sum / weight * rows / (rows - 1.0))
    }

    fn correlation(&self, left: &[f64], right: &[f64]) -> f64 {
        // Variances over the same rows as the covariance.
        let masked = |column: &[f64], other: &[f64]| -> Vec<f64> {
            column.iter().zip(other).map(|(x, y)| if y.is_nan() { f64::NAN } else { *x }).collect()
        };
        let (left, right) = (masked(left, right), masked(right, left));
        let variance = |column: &[f64]| self.covariance(column, column).unwrap_or(f64::NAN);
        self.covariance(&left, &right).unwrap_or(f64::NAN)
            / (variance(&left) * variance(&right)).sqrt()
    }

    fn covariances(&self) -> Result<DMatrix<f64>> {
        let count = self.columns.len();
        let mut matrix = DMatrix::zeros(count, count);
        for row in 0..count {
            for column in 0..=row {
                let Some(value) = self.covariance(&self.columns[row], &self.columns[column]) else {
                    return Err(Fault::DataTooFew { found: 0, least: 2 }.refused(
                        phrase("phrase-input-rows-with-two-items")
                            .with("one", column + 1)
                            .with("other", row + 1),
                    ));
                };
                matrix[(row, column)] = value;
                matrix[(column, row)] = value;
            }
        }
        Ok(matrix)
    }

    /// Mean of each row's known items; NaN where none is known.
    fn row_means(&self) -> Vec<f64> {
        (0..self.rows)
            .map(|row| {
                let known: Vec<f64> = self
                    .columns
                    .iter()
                    .map(|column| column[row])
                    .filter(|value| !value.is_nan())
                    .collect();
                known.iter().sum::<f64>() / known.len() as f64
            })
            .collect()
    }

    fn mean_and_deviation(&self, column: &[f64]) -> (f64, f64) {
        let known = || column.iter().zip(&self.weights).filter(|(value, _)| !value.is_nan());
        let weight: f64 = known().map(|(_, w)| w).sum();
        let mean = known().map(|(value, w)| value * w).sum::<f64>() / weight;
        (mean, self.covariance(column, column).unwrap_or(f64::NAN).sqrt())
    }
}

fn correlations(covariances: &DMatrix<f64>) -> DMatrix<f64> {
    DMatrix::from_fn(covariances.nrows(), covariances.ncols(), |row, column| {
        covariances[(row, column)]
            / (covariances[(row, row)] * covariances[(column, column)]).sqrt()
    })
}

/// Squared multiple correlation of each item with the others; none where the matrix is singular.
fn squared_multiple_correlations(correlations: &DMatrix<f64>) -> Option<Vec<f64>> {
    let inverse = correlations.clone().try_inverse()?;
    Some(inverse.diagonal().iter().map(|value| 1.0 - 1.0 / value).collect())
}

fn consistency(covariances: &DMatrix<f64>) -> Consistency {
    let count = covariances.nrows() as f64;
    let correlations = correlations(covariances);
    let sum = correlations.sum();
    let average = (sum - count) / (count * (count - 1.0));
    let mut between: Vec<f64> = (0..correlations.nrows())
        .flat_map(|row| (0..row).map(move |column| (row, column)))
        .map(|place| correlations[place])
        .collect();
    between.sort_by(f64::total_cmp);
    let middle = between.len() / 2;
    let median = match between.len() {
        0 => None,
        length if length % 2 == 1 => Some(between[middle]),
        _ => Some(0.5 * (between[middle - 1] + between[middle])),
    };
    Consistency {
        raw_alpha: count / (count - 1.0) * (1.0 - covariances.trace() / covariances.sum()),
        standardised_alpha: count / (count - 1.0) * (1.0 - count / sum),
        lambda6: squared_multiple_correlations(&correlations)
            .map(|squared| 1.0 - (count - squared.iter().sum::<f64>()) / sum),
        average_correlation: average,
        median_correlation: median,
        signal_noise: count * average / (1.0 - average),
    }
}

/// n times the large-sample variance of α: 2k²/((k−1)² S³) · (S(tr C² + tr² C) − 2 tr C · 1'C²1), S the
/// sum of C.
fn asymptotic_variance(covariances: &DMatrix<f64>) -> f64 {
    let count = covariances.nrows() as f64;
    let sum = covariances.sum();
    let trace = covariances.trace();
    let square = covariances * covariances;
    2.0 * count * count / ((count - 1.0).powi(2) * sum.powi(3))
        * (sum * (square.trace() + trace * trace) - 2.0 * trace * square.sum())
}

fn item_statistics(
    table: &ItemTable,
    covariances: &DMatrix<f64>,
    correlations: &DMatrix<f64>,
    row_means: &[f64],
) -> Vec<ItemStatistics> {
    let squared = squared_multiple_correlations(correlations);
    let count = table.columns.len();
    let corrected_sum = squared
        .as_ref()
        .map(|squared| correlations.sum() - count as f64 + squared.iter().sum::<f64>());
    (0..count)
        .map(|index| {
            let column = &table.columns[index];
            let (mean, standard_deviation) = table.mean_and_deviation(column);
            let sum = correlations.column(index).sum();
            let corrected = squared
                .as_ref()
                .zip(corrected_sum)
                .map(|(squared, total)| (sum - 1.0 + squared[index]) / total.sqrt());
            let own = covariances[(index, index)];
            let with_rest = covariances.column(index).sum() - own;
            let rest = covariances.sum() - 2.0 * with_rest - own;
            let without = (count > 2).then(|| {
                let smaller = covariances.clone().remove_row(index).remove_column(index);
                consistency(&smaller)
            });
            ItemStatistics {
                rows: column.iter().filter(|value| !value.is_nan()).count(),
                mean,
                standard_deviation,
                correlation_with_total: table.correlation(column, row_means),
                standardised_correlation: sum / correlations.sum().sqrt(),
                corrected_correlation: corrected,
                correlation_with_rest: with_rest / (own * rest).sqrt(),
                without,
            }
        })
        .collect()
}
