//! Tables of designs whose variance needs more than sums by cluster.
//!
//! With stages below the first, or several steps of calibration, each cell is the ratio of two row-level
//! variables and goes the long way through [`crate::variance::linearization`].

use crate::design::Design;
use crate::error::Result;
use crate::estimate::comparison::domain_differences;
use crate::estimate::moments::ratio;
use crate::estimate::shares::ShareOf;
use crate::tabulate::column::{ColumnSums, RowEstimate};
use crate::tabulate::tested::{RowSums, Tests};
use crate::tabulate::{Base, BlockKind, ColumnDifference, RowData, RowVariable, TableSpec};

/// One row variable, with what else is asked.
pub(super) fn row(
    design: &Design,
    spec: &TableSpec<'_>,
    row: &RowVariable<'_>,
    tests: Option<Tests<'_>>,
    compares: bool,
) -> Result<RowSums> {
    let compares = compares && (row.kind() != BlockKind::Shares || is_column(spec));
    Ok(RowSums {
        columns: columns(design, spec, row)?,
        tests: tests.map_or_else(Vec::new, |own| own.of_rows(row)),
        differences: if compares { differences(design, spec, row)? } else { Vec::new() },
    })
}

fn is_column(spec: &TableSpec<'_>) -> bool {
    spec.options.share_of == ShareOf::Column
}

/// Differences of every two columns of each banner variable, by line, from the joint covariance of
/// domains.
fn differences(
    design: &Design,
    spec: &TableSpec<'_>,
    row: &RowVariable<'_>,
) -> Result<Vec<Vec<ColumnDifference>>> {
    let kept = |index: usize| spec.filter.as_ref().is_none_or(|filter| filter[index]);
    let enters = |index: usize| kept(index) && has_value(&row.data, index);
    let mut found = vec![Vec::new(); row.labels().len()];
    let mut first = 1;
    for banner in &spec.banner {
        let domains: Vec<Vec<bool>> = (1..=banner.categories.len())
            .map(|code| {
                let own = banner.codes.iter().enumerate();
                own.map(|(index, &own)| usize::from(own) == code && enters(index)).collect()
            })
            .collect();
        for (line, found) in found.iter_mut().enumerate() {
            let values: Vec<f64> = (0..design.rows())
                .map(|index| if enters(index) { value(&row.data, line, index) } else { f64::NAN })
                .collect();
            let options = spec.options.estimate();
            let of_line = domain_differences(design, &values, &domains, &options);
            // Columns without anybody, and so no differences, are no fault.
            let of_line =
                if domains.iter().flatten().any(|own| *own) { of_line? } else { continue };
            found.extend(of_line.differences.into_iter().filter(|own| own.value.is_finite()).map(
                |own| ColumnDifference {
                    columns: (first + own.pair.0, first + own.pair.1),
                    value: own.value,
                    standard_error: own.standard_error,
                    degrees_of_freedom: own.degrees_of_freedom,
                    p: own.p,
                },
            ));
        }
        first += banner.categories.len();
    }
    Ok(found)
}

/// The columns of one row variable.
fn columns(
    design: &Design,
    spec: &TableSpec<'_>,
    row: &RowVariable<'_>,
) -> Result<Vec<ColumnSums>> {
    let mut columns = vec![column(design, spec, row, None)?];
    for (index, banner) in spec.banner.iter().enumerate() {
        for code in 1..=banner.categories.len() {
            columns.push(column(design, spec, row, Some((index, code)))?);
        }
    }
    Ok(columns)
}

