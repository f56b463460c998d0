//! Frames: the list of the population from which a sample is drawn.
//!
//! A frame is read once from CSV, row by row; only what a draw needs is kept
//! (ids, strata, clusters, sizes). Every problem is told with its row and
//! column; a frame with problems is not a frame.

mod blocks;
mod builder;
pub mod contacts;
mod groups;
pub mod legacy;
mod names;
pub mod places;
pub mod reading;
pub mod syllable;
mod total_row;
pub mod totals;

use std::collections::HashSet;
use std::io::Read;

use csv::ByteRecord;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use self::blocks::Fingerprints;
pub use self::blocks::{Blocks, Rows};
use self::builder::{Builder, Places};
pub(super) use self::groups::joined_names;
pub use self::reading::Reading;
use super::problem::Problem;
use crate::list::number::{Decimal, NumberColumn};
use crate::list::rows::{Asked, List};
use crate::list::text::tidied;

/// Which column of the file plays which part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// The id of the unit, unique in the frame.
    pub unit: String,
    /// The columns that together name the stratum; none means one stratum.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strata: Vec<String>,
    /// The cluster that the unit belongs to; its names may start anew in each
    /// stratum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// The measure of size, above zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// Further columns of names that a plan speaks of: clusters inside clusters,
    /// strata inside them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Further columns of numbers: to balance on, coordinates, multiplicities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<String>,
    /// How its file is read.
    #[serde(default, skip_serializing_if = "Reading::is_default")]
    pub reading: Reading,
}

impl Columns {
    /// The columns that are named, as a header has them.
    fn named(&self) -> Vec<String> {
        let single = [Some(&self.unit), self.cluster.as_ref(), self.size.as_ref()];
        let several = self.strata.iter().chain(&self.labels).chain(&self.numbers);
        single.into_iter().flatten().chain(several).map(|name| tidied(name).into_owned()).collect()
    }
}

/// A column of names.
#[derive(Clone, Debug, PartialEq)]
pub struct Labels {
    /// The names, in the order in which they first stand in the file.
    pub names: Vec<String>,
    /// Each unit's name, an index into the names.
    pub codes: Vec<u32>,
    /// By what each name sorts: the number that it is, if all are numbers, or its
    /// place in the order of code points.
    pub keys: Vec<f64>,
    /// Whether all names are numbers.
    pub numeric: bool,
}

impl Labels {
    fn new(names: Vec<String>, codes: Vec<u32>, decimal: Option<Decimal>) -> Self {
        let mut numbers = NumberColumn::new(decimal);
        let numeric = names.iter().all(|name| numbers.push(0, name).is_some());
        let decided = if numeric { numbers.decide("").numbers } else { Vec::new() };
        // Where no cell shows the decimal mark the numbers are none.
        let numeric = numeric && decided.len() == names.len();
        let keys = if numeric { decided } else { places_in_order(&names) };
        Self { names, codes, keys, numeric }
    }
}

impl Labels {
    /// Whether all names are numbers that can be read in two ways, and none shows which.
    pub(super) fn is_unclear(&self) -> bool {
        let mut numbers = NumberColumn::new(None);
        !self.numeric && self.names.iter().all(|name| numbers.push(0, name).is_some())
    }
}

/// The place of each name in the order of all.
fn places_in_order(names: &[String]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by(|one, other| names[*one].cmp(&names[*other]));
    let mut keys = vec![0.0; names.len()];
    for (place, name) in (0_u32..).zip(order) {
        keys[name] = f64::from(place);
    }
    keys
}

/// One unit of the population.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrameUnit {
    /// Its stratum, an index into [`Frame::strata`].
    pub stratum: u32,
    /// Its cluster, an index into [`Frame::clusters`].
    pub cluster: Option<u32>,
    /// Its size; 1 where the frame has no sizes.
    pub size: f64,
}

/// The ids of units, in one text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ids {
    text: String,
    ends: Vec<usize>,
}

