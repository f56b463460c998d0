//! `SurveyJS`: a model in JSON, as its creator saves it.
//!
//! ```text
//! read(model) → names of everything → pages and panels → questions → conditions
//! ```
//!
//! A page becomes a section; where a dynamic panel or a dynamic matrix stands
//! in it, the page is parted there, because a roster is a section of its own.
//! Panels are headings on their page, with their conditions on each question.

mod calculated;
mod choice;
mod condition;
mod element;
mod export;
mod inserted;
mod names;
mod number;
mod table;

use std::collections::BTreeMap;

use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{
    Block, Each, Kind, Language, Members, Question, Roster, Section, Text,
};

pub use self::export::export;
use self::names::Names;
use crate::account::{self, Json, Part};
use crate::draft::{Draft, Pending, Read, Slot, refused, settle};
use crate::formula::Formula;
use serde_json::Value;

/// What a model says of its looks and of what follows it, none of it asked.
const ASIDE: [&str; 4] = ["triggers", "completedHtmlOnCondition", "navigateToUrl", "completedHtml"];

/// How a model looks and is moved through.
const LOOKS: [&str; 53] = [
    "allowResize",
    "autoGrow",
    "backgroundImage",
    "backgroundOpacity",
    "colCount",
    "cols",
    "completeText",
    "descriptionLocation",
    "editText",
    "errorLocation",
    "fitToContainer",
    "focusFirstQuestionAutomatic",
    "headerView",
    "indent",
    "innerIndent",
    "inputSize",
    "itemSize",
    "logo",
    "logoFit",
    "logoHeight",
    "logoPosition",
    "logoWidth",
    "maxTextLength",
    "maxWidth",
    "minWidth",
    "pageNextText",
    "pagePrevText",
    "progressBarLocation",
    "progressBarShowPageNumbers",
    "progressBarType",
    "questionDescriptionLocation",
    "questionErrorLocation",
    "questionTitleLocation",
    "questionTitlePattern",
    "questionsOnPageMode",
    "rows",
    "showCompletedPage",
    "showNavigationButtons",
    "showNumber",
    "showPageNumbers",
    "showPageTitles",
    "showProgressBar",
    "showQuestionNumbers",
    "showTitle",
    "showTOC",
    "size",
    "startSurveyText",
    "startWithNewLine",
    "state",
    "textUpdateMode",
    "titleLocation",
    "width",
    "widthMode",
];

/// Reads a model.
pub(crate) fn read(model: &Value) -> Read {
    let mut model = model.clone();
    spell(&mut model);
    let model = &Json::from(&model);
    let names = Names::of(model);
    let title = names.text(model.get("title"));
    let form = title.get(&names.default, &names.default).to_owned();
    let languages = names.languages.iter().map(|code| named(code)).collect();
    let mut draft = Draft::new(&form, title, languages);
    draft.reconsiders = true;
    draft.document.default_language.clone_from(&names.default);
    let mut reader = Reader {
        draft,
        names,
        made: BTreeMap::new(),
        conditions: Vec::new(),
        of_page: None,
        lists: BTreeMap::new(),
    };
    let mut sections = Vec::new();
    for (number, page) in (1..).zip(pages(model)) {
        sections.extend(reader.page(page, number));
    }
    reader.calculated(model, &mut sections);
    reader.insert(&mut sections);
    reader.draft.document.sections = sections;
    for aside in ASIDE {
        if let Some(value) = model.get(aside) {
            reader.draft.kept(None, "", aside, &value.to_string());
        }
    }
    let mut left = model.left();
    left.extend(model.beside_words());
    account::tell(&mut reader.draft, &left, &LOOKS);
    let (document, problems) = settle::finish(reader.draft);
    if document.questions().next().is_none() {
        return Err(refused("phrase-a-survey-without-questions"));
    }
    Ok((document, problems))
}

/// Types may be written in any case.
fn spell(value: &mut Value) {
    match value {
        Value::Object(parts) => {
            for (key, part) in parts.iter_mut() {
                match part {
                    Value::String(kind) if key == "type" => *kind = kind.to_lowercase(),
                    part => spell(part),
                }
            }
        }
        Value::Array(parts) => parts.iter_mut().for_each(spell),
        _ => {}
    }
}

