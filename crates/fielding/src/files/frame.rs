//! Frames in files: CSV, XLSX, Parquet, SPSS or Stata, in UTF-8 or an old
//! encoding, read a part at a time.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, PipeReader, Read, Seek as _};
use std::thread::JoinHandle;

use analysis::dataset::Codebook;
use exchange::data::described::{dta_codebook, parquet_codebook, sav_codebook};
use exchange::data::frame_table::{parquet_to_csv, xlsx_to_csv};
use exchange::data::statistics_file::{DeclaredMissing, dta_to_csv, sav_to_csv};
use survey_builder::sampling::frame::hash_of;
use survey_builder::sampling::frame::legacy::{Converting, Encoding, recognise};
use survey_builder::sampling::{Columns, Frame, Problem};

use crate::files::questionnaire::READER_THREAD;

/// So much of a file tells how its text is written.
const SAMPLE: usize = 1 << 18;

/// How a frame's text is said to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
}

/// Is told how many bytes of how many have been read.
pub type Watch = fn(done: u64, length: u64);

/// A frame's file and how it is to be read.
pub struct FrameFile {
    /// One handle with one place in the file: readers take turns.
    file: RefCell<File>,
    kind: Kind,
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

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Csv,
    Xlsx,
    Parquet,
    Spss,
    Stata,
}

fn unreadable(reason: &impl ToString) -> Vec<Problem> {
    vec![Problem::FrameUnreadable { reason: reason.to_string() }]
}

impl FrameFile {
    /// Looks at the beginning of a file; its name tells which kind it is.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, and text in no known encoding.
    pub fn open(
        file: File,
        name: &str,
        declared: Declared,
        watch: Option<Watch>,
    ) -> Result<Self, Vec<Problem>> {
        let kind = match name.rsplit('.').next().unwrap_or_default().to_lowercase().as_str() {
            "xlsx" | "xlsm" => Kind::Xlsx,
            "parquet" => Kind::Parquet,
            "sav" | "zsav" => Kind::Spss,
            "dta" => Kind::Stata,
            _ => Kind::Csv,
        };
        let (encoding, separator) = (Encoding::Utf8, b',');
        let file = RefCell::new(file);
        let missing = DeclaredMissing::Empty;
        let mut found = Self { file, kind, watch: None, encoding, separator, only: None, missing };
        let mut sample = Vec::new();
        let beginning = found.plain()?;
        beginning
            .take(SAMPLE as u64)
            .read_to_end(&mut sample)
            .map_err(|error| unreadable(&error))?;
        found.encoding = match declared {
            Declared::Unknown => recognise(&sample),
            Declared::Utf8 => Encoding::Utf8,
            Declared::Tcvn3 => as_text(&sample, Encoding::Tcvn3, Encoding::Tcvn3InUtf8),
            Declared::Vni => as_text(&sample, Encoding::Vni, Encoding::VniInUtf8),
        };
        if found.encoding == Encoding::Unknown {
            let place = std::str::from_utf8(&sample).err().map_or(0, |error| error.valid_up_to());
            let lines = sample[..place].split(|byte| *byte == b'\n').count();
            return Err(vec![Problem::FrameEncodingUnknown { row: lines as u64 }]);
        }
        if kind == Kind::Csv {
            found.separator = separator_of(&sample);
        }
        found.watch = watch;
        Ok(found)
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
        let read: fn(File) -> Result<Codebook, String> = match self.kind {
            Kind::Spss => |file| sav_codebook(BufReader::new(file)),
            Kind::Stata => |file| dta_codebook(file),
            Kind::Parquet => |file| parquet_codebook(file),
            Kind::Csv | Kind::Xlsx => return Ok(Codebook::default()),
        };
        let file = self.rewound()?;
        // A damaged file must not take the caller down with its reader.
        let work = std::thread::Builder::new().name(READER_THREAD.to_owned());
        let worker = work.spawn(move || read(file)).map_err(|error| unreadable(&error))?;
        let found = worker.join().unwrap_or_else(|_| Err("it is damaged".to_owned()));
        found.map_err(|reason| unreadable(&reason))
    }

