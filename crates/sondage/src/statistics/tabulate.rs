//! `sondage tabulate`: rows by banners with bases, intervals, tests of independence and letters.

use std::collections::{BTreeMap, BTreeSet};

use analysis::compare::{DesignTest, IndependenceMethod};
use analysis::disclosure::suppression::{Disclosure, SuppressionRule};
use analysis::disclosure::variation::VariationClass;
use analysis::estimate::is_rounding;
use analysis::estimate::presentation::{Presentation, Reason};
use analysis::model::linear::{
    Family, LinearModel, Link, Stopping, WaldTest, linear_model, wald_test,
};
use analysis::model::ranks::group_terms;
use analysis::problem::Fault;
use analysis::tabulate::rest::{RestDifference, against_rest};
use analysis::tabulate::{
    BannerVariable, Block, BlockKind, Cell, ColumnDifference, RowData, RowVariable, TableOptions,
    TestedTable, hide_also, tabulate_compared,
};
use analysis::{Coded, Error, Problem, Table, TableSpec};
use survey_builder::problem::{Phrase, phrase};

use super::arguments::{Layout, Rule, TabulateArguments};
use super::data_file::{Levels, SetColumns};
use super::designed_data::{DesignedData, read_or_tell, taken};
use super::estimate::nothing;
use super::published::{self, Counts};
use super::sheet::{Entry, Form, Sheet, print};
use super::{by_variation, caution, layout, letters, notes, streamed, why_unknown};
use crate::terminal::Failure;

/// The test of tables: the second order of Rao and Scott.
pub(super) const TEST: IndependenceMethod = IndependenceMethod::SecondOrder;

/// A column with its name and levels.
pub(super) struct Named {
    /// Its name.
    pub name: String,
    /// Its levels.
    pub levels: Levels,
}

/// What the rows of a part of a table are of.
pub(super) enum Rows {
    /// The levels of a column.
    Levels(Named),
    /// The options of a response set.
    Set(String, SetColumns),
}

/// Tabulates and prints.
///
/// # Errors
/// What is wrong with data, design or what is asked: all of it.
pub fn run(arguments: &TabulateArguments, language: &str) -> Result<(), Failure> {
    if arguments.streamed {
        return streamed::run(arguments, language);
    }
    let study = DesignedData::open(arguments.input.origin(), language)?;
    let mut problems = Vec::new();
    let named = |name: &String, problems: &mut Vec<Problem>| {
        let levels = read_or_tell(study.data.levels(name), problems)?;
        Some(Named { name: name.clone(), levels })
    };
    let rows = arguments.rows.iter().filter_map(|name| match study.data.set(name) {
        Some(set) => Some(Rows::Set(name.clone(), read_or_tell(set, &mut problems)?)),
        None => named(name, &mut problems).map(Rows::Levels),
    });
    let rows: Vec<Rows> = rows.collect();
    let banner = arguments.banner.iter().filter_map(|name| named(name, &mut problems));
    let banner: Vec<Named> = banner.collect();
    let holds = arguments.condition.as_ref();
    let holds = holds.and_then(|text| read_or_tell(study.data.holds(text), &mut problems));
    let means: Vec<(String, Vec<f64>)> = (arguments.means.iter())
        .map(|name| (name.clone(), taken(study.data.numbers(name), &mut problems)))
        .collect();
    if !problems.is_empty() {
        return Err(Error::Invalid(problems).into());
    }
    let mut spec = spec(arguments, &rows, &means, &banner);
    spec.filter = holds.map(Into::into);
    let found = tabulate_compared(&study.design, &spec, TEST).map_err(|it| study.named(it))?;
    let rest = if arguments.against_rest {
        against_rest(&study.design, &spec).map_err(|it| study.named(it))?
    } else {
        Vec::new()
    };
    let mut notes = notes(&study);
    if let Some(condition) = &arguments.condition {
        notes.push(phrase("phrase-note-where").with("condition", condition));
    }
    for (name, _) in study.copies.iter().filter(|(own, _)| arguments.means.contains(own)) {
        notes.push(phrase("phrase-note-gaps").with("column", name));
    }
    let means = mean_tests(&study, &spec).map_err(|it| study.named(it))?;
    publish(arguments, &spec, found, (&rest, means), notes, language)
}

