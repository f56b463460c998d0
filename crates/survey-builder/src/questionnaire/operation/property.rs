//! What is set for a part of a document, apart from its texts.

use std::collections::BTreeMap;
use std::mem::replace;

use serde::{Deserialize, Serialize};

use super::super::answer::{ItemId, State};
use super::super::document::{
    Block, Constraint, Document, Each, EditCheck, Ending, Kind, Language, ListOption, Media,
    Members, Mode, OptionList, Page, Question, Required, Role, Roster, Row, Section, Slot, Text,
};
use super::Refusal;
use super::node::rows_mut;

/// One property with its value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "property", content = "value", rename_all = "snake_case")]
pub enum Property {
    /// The name in data and expressions.
    Name(String),
    /// The code of an option.
    Code(String),
    /// The printed number.
    Number(Option<String>),
    /// The kind of a question. Texts and rows that the kind before has too stay as
    /// they are in the draft: they are written on their own.
    Kind(Box<Kind>),
    /// What happens when it is left blank.
    Required(Required),
    /// When it must be answered.
    RequiredWhen(Option<String>),
    /// What its box holds before anything is answered.
    Default(Option<String>),
    /// Whether its answer can be changed.
    ReadOnly(bool),
    /// When it is on the path.
    Relevant(Option<String>),
    /// What an answer must satisfy, with what is said.
    Constraints(Vec<Constraint>),
    /// Reasons for no answer that are offered.
    Offers(Vec<State>),
    /// What its answer is used for.
    Roles(Vec<Role>),
    /// The modes it is for.
    Modes(Vec<Mode>),
    /// Pictures, sounds and films.
    Media(Vec<Media>),
    /// Whether it keeps its place in a random order.
    Anchored(bool),
    /// What other systems were told about its looks.
    Appearance(Option<String>),
    /// The members a section is asked for.
    Each(Option<Each>),
    /// Whether what is in it comes in random order.
    Shuffled(bool),
    /// Choosing the option means there is no value.
    Missing(Option<State>),
    /// Choosing the option clears the others.
    Exclusive(bool),
    /// Choosing the option ends the interview.
    Ends(Option<Ending>),
    /// The picture of an option.
    Image(Option<String>),
    /// What filters ask about an option.
    Attributes(BTreeMap<String, String>),
    /// Where members come from. Texts stay as with a kind.
    Members(Box<Members>),
    /// What a check looks at.
    Expression(String),
    /// The languages of the questionnaire.
    Languages(Vec<Language>),
    /// The language that is shown first.
    DefaultLanguage(String),
    /// Whether every text must be in every language.
    NeedsAllLanguages(bool),
}

impl Property {
    /// Without what is written on its own: two are the same when these are.
    fn bare(&self, item: ItemId) -> Self {
        match self {
            Self::Kind(kind) => {
                let mut kind = kind.clone();
                if let Some(rows) = rows_mut(&mut kind) {
                    rows.clear();
                }
                kind.each_text(item, |worded| *worded.text = Text::default());
                Self::Kind(kind)
            }
            Self::Members(members) => {
                let mut members = members.clone();
                members.each_text(item, |worded| *worded.text = Text::default());
                Self::Members(members)
            }
            other => other.clone(),
        }
    }

    /// Whether both mean the same, apart from what is written on its own.
    pub fn agrees(&self, other: &Self, item: ItemId) -> bool {
        self.bare(item) == other.bare(item)
    }
}

/// The texts of something, by where they stand.
fn collect(slots: &mut BTreeMap<Slot, Text>, slot: Option<Slot>, text: &Text) {
    if let Some(slot) = slot {
        slots.insert(slot, text.clone());
    }
}

/// Puts a kind in the place of another; rows and texts that both have stay.
fn replace_kind(kind: &mut Kind, question: ItemId, mut new: Kind) -> Kind {
    let mut texts = BTreeMap::new();
    kind.each_text(question, |worded| collect(&mut texts, worded.slot, worded.text));
    if let (Some(old), Some(rows)) = (rows_mut(kind), rows_mut(&mut new)) {
        rows.clone_from(old);
    }
    new.each_text(question, |worded| {
        if let Some(text) = worded.slot.and_then(|slot| texts.get(&slot)) {
            worded.text.clone_from(text);
        }
    });
    replace(kind, new)
}

