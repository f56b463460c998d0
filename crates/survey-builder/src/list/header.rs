//! The header of a table: its first row, or one below a title.

use std::collections::HashMap;

use csv::ByteRecord;

use super::text::tidied_bytes;

/// The header of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Its (last) row among those looked at, from 0.
    pub last: usize,
    /// The names of the columns, tidied.
    pub names: Vec<String>,
}

/// Names of a row's cells. What is not UTF-8 is shown as far as it can be.
fn names(record: &ByteRecord) -> Vec<String> {
    record
        .iter()
        .map(|cell| match tidied_bytes(cell) {
            Some(name) => name.into_owned(),
            None => String::from_utf8_lossy(cell).trim().to_owned(),
        })
        .collect()
}

fn filled(names: &[String]) -> usize {
    names.iter().filter(|name| !name.is_empty()).count()
}

/// Finds the header among the first rows: the one at `asked` (from 0); else the
/// first that has all `wanted` columns; else the first that is no title. A title
/// fills a cell where rows fill several, or less than a third of what they fill.
/// A row whose gaps the next row fills is the upper half of a merged header.
pub fn find(rows: &[ByteRecord], asked: Option<usize>, wanted: &[&str]) -> Option<Header> {
    let rows: Vec<Vec<String>> = rows.iter().map(names).collect();
    let has_all = |row: &Vec<String>| wanted.iter().all(|name| row.iter().any(|own| own == name));
    let named = rows.iter().position(has_all).filter(|_| !wanted.is_empty());
    let place = match asked.or(named) {
        Some(place) => place,
        None => {
            let usual = usual(&rows);
            let is_title = |row: &[String]| {
                let filled = filled(row);
                // Of two columns the first may have no name.
                let is_one = filled == 1 && (usual > 2 || usual == 2 && !row[0].is_empty());
                filled == 0 || is_one || filled * 3 < usual
            };
            rows.iter().position(|row| !is_title(row)).unwrap_or(0)
        }
    };
    let upper = rows.get(place)?;
    if let Some(lower) = rows.get(place + 1)
        && is_merged(upper, lower)
        && rows.len() > place + 2
    {
        return Some(Header { last: place + 1, names: joined(upper, lower) });
    }
    Some(Header { last: place, names: upper.clone() })
}

/// How many cells most rows fill; of equally frequent numbers the largest.
fn usual(rows: &[Vec<String>]) -> usize {
    let numbers: Vec<usize> = rows.iter().map(|row| filled(row)).collect();
    let times = |number: &usize| numbers.iter().filter(|other| *other == number).count();
    numbers
        .iter()
        .copied()
        .filter(|number| *number > 0)
        .max_by_key(|it| (times(it), *it))
        .unwrap_or(0)
}

/// Whether the gaps of one row are filled by the next, which has gaps in turn
/// under single names. Rows of values have numbers.
fn is_merged(upper: &[String], lower: &[String]) -> bool {
    let width = upper.len().max(lower.len());
    let at = |row: &[String], column: usize| row.get(column).is_some_and(|cell| !cell.is_empty());
    let columns = || (0..width).map(|column| (at(upper, column), at(lower, column)));
    columns().all(|(above, below)| above || below)
        && columns().any(|(above, below)| !above && below)
        && columns().any(|(above, below)| above && !below)
        && !lower.iter().any(|cell| cell.starts_with(|sign: char| sign.is_ascii_digit()))
}

/// The lower names, or the upper ones where there is none below; two columns
/// of one lower name are told apart by the name above them.
fn joined(upper: &[String], lower: &[String]) -> Vec<String> {
    let width = upper.len().max(lower.len());
    let mut above = "";
    let parts: Vec<(&str, &str)> = (0..width)
        .map(|column| {
            let own = upper.get(column).map_or("", String::as_str);
            above = if own.is_empty() { above } else { own };
            (above, lower.get(column).map_or("", String::as_str))
        })
        .collect();
    let mut times: HashMap<&str, usize> = HashMap::new();
    for (_, below) in &parts {
        *times.entry(below).or_default() += 1;
    }
    parts
        .iter()
        .map(|(above, below)| match *below {
            "" => (*above).to_owned(),
            below if times[below] > 1 => format!("{above} / {below}"),
            below => below.to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(rows: &[&[&str]], asked: Option<usize>, wanted: &[&str]) -> (usize, String) {
        let rows: Vec<ByteRecord> = rows.iter().map(|row| ByteRecord::from(row.to_vec())).collect();
        let header = find(&rows, asked, wanted).expect("a header");
        (header.last, header.names.join("|"))
    }

    #[test]
    fn the_header_is_found_below_a_title() {
        let plain: [&[&str]; 3] = [&["id", "size"], &["1", "2"], &["2", "3"]];
        assert_eq!(found(&plain, None, &[]), (0, "id|size".to_owned()));
        let title: [&[&str]; 5] = [
            &["DANH SÁCH", "", ""],
            &["", "", ""],
            &["id", "tinh", "size"],
            &["1", "a", "2"],
            &["2", "b", "3"],
        ];
        assert_eq!(found(&title, None, &[]).0, 2);
        assert_eq!(found(&title, None, &["size", "id"]).0, 2);
        assert_eq!(found(&title, Some(3), &["id"]), (3, "1|a|2".to_owned()));
        let single: [&[&str]; 2] = [&["id"], &["1"]];
        assert_eq!(found(&single, None, &["x"]).0, 0);
        let gap: [&[&str]; 3] = [&["", "name"], &["0", "An"], &["1", "Bình"]];
        assert_eq!(found(&gap, None, &[]), (0, "|name".to_owned()), "a column without a name");
    }

    #[test]
    fn a_merged_header_is_one() {
        let rows: [&[&str]; 5] = [
            &["DANH SÁCH", "", "", "", ""],
            &["Mã", "Địa bàn", "", "2025", ""],
            &["", "tinh", "phuong", "Nam", "Nữ"],
            &["1", "a", "b", "2", "3"],
            &["2", "a", "b", "2", "3"],
        ];
        let header = "Mã|tinh|phuong|Nam|Nữ".to_owned();
        assert_eq!(found(&rows, None, &[]), (2, header));
        let rows: [&[&str]; 4] = [
            &["Mã", "2025", "", "2026", ""],
            &["", "Nam", "Nữ", "Nam", "Nữ"],
            &["1", "1", "2", "2", "3"],
            &["2", "1", "2", "2", "3"],
        ];
        assert_eq!(found(&rows, None, &[]).1, "Mã|2025 / Nam|2025 / Nữ|2026 / Nam|2026 / Nữ");
    }
}
