//! Makes the document: forms become sections, fields questions, the fields of
//! a matrix its rows.

use std::collections::{BTreeMap, HashMap};

use survey_builder::problem::{Finding, Phrase, phrase};
use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{
    Battery, Block, Cell, Column, Computed, Document, Grid, Hidden, Kind, Question, Required, Role,
    Row, Section, Source, Text,
};

use super::annotation::{self, Tags};
use super::field::is_day;
use super::logic::{Names, formula};
use super::table::{Field, choices};
use crate::account::{self, Left};
use crate::draft::{Draft, Slot, hidden_value, settle, text::number};
use crate::formula::{Formula, Operator};

/// Makes the document of a dictionary.
pub(super) fn build(fields: &[Field], left: Vec<Left>) -> (Document, Vec<Finding>) {
    let title = fields.first().map_or("", |field| field.form.as_str());
    let mut draft = Draft::new(title, Text::default(), Vec::new());
    draft.reconsiders = true;
    draft.document.title = draft.text(&spoken(title));
    let mut names = Names { fields: BTreeMap::new() };
    let mut own = HashMap::new();
    for field in fields {
        let name = draft.name(&field.name);
        own.insert(field.line, name.clone());
        // What reads a name that is there twice reads the first.
        names.fields.entry(field.name.clone()).or_insert(name);
    }
    let mut builder = Builder { draft, names, own };
    let mut sections = Vec::new();
    let mut rest = fields;
    while let Some(first) = rest.first() {
        let length = rest.iter().take_while(|field| field.form == first.form).count();
        let (form, others) = rest.split_at(length);
        sections.push(builder.form(form));
        rest = others;
    }
    builder.draft.document.sections = sections;
    let mut left = left;
    left.extend(fields.iter().flat_map(Field::left));
    left.extend(fields.iter().flat_map(Field::beside_words));
    account::tell(&mut builder.draft, &left, &[]);
    settle::finish(builder.draft)
}

