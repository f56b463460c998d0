//! A new name for a question or a row, followed wherever it is named: in conditions,
//! calculations, filters, and in texts that insert its answer.

use std::collections::BTreeMap;

use super::super::answer::ItemId;
use super::super::document::{Document, Each, Members, Question, Text};
use super::super::expression::renamed;
use super::super::piping::{Insertion, insertions, parts};
use super::node::rows_mut;
use super::{Operation, Part, Property};

/// Names a question or a row otherwise, and follows it. Nothing where there is no such
/// part, or it is called so already.
pub fn rename(document: &Document, item: ItemId, new: &str) -> Vec<Operation> {
    let Some((old, names)) = changed_names(document, item, new) else { return Vec::new() };
    let mut wishes = vec![Operation::Set {
        item,
        was: Property::Name(old),
        now: Property::Name(new.to_owned()),
    }];
    for (_, part) in document.parts() {
        follow(part, &names, &mut wishes);
    }
    follow_texts(document, &names, &mut wishes);
    wishes
}

/// The old name, and every name that changes with it: of parts, cells and texts beside.
pub(in super::super) fn changed_names(
    document: &Document,
    item: ItemId,
    new: &str,
) -> Option<(String, BTreeMap<String, String>)> {
    let has = |question: &&Question| {
        question.id == item || question.kind.rows().iter().any(|row| row.id == item)
    };
    let before = document.questions().find(has)?;
    let mut after = before.clone();
    let old = if before.id == item {
        std::mem::replace(&mut after.name, new.to_owned())
    } else {
        let row = rows_mut(&mut after.kind)?.iter_mut().find(|row| row.id == item)?;
        std::mem::replace(&mut row.name, new.to_owned())
    };
    if old == new {
        return None;
    }
    let mut names = BTreeMap::from([(old.clone(), new.to_owned())]);
    for (was, now) in before.items().into_iter().zip(after.items()) {
        if was.name != now.name {
            names.insert(was.name.into_owned(), now.name.into_owned());
        }
    }
    Some((old, names))
}

/// What stays and what is set, where a name changes it.
fn set(item: ItemId, was: Property, now: Property, wishes: &mut Vec<Operation>) {
    if was != now {
        wishes.push(Operation::Set { item, was, now });
    }
}

fn follow(part: Part<'_>, names: &BTreeMap<String, String>, wishes: &mut Vec<Operation>) {
    let new = |text: &Option<String>| text.as_deref().map(|text| renamed(text, names));
    let item = part.id();
    let mut relevant = |was: &Option<String>| {
        set(item, Property::Relevant(was.clone()), Property::Relevant(new(was)), wishes);
    };
    match part {
        Part::Section(section) => {
            relevant(&section.relevant);
            let each = section
                .each
                .as_ref()
                .map(|each| Each { roster: each.roster.clone(), filter: new(&each.filter) });
            set(item, Property::Each(section.each.clone()), Property::Each(each), wishes);
        }
        Part::Page(page) => relevant(&page.relevant),
        Part::Row(row) => relevant(&row.relevant),
        Part::Question(question) => of_question(question, names, wishes),
        Part::Roster(roster) => {
            let members = members(&roster.members, names);
            let was = Property::Members(Box::new(roster.members.clone()));
            set(item, was, Property::Members(Box::new(members)), wishes);
        }
        Part::Check(check) => {
            let was = Property::Expression(check.expression.clone());
            set(item, was, Property::Expression(renamed(&check.expression, names)), wishes);
        }
        Part::List(_) | Part::Option(_) => {}
    }
}

fn of_question(question: &Question, names: &BTreeMap<String, String>, wishes: &mut Vec<Operation>) {
    let item = question.id;
    let mut after = question.clone();
    after.each_expression(&mut |text| *text = renamed(text, names));
    for constraint in &mut after.constraints {
        constraint.message = inserted(&constraint.message, names);
    }
    let properties = |of: &Question| {
        [
            Property::Relevant(of.relevant.clone()),
            Property::RequiredWhen(of.required_when.clone()),
            Property::Default(of.default.clone()),
            Property::Constraints(of.constraints.clone()),
            Property::Kind(Box::new(of.kind.clone())),
        ]
    };
    for (was, now) in properties(question).into_iter().zip(properties(&after)) {
        // Rows are parts of their own.
        if !was.agrees(&now, item) {
            wishes.push(Operation::Set { item, was, now });
        }
    }
}

pub(in super::super) fn members(members: &Members, names: &BTreeMap<String, String>) -> Members {
    let mut members = members.clone();
    match &mut members {
        Members::Count { expression, .. } => *expression = renamed(expression, names),
        Members::Chosen { question } | Members::Listed { question } => {
            if let Some(new) = names.get(question) {
                question.clone_from(new);
            }
        }
        Members::Fixed { .. } | Members::Added { .. } | Members::Others { .. } => {}
    }
    members
}

/// A text with the names that it inserts following, all at once.
pub(in super::super) fn inserted(text: &Text, names: &BTreeMap<String, String>) -> Text {
    let mut text = text.clone();
    for said in text.0.values_mut() {
        if insertions(said).iter().any(|one| followed(one.name, names).is_some()) {
            *said = parts(said).into_iter().map(|part| written(part, names)).collect();
        }
    }
    text
}

/// What an inserted name is called now, where that is otherwise: also of everybody's
/// answers, which are called by their roster.
fn followed(name: &str, names: &BTreeMap<String, String>) -> Option<String> {
    if let Some(new) = names.get(name) {
        return Some(new.clone());
    }
    let (roster, own) = name.split_once('.')?;
    let new = |name: &str| names.get(name).map_or_else(|| name.to_owned(), Clone::clone);
    let now = format!("{}.{}", new(roster), new(own));
    (now != name).then_some(now)
}

fn written(part: Result<Insertion<'_>, &str>, names: &BTreeMap<String, String>) -> String {
    match part {
        Err(words) => words.to_owned(),
        Ok(Insertion { name, form }) => {
            let name = followed(name, names).unwrap_or_else(|| name.to_owned());
            let form = form.map(|form| format!("|{form}")).unwrap_or_default();
            format!("${{{name}{form}}}")
        }
    }
}

fn follow_texts(
    document: &Document,
    names: &BTreeMap<String, String>,
    wishes: &mut Vec<Operation>,
) {
    document.clone().each_text(|worded| {
        let Some((item, role)) = worded.slot else { return };
        let after = inserted(worded.text, names);
        for (language, was) in &worded.text.0 {
            let now = after.0.get(language).unwrap_or(was);
            if now != was {
                let (language, was, now) = (language.clone(), was.clone(), now.clone());
                wishes.push(Operation::Write { item, role, language, was, now });
            }
        }
    });
}
