//! Piping: answers inserted into texts at `${name}`, or `${name|form}` where
//! [`Form`] says how they are written.
//!
//! Inside a roster a name is the answer of the member one is in, and the
//! roster's own name is what that member is called; from outside,
//! `${roster.name}` are everybody's answers. `${you}` and `${You}` are how the
//! questionnaire addresses people, where no question is called so. The result is
//! plain text; whoever puts it into HTML escapes it.

mod form;

use std::borrow::Cow;

use chrono::NaiveDate;

use super::answer::{Answer, Value};
use super::document::{Document, Kind, Members, Question, Text};
use super::expression::print_number;
use super::member::names_in;
use super::path::{Member, Path, answer_within, answers_of_members, key};
use super::version::Version;

pub use self::form::{Case, Fault, Form, capitalised};

/// What stands for an answer that is missing.
const PLACEHOLDER: &str = "…";

/// What stands between `${` and `}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Insertion<'t> {
    /// What is inserted.
    pub name: &'t str,
    /// How it is written, as the author put it.
    pub form: Option<&'t str>,
}

/// A text in its parts: words, and what is inserted between them.
pub fn parts(text: &str) -> Vec<Result<Insertion<'_>, &str>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(end) = rest[start..].find('}') else { break };
        let inside = &rest[start + 2..start + end];
        if start > 0 {
            found.push(Err(&rest[..start]));
        }
        let (name, form) = match inside.split_once('|') {
            Some((name, form)) => (name, Some(form)),
            None => (inside, None),
        };
        found.push(Ok(Insertion { name: name.trim(), form }));
        rest = &rest[start + end + 1..];
    }
    if !rest.is_empty() {
        found.push(Err(rest));
    }
    found
}

/// What a text inserts, in order.
pub fn insertions(text: &str) -> Vec<Insertion<'_>> {
    parts(text).into_iter().filter_map(Result::ok).collect()
}

/// The text with its insertions bare, for systems that know no forms.
pub fn without_forms(text: &str) -> Cow<'_, str> {
    if insertions(text).iter().all(|insertion| insertion.form.is_none()) {
        return Cow::Borrowed(text);
    }
    let bare = parts(text).into_iter().map(|part| match part {
        Ok(insertion) => format!("${{{}}}", insertion.name),
        Err(words) => words.to_owned(),
    });
    Cow::Owned(bare.collect())
}

/// Fills a text with the answers on the path, as `within` sees them.
pub fn fill(
    text: &str,
    version: &Version,
    path: &Path,
    within: &[Member],
    language: &str,
) -> String {
    if !text.contains("${") {
        return text.to_owned();
    }
    let filler = Filler { version, path, within, language };
    let filled = parts(text).into_iter().map(|part| match part {
        Ok(insertion) => Cow::Owned(filler.shown(insertion)),
        Err(words) => Cow::Borrowed(words),
    });
    filled.collect()
}

/// How people are addressed in a language.
pub fn form_of_address(document: &Document, language: &str) -> String {
    match (document.address_form.0.get(language), language) {
        (Some(form), _) => form.clone(),
        (None, "vi") => "quý vị".to_owned(),
        (None, _) => "you".to_owned(),
    }
}

struct Filler<'a> {
    version: &'a Version,
    path: &'a Path,
    within: &'a [Member],
    language: &'a str,
}

