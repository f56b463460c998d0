//! The texts of a questionnaire in the order in which they are read, as translators
//! work through them; and which translations are older than what they translate.

mod signed;

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use serde::de::IntoDeserializer as _;
use serde::{Deserialize as _, Serialize as _};
use uuid::Uuid;

use super::answer::ItemId;
use super::document::{Document, Slot, Text, TextRole};
use super::operation::{Operation, Property};

pub use signed::{SignedTexts, missing};

/// Where a text stands, also one that belongs to no item of its own. Written as
/// `IDENTITY.wording`, or `IDENTITY.constraint.0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TextPlace {
    /// A text of an item.
    Slot(Slot),
    /// What a question's constraint of that number, from 0, says when it does not hold.
    Constraint(ItemId, usize),
}

impl fmt::Display for TextPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slot((item, role)) => {
                write!(f, "{item}.")?;
                role.serialize(f)
            }
            Self::Constraint(question, number) => write!(f, "{question}.constraint.{number}"),
        }
    }
}

impl FromStr for TextPlace {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (item, rest) = text.split_once('.').ok_or(())?;
        let item = Uuid::try_parse(item).map_err(|_| ())?;
        if let Some(number) = rest.strip_prefix("constraint.") {
            return Ok(Self::Constraint(item, number.parse().map_err(|_| ())?));
        }
        let role: Result<TextRole, serde::de::value::Error> =
            TextRole::deserialize(rest.into_deserializer());
        Ok(Self::Slot((item, role.map_err(|_| ())?)))
    }
}

/// A text where it is read.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedText {
    /// Where it stands.
    pub at: TextPlace,
    /// The name of the question that it is read with; of the section or check.
    pub read_with: String,
    /// Whether it is the label of something that is chosen from.
    pub is_label: bool,
    /// What it says in each language.
    pub text: Text,
}

/// Every text that people read, in the order in which they read it: options after the
/// question that offers them first.
pub fn placed_texts(document: &Document) -> Vec<PlacedText> {
    let order = reading_order(document);
    let mut messages: HashMap<ItemId, usize> = HashMap::new();
    let constraints: HashMap<ItemId, usize> =
        document.questions().map(|question| (question.id, question.constraints.len())).collect();
    let mut found = Vec::new();
    document.clone().each_text(|worded| {
        let at = match (worded.slot, worded.item) {
            (Some(slot), _) => TextPlace::Slot(slot),
            (None, Some(question)) => {
                // Constraints come first, then the names of files, which nobody reads.
                let number = messages.entry(question).or_default();
                if *number >= constraints.get(&question).copied().unwrap_or_default() {
                    return;
                }
                *number += 1;
                TextPlace::Constraint(question, *number - 1)
            }
            (None, None) => return,
        };
        let (place, read_with) = order
            .get(worded.place)
            .map_or((0, worded.place), |(place, question)| (*place, question.as_str()));
        let is_label = matches!(at, TextPlace::Slot((_, TextRole::Label)));
        let (read_with, text) = (read_with.to_owned(), worded.text.clone());
        found.push((place, PlacedText { at, read_with, is_label, text }));
    });
    found.sort_by_key(|(place, one)| (*place, one.is_label));
    found.into_iter().map(|(_, one)| one).collect()
}

/// Where texts are read, by the name of a question, section or list: the place, and
/// the question that they are read with. A name that a list and a question share is
/// the question's.
fn reading_order(document: &Document) -> HashMap<String, (usize, String)> {
    let mut order: HashMap<String, (usize, String)> = HashMap::new();
    for (section, page) in document.pages() {
        for question in &page.questions {
            let at = order.len() + 1;
            order.entry(section.name.clone()).or_insert_with(|| (at, section.name.clone()));
            for list in question.kind.lists() {
                order.entry(list.to_owned()).or_insert_with(|| (at, question.name.clone()));
            }
            order.insert(question.name.clone(), (at, question.name.clone()));
        }
    }
    order
}

