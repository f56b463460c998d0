//! The archive that Designer and Headquarters give: the document, and beside it files
//! of translations and of categories, as workbooks or in JSON. Tables to look values up
//! in and attachments are named, not read.

use std::collections::{BTreeMap, HashMap};
use std::io::{Cursor, Read as _};

use serde_json::Value;
use survey_builder::problem::phrase;

use super::names::{code, digits};
use crate::account::Json;
use crate::draft::Broken;
use crate::xlsform::all_sheets;

/// The most bytes of all parts together that are read.
const MOST_BYTES: u64 = 128 << 20;

/// The most parts that are looked at: translations and categories have one each.
const MOST_PARTS: usize = 5_000;

/// Everything that was sent.
#[derive(Default)]
pub(super) struct Package {
    /// The questionnaire.
    pub document: Value,
    /// Translations by their identities.
    pub translations: HashMap<String, Vec<Translated>>,
    /// Categories by their identities.
    pub categories: HashMap<String, Vec<Category>>,
    /// The names of files that are not read.
    pub others: Vec<String>,
    /// Files that should have been read and could not be, each with the reason.
    pub unreadable: Vec<(String, Broken)>,
}

/// One translated text.
#[derive(Clone, Debug, Default)]
pub(super) struct Translated {
    /// The identity of what it belongs to; empty in older files and for categories.
    pub entity: String,
    /// The variable of what it belongs to.
    pub variable: String,
    /// `Title`, `Instruction`, `OptionTitle`, …
    pub kind: String,
    /// The code, or the place of a validation.
    pub index: String,
    /// The categories that it belongs to, by their name.
    pub categories: String,
    pub text: String,
}

/// One option of categories.
#[derive(Clone, Debug, Default)]
pub(super) struct Category {
    pub code: String,
    /// The code of the option above, or nothing.
    pub parent: String,
    pub text: String,
    /// What else its row says.
    pub more: String,
}

/// Unpacks an archive; the fault says why it cannot be.
pub(super) fn unpacked(bytes: &[u8]) -> Result<Package, Broken> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes))?;
    if archive.len() > MOST_PARTS {
        return Err(phrase("phrase-archive-of-too-many-files").with("limit", MOST_PARTS).into());
    }
    let names: Vec<String> = (0..archive.len())
        .filter_map(|place| Some(archive.by_index_raw(place).ok()?.name().ok()?.into_owned()))
        .filter(|name| !name.ends_with(['/', '\\']))
        .collect();
    let document = names.iter().find(|name| is_document(name)).cloned();
    let document = document.ok_or_else(|| phrase("phrase-archive-without-json"))?;
    let mut package = Package::default();
    let mut left = MOST_BYTES;
    for name in names {
        let folder = folder_of(&name);
        let is_read = name == document || ["translations", "categories"].contains(&&*folder);
        if !is_read {
            package.others.push(name);
            continue;
        }
        let mut content = Vec::new();
        let part = archive.by_name(&name)?;
        part.take(left + 1).read_to_end(&mut content)?;
        let Some(rest) = left.checked_sub(content.len() as u64) else {
            return Err(phrase("phrase-part-too-large").with("name", name.as_str()).into());
        };
        left = rest;
        if name == document {
            let text = String::from_utf8_lossy(&content);
            package.document = serde_json::from_str(text.trim_start_matches('\u{feff}'))?;
        } else if let Err(reason) = package.add(&folder, &name, &content) {
            package.unreadable.push((name, reason));
        }
    }
    Ok(package)
}

/// Whether a part is the document: in JSON, and neither a translation nor categories.
pub(crate) fn is_document(name: &str) -> bool {
    let folder = folder_of(name);
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.eq_ignore_ascii_case("document.json")
        && !["translations", "categories", "attachments"].contains(&folder.as_str())
}

