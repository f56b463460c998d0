//! Tables: rows × one banner, a whole tab book in one scan.
//!
//! Each row variable becomes a block of the table, each banner variable a group of its columns, after a
//! column for the total. Cells carry the share (or the mean), its design-based standard error, interval,
//! design effect, the unweighted and the effective base, the reliability flag and whether disclosure
//! rules hide them.
//!
//! Where the design has one stage and at most one step of calibration, or replicates made of its
//! clusters, sums by cluster and cell are all that is needed ([`crate::accumulate`]); otherwise each cell
//! is estimated from the rows.

mod column;
mod differences;
mod evaluate;
pub mod grouped;
pub mod marks;
mod replicated;
pub mod rest;
mod rowwise;
pub mod spec;
mod tested;

use std::borrow::Cow;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

pub use differences::ColumnDifference;
pub use spec::{BannerVariable, RowData, RowVariable, TableOptions, TableSpec};
pub use tested::{TestedTable, tabulate_compared, tabulate_with_tests};

use crate::accumulate::{
    BannerColumn, CalibrationScan, ClusterBlock, RowSource, Scan, TableAccumulator,
};
use crate::design::{DegreesOfFreedomRule, Design};
use crate::disclosure::audit::Line;
use crate::disclosure::suppression::{Disclosure, SuppressionRule, suppress_lines};
use crate::error::{Result, all_or_nothing};
use crate::estimate::presentation::{PrecisionFlag, Presentation};
use crate::estimate::{Interval, IntervalMethod};
use crate::tabulate::column::ColumnSums;
use crate::tabulate::evaluate::Evaluation;
use crate::tabulate::tested::{Asked, RowSums, Tests};

/// What a block's cells are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    /// Shares of levels, which exclude one another.
    Shares,
    /// Shares of options, of which several may be chosen.
    Options,
    /// One row of means.
    Mean,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnHead {
    /// The banner variable; none for the total.
    pub variable: Option<String>,
    /// Its label.
    pub variable_label: String,
    /// Label of the column.
    pub label: String,
}

/// The people a column of a block is about.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Base {
    /// Rows.
    pub rows: usize,
    /// Sum of their weights.
    pub weighted: f64,
    /// Kish's effective size (Σw)²/Σw².
    pub effective_rows: f64,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Share (0 to 1) or mean; none where the base is empty.
    pub value: Option<f64>,
    /// Its standard error; none where the base is empty.
    pub standard_error: Option<f64>,
    /// Its interval.
    pub interval: Option<Interval>,
    /// Degrees of freedom.
    pub degrees_of_freedom: f64,
    /// Against simple random sampling with replacement; none for means here.
    pub design_effect: Option<f64>,
    /// Rows a simple random sample would need; none for means here.
    pub effective_rows: Option<f64>,
    /// Rows in the cell (for means: in the base).
    pub rows: usize,
    /// Sum of weights in the cell (for means: of the base).
    pub weighted: f64,
    /// Whether it is precise enough to be shown.
    pub reliability: PrecisionFlag,
    /// Whether it stands for enough people to be shown.
    pub disclosure: Disclosure,
}

impl Cell {
    /// Whether both rules let it be shown. What is not shown must not leave the program.
    pub fn is_shown(&self) -> bool {
        self.value.is_some()
            && !self.disclosure.is_hidden()
            && self.reliability.presentation != Presentation::Suppress
    }
}

/// One row of a block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableRow {
    /// Its label.
    pub label: String,
    /// One cell a column of the table.
    pub cells: Vec<Cell>,
}

/// The part of a table that one row variable makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// The variable's name.
    pub name: String,
    /// Its label.
    pub label: String,
    /// What its cells are.
    pub kind: BlockKind,
    /// One base a column of the table.
    pub bases: Vec<Base>,
    /// Its rows.
    pub rows: Vec<TableRow>,
}

/// A table, ready to be shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Its title.
    pub title: String,
    /// Its columns: the total, then the banner's.
    pub columns: Vec<ColumnHead>,
    /// One block a row variable.
    pub blocks: Vec<Block>,
    /// The options it was made with, for the method statement.
    pub options: TableOptions,
}

impl Table {
    /// The table with everything taken out that the rules hide: of unreliable cells the figure, of cells
    /// with too few people also how many they are.
    #[must_use]
    pub fn published(&self) -> Self {
        let mut table = self.clone();
        let cells = table
            .blocks
            .iter_mut()
            .flat_map(|block| &mut block.rows)
            .flat_map(|row| &mut row.cells);
        for cell in cells.filter(|cell| !cell.is_shown()) {
            cell.value = None;
            cell.standard_error = None;
            cell.interval = None;
            cell.design_effect = None;
            cell.effective_rows = None;
            // Weighted sums and shares are the same figure over a known base.
            cell.weighted = 0.0;
            if cell.disclosure.is_hidden() {
                cell.rows = 0;
            }
        }
        table
    }
}

