//! Variances, covariances and correlations of numeric variables in the population.
//!
//! The covariance of x and y is n/(n−1) Σw(x − x̄)(y − ȳ)/W over the rows in which all columns are known;
//! its score is that of the mean of the products of deviations. The correlation is that over the root of
//! the two variances, by the delta method (Särndal, Swensson and Wretman 1992, §5.9).

use survey_builder::problem::phrase;

use crate::design::Design;
use crate::error::{Result, all_or_nothing};
use crate::estimate::joint::Joint;
use crate::estimate::moments::{
    Members, design_effect, estimate, population_spread, scores, weighted_mean, weighted_sum,
};
use crate::estimate::presentation::PrecisionFlag;
use crate::estimate::{Estimate, EstimateOptions, Interval, IntervalMethod};
use crate::problem::Fault;
use crate::variance::replication::replicated_or_linear;
use crate::variance::satterthwaite::Reference;

/// Variance of a numeric variable in the population, n/(n−1) Σw(y − ȳ)²/W, and its standard error.
///
/// `count_missing` says whether n counts rows of the domain whose value is missing, as R's `svyvar` does.
///
/// # Errors
/// As [`super::moments::mean`], and where fewer than two rows enter.
pub fn population_variance(
    design: &Design,
    values: &[f64],
    domain: Option<&[bool]>,
    count_missing: bool,
    options: &EstimateOptions,
) -> Result<Estimate> {
    let joint = population_covariances(design, &[values], domain, count_missing, options)?;
    joint.estimates.into_iter().next().ok_or_else(|| {
        Fault::DataTooFew { found: 0, least: 1 }.refused(phrase("phrase-input-columns"))
    })
}

/// The covariances of every two columns, row by row, with their own covariance.
///
/// # Errors
/// As [`population_variance`].
pub fn population_covariances(
    design: &Design,
    columns: &[&[f64]],
    domain: Option<&[bool]>,
    count_missing: bool,
    options: &EstimateOptions,
) -> Result<Joint> {
    all_or_nothing(options.problems())?;
    let members = Members::new(design, columns, domain)?;
    if members.rows < 2 {
        return Err(Fault::DataTooFew { found: members.rows, least: 2 }
            .refused(phrase("phrase-input-domain-rows")));
    }
    let rows = if count_missing {
        let counts = |row: usize| domain.is_none_or(|own| own[row]) && design.weights()[row] > 0.0;
        (0..design.rows()).filter(|&row| counts(row)).count()
    } else {
        members.rows
    } as f64;
    let pairs: Vec<(usize, usize)> = (0..columns.len() * columns.len())
        .map(|place| (place / columns.len(), place % columns.len()))
        .collect();
    let centres: Vec<f64> =
        columns.iter().map(|column| weighted_mean(design, column, &members)).collect();
    let products: Vec<Vec<f64>> = pairs
        .iter()
        .map(|&(one, other)| {
            let product = |row: usize| {
                let (left, right) = (columns[one][row], columns[other][row]);
                (left - centres[one]) * (right - centres[other]) * rows / (rows - 1.0)
            };
            (0..design.rows()).map(product).collect()
        })
        .collect();
    let values: Vec<f64> =
        products.iter().map(|column| weighted_mean(design, column, &members)).collect();
    let again = |weights: &[f64]| {
        let found = covariances(weights, columns, &members.known);
        Ok(found.into_iter().map(|value| value * rows / (rows - 1.0)).collect())
    };
    let influence = || {
        let of = |(product, value): (&Vec<f64>, &f64)| {
            scores(design, &members, |row| (product[row] - value) / members.weight)
        };
        products.iter().zip(&values).map(of).collect()
    };
    let covariance = replicated_or_linear(design, again, influence, &members.known)?;
    let df = design.degrees_of_freedom(options.degrees_of_freedom, domain, Some(&members.known));
    let estimates = values
        .iter()
        .enumerate()
        .map(|(place, &value)| {
            let spread = population_spread(design, &products[place], value, &members);
            let effect = design_effect(covariance.variance(place), spread, &members);
            estimate(value, &covariance, place, Reference::plain(df), effect, &members, options)
        })
        .collect();
    Ok(Joint { estimates, covariance })
}

/// Σw(x − x̄)(y − ȳ)/Σw of every two columns over the rows that enter.
fn covariances(weights: &[f64], columns: &[&[f64]], enters: &[bool]) -> Vec<f64> {
    let base = weighted_sum(weights, enters, |_| 1.0);
    let mean = |column: &&[f64]| weighted_sum(weights, enters, |row| column[row]) / base;
    let centres: Vec<f64> = columns.iter().map(mean).collect();
    let mut found = Vec::with_capacity(columns.len() * columns.len());
    for (left, left_centre) in columns.iter().zip(&centres) {
        for (right, right_centre) in columns.iter().zip(&centres) {
            let product = |row: usize| (left[row] - left_centre) * (right[row] - right_centre);
            found.push(weighted_sum(weights, enters, product) / base);
        }
    }
    found
}

