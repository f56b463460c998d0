//! Cohen's kappa of two coders, plain and weighted (Cohen 1960; 1968).

use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use super::{column_problems, complete_rows, distinct, place};
use crate::distribution::normal_quantile;
use crate::error::{Result, all_or_nothing};
use crate::estimate::confidence_problem;
use crate::problem::Fault;

/// How much two different categories agree, i and j being their ranks among k.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KappaWeights {
    /// Not at all (Cohen 1960).
    Identity,
    /// 1 − |i − j| / (k − 1) (Cicchetti and Allison 1971).
    Linear,
    /// 1 − (i − j)² / (k − 1)² (Fleiss and Cohen 1973; psych's usual one).
    Quadratic,
}

impl KappaWeights {
    fn weight(self, i: usize, j: usize, categories: usize) -> f64 {
        if i == j {
            return 1.0;
        }
        let distance = i.abs_diff(j) as f64 / (categories - 1) as f64;
        match self {
            Self::Identity => 0.0,
            Self::Linear => 1.0 - distance,
            Self::Quadratic => 1.0 - distance * distance,
        }
    }
}

/// Cohen's kappa with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CohenKappa {
    /// Units that both judged.
    pub units: usize,
    /// (pₒ − pₑ) / (1 − pₑ).
    pub kappa: f64,
    /// Its large-sample variance.
    pub variance: f64,
    /// κ − z √variance.
    pub lower: f64,
    /// κ + z √variance.
    pub upper: f64,
}

/// Cohen's kappa over the units that both coders judged; the categories are the values that either gave.
///
/// pₒ = Σ wᵢⱼ pᵢⱼ and pₑ = Σ wᵢⱼ pᵢ. p.ⱼ (Cohen 1968). The variance is that of Fleiss, Cohen and
/// Everitt (1969, eq. 13 and 8):
/// [Σ pᵢⱼ (wᵢⱼ(1 − pₑ) − (w̄ᵢ. + w̄.ⱼ)(1 − pₒ))² − (pₒpₑ − 2pₑ + pₒ)²] / (n (1 − pₑ)⁴).
///
/// # Errors
/// Columns of different lengths, no unit that both judged, only one category in use.
pub fn cohen_kappa(
    first: &[f64],
    second: &[f64],
    weights: KappaWeights,
    confidence: f64,
) -> Result<CohenKappa> {
    let coders = [first, second];
    let mut problems =
        column_problems(phrase("phrase-input-coders"), super::numbered_coder, &coders);
    problems.extend(confidence_problem(confidence));
    all_or_nothing(problems)?;
    let rows = complete_rows(&coders);
    let categories = distinct(rows.iter().flat_map(|&row| [first[row], second[row]]));
    let size = categories.len();
    if size < 2 {
        return Err(Fault::DataTooFew { found: size, least: 2 }
            .refused(phrase("phrase-input-coded-categories")));
    }
    let units = rows.len() as f64;
    let mut shares = vec![vec![0.0; size]; size];
    for &row in &rows {
        shares[place(&categories, first[row])][place(&categories, second[row])] += 1.0 / units;
    }
    let table = Agreement::new(&shares, |i, j| weights.weight(i, j, size));
    let variance = table.variance(&shares) / units;
    let kappa = (table.observed - table.expected) / (1.0 - table.expected);
    let reach = normal_quantile(0.5 + 0.5 * confidence) * variance.max(0.0).sqrt();
    Ok(CohenKappa {
        units: rows.len(),
        kappa,
        variance,
        lower: kappa - reach,
        upper: kappa + reach,
    })
}

/// A table of shares with the weights of its cells and what follows from both.
struct Agreement {
    weights: Vec<Vec<f64>>,
    /// w̄ᵢ. = Σⱼ wᵢⱼ p.ⱼ.
    row_weights: Vec<f64>,
    /// w̄.ⱼ = Σᵢ wᵢⱼ pᵢ.
    column_weights: Vec<f64>,
    observed: f64,
    expected: f64,
}

impl Agreement {
    fn new(shares: &[Vec<f64>], weight: impl Fn(usize, usize) -> f64) -> Self {
        let size = shares.len();
        let rows: Vec<f64> = shares.iter().map(|row| row.iter().sum()).collect();
        let columns: Vec<f64> =
            (0..size).map(|j| shares.iter().map(|row| row[j]).sum::<f64>()).collect();
        let weights: Vec<Vec<f64>> =
            (0..size).map(|i| (0..size).map(|j| weight(i, j)).collect()).collect();
        let row_weights: Vec<f64> = weights.iter().map(|row| product(row, &columns)).collect();
        let column_weights = (0..size)
            .map(|j| weights.iter().zip(&rows).map(|(row, share)| row[j] * share).sum())
            .collect();
        let observed = weights.iter().zip(shares).map(|(w, p)| product(w, p)).sum();
        let expected = product(&row_weights, &rows);
        Self { weights, row_weights, column_weights, observed, expected }
    }

    /// n times the variance of kappa.
    fn variance(&self, shares: &[Vec<f64>]) -> f64 {
        let (observed, expected) = (self.observed, self.expected);
        let mut sum = 0.0;
        for (i, row) in shares.iter().enumerate() {
            for (j, share) in row.iter().enumerate() {
                let margins = self.row_weights[i] + self.column_weights[j];
                let term = self.weights[i][j] * (1.0 - expected) - margins * (1.0 - observed);
                sum += share * term * term;
            }
        }
        let centre = observed * expected - 2.0 * expected + observed;
        (sum - centre * centre) / (1.0 - expected).powi(4)
    }
}

fn product(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_columns_agree_fully() {
        let column = [1.0, 2.0, 3.0, 2.0, f64::NAN];
        for weights in [KappaWeights::Identity, KappaWeights::Linear, KappaWeights::Quadratic] {
            let answer = cohen_kappa(&column, &column, weights, 0.95).expect("two coders");
            assert!((answer.kappa - 1.0).abs() < 1e-12);
            assert!(answer.variance.abs() < 1e-12);
            assert_eq!(answer.units, 4);
        }
    }

    #[test]
    fn one_category_is_refused() {
        assert!(cohen_kappa(&[1.0, 1.0], &[1.0, 1.0], KappaWeights::Identity, 0.95).is_err());
        assert!(cohen_kappa(&[], &[], KappaWeights::Identity, 0.95).is_err());
        assert!(cohen_kappa(&[1.0], &[1.0, 2.0], KappaWeights::Identity, 1.5).is_err());
    }
}
