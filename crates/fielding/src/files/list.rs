//! Lists in files: CSV, XLSX, Parquet, SPSS or Stata, in UTF-8 or another
//! encoding, read a part at a time. Frames, totals, places, margins and answers
//! all come through here.

use std::cell::RefCell;
use std::fs::File;
use std::io::{BufReader, PipeReader, Read, Seek as _, Write as _};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use analysis::dataset::Codebook;
use exchange::data::described::{dta_codebook, parquet_codebook, sav_codebook};
use exchange::data::parquet::parquet_to_csv;
use exchange::data::statistics_file::{DeclaredMissing, dta_to_csv, sav_to_csv};
use exchange::data::workbook::{SheetRows, Taken, first_rows, sheet_names, xlsx_to_csv};
use serde::{Deserialize, Serialize};
use survey_builder::list::rows::{Asked, List, cell};
use survey_builder::list::separator::separator_of;
use survey_builder::list::{Decimal, Unreadable};
use survey_builder::problem::{Argument, phrase};
use survey_builder::sampling::frame::legacy::{Converting, Encoding, recognise};
use survey_builder::sampling::frame::places::PlaceList;
use survey_builder::sampling::frame::totals::Totals;
use survey_builder::sampling::frame::{Reading, hash_of};
use survey_builder::sampling::{Columns, Frame, Problem};

use crate::files::questionnaire::READER_THREAD;

/// So much of a file tells how its text is written.
const SAMPLE: usize = 1 << 18;

/// How a list's text is said to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Declared {
    /// To be found out from the text.
    #[default]
    Unknown,
    /// UTF-8.
    Utf8,
    /// TCVN3 (ABC).
    Tcvn3,
    /// VNI.
    Vni,
    /// Windows-1258.
    Windows1258,
    /// UTF-16.
    Utf16,
}

/// Is told how many bytes of how many have been read.
pub type Watch = fn(done: u64, length: u64);

/// How a list's file is to be opened.
#[derive(Clone, Copy, Debug, Default)]
pub struct Opening<'o> {
    /// What is said of its encoding.
    pub declared: Declared,
    /// The sheet of a workbook; without it the first with more than one row.
    pub sheet: Option<&'o str>,
    /// Who is told how far it has been read.
    pub watch: Option<Watch>,
}

/// A list's file and how it is to be read.
pub struct ListFile {
    /// One handle with one place in the file: readers take turns.
    file: RefCell<File>,
    kind: Kind,
    sheet: Option<String>,
    /// The sheet that was taken, once something is read.
    taken: Arc<OnceLock<Taken>>,
    watch: Option<Watch>,
    /// How its text is written.
    pub encoding: Encoding,
    /// What stands between cells.
    pub separator: u8,
    /// The columns that are read of a Parquet file; without it all are.
    pub only: Option<Vec<String>>,
    /// What becomes of values that an SPSS file declares missing.
    pub missing: DeclaredMissing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Csv,
    Xlsx,
    Parquet,
    Spss,
    Stata,
}

fn unreadable(reason: impl Into<Unreadable>) -> Vec<Problem> {
    vec![Problem::FrameUnreadable { reason: reason.into().into() }]
}

