//! Values that can be followed by hand.
//!
//! Small samples whose answer the formula of a textbook gives on one line; that line is written out in
//! each test.

use analysis::estimate::moments::{mean, ratio, total};
use analysis::estimate::proportion::clopper_pearson;
use analysis::weighting::diagnostics::{kish_design_effect, kish_effective_rows};
use analysis::weighting::post_stratify::post_stratify;
use analysis::weighting::rake::Margin;
use analysis::{
    DegreesOfFreedomRule, Design, DesignInput, Error, EstimateOptions, IntervalMethod, Population,
    SinglePsu, StageInput, Weights,
};

const OPTIONS: EstimateOptions = EstimateOptions {
    confidence: 0.95,
    interval: IntervalMethod::StudentT,
    degrees_of_freedom: DegreesOfFreedomRule::FullDesign,
};

fn design(weights: Vec<f64>, stage: StageInput) -> Design {
    Design::new(DesignInput {
        weights: Weights::Given(weights),
        stages: vec![stage],
        nest: false,
        single_psu: SinglePsu::Fail,
        domain_single_psu: false,
    })
    .expect("a sound design")
}

fn close(got: f64, expected: f64) {
    assert!((got - expected).abs() <= 1e-12 * expected.abs(), "{got} is not {expected}");
}

/// Simple random sampling without replacement: V(ȳ) = (1 − n/N) s²/n (Cochran 1977, ch. 2).
#[test]
fn simple_random_sample() {
    let values = [3.0, 7.0, 4.0, 10.0, 6.0];
    let sample = design(
        vec![20.0; 5],
        StageInput {
            population: Some(Population::Counts(vec![100.0; 5])),
            ..StageInput::default()
        },
    );
    let spread = values.iter().map(|y| (y - 6.0_f64).powi(2)).sum::<f64>() / 4.0;
    let estimate = mean(&sample, &values, None, &OPTIONS).expect("a mean");
    close(estimate.value, 6.0);
    close(estimate.standard_error, (0.95 * spread / 5.0).sqrt());
    close(estimate.degrees_of_freedom, 4.0);
    let effect = estimate.design_effect.expect("a design effect");
    close(effect.without_replacement.expect("a finite population"), 1.0);
    close(effect.with_replacement, 0.95);
}

/// Stratified sampling: V(t) = Σ Nₕ² (1 − nₕ/Nₕ) sₕ²/nₕ (Cochran 1977, ch. 5).
#[test]
fn stratified_sample() {
    let values = [1.0, 3.0, 10.0, 14.0, 18.0];
    let sample = design(
        vec![5.0, 5.0, 10.0, 10.0, 10.0],
        StageInput {
            strata: Some(vec![1, 1, 2, 2, 2]),
            population: Some(Population::Counts(vec![10.0, 10.0, 30.0, 30.0, 30.0])),
            ..StageInput::default()
        },
    );
    let estimate = total(&sample, &values, None, &OPTIONS).expect("a total");
    close(estimate.value, 10.0 * 2.0 + 30.0 * 14.0);
    let variance: f64 = 100.0 * 0.8 * 2.0 / 2.0 + 900.0 * 0.9 * 16.0 / 3.0;
    close(estimate.standard_error, variance.sqrt());
}

/// Clusters of unequal size: the mean is a ratio, V = 1/(n m̄²) · Σ(tᵢ − ȳ mᵢ)²/(n − 1)
/// (Lohr 2010, ch. 5, without the correction).
#[test]
fn clusters_of_unequal_size() {
    let values = [4.0, 6.0, 2.0, 3.0, 7.0, 8.0];
    let sample = design(
        vec![1.0; 6],
        StageInput { clusters: Some(vec![1, 1, 2, 3, 3, 3]), ..StageInput::default() },
    );
    let estimate = mean(&sample, &values, None, &OPTIONS).expect("a mean");
    let centre = 5.0;
    let residuals = [10.0 - 2.0 * centre, 2.0 - centre, 18.0 - 3.0 * centre];
    let variance = residuals.iter().map(|z| z * z).sum::<f64>() / 2.0 / (3.0 * 4.0);
    close(estimate.value, centre);
    close(estimate.standard_error, variance.sqrt());
}

/// A ratio of two variables: V(R) = (1/x̄²) s²(y − Rx)/n (Cochran 1977, ch. 6, without the correction).
#[test]
fn ratio_of_two_variables() {
    let (y, x) = ([2.0, 5.0, 6.0, 7.0], [1.0, 2.0, 4.0, 3.0]);
    let sample = design(vec![3.0; 4], StageInput::default());
    let estimate = ratio(&sample, &y, &x, None, &OPTIONS).expect("a ratio");
    let squares: f64 = y.iter().zip(x).map(|(y, x)| (y - 2.0 * x).powi(2)).sum();
    close(estimate.value, 2.0);
    close(estimate.standard_error, (squares / 3.0 / 4.0).sqrt() / 2.5);
}

/// Post-stratified simple random sampling: the variance is that within cells (Holt and Smith 1979).
#[test]
fn post_stratified_mean() {
    let values = [1.0, 2.0, 9.0, 12.0];
    let cells = Margin {
        variable: "cell".to_owned(),
        levels: vec!["a".to_owned(), "b".to_owned()],
        totals: vec![60.0, 40.0],
        codes: vec![1, 1, 2, 2],
    };
    let sample = design(vec![25.0; 4], StageInput::default());
    let (sample, _) = post_stratify(sample, &cells).expect("weights");
    let estimate = mean(&sample, &values, None, &OPTIONS).expect("a mean");
    close(estimate.value, 0.6 * 1.5 + 0.4 * 10.5);
    // Residuals −½, ½, −1½, 1½ with weights 0.3, 0.3, 0.2, 0.2; they sum to zero.
    let squares = 2.0 * (0.3_f64 * 0.5).powi(2) + 2.0 * (0.2_f64 * 1.5).powi(2);
    close(estimate.standard_error, (squares * 4.0 / 3.0).sqrt());
}

/// Kish 1965, §11.7: weights 1 and 3 for equal halves give 1 + cv² = 1.25.
#[test]
fn effect_of_unequal_weights() {
    close(kish_design_effect(&[1.0, 3.0, 1.0, 3.0]), 1.25);
    close(kish_effective_rows(&[1.0, 3.0, 1.0, 3.0]), 3.2);
}

/// No success in n trials: the upper limit solves (1 − p)ⁿ = 0.025 (Clopper and Pearson 1934).
#[test]
fn exact_limits_without_a_success() {
    let (lower, upper) = clopper_pearson(0.0, 30.0, 0.95);
    assert!(lower.abs() < f64::MIN_POSITIVE);
    close(upper, 1.0 - 0.025_f64.powf(1.0 / 30.0));
}

#[test]
fn bad_input_is_listed_whole() {
    let answer = Design::new(DesignInput {
        weights: Weights::Given(vec![1.0, -2.0, f64::NAN, 1.0]),
        stages: vec![StageInput::default()],
        nest: false,
        single_psu: SinglePsu::Fail,
        domain_single_psu: false,
    });
    let Err(Error::Invalid(problems)) = answer else { panic!("accepted bad weights") };
    assert_eq!(problems.len(), 2);
    assert!(problems[0].to_string().contains("row 2"), "{}", problems[0]);
}
