//! What a sample says by its inclusion probabilities alone, before any
//! weighting: totals and means, and their variances.
//!
//! The `analysis` crate estimates from weighted data; this is the arithmetic of
//! the design itself, for planning and for proof of the draws.

use super::joint::Matrix;

/// Σy/π (Horvitz and Thompson, 1952).
pub fn total(values: &[f64], probabilities: &[f64]) -> f64 {
    values.iter().zip(probabilities).map(|(value, probability)| value / probability).sum()
}

/// Σ(y/π) / Σ(1/π) (Hájek, 1971).
pub fn mean(values: &[f64], probabilities: &[f64]) -> f64 {
    total(values, probabilities) / probabilities.iter().map(|p| 1.0 / p).sum::<f64>()
}

/// The variance of [`total`], ΣΣ (1 − πᵢπⱼ/πᵢⱼ) yᵢyⱼ/(πᵢπⱼ); may be below zero.
pub fn variance(values: &[f64], probabilities: &[f64], joint: &Matrix) -> f64 {
    pairs(values, probabilities, joint, |one, other| one * other)
}

/// The variance of [`total`] for a fixed size, −½ΣΣ (1 − πᵢπⱼ/πᵢⱼ)(yᵢ/πᵢ −
/// yⱼ/πⱼ)² (Sen, 1953; Yates and Grundy, 1953).
pub fn fixed_size_variance(values: &[f64], probabilities: &[f64], joint: &Matrix) -> f64 {
    pairs(values, probabilities, joint, |one, other| -0.5 * (one - other).powi(2))
}

fn pairs(
    values: &[f64],
    probabilities: &[f64],
    joint: &Matrix,
    term: impl Fn(f64, f64) -> f64,
) -> f64 {
    let expanded: Vec<f64> = values.iter().zip(probabilities).map(|(y, p)| y / p).collect();
    let mut sum = 0.0;
    for (one, row) in joint.iter().enumerate() {
        for (other, both) in row.iter().enumerate() {
            let both = if one == other { probabilities[one] } else { *both };
            let share = 1.0 - probabilities[one] * probabilities[other] / both;
            sum += share * term(expanded[one], expanded[other]);
        }
    }
    sum
}

/// The variance of [`total`] without joint probabilities, for designs of high
/// entropy: Σ(1 − πᵢ)(yᵢ/πᵢ − A)² / (1 − Σa²), a being the shares of 1 − π and A
/// the mean of y/π by them (Deville, 1993).
pub fn deville_variance(values: &[f64], probabilities: &[f64]) -> f64 {
    let all: f64 = probabilities.iter().map(|p| 1.0 - p).sum();
    let expanded: Vec<f64> = values.iter().zip(probabilities).map(|(y, p)| y / p).collect();
    let by_share = |(y, p): (&f64, &f64)| y * (1.0 - p) / all;
    let centre: f64 = expanded.iter().zip(probabilities).map(by_share).sum();
    let squares: f64 = probabilities.iter().map(|p| ((1.0 - p) / all).powi(2)).sum();
    let spread = |(y, p): (&f64, &f64)| (1.0 - p) * (y - centre).powi(2);
    expanded.iter().zip(probabilities).map(spread).sum::<f64>() / (1.0 - squares)
}
