//! What the page of tables shows.

use analysis::Table;
use analysis::estimate::presentation::Presentation;
use analysis::tabulate::{Block, BlockKind, Cell};
use fielding::error::Problem;
use fielding::results::Results;
use locale::problem_text;
use serde::Serialize;
use tera::Context;

use crate::wording::{as_f64, figure, method_text, scale_text, weighting_text};

#[derive(Serialize)]
struct Line {
    label: String,
    cells: Vec<CellView>,
}

#[derive(Serialize)]
struct CellView {
    value: String,
    interval: String,
    flag: &'static str,
}

#[derive(Serialize)]
struct Bar {
    label: String,
    y: f64,
    label_y: f64,
    width: f64,
    low: f64,
    high: f64,
    text: String,
}

/// The width of the chart's bars, in its own units.
const BAR_WIDTH: f64 = 300.0;
const BAR_PITCH: f64 = 44.0;

/// Inserts one block of the table and the links to the others.
pub fn insert(context: &mut Context, results: &Results, asked: &str, language: &str) {
    let table = &results.table;
    let first = results.key_outcomes.first().map_or("", String::as_str);
    let block = table
        .blocks
        .iter()
        .find(|block| block.name == asked)
        .or_else(|| table.blocks.iter().find(|block| block.name == first))
        .or_else(|| table.blocks.first());
    let questions: Vec<(&str, &str)> =
        table.blocks.iter().map(|block| (block.name.as_str(), block.label.as_str())).collect();
    context.insert("questions", &questions);
    context.insert("rows_in_all", &results.design.rows());
    insert_method(context, results, language);
    let unfitted = results.unfitted.iter().map(|problem| Told::new(problem, MARGINS, language));
    context.insert("unfitted", &unfitted.collect::<Vec<_>>());
    context.insert("single_clusters", &results.strata_with_one_cluster());
    insert_merging(context, results, language);
    let Some(block) = block else { return };
    context.insert("nobody", &block.bases.first().is_none_or(|base| base.rows == 0));
    context.insert("empty_groups", &empty_groups(table, block).join("; "));
    context.insert("block_name", &block.name);
    context.insert("block_label", &block.label);
    context.insert("groups", &column_groups(table));
    context
        .insert("columns", &table.columns.iter().map(|column| &column.label).collect::<Vec<_>>());
    context.insert("lines", &lines(block, language));
    context.insert(
        "unweighted",
        &block
            .bases
            .iter()
            .map(|base| locale::number(language, as_f64(base.rows), 0))
            .collect::<Vec<_>>(),
    );
    context.insert(
        "effective",
        &block
            .bases
            .iter()
            .map(|base| locale::number(language, base.effective_rows, 0))
            .collect::<Vec<_>>(),
    );
    if block.kind != BlockKind::Mean {
        let bars = bars(block, language);
        context.insert("chart_height", &(as_f64(bars.len()) * BAR_PITCH + 24.0));
        context.insert("bars", &bars);
    }
}

/// A problem in words, with the way to where it is mended.
#[derive(Serialize)]
struct Told {
    text: String,
    /// What stands after the address of the study.
    place: &'static str,
    /// The key of the words for it.
    link: &'static str,
}

/// Where population shares are given.
const MARGINS: (&str, &str) = ("#margins", "margins-change");

impl Told {
    fn new(problem: &Problem, (place, link): (&'static str, &'static str), language: &str) -> Self {
        Self { text: problem_text(problem, language), place, link }
    }
}

/// Inserts why there is no table at all: what the versions of the questionnaire
/// say, or how the sample was drawn.
pub fn insert_refusal(context: &mut Context, problems: &[Problem], language: &str) {
    let told = problems.iter().map(|problem| {
        let place = if problem.code.starts_with("version_") {
            ("/questionnaire", "study-questionnaire")
        } else {
            ("/sample", "study-sample")
        };
        Told::new(problem, place, language)
    });
    context.insert("refused", &told.collect::<Vec<_>>());
}

