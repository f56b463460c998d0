//! Cases computed by R's `sampling` and Python's `svy` and `samplics`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use survey_builder::sampling::allocation::{allocate, rounded_up};
use survey_builder::sampling::selection::{inclusion_probabilities, systematic_with};
use survey_builder::sampling::size::{
    Circumstances, Comparison, DifferenceVariance, ProportionMethod, Sizes, for_difference,
    for_mean, for_proportion,
};
use survey_builder::sampling::{Allocation, Share};

enum Outcome {
    Passed,
    Failed(String),
    NotYet,
}

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
            continue;
        };
        let file: Json = serde_json::from_str(&text).expect("a case file");
        let (mut passed, mut failed) = (0, 0);
        let mut not_yet = BTreeMap::<String, u32>::new();
        for case in file["cases"].as_array().expect("cases") {
            match run(case, &folder) {
                Outcome::Passed => passed += 1,
                Outcome::Failed(reason) => {
                    failed += 1;
                    say(&format!("{}: {reason}", case["case"]));
                }
                Outcome::NotYet => {
                    *not_yet.entry(text_of(&case["statistic"]["kind"])).or_default() += 1;
                }
            }
        }
        let waiting: u32 = not_yet.values().sum();
        say(&format!("{topic}: {passed} passed, {failed} failed, {waiting} not yet {not_yet:?}"));
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

fn run(case: &Json, folder: &Path) -> Outcome {
    let statistic = &case["statistic"];
    let expected = &case["expected"];
    if let Some(name) = unknown_option(statistic) {
        return Outcome::Failed(format!("unknown option {name}"));
    }
    let outcome = match text_of(&statistic["kind"]).as_str() {
        "inclusion_probabilities" => inclusion(case, folder),
        "systematic_selection" => selections(statistic, expected),
        "sample_size_proportion" => {
            let method = match text_of(&statistic["method"]).as_str() {
                "wald" => ProportionMethod::Wald,
                "fleiss" => ProportionMethod::Fleiss,
                other => return Outcome::Failed(format!("unknown method {other}")),
            };
            let (p, margin) = (number(statistic, "p", 0.0), number(statistic, "moe", 0.0));
            same_sizes(for_proportion(method, p, margin, &circumstances(statistic)), expected)
        }
        "sample_size_mean" => {
            let (sigma, margin) = (number(statistic, "sigma", 0.0), number(statistic, "moe", 0.0));
            same_sizes(for_mean(sigma, margin, &circumstances(statistic)), expected)
        }
        "allocation" => match text_of(&statistic["method"]).as_str() {
            "proportional" | "equal" | "neyman" => allocation(statistic, expected),
            "proportional, each rounded up" => ceilings(statistic, expected),
            other => Err(format!("unknown method {other}")),
        },
        "sample_size_two_proportions" => comparison(statistic, expected),
        _ => return Outcome::NotYet,
    };
    outcome.map_or_else(Outcome::Failed, |()| Outcome::Passed)
}

/// An option of a kind that this harness does not read.
fn unknown_option(statistic: &Json) -> Option<String> {
    const CIRCUMSTANCES: [&str; 4] = ["alpha", "deff", "pop_size", "resp_rate"];
    let read: &[&str] = match statistic["kind"].as_str()? {
        "inclusion_probabilities" => &["size", "n"],
        "systematic_selection" => &["pik", "starts"],
        "sample_size_proportion" => &["method", "p", "moe"],
        "sample_size_mean" => &["sigma", "moe"],
        "sample_size_two_proportions" => &["variance", "p1", "p2", "power", "two_sides"],
        "allocation" => &["method", "N", "S", "n"],
        _ => return None,
    };
    let sizes = text_of(&statistic["kind"]).starts_with("sample_size");
    let known = |name: &str| {
        name == "kind" || read.contains(&name) || (sizes && CIRCUMSTANCES.contains(&name))
    };
    statistic.as_object()?.keys().find(|name| !known(name)).cloned()
}

