//! A draft is tried by anybody who has its link, on the very pages that respondents
//! will see. What is answered is a test: it is kept apart from every response, the team
//! looks at it with the path that was taken, and it goes when the draft is published.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Days, NaiveDate};
use survey_builder::questionnaire::answer::{Answer, Answers, Value};
use survey_builder::questionnaire::compile::compile_version;
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::order::{arms_at_start, drawn_answers, even_arm};
use survey_builder::questionnaire::preload::{self, preloaded};
use survey_builder::questionnaire::version::Version;
use uuid::Uuid;

use super::interview::{Interview, Step, Taken, Then};
use crate::error::{Error, Missing, Problem};
use crate::keys::{Keys, random_bytes};
use crate::rules::states::{AuditAction, Mode, ResponseState, TrialState};
use crate::store::responses::Content;
use crate::store::studies::{self, Study};
use crate::store::trials::{self, TrialLink, TrialRow, TrialStep};
use crate::store::{Connection, Id, Instant, audit, drafts};

/// Days that a link works, and that a test is kept.
pub const DAYS: u64 = 30;
/// Tests that a draft may have.
pub const MOST: i64 = 200;
/// Bytes that a test may have: more than any questionnaire that was filled in twice.
pub const MOST_BYTES: i64 = 1024 * 1024;
/// Steps that a test may have.
const MOST_STEPS: i64 = 2_000;
/// Seconds in a day.
const A_DAY: i64 = 24 * 60 * 60;

/// A test as a request finds it.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The test.
    pub row: TrialRow,
    /// It, as an interview that no case has.
    pub interview: Interview,
    /// Whether the draft was changed since it began.
    pub changed: bool,
    /// Its pages as they were saved.
    pub steps: Vec<TrialStep>,
}

impl Trial {
    /// Reads a test of a study.
    ///
    /// # Errors
    ///
    /// A draft that is not there: the file is damaged.
    pub fn of(
        connection: &mut Connection,
        keys: &Keys,
        now: Instant,
        row: TrialRow,
        study: Study,
    ) -> Result<Self, Error> {
        let document = trials::document(connection, study.id, row.number)?;
        let document = document.ok_or(Error::NotFound(Missing::Questionnaire))?;
        let newest = drafts::number(connection, study.id)?;
        let steps = trials::steps(connection, keys, row.id)?;
        let (version, _) = compile_version(document);
        let today = study.today(now);
        let interview = Interview::of_trial(Arc::new(version), &row, study, today, &steps);
        Ok(Self { changed: newest != Some(row.number), row, interview, steps })
    }
}

/// The link with that token and its study, while it works.
pub fn standing_link(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    token: &str,
) -> Result<Option<(TrialLink, Study)>, Error> {
    let found = trials::link_of_token(connection, &keys.lookup(token))?;
    let Some(link) = found else { return Ok(None) };
    let study = studies::find(connection, link.study_id)?;
    Ok(study.filter(|study| study.today(now) <= link.until).map(|study| (link, study)))
}

/// The test with that token and its link, while that works.
pub fn standing_trial(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    token: &str,
) -> Result<Option<(Trial, TrialLink)>, Error> {
    let found = trials::of_token(connection, &keys.lookup(token))?;
    let Some(row) = found else { return Ok(None) };
    let Some((link, study)) = link_of_trial(connection, now, &row)? else { return Ok(None) };
    Ok(Some((Trial::of(connection, keys, now, row, study)?, link)))
}

/// The link of a test and its study, while that very link works.
fn link_of_trial(
    connection: &mut Connection,
    now: Instant,
    row: &TrialRow,
) -> Result<Option<(TrialLink, Study)>, Error> {
    let link = trials::link_of(connection, row.study_id)?;
    let Some(link) = link.filter(|link| link.id == row.link_id) else { return Ok(None) };
    let study = studies::find(connection, row.study_id)?;
    Ok(study.filter(|study| study.today(now) <= link.until).map(|study| (link, study)))
}

/// Makes the link by which anybody tries the draft. One that was there works no more,
/// and who has begun by it goes no further.
///
/// # Errors
///
/// No such study, or one without a questionnaire.
pub fn make_trial_link(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    user: Id,
    study: Id,
) -> Result<(), Error> {
    let row = studies::require(connection, study)?;
    drafts::number(connection, study)?.ok_or(Error::NotFound(Missing::Questionnaire))?;
    let today = row.today(now);
    let id = Id::random();
    let link = TrialLink {
        study_id: study,
        id,
        token_hash: keys.lookup(&keys.trial_link(id)),
        made_by: user,
        made_at: now,
        until: today.checked_add_days(Days::new(DAYS)).unwrap_or(today),
    };
    trials::put_link(connection, &link)?;
    audit::record(connection, now, Some(user), AuditAction::TrialLinkMade, &study.to_string(), "")
}

/// Ends the link: nobody begins by it, and who has begun goes no further. The tests stay.
///
/// # Errors
///
/// No such study.
pub fn end_trial_link(
    connection: &mut Connection,
    now: Instant,
    user: Id,
    study: Id,
) -> Result<(), Error> {
    studies::require(connection, study)?;
    if !trials::remove_link(connection, study)? {
        return Ok(());
    }
    audit::record(connection, now, Some(user), AuditAction::TrialLinkEnded, &study.to_string(), "")
}

