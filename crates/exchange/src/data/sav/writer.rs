//! Writes a file, in Unicode, the lower byte of a number first.

use std::collections::HashSet;
use std::io::{Seek, SeekFrom, Write};

use flate2::write::ZlibEncoder;

use super::short_names::short_names;
use super::text::fitting;
use super::{
    Code, Compression, Dictionary, Format, HIGHEST, Kind, LOWEST, Measure, SEGMENT_ROOM,
    SEGMENT_SHARE, SYSTEM_MISSING, SetKind, Value, Variable, WIDEST, segments,
};

/// What is subtracted from a bytecode.
const BIAS: i32 = 100;

/// Bytes that are packed into one block, as SPSS packs them.
const BLOCK: usize = 0x003f_f000;

/// The longest name, label of a variable and label of a value, in bytes.
const NAME: usize = 64;
const VARIABLE_LABEL: usize = 255;
const VALUE_LABEL: usize = 120;

/// Writes rows as a file of SPSS. Texts that are too long for their variable or
/// for the format are cut between letters.
///
/// # Errors
///
/// What cannot be written, in words.
pub fn write_sav<'v, R: AsRef<[Value<'v>]>>(
    output: impl Write + Seek,
    dictionary: &Dictionary,
    rows: impl ExactSizeIterator<Item = R>,
    compression: Compression,
) -> Result<(), String> {
    check(dictionary)?;
    let count = rows.len() as u64;
    let names = short_names(dictionary);
    let head = head(dictionary, &names, count, compression)?;
    let mut packer = Packer::new(output, compression);
    let told = |error: std::io::Error| error.to_string();
    packer.output.write_all(&head).map_err(told)?;
    packer.begin(head.len() as u64).map_err(told)?;
    for (place, row) in rows.enumerate() {
        let row = row.as_ref();
        if row.len() != dictionary.variables.len() {
            let (is, should) = (row.len(), dictionary.variables.len());
            return Err(format!("row {}: {is} values instead of {should}", place + 1));
        }
        for (variable, value) in dictionary.variables.iter().zip(row) {
            let put = match (variable.kind, value) {
                (Kind::Number, Value::Number(number)) => packer.number(*number),
                (Kind::Number, Value::Missing) => packer.number(SYSTEM_MISSING),
                (Kind::Text(width), Value::Text(text)) => packer.text(text, width),
                (Kind::Text(width), Value::Missing) => packer.text("", width),
                (Kind::Number, Value::Text(_)) | (Kind::Text(_), Value::Number(_)) => {
                    let name = &variable.name;
                    return Err(format!("row {}, {name}: not of the variable's kind", place + 1));
                }
            };
            put.map_err(told)?;
        }
    }
    packer.end().map_err(told)
}

fn check(dictionary: &Dictionary) -> Result<(), String> {
    let mut seen = HashSet::new();
    for variable in &dictionary.variables {
        let name = &variable.name;
        let bad = |letter: char| letter.is_control() || matches!(letter, '=' | ' ');
        if name.is_empty() || name.len() > NAME || name.contains(bad) {
            return Err(format!("“{name}” is no name of a variable"));
        }
        if !seen.insert(name.to_uppercase()) {
            return Err(format!("two variables are called {name}"));
        }
        if matches!(variable.kind, Kind::Text(width) if !(1..=WIDEST).contains(&width)) {
            return Err(format!("{name}: a text has 1 to {WIDEST} bytes"));
        }
        // Of longer texts only the first eight bytes can be missing values.
        let fits = |code: &Code, most: usize| match (code, variable.kind) {
            (Code::Number(_), Kind::Number) => true,
            (Code::Text(text), Kind::Text(width)) => text.len() <= width.min(most),
            _ => false,
        };
        let missing = &variable.missing;
        let most = if missing.range.is_some() { 1 } else { 3 };
        let range = missing.range.is_none() || variable.kind == Kind::Number;
        if missing.codes.len() > most || !range || !missing.codes.iter().all(|code| fits(code, 8)) {
            return Err(format!("{name}: these missing values cannot be written"));
        }
        if !variable.labels.iter().all(|(code, _)| fits(code, WIDEST)) {
            return Err(format!("{name}: a label is for a value that it cannot have"));
        }
    }
    for set in &dictionary.response_sets {
        let unknown = |name: &&String| !seen.contains(&name.to_uppercase());
        if let Some(name) = set.variables.iter().find(unknown) {
            return Err(format!("{}: there is no variable {name}", set.name));
        }
    }
    match dictionary.weight.map(|place| dictionary.variables.get(place)) {
        None | Some(Some(Variable { kind: Kind::Number, .. })) => Ok(()),
        Some(_) => Err("the weight is not one of the variables of numbers".to_owned()),
    }
}

