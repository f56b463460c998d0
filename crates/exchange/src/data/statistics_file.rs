//! Data files of SPSS (`.sav`, `.zsav`) and Stata (`.dta`) as the rows of a CSV
//! file, and the labels of their values.
//!
//! What the file calls missing has an empty cell: system-missing and declared
//! missing values of SPSS, all 27 missing values of Stata.

use std::io::{BufRead, BufReader, Read, Seek, Write};

use ambers::{MissingSpec, SpssMetadata};
use arrow::array::{Array, Float64Array};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use dta::stata::dta::dta_error::DtaError;
use dta::stata::dta::dta_reader::DtaReader;
use dta::stata::dta::long_string_table::LongStringTable;
use dta::stata::dta::value::Value;

/// Rows of a `.sav` file that are held at once.
const BATCH: usize = 10_000;

/// A column and the labels of its values, as these stand in its cells.
pub type ColumnLabels = (String, Vec<(String, String)>);

/// Writes the rows of an SPSS file as CSV.
///
/// # Errors
///
/// What makes the file unreadable, in words.
pub fn sav_to_csv(file: impl Read + Seek, output: impl Write) -> Result<(), String> {
    let told = |error: ambers::error::SpssError| error.to_string();
    let mut scanner = ambers::scan_sav_from_reader(file, BATCH).map_err(told)?;
    let metadata = scanner.metadata().clone();
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(&metadata.variable_names).map_err(|error| error.to_string())?;
    let missing: Vec<&[MissingSpec]> =
        metadata.variable_names.iter().map(|name| missing_of(&metadata, name)).collect();
    let options = FormatOptions::default();
    while let Some(batch) = scanner.next_batch().map_err(told)? {
        let columns = batch
            .columns()
            .iter()
            .zip(&missing)
            .map(|(array, missing)| Cells::of(array.as_ref(), missing, &options))
            .collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows() {
            writer
                .write_record(columns.iter().map(|column| column.text(row)))
                .map_err(|error| error.to_string())?;
        }
    }
    writer.flush().map_err(|error| error.to_string())
}

fn missing_of<'a>(metadata: &'a SpssMetadata, name: &str) -> &'a [MissingSpec] {
    metadata.variable_missing_values.get(name).map_or(&[], Vec::as_slice)
}

/// A column of a batch and what of it is missing.
struct Cells<'a> {
    numbers: Option<&'a Float64Array>,
    formatter: ArrayFormatter<'a>,
    array: &'a dyn Array,
    missing: &'a [MissingSpec],
}

impl<'a> Cells<'a> {
    fn of(
        array: &'a dyn Array,
        missing: &'a [MissingSpec],
        options: &'a FormatOptions<'a>,
    ) -> Result<Self, String> {
        let formatter =
            ArrayFormatter::try_new(array, options).map_err(|error| error.to_string())?;
        Ok(Self { numbers: array.as_any().downcast_ref(), formatter, array, missing })
    }

    fn text(&self, row: usize) -> String {
        if self.array.is_null(row) {
            return String::new();
        }
        // A whole number is written without a point.
        let (number, text) = match self.numbers {
            Some(numbers) => (Some(numbers.value(row)), numbers.value(row).to_string()),
            None => (None, self.formatter.value(row).to_string()),
        };
        let is_missing = self.missing.iter().any(|spec| match (spec, number) {
            (MissingSpec::Value(value), Some(number)) => value.to_bits() == number.to_bits(),
            (MissingSpec::Range { lo, hi }, Some(number)) => (*lo..=*hi).contains(&number),
            (MissingSpec::StringValue(value), None) => value.trim_end() == text.trim_end(),
            _ => false,
        });
        if is_missing { String::new() } else { text }
    }
}

/// The labels of an SPSS file's values.
///
/// # Errors
///
/// What makes the file unreadable, in words.
pub fn sav_labels(file: impl Read + Seek) -> Result<Vec<ColumnLabels>, String> {
    let scanner = ambers::scan_sav_from_reader(file, BATCH).map_err(|error| error.to_string())?;
    let metadata = scanner.metadata();
    let labels = metadata.variable_value_labels.iter().map(|(name, labels)| {
        let mut labels: Vec<_> = labels.iter().collect();
        labels.sort_by(|one, other| one.0.cmp(other.0));
        let text = |value: &ambers::Value| match value {
            ambers::Value::Numeric(number) => number.to_string(),
            ambers::Value::String(text) => text.trim_end().to_owned(),
        };
        (
            name.clone(),
            labels.into_iter().map(|(value, label)| (text(value), label.clone())).collect(),
        )
    });
    Ok(labels.collect())
}

