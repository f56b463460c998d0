//! Values that can be followed by hand.
//!
//! Small samples whose answer the formula of a textbook gives on one line, which is written out in each
//! test; and examples that books work through, to the digits that they print.

// Rounded numbers are compared with those of the book.
#![allow(clippy::float_cmp)]

use analysis::agreement::krippendorff::{Measurement, krippendorff_alpha};
use analysis::design::unequal::{JointProbabilities, UnequalForm, UnequalMethod};
use analysis::distribution::student_quantile;
use analysis::estimate::association::population_variance;
use analysis::estimate::moments::{mean, ratio, total};
use analysis::estimate::proportion::clopper_pearson;
use analysis::reliability::intraclass::intraclass;
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

/// Signatures on 676 sheets of a petition, 50 of them counted (Cochran 1977, p. 27 and 28, table 2.2): the
/// total is 19,888, s² 229.0, and with 1.28 as multiple the limits are 18,107 and 21,669.
#[test]
fn signatures_on_a_petition() {
    let sheets = [
        (42, 23),
        (41, 4),
        (36, 1),
        (32, 1),
        (29, 1),
        (27, 2),
        (23, 1),
        (19, 1),
        (16, 2),
        (15, 2),
        (14, 1),
        (11, 1),
        (10, 1),
        (9, 1),
        (7, 1),
        (6, 3),
        (5, 2),
        (4, 1),
        (3, 1),
    ];
    let values: Vec<f64> = (sheets.iter())
        .flat_map(|&(signatures, times)| vec![f64::from(signatures); times])
        .collect();
    assert_eq!((values.len(), values.iter().sum::<f64>()), (50, 1_471.0));
    let stage = StageInput {
        population: Some(Population::Counts(vec![676.0; 50])),
        ..StageInput::default()
    };
    let sample = design(vec![676.0 / 50.0; 50], stage);
    let estimate = total(&sample, &values, None, &OPTIONS).expect("a total");
    assert_eq!(estimate.value.round(), 19_888.0);
    let spread = population_variance(&sample, &values, None, false, &OPTIONS).expect("a variance");
    assert_eq!((spread.value * 10.0).round(), 2_290.0);
    let reach = 1.28 * estimate.standard_error;
    // The book rounds on the way, so its limits are met to a signature.
    assert!((estimate.value - reach - 18_107.0).abs() < 1.0);
    assert!((estimate.value + reach - 21_669.0).abs() < 1.0);
}

/// As many numbers as wanted with the given mean and variance, half of them below and half above.
fn numbers(count: u32, mean: f64, variance: f64) -> Vec<f64> {
    let pairs = count / 2;
    let away = (variance * f64::from(count - 1) / f64::from(2 * pairs)).sqrt();
    let place = |row: u32| match row {
        row if row < pairs => mean - away,
        row if row < 2 * pairs => mean + away,
        _ => mean,
    };
    (0..count).map(place).collect()
}

/// Acres of farms in 300 of 3,078 counties (Lohr 2010, ch. 2): mean 297,897 and standard deviation
/// 344,551.9 give a standard error of 18,898 and, with t, limits of 260,706 and 335,088; for the total
/// 58,169,381. The share of counties below 200,000 acres is 153/300 = 0.51, with 0.0275 and limits of 0.456
/// and 0.564.
#[test]
fn acres_of_counties() {
    let stage = StageInput {
        population: Some(Population::Counts(vec![3_078.0; 300])),
        ..StageInput::default()
    };
    let sample = design(vec![10.26; 300], stage);
    let acres = numbers(300, 297_897.0, 344_551.9_f64.powi(2));
    let estimate = mean(&sample, &acres, None, &OPTIONS).expect("a mean");
    let reach = student_quantile(0.975, estimate.degrees_of_freedom) * estimate.standard_error;
    assert_eq!(estimate.standard_error.round(), 18_898.0);
    assert_eq!((estimate.value - reach).round(), 260_706.0);
    assert_eq!((estimate.value + reach).round(), 335_088.0);
    let estimate = total(&sample, &acres, None, &OPTIONS).expect("a total");
    // The deviation is printed to a tenth, so the total's error is known to about nine acres.
    assert!((estimate.standard_error - 58_169_381.0).abs() < 9.0);

    let below: Vec<f64> = (0..300).map(|row| f64::from(u8::from(row < 153))).collect();
    let estimate = mean(&sample, &below, None, &OPTIONS).expect("a share");
    let reach = student_quantile(0.975, estimate.degrees_of_freedom) * estimate.standard_error;
    close(estimate.value, 0.51);
    assert_eq!((estimate.standard_error * 1e4).round(), 275.0);
    assert_eq!(((estimate.value - reach) * 1e3).round(), 456.0);
    assert_eq!(((estimate.value + reach) * 1e3).round(), 564.0);
}

