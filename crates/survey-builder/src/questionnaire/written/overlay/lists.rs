//! The lists that are written: under the question that alone uses them, or by themselves.

use std::collections::{BTreeMap, BTreeSet};

use super::super::super::document::{Document, Kind};
use super::super::{At, Column, Fault, Line, Says, lists_of_one};
use super::matching::Matches;
use super::tree::Tree;
use crate::problem::Problem;

/// What is written of lists.
pub(super) struct Lists<'a> {
    /// Options by the list's name; a list that is there and not here stays as it is.
    written: BTreeMap<String, Vec<&'a Line>>,
    /// The list of each question that chooses.
    of: BTreeMap<At, String>,
    /// Lists that are called otherwise now: old, new.
    renamed: Vec<(String, String)>,
    /// Lists that were not there.
    added: Vec<String>,
}

impl<'a> Lists<'a> {
    pub fn of(
        base: &Document,
        (tree, says): (&Tree<'a>, &Says),
        matches: &Matches,
        faults: &mut Vec<Fault>,
    ) -> Self {
        let mut lists = Self {
            written: BTreeMap::new(),
            of: BTreeMap::new(),
            renamed: Vec::new(),
            added: Vec::new(),
        };
        let known = |line: &Line| matches.item(line).is_some();
        faults.extend(tree.strange(&known));
        let mut at: BTreeMap<String, At> = BTreeMap::new();
        for (line, options) in &tree.lists {
            at.insert(line.code.clone(), line.at);
            lists.written.insert(line.code.clone(), options.clone());
        }
        let alone = lists_of_one(base);
        let codes = tree.codes();
        for question in tree.questions() {
            let line = question.line;
            let was = matches.item(line).and_then(|item| matches.question(base, item));
            let kind = kind_of(line, was.map(|was| &was.kind), !question.options.is_empty());
            if !chooses(kind) {
                continue;
            }
            let own = was.and_then(|was| was.kind.list());
            let named = Some(line.list.as_str()).filter(|name| !name.is_empty());
            // A kind that may have a list and says none has none.
            let none = says.has(&Column::List) || own.is_none();
            if kind == "computed" && named.is_none() && none {
                continue;
            }
            let name = match (named.or(own), line.code.as_str()) {
                (Some(name), _) => name.to_owned(),
                (None, "") => fresh(base, &codes, &lists.written),
                (None, code) => code.to_owned(),
            };
            lists.of.insert(line.at, name.clone());
            // Without its options a list that nobody else uses has none.
            let emptied = !says.all_lists && own == Some(name.as_str()) && alone.contains(&name);
            if question.options.is_empty() && !emptied {
                continue;
            }
            if at.contains_key(&name) {
                if !question.options.is_empty() {
                    let problem = Problem::new("written-list-twice", "").with("list", &name);
                    faults
                        .push(Fault { at: line.at, problem: problem.with("line", at[&name].line) });
                }
                continue;
            }
            at.insert(name.clone(), line.at);
            lists.written.insert(name, question.options.clone());
        }
        lists.rename(base, tree, matches);
        lists.find_new(base, tree, matches, faults);
        lists
    }

    /// A list whose name is gone, used by questions that all name the same other list that
    /// was not there, is called so now.
    fn rename(&mut self, base: &Document, tree: &Tree<'a>, matches: &Matches) {
        let used: BTreeSet<&String> = self.of.values().chain(self.written.keys()).collect();
        // How often each is used by what stays, and how often it is called so now.
        let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
        let mut said: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for question in tree.questions() {
            let line = question.line;
            let was = matches.item(line).and_then(|item| matches.question(base, item));
            let Some(was) = was else { continue };
            for list in was.kind.lists() {
                *uses.entry(list).or_default() += 1;
            }
            if let (Some(old), Some(new)) = (was.kind.list(), self.of.get(&line.at)) {
                *said.entry((old, new)).or_default() += 1;
            }
        }
        let mut found: BTreeMap<String, String> = BTreeMap::new();
        for ((old, new), times) in said {
            let gone = !used.contains(&old.to_owned()) && base.list(old).is_some();
            // Whatever uses it says so; lists of parts cannot be said here.
            if gone && base.list(new).is_none() && uses.get(old) == Some(&times) {
                found.entry(old.to_owned()).or_insert_with(|| new.to_owned());
            }
        }
        let mut names = BTreeSet::new();
        self.renamed = found.into_iter().filter(|(_, new)| names.insert(new.clone())).collect();
    }

    /// Lists that were not there; it is wrong to name one that is nowhere, unless the
    /// question has named it before.
    fn find_new(
        &mut self,
        base: &Document,
        tree: &Tree<'a>,
        matches: &Matches,
        faults: &mut Vec<Fault>,
    ) {
        let there = |name: &String| {
            base.list(name).is_some() || self.renamed.iter().any(|(_, new)| new == name)
        };
        let mut new: Vec<String> =
            self.written.keys().filter(|name| !there(name)).cloned().collect();
        for question in tree.questions() {
            let line = question.line;
            let Some(name) = self.of.get(&line.at) else { continue };
            let was = matches.item(line).and_then(|item| matches.question(base, item));
            let lacked = was.is_some_and(|was| was.kind.list() == Some(name));
            if lacked || there(name) || self.written.contains_key(name) || new.contains(name) {
                continue;
            }
            if line.list.is_empty() {
                new.push(name.clone());
            } else {
                let problem = Problem::new("written-no-list", "").with("list", name);
                faults.push(Fault { at: line.at, problem });
            }
        }
        self.added = new;
    }

    /// The list that a question chooses from.
    pub fn list_of(&self, line: &Line) -> Option<&str> {
        self.of.get(&line.at).map(String::as_str)
    }

    /// The lines of a list's options, where it is written.
    pub fn options_of(&self, list: &str) -> Option<Vec<&'a Line>> {
        self.written.get(list).cloned()
    }

    /// Whether a list is written.
    pub fn is_written(&self, list: &str) -> bool {
        self.written.contains_key(list)
    }

    /// The lists that are called otherwise now.
    pub fn renamed(&self) -> impl Iterator<Item = (&str, &str)> {
        self.renamed.iter().map(|(old, new)| (old.as_str(), new.as_str()))
    }

    /// The lists that were not there.
    pub fn added(&self) -> Vec<String> {
        self.added.clone()
    }
}

/// The kind of a question: as written, else as it was, else by whether it has options.
pub(super) fn kind_of<'b>(line: &'b Line, was: Option<&Kind>, options: bool) -> &'b str {
    match was {
        _ if !line.kind.is_empty() => &line.kind,
        Some(kind) => kind.name(),
        None if options || !line.list.is_empty() => "single",
        None => "short_text",
    }
}

/// Whether a kind has one list that its line names.
fn chooses(kind: &str) -> bool {
    const CHOOSE: [&str; 10] = [
        "single",
        "multiple",
        "ranking",
        "consent",
        "item_count",
        "battery",
        "best_worst",
        "arm",
        "choice_set",
        "computed",
    ];
    CHOOSE.contains(&kind)
}

/// A name that no list has.
fn fresh(
    base: &Document,
    codes: &BTreeSet<String>,
    written: &BTreeMap<String, Vec<&Line>>,
) -> String {
    let free = |name: &String| {
        base.list(name).is_none() && !codes.contains(name) && !written.contains_key(name)
    };
    (1..u32::MAX).map(|number| format!("list{number}")).find(free).unwrap_or_default()
}
