//! A row of sums at the end of a list: it is nobody.

use csv::ByteRecord;

use crate::list::text::tidied_bytes;
use crate::plain::plain;

/// What such a row is called, in plain letters.
const WORDS: [&str; 9] =
    ["tong", "tong cong", "tong so", "cong", "toan bo", "total", "totals", "grand total", "sum"];

/// Whether a row is called a total: the first cell in which something stands.
pub(super) fn is_total(record: &ByteRecord) -> bool {
    let Some(cell) = record.iter().find(|cell| !cell.trim_ascii().is_empty()) else { return false };
    // Names and numbers of people are longer or have digits.
    if cell.len() > 40 || cell.iter().any(u8::is_ascii_digit) {
        return false;
    }
    tidied_bytes(cell).is_some_and(|text| WORDS.contains(&plain(&text).as_str()))
}

/// Whether most cells of a row are empty.
pub(super) fn is_sparse(record: &ByteRecord) -> bool {
    let filled = record.iter().filter(|cell| !cell.trim_ascii().is_empty()).count();
    filled * 2 <= record.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_known_by_their_words() {
        let is = |cells: &[&str]| is_total(&ByteRecord::from(cells.to_vec()));
        assert!(is(&["Tổng cộng", "", "520"]) && is(&["", "TỔNG SỐ:", "520"]) && is(&["Total"]));
        assert!(!is(&["Tổng Văn An", "x"]) && !is(&["T1", "total"]) && !is(&["", ""]));
        assert!(is_sparse(&ByteRecord::from(vec!["Cộng", "", "", "520"])));
        assert!(!is_sparse(&ByteRecord::from(vec!["Cong", "a", "5"])));
    }
}
