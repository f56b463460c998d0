//! Raking and post-stratification: the weights, and the estimates that know of them.

use analysis::estimate::moments;
use analysis::estimate::shares::shares;
use analysis::weighting::diagnostics::{WeightingDiagnostics, kish_design_effect};
use analysis::weighting::post_stratify::post_stratify;
use analysis::weighting::rake::{Margin, RakeOptions, rake as rake_to};
use analysis::{Coded, Design};
use serde_json::Value;

use crate::compare::failed;
use crate::data::Data;
use crate::designs::T_INTERVAL;
use crate::estimates::{errors, values};
use crate::{Case, Stop};

fn margins(case: &Case<'_>, data: &Data) -> Result<Vec<Margin>, Stop> {
    let listed = case.statistic()["margins"].as_array().ok_or_else(|| failed("no margins"))?;
    listed
        .iter()
        .map(|margin| {
            let variable = margin["variable"].as_str().unwrap_or_default().to_owned();
            let levels: Vec<String> = margin["levels"]
                .as_array()
                .map(|items| items.iter().map(plain).collect())
                .unwrap_or_default();
            let totals = margin["totals"]
                .as_array()
                .map(|items| items.iter().filter_map(Value::as_f64).collect())
                .unwrap_or_default();
            let codes = data.codes(&variable, &levels)?;
            Ok(Margin { variable, levels, totals, codes })
        })
        .collect()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The cells of several variables as one margin.
fn cells(case: &Case<'_>, data: &Data) -> Result<Margin, Stop> {
    let variables = case.option_list("variables")?;
    let listed = case.statistic()["cells"].as_array().ok_or_else(|| failed("no cells"))?;
    let key = |cell: &Value| -> String {
        variables.iter().map(|name| plain(&cell[name])).collect::<Vec<_>>().join(" × ")
    };
    let levels: Vec<String> = listed.iter().map(key).collect();
    let totals = listed.iter().map(|cell| cell["Freq"].as_f64().unwrap_or(f64::NAN)).collect();
    let columns: Vec<&[String]> =
        variables.iter().map(|name| data.text(name)).collect::<Result<_, Stop>>()?;
    let codes = (0..data.rows)
        .map(|row| {
            let own: Vec<&str> = columns.iter().map(|column| column[row].as_str()).collect();
            let own = own.join(" × ");
            let place = levels.iter().position(|level| *level == own).map_or(0, |place| place + 1);
            u16::try_from(place).unwrap_or(0)
        })
        .collect();
    Ok(Margin { variable: variables.join(" × "), levels, totals, codes })
}

pub(crate) fn rake(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["margins", "epsilon"])?;
    let data = case.data()?;
    let design = case.design(&data)?;
    // The cases are converged as far as rounding lets them; an absolute epsilon of the total's share.
    let options = RakeOptions { tolerance: 1e-13, rounds_max: 1000, projection_rounds: 10 };
    let (design, diagnostics) = rake_to(design, &margins(case, &data)?, &options)?;
    check(case, &data, &design, &diagnostics)
}

pub(crate) fn poststratify(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["margins", "variables", "cells"])?;
    let data = case.data()?;
    let design = case.design(&data)?;
    let margin = if case.statistic()["cells"].is_null() {
        let margins = margins(case, &data)?;
        let [margin] = margins.as_slice() else {
            return Err(Stop::NotYet("several margins".to_owned()));
        };
        margin.clone()
    } else {
        cells(case, &data)?
    };
    let (design, diagnostics) = post_stratify(design, &margin)?;
    check(case, &data, &design, &diagnostics)
}

fn check(
    case: &mut Case<'_>,
    data: &Data,
    design: &Design,
    diagnostics: &WeightingDiagnostics,
) -> Result<(), Stop> {
    let weights = design.weights();
    let sum: f64 = weights.iter().sum();
    if let Some(file) = case.take("weights_file") {
        let file = Data::read(&case.folder.join("data").join(file.as_str().unwrap_or_default()))?;
        let expected: Vec<Value> = file.numbers("weight")?.into_iter().map(Value::from).collect();
        case.check_value("weights", &Value::Array(expected), weights, 0.0);
    }
    case.check("sum_weights", &[sum], sum);
    case.check("min", &[diagnostics.smallest], sum / weights.len() as f64);
    case.check("max", &[diagnostics.largest], sum / weights.len() as f64);
    case.check("kish_deff", &[diagnostics.kish_after], 1.0);
    let expected = case.expected().clone();
    for (key, value) in expected.as_object().ok_or_else(|| failed("no expectations"))? {
        if key == "ratio" {
            check_ratio(case, data, design)?;
        } else if let Some(name) = key.strip_prefix("shares_") {
            check_shares(case, key, data, design, name)?;
        } else if let Some(name) = key.strip_prefix("mean_by_") {
            check_means_by(case, key, data, design, name)?;
        } else if value.get("mean_se").is_some() {
            check_numeric(case, key, data, design)?;
        }
    }
    Ok(())
}

