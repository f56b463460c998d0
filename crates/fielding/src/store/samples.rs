//! Samples, the units and areas drawn, their release and substitutes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;
use survey_builder::sampling::chain::{Act, Entry};
use survey_builder::sampling::release::Substitution;
use survey_builder::sampling::{Plan, Sample};

use super::frames::FrameRow;
use super::schema::{
    areas, cases, contact_details, frames, preparations, response_links, sample_entries,
    sampled_units, samples, studies, substitutions, users,
};
use super::{Connection, Id, Instant, Json, Zone};
use crate::error::Error;
use crate::rules::disposition::Disposition;
use crate::rules::states::CaseStatus;

/// One draw.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = samples)]
pub struct SampleRow {
    /// Identity.
    pub id: Id,
    /// The study.
    pub study_id: Id,
    /// The round.
    pub round_id: Id,
    /// The frame.
    pub frame_id: Id,
    /// The plan.
    pub plan: Json<Plan>,
    /// The plan's hash.
    pub plan_hash: String,
    /// The seed.
    pub seed: String,
    /// When it was drawn.
    pub drawn_at: Instant,
    /// How many replicates are released; 0 for a sample without any.
    pub released: i64,
    /// The hash of the draw; empty for draws from before it was kept.
    pub draw_hash: String,
}

/// A drawn unit.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = sampled_units)]
pub struct SampledUnitRow {
    /// Identity.
    pub id: Id,
    /// The sample.
    pub sample_id: Id,
    /// The unit's identity in the frame.
    pub unit_key: String,
    /// Its stratum.
    pub stratum: String,
    /// Its primary sampling unit.
    pub psu: String,
    /// Its inclusion probability over all stages.
    pub probability: f64,
    /// The inverse of the probability.
    pub base_weight: f64,
    /// Its replicate, from 1; 0 in a sample without any.
    pub replicate: i64,
    /// What the frame says of it that the questionnaire may use.
    pub attributes: Json<BTreeMap<String, String>>,
}

/// A drawn cluster.
#[derive(Clone, Debug, PartialEq, Queryable, Insertable, Selectable)]
#[diesel(table_name = areas)]
pub struct AreaRow {
    /// The sample.
    pub sample_id: Id,
    /// Its stratum.
    pub stratum: String,
    /// Its name.
    pub psu: String,
    /// Its frame units.
    pub population: i64,
    /// Its sampled units.
    pub cases: i64,
    /// The mean of its units' latitudes, in degrees.
    pub latitude: Option<f64>,
    /// The mean of its units' longitudes, in degrees.
    pub longitude: Option<f64>,
    /// Who works there.
    pub assignee_id: Option<Id>,
}

/// A unit that took another's place.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = substitutions)]
pub struct SubstitutionRow {
    /// The sample.
    pub sample_id: Id,
    /// The unit that could not be had.
    pub unit_key: String,
    /// The unit that takes its place.
    pub by_key: String,
    /// Why.
    pub reason: String,
    /// When.
    pub on_day: NaiveDate,
    /// Who decided it.
    pub user_id: Option<Id>,
}

/// Keeps a draw with its manifest.
pub fn insert(
    connection: &mut Connection,
    sample: &SampleRow,
    manifest: &Sample,
) -> Result<(), Error> {
    let manifest = Json::new(manifest.clone());
    diesel::insert_into(samples::table)
        .values((sample.clone(), samples::manifest.eq(manifest)))
        .execute(connection)?;
    Ok(())
}

/// Keeps a unit of a draw.
pub fn insert_unit(connection: &mut Connection, unit: &SampledUnitRow) -> Result<(), Error> {
    diesel::insert_into(sampled_units::table).values(unit.clone()).execute(connection)?;
    Ok(())
}

/// Keeps an area of a draw.
pub fn insert_area(connection: &mut Connection, area: &AreaRow) -> Result<(), Error> {
    diesel::insert_into(areas::table).values(area.clone()).execute(connection)?;
    Ok(())
}

/// Takes back so many units of a sample with their cases, then its areas and the
/// sample itself. Returns whether anything was left.
pub fn take_back(connection: &mut Connection, sample: Id, limit: i64) -> Result<bool, Error> {
    let units: Vec<Id> = sampled_units::table
        .filter(sampled_units::sample_id.eq(sample))
        .select(sampled_units::id)
        .limit(limit)
        .load(connection)?;
    if units.is_empty() {
        let left = diesel::delete(areas::table.filter(areas::sample_id.eq(sample)));
        left.execute(connection)?;
        return Ok(diesel::delete(samples::table.find(sample)).execute(connection)? > 0);
    }
    let of_units: Vec<Option<Id>> = units.iter().copied().map(Some).collect();
    let of_units: Vec<Id> = cases::table
        .filter(cases::sampled_unit_id.eq_any(of_units))
        .select(cases::id)
        .load(connection)?;
    let details = contact_details::table.filter(contact_details::case_id.eq_any(of_units.clone()));
    diesel::delete(details).execute(connection)?;
    diesel::delete(cases::table.filter(cases::id.eq_any(of_units))).execute(connection)?;
    diesel::delete(sampled_units::table.filter(sampled_units::id.eq_any(units)))
        .execute(connection)?;
    Ok(true)
}