/// The same by region, 300 counties allocated in proportion (Lohr 2010, p. 75 to 79): from the means and
/// variances of the four regions the total is 909,736,034 with a standard error of 50,417,248, and those
/// of the regions are 16,977,399, 3,992,889, 26,154,840 and 39,416,342.
#[test]
fn acres_of_counties_by_region() {
    // Counties, counties drawn, mean, variance, standard error of the region's total.
    let regions = [
        (1_054.0, 103, 300_504.2, 29_618_183_543.0, 16_977_399.0),
        (220.0, 21, 97_629.8, 7_647_472_708.0, 3_992_889.0),
        (1_382.0, 135, 211_315.0, 53_587_487_856.0, 26_154_840.0),
        (422.0, 41, 662_295.5, 396_185_950_266.0, 39_416_342.0),
    ];
    let (mut acres, mut strata, mut counts, mut weights) = (vec![], vec![], vec![], vec![]);
    for (stratum, (all, drawn, mean, variance, _)) in (0_u32..).zip(regions) {
        acres.extend(numbers(drawn, mean, variance));
        for _ in 0..drawn {
            strata.push(stratum);
            counts.push(all);
            weights.push(all / f64::from(drawn));
        }
    }
    let stage = StageInput {
        strata: Some(strata.clone()),
        population: Some(Population::Counts(counts)),
        ..StageInput::default()
    };
    let sample = design(weights, stage);
    let estimate = total(&sample, &acres, None, &OPTIONS).expect("a total");
    // Means printed to a tenth: half of that for each of 3,078 counties.
    assert!((estimate.value - 909_736_034.0).abs() < 0.05 * 3_078.0);
    assert_eq!(estimate.standard_error.round(), 50_417_248.0);
    assert_eq!(estimate.degrees_of_freedom, 296.0);
    for (stratum, (.., expected)) in (0_u32..).zip(regions) {
        let inside: Vec<bool> = strata.iter().map(|&of| of == stratum).collect();
        let estimate = total(&sample, &acres, Some(&inside), &OPTIONS).expect("a total");
        assert_eq!(estimate.standard_error.round(), expected);
    }
}

