//! Rank tests of groups in a complex sample.
//!
//! The population rank of a value is estimated by the weight at or below it, ties and the value's own
//! weight counted half; the scores of the ranks are compared between groups by a linear model with
//! design-based covariance (Lumley and Scott 2013).

use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use super::ModelMatrix;
use super::linear::{Family, LinearModel, Link, Stopping, fitted, members};
use crate::design::Design;
use crate::distribution::{f_upper_tail, normal_quantile, student_two_sided};
use crate::error::{Result, all_or_nothing};
use crate::estimate::Coded;
use crate::problem::Fault;

/// The score that a rank has; ranks are shares of the population.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RankScore {
    /// The rank itself (Wilcoxon; Kruskal and Wallis for several groups).
    Rank,
    /// Its normal quantile (van der Waerden).
    NormalQuantile,
    /// Whether it is above a half (Mood).
    AboveMedian,
}

impl RankScore {
    fn of(self, rank: f64) -> f64 {
        match self {
            Self::Rank => rank,
            Self::NormalQuantile => normal_quantile(rank),
            Self::AboveMedian if rank.is_nan() => f64::NAN,
            Self::AboveMedian => f64::from(u8::from(rank > 0.5)),
        }
    }
}

/// What a rank test answers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum RankTest {
    /// Of two groups: the second minus the first.
    TwoGroups {
        /// Difference of mean scores.
        difference: f64,
        /// Difference over standard error.
        t: f64,
        /// Degrees of freedom.
        degrees_of_freedom: f64,
        /// Probability of a Student value as far from zero.
        p: f64,
    },
    /// Of three groups or more.
    SeveralGroups {
        /// β′V⁻¹β of the differences from the first group.
        chi_squared: f64,
        /// Groups less one.
        numerator: f64,
        /// Degrees of freedom that its F value is held against.
        denominator: f64,
        /// Probability of an F value as large.
        p: f64,
    },
}

/// Tests whether the ranks of `values` (NaN: missing) differ between the levels of `groups`.
///
/// # Errors
/// Fewer than two groups in use; as [`super::linear::linear_model`].
pub fn rank_test(
    design: &Design,
    values: &[f64],
    groups: Coded<'_>,
    score: RankScore,
    domain: Option<&[bool]>,
) -> Result<RankTest> {
    all_or_nothing(groups.problems(phrase("phrase-input-groups"), design.rows()))?;
    let terms = group_terms(groups);
    if terms.columns.len() < 2 {
        return Err(Fault::DataTooFew { found: terms.columns.len(), least: 2 }
            .refused(phrase("phrase-input-groups")));
    }
    let known = members(design, values, &terms, domain)?;
    let scores: Vec<f64> = ranks(design, values, &known.known, known.weight)
        .into_iter()
        .map(|rank| score.of(rank))
        .collect();
    let kind = (Family::Gaussian, Link::Identity, Stopping::AtRest);
    let model = fitted(design, &scores, &terms, kind, domain, true)?;
    if terms.columns.len() == 2 {
        return Ok(two_groups(&model));
    }
    let others: Vec<usize> = (1..terms.columns.len()).collect();
    let wald = model.wald_test(&others)?;
    Ok(RankTest::SeveralGroups {
        chi_squared: wald.f * wald.numerator,
        numerator: wald.numerator,
        denominator: model.degrees_of_freedom,
        p: f_upper_tail(wald.f, wald.numerator, model.degrees_of_freedom),
    })
}

fn two_groups(model: &LinearModel) -> RankTest {
    let (t, _) = model.student_test(1);
    RankTest::TwoGroups {
        difference: model.coefficients[1],
        t,
        degrees_of_freedom: model.degrees_of_freedom,
        p: student_two_sided(t, model.degrees_of_freedom),
    }
}

/// An intercept and a 0/1 column for each level after the first; NaN where the level is missing.
pub fn group_terms(groups: Coded<'_>) -> ModelMatrix {
    let mut terms = ModelMatrix::intercept(groups.codes.len());
    for level in 2..=groups.levels {
        let indicator = |code: &u16| match usize::from(*code) {
            0 => f64::NAN,
            code => f64::from(u8::from(code == level)),
        };
        terms.push(format!("level {level}"), groups.codes.iter().map(indicator).collect());
    }
    terms
}

/// Ranks as shares of the weight: the weight below, half of one's own, and of the ties the mean.
fn ranks(design: &Design, values: &[f64], known: &[bool], weight: f64) -> Vec<f64> {
    let weights = design.weights();
    let mut order: Vec<usize> =
        (0..values.len()).filter(|&row| known[row] && weights[row] > 0.0).collect();
    order.sort_by(|&one, &other| values[one].total_cmp(&values[other]));
    let mut ranks = vec![f64::NAN; values.len()];
    let mut below = 0.0;
    for ties in order.chunk_by(|&one, &other| values[one] == values[other]) {
        let mut sum = 0.0;
        for &row in ties {
            sum += below + 0.5 * weights[row];
            below += weights[row];
        }
        for &row in ties {
            ranks[row] = sum / ties.len() as f64 / weight;
        }
    }
    ranks
}
