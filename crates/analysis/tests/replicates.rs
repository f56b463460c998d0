//! Replicate weights made here: equal to the variance by linearisation where theory says so, near it
//! where chance decides, and weighted as the sample is.
//!
//! A bootstrap variance of a total from B replicates is near χ²(B) times its mean over B, so its relative
//! error is √(2/B); bounds are five of these.

// The data are small numbers; what must be equal is compared so.
#![allow(clippy::cast_precision_loss, clippy::float_cmp)]

use std::borrow::Cow;

use analysis::compare::independence::cell_indicators;
use analysis::compare::{CellShares, DesignTest, IndependenceMethod, WeightedTable};
use analysis::design::replicates::{Centre, Replicates};
use analysis::estimate::Coded;
use analysis::estimate::moments::{mean, means, means_by_domain, ratio, total, totals};
use analysis::estimate::quantile::{Limits, QuantileRule, quantiles};
use analysis::estimate::shares::ShareOf;
use analysis::model::linear::{Family, Link, Stopping, linear_model};
use analysis::tabulate::{BannerVariable, Cell, RowData, RowVariable, TableOptions};
use analysis::variance::replication::bootstrap::{Bootstrap, bootstrap};
use analysis::variance::replication::successive::successive_differences;
use analysis::variance::replication::{balanced_half_samples, jackknife, paired_jackknife};
use analysis::weighting::calibrate::{Auxiliaries, Distance, calibrate, calibrate_clusters};
use analysis::weighting::post_stratify::post_stratify;
use analysis::weighting::rake::{Margin, RakeOptions, rake};
use analysis::{
    DegreesOfFreedomRule, Design, DesignInput, EstimateOptions, IntervalMethod, Population,
    SinglePsu, StageInput, Table, TableSpec, Weights, model::ModelMatrix, tabulate,
    tabulate_with_tests,
};
use survey_builder::sampling::Seed;

const OPTIONS: EstimateOptions = EstimateOptions {
    confidence: 0.95,
    interval: IntervalMethod::StudentT,
    degrees_of_freedom: DegreesOfFreedomRule::FullDesign,
};

/// Numbers from 0 to 1 without a pattern.
fn noise(place: usize, column: usize) -> f64 {
    Seed(20_261_125)
        .stream(u32::try_from(column).expect("few"), u32::try_from(place).expect("few"))
        .uniform()
}

/// A sample with `strata` strata of `clusters` clusters of `members` rows; populations where `sizes`
/// gives how many clusters a stratum has, and rows a cluster.
fn design(strata: usize, clusters: usize, members: usize, sizes: Option<(f64, f64)>) -> Design {
    let rows = strata * clusters * members;
    let code = |of: usize| u32::try_from(of).expect("few");
    let column = |of: &dyn Fn(usize) -> u32| (0..rows).map(of).collect::<Vec<u32>>();
    let mut stages = vec![StageInput {
        strata: Some(column(&|row| code(row / (clusters * members)))),
        clusters: Some(column(&|row| code(row / members))),
        population: sizes.map(|(first, _)| Population::Counts(vec![first; rows])),
    }];
    if let Some((_, second)) = sizes {
        stages.push(StageInput {
            strata: None,
            clusters: Some(column(&code)),
            population: Some(Population::Counts(vec![second; rows])),
        });
    }
    Design::new(DesignInput {
        weights: Weights::Given(
            (0..rows).map(|row| 10.0 + 5.0 * noise(row / members, 1)).collect(),
        ),
        stages,
        nest: false,
        single_psu: SinglePsu::Fail,
        domain_single_psu: false,
    })
    .expect("a design")
}

/// Values that differ between clusters and within.
fn values(design: &Design, members: usize) -> Vec<f64> {
    (0..design.rows()).map(|row| 5.0 + 3.0 * noise(row / members, 2) + noise(row, 3)).collect()
}

fn first_stage_error(design: &Design, values: &[f64]) -> f64 {
    total(design, values, None, &OPTIONS).expect("a total").standard_error
}

