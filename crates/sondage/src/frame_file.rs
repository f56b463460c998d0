//! Frames in files: CSV, XLSX or Parquet, in UTF-8 or an old encoding, read a
//! part at a time with a bar on the terminal.

use std::fs::File;
use std::io::{BufReader, IsTerminal as _, PipeReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use exchange::frame_table::{parquet_to_csv, xlsx_to_csv};
use fielding::Error;
use survey_builder::sampling::frame::hash_of;
use survey_builder::sampling::frame::legacy::{Converting, Encoding, recognise};
use survey_builder::sampling::{Columns, Frame, Problem};

use crate::sampling_arguments::EncodingChoice;
use crate::terminal::Failure;

/// So much of a file tells how its text is written.
const SAMPLE: usize = 1 << 18;

/// A frame's file and how it is to be read.
pub struct FrameFile {
    path: PathBuf,
    kind: Kind,
    /// How its text is written.
    pub encoding: Encoding,
    /// What stands between cells.
    pub separator: u8,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Csv,
    Xlsx,
    Parquet,
}

/// What reading a frame can end with.
pub enum Refusal {
    /// The file itself.
    File(Failure),
    /// What it says.
    Problems(Vec<Problem>),
}

impl From<Vec<Problem>> for Refusal {
    fn from(problems: Vec<Problem>) -> Self {
        Self::Problems(problems)
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::File(failure)
    }
}

/// The problems as the service tells them.
pub fn as_told(problems: &[Problem]) -> Failure {
    let told = problems.iter().map(|problem| fielding::Problem {
        code: problem.code(),
        place: String::new(),
        arguments: problem.arguments(),
        english: problem.to_string(),
    });
    Error::Invalid(told.collect()).into()
}

fn unreadable(path: &Path, reason: &impl ToString) -> Failure {
    Failure::File { file: path.display().to_string(), reason: reason.to_string() }
}

impl FrameFile {
    /// Looks at the beginning of a file.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, and text in no known encoding.
    pub fn open(path: &Path, choice: EncodingChoice) -> Result<Self, Refusal> {
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        let kind = match extension.as_str() {
            "xlsx" | "xlsm" => Kind::Xlsx,
            "parquet" => Kind::Parquet,
            _ => Kind::Csv,
        };
        let mut file =
            Self { path: path.to_owned(), kind, encoding: Encoding::Utf8, separator: b',' };
        let mut sample = Vec::new();
        let beginning = file.plain(false)?;
        beginning
            .take(SAMPLE as u64)
            .read_to_end(&mut sample)
            .map_err(|error| unreadable(path, &error))?;
        file.encoding = match choice {
            EncodingChoice::Auto => recognise(&sample),
            EncodingChoice::Utf8 => Encoding::Utf8,
            EncodingChoice::Tcvn3 => as_text(&sample, Encoding::Tcvn3, Encoding::Tcvn3InUtf8),
            EncodingChoice::Vni => as_text(&sample, Encoding::Vni, Encoding::VniInUtf8),
        };
        if file.encoding == Encoding::Unknown {
            let place = std::str::from_utf8(&sample).err().map_or(0, |error| error.valid_up_to());
            let lines = sample[..place].split(|byte| *byte == b'\n').count();
            return Err(vec![Problem::FrameEncodingUnknown { row: lines as u64 }].into());
        }
        if kind == Kind::Csv {
            file.separator = separator(&sample);
        }
        Ok(file)
    }

    /// The rows as CSV in UTF-8.
    ///
    /// # Errors
    ///
    /// A file that cannot be opened.
    pub fn rows(&self) -> Result<Box<dyn Read>, Failure> {
        Ok(Box::new(Converting::new(self.plain(true)?, self.encoding)))
    }

    /// The frame; its hash is that of the file.
    ///
    /// # Errors
    ///
    /// Everything wrong with it.
    pub fn frame(&self, columns: &Columns) -> Result<Frame, Refusal> {
        let mut frame = Frame::read_separated(self.rows()?, self.separator, columns)?;
        if self.kind != Kind::Csv || self.encoding != Encoding::Utf8 {
            let file = File::open(&self.path).map_err(|error| unreadable(&self.path, &error))?;
            frame.hash = hash_of(file).map_err(|error| unreadable(&self.path, &error))?;
        }
        Ok(frame)
    }

    /// The rows as they are written, as CSV.
    fn plain(&self, with_bar: bool) -> Result<Box<dyn Read>, Failure> {
        let file = File::open(&self.path).map_err(|error| unreadable(&self.path, &error))?;
        let length = file.metadata().map_err(|error| unreadable(&self.path, &error))?.len();
        let piped = |work: fn(File, std::io::PipeWriter) -> Result<(), String>| {
            Piped::start(file.try_clone().map_err(|error| unreadable(&self.path, &error))?, work)
                .map_err(|error| unreadable(&self.path, &error))
        };
        Ok(match self.kind {
            Kind::Csv => Box::new(Watched { inner: file, done: 0, length, shown: 101, with_bar }),
            Kind::Xlsx => {
                Box::new(piped(|file, output| xlsx_to_csv(BufReader::new(file), output))?)
            }
            Kind::Parquet => Box::new(piped(parquet_to_csv)?),
        })
    }
}

fn as_text(sample: &[u8], bytes: Encoding, letters: Encoding) -> Encoding {
    let cut = std::str::from_utf8(sample).err().is_some_and(|error| error.error_len().is_some());
    if cut { bytes } else { letters }
}

/// The mark that stands most often in the header.
fn separator(sample: &[u8]) -> u8 {
    let header = sample.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |mark: &u8| header.split(|byte| byte == mark).count();
    // Of equally many the last is taken: the comma.
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

/// Rows that another thread makes from a file, as fast as they are read.
struct Piped {
    pipe: PipeReader,
    worker: Option<JoinHandle<Result<(), String>>>,
}

impl Piped {
    fn start(
        file: File,
        work: fn(File, std::io::PipeWriter) -> Result<(), String>,
    ) -> std::io::Result<Self> {
        let (pipe, output) = std::io::pipe()?;
        let worker = std::thread::Builder::new()
            .name(fielding::questionnaire_file::READER_THREAD.to_owned())
            .spawn(move || work(file, output))?;
        Ok(Self { pipe, worker: Some(worker) })
    }
}

impl Read for Piped {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.pipe.read(buffer)?;
        if count == 0
            && let Some(worker) = self.worker.take()
        {
            let damaged = || Err("it is damaged".to_owned());
            worker.join().unwrap_or_else(|_| damaged()).map_err(std::io::Error::other)?;
        }
        Ok(count)
    }
}

/// A file whose reading is shown on a terminal.
struct Watched {
    inner: File,
    done: u64,
    length: u64,
    shown: u64,
    with_bar: bool,
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        const WIDTH: usize = 30;
        let count = self.inner.read(buffer)?;
        self.done += count as u64;
        let percent = (self.done * 100).checked_div(self.length).unwrap_or(100).min(100);
        // A small file is read before anyone looks.
        if self.with_bar && self.length > 1 << 22 && percent != self.shown {
            self.shown = percent;
            let mut terminal = std::io::stderr();
            if terminal.is_terminal() {
                let filled = usize::try_from(percent).unwrap_or(0) * WIDTH / 100;
                let bar = "█".repeat(filled) + &"░".repeat(WIDTH - filled);
                let end = if percent == 100 { "\n" } else { "" };
                let _ = write!(terminal, "\r{bar} {percent} %{end}");
            }
        }
        Ok(count)
    }
}
