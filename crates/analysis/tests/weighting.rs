//! Weighting: what each step must keep or meet, by hand and by simulation.

// The data are small numbers; what must be equal is compared so.
#![allow(clippy::cast_precision_loss, clippy::float_cmp)]

use analysis::design::replicates::Centre;
use analysis::model::ModelMatrix;
use analysis::variance::replication::jackknife;
use analysis::weighting::composite::composite_weights;
use analysis::weighting::eligibility::{Eligibility, adjust_unknown_eligibility};
use analysis::weighting::nonresponse::adjust_in_cells;
use analysis::weighting::panel::{Chain, Factor, shared_weights};
use analysis::weighting::propensity::{PropensityUse, adjust_by_propensity};
use analysis::weighting::rake::{Margin, RakeOptions, rake};
use analysis::weighting::representativity::{Auxiliary, representativity};
use analysis::weighting::trimmed_raking::{WeightLimits, rake_within_limits};
use analysis::{Coded, Design, DesignInput, Error, SinglePsu, StageInput, Weights};
use survey_builder::sampling::Seed;
use survey_builder::sampling::random::Stream;

fn design(weights: Vec<f64>) -> Design {
    Design::new(DesignInput {
        weights: Weights::Given(weights),
        stages: vec![StageInput::default()],
        nest: false,
        single_psu: SinglePsu::Fail,
        domain_single_psu: false,
    })
    .expect("a design")
}

fn near(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= 1e-9 * expected.abs().max(1.0),
        "{found} is not {expected}"
    );
}

fn told(result: Result<impl Sized, Error>) -> String {
    match result {
        Ok(_) => panic!("accepted"),
        Err(error) => error.to_string(),
    }
}

/// Two groups of which 3 of 4 and 1 of 4 answered.
fn two_groups() -> (Design, Vec<bool>, Vec<u16>, ModelMatrix) {
    let codes = vec![1, 1, 1, 1, 2, 2, 2, 2];
    let responded = vec![true, true, true, false, true, false, false, false];
    let mut terms = ModelMatrix::intercept(8);
    terms.push("second", codes.iter().map(|code| f64::from(u8::from(*code == 2))).collect());
    (design(vec![2.0; 8]), responded, codes, terms)
}

/// A model with a term a group fits the rates of the groups, so classes and inverse propensities are
/// both the cells.
#[test]
fn propensities_of_two_groups_are_their_rates() {
    let (design, responded, codes, terms) = two_groups();
    let cells = Coded { codes: &codes, levels: 2 };
    let by_cells = adjust_in_cells(&design, &responded, cells).expect("cells").design;
    for used in [PropensityUse::Classes(2), PropensityUse::Inverse] {
        for weighted in [true, false] {
            let found =
                adjust_by_propensity(&design, &responded, &terms, used, weighted).expect("weights");
            near(found.propensities[0], 0.75);
            near(found.propensities[7], 0.25);
            for (one, other) in found.design.weights().iter().zip(by_cells.weights()) {
                near(*one, *other);
            }
        }
    }
}

#[test]
fn classes_are_of_equal_weight_and_every_replicate_has_its_own_model() {
    let rows = 400;
    let mut stream = Seed(11).stream(1, 1);
    let x: Vec<f64> = (0..rows).map(|_| stream.uniform()).collect();
    let responded: Vec<bool> = x.iter().map(|x| stream.uniform() < 0.2 + 0.6 * x).collect();
    let mut terms = ModelMatrix::intercept(rows);
    terms.push("x", x);
    let plain = design(vec![1.0; rows]);
    let replicates = jackknife(&plain, Centre::FullSample).expect("replicates");
    let design = plain.with_replicates(replicates).expect("a design");
    let used = PropensityUse::Classes(5);
    let found = adjust_by_propensity(&design, &responded, &terms, used, true).expect("weights");
    let classes = found.classes.expect("classes");
    for class in 1..=5 {
        assert_eq!(classes.iter().filter(|own| **own == class).count(), 80);
    }
    near(found.design.weights().iter().sum(), 400.0);
    assert!(found.factors.windows(2).all(|pair| pair[0] > pair[1]), "{:?}", found.factors);
    for weights in &found.design.replicates().expect("replicates").weights {
        near(weights.iter().sum(), 400.0);
    }
    let few = adjust_by_propensity(&design, &responded, &terms, PropensityUse::Classes(300), true);
    assert!(told(few).contains("classes=300"));
}