fn replicated_error(design: &Design, replicates: Replicates, values: &[f64]) -> f64 {
    let design = design.clone().with_replicates(replicates).expect("a design");
    total(&design, values, None, &OPTIONS).expect("a total").standard_error
}

fn near(found: f64, expected: f64, share: f64) {
    assert!((found / expected - 1.0).abs() <= share, "{found} is not within {share} of {expected}");
}

#[test]
fn jackknives_and_successive_differences_of_two_clusters_are_exact_for_totals() {
    let design = design(7, 2, 3, None);
    let values = values(&design, 3);
    let linear = first_stage_error(&design, &values);
    for replicates in [
        jackknife(&design, Centre::FullSample),
        jackknife(&design, Centre::Replicates),
        paired_jackknife(&design, None),
        paired_jackknife(&design, Some(Seed(3))),
        balanced_half_samples(&design, 0.0, Centre::FullSample),
        successive_differences(&design, None),
    ] {
        let replicates = replicates.expect("replicates");
        assert_eq!(replicates.degrees_of_freedom, 7.0);
        near(replicated_error(&design, replicates, &values), linear, 1e-10);
    }
}

/// ½ Σ (zᵢ − zⱼ)² over neighbours in a circle, times 1 − f (Ash 2014).
#[test]
fn successive_differences_go_round_in_a_circle() {
    let rows = 11;
    let design = Design::new(DesignInput {
        weights: Weights::Given(vec![3.0; rows]),
        stages: vec![StageInput {
            population: Some(Population::Counts(vec![33.0; rows])),
            ..StageInput::default()
        }],
        nest: false,
        single_psu: SinglePsu::Fail,
        domain_single_psu: false,
    })
    .expect("a design");
    let values: Vec<f64> = (0..rows).map(|row| noise(row, 4)).collect();
    let next = |row: usize| (row + 1) % rows;
    let squares: f64 = (0..rows).map(|row| (3.0 * (values[row] - values[next(row)])).powi(2)).sum();
    let replicates = successive_differences(&design, None).expect("replicates");
    assert_eq!(replicates.weights.len(), 12);
    let expected = (0.5 * squares * (1.0 - 11.0 / 33.0)).sqrt();
    near(replicated_error(&design, replicates, &values), expected, 1e-10);
    // Fewer replicates than rows: no longer exact, and a count without a matrix is refused.
    assert!(successive_differences(&design, Some(8)).is_ok());
    assert!(successive_differences(&design, Some(10)).is_err());
}

#[test]
fn bootstraps_have_the_variance_by_linearisation_in_the_mean() {
    let count = 4_000;
    let bound = 5.0 * (2.0 / f64::from(count)).sqrt() / 2.0;
    for (strata, clusters, sizes) in [(3, 8, None), (2, 6, Some((15.0, 12.0)))] {
        let design = design(strata, clusters, 4, sizes);
        let values = values(&design, 4);
        let whole = first_stage_error(&design, &values);
        // Only Preston's knows of the second stage.
        let first = {
            let totals: Vec<f64> = (0..strata * clusters)
                .map(|cluster| {
                    (cluster * 4..cluster * 4 + 4)
                        .map(|row| design.weights()[row] * values[row])
                        .sum()
                })
                .collect();
            let mut variance = 0.0;
            for own in totals.chunks(clusters) {
                let (n, centre) = (clusters as f64, own.iter().sum::<f64>() / clusters as f64);
                let squares: f64 = own.iter().map(|total| (total - centre).powi(2)).sum();
                let left = sizes.map_or(1.0, |(population, _)| 1.0 - n / population);
                variance += left * n / (n - 1.0) * squares;
            }
            variance.sqrt()
        };
        for kind in [Bootstrap::RaoWu, Bootstrap::CantyDavison, Bootstrap::Preston] {
            for centre in [Centre::Replicates, Centre::FullSample] {
                let drawn = bootstrap(&design, kind, 4_000, Seed(7), centre).expect("replicates");
                let found = replicated_error(&design, drawn, &values);
                let expected = if kind == Bootstrap::Preston { whole } else { first };
                // Copies of a small sample as its population: N(n − 1)/((N − 1)n) is not corrected for.
                let more =
                    if kind == Bootstrap::CantyDavison && sizes.is_some() { 0.04 } else { 0.0 };
                near(found, expected, bound + more);
            }
        }
    }
}

