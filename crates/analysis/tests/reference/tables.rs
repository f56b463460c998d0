//! Tables and their tests.

use analysis::Coded;
use analysis::compare::exact::{fisher_exact, fisher_exact_table};
use analysis::compare::goodness_of_fit::goodness_of_fit as fit;
use analysis::compare::independence::{cell_indicators, cell_shares};
use analysis::compare::kappa::weighted_kappa;
use analysis::compare::pearson::pearson_test;
use analysis::compare::{CellShares, DesignTest, IndependenceMethod, Reference};
use serde_json::Value;

use crate::compare::failed;
use crate::data::{Data, Levels};
use crate::scales::require_equal_weights;
use crate::{Case, Stop};

fn coded(levels: &Levels) -> Coded<'_> {
    Coded { codes: &levels.codes, levels: levels.names.len() }
}

fn pair(case: &Case<'_>, data: &Data, names: [&str; 2]) -> Result<[Levels; 2], Stop> {
    Ok([data.levels(case.option(names[0])?)?, data.levels(case.option(names[1])?)?])
}

fn counts(rows: &Levels, columns: &Levels) -> Vec<Vec<u64>> {
    let mut counts = vec![vec![0; columns.names.len()]; rows.names.len()];
    for (&row, &column) in rows.codes.iter().zip(&columns.codes) {
        if row > 0 && column > 0 {
            counts[usize::from(row) - 1][usize::from(column) - 1] += 1;
        }
    }
    counts
}

pub(crate) fn crosstab(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["rows", "columns", "missing"])?;
    case.allow_value("missing", &["listwise over the two"])?;
    let data = case.data()?;
    let design = case.design(&data)?;
    let [rows, columns] = pair(case, &data, ["rows", "columns"])?;
    let weighted: Vec<f64> = cell_indicators(coded(&rows), coded(&columns))
        .iter()
        .map(|cell| {
            let in_cell = cell.iter().zip(design.weights()).filter(|(own, _)| **own == 1.0);
            in_cell.map(|(_, weight)| weight).sum()
        })
        .collect();
    let width = columns.names.len();
    let sum: f64 = weighted.iter().sum();
    let by_row = |cell: usize| weighted[cell / width * width..][..width].iter().sum::<f64>();
    let by_column = |cell: usize| weighted.iter().skip(cell % width).step_by(width).sum::<f64>();
    let share = |base: &dyn Fn(usize) -> f64| -> Vec<f64> {
        weighted.iter().enumerate().map(|(cell, weight)| weight / base(cell)).collect()
    };
    case.check_strings("row_levels", &rows.names);
    case.check_strings("col_levels", &columns.names);
    case.check("weighted", &weighted, sum);
    case.check("total_share", &share(&|_| sum), 1.0);
    case.check("row_share", &share(&by_row), 1.0);
    case.check("col_share", &share(&by_column), 1.0);
    let counts: Vec<f64> =
        counts(&rows, &columns).iter().flatten().map(|&count| count as f64).collect();
    case.check("unweighted", &counts, 1.0);
    Ok(())
}

fn method(case: &Case<'_>) -> Result<IndependenceMethod, Stop> {
    Ok(match case.statistic()["method"].as_str() {
        None | Some("F") => IndependenceMethod::SecondOrder,
        Some("Chisq") => IndependenceMethod::FirstOrder,
        Some("Wald") => IndependenceMethod::Wald,
        Some("adjWald") => IndependenceMethod::AdjustedWald,
        Some("lincom" | "saddlepoint") => IndependenceMethod::LinearCombination,
        Some(other) => return Err(Stop::NotYet(format!("method {other}"))),
    })
}

pub(crate) fn independence_test(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["rows", "columns", "method"])?;
    let data = case.data()?;
    let method = method(case)?;
    let [rows, columns] = pair(case, &data, ["rows", "columns"])?;
    let design = case.design(&data)?;
    let mut cells = cell_shares(&design, coded(&rows), coded(&columns), None)?;
    // With replicates R takes the covariance for known here, without them for estimated.
    if design.replicates().is_some() && method == IndependenceMethod::LinearCombination {
        cells.table.degrees_of_freedom = f64::INFINITY;
    }
    check_independence(case, &cells, method)
}

fn check_independence(
    case: &mut Case<'_>,
    table: &CellShares,
    method: IndependenceMethod,
) -> Result<(), Stop> {
    let test = table.test(method)?;
    check_test(case, &test);
    case.check("unadjusted_pearson_x2", &[table.unadjusted_pearson()], 1.0);
    Ok(())
}

