//! Tables from sums that something else has grouped: a database, many of them, or a
//! reader of files larger than memory.
//!
//! A table needs of its rows only sums by cluster and cell, and sums are what
//! `GROUP BY` gives. [`grouping_query`] says what to ask in SQL; what comes back is
//! finished by the same code that finishes sums made here, so the figures are the
//! same. Of the design only its clusters are needed: a design of one row each.

use survey_builder::problem::{Argument, phrase};

use crate::accumulate::{Scan, TableAccumulator};
use crate::compare::IndependenceMethod;
use crate::design::{DegreesOfFreedomRule, Design};
use crate::error::{Problem, Result, all_or_nothing};
use crate::problem::Fault;
use crate::tabulate::evaluate::Evaluation;
use crate::tabulate::tested::{RowSums, TestedTable, Tests};
use crate::tabulate::{BlockKind, Table, TableSpec, block, columns};

/// One group of rows: those of a cluster with one code of the row variable and one
/// of the banner variable. Groups of the same cluster and codes are added up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroupedLine {
    /// The cluster, as its row in the design.
    pub cluster: usize,
    /// Code of the row variable, 0 without a level; 1 for numbers. Of a response set 0 is everybody whom
    /// shares are of, and each option that somebody chose is a line more.
    pub row: u16,
    /// Code of the banner variable, 0 in no column.
    pub column: u16,
    /// Σw.
    pub weight: f64,
    /// Σwy, for numbers.
    pub product: f64,
    /// Σw².
    pub squares: f64,
    /// How many rows.
    pub rows: f64,
}

/// Makes a table from grouped sums. `design` has one row a cluster (whatever its
/// weight); of `spec` labels and options count, its codes must only be as long as
/// the design. `sums` holds, for each row variable and each banner variable, their
/// groups; without banner variables one list a row variable.
///
/// # Errors
/// Designs whose variance needs more than totals of clusters, degrees of
/// freedom by domain (they need rows), and groups of unknown clusters or codes.
pub fn tabulate_grouped(
    design: &Design,
    spec: &TableSpec<'_>,
    sums: &[Vec<Vec<GroupedLine>>],
) -> Result<Table> {
    book(design, spec, sums, None).map(|found| found.table)
}

/// The same with a test of independence of each row variable and each banner variable, among all
/// whose rows were added up, and the differences of every two columns.
///
/// # Errors
/// As [`tabulate_grouped`]; what keeps a test from being made stands in its place.
pub fn tabulate_grouped_with_tests(
    design: &Design,
    spec: &TableSpec<'_>,
    sums: &[Vec<Vec<GroupedLine>>],
    method: IndependenceMethod,
) -> Result<TestedTable> {
    book(design, spec, sums, Some(method))
}

fn book(
    design: &Design,
    spec: &TableSpec<'_>,
    sums: &[Vec<Vec<GroupedLine>>],
    method: Option<IndependenceMethod>,
) -> Result<TestedTable> {
    all_or_nothing(problems(design, spec, sums))?;
    let Some(scan) = Scan::new(design).filter(|_| !design.is_calibrated()) else {
        return Err(Fault::TableNeedsRows.refused(phrase("phrase-input-design")));
    };
    let banner: Vec<usize> = match spec.banner.as_slice() {
        [] => vec![0],
        banner => banner.iter().map(|banner| banner.categories.len()).collect(),
    };
    let mut blocks = Vec::with_capacity(spec.rows.len());
    let (mut tests, mut differences) = (Vec::new(), Vec::new());
    for (row, sums) in spec.rows.iter().zip(sums) {
        let evaluation = Evaluation {
            scan: &scan,
            kind: row.kind(),
            share_of: spec.options.share_of,
            compares: method.is_some() && !spec.banner.is_empty(),
            widens: design.widens(spec.options.degrees_of_freedom),
        };
        let sums: Vec<TableAccumulator> = banner
            .iter()
            .zip(sums)
            .map(|(categories, lines)| {
                filled(design, row.labels().len() + 1, categories + 1, row.kind(), lines)
            })
            .collect();
        let mut found = RowSums::default();
        let replicated = evaluation.replicate_totals(&sums);
        for (place, sums) in sums.iter().enumerate() {
            let totals = replicated.as_ref().map(|totals| totals[place].as_slice());
            // The total is the same for every banner variable.
            let repeated = usize::from(place > 0);
            found.take(evaluation.pair(sums, totals)?, repeated);
        }
        differences.push(found.differences);
        blocks.push(block(design, spec, row, found.columns, &[]));
        if let Some(method) = method {
            let test = |(place, sums): (usize, &TableAccumulator)| {
                let everybody = sums.counts.iter().sum::<f64>();
                let totals = replicated.as_ref().map(|totals| totals[place].as_slice());
                Tests { design, spec, method, respondents: everybody }.of_sums(row, sums, totals)
            };
            let pairs = sums.iter().enumerate().take(spec.banner.len());
            tests.push(pairs.map(test).collect());
        }
    }
    let table =
        Table { title: spec.title.clone(), columns: columns(spec), blocks, options: spec.options };
    Ok(TestedTable { table, tests, differences })
}

