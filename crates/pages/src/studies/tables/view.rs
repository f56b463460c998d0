//! What the page of tables shows.

use analysis::Table;
use analysis::estimate::presentation::Presentation;
use analysis::tabulate::{Block, BlockKind, Cell};
use fielding::error::Problem;
use fielding::results::{Merging, Results};
use locale::problem_text;
use serde::Serialize;

use crate::form::FieldProblem;
use crate::r_code::r_code;
use crate::session::StaffLayout;
use crate::studies::about::{Listed, StudyHead};
use crate::studies::margins::AskedShares;
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

/// The page of tables.
#[derive(Serialize)]
pub struct TablesPage {
    #[serde(flatten)]
    pub layout: StaffLayout,
    #[serde(flatten)]
    pub study: StudyHead,
    /// What is wrong with a file of shares that was sent.
    pub problems: Listed<FieldProblem>,
    /// Why there is no table at all.
    pub refused: Vec<Told>,
    /// The files that the reader may have.
    pub files: FilesPart,
    /// Whether the reader may send shares to weight to.
    pub may_design: bool,
    /// A file of shares of which it is asked what is meant.
    pub shares: Option<AskedShares>,
    /// Nothing before there are interviews, and where they allow no table.
    pub results: Option<ResultsPart>,
}

/// The files of a study's results, as far as who reads may have them.
#[derive(Debug, Default, Serialize)]
pub struct FilesPart {
    /// Tables and the report.
    pub tables: bool,
    /// A row for each response, without a name, and the codebook.
    pub responses: bool,
    /// Rosters about whose members something is asked.
    pub rosters: Vec<String>,
    /// Whether respondents sent any file.
    pub sent: bool,
    /// Edit checks and soft constraints.
    pub checks: usize,
}

/// What was found, and how.
#[derive(Serialize)]
pub struct ResultsPart {
    /// What is wrong with the weighting.
    unfitted: Vec<Told>,
    /// The questions there are tables of: name and label.
    questions: Vec<(String, String)>,
    /// The one that is shown.
    block: Option<BlockPart>,
    method: String,
    weighting: String,
    /// The design for another program.
    r_code: String,
    /// Whether that is only part of it.
    r_code_is_part: bool,
    scales: Vec<String>,
    /// Strata of which a single primary unit has interviews.
    single_clusters: usize,
    merging: Option<MergingPart>,
}

/// One question of the table.
#[derive(Serialize)]
struct BlockPart {
    name: String,
    label: String,
    /// Whether nobody answered it.
    nobody: bool,
    /// Columns in which nobody did, in words.
    empty_groups: String,
    groups: Vec<(String, usize)>,
    columns: Vec<String>,
    lines: Vec<Line>,
    unweighted: Vec<String>,
    effective: Vec<String>,
    /// The chart, where the figures are shares.
    bars: Option<Vec<Bar>>,
}

impl ResultsPart {
    /// Of results: the question that was asked for, or the first key outcome.
    pub fn of(results: &Results, asked: &str, language: &str) -> Self {
        let table = &results.table;
        let first = results.key_outcomes.first().map_or("", String::as_str);
        let block = table
            .blocks
            .iter()
            .find(|block| block.name == asked)
            .or_else(|| table.blocks.iter().find(|block| block.name == first))
            .or_else(|| table.blocks.first());
        let blocks = table.blocks.iter();
        let unfitted = results.unfitted.iter().map(|problem| Told::new(problem, MARGINS, language));
        Self {
            unfitted: unfitted.collect(),
            questions: blocks.map(|block| (block.name.clone(), block.label.clone())).collect(),
            block: block.map(|block| BlockPart::of(table, block, language)),
            method: method_text(results, language),
            weighting: weighting_text(results, language),
            r_code: r_code(results),
            r_code_is_part: results.design_from.is_more_than_columns(),
            scales: results.scales.iter().map(|scale| scale_text(scale, language)).collect(),
            single_clusters: results.strata_with_one_cluster(),
            merging: MergingPart::of(results, language),
        }
    }
}

impl BlockPart {
    fn of(table: &Table, block: &Block, language: &str) -> Self {
        let number = |value: f64| locale::number(language, value, 0);
        let bases = block.bases.iter();
        Self {
            name: block.name.clone(),
            label: block.label.clone(),
            nobody: block.bases.first().is_none_or(|base| base.rows == 0),
            empty_groups: empty_groups(table, block).join("; "),
            groups: column_groups(table),
            columns: table.columns.iter().map(|column| column.label.clone()).collect(),
            lines: lines(block, language),
            unweighted: bases.clone().map(|base| number(as_f64(base.rows))).collect(),
            effective: bases.map(|base| number(base.effective_rows)).collect(),
            bars: (block.kind != BlockKind::Mean).then(|| bars(block, language)),
        }
    }
}

