//! Prints what building costs, from the report that `cargo build --timings` leaves:
//! seconds a thousand lines of each crate of ours, also in units of a crate that never
//! changes and was built in the same run, so that a slow machine cancels out.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use serde_json::Value;
use tidy::{read, sources};

/// Built in the same run, with the same optimisation; it has hardly changed in years.
const REFERENCE: &str = "encoding_rs";

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: build_cost TIMINGS.html");
        return ExitCode::from(2);
    };
    let Some(seconds) = seconds(&read(Path::new(&path))) else {
        eprintln!("{path}: no units of a build in it");
        return ExitCode::FAILURE;
    };
    let Some(reference) = seconds.get(REFERENCE) else {
        eprintln!("{path}: {REFERENCE} was not built; begin with an empty target folder");
        return ExitCode::FAILURE;
    };
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    for (file, text) in sources() {
        let name = file.split('/').nth(1).unwrap_or_default().to_owned();
        *lines.entry(name).or_default() += text.lines().count();
    }
    println!("| crate | lines | seconds | a 1,000 lines | in {REFERENCE} |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    let mut own = (0, 0.0);
    for (name, lines) in &lines {
        let Some(cost) = seconds.get(name.as_str()) else { continue };
        own = (own.0 + lines, own.1 + cost);
        row(name, *lines, *cost, *reference);
    }
    row("all of ours", own.0, own.1, *reference);
    let all: f64 = seconds.values().sum();
    println!("| dependencies | | {:.0} | | {:.0} |", all - own.1, (all - own.1) / reference);
    println!("| everything | | {all:.0} | | {:.0} |", all / reference);
    ExitCode::SUCCESS
}

fn row(name: &str, lines: usize, seconds: f64, reference: f64) {
    #[expect(clippy::cast_precision_loss, reason = "lines of one program")]
    let each = seconds / (lines as f64 / 1000.0);
    println!("| {name} | {lines} | {seconds:.0} | {each:.1} | {:.2} |", each / reference);
}

/// Seconds by package, of everything that was built for it.
fn seconds(report: &str) -> Option<BTreeMap<String, f64>> {
    let (_, data) = report.split_once("const UNIT_DATA = ")?;
    let (data, _) = data.split_once("];")?;
    let units: Vec<Value> = serde_json::from_str(&format!("{data}]")).ok()?;
    let mut seconds = BTreeMap::new();
    for unit in &units {
        let name = unit.get("name")?.as_str()?;
        *seconds.entry(name.to_owned()).or_default() += unit.get("duration")?.as_f64()?;
    }
    Some(seconds)
}
