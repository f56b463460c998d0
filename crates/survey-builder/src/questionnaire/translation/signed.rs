//! What somebody who stands for a translation has seen of it, and what is otherwise now.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::super::document::Document;
use super::{PlacedText, placed_texts};

/// Bytes of a hash that are kept: enough that no two texts share one by chance.
const KEPT: usize = 12;

/// A short hash of each text in a language with what it translates, by its place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SignedTexts(BTreeMap<String, String>);

impl SignedTexts {
    /// Those of a document as it is.
    pub fn of(document: &Document, language: &str) -> Self {
        let source = &document.default_language;
        let texts = placed_texts(document).into_iter();
        let said = texts.filter(|one| says(one, source) || says(one, language));
        Self(said.map(|one| (one.at.to_string(), hash(&one, source, language))).collect())
    }

    /// One hash of all of it: the same only where every text is.
    pub fn stamp(&self) -> String {
        let mut all = Sha256::new();
        for (place, hash) in &self.0 {
            all.update(format!("{place} {hash}\n"));
        }
        short(&all.finalize())
    }

    /// The places of the texts that are new or say something else in these.
    pub fn changed_in(&self, now: &Self) -> BTreeSet<String> {
        let changed = now.0.iter().filter(|(place, hash)| self.0.get(*place) != Some(*hash));
        changed.map(|(place, _)| place.clone()).collect()
    }
}

/// How many texts of the first language a language lacks.
pub fn missing(document: &Document, language: &str) -> usize {
    let source = &document.default_language;
    let texts = placed_texts(document).into_iter();
    texts.filter(|one| says(one, source) && !says(one, language)).count()
}

fn says(one: &PlacedText, language: &str) -> bool {
    one.text.0.get(language).is_some_and(|text| !text.trim().is_empty())
}

/// Of the first language its own words alone count.
fn hash(one: &PlacedText, source: &str, language: &str) -> String {
    let said = |language: &str| one.text.0.get(language).map_or("", |text| text.trim());
    let mut digest = Sha256::new();
    for text in [said(source), said(language)] {
        digest.update(text.len().to_le_bytes());
        digest.update(text);
    }
    short(&digest.finalize())
}

fn short(digest: &[u8]) -> String {
    let kept = digest.iter().take(KEPT);
    kept.fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::super::super::document::TextRole;
    use super::*;

    #[test]
    fn what_changes_on_either_side_is_known_and_what_comes_back_is_as_it_was() {
        let json = include_str!("../../../../../fixtures/questionnaires/all-kinds.json");
        let mut document: Document = serde_json::from_str(json).expect("a document");
        let signed = SignedTexts::of(&document, "en");
        assert!(signed.changed_in(&SignedTexts::of(&document, "en")).is_empty());
        let question = document.questions().next().expect("one").id;
        let place = format!("{question}.wording");
        for language in ["vi", "en"] {
            let before = document.clone();
            document.change_text((question, TextRole::Wording), |text| {
                text.0.insert(language.to_owned(), "khác".to_owned());
            });
            let now = SignedTexts::of(&document, "en");
            assert_eq!(signed.changed_in(&now), BTreeSet::from([place.clone()]), "{language}");
            assert_ne!(signed.stamp(), now.stamp());
            document = before;
        }
        assert_eq!(signed.stamp(), SignedTexts::of(&document, "en").stamp());
        // What another language says changes nothing.
        document.change_text((question, TextRole::Wording), |text| {
            text.0.insert("fr".to_owned(), "autre".to_owned());
        });
        assert_eq!(signed, SignedTexts::of(&document, "en"));
        let lacking = missing(&document, "en");
        document.change_text((question, TextRole::Wording), |text| {
            text.0.insert("en".to_owned(), " ".to_owned());
        });
        assert_eq!(missing(&document, "en"), lacking + 1);
    }
}
