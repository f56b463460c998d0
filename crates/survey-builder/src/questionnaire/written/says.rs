//! What lines say of their parts; whatever they do not say stays as it is.

use std::collections::BTreeSet;

use super::super::document::TextRole;

/// One thing that lines can say; in a sheet a column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// The code.
    Code,
    /// What it is.
    Kind,
    /// Its main text in a language.
    Text(String),
    /// Help under it in a language.
    Hint(String),
    /// The list that it chooses from, or that it is an option of.
    List,
    /// When it is on the path.
    Relevant,
    /// What happens when it is left blank.
    Required,
    /// What an answer must satisfy.
    Constraint,
    /// What is said in a language where it does not.
    Message(String),
    /// The ways not to answer; the reason for which an option counts as no answer.
    Missing,
    /// How a value is worked out.
    Calculation,
    /// Help that only interviewers see, in a language.
    Instruction(String),
    /// The printed number.
    Number,
    /// What else is set: said for people, and never read.
    Kept,
}

/// What lines say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Says {
    /// The things that are said of each part.
    pub columns: BTreeSet<Column>,
    /// Whether every list of options is written: one that is not is gone.
    pub all_lists: bool,
    /// Whether line breaks have become spaces on the way.
    pub without_breaks: bool,
}

impl Says {
    /// What the notation says.
    pub fn text(languages: &[String]) -> Self {
        use Column::{
            Calculation, Code, Hint, Instruction, Kept, Kind, List, Number, Relevant, Required,
            Text,
        };
        let mut columns =
            BTreeSet::from([Code, Kind, List, Relevant, Required, Calculation, Number, Kept]);
        for language in languages {
            columns.extend([Text, Hint, Instruction].map(|of| of(language.clone())));
        }
        Self { columns, ..Self::default() }
    }

    /// What a whole sheet says.
    pub fn sheet(languages: &[String]) -> Self {
        let mut says = Self::text(languages);
        says.columns.extend([Column::Constraint, Column::Missing]);
        says.columns.extend(languages.iter().cloned().map(Column::Message));
        Self { all_lists: true, ..says }
    }

    /// Whether that is said.
    pub fn has(&self, column: &Column) -> bool {
        self.columns.contains(column)
    }

    /// Whether a text that was there is said to be the same.
    pub(super) fn same(&self, before: &str, said: &str) -> bool {
        before == said || self.without_breaks && before.replace('\n', " ") == said
    }

    /// The languages in which texts of that role are said.
    pub(super) fn languages(&self, role: TextRole) -> Vec<&str> {
        self.columns.iter().filter_map(|column| in_language(role, column)).collect()
    }
}

/// The language of a column that holds texts of that role.
fn in_language(role: TextRole, column: &Column) -> Option<&str> {
    match (role, column) {
        (TextRole::Title | TextRole::Label | TextRole::Wording, Column::Text(language))
        | (TextRole::Hint, Column::Hint(language))
        | (TextRole::Instruction, Column::Instruction(language))
        | (TextRole::Message, Column::Message(language)) => Some(language),
        _ => None,
    }
}
