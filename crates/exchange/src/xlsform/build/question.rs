//! One question from its row.

use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{
    Choice, Computed, DatePart, DateRange, EditCheck, FileRule, Geo, Hidden, Kind, Media,
    MediaKind, MultipleChoice, NumberRange, OtherText, Points, Question, Required, Role, Scale,
    Shape, Shown, Source, Text, TextFormat, TextRule, ValueKind, identity_of,
};
use survey_builder::questionnaire::expression::print_number;

use super::super::problem::Detail;
use super::super::row::{Asked, From, Options};
use super::super::sheet::Row;
use super::super::xpath;
use super::bounds::bound;
use super::{Builder, KEPT};
use crate::draft::settle::about;
use crate::draft::{Pending, Slot, text::number};
use crate::formula::Formula;

const ROLES: &str = "consent, weighting, design_weight, key_outcome, sensitive, split_ballot";

/// Whether a cell says no.
fn is_no(cell: &str) -> bool {
    matches!(cell.to_lowercase().trim_end_matches("()"), "no" | "false" | "0")
}

/// Whether a cell says yes.
pub(super) fn is_yes(cell: &str) -> bool {
    matches!(cell.to_lowercase().trim_end_matches("()"), "yes" | "true" | "1")
}

impl<'s> Builder<'s> {
    /// The question of a row with those that go with it, in order.
    pub(super) fn question(&mut self, row: &'s Row, asked: &Asked) -> Vec<Question> {
        let mut made: Vec<Question> = self.asked(row, asked).into_iter().collect();
        if !self.cell(row, "calculation").is_empty()
            && let Some(worked_out) = made.pop_if(|one| one.kind.takes_answer())
        {
            let source = self.cell(row, "calculation");
            match self.parse(row, "calculation", source, Some(worked_out.id)) {
                Some(formula) => made.extend(self.worked_out(row, worked_out, formula)),
                // What cannot be worked out is asked.
                None => made.push(worked_out),
            }
        }
        made.splice(0..0, std::mem::take(&mut self.inserted));
        made
    }

    /// A question whose answer is worked out: a value, and a note that shows it.
    fn worked_out(&mut self, row: &'s Row, question: Question, formula: Formula) -> [Question; 2] {
        let (id, name) = (question.id, question.name.clone());
        let list = question.kind.list().map(str::to_owned);
        // What is asked of an answer holds for nothing that nobody gives.
        self.draft.pending.retain(|pending| {
            pending.slot.item() != Some(id) || matches!(pending.slot, Slot::Question(_))
        });
        for column in ["required", "constraint", "constraint_message", "default", "choice_filter"] {
            let cell = self.cell(row, column);
            if !cell.is_empty() && !is_yes(cell) && !is_no(cell) {
                self.draft.remark(Some(id), column, cell);
                self.add(row, column, Detail::XlsformColumnNotCarried);
            }
        }
        let mut value = Question::new(
            id,
            &name,
            Text::default(),
            Kind::Computed(Computed { expression: String::new(), list }),
        );
        value.roles.clone_from(&question.roles);
        let (source, place) =
            (self.cell(row, "calculation"), format!("{} calculation", row.number));
        self.draft.later(Slot::Calculation(id), Ok(formula), source, &place);
        let mut wording = question.wording;
        for words in wording.0.values_mut() {
            words.push_str(&format!(" ${{{name}}}"));
        }
        let mut shown = self.draft.question(&format!("{name}_shown"), wording, Kind::Note);
        (shown.hint, shown.instruction, shown.media, shown.number) =
            (question.hint, question.instruction, question.media, question.number);
        let condition = self
            .draft
            .pending
            .iter()
            .find(|pending| matches!(pending.slot, Slot::Question(question) if question == id));
        if let Some(condition) = condition.cloned() {
            let Pending { formula, original, place, .. } = condition;
            self.draft.later(Slot::Question(shown.id), Ok(formula), &original, place);
        }
        [value, shown]
    }

