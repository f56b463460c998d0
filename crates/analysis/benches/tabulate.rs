//! How fast a tab book is, beside the least that any program must do for it.
//!
//! Data: 1,000,000 rows, 100 strata, 2,000 clusters, 20 questions and 5 banner variables, made from a
//! seed. Timed: 100 weighted cross-tables with standard errors, design effects, intervals and
//! reliability flags, alone, with Rao–Scott tests and with the variance of 200 bootstrap replicates; and,
//! in the same run, plain unweighted counts of the same 100 pairs of byte columns on as many threads, the
//! limit. Each time is the median of several runs. Before that, how time and memory grow from 10,000
//! rows on, and what letters cost on 200,000. `SONDAGE_BENCH_ROWS` sets the number of rows (10,000,000 take about 2 GB).

#![expect(clippy::cast_precision_loss, reason = "rows and bytes are far below 2^53")]

#[path = "survey/growth.rs"]
mod growth;
#[path = "survey/letters.rs"]
mod letters;
mod survey;

use std::hint::black_box;

use analysis::compare::IndependenceMethod;
use analysis::design::replicates::Centre;
use analysis::tabulate::tabulate_compared;
use analysis::variance::replication::bootstrap::{Bootstrap, bootstrap};
use analysis::weighting::rake::{Margin, RakeOptions, rake};
use analysis::{DegreesOfFreedomRule, tabulate, tabulate_with_tests};
use survey::{
    BANNER_LEVELS, QUESTION_LEVELS, RUNS, STRATA, bytes, median, plain_counts, rows_wanted, spec,
    survey,
};
use survey_builder::sampling::Seed;

fn line(what: &str, milliseconds: f64, limit: f64) {
    println!("| {what:<58} | {milliseconds:>9.1} | {:>6.2} |", milliseconds / limit);
}

fn main() {
    let rows = rows_wanted();
    // First, while the process holds nothing that sums could take again unseen.
    growth::print(rows);
    letters::print();
    println!();
    let survey = survey(rows);
    let make = || survey::design(&survey);
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
    let tested = median(|| {
        let method = IndependenceMethod::SecondOrder;
        black_box(tabulate_with_tests(&design, &spec, method).expect("a table"));
    });
    line("the same with 100 Rao–Scott tests (goal: 4)", tested, limit);
    let lettered = median(|| {
        let method = IndependenceMethod::SecondOrder;
        black_box(tabulate_compared(&design, &spec, method).expect("a table"));
    });
    line("the same with differences of all columns, for letters", lettered, limit);
    let mut counted = spec.clone();
    counted.options.degrees_of_freedom = DegreesOfFreedomRule::Answered;
    let plain = median(|| {
        black_box(tabulate(&design, &counted).expect("a table"));
    });
    line("100 weighted tables, intervals of clusters minus strata", plain, limit);
    let make_replicates =
        || bootstrap(&design, Bootstrap::RaoWu, 200, Seed(1), Centre::FullSample).expect("drawn");
    let drawing = median(|| drop(black_box(make_replicates())));
    line("drawing 200 bootstrap replicates", drawing, limit);
    let replicated = design.clone().with_replicates(make_replicates()).expect("a design");
    let bootstrapped = median(|| {
        black_box(tabulate(&replicated, &spec).expect("a table"));
    });
    line("the same tables with variances of these replicates", bootstrapped, limit);
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
