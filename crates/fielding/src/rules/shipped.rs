//! Blocks that the program ships with: standard demographics and scales in Vietnamese
//! and English, written by us. They are in the program, so that they are the same in
//! every installation; a version that was ever shipped stays, for the drafts that have it.

use std::sync::LazyLock;

use survey_builder::questionnaire::document::{Document, identity_of};
use survey_builder::questionnaire::library::{Block, cut};
use uuid::Uuid;

/// A block of the program.
#[derive(Debug)]
pub struct Shipped {
    /// Its identity, made of its key: the same in every installation.
    pub id: Uuid,
    /// Its key, by which its texts are named.
    pub key: &'static str,
    /// Whether its answers are added up: then something is to be said of reliability.
    pub is_scale: bool,
    versions: Vec<Block>,
}

impl Shipped {
    /// The number of its newest version.
    pub fn number(&self) -> i64 {
        i64::try_from(self.versions.len()).unwrap_or(i64::MAX)
    }

    /// One of its versions, from 1.
    pub fn version(&self, number: i64) -> Option<&Block> {
        self.versions.get(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    /// The newest version.
    pub fn newest(&self) -> Option<&Block> {
        self.versions.last()
    }
}

/// A document as it is in the program.
type Source = (&'static str, bool, &'static [&'static str]);

macro_rules! sources {
    ($($key:literal $is_scale:literal),+ $(,)?) => {
        &[$(($key, $is_scale, &[
            include_str!(concat!("../../../../fixtures/library/", $key, ".json")),
        ])),+]
    };
}

const SOURCES: &[Source] = sources![
    "sex" false,
    "birth-year" false,
    "age-group" false,
    "ethnicity" false,
    "education" false,
    "work" false,
    "marital-status" false,
    "household-size" false,
    "income-band" false,
    "province" false,
    "demographics" false,
    "satisfaction" true,
    "satisfaction-overall" false,
    "trust" true,
    "agreement" true,
];

static ALL: LazyLock<Vec<Shipped>> = LazyLock::new(|| SOURCES.iter().filter_map(read).collect());

/// A test looks that each can be read.
fn read((key, is_scale, versions): &Source) -> Option<Shipped> {
    let versions: Option<Vec<Block>> = versions.iter().map(|json| block(json)).collect();
    let id = identity_of("library", "block", key);
    Some(Shipped { id, key, is_scale: *is_scale, versions: versions? })
}

/// The only section of a document as a block; of one question, that question.
fn block(json: &str) -> Option<Block> {
    let document: Document = serde_json::from_str(json).ok()?;
    let section = document.sections.first()?;
    let mut questions = document.questions();
    let only = questions.next().filter(|_| questions.next().is_none());
    let mut block = cut(&document, only.map_or(section.id, |one| one.id))?.block;
    block.document.title = document.title.clone();
    Some(block)
}

/// Every one of them, in the order in which they are offered.
pub fn all() -> &'static [Shipped] {
    &ALL
}

/// The one with that identity.
pub fn find(id: Uuid) -> Option<&'static Shipped> {
    all().iter().find(|one| one.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    use survey_builder::questionnaire::finding::Severity;
    use survey_builder::questionnaire::library::insert;
    use survey_builder::questionnaire::operation::compose::blank;
    use survey_builder::questionnaire::operation::{Draft, perform};
    use survey_builder::questionnaire::publish::publish;
    use survey_builder::questionnaire::review::review;

    /// Each is read, is whole in both languages, stands in an empty questionnaire and is
    /// published there without a word of warning; all of them together too.
    #[test]
    fn each_is_published_in_both_languages() {
        assert_eq!(all().len(), SOURCES.len(), "each is read");
        let mut next = 0_u128;
        let mut fresh = || {
            next += 1;
            Uuid::from_u128(next)
        };
        let mut empty = blank("Khảo sát", ("vi", "Tiếng Việt"), &mut fresh);
        empty.languages = shipped_languages();
        empty.title.0.insert("en".to_owned(), "Survey".to_owned());
        empty.needs_all_languages = true;
        let mut together = Draft::of(empty.clone());
        for (place, one) in all().iter().enumerate() {
            let block = one.newest().expect("a version");
            assert_eq!(block.languages(), ["vi", "en"], "{}", one.key);
            assert_eq!(block.outside(), Vec::new(), "{}", one.key);
            let insertion = Uuid::from_u128(place as u128 + 1_000_000);
            let alone = insert(block, insertion, &empty, empty.id).expect("it is not empty");
            let mut draft = Draft::of(empty.clone());
            assert!(perform(&mut draft, &alone.wishes, &[]).refused.is_empty(), "{}", one.key);
            let found: Vec<String> = review(&draft.document)
                .iter()
                .filter(|finding| finding.severity != Severity::Note)
                // Whoever puts them in asks for consent.
                .filter(|finding| finding.problem.code != "no-consent")
                .map(|finding| format!("{:?}", finding.problem))
                .collect();
            assert_eq!(found, Vec::<String>::new(), "{}", one.key);
            publish(draft.document).expect("it can be published");
            let after = together.document.id;
            let joined = insert(block, insertion, &together.document, after).expect("it is there");
            assert!(perform(&mut together, &joined.wishes, &[]).refused.is_empty());
        }
        publish(together.document).expect("all of them together can be published");
        let ids: BTreeSet<Uuid> = all().iter().map(|one| one.id).collect();
        assert_eq!(ids.len(), all().len());
    }

    fn shipped_languages() -> Vec<survey_builder::questionnaire::document::Language> {
        let document = &all()[0].newest().expect("a version").document;
        document.languages.clone()
    }

    /// The 34 provinces and cities since 1 July 2025, by the codes of Decision
    /// 19/2025/QĐ-TTg, in their order.
    #[test]
    fn provinces_have_the_codes_of_the_decision() {
        let own = all().iter().find(|one| one.key == "province").expect("it ships");
        let list = &own.newest().expect("a version").document.lists[0];
        let codes: Vec<&str> = list
            .options
            .iter()
            .filter(|option| option.missing.is_none())
            .map(|option| option.code.as_str())
            .collect();
        let decided = "01 04 08 11 12 14 15 19 20 22 24 25 31 33 37 38 40 42 44 46 48 51 52 56 66 \
                       68 75 79 80 82 86 91 92 96";
        assert_eq!(codes.join(" "), decided);
        assert_eq!(codes.len(), 34);
    }
}