#[test]
fn the_same_seed_draws_the_same_and_another_does_not() {
    let design = design(2, 5, 2, None);
    let draw = |seed| {
        bootstrap(&design, Bootstrap::RaoWu, 20, Seed(seed), Centre::Replicates).expect("drawn")
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1).weights, draw(2).weights);
    let single = design_of_single();
    for kind in [Bootstrap::RaoWu, Bootstrap::CantyDavison, Bootstrap::Preston] {
        let told = bootstrap(&single, kind, 20, Seed(1), Centre::Replicates);
        let problems = told.expect_err("one cluster in a stratum").into_problems();
        assert!(problems.iter().all(|told| told.code == "design_single_cluster"), "{problems:?}");
        assert!(bootstrap(&design, kind, 1, Seed(1), Centre::Replicates).is_err());
    }
    assert!(successive_differences(&single, None).is_err());
    assert!(paired_jackknife(&single, None).is_err());
}

fn design_of_single() -> Design {
    Design::new(DesignInput {
        weights: Weights::Given(vec![1.0; 3]),
        stages: vec![StageInput { strata: Some(vec![1, 1, 2]), ..StageInput::default() }],
        nest: false,
        single_psu: SinglePsu::Fail,
        domain_single_psu: false,
    })
    .expect("a design")
}

/// Ratios and quantiles: both variances estimate the same, to some percent with 40 clusters.
#[test]
fn ratios_and_quantiles_by_replicates_are_near_linearisation() {
    let design = design(4, 10, 6, None);
    let (y, x) =
        (values(&design, 6), (0..240).map(|row| 1.0 + noise(row, 5)).collect::<Vec<f64>>());
    let drawn = bootstrap(&design, Bootstrap::RaoWu, 1_000, Seed(5), Centre::Replicates);
    let replicated = design.clone().with_replicates(drawn.expect("drawn")).expect("a design");
    let error =
        |design: &Design| ratio(design, &y, &x, None, &OPTIONS).expect("a ratio").standard_error;
    near(error(&replicated), error(&design), 0.15);
    let median = |design: &Design| {
        let rule = QuantileRule::InverseCdf;
        quantiles(design, &y, &[0.5], None, rule, Limits::FoundShare, &OPTIONS).expect("a median")
            [0]
    };
    let (one, other) = (median(&design), median(&replicated));
    assert_eq!(one.value, other.value);
    near(other.standard_error.expect("limits"), one.standard_error.expect("limits"), 0.25);
}

fn margin(name: &str, codes: Vec<u16>, totals: [f64; 2]) -> Margin {
    Margin {
        variable: name.to_owned(),
        levels: vec!["a".to_owned(), "b".to_owned()],
        totals: totals.to_vec(),
        codes,
    }
}

