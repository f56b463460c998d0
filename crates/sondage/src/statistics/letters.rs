//! What the cells of a table say of one another: letters for columns that are lower, and marks of what is
//! above or below the rest.

use analysis::Table;
use analysis::tabulate::marks::{LetterRule, Letters, Untested, letters, untested};
use analysis::tabulate::rest::RestDifference;
use analysis::tabulate::{Block, ColumnDifference};
use survey_builder::problem::{Phrase, phrase};

use super::arguments::{Of, TabulateArguments};
use super::sheet::{Entry, Sheet};
use super::tabulate::is_shown;

/// A difference with a smaller adjusted probability is marked.
const LEVEL: f64 = 0.05;

/// What a cell's comparisons say, as it is printed.
pub(super) struct Compared {
    letters: Letters,
    /// Whether cells of its row are compared at all.
    asked: bool,
}

impl Compared {
    /// The columns that it is higher than.
    pub(super) fn columns_above(&self) -> &[usize] {
        &self.letters.above
    }

    /// Labels of the columns that it is higher than.
    pub(super) fn above(&self, table: &Table) -> String {
        let heads = self.letters.above.iter().filter_map(|&column| table.columns.get(column));
        heads.map(|head| head.label.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// Why a figure that is shown was not compared.
    pub(super) fn reason(&self) -> Option<Phrase> {
        let reason = match self.letters.untested.filter(|_| self.asked)? {
            Untested::NotShown => return None,
            Untested::Base => phrase("phrase-reason-base"),
            Untested::ZeroOrOne => phrase("phrase-reason-zero-or-one"),
            Untested::NoVariance => phrase("phrase-reason-no-standard-error"),
        };
        Some(phrase("phrase-note-not-compared").with("reason", reason))
    }
}

/// What the letters mean, and the marks where they are asked for.
pub(super) fn legend(arguments: &TabulateArguments) -> Vec<Phrase> {
    let (adjusted, level) = (arguments.adjust.named(), LEVEL.to_string());
    let mut said = Vec::new();
    if matches!(arguments.share_of, Of::Column) {
        let above = phrase("phrase-note-above").with("adjusted", adjusted.clone());
        said.push(above.with("level", level.clone()));
    }
    if arguments.against_rest {
        said.push(phrase("phrase-note-rest").with("adjusted", adjusted).with("level", level));
    }
    said
}

/// Letters of a row of the table, a column each.
pub(super) fn of_row(
    arguments: &TabulateArguments,
    table: &Table,
    block: &Block,
    row: usize,
    differences: &[ColumnDifference],
) -> Vec<Compared> {
    let cells = block.rows.get(row).map_or(&[][..], |row| row.cells.as_slice());
    let shown = |column: usize| {
        cells
            .get(column)
            .zip(block.bases.get(column))
            .is_some_and(|(cell, base)| is_shown(cell, base.rows, arguments))
    };
    let rule = LetterRule { level: LEVEL, adjustment: arguments.adjust.adjustment() };
    let found = letters(table, cells, differences, rule, &shown);
    let banner = |column: usize| table.columns.get(column).is_some_and(|it| it.variable.is_some());
    let compared = (found.into_iter().enumerate()).map(|(column, letters)| Compared {
        letters,
        asked: !differences.is_empty() && banner(column),
    });
    compared.collect()
}

/// Each figure less that of the rest of its row (or column), with its interval and mark.
pub(super) fn rest(
    arguments: &TabulateArguments,
    table: &Table,
    found: &[Vec<Vec<RestDifference>>],
) -> Sheet {
    let headings = [
        "row",
        "level",
        "banner",
        "column",
        "difference",
        "standard_error",
        "lower",
        "upper",
        "degrees_of_freedom",
        "p",
        arguments.adjust.heading(),
        "against_rest",
        "note",
    ];
    let mut sheet = Sheet::new("rest", &headings);
    for (block, rows) in table.blocks.iter().zip(found) {
        for (place, own) in rows.iter().enumerate() {
            of_line(arguments, table, block, place, own, &mut sheet);
        }
    }
    sheet
}

/// The differences of one row of the table; probabilities are raised within a banner variable.
fn of_line(
    arguments: &TabulateArguments,
    table: &Table,
    block: &Block,
    place: usize,
    found: &[RestDifference],
    sheet: &mut Sheet,
) {
    let Some(row) = block.rows.get(place) else { return };
    let variable = |one: &RestDifference| table.columns.get(one.column).map(|it| &it.variable);
    for family in found.chunk_by(|one, other| variable(one) == variable(other)) {
        let hidden = family
            .iter()
            .any(|one| row.cells.get(one.column).is_none_or(|cell| cell.disclosure.is_hidden()));
        let tested: Vec<Option<Untested>> = (family.iter())
            .map(|one| {
                let cell = row.cells.get(one.column)?;
                let base = block.bases.get(one.column)?.rows;
                // What is hidden could be worked out from what the others say of it.
                untested(cell, !hidden && is_shown(cell, base, arguments))
            })
            .collect();
        // Those that are not shown count among the comparisons, as for letters.
        let chances: Vec<f64> = family.iter().map(|one| one.p.unwrap_or(f64::NAN)).collect();
        let raised = arguments.adjust.raised(&chances);
        for (((one, p), raised), why) in family.iter().zip(&chances).zip(raised).zip(&tested) {
            let blank = |value: f64| if why.is_none() { value } else { f64::NAN };
            let (p, raised) = (blank(*p), blank(raised));
            let Some(head) = table.columns.get(one.column) else { continue };
            let known = |value: f64| if p.is_nan() { Entry::None } else { value.into() };
            let mark = if raised < LEVEL {
                Entry::Word(if one.value > 0.0 { "above" } else { "below" }.to_owned())
            } else {
                Entry::None
            };
            sheet.rows.push(vec![
                block.name.as_str().into(),
                row.label.as_str().into(),
                head.variable.clone().unwrap_or_default().into(),
                head.label.as_str().into(),
                known(one.value),
                known(one.standard_error),
                one.interval.map_or(Entry::None, |interval| known(interval.lower)),
                one.interval.map_or(Entry::None, |interval| known(interval.upper)),
                known(one.degrees_of_freedom),
                p.into(),
                raised.into(),
                mark,
                p.is_nan().then(|| phrase("phrase-note-no-rest")).into(),
            ]);
        }
    }
}
