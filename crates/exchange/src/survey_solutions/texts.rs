//! Texts in every language, with the answers that they insert.

use std::cell::Cell;
use std::collections::HashMap;

use survey_builder::questionnaire::document::{Language, Text};

use super::archive::{Package, Translated};
use super::names::{Names, digits};
use super::string;
use crate::account::{Json, Left, Part};
use crate::draft::text::without_markup;
use crate::questionnaire::fallback::UNNAMED;
use crate::xlsform::language_named;

/// One language besides the first.
struct Other {
    language: Language,
    /// Its texts, and which were asked for.
    texts: Vec<(Translated, Cell<bool>)>,
    /// Their places, by what they belong to, what they are and their index.
    places: HashMap<(String, String, String), usize>,
}

/// All texts of a questionnaire.
pub(super) struct Texts {
    first: Language,
    others: Vec<Other>,
}

/// Where a text stands: what a translation calls it by.
#[derive(Clone, Copy)]
pub(super) struct Key<'k> {
    pub entity: &'k str,
    pub variable: &'k str,
    pub kind: &'k str,
    pub index: &'k str,
}

impl Texts {
    /// The texts of a package; every language is one that its document names.
    pub(super) fn of(document: &Json, package: &Package) -> Self {
        let (list, own) = match document.at("Translations").part() {
            Part::Object(_) => {
                let all = document.at("Translations");
                (all.at("Items"), string(all, "OriginalDisplayName"))
            }
            _ => (document.at("Translations"), string(document, "DefaultLanguageName")),
        };
        let first = if own.is_empty() {
            Language { code: UNNAMED.to_owned(), name: "default".to_owned() }
        } else {
            language_named(own)
        };
        let mut others: Vec<Other> = Vec::new();
        for translation in list.as_array().into_iter().flatten() {
            let id = digits(string(translation, "Id"));
            let mut language = language_named(string(translation, "Name"));
            string(translation, "FileName");
            let taken = |code: &str| {
                code == first.code || others.iter().any(|one| one.language.code == code)
            };
            let wanted = language.code.clone();
            for number in 2.. {
                if !language.code.is_empty() && !taken(&language.code) {
                    break;
                }
                language.code = format!("{wanted}-x-{number}");
            }
            let texts = package.translations.get(&id).cloned().unwrap_or_default();
            let mut places = HashMap::new();
            for (place, one) in texts.iter().enumerate() {
                let entity = if one.categories.is_empty() { &one.entity } else { &one.categories };
                let entity = if entity.is_empty() { &one.variable } else { entity };
                let key = (entity.to_lowercase(), one.kind.clone(), one.index.clone());
                places.insert(key, place);
            }
            let texts = texts.into_iter().map(|one| (one, Cell::new(false))).collect();
            others.push(Other { language, texts, places });
        }
        Self { first, others }
    }

    pub(super) fn languages(&self) -> Vec<Language> {
        let others = self.others.iter().map(|one| one.language.clone());
        std::iter::once(self.first.clone()).chain(others).collect()
    }

    /// A text with its translations; `written` says what one means here.
    pub(super) fn text(&self, words: &str, key: Key<'_>, written: impl Fn(&str) -> String) -> Text {
        let mut text = Text::default();
        let mut put = |code: &str, words: &str| {
            let words = written(words);
            if !words.is_empty() {
                text.0.insert(code.to_owned(), words);
            }
        };
        put(&self.first.code, words);
        for other in &self.others {
            if let Some(words) = other.find(key) {
                put(&other.language.code, words);
            }
        }
        text
    }

    /// The same text in every language.
    pub(super) fn same(&self, words: &str) -> Text {
        let all = self.languages().into_iter();
        Text(all.map(|one| (one.code, words.to_owned())).collect())
    }

    /// The translations that belong to nothing that is there.
    pub(super) fn left(&self) -> Vec<Left> {
        let unread = |other: &Other| -> Vec<Left> {
            let unread =
                other.texts.iter().filter(|(one, read)| !read.get() && !one.text.is_empty());
            unread
                .map(|(one, _)| Left {
                    property: format!("Translations.{}", other.language.name),
                    place: [one.variable.as_str(), &one.categories].concat(),
                    value: one.text.clone(),
                })
                .collect()
        };
        self.others.iter().flat_map(unread).collect()
    }
}

impl Other {
    fn find(&self, key: Key<'_>) -> Option<&str> {
        let named = [key.entity, key.variable].into_iter().filter(|one| !one.is_empty());
        let mut found = named.filter_map(|of| {
            self.places.get(&(of.to_lowercase(), key.kind.to_owned(), key.index.to_owned()))
        });
        let (one, read) = self.texts.get(*found.next()?)?;
        read.set(true);
        Some(&one.text)
    }
}

/// A text as people read it: without markup, `%name%` as what is inserted here.
pub(super) fn words(text: &str, names: &Names, around: &[String], own: Option<&str>) -> String {
    let plain = without_markup(text);
    let mut parts = plain.split('%');
    let mut written = parts.next().unwrap_or_default().to_owned();
    let parts: Vec<&str> = parts.collect();
    let mut place = 0;
    while place < parts.len() {
        let name = parts[place];
        let is_name = !name.is_empty()
            && name.chars().all(|sign| sign.is_alphanumeric() || sign == '_')
            && place + 1 < parts.len();
        let inserted = if is_name { inserted(name, names, around, own) } else { None };
        if let Some(inserted) = inserted {
            written.push_str(&inserted);
            written.push_str(parts[place + 1]);
            place += 2;
        } else {
            written.push('%');
            written.push_str(name);
            place += 1;
        }
    }
    written
}

fn inserted(name: &str, names: &Names, around: &[String], own: Option<&str>) -> Option<String> {
    let name = match name {
        "rostertitle" => around.last()?.clone(),
        "self" => own?.to_owned(),
        name => {
            let entity = names.variable(name)?;
            entity.roster.clone().unwrap_or_else(|| entity.name.clone())
        }
    };
    Some(format!("${{{name}}}"))
}
