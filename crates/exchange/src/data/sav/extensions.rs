//! Records of the kind 7, which releases since the first have added: older
//! programs go past them, and so do we past those that we do not know.

use std::collections::HashMap;
use std::io::Read;
use std::sync::Arc;

use encoding_rs::Encoding;
use survey_builder::list::Unreadable;

use super::dictionary::RawVariable;
use super::source::{Order, Parts, Source};
use super::text::{text, trimmed};
use super::{
    Code, Kind, Measure, ResponseSet, SEGMENT_ROOM, SetKind, Variable, WIDEST, at, segments,
};

/// Those that are read, by their number, each with its place.
#[derive(Default)]
pub(super) struct Extensions(HashMap<i32, (u64, Vec<u8>)>);

const CODE_PAGE: i32 = 3;
const SETS: i32 = 7;
const DISPLAY: i32 = 11;
const LONG_NAMES: i32 = 13;
const VERY_LONG: i32 = 14;
const CASES: i32 = 16;
const MORE_SETS: i32 = 19;
const ENCODING: i32 = 20;
const LONG_LABELS: i32 = 21;
const LONG_MISSING: i32 = 22;

const KNOWN: [i32; 10] = [
    CODE_PAGE,
    SETS,
    DISPLAY,
    LONG_NAMES,
    VERY_LONG,
    CASES,
    MORE_SETS,
    ENCODING,
    LONG_LABELS,
    LONG_MISSING,
];

impl Extensions {
    /// Reads one; its kind is read.
    pub(super) fn read<R: Read>(&mut self, source: &mut Source<R>) -> Result<(), Unreadable> {
        let number = source.int("a record of the kind 7")?;
        let size = source.count("the size of a record's parts")?;
        let count = source.count("the number of a record's parts")?;
        // Neither is over 2³¹.
        let length = size * count;
        let what = format!("the record 7/{number}");
        if !KNOWN.contains(&number) {
            return source.skip(length, &what);
        }
        let offset = source.offset;
        let bytes = source.bytes(length, &what)?;
        self.0.insert(number, (offset, bytes));
        Ok(())
    }

    fn bytes(&self, number: i32) -> Option<&[u8]> {
        self.0.get(&number).map(|(_, bytes)| bytes.as_slice())
    }

