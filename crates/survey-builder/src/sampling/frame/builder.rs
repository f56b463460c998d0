//! A frame while it is read: row after row, with every problem in its place.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

use csv::ByteRecord;

use super::groups::Groups;
use super::names::{Names, NoName};
use super::reading::RULES;
use super::total_row::{is_sparse, is_total};
use super::{Blocks, Columns, Frame, FrameUnit, Ids, Labels};
use crate::list::number::{Decided, NumberColumn};
use crate::list::rows::{is_blank, place_in};
use crate::list::text::tidied_bytes;
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
    pub(super) fn find(names: &[String], columns: &Columns) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut known: HashSet<&String> = HashSet::new();
        for name in names.iter().filter(|name| !name.is_empty()) {
            if !known.insert(name) {
                problems.push(Problem::FrameColumnTwice { column: name.clone() });
            }
        }
        let mut place = |column: &String| match place_in(names, column) {
            Ok(place) => place,
            Err(problem) => {
                problems.push(problem);
                0
            }
        };
        let places = Self {
            unit: place(&columns.unit),
            strata: columns.strata.iter().map(&mut place).collect(),
            cluster: columns.cluster.as_ref().map(&mut place),
            size: columns.size.as_ref().map(&mut place),
            labels: columns.labels.iter().map(&mut place).collect(),
            numbers: columns.numbers.iter().map(&mut place).collect(),
            names: names.to_vec(),
        };
        if problems.is_empty() { Ok(places) } else { Err(problems) }
    }

    fn name(&self, place: usize) -> String {
        self.names.get(place).cloned().unwrap_or_default()
    }
}

pub(super) struct Builder {
    places: Places,
    as_written: bool,
    units: Vec<FrameUnit>,
    ids: Ids,
    rows: Vec<u64>,
    groups: Groups,
    sizes: NumberColumn,
    /// The first unit with each hash of an id: half the memory of a second copy.
    id_index: HashMap<u64, u32, BuildHasherDefault<AsItIs>>,
    labels: Vec<Names>,
    label_codes: Vec<Vec<u32>>,
    numbers: Vec<NumberColumn>,
    problems: Vec<Problem>,
    problem_count: u64,
    rows_seen: u64,
    sizes_zero: u64,
    /// Ids that a spreadsheet has rounded: how many, the first, and how many of them
    /// are alike.
    rounded: u64,
    rounded_first: Option<(u64, String)>,
    rounded_twice: u64,
    /// A row that may be the sum of those above, while none follows.
    held: Option<(u64, ByteRecord)>,
    notes: Vec<Problem>,
}

impl Builder {
    pub(super) fn new(places: Places, columns: &Columns, as_written: bool) -> Self {
        let reading = &columns.reading;
        let names = |column: &String| Names::new(column, reading, as_written);
        let strata = columns.strata.iter().map(names).collect();
        let groups = Groups::new(strata, columns.cluster.as_ref().map(names), as_written);
        Self {
            places,
            as_written,
            units: Vec::new(),
            ids: Ids::default(),
            rows: Vec::new(),
            groups,
            sizes: NumberColumn::new(reading.decimal),
            id_index: HashMap::default(),
            labels: columns.labels.iter().map(names).collect(),
            label_codes: vec![Vec::new(); columns.labels.len()],
            numbers: vec![NumberColumn::new(reading.decimal); columns.numbers.len()],
            problems: Vec::new(),
            problem_count: 0,
            rows_seen: 0,
            sizes_zero: 0,
            rounded: 0,
            rounded_first: None,
            rounded_twice: 0,
            held: None,
            notes: Vec::new(),
        }
    }

    /// Keeps something that is worth a look.
    pub(super) fn note(&mut self, note: Problem) {
        self.notes.push(note);
    }

    fn problem(&mut self, problem: Problem) {
        self.problem_count += 1;
        if self.problems.len() < PROBLEM_LIMIT {
            self.problems.push(problem);
        }
    }

    pub(super) fn row(&mut self, row: u64, record: &ByteRecord) {
        if is_blank(record) {
            return;
        }
        if let Some((row, held)) = self.held.take() {
            self.unit(row, &held);
        }
        if !self.as_written && is_total(record) {
            self.held = Some((row, record.clone()));
        } else {
            self.unit(row, record);
        }
    }

    fn unit(&mut self, row: u64, record: &ByteRecord) {
        if record.len() != self.places.names.len() {
            let (found, expected) = (record.len(), self.places.names.len());
            self.problem(Problem::FrameRowLength { row, found, expected });
            return;
        }
        self.rows_seen += 1;
        let before = self.problem_count;
        let id = self.id(row, record);
        self.stratum_codes(row, record);
        let cluster = self.cluster_code(row, record);
        self.size(row, record);
        self.label_cells(row, record);
        self.number_cells(row, record);
        if id.is_none() || self.problem_count > before {
            return;
        }
        let stratum = self.groups.stratum();
        let cluster = cluster.map(|code| self.groups.cluster(stratum, code));
        self.units.push(FrameUnit { stratum, cluster, size: 1.0 });
    }