fn named(code: &str) -> Language {
    Language { code: code.to_owned(), name: crate::draft::text::language_name(code).to_owned() }
}

/// The pages of a model; older ones have questions at the top.
fn pages(model: &Json) -> Vec<&Json> {
    match model.get("pages").and_then(Json::as_array) {
        Some(pages) => pages.iter().collect(),
        None => vec![model],
    }
}

/// What stands in a page or a panel.
fn elements(parent: &Json) -> impl Iterator<Item = &Json> {
    ["elements", "questions", "templateElements"]
        .into_iter()
        .filter_map(|key| parent.get(key).and_then(Json::as_array))
        .flatten()
}

/// A text property, empty if it is none.
fn string<'m>(value: &'m Json, key: &str) -> &'m str {
    value.get(key).and_then(Json::as_str).unwrap_or_default()
}

fn is_true(value: &Json, key: &str) -> bool {
    value.get(key).and_then(Json::as_bool).unwrap_or(false)
}

struct Reader {
    draft: Draft,
    names: Names,
    /// The rosters that are made, by the names of their panels.
    made: BTreeMap<String, String>,
    /// The conditions of the panels around.
    conditions: Vec<(Formula, String)>,
    /// The condition of the page.
    of_page: Option<Formula>,
    /// The lists of choice questions, by their names here.
    lists: BTreeMap<String, String>,
}

impl Reader {
    fn page(&mut self, page: &Json, number: u32) -> Option<Section> {
        let name = match string(page, "name") {
            "" => format!("page{number}"),
            name => name.to_owned(),
        };
        let mut blocks = Vec::new();
        let mut waiting = Vec::new();
        let condition = string(page, "visibleIf");
        self.of_page = self.formula(condition).ok().filter(|_| !condition.is_empty());
        self.note(page, "description", &name, &mut waiting);
        self.fill(page, &mut waiting, &mut blocks);
        self.close(&name, &mut waiting, &mut blocks);
        let title = if page.get("pages").is_some() {
            Text::default()
        } else {
            self.names.text(page.get("title"))
        };
        let mut section = self.draft.section(&name, title, blocks);
        section.shuffled = false;
        let random =
            ["questionOrder", "questionsOrder"].iter().any(|key| string(page, key) == "random");
        if random && let [Block::Page(only)] = &mut section.blocks[..] {
            only.shuffled = true;
        }
        self.visible(page, &name, &[Slot::Section(section.id)]);
        self.kept_of_group(page, &name);
        (!section.blocks.is_empty()).then_some(section)
    }

    /// Ends the page that is being filled.
    fn close(&mut self, wanted: &str, waiting: &mut Vec<Question>, blocks: &mut Vec<Block>) {
        if !waiting.is_empty() {
            let page = self.draft.page(wanted, std::mem::take(waiting));
            blocks.push(Block::Page(page));
        }
    }

    fn note(&mut self, value: &Json, key: &str, name: &str, questions: &mut Vec<Question>) {
        let text = self.names.text(value.get(key));
        if !text.is_empty() {
            questions.push(self.draft.question(&format!("{name}_{key}"), text, Kind::Note));
        }
    }

    fn fill(&mut self, parent: &Json, waiting: &mut Vec<Question>, blocks: &mut Vec<Block>) {
        for element in elements(parent) {
            let name = string(element, "name").to_owned();
            match string(element, "type") {
                "panel" => self.panel(element, &name, waiting, blocks),
                "paneldynamic" | "matrixdynamic" => {
                    self.close(&name, waiting, blocks);
                    blocks.extend(self.dynamic(element, &name).map(Block::Section));
                }
                _ => {
                    for question in self.questions(element, &name) {
                        self.conditions_of(element, &question, &name);
                        waiting.push(question);
                    }
                }
            }
        }
    }

