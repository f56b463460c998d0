//! Presentation standards of the US National Center for Health Statistics, and a rule for means.
//!
//! Proportions: Parker and others 2017, Vital and Health Statistics 2(175), as NCHS's own macro
//! applies them: the size test uses the effective size before its adjustment for degrees of freedom;
//! the interval is Korn and Graubard's with the size capped at n; its width is rounded to a tenth of a
//! point before it is compared. Means: the older rule of 30 rows and a relative standard error of 30 %.

use crate::distribution::student_quantile;
use crate::estimate::presentation::{PrecisionFlag, Presentation, Reason};
use crate::estimate::proportion::clopper_pearson;

/// What the rule for proportions looks at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NchsInput {
    /// Rows in the denominator.
    pub rows: f64,
    /// The proportion.
    pub proportion: f64,
    /// Its design effect (against sampling with replacement).
    pub design_effect: f64,
    /// Degrees of freedom; none: neither the effective size is adjusted for them nor are they tested.
    pub degrees_of_freedom: Option<f64>,
}

/// The interval and the decision of the rule.
#[derive(Debug, Clone, PartialEq)]
pub struct NchsAssessment {
    /// Lower 95 % limit.
    pub lower: f64,
    /// Upper 95 % limit.
    pub upper: f64,
    /// Effective rows before the adjustment for degrees of freedom.
    pub effective_rows: f64,
    /// Effective rows after it, at most n.
    pub adjusted_rows: f64,
    /// The decision.
    pub reliability: PrecisionFlag,
}

impl NchsInput {
    /// The decision for limits that were computed elsewhere.
    pub fn decide_for(&self, lower: f64, upper: f64) -> PrecisionFlag {
        let (at_edge, effective_rows, _) = self.sizes(1.0);
        self.decide(effective_rows, lower, upper, at_edge)
    }

    /// Applies the rule.
    pub fn assess(&self) -> NchsAssessment {
        let adjustment = self.degrees_of_freedom.map_or(1.0, |degrees| {
            let ratio = student_quantile(0.975, self.rows - 1.0) / student_quantile(0.975, degrees);
            ratio * ratio
        });
        self.assess_with(adjustment)
    }

    /// The decision alone, with the adjustment for degrees of freedom already worked out. The limits are
    /// left out where the size alone says that they are less than 5 points apart.
    pub(crate) fn decide_with(&self, adjustment: f64) -> PrecisionFlag {
        let (at_edge, effective_rows, adjusted_rows) = self.sizes(adjustment);
        if widest(adjusted_rows) < 0.0495 {
            return self.decide(effective_rows, self.proportion, self.proportion, at_edge);
        }
        self.assess_with(adjustment).reliability
    }

    /// Whether the proportion is 0 or 1, the effective size, and the same adjusted and capped at n.
    fn sizes(&self, adjustment: f64) -> (bool, f64, f64) {
        let at_edge = self.proportion <= 0.0 || self.proportion >= 1.0;
        let effective_rows = if at_edge { self.rows } else { self.rows / self.design_effect };
        // At the edges the effective size is n and stays so.
        let adjusted_rows = if at_edge { self.rows } else { effective_rows * adjustment };
        // Without degrees of freedom the size is unknown, not n.
        let capped = if adjusted_rows.is_nan() { f64::NAN } else { adjusted_rows.min(self.rows) };
        (at_edge, effective_rows, capped)
    }

    /// As [`Self::assess`], with the adjustment for degrees of freedom already worked out.
    fn assess_with(&self, adjustment: f64) -> NchsAssessment {
        let (at_edge, effective_rows, adjusted_rows) = self.sizes(adjustment);
        let (lower, upper) = clopper_pearson(self.proportion, adjusted_rows, 0.95);
        let reliability = self.decide(effective_rows, lower, upper, at_edge);
        NchsAssessment { lower, upper, effective_rows, adjusted_rows, reliability }
    }

    fn decide(&self, effective_rows: f64, lower: f64, upper: f64, at_edge: bool) -> PrecisionFlag {
        // In points, to the tenth that is printed.
        let width = ((upper - lower) * 1000.0).round() / 10.0;
        let relative = |share: f64| share > 0.0 && width > 5.0 && (upper - lower) / share > 1.3;
        let mut reasons = Vec::new();
        // Not a number counts as too small.
        if effective_rows.is_nan() || effective_rows.min(self.rows) < 30.0 {
            reasons.push(Reason::EffectiveRowsBelow30);
        }
        if width.is_nan() || width >= 30.0 {
            reasons.push(Reason::IntervalWide);
        }
        if relative(self.proportion) && width < 30.0 {
            reasons.push(Reason::IntervalRelativelyWide);
        }
        if !reasons.is_empty() {
            return PrecisionFlag {
                presentation: Presentation::Suppress,
                reasons,
                footnote_complement: false,
            };
        }
        if at_edge {
            reasons.push(Reason::ZeroOrOne);
        }
        if self.degrees_of_freedom.is_some_and(|degrees| degrees < 8.0) {
            reasons.push(Reason::FewDegreesOfFreedom);
        }
        let presentation =
            if reasons.is_empty() { Presentation::Present } else { Presentation::Review };
        PrecisionFlag {
            presentation,
            reasons,
            footnote_complement: relative(1.0 - self.proportion),
        }
    }
}

/// A bound on the width of Clopper and Pearson's 95 % interval for a size, whatever the proportion.
///
/// A beta(a, b) variable is sub-Gaussian with variance proxy 1/(4(a+b+1)) (Marchal and Arbel 2017), so
/// the 2.5 % quantile of beta(x, n−x+1) is no further than √(ln 40 / (2(n+2))) below its mean x/(n+1), and
/// likewise above for beta(x+1, n−x).
fn widest(size: f64) -> f64 {
    1.0 / (size + 1.0) + 2.0 * (40.0_f64.ln() / (2.0 * (size + 2.0))).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_is_never_below_the_width() {
        for size in [5.0, 80.0, 2_999.5, 40_000.0] {
            for proportion in [0.0, 0.001, 0.2, 0.5, 0.93, 1.0] {
                let (lower, upper) = clopper_pearson(proportion, size, 0.95);
                assert!(upper - lower <= widest(size), "{size} {proportion}");
            }
        }
    }

    #[test]
    fn leaving_out_the_limits_changes_no_decision() {
        for rows in [2_900.0, 3_100.0, 9_000.0] {
            for proportion in [0.0, 0.004, 0.3, 0.5, 0.998, 1.0] {
                let input = NchsInput {
                    rows,
                    proportion,
                    design_effect: 1.0,
                    degrees_of_freedom: Some(40.0),
                };
                assert_eq!(input.decide_with(1.0), input.assess_with(1.0).reliability);
            }
        }
    }
}
