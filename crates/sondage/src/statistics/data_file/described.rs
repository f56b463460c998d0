//! What is known of the columns before a row is read: from the file itself, from the codebook beside it, and
//! from the missing codes of the design.

use std::collections::HashSet;
use std::path::Path;

use analysis::Problem;
use analysis::dataset::missing::number_in;
use analysis::dataset::{
    Codebook, Level, Measure, MissingValues, ResponseSet, Variable, VariableKind,
};
use analysis::problem::Fault;
use chrono::NaiveDate;

use super::{Dictionary, no_column};
use crate::statistics::arguments::TablePlace;
use crate::statistics::codebook_file::{CodebookFile, Entry, Words};
use crate::statistics::design_file::MissingCodes;
use crate::terminal::Failure;

/// What is said of a data file beside it.
#[derive(Clone, Copy)]
pub struct Said<'a> {
    /// Where its table is.
    pub table: &'a TablePlace,
    /// The file of its codebook.
    pub codebook: Option<&'a Path>,
    /// Values that are no answers.
    pub missing: Option<&'a MissingCodes>,
    /// The language of labels.
    pub language: &'a str,
}

/// What is known of the columns of a file.
pub struct Described {
    /// One a column, in their order.
    pub variables: Vec<Known>,
    /// Columns that are computed from others, in the order in which they are.
    pub computed: Vec<Known>,
    /// Several columns that hold the answers to one question.
    pub sets: Vec<ResponseSet>,
    /// The column of weights.
    pub weight: Option<String>,
    /// Missing codes that were typed: of a column, or of any.
    typed: Vec<(Option<String>, String)>,
}

/// What is known of a column; what its values are is seen by them, unless it is said.
#[derive(Debug, Clone)]
pub struct Known {
    /// As far as it is known.
    pub variable: Variable,
    /// Whether its kind is said.
    pub(super) kind: bool,
    /// Whether its measure is said.
    measure: bool,
}

impl Known {
    /// Nothing but a name.
    pub fn unknown(name: &str) -> Self {
        let variable = Variable::plain(name, VariableKind::Text, Vec::new());
        Self { variable, kind: false, measure: false }
    }

    /// With kind and measure as its values show them, where they are not said.
    pub fn seen(self, values: &[String]) -> Variable {
        let Self { mut variable, kind, measure } = self;
        if !kind {
            let mut seen = Seen::default();
            for value in values {
                seen.add(value);
            }
            variable.kind = seen.kind().unwrap_or(variable.kind);
        }
        if !measure {
            let named = !variable.levels.is_empty();
            variable.measure = if named { Measure::Nominal } else { variable.kind.measure() };
        }
        variable
    }
}

/// Of which kinds all values are that were seen.
#[derive(Default)]
pub(super) struct Seen {
    any: bool,
    texts: bool,
    no_days: bool,
}

impl Seen {
    /// One more value.
    pub(super) fn add(&mut self, text: &str) {
        self.any = true;
        self.texts |= number_in(text).is_none();
        self.no_days |= text.len() != 10 || text.parse::<NaiveDate>().is_err();
    }

    /// The kind of all of them; none of none.
    pub(super) fn kind(&self) -> Option<VariableKind> {
        self.any.then_some(match (self.texts, self.no_days) {
            (false, _) => VariableKind::Number,
            (true, false) => VariableKind::Date,
            (true, true) => VariableKind::Text,
        })
    }
}

impl Described {
    /// What is known of columns with these names.
    ///
    /// # Errors
    /// A codebook that cannot be read, or speaks of columns that are not there.
    pub fn new(names: &[String], codebook: Codebook, said: &Said<'_>) -> Result<Self, Failure> {
        let mut problems = Vec::new();
        let of_file = |name: &String| match codebook.variable(name) {
            Some(own) => Known { variable: own.clone(), kind: true, measure: true },
            None => Known::unknown(name),
        };
        let mut described = Self {
            variables: names.iter().map(of_file).collect(),
            computed: Vec::new(),
            sets: codebook.sets,
            weight: codebook.weight,
            typed: Vec::new(),
        };
        if let Some(path) = said.codebook {
            described.read_codebook(names, CodebookFile::read(path)?, &mut problems);
        }
        if let Some(missing) = said.missing {
            described.add_missing(names, missing, &mut problems);
        }
        if problems.is_empty() {
            Ok(described)
        } else {
            Err(analysis::Error::Invalid(problems).into())
        }
    }