    fn panel(
        &mut self,
        panel: &Json,
        name: &str,
        waiting: &mut Vec<Question>,
        blocks: &mut Vec<Block>,
    ) {
        let before = self.conditions.len();
        let source = string(panel, "visibleIf");
        if !source.is_empty() {
            match self.formula(source) {
                Ok(formula) => self.conditions.push((formula, source.to_owned())),
                Err(reason) => {
                    self.draft.condition_lost(None, "visibleIf", source, name, reason);
                }
            }
        }
        let first = waiting.len();
        self.note(panel, "title", name, waiting);
        self.note(panel, "description", name, waiting);
        let headings: Vec<ItemId> = waiting[first..].iter().map(|one| one.id).collect();
        for id in headings {
            self.under_conditions(id, None, name);
        }
        self.fill(panel, waiting, blocks);
        self.conditions.truncate(before);
        self.kept_of_group(panel, name);
    }

    /// What a page or a panel asks of all its questions at once.
    fn kept_of_group(&mut self, group: &Json, name: &str) {
        for key in ["enableIf", "requiredIf"] {
            let source = string(group, key);
            if !source.is_empty() {
                self.draft.kept(None, name, key, source);
            }
        }
        if is_true(group, "isRequired") {
            self.draft.kept(None, name, "isRequired", "true");
        }
        if group.is_off("visible") && string(group, "visibleIf").is_empty() {
            self.draft.kept(None, name, "visible", "false");
        }
    }

    /// A roster with the section that is asked for each of its members.
    fn dynamic(&mut self, element: &Json, name: &str) -> Option<Section> {
        // What shares its values with an earlier one asks of the same members.
        let stored = string(element, "valueName");
        let shared = self.made.get(stored).cloned();
        let of = if shared.is_some() { stored } else { name };
        let outer = self.names.roster.replace(of.to_owned());
        let roster_name = match &shared {
            Some(known) => known.clone(),
            None => {
                let wanted = self.names.ours(name);
                self.draft.name(&wanted)
            }
        };
        self.made.insert(name.to_owned(), roster_name.clone());
        let mut blocks = Vec::new();
        let mut waiting = Vec::new();
        for key in ["description", "templateDescription"] {
            self.note(element, key, name, &mut waiting);
        }
        if string(element, "type") == "matrixdynamic" {
            for column in table::columns(element) {
                let column = table::as_element(element, column);
                let inner = format!("{name}.{}", string(&column, "name"));
                for question in self.questions(&column, &inner) {
                    self.conditions_of(&column, &question, &inner);
                    waiting.push(question);
                }
            }
        } else {
            self.fill(element, &mut waiting, &mut blocks);
        }
        self.close(&format!("{name}_each"), &mut waiting, &mut blocks);
        let label = self.names.text(element.get("templateTitle"));
        let filter = ["templateVisibleIf", "rowsVisibleIf"].map(|key| string(element, key));
        let filter = filter.into_iter().find(|source| !source.is_empty());
        let filter = filter.map(|source| (self.formula(source), source));
        self.names.roster = outer;
        if shared.is_none() {
            self.roster(element, name, &roster_name, label);
        }
        let title = self.names.wording(element, name);
        let mut section = self.draft.section(name, title, blocks);
        if let Some((formula, source)) = filter {
            self.draft.later(Slot::Each(section.id), formula, source, name);
        }
        for key in ["keyName", "requiredIf", "enableIf", "defaultPanelValue", "totalText"] {
            if let Some(value) = element.get(key) {
                self.draft.kept(None, name, key, &value.to_string());
            }
        }
        section.each = Some(Each { roster: roster_name, filter: None });
        self.visible(element, name, &[Slot::Section(section.id)]);
        (!section.blocks.is_empty()).then_some(section)
    }

