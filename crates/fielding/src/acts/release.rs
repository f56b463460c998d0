//! What a drawn sample still has to give: replicates that are released whole,
//! units of the reserve that take the place of others, areas given to people.

use survey_builder::sampling::chain::{Act, replace};
use survey_builder::sampling::release::Substitution;

use super::frame::as_problems;
use crate::error::{Error, Missing, Problem};
use crate::rules::access::Action;
use crate::rules::states::{AuditAction, CaseStatus, Prepared};
use crate::store::preparations::{self, Preparation};
use crate::store::samples::{self, SampleRow, SubstitutionRow};
use crate::store::{Connection, Id, Instant, audit, cases, people, responses, studies};

/// Replicates that are about to be released.
#[derive(Clone, Debug)]
pub struct ReleaseDue {
    sample: SampleRow,
    /// How many replicates there are.
    pub replicates: u32,
    /// The first and the last of those to be released.
    pub span: (i64, i64),
    /// How many of the last are in reserve.
    pub reserve: u32,
}

impl ReleaseDue {
    /// How many cases the release opens.
    pub fn cases(&self, connection: &mut Connection) -> Result<i64, Error> {
        samples::in_replicates(connection, self.sample.id, self.span)
    }
}

/// Replicates that are being released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Releasing {
    id: Id,
    study: Id,
}

impl Releasing {
    /// A release that stopped on the way.
    pub fn of(preparation: &Preparation) -> Self {
        Self { id: preparation.id, study: preparation.study_id }
    }

    /// The study.
    pub fn study(&self) -> Id {
        self.study
    }
}

/// What [`release`] releases up to number `upto`.
///
/// # Errors
///
/// A sample without replicates, or not that many; replicates once released stay
/// so.
pub fn release_due(connection: &mut Connection, study: Id, upto: u32) -> Result<ReleaseDue, Error> {
    let sample = samples::of_study(connection, study)?.ok_or(Error::NotFound(Missing::Sample))?;
    let (replicates, reserve) = sample
        .plan
        .release
        .as_ref()
        .map_or((0, 0), |release| (release.replicates, release.reserve));
    if i64::from(upto) <= sample.released || upto > replicates {
        return Err(Error::Invalid(vec![
            Problem::new("release-count", "")
                .with("from", sample.released + 1)
                .with("to", replicates),
        ]));
    }
    let span = (sample.released + 1, i64::from(upto));
    Ok(ReleaseDue { sample, replicates, span, reserve })
}

/// Releases the replicates of a study's sample up to number `upto`, whole: that is
/// decided, and stands in the record. Their cases are opened in portions.
///
/// # Errors
///
/// As [`release_due`], and a study for which messages are being queued or replicates
/// released.
pub fn release(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    study: Id,
    upto: u32,
) -> Result<Releasing, Error> {
    // Nobody is written to whom the page of the messages did not count.
    preparations::require_none(connection, study, &[Prepared::Messages, Prepared::Release])?;
    let due = release_due(connection, study, upto)?;
    let opened = due.cases(connection)?;
    let ReleaseDue { sample, replicates, .. } = &due;
    samples::append(connection, sample, Act::Released { replicates: upto })?;
    samples::set_released(connection, sample.id, i64::from(upto))?;
    let (id, what) = (Id::rising(), Prepared::Release);
    preparations::begin(connection, &Preparation { id, study_id: study, what, touched_at: now })?;
    let detail = format!("{upto}/{replicates}, n = {opened}");
    let subject = study.to_string();
    audit::record(connection, now, user, AuditAction::ReplicatesReleased, &subject, &detail)?;
    Ok(Releasing { id, study })
}

/// Opens what waits of the released replicates, of cases after number `after`. Returns
/// the number of the last case and how many were opened; `None` when there was none
/// left.
pub fn release_portion(
    connection: &mut Connection,
    now: Instant,
    releasing: &Releasing,
    after: i64,
) -> Result<Option<(i64, usize)>, Error> {
    if !preparations::touch(connection, releasing.id, now)? {
        // Somebody else went on with it, to its end.
        return Ok(None);
    }
    let sample =
        samples::of_study(connection, releasing.study)?.ok_or(Error::NotFound(Missing::Sample))?;
    samples::open_released(connection, &sample, after, preparations::limit())
}