/// The areas of a sample after the first `skip`, with the names of who works
/// there.
pub fn areas_of(
    connection: &mut Connection,
    sample: Id,
    skip: i64,
    limit: i64,
) -> Result<Vec<(AreaRow, Option<String>)>, Error> {
    Ok(areas::table
        .left_join(users::table)
        .filter(areas::sample_id.eq(sample))
        .order((areas::stratum.asc(), areas::psu.asc()))
        .offset(skip)
        .limit(limit)
        .select((areas::all_columns, users::name.nullable()))
        .load(connection)?)
}

/// Areas and cases by who works there, those with nobody first: name, areas,
/// cases.
pub fn workloads(
    connection: &mut Connection,
    sample: Id,
) -> Result<Vec<(Option<String>, i64, i64)>, Error> {
    let rows: Vec<(Option<String>, i64)> = areas::table
        .left_join(users::table)
        .filter(areas::sample_id.eq(sample))
        .select((users::name.nullable(), areas::cases))
        .load(connection)?;
    let mut sums = BTreeMap::new();
    for (name, cases) in rows {
        let sum: &mut (i64, i64) = sums.entry(name).or_default();
        *sum = (sum.0 + 1, sum.1 + cases);
    }
    Ok(sums.into_iter().map(|(name, (areas, cases))| (name, areas, cases)).collect())
}

/// Gives an area to somebody, or to nobody.
pub fn assign(connection: &mut Connection, area: &AreaRow, to: Option<Id>) -> Result<(), Error> {
    diesel::update(areas::table.find((area.sample_id, &area.stratum, &area.psu)))
        .set(areas::assignee_id.eq(to))
        .execute(connection)?;
    Ok(())
}

/// How many units a release of these replicates, both ends in, opens: all of them but
/// those that have taken the place of others.
pub fn in_replicates(
    connection: &mut Connection,
    sample: Id,
    (from, to): (i64, i64),
) -> Result<i64, Error> {
    let units = sampled_units::table
        .filter(sampled_units::sample_id.eq(sample))
        .filter(sampled_units::replicate.between(from, to));
    let placed: Vec<String> = substitutions::table
        .filter(substitutions::sample_id.eq(sample))
        .select(substitutions::by_key)
        .load(connection)?;
    let mut open = 0;
    // As many as a statement may name on either database.
    for some in placed.chunks(1_000) {
        let placed = units.filter(sampled_units::unit_key.eq_any(some.to_vec()));
        open += placed.count().get_result::<i64>(connection)?;
    }
    Ok(units.count().get_result::<i64>(connection)? - open)
}

/// A case that waits: its identity, stratum and outcome.
type Waiting = (Id, String, Disposition);

/// Opens cases that wait, and counts them.
fn open(connection: &mut Connection, round: Id, waiting: Vec<Waiting>) -> Result<(), Error> {
    let mut counts: BTreeMap<(&str, Disposition), i64> = BTreeMap::new();
    for (_, stratum, disposition) in &waiting {
        *counts.entry((stratum, *disposition)).or_default() += 1;
    }
    for ((stratum, disposition), count) in counts {
        super::outcomes::add(connection, round, stratum, disposition, count)?;
    }
    let identities: Vec<Id> = waiting.into_iter().map(|(case, _, _)| case).collect();
    diesel::update(cases::table.filter(cases::id.eq_any(identities)))
        .set(cases::status.eq(CaseStatus::Open))
        .execute(connection)?;
    Ok(())
}

/// Opens the case of a unit, if it waits.
pub fn open_unit(connection: &mut Connection, round: Id, unit: Id) -> Result<(), Error> {
    let waiting = cases::table
        .filter(cases::sampled_unit_id.eq(unit))
        .filter(cases::status.eq(CaseStatus::Waiting))
        .select((cases::id, cases::stratum, cases::disposition))
        .load(connection)?;
    open(connection, round, waiting)
}

