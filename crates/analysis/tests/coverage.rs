//! How often 95 % intervals hold the true value: 2,000 samples from made-up populations, on demand
//! (`cargo test -p analysis --test coverage -- --ignored --nocapture`). docs/METHODS.md has the results and
//! what is below and why.

// Populations are small.
#![allow(clippy::cast_precision_loss)]

use analysis::estimate::moments::{mean, ratio, total};
use analysis::estimate::proportion::proportion;
use analysis::estimate::quantile::{Limits, QuantileRule, quantiles};
use analysis::{
    DegreesOfFreedomRule, Design, DesignInput, EstimateOptions, IntervalMethod, Population,
    SinglePsu, StageInput, Weights,
};
use survey_builder::sampling::Seed;
use survey_builder::sampling::random::Stream;

const DRAWS: u32 = 2_000;

/// People of a population: their stratum, cluster and values.
struct People {
    strata: Vec<u32>,
    clusters: Vec<u32>,
    income: Vec<f64>,
    hours: Vec<f64>,
    common: Vec<f64>,
    rare: Vec<f64>,
}

fn normal(stream: &mut Stream) -> f64 {
    // Box and Muller.
    let (one, two) = (1.0 - stream.uniform(), stream.uniform());
    (-2.0 * one.ln()).sqrt() * (std::f64::consts::TAU * two).cos()
}

/// 500 clusters of 20 in 10 strata; values differ between strata, clusters (intraclass correlation of
/// hours about 0.1) and people; incomes are skewed (lognormal, skewness about 2).
fn population() -> People {
    let mut stream = Seed(19_770_101).stream(1, 0);
    let mut people = People {
        strata: vec![],
        clusters: vec![],
        income: vec![],
        hours: vec![],
        common: vec![],
        rare: vec![],
    };
    for cluster in 0..500 {
        let shift = normal(&mut stream);
        let stratum = cluster / 50;
        for _ in 0..20 {
            let own = normal(&mut stream);
            let level = f64::from(stratum) * 0.15;
            people.strata.push(stratum);
            people.clusters.push(cluster);
            people.hours.push(35.0 + 5.0 * level + 3.0 * shift + 9.0 * own);
            people
                .income
                .push((3.0 + 0.2 * level + 0.15 * shift + 0.5 * normal(&mut stream)).exp());
            let lean = -1.4 + 0.3 * level + 0.4 * shift;
            let holds = stream.uniform() < 1.0 / (1.0 + (-lean).exp());
            people.common.push(f64::from(u8::from(holds)));
            let holds = stream.uniform() < 0.04;
            people.rare.push(f64::from(u8::from(holds)));
        }
    }
    people
}

/// `count` different places out of `places`.
fn chosen(stream: &mut Stream, places: &[usize], count: usize) -> Vec<usize> {
    let mut places = places.to_vec();
    for drawn in 0..count {
        let left = (places.len() - drawn) as u64;
        let other = drawn + usize::try_from(stream.below(left)).expect("small");
        places.swap(drawn, other);
    }
    places.truncate(count);
    places
}

#[derive(Clone, Copy)]
enum Drawn {
    Simple,
    Stratified,
    Clustered,
}

fn sample(people: &People, drawn: Drawn, stream: &mut Stream) -> (Design, Vec<usize>) {
    let all: Vec<usize> = (0..people.hours.len()).collect();
    let rows = match drawn {
        Drawn::Simple => chosen(stream, &all, 300),
        // Twice as many from half of the strata, so that weights differ.
        Drawn::Stratified => (0..10)
            .flat_map(|stratum| {
                let own: Vec<usize> =
                    all.iter().copied().filter(|row| people.strata[*row] == stratum).collect();
                chosen(stream, &own, if stratum < 5 { 20 } else { 40 })
            })
            .collect(),
        Drawn::Clustered => {
            let clusters: Vec<usize> = (0..10)
                .flat_map(|stratum| {
                    let own: Vec<usize> = (stratum * 50..stratum * 50 + 50).collect();
                    chosen(stream, &own, 4)
                })
                .collect();
            let within = |cluster: usize| cluster * 20..cluster * 20 + 20;
            clusters.into_iter().flat_map(within).collect()
        }
    };
    let strata: Vec<u32> = rows.iter().map(|row| people.strata[*row]).collect();
    let size = match drawn {
        Drawn::Simple => 10_000.0,
        Drawn::Stratified => 1_000.0,
        Drawn::Clustered => 50.0,
    };
    let stage = StageInput {
        strata: (!matches!(drawn, Drawn::Simple)).then_some(strata),
        clusters: matches!(drawn, Drawn::Clustered)
            .then(|| rows.iter().map(|row| people.clusters[*row]).collect()),
        population: Some(Population::Counts(vec![size; rows.len()])),
    };
    let design = Design::new(DesignInput {
        weights: Weights::FromPopulation,
        stages: vec![stage],
        nest: false,
        single_psu: SinglePsu::Fail,
        domain_single_psu: false,
    });
    (design.expect("a design"), rows)
}