/// A name of a form as words.
fn spoken(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut characters = words.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

pub(super) struct Builder {
    pub draft: Draft,
    names: Names,
    /// What each field is called here, by its line: a name may be there twice.
    own: HashMap<usize, String>,
}

impl Builder {
    /// Words without markup in which fields are inserted.
    pub(super) fn text(&self, written: &str) -> Text {
        let plain = crate::draft::text::without_markup(written);
        let mut parts = plain.split('[');
        let mut words = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let known = part.split_once(']').and_then(|(inner, rest)| {
                let name = inner.split([':', '(']).next()?;
                Some((self.names.fields.get(name)?, rest))
            });
            match known {
                Some((name, rest)) => words.push_str(&format!("${{{name}}}{rest}")),
                None => {
                    words.push('[');
                    words.push_str(part);
                }
            }
        }
        self.draft.text(&words)
    }

    fn name(&self, field: &Field) -> String {
        self.own.get(&field.line).cloned().unwrap_or_default()
    }

    pub(super) fn item(&self, field: &Field) -> ItemId {
        self.draft.id("question", &self.name(field))
    }

    fn form(&mut self, fields: &[Field]) -> Section {
        let name = fields.first().map_or("", |field| field.form.as_str()).to_owned();
        let mut blocks = Vec::new();
        let mut header = Text::default();
        let mut waiting: Vec<Question> = Vec::new();
        let mut rest = fields;
        while let Some(field) = rest.first() {
            let together = if field.has("matrix") {
                rest.iter()
                    .enumerate()
                    .take_while(|(place, other)| {
                        other.cell("matrix") == field.cell("matrix")
                            && other.kind == field.kind
                            && (*place == 0 || !other.has("header"))
                    })
                    .count()
            } else {
                1
            };
            let (own, others) = rest.split_at(together);
            rest = others;
            let is_matrix = field.has("matrix");
            if field.has("header") && !is_matrix {
                blocks.extend(self.part(&name, &header, std::mem::take(&mut waiting)));
                header = self.text(field.cell("header"));
            }
            if is_matrix {
                waiting.push(self.matrix(own));
            } else {
                waiting.push(self.question(field));
            }
        }
        blocks.extend(self.part(&name, &header, waiting));
        let title = self.draft.text(&spoken(&name));
        self.draft.section(&name, title, blocks)
    }

    /// The fields under a header: a section within; without one only a page.
    fn part(&mut self, form: &str, header: &Text, questions: Vec<Question>) -> Option<Block> {
        let name = questions.first().map(|question| question.name.clone())?;
        let page = Block::Page(self.draft.page(&name, questions));
        if header.is_empty() {
            return Some(page);
        }
        let wanted = format!("{form}_{name}");
        Some(Block::Section(self.draft.section(&wanted, header.clone(), vec![page])))
    }

    fn question(&mut self, field: &Field) -> Question {
        let (tags, rest) = annotation::read(field.cell("annotation"));
        let id = self.item(field);
        let wording = self.text(field.cell("label"));
        let mut question = Question::new(id, &self.name(field), wording, Kind::Note);
        question.hint = self.text(field.cell("note"));
        if field.has("number") {
            question.number = Some(field.cell("number").to_owned());
        }
        question.kind = if field.kind == "calc" {
            self.calculated(field, field.cell("choices"), &mut question)
        } else if let Some(source) = tags.any(&["CALCTEXT", "CALCDATE"]) {
            self.calculated(field, source, &mut question)
        } else {
            self.kind(field, &tags)
        };
        self.properties(field, &mut question, &tags, &rest);
        self.condition(field, Slot::Question(id));
        self.bounds(field, &question);
        question
    }

    fn calculated(&mut self, field: &Field, source: &str, question: &mut Question) -> Kind {
        let formula = formula(source, &self.names);
        let is_read = formula.is_ok();
        let slot = Slot::Calculation(question.id);
        self.draft.later(slot, formula, source, field.place());
        if is_read {
            return Kind::Computed(Computed { expression: String::new(), list: None });
        }
        let source = Source::Outside("calculation".to_owned());
        Kind::Hidden(Hidden { source, ..Hidden::default() })
    }

    fn condition(&mut self, field: &Field, slot: Slot) {
        if field.has("logic") {
            let formula = formula(field.cell("logic"), &self.names);
            self.draft.later(slot, formula, field.cell("logic"), field.place());
        }
    }

    /// What columns and tags say of a field besides its kind.
    fn properties(&mut self, field: &Field, question: &mut Question, tags: &Tags, rest: &str) {
        let (id, place) = (question.id, field.place());
        if question.kind.takes_answer() {
            question.required =
                if field.says_yes("required") { Required::Hard } else { Required::No };
            question.read_only = tags.any(&["READONLY", "READONLY-SURVEY"]).is_some();
        }
        if field.says_yes("identifier") {
            question.roles.push(Role::Sensitive);
        }
        let has_value = question.kind.answer_type().is_some();
        let default = has_value.then(|| tags.any(&["DEFAULT", "SETVALUE"])).flatten();
        let is_day = matches!(question.kind, Kind::Date(_));
        let is_today = is_day && tags.any(&["TODAY", "TODAY-SERVER"]).is_some();
        if let Some(value) = default {
            let value_formula = self.default(value);
            self.draft.later(Slot::Default(id), value_formula, value, &place);
        } else if is_today {
            let today = Formula::call("today", Vec::new());
            self.draft.later(Slot::Default(id), Ok(today), "@TODAY", &place);
        }
        if question.kind.choice().is_some()
            && let Some(hidden) = tags.given("HIDECHOICE")
        {
            let tests = hidden.split(',').map(|code| {
                let column = Formula::Column("name".to_owned());
                Formula::binary(Operator::NotEqual, column, Formula::text(code.trim()))
            });
            if let Some(formula) = Formula::all(tests) {
                self.draft.later(Slot::Filter(id), Ok(formula), hidden, &place);
            }
        }
        if tags.any(&["HIDDEN", "HIDDEN-SURVEY"]).is_some() {
            let value = hidden_value(&question.kind);
            match value {
                Some(value) => {
                    let source = if default.is_some() || is_today {
                        Source::Default
                    } else {
                        Source::Outside("record".to_owned())
                    };
                    question.kind = Kind::Hidden(Hidden { value, source });
                    question.required = Required::default();
                }
                None => self.draft.kept(Some(id), &place, "annotation", "@HIDDEN"),
            }
        }
        for tag in tags.left() {
            let said = format!("@{} {}", tag.name, tag.value);
            self.draft.kept(Some(id), &place, "annotation", said.trim());
        }
        if !rest.is_empty() {
            self.draft.kept(Some(id), &place, "annotation", rest);
        }
    }

    fn default(&self, value: &str) -> Result<Formula, Phrase> {
        let whole = value.strip_prefix('[').and_then(|inner| inner.strip_suffix(']'));
        match whole {
            Some(_) => formula(value, &self.names),
            None if value.contains('[') => Err(phrase("phrase-default-with-fields")),
            None => Ok(Formula::text(value)),
        }
    }

    /// Bounds that are no plain values: `today`, another field.
    fn bounds(&mut self, field: &Field, question: &Question) {
        let fits = matches!(question.kind, Kind::Integer(_) | Kind::Decimal(_) | Kind::Date(_));
        for (bound, operator) in [
            (field.cell("minimum"), Operator::GreaterOrEqual),
            (field.cell("maximum"), Operator::LessOrEqual),
        ] {
            let is_plain =
                bound.is_empty() || number(&bound.replace(',', ".")).is_some() || is_day(bound);
            if matches!(question.kind, Kind::DateTime | Kind::Time) && !bound.is_empty() {
                self.draft.kept(Some(question.id), field.place(), "bound", bound);
                continue;
            }
            let is_read = match question.kind {
                Kind::Scale(_) => bound.is_empty() || bound.parse::<i32>().is_ok(),
                _ => fits || bound.is_empty(),
            };
            if !is_read {
                self.draft.kept(Some(question.id), field.place(), "bound", bound);
            }
            if is_plain || !fits {
                continue;
            }
            let right = match bound {
                "today" | "now" => Ok(Formula::call("today", Vec::new())),
                other => formula(other, &self.names),
            };
            let formula = right.map(|right| Formula::binary(operator, Formula::SelfValue, right));
            let slot =
                Slot::Constraint { question: question.id, message: Text::default(), soft: false };
            self.draft.later(slot, formula, bound, field.place());
        }
    }

    /// Fields that are rows of one table.
    fn matrix(&mut self, fields: &[Field]) -> Question {
        let Some(first) = fields.first() else {
            return self.draft.question("matrix", Text::default(), Kind::Note);
        };
        let (tags, _) = annotation::read(first.cell("annotation"));
        let wording = self.text(first.cell("header"));
        let mut question = self.draft.question(first.cell("matrix"), wording, Kind::Note);
        let options = self.options(first, &tags);
        let list = self.draft.list_of(first.cell("matrix"), options);
        let mut rows = Vec::new();
        for field in fields {
            let name = self.name(field);
            let id = self.draft.id("row", &name);
            let wording = self.text(field.cell("label"));
            self.condition(field, Slot::Row(id));
            rows.push(Row { id, name, wording, relevant: None });
            if field.has("annotation") {
                let said = field.cell("annotation");
                self.draft.kept(Some(id), field.place(), "annotation", said);
            }
            if choices(field.cell("choices")) != choices(first.cell("choices"))
                && field.has("choices")
            {
                self.draft.kept(Some(id), field.place(), "choices", field.cell("choices"));
            }
        }
        if first.says_yes("ranking") {
            let said = "each choice may be taken once only";
            self.draft.kept(Some(question.id), first.place(), "matrix ranking", said);
        }
        question.kind = if first.kind == "checkbox" {
            let id = self.draft.id("column", &question.name);
            let cell = Cell::Multiple { list };
            let label = Text::default();
            let columns = vec![Column { id, name: "chosen".to_owned(), label, cell }];
            Kind::Grid(Grid { rows, columns, shuffled: false, total: None })
        } else {
            Kind::Battery(Battery { list, rows, shuffled: false })
        };
        let needed = fields.iter().any(|field| field.says_yes("required"));
        question.required = if needed { Required::Hard } else { Required::No };
        if fields.iter().any(|field| field.says_yes("identifier")) {
            question.roles.push(Role::Sensitive);
        }
        question
    }
}
