//! Columns that are computed row by row while a file is read, for files larger than memory.
//!
//! An expression knows the kinds of the columns that it reads, and a kind that nobody said is seen by all
//! values of the column. So the file is read before: once for its own columns, and once more for computed
//! columns that others read.

use std::borrow::Cow;
use std::path::Path;

use analysis::Problem;
use analysis::dataset::VariableKind;
use survey_builder::questionnaire::answer::{Answer, State};
use survey_builder::questionnaire::expression::{Environment, Expected, Expression, evaluate};

use super::computed::{Names, answer_of, written};
use super::described::Seen;
use super::{Described, Known, open};
use crate::statistics::arguments::TablePlace;
use crate::terminal::Failure;

/// The columns of a file and those that are computed from them.
pub struct Computing {
    /// The file's own first.
    names: Vec<String>,
    columns: Vec<Known>,
    /// How many are the file's own.
    own: usize,
    /// What is computed, in the order of the columns; none where nobody asks for it.
    steps: Vec<Option<Expression>>,
}

/// The answers of one row.
struct Row<'a> {
    columns: &'a [Known],
    record: &'a csv::StringRecord,
}

impl Environment for Row<'_> {
    fn answer(&self, reference: &str) -> Cow<'_, Answer> {
        let place = reference.parse::<usize>().unwrap_or(usize::MAX);
        let text = self.record.get(place).unwrap_or_default();
        let column = self.columns.get(place).map(|known| &known.variable);
        let column = column.filter(|own| !text.is_empty() && !own.missing.has(text));
        let none = Answer::Missing(State::Skipped);
        Cow::Owned(column.map_or(none, |own| answer_of(&own.kind, text)))
    }
}

impl Computing {
    /// What is computed from the columns `names` of a file.
    ///
    /// # Errors
    /// A file that cannot be read, expressions that cannot be, or that name columns that are not there.
    pub fn new(
        path: &Path,
        table: &TablePlace,
        names: &[String],
        described: &Described,
    ) -> Result<Self, Failure> {
        let mut all = Self {
            names: names.to_vec(),
            columns: described.variables.clone(),
            own: names.len(),
            steps: Vec::new(),
        };
        let reads = |text: &str, name: &String| !name.is_empty() && text.contains(name.as_str());
        let texts: Vec<&str> = described.computed.iter().map(expression_of).collect();
        let mut problems: Vec<Problem> = Vec::new();
        let read = |all: &Self, texts: &[&str]| -> Vec<usize> {
            let read = |place: &usize| texts.iter().any(|text| reads(text, &all.names[*place]));
            (0..all.names.len()).filter(|place| !all.columns[*place].kind && read(place)).collect()
        };
        let open_kinds = read(&all, &texts);
        all.see(path, table, &open_kinds)?;
        for (known, text) in described.computed.iter().zip(&texts) {
            let open_kinds = read(&all, &[text]);
            all.see(path, table, &open_kinds)?;
            let kinds = all.columns.iter().map(|own| &own.variable.kind).collect();
            let names = Names { names: &all.names, kinds };
            match names.compiled(&known.variable.name, text, Expected::Single) {
                Ok(expression) => {
                    all.names.push(known.variable.name.clone());
                    all.columns.push(known.clone());
                    all.steps.push(Some(expression));
                }
                Err(more) => problems.extend(more),
            }
        }
        if problems.is_empty() { Ok(all) } else { Err(analysis::Error::Invalid(problems).into()) }
    }

    /// Reads the file for the kinds of some columns.
    fn see(&mut self, path: &Path, table: &TablePlace, places: &[usize]) -> Result<(), Failure> {
        if places.is_empty() {
            return Ok(());
        }
        let mut seen: Vec<Seen> = places.iter().map(|_| Seen::default()).collect();
        let mut opened = open(path, table, None)?;
        let mut record = csv::StringRecord::new();
        while opened.next_row(path, &mut record)? {
            self.extend(&mut record);
            for (place, seen) in places.iter().zip(&mut seen) {
                let text = record.get(*place).unwrap_or_default();
                if !text.is_empty() && !self.columns[*place].variable.missing.has(text) {
                    seen.add(text);
                }
            }
        }
        for (place, seen) in places.iter().zip(seen) {
            let own = &mut self.columns[*place];
            own.variable.kind = seen.kind().unwrap_or(VariableKind::Text);
            own.kind = true;
        }
        Ok(())
    }

    /// The file's columns and the computed ones.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether nothing is computed.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Leaves out what none of these columns needs.
    pub fn keep(&mut self, wanted: &[String]) {
        let mut needed: Vec<bool> = self.names.iter().map(|name| wanted.contains(name)).collect();
        for (step, expression) in self.steps.iter_mut().enumerate().rev() {
            if !needed[self.own + step] {
                *expression = None;
            }
            for reference in expression.iter().flat_map(Expression::references) {
                if let Some(read) = reference.parse().ok().and_then(|it: usize| needed.get_mut(it))
                {
                    *read = true;
                }
            }
        }
    }

    /// Puts what is computed behind the cells of a row of the file.
    pub fn extend(&self, record: &mut csv::StringRecord) {
        for step in &self.steps {
            let row = Row { columns: &self.columns, record };
            let value = step.as_ref().and_then(|step| evaluate(step, &row));
            record.push_field(&value.map_or_else(String::new, written));
        }
    }
}

fn expression_of(known: &Known) -> &str {
    known.variable.computed.as_deref().unwrap_or_default()
}
