//! `sondage tabulate`: rows by banners with bases, intervals, tests of independence and letters.

use analysis::compare::{DesignTest, IndependenceMethod};
use analysis::disclosure::suppression::{Disclosure, SuppressionRule};
use analysis::disclosure::variation::VariationClass;
use analysis::estimate::comparison::{adjusted, differences};
use analysis::estimate::moments::means_by_domain;
use analysis::estimate::presentation::Presentation;
use analysis::tabulate::{
    BannerVariable, Cell, RowData, RowVariable, TableOptions, TableRow, TestedTable, hide_also,
    tabulate_with_tests,
};
use analysis::{Error, Table, TableSpec};
use survey_builder::problem::{Phrase, phrase};

use super::arguments::{Of, Rule, TabulateArguments};
use super::data_file::Levels;
use super::designed_data::{DesignedData, read_or_tell, taken};
use super::estimate::nothing;
use super::published::{self, Counts};
use super::sheet::{Entry, Form, Sheet, print};
use super::{by_variation, caution, no_variance, notes, streamed};
use crate::terminal::Failure;

/// A difference with a smaller adjusted probability gets a letter.
const LEVEL: f64 = 0.05;

/// The test of tables: the second order of Rao and Scott.
pub(super) const TEST: IndependenceMethod = IndependenceMethod::SecondOrder;

/// For a row of a table, by its block and place, the columns that each of its columns is higher than.
pub(super) type Higher<'a> = &'a dyn Fn(&str, usize) -> Result<Vec<Vec<String>>, Error>;

/// A column with its name and levels.
pub(super) struct Named {
    /// Its name.
    pub name: String,
    /// Its levels.
    pub levels: Levels,
}

/// Tabulates and prints.
///
/// # Errors
/// What is wrong with data, design or what is asked: all of it.
pub fn run(arguments: &TabulateArguments, language: &str) -> Result<(), Failure> {
    if arguments.streamed {
        return streamed::run(arguments, language);
    }
    let study = DesignedData::open(&arguments.input)?;
    let mut problems = Vec::new();
    let mut named = |names: &[String]| -> Vec<Named> {
        let named = |name: &String| {
            let levels = read_or_tell(study.data.levels(name), &mut problems)?;
            Some(Named { name: name.clone(), levels })
        };
        names.iter().filter_map(named).collect()
    };
    let (rows, banner) = (named(&arguments.rows), named(&arguments.banner));
    let means: Vec<(String, Vec<f64>)> = (arguments.means.iter())
        .map(|name| (name.clone(), taken(study.data.numbers(name), &mut problems)))
        .collect();
    if !problems.is_empty() {
        return Err(Error::Invalid(problems).into());
    }
    let spec = spec(arguments, &rows, &means, &banner);
    let found = tabulate_with_tests(&study.design, &spec, TEST).map_err(|it| study.named(it))?;
    let mut notes = notes(&study);
    for (name, _) in study.copies.iter().filter(|(own, _)| arguments.means.contains(own)) {
        notes.push(phrase("phrase-note-gaps").with("column", name));
    }
    if matches!(arguments.share_of, Of::Column) && !banner.is_empty() {
        notes.push(letters(arguments));
    }
    publish(arguments, &spec, found, notes, language, &|name, level| match arguments.share_of {
        Of::Column => higher(&study, &rows, &means, &banner, name, level, arguments),
        _ => Ok(Vec::new()),
    })
}

/// What the column of letters means.
fn letters(arguments: &TabulateArguments) -> Phrase {
    let said = phrase("phrase-note-above").with("adjusted", arguments.adjust.named());
    said.with("level", LEVEL.to_string())
}

/// Hides what must not be shown and prints the rest. `higher` says, for a row of the table, the columns
/// that each of its columns is higher than.
pub(super) fn publish(
    arguments: &TabulateArguments,
    spec: &TableSpec<'_>,
    found: TestedTable,
    mut notes: Vec<Phrase>,
    language: &str,
    higher: Higher<'_>,
) -> Result<(), Failure> {
    let before = found.table.clone();
    let mut table = found.table;
    if let Some(path) = &arguments.ledger {
        let more = published::apply(path, arguments, &mut table, |table, rule, also| {
            hide_also(table, spec, rule, also);
        })?;
        let letters = letters(arguments);
        let letters = notes.iter().position(|note| *note == letters);
        let place = letters.unwrap_or(notes.len());
        notes.splice(place..place, more);
    }
    let counts = published::counts(arguments, &before)?;
    let mut sheets = vec![cells(arguments, &table, &counts, higher)?];
    if !spec.banner.is_empty() {
        sheets.push(tests(spec, found.tests)?);
    }
    print(&sheets, &notes, Form::of(arguments.input.json, arguments.input.csv), language)
}