/// What a file is, by its first bytes; its name decides where these do not.
fn kind_of(beginning: &[u8], name: &str) -> Result<Kind, Problem> {
    let other = |kind: Argument| Err(Problem::FrameOtherKind { kind });
    match beginning {
        [b'P', b'K', 3, 4, ..] => {
            // What has no sort of its own may be a workbook all the same.
            return match infer::get(beginning).map(|sort| sort.extension()) {
                None | Some("zip" | "xlsx") => Ok(Kind::Xlsx),
                Some(ending) => other(ending.to_uppercase().into()),
            };
        }
        [b'P', b'A', b'R', b'1', ..] => return Ok(Kind::Parquet),
        [b'$', b'F', b'L', b'2' | b'3', ..] => return Ok(Kind::Spss),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => return other(phrase("phrase-an-old-workbook").into()),
        _ if beginning.starts_with(b"<stata_dta>") => return Ok(Kind::Stata),
        _ if beginning.starts_with(b"%PDF-") => return other("PDF".into()),
        _ => {}
    }
    match name.rsplit('.').next().unwrap_or_default().to_lowercase().as_str() {
        "xlsx" | "xlsm" => return Ok(Kind::Xlsx),
        "parquet" => return Ok(Kind::Parquet),
        "sav" | "zsav" => return Ok(Kind::Spss),
        "dta" => return Ok(Kind::Stata),
        _ => {}
    }
    let text = beginning.strip_prefix(b"\xef\xbb\xbf").unwrap_or(beginning).trim_ascii_start();
    let begins = |word: &str| {
        text.get(..word.len()).is_some_and(|own| own.eq_ignore_ascii_case(word.as_bytes()))
    };
    if ["<!doctype", "<html", "<table", "<?xml", "<meta"].into_iter().any(begins) {
        return other("HTML, XML".into());
    }
    if begins("{\\rtf") {
        return other("RTF".into());
    }
    if begins("{\"") || begins("[{") {
        return other("JSON".into());
    }
    let is_text = matches!(recognise(beginning), Encoding::Utf16Le | Encoding::Utf16Be)
        || !beginning.contains(&0);
    if is_text {
        return Ok(Kind::Csv);
    }
    let known = infer::get(beginning).map(|sort| sort.extension().to_uppercase().into());
    other(known.unwrap_or_else(|| phrase("phrase-no-text").into()))
}

impl ListFile {
    /// Looks at the beginning of a file. Its first bytes say what it is, and its
    /// name where these do not.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or is no list, a sheet that it does not have, and
    /// text in no known encoding.
    pub fn open(file: File, name: &str, opening: Opening<'_>) -> Result<Self, Vec<Problem>> {
        let mut found = Self {
            file: RefCell::new(file),
            kind: Kind::Csv,
            sheet: None,
            taken: Arc::default(),
            watch: None,
            encoding: Encoding::Utf8,
            separator: b',',
            only: None,
            missing: DeclaredMissing::Empty,
        };
        let beginning = found.beginning()?;
        found.kind = kind_of(&beginning, name).map_err(|problem| vec![problem])?;
        if found.kind == Kind::Xlsx && sheet_names(BufReader::new(found.rewound()?)).is_err() {
            return Err(vec![Problem::FrameDamaged]);
        }
        if let Some(sheet) = opening.sheet {
            found.choose(sheet)?;
        }
        let sample = found.beginning()?;
        found.encoding = match opening.declared {
            Declared::Unknown => recognise(&sample),
            Declared::Utf8 => Encoding::Utf8,
            Declared::Tcvn3 => as_text(&sample, Encoding::Tcvn3, Encoding::Tcvn3InUtf8),
            Declared::Vni => as_text(&sample, Encoding::Vni, Encoding::VniInUtf8),
            Declared::Windows1258 => Encoding::Windows1258,
            Declared::Utf16 if recognise(&sample) == Encoding::Utf16Be => Encoding::Utf16Be,
            Declared::Utf16 => Encoding::Utf16Le,
        };
        if found.encoding == Encoding::Unknown {
            let place = std::str::from_utf8(&sample).err().map_or(0, |error| error.valid_up_to());
            let lines = sample[..place].split(|byte| *byte == b'\n').count();
            return Err(vec![Problem::FrameEncodingUnknown { row: lines as u64 }]);
        }
        if found.kind == Kind::Csv {
            let mut text = Vec::new();
            Converting::new(sample.as_slice(), found.encoding)
                .read_to_end(&mut text)
                .map_err(unreadable)?;
            found.separator = separator_of(&text);
        }
        found.watch = opening.watch;
        Ok(found)
    }

    /// The same of a file that is held in memory.
    ///
    /// # Errors
    ///
    /// As [`ListFile::open`].
    pub fn of_bytes(bytes: &[u8], name: &str) -> Result<Self, Vec<Problem>> {
        let mut file = tempfile::tempfile().map_err(unreadable)?;
        file.write_all(bytes).map_err(unreadable)?;
        Self::open(file, name, Opening::default())
    }

