//! Kinds in which chance decides what a respondent is shown.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::answer::ItemId;
use super::{Text, is_false};

/// One option drawn by chance for each respondent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Arm {
    /// The name of the list of arms.
    pub list: String,
}

/// The best and the worst of a list (maximum difference scaling).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BestWorst {
    /// The name of the list.
    pub list: String,
    /// What the best is called, such as "most important".
    pub best: Text,
    /// What the worst is called.
    pub worst: Text,
    /// How many options each respondent sees, drawn by chance; absent means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawn: Option<u32>,
}

/// Alternatives made up by chance, to choose between several times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChoiceSet {
    /// The name of the list of the alternatives. Its first options stand for the
    /// profiles, in order; further ones, such as "neither", for none of them.
    pub list: String,
    /// How many profiles stand beside each other.
    pub profiles: u32,
    /// How many times the choice is made; each has an answer of its own.
    pub tasks: u32,
    /// What the profiles differ in.
    pub attributes: Vec<Attribute>,
    /// Whether each respondent sees the attributes in an order of their own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub shuffled: bool,
}

/// What alternatives differ in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// Its identity.
    pub id: ItemId,
    /// Its name in data, unique in the question.
    pub name: String,
    /// What it is called.
    pub label: Text,
    /// The name of the list of its levels, each drawn as often as the others.
    pub list: String,
}
