//! What a sample says by its inclusion probabilities alone, before any
//! weighting: totals and means, and their variances.
//!
//! The `analysis` crate estimates from weighted data; this is the arithmetic of
//! the design itself, for planning and for proof of the draws. Every function
//! refuses columns of different lengths.

use super::joint::Matrix;
use crate::problem::{Argument, Problem, phrase};

/// A figure, or what is wrong with what it is made of.
pub type Figure = Result<f64, Problem>;

/// Σy/π (Horvitz and Thompson, 1952).
///
/// # Errors
/// Not as many probabilities as values.
pub fn total(values: &[f64], probabilities: &[f64]) -> Figure {
    Ok(expanded(values, probabilities)?.iter().sum())
}

/// Σ(y/π) / Σ(1/π) (Hájek, 1971).
///
/// # Errors
/// As [`total`].
pub fn mean(values: &[f64], probabilities: &[f64]) -> Figure {
    Ok(total(values, probabilities)? / probabilities.iter().map(|p| 1.0 / p).sum::<f64>())
}

/// The variance of [`total`], ΣΣ (1 − πᵢπⱼ/πᵢⱼ) yᵢyⱼ/(πᵢπⱼ); may be below zero.
///
/// # Errors
/// As [`total`], and joint probabilities that are not one a pair.
pub fn variance(values: &[f64], probabilities: &[f64], joint: &Matrix) -> Figure {
    pairs(values, probabilities, joint, |one, other| one * other)
}

/// The variance of [`total`] for a fixed size, −½ΣΣ (1 − πᵢπⱼ/πᵢⱼ)(yᵢ/πᵢ −
/// yⱼ/πⱼ)² (Sen, 1953; Yates and Grundy, 1953).
///
/// # Errors
/// As [`variance`].
pub fn fixed_size_variance(values: &[f64], probabilities: &[f64], joint: &Matrix) -> Figure {
    pairs(values, probabilities, joint, |one, other| -0.5 * (one - other).powi(2))
}

/// y/π of each, where there is a probability a value.
fn expanded(values: &[f64], probabilities: &[f64]) -> Result<Vec<f64>, Problem> {
    same_length(probabilities.len(), values.len(), phrase("phrase-input-probabilities"))?;
    Ok(values.iter().zip(probabilities).map(|(y, p)| y / p).collect())
}

fn same_length(found: usize, rows: usize, place: impl Into<Argument>) -> Result<(), Problem> {
    if found == rows {
        return Ok(());
    }
    Err(Problem::new("data_length", place).with("found", found).with("rows", rows))
}

fn pairs(
    values: &[f64],
    probabilities: &[f64],
    joint: &Matrix,
    term: impl Fn(f64, f64) -> f64,
) -> Figure {
    let expanded = expanded(values, probabilities)?;
    for lines in std::iter::once(joint.len()).chain(joint.iter().map(Vec::len)) {
        same_length(lines, values.len(), phrase("phrase-input-joint-probabilities"))?;
    }
    let members = || expanded.iter().zip(probabilities).enumerate();
    let mut sum = 0.0;
    for ((one, (own, chance)), row) in members().zip(joint) {
        for ((other, (theirs, their_chance)), both) in members().zip(row) {
            let both = if one == other { *chance } else { *both };
            sum += (1.0 - chance * their_chance / both) * term(*own, *theirs);
        }
    }
    Ok(sum)
}

/// The variance of [`total`] without joint probabilities, for designs of high
/// entropy: Σ(1 − πᵢ)(yᵢ/πᵢ − A)² / (1 − Σa²), a being the shares of 1 − π and A
/// the mean of y/π by them (Deville, 1993).
///
/// # Errors
/// As [`total`].
pub fn deville_variance(values: &[f64], probabilities: &[f64]) -> Figure {
    let expanded = expanded(values, probabilities)?;
    let all: f64 = probabilities.iter().map(|p| 1.0 - p).sum();
    let by_share = |(y, p): (&f64, &f64)| y * (1.0 - p) / all;
    let centre: f64 = expanded.iter().zip(probabilities).map(by_share).sum();
    let squares: f64 = probabilities.iter().map(|p| ((1.0 - p) / all).powi(2)).sum();
    let spread = |(y, p): (&f64, &f64)| (1.0 - p) * (y - centre).powi(2);
    Ok(expanded.iter().zip(probabilities).map(spread).sum::<f64>() / (1.0 - squares))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_that_differ_are_refused() {
        let (values, chances) = ([1.0, 2.0, 3.0], [0.5, 0.5, 0.5]);
        for joint in [vec![vec![0.2; 3]; 2], vec![vec![0.2; 2]; 3], Vec::new()] {
            let refused = variance(&values, &chances, &joint).expect_err("another shape");
            assert_eq!(refused.code, "data_length");
            assert!(fixed_size_variance(&values, &chances, &joint).is_err());
        }
        let few = &chances[..2];
        assert!(total(&values, few).is_err() && mean(&values, few).is_err());
        assert!(deville_variance(&values, few).is_err());
        assert!(variance(&values, &chances, &vec![vec![0.2; 3]; 3]).is_ok());
    }
}
