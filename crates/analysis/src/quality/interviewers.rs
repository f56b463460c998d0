//! How much answers depend on who asked.

use serde::Serialize;
use survey_builder::problem::phrase;

use crate::Result;
use crate::problem::Fault;

/// What interviewers do to an item.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct InterviewerEffect {
    /// Rows with an answer and an interviewer.
    pub rows: usize,
    /// Interviewers among them.
    pub interviewers: usize,
    /// Interviews an interviewer, weighted by themselves: Σ m² / Σ m.
    pub workload: f64,
    /// The intraclass correlation; below zero where interviewers differ less than chance would let them.
    pub correlation: f64,
    /// What that does to the variance of a mean: 1 + (workload − 1) ρ, never below 1.
    pub design_effect: f64,
}

/// The intraclass correlation of an item by interviewer, from the analysis of variance of one way
/// with groups of different sizes, and the design effect that follows (Kish, 1962, "Studies of
/// interviewer variance for attitudinal variables"). It tells interviewers from areas only where
/// interviews were dealt to them at random. `values`: NaN for no answer; `interviewers`: a code a row,
/// 0 for unknown.
///
/// # Errors
/// Columns of different lengths, fewer than two interviewers, none with two interviews, or answers
/// that are all the same.
pub fn interviewer_effect(values: &[f64], interviewers: &[u32]) -> Result<InterviewerEffect> {
    if values.len() != interviewers.len() {
        let fault = Fault::DataLength { found: interviewers.len(), rows: values.len() };
        return Err(fault.refused(phrase("phrase-input-interviewers")));
    }
    // Count and sum by interviewer.
    let mut groups: std::collections::BTreeMap<u32, (f64, f64)> = std::collections::BTreeMap::new();
    let known = || {
        let pairs = values.iter().zip(interviewers);
        pairs.filter(|(value, code)| !value.is_nan() && **code != 0)
    };
    for (value, code) in known() {
        let group = groups.entry(*code).or_default();
        *group = (group.0 + 1.0, group.1 + value);
    }
    let rows = known().count();
    let (size, count) = (rows as f64, groups.len() as f64);
    if groups.len() < 2 {
        let fault = Fault::DataTooFew { found: groups.len(), least: 2 };
        return Err(fault.refused(phrase("phrase-input-interviewers")));
    }
    if rows == groups.len() {
        let fault = Fault::DataTooFew { found: 0, least: 1 };
        return Err(fault.refused(phrase("phrase-input-interviewers-with-several")));
    }
    let mean = groups.values().map(|(_, sum)| sum).sum::<f64>() / size;
    let between: f64 =
        groups.values().map(|(count, sum)| count * (sum / count - mean).powi(2)).sum();
    let within: f64 = known()
        .map(|(value, code)| {
            let (count, sum) = groups[code];
            (value - sum / count).powi(2)
        })
        .sum();
    let squares: f64 = groups.values().map(|(count, _)| count * count).sum();
    let average = (size - squares / size) / (count - 1.0);
    let (between, within) = (between / (count - 1.0), within / (size - count));
    let total = between + (average - 1.0) * within;
    if total <= 0.0 {
        return Err(Fault::DataConstant.refused(phrase("phrase-input-answers")));
    }
    let correlation = (between - within) / total;
    let workload = squares / size;
    let design_effect = (1.0 + (workload - 1.0) * correlation).max(1.0);
    Ok(InterviewerEffect { rows, interviewers: groups.len(), workload, correlation, design_effect })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_interviewers_by_hand() {
        // Means 2 and 5 around 3.5; squares between 2 · 3 · 1.5² = 13.5 on 1, within 2 + 2 = 4 on 4.
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, f64::NAN, 9.0];
        let codes = [1, 1, 1, 2, 2, 2, 2, 0];
        let effect = interviewer_effect(&values, &codes).expect("an effect");
        assert_eq!((effect.rows, effect.interviewers), (6, 2));
        let correlation = (13.5 - 1.0) / (13.5 + 2.0 * 1.0);
        assert!((effect.correlation - correlation).abs() < 1e-15);
        assert!((effect.design_effect - (1.0 + 2.0 * correlation)).abs() < 1e-15);
    }

    #[test]
    fn interviewers_who_are_alike_cost_nothing() {
        let effect = interviewer_effect(&[1.0, 3.0, 1.0, 3.0], &[1, 1, 2, 2]).expect("an effect");
        assert!(effect.correlation < 0.0 && effect.design_effect == 1.0);
        assert!(interviewer_effect(&[1.0, 2.0], &[1, 1]).is_err());
        assert!(interviewer_effect(&[1.0, 2.0], &[1, 2]).is_err());
        assert!(interviewer_effect(&[2.0, 2.0, 2.0], &[1, 1, 2]).is_err());
        assert!(interviewer_effect(&[2.0], &[1, 1]).is_err());
    }
}
