//! Lists named on the command line, with a bar on the terminal while they are
//! read; `-` is what comes from standard input.

use std::fs::File;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use fielding::Error;
use fielding::files::list::{Declared, ListFile, Opening};
use survey_builder::list::Decimal;
use survey_builder::sampling::Problem;
use survey_builder::sampling::frame::Reading;

use crate::sampling_arguments::{DecimalChoice, EncodingChoice, ReadingOptions};
use crate::terminal::Failure;

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
    Error::Invalid(problems.iter().map(Into::into).collect()).into()
}

/// The decimal mark that was chosen.
pub fn decimal(choice: Option<DecimalChoice>) -> Option<Decimal> {
    choice.map(|choice| match choice {
        DecimalChoice::Point => Decimal::Point,
        DecimalChoice::Comma => Decimal::Comma,
    })
}

/// How a frame is read: what the command line says, else what its plan says.
pub fn reading(options: &ReadingOptions, planned: &Reading) -> Reading {
    Reading {
        sheet: options.sheet.clone().or_else(|| planned.sheet.clone()),
        header_row: options.header_row.or(planned.header_row),
        decimal: decimal(options.decimal).or(planned.decimal),
        merge_spellings: options.merge_spellings || planned.merge_spellings,
        ..planned.clone()
    }
}

/// Reads a list beside the frame; what is wrong with it names its file.
///
/// # Errors
///
/// A file that cannot be read, and everything wrong with the list.
pub fn beside<T>(
    path: &Path,
    read: impl Fn(&ListFile) -> Result<T, Vec<Problem>>,
) -> Result<T, Refusal> {
    let found = open(path, EncodingChoice::Auto, None).and_then(|file| Ok(read(&file)?));
    found.map_err(|refusal| match refusal {
        Refusal::File(failure) => Refusal::File(failure),
        Refusal::Problems(problems) => {
            let name = path.display().to_string();
            Refusal::Problems(problems.into_iter().map(|one| one.in_file(&name)).collect())
        }
    })
}

/// What a path names; standard input is kept in a file of its own, since lists are
/// read more than once.
fn opened(path: &Path) -> std::io::Result<File> {
    if path != Path::new("-") {
        return File::open(path);
    }
    let mut file = tempfile::tempfile()?;
    std::io::copy(&mut std::io::stdin().lock(), &mut file)?;
    Ok(file)
}

/// Looks at the beginning of a list's file.
///
/// # Errors
///
/// A file that cannot be read or is no list, a sheet that it does not have, and
/// text in no known encoding.
pub fn open(path: &Path, choice: EncodingChoice, sheet: Option<&str>) -> Result<ListFile, Refusal> {
    let file = opened(path).map_err(|error| Failure::File {
        file: path.display().to_string(),
        reason: error.to_string(),
    })?;
    let declared = match choice {
        EncodingChoice::Auto => Declared::Unknown,
        EncodingChoice::Utf8 => Declared::Utf8,
        EncodingChoice::Tcvn3 => Declared::Tcvn3,
        EncodingChoice::Vni => Declared::Vni,
        EncodingChoice::Windows1258 => Declared::Windows1258,
        EncodingChoice::Utf16 => Declared::Utf16,
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let opening = Opening { declared, sheet, watch: Some(show) };
    Ok(ListFile::open(file, &name, opening)?)
}

/// Draws the bar when its percentage has changed.
fn show(done: u64, length: u64) {
    const WIDTH: usize = 30;
    static SHOWN: AtomicU64 = AtomicU64::new(u64::MAX);
    let percent = (done * 100).checked_div(length).unwrap_or(100).min(100);
    // A small file is read before anyone looks.
    if length <= 1 << 22 || SHOWN.swap(percent, Ordering::Relaxed) == percent {
        return;
    }
    let mut terminal = std::io::stderr();
    if terminal.is_terminal() {
        let filled = usize::try_from(percent).unwrap_or(0) * WIDTH / 100;
        let bar = "█".repeat(filled) + &"░".repeat(WIDTH - filled);
        let end = if percent == 100 { "\n" } else { "" };
        // A terminal that has gone away stops no reading.
        let _ = write!(terminal, "\r{bar} {percent} %{end}");
    }
}