fn check_test(case: &mut Case<'_>, test: &DesignTest) {
    case.check("statistic", &[test.statistic], 1.0);
    case.check("p_value", &[test.p], 0.0);
    let parameters: &[(&str, f64)] = match &test.reference {
        Reference::F { numerator, denominator } => &[("ndf", *numerator), ("ddf", *denominator)],
        Reference::ChiSquared { degrees_of_freedom } => &[("df", *degrees_of_freedom)],
        Reference::ScaledChiSquared { scale, degrees_of_freedom } => {
            &[("scale", *scale), ("df", *degrees_of_freedom)]
        }
        Reference::LinearCombination => &[],
    };
    let Some(expected) = case.take("parameter") else { return };
    if expected.as_object().map_or(0, serde_json::Map::len) != parameters.len() {
        case.fault("parameter", format!("{parameters:?}, expected {expected}"));
        return;
    }
    for (name, got) in parameters {
        case.check_value(&format!("parameter.{name}"), &expected[*name], &[*got], 1.0);
    }
}

pub(crate) fn goodness_of_fit(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["variable", "expected_shares"])?;
    let data = case.data()?;
    let design = case.design(&data)?;
    let levels = data.levels(case.option("variable")?)?;
    let shares: Vec<f64> = case.statistic()["expected_shares"]
        .as_array()
        .map(|items| items.iter().filter_map(Value::as_f64).collect())
        .ok_or_else(|| failed("no expected shares"))?;
    let test = fit(&design, coded(&levels), &shares, None)?;
    check_test(case, &test);
    Ok(())
}

pub(crate) fn kappa(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["a", "b"])?;
    let data = case.data()?;
    let design = case.design(&data)?;
    let [first, second] = pair(case, &data, ["a", "b"])?;
    let kappa = weighted_kappa(&design, coded(&first), coded(&second), None)?;
    case.check("estimate", &[kappa.value], 1.0);
    case.check("se", &[kappa.standard_error], 1.0);
    Ok(())
}

pub(crate) fn pearson(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["rows", "columns"])?;
    require_equal_weights(case)?;
    let data = case.data()?;
    let [rows, columns] = pair(case, &data, ["rows", "columns"])?;
    let test = pearson_test(&counts(&rows, &columns))?;
    case.check("statistic", &[test.statistic], 1.0);
    case.check("df", &[test.degrees_of_freedom], 1.0);
    case.check("p_value", &[test.p], 0.0);
    case.check("expected", &test.expected.concat(), 1.0);
    case.check("adjusted_residuals", &test.adjusted_residuals.concat(), 1.0);
    Ok(())
}

pub(crate) fn fisher(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["rows", "columns"])?;
    require_equal_weights(case)?;
    let data = case.data()?;
    let [rows, columns] = pair(case, &data, ["rows", "columns"])?;
    let counts = counts(&rows, &columns);
    let [first, second] = counts.as_slice() else {
        case.check("p_value", &[fisher_exact_table(&counts)?], 0.0);
        return Ok(());
    };
    let ([a, b], [c, d]) = (first.as_slice(), second.as_slice()) else {
        case.check("p_value", &[fisher_exact_table(&counts)?], 0.0);
        return Ok(());
    };
    let test = fisher_exact([[*a, *b], [*c, *d]], 0.95)?;
    case.check("p_value", &[test.p], 0.0);
    case.check("odds_ratio", &[test.odds_ratio], 1.0);
    case.check("ci95", &[test.lower, test.upper], 1.0);
    let at = |odds: f64| first_cell([[*a, *b], [*c, *d]], odds);
    let ours = (test.odds_ratio, [test.lower, test.upper]);
    crate::exceptions::of_fisher(case, ours, *a as f64, at);
    Ok(())
}

/// The mean of the first cell given the margins and an odds ratio, and the chances that it is at least
/// what it is, and at most: from the hypergeometric distribution written out.
fn first_cell([[a, b], [c, d]]: [[u64; 2]; 2], odds: f64) -> (f64, f64, f64) {
    let logs: Vec<f64> = (0..=a + b + c + d)
        .scan(0.0, |sum, number| {
            *sum += if number == 0 { 0.0 } else { (number as f64).ln() };
            Some(*sum)
        })
        .collect();
    let log = |number: u64| logs[usize::try_from(number).unwrap_or(0)];
    let (row, other, column) = (a + b, c + d, a + c);
    let chance = |x: u64| {
        let ways = log(row) - log(x) - log(row - x) + log(other)
            - log(column - x)
            - log(other + x - column);
        ways + x as f64 * odds.ln()
    };
    let cells: Vec<u64> = (column.saturating_sub(other)..=row.min(column)).collect();
    let most = cells.iter().map(|x| chance(*x)).fold(f64::NEG_INFINITY, f64::max);
    let sum = |of: &dyn Fn(u64) -> f64| -> f64 {
        cells.iter().map(|x| of(*x) * (chance(*x) - most).exp()).sum()
    };
    let all = sum(&|_| 1.0);
    let holds = |yes: bool| f64::from(u8::from(yes));
    (sum(&|x| x as f64) / all, sum(&|x| holds(x >= a)) / all, sum(&|x| holds(x <= a)) / all)
}