/// The estimated variances of Horvitz and Thompson and of Yates and Grundy are unbiased under any design
/// of fixed size whose pairs all have a chance (Särndal, Swensson and Wretman 1992, §2.8): over all six
/// samples of two of four, each weighted by its chance, they average to the variance of the total. The
/// first can be below zero for a sample; it is then unknown and not zero.
#[test]
fn unbiased_variances_of_a_design_that_is_written_out() {
    let samples = [
        ([0, 1], 0.1),
        ([0, 2], 0.15),
        ([0, 3], 0.2),
        ([1, 2], 0.15),
        ([1, 3], 0.25),
        ([2, 3], 0.15),
    ];
    let chance = |unit: usize| -> f64 {
        samples.iter().filter(|(units, _)| units.contains(&unit)).map(|(_, chance)| chance).sum()
    };
    let first = UnequalForm::HorvitzThompson;
    for (form, values, below_zero) in [
        (UnequalForm::YatesGrundy, [16.0, 21.0, 18.0, 25.0], 0),
        (first, [16.0, -21.0, 0.0, 0.0], 0),
        // By hand: the first two and the last two, whose pairs are drawn far less often than apart.
        (first, [16.0, 21.0, 18.0, 25.0], 2),
    ] {
        let mut unknown = 0;
        let (mut expected, mut squares, mut estimated) = (0.0, 0.0, 0.0);
        for (units, both) in samples {
            let chances = units.map(chance);
            let cells = [chances[0], both, both, chances[1]];
            let joint = JointProbabilities::given(2, &cells).expect("four cells");
            let weights = chances.map(f64::recip).to_vec();
            let sample = design(weights, StageInput::default())
                .with_unequal_probabilities(&chances, UnequalMethod::Joint(joint, form))
                .expect("probabilities");
            let drawn = units.map(|unit| values[unit]);
            let estimate = total(&sample, &drawn, None, &OPTIONS).expect("a total");
            if estimate.standard_error.is_nan() {
                assert!(estimate.interval.is_none());
                unknown += 1;
                continue;
            }
            expected += both * estimate.value;
            squares += both * estimate.value.powi(2);
            estimated += both * estimate.standard_error.powi(2);
        }
        assert_eq!(unknown, below_zero, "{form:?}");
        if below_zero > 0 {
            continue;
        }
        close(expected, values.iter().sum());
        let variance = squares - expected * expected;
        assert!((estimated - variance).abs() < 1e-9, "{form:?}: {estimated} for {variance}");
    }
}

/// Grade point averages of all four members of 5 suites out of 100 (Lohr 1999, example 5.2): the total of
/// the suites' totals is 1,130.4, their variance 2.256, the mean 2.826 with a standard error of 0.164.
#[test]
fn grades_in_suites() {
    let suites = [
        [3.08, 2.60, 3.44, 3.04],
        [2.36, 3.04, 3.28, 2.68],
        [2.00, 2.56, 2.52, 1.88],
        [3.00, 2.88, 3.44, 3.64],
        [2.68, 1.92, 3.28, 3.20],
    ];
    let clusters: Vec<u32> = (0..20).map(|row| row / 4).collect();
    let stage = StageInput {
        clusters: Some(clusters),
        population: Some(Population::Counts(vec![100.0; 20])),
        ..StageInput::default()
    };
    let sample = design(vec![20.0; 20], stage);
    let estimate = total(&sample, &suites.concat(), None, &OPTIONS).expect("a total");
    close(estimate.value, 1_130.4);
    // 100² (1 − 5/100) s²/5 with s² = 2.256.
    let spread = estimate.standard_error.powi(2) / (10_000.0 * 0.95 / 5.0);
    assert_eq!((spread * 1_000.0).round(), 2_256.0);
    let estimate = mean(&sample, &suites.concat(), None, &OPTIONS).expect("a mean");
    close(estimate.value, 2.826);
    assert_eq!((estimate.standard_error * 1_000.0).round(), 164.0);
}

/// Six targets rated by four judges (Shrout and Fleiss 1979, p. 423, table 2; the six coefficients of
/// p. 424, table 4).
#[test]
fn six_intraclass_correlations() {
    let judges: [&[f64]; 4] = [
        &[9.0, 6.0, 8.0, 7.0, 10.0, 6.0],
        &[2.0, 1.0, 4.0, 1.0, 5.0, 2.0],
        &[5.0, 3.0, 6.0, 2.0, 6.0, 4.0],
        &[8.0, 2.0, 8.0, 6.0, 9.0, 7.0],
    ];
    let forms = intraclass(&judges, 0.95).expect("coefficients");
    let hundredths = |value: f64| (value * 100.0).round();
    let single = forms.map(|form| hundredths(form.single.value));
    let average = forms.map(|form| hundredths(form.average.value));
    assert_eq!((single, average), ([17.0, 29.0, 71.0], [44.0, 62.0, 91.0]));
}

