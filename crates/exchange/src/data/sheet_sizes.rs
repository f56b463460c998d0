//! What the sheets of a workbook say of their own size.
//!
//! Nothing needs it, and some programs write it so that the reader gives up: `1:3` for
//! three rows of any width. Then the workbook is read without it.

use std::io::{Cursor, Read as _, Write as _};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// The most bytes of a part.
const MOST_BYTES: u64 = 256 << 20;

/// The same workbook whose sheets say nothing of their size; none where its parts cannot
/// be read.
pub(crate) fn without_sizes(workbook: &[u8]) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(workbook)).ok()?;
    let mut written = ZipWriter::new(Cursor::new(Vec::new()));
    for place in 0..archive.len() {
        let mut part = archive.by_index(place).ok()?.take(MOST_BYTES);
        let name = part.get_ref().name().ok()?.into_owned();
        let mut content = Vec::new();
        part.read_to_end(&mut content).ok()?;
        if name.contains("worksheets/") {
            without_size(&mut content);
        }
        written.start_file(name, SimpleFileOptions::default()).ok()?;
        written.write_all(&content).ok()?;
    }
    Some(written.finish().ok()?.into_inner())
}

/// Takes the element `<dimension …/>` out, which stands before all cells.
fn without_size(sheet: &mut Vec<u8>) {
    let found = |what: &[u8], from: usize| {
        sheet[from..].windows(what.len()).position(|part| part == what).map(|at| from + at)
    };
    let Some(begin) = found(b"<dimension", 0) else { return };
    let Some(end) = found(b"/>", begin) else { return };
    sheet.drain(begin..end + 2);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_size_goes() {
        let mut sheet = b"<worksheet><dimension ref=\"1:3\"/><sheetData/></worksheet>".to_vec();
        without_size(&mut sheet);
        assert_eq!(sheet, b"<worksheet><sheetData/></worksheet>");
        without_size(&mut sheet);
        assert_eq!(sheet, b"<worksheet><sheetData/></worksheet>");
        assert_eq!(without_sizes(b"no workbook"), None);
    }
}
