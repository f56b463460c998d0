//! What a document holds, in numbers: for lists, for imports, for comparing an
//! import with its source.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::document::{Block, Document, Kind, Members, Question, Section};

/// What a document holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The codes of its languages, the one shown first in front.
    pub languages: Vec<String>,
    /// How many sections there are, those within others counted too.
    pub sections: usize,
    /// How many pages.
    pub pages: usize,
    /// How many questions of each kind, by its name.
    pub questions: BTreeMap<String, usize>,
    /// How many rows batteries and grids have.
    pub rows: usize,
    /// How many lists of options.
    pub lists: usize,
    /// How many options in all lists.
    pub options: usize,
    /// How many rosters.
    pub rosters: usize,
    /// How many expressions decide something: relevance, constraints, filters,
    /// calculations, defaults, totals, edit checks.
    pub conditions: usize,
    /// How much of the source was kept as remarks only.
    pub remarks: usize,
}

impl Summary {
    /// Counts a document.
    pub fn of(document: &Document) -> Self {
        let mut languages = vec![document.default_language.clone()];
        languages.extend(
            document
                .languages
                .iter()
                .map(|language| language.code.clone())
                .filter(|code| *code != document.default_language),
        );
        let mut summary = Self {
            languages,
            sections: document.all_sections().len(),
            pages: document.pages().count(),
            lists: document.lists.len(),
            options: document.lists.iter().map(|list| list.options.len()).sum(),
            rosters: document.rosters.len(),
            conditions: document.checks.len(),
            remarks: document.remarks.len(),
            ..Self::default()
        };
        for section in document.all_sections() {
            summary.conditions += section_conditions(section);
        }
        for roster in &document.rosters {
            summary.conditions += usize::from(matches!(roster.members, Members::Count { .. }));
        }
        for question in document.questions() {
            *summary.questions.entry(question.kind.name().to_owned()).or_default() += 1;
            summary.conditions += question_conditions(question);
            summary.rows += match &question.kind {
                Kind::Battery(battery) => battery.rows.len(),
                Kind::Grid(grid) => grid.rows.len(),
                _ => 0,
            };
        }
        summary
    }

    /// How many questions there are, notes and calculations counted too.
    pub fn all_questions(&self) -> usize {
        self.questions.values().sum()
    }
}

fn section_conditions(section: &Section) -> usize {
    let each = section.each.as_ref().is_some_and(|each| each.filter.is_some());
    let pages = section.blocks.iter().filter(|block| match block {
        Block::Page(page) => page.relevant.is_some(),
        Block::Section(_) => false,
    });
    usize::from(section.relevant.is_some()) + usize::from(each) + pages.count()
}

fn question_conditions(question: &Question) -> usize {
    let own = [&question.relevant, &question.required_when, &question.default];
    let rows = match &question.kind {
        Kind::Battery(battery) => battery.rows.as_slice(),
        Kind::Grid(grid) => grid.rows.as_slice(),
        _ => &[],
    };
    let of_kind = match &question.kind {
        Kind::Computed(_) => true,
        Kind::Grid(grid) => grid.total.is_some(),
        kind => kind.choice().is_some_and(|choice| choice.filter.is_some()),
    };
    own.into_iter().flatten().count()
        + question.constraints.len()
        + usize::from(of_kind)
        + rows.iter().filter(|row| row.relevant.is_some()).count()
}