/// A text that is to say something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writing {
    /// Where it stands.
    pub at: TextPlace,
    /// Its language.
    pub language: String,
    /// What it said when it was last looked at.
    pub was: String,
    /// What it is to say; empty takes it away.
    pub now: String,
}

/// What writes these texts. Messages of constraints are set with their question, all
/// at once.
pub fn writings(document: &Document, writings: &[Writing]) -> Vec<Operation> {
    let mut operations = Vec::new();
    let mut messages: Vec<(ItemId, Vec<(usize, &Writing)>)> = Vec::new();
    for writing in writings {
        match writing.at {
            TextPlace::Slot((item, role)) => operations.push(Operation::Write {
                item,
                role,
                language: writing.language.clone(),
                was: writing.was.clone(),
                now: writing.now.clone(),
            }),
            TextPlace::Constraint(question, number) => {
                match messages.iter_mut().find(|(one, _)| *one == question) {
                    Some((_, of)) => of.push((number, writing)),
                    None => messages.push((question, vec![(number, writing)])),
                }
            }
        }
    }
    for (item, of) in messages {
        let Some(question) = document.questions().find(|question| question.id == item) else {
            continue;
        };
        let was = question.constraints.clone();
        let mut now = was.clone();
        for (number, writing) in of {
            let Some(constraint) = now.get_mut(number) else { continue };
            let texts = &mut constraint.message.0;
            if writing.now.is_empty() {
                texts.remove(&writing.language);
            } else {
                texts.insert(writing.language.clone(), writing.now.clone());
            }
        }
        let (was, now) = (Property::Constraints(was), Property::Constraints(now));
        operations.push(Operation::Set { item, was, now });
    }
    operations
}

/// What was done to the texts of a draft, read from its edits in order.
#[derive(Clone, Debug, Default)]
pub struct Translations {
    /// How each text was written, in order.
    written: HashMap<Spoken, Vec<Written>>,
    /// What somebody said that a translation is of, in the edit of that number.
    confirmed: HashMap<Spoken, (i64, String)>,
}

/// A text in one language.
type Spoken = (Slot, String);

/// What a text said before and after the edit of that number.
#[derive(Clone, Debug)]
struct Written {
    number: i64,
    was: String,
    now: String,
}

impl Translations {
    /// Takes an edit in; later ones have higher numbers.
    pub fn take(&mut self, number: i64, operations: &[Operation]) {
        for operation in operations {
            match operation {
                Operation::Write { item, role, language, was, now } => {
                    let key = ((*item, *role), language.clone());
                    let (was, now) = (was.clone(), now.clone());
                    self.written.entry(key).or_default().push(Written { number, was, now });
                }
                Operation::Confirm { item, role, language, now, .. } => {
                    let key = ((*item, *role), language.clone());
                    self.confirmed.insert(key, (number, now.clone()));
                }
                _ => {}
            }
        }
    }

