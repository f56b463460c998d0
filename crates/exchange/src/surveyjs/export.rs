//! A document as a `SurveyJS` model.
//!
//! ```text
//! document → pages → elements (see `element`) → conditions (see `condition`)
//! ```
//!
//! A page is a page there, with the conditions of the sections around it; a
//! section that is asked for each member of a roster is a dynamic panel. What
//! is hidden loses its answer there (`clearInvisibleValues`), as answers off
//! the path count as missing here. What has no place in a model is told.

mod condition;
mod element;
mod kind;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use survey_builder::markup::escaped;
use survey_builder::problem::{Finding, Problem, Severity};
use survey_builder::questionnaire::compile::compile_version;
use survey_builder::questionnaire::document::{
    Block, Document, Ending, Kind, Members, Page, Roster, Section, Text,
};
use survey_builder::questionnaire::expression::{Expected, Expression, Type, compile};
use survey_builder::questionnaire::names::{Names, WithSelf};

use self::condition::{Places, Standing};
use crate::draft::{bare::bare, role_in_words};
use crate::formula::write::Writer;
use crate::formula::{Formula, Operator};
use crate::reread;
use crate::xlsform::xpath;

/// Writes a document as a model, with what has no place in one and what is another when
/// it is read again.
pub fn export(document: &Document) -> (Value, Vec<Finding>) {
    let (document, bare_of) = bare(document);
    let document = document.as_ref();
    let (version, _) = compile_version(document.clone());
    let mut exporter = Exporter {
        document,
        names: version.names().clone(),
        writer: Writer::of(&version, str::to_owned),
        places: Places::of(document),
        around: Vec::new(),
        conditions: Vec::new(),
        of_page: None,
        panels: BTreeSet::new(),
        lost: BTreeMap::new(),
    };
    let mut pages = Vec::new();
    for section in &document.sections {
        exporter.section(section, &mut pages);
    }
    let mut model = Map::new();
    if document.default_language != "und" {
        model.insert("locale".to_owned(), json!(document.default_language));
    }
    put(&mut model, "title", exporter.text(&document.title, true));
    model.insert("pages".to_owned(), Value::Array(pages));
    let triggers = exporter.triggers();
    if !triggers.is_empty() {
        model.insert("triggers".to_owned(), Value::Array(triggers));
    }
    model.insert("clearInvisibleValues".to_owned(), json!("onHidden"));
    for check in &document.checks {
        exporter.lose(&check.name, "checks", &check.expression);
    }
    if !document.address_form.is_empty() {
        let own = document.address_form.get(&document.default_language, "").to_owned();
        exporter.lose("", "address_form", &own);
    }
    let mut told: Vec<Finding> = bare_of.into_iter().chain(exporter.losses()).collect();
    let model = Value::Object(model);
    told.extend(reread::what_changed(document, super::read(&model), &told));
    (model, told)
}

/// Puts what there is.
fn put(parts: &mut Map<String, Value>, key: &str, value: Option<Value>) {
    if let Some(value) = value {
        parts.insert(key.to_owned(), value);
    }
}

struct Exporter<'d> {
    document: &'d Document,
    names: Names,
    writer: Writer,
    places: Places,
    /// The rosters around what is being written, the outermost first.
    around: Vec<String>,
    /// The conditions inside the dynamic panel, of sections and pages.
    conditions: Vec<Formula>,
    /// Those of the page: what is worked out has no value where it is hidden.
    of_page: Option<Formula>,
    /// The rosters that have a panel already.
    panels: BTreeSet<String>,
    /// What was left out, by what it is: where, and what it said.
    lost: BTreeMap<&'static str, Vec<(String, String)>>,
}