/// Opens what waits of the released replicates of a sample, among `limit` cases after
/// number `after`. Returns the number of the last case looked at and how many were
/// opened; `None` when there was none left.
pub fn open_released(
    connection: &mut Connection,
    sample: &SampleRow,
    after: i64,
    limit: i64,
) -> Result<Option<(i64, usize)>, Error> {
    type Looked = (i64, CaseStatus, i64, Waiting);
    let looked: Vec<Looked> = cases::table
        .inner_join(sampled_units::table)
        .filter(cases::study_id.eq(sample.study_id))
        .filter(cases::number.gt(after))
        .order(cases::number.asc())
        .limit(limit)
        .select((
            cases::number,
            cases::status,
            sampled_units::replicate,
            (cases::id, cases::stratum, cases::disposition),
        ))
        .load(connection)?;
    let Some((last, ..)) = looked.last() else { return Ok(None) };
    let last = *last;
    let waiting: Vec<Waiting> = looked
        .into_iter()
        .filter(|(_, status, replicate, _)| {
            *status == CaseStatus::Waiting && *replicate <= sample.released
        })
        .map(|(.., case)| case)
        .collect();
    let opened = waiting.len();
    open(connection, sample.round_id, waiting)?;
    Ok(Some((last, opened)))
}

/// Sampled units by replicate.
pub fn replicate_sizes(connection: &mut Connection, sample: Id) -> Result<Vec<(i64, i64)>, Error> {
    Ok(sampled_units::table
        .filter(sampled_units::sample_id.eq(sample))
        .group_by(sampled_units::replicate)
        .select((sampled_units::replicate, diesel::dsl::count_star()))
        .order(sampled_units::replicate.asc())
        .load(connection)?)
}

/// Keeps how many replicates are released.
pub fn set_released(connection: &mut Connection, sample: Id, released: i64) -> Result<(), Error> {
    diesel::update(samples::table.find(sample))
        .set(samples::released.eq(released))
        .execute(connection)?;
    Ok(())
}

/// A sampled unit by its identity in the frame.
pub fn unit_of_key(
    connection: &mut Connection,
    sample: Id,
    key: &str,
) -> Result<Option<SampledUnitRow>, Error> {
    Ok(sampled_units::table
        .filter(sampled_units::sample_id.eq(sample))
        .filter(sampled_units::unit_key.eq(key))
        .first(connection)
        .optional()?)
}

/// A sampled unit's identity in the frame.
pub fn unit_key(connection: &mut Connection, unit: Id) -> Result<Option<String>, Error> {
    Ok(sampled_units::table
        .find(unit)
        .select(sampled_units::unit_key)
        .first(connection)
        .optional()?)
}

/// What the frame says of a sampled unit.
pub fn attributes_of(
    connection: &mut Connection,
    unit: Id,
) -> Result<BTreeMap<String, String>, Error> {
    let found: Json<BTreeMap<String, String>> =
        sampled_units::table.find(unit).select(sampled_units::attributes).first(connection)?;
    Ok(found.into_inner())
}

/// What the frame says of each unit of a sample.
pub fn attributes(
    connection: &mut Connection,
    sample: Id,
) -> Result<Vec<BTreeMap<String, String>>, Error> {
    let found: Vec<Json<BTreeMap<String, String>>> = sampled_units::table
        .filter(sampled_units::sample_id.eq(sample))
        .order(sampled_units::unit_key)
        .select(sampled_units::attributes)
        .load(connection)?;
    Ok(found.into_iter().map(Json::into_inner).collect())
}

/// The columns of the frame that were kept of its units.
pub fn columns_kept(connection: &mut Connection, sample: Id) -> Result<BTreeSet<String>, Error> {
    let one: Option<Json<BTreeMap<String, String>>> = sampled_units::table
        .filter(sampled_units::sample_id.eq(sample))
        .select(sampled_units::attributes)
        .first(connection)
        .optional()?;
    Ok(one.map(|kept| kept.into_inner().into_keys().collect()).unwrap_or_default())
}

/// Keeps a substitution.
pub fn insert_substitution(
    connection: &mut Connection,
    row: &SubstitutionRow,
) -> Result<(), Error> {
    diesel::insert_into(substitutions::table).values(row.clone()).execute(connection)?;
    Ok(())
}

/// The substitutions of a sample, in the order of the units replaced.
pub fn substitutions_of(
    connection: &mut Connection,
    sample: Id,
) -> Result<Vec<SubstitutionRow>, Error> {
    Ok(substitutions::table
        .filter(substitutions::sample_id.eq(sample))
        .order(substitutions::unit_key.asc())
        .load(connection)?)
}

