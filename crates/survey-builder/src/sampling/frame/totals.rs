//! Totals by stratum from another source, as a list has them.

use std::collections::BTreeMap;
use std::io::Read;

use csv::ByteRecord;

use super::Reading;
use crate::list::number::NumberColumn;
use crate::list::rows::{Asked, List, cell, is_blank};
use crate::sampling::problem::Problem;

/// Totals by stratum, and what is worth a look.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Totals {
    /// The totals, from 0 on.
    pub of_strata: BTreeMap<String, f64>,
    /// What is worth a look.
    pub notes: Vec<Problem>,
}

impl Totals {
    /// Reads a list in UTF-8 with the columns `stratum` and `total`.
    ///
    /// # Errors
    ///
    /// Columns that are missing, every total that is no number from 0 on, every
    /// stratum that is there twice.
    pub fn read(reader: impl Read, separator: u8, reading: &Reading) -> Result<Self, Vec<Problem>> {
        let asked = Asked { header_row: reading.header_row, wanted: &["stratum", "total"] };
        let mut list = List::open(reader, separator, asked)?;
        let (stratum, total) = match (list.place("stratum"), list.place("total")) {
            (Ok(stratum), Ok(total)) => (stratum, total),
            (one, other) => return Err([one.err(), other.err()].into_iter().flatten().collect()),
        };
        let mut names: Vec<String> = Vec::new();
        let mut rows: BTreeMap<String, u64> = BTreeMap::new();
        let mut numbers = NumberColumn::new(reading.decimal);
        let mut problems = Vec::new();
        let mut record = ByteRecord::new();
        while let Some(row) = list.next_row(&mut record)? {
            if is_blank(&record) {
                continue;
            }
            let (name, text) = (cell(&record, stratum), cell(&record, total));
            if !numbers.push(row, &text).is_some_and(|number| number >= 0.0) {
                let column = "total".to_owned();
                problems.push(Problem::FrameNumberBad { row, column, text });
            }
            if let Some(first) = rows.get(&name) {
                let (stratum, first) = (name, *first);
                problems.push(Problem::FrameTotalTwice { row, stratum, first });
            } else {
                rows.insert(name.clone(), row);
                names.push(name);
            }
        }
        let decided = numbers.decide("total");
        problems.extend(decided.problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        let notes = list.note().into_iter().chain(decided.note).collect();
        Ok(Self { of_strata: names.into_iter().zip(decided.numbers).collect(), notes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::Decimal;

    fn read(text: &str, decimal: Option<Decimal>) -> Result<Totals, Vec<String>> {
        let reading = Reading { decimal, ..Reading::default() };
        let told = |problems: Vec<Problem>| problems.iter().map(Problem::code).collect();
        Totals::read(text.as_bytes(), b';', &reading).map_err(told)
    }

    #[test]
    fn totals_are_read_as_frames_are() {
        let totals = read("Tổng điều tra;\nstratum;total\nBă\u{301}c;1.400,5\nNam;2 000\n", None);
        let totals = totals.expect("totals");
        assert_eq!(
            totals.of_strata,
            BTreeMap::from([("Bắc".to_owned(), 1_400.5), ("Nam".to_owned(), 2_000.0)])
        );
        assert_eq!(totals.notes.len(), 2);
    }

    #[test]
    fn what_is_wrong_with_totals_is_told() {
        assert_eq!(read("a;b\n1;2\n", None), Err(vec!["frame_column_missing".to_owned(); 2]));
        let wrong = read("stratum;total\nx;-1\ny;z\nx;5\n", None);
        assert_eq!(
            wrong,
            Err(["frame_number_bad", "frame_number_bad", "frame_total_twice"]
                .map(str::to_owned)
                .to_vec())
        );
        let either = "stratum;total\nx;1.400\ny;2.000\n";
        assert_eq!(read(either, None), Err(vec!["frame_numbers_ambiguous".to_owned()]));
        let totals = read(either, Some(Decimal::Comma)).expect("totals");
        assert_eq!(totals.of_strata["x"].to_bits(), 1_400.0_f64.to_bits());
    }
}
