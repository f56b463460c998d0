//! `sondage frame cells` and `sondage frame strata`: a list with a column more that is
//! worked out from its numbers.

use std::io::Read;

use csv::ByteRecord;
use fielding::files::list::ListFile;
use serde_json::json;
use survey_builder::list::NumberColumn;
use survey_builder::list::rows::{Asked, List, cell as text_of, is_blank};
use survey_builder::list::text::tidied;
use survey_builder::problem::phrase;
use survey_builder::sampling::Problem;
use survey_builder::sampling::area::cell;
use survey_builder::sampling::boundaries::{Layer, Layers, Ordered, stratum_of};
use survey_builder::sampling::frame::Reading;

use super::{pretty, refuse};
use crate::frame_file::{self, Refusal};
use crate::output::{Output, Readers};
use crate::sampling_arguments::{FrameCells, FrameStrata, StrataRule};
use crate::terminal::{Failure, columns, print_line};

/// Cells that are told where they are no numbers.
const MOST_TOLD: usize = 1_000;
/// The most classes in which frequencies are counted.
const MOST_CLASSES: usize = 100_000;

/// Numbers of a list: the row of each, and each column's.
struct Numbers {
    rows: Vec<u64>,
    columns: Vec<Vec<f64>>,
}

/// Writes a list with the cell of every unit.
///
/// # Errors
///
/// A side or points that are no numbers; what the disk says.
pub fn cells(given: &FrameCells, language: &str) -> Result<(), Failure> {
    let target =
        Output::check(&given.output, &["csv"], &[&given.file], given.force, Readers::Owner)?;
    let reading = frame_file::reading(&given.reading, &Reading::default());
    let opened = frame_file::open(&given.file, given.encoding, reading.sheet.as_deref());
    let written = opened.and_then(|file| {
        let cells = cells_of(&file, given, &reading)?;
        write_added(&file, &[&given.x, &given.y], &reading, "cell", &cells, &target)
    });
    match written {
        Ok(rows) => {
            told_written("cli-cells-written", rows, &given.output, language);
            Ok(())
        }
        Err(refusal) => refuse(refusal, false),
    }
}

fn cells_of(
    file: &ListFile,
    given: &FrameCells,
    reading: &Reading,
) -> Result<Vec<String>, Refusal> {
    let side = given.side;
    if !(side.is_finite() && side > 0.0) {
        return Err(bad_value("phrase-side-of-a-cell", side, "phrase-above-0").into());
    }
    let bad = |row, texts: &[String]| {
        let [x, y] = [0, 1].map(|at| texts[at].clone());
        Problem::CellPointBad { row, x, y }
    };
    let points = numbers(file, &[&given.x, &given.y], reading, &bad)?;
    let (mut cells, mut problems) = (Vec::with_capacity(points.rows.len()), Vec::new());
    let places = points.columns[0].iter().zip(&points.columns[1]);
    for (row, (x, y)) in points.rows.iter().zip(places) {
        match cell(*x, *y, side) {
            Some(cell) => cells.push(cell),
            None if problems.len() < MOST_TOLD => {
                problems.push(bad(*row, &[x.to_string(), y.to_string()]));
            }
            None => {}
        }
    }
    if problems.is_empty() { Ok(cells) } else { Err(problems.into()) }
}

