//! Intraclass correlations of raters: six forms with their intervals (Shrout and Fleiss 1979, table 4).

use serde::{Deserialize, Serialize};
use survey_builder::problem::{Phrase, phrase};

use crate::agreement::{column_problems, complete_rows};
use crate::distribution::{f_quantile, f_upper_tail};
use crate::error::{Result, all_or_nothing};
use crate::estimate::confidence_problem;
use crate::problem::Fault;

fn numbered_rater(place: usize) -> Phrase {
    phrase("phrase-input-rater").with("number", place + 1)
}

/// What the raters are, and what is asked of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntraclassForm {
    /// Each target has raters of its own: ICC(1,1).
    OneWay,
    /// Raters are a sample, absolute agreement: ICC(2,1), also ICC(A,1).
    Agreement,
    /// These raters only, consistency: ICC(3,1), also ICC(C,1).
    Consistency,
}

/// One form, for one rater and for the mean of all.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Intraclass {
    /// Which form.
    pub form: IntraclassForm,
    /// Of a single rater.
    pub single: IntraclassEstimate,
    /// Of the mean of the raters.
    pub average: IntraclassEstimate,
    /// Test against no correlation.
    pub f: f64,
    /// Numerator degrees of freedom of the test.
    pub numerator_df: f64,
    /// Denominator degrees of freedom of the test.
    pub denominator_df: f64,
    /// Probability of an F value as large.
    pub p: f64,
}

/// An intraclass correlation with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct IntraclassEstimate {
    /// The correlation.
    pub value: f64,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
}

/// Mean squares of targets by raters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MeanSquares {
    /// Targets that every rater judged.
    pub targets: usize,
    /// Raters.
    pub raters: usize,
    /// Between targets.
    pub between: f64,
    /// Within targets.
    pub within: f64,
    /// Between raters.
    pub judges: f64,
    /// What neither explains.
    pub residual: f64,
}

/// The analysis of variance of targets by raters, over the targets that every rater judged.
///
/// # Errors
/// Fewer than two raters or complete targets, columns of different lengths.
pub fn mean_squares(raters: &[&[f64]]) -> Result<MeanSquares> {
    all_or_nothing(column_problems(phrase("phrase-input-raters"), numbered_rater, raters))?;
    let rows = complete_rows(raters);
    if rows.len() < 2 {
        return Err(Fault::DataTooFew { found: rows.len(), least: 2 }
            .refused(phrase("phrase-input-rows-of-every-rater")));
    }
    let (n, k) = (rows.len() as f64, raters.len() as f64);
    let mean = |values: &mut dyn Iterator<Item = f64>, count: f64| values.sum::<f64>() / count;
    let target: Vec<f64> =
        rows.iter().map(|&row| mean(&mut raters.iter().map(|rater| rater[row]), k)).collect();
    let judge: Vec<f64> =
        raters.iter().map(|rater| mean(&mut rows.iter().map(|&row| rater[row]), n)).collect();
    let grand = mean(&mut target.iter().copied(), n);
    let between: f64 = k * target.iter().map(|mean| (mean - grand).powi(2)).sum::<f64>();
    let judges: f64 = n * judge.iter().map(|mean| (mean - grand).powi(2)).sum::<f64>();
    let (mut within, mut residual) = (0.0, 0.0);
    for (&row, target) in rows.iter().zip(&target) {
        for (rater, judge) in raters.iter().zip(&judge) {
            within += (rater[row] - target).powi(2);
            residual += (rater[row] - target - judge + grand).powi(2);
        }
    }
    Ok(MeanSquares {
        targets: rows.len(),
        raters: raters.len(),
        between: between / (n - 1.0),
        within: within / (n * (k - 1.0)),
        judges: judges / (k - 1.0),
        residual: residual / ((n - 1.0) * (k - 1.0)),
    })
}

