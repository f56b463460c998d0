//! What stands before the rows: the header, a record for each eight bytes of a
//! row, labels, and the records that later releases added.
//!
//! Texts are decoded at the end: their encoding stands in one of the last
//! records.

use std::collections::HashMap;
use std::io::Read;
use std::sync::Arc;

use encoding_rs::Encoding;
use survey_builder::list::Unreadable;
use survey_builder::problem::phrase;

use super::extensions::{self, Extensions};
use super::labels::{self, Set};
use super::source::{Order, Source};
use super::text::{encoding, text, trimmed};
use super::{
    Code, Compression, Dictionary, Format, Kind, Measure, Missing, SEGMENT_ROOM, SYSTEM_MISSING,
    Variable, at,
};

/// Where the values of a variable stand in a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The first byte.
    pub(super) start: usize,
    pub(super) kind: Kind,
}

/// How the rows are to be read.
pub(super) struct Layout {
    pub(super) order: Order,
    pub(super) encoding: &'static Encoding,
    pub(super) compression: Compression,
    pub(super) bias: f64,
    /// Bytes of a row.
    pub(super) size: usize,
    pub(super) places: Vec<Place>,
}

/// The record at the beginning.
struct Header {
    compression: Compression,
    weight: (u64, i32),
    cases: i32,
    bias: f64,
    label: Vec<u8>,
}

/// A record of a variable, or of a segment of a very long one.
pub(super) struct RawVariable {
    pub(super) offset: u64,
    pub(super) name: Vec<u8>,
    pub(super) width: usize,
    label: Vec<u8>,
    print: i32,
    write: i32,
    missing: (i32, Vec<[u8; 8]>),
    /// Its first eight bytes of a row, counted from 0.
    slot: usize,
}

/// All records, as they stand.
#[derive(Default)]
struct Records {
    variables: Vec<RawVariable>,
    /// The variable of each eight bytes of a row; none where it goes on.
    slots: Vec<Option<usize>>,
    sets: Vec<Set>,
    extensions: Extensions,
}

/// Reads everything before the rows.
pub(super) fn read<R: Read>(source: &mut Source<R>) -> Result<(Dictionary, Layout), Unreadable> {
    let header = header(source)?;
    let mut records = Records::default();
    loop {
        let begin = source.offset;
        match source.int("the kind of a record")? {
            2 => variable(source, &mut records)?,
            3 => {
                let set = labels::read(source)?;
                records.sets.push(set);
            }
            4 => return Err(at(begin, "variables of labels stand without the labels")),
            6 => {
                let lines = source.count("the number of lines of the notes")?;
                source.skip(lines * 80, "the notes")?;
            }
            7 => records.extensions.read(source)?,
            999 => {
                source.skip(4, "the end of the dictionary")?;
                break;
            }
            other => return Err(at(begin, format!("there is no record of the kind {other}"))),
        }
    }
    finished(&header, records, source.order)
}

fn header<R: Read>(source: &mut Source<R>) -> Result<Header, Unreadable> {
    let kind: [u8; 4] = source.array("the header")?;
    match &kind {
        b"$FL2" | b"$FL3" => {}
        [0x5b, 0xc6, 0xd3, 0xf2] => {
            let detail = "the file is of a mainframe (EBCDIC); save it anew on a computer";
            return Err(Unreadable::new(phrase("phrase-file-of-a-mainframe"), detail).at_byte(0));
        }
        _ => {
            let detail = "this is no file of SPSS: it does not begin with $FL2 or $FL3";
            return Err(Unreadable::new(phrase("phrase-file-not-of-spss"), detail).at_byte(0));
        }
    }
    source.skip(60, "the header")?;
    let layout: [u8; 4] = source.array("the header")?;
    source.order = [Order::Little, Order::Big]
        .into_iter()
        .find(|order| matches!(order.int(layout), 2 | 3))
        .ok_or_else(|| at(64, "the order of bytes is not told: the layout is neither 2 nor 3"))?;
    source.skip(4, "the header")?;
    let compression = match (source.int("the header")?, kind[3]) {
        (0, b'2') => Compression::Plain,
        (1, b'2') => Compression::Bytecode,
        (2, b'3') => Compression::Zlib,
        (other, _) => return Err(at(72, format!("there is no compression {other}"))),
    };
    let weight = (source.offset, source.int("the header")?);
    let cases = source.int("the header")?;
    let bias = source.number("the header")?;
    source.skip(17, "the header")?;
    let label = source.array::<64>("the header")?.to_vec();
    source.skip(3, "the header")?;
    Ok(Header { compression, weight, cases, bias, label })
}

fn variable<R: Read>(source: &mut Source<R>, records: &mut Records) -> Result<(), Unreadable> {
    let offset = source.offset;
    let width = source.int("the width of a variable")?;
    let labelled = source.int("a variable")?;
    let missing_offset = source.offset;
    let missing = source.int("the number of missing values")?;
    let print = source.int("the format of a variable")?;
    let write = source.int("the format of a variable")?;
    let name = source.array::<8>("the name of a variable")?.to_vec();
    let mut label = Vec::new();
    if labelled != 0 {
        let length = source.count("the length of a variable's label")?;
        label = source.bytes(length, "a variable's label")?;
        source.skip(length.next_multiple_of(4) - length, "a variable's label")?;
    }
    if !(matches!(missing, -3 | -2 | 0..=3)) {
        let wrong = format!("a variable cannot have {missing} missing values");
        return Err(at(missing_offset, wrong));
    }
    let values = (0..missing.unsigned_abs())
        .map(|_| source.array("a missing value"))
        .collect::<Result<Vec<_>, _>>()?;
    if width == -1 {
        records.slots.push(None);
        return Ok(());
    }
    let width = usize::try_from(width).ok().filter(|width| *width <= SEGMENT_ROOM);
    let width = width.ok_or_else(|| at(offset, "a variable's width is not within 0 and 255"))?;
    records.slots.push(Some(records.variables.len()));
    let slot = records.slots.len() - 1;
    let missing = (missing, values);
    records.variables.push(RawVariable { offset, name, width, label, print, write, missing, slot });
    Ok(())
}