/// Cuts a column into strata, prints them, and writes a list with the stratum of
/// every unit.
///
/// # Errors
///
/// Numbers that cannot be cut so; what the disk says.
pub fn strata(given: &FrameStrata, language: &str) -> Result<(), Failure> {
    let target = match &given.output {
        Some(path) => {
            Some(Output::check(path, &["csv"], &[&given.file], given.force, Readers::Owner)?)
        }
        None => None,
    };
    let reading = frame_file::reading(&given.reading, &Reading::default());
    let opened = frame_file::open(&given.file, given.encoding, reading.sheet.as_deref());
    let made = opened.and_then(|file| {
        let (layers, names) = strata_of(&file, given, &reading)?;
        let rows = match &target {
            Some(target) => {
                let wanted = [&given.column];
                Some(write_added(&file, &wanted, &reading, "stratum", &names, target)?)
            }
            None => None,
        };
        Ok((layers, rows))
    });
    let (layers, rows) = match made {
        Ok(made) => made,
        Err(refusal) => return refuse(refusal, given.json),
    };
    if given.json {
        let file = given.output.as_ref().map(|path| path.display().to_string());
        print_line(&pretty(&json!({
            "outcome": "cut",
            "strata": layers.layers,
            "variation": layers.variation,
            "file": file,
        })));
        return Ok(());
    }
    print_line(&table(&layers, language));
    if let Some(variation) = layers.variation {
        let variation = format!("{} %", locale::number(language, 100.0 * variation, 2));
        print_line(&locale::text(language, "cli-strata-variation", &[("variation", &variation)]));
    }
    if let Some((rows, path)) = rows.zip(given.output.as_ref()) {
        told_written("cli-strata-written", rows, path, language);
    }
    Ok(())
}

/// The strata of a column, and the name of each unit's.
fn strata_of(
    file: &ListFile,
    given: &FrameStrata,
    reading: &Reading,
) -> Result<(Layers, Vec<String>), Refusal> {
    let mut problems = Vec::new();
    if given.variation.is_some_and(|wanted| !(wanted > 0.0 && wanted < 1.0)) {
        let (wanted, bounds) = (given.variation.unwrap_or_default(), "phrase-above-0-and-below-1");
        problems.extend(bad_value("phrase-variation-wanted", wanted, bounds));
    }
    if given.classes < given.strata || given.classes > MOST_CLASSES {
        #[expect(clippy::cast_precision_loss, reason = "a number of classes")]
        let classes = given.classes as f64;
        problems.extend(bad_value("phrase-classes", classes, "phrase-from-strata-to-most-classes"));
    }
    if !problems.is_empty() {
        return Err(problems.into());
    }
    let bad = |row, texts: &[String]| Problem::FrameNumberBad {
        row,
        column: given.column.clone(),
        text: texts.concat(),
    };
    let mut read = numbers(file, &[&given.column], reading, &bad)?;
    let values = read.columns.remove(0);
    let ordered = Ordered::new(values.clone(), given.strata)?;
    if given.variation.is_some() && ordered.total() <= 0.0 {
        return Err(
            bad_value("phrase-total-of-the-column", ordered.total(), "phrase-above-0").into()
        );
    }
    let (points, take_all) = match (given.rule, given.variation) {
        (StrataRule::TakeAll, Some(variation)) => (ordered.take_all(given.strata, variation), true),
        _ => (ordered.root_frequency(given.strata, given.classes), false),
    };
    let layers = ordered.layers(&points, given.variation, take_all);
    // As many digits for all, so that the names sort as the strata do.
    let width = given.strata.to_string().len();
    let name = |value: &f64| format!("{:0width$}", stratum_of(&points, *value));
    Ok((layers, values.iter().map(name).collect()))
}

fn table(layers: &Layers, language: &str) -> String {
    let say = |key: &str| locale::text(language, key, &[]);
    let number = |value: f64, decimals| locale::number(language, value, decimals);
    let plain = |value: f64| number(value, if value.fract() == 0.0 { 0 } else { 2 });
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    let count = |value: u64| number(value as f64, 0);
    let with_numbers = layers.variation.is_some();
    let mut heading =
        ["cli-stratum", "cli-from", "cli-to", "cli-units", "cli-mean", "cli-deviation"]
            .map(say)
            .to_vec();
    heading.extend(with_numbers.then(|| say("cli-to-draw")));
    let line = |(number_of, layer): (usize, &Layer)| {
        let mut cells = vec![
            number_of.to_string(),
            plain(layer.from),
            plain(layer.to),
            count(layer.units),
            number(layer.mean, 2),
            number(layer.deviation, 2),
        ];
        cells.extend(layer.drawn.map(count));
        cells
    };
    let mut lines = vec![heading];
    lines.extend((1..).zip(&layers.layers).map(line));
    if with_numbers {
        let units = layers.layers.iter().map(|layer| layer.units).sum();
        let drawn = layers.layers.iter().filter_map(|layer| layer.drawn).sum();
        let empty = String::new;
        let all = say("cli-all");
        lines.push(vec![all, empty(), empty(), count(units), empty(), empty(), count(drawn)]);
    }
    columns(&lines)
}

