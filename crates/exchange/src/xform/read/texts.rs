//! Texts in every language, with the files beside them.

use std::collections::HashMap;

use super::Row;
use super::element::Element;
use super::paths::Paths;
use crate::draft::text::with_entities;

/// The texts of a form by their identities.
#[derive(Default)]
pub(super) struct Texts<'x> {
    /// The languages, as they are written.
    pub languages: Vec<&'x str>,
    /// The one that is shown first.
    pub default: Option<&'x str>,
    by_id: HashMap<&'x str, Vec<(&'x str, Element<'x>)>>,
}

impl<'x> Texts<'x> {
    pub(super) fn of(itext: Option<Element<'x>>) -> Self {
        let mut texts = Self::default();
        for translation in itext.into_iter().flat_map(Element::children) {
            let language = translation.attribute("lang");
            texts.languages.push(language);
            if !translation.attribute("default").is_empty() {
                texts.default = Some(language);
            }
            for text in translation.children() {
                let id = text.attribute("id");
                texts.by_id.entry(id).or_default().push((language, text));
            }
        }
        texts
    }

    /// The heading of a column in a language; `default` is none.
    pub(super) fn heading(column: &str, language: &str) -> String {
        if language.is_empty() || language == "default" {
            column.to_owned()
        } else {
            format!("{column}::{language}")
        }
    }

    /// Puts what an element says (`label`, `hint`) into the cells of a row; `from`
    /// is the place from which paths are read.
    pub(super) fn put(
        &self,
        element: Element<'x>,
        column: &str,
        row: &mut Row,
        paths: &Paths,
        from: &str,
    ) {
        let id = identity(element.attribute("ref"));
        if id.is_none() {
            let words = words(element, paths, from);
            let language = self.default.or(self.languages.first().copied()).unwrap_or_default();
            set(row, &Self::heading(column, language), words);
        }
        self.put_id(id.unwrap_or_default(), column, row, paths, from);
    }

    /// The same of an identity.
    pub(super) fn put_id(&self, id: &str, column: &str, row: &mut Row, paths: &Paths, from: &str) {
        for (language, text) in self.by_id.get(id).into_iter().flatten() {
            for value in text.children() {
                let form = value.attribute("form");
                let said = words(value, paths, from);
                let (column, said) = match form {
                    "" | "long" => (column.to_owned(), said),
                    "guidance" => ("guidance_hint".to_owned(), said),
                    form => {
                        let file = said.rsplit('/').next().unwrap_or_default().to_owned();
                        (format!("media::{form}"), file)
                    }
                };
                // pyxform writes so where a language has none.
                if said != "-" {
                    set(row, &Self::heading(&column, language), said);
                }
            }
        }
    }
}

fn set(row: &mut Row, heading: &str, words: String) {
    if !words.is_empty() {
        row.entry(heading.to_owned()).or_insert(words);
    }
}

/// `jr:itext('/data/age:label')`: the identity of a text.
pub(super) fn identity(reference: &str) -> Option<&str> {
    let inner = reference.strip_prefix("jr:itext(")?.strip_suffix(')')?.trim();
    inner.strip_prefix(['\'', '"'])?.strip_suffix(['\'', '"'])
}

/// The words of an element with the answers that they insert.
pub(super) fn words(element: Element<'_>, paths: &Paths, from: &str) -> String {
    let mut words = String::new();
    for part in element.content() {
        match part {
            // ODK's programs show texts as markup.
            Ok(text) => words.push_str(&with_entities(text)),
            Err(inner) if inner.name() == "output" => {
                inner.take();
                let value = match inner.attribute("value") {
                    "" => inner.attribute("ref"),
                    value => value,
                };
                let named = paths.named(value, from);
                let is_name = named.starts_with("${") && named.ends_with('}');
                words.push_str(&if is_name { named } else { format!("[{named}]") });
            }
            Err(inner) => words.push_str(&self::words(inner, paths, from)),
        }
    }
    words.trim().to_owned()
}
