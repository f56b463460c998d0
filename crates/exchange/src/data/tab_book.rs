//! The tab book: tables as a workbook that one reads, prints and computes with.
//!
//! A sheet of contents with links, and a sheet of all tables under one frozen
//! banner. Figures are numbers, not texts; a star or a dagger is part of their
//! format. Nothing that the rules hide is in the file.

use analysis::Table;
use analysis::estimate::presentation::Presentation;
use analysis::tabulate::{Block, BlockKind, Cell};
use chrono::{Datelike, NaiveDate};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Url, Workbook, Worksheet,
    XlsxError,
};

use crate::Error;
use crate::words::Words;

/// What a tab book is made of.
#[derive(Clone, Copy, Debug)]
pub struct TabBook<'a> {
    /// Its title.
    pub title: &'a str,
    /// How the figures were made: method, weighting, source; one a line.
    pub notes: &'a [String],
    /// What nobody may miss, under the title and over the tables; may be empty.
    pub mark: &'a str,
    /// The tables, one block a question.
    pub table: &'a Table,
    /// Whom the figures of each block are about, in words; what is empty or not
    /// there is told by the default words.
    pub bases: &'a [String],
    /// The words, in the reader's language.
    pub words: &'a Words,
    /// The day written into the file as that of its making.
    pub made_on: NaiveDate,
}

/// The longest text that a cell takes, in characters, with a margin.
const TEXT_LIMIT: usize = 30_000;

/// Writes a tab book.
///
/// # Errors
///
/// [`Error::Workbook`] where the file format cannot hold it (more than 16,384
/// columns or 1,048,576 rows).
pub fn tab_book(book: &TabBook<'_>) -> Result<Vec<u8>, Error> {
    write(book).map_err(|error| Error::Workbook(error.to_string()))
}

fn write(book: &TabBook<'_>) -> Result<Vec<u8>, XlsxError> {
    let table = book.table.published();
    let formats = Formats::new();
    let mut tables = Worksheet::new();
    let name = sheet_name(&book.words.tables, "Tables");
    tables.set_name(&name)?;
    let mut writer = Writer { book, table: &table, formats: &formats, sheet: &mut tables, row: 0 };
    writer.banner()?;
    let mut starts = Vec::with_capacity(table.blocks.len());
    for (place, block) in table.blocks.iter().enumerate() {
        starts.push(writer.row);
        writer.block(block, book.bases.get(place))?;
    }
    writer.notes()?;
    writer.layout()?;

    let mut workbook = Workbook::new();
    let day = book.made_on;
    let year = u16::try_from(day.year().clamp(1900, 9999)).unwrap_or(1900);
    let made_on = ExcelDateTime::from_ymd(year, narrow(day.month()), narrow(day.day()))?;
    let properties =
        DocProperties::new().set_title(shortened(book.title)).set_creation_datetime(&made_on);
    workbook.set_properties(&properties);
    workbook.push_worksheet(contents(book, &table, &formats, &name, &starts)?);
    workbook.push_worksheet(tables);
    workbook.save_to_buffer()
}

fn narrow(number: u32) -> u8 {
    u8::try_from(number).unwrap_or(1)
}

/// The widths of the columns that hold words, in characters of the usual size.
const LABELS: f64 = 48.0;
const WIDE: f64 = 90.0;
/// Sizes of letters, in points.
const USUAL: f64 = 11.0;
const SMALL: f64 = 9.0;

/// Makes a row as high as a wrapped text needs: not every program does so
/// itself when it opens a file.
fn fit_height(
    sheet: &mut Worksheet,
    row: u32,
    text: &str,
    width: f64,
    size: f64,
) -> Result<(), XlsxError> {
    // Nine tenths, because words do not break.
    let a_line = 0.9 * width * USUAL / size;
    #[expect(clippy::cast_precision_loss, reason = "at most some thousand")]
    let lines = (text.chars().count() as f64 / a_line).ceil();
    if lines > 1.0 {
        sheet.set_row_height(row, lines * size * 1.4)?;
    }
    Ok(())
}

/// A name that a sheet may have.
fn sheet_name(wanted: &str, otherwise: &str) -> String {
    let name: String =
        wanted.chars().filter(|character| !"[]:*?/\\'".contains(*character)).take(31).collect();
    if name.trim().is_empty() { otherwise.to_owned() } else { name }
}

fn shortened(text: &str) -> String {
    text.chars().take(TEXT_LIMIT).collect()
}

struct Formats {
    title: Format,
    heading: Format,
    banner: Format,
    label: Format,
    small: Format,
    small_right: Format,
    count: Format,
    hidden: Format,
    note: Format,
    link: Format,
    mark: Format,
}

