//! What lies beside a database: logs, exports, mail, and the journal of a server.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use super::ids::{Known, Named, Pair};
use crate::error::Error;

/// A line is no longer.
const LINE: u64 = 1 << 20;
/// How a database of `SQLite` begins.
const DATABASE: &[u8] = b"SQLite format 3\0";

/// What cannot be read.
pub fn refused(file: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let folder = file.to_path_buf();
    move |error| Error::Folder { folder, reason: error.to_string() }
}

/// Whether a file is a database.
pub fn is_database(file: &Path) -> Result<bool, Error> {
    let mut head = Vec::new();
    let opened = File::open(file).map_err(refused(file))?;
    opened.take(DATABASE.len() as u64).read_to_end(&mut head).map_err(refused(file))?;
    Ok(head == DATABASE)
}

/// Every file in a folder and below, in order; but none of a database, nor keys.
pub fn below(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    let entries = std::fs::read_dir(folder).map_err(refused(folder))?;
    for entry in entries {
        let path = entry.map_err(refused(folder))?.path();
        let of_database = ["-wal", "-shm"].iter().any(|end| path.to_string_lossy().ends_with(end));
        if path.is_dir() {
            found.extend(below(&path)?);
        } else if path.is_file() && !of_database && !is_database(&path)? {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Pairs that files name: in a line, in a file, or in a transaction of a server's journal.
#[derive(Default)]
pub struct Beside {
    /// By a line, or a whole file, that names one of each.
    pub in_files: BTreeSet<Pair>,
    /// By a transaction that changed one of each.
    pub in_transactions: BTreeSet<Pair>,
}

/// Looks through files.
///
/// # Errors
///
/// One that cannot be read.
pub fn look(files: &[PathBuf], known: &Known) -> Result<Beside, Error> {
    let mut beside = Beside::default();
    // A transaction may go over from one file of a journal into the next.
    let mut transactions: BTreeMap<u32, Named> = BTreeMap::new();
    for file in files {
        if is_journal(file) {
            let bytes = std::fs::read(file).map_err(refused(file))?;
            records(&bytes, |transaction, record| {
                let named = Named::of(record, known);
                if !named.is_empty() {
                    transactions.entry(transaction).or_default().extend(named);
                }
            });
            continue;
        }
        let mut lines = BufReader::new(File::open(file).map_err(refused(file))?);
        let (mut line, mut whole) = (Vec::new(), Named::default());
        while lines.by_ref().take(LINE).read_until(b'\n', &mut line).map_err(refused(file))? > 0 {
            let named = Named::of(&line, known);
            beside.in_files.extend(named.pair());
            whole.extend(named);
            line.clear();
        }
        beside.in_files.extend(whole.pair());
    }
    beside.in_transactions.extend(transactions.values().filter_map(Named::pair));
    Ok(beside)
}

/// Whether a file is one of a server's journal, by its name.
fn is_journal(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().as_encoded_bytes();
    name.len() == 24 && name.iter().all(u8::is_ascii_hexdigit)
}

/// Bytes of a page of the journal.
const PAGE: usize = 8_192;
/// Bytes of a record's head.
const HEAD: usize = 24;

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn padded(length: usize) -> usize {
    length.next_multiple_of(8)
}

/// The records of a file of `PostgreSQL`'s journal with the numbers of their
/// transactions (its sources, `access/xlog_internal.h` and `access/xlogrecord.h`). What
/// cannot be read is passed over: files are used again, and end in what they held
/// before.
fn records(bytes: &[u8], mut found: impl FnMut(u32, &[u8])) {
    // Without the heads of pages; with where each begins and how much of it belongs
    // to the record before.
    let (mut content, mut pages) = (Vec::with_capacity(bytes.len()), Vec::new());
    for page in bytes.chunks(PAGE) {
        let head = match page {
            [_, 0xd0 | 0xd1, flags, ..] if flags & 2 > 0 => 40,
            [_, 0xd0 | 0xd1, ..] => 24,
            _ => continue,
        };
        let left = word(page, 16).and_then(|left| usize::try_from(left).ok()).unwrap_or(0);
        pages.push((content.len(), padded(left)));
        content.extend_from_slice(page.get(head..).unwrap_or_default());
    }
    let Some((_, mut at)) = pages.first().copied() else { return };
    let mut next_page = 0;
    loop {
        let length = word(&content, at).and_then(|length| usize::try_from(length).ok());
        let record = length
            .filter(|length| *length >= HEAD)
            .and_then(|length| Some((word(&content, at + 4)?, content.get(at..at + length)?)));
        if let Some((transaction, record)) = record {
            if transaction > 0 {
                found(transaction, record);
            }
            at += padded(record.len());
            continue;
        }
        // Goes on where the next page begins a record of its own.
        while pages.get(next_page).is_some_and(|(begins, _)| *begins <= at) {
            next_page += 1;
        }
        let Some((begins, left)) = pages.get(next_page) else { return };
        at = begins + left;
    }
}
