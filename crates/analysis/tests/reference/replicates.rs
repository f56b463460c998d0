//! Estimates from replicate weights, brought along or made here.

use analysis::Coded;
use analysis::Design;
use analysis::compare::independence::{CellShares, cell_indicators, cell_shares};
use analysis::distribution::student_quantile;
use analysis::estimate::quantile::{Limits, QuantileRule, quantiles};
use analysis::model::ModelMatrix;
use analysis::model::linear::coefficients;
use analysis::variance::replication::{
    Centre, Replicated, Replicates, balanced_half_samples, jackknife,
};
use serde_json::Value;

use crate::compare::failed;
use crate::data::Data;
use crate::designs::T_INTERVAL;
use crate::estimates::largest;
use crate::formula::Formula;
use crate::models::{family_and_link, response};
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

/// The full weights and the replicates of a case.
pub(crate) fn replicates(
    case: &Case<'_>,
    data: &Data,
) -> Result<(Design, Vec<f64>, Replicates), Stop> {
    let design = case.copy_design(data)?;
    let given = &case.body["design"]["replicate"];
    for name in given.as_object().ok_or_else(|| failed("no replicate"))?.keys() {
        if !UNDERSTOOD.contains(&name.as_str()) {
            return Err(Stop::NotYet(format!("replicate option {name}")));
        }
    }
    let centre =
        if given["mse"].as_bool() == Some(true) { Centre::FullSample } else { Centre::Replicates };
    let Some(file) = given["file"].as_str().or(given["weights_file"].as_str()) else {
        let made = match given["type"].as_str() {
            Some("JK1" | "JKn") => jackknife(&design, centre)?,
            Some("BRR") => balanced_half_samples(&design, 0.0, centre)?,
            Some("Fay") => {
                let rho = given["rho"].as_f64().or(given["fay_rho"].as_f64());
                let rho = rho.ok_or_else(|| failed("no rho"))?;
                balanced_half_samples(&design, rho, centre)?
            }
            other => return Err(Stop::NotYet(format!("making replicates {other:?}"))),
        };
        let full = design.weights().to_vec();
        return Ok((design, full, made));
    };
    let file = Data::read(&case.folder.join("data").join(file))?;
    let full = file.numbers("w_full")?;
    let combined = given["combined_weights"].as_bool() != Some(false);
    let weights: Vec<Vec<f64>> = file
        .names
        .iter()
        .filter(|name| name.strip_prefix('R').is_some_and(|rest| rest.parse::<u32>().is_ok()))
        .map(|name| {
            let column = file.numbers(name)?;
            let product = |(own, full): (&f64, &f64)| if combined { *own } else { own * full };
            Ok(column.iter().zip(&full).map(product).collect())
        })
        .collect::<Result<_, Stop>>()?;
    let relative_scales = match &given["rscales"] {
        Value::Array(items) => items.iter().filter_map(Value::as_f64).collect(),
        one => vec![one.as_f64().unwrap_or(1.0); weights.len()],
    };
    let degrees_of_freedom = given["df"].as_f64().ok_or_else(|| failed("no df"))?;
    let scale = given["scale"].as_f64().ok_or_else(|| failed("no scale"))?;
    let made = Replicates { weights, scale, relative_scales, centre, degrees_of_freedom };
    Ok((design, full, made.checked(data.rows)?))
}

/// Weighted means, and totals, of columns over the rows in which all of them are known.
pub(crate) fn sums(weights: &[f64], columns: &[&[f64]], as_means: bool) -> Vec<f64> {
    let known: Vec<usize> = (0..weights.len())
        .filter(|&row| columns.iter().all(|column| !column[row].is_nan()))
        .collect();
    let base: f64 = if as_means { known.iter().map(|&row| weights[row]).sum() } else { 1.0 };
    columns
        .iter()
        .map(|column| known.iter().map(|&row| weights[row] * column[row]).sum::<f64>() / base)
        .collect()
}

fn errors(found: &Replicated) -> Vec<f64> {
    (0..found.values.len()).map(|place| found.covariance.standard_error(place)).collect()
}

fn matrix(found: &Replicated) -> Vec<f64> {
    let size = found.values.len();
    (0..size * size).map(|place| found.covariance.get(place / size, place % size)).collect()
}