fn problems(design: &Design, spec: &TableSpec<'_>, sums: &[Vec<Vec<GroupedLine>>]) -> Vec<Problem> {
    let mut problems = spec.problems(design.rows());
    let mut tell = |place: Argument| problems.push(Fault::TableNeedsRows.at(place));
    if design.clusters() != design.rows() {
        tell(phrase("phrase-input-design").into());
    }
    let rule = spec.options.degrees_of_freedom;
    if rule == DegreesOfFreedomRule::Domain {
        tell(phrase("phrase-input-degrees-of-freedom").into());
    }
    if spec.filter.is_some() {
        tell(phrase("phrase-input-filter").into());
    }
    let lists = spec.banner.len().max(1);
    if sums.len() != spec.rows.len() || sums.iter().any(|banner| banner.len() != lists) {
        problems.push(Fault::TablePartsDiffer.at(phrase("phrase-input-sums")));
        return problems;
    }
    for (row, sums) in spec.rows.iter().zip(sums) {
        let most = row.labels().len();
        for (place, lines) in sums.iter().enumerate() {
            let widest = spec.banner.get(place).map_or(0, |banner| banner.categories.len());
            let strange = lines.iter().any(|line| {
                line.cluster >= design.rows()
                    || usize::from(line.row) > most
                    || usize::from(line.column) > widest
            });
            if strange {
                problems.push(Fault::TablePartsDiffer.at(&row.name));
            }
        }
    }
    problems
}

/// The sums of one pair, cluster after cluster of the design.
fn filled(
    design: &Design,
    row_codes: usize,
    column_codes: usize,
    kind: BlockKind,
    lines: &[GroupedLine],
) -> TableAccumulator {
    let clusters = design.stages()[0].cluster_of_row();
    let mut sums = TableAccumulator::new(row_codes, column_codes, 0..design.clusters(), 0);
    let cells = sums.cells();
    for line in lines {
        let column = usize::from(line.column);
        let place = clusters[line.cluster] as usize * cells;
        let mut add = |row: usize, weighted: f64| {
            let cell = row * column_codes + column;
            sums.weighted[place + cell] += weighted;
            sums.counts[cell] += line.rows;
        };
        let in_base = if kind == BlockKind::Mean {
            // Row 0 is the base, row 1 the sum of values.
            add(0, line.weight);
            add(1, line.product);
            true
        } else {
            add(usize::from(line.row), line.weight);
            // Each option of a set is chosen out of all.
            (line.row > 0) != (kind == BlockKind::Options)
        };
        if in_base {
            sums.squares[column] += line.squares;
        }
    }
    sums
}

/// The columns of a relation that holds responses, by name.
#[derive(Debug, Clone, Copy)]
pub struct Relation<'a> {
    /// The table or view.
    pub name: &'a str,
    /// The stratum.
    pub stratum: &'a str,
    /// The cluster.
    pub cluster: &'a str,
    /// The weight.
    pub weight: &'a str,
}

/// The query for the clusters of a design: stratum and cluster, in order.
pub fn cluster_query(relation: &Relation<'_>) -> String {
    let [name, stratum, cluster] = [relation.name, relation.stratum, relation.cluster].map(quoted);
    format!("SELECT {stratum}, {cluster} FROM {name} GROUP BY 1, 2 ORDER BY 1, 2")
}

/// The query for the groups of one pair of variables: stratum, cluster, row code,
/// column code, Σw, Σwy, Σw² and the number of rows. Codes are whole numbers from 1,
/// NULL without a level; `banner` may be left out. It is plain SQL that databases
/// spread over machines answer where the rows lie. Rows of weight zero are nobody.
pub fn grouping_query(
    relation: &Relation<'_>,
    row: &str,
    banner: Option<&str>,
    kind: BlockKind,
) -> String {
    let [name, stratum, cluster, weight, row] =
        [relation.name, relation.stratum, relation.cluster, relation.weight, row].map(quoted);
    let column =
        banner.map_or_else(|| "0".to_owned(), |banner| format!("COALESCE({}, 0)", quoted(banner)));
    let (code, product, known) = if kind == BlockKind::Mean {
        ("1".to_owned(), format!("SUM({weight} * {row})"), format!(" AND {row} IS NOT NULL"))
    } else {
        (format!("COALESCE({row}, 0)"), "0.0".to_owned(), String::new())
    };
    format!(
        "SELECT {stratum}, {cluster}, {code}, {column}, SUM({weight}), {product}, \
         SUM({weight} * {weight}), COUNT(*) FROM {name} WHERE {weight} <> 0{known} GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
    )
}

/// A name as SQL has it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
