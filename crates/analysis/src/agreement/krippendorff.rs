//! Krippendorff's alpha: any number of coders, gaps, and four kinds of distance (Krippendorff 2011).

use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use super::{column_problems, distinct, place};
use crate::error::{Result, all_or_nothing};
use crate::problem::Fault;

/// What the values mean, and so how far two of them are apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measurement {
    /// Names: different or not.
    Nominal,
    /// Ranks: by how many values lie between.
    Ordinal,
    /// c − k.
    Interval,
    /// (c − k) / (c + k).
    Ratio,
}

impl Measurement {
    /// δ² of every two categories, from how often each was given (Krippendorff 2011, step D).
    fn distances(self, categories: &[f64], given: &[f64]) -> Vec<Vec<f64>> {
        let mut before = 0.0;
        // The middle of each category's ranks; their differences are those of the ordinal metric.
        let ranks: Vec<f64> = given
            .iter()
            .map(|count| {
                before += count;
                before - 0.5 * count
            })
            .collect();
        let distance = |i: usize, j: usize| match self {
            _ if i == j => 0.0,
            Self::Nominal => 1.0,
            Self::Ordinal => ranks[i] - ranks[j],
            Self::Interval => categories[i] - categories[j],
            Self::Ratio => (categories[i] - categories[j]) / (categories[i] + categories[j]),
        };
        let size = categories.len();
        (0..size).map(|i| (0..size).map(|j| distance(i, j).powi(2)).collect()).collect()
    }
}

/// Krippendorff's alpha: 1 − (n − 1) Σ oₖₗ δ²ₖₗ / Σ nₖ nₗ δ²ₖₗ, o the coincidences of values within
/// units, over the units that two coders or more judged (Krippendorff 2011, step E).
///
/// # Errors
/// Fewer than two coders, columns of different lengths, no unit with two values, values that do not
/// vary, and for [`Measurement::Ratio`] values below zero.
pub fn krippendorff_alpha(coders: &[&[f64]], measurement: Measurement) -> Result<f64> {
    all_or_nothing(column_problems(phrase("phrase-input-coders"), super::numbered_coder, coders))?;
    let units: Vec<Vec<f64>> = (0..coders[0].len())
        .map(|row| coders.iter().map(|coder| coder[row]).filter(|value| !value.is_nan()).collect())
        .filter(|values: &Vec<f64>| values.len() > 1)
        .collect();
    let categories = distinct(units.iter().flatten().copied());
    if categories.len() < 2 {
        return Err(Fault::DataTooFew { found: categories.len(), least: 2 }
            .refused(phrase("phrase-input-coded-categories")));
    }
    if measurement == Measurement::Ratio && categories[0] < 0.0 {
        return Err(Fault::range(categories[0], phrase("phrase-0-or-more"))
            .refused(phrase("phrase-input-coders")));
    }
    let size = categories.len();
    let mut given = vec![0.0; size];
    let mut coincidences = vec![vec![0.0; size]; size];
    for values in &units {
        let places: Vec<usize> = values.iter().map(|value| place(&categories, *value)).collect();
        let share = 1.0 / (values.len() as f64 - 1.0);
        for (one, &i) in places.iter().enumerate() {
            given[i] += 1.0;
            for (_, &j) in places.iter().enumerate().filter(|(other, _)| *other != one) {
                coincidences[i][j] += share;
            }
        }
    }
    let distances = measurement.distances(&categories, &given);
    let (mut observed, mut expected) = (0.0, 0.0);
    for i in 0..size {
        for j in 0..size {
            observed += coincidences[i][j] * distances[i][j];
            expected += given[i] * given[j] * distances[i][j];
        }
    }
    let values: f64 = given.iter().sum();
    Ok(1.0 - (values - 1.0) * observed / expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_agreement_is_one_at_every_level() {
        let coder = [0.0, 1.0, 5.0, f64::NAN];
        for measurement in
            [Measurement::Nominal, Measurement::Ordinal, Measurement::Interval, Measurement::Ratio]
        {
            let alpha = krippendorff_alpha(&[&coder, &coder], measurement).expect("values vary");
            assert!((alpha - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn what_has_no_alpha_is_refused() {
        assert!(krippendorff_alpha(&[], Measurement::Nominal).is_err());
        assert!(krippendorff_alpha(&[&[1.0], &[1.0]], Measurement::Nominal).is_err());
        assert!(krippendorff_alpha(&[&[-1.0], &[2.0]], Measurement::Ratio).is_err());
    }
}
