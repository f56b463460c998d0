//! Rows, one at a time: plain, in bytecode, or in bytecode within blocks of zlib.

use std::borrow::Cow;
use std::io::Read;

use flate2::{Decompress, FlushDecompress, Status};
use survey_builder::list::Unreadable;
use survey_builder::problem::phrase;

use super::dictionary::{self, Layout, Place};
use super::source::{Order, Source};
use super::text::text;
use super::{Compression, Dictionary, Kind, SEGMENT_ROOM, SYSTEM_MISSING, Value, at, cut};

/// Bytes that are unpacked at once.
const UNPACKED: usize = 64 << 10;

/// Bytecodes in a row that stand for nothing; writers fill blocks with some.
const FILLING: u32 = 1 << 20;

/// A file whose rows are read one after the other.
pub struct SavReader<R> {
    dictionary: Dictionary,
    layout: Layout,
    codes: Codes<R>,
    row: Vec<u8>,
    read: u64,
}

impl<R: Read> SavReader<R> {
    /// Reads what stands before the rows.
    ///
    /// # Errors
    ///
    /// What is wrong with the file, in words, and at which byte.
    pub fn new(file: R) -> Result<Self, Unreadable> {
        let mut source = Source::new(file);
        let (dictionary, layout) = dictionary::read(&mut source)?;
        let blocks = match layout.compression {
            Compression::Zlib if layout.size > 0 => Some(Blocks::new(&mut source)?),
            _ => None,
        };
        let bytes = Bytes { source, blocks };
        let codes = Codes { bytes, eight: [0; 8], next: 8, filling: 0 };
        let row = vec![0; layout.size];
        Ok(Self { dictionary, layout, codes, row, read: 0 })
    }

    /// What stands before the rows.
    pub fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    /// The next row; none after the last.
    ///
    /// # Errors
    ///
    /// What is wrong with the file, in words, and at which byte.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, Unreadable> {
        if self.row.is_empty() {
            return Ok(None);
        }
        let filled = match self.layout.compression {
            Compression::Plain => self.codes.bytes.fill(&mut self.row)?,
            Compression::Bytecode | Compression::Zlib => {
                self.codes.fill(&mut self.row, self.layout.order, self.layout.bias)?
            }
        };
        if filled == self.row.len() {
            let offset = self.codes.bytes.source.offset;
            // A few packed bytes can stand for rows without end.
            if let Some(cases) = self.dictionary.cases.filter(|cases| self.read >= *cases) {
                let reason = phrase("phrase-file-has-more-rows").with("rows", cases);
                let detail = format!("the file goes on after its {cases} rows");
                return Err(Unreadable::new(reason, detail).at_byte(offset));
            }
            self.read += 1;
            return Ok(Some(Row { bytes: &self.row, layout: &self.layout }));
        }
        let offset = self.codes.bytes.source.offset;
        match self.dictionary.cases {
            Some(cases) if self.read < cases => {
                let read = self.read;
                let reason = phrase("phrase-file-has-fewer-rows");
                let reason = reason.with("read", read).with("rows", cases);
                let detail = format!("the file ends after {read} of its {cases} rows");
                Err(Unreadable::new(reason, detail).at_byte(offset))
            }
            // What follows the last row is no row.
            Some(_) => Ok(None),
            None if filled == 0 => Ok(None),
            None => Err(cut(offset, format!("the file ends within row {}", self.read + 1))),
        }
    }
}

/// A row.
pub struct Row<'r> {
    bytes: &'r [u8],
    layout: &'r Layout,
}

impl<'r> Row<'r> {
    /// Its values, in the order of the variables.
    pub fn values(&self) -> impl Iterator<Item = Value<'r>> + use<'r> {
        let (bytes, layout) = (self.bytes, self.layout);
        layout.places.iter().map(move |place| value(bytes, *place, layout))
    }
}

fn value<'r>(row: &'r [u8], place: Place, layout: &Layout) -> Value<'r> {
    let bytes = &row[place.start..];
    match place.kind {
        Kind::Number => {
            let number = bytes.first_chunk().map(|bytes| layout.order.number(*bytes));
            match number {
                Some(number) if number != SYSTEM_MISSING && !number.is_nan() => {
                    Value::Number(number)
                }
                _ => Value::Missing,
            }
        }
        Kind::Text(width) if width <= SEGMENT_ROOM => {
            Value::Text(text(&bytes[..width], layout.encoding))
        }
        Kind::Text(width) => {
            // A segment of 255 bytes takes 256 of the row.
            let mut whole = Vec::with_capacity(width);
            for segment in bytes.chunks(SEGMENT_ROOM + 1) {
                let left = (width - whole.len()).min(SEGMENT_ROOM).min(segment.len());
                whole.extend_from_slice(&segment[..left]);
            }
            Value::Text(Cow::Owned(text(&whole, layout.encoding).into_owned()))
        }
    }
}

