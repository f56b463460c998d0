//! Weighted quantiles with intervals from the distribution function, and that function.
//!
//! With the values in order, weights w₁ … wₙ, Cₖ = w₁ + … + wₖ and W = Cₙ, a [`QuantileRule`] says
//! what stands at a probability p. The nine of Hyndman and Fan (1996) are carried over to weights as R's
//! `svyquantile` does; with equal weights they are theirs. Rows of one value share its weight equally, so
//! that no quantile depends on the order of the rows; R takes them one after the other as they come.
//!
//! The interval is Woodruff's (1952): the interval of the share of values at or below the quantile,
//! by any method for proportions, turned back by the same rule. A limit whose share is below 0 or
//! above 1 does not exist. The standard error is the length of the interval over twice the multiple
//! (Francisco and Fuller 1991).

mod share;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use crate::design::Design;
use crate::error::{Result, all_or_nothing};
use crate::estimate::proportion::proportion;
use crate::estimate::quantile::share::DomainRows;
use crate::estimate::{
    Estimate, EstimateOptions, Interval, IntervalMethod, checked_domain, length_problem,
};
use crate::problem::Fault;

/// What value stands at a probability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuantileRule {
    /// The least value with Cₖ ≥ pW: the inverse of the distribution function (type 1; R's `math`).
    InverseCdf,
    /// The same, and the middle of two values where Cₖ = pW (type 2; R's `school`).
    AveragedInverseCdf,
    /// The same over distinct values, and the one of even rank where Cₖ = pW (type 3).
    NearestEven,
    /// Linear between the points Cₖ / W (type 4).
    LinearCdf,
    /// Linear between the points (Cₖ − wₖ/2) / W (type 5, Hazen).
    Hazen,
    /// Linear between the points Cₖ / (W + wₙ) (type 6, Weibull).
    Weibull,
    /// Linear between the points Cₖ₋₁ / Cₙ₋₁ (type 7, Gumbel; R's and Excel's usual one).
    Gumbel,
    /// Linear between the points (Cₖ₋₁/3 + 2Cₖ/3) / (W + wₙ/3) (type 8, unbiased in the median).
    MedianUnbiased,
    /// Linear between the points (3Cₖ₋₁/8 + 5Cₖ/8) / (W + wₙ/4) (type 9, Blom).
    Blom,
    /// The step at (Sₖ + ½ − sₖ/2) / (n + 1), s the weights scaled to a mean of one (Shah and
    /// Vaish 2006).
    ShahVaish,
    /// The step at (Sₖ + ½ − wₖ/2) / (n + 1), as R's `svyquantile` has it: half the weight is not
    /// scaled, so the quantile changes with the unit of the weights. Only to reproduce R; points may
    /// fall, and are put in order, the values at equal points averaged.
    ShahVaishUnscaled,
}

/// A quantile with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Quantile {
    /// The probability it stands at.
    pub probability: f64,
    /// The quantile, in the unit of the variable.
    pub value: f64,
    /// Its standard error; none where a limit does not exist.
    pub standard_error: Option<f64>,
    /// The lower limit; none where the share that it stands at is below 0.
    pub lower: Option<f64>,
    /// The upper limit; none where the share that it stands at is above 1.
    pub upper: Option<f64>,
    /// Confidence of the limits.
    pub confidence: f64,
    /// Degrees of freedom of the limits.
    pub degrees_of_freedom: f64,
    /// Rows that entered.
    pub rows: usize,
}

/// What the limits of a quantile are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limits {
    /// The share that is found at or below the quantile, with the interval of the options; a limit
    /// outside 0 to 1 does not exist.
    FoundShare,
    /// The probability itself: p ± multiple × the standard error of that share, the end values beyond
    /// the ends (R's `oldsvyquantile` with [`QuantileRule::LinearCdf`]). Only with Student's interval
    /// or the normal one. Where values are few the share that is found is not p.
    Probability,
    /// All values θ at which the share at or below θ does not differ from p by more than the multiple
    /// times its standard error at θ: the score test turned round (Binder 1991; Francisco and Fuller
    /// 1991, §3). Only with Student's interval or the normal one; the limits are values of the data.
    Score,
}

