//! What the columns of a dataset mean: labels in every language, levels, universe, missing codes.

use serde::{Deserialize, Serialize};
use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{Role, Text};

use crate::dataset::missing::MissingValues;

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

/// What the values of a variable mean beside each other, and so what may be done with them (Stevens 1946).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Names: equal or not.
    Nominal,
    /// Places in an order.
    Ordinal,
    /// Amounts: they can be added up.
    Scale,
}

impl VariableKind {
    /// The measure where nothing else is known: options are names, points of a scale have an order.
    pub fn measure(&self) -> Measure {
        match self {
            Self::Choice | Self::Set | Self::Text => Measure::Nominal,
            Self::Scale { .. } => Measure::Ordinal,
            Self::Number | Self::Date => Measure::Scale,
        }
    }
}

/// What each variable of a response set holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetKind {
    /// Whether one option was chosen: the value that says so.
    Chosen(String),
    /// One of the options that were chosen, by its code; all variables have the same levels.
    Options,
}

/// Whom the shares of a response set are of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetBase {
    /// Those who have a value in any of its variables.
    #[default]
    Answered,
    /// Everybody: no value in any variable means that no option was chosen.
    Everybody,
}

/// Several variables that hold the answers to one question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseSet {
    /// Its name, among those of variables.
    pub name: String,
    /// What was asked, by language.
    pub label: Text,
    /// What its variables hold.
    pub kind: SetKind,
    /// Whom its shares are of.
    pub base: SetBase,
    /// The names of its variables, in order.
    pub variables: Vec<String>,
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
    /// What its values mean beside each other.
    pub measure: Measure,
    /// Levels, in order; empty for numbers and texts.
    pub levels: Vec<Level>,
    /// Values that stand for no answer.
    pub missing: MissingValues,
    /// What it was computed from, an expression; none for what was collected.
    pub computed: Option<String>,
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
            measure: kind.measure(),
            kind,
            levels,
            missing: MissingValues::default(),
            computed: None,
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
    /// Several variables that hold the answers to one question.
    #[serde(default)]
    pub sets: Vec<ResponseSet>,
    /// The variable that weights the rows, where the data say so.
    #[serde(default)]
    pub weight: Option<String>,
}

impl Codebook {
    /// The variable with that name.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.name == name)
    }

    /// The set with that name.
    pub fn set(&self, name: &str) -> Option<&ResponseSet> {
        self.sets.iter().find(|set| set.name == name)
    }

    /// The names of the variables, in one line.
    pub(crate) fn names(&self) -> String {
        let names: Vec<&str> = self.variables.iter().map(|own| own.name.as_str()).collect();
        names.join(", ")
    }
}