    fn asked(&mut self, row: &'s Row, asked: &Asked) -> Option<Question> {
        if *asked == Asked::External {
            let what = format!("{} {}", self.cell(row, "type"), self.cell(row, "name"));
            self.draft.remark(None, "external data", &what);
            return None;
        }
        let wording = self.text(row, "label");
        let wording = self.looked_up(row, "label", wording);
        let wanted = self.name(row);
        let check = self.cell(row, "x_check");
        if !check.is_empty() {
            // Ours: the note that says it is made again when it is written.
            let said = wording.0.values().any(|words| *words != wanted);
            self.draft.document.checks.push(EditCheck {
                id: self.draft.id("check", &wanted),
                name: wanted,
                expression: check.to_owned(),
                message: if said { wording } else { Text::default() },
            });
            return None;
        }
        // Names are kept per group there, here in the whole document.
        let mut question = self.draft.question(&wanted, wording, Kind::Note);
        let name = question.name.clone();
        self.places.call(row, &name);
        question.kind = self.kind(row, asked, &name)?;
        let hint = self.text(row, "hint");
        question.hint = self.looked_up(row, "hint", hint);
        question.instruction = self.text(row, "guidance_hint");
        self.condition(row, "relevant", Slot::Question(question.id));
        question.roles = self.roles(row);
        if question.roles.contains(&Role::Consent)
            && let Kind::Single(choice) = question.kind
        {
            question.kind = Kind::Consent(choice);
        }
        let number = self.cell(row, "x_number");
        question.number = (!number.is_empty()).then(|| number.to_owned());
        question.media = self.media(row);
        if !question.kind.is_silent() && question.wording.is_empty() {
            if question.media.is_empty() && question.hint.is_empty() {
                self.add(row, "label", Detail::XlsformLabelMissing);
            }
            for language in self.languages.all() {
                question.wording.0.insert(language.code, name.clone());
            }
        }
        let appearance = self.cell(row, "appearance");
        question.appearance = (!appearance.is_empty()).then(|| appearance.to_owned());
        question.read_only = question.kind.takes_answer() && is_yes(self.cell(row, "readonly"));
        self.require(row, &mut question);
        let beside = self.cell(row, "x_beside");
        if !beside.is_empty() {
            self.besides.push((beside.to_owned(), name.clone()));
        }
        self.default(row, &question);
        if question.kind.takes_answer() {
            let message = self.text(row, "constraint_message");
            let soft = is_yes(self.cell(row, "x_soft"));
            let said = xpath::parse(self.cell(row, "constraint"))
                .map(|parsed| about(parsed, self.cell(row, "name")))
                .is_ok_and(|parsed| !soft && bound(&parsed, &mut question.kind));
            // What the kind says has words of its own, but not the author's.
            if !said || !message.is_empty() {
                let slot = Slot::Constraint { question: question.id, message, soft };
                self.condition(row, "constraint", slot);
            }
        }
        for column in KEPT {
            let cell = self.cell(row, column);
            if !cell.is_empty() {
                self.draft.remark(Some(question.id), column, cell);
            }
        }
        Some(question)
    }

