//! Rows and typed columns built from responses, with their description.
//!
//! Every value carries its state: a column never has a blank that could be mistaken for a zero, and the
//! reason why there is no value goes all the way to the exported file.

pub mod assemble;
pub mod codebook;
pub mod column;
mod describe;
mod grow;
pub mod missing;

use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

pub use assemble::{Datasets, Response, RosterDataset, assemble};
pub use codebook::{
    Codebook, Level, Measure, ResponseSet, SetBase, SetKind, Variable, VariableKind,
};
pub use column::{Column, Values};
pub use missing::MissingValues;
pub use survey_builder::questionnaire::answer::State;

use crate::design::{Design, DesignInput, SinglePsu, StageInput, Weights};
use crate::error::{Error, Problem, Result};
use crate::problem::{Fault, at_row};

/// Rows and typed columns with their description; `codebook.variables` and `columns` run in parallel.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Dataset {
    /// Identity of each row, as the caller named it.
    pub ids: Vec<String>,
    /// The columns, in questionnaire order, then those that were added.
    pub columns: Vec<Column>,
    /// What the columns mean.
    pub codebook: Codebook,
}

/// Which columns say how the sample was drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DesignColumns<'a> {
    /// Numeric column of base weights.
    pub weight: &'a str,
    /// Coded column of strata, if there are any.
    pub stratum: Option<&'a str>,
    /// Coded column of first-stage clusters, if there are any.
    pub cluster: Option<&'a str>,
    /// Whether cluster codes start again in every stratum.
    pub nest: bool,
    /// The rule for strata with a single cluster.
    pub single_psu: SinglePsu,
}

/// A name that no column of some datasets has: the one wanted, else with `sondage_` before it. What was
/// asked keeps its name.
pub fn free_name(wanted: &str, datasets: &[&Dataset]) -> String {
    let mut name = wanted.to_owned();
    while datasets.iter().any(|dataset| dataset.place(&name).is_ok()) {
        name.insert_str(0, "sondage_");
    }
    name
}

impl Dataset {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.ids.len()
    }

    /// The column with that name.
    ///
    /// # Errors
    /// Where there is none.
    pub fn column(&self, name: &str) -> Result<&Column> {
        self.place(name).map(|place| &self.columns[place])
    }

    /// The description of the column with that name.
    ///
    /// # Errors
    /// Where there is none.
    pub fn variable(&self, name: &str) -> Result<&Variable> {
        self.place(name).map(|place| &self.codebook.variables[place])
    }

    fn place(&self, name: &str) -> Result<usize> {
        self.codebook.variables.iter().position(|variable| variable.name == name).ok_or_else(|| {
            Fault::DataColumnUnknown { columns: self.codebook.names() }.refused(name)
        })
    }

    /// Adds a column, such as a weight or a stratum from the sample.
    ///
    /// # Errors
    /// Where the name is taken, the column is not as long as the dataset, or its codes have no level.
    pub fn add(&mut self, variable: Variable, column: Column) -> Result<()> {
        let mut problems = column.problems(&variable, self.rows());
        if self.place(&variable.name).is_ok() {
            problems.push(Fault::DataColumnTwice.at(&variable.name));
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        self.codebook.variables.push(variable);
        self.columns.push(column);
        Ok(())
    }

    /// Adds columns of another dataset, such as the weights of responses to their members: row `i`
    /// takes what row `rows[i]` has there.
    ///
    /// # Errors
    /// Where the other has no such column, the name is taken here, or a row is not there.
    pub fn add_from(&mut self, other: &Self, names: &[&str], rows: &[usize]) -> Result<()> {
        for name in names {
            let variable = other.variable(name)?.clone();
            let column = other.column(name)?.rows(rows).ok_or_else(|| {
                Fault::DataLength { found: other.rows(), rows: rows.len() }.refused(*name)
            })?;
            self.add(variable, column)?;
        }
        Ok(())
    }

    /// A design with one stage from columns of the dataset.
    ///
    /// # Errors
    /// Missing columns, columns of the wrong type, rows without a stratum or cluster, and whatever
    /// [`Design::new`] finds.
    pub fn design(&self, columns: &DesignColumns<'_>) -> Result<Design> {
        let weights = self.numeric(columns.weight)?;
        let group = |name: Option<&str>| name.map(|name| self.groups(name)).transpose();
        Design::new(DesignInput {
            weights: Weights::Given(weights),
            stages: vec![StageInput {
                strata: group(columns.stratum)?,
                clusters: group(columns.cluster)?,
                population: None,
            }],
            nest: columns.nest,
            single_psu: columns.single_psu,
            domain_single_psu: false,
        })
    }

    fn groups(&self, name: &str) -> Result<Vec<u32>> {
        let (codes, _) = self.coded(name)?;
        let missing: Vec<Problem> = codes
            .iter()
            .enumerate()
            .filter(|(_, code)| **code == 0)
            .take(20)
            .map(|(row, _)| Fault::DataMissing.at(at_row(name, row)))
            .collect();
        if missing.is_empty() {
            Ok(codes.into_iter().map(u32::from).collect())
        } else {
            Err(Error::Invalid(missing))
        }
    }

    /// A column as codes (0: no value) and the number of levels. Scales of whole numbers are coded by
    /// their points.
    ///
    /// # Errors
    /// Where the column is neither coded nor a scale.
    pub fn coded(&self, name: &str) -> Result<(Vec<u16>, usize)> {
        let place = self.place(name)?;
        let variable = &self.codebook.variables[place];
        match (&self.columns[place].values, &variable.kind) {
            (Values::Coded(codes), _) => Ok((codes.clone(), variable.levels.len())),
            (Values::Number(values), VariableKind::Scale { from, .. }) => {
                let code = |value: f64| {
                    let place = value - f64::from(*from) + 1.0;
                    let within = place >= 1.0 && place <= variable.levels.len() as f64;
                    // Whole points only; within the levels, so the conversion is exact.
                    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                    let code = if within && place.fract() == 0.0 { place as u16 } else { 0 };
                    code
                };
                Ok((values.iter().map(|&value| code(value)).collect(), variable.levels.len()))
            }
            _ => Err(Fault::DataKind { wanted: phrase("phrase-a-choice-of-one-option").into() }
                .refused(name)),
        }
    }

    /// A column as numbers (NaN: no value). Choices whose codes are all numbers count as those numbers.
    ///
    /// # Errors
    /// Where the column is text, a set, or a choice with codes that are not numbers.
    pub fn numeric(&self, name: &str) -> Result<Vec<f64>> {
        let place = self.place(name)?;
        let variable = &self.codebook.variables[place];
        match &self.columns[place].values {
            Values::Number(values) => Ok(values.clone()),
            Values::Coded(codes) => {
                let numbers: Option<Vec<f64>> =
                    variable.levels.iter().map(|level| level.code.parse().ok()).collect();
                let numbers = numbers.ok_or_else(|| {
                    Fault::DataKind { wanted: phrase("phrase-a-number").into() }.refused(name)
                })?;
                Ok(codes
                    .iter()
                    .map(|&code| match usize::from(code) {
                        0 => f64::NAN,
                        code => numbers.get(code - 1).copied().unwrap_or(f64::NAN),
                    })
                    .collect())
            }
            Values::Text(_) | Values::Set(_) => {
                Err(Fault::DataKind { wanted: phrase("phrase-a-number").into() }.refused(name))
            }
        }
    }
}