/// A problem in words, with the way to where it is mended.
#[derive(Serialize)]
pub struct Told {
    text: String,
    /// What stands after the address of the study.
    place: &'static str,
    /// The key of the words for it.
    link: &'static str,
}

/// Where population shares are given.
const MARGINS: (&str, &str) = ("/tables#margins", "margins-change");

impl Told {
    fn new(problem: &Problem, (place, link): (&'static str, &'static str), language: &str) -> Self {
        Self { text: problem_text(problem, language), place, link }
    }
}

/// Why there is no table at all: what the versions of the questionnaire say, or how
/// the sample was drawn.
pub fn refusal(problems: &[Problem], language: &str) -> Vec<Told> {
    let told = problems.iter().map(|problem| {
        let place = if problem.code.starts_with("version_") {
            ("/questionnaire", "study-questionnaire")
        } else {
            ("/sample", "study-sample")
        };
        Told::new(problem, place, language)
    });
    told.collect()
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

/// What putting small groups together did.
#[derive(Serialize)]
struct MergingPart {
    #[serde(flatten)]
    merging: Merging,
    figures: Vec<KeyFigure>,
}

impl MergingPart {
    fn of(results: &Results, language: &str) -> Option<Self> {
        let merging = results.merging.clone()?;
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
        Some(Self { merging, figures: figures.collect() })
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    fn text(text: &str) -> String {
        text.to_owned()
    }

    fn block(bars: Option<Vec<Bar>>) -> BlockPart {
        let cell = |flag| CellView { value: text("45%"), interval: text("40% – 50%"), flag };
        BlockPart {
            name: text("q1"),
            label: text("Câu 1"),
            nobody: bars.is_none(),
            empty_groups: text("Nam: 15–24"),
            groups: vec![(String::new(), 1), (text("Giới"), 2)],
            columns: vec![text("Tất cả"), text("Nam"), text("Nữ")],
            lines: vec![Line { label: text("Có"), cells: vec![cell(""), cell("*")] }],
            unweighted: vec![text("1.200")],
            effective: vec![text("900")],
            bars,
        }
    }

    fn bar() -> Bar {
        let (low, high) = (120.0, 150.0);
        let label = text("Có");
        Bar { label, y: 20.0, label_y: 14.0, width: 135.0, low, high, text: text("45%") }
    }

    fn merging(drawn: Option<(usize, usize)>) -> MergingPart {
        let figure = KeyFigure {
            question: text("Câu 1"),
            answer: text("Có"),
            value: text("45%"),
            interval: text("40% – 50%"),
            design_effect: text("1,20"),
        };
        MergingPart {
            merging: Merging { drawn, kept: (2, 8), changed: 5, interviews: 90, blanked: 1 },
            figures: drawn.map(|_| figure).into_iter().collect(),
        }
    }

    fn found(
        block: Option<BlockPart>,
        merging: Option<MergingPart>,
        language: &str,
    ) -> ResultsPart {
        let unmet = Problem::new("margin-sum", "age").with("sum", 0.5);
        ResultsPart {
            unfitted: vec![Told::new(&unmet, MARGINS, language)],
            questions: vec![(text("q1"), text("Câu 1"))],
            block,
            method: text("…"),
            weighting: text("…"),
            r_code: text("library(survey)"),
            r_code_is_part: true,
            scales: vec![text("…")],
            single_clusters: 1,
            merging,
        }
    }

    #[test]
    fn tables_show_their_examples() {
        shows("studies/tables.html", |language| {
            let of = |results, refused| TablesPage {
                layout: StaffLayout::example(language),
                study: StudyHead::example(),
                problems: Listed::default(),
                refused,
                results,
                files: FilesPart {
                    tables: true,
                    responses: true,
                    rosters: vec!["person".to_owned()],
                    sent: true,
                    checks: 2,
                },
                may_design: true,
                shares: None,
            };
            let asked = TablesPage { shares: Some(AskedShares::example()), ..of(None, Vec::new()) };
            let shown = |block, merging| of(Some(found(block, merging, language)), Vec::new());
            vec![
                of(None, Vec::new()),
                asked,
                of(None, refusal(&[Problem::new("required", "q1")], language)),
                shown(None, None),
                shown(Some(block(None)), Some(merging(None))),
                shown(Some(block(Some(vec![bar()]))), Some(merging(Some((4, 16))))),
            ]
        });
    }
}