/// Puts the records together.
fn finished(
    header: &Header,
    records: Records,
    order: Order,
) -> Result<(Dictionary, Layout), Unreadable> {
    let Records { variables: raw, slots, sets, extensions } = records;
    check_slots(&raw, &slots)?;
    let named = extensions.encoding();
    let encoding = encoding(named, extensions.code_page(order))?;
    let widths = extensions.very_long(&raw)?;
    let mut kept = Vec::new();
    let mut variables = Vec::new();
    let mut places = Vec::new();
    let mut at_variable = 0;
    while let Some(one) = raw.get(at_variable) {
        let (width, segments) = widths.get(&at_variable).copied().unwrap_or((one.width, 1));
        let kind = if width == 0 { Kind::Number } else { Kind::Text(width) };
        places.push(Place { start: one.slot * 8, kind });
        variables.push(decoded(one, kind, order, encoding)?);
        kept.push(at_variable);
        at_variable += segments;
    }
    let weight = weight(header, &slots, &kept)?;
    let mut by_slot = vec![None; slots.len()];
    for (place, raw_place) in kept.iter().enumerate() {
        by_slot[raw[*raw_place].slot] = Some(place);
    }
    labels::give(&mut variables, &by_slot, &sets, order, encoding)?;
    extensions.display(&mut variables, &kept, raw.len(), order);
    // Long names last: other records call variables by the short ones as well.
    let short: HashMap<Vec<u8>, usize> = kept
        .iter()
        .enumerate()
        .map(|(place, raw_place)| (trimmed(&raw[*raw_place].name).to_ascii_uppercase(), place))
        .collect();
    extensions.long_names(&mut variables, &short, encoding);
    let names = extensions::names(&variables, &short, encoding);
    extensions.long_labels(&mut variables, &names, order, encoding)?;
    extensions.long_missing(&mut variables, &names, order, encoding)?;
    let response_sets = extensions.response_sets(&variables, &names, encoding);
    let cases = u64::try_from(header.cases).ok().or_else(|| extensions.cases(order));
    let dictionary = Dictionary {
        label: text(&header.label, encoding).into_owned(),
        encoding: named.map_or(encoding.name().into(), String::from_utf8_lossy).into_owned(),
        cases,
        variables,
        weight,
        response_sets,
    };
    let (compression, bias, size) = (header.compression, header.bias, slots.len() * 8);
    Ok((dictionary, Layout { order, encoding, compression, bias, size, places }))
}

/// Each variable has the eight bytes that its width needs, and no more.
fn check_slots(raw: &[RawVariable], slots: &[Option<usize>]) -> Result<(), Unreadable> {
    for (place, one) in raw.iter().enumerate() {
        let next = raw.get(place + 1).map_or(slots.len(), |next| next.slot);
        let needed = one.width.div_ceil(8).max(1);
        if next - one.slot != needed {
            let wrong = format!(
                "a variable of {} bytes has {} parts of 8 bytes instead of {needed}",
                one.width,
                next - one.slot
            );
            return Err(at(one.offset, wrong));
        }
    }
    if slots.first().is_some_and(Option::is_none) {
        return Err(Unreadable::damaged("the first variable goes on with one that is not there"));
    }
    Ok(())
}

fn weight(
    header: &Header,
    slots: &[Option<usize>],
    kept: &[usize],
) -> Result<Option<usize>, Unreadable> {
    let (offset, index) = header.weight;
    if index == 0 {
        return Ok(None);
    }
    let slot = index.checked_sub(1).and_then(|slot| usize::try_from(slot).ok());
    let raw = slot.and_then(|slot| slots.get(slot).copied().flatten());
    let place = raw.and_then(|raw| kept.binary_search(&raw).ok());
    let wrong = || at(offset, format!("the weight is variable {index}, which is not there"));
    place.map(Some).ok_or_else(wrong)
}

fn decoded(
    raw: &RawVariable,
    kind: Kind,
    order: Order,
    encoding: &'static Encoding,
) -> Result<Variable, Unreadable> {
    let (count, values) = &raw.missing;
    let mut missing = Missing::default();
    let mut values = values.iter();
    if *count < 0 {
        if kind != Kind::Number {
            return Err(at(raw.offset, "a text cannot have a range of missing values"));
        }
        let mut end = || values.next().map_or(SYSTEM_MISSING, |bytes| order.number(*bytes));
        missing.range = Some((end(), end()));
    }
    missing.codes.extend(values.map(|bytes| code(*bytes, kind, order, encoding)));
    let measure = if kind == Kind::Number { Measure::Unknown } else { Measure::Nominal };
    Ok(Variable {
        name: text(&raw.name, encoding).into_owned(),
        kind,
        label: text(&raw.label, encoding).into_owned(),
        print: Format::of(raw.print),
        write: Format::of(raw.write),
        labels: Arc::default(),
        missing,
        measure,
        columns: 8,
    })
}

/// A value as it stands in the dictionary.
pub(super) fn code(bytes: [u8; 8], kind: Kind, order: Order, encoding: &'static Encoding) -> Code {
    match kind {
        Kind::Number => Code::Number(order.number(bytes)),
        Kind::Text(_) => Code::Text(text(&bytes, encoding).into_owned()),
    }
}