/// Columns of a block in which nobody answered, after the first.
fn empty_groups(table: &Table, block: &Block) -> Vec<String> {
    let columns = table.columns.iter().zip(&block.bases).skip(1);
    let empty = columns.filter(|(_, base)| base.rows == 0);
    empty.map(|(column, _)| format!("{}: {}", column.variable_label, column.label)).collect()
}

/// A key figure of the merged design.
#[derive(Serialize)]
struct KeyFigure {
    question: String,
    answer: String,
    value: String,
    interval: String,
    design_effect: String,
}

/// Inserts what putting small groups together did, if anything.
fn insert_merging(context: &mut Context, results: &Results, language: &str) {
    let Some(merging) = &results.merging else { return };
    let blocks = results.table.blocks.iter();
    let key_blocks = blocks.filter(|block| results.key_outcomes.contains(&block.name));
    let figures = key_blocks.flat_map(|block| {
        block.rows.iter().filter_map(|row| {
            let cell = row.cells.first()?;
            let shown = cell_view(cell, block.kind, language);
            let effect = cell.design_effect.filter(|_| cell.is_shown());
            let effect = effect.map(|effect| locale::number(language, effect, 2));
            Some(KeyFigure {
                question: block.label.clone(),
                answer: row.label.clone(),
                value: shown.value,
                interval: shown.interval,
                design_effect: effect.unwrap_or_else(|| "–".to_owned()),
            })
        })
    });
    context.insert("merging", merging);
    context.insert("key_figures", &figures.collect::<Vec<_>>());
}

/// Banner variables with how many columns each has.
fn column_groups(table: &Table) -> Vec<(String, usize)> {
    let mut groups: Vec<(String, usize)> = Vec::new();
    for column in &table.columns {
        match groups.last_mut() {
            Some((label, count)) if *label == column.variable_label => *count += 1,
            _ => groups.push((column.variable_label.clone(), 1)),
        }
    }
    groups
}

fn lines(block: &Block, language: &str) -> Vec<Line> {
    block
        .rows
        .iter()
        .map(|row| Line {
            label: if block.kind == BlockKind::Mean {
                locale::text(language, "tables-mean", &[])
            } else {
                row.label.clone()
            },
            cells: row.cells.iter().map(|cell| cell_view(cell, block.kind, language)).collect(),
        })
        .collect()
}

fn cell_view(cell: &Cell, kind: BlockKind, language: &str) -> CellView {
    let hidden = CellView { value: "–".to_owned(), interval: String::new(), flag: "" };
    let Some(value) = cell.value.filter(|_| cell.is_shown()) else { return hidden };
    let interval = cell
        .interval
        .map(|interval| {
            format!(
                "{} – {}",
                figure(interval.lower, kind, language),
                figure(interval.upper, kind, language)
            )
        })
        .unwrap_or_default();
    let flag = if cell.reliability.presentation == Presentation::Review { "*" } else { "" };
    CellView { value: figure(value, kind, language), interval, flag }
}

fn bars(block: &Block, language: &str) -> Vec<Bar> {
    block
        .rows
        .iter()
        .enumerate()
        .map(|(index, row)| {
            let top = as_f64(index) * BAR_PITCH;
            let cell = row.cells.first().filter(|cell| cell.is_shown());
            let value = cell.and_then(|cell| cell.value).unwrap_or(0.0);
            let (low, high) = cell
                .and_then(|cell| cell.interval)
                .map_or((value, value), |interval| (interval.lower, interval.upper));
            Bar {
                label: row.label.clone(),
                y: top + 20.0,
                label_y: top + 14.0,
                width: (value * BAR_WIDTH).max(0.0),
                low: low * BAR_WIDTH,
                high: high * BAR_WIDTH,
                text: cell.map_or_else(|| "–".to_owned(), |_| figure(value, block.kind, language)),
            }
        })
        .collect()
}

fn insert_method(context: &mut Context, results: &Results, language: &str) {
    context.insert("method", &method_text(results, language));
    context.insert("weighting", &weighting_text(results, language));
    let scales: Vec<String> =
        results.scales.iter().map(|scale| scale_text(scale, language)).collect();
    context.insert("scales", &scales);
}
