//! Cases of sample sizes and allocations.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use survey_builder::sampling::allocation::{allocate, rounded_up};
use survey_builder::sampling::size::difference::{
    DifferenceVariance, Test, for_means, for_proportions,
};
use survey_builder::sampling::size::{
    Circumstances, ProportionMethod, Sizes, for_mean, for_proportion,
};
use survey_builder::sampling::{Allocation, Share};

use crate::sampling::{near, number, text_of};

/// A number for both groups, or one for each.
fn pair(json: &Json, default: f64) -> [f64; 2] {
    match json.as_array() {
        Some(both) => {
            [0, 1].map(|group| both.get(group).and_then(Json::as_f64).unwrap_or(f64::NAN))
        }
        None => [json.as_f64().unwrap_or(default); 2],
    }
}

fn both_circumstances(statistic: &Json) -> [Circumstances; 2] {
    let design_effects = pair(&statistic["deff"], 1.0);
    let populations = pair(&statistic["pop_size"], f64::NAN);
    let responses = pair(&statistic["resp_rate"], 1.0);
    [0, 1].map(|group| Circumstances {
        confidence: 1.0 - number(statistic, "alpha", 0.05),
        design_effect: design_effects[group],
        population: Some(populations[group]).filter(|population| !population.is_nan()),
        response: responses[group],
    })
}

pub(crate) fn proportion(statistic: &Json, expected: &Json) -> Result<(), String> {
    let method = match text_of(&statistic["method"]).as_str() {
        "wald" => ProportionMethod::Wald,
        "fleiss" => ProportionMethod::Fleiss,
        "wilson" => ProportionMethod::Wilson,
        other => return Err(format!("unknown method {other}")),
    };
    let (p, margin) = (number(statistic, "p", f64::NAN), number(statistic, "moe", f64::NAN));
    same_sizes(for_proportion(method, p, margin, &both_circumstances(statistic)[0]), expected)
}

pub(crate) fn mean(statistic: &Json, expected: &Json) -> Result<(), String> {
    let sigma = number(statistic, "sigma", f64::NAN);
    let margin = number(statistic, "moe", f64::NAN);
    same_sizes(for_mean(sigma, margin, &both_circumstances(statistic)[0]), expected)
}

pub(crate) fn shares(statistic: &Json, expected: &Json) -> Result<(), String> {
    match text_of(&statistic["method"]).as_str() {
        "proportional" | "equal" | "neyman" => allocation(statistic, expected),
        "proportional, each rounded up" => ceilings(statistic, expected),
        other => Err(format!("unknown method {other}")),
    }
}

fn test(statistic: &Json) -> Test {
    Test {
        power: number(statistic, "power", 0.8),
        two_sided: statistic["two_sides"].as_bool().unwrap_or(true),
        margin: number(statistic, "delta", 0.0),
        ratio: number(statistic, "alloc_ratio", 1.0),
        correlation: number(statistic, "rho", 0.0),
        overlap: number(statistic, "overlap", 0.0),
    }
}

fn same_groups<E: std::fmt::Debug>(
    found: Result<[Sizes; 2], E>,
    expected: &Json,
) -> Result<(), String> {
    let found = found.map_err(|problems| format!("{problems:?}"))?;
    let rows = expected["rows"].as_array().ok_or("no rows")?;
    if rows.len() != 2 {
        return Err(format!("{} groups", rows.len()));
    }
    found.into_iter().zip(rows).try_for_each(|(found, row)| same_sizes::<E>(Ok(found), row))
}

pub(crate) fn two_means(statistic: &Json, expected: &Json) -> Result<(), String> {
    let of = |name: &str| number(statistic, name, f64::NAN);
    let first = of("sigma1");
    let deviations = [first, number(statistic, "sigma2", first)];
    let test = test(statistic);
    let both = both_circumstances(statistic);
    same_groups(for_means([of("mu1"), of("mu2")], deviations, &test, &both), expected)
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

pub(crate) fn two_proportions(statistic: &Json, expected: &Json) -> Result<(), String> {
    let variance = match text_of(&statistic["variance"]).as_str() {
        "alt-props" => DifferenceVariance::Separate,
        "pooled-prop" => DifferenceVariance::Pooled,
        "max-var" => DifferenceVariance::Largest,
        other => return Err(format!("unknown variance {other}")),
    };
    let proportions = [number(statistic, "p1", f64::NAN), number(statistic, "p2", f64::NAN)];
    let both = both_circumstances(statistic);
    same_groups(for_proportions(proportions, variance, &test(statistic), &both), expected)
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
    let found = allocate(
        &names,
        &sizes,
        &available,
        &Allocation { total, share, minimum: 0, capped: false },
    )
    .map_err(|problems| format!("{problems:?}"))?;
    let expected: Vec<u64> = expected["rows"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|row| row["n"].as_u64())
        .collect();
    if found == expected { Ok(()) } else { Err(format!("{found:?} for {expected:?}")) }
}
