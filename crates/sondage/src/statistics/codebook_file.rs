//! A codebook as a TOML file beside the data: written by `sondage codebook`, read by `--codebook`.

use std::collections::BTreeMap;
use std::path::Path;

use analysis::dataset::{Codebook, Measure, ResponseSet, SetBase, SetKind, Variable, VariableKind};
use serde::{Deserialize, Serialize};
use survey_builder::questionnaire::document::Text;

use crate::terminal::Failure;

/// A codebook as it is written. What is left out stays as the data file says it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodebookFile {
    /// The column that weights the rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<String>,
    /// The columns, and those that are computed.
    #[serde(default, rename = "variable", skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<Entry>,
    /// Several columns that hold the answers to one question.
    #[serde(default, rename = "set", skip_serializing_if = "Vec::is_empty")]
    pub sets: Vec<SetEntry>,
}

/// What is said of one column.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its name in the data.
    pub name: String,
    /// What was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<Words>,
    /// What its values are.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// What they mean beside each other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measure: Option<Measure>,
    /// The unit of numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Words>,
    /// Values that stand for no answer, and ranges such as `-99..-90`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<Vec<String>>,
    /// Of whom it was asked: conditions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<Vec<String>>,
    /// What it is computed from, where the data do not have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub computed: Option<String>,
    /// Levels in order, each with its label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub levels: Option<Vec<(String, Words)>>,
}

/// Several columns that hold the answers to one question.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetEntry {
    /// Its name.
    pub name: String,
    /// What was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<Words>,
    /// Its columns.
    pub variables: Vec<String>,
    /// The value that says that an option was chosen; without it the columns hold options.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chosen: Option<String>,
    /// Whom shares are of.
    #[serde(default)]
    pub base: SetBase,
}

/// A text, or one for each language.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged, expecting = "a text, or a table of texts by language")]
pub enum Words {
    /// In a language that nobody named.
    One(String),
    /// By language.
    Several(BTreeMap<String, String>),
}

/// Types of values by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One of its levels.
    Choice,
    /// A number.
    Number,
    /// Text.
    Text,
    /// A day.
    Date,
}

impl Words {
    /// As a text by language.
    pub fn text(&self) -> Text {
        match self {
            Self::One(words) => Text::new("", words),
            Self::Several(words) => Text(words.clone()),
        }
    }

    fn of(text: &Text) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        Some(match text.0.get("").filter(|_| text.0.len() == 1) {
            Some(words) => Self::One(words.clone()),
            None => Self::Several(text.0.clone()),
        })
    }
}

impl Kind {
    /// As the library takes it.
    pub fn kind(self) -> VariableKind {
        match self {
            Self::Choice => VariableKind::Choice,
            Self::Number => VariableKind::Number,
            Self::Text => VariableKind::Text,
            Self::Date => VariableKind::Date,
        }
    }

    /// As it is written.
    pub fn of(kind: &VariableKind) -> Self {
        match kind {
            VariableKind::Choice | VariableKind::Set | VariableKind::Scale { .. } => Self::Choice,
            VariableKind::Number => Self::Number,
            VariableKind::Text => Self::Text,
            VariableKind::Date => Self::Date,
        }
    }

    /// Its name as programs read it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Choice => "choice",
            Self::Number => "number",
            Self::Text => "text",
            Self::Date => "date",
        }
    }
}

impl Entry {
    fn of(variable: &Variable) -> Self {
        let levels = variable.levels.iter().map(|level| {
            let words = Words::of(&level.label);
            (level.code.clone(), words.unwrap_or_else(|| Words::One(level.code.clone())))
        });
        let missing = variable.missing.as_typed();
        Self {
            name: variable.name.clone(),
            label: Words::of(&variable.label),
            kind: Some(Kind::of(&variable.kind)),
            measure: Some(variable.measure),
            unit: Words::of(&variable.unit),
            missing: Some(missing).filter(|missing| !missing.is_empty()),
            asked: Some(variable.universe.clone()).filter(|asked| !asked.is_empty()),
            computed: variable.computed.clone(),
            levels: Some(levels.collect()).filter(|levels: &Vec<_>| !levels.is_empty()),
        }
    }
}

impl SetEntry {
    /// As the library takes it.
    pub fn set(&self) -> ResponseSet {
        ResponseSet {
            name: self.name.clone(),
            label: self.label.as_ref().map(Words::text).unwrap_or_default(),
            kind: match &self.chosen {
                Some(value) => SetKind::Chosen(value.clone()),
                None => SetKind::Options,
            },
            base: self.base,
            variables: self.variables.clone(),
        }
    }

    fn of(set: &ResponseSet) -> Self {
        Self {
            name: set.name.clone(),
            label: Words::of(&set.label),
            variables: set.variables.clone(),
            chosen: match &set.kind {
                SetKind::Chosen(value) => Some(value.clone()),
                SetKind::Options => None,
            },
            base: set.base,
        }
    }
}

impl CodebookFile {
    /// A codebook as it is written.
    pub fn of(codebook: &Codebook) -> Self {
        Self {
            weight: codebook.weight.clone(),
            variables: codebook.variables.iter().map(Entry::of).collect(),
            sets: codebook.sets.iter().map(SetEntry::of).collect(),
        }
    }

    /// Reads a codebook.
    ///
    /// # Errors
    /// A file that cannot be read, is no TOML, or has a key that is not known: with line and column.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let told = |reason: String| Failure::File { file: path.display().to_string(), reason };
        let text = std::fs::read_to_string(path).map_err(|error| told(error.to_string()))?;
        toml::from_str(&text).map_err(|error| told(error.to_string().trim_end().to_owned()))
    }
}