#[test]
fn the_known_stand_for_the_unknown() {
    use Eligibility::{Eligible, Ineligible, Unknown};
    let status = [Eligible, Ineligible, Unknown, Unknown, Eligible, Eligible];
    let cells = Coded { codes: &[1, 1, 1, 1, 2, 2], levels: 2 };
    let found = adjust_unknown_eligibility(&design(vec![3.0; 6]), &status, cells).expect("weights");
    // Half of the known of the first cell are eligible, so half of its weight of 12 stays.
    assert_eq!(found.design.weights(), [6.0, 0.0, 0.0, 0.0, 3.0, 3.0]);
    assert_eq!(found.factors, [2.0, 1.0]);
    let none = adjust_unknown_eligibility(&design(vec![1.0; 6]), &[Unknown; 6], cells);
    assert!(told(none).contains("cells, level=1): cell_unanswered"));
}

fn margins() -> (Vec<Margin>, usize) {
    let rows = 300;
    let mut stream = Seed(12).stream(1, 1);
    let mut codes = |share: f64| -> Vec<u16> {
        (0..rows).map(|_| 1 + u16::from(stream.uniform() < share)).collect()
    };
    let margin = |name: &str, codes: Vec<u16>, totals: [f64; 2]| Margin {
        variable: name.to_owned(),
        levels: vec!["a".to_owned(), "b".to_owned()],
        totals: totals.to_vec(),
        codes,
    };
    let all = vec![
        margin("one", codes(0.2), [1_500.0, 1_500.0]),
        margin("two", codes(0.7), [1_200.0, 1_800.0]),
        margin("three", codes(0.15), [2_200.0, 800.0]),
    ];
    (all, rows)
}

/// Raking alone makes weights up to five times the mean; within limits of 0.3 to 3 times both the margins
/// and the limits hold.
#[test]
fn raking_within_limits_meets_margins_and_limits() {
    let (margins, rows) = margins();
    let options = RakeOptions { tolerance: 1e-10, rounds_max: 1_000, projection_rounds: 10 };
    let plain = design(vec![10.0; rows]);
    let free = rake(plain.clone(), &margins, &options).expect("weights").0;
    let largest = |design: &Design| design.weights().iter().copied().fold(0.0, f64::max);
    let cap = 3.5;
    assert!(largest(&free) > 10.0 * cap, "{}", largest(&free));
    for limits in [
        WeightLimits::TimesMean { lower: 0.3, upper: cap },
        WeightLimits::Weights { lower: 3.0, upper: 10.0 * cap },
    ] {
        let (held, told) =
            rake_within_limits(plain.clone(), &margins, &options, limits).expect("weights");
        assert!(largest(&held) <= 10.0 * cap * (1.0 + 1e-8));
        assert!(told.largest_gap < 1e-8 && told.gaps.len() > 1);
        for level in &told.levels {
            assert!((level.after / level.target - 1.0).abs() < 1e-8, "{level:?}");
        }
        assert!(held.is_calibrated());
    }
    let tight = WeightLimits::TimesMean { lower: 0.9, upper: 1.1 };
    let refused = told(rake_within_limits(plain.clone(), &margins, &options, tight));
    assert!(refused.contains("limits_unmet") && refused.contains("level=b"), "{refused}");
    let wrong = WeightLimits::Weights { lower: 20.0, upper: 30.0 };
    assert!(told(rake_within_limits(plain, &margins, &options, wrong)).contains("limits_around"));
}

/// In the overlap the two samples share one population: λ and 1 − λ.
#[test]
fn two_samples_share_their_overlap() {
    let weights = [2.0, 4.0, 6.0, 3.0, 3.0];
    let second = [false, false, false, true, true];
    let overlap = [true, true, false, true, false];
    let found = composite_weights(&weights, &second, &overlap, Some(0.25)).expect("weights");
    assert_eq!(found.weights, [0.5, 1.0, 6.0, 2.25, 3.0]);
    let found = composite_weights(&weights, &second, &overlap, None).expect("weights");
    // (2 + 4)²/(4 + 16) = 1.8 effective rows beside 1.
    near(found.share, 1.8 / 2.8);
    assert!(told(composite_weights(&weights, &[true; 5], &overlap, None)).contains("first-sample"));
    assert!(composite_weights(&weights, &second, &overlap, Some(1.5)).is_err());
    assert!(composite_weights(&weights[1..], &second, &overlap, None).is_err());
}

