//! The schema of the ONS questionnaire runner (`eq`), in JSON.
//!
//! ```text
//! read(schema) → names of everything → sections → blocks → questions
//!              → routing rules as conditions of the blocks they pass over
//! ```
//!
//! A block is a page, its answers are the questions on it. A list collector is
//! a roster whose section asks what is known of each member. Variants of a
//! question are questions of their own under their conditions; what reads the
//! answer reads whichever was asked.

mod condition;
mod names;
mod question;
mod routing;
mod text;

use std::collections::BTreeMap;

use survey_builder::problem::Problem;
use survey_builder::questionnaire::document::{
    Block, Computed, Each, Hidden, Kind, Language, Members, Page, Question, Roster, Section,
    Source, Text,
};

use self::names::Names;
use self::routing::Placed;
use serde_json::Value;

use crate::account::{self, Json};
use crate::draft::{Draft, Read, Slot, refused, settle};
use crate::formula::Formula;

/// How the runner shows and stores a schema.
const LOOKS: [&str; 29] = [
    "mime_type",
    "schema_version",
    "data_version",
    "theme",
    "legal_basis",
    "form_type",
    "region_code",
    "q_code",
    "page_title",
    "id",
    "type",
    "navigation",
    "questionnaire_flow",
    "questionnaire_flow.",
    "submission",
    "post_submission",
    "show_on_hub",
    "summary",
    "summary.",
    "metadata",
    "hide_guidance",
    "show_guidance",
    "unit_length",
    "mandatory",
    "cancel_text",
    "visible",
    "playback",
    "messages",
    "answer_codes",
];

/// Reads a schema.
pub(crate) fn read(schema: &Value) -> Read {
    let schema = &Json::from(schema);
    let language = match string(schema, "language") {
        "" => "en",
        code => code,
    };
    let name = crate::draft::text::language_name(language).to_owned();
    let languages = vec![Language { code: language.to_owned(), name }];
    let title = string(schema, "title");
    let form = [string(schema, "survey_id"), title].join(" ").trim().to_owned();
    let mut draft = Draft::new(&form, Text::default(), languages);
    draft.document.title = draft.text(title);
    let names = Names::of(&schema.looked_through());
    let mut reader =
        Reader { draft, names, collected: Vec::new(), lists: BTreeMap::new(), adding: None };
    let mut sections = Vec::new();
    sections.extend(reader.preloaded());
    for section in list(schema, "sections") {
        sections.push(reader.section(section));
    }
    // Older schemas have groups at the top.
    if schema.get("sections").is_none() {
        sections.push(reader.section(schema));
    }
    reader.draft.document.sections = sections;
    let mut left = schema.left();
    left.extend(schema.beside_words());
    account::tell(&mut reader.draft, &left, &LOOKS);
    let (document, problems) = settle::finish(reader.draft);
    if document.questions().next().is_none() {
        return Err(refused("phrase-a-survey-without-questions"));
    }
    Ok((document, problems))
}

/// A text property, empty if it is none.
fn string<'v>(value: &'v Json, key: &str) -> &'v str {
    value.get(key).and_then(Json::as_str).unwrap_or_default()
}

/// A list property, empty if it is none.
fn list<'v>(value: &'v Json, key: &str) -> impl Iterator<Item = &'v Json> {
    value.get(key).and_then(Json::as_array).into_iter().flatten()
}

struct Reader {
    draft: Draft,
    names: Names,
    /// The lists that a collector has filled already.
    collected: Vec<String>,
    /// The lists of choice questions, by their names here.
    lists: BTreeMap<String, String>,
    /// The list to which the members that are being asked about are added.
    adding: Option<String>,
}

impl Reader {
    /// What is known before the interview, as far as something reads it.
    fn preloaded(&mut self) -> Option<Section> {
        let known: Vec<(String, String)> = self.names.preloaded().collect();
        let mut questions = Vec::new();
        for (source, name) in known {
            let kind = Kind::Hidden(Hidden { source: Source::Frame(source), ..Hidden::default() });
            questions.push(self.draft.question(&name, Text::default(), kind));
        }
        if questions.is_empty() {
            return None;
        }
        let page = self.draft.page("preloaded", questions);
        Some(self.draft.section("preloaded", Text::default(), vec![Block::Page(page)]))
    }

