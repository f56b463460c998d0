//! Which columns of a table are higher than which: letters, and why some columns have none.

use crate::estimate::comparison::{Adjustment, adjusted};
use crate::estimate::presentation::Reason;
use crate::tabulate::{Cell, ColumnDifference, Table};

/// Why a cell is not held against others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Untested {
    /// It has no figure, or one that is not shown.
    NotShown,
    /// It rests on too few people.
    Base,
    /// It is 0 or 1, so that its variance says nothing.
    ZeroOrOne,
    /// Its variance is zero or unknown.
    NoVariance,
}

/// What a cell's comparison with the others of its row and banner says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Letters {
    /// Columns of the table that it is higher than.
    pub above: Vec<usize>,
    /// Why it was not compared.
    pub untested: Option<Untested>,
}

/// How letters are given.
#[derive(Debug, Clone, Copy)]
pub struct LetterRule {
    /// A difference with a smaller adjusted probability gets a letter.
    pub level: f64,
    /// How probabilities are raised within a row and a banner variable; none: they are not.
    pub adjustment: Option<Adjustment>,
}

/// Letters of one row, a column of the table each. `shown` says which cells may be seen; those that may
/// not neither have letters nor are named by any. They count among the comparisons all the same: which
/// cells are shown depends on how precise they look, and the letters among those that look most precise
/// would be too many.
pub fn letters(
    table: &Table,
    cells: &[Cell],
    differences: &[ColumnDifference],
    rule: LetterRule,
    shown: &dyn Fn(usize) -> bool,
) -> Vec<Letters> {
    let mut found: Vec<Letters> = (cells.iter().enumerate())
        .map(|(column, cell)| Letters {
            above: Vec::new(),
            untested: untested(cell, shown(column)),
        })
        .collect();
    let variable =
        |column: usize| table.columns.get(column).and_then(|head| head.variable.as_ref());
    let free = |found: &[Letters], column: usize| {
        found.get(column).is_some_and(|own| own.untested.is_none())
    };
    let mut first = 0;
    while first < differences.len() {
        let banner = variable(differences[first].columns.0);
        let own = differences[first..]
            .iter()
            .take_while(|difference| variable(difference.columns.0) == banner);
        let family: Vec<&ColumnDifference> = own.collect();
        first += family.len();
        let chances: Vec<f64> = family.iter().map(|one| one.p.unwrap_or(f64::NAN)).collect();
        let raised = match rule.adjustment {
            Some(adjustment) => adjusted(&chances, adjustment),
            None => chances,
        };
        for (difference, p) in family.into_iter().zip(raised) {
            let (one, other) = difference.columns;
            if p < rule.level && free(&found, one) && free(&found, other) {
                let (high, low) = if difference.value > 0.0 { (one, other) } else { (other, one) };
                found[high].above.push(low);
            }
        }
    }
    found
}

/// Why a cell is not compared, if it is not.
pub fn untested(cell: &Cell, shown: bool) -> Option<Untested> {
    let has = |reason: Reason| cell.reliability.reasons.contains(&reason);
    let value = cell.value.filter(|_| shown);
    if value.is_none() {
        Some(Untested::NotShown)
    } else if has(Reason::EffectiveRowsBelow30) || has(Reason::RowsBelow30) {
        Some(Untested::Base)
    } else if has(Reason::ZeroOrOne) {
        Some(Untested::ZeroOrOne)
    } else if cell.standard_error.is_none() || cell.degrees_of_freedom <= 0.0 {
        Some(Untested::NoVariance)
    } else {
        None
    }
}
