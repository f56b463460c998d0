//! Drawing a sample for a study: from a frame to cases, with the contacts of
//! those drawn sealed and nobody else's kept.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;

use survey_builder::list::number::NumberColumn;
use survey_builder::list::rows::{Asked, List, cell};
use survey_builder::list::text::tidied;
use survey_builder::sampling::area::{Turn, route};
use survey_builder::sampling::coordination::{Coordination, coordinate};
use survey_builder::sampling::plan::{
    Allocation, Amount, Method, Plan, Share, SizeMeasure, Stage, StageUnits,
};
use survey_builder::sampling::sample::draw_beside;
use survey_builder::sampling::{Frame, Sample, Seed};

use super::frame::as_problems;
use super::kept_numbers::KeptNumbers;
use crate::contact::ContactDetails;
use crate::error::Problem;
use crate::files::roles::Roles;
use crate::files::units::write_row;
use crate::store::Id;

/// The usual plan, two stages: clusters with probability proportional to their number of
/// units, spread over the strata in proportion, at least two in each so that
/// a variance can be estimated; then `units` in each, systematically.
pub fn two_stage_plan(clusters: u32, units: u32) -> Plan {
    let allocation =
        Allocation { total: clusters, share: Share::Proportional, minimum: 2, capped: false };
    Plan::of(vec![
        Stage::new(
            StageUnits::Clusters,
            Method::SystematicPps(SizeMeasure::UnitCount),
            Amount::Allocated(allocation),
        ),
        Stage::new(
            StageUnits::Units,
            Method::Systematic,
            Amount::Each { count: units, all_if_fewer: true },
        ),
    ])
}

/// A draw to be made from a file that is not kept.
#[derive(Clone, Debug)]
pub struct DrawRequest {
    /// The frame file's name.
    pub frame_name: String,
    /// Its content, CSV.
    pub frame: Vec<u8>,
    /// What its columns are.
    pub roles: Roles,
    /// How to draw.
    pub plan: Plan,
    /// From where.
    pub seed: Seed,
}

/// What the rows say of a unit that was drawn.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub contact: ContactDetails,
    pub language: String,
    pub attributes: BTreeMap<String, String>,
}

/// A cluster that was drawn.
#[derive(Clone, Debug)]
pub(super) struct Area {
    pub population: i64,
    pub place: Option<(f64, f64)>,
}

/// A sample with what is kept of those drawn, ready to be stored.
#[derive(Clone, Debug)]
pub struct Drawn {
    pub(super) frame: FrameSource,
    pub(super) sample: Sample,
    pub(super) kept: Vec<String>,
    pub(super) rows: HashMap<String, Row>,
    pub(super) numbers: KeptNumbers,
    pub(super) areas: BTreeMap<(String, String), Area>,
}

/// The frame of a draw: one that waits, or one that was read for it alone.
#[derive(Clone, Debug)]
pub enum FrameSource {
    /// Waits in the store.
    Waiting(Id),
    /// A file of this name with so many units.
    File(String, usize),
}

/// Draws from a file: pure, on the calling thread; nothing is stored yet.
///
/// # Errors
///
/// Everything that stands in the way, of the frame and of the plan.
pub fn draw_sample(request: &DrawRequest) -> Result<Drawn, Vec<Problem>> {
    let columns = request.plan.columns(&request.roles.columns);
    let frame =
        Frame::read(request.frame.as_slice(), &columns).map_err(|found| as_problems(&found))?;
    let of = FrameSource::File(request.frame_name.clone(), frame.units.len());
    let rows = request.frame.as_slice();
    let (plan, seed) = (&request.plan, request.seed);
    let beside = coordinate(&frame, plan, seed, None, &[]).map_err(|found| as_problems(&found))?;
    let how = Drawing { plan, seed, coordination: beside.coordination };
    draw_from(of, &frame, &request.roles, how, (rows, b','))
}

/// How a sample is drawn.
#[derive(Clone, Debug)]
pub struct Drawing<'p> {
    /// By which plan.
    pub plan: &'p Plan,
    /// From where.
    pub seed: Seed,
    /// How it goes together with earlier draws, where the plan names any.
    pub coordination: Option<Coordination>,
}

/// Draws from a frame; `rows` are its rows once more, with what stands between
/// their cells, for what is kept of those drawn.
///
/// # Errors
///
/// Everything that stands in the way; then nothing is drawn.
pub fn draw_from(
    of: FrameSource,
    frame: &Frame,
    roles: &Roles,
    how: Drawing<'_>,
    rows: (impl Read, u8),
) -> Result<Drawn, Vec<Problem>> {
    let Drawing { plan, seed, coordination } = how;
    let drawn = draw_beside(frame, plan, seed, coordination);
    let mut sample = drawn.map_err(|found| as_problems(&found))?;
    // Where a person lives, and what else a person is balanced on, is in no record here.
    if plan.stages.first().is_some_and(|stage| stage.units == StageUnits::Units) {
        sample.auxiliary.clear();
    }
    let (rows, numbers) = rows_of(rows, roles, &sample)?;
    let areas = areas_of(frame, roles, &sample);
    Ok(Drawn { frame: of, sample, kept: roles.kept.clone(), rows, numbers, areas })
}

