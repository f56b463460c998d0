//! Results as rows and columns: an aligned table for people, JSON and CSV for programs.

use exchange::data::csv::guarded;
use locale::argument_text;
use serde_json::{Map, Value};
use survey_builder::problem::{Argument, Phrase};

use super::step_words;
use crate::terminal::{Failure, print_error, print_line};

/// One entry of a sheet.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// What somebody wrote or what a thing is called.
    Text(String),
    /// A name that programs read; people read it in their language.
    Word(String),
    /// What people read, one remark after another.
    Said(Vec<Phrase>),
    /// A number; one that is not finite is printed as none.
    Number(f64),
    /// A count.
    Count(usize),
    /// Nothing.
    None,
}

impl From<&str> for Entry {
    fn from(text: &str) -> Self {
        if text.is_empty() { Self::None } else { Self::Text(text.to_owned()) }
    }
}

impl From<String> for Entry {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<Phrase> for Entry {
    fn from(said: Phrase) -> Self {
        Self::Said(vec![said])
    }
}

impl From<Option<Phrase>> for Entry {
    fn from(said: Option<Phrase>) -> Self {
        said.map_or(Self::None, Self::from)
    }
}

impl From<Vec<Phrase>> for Entry {
    fn from(said: Vec<Phrase>) -> Self {
        if said.is_empty() { Self::None } else { Self::Said(said) }
    }
}

impl From<f64> for Entry {
    fn from(value: f64) -> Self {
        if value.is_finite() { Self::Number(value) } else { Self::None }
    }
}

impl From<Option<f64>> for Entry {
    fn from(value: Option<f64>) -> Self {
        value.map_or(Self::None, Self::from)
    }
}

impl From<usize> for Entry {
    fn from(count: usize) -> Self {
        Self::Count(count)
    }
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// An aligned table, numbers to six digits.
    Table,
    /// JSON.
    Json,
    /// CSV.
    Csv,
}

impl Form {
    /// From the two flags.
    pub fn of(json: bool, csv: bool) -> Self {
        match (json, csv) {
            (true, _) => Self::Json,
            (_, true) => Self::Csv,
            _ => Self::Table,
        }
    }
}

/// Rows under headings, with what a reader must know.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sheet {
    /// What it is, a key in JSON.
    pub name: &'static str,
    /// Headings, keys in JSON.
    pub headings: Vec<String>,
    /// Whether headings are labels of the data, shown as they are.
    pub labelled: bool,
    /// Rows, each as long as the headings.
    pub rows: Vec<Vec<Entry>>,
}

impl Sheet {
    /// An empty sheet.
    pub fn new(name: &'static str, headings: &[&str]) -> Self {
        let headings = headings.iter().map(|&heading| heading.to_owned()).collect();
        Self { name, headings, labelled: false, rows: Vec::new() }
    }

    /// An empty sheet under labels of the data.
    pub fn labelled(name: &'static str, first: &str, others: &[String]) -> Self {
        let headings = std::iter::once(first.to_owned()).chain(others.iter().cloned()).collect();
        Self { name, headings, labelled: true, rows: Vec::new() }
    }
}

/// Prints sheets with the notes that belong to them. CSV holds the sheets only, an empty line between
/// two; notes then go where errors go.
///
/// # Errors
/// A sheet that cannot be written.
pub fn print(
    sheets: &[Sheet],
    notes: &[Phrase],
    form: Form,
    language: &str,
) -> Result<(), Failure> {
    let notes: Vec<String> = notes.iter().map(|note| words(note, language)).collect();
    match form {
        Form::Json => {
            let mut whole: Map<String, Value> = sheets
                .iter()
                .map(|sheet| (sheet.name.to_owned(), as_json(sheet, language)))
                .collect();
            whole.insert("notes".to_owned(), notes.into());
            print_line(&format!("{:#}", Value::Object(whole)));
        }
        Form::Csv => {
            let parts = sheets
                .iter()
                .map(|sheet| as_csv(sheet, language))
                .collect::<Result<Vec<_>, _>>()?;
            print_line(parts.join("\n").trim_end());
            for note in &notes {
                print_error(note);
            }
        }
        Form::Table => {
            let parts: Vec<String> = sheets.iter().map(|sheet| aligned(sheet, language)).collect();
            print_line(&parts.join("\n\n"));
            for note in &notes {
                print_line(&format!("\n{note}"));
            }
        }
    }
    Ok(())
}

fn words(said: &Phrase, language: &str) -> String {
    argument_text(&Argument::from(said.clone()), language)
}

fn remarks(said: &[Phrase], language: &str) -> String {
    said.iter().map(|one| words(one, language)).collect::<Vec<_>>().join("; ")
}

