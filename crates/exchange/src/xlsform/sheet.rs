//! The sheets of a form as rows of text, whatever file they came in.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, Reader, Sheets, open_workbook_auto_from_rs};

use super::problem::{Detail, Problem, Problems};

/// The three sheets of a form.
#[derive(Debug, Default)]
pub(super) struct Workbook {
    pub survey: Sheet,
    pub choices: Sheet,
    pub settings: Sheet,
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
    pub cells: Vec<String>,
}

impl Sheet {
    /// The cell of a row in the column of that (canonical) name, trimmed.
    pub(super) fn cell<'r>(&self, row: &'r Row, column: &str) -> &'r str {
        self.columns
            .iter()
            .position(|name| name == column)
            .and_then(|place| row.cells.get(place))
            .map_or("", |cell| cell.trim())
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

/// A heading in one spelling: lower case before `::`, `_` for spaces, common
/// other names replaced; the language keeps its spelling.
fn canonical(sheet: &str, heading: &str) -> String {
    let heading = heading.trim().trim_start_matches('\u{feff}');
    let (base, language) = match heading.split_once("::").or_else(|| {
        // A single colon is older spelling; `bind:` and the like are not languages.
        heading.split_once(':').filter(|(base, _)| TRANSLATED.contains(&base.trim()))
    }) {
        Some((base, language)) => (base, Some(language.trim())),
        None => (heading, None),
    };
    let base = base.trim().to_lowercase().replace([' ', '-'], "_");
    let base = match (sheet, base.as_str()) {
        (_, "caption") => "label",
        ("survey", "relevance" | "bind_relevant") => "relevant",
        ("survey", "calculate" | "calculations") => "calculation",
        ("survey", "read_only") => "readonly",
        ("survey", "command") => "type",
        ("survey", "repeatcount") => "repeat_count",
        ("survey", "constraintmsg" | "constraint_msg") => "constraint_message",
        ("survey", "requiredmsg" | "required_msg") => "required_message",
        ("choices", "list") => "list_name",
        ("survey", "tag") | ("choices", "value") => "name",
        ("settings", "title" | "set_form_title") => "form_title",
        ("settings", "id_string" | "set_form_id") => "form_id",
        _ => base.as_str(),
    }
    .to_owned();
    match language {
        Some(language) => format!("{base}::{language}"),
        None => base,
    }
}

const TRANSLATED: [&str; 5] = ["label", "hint", "guidance_hint", "constraint_message", "caption"];

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
        Self::from_grids(grids.into_iter().collect(), problems)
    }

    /// Reads the sheets of a spreadsheet file.
    pub(super) fn from_spreadsheet(bytes: &[u8]) -> Result<Self, Vec<Problem>> {
        let unreadable = |error: calamine::Error| {
            let mut problems = Problems::default();
            let reason = error.to_string();
            problems.add("", None, "", Detail::XlsformUnreadable { reason });
            problems.0
        };
        let mut file: Sheets<_> =
            open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(unreadable)?;
        let mut grids = BTreeMap::new();
        for name in ["survey", "choices", "settings"] {
            let found = file
                .sheet_names()
                .into_iter()
                .find(|sheet| sheet.trim().eq_ignore_ascii_case(name));
            let grid = match found {
                Some(sheet) => {
                    Some(spreadsheet_grid(&file.worksheet_range(&sheet).map_err(unreadable)?))
                }
                None => None,
            };
            grids.insert(name, grid);
        }
        Self::from_grids(grids, Problems::default())
    }

    fn from_grids(
        mut grids: BTreeMap<&'static str, Option<Grid>>,
        mut problems: Problems,
    ) -> Result<Self, Vec<Problem>> {
        if grids.get("survey").is_some_and(Option::is_none) {
            let sheet = "survey".to_owned();
            problems.add("", None, "", Detail::XlsformSheetMissing { sheet });
        }
        let mut sheet = |name: &'static str| {
            let grid = grids.remove(name).flatten().unwrap_or_default();
            Sheet::from_grid(name, grid, &mut problems)
        };
        let (survey, choices, settings) = (sheet("survey"), sheet("choices"), sheet("settings"));
        let refused = problems.0.iter().any(|problem| problem.severity() == super::Severity::Error);
        if !refused && survey.columns.is_empty() {
            problems.add("survey", None, "", Detail::XlsformSheetEmpty);
            return Err(problems.0);
        }
        if refused { Err(problems.0) } else { Ok(Self { survey, choices, settings, problems }) }
    }
}

/// Numbered rows of text.
type Grid = Vec<(u32, Vec<String>)>;

fn csv_grid(name: &str, bytes: &[u8], problems: &mut Problems) -> Grid {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .from_reader(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    let mut grid = Grid::new();
    let mut record = csv::ByteRecord::new();
    let mut number = 0;
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(true) => number += 1,
            Ok(false) => return grid,
            Err(error) => {
                let reason = error.to_string();
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
        Data::Bool(flag) => if *flag { "true" } else { "false" }.to_owned(),
        other => other.to_string(),
    }
}

impl Sheet {
    fn from_grid(name: &'static str, grid: Grid, problems: &mut Problems) -> Self {
        let mut rows =
            grid.into_iter().filter(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty()));
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
        let rows = rows.map(|(number, cells)| Row { number, cells }).collect();
        Self { headings, columns, rows }
    }
}