/// What a topic asks of replicates: columns of means, totals, ratios and shares.
pub(crate) struct Asked<'a> {
    pub(crate) data: &'a Data,
    /// Any design of the rows; its weights are not used.
    pub(crate) design: &'a Design,
    pub(crate) full: &'a [f64],
    pub(crate) replicates: &'a Replicates,
}

impl Asked<'_> {
    pub(crate) fn means(&self, columns: &[&[f64]], as_means: bool) -> Result<Replicated, Stop> {
        let statistic = |weights: &[f64]| Ok(sums(weights, columns, as_means));
        Ok(self.replicates.estimate(self.full, statistic)?)
    }

    pub(crate) fn ratio(&self, numerator: &[f64], base: &[f64]) -> Result<Replicated, Stop> {
        let statistic = |weights: &[f64]| {
            let both = sums(weights, &[numerator, base], false);
            Ok(vec![both[0] / both[1]])
        };
        Ok(self.replicates.estimate(self.full, statistic)?)
    }

    pub(crate) fn shares(&self, name: &str, levels: &[String]) -> Result<Replicated, Stop> {
        let codes = self.data.codes(name, levels)?;
        let columns: Vec<Vec<f64>> = (1..=levels.len())
            .map(|level| {
                let share = |code: &u16| match usize::from(*code) {
                    0 => f64::NAN,
                    code => f64::from(u8::from(code == level)),
                };
                codes.iter().map(share).collect()
            })
            .collect();
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        self.means(&columns, true)
    }

    pub(crate) fn means_by(
        &self,
        column: &[f64],
        name: &str,
        levels: &[String],
    ) -> Result<Replicated, Stop> {
        let codes = self.data.codes(name, levels)?;
        let statistic = |weights: &[f64]| {
            let mut totals = vec![(0.0, 0.0); levels.len()];
            for ((weight, value), &code) in weights.iter().zip(column).zip(&codes) {
                if code > 0 && !value.is_nan() {
                    let total = &mut totals[usize::from(code) - 1];
                    total.0 += weight * value;
                    total.1 += weight;
                }
            }
            Ok(totals.iter().map(|(sum, base)| sum / base).collect())
        };
        Ok(self.replicates.estimate(self.full, statistic)?)
    }
}

fn check_found(case: &mut Case<'_>, key: &str, expected: &Value, found: &Replicated) {
    let scale = largest(&found.values);
    for (part, got, scale) in [
        ("estimate", found.values.clone(), scale),
        ("se", errors(found), scale),
        ("vcov", matrix(found), scale * scale),
    ] {
        if !expected[part].is_null() {
            case.check_value(&format!("{key}.{part}"), &expected[part], &got, scale);
        }
    }
}

fn level_names(expected: &Value) -> Vec<String> {
    let plain = |item: &Value| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
    expected["levels"].as_array().map(|items| items.iter().map(plain).collect()).unwrap_or_default()
}

pub(crate) fn estimates(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["variables", "shares", "na_rm"])?;
    let data = case.data()?;
    let (design, full, replicates) = replicates(case, &data)?;
    let asked = Asked { data: &data, design: &design, full: &full, replicates: &replicates };
    let names = case.option_list("variables")?;
    let columns: Vec<Vec<f64>> =
        names.iter().map(|name| data.numbers(name)).collect::<Result<_, Stop>>()?;
    check_estimates(case, &asked, &names, &columns)
}

