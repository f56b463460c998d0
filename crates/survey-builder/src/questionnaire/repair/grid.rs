//! What a repair does to the rows, columns and cells of grids and to the rows of
//! batteries. A cell is called as its row and column together, so it is these that are
//! changed.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::apply::exchanged;
use super::rename;
use crate::questionnaire::document::{
    Cell, Column, Document, Grid, Kind, Question, Row, Text, TextRule, identity_of, joint_identity,
};
use crate::questionnaire::expression::texts_in;

/// The rows of a question, to change.
fn rows_mut(kind: &mut Kind) -> Option<&mut Vec<Row>> {
    match kind {
        Kind::Battery(battery) => Some(&mut battery.rows),
        Kind::Grid(grid) => Some(&mut grid.rows),
        _ => None,
    }
}

/// The name of the one row of a question that has this condition.
pub(super) fn row_with(document: &Document, question: &str, expression: &str) -> Option<String> {
    let question = document.questions().find(|one| one.name == question)?;
    let has = |row: &&Row| row.relevant.as_deref() == Some(expression);
    let mut rows = question.kind.rows().iter().filter(has);
    let row = rows.next().filter(|_| rows.next().is_none())?;
    Some(row.name.clone())
}

/// What offers a list is asked as a text: the rows of a battery, the columns of a grid
/// with that list, or the question itself.
pub(super) fn ask_as_text(form: &str, question: &mut Question, list: &str) -> Option<()> {
    match &mut question.kind {
        Kind::Battery(battery) if battery.list == list => {
            let name = "text";
            let column = Column {
                id: identity_of(form, "column", &format!("{}\u{1f}{name}", question.name)),
                name: name.to_owned(),
                label: Text::default(),
                cell: Cell::Text(TextRule::default()),
            };
            let (rows, shuffled) = (std::mem::take(&mut battery.rows), battery.shuffled);
            question.kind =
                Kind::Grid(Grid { rows, columns: vec![column], shuffled, ..Grid::default() });
            Some(())
        }
        Kind::Grid(grid) => {
            let mut done = None;
            for column in &mut grid.columns {
                if matches!(&column.cell, Cell::Single { list: own } | Cell::Multiple { list: own } if own == list)
                {
                    column.cell = Cell::Text(TextRule::default());
                    done = Some(());
                }
            }
            done
        }
        kind if kind.choice().is_some_and(|choice| choice.list == list) => {
            *kind = Kind::ShortText(TextRule::default());
            Some(())
        }
        _ => None,
    }
}

/// Puts the row with a condition behind the last row that it reads; both names.
pub(super) fn put_row_behind(
    question: &mut Question,
    expression: &str,
) -> Option<(String, String)> {
    let (names, _) = texts_in(expression);
    let items = question.items();
    let reads = |row: &Row| {
        let mut own = items.iter().filter(|item| item.row.is_some_and(|it| it.id == row.id));
        own.any(|item| names.iter().any(|name| item.name == *name))
    };
    let rows = question.kind.rows();
    let behind = rows.iter().rposition(reads)?;
    let has = |row: &Row| row.relevant.as_deref() == Some(expression);
    let place = rows.iter().take(behind).position(has)?;
    let rows = rows_mut(&mut question.kind)?;
    let row = rows.remove(place);
    // What was behind it has moved up by one.
    let told = (row.name.clone(), rows.get(behind - 1)?.name.clone());
    rows.insert(behind, row);
    Some(told)
}

/// The bounds of the first column that holds nothing between them change places; how they
/// are written before and after.
pub(super) fn exchange_bounds(grid: &mut Grid) -> Option<[String; 2]> {
    grid.columns.iter_mut().find_map(|column| match &mut column.cell {
        Cell::Integer(range) | Cell::Decimal(range) if range.minimum > range.maximum => {
            exchanged(range)
        }
        _ => None,
    })
}

/// Shows the identities of the rows of a battery and of the box beside an option, which
/// are items of their own.
pub(super) fn look_at_rows(kind: &mut Kind, look: &mut impl FnMut(&mut Uuid, &str)) {
    if let Kind::Battery(battery) = kind {
        battery.rows.iter_mut().for_each(|row| look(&mut row.id, &row.name));
    } else if let Some(other) = kind.choice_mut().and_then(|choice| choice.other.as_mut()) {
        look(&mut other.id, &other.name);
    }
}