    /// Puts what a codebook says in the place of what the file says.
    fn read_codebook(&mut self, names: &[String], file: CodebookFile, problems: &mut Vec<Problem>) {
        let mut met = HashSet::new();
        for entry in file.variables {
            if !met.insert(entry.name.clone()) {
                problems.push(Fault::DataColumnTwice.at(&entry.name));
                continue;
            }
            for code in entry.missing.iter().flatten() {
                self.typed.push((Some(entry.name.clone()), code.clone()));
            }
            let place = names.iter().position(|name| *name == entry.name);
            match (place, &entry.computed) {
                (Some(place), _) => put(&mut self.variables[place], entry),
                (None, Some(_)) => {
                    let mut variable = Known::unknown(&entry.name);
                    put(&mut variable, entry);
                    self.computed.push(variable);
                }
                (None, None) => problems.push(no_column(&entry.name, names)),
            }
        }
        let there = |name: &String, computed: &[Known]| {
            names.contains(name) || computed.iter().any(|own| own.variable.name == *name)
        };
        for set in file.sets {
            if there(&set.name, &self.computed) || !met.insert(set.name.clone()) {
                problems.push(Fault::DataColumnTwice.at(&set.name));
            }
            if set.variables.is_empty() {
                problems.push(Problem::new("set_without_columns", &set.name));
            }
            let lost = set.variables.iter().filter(|name| !there(name, &self.computed));
            problems.extend(lost.map(|name| no_column(name, names)));
            self.sets.retain(|own| own.name != set.name);
            self.sets.push(set.set());
        }
        if let Some(weight) = file.weight {
            if !there(&weight, &self.computed) {
                problems.push(no_column(&weight, names));
            }
            self.weight = Some(weight);
        }
    }

    fn add_missing(
        &mut self,
        names: &[String],
        missing: &MissingCodes,
        problems: &mut Vec<Problem>,
    ) {
        match missing {
            MissingCodes::Everywhere(codes) => {
                let values = MissingValues::typed(codes.iter().map(String::as_str));
                self.variables.iter_mut().for_each(|own| own.variable.missing.add(&values));
                self.typed.extend(codes.iter().map(|code| (None, code.clone())));
            }
            MissingCodes::ByColumn(columns) => {
                for (name, codes) in columns {
                    let Some(place) = names.iter().position(|own| own == name) else {
                        problems.push(no_column(name, names));
                        continue;
                    };
                    let values = MissingValues::typed(codes.iter().map(String::as_str));
                    self.variables[place].variable.missing.add(&values);
                    self.typed.extend(codes.iter().map(|code| (Some(name.clone()), code.clone())));
                }
            }
        }
    }

    /// What is known of a column.
    pub fn of(&self, name: &str) -> Known {
        let mut all = self.variables.iter().chain(&self.computed);
        let own = all.find(|own| own.variable.name == name);
        own.cloned().unwrap_or_else(|| Known::unknown(name))
    }

    /// Missing codes that none of the columns they are for has: slips of the pen, or a sign that the data have
    /// others. Ranges are none of them.
    pub fn unmet(&self, names: &[String], columns: &[&Dictionary]) -> Vec<String> {
        let unmet = |(of, code): &&(Option<String>, String)| {
            let mut own = names.iter().zip(columns);
            let met = own
                .any(|(name, column)| of.as_ref().is_none_or(|of| of == name) && column.met(code));
            let code = MissingValues::typed([code.as_str()]);
            !met && code.ranges.is_empty()
        };
        let written = |(of, code): &(Option<String>, String)| match of {
            Some(name) => format!("{name} {code}"),
            None => code.clone(),
        };
        self.typed.iter().filter(unmet).map(written).collect()
    }
}

/// Puts what a codebook says of a column in the place of what was known.
fn put(known: &mut Known, entry: Entry) {
    let variable = &mut known.variable;
    if let Some(kind) = entry.kind {
        variable.kind = kind.kind();
        known.kind = true;
    }
    if let Some(measure) = entry.measure {
        variable.measure = measure;
        known.measure = true;
    }
    if let Some(words) = entry.label {
        variable.label = words.text();
    }
    if let Some(words) = entry.unit {
        variable.unit = words.text();
    }
    if let Some(missing) = entry.missing {
        variable.missing = MissingValues::typed(missing.iter().map(String::as_str));
    }
    if let Some(asked) = entry.asked {
        variable.universe = asked;
    }
    if let Some(levels) = entry.levels {
        let level = |(code, words): (String, Words)| Level { code, label: words.text() };
        variable.levels = levels.into_iter().map(level).collect();
    }
    variable.computed = entry.computed;
}
