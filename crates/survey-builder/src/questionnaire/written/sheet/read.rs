//! A table as lines; everything that cannot be read is told at once, cell by cell.

use std::collections::{BTreeMap, BTreeSet};

use super::super::super::document::{Document, TextRole};
use super::super::notation::required_of;
use super::super::{At, Column, Fault, Line, Says, Sort, Written, one_line, plain};
use super::words::{column_of, sort_of, state_of};
use super::{cells, takes};
use crate::problem::Problem;

/// What was read.
pub(super) struct Read {
    pub written: Written,
    pub faults: Vec<Fault>,
    /// The headings of the table of questions and of the table of options.
    pub heads: [Option<Head>; 2],
    /// How many rows there are.
    pub rows: usize,
}

/// A row of headings.
pub(super) struct Head {
    /// Its row.
    pub row: usize,
    /// What is in each column and how it was called; nothing where nobody said.
    pub columns: Vec<Option<(Column, String)>>,
}

impl Head {
    /// Where a column is, from 1.
    pub fn place(&self, column: &Column) -> Option<usize> {
        let found =
            self.columns.iter().position(|one| one.as_ref().is_some_and(|(own, _)| own == column));
        found.map(|at| at + 1)
    }

    /// How a column is called, by its place.
    pub fn name(&self, place: usize) -> Option<&str> {
        let (_, name) = self.columns.get(place.checked_sub(1)?)?.as_ref()?;
        Some(name)
    }

    fn has(&self, column: &Column) -> bool {
        self.place(column).is_some()
    }
}

/// Which of the two tables.
#[derive(Clone, Copy)]
enum Table {
    Parts = 0,
    Options = 1,
}

struct Reading<'a> {
    base: &'a Document,
    faults: Vec<Fault>,
    heads: [Option<Head>; 2],
    open: Option<Table>,
    parts: Vec<Line>,
    /// The lists in their order, and the options of each.
    lists: Vec<Line>,
    options: BTreeMap<String, Vec<Line>>,
    /// Columns without a heading that something was said of.
    without_heading: BTreeSet<usize>,
}

/// Reads a table over the draft that it was printed from: a table of the two that is not
/// there says what the draft says.
pub(super) fn read(text: &str, base: &Document) -> Read {
    let rows = cells::rows(text);
    let mut reading = Reading {
        base,
        faults: Vec::new(),
        heads: [None, None],
        open: None,
        parts: Vec::new(),
        lists: Vec::new(),
        options: BTreeMap::new(),
        without_heading: BTreeSet::new(),
    };
    for (at, cells) in rows.iter().enumerate() {
        if cells.iter().any(|cell| !cell.trim().is_empty()) {
            reading.row(at + 1, cells);
        }
    }
    if reading.heads.iter().all(Option::is_none) && reading.faults.is_empty() {
        reading.wrong((1, 1), Problem::new("sheet-no-head", ""));
    }
    let breaks = rows.iter().flatten().any(|cell| cell.contains('\n'));
    reading.done(rows.len(), !breaks)
}

