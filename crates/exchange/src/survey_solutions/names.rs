//! What the variables and identities of a questionnaire mean here.

use std::collections::{BTreeMap, HashMap};

use super::{children, sort_of, string};
use crate::account::{Json, Part};
use crate::draft::Draft;

/// What a variable holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Single,
    Multiple,
    Whole,
    Decimal,
    Text,
    Date,
    /// Texts that are typed one below the other: members of a roster here.
    List,
    Truth,
    /// Nothing that conditions can read.
    Other,
}

/// Where the members of a roster come from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Rows {
    /// Always the same, by their codes.
    Fixed(Vec<String>),
    /// The chosen options of the question of that name.
    Chosen(String),
    /// As many as a number says.
    Counted,
    /// They are typed.
    Typed,
}

/// A question, a variable or a roster.
#[derive(Clone, Debug)]
pub(super) struct Entity {
    /// What it is called here.
    pub name: String,
    /// What it holds, but for rosters.
    pub sort: Sort,
    /// The roster that it is, or whose members a list fills: its name here.
    pub roster: Option<String>,
    /// Of a roster, its members; of a list, [`Rows::Typed`].
    pub rows: Option<Rows>,
    /// The question that gives each member its name.
    pub title: Option<String>,
}

/// All of them.
#[derive(Default)]
pub(super) struct Names {
    entities: Vec<Entity>,
    by_variable: BTreeMap<String, usize>,
    by_id: HashMap<String, usize>,
    /// What macros stand for, by their names.
    pub macros: BTreeMap<String, String>,
}

/// The digits of an identity, however it is written.
pub(super) fn digits(id: &str) -> String {
    id.chars().filter(char::is_ascii_hexdigit).collect::<String>().to_lowercase()
}

impl Names {
    /// Names everything in a document that is only looked through.
    pub(super) fn of(document: &Json, draft: &mut Draft) -> Self {
        let mut names = Self::default();
        names.macros(document);
        let mut groups = Vec::new();
        names.walk(document.at("CoverPage"), draft, &mut groups);
        names.walk(document, draft, &mut groups);
        // What triggers a roster may stand behind it in the file.
        for group in groups {
            names.roster(&group, draft);
        }
        names
    }

    fn macros(&mut self, document: &Json) {
        let all: Vec<&Json> = match document.at("Macros").part() {
            Part::Array(all) => all.iter().collect(),
            Part::Object(all) => all.values().collect(),
            _ => Vec::new(),
        };
        for one in all {
            let (name, content) = (string(one, "Name"), string(one, "Content"));
            if !name.is_empty() {
                self.macros.insert(name.trim_start_matches('$').to_owned(), content.to_owned());
            }
        }
    }

    fn walk(&mut self, parent: &Json, draft: &mut Draft, groups: &mut Vec<Json>) {
        for child in children(parent) {
            match sort_of(child) {
                "Group" | "Roster" | "CoverPage" => {
                    if is_roster(child) {
                        groups.push(child.clone());
                    }
                    self.walk(child, draft, groups);
                }
                "StaticText" => {}
                kind => {
                    let sort = sort(kind, child);
                    let variable = variable_of(child);
                    let wanted = if variable.is_empty() { kind.to_lowercase() } else { variable };
                    let name = draft.name(&wanted);
                    let is_list = sort == Sort::List;
                    self.add(
                        child,
                        Entity {
                            roster: None,
                            rows: is_list.then_some(Rows::Typed),
                            title: None,
                            name,
                            sort,
                        },
                    );
                }
            }
        }
    }

    fn add(&mut self, value: &Json, entity: Entity) {
        let place = self.entities.len();
        self.entities.push(entity);
        let variable = variable_of(value);
        if !variable.is_empty() {
            self.by_variable.entry(variable).or_insert(place);
        }
        let id = id_of(value);
        if !id.is_empty() {
            self.by_id.entry(id).or_insert(place);
        }
    }

    fn roster(&mut self, group: &Json, draft: &mut Draft) {
        let trigger = self.place(group, ["RosterSizeQuestionId", "RosterSizeQuestion"]);
        let title = self.place(group, ["RosterTitleQuestionId", "RosterTitleQuestion"]);
        let title = title.map(|place| self.entities[place].name.clone());
        let rows = match trigger.map(|place| (place, self.entities[place].sort)) {
            Some((_, Sort::List)) => Rows::Typed,
            Some((place, Sort::Multiple)) => Rows::Chosen(self.entities[place].name.clone()),
            Some(_) => Rows::Counted,
            None => Rows::Fixed(fixed(group).map(|(code, _)| code).collect()),
        };
        // Rosters of one list are asked about the same members.
        let shared = trigger
            .filter(|_| rows == Rows::Typed)
            .and_then(|place| self.entities[place].roster.clone());
        let name = shared.unwrap_or_else(|| {
            let variable = variable_of(group);
            if variable.is_empty() { draft.name_of_ours("roster") } else { draft.name(&variable) }
        });
        if let Some(place) = trigger.filter(|_| rows == Rows::Typed) {
            self.entities[place].roster = Some(name.clone());
        }
        let entity = Entity {
            name: name.clone(),
            sort: Sort::Other,
            roster: Some(name),
            rows: Some(rows),
            title,
        };
        self.add(group, entity);
    }

