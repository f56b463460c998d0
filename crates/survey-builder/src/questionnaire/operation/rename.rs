//! A new name for a question or a row, followed wherever it is named: in conditions,
//! calculations, filters, and in texts that insert its answer.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::answer::ItemId;
use super::super::document::{Constraint, Document, Each, Kind, Members, Question, Text};
use super::super::expression::renamed;
use super::node::rows_mut;
use super::{Operation, Part, Property};

/// The fields of kinds that are expressions.
const EXPRESSIONS: [&str; 7] =
    ["filter", "total", "expression", "eligible", "man", "age", "birthday"];

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
fn changed_names(
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
        Part::Question(question) => {
            relevant(&question.relevant);
            of_question(question, names, wishes);
        }
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
    let new = |text: &Option<String>| text.as_deref().map(|text| renamed(text, names));
    let item = question.id;
    let required = Property::RequiredWhen(new(&question.required_when));
    set(item, Property::RequiredWhen(question.required_when.clone()), required, wishes);
    let default = Property::Default(new(&question.default));
    set(item, Property::Default(question.default.clone()), default, wishes);
    let constraints = question.constraints.iter().map(|one| Constraint {
        expression: renamed(&one.expression, names),
        message: inserted(&one.message, names),
        soft: one.soft,
    });
    let constraints = Property::Constraints(constraints.collect());
    set(item, Property::Constraints(question.constraints.clone()), constraints, wishes);
    if let Some(kind) = of_kind(&question.kind, names) {
        let was = Property::Kind(Box::new(question.kind.clone()));
        set(item, was, Property::Kind(Box::new(kind)), wishes);
    }
}

/// A kind with its expressions following.
fn of_kind(kind: &Kind, names: &BTreeMap<String, String>) -> Option<Kind> {
    let mut value = serde_json::to_value(kind).ok()?;
    if let Value::Object(fields) = &mut value {
        for name in EXPRESSIONS {
            if let Some(Value::String(text)) = fields.get_mut(name) {
                *text = renamed(text, names);
            }
        }
    }
    serde_json::from_value(value).ok()
}

fn members(members: &Members, names: &BTreeMap<String, String>) -> Members {
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

/// A text with the names that it inserts following.
fn inserted(text: &Text, names: &BTreeMap<String, String>) -> Text {
    let mut text = text.clone();
    for said in text.0.values_mut() {
        for (old, new) in names {
            for end in ["}", "|"] {
                *said = said.replace(&format!("${{{old}{end}"), &format!("${{{new}{end}"));
            }
        }
    }
    text
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
