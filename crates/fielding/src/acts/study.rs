//! What is done with a study: made, opened, closed.

use chrono::NaiveDate;
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::finding::Severity;
use survey_builder::questionnaire::publish::publish;
use survey_builder::questionnaire::version::Version;

use super::appearance;
use super::interview::finish;
use super::media::missing_media;
use super::pool;
use crate::error::{Error, Missing, Problem};
use crate::keys::Keys;
use crate::rules::disposition::Disposition;
use crate::rules::states::{AuditAction, Example, Prepared, Privacy, ResponseState, StudyStatus};
use crate::store::preparations::{self, Preparation};
use crate::store::studies::{self, Study, VersionRow};
use crate::store::{Connection, Id, Instant, Json, Zone, audit, cases, outbox, responses, rounds};

/// From half of the applicable questions on, a broken-off interview is a
/// partial one (the example in AAPOR 2016, p. 15).
const PARTIAL_THRESHOLD: f64 = 0.5;

/// Days between two messages to one person, where a study does not say otherwise.
const GAP_DAYS: i64 = 2;

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
    let (study, questionnaire) = begin(connection, now, user, new, &version.document)?;
    let document = Json::new(version.document);
    let stored =
        studies::insert_version(connection, questionnaire, (&version.hash, &document), 0, now)?;
    let subject = study.id.to_string();
    let detail = format!("v{} {}", stored.number, &stored.hash[..12]);
    audit::record(connection, now, user, AuditAction::Published, &subject, &detail)?;
    Ok(study)
}

/// Makes a study with its first round whose questionnaire is to be written: nothing is
/// published yet.
pub fn begin_study(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    new: &NewStudy,
    draft: &Document,
) -> Result<Study, Error> {
    begin(connection, now, user, new, draft).map(|(study, _)| study)
}

/// The study, its round and its draft.
fn begin(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    new: &NewStudy,
    draft: &Document,
) -> Result<(Study, Id), Error> {
    let study = Study {
        id: Id::rising(),
        unit_id: new.unit_id,
        name: new.name.clone(),
        title: Json::new(draft.title.clone()),
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
        statement: Json::default(),
        archived_at: None,
        deleted_at: None,
        review_required: false,
        example: Example::No,
        appearance: Json::default(),
    };
    studies::insert(connection, &study)?;
    appearance::inherit(connection, study.id, study.unit_id)?;
    rounds::insert_next(connection, study.id)?;
    let draft = Json::new(draft.clone());
    let questionnaire = studies::save_draft(connection, study.id, &draft, now)?;
    studies::keep_import_notes(connection, questionnaire, new.import_notes.clone())?;
    let subject = study.id.to_string();
    audit::record(connection, now, user, AuditAction::StudyMade, &subject, &study.name)?;
    Ok((study, questionnaire))
}

/// The version that a study is opened with.
///
/// # Errors
///
/// Nothing is published, or files that it shows are not there.
pub fn version_to_open(connection: &mut Connection, study: Id) -> Result<VersionRow, Error> {
    let version = studies::current_version(connection, study)?
        .ok_or(Error::NotFound(Missing::Questionnaire))?;
    let version =
        studies::version(connection, version)?.ok_or(Error::NotFound(Missing::Version))?;
    let missing = missing_media(connection, study, &version.document)?;
    if !missing.is_empty() {
        let told = |name: &String| Problem::new("media-missing", name);
        return Err(Error::Invalid(missing.iter().map(told).collect()));
    }
    Ok(version)
}

/// Opens a study for answers.
pub fn open_study(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    study: Id,
) -> Result<(), Error> {
    let row = studies::require(connection, study)?;
    version_to_open(connection, study)?;
    if row.status == StudyStatus::Open {
        return Ok(());
    }
    preparations::require_none(connection, study, &[Prepared::Closing])?;
    studies::set_status(connection, study, StudyStatus::Open)?;
    let round = rounds::current(connection, study)?;
    rounds::set_opened(connection, round.id, row.today(now))?;
    audit::record(connection, now, user, AuditAction::Opened, &study.to_string(), "")
}

