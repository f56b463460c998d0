//! Sheets of workbooks, as the rows of a CSV file.
//!
//! Rows are read and written one after another: what takes them decides how
//! much is held. A cell is written as the sheet shows it: days and times by
//! their format, numbers of more digits than a spreadsheet keeps in scientific
//! notation.

use std::io::{Read, Seek, Write};

use calamine::{DataRef, ExcelDateTime, Reader as _, Xlsx, XlsxError, open_workbook_from_rs};
use survey_builder::list::Unreadable;
use survey_builder::problem::phrase;

use super::shared_texts::claims_too_many;

/// Rows of whose cells the width of the others is taken: a title is narrow.
const LOOKED_AT: usize = 50;

/// The digits that a spreadsheet keeps of a number.
const KEPT_DIGITS: i32 = 15;

/// Which sheet was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// The sheet.
    pub sheet: String,
    /// All sheets of the workbook.
    pub sheets: Vec<String>,
}

/// The names of a workbook's sheets.
///
/// # Errors
///
/// What makes the workbook unreadable, and where.
pub fn sheet_names(workbook: impl Read + Seek) -> Result<Vec<String>, Unreadable> {
    Ok(opened(workbook)?.sheet_names())
}

/// Opens a workbook that claims nothing that it cannot hold.
fn opened<R: Read + Seek>(mut workbook: R) -> Result<Xlsx<R>, Unreadable> {
    if claims_too_many(&mut workbook)? {
        let reason = phrase("phrase-more-texts-than-it-holds");
        return Err(Unreadable::new(reason, "it claims more texts than it holds"));
    }
    open_workbook_from_rs(workbook).map_err(of_workbook)
}

/// What the library says of a workbook, in words of ours.
fn of_workbook(error: XlsxError) -> Unreadable {
    let detail = error.to_string();
    match error {
        XlsxError::Io(error) => error.into(),
        XlsxError::Password => Unreadable::new(phrase("phrase-file-behind-a-password"), detail),
        XlsxError::XmlEof(_) => Unreadable::cut(detail),
        XlsxError::FileNotFound(part) => {
            Unreadable::new(phrase("phrase-workbook-lacks-a-part").with("part", part), detail)
        }
        _ => Unreadable::damaged(detail),
    }
}

/// The same of one of its sheets.
fn of_sheet(error: XlsxError, sheet: &str) -> Unreadable {
    of_workbook(error).at(phrase("phrase-sheet-called").with("sheet", sheet))
}

/// A sheet's name and its first rows.
pub type SheetRows = (String, Vec<Vec<String>>);

/// Sheets that are looked at, and columns of each.
const GLIMPSED: (usize, usize) = (30, 12);

/// The first rows of each sheet of a workbook that has anything in it, by the sheet's
/// name; rows keep their numbers, and only the first columns are there.
///
/// # Errors
///
/// What makes the workbook unreadable, and where.
pub fn first_rows(workbook: impl Read + Seek, rows: usize) -> Result<Vec<SheetRows>, Unreadable> {
    let mut book = opened(workbook)?;
    let mut found = Vec::new();
    let (sheets, columns) = GLIMPSED;
    for sheet in book.sheet_names().into_iter().take(sheets) {
        // A sheet of charts has no cells to read.
        let Ok(mut cells) = book.worksheet_cells_reader(&sheet) else { continue };
        let mut first: Vec<Vec<String>> = Vec::new();
        while let Some(cell) = cells.next_cell().map_err(|error| of_sheet(error, &sheet))? {
            let (row, column) = cell.get_position();
            let (row, column) = (row as usize, column as usize);
            if row >= rows {
                break;
            }
            if column >= columns {
                continue;
            }
            first.resize(first.len().max(row + 1), Vec::new());
            let line = &mut first[row];
            line.resize(line.len().max(column + 1), String::new());
            line[column] = text_of(cell.get_value());
        }
        if first.iter().flatten().any(|cell| !cell.is_empty()) {
            found.push((sheet, first));
        }
    }
    Ok(found)
}

