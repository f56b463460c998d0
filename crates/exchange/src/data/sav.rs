//! System files of SPSS, `.sav` and `.zsav`: a reader that holds one row at a
//! time, and a writer.
//!
//! Facts about the format are those of the PSPP developers' guide, chapter
//! "System File Format", checked against files that pyreadstat and PSPP write.
//! Whatever a file claims about its own size is believed only as far as its
//! bytes go; what is wrong is told in words, with the byte where it was met.

mod dictionary;
mod extensions;
mod labels;
mod rows;
mod short_names;
mod source;
mod text;
mod writer;

use std::borrow::Cow;
use std::sync::Arc;

use survey_builder::list::Unreadable;

pub use rows::{Row, SavReader};
pub use writer::write_sav;

/// The bytes of a text that one segment of a very long text stands for; the
/// segment itself has room for [`SEGMENT_ROOM`].
const SEGMENT_SHARE: usize = 252;

/// The bytes of a very long text in each of its segments but the last.
const SEGMENT_ROOM: usize = 255;

/// The widest text.
const WIDEST: usize = 32_767;

/// The number that stands for a missing one.
const SYSTEM_MISSING: f64 = -f64::MAX;

/// What SPSS calls LOWEST, the smallest number that is not missing.
pub const LOWEST: f64 = (-f64::MAX).next_up();

/// What SPSS calls HIGHEST.
pub const HIGHEST: f64 = f64::MAX;

/// What stands before the rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dictionary {
    /// The file's label; at most 64 bytes are written.
    pub label: String,
    /// The encoding of texts, as the file names it.
    pub encoding: String,
    /// How many rows there are, where the file says so.
    pub cases: Option<u64>,
    /// The variables in their order.
    pub variables: Vec<Variable>,
    /// The place of the variable that weights the rows.
    pub weight: Option<usize>,
    /// Sets of variables that hold several answers to one question.
    pub response_sets: Vec<ResponseSet>,
}

/// A variable.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// Its name, the long one where it has two.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Its label; empty where it has none.
    pub label: String,
    /// How it is printed.
    pub print: Format,
    /// How it is written.
    pub write: Format,
    /// Labels of its values; variables with the same labels share them.
    pub labels: Arc<Vec<(Code, String)>>,
    /// Which values count as missing.
    pub missing: Missing,
    /// Its level of measurement.
    pub measure: Measure,
    /// The width of its column on the screen, in characters.
    pub columns: u32,
}

impl Variable {
    /// A variable with nothing but a name and a kind.
    pub fn new(name: &str, kind: Kind) -> Self {
        let (format, measure) = match kind {
            Kind::Number => (Format { code: 5, width: 8, decimals: 2 }, Measure::Scale),
            Kind::Text(width) => {
                let width = u8::try_from(width).unwrap_or(u8::MAX);
                (Format { code: 1, width, decimals: 0 }, Measure::Nominal)
            }
        };
        Self {
            name: name.to_owned(),
            kind,
            label: String::new(),
            print: format,
            write: format,
            labels: Arc::default(),
            missing: Missing::default(),
            measure,
            columns: 8,
        }
    }
}

/// What a variable holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Numbers, dates and times among them.
    Number,
    /// Texts of so many bytes at most.
    Text(usize),
}

/// How a value is shown: SPSS's number of the format, its width and decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// The number of the format, 5 for F, 1 for A.
    pub code: u8,
    /// The width in characters.
    pub width: u8,
    /// Digits after the point.
    pub decimals: u8,
}

impl Format {
    fn of(packed: i32) -> Self {
        let [_, code, width, decimals] = packed.to_be_bytes();
        Self { code, width, decimals }
    }

    fn packed(self) -> i32 {
        i32::from_be_bytes([0, self.code, self.width, self.decimals])
    }

    /// What the number is, where it is a day or a time.
    pub fn moment(self) -> Option<Moment> {
        match self.code {
            // DATE, ADATE, JDATE, MOYR, QYR, WKYR, EDATE, SDATE.
            20 | 23 | 24 | 28..=30 | 38 | 39 => Some(Moment::Day),
            // DATETIME, YMDHMS.
            22 | 41 => Some(Moment::DayAndTime),
            // TIME, DTIME, MTIME.
            21 | 25 | 40 => Some(Moment::Duration),
            _ => None,
        }
    }
}

/// A kind of day or time, all kept as seconds; days from 14 October 1582.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A day.
    Day,
    /// A day and the time on it.
    DayAndTime,
    /// How long something takes.
    Duration,
}

/// Which values of a variable count as missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Missing {
    /// A range of numbers, with its ends.
    pub range: Option<(f64, f64)>,
    /// Single values.
    pub codes: Vec<Code>,
}

impl Missing {
    /// Whether a value is one of them.
    pub fn has(&self, value: &Value) -> bool {
        match value {
            Value::Missing => true,
            Value::Number(number) => {
                self.range.is_some_and(|(low, high)| (low..=high).contains(number))
                    || self.codes.contains(&Code::Number(*number))
            }
            Value::Text(text) => self.codes.iter().any(|code| match code {
                Code::Text(code) => code.trim_end() == text.trim_end(),
                Code::Number(_) => false,
            }),
        }
    }
}

/// A value that has a label or counts as missing. Texts end before their blanks.
#[derive(Clone, Debug, PartialEq)]
pub enum Code {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

/// A level of measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Not said.
    Unknown,
    /// Categories.
    Nominal,
    /// Ordered categories.
    Ordinal,
    /// A scale.
    Scale,
}

/// Variables that hold several answers to one question.
#[derive(Clone, Debug, PartialEq)]
pub struct ResponseSet {
    /// Its name, which begins with `$`; pyreadstat reads only those in ASCII.
    pub name: String,
    /// Its label; empty where it has none.
    pub label: String,
    /// What its variables hold.
    pub kind: SetKind,
    /// The names of its variables.
    pub variables: Vec<String>,
}

/// What the variables of a set hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetKind {
    /// One of the answers each.
    Categories,
    /// Whether an answer was given: the value that says so.
    Chosen(String),
    /// The same, where the label of that value names the answer and the
    /// variable's label does not; and whether the set's label is that of its
    /// first variable.
    ChosenByLabel(String, bool),
}

/// A value in a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'v> {
    /// System-missing: no number.
    Missing,
    /// A number.
    Number(f64),
    /// A text without the blanks behind it.
    Text(Cow<'v, str>),
}

/// How rows are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    Plain,
    /// A byte for each small whole number, blank and missing value: `.sav`.
    Bytecode,
    /// The same, in blocks by zlib: `.zsav`.
    Zlib,
}

/// How many segments a text of this width has.
fn segments(width: usize) -> usize {
    if width > SEGMENT_ROOM { width.div_ceil(SEGMENT_SHARE) } else { 1 }
}

/// What is wrong, and where in the file.
fn at(byte: u64, wrong: impl std::fmt::Display) -> Unreadable {
    Unreadable::damaged(wrong).at_byte(byte)
}

/// What ends too early, and where it began.
fn cut(byte: u64, wrong: impl std::fmt::Display) -> Unreadable {
    Unreadable::cut(wrong).at_byte(byte)
}
