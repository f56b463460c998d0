//! Estimates from several completed copies.

use analysis::estimate::imputation::{CompleteData, Pooled, pool, pool_estimates};
use analysis::estimate::joint::Joint;
use analysis::estimate::moments;
use analysis::model::linear::{Stopping, linear_model};

use crate::compare::failed;
use crate::designs::T_INTERVAL;
use crate::estimates::largest;
use crate::formula::Formula;
use crate::models::{family_and_link, response};
use crate::{Case, Stop};

pub(crate) fn pooled_means(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["variables", "combine", "df_complete"])?;
    let complete = complete_data(case)?;
    let by = case.body["design"]["imputation"].as_str().ok_or_else(|| failed("no imputation"))?;
    let data = case.data()?;
    let names = case.option_list("variables")?;
    let copies: Vec<Joint> = data
        .levels(by)?
        .names
        .iter()
        .map(|copy| {
            let data = data.where_is(by, copy)?;
            let columns: Vec<Vec<f64>> =
                names.iter().map(|name| data.numbers(name)).collect::<Result<_, Stop>>()?;
            let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            Ok(moments::means(&case.copy_design(&data)?, &columns, None, &T_INTERVAL)?)
        })
        .collect::<Result<_, Stop>>()?;
    let pooled = pool(&copies, complete)?;
    check(case, &names, &pooled);
    Ok(())
}

fn complete_data(case: &Case<'_>) -> Result<CompleteData, Stop> {
    let rules = ["Rubin", "Rubin with complete-data df (Barnard and Rubin)"];
    case.allow_value("combine", &rules)?;
    let given = &case.statistic()["df_complete"];
    let with_complete = case.option("combine")? == rules[1];
    Ok(match given.as_f64() {
        Some(df) if with_complete => CompleteData::Mitools(df),
        None if !with_complete && given.is_null() => CompleteData::Unlimited,
        _ => return Err(Stop::NotYet(format!("df_complete {given}"))),
    })
}

fn check(case: &mut Case<'_>, names: &[String], pooled: &Pooled) {
    let scale = largest(&pooled.estimates);
    case.check_strings("names", names);
    case.check("estimate", &pooled.estimates, scale);
    case.check("se", &pooled.standard_errors(), scale);
    case.check("total_vcov", &pooled.covariance.concat(), scale * scale);
    case.check("df", &pooled.degrees_of_freedom, 1.0);
    case.check("missing_information", &pooled.missing_information, 1.0);
    case.check("m", &[pooled.imputations as f64], 1.0);
}

/// Models of each copy, by the rules of the means.
pub(crate) fn pooled_models(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["formula", "family", "link", "combine", "df_complete"])?;
    let complete = complete_data(case)?;
    let (family, link) = family_and_link(case)?;
    let formula = Formula::parse(case.option("formula")?)?;
    let by = case.body["design"]["imputation"].as_str().ok_or_else(|| failed("no imputation"))?;
    let data = case.data()?;
    let mut names = Vec::new();
    let mut copies = Vec::new();
    for copy in &data.levels(by)?.names {
        let data = data.where_is(by, copy)?;
        let (terms, _) = formula.matrix(&data)?;
        let response = response(&data, &formula)?;
        let design = case.copy_design(&data)?;
        let stopping = Stopping::ByDeviance;
        let model = linear_model(&design, &response, &terms, family, link, stopping, None)?;
        names = terms.names;
        copies.push((model.coefficients, model.covariance));
    }
    check(case, &names, &pool_estimates(&copies, complete)?);
    Ok(())
}
