//! Presentation of estimated numbers of people: the rule of NCHS, and the older one of 30 and 30 %.

use serde::{Deserialize, Serialize};

/// What is to be done with an estimated number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountPresentation {
    /// It may be shown.
    Present,
    /// A statistician decides: degrees of freedom are below 8.
    ReviewDegreesOfFreedom,
    /// To be shown with a footnote: its relative standard error is 30 % or more.
    FootnoteStandardError,
    /// It is not shown.
    Suppress,
}

/// The rule of NCHS for counts (Parker and others 2023, Vital and Health Statistics 2(200)): suppress if
/// fewer than 10 rows, or an interval wider than 160 % of the number; else review if degrees of freedom
/// are below 8. A width that is no number suppresses.
pub fn nchs_count(
    total: f64,
    rows: f64,
    limits: (f64, f64),
    degrees_of_freedom: f64,
) -> CountPresentation {
    let width = (limits.1 - limits.0) / total;
    if rows < 10.0 || width.is_nan() || width > 1.6 {
        CountPresentation::Suppress
    } else if degrees_of_freedom < 8.0 {
        CountPresentation::ReviewDegreesOfFreedom
    } else {
        CountPresentation::Present
    }
}

/// The older rule: fewer than 30 rows are not shown, a relative standard error of 30 % or more is noted.
pub fn rule_of_thirty(total: f64, standard_error: f64, rows: f64) -> CountPresentation {
    let relative = standard_error / total;
    if rows < 30.0 {
        CountPresentation::Suppress
    } else if relative.is_nan() || relative >= 0.3 {
        CountPresentation::FootnoteStandardError
    } else {
        CountPresentation::Present
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_the_rules() {
        assert_eq!(nchs_count(40.0, 12.0, (12.0, 76.0), 8.0), CountPresentation::Present);
        assert_eq!(nchs_count(40.0, 9.0, (12.0, 76.0), 8.0), CountPresentation::Suppress);
        assert_eq!(rule_of_thirty(10.0, 3.0, 30.0), CountPresentation::FootnoteStandardError);
    }
}
