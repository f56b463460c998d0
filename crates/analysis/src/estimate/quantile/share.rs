//! Shares of a domain at or below a value, for one value after another.
//!
//! The rows of the domain are looked up once; each share then runs through them alone, with its
//! variance from sums by cluster where the design needs no more.

use crate::design::{DegreesOfFreedomRule, Design};
use crate::error::Result;
use crate::estimate::proportion::{Quantiles, Sizes, Spread, interval};
use crate::estimate::quantile::cumulative_share;
use crate::estimate::{EstimateOptions, Interval};
use crate::variance::linearization::covariance_of_totals;

/// A share with its standard error and interval.
pub(super) struct Share {
    pub(super) value: f64,
    pub(super) standard_error: f64,
    pub(super) interval: Option<Interval>,
}

/// The rows of a domain with a known value, in the order of the design.
pub(super) struct DomainRows<'a> {
    design: &'a Design,
    column: &'a [f64],
    domain: Option<&'a [bool]>,
    options: &'a EstimateOptions,
    values: Vec<f64>,
    weights: Vec<f64>,
    /// First-stage cluster of each.
    clusters: Vec<u32>,
    /// Clusters that hold one of them.
    present: Vec<bool>,
    /// Sum of the weights.
    weight: f64,
    sizes: Sizes,
    degrees_of_freedom: f64,
    /// What intervals of shares need; none depends on the share.
    quantiles: Quantiles,
}

impl<'a> DomainRows<'a> {
    /// `column` and `domain` are as long as the design.
    pub(super) fn new(
        design: &'a Design,
        column: &'a [f64],
        domain: Option<&'a [bool]>,
        options: &'a EstimateOptions,
    ) -> Self {
        let members = member_rows(design.rows(), domain);
        let stage = &design.stages()[0];
        let mut present = vec![false; stage.cluster_count()];
        let (mut values, mut weights, mut clusters) = (Vec::new(), Vec::new(), Vec::new());
        let (mut answered, mut all_rows, mut weight, mut weight_of_all) = (0, 0, 0.0, 0.0);
        for &row in &members {
            let (value, own) = (column[row], design.weights()[row]);
            weight_of_all += own;
            all_rows += usize::from(own != 0.0);
            if !value.is_nan() {
                let cluster = stage.cluster_of_row()[row];
                values.push(value);
                weights.push(own);
                clusters.push(cluster);
                present[cluster as usize] = true;
                weight += own;
                answered += usize::from(own != 0.0);
            }
        }
        let weight_ratio = (weight / answered as f64) / (weight_of_all / all_rows as f64);
        let widening = if design.widens(options.degrees_of_freedom) {
            let mut by_cluster = vec![0.0; stage.cluster_count()];
            let own = clusters.iter().zip(&weights);
            own.for_each(|(cluster, weight)| by_cluster[*cluster as usize] += weight);
            design.widening_of(&by_cluster)
        } else {
            1.0
        };
        let degrees_of_freedom = degrees_of_freedom(design, column, domain, options);
        Self {
            design,
            column,
            domain,
            options,
            values,
            weights,
            clusters,
            present,
            weight,
            sizes: Sizes { answered, all_rows, weight_ratio, widening },
            degrees_of_freedom,
            quantiles: Quantiles::new(options, degrees_of_freedom, answered, all_rows),
        }
    }

    /// Rows with a known value and a weight.
    pub(super) fn answered(&self) -> usize {
        self.sizes.answered
    }

    pub(super) fn degrees_of_freedom(&self) -> f64 {
        self.degrees_of_freedom
    }

    /// What standard errors of shares are multiplied by for intervals.
    pub(super) fn widening(&self) -> f64 {
        self.sizes.widening
    }

    /// Values of the rows with a weight above zero, with the weights, in the order of the design.
    pub(super) fn weighted_values(&self) -> Vec<(f64, f64)> {
        let all = self.values.iter().copied().zip(self.weights.iter().copied());
        all.filter(|(_, weight)| *weight > 0.0).collect()
    }

