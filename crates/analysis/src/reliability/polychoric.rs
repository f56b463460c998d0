//! Polychoric correlations: of the normal variables that ordered answers are taken to cut up.

use serde::{Deserialize, Serialize};
use statrs::function::erf::erfc;
use survey_builder::problem::phrase;

use crate::agreement::{column_problems, complete_rows, distinct, place};
use crate::distribution::normal_quantile;
use crate::error::{Result, all_or_nothing};
use crate::problem::{Fault, numbered_item};

/// Correlations of the variables behind ordered items.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Polychoric {
    /// One row an item.
    pub correlations: Vec<Vec<f64>>,
    /// Where the answers of each item cut its normal variable.
    pub thresholds: Vec<Vec<f64>>,
    /// Rows that answered every item.
    pub rows: usize,
}

/// Polychoric correlations in two steps: thresholds from the margins, then each correlation by maximum
/// likelihood (Olsson 1979, §4), over the rows that answered every item. No correction is made for
/// cells that are empty.
///
/// # Errors
/// Fewer than two items, columns of different lengths, an item with fewer than two answers in use.
pub fn polychoric(items: &[&[f64]]) -> Result<Polychoric> {
    all_or_nothing(column_problems(phrase("phrase-input-items"), numbered_item, items))?;
    let rows = complete_rows(items);
    let mut problems = Vec::new();
    let mut codes: Vec<Vec<usize>> = Vec::new();
    let mut thresholds: Vec<Vec<f64>> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let categories = distinct(rows.iter().map(|&row| item[row]));
        if categories.len() < 2 {
            problems.push(Fault::DataConstant.at(numbered_item(index)));
        }
        codes.push(rows.iter().map(|&row| place(&categories, item[row])).collect());
        thresholds.push(cuts(&codes[index], categories.len()));
    }
    all_or_nothing(problems)?;
    let mut correlations = vec![vec![1.0; items.len()]; items.len()];
    for one in 0..items.len() {
        for other in 0..one {
            let table = counts(&codes[one], &codes[other]);
            let rho = likeliest(&table, &thresholds[one], &thresholds[other]);
            correlations[one][other] = rho;
            correlations[other][one] = rho;
        }
    }
    Ok(Polychoric { correlations, thresholds, rows: rows.len() })
}

/// Normal quantiles of the cumulated shares, but the last.
fn cuts(codes: &[usize], categories: usize) -> Vec<f64> {
    (1..categories)
        .map(|category| {
            let below = codes.iter().filter(|&&code| code < category).count();
            normal_quantile(below as f64 / codes.len() as f64)
        })
        .collect()
}

/// Non-empty cells of two coded items with their counts.
fn counts(one: &[usize], other: &[usize]) -> Vec<(usize, usize, f64)> {
    let mut pairs: Vec<(usize, usize)> = one.iter().copied().zip(other.iter().copied()).collect();
    pairs.sort_unstable();
    let mut cells: Vec<(usize, usize, f64)> = Vec::new();
    for (i, j) in pairs {
        match cells.last_mut() {
            Some(last) if (last.0, last.1) == (i, j) => last.2 += 1.0,
            _ => cells.push((i, j, 1.0)),
        }
    }
    cells
}

/// The correlation of greatest likelihood, by golden section.
fn likeliest(cells: &[(usize, usize, f64)], one: &[f64], other: &[f64]) -> f64 {
    let bound = |cuts: &[f64], place: usize| match place {
        0 => f64::NEG_INFINITY,
        place => cuts.get(place - 1).copied().unwrap_or(f64::INFINITY),
    };
    let likelihood = |rho: f64| -> f64 {
        cells
            .iter()
            .map(|&(i, j, count)| {
                let below = |a: usize, b: usize| both_below(bound(one, a), bound(other, b), rho);
                let share = below(i + 1, j + 1) - below(i, j + 1) - below(i + 1, j) + below(i, j);
                count * share.max(1e-12).ln()
            })
            .sum()
    };
    let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
    let (mut low, mut high) = (-0.9999, 0.9999);
    let (mut left, mut right) = (high - golden * (high - low), low + golden * (high - low));
    let (mut at_left, mut at_right) = (likelihood(left), likelihood(right));
    while high - low > 1e-8 {
        if at_left < at_right {
            low = left;
            (left, at_left) = (right, at_right);
            right = low + golden * (high - low);
            at_right = likelihood(right);
        } else {
            high = right;
            (right, at_right) = (left, at_left);
            left = high - golden * (high - low);
            at_left = likelihood(left);
        }
    }
    0.5 * (low + high)
}

fn below(z: f64) -> f64 {
    0.5 * erfc(-z / std::f64::consts::SQRT_2)
}

/// Points and weights of Gauss and Legendre's rule with five points, on (−1, 1).
const RULE: [(f64, f64); 5] = [
    (-0.906_179_845_938_664, 0.236_926_885_056_189),
    (-0.538_469_310_105_683, 0.478_628_670_499_366),
    (0.0, 0.568_888_888_888_889),
    (0.538_469_310_105_683, 0.478_628_670_499_366),
    (0.906_179_845_938_664, 0.236_926_885_056_189),
];

/// Probability that two normal variables with correlation `rho` are below h and k: Φ(h)Φ(k) and the
/// integral of the density over the correlation, on the scale of its arcsine (Drezner and Wesolowsky
/// 1990; Plackett 1954).
fn both_below(h: f64, k: f64, rho: f64) -> f64 {
    if h == f64::NEG_INFINITY || k == f64::NEG_INFINITY {
        return 0.0;
    }
    if h == f64::INFINITY || k == f64::INFINITY {
        return below(h.min(k));
    }
    let panels = 16;
    let width = rho.asin() / f64::from(panels);
    let mut sum = 0.0;
    for panel in 0..panels {
        for (point, weight) in RULE {
            let angle = width * (f64::from(panel) + 0.5 + 0.5 * point);
            let (sine, cosine) = angle.sin_cos();
            let exponent = (h * h - 2.0 * h * k * sine + k * k) / (2.0 * cosine * cosine);
            sum += weight * (-exponent).exp();
        }
    }
    below(h) * below(k) + 0.5 * width * sum / (2.0 * std::f64::consts::PI)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quadrant_has_its_closed_form() {
        // Sheppard: 1/4 + arcsin ρ / 2π.
        for rho in [-0.95, -0.3, 0.0, 0.5, 0.99] {
            let exact = 0.25 + f64::asin(rho) / (2.0 * std::f64::consts::PI);
            assert!((both_below(0.0, 0.0, rho) - exact).abs() < 1e-12);
        }
    }

    #[test]
    fn four_cells_have_their_closed_form() {
        // Equal margins: the share of both below is Sheppard's.
        let one = [1.0, 1.0, 1.0, 2.0, 2.0, 2.0];
        let two = [1.0, 1.0, 2.0, 1.0, 2.0, 2.0];
        let answer = polychoric(&[&one, &two]).expect("two items");
        let exact = (2.0 * std::f64::consts::PI * (1.0 / 3.0 - 0.25)).sin();
        assert!((answer.correlations[0][1] - exact).abs() < 1e-6);
        assert!(polychoric(&[&one, &[1.0; 6]]).is_err());
    }
}
