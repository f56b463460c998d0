//! The second of two things of one name: it gets another, and so do its uses in the
//! section that it is in, if the first is not in there as well; elsewhere the name means
//! the first.

use std::collections::{BTreeMap, BTreeSet};

use super::grid;
use crate::questionnaire::document::{Block, Document, Kind, Question, Section};
use crate::questionnaire::expression::renamed;

/// A name that nothing has.
pub(super) fn free(document: &Document, wanted: &str) -> String {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for section in document.all_sections() {
        taken.insert(section.name.clone());
        taken.extend(section.own_pages().map(|page| page.name.clone()));
    }
    for question in document.questions() {
        taken.insert(question.name.clone());
        taken.extend(question.items().into_iter().map(|item| item.name.into_owned()));
    }
    taken.extend(document.lists.iter().map(|one| one.name.clone()));
    taken.extend(document.rosters.iter().map(|one| one.name.clone()));
    taken.extend(document.checks.iter().map(|one| one.name.clone()));
    let base = if wanted.is_empty() { "part" } else { wanted };
    let mut number = 2_u32;
    loop {
        let name = format!("{base}_{number}");
        if !taken.contains(&name) {
            return name;
        }
        number += 1;
    }
}

/// Renames the second thing of that name (of no name: the first), whatever sort of thing
/// two of it are. What was renamed, before and after: of a cell, its row or column.
pub(super) fn second(
    document: &mut Document,
    before: &str,
    after: &str,
) -> Option<(String, String)> {
    // Of two without a name none means anything.
    let keep = usize::from(!before.is_empty());
    let plain = lists_and_others(document, before, after, keep)
        || sections(document, before, after, keep)
        || questions(document, before, after, keep);
    if plain {
        return Some((before.to_owned(), after.to_owned()));
    }
    grid::rename_cell(document, before, after)
}

/// Renames the first of these names after as many as are kept.
fn rename_one<'n>(
    names: impl Iterator<Item = &'n mut String>,
    before: &str,
    after: &str,
    keep: usize,
) -> bool {
    match names.filter(|name| *name == before).nth(keep) {
        Some(name) => {
            after.clone_into(name);
            true
        }
        None => false,
    }
}

fn lists_and_others(document: &mut Document, before: &str, after: &str, keep: usize) -> bool {
    rename_one(document.lists.iter_mut().map(|one| &mut one.name), before, after, keep)
        || rename_one(document.rosters.iter_mut().map(|one| &mut one.name), before, after, keep)
        || rename_one(document.checks.iter_mut().map(|one| &mut one.name), before, after, keep)
}

fn sections(document: &mut Document, before: &str, after: &str, keep: usize) -> bool {
    fn collect<'s>(section: &'s mut Section, found: &mut Vec<&'s mut String>) {
        found.push(&mut section.name);
        for block in &mut section.blocks {
            if let Block::Section(inner) = block {
                collect(inner, found);
            }
        }
    }
    let mut names = Vec::new();
    document.sections.iter_mut().for_each(|section| collect(section, &mut names));
    if rename_one(names.into_iter(), before, after, keep) {
        return true;
    }
    let pages = document.pages_mut().into_iter().map(|page| &mut page.name);
    rename_one(pages, before, after, keep)
}

/// The names that a question has of its own: its own, those of its rows, of its box.
pub(super) fn names_of(question: &mut Question) -> Vec<&mut String> {
    let mut found = vec![&mut question.name];
    match &mut question.kind {
        Kind::Battery(battery) => found.extend(battery.rows.iter_mut().map(|row| &mut row.name)),
        // Of more columns, cells are called by row and column.
        Kind::Grid(grid) => {
            let alone = grid.columns.len() == 1;
            found.extend(grid.rows.iter_mut().filter(|_| alone).map(|row| &mut row.name));
        }
        kind => {
            let other = kind.choice_mut().and_then(|choice| choice.other.as_mut());
            found.extend(other.map(|other| &mut other.name));
        }
    }
    found
}

fn questions(document: &mut Document, before: &str, after: &str, keep: usize) -> bool {
    let pages = document.pages_mut();
    let all = pages.into_iter().flat_map(|page| &mut page.questions).flat_map(names_of);
    if !rename_one(all, before, after, keep) {
        return false;
    }
    follow_from(document, before, after, false);
    true
}

/// What reads a thing that was renamed reads the new name: where nothing else has the old
/// one, everywhere; otherwise in the smallest section around it, if that is not the
/// first's too.
pub(super) fn follow_from(document: &mut Document, before: &str, after: &str, everywhere: bool) {
    if everywhere {
        document.sections.iter_mut().for_each(|section| follow(section, before, after));
        let names = BTreeMap::from([(before.to_owned(), after.to_owned())]);
        for check in &mut document.checks {
            check.expression = renamed(&check.expression, &names);
        }
        return;
    }
    let around = document.sections.iter_mut().find_map(|section| smallest(section, after));
    if let Some(section) = around.filter(|section| !before.is_empty() && !has(section, before)) {
        follow(section, before, after);
    }
}

/// The smallest section in which a question of that name is.
fn smallest<'s>(section: &'s mut Section, name: &str) -> Option<&'s mut Section> {
    if !has(section, name) {
        return None;
    }
    let holds = |block: &Block| matches!(block, Block::Section(inner) if has(inner, name));
    let Some(place) = section.blocks.iter().position(holds) else { return Some(section) };
    match &mut section.blocks[place] {
        Block::Section(inner) => smallest(inner, name),
        Block::Page(_) => None,
    }
}

/// Whether something in a section has that name.
fn has(section: &Section, name: &str) -> bool {
    let pages = section.with_inner().into_iter().flat_map(Section::own_pages);
    let mut questions = pages.flat_map(|page| &page.questions);
    questions.any(|question| {
        question.name == name || question.items().iter().any(|item| item.name == name)
    })
}

/// What reads the old name in a section reads the new one.
fn follow(section: &mut Section, before: &str, after: &str) {
    let names = BTreeMap::from([(before.to_owned(), after.to_owned())]);
    section.each_expression(&mut |text| *text = renamed(text, &names));
    super::apply::section_texts(section, &mut |words| {
        for (open, close) in [("${", "}"), ("${", "|")] {
            let (old, new) = (format!("{open}{before}{close}"), format!("{open}{after}{close}"));
            if words.contains(&old) {
                *words = words.replace(&old, &new);
            }
        }
    });
}
