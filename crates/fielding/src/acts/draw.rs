//! Drawing a sample for a study: from a frame to cases, with the contacts of
//! those drawn sealed and nobody else's kept.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;

use exchange::data::csv::guarded;
use survey_builder::questionnaire::document::{Document, Kind, Source};
use survey_builder::sampling::area::{Turn, route};
use survey_builder::sampling::plan::{
    Allocation, Amount, Method, Plan, Share, SizeMeasure, Stage, StageUnits,
};
use survey_builder::sampling::within_household::{Locked, Rule};
use survey_builder::sampling::{Frame, Sample, Seed, draw};

use super::frame::told;
use crate::error::{Clash, Error, Missing, Problem};
use crate::keys::Keys;
use crate::mail::ContactDetails;
use crate::rules::case::{NewCase, open_cases, smallest_design_cell};
use crate::rules::disposition::Disposition;
use crate::rules::roles::Roles;
use crate::rules::states::{AuditAction, CaseStatus};
use crate::store::cases::CaseRow;
use crate::store::frames::{self, FrameRow};
use crate::store::samples::{self, AreaRow, SampleRow, SampledUnitRow};
use crate::store::{Connection, Id, Instant, Json, audit, cases, rounds, studies};

/// In an anonymous study, the fewest cases that may share what travels with
/// their answers.
const SMALLEST_DESIGN_CELL: usize = 5;

