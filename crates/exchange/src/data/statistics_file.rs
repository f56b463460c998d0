//! Data files of SPSS (`.sav`, `.zsav`) and Stata (`.dta`) as the rows of a CSV
//! file. What they say of their columns is read by [`super::described`].
//!
//! What is missing has an empty cell: system-missing values of SPSS, all 27 missing
//! values of Stata. Declared missing values of SPSS have one too, or stay as they
//! are for those who count them.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read, Seek, Write};

use chrono::{DateTime, TimeDelta};
use dta::stata::dta::dta_error::{DtaError, FormatErrorKind};
use dta::stata::dta::dta_reader::DtaReader;
use dta::stata::dta::long_string_table::LongStringTable;
use dta::stata::dta::value::Value;
use survey_builder::list::Unreadable;
use survey_builder::problem::phrase;

use super::sav::{Moment, SavReader, Value as Spss, Variable};

/// Seconds from the first day of SPSS, 14 October 1582, to that of Unix.
const SPSS_TO_UNIX: f64 = 12_219_379_200.0;

/// Days of the years 1 to 9999, counted from the first of Unix.
const DAYS: std::ops::RangeInclusive<f64> = -719_162.0..=2_932_896.0;

/// The longest time, in microseconds; more is no time.
const LONGEST: f64 = 9.0e18;

/// What becomes of values that a file declares missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeclaredMissing {
    /// Their cells are empty.
    #[default]
    Empty,
    /// They stay as they are.
    Kept,
}

/// Writes the rows of an SPSS file as CSV.
///
/// # Errors
///
/// What makes the file unreadable, and where.
pub fn sav_to_csv(
    file: impl Read,
    missing: DeclaredMissing,
    output: impl Write,
) -> Result<(), Unreadable> {
    let mut reader = SavReader::new(file)?;
    let variables = reader.dictionary().variables.clone();
    if variables.is_empty() {
        return Err(Unreadable::new(phrase("phrase-no-variables"), "the file has no variables"));
    }
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(variables.iter().map(|one| one.name.as_str()))?;
    while let Some(row) = reader.next_row()? {
        for (variable, value) in variables.iter().zip(row.values()) {
            let none = missing == DeclaredMissing::Empty && variable.missing.has(&value);
            let cell = if none { None } else { cell(variable, value) };
            writer.write_field(cell.unwrap_or_default().as_bytes())?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    Ok(writer.flush()?)
}

/// A value as it stands in a cell: a whole number without a point, a day as
/// 2026-12-31, a moment as 2026-12-31T23:59:59, a time as PT3600S; days outside
/// the years 1 to 9999 are none.
fn cell<'v>(variable: &Variable, value: Spss<'v>) -> Option<Cow<'v, str>> {
    let number = match value {
        Spss::Missing => return None,
        Spss::Text(text) => return Some(text),
        Spss::Number(number) => number,
    };
    let text = match variable.print.moment() {
        None => number.to_string(),
        Some(Moment::Duration) => {
            let microseconds = number * 1e6;
            TimeDelta::microseconds(whole(microseconds, -LONGEST..=LONGEST)?).to_string()
        }
        Some(Moment::Day) => {
            let day = whole((number - SPSS_TO_UNIX).div_euclid(86_400.0), DAYS)?;
            DateTime::from_timestamp(day * 86_400, 0)?.date_naive().to_string()
        }
        Some(Moment::DayAndTime) => {
            let seconds = number - SPSS_TO_UNIX;
            whole(seconds.div_euclid(86_400.0), DAYS)?;
            let microseconds = whole(seconds * 1e6, -LONGEST..=LONGEST)?;
            format!("{:?}", DateTime::from_timestamp_micros(microseconds)?.naive_utc())
        }
    };
    Some(text.into())
}

/// A number without its fraction, where it lies in the range.
#[expect(clippy::cast_possible_truncation, reason = "the range lies within i64")]
fn whole(number: f64, range: std::ops::RangeInclusive<f64>) -> Option<i64> {
    range.contains(&number).then_some(number as i64)
}

/// Writes the rows of a Stata file as CSV. Long texts stand behind the rows, so
/// the file is read twice where it has any.
///
/// # Errors
///
/// What makes the file unreadable, and where.
pub fn dta_to_csv(mut file: impl Read + Seek, output: impl Write) -> Result<(), Unreadable> {
    let told = of_stata;
    let long = long_texts(&mut file).map_err(told)?;
    file.rewind()?;
    let mut writer = csv::Writer::from_writer(output);
    let schema = DtaReader::new().from_reader(BufReader::new(&mut file));
    let schema = schema.read_header().map_err(told)?;
    let mut characteristics = schema.read_schema().map_err(told)?;
    characteristics.skip_to_end().map_err(told)?;
    let mut rows = characteristics.into_record_reader().map_err(told)?;
    let names: Vec<String> =
        rows.schema().variables().iter().map(|variable| variable.name().to_owned()).collect();
    let encoding = rows.encoding();
    writer.write_record(&names)?;
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
        writer.write_record(cells.map(Option::unwrap_or_default))?;
    }
    Ok(writer.flush()?)
}

/// What the library says of a Stata file, in words of ours.
pub(super) fn of_stata(error: DtaError) -> Unreadable {
    let detail = error.to_string();
    let error = match error {
        DtaError::Io { source, .. } => return source.into(),
        DtaError::Format(error) => error,
        _ => return Unreadable::damaged(detail),
    };
    let told = match error.kind() {
        FormatErrorKind::InvalidMagic => {
            Unreadable::new(phrase("phrase-file-not-of-stata"), detail)
        }
        FormatErrorKind::UnsupportedRelease { release } => {
            let reason = phrase("phrase-stata-release").with("release", u32::from(release));
            Unreadable::new(reason, detail)
        }
        FormatErrorKind::Truncated { .. } => Unreadable::cut(detail),
        FormatErrorKind::UnsupportedVariableType { .. }
        | FormatErrorKind::CharacteristicsUnsupported { .. }
        | FormatErrorKind::LongStringsUnsupported { .. }
        | FormatErrorKind::BigEndianUnsupported { .. } => Unreadable::not_read_here(detail),
        _ => Unreadable::damaged(detail),
    };
    told.at(phrase("phrase-byte").with("byte", error.position()))
}

fn long_texts(file: &mut (impl Read + Seek)) -> Result<LongStringTable, DtaError> {
    let mut table = LongStringTable::for_reading();
    after_rows(BufReader::new(file), |reader| reader.read_remaining_into(&mut table))?;
    Ok(table)
}

/// Goes past the rows of a Stata file.
pub(super) fn after_rows<R: BufRead + Seek, T>(
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