    fn parts(&self, number: i32, order: Order) -> Option<Parts<'_>> {
        self.0.get(&number).map(|(offset, bytes)| Parts::new(bytes, *offset, order))
    }

    /// The name of the encoding.
    pub(super) fn encoding(&self) -> Option<&[u8]> {
        self.bytes(ENCODING).map(trimmed).filter(|name| !name.is_empty())
    }

    /// The number of the encoding: the last of eight.
    pub(super) fn code_page(&self, order: Order) -> Option<i32> {
        let last = self.bytes(CODE_PAGE)?.get(28..32)?;
        Some(order.int(last.try_into().ok()?))
    }

    /// How many rows there are, where it is known.
    pub(super) fn cases(&self, order: Order) -> Option<u64> {
        let last = self.bytes(CASES)?.get(8..16)?;
        u64::try_from(order.long(last.try_into().ok()?)).ok()
    }

    /// Widths of very long texts and how many segments each has, by the place of
    /// the first: `NAME=00300`, each ended by a zero and a tab.
    pub(super) fn very_long(
        &self,
        raw: &[RawVariable],
    ) -> Result<HashMap<usize, (usize, usize)>, Unreadable> {
        let mut found = HashMap::new();
        let Some((offset, bytes)) = self.0.get(&VERY_LONG) else { return Ok(found) };
        let short: HashMap<Vec<u8>, usize> = raw
            .iter()
            .enumerate()
            .map(|(place, one)| (trimmed(&one.name).to_ascii_uppercase(), place))
            .collect();
        for entry in bytes.split(|byte| *byte == b'\t') {
            let entry: Vec<u8> = entry.iter().copied().filter(|byte| *byte != 0).collect();
            if entry.is_empty() {
                continue;
            }
            let said = String::from_utf8_lossy(&entry).into_owned();
            let wrong = |why: &str| at(*offset, format!("very long text {said}: {why}"));
            let equals = entry.iter().position(|byte| *byte == b'=');
            let (name, width) = entry.split_at(equals.ok_or_else(|| wrong("no width is told"))?);
            let width = std::str::from_utf8(&width[1..]).ok().and_then(|text| text.parse().ok());
            let width = width.filter(|width: &usize| (1..=WIDEST).contains(width));
            let width = width.ok_or_else(|| wrong("the width is not within 1 and 32767"))?;
            let place = short.get(trimmed(name).to_ascii_uppercase().as_slice());
            let place = *place.ok_or_else(|| wrong("there is no such variable"))?;
            let count = segments(width);
            let parts = raw.get(place..place + count);
            let parts = parts.ok_or_else(|| wrong("its segments are not there"))?;
            let (last, full) = parts.split_last().ok_or_else(|| wrong("it has no segments"))?;
            let room = full.len() * SEGMENT_ROOM + last.width;
            if full.iter().any(|part| part.width != SEGMENT_ROOM) || last.width == 0 || room < width
            {
                return Err(wrong("its segments have other widths"));
            }
            found.insert(place, (width, count));
        }
        Ok(found)
    }

    /// Levels of measurement and widths of columns: two or three numbers a
    /// variable, segments of very long texts among them or not.
    pub(super) fn display(
        &self,
        variables: &mut [Variable],
        kept: &[usize],
        raw: usize,
        order: Order,
    ) {
        let Some(bytes) = self.bytes(DISPLAY) else { return };
        let (numbers, _) = bytes.as_chunks::<4>();
        let every = |count: usize| {
            [3, 2].into_iter().find(|each| count > 0 && numbers.len() == each * count)
        };
        let count = variables.len();
        let (each, with_segments) = match (every(raw), every(count)) {
            (Some(each), _) => (each, true),
            (None, Some(each)) => (each, false),
            (None, None) => return,
        };
        for (place, variable) in variables.iter_mut().enumerate() {
            let first = each * if with_segments { kept[place] } else { place };
            let number = |at: usize| numbers.get(first + at).map_or(0, |bytes| order.int(*bytes));
            variable.measure = match number(0) {
                1 => Measure::Nominal,
                2 => Measure::Ordinal,
                3 => Measure::Scale,
                _ => Measure::Unknown,
            };
            if let (3, Ok(columns)) = (each, u32::try_from(number(1))) {
                variable.columns = columns;
            }
        }
    }

    /// Long names: `SHORT=long`, tabs between.
    pub(super) fn long_names(
        &self,
        variables: &mut [Variable],
        short: &HashMap<Vec<u8>, usize>,
        encoding: &'static Encoding,
    ) {
        for entry in self.bytes(LONG_NAMES).unwrap_or_default().split(|byte| *byte == b'\t') {
            let Some(equals) = entry.iter().position(|byte| *byte == b'=') else { continue };
            let (name, long) = entry.split_at(equals);
            let long = text(&long[1..], encoding);
            // A segment of a very long text has no long name of its own.
            if let Some(place) = short.get(trimmed(name).to_ascii_uppercase().as_slice())
                && !long.is_empty()
            {
                variables[*place].name = long.into_owned();
            }
        }
    }

    /// Labels of texts over eight bytes.
    pub(super) fn long_labels(
        &self,
        variables: &mut [Variable],
        names: &HashMap<String, usize>,
        order: Order,
        encoding: &'static Encoding,
    ) -> Result<(), Unreadable> {
        let Some(mut parts) = self.parts(LONG_LABELS, order) else { return Ok(()) };
        while !parts.is_done() {
            let begin = parts.offset;
            let name = text(parts.counted("the name of a labelled variable")?, encoding);
            parts.count("the width of a labelled variable")?;
            let count = parts.count("the number of labels")?;
            let mut labels = Vec::new();
            for _ in 0..count {
                let value = text(parts.counted("a labelled value")?, encoding).into_owned();
                let label = text(parts.counted("a label")?, encoding).into_owned();
                labels.push((Code::Text(value), label));
            }
            // Labels of a variable that is not there label nothing.
            if let Ok(variable) = text_variable(variables, names, &name, begin) {
                variable.labels = Arc::new(labels);
            }
        }
        Ok(())
    }

    /// Missing values of texts over eight bytes.
    pub(super) fn long_missing(
        &self,
        variables: &mut [Variable],
        names: &HashMap<String, usize>,
        order: Order,
        encoding: &'static Encoding,
    ) -> Result<(), Unreadable> {
        let Some(mut parts) = self.parts(LONG_MISSING, order) else { return Ok(()) };
        while !parts.is_done() {
            let begin = parts.offset;
            let name = text(parts.counted("the name of a variable")?, encoding);
            let count = parts.take(1, "the number of missing values")?[0];
            let width = parts.count("the width of a missing value")?;
            let mut codes = Vec::new();
            for place in 0..count {
                // Old releases of PSPP said the width before each.
                if place > 0 {
                    parts.pass_int(width);
                }
                let value = parts.take(width, "a missing value")?;
                codes.push(Code::Text(text(value, encoding).into_owned()));
            }
            text_variable(variables, names, &name, begin)?.missing.codes = codes;
        }
        Ok(())
    }

    /// Sets of variables that answer one question.
    pub(super) fn response_sets(
        &self,
        variables: &[Variable],
        names: &HashMap<String, usize>,
        encoding: &'static Encoding,
    ) -> Vec<ResponseSet> {
        let mut found = Vec::new();
        for number in [SETS, MORE_SETS] {
            for line in self.bytes(number).unwrap_or_default().split(|byte| *byte == b'\n') {
                let line = trimmed(line);
                if line.is_empty() {
                    continue;
                }
                // The rows do not depend on a set that cannot be read.
                let Some(mut set) = response_set(line, encoding) else { continue };
                for name in &mut set.variables {
                    if let Some(place) = names.get(&name.to_uppercase()) {
                        name.clone_from(&variables[*place].name);
                    }
                }
                found.push(set);
            }
        }
        found
    }
}

