//! Kinds of plan, a design that is tried, strata of a column and small areas on the command line, with the
//! program as a person runs it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/frames")
}

/// What the program prints, having ended with this code.
fn said(folder: &Path, arguments: &[&str], code: i32) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_sondage"))
        .args(arguments)
        .args(["--language", "en"])
        .current_dir(folder)
        .output()
        .expect("runs");
    let [out, err] =
        [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    assert_eq!(output.status.code(), Some(code), "{out}\n{err}");
    assert!(!err.contains("panicked"), "{err}");
    out + &err
}

fn json(folder: &Path, arguments: &[&str], code: i32) -> Json {
    let mut all = arguments.to_vec();
    all.push("--json");
    let text = said(folder, &all, code);
    // What is refused is said on standard error too.
    let end = text.rfind('}').map_or(text.len(), |end| end + 1);
    serde_json::from_str(&text[..end]).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn codes(report: &Json) -> Vec<&str> {
    let problems = report["problems"].as_array().expect("problems");
    problems.iter().map(|one| one["code"].as_str().unwrap_or_default()).collect()
}

/// A folder with the households and a plan.
fn folder(plan: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let list = folder.path().join("households.csv");
    std::fs::copy(fixtures().join("households.csv"), list).expect("copied");
    std::fs::write(folder.path().join("plan.toml"), plan).expect("written");
    folder
}

const SORTED: &str = r#"
[frame]
unit = "id"
strata = ["area"]
size = "members"

[[stages]]
units = "units"
method = "systematic"
sort = ["ward", "members"]
serpentine = true
starts = 4
amount = { rates = { "Bắc" = 0.11, "Nam" = 0.15 } }
"#;

#[test]
fn a_sorted_plan_with_rates_and_starts_is_drawn_estimated_and_verified() {
    let folder = folder(SORTED);
    let at = folder.path();
    let table = said(at, &["sample", "plan", "households.csv", "plan.toml"], 0);
    // 0.11 · 120 and 0.15 · 208.
    assert!(table.contains("13.2") && table.contains("31.2"), "{table}");
    said(at, &["sample", "draw", "households.csv", "plan.toml", "--seed", "5"], 0);
    let found = said(at, &["sample", "verify", "sample.json", "households.csv"], 0);
    assert!(found.contains("identical"), "{found}");
    let text = std::fs::read_to_string(at.join("sample.json")).expect("a record");
    let record: Json = serde_json::from_str(&text).expect("JSON");
    let units = record["units"].as_array().expect("units");
    let mut answers = "id,y\n".to_owned();
    for (place, unit) in units.iter().enumerate() {
        writeln!(answers, "{},{}", unit["unit"].as_str().expect("an id"), place % 7).expect("text");
        let rate = if unit["stratum"] == "Bắc" { 0.11 } else { 0.15 };
        let stated = unit["probability"].as_f64().expect("a probability");
        assert!((stated - rate).abs() < 1e-12, "{unit}");
    }
    std::fs::write(at.join("answers.csv"), answers).expect("written");
    let estimate = ["estimate", "answers.csv", "--sample", "sample.json", "--mean", "y"];
    let found = json(at, &estimate, 0);
    let line = &found["estimates"][0];
    // Two strata of four starts each.
    assert_eq!(line["degrees_of_freedom"].as_f64(), Some(6.0), "{line}");
}

#[test]
fn a_design_is_tried_before_money_is_spent() {
    let folder = folder(SORTED);
    let at = folder.path();
    let simulate = ["sample", "simulate", "households.csv", "plan.toml", "--samples", "60"];
    let with = |more: &[&'static str]| [simulate.to_vec(), more.to_vec()].concat();
    let options = ["--share", "0.4", "--response", "0.8", "--domain", "area"];
    let found = json(at, &with(&options), 0);
    let simulated = &found["simulation"];
    assert_eq!((simulated["samples"].as_u64(), found["seed"].as_u64()), (Some(60), Some(1)));
    let completes = simulated["all"]["completes"].as_f64().expect("a number");
    assert!((completes - 0.8 * (13.2 + 31.2)).abs() < 2.5, "{completes}");
    assert_eq!(simulated["domains"].as_array().map(Vec::len), Some(2));
    assert_eq!(json(at, &with(&options), 0), found, "the same seed");
    let text = said(at, &with(&options), 0);
    assert!(text.contains("60 samples from seed 1") && text.contains("no clusters"), "{text}");
    let wrong = ["--response", "1.2", "--icc=-1", "--share", "2"];
    let told = json(at, &with(&wrong), 2);
    assert_eq!(codes(&told), ["plan_value", "plan_value", "plan_value"]);
    let told = json(at, &with(&["--domain", "province"]), 2);
    assert_eq!(codes(&told), ["frame_column_missing"]);
}

#[test]
fn a_column_is_cut_into_strata_that_are_written() {
    let folder = folder(SORTED);
    let at = folder.path();
    let cut = ["frame", "strata", "households.csv", "--column", "members", "--strata", "3"];
    let with = |more: &[&'static str]| [cut.to_vec(), more.to_vec()].concat();
    let take_all = ["--rule", "take-all", "--variation", "0.03", "--output", "strata.csv"];
    let found = json(at, &with(&take_all), 0);
    let strata = found["strata"].as_array().expect("strata");
    assert_eq!(strata[2]["drawn"], strata[2]["units"]);
    assert!(found["variation"].as_f64().is_some_and(|variation| variation <= 0.03), "{found}");
    // Counted again from what was written.
    let mut units = [0_u64; 3];
    let mut reader = csv::Reader::from_path(at.join("strata.csv")).expect("a list");
    let header = reader.headers().expect("a header").clone();
    let place = |name: &str| header.iter().position(|own| own == name).expect("a column");
    let (members, stratum) = (place("members"), place("stratum"));
    for row in reader.records() {
        let row = row.expect("a row");
        let number: usize = row[stratum].parse().expect("a stratum");
        let value: f64 = row[members].parse().expect("a number");
        let limits = &strata[number - 1];
        let within = limits["from"].as_f64() <= Some(value) && Some(value) <= limits["to"].as_f64();
        assert!(within, "{row:?}");
        units[number - 1] += 1;
    }
    for (found, told) in units.iter().zip(strata) {
        assert_eq!(Some(*found), told["units"].as_u64());
    }
    said(at, &with(&["--output", "strata.csv"]), 2);
    let told = json(at, &with(&["--variation", "2", "--classes", "1"]), 2);
    assert_eq!(codes(&told), ["plan_value", "plan_value"]);
    let told =
        json(at, &["frame", "strata", "households.csv", "--column", "ward", "--strata", "3"], 2);
    assert_eq!(codes(&told)[0], "frame_number_bad");
    let told = json(
        at,
        &["frame", "strata", "households.csv", "--column", "members", "--strata", "99"],
        2,
    );
    assert_eq!(codes(&told), ["plan_value"]);
}
