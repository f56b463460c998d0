//! Everything of a model that has a name or a text, found before anything is
//! made: conditions and texts may name what comes later.

use std::collections::{BTreeMap, BTreeSet};

use survey_builder::questionnaire::document::Text;

use super::{elements, string, table};
use crate::account::{Json, Part};
use crate::draft::fit_name;

/// The names of a model and its languages.
#[derive(Default)]
pub(super) struct Names {
    /// What is called how here: `question`, `matrix.row`, `matrix.row.column`,
    /// `panel.question`, `question-Comment`.
    known: BTreeMap<String, String>,
    taken: BTreeSet<String>,
    /// How often each word stands where a name could be taken from it.
    wanted: BTreeMap<String, usize>,
    /// The dynamic panel or matrix whose questions are being made.
    pub roster: Option<String>,
    /// The questions whose answers are numbers, by our names.
    pub numbers: BTreeSet<String>,
    /// The questions that are one box to tick, by our names.
    pub ticks: BTreeSet<String>,
    /// The values that stand for yes and no in questions of that kind, by our name.
    pub booleans: BTreeMap<String, (String, String)>,
    /// The names of dynamic panels and matrices, by the model's name.
    pub rosters: BTreeSet<String>,
    /// The codes of the languages, the one shown first in front.
    pub languages: Vec<String>,
    /// The code of the language shown first.
    pub default: String,
    /// The code of the language of texts that name none.
    pub plain: String,
}

impl Names {
    pub(super) fn of(model: &Json) -> Self {
        let default = match string(model, "locale") {
            "" => "en".to_owned(),
            code => code.to_owned(),
        };
        let plain = default.clone();
        let mut names =
            Self { languages: vec![default.clone()], default, plain, ..Self::default() };
        let mut unnamed = Vec::new();
        let through = model.looked_through();
        names.find_languages(&through, &mut unnamed, 0);
        names.name_plain(&unnamed);
        for page in super::pages(model) {
            names.count(page, 0);
        }
        for page in super::pages(model) {
            names.find(page, None);
        }
        for value in model.get("calculatedValues").and_then(Json::as_array).into_iter().flatten() {
            names.add(string(value, "name"), string(value, "name"));
        }
        names
    }

    fn count(&mut self, parent: &Json, depth: u32) {
        for element in elements(parent).filter(|_| depth < 60) {
            let items = element.get("items").and_then(Json::as_array).into_iter().flatten();
            let items = items.map(|item| item.as_str().unwrap_or_else(|| string(item, "name")));
            let rows = table::rows(element);
            let rows = rows.iter().map(|(row, _)| row.as_str());
            for word in items.chain(rows).chain([string(element, "name")]) {
                *self.wanted.entry(word.to_owned()).or_default() += 1;
            }
            self.count(element, depth + 1);
            for choice in nesting_choices(element) {
                self.count(choice, depth + 1);
            }
        }
    }

    /// Whether rows can be called as their values are, without the matrix: all
    /// are names that stand nowhere else, and not those that an editor makes.
    fn are_names(&self, rows: &[&str]) -> bool {
        rows.iter().all(|row| {
            let made = ["row", "item", "column", "text", "question"];
            let stem = row.trim_end_matches(|last: char| last.is_ascii_digit() || last == ' ');
            fit_name(row, "q") == *row
                && self.wanted.get(*row) == Some(&1)
                && !made.contains(&stem.to_lowercase().as_str())
        })
    }

    fn find(&mut self, parent: &Json, roster: Option<&str>) {
        for element in elements(parent) {
            let name = string(element, "name");
            let path = match roster {
                Some(roster) => format!("{roster}.{name}"),
                None => name.to_owned(),
            };
            match string(element, "type") {
                "panel" => self.find(element, roster),
                "paneldynamic" => {
                    let shared = string(element, "valueName");
                    if self.rosters.contains(shared) {
                        self.find(element, Some(shared));
                    } else {
                        self.add(&path, name);
                        self.rosters.insert(name.to_owned());
                        self.find(element, Some(name));
                    }
                }
                "matrixdynamic" => {
                    self.add(&path, name);
                    self.rosters.insert(name.to_owned());
                    for column in table::columns(element) {
                        let column = string(column, "name");
                        self.add(&format!("{name}.{column}"), &format!("{name}_{column}"));
                    }
                }
                kind => {
                    self.question(element, kind, &path, name);
                    for choice in nesting_choices(element) {
                        self.find(choice, roster);
                    }
                }
            }
        }
    }