/// A list of fewer people hides nobody, whatever is stored.
const SMALLEST_LIST: i64 = 10;

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
pub struct DrawOrder {
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
struct Row {
    contact: ContactDetails,
    language: String,
    attributes: BTreeMap<String, String>,
}

/// A cluster that was drawn.
#[derive(Clone, Debug)]
struct Area {
    population: i64,
    place: Option<(f64, f64)>,
}

/// A sample with what is kept of those drawn, ready to be stored.
#[derive(Clone, Debug)]
pub struct Drawn {
    frame: FrameOf,
    sample: Sample,
    kept: Vec<String>,
    rows: HashMap<String, Row>,
    areas: BTreeMap<(String, String), Area>,
}

/// The frame of a draw: one that waits, or one that was read for it alone.
#[derive(Clone, Debug)]
pub enum FrameOf {
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
pub fn draw_sample(order: &DrawOrder) -> Result<Drawn, Vec<Problem>> {
    let columns = order.plan.columns(&order.roles.columns);
    let frame = Frame::read(order.frame.as_slice(), &columns).map_err(|found| told(&found))?;
    let of = FrameOf::File(order.frame_name.clone(), frame.units.len());
    let rows = order.frame.as_slice();
    draw_from(of, &frame, &order.roles, &order.plan, order.seed, (rows, b','))
}

/// Draws from a frame; `rows` are its rows once more, with what stands between
/// their cells, for what is kept of those drawn.
///
/// # Errors
///
/// Everything that stands in the way; then nothing is drawn.
pub fn draw_from(
    of: FrameOf,
    frame: &Frame,
    roles: &Roles,
    plan: &Plan,
    seed: Seed,
    rows: (impl Read, u8),
) -> Result<Drawn, Vec<Problem>> {
    let sample = draw(frame, plan, seed).map_err(|found| told(&found))?;
    let rows = rows_of(rows, roles, &sample)?;
    let areas = areas_of(frame, roles, &sample);
    Ok(Drawn { frame: of, sample, kept: roles.kept.clone(), rows, areas })
}

/// What the rows say of the drawn units: the others are never kept.
fn rows_of(
    (rows, separator): (impl Read, u8),
    roles: &Roles,
    sample: &Sample,
) -> Result<HashMap<String, Row>, Vec<Problem>> {
    let unreadable = |error: csv::Error| {
        vec![Problem::new("frame-unreadable", "").with("reason", error.to_string())]
    };
    let drawn: std::collections::HashSet<&str> =
        sample.units.iter().map(|unit| unit.unit.as_str()).collect();
    let mut reader =
        csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(rows);
    let headers = reader.headers().map_err(unreadable)?.clone();
    let mut problems = Vec::new();
    let mut place = |name: &str| {
        let is = |header: &str| header.trim_start_matches('\u{feff}').trim() == name;
        let found = headers.iter().position(is).filter(|_| !name.is_empty());
        if found.is_none() && !name.is_empty() {
            problems.push(Problem::new("contact-column-missing", "").with("column", name));
        }
        found
    };
    let contacts = &roles.contacts;
    let [name, email, phone, address, language] =
        [&contacts.name, &contacts.email, &contacts.phone, &contacts.address, &contacts.language]
            .map(|column| place(column));
    let unit = place(&roles.columns.unit);
    let kept: Vec<(&String, Option<usize>)> =
        roles.kept.iter().map(|column| (column, place(column))).collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut found = HashMap::with_capacity(drawn.len());
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let cell = |column: Option<usize>| {
            column.and_then(|column| record.get(column)).unwrap_or_default().trim().to_owned()
        };
        let key = cell(unit);
        if drawn.contains(key.as_str()) {
            let contact = ContactDetails {
                name: cell(name),
                email: cell(email),
                phone: cell(phone),
                address: cell(address),
            };
            let attributes = kept.iter().map(|(name, at)| ((*name).clone(), cell(*at))).collect();
            found.insert(key, Row { contact, language: cell(language), attributes });
        }
    }
    Ok(found)
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

/// Stores a draw and makes its cases: those of replicates wait until these are
/// released, all others are open. The frame is let go. Call inside a
/// transaction. Returns how many cases are open.
///
/// # Errors
///
/// A study that has its sample, and an anonymous one in which so few people
/// would share what travels with their answers that these could point at one.
pub fn store_sample(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    user: Option<Id>,
    study: Id,
    drawn: &Drawn,
) -> Result<usize, Error> {
    let study_row = studies::find(connection, study)?.ok_or(Error::NotFound(Missing::Study))?;
    if samples::of_study(connection, study)?.is_some() {
        return Err(Error::Conflict(Clash::SampleDrawn));
    }
    let new_cases = open_cases(&drawn.sample);
    let round = rounds::current(connection, study)?.id;
    let (_, document) =
        studies::draft_of(connection, study)?.ok_or(Error::NotFound(Missing::Questionnaire))?;
    let used = columns_used(&document);
    check_kept(&used, &drawn.kept)?;
    if study_row.is_anonymous() {
        let listed = match &drawn.frame {
            FrameOf::Waiting(frame) => frames::find(connection, *frame)?.map_or(0, |row| row.units),
            FrameOf::File(_, units) => i64::try_from(*units).unwrap_or(i64::MAX),
        };
        if listed < SMALLEST_LIST && study_row.privacy_reason.is_empty() {
            return Err(Error::Invalid(vec![
                Problem::new("anonymous-small-list", "").with("units", listed),
            ]));
        }
        let beside = |case: &NewCase| {
            let row = drawn.rows.get(&case.unit);
            let values = used.iter().map(|name| row.and_then(|row| row.attributes.get(*name)));
            values.map(|value| value.cloned().unwrap_or_default()).collect::<Vec<_>>()
        };
        check_design_cells(&new_cases, beside)?;
    }
    let units = insert_sample(connection, now, (study, round), drawn, &new_cases)?;
    let mut stored_cases = Vec::with_capacity(new_cases.len());
    for (case, unit) in new_cases.iter().zip(units) {
        let row = drawn.rows.get(&case.unit);
        let language = row
            .map(|row| row.language.as_str())
            .filter(|language| document.languages.iter().any(|known| known.code == *language))
            .unwrap_or(&document.default_language);
        let stored = case_row(keys, (study, round), case, unit, language);
        let sealed = row.map(|row| row.contact.seal(keys, stored.id)).transpose()?;
        stored_cases.push((stored, sealed));
    }
    let open = cases::insert_all(connection, &stored_cases)?;
    let detail = format!("n = {}", new_cases.len());
    audit::record(connection, now, user, AuditAction::SampleDrawn, &study.to_string(), &detail)?;
    Ok(open)
}

/// The columns of the frame that a questionnaire uses.
fn columns_used(document: &Document) -> Vec<&str> {
    let sources = document.questions().filter_map(|question| match &question.kind {
        Kind::Hidden(hidden) => match &hidden.source {
            Source::Frame(column) => Some(column.as_str()),
            _ => None,
        },
        _ => None,
    });
    let mut names: Vec<&str> = sources.collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// What the questionnaire takes from the frame must have been kept of it.
fn check_kept(used: &[&str], kept: &[String]) -> Result<(), Error> {
    let lacking = used.iter().filter(|column| !kept.iter().any(|kept| kept == *column));
    let problems: Vec<Problem> = lacking
        .map(|column| Problem::new("frame-column-not-kept", *column).with("column", *column))
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

fn check_design_cells(
    new_cases: &[NewCase],
    beside: impl Fn(&NewCase) -> Vec<String>,
) -> Result<(), Error> {
    let smallest = smallest_design_cell(new_cases, beside);
    if smallest >= SMALLEST_DESIGN_CELL {
        return Ok(());
    }
    Err(Error::Invalid(vec![
        Problem::new("small-design-cell", "")
            .with("smallest", smallest)
            .with("min", SMALLEST_DESIGN_CELL),
    ]))
}

/// Stores frame, sample, units and areas; gives the units' identities, in order.
fn insert_sample(
    connection: &mut Connection,
    now: Instant,
    (study, round): (Id, Id),
    drawn: &Drawn,
    new_cases: &[NewCase],
) -> Result<Vec<Id>, Error> {
    let frame_id = match &drawn.frame {
        FrameOf::Waiting(frame) => {
            // Another draw, or another frame, may have come first.
            let waits = frames::waiting(connection, study)?.filter(|row| row.id == *frame);
            waits.ok_or(Error::Conflict(Clash::FrameChanged))?;
            frames::let_go(connection, *frame)?;
            *frame
        }
        FrameOf::File(name, units) => {
            let frame = FrameRow::new(study, name, &drawn.sample.frame_hash, *units, now);
            frames::insert(connection, &frame)?;
            frame.id
        }
    };
    let sample = SampleRow {
        id: Id::rising(),
        study_id: study,
        round_id: round,
        frame_id,
        plan: Json::new(drawn.sample.plan.clone()),
        plan_hash: drawn.sample.plan_hash.clone(),
        seed: drawn.sample.seed.0.to_string(),
        drawn_at: now,
        released: 0,
    };
    let mut units = Vec::with_capacity(new_cases.len());
    let mut inside: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for case in new_cases {
        *inside.entry((&case.stratum, &case.psu)).or_default() += 1;
        let attributes = drawn.rows.get(&case.unit).map(|row| &row.attributes);
        units.push(SampledUnitRow {
            id: Id::rising(),
            sample_id: sample.id,
            unit_key: case.unit.clone(),
            stratum: case.stratum.clone(),
            psu: case.psu.clone(),
            probability: case.probability,
            base_weight: case.base_weight,
            replicate: i64::from(case.replicate.unwrap_or(0)),
            attributes: Json::new(attributes.cloned().unwrap_or_default()),
        });
    }
    let areas: Vec<AreaRow> = drawn
        .areas
        .iter()
        .map(|((stratum, psu), area)| AreaRow {
            sample_id: sample.id,
            stratum: stratum.clone(),
            psu: psu.clone(),
            population: area.population,
            cases: inside.get(&(stratum.as_str(), psu.as_str())).copied().unwrap_or(0),
            latitude: area.place.map(|(north, _)| north),
            longitude: area.place.map(|(_, east)| east),
            assignee_id: None,
        })
        .collect();
    samples::insert(connection, &sample, &drawn.sample, &units, &areas)?;
    Ok(units.into_iter().map(|unit| unit.id).collect())
}

fn case_row(
    keys: &Keys,
    (study, round): (Id, Id),
    case: &NewCase,
    unit: Id,
    language: &str,
) -> CaseRow {
    let id = Id::rising();
    let status = if case.replicate.is_some() { CaseStatus::Waiting } else { CaseStatus::Open };
    CaseRow {
        id,
        study_id: study,
        round_id: round,
        sampled_unit_id: Some(unit),
        number: i64::from(case.number),
        stratum: case.stratum.clone(),
        link_hash: keys.lookup(&keys.link(id)),
        code_hash: keys.lookup(&keys.code(id)),
        language: language.to_owned(),
        status,
        disposition: Disposition::NotAttempted,
        ended_on: None,
    }
}

/// Writes a row whose cells no spreadsheet runs as formulas: names of units and
/// areas are as somebody else wrote them.
fn write_row<Output: std::io::Write>(
    writer: &mut csv::Writer<Output>,
    cells: &[&str],
) -> Result<(), csv::Error> {
    for cell in cells {
        writer.write_field(guarded(cell).as_bytes())?;
    }
    writer.write_record(None::<&[u8]>)
}

/// Writes the units of a sample as CSV.
///
/// # Errors
///
/// What stands in the way of writing.
pub fn write_units(sample: &Sample, output: impl std::io::Write) -> Result<(), csv::Error> {
    let mut writer = csv::Writer::from_writer(output);
    write_row(
        &mut writer,
        &[
            "unit",
            "stratum",
            "cluster",
            "within",
            "probability",
            "weight",
            "second_phase",
            "replicate",
            "household_number",
            "kish_table",
        ],
    )?;
    for unit in &sample.units {
        // What decides who of a household is asked, whatever the rule.
        let household = Locked::of(Rule::KishGrid, sample.seed, &unit.unit);
        write_row(
            &mut writer,
            &[
                unit.unit.as_str(),
                &unit.stratum,
                unit.cluster.as_deref().unwrap_or_default(),
                &unit.within.join(" / "),
                &unit.probability.to_string(),
                &unit.weight.to_string(),
                &unit.second_phase.map_or_else(String::new, |stage| stage.probability.to_string()),
                &unit.replicate.map_or_else(String::new, |number| number.to_string()),
                &format!("{:.6}", household.number),
                household.table_name(),
            ],
        )?;
    }
    Ok(writer.flush()?)
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
