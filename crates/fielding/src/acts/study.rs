//! What is done with a study: made, opened, closed.

use chrono::NaiveDate;
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::finding::Severity;
use survey_builder::questionnaire::publish::publish;
use survey_builder::questionnaire::version::Version;

use super::interview::finish;
use super::media::missing_media;
use super::pool;
use crate::error::{Error, Missing, Problem};
use crate::keys::Keys;
use crate::rules::disposition::Disposition;
use crate::rules::states::{AuditAction, Privacy, ResponseState, StudyStatus};
use crate::store::responses::{self, Open};
use crate::store::studies::{self, Study};
use crate::store::{Connection, Id, Instant, Json, Zone, audit, cases, outbox, rounds};

/// From half of the applicable questions on, a broken-off interview is a
/// partial one (the example in AAPOR 2016, p. 15).
const PARTIAL_THRESHOLD: f64 = 0.5;

/// Days between two messages to one person, where a study does not say otherwise.
const GAP_DAYS: i64 = 2;
/// Cases that are read at once.
const CASES_AT_ONCE: i64 = 1_000;

/// A study to be made.
#[derive(Clone, Debug)]
pub struct NewStudy {
    /// The unit it belongs to.
    pub unit_id: Id,
    /// Short name for the team.
    pub name: String,
    /// How far it protects who answers.
    pub privacy: Privacy,
    /// Why it may be called anonymous although it asks who people are; empty where
    /// it does not.
    pub privacy_reason: String,
    /// Who runs it.
    pub organisation: String,
    /// Where respondents can ask.
    pub phone: String,
    /// Where its days begin and end.
    pub time_zone: Zone,
    /// The last day of answers.
    pub closes_on: Option<NaiveDate>,
    /// What reading the questionnaire's file told: for its page.
    pub import_notes: Vec<Problem>,
}

/// Checks and publishes a document; every error is a problem.
pub fn publish_document(document: Document) -> Result<Version, Vec<Problem>> {
    publish(document).map_err(|findings| {
        findings
            .into_iter()
            .filter(|finding| finding.severity == Severity::Error)
            .map(Problem::from)
            .collect()
    })
}

/// Makes a study with its first round and its questionnaire published.
pub fn create_study(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    new: &NewStudy,
    document: &Document,
) -> Result<Study, Error> {
    let version = publish_document(document.clone()).map_err(Error::Invalid)?;
    let study = Study {
        id: Id::rising(),
        unit_id: new.unit_id,
        name: new.name.clone(),
        title: Json::new(version.document.title.clone()),
        privacy: new.privacy,
        status: StudyStatus::Draft,
        organisation: new.organisation.clone(),
        phone: new.phone.clone(),
        closes_on: new.closes_on,
        link_ends_on: None,
        partial_threshold: PARTIAL_THRESHOLD,
        margins: Json::default(),
        created_at: now,
        time_zone: new.time_zone,
        gap_days: GAP_DAYS,
        privacy_reason: new.privacy_reason.clone(),
    };
    studies::insert(connection, &study)?;
    rounds::insert_next(connection, study.id)?;
    let document = Json::new(version.document);
    let questionnaire = studies::save_draft(connection, study.id, &document, now)?;
    studies::keep_import_notes(connection, questionnaire, new.import_notes.clone())?;
    let stored = studies::insert_version(connection, questionnaire, &version.hash, &document, now)?;
    let subject = study.id.to_string();
    audit::record(connection, now, user, AuditAction::StudyMade, &subject, &study.name)?;
    let detail = format!("v{} {}", stored.number, &stored.hash[..12]);
    audit::record(connection, now, user, AuditAction::Published, &subject, &detail)?;
    Ok(study)
}

/// Opens a study for answers.
pub fn open_study(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    study: Id,
) -> Result<(), Error> {
    let row = studies::find(connection, study)?.ok_or(Error::NotFound(Missing::Study))?;
    let version = studies::current_version(connection, study)?
        .ok_or(Error::NotFound(Missing::Questionnaire))?;
    let version =
        studies::version(connection, version)?.ok_or(Error::NotFound(Missing::Version))?;
    let missing = missing_media(connection, study, &version.document)?;
    if !missing.is_empty() {
        let told = |name: &String| Problem::new("media-missing", name);
        return Err(Error::Invalid(missing.iter().map(told).collect()));
    }
    if row.status == StudyStatus::Open {
        return Ok(());
    }
    studies::set_status(connection, study, StudyStatus::Open)?;
    let round = rounds::current(connection, study)?;
    rounds::set_opened(connection, round.id, row.today(now))?;
    audit::record(connection, now, user, AuditAction::Opened, &study.to_string(), "")
}

/// Closes a study: no more answers; broken-off interviews with enough answers
/// become partial ones, what is queued is taken back, and in an anonymous study
/// all that waits in the pool moves on together. Returns how many became partial.
pub fn close_study(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    user: Option<Id>,
    study: Id,
) -> Result<usize, Error> {
    let row = studies::find(connection, study)?.ok_or(Error::NotFound(Missing::Study))?;
    if row.status == StudyStatus::Closed {
        return Ok(0);
    }
    let round = rounds::current(connection, study)?;
    let mut partial = 0;
    for (case, open) in open_interviews(connection, keys, &row)? {
        let progress = responses::progress(connection, keys, open.row.id)?;
        let counted = open.known.as_ref().map_or(case.disposition, |known| known.disposition);
        let enough = counted == Disposition::Partial;
        let state = if enough { ResponseState::Partial } else { ResponseState::BrokenOff };
        partial += usize::from(enough);
        finish(connection, keys, now, &row, &case, open, (state, &progress.answers))?;
    }
    outbox::cancel_study(connection, study)?;
    studies::set_status(connection, study, StudyStatus::Closed)?;
    rounds::set_closed(connection, round.id, row.today(now))?;
    if row.is_anonymous() {
        pool::move_rest(connection, keys, &round)?;
    }
    audit::record(connection, now, user, AuditAction::Closed, &study.to_string(), "")?;
    Ok(partial)
}

/// Every open interview of a study with its case.
fn open_interviews(
    connection: &mut Connection,
    keys: &Keys,
    study: &Study,
) -> Result<Vec<(cases::CaseRow, Open)>, Error> {
    let mut found = Vec::new();
    if study.is_anonymous() {
        // Only the keys lead from a case to its interview, so each is asked.
        let mut after = 0;
        loop {
            let page = cases::page(connection, study.id, after, CASES_AT_ONCE)?;
            let Some(last) = page.last() else { return Ok(found) };
            after = last.number;
            for case in page {
                if let Some(open) = responses::of_case(connection, keys, case.id)?
                    && open.row.state == ResponseState::Open
                {
                    found.push((case, open));
                }
            }
        }
    }
    for (case, row) in responses::open_of_study(connection, study.id)? {
        let case = cases::find(connection, case)?.ok_or(Error::NotFound(Missing::Case))?;
        found.push((case, Open { row, known: None }));
    }
    Ok(found)
}
