//! Storing a draw: its checks, its units and cases in portions that nobody sees,
//! and the last act, by which the sample is there and its frame is let go.

use std::collections::BTreeMap;

use survey_builder::list::number::Decimal;
use survey_builder::questionnaire::preload::number_columns;

use super::draft::columns_used;
use super::draw::{Drawn, FrameSource};
use super::kept_numbers::unmistakable;
use crate::error::{Clash, Error, Problem};
use crate::keys::Keys;
use crate::rules::case::{NewCase, open_cases, smallest_design_cell};
use crate::rules::disposition::Disposition;
use crate::rules::states::{AuditAction, CaseStatus, Prepared};
use crate::store::cases::CaseRow;
use crate::store::frames::{self, FrameRow};
use crate::store::preparations::{self, Preparation};
use crate::store::samples::{self, AreaRow, SampleRow, SampledUnitRow};
use crate::store::{Connection, Id, Instant, Json, audit, cases, outcomes, rounds, studies};

/// In an anonymous study, the fewest cases that may share what travels with
/// their answers.
const SMALLEST_DESIGN_CELL: usize = 5;

/// A list of fewer people hides nobody, whatever is stored.
const SMALLEST_LIST: i64 = 10;

/// A sample that is being stored.
#[derive(Clone, Debug)]
pub struct Begun {
    sample: SampleRow,
    /// The languages that a case may have, the default one first.
    languages: Vec<String>,
    /// The columns from which numbers are taken over, with their decimal marks.
    numbers: BTreeMap<String, Decimal>,
    /// Whether its frame waits to be let go.
    frame_waits: bool,
}

impl Begun {
    /// Its preparation.
    pub fn preparation(&self) -> Id {
        self.sample.id
    }
}

/// What is kept of one unit.
#[derive(Clone, Debug)]
pub struct Unit {
    drawn: SampledUnitRow,
    case: CaseRow,
    sealed: Option<Vec<u8>>,
}

/// What is kept of a draw, beside the sample itself.
#[derive(Clone, Debug)]
pub struct Rows {
    /// Units with their cases.
    pub units: Vec<Unit>,
    /// Clusters.
    pub areas: Vec<AreaRow>,
}

/// Begins to store a draw.
///
/// # Errors
///
/// A study that has its sample or is getting one, a column of numbers that the
/// questionnaire uses and that can be read in two ways, and an anonymous study in which
/// so few people would share what travels with their answers that these could
/// point at one.
pub fn begin(
    connection: &mut Connection,
    now: Instant,
    study: Id,
    drawn: &Drawn,
) -> Result<Begun, Error> {
    may_be_stored(connection, study)?;
    preparations::require_none(connection, study, &[Prepared::Sample])?;
    let row = studies::require(connection, study)?;
    let document = studies::published(connection, study)?;
    let used = columns_used(&document);
    check_kept(&used, &drawn.kept)?;
    let numbers = drawn.numbers.of(&number_columns(&document))?;
    if row.is_anonymous() {
        let listed = match &drawn.frame {
            FrameSource::Waiting(frame) => {
                frames::find(connection, *frame)?.map_or(0, |row| row.units)
            }
            FrameSource::File(_, units) => i64::try_from(*units).unwrap_or(i64::MAX),
        };
        if listed < SMALLEST_LIST && row.privacy_reason.is_empty() {
            return Err(Error::Invalid(vec![
                Problem::new("anonymous-small-list", "").with("units", listed),
            ]));
        }
        check_design_cells(drawn, &used)?;
    }
    let frame_id = match &drawn.frame {
        FrameSource::Waiting(frame) => {
            still_waiting(connection, study, *frame)?;
            *frame
        }
        FrameSource::File(name, units) => {
            let frame = FrameRow::new(study, name, &drawn.sample.frame_hash, *units, now);
            frames::insert(connection, &frame)?;
            frame.id
        }
    };
    let sample = SampleRow {
        id: Id::rising(),
        study_id: study,
        round_id: rounds::current(connection, study)?.id,
        frame_id,
        plan: Json::new(drawn.sample.plan.clone()),
        plan_hash: drawn.sample.plan_hash.clone(),
        seed: drawn.sample.seed.0.to_string(),
        drawn_at: now,
        released: 0,
        draw_hash: drawn.sample.last.clone().unwrap_or_else(|| drawn.sample.draw_hash()),
    };
    let preparation =
        Preparation { id: sample.id, study_id: study, what: Prepared::Sample, touched_at: now };
    preparations::begin(connection, &preparation)?;
    samples::insert(connection, &sample, &drawn.sample)?;
    let others = document.languages.iter().map(|language| &language.code);
    let languages = std::iter::once(&document.default_language).chain(others).cloned().collect();
    let frame_waits = matches!(drawn.frame, FrameSource::Waiting(_));
    Ok(Begun { sample, languages, numbers, frame_waits })
}

fn may_be_stored(connection: &mut Connection, study: Id) -> Result<(), Error> {
    match samples::of_study(connection, study)? {
        Some(_) => Err(Error::Conflict(Clash::SampleDrawn)),
        None => Ok(()),
    }
}

/// Another draw, or another frame, may have come first.
fn still_waiting(connection: &mut Connection, study: Id, frame: Id) -> Result<(), Error> {
    let waits = frames::waiting(connection, study)?.filter(|row| row.id == frame);
    waits.map(drop).ok_or(Error::Conflict(Clash::FrameChanged))
}

