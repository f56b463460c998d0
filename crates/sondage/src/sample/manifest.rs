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
        let check =
            |path: &Path, force| Output::check(path, &["json"], inputs, force, Readers::Owner);
        match check(path, false) {
            Ok(output) => Ok(Self { output, first: None }),
            Err(Failure::OutputExists { file }) if !new => Err(Failure::RecordExists { file }),
            Err(Failure::OutputExists { .. }) => {
                // Which number is free is settled when it is written.
                let output = check(&next_free(path), true)?;
                Ok(Self { output, first: Some(path.to_path_buf()) })
            }
            Err(failure) => Err(failure),
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.output.path()
    }

    /// Writes a draw, and before it into a first manifest that it was drawn: whatever
    /// stops the program in between, no draw is there that nobody knows of.
    ///
    /// # Errors
    ///
    /// What the disk says; a manifest that came meanwhile; a first manifest that was
    /// tampered with.
    pub fn write(&mut self, sample: &Sample) -> Result<(), Failure> {
        let Some(first) = &self.first else {
            return write(sample, &self.output).map_err(|failure| match failure {
                Failure::OutputExists { file } => Failure::RecordExists { file },
                failure => failure,
            });
        };
        let mut held = Held::open(first)?;
        // Others may have taken numbers meanwhile.
        let free = next_free(first);
        self.output = Output::check(&free, &["json"], &[], false, Readers::Owner)?;
        let name = free.file_name().unwrap_or_default().to_string_lossy();
        held.append(drawn_again(&name, sample))?;
        // Still held: nobody takes the number that the entry names.
        write(sample, &self.output)
    }
}

fn next_free(path: &Path) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    (2_u32..=u32::MAX)
        .map(|number| path.with_file_name(format!("{stem}-{number}.json")))
        .find(|path| !path.exists())
        .unwrap_or_else(|| path.to_path_buf())
}

/// A manifest that nobody else appends to while this is there: what is appended is
/// decided from what stands in it then.
pub struct Held {
    /// The manifest.
    pub sample: Sample,
    path: PathBuf,
    _lock: Option<File>,
}

impl Held {
    /// Waits until nobody else appends, and reads.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or is no manifest, a folder that cannot be locked.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let lock = locked(path).map_err(|error| unreadable(path, &error))?;
        Ok(Self { sample: read(path)?, path: path.to_path_buf(), _lock: lock })
    }

    /// Appends an entry, in the manifest's file.
    ///
    /// # Errors
    ///
    /// A chain that is broken; what the disk says.
    pub fn append(&mut self, act: Act) -> Result<(), Failure> {
        let broken = |_| Failure::RecordBroken { file: self.path.display().to_string() };
        let appended = self.sample.clone().with(act).map_err(broken)?;
        write(&appended, &Output::check(&self.path, &["json"], &[], true, Readers::Owner)?)?;
        self.sample = appended;
        Ok(())
    }
}

/// Locks the folder of a manifest: the file itself is another after each entry.
fn locked(path: &Path) -> std::io::Result<Option<File>> {
    if !cfg!(unix) {
        // Elsewhere a folder is no file that could be locked.
        return Ok(None);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = File::open(folder.unwrap_or_else(|| Path::new(".")))?;
    folder.lock()?;
    Ok(Some(folder))
}

fn write(sample: &Sample, file: &Output) -> Result<(), Failure> {
    file.write(|output| {
        serde_json::to_writer_pretty(&mut *output, sample).map_err(|error| file.refused(&error))?;
        output.write_all(b"\n").map_err(|error| file.refused(&error))
    })
}
