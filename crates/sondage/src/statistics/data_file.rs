//! A data file as columns of distinct values: what is a number and what is a level is said by whoever asks.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use analysis::Problem;
use analysis::problem::{Fault, at_level, at_row};
use survey_builder::list::rows::{Asked, List, is_blank};
use survey_builder::list::text::tidied_bytes;
use survey_builder::problem::phrase;
use survey_builder::sampling;

use crate::frame_file::{self, Refusal};
use crate::sampling_arguments::EncodingChoice;
use crate::terminal::Failure;

/// The most problems told of one column.
pub const MOST_TOLD: usize = 20;

/// Distinct values as they are met.
#[derive(Debug, Default)]
pub struct Dictionary {
    levels: Vec<String>,
    /// The codes of values, 0 of those that stand for none.
    known: HashMap<String, u32>,
}

impl Dictionary {
    /// The code of a value, from 1; 0 for what is no value.
    pub fn code(&mut self, value: &str, missing: &[String]) -> u32 {
        if value.is_empty() {
            return 0;
        }
        if let Some(code) = self.known.get(value) {
            return *code;
        }
        if missing.iter().any(|code| is_code(code, value)) {
            self.known.insert(value.to_owned(), 0);
            return 0;
        }
        self.levels.push(value.to_owned());
        // More distinct values than that do not fit in memory.
        let code = u32::try_from(self.levels.len()).unwrap_or(u32::MAX);
        self.known.insert(value.to_owned(), code);
        code
    }

    /// Whether a value that stands for none was met as this code.
    fn met(&self, missing: &str) -> bool {
        self.known.iter().any(|(value, code)| *code == 0 && is_code(missing, value))
    }

    /// The value of a code.
    pub fn level(&self, code: u32) -> Option<&str> {
        self.levels.get(code.checked_sub(1)? as usize).map(String::as_str)
    }
}

/// Whether a value is a missing code: the same text or the same number (`-99` and `-99.0`).
pub fn is_code(code: &str, value: &str) -> bool {
    code == value || number_of(code).is_some_and(|number| number_of(value) == Some(number))
}

/// Missing codes that none of some columns has: slips of the pen, or a sign that the data have others.
fn unmet<'d>(
    missing: &[String],
    columns: &(impl Iterator<Item = &'d Dictionary> + Clone),
) -> Vec<String> {
    let unmet = |code: &&String| !columns.clone().any(|column| column.met(code));
    missing.iter().filter(unmet).cloned().collect()
}

/// The number that a text is, where it is one.
fn number_of(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// One column: the distinct values as written, and for each row its place among them.
struct Column {
    levels: Vec<String>,
    /// Zero where there is no value.
    codes: Vec<u32>,
    /// Labels and order of levels, where the design gives them.
    labels: Option<Vec<(String, String)>>,
}

/// A column with levels in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Levels {
    /// One code a row: 1 is the first level, 0 no value.
    pub codes: Vec<u16>,
    /// The levels as written in the data.
    pub values: Vec<String>,
    /// Their labels, else the values.
    pub labels: Vec<String>,
}

/// The columns of a file.
pub struct DataFile {
    names: Vec<String>,
    columns: Vec<Column>,
    rows: usize,
    /// Missing codes that no column has.
    unmet: Vec<String>,
}

/// A data file opened: its rows come one after the other.
pub struct Opened {
    rows: List<Box<dyn Read>>,
    record: csv::ByteRecord,
    /// The heading.
    pub names: Vec<String>,
    /// Labels of levels that the file has, by column.
    pub labels: Vec<(String, Vec<(String, String)>)>,
}

