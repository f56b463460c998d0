//! The flow: which blocks are shown, in which order and when.

use std::collections::{BTreeMap, BTreeSet};

use survey_builder::problem::{Finding, Problem};
use survey_builder::questionnaire::document::{
    Block as Part, Document, Each, FixedMember, Language, Members, Question, Roster, Section, Text,
};

use super::field::Fields;
use super::names::{Names, Sort};
use super::skip::Placed;
use super::survey::{Block, Survey, entries, language_code, list, string};
use crate::account::{self, Json};
use crate::draft::{Draft, Slot, settle, text::language_name};
use crate::formula::{Formula, Operator};

/// A condition with what it says in its file.
pub(super) type Said = (Formula, String);

/// The most that flow elements stand in each other.
const DEPTH_LIMIT: usize = 60;

/// Makes the document of a survey.
pub(super) fn build(file: &Json, survey: &Survey<'_>) -> (Document, Vec<Finding>) {
    let languages = survey.languages.iter().map(|written| {
        let code = language_code(written);
        let name = language_name(&code).to_owned();
        Language { code, name }
    });
    let title = crate::draft::text::without_markup(&survey.name);
    let mut draft = Draft::new(&title, Text::default(), languages.collect());
    draft.document.title = draft.text(&title);
    let names = Names::of(survey, &mut draft);
    let mut builder = Builder {
        survey,
        draft,
        names,
        ended: Vec::new(),
        fields: Fields::default(),
        shown: BTreeMap::new(),
    };
    let mut sections = Vec::new();
    builder.find_fields();
    sections.extend(builder.first_fields());
    match survey.flow {
        Some(flow) => {
            for (_, element) in entries(flow) {
                sections.extend(builder.element(element, &[], 0));
                sections.extend(builder.later_fields());
            }
        }
        None => {
            for block in &survey.blocks {
                sections.extend(builder.block(block, &[]));
            }
        }
    }
    builder.left_out();
    builder.without_later_answers(&sections);
    builder.draft.document.sections = sections;
    account::tell(&mut builder.draft, &file.left(), &super::looks::LOOKS);
    settle::finish(builder.draft)
}

pub(super) struct Builder<'s> {
    pub survey: &'s Survey<'s>,
    pub draft: Draft,
    pub names: Names,
    /// What must hold for the survey not to have ended.
    pub ended: Vec<Said>,
    pub fields: Fields,
    /// How often each block was shown.
    shown: BTreeMap<String, usize>,
}

