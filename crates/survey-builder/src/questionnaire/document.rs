//! The document: what a questionnaire asks, as a tree that people edit.
//!
//! Questionnaire → sections → pages → questions; sections nest, and a section
//! may be asked once for each member of a roster. Every section, page,
//! question, row, roster, option list and option has an immutable identity;
//! names are labels for people and exports and may change. A text is
//! identified by its owner and its role (wording, hint, label), so it needs no
//! identity of its own. Expressions stand as the text the author wrote; they
//! are compiled when a version is published.

mod convert;
mod experiment;
mod expressions;
mod identities;
mod item;
mod kind;
mod roster;
mod texts;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::convert::OFFERED;
pub use self::experiment::*;
pub use self::item::*;
pub use self::kind::*;
pub use self::roster::*;
pub use self::texts::*;
use super::answer::{ItemId, State};

/// A text in each language, by language code (`vi`, `en`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Text(pub BTreeMap<String, String>);

impl Text {
    /// One text in one language.
    pub fn new(language: &str, text: &str) -> Self {
        Self(BTreeMap::from([(language.to_owned(), text.to_owned())]))
    }

    /// The text in `language`, else in `fallback`, else in any, else empty.
    pub fn get(&self, language: &str, fallback: &str) -> &str {
        let said = |text: &&String| !text.trim().is_empty();
        let of = |language: &str| self.0.get(language).filter(said);
        of(language)
            .or_else(|| of(fallback))
            .or_else(|| self.0.values().find(said))
            .map_or("", String::as_str)
    }

    /// Whether it says something in that language.
    pub fn is_in(&self, language: &str) -> bool {
        self.0.get(language).is_some_and(|text| !text.trim().is_empty())
    }

    /// Whether no language has any text.
    pub fn is_empty(&self) -> bool {
        self.0.values().all(|text| text.trim().is_empty())
    }
}

/// A language of the questionnaire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Language {
    /// BCP 47 code, such as `vi`.
    pub code: String,
    /// Its own name for itself, such as `Tiếng Việt`.
    pub name: String,
}

/// A questionnaire as it is written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Its identity.
    pub id: ItemId,
    /// Its name in files, such as `ward_services_2026`.
    pub name: String,
    /// Its title.
    pub title: Text,
    /// The languages it can be read in.
    pub languages: Vec<Language>,
    /// The code of the language shown first, and where another lacks a text.
    pub default_language: String,
    /// Whether every text must be in every language before it is published.
    #[serde(default, skip_serializing_if = "is_false")]
    pub needs_all_languages: bool,
    /// How a respondent is addressed in each language (`Ông/Bà`, `bạn`, `you`).
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub address_form: Text,
    /// The option lists that questions choose from.
    #[serde(default)]
    pub lists: Vec<OptionList>,
    /// The lists of things that sections are asked about, such as the members
    /// of a household.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rosters: Vec<Roster>,
    /// The parts, in order.
    pub sections: Vec<Section>,
    /// What must hold between answers, looked at when an interview is done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<EditCheck>,
    /// What an import could not carry over, in the words of its source.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Remark>,
}

/// A condition between answers. It never stops an interview: it marks it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EditCheck {
    /// Its identity.
    pub id: ItemId,
    /// Its name, unique in the document.
    pub name: String,
    /// The condition that must hold.
    pub expression: String,
    /// What is said when it does not.
    pub message: Text,
}

/// Something of another system that has no place in a document: kept, so that
/// the author can decide about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Remark {
    /// The item it belonged to; absent means the whole questionnaire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<ItemId>,
    /// What it was, such as `relevance`.
    pub role: String,
    /// What it said.
    pub original: String,
}

/// A named list of options.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OptionList {
    /// Its identity.
    pub id: ItemId,
    /// Its name, unique in the document.
    pub name: String,
    /// The options in their natural order.
    pub options: Vec<ListOption>,
}

/// One option of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListOption {
    /// Its identity.
    pub id: ItemId,
    /// Its code in data, unique in the list.
    pub code: String,
    /// What the respondent reads.
    pub label: Text,
    /// Choosing it means there is no value, for this reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<State>,
    /// Choosing it clears the others.
    #[serde(default, skip_serializing_if = "is_false")]
    pub exclusive: bool,
    /// It keeps its place when options are shuffled.
    #[serde(default, skip_serializing_if = "is_false")]
    pub anchored: bool,
    /// Choosing it ends the interview.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<Ending>,
    /// Its picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// What filters ask about it: `attribute(., 'province')`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
}

impl ListOption {
    /// An option that means nothing but itself.
    pub fn new(id: ItemId, code: &str, label: Text) -> Self {
        Self {
            id,
            code: code.to_owned(),
            label,
            missing: None,
            exclusive: false,
            anchored: false,
            ends: None,
            image: None,
            attributes: BTreeMap::new(),
        }
    }
}