#[test]
fn a_step_of_weighting_is_done_to_every_replicate() {
    let plain = design(4, 10, 6, None);
    let y = values(&plain, 6);
    let code = |column: usize| -> Vec<u16> {
        (0..240).map(|row| 1 + u16::from(noise(row, column) + 0.1 * y[row] > 1.2)).collect()
    };
    let margins =
        [margin("one", code(6), [1_200.0, 1_800.0]), margin("two", code(7), [1_500.0, 1_500.0])];
    let options = RakeOptions { tolerance: 1e-12, rounds_max: 500, projection_rounds: 10 };
    let replicates = jackknife(&plain, Centre::FullSample).expect("replicates");
    let made = plain.clone().with_replicates(replicates).expect("a design");

    let raked = rake(made.clone(), &margins, &options).expect("weights").0;
    for weights in &raked.replicates().expect("replicates").weights {
        for margin in &margins {
            let first = weights.iter().zip(&margin.codes).filter(|(_, code)| **code == 1);
            near(first.map(|(weight, _)| weight).sum(), margin.totals[0], 1e-10);
        }
    }
    let linear = rake(plain.clone(), &margins, &options).expect("weights").0;
    let error = |design: &Design| mean(design, &y, None, &OPTIONS).expect("a mean").standard_error;
    near(error(&raked), error(&linear), 0.1);

    let stratified = post_stratify(made.clone(), &margins[0]).expect("weights").0;
    let linear = post_stratify(plain.clone(), &margins[0]).expect("weights").0;
    near(error(&stratified), error(&linear), 0.1);

    let auxiliaries = Auxiliaries {
        terms: ModelMatrix { names: vec!["y".into()], columns: vec![y.clone()] },
        totals: vec![20_000.0],
        variance: None,
    };
    let calibrated = calibrate(made, &auxiliaries, Distance::Linear).expect("weights");
    // Every replicate meets the total, so it has no variance.
    let known = total(&calibrated, &y, None, &OPTIONS).expect("a total");
    assert!(known.standard_error < 1e-6 * known.value);
}

/// Equal weights within a household stay equal, totals of people are met (Lemaître and Dufour 1987).
#[test]
fn households_keep_one_weight() {
    let plain = design(2, 10, 3, None);
    let households: Vec<u32> = (0..60).map(|row| row / 3).collect();
    let terms = ModelMatrix {
        names: vec!["people".into(), "women".into()],
        columns: vec![
            vec![1.0; 60],
            (0..60).map(|row| f64::from(u8::from(noise(row, 8) > 0.5))).collect(),
        ],
    };
    let women = terms.columns[1].clone();
    let auxiliaries = Auxiliaries { terms, totals: vec![800.0, 420.0], variance: None };
    for distance in [Distance::Linear, Distance::Raking, Distance::Logit { lower: 0.3, upper: 3.0 }]
    {
        let design = calibrate_clusters(plain.clone(), &auxiliaries, distance, &households)
            .expect("weights");
        assert!(
            design.weights().chunks(3).all(|own| own.iter().all(|w| (w - own[0]).abs() < 1e-9))
        );
        near(design.weights().iter().sum(), 800.0, 1e-10);
        near(design.weights().iter().zip(&women).map(|(w, x)| w * x).sum(), 420.0, 1e-10);
        let known = total(&design, &women, None, &OPTIONS).expect("a total");
        assert!(known.standard_error < 1e-6 * known.value, "{}", known.standard_error);
    }
    assert!(calibrate_clusters(plain, &auxiliaries, Distance::Linear, &households[1..]).is_err());
}

/// The same replicates with a weight a row, which take the long way.
fn by_row(replicates: &Replicates) -> Replicates {
    let weights: Vec<Vec<f64>> = replicates.weights.iter().map(Cow::into_owned).collect();
    Replicates { weights: weights.into(), ..replicates.clone() }
}

/// All ways of making replicates of clusters, for a design of two clusters a stratum.
fn all_of_clusters(design: &Design) -> Vec<Replicates> {
    let mut all = vec![
        jackknife(design, Centre::FullSample),
        jackknife(design, Centre::Replicates),
        paired_jackknife(design, Some(Seed(3))),
        balanced_half_samples(design, 0.0, Centre::FullSample),
        balanced_half_samples(design, 0.4, Centre::Replicates),
        successive_differences(design, None),
    ];
    for kind in [Bootstrap::RaoWu, Bootstrap::CantyDavison, Bootstrap::Preston] {
        for centre in [Centre::FullSample, Centre::Replicates] {
            all.push(bootstrap(design, kind, 40, Seed(11), centre));
        }
    }
    all.into_iter().map(|made| made.expect("replicates")).collect()
}

