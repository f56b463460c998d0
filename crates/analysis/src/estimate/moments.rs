//! Means, totals and ratios of numeric variables.
//!
//! Each is a function of weighted totals; its scores (w times the influence of a row) go to
//! [`crate::variance::linearization`]. With member weights w, W = Σw:
//!
//! - mean ȳ = Σwy / W, score w(y − ȳ)/W (Särndal, Swensson and Wretman 1992, ch. 5);
//! - total Σwy, score wy (ch. 2);
//! - ratio R = Σwy / Σwx, score w(y − Rx)/Σwx (ch. 5).

use survey_builder::problem::phrase;

use crate::design::{DegreesOfFreedomRule, Design};
use crate::error::{Result, all_or_nothing};
use crate::estimate::joint::Joint;
use crate::estimate::presentation::PrecisionFlag;
use crate::estimate::{
    DesignEffect, Estimate, EstimateOptions, checked_domain, coefficient_of_variation, is_rounding,
    length_problem,
};
use crate::problem::{Fault, at_row};
use crate::variance::linearization::Covariance;
use crate::variance::replication::of_totals;
use crate::variance::satterthwaite::Reference;

/// What of a numeric variable is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    Mean,
    Total,
}

impl Moment {
    /// From Σw and Σwy.
    fn of(self, weight: f64, total: f64) -> f64 {
        match self {
            Self::Mean => total / weight,
            Self::Total => total,
        }
    }
}

/// Σwx over the rows that enter.
pub(crate) fn weighted_sum(weights: &[f64], enters: &[bool], value: impl Fn(usize) -> f64) -> f64 {
    let rows = weights.iter().zip(enters).enumerate().filter(|(_, (_, enters))| **enters);
    rows.map(|(row, (weight, _))| weight * value(row)).sum()
}

/// Mean of a numeric column (NaN: missing) over the members of `domain` (none: all).
///
/// # Errors
/// Input of the wrong length or infinite, an empty domain, or a single-cluster stratum under
/// [`crate::SinglePsu::Fail`].
pub fn mean(
    design: &Design,
    values: &[f64],
    domain: Option<&[bool]>,
    options: &EstimateOptions,
) -> Result<Estimate> {
    Ok(means(design, &[values], domain, options)?.estimates.swap_remove(0))
}

/// Means of several columns over the rows in which all of them are known, with their covariance.
///
/// # Errors
/// As [`mean`].
pub fn means(
    design: &Design,
    columns: &[&[f64]],
    domain: Option<&[bool]>,
    options: &EstimateOptions,
) -> Result<Joint> {
    moments(design, columns, domain, options, Moment::Mean)
}

/// Total of a numeric column (NaN: missing) over the members of `domain`.
///
/// # Errors
/// As [`mean`].
pub fn total(
    design: &Design,
    values: &[f64],
    domain: Option<&[bool]>,
    options: &EstimateOptions,
) -> Result<Estimate> {
    Ok(totals(design, &[values], domain, options)?.estimates.swap_remove(0))
}

/// Totals of several columns over the rows in which all of them are known, with their covariance.
///
/// # Errors
/// As [`mean`].
pub fn totals(
    design: &Design,
    columns: &[&[f64]],
    domain: Option<&[bool]>,
    options: &EstimateOptions,
) -> Result<Joint> {
    moments(design, columns, domain, options, Moment::Total)
}

/// The rows that enter an estimate, with the sums that scores need.
pub(crate) struct Members {
    /// Members of the domain whose values are all known.
    pub(crate) known: Vec<bool>,
    /// Sum of their weights.
    pub(crate) weight: f64,
    /// How many of them have a weight (calibration may have made it negative).
    pub(crate) rows: usize,
    /// How many clusters of the first stage they lie in.
    pub(crate) clusters: usize,
}

impl Members {
    /// By what the interval of their mean is wider, as [`Design::widening`].
    pub(crate) fn widening(&self, design: &Design, rule: DegreesOfFreedomRule) -> f64 {
        design.widening(rule, |row| if self.known[row] { design.weights()[row] } else { 0.0 })
    }

