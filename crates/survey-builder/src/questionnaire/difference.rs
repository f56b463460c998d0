//! What changed between two documents, and what that means for data that are
//! already there.
//!
//! Things are compared by identity, so a new name is a new name and not a
//! removal and an addition. The mapping that comes with the changes says which
//! column of the one is which of the other.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::answer::ItemId;
use super::document::{
    Document, Item, Kind, ListOption, NumberRange, OptionList, Page, Question, Scale, Section, Text,
};
use super::expression::Type;

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

macro_rules! aspects {
    ($($variant:ident $name:literal $meaning:literal),+ $(,)?) => {
        /// What can change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Aspect { $(#[doc = $meaning] $variant),+ }

        impl Aspect {
            /// Every one of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name in reports.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

aspects! {
    Name "name" "A name.",
    Title "title" "A title.",
    AddressForm "address_form" "How people are addressed.",
    LanguageAdded "language_added" "A language more.",
    LanguageRemoved "language_removed" "A language less.",
    OptionAdded "option_added" "An option more.",
    OptionRemoved "option_removed" "An option less.",
    OptionCode "option_code" "The code of an option.",
    OptionLabel "option_label" "The text of an option.",
    OptionMissing "option_missing" "Whether an option counts as no answer.",
    OptionEffect "option_effect" "What choosing an option does.",
    OptionOrder "option_order" "The order of options.",
    Relevant "relevant" "Who is asked.",
    Each "each" "The members it is asked for.",
    Members "members" "Where the members of a roster come from.",
    QuestionAdded "question_added" "A question more.",
    QuestionRemoved "question_removed" "A question less.",
    QuestionOrder "question_order" "The order of questions.",
    Wording "wording" "What is asked.",
    Hint "hint" "The help under it.",
    Instruction "instruction" "The help for interviewers.",
    Required "required" "Whether it must be answered.",
    Constraints "constraints" "What an answer must satisfy.",
    Offers "offers" "The reasons offered for no answer.",
    Kind "kind" "The sort of question.",
    Settings "settings" "How it is asked.",
    Answers "answers" "What answers are.",
    Scale "scale" "The points of a scale.",
    Low "low" "The text at the low end.",
    High "high" "The text at the high end.",
    Unit "unit" "The unit of a number.",
    Calculation "calculation" "How a value is worked out.",
    ItemAdded "item_added" "A row more.",
    ItemRemoved "item_removed" "A row less.",
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What it means.
    pub weight: Weight,
    /// The name of the section, page, question or list.
    pub place: String,
    /// What changed.
    pub what: Aspect,
    /// What it was; empty where there was nothing.
    pub before: String,
    /// What it is; empty where there is nothing.
    pub after: String,
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
    fn say(&mut self, weight: Weight, place: &str, what: Aspect, before: &str, after: &str) {
        self.found.changes.push(Change {
            weight,
            place: place.to_owned(),
            what,
            before: before.to_owned(),
            after: after.to_owned(),
        });
    }

    /// Says it when two values differ.
    fn compare(&mut self, weight: Weight, place: &str, what: Aspect, before: &str, after: &str) {
        if before != after {
            self.say(weight, place, what, before, after);
        }
    }

    fn text(&mut self, place: &str, what: Aspect, before: &Text, after: &Text) {
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
        self.compare(Weight::Cosmetic, &after.name, Aspect::Name, &before.name, &after.name);
        self.text(&after.name, Aspect::Title, &before.title, &after.title);
        self.text(&after.name, Aspect::AddressForm, &before.address_form, &after.address_form);
        let codes = |document: &Document| -> Vec<String> {
            document.languages.iter().map(|language| language.code.clone()).collect()
        };
        let (was, is) = (codes(before), codes(after));
        for added in is.iter().filter(|code| !was.contains(code)) {
            self.say(Weight::Compatible, &after.name, Aspect::LanguageAdded, "", added);
        }
        for removed in was.iter().filter(|code| !is.contains(code)) {
            self.say(Weight::Compatible, &after.name, Aspect::LanguageRemoved, removed, "");
        }
    }

    fn lists(&mut self) {
        let (before, after) = (self.before, self.after);
        let earlier: HashMap<ItemId, &OptionList> =
            before.lists.iter().map(|list| (list.id, list)).collect();
        for list in &after.lists {
            // A new list matters where a question uses it.
            let Some(old) = earlier.get(&list.id) else { continue };
            self.compare(Weight::Cosmetic, &list.name, Aspect::Name, &old.name, &list.name);
            self.options(old, list);
        }
    }

    fn options(&mut self, before: &OptionList, after: &OptionList) {
        let place = &after.name;
        let earlier: HashMap<ItemId, &ListOption> =
            before.options.iter().map(|option| (option.id, option)).collect();
        for option in &after.options {
            let Some(old) = earlier.get(&option.id) else {
                self.say(Weight::Compatible, place, Aspect::OptionAdded, "", &option.code);
                continue;
            };
            self.compare(Weight::Compatible, place, Aspect::OptionCode, &old.code, &option.code);
            self.text(place, Aspect::OptionLabel, &old.label, &option.label);
            if old.missing != option.missing {
                self.say(Weight::Breaking, place, Aspect::OptionMissing, &option.code, "");
            }
            if old.ends != option.ends || old.exclusive != option.exclusive {
                self.say(Weight::Compatible, place, Aspect::OptionEffect, &option.code, "");
            }
        }
        let of = |list: &OptionList| list.options.iter().map(|option| option.id).collect();
        let (was, is): (Vec<ItemId>, Vec<ItemId>) = (of(before), of(after));
        for removed in missing_from(&was, &is) {
            self.say(Weight::Breaking, place, Aspect::OptionRemoved, &earlier[&removed].code, "");
        }
        if !same_order(&was, &is) {
            self.say(Weight::Cosmetic, place, Aspect::OptionOrder, "", "");
        }
    }

    fn parts(&mut self) {
        let (before, after) = (self.before, self.after);
        let old_sections: HashMap<ItemId, &Section> =
            before.all_sections().into_iter().map(|section| (section.id, section)).collect();
        for section in after.all_sections() {
            let Some(old) = old_sections.get(&section.id) else { continue };
            self.text(&section.name, Aspect::Title, &old.title, &section.title);
            self.condition(&section.name, Aspect::Relevant, [&old.relevant, &section.relevant]);
            if old.each != section.each {
                self.say(Weight::Breaking, &section.name, Aspect::Each, "", "");
            }
        }
        let old_pages: HashMap<ItemId, &Page> =
            before.pages().map(|(_, page)| (page.id, page)).collect();
        for (_, page) in after.pages() {
            let Some(old) = old_pages.get(&page.id) else { continue };
            self.condition(&page.name, Aspect::Relevant, [&old.relevant, &page.relevant]);
        }
        for roster in &after.rosters {
            let old = before.rosters.iter().find(|old| old.id == roster.id);
            if old.is_some_and(|old| old.members != roster.members) {
                self.say(Weight::Compatible, &roster.name, Aspect::Members, "", "");
            }
        }
    }

    fn condition(&mut self, place: &str, what: Aspect, conditions: [&Option<String>; 2]) {
        let [before, after] = conditions.map(|text| text.as_deref().unwrap_or_default());
        self.compare(Weight::Compatible, place, what, before, after);
    }

    fn questions(&mut self) {
        let (before, after) = (self.before, self.after);
        let earlier: HashMap<ItemId, &Question> =
            before.questions().map(|question| (question.id, question)).collect();
        for question in after.questions() {
            match earlier.get(&question.id) {
                Some(old) => self.question(old, question),
                None => {
                    self.say(Weight::Compatible, &question.name, Aspect::QuestionAdded, "", "");
                }
            }
        }
        let of = |document: &Document| document.questions().map(|question| question.id).collect();
        let (was, is): (Vec<ItemId>, Vec<ItemId>) = (of(before), of(after));
        for removed in missing_from(&was, &is) {
            self.say(Weight::Breaking, &earlier[&removed].name, Aspect::QuestionRemoved, "", "");
        }
        if !same_order(&was, &is) {
            self.say(Weight::Compatible, &after.name, Aspect::QuestionOrder, "", "");
        }
    }

    fn question(&mut self, before: &'a Question, after: &'a Question) {
        let place = &after.name;
        self.compare(Weight::Cosmetic, place, Aspect::Name, &before.name, &after.name);
        self.text(place, Aspect::Wording, &before.wording, &after.wording);
        self.text(place, Aspect::Hint, &before.hint, &after.hint);
        self.text(place, Aspect::Instruction, &before.instruction, &after.instruction);
        self.condition(place, Aspect::Relevant, [&before.relevant, &after.relevant]);
        if before.required != after.required || before.required_when != after.required_when {
            self.say(Weight::Compatible, place, Aspect::Required, "", "");
        }
        if before.constraints != after.constraints {
            self.say(Weight::Compatible, place, Aspect::Constraints, "", "");
        }
        if before.offers != after.offers {
            self.say(Weight::Compatible, place, Aspect::Offers, "", "");
        }
        self.kind(before, after);
        self.items(before, after);
    }

    /// What the kind decides besides the type of the answers.
    fn kind(&mut self, before: &Question, after: &Question) {
        let place = &after.name;
        match (&before.kind, &after.kind) {
            (Kind::Scale(old), Kind::Scale(new)) => {
                self.text(place, Aspect::Low, &old.low, &new.low);
                self.text(place, Aspect::High, &old.high, &new.high);
                let points = |scale: &Scale| format!("{}–{}", scale.from, scale.to);
                self.compare(Weight::Breaking, place, Aspect::Scale, &points(old), &points(new));
            }
            (Kind::Computed(old), Kind::Computed(new)) => {
                let (was, is) = (&old.expression, &new.expression);
                self.compare(Weight::Breaking, place, Aspect::Calculation, was, is);
            }
            (Kind::Integer(old), Kind::Integer(new))
            | (Kind::Decimal(old), Kind::Decimal(new))
            | (Kind::Duration(old), Kind::Duration(new))
                if old.unit != new.unit =>
            {
                let unit = |range: &NumberRange| {
                    range.unit.get("", &self.after.default_language).to_owned()
                };
                // A number of another unit is another number.
                self.say(Weight::Breaking, place, Aspect::Unit, &unit(old), &unit(new));
            }
            _ => {}
        }
        let (was, is) = (before.kind.name(), after.kind.name());
        if was != is {
            // The types of the answers tell apart whether they fit together.
            self.say(Weight::Compatible, place, Aspect::Kind, was, is);
        } else if without_words(&before.kind) != without_words(&after.kind) {
            self.say(Weight::Compatible, place, Aspect::Settings, "", "");
        }
    }

    /// Rows, cells and parts, and the mapping of what both have.
    fn items(&mut self, before: &'a Question, after: &'a Question) {
        let (old, new): (Vec<Item<'a>>, Vec<Item<'a>>) = (before.items(), after.items());
        for item in &new {
            let Some(was) = old.iter().find(|was| was.id == item.id) else {
                self.say(Weight::Compatible, &after.name, Aspect::ItemAdded, "", &item.name);
                continue;
            };
            if item.id != after.id {
                self.text(&item.name, Aspect::Wording, was.wording, item.wording);
            }
            let (held, holds) = (answers(self.before, was), answers(self.after, item));
            if held != holds {
                self.say(Weight::Breaking, &item.name, Aspect::Answers, &held.shown, &holds.shown);
            }
            let codes = self.renamed_codes(was, item);
            self.found.mapping.push(Mapping {
                item: item.id,
                before: was.name.to_string(),
                after: item.name.to_string(),
                codes,
            });
        }
        for was in old {
            if !new.iter().any(|item| item.id == was.id) {
                self.say(Weight::Breaking, &after.name, Aspect::ItemRemoved, &was.name, "");
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

/// What the answers to an item are: a type, and the list by its identity,
/// since a list may be called otherwise.
#[derive(Debug)]
struct Answers {
    kind: Option<&'static str>,
    list: Option<ItemId>,
    shown: String,
}

impl PartialEq for Answers {
    fn eq(&self, other: &Self) -> bool {
        (self.kind, self.list) == (other.kind, other.list)
    }
}

fn answers(document: &Document, item: &Item<'_>) -> Answers {
    Answers {
        kind: item.kind.as_ref().map(Type::name),
        list: item.list().and_then(|name| document.list(name)).map(|list| list.id),
        shown: item.kind.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}

/// A kind without what is compared by itself: words, rows, lists' names, bounds
/// of scales, units, calculations.
fn without_words(kind: &Kind) -> Kind {
    let mut kind = kind.clone();
    if let Some(choice) = kind.choice_mut() {
        choice.list.clear();
        if let Some(other) = &mut choice.other {
            other.name.clear();
            other.wording = Text::default();
        }
    }
    match &mut kind {
        Kind::Battery(battery) => {
            battery.list.clear();
            battery.rows.clear();
        }
        Kind::Grid(grid) => {
            grid.rows.clear();
            grid.columns.clear();
        }
        Kind::BestWorst(pair) => {
            pair.list.clear();
            (pair.best, pair.worst) = (Text::default(), Text::default());
        }
        Kind::ChoiceSet(set) => {
            set.list.clear();
            for attribute in &mut set.attributes {
                attribute.list.clear();
            }
        }
        Kind::Scale(scale) => {
            *scale = Scale { step: scale.step, shown: scale.shown, ..Scale::default() }
        }
        Kind::Integer(range) | Kind::Decimal(range) | Kind::Duration(range) => {
            range.unit = Text::default();
        }
        Kind::Computed(computed) => {
            computed.expression.clear();
            computed.list = None;
        }
        _ => {}
    }
    kind
}

/// What of the first is not in the second.
fn missing_from(first: &[ItemId], second: &[ItemId]) -> Vec<ItemId> {
    let known: HashSet<&ItemId> = second.iter().collect();
    first.iter().filter(|id| !known.contains(id)).copied().collect()
}

/// Whether what both have stands in the same order in both.
fn same_order(first: &[ItemId], second: &[ItemId]) -> bool {
    let shared = |ids: &[ItemId], others: &[ItemId]| -> Vec<ItemId> {
        let known: HashSet<&ItemId> = others.iter().collect();
        ids.iter().filter(|id| known.contains(id)).copied().collect()
    };
    shared(first, second) == shared(second, first)
}
