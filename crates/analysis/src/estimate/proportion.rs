//! Proportions with intervals that stay between 0 and 1.
//!
//! With p the weighted proportion, V its variance and t the Student quantile:
//!
//! - logit: log(p/(1−p)) ± t √V/(p(1−p)), turned back. R fits an intercept by iteration to the same
//!   end, so the two agree to 1e-6.
//! - arcsine: (sin(arcsin √p ± t √V / (2√(p(1−p)))))², the angle kept within 0 and 90 degrees.
//! - likelihood: all q with 2 p(1−p)/V · KL(p‖q) ≤ φt² (Rao and Scott 1984 scaling of the likelihood
//!   ratio), φ = n/(n−1) times the mean weight of those who answered over that of all, the dispersion
//!   of the quasi-likelihood that R fits.
//! - Wilson (1927): all q with (p − q)² ≤ t² q(1 − q)/n, n the effective size p(1−p)/V.
//! - Korn–Graubard (1998): Clopper–Pearson limits with effective size
//!   n* = p(1−p)/V · (t(n−1)/t(df))², in place of n.

use crate::design::Design;
use crate::disclosure::nchs::NchsInput;
use crate::distribution::{beta_quantile, student_quantile};
use crate::error::Result;
use crate::estimate::moments::{Members, mean};
use crate::estimate::presentation::{PrecisionFlag, Reason};
use crate::estimate::{Estimate, EstimateOptions, Interval, IntervalMethod, is_rounding};
use crate::variance::linearization::root;

/// Proportion of rows with `holds` = 1 among those with 0 or 1 (NaN: missing), in a domain.
///
/// Values between 0 and 1 are averaged as they are; the interval and the reliability rule then treat
/// their mean as a proportion.
///
/// # Errors
/// As [`mean`].
pub fn proportion(
    design: &Design,
    holds: &[f64],
    domain: Option<&[bool]>,
    options: &EstimateOptions,
) -> Result<Estimate> {
    let mut estimate = mean(design, holds, domain, options)?;
    finish(&mut estimate, &Sizes::of(design, holds, domain, options)?, options);
    Ok(estimate)
}

/// Puts the interval and the reliability of a proportion in place of those of a mean.
pub(crate) fn finish(estimate: &mut Estimate, sizes: &Sizes, options: &EstimateOptions) {
    let spread = Spread {
        proportion: estimate.value,
        variance: estimate.standard_error * estimate.standard_error,
        degrees_of_freedom: estimate.degrees_of_freedom,
        answered: sizes.answered as f64,
        weight_ratio: sizes.weight_ratio,
    };
    let quantiles =
        Quantiles::new(options, spread.degrees_of_freedom, sizes.answered, sizes.all_rows);
    let one_cluster = estimate.reliability.reasons.contains(&Reason::OneCluster);
    let wide = Spread { variance: spread.variance * sizes.widening.powi(2), ..spread };
    estimate.interval = interval(&wide, options, &quantiles);
    estimate.effective_rows = spread.effective_rows();
    estimate.reliability = if one_cluster {
        PrecisionFlag::unknown(Reason::OneCluster)
    } else {
        precision_flag(&spread, &quantiles)
    };
}

/// Sizes of the group that a proportion is of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    /// Rows with a known value.
    pub(crate) answered: usize,
    /// Rows of the domain.
    pub(crate) all_rows: usize,
    /// Mean weight of those with a known value ÷ mean weight of the domain.
    pub(crate) weight_ratio: f64,
    /// What the standard error is multiplied by for the interval.
    pub(crate) widening: f64,
}

