//! What became of everything in a file.
//!
//! Readers take what a file holds from types that count what they hand out:
//! [`Json`] its values, [`Cells`] the cells of a row. A reader cannot forget to
//! count, because it does not count. What nobody asked for is kept as a remark
//! and told: each property once, with how often it is there and its first
//! places; those of looks and bookkeeping all together.

mod cells;
mod json;

use std::collections::HashMap;

use survey_builder::problem::{Finding, Problem, Severity, first_places};
use survey_builder::questionnaire::document::Remark;

pub(crate) use self::cells::Cells;
pub(crate) use self::json::{Json, Part};
use crate::draft::Draft;

/// How many properties of looks are named.
const FIRST_NAMES: usize = 6;

/// Something in a file that no reader asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Left {
    /// What it is called there, with the properties around it: `choices.tooltip`.
    pub property: String,
    /// The question or other thing it belongs to; may be empty.
    pub place: String,
    /// What it says.
    pub value: String,
}

/// The places and values of one property.
#[derive(Default)]
struct Property<'l> {
    /// In the order of the file.
    places: Vec<&'l str>,
    /// Each value with the places where it is.
    values: Vec<(&'l str, Vec<&'l str>)>,
    known: HashMap<&'l str, usize>,
}

/// Keeps and tells what is left. `looks` are the properties that say how the
/// other system shows or stores something: their last names, or beginnings of
/// names that end in a dot.
pub(crate) fn tell(draft: &mut Draft, left: &[Left], looks: &[&str]) {
    let (remarks, problems) = remarks_and_notes(left, looks);
    draft.document.remarks.extend(remarks);
    draft.problems.extend(problems);
}

/// The remarks that keep what is left, and what is told of it.
pub(crate) fn remarks_and_notes(left: &[Left], looks: &[&str]) -> (Vec<Remark>, Vec<Finding>) {
    let mut remarks = Vec::new();
    let mut problems = Vec::new();
    let mut remark = |role: &str, original: String| {
        remarks.push(Remark { item: None, role: role.to_owned(), original });
    };
    let mut note = |problem| problems.push(Finding { severity: Severity::Note, problem });
    let mut properties: Vec<(&str, Property<'_>)> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for one in left {
        let at = *known.entry(&one.property).or_insert(properties.len());
        if at == properties.len() {
            properties.push((&one.property, Property::default()));
        }
        let property = &mut properties[at].1;
        property.places.push(&one.place);
        let value = *property.known.entry(&one.value).or_insert(property.values.len());
        if value == property.values.len() {
            property.values.push((&one.value, Vec::new()));
        }
        property.values[value].1.push(&one.place);
    }
    let mut names_of_looks = Vec::new();
    let mut lines_of_looks = Vec::new();
    let mut count_of_looks = 0;
    for (name, property) in &properties {
        if is_look(name, looks) {
            names_of_looks.push(*name);
            count_of_looks += property.places.len();
            lines_of_looks.extend(property.lines().map(|line| format!("{name}: {line}")));
            continue;
        }
        for line in property.lines() {
            remark(name, line);
        }
        let problem = Problem::new("import_left", first_places(property.places.iter().copied()));
        let value = property.values.first().map_or("", |(value, _)| *value);
        note(
            problem
                .with("count", property.places.len())
                .with("property", *name)
                .with("value", shortened(value)),
        );
    }
    if count_of_looks > 0 {
        let more = if names_of_looks.len() > FIRST_NAMES { ", …" } else { "" };
        names_of_looks.truncate(FIRST_NAMES);
        remark("settings", lines_of_looks.join("\n"));
        note(
            Problem::new("import_left_looks", "")
                .with("count", count_of_looks)
                .with("properties", names_of_looks.join(", ") + more),
        );
    }
    (remarks, problems)
}

impl Property<'_> {
    /// Each value behind its places.
    fn lines(&self) -> impl Iterator<Item = String> {
        self.values.iter().map(|(value, places)| {
            let places: Vec<&str> =
                places.iter().copied().filter(|place| !place.is_empty()).collect();
            let of = if places.is_empty() { String::new() } else { places.join(", ") + ": " };
            format!("{of}{value}")
        })
    }
}

/// Whether a property is one of looks: by its last name, or by the beginning of
/// its name where that ends in a dot.
fn is_look(name: &str, looks: &[&str]) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    looks.iter().any(|look| *look == last || look.ends_with('.') && name.starts_with(look))
}

/// The beginning of a long value.
fn shortened(value: &str) -> String {
    const MOST: usize = 80;
    match value.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}
