//! Checks that look at one respondent's own answers.

use nalgebra::{DMatrix, DVector};
use survey_builder::problem::phrase;

use super::{Check, Checked, rows_of};
use crate::distribution::chi_squared_upper_tail;
use crate::problem::{Fault, at_row, numbered_item};
use crate::{Error, Result};

/// Interviews that took at most `share` of the median time. `seconds`: one a row, NaN where unknown.
/// Half of the median is a common choice and no more than that; a third flags fewer (Greszki, Meyer
/// and Schoen, 2015, "Exploring the effects of removing too fast responses and respondents from web
/// surveys", compare them). The value is the time over the median.
///
/// # Errors
/// No time that is known; times that are negative; a share that is not above 0 and below 1.
pub fn fast_responses(seconds: &[f64], share: f64) -> Result<Checked> {
    let mut problems = Vec::new();
    if !(share > 0.0 && share < 1.0) {
        problems.push(
            Fault::range(share, phrase("phrase-above-0-and-below-1"))
                .at(phrase("phrase-input-share-of-the-median")),
        );
    }
    for (row, time) in seconds.iter().enumerate().filter(|(_, time)| **time < 0.0) {
        problems.push(
            Fault::range(*time, phrase("phrase-0-or-more"))
                .at(at_row(phrase("phrase-input-seconds"), row)),
        );
    }
    let mut known: Vec<f64> = seconds.iter().copied().filter(|time| !time.is_nan()).collect();
    if known.is_empty() {
        problems.push(
            Fault::DataTooFew { found: 0, least: 1 }.at(phrase("phrase-input-known-seconds")),
        );
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    known.sort_by(f64::total_cmp);
    let middle = known.len() / 2;
    let median = if known.len().is_multiple_of(2) {
        f64::midpoint(known[middle - 1], known[middle])
    } else {
        known[middle]
    };
    if median <= 0.0 {
        let problem = Fault::DataSumZero.at(phrase("phrase-input-seconds"));
        return Err(Error::Invalid(vec![problem]));
    }
    let values = seconds.iter().map(|time| time / median).collect();
    Ok(Checked::with_one_threshold(Check::ShortTime, values, share))
}

/// The answers that a row gives, in the order of the items.
fn answers<'a>(items: &'a [&[f64]], row: usize) -> impl Iterator<Item = f64> + 'a {
    items.iter().map(move |item| item[row])
}

/// How little the answers of a battery vary: their standard deviation within the person (Dunn,
/// Heggestad, Shanock and Theilgard, 2018, "Intra-individual response variability as an indicator of
/// insufficient effort responding"). `items`: a column each, on one scale, as they were shown (none
/// turned round), NaN for no answer. At most `threshold` is flagged; 0 means the same answer
/// throughout. Rows with fewer than three answers are not assessed. It means most where some items
/// are worded the other way round.
///
/// # Errors
/// Columns of different lengths, fewer than three of them.
pub fn straight_lines(items: &[&[f64]], threshold: f64) -> Result<Checked> {
    let rows = rows_of(items)?;
    at_least_three(items)?;
    let deviation = |row| {
        let given: Vec<f64> = answers(items, row).filter(|value| !value.is_nan()).collect();
        if given.len() < 3 {
            return f64::NAN;
        }
        let mean = given.iter().sum::<f64>() / given.len() as f64;
        let squares: f64 = given.iter().map(|value| (value - mean).powi(2)).sum();
        (squares / (given.len() - 1) as f64).sqrt()
    };
    let values = (0..rows).map(deviation).collect();
    Ok(Checked::with_one_threshold(Check::StraightLine, values, threshold))
}

fn at_least_three(items: &[&[f64]]) -> Result<()> {
    if items.len() >= 3 {
        return Ok(());
    }
    Err(Error::Invalid(vec![
        Fault::DataTooFew { found: items.len(), least: 3 }.at(phrase("phrase-input-items")),
    ]))
}

