//! Tables, responses and codebooks as tidy CSV.
//!
//! One row an estimate, a response or a level. UTF-8 with the mark that
//! spreadsheets need to read it as such, lines ended as RFC 4180 says. A text
//! that a spreadsheet would run as a formula gets an apostrophe before it.

use std::borrow::Cow;

use analysis::dataset::missing::missing_code;
use analysis::dataset::{Column, Dataset, Values, Variable, VariableKind, free_name};
use analysis::tabulate::{Block, Cell, ColumnHead, TableRow};
use analysis::{IntervalMethod, Table};
use serde::Serialize;
use survey_builder::questionnaire::answer::State;
use survey_builder::questionnaire::expression::print_number;

/// The sign by which spreadsheets know UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Writes rows of text as CSV, the header first.
pub fn write<'r, R>(header: &[&str], rows: impl IntoIterator<Item = R>) -> Vec<u8>
where
    R: IntoIterator<Item = Cow<'r, str>>,
{
    let mut file = MARK.to_vec();
    line(&mut file, header.iter().map(|cell| Cow::Borrowed(*cell)));
    for row in rows {
        line(&mut file, row);
    }
    file
}

fn line<'r>(file: &mut Vec<u8>, cells: impl IntoIterator<Item = Cow<'r, str>>) {
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            file.push(b',');
        }
        let cell = guarded(&cell);
        if cell.contains([',', '"', '\r', '\n']) {
            file.push(b'"');
            file.extend(cell.replace('"', "\"\"").as_bytes());
            file.push(b'"');
        } else {
            file.extend(cell.as_bytes());
        }
    }
    file.extend(b"\r\n");
}

/// A text that no spreadsheet takes for a formula: where it starts like one and
/// is no number, an apostrophe stands before it (CWE-1236).
pub fn guarded(cell: &str) -> Cow<'_, str> {
    let formula = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    let starts = cell.trim_start_matches(' ').starts_with(formula);
    if starts && cell.parse::<f64>().is_err() {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// Which weights the figures of a table rest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WeightsUsed {
    /// Those fitted to known shares of the population.
    Fitted,
    /// Those of the design: there are no shares to fit them to.
    Design,
    /// Those of the design: they could not be fitted to the shares there are.
    NotFitted,
}

/// Tables as one row an estimate: the columns are named in English, as code
/// that reads the file expects. What the rules hide is left blank, with the
/// reason in `flag` or `disclosure`; `weights` says in each row what the figure
/// was weighted by.
pub fn tables(tables: &[&Table], weights: WeightsUsed) -> Vec<u8> {
    let header = [
        "table",
        "variable",
        "variable_label",
        "statistic",
        "row",
        "banner",
        "banner_label",
        "column",
        "estimate",
        "standard_error",
        "lower",
        "upper",
        "confidence",
        "interval_method",
        "degrees_of_freedom",
        "design_effect",
        "n",
        "effective_n",
        "base_n",
        "base_effective_n",
        "base_weighted",
        "flag",
        "reasons",
        "disclosure",
        "weights",
    ];
    let weights = name_of(&weights);
    let weights = weights.as_str();
    let published: Vec<Table> = tables.iter().map(|table| table.published()).collect();
    let rows = published.iter().flat_map(|table| {
        table.blocks.iter().flat_map(move |block| {
            block.rows.iter().flat_map(move |row| {
                let cells = table.columns.iter().enumerate().zip(&row.cells);
                cells.map(move |((place, head), cell)| {
                    let mut cells = estimate(&table.title, block, row, head, cell, place);
                    cells.push(weights.to_owned().into());
                    cells
                })
            })
        })
    });
    write(&header, rows)
}

