//! Embedded data: fields that the link brings, that the flow sets, or that
//! chance draws.

use std::collections::{BTreeMap, BTreeSet};

use survey_builder::problem::{Phrase, phrase};
use survey_builder::questionnaire::document::{
    Arm, Block as Part, Computed, Hidden, Kind, ListOption, Question, Roster, Section, Source, Text,
};

use super::flow::{Builder, Said};
use super::survey::{Block, entries, list, string};
use super::text::{Piped, field_name, pipe};
use crate::account::Json;
use crate::draft::Slot;
use crate::formula::{Formula, Operator};

/// One place where the flow sets a field.
struct Setting {
    value: Option<String>,
    path: Vec<Said>,
}

/// What is known of fields before anything is made.
#[derive(Default)]
pub(super) struct Fields {
    settings: BTreeMap<String, Vec<Setting>>,
    /// How many places that set each field are still ahead.
    ahead: BTreeMap<String, usize>,
    /// The arms of randomisers that show one of their elements, by their numbers.
    pub arms: BTreeMap<String, String>,
    /// The ways to each block.
    pub ways: BTreeMap<String, Vec<Vec<Said>>>,
    /// Fields that are arms themselves.
    drawn: BTreeSet<String>,
    first: Vec<Question>,
    ready: Vec<String>,
}

impl Fields {
    /// The flow passes an element that sets fields.
    pub(super) fn pass(&mut self, element: &Json) {
        for (_, data) in list(element, "EmbeddedData") {
            let field = field_name(&string(data, "Field"));
            if let Some(ahead) = self.ahead.get_mut(&field) {
                *ahead = ahead.saturating_sub(1);
                if *ahead == 0 {
                    self.ready.push(field);
                }
            }
        }
    }
}

