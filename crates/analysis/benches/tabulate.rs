//! How fast a tab book is, beside the least that any program must do for it.
//!
//! Data: 1,000,000 rows, 100 strata, 2,000 clusters, 20 questions and 5 banner variables, made from a
//! seed. Timed: 100 weighted cross-tables with standard errors, design effects, intervals and
//! reliability flags; and, in the same run, plain unweighted counts of the same 100 pairs of byte
//! columns on as many threads, the limit. Each time is the median of several runs.

use std::borrow::Cow;
use std::hint::black_box;
use std::time::Instant;

use analysis::estimate::shares::ShareOf;
use analysis::tabulate::{BannerVariable, RowData, RowVariable, TableOptions};
use analysis::weighting::rake::{Margin, RakeOptions, rake};
use analysis::{
    DegreesOfFreedomRule, Design, DesignInput, IntervalMethod, SinglePsu, StageInput, TableSpec,
    Weights, tabulate,
};
use rayon::prelude::*;

const RUNS: usize = 7;
const STRATA: u32 = 100;
const CLUSTERS_A_STRATUM: u32 = 20;
const QUESTION_LEVELS: [u16; 20] = [5, 7, 4, 10, 3, 6, 5, 8, 2, 12, 5, 4, 9, 6, 5, 7, 3, 11, 5, 4];
const BANNER_LEVELS: [u16; 5] = [2, 6, 9, 4, 7];

/// A small, fast, seeded generator (`SplitMix64`), enough for data nobody draws conclusions from.
struct Generator(u64);

impl Generator {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u16) -> u16 {
        u16::try_from(self.next() % u64::from(bound)).unwrap_or(0)
    }

    fn share(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap_or(0)) / f64::from(u32::MAX)
    }
}

struct Survey {
    weights: Vec<f64>,
    strata: Vec<u32>,
    clusters: Vec<u32>,
    questions: Vec<Vec<u16>>,
    banners: Vec<Vec<u16>>,
}

/// Rows in the order in which people answered: clusters are mixed.
fn survey(rows: usize) -> Survey {
    let mut generator = Generator(20_260_101);
    let clusters = STRATA * CLUSTERS_A_STRATUM;
    let cluster: Vec<u32> = (0..rows)
        .map(|_| u32::try_from(generator.next() % u64::from(clusters)).unwrap_or(0))
        .collect();
    let weights = cluster
        .iter()
        .map(|&cluster| 0.5 + 4.0 * generator.share() + f64::from(cluster % 7))
        .collect();
    // Answers lean on the cluster, so that design effects are above one; 4 % are missing.
    let mut column = |levels: u16, lean: bool, missing: bool| -> Vec<u16> {
        cluster
            .iter()
            .map(|&cluster| {
                if missing && generator.below(25) == 0 {
                    0
                } else if lean && generator.below(4) == 0 {
                    1 + u16::try_from(cluster % u32::from(levels)).unwrap_or(0)
                } else {
                    1 + generator.below(levels)
                }
            })
            .collect()
    };
    let questions = QUESTION_LEVELS.iter().map(|&levels| column(levels, true, true)).collect();
    let banners = BANNER_LEVELS.iter().map(|&levels| column(levels, false, false)).collect();
    Survey {
        weights,
        strata: cluster.iter().map(|cluster| cluster / CLUSTERS_A_STRATUM).collect(),
        clusters: cluster,
        questions,
        banners,
    }
}

fn spec(survey: &Survey) -> TableSpec<'_> {
    let names = |levels: u16| (1..=levels).map(|level| level.to_string()).collect();
    TableSpec {
        title: "tab book".to_owned(),
        total_label: "total".to_owned(),
        rows: survey
            .questions
            .iter()
            .zip(QUESTION_LEVELS)
            .map(|(codes, levels)| RowVariable {
                name: "question".to_owned(),
                label: String::new(),
                data: RowData::Coded { codes: Cow::Borrowed(codes), categories: names(levels) },
            })
            .collect(),
        banner: survey
            .banners
            .iter()
            .zip(BANNER_LEVELS)
            .map(|(codes, levels)| BannerVariable {
                name: "banner".to_owned(),
                label: String::new(),
                categories: names(levels),
                codes: Cow::Borrowed(codes),
            })
            .collect(),
        filter: None,
        options: TableOptions {
            confidence: 0.95,
            interval: IntervalMethod::Logit,
            degrees_of_freedom: DegreesOfFreedomRule::FullDesign,
            share_of: ShareOf::Column,
            assess_reliability: true,
            suppression: None,
        },
    }
}