fn column(
    design: &Design,
    spec: &TableSpec<'_>,
    row: &RowVariable<'_>,
    place: Option<(usize, usize)>,
) -> Result<ColumnSums> {
    let kept = |index: usize| spec.filter.as_ref().is_none_or(|filter| filter[index]);
    let answered: Vec<bool> =
        (0..design.rows()).map(|index| kept(index) && has_value(&row.data, index)).collect();
    let in_column = |index: usize| {
        place.is_none_or(|(banner, code)| usize::from(spec.banner[banner].codes[index]) == code)
    };
    // Shares of a row or of the table leave out those in no column.
    let in_table =
        |index: usize| place.is_none_or(|(banner, _)| spec.banner[banner].codes[index] != 0);
    let share_of =
        if row.kind() == BlockKind::Shares { spec.options.share_of } else { ShareOf::Column };
    let own: Vec<bool> =
        answered.iter().enumerate().map(|(index, &known)| known && in_column(index)).collect();
    let mut estimates = Vec::new();
    for line in 0..row.labels().len() {
        let in_base: Vec<bool> = answered
            .iter()
            .enumerate()
            .map(|(index, &known)| {
                known
                    && match share_of {
                        ShareOf::Column => in_column(index),
                        ShareOf::Total => in_table(index),
                        ShareOf::Row => in_table(index) && value(&row.data, line, index) == 1.0,
                    }
            })
            .collect();
        let cell: Vec<f64> = (0..design.rows())
            .map(|index| if own[index] { value(&row.data, line, index) } else { 0.0 })
            .collect();
        estimates.push(estimate(design, spec, row.kind(), &cell, &in_base)?);
    }
    let (rows, weighted, squares) = sums(design, &own);
    let base = Base {
        rows,
        weighted,
        effective_rows: if squares > 0.0 { weighted * weighted / squares } else { 0.0 },
    };
    Ok(ColumnSums::from_rows(base, design.met_by(|index| own[index]), &estimates))
}

fn estimate(
    design: &Design,
    spec: &TableSpec<'_>,
    kind: BlockKind,
    cell: &[f64],
    in_base: &[bool],
) -> Result<RowEstimate> {
    let (base_rows, base_weight, _) = sums(design, in_base);
    let in_cell: Vec<bool> = cell.iter().map(|&value| value != 0.0).collect();
    let (rows, weighted, _) = sums(design, &in_cell);
    let (rows, weighted) =
        if kind == BlockKind::Mean { (base_rows, base_weight) } else { (rows, weighted) };
    if base_weight <= 0.0 {
        return Ok(RowEstimate {
            value: None,
            variance: 0.0,
            rows,
            base_rows,
            weighted,
            degrees: None,
            widening: 1.0,
        });
    }
    let base: Vec<f64> = in_base.iter().map(|&inside| f64::from(u8::from(inside))).collect();
    let answer = ratio(design, cell, &base, Some(in_base), &spec.options.estimate())?;
    let rule = spec.options.degrees_of_freedom;
    let weight = |row: usize| if in_base[row] { design.weights()[row] } else { 0.0 };
    Ok(RowEstimate {
        degrees: design.brings_degrees(rule).then_some(answer.degrees_of_freedom),
        widening: design.widening(rule, weight),
        value: Some(answer.value),
        variance: answer.standard_error * answer.standard_error,
        rows,
        base_rows,
        weighted,
    })
}

/// Rows, sum of weights and of squared weights of a group.
fn sums(design: &Design, members: &[bool]) -> (usize, f64, f64) {
    let mut answer = (0, 0.0, 0.0);
    for (&weight, _) in design.weights().iter().zip(members).filter(|(_, member)| **member) {
        answer.0 += usize::from(weight != 0.0);
        answer.1 += weight;
        answer.2 += weight * weight;
    }
    answer
}

pub(super) fn has_value(data: &RowData<'_>, row: usize) -> bool {
    match data {
        RowData::Coded { codes, .. } => codes[row] != 0,
        RowData::Set { answered, .. } => answered[row],
        RowData::Number(values) => !values[row].is_nan(),
    }
}

/// What a row of the data adds to a line of the table: 0 or 1, or the number itself.
pub(super) fn value(data: &RowData<'_>, line: usize, row: usize) -> f64 {
    match data {
        RowData::Coded { codes, .. } => f64::from(u8::from(usize::from(codes[row]) == line + 1)),
        RowData::Set { options, .. } => f64::from(options[line][row]),
        RowData::Number(values) => values[row],
    }
}