/// What is asked for as the library takes it.
pub(super) fn spec<'a>(
    arguments: &TabulateArguments,
    rows: &'a [Named],
    means: &'a [(String, Vec<f64>)],
    banner: &'a [Named],
) -> TableSpec<'a> {
    let options = arguments.precision.options();
    let shares = rows.iter().map(|row| RowVariable {
        name: row.name.clone(),
        label: row.name.clone(),
        data: RowData::Coded {
            codes: row.levels.codes.as_slice().into(),
            categories: row.levels.labels.clone(),
        },
    });
    let numbers = means.iter().map(|(name, column)| RowVariable {
        name: name.clone(),
        label: name.clone(),
        data: RowData::Number(column.as_slice().into()),
    });
    TableSpec {
        title: String::new(),
        total_label: "total".to_owned(),
        rows: shares.chain(numbers).collect(),
        banner: (banner.iter())
            .map(|column| BannerVariable {
                name: column.name.clone(),
                label: column.name.clone(),
                categories: column.levels.labels.clone(),
                codes: column.levels.codes.as_slice().into(),
            })
            .collect(),
        filter: None,
        options: TableOptions {
            confidence: options.confidence,
            interval: options.interval,
            degrees_of_freedom: options.degrees_of_freedom,
            share_of: arguments.share_of.share(),
            assess_reliability: true,
            suppression: arguments
                .minimum
                .map(|minimum| SuppressionRule { minimum, hide_zero: false }),
        },
    }
}

fn cells(
    arguments: &TabulateArguments,
    table: &Table,
    counts: &[Counts],
    higher: Higher<'_>,
) -> Result<Sheet, Error> {
    let headings = [
        "row",
        "level",
        "banner",
        "column",
        "value",
        "standard_error",
        "lower",
        "upper",
        "design_effect",
        "rows",
        "base",
        "above",
        "note",
    ];
    let mut sheet = Sheet::new("cells", &headings);
    for (block, counts) in table.blocks.iter().zip(counts) {
        for (place, row) in block.rows.iter().enumerate() {
            let higher = higher(&block.name, place)?;
            for (column, cell) in row.cells.iter().enumerate() {
                let head = &table.columns[column];
                let base = block.bases[column].rows;
                let mut entries = vec![
                    Entry::from(block.name.as_str()),
                    row.label.as_str().into(),
                    head.variable.clone().unwrap_or_default().into(),
                    match head.variable {
                        Some(_) => head.label.as_str().into(),
                        None => Entry::Word(head.label.clone()),
                    },
                ];
                entries.extend(figures(cell, base, arguments));
                let hidden = cell.disclosure.is_hidden();
                let people = if hidden { Entry::None } else { counts.cells[place][column].into() };
                entries.extend([
                    people,
                    counts.bases[column].into(),
                    if hidden { Entry::None } else { above(&higher, column, row, table) },
                    note(cell, base, arguments.rule).into(),
                ]);
                sheet.rows.push(entries);
            }
        }
    }
    Ok(sheet)
}

/// The columns that a figure is higher than, hidden ones left out.
fn above(higher: &[Vec<String>], column: usize, row: &TableRow, table: &Table) -> Entry {
    let own = &table.columns[column].variable;
    let shown = |label: &&String| {
        let mut heads = table.columns.iter().zip(&row.cells);
        let found = heads.find(|(head, _)| head.variable == *own && head.label == **label);
        found.is_none_or(|(_, cell)| !cell.disclosure.is_hidden())
    };
    let labels = higher.get(column).into_iter().flatten().filter(shown).cloned();
    labels.collect::<Vec<_>>().join(", ").into()
}

/// The figures of a cell; nothing where they rest on too little.
fn figures(cell: &Cell, base: usize, arguments: &TabulateArguments) -> [Entry; 5] {
    let unreliable = match arguments.rule {
        Rule::Nchs => cell.reliability.presentation == Presentation::Suppress,
        Rule::StatisticsCanada => {
            by_variation(variation(cell), base).0 == VariationClass::Unacceptable
        }
    };
    if (unreliable && !arguments.unsuppressed) || cell.disclosure.is_hidden() {
        return [Entry::None, Entry::None, Entry::None, Entry::None, Entry::None];
    }
    [
        cell.value.into(),
        cell.standard_error.into(),
        cell.interval.map(|interval| interval.lower).into(),
        cell.interval.map(|interval| interval.upper).into(),
        cell.design_effect.into(),
    ]
}