impl Sizes {
    /// Sizes of the rows of a domain in which `holds` is known.
    pub(crate) fn of(
        design: &Design,
        holds: &[f64],
        domain: Option<&[bool]>,
        options: &EstimateOptions,
    ) -> Result<Self> {
        let members = Members::new(design, &[holds], domain)?;
        let in_domain = || {
            (0..design.rows()).filter(|&row| {
                design.weights()[row] != 0.0 && domain.is_none_or(|member| member[row])
            })
        };
        let all_rows = in_domain().count();
        let weight: f64 = in_domain().map(|row| design.weights()[row]).sum();
        let weight_ratio = (members.weight / members.rows as f64) / (weight / all_rows as f64);
        let widening = members.widening(design, options.degrees_of_freedom);
        Ok(Self { answered: members.rows, all_rows, weight_ratio, widening })
    }

    /// Sizes where every row of the domain has a known value.
    pub(crate) fn complete(rows: usize, widening: f64) -> Self {
        Self { answered: rows, all_rows: rows, weight_ratio: 1.0, widening }
    }
}

/// What the interval of a proportion depends on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) proportion: f64,
    pub(crate) variance: f64,
    pub(crate) degrees_of_freedom: f64,
    /// Rows with a known value.
    pub(crate) answered: f64,
    /// Mean weight of those with a known value ÷ mean weight of the domain.
    pub(crate) weight_ratio: f64,
}

impl Spread {
    /// p(1−p)/V; n where that is 0/0, as for a proportion of 0 or 1.
    pub(crate) fn effective_rows(&self) -> Option<f64> {
        let binomial = self.proportion * (1.0 - self.proportion);
        if binomial <= 0.0 {
            return Some(self.answered);
        }
        Some(binomial / self.variance).filter(|rows| rows.is_finite())
    }
}

/// Quantiles that intervals need, made once for all proportions with the same degrees of freedom and
/// number of rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quantiles {
    /// Rows with a known value, for which these hold.
    pub(crate) answered: usize,
    /// The multiple of the standard error in symmetric intervals.
    pub(crate) multiple: f64,
    /// (t(n−1)/t(df))² at the confidence of the options.
    adjustment: f64,
    /// The same at 95 %, for the rule of NCHS.
    rule_adjustment: f64,
}

impl Quantiles {
    pub(crate) fn new(
        options: &EstimateOptions,
        degrees_of_freedom: f64,
        answered: usize,
        all_rows: usize,
    ) -> Self {
        let squared_ratio = |confidence: f64, rows: usize| {
            let tail = 0.5 + 0.5 * confidence;
            let ratio = student_quantile(tail, rows as f64 - 1.0)
                / student_quantile(tail, degrees_of_freedom);
            ratio * ratio
        };
        let adjustment = match options.interval {
            IntervalMethod::KornGraubard { count_missing, .. } => {
                squared_ratio(options.confidence, if count_missing { all_rows } else { answered })
            }
            _ => f64::NAN,
        };
        Self {
            answered,
            multiple: options.multiple(degrees_of_freedom),
            adjustment,
            rule_adjustment: squared_ratio(0.95, answered),
        }
    }
}

/// The decision of NCHS, from the capped Korn–Graubard interval whichever interval is shown.
pub(crate) fn precision_flag(spread: &Spread, quantiles: &Quantiles) -> PrecisionFlag {
    let binomial = spread.proportion * (1.0 - spread.proportion);
    if binomial > 0.0 && is_rounding(spread.proportion, root(spread.variance)) {
        return PrecisionFlag::unknown(Reason::NoVariation);
    }
    let design_effect =
        if binomial > 0.0 { spread.variance * spread.answered / binomial } else { 1.0 };
    NchsInput {
        rows: spread.answered,
        proportion: spread.proportion,
        design_effect,
        degrees_of_freedom: Some(spread.degrees_of_freedom),
    }
    .decide_with(quantiles.rule_adjustment)
}

