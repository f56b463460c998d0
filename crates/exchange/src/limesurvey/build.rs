//! Makes the document: groups become sections, questions stand on their pages.

use std::collections::BTreeMap;

use survey_builder::problem::{Finding, Problem};
use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{
    Block, Computed, Document, Hidden, Kind, Language, Question, Section, Source, Text,
};

use super::expression::{self, Context};
use super::model::{Group, Survey, Texts};
use super::text::{Inserted, Piece, inserted, pieces};
use super::variables::Variables;
use crate::account::{self, Left};
use crate::draft::{Draft, Slot, settle, text::language_name};
use crate::formula::Formula;

/// Texts of the survey that are shown outside its questions.
const KEPT_TEXTS: [&str; 6] = [
    "surveyls_description",
    "surveyls_endtext",
    "surveyls_url",
    "surveyls_policy_notice",
    "surveyls_policy_error",
    "surveyls_policy_notice_label",
];

/// How the system runs and shows a survey, and the mails it writes.
const LOOKS: [&str; 12] = [
    "attributes.",
    "settings.",
    "texts.",
    "themes.",
    "themes_inherited.",
    "subquestions.",
    "DBVersion",
    "same_default",
    "same_script",
    "encrypted",
    "modulename",
    "type/scale",
];

/// Who runs a survey and where its mails go: addresses and access of people, of which a
/// questionnaire keeps that they were there, and nothing else.
const ADMINISTRATION: [&str; 14] = [
    "admin",
    "adminemail",
    "bounce_email",
    "bounceaccountencryption",
    "bounceaccounthost",
    "bounceaccountpass",
    "bounceaccounttype",
    "bounceaccountuser",
    "bounceprocessing",
    "emailnotificationto",
    "emailresponseto",
    "faxto",
    "googleanalyticsapikey",
    "owner_id",
];

/// Makes the document of a survey.
pub(super) fn build(survey: &Survey) -> (Document, Vec<Finding>) {
    let languages: Vec<Language> = survey
        .languages
        .iter()
        .map(|code| Language { code: code.clone(), name: language_name(code).to_owned() })
        .collect();
    let title = survey.texts.get("surveyls_title").cloned().unwrap_or_default();
    let form = title.get(survey.base()).or_else(|| title.values().next());
    let form = form.map_or_else(|| format!("survey_{}", survey.sid), |title| words(title));
    let mut draft = Draft::new(&form, Text::default(), languages);
    let mut variables = Variables::of(survey, &mut draft);
    variables.add_participants(survey, &mut draft);
    let mut builder = Builder {
        survey,
        draft,
        variables,
        computed: BTreeMap::new(),
        waiting: Vec::new(),
        looks: Vec::new(),
    };
    builder.draft.document.title = builder.text(&title, "", "");
    let sections = builder.sections();
    builder.draft.document.sections = sections;
    builder.aside();
    settle::finish(builder.draft)
}

fn words(text: &str) -> String {
    crate::draft::text::without_markup(text)
}

pub(super) struct Builder<'s> {
    pub survey: &'s Survey,
    pub draft: Draft,
    pub variables: Variables,
    /// The computed values that texts insert, by their sources.
    computed: BTreeMap<String, String>,
    /// Those that were made since the last question.
    waiting: Vec<Question>,
    /// What questions say about their looks.
    pub looks: Vec<Left>,
}

