//! What texts insert: names that are there, written in forms that fit them.

use super::super::document::{Document, Item, Question, Text};
use super::super::expression::Type;
use super::super::finding::Findings;
use super::super::piping::{Fault, Form, Insertion, insertions};
use crate::problem::Problem;

/// Checks everything that a text inserts.
pub(super) fn check_insertions(
    document: &Document,
    place: &str,
    text: &Text,
    findings: &mut Findings,
) {
    for insertion in text.0.values().flat_map(|text| insertions(text)) {
        check(document, place, insertion, findings);
    }
}

/// What a name in a text stands for.
enum Meaning {
    /// An answer; its type where the kind of the question alone decides it.
    Answer(Option<Type>),
    /// Words: the name of a roster's member, how people are addressed.
    Words,
}

fn meaning(document: &Document, name: &str) -> Option<Meaning> {
    fn item<'d>(document: &'d Document, name: &str) -> Option<Item<'d>> {
        document.questions().flat_map(Question::items).find(|item| item.name == name)
    }
    if let Some(item) = item(document, name) {
        return Some(Meaning::Answer(item.kind));
    }
    if document.roster(name).is_some() || matches!(name, "you" | "You") {
        return Some(Meaning::Words);
    }
    let (roster, name) = name.split_once('.')?;
    document.roster(roster)?;
    let kind = item(document, name)?.kind;
    Some(Meaning::Answer(kind.map(|kind| Type::List(Box::new(kind)))))
}

fn check(document: &Document, place: &str, insertion: Insertion<'_>, findings: &mut Findings) {
    let name = insertion.name;
    let Some(meaning) = meaning(document, name) else {
        findings.error(Problem::new("unknown-piped-name", place).with("name", name));
        return;
    };
    let Some(written) = insertion.form else { return };
    let told = |code: &str| Problem::new(code, place).with("name", name).with("form", written);
    match Form::parse(written) {
        Err(Fault::Unknown) => findings.error(told("unknown-form")),
        Err(Fault::BadCase) => findings.error(told("bad-form-case")),
        Err(Fault::NoOther) => findings.error(told("form-without-other")),
        Ok(form) => {
            let kind = match meaning {
                Meaning::Words => Some(Type::Text),
                Meaning::Answer(kind) => kind,
            };
            if kind.is_some_and(|kind| !form.fits(&kind)) {
                findings.error(told("unfit-form"));
            }
        }
    }
}
