//! Frames: the list of the population from which a sample is drawn.
//!
//! A frame is read once from CSV, row by row; only what a draw needs is kept
//! (ids, strata, clusters, sizes). Every problem is told with its row and
//! column; a frame with problems is not a frame.

pub mod contacts;
pub mod legacy;
pub mod syllable;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;

use csv::{ByteRecord, ReaderBuilder};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::problem::Problem;

/// More problems than this are counted and not listed.
const PROBLEM_LIMIT: usize = 1_000;

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
}

/// A column of names.
#[derive(Clone, Debug, PartialEq)]
pub struct Labels {
    /// The names, in the order in which they first stand in the file.
    pub names: Vec<String>,
    /// Each unit's name, an index into the names.
    pub codes: Vec<u32>,
}

/// One unit of the population.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameUnit {
    /// Its id.
    pub id: Box<str>,
    /// Its stratum, an index into [`Frame::strata`].
    pub stratum: u32,
    /// Its cluster, an index into [`Frame::clusters`].
    pub cluster: Option<u32>,
    /// Its size; 1 where the frame has no sizes.
    pub size: f64,
}

/// A stratum and what it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Stratum {
    /// The values of the stratum columns, joined by ` / `; empty if there are none.
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
    /// Which column was what.
    pub columns: Columns,
    /// SHA-256 of the file's bytes, in hexadecimal.
    pub hash: String,
    /// The units in the order of the file.
    pub units: Vec<FrameUnit>,
    /// The strata, sorted by name.
    pub strata: Vec<Stratum>,
    /// The clusters, in the order in which they first stand in the file.
    pub clusters: Vec<Cluster>,
    /// The columns of [`Columns::labels`], in their order.
    pub labels: Vec<Labels>,
    /// The columns of [`Columns::numbers`], in their order.
    pub numbers: Vec<Vec<f64>>,
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
        let hashing = Hashing { inner: reader, hash: Sha256::new() };
        let mut reader = ReaderBuilder::new()
            .delimiter(separator)
            .flexible(true)
            .has_headers(false)
            .from_reader(hashing);
        let mut record = ByteRecord::new();
        let unreadable =
            |error: csv::Error| vec![Problem::FrameUnreadable { reason: error.to_string() }];
        if !reader.read_byte_record(&mut record).map_err(unreadable)? {
            return Err(vec![Problem::FrameEmpty]);
        }
        let places = Places::find(&record, columns)?;
        let mut builder = Builder::new(places, columns);
        let mut row = 1;
        while reader.read_byte_record(&mut record).map_err(unreadable)? {
            row += 1;
            builder.row(row, &record);
        }
        let hash = reader.into_inner().hash.finalize();
        builder.finish(columns, hex(&hash))
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

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Where each column stands.
struct Places {
    names: Vec<String>,
    unit: usize,
    strata: Vec<usize>,
    cluster: Option<usize>,
    size: Option<usize>,
    labels: Vec<usize>,
    numbers: Vec<usize>,
}

impl Places {
    fn find(header: &ByteRecord, columns: &Columns) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut names = Vec::new();
        for (place, cell) in header.iter().enumerate() {
            // Spreadsheets mark UTF-8 files by an invisible first character.
            let cell =
                if place == 0 { cell.strip_prefix(b"\xef\xbb\xbf").unwrap_or(cell) } else { cell };
            let name = String::from_utf8_lossy(cell).trim().to_owned();
            if !name.is_empty() && names.contains(&name) {
                problems.push(Problem::FrameColumnTwice { column: name.clone() });
            }
            names.push(name);
        }
        let mut place = |column: &String| {
            let found = names.iter().position(|name| name == column);
            if found.is_none() {
                let columns = names.join(", ");
                problems.push(Problem::FrameColumnMissing { column: column.clone(), columns });
            }
            found.unwrap_or(0)
        };
        let places = Self {
            unit: place(&columns.unit),
            strata: columns.strata.iter().map(&mut place).collect(),
            cluster: columns.cluster.as_ref().map(&mut place),
            size: columns.size.as_ref().map(&mut place),
            labels: columns.labels.iter().map(&mut place).collect(),
            numbers: columns.numbers.iter().map(&mut place).collect(),
            names: Vec::new(),
        };
        if problems.is_empty() { Ok(Self { names, ..places }) } else { Err(problems) }
    }

    fn name(&self, place: usize) -> String {
        self.names.get(place).cloned().unwrap_or_default()
    }
}

struct Builder {
    places: Places,
    units: Vec<FrameUnit>,
    rows: Vec<u64>,
    strata: Vec<Stratum>,
    clusters: Vec<Cluster>,
    stratum_index: HashMap<String, u32>,
    cluster_index: HashMap<(u32, String), u32>,
    /// The first unit with each hash of an id: half the memory of a second copy.
    id_index: HashMap<u64, u32>,
    labels: Vec<Labels>,
    label_index: Vec<HashMap<String, u32>>,
    numbers: Vec<Vec<f64>>,
    problems: Vec<Problem>,
    problem_count: u64,
    rows_seen: u64,
    sizes_zero: u64,
}

