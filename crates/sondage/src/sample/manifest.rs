//! Manifests: read, written once, and afterwards only appended to.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use survey_builder::sampling::Sample;
use survey_builder::sampling::chain::{Act, drawn_again};

use super::unreadable;
use crate::output::{Output, Readers};
use crate::terminal::Failure;

/// Reads a manifest.
///
/// # Errors
///
/// A file that cannot be read or is no manifest.
pub fn read(path: &Path) -> Result<Sample, Failure> {
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    serde_json::from_reader(BufReader::new(file)).map_err(|error| unreadable(path, &error))
}

/// Where a new manifest goes.
pub struct Place {
    output: Output,
    /// A manifest that is there already and will name the new one.
    first: Option<PathBuf>,
}

impl Place {
    /// Checks where a draw is to be written. With `new` a manifest that is there
    /// stays, and the next free number is taken: `sample-2.json`.
    ///
    /// # Errors
    ///
    /// A manifest that is there, another ending than `json`, and a path that is read.
    pub fn check(path: &Path, inputs: &[&Path], new: bool) -> Result<Self, Failure> {
        let check = |path: &Path| Output::check(path, &["json"], inputs, false, Readers::Owner);
        match check(path) {
            Ok(output) => Ok(Self { output, first: None }),
            Err(Failure::OutputExists { file }) if !new => Err(Failure::RecordExists { file }),
            Err(Failure::OutputExists { .. }) => {
                let output = check(&next_free(path))?;
                Ok(Self { output, first: Some(path.to_path_buf()) })
            }
            Err(failure) => Err(failure),
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.output.path()
    }

    /// Writes a draw, and into a first manifest that it was drawn.
    ///
    /// # Errors
    ///
    /// What the disk says; a first manifest that was tampered with.
    pub fn write(&self, sample: &Sample) -> Result<(), Failure> {
        let Some(first) = &self.first else { return write(sample, &self.output) };
        let name = self.path().file_name().unwrap_or_default().to_string_lossy();
        let before = read(first)?;
        let appended = with(before, drawn_again(&name, sample), first)?;
        write(sample, &self.output)?;
        over(&appended, first)
    }
}

fn next_free(path: &Path) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    (2_u32..=u32::MAX)
        .map(|number| path.with_file_name(format!("{stem}-{number}.json")))
        .find(|path| !path.exists())
        .unwrap_or_else(|| path.to_path_buf())
}

/// Appends an entry to a manifest, in its file.
///
/// # Errors
///
/// A chain that is broken; what the disk says.
pub fn append(sample: Sample, act: Act, path: &Path) -> Result<Sample, Failure> {
    let appended = with(sample, act, path)?;
    over(&appended, path)?;
    Ok(appended)
}

fn with(sample: Sample, act: Act, path: &Path) -> Result<Sample, Failure> {
    sample.with(act).map_err(|_| Failure::RecordBroken { file: path.display().to_string() })
}

fn over(sample: &Sample, path: &Path) -> Result<(), Failure> {
    write(sample, &Output::check(path, &["json"], &[], true, Readers::Owner)?)
}

fn write(sample: &Sample, file: &Output) -> Result<(), Failure> {
    file.write(|output| {
        serde_json::to_writer_pretty(&mut *output, sample).map_err(|error| file.refused(&error))?;
        output.write_all(b"\n").map_err(|error| file.refused(&error))
    })
}
