//! The lines of a dictionary.

use survey_builder::problem::{Argument, phrase};

use crate::account::{Cells, Left};
use crate::draft::Broken;

/// The columns, as they begin when everything but letters and digits is `_`:
/// as pages write them and as the interface does.
const COLUMNS: [(&str, &[&str]); 17] = [
    ("name", &["variable_field_name", "field_name", "variable"]),
    ("form", &["form_name"]),
    ("header", &["section_header"]),
    ("type", &["field_type"]),
    ("label", &["field_label"]),
    ("choices", &["choices", "select_choices"]),
    ("note", &["field_note"]),
    ("validation", &["text_validation_type"]),
    ("minimum", &["text_validation_min"]),
    ("maximum", &["text_validation_max"]),
    ("identifier", &["identifier"]),
    ("logic", &["branching_logic"]),
    ("required", &["required_field"]),
    ("number", &["question_number"]),
    ("matrix", &["matrix_group_name"]),
    ("ranking", &["matrix_ranking"]),
    ("annotation", &["field_annotation", "field_annotations"]),
];

/// A field as its line tells it; its cells count what was read of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Field {
    /// Its line, as a spreadsheet counts it.
    pub line: usize,
    pub name: String,
    pub form: String,
    /// Its type, in small letters.
    pub kind: String,
    cells: Cells,
}

impl Field {
    /// Where it is, for people.
    pub(super) fn place(&self) -> Argument {
        phrase("phrase-row-of").with("row", self.line).with("name", &self.name).into()
    }

    /// The cell of a column. Whoever asks for it carries it over, or tells that it
    /// is not.
    pub(super) fn cell(&self, column: &str) -> &str {
        self.cells.cell(column)
    }

    /// Whether a cell is filled; nothing is carried over so.
    pub(super) fn has(&self, column: &str) -> bool {
        !self.cells.peek(column).is_empty()
    }

    /// Whether a column says yes.
    pub(super) fn says_yes(&self, column: &str) -> bool {
        matches!(self.cell(column).to_lowercase().as_str(), "y" | "yes" | "1")
    }

    /// What a number, text or day must satisfy, in small letters.
    pub(super) fn validation(&self) -> String {
        self.cell("validation").to_lowercase()
    }

    /// What its texts have beside their words.
    pub(super) fn beside_words(&self) -> impl Iterator<Item = Left> {
        let texts = ["header", "label", "choices", "note"].map(|column| self.cells.peek(column));
        let found = texts.into_iter().flat_map(crate::draft::text::beside_words);
        found.map(|(role, value)| Left {
            property: role.to_owned(),
            place: self.name.clone(),
            value,
        })
    }

    /// The filled cells that no reader was given.
    pub(super) fn left(&self) -> impl Iterator<Item = Left> {
        let left = self.cells.left().into_iter();
        left.map(|(column, value)| Left {
            property: column.to_owned(),
            place: self.name.clone(),
            value: value.to_owned(),
        })
    }
}

/// Reads the lines, and those without a name, which are no fields; the fault
/// says why they cannot be.
pub(super) fn read(text: &str) -> Result<(Vec<Field>, Vec<Left>), Broken> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(crate::xlsform::separator(text.as_bytes()))
        .from_reader(text.as_bytes());
    let mut columns: Vec<String> = Vec::new();
    let (mut fields, mut left) = (Vec::new(), Vec::new());
    for (place, record) in reader.records().enumerate() {
        let record = record?;
        if place == 0 {
            columns = record.iter().map(column).collect();
            let has = |name: &str| columns.iter().any(|column| column == name);
            if !has("name") || !has("type") {
                return Err(phrase("phrase-no-column-of-field-names").into());
            }
            continue;
        }
        let named = columns.iter().cloned().zip(record.iter().map(str::to_owned));
        let cells: Cells = named.collect();
        let cell = |name: &str| cells.cell(name).to_owned();
        let field = Field {
            line: place + 1,
            name: cell("name"),
            form: cell("form"),
            kind: cell("type").to_lowercase(),
            cells: cells.clone(),
        };
        if field.name.is_empty() {
            // Nothing can be made of it; what it says is kept.
            let said: Vec<&str> = field.cells.whole().map(|(_, cell)| cell).collect();
            let (property, place) = ("row".to_owned(), field.line.to_string());
            left.push(Left { property, place, value: said.join(" | ") });
        } else {
            fields.push(field);
        }
    }
    Ok((fields, left))
}

/// A column under one of our names; one that is not known keeps its heading.
fn column(heading: &str) -> String {
    let plain: String = heading
        .trim()
        .to_lowercase()
        .split(|next: char| !next.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("_");
    COLUMNS
        .iter()
        .find(|(_, starts)| starts.iter().any(|start| plain.starts_with(start)))
        .map_or_else(|| heading.trim().to_owned(), |(name, _)| (*name).to_owned())
}

/// The choices of a field: `1, Yes | 2, No`; also one a line.
pub(super) fn choices(written: &str) -> Vec<(String, String)> {
    let parts: Vec<&str> = if written.contains('|') || !written.contains("\\n") {
        written.split(['|', '\n']).collect()
    } else {
        written.split("\\n").collect()
    };
    let coded = |part: &str| {
        let (code, label) = part.split_once(',')?;
        is_code(code.trim()).then(|| (code.trim().to_owned(), label.trim().to_owned()))
    };
    let any_coded = parts.iter().any(|part| coded(part).is_some());
    let mut found: Vec<(String, String)> = Vec::new();
    for part in parts.into_iter().map(str::trim).filter(|part| !part.is_empty()) {
        match (coded(part), found.last_mut()) {
            (Some(choice), _) => found.push(choice),
            // A bar within a label.
            (None, Some((_, label))) if any_coded => label.push_str(&format!(" | {part}")),
            (None, _) => found.push((part.to_owned(), part.to_owned())),
        }
    }
    found
}

/// Whether it can be a code: a number, or one word of letters and digits.
fn is_code(code: &str) -> bool {
    let fits = |next: char| next.is_alphanumeric() || "_-.".contains(next);
    !code.is_empty() && code.chars().all(fits)
}
