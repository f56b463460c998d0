//! What chance decides must be able to.

use std::collections::BTreeSet;

use super::super::document::{ChoiceSet, Document, Question, Section, Selection, SelectionRule};
use super::super::finding::Findings;
use crate::problem::{Problem, phrase};

/// The most choices that a choice set may ask for.
const MOST_TASKS: u32 = 20;

/// A choice set needs alternatives that can differ.
pub(super) fn check_choice_set(
    document: &Document,
    place: &str,
    set: &ChoiceSet,
    findings: &mut Findings,
) {
    let count = |list: &str| document.list(list).map_or(0, |list| list.options.len());
    let alternatives = count(&set.list);
    if set.profiles < 2 || set.profiles as usize > alternatives {
        let (profiles, options) = (set.profiles.to_string(), alternatives.to_string());
        findings.error(
            Problem::new("choice-set-profiles", place)
                .with("profiles", &profiles)
                .with("options", &options),
        );
    }
    if set.tasks == 0 || set.tasks > MOST_TASKS {
        let tasks = set.tasks.to_string();
        findings.error(Problem::new("choice-set-tasks", place).with("tasks", &tasks));
    }
    if !set.attributes.iter().any(|attribute| count(&attribute.list) > 1) {
        findings.error(Problem::new("choice-set-attributes", place));
    }
    let mut names = BTreeSet::new();
    for attribute in set.attributes.iter().filter(|it| !names.insert(&it.name)) {
        let name = attribute.name.as_str();
        findings.error(Problem::new("duplicate-name", place).with("name", name));
    }
}

/// Who is asked is chosen from a roster, of whose members enough is known.
pub(super) fn check_selection(
    document: &Document,
    question: &Question,
    selection: &Selection,
    findings: &mut Findings,
) {
    let place = question.name.as_str();
    if document.roster(&selection.roster).is_none() {
        findings.error(Problem::new("unknown-roster", place).with("name", &selection.roster));
    }
    let lacks: [(&'static str, bool); 3] = [
        ("phrase-birthday", selection.rule.needs_birthdays() && selection.birthday.is_none()),
        (
            "phrase-whether-it-is-a-man",
            selection.rule == SelectionRule::KishGrid && selection.man.is_none(),
        ),
        ("phrase-age", selection.rule == SelectionRule::KishGrid && selection.age.is_none()),
    ];
    for (what, _) in lacks.into_iter().filter(|(_, lacks)| *lacks) {
        findings.error(
            Problem::new("selection-lacks", place)
                .with("what", phrase(what))
                .with("rule", phrase(selection.rule.key())),
        );
    }
    let inside = document.all_sections().into_iter().filter(|section| section.each.is_some());
    let mut pages = inside.flat_map(Section::with_inner).flat_map(Section::own_pages);
    if pages.any(|page| page.questions.iter().any(|one| one.id == question.id)) {
        findings.error(Problem::new("selection-inside", place));
    }
}