/// Why an interview ends before its last page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The person does not want to take part.
    Refused,
    /// The person is not in the population.
    ScreenedOut,
}

/// What stands in a section.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// A page.
    Page(Page),
    /// A section within the section.
    Section(Section),
}

/// A part of the questionnaire with a title.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Its identity.
    pub id: ItemId,
    /// Its name, unique in the document.
    pub name: String,
    /// Its title; may be empty.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub title: Text,
    /// When it is on the path; absent means always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relevant: Option<String>,
    /// The members it is asked for, one after the other; absent means it is
    /// asked once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<Each>,
    /// Whether each respondent gets its blocks in an order of their own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub shuffled: bool,
    /// It keeps its place when the section around it is shuffled.
    #[serde(default, skip_serializing_if = "is_false")]
    pub anchored: bool,
    /// Its pages and sections, in order.
    pub blocks: Vec<Block>,
}

impl Section {
    /// A section that is always asked.
    pub fn new(id: ItemId, name: &str, blocks: Vec<Block>) -> Self {
        Self {
            id,
            name: name.to_owned(),
            title: Text::default(),
            relevant: None,
            each: None,
            shuffled: false,
            anchored: false,
            blocks,
        }
    }

    /// It and every section within it, outer before inner, in order.
    pub fn with_inner(&self) -> Vec<&Self> {
        let mut found = vec![self];
        for block in &self.blocks {
            if let Block::Section(inner) = block {
                found.extend(inner.with_inner());
            }
        }
        found
    }

    /// The pages that stand in it itself, not in a section within it.
    pub fn own_pages(&self) -> impl Iterator<Item = &Page> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Page(page) => Some(page),
            Block::Section(_) => None,
        })
    }
}

/// What is shown at once: one topic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Its identity.
    pub id: ItemId,
    /// Its name, unique in the document; part of its address.
    pub name: String,
    /// When it is on the path; absent means whenever a question on it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relevant: Option<String>,
    /// Whether each respondent gets its questions in an order of their own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub shuffled: bool,
    /// It keeps its place when its section is shuffled.
    #[serde(default, skip_serializing_if = "is_false")]
    pub anchored: bool,
    /// Its questions, in order.
    pub questions: Vec<Question>,
}

impl Page {
    /// A page that is shown whenever one of its questions is asked.
    pub fn new(id: ItemId, name: &str, questions: Vec<Question>) -> Self {
        Self {
            id,
            name: name.to_owned(),
            relevant: None,
            shuffled: false,
            anchored: false,
            questions,
        }
    }
}

/// One question, note or computed value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its identity.
    pub id: ItemId,
    /// Its name in data and expressions, unique in the document.
    pub name: String,
    /// The printed number, such as `10`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// What is asked.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub wording: Text,
    /// Help under the wording.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub hint: Text,
    /// Help that only interviewers see.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub instruction: Text,
    /// What sort of answer it takes.
    pub kind: Kind,
    /// What happens when it is left blank.
    #[serde(default, skip_serializing_if = "Required::is_default")]
    pub required: Required,
    /// When `required` holds, a condition; absent means always. Otherwise it
    /// is not required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_when: Option<String>,
    /// What its box holds before anything is answered: an expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Whether its answer is shown and cannot be changed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub read_only: bool,
    /// When it is on the path; absent means whenever its page is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relevant: Option<String>,
    /// What an answer must satisfy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub constraints: Vec<Constraint>,
    /// Reasons for having no value that are offered beside the answer box
    /// (choices offer them as options of their list).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<State>,
    /// What the answer is used for besides tables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Role>,
    /// The modes it is for; none named means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modes: Vec<Mode>,
    /// Pictures, sounds and films that go with the wording.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Media>,
    /// It keeps its place when its page is shuffled.
    #[serde(default, skip_serializing_if = "is_false")]
    pub anchored: bool,
    /// What other systems were told about its looks; kept for export.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appearance: Option<String>,
}

/// How an interview is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The respondent reads and answers on a screen.
    Web,
    /// An interviewer asks by telephone.
    Phone,
    /// An interviewer asks in person.
    FaceToFace,
    /// The respondent reads and answers on paper.
    Paper,
}

impl Mode {
    /// The name in documents: `web`, `phone`, …
    pub fn name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Phone => "phone",
            Self::FaceToFace => "face_to_face",
            Self::Paper => "paper",
        }
    }
}

/// A picture, sound or film beside a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Media {
    /// What it is.
    pub kind: MediaKind,
    /// The name of its file in each language.
    pub file: Text,
}

/// What happens when a question is left blank.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Required {
    /// Nothing: blank is accepted at once.
    No,
    /// It is asked again once, then accepted.
    #[default]
    Soft,
    /// It must be answered.
    Hard,
}