    /// What the source said when a text was last translated, or when somebody last
    /// found that the translation still fits. `None` where the source has not been
    /// written since the draft began.
    pub fn translated_from(&self, slot: Slot, source: &str, target: &str) -> Option<&str> {
        let sources = self.written.get(&(slot, source.to_owned()))?;
        let target = (slot, target.to_owned());
        let last = self.written.get(&target).and_then(|all| all.last()).map(|one| one.number);
        if let Some((at, of)) = self.confirmed.get(&target)
            && last.is_none_or(|last| last <= *at)
        {
            return Some(of);
        }
        let before = |one: &&Written| one.number <= last.unwrap_or(0);
        match sources.iter().rev().find(before) {
            Some(one) => Some(&one.now),
            None => sources.first().map(|one| one.was.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::{Constraint, Question};
    use super::super::operation::Draft;
    use super::*;

    fn document() -> Document {
        let json = include_str!("../../../../fixtures/questionnaires/all-kinds.json");
        serde_json::from_str(json).expect("a document")
    }

    #[test]
    fn places_are_written_and_read_again() {
        let document = document();
        let texts = placed_texts(&document);
        assert!(texts.len() > 60, "{}", texts.len());
        for one in &texts {
            assert_eq!(one.at.to_string().parse(), Ok(one.at));
        }
        for not in ["", "x.wording", "0190", "00000000-0000-0000-0000-000000000007.x"] {
            assert_eq!(not.parse::<TextPlace>(), Err(()), "{not}");
        }
    }

    #[test]
    fn messages_of_constraints_are_texts_and_are_set_at_once() {
        let mut document = document();
        let more = |number: usize| Constraint {
            expression: "${age} > 1".to_owned(),
            message: Text::new("vi", &format!("Lời {number}")),
            soft: false,
        };
        for page in document.pages_mut().iter_mut().take(2) {
            let question = page.questions.first_mut().expect("one");
            question.constraints = (0..2).map(more).collect();
        }
        let messages: Vec<PlacedText> = placed_texts(&document)
            .into_iter()
            .filter(|one| matches!(one.at, TextPlace::Constraint(..)))
            .collect();
        let all: usize = document.questions().map(|question| question.constraints.len()).sum();
        assert_eq!(all, 4);
        assert_eq!(messages.len(), all);
        let writing = |at: TextPlace, now: &str| Writing {
            at,
            language: "en".to_owned(),
            was: String::new(),
            now: now.to_owned(),
        };
        let wanted: Vec<Writing> =
            messages.iter().map(|one| writing(one.at, &format!("new {}", one.at))).collect();
        let mut draft = Draft::of(document.clone());
        for operation in writings(&document, &wanted) {
            operation.apply(&mut draft).expect("fits");
        }
        for (question, now) in document.questions().zip(draft.document.questions()) {
            for (number, constraint) in now.constraints.iter().enumerate() {
                let place = TextPlace::Constraint(question.id, number);
                assert_eq!(constraint.message.0["en"], format!("new {place}"));
                let source = |one: &Question| one.constraints[number].message.0.get("vi").cloned();
                assert_eq!(source(question), source(now));
            }
        }
    }

    #[test]
    fn a_translation_is_of_what_the_source_said_then() {
        let item = Uuid::from_u128(7);
        let slot = (item, TextRole::Wording);
        let write = |language: &str, was: &str, now: &str| Operation::Write {
            item,
            role: TextRole::Wording,
            language: language.to_owned(),
            was: was.to_owned(),
            now: now.to_owned(),
        };
        let confirm = |was: &str, now: &str| Operation::Confirm {
            item,
            role: TextRole::Wording,
            language: "en".to_owned(),
            was: was.to_owned(),
            now: now.to_owned(),
        };
        let mut found = Translations::default();
        assert_eq!(found.translated_from(slot, "vi", "en"), None);
        found.take(1, &[write("en", "", "One")]);
        found.take(2, &[write("vi", "một", "hai")]);
        assert_eq!(found.translated_from(slot, "vi", "en"), Some("một"));
        found.take(3, &[write("en", "One", "Two")]);
        assert_eq!(found.translated_from(slot, "vi", "en"), Some("hai"));
        found.take(4, &[write("vi", "hai", "ba")]);
        assert_eq!(found.translated_from(slot, "vi", "en"), Some("hai"));
        found.take(5, &[confirm("hai", "ba")]);
        assert_eq!(found.translated_from(slot, "vi", "en"), Some("ba"));
        // Taken back, it is of what it was of before.
        found.take(6, &[confirm("ba", "hai")]);
        assert_eq!(found.translated_from(slot, "vi", "en"), Some("hai"));
        found.take(7, &[write("vi", "ba", "bốn"), write("en", "Two", "Four")]);
        assert_eq!(found.translated_from(slot, "vi", "en"), Some("bốn"));
    }
}
