//! A condition in the panel: put together by choosing, or written as an expression;
//! in words either way. Nothing is changed before it is saved, so every button but
//! that one only shows the form again.

mod lines;
mod place;
mod view;

use fielding::error::Problem;
use survey_builder::questionnaire::expression::chosen::Lines;
use survey_builder::questionnaire::expression::{self, Expected, Expression, compile};
use survey_builder::questionnaire::names::WithSelf;
use survey_builder::questionnaire::operation::{Operation, Property};
use survey_builder::questionnaire::validate::Posted;
use uuid::Uuid;

use self::lines::{Line, MOST, Typed};
use self::place::{Place, place};
use self::view::show;
use super::Seen;
use super::edits::plain_lines;
use crate::form::as_sent;

pub use self::view::{Editor, status};

/// What a form of a condition asks for.
pub enum Asked {
    /// The form again.
    Again(Box<Editor>),
    /// To be saved: the wishes, and what is shown then.
    Save(Vec<Operation>, Uuid),
    /// There is no such thing.
    Gone,
}

/// The form of a condition as it stands.
pub fn editor(seen: &Seen, item: Uuid, property: &str, language: &str) -> Option<Editor> {
    let place = place(seen, item, property, language)?;
    let typed = standing(seen, &place, language);
    Some(show(seen, &place, typed, (Vec::new(), false), language))
}

/// What a form of a condition asks for.
pub fn asked(seen: &Seen, form: &Posted, language: &str) -> Asked {
    let item = Uuid::try_parse(as_sent(form, "item")).ok();
    let property = as_sent(form, "property");
    let Some(place) = item.and_then(|item| place(seen, item, property, language)) else {
        return Asked::Gone;
    };
    let mut typed = Typed::of_form(form);
    let then = as_sent(form, "then");
    let again = |typed: Typed, strict: bool| {
        Asked::Again(Box::new(show(seen, &place, typed, (Vec::new(), strict), language)))
    };
    match then.split_once(':').unwrap_or((then, "")) {
        ("save", _) => save(seen, form, &place, typed, language),
        ("clear", _) => set(&place, form, None),
        ("write", _) => match written(seen, &place, &typed, language) {
            Some(text) => again(Typed { written: true, text, ..typed }, false),
            None => again(typed, true),
        },
        ("choose", _) => {
            if let Some(found) = chosen(seen, &place, &typed.text, language) {
                typed = found;
            }
            again(typed, false)
        }
        (change, at) => {
            rearrange(&mut typed, change, at);
            again(typed, false)
        }
    }
}

/// Adds and takes away lines.
fn rearrange(typed: &mut Typed, change: &str, at: &str) {
    let count: usize = typed.parts.iter().map(Vec::len).sum();
    let mut at = at.split('.').filter_map(|number| number.parse::<usize>().ok());
    match (change, at.next(), at.next()) {
        ("line", None, _) if count < MOST => typed.parts.push(vec![Line::default()]),
        ("group", None, _) if count + 1 < MOST => {
            typed.parts.push(vec![Line::default(), Line::default()]);
        }
        ("line", Some(part), _) if count < MOST => {
            if let Some(lines) = typed.parts.get_mut(part) {
                lines.push(Line::default());
            }
        }
        ("drop", Some(part), Some(line)) => {
            if let Some(lines) = typed.parts.get_mut(part).filter(|lines| line < lines.len()) {
                lines.remove(line);
            }
            typed.parts.retain(|lines| !lines.is_empty());
        }
        _ => {}
    }
}

/// A condition as it stands, in lines where they can show it.
fn standing(seen: &Seen, place: &Place<'_>, language: &str) -> Typed {
    let text = place.text.unwrap_or_default();
    if text.trim().is_empty() {
        return Typed { all: true, parts: vec![vec![Line::default()]], ..Typed::default() };
    }
    let written = || Typed { written: true, text: text.to_owned(), ..Typed::default() };
    chosen(seen, place, text, language).unwrap_or_else(written)
}

/// An expression in lines; `None` where they cannot show it.
fn chosen(seen: &Seen, place: &Place<'_>, text: &str, language: &str) -> Option<Typed> {
    if text.trim().is_empty() {
        return Some(Typed { all: true, parts: vec![vec![Line::default()]], ..Typed::default() });
    }
    let lines = Lines::of(&read(seen, text).ok()?.spoken())?;
    let typed = Typed::of_lines(&lines, &place.candidates, language);
    let count: usize = typed.parts.iter().map(Vec::len).sum();
    // What could not be typed back is not shown in lines.
    let whole = typed.lines(&place.candidates, (&seen.version, language)).is_ok();
    (whole && count <= MOST).then_some(Typed { text: text.to_owned(), ..typed })
}

/// Lines as an expression, the one that is there where they say just that; `None`
/// where a line is not whole. A single line in which nothing is chosen says nothing.
fn written(seen: &Seen, place: &Place<'_>, typed: &Typed, language: &str) -> Option<String> {
    if typed.written {
        return Some(typed.text.clone());
    }
    let blank = |parts: &[Vec<Line>]| {
        parts.iter().flatten().all(|line| line.question.is_empty())
            && parts.iter().flatten().count() <= 1
    };
    if blank(&typed.parts) {
        return Some(String::new());
    }
    let version = (seen.version.as_ref(), language);
    let lines = typed.lines(&place.candidates, version).ok()?;
    let there = place.text.unwrap_or_default();
    if let Some(standing) = chosen(seen, place, there, language)
        && standing.lines(&place.candidates, version).is_ok_and(|one| one == lines)
    {
        return Some(there.to_owned());
    }
    let name = |reference: &str| {
        let found = place.candidates.iter().find(|one| one.reference == reference);
        found.map(|one| one.name.clone())
    };
    lines.written(&name)
}

fn save(seen: &Seen, form: &Posted, place: &Place<'_>, typed: Typed, language: &str) -> Asked {
    match written(seen, place, &typed, language) {
        Some(text) => set(place, form, Some(text)),
        None => Asked::Again(Box::new(show(seen, place, typed, (Vec::new(), true), language))),
    }
}

/// The condition set to something else than it was when the page was made.
fn set(place: &Place<'_>, form: &Posted, text: Option<String>) -> Asked {
    let optional = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let was = optional(plain_lines(as_sent(form, "was")));
    let now = text.and_then(optional);
    let property = |text| match place.property {
        "relevant" => Property::Relevant(text),
        _ => Property::RequiredWhen(text),
    };
    let wishes = if was == now {
        Vec::new()
    } else {
        vec![Operation::Set { item: place.item, was: property(was), now: property(now) }]
    };
    Asked::Save(wishes, place.owner)
}

/// The form again, with what is said where nothing of it could be done.
pub fn again(seen: &Seen, form: &Posted, problems: Vec<Problem>, language: &str) -> Option<Editor> {
    let item = Uuid::try_parse(as_sent(form, "item")).ok()?;
    let place = place(seen, item, as_sent(form, "property"), language)?;
    Some(show(seen, &place, Typed::of_form(form), (problems, true), language))
}

fn read(seen: &Seen, text: &str) -> Result<Expression, Vec<expression::Problem>> {
    let scope = WithSelf { names: seen.version.names(), kind: None };
    compile(text, &scope, Some(Expected::Condition))
}