impl Reading<'_> {
    fn wrong(&mut self, (line, column): (usize, usize), problem: Problem) {
        self.faults.push(Fault::new(At { line, column }, problem));
    }

    fn row(&mut self, row: usize, cells: &[String]) {
        if let Some(table) = table_of(cells, self.open.is_some()) {
            return self.head(row, cells, table);
        }
        match self.open {
            Some(Table::Parts) => self.part(row, cells),
            Some(Table::Options) => self.option(row, cells),
            // Told once: what comes before any headings cannot be read.
            None if self.faults.is_empty() => {
                self.wrong((row, 1), Problem::new("sheet-no-head", ""));
            }
            None => {}
        }
    }

    fn head(&mut self, row: usize, cells: &[String], table: Table) {
        self.open = Some(table);
        if let Some(first) = &self.heads[table as usize] {
            let problem = Problem::new("sheet-head-twice", "").with("row", first.row);
            return self.wrong((row, 1), problem);
        }
        let mut head = Head { row, columns: Vec::new() };
        for (at, cell) in cells.iter().enumerate() {
            let name = one_line(cell);
            let place = (row, at + 1);
            let column = column_of(&name).filter(|column| belongs(column, table));
            let known =
                |language: &String| self.base.languages.iter().any(|one| one.code == *language);
            let problem = match &column {
                None if name.is_empty() => None,
                None => Some(Problem::new("sheet-column", "")),
                Some(column) if head.has(column) => Some(Problem::new("sheet-column-twice", "")),
                Some(column) => language_of(column)
                    .filter(|language| !known(language))
                    .map(|language| Problem::new("sheet-language", "").with("language", language)),
            };
            if let Some(problem) = problem {
                self.wrong(place, problem.with("column", short(&name)));
                head.columns.push(None);
            } else {
                head.columns.push(column.map(|column| (column, name)));
            }
        }
        self.without_heading.clear();
        self.heads[table as usize] = Some(head);
    }

    /// What is in each cell that says something, by its column; the others are told.
    fn said(&mut self, row: usize, cells: &[String], table: Table) -> Vec<(usize, Column, String)> {
        let mut said = Vec::new();
        let mut without = Vec::new();
        let Some(head) = &self.heads[table as usize] else { return said };
        for (at, cell) in cells.iter().enumerate() {
            if cell.trim().is_empty() {
                continue;
            }
            match head.columns.get(at) {
                Some(Some((Column::Kept, _))) => {}
                Some(Some((column, _))) => said.push((at + 1, column.clone(), cell.clone())),
                // A heading that is wrong has been told.
                Some(None) if head_is_wrong(&self.faults, head.row, at + 1) => {}
                _ => without.push(at + 1),
            }
        }
        for at in without {
            if self.without_heading.insert(at) {
                self.wrong((row, at), Problem::new("sheet-no-heading", ""));
            }
        }
        said
    }

    fn part(&mut self, row: usize, cells: &[String]) {
        let said = self.said(row, cells, Table::Parts);
        if said.is_empty() {
            return;
        }
        let kind = said.iter().find(|(_, column, _)| *column == Column::Kind);
        let code = self.place(Table::Parts, &Column::Code);
        let (sort, kind) = match kind {
            None => {
                let place = self.place(Table::Parts, &Column::Kind);
                return self.wrong((row, place), Problem::new("sheet-kind-missing", ""));
            }
            Some((at, _, kind)) => match sort_of(&one_line(kind)) {
                Some(found) => found,
                None => {
                    let problem = Problem::new("written-kind", "").with("kind", short(kind.trim()));
                    self.wrong((row, *at), problem);
                    (Sort::Question, "")
                }
            },
        };
        let mut line = Line::new(At { line: row, column: code }, sort);
        kind.clone_into(&mut line.kind);
        for (at, column, cell) in said {
            if takes(sort, &column) {
                self.cell(&mut line, (row, at), &column, &cell);
            } else {
                self.wrong((row, at), Problem::new("sheet-not-here", ""));
            }
        }
        self.parts.push(line);
    }

    fn option(&mut self, row: usize, cells: &[String]) {
        let said = self.said(row, cells, Table::Options);
        if said.is_empty() {
            return;
        }
        let list = said.iter().find(|(_, column, _)| *column == Column::List);
        let Some(list) = list.map(|(_, _, list)| one_line(list)) else {
            let place = self.place(Table::Options, &Column::List);
            return self.wrong((row, place), Problem::new("sheet-list-missing", ""));
        };
        if !self.options.contains_key(&list) {
            let column = self.place(Table::Options, &Column::List);
            let mut line = Line::new(At { line: row, column }, Sort::List);
            line.code.clone_from(&list);
            self.lists.push(line);
        }
        let column = self.place(Table::Options, &Column::Code);
        let mut line = Line::new(At { line: row, column }, Sort::Option);
        // The name alone is a list without options.
        let alone = said.len() == 1;
        for (at, column, cell) in said {
            if column != Column::List {
                self.cell(&mut line, (row, at), &column, &cell);
            }
        }
        if line.missing.len() > 1 {
            let column = self.place(Table::Options, &Column::Missing);
            self.wrong((row, column), Problem::new("sheet-one-reason", ""));
        }
        let options = self.options.entry(list).or_default();
        if !alone {
            options.push(line);
        }
    }

    fn place(&self, table: Table, column: &Column) -> usize {
        self.heads[table as usize].as_ref().and_then(|head| head.place(column)).unwrap_or(1)
    }

    fn cell(&mut self, line: &mut Line, place: (usize, usize), column: &Column, cell: &str) {
        let mut text = |role, language: &String| {
            let said = plain(cell);
            if !said.is_empty() {
                line.texts.insert((role, language.clone()), said);
            }
        };
        match column {
            Column::Text(language) => {
                let role = line.role();
                line.texts.insert((role, language.clone()), plain(cell));
            }
            Column::Hint(language) => text(TextRole::Hint, language),
            Column::Message(language) => text(TextRole::Message, language),
            Column::Instruction(language) => text(TextRole::Instruction, language),
            Column::Code => line.code = one_line(cell),
            Column::List => line.list = one_line(cell),
            Column::Relevant => line.relevant = one_line(cell),
            Column::Constraint => line.constraint = plain(cell),
            Column::Calculation => line.calculation = one_line(cell),
            Column::Number => line.number = one_line(cell),
            Column::Required => match required_of(&one_line(cell)) {
                Some(required) => line.required = required,
                None => {
                    let problem = Problem::new("sheet-required", "");
                    self.wrong(place, problem.with("text", short(cell.trim())));
                }
            },
            Column::Missing => {
                for word in one_line(cell).split(',').filter(|word| !word.trim().is_empty()) {
                    match state_of(word) {
                        Some(state) if line.missing.contains(&state) => {}
                        Some(state) => line.missing.push(state),
                        None => {
                            let problem = Problem::new("sheet-missing", "");
                            self.wrong(place, problem.with("text", short(word.trim())));
                        }
                    }
                }
            }
            Column::Kind | Column::Kept => {}
        }
    }

    /// The lines, with what the draft says where a table is not there.
    fn done(mut self, rows: usize, without_breaks: bool) -> Read {
        let mut says = Says { all_lists: true, without_breaks, ..Says::default() };
        for (column, _) in
            self.heads.iter().flatten().flat_map(|head| head.columns.iter().flatten())
        {
            says.columns.insert(column.clone());
        }
        let known = Written::as_sheet(self.base);
        let [has_parts, has_options] = [0, 1].map(|table: usize| self.heads[table].is_some());
        let of_list = |line: &&Line| matches!(line.sort, Sort::List | Sort::Option);
        let mut lines = std::mem::take(&mut self.parts);
        let mut from_draft: Vec<Line> = Vec::new();
        if !has_parts {
            from_draft.extend(known.lines.iter().filter(|line| !of_list(line)).cloned());
        }
        if has_options {
            if !has_parts {
                lines.append(&mut from_draft);
            }
            for list in std::mem::take(&mut self.lists) {
                let options = self.options.remove(&list.code).unwrap_or_default();
                lines.push(list);
                lines.extend(options);
            }
        } else {
            from_draft.extend(known.lines.iter().filter(of_list).cloned());
            lines.append(&mut from_draft);
        }
        // What comes from the draft has places behind those of the table.
        for (at, line) in lines.iter_mut().filter(|line| line.item.is_some()).enumerate() {
            line.at = At { line: rows + at + 1, column: 1 };
        }
        let languages = self.base.languages.iter().map(|language| language.code.clone());
        let written = Written {
            languages: languages
                .filter(|language| says.has(&Column::Text(language.clone())))
                .collect(),
            says,
            lines,
        };
        Read { written, faults: self.faults, heads: self.heads, rows }
    }
}

