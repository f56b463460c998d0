//! Entities: what a form stores for others, and which answers become their
//! properties.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use survey_builder::problem::{Phrase, phrase};

use super::super::problem::{Detail, Problems};
use super::super::row::{Group, Item};
use super::super::sheet::{Row, Sheet, Workbook};
use super::is_name;

/// The columns of the sheet.
const COLUMNS: [&str; 7] =
    ["list_name", "dataset", "label", "entity_id", "create_if", "update_if", "repeat"];

/// The lists that are declared.
pub(super) struct Entities {
    names: Vec<String>,
    known: BTreeSet<String>,
    /// The row of each property that is set, by its list and name.
    set: BTreeMap<String, u32>,
}

fn add(problems: &mut Problems, sheet: &str, row: u32, column: &str, reason: Phrase) {
    problems.add(sheet, Some(row), column, Detail::XlsformEntity { reason });
}

/// Whether a list or property can be called so.
fn is_own_name(name: &str) -> bool {
    is_name(name) && !name.starts_with("__")
}

impl Entities {
    /// Reads the declarations.
    pub(super) fn of(workbook: &Workbook, problems: &mut Problems) -> Self {
        let mut entities = Self { names: Vec::new(), known: BTreeSet::new(), set: BTreeMap::new() };
        let sheet = workbook.aside.iter().find(|(name, _)| *name == "entities");
        let Some((_, sheet)) = sheet else { return entities };
        for column in &sheet.columns {
            if !column.is_empty() && !COLUMNS.contains(&column.as_str()) {
                let reason = phrase("phrase-entity-column").with("name", column);
                add(problems, "entities", 1, column, reason);
            }
        }
        for row in &sheet.rows {
            entities.declared(sheet, row, problems);
        }
        entities
    }

    fn declared(&mut self, sheet: &Sheet, row: &Row, problems: &mut Problems) {
        let has = |column: &str| !sheet.peek(row, column).is_empty();
        let column = if has("dataset") { "dataset" } else { "list_name" };
        let name = sheet.peek(row, column).to_owned();
        let mut tell = |column: &str, reason| add(problems, "entities", row.number, column, reason);
        if name.contains('.') || !is_own_name(&name) {
            tell(column, phrase("phrase-entity-name").with("name", &name));
        }
        if !self.known.insert(name.clone()) {
            tell(column, phrase("phrase-entity-name-twice").with("name", &name));
        }
        // Without an identity an entity is made, with one it is changed.
        let needs = |what: &str| phrase("phrase-entity-needs").with("column", what);
        if !has("label") && (has("create_if") || !has("entity_id")) {
            tell("label", needs("label"));
        }
        if !has("entity_id") && has("update_if") {
            tell("entity_id", needs("entity_id"));
        }
        if has("entity_id") && has("create_if") && !has("update_if") {
            tell("update_if", needs("update_if"));
        }
        self.names.push(name);
    }

    /// Looks at the properties that rows set.
    pub(super) fn rows(&mut self, survey: &Sheet, items: &[Item<'_>], problems: &mut Problems) {
        for item in items {
            match item {
                Item::Group(row, _, inner) => {
                    if !survey.peek(row, "save_to").is_empty() {
                        let reason = phrase("phrase-entity-group");
                        add(problems, "survey", row.number, "save_to", reason);
                    }
                    self.rows(survey, inner, problems);
                }
                Item::Question(row, _) => {
                    let cell = survey.peek(row, "save_to");
                    if let Some(reason) = self.unfit(cell, row.number).filter(|_| !cell.is_empty())
                    {
                        add(problems, "survey", row.number, "save_to", reason);
                    }
                }
            }
        }
    }

    fn unfit(&mut self, cell: &str, row: u32) -> Option<Phrase> {
        let (list, name) = match cell.split_once('#') {
            Some((list, name)) => (Some(list.trim()), name.trim()),
            None => (None, cell),
        };
        if self.names.is_empty() {
            return Some(phrase("phrase-entity-without-a-sheet"));
        }
        let reserved = ["name", "label"].iter().any(|own| name.eq_ignore_ascii_case(own));
        if name.contains('#') || reserved || !is_own_name(name) {
            return Some(phrase("phrase-entity-name").with("name", name));
        }
        match list {
            Some(list) if !self.known.contains(list) => {
                return Some(phrase("phrase-entity-list").with("name", list));
            }
            None if self.names.len() > 1 => {
                return Some(phrase("phrase-entity-which-list").with("name", name));
            }
            _ => {}
        }
        let list = list.or(self.names.first().map(String::as_str)).unwrap_or_default();
        let first = *self.set.entry(format!("{list}#{name}")).or_insert(row);
        (first != row).then(|| phrase("phrase-entity-name-twice").with("name", name))
    }
}

/// The groups around a row, from the outermost; a repeat is marked.
type Around = Vec<(String, bool)>;

/// The groups around up to the innermost repeat.
fn repeats(around: &Around) -> &[(String, bool)] {
    let last = around.iter().rposition(|(_, repeats)| *repeats);
    &around[..last.map_or(0, |place| place + 1)]
}

/// Where the rows of a form stand, by their names.
fn places(
    survey: &Sheet,
    items: &[Item<'_>],
    around: &mut Around,
    found: &mut Vec<(String, String, Around)>,
) {
    for item in items {
        match item {
            Item::Group(row, group, inner) => {
                let repeats = *group == Group::Repeat;
                around.push((survey.peek(row, "name").to_owned(), repeats));
                places(survey, inner, around, found);
                around.pop();
            }
            Item::Question(row, _) => {
                let set = survey.peek(row, "save_to").to_owned();
                found.push((survey.peek(row, "name").to_owned(), set, around.clone()));
            }
        }
    }
}

/// What an entity's list is called.
fn called<'s>(sheet: &Sheet, row: &'s Row) -> &'s str {
    match sheet.peek(row, "dataset") {
        "" => sheet.peek(row, "list_name"),
        name => name,
    }
}

