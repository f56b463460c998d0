//! Quantiles and the distribution function.

use analysis::estimate::quantile::{Limits, QuantileRule, cumulative_share, quantiles};
use analysis::{DegreesOfFreedomRule, EstimateOptions, IntervalMethod};

use crate::compare::failed;
use crate::designs::T_INTERVAL;
use crate::estimates::{largest, require_na_rm};
use crate::exceptions::{self, QuantileCase};
use crate::{Case, Stop};

fn rule(name: &str) -> Result<QuantileRule, Stop> {
    Ok(match name {
        "math" | "hf1" => QuantileRule::InverseCdf,
        "school" | "hf2" => QuantileRule::AveragedInverseCdf,
        "hf3" => QuantileRule::NearestEven,
        "hf4" | "oldsvyquantile linear f=1" => QuantileRule::LinearCdf,
        "hf5" => QuantileRule::Hazen,
        "hf6" => QuantileRule::Weibull,
        "hf7" => QuantileRule::Gumbel,
        "hf8" => QuantileRule::MedianUnbiased,
        "hf9" => QuantileRule::Blom,
        "shahvaish" => QuantileRule::ShahVaishUnscaled,
        other => return Err(Stop::NotYet(format!("rule {other}"))),
    })
}

fn interval(name: &str) -> Result<IntervalMethod, Stop> {
    Ok(match name {
        name if name == "mean" || name.starts_with("mean (") || name == "Woodruff Wald" => {
            IntervalMethod::StudentT
        }
        "beta" => IntervalMethod::KornGraubard { cap_at_n: false, count_missing: false },
        "xlogit" => IntervalMethod::Logit,
        "asin" => IntervalMethod::Arcsine,
        "score" => IntervalMethod::StudentT,
        other => return Err(Stop::NotYet(format!("interval {other}"))),
    })
}

fn numbers(case: &Case<'_>, option: &str) -> Result<Vec<f64>, Stop> {
    case.statistic()[option]
        .as_array()
        .map(|items| items.iter().filter_map(serde_json::Value::as_f64).collect())
        .ok_or_else(|| failed(&format!("no option {option}")))
}

pub(crate) fn quantile(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["variable", "probs", "rule", "interval", "df", "na_rm"])?;
    case.allow_value("df", &["degf(design)"])?;
    let name = case.option("rule")?;
    let woodruff = case.option("interval")? == "Woodruff Wald";
    if woodruff != name.starts_with("oldsvyquantile") {
        return Err(Stop::NotYet(format!("rule {name} with this interval")));
    }
    let asked = case.option("interval")?.to_owned();
    let kind = match asked.as_str() {
        _ if woodruff => Limits::Probability,
        "score" => Limits::Score,
        _ => Limits::FoundShare,
    };
    let rule = rule(case.option("rule")?)?;
    // R leaves the rows without a value out before it counts clusters, unless `df` is given.
    let options = EstimateOptions {
        interval: interval(case.option("interval")?)?,
        degrees_of_freedom: DegreesOfFreedomRule::Answered,
        ..T_INTERVAL
    };
    let data = case.data()?;
    let design = case.design(&data)?;
    let column = data.numbers(case.option("variable")?)?;
    require_na_rm(case, column.iter().any(|value| value.is_nan()))?;
    let probabilities = numbers(case, "probs")?;
    let found = quantiles(&design, &column, &probabilities, None, rule, kind, &options)?;
    let values: Vec<f64> = found.iter().map(|one| one.value).collect();
    let scale = largest(&values);
    case.check("estimate", &values, scale);
    let limits: Vec<f64> = found
        .iter()
        .flat_map(|one| [one.lower.unwrap_or(f64::NAN), one.upper.unwrap_or(f64::NAN)])
        .collect();
    case.check("ci95", &limits, scale);
    let errors: Vec<f64> = found.iter().map(|one| one.standard_error.unwrap_or(f64::NAN)).collect();
    case.check("se", &errors, scale);
    let asked = QuantileCase {
        design: &design,
        column: &column,
        probabilities: &probabilities,
        rule,
        limits: kind,
        options,
    };
    exceptions::of_quantile(case, &asked)
}

pub(crate) fn cdf(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["variable", "at", "na_rm"])?;
    let data = case.data()?;
    let design = case.design(&data)?;
    let column = data.numbers(case.option("variable")?)?;
    let shares = numbers(case, "at")?
        .into_iter()
        .map(|at| Ok(cumulative_share(&design, &column, at, None, &T_INTERVAL)?.value))
        .collect::<Result<Vec<f64>, Stop>>()?;
    case.check("estimate", &shares, 1.0);
    Ok(())
}