impl Builder {
    fn new(places: Places, columns: &Columns) -> Self {
        let mut builder = Self {
            places,
            units: Vec::new(),
            rows: Vec::new(),
            strata: Vec::new(),
            clusters: Vec::new(),
            stratum_index: HashMap::new(),
            cluster_index: HashMap::new(),
            id_index: HashMap::new(),
            labels: vec![Labels { names: Vec::new(), codes: Vec::new() }; columns.labels.len()],
            label_index: vec![HashMap::new(); columns.labels.len()],
            numbers: vec![Vec::new(); columns.numbers.len()],
            problems: Vec::new(),
            problem_count: 0,
            rows_seen: 0,
            sizes_zero: 0,
        };
        if columns.strata.is_empty() {
            builder.stratum(String::new());
        }
        builder
    }

    fn problem(&mut self, problem: Problem) {
        self.problem_count += 1;
        if self.problems.len() < PROBLEM_LIMIT {
            self.problems.push(problem);
        }
    }

    fn row(&mut self, row: u64, record: &ByteRecord) {
        let blank = record.iter().all(|cell| cell.trim_ascii().is_empty());
        if blank {
            return;
        }
        if record.len() != self.places.names.len() {
            let (found, expected) = (record.len(), self.places.names.len());
            self.problem(Problem::FrameRowLength { row, found, expected });
            return;
        }
        self.rows_seen += 1;
        let before = self.problem_count;
        let id = self.id(row, record);
        let stratum = self.stratum_name(row, record);
        let cluster = self.cluster_name(row, record);
        let size = self.size(row, record);
        let labels = self.label_cells(row, record);
        let numbers = self.number_cells(row, record);
        let (Some(id), Some(stratum), Some(size)) = (id, stratum, size) else { return };
        if self.problem_count > before {
            return;
        }
        let stratum = self.stratum(stratum);
        let cluster = cluster.map(|name| self.cluster(stratum, name));
        let index = u32::try_from(self.units.len()).unwrap_or(u32::MAX);
        self.add_to_groups(index, stratum, cluster, size);
        self.add_to_columns(&labels, &numbers);
        self.units.push(FrameUnit { id: id.into(), stratum, cluster, size });
        self.rows.push(row);
    }

    fn add_to_groups(&mut self, unit: u32, stratum: u32, cluster: Option<u32>, size: f64) {
        if let Some(stratum) = self.strata.get_mut(stratum as usize) {
            stratum.units.push(unit);
            stratum.size += size;
        }
        if let Some(cluster) = cluster.and_then(|cluster| self.clusters.get_mut(cluster as usize)) {
            cluster.units.push(unit);
            cluster.size += size;
        }
    }

    fn add_to_columns(&mut self, labels: &[&str], numbers: &[f64]) {
        for (column, name) in labels.iter().enumerate() {
            let known = &mut self.labels[column];
            let code = match self.label_index[column].get(*name) {
                Some(code) => *code,
                None => {
                    let code = u32::try_from(known.names.len()).unwrap_or(u32::MAX);
                    known.names.push((*name).to_owned());
                    self.label_index[column].insert((*name).to_owned(), code);
                    code
                }
            };
            known.codes.push(code);
        }
        for (column, number) in self.numbers.iter_mut().zip(numbers) {
            column.push(*number);
        }
    }

