//! What the columns of a dataset mean: labels in every language, levels, universe, missing codes.

use serde::{Deserialize, Serialize};
use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{Role, Text};

/// One level of a coded variable, or one option of a set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// The code in data.
    pub code: String,
    /// The label, by language.
    pub label: Text,
}

/// The sort of a variable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum VariableKind {
    /// One of its levels.
    Choice,
    /// Any number of its levels.
    Set,
    /// A whole number between two ends, one level a point.
    Scale {
        /// The lowest point.
        from: i32,
        /// The highest point.
        to: i32,
    },
    /// A number.
    Number,
    /// Text.
    Text,
    /// A day, as `2026-01-31`.
    Date,
}

/// The description of a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Variable {
    /// The name in data.
    pub name: String,
    /// The item of the questionnaire it holds; none for columns from elsewhere.
    pub item: Option<ItemId>,
    /// The place of a ranking that it holds, from 1; none for all else.
    pub place: Option<usize>,
    /// The question it belongs to: its own name, or that of the battery.
    pub question: String,
    /// The printed number of the question.
    pub number: Option<String>,
    /// What was asked, by language.
    pub label: Text,
    /// The question's wording where the variable is a row of a battery.
    pub heading: Text,
    /// The sort.
    pub kind: VariableKind,
    /// Levels, in order; empty for numbers and texts.
    pub levels: Vec<Level>,
    /// Unit of a number, by language.
    pub unit: Text,
    /// The conditions (section, page, question) under which it was asked; empty: everyone.
    pub universe: Vec<String>,
    /// What the answer is used for.
    pub roles: Vec<Role>,
}

impl Variable {
    /// A variable that is no question: a weight, a stratum, a recode.
    pub fn plain(name: &str, kind: VariableKind, levels: Vec<Level>) -> Self {
        Self {
            name: name.to_owned(),
            item: None,
            place: None,
            question: name.to_owned(),
            number: None,
            label: Text::default(),
            heading: Text::default(),
            kind,
            levels,
            unit: Text::default(),
            universe: Vec::new(),
            roles: Vec::new(),
        }
    }

    /// Whether it plays that role.
    pub fn has_role(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// The description of a dataset.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Codebook {
    /// Title, by language.
    pub title: Text,
    /// Language codes, the default first.
    pub languages: Vec<String>,
    /// Hashes of the versions whose responses it holds.
    pub versions: Vec<String>,
    /// The variables, in the order of the columns.
    pub variables: Vec<Variable>,
}

impl Codebook {
    /// The names of the variables, in one line.
    pub(crate) fn names(&self) -> String {
        let names: Vec<&str> = self.variables.iter().map(|own| own.name.as_str()).collect();
        names.join(", ")
    }
}
