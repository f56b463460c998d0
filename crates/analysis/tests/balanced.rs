//! Samples that are balanced, spread, or both: the variance is worked out again by normal
//! equations, and intervals hold the truth as often as they say
//! (`cargo test -p analysis --test balanced -- --ignored --nocapture`; docs/METHODS.md has the results).

// Populations are small, and whole numbers are exact.
#![allow(clippy::cast_precision_loss)]

use std::collections::HashMap;
use std::fmt::Write as _;

use analysis::design::sampled::{SampledRules, design_of, join};
use analysis::estimate::moments::{mean, total};
use analysis::{DegreesOfFreedomRule, Estimate, EstimateOptions, IntervalMethod, SinglePsu};
use nalgebra::{DMatrix, DVector};
use survey_builder::sampling::plan::{Balanced, Spread};
use survey_builder::sampling::random::Stream;
use survey_builder::sampling::{
    Allocation, Amount, Columns, Frame, Method, Plan, Sample, Seed, Share, SizeMeasure, Stage,
    StageUnits, draw,
};

const RULES: SampledRules = SampledRules { single_psu: SinglePsu::Fail, domain_single_psu: false };

fn normal(stream: &mut Stream) -> f64 {
    // Box and Muller.
    let (one, two) = (1.0 - stream.uniform(), stream.uniform());
    (-2.0 * one.ln()).sqrt() * (std::f64::consts::TAU * two).cos()
}

/// 1,000 units on a square, whose values go with their size, with a column to balance on,
/// and smoothly with their place.
fn people() -> (Frame, HashMap<String, f64>) {
    let mut stream = Seed(20_130_303).stream(1, 0);
    let mut csv = "id,size,income,x,y\n".to_owned();
    let mut values = HashMap::new();
    for unit in 0..1_000 {
        let (x, y, size) = (stream.uniform(), stream.uniform(), 1.0 + 3.0 * stream.uniform());
        let income = 10.0 + 3.0 * normal(&mut stream) + 2.0 * size;
        let wave = 6.0 * (4.0 * x).sin() * (3.0 * y).cos();
        let value = 20.0 + 1.5 * income + wave + 3.0 * normal(&mut stream);
        writeln!(csv, "u{unit},{size:.4},{income:.4},{x:.5},{y:.5}").expect("text");
        values.insert(format!("u{unit}"), value);
    }
    let columns = Columns {
        unit: "id".to_owned(),
        size: Some("size".to_owned()),
        numbers: ["income", "x", "y"].map(str::to_owned).to_vec(),
        ..Columns::default()
    };
    (Frame::read(csv.as_bytes(), &columns).expect("a frame"), values)
}

fn plans(total: u32) -> Vec<(&'static str, Plan)> {
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let share = Share::Equal;
    let amount = Amount::Allocated(Allocation { total, share, minimum: 0, capped: false });
    let plan = |method| Plan::of(vec![Stage::new(StageUnits::Units, method, amount.clone())]);
    let size = Some(SizeMeasure::Column);
    let balanced = Balanced { variables: named(&["income"]), size, ..Balanced::default() };
    let doubly = Balanced { coordinates: named(&["x", "y"]), ..balanced.clone() };
    let equal = Balanced { size: None, ..doubly.clone() };
    let spread = Spread { coordinates: named(&["x", "y"]), size, mutual: false };
    vec![
        ("balanced", plan(Method::Cube(balanced))),
        ("spread", plan(Method::LocalPivotal(spread))),
        ("doubly balanced", plan(Method::Cube(doubly))),
        ("doubly balanced, equal chances", plan(Method::Cube(equal))),
    ]
}

fn estimates(sample: &Sample, of: &HashMap<String, f64>) -> (Estimate, Estimate) {
    let ids: Vec<&str> = sample.units.iter().map(|unit| unit.unit.as_str()).collect();
    let values: Vec<f64> = ids.iter().map(|id| of[*id]).collect();
    let joined = join(sample, &ids, "id").expect("joined");
    let design = design_of(&joined, RULES).expect("a design").design;
    let options = EstimateOptions {
        confidence: 0.95,
        interval: IntervalMethod::StudentT,
        degrees_of_freedom: DegreesOfFreedomRule::Answered,
    };
    let all = total(&design, &values, None, &options).expect("a total");
    (all, mean(&design, &values, None, &options).expect("a mean"))
}