/// Bytes before the rows.
struct Head(Vec<u8>);

impl Head {
    fn ints(&mut self, numbers: &[i32]) {
        self.0.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    }

    fn number(&mut self, number: f64) {
        self.0.extend(number.to_le_bytes());
    }

    /// A count; what is counted here fits.
    fn count(&mut self, count: usize) {
        self.ints(&[i32::try_from(count).unwrap_or(i32::MAX)]);
    }

    fn padded(&mut self, text: &str, room: usize) {
        let text = fitting(text, room);
        self.0.extend(text.bytes().chain(std::iter::repeat(b' ')).take(room));
    }

    fn counted(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend(text.as_bytes());
    }

    fn code(&mut self, code: &Code) {
        match code {
            Code::Number(number) => self.number(*number),
            Code::Text(text) => self.padded(text, 8),
        }
    }

    /// A record of the kind 7.
    fn extension(&mut self, number: i32, size: usize, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.ints(&[7, number]);
            self.count(size);
            self.count(bytes.len() / size);
            self.0.extend(bytes);
        }
    }
}

fn head(
    dictionary: &Dictionary,
    names: &[Vec<String>],
    rows: u64,
    compression: Compression,
) -> Result<Vec<u8>, String> {
    let mut head = Head(Vec::new());
    let mut slots = Vec::new();
    let mut size = 0_usize;
    for variable in &dictionary.variables {
        slots.push(size);
        size += parts(variable.kind).map(|width| width.div_ceil(8).max(1)).sum::<usize>();
    }
    let index = |place: usize| i32::try_from(slots[place] + 1).map_err(|_| "too many variables");
    let weight = dictionary.weight.map_or(Ok(0), index)?;
    let (kind, code) = match compression {
        Compression::Plain => (b"$FL2", 0),
        Compression::Bytecode => (b"$FL2", 1),
        Compression::Zlib => (b"$FL3", 2),
    };
    head.0.extend(kind);
    head.padded("@(#) SPSS DATA FILE Sondage", 60);
    head.ints(&[2]);
    head.count(size);
    head.ints(&[code, weight, i32::try_from(rows).unwrap_or(-1)]);
    head.number(f64::from(BIAS));
    // A file says nothing about the moment it was made: the same rows, the same bytes.
    head.padded("01 Jan 70", 9);
    head.padded("00:00:00", 8);
    head.padded(&dictionary.label, 64);
    head.0.extend([0; 3]);
    for (variable, names) in dictionary.variables.iter().zip(names) {
        variable_records(&mut head, variable, names);
    }
    for (place, variable) in dictionary.variables.iter().enumerate() {
        if !variable.labels.is_empty() && !is_long(variable.kind) {
            label_records(&mut head, variable, index(place)?);
        }
    }
    extensions(&mut head, dictionary, names, rows);
    head.ints(&[999, 0]);
    Ok(head.0)
}

/// The widths of a variable's segments, 0 for numbers.
fn parts(kind: Kind) -> impl Iterator<Item = usize> {
    let width = match kind {
        Kind::Number => 0,
        Kind::Text(width) => width,
    };
    let count = segments(width);
    let last = width - (count - 1) * SEGMENT_SHARE;
    std::iter::repeat_n(SEGMENT_ROOM, count - 1).chain([last])
}

fn is_long(kind: Kind) -> bool {
    matches!(kind, Kind::Text(width) if width > 8)
}

fn variable_records(head: &mut Head, variable: &Variable, names: &[String]) {
    let missing = &variable.missing;
    for (segment, (width, name)) in parts(variable.kind).zip(names).enumerate() {
        let first = segment == 0;
        let label = if first { fitting(&variable.label, VARIABLE_LABEL) } else { "" };
        let codes = if is_long(variable.kind) { &[] } else { missing.codes.as_slice() };
        let single = i32::try_from(codes.len()).unwrap_or(0);
        let count = if missing.range.is_some() { -2 - single } else { single };
        head.ints(&[2]);
        head.count(width);
        // A text is always shown as what it is: A, as wide as the segment.
        let format = |own: Format| match u8::try_from(width) {
            Ok(width) if width > 0 => Format { code: 1, width, decimals: 0 },
            _ => own,
        };
        let formats = [variable.print, variable.write].map(|own| format(own).packed());
        head.ints(&[i32::from(!label.is_empty()), count, formats[0], formats[1]]);
        head.padded(name, 8);
        if !label.is_empty() {
            head.count(label.len());
            head.padded(label, label.len().next_multiple_of(4));
        }
        if let Some((low, high)) = missing.range {
            head.number(low);
            head.number(high);
        }
        for code in codes {
            head.code(code);
        }
        for _ in 1..width.div_ceil(8) {
            head.ints(&[2, -1, 0, 0, 0, 0]);
            head.padded("", 8);
        }
    }
}

