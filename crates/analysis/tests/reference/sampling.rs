//! Cases of samples, computed by R's `sampling` and Python's `svy` and `samplics`.

use std::path::Path;

use serde_json::Value as Json;
use survey_builder::sampling::selection::{inclusion_probabilities, systematic_with};

use crate::{Case, Stop, draws, sizes};

/// What a case answers: the names of the exceptions that it needed and proved, or what is wrong.
pub(crate) type Answer = Result<Vec<&'static str>, String>;

pub(crate) fn sampling(case: &mut Case<'_>) -> Result<(), Stop> {
    if let Some(name) = unknown_option(case.body) {
        return Err(Stop::NotYet(format!("option {name}")));
    }
    let exceptions = run(case.body, case.folder).map_err(Stop::Failed)?;
    case.exceptions.extend(exceptions);
    // Every expectation was looked at by the kind itself.
    let keys = case.expected().as_object().map(|all| all.keys().cloned().collect::<Vec<_>>());
    case.used.extend(keys.unwrap_or_default());
    Ok(())
}

pub(crate) fn text_of(json: &Json) -> String {
    json.as_str().unwrap_or_default().to_owned()
}

pub(crate) fn numbers(json: &Json) -> Vec<f64> {
    json.as_array().into_iter().flatten().filter_map(Json::as_f64).collect()
}

fn run(case: &Json, folder: &Path) -> Answer {
    let statistic = &case["statistic"];
    let expected = &case["expected"];
    let plain = |checked: Result<(), String>| checked.map(|()| Vec::new());
    match text_of(&statistic["kind"]).as_str() {
        "inclusion_probabilities" => plain(inclusion(case, folder)),
        "joint_inclusion_probabilities" => draws::joint_probabilities(case),
        "systematic_selection" => plain(selections(statistic, expected)),
        "horvitz_thompson" => plain(draws::horvitz_thompson(case, folder)),
        "calibrate_g_weights" => plain(draws::calibration(case, folder)),
        "sample_size_proportion" => plain(sizes::proportion(statistic, expected)),
        "sample_size_mean" => plain(sizes::mean(statistic, expected)),
        "sample_size_two_proportions" => plain(sizes::two_proportions(statistic, expected)),
        "sample_size_two_means" => plain(sizes::two_means(statistic, expected)),
        "allocation" => plain(sizes::shares(statistic, expected)),
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

pub(crate) fn number(json: &Json, name: &str, default: f64) -> f64 {
    json[name].as_f64().unwrap_or(default)
}

pub(crate) fn near(found: &[f64], expected: &[f64]) -> Result<(), String> {
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
