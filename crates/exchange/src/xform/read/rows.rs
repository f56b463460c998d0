//! The rows of a form: what stands in the instance, with its bind and what asks
//! for it.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::control::{asked, put, table_list};
use super::element::Element;
use super::lists::{Itemset, Lists};
use super::paths::Paths;
use super::texts::{Texts, identity};
use super::{Row, left};
use crate::account::Left;

/// The sheets that a form was made from.
#[derive(Default)]
pub(super) struct Sheets {
    pub survey: Vec<Row>,
    pub choices: Vec<Row>,
    pub settings: Row,
    pub left: Vec<Left>,
}

/// A formula that sets a value at some moment.
struct Set<'x> {
    event: &'x str,
    value: String,
    /// The question whose answer sets it off.
    trigger: String,
}

/// A form with everything found by its place.
pub(super) struct Reader<'x> {
    instance: Element<'x>,
    title: String,
    texts: Texts<'x>,
    lists: Lists<'x>,
    paths: Paths,
    binds: HashMap<String, Element<'x>>,
    /// What asks for an answer, and the groups, by the place of what they are
    /// about; with their number in the body.
    controls: HashMap<String, (Element<'x>, usize)>,
    repeats: HashMap<String, Element<'x>>,
    /// The places that were made to hold how often repeats stand.
    counts: HashSet<String>,
    /// The places of binds by their identities.
    identities: HashMap<&'x str, String>,
    sets: HashMap<String, Vec<Set<'x>>>,
}

impl<'x> Reader<'x> {
    /// Finds the parts of a form; `None` where nothing can be filled in.
    pub(super) fn of(root: Element<'x>) -> Option<Self> {
        let head = root.child("head")?;
        let title = head.child("title").map(Element::text).unwrap_or_default();
        let model = head.child("model")?;
        let texts = Texts::of(model.child("itext"));
        let mut instances = model.children().filter(|one| one.name() == "instance");
        let instance = instances.next()?.children().next()?;
        let mut reader = Self {
            instance,
            title,
            texts,
            lists: Lists::of(instances),
            paths: Paths::default(),
            binds: HashMap::new(),
            controls: HashMap::new(),
            repeats: HashMap::new(),
            counts: HashSet::new(),
            identities: HashMap::new(),
            sets: HashMap::new(),
        };
        let top = format!("/{}", instance.name());
        reader.find_places(instance, &top);
        for one in model.children() {
            match one.name() {
                "bind" => {
                    one.take();
                    let place = Paths::absolute(one.attribute("nodeset"), &top);
                    reader.identities.insert(one.attribute("id"), place.clone());
                    reader.binds.insert(place, one);
                }
                "setvalue" => reader.set(one, &top, ""),
                _ => {}
            }
        }
        let mut count = 0;
        if let Some(body) = root.child("body") {
            reader.body(body, &top, &mut count);
        }
        reader.counts =
            reader.repeats.keys().filter_map(|repeat| reader.count_of(repeat)).collect();
        Some(reader)
    }

    fn find_places(&mut self, element: Element<'x>, path: &str) {
        for inner in element.children() {
            let place = format!("{path}/{}", inner.name());
            self.paths.add(&place);
            self.find_places(inner, &place);
        }
    }

    fn set(&mut self, element: Element<'x>, from: &str, trigger: &str) {
        element.take();
        let place = Paths::absolute(element.attribute("ref"), from);
        let value = match element.attribute("value") {
            "" => format!("'{}'", element.text().trim()),
            value => self.paths.named(value, &place),
        };
        let (event, trigger) = (element.attribute("event"), trigger.to_owned());
        self.sets.entry(place).or_default().push(Set { event, value, trigger });
    }

    /// Finds what asks, in the order in which it is shown.
    fn body(&mut self, parent: Element<'x>, around: &str, count: &mut usize) {
        for element in parent.children() {
            let written = match element.attribute("ref") {
                "" => element.attribute("nodeset"),
                written => written,
            };
            let bound = match element.attribute("bind") {
                "" => None,
                id => self.identities.get(id).cloned(),
            };
            let place = match (written, bound) {
                ("", Some(bound)) => bound,
                ("", None) => String::new(),
                (written, _) => Paths::absolute(written, around),
            };
            match element.name() {
                "group" => {
                    element.take();
                    *count += 1;
                    if !place.is_empty() {
                        self.controls.insert(place.clone(), (element, *count));
                    }
                    let inner = if place.is_empty() { around } else { &place };
                    self.body(element, inner, count);
                }
                "repeat" => {
                    element.take();
                    self.repeats.insert(place.clone(), element);
                    self.body(element, &place, count);
                }
                "label" | "hint" | "item" | "itemset" | "value" => {}
                "setvalue" => self.set(element, around, around),
                _ if place.is_empty() => {}
                _ => {
                    element.take();
                    *count += 1;
                    self.controls.insert(place.clone(), (element, *count));
                    let sets = element.children().filter(|one| one.name() == "setvalue");
                    for set in sets.collect::<Vec<_>>() {
                        self.set(set, &place, &place);
                    }
                }
            }
        }
    }

