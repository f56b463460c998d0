//! Questions, static texts and variables.

use survey_builder::problem::Problem;
use survey_builder::questionnaire::document::{
    Computed, DateRange, FileRule, Geo, Hidden, Kind, MediaKind, NumberRange, Question, Required,
    Shape, Source, Text, TextFormat, TextRule,
};

use super::names::is_on;
use super::{Reader, sort_of, string};
use crate::account::Json;
use crate::draft::{Slot, hidden_value};
use crate::formula::Formula;

impl Reader<'_> {
    /// A static text.
    pub(super) fn note(&mut self, value: &Json) -> Question {
        let name = self.draft.name_of_ours("note");
        let words = self.text(string(value, "Text"), value, "Title", "");
        let note = Question::new(self.draft.id("question", &name), &name, words, Kind::Note);
        self.condition(value, Slot::Question(note.id), &name);
        self.validations(value, None, &name);
        note
    }

    /// A variable that is worked out.
    pub(super) fn computed(&mut self, value: &Json) -> Option<Question> {
        let name = self.names.entity(value)?.name.clone();
        let label = self.text(string(value, "Label"), value, "Title", "");
        let kind = Kind::Computed(Computed { expression: String::new(), list: None });
        let question = Question::new(self.draft.id("question", &name), &name, label, kind);
        let source = string(value, "Expression");
        // What it gives is what its expression gives.
        for key in ["Type", "VariableType"] {
            value.at(key).part();
        }
        let formula = self.formula(source, None);
        self.draft.later(Slot::Calculation(question.id), formula, source, name);
        Some(question)
    }

    /// A question; nothing where its sort is not known and it asks nothing.
    pub(super) fn question(&mut self, value: &Json) -> Option<Question> {
        let name = self.names.entity(value)?.name.clone();
        let wording = self.text(string(value, "QuestionText"), value, "Title", "");
        let id = self.draft.id("question", &name);
        let mut question = Question::new(id, &name, wording, Kind::Note);
        question.kind = self.kind(value, &name);
        let is_choice = question.kind.choice().is_some();
        self.about(value, &mut question, &name);
        self.scope(value, &mut question, &name);
        self.condition(value, Slot::Question(id), &name);
        if question.kind.takes_answer() {
            self.validations(value, Some(id), &name);
            self.mask(value, &question, &name);
        }
        if is_choice && question.kind.choice().is_some() {
            self.filter(value, &question, &name);
        }
        Some(question)
    }

    /// What every question says besides what it asks.
    pub(super) fn about(&mut self, value: &Json, question: &mut Question, name: &str) {
        question.instruction = self.text(string(value, "Instructions"), value, "Instruction", "");
        if is_on(value, "IsCritical") || is_on(value.at("Properties"), "IsCritical") {
            question.required = Required::Hard;
        }
        if is_on(value, "Featured") {
            self.draft.kept(Some(question.id), name, "Featured", "true");
        }
        for key in ["DefaultDate", "AreAnswersOrdered"] {
            let written = value.get(key).or_else(|| value.at("Properties").get(key));
            if let Some(written) =
                written.filter(|one| !one.is_null() && one.as_bool() != Some(false))
            {
                self.draft.kept(Some(question.id), name, key, &written.to_string());
            }
        }
    }

    /// Who answers: what interviewers are not asked comes from elsewhere.
    fn scope(&mut self, value: &Json, question: &mut Question, name: &str) {
        let written = value.at("QuestionScope");
        let scope = match (written.as_str(), written.as_u64()) {
            (Some("Supervisor"), _) | (_, Some(1)) => "Supervisor",
            (Some("Headquarter"), _) | (_, Some(2)) => "Headquarter",
            (Some("Hidden"), _) | (_, Some(3)) => "Hidden",
            _ => return,
        };
        self.draft.kept(Some(question.id), name, "QuestionScope", scope);
        if let Some(kind) = hidden_value(&question.kind) {
            let source = match scope {
                "Supervisor" => Source::Outside(name.to_owned()),
                _ => Source::Frame(name.to_owned()),
            };
            question.kind = Kind::Hidden(Hidden { value: kind, source });
        }
    }

    fn kind(&mut self, value: &Json, name: &str) -> Kind {
        let file = |media| Kind::File(FileRule { media, at_most: None });
        match sort_of(value) {
            "SingleQuestion" | "MultyOptionsQuestion" | "MultiOptionsQuestion" => {
                self.choice(value, name)
            }
            "NumericQuestion" => self.number(value, name),
            "DateTimeQuestion" if is_on(value, "IsTimestamp") => Kind::DateTime,
            "DateTimeQuestion" => Kind::Date(DateRange::default()),
            "GpsCoordinateQuestion" => Kind::Geo(Geo { shape: Shape::Point }),
            "AreaQuestion" => Kind::Geo(Geo { shape: self.shape(value, name) }),
            "MultimediaQuestion" | "PictureQuestion" if is_on(value, "IsSignature") => {
                Kind::Signature
            }
            "MultimediaQuestion" | "PictureQuestion" => file(MediaKind::Image),
            "AudioQuestion" => file(MediaKind::Audio),
            "QRBarcodeQuestion" => {
                Kind::ShortText(TextRule { format: TextFormat::Barcode, at_most: None })
            }
            "TextQuestion" => Kind::ShortText(TextRule::default()),
            other => {
                let other = other.to_owned();
                self.draft.warn(Problem::new("import_type", name).with("type", other));
                Kind::ShortText(TextRule::default())
            }
        }
    }

    fn number(&mut self, value: &Json, name: &str) -> Kind {
        for one in ["Answers", "SpecialValues"] {
            for special in value.at(one).as_array().into_iter().flatten() {
                let id = self.draft.id("question", name);
                // Its translations go with it.
                let (code, words) = super::options::written(special);
                let text = self.text(&words, value, "SpecialValue", &code);
                let text: Vec<String> = text.0.into_values().collect();
                let said = format!("{code} = {}", text.join(" / "));
                self.draft.kept(Some(id), name, "special value", &said);
            }
        }
        let decimals = ["CountOfDecimalPlaces", "DecimalPlaces"]
            .iter()
            .find_map(|key| value.at(key).as_u64())
            .and_then(|places| u8::try_from(places).ok());
        if is_on(value, "IsInteger") {
            Kind::Integer(NumberRange::default())
        } else {
            Kind::Decimal(NumberRange { decimals, ..NumberRange::default() })
        }
    }

    fn shape(&mut self, value: &Json, name: &str) -> Shape {
        let written =
            value.get("GeometryType").or_else(|| value.at("Properties").get("GeometryType"));
        let written = written.unwrap_or(Json::nothing());
        match (written.as_str(), written.as_u64()) {
            (Some("Polyline"), _) | (_, Some(1)) => Shape::Trace,
            (Some("Point"), _) | (_, Some(2)) => Shape::Point,
            (Some("Multipoint"), _) | (_, Some(3)) => {
                let id = self.draft.id("question", name);
                self.draft.kept(Some(id), name, "GeometryType", "Multipoint");
                Shape::Trace
            }
            _ => Shape::Area,
        }
    }

    /// What a text must look like: `#` a digit, `~` a letter, `*` either.
    fn mask(&mut self, value: &Json, question: &Question, name: &str) {
        let mask = string(value, "Mask").to_owned();
        if mask.is_empty() {
            return;
        }
        let mut pattern = String::new();
        for sign in mask.chars() {
            match sign {
                '#' => pattern.push_str("[0-9]"),
                '~' => pattern.push_str("[A-Za-z]"),
                '*' => pattern.push_str("[A-Za-z0-9]"),
                sign if sign.is_alphanumeric() || sign == ' ' => pattern.push(sign),
                sign => pattern.push_str(&format!("\\{sign}")),
            }
        }
        let parts = vec![Formula::SelfValue, Formula::Text(format!("^{pattern}$"))];
        let message = Text::default();
        let slot = Slot::Constraint { question: question.id, message, soft: false };
        self.draft.later(slot, Ok(Formula::call("regex", parts)), &mask, name);
    }
}