impl Formats {
    fn new() -> Self {
        let grey = 0x59_59_59;
        let small = Format::new().set_font_size(9).set_font_color(grey);
        Self {
            title: Format::new().set_bold().set_font_size(16),
            heading: Format::new()
                .set_bold()
                .set_text_wrap()
                .set_align(FormatAlign::Top)
                .set_border_top(FormatBorder::Thin),
            banner: Format::new()
                .set_bold()
                .set_text_wrap()
                .set_align(FormatAlign::Center)
                .set_align(FormatAlign::Bottom)
                .set_border_bottom(FormatBorder::Thin),
            label: Format::new().set_text_wrap().set_align(FormatAlign::Top),
            small: small.clone().set_text_wrap().set_indent(1),
            small_right: small.clone().set_align(FormatAlign::Right),
            count: small.clone().set_num_format("#,##0").set_align(FormatAlign::Right),
            hidden: Format::new().set_align(FormatAlign::Right),
            note: small.set_text_wrap(),
            link: Format::new().set_hyperlink(),
            mark: Format::new().set_bold().set_text_wrap(),
        }
    }

    /// The format of a figure: its decimals, and the marks it carries.
    fn figure(kind: BlockKind, cell: &Cell) -> Format {
        let digits = match kind {
            BlockKind::Mean => "0.00",
            BlockKind::Shares | BlockKind::Options => "0.0%",
        };
        let star = if cell.reliability.presentation == Presentation::Review { "\"*\"" } else { "" };
        let dagger = if cell.reliability.footnote_complement { "\"†\"" } else { "" };
        Format::new()
            .set_num_format(format!("{digits}{star}{dagger}"))
            .set_align(FormatAlign::Right)
    }
}

fn contents(
    book: &TabBook<'_>,
    table: &Table,
    formats: &Formats,
    tables: &str,
    starts: &[u32],
) -> Result<Worksheet, XlsxError> {
    let mut sheet = Worksheet::new();
    let own = sheet_name(&book.words.contents, "Contents");
    sheet.set_name(if own == tables { "0".to_owned() } else { own })?;
    sheet.set_column_width(0, WIDE)?;
    sheet.write_with_format(0, 0, shortened(book.title), &formats.title)?;
    sheet.write_with_format(1, 0, shortened(book.mark), &formats.mark)?;
    fit_height(&mut sheet, 1, book.mark, WIDE, USUAL)?;
    let mut row = 2;
    for (block, start) in table.blocks.iter().zip(starts) {
        let label = if block.label.is_empty() { &block.name } else { &block.label };
        // A link's text has a limit of its own.
        let text: String = label.chars().take(200).collect();
        let target = format!("internal:'{tables}'!A{}", start + 1);
        sheet.write_url_with_format(row, 0, Url::new(target).set_text(text), &formats.link)?;
        row += 1;
    }
    row += 1;
    for note in book.notes {
        sheet.write_with_format(row, 0, shortened(note), &formats.note)?;
        fit_height(&mut sheet, row, note, WIDE, SMALL)?;
        row += 1;
    }
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    Ok(sheet)
}

struct Writer<'a> {
    book: &'a TabBook<'a>,
    table: &'a Table,
    formats: &'a Formats,
    sheet: &'a mut Worksheet,
    row: u32,
}