    fn section(&mut self, section: &Json) -> Section {
        let id = string(section, "id").to_owned();
        let mut blocks: Vec<Block> = Vec::new();
        let mut placed: Vec<Placed> = Vec::new();
        for group in list(section, "groups") {
            let before = blocks.len();
            // A group has no place of its own: its title stands on its first page.
            let several = list(section, "groups").count() > 1;
            let title = if several { self.text(group.get("title")) } else { Text::default() };
            let name = format!("{}_title", string(group, "id"));
            let heading =
                (!title.is_empty()).then(|| self.draft.question(&name, title, Kind::Note));
            self.blocks_of(group, heading, &mut blocks, &mut placed);
            let skips: Vec<Formula> = self.skips(group, string(group, "id"));
            for one in placed.iter_mut().filter(|one| one.first >= before) {
                one.skips.extend(skips.iter().cloned());
                string(group, "id").clone_into(&mut one.group);
            }
        }
        self.route(&placed, &blocks);
        let title = self.text(section.get("title"));
        let mut made = self.draft.section(&id, title, blocks);
        if let Some(repeat) = section.get("repeat") {
            let roster = self.roster(string(repeat, "for_list"));
            made.each = Some(Each { roster, filter: None });
        }
        if let Some(when) = section.get("enabled").and_then(|enabled| enabled.get("when")) {
            let formula = self.formula(when);
            self.draft.later(Slot::Section(made.id), formula, &when.original(), &id);
        }
        made
    }

    fn blocks_of(
        &mut self,
        group: &Json,
        heading: Option<Question>,
        blocks: &mut Vec<Block>,
        placed: &mut Vec<Placed>,
    ) {
        let mut heading = heading;
        for block in list(group, "blocks") {
            let first = blocks.len();
            let made = self.block(block);
            for mut one in made {
                if let Some(note) = heading.take() {
                    match &mut one {
                        Block::Page(page) => page.questions.insert(0, note),
                        Block::Section(_) => heading = Some(note),
                    }
                }
                blocks.push(one);
            }
            let id = string(block, "id").to_owned();
            let skips = self.skips(block, &id);
            placed.push(Placed {
                first,
                end: blocks.len(),
                group: String::new(),
                skips,
                rules: list(block, "routing_rules").cloned().collect(),
                id,
            });
        }
        if let Some(note) = heading {
            // Nothing is asked on which it could stand.
            for words in note.wording.0.values() {
                self.draft.kept(None, string(group, "id"), "title", words);
            }
        }
    }

    /// The conditions under which something is left out.
    fn skips(&mut self, owner: &Json, place: &str) -> Vec<Formula> {
        let Some(skip) = owner.get("skip_conditions") else { return Vec::new() };
        // Older schemas list several; one is enough to skip.
        let conditions: Vec<&Json> = match skip.get("when") {
            Some(when) => vec![when],
            None => {
                skip.as_array().into_iter().flatten().filter_map(|one| one.get("when")).collect()
            }
        };
        let mut skips = Vec::new();
        for when in conditions {
            match self.formula(when) {
                Ok(formula) => skips.push(formula),
                Err(reason) => {
                    let original = when.original();
                    self.draft.condition_lost(None, "skip_conditions", &original, place, reason);
                }
            }
        }
        skips
    }

    fn block(&mut self, block: &Json) -> Vec<Block> {
        let id = string(block, "id").to_owned();
        match string(block, "type") {
            "ListCollector" | "ListCollectorContent" => self.collector(block, &id),
            "RelationshipCollector" | "UnrelatedQuestion" => self.relationships(block, &id),
            "CalculatedSummary" | "GrandCalculatedSummary" => self.calculated(block, &id),
            "Summary" | "SectionSummary" | "Confirmation" => Vec::new(),
            kind => {
                let driving = ["PrimaryPersonListCollector", "ListCollectorDrivingQuestion"];
                if driving.contains(&kind) {
                    let what = format!("{kind} of the list {}", string(block, "for_list"));
                    self.draft.kept(None, &id, "list", &what);
                }
                self.page_of(block, &id).map(Block::Page).into_iter().collect()
            }
        }
    }