impl Exporter<'_> {
    fn lose(&mut self, place: &str, what: &'static str, original: &str) {
        self.lost.entry(what).or_default().push((place.to_owned(), original.to_owned()));
    }

    /// One problem for each thing that was left out, with all its places.
    fn losses(self) -> Vec<Finding> {
        let joined = |parts: Vec<&str>, between: &str| {
            let mut seen = BTreeSet::new();
            let parts: Vec<&str> =
                parts.into_iter().filter(|part| !part.is_empty() && seen.insert(*part)).collect();
            parts.join(between)
        };
        let problem = |(what, places): (&'static str, Vec<(String, String)>)| {
            let place = joined(places.iter().map(|(place, _)| place.as_str()).collect(), ", ");
            let original = joined(places.iter().map(|(_, said)| said.as_str()).collect(), "; ");
            let problem = Problem::new("export_lost", place).with("what", role_in_words(what));
            Finding { severity: Severity::Warning, problem: problem.with("original", original) }
        };
        self.lost.into_iter().map(problem).collect()
    }

    /// A text in its languages, with what it inserts as a model names it. A model shows
    /// texts under `default` for English, and for languages that a text lacks; so no other
    /// language is written under it, and what a language lacks is what is shown instead.
    fn text(&self, text: &Text, plain: bool) -> Option<Value> {
        let own = &self.document.default_language;
        let words = |code: &str, words: &str| {
            let words = self.places.piped(words, &self.around, code);
            json!(if plain { words } else { escaped(&words).replace('\n', "<br/>") })
        };
        if text.0.is_empty() {
            return None;
        }
        if let (1, Some(only)) = (text.0.len(), text.0.get(own)) {
            return Some(words(own, only));
        }
        let is_default = |code: &str| code == own && code == "en";
        let falls_back = own == "en" && text.is_in(own);
        let known = self.document.languages.iter().map(|language| language.code.as_str());
        let codes: BTreeSet<&str> = known.chain(text.0.keys().map(String::as_str)).collect();
        let written = codes.into_iter().filter(|code| text.is_in(code) || !falls_back);
        let parts = written.map(|code| {
            let key = if is_default(code) { "default" } else { code };
            (key.to_owned(), words(code, text.get(code, own)))
        });
        Some(Value::Object(parts.collect()))
    }

    /// What an author wrote, as a formula that has two truths.
    fn formula(
        &mut self,
        text: &str,
        own: Option<Type>,
        expected: Expected,
        write: impl Fn(&mut Writer, &Expression) -> Result<String, String>,
    ) -> Result<Formula, String> {
        let scope = WithSelf { names: &self.names, kind: own };
        let Ok(expression) = compile(text, &scope, Some(expected)) else {
            return Err("it cannot be read".to_owned());
        };
        let written = write(&mut self.writer, &expression)?;
        xpath::parse(&written).map_err(|_| "it cannot be read".to_owned())
    }

    /// A condition of relevance; what cannot be written is told.
    fn condition(
        &mut self,
        place: &str,
        role: &'static str,
        text: Option<&String>,
    ) -> Option<Formula> {
        let text = text?;
        match self.formula(text, None, Expected::Condition, Writer::relevance) {
            Ok(formula) => Some(formula),
            Err(_) => {
                self.lose(place, role, text);
                None
            }
        }
    }

    /// A formula as a model has it; what has no counterpart there is told.
    fn expression(
        &mut self,
        place: &str,
        role: &'static str,
        formula: Option<Formula>,
        original: &str,
    ) -> Option<String> {
        let standing = Standing { places: &self.places, around: &self.around, own: None };
        let formula = formula?;
        let value = matches!(role, "calculation" | "default" | "count");
        let written = if value { standing.value(&formula) } else { standing.written(&formula) };
        match written {
            Ok(text) => Some(text),
            Err(_) => {
                self.lose(place, role, original);
                None
            }
        }
    }

    fn section(&mut self, section: &Section, pages: &mut Vec<Value>) {
        if let Some(panel) = self.panel(section) {
            let mut page = Map::new();
            page.insert("name".to_owned(), json!(format!("{}_page", section.name)));
            page.insert("elements".to_owned(), json!([panel]));
            put(&mut page, "visibleIf", self.all_conditions(&section.name, None));
            pages.push(Value::Object(page));
            return;
        }
        let outer = self.conditions.len();
        let own = self.condition(&section.name, "relevant", section.relevant.as_ref());
        self.conditions.extend(own);
        if section.shuffled {
            self.lose(&section.name, "shuffled", "");
        }
        let mut titled = section.title.is_empty();
        for block in &section.blocks {
            match block {
                Block::Section(inner) => self.section(inner, pages),
                Block::Page(page) => {
                    let title = if titled { None } else { self.text(&section.title, true) };
                    titled = true;
                    pages.push(self.page(page, title));
                }
            }
        }
        self.conditions.truncate(outer);
    }

    fn page(&mut self, page: &Page, title: Option<Value>) -> Value {
        let mut parts = Map::new();
        parts.insert("name".to_owned(), json!(page.name));
        put(&mut parts, "title", title);
        let condition = self.condition(&page.name, "relevant", page.relevant.as_ref());
        self.of_page = Formula::all(self.conditions.iter().cloned().chain(condition.clone()));
        put(&mut parts, "visibleIf", self.all_conditions(&page.name, condition));
        if page.shuffled {
            parts.insert("questionOrder".to_owned(), json!("random"));
        }
        let around = std::mem::take(&mut self.conditions);
        let elements = page.questions.iter().flat_map(|question| self.question(question));
        parts.insert("elements".to_owned(), Value::Array(elements.collect()));
        self.conditions = around;
        self.of_page = None;
        Value::Object(parts)
    }

    /// The conditions around and one more, all of which must hold.
    fn all_conditions(&mut self, place: &str, own: Option<Formula>) -> Option<Value> {
        let all = Formula::all(self.conditions.iter().cloned().chain(own));
        self.expression(place, "relevant", all, "").map(|text| json!(text))
    }

    /// The dynamic panel of a section that is asked for each member of a roster.
    fn panel(&mut self, section: &Section) -> Option<Value> {
        let each = section.each.as_ref()?;
        let roster = self.document.roster(&each.roster)?;
        let again = !self.panels.insert(roster.name.clone());
        let name = if again { section.name.clone() } else { roster.name.clone() };
        let mut parts = Map::new();
        parts.insert("type".to_owned(), json!("paneldynamic"));
        parts.insert("name".to_owned(), json!(name));
        if let Some(title) = self.text(&section.title, true) {
            parts.insert("title".to_owned(), title);
        }
        if again {
            parts.insert("valueName".to_owned(), json!(roster.name));
            parts.insert("allowAddPanel".to_owned(), json!(false));
            parts.insert("allowRemovePanel".to_owned(), json!(false));
        } else {
            self.members(roster, &mut parts);
        }
        let own = self.condition(&section.name, "relevant", section.relevant.as_ref());
        let text = section.relevant.clone().unwrap_or_default();
        let visible = self.expression(&section.name, "relevant", own, &text);
        put(&mut parts, "visibleIf", visible.map(|text| json!(text)));
        let outer = std::mem::take(&mut self.conditions);
        self.around.push(roster.name.clone());
        put(&mut parts, "templateTitle", self.text(&roster.label, true));
        let filter = self.condition(&section.name, "filter", each.filter.as_ref());
        let text = each.filter.clone().unwrap_or_default();
        let filter = self.expression(&section.name, "filter", filter, &text);
        put(&mut parts, "templateVisibleIf", filter.map(|text| json!(text)));
        let mut elements = Vec::new();
        self.inside(section, &mut elements);
        parts.insert("templateElements".to_owned(), Value::Array(elements));
        self.around.pop();
        self.conditions = outer;
        Some(Value::Object(parts))
    }

    /// What stands inside a dynamic panel: one after the other.
    fn inside(&mut self, section: &Section, elements: &mut Vec<Value>) {
        for block in &section.blocks {
            match block {
                Block::Page(page) => {
                    let own = self.condition(&page.name, "relevant", page.relevant.as_ref());
                    let outer = self.conditions.len();
                    self.conditions.extend(own);
                    elements.extend(page.questions.iter().flat_map(|one| self.question(one)));
                    self.conditions.truncate(outer);
                    if page.shuffled {
                        self.lose(&page.name, "shuffled", "");
                    }
                }
                Block::Section(inner) => {
                    if let Some(panel) = self.panel(inner) {
                        elements.push(panel);
                        continue;
                    }
                    let own = self.condition(&inner.name, "relevant", inner.relevant.as_ref());
                    let outer = self.conditions.len();
                    self.conditions.extend(own);
                    self.inside(inner, elements);
                    self.conditions.truncate(outer);
                    if !inner.title.is_empty() {
                        let title = inner.title.get(&self.document.default_language, "").to_owned();
                        self.lose(&inner.name, "title", &title);
                    }
                }
            }
        }
    }

    fn members(&mut self, roster: &Roster, parts: &mut Map<String, Value>) {
        let count = |parts: &mut Map<String, Value>, count: usize| {
            parts.insert("panelCount".to_owned(), json!(count));
            parts.insert("allowAddPanel".to_owned(), json!(false));
            parts.insert("allowRemovePanel".to_owned(), json!(false));
        };
        match &roster.members {
            Members::Fixed { members } => {
                count(parts, members.len());
                let codes: Vec<&str> = members.iter().map(|one| one.code.as_str()).collect();
                self.lose(&roster.name, "members", &codes.join(" "));
            }
            Members::Chosen { question } => {
                let formula = Formula::call("count-selected", vec![Formula::question(question)]);
                let text = self.expression(&roster.name, "members", Some(formula), question);
                put(parts, "panelCountExpression", text.map(|text| json!(text)));
                self.lose(&roster.name, "members", question);
            }
            Members::Count { expression, at_most } => {
                let number = Expected::Value(Type::Number);
                let formula = self.formula(expression, None, number, Writer::calculation).ok();
                if formula.is_none() {
                    self.lose(&roster.name, "count", expression);
                }
                match formula {
                    #[expect(
                        clippy::cast_possible_truncation,
                        clippy::cast_sign_loss,
                        reason = "a number of panels"
                    )]
                    Some(Formula::Number(number)) => count(parts, number as usize),
                    formula => {
                        let text = self.expression(&roster.name, "count", formula, expression);
                        put(parts, "panelCountExpression", text.map(|text| json!(text)));
                    }
                }
                put(parts, "maxPanelCount", at_most.map(|most| json!(most)));
            }
            Members::Listed { question } | Members::Others { roster: question, .. } => {
                self.lose(&roster.name, "members", question);
            }
            Members::Added { at_least, at_most, wording, primary } => {
                if !primary.is_empty() {
                    self.lose(&roster.name, "primary", &roster.name);
                }
                if *at_least > 0 {
                    parts.insert("minPanelCount".to_owned(), json!(at_least));
                }
                put(parts, "maxPanelCount", at_most.map(|most| json!(most)));
                put(parts, "addPanelText", self.text(wording, true));
            }
        }
    }

    /// Options that end the interview.
    fn triggers(&mut self) -> Vec<Value> {
        let mut triggers = Vec::new();
        for question in self.document.questions() {
            let list = question.kind.choice().and_then(|choice| self.document.list(&choice.list));
            for option in list.into_iter().flat_map(|list| &list.options) {
                let Some(ends) = option.ends else { continue };
                let set = matches!(question.kind, Kind::Multiple(_));
                let (chosen, code) =
                    (Formula::question(&question.name), Formula::text(&option.code));
                let formula = if set {
                    Formula::call("selected", vec![chosen, code])
                } else {
                    Formula::binary(Operator::Equal, chosen, code)
                };
                let said = match ends {
                    Ending::Refused => "refused",
                    Ending::ScreenedOut => "screened_out",
                };
                self.lose(&question.name, "ends", said);
                if let Some(text) = self.expression(&question.name, "ends", Some(formula), said) {
                    triggers.push(json!({ "type": "complete", "expression": text }));
                }
            }
        }
        triggers
    }
}
