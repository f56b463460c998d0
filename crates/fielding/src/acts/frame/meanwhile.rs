//! Files that are kept while somebody is asked what of them is meant: which sheet,
//! which row. They are sealed beside the rows of the waiting frame, one of a kind, open
//! for those who may design its study, and go when the columns are named, with the
//! frame, or when another file takes their place. That one is there whole first: a
//! program that dies while it comes leaves the one before.

use std::fs::File;
use std::io::{Read, Seek as _, SeekFrom, Write as _};

use exchange::data::workbook::SheetRows;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{PART, as_problems, put_part};
use crate::app::App;
use crate::error::{Clash, Error};
use crate::files::list::Declared;
use crate::store::{Connection, Id, Scope, frames};
use survey_builder::list::Unreadable;
use survey_builder::sampling::Problem;

/// The numbers of all parts of such files. Rows of the frame are numbered from 0.
pub const ALL: (i64, i64) = (i64::MIN, -1);
/// More parts than two files have.
const RANGE: i64 = 1 << 20;
/// More parts than a file has.
const HALF: i64 = RANGE / 2;
/// The most bytes of a list that is kept beside a frame; the frame's own file has the
/// limit of all frames.
const LARGEST: u64 = 32 << 20;

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meanwhile {
    /// The workbook that the frame came in.
    Frame,
    /// Known totals.
    Totals,
    /// A list of places.
    Places,
}

impl Meanwhile {
    /// The numbers of its parts, the description first.
    fn parts(self) -> (i64, i64) {
        let last = match self {
            Self::Frame => -1,
            Self::Totals => -1 - RANGE,
            Self::Places => -1 - 2 * RANGE,
        };
        (last - RANGE + 1, last)
    }

    fn description(self) -> i64 {
        self.parts().1
    }

    /// The numbers of the parts of one file, the first at the end; the file that
    /// takes its place has those of the other half.
    fn half(self, second: bool) -> (i64, i64) {
        let (least, last) = self.parts();
        if second { (least, last - HALF) } else { (last - HALF + 1, last - 1) }
    }
}

/// What is known of a file that is kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The file's name.
    pub name: String,
    /// What was said of its encoding.
    pub declared: Declared,
    /// The sheet that is read.
    pub taken: Option<String>,
    /// The row, from 1, that the names of its columns are in.
    pub header_row: u64,
    /// The first rows of each sheet, where there are several.
    pub sheets: Vec<SheetRows>,
    /// The hash of the file, by which parts of two that were sent at once are found out.
    pub hash: Vec<u8>,
    /// In which half of the numbers its parts are.
    #[serde(default)]
    pub second: bool,
}

fn damaged(reason: &impl ToString) -> Error {
    Error::Damaged { what: "kept file", reason: reason.to_string() }
}

/// Keeps a file beside a frame in place of any other of its kind.
///
/// # Errors
///
/// One that is too large, and what the database says.
pub fn keep(
    app: &App,
    (study, frame): (Id, Id),
    what: Meanwhile,
    kept: &Kept,
    mut file: File,
) -> Result<(), Error> {
    let mut hash = Sha256::new();
    let length = file.seek(SeekFrom::End(0)).map_err(|error| damaged(&error))?;
    file.rewind().map_err(|error| damaged(&error))?;
    if what != Meanwhile::Frame && length > LARGEST {
        return Err(Error::invalid("form-too-large", ""));
    }
    let second = self::kept(app, frame, what)?.is_some_and(|before| !before.second);
    let (least, most) = what.half(second);
    // Puts a part in the place of those with these numbers.
    let put = |sequence: i64, plain: &[u8], instead: (i64, i64)| {
        let sealed = app.keys.seal_part(frame, sequence, plain)?;
        app.store.write_now(Scope::Study(study), move |connection| {
            keep_part(connection, frame, (sequence, &sealed), instead)
        })
    };
    let mut sequence = most;
    let mut part = Vec::with_capacity(PART);
    loop {
        part.clear();
        let read = Read::by_ref(&mut file).take(PART as u64).read_to_end(&mut part);
        read.map_err(|error| damaged(&error))?;
        if part.is_empty() {
            break;
        }
        hash.update(&part);
        // What is left here of one that never came whole goes; or somebody else is
        // sending one too, and the later part stays.
        put(sequence, &part, if sequence == most { (least, most) } else { (sequence, sequence) })?;
        sequence -= 1;
    }
    let kept = Kept { hash: hash.finalize().to_vec(), second, ..kept.clone() };
    let described = serde_json::to_vec(&kept).map_err(|error| damaged(&error))?;
    let description = what.description();
    let sealed = app.keys.seal_part(frame, description, &described)?;
    // Last, so that a file that is described is there whole.
    app.store.write_now(Scope::Study(study), move |connection| {
        end_keeping(connection, frame, what, second, &sealed)
    })
}