/// The longest run of the same answer to items that follow each other (Johnson, 2005, "Ascertaining
/// the validity of individual protocols from Web-based personality inventories"). An item without an
/// answer ends a run. `longest` or more is flagged; half the number of items is a common choice
/// (Curran, 2016, "Methods for the detection of carelessly invalid responses in survey data").
///
/// # Errors
/// Columns of different lengths, fewer than three of them.
pub fn longest_runs(items: &[&[f64]], longest: usize) -> Result<Checked> {
    let rows = rows_of(items)?;
    at_least_three(items)?;
    let run = |row| {
        let (mut most, mut run, mut before) = (0_usize, 0_usize, f64::NAN);
        for value in answers(items, row) {
            run = match () {
                () if value.is_nan() => 0,
                () if value == before => run + 1,
                () => 1,
            };
            before = value;
            most = most.max(run);
        }
        if most == 0 { f64::NAN } else { most as f64 }
    };
    let values = (0..rows).map(run).collect();
    Ok(Checked::with_one_threshold(Check::LongestRun, values, longest as f64))
}

/// The share of items without an answer among those that were asked. `items`: NaN for no answer.
/// `share` or more is flagged.
///
/// # Errors
/// Columns of different lengths, none at all.
pub fn item_nonresponse(items: &[&[f64]], share: f64) -> Result<Checked> {
    let rows = rows_of(items)?;
    let missing = |row| answers(items, row).filter(|value| value.is_nan()).count();
    let values = (0..rows).map(|row| missing(row) as f64 / items.len() as f64).collect();
    Ok(Checked::with_one_threshold(Check::ItemNonresponse, values, share))
}

/// How far the answers of a row lie from the middle of all: (x − x̄)ᵀ S⁻¹ (x − x̄) with the mean and
/// covariance of the rows that have every item (Mahalanobis, 1936). The threshold is where a
/// chi-squared variable with one degree of freedom an item is exceeded with `probability`, 0.001 for
/// one; it holds for answers that are near normal. Rows that lack an item are not assessed.
///
/// # Errors
/// Columns of different lengths; too few whole rows; items that follow from each other, or do not
/// vary.
pub fn multivariate_outliers(items: &[&[f64]], probability: f64) -> Result<Checked> {
    let rows = rows_of(items)?;
    let count = items.len();
    if !(probability > 0.0 && probability < 1.0) {
        let problem = Fault::range(probability, phrase("phrase-above-0-and-below-1"))
            .at(phrase("phrase-input-probability"));
        return Err(Error::Invalid(vec![problem]));
    }
    let whole: Vec<usize> =
        (0..rows).filter(|row| answers(items, *row).all(|value| !value.is_nan())).collect();
    if whole.len() <= count {
        return Err(Error::Invalid(vec![
            Fault::DataTooFew { found: whole.len(), least: count + 1 }
                .at(phrase("phrase-input-rows-with-every-item")),
        ]));
    }
    let size = whole.len() as f64;
    let mean = DVector::from_iterator(
        count,
        items.iter().map(|item| whole.iter().map(|row| item[*row]).sum::<f64>() / size),
    );
    let away = |row: usize| DVector::from_iterator(count, answers(items, row)) - &mean;
    let mut covariance = DMatrix::zeros(count, count);
    for row in &whole {
        let away = away(*row);
        covariance.ger(1.0 / (size - 1.0), &away, &away, 1.0);
    }
    let still = |place: &usize| covariance[(*place, *place)] == 0.0;
    let still: Vec<_> = (0..count)
        .filter(still)
        .map(|place| Fault::DataConstant.at(numbered_item(place)))
        .collect();
    if !still.is_empty() {
        return Err(Error::Invalid(still));
    }
    // On the scale of correlations, so that the units of the items do not decide what is singular.
    let scale = covariance.diagonal().map(f64::sqrt);
    let correlation = DMatrix::from_fn(count, count, |one, other| {
        covariance[(one, other)] / (scale[one] * scale[other])
    });
    let singular = || Error::Invalid(vec![Fault::DataDependent.at(phrase("phrase-input-items"))]);
    let factor = correlation.cholesky().ok_or_else(singular)?;
    if factor.l_dirty().diagonal().min() < 1e-7 {
        return Err(singular());
    }
    let mut values = vec![f64::NAN; rows];
    for row in whole {
        let standard = away(row).component_div(&scale);
        values[row] = standard.dot(&factor.solve(&standard));
    }
    Ok(Checked::with_one_threshold(Check::Mahalanobis, values, exceeded(probability, count as f64)))
}

