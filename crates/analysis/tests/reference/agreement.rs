//! Agreement of coders and raters.

use analysis::agreement::cohen::{CohenKappa, KappaWeights, cohen_kappa};
use analysis::agreement::fleiss::fleiss_kappa;
use analysis::agreement::krippendorff::{Measurement, krippendorff_alpha};
use analysis::reliability::intraclass::{Intraclass, IntraclassEstimate, intraclass};
use serde_json::Value;

use crate::compare::failed;
use crate::{Case, Stop};

/// The columns that an option names, or all of the file.
fn columns(case: &Case<'_>, option: &str) -> Result<Vec<Vec<f64>>, Stop> {
    let data = case.data()?;
    let names = match case.statistic()[option] {
        Value::Null => data.names.clone(),
        _ => case.option_list(option)?,
    };
    names.iter().map(|name| data.numbers(name)).collect()
}

fn slices(columns: &[Vec<f64>]) -> Vec<&[f64]> {
    columns.iter().map(Vec::as_slice).collect()
}

pub(crate) fn krippendorff(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["rows", "columns", "missing"])?;
    case.allow_value("rows", &["units"])?;
    case.allow_value("columns", &["coders"])?;
    case.allow_value("missing", &["empty"])?;
    let data = case.data()?;
    let coders: Vec<Vec<f64>> =
        data.names.iter().map(|name| data.numbers(name)).collect::<Result<_, Stop>>()?;
    for (key, measurement) in [
        ("nominal", Measurement::Nominal),
        ("ordinal", Measurement::Ordinal),
        ("interval", Measurement::Interval),
        ("ratio", Measurement::Ratio),
    ] {
        case.check(key, &[krippendorff_alpha(&slices(&coders), measurement)?], 1.0);
    }
    Ok(())
}

pub(crate) fn fleiss(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["coders", "missing"])?;
    case.allow_value("missing", &["only units coded by every coder"])?;
    let answer = fleiss_kappa(&slices(&columns(case, "coders")?))?;
    case.check("units", &[answer.counts.len() as f64], 1.0);
    case.check("categories", &answer.categories, 1.0);
    let counts: Vec<f64> = answer.counts.iter().flatten().map(|&count| count as f64).collect();
    case.check("counts", &counts, 1.0);
    case.check("fleiss", &[answer.fleiss], 1.0);
    case.check("randolph", &[answer.randolph], 1.0);
    Ok(())
}

pub(crate) fn cohen(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["coders", "weighted"])?;
    case.allow_value("weighted", &["quadratic (psych's default) and linear"])?;
    let columns = columns(case, "coders")?;
    let [first, second] = columns.as_slice() else {
        return Err(failed("not two coders"));
    };
    let kappa = |weights| cohen_kappa(first, second, weights, 0.95);
    let limits = |answer: &CohenKappa| [answer.lower, answer.upper];
    let plain = kappa(KappaWeights::Identity)?;
    case.check("n", &[plain.units as f64], 1.0);
    case.check("kappa", &[plain.kappa], 1.0);
    case.check("var_kappa", &[plain.variance], 1.0);
    case.check("kappa_ci95", &limits(&plain), 1.0);
    let quadratic = kappa(KappaWeights::Quadratic)?;
    case.check("weighted_kappa_quadratic", &[quadratic.kappa], 1.0);
    case.check("var_weighted", &[quadratic.variance], 1.0);
    case.check("weighted_ci95", &limits(&quadratic), 1.0);
    let linear = kappa(KappaWeights::Linear)?;
    case.check("weighted_kappa_linear", &[linear.kappa], 1.0);
    case.check("linear_ci95", &limits(&linear), 1.0);
    crate::exceptions::of_kappa(case, first, second, [quadratic.kappa, linear.kappa]);
    Ok(())
}

/// The forms by the two usual ways to name them.
const FORMS: [[&str; 6]; 2] = [
    ["ICC1", "ICC2", "ICC3", "ICC1k", "ICC2k", "ICC3k"],
    ["ICC(1,1)", "ICC(A,1)", "ICC(C,1)", "ICC(1,k)", "ICC(A,k)", "ICC(C,k)"],
];

pub(crate) fn icc(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["raters", "confidence"])?;
    let confidence =
        case.statistic()["confidence"].as_f64().ok_or_else(|| failed("no confidence"))?;
    let answer = intraclass(&slices(&columns(case, "raters")?), confidence)?;
    let names = FORMS.iter().find(|names| case.expected()["type"][0] == names[0]);
    case.check_strings("type", &names.unwrap_or(&FORMS[0]).map(str::to_owned));
    // The three forms for one rater, then for the mean of all.
    let forms: Vec<(&Intraclass, IntraclassEstimate)> = answer
        .iter()
        .map(|form| (form, form.single))
        .chain(answer.iter().map(|form| (form, form.average)))
        .collect();
    let each = |get: fn(&Intraclass) -> f64| -> Vec<f64> {
        forms.iter().map(|(form, _)| get(form)).collect()
    };
    let of = |get: fn(&IntraclassEstimate) -> f64| -> Vec<f64> {
        forms.iter().map(|(_, estimate)| get(estimate)).collect()
    };
    case.check("icc", &of(|estimate| estimate.value), 1.0);
    case.check("lower", &of(|estimate| estimate.lower), 1.0);
    case.check("upper", &of(|estimate| estimate.upper), 1.0);
    let limits: Vec<f64> =
        forms.iter().flat_map(|(_, estimate)| [estimate.lower, estimate.upper]).collect();
    case.check("ci_rounded", &limits, 1.0);
    case.check("F", &each(|form| form.f), 1.0);
    case.check("df1", &each(|form| form.numerator_df), 1.0);
    case.check("df2", &each(|form| form.denominator_df), 1.0);
    // The probabilities are compared with their own size only.
    case.check("p", &each(|form| form.p), 0.0);
    Ok(())
}