/// Makes a table.
///
/// # Errors
/// [`crate::Error::Invalid`] with every column that is too short or has codes without a category, and
/// [`crate::Error::SinglePsu`] as the design says.
pub fn tabulate(design: &Design, spec: &TableSpec<'_>) -> Result<Table> {
    Ok(book(design, spec, Asked::default())?.table)
}

/// A table and what else is asked of it.
fn book(design: &Design, spec: &TableSpec<'_>, asked: Asked) -> Result<TestedTable> {
    all_or_nothing(spec.problems(design.rows()))?;
    let people = people_only(design, spec);
    let spec = people.as_ref();
    let domains = domain_degrees(design, spec);
    let tests = asked.method.map(|method| Tests::new(design, spec, method));
    let parts: Vec<RowSums> = match Scan::new(design) {
        Some(scan) => scanned_rows(&scan, spec, tests, asked.differences)?,
        None => spec
            .rows
            .iter()
            .map(|row| rowwise::row(design, spec, row, tests, asked.differences))
            .collect::<Result<_>>()?,
    };
    let mut blocks = Vec::with_capacity(parts.len());
    let (mut tests, mut differences) = (Vec::new(), Vec::new());
    for (row, part) in spec.rows.iter().zip(parts) {
        blocks.push(block(design, spec, row, part.columns, &domains));
        tests.push(part.tests);
        differences.push(part.differences);
    }
    let table =
        Table { title: spec.title.clone(), columns: columns(spec), blocks, options: spec.options };
    Ok(TestedTable { table, tests, differences })
}

/// The same without rows of weight zero, who are nobody: no count may know them.
fn people_only<'s, 'a>(design: &Design, spec: &'s TableSpec<'a>) -> Cow<'s, TableSpec<'a>> {
    if design.people() == design.rows() {
        return Cow::Borrowed(spec);
    }
    let kept = |row: usize| spec.filter.as_ref().is_none_or(|filter| filter[row]);
    let weights = design.weights().iter().enumerate();
    let people: Vec<bool> = weights.map(|(row, weight)| *weight != 0.0 && kept(row)).collect();
    Cow::Owned(TableSpec { filter: Some(people.into()), ..spec.clone() })
}

/// All row variables from one scan.
fn scanned_rows(
    scan: &Scan<'_>,
    spec: &TableSpec<'_>,
    tests: Option<Tests<'_>>,
    compares: bool,
) -> Result<Vec<RowSums>> {
    // A column for the total even where there is no banner.
    let nobody = BannerVariable {
        name: String::new(),
        label: String::new(),
        categories: Vec::new(),
        codes: if spec.banner.is_empty() { vec![0; scan.design.rows()] } else { Vec::new() }.into(),
    };
    let banner = if spec.banner.is_empty() { &[nobody] } else { spec.banner.as_slice() };
    let banner: Vec<BannerColumn> = banner
        .par_iter()
        .map(|banner| scan.banner(&banner.codes, banner.categories.len()))
        .collect();
    spec.rows.par_iter().map(|row| scanned_row(scan, spec, row, &banner, tests, compares)).collect()
}

/// Degrees of freedom of each column's domain, where the rule counts them so.
fn domain_degrees(design: &Design, spec: &TableSpec<'_>) -> Vec<f64> {
    let rule = spec.options.degrees_of_freedom;
    if rule != DegreesOfFreedomRule::Domain {
        return Vec::new();
    }
    let kept = |row: usize| spec.filter.as_ref().is_none_or(|filter| filter[row]);
    let degrees = |holds: &dyn Fn(usize) -> bool| {
        let members: Vec<bool> = (0..design.rows()).map(|row| kept(row) && holds(row)).collect();
        design.degrees_of_freedom(rule, Some(&members), None)
    };
    let mut all = vec![degrees(&|_| true)];
    for banner in &spec.banner {
        for code in 1..=banner.categories.len() {
            all.push(degrees(&|row| usize::from(banner.codes[row]) == code));
        }
    }
    all
}

fn columns(spec: &TableSpec<'_>) -> Vec<ColumnHead> {
    let total = ColumnHead {
        variable: None,
        variable_label: String::new(),
        label: spec.total_label.clone(),
    };
    let banner = spec.banner.iter().flat_map(|banner| {
        banner.categories.iter().map(|category| ColumnHead {
            variable: Some(banner.name.clone()),
            variable_label: banner.label.clone(),
            label: category.clone(),
        })
    });
    std::iter::once(total).chain(banner).collect()
}

