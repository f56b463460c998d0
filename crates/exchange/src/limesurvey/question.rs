//! One question with everything that is said of it, and its conditions.

use survey_builder::problem::{Phrase, Problem};
use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{
    Computed, Hidden, Kind, MediaKind, Question, Required, Source, Text,
};

use super::build::Builder;
use super::expression;
use super::model::Asked;
use super::text::{Piece, pieces};
use crate::account::Left;
use crate::draft::{Slot, hidden_value, text::number};
use crate::formula::Formula;

/// Attributes of the display, and of what is done with answers later: nothing of
/// what is asked or accepted. What begins with one of these is one too.
const LOOKS: [&str; 49] = [
    "answer_width",
    "array_filter_style",
    "button_size",
    "choice_input_columns",
    "choice_title",
    "clear_default",
    "crop_or_resize",
    "cssclass",
    "display_",
    "dropdown_dates_minute_step",
    "dropdown_dates_month_style",
    "dropdown_prefix",
    "dropdown_prepostfix",
    "dropdown_separators",
    "dropdown_size",
    "fix_height",
    "fix_width",
    "form_title",
    "hide_tip",
    "horizontal_scroll",
    "input_size",
    "keep_aspect",
    "label_input_columns",
    "location_city",
    "location_country",
    "location_default",
    "location_map",
    "location_nodefaultfromip",
    "location_postal",
    "location_state",
    "max_buttons_row",
    "page_break",
    "placeholder",
    "public_statistics",
    "question_theme_name",
    "rank_title",
    "repeat_headings",
    "samechoiceheight",
    "samelistheight",
    "scale_export",
    "show_",
    "showpopups",
    "slider_",
    "statistics_",
    "text_input",
    "thousands_separator",
    "use_dropdown",
    "dropdown_dates",
    "input_boxes",
];

/// Attributes that are looks by their names, and yet decide what is accepted.
const NOT_LOOKS: [&str; 2] = ["slider_accuracy", "slider_default"];

/// Whether an attribute is about the display only.
fn is_looks(name: &str) -> bool {
    !NOT_LOOKS.contains(&name) && LOOKS.iter().any(|known| name.starts_with(known))
}

/// Whether a value of an attribute that is read is one that is not carried over.
fn is_left(name: &str, value: &str, question: Option<&Question>) -> bool {
    match name {
        "answer_order" | "subquestion_order" | "parent_order" => {
            !matches!(value.to_lowercase().as_str(), "normal" | "random")
        }
        "multiflexible_step" => number(value).is_none_or(|step| (step - 1.0).abs() > 0.0),
        // A kind of file that the question cannot be held to.
        "allowed_filetypes" => question.is_some_and(
            |one| matches!(one.kind.file_rule(), Some(rule) if rule.media == MediaKind::Any),
        ),
        _ => false,
    }
}

/// Attributes that are carried when they are numbers, and whether they must be
/// whole.
const NUMBERS: [(&str, bool); 9] = [
    ("max_filesize", true),
    ("max_subquestions", true),
    ("maximum_chars", true),
    ("multiflexible_max", false),
    ("multiflexible_min", false),
    ("multiflexible_step", false),
    ("slider_accuracy", false),
    ("slider_max", false),
    ("slider_min", false),
];

/// Whether an attribute should be a number and cannot be read as one.
fn is_unread(name: &str, value: &str) -> bool {
    NUMBERS.iter().any(|(known, whole)| {
        let reads =
            if *whole { value.trim().parse::<u32>().is_ok() } else { number(value).is_some() };
        *known == name && !reads
    })
}