    fn kind(&mut self, row: &'s Row, asked: &Asked, name: &str) -> Option<Kind> {
        let file = |media| Kind::File(FileRule { media, ..FileRule::default() });
        let geo = |shape| Kind::Geo(Geo { shape });
        let text = |format| Kind::ShortText(TextRule { format, ..TextRule::default() });
        Some(match asked {
            Asked::SelectOne(options) => match self.choice(row, options, name) {
                Some(choice) => Kind::Single(choice),
                None => text(TextFormat::Any),
            },
            Asked::SelectMultiple(options) => match self.choice(row, options, name) {
                Some(choice) => {
                    Kind::Multiple(MultipleChoice { choice, ..MultipleChoice::default() })
                }
                None => text(TextFormat::Any),
            },
            Asked::Rank(options) => match self.choice(row, options, name) {
                Some(choice) => {
                    Kind::Ranking(MultipleChoice { choice, ..MultipleChoice::default() })
                }
                None => text(TextFormat::Any),
            },
            Asked::Integer => Kind::Integer(NumberRange::default()),
            Asked::Decimal => Kind::Decimal(NumberRange::default()),
            Asked::Percentage => Kind::Integer(NumberRange {
                minimum: Some(0.0),
                maximum: Some(100.0),
                unit: self.draft.text("%"),
                ..NumberRange::default()
            }),
            Asked::Range => self.range(row, identity_of(&self.draft.form, "question", name)),
            Asked::Text if self.has_appearance(row, "multiline") => {
                Kind::LongText(TextRule::default())
            }
            Asked::Text if self.has_appearance(row, "numbers") => text(TextFormat::Digits),
            Asked::Text if self.has_appearance(row, "url") => text(TextFormat::Url),
            Asked::Text => text(TextFormat::Any),
            Asked::Barcode => text(TextFormat::Barcode),
            Asked::Date => {
                let precision = if self.has_appearance(row, "year") {
                    DatePart::Year
                } else if self.has_appearance(row, "month-year") {
                    DatePart::Month
                } else {
                    DatePart::Day
                };
                Kind::Date(DateRange { precision, ..DateRange::default() })
            }
            Asked::Time => Kind::Time,
            Asked::DateTime => Kind::DateTime,
            Asked::Image if self.has_appearance(row, "signature") => Kind::Signature,
            Asked::Image
                if self.has_appearance(row, "draw") || self.has_appearance(row, "annotate") =>
            {
                file(MediaKind::Drawing)
            }
            Asked::Image => file(MediaKind::Image),
            Asked::Audio => file(MediaKind::Audio),
            Asked::Video => file(MediaKind::Video),
            Asked::File => file(MediaKind::Any),
            Asked::Point => geo(Shape::Point),
            Asked::Trace => geo(Shape::Trace),
            Asked::Area => geo(Shape::Area),
            Asked::Acknowledge => Kind::Acknowledge,
            Asked::Note => Kind::Note,
            Asked::Calculate => self.computed(row, name)?,
            Asked::Hidden | Asked::External => {
                let source = match self.cell(row, "x_source").split_once(' ') {
                    Some(("frame", name)) => Source::Frame(name.to_owned()),
                    Some(("link", name)) => Source::Link(name.to_owned()),
                    Some(("outside", name)) => Source::Outside(name.to_owned()),
                    Some(("interview", name)) => Source::Interview(name.to_owned()),
                    _ => Source::Default,
                };
                Kind::Hidden(Hidden { source, ..Hidden::default() })
            }
            Asked::Metadata(what) => Kind::Hidden(Hidden {
                value: if *what == "today" { ValueKind::Date } else { ValueKind::Text },
                source: Source::Interview((*what).to_owned()),
            }),
        })
    }

    /// The pairs of the parameters cell.
    fn parameters(&self, row: &'s Row) -> Vec<(String, String)> {
        let cell = self.cell(row, "parameters");
        cell.split([' ', ',', ';'])
            .filter_map(|part| part.split_once('='))
            .map(|(name, value)| (name.trim().to_lowercase(), value.trim().to_owned()))
            .collect()
    }

    /// Keeps a parameter that has no counterpart, and tells it.
    fn without_parameter(&mut self, row: &'s Row, item: ItemId, parameter: &str, value: &str) {
        let name = format!("{parameter}={value}");
        self.draft.remark(Some(item), "parameters", &name);
        self.add(row, "parameters", Detail::XlsformParameterNotCarried { name });
    }

