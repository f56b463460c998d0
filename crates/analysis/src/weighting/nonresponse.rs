//! Nonresponse: those who answered stand for those of their cell who did not.

use survey_builder::problem::phrase;

use crate::design::Design;
use crate::error::{Error, Problem, Result, all_or_nothing};
use crate::estimate::{Coded, length_problem};
use crate::problem::{Fault, at_level, at_row};

/// Weights after nonresponse, with the factor of each cell.
#[derive(Debug, Clone)]
pub struct NonresponseAdjustment {
    /// The design with adjusted weights; those who did not answer have none.
    pub design: Design,
    /// Weight of a cell over the weight of those in it who answered.
    pub factors: Vec<f64>,
}

/// Weighting cells: the weight of a cell over that of its respondents (Little 1986). The variance takes
/// the adjusted weights as given.
///
/// # Errors
/// Wrong lengths, rows without a cell, cells in which nobody answered.
pub fn adjust_in_cells(
    design: &Design,
    responded: &[bool],
    cells: Coded<'_>,
) -> Result<NonresponseAdjustment> {
    let mut problems = cells.problems(phrase("phrase-input-cells"), design.rows());
    problems.extend(length_problem(
        phrase("phrase-input-responded"),
        responded.len(),
        design.rows(),
    ));
    if let Some(row) = cells.codes.iter().position(|code| *code == 0) {
        problems.push(Fault::DataMissing.at(at_row(phrase("phrase-input-cells"), row)));
    }
    all_or_nothing(problems)?;
    let design = design.clone().with_each_replicate(|replicate| {
        let factors = cell_factors(&replicate, responded, cells)?;
        Ok(adjusted(&replicate, responded, cells, &factors))
    })?;
    let factors = cell_factors(&design, responded, cells)?;
    let weights = adjusted(&design, responded, cells, &factors);
    Ok(NonresponseAdjustment { design: design.with_weights(weights), factors })
}

fn adjusted(design: &Design, responded: &[bool], cells: Coded<'_>, factors: &[f64]) -> Vec<f64> {
    let rows = design.weights().iter().zip(cells.codes).zip(responded);
    rows.map(
        |((weight, &code), &answered)| {
            if answered { weight * factors[usize::from(code) - 1] } else { 0.0 }
        },
    )
    .collect()
}

/// The weight of each cell over that of those in it who answered; one where nobody is.
fn cell_factors(design: &Design, responded: &[bool], cells: Coded<'_>) -> Result<Vec<f64>> {
    let mut sums = vec![(0.0, 0.0); cells.levels];
    for ((&code, weight), &answered) in cells.codes.iter().zip(design.weights()).zip(responded) {
        let cell = &mut sums[usize::from(code) - 1];
        cell.0 += weight;
        cell.1 += if answered { *weight } else { 0.0 };
    }
    let empty: Vec<Problem> = sums
        .iter()
        .enumerate()
        .filter(|(_, (all, answered))| *all > 0.0 && *answered <= 0.0)
        .map(|(cell, _)| Fault::CellUnanswered.at(at_level(phrase("phrase-input-cells"), cell + 1)))
        .collect();
    if !empty.is_empty() {
        return Err(Error::Invalid(empty));
    }
    let factor = |&(all, answered): &(f64, f64)| if all > 0.0 { all / answered } else { 1.0 };
    Ok(sums.iter().map(factor).collect())
}
