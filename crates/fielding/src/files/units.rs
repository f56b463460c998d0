//! The units of a sample as a table, with everything that the draw knew of them.

use std::collections::{HashMap, HashSet};
use std::io::{Read, Write};

use csv::ByteRecord;
use exchange::data::csv::guarded;
use survey_builder::list::rows::{Asked, List, cell};
use survey_builder::sampling::fielded::{FieldedUnit, Standing, fielded};
use survey_builder::sampling::within_household::{Locked, Rule};
use survey_builder::sampling::{Columns, Problem, Sample};

/// Columns of a list that go with the units of a sample.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    /// Their names.
    names: Vec<String>,
    /// Their cells, by the id of the unit.
    cells: HashMap<String, Vec<String>>,
}

/// The columns that a plan speaks of, the id first.
pub fn columns_of_plan(columns: &Columns) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let all = std::iter::once(&columns.unit)
        .chain(&columns.strata)
        .chain(&columns.cluster)
        .chain(&columns.size)
        .chain(&columns.labels)
        .chain(&columns.numbers);
    for name in all {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

impl Kept {
    /// Reads columns of a list (and what stands between its cells) for the units
    /// of a sample; nobody else's cells are kept.
    ///
    /// # Errors
    ///
    /// A list that cannot be read, and columns that it does not have.
    pub fn read(
        (rows, separator): (impl Read, u8),
        columns: &Columns,
        names: &[String],
        sample: &Sample,
    ) -> Result<Self, Vec<Problem>> {
        let all: Vec<&str> =
            std::iter::once(&columns.unit).chain(names).map(String::as_str).collect();
        let asked = Asked { header_row: columns.reading.header_row, wanted: &all };
        let mut list = List::open(rows, separator, asked)?;
        let mut problems = Vec::new();
        let mut find = |name: &str| match list.place(name) {
            Ok(place) => place,
            Err(problem) => {
                problems.push(problem);
                0
            }
        };
        let id = find(&columns.unit);
        let places: Vec<usize> = names.iter().map(|name| find(name)).collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        let wanted: HashSet<&str> = sample.units_in_use().map(|unit| unit.unit.as_str()).collect();
        let mut cells = HashMap::with_capacity(wanted.len());
        let mut record = ByteRecord::new();
        while list.next_row(&mut record)?.is_some() {
            let unit = cell(&record, id);
            if wanted.contains(unit.as_str()) {
                let own = places.iter().map(|place| cell(&record, *place)).collect();
                cells.insert(unit, own);
            }
        }
        Ok(Self { names: names.to_vec(), cells })
    }
}

/// What stands before the stages.
const FIRST: [&str; 4] = ["unit", "stratum", "cluster", "within"];
/// What is said of each stage.
const STAGE: [&str; 6] = ["stratum", "cluster", "probability", "sampled", "population", "certain"];
/// What stands behind the stages.
const LAST: [&str; 13] = [
    "hits",
    "probability",
    "weight",
    "phase",
    "second_phase_stratum",
    "second_phase",
    "second_phase_sampled",
    "second_phase_population",
    "replicate",
    "standing",
    "household_number",
    "kish_table",
    "took_place_of",
];

/// Writes the units of a sample as CSV, a row each: stratum, cluster, probability,
/// number drawn (`sampled`) and number in the list (`population`) of every stage
/// and of the second phase; `weight` is that in the field and blank where a unit
/// is not in it. No spreadsheet runs a cell as a formula.
///
/// # Errors
///
/// What stands in the way of writing.
pub fn write_units(sample: &Sample, kept: &Kept, output: impl Write) -> Result<(), csv::Error> {
    let mut writer = csv::Writer::from_writer(output);
    let stages = sample.stages();
    let heading = heading(stages.len(), kept);
    write_row(&mut writer, &heading)?;
    let replaced: HashMap<&str, &str> =
        sample.substitutions().map(|one| (one.by.as_str(), one.unit.as_str())).collect();
    for one in fielded(sample, true) {
        let mut row = vec![
            one.id.to_owned(),
            one.unit.stratum.clone(),
            one.unit.cluster.clone().unwrap_or_default(),
            one.unit.within.join(" / "),
        ];
        for ((place, draw), stage) in
            sample.places(one.unit).iter().zip(&one.unit.stages).zip(&stages)
        {
            let certain = !stage.method.repeats() && draw.probability >= 1.0;
            row.extend([
                place.stratum.to_owned(),
                place.member.to_owned(),
                draw.probability.to_string(),
                draw.sampled.to_string(),
                draw.population.to_string(),
                u8::from(certain).to_string(),
            ]);
        }
        row.extend(last_cells(sample, &one));
        row.push(replaced.get(one.id).copied().unwrap_or_default().to_owned());
        match kept.cells.get(one.id) {
            Some(cells) => row.extend(cells.iter().cloned()),
            None => row.extend(kept.names.iter().map(|_| String::new())),
        }
        write_row(&mut writer, &row)?;
    }
    Ok(writer.flush()?)
}

/// The names of the columns; a column of the list that has the name of another is
/// written with `frame_` before it.
fn heading(stages: usize, kept: &Kept) -> Vec<String> {
    let mut heading: Vec<String> = FIRST.map(str::to_owned).to_vec();
    for number in 1..=stages {
        heading.extend(STAGE.iter().map(|name| format!("stage{number}_{name}")));
    }
    heading.extend(LAST.map(str::to_owned));
    for name in &kept.names {
        let taken = heading.contains(name);
        heading.push(if taken { format!("frame_{name}") } else { name.clone() });
    }
    heading
}

fn last_cells(sample: &Sample, one: &FieldedUnit<'_>) -> Vec<String> {
    // What decides who of a household is asked, whatever the rule.
    let household = Locked::of(Rule::KishGrid, sample.seed, one.id);
    let (stratum, probability, sampled, population) = match one.second {
        Some((stratum, draw)) => (
            stratum.to_owned(),
            draw.probability.to_string(),
            draw.sampled.to_string(),
            draw.population.to_string(),
        ),
        None => Default::default(),
    };
    vec![
        one.unit.hits().to_string(),
        one.unit.probability.to_string(),
        one.weight.map_or_else(String::new, |weight| weight.to_string()),
        if one.second.is_some() { "2" } else { "1" }.to_owned(),
        stratum,
        probability,
        sampled,
        population,
        one.unit.replicate.map_or_else(String::new, |number| number.to_string()),
        standing_word(one.standing).to_owned(),
        format!("{:.6}", household.number),
        household.table_name().to_owned(),
    ]
}

fn standing_word(standing: Standing) -> &'static str {
    match standing {
        Standing::InField => "in_field",
        Standing::Waiting => "waiting",
        Standing::Replaced => "replaced",
        Standing::OutsideSecondPhase => "outside_second_phase",
    }
}

/// Writes a row whose cells no spreadsheet runs as formulas: names of units and
/// areas are as somebody else wrote them.
pub fn write_row<Output: Write>(
    writer: &mut csv::Writer<Output>,
    cells: &[impl AsRef<str>],
) -> Result<(), csv::Error> {
    for cell in cells {
        writer.write_field(guarded(cell.as_ref()).as_bytes())?;
    }
    writer.write_record(None::<&[u8]>)
}
