//! Units that stand in a frame twice under different ids, and how well a frame
//! covers what is known of the population.
//!
//! Contacts are compared by a hash of their normal form and kept nowhere.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;

use csv::ByteRecord;
use serde::Serialize;

use super::syllable::{email, phone, plain};
use super::{Frame, Reading};
use crate::list::rows::{Asked, List, place_in};
use crate::list::text::tidied;
use crate::sampling::problem::Problem;

/// The columns that say who a unit is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactColumns {
    /// Telephone number.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Name, compared together with the address.
    pub name: Option<String>,
    /// Address; with a name, both together.
    pub address: Option<String>,
}

/// Brings a cell's text into the form that is compared.
type Normal = fn(&str) -> String;

/// Two rows that may be one unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Twins {
    /// The later row; the header is row 1.
    pub row: u64,
    /// The earlier one.
    pub first: u64,
    /// The columns that say the same.
    pub columns: String,
}

/// What was found of twins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Contacts {
    /// The first thousand.
    pub twins: Vec<Twins>,
    /// How many in all.
    pub count: u64,
}

/// Finds rows that share a telephone number, an address of e-mail, or name and
/// address, whatever their spelling.
///
/// # Errors
///
/// Columns that are not there, and files that cannot be read.
pub fn find_twins(
    reader: impl Read,
    separator: u8,
    columns: &ContactColumns,
    reading: &Reading,
) -> Result<Contacts, Vec<Problem>> {
    let named = [&columns.phone, &columns.email, &columns.name, &columns.address];
    let named: Vec<String> =
        named.into_iter().flatten().map(|name| tidied(name).into_owned()).collect();
    let wanted: Vec<&str> = named.iter().map(String::as_str).collect();
    let asked = Asked { header_row: reading.header_row, wanted: &wanted };
    let mut list = List::open(reader, separator, asked)?;
    let kinds = kinds(&list.header, columns)?;
    let mut known: Vec<HashMap<u64, u64>> = vec![HashMap::new(); kinds.len()];
    let mut found = Contacts::default();
    let mut record = ByteRecord::new();
    while let Some(row) = list.next_row(&mut record)? {
        for (kind, known) in kinds.iter().zip(&mut known) {
            let Some(key) = kind.key(&record) else { continue };
            let first = *known.entry(key).or_insert(row);
            if first != row {
                found.count += 1;
                if found.twins.len() < 1_000 {
                    found.twins.push(Twins { row, first, columns: kind.name.clone() });
                }
            }
        }
    }
    Ok(found)
}

struct Kind {
    name: String,
    parts: Vec<(usize, Normal)>,
}

impl Kind {
    /// A hash of what the cells say, if they say something. 64 bits: among five
    /// million rows two that differ share one with a chance below one in a million.
    fn key(&self, record: &ByteRecord) -> Option<u64> {
        let mut hasher = DefaultHasher::new();
        for (place, normal) in &self.parts {
            let text = normal(&String::from_utf8_lossy(record.get(*place)?));
            if text.is_empty() {
                return None;
            }
            text.hash(&mut hasher);
        }
        Some(hasher.finish())
    }
}

fn kinds(header: &[String], columns: &ContactColumns) -> Result<Vec<Kind>, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut kinds = Vec::new();
    let mut add = |wanted: Vec<(&String, Normal)>| {
        let mut parts = Vec::new();
        for (column, normal) in &wanted {
            match place_in(header, column) {
                Ok(place) => parts.push((place, *normal)),
                Err(problem) => problems.push(problem),
            }
        }
        let name: Vec<&str> = wanted.iter().map(|(column, _)| column.as_str()).collect();
        if !parts.is_empty() {
            kinds.push(Kind { name: name.join(" + "), parts });
        }
    };
    add(columns.phone.iter().map(|name| (name, phone as Normal)).collect());
    add(columns.email.iter().map(|name| (name, email as Normal)).collect());
    // A name alone is shared by many.
    if let (Some(name), Some(address)) = (&columns.name, &columns.address) {
        add(vec![(name, plain), (address, plain)]);
    }
    if problems.is_empty() { Ok(kinds) } else { Err(problems) }
}