    fn question(&mut self, element: &Json, kind: &str, path: &str, name: &str) {
        let ours = self.add(path, name);
        let stored = string(element, "valueName");
        if !stored.is_empty() {
            self.known.entry(stored.to_owned()).or_insert_with(|| ours.clone());
        }
        match kind {
            "matrix" | "matrixdropdown" => self.rows(element, kind, path, name),
            "multipletext" => {
                let items = element.get("items").and_then(Json::as_array).into_iter().flatten();
                let items: Vec<&str> =
                    items.map(|one| one.as_str().unwrap_or_else(|| string(one, "name"))).collect();
                let alone = self.are_names(&items);
                for item in items {
                    let wanted = if alone { item.to_owned() } else { format!("{name}_{item}") };
                    self.add(&format!("{path}.{item}"), &wanted);
                }
            }
            "rating" | "slider" if element.get("rateValues").is_none() => {
                self.numbers.insert(ours);
            }
            "text" if ["number", "range"].contains(&string(element, "inputType")) => {
                self.numbers.insert(ours);
            }
            "boolean" if is_tick(element) => {
                self.ticks.insert(ours);
            }
            "boolean" => {
                let value = |key: &str, or_else: &str| match element.at(key).part() {
                    Part::String(text) => text.clone(),
                    Part::Null => or_else.to_owned(),
                    _ => element.at(key).to_string(),
                };
                let values = (value("valueTrue", "true"), value("valueFalse", "false"));
                self.booleans.insert(ours, values);
            }
            _ => {}
        }
        let choices = element.get("choices").and_then(Json::as_array).into_iter().flatten();
        let beside = choices.into_iter().any(|choice| super::is_true(choice, "showCommentArea"));
        let on = |keys: [&str; 2]| keys.iter().any(|key| super::is_true(element, key));
        if beside || on(["hasOther", "showOtherItem"]) {
            self.add(&format!("{path}-Comment"), &format!("{name}_other"));
        } else if on(["hasComment", "showCommentArea"]) {
            self.add(&format!("{path}-Comment"), &format!("{name}_comment"));
        }
    }

    fn rows(&mut self, element: &Json, kind: &str, path: &str, name: &str) {
        let rows = table::rows(element);
        let values: Vec<&str> = rows.iter().map(|(row, _)| row.as_str()).collect();
        let alone = self.are_names(&values);
        let columns: Vec<&str> =
            table::columns(element).map(|column| string(column, "name")).collect();
        for row in values {
            let wanted = if alone { row.to_owned() } else { format!("{name}_{row}") };
            let own = self.add(&format!("{path}.{row}"), &wanted);
            for column in columns.iter().filter(|_| kind == "matrixdropdown") {
                let cell = format!("{path}.{row}.{column}");
                if columns.len() == 1 {
                    self.known.insert(cell, own.clone());
                } else {
                    let name = format!("{own}_{}", fit_part(column));
                    self.taken.insert(name.clone());
                    self.known.insert(cell, name);
                }
            }
        }
    }

    fn add(&mut self, path: &str, wanted: &str) -> String {
        let wanted = fit_name(wanted, "q");
        let mut name = wanted.clone();
        let mut number = 2;
        while !self.taken.insert(name.clone()) {
            name = format!("{wanted}_{number}");
            number += 1;
        }
        self.known.entry(path.to_owned()).or_insert_with(|| name.clone());
        name
    }

    /// What is called so here; names nobody has stay as they are.
    pub(super) fn ours(&self, path: &str) -> String {
        self.find_ours(path, self.roster.as_deref()).unwrap_or_else(|| path.to_owned())
    }

    /// The same, as a name is written inside a roster.
    pub(super) fn find_ours(&self, path: &str, roster: Option<&str>) -> Option<String> {
        let path = path.trim();
        if let Some(inner) = path.strip_prefix("parentPanel.") {
            // One further out; which, the name decides.
            let mut of = self.rosters.iter().filter(|of| Some(of.as_str()) != roster);
            let found = of.find_map(|of| self.known.get(&format!("{of}.{inner}")));
            return found.cloned();
        }
        if let Some(roster) = roster {
            let inner = ["panel.", "row."].iter().find_map(|prefix| path.strip_prefix(prefix));
            let inner = inner.unwrap_or(path);
            if let Some(found) = self.known.get(&format!("{roster}.{inner}")) {
                return Some(found.clone());
            }
        }
        self.known.get(path).cloned()
    }