impl Writer<'_> {
    /// The two rows of heads that stay in sight: banner variables over columns.
    fn banner(&mut self) -> Result<(), XlsxError> {
        let banner = &self.formats.banner;
        self.sheet.write_with_format(0, 0, "", banner)?;
        self.sheet.write_with_format(1, 0, shortened(&self.book.words.answer), banner)?;
        let columns = &self.table.columns;
        let mut place = 0;
        while place < columns.len() {
            let variable = &columns[place].variable;
            let same =
                columns[place..].iter().take_while(|head| head.variable == *variable).count();
            let (first, last) = (column(place), column(place + same - 1));
            let label = shortened(&columns[place].variable_label);
            if same > 1 {
                self.sheet.merge_range(0, first, 0, last, &label, banner)?;
            } else {
                self.sheet.write_with_format(0, first, &label, banner)?;
            }
            for (offset, head) in columns[place..place + same].iter().enumerate() {
                let text = shortened(&head.label);
                self.sheet.write_with_format(1, column(place + offset), text, banner)?;
            }
            place += same;
        }
        // Under the heads, over the first table.
        self.sheet.write_with_format(2, 0, shortened(self.book.mark), &self.formats.mark)?;
        fit_height(self.sheet, 2, self.book.mark, LABELS, USUAL)?;
        self.row = 3;
        Ok(())
    }

    fn block(&mut self, block: &Block, base: Option<&String>) -> Result<(), XlsxError> {
        let words = self.book.words;
        let heading = if block.label.is_empty() { &block.name } else { &block.label };
        let heading_format = &self.formats.heading;
        self.sheet.write_with_format(self.row, 0, shortened(heading), heading_format)?;
        fit_height(self.sheet, self.row, heading, LABELS, USUAL)?;
        for place in 0..self.table.columns.len() {
            self.sheet.write_blank(self.row, column(place), heading_format)?;
        }
        self.row += 1;
        let base = base.filter(|base| !base.is_empty()).unwrap_or(&words.base_default);
        let base = format!("{}: {base}", words.base);
        self.sheet.write_with_format(self.row, 0, shortened(&base), &self.formats.small)?;
        fit_height(self.sheet, self.row, &base, LABELS, SMALL)?;
        self.row += 1;
        for row in &block.rows {
            let label = match block.kind {
                BlockKind::Mean => &words.mean,
                BlockKind::Shares | BlockKind::Options => &row.label,
            };
            self.sheet.write_with_format(self.row, 0, shortened(label), &self.formats.label)?;
            fit_height(self.sheet, self.row, label, LABELS, USUAL)?;
            self.sheet.write_with_format(self.row + 1, 0, &words.interval, &self.formats.small)?;
            for (place, cell) in row.cells.iter().enumerate() {
                self.cell(block.kind, place, cell)?;
            }
            self.row += 2;
        }
        self.bases(block)?;
        self.row += 1;
        Ok(())
    }

    fn cell(&mut self, kind: BlockKind, place: usize, cell: &Cell) -> Result<(), XlsxError> {
        let at = column(place);
        let Some(value) = cell.value.filter(|value| value.is_finite()) else {
            let hidden = self.book.words.hidden.as_str();
            self.sheet.write_with_format(self.row, at, hidden, &self.formats.hidden)?;
            return Ok(());
        };
        self.sheet.write_with_format(self.row, at, value, &Formats::figure(kind, cell))?;
        if let Some(interval) = cell.interval {
            let digits = |limit: f64| match kind {
                BlockKind::Mean => format!("{limit:.2}"),
                BlockKind::Shares | BlockKind::Options => format!("{:.1}", limit * 100.0),
            };
            let text = format!("{}–{}", digits(interval.lower), digits(interval.upper));
            let text = text.replace('.', &self.book.words.decimal_sign.to_string());
            let format = &self.formats.small_right;
            self.sheet.write_with_format(self.row + 1, at, text, format)?;
        }
        Ok(())
    }

    fn bases(&mut self, block: &Block) -> Result<(), XlsxError> {
        let words = self.book.words;
        let small = &self.formats.small;
        self.sheet.write_with_format(self.row, 0, &words.unweighted, small)?;
        self.sheet.write_with_format(self.row + 1, 0, &words.effective, small)?;
        for (place, base) in block.bases.iter().enumerate() {
            let at = column(place);
            #[expect(clippy::cast_precision_loss, reason = "rows are far below 2^53")]
            let rows = base.rows as f64;
            self.sheet.write_with_format(self.row, at, rows, &self.formats.count)?;
            if base.effective_rows.is_finite() {
                let effective = base.effective_rows;
                self.sheet.write_with_format(self.row + 1, at, effective, &self.formats.count)?;
            }
        }
        self.row += 2;
        Ok(())
    }

    /// What the signs mean and how the figures were made, under the last table.
    fn notes(&mut self) -> Result<(), XlsxError> {
        let words = self.book.words;
        let cells =
            || self.table.blocks.iter().flat_map(|block| &block.rows).flat_map(|row| &row.cells);
        let shown = |cell: &&Cell| cell.value.is_some();
        let mut lines: Vec<&str> = Vec::new();
        if cells().filter(shown).any(|cell| cell.reliability.presentation == Presentation::Review) {
            lines.push(&words.note_review);
        }
        if cells().any(|cell| cell.value.is_none()) {
            lines.push(&words.note_hidden);
        }
        if cells().filter(shown).any(|cell| cell.reliability.footnote_complement) {
            lines.push(&words.note_complement);
        }
        lines.extend(self.book.notes.iter().map(String::as_str));
        if lines.is_empty() {
            return Ok(());
        }
        self.sheet.write_with_format(self.row, 0, &words.notes, &self.formats.heading)?;
        for line in lines {
            self.row += 1;
            self.sheet.write_with_format(self.row, 0, shortened(line), &self.formats.note)?;
            fit_height(self.sheet, self.row, line, LABELS, SMALL)?;
        }
        Ok(())
    }

    fn layout(&mut self) -> Result<(), XlsxError> {
        self.sheet.set_column_width(0, LABELS)?;
        for place in 0..self.table.columns.len() {
            self.sheet.set_column_width(column(place), 13)?;
        }
        self.sheet.set_freeze_panes(2, 1)?;
        // A4 on its side, as wide as the page, the heads on every page.
        self.sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
        self.sheet.set_repeat_rows(0, 1)?;
        Ok(())
    }
}

/// The sheet's column of a table's column: after that of the labels.
fn column(place: usize) -> u16 {
    u16::try_from(place + 1).unwrap_or(u16::MAX)
}
