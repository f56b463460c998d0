//! Texts that go to translators and come back: CSV, and XLIFF 1.2 and 2.0 (OASIS),
//! which their programs read and write.
//!
//! Beside the text to translate and its translation each carries what the translation
//! was when the file was written, so that what others wrote meanwhile is not lost.

mod xliff;

use std::borrow::Cow;

pub use xliff::read as read_xliff;

use super::data::csv;

/// The texts of a questionnaire in two languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// What they are the texts of.
    pub name: String,
    /// The code of the language that is translated; empty where a file does not say.
    pub source: String,
    /// The code of the language it is translated into; empty where a file does not say.
    pub target: String,
    /// In the order in which they are read.
    pub units: Vec<Unit>,
}

/// One text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unit {
    /// What it is known by, in letters, digits, `-` and `.` only.
    pub id: String,
    /// What it is and where it stands, for people.
    pub note: String,
    /// What is translated.
    pub source: String,
    /// The translation; empty where there is none.
    pub target: String,
    /// What the translation was when the file was written.
    pub before: String,
    /// Whether the translation is of something that the source no longer says.
    pub outdated: bool,
}

/// What can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One row a text, for spreadsheets.
    Csv,
    /// XLIFF 1.2, which every program of translators reads.
    Xliff12,
    /// XLIFF 2.0.
    Xliff20,
}

impl Format {
    /// All of them: what they are called in addresses.
    pub const ALL: [(&'static str, Self); 3] =
        [("csv", Self::Csv), ("xliff-1.2", Self::Xliff12), ("xliff-2.0", Self::Xliff20)];

    /// The ending of its files, and what they are sent as.
    pub fn ending(self) -> (&'static str, &'static str) {
        match self {
            Self::Csv => ("csv", "text/csv; charset=utf-8"),
            Self::Xliff12 | Self::Xliff20 => ("xlf", "application/xliff+xml"),
        }
    }
}

/// The columns of the CSV file; those of texts go on with the code of their language.
pub const COLUMNS: [&str; 5] = ["id", "note", "source", "translation", "before"];

/// Writes them.
pub fn write(texts: &Texts, format: Format) -> Vec<u8> {
    match format {
        Format::Csv => {
            let [id, note, source, translation, before] = COLUMNS;
            let of = |column: &str, language: &str| format!("{column} ({language})");
            let (source, translation, before) = (
                of(source, &texts.source),
                of(translation, &texts.target),
                of(before, &texts.target),
            );
            let header = [id, note, &source, &translation, &before];
            let rows = texts.units.iter().map(|unit| {
                [&unit.id, &unit.note, &unit.source, &unit.target, &unit.before]
                    .map(|cell| Cow::Borrowed(cell.as_str()))
            });
            csv::write(&header, rows)
        }
        Format::Xliff12 => xliff::write_12(texts).into_bytes(),
        Format::Xliff20 => xliff::write_20(texts).into_bytes(),
    }
}

/// A cell as it was before [`csv::guarded`] kept a spreadsheet from running it.
pub fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if csv::guarded(rest) != rest => rest,
        _ => cell,
    }
}
