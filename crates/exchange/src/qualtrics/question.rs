//! One question with what is said of it.

use survey_builder::problem::phrase;
use survey_builder::questionnaire::document::{Kind, Question, Required, Text};

use super::flow::Builder;
use super::kind::setting;
use super::names::Known;
use super::survey::string;
use crate::account::Json;
use crate::draft::Slot;
use crate::formula::Formula;

impl Builder<'_> {
    /// A text of the file in all languages; pipes that cannot be followed are
    /// told.
    pub(super) fn text(&mut self, payload: &Json, path: &[&str], place: &str) -> Text {
        let base = self.survey.languages.first().map_or("EN", String::as_str);
        for written in super::text::written_in_all(payload, path, base) {
            self.draft.beside_words(&written, place);
        }
        let mut lost = Vec::new();
        let text = super::text::text(payload, path, &self.names, base, &mut lost);
        for pipe in lost {
            let reason = phrase("phrase-nothing-has-that-value");
            self.draft.condition_lost(None, "text", &pipe, place, reason);
        }
        text
    }

    /// The question of a number.
    pub(super) fn question(&mut self, id: &str, payload: &Json, known: &Known) -> Question {
        let mut wording = self.text(payload, &["QuestionText"], id);
        if wording.is_empty() {
            wording = self.draft.text(&string(payload, "QuestionDescription"));
        }
        let item = self.item(known);
        let mut question = Question::new(item, &known.name, wording, Kind::Note);
        self.kind(id, payload, known, &mut question);
        if question.kind.takes_answer() {
            question.required = match setting(payload, "ForceResponse").as_str() {
                "ON" => Required::Hard,
                "RequestResponse" => Required::Soft,
                _ => Required::No,
            };
        }
        self.filter(id, payload, known, &question);
        self.validation(id, payload, known, &question);
        if !string(payload, "QuestionJS").trim().is_empty() {
            self.draft.kept(Some(item), id, "script", &string(payload, "QuestionJS"));
        }
        // Nothing is chosen before anybody answers.
        let _ = payload.at("DefaultChoices").as_bool().filter(|chosen| !chosen);
        let groups = payload.at("ChoiceGroups");
        if !super::survey::entries(groups).is_empty() {
            self.draft.kept(Some(item), id, "groups of choices", &groups.to_string());
        }
        question
    }

    /// A validation that its author wrote as logic.
    fn validation(&mut self, id: &str, payload: &Json, known: &Known, question: &Question) {
        let settings = payload.get("Validation").and_then(|validation| validation.get("Settings"));
        let Some(custom) = settings.and_then(|settings| settings.get("CustomValidation")) else {
            return;
        };
        let Some(logic) = custom.get("Logic").filter(|logic| logic.is_object()) else { return };
        let original = super::logic::described(logic);
        let Some(formula) = super::logic::read(logic, &self.names) else { return };
        let message = custom.get("Message").map(|message| string(message, "description"));
        let message = self.draft.text(&message.unwrap_or_default());
        let is_one =
            !matches!(question.kind, Kind::Grid(_) | Kind::Battery(_) | Kind::BestWorst(_));
        if is_one {
            let slot = Slot::Constraint { question: question.id, message, soft: false };
            self.draft.later(slot, formula, &original, id);
        } else {
            // About several answers at once: looked at when all are given.
            let name = format!("{}_check", known.name);
            self.draft.later(Slot::Check { name, message }, formula, &original, id);
        }
    }

    /// The question's own conditions, with what they say.
    pub(super) fn display(&mut self, id: &str, payload: &Json) -> Vec<(Formula, String)> {
        let mut conditions = Vec::new();
        for key in ["DisplayLogic", "InPageDisplayLogic"] {
            let Some(logic) = payload.get(key).filter(|logic| logic.is_object()) else { continue };
            let said = super::logic::described(logic);
            match super::logic::read(logic, &self.names) {
                Some(Ok(formula)) => conditions.push((formula, said)),
                Some(Err(reason)) => {
                    let item = self.names.questions.get(id).map(|known| self.item(known));
                    self.draft.condition_lost(item, "relevant", &said, id, reason);
                }
                None => {}
            }
        }
        conditions
    }
}
