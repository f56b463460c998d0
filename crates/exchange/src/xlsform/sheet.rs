//! The sheets of a form as rows of text, whatever file they came in.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::io::Cursor;

use calamine::{Data, Reader, Sheets, XlsxError, open_workbook_auto_from_rs};

use survey_builder::problem::{Argument, phrase};

use super::problem::{Detail, Problem, Problems};
use super::{biff, ods};
use crate::data::shared_texts::claims_too_many;
use crate::data::sheet_sizes::without_sizes;
use crate::draft::Broken;

/// The three sheets of a form.
#[derive(Debug, Default)]
pub(super) struct Workbook {
    pub survey: Sheet,
    pub choices: Sheet,
    pub external: Sheet,
    pub settings: Sheet,
    /// Sheets of forms that are kept as remarks, with their names.
    pub aside: Vec<(&'static str, Sheet)>,
    /// All other sheets, and what stands far below the others' last row.
    pub others: Vec<(String, Grid)>,
    /// What was doubtful on the way.
    pub problems: Problems,
}

/// One sheet: named columns and rows.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// The headings as they were written.
    pub headings: Vec<String>,
    /// The headings in one spelling, see [`canonical`].
    pub columns: Vec<String>,
    pub rows: Vec<Row>,
}

/// One row that is not blank.
#[derive(Debug)]
pub(super) struct Row {
    /// As the spreadsheet counts it.
    pub number: u32,
    cells: Vec<String>,
    /// Which cells a reader was given: what none asks for is told in the end.
    handed_out: Vec<Cell<bool>>,
}

impl Row {
    pub(super) fn new(number: u32, cells: Vec<String>) -> Self {
        let handed_out = vec![Cell::new(false); cells.len()];
        Self { number, cells, handed_out }
    }

    /// The cell at a place, trimmed. Whoever asks for it carries it over, or
    /// tells that it is not.
    pub(super) fn at(&self, place: usize) -> &str {
        if let Some(handed_out) = self.handed_out.get(place) {
            handed_out.set(true);
        }
        self.peek(place)
    }

    /// The same only to look at: nothing is carried over so.
    pub(super) fn peek(&self, place: usize) -> &str {
        self.cells.get(place).map_or("", |cell| cell.trim())
    }

    /// All cells, to be kept as they are.
    pub(super) fn whole(&self) -> String {
        self.handed_out.iter().for_each(|one| one.set(true));
        self.cells.join(" | ")
    }

    /// The places of filled cells that no reader was given.
    pub(super) fn left(&self) -> impl Iterator<Item = usize> {
        let unread = self.handed_out.iter().enumerate().filter(|(_, one)| !one.get());
        unread.map(|(place, _)| place).filter(|place| !self.peek(*place).is_empty())
    }
}

impl Sheet {
    /// The cell of a row in the column of that (canonical) name, trimmed.
    pub(super) fn cell<'r>(&self, row: &'r Row, column: &str) -> &'r str {
        self.columns.iter().position(|name| name == column).map_or("", |place| row.at(place))
    }

    /// The same only to look at: nothing is carried over so.
    pub(super) fn peek<'r>(&self, row: &'r Row, column: &str) -> &'r str {
        let place = self.columns.iter().position(|name| name == column);
        place.map_or("", |place| row.peek(place))
    }

    pub(super) fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|name| name == column)
    }

    /// The translations of a column: place and language as written, empty for
    /// the column without one.
    pub(super) fn translations(&self, column: &str) -> Vec<(usize, &str)> {
        self.columns
            .iter()
            .enumerate()
            .filter_map(|(place, name)| {
                let (base, language) = name.split_once("::").unwrap_or((name, ""));
                (base == column).then_some((place, language))
            })
            .collect()
    }
}