/// The sample of a study's last round that has one; not one that is still being
/// stored.
pub fn of_study(connection: &mut Connection, study: Id) -> Result<Option<SampleRow>, Error> {
    let preparing = preparations::table.select(preparations::id);
    Ok(samples::table
        .filter(samples::study_id.eq(study))
        .filter(diesel::dsl::not(samples::id.eq_any(preparing)))
        .order(samples::id.desc())
        .select(SampleRow::as_select())
        .first(connection)
        .optional()?)
}

/// The same with its frame.
pub fn with_frame(
    connection: &mut Connection,
    study: Id,
) -> Result<Option<(SampleRow, FrameRow)>, Error> {
    let Some(sample) = of_study(connection, study)? else { return Ok(None) };
    let frame = frames::table.find(sample.frame_id).first(connection)?;
    Ok(Some((sample, frame)))
}

/// A sample that another of the same list may be drawn beside.
#[derive(Clone, Debug)]
pub struct EarlierSample {
    /// The sample.
    pub sample: SampleRow,
    /// The study's short name.
    pub study: String,
    /// The unit that the study belongs to.
    pub unit: Id,
    /// The study's zone, by which its day is told.
    pub time_zone: Zone,
}

impl EarlierSample {
    /// What a plan calls it: the study and the beginning of the draw's hash.
    pub fn name(&self) -> String {
        let hash: String = self.sample.draw_hash.chars().take(8).collect();
        format!("{} {hash}", self.study)
    }
}

/// The newest samples of other studies whose draw's hash begins so, at most so many, the
/// newest first; not those from before the hash of a draw was kept.
pub fn of_other_studies(
    connection: &mut Connection,
    study: Id,
    hash: &str,
    limit: i64,
) -> Result<Vec<EarlierSample>, Error> {
    if !hash.chars().all(|sign| sign.is_ascii_hexdigit()) {
        return Ok(Vec::new());
    }
    let preparing = preparations::table.select(preparations::id);
    let rows: Vec<(SampleRow, String, Id, Zone)> = samples::table
        .inner_join(studies::table.on(studies::id.eq(samples::study_id)))
        .filter(samples::study_id.ne(study))
        .filter(samples::draw_hash.ne(""))
        .filter(samples::draw_hash.like(format!("{hash}%")))
        .filter(studies::deleted_at.is_null())
        .filter(diesel::dsl::not(samples::id.eq_any(preparing)))
        .order(samples::id.desc())
        .limit(limit)
        .select((SampleRow::as_select(), studies::name, studies::unit_id, studies::time_zone))
        .load(connection)?;
    let earlier =
        |(sample, study, unit, time_zone)| EarlierSample { sample, study, unit, time_zone };
    Ok(rows.into_iter().map(earlier).collect())
}

/// How many units two samples share, or, where clusters are drawn, clusters.
pub fn in_common(
    connection: &mut Connection,
    sample: Id,
    other: Id,
    of_clusters: bool,
) -> Result<i64, Error> {
    let mut names = |sample: Id| -> Result<BTreeSet<String>, Error> {
        let own = sampled_units::table.filter(sampled_units::sample_id.eq(sample));
        let found: Vec<String> = if of_clusters {
            own.select(sampled_units::psu).distinct().load(connection)?
        } else {
            own.select(sampled_units::unit_key).load(connection)?
        };
        Ok(found.into_iter().collect())
    };
    let (own, others) = (names(sample)?, names(other)?);
    Ok(i64::try_from(own.intersection(&others).count()).unwrap_or(i64::MAX))
}

/// The draw of a sample, without what was decided since.
fn draw_of(connection: &mut Connection, sample: Id) -> Result<Sample, Error> {
    let manifest: Json<Sample> =
        samples::table.find(sample).select(samples::manifest).first(connection)?;
    Ok(manifest.into_inner())
}

/// The record of a sample: its draw and everything that was decided since, which
/// is all that a replay needs.
pub fn record(connection: &mut Connection, sample: &SampleRow) -> Result<Sample, Error> {
    let draw = draw_of(connection, sample.id)?;
    let entries: Vec<Json<Entry>> = sample_entries::table
        .filter(sample_entries::sample_id.eq(sample.id))
        .order(sample_entries::number.asc())
        .select(sample_entries::entry)
        .load(connection)?;
    if !entries.is_empty() {
        return Ok(draw.with_entries(entries.into_iter().map(Json::into_inner)));
    }
    let mut previous = draw.draw_hash();
    let entries = chained(&mut previous, decided_before(connection, sample)?);
    Ok(draw.with_entries(entries))
}

