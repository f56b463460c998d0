//! A data file as columns of distinct values, with what its codebook says of them: what is a number and what
//! is a level is said by whoever asks.

mod computed;
mod computing;
mod counted;
mod described;
mod evidence;
mod levels;
mod sets;

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::path::Path;

use analysis::Problem;
use analysis::dataset::missing::is_code;
use analysis::dataset::{Codebook, Measure, MissingValues, ResponseSet, Variable};
use analysis::problem::{Fault, at_row};
use exchange::data::statistics_file::DeclaredMissing;
use survey_builder::list::number::number;
use survey_builder::list::rows::{Asked, List, is_blank};
use survey_builder::list::spelling::{Merging, Spellings};
use survey_builder::list::text::tidied_bytes;
use survey_builder::list::{Decimal, Marks};
use survey_builder::questionnaire::expression::print_number;
use survey_builder::sampling;

use super::arguments::TablePlace;
use crate::frame_file::{self, Refusal};
use crate::sampling_arguments::EncodingChoice;
use crate::terminal::Failure;

pub use computing::Computing;
pub use described::{Described, Known, Said};
pub use levels::Levels;
pub use sets::{Choosing, SetColumns};

/// The most problems told of one column.
pub const MOST_TOLD: usize = 20;

/// Distinct values as they are met.
#[derive(Debug, Default)]
pub struct Dictionary {
    levels: Vec<String>,
    /// The codes of values, 0 of those that stand for none.
    known: HashMap<String, u32>,
    /// How often each value was met that stands for none.
    none: BTreeMap<String, usize>,
}

impl Dictionary {
    /// The code of a value, from 1; 0 for what is no value.
    pub fn code(&mut self, value: &str, missing: &MissingValues) -> u32 {
        if value.is_empty() {
            return 0;
        }
        if let Some(code) = self.known.get(value) {
            if let (0, Some(count)) = (code, self.none.get_mut(value)) {
                *count += 1;
            }
            return *code;
        }
        if missing.has(value) {
            self.known.insert(value.to_owned(), 0);
            self.none.insert(value.to_owned(), 1);
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
        self.none.keys().any(|value| is_code(missing, value))
    }

    /// The value of a code.
    pub fn level(&self, code: u32) -> Option<&str> {
        self.levels.get(code.checked_sub(1)? as usize).map(String::as_str)
    }
}

/// One column: the distinct values as written, and for each row its place among them.
struct Column {
    levels: Vec<String>,
    /// Zero where there is no value.
    codes: Vec<u32>,
    /// How many rows each value took that stands for none.
    none: Vec<(String, usize)>,
    /// The cells with these values.
    withheld: Withheld,
    /// Labels and order of levels, where the design gives them: of every level.
    labels: Option<Vec<(String, String)>>,
    /// What the codebook says of it.
    variable: Variable,
    /// Whether its kind was said, and not seen by its values.
    kind_said: bool,
    /// Whether a command has used it.
    asked: Cell<bool>,
}

impl Column {
    fn new(known: Known, codes: Vec<u32>, own: Dictionary) -> Self {
        let kind_said = known.kind;
        let variable = known.seen(&own.levels);
        let none = own.none.into_iter().collect();
        let asked = Cell::new(false);
        let withheld = Withheld::default();
        let (levels, labels) = (own.levels, None);
        Self { levels, codes, none, withheld, labels, variable, kind_said, asked }
    }

    fn first_row(&self, level: usize) -> usize {
        self.codes.iter().position(|&code| code as usize == level + 1).unwrap_or(0)
    }
}

/// Cells whose values stand for none, as they are written.
#[derive(Default)]
struct Withheld {
    texts: Vec<String>,
    known: HashMap<String, u32>,
    /// Rows in order, each with the place of its text.
    cells: Vec<(usize, u32)>,
}

impl Withheld {
    fn keep(&mut self, row: usize, text: &str) {
        let place = self.known.get(text).copied().unwrap_or_else(|| {
            // There are fewer than rows.
            let next = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
            self.texts.push(text.to_owned());
            self.known.insert(text.to_owned(), next);
            next
        });
        self.cells.push((row, place));
    }