    /// The first rows of each sheet of a workbook that has several with something in
    /// them, by the sheet's name; of other files nothing.
    ///
    /// # Errors
    ///
    /// A file that cannot be read.
    pub fn sheets(&self, rows: usize) -> Result<Vec<SheetRows>, Vec<Problem>> {
        if self.kind != Kind::Xlsx {
            return Ok(Vec::new());
        }
        let sheets = first_rows(BufReader::new(self.rewound()?), rows);
        let sheets = sheets.map_err(unreadable)?;
        Ok(if sheets.len() > 1 { sheets } else { Vec::new() })
    }

    /// The sheet that is read, once something was.
    pub fn sheet_taken(&self) -> Option<&str> {
        self.sheet.as_deref().or_else(|| self.taken.get().map(|taken| taken.sheet.as_str()))
    }

    /// The row, from 1, in which the names of the columns are found.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or has no such row.
    pub fn header_row(&self, asked: Asked<'_>) -> Result<u64, Vec<Problem>> {
        Ok(List::open(self.rows()?, self.separator, asked)?.header_row)
    }

    /// The first rows, titles among them, as far as they are wanted.
    ///
    /// # Errors
    ///
    /// A file that cannot be read.
    pub fn beginning_of(&self, rows: usize) -> Result<Vec<Vec<String>>, Vec<Problem>> {
        let asked = Asked { header_row: Some(1), wanted: &[] };
        let mut list = List::open(self.rows()?, self.separator, asked)?;
        let cells = |record: &csv::ByteRecord| -> Vec<String> {
            (0..record.len()).map(|place| cell(record, place)).collect()
        };
        let mut first: Vec<Vec<String>> = list.titles.iter().map(cells).collect();
        let mut record = csv::ByteRecord::new();
        while first.len() < rows && list.next_row(&mut record)?.is_some() {
            first.push(cells(&record));
        }
        Ok(first)
    }

    /// Whether numbers in it may be written as people write them: with a decimal comma, or
    /// with thousands parted. Where commas part cells only quoted ones may be, and the
    /// beginning of the file speaks for all of it.
    ///
    /// # Errors
    ///
    /// A file that cannot be read.
    pub fn may_be_written_by_people(&self) -> Result<bool, Vec<Problem>> {
        Ok(match self.kind {
            Kind::Csv | Kind::Xlsx => {
                let is_sign = |sign: &u8| matches!(sign, b',' | b' ' | b'\'');
                let beginning = self.beginning()?;
                let quoted = self.kind == Kind::Xlsx || self.separator == b',';
                beginning.windows(3).enumerate().any(|(place, signs)| {
                    signs[0].is_ascii_digit()
                        && is_sign(&signs[1])
                        && signs[2].is_ascii_digit()
                        && (!quoted || signs[1] != b',' || is_quoted(&beginning[..=place]))
                })
            }
            _ => false,
        })
    }

    /// The first bytes of the file, or of its rows once its kind is known.
    fn beginning(&self) -> Result<Vec<u8>, Vec<Problem>> {
        let mut sample = Vec::new();
        let reader = self.plain()?.take(SAMPLE as u64);
        { reader }.read_to_end(&mut sample).map_err(unreadable)?;
        Ok(sample)
    }

    fn choose(&mut self, sheet: &str) -> Result<(), Vec<Problem>> {
        let sheets = match self.kind {
            Kind::Xlsx => sheet_names(BufReader::new(self.rewound()?)).map_err(unreadable)?,
            _ => Vec::new(),
        };
        if !sheets.iter().any(|name| name == sheet) {
            let (sheet, sheets) = (sheet.to_owned(), sheets.join(", "));
            return Err(vec![Problem::FrameSheetMissing { sheet, sheets }]);
        }
        self.sheet = Some(sheet.to_owned());
        Ok(())
    }

    /// What is worth a look: that a sheet was taken which nobody named.
    pub fn note(&self) -> Option<Problem> {
        let taken = self.taken.get().filter(|_| self.sheet.is_none())?;
        (taken.sheets.len() > 1).then(|| Problem::FrameSheetTaken {
            sheet: taken.sheet.clone(),
            sheets: taken.sheets.join(", "),
        })
    }

