//! The survey that the benches measure: made from a seed, like a tab book's data.
//!
//! 100 strata, 2,000 clusters, 20 questions of 2 to 12 levels and 5 banner variables of 2 to 9.

use std::borrow::Cow;
use std::hint::black_box;
use std::time::Instant;

use analysis::estimate::shares::ShareOf;
use analysis::tabulate::{BannerVariable, RowData, RowVariable, TableOptions};
use analysis::{
    DegreesOfFreedomRule, Design, DesignInput, IntervalMethod, SinglePsu, StageInput, TableSpec,
    Weights,
};
use rayon::prelude::*;

pub const RUNS: usize = 7;
pub const STRATA: u32 = 100;
const CLUSTERS_A_STRATUM: u32 = 20;
pub const QUESTION_LEVELS: [u16; 20] =
    [5, 7, 4, 10, 3, 6, 5, 8, 2, 12, 5, 4, 9, 6, 5, 7, 3, 11, 5, 4];
pub const BANNER_LEVELS: [u16; 5] = [2, 6, 9, 4, 7];

/// A small, fast, seeded generator (`SplitMix64`), enough for data nobody draws conclusions from.
pub struct Generator(pub u64);

impl Generator {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: u16) -> u16 {
        u16::try_from(self.next() % u64::from(bound)).unwrap_or(0)
    }

    pub fn share(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap_or(0)) / f64::from(u32::MAX)
    }
}

pub struct Survey {
    pub weights: Vec<f64>,
    pub strata: Vec<u32>,
    pub clusters: Vec<u32>,
    pub questions: Vec<Vec<u16>>,
    pub banners: Vec<Vec<u16>>,
}

/// Rows in the order in which people answered: clusters are mixed.
pub fn survey(rows: usize) -> Survey {
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

pub fn spec(survey: &Survey) -> TableSpec<'_> {
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
            degrees_of_freedom: DegreesOfFreedomRule::Adjusted,
            share_of: ShareOf::Column,
            assess_reliability: true,
            suppression: None,
        },
    }
}

/// The limit: how often each pair of codes occurs, nothing else, from bytes as a program would keep them.
pub fn plain_counts(questions: &[Vec<u8>], banners: &[Vec<u8>]) -> u64 {
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
pub fn median(mut work: impl FnMut()) -> f64 {
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

pub fn bytes(columns: &[Vec<u16>]) -> Vec<Vec<u8>> {
    columns
        .iter()
        .map(|column| column.iter().map(|&code| u8::try_from(code).unwrap_or(0)).collect())
        .collect()
}

/// The design of the survey: one stage of clusters within strata.
pub fn design(survey: &Survey) -> Design {
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
}

/// Rows to make, unless `SONDAGE_BENCH_ROWS` says otherwise.
pub fn rows_wanted() -> usize {
    std::env::var("SONDAGE_BENCH_ROWS").ok().and_then(|rows| rows.parse().ok()).unwrap_or(1_000_000)
}
