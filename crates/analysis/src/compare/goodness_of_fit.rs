//! Whether the weighted shares of a variable are those expected.

use nalgebra::DMatrix;
use survey_builder::problem::phrase;

use super::{DesignTest, Reference};
use crate::design::{DegreesOfFreedomRule, Design};
use crate::distribution::chi_squared_upper_tail;
use crate::error::Result;
use crate::estimate::shares::level_totals;
use crate::estimate::{Coded, EstimateOptions, IntervalMethod};
use crate::problem::Fault;

/// Pearson's test that the levels of `column` have the shares `expected`, in the scale of the
/// population: X² = Σ (N̂ᵢ − pᵢN̂)²/(pᵢN̂) (Rao and Scott 1981, §3, scaled by N̂ in place of n).
///
/// X² is distributed as Σ λᵢ χ²₁, λ the eigenvalues of the covariance of its terms before squaring,
/// for which Satterthwaite's (1946) scaled χ² stands. `expected` need not add up to one.
///
/// # Errors
/// Expected shares that are not above zero or not one a level; as
/// [`crate::estimate::shares::shares`].
pub fn goodness_of_fit(
    design: &Design,
    column: Coded<'_>,
    expected: &[f64],
    domain: Option<&[bool]>,
) -> Result<DesignTest> {
    let input = phrase("phrase-input-expected-shares");
    if expected.len() != column.levels {
        let fault = Fault::DataCount { found: expected.len(), needed: column.levels };
        return Err(fault.refused(input));
    }
    if let Some(share) = expected.iter().find(|share| !(share.is_finite() && **share > 0.0)) {
        return Err(Fault::range(*share, phrase("phrase-above-0")).refused(input));
    }
    let options = EstimateOptions {
        confidence: 0.95,
        interval: IntervalMethod::StudentT,
        degrees_of_freedom: DegreesOfFreedomRule::FullDesign,
    };
    let joint = level_totals(design, column, domain, &options)?;
    let totals: Vec<f64> = joint.estimates.iter().map(|estimate| estimate.value).collect();
    let population: f64 = totals.iter().sum();
    let sum: f64 = expected.iter().sum();
    let shares: Vec<f64> = expected.iter().map(|p| p / sum).collect();
    let statistic: f64 = totals
        .iter()
        .zip(&shares)
        .map(|(total, share)| (total - share * population).powi(2) / (share * population))
        .sum();
    // The derivative of (N̂ᵢ − pᵢN̂)/√(pᵢN̂), by N̂ⱼ.
    let jacobian = DMatrix::from_fn(totals.len(), totals.len(), |term, level| {
        let by_expected = shares[term] * population;
        let gap = totals[term] - by_expected;
        let own = f64::from(u8::from(term == level)) / by_expected.sqrt();
        own - shares[term] * (1.0 / by_expected.sqrt() + 0.5 * gap / by_expected.powf(1.5))
    });
    let covariance = &jacobian * joint.covariance.matrix() * jacobian.transpose();
    let weights: Vec<f64> = covariance.symmetric_eigenvalues().iter().copied().collect();
    let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
    let trace: f64 = weights.iter().sum();
    let (scale, degrees_of_freedom) = (squares / trace, trace * trace / squares);
    Ok(DesignTest {
        statistic,
        reference: Reference::ScaledChiSquared { scale, degrees_of_freedom },
        p: chi_squared_upper_tail(statistic / scale, degrees_of_freedom),
        left_out: 0,
    })
}