/// What the rows say of the drawn units, and how they write numbers: of the others
/// nothing is kept.
fn rows_of(
    (rows, separator): (impl Read, u8),
    roles: &Roles,
    sample: &Sample,
) -> Result<(HashMap<String, Row>, KeptNumbers), Vec<Problem>> {
    let drawn: std::collections::HashSet<&str> =
        sample.units.iter().map(|unit| unit.unit.as_str()).collect();
    let contacts = &roles.contacts;
    let kept_contacts =
        [&contacts.name, &contacts.email, &contacts.phone, &contacts.address, &contacts.language];
    let named: Vec<&String> = kept_contacts.into_iter().filter(|name| !name.is_empty()).collect();
    let columns: Vec<String> = std::iter::once(&roles.columns.unit)
        .chain(named)
        .chain(&roles.kept)
        .map(|name| tidied(name).into_owned())
        .collect();
    let wanted: Vec<&str> = columns.iter().map(String::as_str).collect();
    let header_row = roles.columns.reading.header_row;
    let asked = Asked { header_row, wanted: &wanted };
    let mut list = List::open(rows, separator, asked).map_err(|found| as_problems(&found))?;
    let mut problems = Vec::new();
    let mut place = |name: &str| {
        let found = list.place(name).ok().filter(|_| !name.is_empty());
        if found.is_none() && !name.is_empty() {
            problems.push(Problem::new("contact-column-missing", "").with("column", name));
        }
        found
    };
    let [name, email, phone, address, language] = kept_contacts.map(|column| place(column));
    let unit = place(&roles.columns.unit);
    let kept: Vec<(&String, Option<usize>)> =
        roles.kept.iter().map(|column| (column, place(column))).collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut found = HashMap::with_capacity(drawn.len());
    let mut record = csv::ByteRecord::new();
    let decimal = roles.columns.reading.decimal;
    let mut numbers = vec![NumberColumn::new(decimal); kept.len()];
    while let Some(row) = list.next_row(&mut record).map_err(|found| as_problems(&found))? {
        let text = |column: Option<usize>| column.map(|at| cell(&record, at)).unwrap_or_default();
        for (column, (_, at)) in numbers.iter_mut().zip(&kept) {
            // What is no number is a text, or nothing is known of that unit.
            let _ = column.push(row, &text(*at));
        }
        let key = text(unit);
        if drawn.contains(key.as_str()) {
            let contact = ContactDetails {
                name: text(name),
                email: text(email),
                phone: text(phone),
                address: text(address),
            };
            let attributes = kept.iter().map(|(name, at)| ((*name).clone(), text(*at))).collect();
            found.insert(key, Row { contact, language: text(language), attributes });
        }
    }
    let names = kept.iter().map(|(name, _)| *name);
    Ok((found, KeptNumbers::decide(names.zip(numbers))))
}

/// The clusters drawn, with the middle of where their units lie.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn areas_of(frame: &Frame, roles: &Roles, sample: &Sample) -> BTreeMap<(String, String), Area> {
    let numbers = |name: &Option<String>| name.as_ref().and_then(|name| frame.numbers_of(name));
    let places = numbers(&roles.latitude).zip(numbers(&roles.longitude));
    let drawn: std::collections::BTreeSet<(&str, &str)> = sample
        .units
        .iter()
        .filter_map(|unit| Some((unit.stratum.as_str(), unit.cluster.as_deref()?)))
        .collect();
    let mut areas = BTreeMap::new();
    for cluster in &frame.clusters {
        let stratum = frame.strata.get(cluster.stratum as usize).map_or("", |one| &one.name);
        if !drawn.contains(&(stratum, cluster.name.as_str())) {
            continue;
        }
        let count = cluster.units.len();
        let middle = |values: &[f64]| {
            cluster.units.iter().map(|unit| values[*unit as usize]).sum::<f64>() / count as f64
        };
        let place = places.map(|(north, east)| (middle(north), middle(east)));
        let area = Area { population: i64::try_from(count).unwrap_or(i64::MAX), place };
        areas.insert((stratum.to_owned(), cluster.name.clone()), area);
    }
    areas
}

/// The random routes through the areas of a sample, a line a walk: for areas in
/// which nobody has a list of addresses. Starting points are numbered as on the
/// area's own list of corners or houses; without `starts` there are as many as
/// the area has units, and without `interval` every door is taken that the number
/// of units asks for.
///
/// # Errors
///
/// What the output says.
pub fn write_routes(
    sample: &Sample,
    walks: u32,
    starts: Option<u32>,
    interval: Option<u32>,
    output: impl std::io::Write,
) -> Result<(), csv::Error> {
    let mut writer = csv::Writer::from_writer(output);
    write_row(
        &mut writer,
        &["stratum", "area", "walk", "seed", "start", "heading", "turn", "first_door", "interval"],
    )?;
    let mut areas: BTreeMap<(&str, &str), (u64, u64)> = BTreeMap::new();
    for unit in &sample.units {
        let Some(cluster) = &unit.cluster else { continue };
        let inside = unit.stages.get(1).map_or((1, 1), |stage| (stage.population, stage.sampled));
        areas.insert((&unit.stratum, cluster), inside);
    }
    for ((stratum, area), (population, sampled)) in areas {
        let narrow = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let starts = starts.unwrap_or(narrow(population));
        let interval = interval.unwrap_or(narrow((population / sampled.max(1)).max(1)));
        let name = format!("{stratum} / {area}");
        for walk in 1..=walks {
            let route = route(sample.seed, &name, walk, starts, interval);
            let turn = if route.turn == Turn::Left { "left" } else { "right" };
            write_row(
                &mut writer,
                &[
                    stratum,
                    area,
                    &walk.to_string(),
                    &route.seed.to_string(),
                    &route.start.to_string(),
                    &route.heading.to_string(),
                    turn,
                    &route.first.to_string(),
                    &route.interval.to_string(),
                ],
            )?;
        }
    }
    Ok(writer.flush()?)
}