/// A heading in one spelling: lower case before the language, `_` for spaces,
/// other names replaced; the language keeps its spelling.
fn canonical(sheet: &str, heading: &str) -> String {
    let heading = heading.trim().trim_start_matches('\u{feff}');
    let mut parts: Vec<String> = if heading.contains("::") {
        heading.split("::").map(|part| part.trim().to_owned()).collect()
    } else {
        // One colon is older spelling; that of `jr:count` belongs to the name.
        heading.split(':').map(|part| part.trim().to_owned()).collect()
    };
    if let Some(place) = parts.iter().position(|part| part == "jr" || part == "odk")
        && place + 1 < parts.len()
    {
        let name = parts.remove(place + 1);
        parts[place] = format!("{}:{name}", parts[place]);
    }
    let spelled = |part: &str| part.to_lowercase().replace([' ', '-'], "_");
    let mut parts = parts.into_iter();
    let mut base = spelled(&parts.next().unwrap_or_default());
    let mut language = parts.next();
    if ["bind", "control", "body", "media", "instance"].contains(&base.as_str()) {
        let inner = spelled(&language.take().unwrap_or_default());
        base = if one_name(sheet, &inner) == inner && !KNOWN_INSIDE.contains(&inner.as_str()) {
            format!("{base}::{inner}")
        } else {
            inner
        };
        language = parts.next();
    }
    let base = one_name(sheet, &base);
    match language.filter(|language| !language.is_empty()) {
        Some(language) => format!("{base}::{language}"),
        None => base.to_owned(),
    }
}

/// Columns that may also be written as part of `bind`, `control` or `media`.
const KNOWN_INSIDE: [&str; 11] = [
    "relevant",
    "required",
    "constraint",
    "readonly",
    "calculate",
    "appearance",
    "autoplay",
    "image",
    "big_image",
    "audio",
    "video",
];

fn one_name<'b>(sheet: &str, base: &'b str) -> &'b str {
    match (sheet, base) {
        (_, "caption") => "label",
        ("survey", "relevance") => "relevant",
        ("survey", "calculate" | "calculations") => "calculation",
        ("survey", "read_only") => "readonly",
        ("survey", "command") => "type",
        ("survey", "repeatcount" | "count" | "jr:count") => "repeat_count",
        (
            "survey",
            "constraintmsg" | "constraint_msg" | "constraining_message" | "jr:constraintmsg",
        ) => "constraint_message",
        ("survey", "requiredmsg" | "required_msg" | "jr:requiredmsg") => "required_message",
        ("choices", "list") => "list_name",
        ("survey", "tag") | ("choices", "value") => "name",
        ("settings", "title" | "set_form_title") => "form_title",
        ("settings", "id_string" | "set_form_id") => "form_id",
        _ => base,
    }
}

impl Workbook {
    /// Reads sheets from CSV.
    pub(super) fn from_csv(
        survey: &[u8],
        choices: Option<&[u8]>,
        settings: Option<&[u8]>,
    ) -> Result<Self, Vec<Problem>> {
        let mut problems = Problems::default();
        let mut read = |name, bytes: Option<&[u8]>| {
            bytes.map(|bytes| csv_grid(name, bytes, &mut problems)).unwrap_or_default()
        };
        let grids = [
            ("survey", Some(read("survey", Some(survey)))),
            ("choices", Some(read("choices", choices))),
            ("settings", Some(read("settings", settings))),
        ];
        Self::from_grids(grids.into_iter().collect(), Vec::new(), problems)
    }

    /// Reads the sheets of a spreadsheet file.
    pub(super) fn from_spreadsheet(bytes: &[u8]) -> Result<Self, Vec<Problem>> {
        let unreadable = |reason: Argument| {
            let mut problems = Problems::default();
            problems.add("", None, "", Detail::XlsformUnreadable { reason });
            problems.0
        };
        // The reader of older workbooks indexes damaged ones out of bounds: it
        // works on a thread of its own, which may end.
        let read = std::thread::scope(|scope| {
            let reader = std::thread::Builder::new().name(super::READER_THREAD.to_owned());
            reader
                .spawn_scoped(scope, || spreadsheet_grids(bytes))
                .map(std::thread::ScopedJoinHandle::join)
        });
        let (grids, others) = match read {
            Ok(Ok(grids)) => grids.map_err(unreadable)?,
            _ => return Err(unreadable(phrase("phrase-file-is-damaged").into())),
        };
        Self::from_grids(grids, others, Problems::default())
    }