impl Builder<'_> {
    /// The sections of an element of the flow, under the conditions around it.
    fn element(&mut self, element: &Json, path: &[Said], depth: usize) -> Vec<Section> {
        let place = string(element, "FlowID");
        if depth > DEPTH_LIMIT {
            self.draft.kept(None, &place, "flow", "nested too deep");
            return Vec::new();
        }
        match string(element, "Type").as_str() {
            "Block" | "Standard" | "Default" => {
                let id = string(element, "ID");
                let survey = self.survey;
                match survey.blocks.iter().find(|block| block.id == id) {
                    Some(block) => self.block(block, path).into_iter().collect(),
                    None => Vec::new(),
                }
            }
            "Branch" => {
                let mut inner = path.to_vec();
                inner.extend(self.branch(element, &place));
                self.inside(element, &inner, depth)
            }
            "BlockRandomizer" => self.randomizer(element, path, depth),
            "EmbeddedData" => {
                self.fields.pass(element);
                Vec::new()
            }
            "EndSurvey" => {
                let said = path.iter().map(|(_, said)| said.as_str()).collect::<Vec<_>>();
                let condition = Formula::all(path.iter().map(|(formula, _)| formula.clone()))
                    .unwrap_or_else(|| Formula::call("true", Vec::new()));
                self.ended
                    .push((condition.negated(), format!("end of survey: {}", said.join(" "))));
                if let Some(options) = element.get("Options").filter(|one| one.is_object()) {
                    self.draft.kept(None, &place, "end of survey", &options.to_string());
                }
                Vec::new()
            }
            "Group" | "Root" => self.inside(element, path, depth),
            other => {
                self.draft.kept(None, &place, other, &super::text::original(element));
                self.inside(element, path, depth)
            }
        }
    }

    fn inside(&mut self, element: &Json, path: &[Said], depth: usize) -> Vec<Section> {
        let mut sections = Vec::new();
        for (_, inner) in list(element, "Flow") {
            sections.extend(self.element(inner, path, depth + 1));
        }
        sections
    }

    /// The condition of a branch, if it can be carried over.
    pub(super) fn branch(&mut self, element: &Json, place: &str) -> Option<Said> {
        let logic = element.get("BranchLogic")?;
        let said = super::logic::described(logic);
        match super::logic::read(logic, &self.names)? {
            Ok(formula) => Some((formula, said)),
            Err(reason) => {
                self.draft.condition_lost(None, "branch", &said, place, reason);
                None
            }
        }
    }

    /// Elements in an order drawn by chance, or one of them.
    fn randomizer(&mut self, element: &Json, path: &[Said], depth: usize) -> Vec<Section> {
        let place = string(element, "FlowID");
        let children = list(element, "Flow");
        let subset = string(element, "SubSet");
        let drawn = subset.parse::<usize>().ok();
        if drawn.is_none() && !subset.is_empty() {
            self.draft.kept(None, &place, "randomizer", &subset);
        }
        if let Some(arm) = self.fields.arms.get(&place).cloned() {
            let mut sections = Vec::new();
            for (code, (_, child)) in (1..).zip(children) {
                let mut inner = path.to_vec();
                let code = code.to_string();
                let chosen =
                    Formula::binary(Operator::Equal, Formula::question(&arm), Formula::text(&code));
                inner.push((chosen, format!("{place}: {code}")));
                sections.extend(self.element(child, &inner, depth + 1));
            }
            return sections;
        }
        let count = children.len();
        if drawn.is_some_and(|drawn| drawn < count && drawn > 1) {
            let said = format!("{} of {count} are shown", string(element, "SubSet"));
            self.draft.kept(None, &place, "randomizer", &said);
        }
        let mut blocks = Vec::new();
        for (_, child) in children {
            let mut sections = self.element(child, path, depth + 1);
            match sections.len() {
                0 => {}
                1 => blocks.extend(sections.pop().map(Part::Section)),
                _ => {
                    let parts = sections.into_iter().map(Part::Section).collect();
                    let together = self.draft.section(&place, Text::default(), parts);
                    blocks.push(Part::Section(together));
                }
            }
        }
        if blocks.len() < 2 {
            return blocks
                .into_iter()
                .filter_map(|part| match part {
                    Part::Section(section) => Some(section),
                    Part::Page(_) => None,
                })
                .collect();
        }
        let mut around = self.draft.section(&format!("random_{place}"), Text::default(), blocks);
        around.shuffled = true;
        vec![around]
    }

    /// A block as a section, where it is shown first.
    fn block(&mut self, block: &Block<'_>, path: &[Said]) -> Option<Section> {
        let shown = self.shown.entry(block.id.clone()).or_default();
        *shown += 1;
        if *shown > 1 {
            self.draft.kept(None, &block.id, "repeated block", &block.name);
            return None;
        }
        let mut conditions = self.conditions_of(block, path);
        conditions.extend(self.ended.clone());
        let mut elements = block.elements.clone();
        let all: Vec<Json>;
        if elements.is_empty() && self.survey.blocks.len() == 1 {
            // Old files: every question stands in the one block.
            let mut ids: Vec<&String> = self.survey.questions.keys().collect();
            ids.sort_by_key(|id| id.trim_start_matches("QID").parse::<u64>().unwrap_or(u64::MAX));
            let made = |id: &&String| {
                Json::from(&serde_json::json!({"Type": "Question", "QuestionID": id}))
            };
            all = ids.iter().map(made).collect();
            elements = all.iter().collect();
        }
        let members = self.roster(block);
        let before = self.loop_fields(block, members.as_ref());
        let blocks = self.pages(block, &elements, before);
        self.names.loop_fields.clear();
        let wanted = super::text::wanted(&block.name, &block.id);
        let mut section = self.draft.section(&wanted, Text::default(), blocks);
        section.title = self.draft.text(&crate::draft::text::without_markup(&block.name));
        if let Some(roster) = members {
            section.each = Some(Each { roster: roster.name.clone(), filter: None });
            self.draft.document.rosters.push(roster);
        }
        self.put(Slot::Section(section.id), conditions, &block.id);
        Some(section)
    }

    /// The conditions of a block: where several branches show it, one of them.
    fn conditions_of(&mut self, block: &Block<'_>, path: &[Said]) -> Vec<Said> {
        let ways = self.fields.ways.get(&block.id).cloned().unwrap_or_default();
        if ways.len() < 2 {
            return path.to_vec();
        }
        let mut alternatives = Vec::new();
        let mut said = Vec::new();
        for way in ways {
            let Some(all) = Formula::all(way.iter().map(|(formula, _)| formula.clone())) else {
                return Vec::new();
            };
            alternatives.push(all);
            said.extend(way.into_iter().map(|(_, said)| said));
        }
        Formula::any(alternatives).map(|any| (any, said.join(" or "))).into_iter().collect()
    }

    /// Puts conditions that must all hold.
    fn put(&mut self, slot: Slot, conditions: Vec<Said>, place: &str) {
        let mut conditions = conditions;
        let mut seen: Vec<Formula> = Vec::new();
        conditions.retain(|(formula, _)| {
            let is_new = !seen.contains(formula);
            seen.push(formula.clone());
            is_new
        });
        let said: Vec<String> = conditions.iter().map(|(_, said)| said.clone()).collect();
        if let Some(formula) = Formula::all(conditions.into_iter().map(|(formula, _)| formula)) {
            self.draft.later(slot, Ok(formula), &said.join(" and "), place);
        }
    }

    fn pages(&mut self, block: &Block<'_>, elements: &[&Json], before: Vec<Question>) -> Vec<Part> {
        let mut placed = Vec::new();
        let mut pages: Vec<Vec<Question>> = vec![before];
        let mut skipping = Vec::new();
        for element in elements {
            if string(element, "Type") == "Page Break" {
                pages.push(Vec::new());
                continue;
            }
            let id = string(element, "QuestionID");
            let (Some(payload), Some(known)) =
                (self.survey.questions.get(&id), self.names.questions.get(&id).cloned())
            else {
                continue;
            };
            let question = self.question(&id, payload, &known);
            let conditions = self.display(&id, payload);
            skipping.push(*element);
            placed.push(Placed { id, conditions });
            let beside =
                self.texts_beside(&placed[placed.len() - 1].id, payload, &known, &question);
            if let Some(page) = pages.last_mut() {
                page.push(question);
                page.extend(beside);
            }
        }
        for (place, element) in skipping.into_iter().enumerate() {
            self.skips(element, place, &mut placed);
        }
        for one in placed {
            if let Some(known) = self.names.questions.get(&one.id) {
                let slot = Slot::Question(self.item(known));
                self.put(slot, one.conditions, &one.id);
            }
        }
        let random = block.options.map(|options| string(options, "RandomizeQuestions"));
        let random = random.filter(|word| !matches!(word.as_str(), "" | "false" | "None"));
        if let Some(word) = random {
            return self.shuffled(block, &word, pages);
        }
        let wanted = super::text::wanted(&block.name, &block.id);
        let pages = pages.into_iter().filter(|questions| !questions.is_empty());
        pages.map(|questions| Part::Page(self.draft.page(&wanted, questions))).collect()
    }

    /// The questions of a block on one page, in an order drawn by chance.
    fn shuffled(&mut self, block: &Block<'_>, word: &str, pages: Vec<Vec<Question>>) -> Vec<Part> {
        let options = block.options.unwrap_or(Json::nothing());
        let fixed = super::kind::anchored(options);
        let mut questions: Vec<Question> = pages.into_iter().flatten().collect();
        for question in &mut questions {
            let id = self.names.questions.iter().find(|(_, known)| known.name == question.name);
            question.anchored =
                question.kind.is_silent() || id.is_some_and(|(id, _)| fixed.contains(id));
        }
        if word.contains("Only") {
            self.draft.kept(None, &block.id, "randomization", &options.to_string());
        }
        if questions.is_empty() {
            return Vec::new();
        }
        let wanted = super::text::wanted(&block.name, &block.id);
        let mut page = self.draft.page(&wanted, questions);
        page.shuffled = true;
        vec![Part::Page(page)]
    }

    /// The roster that a looped block is asked for.
    fn roster(&mut self, block: &Block<'_>) -> Option<Roster> {
        let options = block.options?;
        let looping = string(options, "Looping");
        if matches!(looping.as_str(), "" | "None" | "false") {
            return None;
        }
        let settings = options.at("LoopingOptions");
        let name =
            self.draft.name(&format!("loop_{}", super::text::wanted(&block.name, &block.id)));
        let id = self.draft.id("roster", &name);
        let locator = string(settings, "Locator");
        let source = locator.strip_prefix("q://").and_then(|rest| rest.split('/').next());
        let known = source.and_then(|id| self.names.questions.get(id)).cloned();
        let which = locator.rsplit('/').next().unwrap_or_default().to_owned();
        let members = match known {
            Some(known) if looping != "Static" => match known.sort {
                Sort::Multiple | Sort::Ranking if which == "SelectedChoices" => {
                    Members::Chosen { question: known.name }
                }
                Sort::Multiple | Sort::Ranking | Sort::Single => {
                    self.draft.kept(None, &block.id, "loop", &which);
                    let labels = known.labels.iter();
                    let members = labels.map(|(choice, label)| FixedMember {
                        id: self.draft.id("member", &format!("{name}\u{1f}{choice}")),
                        code: choice.clone(),
                        label: self.draft.text(label),
                    });
                    Members::Fixed { members: members.collect() }
                }
                _ => {
                    let count = Formula::call("number", vec![Formula::question(&known.name)]);
                    self.draft.later(Slot::Count(id), Ok(count), &locator, &block.id);
                    Members::Added {
                        at_least: 0,
                        at_most: None,
                        wording: Text::default(),
                        primary: Text::default(),
                    }
                }
            },
            _ => self.fixed(settings, &name),
        };
        if !matches!(string(settings, "Randomization").as_str(), "" | "None") {
            let said = format!("the order of rounds: {}", string(settings, "Randomization"));
            self.draft.kept(None, &block.id, "randomization", &said);
        }
        Some(Roster { id, name, label: Text::default(), members })
    }

    fn fixed(&mut self, settings: &Json, name: &str) -> Members {
        let mut members = Vec::new();
        for (number, row) in list(settings, "Static") {
            let label = string(row, "1");
            let label = if label.is_empty() { number.clone() } else { label };
            members.push(FixedMember {
                id: self.draft.id("member", &format!("{name}\u{1f}{number}")),
                code: number,
                label: self.draft.text(&crate::draft::text::without_markup(&label)),
            });
        }
        Members::Fixed { members }
    }

    fn left_out(&mut self) {
        let survey = self.survey;
        let in_blocks: BTreeSet<String> = survey
            .blocks
            .iter()
            .flat_map(|block| &block.elements)
            .map(|element| string(element, "QuestionID"))
            .collect();
        // Old files have no blocks.
        let outside = |id: &&String| !in_blocks.is_empty() && !in_blocks.contains(*id);
        let loose =
            survey.questions.keys().filter(outside).filter_map(|id| survey.questions.get(id));
        let unused: Vec<&Json> = survey.unused.iter().chain(loose).copied().collect();
        if !unused.is_empty() {
            self.draft.note(Problem::new("import_unused", "").with("count", unused.len()));
        }
        for question in unused {
            self.draft.remark(None, "unused", &question.to_string());
        }
        if survey.flow.is_some() {
            for block in &survey.blocks {
                if !self.shown.contains_key(&block.id) && !block.elements.is_empty() {
                    let problem = Problem::new("import_unshown", &block.id);
                    self.draft.warn(problem.with("block", &block.name));
                    self.draft.remark(None, "unused", &block.name);
                    for element in &block.elements {
                        let question = survey.questions.get(&string(element, "QuestionID"));
                        if let Some(question) = question {
                            self.draft.remark(None, "unused", &question.to_string());
                        }
                    }
                } else if block.elements.is_empty() && !block.name.is_empty() {
                    self.draft.kept(None, &block.id, "section", &block.name);
                }
            }
        }
        for (role, original) in &survey.aside {
            self.draft.kept(None, "", role, original);
        }
    }
}