    /// The share with values at or below `value`; as [`cumulative_share`].
    ///
    /// # Errors
    /// As [`cumulative_share`].
    pub(super) fn share(&self, value: f64) -> Result<Share> {
        if !self.design.is_linear_by_cluster() {
            let Self { design, column, domain, options, .. } = self;
            let share = cumulative_share(design, column, value, *domain, options)?;
            return Ok(Share {
                value: share.value,
                standard_error: share.standard_error,
                interval: share.interval,
            });
        }
        let weighted = self.values.iter().zip(&self.weights);
        let below = weighted.map(|(x, weight)| if *x <= value { *weight } else { 0.0 });
        let share = below.sum::<f64>() / self.weight;
        let standard_error = self.standard_error(value, share)?;
        let spread = Spread {
            proportion: share,
            variance: standard_error * standard_error * self.sizes.widening.powi(2),
            degrees_of_freedom: self.degrees_of_freedom,
            answered: self.sizes.answered as f64,
            weight_ratio: self.sizes.weight_ratio,
        };
        let interval = interval(&spread, self.options, &self.quantiles);
        Ok(Share { value: share, standard_error, interval })
    }

    /// The standard error of the share at or below `value`, from the sums by cluster of its scores
    /// w (1(x ≤ value) − share) / W.
    fn standard_error(&self, value: f64, share: f64) -> Result<f64> {
        let [holds, fails] = [1.0, 0.0].map(|own: f64| (own - share) / self.weight);
        let mut totals = vec![0.0; self.present.len()];
        let rows = self.clusters.iter().zip(self.values.iter().zip(&self.weights));
        for (&cluster, (x, weight)) in rows {
            totals[cluster as usize] += weight * if *x <= value { holds } else { fails };
        }
        let covariance = covariance_of_totals(self.design, &totals, Some(&self.present), 1)?;
        Ok(covariance.standard_error(0))
    }
}

/// Degrees of freedom by the rule of the options.
fn degrees_of_freedom(
    design: &Design,
    column: &[f64],
    domain: Option<&[bool]>,
    options: &EstimateOptions,
) -> f64 {
    let rule = options.degrees_of_freedom;
    let answered = matches!(rule, DegreesOfFreedomRule::Answered | DegreesOfFreedomRule::Adjusted);
    let known: Option<Vec<bool>> =
        answered.then(|| column.iter().map(|value| !value.is_nan()).collect());
    design.degrees_of_freedom(rule, domain, known.as_deref())
}

/// Rows looked at together: most hold no member of a small domain.
const STRETCH: usize = 16;

/// The rows of a domain.
fn member_rows(rows: usize, domain: Option<&[bool]>) -> Vec<usize> {
    let Some(domain) = domain else { return (0..rows).collect() };
    let mut members = Vec::new();
    for (stretch, own) in domain.chunks(STRETCH).enumerate() {
        if own.iter().fold(false, |any, member| any | member) {
            let places = own.iter().enumerate().filter(|(_, member)| **member);
            members.extend(places.map(|(place, _)| stretch * STRETCH + place));
        }
    }
    members
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::IntervalMethod;
    use crate::{DesignInput, SinglePsu, StageInput, Weights};

    #[test]
    fn shares_are_those_of_the_column_of_indicators() {
        let rows = 240;
        let of = |by: usize, modulus: usize| (0..rows).map(move |row| row * by % modulus);
        let code = |place| u32::try_from(place).expect("a code");
        let design = Design::new(DesignInput {
            weights: Weights::Given(of(7, 5).map(|place| place as f64).collect()),
            stages: vec![StageInput {
                strata: Some(of(1, 3).map(code).collect()),
                clusters: Some(of(1, 12).map(code).collect()),
                population: None,
            }],
            nest: false,
            single_psu: SinglePsu::Fail,
            domain_single_psu: false,
        })
        .expect("a design");
        let column: Vec<f64> =
            of(11, 29).map(|place| if place == 3 { f64::NAN } else { place as f64 }).collect();
        let domain: Vec<bool> = of(13, 17).map(|place| place < 6).collect();
        for rule in [
            DegreesOfFreedomRule::FullDesign,
            DegreesOfFreedomRule::Answered,
            DegreesOfFreedomRule::Adjusted,
        ] {
            let options = EstimateOptions {
                confidence: 0.9,
                interval: IntervalMethod::Logit,
                degrees_of_freedom: rule,
            };
            for domain in [None, Some(domain.as_slice())] {
                let members = DomainRows::new(&design, &column, domain, &options);
                for value in [2.0, 11.5, 27.0] {
                    let found = members.share(value).expect("a share");
                    let expected = cumulative_share(&design, &column, value, domain, &options);
                    let expected = expected.expect("a share");
                    assert_eq!(found.value, expected.value);
                    assert_eq!(found.standard_error, expected.standard_error);
                    assert_eq!(found.interval, expected.interval);
                    assert_eq!(members.answered(), expected.rows);
                    assert_eq!(members.degrees_of_freedom(), expected.degrees_of_freedom);
                }
            }
        }
    }
}
