//! A frame while it is read: row after row, with every problem in its place.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

use csv::ByteRecord;

use super::{Blocks, Cluster, Columns, Frame, FrameUnit, Ids, Labels, Stratum};
use crate::sampling::problem::Problem;

/// More problems than this are counted and not listed.
const PROBLEM_LIMIT: usize = 1_000;

/// Takes a hash for what it is.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 << 8) | u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

/// Where each column stands.
pub(super) struct Places {
    names: Vec<String>,
    unit: usize,
    strata: Vec<usize>,
    cluster: Option<usize>,
    size: Option<usize>,
    labels: Vec<usize>,
    numbers: Vec<usize>,
}

impl Places {
    pub(super) fn find(header: &ByteRecord, columns: &Columns) -> Result<Self, Vec<Problem>> {
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

pub(super) struct Builder {
    places: Places,
    units: Vec<FrameUnit>,
    ids: Ids,
    rows: Vec<u64>,
    strata: Vec<Stratum>,
    clusters: Vec<Cluster>,
    stratum_index: HashMap<String, u32>,
    /// For each stratum.
    cluster_index: Vec<HashMap<String, u32>>,
    /// The first unit with each hash of an id: half the memory of a second copy.
    id_index: HashMap<u64, u32, BuildHasherDefault<AsItIs>>,
    labels: Vec<Labels>,
    label_index: Vec<HashMap<String, u32>>,
    numbers: Vec<Vec<f64>>,
    problems: Vec<Problem>,
    problem_count: u64,
    rows_seen: u64,
    sizes_zero: u64,
}

impl Builder {
    pub(super) fn new(places: Places, columns: &Columns) -> Self {
        let mut builder = Self {
            places,
            units: Vec::new(),
            ids: Ids::default(),
            rows: Vec::new(),
            strata: Vec::new(),
            clusters: Vec::new(),
            stratum_index: HashMap::new(),
            cluster_index: Vec::new(),
            id_index: HashMap::default(),
            labels: vec![Labels { names: Vec::new(), codes: Vec::new() }; columns.labels.len()],
            label_index: vec![HashMap::new(); columns.labels.len()],
            numbers: vec![Vec::new(); columns.numbers.len()],
            problems: Vec::new(),
            problem_count: 0,
            rows_seen: 0,
            sizes_zero: 0,
        };
        if columns.strata.is_empty() {
            builder.stratum("");
        }
        builder
    }

    fn problem(&mut self, problem: Problem) {
        self.problem_count += 1;
        if self.problems.len() < PROBLEM_LIMIT {
            self.problems.push(problem);
        }
    }

    pub(super) fn row(&mut self, row: u64, record: &ByteRecord) {
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
        let (Some(()), Some(stratum), Some(size)) = (id, stratum, size) else { return };
        if self.problem_count > before {
            return;
        }
        let stratum = self.stratum(&stratum);
        let cluster = cluster.map(|name| self.cluster(stratum, name));
        let index = u32::try_from(self.units.len()).unwrap_or(u32::MAX);
        self.add_to_groups(index, stratum, cluster, size);
        self.add_to_columns(&labels, &numbers);
        self.units.push(FrameUnit { stratum, cluster, size });
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

    /// Keeps the unit's id, unless another row has it. The id of a row that is
    /// refused for its other cells is kept too: one that comes again is told in
    /// the same reading, and a frame with a refused row is never given out.
    fn id(&mut self, row: u64, record: &ByteRecord) -> Option<()> {
        let place = self.places.unit;
        let id = self.cell(row, record, place)?;
        if id.is_empty() {
            let column = self.places.name(place);
            self.problem(Problem::FrameIdMissing { row, column });
            return None;
        }
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        let next = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let first = *self.id_index.entry(hasher.finish()).or_insert(next);
        let same = first != next && self.ids.get(first as usize) == id;
        // Two different ids of one hash are so rare that a search is cheap.
        let first = if same || first == next {
            (first != next).then_some(first as usize)
        } else {
            self.ids.place_of(id)
        };
        if let Some(first) = first.and_then(|first| self.rows.get(first).copied()) {
            let (column, id) = (self.places.name(place), id.to_owned());
            self.problem(Problem::FrameIdTwice { row, column, id, first });
            return None;
        }
        self.ids.push(id);
        self.rows.push(row);
        Some(())
    }

    fn stratum_name<'r>(&mut self, row: u64, record: &'r ByteRecord) -> Option<Cow<'r, str>> {
        let mut parts = Vec::with_capacity(self.places.strata.len());
        for at in 0..self.places.strata.len() {
            let place = self.places.strata[at];
            let text = self.cell(row, record, place)?;
            if text.is_empty() {
                let column = self.places.name(place);
                self.problem(Problem::FrameStratumMissing { row, column });
            }
            parts.push(text);
        }
        Some(match parts[..] {
            [one] => Cow::Borrowed(one),
            _ => Cow::Owned(parts.join(" / ")),
        })
    }

    fn cluster_name<'r>(&mut self, row: u64, record: &'r ByteRecord) -> Option<&'r str> {
        let place = self.places.cluster?;
        let name = self.cell(row, record, place)?;
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

    fn stratum(&mut self, name: &str) -> u32 {
        // Rows of one stratum often stand together.
        if let Some(last) = self.units.last().map(|unit| unit.stratum)
            && self.strata.get(last as usize).is_some_and(|stratum| stratum.name == name)
        {
            return last;
        }
        if let Some(index) = self.stratum_index.get(name) {
            return *index;
        }
        let index = u32::try_from(self.strata.len()).unwrap_or(u32::MAX);
        self.strata.push(Stratum {
            name: name.to_owned(),
            units: Vec::new(),
            clusters: Vec::new(),
            size: 0.0,
        });
        self.stratum_index.insert(name.to_owned(), index);
        self.cluster_index.push(HashMap::new());
        index
    }

    fn cluster(&mut self, stratum: u32, name: &str) -> u32 {
        let known = &mut self.cluster_index[stratum as usize];
        if let Some(index) = known.get(name) {
            return *index;
        }
        let index = u32::try_from(self.clusters.len()).unwrap_or(u32::MAX);
        known.insert(name.to_owned(), index);
        let name = name.to_owned();
        self.clusters.push(Cluster { name, stratum, units: Vec::new(), size: 0.0 });
        if let Some(stratum) = self.strata.get_mut(stratum as usize) {
            stratum.clusters.push(index);
        }
        index
    }

    pub(super) fn finish(
        mut self,
        columns: &Columns,
        hash: String,
        blocks: Blocks,
    ) -> Result<Frame, Vec<Problem>> {
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
            blocks,
            units: self.units,
            ids: self.ids,
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