fn check_numeric(case: &mut Case<'_>, key: &str, data: &Data, design: &Design) -> Result<(), Stop> {
    let Some(expected) = case.take(key) else { return Ok(()) };
    let column = data.numbers(key)?;
    let mean = moments::mean(design, &column, None, &T_INTERVAL)?;
    let total = moments::total(design, &column, None, &T_INTERVAL)?;
    for (name, got, scale) in [
        ("mean", mean.value, mean.value),
        ("mean_se", mean.standard_error, mean.value),
        ("total", total.value, total.value),
        ("total_se", total.standard_error, total.value),
    ] {
        case.check_value(&format!("{key}.{name}"), &expected[name], &[got], scale);
    }
    Ok(())
}

/// The pair of variables of the ratio is that of the source's script, one a data file.
fn check_ratio(case: &mut Case<'_>, data: &Data, design: &Design) -> Result<(), Stop> {
    let pair = match case.body["data"].as_str() {
        Some("made1.csv") => ("spend", "kids"),
        Some("apiclus1.csv") => ("enroll", "api00"),
        _ => return Ok(()),
    };
    if let Some(expected) = case.expected()["ratio"].as_f64() {
        // A bare number is the ratio of the largest weight to the smallest.
        let (smallest, largest) =
            design.weights().iter().fold((f64::INFINITY, 0.0_f64), |(low, high), &weight| {
                (low.min(weight), high.max(weight))
            });
        case.take("ratio");
        case.check_value("ratio", &Value::from(expected), &[largest / smallest], 1.0);
        return Ok(());
    }
    let Some(expected) = case.take("ratio") else { return Ok(()) };
    let (numerator, denominator) = (data.numbers(pair.0)?, data.numbers(pair.1)?);
    let ratio = moments::ratio(design, &numerator, &denominator, None, &T_INTERVAL)?;
    case.check_value("ratio.estimate", &expected["estimate"], &[ratio.value], ratio.value);
    case.check_value("ratio.se", &expected["se"], &[ratio.standard_error], ratio.value);
    Ok(())
}

fn check_shares(
    case: &mut Case<'_>,
    key: &str,
    data: &Data,
    design: &Design,
    name: &str,
) -> Result<(), Stop> {
    let Some(expected) = case.take(key) else { return Ok(()) };
    let levels = level_names(&expected);
    let codes = data.codes(name, &levels)?;
    let coded = Coded { codes: &codes, levels: levels.len() };
    let joint = shares(design, coded, None, &T_INTERVAL)?;
    case.check_value(&format!("{key}.estimate"), &expected["estimate"], &values(&joint), 1.0);
    case.check_value(&format!("{key}.se"), &expected["se"], &errors(&joint), 1.0);
    Ok(())
}

/// Means by level of the case's first numeric variable.
fn check_means_by(
    case: &mut Case<'_>,
    key: &str,
    data: &Data,
    design: &Design,
    name: &str,
) -> Result<(), Stop> {
    let Some(expected) = case.take(key) else { return Ok(()) };
    let first = case
        .expected()
        .as_object()
        .and_then(|all| all.iter().find(|(_, value)| value.get("mean_se").is_some()))
        .map(|(name, _)| name.clone())
        .ok_or_else(|| failed("no numeric variable"))?;
    let column = data.numbers(&first)?;
    let text = data.text(name)?;
    let domains: Vec<Vec<bool>> = level_names(&expected)
        .iter()
        .map(|level| text.iter().map(|field| field == level).collect())
        .collect();
    let joint = moments::means_by_domain(design, &column, &domains, &T_INTERVAL)?;
    let scale = crate::estimates::largest(&values(&joint));
    case.check_value(&format!("{key}.estimate"), &expected["estimate"], &values(&joint), scale);
    case.check_value(&format!("{key}.se"), &expected["se"], &errors(&joint), scale);
    Ok(())
}

fn level_names(expected: &Value) -> Vec<String> {
    expected["levels"].as_array().map(|items| items.iter().map(plain).collect()).unwrap_or_default()
}

pub(crate) fn kish(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&[])?;
    let data = case.data()?;
    let name = case.body["design"]["weights"].as_str().ok_or_else(|| failed("no weights"))?;
    let weights = data.numbers(name)?;
    case.check("deff_w", &[kish_design_effect(&weights)], 1.0);
    Ok(())
}