/// The limit: how often each pair of codes occurs, nothing else, from bytes as a program would keep them.
fn plain_counts(questions: &[Vec<u8>], banners: &[Vec<u8>]) -> u64 {
    questions
        .par_iter()
        .flat_map(|question| banners.par_iter().map(move |banner| (question, banner)))
        .map(|(question, banner)| {
            let mut counts = [0_u32; 16 * 16];
            for (&row, &column) in question.iter().zip(banner) {
                counts[usize::from(row & 15) * 16 + usize::from(column & 15)] += 1;
            }
            u64::from(black_box(counts)[17])
        })
        .sum()
}

/// Median milliseconds of several runs.
fn median(mut work: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}

fn bytes(columns: &[Vec<u16>]) -> Vec<Vec<u8>> {
    columns
        .iter()
        .map(|column| column.iter().map(|&code| u8::try_from(code).unwrap_or(0)).collect())
        .collect()
}

fn line(what: &str, milliseconds: f64, limit: f64) {
    println!("| {what:<58} | {milliseconds:>9.1} | {:>6.2} |", milliseconds / limit);
}

fn main() {
    let rows = std::env::var("SONDAGE_BENCH_ROWS")
        .ok()
        .and_then(|rows| rows.parse().ok())
        .unwrap_or(1_000_000);
    let survey = survey(rows);
    let make = || {
        Design::new(DesignInput {
            weights: Weights::Given(survey.weights.clone()),
            stages: vec![StageInput {
                strata: Some(survey.strata.clone()),
                clusters: Some(survey.clusters.clone()),
                population: None,
            }],
            nest: false,
            single_psu: SinglePsu::Fail,
            domain_single_psu: false,
        })
        .expect("a sound design")
    };
    let design = make();
    let spec = spec(&survey);
    let (questions, banners) = (bytes(&survey.questions), bytes(&survey.banners));
    let cells: usize = QUESTION_LEVELS.iter().map(|&levels| usize::from(levels)).sum::<usize>()
        * BANNER_LEVELS.iter().map(|&levels| usize::from(levels)).sum::<usize>();
    let limit = median(|| {
        black_box(plain_counts(&questions, &banners));
    });
    println!(
        "{rows} rows, {STRATA} strata, {} clusters, 100 tables, {cells} cells, {} threads, median of {RUNS}",
        design.clusters(),
        rayon::current_num_threads()
    );
    println!("| {:<58} | {:>9} | {:>6} |", "what", "ms", "ratio");
    println!("| {:-<58} | {:->8}: | {:->5}: |", "", "", "");
    line("plain unweighted counts of the same pairs (the limit)", limit, limit);
    let tables = median(|| {
        black_box(tabulate(&design, &spec).expect("a table"));
    });
    line("100 weighted tables: SE, intervals, flags (goal: 4)", tables, limit);
    line("laying out the design, once a study", median(|| drop(black_box(make()))), limit);
    let margin = |index: usize| Margin {
        variable: format!("banner {index}"),
        levels: (1..=BANNER_LEVELS[index]).map(|level| level.to_string()).collect(),
        totals: vec![1e6 / f64::from(BANNER_LEVELS[index]); usize::from(BANNER_LEVELS[index])],
        codes: survey.banners[index].clone(),
    };
    let margins = [margin(0), margin(1), margin(3)];
    let options = RakeOptions { tolerance: 1e-10, rounds_max: 500, projection_rounds: 10 };
    let raking = median(|| drop(black_box(rake(design.clone(), &margins, &options))));
    line("raking to 3 margins, 1e-10", raking, limit);
    let (raked, _) = rake(design.clone(), &margins, &options).expect("raked");
    let tables = median(|| {
        black_box(tabulate(&raked, &spec).expect("a table"));
    });
    line("the same 100 tables after raking, variance by residuals", tables, limit);
}