/// A table with a row variable of each kind, a banner of two, missing values and a filter.
fn table_spec(rows: usize, share_of: ShareOf, filtered: bool) -> TableSpec<'static> {
    let code = |row: usize, column: usize, levels: f64| -> u16 {
        // Zero: no level. Up to `levels`, which is small.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let code = (noise(row, column) * (levels + 1.0)) as u16;
        code
    };
    let codes = |column: usize, levels: f64| -> Cow<'static, [u16]> {
        (0..rows).map(|row| code(row, column, levels)).collect()
    };
    let names = |levels: usize| (1..=levels).map(|level| level.to_string()).collect();
    let variable = |name: &str, data: RowData<'static>| RowVariable {
        name: name.to_owned(),
        label: String::new(),
        data,
    };
    let option = |column: usize| -> Vec<u8> {
        (0..rows).map(|row| u8::from(noise(row, column) < 0.3)).collect()
    };
    let banner = |column: usize, levels: usize| BannerVariable {
        name: column.to_string(),
        label: String::new(),
        categories: names(levels),
        codes: codes(column, levels as f64),
    };
    let number = |row: usize| if noise(row, 24) < 0.1 { f64::NAN } else { noise(row, 25) * 9.0 };
    let set = RowData::Set {
        options: Cow::Owned(vec![option(21), option(22)]),
        answered: (0..rows).map(|row| noise(row, 23) < 0.9).collect(),
        labels: names(2),
    };
    TableSpec {
        title: String::new(),
        total_label: String::new(),
        rows: vec![
            variable("coded", RowData::Coded { codes: codes(20, 4.0), categories: names(4) }),
            variable("set", set),
            variable("number", RowData::Number((0..rows).map(number).collect())),
        ],
        banner: vec![banner(26, 2), banner(27, 5)],
        filter: filtered.then(|| (0..rows).map(|row| noise(row, 28) < 0.8).collect()),
        options: TableOptions {
            confidence: 0.95,
            interval: IntervalMethod::Logit,
            degrees_of_freedom: DegreesOfFreedomRule::Answered,
            share_of,
            assess_reliability: true,
            suppression: None,
        },
    }
}

fn cells(table: &Table) -> impl Iterator<Item = &Cell> {
    table.blocks.iter().flat_map(|block| &block.rows).flat_map(|row| &row.cells)
}

/// The sums by cluster times the factors are what a pass over the rows for each replicate gives.
#[test]
fn tables_from_cluster_factors_are_those_of_weights_by_row() {
    let design = design(9, 2, 6, None);
    let near = |found: Option<f64>, expected: Option<f64>, what: &str| match (found, expected) {
        (Some(found), Some(expected)) => {
            assert!(
                (found - expected).abs() <= 1e-12 * expected.abs(),
                "{what}: {found}, {expected}"
            );
        }
        (found, expected) => assert_eq!(found, expected, "{what}"),
    };
    let mut compared = 0;
    for (place, replicates) in all_of_clusters(&design).iter().enumerate() {
        for share_of in [ShareOf::Column, ShareOf::Row, ShareOf::Total] {
            let spec = table_spec(design.rows(), share_of, place % 2 == 0);
            let with = |replicates: Replicates| {
                let design = design.clone().with_replicates(replicates).expect("a design");
                tabulate(&design, &spec)
            };
            let (short, long) = (with(replicates.clone()), with(by_row(replicates)));
            let (short, long) = match (short, long) {
                (Ok(short), Ok(long)) => (short, long),
                (short, long) => {
                    assert_eq!(short.is_ok(), long.is_ok(), "replicates {place}");
                    continue;
                }
            };
            compared += 1;
            for (found, expected) in cells(&short).zip(cells(&long)) {
                let what = format!("replicates {place}, {share_of:?}");
                near(found.value, expected.value, &what);
                near(found.standard_error, expected.standard_error, &what);
                assert_eq!(found.degrees_of_freedom, expected.degrees_of_freedom);
                assert_eq!(
                    (found.rows, &found.reliability),
                    (expected.rows, &expected.reliability)
                );
            }
        }
    }
    assert_eq!(compared, 36);
}

