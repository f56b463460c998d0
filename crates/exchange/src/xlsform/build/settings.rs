//! The settings sheet.

use survey_builder::questionnaire::document::Text;

use super::super::language::Languages;
use super::super::sheet::{Row, Sheet};

/// Settings that are read.
pub(super) const SETTINGS: [&str; 5] =
    ["form_title", "form_id", "default_language", "version", "allow_choice_duplicates"];

/// What the settings sheet says.
pub(super) struct Settings {
    pub form: String,
    title: String,
    pub titles: Text,
    pub address_form: Text,
    pub default_language: String,
    /// The version that its author gave it; may be empty.
    pub version: String,
    /// Whether options may stand twice in a list.
    pub twice: bool,
}

impl Settings {
    pub(super) fn read(sheet: &Sheet) -> Self {
        let blank = Row::new(2, Vec::new());
        let row = sheet.rows.first().unwrap_or(&blank);
        let cell = |column: &str| sheet.cell(row, column).to_owned();
        // Ours: `x_title_en`, `x_address_form_vi`.
        let by_language = |prefix: &str| {
            let columns = sheet.columns.iter().filter_map(|column| {
                let code = column.strip_prefix(prefix)?;
                let text = sheet.cell(row, column);
                (!text.is_empty()).then(|| (code.to_owned(), text.to_owned()))
            });
            Text(columns.collect())
        };
        let or_else =
            |text: String, other: &str| if text.is_empty() { other.to_owned() } else { text };
        let form = or_else(cell("form_id"), "form");
        Self {
            title: or_else(cell("form_title"), &form),
            titles: by_language("x_title_"),
            address_form: by_language("x_address_form_"),
            default_language: cell("default_language"),
            version: cell("version"),
            twice: matches!(
                cell("allow_choice_duplicates").to_lowercase().as_str(),
                "yes" | "true" | "true()" | "1"
            ),
            form,
        }
    }

    /// The title in every language: a form has one for all unless it says more.
    pub(super) fn title(&self, languages: &Languages) -> Text {
        let mut title = self.titles.clone();
        for language in languages.all() {
            title.0.entry(language.code).or_insert_with(|| self.title.clone());
        }
        title
    }
}
