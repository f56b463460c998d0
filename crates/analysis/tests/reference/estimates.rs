//! Means, totals, ratios, variances, shares and proportions.

use analysis::distribution::student_quantile;
use analysis::estimate::association::population_covariances;
use analysis::estimate::function::function;
use analysis::estimate::joint::Joint;
use analysis::estimate::moments;
use analysis::estimate::proportion::proportion;
use analysis::estimate::shares::{level_totals, shares as shares_of};
use analysis::model::ModelMatrix;
use analysis::model::linear::{Family, Link, Stopping, linear_model};
use analysis::{
    Coded, DegreesOfFreedomRule, Design, Error, Estimate, EstimateOptions, IntervalMethod,
};

use crate::compare::failed;
use crate::data::Data;
use crate::designs::T_INTERVAL;
use crate::{Case, Stop, exceptions};

const NORMAL: EstimateOptions = EstimateOptions { interval: IntervalMethod::Normal, ..T_INTERVAL };

type Several = fn(&Design, &[&[f64]], Option<&[bool]>, &EstimateOptions) -> analysis::Result<Joint>;

pub(crate) fn values(joint: &Joint) -> Vec<f64> {
    joint.estimates.iter().map(|estimate| estimate.value).collect()
}

pub(crate) fn errors(joint: &Joint) -> Vec<f64> {
    joint.estimates.iter().map(|estimate| estimate.standard_error).collect()
}

pub(crate) fn matrix(joint: &Joint) -> Vec<f64> {
    let size = joint.covariance.size();
    (0..size * size).map(|place| joint.covariance.get(place / size, place % size)).collect()
}

pub(crate) fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, value| if value.abs() > most { value.abs() } else { most })
}

fn limits(joint: &Joint) -> Vec<f64> {
    joint.estimates.iter().flat_map(interval).collect()
}

fn interval(estimate: &Estimate) -> [f64; 2] {
    estimate.interval.map_or([f64::NAN; 2], |interval| [interval.lower, interval.upper])
}

/// Without `na_rm` R's answer to missing values is NA, which is not an estimate.
fn columns(case: &Case<'_>, data: &Data) -> Result<Vec<Vec<f64>>, Stop> {
    let columns: Vec<Vec<f64>> = case
        .option_list("variables")?
        .iter()
        .map(|name| data.numbers(name))
        .collect::<Result<_, Stop>>()?;
    require_na_rm(case, columns.iter().flatten().any(|value| value.is_nan()))?;
    Ok(columns)
}

pub(crate) fn require_na_rm(case: &Case<'_>, missing: bool) -> Result<(), Stop> {
    if missing && case.statistic()["na_rm"].as_bool() != Some(true) {
        return Err(Stop::NotYet("missing values without na_rm".to_owned()));
    }
    Ok(())
}

fn deff_values(case: &Case<'_>, estimates: &[Estimate]) -> Result<Vec<f64>, Stop> {
    let option = case.statistic()["deff"].as_str();
    estimates
        .iter()
        .map(|estimate| {
            let effect = estimate.design_effect;
            Ok(match option {
                Some("with replacement") => effect.map(|effect| effect.with_replacement),
                Some("without replacement") => effect.and_then(|effect| effect.without_replacement),
                None => None,
                Some(other) => return Err(Stop::NotYet(format!("deff {other}"))),
            }
            .unwrap_or(f64::NAN))
        })
        .collect()
}

/// An expected error instead of numbers.
fn expects_error(
    case: &mut Case<'_>,
    design: &Design,
    columns: &[&[f64]],
    several: Several,
) -> bool {
    if case.take("error").is_none() {
        return false;
    }
    case.take("message");
    let told = several(design, columns, None, &T_INTERVAL).err().map(Error::into_problems);
    let single = |problem: &analysis::Problem| problem.code == "design_single_cluster";
    if !told.is_some_and(|problems| problems.iter().all(single)) {
        case.fault("error", "expected one on the single cluster");
    }
    true
}

fn several(
    case: &mut Case<'_>,
    function: Several,
    by: crate::domains::ByDomain,
) -> Result<(), Stop> {
    case.allow_options(&["variables", "na_rm", "deff", "missing", "by", "derive"])?;
    case.allow_value("missing", &["listwise over all variables"])?;
    case.allow_value("deff", &["with replacement", "without replacement"])?;
    let data = case.data()?;
    let design = case.design(&data)?;
    let columns = columns(case, &data)?;
    if !case.statistic()["by"].is_null() {
        let [column] = columns.as_slice() else {
            return Err(Stop::NotYet("several variables by domain".to_owned()));
        };
        return crate::domains::numeric_by(case, &data, &design, column, by);
    }
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    if expects_error(case, &design, &columns, function) {
        return Ok(());
    }
    let joint = function(&design, &columns, None, &T_INTERVAL)?;
    check_joint(case, &joint)?;
    let normal = function(&design, &columns, None, &NORMAL)?;
    let scale = largest(&values(&joint));
    case.check("ci95_normal", &limits(&normal), scale);
    case.check_strings("names", &case.option_list("variables")?);
    Ok(())
}

