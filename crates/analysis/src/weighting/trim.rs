//! Trimming: weights beyond limits are cut, what they lose is spread over the others in equal parts.

use survey_builder::problem::phrase;

use crate::design::Design;
use crate::error::Result;
use crate::problem::Fault;

/// Rounds after which strict trimming gives up.
const ROUNDS: usize = 1000;

/// Weights cut to `lower` and `upper`; the surplus goes in equal amounts to the rows that were within
/// (R's `trimWeights`; Potter 1990). `strict` repeats this until none is beyond, since a share of the
/// surplus may carry a weight over the limit. The sum of the weights stays.
///
/// # Errors
/// Limits that are no numbers or the wrong way round; no row within them; a sum that no weights within
/// the limits have.
pub fn trimmed_weights(weights: &[f64], lower: f64, upper: f64, strict: bool) -> Result<Vec<f64>> {
    if lower.is_nan() || upper.is_nan() || lower >= upper {
        return Err(Fault::LimitsOrder { lower: lower.into(), upper: upper.into() }
            .refused(phrase("phrase-input-weight-limits")));
    }
    let mut weights = weights.to_vec();
    for _ in 0..ROUNDS {
        let beyond = |weight: f64| weight < lower || weight > upper;
        let within = weights.iter().filter(|weight| !beyond(**weight)).count();
        if within == weights.len() {
            return Ok(weights);
        }
        if within == 0 {
            break;
        }
        let surplus: f64 = weights.iter().map(|weight| weight - weight.clamp(lower, upper)).sum();
        let part = surplus / within as f64;
        for weight in &mut weights {
            *weight = if beyond(*weight) { weight.clamp(lower, upper) } else { *weight + part };
        }
        if !strict {
            return Ok(weights);
        }
    }
    Err(Fault::LimitsSum.refused(phrase("phrase-input-weight-limits")))
}

/// Trims the weights of a design; what it knows of earlier steps stays.
///
/// # Errors
/// As [`trimmed_weights`].
pub fn trim(design: Design, lower: f64, upper: f64, strict: bool) -> Result<Design> {
    let weights = trimmed_weights(design.weights(), lower, upper, strict)?;
    let design = design.with_each_replicate(|replicate| {
        trimmed_weights(replicate.weights(), lower, upper, strict)
    })?;
    Ok(design.with_weights(weights))
}