    /// Reads one CSV: the survey sheet alone, or all sheets.
    pub(super) fn from_single_csv(bytes: &[u8]) -> Result<Self, Vec<Problem>> {
        let mut problems = Problems::default();
        let grid = csv_grid("survey", bytes, &mut problems);
        let first = grid.first().and_then(|(_, cells)| cells.first());
        let first = first.map_or("", |cell| cell.trim().trim_start_matches('\u{feff}'));
        if SHEETS.into_iter().any(|name| name.eq_ignore_ascii_case(first)) {
            return Self::from_lines(grid, problems);
        }
        Self::from_grids(BTreeMap::from([("survey", Some(grid))]), Vec::new(), problems)
    }

    /// Reads the sheets of a file of lines: one CSV that holds all sheets, or
    /// Markdown tables. A line with a first cell begins the sheet of that name.
    pub(super) fn from_lines(lines: Grid, problems: Problems) -> Result<Self, Vec<Problem>> {
        let mut sheets: Vec<(String, Grid)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut current = None;
        for (number, cells) in lines {
            let first = cells.first().map_or("", |cell| cell.trim());
            if !first.is_empty() || current.is_none() {
                let key = first.to_lowercase();
                let place = *places.entry(key).or_insert(sheets.len());
                if place == sheets.len() {
                    sheets.push((first.to_owned(), Grid::new()));
                }
                current = Some(place);
            }
            // The headings may stand beside the name.
            let is_filled = cells.iter().skip(1).any(|cell| !cell.trim().is_empty());
            if let Some(place) = current.filter(|_| is_filled || first.is_empty()) {
                sheets[place].1.push((number, cells.into_iter().skip(1).collect()));
            }
        }
        let mut grids: BTreeMap<&'static str, Option<Grid>> = BTreeMap::new();
        let mut others = Vec::new();
        for (name, grid) in sheets {
            match SHEETS.into_iter().find(|known| known.eq_ignore_ascii_case(&name)) {
                Some(known) => {
                    grids.insert(known, Some(grid));
                }
                None => others.push((name, grid)),
            }
        }
        grids.entry("survey").or_insert(None);
        Self::from_grids(grids, others, problems)
    }

    /// Reads the sheets of a JSON object: each a list of rows.
    pub(super) fn from_json(value: &serde_json::Value) -> Result<Self, Vec<Problem>> {
        let mut grids: BTreeMap<&'static str, Option<Grid>> = BTreeMap::new();
        for name in SHEETS {
            let rows = match value.get(name) {
                Some(serde_json::Value::Array(rows)) => rows.clone(),
                Some(object @ serde_json::Value::Object(_)) => vec![object.clone()],
                _ => Vec::new(),
            };
            let mut headings: Vec<String> = Vec::new();
            let mut grid = Grid::new();
            for (number, row) in (2..).zip(&rows) {
                let mut cells = vec![String::new(); headings.len()];
                let mut put = |heading: String, value: &serde_json::Value| {
                    let cell = match value {
                        serde_json::Value::String(text) => text.clone(),
                        serde_json::Value::Null => String::new(),
                        other => other.to_string(),
                    };
                    match headings.iter().position(|known| *known == heading) {
                        Some(place) => cells[place] = cell,
                        None => {
                            headings.push(heading);
                            cells.push(cell);
                        }
                    }
                };
                for (heading, value) in row.as_object().into_iter().flatten() {
                    match value {
                        serde_json::Value::Object(languages) => {
                            for (language, value) in languages {
                                put(format!("{heading}::{language}"), value);
                            }
                        }
                        value => put(heading.clone(), value),
                    }
                }
                grid.push((number, cells));
            }
            grid.insert(0, (1, headings));
            grids.insert(name, Some(grid));
        }
        let further = value.as_object().into_iter().flatten();
        let further = further.filter(|(name, _)| !SHEETS.contains(&name.as_str()));
        let others =
            further.map(|(name, value)| (name.clone(), vec![(1, vec![value.to_string()])]));
        Self::from_grids(grids, others.collect(), Problems::default())
    }

