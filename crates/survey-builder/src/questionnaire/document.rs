//! The document: what a questionnaire asks, as a tree that people edit.
//!
//! Questionnaire → sections → pages → questions. Every section, page,
//! question, battery row, option list and option has an immutable identity;
//! names are labels for people and exports and may change. A text is
//! identified by its owner and its role (wording, hint, label), so it needs no
//! identity of its own. Expressions stand as the text the author wrote; they
//! are compiled when a version is published.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

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
        self.0
            .get(language)
            .or_else(|| self.0.get(fallback))
            .or_else(|| self.0.values().next())
            .map_or("", String::as_str)
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Its identity.
    pub id: ItemId,
    /// Its name in files, such as `ward_services_2026`.
    pub name: String,
    /// Its title.
    pub title: Text,
    /// The languages every text must have.
    pub languages: Vec<Language>,
    /// The code of the language shown first.
    pub default_language: String,
    /// How a respondent is addressed in each language (`Ông/Bà`, `bạn`, `you`).
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub address_form: Text,
    /// The option lists that questions choose from.
    #[serde(default)]
    pub lists: Vec<OptionList>,
    /// The parts, in order.
    pub sections: Vec<Section>,
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
    /// Its pages, in order.
    pub pages: Vec<Page>,
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
    /// Its questions, in order.
    pub questions: Vec<Question>,
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

/// The sorts of question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Kind {
    /// One option of a list.
    Single(Choice),
    /// Any number of options of a list.
    Multiple(MultipleChoice),
    /// Several rows answered from one list, shown item by item.
    Battery(Battery),
    /// A whole number between two labelled ends, shown as buttons.
    Scale(Scale),
    /// A whole number.
    Integer(NumberRange),
    /// A number.
    Decimal(NumberRange),
    /// One line.
    ShortText(TextLength),
    /// Several lines.
    LongText(TextLength),
    /// A day.
    Date(DateRange),
    /// Something to read.
    Note,
    /// Whether the person takes part: a single choice that must be made.
    Consent(Choice),
    /// A value worked out from other answers; never shown.
    Computed(Computed),
}

/// The options of a single choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Choice {
    /// The name of the list.
    pub list: String,
    /// Which options are offered: a condition in which `.` is the option.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Whether each respondent sees the options in an order of their own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub shuffled: bool,
}

/// The options of a multiple choice and how many may be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MultipleChoice {
    /// The options.
    #[serde(flatten)]
    pub choice: Choice,
    /// The fewest that may be chosen, if any is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<u32>,
    /// The most that may be chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u32>,
}

/// Rows answered from one list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Battery {
    /// The name of the list.
    pub list: String,
    /// The rows, in order.
    pub rows: Vec<BatteryRow>,
    /// Whether each respondent sees the rows in an order of their own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub shuffled: bool,
}

/// One row of a battery: an item with an answer of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BatteryRow {
    /// Its identity.
    pub id: ItemId,
    /// Its name in data and expressions, unique in the document.
    pub name: String,
    /// What is asked.
    pub wording: Text,
}

/// A numbered scale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scale {
    /// The lowest point, such as 0.
    pub from: i32,
    /// The highest point, such as 10.
    pub to: i32,
    /// What the lowest point means.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub low: Text,
    /// What the highest point means.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub high: Text,
}

/// Bounds of a number, both ends in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NumberRange {
    /// The least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<f64>,
    /// The most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<f64>,
    /// The unit shown after the box.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub unit: Text,
}

/// How long a text may be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TextLength {
    /// The most characters; absent means the system's limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u32>,
}

/// Bounds of a day, both ends in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DateRange {
    /// The first day, `2026-01-31`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<String>,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<String>,
}

/// A value worked out from other answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Computed {
    /// How.
    pub expression: String,
    /// The list its value is a code of, if it is one: then it is tabulated with labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_false(flag: &bool) -> bool {
    !*flag
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

    /// Every page with its section, in order.
    pub fn pages(&self) -> impl Iterator<Item = (&Section, &Page)> {
        self.sections
            .iter()
            .flat_map(|section| section.pages.iter().map(move |page| (section, page)))
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
    /// What holds an answer: the question itself, or each row of a battery.
    /// Gives identity, name and wording.
    pub fn answered_items(&self) -> Vec<(ItemId, &str, &Text)> {
        match &self.kind {
            Kind::Battery(battery) => {
                battery.rows.iter().map(|row| (row.id, row.name.as_str(), &row.wording)).collect()
            }
            Kind::Note => Vec::new(),
            _ => vec![(self.id, self.name.as_str(), &self.wording)],
        }
    }

    /// Whether the question plays that role.
    pub fn has_role(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

impl Kind {
    /// Whether a respondent answers it (not a note, not computed).
    pub fn takes_answer(&self) -> bool {
        !matches!(self, Self::Note | Self::Computed(_))
    }

    /// The name of the list it chooses from.
    pub fn list(&self) -> Option<&str> {
        match self {
            Self::Single(choice) | Self::Consent(choice) => Some(&choice.list),
            Self::Multiple(multiple) => Some(&multiple.choice.list),
            Self::Battery(battery) => Some(&battery.list),
            Self::Computed(computed) => computed.list.as_deref(),
            _ => None,
        }
    }
}