fn label_records(head: &mut Head, variable: &Variable, index: i32) {
    head.ints(&[3]);
    head.count(variable.labels.len());
    for (code, label) in variable.labels.iter() {
        let label = fitting(label, VALUE_LABEL);
        head.code(code);
        head.0.push(u8::try_from(label.len()).unwrap_or(0));
        head.padded(label, (label.len() + 1).next_multiple_of(8) - 1);
    }
    head.ints(&[4, 1, index]);
}

fn extensions(head: &mut Head, dictionary: &Dictionary, names: &[Vec<String>], rows: u64) {
    let mut some = Head(Vec::new());
    // Release, machine, IEEE 754, compression, lower byte first, UTF-8.
    some.ints(&[1, 0, 0, -1, 1, 1, 2, 65001]);
    head.extension(3, 4, &some.0);
    let mut some = Head(Vec::new());
    for number in [SYSTEM_MISSING, HIGHEST, LOWEST] {
        some.number(number);
    }
    head.extension(4, 8, &some.0);
    let (sets, more): (Vec<_>, Vec<_>) = dictionary
        .response_sets
        .iter()
        .partition(|set| !matches!(set.kind, SetKind::ChosenByLabel(..)));
    let lines = |sets: Vec<_>| {
        sets.into_iter().map(|set| set_line(set, dictionary, names)).collect::<String>()
    };
    head.extension(7, 1, lines(sets).as_bytes());
    let mut display = Head(Vec::new());
    let mut long_names = Vec::new();
    let mut very_long = String::new();
    let mut long_labels = Head(Vec::new());
    let mut long_missing = Head(Vec::new());
    for (variable, names) in dictionary.variables.iter().zip(names) {
        let measure = match variable.measure {
            Measure::Unknown => 0,
            Measure::Nominal => 1,
            Measure::Ordinal => 2,
            Measure::Scale => 3,
        };
        let columns = i32::try_from(variable.columns).unwrap_or(8);
        // Numbers stand on the right.
        let alignment = i32::from(variable.kind == Kind::Number);
        for _ in names {
            display.ints(&[measure, columns, alignment]);
        }
        long_names.push(format!("{}={}", names[0], variable.name));
        let Kind::Text(width) = variable.kind else { continue };
        if width > SEGMENT_ROOM {
            very_long += &format!("{}={width:05}\0\t", names[0]);
        }
        if is_long(variable.kind) {
            long_records(&mut long_labels, &mut long_missing, variable, width);
        }
    }
    head.extension(11, 4, &display.0);
    head.extension(13, 1, long_names.join("\t").as_bytes());
    head.extension(14, 1, very_long.as_bytes());
    head.extension(21, 1, &long_labels.0);
    head.extension(22, 1, &long_missing.0);
    let cases = [1_u64, rows].map(u64::to_le_bytes).concat();
    head.extension(16, 8, &cases);
    head.extension(19, 1, lines(more).as_bytes());
    head.extension(20, 1, b"UTF-8");
}

fn long_records(labels: &mut Head, missing: &mut Head, variable: &Variable, width: usize) {
    let text = |code: &Code| match code {
        Code::Text(text) => text.clone(),
        Code::Number(_) => String::new(),
    };
    if !variable.labels.is_empty() {
        labels.counted(&variable.name);
        labels.count(width);
        labels.count(variable.labels.len());
        for (code, label) in variable.labels.iter() {
            labels.count(width);
            labels.padded(&text(code), width);
            labels.counted(fitting(label, VALUE_LABEL));
        }
    }
    if !variable.missing.codes.is_empty() {
        missing.counted(&variable.name);
        missing.0.push(u8::try_from(variable.missing.codes.len()).unwrap_or(0));
        missing.count(8);
        for code in &variable.missing.codes {
            missing.padded(&text(code), 8);
        }
    }
}

/// A set of answers; its variables are called by their short names in small letters.
fn set_line(set: &super::ResponseSet, dictionary: &Dictionary, names: &[Vec<String>]) -> String {
    let counted = |text: &str| format!("{} {text}", text.len());
    let kind = match &set.kind {
        SetKind::Categories => "C".to_owned(),
        SetKind::Chosen(value) => format!("D{}", counted(value)),
        SetKind::ChosenByLabel(value, of_first) => {
            format!("E {} {}", if *of_first { 11 } else { 1 }, counted(value))
        }
    };
    let short = |name: &String| {
        let place = dictionary.variables.iter().position(|variable| variable.name == *name);
        place.map_or_else(|| name.clone(), |place| names[place][0].to_ascii_lowercase())
    };
    let variables: Vec<String> = set.variables.iter().map(short).collect();
    format!("{}={kind} {} {}\n", set.name, counted(&set.label), variables.join(" "))
}

