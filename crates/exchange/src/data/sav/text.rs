//! Texts of a file in its encoding.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use survey_builder::list::Unreadable;
use survey_builder::problem::phrase;

/// The encoding by its name (record 7/20) or else by its number (record 7/3).
///
/// A file that names none is older than these records: it is read as
/// windows-1252, which every byte fits.
pub(super) fn encoding(
    name: Option<&[u8]>,
    number: Option<i32>,
) -> Result<&'static Encoding, Unreadable> {
    match (name, number) {
        (Some(name), _) => by_name(name)
            .ok_or_else(|| unknown(format!("“{}”", String::from_utf8_lossy(name).trim()))),
        (None, Some(number)) => {
            by_number(number).ok_or_else(|| unknown(format!("of code page {number}")))
        }
        (None, None) => Ok(WINDOWS_1252),
    }
}

/// Texts that cannot be read, in this encoding.
fn unknown(encoding: String) -> Unreadable {
    let detail = format!("texts are in the encoding {encoding}, which cannot be read");
    Unreadable::new(phrase("phrase-file-encoding").with("encoding", encoding), detail)
}

fn by_name(name: &[u8]) -> Option<&'static Encoding> {
    if let Some(found) = Encoding::for_label(name) {
        return Some(found);
    }
    let name = std::str::from_utf8(name).ok()?.trim().to_ascii_lowercase();
    let number = ["windows-", "windows", "cp", "ms"]
        .iter()
        .find_map(|start| name.strip_prefix(start)?.parse().ok())?;
    by_number(number)
}

/// Windows' numbers of code pages; 2 and 3 say only "ASCII", of 7 or 8 bits.
fn by_number(number: i32) -> Option<&'static Encoding> {
    let label = match number {
        2 | 3 | 20127 => "windows-1252",
        65001 => "utf-8",
        866 => "ibm866",
        874 => "windows-874",
        932 => "shift_jis",
        936 | 20936 => "gbk",
        949 | 51949 => "euc-kr",
        950 => "big5",
        1250..=1258 => return Encoding::for_label(format!("windows-{number}").as_bytes()),
        20866 => "koi8-r",
        21866 => "koi8-u",
        28591..=28606 => {
            return Encoding::for_label(format!("iso-8859-{}", number - 28590).as_bytes());
        }
        51932 => "euc-jp",
        54936 => "gb18030",
        _ => return None,
    };
    Encoding::for_label(label.as_bytes())
}

/// A text without what fills its room. A letter that was cut off at the end is
/// left out; what is no letter elsewhere becomes U+FFFD.
pub(super) fn text<'b>(bytes: &'b [u8], encoding: &'static Encoding) -> Cow<'b, str> {
    let bytes = trimmed(bytes);
    if encoding != UTF_8 {
        return encoding.decode_without_bom_handling(bytes).0;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(error) if error.error_len().is_none() => {
            String::from_utf8_lossy(&bytes[..error.valid_up_to()])
        }
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// Bytes without the blanks and zeros behind them.
pub(super) fn trimmed(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| !matches!(byte, b' ' | 0)).map_or(0, |last| last + 1);
    &bytes[..end]
}

/// As much of a text as fits into so many bytes, cut between letters.
pub(super) fn fitting(text: &str, room: usize) -> &str {
    &text[..text.floor_char_boundary(room)]
}
