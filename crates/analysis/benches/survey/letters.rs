//! What letters cost: 20 questions by 3 banner variables, with and without them.

use std::hint::black_box;
use std::time::Instant;

use analysis::compare::IndependenceMethod;
use analysis::estimate::comparison::Adjustment;
use analysis::tabulate::marks::{LetterRule, letters};
use analysis::tabulate::tabulate_compared;
use analysis::{Design, TableSpec, tabulate, tabulate_with_tests};

use crate::survey::{design, spec, survey};

/// Rows of the survey.
const ROWS: usize = 200_000;
/// Banner variables.
const BANNERS: usize = 3;
/// How often each is done in turn.
const ROUNDS: usize = 9;
/// Tab books a turn: the system counts processor time in hundredths of a second.
const BOOKS: usize = 20;
/// The most that letters may cost, as a ratio.
const LIMIT: f64 = 1.3;

type Task = fn(&Design, &TableSpec<'_>);

/// Prints what a tab book costs in processor time alone, with tests, and with tests and letters, done by
/// turns so that other work on the machine meets all three alike.
pub fn print() {
    let survey = survey(ROWS);
    let (design, mut spec) = (design(&survey), spec(&survey));
    spec.banner.truncate(BANNERS);
    let tasks: [(&str, Task); 3] =
        [("tables alone", alone), ("with tests", tested), ("with tests and letters", lettered)];
    let mut times = tasks.map(|_| Vec::with_capacity(ROUNDS));
    for _ in 0..ROUNDS {
        for ((_, task), times) in tasks.iter().zip(&mut times) {
            let (start, before) = (Instant::now(), processor_time());
            (0..BOOKS).for_each(|_| task(&design, &spec));
            let passed = start.elapsed().as_secs_f64();
            let spent = before.zip(processor_time()).map_or(passed, |(from, to)| to - from);
            times.push(spent * 1000.0 / BOOKS as f64);
        }
    }
    let without = middle(&times[1]);
    println!(
        "\n{ROWS} rows, {} questions by {BANNERS} banner variables, median of {ROUNDS} turns of {BOOKS}",
        spec.rows.len()
    );
    println!("| what | processor time, ms | over the one before | over tables with tests |");
    println!("| --- | ---: | ---: | ---: |");
    for (place, ((name, _), own)) in tasks.iter().zip(&times).enumerate() {
        let before = middle(&times[place.saturating_sub(1)]);
        let own = middle(own);
        println!("| {name} | {own:.1} | {:.2} | {:.2} |", own / before, own / without);
    }
    let ratio = middle(&times[2]) / without;
    let met = if ratio <= LIMIT { "met" } else { "not met" };
    println!("letters over the same without (≤ {LIMIT}): {ratio:.2}, {met}");
}

fn alone(design: &Design, spec: &TableSpec<'_>) {
    black_box(tabulate(design, spec).expect("a table"));
}

fn tested(design: &Design, spec: &TableSpec<'_>) {
    let method = IndependenceMethod::SecondOrder;
    black_box(tabulate_with_tests(design, spec, method).expect("a table"));
}

fn lettered(design: &Design, spec: &TableSpec<'_>) {
    let method = IndependenceMethod::SecondOrder;
    let found = tabulate_compared(design, spec, method).expect("a table");
    let rule = LetterRule { level: 0.05, adjustment: Some(Adjustment::Holm) };
    for (block, differences) in found.table.blocks.iter().zip(&found.differences) {
        for (row, differences) in block.rows.iter().zip(differences) {
            black_box(letters(&found.table, &row.cells, differences, rule, &|_| true));
        }
    }
}

fn middle(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// The processor time of this program so far, of all its threads, in seconds, where the system says it.
fn processor_time() -> Option<f64> {
    const TICKS: f64 = 100.0;
    let said = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Behind the name, which may hold spaces, the 12th and 13th are user and system.
    let (_, rest) = said.rsplit_once(')')?;
    let times = rest.split_whitespace().skip(11).take(2);
    Some(times.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS)
}
