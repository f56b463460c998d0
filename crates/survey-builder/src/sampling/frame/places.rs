//! Lists of places with the days from and to which each exists, and how a frame
//! stands to them on its own day: Vietnam's districts ended on 30 June 2025, and a
//! list of the population of another day names other wards.

use std::collections::HashMap;
use std::io::Read;

use chrono::NaiveDate;
use csv::ByteRecord;
use serde::{Deserialize, Serialize};

use super::syllable::plain;
use super::{Frame, Reading};
use crate::list::rows::{Asked, List, cell, is_blank};
use crate::sampling::problem::Problem;

/// So many doubtful names are listed.
const LISTED: usize = 1_000;

/// A place while it exists. The same code or name may come again with other days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The first day; none where it has always been.
    pub from: Option<NaiveDate>,
    /// The last day; none while it is.
    pub to: Option<NaiveDate>,
    /// The codes of what it became.
    pub successors: Vec<String>,
}

impl Place {
    fn is_there(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// Places with their days, found by code or by name.
#[derive(Clone, Debug, Default)]
pub struct PlaceList {
    places: Vec<Place>,
    by_code: HashMap<String, Vec<usize>>,
    by_name: HashMap<String, Vec<usize>>,
}

/// What is doubtful about the name of a place in a frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceDoubt {
    /// The name in the frame.
    pub name: String,
    /// What about it.
    #[serde(flatten)]
    pub what: Doubt,
}

/// What is doubtful.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "doubt", rename_all = "snake_case")]
pub enum Doubt {
    /// No place of any day is called so.
    Unknown,
    /// It begins later.
    NotYet {
        /// Its first day.
        from: NaiveDate,
    },
    /// It was no more.
    Ended {
        /// Its last day.
        to: NaiveDate,
        /// What it became, by name.
        successors: Vec<String>,
    },
}

/// How a frame stands to a list of places.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceReport {
    /// Names that are places of the day.
    pub known: u64,
    /// All others.
    pub doubtful: u64,
    /// The first thousand of these.
    pub doubts: Vec<PlaceDoubt>,
    /// Places of the day that the frame does not name.
    pub absent: u64,
}

impl PlaceList {
    /// Reads a list in UTF-8 with the columns `code`, `name`, `from`, `to` and
    /// `successor`; days as `2025-07-01`, several successors parted by spaces. Only
    /// `code` and `name` must be there.
    ///
    /// # Errors
    ///
    /// Columns that are missing, days that are none or end before they begin, and
    /// codes of which two stand for one day, each with its row.
    pub fn read(reader: impl Read, separator: u8, reading: &Reading) -> Result<Self, Vec<Problem>> {
        let asked = Asked { header_row: reading.header_row, wanted: &["code", "name"] };
        let mut rows = List::open(reader, separator, asked)?;
        let needed = ["code", "name"].map(|column| rows.place(column));
        let lacks: Vec<Problem> = needed.into_iter().filter_map(Result::err).collect();
        if !lacks.is_empty() {
            return Err(lacks);
        }
        let columns =
            ["code", "name", "from", "to", "successor"].map(|column| rows.place(column).ok());
        let (mut list, mut problems) = (Self::default(), Vec::new());
        let mut record = ByteRecord::new();
        while let Some(row) = rows.next_row(&mut record)? {
            if !is_blank(&record) {
                list.row(row, &record, columns, &mut problems);
            }
        }
        if problems.is_empty() { Ok(list) } else { Err(problems) }
    }

    fn row(
        &mut self,
        row: u64,
        record: &ByteRecord,
        columns: [Option<usize>; 5],
        problems: &mut Vec<Problem>,
    ) {
        let cells = columns.map(|column| column.map(|at| cell(record, at)).unwrap_or_default());
        let [code, name, from, to, successor] = cells.each_ref().map(String::as_str);
        let mut day = |column: &str, text: &str| {
            if text.is_empty() {
                return None;
            }
            let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
            if day.is_none() {
                let (column, text) = (column.to_owned(), text.to_owned());
                problems.push(Problem::PlaceDayBad { row, column, text });
            }
            day
        };
        let (from, to) = (day("from", from), day("to", to));
        if let (Some(first), Some(last)) = (from, to)
            && last < first
        {
            let (column, text) = ("to".to_owned(), last.to_string());
            problems.push(Problem::PlaceDayBad { row, column, text });
        }
        let overlaps = |other: &&usize| {
            let other = &self.places[**other];
            let before = |one: Option<NaiveDate>, two: Option<NaiveDate>| matches!((one, two), (Some(one), Some(two)) if one < two);
            !before(other.to, from) && !before(to, other.from)
        };
        if self.by_code.get(code).into_iter().flatten().any(|other| overlaps(&other)) {
            problems.push(Problem::PlaceTwice { row, place: code.to_owned() });
        }
        let number = self.places.len();
        self.by_code.entry(code.to_owned()).or_default().push(number);
        self.by_name.entry(plain(name)).or_default().push(number);
        self.places.push(Place {
            code: code.to_owned(),
            name: name.to_owned(),
            from,
            to,
            successors: successor.split_whitespace().map(str::to_owned).collect(),
        });
    }