/// Gives the rows or columns of all but the first cell of an identity others; their names.
pub(super) fn identify(document: &mut Document, identity: Uuid) -> Vec<String> {
    let form = document.name.clone();
    let (mut is_first, mut named) = (true, Vec::new());
    for question in document.pages_mut().into_iter().flat_map(|page| &mut page.questions) {
        let Kind::Grid(grid) = &mut question.kind else { continue };
        for row in 0..grid.rows.len() {
            for column in 0..grid.columns.len() {
                let id = grid.columns[column].id;
                if joint_identity(grid.rows[row].id, id) != identity
                    || std::mem::take(&mut is_first)
                {
                    continue;
                }
                if grid.columns[..column].iter().any(|one| one.id == id) {
                    let column = &mut grid.columns[column];
                    let place = format!("{}\u{1f}{}", question.name, column.name);
                    column.id = identity_of(&form, "repaired", &place);
                    named.push(column.name.clone());
                } else {
                    let row = &mut grid.rows[row];
                    row.id = identity_of(&form, "repaired", &row.name);
                    named.push(row.name.clone());
                }
            }
        }
    }
    named
}

/// Where the second of two things of one name is.
enum Second {
    /// A question, or something of its that is called by its own name.
    Plain(usize),
    /// A cell: its question, row and column.
    Cell(usize, usize, usize),
}

/// The second thing of a name, of questions and their items in the order of the document.
fn find_second(document: &Document, name: &str) -> Option<Second> {
    let mut found = Vec::new();
    for (place, question) in document.questions().enumerate() {
        if question.name == name {
            found.push(Second::Plain(place));
        }
        let columns = match &question.kind {
            Kind::Grid(grid) => grid.columns.len(),
            _ => 1,
        };
        for (index, item) in question.items().into_iter().enumerate() {
            if item.id == question.id || item.name != name {
                continue;
            }
            found.push(match columns {
                0 | 1 => Second::Plain(place),
                _ => Second::Cell(place, index / columns, index % columns),
            });
        }
    }
    found.into_iter().nth(1)
}

/// The names of questions and items.
fn names(document: &Document) -> BTreeSet<String> {
    let questions = document.questions().map(|question| question.name.clone());
    let items = document.questions().flat_map(Question::items);
    questions.chain(items.map(|item| item.name.into_owned())).collect()
}

/// Renames the second of two things of which one is a cell at least: of a cell the
/// column, where the row has two of that name, and the row otherwise. What was renamed,
/// before and after; what reads it follows.
pub(super) fn rename_cell(
    document: &mut Document,
    before: &str,
    after: &str,
) -> Option<(String, String)> {
    let second = find_second(document, before)?;
    let taken = names(document);
    let place = match second {
        Second::Plain(place) | Second::Cell(place, ..) => place,
    };
    let question =
        document.pages_mut().into_iter().flat_map(|page| &mut page.questions).nth(place)?;
    let (told, pairs) = match (second, &mut question.kind) {
        (Second::Plain(_), _) => {
            let own = rename::names_of(question).into_iter().find(|name| *name == before)?;
            after.clone_into(own);
            let pair = (before.to_owned(), after.to_owned());
            (pair.clone(), vec![pair])
        }
        (Second::Cell(_, row, column), Kind::Grid(grid)) => {
            let cells = |grid: &Grid| -> Vec<String> {
                let rows = grid.rows.iter().flat_map(|row| grid.cells(row));
                rows.map(|cell| cell.name.into_owned()).collect()
            };
            let own = &grid.columns[column].name;
            let of_column = grid.columns[..column].iter().any(|one| one.name == *own);
            let old = if of_column { own.clone() } else { grid.rows[row].name.clone() };
            let known = cells(grid);
            let mut number = 2_u32;
            loop {
                let new = format!("{old}_{number}");
                let mut changed = grid.clone();
                if of_column {
                    changed.columns[column].name.clone_from(&new);
                } else {
                    changed.rows[row].name.clone_from(&new);
                }
                let pairs: Vec<_> = known.iter().cloned().zip(cells(&changed)).collect();
                let mut moved = pairs.iter().filter(|(old, new)| old != new);
                if !moved.any(|(_, new)| taken.contains(new)) {
                    *grid = changed;
                    break ((old, new), pairs);
                }
                number += 1;
            }
        }
        _ => return None,
    };
    let left = names(document);
    for (old, new) in pairs.iter().filter(|(old, new)| old != new) {
        rename::follow_from(document, old, new, !left.contains(old));
    }
    Some(told)
}