    fn range(&mut self, row: &'s Row, item: ItemId) -> Kind {
        let parameters = self.parameters(row);
        for (parameter, value) in &parameters {
            if !["start", "end", "step"].contains(&parameter.as_str()) {
                self.without_parameter(row, item, parameter, value);
            }
        }
        let value = |name: &str, or_else: f64| {
            let found = parameters.iter().find(|(known, _)| known == name);
            found.and_then(|(_, value)| number(value)).unwrap_or(or_else)
        };
        let (start, end, step) = (value("start", 1.0), value("end", 10.0), value("step", 1.0));
        let whole = |number: f64| number.fract().abs() < 1e-9 && number.abs() < 1e6;
        if whole(start) && whole(end) && whole(step) && step >= 1.0 {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
            let (from, to, step) = (start.min(end) as i32, start.max(end) as i32, step as u32);
            let shown = if self.has_appearance(row, "rating") {
                Points::Stars
            } else if self.has_appearance(row, "picker") {
                Points::Numbers
            } else {
                Points::Slider
            };
            let (low, high) = (self.text(row, "x_low"), self.text(row, "x_high"));
            return Kind::Scale(Scale { from, to, step, low, high, shown });
        }
        if parameters.iter().any(|(known, _)| known == "step") {
            self.without_parameter(row, item, "step", &print_number(step));
        }
        Kind::Decimal(NumberRange {
            minimum: Some(start.min(end)),
            maximum: Some(start.max(end)),
            ..NumberRange::default()
        })
    }

    /// What is chosen from; `None` where the options are in another file.
    fn choice(&mut self, row: &'s Row, options: &Options, name: &str) -> Option<Choice> {
        let id = identity_of(&self.draft.form, "question", name);
        let mut list = match &options.from {
            From::List(list) => list.clone(),
            From::External(list) => {
                let further = format!("{list}_external");
                let known = [further, list.clone()]
                    .into_iter()
                    .find(|list| self.draft.document.list(list).is_some());
                match known {
                    Some(list) => list,
                    None => {
                        self.other_options(row, name, list);
                        return None;
                    }
                }
            }
            From::File(file) => {
                self.other_options(row, name, file);
                return None;
            }
            From::Answers(question) => {
                self.other_options(row, name, &format!("answers to {question}"));
                return None;
            }
        };
        let other = options.or_other.then(|| self.other(&mut list, name));
        self.condition(row, "choice_filter", Slot::Filter(id));
        let mut choice = Choice { other, ..Choice::of(&list) };
        for (parameter, value) in self.parameters(row) {
            match parameter.as_str() {
                "randomize" => choice.shuffled = is_yes(&value),
                // A seed among them: each response has its own.
                _ => self.without_parameter(row, id, &parameter, &value),
            }
        }
        let has = |wanted: &[&str]| wanted.iter().any(|word| self.has_appearance(row, word));
        choice.shown = if has(&["autocomplete", "search"]) {
            Shown::Search
        } else if has(&["minimal", "compact", "dropdown"]) {
            Shown::Dropdown
        } else if has(&["likert", "horizontal", "columns-pack", "horizontal-compact"]) {
            Shown::Buttons
        } else if has(&["no-buttons", "image-map"]) {
            Shown::Images
        } else {
            Shown::List
        };
        Some(choice)
    }

    fn other_options(&mut self, row: &'s Row, name: &str, file: &str) {
        let id = identity_of(&self.draft.form, "question", name);
        let what = format!("{} ({file})", self.cell(row, "type"));
        self.draft.remark(Some(id), "options", &what);
        let filter = self.cell(row, "choice_filter");
        if !filter.is_empty() {
            self.draft.remark(Some(id), "filter", filter);
        }
        self.add(row, "type", Detail::XlsformOptionsElsewhere { file: file.to_owned() });
    }

    /// The box beside "other", and the list with that option.
    fn other(&mut self, list: &mut String, name: &str) -> OtherText {
        let mut options =
            self.draft.document.list(list).map(|list| list.options.clone()).unwrap_or_default();
        if !options.iter().any(|option| option.code == "other") {
            let mut label = Text::default();
            for language in self.languages.all() {
                label.0.insert(language.code, "Other".to_owned());
            }
            let id = identity_of(&self.draft.form, "option", "other");
            options
                .push(survey_builder::questionnaire::document::ListOption::new(id, "other", label));
            *list = self.draft.list_of(&format!("{list}_or_other"), options);
        }
        let name = self.draft.name(&format!("{name}_other"));
        let id = self.draft.id("question", &name);
        OtherText { id, name, option: "other".to_owned(), wording: Text::default() }
    }

