//! Differences of domains, tests of shares, and what is said of unweighted counts.

use analysis::DegreesOfFreedomRule;
use analysis::estimate::association::population_variance;
use analysis::estimate::binomial::{BinomialMethod, binomial_interval};
use analysis::estimate::comparison::{Adjustment, adjusted, differences, pooled_test};
use analysis::estimate::moments;
use analysis::estimate::quantile::{Limits, QuantileRule, quantiles};

use crate::compare::failed;
use crate::data::Data;
use crate::designs::T_INTERVAL;
use crate::estimates::{largest, require_na_rm};
use crate::scales::require_equal_weights;
use crate::{Case, Stop};

const ADJUSTMENTS: [(&str, Adjustment); 9] = [
    ("bonferroni", Adjustment::Bonferroni),
    ("p_bonferroni", Adjustment::Bonferroni),
    ("holm", Adjustment::Holm),
    ("p_holm", Adjustment::Holm),
    ("sidak", Adjustment::Sidak),
    ("fdr_bh", Adjustment::BenjaminiHochberg),
    ("p_bh", Adjustment::BenjaminiHochberg),
    ("p_fdr_bh", Adjustment::BenjaminiHochberg),
    ("fdr_by", Adjustment::BenjaminiYekutieli),
];

fn check_adjusted(case: &mut Case<'_>, p: &[f64]) {
    for (key, adjustment) in ADJUSTMENTS {
        case.check(key, &adjusted(p, adjustment), 0.0);
    }
}

pub(crate) fn domain_difference(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["variable", "by", "na_rm", "p_value_df"])?;
    case.allow_value("p_value_df", &["degf(design)"])?;
    let data = case.data()?;
    let design = case.design(&data)?;
    let column = data.numbers(case.option("variable")?)?;
    require_na_rm(case, column.iter().any(|value| value.is_nan()))?;
    let by = case.option_list("by")?;
    let (names, domains) = crossed_domains(&data, &by)?;
    let joint = moments::means_by_domain(&design, &column, &domains, &T_INTERVAL)?;
    let df = design.degrees_of_freedom(DegreesOfFreedomRule::FullDesign, None, None);
    let found = differences(&joint, df)?;
    case.check_strings("domain_names", &names);
    let pairs: Vec<f64> =
        found.iter().flat_map(|one| [one.pair.0 as f64, one.pair.1 as f64]).collect();
    case.check("pairs", &pairs, 1.0);
    let values: Vec<f64> = found.iter().map(|one| one.value).collect();
    let scale = largest(&values);
    case.check("difference", &values, scale);
    let errors: Vec<f64> = found.iter().map(|one| one.standard_error).collect();
    case.check("se", &errors, scale);
    let p: Vec<f64> = found.iter().map(|one| one.p.unwrap_or(f64::NAN)).collect();
    case.check("p", &p, 0.0);
    check_adjusted(case, &p);
    Ok(())
}

/// The domains of several variables together, the first varying fastest, with their names joined by
/// dots as R's `svyby` has them; those without rows are left out.
fn crossed_domains(data: &Data, by: &[String]) -> Result<(Vec<String>, Vec<Vec<bool>>), Stop> {
    let mut crossed = vec![(String::new(), vec![true; data.rows])];
    for variable in by {
        let levels = data.levels(variable)?;
        let mut next = Vec::new();
        for (level, own) in levels.names.iter().zip(1_u16..) {
            for (name, rows) in &crossed {
                let joined =
                    if name.is_empty() { level.clone() } else { format!("{name}.{level}") };
                let rows: Vec<bool> = rows
                    .iter()
                    .zip(&levels.codes)
                    .map(|(in_it, code)| *in_it && *code == own)
                    .collect();
                next.push((joined, rows));
            }
        }
        crossed = next;
    }
    crossed.retain(|(_, rows)| rows.contains(&true));
    Ok(crossed.into_iter().unzip())
}

fn whole_numbers(case: &Case<'_>, option: &str) -> Result<Vec<u64>, Stop> {
    case.statistic()[option]
        .as_array()
        .map(|items| items.iter().filter_map(serde_json::Value::as_u64).collect())
        .ok_or_else(|| failed(&format!("no option {option}")))
}

pub(crate) fn pooled_shares(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["counts", "n", "compare"])?;
    case.allow_value("compare", &["first with each other"])?;
    let shares: Vec<(u64, u64)> =
        whole_numbers(case, "counts")?.into_iter().zip(whole_numbers(case, "n")?).collect();
    let (first, others) = shares.split_first().ok_or_else(|| failed("no counts"))?;
    let tests = others
        .iter()
        .map(|other| pooled_test(*first, *other))
        .collect::<analysis::Result<Vec<_>>>()?;
    let z: Vec<f64> = tests.iter().map(|test| test.z).collect();
    case.check("z", &z, 1.0);
    let p: Vec<f64> = tests.iter().map(|test| test.p).collect();
    case.check("p", &p, 0.0);
    check_adjusted(case, &p);
    Ok(())
}