/// The rows of a draw, with contacts sealed: nothing is stored.
///
/// # Errors
///
/// A contact that cannot be sealed.
pub fn rows(keys: &Keys, begun: &Begun, drawn: &Drawn) -> Result<Rows, Error> {
    let mut inside: BTreeMap<(String, String), i64> = BTreeMap::new();
    let units = open_cases(&drawn.sample)
        .into_iter()
        .map(|new| {
            *inside.entry((new.stratum.clone(), new.psu.clone())).or_default() += 1;
            unit(keys, begun, drawn, &new)
        })
        .collect::<Result<_, Error>>()?;
    let areas = drawn
        .areas
        .iter()
        .map(|((stratum, psu), area)| AreaRow {
            sample_id: begun.sample.id,
            stratum: stratum.clone(),
            psu: psu.clone(),
            population: area.population,
            cases: inside.get(&(stratum.clone(), psu.clone())).copied().unwrap_or(0),
            latitude: area.place.map(|(north, _)| north),
            longitude: area.place.map(|(_, east)| east),
            assignee_id: None,
        })
        .collect();
    Ok(Rows { units, areas })
}

fn unit(keys: &Keys, begun: &Begun, drawn: &Drawn, new: &NewCase) -> Result<Unit, Error> {
    let row = drawn.rows.get(&new.unit);
    let mut attributes = row.map(|row| row.attributes.clone()).unwrap_or_default();
    for (column, decimal) in &begun.numbers {
        if let Some(text) = attributes.get_mut(column) {
            *text = unmistakable(text, *decimal);
        }
    }
    let unit = SampledUnitRow {
        id: Id::rising(),
        sample_id: begun.sample.id,
        unit_key: new.unit.clone(),
        stratum: new.stratum.clone(),
        psu: new.psu.clone(),
        probability: new.probability,
        base_weight: new.base_weight,
        replicate: i64::from(new.replicate.unwrap_or(0)),
        attributes: Json::new(attributes),
    };
    let said = row.map_or("", |row| &row.language);
    let known = begun.languages.iter().find(|known| *known == said);
    let language = known.or(begun.languages.first()).cloned().unwrap_or_default();
    let id = Id::rising();
    let status = if new.replicate.is_some() { CaseStatus::Waiting } else { CaseStatus::Open };
    let case = CaseRow {
        id,
        study_id: begun.sample.study_id,
        round_id: begun.sample.round_id,
        sampled_unit_id: Some(unit.id),
        number: i64::from(new.number),
        stratum: new.stratum.clone(),
        link_hash: keys.lookup(&keys.link(id)),
        code_hash: keys.lookup(&keys.code(id)),
        language,
        status,
        disposition: Disposition::NotAttempted,
        ended_on: None,
    };
    let sealed = row.map(|row| row.contact.seal(keys, id)).transpose()?;
    Ok(Unit { drawn: unit, case, sealed })
}

/// Stores a portion.
///
/// # Errors
///
/// [`Clash::TakenBack`] when the rest was.
pub fn keep(
    connection: &mut Connection,
    now: Instant,
    begun: &Begun,
    units: &[Unit],
    areas: &[AreaRow],
) -> Result<(), Error> {
    if !preparations::touch(connection, begun.sample.id, now)? {
        return Err(Error::Conflict(Clash::TakenBack));
    }
    for Unit { drawn, case, sealed } in units {
        samples::insert_unit(connection, drawn)?;
        cases::insert(connection, case, sealed.as_deref())?;
    }
    areas.iter().try_for_each(|area| samples::insert_area(connection, area))
}

/// The sample is there: cases of replicates wait until these are released, all
/// others are open, and the frame is let go. Returns how many cases are open.
///
/// # Errors
///
/// A study that got its sample or another frame meanwhile.
pub fn end(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    begun: &Begun,
    rows: &Rows,
) -> Result<usize, Error> {
    let SampleRow { id, study_id: study, round_id: round, frame_id: frame, .. } = begun.sample;
    may_be_stored(connection, study)?;
    if !preparations::end(connection, id)? {
        return Err(Error::Conflict(Clash::TakenBack));
    }
    if begun.frame_waits {
        still_waiting(connection, study, frame)?;
        frames::discard(connection, frame)?;
    }
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    let open = rows.units.iter().filter(|unit| unit.case.status != CaseStatus::Waiting);
    for unit in open {
        *counts.entry(&unit.case.stratum).or_default() += 1;
    }
    for (stratum, count) in &counts {
        outcomes::add(connection, round, stratum, Disposition::NotAttempted, *count)?;
    }
    let detail = format!("n = {}", rows.units.len());
    audit::record(connection, now, user, AuditAction::SampleDrawn, &study.to_string(), &detail)?;
    Ok(usize::try_from(counts.values().sum::<i64>()).unwrap_or(0))
}

/// What the questionnaire takes from the frame must have been kept of it.
fn check_kept(used: &[&str], kept: &[String]) -> Result<(), Error> {
    let lacking = used.iter().filter(|column| !kept.iter().any(|kept| kept == *column));
    let problems: Vec<Problem> = lacking
        .map(|column| Problem::new("frame-column-not-kept", *column).with("column", *column))
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

fn check_design_cells(drawn: &Drawn, used: &[&str]) -> Result<(), Error> {
    let beside = |case: &NewCase| {
        let row = drawn.rows.get(&case.unit);
        let values = used.iter().map(|name| row.and_then(|row| row.attributes.get(*name)));
        values.map(|value| value.cloned().unwrap_or_default()).collect::<Vec<_>>()
    };
    let smallest = smallest_design_cell(&open_cases(&drawn.sample), beside);
    if smallest >= SMALLEST_DESIGN_CELL {
        return Ok(());
    }
    Err(Error::Invalid(vec![
        Problem::new("small-design-cell", "")
            .with("smallest", smallest)
            .with("min", SMALLEST_DESIGN_CELL),
    ]))
}