/// The places of variables by their names, short and long, in capitals.
pub(super) fn names(
    variables: &[Variable],
    short: &HashMap<Vec<u8>, usize>,
    encoding: &'static Encoding,
) -> HashMap<String, usize> {
    let short = short.iter().map(|(name, place)| (text(name, encoding).to_uppercase(), *place));
    let long = variables.iter().enumerate().map(|(place, one)| (one.name.to_uppercase(), place));
    short.chain(long).collect()
}

fn text_variable<'v>(
    variables: &'v mut [Variable],
    names: &HashMap<String, usize>,
    name: &str,
    offset: u64,
) -> Result<&'v mut Variable, Unreadable> {
    let place = names.get(&name.to_uppercase());
    place
        .map(|place| &mut variables[*place])
        .filter(|variable| matches!(variable.kind, Kind::Text(_)))
        .ok_or_else(|| at(offset, format!("there is no text variable “{name}”")))
}

/// `$name=C 5 label a b`, `$name=D1 1 5 label a b` or `$name=E 1 1 1 5 label a b`: before the
/// counted value and the label stands the number of their bytes.
fn response_set(line: &[u8], encoding: &'static Encoding) -> Option<ResponseSet> {
    let equals = line.iter().position(|byte| *byte == b'=')?;
    let (name, rest) = line.split_at(equals);
    let (kind, rest) = rest[1..].split_first()?;
    let (kind, rest) = match kind {
        b'C' => (SetKind::Categories, rest),
        b'D' => {
            let (counted, rest) = counted(rest)?;
            (SetKind::Chosen(text(counted, encoding).into_owned()), rest)
        }
        b'E' => {
            let (flag, rest) = word(rest.strip_prefix(b" ")?);
            let (counted, rest) = counted(rest.strip_prefix(b" ")?)?;
            let counted = text(counted, encoding).into_owned();
            (SetKind::ChosenByLabel(counted, flag == b"11"), rest)
        }
        _ => return None,
    };
    let (label, rest) = counted(rest.strip_prefix(b" ")?)?;
    let variables = rest.split(|byte| *byte == b' ').filter(|name| !name.is_empty());
    Some(ResponseSet {
        name: text(name, encoding).into_owned(),
        label: text(label, encoding).into_owned(),
        kind,
        variables: variables.map(|name| text(name, encoding).into_owned()).collect(),
    })
}

/// A number of bytes, a blank, and these bytes.
fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (count, rest) = word(bytes);
    let count: usize = std::str::from_utf8(count).ok()?.parse().ok()?;
    rest.strip_prefix(b" ")?.split_at_checked(count)
}

fn word(bytes: &[u8]) -> (&[u8], &[u8]) {
    bytes.split_at(bytes.iter().position(|byte| *byte == b' ').unwrap_or(bytes.len()))
}
