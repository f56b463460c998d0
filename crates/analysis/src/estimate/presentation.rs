//! Whether a figure may be shown, and why not.

use serde::{Deserialize, Serialize};

/// What to do with a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presentation {
    /// Show it.
    Present,
    /// Show it only after a statistician has looked.
    Review,
    /// Do not show it.
    Suppress,
    /// No rule is known for this figure.
    NotAssessed,
}

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Effective size below 30.
    EffectiveRowsBelow30,
    /// Fewer than 30 rows (rule for means).
    RowsBelow30,
    /// Interval 30 points wide or more.
    IntervalWide,
    /// Interval above 5 points and above 130 % of the proportion.
    IntervalRelativelyWide,
    /// The proportion is 0 or 1.
    ZeroOrOne,
    /// Degrees of freedom below 8.
    FewDegreesOfFreedom,
    /// Standard error of 30 % of the estimate or more (rule for means).
    StandardErrorAbove30Percent,
    /// The standard error could not be computed.
    NoStandardError,
    /// Everybody lies in one cluster, so nothing says how clusters differ.
    OneCluster,
    /// The variance comes out as zero, which is no knowledge of it.
    NoVariation,
}

/// A decision with its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrecisionFlag {
    /// The decision.
    pub presentation: Presentation,
    /// Why it is not simply `Present`.
    pub reasons: Vec<Reason>,
    /// The complement of the proportion needs a footnote: its interval is above 130 % of it.
    pub footnote_complement: bool,
}

impl PrecisionFlag {
    /// A figure that no rule covers.
    pub fn not_assessed() -> Self {
        Self {
            presentation: Presentation::NotAssessed,
            reasons: Vec::new(),
            footnote_complement: false,
        }
    }

    /// Says of a figure without a standard error why it has none.
    pub(crate) fn of_one_cluster(&mut self) {
        self.reasons.retain(|reason| *reason != Reason::NoStandardError);
        self.reasons.push(Reason::OneCluster);
    }

    /// A share whose variance is not known, for a reason.
    pub(crate) fn unknown(reason: Reason) -> Self {
        Self {
            presentation: Presentation::Suppress,
            reasons: vec![reason],
            footnote_complement: false,
        }
    }

    /// The 30/30 rule: fewer than 30 rows are not shown, a relative standard error of 30 % or more
    /// asks for a look (National Hospital and Home Care Survey estimation notes).
    pub fn of_mean(
        rows: usize,
        coefficient_of_variation: Option<f64>,
        standard_error: f64,
    ) -> Self {
        let mut reasons = Vec::new();
        if rows < 30 {
            reasons.push(Reason::RowsBelow30);
        }
        let suppressed = !reasons.is_empty();
        if !standard_error.is_finite() {
            reasons.push(Reason::NoStandardError);
        } else if standard_error <= 0.0 {
            reasons.push(Reason::NoVariation);
        }
        if coefficient_of_variation.is_some_and(|relative| relative >= 0.3) {
            reasons.push(Reason::StandardErrorAbove30Percent);
        }
        let presentation = match (suppressed, reasons.is_empty()) {
            (true, _) => Presentation::Suppress,
            (false, true) => Presentation::Present,
            (false, false) => Presentation::Review,
        };
        Self { presentation, reasons, footnote_complement: false }
    }
}
