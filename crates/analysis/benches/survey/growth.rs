//! How time and memory of the tables grow with the rows.

use std::hint::black_box;

use analysis::tabulate;

use crate::survey::{design, median, spec, survey};

/// A line for 10,000 rows and each tenfold up to `most`. Memory: what the process held at most while it
/// laid out the design and made the tables, the data it was given counted in, over the size of the data.
pub fn print(most: usize) {
    println!("\n| rows | tables, s | µs a row | memory over coded columns (≤ 2) |");
    println!("| ---: | ---: | ---: | ---: |");
    let sizes = std::iter::successors(Some(10_000_usize), |rows| rows.checked_mul(10));
    for rows in sizes.take_while(|rows| *rows <= most) {
        let survey = survey(rows);
        let codes = survey.questions.len() + survey.banners.len();
        let given = rows * (codes * size_of::<u16>() + size_of::<f64>() + 2 * size_of::<u32>());
        let spec = spec(&survey);
        let before = resident("VmRSS");
        forget_peak();
        let design = design(&survey);
        black_box(tabulate(&design, &spec).expect("tables"));
        let peak = resident("VmHWM");
        let seconds = median(|| drop(black_box(tabulate(&design, &spec)))) / 1000.0;
        let memory = match (before, peak) {
            (Some(before), Some(peak)) => {
                let more = peak.saturating_sub(before) as f64;
                format!("{:.2}", 1.0 + more / given as f64)
            }
            _ => "not known here".to_owned(),
        };
        println!("| {rows} | {seconds:.4} | {:.3} | {memory} |", seconds * 1e6 / rows as f64);
    }
}

/// Bytes the process holds (`VmRSS`) or held at most (`VmHWM`), where the system says so.
fn resident(field: &str) -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(field))?;
    Some(line.split_whitespace().nth(1)?.parse::<usize>().ok()? * 1024)
}

/// Lets the most ever held count from now on; where that cannot be, the figure comes out too large.
fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}