    /// The sheets of rows that are in memory already.
    pub(super) fn of_grids(
        grids: BTreeMap<&'static str, Option<Grid>>,
    ) -> Result<Self, Vec<Problem>> {
        Self::from_grids(grids, Vec::new(), Problems::default())
    }

    fn from_grids(
        mut grids: BTreeMap<&'static str, Option<Grid>>,
        mut others: Vec<(String, Grid)>,
        mut problems: Problems,
    ) -> Result<Self, Vec<Problem>> {
        if grids.get("survey").is_some_and(Option::is_none) {
            let sheet = "survey".to_owned();
            problems.add("", None, "", Detail::XlsformSheetMissing { sheet });
        }
        let mut sheet = |name: &'static str| {
            let mut grid = grids.remove(name).flatten().unwrap_or_default();
            let forgotten = far_below(&mut grid);
            others.push((name.to_owned(), forgotten));
            let name = if name == "external_choices" { "choices" } else { name };
            Sheet::from_grid(name, grid, &mut problems)
        };
        let (survey, choices, external, settings) =
            (sheet("survey"), sheet("choices"), sheet("external_choices"), sheet("settings"));
        let aside = ASIDE.into_iter().map(|name| (name, sheet(name)));
        let aside = aside.filter(|(_, sheet)| !sheet.rows.is_empty()).collect();
        others.retain(|(_, grid)| grid.iter().any(|(_, cells)| is_filled(cells)));
        let refused = problems.0.iter().any(|problem| problem.severity() == super::Severity::Error);
        if !refused && survey.columns.is_empty() {
            problems.add("survey", None, "", Detail::XlsformSheetEmpty);
            return Err(problems.0);
        }
        if refused {
            Err(problems.0)
        } else {
            Ok(Self { survey, choices, external, settings, aside, others, problems })
        }
    }
}

/// The sheets that are read.
pub(super) const SHEETS: [&str; 6] =
    ["survey", "choices", "external_choices", "settings", "entities", "osm"];

/// Those of them that have no place in a document.
const ASIDE: [&str; 2] = ["entities", "osm"];

/// After so many blank rows nothing of a sheet is read as a form any more: what stands
/// further down was forgotten there.
const BLANK_ROWS: u32 = 60;

/// What stands further right is put into the last of these columns.
const MOST_COLUMNS: usize = 1_024;

/// The most cells of a sheet, blank ones between others counted too.
const MOST_CELLS: usize = 20_000_000;

/// Numbered rows of text.
pub(crate) type Grid = Vec<(u32, Vec<String>)>;

/// What parts the cells of a CSV: where a comma is the decimal sign, spreadsheets
/// write semicolons. The first line that says anything decides.
pub(crate) fn separator(bytes: &[u8]) -> u8 {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let first = lines.find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    // Of equals the last is taken.
    let parts = |by: &u8| first.split(|byte| byte == by).count();
    [b'\t', b';', b','].into_iter().max_by_key(parts).unwrap_or(b',')
}

