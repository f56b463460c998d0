//! What changed between two documents, and what that means for data that are
//! already there.
//!
//! Things are compared by identity, so a new name is a new name and not a
//! removal and an addition. The mapping that comes with the changes says which
//! column of the one is which of the other.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::answer::ItemId;
use super::document::{Document, Item, Kind, OptionList, Page, Question, Section, Text};

/// What a change means for responses that were given before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Words, order and looks: answers mean the same.
    Cosmetic,
    /// More is asked, or of other people: columns fit together, with gaps.
    Compatible,
    /// A column ends or means something else: series must not be joined unseen.
    Breaking,
}

impl Weight {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cosmetic => "cosmetic",
            Self::Compatible => "compatible",
            Self::Breaking => "breaking",
        }
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What it means.
    pub weight: Weight,
    /// The name of the section, page, question or list.
    pub place: String,
    /// What changed: `wording`, `option_removed`, …
    pub what: String,
    /// What it was; empty where there was nothing.
    pub before: String,
    /// What it is; empty where there is nothing.
    pub after: String,
}

impl std::fmt::Display for Change {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}: {}", self.weight.name(), self.place, self.what)?;
        match (self.before.is_empty(), self.after.is_empty()) {
            (true, true) => Ok(()),
            (true, false) => write!(formatter, ": {}", self.after),
            (false, true) => write!(formatter, ": {}", self.before),
            (false, false) => write!(formatter, ": {} → {}", self.before, self.after),
        }
    }
}

/// Which column of the earlier document is which of the later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// The identity that both share.
    pub item: ItemId,
    /// Its name before.
    pub before: String,
    /// Its name after.
    pub after: String,
    /// Codes of options that are called otherwise now: before, after.
    pub codes: BTreeMap<String, String>,
}

/// Everything that changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The changes, in the order of the later document.
    pub changes: Vec<Change>,
    /// The items that both have.
    pub mapping: Vec<Mapping>,
}

impl Difference {
    /// The gravest change; `None` when nothing changed.
    pub fn weight(&self) -> Option<Weight> {
        self.changes.iter().map(|change| change.weight).max()
    }

    /// Compares two documents.
    pub fn between(before: &Document, after: &Document) -> Self {
        let mut comparison = Comparison { before, after, found: Self::default() };
        comparison.whole();
        comparison.lists();
        comparison.parts();
        comparison.questions();
        comparison.found
    }
}

struct Comparison<'a> {
    before: &'a Document,
    after: &'a Document,
    found: Difference,
}

impl<'a> Comparison<'a> {
    fn say(&mut self, weight: Weight, place: &str, what: &str, before: &str, after: &str) {
        self.found.changes.push(Change {
            weight,
            place: place.to_owned(),
            what: what.to_owned(),
            before: before.to_owned(),
            after: after.to_owned(),
        });
    }

    /// Says it when two values differ.
    fn compare(&mut self, weight: Weight, place: &str, what: &str, before: &str, after: &str) {
        if before != after {
            self.say(weight, place, what, before, after);
        }
    }

    fn text(&mut self, place: &str, what: &str, before: &Text, after: &Text) {
        if before == after {
            return;
        }
        // The first language in which it differs tells enough.
        let languages = before.0.keys().chain(after.0.keys());
        let of = |text: &Text, language: &str| text.0.get(language).cloned().unwrap_or_default();
        let differing = languages.map(|language| (of(before, language), of(after, language)));
        if let Some((was, is)) = differing.into_iter().find(|(was, is)| was != is) {
            self.say(Weight::Cosmetic, place, what, &was, &is);
        }
    }

    fn whole(&mut self) {
        let (before, after) = (self.before, self.after);
        self.compare(Weight::Cosmetic, &after.name, "name", &before.name, &after.name);
        self.text(&after.name, "title", &before.title, &after.title);
        self.text(&after.name, "address_form", &before.address_form, &after.address_form);
        let codes = |document: &Document| -> Vec<String> {
            document.languages.iter().map(|language| language.code.clone()).collect()
        };
        let (was, is) = (codes(before), codes(after));
        for added in is.iter().filter(|code| !was.contains(code)) {
            self.say(Weight::Compatible, &after.name, "language_added", "", added);
        }
        for removed in was.iter().filter(|code| !is.contains(code)) {
            self.say(Weight::Compatible, &after.name, "language_removed", removed, "");
        }
    }