/// Writes a sheet of an XLSX workbook as CSV: the one of that name, or the first
/// with more than one row. Rows are as long as the longest of the first fifty.
/// `tell` learns which sheet it is before anything is written.
///
/// # Errors
///
/// What makes the workbook unreadable, and where.
pub fn xlsx_to_csv(
    workbook: impl Read + Seek,
    sheet: Option<&str>,
    tell: impl FnOnce(Taken),
    output: impl Write,
) -> Result<(), Unreadable> {
    let mut book = opened(workbook)?;
    let sheets = book.sheet_names();
    let sheet = match sheet {
        Some(sheet) => sheet.to_owned(),
        None => first_table(&mut book, &sheets)?
            .ok_or_else(|| Unreadable::new(phrase("phrase-workbook-without-sheets"), "no sheet"))?,
    };
    tell(Taken { sheet: sheet.clone(), sheets });
    let told = |error| of_sheet(error, &sheet);
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(told)?;
    let writer = csv::WriterBuilder::new().flexible(true).from_writer(output);
    let mut rows = Rows { writer, beginning: Vec::new(), width: None };
    let mut row: Vec<String> = Vec::new();
    let mut number: Option<u32> = None;
    while let Some(cell) = cells.next_cell().map_err(told)? {
        let (at, column) = cell.get_position();
        if let Some(before) = number.filter(|number| *number != at) {
            rows.push(std::mem::take(&mut row))?;
            // Rows keep their numbers.
            for _ in before + 1..at {
                rows.push(Vec::new())?;
            }
        }
        number = Some(at);
        let column = column as usize;
        if row.len() <= column {
            row.resize(column + 1, String::new());
        }
        row[column] = text_of(cell.get_value());
    }
    if number.is_some() {
        rows.push(row)?;
    }
    rows.finish()
}

/// The first sheet with more than one row; else the first.
fn first_table(
    book: &mut Xlsx<impl Read + Seek>,
    sheets: &[String],
) -> Result<Option<String>, Unreadable> {
    for sheet in sheets.iter().filter(|_| sheets.len() > 1) {
        let told = |error| of_sheet(error, sheet);
        // A sheet of charts has no cells to read.
        let Ok(mut cells) = book.worksheet_cells_reader(sheet) else { continue };
        let mut first = None;
        while let Some(cell) = cells.next_cell().map_err(told)? {
            let (row, _) = cell.get_position();
            if *first.get_or_insert(row) != row && !matches!(cell.get_value(), DataRef::Empty) {
                return Ok(Some(sheet.clone()));
            }
        }
    }
    Ok(sheets.first().cloned())
}

/// Rows on their way out.
struct Rows<O: Write> {
    writer: csv::Writer<O>,
    /// The first rows, until the width is known.
    beginning: Vec<Vec<String>>,
    width: Option<usize>,
}

impl<O: Write> Rows<O> {
    fn push(&mut self, mut row: Vec<String>) -> Result<(), Unreadable> {
        while row.last().is_some_and(String::is_empty) {
            row.pop();
        }
        if let Some(width) = self.width {
            return self.write(row, width);
        }
        self.beginning.push(row);
        if self.beginning.len() == LOOKED_AT { self.begin() } else { Ok(()) }
    }

    fn begin(&mut self) -> Result<(), Unreadable> {
        let width = self.beginning.iter().map(Vec::len).max().unwrap_or(0).max(1);
        self.width = Some(width);
        std::mem::take(&mut self.beginning).into_iter().try_for_each(|row| self.write(row, width))
    }

    fn write(&mut self, mut row: Vec<String>, width: usize) -> Result<(), Unreadable> {
        if row.len() < width {
            row.resize(width, String::new());
        }
        Ok(self.writer.write_record(row.iter())?)
    }

    fn finish(mut self) -> Result<(), Unreadable> {
        if self.width.is_none() && self.beginning.iter().any(|row| !row.is_empty()) {
            self.begin()?;
        }
        Ok(self.writer.flush()?)
    }
}

fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Float(number) => number_text(*number),
        DataRef::Int(number) => number.to_string(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(moment) => moment_text(moment),
        other => calamine::Data::from(other.clone()).to_string(),
    }
}

/// A number as the sheet shows it: a whole one without a point. One of more
/// digits than a spreadsheet keeps is written like the id it cannot be, `3.82E+16`;
/// a decimal of three digits, which as text might be thousands, has a zero more.
fn number_text(number: f64) -> String {
    let size = number.abs();
    if size >= 1e15 && number.fract() == 0.0 {
        #[expect(clippy::cast_possible_truncation, reason = "at most 308")]
        let digits = size.log10().floor() as i32 + 1;
        let is_rounded =
            size > 9_007_199_254_740_992.0 || size % 10_f64.powi(digits - KEPT_DIGITS) == 0.0;
        if is_rounded {
            return format!("{number:E}").replacen('E', "E+", 1);
        }
    }
    let mut text = number.to_string();
    if text.split_once('.').is_some_and(|(_, decimals)| decimals.len() == 3) {
        text.push('0');
    }
    text
}