/// Hides what must not be shown and prints the others, with letters; `rest` are the differences of cells from
/// the rest of their row or column, `means` the tests of means.
pub(super) fn publish(
    arguments: &TabulateArguments,
    spec: &TableSpec<'_>,
    found: TestedTable,
    (rest, means): (&[Vec<Vec<RestDifference>>], Option<Sheet>),
    mut notes: Vec<Phrase>,
    language: &str,
) -> Result<(), Failure> {
    let before = found.table.clone();
    let TestedTable { mut table, tests: tested, differences } = found;
    if let Some(path) = &arguments.ledger {
        let more = published::apply(path, arguments, &mut table, |table, rule, also| {
            hide_also(table, spec, rule, also);
        })?;
        notes.extend(more);
    }
    let counts = published::counts(arguments, &before)?;
    let mut sheets = match arguments.layout {
        Layout::List => vec![cells(arguments, &table, &counts, &differences)],
        Layout::Table => layout::sheets(arguments, &table, &counts, &differences, language),
    };
    if arguments.layout == Layout::Table {
        notes.push(phrase("phrase-note-layout"));
    }
    if !spec.banner.is_empty() {
        notes.extend(letters::legend(arguments));
        sheets.push(tests(spec, tested)?);
        sheets.extend(means);
    }
    if arguments.against_rest {
        sheets.push(letters::rest(arguments, &table, rest));
    }
    print(&sheets, &notes, Form::of(arguments.input.json, arguments.input.csv), language)
}

/// What is asked for as the library takes it.
pub(super) fn spec<'a>(
    arguments: &TabulateArguments,
    rows: &'a [Rows],
    means: &'a [(String, Vec<f64>)],
    banner: &'a [Named],
) -> TableSpec<'a> {
    let options = arguments.precision.options();
    let shares = rows.iter().map(|row| {
        let (name, data) = match row {
            Rows::Levels(row) => {
                let codes = row.levels.codes.as_slice().into();
                (&row.name, RowData::Coded { codes, categories: row.levels.labels.clone() })
            }
            Rows::Set(name, set) => {
                let (options, answered) = (set.options.as_slice(), set.answered.as_slice());
                let labels = set.labels.clone();
                (name, RowData::Set { options: options.into(), answered: answered.into(), labels })
            }
        };
        RowVariable { name: name.clone(), label: name.clone(), data }
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
    differences: &[Vec<Vec<ColumnDifference>>],
) -> Sheet {
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
    for (number, (block, counts)) in table.blocks.iter().zip(counts).enumerate() {
        for (place, row) in block.rows.iter().enumerate() {
            let own = differences.get(number).and_then(|rows| rows.get(place));
            let own = own.map_or(&[][..], Vec::as_slice);
            let compared = letters::of_row(arguments, table, block, place, own);
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
                let mut said = note(cell, block, base, arguments.rule);
                said.extend(compared[column].reason());
                entries.extend([
                    people,
                    counts.bases[column].into(),
                    compared[column].above(table).into(),
                    said.into(),
                ]);
                sheet.rows.push(entries);
            }
        }
    }
    sheet
}

/// Whether the figures of a cell are printed: not where they rest on too little, or on too few people.
pub(super) fn is_shown(cell: &Cell, base: usize, arguments: &TabulateArguments) -> bool {
    let unreliable = match arguments.rule {
        Rule::Nchs => cell.reliability.presentation == Presentation::Suppress,
        Rule::StatisticsCanada => {
            by_variation(variation(cell), base).0 == VariationClass::Unacceptable
        }
    };
    (!unreliable || arguments.unsuppressed) && !cell.disclosure.is_hidden()
}