/// Replicates of another sample are taken as the weights that they are.
#[test]
fn factors_of_other_clusters_become_weights_by_row() {
    let (one, other) = (design(4, 2, 6, None), design(8, 2, 3, None));
    let made = jackknife(&one, Centre::FullSample).expect("replicates");
    let values = values(&one, 3);
    let attached = replicated_error(&other, made.clone(), &values);
    assert_eq!(attached, replicated_error(&other, by_row(&made), &values));
    let spec = table_spec(one.rows(), ShareOf::Column, false);
    let table = |replicates: Replicates| {
        tabulate(&other.clone().with_replicates(replicates).expect("a design"), &spec)
    };
    assert_eq!(table(made.clone()).expect("a table"), table(by_row(&made)).expect("a table"));
}

/// The test of a coded row variable and a banner variable by the joint covariance of a column a cell.
fn test_by_rows(
    design: &Design,
    spec: &TableSpec<'_>,
    banner: usize,
    method: IndependenceMethod,
) -> DesignTest {
    let RowData::Coded { codes, categories } = &spec.rows[0].data else { panic!("coded") };
    let rows = Coded { codes, levels: categories.len() };
    let banner = &spec.banner[banner];
    let columns = Coded { codes: &banner.codes, levels: banner.categories.len() };
    let filter = spec.filter.as_deref();
    let indicators = cell_indicators(rows, columns);
    let slices: Vec<&[f64]> = indicators.iter().map(Vec::as_slice).collect();
    let joint = means(design, &slices, filter, &OPTIONS).expect("shares");
    let in_all = totals(design, &slices, filter, &OPTIONS).expect("totals");
    let sum: f64 = in_all.estimates.iter().map(|own| own.value).sum();
    let members = filter.map_or(design.rows(), |own| own.iter().filter(|own| **own).count());
    let mut scaled = indicators.clone();
    scaled.iter_mut().flatten().for_each(|value| *value /= sum);
    let slices: Vec<&[f64]> = scaled.iter().map(Vec::as_slice).collect();
    let table = WeightedTable {
        rows: rows.levels,
        columns: columns.levels,
        shares: joint.estimates.iter().map(|own| own.value).collect(),
        respondents: members as f64,
        degrees_of_freedom: joint.estimates[0].degrees_of_freedom,
    };
    CellShares {
        table,
        covariance: joint.covariance,
        total_covariance: totals(design, &slices, filter, &OPTIONS).expect("totals").covariance,
        answered: joint.estimates[0].rows as f64,
    }
    .test(method)
    .expect("a test")
}

/// Tests from the sums of a table are those from a column a cell, by linearisation and by replicates, also
/// where nobody is in a cell.
#[test]
fn tests_of_tables_are_those_from_rows() {
    let plain = design(20, 4, 12, None);
    let drawn = bootstrap(&plain, Bootstrap::RaoWu, 60, Seed(5), Centre::Replicates);
    let drawn = drawn.expect("replicates");
    let with = |own: &Replicates| plain.clone().with_replicates(own.clone()).expect("a design");
    let near = |found: f64, expected: f64, share: f64, what: &str| {
        let gap = (found - expected).abs();
        assert!(gap <= share * expected.abs(), "{what}: {found}, {expected}");
    };
    for (short, long) in [(plain.clone(), plain.clone()), (with(&drawn), with(&by_row(&drawn)))] {
        for empty in [false, true] {
            let mut spec = table_spec(plain.rows(), ShareOf::Column, empty);
            if empty {
                let RowData::Coded { codes, .. } = &spec.rows[0].data else { panic!("coded") };
                for (own, code) in spec.banner[1].codes.to_mut().iter_mut().zip(codes.iter()) {
                    *own = if *code == 2 && *own == 3 { 1 } else { *own };
                }
            }
            for method in [
                IndependenceMethod::FirstOrder,
                IndependenceMethod::SecondOrder,
                IndependenceMethod::LinearCombination,
                IndependenceMethod::Wald,
                IndependenceMethod::AdjustedWald,
            ] {
                let found = tabulate_with_tests(&short, &spec, method).expect("a table").tests;
                assert!(found[1].iter().chain(&found[2]).all(Result::is_err));
                for (banner, test) in found[0].iter().enumerate() {
                    let test = test.as_ref().expect("a test");
                    let expected = test_by_rows(&long, &spec, banner, method);
                    let what = format!("{method:?}, banner {banner}, empty {empty}");
                    near(test.statistic, expected.statistic, 1e-12, &what);
                    // A probability moves by about the statistic times as much.
                    near(test.p, expected.p, 1e-10, &what);
                }
            }
        }
    }
}