#[test]
fn panels_keep_every_factor_and_share_weights_in_households() {
    let chain = Chain::new(
        vec![1.0, 2.0, 3.0],
        vec![
            Factor { name: "wave 2".into(), values: vec![2.0, 0.0, 1.5] },
            Factor { name: "wave 3".into(), values: vec![1.0, 1.0, 2.0] },
        ],
    )
    .expect("a chain");
    assert_eq!(chain.after(1), [2.0, 0.0, 4.5]);
    assert_eq!(chain.weights(), [2.0, 0.0, 9.0]);
    let lost = Factor { name: "wave 2".into(), values: vec![1.0, f64::NAN] };
    assert!(told(Chain::new(vec![1.0, -1.0], vec![lost])).contains("wave 2, row=2): data_missing"));
    // A household of two sampled together with weight 6, joined by one who was abroad: 12 over 2 links.
    let found = shared_weights(&[6.0, 6.0, 0.0, 5.0], &[1, 1, 1, 2], &[true, true, false, true]);
    assert_eq!(found.expect("weights"), [6.0, 6.0, 6.0, 5.0]);
    // One sampled alone, living now with one who could have been: 8 over 2.
    let found = shared_weights(&[8.0, 0.0], &[1, 1], &[true, true]).expect("weights");
    assert_eq!(found, [4.0, 4.0]);
    assert!(
        told(shared_weights(&[0.0], &[7], &[false]))
            .contains("households, level=7): household_new")
    );
}

/// Half of the people answer with 0.8 and half with 0.4: S = 0.2, R = 0.6; all of it lies between the
/// levels of the one variable and nothing within.
#[test]
fn representativity_of_two_rates_by_hand() {
    let codes: Vec<u16> = (0..200).map(|row| 1 + u16::from(row >= 100)).collect();
    let other: Vec<u16> = (0..200).map(|row| 1 + u16::from(row % 2 == 0)).collect();
    let responded: Vec<bool> =
        (0..200).map(|row| row % 5 < if row < 100 { 4 } else { 2 }).collect();
    let one = Auxiliary { name: "area", levels: Coded { codes: &codes, levels: 2 } };
    let two = Auxiliary { name: "even", levels: Coded { codes: &other, levels: 2 } };
    let design = design(vec![5.0; 200]);
    let found = representativity(&design, &responded, &[one], 0.95).expect("an indicator");
    near(found.unadjusted, 0.6);
    near(found.response_rate, 0.6);
    assert!(found.bias > 0.0 && found.indicator > 0.6);
    let area = &found.variables[0];
    near(area.unconditional, 0.2);
    near(area.conditional, 0.2);
    near(area.level_unconditional[0], 0.5_f64.sqrt() * 0.2);
    near(area.level_unconditional[1], -(0.5_f64.sqrt()) * 0.2);
    near(area.level_conditional[0], (0.5_f64 * 0.04).sqrt());
    // Who is even has nothing to do with it.
    let found = representativity(&design, &responded, &[one, two], 0.95).expect("an indicator");
    assert!(found.variables[1].unconditional < 0.02 && found.variables[1].conditional < 0.02);
    assert!(
        told(representativity(&design, &[true; 200], &[one], 0.95))
            .contains("responded: data_constant")
    );
    assert!(representativity(&design, &responded, &[], 0.95).is_err());
}

fn drawn(stream: &mut Stream, rows: usize) -> (Vec<u16>, Vec<bool>) {
    let codes: Vec<u16> =
        (0..rows).map(|_| 1 + u16::try_from(stream.below(4)).expect("small")).collect();
    let rate = [0.35, 0.5, 0.6, 0.75];
    let responded =
        codes.iter().map(|code| stream.uniform() < rate[usize::from(*code) - 1]).collect();
    (codes, responded)
}

/// Over 400 samples of 500 the adjusted indicator is right in the mean (to 0.01), and its standard error
/// is that with which it varies (to 15 %; with 400 samples that is known to 3.5 %).
#[test]
fn the_error_of_the_indicator_is_how_it_varies() {
    let rate = [0.35, 0.5, 0.6, 0.75];
    let mean = rate.iter().sum::<f64>() / 4.0;
    let truth =
        1.0 - 2.0 * (rate.iter().map(|r| (r - mean) * (r - mean)).sum::<f64>() / 4.0).sqrt();
    let mut found = Vec::new();
    for sample in 0..400 {
        let mut stream = Seed(5).stream(2, sample);
        let (codes, responded) = drawn(&mut stream, 500);
        let one = Auxiliary { name: "area", levels: Coded { codes: &codes, levels: 4 } };
        let design = design(vec![1.0; 500]);
        found.push(representativity(&design, &responded, &[one], 0.95).expect("an indicator"));
    }
    let average = |of: &dyn Fn(usize) -> f64| (0..400).map(of).sum::<f64>() / 400.0;
    let centre = average(&|place| found[place].indicator);
    assert!((centre - truth).abs() < 0.01, "{centre} beside {truth}");
    assert!(average(&|place| found[place].unadjusted) < centre);
    let spread = average(&|place| (found[place].indicator - centre).powi(2)).sqrt();
    let told = average(&|place| found[place].standard_error.expect("an error"));
    assert!((told / spread - 1.0).abs() < 0.15, "{told} beside {spread}");
}
