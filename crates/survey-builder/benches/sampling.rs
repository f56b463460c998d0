//! How fast samples are drawn, beside the least that any program must do.
//!
//! Data: frames made from a seed. Timed: PPS systematic of 100,000 out of
//! 5,000,000 with reading the frame, beside reading the same CSV and doing
//! nothing with it; the cube method with 10 variables and the second local
//! pivotal method for growing frames, beside R's `sampling` and
//! `BalancedSampling` on data of the same make where R has them.
//! `SONDAGE_BENCH_ROWS` sets the 5,000,000.

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write as _;
use std::process::Command;
use std::time::Instant;

use survey_builder::sampling::selection::cube::{Balance, cube};
use survey_builder::sampling::selection::pivotal::{Pairs, local_pivotal};
use survey_builder::sampling::{
    Allocation, Amount, Columns, Frame, Method, Plan, Seed, Share, SizeMeasure, Stage, StageUnits,
    draw,
};

fn say(line: &str) {
    writeln!(std::io::stdout().lock(), "{line}").expect("standard output");
}

/// Seconds that the work takes, the least of so many runs.
fn seconds<T>(runs: usize, mut work: impl FnMut() -> T) -> f64 {
    (0..runs)
        .map(|_| {
            let start = Instant::now();
            black_box(work());
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min)
}

/// The most memory that this process has held, in megabytes, where Linux says so.
fn most_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok());
    kilobytes.map_or_else(|| "unknown".to_owned(), |kb: u64| format!("{} MB", kb / 1024))
}

fn frame_csv(rows: u32) -> String {
    let mut csv = "id,area,size\n".to_owned();
    let mut stream = Seed(1).stream(1, 0);
    for row in 0..rows {
        let size = 1 + stream.below(900);
        writeln!(csv, "unit{row:08},area {},{size}", row % 63).expect("text");
    }
    csv
}

fn pps() {
    let rows: u32 = std::env::var("SONDAGE_BENCH_ROWS")
        .ok()
        .and_then(|rows| rows.parse().ok())
        .unwrap_or(5_000_000);
    let csv = frame_csv(rows);
    let columns = Columns {
        unit: "id".to_owned(),
        strata: vec!["area".to_owned()],
        size: Some("size".to_owned()),
        ..Columns::default()
    };
    let allocation =
        Allocation { total: rows / 50, share: Share::Proportional, minimum: 1, capped: false };
    let plan = Plan::of(vec![Stage::new(
        StageUnits::Units,
        Method::SystematicPps(SizeMeasure::Column),
        Amount::Allocated(allocation),
    )]);
    let plain = seconds(3, || {
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let mut record = csv::ByteRecord::new();
        let mut bytes = 0;
        while reader.read_byte_record(&mut record).expect("a row") {
            bytes += record.as_slice().len();
        }
        bytes
    });
    let before = most_memory();
    let mut frame = None;
    let read = seconds(1, || frame = Some(Frame::read(csv.as_bytes(), &columns).expect("a frame")));
    let frame = frame.expect("read");
    let drawn = seconds(3, || draw(&frame, &plan, Seed(1)).expect("a sample").units.len());
    say(&format!(
        "PPS systematic, {} of {rows}: CSV read alone {plain:.2} s; frame read {read:.2} s \
         ({:.1} times), drawn {drawn:.2} s; read and drawn {:.1} times the CSV, {:.2} times the \
         frame; most memory {} (before reading {before}, of it {} MB the CSV itself)",
        rows / 50,
        read / plain,
        (read + drawn) / plain,
        (read + drawn) / read,
        most_memory(),
        csv.len() >> 20,
    ));
}

fn balanced_and_spread() {
    let mut before: Option<(f64, f64)> = None;
    for members in [62_500_usize, 250_000, 1_000_000] {
        let mut stream = Seed(2).stream(1, 0);
        let columns: Vec<Vec<f64>> =
            (0..10).map(|_| (0..members).map(|_| 1.0 + stream.uniform()).collect()).collect();
        let balance = Balance::from_columns(&columns, members);
        let coordinates: Vec<f64> = (0..2 * members).map(|_| stream.uniform()).collect();
        let probabilities = vec![0.01; members];
        let cube = seconds(1, || cube(&probabilities, &balance, &mut stream).len());
        let pivotal = seconds(1, || {
            local_pivotal(&probabilities, &coordinates, 2, Pairs::Nearest, &mut stream).len()
        });
        let growth = before.map_or_else(String::new, |(one, other)| {
            format!("; times the quarter: cube {:.1}, pivotal {:.1}", cube / one, pivotal / other)
        });
        say(&format!(
            "{members} units: cube with 10 variables {cube:.2} s, local pivotal 2 {pivotal:.2} s{growth}"
        ));
        before = Some((cube, pivotal));
    }
}

/// The same in R, on data of the same make; says so where R or a package is not there.
fn in_r() {
    const SCRIPT: &str = r#"
        timed <- function(label, expression) {
          took <- tryCatch(system.time(expression)["elapsed"], error = function(e) NA)
          cat(sprintf("R %s: %.2f s\n", label, took))
        }
        set.seed(2)
        if (requireNamespace("sampling", quietly = TRUE)) {
          n <- 20000; x <- matrix(1 + runif(n * 10), n)
          timed("sampling samplecube, 20,000 units, 10 variables",
                sampling::samplecube(cbind(0.01, x), rep(0.01, n), comment = FALSE, method = 2))
          size <- 1 + floor(900 * runif(5e6))
          timed("sampling inclusionprobabilities and UPsystematic, 100,000 of 5,000,000",
                sampling::UPsystematic(sampling::inclusionprobabilities(size, 100000)))
        } else cat("R sampling: skipped, not installed\n")
        if (requireNamespace("BalancedSampling", quietly = TRUE)) {
          for (n in c(250000, 1000000)) {
            p <- rep(0.01, n); x <- matrix(1 + runif(n * 10), n); xy <- matrix(runif(n * 2), n)
            timed(sprintf("BalancedSampling cube, %d units, 10 variables", n),
                  BalancedSampling::cube(p, cbind(p, x)))
            timed(sprintf("BalancedSampling lpm2, %d units", n), BalancedSampling::lpm2(p, xy))
          }
        } else cat("R BalancedSampling: skipped, not installed\n")
    "#;
    match Command::new("Rscript").args(["-e", SCRIPT]).output() {
        Ok(output) => say(String::from_utf8_lossy(&output.stdout).trim_end()),
        Err(_) => say("R: skipped, not installed"),
    }
}

fn main() {
    pps();
    balanced_and_spread();
    in_r();
}
