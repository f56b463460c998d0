//! What stands between the cells of a text.

use csv::{ByteRecord, ReaderBuilder};

/// Rows that decide.
const LOOKED_AT: usize = 100;

/// The mark that parts the beginning of a text into rows of one length: comma,
/// semicolon, tab or bar; a line `sep=;` at the top says it outright.
pub fn separator_of(sample: &[u8]) -> u8 {
    const MARKS: [u8; 4] = [b',', b';', b'\t', b'|'];
    if let Some(said) = said_by_first_line(sample) {
        return said;
    }
    let best = MARKS.iter().map(|mark| (fit(sample, *mark), *mark)).reduce(|best, other| {
        // Of equals the first: the comma.
        if other.0 > best.0 { other } else { best }
    });
    best.map_or(b',', |(_, mark)| mark)
}

/// The mark of a line such as `sep=;`, which spreadsheets obey.
fn said_by_first_line(sample: &[u8]) -> Option<u8> {
    let line = sample.split(|byte| *byte == b'\n').next()?;
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    match line.strip_suffix(b"\r").unwrap_or(line) {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', mark] => Some(*mark),
        _ => None,
    }
}

/// How well a mark fits: in tenths, the rows of the usual length; how early the
/// first of these is; the length.
fn fit(sample: &[u8], mark: u8) -> (usize, std::cmp::Reverse<usize>, usize) {
    let mut reader =
        ReaderBuilder::new().delimiter(mark).flexible(true).has_headers(false).from_reader(sample);
    let mut record = ByteRecord::new();
    let mut lengths = Vec::new();
    while lengths.len() < LOOKED_AT && matches!(reader.read_byte_record(&mut record), Ok(true)) {
        lengths.push(record.len());
    }
    // The last row of a beginning is cut off.
    if lengths.len() > 2 && lengths.len() < LOOKED_AT {
        lengths.pop();
    }
    let times = |length: &usize| lengths.iter().filter(|other| *other == length).count();
    let usual = lengths.iter().filter(|length| **length > 1).max_by_key(|length| times(length));
    let Some(usual) = usual else { return (0, std::cmp::Reverse(0), 0) };
    let first = lengths.iter().position(|length| length == usual).unwrap_or(0);
    (times(usual) * 10 / lengths.len(), std::cmp::Reverse(first), *usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_that_makes_equal_rows_is_found() {
        for (text, mark) in [
            ("id,size\n1,2\n", b','),
            ("id;size\n1;2\n", b';'),
            ("id;size;x\n1;2,5;3,5\n2;2,5;3,5\n", b';'),
            ("id\tname\n1\tA, B\n2\tC, D\n", b'\t'),
            ("a|b\n1|2\n", b'|'),
            ("Danh sách; năm 2026, tỉnh X\n\nid,size\n1,2\n2,3\n3,4\n4,5\n", b','),
            ("sep=;\nid;a,b\n", b';'),
            ("\u{feff}sep=\t\r\nid\ta\n", b'\t'),
            ("id\n1\n", b','),
            ("", b','),
            ("id,\"a;b;c\"\n1,\"x;y\"\n", b','),
        ] {
            assert_eq!(separator_of(text.as_bytes()), mark, "{text:?}");
        }
    }
}
