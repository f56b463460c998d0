//! The files that the command line writes: never over what was read, never over
//! a file that is there unless that is asked for, in the format that the name
//! says, and whole or not at all.
//!
//! A file is written beside its place under another name and then takes the
//! place. Files with rows of people are for their owner alone.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use exchange::data::csv::guarded;
use tempfile::NamedTempFile;

use crate::terminal::Failure;

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Whoever the system lets: nothing in it is about single people.
    Anybody,
    /// The owner: it holds names, identities or keys.
    Owner,
}

/// A file that may be written: checked before any work is done.
#[derive(Clone, Debug)]
pub struct Output {
    path: PathBuf,
    readers: Readers,
    force: bool,
}

impl Output {
    /// Checks where a command is to write: the ending is one of `endings`, the
    /// file is none of `inputs`, and it is not there yet or `force` is given.
    ///
    /// # Errors
    ///
    /// The first of these that does not hold.
    pub fn check(
        path: &Path,
        endings: &[&str],
        inputs: &[&Path],
        force: bool,
        readers: Readers,
    ) -> Result<Self, Failure> {
        let file = || path.display().to_string();
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        if !endings.is_empty() && !endings.contains(&ending.as_str()) {
            let known: Vec<String> = endings.iter().map(|ending| format!(".{ending}")).collect();
            return Err(Failure::OutputEnding { file: file(), endings: known.join(", ") });
        }
        if inputs.iter().any(|input| is_same(input, path)) {
            return Err(Failure::OutputIsInput { file: file() });
        }
        if path.exists() && !force {
            return Err(Failure::OutputExists { file: file() });
        }
        Ok(Self { path: path.to_path_buf(), readers, force })
    }

    /// Where it goes.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the file: what `fill` writes is there whole when this returns, and
    /// not at all when it fails.
    ///
    /// # Errors
    ///
    /// What `fill` says; a disk that is full, a folder without rights.
    pub fn write<T>(
        &self,
        fill: impl FnOnce(&mut dyn Write) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let beside = self.beside()?;
        let mut buffered = BufWriter::new(beside.as_file());
        let done = fill(&mut buffered)?;
        buffered.flush().map_err(|error| self.refused(&error))?;
        drop(buffered);
        self.take_the_place(beside)?;
        Ok(done)
    }

    /// As [`Output::write`], for what writes a file by its name: it gets an empty
    /// one, for the same readers.
    ///
    /// # Errors
    ///
    /// As [`Output::write`].
    pub fn write_with(
        &self,
        fill: impl FnOnce(&Path) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let beside = self.beside()?;
        fill(beside.path())?;
        self.take_the_place(beside)
    }

    /// A new file in the same folder; dropped, it is gone.
    fn beside(&self) -> Result<NamedTempFile, Failure> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let prefix = format!(".{name}.");
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(".part");
        #[cfg(unix)]
        if self.readers == Readers::Anybody {
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        builder
            .tempfile_in(folder.unwrap_or_else(|| Path::new(".")))
            .map_err(|error| self.refused(&error))
    }

    fn take_the_place(&self, beside: NamedTempFile) -> Result<(), Failure> {
        beside.as_file().sync_all().map_err(|error| self.refused(&error))?;
        if self.force {
            return beside
                .persist(&self.path)
                .map(drop)
                .map_err(|refused| self.refused(&refused.error));
        }
        // Somebody may have made it meanwhile.
        beside.persist_noclobber(&self.path).map(drop).map_err(|refused| {
            if refused.error.kind() == std::io::ErrorKind::AlreadyExists {
                Failure::OutputExists { file: self.path.display().to_string() }
            } else {
                self.refused(&refused.error)
            }
        })
    }

    /// As [`Output::write`], all at once.
    ///
    /// # Errors
    ///
    /// As [`Output::write`].
    pub fn write_bytes(&self, bytes: &[u8]) -> Result<(), Failure> {
        self.write(|file| file.write_all(bytes).map_err(|error| self.refused(&error)))
    }

    /// Writes CSV that comes from anywhere, each cell guarded against being run
    /// as a formula.
    ///
    /// # Errors
    ///
    /// As [`Output::write`].
    pub fn write_csv<T>(
        &self,
        fill: impl FnOnce(&mut Rows<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.write(|file| {
            let mut rows = Rows(csv::WriterBuilder::new().flexible(true).from_writer(file));
            let done = fill(&mut rows)?;
            rows.0.flush().map_err(|error| self.refused(&error))?;
            Ok(done)
        })
    }

    /// The failure of a file that cannot be written.
    pub fn refused(&self, reason: &dyn std::fmt::Display) -> Failure {
        Failure::File { file: self.path.display().to_string(), reason: reason.to_string() }
    }
}

/// Rows of CSV.
pub struct Rows<'a>(csv::Writer<&'a mut dyn Write>);

impl Rows<'_> {
    /// Writes one row.
    ///
    /// # Errors
    ///
    /// What the disk says.
    pub fn write<Cell: AsRef<str>>(
        &mut self,
        cells: impl IntoIterator<Item = Cell>,
    ) -> Result<(), csv::Error> {
        for cell in cells {
            self.0.write_field(guarded(cell.as_ref()).as_bytes())?;
        }
        self.0.write_record(None::<&[u8]>)
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out.csv");
        let check = |force| Output::check(&path, &["csv"], &[], force, Readers::Owner);
        let output = check(false).expect("free");
        let failed = output.write(|file| {
            file.write_all(b"half").expect("written");
            Err::<(), _>(output.refused(&"no more"))
        });
        assert!(failed.is_err());
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
        output.write_bytes(b"whole").expect("written");
        assert_eq!(std::fs::read(&path).expect("there"), b"whole");
        assert!(matches!(check(false), Err(Failure::OutputExists { .. })));
        check(true).expect("asked for").write_bytes(b"new").expect("written");
        assert_eq!(std::fs::read(&path).expect("there"), b"new");
        let over = Output::check(&path, &["csv"], &[&path], true, Readers::Owner);
        assert!(matches!(over, Err(Failure::OutputIsInput { .. })));
        let other = Output::check(&path, &["xlsx", "json"], &[], true, Readers::Owner);
        let Err(Failure::OutputEnding { endings, .. }) = other else { panic!("refused") };
        assert_eq!(endings, ".xlsx, .json");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&path).expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