/// Opens a data file with a heading: a list as frames are (CSV, a sheet of an Excel workbook, Parquet),
/// SPSS (.sav, .zsav) or Stata (.dta).
///
/// Of a Parquet file only the columns named in `only` are read, if any are.
///
/// # Errors
/// A file that cannot be read; headings that are there twice.
pub fn open(path: &Path, only: Option<Vec<String>>) -> Result<Opened, Failure> {
    let opened = frame_file::open(path, EncodingChoice::Auto, None).and_then(|mut file| {
        file.only = only;
        let labels = file.labels()?;
        Ok((List::open(file.rows()?, file.separator, Asked::default())?, labels))
    });
    let (rows, labels) = opened.map_err(|refusal| match refusal {
        Refusal::File(failure) => failure,
        Refusal::Problems(problems) => of_list(path, problems),
    })?;
    let names = rows.header.clone();
    let twice = names
        .iter()
        .enumerate()
        .filter(|(place, name)| !name.is_empty() && names[..*place].contains(name));
    let problems: Vec<Problem> = twice.map(|(_, name)| Fault::DataColumnTwice.at(name)).collect();
    if !problems.is_empty() {
        return Err(analysis::Error::Invalid(problems).into());
    }
    let labels = labels.into_iter().collect();
    Ok(Opened { rows, record: csv::ByteRecord::new(), names, labels })
}

/// What is wrong with a list, of somebody who has a file and no frame.
fn of_list(path: &Path, problems: Vec<sampling::Problem>) -> Failure {
    let file = path.display().to_string();
    match &problems[..] {
        [sampling::Problem::FrameUnreadable { reason }] => {
            Failure::File { file, reason: reason.clone() }
        }
        [sampling::Problem::FrameEmpty] => analysis::Error::Invalid(vec![no_rows(path)]).into(),
        _ => {
            let in_file = |one: sampling::Problem| one.in_file(&file);
            frame_file::as_told(&problems.into_iter().map(in_file).collect::<Vec<_>>())
        }
    }
}

impl Opened {
    /// Reads the next row in which something stands; says whether there was one.
    ///
    /// # Errors
    /// A row that cannot be read, is not UTF-8 or of another length than the heading.
    pub fn next_row(&mut self, path: &Path, row: &mut csv::StringRecord) -> Result<bool, Failure> {
        loop {
            let next = self.rows.next_row(&mut self.record);
            let Some(number) = next.map_err(|problems| of_list(path, problems))? else {
                return Ok(false);
            };
            let (found, expected) = (self.record.len(), self.rows.header.len());
            if expected > 1 && is_blank(&self.record) {
                continue;
            }
            if found != expected {
                let problem = sampling::Problem::FrameRowLength { row: number, found, expected };
                return Err(of_list(path, vec![problem]));
            }
            row.clear();
            for (cell, column) in self.record.iter().zip(&self.rows.header) {
                let Some(text) = tidied_bytes(cell) else {
                    let (row, column) = (number, column.clone());
                    return Err(of_list(
                        path,
                        vec![sampling::Problem::FrameEncoding { row, column }],
                    ));
                };
                row.push_field(&text);
            }
            return Ok(true);
        }
    }
}

/// A file without rows.
pub fn no_rows(path: &Path) -> Problem {
    let place = path.display().to_string();
    Problem::new("empty_file", place)
}

/// A column that is not there.
pub fn no_column(name: &str, names: &[String]) -> Problem {
    Fault::DataColumnUnknown { columns: names.join(", ") }.at(name)
}

/// A value that is no number.
pub fn no_number(name: &str, row: usize, text: &str) -> Problem {
    Fault::DataNotANumber { text: text.to_owned() }.at(at_row(name, row))
}

/// A row without a stratum or cluster.
pub fn no_group(name: &str, row: usize) -> Problem {
    Fault::DataMissing.at(at_row(name, row))
}

/// Further problems of a column.
pub fn many_more(name: &str, more: usize) -> Problem {
    Problem::new("data_more", name).with("count", more)
}

/// Reads a data file whole ([`open`]). Values in `missing`, and empty ones, are no values.
///
/// # Errors
/// As [`open`]; rows of another length than the heading; no rows.
pub fn read(path: &Path, missing: &[String]) -> Result<DataFile, Failure> {
    let mut opened = open(path, None)?;
    let mut columns: Vec<(Vec<u32>, Dictionary)> =
        opened.names.iter().map(|_| Default::default()).collect();
    let mut rows = 0;
    let mut record = csv::StringRecord::new();
    while opened.next_row(path, &mut record)? {
        for ((codes, dictionary), value) in columns.iter_mut().zip(&record) {
            codes.push(dictionary.code(value, missing));
        }
        rows += 1;
    }
    if rows == 0 {
        return Err(analysis::Error::Invalid(vec![no_rows(path)]).into());
    }
    let column =
        |(codes, own): (Vec<u32>, Dictionary)| Column { levels: own.levels, codes, labels: None };
    let unmet = unmet(missing, &columns.iter().map(|(_, own)| own));
    let columns = columns.into_iter().map(column).collect();
    let Opened { names, labels, .. } = opened;
    let mut data = DataFile { names, columns, rows, unmet };
    data.label_all(&labels);
    Ok(data)
}

