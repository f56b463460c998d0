//! What must hold for any data: laws that need no reference values.
//!
//! A table in one scan equals the estimate made row by row; parts merge to the whole; scaling weights
//! changes totals only; the order of rows, the names of codes and rows without weight change nothing;
//! one thread and two give the same bits.

// Small numbers of rows and codes, all exact.
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]

use std::borrow::Cow;

use analysis::accumulate::TableAccumulator;
use analysis::compare::IndependenceMethod;
use analysis::design::replicates::Centre;
use analysis::estimate::quantile::{Limits, QuantileRule, quantiles};
use analysis::estimate::shares::{ShareOf, crossed_shares, shares};
use analysis::estimate::{Coded, moments};
use analysis::tabulate::{BannerVariable, Cell, RowData, RowVariable, TableOptions};
use analysis::variance::replication::bootstrap::{Bootstrap, bootstrap};
use analysis::weighting::rake::{Margin, RakeOptions, rake};
use analysis::{
    DegreesOfFreedomRule, Design, DesignInput, EstimateOptions, IntervalMethod, SinglePsu,
    StageInput, Table, TableSpec, Weights, tabulate, tabulate_with_tests,
};
use proptest::prelude::*;
use survey_builder::sampling::Seed;

const OPTIONS: TableOptions = TableOptions {
    confidence: 0.95,
    interval: IntervalMethod::Logit,
    degrees_of_freedom: DegreesOfFreedomRule::FullDesign,
    share_of: ShareOf::Column,
    assess_reliability: true,
    suppression: None,
};

const ESTIMATE: EstimateOptions = EstimateOptions {
    confidence: 0.95,
    interval: IntervalMethod::Logit,
    degrees_of_freedom: DegreesOfFreedomRule::FullDesign,
};

const RULES: [QuantileRule; 10] = [
    QuantileRule::InverseCdf,
    QuantileRule::AveragedInverseCdf,
    QuantileRule::NearestEven,
    QuantileRule::LinearCdf,
    QuantileRule::Hazen,
    QuantileRule::Weibull,
    QuantileRule::Gumbel,
    QuantileRule::MedianUnbiased,
    QuantileRule::Blom,
    QuantileRule::ShahVaish,
];

/// A small survey: every row of its columns.
#[derive(Debug, Clone)]
struct Survey {
    weight: Vec<f64>,
    stratum: Vec<u32>,
    cluster: Vec<u32>,
    question: Vec<u16>,
    banner: Vec<u16>,
    number: Vec<f64>,
}

const QUESTION_LEVELS: usize = 3;
const BANNER_LEVELS: usize = 2;

fn surveys() -> impl Strategy<Value = Survey> {
    let row = (0.1..9.0_f64, 0..3_u32, 0..4_u32, 0..=3_u16, 0..=2_u16, -5.0..5.0_f64);
    prop::collection::vec(row, 12..80).prop_map(|rows| {
        // Every stratum gets two clusters with answers, so that variances exist.
        let fixed = (0..3_u32).flat_map(|stratum| {
            (0..2_u32).flat_map(move |cluster| {
                [(1_u16, 1_u16), (2, 2), (3, 1)].map(|(question, banner)| {
                    (1.0 + f64::from(cluster), stratum, cluster, question, banner, 1.5)
                })
            })
        });
        let mut survey = Survey {
            weight: Vec::new(),
            stratum: Vec::new(),
            cluster: Vec::new(),
            question: Vec::new(),
            banner: Vec::new(),
            number: Vec::new(),
        };
        for (weight, stratum, cluster, question, banner, number) in rows.into_iter().chain(fixed) {
            survey.weight.push(weight);
            survey.stratum.push(stratum);
            survey.cluster.push(cluster);
            survey.question.push(question);
            survey.banner.push(banner);
            survey.number.push(number);
        }
        survey
    })
}

impl Survey {
    fn design(&self) -> Design {
        Design::new(DesignInput {
            weights: Weights::Given(self.weight.clone()),
            stages: vec![StageInput {
                strata: Some(self.stratum.clone()),
                clusters: Some(self.cluster.clone()),
                population: None,
            }],
            nest: true,
            single_psu: SinglePsu::Fail,
            domain_single_psu: false,
        })
        .expect("a sound design")
    }

