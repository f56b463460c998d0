//! A draft as a table: the rows of two tables of tab-separated cells, as spreadsheets copy
//! and take them.
//!
//! ```text
//! code   kind          text (vi)   text (en)   list  shown if   …
//!        title         Khảo sát    Survey
//! s1     section       Nhà ở       Housing
//! p1     page
//! own    choose one    Của ai?     Whose?      own   age >= 18
//!
//! list   code          text (vi)   text (en)   no answer
//! own    1             Của tôi     Mine
//! ```
//!
//! The first has a row for each section, page, question and row of a question, the second
//! one for each option of a list. Columns are known by their headings, whatever their
//! order; one that is not there says nothing, and neither does a table that is not there.
//! Row and column of what is wrong are those of the table.

mod cells;
mod read;
pub mod words;

use std::collections::{HashMap, HashSet};

use self::read::Read;
use self::words::{heading, sort_word, state_word};
use super::super::answer::ItemId;
use super::super::document::{Document, Required, TextRole};
use super::notation::{required_word, word};
use super::{At, Column, Compared, Fault, Identity, Line, Sort, Written, overlay};
use crate::problem::phrase;

/// The columns of the table of questions, with texts in those languages side by side.
fn part_columns(languages: &[String]) -> Vec<Column> {
    let each = |of: fn(String) -> Column| languages.iter().cloned().map(of).collect::<Vec<_>>();
    let mut columns = vec![Column::Code, Column::Kind];
    columns.extend(each(Column::Text));
    columns.extend(each(Column::Hint));
    columns.extend([Column::List, Column::Relevant, Column::Required, Column::Constraint]);
    columns.extend(each(Column::Message));
    columns.extend([Column::Missing, Column::Calculation]);
    columns.extend(each(Column::Instruction));
    columns.extend([Column::Number, Column::Kept]);
    columns
}

/// The columns of the table of options.
fn option_columns(languages: &[String]) -> Vec<Column> {
    let mut columns = vec![Column::List, Column::Code];
    columns.extend(languages.iter().cloned().map(Column::Text));
    columns.extend([Column::Missing, Column::Kept]);
    columns
}

/// Whether a row of that sort can say something in that column.
fn takes(sort: Sort, column: &Column) -> bool {
    use Column::{Code, Kept, Kind, Missing, Relevant, Text};
    match (sort, column) {
        (Sort::Question, _) | (_, Kind | Kept) => true,
        (Sort::Title, column) => matches!(column, Text(_)),
        (Sort::Section(_) | Sort::Row, column) => matches!(column, Code | Text(_) | Relevant),
        (Sort::Page, column) => matches!(column, Code | Relevant),
        (Sort::Option, column) => matches!(column, Code | Text(_) | Missing),
        (Sort::End(_) | Sort::List, _) => false,
    }
}

/// Prints a draft as a table, with headings and words in the language of the page.
pub fn print(written: &Written, words: &str) -> String {
    let columns = part_columns(&written.languages);
    let mut text = head(&columns, words);
    let mut lines = written.lines.iter().peekable();
    while let Some(line) = lines.next_if(|line| line.sort != Sort::List) {
        let cells: Vec<String> = columns.iter().map(|column| cell(line, column, words)).collect();
        text.push_str(&cells::row(cells.iter().map(String::as_str)));
    }
    let columns = option_columns(&written.languages);
    text.push('\n');
    text.push_str(&head(&columns, words));
    while let Some(list) = lines.next() {
        let mut row = |line: &Line| {
            let cells: Vec<String> = columns
                .iter()
                .map(|column| match column {
                    Column::List => list.code.clone(),
                    _ => cell(line, column, words),
                })
                .collect();
            text.push_str(&cells::row(cells.iter().map(String::as_str)));
        };
        let mut any = false;
        while let Some(option) = lines.next_if(|line| line.sort == Sort::Option) {
            row(option);
            any = true;
        }
        if !any {
            row(&Line::new(At::default(), Sort::List));
        }
    }
    text
}

/// The headings of both tables, in the language of the page.
pub fn headings(written: &Written, words: &str) -> Vec<String> {
    part_columns(&written.languages).iter().map(|column| heading(column, words)).collect()
}

fn head(columns: &[Column], words: &str) -> String {
    let names: Vec<String> = columns.iter().map(|column| heading(column, words)).collect();
    cells::row(names.iter().map(String::as_str))
}

/// What a line says in a column.
fn cell(line: &Line, column: &Column, words: &str) -> String {
    match column {
        Column::Code => line.code.clone(),
        Column::Kind => sort_word(line.sort, &line.kind, words),
        Column::Text(language) => line.text(line.role(), language).to_owned(),
        Column::Hint(language) => line.text(TextRole::Hint, language).to_owned(),
        Column::Message(language) => line.text(TextRole::Message, language).to_owned(),
        Column::Instruction(language) => line.text(TextRole::Instruction, language).to_owned(),
        Column::List if line.sort == Sort::List => line.code.clone(),
        Column::List => line.list.clone(),
        Column::Relevant => line.relevant.clone(),
        Column::Required if line.required == Required::default() => String::new(),
        Column::Required => required_word(line.required, words).to_owned(),
        Column::Constraint => line.constraint.clone(),
        Column::Calculation => line.calculation.clone(),
        Column::Number => line.number.clone(),
        Column::Missing => {
            let all: Vec<&str> =
                line.missing.iter().map(|state| state_word(*state, words)).collect();
            all.join(", ")
        }
        Column::Kept => {
            let all: Vec<&str> = line.kept.iter().map(|kept| word(kept.words(), words)).collect();
            all.join(", ")
        }
    }
}

