//! The outline: a line a question, with what decides who is asked it.

use std::collections::HashMap;

use serde::Serialize;
use survey_builder::questionnaire::document::{Block, Document, Kind, Question, Section};
use survey_builder::questionnaire::finding::Severity;
use uuid::Uuid;

use super::Seen;
use super::said::{Said, Speaker};
use super::several::Several;
use crate::library::addressed;
use crate::paper;

/// A section of the outline.
#[derive(Serialize)]
pub struct OutlineSection {
    id: String,
    title: String,
    /// How deep it stands: 0 for the outermost.
    depth: usize,
    chosen: bool,
    /// When it is asked, in words; empty means always.
    condition: Vec<Said>,
    pages: Vec<OutlinePage>,
}

/// What is shown at once.
#[derive(Serialize)]
pub struct OutlinePage {
    id: String,
    chosen: bool,
    condition: Vec<Said>,
    questions: Vec<OutlineQuestion>,
}

/// A question of the outline.
#[derive(Serialize)]
pub struct OutlineQuestion {
    id: String,
    /// What stands before it.
    number: String,
    wording: String,
    /// What sort of answer it takes, with how many there are to choose from.
    kind: String,
    condition: Vec<Said>,
    chosen: bool,
    /// Whether it is ticked, where several are.
    ticked: bool,
    /// The options or rows of the one that is chosen.
    options: Vec<String>,
    errors: usize,
    warnings: usize,
    /// Whether two changed its words at once.
    disputed: bool,
    /// Others who have chosen it too.
    others: Vec<String>,
}

/// Lays the draft out, with one question chosen or several ticked.
pub fn outline(
    seen: &Seen,
    (chosen, several): (Option<Uuid>, Option<&Several>),
    language: &str,
) -> Vec<OutlineSection> {
    // Where several are ticked, none is open.
    let chosen = chosen.filter(|_| several.is_none());
    let document = seen.document();
    let mut found: HashMap<&str, (usize, usize)> = HashMap::new();
    for finding in &seen.findings {
        let place = finding.problem.place.as_text().unwrap_or_default();
        let counts = found.entry(place).or_default();
        match finding.severity {
            Severity::Error => counts.0 += 1,
            Severity::Warning | Severity::Note => counts.1 += 1,
        }
    }
    let shown = document.default_language.as_str();
    let line = Outline {
        seen,
        chosen,
        several,
        language,
        shown,
        labels: paper::labels(document),
        speaker: Speaker::new(&seen.version, language),
        found,
    };
    let mut sections = Vec::new();
    for section in &document.sections {
        line.section(section, 0, &mut sections);
    }
    sections
}

/// What laying out needs to know everywhere.
struct Outline<'a> {
    seen: &'a Seen,
    chosen: Option<Uuid>,
    several: Option<&'a Several>,
    language: &'a str,
    shown: &'a str,
    labels: HashMap<String, String>,
    speaker: Speaker<'a>,
    /// Errors and warnings by the name of where they are.
    found: HashMap<&'a str, (usize, usize)>,
}

impl Outline<'_> {
    fn section(&self, section: &Section, depth: usize, sections: &mut Vec<OutlineSection>) {
        let pages = section.own_pages().map(|page| OutlinePage {
            id: page.id.to_string(),
            chosen: self.chosen == Some(page.id),
            condition: self.speaker.optional(page.relevant.as_ref()),
            questions: page.questions.iter().map(|question| self.question(question)).collect(),
        });
        sections.push(OutlineSection {
            id: section.id.to_string(),
            title: self.text(&section.title),
            depth,
            chosen: self.chosen == Some(section.id),
            condition: self.speaker.optional(section.relevant.as_ref()),
            pages: pages.collect(),
        });
        for block in &section.blocks {
            if let Block::Section(inner) = block {
                self.section(inner, depth + 1, sections);
            }
        }
    }

    fn text(&self, text: &survey_builder::questionnaire::document::Text) -> String {
        addressed(self.seen.document(), self.shown, text.get(self.shown, self.shown))
    }

    fn question(&self, question: &Question) -> OutlineQuestion {
        let document = self.seen.document();
        let chosen = self.chosen == Some(question.id);
        let mut counts = self.found.get(question.name.as_str()).copied().unwrap_or_default();
        for row in question.kind.rows() {
            let (errors, warnings) = self.found.get(row.name.as_str()).copied().unwrap_or_default();
            counts = (counts.0 + errors, counts.1 + warnings);
        }
        let own =
            |id: Uuid| id == question.id || question.kind.rows().iter().any(|row| row.id == id);
        let conflicts = &self.seen.stored.draft.conflicts;
        OutlineQuestion {
            id: question.id.to_string(),
            number: self.labels.get(&question.name).cloned().unwrap_or_default(),
            wording: match self.text(&question.wording) {
                empty if empty.trim().is_empty() => question.name.clone(),
                wording => wording,
            },
            kind: kind_in_short(document, &question.kind, self.language),
            condition: self.speaker.optional(question.relevant.as_ref()),
            chosen,
            ticked: self.several.is_some_and(|several| several.items.contains(&question.id)),
            options: if chosen { self.options(question) } else { Vec::new() },
            errors: counts.0,
            warnings: counts.1,
            disputed: conflicts.iter().any(|conflict| own(conflict.item)),
            others: self.others_at(own),
        }
    }

    /// Who else has chosen what is meant.
    fn others_at(&self, meant: impl Fn(Uuid) -> bool) -> Vec<String> {
        let others =
            self.seen.others.iter().filter(|one| one.item.is_some_and(|item| meant(item.0)));
        others.map(|one| one.name.clone()).collect()
    }

    fn options(&self, question: &Question) -> Vec<String> {
        let document = self.seen.document();
        let rows = question.kind.rows().iter().map(|row| self.text(&row.wording));
        let list = question.kind.list().and_then(|list| document.list(list));
        let options = list.map_or(&[][..], |list| &list.options).iter();
        rows.chain(options.map(|option| self.text(&option.label))).collect()
    }
}

/// A kind in a word or two: "one of 6", "grid 5 × 6".
pub fn kind_in_short(document: &Document, kind: &Kind, language: &str) -> String {
    let options = kind.list().and_then(|list| document.list(list));
    let options = options.map_or(0, |list| list.options.len()).to_string();
    let rows = kind.rows().len().to_string();
    let columns = match kind {
        Kind::Grid(grid) => grid.columns.len().to_string(),
        _ => options.clone(),
    };
    let key = format!("kind-short-{}", kind.name().replace('_', "-"));
    let arguments = [("options", options.as_str()), ("rows", &rows), ("columns", &columns)];
    locale::text(language, &key, &arguments)
}
