//! Tables: rows × one banner, a whole tab book in one scan.
//!
//! Each row variable becomes a block of the table, each banner variable a group of its columns, after a
//! column for the total. Cells carry the share (or the mean), its design-based standard error, interval,
//! design effect, the unweighted and the effective base, the reliability flag and whether disclosure
//! rules hide them.
//!
//! Where the design has one stage and at most one step of calibration, sums by cluster and cell are all
//! that is needed ([`crate::accumulate`]); otherwise each cell is estimated from the rows.

mod evaluate;
mod rowwise;
pub mod spec;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

pub use spec::{BannerVariable, RowData, RowVariable, TableOptions, TableSpec};

use crate::accumulate::{Codes, RowSource, Scan, TableAccumulator};
use crate::design::{DegreesOfFreedomRule, Design};
use crate::disclosure::nchs::{Presentation, Reliability};
use crate::disclosure::suppression::{Disclosure, suppress};
use crate::error::{Result, all_or_nothing};
use crate::estimate::{Interval, IntervalMethod};
use crate::tabulate::evaluate::{ColumnSums, Evaluation, PairSums};

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
    pub reliability: Reliability,
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
    all_or_nothing(spec.problems(design.rows()))?;
    let domains = domain_degrees(design, spec);
    let blocks: Result<Vec<Block>> = match Scan::new(design) {
        Some(scan) => {
            // A column for the total even where there is no banner.
            let banner: Vec<Codes<'_>> = if spec.banner.is_empty() {
                vec![Codes::Narrow(vec![0; design.rows()])]
            } else {
                spec.banner
                    .iter()
                    .map(|banner| scan.codes(&banner.codes, banner.categories.len()))
                    .collect()
            };
            spec.rows
                .par_iter()
                .map(|row| {
                    let columns = scanned_columns(&scan, spec, row, &banner)?;
                    Ok(block(design, spec, row, columns, &domains))
                })
                .collect()
        }
        None => spec
            .rows
            .iter()
            .map(|row| {
                let columns = rowwise::columns(design, spec, row)?;
                Ok(block(design, spec, row, columns, &domains))
            })
            .collect(),
    };
    Ok(Table {
        title: spec.title.clone(),
        columns: columns(spec),
        blocks: blocks?,
        options: spec.options,
    })
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

/// The columns of one row variable against the whole banner, from one scan.
fn scanned_columns(
    scan: &Scan<'_>,
    spec: &TableSpec<'_>,
    row: &RowVariable<'_>,
    banner: &[Codes<'_>],
) -> Result<Vec<ColumnSums>> {
    let source = row_source(scan, row, spec.filter.as_deref());
    let row_codes = row.labels().len() + 1;
    let pairs: Vec<PairSums> = banner
        .par_iter()
        .enumerate()
        .map(|(index, codes)| {
            let columns = spec.banner.get(index).map_or(0, |banner| banner.categories.len());
            let sums = accumulate(scan, &source, codes, row_codes, columns + 1);
            let evaluation = Evaluation { scan, kind: row.kind(), share_of: spec.options.share_of };
            evaluation.pair(&sums, index == 0)
        })
        .collect::<Result<_>>()?;
    Ok(pairs.into_iter().flat_map(|pair| pair.columns).collect())
}

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
            DegreesOfFreedomRule::Answered => column.degrees_answered,
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
    disclose(&mut block, &spec.options, spec);
    block
}

/// Sums of one row variable and one banner variable over all rows.
fn accumulate(
    scan: &Scan<'_>,
    source: &RowSource<'_>,
    codes: &Codes<'_>,
    row_codes: usize,
    column_codes: usize,
) -> TableAccumulator {
    let levels = scan.calibration.as_ref().map_or(0, |calibration| calibration.levels);
    let parts: Vec<TableAccumulator> = scan
        .blocks()
        .into_par_iter()
        .map(|clusters| {
            let mut part = TableAccumulator::new(row_codes, column_codes, clusters.clone(), levels);
            part.update(scan, source, codes, clusters);
            part
        })
        .collect();
    let mut whole =
        TableAccumulator::new(row_codes, column_codes, 0..scan.design.clusters(), levels);
    for part in &parts {
        // The shapes are the same and the whole leaves no gap, so this cannot fail.
        let merged = whole.merge(part);
        debug_assert!(merged.is_ok());
    }
    whole
}

/// A row variable in design order, those outside the filter left out.
fn row_source<'b>(
    scan: &Scan<'_>,
    row: &'b RowVariable<'_>,
    filter: Option<&[bool]>,
) -> RowSource<'b> {
    let kept = |index: usize| filter.is_none_or(|filter| filter[index]);
    match (&row.data, filter) {
        (RowData::Coded { codes, categories }, None) => {
            RowSource::Coded(scan.codes(codes, categories.len()))
        }
        (RowData::Coded { codes, categories }, Some(_)) => {
            let filtered: Vec<u16> = codes
                .iter()
                .enumerate()
                .map(|(index, &code)| if kept(index) { code } else { 0 })
                .collect();
            match scan.codes(&filtered, categories.len()) {
                Codes::Narrow(codes) => RowSource::Coded(Codes::Narrow(codes)),
                Codes::Wide(codes) => RowSource::Coded(Codes::Wide(codes.into_owned().into())),
            }
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
        (RowData::Number(values), None) => RowSource::Number(scan.numbers(values)),
        (RowData::Number(values), Some(_)) => {
            let filtered: Vec<f64> = values
                .iter()
                .enumerate()
                .map(|(index, &value)| if kept(index) { value } else { f64::NAN })
                .collect();
            RowSource::Number(scan.numbers(&filtered).into_owned().into())
        }
    }
}

/// Applies the rule on few people, one banner variable at a time: its columns add up to the total, and
/// rows that exclude one another add up to the base.
fn disclose(block: &mut Block, options: &TableOptions, spec: &TableSpec<'_>) {
    let Some(rule) = options.suppression else { return };
    let mut first = 1;
    let mut groups = vec![0..1];
    for banner in &spec.banner {
        groups.push(first..first + banner.categories.len());
        first += banner.categories.len();
    }
    for group in groups {
        let width = group.len();
        let counts: Vec<usize> = block
            .rows
            .iter()
            .flat_map(|row| row.cells[group.clone()].iter().map(|cell| cell.rows))
            .collect();
        let decisions = match block.kind {
            BlockKind::Shares => suppress(&counts, width, rule),
            // Options do not add up, but who did not choose one is the base minus who did.
            BlockKind::Options => {
                let mut hidden = Vec::with_capacity(counts.len());
                for row in &block.rows {
                    for (cell, base) in
                        row.cells[group.clone()].iter().zip(&block.bases[group.clone()])
                    {
                        let others = base.rows.saturating_sub(cell.rows);
                        hidden.push(suppress(&[cell.rows, others], 1, rule)[0]);
                    }
                }
                hidden
            }
            BlockKind::Mean => suppress(&counts, 1, rule),
        };
        for (index, decision) in decisions.into_iter().enumerate() {
            block.rows[index / width].cells[group.start + index % width].disclosure = decision;
        }
    }
}

/// The options for means within a table: proportions' own intervals do not apply to them.
pub(crate) fn mean_method(method: IntervalMethod) -> IntervalMethod {
    match method {
        IntervalMethod::Normal => IntervalMethod::Normal,
        _ => IntervalMethod::StudentT,
    }
}
