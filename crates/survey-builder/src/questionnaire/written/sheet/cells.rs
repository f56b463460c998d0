//! Cells as spreadsheets copy them: a tab between two, a line a row, and quotation marks
//! around a cell that needs them.

/// The rows of a text. A cell that needs no quotation marks and has some is meant so, as
/// some programs copy it; where even the first cell has them they stand around everything.
pub(super) fn rows(text: &str) -> Vec<Vec<String>> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let all = text.trim_start().starts_with('"');
    let mut rows = vec![Vec::new()];
    let (mut rest, mut marks) = (text, true);
    loop {
        let found = if marks { quoted(rest) } else { Quoted::Not };
        marks = marks && !matches!(found, Quoted::Never);
        let (cell, after) = match found {
            Quoted::Whole(cell, after) if all || needs(&cell) => (cell, after),
            _ => {
                let end = rest.find(['\t', '\n']).unwrap_or(rest.len());
                (rest[..end].to_owned(), &rest[end..])
            }
        };
        if let Some(row) = rows.last_mut() {
            row.push(open(cell));
        }
        let mut signs = after.chars();
        match signs.next() {
            Some('\n') => rows.push(Vec::new()),
            Some(_) => {}
            None => break,
        }
        rest = signs.as_str();
    }
    rows
}

/// What a cell that begins with a quotation mark is.
enum Quoted<'a> {
    /// In quotation marks; what follows is a tab, the end of the row or nothing.
    Whole(String, &'a str),
    /// It begins with a quotation mark of its own.
    Not,
    /// The same, and where marks are used so none stands around a cell further on.
    Never,
}

/// So many marks in a cell that does not end are looked at, so that no text takes long.
const MARKS: usize = 100;

fn quoted(text: &str) -> Quoted<'_> {
    let Some(mut rest) = text.strip_prefix('"') else { return Quoted::Not };
    let (mut cell, mut marks) = (String::new(), 0);
    loop {
        let Some((before, after)) = rest.split_once('"') else { return Quoted::Never };
        cell.push_str(before);
        if let Some(more) = after.strip_prefix('"') {
            cell.push('"');
            (rest, marks) = (more, marks + 1);
        } else if after.is_empty() || after.starts_with(['\t', '\n']) {
            return Quoted::Whole(cell, after);
        } else {
            return if marks > MARKS { Quoted::Never } else { Quoted::Not };
        }
    }
}

/// Whether a cell must have quotation marks around it.
fn needs(cell: &str) -> bool {
    cell.contains(['\t', '\n', '"'])
}

/// A row as text.
pub(super) fn row<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(written).collect();
    let mut row = cells.join("\t");
    row.push('\n');
    row
}

fn written(cell: &str) -> String {
    let cell = guarded(cell);
    if needs(&cell) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

/// A cell with an apostrophe before what a spreadsheet would take for a formula, a date or
/// a number that it writes another way.
fn guarded(cell: &str) -> String {
    if is_taken_for_more(cell) { format!("'{cell}") } else { cell.to_owned() }
}

/// The same without it.
fn open(cell: String) -> String {
    match cell.strip_prefix('\'') {
        Some(rest) if is_taken_for_more(rest) => rest.to_owned(),
        _ => cell,
    }
}

fn is_taken_for_more(cell: &str) -> bool {
    let figures = |sign: char| sign.is_ascii_digit() || "+-./,:%eE ".contains(sign);
    let whole = cell.len() <= 15
        && cell.chars().all(|sign| sign.is_ascii_digit())
        && (cell == "0" || !cell.starts_with('0'));
    cell.starts_with(['=', '+', '-', '@', '\''])
        || cell.starts_with(|sign: char| sign.is_ascii_digit())
            && !whole
            && cell.chars().all(figures)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let cells = [
            "a",
            "",
            "he said \"hi\"",
            "\"quoted\"",
            "one\ntwo",
            "\"",
            "'",
            "''",
            "'01",
            "01",
            "1",
            "0",
            "1.5",
            "-x",
            "=1",
            "2026-01-02",
            "'tis",
            "tab\there",
            "\"a\" b",
            "\n",
        ];
        let text = row(cells) + &row(["x"]);
        assert_eq!(rows(&text)[..2], [cells.map(str::to_owned).to_vec(), vec!["x".to_owned()]]);
        assert_eq!(row(["01", "a"]), "'01\ta\n");
    }

    #[test]
    fn what_others_write_is_read() {
        // Copied out of LibreOffice 7.4, which turns line breaks into spaces.
        let text = "a\the said \"hi\"\t\"quoted\"\nline1 line2\tx y \"q\" z\ttab here\n\
            '01\t01\t\"Có\" nghĩa\na,b; c\t\tend\n";
        let read = rows(text);
        assert_eq!(read[0], ["a", "he said \"hi\"", "\"quoted\""]);
        assert_eq!(read[2], ["01", "01", "\"Có\" nghĩa"]);
        assert_eq!(read[3], ["a,b; c", "", "end"]);
        // Everything in quotation marks.
        assert_eq!(rows("\"a\"\t\"b\"\r\n\"c \"\"d\"\"\"\t\"\"")[1], ["c \"d\"", ""]);
        assert_eq!(rows("a\t\"open\nb"), [vec!["a", "\"open"], vec!["b"]]);
    }
}