    pub(crate) fn new(
        design: &Design,
        columns: &[&[f64]],
        domain: Option<&[bool]>,
    ) -> Result<Self> {
        checked_domain(design, domain)?;
        let mut problems = Vec::new();
        for (index, column) in columns.iter().enumerate() {
            let name = format!("column {}", index + 1);
            problems.extend(length_problem(&name, column.len(), design.rows()));
            if column.iter().any(|value| value.is_infinite()) {
                problems.extend(invalid_values(&name, column).into_iter().take(10));
            }
        }
        all_or_nothing(problems)?;
        let known: Vec<bool> = (0..design.rows())
            .map(|row| {
                domain.is_none_or(|member| member[row])
                    && columns.iter().all(|column| !column[row].is_nan())
            })
            .collect();
        let mut weight = 0.0;
        let mut rows = 0;
        for (&known, &w) in known.iter().zip(design.weights()) {
            if known && w != 0.0 {
                weight += w;
                rows += 1;
            }
        }
        if rows == 0 {
            return Err(empty_domain());
        }
        let (clusters, _) = design.met_by(|row| known[row]);
        Ok(Self { known, weight, rows, clusters })
    }
}

/// Nobody is left to estimate from.
pub(crate) fn empty_domain() -> crate::Error {
    Fault::DomainEmpty.refused(phrase("phrase-input-domain"))
}

fn invalid_values(name: &str, column: &[f64]) -> Vec<crate::error::Problem> {
    column
        .iter()
        .enumerate()
        .filter(|(_, value)| value.is_infinite())
        .map(|(row, _)| Fault::DataInfinite.at(at_row(name, row)))
        .collect()
}

fn moments(
    design: &Design,
    columns: &[&[f64]],
    domain: Option<&[bool]>,
    options: &EstimateOptions,
    moment: Moment,
) -> Result<Joint> {
    all_or_nothing(options.problems())?;
    let members = Members::new(design, columns, domain)?;
    let means: Vec<f64> =
        columns.iter().map(|column| weighted_mean(design, column, &members)).collect();
    let scores = || {
        let of_column = |(column, mean): (&&[f64], &f64)| {
            let (centre, scale) = match moment {
                Moment::Mean => (*mean, members.weight),
                Moment::Total => (0.0, 1.0),
            };
            scores(design, &members, |row| (column[row] - centre) / scale)
        };
        columns.iter().zip(&means).map(of_column).collect()
    };
    // Σw, then Σwy of each column.
    let value = |place: usize, row: usize| match place.checked_sub(1) {
        None => 1.0,
        Some(column) => columns[column][row],
    };
    let estimates_of =
        |totals: &[f64]| totals[1..].iter().map(|total| moment.of(totals[0], *total)).collect();
    let covariance =
        of_totals(design, &members.known, columns.len() + 1, value, estimates_of, scores)?;
    let rule = options.degrees_of_freedom;
    let counted = design.degrees_of_freedom(rule, domain, Some(&members.known));
    let reference = Reference {
        degrees: counted,
        // A total's scores are about no mean that was found.
        widening: if moment == Moment::Total { 1.0 } else { members.widening(design, rule) },
    };
    let estimates = columns
        .iter()
        .zip(&means)
        .enumerate()
        .map(|(index, (column, &mean))| {
            let spread = population_spread(design, column, mean, &members);
            let factor = if moment == Moment::Total { members.weight } else { 1.0 };
            let variance = covariance.variance(index);
            let effect = design_effect(variance, spread * factor * factor, &members);
            let degrees = covariance.degrees(index, rule, counted);
            let reference = Reference { degrees, ..reference };
            estimate(mean * factor, &covariance, index, reference, effect, &members, options)
        })
        .collect();
    Ok(Joint { estimates, covariance })
}

/// One score a row: weight × influence for members, zero for others.
pub(crate) fn scores(
    design: &Design,
    members: &Members,
    influence: impl Fn(usize) -> f64,
) -> Vec<f64> {
    design
        .weights()
        .iter()
        .enumerate()
        .map(
            |(row, weight)| {
                if members.known[row] && *weight != 0.0 { weight * influence(row) } else { 0.0 }
            },
        )
        .collect()
}

pub(crate) fn weighted_mean(design: &Design, column: &[f64], members: &Members) -> f64 {
    let sum: f64 = design
        .weights()
        .iter()
        .zip(column)
        .zip(&members.known)
        .filter(|(_, known)| **known)
        .map(|((weight, value), _)| weight * value)
        .sum();
    sum / members.weight
}

