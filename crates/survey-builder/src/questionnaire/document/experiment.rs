//! Kinds in which chance decides what is shown and who is asked.

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

/// Who of a household is asked: one member of a roster, by the rule and the number
/// that were fixed with the sample. It is decided once, when everything before it
/// has been answered, and then stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// The name of the roster.
    pub roster: String,
    /// How one is chosen.
    pub rule: SelectionRule,
    /// Which members may be asked: a condition inside the roster; absent means
    /// all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eligible: Option<String>,
    /// Whether a member is a man, inside the roster: Kish's grid lists men first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub man: Option<String>,
    /// The member's age in years, inside the roster, for Kish's grid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age: Option<String>,
    /// The member's birthday, inside the roster; its year does not matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birthday: Option<String>,
}

/// How one of a household is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SelectionRule {
    /// The grid of Kish (1949).
    KishGrid,
    /// Whose birthday comes next.
    NextBirthday,
    /// Whose birthday was last.
    LastBirthday,
    /// Any of those listed, with the same chance.
    FullRoster,
    /// The one who answers with their chance, else another by the last birthday
    /// (Rizzo, Brick and Park, 2004).
    Rizzo,
}

impl SelectionRule {
    /// The name in documents and texts: `kish_grid`, …
    pub fn name(self) -> &'static str {
        match self {
            Self::KishGrid => "kish_grid",
            Self::NextBirthday => "next_birthday",
            Self::LastBirthday => "last_birthday",
            Self::FullRoster => "full_roster",
            Self::Rizzo => "rizzo",
        }
    }

    /// The key of its name in the texts of each language.
    pub fn key(self) -> &'static str {
        match self {
            Self::KishGrid => "phrase-rule-kish-grid",
            Self::NextBirthday => "phrase-rule-next-birthday",
            Self::LastBirthday => "phrase-rule-last-birthday",
            Self::FullRoster => "phrase-rule-full-roster",
            Self::Rizzo => "phrase-rule-rizzo",
        }
    }

    /// Whether birthdays are needed.
    pub fn needs_birthdays(self) -> bool {
        matches!(self, Self::NextBirthday | Self::LastBirthday | Self::Rizzo)
    }
}