impl Builder<'_> {
    /// The question with those that go with it, in order.
    pub(super) fn question(&mut self, asked: &Asked) -> Vec<Question> {
        let name = self.variables.name(asked, "");
        let own = asked.place();
        let wording =
            if asked.kind == '*' { Text::default() } else { self.text(&asked.wording, own, own) };
        let hint = self.text(&asked.help, own, own);
        let id = self.draft.id("question", &name);
        let mut question = Question::new(id, &name, wording, Kind::Note);
        question.hint = hint;
        let further = self.kind(asked, &mut question);
        self.hide(asked, &mut question);
        if question.kind.takes_answer() {
            question.required = match asked.mandatory.as_str() {
                "Y" | "y" | "1" => Required::Hard,
                "S" | "s" => Required::Soft,
                _ => Required::No,
            };
        }
        let mut made = self.inserted();
        made.push(question);
        made.extend(further);
        let ids: Vec<ItemId> = made.iter().filter(|one| one.id != id).map(|one| one.id).collect();
        self.relevance(asked, id, &ids);
        self.validation(asked, id, &made);
        self.presets(asked, id, &made);
        self.attributes(asked, id, &made);
        self.without_place(asked, id);
        made
    }

    /// Keeps subquestions and answers that a question of that type does not show: those
    /// that it had before its type was changed.
    fn without_place(&mut self, asked: &Asked, id: ItemId) {
        let scales_of_parts = match asked.kind {
            'M' | 'P' | 'A' | 'B' | 'C' | 'E' | 'F' | 'H' | '1' | 'K' | 'Q' => 1,
            'R' if asked.answers.is_empty() => 1,
            'L' | '!' | 'O' | 'R' | 'Y' | 'G' | 'X' | '*' | '5' | 'N' | 'D' | 'I' | '|' | 'S'
            | 'T' | 'U' => 0,
            // Tables, and types that nobody knows.
            _ => 2,
        };
        let scales_of_answers = match asked.kind {
            'M' | 'P' | 'A' | 'B' | 'C' | 'E' | 'K' | 'Q' | 'Y' | 'G' | 'X' | '*' | '5' | 'N'
            | 'D' | 'I' | '|' | 'S' | 'T' | 'U' | ':' | ';' => 0,
            'L' | '!' | 'O' | 'R' | 'F' | 'H' => 1,
            _ => 2,
        };
        for (role, parts, scales) in [
            ("items", &asked.parts, scales_of_parts),
            ("choices", &asked.answers, scales_of_answers),
        ] {
            for part in parts.iter().filter(|part| part.scale >= scales) {
                let said = part.text.values().map(String::as_str).collect::<Vec<_>>().join(" / ");
                self.keep(id, asked.place(), role, &format!("{}: {said}", part.code));
            }
        }
    }

    /// When the question is on the path; what goes with it is then too.
    fn relevance(&mut self, asked: &Asked, id: ItemId, with: &[ItemId]) {
        let own = asked.place();
        let source = asked.relevance.trim();
        let (formula, original) = if !matches!(source, "" | "1") {
            (expression::condition(source, self.context(own, false)), source.to_owned())
        } else if let Some(formula) = self.older_conditions(asked) {
            formula
        } else {
            return;
        };
        self.draft.later(Slot::Question(id), formula.clone(), &original, own);
        // A computed value that is inserted stays: others may read it.
        if let Ok(formula) = formula {
            for id in with {
                let is_computed = self.draft.pending.iter().any(
                    |pending| matches!(pending.slot, Slot::Calculation(computed) if computed == *id),
                );
                if is_computed {
                    continue;
                }
                self.draft.also(*id, &formula, &original, own);
            }
        }
    }

    /// A question that is never shown holds a value from outside.
    fn hide(&mut self, asked: &Asked, question: &mut Question) {
        if !asked.is_on("hidden") || matches!(question.kind, Kind::Computed(_) | Kind::Hidden(_)) {
            return;
        }
        let own = asked.place();
        let value = hidden_value(&question.kind);
        match value {
            Some(value) => {
                let source = if asked.defaults.is_empty() {
                    Source::Link(asked.code.clone())
                } else {
                    Source::Default
                };
                question.kind = Kind::Hidden(Hidden { value, source });
            }
            None => {
                self.draft.remark(Some(question.id), "hidden", "1");
                self.draft.warn(Problem::new("import_hidden", own));
            }
        }
    }

    /// A computed question.
    pub(super) fn equation(&mut self, asked: &Asked, question: &mut Question) {
        let own = asked.place();
        let written = asked
            .attributes
            .get("equation")
            .filter(|texts| texts.values().any(|text| !text.trim().is_empty()));
        if written.is_some() {
            question.wording = self.text(&asked.wording, own, own);
        }
        let texts = written.unwrap_or(&asked.wording);
        let text = texts.get(self.survey.base()).or_else(|| texts.values().next());
        let source = text.cloned().unwrap_or_default();
        let formula = self.joined(&source, own);
        question.kind = if formula.is_ok() {
            Kind::Computed(Computed { expression: String::new(), list: None })
        } else {
            let source = Source::Outside("calculation".to_owned());
            Kind::Hidden(Hidden { source, ..Hidden::default() })
        };
        self.draft.later(Slot::Calculation(question.id), formula, &source, own);
    }

    /// A text with expressions as one value.
    fn joined(&mut self, source: &str, own: &str) -> Result<Formula, Phrase> {
        let context = self.context(own, false);
        let mut parts = Vec::new();
        for piece in pieces(source) {
            match piece {
                Piece::Words(words) if words.trim().is_empty() => {}
                Piece::Words(words) => parts.push(Formula::Text(words)),
                Piece::Expression(source) => parts.push(expression::value(&source, context)?),
            }
        }
        Ok(match parts.len() {
            0 => Formula::text(""),
            1 => parts.remove(0),
            _ => Formula::call("concat", parts),
        })
    }

    fn presets(&mut self, asked: &Asked, id: ItemId, made: &[Question]) {
        let own = asked.place();
        for preset in &asked.defaults {
            let value = preset.value.get(self.survey.base());
            let Some(value) = value.or_else(|| preset.value.values().next()) else { continue };
            let value = value.trim();
            // One value serves all languages here.
            for other in preset.value.values().map(|other| other.trim()) {
                if !other.is_empty() && other != value {
                    self.keep(id, own, "default", other);
                }
            }
            if value.is_empty() {
                continue;
            }
            let has_value = made.iter().any(|one| {
                let holds = one.items().len() == 1 || one.kind.choice().is_some();
                one.id == id && holds && !matches!(one.kind, Kind::Computed(_) | Kind::Multiple(_))
            });
            if preset.part.is_empty() && preset.special.is_empty() && has_value {
                let formula = if value.contains('{') {
                    self.joined(value, own)
                } else {
                    Ok(Formula::text(value))
                };
                self.draft.later(Slot::Default(id), formula, value, own);
            } else {
                let part = asked.parts.iter().find(|part| part.id == preset.part);
                let part = part.map_or(preset.part.as_str(), |part| part.code.as_str());
                let said = format!("{part} {} {value}", preset.special);
                self.keep(id, own, "default", said.trim());
            }
        }
    }

    fn has_assessments(&self) -> bool {
        self.survey.settings.cell("assessments") == "Y"
    }

    /// Tells every attribute that nobody asked for, and every value that is not
    /// carried over.
    fn attributes(&mut self, asked: &Asked, id: ItemId, made: &[Question]) {
        let question = made.iter().find(|one| one.id == id);
        for (name, value, is_read) in asked.attributes.accounted() {
            let lower = name.to_lowercase();
            if matches!(value.as_str(), "" | "0" | "N" | "n") {
                continue;
            }
            // Written by default, whether or not they do anything.
            let idle = lower.starts_with("time_limit_") && asked.attribute("time_limit").is_empty()
                || lower == "assessment_value" && !self.has_assessments()
                || lower == "other_position" && matches!(value.as_str(), "default" | "end")
                || lower == "relevance" && (value == "1" || value == asked.relevance.trim());
            let is_kept = is_unread(&lower, &value)
                || is_left(&lower, &value, question)
                || !is_read && !is_looks(&lower) && !idle;
            if is_kept {
                self.keep(id, asked.place(), &name, &value);
            } else if !is_read && !idle {
                let (property, place) = (format!("attributes.{lower}"), asked.place().to_owned());
                self.looks.push(Left { property, place, value });
            }
        }
    }
}