/// Appends a decision to the record of a sample. `sample` is as it was before.
pub fn append(connection: &mut Connection, sample: &SampleRow, act: Act) -> Result<(), Error> {
    let last: Option<(i64, Json<Entry>)> = sample_entries::table
        .filter(sample_entries::sample_id.eq(sample.id))
        .order(sample_entries::number.desc())
        .select((sample_entries::number, sample_entries::entry))
        .first(connection)
        .optional()?;
    let (before, mut previous, mut acts) = match last {
        Some((number, entry)) => (number, entry.into_inner().hash, Vec::new()),
        None if sample.draw_hash.is_empty() => {
            let draw_hash = draw_of(connection, sample.id)?.draw_hash();
            (0, draw_hash, decided_before(connection, sample)?)
        }
        None => (0, sample.draw_hash.clone(), decided_before(connection, sample)?),
    };
    acts.push(act);
    for (number, entry) in (before + 1..).zip(chained(&mut previous, acts)) {
        diesel::insert_into(sample_entries::table)
            .values((
                sample_entries::sample_id.eq(sample.id),
                sample_entries::number.eq(number),
                sample_entries::entry.eq(Json::new(entry)),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// What was decided of a sample before its first entry: how many replicates are
/// released, at first none, and what was decided when decisions were not yet kept as
/// entries.
fn decided_before(connection: &mut Connection, sample: &SampleRow) -> Result<Vec<Act>, Error> {
    let replicates = u32::try_from(sample.released).unwrap_or(0);
    let released = sample.plan.release.map(|_| Act::Released { replicates });
    let mut substitutions = substitutions_of(connection, sample.id)?;
    if !substitutions.is_empty() {
        // A reserve is used up in its order, which is also that of the decisions.
        let draw = draw_of(connection, sample.id)?;
        let places: HashMap<&str, usize> =
            draw.units.iter().enumerate().map(|(place, one)| (one.unit.as_str(), place)).collect();
        substitutions.sort_by_key(|row| places.get(row.by_key.as_str()).copied());
    }
    let substitutions = substitutions.into_iter().map(|row| {
        Act::Substituted(Substitution { unit: row.unit_key, by: row.by_key, reason: row.reason })
    });
    Ok(released.into_iter().chain(substitutions).collect())
}

/// Acts as entries, each bound to the one before.
fn chained(previous: &mut String, acts: Vec<Act>) -> Vec<Entry> {
    acts.into_iter()
        .map(|act| {
            let entry = Entry::after(previous.clone(), act);
            previous.clone_from(&entry.hash);
            entry
        })
        .collect()
}

/// By response the unit that it is of, in a study that keeps the way.
pub fn units_of_responses(
    connection: &mut Connection,
    sample: Id,
) -> Result<HashMap<Id, String>, Error> {
    let rows: Vec<(Id, String)> = response_links::table
        .inner_join(cases::table.on(cases::id.eq(response_links::case_id)))
        .inner_join(
            sampled_units::table.on(cases::sampled_unit_id.eq(sampled_units::id.nullable())),
        )
        .filter(sampled_units::sample_id.eq(sample))
        .select((response_links::response_id, sampled_units::unit_key))
        .load(connection)?;
    Ok(rows.into_iter().collect())
}

/// A unit in another's place is drawn in as that was.
pub fn take_place(
    connection: &mut Connection,
    of: &SampledUnitRow,
    by: &SampledUnitRow,
) -> Result<(), Error> {
    diesel::update(sampled_units::table.find(by.id))
        .set((
            sampled_units::probability.eq(of.probability),
            sampled_units::base_weight.eq(of.base_weight),
        ))
        .execute(connection)?;
    Ok(())
}

/// Sampled units by stratum and PSU: stratum, PSU, units.
pub fn counts(
    connection: &mut Connection,
    sample: Id,
) -> Result<Vec<(String, String, i64)>, Error> {
    Ok(sampled_units::table
        .filter(sampled_units::sample_id.eq(sample))
        .group_by((sampled_units::stratum, sampled_units::psu))
        .select((sampled_units::stratum, sampled_units::psu, diesel::dsl::count_star()))
        .order((sampled_units::stratum.asc(), sampled_units::psu.asc()))
        .load(connection)?)
}

/// The frame identity of each sampled unit of a study.
pub fn unit_keys(connection: &mut Connection, study: Id) -> Result<HashMap<Id, String>, Error> {
    let preparing = preparations::table.select(preparations::id);
    let rows: Vec<(Id, String)> = sampled_units::table
        .inner_join(samples::table)
        .filter(samples::study_id.eq(study))
        .filter(diesel::dsl::not(samples::id.eq_any(preparing)))
        .select((sampled_units::id, sampled_units::unit_key))
        .load(connection)?;
    Ok(rows.into_iter().collect())
}