    /// The rows as CSV in UTF-8, from the first; end one reading before the
    /// next is begun.
    ///
    /// # Errors
    ///
    /// A file that cannot be read.
    pub fn rows(&self) -> Result<Box<dyn Read>, Vec<Problem>> {
        Ok(Box::new(Converting::new(self.plain()?, self.encoding)))
    }

    /// What the file says of its columns beside their names; of CSV and workbooks
    /// that is nothing.
    ///
    /// # Errors
    ///
    /// A file that cannot be read.
    pub fn codebook(&self) -> Result<Codebook, Vec<Problem>> {
        let read: fn(File) -> Result<Codebook, Unreadable> = match self.kind {
            Kind::Spss => |file| sav_codebook(BufReader::new(file)),
            Kind::Stata => |file| dta_codebook(file),
            Kind::Parquet => |file| parquet_codebook(file),
            Kind::Csv | Kind::Xlsx => return Ok(Codebook::default()),
        };
        let file = self.rewound()?;
        // A damaged file must not take the caller down with its reader.
        let work = std::thread::Builder::new().name(READER_THREAD.to_owned());
        let worker = work.spawn(move || read(file)).map_err(unreadable)?;
        let found =
            worker.join().unwrap_or_else(|_| Err(Unreadable::damaged("its reader gave up")));
        found.map_err(unreadable)
    }

    /// SHA-256 of the file's bytes.
    ///
    /// # Errors
    ///
    /// A file that cannot be read.
    pub fn hash(&self) -> Result<String, Vec<Problem>> {
        let file = self.rewound()?;
        hash_of(file).map_err(unreadable)
    }

    /// The frame; its hash is that of the file.
    ///
    /// # Errors
    ///
    /// Everything wrong with it.
    pub fn frame(&self, columns: &Columns) -> Result<Frame, Vec<Problem>> {
        self.read_frame(columns, Frame::read_separated)
    }

    /// The frame by the rules of the record that the columns come from.
    ///
    /// # Errors
    ///
    /// As [`ListFile::frame`].
    pub fn frame_again(&self, columns: &Columns) -> Result<Frame, Vec<Problem>> {
        self.read_frame(columns, Frame::read_recorded)
    }

    fn read_frame(
        &self,
        columns: &Columns,
        read: impl Fn(Box<dyn Read>, u8, &Columns) -> Result<Frame, Vec<Problem>>,
    ) -> Result<Frame, Vec<Problem>> {
        let mut columns = columns.clone();
        columns.reading = self.reading(&columns.reading);
        let mut frame = read(self.rows()?, self.separator, &columns)?;
        if self.kind != Kind::Csv || self.encoding != Encoding::Utf8 {
            frame.hash = self.hash()?;
        }
        if let Some(taken) = self.taken.get().filter(|taken| taken.sheets.len() > 1) {
            frame.columns.reading.sheet = Some(taken.sheet.clone());
        }
        frame.notes.splice(0..0, self.note());
        Ok(frame)
    }

    /// How the list is read, with what its kind says of its numbers.
    fn reading(&self, given: &Reading) -> Reading {
        let typed = matches!(self.kind, Kind::Parquet | Kind::Spss | Kind::Stata);
        let decimal = given.decimal.or(typed.then_some(Decimal::Point));
        Reading { decimal, ..given.clone() }
    }

    /// Totals by stratum.
    ///
    /// # Errors
    ///
    /// Everything wrong with them.
    pub fn totals(&self, reading: &Reading) -> Result<Totals, Vec<Problem>> {
        let mut totals = Totals::read(self.rows()?, self.separator, &self.reading(reading))?;
        totals.notes.splice(0..0, self.note());
        Ok(totals)
    }

    /// A list of places.
    ///
    /// # Errors
    ///
    /// Everything wrong with it.
    pub fn places(&self, reading: &Reading) -> Result<PlaceList, Vec<Problem>> {
        PlaceList::read(self.rows()?, self.separator, reading)
    }

    fn rewound(&self) -> Result<File, Vec<Problem>> {
        let moved = self.file.borrow_mut().rewind();
        let handle = moved.and_then(|()| self.file.borrow().try_clone());
        handle.map_err(unreadable)
    }

