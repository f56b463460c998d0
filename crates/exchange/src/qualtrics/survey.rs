//! The elements of an export file by their kind, and how its JSON is read:
//! what is a list in one file is an object with numbers in the next.

use crate::account::{Json, Part};
use std::collections::{BTreeMap, BTreeSet};

/// A survey.
pub(super) struct Survey<'v> {
    pub name: String,
    /// The codes of the languages as the file writes them, the base first.
    pub languages: Vec<String>,
    pub blocks: Vec<Block<'v>>,
    /// The elements of the flow; absent means all blocks in order.
    pub flow: Option<&'v Json>,
    pub questions: BTreeMap<String, &'v Json>,
    /// Quotas and other elements that have no place in a questionnaire.
    pub aside: Vec<(&'static str, String)>,
    /// The questions in the trash.
    pub unused: Vec<&'v Json>,
}

/// A block of questions.
pub(super) struct Block<'v> {
    pub id: String,
    pub name: String,
    pub elements: Vec<&'v Json>,
    pub options: Option<&'v Json>,
}

impl<'v> Survey<'v> {
    pub(super) fn of(file: &'v Json) -> Self {
        let entry = file.at("SurveyEntry");
        let mut survey = Self {
            name: string(entry, "SurveyName"),
            languages: Vec::new(),
            blocks: Vec::new(),
            flow: None,
            questions: BTreeMap::new(),
            aside: Vec::new(),
            unused: Vec::new(),
        };
        let base = string(entry, "SurveyLanguage");
        survey.languages.push(if base.is_empty() { "EN".to_owned() } else { base });
        let mut all = BTreeMap::new();
        let mut trash = BTreeSet::new();
        for (_, element) in entries(file.at("SurveyElements")) {
            let payload = element.at("Payload");
            match element.get("Element").and_then(Json::as_str).unwrap_or_default() {
                "SQ" => {
                    let id = match string(payload, "QuestionID") {
                        id if id.is_empty() => string(element, "PrimaryAttribute"),
                        id => id,
                    };
                    all.insert(id, payload);
                }
                "BL" => survey.blocks(payload, &mut trash),
                "FL" => survey.flow = payload.get("Flow"),
                "SO" => {
                    for (code, _) in entries(payload.at("AvailableLanguages")) {
                        survey.language(&code);
                    }
                }
                "QO" => survey.aside.push(("quota", quota(payload))),
                _ => {}
            }
        }
        if survey.blocks.is_empty() {
            // Old files have questions only.
            let elements = Vec::new();
            let (id, name) = ("all".to_owned(), String::new());
            survey.blocks.push(Block { id, name, elements, options: None });
        }
        for (id, payload) in all {
            if trash.contains(&id) {
                survey.unused.push(payload);
                continue;
            }
            for (code, _) in entries(payload.at("Language")) {
                if code.parse::<usize>().is_err() {
                    survey.language(&code);
                }
            }
            survey.questions.insert(id, payload);
        }
        survey
    }

    fn language(&mut self, code: &str) {
        if !code.is_empty() && !self.languages.iter().any(|known| known == code) {
            self.languages.push(code.to_owned());
        }
    }

    fn blocks(&mut self, payload: &'v Json, trash: &mut BTreeSet<String>) {
        for (key, block) in entries(payload) {
            let elements: Vec<&Json> =
                list(block, "BlockElements").into_iter().map(|(_, element)| element).collect();
            let is_trash = string(block, "Type") == "Trash";
            if is_trash {
                trash.extend(elements.iter().map(|element| string(element, "QuestionID")));
                continue;
            }
            let id = match string(block, "ID") {
                id if id.is_empty() => key,
                id => id,
            };
            let options = block.get("Options");
            self.blocks.push(Block { id, name: string(block, "Description"), elements, options });
        }
    }
}

fn quota(payload: &Json) -> String {
    let name = string(payload, "Name");
    let most = string(payload, "Occurrences");
    let logic = payload.get("Logic").map(super::logic::described).unwrap_or_default();
    format!("{name}: at most {most} where {logic}")
}

/// The parts of an object or a list under their keys, numbers in their order.
pub(super) fn entries(value: &Json) -> Vec<(String, &Json)> {
    match value.part() {
        Part::Object(parts) => {
            let mut parts: Vec<(String, &Json)> =
                parts.iter().map(|(key, part)| (key.clone(), part)).collect();
            parts.sort_by_key(|(key, _)| key.parse::<u64>().unwrap_or(u64::MAX));
            parts
        }
        Part::Array(parts) => {
            parts.iter().enumerate().map(|(place, part)| (place.to_string(), part)).collect()
        }
        _ => Vec::new(),
    }
}

/// The parts of a property.
pub(super) fn list<'v>(value: &'v Json, key: &str) -> Vec<(String, &'v Json)> {
    value.get(key).map(entries).unwrap_or_default()
}

/// A property as text: numbers and truths are written out.
pub(super) fn string(value: &Json, key: &str) -> String {
    value.get(key).map(written).unwrap_or_default()
}

/// A value as text.
pub(super) fn written(value: &Json) -> String {
    match value.part() {
        Part::String(text) => text.clone(),
        Part::Number(number) => number.to_string(),
        Part::Bool(truth) => truth.to_string(),
        _ => String::new(),
    }
}

/// Whether a property is switched on.
pub(super) fn is_on(value: &Json, key: &str) -> bool {
    matches!(string(value, key).to_lowercase().as_str(), "true" | "on" | "1" | "yes")
}

/// The parts of a property in the order that another gives.
pub(super) fn ordered<'v>(value: &'v Json, key: &str, order: &str) -> Vec<(String, &'v Json)> {
    let parts = list(value, key);
    let mut places: Vec<String> =
        list(value, order).into_iter().map(|(_, place)| written(place)).collect();
    places.retain(|place| parts.iter().any(|(id, _)| id == place));
    if places.is_empty() {
        return parts;
    }
    let mut seen = BTreeSet::new();
    places.retain(|place| seen.insert(place.clone()));
    let found = places.iter().filter_map(|place| parts.iter().find(|(id, _)| id == place));
    found.cloned().collect()
}

/// A language code as BCP 47 writes it.
pub(super) fn language_code(written: &str) -> String {
    match written.to_uppercase().as_str() {
        "ZH-S" => "zh-Hans".to_owned(),
        "ZH-T" => "zh-Hant".to_owned(),
        "ES-ES" => "es-ES".to_owned(),
        "SR-ME" => "sr-Latn-ME".to_owned(),
        upper => match upper.split_once('-') {
            Some((base, region)) => format!("{}-{region}", base.to_lowercase()),
            None => upper.to_lowercase(),
        },
    }
}
