//! Rows of a list, one after the other, each with its number.

use std::collections::VecDeque;
use std::io::Read;

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::header;
use super::text::{tidied, tidied_bytes};
use super::unreadable::Unreadable;
use crate::sampling::Problem;

/// Rows among which the header is looked for.
const LOOKED_AT: usize = 50;

/// What is known of a list beforehand.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// The row of the header, from 1, where somebody said it.
    pub header_row: Option<u64>,
    /// Columns that the header must have.
    pub wanted: &'a [&'a str],
}

/// A list being read. Rows are counted as a spreadsheet counts them, titles and
/// header with them.
pub struct List<R> {
    reader: Reader<R>,
    held: VecDeque<ByteRecord>,
    row: u64,
    /// The names of the columns, tidied.
    pub header: Vec<String>,
    /// The (last) row of the header.
    pub header_row: u64,
    /// Rows above the header, as they came.
    pub titles: Vec<ByteRecord>,
}

fn unreadable(error: csv::Error) -> Vec<Problem> {
    vec![Problem::FrameUnreadable { reason: Unreadable::from(error).into() }]
}

impl<R: Read> List<R> {
    /// Finds the header of a list in UTF-8 whose cells this mark parts.
    ///
    /// # Errors
    ///
    /// A list that cannot be read, that has no rows, or no row of the header asked
    /// for.
    pub fn open(reader: R, separator: u8, asked: Asked<'_>) -> Result<Self, Vec<Problem>> {
        let mut reader = ReaderBuilder::new()
            .delimiter(separator)
            .flexible(true)
            .has_headers(false)
            .from_reader(reader);
        let mut held = VecDeque::new();
        let mut record = ByteRecord::new();
        // The line that says the separator is no row.
        let said = |record: &ByteRecord| {
            let text = record.get(0).and_then(tidied_bytes);
            text.is_some_and(|text| text.eq_ignore_ascii_case("sep="))
        };
        let most = asked.header_row.map_or(LOOKED_AT, |row| {
            LOOKED_AT.max(usize::try_from(row).unwrap_or(usize::MAX).saturating_add(2))
        });
        while held.len() < most.min(1 << 16) {
            if !reader.read_byte_record(&mut record).map_err(unreadable)? {
                break;
            }
            if !(held.is_empty() && said(&record)) {
                held.push_back(record.clone());
            }
        }
        if held.is_empty() {
            return Err(vec![Problem::FrameEmpty]);
        }
        let place = match asked.header_row {
            None => None,
            Some(row) => match usize::try_from(row).ok().and_then(|row| row.checked_sub(1)) {
                Some(place) if place < held.len() => Some(place),
                _ => {
                    return Err(vec![Problem::FrameHeaderMissing { row, rows: held.len() as u64 }]);
                }
            },
        };
        let found = header::find(held.make_contiguous(), place, asked.wanted).unwrap_or_default();
        let titles: Vec<ByteRecord> = held.drain(..=found.last).collect();
        let row = found.last as u64 + 1;
        Ok(Self { reader, held, row, header: found.names, header_row: row, titles })
    }

    /// Reads the next row into `record`; gives its number, nothing at the end.
    ///
    /// # Errors
    ///
    /// A list that cannot be read on.
    pub fn next_row(&mut self, record: &mut ByteRecord) -> Result<Option<u64>, Vec<Problem>> {
        if let Some(held) = self.held.pop_front() {
            *record = held;
        } else if !self.reader.read_byte_record(record).map_err(unreadable)? {
            return Ok(None);
        }
        self.row += 1;
        Ok(Some(self.row))
    }

    /// The place of a column, by its name in any form that looks the same.
    ///
    /// # Errors
    ///
    /// That it is not there.
    pub fn place(&self, column: &str) -> Result<usize, Problem> {
        place_in(&self.header, column)
    }

    /// What was found of the header, where it is not the first row.
    pub fn note(&self) -> Option<Problem> {
        let row = self.header_row;
        (row > 1).then_some(Problem::FrameHeaderFound { row })
    }

    /// The reader below, once all rows are read.
    pub fn into_inner(self) -> R {
        self.reader.into_inner()
    }
}

/// The place of a column among names.
///
/// # Errors
///
/// That it is not there.
pub fn place_in(names: &[String], column: &str) -> Result<usize, Problem> {
    let wanted = tidied(column);
    names.iter().position(|name| *name == wanted).ok_or_else(|| Problem::FrameColumnMissing {
        column: column.to_owned(),
        columns: names.join(", "),
    })
}

/// Whether nothing stands in a row.
pub fn is_blank(record: &ByteRecord) -> bool {
    record.iter().all(|cell| cell.trim_ascii().is_empty())
}

/// A cell's tidied text; empty if it is not there, marked where it is not UTF-8.
pub fn cell(record: &ByteRecord, place: usize) -> String {
    let cell = record.get(place).unwrap_or_default();
    match tidied_bytes(cell) {
        Some(text) => text.into_owned(),
        None => String::from_utf8_lossy(cell).trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, asked: Asked<'_>) -> (Vec<String>, Vec<(u64, String)>) {
        let mut list = List::open(text.as_bytes(), b';', asked).expect("a list");
        let mut record = ByteRecord::new();
        let mut found = Vec::new();
        while let Some(row) = list.next_row(&mut record).expect("a row") {
            found.push((row, cell(&record, 0)));
        }
        (list.header, found)
    }

    #[test]
    fn rows_have_the_numbers_of_the_sheet() {
        let text = "\u{feff}sep=;\nDanh sách;;\n;;\nMa\u{303};b;c\n1;2;3\n\u{a0}2 ;2;3\n";
        let (header, found) = rows(text, Asked::default());
        assert_eq!(header, ["Mã", "b", "c"]);
        assert_eq!(found, [(4, "1".to_owned()), (5, "2".to_owned())]);
        let (header, _) = rows(text, Asked { header_row: Some(4), wanted: &[] });
        assert_eq!(header, ["1", "2", "3"]);
    }

    #[test]
    fn what_is_no_list_is_told() {
        let open = |text: &str, header_row| {
            let asked = Asked { header_row, wanted: &[] };
            let told = List::open(text.as_bytes(), b',', asked).map(|_| ()).expect_err("none");
            told.iter().map(Problem::code).collect::<Vec<_>>()
        };
        assert_eq!(open("", None), ["frame_empty"]);
        assert_eq!(open("a,b\n1,2\n", Some(9)), ["frame_header_missing"]);
        assert_eq!(open("a,b\n1,2\n", Some(0)), ["frame_header_missing"]);
    }
}
