//! Several columns that hold the answers to one question: a column of chosen or not for each option, and who
//! answered.

use std::collections::{HashMap, HashSet};

use analysis::Problem;
use analysis::dataset::missing::is_code;
use analysis::dataset::{ResponseSet, SetBase, SetKind, Variable};

use super::levels::{Places, declared, sorted};
use super::{Column, DataFile};

/// A response set, one entry a row in each column.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SetColumns {
    /// 1 where the option was chosen, else 0: a column an option.
    pub options: Vec<Vec<u8>>,
    /// Whom shares are of.
    pub answered: Vec<bool>,
    /// The options' labels.
    pub labels: Vec<String>,
}

impl SetColumns {
    /// Each option as 1 and 0, NaN for those whom shares are not of, with its label.
    pub fn columns(&self) -> impl Iterator<Item = (Vec<f64>, &str)> {
        let column = |chosen: &Vec<u8>| {
            let value = |(&chosen, &answered): (&u8, &bool)| {
                if answered { f64::from(chosen) } else { f64::NAN }
            };
            chosen.iter().zip(&self.answered).map(value).collect()
        };
        self.options.iter().map(column).zip(self.labels.iter().map(String::as_str))
    }
}

impl DataFile {
    /// The response set with that name; none where there is none.
    pub fn set(&self, name: &str) -> Option<Result<SetColumns, Vec<Problem>>> {
        let set = self.sets.iter().find(|set| set.name == name)?;
        Some(self.set_columns(set))
    }

    fn set_columns(&self, set: &ResponseSet) -> Result<SetColumns, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut columns: Vec<&Column> = Vec::new();
        for name in &set.variables {
            match self.column(name) {
                Ok(column) => columns.push(column),
                Err(more) => problems.extend(more),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let in_any = |row: usize| columns.iter().any(|column| column.codes[row] != 0);
        let answered = match set.base {
            SetBase::Answered => (0..self.rows).map(in_any).collect(),
            SetBase::Everybody => vec![true; self.rows],
        };
        let (options, labels) = match &set.kind {
            SetKind::Chosen(value) => self.chosen(&columns, value),
            SetKind::Options => self.options(&columns),
        };
        Ok(SetColumns { options, answered, labels })
    }

    /// An option for each column.
    fn chosen(&self, columns: &[&Column], value: &str) -> (Vec<Vec<u8>>, Vec<String>) {
        let option = |column: &&Column| {
            let yes: Vec<u8> =
                column.levels.iter().map(|level| u8::from(is_code(value, level))).collect();
            let chosen = |code: &u32| if *code == 0 { 0 } else { yes[*code as usize - 1] };
            column.codes.iter().map(chosen).collect()
        };
        let labels = columns.iter().map(|column| label(&column.variable, &self.language));
        (columns.iter().map(option).collect(), labels.collect())
    }

    /// An option for each level that any column has or is said to have.
    fn options(&self, columns: &[&Column]) -> (Vec<Vec<u8>>, Vec<String>) {
        let mut levels =
            columns.first().map(|column| column.declared(&self.language)).unwrap_or_default();
        let known = Places::of(levels.iter().map(|(value, _)| value.as_str()));
        let others: HashSet<&String> = (columns.iter())
            .flat_map(|column| &column.levels)
            .filter(|value| known.find(value).is_none())
            .collect();
        let others = sorted(&others.into_iter().cloned().collect::<Vec<_>>());
        levels.extend(others.into_iter().map(|value| (value.clone(), value)));
        let known = Places::of(levels.iter().map(|(value, _)| value.as_str()));
        let mut options = vec![vec![0; self.rows]; levels.len()];
        for column in columns {
            let places: Vec<Option<usize>> =
                column.levels.iter().map(|value| known.find(value)).collect();
            for (row, code) in column.codes.iter().enumerate().filter(|(_, code)| **code != 0) {
                if let Some(place) = places[*code as usize - 1] {
                    options[place][row] = 1;
                }
            }
        }
        (options, levels.into_iter().map(|(_, label)| label).collect())
    }
}

/// What a column is called.
fn label(variable: &Variable, language: &str) -> String {
    let label = variable.label.get(language, "");
    if label.is_empty() { variable.name.clone() } else { label.to_owned() }
}

/// A response set whose rows are read one after the other: which options each chooses.
pub struct Choosing {
    kind: SetKind,
    base: SetBase,
    variables: Vec<Variable>,
    /// Options that are said to be there, with their labels.
    declared: Vec<(String, String)>,
    /// Options by what stands in the cells, from 1: declared ones, then others as they are met.
    known: HashMap<String, u32>,
    others: Vec<String>,
}

impl Choosing {
    /// Of a set with these columns.
    pub fn new(set: &ResponseSet, variables: Vec<Variable>, language: &str) -> Self {
        let declared = match (&set.kind, variables.first()) {
            (SetKind::Options, Some(first)) => declared(first, language),
            _ => variables.iter().map(|own| (own.name.clone(), label(own, language))).collect(),
        };
        let (kind, base) = (set.kind.clone(), set.base);
        Self { kind, base, variables, declared, known: HashMap::new(), others: Vec::new() }
    }

    /// The options that a row chooses, each once, from 1; none where shares are not of this row. `cells`:
    /// what stands in each column.
    pub fn chosen(&mut self, cells: &[&str]) -> Option<Vec<u32>> {
        let mut found = Vec::new();
        let mut answered = self.base == SetBase::Everybody;
        for (place, (cell, number)) in cells.iter().zip(1..).enumerate() {
            if cell.is_empty() || self.variables[place].missing.has(cell) {
                continue;
            }
            answered = true;
            let option = match &self.kind {
                SetKind::Chosen(value) => is_code(value, cell).then_some(number),
                SetKind::Options => Some(self.option(cell)),
            };
            found.extend(option.filter(|option| !found.contains(option)));
        }
        answered.then_some(found)
    }

    fn option(&mut self, cell: &str) -> u32 {
        if let Some(known) = self.known.get(cell) {
            return *known;
        }
        let places = Places::of(self.declared.iter().map(|(value, _)| value.as_str()));
        let place = places.find(cell).unwrap_or_else(|| {
            self.others.push(cell.to_owned());
            self.declared.len() + self.others.len() - 1
        });
        // There are fewer than distinct values.
        let option = u32::try_from(place + 1).unwrap_or(u32::MAX);
        self.known.insert(cell.to_owned(), option);
        option
    }

    /// The labels of the options in their order, and the place in it, from 1, of each that
    /// [`Choosing::chosen`] named.
    pub fn finished(self) -> (Vec<String>, Vec<u16>) {
        let order = sorted(&self.others);
        let place = |place: usize| u16::try_from(place + 1).unwrap_or(u16::MAX);
        let of_other = |own: &String| order.iter().position(|other| other == own).unwrap_or(0);
        let said = self.declared.len();
        let places = (0..said).chain(self.others.iter().map(|own| said + of_other(own))).map(place);
        let places = places.collect();
        let labels = self.declared.into_iter().map(|(_, label)| label).chain(order);
        (labels.collect(), places)
    }
}