/// The document that a table makes of the one that it was printed from; `identity` makes
/// identities for what is new.
///
/// # Errors
///
/// Everything in it that cannot be read or makes no document, each with its cell.
pub fn lay(base: &Document, text: &str, identity: Identity<'_>) -> Result<Document, Vec<Fault>> {
    let mut read = read::read(text, base);
    let mut faults = std::mem::take(&mut read.faults);
    // Without headings nothing more can be said.
    if read.heads.iter().all(Option::is_none) {
        return Err(faults.into_iter().map(|fault| placed(fault, &read)).collect());
    }
    match overlay(base, &read.written, identity) {
        Ok(after) if faults.is_empty() => return Ok(after),
        Ok(_) => {}
        Err(more) => faults.extend(more.into_iter().map(|fault| in_cell(fault, &read))),
    }
    faults.sort_by_key(|fault| fault.at);
    faults.dedup();
    Err(faults.into_iter().map(|fault| placed(fault, &read)).collect())
}

/// What is wrong with a line, as of the cell that it is about and in the words of tables.
fn in_cell(mut fault: Fault, read: &Read) -> Fault {
    let (code, column) = match fault.problem.code.as_str() {
        "written-title-twice" => ("sheet-title-twice", Column::Kind),
        "written-depth" => ("sheet-depth", Column::Kind),
        "written-end" => ("sheet-end", Column::Kind),
        "written-no-section" => ("sheet-no-section", Column::Kind),
        "written-no-question" => ("sheet-no-question", Column::Kind),
        "written-code-twice" => ("sheet-code-twice", Column::Code),
        "written-no-list" => ("sheet-no-list", Column::List),
        "written-kind-fixed" => ("written-kind-fixed", Column::Kind),
        "written-no-rows" => ("written-no-rows", Column::Kind),
        "written-no-calculation" => ("written-no-calculation", Column::Calculation),
        "sheet-list-gone" => ("sheet-list-gone", Column::List),
        "sheet-limits" => ("sheet-limits", Column::Constraint),
        "sheet-message-alone" => ("sheet-message-alone", Column::Constraint),
        _ => return fault,
    };
    code.clone_into(&mut fault.problem.code);
    if let Some(place) = table(&fault, read).and_then(|head| head.place(&column)) {
        fault.at.column = place;
    }
    fault
}

/// The headings over a row.
fn table<'a>(fault: &Fault, read: &'a Read) -> Option<&'a read::Head> {
    let above = read.heads.iter().flatten().filter(|head| head.row <= fault.at.line);
    above.max_by_key(|head| head.row)
}

/// The same with its place: row and column, if it is in the table.
fn placed(mut fault: Fault, read: &Read) -> Fault {
    if fault.at.line == 0 || fault.at.line > read.rows {
        return fault;
    }
    let name = table(&fault, read).and_then(|head| head.name(fault.at.column));
    let place = phrase("phrase-cell").with("row", fault.at.line);
    fault.problem.place = match name {
        Some(name) => place.with("column", name),
        None => place.with("column", fault.at.column),
    }
    .into();
    fault
}

/// What is otherwise in one draft than in another, cell by cell: first the rows that are
/// gone, then those that are new or say something else, in their order.
pub fn changed(before: &Written, after: &Written, words: &str) -> Vec<Compared> {
    let known: HashMap<ItemId, &Line> =
        before.lines.iter().filter_map(|line| Some((line.item?, line))).collect();
    let stays: HashSet<ItemId> = after.lines.iter().filter_map(|line| line.item).collect();
    let columns = |line: &Line| -> Vec<Column> {
        let mut columns = part_columns(&after.languages);
        columns.retain(|column| match line.sort {
            Sort::List => *column == Column::List,
            Sort::Option => takes(Sort::Option, column),
            sort => takes(sort, column),
        } && *column != Column::Kept);
        columns
    };
    let said = |list: &str, line: &Line, column: &Column| {
        let text = cell(line, column, words).replace('\n', " ↵ ");
        let name = match line.sort {
            Sort::Option => format!("{list} {}", line.code),
            Sort::Title => sort_word(line.sort, "", words),
            _ => line.code.clone(),
        };
        format!("{name} · {}: {text}", heading(column, words))
    };
    let mut found = Vec::new();
    for (list, line) in
        named(before).filter(|(_, line)| line.item.is_some_and(|item| !stays.contains(&item)))
    {
        let columns =
            columns(line).into_iter().filter(|column| !cell(line, column, words).is_empty());
        found.extend(columns.map(|column| Compared::Gone(said(list, line, &column))));
    }
    for (list, line) in named(after) {
        let was = line.item.and_then(|item| known.get(&item).copied());
        for column in columns(line) {
            let now = cell(line, &column, words);
            let before = was.map(|was| cell(was, &column, words)).unwrap_or_default();
            if now == before {
                continue;
            }
            if let Some(was) = was.filter(|_| !before.is_empty()) {
                found.push(Compared::Gone(said(list, was, &column)));
            }
            if !now.is_empty() {
                found.push(Compared::New(said(list, line, &column)));
            }
        }
    }
    found
}

/// Each line with the name of the list that it is an option of.
fn named(written: &Written) -> impl Iterator<Item = (&str, &Line)> {
    let mut list = "";
    written.lines.iter().map(move |line| {
        if line.sort == Sort::List {
            list = &line.code;
        }
        (if line.sort == Sort::Option { list } else { "" }, line)
    })
}