/// The folder a part is in, in small letters.
fn folder_of(name: &str) -> String {
    let parts: Vec<&str> = name.split(['/', '\\']).filter(|part| !part.is_empty()).collect();
    let folder = parts.len().checked_sub(2).and_then(|place| parts.get(place));
    folder.map(|folder| folder.to_lowercase()).unwrap_or_default()
}

impl Package {
    /// A document alone.
    pub(super) fn of(document: Value) -> Self {
        Self { document, ..Self::default() }
    }

    fn add(&mut self, folder: &str, name: &str, content: &[u8]) -> Result<(), Broken> {
        let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let id = digits(last.split('.').next().unwrap_or_default());
        let is_json = last.to_lowercase().ends_with(".json");
        let rows = if is_json { of_json(content)? } else { of_workbook(content)? };
        if folder == "translations" {
            self.translations.insert(id, rows.iter().map(translated).collect());
        } else {
            self.categories.insert(id, rows.iter().map(category).collect());
        }
        Ok(())
    }
}

/// A row by its headings in small letters, without spaces; the sheet under `sheet`.
type Row = BTreeMap<String, String>;

fn heading(written: &str) -> String {
    written.chars().filter(|sign| !sign.is_whitespace()).flat_map(char::to_lowercase).collect()
}

fn of_json(content: &[u8]) -> Result<Vec<Row>, Broken> {
    let text = String::from_utf8_lossy(content);
    let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))?;
    let rows = value.as_array().ok_or_else(|| phrase("phrase-no-list"))?;
    let cell = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let row = |value: &Value| -> Row {
        let parts = value.as_object().into_iter().flatten();
        parts.map(|(key, value)| (heading(key), cell(value))).collect()
    };
    Ok(rows.iter().map(row).collect())
}

fn of_workbook(content: &[u8]) -> Result<Vec<Row>, Broken> {
    let mut found = Vec::new();
    for (sheet, rows) in all_sheets(content)? {
        let mut rows = rows.into_iter().map(|(_, cells)| cells);
        let Some(headings) = rows.next() else { continue };
        let headings: Vec<String> = headings.iter().map(|one| heading(one)).collect();
        found.extend(rows.map(|cells| {
            let mut row: Row = headings.iter().cloned().zip(cells).collect();
            row.insert("sheet".to_owned(), sheet.clone());
            row
        }));
    }
    Ok(found)
}

fn cell(row: &Row, keys: &[&str]) -> String {
    let mut said = keys.iter().filter_map(|key| row.get(*key)).map(|said| said.trim());
    said.find(|said| !said.is_empty()).unwrap_or_default().to_owned()
}

fn translated(row: &Row) -> Translated {
    let kinds = [
        "",
        "Title",
        "ValidationMessage",
        "Instruction",
        "OptionTitle",
        "FixedRosterTitle",
        "SpecialValue",
        "Categories",
        "CriticalRuleMessage",
    ];
    let kind = cell(row, &["type"]);
    let numbered = kind.parse().ok().and_then(|place: usize| kinds.get(place));
    let sheet = cell(row, &["sheet"]);
    Translated {
        entity: digits(&cell(row, &["entityid"])),
        variable: cell(row, &["variable", "entityvariablename"]),
        kind: numbered.map_or(kind, |kind| (*kind).to_owned()),
        index: cell(row, &["index", "optionindex"]),
        categories: sheet.strip_prefix("@@@_").unwrap_or_default().to_owned(),
        text: cell(row, &["translation", "value"]),
    }
}

fn category(row: &Row) -> Category {
    let written = |keys: &[&str]| code(&Json::text(&cell(row, keys)));
    let known = ["id", "value", "parentid", "parentvalue", "text", "title", "sheet"];
    let more =
        row.iter().filter(|(key, said)| !known.contains(&key.as_str()) && !said.trim().is_empty());
    let more: Vec<String> = more.map(|(key, said)| format!("{key}: {said}")).collect();
    Category {
        code: written(&["id", "value"]),
        parent: written(&["parentid", "parentvalue"]),
        text: cell(row, &["text", "title"]),
        more: more.join("; "),
    }
}
