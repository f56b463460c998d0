//! Means, totals, ratios and proportions whose variance comes from replicate weights.
//!
//! Value, rows and simple random variance are those of the linearised estimate; standard error,
//! degrees of freedom and everything that follows from them are those of the replicates
//! ([`crate::variance::replication`]).

use crate::design::Design;
use crate::disclosure::nchs::Reliability;
use crate::error::{Result, invalid};
use crate::estimate::moments::{Members, mean, ratio, total};
use crate::estimate::proportion::{Sizes, finish};
use crate::estimate::{DesignEffect, Estimate, EstimateOptions, coefficient_of_variation};
use crate::variance::replication::Replicates;

/// What is estimated; columns have one entry a row, NaN where it is missing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measure<'a> {
    /// The mean of a column.
    Mean(&'a [f64]),
    /// The total of a column.
    Total(&'a [f64]),
    /// The share of rows with 1 among those with 0 or 1.
    Proportion(&'a [f64]),
    /// The ratio of two totals.
    Ratio {
        /// The column above.
        numerator: &'a [f64],
        /// The column below.
        denominator: &'a [f64],
    },
}

impl Measure<'_> {
    fn columns(&self) -> Vec<&[f64]> {
        match self {
            Self::Mean(column) | Self::Total(column) | Self::Proportion(column) => vec![column],
            Self::Ratio { numerator, denominator } => vec![numerator, denominator],
        }
    }

    fn linearised(
        &self,
        design: &Design,
        domain: Option<&[bool]>,
        options: &EstimateOptions,
    ) -> Result<Estimate> {
        match self {
            Self::Mean(column) | Self::Proportion(column) => mean(design, column, domain, options),
            Self::Total(column) => total(design, column, domain, options),
            Self::Ratio { numerator, denominator } => {
                ratio(design, numerator, denominator, domain, options)
            }
        }
    }

    /// The statistic with other weights, over the rows that are known.
    fn value(&self, weights: &[f64], known: &[bool]) -> f64 {
        let sum = |value: &dyn Fn(usize) -> f64| -> f64 {
            let rows = (0..weights.len()).filter(|&row| known[row]);
            rows.map(|row| weights[row] * value(row)).sum()
        };
        match self {
            Self::Mean(column) | Self::Proportion(column) => {
                sum(&|row| column[row]) / sum(&|_| 1.0)
            }
            Self::Total(column) => sum(&|row| column[row]),
            Self::Ratio { numerator, denominator } => {
                sum(&|row| numerator[row]) / sum(&|row| denominator[row])
            }
        }
    }
}

/// An estimate with the variance of replicates, and how many replicates gave none and were left out.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplicatedEstimate {
    /// The estimate.
    pub estimate: Estimate,
    /// Replicates in which the statistic is not defined.
    pub left_out: usize,
}

/// A measure over the members of `domain` (none: all) with the variance of `replicates`.
///
/// # Errors
/// As the linearised estimates; replicates of another length; fewer than two replicates in which the
/// statistic is defined.
pub fn replicated(
    design: &Design,
    replicates: &Replicates,
    measure: Measure<'_>,
    domain: Option<&[bool]>,
    options: &EstimateOptions,
) -> Result<ReplicatedEstimate> {
    let mut estimate = measure.linearised(design, domain, options)?;
    if replicates.weights.iter().any(|weights| weights.len() != design.rows()) {
        return Err(invalid("replicates", "differ in length", "give one weight a row"));
    }
    let members = Members::new(design, &measure.columns(), domain)?;
    let statistic = |weights: &[f64]| measure.value(weights, &members.known);
    let spread = replicates.estimate(design.weights(), |weights| Ok(vec![statistic(weights)]))?;
    let defined = replicates.weights.iter().filter(|weights| statistic(weights).is_finite());
    let left_out = replicates.weights.len() - defined.count();
    let standard_error = spread.covariance.standard_error(0);
    let change = spread.covariance.variance(0) / estimate.standard_error.powi(2);
    estimate.design_effect =
        estimate.design_effect.filter(|_| change.is_finite()).map(|effect| DesignEffect {
            with_replacement: effect.with_replacement * change,
            without_replacement: effect.without_replacement.map(|without| without * change),
        });
    estimate.standard_error = standard_error;
    estimate.degrees_of_freedom = replicates.degrees_of_freedom;
    estimate.interval =
        options.symmetric(estimate.value, standard_error, estimate.degrees_of_freedom);
    estimate.effective_rows =
        estimate.design_effect.map(|effect| estimate.rows as f64 / effect.with_replacement);
    estimate.coefficient_of_variation = coefficient_of_variation(estimate.value, standard_error);
    estimate.reliability =
        Reliability::of_mean(estimate.rows, estimate.coefficient_of_variation, standard_error);
    if let Measure::Proportion(holds) = measure {
        finish(&mut estimate, &Sizes::of(design, holds, domain)?, options);
    }
    Ok(ReplicatedEstimate { estimate, left_out })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::{DegreesOfFreedomRule, DesignInput, SinglePsu, StageInput, Weights};
    use crate::estimate::IntervalMethod;
    use crate::variance::replication::{Centre, jackknife};

    fn design() -> Design {
        Design::new(DesignInput {
            weights: Weights::Given(vec![2.0, 3.0, 1.0, 4.0, 2.0, 2.5]),
            stages: vec![StageInput {
                clusters: Some(vec![1, 1, 2, 3, 4, 4]),
                ..StageInput::default()
            }],
            nest: false,
            single_psu: SinglePsu::Fail,
            domain_single_psu: false,
        })
        .expect("a design")
    }

    const OPTIONS: EstimateOptions = EstimateOptions {
        confidence: 0.95,
        interval: IntervalMethod::StudentT,
        degrees_of_freedom: DegreesOfFreedomRule::FullDesign,
    };

    /// The jackknife of a total is its linearised variance (Wolter 2007, §4.2).
    #[test]
    fn totals_have_the_linearised_variance() {
        let design = design();
        let values = [5.0, 1.0, 2.0, 7.0, f64::NAN, 3.0];
        let replicates = jackknife(&design, Centre::FullSample).expect("replicates");
        let found = replicated(&design, &replicates, Measure::Total(&values), None, &OPTIONS)
            .expect("an estimate");
        let linear = total(&design, &values, None, &OPTIONS).expect("an estimate");
        assert!((found.estimate.standard_error - linear.standard_error).abs() < 1e-10);
        assert_eq!(found.estimate.value, linear.value);
        assert_eq!(found.estimate.degrees_of_freedom, 3.0);
        assert_eq!(found.left_out, 0);
    }

    /// Without the one cluster of the domain there is no mean.
    #[test]
    fn replicates_without_an_estimate_are_counted() {
        let design = design();
        let values = [5.0, 1.0, 2.0, 7.0, 4.0, 3.0];
        let domain = [false, false, true, false, false, false];
        let replicates = jackknife(&design, Centre::FullSample).expect("replicates");
        let measure = Measure::Mean(&values);
        let found = replicated(&design, &replicates, measure, Some(&domain), &OPTIONS)
            .expect("an estimate");
        assert_eq!(found.left_out, 1);
        assert_eq!(found.estimate.standard_error, 0.0);
    }
}
