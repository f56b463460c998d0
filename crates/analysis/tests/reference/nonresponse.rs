//! Weighting for nonresponse, and inequality of income.

use analysis::Coded;
use analysis::estimate::inequality::inequality as measures;
use analysis::estimate::moments;
use analysis::estimate::quantile::{Limits, QuantileRule, quantiles};
use analysis::model::linear::{Family, Link, Stopping, linear_model};
use analysis::weighting::nonresponse::adjust_in_cells;
use serde_json::Value;

use crate::compare::failed;
use crate::designs::T_INTERVAL;
use crate::estimates::{errors, largest, values};
use crate::formula::Formula;
use crate::models::response;
use crate::{Case, Stop};

pub(crate) fn cells(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["response", "cells", "variables"])?;
    let data = case.data()?;
    let design = case.design(&data)?;
    let answered: Vec<bool> =
        data.numbers(case.option("response")?)?.iter().map(|value| *value == 1.0).collect();
    let by = case.option_list("cells")?;
    let columns: Vec<&[String]> =
        by.iter().map(|name| data.text(name)).collect::<Result<_, Stop>>()?;
    let of_row: Vec<String> = (0..data.rows)
        .map(|row| columns.iter().map(|column| column[row].as_str()).collect::<Vec<_>>().join("."))
        .collect();
    let expected = case.take("factors").ok_or_else(|| failed("no factors"))?;
    let expected = expected.as_object().ok_or_else(|| failed("no factors"))?;
    let names: Vec<&String> = expected.keys().collect();
    let codes: Vec<u16> = of_row
        .iter()
        .map(|own| {
            let place = names.iter().position(|name| *name == own).map_or(0, |place| place + 1);
            u16::try_from(place).unwrap_or(0)
        })
        .collect();
    let found = adjust_in_cells(&design, &answered, Coded { codes: &codes, levels: names.len() })?;
    let factors = Value::Array(expected.values().cloned().collect());
    case.check_value("factors", &factors, &found.factors, 1.0);
    let weights = found.design.weights();
    let sum: f64 = weights.iter().sum();
    case.check("sum_weights", &[sum], sum);
    case.check("weights", weights, sum / weights.len() as f64);
    let variables: Vec<Vec<f64>> = case
        .option_list("variables")?
        .iter()
        .map(|name| data.numbers(name))
        .collect::<Result<_, Stop>>()?;
    let variables: Vec<&[f64]> = variables.iter().map(Vec::as_slice).collect();
    let joint = moments::means(&found.design, &variables, Some(&answered), &T_INTERVAL)?;
    let scale = largest(&values(&joint));
    case.check("mean", &values(&joint), scale);
    case.check("se", &errors(&joint), scale);
    Ok(())
}

pub(crate) fn propensity(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["formula", "weighted"])?;
    let data = case.data()?;
    let mut design = case.design(&data)?;
    if case.statistic()["weighted"].as_bool() != Some(true) {
        design = design.reweighed(vec![1.0; data.rows]);
    }
    let formula = Formula::parse(case.option("formula")?)?;
    let response = response(&data, &formula)?;
    let (terms, _) = formula.matrix(&data)?;
    let family = Family::Binomial;
    let model =
        linear_model(&design, &response, &terms, family, Link::Logit, Stopping::AtRest, None)?;
    case.check_strings("terms", &terms.names);
    case.check("coef", &model.coefficients, largest(&model.coefficients));
    case.check("fitted", &model.fitted, 1.0);
    Ok(())
}

pub(crate) fn inequality(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["variable"])?;
    let data = case.data()?;
    let design = case.design(&data)?;
    let income = data.numbers(case.option("variable")?)?;
    let probabilities = case.take("weighted_quantile_probs").unwrap_or_default();
    let probabilities: Vec<f64> = probabilities
        .as_array()
        .map(|items| items.iter().filter_map(Value::as_f64).collect())
        .unwrap_or_default();
    let rule = QuantileRule::AveragedInverseCdf;
    let limits = Limits::FoundShare;
    let found = quantiles(&design, &income, &probabilities, None, rule, limits, &T_INTERVAL)?;
    let found: Vec<f64> = found.iter().map(|one| one.value).collect();
    let measures = measures(&design, &income, None)?;
    case.check("weighted_quantile", &found, largest(&found));
    case.check("arpr_percent", &[measures.at_risk_of_poverty_percent], 100.0);
    case.check("gini_percent", &[measures.gini_percent], 100.0);
    case.check("qsr", &[measures.quintile_share_ratio], 1.0);
    Ok(())
}
