//! Fleiss' kappa of several coders (Fleiss 1971), and Randolph's with free margins (Randolph 2005).

use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use super::{column_problems, complete_rows, distinct, place};
use crate::error::{Result, all_or_nothing};
use crate::problem::Fault;

/// Agreement of several coders who judged every unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FleissKappa {
    /// The values in use, in order.
    pub categories: Vec<f64>,
    /// How many coders gave each category; one row a unit that every coder judged.
    pub counts: Vec<Vec<usize>>,
    /// Kappa with the coders' own margins.
    pub fleiss: f64,
    /// Kappa were every category as likely as another.
    pub randolph: f64,
}

/// Kappa over the units that every coder judged.
///
/// κ = (P̄ − P̄ₑ) / (1 − P̄ₑ), P̄ the mean over units of Σⱼ nᵢⱼ(nᵢⱼ − 1) / (n(n − 1)); P̄ₑ = Σ pⱼ²
/// (Fleiss 1971, eq. 2 to 7) or 1/k (Randolph 2005).
///
/// # Errors
/// Fewer than two coders, columns of different lengths, fewer than two categories on those units.
pub fn fleiss_kappa(coders: &[&[f64]]) -> Result<FleissKappa> {
    all_or_nothing(column_problems(phrase("phrase-input-coders"), super::numbered_coder, coders))?;
    let rows = complete_rows(coders);
    let categories =
        distinct(rows.iter().flat_map(|&row| coders.iter().map(move |coder| coder[row])));
    if categories.len() < 2 {
        return Err(Fault::DataTooFew { found: categories.len(), least: 2 }
            .refused(phrase("phrase-input-coded-categories")));
    }
    let counts: Vec<Vec<usize>> = rows
        .iter()
        .map(|&row| {
            let mut counts = vec![0; categories.len()];
            for coder in coders {
                counts[place(&categories, coder[row])] += 1;
            }
            counts
        })
        .collect();
    let (units, raters) = (rows.len() as f64, coders.len() as f64);
    let pairs: f64 =
        counts.iter().flatten().map(|&count| count as f64 * (count as f64 - 1.0)).sum();
    let observed = pairs / (units * raters * (raters - 1.0));
    let expected: f64 = (0..categories.len())
        .map(|category| {
            let given: usize = counts.iter().map(|counts| counts[category]).sum();
            (given as f64 / (units * raters)).powi(2)
        })
        .sum();
    let corrected = |chance: f64| (observed - chance) / (1.0 - chance);
    Ok(FleissKappa {
        fleiss: corrected(expected),
        randolph: corrected(1.0 / categories.len() as f64),
        categories,
        counts,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_with_gaps_do_not_count() {
        let answer = fleiss_kappa(&[&[1.0, 2.0, 1.0], &[1.0, 2.0, f64::NAN]]).expect("two coders");
        assert_eq!(answer.counts, [[2, 0], [0, 2]]);
        assert!((answer.fleiss - 1.0).abs() < 1e-12);
        assert!(fleiss_kappa(&[&[1.0], &[f64::NAN]]).is_err());
    }
}