/// Puts members in the place of others; texts that both have stay.
fn replace_members(members: &mut Members, roster: ItemId, mut new: Members) -> Members {
    let mut texts = BTreeMap::new();
    members.each_text(roster, |worded| collect(&mut texts, worded.slot, worded.text));
    new.each_text(roster, |worded| {
        if let Some(text) = worded.slot.and_then(|slot| texts.get(&slot)) {
            worded.text.clone_from(text);
        }
    });
    replace(members, new)
}

/// A part of a document, to change.
enum PartMut<'a> {
    Document(&'a mut Document),
    Section(&'a mut Section),
    Page(&'a mut Page),
    Question(&'a mut Question),
    Row(&'a mut Row),
    List(&'a mut OptionList),
    Option(&'a mut ListOption),
    Roster(&'a mut Roster),
    Check(&'a mut EditCheck),
}

fn in_section(section: &mut Section, item: ItemId) -> Option<PartMut<'_>> {
    if section.id == item {
        return Some(PartMut::Section(section));
    }
    section.blocks.iter_mut().find_map(|block| match block {
        Block::Section(inner) => in_section(inner, item),
        Block::Page(page) => in_page(page, item),
    })
}

fn in_page(page: &mut Page, item: ItemId) -> Option<PartMut<'_>> {
    if page.id == item {
        return Some(PartMut::Page(page));
    }
    page.questions.iter_mut().find_map(|question| {
        if question.id == item {
            return Some(PartMut::Question(question));
        }
        let rows = rows_mut(&mut question.kind)?;
        rows.iter_mut().find(|row| row.id == item).map(PartMut::Row)
    })
}

fn part_mut(document: &mut Document, item: ItemId) -> Option<PartMut<'_>> {
    if document.id == item {
        return Some(PartMut::Document(document));
    }
    for list in &mut document.lists {
        if list.id == item {
            return Some(PartMut::List(list));
        }
        if let Some(option) = list.options.iter_mut().find(|option| option.id == item) {
            return Some(PartMut::Option(option));
        }
    }
    if let Some(roster) = document.rosters.iter_mut().find(|roster| roster.id == item) {
        return Some(PartMut::Roster(roster));
    }
    if let Some(check) = document.checks.iter_mut().find(|check| check.id == item) {
        return Some(PartMut::Check(check));
    }
    document.sections.iter_mut().find_map(|section| in_section(section, item))
}

/// Sets a property and gives what was there.
///
/// # Errors
///
/// A part that is not there, or that has no such property.
pub(super) fn swap(
    document: &mut Document,
    item: ItemId,
    new: Property,
) -> Result<Property, Refusal> {
    let part = part_mut(document, item).ok_or(Refusal::Gone)?;
    match part {
        PartMut::Document(document) => of_document(document, new),
        PartMut::Section(section) => of_section(section, new),
        PartMut::Page(page) => of_page(page, new),
        PartMut::Question(question) => of_question(question, new),
        PartMut::Row(row) => match new {
            Property::Name(new) => Ok(Property::Name(replace(&mut row.name, new))),
            Property::Relevant(new) => Ok(Property::Relevant(replace(&mut row.relevant, new))),
            _ => Err(Refusal::DoesNotFit),
        },
        PartMut::List(list) => match new {
            Property::Name(new) => Ok(Property::Name(replace(&mut list.name, new))),
            _ => Err(Refusal::DoesNotFit),
        },
        PartMut::Option(option) => of_option(option, new),
        PartMut::Roster(roster) => match new {
            Property::Name(new) => Ok(Property::Name(replace(&mut roster.name, new))),
            Property::Members(new) => {
                let old = replace_members(&mut roster.members, roster.id, *new);
                Ok(Property::Members(Box::new(old)))
            }
            _ => Err(Refusal::DoesNotFit),
        },
        PartMut::Check(check) => match new {
            Property::Name(new) => Ok(Property::Name(replace(&mut check.name, new))),
            Property::Expression(new) => {
                Ok(Property::Expression(replace(&mut check.expression, new)))
            }
            _ => Err(Refusal::DoesNotFit),
        },
    }
}

fn of_document(document: &mut Document, new: Property) -> Result<Property, Refusal> {
    Ok(match new {
        Property::Name(new) => Property::Name(replace(&mut document.name, new)),
        Property::Languages(new) => Property::Languages(replace(&mut document.languages, new)),
        Property::DefaultLanguage(new) => {
            Property::DefaultLanguage(replace(&mut document.default_language, new))
        }
        Property::NeedsAllLanguages(new) => {
            Property::NeedsAllLanguages(replace(&mut document.needs_all_languages, new))
        }
        _ => return Err(Refusal::DoesNotFit),
    })
}

fn of_section(section: &mut Section, new: Property) -> Result<Property, Refusal> {
    Ok(match new {
        Property::Name(new) => Property::Name(replace(&mut section.name, new)),
        Property::Relevant(new) => Property::Relevant(replace(&mut section.relevant, new)),
        Property::Each(new) => Property::Each(replace(&mut section.each, new)),
        Property::Shuffled(new) => Property::Shuffled(replace(&mut section.shuffled, new)),
        Property::Anchored(new) => Property::Anchored(replace(&mut section.anchored, new)),
        _ => return Err(Refusal::DoesNotFit),
    })
}

fn of_page(page: &mut Page, new: Property) -> Result<Property, Refusal> {
    Ok(match new {
        Property::Name(new) => Property::Name(replace(&mut page.name, new)),
        Property::Relevant(new) => Property::Relevant(replace(&mut page.relevant, new)),
        Property::Shuffled(new) => Property::Shuffled(replace(&mut page.shuffled, new)),
        Property::Anchored(new) => Property::Anchored(replace(&mut page.anchored, new)),
        _ => return Err(Refusal::DoesNotFit),
    })
}

fn of_question(question: &mut Question, new: Property) -> Result<Property, Refusal> {
    Ok(match new {
        Property::Name(new) => Property::Name(replace(&mut question.name, new)),
        Property::Number(new) => Property::Number(replace(&mut question.number, new)),
        Property::Kind(new) => {
            Property::Kind(Box::new(replace_kind(&mut question.kind, question.id, *new)))
        }
        Property::Required(new) => Property::Required(replace(&mut question.required, new)),
        Property::RequiredWhen(new) => {
            Property::RequiredWhen(replace(&mut question.required_when, new))
        }
        Property::Default(new) => Property::Default(replace(&mut question.default, new)),
        Property::ReadOnly(new) => Property::ReadOnly(replace(&mut question.read_only, new)),
        Property::Relevant(new) => Property::Relevant(replace(&mut question.relevant, new)),
        Property::Constraints(new) => {
            Property::Constraints(replace(&mut question.constraints, new))
        }
        Property::Offers(new) => Property::Offers(replace(&mut question.offers, new)),
        Property::Roles(new) => Property::Roles(replace(&mut question.roles, new)),
        Property::Modes(new) => Property::Modes(replace(&mut question.modes, new)),
        Property::Media(new) => Property::Media(replace(&mut question.media, new)),
        Property::Anchored(new) => Property::Anchored(replace(&mut question.anchored, new)),
        Property::Appearance(new) => Property::Appearance(replace(&mut question.appearance, new)),
        _ => return Err(Refusal::DoesNotFit),
    })
}

fn of_option(option: &mut ListOption, new: Property) -> Result<Property, Refusal> {
    Ok(match new {
        Property::Code(new) => Property::Code(replace(&mut option.code, new)),
        Property::Missing(new) => Property::Missing(replace(&mut option.missing, new)),
        Property::Exclusive(new) => Property::Exclusive(replace(&mut option.exclusive, new)),
        Property::Anchored(new) => Property::Anchored(replace(&mut option.anchored, new)),
        Property::Ends(new) => Property::Ends(replace(&mut option.ends, new)),
        Property::Image(new) => Property::Image(replace(&mut option.image, new)),
        Property::Attributes(new) => Property::Attributes(replace(&mut option.attributes, new)),
        _ => return Err(Refusal::DoesNotFit),
    })
}