/// Every expected value of means, totals, ratios and shares.
pub(crate) fn check_estimates(
    case: &mut Case<'_>,
    asked: &Asked<'_>,
    names: &[String],
    columns: &[Vec<f64>],
) -> Result<(), Stop> {
    let expected = case.expected().clone();
    let t = student_quantile(0.975, asked.replicates.degrees_of_freedom);
    for (key, expected) in expected.as_object().ok_or_else(|| failed("no expectations"))? {
        if let Some(name) = key.strip_prefix("shares_") {
            let found = asked.shares(name, &level_names(expected))?;
            check_found(case, key, expected, &found);
        } else if let Some(name) = key.strip_prefix("mean_by_") {
            let found = asked.means_by(&columns[0], name, &level_names(expected))?;
            check_found(case, key, expected, &found);
        } else if let Some(name) = key.strip_prefix("quantile_") {
            check_quantiles(case, key, expected, asked, &asked.data.numbers(name)?)?;
        } else if key == "joint" {
            let all: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            check_found(case, key, expected, &asked.means(&all, true)?);
        } else if key == "ratio" {
            let named = |part: &str, usual: usize| {
                let name = expected[part].as_str().unwrap_or(&names[usual]);
                asked.data.numbers(name)
            };
            let found = asked.ratio(&named("numerator", 0)?, &named("denominator", 1)?)?;
            check_found(case, key, expected, &found);
        } else if let Some(place) = names.iter().position(|name| name == key) {
            for (part, as_means) in [("mean", true), ("total", false)] {
                let found = asked.means(&[&columns[place]], as_means)?;
                let (value, error) = (found.values[0], found.covariance.standard_error(0));
                let limits = [value - t * error, value + t * error];
                for (name, got) in [
                    (part.to_owned(), &[value][..]),
                    (format!("{part}_se"), &[error][..]),
                    (format!("{part}_ci95_t"), &limits[..]),
                ] {
                    if !expected[&name].is_null() {
                        case.check_value(&format!("{key}.{name}"), &expected[&name], got, value);
                    }
                }
            }
        } else {
            continue;
        }
        case.take(key);
    }
    Ok(())
}

/// Woodruff limits whose share has its error from the replicates.
fn check_quantiles(
    case: &mut Case<'_>,
    key: &str,
    expected: &Value,
    asked: &Asked<'_>,
    column: &[f64],
) -> Result<(), Stop> {
    let weighted = asked.design.reweighed(asked.full.to_vec());
    let at = |p: f64| -> Result<f64, Stop> {
        let rule = QuantileRule::InverseCdf;
        let found =
            quantiles(&weighted, column, &[p], None, rule, Limits::FoundShare, &T_INTERVAL)?;
        Ok(found[0].value)
    };
    let t = student_quantile(0.975, asked.replicates.degrees_of_freedom);
    let probabilities = expected["probs"].as_array().cloned().unwrap_or_default();
    let (mut found, mut limits, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for p in probabilities.iter().filter_map(Value::as_f64) {
        let value = at(p)?;
        let below = |x: &f64| if x.is_nan() { f64::NAN } else { f64::from(u8::from(*x <= value)) };
        let below: Vec<f64> = column.iter().map(below).collect();
        let share = asked.means(&[&below], true)?;
        let reach = t * share.covariance.standard_error(0);
        let (lower, upper) = (at(share.values[0] - reach)?, at(share.values[0] + reach)?);
        found.push(value);
        limits.extend([lower, upper]);
        errors.push((upper - lower) / (2.0 * t));
    }
    let scale = largest(&found);
    for (part, got) in [("estimate", found), ("ci95", limits), ("se", errors)] {
        case.check_value(&format!("{key}.{part}"), &expected[part], &got, scale);
    }
    Ok(())
}

/// A table whose covariances are those of the replicates.
pub(crate) fn table(
    case: &Case<'_>,
    data: &Data,
    rows: Coded<'_>,
    columns: Coded<'_>,
) -> Result<CellShares, Stop> {
    let (design, full, replicates) = replicates(case, data)?;
    let cells = cell_indicators(rows, columns);
    let cells: Vec<&[f64]> = cells.iter().map(Vec::as_slice).collect();
    let asked = Asked { data, design: &design, full: &full, replicates: &replicates };
    let table = cell_shares(&design, rows, columns, None)?;
    Ok(table.with_covariances(
        asked.means(&cells, true)?.covariance,
        &asked.means(&cells, false)?,
        replicates.degrees_of_freedom,
    ))
}

pub(crate) fn glm(case: &mut Case<'_>) -> Result<(), Stop> {
    let (family, link) = family_and_link(case)?;
    let data = case.data()?;
    let formula = Formula::parse(case.option("formula")?)?;
    let response = response(&data, &formula)?;
    let (terms, _): (ModelMatrix, _) = formula.matrix(&data)?;
    let (_, full, replicates) = replicates(case, &data)?;
    let found = replicates
        .estimate(&full, |weights| coefficients(weights, &response, &terms, family, link))?;
    let scale = largest(&found.values);
    case.check_strings("terms", &terms.names);
    case.check("estimate", &found.values, scale);
    case.check("se", &errors(&found), scale);
    case.check("vcov", &matrix(&found), scale * scale);
    Ok(())
}
