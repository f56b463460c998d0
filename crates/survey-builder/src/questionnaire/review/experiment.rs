//! What chance decides must be able to.

use std::collections::BTreeSet;

use super::super::document::{ChoiceSet, Document, Question, Section, Selection, SelectionRule};
use super::super::finding::Findings;

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
            place,
            "choice-set-profiles",
            &[("profiles", &profiles), ("options", &options)],
            format!(
                "{profiles} profiles need two or more, and an option each; {options} are there"
            ),
        );
    }
    if set.tasks == 0 || set.tasks > MOST_TASKS {
        let tasks = set.tasks.to_string();
        findings.error(
            place,
            "choice-set-tasks",
            &[("tasks", &tasks)],
            format!("{tasks} choices are asked for; from 1 to {MOST_TASKS} can be"),
        );
    }
    if !set.attributes.iter().any(|attribute| count(&attribute.list) > 1) {
        findings.error(
            place,
            "choice-set-attributes",
            &[],
            "the profiles differ in nothing: give an attribute two levels or more".to_owned(),
        );
    }
    let mut names = BTreeSet::new();
    for attribute in set.attributes.iter().filter(|it| !names.insert(&it.name)) {
        let (role, name) = ("attribute", attribute.name.as_str());
        findings.error(
            place,
            "duplicate-name",
            &[("role", role), ("name", name)],
            format!("two attributes are called \"{name}\""),
        );
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
        findings.error(
            place,
            "unknown-roster",
            &[("name", &selection.roster)],
            format!("there is no roster \"{}\"", selection.roster),
        );
    }
    let lacks: &[(&str, bool)] = &[
        ("birthday", selection.rule.needs_birthdays() && selection.birthday.is_none()),
        ("man", selection.rule == SelectionRule::KishGrid && selection.man.is_none()),
        ("age", selection.rule == SelectionRule::KishGrid && selection.age.is_none()),
    ];
    for (what, _) in lacks.iter().filter(|(_, lacks)| *lacks) {
        findings.error(
            place,
            "selection-lacks",
            &[("what", what), ("rule", selection.rule.name())],
            format!("{} needs to know \"{what}\" of each member", selection.rule.name()),
        );
    }
    let inside = document.all_sections().into_iter().filter(|section| section.each.is_some());
    let mut pages = inside.flat_map(Section::with_inner).flat_map(Section::own_pages);
    if pages.any(|page| page.questions.iter().any(|one| one.id == question.id)) {
        findings.error(
            place,
            "selection-inside",
            &[],
            "it stands inside a roster; put it after the one it chooses from".to_owned(),
        );
    }
}