    fn lists(&mut self) {
        let (before, after) = (self.before, self.after);
        let earlier: HashMap<ItemId, &OptionList> =
            before.lists.iter().map(|list| (list.id, list)).collect();
        for list in &after.lists {
            // A new list matters where a question uses it.
            let Some(old) = earlier.get(&list.id) else { continue };
            self.compare(Weight::Cosmetic, &list.name, "name", &old.name, &list.name);
            self.options(old, list);
        }
    }

    fn options(&mut self, before: &OptionList, after: &OptionList) {
        let place = &after.name;
        for option in &after.options {
            let Some(old) = before.options.iter().find(|old| old.id == option.id) else {
                self.say(Weight::Compatible, place, "option_added", "", &option.code);
                continue;
            };
            self.compare(Weight::Compatible, place, "option_code", &old.code, &option.code);
            self.text(place, "option_label", &old.label, &option.label);
            if old.missing != option.missing {
                self.say(Weight::Breaking, place, "option_missing", &option.code, "");
            }
            if old.ends != option.ends || old.exclusive != option.exclusive {
                self.say(Weight::Compatible, place, "option_effect", &option.code, "");
            }
        }
        for old in &before.options {
            if !after.options.iter().any(|option| option.id == old.id) {
                self.say(Weight::Breaking, place, "option_removed", &old.code, "");
            }
        }
        let order = |list: &OptionList, other: &OptionList| -> Vec<ItemId> {
            let shared = |id| other.options.iter().any(|option| option.id == id);
            list.options.iter().map(|option| option.id).filter(|id| shared(*id)).collect()
        };
        if order(before, after) != order(after, before) {
            self.say(Weight::Cosmetic, place, "option_order", "", "");
        }
    }

    fn parts(&mut self) {
        let (before, after) = (self.before, self.after);
        let old_sections: HashMap<ItemId, &Section> =
            before.all_sections().into_iter().map(|section| (section.id, section)).collect();
        for section in after.all_sections() {
            let Some(old) = old_sections.get(&section.id) else { continue };
            self.text(&section.name, "title", &old.title, &section.title);
            self.condition(
                &section.name,
                "relevant",
                old.relevant.as_ref(),
                section.relevant.as_ref(),
            );
            if old.each != section.each {
                self.say(Weight::Breaking, &section.name, "each", "", "");
            }
        }
        let old_pages: HashMap<ItemId, &Page> =
            before.pages().map(|(_, page)| (page.id, page)).collect();
        for (_, page) in after.pages() {
            let Some(old) = old_pages.get(&page.id) else { continue };
            self.condition(&page.name, "relevant", old.relevant.as_ref(), page.relevant.as_ref());
        }
        for roster in &after.rosters {
            let old = before.rosters.iter().find(|old| old.id == roster.id);
            if old.is_some_and(|old| old.members != roster.members) {
                self.say(Weight::Compatible, &roster.name, "members", "", "");
            }
        }
    }

    fn condition(
        &mut self,
        place: &str,
        what: &str,
        before: Option<&String>,
        after: Option<&String>,
    ) {
        let text = |condition: Option<&String>| condition.cloned().unwrap_or_default();
        let (before, after) = (text(before), text(after));
        self.compare(Weight::Compatible, place, what, &before, &after);
    }

    fn questions(&mut self) {
        let (before, after) = (self.before, self.after);
        let earlier: HashMap<ItemId, &Question> =
            before.questions().map(|question| (question.id, question)).collect();
        for question in after.questions() {
            match earlier.get(&question.id) {
                Some(old) => self.question(old, question),
                None => {
                    self.say(Weight::Compatible, &question.name, "question_added", "", "");
                }
            }
        }
        for old in before.questions() {
            if !after.questions().any(|question| question.id == old.id) {
                self.say(Weight::Breaking, &old.name, "question_removed", "", "");
            }
        }
        let order = |document: &'a Document, other: &'a Document| -> Vec<ItemId> {
            let shared: std::collections::HashSet<ItemId> =
                other.questions().map(|question| question.id).collect();
            document
                .questions()
                .map(|question| question.id)
                .filter(|id| shared.contains(id))
                .collect()
        };
        if order(before, after) != order(after, before) {
            self.say(Weight::Compatible, &after.name, "question_order", "", "");
        }
    }

