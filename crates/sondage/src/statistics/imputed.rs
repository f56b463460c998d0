//! Columns whose gaps are filled from people alike, several times: estimates come from each copy and are
//! put together by Rubin's rules.

use analysis::Problem;
use analysis::estimate::Coded;
use analysis::estimate::hot_deck::{Filled, approximate_bayesian_bootstrap, hot_deck};
use survey_builder::sampling::Seed;

use super::data_file::DataFile;
use super::design_file::Imputation;

/// Filled columns by name, one entry a copy.
pub type Copies = Vec<(String, Vec<Filled>)>;

/// Fills the gaps that the design names.
pub fn copies(wanted: &[Imputation], data: &DataFile, problems: &mut Vec<Problem>) -> Copies {
    let mut found = Copies::new();
    for one in wanted {
        if one.copies != wanted[0].copies {
            let fault =
                format!("has {} copies, {} has {}", one.copies, wanted[0].column, wanted[0].copies);
            problems.push(Problem::input(&one.column, fault, "give every column as many"));
            continue;
        }
        match filled(one, data) {
            Ok(copies) => found.push((one.column.clone(), copies)),
            Err(more) => problems.extend(more),
        }
    }
    found
}

fn filled(one: &Imputation, data: &DataFile) -> Result<Vec<Filled>, Vec<Problem>> {
    let values = data.numbers(&one.column)?;
    let (codes, labels) = match &one.classes {
        Some(name) => {
            let levels = data.levels(name)?;
            (levels.codes, levels.labels)
        }
        None => (vec![1; data.rows()], vec!["all".to_owned()]),
    };
    let classes = Coded { codes: &codes, levels: labels.len() };
    let seed = Seed(one.seed);
    let found = if one.copies == 1 {
        hot_deck(&values, classes, None, None, seed).map(|filled| vec![filled])
    } else {
        approximate_bayesian_bootstrap(&values, classes, None, one.copies, seed)
    };
    found.map_err(|error| match error {
        analysis::Error::Invalid(problems) => {
            problems.into_iter().map(|problem| named(problem, one, &labels)).collect()
        }
        other => vec![Problem::input(&one.column, other.to_string(), "choose other classes")],
    })
}

/// The column and the label of a class in place of its number.
fn named(mut problem: Problem, one: &Imputation, labels: &[String]) -> Problem {
    use analysis::error::Place;
    let column = one.classes.clone().unwrap_or_else(|| one.column.clone());
    match &mut problem.place {
        Place::Level { variable, level } => {
            let place = level.parse::<usize>().unwrap_or(0);
            if let Some(label) = place.checked_sub(1).and_then(|own| labels.get(own)) {
                level.clone_from(label);
            }
            *variable = column;
        }
        Place::Row { input, .. } if input == "classes" => *input = column,
        _ => {}
    }
    problem
}

/// Copies of the data: 1 where nothing is filled.
pub fn count(copies: &Copies) -> usize {
    copies.first().map_or(1, |(_, copies)| copies.len())
}