    fn at(&self, row: usize) -> &str {
        let found = self.cells.binary_search_by_key(&row, |cell| cell.0);
        found.map_or("", |place| &self.texts[self.cells[place].1 as usize])
    }
}

/// The columns of a file.
pub struct DataFile {
    names: Vec<String>,
    columns: Vec<Column>,
    rows: usize,
    /// Missing codes that no column has.
    unmet: Vec<String>,
    /// Several columns that hold the answers to one question.
    sets: Vec<ResponseSet>,
    /// The column of weights, where the file or its codebook says so.
    weight: Option<String>,
    /// Columns whose numbers were read with a decimal comma.
    commas: Vec<String>,
    /// Names of several spellings that were read as one, by column.
    merged: Vec<(String, Vec<Spellings>)>,
    /// The language of labels.
    language: String,
}

/// A data file opened: its rows come one after the other.
pub struct Opened {
    rows: List<Box<dyn Read>>,
    record: csv::ByteRecord,
    /// The heading.
    pub names: Vec<String>,
    /// What the file says of its columns.
    pub codebook: Codebook,
    /// The mark by which the numbers of each column are read, where they are not written as programs do.
    pub decimals: Vec<Option<Decimal>>,
    /// What spellings of each column are read as one, where that is asked for.
    spellings: Vec<Merging>,
}

/// Opens a data file with a heading: a list as frames are (CSV, a sheet of an Excel workbook, Parquet),
/// SPSS (.sav, .zsav) or Stata (.dta).
///
/// Of a Parquet file only the columns named in `only` are read, if any are.
///
/// # Errors
/// A file that cannot be read; headings that are there twice.
pub fn open(path: &Path, table: &TablePlace, only: Option<Vec<String>>) -> Result<Opened, Failure> {
    let asked = Asked { header_row: table.header_row, wanted: &[] };
    let sheet = table.sheet.as_deref();
    let opened = frame_file::open(path, EncodingChoice::Auto, sheet).and_then(|mut file| {
        file.only = only;
        file.missing = DeclaredMissing::Kept;
        let codebook = file.codebook()?;
        let list = || Ok::<_, Refusal>(List::open(file.rows()?, file.separator, asked)?);
        let given = frame_file::decimal(table.decimal);
        let decimals = match given {
            Some(_) => vec![given; list()?.header.len()],
            None if file.may_be_written_by_people()? => marks(list()?),
            None => Vec::new(),
        };
        Ok((list()?, codebook, decimals))
    });
    let (rows, codebook, decimals) = opened.map_err(|refusal| match refusal {
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
    let spellings =
        if table.merge_spellings { vec![Merging::default(); names.len()] } else { Vec::new() };
    Ok(Opened { rows, record: csv::ByteRecord::new(), names, codebook, decimals, spellings })
}

/// How the numbers of each column are written. What cannot be read is told where it is read for its values.
fn marks(mut list: List<impl Read>) -> Vec<Option<Decimal>> {
    let mut marks = vec![Marks::default(); list.header.len()];
    let mut record = csv::ByteRecord::new();
    while let Ok(Some(_)) = list.next_row(&mut record) {
        for (marks, cell) in marks.iter_mut().zip(&record) {
            if let Some(text) = tidied_bytes(cell).filter(|text| !text.is_empty()) {
                marks.see(&text);
            }
        }
    }
    marks.iter().map(Marks::decimal).collect()
}

/// A cell as programs write it, where it is a number by that mark.
fn plain(text: &str, decimal: Option<Decimal>) -> Option<String> {
    let decimal = decimal.filter(|_| !text.bytes().all(|byte| byte.is_ascii_digit()))?;
    number(text, decimal).map(print_number)
}

/// What is wrong with a list, of somebody who has a file and no frame.
fn of_list(path: &Path, problems: Vec<sampling::Problem>) -> Failure {
    let file = path.display().to_string();
    match &problems[..] {
        [sampling::Problem::FrameUnreadable { reason }] => {
            let told = Problem::new("data_unreadable", file).with("reason", reason.clone());
            analysis::Error::Invalid(vec![told]).into()
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
            for (place, (cell, column)) in self.record.iter().zip(&self.rows.header).enumerate() {
                let Some(text) = tidied_bytes(cell) else {
                    let (row, column) = (number, column.clone());
                    return Err(of_list(
                        path,
                        vec![sampling::Problem::FrameEncoding { row, column }],
                    ));
                };
                let number = plain(&text, self.decimals.get(place).copied().flatten());
                match (number, self.spellings.get_mut(place)) {
                    (Some(number), _) => row.push_field(&number),
                    (None, Some(merging)) => row.push_field(merging.read(&text)),
                    (None, None) => row.push_field(&text),
                }
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

/// Reads a data file whole ([`open`]). Missing values of its codebook and of what is said beside it, and empty
/// ones, are no values.
///
/// # Errors
/// As [`open`]; a codebook that does not fit the file; rows of another length than the heading; no rows.
pub fn read(path: &Path, said: &Said<'_>) -> Result<DataFile, Failure> {
    let mut opened = open(path, said.table, None)?;
    let codebook = std::mem::take(&mut opened.codebook);
    let described = Described::new(&opened.names, codebook, said)?;
    let mut columns: Vec<(Vec<u32>, Dictionary, Withheld)> =
        opened.names.iter().map(|_| Default::default()).collect();
    let mut rows = 0;
    let mut record = csv::StringRecord::new();
    while opened.next_row(path, &mut record)? {
        let own = columns.iter_mut().zip(&described.variables).zip(&record);
        for (((codes, dictionary, withheld), known), value) in own {
            let code = dictionary.code(value, &known.variable.missing);
            codes.push(code);
            if code == 0 && !value.is_empty() {
                withheld.keep(rows, value);
            }
        }
        rows += 1;
    }
    if rows == 0 {
        return Err(analysis::Error::Invalid(vec![no_rows(path)]).into());
    }
    let names = opened.names;
    let unmet = described.unmet(&names, &columns.iter().map(|(_, own, _)| own).collect::<Vec<_>>());
    let columns = columns.into_iter().zip(described.variables);
    let columns = columns.map(|((codes, own, withheld), known)| Column {
        withheld,
        ..Column::new(known, codes, own)
    });
    let (sets, weight) = (described.sets, described.weight);
    let language = said.language.to_owned();
    let columns = columns.collect();
    let decimals = opened.decimals.iter().zip(&names);
    let commas = decimals.filter(|(decimal, _)| **decimal == Some(Decimal::Comma));
    let commas = commas.map(|(_, name)| name.clone()).collect();
    let spellings = names.iter().cloned().zip(opened.spellings.iter().map(Merging::merged));
    let merged = spellings.collect();
    let mut data = DataFile { names, columns, rows, unmet, sets, weight, commas, merged, language };
    data.compute(described.computed)?;
    Ok(data)
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
    /// Whether the column's numbers are names: all of them have labels.
    fn is_labelled(&self, name: &str) -> bool;
    /// Whether it is said that the column's levels have an order.
    fn is_ordered(&self, name: &str) -> bool;
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

    fn is_labelled(&self, name: &str) -> bool {
        self.column(name).is_ok_and(Column::is_labelled)
    }

    fn is_ordered(&self, name: &str) -> bool {
        let said = |column: &Column| {
            column.labels.is_some() || column.variable.measure == Measure::Ordinal
        };
        self.column(name).is_ok_and(said)
    }
}

impl DataFile {
    /// The distinct values alone: as if each stood once in its column.
    pub fn of_levels(columns: Vec<(Known, Dictionary)>, language: &str) -> Self {
        let (names, columns): (Vec<String>, Vec<Column>) = columns
            .into_iter()
            .map(|(known, own)| {
                let codes = (1..).take(own.levels.len()).collect();
                (known.variable.name.clone(), Column::new(known, codes, own))
            })
            .unzip();
        let (sets, weight, language) = (Vec::new(), None, language.to_owned());
        let (unmet, commas, merged) = (Vec::new(), Vec::new(), Vec::new());
        Self { names, columns, rows: 0, unmet, sets, weight, commas, merged, language }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Names of the columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    fn column(&self, name: &str) -> Result<&Column, Vec<Problem>> {
        let found = self.names.iter().position(|own| own == name);
        let column = found.map(|place| &self.columns[place]);
        let column = column.ok_or_else(|| vec![no_column(name, &self.names)])?;
        column.asked.set(true);
        Ok(column)
    }

    /// The column of weights, where the file or its codebook names one.
    pub fn weight(&self) -> Option<&str> {
        self.weight.as_deref()
    }

    /// Gives the levels of a column their order and labels.
    pub fn label(&mut self, name: &str, labels: &[(String, String)]) -> Vec<Problem> {
        if !self.names.iter().any(|own| own == name) {
            return vec![no_column(name, &self.names)];
        }
        for (own, column) in self.names.iter().zip(&mut self.columns) {
            if own == name {
                column.labels = Some(labels.to_vec());
            }
        }
        Vec::new()
    }

    /// The value of a row as written; empty where there is none.
    pub fn text(&self, column: usize, row: usize) -> &str {
        let column = &self.columns[column];
        match column.codes[row] {
            0 => "",
            code => &column.levels[code as usize - 1],
        }
    }

    /// The cell of a row as it was read, also where its value stands for none.
    pub fn cell(&self, column: usize, row: usize) -> &str {
        match self.columns[column].codes[row] {
            0 => self.columns[column].withheld.at(row),
            _ => self.text(column, row),
        }
    }

    /// The texts of a column whose cells have no value, as they were read.
    pub fn texts_without_value(&self, column: usize) -> impl Iterator<Item = &str> {
        let texts = self.columns[column].withheld.texts.iter();
        texts.map(String::as_str).filter(|text| !text.is_empty())
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

/// The first problems, and how many more there are.
fn shortened(name: &str, mut problems: Vec<Problem>) -> Vec<Problem> {
    let more = problems.len().saturating_sub(MOST_TOLD);
    if more > 0 {
        problems.truncate(MOST_TOLD);
        problems.push(many_more(name, more));
    }
    problems
}
