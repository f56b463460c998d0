//! Every sheet of a workbook that is no form, such as a file of translations.

use std::io::Cursor;

use calamine::{Reader as _, Sheets, open_workbook_auto_from_rs};
use survey_builder::problem::{Argument, phrase};

use super::READER_THREAD;
use super::sheet::{Grid, grid_of, look_through};

/// The most bytes that a workbook inside an archive may unpack to.
const UNPACKED_LIMIT: u64 = 128 << 20;

/// The sheets of a workbook (`.xlsx` or `.ods`) with their names.
///
/// # Errors
///
/// Why it cannot be read.
pub(crate) fn all_sheets(bytes: &[u8]) -> Result<Vec<(String, Grid)>, Argument> {
    if !bytes.starts_with(b"PK") {
        return Err(phrase("phrase-file-is-damaged").into());
    }
    let read = std::thread::scope(|scope| {
        // A damaged one may end the thread.
        let reader = std::thread::Builder::new().name(READER_THREAD.to_owned());
        reader.spawn_scoped(scope, || sheets(bytes)).map(std::thread::ScopedJoinHandle::join)
    });
    match read {
        Ok(Ok(sheets)) => sheets,
        _ => Err(phrase("phrase-file-is-damaged").into()),
    }
}

fn sheets(bytes: &[u8]) -> Result<Vec<(String, Grid)>, Argument> {
    let damaged = || Argument::from(phrase("phrase-file-is-damaged"));
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged())?;
    let sizes = (0..archive.len()).filter_map(|at| Some(archive.by_index_raw(at).ok()?.size()));
    if sizes.fold(0, u64::saturating_add) > UNPACKED_LIMIT {
        return Err(phrase("phrase-file-is-damaged").into());
    }
    look_through(bytes)?;
    let mut file: Sheets<_> =
        open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|_| damaged())?;
    let names = file.sheet_names();
    names
        .into_iter()
        .map(|name| {
            let grid = grid_of(&mut file, &name).map_err(|_| damaged())?;
            Ok((name, grid))
        })
        .collect()
}