    /// SHA-256 of the file's bytes.
    ///
    /// # Errors
    ///
    /// A file that cannot be read.
    pub fn hash(&self) -> Result<String, Vec<Problem>> {
        let file = self.rewound()?;
        hash_of(file).map_err(|error| unreadable(&error))
    }

    /// The frame; its hash is that of the file.
    ///
    /// # Errors
    ///
    /// Everything wrong with it.
    pub fn frame(&self, columns: &Columns) -> Result<Frame, Vec<Problem>> {
        let mut frame = Frame::read_separated(self.rows()?, self.separator, columns)?;
        if self.kind != Kind::Csv || self.encoding != Encoding::Utf8 {
            frame.hash = self.hash()?;
        }
        Ok(frame)
    }

    fn rewound(&self) -> Result<File, Vec<Problem>> {
        let moved = self.file.borrow_mut().rewind();
        let handle = moved.and_then(|()| self.file.borrow().try_clone());
        handle.map_err(|error| unreadable(&error))
    }

    /// The rows as they are written, as CSV.
    fn plain(&self) -> Result<Box<dyn Read>, Vec<Problem>> {
        let file = self.rewound()?;
        let length = file.metadata().map_err(|error| unreadable(&error))?.len();
        let watched = Place { file: self.rewound()?, length, watch: self.watch };
        let piped =
            |work: Work| Piped::start(file, work, watched).map_err(|error| unreadable(&error));
        Ok(match self.kind {
            Kind::Csv => {
                let file = self.rewound()?;
                Box::new(Watched { inner: file, done: 0, length, watch: self.watch })
            }
            Kind::Xlsx => {
                let work = |file, output| xlsx_to_csv(BufReader::new(file), output);
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

/// The mark that stands most often in the header.
fn separator_of(sample: &[u8]) -> u8 {
    let header = sample.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |mark: &u8| header.split(|byte| byte == mark).count();
    // Of equally many the last is taken: the comma.
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

type Work = Box<dyn FnOnce(File, std::io::PipeWriter) -> Result<(), String> + Send>;

/// Rows that another thread makes from a file, as fast as they are read.
struct Piped {
    pipe: Option<PipeReader>,
    worker: Option<JoinHandle<Result<(), String>>>,
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
            let damaged = || Err("it is damaged".to_owned());
            worker.join().unwrap_or_else(|_| damaged()).map_err(std::io::Error::other)?;
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

/// Totals by stratum, from CSV with the columns `stratum` and `total`.
///
/// # Errors
///
/// Columns that are missing and every total that is no number from 0 on.
pub fn read_totals(reader: impl Read) -> Result<BTreeMap<String, f64>, Vec<Problem>> {
    let mut reader = csv::Reader::from_reader(reader);
    let header = reader.headers().map_err(|error| unreadable(&error))?.clone();
    let place = |column: &str| {
        let trimmed = |name: &str| name.trim_start_matches('\u{feff}').trim() == column;
        header.iter().position(trimmed).ok_or_else(|| Problem::FrameColumnMissing {
            column: column.to_owned(),
            columns: header.iter().collect::<Vec<_>>().join(", "),
        })
    };
    let (stratum, total) = match (place("stratum"), place("total")) {
        (Ok(stratum), Ok(total)) => (stratum, total),
        (one, other) => return Err([one.err(), other.err()].into_iter().flatten().collect()),
    };
    let mut totals = BTreeMap::new();
    let mut problems = Vec::new();
    for (row, record) in (2..).zip(reader.records()) {
        let record = record.map_err(|error| unreadable(&error))?;
        let text = record.get(total).unwrap_or_default().trim();
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() && number >= 0.0 => {
                totals.insert(record.get(stratum).unwrap_or_default().trim().to_owned(), number);
            }
            _ => problems.push(Problem::FrameNumberBad {
                row,
                column: "total".to_owned(),
                text: text.to_owned(),
            }),
        }
    }
    if problems.is_empty() { Ok(totals) } else { Err(problems) }
}
