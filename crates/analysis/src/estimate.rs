//! What an estimate is, and the options every estimator takes.
//!
//! An estimator is a function of a [`crate::Design`], columns and [`EstimateOptions`]. Numeric columns
//! are slices in which NaN means that the value is not known; coded columns are [`Coded`], in which
//! code 0 does. A missing value leaves the estimate but not the design: those who answered are a domain
//! of the sample, so their clusters still count (Korn and Graubard 1999).

pub mod association;
pub mod binomial;
pub mod comparison;
pub mod description;
pub mod function;
pub mod hot_deck;
pub mod imputation;
pub mod inequality;
pub mod joint;
pub mod moments;
pub mod presentation;
pub mod proportion;
pub mod quantile;
pub mod shares;
pub mod small_area;

use serde::{Deserialize, Serialize};
use survey_builder::problem::{Argument, phrase};

use crate::design::{DegreesOfFreedomRule, Design};
use crate::distribution::{normal_quantile, student_quantile};
use crate::error::{Problem, Result, all_or_nothing};
use crate::estimate::presentation::PrecisionFlag;
use crate::problem::{Fault, at_row};

/// How an interval was made; reports name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntervalMethod {
    /// Estimate ± Student quantile × standard error.
    StudentT,
    /// Estimate ± normal quantile × standard error.
    Normal,
    /// Student interval of artanh r, turned back. For correlations.
    FisherZ,
    /// Student interval on the logit scale, turned back (R's `logit` and `xlogit`). For proportions.
    Logit,
    /// Student interval of arcsin √p, turned back (R's `asin`). For proportions.
    Arcsine,
    /// Those values whose Rao–Scott scaled likelihood ratio is not rejected (R's `likelihood`). For
    /// proportions.
    Likelihood,
    /// Wilson's (1927) interval on the effective sample size p(1 − p)/V, with Student's quantile (Dean and
    /// Pagano 2015). For proportions.
    Wilson,
    /// Clopper–Pearson limits on the effective sample size (Korn and Graubard 1998; R's `beta`). For
    /// proportions.
    KornGraubard {
        /// Whether the effective sample size may not exceed the sample size (the rule of NCHS; R: no).
        cap_at_n: bool,
        /// Whether rows with a missing value count in the sample size (R: yes).
        count_missing: bool,
    },
}

/// An interval estimate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
    /// Confidence, for example 0.95.
    pub confidence: f64,
    /// How it was made.
    pub method: IntervalMethod,
}

/// The variance of an estimate against that of a simple random sample of the same size.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DesignEffect {
    /// Against sampling with replacement (R's `deff = "replace"`).
    pub with_replacement: f64,
    /// Against sampling without replacement from a population as large as the sum of the weights (R's
    /// `deff = TRUE`); none where that is smaller than the sample.
    pub without_replacement: Option<f64>,
}

/// One estimate with everything a reader needs to judge it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The estimate, in the unit of the variable.
    pub value: f64,
    /// Its standard error, in the same unit.
    pub standard_error: f64,
    /// Its interval; none where the method gives none there (no degrees of freedom, say).
    pub interval: Option<Interval>,
    /// Degrees of freedom, by the rule of the options.
    pub degrees_of_freedom: f64,
    /// Design effect; none where the simple random variance is zero or the statistic has none.
    pub design_effect: Option<DesignEffect>,
    /// Rows that entered: members of the domain with a known value and a weight above zero.
    pub rows: usize,
    /// Rows that a simple random sample would need for the same precision.
    pub effective_rows: Option<f64>,
    /// Standard error ÷ size of the estimate; none at zero.
    pub coefficient_of_variation: Option<f64>,
    /// Replicates in which the estimate is not defined, left out of its variance.
    pub replicates_left_out: usize,
    /// Whether the estimate is fit to be shown, and why not.
    pub reliability: PrecisionFlag,
}

impl Estimate {
    /// Whether its standard error is known: a variance of zero comes of a domain inside one cluster or of
    /// values that are all alike, and is no knowledge.
    pub fn error_is_known(&self) -> bool {
        self.standard_error.is_finite() && !is_rounding(self.value, self.standard_error)
    }
}

