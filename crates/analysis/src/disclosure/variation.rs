//! Classes by coefficient of variation, as Statistics Canada releases estimates of its household surveys.

use serde::{Deserialize, Serialize};

/// What may be done with an estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VariationClass {
    /// At most 16.5 %: released without a mark.
    Acceptable,
    /// Above that, to 33.3 %: released with the letter E, to be used with caution.
    Marginal,
    /// Above that: not recommended for release; the letter F stands in its place.
    Unacceptable,
}

impl VariationClass {
    /// The letter beside or instead of the figure.
    pub fn letter(self) -> Option<char> {
        match self {
            Self::Acceptable => None,
            Self::Marginal => Some('E'),
            Self::Unacceptable => Some('F'),
        }
    }
}

/// Fewest respondents behind a released estimate, whatever its variation.
pub const FEWEST_RESPONDENTS: usize = 30;

/// The class of an estimate by its coefficient of variation (a share, not a percentage; in percent it is
/// rounded to a tenth first), from the guidelines on sampling variability in the user guides of the
/// Canadian Community Health Survey. Fewer than 30 respondents, or no coefficient at all, are
/// unacceptable. The guidelines are for totals and shares; the standard error is that of the survey.
pub fn variation_class(coefficient: Option<f64>, respondents: usize) -> VariationClass {
    let Some(percent) = coefficient.map(|share| (share * 1_000.0).round() / 10.0) else {
        return VariationClass::Unacceptable;
    };
    if percent.is_nan() || percent > 33.3 || respondents < FEWEST_RESPONDENTS {
        VariationClass::Unacceptable
    } else if percent > 16.5 {
        VariationClass::Marginal
    } else {
        VariationClass::Acceptable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_the_classes() {
        let class = |share: f64| variation_class(Some(share), 100).letter();
        assert_eq!([0.0, 0.165, 0.1654].map(class), [None; 3]);
        assert_eq!([0.166, 0.333].map(class), [Some('E'); 2]);
        assert_eq!([0.334, f64::NAN].map(class), [Some('F'); 2]);
        assert_eq!(variation_class(Some(0.1), 29), VariationClass::Unacceptable);
        assert_eq!(variation_class(None, 500), VariationClass::Unacceptable);
    }
}