fn estimate<'t>(
    title: &'t str,
    block: &'t Block,
    row: &'t TableRow,
    head: &'t ColumnHead,
    cell: &'t Cell,
    place: usize,
) -> Vec<Cow<'t, str>> {
    let figure = |number: Option<f64>| {
        number
            .filter(|number| number.is_finite())
            .map_or(Cow::Borrowed(""), |number| Cow::Owned(print_number(number)))
    };
    let shown = cell.is_shown();
    let base = block.bases.get(place);
    // Of a cell that stands for too few people not even their number is told.
    let rows = (!cell.disclosure.is_hidden()).then(|| cell.rows.to_string());
    let reasons: Vec<String> = cell.reliability.reasons.iter().map(name_of).collect();
    vec![
        title.into(),
        block.name.as_str().into(),
        block.label.as_str().into(),
        name_of(&block.kind).into(),
        row.label.as_str().into(),
        head.variable.as_deref().unwrap_or_default().into(),
        head.variable_label.as_str().into(),
        head.label.as_str().into(),
        figure(cell.value),
        figure(cell.standard_error),
        figure(cell.interval.map(|interval| interval.lower)),
        figure(cell.interval.map(|interval| interval.upper)),
        figure(cell.interval.map(|interval| interval.confidence)),
        cell.interval.map_or(Cow::Borrowed(""), |interval| method_name(interval.method).into()),
        figure(shown.then_some(cell.degrees_of_freedom)),
        figure(cell.design_effect),
        rows.unwrap_or_default().into(),
        figure(cell.effective_rows),
        base.map_or_else(String::new, |base| base.rows.to_string()).into(),
        figure(base.map(|base| base.effective_rows)),
        figure(base.map(|base| base.weighted)),
        name_of(&cell.reliability.presentation).into(),
        reasons.join(" ").into(),
        name_of(&cell.disclosure).into(),
    ]
}

/// The stable name of a value, as JSON writes it.
fn name_of(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

fn method_name(method: IntervalMethod) -> &'static str {
    match method {
        IntervalMethod::StudentT => "student_t",
        IntervalMethod::Normal => "normal",
        IntervalMethod::FisherZ => "fisher_z",
        IntervalMethod::Wilson => "wilson",
        IntervalMethod::Logit => "logit",
        IntervalMethod::Arcsine => "arcsine",
        IntervalMethod::Likelihood => "likelihood",
        IntervalMethod::KornGraubard { .. } => "korn_graubard",
    }
}

/// Responses as one row each: codes of options, one column of 1 and 0 an option
/// where several may be chosen. Where there is no value stands the code of the
/// reason ([`missing_code`]); `codebook` lists them.
pub fn responses(dataset: &Dataset) -> Vec<u8> {
    let mut header: Vec<String> = vec![free_name("response", &[dataset])];
    let variables = || dataset.codebook.variables.iter().zip(&dataset.columns);
    for (variable, column) in variables() {
        match column.values {
            Values::Set(_) => {
                header
                    .extend(variable.levels.iter().map(|level| option_name(variable, &level.code)));
            }
            _ => header.push(variable.name.clone()),
        }
    }
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let rows = dataset.ids.iter().enumerate().map(|(row, id)| {
        let mut cells: Vec<Cow<'_, str>> = vec![id.as_str().into()];
        for (variable, column) in variables() {
            cells_of(variable, column, row, &mut cells);
        }
        cells
    });
    write(&header, rows)
}

/// The column of one option of a set.
fn option_name(variable: &Variable, code: &str) -> String {
    format!("{}_{code}", variable.name)
}

