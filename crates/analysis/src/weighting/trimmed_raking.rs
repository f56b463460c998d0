//! Raking with weights kept within limits: trimming after raking breaks the margins, and raking after
//! trimming the limits, so both go on until both hold (Izrael, Battaglia and Frankel 2009).

use serde::{Deserialize, Serialize};
use survey_builder::problem::{Argument, phrase};

use crate::design::Design;
use crate::error::{Error, Result};
use crate::problem::{Fault, at_level, percent};
use crate::weighting::diagnostics::WeightingDiagnostics;
use crate::weighting::rake::{
    CrossedMargins, Margin, RakeOptions, Raked, checked, checked_sums, finished,
};

/// Limits of weights.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WeightLimits {
    /// Weights themselves.
    Weights {
        /// The smallest.
        lower: f64,
        /// The largest.
        upper: f64,
    },
    /// Multiples of the mean weight that the margins ask for.
    TimesMean {
        /// The smallest.
        lower: f64,
        /// The largest.
        upper: f64,
    },
    /// Up to the median of the raked weights plus so many of their interquartile ranges; six is a
    /// rule in use.
    MedianPlusRanges(f64),
}

/// Most turns of raking and trimming.
const TURNS: usize = 500;

/// Rakes within limits; the design then knows of the raking. A weight is within its limits when it is
/// beyond by less than the tolerance of the options.
///
/// # Errors
/// As [`rake`](super::rake::rake); limits the wrong way round; limits within which the margins cannot be met, with how many
/// weights stay beyond and the level that gives way when they are cut.
pub fn rake_within_limits(
    design: Design,
    margins: &[Margin],
    options: &RakeOptions,
    limits: WeightLimits,
) -> Result<(Design, WeightingDiagnostics)> {
    let crossed = checked(&design, margins, options)?;
    let each = (margins, &crossed);
    let design = design.with_each_replicate(|replicate| {
        checked_sums(&crossed, replicate.weights(), margins)?;
        Ok(raked_within(replicate.weights(), each, options, limits)?.weights)
    })?;
    let raked = raked_within(design.weights(), each, options, limits)?;
    Ok(finished(design, raked, each, options, "raking within limits"))
}

/// Rakes and trims by turns, from weights `before`, one a row. The gaps are those at the end of each
/// turn's raking.
fn raked_within(
    before: &[f64],
    (margins, crossed): (&[Margin], &CrossedMargins),
    options: &RakeOptions,
    limits: WeightLimits,
) -> Result<Raked> {
    let mut weights = before.to_vec();
    let mut gaps = Vec::new();
    let mut bounds = None;
    for _ in 0..TURNS {
        let raked = crossed.rake(&weights, &crossed.sums(&weights), margins, options)?;
        gaps.extend(raked.gaps.last());
        let (lower, upper) = match bounds {
            Some(bounds) => bounds,
            None => *bounds.insert(bounds_of(limits, &raked.weights)?),
        };
        let slack = options.tolerance.max(1e-9);
        let beyond = |weight: &f64| {
            *weight > 0.0 && (*weight > upper * (1.0 + slack) || *weight < lower * (1.0 - slack))
        };
        if !raked.weights.iter().any(beyond) {
            return Ok(Raked { gaps, ..raked });
        }
        weights = raked.weights;
        for weight in weights.iter_mut().filter(|weight| **weight > 0.0) {
            *weight = weight.clamp(lower, upper);
        }
    }
    Err(unmet(&weights, margins))
}

/// The level that is furthest from its target with all weights within the limits.
fn unmet(weights: &[f64], margins: &[Margin]) -> Error {
    let mut worst = (0.0, Argument::default());
    for margin in margins {
        for (place, (level, target)) in margin.levels.iter().zip(&margin.totals).enumerate() {
            let own = weights.iter().zip(&margin.codes);
            let sum: f64 =
                own.filter(|(_, code)| usize::from(**code) == place + 1).map(|(w, _)| w).sum();
            let gap = if *target > 0.0 { (sum - target).abs() / target } else { 0.0 };
            if gap > worst.0 {
                worst = (gap, at_level(&margin.variable, level).into());
            }
        }
    }
    let (gap, level) = (percent(worst.0), worst.1);
    Fault::LimitsUnmet { turns: TURNS, level, gap }.refused(phrase("phrase-input-weight-limits"))
}

fn bounds_of(limits: WeightLimits, raked: &[f64]) -> Result<(f64, f64)> {
    let mut above: Vec<f64> = raked.iter().copied().filter(|weight| *weight > 0.0).collect();
    above.sort_by(f64::total_cmp);
    let mean = above.iter().sum::<f64>() / above.len() as f64;
    let (lower, upper) = match limits {
        WeightLimits::Weights { lower, upper } => (lower, upper),
        WeightLimits::TimesMean { lower, upper } => (lower * mean, upper * mean),
        WeightLimits::MedianPlusRanges(ranges) => {
            let at = |share: f64| {
                let place = share * (above.len() - 1) as f64;
                let low = place.floor();
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a place"
                )]
                let (first, next) = (low as usize, (place.ceil() as usize).min(above.len() - 1));
                above[first] + (place - low) * (above[next] - above[first])
            };
            (0.0, at(0.5) + ranges * (at(0.75) - at(0.25)))
        }
    };
    // The mean is fixed by the margins, so it must lie between.
    if lower.is_nan() || upper.is_nan() || lower >= upper || lower > mean || upper < mean {
        return Err(Fault::LimitsAround { lower: lower.into(), upper: upper.into(), middle: mean }
            .refused(phrase("phrase-input-weight-limits")));
    }
    Ok((lower, upper))
}
