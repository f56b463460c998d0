//! The sheets of a form from a document.

use rust_xlsxwriter::{Format, Workbook};
use survey_builder::problem::Finding;
use survey_builder::questionnaire::document::{Document, Text};

use super::build::build;
use super::form::{Line, flags, lines};
use super::sheet::Workbook as Sheets;
use crate::Error;
use crate::draft::bare::bare;
use crate::draft::version_of;
use crate::formula::write::fit_code;
use crate::reread::differences;

/// A form as rows of cells; the first row of each sheet holds its headings.
#[derive(Clone, Debug, PartialEq)]
pub struct Exported {
    /// The sheet of questions.
    pub survey: Vec<Vec<String>>,
    /// The sheet of options.
    pub choices: Vec<Vec<String>>,
    /// The sheet of settings.
    pub settings: Vec<Vec<String>>,
    /// What has no place in a form and was left out, and what is another when the
    /// form is read again.
    pub problems: Vec<Finding>,
}

/// Columns of the survey sheet in their order; those marked have translations.
const COLUMNS: [(&str, bool); 29] = [
    ("label", true),
    ("hint", true),
    ("guidance_hint", true),
    ("required", false),
    ("relevant", false),
    ("constraint", false),
    ("constraint_message", true),
    ("calculation", false),
    ("choice_filter", false),
    ("appearance", false),
    ("parameters", false),
    ("default", false),
    ("readonly", false),
    ("repeat_count", false),
    ("media::image", true),
    ("media::audio", true),
    ("media::video", true),
    ("x_number", false),
    ("x_role", false),
    ("x_page", false),
    ("x_each", false),
    ("x_required", false),
    ("x_beside", false),
    ("x_soft", false),
    ("x_low", true),
    ("x_high", true),
    ("x_source", false),
    ("x_list", false),
    ("x_check", false),
];

/// Writes a document as the sheets of a form.
pub fn export(document: &Document) -> Exported {
    let (document, mut problems) = bare(document);
    let document = document.as_ref();
    let (lines, lost) = lines(document);
    problems.extend(lost);
    let mut written = Exported {
        survey: survey(document, &lines),
        choices: choices(document),
        settings: settings(document),
        problems,
    };
    let again = read_again(&written).map(|again| differences(document, again, &written.problems));
    written.problems.extend(again.unwrap_or_default());
    written
}

/// What the sheets say when they are read again.
fn read_again(written: &Exported) -> Option<Document> {
    let grid = |rows: &[Vec<String>]| Some((1..).zip(rows.iter().cloned()).collect());
    let grids = [
        ("survey", grid(&written.survey)),
        ("choices", grid(&written.choices)),
        ("settings", grid(&written.settings)),
    ];
    Some(build(&Sheets::of_grids(grids.into_iter().collect()).ok()?).document)
}

/// Writes a document as a workbook, with what has no place in a form.
///
/// # Errors
///
/// A workbook that cannot be made, such as one with too many rows.
pub fn export_workbook(document: &Document) -> Result<(Vec<u8>, Vec<Finding>), Error> {
    let exported = export(document);
    let failed = |error: rust_xlsxwriter::XlsxError| Error::Workbook(error.to_string());
    let mut workbook = Workbook::new();
    let bold = Format::new().set_bold();
    let sheets = [
        ("survey", &exported.survey),
        ("choices", &exported.choices),
        ("settings", &exported.settings),
    ];
    for (name, rows) in sheets {
        let sheet = workbook.add_worksheet().set_name(name).map_err(failed)?;
        for (row, cells) in (0_u32..).zip(rows) {
            for (column, cell) in (0_u16..).zip(cells) {
                if row == 0 {
                    sheet.write_string_with_format(row, column, cell, &bold).map_err(failed)?;
                } else if !cell.is_empty() {
                    sheet.write_string(row, column, cell).map_err(failed)?;
                }
            }
        }
        sheet.set_freeze_panes(1, 0).map_err(failed)?;
    }
    let bytes = workbook.save_to_buffer().map_err(failed)?;
    Ok((bytes, exported.problems))
}