/// The weighted correlation of two columns over the rows in which both are known. Its interval is
/// Student's about artanh r, turned back (Fisher 1921), so it stays between −1 and 1; as the
/// distribution is not assumed normal, the spread of artanh r is √V(r)/(1 − r²).
///
/// # Errors
/// As [`population_variance`]; a column that does not vary.
pub fn correlation(
    design: &Design,
    one: &[f64],
    other: &[f64],
    domain: Option<&[bool]>,
    options: &EstimateOptions,
) -> Result<Estimate> {
    let columns = [one, other];
    let joint = population_covariances(design, &columns, domain, false, options)?;
    let entry = |place: usize| joint.estimates[place].value;
    let (first, both, second) = (entry(0), entry(1), entry(3));
    // Of what is left by rounding no correlation can be made.
    let constant = |column: &[f64]| {
        let known: Vec<f64> = (0..column.len())
            .filter(|&row| !one[row].is_nan() && !other[row].is_nan())
            .filter(|&row| domain.is_none_or(|own| own[row]))
            .map(|row| column[row])
            .collect();
        known.windows(2).all(|pair| pair[0] == pair[1])
    };
    if constant(one) || constant(other) {
        return Err(Fault::DataConstant.refused(phrase("phrase-input-column")));
    }
    let root = (first * second).sqrt();
    let value = (both / root).clamp(-1.0, 1.0);
    let members = Members::new(design, &columns, domain)?;
    let again = |weights: &[f64]| {
        let found = covariances(weights, &columns, &members.known);
        Ok(vec![found[1] / (found[0] * found[3]).sqrt()])
    };
    let gradient = [-value / (2.0 * first), 1.0 / root, 0.0, -value / (2.0 * second)];
    let influence = || {
        let centre = columns.map(|column| weighted_mean(design, column, &members));
        let scale = members.rows as f64 / (members.rows as f64 - 1.0);
        let of_row = |row: usize| {
            let (x, y) = (one[row] - centre[0], other[row] - centre[1]);
            let parts = [x * x * scale - first, x * y * scale - both, 0.0, y * y * scale - second];
            gradient.iter().zip(parts).map(|(slope, part)| slope * part).sum::<f64>()
                / members.weight
        };
        vec![scores(design, &members, of_row)]
    };
    let covariance = replicated_or_linear(design, again, influence, &members.known)?;
    let df = design.degrees_of_freedom(options.degrees_of_freedom, domain, Some(&members.known));
    let mut found = estimate(value, &covariance, 0, Reference::plain(df), None, &members, options);
    found.interval = fisher(value, found.standard_error, df, options);
    // An error beside a correlation near zero says nothing about it.
    found.coefficient_of_variation = None;
    found.reliability = PrecisionFlag::of_mean(found.rows, None, found.standard_error);
    Ok(found)
}

fn fisher(value: f64, error: f64, df: f64, options: &EstimateOptions) -> Option<Interval> {
    let method = match options.interval {
        IntervalMethod::Normal => IntervalMethod::Normal,
        _ => IntervalMethod::StudentT,
    };
    let reach = EstimateOptions { interval: method, ..*options }.multiple(df) * error
        / (1.0 - value * value);
    let (lower, upper) = ((value.atanh() - reach).tanh(), (value.atanh() + reach).tanh());
    (lower.is_finite() && upper.is_finite()).then_some(Interval {
        lower,
        upper,
        confidence: options.confidence,
        method: IntervalMethod::FisherZ,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::replicates::Centre;
    use crate::design::{DegreesOfFreedomRule, DesignInput, SinglePsu, StageInput, Weights};
    use crate::variance::replication::jackknife;

    const OPTIONS: EstimateOptions = EstimateOptions {
        confidence: 0.95,
        interval: IntervalMethod::StudentT,
        degrees_of_freedom: DegreesOfFreedomRule::FullDesign,
    };

    fn design(rows: usize) -> Design {
        Design::new(DesignInput {
            weights: Weights::Given((0..rows).map(|row| 1.0 + (row % 3) as f64).collect()),
            stages: vec![StageInput::default()],
            nest: false,
            single_psu: SinglePsu::Fail,
            domain_single_psu: false,
        })
        .expect("a design")
    }

    /// The infinitesimal jackknife and the jackknife agree to first order: for a few hundred rows the
    /// two standard errors are within some percent.
    #[test]
    fn correlations_by_both_variances() {
        let x: Vec<f64> = (0..300).map(|row| f64::from(row * 7919 % 1000)).collect();
        let y: Vec<f64> = (0..300)
            .map(|row| x[row] + f64::from(u32::try_from(row * 104_729 % 997).unwrap()))
            .collect();
        let design = design(300);
        let linear = correlation(&design, &x, &y, None, &OPTIONS).expect("a correlation");
        let replicates = jackknife(&design, Centre::FullSample).expect("replicates");
        let design = design.with_replicates(replicates).expect("a design");
        let again = correlation(&design, &x, &y, None, &OPTIONS).expect("a correlation");
        assert_eq!(linear.value, again.value);
        assert!((linear.standard_error / again.standard_error - 1.0).abs() < 0.02);
        let interval = linear.interval.expect("an interval");
        assert!(interval.lower < linear.value && linear.value < interval.upper);
    }

    #[test]
    fn a_line_correlates_wholly() {
        let x = [1.0, 2.0, 3.0, 5.0];
        let y = x.map(|x| 3.0 - 2.0 * x);
        let found = correlation(&design(4), &x, &y, None, &OPTIONS).expect("a correlation");
        assert!((found.value + 1.0).abs() < 1e-12 && found.standard_error < 1e-7);
        assert!(correlation(&design(4), &x, &[2.0; 4], None, &OPTIONS).is_err());
    }
}