impl Builder<'_> {
    pub(super) fn context<'c>(&'c self, own: &'c str, is_constraint: bool) -> Context<'c> {
        Context { variables: &self.variables, own, is_constraint }
    }

    /// A text in its languages: without markup, answers inserted.
    pub(super) fn text(&mut self, texts: &Texts, own: &str, place: &str) -> Text {
        let mut text = Text::default();
        for (language, written) in texts {
            self.draft.beside_words(written, place);
            let language = if language.is_empty() { self.survey.base() } else { language };
            let mut whole = String::new();
            for piece in pieces(written) {
                match piece {
                    Piece::Words(words) => whole.push_str(&words),
                    Piece::Expression(source) => {
                        whole.push_str(&self.insertion(&source, own, place));
                    }
                }
            }
            if !whole.trim().is_empty() {
                text.0.insert(language.to_owned(), whole.trim().to_owned());
            }
        }
        text
    }

    /// What stands in a text in the place of an expression.
    fn insertion(&mut self, source: &str, own: &str, place: &str) -> String {
        let key = format!("{own}\u{1f}{source}");
        if let Some(name) = self.computed.get(&key) {
            return format!("${{{name}}}");
        }
        match inserted(source, self.context(own, false)) {
            Ok(Inserted::Answer(name)) => format!("${{{name}}}"),
            Ok(Inserted::Words(words)) => words,
            Ok(Inserted::Value(formula)) => {
                let wanted = if own.is_empty() { "text" } else { own };
                let name = self.draft.name_of_ours(&format!("{wanted}_insert"));
                let kind = Kind::Computed(Computed { expression: String::new(), list: None });
                let id = self.draft.id("question", &name);
                let question = Question::new(id, &name, Text::default(), kind);
                self.draft.later(Slot::Calculation(id), Ok(formula), source, place);
                self.waiting.push(question);
                self.computed.insert(key, name.clone());
                format!("${{{name}}}")
            }
            Err(reason) => {
                let source = format!("{{{source}}}");
                self.draft.condition_lost(None, "text", &source, place, reason);
                format!("[{}]", &source[1..source.len() - 1])
            }
        }
    }

    /// The values that texts since the last call insert.
    pub(super) fn inserted(&mut self) -> Vec<Question> {
        std::mem::take(&mut self.waiting)
    }

    fn sections(&mut self) -> Vec<Section> {
        let mut sections = Vec::new();
        let mut before = self.participants();
        let welcome = self.survey.texts.get("surveyls_welcometext").cloned().unwrap_or_default();
        let welcome = self.text(&welcome, "", "");
        before.extend(self.inserted());
        if !welcome.is_empty() {
            before.push(self.draft.question("welcome", welcome, Kind::Note));
            let page = self.draft.page("welcome", std::mem::take(&mut before));
            let blocks = vec![Block::Page(page)];
            sections.push(self.draft.section("welcome", Text::default(), blocks));
        }
        let survey = self.survey;
        let mut groups = Vec::new();
        for (number, group) in (1..).zip(&survey.groups) {
            groups.push(self.group(group, number, std::mem::take(&mut before)));
        }
        sections.extend(self.groups_in_order(groups));
        sections
    }

    /// What is known of the participants: columns of the frame.
    fn participants(&mut self) -> Vec<Question> {
        let mut questions = Vec::new();
        for (name, attribute) in self.variables.participant.clone() {
            let kind =
                Kind::Hidden(Hidden { source: Source::Frame(attribute), ..Hidden::default() });
            let id = self.draft.id("question", &name);
            questions.push(Question::new(id, &name, Text::default(), kind));
        }
        questions
    }

    fn group(&mut self, group: &Group, number: u32, before: Vec<Question>) -> Section {
        let place = format!("group_{number}");
        let title = self.text(&group.name, "", &place);
        let description = self.text(&group.description, "", &place);
        let mut first = before;
        first.extend(self.inserted());
        // Some systems that write tables repeat the name there.
        if !description.is_empty() && description != title {
            let name = format!("group_{number}_description");
            first.push(self.draft.question(&name, description, Kind::Note));
        }
        let mut asked = Vec::new();
        for question in &group.questions {
            asked.push((question.attribute("random_group").to_owned(), self.question(question)));
        }
        let blocks = self.pages_in_order(&format!("group_{number}"), first, asked);
        let section = self.draft.section(&format!("group_{number}"), title, blocks);
        let relevance = group.relevance.trim();
        if !matches!(relevance, "" | "1") {
            let formula = expression::condition(relevance, self.context("", false));
            self.draft.later(Slot::Section(section.id), formula, relevance, &place);
        }
        section
    }

    fn aside(&mut self) {
        for name in KEPT_TEXTS {
            let Some(texts) = self.survey.texts.get(name) else { continue };
            let said: Vec<String> =
                texts.values().map(|text| words(text)).filter(|text| !text.is_empty()).collect();
            if !said.is_empty() {
                let role = name.trim_start_matches("surveyls_");
                self.draft.kept(None, "", role, &said.join("\n"));
            }
        }
        for (role, original) in &self.survey.aside {
            self.draft.kept(None, "", role, original);
        }
        let mut left = self.survey.left.clone();
        // Points that nobody counts are written by default.
        let counts = self.survey.settings.cell("assessments") == "Y";
        for one in left.iter_mut().filter(|_| !counts) {
            if one.property.ends_with("assessment_value") {
                "settings.assessment_value".clone_into(&mut one.property);
            }
        }
        for (name, value, is_read) in self.survey.texts.accounted() {
            if !is_read && !value.is_empty() {
                left.push(Left { property: format!("texts.{name}"), place: String::new(), value });
            }
        }
        let of_people = |name: &str| ADMINISTRATION.contains(&name);
        let (people, others): (Vec<_>, Vec<_>) =
            self.survey.settings.left().into_iter().partition(|(name, _)| of_people(name));
        if !people.is_empty() {
            let names: Vec<&str> = people.into_iter().map(|(name, _)| name).collect();
            self.draft.kept(None, "", "administration", &names.join(", "));
        }
        for (name, value) in others {
            let (property, value) = (format!("settings.{name}"), value.to_owned());
            left.push(Left { property, place: String::new(), value });
        }
        left.append(&mut self.looks);
        account::tell(&mut self.draft, &left, &LOOKS);
        let has_markup = self.survey.questions().any(|question| {
            question.wording.values().any(|text| text.contains("</") || text.contains("/>"))
        });
        if has_markup {
            self.draft.note(Problem::new("import_markup", ""));
        }
    }

    /// A condition for later, read as an expression.
    pub(super) fn put_condition(&mut self, slot: Slot, source: &str, own: &str) {
        let is_constraint = matches!(slot, Slot::Constraint { .. });
        let formula = expression::condition(source, self.context(own, is_constraint));
        self.draft.later(slot, formula, source, own);
    }

    /// A condition for later that is a formula already.
    pub(super) fn put_formula(&mut self, slot: Slot, formula: Formula, original: &str, own: &str) {
        self.draft.later(slot, Ok(formula), original, own);
    }

    /// Keeps an attribute as a remark.
    pub(super) fn keep(&mut self, item: ItemId, own: &str, role: &str, original: &str) {
        self.draft.kept(Some(item), own, role, original);
    }
}