/// The heading of a column in a language; a form of one nameless language has
/// plain headings.
fn heading(document: &Document, column: &str, code: &str) -> String {
    let language = document.languages.iter().find(|language| language.code == code);
    match language {
        Some(language) if code != "und" => format!("{column}::{} ({code})", language.name),
        _ => column.to_owned(),
    }
}

fn words(text: Option<&Text>, code: &str) -> String {
    text.and_then(|text| text.0.get(code)).cloned().unwrap_or_default()
}

fn survey(document: &Document, lines: &[Line]) -> Vec<Vec<String>> {
    let used: Vec<(&str, bool)> = COLUMNS
        .into_iter()
        .filter(|(column, translated)| {
            *column == "label"
                || lines.iter().any(|line| {
                    if *translated {
                        line.words(column).is_some()
                    } else {
                        !line.cell(column).is_empty()
                    }
                })
        })
        .collect();
    let mut head = vec!["type".to_owned(), "name".to_owned()];
    for (column, translated) in &used {
        if *translated {
            let codes = document.languages.iter().map(|language| &language.code);
            head.extend(codes.map(|code| heading(document, column, code)));
        } else {
            head.push((*column).to_owned());
        }
    }
    let row = |line: &Line| {
        let mut cells = vec![line.kind.clone(), line.name.clone()];
        for (column, translated) in &used {
            if *translated {
                let codes = document.languages.iter().map(|language| &language.code);
                cells.extend(codes.map(|code| words(line.words(column), code)));
            } else {
                cells.push(line.cell(column).to_owned());
            }
        }
        cells
    };
    std::iter::once(head).chain(lines.iter().map(row)).collect()
}

fn choices(document: &Document) -> Vec<Vec<String>> {
    let options = || document.lists.iter().flat_map(|list| &list.options);
    let mut columns: Vec<&str> = Vec::new();
    for column in options().flat_map(|option| option.attributes.keys()) {
        if !columns.contains(&column.as_str()) {
            columns.push(column);
        }
    }
    let images = options().any(|option| option.image.is_some());
    let flagged = options().any(|option| !flags(option).is_empty());
    let mut head = vec!["list_name".to_owned(), "name".to_owned()];
    head.extend(document.languages.iter().map(|one| heading(document, "label", &one.code)));
    head.extend(columns.iter().map(|column| (*column).to_owned()));
    if images {
        head.push("media::image".to_owned());
    }
    if flagged {
        head.push("x_flag".to_owned());
    }
    let mut rows = vec![head];
    for list in &document.lists {
        for option in &list.options {
            let mut cells = vec![list.name.clone(), fit_code(&option.code)];
            let codes = document.languages.iter().map(|language| &language.code);
            cells.extend(codes.map(|code| words(Some(&option.label), code)));
            let attribute = |column: &&str| option.attributes.get(*column).cloned();
            cells.extend(columns.iter().map(|column| attribute(column).unwrap_or_default()));
            if images {
                cells.push(option.image.clone().unwrap_or_default());
            }
            if flagged {
                cells.push(flags(option));
            }
            rows.push(cells);
        }
    }
    rows
}

fn settings(document: &Document) -> Vec<Vec<String>> {
    let default = document.default_language.as_str();
    let mut cells = vec![
        ("form_title".to_owned(), document.title.get(default, default).to_owned()),
        ("form_id".to_owned(), document.name.clone()),
    ];
    if let Some(version) = version_of(document) {
        cells.push(("version".to_owned(), version.to_owned()));
    }
    if default != "und" {
        let named = document.languages.iter().find(|language| language.code == default);
        let named = named.map(|language| format!("{} ({default})", language.name));
        cells.push(("default_language".to_owned(), named.unwrap_or_default()));
    }
    let by_language = [("x_title", &document.title), ("x_address_form", &document.address_form)];
    for (prefix, text) in by_language {
        let differs = text.0.values().any(|words| *words != cells[0].1);
        for (language, words) in text.0.iter().filter(|_| differs) {
            cells.push((format!("{prefix}_{language}"), words.clone()));
        }
    }
    let (head, row) = cells.into_iter().unzip();
    vec![head, row]
}
