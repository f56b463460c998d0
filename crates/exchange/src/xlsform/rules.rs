//! What the makers of the form refuse besides: parameters, triggers, entities
//! and files that cannot be meant as they are written.
//!
//! None of it is asked of anybody here. A form that ODK's programs would not
//! take is refused all the same, with the place, so that nobody finds out in
//! the field.

mod entities;
mod parameters;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use survey_builder::problem::phrase;
use survey_builder::questionnaire::document::OptionList;

use self::entities::Entities;
use super::problem::{Detail, Problems};
use super::row::{Asked, From, Group, Item};
use super::sheet::{Row, Sheet, Workbook};

/// The columns of texts that people see, and of the files beside them.
const TEXTS: [&str; 9] = [
    "label",
    "hint",
    "guidance_hint",
    "constraint_message",
    "required_message",
    "image",
    "audio",
    "video",
    "instance_name",
];

/// Before the file of values that a formula looks up: a list of its name serves as
/// well.
const PULLED: &str = "pulldata:";

/// Whether two sources of one name cannot both be meant.
fn exclude(one: &str, other: &str) -> bool {
    let file = |source: &str| source.strip_prefix(PULLED).map(str::to_owned);
    let is_xml = |source: &str| source.to_lowercase().ends_with(".xml");
    match (file(one), file(other)) {
        (None, None) => one != other,
        (Some(_), None) => is_xml(other),
        (None, Some(_)) => is_xml(one),
        (Some(_), Some(_)) => false,
    }
}

/// The names that a text inserts.
fn inserted(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split("${").skip(1).filter_map(|part| part.split_once('}'));
    // Behind a bar it says how a value is written.
    let names = parts.map(|(name, _)| name.split('|').next().unwrap_or_default().trim());
    names.filter(|name| !name.starts_with("last-saved#"))
}

/// What the rules look things up in.
struct Form<'w> {
    survey: &'w Sheet,
    /// The names of option lists with their codes.
    lists: BTreeMap<&'w str, Vec<&'w str>>,
    /// The types of rows by their names.
    kinds: HashMap<&'w str, &'w str>,
    /// The names of repeats.
    repeats: BTreeSet<&'w str>,
    /// Where the values of secondary instances come from, by their names.
    sources: BTreeMap<String, String>,
}

/// Adds what is wrong with the rows.
pub(super) fn check<'w>(
    workbook: &'w Workbook,
    lists: &'w [OptionList],
    items: &[Item<'w>],
    problems: &mut Problems,
) {
    let named = lists.iter().map(|list| {
        let codes = list.options.iter().map(|one| one.code.as_str());
        (list.name.as_str(), codes.collect())
    });
    let survey = &workbook.survey;
    let kinds = survey.rows.iter().rev();
    let mut form = Form {
        survey,
        kinds: kinds.map(|row| (survey.peek(row, "name"), survey.peek(row, "type"))).collect(),
        lists: named.collect(),
        repeats: BTreeSet::new(),
        sources: BTreeMap::new(),
    };
    form.find(items, problems);
    form.rows(items, problems);
    form.insertions(workbook, problems);
    let mut entities = Entities::of(workbook, problems);
    entities.rows(&workbook.survey, items, problems);
    entities::containers(workbook, items, problems);
}