    fn label_cells<'r>(&mut self, row: u64, record: &'r ByteRecord) -> Vec<&'r str> {
        let mut cells = Vec::with_capacity(self.labels.len());
        for at in 0..self.places.labels.len() {
            let place = self.places.labels[at];
            let text = self.cell(row, record, place).unwrap_or_default();
            if text.is_empty() {
                let column = self.places.name(place);
                self.problem(Problem::FrameLabelMissing { row, column });
            }
            cells.push(text);
        }
        cells
    }

    fn number_cells(&mut self, row: u64, record: &ByteRecord) -> Vec<f64> {
        let mut cells = Vec::with_capacity(self.numbers.len());
        for at in 0..self.places.numbers.len() {
            let place = self.places.numbers[at];
            let text = self.cell(row, record, place).unwrap_or_default();
            let number: Option<f64> = text.parse().ok().filter(|number: &f64| number.is_finite());
            if number.is_none() {
                let (column, text) = (self.places.name(place), text.to_owned());
                self.problem(Problem::FrameNumberBad { row, column, text });
            }
            cells.push(number.unwrap_or_default());
        }
        cells
    }

    /// The text of a cell, without spaces at its ends.
    fn cell<'r>(&mut self, row: u64, record: &'r ByteRecord, place: usize) -> Option<&'r str> {
        let text = std::str::from_utf8(record.get(place).unwrap_or_default()).ok();
        if text.is_none() {
            let column = self.places.name(place);
            self.problem(Problem::FrameEncoding { row, column });
        }
        text.map(str::trim)
    }

    fn id(&mut self, row: u64, record: &ByteRecord) -> Option<String> {
        let place = self.places.unit;
        let id = self.cell(row, record, place)?.to_owned();
        let column = self.places.name(place);
        if id.is_empty() {
            self.problem(Problem::FrameIdMissing { row, column });
            return None;
        }
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        let next = u32::try_from(self.units.len()).unwrap_or(u32::MAX);
        let first = *self.id_index.entry(hasher.finish()).or_insert(next);
        let same = self.units.get(first as usize).is_some_and(|unit| *unit.id == *id);
        // Two different ids of one hash are so rare that a search is cheap.
        let first = if same || first == next {
            (first != next).then_some(first as usize)
        } else {
            self.units.iter().position(|unit| *unit.id == *id)
        };
        if let Some(first) = first.and_then(|first| self.rows.get(first).copied()) {
            self.problem(Problem::FrameIdTwice { row, column, id, first });
            return None;
        }
        Some(id)
    }

    fn stratum_name(&mut self, row: u64, record: &ByteRecord) -> Option<String> {
        let mut parts = Vec::with_capacity(self.places.strata.len());
        for place in self.places.strata.clone() {
            let text = self.cell(row, record, place)?;
            if text.is_empty() {
                let column = self.places.name(place);
                self.problem(Problem::FrameStratumMissing { row, column });
            }
            parts.push(text);
        }
        Some(parts.join(" / "))
    }

    fn cluster_name(&mut self, row: u64, record: &ByteRecord) -> Option<String> {
        let place = self.places.cluster?;
        let name = self.cell(row, record, place)?.to_owned();
        if name.is_empty() {
            let column = self.places.name(place);
            self.problem(Problem::FrameClusterMissing { row, column });
        }
        Some(name)
    }

    fn size(&mut self, row: u64, record: &ByteRecord) -> Option<f64> {
        let Some(place) = self.places.size else { return Some(1.0) };
        let text = self.cell(row, record, place)?;
        let size: Option<f64> = text.parse().ok();
        self.sizes_zero += u64::from(size == Some(0.0));
        let size = size.filter(|size| size.is_finite() && *size > 0.0);
        if size.is_none() {
            let column = self.places.name(place);
            let text = text.to_owned();
            self.problem(Problem::FrameSizeBad { row, column, text });
        }
        size
    }

    fn stratum(&mut self, name: String) -> u32 {
        if let Some(index) = self.stratum_index.get(&name) {
            return *index;
        }
        let index = u32::try_from(self.strata.len()).unwrap_or(u32::MAX);
        self.strata.push(Stratum {
            name: name.clone(),
            units: Vec::new(),
            clusters: Vec::new(),
            size: 0.0,
        });
        self.stratum_index.insert(name, index);
        index
    }

    fn cluster(&mut self, stratum: u32, name: String) -> u32 {
        let key = (stratum, name);
        if let Some(index) = self.cluster_index.get(&key) {
            return *index;
        }
        let index = u32::try_from(self.clusters.len()).unwrap_or(u32::MAX);
        let name = key.1.clone();
        self.clusters.push(Cluster { name, stratum, units: Vec::new(), size: 0.0 });
        if let Some(stratum) = self.strata.get_mut(stratum as usize) {
            stratum.clusters.push(index);
        }
        self.cluster_index.insert(key, index);
        index
    }

    fn finish(mut self, columns: &Columns, hash: String) -> Result<Frame, Vec<Problem>> {
        // One sentence says it, and not a thousand.
        if let Some(place) = self.places.size.filter(|_| self.sizes_zero > 0)
            && self.sizes_zero == self.rows_seen
        {
            let (column, rows) = (self.places.name(place), self.rows_seen);
            self.problems.retain(|problem| !matches!(problem, Problem::FrameSizeBad { .. }));
            self.problems.insert(0, Problem::FrameSizesAllZero { column, rows });
            self.problem_count = self.problems.len() as u64;
        }
        let listed = self.problems.len() as u64;
        if self.problem_count > listed {
            self.problems.push(Problem::FrameMore { count: self.problem_count - listed });
        }
        if self.units.is_empty() && self.problems.is_empty() {
            self.problems.push(Problem::FrameEmpty);
        }
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        self.sort_strata();
        Ok(Frame {
            columns: columns.clone(),
            hash,
            units: self.units,
            strata: self.strata,
            clusters: self.clusters,
            labels: self.labels,
            numbers: self.numbers,
        })
    }

    /// Strata stand in the order of their names, whatever the order of the file.
    fn sort_strata(&mut self) {
        let mut order: Vec<usize> = (0..self.strata.len()).collect();
        order.sort_by(|one, other| self.strata[*one].name.cmp(&self.strata[*other].name));
        let mut places = vec![0_u32; order.len()];
        for (place, index) in (0_u32..).zip(&order) {
            places[*index] = place;
        }
        self.strata.sort_by(|one, other| one.name.cmp(&other.name));
        for unit in &mut self.units {
            unit.stratum = places[unit.stratum as usize];
        }
        for cluster in &mut self.clusters {
            cluster.stratum = places[cluster.stratum as usize];
        }
    }
}
