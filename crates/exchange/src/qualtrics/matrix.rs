//! Questions with rows: matrices, forms, sliders, constant sums, side by side.

use survey_builder::problem::phrase;
use survey_builder::questionnaire::document::{
    Battery, Cell, Column, Grid, Kind, ListOption, NumberRange, Question, Row, Text, TextRule,
};

use super::flow::Builder;
use super::kind::{choices, number_range, setting};
use super::names::{Known, Sort};
use super::survey::{is_on, list, ordered, string};
use crate::account::Json;
use crate::draft::{Slot, text::number};
use crate::formula::Formula;

/// What parts the two ends of a row.
const ENDS: &str = ":";

impl Builder<'_> {
    fn rows(&mut self, id: &str, payload: &Json, known: &Known) -> Vec<Row> {
        let offered = self.offered(id, payload);
        let mut rows = Vec::new();
        for (number, _) in choices(self.survey, payload) {
            let Some(name) = known.rows.get(&number).cloned() else { continue };
            let row = self.draft.id("row", &name);
            let mut wording = self.choice_text(id, payload, &number);
            if string(payload, "Selector") == "Bipolar" {
                for words in wording.0.values_mut() {
                    *words = words.replacen(ENDS, " – ", 1);
                }
            }
            if let Some((_, formula, original)) =
                offered.iter().find(|(offered, ..)| *offered == number)
            {
                self.draft.later(Slot::Row(row), Ok(formula.clone()), original, id);
            }
            rows.push(Row { id: row, name, wording, relevant: None });
        }
        rows
    }

    /// The answers of rows as options.
    fn answers(&mut self, id: &str, payload: &Json, known: &Known, key: &str) -> Vec<ListOption> {
        let mut options = Vec::new();
        for (number, answer) in ordered(payload, key, "AnswerOrder") {
            let mut label = self.text(payload, &[key, &number, "Display"], id);
            if label.is_empty() {
                // Groups are written as plain texts.
                label = self.text(payload, &[key, &number], id);
            }
            if label.is_empty() {
                label = self.draft.text(&number);
            }
            if let Some(logic) = answer.get("DisplayLogic").filter(|logic| logic.is_object()) {
                let said = super::logic::described(logic);
                let item = Some(self.item(known));
                let reason = phrase("phrase-column-with-a-condition");
                self.draft.condition_lost(item, "filter", &said, id, reason);
            }
            let code = known.answers.get(&number).unwrap_or(&number);
            let mut option = ListOption::new(uuid::Uuid::nil(), code, label);
            option.exclusive = is_on(answer, "ExclusiveAnswer");
            options.push(option);
        }
        options
    }

    pub(super) fn battery(&mut self, id: &str, payload: &Json, known: &Known) -> Kind {
        let kind = string(payload, "QuestionType");
        let mut options = match kind.as_str() {
            "PGR" => self.answers(id, payload, known, "Groups"),
            _ => self.answers(id, payload, known, "Answers"),
        };
        if kind == "HotSpot" && options.is_empty() {
            for (code, word) in [("1", "Dislike"), ("2", "Neutral"), ("3", "Like")] {
                options.push(ListOption::new(uuid::Uuid::nil(), code, self.draft.text(word)));
            }
        }
        let list = self.draft.list_of(&known.name, options);
        let rows = self.rows(id, payload, known);
        Kind::Battery(Battery { list, rows, shuffled: self.is_shuffled(id, payload, known) })
    }

    pub(super) fn grid(
        &mut self,
        id: &str,
        payload: &Json,
        known: &Known,
        question: &Question,
    ) -> Kind {
        let columns = match known.sort {
            Sort::RowsOfMany => {
                let options = self.answers(id, payload, known, "Answers");
                let list = self.draft.list_of(&known.name, options);
                vec![self.column(known, "chosen", Text::default(), Cell::Multiple { list })]
            }
            Sort::Cells => self.cells(id, payload, known),
            Sort::Columns => self.side_by_side(id, payload, known),
            _ => self.values(id, payload, known),
        };
        let total = setting(payload, "ChoiceTotal");
        if let Some(total) = number(&total)
            && matches!(string(payload, "QuestionType").as_str(), "CS" | "Matrix")
        {
            let slot = Slot::Total(question.id);
            self.draft.later(slot, Ok(Formula::Number(total)), &total.to_string(), id);
        }
        let rows = self.rows(id, payload, known);
        Kind::Grid(Grid {
            rows,
            columns,
            shuffled: self.is_shuffled(id, payload, known),
            total: None,
        })
    }

    fn column(&mut self, known: &Known, name: &str, label: Text, cell: Cell) -> Column {
        let id = self.draft.id("column", &format!("{}\u{1f}{name}", known.name));
        Column { id, name: name.to_owned(), label, cell }
    }

    /// One value a row.
    fn values(&mut self, id: &str, payload: &Json, known: &Known) -> Vec<Column> {
        let cell = match string(payload, "QuestionType").as_str() {
            "TE" => {
                let numbers = choices(self.survey, payload).into_iter().all(|(_, choice)| {
                    choice
                        .get("TextEntryValidation")
                        .is_some_and(|word| word.as_str() == Some("ValidNumber"))
                });
                let numbers = numbers && !known.rows.is_empty();
                if numbers || setting(payload, "ContentType") == "ValidNumber" {
                    let validation = payload.at("Validation");
                    Cell::Decimal(number_range(validation))
                } else {
                    Cell::Text(TextRule::default())
                }
            }
            _ => self.slider(id, payload, known),
        };
        vec![self.column(known, "value", Text::default(), cell)]
    }

    fn slider(&mut self, id: &str, payload: &Json, known: &Known) -> Cell {
        let settings = payload.at("Configuration");
        let number = |keys: [&str; 2]| keys.iter().find_map(|key| number(&string(settings, key)));
        let labels: Vec<String> = ordered(payload, "Labels", "LabelOrder")
            .into_iter()
            .map(|(_, label)| crate::draft::text::without_markup(&string(label, "Display")))
            .filter(|label| !label.is_empty())
            .collect();
        if !labels.is_empty() {
            let item = Some(self.item(known));
            self.draft.kept(item, id, "labels of the scale", &labels.join(" | "));
        }
        let is_star = string(payload, "Selector") == "STAR";
        let range = NumberRange {
            minimum: number(["CSSliderMin", "Min"]).or(is_star.then_some(0.0)),
            maximum: number(["CSSliderMax", if is_star { "StarCount" } else { "Max" }]),
            decimals: string(settings, "NumDecimals").parse().ok(),
            unit: Text::default(),
        };
        if range.decimals == Some(0) || is_star {
            Cell::Integer(NumberRange { decimals: None, ..range })
        } else {
            Cell::Decimal(range)
        }
    }

    /// One value a row and answer.
    fn cells(&mut self, id: &str, payload: &Json, known: &Known) -> Vec<Column> {
        let is_text =
            string(payload, "Selector") == "TE" && setting(payload, "ContentType") != "ValidNumber";
        let mut columns = Vec::new();
        for option in self.answers(id, payload, known, "Answers") {
            let cell = if is_text {
                Cell::Text(TextRule::default())
            } else {
                Cell::Decimal(number_range(payload.at("Validation")))
            };
            columns.push(self.column(known, &option.code, option.label, cell));
        }
        if columns.is_empty() {
            let cell = Cell::Text(TextRule::default());
            columns.push(self.column(known, "value", Text::default(), cell));
        }
        columns
    }

    /// Columns that are questions themselves.
    fn side_by_side(&mut self, id: &str, payload: &Json, known: &Known) -> Vec<Column> {
        let mut columns = Vec::new();
        for (number, further) in list(payload, "AdditionalQuestions") {
            // Each column repeats the rows.
            for key in ["Choices", "ChoiceOrder"] {
                if further.get(key) == payload.get(key) {
                    further.at(key).hand_out();
                }
            }
            let label = self.text(payload, &["AdditionalQuestions", &number, "QuestionText"], id);
            let mut options = Vec::new();
            for (answer, _) in ordered(further, "Answers", "AnswerOrder") {
                let path = ["AdditionalQuestions", &number, "Answers", &answer, "Display"];
                let mut label = self.text(payload, &path, id);
                if label.is_empty() {
                    label = self.draft.text(&answer);
                }
                let key = format!("{number}#{answer}");
                let code = known.answers.get(&key).unwrap_or(&answer);
                options.push(ListOption::new(uuid::Uuid::nil(), code, label));
            }
            let wanted = format!("{}_{number}", known.name);
            let selector = string(further, "Selector");
            let sub = string(further, "SubSelector");
            if selector == "TE" || string(further, "QuestionType") == "TE" {
                let several = options.len() > 1;
                if several {
                    for option in options {
                        let name = format!("{number}_{}", option.code);
                        let cell = Cell::Text(TextRule::default());
                        columns.push(self.column(known, &name, option.label, cell));
                    }
                } else {
                    let cell = Cell::Text(TextRule::default());
                    columns.push(self.column(known, &number, label, cell));
                }
                continue;
            }
            let list = self.draft.list_of(&wanted, options);
            let cell = if sub.starts_with("Multiple") {
                Cell::Multiple { list }
            } else {
                Cell::Single { list }
            };
            columns.push(self.column(known, &number, label, cell));
        }
        columns
    }
}