fn number(json: &Json, name: &str, default: f64) -> f64 {
    json[name].as_f64().unwrap_or(default)
}

fn circumstances(statistic: &Json) -> Circumstances {
    Circumstances {
        confidence: 1.0 - number(statistic, "alpha", 0.05),
        design_effect: number(statistic, "deff", 1.0),
        population: statistic["pop_size"].as_f64(),
        response: number(statistic, "resp_rate", 1.0),
    }
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

fn same_sizes<E: std::fmt::Debug>(found: Result<Sizes, E>, expected: &Json) -> Result<(), String> {
    let found = found.map_err(|problems| format!("{problems:?}"))?;
    near(
        &[found.simple, found.with_design_effect, found.completes, found.released],
        &[
            number(expected, "n0", f64::NAN),
            number(expected, "n1_deff", f64::NAN),
            number(expected, "n2_fpc", f64::NAN),
            number(expected, "n", f64::NAN),
        ],
    )
}

fn comparison(statistic: &Json, expected: &Json) -> Result<(), String> {
    let variance = match text_of(&statistic["variance"]).as_str() {
        "alt-props" => DifferenceVariance::Separate,
        "pooled-prop" => DifferenceVariance::Pooled,
        "max-var" => DifferenceVariance::Largest,
        other => return Err(format!("unknown variance {other}")),
    };
    let comparison = Comparison {
        proportions: [number(statistic, "p1", f64::NAN), number(statistic, "p2", f64::NAN)],
        variance,
        power: number(statistic, "power", 0.8),
        two_sided: statistic["two_sides"].as_bool().unwrap_or(true),
    };
    let found = for_difference(&comparison, &circumstances(statistic));
    let rows = expected["rows"].as_array().ok_or("no rows")?;
    if rows.len() != 2 {
        return Err(format!("{} groups", rows.len()));
    }
    rows.iter().try_for_each(|row| same_sizes(found.clone(), row))
}

fn ceilings(statistic: &Json, expected: &Json) -> Result<(), String> {
    let populations = statistic["N"].as_object().ok_or("no populations")?;
    let sizes: Vec<f64> = populations.values().filter_map(Json::as_f64).collect();
    let total = statistic["n"].as_u64().ok_or("no total")?;
    let counts = rounded_up(total, &sizes);
    #[expect(clippy::cast_precision_loss, reason = "small")]
    let counts: Vec<f64> = counts.into_iter().map(|count| count as f64).collect();
    let rates: Vec<f64> = counts.iter().zip(&sizes).map(|(count, size)| count / size).collect();
    let by_name = |field: &str| -> Vec<f64> {
        populations.keys().map(|name| number(&expected[field], name, f64::NAN)).collect()
    };
    near(&counts, &by_name("n"))?;
    near(&rates, &by_name("rate"))
}

fn allocation(statistic: &Json, expected: &Json) -> Result<(), String> {
    let by_name = |field: &str| -> BTreeMap<String, f64> {
        let fields = statistic[field].as_object().into_iter().flatten();
        fields.map(|(name, value)| (name.clone(), value.as_f64().unwrap_or(0.0))).collect()
    };
    let populations = by_name("N");
    let share = match text_of(&statistic["method"]).as_str() {
        "equal" => Share::Equal,
        "neyman" => Share::Neyman(by_name("S")),
        _ => Share::Proportional,
    };
    let total = u32::try_from(statistic["n"].as_u64().unwrap_or(0)).map_err(|e| e.to_string())?;
    let names: Vec<&str> = populations.keys().map(String::as_str).collect();
    let sizes: Vec<f64> = populations.values().copied().collect();
    let available = vec![u64::MAX; names.len()];
    let found = allocate(&names, &sizes, &available, &Allocation { total, share, minimum: 0 })
        .map_err(|problems| format!("{problems:?}"))?;
    let expected: Vec<u64> = expected["rows"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|row| row["n"].as_u64())
        .collect();
    if found == expected { Ok(()) } else { Err(format!("{found:?} for {expected:?}")) }
}
