//! A survey as its file tells it, before anything is made of it. Both files,
//! the structure and the table, are read into this.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::attribute::{Attributes, one_for_all};
use crate::account::{Cells, Left};

/// The most stages of a multiple choice whose options depend on each other.
const MOST_STAGES: usize = 9;

/// A text by the codes of languages.
pub(super) type Texts = BTreeMap<String, String>;

/// A survey.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// The codes of its languages, the base language first.
    pub languages: Vec<String>,
    /// The number it is known by.
    pub sid: String,
    /// Its settings, such as `format`.
    pub settings: Cells,
    /// Its texts, such as `surveyls_title`.
    pub texts: Attributes,
    pub groups: Vec<Group>,
    /// What has no place in a questionnaire: what it is and what it says.
    pub aside: Vec<(String, String)>,
    /// What was read from none of its cells.
    pub left: Vec<Left>,
}

/// A group of questions.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub id: String,
    pub order: f64,
    pub name: Texts,
    pub description: Texts,
    pub relevance: String,
    /// Groups with the same word here change places.
    pub random: String,
    pub questions: Vec<Asked>,
}

/// A question.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub id: String,
    pub group: String,
    pub order: f64,
    /// The letter of its type.
    pub kind: char,
    pub code: String,
    pub theme: String,
    pub wording: Texts,
    pub help: Texts,
    pub relevance: String,
    pub mandatory: String,
    pub other: bool,
    /// The pattern its answers must match.
    pub pattern: String,
    pub attributes: Attributes,
    pub parts: Vec<Part>,
    pub answers: Vec<Part>,
    pub defaults: Vec<Preset>,
    /// Conditions of versions without expressions.
    pub conditions: Vec<Condition>,
}

/// A subquestion or an answer.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub id: String,
    pub code: String,
    pub scale: u8,
    pub order: f64,
    pub text: Texts,
    pub relevance: String,
}

/// What a box holds before anything is answered.
#[derive(Debug, Default)]
pub(super) struct Preset {
    /// The subquestion it is for; empty for the question itself.
    pub part: String,
    /// `other` or `comment`, or empty.
    pub special: String,
    pub value: Texts,
}

/// One condition of versions without expressions.
#[derive(Clone, Debug, Default)]
pub(super) struct Condition {
    pub scenario: String,
    /// The question it reads.
    pub question: String,
    pub field: String,
    pub method: String,
    pub value: String,
}

impl Asked {
    /// An attribute that is one for all languages.
    pub(super) fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", |texts| one_for_all(texts).trim())
    }

    /// Whether an attribute is switched on.
    pub(super) fn is_on(&self, name: &str) -> bool {
        matches!(self.attribute(name), "1" | "Y" | "y" | "yes" | "true")
    }

    /// The subquestions of a scale, in order.
    pub(super) fn parts_of(&self, scale: u8) -> Vec<&Part> {
        self.parts.iter().filter(|part| part.scale == scale).collect()
    }

    /// The answers of a scale, in order.
    pub(super) fn answers_of(&self, scale: u8) -> Vec<&Part> {
        self.answers.iter().filter(|answer| answer.scale == scale).collect()
    }

    /// Whether the cells of a table of numbers are boxes to tick.
    pub(super) fn is_ticked(&self) -> bool {
        self.kind == ':' && self.is_on("multiflexible_checkbox")
    }

    /// The code of the option "other" of a multiple choice: another where a
    /// subquestion has the usual one.
    pub(super) fn other_code(&self) -> &'static str {
        if self.parts_of(0).iter().any(|part| part.code == "other") { "-oth-" } else { "other" }
    }

    /// The subquestions of a multiple choice by stages: those that are offered
    /// when others of the same question are ticked come after these.
    pub(super) fn stages(&self) -> Vec<Vec<&Part>> {
        let parts = self.parts_of(0);
        let places: HashMap<String, usize> = (parts.iter().enumerate())
            .map(|(place, part)| (format!("{}_{}", self.code, part.code), place))
            .collect();
        // The others that the condition of each reads.
        let read: Vec<BTreeSet<usize>> = (parts.iter().enumerate())
            .map(|(own, part)| {
                let words =
                    part.relevance.split(|next: char| !next.is_alphanumeric() && next != '_');
                let named = words.filter_map(|word| places.get(word).copied());
                named.filter(|place| *place != own).collect()
            })
            .collect();
        let mut stages = vec![0_usize; parts.len()];
        // Each turn may move one a stage further; those in a circle stop then.
        for _ in 0..parts.len().min(MOST_STAGES) {
            for (own, others) in read.iter().enumerate() {
                let after = others.iter().map(|other| stages[*other] + 1).max();
                stages[own] = after.unwrap_or_default().min(MOST_STAGES);
            }
        }
        let mut found: Vec<Vec<&Part>> = Vec::new();
        for stage in 0..=MOST_STAGES {
            let own = parts.iter().zip(&stages).filter(|(_, own)| **own == stage);
            let of_stage: Vec<&Part> = own.map(|(part, _)| *part).collect();
            // The first is there even where nothing is.
            if stage == 0 || !of_stage.is_empty() {
                found.push(of_stage);
            }
        }
        found
    }

    /// Where it is, for people.
    pub(super) fn place(&self) -> &str {
        if self.code.is_empty() { &self.id } else { &self.code }
    }
}

impl Survey {
    /// The code of the base language.
    pub(super) fn base(&self) -> &str {
        self.languages.first().map_or("en", String::as_str)
    }

    /// Every question, in order.
    pub(super) fn questions(&self) -> impl Iterator<Item = &Asked> {
        self.groups.iter().flat_map(|group| &group.questions)
    }

    /// Puts groups, questions and their parts into their order.
    pub(super) fn sort(&mut self) {
        let by = |one: f64, other: f64| one.total_cmp(&other);
        self.groups.sort_by(|one, other| by(one.order, other.order));
        for group in &mut self.groups {
            group.questions.sort_by(|one, other| by(one.order, other.order));
            for question in &mut group.questions {
                question.parts.sort_by(|one, other| by(one.order, other.order));
                question.answers.sort_by(|one, other| by(one.order, other.order));
            }
        }
    }
}

/// The number that a cell of an order holds.
pub(super) fn order(written: &str) -> f64 {
    crate::draft::text::number(written).unwrap_or(0.0)
}
