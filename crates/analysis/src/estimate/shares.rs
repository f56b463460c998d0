//! Shares of the levels of a coded variable, alone and crossed with another.
//!
//! A share is the mean of a 0/1 variable among those whose level is known. A crossed share is the ratio
//! of a cell to its row, its column or the whole table; its score is w(1[cell] − R·1[base])/Σw1[base].

use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use crate::design::Design;
use crate::error::{Result, all_or_nothing};
use crate::estimate::joint::Joint;
use crate::estimate::moments::{Members, means, ratio, totals};
use crate::estimate::proportion::{Sizes, finish};
use crate::estimate::{Coded, Estimate, EstimateOptions, IntervalMethod, checked_domain};
use crate::problem::Fault;

/// What the cells of a crossed table are shares of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShareOf {
    /// Their row.
    Row,
    /// Their column.
    Column,
    /// The table.
    Total,
}

/// Shares of the levels of `column` among members of `domain` whose level is known, with covariance.
///
/// # Errors
/// Codes above the number of levels, wrong lengths, an empty domain, a single-cluster stratum under
/// [`crate::SinglePsu::Fail`].
pub fn shares(
    design: &Design,
    column: Coded<'_>,
    domain: Option<&[bool]>,
    options: &EstimateOptions,
) -> Result<Joint> {
    let indicators = indicators(design, column, domain)?;
    let columns: Vec<&[f64]> = indicators.iter().map(Vec::as_slice).collect();
    let mut joint = means(design, &columns, domain, options)?;
    let in_domain = |row: usize| domain.is_none_or(|member| member[row]);
    let known = |row: usize| column.codes[row] != 0;
    let mean_weight = |counts: &dyn Fn(usize) -> bool| {
        let rows = || (0..design.rows()).filter(|&row| design.weights()[row] != 0.0 && counts(row));
        rows().map(|row| design.weights()[row]).sum::<f64>() / rows().count() as f64
    };
    let weight_ratio = mean_weight(&|row| in_domain(row) && known(row)) / mean_weight(&in_domain);
    let enters = |row: usize| in_domain(row) && design.weights()[row] != 0.0;
    let all_rows = (0..design.rows()).filter(|&row| enters(row)).count();
    let share = |row: usize| {
        if in_domain(row) && known(row) { design.weights()[row] } else { 0.0 }
    };
    let widening = design.widening(options.degrees_of_freedom, share);
    for estimate in &mut joint.estimates {
        let sizes = Sizes { answered: estimate.rows, all_rows, weight_ratio, widening };
        finish(estimate, &sizes, options);
    }
    Ok(joint)
}

/// Population totals of the levels of `column`, with covariance.
///
/// # Errors
/// As [`shares`].
pub fn level_totals(
    design: &Design,
    column: Coded<'_>,
    domain: Option<&[bool]>,
    options: &EstimateOptions,
) -> Result<Joint> {
    let indicators = indicators(design, column, domain)?;
    let columns: Vec<&[f64]> = indicators.iter().map(Vec::as_slice).collect();
    let options = match options.interval {
        IntervalMethod::StudentT | IntervalMethod::Normal => *options,
        // The other methods are for proportions.
        _ => EstimateOptions { interval: IntervalMethod::StudentT, ..*options },
    };
    totals(design, &columns, domain, &options)
}

/// A 0/1 column a level, NaN where the level is missing.
fn indicators(
    design: &Design,
    column: Coded<'_>,
    domain: Option<&[bool]>,
) -> Result<Vec<Vec<f64>>> {
    checked_domain(design, domain)?;
    all_or_nothing(column.problems(phrase("phrase-input-column"), design.rows()))?;
    if column.levels == 0 {
        return Err(Fault::DataTooFew { found: 0, least: 1 }.refused(phrase("phrase-input-levels")));
    }
    Ok((1..=column.levels)
        .map(|level| column.codes.iter().map(|&code| indicator(code, level)).collect::<Vec<f64>>())
        .collect())
}

fn indicator(code: u16, level: usize) -> f64 {
    match usize::from(code) {
        0 => f64::NAN,
        code if code == level => 1.0,
        _ => 0.0,
    }
}

/// Shares of the cells of `rows` × `columns`, row by row, among members for whom both are known.
///
/// One pass over the rows a cell; for whole tables of one-stage designs `tabulate` is much
/// faster. A cell whose base is empty is `None`.
///
/// # Errors
/// As [`shares`].
pub fn crossed_shares(
    design: &Design,
    rows: Coded<'_>,
    columns: Coded<'_>,
    share_of: ShareOf,
    domain: Option<&[bool]>,
    options: &EstimateOptions,
) -> Result<Vec<Option<Estimate>>> {
    checked_domain(design, domain)?;
    let mut problems = rows.problems(phrase("phrase-input-table-rows"), design.rows());
    problems.extend(columns.problems(phrase("phrase-input-table-columns"), design.rows()));
    problems.extend(options.problems());
    all_or_nothing(problems)?;
    let mut cells = Vec::with_capacity(rows.levels * columns.levels);
    for row_level in 1..=rows.levels {
        for column_level in 1..=columns.levels {
            let (cell, base): (Vec<f64>, Vec<f64>) = rows
                .codes
                .iter()
                .zip(columns.codes)
                .map(|(&row, &column)| {
                    cell_and_base(row, column, row_level, column_level, share_of)
                })
                .unzip();
            let in_base: Vec<bool> = base
                .iter()
                .enumerate()
                .map(|(index, base)| *base == 1.0 && domain.is_none_or(|member| member[index]))
                .collect();
            let Ok(members) = Members::new(design, &[&base], Some(&in_base)) else {
                cells.push(None);
                continue;
            };
            let mut estimate = ratio(design, &cell, &base, domain, options)?;
            estimate.rows = members.rows;
            let widening = members.widening(design, options.degrees_of_freedom);
            finish(&mut estimate, &Sizes::complete(members.rows, widening), options);
            cells.push(Some(estimate));
        }
    }
    Ok(cells)
}

fn cell_and_base(
    row: u16,
    column: u16,
    row_level: usize,
    column_level: usize,
    share_of: ShareOf,
) -> (f64, f64) {
    if row == 0 || column == 0 {
        return (f64::NAN, f64::NAN);
    }
    let in_row = usize::from(row) == row_level;
    let in_column = usize::from(column) == column_level;
    let in_base = match share_of {
        ShareOf::Row => in_row,
        ShareOf::Column => in_column,
        ShareOf::Total => true,
    };
    (f64::from(u8::from(in_row && in_column)), f64::from(u8::from(in_base)))
}
