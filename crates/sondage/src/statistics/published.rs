//! What a table may tell beside what was published before, and counts that are rounded.

use std::path::Path;

use analysis::disclosure::ledger::{Group, Ledger};
use analysis::disclosure::rounding::{controlled, nearest, randomly};
use analysis::disclosure::suppression::SuppressionRule;
use analysis::problem::at_level;
use analysis::tabulate::{Block, BlockKind};
use analysis::{Error, Problem, Table};
use survey_builder::problem::{Argument, Phrase, phrase};
use survey_builder::sampling::Seed;

use super::arguments::{Rounding, TabulateArguments};
use super::listed;
use crate::output::{Output, Readers};
use crate::terminal::Failure;

/// Counts of one block as they are printed.
pub struct Counts {
    /// Cells, a list a row.
    pub cells: Vec<Vec<usize>>,
    /// Bases, one a column.
    pub bases: Vec<usize>,
}

/// The group that a cell (`row`: its place) or, without a row, a base stands for.
fn group(table: &Table, block: &Block, row: Option<usize>, column: usize) -> Group {
    let head = &table.columns[column];
    let mut conditions = Vec::new();
    if let Some(variable) = &head.variable {
        conditions.push((variable.as_str(), head.label.as_str()));
    }
    let people = match row {
        Some(row) if block.kind != BlockKind::Mean => {
            conditions.push((block.name.as_str(), block.rows[row].label.as_str()));
            block.rows[row].cells[column].rows
        }
        _ => block.bases[column].rows,
    };
    let mut group = Group::of(&conditions, people);
    // Those who gave no value to the row variable are in neither cell nor base.
    let known = std::collections::BTreeSet::from([YES.to_owned()]);
    group.conditions.insert(format!("{}{KNOWN}", block.name), known);
    group
}

/// How the ledger writes that a variable has a value, whichever.
const KNOWN: &str = " known";
const YES: &str = "yes";

/// A group in words: `region = north, sex = f`.
fn in_words(group: &Group) -> Argument {
    let one = |(variable, levels): (&String, &std::collections::BTreeSet<String>)| -> Argument {
        match variable.strip_suffix(KNOWN) {
            Some(variable) if levels.iter().eq([YES]) => {
                phrase("phrase-group-known").with("variable", variable).into()
            }
            _ => {
                let either = |one: Argument, other: Argument| {
                    phrase("phrase-group-either").with("one", one).with("other", other).into()
                };
                let levels = levels.iter().map(Argument::from).reduce(either);
                at_level(variable, levels.unwrap_or_else(|| "".into())).into()
            }
        }
    };
    if group.conditions.is_empty() {
        return phrase("phrase-group-everybody").into();
    }
    listed(group.conditions.iter().map(one).collect())
}

fn one_by_one(groups: &[Group]) -> Argument {
    let beside = |one: Argument, other: Argument| {
        phrase("phrase-group-and").with("one", one).with("other", other).into()
    };
    groups.iter().map(in_words).reduce(beside).unwrap_or_else(|| "".into())
}

/// Holds a table against the ledger: cells that tell of few people beside what was published are hidden,
/// with what they could be worked out from; then, where asked, what is shown is written into the ledger.
/// Answers notes.
///
/// # Errors
/// A ledger that cannot be read or written; a column whose base tells of few people.
pub fn apply(
    path: &Path,
    arguments: &TabulateArguments,
    table: &mut Table,
    hide: impl Fn(&mut Table, SuppressionRule, &dyn Fn(usize, usize, usize) -> bool),
) -> Result<Vec<Phrase>, Failure> {
    let told = |reason: String| Failure::File { file: path.display().to_string(), reason };
    let minimum = arguments.minimum.unwrap_or(0);
    let mut ledger = match std::fs::read_to_string(path) {
        Ok(text) => serde_json::from_str(&text).map_err(|error| told(error.to_string()))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ledger::default(),
        Err(error) => return Err(told(error.to_string())),
    };
    let mut notes = Vec::new();
    let mut hidden = std::collections::BTreeSet::new();
    let mut problems = Vec::new();
    for (place, block) in table.blocks.iter().enumerate() {
        for column in 0..block.bases.len() {
            let base = group(table, block, None, column);
            if let Some(found) = ledger.check(&base, minimum) {
                let place = at_level(&block.name, &table.columns[column].label);
                let others = one_by_one(&found.against);
                problems.push(Problem::new("published_before", place).with("others", others));
            }
            for row in 0..block.rows.len() {
                let own = group(table, block, Some(row), column);
                if let Some(found) = ledger.check(&own, minimum) {
                    hidden.insert((place, row, column));
                    let said = phrase("phrase-note-hidden").with("group", in_words(&own));
                    notes.push(said.with("others", one_by_one(&found.against)));
                }
            }
        }
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems).into());
    }
    let rule = SuppressionRule { minimum, hide_zero: false };
    if !hidden.is_empty() {
        hide(table, rule, &|block, row, column| hidden.contains(&(block, row, column)));
    }
    if arguments.publish {
        for block in &table.blocks {
            for column in 0..block.bases.len() {
                ledger.publish(group(table, block, None, column));
                for row in 0..block.rows.len() {
                    if !block.rows[row].cells[column].disclosure.is_hidden() {
                        ledger.publish(group(table, block, Some(row), column));
                    }
                }
            }
        }
        let text =
            serde_json::to_string_pretty(&ledger).map_err(|error| told(error.to_string()))?;
        // The ledger is read and written: it only grows.
        Output::check(path, &[], &[], true, Readers::Owner)?.write_bytes(text.as_bytes())?;
        let count = ledger.published.len().to_string();
        notes.push(phrase("phrase-note-ledger").with("count", count));
    }
    Ok(notes)
}