/// Where a chi-squared variable is exceeded with that probability, by bisection.
fn exceeded(probability: f64, degrees: f64) -> f64 {
    let (mut low, mut high) = (0.0, degrees.max(1.0));
    while chi_squared_upper_tail(high, degrees) > probability {
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if chi_squared_upper_tail(middle, degrees) > probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: f64 = f64::NAN;

    fn rows(checked: &Checked) -> Vec<usize> {
        checked.flags().map(|flag| flag.row).collect()
    }

    #[test]
    fn half_of_the_median_is_fast() {
        let checked = fast_responses(&[100.0, 50.0, 51.0, NONE, 400.0], 0.5).expect("checked");
        // The median of 50, 51, 100 and 400 is 75.5.
        assert!((checked.values[1] - 50.0 / 75.5).abs() < 1e-15);
        assert!(rows(&checked).is_empty() && checked.assessed() == 4);
        let checked = fast_responses(&[100.0, 50.0, 110.0], 0.5).expect("checked");
        assert_eq!(rows(&checked), [1]);
        let told = fast_responses(&[-1.0, NONE], 1.5);
        assert!(matches!(told, Err(Error::Invalid(problems)) if problems.len() == 2));
        assert!(fast_responses(&[NONE], 0.5).is_err() && fast_responses(&[0.0], 0.5).is_err());
    }

    #[test]
    fn lines_runs_and_blanks() {
        let items: [&[f64]; 4] = [
            &[3.0, 1.0, 2.0, NONE],
            &[3.0, 2.0, 2.0, NONE],
            &[3.0, 2.0, NONE, 5.0],
            &[3.0, 2.0, 2.0, 5.0],
        ];
        let lines = straight_lines(&items, 0.0).expect("checked");
        assert_eq!(rows(&lines), [0, 2]);
        // 1, 2, 2, 2: the mean is 1.75, the squares add up to 0.75.
        assert!((lines.values[1] - 0.5).abs() < 1e-15);
        assert!(lines.values[3].is_nan(), "two answers are too few");
        let runs = longest_runs(&items, 3).expect("checked");
        assert_eq!(runs.values, [4.0, 3.0, 2.0, 2.0]);
        assert_eq!(rows(&runs), [0, 1]);
        let blanks = item_nonresponse(&items, 0.5).expect("checked");
        assert_eq!(blanks.values, [0.0, 0.0, 0.25, 0.5]);
        assert_eq!(rows(&blanks), [3]);
        assert!(straight_lines(&items[..2], 0.0).is_err());
        assert!(longest_runs(&[&[1.0], &[1.0, 2.0], &[1.0]], 2).is_err());
        assert!(item_nonresponse(&[], 0.5).is_err());
    }

    #[test]
    fn distances_by_hand() {
        // Uncorrelated with variance 4/3 each: the squared distances are 2 · 0.75.
        let items: [&[f64]; 2] = [&[1.0, 1.0, -1.0, -1.0, NONE], &[1.0, -1.0, 1.0, -1.0, 0.0]];
        let checked = multivariate_outliers(&items, 0.001).expect("checked");
        assert!(checked.values[..4].iter().all(|value| (value - 1.5).abs() < 1e-12));
        assert!(checked.values[4].is_nan());
        // With two degrees of freedom the tail is exp(−x / 2).
        assert!((checked.thresholds[0] - 2.0 * 1000_f64.ln()).abs() < 1e-9);
        let twice: [&[f64]; 2] = [&[1.0, 2.0, 3.0, 5.0], &[2.0, 4.0, 6.0, 10.0]];
        assert!(multivariate_outliers(&twice, 0.001).is_err());
        assert!(multivariate_outliers(&items[..1], 2.0).is_err());
        assert!(multivariate_outliers(&[&[1.0, 1.0, 1.0]], 0.01).is_err());
    }
}
