//! Domains of a sample: estimates in each, their joint covariance, their differences.

use analysis::estimate::joint::Joint;
use analysis::estimate::moments;
use analysis::estimate::shares::shares;
use analysis::{Coded, DegreesOfFreedomRule, Design, EstimateOptions};
use serde_json::Value;

use crate::compare::failed;
use crate::data::{Data, Levels};
use crate::designs::T_INTERVAL;
use crate::estimates::{errors, largest, matrix, values};
use crate::{Case, Stop};

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum ByDomain {
    Mean,
    Total,
}

/// The members of each expected domain, in the order of the case; the list must be the one that the
/// data have.
fn domains(case: &mut Case<'_>, data: &Data) -> Result<Vec<Vec<bool>>, Stop> {
    let by = case.option_list("by")?;
    let columns: Vec<&[String]> =
        by.iter().map(|name| data.text(name)).collect::<Result<_, Stop>>()?;
    let expected = case.take("domains").ok_or_else(|| failed("no domains"))?;
    let mut domains = Vec::new();
    for domain in expected.as_array().ok_or_else(|| failed("no list of domains"))? {
        // Domains of one variable may be listed by their level alone.
        let wanted: Vec<String> = match domain {
            Value::Object(levels) => by.iter().map(|name| plain(&levels[name])).collect(),
            level => vec![plain(level)],
        };
        let members: Vec<bool> = (0..data.rows)
            .map(|row| columns.iter().zip(&wanted).all(|(column, want)| column[row] == *want))
            .collect();
        domains.push(members);
    }
    let covered = (0..data.rows)
        .filter(|&row| columns.iter().all(|column| !column[row].is_empty()))
        .all(|row| domains.iter().any(|domain| domain[row]));
    if !covered {
        case.fault("domains", "rows that belong to no expected domain");
    }
    Ok(domains)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

pub(crate) fn numeric_by(
    case: &mut Case<'_>,
    data: &Data,
    design: &Design,
    column: &[f64],
    moment: ByDomain,
) -> Result<(), Stop> {
    let domains = domains(case, data)?;
    let options =
        EstimateOptions { degrees_of_freedom: DegreesOfFreedomRule::Domain, ..T_INTERVAL };
    let run = |moment: ByDomain| match moment {
        ByDomain::Mean => moments::means_by_domain(design, column, &domains, &options),
        ByDomain::Total => moments::totals_by_domain(design, column, &domains, &options),
    };
    let joint = run(moment)?;
    let scale = largest(&values(&joint));
    case.check("estimate", &values(&joint), scale);
    case.check("se", &errors(&joint), scale);
    case.check("vcov", &matrix(&joint), scale * scale);
    let each = |get: fn(&analysis::Estimate) -> f64| -> Vec<f64> {
        joint.estimates.iter().map(get).collect()
    };
    case.check("domain_df", &each(|estimate| estimate.degrees_of_freedom), 1.0);
    case.check("unweighted_n", &each(|estimate| estimate.rows as f64), 1.0);
    case.check(
        "deff_wr",
        &each(|estimate| estimate.design_effect.map_or(f64::NAN, |effect| effect.with_replacement)),
        1.0,
    );
    if moment == ByDomain::Mean {
        let totals = run(ByDomain::Total)?;
        let scale = largest(&values(&totals));
        case.check("total", &values(&totals), scale);
        case.check("total_se", &errors(&totals), scale);
    }
    Ok(())
}

pub(crate) fn shares_by(
    case: &mut Case<'_>,
    data: &Data,
    design: &Design,
    levels: &Levels,
) -> Result<(), Stop> {
    let domains = domains(case, data)?;
    let coded = Coded { codes: &levels.codes, levels: levels.names.len() };
    let joints: Vec<Joint> = domains
        .iter()
        .map(|domain| shares(design, coded, Some(domain), &T_INTERVAL))
        .collect::<analysis::Result<_>>()?;
    let all: Vec<f64> = joints.iter().flat_map(values).collect();
    let all_errors: Vec<f64> = joints.iter().flat_map(errors).collect();
    case.check("estimate", &all, 1.0);
    case.check("se", &all_errors, 1.0);
    case.check_strings("levels", &levels.names);
    let flat = joint_shares(design, levels, &domains)?;
    if let Some(expected) = case.take("vcov_flat") {
        case.check_value("vcov_flat", &expected, &flat, 1.0);
    }
    Ok(())
}

/// Joint covariance of shares over domains within levels, from their scores.
fn joint_shares(design: &Design, levels: &Levels, domains: &[Vec<bool>]) -> Result<Vec<f64>, Stop> {
    let mut columns = Vec::new();
    for level in 1..=levels.names.len() {
        for domain in domains {
            let member = |row: usize| domain[row] && levels.codes[row] != 0;
            let weight: f64 = (0..design.rows())
                .filter(|&row| member(row))
                .map(|row| design.weights()[row])
                .sum();
            let has = |row: usize| f64::from(u8::from(usize::from(levels.codes[row]) == level));
            let share: f64 = (0..design.rows())
                .filter(|&row| member(row))
                .map(|row| design.weights()[row] * has(row) / weight)
                .sum();
            let scores: Vec<f64> = (0..design.rows())
                .map(|row| {
                    if member(row) {
                        design.weights()[row] * (has(row) - share) / weight
                    } else {
                        0.0
                    }
                })
                .collect();
            columns.push(scores);
        }
    }
    let covariance = match design.replicates() {
        None => analysis::variance::linearization::covariance(design, &mut columns, None)?,
        Some(replicates) => {
            let of_all = |weights: &[f64]| {
                let plain = design.reweighed(weights.to_vec());
                let coded = Coded { codes: &levels.codes, levels: levels.names.len() };
                let joints = domains
                    .iter()
                    .map(|domain| shares(&plain, coded, Some(domain), &T_INTERVAL))
                    .collect::<analysis::Result<Vec<_>>>()?;
                let of_level = |level: usize| joints.iter().map(move |j| j.estimates[level].value);
                Ok((0..levels.names.len()).flat_map(of_level).collect())
            };
            replicates.estimate(design.weights(), of_all)?.covariance
        }
    };
    let size = covariance.size();
    Ok((0..size * size).map(|place| covariance.get(place / size, place % size)).collect())
}

/// Rows for which a condition such as `age >= 65` or `sex == 'f'` holds.
/// Several may be joined by `|` and, binding closer, `&`.
fn condition(data: &Data, text: &str) -> Result<Vec<bool>, Stop> {
    for (sign, both) in [('|', false), ('&', true)] {
        if let Some((left, right)) = text.split_once(sign) {
            let right = right.trim_start_matches(sign).trim();
            let (left, right) = (condition(data, left.trim())?, condition(data, right)?);
            let joined = left.into_iter().zip(right);
            let join = |(one, other)| if both { one && other } else { one || other };
            return Ok(joined.map(join).collect());
        }
    }
    let unknown = || Stop::NotYet(format!("where {text}"));
    let mut parts = text.splitn(3, ' ');
    let (Some(name), Some(operator), Some(value)) = (parts.next(), parts.next(), parts.next())
    else {
        return Err(unknown());
    };
    if let Some(text) = value.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        let column = data.text(name)?;
        return match operator {
            "==" => Ok(column.iter().map(|field| field == text).collect()),
            "!=" => Ok(column.iter().map(|field| !field.is_empty() && field != text).collect()),
            _ => Err(unknown()),
        };
    }
    let number: f64 = value.parse().map_err(|_| unknown())?;
    let column = data.numbers(name)?;
    let holds: fn(f64, f64) -> bool = match operator {
        ">" => |a, b| a > b,
        ">=" => |a, b| a >= b,
        "<" => |a, b| a < b,
        "<=" => |a, b| a <= b,
        "==" => |a, b| a == b,
        "!=" => |a, b| a != b && !a.is_nan(),
        _ => return Err(unknown()),
    };
    Ok(column.iter().map(|&value| holds(value, number)).collect())
}

pub(crate) fn subpopulation(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["variables", "where", "na_rm"])?;
    let data = case.data()?;
    let design = case.design(&data)?;
    let names = case.option_list("variables")?;
    let columns: Vec<Vec<f64>> =
        names.iter().map(|name| data.numbers(name)).collect::<Result<_, Stop>>()?;
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let domain = condition(&data, case.option("where")?)?;
    let options =
        EstimateOptions { degrees_of_freedom: DegreesOfFreedomRule::Domain, ..T_INTERVAL };
    let means = moments::means(&design, &columns, Some(&domain), &options)?;
    let totals = moments::totals(&design, &columns, Some(&domain), &options)?;
    for (name, joint) in [("mean", &means), ("total", &totals)] {
        let scale = largest(&values(joint));
        case.check(name, &values(joint), scale);
        case.check(&format!("{name}_se"), &errors(joint), scale);
    }
    let mean = &means.estimates[0];
    case.check("df", &[mean.degrees_of_freedom], 1.0);
    let rows = domain.iter().filter(|member| **member).count();
    case.check("n", &[rows as f64], 1.0);
    Ok(())
}