    /// The rows as they are written, as CSV.
    fn plain(&self) -> Result<Box<dyn Read>, Vec<Problem>> {
        let file = self.rewound()?;
        let length = file.metadata().map_err(unreadable)?.len();
        let watched = Place { file: self.rewound()?, length, watch: self.watch };
        let piped = |work: Work| Piped::start(file, work, watched).map_err(unreadable);
        Ok(match self.kind {
            Kind::Csv => {
                let file = self.rewound()?;
                Box::new(Watched { inner: file, done: 0, length, watch: self.watch })
            }
            Kind::Xlsx => {
                let (sheet, taken) = (self.sheet.clone(), Arc::clone(&self.taken));
                let work = move |file, output| {
                    // Every reading takes the same sheet.
                    let tell = |found| drop(taken.set(found));
                    xlsx_to_csv(BufReader::new(file), sheet.as_deref(), tell, output)
                };
                Box::new(piped(Box::new(work))?)
            }
            Kind::Parquet => {
                let only = self.only.clone();
                let work = move |file, output| parquet_to_csv(file, only.as_deref(), output);
                Box::new(piped(Box::new(work))?)
            }
            Kind::Spss => {
                let missing = self.missing;
                let work = move |file, output| sav_to_csv(BufReader::new(file), missing, output);
                Box::new(piped(Box::new(work))?)
            }
            Kind::Stata => Box::new(piped(Box::new(dta_to_csv))?),
        })
    }
}

fn as_text(sample: &[u8], bytes: Encoding, letters: Encoding) -> Encoding {
    let cut = std::str::from_utf8(sample).err().is_some_and(|error| error.error_len().is_some());
    if cut { bytes } else { letters }
}

/// Whether a cell that is quoted ends in these bytes, after nothing but signs of a number.
fn is_quoted(bytes: &[u8]) -> bool {
    let number = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'-' | b' ');
    let before = bytes.iter().rev().find(|byte| !number(byte));
    before == Some(&b'"')
}

type Work = Box<dyn FnOnce(File, std::io::PipeWriter) -> Result<(), Unreadable> + Send>;

/// Rows that another thread makes from a file, as fast as they are read.
struct Piped {
    pipe: Option<PipeReader>,
    worker: Option<JoinHandle<Result<(), Unreadable>>>,
    place: Place,
}

/// Where a reader of the same file has come to: handles share their place.
struct Place {
    file: File,
    length: u64,
    watch: Option<Watch>,
}

impl Place {
    /// Workbooks and Parquet begin with what stands at their end.
    const END: u64 = 1 << 16;

    fn tell(&mut self, finished: bool) {
        let Some(watch) = self.watch else { return };
        if finished {
            return watch(self.length, self.length);
        }
        // Where it cannot be told there is no bar.
        let Ok(done) = self.file.stream_position() else { return };
        if done + Self::END < self.length {
            watch(done, self.length);
        }
    }
}

impl Piped {
    fn start(file: File, work: Work, place: Place) -> std::io::Result<Self> {
        let (pipe, output) = std::io::pipe()?;
        let worker = std::thread::Builder::new()
            .name(READER_THREAD.to_owned())
            .spawn(move || work(file, output))?;
        Ok(Self { pipe: Some(pipe), worker: Some(worker), place })
    }
}

impl Read for Piped {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let Some(pipe) = &mut self.pipe else { return Ok(0) };
        let count = pipe.read(buffer)?;
        self.place.tell(count == 0);
        if count == 0
            && let Some(worker) = self.worker.take()
        {
            let damaged = || Err(Unreadable::damaged("its reader gave up"));
            worker.join().unwrap_or_else(|_| damaged())?;
        }
        Ok(count)
    }
}

impl Drop for Piped {
    /// The next reading begins only when this one has let go of the file.
    fn drop(&mut self) {
        drop(self.pipe.take());
        if let Some(worker) = self.worker.take() {
            // What it found after nobody wanted more is of no interest.
            drop(worker.join());
        }
    }
}

/// A file whose reading is watched.
struct Watched {
    inner: File,
    done: u64,
    length: u64,
    watch: Option<Watch>,
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.done += count as u64;
        if let Some(watch) = self.watch {
            watch(self.done, self.length);
        }
        Ok(count)
    }
}