    /// A text in all its languages, with what it inserts under our names.
    pub(super) fn text(&self, value: Option<&Json>) -> Text {
        let mut text = Text::default();
        let mut put = |language: &str, words: &str| {
            let words = self.piped(&plain(words));
            if !words.is_empty() {
                text.0.insert(language.to_owned(), words);
            }
        };
        match value.unwrap_or(Json::nothing()).part() {
            Part::String(words) => put(&self.plain, words),
            Part::Object(languages) => {
                for (language, words) in languages {
                    let language = if language == "default" { &self.plain } else { language };
                    put(language, words.as_str().unwrap_or_default());
                }
            }
            Part::Number(number) => put(&self.plain, &number.to_string()),
            Part::Bool(truth) => put(&self.plain, &truth.to_string()),
            _ => {}
        }
        text
    }

    /// What a question asks: its title, else its name.
    pub(super) fn wording(&self, element: &Json, name: &str) -> Text {
        let title = self.text(element.get("title"));
        if title.is_empty() { Text::new(&self.default, name) } else { title }
    }

    fn piped(&self, words: &str) -> String {
        let mut parts = words.split('{');
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let known = part.split_once('}').and_then(|(name, rest)| {
                Some((self.find_ours(name, self.roster.as_deref())?, rest))
            });
            match known {
                Some((name, rest)) => whole.push_str(&format!("${{{name}}}{rest}")),
                None => {
                    whole.push('{');
                    whole.push_str(part);
                }
            }
        }
        whole
    }

    /// Where texts in the language shown first stand beside texts that name none,
    /// these are in another one: the model's own default, which is English unless
    /// they show otherwise.
    fn name_plain(&mut self, unnamed: &[(&str, bool)]) {
        if !unnamed.iter().any(|(_, beside)| *beside) {
            return;
        }
        let texts = unnamed.iter().filter(|(_, beside)| *beside).map(|(text, _)| *text);
        let found = crate::draft::language::recognized(texts).unwrap_or("en");
        if found != self.default {
            found.clone_into(&mut self.plain);
            if !self.languages.iter().any(|known| known == found) {
                self.languages.push(found.to_owned());
            }
        }
    }

    /// The languages of texts; `unnamed` takes those of no language, and whether
    /// one in the language shown first stands beside.
    fn find_languages<'m>(
        &mut self,
        value: &'m Json,
        unnamed: &mut Vec<(&'m str, bool)>,
        depth: u32,
    ) {
        match value.part() {
            Part::Array(parts) => {
                for part in parts {
                    self.find_languages(part, unnamed, depth);
                }
            }
            Part::Object(parts) if depth < 60 => {
                let named = parts.contains_key("default")
                    || parts.keys().count() > 1 && parts.contains_key(&self.default);
                let of_text = named
                    && parts.values().all(Json::is_string)
                    && parts.keys().all(|key| key == "default" || is_language(key));
                if of_text {
                    let beside = parts.contains_key(&self.default);
                    unnamed.extend(
                        value.get("default").and_then(Json::as_str).map(|text| (text, beside)),
                    );
                    for code in parts.keys().filter(|key| *key != "default") {
                        if !self.languages.contains(code) {
                            self.languages.push(code.clone());
                        }
                    }
                } else {
                    parts.values().for_each(|part| self.find_languages(part, unnamed, depth + 1));
                }
            }
            _ => {}
        }
    }
}

/// The choices that open questions of their own.
pub(super) fn nesting_choices(element: &Json) -> impl Iterator<Item = &Json> {
    let choices = element.get("choices").and_then(Json::as_array).into_iter().flatten();
    choices.filter(|choice| choice.get("elements").is_some())
}

/// A part of a name, which need not begin like one.
pub(super) fn fit_part(wanted: &str) -> String {
    let fits = |next: char| next.is_alphanumeric() || "_-.".contains(next);
    let name: String =
        wanted.trim().chars().take(60).map(|next| if fits(next) { next } else { '_' }).collect();
    if name.is_empty() { "column".to_owned() } else { name }
}

/// Whether a yes-or-no question is one box to tick.
pub(super) fn is_tick(element: &Json) -> bool {
    let shown = ["renderAs", "displayMode"].iter().any(|key| string(element, key) == "checkbox");
    let valued = ["valueTrue", "valueFalse"].iter().any(|key| element.get(key).is_some());
    shown && !valued
}

/// `de`, `pt-br`, `zh-tw`.
fn is_language(key: &str) -> bool {
    let mut parts = key.split(['-', '_']);
    let fits = |part: &str, most: usize| {
        (2..=most).contains(&part.len()) && part.chars().all(|next| next.is_ascii_alphabetic())
    };
    parts.next().is_some_and(|code| fits(code, 3)) && parts.all(|part| fits(part, 4))
}

/// The words of a text that may hold markup.
fn plain(text: &str) -> String {
    crate::draft::text::without_markup(text)
}