impl<'w> Form<'w> {
    fn find(&mut self, items: &[Item<'w>], problems: &mut Problems) {
        for item in items {
            match item {
                Item::Group(row, group, inner) => {
                    if *group == Group::Repeat {
                        self.repeats.insert(self.survey.peek(row, "name"));
                    }
                    self.find(inner, problems);
                }
                Item::Question(row, asked) => self.source(row, asked, problems),
            }
        }
    }

    /// Notes where the values of a secondary instance come from: two sources of
    /// one name exclude each other.
    fn source(&mut self, row: &'w Row, asked: &Asked, problems: &mut Problems) {
        let mut used: Vec<(String, String)> = Vec::new();
        let kind = self.survey.peek(row, "type").to_lowercase();
        let own = self.survey.peek(row, "name");
        match asked {
            Asked::External if kind.starts_with("csv") => {
                used.push((own.to_owned(), format!("{own}.csv")));
            }
            Asked::External => used.push((own.to_owned(), format!("{own}.xml"))),
            Asked::SelectOne(options) | Asked::SelectMultiple(options) | Asked::Rank(options) => {
                match &options.from {
                    From::List(list) => used.push((list.clone(), String::new())),
                    From::File(file) => {
                        let name = file.rsplit_once('.').map_or(file.as_str(), |(name, _)| name);
                        used.push((name.to_owned(), file.clone()));
                    }
                    From::External(_) | From::Answers(_) => {}
                }
            }
            _ => {}
        }
        let formulas = ["calculation", "constraint", "relevant", "readonly", "required", "default"];
        for cell in formulas.map(|column| self.survey.peek(row, column)) {
            for part in cell.split("pulldata(").skip(1) {
                let name = part.trim_start().split(['\'', '"']).nth(1).unwrap_or_default();
                used.push((name.to_owned(), format!("{PULLED}{name}.csv")));
            }
            if cell.contains("${last-saved#") {
                used.push(("__last-saved".to_owned(), "instance://last-saved".to_owned()));
            }
        }
        for (name, source) in used {
            let known = self.sources.entry(name.clone()).or_insert_with(|| source.clone());
            if exclude(known, &source) {
                let detail = Detail::XlsformSourceTwice { name };
                problems.add("survey", Some(row.number), "name", detail);
            }
        }
    }

    fn rows(&self, items: &[Item<'w>], problems: &mut Problems) {
        for item in items {
            let row = match item {
                Item::Group(row, _, inner) => {
                    self.rows(inner, problems);
                    row
                }
                Item::Question(row, asked) => {
                    for reason in self.parameters(row, asked) {
                        let detail = Detail::XlsformParameter { reason };
                        problems.add("survey", Some(row.number), "parameters", detail);
                    }
                    row
                }
            };
            self.name(row, problems);
            self.trigger(row, problems);
        }
    }

    /// Texts that insert what no row is called.
    fn insertions(&self, workbook: &Workbook, problems: &mut Problems) {
        let rows = self.survey.rows.iter();
        let names: BTreeSet<&str> = rows.map(|row| self.survey.peek(row, "name")).collect();
        let sheets = [("survey", &workbook.survey), ("choices", &workbook.choices)];
        for (name, sheet) in sheets.into_iter().chain([("settings", &workbook.settings)]) {
            for (place, column) in sheet.columns.iter().enumerate() {
                let base = column.split("::").next().unwrap_or_default();
                if !TEXTS.contains(&base) {
                    continue;
                }
                for row in &sheet.rows {
                    for inserted in inserted(row.peek(place)) {
                        if !names.contains(inserted) {
                            let name_of = inserted.to_owned();
                            let detail = Detail::XlsformXpathUnknownName { name: name_of };
                            problems.add(name, Some(row.number), column, detail);
                        }
                    }
                }
            }
        }
    }

    fn name(&self, row: &Row, problems: &mut Problems) {
        let name = self.survey.peek(row, "name");
        if name == "meta" {
            let name = name.to_owned();
            let detail = Detail::XlsformNameReserved { name };
            problems.add("survey", Some(row.number), "name", detail);
        }
    }

    /// What sets a calculation off: answers, with commas between them.
    fn trigger(&self, row: &Row, problems: &mut Problems) {
        let cell = self.survey.peek(row, "trigger");
        if cell.is_empty() {
            return;
        }
        let known = |part: &str| {
            let name = part.trim().strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
            name.is_some_and(|name| !name.contains("${"))
        };
        let parts = cell.split(',').map(str::trim).filter(|part| !part.is_empty());
        if !parts.clone().all(known) {
            let reason = phrase("phrase-trigger-of-answers").with("text", cell);
            problems.add("survey", Some(row.number), "trigger", Detail::XlsformTrigger { reason });
            return;
        }
        for name in parts.map(|part| part.trim_matches(['$', '{', '}', ' '])) {
            let kind = self.kinds.get(name).map(|kind| kind.to_lowercase());
            let is_shown = kind.is_some_and(|kind| kind != "calculate" && kind != "hidden");
            if !is_shown {
                let reason = phrase("phrase-trigger-that-nobody-answers").with("name", name);
                let detail = Detail::XlsformTrigger { reason };
                problems.add("survey", Some(row.number), "trigger", detail);
            }
        }
    }
}

/// Whether a text is a name: a letter or `_`, then also digits, `-` and `.`.
fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first == '_' || first.is_alphabetic())
        && characters.all(|next| next.is_alphanumeric() || matches!(next, '_' | '-' | '.'))
}