/// A day as 2026-12-31, a moment as 2026-12-31T23:59:59, a time of day as 23:59:59,
/// a time that may be longer than a day as 27:30:00.
fn moment_text(moment: &ExcelDateTime) -> String {
    let days = moment.as_f64();
    if moment.is_duration() {
        let seconds = (days.abs() * 86_400.0).round();
        let sign = if days < 0.0 { "-" } else { "" };
        let (hours, minutes) = ((seconds / 3_600.0).floor(), (seconds / 60.0).floor() % 60.0);
        return format!("{sign}{hours}:{minutes:02}:{:02}", seconds % 60.0);
    }
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    let mut time = format!("{hour:02}:{minute:02}:{second:02}");
    if milli > 0 {
        time += &format!(".{milli:03}");
    }
    if (0.0..1.0).contains(&days) {
        time
    } else if (hour, minute, second, milli) == (0, 0, 0, 0) {
        date
    } else {
        format!("{date}T{time}")
    }
}

#[cfg(test)]
mod tests {
    use rust_xlsxwriter::{ExcelDateTime as Written, Format, Workbook};

    use super::*;

    fn read(book: &mut Workbook, sheet: Option<&str>) -> (String, String) {
        let bytes = book.save_to_buffer().expect("a workbook");
        let (mut csv, mut taken) = (Vec::new(), String::new());
        xlsx_to_csv(std::io::Cursor::new(bytes), sheet, |found| taken = found.sheet, &mut csv)
            .expect("read");
        (String::from_utf8(csv).expect("UTF-8"), taken)
    }

    #[test]
    fn a_sheet_is_read_as_rows() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (column, name) in (0_u16..).zip(["id", "area", "size"]) {
            sheet.write(0, column, name).expect("a cell");
        }
        sheet.write(1, 0, 12.0).expect("a cell");
        sheet.write(1, 1, "Hà Nội, \"cũ\"").expect("a cell");
        sheet.write(1, 2, 3.5).expect("a cell");
        sheet.write(3, 0, "b").expect("a cell");
        let (text, _) = read(&mut book, None);
        assert_eq!(text, "id,area,size\n12,\"Hà Nội, \"\"cũ\"\"\",3.5\n,,\nb,,\n");
        let nowhere = xlsx_to_csv(std::io::Cursor::new(b"no workbook"), None, |_| {}, Vec::new());
        assert!(nowhere.is_err());
    }

    #[test]
    fn the_sheet_with_rows_is_taken_or_the_one_asked_for() {
        let mut book = Workbook::new();
        book.add_worksheet().set_name("Bìa").expect("a name").write(0, 0, "Danh sách").expect("x");
        let sheet = book.add_worksheet().set_name("Data").expect("a name");
        sheet.write(0, 0, "id").expect("a cell");
        sheet.write(1, 0, 7).expect("a cell");
        assert_eq!(read(&mut book, None), ("id\n7\n".to_owned(), "Data".to_owned()));
        assert_eq!(read(&mut book, Some("Bìa")).0, "Danh sách\n");
        let bytes = book.save_to_buffer().expect("a workbook");
        assert_eq!(sheet_names(std::io::Cursor::new(bytes)).expect("names"), ["Bìa", "Data"]);
    }

    #[test]
    fn cells_are_written_as_the_sheet_shows_them() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        let moment = |text: &str| Written::parse_from_str(text).expect("a moment");
        let cells = [
            ("1980-01-01", "yyyy-mm-dd"),
            ("2026-12-31 23:59:59", "dd/mm/yyyy hh:mm"),
            ("08:30:00", "hh:mm"),
        ];
        for (column, (text, format)) in (0_u16..).zip(cells) {
            let format = Format::new().set_num_format(format);
            sheet.write_datetime_with_format(0, column, moment(text), &format).expect("a cell");
        }
        let hours = Format::new().set_num_format("[h]:mm:ss");
        sheet.write_number_with_format(0, 3, 27.5 / 24.0, &hours).expect("a cell");
        let shown = read(&mut book, None).0;
        assert_eq!(shown, "1980-01-01,2026-12-31T23:59:59,08:30:00,27:30:00\n");
    }

    #[test]
    fn numbers_that_lost_their_digits_look_so() {
        assert_eq!(number_text(38_203_400_112_345_680.0), "3.820340011234568E+16");
        assert_eq!(number_text(1_234_567_890_123_450.0), "1.23456789012345E+15");
        assert_eq!(number_text(1_234_567_890_123_456.0), "1234567890123456");
        assert_eq!((number_text(12.0), number_text(3.5)), ("12".to_owned(), "3.5".to_owned()));
        assert_eq!(
            (number_text(3.407), number_text(-0.125)),
            ("3.4070".to_owned(), "-0.1250".to_owned())
        );
        assert_eq!(number_text(1e300), "1E+300");
    }
}