/// The figures of a cell; nothing where they are not shown.
fn figures(cell: &Cell, base: usize, arguments: &TabulateArguments) -> [Entry; 5] {
    if !is_shown(cell, base, arguments) {
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

pub(super) fn note(cell: &Cell, block: &Block, base: usize, rule: Rule) -> Vec<Phrase> {
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
    let zero = cell.reliability.reasons.contains(&Reason::NoVariation)
        || (block.kind != BlockKind::Mean && cell.value.is_some_and(|it| it <= 0.0 || it >= 1.0));
    let unknown = cell.standard_error.is_none();
    let unknown = unknown.then(|| why_unknown(&cell.reliability, zero, rule)).flatten();
    [told, unknown].into_iter().flatten().collect()
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
                    let left_out = (test.left_out > 0).then(|| {
                        let count = test.left_out.to_string();
                        phrase("phrase-note-empty-levels").with("count", count)
                    });
                    entries.extend([test.statistic.into(), test.p.into(), left_out.into()]);
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

/// Whether means differ between the columns of each banner variable: Wald's F test of the differences from
/// the first in a linear model. Nothing where there are no means or no banner.
fn mean_tests(study: &DesignedData, spec: &TableSpec<'_>) -> Result<Option<Sheet>, Error> {
    let headings = ["row", "banner", "wald_f", "terms", "degrees_of_freedom", "p", "note"];
    let mut sheet = Sheet::new("mean_tests", &headings);
    for row in &spec.rows {
        let RowData::Number(values) = &row.data else { continue };
        for column in &spec.banner {
            let mut entries =
                vec![Entry::from(row.name.as_str()), Entry::from(column.name.as_str())];
            match mean_test(study, values, column, spec.filter.as_deref()) {
                Ok((test, unknown)) => {
                    let left_out = (unknown > 0).then(|| {
                        phrase("phrase-note-unknown-levels").with("count", unknown.to_string())
                    });
                    let figures =
                        test.map(|test| [test.f, test.numerator, test.denominator, test.p]);
                    entries.extend(
                        figures.map_or([const { Entry::None }; 4], |all| all.map(Entry::from)),
                    );
                    entries.push(left_out.into());
                }
                Err(error) => {
                    entries.extend([Entry::None, Entry::None, Entry::None, Entry::None]);
                    entries.push(nothing(error)?.into());
                }
            }
            sheet.rows.push(entries);
        }
    }
    Ok(Some(sheet).filter(|sheet| !sheet.rows.is_empty()))
}

/// The test, and how many levels were left out of it because how much their means vary is
/// unknown: they lie in one cluster, or their values are all alike. None where fewer than
/// two are left.
fn mean_test(
    study: &DesignedData,
    values: &[f64],
    column: &BannerVariable<'_>,
    domain: Option<&[bool]>,
) -> Result<(Option<WaldTest>, usize), Error> {
    let weights = study.design.weights();
    let counts = |row: usize| {
        !values[row].is_nan() && weights[row] > 0.0 && domain.is_none_or(|rows| rows[row])
    };
    // Levels of which nobody has a value say nothing.
    let mut used: BTreeSet<u16> = (column.codes.iter().enumerate())
        .filter(|(row, code)| **code > 0 && counts(*row))
        .map(|(_, code)| *code)
        .collect();
    let all = used.len();
    if all < 2 {
        let fault = Fault::DataTooFew { found: all, least: 2 };
        return Err(fault.refused(phrase("phrase-input-groups")));
    }
    while used.len() >= 2 {
        let places: BTreeMap<u16, u16> = used.iter().copied().zip(1..).collect();
        let codes: Vec<u16> =
            column.codes.iter().map(|code| places.get(code).copied().unwrap_or(0)).collect();
        let terms = group_terms(Coded { codes: &codes, levels: used.len() });
        let (family, link, stop) = (Family::Gaussian, Link::Identity, Stopping::AtRest);
        let model = linear_model(&study.design, values, &terms, family, link, stop, domain)?;
        let known = known_levels(&model);
        let before = used.len();
        let mut level = known.iter();
        used.retain(|_| level.next().copied().unwrap_or(true));
        if used.len() == before {
            let slopes: Vec<usize> = (1..used.len()).collect();
            let (covariance, df) = (&model.covariance, model.degrees_of_freedom);
            let test = wald_test(&model.coefficients, covariance, df, &slopes)?;
            return Ok((Some(test), all - used.len()));
        }
    }
    Ok((None, all - used.len()))
}

/// Of which levels the mean has a standard error that is more than rounding. In the model
/// the first is the intercept, the others are differences from it.
fn known_levels(model: &LinearModel) -> Vec<bool> {
    let (coefficients, covariance) = (&model.coefficients, &model.covariance);
    let known = |level: usize| {
        let (first, own) = (covariance.get(0, 0), covariance.get(level, level));
        let (mean, variance, parts) = if level == 0 {
            (coefficients[0], first, first)
        } else {
            let sum = first + own + 2.0 * covariance.get(0, level);
            (coefficients[0] + coefficients[level], sum, first + own)
        };
        // What is left of parts that cancel each other is rounding, too.
        variance > 1e-10 * parts && !is_rounding(mean, variance.max(0.0).sqrt())
    };
    (0..coefficients.len()).map(known).collect()
}