    /// The place of what a property names, by identity or by variable.
    fn place(&self, value: &Json, keys: [&str; 2]) -> Option<usize> {
        let written = keys.iter().map(|key| string(value, key)).find(|said| !said.is_empty())?;
        let by_id = self.by_id.get(&digits(written));
        by_id.or_else(|| self.by_variable.get(written)).copied()
    }

    /// What a property names.
    pub(super) fn named(&self, value: &Json, keys: [&str; 2]) -> Option<&Entity> {
        self.place(value, keys).map(|place| &self.entities[place])
    }

    /// What a part of the document is.
    pub(super) fn entity(&self, value: &Json) -> Option<&Entity> {
        self.by_id.get(&id_of(value)).map(|place| &self.entities[*place])
    }

    /// What a variable is.
    pub(super) fn variable(&self, name: &str) -> Option<&Entity> {
        self.by_variable.get(name).map(|place| &self.entities[*place])
    }

    /// The name of the roster that a list fills; one of its own where no roster asks
    /// about its members.
    pub(super) fn list_roster(&mut self, value: &Json, draft: &mut Draft) -> String {
        let Some(place) = self.by_id.get(&id_of(value)).copied() else { return String::new() };
        let entity = &mut self.entities[place];
        let wanted = format!("{}_list", entity.name);
        entity.roster.get_or_insert_with(|| draft.name_of_ours(&wanted)).clone()
    }

    /// The roster of that name here.
    pub(super) fn roster_named(&self, name: &str) -> Option<&Entity> {
        let is_own = |one: &&Entity| one.rows.is_some() && one.roster.as_deref() == Some(name);
        self.entities.iter().filter(is_own).max_by_key(|one| one.name == name)
    }
}

/// The identity of a part, in one spelling; what has none goes by its variable.
pub(super) fn id_of(value: &Json) -> String {
    let id = digits(match string(value, "PublicKey") {
        "" => string(value, "Id"),
        id => id,
    });
    if id.is_empty() { format!("variable {}", variable_of(value)) } else { id }
}

/// The variable of a part.
pub(super) fn variable_of(value: &Json) -> String {
    let all = ["StataExportCaption", "VariableName", "Name"].map(|key| string(value, key).trim());
    all.into_iter().find(|name| !name.is_empty()).unwrap_or_default().to_owned()
}

pub(super) fn is_roster(group: &Json) -> bool {
    sort_of(group) == "Roster" || group.get("IsRoster").and_then(Json::as_bool) == Some(true)
}

/// The members of a roster of fixed titles, each with its code and what it is called.
pub(super) fn fixed(group: &Json) -> impl Iterator<Item = (String, String)> + '_ {
    let titles = group.at("FixedRosterTitles").as_array().into_iter().flatten();
    titles.map(|title| (code(title.at("Value")), string(title, "Title").to_owned()))
}

/// A code as it is written in conditions: whole numbers without a point.
pub(super) fn code(value: &Json) -> String {
    match value.part() {
        Part::String(text) => match crate::draft::text::number(text) {
            Some(number) => survey_builder::questionnaire::expression::print_number(number),
            None => text.trim().to_owned(),
        },
        Part::Number(number) => survey_builder::questionnaire::expression::print_number(
            number.as_f64().unwrap_or_default(),
        ),
        _ => String::new(),
    }
}

/// Whether a property is true.
pub(super) fn is_on(value: &Json, key: &str) -> bool {
    value.get(key).and_then(Json::as_bool) == Some(true)
}

fn sort(kind: &str, value: &Json) -> Sort {
    match kind {
        "SingleQuestion" => Sort::Single,
        "MultyOptionsQuestion" | "MultiOptionsQuestion" => Sort::Multiple,
        "NumericQuestion" if is_on(value, "IsInteger") => Sort::Whole,
        "NumericQuestion" => Sort::Decimal,
        "TextQuestion" | "QRBarcodeQuestion" => Sort::Text,
        "DateTimeQuestion" if !is_on(value, "IsTimestamp") => Sort::Date,
        "TextListQuestion" => Sort::List,
        "Variable" => match variable_type(value) {
            1 => Sort::Whole,
            2 => Sort::Decimal,
            3 => Sort::Truth,
            4 => Sort::Date,
            _ => Sort::Text,
        },
        _ => Sort::Other,
    }
}

/// What a variable gives: its number, or the word for it.
fn variable_type(value: &Json) -> u64 {
    let words = ["", "LongInteger", "Double", "Boolean", "DateTime", "String"];
    let said = value.get("Type").or_else(|| value.get("VariableType")).unwrap_or(Json::nothing());
    let said = if said.as_str() == Some("Variable") { value.at("VariableType") } else { said };
    let word = said.as_str().and_then(|word| words.iter().position(|one| *one == word));
    word.map(|place| place as u64).or_else(|| said.as_u64()).unwrap_or(5)
}
