//! Columns whose gaps are filled from people alike, several times: estimates come from each copy and are
//! put together by Rubin's rules.

use analysis::Problem;
use analysis::estimate::Coded;
use analysis::estimate::hot_deck::{Filled, approximate_bayesian_bootstrap, hot_deck};
use analysis::problem::{Fault, at_level};
use survey_builder::problem::{Argument, phrase};
use survey_builder::sampling::Seed;

use super::data_file::DataFile;
use super::design_file::Imputation;
use super::places::{put_column, put_label};

/// Filled columns by name, one entry a copy.
pub type Copies = Vec<(String, Vec<Filled>)>;

/// Fills the gaps that the design names.
pub fn copies(wanted: &[Imputation], data: &DataFile, problems: &mut Vec<Problem>) -> Copies {
    let mut found = Copies::new();
    for one in wanted {
        if one.copies != wanted[0].copies {
            let copies = phrase("phrase-input-copies-of").with("variable", &one.column);
            problems
                .push(Fault::DataCount { found: one.copies, needed: wanted[0].copies }.at(copies));
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
        None => (vec![1; data.rows()], vec![String::new()]),
    };
    let classes = Coded { codes: &codes, levels: labels.len() };
    let seed = Seed(one.seed);
    let found = if one.copies == 1 {
        hot_deck(&values, classes, None, None, seed).map(|filled| vec![filled])
    } else {
        approximate_bayesian_bootstrap(&values, classes, None, one.copies, seed)
    };
    found.map_err(|error| {
        let column = one.classes.as_ref().unwrap_or(&one.column);
        let mut problems = error.into_problems();
        for problem in &mut problems {
            put_column(&mut problem.place, "phrase-input-classes", column);
            if one.classes.is_some() {
                put_label(&mut problem.place, column, &labels);
            } else if problem.place == Argument::from(at_level(column, 1_usize)) {
                // All rows are one class, which has no name.
                problem.place = column.into();
            }
        }
        problems
    })
}

/// Copies of the data: 1 where nothing is filled.
pub fn count(copies: &Copies) -> usize {
    copies.first().map_or(1, |(_, copies)| copies.len())
}