/// Quantiles of a column at several probabilities, in a domain.
///
/// # Errors
/// A column or domain of another length than the design, a probability outside [0, 1], no row with a
/// known value and a weight above zero, [`Limits::Probability`] with an interval that is made for a
/// share.
pub fn quantiles(
    design: &Design,
    column: &[f64],
    probabilities: &[f64],
    domain: Option<&[bool]>,
    rule: QuantileRule,
    limits: Limits,
    options: &EstimateOptions,
) -> Result<Vec<Quantile>> {
    let mut problems = length_problem(phrase("phrase-input-column"), column.len(), design.rows());
    problems.extend(options.problems());
    for probability in probabilities.iter().filter(|p| !(0.0..=1.0).contains(*p)) {
        problems.push(
            Fault::range(*probability, phrase("phrase-from-0-to-1"))
                .at(phrase("phrase-input-probability")),
        );
    }
    let symmetric = matches!(options.interval, IntervalMethod::StudentT | IntervalMethod::Normal);
    if limits != Limits::FoundShare && !symmetric {
        problems.push(Fault::QuantileInterval.at(phrase("phrase-input-interval")));
    }
    all_or_nothing(problems)?;
    checked_domain(design, domain)?;
    let rows = DomainRows::new(design, column, domain, options);
    let ordered = Ordered::new(rows.weighted_values(), rule);
    if ordered.values.is_empty() {
        return Err(Fault::DomainEmpty.refused(phrase("phrase-input-column")));
    }
    let multiple = multiple(options, rows.degrees_of_freedom()) * rows.widening();
    let quantile = |&probability: &f64| {
        let value = ordered.quantile(probability, rule);
        let [lower, upper] =
            limits_of(&rows, &ordered, (probability, value), rule, limits, multiple)?;
        let length = lower.zip(upper).map(|(lower, upper)| upper - lower);
        let standard_error = length.map(|length| length / (2.0 * multiple));
        Ok(Quantile {
            probability,
            value,
            standard_error: standard_error.filter(|error| error.is_finite()),
            lower,
            upper,
            confidence: options.confidence,
            degrees_of_freedom: rows.degrees_of_freedom(),
            rows: rows.answered(),
        })
    };
    probabilities.iter().map(quantile).collect()
}

/// The limits of the quantile that is `value` at `probability`.
fn limits_of(
    rows: &DomainRows<'_>,
    ordered: &Ordered,
    (probability, value): (f64, f64),
    rule: QuantileRule,
    limits: Limits,
    multiple: f64,
) -> Result<[Option<f64>; 2]> {
    let share = rows.share(value)?;
    let at = |p: f64| (0.0..=1.0).contains(&p).then(|| ordered.quantile(p, rule));
    Ok(match limits {
        Limits::FoundShare => {
            let found = |limit: fn(&Interval) -> f64| share.interval.as_ref().map(limit);
            [found(|it| it.lower).and_then(at), found(|it| it.upper).and_then(at)]
        }
        Limits::Score => {
            let accepted = |at: f64| -> Result<std::cmp::Ordering> {
                let share = rows.share(at)?;
                let gap = share.value - probability;
                let reach = multiple * share.standard_error;
                Ok(if gap < -reach {
                    std::cmp::Ordering::Less
                } else if gap > reach {
                    std::cmp::Ordering::Greater
                } else {
                    std::cmp::Ordering::Equal
                })
            };
            ordered.test_limits(value, accepted)?.map(Some)
        }
        Limits::Probability => {
            let reach = multiple * share.standard_error;
            [probability - reach, probability + reach].map(|p| at(p.clamp(0.0, 1.0)))
        }
    })
}

/// Half the length of an interval in standard errors: normal where that is asked, else Student's.
fn multiple(options: &EstimateOptions, degrees_of_freedom: f64) -> f64 {
    let interval = match options.interval {
        IntervalMethod::Normal => IntervalMethod::Normal,
        _ => IntervalMethod::StudentT,
    };
    EstimateOptions { interval, ..*options }.multiple(degrees_of_freedom)
}

