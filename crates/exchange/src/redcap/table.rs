//! The lines of a dictionary.

use survey_builder::problem::{Argument, phrase};

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

/// A field as its line tells it.
#[derive(Clone, Debug, Default)]
pub(super) struct Field {
    /// Its line, as a spreadsheet counts it.
    pub line: usize,
    pub name: String,
    pub form: String,
    pub header: String,
    pub kind: String,
    pub label: String,
    pub choices: String,
    pub note: String,
    pub validation: String,
    pub minimum: String,
    pub maximum: String,
    pub is_identifier: bool,
    pub logic: String,
    pub is_required: bool,
    pub number: String,
    pub matrix: String,
    pub is_ranking: bool,
    pub annotation: String,
}

impl Field {
    /// Where it is, for people.
    pub(super) fn place(&self) -> Argument {
        phrase("phrase-row-of").with("row", self.line).with("name", &self.name).into()
    }
}

/// Reads the lines; the fault says why they cannot be.
pub(super) fn read(text: &str) -> Result<Vec<Field>, Argument> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(crate::xlsform::separator(text.as_bytes()))
        .from_reader(text.as_bytes());
    let mut columns: Vec<&str> = Vec::new();
    let mut fields = Vec::new();
    for (place, record) in reader.records().enumerate() {
        let record = record.map_err(|error| Argument::from(error.to_string()))?;
        if place == 0 {
            columns = record.iter().map(column).collect();
            if !columns.contains(&"name") || !columns.contains(&"type") {
                return Err(phrase("phrase-no-column-of-field-names").into());
            }
            continue;
        }
        let cell = |name: &str| {
            let found = columns.iter().position(|column| *column == name);
            found.and_then(|place| record.get(place)).map_or("", str::trim).to_owned()
        };
        let is_yes = |name: &str| matches!(cell(name).to_lowercase().as_str(), "y" | "yes" | "1");
        let field = Field {
            line: place + 1,
            name: cell("name"),
            form: cell("form"),
            header: cell("header"),
            kind: cell("type").to_lowercase(),
            label: cell("label"),
            choices: cell("choices"),
            note: cell("note"),
            validation: cell("validation").to_lowercase(),
            minimum: cell("minimum"),
            maximum: cell("maximum"),
            is_identifier: is_yes("identifier"),
            logic: cell("logic"),
            is_required: is_yes("required"),
            number: cell("number"),
            matrix: cell("matrix"),
            is_ranking: is_yes("ranking"),
            annotation: cell("annotation"),
        };
        if !field.name.is_empty() {
            fields.push(field);
        }
    }
    Ok(fields)
}

fn column(heading: &str) -> &'static str {
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
        .map_or("", |(name, _)| name)
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
