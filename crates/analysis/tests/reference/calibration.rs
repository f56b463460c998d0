//! Raking and post-stratification: the weights, and the estimates that know of them.

use analysis::estimate::moments;
use analysis::estimate::shares::shares;
use analysis::weighting::calibrate::{
    Auxiliaries, Distance, calibrate as calibrate_to, calibrate_clusters,
};
use analysis::weighting::diagnostics::kish_design_effect;
use analysis::weighting::post_stratify::post_stratify;
use analysis::weighting::rake::{Margin, RakeOptions, rake as rake_to};
use analysis::weighting::trim::trim as trim_to;
use analysis::{Coded, Design};
use serde_json::Value;

use crate::compare::failed;
use crate::data::Data;
use crate::designs::T_INTERVAL;
use crate::estimates::{errors, values};
use crate::formula::Formula;
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

// The cases are converged as far as rounding lets them; an absolute epsilon of the total's share.
const TO_THE_END: RakeOptions =
    RakeOptions { tolerance: 1e-13, rounds_max: 1000, projection_rounds: 10 };

pub(crate) fn rake(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["margins", "epsilon"])?;
    let data = case.data()?;
    let margins = margins(case, &data)?;
    let step = |design: Design| Ok(rake_to(design, &margins, &TO_THE_END)?.0);
    weighted(case, &data, &step)
}

pub(crate) fn rake_then_trim(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["margins", "epsilon", "lower", "upper", "strict"])?;
    let data = case.data()?;
    let margins = margins(case, &data)?;
    let (lower, upper, strict) = limits(case);
    let step = |design: Design| {
        Ok(trim_to(rake_to(design, &margins, &TO_THE_END)?.0, lower, upper, strict)?)
    };
    weighted(case, &data, &step)
}

pub(crate) fn trim(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["lower", "upper", "strict"])?;
    let data = case.data()?;
    let (lower, upper, strict) = limits(case);
    weighted(case, &data, &|design| Ok(trim_to(design, lower, upper, strict)?))
}

fn limits(case: &Case<'_>) -> (f64, f64, bool) {
    let options = case.statistic();
    (
        options["lower"].as_f64().unwrap_or(f64::NEG_INFINITY),
        options["upper"].as_f64().unwrap_or(f64::INFINITY),
        options["strict"].as_bool().unwrap_or(false),
    )
}

/// The distance that a method names, and whether weights are one within clusters.
fn distance(method: &str) -> Result<(Distance, bool), Stop> {
    let unknown = || Stop::NotYet(format!("method {method}"));
    let replicated = ["-JKn", "-JK1", "-JK2", "-BRR", "-Fay", "-bootstrap"];
    let method = replicated.iter().find_map(|own| method.strip_suffix(own)).unwrap_or(method);
    let (method, aggregated) = match method.strip_suffix("-aggregate-psu") {
        Some(method) => (method, true),
        None => (method, false),
    };
    let bounds = |rest: &str| -> Option<(f64, f64)> {
        let (lower, upper) = rest.split_once('-')?;
        Some((lower.parse().ok()?, upper.parse().ok()?))
    };
    let distance = if let Some(rest) = method.strip_prefix("linear-bounded-") {
        let (lower, upper) = bounds(rest).ok_or_else(unknown)?;
        Distance::Bounded { lower, upper }
    } else if let Some(rest) = method.strip_prefix("logit-") {
        let (lower, upper) = bounds(rest).ok_or_else(unknown)?;
        Distance::Logit { lower, upper }
    } else {
        match method {
            "linear" => Distance::Linear,
            "raking" => Distance::Raking,
            _ => return Err(unknown()),
        }
    };
    Ok((distance, aggregated))
}

pub(crate) fn calibrate(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["formula", "population", "method", "variance"])?;
    let data = case.data()?;
    let formula = Formula::parse(case.option("formula")?)?;
    let (terms, _) = formula.matrix(&data)?;
    let population = &case.statistic()["population"];
    let named: Vec<String> = population["terms"]
        .as_array()
        .map(|items| items.iter().map(plain).collect())
        .unwrap_or_default();
    if named != terms.names {
        return Err(failed(&format!("terms {:?}, totals of {named:?}", terms.names)));
    }
    let totals = population["totals"]
        .as_array()
        .map(|items| items.iter().filter_map(Value::as_f64).collect())
        .unwrap_or_default();
    let variance = match case.statistic()["variance"].as_str() {
        None => None,
        Some(text) => {
            let name =
                text.strip_prefix("proportional to ").and_then(|rest| rest.split(' ').next());
            let name = name.ok_or_else(|| Stop::NotYet(format!("variance {text}")))?;
            Some(data.numbers(name)?)
        }
    };
    let (distance, aggregated) = distance(case.statistic()["method"].as_str().unwrap_or("linear"))?;
    let auxiliaries = Auxiliaries { terms, totals, variance };
    if aggregated {
        let clusters = case.body["design"]["psu"][0].as_str();
        let clusters = data.group_codes(clusters.ok_or_else(|| failed("no clusters"))?)?;
        let step =
            |design: Design| Ok(calibrate_clusters(design, &auxiliaries, distance, &clusters)?);
        return weighted(case, &data, &step);
    }
    weighted(case, &data, &|design| Ok(calibrate_to(design, &auxiliaries, distance)?))
}