/// One row variable against the whole banner, from one scan.
fn scanned_row(
    scan: &Scan<'_>,
    spec: &TableSpec<'_>,
    row: &RowVariable<'_>,
    banner: &[BannerColumn],
    tests: Option<Tests<'_>>,
    compares: bool,
) -> Result<RowSums> {
    let source = row_source(scan, row, spec.filter.as_deref());
    let row_codes = row.labels().len() + 1;
    let evaluation = Evaluation {
        scan,
        kind: row.kind(),
        share_of: spec.options.share_of,
        compares: compares && !spec.banner.is_empty(),
        widens: scan.design.widens(spec.options.degrees_of_freedom),
    };
    // How sums are shared out depends on the table alone, never on the number of threads.
    let cells: usize = banner.iter().map(|banner| row_codes * (banner.columns + 1)).sum();
    let most = SUMS_MAX.min(scan.design.rows() * SUMS_A_ROW);
    let group = if cells * scan.design.clusters() > most { 1 } else { banner.len() };
    let of_sums = tests.filter(|tests| tests.by_cluster() && !spec.banner.is_empty());
    let mut found = RowSums::default();
    for (first, banner) in banner.chunks(group).enumerate() {
        // With many row variables each is one task; a few are split by blocks of rows.
        let sums = if spec.rows.len() >= TASKS_MIN {
            accumulate(scan, &source, banner, row_codes, &scan.blocks())
        } else {
            accumulate_split(scan, &source, banner, row_codes)
        };
        let replicated = evaluation.replicate_totals(&sums);
        let replicated = |place: usize| replicated.as_ref().map(|totals| totals[place].as_slice());
        for (place, sums) in sums.iter().enumerate() {
            // The total is the same for every banner variable; the first one's is shown.
            let repeated = usize::from(first > 0 || place > 0);
            found.take(evaluation.pair(sums, replicated(place))?, repeated);
            found.tests.extend(of_sums.map(|tests| tests.of_sums(row, sums, replicated(place))));
        }
    }
    if let (Some(tests), None) = (tests, of_sums) {
        found.tests = tests.of_rows(row);
    }
    Ok(found)
}

/// Sums (by cluster and cell) above which banner variables are taken one at a time, to spare memory.
const SUMS_MAX: usize = 1 << 24;

/// The same for each row: with few rows a cluster, sums are larger than the data.
const SUMS_A_ROW: usize = 4;

/// From so many row variables on, each is summed by one thread.
const TASKS_MIN: usize = 8;

/// The block of a row variable from its columns.
fn block(
    design: &Design,
    spec: &TableSpec<'_>,
    row: &RowVariable<'_>,
    mut columns: Vec<ColumnSums>,
    domains: &[f64],
) -> Block {
    let whole = design.degrees_of_freedom(DegreesOfFreedomRule::FullDesign, None, None);
    for (index, column) in columns.iter_mut().enumerate() {
        column.degrees = match spec.options.degrees_of_freedom {
            DegreesOfFreedomRule::FullDesign => whole,
            DegreesOfFreedomRule::Domain => domains[index],
            DegreesOfFreedomRule::Answered | DegreesOfFreedomRule::Adjusted => {
                match design.replicates() {
                    Some(replicates) => replicates.degrees_of_freedom,
                    None => column.met.0.saturating_sub(column.met.1) as f64,
                }
            }
        };
    }
    let labels = row.labels();
    let mut block = Block {
        name: row.name.clone(),
        label: row.label.clone(),
        kind: row.kind(),
        bases: columns.iter().map(|column| column.base).collect(),
        rows: Vec::with_capacity(labels.len()),
    };
    for (index, label) in labels.iter().enumerate() {
        let cells = columns
            .iter_mut()
            .map(|column| column.cell(index, row.kind(), &spec.options))
            .collect();
        block.rows.push(TableRow { label: label.clone(), cells });
    }
    disclose(&mut block, spec.options.suppression, spec, &|_, _| false);
    block
}

/// Sums of one row variable and each banner variable over some blocks of clusters.
fn accumulate(
    scan: &Scan<'_>,
    source: &RowSource,
    banner: &[BannerColumn],
    row_codes: usize,
    blocks: &[ClusterBlock],
) -> Vec<TableAccumulator> {
    let levels = scan.calibration.as_ref().map_or(0, CalibrationScan::codes);
    let clusters = blocks.first().map_or(0, |block| block.clusters.start)
        ..blocks.last().map_or(0, |block| block.clusters.end);
    let mut sums: Vec<TableAccumulator> = banner
        .iter()
        .map(|banner| {
            TableAccumulator::new(row_codes, banner.columns + 1, clusters.clone(), levels)
        })
        .collect();
    for block in blocks {
        TableAccumulator::update_all(&mut sums, scan, source, banner, block);
    }
    sums
}