/// n/(n−1) Σw(y − ȳ)²/W: the estimated variance in the population.
pub(crate) fn population_spread(
    design: &Design,
    column: &[f64],
    mean: f64,
    members: &Members,
) -> f64 {
    let rows = members.rows as f64;
    let sum: f64 = design
        .weights()
        .iter()
        .zip(column)
        .zip(&members.known)
        .filter(|(_, known)| **known)
        .map(|((weight, value), _)| weight * (value - mean) * (value - mean))
        .sum();
    sum / members.weight * rows / (rows - 1.0)
}

/// Compares a variance with that of a simple random sample of the same size, whose population variance
/// (already scaled for totals) is `spread`.
pub(crate) fn design_effect(variance: f64, spread: f64, members: &Members) -> Option<DesignEffect> {
    let rows = members.rows as f64;
    let with = variance / (spread / rows);
    let population = members.weight;
    let without = (population >= rows)
        .then(|| variance / (spread * (population - rows) / (population * rows)))
        .filter(|effect| effect.is_finite());
    with.is_finite()
        .then_some(DesignEffect { with_replacement: with, without_replacement: without })
}

pub(crate) fn estimate(
    value: f64,
    covariance: &Covariance,
    index: usize,
    reference: Reference,
    effect: Option<DesignEffect>,
    members: &Members,
    options: &EstimateOptions,
) -> Estimate {
    let mut standard_error = covariance.standard_error(index);
    let one_cluster = members.clusters == 1 && is_rounding(value, standard_error);
    if one_cluster {
        standard_error = f64::NAN;
    }
    let coefficient = coefficient_of_variation(value, standard_error);
    let mut reliability = PrecisionFlag::of_mean(members.rows, coefficient, standard_error);
    if one_cluster {
        reliability.of_one_cluster();
    }
    Estimate {
        value,
        standard_error,
        interval: options.symmetric(value, standard_error * reference.widening, reference.degrees),
        degrees_of_freedom: reference.degrees,
        design_effect: effect,
        rows: members.rows,
        effective_rows: effect
            .map(|effect| members.rows as f64 / effect.with_replacement)
            .filter(|rows| rows.is_finite()),
        coefficient_of_variation: coefficient,
        replicates_left_out: covariance.replicates_left_out(),
        reliability,
    }
}

/// Ratio of two totals over the rows in which both are known (NaN: missing).
///
/// The design effect is that of the total of the residuals y − Rx, as R's `svyratio` has it.
///
/// # Errors
/// As [`mean`], and where the denominator's total is zero.
pub fn ratio(
    design: &Design,
    numerator: &[f64],
    denominator: &[f64],
    domain: Option<&[bool]>,
    options: &EstimateOptions,
) -> Result<Estimate> {
    all_or_nothing(options.problems())?;
    let members = Members::new(design, &[numerator, denominator], domain)?;
    let base = weighted_mean(design, denominator, &members) * members.weight;
    if base == 0.0 {
        return Err(Fault::DataSumZero.refused(phrase("phrase-input-denominator")));
    }
    let value = weighted_mean(design, numerator, &members) * members.weight / base;
    let residuals: Vec<f64> =
        numerator.iter().zip(denominator).map(|(y, x)| (y - value * x) / base).collect();
    let part = |place: usize, row: usize| [numerator, denominator][place][row];
    let quotient = |totals: &[f64]| vec![totals[0] / totals[1]];
    let scores = || vec![scores(design, &members, |row| residuals[row])];
    let covariance = of_totals(design, &members.known, 2, part, quotient, scores)?;
    let mean = weighted_mean(design, &residuals, &members);
    let spread =
        population_spread(design, &residuals, mean, &members) * members.weight * members.weight;
    let effect = design_effect(covariance.variance(0), spread, &members);
    let rule = options.degrees_of_freedom;
    let share = |row: usize| {
        if members.known[row] { design.weights()[row] * denominator[row] } else { 0.0 }
    };
    let counted = design.degrees_of_freedom(rule, domain, Some(&members.known));
    let reference = Reference {
        degrees: covariance.degrees(0, rule, counted),
        widening: design.widening(rule, share),
    };
    Ok(estimate(value, &covariance, 0, reference, effect, &members, options))
}