/// Four observers and twelve units with gaps (Krippendorff 2011, part C): 0.743 nominal, 0.815 ordinal,
/// 0.849 interval, 0.797 ratio.
#[test]
fn alpha_of_four_observers() {
    const NONE: f64 = f64::NAN;
    let observers: [&[f64]; 4] = [
        &[1.0, 2.0, 3.0, 3.0, 2.0, 1.0, 4.0, 1.0, 2.0, NONE, NONE, NONE],
        &[1.0, 2.0, 3.0, 3.0, 2.0, 2.0, 4.0, 1.0, 2.0, 5.0, NONE, 3.0],
        &[NONE, 3.0, 3.0, 3.0, 2.0, 3.0, 4.0, 2.0, 2.0, 5.0, 1.0, NONE],
        &[1.0, 2.0, 3.0, 3.0, 2.0, 4.0, 4.0, 1.0, 2.0, 5.0, 1.0, NONE],
    ];
    for (measurement, expected) in [
        (Measurement::Nominal, 743.0),
        (Measurement::Ordinal, 815.0),
        (Measurement::Interval, 849.0),
        (Measurement::Ratio, 797.0),
    ] {
        let alpha = krippendorff_alpha(&observers, measurement).expect("a coefficient");
        assert_eq!((alpha * 1_000.0).round(), expected);
    }
}