impl Required {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A condition on an answer, with what to say when it fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Constraint {
    /// The condition; `.` is the answer.
    pub expression: String,
    /// What the respondent reads when it is not met; may be empty.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub message: Text,
    /// Whether the respondent may go on all the same.
    #[serde(default, skip_serializing_if = "is_false")]
    pub soft: bool,
}

/// What an answer is used for besides tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Asks whether the person takes part.
    Consent,
    /// A margin is known for it: weights are raked to it.
    Weighting,
    /// Part of the base weight, such as the number of adults in the household.
    DesignWeight,
    /// Reported first.
    KeyOutcome,
    /// May be refused without a reason and is never shown in small cells.
    Sensitive,
    /// Chooses between versions of a wording.
    SplitBallot,
}

/// The namespace in which identities of imported items are made.
const IDENTITY_NAMESPACE: Uuid = Uuid::from_u128(0x5a0d_a6e0_0001_4c5e_9a3e_7b1f_2d4c_6e88);

/// An identity that the same source always gives again, so that importing a
/// file twice gives one document and not two.
pub fn identity_of(document: &str, role: &str, name: &str) -> ItemId {
    Uuid::new_v5(&IDENTITY_NAMESPACE, format!("{document}\u{1f}{role}\u{1f}{name}").as_bytes())
}

impl Document {
    /// The list with that name.
    pub fn list(&self, name: &str) -> Option<&OptionList> {
        self.lists.iter().find(|list| list.name == name)
    }

    /// The roster with that name.
    pub fn roster(&self, name: &str) -> Option<&Roster> {
        self.rosters.iter().find(|roster| roster.name == name)
    }

    /// Every section, outer before inner, in order.
    pub fn all_sections(&self) -> Vec<&Section> {
        self.sections.iter().flat_map(Section::with_inner).collect()
    }

    /// Every page with the section it stands in, in order.
    pub fn pages(&self) -> impl Iterator<Item = (&Section, &Page)> {
        fn collect<'a>(section: &'a Section, found: &mut Vec<(&'a Section, &'a Page)>) {
            for block in &section.blocks {
                match block {
                    Block::Page(page) => found.push((section, page)),
                    Block::Section(inner) => collect(inner, found),
                }
            }
        }
        let mut found = Vec::new();
        for section in &self.sections {
            collect(section, &mut found);
        }
        found.into_iter()
    }

    /// Every page, to change, in order.
    pub fn pages_mut(&mut self) -> Vec<&mut Page> {
        fn collect<'a>(section: &'a mut Section, found: &mut Vec<&'a mut Page>) {
            for block in &mut section.blocks {
                match block {
                    Block::Page(page) => found.push(page),
                    Block::Section(inner) => collect(inner, found),
                }
            }
        }
        let mut found = Vec::new();
        for section in &mut self.sections {
            collect(section, &mut found);
        }
        found
    }

    /// The question of that name, to change.
    pub fn question_mut(&mut self, name: &str) -> Option<&mut Question> {
        let pages = self.pages_mut().into_iter();
        pages.flat_map(|page| &mut page.questions).find(|question| question.name == name)
    }

    /// Every question, in order.
    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        self.pages().flat_map(|(_, page)| &page.questions)
    }

    /// How many questions a respondent is told there are: the printed numbers,
    /// or where nothing is numbered every question that takes an answer.
    pub fn question_count(&self) -> usize {
        let asked = || self.questions().filter(|question| question.kind.takes_answer());
        let numbers: std::collections::BTreeSet<&str> =
            asked().filter_map(|question| question.number.as_deref()).collect();
        if numbers.is_empty() { asked().count() } else { numbers.len() }
    }
}

impl Question {
    /// A question that asks nothing special.
    pub fn new(id: ItemId, name: &str, wording: Text, kind: Kind) -> Self {
        Self {
            id,
            name: name.to_owned(),
            number: None,
            wording,
            hint: Text::default(),
            instruction: Text::default(),
            kind,
            required: Required::default(),
            required_when: None,
            default: None,
            read_only: false,
            relevant: None,
            constraints: Vec::new(),
            offers: Vec::new(),
            roles: Vec::new(),
            modes: Vec::new(),
            media: Vec::new(),
            anchored: false,
            appearance: None,
        }
    }

    /// Whether an answer may be doubted and kept all the same.
    pub fn may_be_doubted(&self) -> bool {
        self.constraints.iter().any(|constraint| constraint.soft)
    }

    /// Whether the question plays that role.
    pub fn has_role(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether it is asked in that mode.
    pub fn is_for(&self, mode: Mode) -> bool {
        self.modes.is_empty() || self.modes.contains(&mode)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_false(flag: &bool) -> bool {
    !*flag
}