    fn reordered(&self, order: &[usize]) -> Self {
        Self {
            weight: order.iter().map(|&row| self.weight[row]).collect(),
            stratum: order.iter().map(|&row| self.stratum[row]).collect(),
            cluster: order.iter().map(|&row| self.cluster[row]).collect(),
            question: order.iter().map(|&row| self.question[row]).collect(),
            banner: order.iter().map(|&row| self.banner[row]).collect(),
            number: order.iter().map(|&row| self.number[row]).collect(),
        }
    }

    fn spec(&self, options: TableOptions) -> TableSpec<'_> {
        let names = |count: usize| (1..=count).map(|level| level.to_string()).collect();
        let options_of_set: Vec<Vec<u8>> = (1..=2)
            .map(|bit| self.question.iter().map(|&code| u8::from(code & bit != 0)).collect())
            .collect();
        let row = |name: &str, data| RowVariable { name: name.into(), label: name.into(), data };
        TableSpec {
            title: String::new(),
            total_label: String::new(),
            rows: vec![
                row(
                    "question",
                    RowData::Coded {
                        codes: Cow::Borrowed(&self.question),
                        categories: names(QUESTION_LEVELS),
                    },
                ),
                row("number", RowData::Number(Cow::Borrowed(&self.number))),
                row(
                    "set",
                    RowData::Set {
                        options: Cow::Owned(options_of_set),
                        answered: Cow::Owned(self.banner.iter().map(|&code| code != 9).collect()),
                        labels: names(2),
                    },
                ),
            ],
            banner: vec![BannerVariable {
                name: "banner".into(),
                label: "banner".into(),
                categories: names(BANNER_LEVELS),
                codes: Cow::Borrowed(&self.banner),
            }],
            filter: None,
            options,
        }
    }

    fn table(&self, options: TableOptions) -> Table {
        tabulate(&self.design(), &self.spec(options)).expect("a table")
    }

    fn raked(&self) -> Option<Design> {
        let codes: Vec<u16> =
            self.number.iter().map(|&number| 1 + u16::from(number > 0.0)).collect();
        let other: Vec<u16> =
            self.cluster.iter().map(|&cluster| 1 + u16::from(cluster > 0)).collect();
        let margin = |name: &str, codes: Vec<u16>, share: f64| Margin {
            variable: name.to_owned(),
            levels: vec!["a".to_owned(), "b".to_owned()],
            totals: vec![100.0 * share, 100.0 * (1.0 - share)],
            codes,
        };
        let options = RakeOptions { tolerance: 1e-12, rounds_max: 5000, projection_rounds: 10 };
        let margins = [margin("sign", codes, 0.45), margin("first", other, 0.4)];
        rake(self.design(), &margins, &options).ok().map(|(design, _)| design)
    }
}

fn cells(table: &Table) -> Vec<&Cell> {
    table.blocks.iter().flat_map(|block| &block.rows).flat_map(|row| &row.cells).collect()
}

fn close(left: f64, right: f64) -> bool {
    (left - right).abs() <= 1e-9 * right.abs() + 1e-11
}