/// A stratum beside what is known of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Coverage {
    /// Its name.
    pub stratum: String,
    /// Its units in the frame.
    pub units: u64,
    /// Its units by an independent count, where that was given.
    pub known: Option<f64>,
    /// The first over the second.
    pub share: Option<f64>,
}

/// The frame's strata beside independent totals.
///
/// # Errors
///
/// Strata that the totals do not know, and totals of strata that the frame lacks.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub fn coverage(
    frame: &Frame,
    totals: &BTreeMap<String, f64>,
) -> Result<Vec<Coverage>, Vec<Problem>> {
    let mut problems: Vec<Problem> = frame
        .strata
        .iter()
        .filter(|stratum| !totals.is_empty() && !totals.contains_key(&stratum.name))
        .map(|stratum| Problem::FrameStratumUnknown {
            stratum: stratum.name.clone(),
            units: stratum.units.len() as u64,
        })
        .collect();
    let known = |name: &String| frame.strata.iter().any(|stratum| stratum.name == *name);
    let lacking = totals.keys().filter(|name| !known(name));
    problems.extend(lacking.map(|name| Problem::FrameStratumEmpty { stratum: name.clone() }));
    if !problems.is_empty() {
        return Err(problems);
    }
    let row = |stratum: &super::Stratum| {
        let units = stratum.units.len() as u64;
        let known = totals.get(&stratum.name).copied();
        let share = known.filter(|known| *known > 0.0).map(|known| units as f64 / known);
        Coverage { stratum: stratum.name.clone(), units, known, share }
    };
    Ok(frame.strata.iter().map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_in_two_spellings_is_found() {
        let csv = "id;tel;mail;name;address\n1;0912345678;a@b.vn;Trần Thị Ngọc;12 P. Huế\n\
            2;+84 912 345 678;;Lê An;1 Q.1\n3;912 345 678;A@B.VN;x;\n4;;;TRAN THI NGOC;12, phường Hue\n5;;;x;\n";
        let name = |name: &str| Some(name.to_owned());
        let columns = ContactColumns {
            phone: name("tel"),
            email: name("mail"),
            name: name("name"),
            address: name("address"),
        };
        let found = find_twins(csv.as_bytes(), b';', &columns, &Reading::default()).expect("read");
        let told: Vec<(u64, u64, &str)> =
            found.twins.iter().map(|twin| (twin.row, twin.first, twin.columns.as_str())).collect();
        assert_eq!(told, [(3, 2, "tel"), (4, 2, "tel"), (4, 2, "mail"), (5, 2, "name + address")]);
        let missing = ContactColumns { phone: name("phone"), ..ContactColumns::default() };
        assert!(find_twins(csv.as_bytes(), b';', &missing, &Reading::default()).is_err());
    }

    #[test]
    fn strata_are_held_against_what_is_known() {
        let columns = super::super::Columns {
            unit: "id".to_owned(),
            strata: vec!["area".to_owned()],
            ..super::super::Columns::default()
        };
        let frame = Frame::read("id,area\n1,a\n2,a\n3,b\n".as_bytes(), &columns).expect("read");
        let totals = BTreeMap::from([("a".to_owned(), 4.0), ("b".to_owned(), 1.0)]);
        let rows = coverage(&frame, &totals).expect("known");
        assert_eq!((rows[0].share, rows[1].share), (Some(0.5), Some(1.0)));
        let other = BTreeMap::from([("a".to_owned(), 4.0), ("c".to_owned(), 1.0)]);
        let codes: Vec<String> =
            coverage(&frame, &other).expect_err("unknown").iter().map(Problem::code).collect();
        assert_eq!(codes, ["frame_stratum_unknown", "frame_stratum_empty"]);
    }
}
