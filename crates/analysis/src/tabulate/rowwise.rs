//! Tables of designs whose variance needs more than sums by cluster.
//!
//! With stages below the first, or several steps of calibration, each cell is the ratio of two row-level
//! variables and goes the long way through [`crate::variance::linearization`].

use crate::design::{DegreesOfFreedomRule, Design};
use crate::error::Result;
use crate::estimate::moments::ratio;
use crate::estimate::shares::ShareOf;
use crate::tabulate::evaluate::{ColumnSums, RowEstimate};
use crate::tabulate::{Base, BlockKind, RowData, RowVariable, TableSpec};

/// The columns of one row variable.
pub(super) fn columns(
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
    let degrees = design.degrees_of_freedom(DegreesOfFreedomRule::Answered, Some(&own), Some(&own));
    Ok(ColumnSums::from_rows(base, degrees, &estimates))
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
        return Ok(RowEstimate { value: None, variance: 0.0, rows, base_rows, weighted });
    }
    let base: Vec<f64> = in_base.iter().map(|&inside| f64::from(u8::from(inside))).collect();
    let answer = ratio(design, cell, &base, Some(in_base), &spec.options.estimate())?;
    Ok(RowEstimate {
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
        answer.0 += 1;
        answer.1 += weight;
        answer.2 += weight * weight;
    }
    answer
}

fn has_value(data: &RowData<'_>, row: usize) -> bool {
    match data {
        RowData::Coded { codes, .. } => codes[row] != 0,
        RowData::Set { answered, .. } => answered[row],
        RowData::Number(values) => !values[row].is_nan(),
    }
}

/// What a row of the data adds to a line of the table: 0 or 1, or the number itself.
fn value(data: &RowData<'_>, line: usize, row: usize) -> f64 {
    match data {
        RowData::Coded { codes, .. } => f64::from(u8::from(usize::from(codes[row]) == line + 1)),
        RowData::Set { options, .. } => f64::from(options[line][row]),
        RowData::Number(values) => values[row],
    }
}