/// A study that is being closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    id: Id,
    study: Id,
}

impl Closing {
    /// One that stopped on the way.
    pub fn of(preparation: &Preparation) -> Self {
        Self { id: preparation.id, study: preparation.study_id }
    }

    /// The study.
    pub fn study(&self) -> Id {
        self.study
    }
}

/// Closes a study: it takes no answers from now on. What is under way is ended in
/// portions. `None` where it is closed already.
pub fn close_study(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    study: Id,
) -> Result<Option<Closing>, Error> {
    let row = studies::require(connection, study)?;
    if row.status == StudyStatus::Closed {
        return Ok(None);
    }
    let round = rounds::current(connection, study)?;
    studies::set_status(connection, study, StudyStatus::Closed)?;
    rounds::set_closed(connection, round.id, row.today(now))?;
    let id = Id::rising();
    let what = Prepared::Closing;
    preparations::begin(connection, &Preparation { id, study_id: study, what, touched_at: now })?;
    audit::record(connection, now, user, AuditAction::Closed, &study.to_string(), "")?;
    Ok(Some(Closing { id, study }))
}

/// Takes back what is queued to cases after number `after`. Returns the number of the
/// last case; `None` when there was none left. Never in one transaction with what ends
/// interviews: what was written together would belong together.
pub fn cancel_portion(
    connection: &mut Connection,
    now: Instant,
    closing: &Closing,
    after: i64,
) -> Result<Option<i64>, Error> {
    if !preparations::touch(connection, closing.id, now)? {
        // Somebody else went on with it, to its end.
        return Ok(None);
    }
    let portion = cases::page(connection, closing.study, after, preparations::limit())?;
    let ids: Vec<Id> = portion.iter().map(|case| case.id).collect();
    outbox::cancel(connection, &ids)?;
    Ok(portion.last().map(|case| case.number))
}

/// Ends what is under way of cases after number `after`: broken-off interviews with
/// enough answers become partial ones. Returns the number of the last case and how many
/// became partial; `None` when there was none left.
pub fn close_portion(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    closing: &Closing,
    after: i64,
) -> Result<Option<(i64, usize)>, Error> {
    if !preparations::touch(connection, closing.id, now)? {
        // Somebody else went on with it, to its end.
        return Ok(None);
    }
    let row = studies::require(connection, closing.study)?;
    let portion = cases::page(connection, closing.study, after, preparations::limit())?;
    let Some(last) = portion.last().map(|case| case.number) else { return Ok(None) };
    let mut partial = 0;
    for case in portion {
        // In an anonymous study only the keys lead from a case to its interview.
        let open = responses::of_case(connection, keys, case.id)?;
        let Some(open) = open.filter(|open| open.row.state == ResponseState::Open) else {
            continue;
        };
        let progress = responses::progress(connection, keys, open.row.id)?;
        let counted = open.known.as_ref().map_or(case.disposition, |known| known.disposition);
        let enough = counted == Disposition::Partial;
        let state = if enough { ResponseState::Partial } else { ResponseState::BrokenOff };
        partial += usize::from(enough);
        finish(connection, keys, now, &row, &case, open, (state, &progress.answers))?;
    }
    Ok(Some((last, partial)))
}

/// Nothing is under way any more: in an anonymous study all that waits in the pool
/// moves on together.
pub fn end_closing(
    connection: &mut Connection,
    keys: &Keys,
    closing: &Closing,
) -> Result<(), Error> {
    if !preparations::end(connection, closing.id)? {
        return Ok(());
    }
    let row = studies::require(connection, closing.study)?;
    if row.is_anonymous() {
        let round = rounds::current(connection, closing.study)?;
        pool::move_rest(connection, keys, &round)?;
    }
    Ok(())
}
