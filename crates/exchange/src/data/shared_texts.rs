//! A look at the texts that the sheets of a workbook share, before it is read.
//!
//! Their part says how many they are, and the reader makes room for as many. A
//! workbook that claims more than its part has bytes for is refused first.

use std::io::{Read, Seek};

/// The part that holds the texts.
const PART: &str = "sharedStrings.xml";

/// How much of it is looked at: the claim is in its first element.
const HEAD: u64 = 4 << 10;

/// The fewest bytes that a text takes: `<si/>`.
const LEAST: u64 = 5;

/// Whether a workbook claims more texts than it can hold. It is read from the
/// beginning again afterwards.
///
/// # Errors
///
/// What reading the file said.
pub(crate) fn claims_too_many(workbook: &mut (impl Read + Seek)) -> std::io::Result<bool> {
    workbook.rewind()?;
    let claim = claim(workbook);
    workbook.rewind()?;
    Ok(claim.is_some_and(|(claimed, bytes)| claimed > bytes / LEAST))
}

/// How many texts are claimed, and the bytes of their part; none where the file
/// holds no such part: then there is nothing to make room for.
fn claim(workbook: &mut (impl Read + Seek)) -> Option<(u64, u64)> {
    let mut archive = zip::ZipArchive::new(workbook).ok()?;
    let part = (0..archive.len()).find(|place| {
        let file = archive.by_index_raw(*place);
        file.is_ok_and(|file| file.name().is_ok_and(|name| name.ends_with(PART)))
    })?;
    let file = archive.by_index(part).ok()?;
    let bytes = file.size();
    let mut head = Vec::new();
    file.take(HEAD).read_to_end(&mut head).ok()?;
    let head = String::from_utf8_lossy(&head);
    let said = head.split_once("uniqueCount=")?.1.trim_start_matches(['"', '\'']);
    let digits: String = said.chars().take_while(char::is_ascii_digit).collect();
    // What no number of 64 bits can say is more than fits too.
    Some((digits.parse().unwrap_or(if digits.is_empty() { 0 } else { u64::MAX }), bytes))
}