impl Filler<'_> {
    fn shown(&self, insertion: Insertion<'_>) -> String {
        let form = insertion.form.and_then(|form| Form::parse(form).ok());
        let found = self.value(insertion.name);
        let Some((value, question)) = found else {
            let text = self.named_text(insertion.name);
            return match (text, form) {
                (Some(text), Some(form)) => form
                    .write(&Value::Text(text.clone()), self.language, &|_| text.clone())
                    .unwrap_or_else(|| text.clone()),
                (Some(text), None) => text,
                (None, form) => {
                    let last = form.and_then(|form| form.without_answer());
                    last.unwrap_or(PLACEHOLDER).to_owned()
                }
            };
        };
        let plain = |value: &Value| self.plain(value, question);
        let written = form.and_then(|form| form.write(&value, self.language, &plain));
        written.unwrap_or_else(|| plain(&value))
    }

    /// The answer of that name and its question.
    fn value(&self, name: &str) -> Option<(Cow<'_, Value>, &Question)> {
        if let Some((item, question)) = self.version.item_named(name) {
            let answer = answer_within(self.version, self.path, self.within, item);
            return Some((Cow::Borrowed(answer.and_then(Answer::value)?), question));
        }
        let (roster, name) = name.split_once('.')?;
        self.version.document.roster(roster)?;
        let (item, question) = self.version.item_named(name)?;
        let values = answers_of_members(self.version, self.path, self.within, item);
        Some((Cow::Owned(Value::List(values)), question))
    }

    /// What a roster's member is called, or how people are addressed.
    fn named_text(&self, name: &str) -> Option<String> {
        let document = &self.version.document;
        if self.version.item_named(name).is_some() {
            return None;
        }
        if let Some(roster) = document.roster(name) {
            let depth = self.within.iter().position(|one| one.roster == roster.id)?;
            // A label that names its own roster would go round for ever.
            return (!labels_itself(self.version, name)).then(|| {
                member_label(self.version, self.path, &self.within[..=depth], self.language)
            });
        }
        match name {
            "you" => Some(form_of_address(document, self.language)),
            "You" => Some(capitalised(&form_of_address(document, self.language))),
            _ => None,
        }
    }

    /// What the member of a roster is called who was chosen to be asked.
    fn chosen(&self, roster: &str, code: &str) -> String {
        let roster = self.version.document.roster(roster);
        let members = roster.and_then(|roster| self.path.rosters.get(&roster.id));
        let member = members.into_iter().flatten().find(|member| member.code == code);
        match member {
            Some(member) => {
                let within = std::slice::from_ref(member);
                member_label(self.version, self.path, within, self.language)
            }
            None => PLACEHOLDER.to_owned(),
        }
    }

    /// A value as it is written without a form.
    fn plain(&self, value: &Value, question: &Question) -> String {
        let label = |code: &String| {
            let document = &self.version.document;
            let list = question.kind.list().and_then(|list| document.list(list));
            let option = list.and_then(|list| list.options.iter().find(|it| it.code == *code));
            option.map_or_else(
                || code.clone(),
                |option| option.label.get(self.language, &document.default_language).to_owned(),
            )
        };
        if let (Kind::Selection(selection), Value::Text(code)) = (&question.kind, value) {
            return self.chosen(&selection.roster, code);
        }
        match value {
            Value::Text(text) => text.clone(),
            Value::Number(number) if self.language == "vi" => {
                print_number(*number).replace('.', ",")
            }
            Value::Number(number) => print_number(*number),
            Value::Date(day) => short_date(*day),
            Value::Time(minutes) => format!("{:02}:{:02}", minutes / 60, minutes % 60),
            Value::Option(code) => label(code),
            Value::Set(codes) => codes.iter().map(label).collect::<Vec<_>>().join(", "),
            Value::List(values) => {
                let known: Vec<String> =
                    values.iter().flatten().map(|value| self.plain(value, question)).collect();
                if known.is_empty() { PLACEHOLDER.to_owned() } else { known.join(", ") }
            }
            Value::Bool(_) => PLACEHOLDER.to_owned(),
        }
    }
}

/// `02/09/2026`.
fn short_date(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}

fn labels_itself(version: &Version, name: &str) -> bool {
    let rosters = &version.document.rosters;
    let names = |text: &Text, to: &str| {
        text.0.values().any(|it| insertions(it).iter().any(|i| i.name == to))
    };
    let reads = |from: &str, to: &str| {
        let label = rosters.iter().find(|roster| roster.name == from).map(|roster| &roster.label);
        label.is_some_and(|label| names(label, to))
    };
    // Labels of rosters that name each other are cut too.
    reads(name, name)
        || rosters.iter().any(|other| reads(name, &other.name) && reads(&other.name, name))
}

/// What the innermost of `within` is called; its number where it has no name.
pub fn member_label(version: &Version, path: &Path, within: &[Member], language: &str) -> String {
    let Some(member) = within.last() else { return String::new() };
    let document = &version.document;
    let fallback = document.default_language.as_str();
    let roster = document.rosters.iter().find(|roster| roster.id == member.roster);
    let own = roster.and_then(|roster| match &roster.members {
        Members::Fixed { members } => {
            let fixed = members.iter().find(|fixed| fixed.code == member.code)?;
            Some(fixed.label.get(language, fallback).to_owned())
        }
        Members::Chosen { question } => {
            let (_, question) = version.item_named(question)?;
            let list = document.list(question.kind.list()?)?;
            let option = list.options.iter().find(|option| option.code == member.code)?;
            Some(option.label.get(language, fallback).to_owned())
        }
        Members::Listed { question } => {
            let (item, _) = version.item_named(question)?;
            let outside = &within[..within.len() - 1];
            let answer = answer_within(version, path, outside, item)?;
            let Some(Value::Text(text)) = answer.value() else { return None };
            names_in(text).nth(member.place - 1).map(str::to_owned)
        }
        Members::Others { roster, .. } => {
            let roster = document.roster(roster)?;
            let depth = within.iter().position(|one| one.roster == roster.id)?;
            let all = path.rosters.get(&key(roster.id, &within[..depth]))?;
            let other = all.iter().find(|one| one.code == member.code)?;
            let there: Vec<Member> = within[..depth].iter().chain([other]).cloned().collect();
            Some(member_label(version, path, &there, language))
        }
        Members::Added { primary, .. } if member.code == "1" && !primary.is_empty() => {
            Some(primary.get(language, fallback).to_owned())
        }
        Members::Count { .. } | Members::Added { .. } => None,
    });
    let labelled = roster
        .filter(|roster| !roster.label.is_empty())
        .map(|roster| fill(roster.label.get(language, fallback), version, path, within, language));
    own.or(labelled).unwrap_or_else(|| member.place.to_string())
}
