//! What is called how: answers, lists, sums and what is known beforehand.

use std::collections::{BTreeMap, BTreeSet};

use super::string;
use crate::account::{Json, Part};
use crate::draft::fit_name;
use crate::formula::Formula;

/// The names of a schema.
#[derive(Default)]
pub(super) struct Names {
    /// The questions that ask for an answer: more than one where it has variants.
    answers: BTreeMap<String, Vec<String>>,
    /// The values that stand for answers which variants share: whichever was asked.
    together: BTreeMap<String, String>,
    rosters: BTreeMap<String, String>,
    summaries: BTreeMap<String, String>,
    /// What is read of the sample: by its source, as it is called here.
    preloaded: BTreeMap<String, String>,
    taken: BTreeSet<String>,
    /// The questions made so far of each answer.
    made: BTreeMap<String, usize>,
}

impl Names {
    pub(super) fn of(schema: &Json) -> Self {
        let mut names = Self::default();
        names.find(schema, 0);
        names.find_read(schema, 0);
        names
    }

    fn find(&mut self, value: &Json, depth: u32) {
        if depth > 100 {
            return;
        }
        match value.part() {
            Part::Array(parts) => parts.iter().for_each(|part| self.find(part, depth + 1)),
            Part::Object(parts) => {
                let kind = string(value, "type");
                let aside = ["ListEditQuestion", "ListRemoveQuestion"].contains(&kind);
                if aside {
                    return;
                }
                if let Some(of) = value.get("for_list").and_then(Json::as_str)
                    && !self.rosters.contains_key(of)
                {
                    let name = self.fresh(of);
                    self.rosters.insert(of.to_owned(), name);
                }
                if ["CalculatedSummary", "GrandCalculatedSummary"].contains(&kind) {
                    let name = self.fresh(string(value, "id"));
                    self.summaries.insert(string(value, "id").to_owned(), name);
                }
                self.find_shared(value);
                for (key, part) in parts {
                    if key == "answers" {
                        self.find_answers(part);
                    }
                    self.find(part, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn find_answers(&mut self, answers: &Json) {
        for answer in answers.as_array().into_iter().flatten().filter(|one| one.is_object()) {
            self.add(string(answer, "id"));
            for option in super::list(answer, "options") {
                if let Some(detail) = option.get("detail_answer") {
                    self.add(string(detail, "id"));
                }
            }
        }
    }

    /// Answers that several variants of a question ask for in the same way.
    fn find_shared(&mut self, block: &Json) {
        let mut asked: BTreeMap<&str, Vec<&Json>> = BTreeMap::new();
        for variant in super::list(block, "question_variants") {
            let Some(question) = variant.get("question") else { continue };
            let whole = string(question, "type") != "MutuallyExclusive";
            for answer in super::list(question, "answers").filter(|_| whole) {
                asked.entry(string(answer, "id")).or_default().push(answer);
            }
        }
        for (id, answers) in asked {
            let Some((first, others)) = answers.split_first().filter(|(_, rest)| !rest.is_empty())
            else {
                continue;
            };
            let same = |key: &str| others.iter().all(|other| other.get(key) == first.get(key));
            let alike = ["type", "options", "decimal_places", "dynamic_options"];
            let simple = !matches!(string(first, "type"), "Checkbox" | "Duration")
                && super::list(first, "options").all(|one| one.get("detail_answer").is_none());
            if simple && alike.iter().all(|key| same(key)) && !self.together.contains_key(id) {
                let name = self.fresh(id);
                self.together.insert(id.to_owned(), name);
            }
        }
    }

    fn add(&mut self, id: &str) {
        let wanted = if self.together.contains_key(id) {
            format!("{id}_{}", self.answers.get(id).map_or(1, |known| known.len() + 1))
        } else {
            id.to_owned()
        };
        let name = self.fresh(&wanted);
        self.answers.entry(id.to_owned()).or_default().push(name);
    }

    fn fresh(&mut self, wanted: &str) -> String {
        // Their names have hyphens, which would read as minus.
        let wanted = fit_name(&wanted.replace('-', "_"), "q");
        let mut name = wanted.clone();
        let mut number = 2;
        while !self.taken.insert(name.clone()) {
            name = format!("{wanted}_{number}");
            number += 1;
        }
        name
    }

    /// What is read of the sample and of its supplements.
    fn find_read(&mut self, value: &Json, depth: u32) {
        match value.part() {
            _ if depth > 100 => {}
            Part::Array(parts) => parts.iter().for_each(|part| self.find_read(part, depth + 1)),
            Part::Object(parts) => {
                if let Some(source) = source_of(value)
                    && !self.preloaded.contains_key(&source)
                {
                    let name = self.fresh(&source);
                    self.preloaded.insert(source, name);
                }
                parts.values().for_each(|part| self.find_read(part, depth + 1));
            }
            _ => {}
        }
    }

    /// The name of the next question that asks for an answer.
    pub(super) fn next(&mut self, id: &str) -> String {
        let place = self.made.entry(id.to_owned()).or_default();
        *place += 1;
        let names = self.answers.get(id);
        names.and_then(|names| names.get(*place - 1)).cloned().unwrap_or_else(|| id.to_owned())
    }

    /// The question that asks for an answer where one is being made.
    pub(super) fn current(&self, id: &str) -> Option<&str> {
        let place = self.made.get(id)?.checked_sub(1)?;
        self.answers.get(id)?.get(place).map(String::as_str)
    }

    /// The name under which an answer that variants share is one value.
    pub(super) fn shared(&self, id: &str) -> Option<&str> {
        self.together.get(id).map(String::as_str)
    }

    /// An answer: of its variants, the one that was asked.
    pub(super) fn answer(&self, id: &str) -> Formula {
        match self.shared(id) {
            Some(name) => Formula::question(name),
            None => self.whichever(id),
        }
    }

    /// The first of the questions for an answer that has one.
    pub(super) fn whichever(&self, id: &str) -> Formula {
        let names = self.answers.get(id).map_or(&[][..], Vec::as_slice);
        let mut questions = names.iter().rev().map(|name| Formula::question(name));
        let Some(last) = questions.next() else { return Formula::question(id) };
        questions.fold(last, |rest, one| Formula::call("coalesce", vec![one, rest]))
    }

    /// The name by which a text inserts an answer.
    pub(super) fn inserted(&self, id: &str) -> Option<&str> {
        self.shared(id).or_else(|| self.answers.get(id)?.first().map(String::as_str))
    }

    /// What asks for one answer gives another as well.
    pub(super) fn stands_for(&mut self, id: &str, question: &str) {
        self.answers.insert(id.to_owned(), vec![question.to_owned()]);
    }

    pub(super) fn roster(&self, list: &str) -> String {
        self.rosters.get(list).cloned().unwrap_or_else(|| fit_name(list, "list"))
    }

    pub(super) fn summary(&self, id: &str) -> String {
        self.summaries.get(id).cloned().unwrap_or_else(|| fit_name(id, "q"))
    }

    /// What a value source reads that is known beforehand.
    pub(super) fn known(&self, source: &Json) -> Option<&str> {
        self.preloaded.get(&source_of(source)?).map(String::as_str)
    }

    /// The columns that are read, each with its name here.
    pub(super) fn preloaded(&self) -> impl Iterator<Item = (String, String)> {
        let all: Vec<_> =
            self.preloaded.iter().map(|(source, name)| (source.clone(), name.clone())).collect();
        all.into_iter()
    }
}

/// The column that a value source reads, if it is known beforehand.
fn source_of(value: &Json) -> Option<String> {
    let kind = string(value, "source");
    if !["metadata", "supplementary_data", "response_metadata"].contains(&kind) {
        return None;
    }
    let mut parts = vec![string(value, "identifier")];
    parts.extend(super::list(value, "selectors").filter_map(Json::as_str));
    (!parts[0].is_empty()).then(|| parts.join("_"))
}
