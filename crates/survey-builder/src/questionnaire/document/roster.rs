//! Rosters: named lists of things that the same questions are asked about.
//!
//! A member has an identity that stays, whatever happens to its name or to the
//! members before it. Rosters nest when a section that is asked for each
//! member of one stands inside a section that is asked for each of another.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::answer::ItemId;
use super::{Text, is_false};

/// A named list of things that questions are asked about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Roster {
    /// Its identity. The list of its members is stored as the answer to it.
    pub id: ItemId,
    /// Its name, unique in the document: `member.age` is everybody's age.
    pub name: String,
    /// What one member is called; may insert answers. Empty means its number.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub label: Text,
    /// Where its members come from.
    pub members: Members,
}

/// Where the members of a roster come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Members {
    /// They are always the same.
    Fixed {
        /// Each with its label.
        members: Vec<FixedMember>,
    },
    /// As many as an expression says.
    Count {
        /// A number.
        expression: String,
        /// The most there may be; absent means [`MOST_MEMBERS`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_most: Option<u32>,
    },
    /// The chosen options of a question.
    Chosen {
        /// The name of a multiple choice or a ranking.
        question: String,
    },
    /// The names in a text that is known beforehand, such as a value from the
    /// population list: parted by `;` or line ends. A member is who its name
    /// says; names that people type are better asked of members that are added.
    Listed {
        /// The name of a question whose answer is a text.
        question: String,
    },
    /// The other members of a roster one is in, for what holds between two of
    /// them: `How is ${other} related to ${person}?`
    Others {
        /// The name of that roster.
        roster: String,
        /// Only those that stand later, so that each pair is met once.
        #[serde(default, skip_serializing_if = "is_false")]
        later: bool,
    },
    /// The respondent adds and removes them.
    Added {
        /// The fewest.
        #[serde(default)]
        at_least: u32,
        /// The most; absent means [`MOST_MEMBERS`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_most: Option<u32>,
        /// What is asked before one more is added; empty means the usual words.
        #[serde(default, skip_serializing_if = "Text::is_empty")]
        wording: Text,
        /// What the person who answers is called: then that person is the first
        /// member and cannot be taken away. Empty means nobody is set apart.
        #[serde(default, skip_serializing_if = "Text::is_empty")]
        primary: Text,
    },
}

/// The most members a roster may have.
pub const MOST_MEMBERS: u32 = 500;

/// A member that is always there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FixedMember {
    /// Its identity.
    pub id: ItemId,
    /// Its code in data.
    pub code: String,
    /// What it is called.
    pub label: Text,
}

/// The members a section is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Each {
    /// The name of the roster.
    pub roster: String,
    /// Which of its members; absent means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
}