/// A name that programs read, for people; what has no words stands as it is.
fn named(kind: &str, name: &str, language: &str) -> String {
    let parts = name.split(|sign: char| !sign.is_alphanumeric()).filter(|part| !part.is_empty());
    let key = format!("figures-{kind}-{}", parts.collect::<Vec<_>>().join("-").to_lowercase());
    if locale::has(language, &key) {
        locale::text(language, &key, &[])
    } else {
        argument_text(&step_words(name), language)
    }
}

fn as_json(sheet: &Sheet, language: &str) -> Value {
    let object = |row: &Vec<Entry>| {
        let pairs = sheet.headings.iter().zip(row).map(|(heading, entry)| {
            let value = match entry {
                Entry::Text(text) | Entry::Word(text) => Value::from(text.as_str()),
                Entry::Said(said) => remarks(said, language).into(),
                Entry::Number(value) => Value::from(*value),
                Entry::Count(count) => Value::from(*count),
                Entry::None => Value::Null,
            };
            (heading.clone(), value)
        });
        Value::Object(pairs.collect())
    };
    Value::Array(sheet.rows.iter().map(object).collect())
}

fn as_csv(sheet: &Sheet, language: &str) -> Result<String, Failure> {
    let told = |error: String| Failure::File { file: sheet.name.to_owned(), reason: error };
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&sheet.headings).map_err(|error| told(error.to_string()))?;
    for row in &sheet.rows {
        let record: Vec<String> = row
            .iter()
            .map(|entry| match entry {
                Entry::Text(text) | Entry::Word(text) => text.clone(),
                Entry::Said(said) => remarks(said, language),
                Entry::Number(value) => value.to_string(),
                Entry::Count(count) => count.to_string(),
                Entry::None => String::new(),
            })
            .collect();
        let record = record.iter().map(|cell| guarded(cell).into_owned());
        writer.write_record(record).map_err(|error| told(error.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|error| told(error.to_string()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Six digits, as many as fit a column; the other forms have all.
fn short(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let size = value.abs();
    if !(1e-4..1e9).contains(&size) {
        return format!("{value:.3e}");
    }
    // Within 1e-4 to 1e9 the exponent is between −4 and 8.
    #[expect(clippy::cast_possible_truncation)]
    let whole = size.log10().floor() as i32;
    let places = usize::try_from(5 - whole).unwrap_or(0);
    let text = format!("{value:.places$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

fn aligned(sheet: &Sheet, language: &str) -> String {
    let shown: Vec<Vec<String>> = (sheet.rows.iter())
        .map(|row| {
            row.iter()
                .map(|entry| match entry {
                    Entry::Text(text) => text.clone(),
                    Entry::Word(text) => named("word", text, language),
                    Entry::Said(said) => remarks(said, language),
                    Entry::Number(value) => short(*value),
                    Entry::Count(count) => count.to_string(),
                    Entry::None => String::new(),
                })
                .collect()
        })
        .collect();
    let heading = |own: &String| {
        if sheet.labelled { own.clone() } else { named("heading", own, language) }
    };
    let headings: Vec<String> = sheet.headings.iter().map(heading).collect();
    // Columns in which no row has anything are left out.
    let used: Vec<usize> = (0..sheet.headings.len())
        .filter(|&column| shown.iter().any(|row| !row[column].is_empty()))
        .collect();
    let words = |column: usize| {
        sheet
            .rows
            .iter()
            .any(|row| matches!(row[column], Entry::Text(_) | Entry::Word(_) | Entry::Said(_)))
    };
    let line = |cells: &dyn Fn(usize) -> String| {
        let cells: Vec<String> = used
            .iter()
            .map(|&column| {
                let length = |text: &str| text.chars().count();
                let width = (shown.iter().map(|row| length(&row[column])))
                    .chain([length(&headings[column])])
                    .max()
                    .unwrap_or(0);
                let cell = cells(column);
                if words(column) { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
            })
            .collect();
        cells.join("  ").trim_end().to_owned()
    };
    let heading = line(&|column| headings[column].clone());
    let rows = shown.iter().map(|row| line(&|column| row[column].clone()));
    [heading].into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_six_digits() {
        let shown = [0.0, 1.0, 0.123_456_789, 12_345.678, 1.0e-7, -2.5].map(short);
        assert_eq!(shown, ["0", "1", "0.123457", "12345.7", "1.000e-7", "-2.5"]);
    }

    #[test]
    fn columns_without_entries_are_left_out_of_tables() {
        let mut sheet = Sheet::new("results", &["name", "nothing", "value"]);
        sheet.rows.push(vec!["a".into(), Entry::None, 1.5.into()]);
        sheet.rows.push(vec!["bcd".into(), f64::NAN.into(), 10.25.into()]);
        assert_eq!(aligned(&sheet, "en"), "name  value\na       1.5\nbcd   10.25");
    }
}
