//! What options of statistics may be, by name.

use analysis::estimate::IntervalMethod;
use analysis::estimate::comparison::{Adjustment, adjusted};
use analysis::estimate::quantile::{Limits, QuantileRule};
use analysis::estimate::shares::ShareOf;
use clap::ValueEnum;
use survey_builder::problem::{Phrase, phrase};

/// Methods of intervals by name.
#[derive(ValueEnum, Debug, Clone, Copy)]
pub enum Method {
    /// Estimate ± Student quantile × standard error.
    Student,
    /// Estimate ± normal quantile × standard error.
    Normal,
    /// On the logit scale; for shares.
    Logit,
    /// On the arcsine scale; for shares.
    Arcsine,
    /// By the scaled likelihood; for shares.
    Likelihood,
    /// Wilson's on the effective size; for shares.
    Wilson,
    /// Korn and Graubard, effective size at most the number of rows; for shares.
    KornGraubard,
    /// Korn and Graubard, effective size as it is; for shares.
    KornGraubardUncapped,
}

impl Method {
    pub(super) fn method(self) -> IntervalMethod {
        match self {
            Self::Student => IntervalMethod::StudentT,
            Self::Normal => IntervalMethod::Normal,
            Self::Logit => IntervalMethod::Logit,
            Self::Arcsine => IntervalMethod::Arcsine,
            Self::Likelihood => IntervalMethod::Likelihood,
            Self::Wilson => IntervalMethod::Wilson,
            Self::KornGraubard => {
                IntervalMethod::KornGraubard { cap_at_n: true, count_missing: false }
            }
            Self::KornGraubardUncapped => {
                IntervalMethod::KornGraubard { cap_at_n: false, count_missing: false }
            }
        }
    }
}

/// Rules for degrees of freedom by name.
#[derive(ValueEnum, Debug, Clone, Copy)]
pub enum Degrees {
    /// In the whole sample.
    FullDesign,
    /// Among rows of the domain.
    Domain,
    /// Among rows of the domain that have a value.
    Answered,
    /// The same, with intervals wider by what clusters of unequal size take from the
    /// variance.
    Adjusted,
}

/// Rules of quantiles by name.
#[derive(ValueEnum, Debug, Clone, Copy)]
pub enum QuantileRules {
    /// The least value whose share reaches p (type 1).
    InverseCdf,
    /// The same, the middle of two where it is met exactly (type 2).
    AveragedInverseCdf,
    /// Type 3.
    NearestEven,
    /// Type 4.
    LinearCdf,
    /// Type 5.
    Hazen,
    /// Type 6.
    Weibull,
    /// Type 7.
    Gumbel,
    /// Type 8.
    MedianUnbiased,
    /// Type 9.
    Blom,
    /// Shah and Vaish.
    ShahVaish,
    /// The same as R has it: it changes with the unit of the weights.
    ShahVaishUnscaled,
}

impl QuantileRules {
    /// The rule as the library takes it.
    pub fn rule(self) -> QuantileRule {
        match self {
            Self::InverseCdf => QuantileRule::InverseCdf,
            Self::AveragedInverseCdf => QuantileRule::AveragedInverseCdf,
            Self::NearestEven => QuantileRule::NearestEven,
            Self::LinearCdf => QuantileRule::LinearCdf,
            Self::Hazen => QuantileRule::Hazen,
            Self::Weibull => QuantileRule::Weibull,
            Self::Gumbel => QuantileRule::Gumbel,
            Self::MedianUnbiased => QuantileRule::MedianUnbiased,
            Self::Blom => QuantileRule::Blom,
            Self::ShahVaish => QuantileRule::ShahVaish,
            Self::ShahVaishUnscaled => QuantileRule::ShahVaishUnscaled,
        }
    }
}

/// Rules of presentation by name.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Those of NCHS.
    Nchs,
    /// Classes by coefficient of variation of Statistics Canada.
    StatisticsCanada,
}

/// Families of models by name.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelFamily {
    /// Linear.
    Linear,
    /// Logistic, of 0 and 1.
    Logistic,
    /// Poisson, of counts.
    Poisson,
    /// Gamma with a logarithmic link.
    Gamma,
    /// Proportional odds of ordered levels.
    Ordinal,
}

/// Adjustments by name.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adjust {
    /// Holm.
    Holm,
    /// Bonferroni.
    Bonferroni,
    /// Šidák.
    Sidak,
    /// Benjamini and Hochberg.
    Bh,
    /// Benjamini and Yekutieli.
    By,
    /// Not at all.
    None,
}

impl Adjust {
    /// As the library takes it.
    pub fn adjustment(self) -> Option<Adjustment> {
        Some(match self {
            Self::Holm => Adjustment::Holm,
            Self::Bonferroni => Adjustment::Bonferroni,
            Self::Sidak => Adjustment::Sidak,
            Self::Bh => Adjustment::BenjaminiHochberg,
            Self::By => Adjustment::BenjaminiYekutieli,
            Self::None => return None,
        })
    }

    /// Probabilities raised for being many.
    pub fn raised(self, probabilities: &[f64]) -> Vec<f64> {
        match self.adjustment() {
            Some(adjustment) => adjusted(probabilities, adjustment),
            None => probabilities.to_vec(),
        }
    }

    /// The heading of adjusted probabilities.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Holm => "p_holm",
            Self::Bonferroni => "p_bonferroni",
            Self::Sidak => "p_sidak",
            Self::Bh => "p_bh",
            Self::By => "p_by",
            Self::None => "p_unadjusted",
        }
    }

    /// Its name in a note.
    pub fn named(self) -> Phrase {
        match self {
            Self::Holm => phrase("phrase-adjusted-holm"),
            Self::Bonferroni => phrase("phrase-adjusted-bonferroni"),
            Self::Sidak => phrase("phrase-adjusted-sidak"),
            Self::Bh => phrase("phrase-adjusted-bh"),
            Self::By => phrase("phrase-adjusted-by"),
            Self::None => phrase("phrase-adjusted-none"),
        }
    }
}

/// Limits of quantiles by name.
#[derive(ValueEnum, Debug, Clone, Copy)]
pub enum QuantileLimits {
    /// The interval of the share at or below the quantile, turned back.
    Woodruff,
    /// The interval of the probability, turned back.
    Probability,
    /// The values that a score test does not reject.
    Score,
}

impl QuantileLimits {
    /// As the library takes it.
    pub fn limits(self) -> Limits {
        match self {
            Self::Woodruff => Limits::FoundShare,
            Self::Probability => Limits::Probability,
            Self::Score => Limits::Score,
        }
    }
}

/// What shares of a table are of.
#[derive(ValueEnum, Debug, Clone, Copy)]
pub enum Of {
    /// Their column.
    Column,
    /// Their row.
    Row,
    /// The table.
    Total,
}

impl Of {
    /// As the library takes it.
    pub fn share(self) -> ShareOf {
        match self {
            Self::Column => ShareOf::Column,
            Self::Row => ShareOf::Row,
            Self::Total => ShareOf::Total,
        }
    }
}

/// Ways of rounding by name.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest multiple.
    Nearest,
    /// Up or down by chance, without bias.
    Random,
    /// By chance, so that columns of a banner still add up to their total.
    Controlled,
}

/// How a table is printed.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// A line for each figure, with everything that is known of it.
    List,
    /// Levels down and the banner across: figures and letters.
    Table,
}

/// Ways to find factors by name.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Factoring {
    /// Least residual correlations (minres).
    LeastResiduals,
    /// Maximum likelihood.
    Likelihood,
    /// Principal axes.
    PrincipalAxes,
}