/// Columns by their names, of files that may not stand in this repository: read where
/// `SONDAGE_REFERENCE` names a folder that has them.
fn reader(test: &str) -> Option<impl Fn(&str, &[&str]) -> Vec<Vec<f64>>> {
    let folder = std::env::var_os("SONDAGE_REFERENCE").map(std::path::PathBuf::from);
    let folder = folder.map(|own| own.join("statistics/data")).filter(|own| own.is_dir());
    let Some(folder) = folder else {
        println!("{test}: skipped, SONDAGE_REFERENCE is not set");
        return None;
    };
    Some(move |file: &str, names: &[&str]| {
        let mut reader = csv::Reader::from_path(folder.join(file)).expect("a file");
        let heading = reader.headers().expect("a heading").clone();
        let places: Vec<usize> = (names.iter())
            .map(|name| heading.iter().position(|own| own == *name).expect("a column"))
            .collect();
        let mut columns = vec![Vec::new(); names.len()];
        for record in reader.records() {
            let record = record.expect("a row");
            for (column, &place) in columns.iter_mut().zip(&places) {
                let level = |text: &str| f64::from(text.bytes().next().unwrap_or(0));
                column.push(match &record[place] {
                    "" => f64::NAN,
                    text => text.parse().unwrap_or_else(|_| level(text)),
                });
            }
        }
        columns
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small codes")]
fn codes(column: &[f64]) -> Vec<u32> {
    column.iter().map(|own| *own as u32).collect()
}

/// Three municipalities in each of 5 of the 50 clusters of the population MU284 (Särndal, Swensson and
/// Wretman 1992, example 4.3.2, p. 142 and 143), by their formulas for two stages (§4.3): with t̂ᵢ = Nᵢȳᵢ
/// the total is N Σt̂ᵢ/n, its variance N²(1 − n/N)s²(t̂)/n + (N/n) Σ Nᵢ²(1 − nᵢ/Nᵢ)s²ᵢ/nᵢ.
#[test]
fn municipalities_in_two_stages() {
    let Some(read) = reader("municipalities_in_two_stages") else { return };
    let columns = read("mu284.csv", &["id1", "n1", "y1", "n2"]);
    let [cluster, clusters, y, within] = &columns[..] else { panic!("four columns") };
    let rows = 0..y.len();
    let weights = rows.clone().map(|row| clusters[row] / 5.0 * within[row] / 3.0).collect();
    let stage = |codes: Vec<u32>, population: &[f64]| StageInput {
        strata: None,
        clusters: Some(codes),
        population: Some(Population::Counts(population.to_vec())),
    };
    let members: Vec<u32> = (1..).take(y.len()).collect();
    let sample = Design::new(DesignInput {
        weights: Weights::Given(weights),
        stages: vec![stage(codes(cluster), clusters), stage(members, within)],
        nest: false,
        single_psu: SinglePsu::Fail,
        domain_single_psu: false,
    })
    .expect("a design");
    let (of, size) = (5.0, 50.0);
    let mut totals = Vec::new();
    let mut inside = 0.0;
    let mut by_cluster: Vec<usize> = rows.collect();
    by_cluster.sort_by_key(|&row| codes(cluster)[row]);
    for rows in by_cluster.chunks(3) {
        let own = within[rows[0]];
        let mean = rows.iter().map(|&row| y[row]).sum::<f64>() / 3.0;
        let spread = rows.iter().map(|&row| (y[row] - mean).powi(2)).sum::<f64>() / 2.0;
        totals.push(own * mean);
        inside += own * own * (1.0 - 3.0 / own) * spread / 3.0;
    }
    let mean = totals.iter().sum::<f64>() / of;
    let between = totals.iter().map(|total| (total - mean).powi(2)).sum::<f64>() / (of - 1.0);
    let variance = size * size * (1.0 - of / size) * between / of + size / of * inside;
    let found = total(&sample, y, None, &OPTIONS).expect("a total");
    assert!((found.value - 15_080.0).abs() < 1e-9);
    assert!((found.value - size * mean).abs() < 1e-9);
    assert!((found.standard_error.powi(2) - variance).abs() < 1e-6, "{variance}");
    assert_eq!(variance.round(), 5_172_234.0);
}

/// Figures that Lumley (2010, ch. 2 and 3) prints for schools of California.
#[test]
fn schools_of_california() {
    let Some(read) = reader("schools_of_california") else { return };
    let at = |value: f64, digits: i32| (value * 10_f64.powi(digits)).round();

    // Strata by type of school: 3,687,178 pupils (114,642), 662.29 points (9.4089).
    let strat = read("apistrat.csv", &["enroll", "api00", "pw", "stype", "fpc"]);
    let stage = StageInput {
        strata: Some(codes(&strat[3])),
        clusters: None,
        population: Some(Population::Counts(strat[4].clone())),
    };
    let sample = design(strat[2].clone(), stage);
    let pupils = total(&sample, &strat[0], None, &OPTIONS).expect("a total");
    assert_eq!((at(pupils.value, 0), at(pupils.standard_error, 0)), (3_687_178.0, 114_642.0));
    let points = mean(&sample, &strat[1], None, &OPTIONS).expect("a mean");
    assert_eq!((at(points.value, 2), at(points.standard_error, 4)), (66_229.0, 94_089.0));

    // Districts as clusters: 3,404,940 pupils (932,235), 644.17 points (23.542).
    let clus = read("apiclus1.csv", &["enroll", "api00", "pw", "dnum", "fpc"]);
    let stage = StageInput {
        strata: None,
        clusters: Some(codes(&clus[3])),
        population: Some(Population::Counts(clus[4].clone())),
    };
    let sample = design(clus[2].clone(), stage);
    let pupils = total(&sample, &clus[0], None, &OPTIONS).expect("a total");
    assert_eq!((at(pupils.value, 0), at(pupils.standard_error, 0)), (3_404_940.0, 932_235.0));
    let points = mean(&sample, &clus[1], None, &OPTIONS).expect("a mean");
    assert_eq!((at(points.value, 2), at(points.standard_error, 3)), (64_417.0, 23_542.0));
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
    assert!(problems[0].to_string().contains("row=2"), "{}", problems[0]);
}
