//! Estimates from replicate weights, brought along or made here.

use analysis::Design;
use analysis::design::replicates::{Centre, Replicates};
use analysis::distribution::student_quantile;
use analysis::estimate::joint::Joint;
use analysis::estimate::moments;
use analysis::estimate::quantile::{Limits, QuantileRule, quantiles};
use analysis::estimate::shares::shares;
use analysis::variance::replication::{balanced_half_samples, jackknife, paired_jackknife};
use analysis::{Coded, Estimate};
use serde_json::Value;

use crate::compare::failed;
use crate::data::Data;
use crate::designs::T_INTERVAL;
use crate::estimates::{errors, largest, matrix, values};
use crate::{Case, Stop};

const UNDERSTOOD: [&str; 12] = [
    "type",
    "file",
    "columns",
    "combined_weights",
    "scale",
    "rscales",
    "mse",
    "rho",
    "df",
    "weights_column",
    "weights_file",
    "fay_rho",
];

/// The file of replicate weights, where the case has one.
pub(crate) fn file(given: &Value) -> Option<&str> {
    given["file"].as_str().or(given["weights_file"].as_str())
}

/// The replicates of a case, made from its design where no file brings them.
pub(crate) fn replicates(
    case: &Case<'_>,
    data: &Data,
    design: &Design,
) -> Result<Replicates, Stop> {
    let given = &case.body["design"]["replicate"];
    for name in given.as_object().ok_or_else(|| failed("no replicate"))?.keys() {
        if !UNDERSTOOD.contains(&name.as_str()) {
            return Err(Stop::NotYet(format!("replicate option {name}")));
        }
    }
    let centre =
        if given["mse"].as_bool() == Some(true) { Centre::FullSample } else { Centre::Replicates };
    let Some(file) = file(given) else {
        return Ok(match given["type"].as_str() {
            Some("JK1" | "JKn") => jackknife(design, centre)?,
            Some("JK2") => paired_jackknife(design, None)?,
            Some("BRR") => balanced_half_samples(design, 0.0, centre)?,
            Some("Fay") => {
                let rho = given["rho"].as_f64().or(given["fay_rho"].as_f64());
                let rho = rho.ok_or_else(|| failed("no rho"))?;
                balanced_half_samples(design, rho, centre)?
            }
            other => return Err(Stop::NotYet(format!("making replicates {other:?}"))),
        });
    };
    let file = Data::read(&case.folder.join("data").join(file))?;
    let combined = given["combined_weights"].as_bool() != Some(false);
    let weights: Vec<Vec<f64>> = file
        .names
        .iter()
        .filter(|name| name.strip_prefix('R').is_some_and(|rest| rest.parse::<u32>().is_ok()))
        .map(|name| {
            let column = file.numbers(name)?;
            let product = |(own, full): (&f64, &f64)| if combined { *own } else { own * full };
            Ok(column.iter().zip(design.weights()).map(product).collect())
        })
        .collect::<Result<_, Stop>>()?;
    let relative_scales = match &given["rscales"] {
        Value::Array(items) => items.iter().filter_map(Value::as_f64).collect(),
        one => vec![one.as_f64().unwrap_or(1.0); weights.len()],
    };
    let degrees_of_freedom = given["df"].as_f64().ok_or_else(|| failed("no df"))?;
    let scale = given["scale"].as_f64().ok_or_else(|| failed("no scale"))?;
    let weights = weights.into();
    let made = Replicates { weights, scale, relative_scales, centre, degrees_of_freedom };
    Ok(made.checked(data.rows)?)
}

fn check_found(case: &mut Case<'_>, key: &str, expected: &Value, found: &Joint) {
    let scale = largest(&values(found));
    for (part, got, scale) in [
        ("estimate", values(found), scale),
        ("se", errors(found), scale),
        ("vcov", matrix(found), scale * scale),
    ] {
        if !expected[part].is_null() {
            case.check_value(&format!("{key}.{part}"), &expected[part], &got, scale);
        }
    }
}

pub(crate) fn level_names(expected: &Value) -> Vec<String> {
    let plain = |item: &Value| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
    expected["levels"].as_array().map(|items| items.iter().map(plain).collect()).unwrap_or_default()
}

pub(crate) fn estimates(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["variables", "shares", "na_rm"])?;
    let data = case.data()?;
    let design = case.design(&data)?;
    let names = case.option_list("variables")?;
    check_estimates(case, &data, &design, &names)
}