fn csv_grid(name: &str, bytes: &[u8], problems: &mut Problems) -> Grid {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .delimiter(separator(bytes))
        .from_reader(bytes);
    let mut grid = Grid::new();
    let mut record = csv::ByteRecord::new();
    let mut number = 0;
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(true) => number += 1,
            Ok(false) => return grid,
            Err(error) => {
                let reason = Broken::from(error).reason();
                problems.add(name, Some(number + 1), "", Detail::XlsformUnreadable { reason });
                return grid;
            }
        }
        let mut cells = Vec::with_capacity(record.len());
        for (place, cell) in record.iter().enumerate() {
            if let Ok(text) = std::str::from_utf8(cell) {
                cells.push(text.to_owned());
            } else {
                let heading = grid.first().and_then(|(_, headings)| headings.get(place));
                let heading = heading.cloned().unwrap_or_default();
                problems.add(name, Some(number), &heading, Detail::XlsformEncoding);
                cells.push(String::new());
            }
        }
        grid.push((number, cells));
    }
}

/// A look into a workbook before it is read; the fault says why it is refused. What a
/// library says of a damaged one nobody but its makers would understand.
pub(super) fn look_through(bytes: &[u8]) -> Result<(), Argument> {
    if !bytes.starts_with(b"PK") {
        return biff::look_through(bytes);
    }
    let damaged = || Argument::from(phrase("phrase-file-is-damaged"));
    if claims_too_many(&mut Cursor::new(bytes)).map_err(|_| damaged())? {
        return Err(phrase("phrase-more-texts-than-it-holds").into());
    }
    ods::look_through(bytes)
}

/// The sheets that are read, by name, `None` where a workbook has none so called; and
/// all others.
type Grids = (BTreeMap<&'static str, Option<Grid>>, Vec<(String, Grid)>);

fn spreadsheet_grids(bytes: &[u8]) -> Result<Grids, Argument> {
    look_through(bytes)?;
    let damaged = |_| Argument::from(phrase("phrase-file-is-damaged"));
    match grids_of(bytes) {
        // Some say of a sheet how many rows it has and not how many columns.
        Err(calamine::Error::Xlsx(
            XlsxError::RangeWithoutColumnComponent | XlsxError::RangeWithoutRowComponent,
        )) => {
            let bytes = without_sizes(bytes).ok_or_else(|| phrase("phrase-file-is-damaged"))?;
            grids_of(&bytes).map_err(damaged)
        }
        found => found.map_err(damaged),
    }
}

fn grids_of(bytes: &[u8]) -> Result<Grids, calamine::Error> {
    let mut file: Sheets<_> = open_workbook_auto_from_rs(Cursor::new(bytes))?;
    let mut grids = BTreeMap::new();
    let mut names = file.sheet_names();
    for name in SHEETS {
        let found = names.iter().position(|sheet| sheet.trim().eq_ignore_ascii_case(name));
        let found = found.map(|place| names.remove(place));
        let grid = match found {
            Some(sheet) => Some(grid_of(&mut file, &sheet)?),
            None => None,
        };
        grids.insert(name, grid);
    }
    let mut others = Vec::new();
    for name in names {
        let grid = grid_of(&mut file, &name)?;
        others.push((name, grid));
    }
    // A workbook of one sheet need not say what it is.
    if let [(_, only)] = &mut others[..]
        && grids.values().all(Option::is_none)
    {
        let headings = only.first().map_or(&[][..], |(_, cells)| cells);
        if headings.iter().any(|heading| canonical("survey", heading) == "type") {
            grids.insert("survey", Some(std::mem::take(only)));
        }
    }
    Ok((grids, others))
}

/// The rows of a sheet. Of the newer workbooks cells are read one by one: a
/// sheet with something in its first and its last corner is not filled between.
pub(super) fn grid_of(
    file: &mut Sheets<Cursor<&[u8]>>,
    sheet: &str,
) -> Result<Grid, calamine::Error> {
    let book = match file {
        Sheets::Xlsx(book) => book,
        Sheets::Xlsb(_) => {
            return Err(calamine::Error::Msg("it is a binary workbook"));
        }
        other => return Ok(spreadsheet_grid(&other.worksheet_range(sheet)?)),
    };
    let mut cells = book.worksheet_cells_reader(sheet).map_err(calamine::Error::Xlsx)?;
    let mut grid = Grid::new();
    let mut filled = 0;
    while let Some(cell) = cells.next_cell().map_err(calamine::Error::Xlsx)? {
        let (row, column) = cell.get_position();
        let text = cell_text(&Data::from(cell.get_value().clone()));
        let column = (column as usize).min(MOST_COLUMNS - 1);
        if text.is_empty() {
            continue;
        }
        if grid.last().is_none_or(|(number, _)| *number != row + 1) {
            grid.push((row + 1, Vec::new()));
        }
        let Some((_, row)) = grid.last_mut() else { continue };
        if row.len() <= column {
            filled += column + 1 - row.len();
            row.resize(column + 1, String::new());
        }
        if filled > MOST_CELLS {
            return Err(calamine::Error::Msg("it has more cells than any form"));
        }
        if !row[column].is_empty() {
            row[column].push_str(" | ");
        }
        row[column].push_str(&text);
    }
    Ok(grid)
}

fn spreadsheet_grid(range: &calamine::Range<Data>) -> Grid {
    let first = range.start().map_or(0, |(row, _)| row);
    (1..)
        .zip(range.rows())
        .map(|(number, cells)| (first + number, cells.iter().map(cell_text).collect()))
        .collect()
}

/// A cell as the author sees it; whole numbers without a fraction.
fn cell_text(cell: &Data) -> String {
    match cell {
        Data::Empty | Data::Error(_) => String::new(),
        Data::Float(number) => survey_builder::questionnaire::expression::print_number(*number),
        Data::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
            let day = format!("{year:04}-{month:02}-{day:02}");
            let time = match second {
                0 => format!("{hour:02}:{minute:02}"),
                _ => format!("{hour:02}:{minute:02}:{second:02}"),
            };
            match (hour, minute, second) {
                // A time of day is a part of day 0.
                _ if moment.as_f64() < 1.0 => time,
                (0, 0, 0) => day,
                _ => format!("{day}T{time}"),
            }
        }
        Data::Bool(flag) => if *flag { "TRUE" } else { "FALSE" }.to_owned(),
        other => other.to_string(),
    }
}