    /// How the clusters of a frame, or its strata where it has none, stand to the
    /// places of a day.
    pub fn check(&self, frame: &Frame, day: NaiveDate) -> PlaceReport {
        let clusters = frame.clusters.iter().map(|cluster| cluster.name.as_str());
        let strata = frame.strata.iter().map(|stratum| stratum.name.as_str());
        let names: Vec<&str> =
            if frame.clusters.is_empty() { strata.collect() } else { clusters.collect() };
        let mut report = PlaceReport::default();
        let mut met = vec![false; self.places.len()];
        for name in names {
            match self.find(name, day) {
                Ok(places) => {
                    report.known += 1;
                    for place in places {
                        met[place] = true;
                    }
                }
                Err(what) => {
                    report.doubtful += 1;
                    if report.doubts.len() < LISTED {
                        report.doubts.push(PlaceDoubt { name: name.to_owned(), what });
                    }
                }
            }
        }
        let absent = self.places.iter().zip(&met).filter(|(it, met)| it.is_there(day) && !**met);
        report.absent = absent.count() as u64;
        report
    }

    /// The places of that code or name on a day.
    fn find(&self, name: &str, day: NaiveDate) -> Result<Vec<usize>, Doubt> {
        let named = self.by_code.get(name.trim()).or_else(|| self.by_name.get(&plain(name)));
        let Some(named) = named else { return Err(Doubt::Unknown) };
        let there: Vec<usize> =
            named.iter().copied().filter(|place| self.places[*place].is_there(day)).collect();
        if !there.is_empty() {
            return Ok(there);
        }
        let ended = named
            .iter()
            .map(|place| &self.places[*place])
            .filter_map(|place| Some((place.to.filter(|to| *to < day)?, place)))
            .max_by_key(|(to, _)| *to);
        if let Some((to, place)) = ended {
            let called = |code: &String| {
                let place = self.by_code.get(code).and_then(|all| all.last());
                place.map_or_else(|| code.clone(), |place| self.places[*place].name.clone())
            };
            return Err(Doubt::Ended {
                to,
                successors: place.successors.iter().map(called).collect(),
            });
        }
        let from = named.iter().filter_map(|place| self.places[*place].from).min();
        Err(from.map_or(Doubt::Unknown, |from| Doubt::NotYet { from }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampling::Columns;

    const LIST: &str = "code,name,from,to,successor\n\
        760,Quận 1,,2025-06-30,26740 26737\n26734,Phường Tân Định,,2025-06-30,26740\n\
        26737,Phường Sài Gòn,2025-07-01,,\n26740,Phường Tân Định,2025-07-01,,\n";

    fn frame(wards: &[&str]) -> Frame {
        let rows: Vec<String> =
            wards.iter().enumerate().map(|(unit, ward)| format!("{unit},{ward}\n")).collect();
        let rows = rows.concat();
        let columns = Columns {
            unit: "id".to_owned(),
            cluster: Some("ward".to_owned()),
            ..Columns::default()
        };
        Frame::read(format!("id,ward\n{rows}").as_bytes(), &columns).expect("a frame")
    }

    #[test]
    fn places_are_those_of_the_day() {
        let list = PlaceList::read(LIST.as_bytes(), b',', &Reading::default()).expect("a list");
        let frame = frame(&["phuong Tan Dinh", "Quận 1", "26737", "Phường X"]);
        let before = list.check(&frame, "2025-06-30".parse().expect("a day"));
        assert_eq!((before.known, before.doubtful, before.absent), (2, 2, 0));
        let from = "2025-07-01".parse().expect("a day");
        assert_eq!(
            before.doubts,
            [
                PlaceDoubt { name: "26737".to_owned(), what: Doubt::NotYet { from } },
                PlaceDoubt { name: "Phường X".to_owned(), what: Doubt::Unknown },
            ]
        );
        let after = list.check(&frame, from);
        let successors = vec!["Phường Tân Định".to_owned(), "Phường Sài Gòn".to_owned()];
        let to = "2025-06-30".parse().expect("a day");
        assert_eq!(after.known, 2);
        assert_eq!(after.doubts[0].what, Doubt::Ended { to, successors });
    }

    #[test]
    fn wrong_lists_are_told_with_their_rows() {
        let problems = PlaceList::read("name\nx\n".as_bytes(), b',', &Reading::default())
            .expect_err("no code");
        assert_eq!(problems.len(), 1);
        let text = "code,name,from,to\n1,A,2025-13-01,\n2,B,2025-07-01,2025-06-30\n\
            3,C,,2025-06-30\n3,C,2025-06-30,\n";
        let problems =
            PlaceList::read(text.as_bytes(), b',', &Reading::default()).expect_err("wrong days");
        let told: Vec<String> = problems.iter().map(Problem::code).collect();
        assert_eq!(told, ["place_day_bad", "place_day_bad", "place_twice"]);
    }
}