/// The counts of every block, rounded where that is asked for.
///
/// # Errors
/// A base of rounding below 2; controlled rounding of several banners at once.
pub fn counts(arguments: &TabulateArguments, table: &Table) -> Result<Vec<Counts>, Error> {
    let plain = table.blocks.iter().map(|block| Counts {
        cells: block
            .rows
            .iter()
            .map(|row| row.cells.iter().map(|cell| cell.rows).collect())
            .collect(),
        bases: block.bases.iter().map(|base| base.rows).collect(),
    });
    let Some(base) = arguments.round else { return Ok(plain.collect()) };
    if arguments.rounding == Rounding::Controlled && arguments.banner.len() > 1 {
        let problem = Problem::new("rounding_banners", "--rounding controlled");
        return Err(Error::Invalid(vec![problem.with("banners", arguments.banner.len())]));
    }
    let blocks = plain.zip(&table.blocks).zip(0_u64..);
    blocks.map(|((counts, block), place)| rounded(arguments, base, &counts, block, place)).collect()
}

fn rounded(
    arguments: &TabulateArguments,
    base: u64,
    counts: &Counts,
    block: &Block,
    place: u64,
) -> Result<Counts, Error> {
    let seed = Seed(arguments.seed.wrapping_add(place));
    let width = counts.bases.len();
    let as_u64 = |list: &[usize]| -> Vec<u64> { list.iter().map(|own| *own as u64).collect() };
    let as_usize = |list: Vec<u64>| -> Vec<usize> {
        list.into_iter().map(|own| usize::try_from(own).unwrap_or(0)).collect()
    };
    let each = |list: &[usize]| -> Result<Vec<usize>, Error> {
        let near: Result<Vec<u64>, Error> =
            as_u64(list).into_iter().map(|own| nearest(own, base)).collect();
        near.map(as_usize)
    };
    match arguments.rounding {
        Rounding::Nearest => Ok(Counts {
            cells: counts.cells.iter().map(|row| each(row)).collect::<Result<_, _>>()?,
            bases: each(&counts.bases)?,
        }),
        Rounding::Random => {
            let mut all: Vec<u64> = counts.cells.iter().flat_map(|row| as_u64(row)).collect();
            all.extend(as_u64(&counts.bases));
            let mut found = as_usize(randomly(&all, base, seed)?);
            let bases = found.split_off(counts.cells.len() * width);
            Ok(Counts { cells: found.chunks(width).map(<[usize]>::to_vec).collect(), bases })
        }
        Rounding::Controlled => {
            // With a banner its columns make up the total; those in none are a column of their own.
            let parts = usize::from(width > 1);
            let inner: Vec<u64> = (counts.cells.iter())
                .flat_map(|row| {
                    let mut own = as_u64(&row[parts..]);
                    if parts == 1 {
                        own.push((row[0] as u64).saturating_sub(own.iter().sum()));
                    }
                    own
                })
                .collect();
            let columns = if parts == 1 { width } else { 1 };
            let found = controlled(&inner, columns, base, seed)?;
            let cells = found.cells.chunks(columns).zip(&found.rows);
            let cells = cells.map(|(own, total)| {
                let mut row = if parts == 1 { vec![*total] } else { Vec::new() };
                row.extend(&own[..columns - parts]);
                as_usize(row)
            });
            let bases = if block.kind == BlockKind::Shares {
                let mut bases = if parts == 1 { vec![found.total] } else { Vec::new() };
                bases.extend(&found.columns[..columns - parts]);
                as_usize(bases)
            } else {
                each(&counts.bases)?
            };
            Ok(Counts { cells: cells.collect(), bases })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use locale::argument_text;

    use super::*;

    #[test]
    fn groups_are_told_in_both_languages() {
        let mut group = Group::of(&[("region", "north")], 9);
        let levels = ["north", "south"].map(str::to_owned);
        group.conditions.insert("region".to_owned(), BTreeSet::from(levels));
        group.conditions.insert(format!("smoke{KNOWN}"), BTreeSet::from([YES.to_owned()]));
        let everybody = Group::of(&[], 20);
        let told = |language: &str| {
            argument_text(&one_by_one(&[group.clone(), everybody.clone()]), language)
        };
        assert_eq!(told("en"), "region = north or south, smoke known = yes; everybody");
        assert_eq!(told("vi"), "region = north hoặc south, đã rõ smoke; mọi người");
    }
}
