//! Tables with a test of independence of each of their pairs of variables.

use survey_builder::problem::phrase;

use crate::accumulate::TableAccumulator;
use crate::compare::independence::{Peopled, by_cluster, independence, members};
use crate::compare::{ClusterCells, DesignTest, IndependenceMethod};
use crate::design::Design;
use crate::error::Result;
use crate::estimate::Coded;
use crate::problem::Fault;
use crate::tabulate::column::ColumnSums;
use crate::tabulate::evaluate::Evaluated;
use crate::tabulate::{ColumnDifference, RowData, RowVariable, Table, TableSpec, book};

/// A table and whether its rows go together with its columns.
#[derive(Debug, Clone)]
pub struct TestedTable {
    /// The table.
    pub table: Table,
    /// A test for each row variable and each banner variable in turn, or why there is none: sets and
    /// numbers, levels that nobody has.
    pub tests: Vec<Vec<Result<DesignTest>>>,
    /// For each row variable and row, the differences of every two columns of one banner variable, where
    /// they are asked for.
    pub differences: Vec<Vec<Vec<ColumnDifference>>>,
}

/// What is asked of a table beside its cells.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asked {
    /// Tests of independence by this method.
    pub(super) method: Option<IndependenceMethod>,
    /// Differences of columns.
    pub(super) differences: bool,
}

/// What a row variable's sums say.
#[derive(Default)]
pub(super) struct RowSums {
    pub(super) columns: Vec<ColumnSums>,
    /// One a banner variable, where they are asked for.
    pub(super) tests: Vec<Result<DesignTest>>,
    /// By row, where they are asked for.
    pub(super) differences: Vec<Vec<ColumnDifference>>,
}

impl RowSums {
    /// Takes over the columns of one banner variable, without the total where that is there already.
    pub(super) fn take(&mut self, found: Evaluated, repeated: usize) {
        let before = self.columns.len().saturating_sub(repeated);
        self.columns.extend(found.columns.into_iter().skip(repeated));
        if self.differences.len() < found.differences.len() {
            self.differences.resize(found.differences.len(), Vec::new());
        }
        for (own, more) in self.differences.iter_mut().zip(found.differences) {
            own.extend(more.into_iter().map(|difference| {
                let (one, other) = difference.columns;
                ColumnDifference { columns: (before + one, before + other), ..difference }
            }));
        }
    }
}

/// Makes a table and tests independence of each row variable and each banner variable, among those of the
/// filter for whom both are known. Where sums by cluster are all that variances need, tests come from
/// those of the table, with no further look at the rows. Pearson's statistic is scaled to all of the
/// filter ([`independence`]).
///
/// # Errors
/// As [`super::tabulate`]; what keeps a test from being made stands in its place.
pub fn tabulate_with_tests(
    design: &Design,
    spec: &TableSpec<'_>,
    method: IndependenceMethod,
) -> Result<TestedTable> {
    book(design, spec, Asked { method: Some(method), differences: false })
}

/// The same with the differences of every two columns of each banner variable, for shares of columns and
/// for means.
///
/// # Errors
/// As [`tabulate_with_tests`].
pub fn tabulate_compared(
    design: &Design,
    spec: &TableSpec<'_>,
    method: IndependenceMethod,
) -> Result<TestedTable> {
    book(design, spec, Asked { method: Some(method), differences: true })
}

/// Tests of a row variable, of whatever kind the design is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tests<'a> {
    pub(super) design: &'a Design,
    pub(super) spec: &'a TableSpec<'a>,
    pub(super) method: IndependenceMethod,
    /// Members of the filter.
    pub(super) respondents: f64,
}

impl<'a> Tests<'a> {
    pub(super) fn new(
        design: &'a Design,
        spec: &'a TableSpec<'a>,
        method: IndependenceMethod,
    ) -> Self {
        Self { design, spec, method, respondents: members(design, spec.filter.as_deref()) as f64 }
    }

    /// Whether they can be made from the sums of the table.
    pub(super) fn by_cluster(&self) -> bool {
        by_cluster(self.design)
    }

    /// The test of a row variable and a banner variable from their sums; `replicated`: their totals in
    /// each replicate.
    pub(super) fn of_sums(
        &self,
        row: &RowVariable<'_>,
        sums: &TableAccumulator,
        replicated: Option<&[f64]>,
    ) -> Result<DesignTest> {
        coded(row)?;
        let inside = || sums.counts.chunks_exact(sums.column_codes).skip(1);
        let rows = Peopled::new(inside().map(|counts| counts[1..].iter().any(|it| *it > 0.0)));
        let column = |column: usize| inside().any(|counts| counts[column] > 0.0);
        let columns = Peopled::new((1..sums.column_codes).map(column));
        let left_out = rows.left_out() + columns.left_out();
        let kept = |all: &[f64]| peopled_cells(all, sums, &rows, &columns);
        let (own, own_replicated) = if left_out > 0 {
            (Some(kept(&sums.weighted)), replicated.map(kept))
        } else {
            (None, None)
        };
        let cells = ClusterCells {
            rows: rows.levels(),
            columns: columns.levels(),
            sums: own.as_deref().unwrap_or(&sums.weighted),
            replicated: own_replicated.as_deref().or(replicated),
            answered: inside().flat_map(|counts| &counts[1..]).sum(),
            respondents: self.respondents,
        };
        cells.test(self.design, self.method).map(|test| DesignTest { left_out, ..test })
    }

    /// The tests of a row variable and each banner variable, from the rows.
    pub(super) fn of_rows(&self, row: &RowVariable<'_>) -> Vec<Result<DesignTest>> {
        let test = |place: usize| {
            let banner = &self.spec.banner[place];
            let columns = Coded { codes: &banner.codes, levels: banner.categories.len() };
            let filter = self.spec.filter.as_deref();
            independence(self.design, coded(row)?, columns, filter, self.method)
        };
        (0..self.spec.banner.len()).map(test).collect()
    }
}

/// The cells of all clusters (or replicates) without rows and columns that nobody is in.
fn peopled_cells(
    all: &[f64],
    sums: &TableAccumulator,
    rows: &Peopled,
    columns: &Peopled,
) -> Vec<f64> {
    let width = columns.levels() + 1;
    let size = (rows.levels() + 1) * width;
    let mut kept = vec![0.0; all.len() / sums.cells() * size];
    for (cells, kept) in all.chunks_exact(sums.cells()).zip(kept.chunks_exact_mut(size)) {
        for (row, line) in cells.chunks_exact(sums.column_codes).enumerate().skip(1) {
            for (column, sum) in line.iter().enumerate().skip(1) {
                let (row, column) = (rows.code(row), columns.code(column));
                if row > 0 && column > 0 {
                    kept[row * width + column] = *sum;
                }
            }
        }
    }
    kept
}

/// The codes of a row variable.
fn coded<'a>(row: &'a RowVariable<'_>) -> Result<Coded<'a>> {
    match &row.data {
        RowData::Coded { codes, categories } => Ok(Coded { codes, levels: categories.len() }),
        RowData::Set { .. } | RowData::Number(_) => {
            Err(Fault::DataKind { wanted: phrase("phrase-a-choice-of-one-option").into() }
                .refused(&row.name))
        }
    }
}