type WeightingStep<'a> = &'a dyn Fn(Design) -> Result<Design, Stop>;

/// Does a step of weighting, to each replicate where the design has replicates, and checks what follows.
fn weighted(case: &mut Case<'_>, data: &Data, step: WeightingStep<'_>) -> Result<(), Stop> {
    let before = case.copy_design(data)?;
    let design = step(before)?;
    let weights = design.weights().to_vec();
    let (smallest, largest) = weights
        .iter()
        .fold((f64::INFINITY, 0.0_f64), |(low, high), &weight| (low.min(weight), high.max(weight)));
    let found = Extremes { smallest, largest, kish: kish_design_effect(&weights) };
    check(case, data, &design, &found)
}

struct Extremes {
    smallest: f64,
    largest: f64,
    kish: f64,
}

pub(crate) fn poststratify(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["margins", "variables", "cells"])?;
    let data = case.data()?;
    let margin = if case.statistic()["cells"].is_null() {
        let margins = margins(case, &data)?;
        let [margin] = margins.as_slice() else {
            return Err(Stop::NotYet("several margins".to_owned()));
        };
        margin.clone()
    } else {
        cells(case, &data)?
    };
    weighted(case, &data, &|design| Ok(post_stratify(design, &margin)?.0))
}

fn check_weights(case: &mut Case<'_>, weights: &[f64], found: &Extremes) -> Result<(), Stop> {
    let sum: f64 = weights.iter().sum();
    if let Some(file) = case.take("weights_file") {
        let file = Data::read(&case.folder.join("data").join(file.as_str().unwrap_or_default()))?;
        let expected: Vec<Value> = file.numbers("weight")?.into_iter().map(Value::from).collect();
        case.check_value("weights", &Value::Array(expected), weights, 0.0);
    }
    case.check("sum_weights", &[sum], sum);
    case.check("min", &[found.smallest], sum / weights.len() as f64);
    case.check("max", &[found.largest], sum / weights.len() as f64);
    case.check("kish_deff", &[found.kish], 1.0);
    Ok(())
}

fn check(case: &mut Case<'_>, data: &Data, design: &Design, found: &Extremes) -> Result<(), Stop> {
    check_weights(case, design.weights(), found)?;
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

/// The two columns of the expected ratio. The cases do not name them: they are two of the numeric
/// variables of the case or, in the source's script, the one pair of its data file; that pair is right
/// whose ratio is the expected one.
fn ratio_pair(case: &Case<'_>, data: &Data, design: &Design) -> Option<(String, String)> {
    let wanted = case.expected()["ratio"]["estimate"].as_f64()?;
    let numeric = |name: &&String| {
        data.numbers(name).is_ok_and(|column| column.iter().any(|value| value.is_finite()))
    };
    let names: Vec<&String> = data.names.iter().filter(numeric).collect();
    let listed = |name: &String| case.expected().get(name.as_str()).is_none();
    let mut pairs: Vec<(&String, &String)> = names
        .iter()
        .flat_map(|one| names.iter().map(move |other| (*one, *other)))
        .filter(|(one, other)| one != other)
        .collect();
    pairs.sort_by_key(|(one, other)| u8::from(listed(one)) + u8::from(listed(other)));
    let weights = design.weights();
    let is_it = |(one, other): &(&String, &String)| {
        let (Ok(one), Ok(other)) = (data.numbers(one), data.numbers(other)) else { return false };
        let (mut above, mut below) = (0.0, 0.0);
        for ((weight, y), x) in weights.iter().zip(&one).zip(&other) {
            if !y.is_nan() && !x.is_nan() {
                above += weight * y;
                below += weight * x;
            }
        }
        (above / below / wanted - 1.0).abs() < 1e-6
    };
    let (one, other) = pairs.into_iter().find(is_it)?;
    Some((one.clone(), other.clone()))
}

fn check_ratio(case: &mut Case<'_>, data: &Data, design: &Design) -> Result<(), Stop> {
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
    let pair = ratio_pair(case, data, design);
    let Some(expected) = case.take("ratio") else { return Ok(()) };
    let Some(pair) = pair else {
        case.fault("ratio", "no two columns have the expected ratio");
        return Ok(());
    };
    let (numerator, denominator) = (data.numbers(&pair.0)?, data.numbers(&pair.1)?);
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