/// The three forms, each for one rater and for the mean of all (Shrout and Fleiss 1979, table 4 and
/// p. 424 to 426).
///
/// # Errors
/// As [`mean_squares`]; also where targets do not differ within raters' residual (no variance at all).
pub fn intraclass(raters: &[&[f64]], confidence: f64) -> Result<[Intraclass; 3]> {
    all_or_nothing(confidence_problem(confidence).into_iter().collect())?;
    let squares = mean_squares(raters)?;
    if squares.between + squares.within <= 0.0 {
        return Err(Fault::DataConstant.refused(phrase("phrase-input-raters")));
    }
    let tail = 0.5 + 0.5 * confidence;
    Ok([one_way(&squares, tail), agreement(&squares, tail), consistency(&squares, tail)])
}

/// The reliability of a mean of k from that of one (Spearman 1910; Brown 1910).
pub fn stepped_up(reliability: f64, k: f64) -> f64 {
    k * reliability / (1.0 + (k - 1.0) * reliability)
}

/// The form in which target and error mean squares alone count.
fn from_ratio(
    form: IntraclassForm,
    squares: &MeanSquares,
    error: f64,
    df: f64,
    tail: f64,
) -> Intraclass {
    let (n, k) = (squares.targets as f64, squares.raters as f64);
    let f = squares.between / error;
    let lower = f / f_quantile(tail, n - 1.0, df);
    let upper = f * f_quantile(tail, df, n - 1.0);
    let single = |f: f64| if f.is_infinite() { 1.0 } else { (f - 1.0) / (f + k - 1.0) };
    let average = |f: f64| 1.0 - 1.0 / f;
    let estimate = |of: &dyn Fn(f64) -> f64| IntraclassEstimate {
        value: of(f),
        lower: of(lower),
        upper: of(upper),
    };
    Intraclass {
        form,
        single: estimate(&single),
        average: estimate(&average),
        f,
        numerator_df: n - 1.0,
        denominator_df: df,
        p: f_upper_tail(f, n - 1.0, df),
    }
}

fn one_way(squares: &MeanSquares, tail: f64) -> Intraclass {
    let df = squares.targets as f64 * (squares.raters as f64 - 1.0);
    from_ratio(IntraclassForm::OneWay, squares, squares.within, df, tail)
}

fn residual_df(squares: &MeanSquares) -> f64 {
    (squares.targets as f64 - 1.0) * (squares.raters as f64 - 1.0)
}

fn consistency(squares: &MeanSquares, tail: f64) -> Intraclass {
    from_ratio(IntraclassForm::Consistency, squares, squares.residual, residual_df(squares), tail)
}

/// Limits with Satterthwaite's degrees of freedom (Shrout and Fleiss 1979, p. 424).
fn agreement(squares: &MeanSquares, tail: f64) -> Intraclass {
    let (n, k) = (squares.targets as f64, squares.raters as f64);
    let (between, judges, residual) = (squares.between, squares.judges, squares.residual);
    let value =
        (between - residual) / (between + (k - 1.0) * residual + k * (judges - residual) / n);
    let rest = n * (1.0 + (k - 1.0) * value) - k * value;
    let ratio = judges / residual;
    let numerator = (k - 1.0) * (n - 1.0) * (k * value * ratio + rest).powi(2);
    let denominator = (n - 1.0) * (k * value * ratio).powi(2) + rest * rest;
    let df = numerator / denominator;
    let (low, high) = (f_quantile(tail, n - 1.0, df), f_quantile(tail, df, n - 1.0));
    let others = k * judges + (k * n - k - n) * residual;
    let lower = n * (between - low * residual) / (low * others + n * between);
    let upper = n * (high * between - residual) / (others + n * high * between);
    let average = (between - residual) / (between + (judges - residual) / n);
    Intraclass {
        form: IntraclassForm::Agreement,
        single: IntraclassEstimate { value, lower, upper },
        average: IntraclassEstimate {
            value: average,
            lower: stepped_up(lower, k),
            upper: stepped_up(upper, k),
        },
        ..consistency(squares, tail)
    }
}