/// Writes the rows of a Stata file as CSV. Long texts stand behind the rows, so
/// the file is read twice where it has any.
///
/// # Errors
///
/// What makes the file unreadable, in words.
pub fn dta_to_csv(mut file: impl Read + Seek, output: impl Write) -> Result<(), String> {
    let told = |error: DtaError| error.to_string();
    let long = long_texts(&mut file).map_err(told)?;
    file.rewind().map_err(|error| error.to_string())?;
    let mut writer = csv::Writer::from_writer(output);
    let schema = DtaReader::new().from_reader(BufReader::new(&mut file));
    let schema = schema.read_header().map_err(told)?;
    let mut characteristics = schema.read_schema().map_err(told)?;
    characteristics.skip_to_end().map_err(told)?;
    let mut rows = characteristics.into_record_reader().map_err(told)?;
    let names: Vec<String> =
        rows.schema().variables().iter().map(|variable| variable.name().to_owned()).collect();
    let encoding = rows.encoding();
    writer.write_record(&names).map_err(|error| error.to_string())?;
    while let Some(record) = rows.read_record().map_err(told)? {
        let cells = record.values().iter().map(|value| match value {
            Value::Byte(number) => number.present().map(|number| number.to_string()),
            Value::Int(number) => number.present().map(|number| number.to_string()),
            Value::Long(number) => number.present().map(|number| number.to_string()),
            Value::Float(number) => number.present().map(|number| number.to_string()),
            Value::Double(number) => number.present().map(|number| number.to_string()),
            Value::String(text) => Some(text.to_string()),
            Value::LongStringRef(at) => long.get(at).and_then(|text| {
                text.data_str(encoding).map(|text| text.trim_end_matches('\0').to_owned())
            }),
        });
        writer
            .write_record(cells.map(Option::unwrap_or_default))
            .map_err(|error| error.to_string())?;
    }
    writer.flush().map_err(|error| error.to_string())
}

fn long_texts(file: &mut (impl Read + Seek)) -> Result<LongStringTable, DtaError> {
    let mut table = LongStringTable::for_reading();
    after_rows(BufReader::new(file), |reader| reader.read_remaining_into(&mut table))?;
    Ok(table)
}

/// Goes past the rows of a Stata file.
fn after_rows<R: BufRead + Seek, T>(
    file: R,
    then: impl FnOnce(
        &mut dta::stata::dta::long_string_reader::LongStringReader<R>,
    ) -> Result<T, DtaError>,
) -> Result<(T, dta::stata::dta::long_string_reader::LongStringReader<R>), DtaError> {
    let mut characteristics = DtaReader::new().from_reader(file).read_header()?.read_schema()?;
    characteristics.skip_to_end()?;
    let mut rows = characteristics.into_record_reader()?;
    rows.skip_to_end()?;
    let mut long = rows.into_long_string_reader()?;
    let found = then(&mut long)?;
    Ok((found, long))
}

/// The labels of a Stata file's values.
///
/// # Errors
///
/// What makes the file unreadable, in words.
pub fn dta_labels(file: impl Read + Seek) -> Result<Vec<ColumnLabels>, String> {
    let told = |error: DtaError| error.to_string();
    let (named, long) = after_rows(BufReader::new(file), |long| {
        long.skip_to_end()?;
        let variables = long.schema().variables().iter();
        Ok(variables
            .map(|one| (one.name().to_owned(), one.value_label_name().to_owned()))
            .collect::<Vec<_>>())
    })
    .map_err(told)?;
    let mut sets = long.into_value_label_reader().map_err(told)?;
    let mut labels: Vec<ColumnLabels> = Vec::new();
    while let Some(set) = sets.read_value_label_set().map_err(told)? {
        let entries: Vec<(String, String)> = set
            .entries()
            .iter()
            .map(|entry| (entry.value().to_string(), entry.label().to_owned()))
            .collect();
        let own = named.iter().filter(|(_, name)| name == set.name());
        labels.extend(own.map(|(column, _)| (column.clone(), entries.clone())));
    }
    Ok(labels)
}