/// Packs values and writes them.
struct Packer<W> {
    output: W,
    compression: Compression,
    /// Codes, and the values that belong to them.
    codes: Vec<u8>,
    values: Vec<u8>,
    /// What is to become a block, and the sizes of those before.
    block: Vec<u8>,
    sizes: Vec<(usize, usize)>,
    header: u64,
}

impl<W: Write + Seek> Packer<W> {
    fn new(output: W, compression: Compression) -> Self {
        let (codes, values, block, sizes) = Default::default();
        Self { output, compression, codes, values, block, sizes, header: 0 }
    }

    /// Makes room for the places of the blocks, which are known at the end.
    fn begin(&mut self, header: u64) -> std::io::Result<()> {
        self.header = header;
        if self.compression == Compression::Zlib {
            self.output.write_all(&[0; 24])?;
        }
        Ok(())
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a code that does not stand for the number is not used"
    )]
    fn number(&mut self, number: f64) -> std::io::Result<()> {
        let code = (number + f64::from(BIAS)) as u8;
        let stands_for = f64::from(i32::from(code) - BIAS).to_bits() == number.to_bits();
        let code = match code {
            _ if number.to_bits() == SYSTEM_MISSING.to_bits() => 255,
            1..=251 if stands_for => code,
            _ => 253,
        };
        self.put(code, number.to_le_bytes())
    }

    fn text(&mut self, text: &str, width: usize) -> std::io::Result<()> {
        let mut left = fitting(text, width).as_bytes();
        for room in parts(Kind::Text(width)) {
            let (segment, rest) = left.split_at(left.len().min(room));
            left = rest;
            for at in (0..room).step_by(8) {
                let mut value = [b' '; 8];
                let part = segment.get(at..segment.len().min(at + 8)).unwrap_or_default();
                value[..part.len()].copy_from_slice(part);
                self.put(if value == [b' '; 8] { 254 } else { 253 }, value)?;
            }
        }
        Ok(())
    }

    fn put(&mut self, code: u8, value: [u8; 8]) -> std::io::Result<()> {
        if self.compression == Compression::Plain {
            return self.output.write_all(&value);
        }
        self.codes.push(code);
        if code == 253 {
            self.values.extend(value);
        }
        if self.codes.len() == 8 { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let codes = std::mem::take(&mut self.codes);
        let values = std::mem::take(&mut self.values);
        if self.compression == Compression::Bytecode {
            self.output.write_all(&codes)?;
            return self.output.write_all(&values);
        }
        self.block.extend(codes);
        self.block.extend(values);
        if self.block.len() >= BLOCK {
            let rest = self.block.split_off(BLOCK);
            self.pack()?;
            self.block = rest;
        }
        Ok(())
    }

    fn pack(&mut self) -> std::io::Result<()> {
        let block = std::mem::take(&mut self.block);
        let mut packed = ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        packed.write_all(&block)?;
        let packed = packed.finish()?;
        self.sizes.push((block.len(), packed.len()));
        self.output.write_all(&packed)
    }

    fn end(mut self) -> std::io::Result<()> {
        if !self.codes.is_empty() {
            self.codes.resize(8, 0);
            self.flush()?;
        }
        if self.compression == Compression::Zlib {
            if !self.block.is_empty() {
                self.pack()?;
            }
            self.trailer()?;
        }
        self.output.flush()
    }

    /// The list of the blocks, and its place at their beginning.
    fn trailer(&mut self) -> std::io::Result<()> {
        let mut head = Head(Vec::new());
        let long = |head: &mut Head, number: u64| head.0.extend(number.to_le_bytes());
        head.0.extend(i64::from(-BIAS).to_le_bytes());
        long(&mut head, 0);
        head.count(BLOCK);
        head.count(self.sizes.len());
        let (mut plain, mut packed) = (self.header, self.header + 24);
        for (size, packed_size) in &self.sizes {
            long(&mut head, plain);
            long(&mut head, packed);
            head.count(*size);
            head.count(*packed_size);
            plain += *size as u64;
            packed += *packed_size as u64;
        }
        self.output.write_all(&head.0)?;
        self.output.seek(SeekFrom::Start(self.header))?;
        for number in [self.header, packed, head.0.len() as u64] {
            self.output.write_all(&number.to_le_bytes())?;
        }
        self.output.seek(SeekFrom::End(0)).map(|_| ())
    }
}