impl Column {
    fn first_row(&self, level: usize) -> usize {
        self.codes.iter().position(|&code| code as usize == level + 1).unwrap_or(0)
    }
}

/// Where columns are read from.
pub trait Columns {
    /// Number of rows.
    fn rows(&self) -> usize;
    /// A column as numbers, NaN where there is no value.
    ///
    /// # Errors
    /// As [`DataFile::numbers`].
    fn numbers(&self, name: &str) -> Result<Vec<f64>, Vec<Problem>>;
    /// A column as levels.
    ///
    /// # Errors
    /// As [`DataFile::levels`].
    fn levels(&self, name: &str) -> Result<Levels, Vec<Problem>>;
}

impl Columns for DataFile {
    fn rows(&self) -> usize {
        self.rows
    }

    fn numbers(&self, name: &str) -> Result<Vec<f64>, Vec<Problem>> {
        Self::numbers(self, name)
    }

    fn levels(&self, name: &str) -> Result<Levels, Vec<Problem>> {
        Self::levels(self, name)
    }
}

impl DataFile {
    /// The distinct values alone: as if each stood once in its column.
    pub fn of_levels(columns: Vec<(String, Dictionary)>) -> Self {
        let (names, columns): (Vec<String>, Vec<Column>) = columns
            .into_iter()
            .map(|(name, own)| {
                let codes = (1..).take(own.levels.len()).collect();
                (name, Column { levels: own.levels, codes, labels: None })
            })
            .unzip();
        Self { names, columns, rows: 0, unmet: Vec::new() }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Missing codes that no column has.
    pub fn unmet(&self) -> &[String] {
        &self.unmet
    }

    /// Names of the columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    fn column(&self, name: &str) -> Result<&Column, Vec<Problem>> {
        self.names
            .iter()
            .position(|own| own == name)
            .map(|place| &self.columns[place])
            .ok_or_else(|| vec![no_column(name, &self.names)])
    }

    /// Gives the levels of a column their order and labels.
    pub fn label(&mut self, name: &str, labels: &[(String, String)]) -> Vec<Problem> {
        if let Err(problems) = self.column(name) {
            return problems;
        }
        for (own, column) in self.names.iter().zip(&mut self.columns) {
            if own == name {
                column.labels = Some(labels.to_vec());
            }
        }
        Vec::new()
    }

    /// Gives levels the labels that their file has for them.
    pub fn label_all(&mut self, labels: &[(String, Vec<(String, String)>)]) {
        for (name, labels) in labels {
            self.label_some(name, labels);
        }
    }

    /// Gives the levels of a column the labels that its file has for them; a level without one keeps
    /// its value, and labels of values that are not in the data, or are missing, are left out.
    fn label_some(&mut self, name: &str, labels: &[(String, String)]) {
        let Some(place) = self.names.iter().position(|own| own == name) else { return };
        let column = &mut self.columns[place];
        let label = |value: &String| {
            let found = labels.iter().find(|(own, _)| own == value);
            found.map_or_else(|| value.clone(), |(_, label)| label.clone())
        };
        let values = sorted(&column.levels);
        column.labels =
            Some(values.into_iter().map(|value| (value.clone(), label(&value))).collect());
    }

    /// The value of a row as written; empty where there is none.
    pub fn text(&self, column: usize, row: usize) -> &str {
        let column = &self.columns[column];
        match column.codes[row] {
            0 => "",
            code => &column.levels[code as usize - 1],
        }
    }