    /// The rows of everything.
    pub(super) fn sheets(&self) -> Sheets {
        let mut sheets = Sheets::default();
        let default = self.texts.default.or(self.texts.languages.first().copied());
        for (heading, text) in [
            ("form_title", self.title.trim()),
            ("form_id", self.instance.attribute("id")),
            ("version", self.instance.attribute("version")),
            ("default_language", default.filter(|one| *one != "default").unwrap_or_default()),
        ] {
            put(&mut sheets.settings, heading, text);
        }
        let top = format!("/{}", self.instance.name());
        let mut lists = BTreeSet::new();
        self.rows(self.instance, &top, &mut sheets, &mut lists);
        for (id, file) in &self.lists.files {
            if !lists.contains(*id) {
                sheets.left.push(left("instance", id, file));
            }
        }
        let mut codes = BTreeSet::new();
        let code = |row: &Row| (row.get("list_name").cloned(), row.get("name").cloned());
        if !sheets.choices.iter().all(|row| codes.insert(code(row))) {
            // For filters to tell apart.
            put(&mut sheets.settings, "allow_choice_duplicates", "yes");
        }
        sheets
    }

    /// What stands in a part of the instance, in the order of the body.
    fn inner(
        &self,
        element: Element<'x>,
        path: &str,
        further: &mut Vec<Left>,
    ) -> Vec<(Element<'x>, String)> {
        let mut seen: HashMap<String, Vec<String>> = HashMap::new();
        let mut found: Vec<(usize, Element<'x>, String)> = Vec::new();
        let mut last = 0;
        for inner in element.children() {
            let place = format!("{path}/{}", inner.name());
            // A repeat stands there as a template as well.
            inner.attribute("template");
            if let Some(first) = seen.get(&place) {
                // Further ones of a repeat are told where they begin otherwise.
                let own = values(inner);
                if own != *first && !own.is_empty() {
                    further.push(left("instance", inner.name(), inner.source()));
                }
                inner.take_elements();
                continue;
            }
            seen.insert(place.clone(), values(inner));
            last = self.number(inner, &place).unwrap_or(last);
            found.push((last, inner, place));
        }
        found.sort_by_key(|(number, ..)| *number);
        found.into_iter().map(|(_, inner, place)| (inner, place)).collect()
    }

    /// The number in the body of the first that asks within.
    fn number(&self, element: Element<'x>, place: &str) -> Option<usize> {
        let own = self.controls.get(place).map(|(_, number)| *number);
        let inner = element
            .children()
            .filter_map(|inner| self.number(inner, &format!("{place}/{}", inner.name())));
        own.into_iter().chain(inner).min()
    }

    fn rows(
        &self,
        element: Element<'x>,
        path: &str,
        sheets: &mut Sheets,
        lists: &mut BTreeSet<String>,
    ) {
        for (inner, place) in self.inner(element, path, &mut sheets.left) {
            if is_metadata(inner, path) {
                self.metadata(inner, &place, sheets);
            } else if self.counts.contains(&place) && !self.controls.contains_key(&place) {
                // Worked out for a repeat, which says it itself.
                self.of_system(&place);
            } else if inner.children().next().is_some() || self.repeats.contains_key(&place) {
                self.group(inner, &place, sheets, lists);
            } else {
                self.question(inner, &place, sheets, lists);
            }
        }
    }

    /// The place that was made to hold how often a repeat stands.
    fn count_of(&self, repeat: &str) -> Option<String> {
        let count = self.repeats.get(repeat)?.attribute("count");
        let place = Paths::absolute(count, repeat);
        let bind = self.binds.get(&place).filter(|_| !count.is_empty())?;
        (bind.has("calculate") && place == format!("{repeat}_count")).then_some(place)
    }

    fn group(
        &self,
        inner: Element<'x>,
        place: &str,
        sheets: &mut Sheets,
        lists: &mut BTreeSet<String>,
    ) {
        let repeat = self.repeats.get(place);
        let mut row = self.bound(inner, place, true);
        let word = if repeat.is_some() { "repeat" } else { "group" };
        row.insert("type".to_owned(), format!("begin_{word}"));
        if let Some((control, _)) = self.controls.get(place) {
            self.texts_and_looks(*control, place, &mut row);
        }
        if let Some(repeat) = repeat {
            let count = repeat.attribute("count");
            repeat.attribute("noAddRemove");
            let own = self.count_of(place).and_then(|place| Some((self.binds.get(&place)?, place)));
            let formula = match own {
                Some((bind, place)) => self.paths.named(bind.attribute("calculate"), &place),
                None => self.paths.named(count, place),
            };
            put(&mut row, "repeat_count", &formula);
            put(&mut row, "appearance", repeat.attribute("appearance"));
        }
        let at = sheets.survey.len();
        sheets.survey.push(row);
        self.rows(inner, place, sheets, lists);
        table_list(&mut sheets.survey, at);
        let end = Row::from([("type".to_owned(), format!("end_{word}"))]);
        sheets.survey.push(end);
    }

    /// Name, formulas and defaults of a place.
    fn bound(&self, inner: Element<'x>, place: &str, group: bool) -> Row {
        // Only what a form notes about itself may be called so in a form.
        let name = if inner.name() == "meta" { "meta_group" } else { inner.name() };
        let mut row = Row::from([("name".to_owned(), name.to_owned())]);
        if let Some(bind) = self.binds.get(place) {
            for (attribute, column) in [
                ("relevant", "relevant"),
                ("constraint", "constraint"),
                ("calculate", "calculation"),
                ("required", "required"),
                ("readonly", "readonly"),
            ] {
                let formula = self.paths.named(bind.attribute(attribute), place);
                let formula = match formula.as_str() {
                    "true()" if attribute != "relevant" => "yes".to_owned(),
                    // Blank asks once more, this does not.
                    "false()" if attribute == "required" => "no".to_owned(),
                    "false()" if attribute == "readonly" => String::new(),
                    _ => formula,
                };
                put(&mut row, column, &formula);
            }
            for (attribute, column) in
                [("constraintMsg", "constraint_message"), ("requiredMsg", "required_message")]
            {
                let message = bind.attribute(attribute);
                match identity(message) {
                    Some(id) => self.texts.put_id(id, column, &mut row, &self.paths, place),
                    None => {
                        let language = self.texts.default.unwrap_or_default();
                        put(&mut row, &Texts::heading(column, language), message);
                    }
                }
            }
        }
        if !group {
            put(&mut row, "default", inner.text().trim());
        }
        for set in self.sets.get(place).into_iter().flatten() {
            let is_changed = set.event.contains("xforms-value-changed");
            let column = if is_changed { "calculation" } else { "default" };
            if let Some(first) = row.remove(column) {
                // What is set when the form begins takes its place there.
                put(&mut row, &format!("{column} before"), &first);
            }
            if is_changed {
                let name = set.trigger.rsplit('/').next().unwrap_or_default();
                put(&mut row, "trigger", &format!("${{{name}}}"));
                put(&mut row, "calculation", &set.value);
            } else {
                put(&mut row, "default", &set.value);
            }
        }
        row
    }

    /// What a control says: texts and looks.
    fn texts_and_looks(&self, control: Element<'x>, place: &str, row: &mut Row) {
        put(row, "appearance", control.attribute("appearance"));
        for inner in control.children() {
            if matches!(inner.name(), "label" | "hint") {
                inner.take();
                self.texts.put(inner, inner.name(), row, &self.paths, place);
            }
        }
    }

    fn question(
        &self,
        inner: Element<'x>,
        place: &str,
        sheets: &mut Sheets,
        lists: &mut BTreeSet<String>,
    ) {
        let mut row = self.bound(inner, place, false);
        let Some((control, _)) = self.controls.get(place).copied() else {
            self.silent(place, &mut row, sheets);
            sheets.survey.push(row);
            return;
        };
        self.texts_and_looks(control, place, &mut row);
        let bind = self.binds.get(place);
        let data = bind.map_or("", |bind| bind.attribute("type"));
        let data = data.rsplit(':').next().unwrap_or(data);
        let word = match control.name() {
            "select1" => "select_one",
            "select" => "select_multiple",
            "rank" => "rank",
            _ => "",
        };
        let kind = if word.is_empty() {
            asked(control, data, &mut row)
        } else {
            let list = self.chosen(control, place, &mut row, sheets, lists);
            let from_file = self.lists.files.contains_key(list.as_str());
            match self.lists.files.get(list.as_str()) {
                Some(file) if from_file => {
                    let file = file.rsplit('/').next().unwrap_or(file);
                    format!("{word}_from_file {file}")
                }
                _ => format!("{word} {list}"),
            }
        };
        row.insert("type".to_owned(), kind);
        sheets.survey.push(row);
    }

    /// What nobody is asked: worked out, kept by the system, or given.
    fn silent(&self, place: &str, row: &mut Row, sheets: &mut Sheets) {
        let bind = self.binds.get(place);
        let (preload, parameter) = bind.map_or(("", ""), |bind| {
            bind.attribute("type");
            (bind.attribute("preload"), bind.attribute("preloadParams"))
        });
        let kind = match (preload, parameter) {
            ("timestamp" | "date" | "property", parameter) => match parameter {
                "phone.number" | "phone number" => "phonenumber",
                known => known,
            },
            ("", _) if row.contains_key("calculation") => "calculate",
            ("", _) => "hidden",
            (preload, parameter) => {
                let name = row.get("name").map_or("", String::as_str);
                sheets.left.push(left("preload", name, &format!("{preload} {parameter}")));
                "hidden"
            }
        };
        row.remove("readonly");
        row.insert("type".to_owned(), kind.to_owned());
    }

    /// The list that is chosen from; its options become rows once.
    fn chosen(
        &self,
        control: Element<'x>,
        place: &str,
        row: &mut Row,
        sheets: &mut Sheets,
        lists: &mut BTreeSet<String>,
    ) -> String {
        if let Some(itemset) = control.child("itemset") {
            itemset.take();
            let set = Itemset::of(itemset, &self.paths, place);
            put(row, "choice_filter", &set.filter);
            put(row, "parameters", &set.order);
            if lists.insert(set.list.clone()) {
                sheets.choices.extend(self.lists.rows(&set, &self.texts, &self.paths));
            }
            return set.list;
        }
        let name = place.rsplit('/').next().unwrap_or_default();
        let mut list = name.to_owned();
        let mut number = 2;
        while !lists.insert(list.clone()) {
            list = format!("{name}_{number}");
            number += 1;
        }
        for item in control.children().filter(|one| one.name() == "item") {
            item.take();
            let mut option = Row::from([("list_name".to_owned(), list.clone())]);
            for part in item.children() {
                part.take();
                if part.name() == "value" {
                    put(&mut option, "name", part.text().trim());
                } else {
                    self.texts.put(part, "label", &mut option, &self.paths, place);
                }
            }
            sheets.choices.push(option);
        }
        list
    }

    /// A place that the system fills in by itself: how, is known.
    fn of_system(&self, place: &str) {
        if let Some(bind) = self.binds.get(place) {
            for known in ["type", "readonly", "preload", "preloadParams", "calculate"] {
                bind.attribute(known);
            }
        }
    }

    /// What a form notes about itself.
    fn metadata(&self, meta: Element<'x>, path: &str, sheets: &mut Sheets) {
        for inner in meta.children() {
            inner.take();
            let place = format!("{path}/{}", inner.name());
            let bind = self.binds.get(&place);
            match inner.name() {
                "instanceID" => self.of_system(&place),
                "instanceName" => {
                    let formula = bind.map_or("", |bind| bind.attribute("calculate"));
                    put(&mut sheets.settings, "instance_name", &self.paths.named(formula, &place));
                    self.of_system(&place);
                }
                name => {
                    let said = bind.map_or_else(|| inner.source(), |bind| bind.source());
                    sheets.left.push(left("meta", name, said));
                }
            }
        }
    }
}

/// What stands in an element and those within from the beginning.
fn values(element: Element<'_>) -> Vec<String> {
    element.all_texts().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect()
}

/// Whether a part of the instance is what the form notes about itself: it stands at the
/// top. Further in forms have groups of that name.
fn is_metadata(element: Element<'_>, path: &str) -> bool {
    element.name() == "meta" && path.matches('/').count() == 1
}