    /// The page of a block: its question or its words.
    fn page_of(&mut self, block: &Json, id: &str) -> Option<Page> {
        let mut questions = Vec::new();
        if let Some(question) = block.get("question") {
            questions.extend(self.questions(question, id));
        }
        let mut earlier: Vec<Formula> = Vec::new();
        for variant in list(block, "question_variants") {
            if let Some(question) = variant.get("question") {
                let made = self.questions(question, id);
                self.under(&made, variant, &mut earlier, id);
                questions.extend(made);
            }
        }
        questions.extend(self.shared(block, id, &questions));
        let mut earlier: Vec<Formula> = Vec::new();
        for variant in list(block, "content_variants") {
            if let Some(content) = variant.get("content") {
                let made: Vec<Question> = self.words(content, id).into_iter().collect();
                self.under(&made, variant, &mut earlier, id);
                questions.extend(made);
            }
        }
        if let Some(content) = block.get("content") {
            questions.extend(self.words(content, id));
        }
        for key in ["primary_content", "secondary_content"] {
            for content in list(block, key) {
                questions.extend(self.words(content, id));
            }
        }
        (!questions.is_empty()).then(|| self.draft.page(id, questions))
    }

    /// The values that stand for answers which variants of a block share, behind
    /// their questions.
    fn shared(&mut self, block: &Json, place: &str, asked: &[Question]) -> Vec<Question> {
        let mut made: Vec<Question> = Vec::new();
        let variants = list(block, "question_variants");
        let questions = variants.filter_map(|variant| variant.get("question"));
        for answer in questions.flat_map(|question| list(question, "answers")) {
            let id = string(answer, "id");
            let Some(name) = self.names.shared(id).map(str::to_owned) else { continue };
            if made.iter().any(|one| one.name == name) {
                continue;
            }
            let formula = self.names.whichever(id);
            let mut of = asked.iter().filter(|one| formula.reads(&one.name));
            let one_of = of.find_map(|one| one.kind.list().map(str::to_owned));
            if let Some(list) = &one_of {
                self.lists.insert(name.clone(), list.clone());
            }
            let kind = Kind::Computed(Computed { expression: String::new(), list: one_of });
            let question = self.draft.question(&name, Text::default(), kind);
            self.draft.later(Slot::Calculation(question.id), Ok(formula), id, place);
            self.draft.note(Problem::new("import_shared", place).with("name", &name));
            self.draft.remark(Some(question.id), "name", id);
            made.push(question);
        }
        made
    }

    /// Puts the questions of a variant under its condition; the first that
    /// holds counts.
    fn under(
        &mut self,
        questions: &[Question],
        variant: &Json,
        earlier: &mut Vec<Formula>,
        place: &str,
    ) {
        let own = variant.get("when").map(|when| self.formula(when));
        let original = variant.get("when").map(Json::original).unwrap_or_default();
        let mut parts: Vec<Formula> = earlier.iter().cloned().map(Formula::negated).collect();
        match own {
            Some(Ok(formula)) => {
                parts.push(formula.clone());
                earlier.push(formula);
            }
            Some(Err(reason)) => {
                self.draft.condition_lost(None, "when", &original, place, reason);
            }
            None => {}
        }
        let Some(formula) = Formula::all(parts) else { return };
        for question in questions {
            self.draft.also(question.id, &formula, &original, place);
        }
    }

    /// The words of an interstitial.
    fn words(&mut self, content: &Json, id: &str) -> Option<Question> {
        let mut wording = self.text(content.get("title"));
        let body = self.contents(content);
        for (language, words) in body.0 {
            let own = wording.0.entry(language).or_default();
            if !own.is_empty() {
                own.push('\n');
            }
            own.push_str(&words);
        }
        (!wording.is_empty())
            .then(|| self.draft.question(&format!("{id}_note"), wording, Kind::Note))
    }