/// Means, totals and their covariance over several domains at once; domains that share clusters are
/// correlated.
///
/// `domains` holds one column of members a domain. A domain without a known value has no mean (NaN, no
/// interval, and suppressed for its rows) and a total of zero without error; it is in the covariance
/// like the others, its row NaN or zero.
///
/// # Errors
/// As [`mean`], but for empty domains; where all are empty.
pub fn means_by_domain(
    design: &Design,
    values: &[f64],
    domains: &[Vec<bool>],
    options: &EstimateOptions,
) -> Result<Joint> {
    by_domain(design, values, domains, options, Moment::Mean)
}

/// As [`means_by_domain`], for totals.
///
/// # Errors
/// As [`mean`].
pub fn totals_by_domain(
    design: &Design,
    values: &[f64],
    domains: &[Vec<bool>],
    options: &EstimateOptions,
) -> Result<Joint> {
    by_domain(design, values, domains, options, Moment::Total)
}

/// What a domain without a known value has.
fn nobody(moment: Moment, design: &Design, options: &EstimateOptions) -> Estimate {
    let (value, standard_error) =
        if moment == Moment::Total { (0.0, 0.0) } else { (f64::NAN, f64::NAN) };
    Estimate {
        value,
        standard_error,
        interval: None,
        degrees_of_freedom: match options.degrees_of_freedom {
            DegreesOfFreedomRule::FullDesign => {
                design.degrees_of_freedom(options.degrees_of_freedom, None, None)
            }
            _ => 0.0,
        },
        design_effect: None,
        rows: 0,
        effective_rows: None,
        coefficient_of_variation: None,
        replicates_left_out: 0,
        reliability: PrecisionFlag::of_mean(0, None, standard_error),
    }
}

fn by_domain(
    design: &Design,
    values: &[f64],
    domains: &[Vec<bool>],
    options: &EstimateOptions,
    moment: Moment,
) -> Result<Joint> {
    let mut estimates = Vec::with_capacity(domains.len());
    let mut columns = Vec::with_capacity(domains.len());
    let mut known = Vec::with_capacity(domains.len());
    let mut absent = 0;
    for (place, domain) in domains.iter().enumerate() {
        checked_domain(design, Some(domain))?;
        let enters = |row: usize| domain[row] && !values[row].is_nan();
        let empty = !(0..values.len().min(design.rows()))
            .any(|row| enters(row) && design.weights()[row] != 0.0);
        if empty && absent == place && place + 1 == domains.len() {
            // All are empty: the last says so.
            moments(design, &[values], Some(domain), options, moment)?;
        }
        if empty {
            absent += 1;
            estimates.push(nobody(moment, design, options));
            columns.push(vec![0.0; design.rows()]);
            known.push(vec![false; design.rows()]);
            continue;
        }
        let one = moments(design, &[values], Some(domain), options, moment)?;
        estimates.extend(one.estimates);
        let members = Members::new(design, &[values], Some(domain))?;
        let centre = weighted_mean(design, values, &members);
        columns.push(scores(design, &members, |row| match moment {
            Moment::Mean => (values[row] - centre) / members.weight,
            Moment::Total => values[row],
        }));
        known.push(members.known);
    }
    let any: Vec<bool> =
        (0..design.rows()).map(|row| known.iter().any(|domain| domain[row])).collect();
    // Σw and Σwy of each domain in turn.
    let value = |place: usize, row: usize| match (known[place / 2][row], place % 2) {
        (false, _) => 0.0,
        (true, 0) => 1.0,
        (true, _) => values[row],
    };
    let peopled: Vec<bool> = known.iter().map(|domain| domain.contains(&true)).collect();
    let of_domains = |totals: &[f64]| {
        let of = |(pair, peopled): (&[f64], &bool)| {
            if *peopled { moment.of(pair[0], pair[1]) } else { 0.0 }
        };
        totals.chunks_exact(2).zip(&peopled).map(of).collect()
    };
    let mut covariance = of_totals(design, &any, 2 * known.len(), value, of_domains, || columns)?;
    if moment == Moment::Mean {
        let without = (0..known.len()).filter(|&place| estimates[place].rows == 0);
        without.for_each(|place| covariance.forget(place));
    }
    Ok(Joint { estimates, covariance })
}
