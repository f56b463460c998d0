//! Cohen's kappa of two coded variables in the population.

use survey_builder::problem::phrase;

use super::independence::cell_shares;
use crate::design::Design;
use crate::error::Result;
use crate::estimate::Coded;
use crate::estimate::joint::Contrast;
use crate::problem::Fault;

/// Cohen's kappa (1960) of the population, with its standard error by the delta method from the shares
/// of the cells. Both variables have the same levels, in the same order.
///
/// # Errors
/// Different numbers of levels, everything in one level; as [`super::independence::independence`].
pub fn weighted_kappa(
    design: &Design,
    first: Coded<'_>,
    second: Coded<'_>,
    domain: Option<&[bool]>,
) -> Result<Contrast> {
    if first.levels != second.levels {
        return Err(Fault::TableLevels { found: first.levels, other: second.levels }
            .refused(phrase("phrase-input-variables")));
    }
    let levels = first.levels;
    let cells = cell_shares(design, first, second, domain)?;
    let margin = |level: usize, across: bool| -> f64 {
        let cell = |other: usize| {
            if across { other * levels + level } else { level * levels + other }
        };
        (0..levels).map(|other| cells.table.shares[cell(other)]).sum()
    };
    let by_row: Vec<f64> = (0..levels).map(|level| margin(level, false)).collect();
    let by_column: Vec<f64> = (0..levels).map(|level| margin(level, true)).collect();
    let observed: f64 = (0..levels).map(|level| cells.table.shares[level * levels + level]).sum();
    let expected: f64 = by_row.iter().zip(&by_column).map(|(row, column)| row * column).sum();
    if 1.0 - expected <= 0.0 {
        return Err(Fault::DataConstant.refused(phrase("phrase-input-variables")));
    }
    let value = (observed - expected) / (1.0 - expected);
    let gradient: Vec<f64> = (0..levels * levels)
        .map(|cell| {
            let (row, column) = (cell / levels, cell % levels);
            let agrees = f64::from(u8::from(row == column));
            let by_chance = by_column[row] + by_row[column];
            agrees / (1.0 - expected)
                + by_chance * (observed - 1.0) / ((1.0 - expected) * (1.0 - expected))
        })
        .collect();
    let variance = cells.covariance.variance_of(&gradient);
    Ok(Contrast { value, standard_error: cells.covariance.root(variance) })
}