/// Every expected value of means, totals, ratios, shares and quantiles.
pub(crate) fn check_estimates(
    case: &mut Case<'_>,
    data: &Data,
    design: &Design,
    names: &[String],
) -> Result<(), Stop> {
    let columns: Vec<Vec<f64>> =
        names.iter().map(|name| data.numbers(name)).collect::<Result<_, Stop>>()?;
    let expected = case.expected().clone();
    for (key, expected) in expected.as_object().ok_or_else(|| failed("no expectations"))? {
        if let Some(name) = key.strip_prefix("shares_") {
            let levels = level_names(expected);
            let codes = data.codes(name, &levels)?;
            let coded = Coded { codes: &codes, levels: levels.len() };
            check_found(case, key, expected, &shares(design, coded, None, &T_INTERVAL)?);
        } else if let Some(name) = key.strip_prefix("mean_by_") {
            let text = data.text(name)?;
            let domains: Vec<Vec<bool>> = level_names(expected)
                .iter()
                .map(|level| text.iter().map(|field| field == level).collect())
                .collect();
            let first = columns.first().ok_or_else(|| failed("no variable"))?;
            let found = moments::means_by_domain(design, first, &domains, &T_INTERVAL)?;
            check_found(case, key, expected, &found);
        } else if let Some(name) = key.strip_prefix("quantile_") {
            check_quantiles(case, key, expected, design, &data.numbers(name)?)?;
        } else if key == "joint" {
            let all: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            check_found(case, key, expected, &moments::means(design, &all, None, &T_INTERVAL)?);
        } else if key == "ratio" {
            let named = |part: &str, usual: usize| {
                let name = expected[part].as_str().or(names.get(usual).map(String::as_str));
                data.numbers(name.ok_or_else(|| failed("a ratio without its columns"))?)
            };
            let (numerator, denominator) = (named("numerator", 0)?, named("denominator", 1)?);
            let found = moments::ratio(design, &numerator, &denominator, None, &T_INTERVAL)?;
            for (part, got) in [("estimate", found.value), ("se", found.standard_error)] {
                case.check_value(&format!("ratio.{part}"), &expected[part], &[got], found.value);
            }
        } else if let Some(place) = names.iter().position(|name| name == key) {
            check_moments(case, key, expected, design, &columns[place])?;
        } else {
            continue;
        }
        case.take(key);
    }
    Ok(())
}

fn check_moments(
    case: &mut Case<'_>,
    key: &str,
    expected: &Value,
    design: &Design,
    column: &[f64],
) -> Result<(), Stop> {
    let mean = moments::mean(design, column, None, &T_INTERVAL)?;
    let total = moments::total(design, column, None, &T_INTERVAL)?;
    for (part, found) in [("mean", &mean), ("total", &total)] {
        let limits = |found: &Estimate| {
            found.interval.map_or([f64::NAN; 2], |interval| [interval.lower, interval.upper])
        };
        for (name, got) in [
            (part.to_owned(), &[found.value][..]),
            (format!("{part}_se"), &[found.standard_error][..]),
            (format!("{part}_ci95_t"), &limits(found)[..]),
        ] {
            if !expected[&name].is_null() {
                case.check_value(&format!("{key}.{name}"), &expected[&name], got, found.value);
            }
        }
    }
    Ok(())
}

/// Woodruff limits whose share has its error from the replicates.
fn check_quantiles(
    case: &mut Case<'_>,
    key: &str,
    expected: &Value,
    design: &Design,
    column: &[f64],
) -> Result<(), Stop> {
    let probabilities: Vec<f64> = expected["probs"]
        .as_array()
        .map(|items| items.iter().filter_map(Value::as_f64).collect())
        .unwrap_or_default();
    let rule = QuantileRule::InverseCdf;
    let found =
        quantiles(design, column, &probabilities, None, rule, Limits::FoundShare, &T_INTERVAL)?;
    let t = student_quantile(0.975, found.first().map_or(f64::NAN, |one| one.degrees_of_freedom));
    let value: Vec<f64> = found.iter().map(|one| one.value).collect();
    let limits: Vec<f64> = found
        .iter()
        .flat_map(|one| [one.lower.unwrap_or(f64::NAN), one.upper.unwrap_or(f64::NAN)])
        .collect();
    let errors: Vec<f64> =
        limits.chunks(2).map(|limits| (limits[1] - limits[0]) / (2.0 * t)).collect();
    let scale = largest(&value);
    for (part, got) in [("estimate", value), ("ci95", limits), ("se", errors)] {
        case.check_value(&format!("{key}.{part}"), &expected[part], &got, scale);
    }
    Ok(())
}
