//! How far two measurements of the same people agree.

use serde::{Deserialize, Serialize};
use survey_builder::problem::{Phrase, phrase};

use super::intraclass::{intraclass, mean_squares};
use crate::agreement::{column_problems, complete_rows};
use crate::distribution::{normal_quantile, student_two_sided};
use crate::error::{Result, all_or_nothing};
use crate::estimate::confidence_problem;
use crate::problem::Fault;

fn numbered_measurement(place: usize) -> Phrase {
    phrase("phrase-input-measurement").with("number", place + 1)
}

/// Test and retest.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TestRetest {
    /// People with both measurements.
    pub rows: usize,
    /// Product-moment correlation.
    pub pearson: f64,
    /// r √(df / (1 − r²)).
    pub t: f64,
    /// Rows minus two.
    pub degrees_of_freedom: f64,
    /// Probability of a t further from zero.
    pub p: f64,
    /// Fisher's lower limit of the correlation (Fisher 1921).
    pub lower: f64,
    /// Fisher's upper limit.
    pub upper: f64,
    /// Correlation of ranks, ties having their mean rank (Spearman 1904).
    pub spearman: f64,
    /// ICC(2,1): agreement.
    pub agreement: f64,
    /// ICC(3,1): consistency.
    pub consistency: f64,
    /// Root of the residual mean square of people by occasions: the standard error of a measurement, the
    /// shift between the occasions taken out.
    pub standard_error_of_measurement: f64,
}

/// Test and retest over those who have both.
///
/// # Errors
/// Columns of different lengths, fewer than four people with both, a measurement that does not vary.
pub fn test_retest(first: &[f64], second: &[f64], confidence: f64) -> Result<TestRetest> {
    let columns = [first, second];
    let mut problems =
        column_problems(phrase("phrase-input-measurements"), numbered_measurement, &columns);
    problems.extend(confidence_problem(confidence));
    all_or_nothing(problems)?;
    let rows = complete_rows(&columns);
    let one: Vec<f64> = rows.iter().map(|&row| first[row]).collect();
    let two: Vec<f64> = rows.iter().map(|&row| second[row]).collect();
    if rows.len() < 4 {
        return Err(Fault::DataTooFew { found: rows.len(), least: 4 }
            .refused(phrase("phrase-input-rows-measured-twice")));
    }
    let constant = |column: &[f64]| column.iter().all(|value| *value == column[0]);
    if constant(&one) || constant(&two) {
        return Err(Fault::DataConstant.refused(phrase("phrase-input-measurements")));
    }
    let pearson = correlation(&one, &two).clamp(-1.0, 1.0);
    let df = rows.len() as f64 - 2.0;
    let t = pearson * (df / (1.0 - pearson * pearson)).sqrt();
    let reach = normal_quantile(0.5 + 0.5 * confidence) / (rows.len() as f64 - 3.0).sqrt();
    let squares = mean_squares(&columns)?;
    let [_, agreement, consistency] = intraclass(&columns, confidence)?;
    Ok(TestRetest {
        rows: rows.len(),
        pearson,
        t,
        degrees_of_freedom: df,
        p: student_two_sided(t, df),
        lower: (pearson.atanh() - reach).tanh(),
        upper: (pearson.atanh() + reach).tanh(),
        spearman: correlation(&ranks(&one), &ranks(&two)),
        agreement: agreement.single.value,
        consistency: consistency.single.value,
        standard_error_of_measurement: squares.residual.sqrt(),
    })
}

fn correlation(left: &[f64], right: &[f64]) -> f64 {
    let rows = left.len() as f64;
    let (mean_left, mean_right) =
        (left.iter().sum::<f64>() / rows, right.iter().sum::<f64>() / rows);
    let (mut both, mut one, mut two) = (0.0, 0.0, 0.0);
    for (x, y) in left.iter().zip(right) {
        let (x, y) = (x - mean_left, y - mean_right);
        both += x * y;
        one += x * x;
        two += y * y;
    }
    both / (one * two).sqrt()
}

/// Ranks from one; equal values have the mean of theirs.
pub(crate) fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&one, &other| values[one].total_cmp(&values[other]));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    while start < order.len() {
        let value = values[order[start]];
        let equal = order[start..].iter().take_while(|&&row| values[row] == value).count().max(1);
        for &row in &order[start..start + equal] {
            ranks[row] = start as f64 + 0.5 * (equal as f64 + 1.0);
        }
        start += equal;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_their_rank() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [3.5, 1.0, 3.5, 2.0]);
    }

    #[test]
    fn too_few_are_refused() {
        assert!(test_retest(&[1.0, 2.0, 3.0], &[1.0, 2.0, 4.0], 0.95).is_err());
        assert!(test_retest(&[1.0; 5], &[1.0, 2.0, 3.0, 4.0, 5.0], 0.95).is_err());
    }
}