fn options(interval: IntervalMethod) -> EstimateOptions {
    EstimateOptions {
        confidence: 0.95,
        interval,
        degrees_of_freedom: DegreesOfFreedomRule::Adjusted,
    }
}

/// The true value below, within and above the interval.
#[derive(Default)]
struct Tally {
    name: &'static str,
    below: u32,
    within: u32,
    above: u32,
}

impl Tally {
    fn add(&mut self, limits: Option<(f64, f64)>, truth: f64) {
        match limits {
            // No interval (a share of 0 or 1 without variance) holds nothing.
            None => self.above += 1,
            Some((lower, _)) if truth < lower => self.below += 1,
            Some((_, upper)) if truth > upper => self.above += 1,
            Some(_) => self.within += 1,
        }
    }

    fn share(&self) -> f64 {
        100.0 * f64::from(self.within) / f64::from(DRAWS)
    }
}

const KORN: IntervalMethod = IntervalMethod::KornGraubard { cap_at_n: true, count_missing: false };

fn of(column: &[f64], rows: &[usize]) -> Vec<f64> {
    rows.iter().map(|row| column[*row]).collect()
}

fn run(people: &People, drawn: Drawn, name: &str) -> Vec<Tally> {
    let t = options(IntervalMethod::StudentT);
    let average = |column: &[f64]| column.iter().sum::<f64>() / column.len() as f64;
    let mut sorted = people.income.clone();
    sorted.sort_by(f64::total_cmp);
    let names = [
        "mean of hours",
        "mean of skewed income",
        "total of hours",
        "ratio income/hours",
        "share 0.25, logit",
        "share 0.25, Korn-Graubard",
        "share 0.25, Student",
        "share 0.25, Wilson",
        "share 0.04, logit",
        "share 0.04, Korn-Graubard",
        "share 0.04, Student",
        "median of income, Woodruff",
        "median of income, score",
    ];
    let mut tallies: Vec<Tally> =
        names.into_iter().map(|name| Tally { name, ..Tally::default() }).collect();
    for draw in 0..DRAWS {
        let mut stream = Seed(42).stream(2 + drawn as u32, draw);
        let (design, rows) = sample(people, drawn, &mut stream);
        let (hours, income) = (of(&people.hours, &rows), of(&people.income, &rows));
        let limits = |found: analysis::Result<analysis::Estimate>| {
            found.expect("an estimate").interval.map(|own| (own.lower, own.upper))
        };
        let mut found = vec![
            (limits(mean(&design, &hours, None, &t)), average(&people.hours)),
            (limits(mean(&design, &income, None, &t)), average(&people.income)),
            (limits(total(&design, &hours, None, &t)), people.hours.iter().sum()),
            (
                limits(ratio(&design, &income, &hours, None, &t)),
                average(&people.income) / average(&people.hours),
            ),
        ];
        for (column, methods) in [
            (
                &people.common,
                &[IntervalMethod::Logit, KORN, IntervalMethod::StudentT, IntervalMethod::Wilson][..],
            ),
            (&people.rare, &[IntervalMethod::Logit, KORN, IntervalMethod::StudentT][..]),
        ] {
            let holds = of(column, &rows);
            for method in methods {
                let share = proportion(&design, &holds, None, &options(*method));
                found.push((limits(share), average(column)));
            }
        }
        for kind in [Limits::FoundShare, Limits::Score] {
            let rule = QuantileRule::InverseCdf;
            let median = quantiles(&design, &income, &[0.5], None, rule, kind, &t);
            let median = median.expect("a median")[0];
            found.push((median.lower.zip(median.upper), sorted[sorted.len() / 2 - 1]));
        }
        for (tally, (limits, truth)) in tallies.iter_mut().zip(found) {
            tally.add(limits, truth);
        }
    }
    for tally in &tallies {
        println!(
            "| {name} | {} | {:.1} | {:.1} | {:.1} |",
            tally.name,
            tally.share(),
            100.0 * f64::from(tally.below) / f64::from(DRAWS),
            100.0 * f64::from(tally.above) / f64::from(DRAWS),
        );
    }
    tallies
}

/// Within 93 to 97 % where theory says so; Korn and Graubard's interval may hold more (it is meant to),
/// Student's for a rare share and a skewed mean less.
#[test]
#[ignore = "long: 2,000 samples of three designs; CI runs it"]
fn intervals_hold_the_truth_as_often_as_they_say() {
    let people = population();
    println!(
        "| design | interval | holds, % | truth below, % | truth above, % |\n|---|---|---|---|---|"
    );
    for (drawn, name) in [
        (Drawn::Simple, "simple, 300"),
        (Drawn::Stratified, "stratified, 10 × 20 or 40"),
        (Drawn::Clustered, "clustered, 10 × 4 clusters of 20"),
    ] {
        for tally in run(&people, drawn, name) {
            let share = tally.share();
            let conservative = tally.name.contains("Korn") && share > 93.0;
            let known_low = tally.name.contains("0.04, Student") || tally.name.contains("skewed");
            assert!(
                (93.0..=97.0).contains(&share) || conservative || (known_low && share > 88.0),
                "{name}: {} holds {share} %",
                tally.name
            );
        }
    }
}