    fn label_cells(&mut self, row: u64, record: &ByteRecord) {
        for at in 0..self.places.labels.len() {
            let place = self.places.labels[at];
            let code = self.labels[at].known(record.get(place).unwrap_or_default());
            if let Ok(code) = code {
                self.label_codes[at].push(code);
            } else {
                let told = |row, column| Problem::FrameLabelMissing { row, column };
                self.no_name(row, place, code, told);
            }
        }
    }

    /// Tells that a cell has no name.
    fn no_name(
        &mut self,
        row: u64,
        place: usize,
        code: Result<u32, NoName>,
        missing: fn(u64, String) -> Problem,
    ) {
        let column = self.places.name(place);
        match code {
            Ok(_) => {}
            Err(NoName::Empty) => self.problem(missing(row, column)),
            Err(NoName::NotUtf8) => self.problem(Problem::FrameEncoding { row, column }),
        }
    }

    fn number_cells(&mut self, row: u64, record: &ByteRecord) {
        for at in 0..self.places.numbers.len() {
            let place = self.places.numbers[at];
            let text = self.cell(row, record, place).unwrap_or_default();
            if self.numeric(Some(at), row, &text).is_none() {
                let (column, text) = (self.places.name(place), text.into_owned());
                self.problem(Problem::FrameNumberBad { row, column, text });
            }
        }
    }

    /// Puts a cell into the column of numbers at a place, or of sizes.
    fn numeric(&mut self, at: Option<usize>, row: u64, text: &str) -> Option<f64> {
        let column = match at {
            Some(at) => &mut self.numbers[at],
            None => &mut self.sizes,
        };
        if self.as_written { column.push_plain(text) } else { column.push(row, text) }
    }