/// Bytecode: eight codes, then the eights of bytes that some of them announce.
struct Codes<R> {
    bytes: Bytes<R>,
    eight: [u8; 8],
    next: usize,
    filling: u32,
}

impl<R: Read> Codes<R> {
    /// Fills a row, or as much of it as there is.
    fn fill(&mut self, row: &mut [u8], order: Order, bias: f64) -> Result<usize, Unreadable> {
        let (parts, _) = row.as_chunks_mut::<8>();
        let mut done = 0;
        while done < parts.len() {
            if self.next == 8 {
                let count = self.bytes.fill(&mut self.eight)?;
                if count == 0 {
                    break;
                }
                // The last codes of a file may be fewer.
                self.eight[count..].fill(0);
                self.next = 0;
            }
            let code = self.eight[self.next];
            self.next += 1;
            let part = &mut parts[done];
            match code {
                0 => {
                    self.filling += 1;
                    if self.filling > FILLING {
                        return Err(at(self.bytes.source.offset, "there is nothing but filling"));
                    }
                    continue;
                }
                252 => {
                    self.next -= 1;
                    break;
                }
                253 => {
                    let offset = self.bytes.source.offset;
                    if self.bytes.fill(part)? < 8 {
                        return Err(cut(offset, "the file ends within a value"));
                    }
                }
                254 => *part = [b' '; 8],
                255 => *part = order.of_number(SYSTEM_MISSING),
                code => *part = order.of_number(f64::from(code) - bias),
            }
            self.filling = 0;
            done += 1;
        }
        Ok(done * 8)
    }
}

/// The bytes of the rows, unpacked where they were packed.
struct Bytes<R> {
    source: Source<R>,
    blocks: Option<Blocks>,
}

impl<R: Read> Bytes<R> {
    fn fill(&mut self, into: &mut [u8]) -> Result<usize, Unreadable> {
        match &mut self.blocks {
            Some(blocks) => blocks.fill(&mut self.source, into),
            None => self.source.fill(into),
        }
    }
}

/// Blocks of zlib, one after the other. The trailer behind them lists them, and
/// is not needed: where it begins, the blocks end.
struct Blocks {
    inflate: Decompress,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Packed bytes that are still to come.
    left: u64,
    /// Whether a block was begun.
    within: bool,
}

impl Blocks {
    fn new<R: Read>(source: &mut Source<R>) -> Result<Self, Unreadable> {
        let begin = source.offset;
        let header = source.long("the places of the blocks")?;
        let trailer = source.long("the places of the blocks")?;
        source.skip(8, "the places of the blocks")?;
        if u64::try_from(header).ok() != Some(begin) {
            return Err(at(begin, format!("the blocks are said to begin at byte {header}")));
        }
        let left = u64::try_from(trailer).ok().and_then(|end| end.checked_sub(source.offset));
        let left = left.ok_or_else(|| {
            at(begin + 8, format!("the blocks are said to end at byte {trailer}"))
        })?;
        let inflate = Decompress::new(true);
        let buffer = vec![0; UNPACKED];
        Ok(Self { inflate, buffer, start: 0, end: 0, left, within: false })
    }

    fn fill<R: Read>(
        &mut self,
        source: &mut Source<R>,
        into: &mut [u8],
    ) -> Result<usize, Unreadable> {
        let mut done = 0;
        while done < into.len() {
            if self.start == self.end && !self.unpack(source)? {
                break;
            }
            let count = (self.end - self.start).min(into.len() - done);
            let from = &self.buffer[self.start..self.start + count];
            into[done..done + count].copy_from_slice(from);
            self.start += count;
            done += count;
        }
        Ok(done)
    }

    /// Unpacks some bytes; says whether there were any.
    fn unpack<R: Read>(&mut self, source: &mut Source<R>) -> Result<bool, Unreadable> {
        loop {
            if self.left == 0 && !self.within {
                return Ok(false);
            }
            let offset = source.offset;
            let ahead = source.ahead()?;
            let count =
                usize::try_from(self.left).map_or(ahead.len(), |left| left.min(ahead.len()));
            let (read, made) = (self.inflate.total_in(), self.inflate.total_out());
            let status = self
                .inflate
                .decompress(&ahead[..count], &mut self.buffer, FlushDecompress::None)
                .map_err(|error| at(offset, format!("a block cannot be unpacked: {error}")))?;
            let (read, made) = (self.inflate.total_in() - read, self.inflate.total_out() - made);
            let read = usize::try_from(read).unwrap_or(count).min(count);
            source.past(read);
            self.left -= read as u64;
            self.within = true;
            if status == Status::StreamEnd {
                self.inflate.reset(true);
                self.within = false;
            } else if read == 0 && made == 0 {
                return Err(cut(source.offset, "the file ends within a block"));
            }
            if made > 0 {
                self.start = 0;
                self.end = usize::try_from(made).unwrap_or(UNPACKED).min(UNPACKED);
                return Ok(true);
            }
        }
    }
}