/// What a test begins with.
#[derive(Clone, Debug)]
pub struct TrialStart {
    /// The token of the link.
    pub token: String,
    /// The draft that was seen, by its last edit.
    pub number: i64,
    /// The language of the pages.
    pub language: String,
    /// Seed of every random order.
    pub seed: i64,
    /// The day.
    pub today: NaiveDate,
    /// What is there before the first page.
    pub answers: Answers,
}

impl TrialStart {
    /// Works out what a test of a draft begins with. A list knows nobody who tries: what
    /// would come from it is blank.
    pub fn of(
        token: String,
        (number, version): (i64, &Version),
        language: &str,
        link: BTreeMap<String, String>,
        today: NaiveDate,
    ) -> Self {
        let seed = i64::from_le_bytes(random_bytes());
        let unsigned = seed.cast_unsigned();
        let known = preload::Known {
            frame: BTreeMap::new(),
            link,
            language: language.to_owned(),
            mode: Mode::Web.word().to_owned(),
            today,
        };
        let mut answers = Answers::default();
        for question in arms_at_start(version) {
            if let Some(code) = even_arm(version, question, unsigned, |_| 0) {
                answers.set(question.id, Answer::Value(Value::Option(code)));
            }
        }
        answers.apply(&preloaded(version, &known));
        answers.apply(&drawn_answers(version, &answers, today, unsigned));
        Self { token, number, language: language.to_owned(), seed, today, answers }
    }
}

/// Begins a test. `None` where the draft was changed since it was seen: work it out anew.
///
/// # Errors
///
/// A link that does not work (any more); more tests than are kept.
pub fn begin_trial(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    start: &TrialStart,
) -> Result<Option<Id>, Error> {
    let found = standing_link(connection, keys, now, &start.token)?;
    let (link, study) = found.ok_or(Error::NotFound(Missing::Link))?;
    let stored = drafts::of_study(connection, study.id)?;
    let stored = stored.ok_or(Error::NotFound(Missing::Questionnaire))?;
    if stored.number != start.number {
        return Ok(None);
    }
    if trials::count(connection, study.id)? >= MOST {
        let told = Problem::new("too-many-trials", "").with("most", MOST);
        return Err(Error::Invalid(vec![told]));
    }
    let document: &Document = &stored.draft.document;
    trials::keep_document(connection, study.id, stored.number, document)?;
    let id = Id::random();
    let row = TrialRow {
        id,
        study_id: study.id,
        link_id: link.id,
        number: stored.number,
        token_hash: keys.lookup(&keys.trial(id)),
        language: start.language.clone(),
        seed: start.seed,
        began_on: start.today,
        began_at: now,
        ended_at: None,
        state: TrialState::Open,
        size: 0,
    };
    trials::insert(connection, &row)?;
    if !start.answers.0.is_empty() {
        let content = Content { answers: start.answers.clone(), pending: None };
        let page_id = Id(Uuid::nil());
        let step = TrialStep { sequence: 1, page_id, content, saved_at: now };
        trials::append(connection, keys, id, &step)?;
    }
    Ok(Some(id))
}

/// Stores what came of a page of a test: all of it, if the test is still as it was when
/// that was worked out.
///
/// # Errors
///
/// A test that would become larger than one may be.
pub fn take_trial_step(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    (trial, step): (Id, &Step),
) -> Result<Taken, Error> {
    let Some(row) = trials::find(connection, trial)? else { return Ok(Taken::NotOpen) };
    if row.state != TrialState::Open || link_of_trial(connection, now, &row)?.is_none() {
        return Ok(Taken::NotOpen);
    }
    let sequence = trials::last_sequence(connection, trial)?;
    if sequence != step.sequence {
        return Ok(Taken::Stale);
    }
    let mut size = row.size;
    if let Some((page_id, content)) = &step.revision {
        let content = content.clone();
        let new = TrialStep { sequence: sequence + 1, page_id: *page_id, content, saved_at: now };
        size += trials::append(connection, keys, trial, &new)?;
        if size > MOST_BYTES || new.sequence > MOST_STEPS {
            return Err(Error::invalid("trial-too-large", ""));
        }
    }
    let state = match &step.then {
        Then::GoOn => TrialState::Open,
        Then::End { state: ResponseState::ScreenedOut, .. } => TrialState::ScreenedOut,
        Then::End { .. } => TrialState::Complete,
        Then::Refuse => TrialState::Refused,
    };
    let ended_at = (state != TrialState::Open).then_some(now);
    trials::set_state(connection, trial, (state, ended_at), size)?;
    Ok(Taken::Stored)
}

/// Deletes a test of a draft, or all of them.
///
/// # Errors
///
/// No such study.
pub fn remove_trials(
    connection: &mut Connection,
    now: Instant,
    user: Id,
    study: Id,
    which: Option<Id>,
) -> Result<(), Error> {
    studies::require(connection, study)?;
    let removed = match which {
        Some(trial) => usize::from(trials::remove(connection, study, trial)?),
        None => trials::remove_some(connection, study, i64::MAX)?,
    };
    if removed == 0 {
        return Ok(());
    }
    let (action, subject) = (AuditAction::TrialsRemoved, study.to_string());
    audit::record(connection, now, Some(user), action, &subject, &removed.to_string())
}

/// When a test must have begun that is still kept.
pub fn kept_since(now: Instant) -> Instant {
    now.plus_seconds(-A_DAY * i64::try_from(DAYS).unwrap_or(0))
}

/// Deletes the tests of a study that are older than tests are kept.
pub fn remove_old_trials(
    connection: &mut Connection,
    now: Instant,
    study: Id,
) -> Result<(), Error> {
    trials::remove_before(connection, study, kept_since(now)).map(drop)
}
