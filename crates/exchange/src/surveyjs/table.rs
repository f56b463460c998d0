//! Matrices: one choice a row is a battery, more is a grid.

use survey_builder::questionnaire::document::{
    Battery, Cell, Column, DateRange, Grid, Kind, NumberRange, Row, Text, TextFormat, TextRule,
};

use super::choice::choices;
use super::element::value_of;
use super::names::fit_part;
use super::number::{day, number_kind, text_rule};
use super::{Reader, string};
use crate::account::Json;

/// The columns of a matrix.
pub(super) fn columns(element: &Json) -> impl Iterator<Item = &Json> {
    element.get("columns").and_then(Json::as_array).into_iter().flatten()
}

/// The rows of a matrix: the value and what is read.
pub(super) fn rows(element: &Json) -> Vec<(String, &Json)> {
    let rows = element.get("rows").and_then(Json::as_array).into_iter().flatten();
    rows.map(|row| (value_of(row), row.get("text").unwrap_or(row))).collect()
}

/// A column as a question of its own would be written.
pub(super) fn as_element(matrix: &Json, column: &Json) -> Json {
    let kind = match (string(column, "cellType"), string(matrix, "cellType")) {
        ("" | "default", "" | "default") => "dropdown",
        ("" | "default", kind) | (kind, _) => kind,
    };
    let element = column.with("type", Json::text(kind));
    match (column.get("choices"), matrix.get("choices")) {
        (None, Some(choices)) => element.with("choices", choices.clone()),
        _ => element,
    }
}

impl Reader {
    /// A matrix with one choice a row.
    pub(super) fn battery(&mut self, element: &Json, name: &str) -> Kind {
        let options = columns(element)
            .map(|column| {
                let text = column.get("text").or(column.get("title")).unwrap_or(column);
                (value_of(column), self.names.text(Some(text)))
            })
            .collect();
        let rows = self.rows(element, name);
        let shuffled =
            string(element, "rowsOrder") == "random" || string(element, "rowOrder") == "random";
        let list = self.draft.list(name, options);
        if string(element, "cellType") == "checkbox" {
            let column = Column {
                id: self.draft.id("column", name),
                name: name.to_owned(),
                label: Text::default(),
                cell: Cell::Multiple { list },
            };
            return Kind::Grid(Grid { rows, columns: vec![column], shuffled, total: None });
        }
        Kind::Battery(Battery { list, rows, shuffled })
    }

    fn rows(&mut self, element: &Json, name: &str) -> Vec<Row> {
        let mut lines = Vec::new();
        for (value, text) in rows(element) {
            let ours = self.names.ours(&format!("{name}.{value}"));
            let ours = self.draft.name(&ours);
            lines.push(Row {
                id: self.draft.id("row", &ours),
                name: ours,
                wording: self.names.text(Some(text)),
                relevant: None,
            });
        }
        lines
    }

    /// A matrix whose columns are questions.
    pub(super) fn grid(&mut self, element: &Json, name: &str) -> Kind {
        let rows = self.rows(element, name);
        let mut made = Vec::new();
        for column in columns(element) {
            let column = as_element(element, column);
            let inner = string(&column, "name").to_owned();
            let inner = fit_part(&inner);
            let own = format!("{name}_{inner}");
            let label = match column.get("title") {
                Some(blank) if blank.as_str().is_some_and(|title| title.trim().is_empty()) => {
                    Text::default()
                }
                None if columns(element).count() == 1 => Text::default(),
                _ => self.names.wording(&column, string(&column, "name")),
            };
            let cell = self.cell(&column, &own);
            let logic = [
                "visibleIf",
                "enableIf",
                "requiredIf",
                "validators",
                "totalExpression",
                "setValueExpression",
            ];
            for key in logic {
                if let Some(value) = column.get(key).filter(|value| !value.is_null()) {
                    self.draft.kept(None, &own, key, &value.to_string());
                }
            }
            made.push(Column { id: self.draft.id("column", &own), name: inner, label, cell });
        }
        Kind::Grid(Grid { rows, columns: made, shuffled: false, total: None })
    }

    fn cell(&mut self, column: &Json, name: &str) -> Cell {
        match string(column, "type") {
            "checkbox" | "tagbox" => {
                let options = choices(self, column);
                Cell::Multiple { list: self.draft.list(name, options) }
            }
            "dropdown" | "radiogroup" => {
                let options = choices(self, column);
                Cell::Single { list: self.draft.list(name, options) }
            }
            "rating" => Cell::Integer(NumberRange {
                minimum: Some(column.get("rateMin").and_then(Json::as_f64).unwrap_or(1.0)),
                maximum: Some(column.get("rateMax").and_then(Json::as_f64).unwrap_or(5.0)),
                ..NumberRange::default()
            }),
            "boolean" => {
                let options = self.boolean_options(column);
                Cell::Single { list: self.draft.list(name, options) }
            }
            "text" => match string(column, "inputType") {
                "number" | "range" => match number_kind(column, Text::default()) {
                    Kind::Integer(range) => Cell::Integer(range),
                    Kind::Decimal(range) => Cell::Decimal(range),
                    _ => Cell::Decimal(NumberRange::default()),
                },
                "date" => Cell::Date(DateRange {
                    minimum: day(column, "min"),
                    maximum: day(column, "max"),
                    ..DateRange::default()
                }),
                kind => Cell::Text(TextRule {
                    format: match kind {
                        "email" => TextFormat::Email,
                        "tel" => TextFormat::Phone,
                        "url" => TextFormat::Url,
                        _ => TextFormat::Any,
                    },
                    ..text_rule(column)
                }),
            },
            _ => Cell::Text(TextRule::default()),
        }
    }
}