/// The interval of a proportion; none where the method has none.
pub(crate) fn interval(
    spread: &Spread,
    options: &EstimateOptions,
    quantiles: &Quantiles,
) -> Option<Interval> {
    let p = spread.proportion;
    let standard_error = root(spread.variance);
    if spread.variance.is_nan() || is_rounding(p, standard_error) {
        return None;
    }
    let t = quantiles.multiple;
    let (lower, upper) = match options.interval {
        IntervalMethod::StudentT | IntervalMethod::Normal | IntervalMethod::FisherZ => {
            return options.symmetric_with(p, standard_error, t);
        }
        IntervalMethod::Logit => {
            let centre = (p / (1.0 - p)).ln();
            let reach = t * standard_error / (p * (1.0 - p));
            (logistic(centre - reach), logistic(centre + reach))
        }
        IntervalMethod::Arcsine => {
            let centre = p.sqrt().asin();
            let reach = t * standard_error / (2.0 * (p * (1.0 - p)).sqrt());
            // Beyond 0 and 90 degrees the sine would turn back, and a limit come inside again.
            let lower = (centre - reach).max(0.0);
            let upper = (centre + reach).min(std::f64::consts::FRAC_PI_2);
            (lower.sin().powi(2), upper.sin().powi(2))
        }
        IntervalMethod::Likelihood => likelihood_limits(spread, t),
        IntervalMethod::Wilson => wilson_limits(spread, t),
        IntervalMethod::KornGraubard { cap_at_n, .. } => {
            let mut size = p * (1.0 - p) / spread.variance * quantiles.adjustment;
            if cap_at_n {
                // 0/0 at the edges and 1/0 without variance both mean "as good as n independent rows".
                size = if size.is_nan() { spread.answered } else { size.min(spread.answered) };
            }
            clopper_pearson(p, size, options.confidence)
        }
    };
    (lower.is_finite() && upper.is_finite()).then_some(Interval {
        lower,
        upper,
        confidence: options.confidence,
        method: options.interval,
    })
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Exact binomial limits for p successes a trial in `size` trials, which need not be whole (Clopper and
/// Pearson 1934 in their beta form).
pub fn clopper_pearson(p: f64, size: f64, confidence: f64) -> (f64, f64) {
    let tail = 0.5 * (1.0 - confidence);
    let successes = size * p;
    let failures = size * (1.0 - p);
    (
        beta_quantile(tail, successes, failures + 1.0),
        beta_quantile(1.0 - tail, successes + 1.0, failures),
    )
}

/// All q with (p − q)² ≤ t² q(1 − q)/n, n the effective size; for shares of 0 and 1 the rows that answered.
fn wilson_limits(spread: &Spread, t: f64) -> (f64, f64) {
    let (p, size) = (spread.proportion, spread.effective_rows().unwrap_or(f64::NAN));
    let squared = t * t / size;
    let centre = (p + 0.5 * squared) / (1.0 + squared);
    let reach = (squared * (p * (1.0 - p) + 0.25 * squared)).sqrt() / (1.0 + squared);
    ((centre - reach).max(0.0), (centre + reach).min(1.0))
}

/// Both solutions of 2 p(1−p)/V · KL(p‖q) = φt², by bisection.
fn likelihood_limits(spread: &Spread, t: f64) -> (f64, f64) {
    let p = spread.proportion;
    let size = p * (1.0 - p) / spread.variance;
    if !size.is_finite() || !t.is_finite() {
        return (f64::NAN, f64::NAN);
    }
    let dispersion = spread.weight_ratio * spread.answered / (spread.answered - 1.0);
    let bound = t * t * dispersion;
    let excess = |q: f64| {
        let divergence = p * (p / q).ln() + (1.0 - p) * ((1.0 - p) / (1.0 - q)).ln();
        2.0 * size * divergence - bound
    };
    let solve = |mut inside: f64, mut outside: f64| {
        for _ in 0..200 {
            let middle = 0.5 * (inside + outside);
            if excess(middle) > 0.0 { outside = middle } else { inside = middle }
        }
        0.5 * (inside + outside)
    };
    (solve(p, 0.0), solve(p, 1.0))
}