/// The variance of a total in another way: normal equations, and all distances compared.
#[expect(clippy::many_single_char_names, reason = "as in the formula")]
fn worked_out(sample: &Sample, of: &HashMap<String, f64>) -> f64 {
    let kept = &sample.auxiliary[0];
    let n = kept.members.len();
    let chances: HashMap<&str, f64> =
        sample.units.iter().map(|unit| (unit.unit.as_str(), unit.probability)).collect();
    let p: Vec<f64> = kept.members.iter().map(|name| chances[name.as_str()]).collect();
    let width = kept.balance.first().map_or(0, Vec::len);
    let x = DMatrix::from_fn(n, 1 + width, |row, column| {
        if column == 0 { 1.0 } else { kept.balance[row][column - 1] / p[row] }
    });
    let z = DVector::from_fn(n, |row, _| of[&kept.members[row]] / p[row]);
    let c = DMatrix::from_diagonal(&DVector::from_fn(n, |row, _| 1.0 - p[row]));
    let slopes =
        (x.transpose() * &c * &x).try_inverse().expect("full rank") * x.transpose() * c * &z;
    let missed: f64 = (0..width)
        .map(|at| {
            let found: f64 = (0..n).map(|row| x[(row, at + 1)]).sum();
            slopes[at + 1] * (kept.totals[at] - found)
        })
        .sum();
    let e = z - &x * slopes;
    let factor = n as f64 / (n - 1 - width) as f64;
    let k = (2 + width).max(3);
    let near = |own: usize| -> Vec<usize> {
        let mut all: Vec<(f64, usize)> = (0..n)
            .map(|other| {
                let apart = kept.coordinates[own].iter().zip(&kept.coordinates[other]);
                (apart.map(|(one, other)| (one - other).powi(2)).sum(), other)
            })
            .collect();
        all.sort_by(|one, other| one.0.total_cmp(&other.0));
        all.into_iter().take(k).map(|(_, other)| other).collect()
    };
    let residuals: f64 = (0..n)
        .map(|own| {
            if kept.coordinates.is_empty() {
                return factor * (1.0 - p[own]) * e[own] * e[own];
            }
            let near = near(own);
            let weight: f64 = near.iter().map(|it| 1.0 - p[*it]).sum();
            let mean = near.iter().map(|it| (1.0 - p[*it]) * e[*it]).sum::<f64>() / weight;
            let local = k as f64 / (k - 1) as f64;
            factor * local * (1.0 - p[own]) * (e[own] - mean).powi(2)
        })
        .sum();
    residuals + missed * missed
}

#[test]
fn variances_are_those_of_the_normal_equations() {
    let (frame, of) = people();
    for (name, plan) in plans(60) {
        let sample = draw(&frame, &plan, Seed(5)).expect("drawn");
        let (found, _) = estimates(&sample, &of);
        let (error, expected) = (found.standard_error, worked_out(&sample, &of));
        assert!((error.powi(2) / expected - 1.0).abs() < 1e-9, "{name}: {error}");
    }
}

/// Percent of intervals of a mean and a total that hold, and the root mean square of the
/// standard error over the real error.
fn coverage(draws: u32, total: u32) -> Vec<(&'static str, [(f64, f64); 2])> {
    let (frame, of) = people();
    let truth = [of.values().sum::<f64>() / of.len() as f64, of.values().sum()];
    let measure = |(name, plan): (&'static str, Plan)| {
        let mut sums = [[0.0_f64; 3]; 2];
        for seed in 0..draws {
            let sample = draw(&frame, &plan, Seed(u64::from(seed))).expect("drawn");
            let (all, one) = estimates(&sample, &of);
            for ((sums, truth), found) in sums.iter_mut().zip(truth).zip([one, all]) {
                let interval = found.interval.expect("an interval");
                sums[0] += f64::from(u8::from((interval.lower..interval.upper).contains(&truth)));
                sums[1] += found.standard_error.powi(2);
                sums[2] += (found.value - truth).powi(2);
            }
        }
        let told =
            |[held, told, real]: [f64; 3]| (100.0 * held / f64::from(draws), (told / real).sqrt());
        (name, sums.map(told))
    };
    plans(total).into_iter().map(measure).collect()
}

#[test]
fn errors_are_near_the_real_ones() {
    for (name, found) in coverage(150, 80) {
        for (_, ratio) in found {
            assert!((0.8..1.3).contains(&ratio), "{name}: {ratio}");
        }
    }
}

#[test]
#[ignore = "long: 2,000 samples of four designs"]
fn intervals_of_balanced_and_spread_samples_hold() {
    println!("| plan | mean | total |\n|---|---|---|");
    for (name, [mean, total]) in coverage(2_000, 80) {
        println!("| {name} | {:.1} ({:.2}) | {:.1} ({:.2}) |", mean.0, mean.1, total.0, total.1);
        for (share, _) in [mean, total] {
            assert!((93.0..=97.5).contains(&share), "{name}: {share}");
        }
    }
}