impl Ids {
    fn push(&mut self, id: &str) {
        self.text.push_str(id);
        self.ends.push(self.text.len());
    }

    /// The id of the unit at a place; empty if there is none.
    pub fn get(&self, place: usize) -> &str {
        let Some(end) = self.ends.get(place) else { return "" };
        let begin = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[begin..*end]
    }

    fn place_of(&self, id: &str) -> Option<usize> {
        (0..self.ends.len()).find(|place| self.get(*place) == id)
    }
}

/// A stratum and what it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Stratum {
    /// The values of the stratum columns, joined by ` / `; empty if there are none.
    /// Where two would be called the same, values with a slash are in quotes.
    pub name: String,
    /// Its units, as indices into [`Frame::units`], in frame order.
    pub units: Vec<u32>,
    /// Its clusters, as indices into [`Frame::clusters`], in frame order.
    pub clusters: Vec<u32>,
    /// The sum of its units' sizes.
    pub size: f64,
}

/// A cluster and what it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// Its name in the frame.
    pub name: String,
    /// Its stratum.
    pub stratum: u32,
    /// Its units, in frame order.
    pub units: Vec<u32>,
    /// The sum of its units' sizes.
    pub size: f64,
}

/// A population list without problems.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Which column was what, and how the file was read.
    pub columns: Columns,
    /// SHA-256 of the file's bytes, in hexadecimal.
    pub hash: String,
    /// Fingerprints of its rows.
    pub blocks: Blocks,
    /// The units in the order of the file.
    pub units: Vec<FrameUnit>,
    /// Their ids.
    pub ids: Ids,
    /// The strata, sorted by name.
    pub strata: Vec<Stratum>,
    /// The clusters, in the order in which they first stand in the file.
    pub clusters: Vec<Cluster>,
    /// The columns of [`Columns::labels`], in their order.
    pub labels: Vec<Labels>,
    /// The columns of [`Columns::numbers`], in their order.
    pub numbers: Vec<Vec<f64>>,
    /// What is worth a look.
    pub notes: Vec<Problem>,
}

/// Hashes what passes through.
struct Hashing<R> {
    inner: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(&buffer[..count]);
        Ok(count)
    }
}

impl Frame {
    /// Reads a frame from CSV (UTF-8, with a header row).
    ///
    /// # Errors
    ///
    /// Every problem of the file, in its order; beyond a thousand their number.
    pub fn read(reader: impl Read, columns: &Columns) -> Result<Self, Vec<Problem>> {
        Self::read_separated(reader, b',', columns)
    }

    /// As [`Frame::read`], with cells separated by something else than commas.
    ///
    /// # Errors
    ///
    /// As [`Frame::read`].
    pub fn read_separated(
        reader: impl Read,
        separator: u8,
        columns: &Columns,
    ) -> Result<Self, Vec<Problem>> {
        Self::read_by(reader, separator, columns, false)
    }

    /// As [`Frame::read_separated`], by the rules of the record that the columns
    /// come from: older ones did not fold text.
    ///
    /// # Errors
    ///
    /// As [`Frame::read`].
    pub fn read_recorded(
        reader: impl Read,
        separator: u8,
        columns: &Columns,
    ) -> Result<Self, Vec<Problem>> {
        Self::read_by(reader, separator, columns, columns.reading.rules.is_none())
    }