    /// The column as numbers, NaN where there is no value.
    ///
    /// # Errors
    /// A column that is not there, or values that are no numbers: each with its first row.
    pub fn numbers(&self, name: &str) -> Result<Vec<f64>, Vec<Problem>> {
        let column = self.column(name)?;
        let mut problems = Vec::new();
        let values: Vec<f64> = column
            .levels
            .iter()
            .enumerate()
            .map(|(level, text)| match text.parse::<f64>() {
                Ok(value) if value.is_finite() => value,
                _ => {
                    problems.push(no_number(name, column.first_row(level), text));
                    f64::NAN
                }
            })
            .collect();
        if !problems.is_empty() {
            return Err(shortened(name, problems));
        }
        Ok(column
            .codes
            .iter()
            .map(|&code| if code == 0 { f64::NAN } else { values[code as usize - 1] })
            .collect())
    }

    /// The column as levels: in the order of the design's labels, else by number or alphabet.
    ///
    /// # Errors
    /// A column that is not there, more than 65 535 levels, a level without a label where the design
    /// labels others.
    pub fn levels(&self, name: &str) -> Result<Levels, Vec<Problem>> {
        let column = self.column(name)?;
        let (values, labels): (Vec<String>, Vec<String>) = match &column.labels {
            Some(labels) => labels.iter().cloned().unzip(),
            None => {
                let sorted = sorted(&column.levels);
                (sorted.clone(), sorted)
            }
        };
        if values.len() > usize::from(u16::MAX) {
            let levels = phrase("phrase-input-levels-of").with("variable", name);
            return Err(vec![Fault::DataTooMany { most: u64::from(u16::MAX) }.at(levels)]);
        }
        let labels = told_apart(&values, &labels);
        let places: HashMap<&str, usize> =
            values.iter().enumerate().map(|(place, value)| (value.as_str(), place + 1)).collect();
        let mut problems = Vec::new();
        let of_level: Vec<u16> = (column.levels.iter())
            .map(|level| match places.get(level.as_str()) {
                Some(place) => u16::try_from(*place).unwrap_or(0),
                None => {
                    problems.push(Problem::new("data_without_label", at_level(name, level)));
                    0
                }
            })
            .collect();
        if !problems.is_empty() {
            return Err(shortened(name, problems));
        }
        let code = |code: &u32| if *code == 0 { 0 } else { of_level[*code as usize - 1] };
        Ok(Levels { codes: column.codes.iter().map(code).collect(), values, labels })
    }

    /// The column as codes of strata or clusters.
    ///
    /// # Errors
    /// A column that is not there, rows without a value.
    pub fn groups(&self, name: &str) -> Result<Vec<u32>, Vec<Problem>> {
        let column = self.column(name)?;
        let problems: Vec<Problem> = column
            .codes
            .iter()
            .enumerate()
            .filter(|(_, code)| **code == 0)
            .map(|(row, _)| no_group(name, row))
            .collect();
        if problems.is_empty() { Ok(column.codes.clone()) } else { Err(shortened(name, problems)) }
    }
}

/// Labels that several levels share, with the level behind them.
fn told_apart(values: &[String], labels: &[String]) -> Vec<String> {
    let mut times: HashMap<&str, usize> = HashMap::new();
    for label in labels {
        *times.entry(label).or_default() += 1;
    }
    let apart = |(label, value): (&String, &String)| match times.get(label.as_str()) {
        Some(several) if *several > 1 => format!("{label} ({value})"),
        _ => label.clone(),
    };
    labels.iter().zip(values).map(apart).collect()
}

/// Levels in order: numbers by size, then texts by alphabet. Which of two comes first must not depend
/// on a third, whatever a column mixes.
fn sorted(levels: &[String]) -> Vec<String> {
    let mut sorted = levels.to_vec();
    sorted.sort_by(|one, other| match (number_of(one), number_of(other)) {
        (Some(left), Some(right)) => left.total_cmp(&right).then_with(|| one.cmp(other)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => one.cmp(other),
    });
    sorted
}

/// The first problems, and how many more there are.
fn shortened(name: &str, mut problems: Vec<Problem>) -> Vec<Problem> {
    let more = problems.len().saturating_sub(MOST_TOLD);
    if more > 0 {
        problems.truncate(MOST_TOLD);
        problems.push(many_more(name, more));
    }
    problems
}
