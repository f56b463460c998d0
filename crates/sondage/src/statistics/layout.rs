//! A table laid out as people read one: levels down, columns of the banner across.

use analysis::Table;
use analysis::tabulate::{Block, BlockKind, ColumnDifference};

use super::arguments::TabulateArguments;
use super::letters;
use super::published::Counts;
use super::sheet::{Entry, Sheet};
use super::tabulate::{is_shown, note};

/// What stands for a figure that is not shown.
const HIDDEN: &str = "–";

/// One sheet for each variable of the rows: figures with the letters of the columns that they are higher than,
/// and the bases below. `*` marks what has a remark.
pub(super) fn sheets(
    arguments: &TabulateArguments,
    table: &Table,
    counts: &[Counts],
    differences: &[Vec<Vec<ColumnDifference>>],
    language: &str,
) -> Vec<Sheet> {
    let heads = heads(table, language);
    let blocks = table.blocks.iter().zip(counts).enumerate();
    blocks
        .map(|(number, (block, counts))| {
            let mut sheet = Sheet::labelled("table", &block.name, &heads);
            for (place, row) in block.rows.iter().enumerate() {
                let own = differences.get(number).and_then(|rows| rows.get(place));
                let own = own.map_or(&[][..], Vec::as_slice);
                let compared = letters::of_row(arguments, table, block, place, own);
                let mut entries = vec![label_of(block, &row.label)];
                for (column, cell) in row.cells.iter().enumerate() {
                    let base = block.bases[column].rows;
                    let marked = !note(cell, block, base, arguments.rule).is_empty();
                    let value = cell.value.filter(|_| is_shown(cell, base, arguments));
                    let figure = value.map_or_else(
                        || HIDDEN.to_owned(),
                        |value| {
                            let letters = letters_of(table, compared[column].columns_above());
                            let mark = if marked { "*" } else { "" };
                            let space = if letters.is_empty() { "" } else { " " };
                            format!("{}{mark}{space}{letters}", figure(value, block.kind, language))
                        },
                    );
                    entries.push(figure.into());
                }
                sheet.rows.push(entries);
            }
            let bases = counts.bases.iter().map(|base| Entry::from(*base));
            sheet.rows.push(std::iter::once(Entry::Text("n".to_owned())).chain(bases).collect());
            sheet
        })
        .collect()
}

/// The labels of columns, those of a banner with its name and their letter.
fn heads(table: &Table, language: &str) -> Vec<String> {
    let heads = table.columns.iter().enumerate();
    heads
        .map(|(place, head)| match &head.variable {
            None => locale::text(language, "figures-word-total", &[]),
            Some(variable) => {
                format!("{variable}: {} ({})", head.label, letter(table, place))
            }
        })
        .collect()
}

fn letters_of(table: &Table, columns: &[usize]) -> String {
    columns.iter().map(|column| letter(table, *column)).collect::<Vec<_>>().join(" ")
}

/// The letter of a column of the banner: a to z, then aa.
fn letter(table: &Table, column: usize) -> String {
    let of_banner = table.columns[..column].iter().filter(|head| head.variable.is_some());
    let (mut place, mut letters) = (of_banner.count() + 1, String::new());
    while place > 0 {
        letters.insert(0, ('a'..='z').nth((place - 1) % 26).unwrap_or('z'));
        place = (place - 1) / 26;
    }
    letters
}

/// Means have the name of their column alone.
fn label_of(block: &Block, label: &str) -> Entry {
    match block.kind {
        BlockKind::Mean => Entry::Word("mean".to_owned()),
        _ => label.into(),
    }
}

fn figure(value: f64, kind: BlockKind, language: &str) -> String {
    match kind {
        BlockKind::Mean => locale::number(language, value, 2),
        _ => format!("{} %", locale::number(language, 100.0 * value, 1)),
    }
}
