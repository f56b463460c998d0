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
    let counted = [&estimate[..], &["--degrees-of-freedom", "answered"]].concat();
    let line = &json(at, &counted, 0)["estimates"][0];
    // Two strata of four starts each.
    assert_eq!(line["degrees_of_freedom"].as_f64(), Some(6.0), "{line}");
    // Those that both strata bring, of which one varies more.
    let line = &json(at, &estimate, 0)["estimates"][0];
    let degrees = line["degrees_of_freedom"].as_f64().expect("a number");
    assert!(degrees > 5.0 && degrees < 6.0, "{line}");
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

/// Ten areas with four answers each, one of them all alike, and covariates of twelve.
fn areas(at: &Path) {
    let (mut answers, mut covariates) = ("area,y,yes\n".to_owned(), "area,x\n".to_owned());
    for area in 0..12_u32 {
        writeln!(covariates, "a{area},{}", area * area % 7).expect("text");
        for answer in (0..4_u32).filter(|_| area < 10) {
            let y = if area == 9 { 5 } else { 3 + area * area % 7 + (area * 5 + answer * 3) % 6 };
            let yes = ["no", "yes"][usize::from((area + answer * 2) % 3 == 0)];
            writeln!(answers, "a{area},{y},{yes}").expect("text");
        }
    }
    std::fs::write(at.join("answers.csv"), answers).expect("written");
    std::fs::write(at.join("areas.csv"), covariates).expect("written");
}

#[test]
fn small_areas_are_modelled_beside_what_is_direct() {
    let folder = folder(SORTED);
    let at = folder.path();
    areas(at);
    let estimate =
        ["estimate", "answers.csv", "--small-areas", "area", "--covariates", "areas.csv"];
    let with = |more: &[&'static str]| [estimate.to_vec(), more.to_vec()].concat();
    let found = json(at, &with(&["--mean", "y", "--share", "yes"]), 0);
    let lines = found["small_areas"].as_array().expect("areas");
    assert_eq!(lines.len(), 3 * 12);
    let own = |area: &str| {
        lines
            .iter()
            .find(|line| line["area"] == area && line["statistic"] == "mean")
            .expect("a line")
    };
    let number = |line: &Json, name: &str| line[name].as_f64();
    let usual = own("a3");
    let (direct, modelled) = (number(usual, "direct"), number(usual, "modelled"));
    assert!(direct.is_some() && modelled.is_some() && direct != modelled, "{usual}");
    assert!(usual["note"].as_str().is_some_and(|note| note.contains("together")), "{usual}");
    // Nobody answered, and nothing varies.
    assert!(own("a11")["direct"].is_null() && own("a11")["rows"] == 0, "{}", own("a11"));
    assert!(own("a11")["note"].as_str().is_some_and(|note| note.contains("nobody")));
    assert!(own("a9")["direct"] == 5.0 && own("a9")["direct_error"].is_null(), "{}", own("a9"));
    assert!(own("a9")["note"].as_str().is_some_and(|note| note.contains("not known")));
    assert_eq!(number(own("a11"), "share_of_direct"), Some(0.0));
    // The synthetic estimate is that of the coefficients.
    let models = found["area_models"].as_array().expect("models");
    let coefficient = |name: &str| {
        let line =
            models.iter().find(|line| line["statistic"] == "mean" && line["covariate"] == name);
        line.and_then(|line| line["coefficient"].as_f64()).expect("a coefficient")
    };
    let by_hand = coefficient("(intercept)") + coefficient("x") * f64::from(11 * 11 % 7);
    let gap = number(own("a11"), "modelled").map(|modelled| (modelled - by_hand).abs());
    assert!(gap.is_some_and(|gap| gap < 1e-9), "{gap:?}");
    let text = said(at, &with(&["--mean", "y"]), 0);
    assert!(text.contains("not published without the direct ones"), "{text}");
}

#[test]
fn areas_that_cannot_be_modelled_are_told_at_once() {
    let folder = folder(SORTED);
    let at = folder.path();
    areas(at);
    std::fs::write(at.join("few.csv"), "area,x\na1,1\na1,2\na2,\n").expect("written");
    let estimate = ["estimate", "answers.csv", "--mean", "y", "--small-areas", "area"];
    let text = said(at, &[&estimate[..], &["--covariates", "few.csv"]].concat(), 2);
    for part in ["several rows", "without covariates: 8", "without a value: 1 (a2)"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    std::fs::write(at.join("none.csv"), "area\na1\n").expect("written");
    let text = said(at, &[&estimate[..], &["--covariates", "none.csv"]].concat(), 2);
    assert!(text.contains("no column beside the areas"), "{text}");
    said(at, &estimate, 2);
    let quantile = ["estimate", "answers.csv", "--quantile", "y", "--small-areas", "area"];
    let text = said(at, &[&quantile[..], &["--covariates", "areas.csv"]].concat(), 2);
    assert!(text.contains("--mean"), "{text}");
}