/// Where rows stand: by their names, and those that set something of a list.
#[derive(Default)]
struct Places {
    of_name: HashMap<String, Around>,
    set: HashMap<String, Vec<Around>>,
}

/// Each entity belongs to one group or repeat, or to the form; none holds two,
/// and everything it reads stands in one round of the same repeat.
pub(super) fn containers(workbook: &Workbook, items: &[Item<'_>], problems: &mut Problems) {
    let sheet = workbook.aside.iter().find(|(name, _)| *name == "entities");
    let Some((_, sheet)) = sheet else { return };
    let mut all = Vec::new();
    places(&workbook.survey, items, &mut Around::new(), &mut all);
    let mut rows = Places::default();
    let only = sheet.rows.first().filter(|_| sheet.rows.len() == 1);
    let only = only.map(|row| called(sheet, row));
    for (name, set, around) in all {
        let list = match set.split_once('#') {
            Some((list, _)) => Some(list.trim().to_owned()),
            None => only.filter(|_| !set.is_empty()).map(str::to_owned),
        };
        if let Some(list) = list {
            rows.set.entry(list).or_default().push(around.clone());
        }
        rows.of_name.entry(name).or_insert(around);
    }
    let mut wanted: Vec<(u32, Around)> = Vec::new();
    for row in &sheet.rows {
        match container(sheet, row, &rows) {
            Ok(around) => wanted.push((row.number, around)),
            Err(reason) => add(problems, "entities", row.number, "list_name", reason),
        }
    }
    // Those deep inside have the least choice.
    wanted.sort_by_key(|(_, around)| std::cmp::Reverse(around.len()));
    let mut taken: BTreeSet<Around> = BTreeSet::new();
    for (row, mut around) in wanted {
        let scope = repeats(&around).len();
        while taken.contains(&around) && around.len() > scope {
            around.pop();
        }
        if !taken.insert(around) {
            add(problems, "entities", row, "list_name", phrase("phrase-entity-no-group"));
        }
    }
}

/// The innermost group around everything that an entity sets or reads.
fn container(sheet: &Sheet, row: &Row, rows: &Places) -> Result<Around, Phrase> {
    let name = called(sheet, row);
    let mut set: Vec<&Around> = rows.set.get(name).into_iter().flatten().collect();
    let formulas = ["label", "entity_id", "create_if", "update_if"];
    let cells: String = formulas.map(|column| sheet.peek(row, column)).join(" ");
    let read: Vec<&Around> =
        super::inserted(&cells).filter_map(|name| rows.of_name.get(name)).collect();
    let deepest = set.iter().chain(&read).max_by_key(|around| repeats(around).len());
    let Some(scope) = deepest.map(|around| repeats(around).to_vec()) else {
        return Ok(Around::new());
    };
    let fits = set.iter().all(|around| repeats(around) == scope)
        && read.iter().all(|around| scope.starts_with(repeats(around)));
    if !fits {
        return Err(phrase("phrase-entity-rounds").with("name", name));
    }
    if set.is_empty() {
        set.extend(read.iter().filter(|around| repeats(around) == scope));
    }
    let mut shared = set.first().map(|around| (*around).clone()).unwrap_or_default();
    for around in set {
        let same = shared.iter().zip(around).take_while(|(one, other)| one == other).count();
        shared.truncate(same.max(scope.len()));
    }
    Ok(shared)
}