/// Options of every estimator; each is stated, none has a default.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EstimateOptions {
    /// Confidence of intervals, in (0, 1).
    pub confidence: f64,
    /// How intervals are made.
    pub interval: IntervalMethod,
    /// How degrees of freedom are counted.
    pub degrees_of_freedom: DegreesOfFreedomRule,
}

/// A coded column: code 0 is missing, codes 1 to `levels` are the levels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coded<'a> {
    /// One code a row.
    pub codes: &'a [u16],
    /// Number of levels.
    pub levels: usize,
}

impl Coded<'_> {
    pub(crate) fn problems(&self, name: impl Into<Argument>, rows: usize) -> Vec<Problem> {
        let name = name.into();
        let mut problems = length_problem(&name, self.codes.len(), rows);
        let largest = self.codes.iter().copied().max().unwrap_or(0);
        if usize::from(largest) <= self.levels {
            return problems;
        }
        if let Some((row, code)) =
            self.codes.iter().enumerate().find(|(_, code)| usize::from(**code) > self.levels)
        {
            problems.push(
                Fault::DataLevel { found: usize::from(*code), levels: self.levels }
                    .at(at_row(name, row)),
            );
        }
        problems
    }
}

/// A problem where a column is not as long as the design.
pub(crate) fn length_problem(
    name: impl Into<Argument>,
    length: usize,
    rows: usize,
) -> Vec<Problem> {
    if length == rows {
        Vec::new()
    } else {
        vec![Fault::DataLength { found: length, rows }.at(name)]
    }
}

impl EstimateOptions {
    pub(crate) fn problems(&self) -> Vec<Problem> {
        confidence_problem(self.confidence).into_iter().collect()
    }

    /// The multiple of the standard error on each side.
    pub(crate) fn multiple(&self, degrees_of_freedom: f64) -> f64 {
        let tail = 0.5 + 0.5 * self.confidence;
        match self.interval {
            IntervalMethod::Normal => normal_quantile(tail),
            _ => student_quantile(tail, degrees_of_freedom),
        }
    }

    /// Estimate ± multiple × standard error.
    pub(crate) fn symmetric(
        &self,
        value: f64,
        standard_error: f64,
        degrees_of_freedom: f64,
    ) -> Option<Interval> {
        self.symmetric_with(value, standard_error, self.multiple(degrees_of_freedom))
    }

    /// As [`Self::symmetric`], from the multiple.
    pub(crate) fn symmetric_with(
        &self,
        value: f64,
        standard_error: f64,
        multiple: f64,
    ) -> Option<Interval> {
        let method = match self.interval {
            IntervalMethod::Normal => IntervalMethod::Normal,
            _ => IntervalMethod::StudentT,
        };
        let reach = multiple * standard_error;
        let known = reach.is_finite() && !is_rounding(value, standard_error);
        known.then_some(Interval {
            lower: value - reach,
            upper: value + reach,
            confidence: self.confidence,
            method,
        })
    }
}

/// A problem where a confidence is no share between 0 and 1.
pub(crate) fn confidence_problem(confidence: f64) -> Option<Problem> {
    let inside = confidence > 0.0 && confidence < 1.0;
    (!inside).then(|| {
        Fault::range(confidence, phrase("phrase-above-0-and-below-1"))
            .at(phrase("phrase-confidence"))
    })
}

/// Rows of a domain, checked against the design.
pub(crate) fn checked_domain(design: &Design, domain: Option<&[bool]>) -> Result<()> {
    all_or_nothing(domain.map_or_else(Vec::new, |rows| {
        length_problem(phrase("phrase-input-domain"), rows.len(), design.rows())
    }))
}

/// Whether a standard error is nothing but rounding. A variance of zero is no knowledge: it comes of a
/// domain inside one cluster, or of values that are all alike.
pub fn is_rounding(value: f64, standard_error: f64) -> bool {
    standard_error <= 1e-12 * value.abs()
}

/// Standard error ÷ size of the estimate.
pub(crate) fn coefficient_of_variation(value: f64, standard_error: f64) -> Option<f64> {
    (value != 0.0 && value.is_finite()).then(|| standard_error / value.abs())
}