/// The coefficient of variation of a cell.
fn variation(cell: &Cell) -> Option<f64> {
    let (value, error) = (cell.value?, cell.standard_error?);
    (value != 0.0).then(|| error / value.abs())
}

fn note(cell: &Cell, base: usize, rule: Rule) -> Vec<Phrase> {
    match cell.disclosure {
        Disclosure::TooFew => return vec![phrase("phrase-note-too-few")],
        Disclosure::Complementary => {
            return vec![phrase("phrase-note-complementary")];
        }
        Disclosure::Shown => {}
    }
    let told = match (cell.value, rule) {
        (None, _) => return vec![phrase("phrase-note-nobody")],
        (_, Rule::Nchs) => caution(&cell.reliability),
        (_, Rule::StatisticsCanada) => by_variation(variation(cell), base).1,
    };
    let unknown = cell.standard_error.is_none().then(no_variance);
    [told, unknown].into_iter().flatten().collect()
}

/// For each column of the table (the total first), the columns of its banner that the row's figure is
/// higher than.
fn higher(
    study: &DesignedData,
    rows: &[Named],
    means: &[(String, Vec<f64>)],
    banner: &[Named],
    name: &str,
    level: usize,
    arguments: &TabulateArguments,
) -> Result<Vec<Vec<String>>, Error> {
    let values: Vec<f64> = match rows.iter().find(|row| row.name == name) {
        Some(row) => row.levels.codes.iter().map(|&code| indicator(code, level + 1)).collect(),
        None => {
            means.iter().find(|(own, _)| own == name).map(|(_, c)| c.clone()).unwrap_or_default()
        }
    };
    let options = arguments.precision.options();
    let mut found = vec![Vec::new()];
    for variable in banner {
        let mut places = Vec::new();
        let mut domains = Vec::new();
        for place in 0..variable.levels.labels.len() {
            let members: Vec<bool> =
                variable.levels.codes.iter().map(|&code| usize::from(code) == place + 1).collect();
            let known = |row: usize| members[row] && !values[row].is_nan();
            if (0..values.len()).any(|row| known(row) && study.design.weights()[row] > 0.0) {
                places.push(place);
                domains.push(members);
            }
        }
        let mut above = vec![Vec::new(); variable.levels.labels.len()];
        if domains.len() > 1 {
            let joint = means_by_domain(&study.design, &values, &domains, &options)?;
            let degrees = study.design.degrees_of_freedom(options.degrees_of_freedom, None, None);
            let pairs = differences(&joint, degrees)?;
            let chances: Vec<f64> = pairs.iter().map(|pair| pair.p.unwrap_or(f64::NAN)).collect();
            for (pair, p) in pairs.iter().zip(adjusted(&chances, arguments.adjust.adjustment())) {
                let (one, other) = (places[pair.pair.0], places[pair.pair.1]);
                if p < LEVEL {
                    let (high, low) = if pair.value > 0.0 { (one, other) } else { (other, one) };
                    above[high].push(variable.levels.labels[low].clone());
                }
            }
        }
        found.extend(above);
    }
    Ok(found)
}

fn indicator(code: u16, level: usize) -> f64 {
    match usize::from(code) {
        0 => f64::NAN,
        code => f64::from(u8::from(code == level)),
    }
}

/// The tests of each row variable and banner.
fn tests(spec: &TableSpec<'_>, found: Vec<Vec<Result<DesignTest, Error>>>) -> Result<Sheet, Error> {
    let mut sheet = Sheet::new("tests", &["row", "banner", "rao_scott_f", "p", "note"]);
    let shares =
        spec.rows.iter().zip(found).filter(|(row, _)| !matches!(row.data, RowData::Number(_)));
    for (row, tests) in shares {
        for (column, test) in spec.banner.iter().zip(tests) {
            let mut entries =
                vec![Entry::from(row.name.as_str()), Entry::from(column.name.as_str())];
            match test {
                Ok(test) => {
                    entries.extend([test.statistic.into(), test.p.into(), Entry::None]);
                }
                Err(error) => {
                    entries.extend([Entry::None, Entry::None, nothing(error)?.into()]);
                }
            }
            sheet.rows.push(entries);
        }
    }
    Ok(sheet)
}
