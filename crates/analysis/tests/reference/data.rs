//! The data files of the cases: columns of text, read as numbers or levels where asked.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use crate::compare::failed;
use crate::formula::numeric;
use crate::{Case, Stop};

/// A CSV file by column; an empty field is missing.
pub(crate) struct Data {
    pub(crate) rows: usize,
    /// Names in the order of the file.
    pub(crate) names: Vec<String>,
    columns: HashMap<String, Vec<String>>,
}

/// Levels of a column: their names in order, and the code of each row (0: missing).
pub(crate) struct Levels {
    pub(crate) names: Vec<String>,
    pub(crate) codes: Vec<u16>,
}

impl Data {
    pub(crate) fn read(path: &Path) -> Result<Self, Stop> {
        let mut reader = csv::Reader::from_path(path)
            .map_err(|error| failed(&format!("{}: {error}", path.display())))?;
        let names: Vec<String> = reader
            .headers()
            .map_err(|e| failed(&e.to_string()))?
            .iter()
            .map(str::to_owned)
            .collect();
        let mut columns: Vec<Vec<String>> = vec![Vec::new(); names.len()];
        let mut rows = 0;
        for record in reader.records() {
            let record = record.map_err(|error| failed(&error.to_string()))?;
            for (column, field) in columns.iter_mut().zip(record.iter()) {
                column.push(field.to_owned());
            }
            rows += 1;
        }
        let columns = names.iter().cloned().zip(columns).collect();
        Ok(Self { rows, names, columns })
    }

    fn add(&mut self, name: &str, values: &[f64]) {
        let text = |value: &f64| if value.is_nan() { String::new() } else { value.to_string() };
        self.columns.insert(name.to_owned(), values.iter().map(text).collect());
        self.names.push(name.to_owned());
    }

    /// The rows whose field is one value.
    pub(crate) fn where_is(&self, name: &str, value: &str) -> Result<Self, Stop> {
        let keep: Vec<bool> = self.text(name)?.iter().map(|field| field == value).collect();
        let kept = |column: &Vec<String>| -> Vec<String> {
            column.iter().zip(&keep).filter(|(_, keep)| **keep).map(|(f, _)| f.clone()).collect()
        };
        Ok(Self {
            rows: keep.iter().filter(|keep| **keep).count(),
            names: self.names.clone(),
            columns: self.columns.iter().map(|(name, c)| (name.clone(), kept(c))).collect(),
        })
    }

    pub(crate) fn text(&self, name: &str) -> Result<&[String], Stop> {
        self.columns
            .get(name)
            .map(Vec::as_slice)
            .ok_or_else(|| Stop::Failed(format!("no column {name}")))
    }

    /// Numbers, NaN where missing.
    pub(crate) fn numbers(&self, name: &str) -> Result<Vec<f64>, Stop> {
        self.text(name)?
            .iter()
            .map(|field| match field.as_str() {
                "" => Ok(f64::NAN),
                "TRUE" => Ok(1.0),
                "FALSE" => Ok(0.0),
                other => other
                    .parse::<f64>()
                    .map_err(|_| Stop::NotYet(format!("column {name} is not numeric"))),
            })
            .collect()
    }

    /// Levels: numbers in order of size, text in order of its bytes.
    pub(crate) fn levels(&self, name: &str) -> Result<Levels, Stop> {
        let text = self.text(name)?;
        let mut names: Vec<String> =
            text.iter().filter(|field| !field.is_empty()).cloned().collect();
        names.sort();
        names.dedup();
        if names.iter().all(|name| name.parse::<f64>().is_ok()) {
            names.sort_by(|left, right| {
                let number = |name: &String| name.parse::<f64>().unwrap_or(f64::NAN);
                number(left).total_cmp(&number(right))
            });
        }
        let codes = self.codes(name, &names)?;
        Ok(Levels { names, codes })
    }

    /// Codes of a column by given level names.
    pub(crate) fn codes(&self, name: &str, names: &[String]) -> Result<Vec<u16>, Stop> {
        let places: HashMap<&str, u16> = names.iter().map(String::as_str).zip(1_u16..).collect();
        self.text(name)?
            .iter()
            .map(|field| match field.as_str() {
                "" => Ok(0),
                field => places
                    .get(field)
                    .copied()
                    .ok_or_else(|| Stop::Failed(format!("{name}: level {field} is not listed"))),
            })
            .collect()
    }

    /// Arbitrary codes for strata and clusters.
    pub(crate) fn group_codes(&self, name: &str) -> Result<Vec<u32>, Stop> {
        let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
        Ok(self
            .text(name)?
            .iter()
            .map(|field| {
                let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
                *numbers.entry(field).or_insert(next)
            })
            .collect())
    }
}

impl Case<'_> {
    pub(crate) fn data(&self) -> Result<Data, Stop> {
        let name = self.body["data"].as_str().ok_or_else(|| failed("no data file"))?;
        let mut data = Data::read(&self.folder.join("data").join(name))?;
        if let Some(text) = self.statistic()["derive"].as_str() {
            let (name, expression) =
                text.split_once('=').ok_or_else(|| failed("a derived column without a name"))?;
            let values = numeric(&data, expression)?;
            data.add(name.trim(), &values);
        }
        Ok(data)
    }
}