    fn read_by(
        reader: impl Read,
        separator: u8,
        columns: &Columns,
        as_written: bool,
    ) -> Result<Self, Vec<Problem>> {
        let hashing = Hashing { inner: reader, hash: Sha256::new() };
        let named = columns.named();
        let wanted: Vec<&str> = named.iter().map(String::as_str).collect();
        let header_row = columns.reading.header_row.or(as_written.then_some(1));
        let mut list = List::open(hashing, separator, Asked { header_row, wanted: &wanted })?;
        let mut columns = columns.clone();
        if list.header_row > 1 {
            columns.reading.header_row = Some(list.header_row);
        }
        let places = Places::find(&list.header, &columns)?;
        let mut builder = Builder::new(places, &columns, as_written);
        list.note().into_iter().for_each(|note| builder.note(note));
        let mut fingerprints = Fingerprints::new();
        // Rows are counted from the first below the top, whatever it holds.
        list.titles.iter().skip(1).for_each(|title| fingerprints.row(title.iter()));
        let mut record = ByteRecord::new();
        while let Some(row) = list.next_row(&mut record)? {
            fingerprints.row(record.iter());
            builder.row(row, &record);
        }
        let hash = list.into_inner().hash.finalize();
        builder.finish(&columns, hex(&hash), fingerprints.finish())
    }

    /// A column of names by its name.
    pub fn labels_of(&self, column: &str) -> Option<&Labels> {
        self.columns.labels.iter().position(|name| name == column).map(|at| &self.labels[at])
    }

    /// A column of numbers by its name.
    pub fn numbers_of(&self, column: &str) -> Option<&[f64]> {
        let place = self.columns.numbers.iter().position(|name| name == column);
        place.map(|at| self.numbers[at].as_slice())
    }

    /// The same list without some of its units. What it says of itself (hash, columns)
    /// stays; a cluster without anybody left is in no stratum.
    pub(super) fn without(&self, out: &HashSet<&str>) -> Self {
        let kept: Vec<usize> =
            (0..self.units.len()).filter(|place| !out.contains(self.ids.get(*place))).collect();
        let mut places: Vec<Option<u32>> = vec![None; self.units.len()];
        for (now, before) in (0_u32..).zip(&kept) {
            places[*before] = Some(now);
        }
        let moved = |units: &[u32]| -> Vec<u32> {
            units.iter().filter_map(|unit| places[*unit as usize]).collect()
        };
        let mut ids = Ids::default();
        for place in &kept {
            ids.push(self.ids.get(*place));
        }
        let units: Vec<FrameUnit> = kept.iter().map(|place| self.units[*place]).collect();
        let size = |held: &[u32]| held.iter().map(|unit| units[*unit as usize].size).sum();
        let clusters: Vec<Cluster> = (self.clusters.iter())
            .map(|cluster| {
                let held = moved(&cluster.units);
                Cluster { size: size(&held), units: held, ..cluster.clone() }
            })
            .collect();
        let strata = (self.strata.iter())
            .map(|stratum| {
                let held = moved(&stratum.units);
                let peopled = |cluster: &&u32| !clusters[**cluster as usize].units.is_empty();
                Stratum {
                    name: stratum.name.clone(),
                    size: size(&held),
                    units: held,
                    clusters: stratum.clusters.iter().filter(peopled).copied().collect(),
                }
            })
            .collect();
        let labels = (self.labels.iter())
            .map(|labels| Labels {
                codes: kept.iter().map(|place| labels.codes[*place]).collect(),
                ..labels.clone()
            })
            .collect();
        let of = |numbers: &Vec<f64>| kept.iter().map(|place| numbers[*place]).collect();
        let numbers = self.numbers.iter().map(of).collect();
        Self {
            columns: self.columns.clone(),
            hash: self.hash.clone(),
            blocks: self.blocks.clone(),
            units,
            ids,
            strata,
            clusters,
            labels,
            numbers,
            notes: self.notes.clone(),
        }
    }

    /// The name of a unit's stratum.
    pub fn stratum_of(&self, unit: &FrameUnit) -> &str {
        self.strata.get(unit.stratum as usize).map_or("", |stratum| &stratum.name)
    }
}

/// SHA-256 of a file's bytes, in hexadecimal.
///
/// # Errors
///
/// What the reader says.
pub fn hash_of(mut reader: impl Read) -> std::io::Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = reader.read(&mut buffer)?;
        if count == 0 {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(&buffer[..count]);
    }
}

/// SHA-256 of a text, in hexadecimal.
pub fn hash_of_text(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