/// The share of a domain with values at or below `value`: the distribution function there.
///
/// # Errors
/// As [`proportion`].
pub fn cumulative_share(
    design: &Design,
    column: &[f64],
    value: f64,
    domain: Option<&[bool]>,
    options: &EstimateOptions,
) -> Result<Estimate> {
    let holds: Vec<f64> = column
        .iter()
        .map(|&x| if x.is_nan() { f64::NAN } else { f64::from(u8::from(x <= value)) })
        .collect();
    proportion(design, &holds, domain, options)
}

/// Known values of a domain in order, with their weights.
struct Ordered {
    values: Vec<f64>,
    weights: Vec<f64>,
    /// Cₖ.
    cumulative: Vec<f64>,
}

impl Ordered {
    /// From values with their weights, in any order.
    fn new(mut pairs: Vec<(f64, f64)>, rule: QuantileRule) -> Self {
        // Stable, so that rows with one value keep their order.
        pairs.par_sort_by(|one, other| one.0.total_cmp(&other.0));
        let mut ordered = Self::from_pairs(&pairs);
        // The one rule that is there to reproduce R goes by the order of the rows as R does.
        if rule != QuantileRule::ShahVaishUnscaled {
            ordered.share_among_ties();
        }
        ordered
    }

    /// Gives all rows of one value the mean of their weights. Sums at the end of a value stay as they are.
    fn share_among_ties(&mut self) {
        let mut first = 0;
        let mut before = 0.0;
        for own in self.values.chunk_by(|one, other| one == other) {
            let last = first + own.len() - 1;
            let weight = (self.cumulative[last] - before) / own.len() as f64;
            if own.len() > 1 {
                let mut sum = before;
                for place in first..last {
                    sum += weight;
                    self.cumulative[place] = sum;
                }
                self.weights[first..=last].fill(weight);
            }
            before = self.cumulative[last];
            first = last + 1;
        }
    }

    fn from_pairs(pairs: &[(f64, f64)]) -> Self {
        let mut sum = 0.0;
        let cumulative = pairs
            .iter()
            .map(|&(_, weight)| {
                sum += weight;
                sum
            })
            .collect();
        let (values, weights) = pairs.iter().copied().unzip();
        Self { values, weights, cumulative }
    }

    /// The same with one entry a distinct value.
    fn distinct(&self) -> Self {
        let mut pairs: Vec<(f64, f64)> = Vec::new();
        for (&value, &weight) in self.values.iter().zip(&self.weights) {
            match pairs.last_mut() {
                #[expect(clippy::float_cmp, reason = "equal values are one value")]
                Some(last) if last.0 == value => last.1 += weight,
                _ => pairs.push((value, weight)),
            }
        }
        Self::from_pairs(&pairs)
    }

    /// The ends of the values around `value` that a test accepts: the first accepted value, and the
    /// first that is rejected as too high, up to which all are accepted. The share at or below a value
    /// rises, so each end is found by halving.
    fn test_limits(
        &self,
        value: f64,
        test: impl Fn(f64) -> Result<std::cmp::Ordering>,
    ) -> Result<[f64; 2]> {
        let values = self.distinct().values;
        let middle = values.partition_point(|own| *own < value).min(values.len() - 1);
        let first =
            |mut low: usize, mut high: usize, passed: std::cmp::Ordering| -> Result<usize> {
                while low < high {
                    let place = usize::midpoint(low, high);
                    if test(values[place])? >= passed { high = place } else { low = place + 1 }
                }
                Ok(low)
            };
        let lower = first(0, middle, std::cmp::Ordering::Equal)?;
        let upper = first(middle, values.len() - 1, std::cmp::Ordering::Greater)?;
        Ok([values[lower], values[upper]])
    }

    fn total(&self) -> f64 {
        self.cumulative.last().copied().unwrap_or(0.0)
    }