fn cells_of<'d>(
    variable: &'d Variable,
    column: &'d Column,
    row: usize,
    cells: &mut Vec<Cow<'d, str>>,
) {
    let state = column.states.get(row).copied().unwrap_or(State::NotReached);
    let missing = || -> Cow<'d, str> {
        missing_code(state).map_or_else(String::new, |code| code.to_string()).into()
    };
    match &column.values {
        Values::Coded(codes) => {
            let code = codes.get(row).copied().unwrap_or(0);
            let level =
                usize::from(code).checked_sub(1).and_then(|place| variable.levels.get(place));
            cells.push(level.map_or_else(missing, |level| level.code.as_str().into()));
        }
        Values::Number(numbers) => {
            let number = numbers.get(row).copied().filter(|number| number.is_finite());
            cells.push(number.map_or_else(missing, |number| print_number(number).into()));
        }
        Values::Text(texts) => {
            let text = texts.get(row).and_then(Option::as_deref);
            cells.push(text.map_or_else(missing, Cow::Borrowed));
        }
        Values::Set(options) => {
            cells.extend(options.iter().map(|option| match option.get(row) {
                _ if state != State::Answered => missing(),
                Some(1) => Cow::Borrowed("1"),
                _ => Cow::Borrowed("0"),
            }));
        }
    }
}

/// The codebook of datasets in one language, one row a level; variables without
/// levels have one row, and at the end stand the codes for having no value. Each
/// dataset comes with the name of the roster it is about, which the last column
/// tells.
pub fn codebook(datasets: &[(&str, &Dataset)], language: &str) -> Vec<u8> {
    let header = [
        "variable",
        "question",
        "number",
        "type",
        "label",
        "heading",
        "code",
        "code_label",
        "universe",
        "roster",
    ];
    let mut rows: Vec<Vec<Cow<'_, str>>> = Vec::new();
    for (roster, dataset) in datasets {
        describe(roster, dataset, language, &mut rows);
    }
    for state in State::ALL {
        if let Some(code) = missing_code(state) {
            let mut row = vec![Cow::Borrowed(""); header.len()];
            row[3] = "missing".into();
            row[6] = code.to_string().into();
            row[7] = state.name().into();
            rows.push(row);
        }
    }
    write(&header, rows)
}

/// The rows of one dataset's variables.
fn describe<'d>(
    roster: &'d str,
    dataset: &'d Dataset,
    language: &str,
    rows: &mut Vec<Vec<Cow<'d, str>>>,
) {
    let book = &dataset.codebook;
    let fallback = book.languages.first().map_or("", String::as_str);
    for variable in &book.variables {
        let set = variable.kind == VariableKind::Set;
        let mut add = |name: String, code: &'d str, label: &'d str| {
            rows.push(vec![
                name.into(),
                variable.question.as_str().into(),
                variable.number.as_deref().unwrap_or_default().into(),
                kind_name(&variable.kind).into(),
                variable.label.get(language, fallback).into(),
                variable.heading.get(language, fallback).into(),
                code.into(),
                label.into(),
                variable.universe.join(" and ").into(),
                roster.into(),
            ]);
        };
        if variable.levels.is_empty() {
            add(variable.name.clone(), "", "");
        }
        for level in &variable.levels {
            let label = level.label.get(language, fallback);
            if set {
                add(option_name(variable, &level.code), "1", label);
            } else {
                add(variable.name.clone(), &level.code, label);
            }
        }
    }
}

fn kind_name(kind: &VariableKind) -> &'static str {
    match kind {
        VariableKind::Choice => "choice",
        VariableKind::Set => "set",
        VariableKind::Scale { .. } => "scale",
        VariableKind::Number => "number",
        VariableKind::Text => "text",
        VariableKind::Date => "date",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_disarmed_and_numbers_kept() {
        for (cell, expected) in [
            ("=1+1", "'=1+1"),
            ("  @SUM(A1)", "'  @SUM(A1)"),
            ("+84 912", "'+84 912"),
            ("-98", "-98"),
            ("-2.5e3", "-2.5e3"),
            ("\tx", "'\tx"),
            ("－1+2", "'－1+2"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(guarded(cell), expected);
        }
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let rows = [["a,b".into(), "say \"hi\"".into(), "two\nlines".into(), "Lan".into()]];
        let file = write(&["w", "x", "y", "z"], rows);
        let text = String::from_utf8(file).expect("UTF-8");
        assert_eq!(text, "\u{feff}w,x,y,z\r\n\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",Lan\r\n");
    }
}