/// Means, totals, ratios and means of domains from the factors are those from weights by row.
#[test]
fn estimates_from_cluster_factors_are_those_of_weights_by_row() {
    let design = design(9, 2, 6, None);
    let mut values = values(&design, 6);
    values[5] = f64::NAN;
    let others: Vec<f64> = (0..design.rows()).map(|row| 1.0 + noise(row, 31)).collect();
    let domain: Vec<bool> = (0..design.rows()).map(|row| noise(row, 32) < 0.6).collect();
    let rest: Vec<bool> = domain.iter().map(|own| !own).collect();
    for (place, replicates) in all_of_clusters(&design).iter().enumerate() {
        let errors = |replicates: Replicates| -> Vec<f64> {
            let design = design.clone().with_replicates(replicates).expect("a design");
            let both = means(&design, &[&values, &others], Some(&domain), &OPTIONS).expect("means");
            let domains =
                means_by_domain(&design, &values, &[domain.clone(), rest.clone()], &OPTIONS)
                    .expect("means");
            vec![
                both.covariance.get(0, 0),
                both.covariance.get(0, 1),
                domains.covariance.get(0, 1),
                domains.covariance.get(1, 1),
                total(&design, &values, Some(&domain), &OPTIONS).expect("a total").standard_error,
                ratio(&design, &values, &others, None, &OPTIONS).expect("a ratio").standard_error,
            ]
        };
        let (short, long) = (errors(replicates.clone()), errors(by_row(replicates)));
        let largest = long[0].abs().max(long[3].abs());
        for (which, (short, long)) in short.iter().zip(&long).enumerate() {
            let scale = if which < 4 { largest } else { long.abs() };
            assert!((short - long).abs() <= 1e-12 * scale, "{place}, {which}: {short}, {long}");
        }
    }
}

/// Quantiles, by every kind of limits, and models from the factors are those from weights by row, and not
/// those by linearisation.
#[test]
fn quantiles_and_models_from_cluster_factors_are_those_of_weights_by_row() {
    let design = design(9, 2, 6, None);
    let values = values(&design, 6);
    let response: Vec<f64> =
        (0..design.rows()).map(|row| f64::from(u8::from(noise(row, 33) < 0.4))).collect();
    let mut terms = ModelMatrix::intercept(design.rows());
    terms.push("value", values.clone());
    let errors = |design: &Design| -> Vec<f64> {
        let mut found = Vec::new();
        for limits in [Limits::FoundShare, Limits::Score] {
            let rule = QuantileRule::InverseCdf;
            let places = [0.25, 0.5];
            let all = quantiles(design, &values, &places, None, rule, limits, &OPTIONS);
            for one in all.expect("quantiles") {
                found.extend([one.standard_error.expect("an error"), one.lower.expect("a limit")]);
            }
        }
        let stopping = Stopping::AtRest;
        let family = (Family::Binomial, Link::Logit);
        let model = linear_model(design, &response, &terms, family.0, family.1, stopping, None);
        found.extend(model.expect("a model").standard_errors());
        found
    };
    let linear = errors(&design);
    for (place, replicates) in all_of_clusters(&design).iter().enumerate() {
        let with = |replicates: Replicates| {
            errors(&design.clone().with_replicates(replicates).expect("a design"))
        };
        let (short, long) = (with(replicates.clone()), with(by_row(replicates)));
        assert_ne!(short[short.len() - 1], linear[linear.len() - 1], "{place}");
        for (short, long) in short.iter().zip(&long) {
            assert!((short - long).abs() <= 1e-9 * long.abs(), "{place}: {short}, {long}");
        }
    }
}
