//! Cases computed by R's `sampling` and Python's `svy` and `samplics`.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use survey_builder::sampling::selection::{inclusion_probabilities, systematic_with};

mod draws;
mod sizes;

fn folder() -> PathBuf {
    std::env::var_os("SONDAGE_REFERENCE").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/reference")),
        PathBuf::from,
    )
}

#[test]
fn sampling_reference() {
    let folder = folder().join("statistics");
    for topic in ["sampling", "sample_size"] {
        let Ok(text) = std::fs::read_to_string(folder.join(format!("{topic}.json"))) else {
            say(&format!("{topic}: skipped, no {topic}.json in {}", folder.display()));
            continue;
        };
        let file: Json = serde_json::from_str(&text).expect("a case file");
        let (mut passed, mut failed) = (0, 0);
        for case in file["cases"].as_array().expect("cases") {
            match run(case, &folder) {
                Ok(()) => passed += 1,
                Err(reason) => {
                    failed += 1;
                    say(&format!("{}: {reason}", case["case"]));
                }
            }
        }
        say(&format!("{topic}: {passed} passed, {failed} failed"));
        assert_eq!(failed, 0);
    }
}

fn say(line: &str) {
    writeln!(std::io::stdout().lock(), "{line}").expect("standard output");
}

fn text_of(json: &Json) -> String {
    json.as_str().unwrap_or_default().to_owned()
}

fn numbers(json: &Json) -> Vec<f64> {
    json.as_array().into_iter().flatten().filter_map(Json::as_f64).collect()
}

fn run(case: &Json, folder: &Path) -> Result<(), String> {
    let statistic = &case["statistic"];
    let expected = &case["expected"];
    if let Some(name) = unknown_option(case) {
        return Err(format!("unknown option {name}"));
    }
    match text_of(&statistic["kind"]).as_str() {
        "inclusion_probabilities" => inclusion(case, folder),
        "joint_inclusion_probabilities" => draws::joint_probabilities(case),
        "systematic_selection" => selections(statistic, expected),
        "horvitz_thompson" => draws::horvitz_thompson(case, folder),
        "calibrate_g_weights" => draws::calibration(case, folder),
        "sample_size_proportion" => sizes::proportion(statistic, expected),
        "sample_size_mean" => sizes::mean(statistic, expected),
        "sample_size_two_proportions" => sizes::two_proportions(statistic, expected),
        "sample_size_two_means" => sizes::two_means(statistic, expected),
        "allocation" => sizes::shares(statistic, expected),
        other => Err(format!("unknown kind {other}")),
    }
}

/// An option of a case that this harness does not read.
fn unknown_option(case: &Json) -> Option<String> {
    const CIRCUMSTANCES: [&str; 4] = ["alpha", "deff", "pop_size", "resp_rate"];
    const TEST: [&str; 6] = ["power", "two_sides", "delta", "alloc_ratio", "rho", "overlap"];
    let kind = case["statistic"]["kind"].as_str()?;
    let (design, read): (&[&str], &[&str]) = match kind {
        "inclusion_probabilities" => (&[], &["size", "n"]),
        "joint_inclusion_probabilities" => (&[], &["pik"]),
        "systematic_selection" => (&[], &["pik", "starts"]),
        "horvitz_thompson" => (&["probabilities", "joint"], &["variables", "N"]),
        "calibrate_g_weights" => (&["weights"], &["formula", "bounds_for_logit_and_truncated"]),
        "sample_size_proportion" => (&[], &["method", "p", "moe"]),
        "sample_size_mean" => (&[], &["sigma", "moe"]),
        "sample_size_two_proportions" => (&[], &["variance", "p1", "p2"]),
        "sample_size_two_means" => (&[], &["mu1", "mu2", "sigma1", "sigma2"]),
        "allocation" => (&[], &["method", "N", "S", "n"]),
        _ => return None,
    };
    let sizes = kind.starts_with("sample_size");
    let groups = kind.starts_with("sample_size_two");
    let known = |name: &str| {
        name == "kind"
            || read.contains(&name)
            || (sizes && CIRCUMSTANCES.contains(&name))
            || (groups && TEST.contains(&name))
    };
    let options = case["statistic"].as_object().into_iter().flat_map(|fields| fields.keys());
    let designs = case["design"].as_object().into_iter().flat_map(|fields| fields.keys());
    options
        .filter(|name| !known(name))
        .chain(designs.filter(|name| !design.contains(&name.as_str())))
        .next()
        .cloned()
}

fn number(json: &Json, name: &str, default: f64) -> f64 {
    json[name].as_f64().unwrap_or(default)
}

fn near(found: &[f64], expected: &[f64]) -> Result<(), String> {
    let close =
        |(found, expected): (&f64, &f64)| (found - expected).abs() <= 1e-9 * expected.abs() + 1e-12;
    if found.len() == expected.len() && found.iter().zip(expected).all(close) {
        Ok(())
    } else {
        Err(format!("{found:?} for {expected:?}"))
    }
}

fn inclusion(case: &Json, folder: &Path) -> Result<(), String> {
    let statistic = &case["statistic"];
    let path = folder.join("data").join(text_of(&case["data"]));
    let mut reader = csv::Reader::from_path(&path).map_err(|error| error.to_string())?;
    let column = text_of(&statistic["size"]);
    let header = reader.headers().map_err(|error| error.to_string())?;
    let place = header.iter().position(|name| name == column).ok_or("no size column")?;
    let sizes: Vec<f64> = reader
        .records()
        .map(|record| record.expect("a row")[place].parse().expect("a size"))
        .collect();
    let found = inclusion_probabilities(&sizes, statistic["n"].as_u64().unwrap_or(0));
    near(&found, &numbers(&case["expected"]["pik"]))
}

fn selections(statistic: &Json, expected: &Json) -> Result<(), String> {
    let probabilities = numbers(&statistic["pik"]);
    for (start, drawn) in numbers(&statistic["starts"])
        .into_iter()
        .zip(expected["selected_1based"].as_array().into_iter().flatten())
    {
        let found: Vec<u64> = systematic_with(&probabilities, start)
            .into_iter()
            .map(|place| place as u64 + 1)
            .collect();
        let drawn: Vec<u64> =
            drawn.as_array().into_iter().flatten().filter_map(Json::as_u64).collect();
        if found != drawn {
            return Err(format!("{found:?} for {drawn:?}"));
        }
    }
    Ok(())
}