impl Builder<'_> {
    /// Looks through the flow for fields, arms and ways to blocks.
    pub(super) fn find_fields(&mut self) {
        for (_, element) in self.survey.flow.map(entries).unwrap_or_default() {
            self.find(element, &[], 0);
        }
    }

    fn find(&mut self, element: &Json, path: &[Said], depth: usize) {
        if depth > 60 {
            return;
        }
        let place = string(element, "FlowID");
        let mut inner = path.to_vec();
        match string(element, "Type").as_str() {
            "Block" | "Standard" | "Default" => {
                self.fields.ways.entry(string(element, "ID")).or_default().push(inner);
                return;
            }
            "EmbeddedData" => {
                for (_, data) in list(element, "EmbeddedData") {
                    let field = field_name(&string(data, "Field"));
                    let value = Some(string(data, "Value"))
                        .filter(|value| !value.is_empty() && string(data, "Type") != "Recipient");
                    let settings = self.fields.settings.entry(field.clone()).or_default();
                    settings.push(Setting { value, path: path.to_vec() });
                    *self.fields.ahead.entry(field).or_default() += 1;
                }
                return;
            }
            "Branch" => {
                // Told when the branch itself is made.
                let logic = element.get("BranchLogic");
                if let Some(Ok(formula)) =
                    logic.and_then(|logic| super::logic::read(logic, &self.names))
                {
                    let said = logic.map(super::logic::described).unwrap_or_default();
                    inner.push((formula, said));
                }
            }
            "BlockRandomizer" => {
                let children = list(element, "Flow");
                if string(element, "SubSet") == "1" && children.len() > 1 {
                    if self.draws_field(&children) {
                        return;
                    }
                    let arm = self.arm(&place, &children);
                    for (code, (_, child)) in (1..).zip(children) {
                        let code: u32 = code;
                        let chosen = Formula::binary(
                            Operator::Equal,
                            Formula::question(&arm),
                            Formula::text(&code.to_string()),
                        );
                        let mut way = inner.clone();
                        way.push((chosen, format!("{place}: {code}")));
                        self.find(child, &way, depth + 1);
                    }
                    return;
                }
            }
            _ => {}
        }
        for (_, child) in list(element, "Flow") {
            self.find(child, &inner, depth + 1);
        }
    }

    /// Whether a randomiser does nothing but draw the value of one field: then
    /// the field is an arm.
    fn draws_field(&mut self, children: &[(String, &Json)]) -> bool {
        let mut field = None;
        let mut values = Vec::new();
        for (_, child) in children {
            let data = list(child, "EmbeddedData");
            let [(_, only)] = &data[..] else { return false };
            let name = field_name(&string(only, "Field"));
            let value = string(only, "Value");
            if *field.get_or_insert_with(|| name.clone()) != name || values.contains(&value) {
                return false;
            }
            values.push(value);
        }
        let Some(field) = field.filter(|field| !self.fields.settings.contains_key(field)) else {
            return false;
        };
        let Some(name) = self.names.fields.get(&field).cloned() else { return false };
        let options = values
            .iter()
            .map(|value| ListOption::new(uuid::Uuid::nil(), value, self.draft.text(value)));
        let options = options.collect();
        let list = self.draft.list_of(&name, options);
        let id = self.draft.id("question", &name);
        self.fields.first.push(Question::new(id, &name, Text::default(), Kind::Arm(Arm { list })));
        self.fields.drawn.insert(field)
    }

    fn arm(&mut self, place: &str, children: &[(String, &Json)]) -> String {
        let name = self.draft.name(&format!("arm_{place}"));
        let mut options = Vec::new();
        for (code, (_, child)) in (1..).zip(children) {
            let code: u32 = code;
            let id = string(child, "ID");
            let block = self.survey.blocks.iter().find(|block| block.id == id);
            let label =
                block.map_or_else(|| string(child, "Description"), |block| block.name.clone());
            let label = if label.is_empty() { code.to_string() } else { label };
            let label = self.draft.text(&label);
            options.push(ListOption::new(uuid::Uuid::nil(), &code.to_string(), label));
        }
        let list = self.draft.list_of(&name, options);
        let id = self.draft.id("question", &name);
        let question = Question::new(id, &name, Text::default(), Kind::Arm(Arm { list }));
        self.fields.first.push(question);
        self.fields.arms.insert(place.to_owned(), name.clone());
        name
    }

    /// Arms, and the fields that come with the link.
    pub(super) fn first_fields(&mut self) -> Option<Section> {
        let mut questions = std::mem::take(&mut self.fields.first);
        for (field, name) in self.names.fields.clone() {
            let settings = self.fields.settings.get(&field);
            let is_set = settings.is_some_and(|all| all.iter().any(|one| one.value.is_some()));
            if is_set || self.fields.drawn.contains(&field) {
                continue;
            }
            let source = match field.as_str() {
                person if person.starts_with("m://") => Source::Frame(person[4..].to_owned()),
                "Q_Language" => Source::Interview("language".to_owned()),
                "ResponseID" => Source::Outside(field.clone()),
                "UserAgent" => Source::Interview("device".to_owned()),
                _ => Source::Link(field.clone()),
            };
            let kind = Kind::Hidden(Hidden { source, ..Hidden::default() });
            let id = self.draft.id("question", &name);
            questions.push(Question::new(id, &name, Text::default(), kind));
        }
        self.silent(questions)
    }

    /// A section of values that are never shown.
    fn silent(&mut self, questions: Vec<Question>) -> Option<Section> {
        if questions.is_empty() {
            return None;
        }
        let page = self.draft.page("embedded_data", questions);
        Some(self.draft.section("embedded_data", Text::default(), vec![Part::Page(page)]))
    }

    /// The fields that the flow has set for the last time.
    pub(super) fn later_fields(&mut self) -> Option<Section> {
        let mut questions = Vec::new();
        for field in std::mem::take(&mut self.fields.ready) {
            let (Some(settings), Some(name)) =
                (self.fields.settings.remove(&field), self.names.fields.get(&field).cloned())
            else {
                continue;
            };
            if settings.iter().all(|setting| setting.value.is_none()) {
                continue;
            }
            let kind = Kind::Computed(Computed { expression: String::new(), list: None });
            let id = self.draft.id("question", &name);
            questions.push(Question::new(id, &name, Text::default(), kind));
            let (formula, original) = self.value_of(&name, &settings);
            if formula.is_err()
                && let Some(question) = questions.last_mut()
            {
                let source = Source::Outside("calculation".to_owned());
                question.kind = Kind::Hidden(Hidden { source, ..Hidden::default() });
            }
            self.draft.later(Slot::Calculation(id), formula, &original, &field);
        }
        self.silent(questions)
    }

    /// The value of a field: the last place on the way that sets it.
    fn value_of(&self, own: &str, settings: &[Setting]) -> (Result<Formula, Phrase>, String) {
        let mut formula: Option<Formula> = None;
        let mut originals = Vec::new();
        for setting in settings {
            let Some(value) = &setting.value else { continue };
            let said: Vec<&str> = setting.path.iter().map(|(_, said)| said.as_str()).collect();
            originals.push(format!("{} {value}", said.join(" ")).trim().to_owned());
            let value = match self.written_value(value, own) {
                Ok(value) => value,
                Err(reason) => return (Err(reason), originals.join("; ")),
            };
            let condition = Formula::all(setting.path.iter().map(|(formula, _)| formula.clone()));
            formula = Some(match condition {
                None => value,
                Some(condition) => {
                    let before = formula.unwrap_or_else(|| Formula::text(""));
                    Formula::call("if", vec![condition, value, before])
                }
            });
        }
        (Ok(formula.unwrap_or_else(|| Formula::text(""))), originals.join("; "))
    }

    /// A value with answers in it.
    fn written_value(&self, value: &str, own: &str) -> Result<Formula, Phrase> {
        if value.contains("$e{") {
            return Err(phrase("phrase-calculation-in-a-text"));
        }
        let mut parts = Vec::new();
        let mut rest = value;
        while let Some((before, after)) = rest.split_once("${") {
            let (inner, after) = after.split_once('}').unwrap_or((after, ""));
            if !before.is_empty() {
                parts.push(Formula::text(before));
            }
            match pipe(inner, &self.names) {
                Some(Piped::Answer(name)) if name == own => {
                    return Err(phrase("phrase-calculation-that-reads-itself"));
                }
                Some(Piped::Answer(name)) => parts.push(Formula::Question(name)),
                Some(Piped::Words(words)) => parts.push(Formula::Text(words)),
                None => return Err(phrase("phrase-no-counterpart").with("what", inner)),
            }
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Formula::text(rest));
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Formula::call("concat", parts) })
    }

    /// The number of the round, where a text of the block inserts it.
    fn round(&mut self, block: &Block<'_>) -> Vec<Question> {
        let ids: Vec<String> =
            block.elements.iter().map(|element| string(element, "QuestionID")).collect();
        let mut payloads = ids.iter().filter_map(|id| self.survey.questions.get(id));
        if !payloads.any(|payload| payload.to_string().contains("${lm://CurrentLoopNumber}")) {
            return Vec::new();
        }
        let wanted = format!("{}_round", super::text::wanted(&block.name, &block.id));
        let name = self.draft.name(&wanted);
        let id = self.draft.id("question", &name);
        let kind = Kind::Computed(Computed { expression: String::new(), list: None });
        let formula = Formula::call("position", Vec::new());
        self.draft.later(Slot::Calculation(id), Ok(formula), "CurrentLoopNumber", &block.id);
        self.names.loop_fields.insert("CurrentLoopNumber".to_owned(), name.clone());
        vec![Question::new(id, &name, Text::default(), kind)]
    }

    /// The fields of a loop, as values of each round.
    pub(super) fn loop_fields(
        &mut self,
        block: &Block<'_>,
        roster: Option<&Roster>,
    ) -> Vec<Question> {
        let settings = block.options.and_then(|options| options.get("LoopingOptions"));
        let (Some(roster), Some(settings)) = (roster, settings) else { return Vec::new() };
        let mut questions = self.round(block);
        if list(settings, "Static").is_empty() {
            // The first field of a round over options is the option: what the
            // member is called.
            self.names.loop_fields.insert("1".to_owned(), roster.name.clone());
            return questions;
        }
        let rounds = list(settings, "Static");
        let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (place, (_, round)) in rounds.iter().enumerate() {
            for (field, value) in entries(round) {
                let values = fields.entry(field).or_default();
                values.resize(place, String::new());
                values.push(super::survey::written(value));
            }
        }
        for (field, values) in fields {
            let wanted = format!("{}_field_{field}", super::text::wanted(&block.name, &block.id));
            let name = self.draft.name(&wanted);
            let id = self.draft.id("question", &name);
            let kind = Kind::Computed(Computed { expression: String::new(), list: None });
            questions.push(Question::new(id, &name, Text::default(), kind));
            let mut formula = Formula::text("");
            for (place, value) in (1_u32..).zip(&values).collect::<Vec<_>>().into_iter().rev() {
                let here = Formula::binary(
                    Operator::Equal,
                    Formula::call("position", Vec::new()),
                    Formula::Number(f64::from(place)),
                );
                let words = crate::draft::text::without_markup(value);
                formula = Formula::call("if", vec![here, Formula::Text(words), formula]);
            }
            let original = values.join("; ");
            self.draft.later(Slot::Calculation(id), Ok(formula), &original, &block.id);
            self.names.loop_fields.insert(field, name);
        }
        questions
    }
}