fn check_joint(case: &mut Case<'_>, joint: &Joint) -> Result<(), Stop> {
    let values = values(joint);
    let scale = largest(&values);
    case.check("estimate", &values, scale);
    case.check("se", &errors(joint), scale);
    case.check("vcov", &matrix(joint), scale * scale);
    case.check("ci95_t", &limits(joint), scale);
    exceptions::of_still(case, "ci95_t", joint);
    case.check("df", &[joint.estimates[0].degrees_of_freedom], 1.0);
    let effects = deff_values(case, &joint.estimates)?;
    case.check("deff", &effects, 1.0);
    let relative: Vec<f64> = joint
        .estimates
        .iter()
        .map(|estimate| estimate.coefficient_of_variation.unwrap_or(f64::NAN))
        .collect();
    case.check("cv", &relative, 1.0);
    Ok(())
}

pub(crate) fn mean(case: &mut Case<'_>) -> Result<(), Stop> {
    if !case.body["design"]["imputation"].is_null() {
        return crate::imputation::pooled_means(case);
    }
    several(case, moments::means, crate::domains::ByDomain::Mean)
}

pub(crate) fn total(case: &mut Case<'_>) -> Result<(), Stop> {
    several(case, moments::totals, crate::domains::ByDomain::Total)
}

pub(crate) fn mean_and_total(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["variables", "na_rm"])?;
    let data = case.data()?;
    let design = case.design(&data)?;
    let columns = columns(case, &data)?;
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    for (name, function) in
        [("mean", moments::means as Several), ("total", moments::totals as Several)]
    {
        let joint = function(&design, &columns, None, &T_INTERVAL)?;
        let values = values(&joint);
        let scale = largest(&values);
        case.check(name, &values, scale);
        case.check(&format!("{name}_se"), &errors(&joint), scale);
        case.check(&format!("{name}_vcov"), &matrix(&joint), scale * scale);
        case.check("df", &[joint.estimates[0].degrees_of_freedom], 1.0);
    }
    Ok(())
}

pub(crate) fn population_variance(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["variables", "na_rm"])?;
    let data = case.data()?;
    let design = case.design(&data)?;
    let columns = columns(case, &data)?;
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    // R counts rows with a missing value, but not where the variance comes from replicates.
    let count_missing = design.replicates().is_none();
    let joint = population_covariances(&design, &columns, None, count_missing, &T_INTERVAL)?;
    let scale = largest(&values(&joint));
    case.check("estimate", &values(&joint), scale);
    case.check("se", &errors(&joint), scale);
    case.check("vcov", &matrix(&joint), scale * scale);
    case.check_strings("names", &case.option_list("variables")?);
    Ok(())
}

pub(crate) fn ratio(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["numerator", "denominator", "na_rm"])?;
    let data = case.data()?;
    let design = case.design(&data)?;
    let numerator = data.numbers(case.option("numerator")?)?;
    let denominator = data.numbers(case.option("denominator")?)?;
    require_na_rm(case, numerator.iter().chain(&denominator).any(|value| value.is_nan()))?;
    let estimate = moments::ratio(&design, &numerator, &denominator, None, &T_INTERVAL)?;
    let normal = moments::ratio(&design, &numerator, &denominator, None, &NORMAL)?;
    let scale = estimate.value;
    case.check("estimate", &[estimate.value], scale);
    case.check("se", &[estimate.standard_error], scale);
    case.check("ci95_t", &interval(&estimate), scale);
    case.check("ci95_normal", &interval(&normal), scale);
    case.check("df", &[estimate.degrees_of_freedom], 1.0);
    let effect = estimate.design_effect.and_then(|effect| effect.without_replacement);
    case.check("deff", &[effect.unwrap_or(f64::NAN)], 1.0);
    Ok(())
}

/// Functions of means, by their derivatives.
pub(crate) fn function_of_means(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["variables", "expression", "na_rm"])?;
    let data = case.data()?;
    let design = case.design(&data)?;
    let columns = columns(case, &data)?;
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let joint = moments::means(&design, &columns, None, &T_INTERVAL)?;
    let names = case.option_list("variables")?;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let contrast = function(&joint, &names, case.option("expression")?)?;
    case.check("estimate", &[contrast.value], contrast.value);
    case.check("se", &[contrast.standard_error], contrast.value);
    Ok(())
}

pub(crate) fn design_df(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&[])?;
    let data = case.data()?;
    let design = case.design(&data)?;
    let df = design.degrees_of_freedom(DegreesOfFreedomRule::FullDesign, None, None);
    case.check("df", &[df], 1.0);
    case.check("n", &[design.rows() as f64], 1.0);
    let sum: f64 = design.weights().iter().sum();
    case.check("sum_weights", &[sum], sum);
    Ok(())
}

