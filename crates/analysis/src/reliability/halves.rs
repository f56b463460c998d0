//! Guttman's lower bounds of reliability, and the reliability of every split in two halves.

use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use super::{MissingItems, correlations, item_covariances, squared_multiple_correlations};
use crate::error::Result;
use crate::problem::Fault;

/// What the items' common matrix holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemScale {
    /// Covariances: items count by their spread.
    Raw,
    /// Correlations: every item counts the same.
    Standardised,
}

/// Guttman's bounds (Guttman 1945); λ₄ is the largest of [`split_halves`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GuttmanLambdas {
    /// 1 − tr C / ΣC.
    pub lambda1: f64,
    /// λ₁ + √(k/(k−1) · Σ c²ᵢⱼ) / ΣC, over different i and j.
    pub lambda2: f64,
    /// k/(k−1) · λ₁: Cronbach's alpha.
    pub lambda3: f64,
    /// λ₁ + 2√(the largest column of Σ c²ᵢⱼ) / ΣC.
    pub lambda5: f64,
    /// 1 − Σe² / ΣC, e² what the other items leave of each; none where the matrix is singular.
    pub lambda6: Option<f64>,
}

/// Guttman's bounds of a set of items (one column each, NaN: missing).
///
/// # Errors
/// As [`super::cronbach_alpha`].
pub fn guttman_lambdas(
    items: &[&[f64]],
    missing: MissingItems,
    scale: ItemScale,
) -> Result<GuttmanLambdas> {
    Ok(lambdas(&scaled(items, missing, scale)?))
}

fn scaled(items: &[&[f64]], missing: MissingItems, scale: ItemScale) -> Result<DMatrix<f64>> {
    let (covariances, _) = item_covariances(items, missing)?;
    Ok(match scale {
        ItemScale::Raw => covariances,
        ItemScale::Standardised => correlations(&covariances),
    })
}

pub(crate) fn lambdas(matrix: &DMatrix<f64>) -> GuttmanLambdas {
    let count = matrix.nrows() as f64;
    let sum = matrix.sum();
    let lambda1 = 1.0 - matrix.trace() / sum;
    let squares: Vec<f64> = (0..matrix.ncols())
        .map(|item| matrix.column(item).norm_squared() - matrix[(item, item)].powi(2))
        .collect();
    let all: f64 = squares.iter().sum();
    let most = squares.iter().copied().fold(0.0, f64::max);
    let lambda6 = squared_multiple_correlations(&correlations(matrix)).map(|explained| {
        let left: f64 = explained
            .iter()
            .zip(matrix.diagonal().iter())
            .map(|(explained, variance)| (1.0 - explained) * variance)
            .sum();
        1.0 - left / sum
    });
    GuttmanLambdas {
        lambda1,
        lambda2: lambda1 + (count / (count - 1.0) * all).sqrt() / sum,
        lambda3: count / (count - 1.0) * lambda1,
        lambda5: lambda1 + 2.0 * most.sqrt() / sum,
        lambda6,
    }
}

/// Which splits are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Splits {
    /// Every split once: with an odd number of items, the halves differ by one item.
    All,
    /// The first half, in dictionary order, of the choices of ⌊k/2⌋ items, as psych has it. The same
    /// for an even number of items; for an odd one it leaves out half of the splits.
    FirstHalf,
}

/// Reliability over the splits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SplitHalves {
    /// How many splits.
    pub splits: usize,
    /// The largest: Guttman's λ₄.
    pub largest: f64,
    /// The smallest: Revelle's β (Revelle 1979).
    pub smallest: f64,
    /// The mean; that of all splits into equal halves is alpha (Cronbach 1951).
    pub mean: f64,
}

/// The most items for which every split is tried: C(20, 10) are 184 756.
const MOST_ITEMS: usize = 20;

/// The reliability 4 Σ₁₂ / ΣC of the splits (Guttman 1945; Flanagan 1937), Σ₁₂ the sum of covariances
/// between the halves.
///
/// # Errors
/// As [`super::cronbach_alpha`]; also above twenty items.
pub fn split_halves(
    items: &[&[f64]],
    missing: MissingItems,
    scale: ItemScale,
    splits: Splits,
) -> Result<SplitHalves> {
    if items.len() > MOST_ITEMS {
        return Err(
            Fault::DataTooMany { most: MOST_ITEMS as u64 }.refused(phrase("phrase-input-items"))
        );
    }
    let matrix = scaled(items, missing, scale)?;
    let (count, half) = (items.len(), items.len() / 2);
    let choices = (0..half).fold(1, |product, step| product * (count - step) / (step + 1));
    let tried =
        if count.is_multiple_of(2) || splits == Splits::FirstHalf { choices / 2 } else { choices };
    let sum = matrix.sum();
    let mut choice: Vec<usize> = (0..half).collect();
    let (mut largest, mut smallest, mut total) = (f64::NEG_INFINITY, f64::INFINITY, 0.0);
    // Two items have one split.
    let tried = tried.max(1);
    for _ in 0..tried {
        let reliability = 4.0 * between(&matrix, &choice) / sum;
        largest = f64::max(largest, reliability);
        smallest = f64::min(smallest, reliability);
        total += reliability;
        next_choice(&mut choice, count);
    }
    Ok(SplitHalves { splits: tried, largest, smallest, mean: total / tried as f64 })
}

/// The sum between the chosen items and the others.
fn between(matrix: &DMatrix<f64>, choice: &[usize]) -> f64 {
    choice
        .iter()
        .map(|&one| {
            let inside: f64 = choice.iter().map(|&other| matrix[(one, other)]).sum();
            matrix.column(one).sum() - inside
        })
        .sum()
}

/// The next choice in dictionary order; stays at the last.
fn next_choice(choice: &mut [usize], count: usize) {
    let size = choice.len();
    let Some(place) = (0..size).rev().find(|&place| choice[place] < count - size + place) else {
        return;
    };
    choice[place] += 1;
    for later in place + 1..size {
        choice[later] = choice[later - 1] + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_of_equal_splits_is_alpha() {
        let items: [&[f64]; 4] = [
            &[1.0, 2.0, 3.0, 4.0, 5.0],
            &[2.0, 1.0, 4.0, 3.0, 5.0],
            &[1.0, 3.0, 2.0, 5.0, 4.0],
            &[2.0, 2.0, 3.0, 5.0, 4.0],
        ];
        let missing = MissingItems::Listwise;
        let halves =
            split_halves(&items, missing, ItemScale::Raw, Splits::All).expect("four items");
        let lambdas = guttman_lambdas(&items, missing, ItemScale::Raw).expect("four items");
        assert_eq!(halves.splits, 3);
        assert!((halves.mean - lambdas.lambda3).abs() < 1e-12);
        let three = split_halves(&items[..3], missing, ItemScale::Raw, Splits::All);
        assert_eq!(three.expect("three items").splits, 3);
        assert!(split_halves(&items[..1], missing, ItemScale::Raw, Splits::All).is_err());
    }
}