/// Keeps a part of a file in the place of those with some numbers, both ends counted.
///
/// # Errors
///
/// A frame that is gone, and what the database says.
pub fn keep_part(
    connection: &mut Connection,
    frame: Id,
    (sequence, sealed): (i64, &[u8]),
    instead: (i64, i64),
) -> Result<(), Error> {
    frames::drop_parts(connection, frame, instead)?;
    put_part(connection, frame, sequence, sealed)
}

/// A file is there whole: its description is kept, and the file before goes.
///
/// # Errors
///
/// As [`keep_part`].
pub fn end_keeping(
    connection: &mut Connection,
    frame: Id,
    what: Meanwhile,
    second: bool,
    described: &[u8],
) -> Result<(), Error> {
    let description = what.description();
    frames::drop_parts(connection, frame, what.half(!second))?;
    keep_part(connection, frame, (description, described), (description, description))
}

/// A file goes.
///
/// # Errors
///
/// What the database says.
pub fn drop_kept(connection: &mut Connection, frame: Id, what: Meanwhile) -> Result<(), Error> {
    frames::drop_parts(connection, frame, what.parts())
}

/// Lets a file go.
///
/// # Errors
///
/// What the database says.
pub fn drop_it(app: &App, (study, frame): (Id, Id), what: Meanwhile) -> Result<(), Error> {
    app.store.write_now(Scope::Study(study), move |connection| drop_kept(connection, frame, what))
}

fn part(app: &App, frame: Id, sequence: i64) -> Result<Option<Vec<u8>>, Error> {
    let sealed = app.store.read_now(|connection| frames::part(connection, frame, sequence))?;
    sealed.map(|sealed| app.keys.unseal_part(frame, sequence, &sealed)).transpose()
}

/// What is known of the file that is kept, if one is.
///
/// # Errors
///
/// What the database says.
pub fn kept(app: &App, frame: Id, what: Meanwhile) -> Result<Option<Kept>, Error> {
    let described = part(app, frame, what.description())?;
    described
        .map(|plain| serde_json::from_slice(&plain).map_err(|error| damaged(&error)))
        .transpose()
}

/// The file that is kept, on disk and without a name.
///
/// # Errors
///
/// A file that another was mixed into meanwhile, and what database and disk say.
pub fn file(app: &App, frame: Id, what: Meanwhile) -> Result<File, Error> {
    let full = |error: std::io::Error| {
        let reason = Unreadable::from(error).into();
        Error::Invalid(as_problems(&[Problem::FrameUnreadable { reason }]))
    };
    let changed = || Error::Conflict(Clash::FrameChanged);
    let described = kept(app, frame, what)?.ok_or_else(changed)?;
    let mut file = tempfile::tempfile().map_err(full)?;
    let mut sequence = what.half(described.second).1;
    let mut hash = Sha256::new();
    while let Some(plain) = part(app, frame, sequence)? {
        hash.update(&plain);
        file.write_all(&plain).map_err(full)?;
        sequence -= 1;
    }
    if described.hash != hash.finalize().as_slice() {
        return Err(changed());
    }
    file.rewind().map_err(full)?;
    Ok(file)
}
