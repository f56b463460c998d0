//! Reliability of scales.

use analysis::reliability::{
    AlphaOptions, Consistency, CronbachAlpha, MissingItems, cronbach_alpha as alpha, reverse,
};
use serde_json::Value;

use crate::data::Data;
use crate::{Case, Stop};

pub(crate) fn items(case: &Case<'_>, data: &Data) -> Result<Vec<Vec<f64>>, Stop> {
    let names = match case.statistic()["items"] {
        Value::Null => data.names.clone(),
        _ => case.option_list("items")?,
    };
    let mut items: Vec<Vec<f64>> =
        names.iter().map(|name| data.numbers(name)).collect::<Result<_, Stop>>()?;
    if let Some(reversed) = case.statistic()["reversed"].as_array() {
        let flags: Vec<bool> =
            names.iter().map(|name| reversed.iter().any(|item| item == name.as_str())).collect();
        reverse(&mut items, &flags);
    }
    Ok(items)
}

/// These statistics are of the rows as they are.
pub(crate) fn require_equal_weights(case: &Case<'_>) -> Result<(), Stop> {
    if case.body["design"].as_object().is_some_and(|design| {
        design.iter().any(|(name, value)| name != "weights" || value.as_f64() != Some(1.0))
    }) {
        return Err(Stop::NotYet("a design".to_owned()));
    }
    Ok(())
}

pub(crate) fn missing_items(case: &Case<'_>) -> Result<MissingItems, Stop> {
    Ok(match case.statistic()["missing"].as_str() {
        None => MissingItems::Pairwise,
        Some(text) if text.starts_with("pairwise") => MissingItems::Pairwise,
        Some("listwise") => MissingItems::Listwise,
        Some(other) => return Err(Stop::NotYet(format!("missing {other}"))),
    })
}

pub(crate) fn cronbach_alpha(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["items", "reversed", "reversal", "missing", "interval"])?;
    case.allow_value("interval", &["Feldt"])?;
    case.allow_value("reversal", &["max + min - x, max and min over all items' observed values"])?;
    require_equal_weights(case)?;
    let missing = missing_items(case)?;
    let data = case.data()?;
    let items = items(case, &data)?;
    let columns: Vec<&[f64]> = items.iter().map(Vec::as_slice).collect();
    let answer =
        alpha(&columns, None, &AlphaOptions { missing, confidence: 0.95, rounded_quantile: true })?;
    case.check("n", &[answer.rows as f64], 1.0);
    case.check("ci95_rounded", &[answer.feldt.lower, answer.feldt.upper], 1.0);
    check_scale(case, &answer);
    check_items(case, &answer);
    Ok(())
}

fn check_scale(case: &mut Case<'_>, answer: &CronbachAlpha) {
    let scale = &answer.scale;
    case.check("raw_alpha", &[scale.raw_alpha], 1.0);
    case.check("std_alpha", &[scale.standardised_alpha], 1.0);
    case.check("lambda6", &[scale.lambda6.unwrap_or(f64::NAN)], 1.0);
    case.check("average_r", &[scale.average_correlation], 1.0);
    case.check("median_r", &[scale.median_correlation.unwrap_or(f64::NAN)], 1.0);
    case.check("signal_noise", &[scale.signal_noise], 1.0);
    case.check("ase_duhachek", &[answer.standard_error], 1.0);
    case.check("mean", &[answer.mean], 1.0);
    case.check("sd", &[answer.standard_deviation], 1.0);
    case.check("ci95_duhachek", &[answer.duhachek.lower, answer.duhachek.upper], 1.0);
    case.check("ci95_feldt", &[answer.feldt.lower, answer.feldt.upper], 1.0);
}

fn check_items(case: &mut Case<'_>, answer: &CronbachAlpha) {
    let dropped = |get: fn(&Consistency) -> f64| -> Vec<f64> {
        answer.items.iter().map(|item| item.without.as_ref().map_or(f64::NAN, get)).collect()
    };
    let drops: [(&str, Vec<f64>); 4] = [
        ("raw_alpha", dropped(|scale| scale.raw_alpha)),
        ("std_alpha", dropped(|scale| scale.standardised_alpha)),
        ("lambda6", dropped(|scale| scale.lambda6.unwrap_or(f64::NAN))),
        ("average_r", dropped(|scale| scale.average_correlation)),
    ];
    check_group(case, "item_drop", &drops);
    let each = |get: fn(&analysis::reliability::ItemStatistics) -> f64| -> Vec<f64> {
        answer.items.iter().map(get).collect()
    };
    let statistics: [(&str, Vec<f64>); 7] = [
        ("n", each(|item| item.rows as f64)),
        ("raw_r", each(|item| item.correlation_with_total)),
        ("std_r", each(|item| item.standardised_correlation)),
        ("r_corrected_smc", each(|item| item.corrected_correlation.unwrap_or(f64::NAN))),
        ("r_drop", each(|item| item.correlation_with_rest)),
        ("mean", each(|item| item.mean)),
        ("sd", each(|item| item.standard_deviation)),
    ];
    check_group(case, "item_stats", &statistics);
}

/// Checks a group of expected lists, every one of which must be known.
fn check_group(case: &mut Case<'_>, key: &str, got: &[(&str, Vec<f64>)]) {
    let Some(Value::Object(expected)) = case.take(key) else { return };
    for (name, value) in &expected {
        match got.iter().find(|(known, _)| known == name) {
            Some((_, values)) => case.check_value(&format!("{key}.{name}"), value, values, 1.0),
            None => case.fault(key, format!("{name} is not computed")),
        }
    }
}

pub(crate) fn weighted_cronbach_alpha(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["items", "missing"])?;
    case.allow_value("missing", &["listwise"])?;
    let data = case.data()?;
    let design = case.design(&data)?;
    let items = items(case, &data)?;
    let columns: Vec<&[f64]> = items.iter().map(Vec::as_slice).collect();
    let options =
        AlphaOptions { missing: MissingItems::Listwise, confidence: 0.95, rounded_quantile: false };
    let answer = alpha(&columns, Some(design.weights()), &options)?;
    case.check("alpha", &[answer.scale.raw_alpha], 1.0);
    Ok(())
}