fn assert_same(left: &Table, right: &Table) {
    for (left, right) in cells(left).into_iter().zip(cells(right)) {
        assert_eq!(left.value.is_some(), right.value.is_some());
        assert!(close(left.value.unwrap_or(0.0), right.value.unwrap_or(0.0)), "{left:?} {right:?}");
        let (one, two) = (left.standard_error.unwrap_or(0.0), right.standard_error.unwrap_or(0.0));
        assert!(close(one, two), "{left:?} {right:?}");
        assert_eq!(left.rows, right.rows);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn one_scan_equals_row_by_row(survey in surveys(), share in 0..3_usize, with_rake: bool) {
        let design = if with_rake { survey.raked() } else { Some(survey.design()) };
        let Some(design) = design else { return Ok(()) };
        let share_of = [ShareOf::Column, ShareOf::Row, ShareOf::Total][share];
        let options = TableOptions { share_of, ..OPTIONS };
        let table = tabulate(&design, &survey.spec(options)).expect("a table");
        let question = Coded { codes: &survey.question, levels: QUESTION_LEVELS };
        let banner = Coded { codes: &survey.banner, levels: BANNER_LEVELS };
        let expected = crossed_shares(&design, question, banner, share_of, None, &ESTIMATE)
            .expect("shares");
        for (row, line) in table.blocks[0].rows.iter().enumerate() {
            for (column, cell) in line.cells[1..].iter().enumerate() {
                let expected = expected[row * BANNER_LEVELS + column].as_ref();
                prop_assert_eq!(cell.value.is_some(), expected.is_some());
                let Some(expected) = expected else { continue };
                prop_assert!(close(cell.value.unwrap_or(0.0), expected.value));
                prop_assert!(close(cell.standard_error.unwrap_or(0.0), expected.standard_error));
                prop_assert_eq!(&cell.reliability, &expected.reliability);
            }
        }
        let means = moments::mean(&design, &survey.number, None, &ESTIMATE).expect("a mean");
        let total = &table.blocks[1].rows[0].cells[0];
        prop_assert!(close(total.value.unwrap_or(0.0), means.value));
        prop_assert!(close(total.standard_error.unwrap_or(0.0), means.standard_error));
        if share_of == ShareOf::Column {
            let alone = shares(&design, question, None, &ESTIMATE).expect("shares");
            for (line, expected) in table.blocks[0].rows.iter().zip(&alone.estimates) {
                let cell = &line.cells[0];
                prop_assert!(close(cell.value.unwrap_or(0.0), expected.value));
                prop_assert!(close(cell.standard_error.unwrap_or(0.0), expected.standard_error));
                let effect = expected.design_effect.map(|effect| effect.with_replacement);
                prop_assert!(close(cell.design_effect.unwrap_or(0.0), effect.unwrap_or(0.0)));
            }
        }
    }

    #[test]
    fn scale_of_weights_changes_totals_only(survey in surveys(), factor in 0.01..100.0_f64) {
        let mut scaled = survey.clone();
        for weight in &mut scaled.weight {
            *weight *= factor;
        }
        assert_same(&survey.table(OPTIONS), &scaled.table(OPTIONS));
        let before = moments::total(&survey.design(), &survey.number, None, &ESTIMATE).expect("total");
        let after = moments::total(&scaled.design(), &survey.number, None, &ESTIMATE).expect("total");
        prop_assert!(close(before.value * factor, after.value));
        prop_assert!(close(before.standard_error * factor, after.standard_error));
    }

    #[test]
    fn quantiles_rise_stay_inside_and_know_no_unit_of_weight(survey in surveys(), doublings in -6..6_i32) {
        let mut scaled = survey.clone();
        for weight in &mut scaled.weight {
            *weight *= 2.0_f64.powi(doublings);
        }
        let shares = [0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0];
        let (least, most) = survey.number.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &x| (low.min(x), high.max(x)));
        for rule in RULES {
            let of = |survey: &Survey| -> Vec<f64> {
                quantiles(&survey.design(), &survey.number, &shares, None, rule, Limits::FoundShare, &ESTIMATE)
                    .expect("quantiles")
                    .into_iter()
                    .map(|quantile| quantile.value)
                    .collect()
            };
            let values = of(&survey);
            prop_assert!(values.is_sorted(), "{rule:?}: {values:?}");
            prop_assert!(values.iter().all(|value| (least..=most).contains(value)), "{rule:?}: {values:?}");
            prop_assert_eq!(&values, &of(&scaled), "{:?}", rule);
        }
    }

    #[test]
    fn order_of_rows_changes_nothing(survey in surveys(), seed: u64) {
        let mut order: Vec<usize> = (0..survey.weight.len()).collect();
        order.sort_by_key(|&row| (row as u64 ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        assert_same(&survey.table(OPTIONS), &survey.reordered(&order).table(OPTIONS));
    }

    #[test]
    fn names_of_strata_and_clusters_change_nothing(survey in surveys(), shift in 1..1000_u32) {
        let mut renamed = survey.clone();
        for code in &mut renamed.stratum {
            *code = 5000 - *code * shift;
        }
        for code in &mut renamed.cluster {
            *code = *code * 7 + shift;
        }
        assert_same(&survey.table(OPTIONS), &renamed.table(OPTIONS));
    }

    #[test]
    fn rows_without_weight_change_no_estimate(survey in surveys()) {
        let mut padded = survey.clone();
        for row in 0..survey.weight.len() {
            padded.weight.push(0.0);
            padded.stratum.push(survey.stratum[row]);
            padded.cluster.push(survey.cluster[row]);
            padded.question.push(survey.question[row]);
            padded.banner.push(survey.banner[row]);
            padded.number.push(survey.number[row] + 1.0);
        }
        let (before, after) = (survey.table(OPTIONS), padded.table(OPTIONS));
        for (left, right) in cells(&before).into_iter().zip(cells(&after)) {
            prop_assert!(close(left.value.unwrap_or(0.0), right.value.unwrap_or(0.0)));
            prop_assert!(
                close(left.standard_error.unwrap_or(0.0), right.standard_error.unwrap_or(0.0))
            );
        }
    }

    #[test]
    fn parts_merge_to_the_whole(
        values in prop::collection::vec(-9.0..9.0_f64, 8 * 6),
        split in 1..8_usize,
    ) {
        let filled = |clusters: std::ops::Range<usize>| {
            let mut part = TableAccumulator::new(2, 3, clusters.clone(), 0);
            for (cell, sum) in part.weighted.iter_mut().enumerate() {
                *sum = values[clusters.start * 6 + cell];
            }
            part.counts.fill(clusters.len() as f64);
            part
        };
        let whole = filled(0..8);
        let mut forward = filled(0..split);
        forward.merge(&filled(split..8)).expect("neighbours");
        let mut backward = filled(split..8);
        backward.merge(&filled(0..split)).expect("neighbours");
        prop_assert_eq!(&forward, &whole);
        prop_assert_eq!(&backward, &whole);
        let mut gap = filled(0..split);
        if split < 7 {
            prop_assert!(gap.merge(&filled(split + 1..8)).is_err());
        }
    }
}

#[test]
fn one_thread_and_two_give_the_same_bits() {
    let rows = 200_000_u32;
    let mix = |row: u32, salt: u32| row.wrapping_mul(2_654_435_761).rotate_left(salt) >> 8;
    let survey = Survey {
        weight: (0..rows).map(|row| 1.0 + f64::from(mix(row, 3) % 1000) / 7.0).collect(),
        stratum: (0..rows).map(|row| row % 10).collect(),
        cluster: (0..rows).map(|row| mix(row, 11) % 300).collect(),
        question: (0..rows).map(|row| (mix(row, 5) % 4) as u16).collect(),
        banner: (0..rows).map(|row| (mix(row, 7) % 3) as u16).collect(),
        number: (0..rows).map(|row| f64::from(mix(row, 9) % 77) / 3.0).collect(),
    };
    let with_threads = |design: &Design, threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        let method = IndependenceMethod::SecondOrder;
        pool.install(|| tabulate_with_tests(design, &survey.spec(OPTIONS), method))
            .expect("a table")
    };
    let plain = survey.design();
    let drawn = bootstrap(&plain, Bootstrap::RaoWu, 50, Seed(2), Centre::FullSample);
    let replicated = plain.clone().with_replicates(drawn.expect("replicates")).expect("a design");
    for design in [plain, replicated] {
        let (one, two) = (with_threads(&design, 1), with_threads(&design, 2));
        for (left, right) in cells(&one.table).into_iter().zip(cells(&two.table)) {
            assert_eq!(left.value.map(f64::to_bits), right.value.map(f64::to_bits));
            let errors = [left.standard_error, right.standard_error].map(|e| e.map(f64::to_bits));
            assert_eq!(errors[0], errors[1]);
        }
        assert!(one.tests[0][0].is_ok() && one.tests[1][0].is_err());
        assert_eq!(one.tests, two.tests);
    }
}

/// Rows of one value with other weights have no order of their own.
#[test]
fn quantiles_do_not_depend_on_the_order_of_tied_rows() {
    use analysis::estimate::quantile::{Limits, QuantileRule, quantiles};
    let found = |pairs: &[(f64, f64)], rule: QuantileRule| -> Vec<f64> {
        let (values, weights): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
        let design = Design::new(DesignInput {
            weights: Weights::Given(weights),
            stages: vec![StageInput::default()],
            nest: false,
            single_psu: SinglePsu::Fail,
            domain_single_psu: false,
        })
        .expect("a design");
        let places = [0.2, 0.5, 0.7];
        let limits = Limits::FoundShare;
        let options = EstimateOptions {
            confidence: 0.95,
            interval: IntervalMethod::Logit,
            degrees_of_freedom: DegreesOfFreedomRule::Answered,
        };
        let found = quantiles(&design, &values, &places, None, rule, limits, &options);
        let figures = |one: analysis::estimate::quantile::Quantile| {
            [Some(one.value), one.lower, one.upper].map(|it| it.unwrap_or(f64::NEG_INFINITY))
        };
        found.expect("quantiles").into_iter().flat_map(figures).collect()
    };
    let pairs = [(1.0, 1.0), (2.0, 1.0), (2.0, 3.0), (2.0, 0.5), (3.0, 1.0), (3.0, 2.0)];
    let mut turned = pairs;
    turned.reverse();
    for rule in RULES {
        let (one, other) = (found(&pairs, rule), found(&turned, rule));
        for (one, other) in one.iter().zip(&other) {
            // A limit that neither has differs by nothing that is a number.
            let differ = (one - other).abs() >= 1e-12;
            assert!(!differ, "{rule:?}: {one} and {other}");
        }
    }
    // 1, 2, 2, 3 with weights 1, 1, 3, 1: the tied rows have 2 each, and 0.5 is the end of the first.
    let few = [(1.0, 1.0), (2.0, 1.0), (2.0, 3.0), (3.0, 1.0)];
    assert!((found(&few, QuantileRule::LinearCdf)[3] - 2.0).abs() < 1e-12);
    assert!((found(&few, QuantileRule::LinearCdf)[0] - 1.1).abs() < 1e-12);
}

/// A domain without members has a total of zero, no mean and no part in the others' figures; domains that
/// are all empty are refused.
#[test]
fn an_empty_domain_leaves_the_others_as_they_are() {
    use analysis::estimate::moments::{means_by_domain, totals_by_domain};
    let rows = 40;
    let design = Design::new(DesignInput {
        weights: Weights::Given((0..rows).map(|row| 1.0 + f64::from(row % 3)).collect()),
        stages: vec![StageInput::default()],
        nest: false,
        single_psu: SinglePsu::Fail,
        domain_single_psu: false,
    })
    .expect("a design");
    let values: Vec<f64> = (0..rows).map(|row| f64::from(row * 7 % 11)).collect();
    let some: Vec<bool> = (0..rows).map(|row| row % 2 == 0).collect();
    let (other, none) = (some.iter().map(|own| !own).collect::<Vec<bool>>(), vec![false; 40]);
    let options = EstimateOptions {
        confidence: 0.95,
        interval: IntervalMethod::StudentT,
        degrees_of_freedom: DegreesOfFreedomRule::Domain,
    };
    let full = means_by_domain(&design, &values, &[some.clone(), other.clone()], &options);
    let full = full.expect("means");
    let three = [some.clone(), none.clone(), other.clone()];
    let means = means_by_domain(&design, &values, &three, &options).expect("means");
    assert_eq!(
        (&means.estimates[0], &means.estimates[2]),
        (&full.estimates[0], &full.estimates[1])
    );
    assert!((means.covariance.get(0, 2) - full.covariance.get(0, 1)).abs() < 1e-15);
    assert!(means.estimates[1].value.is_nan() && means.estimates[1].interval.is_none());
    assert!(means.covariance.get(0, 1).is_nan() && means.estimates[1].rows == 0);
    let totals = totals_by_domain(&design, &values, &three, &options).expect("totals");
    assert_eq!((totals.estimates[1].value, totals.covariance.variance(1)), (0.0, 0.0));
    assert!(means_by_domain(&design, &values, &[none.clone(), none], &options).is_err());
}