pub(crate) fn shares(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["variables", "na_rm", "deff", "by"])?;
    let data = case.data()?;
    let design = case.design(&data)?;
    let names = case.option_list("variables")?;
    let [name] = names.as_slice() else {
        return Err(Stop::NotYet("several variables".to_owned()));
    };
    let levels = data.levels(name)?;
    require_na_rm(case, levels.codes.contains(&0))?;
    let coded = Coded { codes: &levels.codes, levels: levels.names.len() };
    if !case.statistic()["by"].is_null() {
        return crate::domains::shares_by(case, &data, &design, &levels);
    }
    let joint = shares_of(&design, coded, None, &T_INTERVAL)?;
    check_joint(case, &joint)?;
    let normal = shares_of(&design, coded, None, &NORMAL)?;
    case.check("ci95_normal", &limits(&normal), 1.0);
    exceptions::of_still(case, "ci95_normal", &normal);
    case.check_strings("names", &levels.names);
    let mut counts = vec![0.0; levels.names.len() + 1];
    for &code in &levels.codes {
        counts[usize::from(code)] += 1.0;
    }
    case.check("unweighted_n", &counts[1..], 1.0);
    let totals = level_totals(&design, coded, None, &T_INTERVAL)?;
    let scale = largest(&values(&totals));
    case.check("total", &values(&totals), scale);
    case.check("total_se", &errors(&totals), scale);
    case.check("total_vcov", &matrix(&totals), scale * scale);
    Ok(())
}

pub(crate) fn proportion_interval(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["variable", "level_of_variable", "method", "confidence", "df", "na_rm"])?;
    case.allow_value("df", &["degf(design)"])?;
    let method = match case.option("method")? {
        "logit" | "xlogit" => IntervalMethod::Logit,
        "beta" => IntervalMethod::KornGraubard { cap_at_n: false, count_missing: true },
        "mean" => IntervalMethod::StudentT,
        "asin" => IntervalMethod::Arcsine,
        "likelihood" => IntervalMethod::Likelihood,
        other => return Err(Stop::NotYet(format!("method {other}"))),
    };
    let data = case.data()?;
    let design = case.design(&data)?;
    let level = case.option("level_of_variable")?.to_owned();
    let holds: Vec<f64> = data
        .text(case.option("variable")?)?
        .iter()
        .map(|field| match field {
            field if field.is_empty() => f64::NAN,
            field => f64::from(u8::from(*field == level)),
        })
        .collect();
    require_na_rm(case, holds.iter().any(|value| value.is_nan()))?;
    let options = EstimateOptions {
        confidence: case.statistic()["confidence"]
            .as_f64()
            .ok_or_else(|| failed("no confidence"))?,
        interval: method,
        degrees_of_freedom: DegreesOfFreedomRule::FullDesign,
    };
    let estimate = proportion(&design, &holds, None, &options)?;
    case.check("estimate", &[estimate.value], 1.0);
    case.check("se", &[estimate.standard_error], 1.0);
    // A standard error of 1e-17 stands for zero; the limits that R makes of it are noise.
    if case.expected()["se"].as_f64().is_some_and(|error| error < 1e-12) {
        case.take("ci");
    } else {
        let limits = if case.option("method")? == "logit" && design.replicates().is_some() {
            replicated_logit(&design, &holds, &options)?
        } else {
            interval(&estimate)
        };
        case.check("ci", &limits, 1.0);
        match method {
            IntervalMethod::Likelihood => {
                exceptions::of_likelihood(case, limits, estimate.value, estimate.standard_error);
            }
            IntervalMethod::Arcsine => {
                let t =
                    student_quantile(0.5 + 0.5 * options.confidence, estimate.degrees_of_freedom);
                exceptions::of_arcsine(case, estimate.value, estimate.standard_error, t);
            }
            _ => {}
        }
    }
    case.check("df", &[estimate.degrees_of_freedom], 1.0);
    Ok(())
}

/// R fits the logit in each replicate, in place of the delta method.
fn replicated_logit(
    design: &Design,
    holds: &[f64],
    options: &EstimateOptions,
) -> Result<[f64; 2], Stop> {
    let terms = ModelMatrix::intercept(holds.len());
    let (family, link, stopping) = (Family::Binomial, Link::Logit, Stopping::ByDeviance);
    let model = linear_model(design, holds, &terms, family, link, stopping, None)?;
    let df = design.degrees_of_freedom(options.degrees_of_freedom, None, None);
    let t = student_quantile(0.5 + 0.5 * options.confidence, df);
    let reach = t * model.covariance.standard_error(0);
    let centre = model.coefficients[0];
    Ok([centre - reach, centre + reach].map(|logit| 1.0 / (1.0 + (-logit).exp())))
}