    /// The value at a probability; there is at least one value.
    fn quantile(&self, p: f64, rule: QuantileRule) -> f64 {
        let last = self.values.len() - 1;
        if last == 0 {
            return self.values[0];
        }
        let (total, final_weight) = (self.total(), self.weights[last]);
        let before = |k: usize| if k == 0 { 0.0 } else { self.cumulative[k - 1] };
        match rule {
            QuantileRule::InverseCdf => self.step(p).upper_unless_met(),
            QuantileRule::AveragedInverseCdf => {
                let step = self.step(p);
                if step.met { 0.5 * (step.low + step.high) } else { step.high }
            }
            QuantileRule::NearestEven => {
                let distinct = self.distinct();
                if distinct.values.len() == 1 {
                    return distinct.values[0];
                }
                let step = distinct.step(p);
                // Ranks count from 1.
                if step.met && (step.place + 1).is_multiple_of(2) { step.low } else { step.high }
            }
            QuantileRule::LinearCdf => self.linear(p, |k| self.cumulative[k] / total),
            QuantileRule::Hazen => {
                self.linear(p, |k| (self.cumulative[k] - 0.5 * self.weights[k]) / total)
            }
            QuantileRule::Weibull => {
                self.linear(p, |k| self.cumulative[k] / (total + final_weight))
            }
            QuantileRule::Gumbel => self.linear(p, |k| before(k) / self.cumulative[last - 1]),
            QuantileRule::MedianUnbiased => self.linear(p, |k| {
                (before(k) / 3.0 + self.cumulative[k] * 2.0 / 3.0) / (total + final_weight / 3.0)
            }),
            QuantileRule::Blom => self.linear(p, |k| {
                (before(k) * 0.375 + self.cumulative[k] * 0.625) / (total + final_weight / 4.0)
            }),
            QuantileRule::ShahVaish => {
                let rows = self.values.len() as f64;
                let mean = total / rows;
                let point = |k: usize| {
                    (self.cumulative[k] / mean + 0.5 - 0.5 * self.weights[k] / mean) / (rows + 1.0)
                };
                let reached = self.reached(p, point);
                self.values[reached.saturating_sub(1)]
            }
            QuantileRule::ShahVaishUnscaled => self.unscaled_step(p),
        }
    }

    /// The value at the largest point at or below p; below all points that of the smallest.
    fn unscaled_step(&self, p: f64) -> f64 {
        let rows = self.values.len() as f64;
        let mean = self.cumulative.last().copied().unwrap_or(f64::NAN) / rows;
        let mut points: Vec<(f64, f64)> = (0..self.values.len())
            .map(|k| {
                let sum = self.cumulative[k] / mean;
                ((sum + 0.5 - self.weights[k] / 2.0) / (rows + 1.0), self.values[k])
            })
            .collect();
        points.sort_by(|one, other| one.0.total_cmp(&other.0));
        let reached = points.iter().rposition(|(point, _)| *point <= p).unwrap_or(0);
        let place = points[reached].0;
        let same = || points.iter().filter(|(point, _)| *point == place);
        same().map(|(_, value)| value).sum::<f64>() / same().count() as f64
    }

    /// How many points are at or below p; the points rise.
    fn reached(&self, p: f64, point: impl Fn(usize) -> f64) -> usize {
        let (mut low, mut high) = (0, self.values.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if point(middle) <= p { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// Between the values whose points are around p; the ends beyond the ends.
    fn linear(&self, p: f64, point: impl Fn(usize) -> f64) -> f64 {
        let reached = self.reached(p, &point);
        if reached == 0 {
            return self.values[0];
        }
        if reached == self.values.len() {
            return self.values[reached - 1];
        }
        let (left, right) = (point(reached - 1), point(reached));
        let share = (p - left) / (right - left);
        self.values[reached - 1] + share * (self.values[reached] - self.values[reached - 1])
    }

    /// The last place with Cₖ ≤ pW and the value after it. Sums that differ in their last digits only
    /// are equal.
    fn step(&self, p: f64) -> Step {
        let aim = p * self.total();
        let close = 1e-12 * self.total();
        let reached = self.reached(aim + close, |k| self.cumulative[k]);
        let last = self.values.len() - 1;
        let Some(place) = reached.checked_sub(1) else {
            return Step { place: 0, low: self.values[0], high: self.values[0], met: false };
        };
        Step {
            place,
            low: self.values[place],
            high: self.values[(place + 1).min(last)],
            met: (self.cumulative[place] - aim).abs() <= close,
        }
    }
}

/// Where a probability falls among the sums of weights.
struct Step {
    place: usize,
    low: f64,
    high: f64,
    /// Whether Cₖ = pW.
    met: bool,
}

impl Step {
    fn upper_unless_met(&self) -> f64 {
        if self.met { self.low } else { self.high }
    }
}
