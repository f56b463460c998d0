//! Languages of a form: `label::Tiếng Việt (vi)` names one by its own name and
//! its code.

use survey_builder::questionnaire::document::{Language, Text};

use super::sheet::{Row, Sheet};
use crate::questionnaire::fallback::UNNAMED;

/// Names that forms use without a code.
const KNOWN: [(&str, &str); 29] = [
    ("english", "en"),
    ("tiếng việt", "vi"),
    ("vietnamese", "vi"),
    ("français", "fr"),
    ("french", "fr"),
    ("español", "es"),
    ("spanish", "es"),
    ("português", "pt"),
    ("portuguese", "pt"),
    ("العربية", "ar"),
    ("arabic", "ar"),
    ("bahasa indonesia", "id"),
    ("indonesian", "id"),
    ("amharic", "am"),
    ("swahili", "sw"),
    ("kiswahili", "sw"),
    ("chinese", "zh"),
    ("hindi", "hi"),
    ("bengali", "bn"),
    ("nepali", "ne"),
    ("russian", "ru"),
    ("german", "de"),
    ("deutsch", "de"),
    ("italian", "it"),
    ("khmer", "km"),
    ("lao", "lo"),
    ("thai", "th"),
    ("burmese", "my"),
    ("somali", "so"),
];

/// The languages of a form, by what follows `::` in its headings.
#[derive(Debug, Default)]
pub(super) struct Languages {
    /// As written, and what it is; the empty text is the column without one.
    known: Vec<(String, Language)>,
    /// The code of the language shown first.
    pub default: String,
}

impl Languages {
    /// Collects the languages of labels, hints and messages; `default` is the
    /// form's setting. Says whether that setting names one of them.
    pub(super) fn find(sheets: &[&Sheet], default: &str) -> (Self, bool) {
        let mut languages = Self::default();
        let mut plain = false;
        for sheet in sheets {
            for column in ["label", "hint", "guidance_hint", "constraint_message"] {
                for (_, written) in sheet.translations(column) {
                    let used = !written.is_empty();
                    plain |= !used && column == "label";
                    if used && !languages.known.iter().any(|(known, _)| known == written) {
                        languages.known.push((written.to_owned(), parse(written)));
                    }
                }
            }
        }
        // A column without a language is in the default one.
        if languages.known.is_empty() || (plain && !languages.names(default)) {
            let own = if default.is_empty() || default == "default" {
                Language { code: UNNAMED.to_owned(), name: "default".to_owned() }
            } else {
                parse(default)
            };
            languages.known.insert(0, (default.to_owned(), own));
        }
        let found = languages.find_written(default);
        let named = default.is_empty() || found.is_some();
        languages.default = found
            .or(languages.known.first().map(|(_, language)| language))
            .map_or_else(|| UNNAMED.to_owned(), |language| language.code.clone());
        (languages, named)
    }

    fn names(&self, written: &str) -> bool {
        self.find_written(written).is_some()
    }

    fn find_written(&self, written: &str) -> Option<&Language> {
        let code = parse(written).code;
        self.known
            .iter()
            .find(|(known, language)| known == written || language.code == code)
            .map(|(_, language)| language)
    }

    /// The languages, each once.
    pub(super) fn all(&self) -> Vec<Language> {
        let mut all: Vec<Language> = Vec::new();
        for (_, language) in &self.known {
            if !all.iter().any(|known| known.code == language.code) {
                all.push(language.clone());
            }
        }
        all
    }

    /// A translated column of a row.
    pub(super) fn text(&self, sheet: &Sheet, row: &Row, column: &str) -> Text {
        let mut text = Text::default();
        for (place, written) in sheet.translations(column) {
            let cell = row.at(place);
            if cell.is_empty() {
                continue;
            }
            let code = if written.is_empty() {
                self.default.clone()
            } else {
                self.find_written(written).map_or_else(|| parse(written).code, |l| l.code.clone())
            };
            text.0.entry(code).or_insert_with(|| cell.to_owned());
        }
        text
    }
}

/// `Tiếng Việt (vi)`, or a name alone.
pub(crate) fn parse(written: &str) -> Language {
    let written = written.trim();
    if let Some((name, rest)) = written.rsplit_once('(')
        && let Some(code) = rest.strip_suffix(')')
        && !code.trim().is_empty()
    {
        return Language { code: code.trim().to_owned(), name: name.trim().to_owned() };
    }
    let lower = written.to_lowercase();
    let known = KNOWN.iter().find(|(name, code)| *name == lower || *code == lower);
    let code = known.map_or_else(
        || lower.chars().filter(|character| character.is_alphanumeric()).take(8).collect(),
        |(_, code)| (*code).to_owned(),
    );
    Language { code, name: written.to_owned() }
}