/// All the cases of the released replicates are open.
pub fn end_release(connection: &mut Connection, releasing: &Releasing) -> Result<(), Error> {
    preparations::end(connection, releasing.id).map(drop)
}

/// Puts a unit of the reserve in the place of one that cannot be had, where the
/// plan allows that. Its case answers no more and keeps its outcome; the other is
/// drawn in as it was.
///
/// # Errors
///
/// Everything that [`replace`] refuses, and a unit that has begun to answer.
pub fn replace_unit(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    study: Id,
    unit: &str,
    reason: &str,
) -> Result<Substitution, Error> {
    // A unit whose case is still being opened could not be told from one that waits.
    preparations::require_none(connection, study, &[Prepared::Messages, Prepared::Release])?;
    let sample = samples::of_study(connection, study)?.ok_or(Error::NotFound(Missing::Sample))?;
    let row = studies::require(connection, study)?;
    let record = samples::record(connection, &sample)?;
    let act = replace(&record, unit, reason);
    let Act::Substituted(found) = act.map_err(|found| Error::Invalid(as_problems(&found)))? else {
        return Err(Error::NotFound(Missing::SampledUnit));
    };
    let known = |connection: &mut Connection, key: &str| {
        samples::unit_of_key(connection, sample.id, key)?
            .ok_or(Error::NotFound(Missing::SampledUnit))
    };
    let (of, by) = (known(connection, &found.unit)?, known(connection, &found.by)?);
    let case = cases::of_unit(connection, of.id)?.ok_or(Error::NotFound(Missing::SampledUnit))?;
    if case.status == CaseStatus::Done || responses::is_linked(connection, case.id)? {
        let problem = Problem::new("substitution-answered", "unit").with("unit", unit);
        return Err(Error::Invalid(vec![problem]));
    }
    if case.status == CaseStatus::Open {
        cases::end(connection, case.id, CaseStatus::Replaced, row.today(now))?;
    }
    samples::take_place(connection, &of, &by)?;
    samples::open_unit(connection, sample.round_id, by.id)?;
    samples::append(connection, &sample, Act::Substituted(found.clone()))?;
    samples::insert_substitution(
        connection,
        &SubstitutionRow {
            sample_id: sample.id,
            unit_key: found.unit.clone(),
            by_key: found.by.clone(),
            reason: found.reason.clone(),
            on_day: row.today(now),
            user_id: user,
        },
    )?;
    audit::record(connection, now, user, AuditAction::UnitReplaced, &study.to_string(), "")?;
    Ok(found)
}

/// Gives areas, by their places in the list, to somebody whose role may work
/// cases there, or to nobody.
///
/// # Errors
///
/// Nobody of that identity, or nothing ticked; then nothing is given.
pub fn assign_areas(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    study: Id,
    to: Option<Id>,
    places: &[i64],
) -> Result<(), Error> {
    let row = studies::require(connection, study)?;
    let sample = samples::of_study(connection, study)?.ok_or(Error::NotFound(Missing::Sample))?;
    let mut problems = Vec::new();
    let may = people::with_right(connection, row.unit_id, Action::WorkCases)?;
    if to.is_some_and(|person| may.iter().all(|user| user.id != person)) {
        problems.push(Problem::new("area-person", "person"));
    }
    if places.is_empty() {
        problems.push(Problem::new("area-none", "area"));
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    for place in places {
        // The list of areas never changes once they are drawn.
        let found = samples::areas_of(connection, sample.id, *place, 1)?;
        let (area, _) = found.first().ok_or(Error::NotFound(Missing::Area))?;
        samples::assign(connection, area, to)?;
    }
    let detail = places.len().to_string();
    audit::record(connection, now, user, AuditAction::AreasAssigned, &study.to_string(), &detail)
}

/// By how much the weights of released cases grow, for those of replicates that
/// wait: all over those released (see
/// [`released_weights`](survey_builder::sampling::release::released_weights)).
///
/// # Errors
///
/// A manifest that cannot be read.
pub fn release_factor(connection: &mut Connection, study: Id) -> Result<f64, Error> {
    let Some(sample) = samples::of_study(connection, study)? else { return Ok(1.0) };
    if sample.released == 0 {
        return Ok(1.0);
    }
    let replicates = sample.plan.release.as_ref().map_or(0, |release| release.replicates);
    #[expect(clippy::cast_precision_loss, reason = "replicates are few")]
    Ok(f64::from(replicates) / sample.released as f64)
}