    /// The tidied text of a cell.
    fn cell<'r>(&mut self, row: u64, record: &'r ByteRecord, place: usize) -> Option<Cow<'r, str>> {
        let cell = record.get(place).unwrap_or_default();
        let text = if self.as_written {
            std::str::from_utf8(cell).ok().map(|text| Cow::Borrowed(text.trim()))
        } else {
            tidied_bytes(cell)
        };
        if text.is_none() {
            let column = self.places.name(place);
            self.problem(Problem::FrameEncoding { row, column });
        }
        text
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
        let is_rounded = !self.as_written && is_scientific(&id);
        if is_rounded {
            self.rounded += 1;
            if self.rounded_first.is_none() {
                self.rounded_first = Some((row, id.clone().into_owned()));
            }
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
            self.ids.place_of(&id)
        };
        if let Some(first) = first.and_then(|first| self.rows.get(first).copied()) {
            if is_rounded {
                self.rounded_twice += 1;
            } else {
                let (column, id) = (self.places.name(place), id.into_owned());
                self.problem(Problem::FrameIdTwice { row, column, id, first });
            }
            return None;
        }
        self.ids.push(&id);
        self.rows.push(row);
        Some(())
    }

    fn stratum_codes(&mut self, row: u64, record: &ByteRecord) {
        self.groups.clear();
        for at in 0..self.places.strata.len() {
            let place = self.places.strata[at];
            let code = self.groups.strata[at].known(record.get(place).unwrap_or_default());
            if let Ok(code) = code {
                self.groups.push(code);
            } else {
                let told = |row, column| Problem::FrameStratumMissing { row, column };
                self.no_name(row, place, code, told);
            }
        }
    }

    fn cluster_code(&mut self, row: u64, record: &ByteRecord) -> Option<u32> {
        let place = self.places.cluster?;
        let code = self.groups.clusters.as_mut()?.known(record.get(place).unwrap_or_default());
        let told = |row, column| Problem::FrameClusterMissing { row, column };
        self.no_name(row, place, code, told);
        code.ok()
    }

    /// The size of a row, by one of the ways to read it: only its sign is looked at.
    fn size(&mut self, row: u64, record: &ByteRecord) {
        let Some(place) = self.places.size else { return };
        let Some(text) = self.cell(row, record, place) else { return };
        let number = self.numeric(None, row, &text);
        self.sizes_zero += u64::from(number == Some(0.0));
        if !number.is_some_and(|number| number > 0.0) {
            let (column, text) = (self.places.name(place), text.into_owned());
            self.problem(Problem::FrameSizeBad { row, column, text });
        }
    }

    /// What was held back is left out if more than its name says that it is the
    /// sum of the others.
    fn settle_total(&mut self) {
        let Some((row, record)) = self.held.take() else { return };
        let size = self.places.size.and_then(|place| tidied_bytes(record.get(place)?));
        let is_sum = size.is_some_and(|text| self.sizes.sums_to(&text));
        let first = record.iter().find(|cell| !cell.trim_ascii().is_empty());
        let text = first.and_then(tidied_bytes).unwrap_or_default().into_owned();
        if is_sum || is_sparse(&record) {
            self.note(Problem::FrameTotalRow { row, text });
        } else {
            self.note(Problem::FrameTotalRowDoubt { row, text });
            self.unit(row, &record);
        }
    }

    /// Columns of numbers are decided; what stands against them is told.
    fn decide_numbers(&mut self) -> (Option<Vec<f64>>, Vec<Vec<f64>>) {
        let settled = |builder: &mut Self, column: NumberColumn, place: usize| {
            let Decided { numbers, note, problems, .. } =
                column.decide(&builder.places.name(place));
            builder.notes.extend(note);
            for problem in problems {
                builder.problem(problem);
            }
            numbers
        };
        let sizes = self.places.size.map(|place| {
            let column = std::mem::take(&mut self.sizes);
            settled(self, column, place)
        });
        let numbers = std::mem::take(&mut self.numbers).into_iter().enumerate();
        let numbers = numbers
            .map(|(at, column)| {
                let place = self.places.numbers[at];
                settled(self, column, place)
            })
            .collect();
        (sizes, numbers)
    }

    fn settle_ids(&mut self) {
        let Some((row, text)) = self.rounded_first.take() else { return };
        let (column, count) = (self.places.name(self.places.unit), self.rounded);
        if self.rounded_twice == 0 {
            self.note(Problem::FrameIdsRounded { column, count, row, text });
        } else {
            let twice = self.rounded_twice;
            self.problem(Problem::FrameIdsRoundedTwice { column, count, twice, row, text });
        }
    }

    /// One sentence says that all sizes are zero, and not a thousand.
    fn settle_zeros(&mut self) {
        if let Some(place) = self.places.size.filter(|_| self.sizes_zero > 0)
            && self.sizes_zero == self.rows_seen
        {
            let (column, rows) = (self.places.name(place), self.rows_seen);
            self.problems.retain(|problem| !matches!(problem, Problem::FrameSizeBad { .. }));
            self.problems.insert(0, Problem::FrameSizesAllZero { column, rows });
            self.problem_count = self.problems.len() as u64;
        }
    }

    pub(super) fn finish(
        mut self,
        columns: &Columns,
        hash: String,
        blocks: Blocks,
    ) -> Result<Frame, Vec<Problem>> {
        self.settle_total();
        self.settle_ids();
        self.settle_zeros();
        let (sizes, numbers) = self.decide_numbers();
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
        for (unit, size) in self.units.iter_mut().zip(sizes.into_iter().flatten()) {
            unit.size = size;
        }
        let mut columns = columns.clone();
        if !self.as_written {
            self.settle_spellings(&mut columns);
        }
        let (strata, clusters) = self.groups.finish(&mut self.units);
        let labels = self.labels.into_iter().zip(self.label_codes);
        let decimal = columns.reading.decimal;
        Ok(Frame {
            columns,
            hash,
            blocks,
            units: self.units,
            ids: self.ids,
            strata,
            clusters,
            labels: labels.map(|(own, codes)| Labels::new(own.list, codes, decimal)).collect(),
            numbers,
            notes: self.notes,
        })
    }

    /// Names that differ only in spelling are merged where that is asked for, and
    /// told otherwise.
    fn settle_spellings(&mut self, columns: &mut Columns) {
        columns.reading.rules = Some(RULES);
        let of_groups = self.groups.strata.iter().chain(&self.groups.clusters);
        if !columns.reading.merge_spellings {
            let notes: Vec<Problem> =
                of_groups.chain(&self.labels).flat_map(Names::notes).collect();
            self.notes.extend(notes);
            return;
        }
        let mut merged = self.groups.merge(&mut self.units);
        for (column, codes) in self.labels.iter_mut().zip(&mut self.label_codes) {
            let (new, more) = column.merge();
            for code in codes {
                *code = new[*code as usize];
            }
            merged.extend(more);
        }
        let told = merged.iter().map(|one| Problem::FrameSpellingsMerged {
            column: one.column.clone(),
            name: one.name.clone(),
            spellings: one.spellings.join(", "),
        });
        self.notes.extend(told);
        columns.reading.merged.extend(merged);
    }
}

/// Whether an id is a number as spreadsheets show those with too many digits:
/// `1.01E+11`, with a point or a comma.
fn is_scientific(id: &str) -> bool {
    let Some((mantissa, exponent)) = id.split_once(['E', 'e']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = match mantissa.split_once(['.', ',']) {
        Some((whole, decimals)) => whole.len() == 1 && digits(whole) && digits(decimals),
        None => mantissa.len() == 1 && digits(mantissa),
    };
    is_number && exponent.strip_prefix('+').is_some_and(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounded_ids_are_known() {
        assert!(is_scientific("1.01E+11") && is_scientific("3,8E+11") && is_scientific("4E+15"));
        assert!(!is_scientific("E+11") && !is_scientific("1E5") && !is_scientific("HE+1"));
        assert!(!is_scientific("12E+4") && !is_scientific("A1.0E+5"));
    }
}