    fn question(&mut self, before: &'a Question, after: &'a Question) {
        let place = &after.name;
        self.compare(Weight::Cosmetic, place, "name", &before.name, &after.name);
        self.text(place, "wording", &before.wording, &after.wording);
        self.text(place, "hint", &before.hint, &after.hint);
        self.text(place, "instruction", &before.instruction, &after.instruction);
        self.condition(place, "relevant", before.relevant.as_ref(), after.relevant.as_ref());
        if before.required != after.required || before.required_when != after.required_when {
            self.say(Weight::Compatible, place, "required", "", "");
        }
        if before.constraints != after.constraints {
            self.say(Weight::Compatible, place, "constraints", "", "");
        }
        if before.offers != after.offers {
            self.say(Weight::Compatible, place, "offers", "", "");
        }
        if before.kind.name() != after.kind.name() {
            let (was, is) = (before.kind.name(), after.kind.name());
            self.say(weight_of_kinds(before, after), place, "kind", was, is);
        } else if before.kind != after.kind {
            self.kind(before, after);
        }
        self.items(before, after);
    }

    /// Two questions of one kind that differ in it.
    fn kind(&mut self, before: &Question, after: &Question) {
        let place = &after.name;
        let list = |question: &Question, document: &Document| {
            let name = question.kind.list()?;
            document.list(name).map(|list| (list.id, name.to_owned()))
        };
        let (was, is) = (list(before, self.before), list(after, self.after));
        match (was, is) {
            (Some((old, was)), Some((new, is))) if old != new => {
                self.say(Weight::Breaking, place, "list", &was, &is);
            }
            _ => {}
        }
        match (&before.kind, &after.kind) {
            (Kind::Scale(old), Kind::Scale(new)) if (old.from, old.to) != (new.from, new.to) => {
                let (was, is) =
                    (format!("{}–{}", old.from, old.to), format!("{}–{}", new.from, new.to));
                self.say(Weight::Breaking, place, "scale", &was, &is);
            }
            (Kind::Computed(old), Kind::Computed(new)) => {
                self.compare(
                    Weight::Breaking,
                    place,
                    "calculation",
                    &old.expression,
                    &new.expression,
                );
            }
            (Kind::Integer(old) | Kind::Decimal(old), Kind::Integer(new) | Kind::Decimal(new))
                if old.unit != new.unit =>
            {
                self.text(place, "unit", &old.unit, &new.unit);
            }
            _ => self.say(Weight::Compatible, place, "settings", "", ""),
        }
    }

    /// Rows, cells and parts, and the mapping of what both have.
    fn items(&mut self, before: &'a Question, after: &'a Question) {
        let old: Vec<Item<'a>> = before.items();
        for item in after.items() {
            let Some(was) = old.iter().find(|was| was.id == item.id) else {
                self.say(Weight::Compatible, &after.name, "item_added", "", &item.name);
                continue;
            };
            if item.id != after.id {
                self.text(&item.name, "wording", was.wording, item.wording);
            }
            let codes = self.renamed_codes(was, &item);
            self.found.mapping.push(Mapping {
                item: item.id,
                before: was.name.to_string(),
                after: item.name.to_string(),
                codes,
            });
        }
        for was in old {
            if !after.items().iter().any(|item| item.id == was.id) {
                self.say(Weight::Breaking, &after.name, "item_removed", &was.name, "");
            }
        }
    }

    fn renamed_codes(&self, before: &Item<'_>, after: &Item<'_>) -> BTreeMap<String, String> {
        let old = before.list().and_then(|name| self.before.list(name));
        let new = after.list().and_then(|name| self.after.list(name));
        let (Some(old), Some(new)) = (old, new) else { return BTreeMap::new() };
        old.options
            .iter()
            .filter_map(|was| {
                let is = new.options.iter().find(|is| is.id == was.id)?;
                (was.code != is.code).then(|| (was.code.clone(), is.code.clone()))
            })
            .collect()
    }
}

/// A kind may become another with the same answers: a choice the consent, a
/// short text a long one.
fn weight_of_kinds(before: &Question, after: &Question) -> Weight {
    let types = |question: &Question| -> Vec<_> {
        question.items().into_iter().map(|item| (item.id, item.kind)).collect()
    };
    if types(before) == types(after) { Weight::Compatible } else { Weight::Breaking }
}