    /// A calculation: its type becomes known at the end.
    fn computed(&mut self, row: &'s Row, name: &str) -> Option<Kind> {
        let id = identity_of(&self.draft.form, "question", name);
        let mut column = "calculation";
        if self.cell(row, column).is_empty() {
            column = "default";
            if self.cell(row, column).is_empty() {
                self.add(row, "calculation", Detail::XlsformCalculationMissing);
                return None;
            }
        }
        let before = self.draft.pending.len();
        self.condition(row, column, Slot::Calculation(id));
        if self.draft.pending.len() == before {
            let source = Source::Outside("calculation".to_owned());
            return Some(Kind::Hidden(Hidden { source, ..Hidden::default() }));
        }
        let list = self.cell(row, "x_list");
        let known = self.draft.document.list(list).map(|list| list.name.clone());
        Some(Kind::Computed(Computed { expression: String::new(), list: known }))
    }

    fn require(&mut self, row: &'s Row, question: &mut Question) {
        let cell = self.cell(row, "required");
        let value = cell.to_lowercase();
        question.required = match value.trim_end_matches("()") {
            "yes" | "true" | "1" => Required::Hard,
            // An open comment is an offer, not a question to press.
            "" if self.cell(row, "x_required") == "soft" => Required::Soft,
            "" if matches!(question.kind, Kind::LongText(_)) => Required::No,
            "" => Required::Soft,
            "no" | "false" | "0" => Required::No,
            _ => {
                self.condition(row, "required", Slot::Required(question.id, Required::Hard));
                Required::Soft
            }
        };
    }

    fn default(&mut self, row: &'s Row, question: &Question) {
        let takes = question.kind.takes_answer() || matches!(question.kind, Kind::Hidden(_));
        if !takes {
            return;
        }
        let cell = self.cell(row, "default");
        if cell.is_empty() {
            return;
        }
        let slot = Slot::Default(question.id);
        if is_formula(cell) {
            self.condition(row, "default", slot);
        } else {
            let place = format!("{} default", row.number);
            self.draft.later(slot, Ok(Formula::text(cell)), cell, &place);
        }
    }

    fn media(&self, row: &'s Row) -> Vec<Media> {
        let columns = [
            ("image", MediaKind::Image),
            ("big_image", MediaKind::Image),
            ("audio", MediaKind::Audio),
            ("video", MediaKind::Video),
        ];
        columns
            .into_iter()
            .map(|(column, kind)| Media { kind, file: self.text(row, column) })
            .filter(|media| !media.file.is_empty())
            .collect()
    }

    pub(super) fn roles(&mut self, row: &'s Row) -> Vec<Role> {
        let mut roles = Vec::new();
        let cell = self.cell(row, "x_role");
        for word in cell.split([',', ' ', ';']).filter(|word| !word.is_empty()) {
            roles.push(match word {
                "consent" => Role::Consent,
                "weighting" => Role::Weighting,
                "design_weight" => Role::DesignWeight,
                "key_outcome" => Role::KeyOutcome,
                "sensitive" => Role::Sensitive,
                "split_ballot" => Role::SplitBallot,
                _ => {
                    let (value, known) = (word.to_owned(), ROLES.to_owned());
                    self.add(row, "x_role", Detail::XlsformValueUnknown { value, known });
                    continue;
                }
            });
        }
        roles
    }
}

/// Whether a default is worked out, not written.
fn is_formula(cell: &str) -> bool {
    if cell.contains("${") {
        return true;
    }
    let called = cell.char_indices().any(|(place, next)| {
        next == '(' && cell[..place].ends_with(|before: char| before.is_ascii_lowercase())
    });
    called && xpath::parse(cell).is_ok()
}