    /// The roster of a list, made when it is first spoken of.
    fn roster(&mut self, name: &str) -> String {
        let ours = self.names.roster(name);
        if self.draft.document.roster(&ours).is_none() {
            let roster = Roster {
                id: self.draft.id("roster", &ours),
                name: ours.clone(),
                label: Text::default(),
                members: Members::Added {
                    at_least: 0,
                    at_most: None,
                    wording: Text::default(),
                    primary: Text::default(),
                },
            };
            self.draft.document.rosters.push(roster);
        }
        ours
    }

    fn collector(&mut self, block: &Json, id: &str) -> Vec<Block> {
        let list_name = string(block, "for_list").to_owned();
        let roster = self.roster(&list_name);
        let question = block.get("question").or_else(|| {
            let mut variants = list(block, "question_variants");
            variants.next().and_then(|variant| variant.get("question"))
        });
        let is_first = !self.collected.contains(&list_name);
        let title = question.and_then(|question| question.get("title"));
        let wording = title.filter(|_| is_first).map(|title| self.text(Some(title)));
        let wording = wording.unwrap_or_default();
        let label = self.text(block.get("summary").and_then(|summary| summary.get("item_title")));
        if let Some(own) = self.draft.document.rosters.iter_mut().find(|one| one.name == roster) {
            if let Members::Added { wording: asked, .. } = &mut own.members
                && asked.is_empty()
            {
                *asked = wording;
            }
            if own.label.is_empty() {
                own.label = label;
            }
        }
        let mut pages = Vec::new();
        if is_first {
            self.collected.push(list_name.clone());
            let outer = self.adding.replace(list_name);
            for key in ["add_block", "add_or_edit_block"] {
                if let Some(add) = block.get(key) {
                    pages.extend(self.page_of(add, string(add, "id")));
                }
            }
            self.adding = outer;
        } else {
            let what = format!("the list {list_name} is filled a second time");
            self.draft.kept(None, id, "list", &what);
        }
        for further in list(block, "repeating_blocks") {
            pages.extend(self.page_of(further, string(further, "id")));
        }
        self.each(block, id, roster, pages)
    }

    fn each(&mut self, block: &Json, id: &str, roster: String, pages: Vec<Page>) -> Vec<Block> {
        if pages.is_empty() {
            return Vec::new();
        }
        let title = self.text(block.get("summary").and_then(|summary| summary.get("title")));
        let blocks = pages.into_iter().map(Block::Page).collect();
        let mut section = self.draft.section(id, title, blocks);
        section.each = Some(Each { roster, filter: None });
        vec![Block::Section(section)]
    }

    /// How the members of a list are related: asked of each member here.
    fn relationships(&mut self, block: &Json, id: &str) -> Vec<Block> {
        let roster = self.roster(string(block, "for_list"));
        self.draft.warn(Problem::new("import_relationships", id));
        self.draft.remark(None, "relationships", string(block, "title"));
        let pages: Vec<Page> = self.page_of(block, id).into_iter().collect();
        self.each(block, id, roster, pages)
    }

    /// A sum that is shown: worked out, then told.
    fn calculated(&mut self, block: &Json, id: &str) -> Vec<Block> {
        let calculation = block.at("calculation");
        let name = self.names.summary(id);
        let kind = Kind::Computed(Computed { expression: String::new(), list: None });
        let question = self.draft.question(&name, Text::default(), kind);
        let formula = match calculation.get("operation") {
            Some(operation) => self.formula(operation),
            None => {
                let answers = list(calculation, "answers_to_calculate")
                    .filter_map(Json::as_str)
                    .map(|answer| self.names.answer(answer));
                Ok(Formula::call("sum", answers.collect()))
            }
        };
        let original = calculation.original();
        self.draft.later(Slot::Calculation(question.id), formula, &original, id);
        let mut wording = self.text(calculation.get("title").or(block.get("title")));
        for words in wording.0.values_mut() {
            words.push_str(&format!(": ${{{name}}}"));
        }
        let mut questions = vec![question];
        if !wording.is_empty() {
            questions.push(self.draft.question(&format!("{name}_shown"), wording, Kind::Note));
        }
        vec![Block::Page(self.draft.page(id, questions))]
    }
}