/// The same over all blocks, each summed apart and merged in order.
fn accumulate_split(
    scan: &Scan<'_>,
    source: &RowSource,
    banner: &[BannerColumn],
    row_codes: usize,
) -> Vec<TableAccumulator> {
    let parts: Vec<Vec<TableAccumulator>> = scan
        .blocks()
        .par_iter()
        .map(|block| accumulate(scan, source, banner, row_codes, std::slice::from_ref(block)))
        .collect();
    let levels = scan.calibration.as_ref().map_or(0, CalibrationScan::codes);
    let mut whole: Vec<TableAccumulator> = banner
        .iter()
        .map(|banner| {
            let clusters = 0..scan.design.clusters();
            TableAccumulator::new(row_codes, banner.columns + 1, clusters, levels)
        })
        .collect();
    for part in &parts {
        for (whole, part) in whole.iter_mut().zip(part) {
            // The shapes are the same and the whole leaves no gap, so this cannot fail.
            let merged = whole.merge(part);
            debug_assert!(merged.is_ok());
        }
    }
    whole
}

/// A row variable in design order, those outside the filter left out.
fn row_source(scan: &Scan<'_>, row: &RowVariable<'_>, filter: Option<&[bool]>) -> RowSource {
    let kept = |index: usize| filter.is_none_or(|filter| filter[index]);
    match (&row.data, filter) {
        (RowData::Coded { codes, categories }, None) => scan.coded_rows(codes, categories.len()),
        (RowData::Coded { codes, categories }, Some(_)) => {
            let filtered: Vec<u16> = codes
                .iter()
                .enumerate()
                .map(|(index, &code)| if kept(index) { code } else { 0 })
                .collect();
            scan.coded_rows(&filtered, categories.len())
        }
        (RowData::Set { options, answered, .. }, _) => {
            let answered: Vec<u8> = answered
                .iter()
                .enumerate()
                .map(|(index, &answered)| u8::from(answered && kept(index)))
                .collect();
            RowSource::Set {
                options: options.iter().map(|option| scan.arranged(option)).collect(),
                answered: scan.arranged(&answered),
            }
        }
        (RowData::Number(values), _) => {
            let filtered: Vec<f64> = values
                .iter()
                .enumerate()
                .map(|(index, &value)| if kept(index) { value } else { f64::NAN })
                .collect();
            RowSource::Number(scan.arranged(&filtered))
        }
    }
}

/// Hides further cells of a table, named by block, row and column, for a reason of their own (such as a
/// [`crate::disclosure::ledger::Ledger`]), and with them what they could be worked out from.
pub fn hide_also(
    table: &mut Table,
    spec: &TableSpec<'_>,
    rule: SuppressionRule,
    also: impl Fn(usize, usize, usize) -> bool,
) {
    for (place, block) in table.blocks.iter_mut().enumerate() {
        disclose(block, Some(rule), spec, &|row, column| also(place, row, column));
    }
}

/// Applies the rule on few people to a whole block at once: the columns of each banner variable add up
/// to the total, and rows that exclude one another add up to the base, so what is hidden in one place
/// must not follow from another.
fn disclose(
    block: &mut Block,
    rule: Option<SuppressionRule>,
    spec: &TableSpec<'_>,
    also: &dyn Fn(usize, usize) -> bool,
) {
    let Some(rule) = rule else { return };
    let width = block.bases.len();
    let counts: Vec<usize> =
        block.rows.iter().flat_map(|row| row.cells.iter().map(|cell| cell.rows)).collect();
    let mut lines: Vec<Line> = Vec::new();
    for row in 0..block.rows.len() {
        let mut first = 1;
        for banner in &spec.banner {
            let own = first..first + banner.categories.len();
            first = own.end;
            let cells = own.map(|column| row * width + column).collect();
            lines.push(Line { cells, total: Some(row * width) });
        }
    }
    if block.kind == BlockKind::Shares {
        let rows = 0..block.rows.len();
        lines.extend((0..width).map(|column| {
            let cells = rows.clone().map(|row| row * width + column).collect();
            Line { cells, total: None }
        }));
    }
    let complement_is_small = |cell: usize| {
        // Who did not choose an option is the base without those who did.
        let others = block.bases[cell % width].rows.saturating_sub(counts[cell]);
        let small = others < rule.minimum && (others > 0 || rule.hide_zero);
        block.kind == BlockKind::Options && small
    };
    let hidden = |cell: usize| complement_is_small(cell) || also(cell / width, cell % width);
    let decisions = suppress_lines(&counts, &lines, rule, hidden);
    for (index, decision) in decisions.into_iter().enumerate() {
        block.rows[index / width].cells[index % width].disclosure = decision;
    }
}

/// The options for means within a table: proportions' own intervals do not apply to them.
pub(crate) fn mean_method(method: IntervalMethod) -> IntervalMethod {
    match method {
        IntervalMethod::Normal => IntervalMethod::Normal,
        _ => IntervalMethod::StudentT,
    }
}