/// Rows of a level among the rows where both variables are known.
fn count(data: &Data, name: &str, level: &str, among: &[bool]) -> Result<u64, Stop> {
    let rows = data.text(name)?.iter().zip(among);
    Ok(rows.filter(|(field, among)| **among && *field == level).count() as u64)
}

pub(crate) fn pairwise_shares(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["row_level", "rows", "columns", "col_levels"])?;
    require_equal_weights(case)?;
    let data = case.data()?;
    let (rows, columns) = (case.option("rows")?, case.option("columns")?);
    let level = case.option("row_level")?;
    let known = data.text(rows)?.iter().map(|field| !field.is_empty());
    let known: Vec<bool> = known.collect();
    let shares = case
        .option_list("col_levels")?
        .iter()
        .map(|column| {
            let column: Vec<bool> = data
                .text(columns)?
                .iter()
                .zip(&known)
                .map(|(field, known)| *known && field == column)
                .collect();
            let size = column.iter().filter(|member| **member).count() as u64;
            Ok((count(&data, rows, level, &column)?, size))
        })
        .collect::<Result<Vec<(u64, u64)>, Stop>>()?;
    let counts: Vec<f64> = shares.iter().map(|share| share.0 as f64).collect();
    let sizes: Vec<f64> = shares.iter().map(|share| share.1 as f64).collect();
    case.check("counts", &counts, 1.0);
    case.check("n", &sizes, 1.0);
    let mut p = Vec::new();
    for later in 1..shares.len() {
        for earlier in 0..shares.len() - 1 {
            p.push(if earlier < later {
                pooled_test(shares[later], shares[earlier])?.p
            } else {
                f64::NAN
            });
        }
    }
    case.check("p_lower_triangle", &p, 0.0);
    check_adjusted(case, &p);
    Ok(())
}

const METHODS: [(&str, BinomialMethod); 6] = [
    ("normal", BinomialMethod::Normal),
    ("wilson", BinomialMethod::Wilson),
    ("agresti_coull", BinomialMethod::AgrestiCoull),
    ("beta", BinomialMethod::ClopperPearson),
    ("clopper_pearson", BinomialMethod::ClopperPearson),
    ("jeffreys", BinomialMethod::Jeffreys),
];

pub(crate) fn unweighted_interval(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["counts", "n", "variable", "level"])?;
    let shares: Vec<(u64, u64)> = if case.statistic()["variable"].is_null() {
        whole_numbers(case, "counts")?.into_iter().zip(whole_numbers(case, "n")?).collect()
    } else {
        require_equal_weights(case)?;
        let data = case.data()?;
        let name = case.option("variable")?;
        let known: Vec<bool> = data.text(name)?.iter().map(|field| !field.is_empty()).collect();
        let size = known.iter().filter(|known| **known).count() as u64;
        vec![(count(&data, name, case.option("level")?, &known)?, size)]
    };
    let counts: Vec<f64> = shares.iter().map(|share| share.0 as f64).collect();
    let sizes: Vec<f64> = shares.iter().map(|share| share.1 as f64).collect();
    case.check("x", &counts, 1.0);
    case.check("n", &sizes, 1.0);
    for (key, method) in METHODS {
        let mut limits = Vec::new();
        for (count, size) in &shares {
            let (lower, upper) = binomial_interval(*count, *size, 0.95, method)?;
            limits.extend([lower, upper]);
        }
        case.check(key, &limits, 1.0);
    }
    Ok(())
}

pub(crate) fn descriptives(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["variable", "probs"])?;
    let data = case.data()?;
    let design = case.design(&data)?;
    let column = data.numbers(case.option("variable")?)?;
    let mean = moments::mean(&design, &column, None, &T_INTERVAL)?;
    let spread = population_variance(&design, &column, None, true, &T_INTERVAL)?;
    let rows = mean.rows as f64;
    let variance = spread.value * (rows - 1.0) / rows;
    let weights = design.weights().iter().zip(&column);
    let sum: f64 = weights.filter(|(_, value)| !value.is_nan()).map(|(weight, _)| weight).sum();
    case.check("sum_weights", &[sum], sum);
    case.check("mean", &[mean.value], mean.value);
    case.check("var_ddof0", &[variance], variance);
    case.check("sd_ddof0", &[variance.sqrt()], variance);
    let probabilities: Vec<f64> = case.statistic()["probs"]
        .as_array()
        .map(|items| items.iter().filter_map(serde_json::Value::as_f64).collect())
        .ok_or_else(|| failed("no probs"))?;
    let rule = QuantileRule::AveragedInverseCdf;
    let limits = Limits::FoundShare;
    let found = quantiles(&design, &column, &probabilities, None, rule, limits, &T_INTERVAL)?;
    let values: Vec<f64> = found.iter().map(|one| one.value).collect();
    case.check("quantile", &values, largest(&values));
    Ok(())
}