/// Whether a row says anything.
fn is_filled(cells: &[String]) -> bool {
    cells.iter().any(|cell| !cell.trim().is_empty())
}

/// Takes out what stands below so many blank rows that nobody would look for it there;
/// those between the headings and the first row do not count.
fn far_below(grid: &mut Grid) -> Grid {
    let filled = grid.iter().enumerate().filter(|(_, (_, cells))| is_filled(cells)).skip(1);
    let mut last = None;
    let first = filled.map(|(place, (number, _))| (place, *number)).find(|(_, number)| {
        let before = last.replace(*number).unwrap_or(*number);
        number.saturating_sub(before) > BLANK_ROWS
    });
    first.map_or_else(Grid::new, |(place, _)| grid.split_off(place))
}

impl Sheet {
    fn from_grid(name: &'static str, grid: Grid, problems: &mut Problems) -> Self {
        let mut rows = grid.into_iter().filter(|(_, cells)| is_filled(cells));
        let Some((_, headings)) = rows.next() else { return Self::default() };
        let mut columns: Vec<String> = Vec::with_capacity(headings.len());
        for heading in &headings {
            let column = canonical(name, heading);
            if !column.is_empty() && columns.contains(&column) {
                let detail = Detail::XlsformColumnTwice { name: heading.trim().to_owned() };
                problems.add(name, Some(1), heading.trim(), detail);
            }
            columns.push(column);
        }
        let rows: Vec<Row> = rows.map(|(number, cells)| Row::new(number, cells)).collect();
        // What stands beside the last heading is a column too, without a name.
        let widest = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        columns.resize(columns.len().max(widest), String::new());
        Self { headings, columns, rows }
    }
}
