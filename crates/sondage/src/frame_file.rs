//! Frames named on the command line, with a bar on the terminal while they are
//! read.

use std::fs::File;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use fielding::Error;
use fielding::files::frame::{Declared, FrameFile};
use survey_builder::sampling::Problem;

use crate::sampling_arguments::EncodingChoice;
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

/// Looks at the beginning of a frame's file.
///
/// # Errors
///
/// A file that cannot be read, and text in no known encoding.
pub fn open(path: &Path, choice: EncodingChoice) -> Result<FrameFile, Refusal> {
    let file = File::open(path).map_err(|error| Failure::File {
        file: path.display().to_string(),
        reason: error.to_string(),
    })?;
    let declared = match choice {
        EncodingChoice::Auto => Declared::Unknown,
        EncodingChoice::Utf8 => Declared::Utf8,
        EncodingChoice::Tcvn3 => Declared::Tcvn3,
        EncodingChoice::Vni => Declared::Vni,
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(FrameFile::open(file, &name, declared, Some(show))?)
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