fn bad_value(what: &'static str, value: f64, bounds: &'static str) -> Vec<Problem> {
    vec![Problem::PlanValue {
        what: phrase(what).into(),
        value: value.into(),
        bounds: phrase(bounds).into(),
    }]
}

fn told_written(key: &str, rows: u64, path: &std::path::Path, language: &str) {
    let (rows, file) = (rows.to_string(), path.display().to_string());
    print_line(&locale::text(language, key, &[("rows", &rows), ("file", &file)]));
}

/// A list opened where its header is found by the columns wanted.
fn opened(
    file: &ListFile,
    wanted: &[&String],
    reading: &Reading,
) -> Result<List<Box<dyn Read>>, Refusal> {
    let names: Vec<String> = wanted.iter().map(|name| tidied(name).into_owned()).collect();
    let wanted: Vec<&str> = names.iter().map(String::as_str).collect();
    let asked = Asked { header_row: reading.header_row, wanted: &wanted };
    Ok(List::open(file.rows()?, file.separator, asked)?)
}

/// Columns of numbers, a number for each row in which something is written.
fn numbers(
    file: &ListFile,
    wanted: &[&String],
    reading: &Reading,
    bad: &dyn Fn(u64, &[String]) -> Problem,
) -> Result<Numbers, Refusal> {
    let mut list = opened(file, wanted, reading)?;
    let (mut places, mut problems) = (Vec::new(), Vec::new());
    for name in wanted {
        match list.place(name) {
            Ok(place) => places.push(place),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(problems.into());
    }
    let mut found = vec![NumberColumn::new(reading.decimal); wanted.len()];
    let mut rows = Vec::new();
    let mut record = ByteRecord::new();
    while let Some(row) = list.next_row(&mut record)? {
        if is_blank(&record) {
            continue;
        }
        let texts: Vec<String> = places.iter().map(|place| text_of(&record, *place)).collect();
        let taken: Vec<bool> = (found.iter_mut().zip(&texts))
            .map(|(column, text)| column.push(row, text).is_some())
            .collect();
        rows.push(row);
        if taken.contains(&false) && problems.len() < MOST_TOLD {
            problems.push(bad(row, &texts));
        }
    }
    let mut decided = Vec::with_capacity(wanted.len());
    for (column, name) in found.into_iter().zip(wanted) {
        let column = column.decide(name);
        problems.extend(column.problems);
        decided.push(column.numbers);
    }
    if problems.is_empty() { Ok(Numbers { rows, columns: decided }) } else { Err(problems.into()) }
}

/// Writes the list with a column more; gives how many rows there are.
fn write_added(
    file: &ListFile,
    wanted: &[&String],
    reading: &Reading,
    heading: &str,
    values: &[String],
    output: &Output,
) -> Result<u64, Refusal> {
    let mut list = opened(file, wanted, reading)?;
    let mut record = ByteRecord::new();
    let mut written = 0;
    // Nothing is left half written: what is refused never takes its place.
    let outcome = output.write_csv(|file| {
        let header: csv::StringRecord =
            list.header.iter().map(String::as_str).chain([heading]).collect();
        file.write(&header).map_err(|error| output.refused(&error))?;
        for value in values {
            // Rows without anything have no value.
            while list.next_row(&mut record).is_ok_and(|row| row.is_some()) && is_blank(&record) {}
            let mut row = csv::StringRecord::from_byte_record_lossy(record.clone());
            row.push_field(value);
            file.write(&row).map_err(|error| output.refused(&error))?;
            written += 1;
        }
        Ok(())
    });
    Ok(outcome.map(|()| written)?)
}