    fn roster(&mut self, element: &Json, name: &str, roster_name: &str, label: Text) {
        let number = |keys: [&str; 2]| {
            let found = keys.iter().find_map(|key| element.get(key).and_then(Json::as_u64));
            found.and_then(|count| u32::try_from(count).ok())
        };
        let least = number(["minPanelCount", "minRowCount"]).unwrap_or(0);
        let fixed = ["allowAddPanel", "allowAddRows"].iter().any(|key| element.is_off(key));
        let count = number(["panelCount", "rowCount"]);
        let given = count.filter(|_| fixed);
        // Members that are there at first and can be taken away again.
        if let Some(count) = count.filter(|count| !fixed && *count > least) {
            self.draft.kept(None, name, "members", &count.to_string());
        }
        let members = match given {
            Some(count) => Members::Count { expression: count.to_string(), at_most: None },
            None => Members::Added {
                at_least: least,
                at_most: number(["maxPanelCount", "maxRowCount"]),
                wording: self.names.text(element.get("addPanelText").or(element.get("addRowText"))),
                primary: Text::default(),
            },
        };
        let roster = Roster {
            id: self.draft.id("roster", roster_name),
            name: roster_name.to_owned(),
            label,
            members,
        };
        let counted = string(element, "panelCountExpression");
        if !counted.is_empty() {
            let formula = self.formula(counted);
            self.draft.later(Slot::Count(roster.id), formula, counted, name);
        }
        self.draft.document.rosters.push(roster);
    }

    /// The conditions of one question: its own and those of the panels around.
    fn conditions_of(&mut self, element: &Json, question: &Question, place: &str) {
        let own = string(element, "visibleIf");
        self.under_conditions(question.id, (!own.is_empty()).then_some(own), place);
        let worked_out = string(element, "type") == "expression";
        let hidden = element.is_off("visible");
        let silent = question.kind.is_silent();
        if hidden && own.is_empty() && !worked_out && !silent {
            let never = Formula::call("false", Vec::new());
            self.draft.later(Slot::Question(question.id), Ok(never), "visible: false", place);
        }
        let required = string(element, "requiredIf");
        if !required.is_empty() {
            use survey_builder::questionnaire::document::Required;
            let slot = Slot::Required(question.id, Required::Hard);
            let formula = self.formula(required);
            self.draft.later(slot, formula, required, place);
        }
        for key in ["enableIf", "setValueIf", "setValueExpression", "resetValueIf"] {
            let source = string(element, key);
            if !source.is_empty() {
                self.draft.kept(Some(question.id), place, key, source);
            }
        }
        self.default(element, question, place);
    }

    fn default(&mut self, element: &Json, question: &Question, place: &str) {
        if !question.kind.takes_answer() && !matches!(question.kind, Kind::Hidden(_)) {
            return;
        }
        let slot = Slot::Default(question.id);
        let source = string(element, "defaultValueExpression");
        if !source.is_empty() {
            let formula = self.formula(source);
            self.draft.later(slot, formula, source, place);
            return;
        }
        let written = element.at("defaultValue");
        let formula = match written.part() {
            Part::Null => return,
            Part::String(text) => Formula::text(text),
            Part::Number(number) => Formula::Number(number.as_f64().unwrap_or_default()),
            Part::Bool(truth) => Formula::text(&truth.to_string()),
            Part::Array(_) | Part::Object(_) => {
                self.draft.kept(Some(question.id), place, "defaultValue", &written.to_string());
                return;
            }
        };
        let original = written.to_string();
        self.draft.later(slot, Ok(formula), &original, place);
    }

    fn under_conditions(&mut self, id: ItemId, own: Option<&str>, place: &str) {
        let mut parts: Vec<Formula> = self.conditions.iter().map(|(one, _)| one.clone()).collect();
        let mut originals: Vec<String> =
            self.conditions.iter().map(|(_, original)| original.clone()).collect();
        if let Some(own) = own {
            match self.formula(own) {
                Ok(formula) => parts.push(formula),
                Err(reason) => {
                    self.draft.condition_lost(Some(id), "visibleIf", own, place, reason);
                }
            }
            originals.push(own.to_owned());
        }
        if let Some(formula) = Formula::all(parts) {
            self.draft.pending.push(Pending {
                slot: Slot::Question(id),
                formula,
                original: originals.join(" and "),
                place: place.into(),
            });
        }
    }

    fn visible(&mut self, element: &Json, place: &str, slots: &[Slot]) {
        let source = string(element, "visibleIf");
        for slot in slots.iter().filter(|_| !source.is_empty()) {
            let formula = self.formula(source);
            self.draft.later(slot.clone(), formula, source, place);
        }
    }
}