/// The table whose headings a row is: within a table only where it says nothing else.
fn table_of(cells: &[String], within: bool) -> Option<Table> {
    let said: Vec<Option<Column>> =
        cells.iter().filter(|cell| !cell.trim().is_empty()).map(|cell| column_of(cell)).collect();
    let has = |column: &Column| said.iter().flatten().any(|one| one == column);
    let whole = !within || said.iter().all(Option::is_some);
    match (has(&Column::Code) && whole, has(&Column::Kind), has(&Column::List)) {
        (true, true, _) => Some(Table::Parts),
        (true, false, true) => Some(Table::Options),
        _ => None,
    }
}

/// Whether a table has such a column.
fn belongs(column: &Column, table: Table) -> bool {
    match table {
        Table::Parts => true,
        Table::Options => {
            matches!(column, Column::List | Column::Kept) || takes(Sort::Option, column)
        }
    }
}

fn language_of(column: &Column) -> Option<&String> {
    match column {
        Column::Text(language)
        | Column::Hint(language)
        | Column::Message(language)
        | Column::Instruction(language) => Some(language),
        _ => None,
    }
}

fn head_is_wrong(faults: &[Fault], row: usize, column: usize) -> bool {
    faults.iter().any(|fault| fault.at == At { line: row, column })
}

/// The beginning of what was not understood.
fn short(text: &str) -> String {
    let mut signs = text.chars();
    let short: String = signs.by_ref().take(40).collect();
    if signs.next().is_some() { format!("{short}…") } else { short }
}
