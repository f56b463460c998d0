//! One person's interview, from the link to the last page.
//!
//! Loading reads the case, its response and the revisions; the path is worked out
//! anew. A save is worked out on the calling thread from the interview as it was
//! loaded, so that the writer never waits for an expression. The act that stores
//! it looks in its own transaction whether the interview is still as it was then
//! (open, and at the same revision) and stores all of it, an ending too, or
//! nothing; then the save starts again from how things stand.

mod end;
mod save;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use chrono::NaiveDate;
use survey_builder::questionnaire::answer::{Answer, Answers, Value};
use survey_builder::questionnaire::document::Ending;
use survey_builder::questionnaire::order::{arms_at_start, drawn_answers, even_arm};
use survey_builder::questionnaire::path::{Path, Stop};
use survey_builder::questionnaire::preload::{self, preloaded};
use survey_builder::questionnaire::routing::route;
use survey_builder::questionnaire::version::Version;
use uuid::Uuid;

pub use self::end::{EndedInterview, finish, read_pooled_file, refuse, submit};
pub use self::save::{
    Form, Step, Then, members_step, page_step, save_members, save_page, take_step,
};
use super::contact;
use crate::app::App;
use crate::error::{Error, Missing};
use crate::keys::{Keys, normalise_code, random_bytes};
use crate::rules::disposition::{Disposition, Event, Group};
use crate::rules::states::{
    CaseStatus, DayCount, Ended, Example, Mode, Privacy, ResponseState, StudyStatus,
};
use crate::store::cases::{self, CaseRow};
use crate::store::responses::{self, Content, Known, Pending, Progress, ResponseRow, Revision};
use crate::store::studies::{self, Study};
use crate::store::trials::{TrialRow, TrialStep};
use crate::store::{Connection, Id, Instant, Json, Scope, Zone, arms, rounds, samples, trials};

/// The code of the doubt whether members of a roster are to go.
pub const MEMBERS_LOST: &str = "members_lost";
/// The code of the doubt whether an answer given elsewhere meanwhile is to go.
pub const ANSWERED_ELSEWHERE: &str = "answered_elsewhere";

/// Everything known of one interview when a request comes in.
#[derive(Clone, Debug)]
pub struct Interview {
    /// The case.
    pub case: CaseRow,
    /// Its study.
    pub study: Study,
    /// The version it answers: the response's, or the current one.
    pub version: Arc<Version>,
    /// That version's identity.
    pub version_id: Id,
    /// The response, once begun and while there is a way to it.
    pub response: Option<ResponseRow>,
    /// As what the case is counted: its own disposition, or that of the open
    /// interview of an anonymous study, which the case does not show.
    pub disposition: Disposition,
    /// How the interview ended, in an anonymous study; elsewhere the case says so.
    pub ending: Option<Ended>,
    /// What has been answered.
    pub progress: Progress,
    /// Today.
    pub today: NaiveDate,
    /// Where the answers lead, once somebody asks.
    path: OnceLock<Path>,
}

/// Where an interview stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not begun.
    New,
    /// Begun, not finished.
    Open,
    /// Finished.
    Done,
    /// The person does not take part.
    Refused,
    /// The study takes no answers (any more).
    Closed,
}

/// What saving a page led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// Accepted; this page is next.
    Next(Stop),
    /// Accepted; that was the last page.
    AtEnd,
    /// Something must be put right, or is asked for once more.
    Again,
    /// The answer ends the interview.
    Ended(Ending),
    /// The page is not on this person's path; nothing was stored.
    OffPath,
    /// The interview takes no answers, or not any more; nothing was stored.
    NotOpen,
}

impl Interview {
    /// Loads the interview of a link or access code.
    pub fn load(app: &App, connection: &mut Connection, link: &str) -> Result<Option<Self>, Error> {
        let found = cases::find_by_link(connection, &app.keys.lookup(link))?;
        Self::of_released(app, connection, found)
    }

    /// Loads the interview of an access code.
    pub fn load_by_code(
        app: &App,
        connection: &mut Connection,
        code: &str,
    ) -> Result<Option<Self>, Error> {
        let found = cases::find_by_code(connection, &app.keys.lookup(&normalise_code(code)))?;
        Self::of_released(app, connection, found)
    }

    /// Loads the interview of a case, as a form names it.
    pub fn load_case(
        app: &App,
        connection: &mut Connection,
        case: Id,
    ) -> Result<Option<Self>, Error> {
        let found = cases::find(connection, case)?;
        Self::of_released(app, connection, found)
    }

    /// One that is not released is as if it were not there.
    fn of_released(
        app: &App,
        connection: &mut Connection,
        found: Option<CaseRow>,
    ) -> Result<Option<Self>, Error> {
        match found {
            Some(case) if case.status != CaseStatus::Waiting => {
                Self::of_case(app, connection, case).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The interview as it stands now.
    async fn reload(&self, app: &App) -> Result<Self, Error> {
        let (in_query, case) = (app.clone(), self.case.id);
        app.store
            .read(move |connection| {
                let case = cases::find(connection, case)?.ok_or(Error::NotFound(Missing::Case))?;
                Self::of_case(&in_query, connection, case)
            })
            .await
    }

    fn of_case(app: &App, connection: &mut Connection, case: CaseRow) -> Result<Self, Error> {
        let study = studies::require(connection, case.study_id)?;
        let open = responses::of_case(connection, &app.keys, case.id)?;
        // Whose interview is open has not ended: the way to it goes with the end.
        let ending = match (&open, study.privacy) {
            (None, Privacy::Anonymous) => responses::ending_of(connection, &app.keys, case.id)?,
            _ => None,
        };
        let known = open.as_ref().and_then(|open| open.known.as_ref());
        let disposition = known.map_or(case.disposition, |known| known.disposition);
        let response = open.map(|open| open.row);
        let version_id = match &response {
            Some(response) => response.version_id,
            None => studies::current_version(connection, study.id)?
                .ok_or(Error::NotFound(Missing::Questionnaire))?,
        };
        let version = app.version(connection, version_id)?;
        let progress = match &response {
            Some(response) => responses::progress(connection, &app.keys, response.id)?,
            None => Progress::default(),
        };
        let today = study.today(app.clock.now());
        Ok(Self {
            case,
            study,
            version,
            version_id,
            response,
            disposition,
            ending,
            progress,
            today,
            path: OnceLock::new(),
        })
    }

    /// An interview that nobody gives, in which nothing is answered: for showing
    /// what a version looks like.
    pub fn example(version: Arc<Version>, today: NaiveDate) -> Self {
        let id = Id(Uuid::nil());
        let case = CaseRow {
            id,
            study_id: id,
            round_id: id,
            sampled_unit_id: None,
            number: 0,
            stratum: String::new(),
            link_hash: Vec::new(),
            code_hash: Vec::new(),
            language: String::new(),
            status: CaseStatus::Open,
            disposition: Disposition::NotAttempted,
            ended_on: None,
        };
        let study = Study {
            id,
            unit_id: id,
            name: String::new(),
            title: Json::default(),
            privacy: Privacy::Anonymous,
            status: StudyStatus::Draft,
            organisation: String::new(),
            phone: String::new(),
            closes_on: None,
            link_ends_on: None,
            partial_threshold: 0.0,
            margins: Json::default(),
            created_at: Instant(0),
            time_zone: Zone::default(),
            gap_days: 0,
            privacy_reason: String::new(),
            statement: Json::default(),
            archived_at: None,
            deleted_at: None,
            review_required: false,
            example: Example::No,
            appearance: Json::default(),
        };
        let progress = Progress::default();
        Self {
            case,
            study,
            version,
            version_id: id,
            response: None,
            disposition: Disposition::NotAttempted,
            ending: None,
            progress,
            today,
            path: OnceLock::new(),
        }
    }

    /// A test of a draft, as an interview of a case that is in no sample: whatever works
    /// a page out for respondents works it out for tests.
    pub fn of_trial(
        version: Arc<Version>,
        trial: &TrialRow,
        study: Study,
        today: NaiveDate,
        steps: &[TrialStep],
    ) -> Self {
        let bare = Self::example(version, today);
        let response = ResponseRow {
            id: trial.id,
            study_id: study.id,
            round_id: bare.case.round_id,
            version_id: bare.version_id,
            state: ResponseState::Open,
            seed: trial.seed,
            language: trial.language.clone(),
            mode: Mode::Web,
            began_on: trial.began_on,
            ended_on: None,
            stratum: String::new(),
            psu: String::new(),
            base_weight: 1.0,
            answers: None,
            sealed: None,
        };
        let case = CaseRow {
            id: trial.id,
            study_id: study.id,
            language: trial.language.clone(),
            ..bare.case
        };
        let progress = trials::progress(steps);
        Self { case, study, response: Some(response), progress, ..bare }
    }

    /// Where the interview stands.
    pub fn standing(&self) -> Standing {
        match self.ending {
            Some(Ended::Done | Ended::ScreenedOut) => return Standing::Done,
            Some(Ended::Refused) => return Standing::Refused,
            Some(Ended::Closed) => return Standing::Closed,
            None => {}
        }
        match self.case.status {
            CaseStatus::Done => Standing::Done,
            CaseStatus::Refused => Standing::Refused,
            // Broken off when the study closed: ended, also if it opens again. And where
            // another unit took the place, nobody answers for this one.
            CaseStatus::Closed | CaseStatus::Replaced => Standing::Closed,
            _ if !self.study.accepts_answers(self.today) => Standing::Closed,
            _ if self.response.is_some() => Standing::Open,
            _ => Standing::New,
        }
    }

    /// The day the interview began: `today()` in expressions.
    pub fn began_on(&self) -> NaiveDate {
        self.response.as_ref().map_or(self.today, |response| response.began_on)
    }

    /// The seed of this person's random orders.
    pub fn seed(&self) -> u64 {
        self.response.as_ref().map_or(0, |response| response.seed.cast_unsigned())
    }

    /// The path as the answers stand, worked out once.
    pub fn path(&self) -> &Path {
        self.path.get_or_init(|| route(&self.version, &self.progress.answers, self.began_on()))
    }

    /// The first stop on the path that is not yet accepted; `None` when only
    /// submitting is left.
    pub fn first_open_stop<'p>(&self, path: &'p Path) -> Option<&'p Stop> {
        path.stops.iter().find(|stop| !self.is_accepted(stop))
    }

    fn is_accepted(&self, stop: &Stop) -> bool {
        matches!(self.latest(stop), Some((_, None)))
    }

    /// Whether it ended because the person is outside the population.
    pub fn is_screened_out(&self) -> bool {
        self.ending == Some(Ended::ScreenedOut)
            || self.case.disposition.group() == Group::NotEligible
    }

    /// The latest revision of a stop: its sequence and what is pending.
    fn latest(&self, stop: &Stop) -> Option<&(i64, Option<Pending>)> {
        self.progress.pages.get(&Id(stop.id(&self.version)?))
    }

    /// What is pending at a stop.
    pub fn pending(&self, stop: &Stop) -> Option<&Pending> {
        self.latest(stop)?.1.as_ref()
    }

    /// Sections on the path that are finished, and all of them.
    pub fn sections_done(&self, path: &Path) -> (usize, usize) {
        let mut sections: Vec<(usize, bool)> = Vec::new();
        for (section, stop) in path.parts(&self.version).into_iter().zip(&path.stops) {
            let accepted = self.is_accepted(stop);
            match sections.last_mut() {
                Some((last, done)) if *last == section => *done &= accepted,
                _ => sections.push((section, accepted)),
            }
        }
        (sections.iter().filter(|(_, done)| *done).count(), sections.len())
    }
}

/// How often a change of an interview starts again because another of the same
/// person's tabs was first.
pub const RETRIES: u32 = 5;

/// What an act made of a change that was worked out before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is stored.
    Stored,
    /// Another change came first: work it out anew.
    Stale,
    /// The interview takes no answers, or not any more.
    NotOpen,
}

/// What an interview begins with.
#[derive(Clone, Debug)]
pub struct Start {
    /// The case.
    pub case: Id,
    /// The version that is to be answered; another that was published meanwhile
    /// makes the start stale.
    pub version: Arc<Version>,
    /// Its identity.
    pub version_id: Id,
    /// The language of the pages.
    pub language: String,
    /// What the link says.
    pub link: BTreeMap<String, String>,
}

/// Begins an interview. Pressed twice it begins once.
pub async fn begin(
    app: &App,
    interview: &Interview,
    language: &str,
    link: BTreeMap<String, String>,
) -> Result<(), Error> {
    let mut interview = interview.clone();
    for _ in 0..=RETRIES {
        if interview.standing() != Standing::New {
            return Ok(());
        }
        let start = Start {
            case: interview.case.id,
            version: Arc::clone(&interview.version),
            version_id: interview.version_id,
            language: language.to_owned(),
            link: link.clone(),
        };
        let (keys, now) = (app.keys.clone(), app.clock.now());
        let taken = app
            .store
            .write(start.scope(&interview.study), move |connection| {
                store_start(connection, &keys, now, &start)
            })
            .await?;
        if taken != Taken::Stale {
            return Ok(());
        }
        interview = interview.reload(app).await?;
    }
    Err(Error::Busy)
}

impl Start {
    /// Arms of a split ballot are given evenly among all; without one people need
    /// not wait for each other.
    pub fn scope(&self, study: &Study) -> Scope {
        if arms_at_start(&self.version).next().is_none() {
            Scope::Person { study: study.id, case: self.case }
        } else {
            Scope::Study(study.id)
        }
    }
}

/// Stores the beginning of an interview.
pub fn store_start(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    start: &Start,
) -> Result<Taken, Error> {
    let case = cases::find(connection, start.case)?.ok_or(Error::NotFound(Missing::Case))?;
    let study = studies::require(connection, case.study_id)?;
    let today = study.today(now);
    if case.status != CaseStatus::Open || !study.accepts_answers(today) {
        return Ok(Taken::NotOpen);
    }
    if responses::of_case(connection, keys, case.id)?.is_some()
        || (study.is_anonymous() && responses::ending_of(connection, keys, case.id)?.is_some())
    {
        return Ok(Taken::Stored);
    }
    if studies::current_version(connection, study.id)? != Some(start.version_id) {
        return Ok(Taken::Stale);
    }
    let (stratum, psu, base_weight) = cases::design_variables(connection, &case)?;
    let row = ResponseRow {
        id: if study.is_anonymous() { Id::random() } else { Id::rising() },
        study_id: study.id,
        round_id: case.round_id,
        version_id: start.version_id,
        state: ResponseState::Open,
        seed: i64::from_le_bytes(random_bytes()),
        language: start.language.clone(),
        mode: Mode::Web,
        began_on: today,
        ended_on: None,
        stratum,
        psu,
        base_weight,
        answers: None,
        sealed: None,
    };
    let seed = row.seed.cast_unsigned();
    let told = preload::Known {
        frame: frame_values(connection, &case)?,
        link: start.link.clone(),
        language: start.language.clone(),
        mode: Mode::Web.word().to_owned(),
        today,
    };
    let preloaded = preloaded(&start.version, &told);
    let known = study.is_anonymous().then(|| Known {
        seed: row.seed,
        language: row.language.clone(),
        mode: row.mode,
        began_on: row.began_on,
        stratum: row.stratum.clone(),
        psu: row.psu.clone(),
        base_weight: row.base_weight,
        preloaded: preloaded.clone(),
        day_matters: asks_for_the_day(&start.version),
        disposition: case.disposition,
    });
    let mut drawn = even_arms(connection, study.id, &start.version, seed)?;
    drawn.apply(&preloaded);
    drawn.apply(&drawn_answers(&start.version, &drawn, today, seed));
    responses::insert(connection, keys, case.id, &row, known.as_ref())?;
    if !drawn.0.is_empty() {
        let revision = Revision {
            response_id: row.id,
            sequence: 1,
            page_id: Id(Uuid::nil()),
            content: Content { answers: drawn, pending: None },
            saved_at: study.keeps(now),
        };
        responses::append(connection, keys, &revision)?;
    }
    if study.is_anonymous() {
        rounds::count_day(connection, case.round_id, today, DayCount::Began, 1)?;
    }
    let mut open = responses::Open { row, known };
    contact::answered(connection, keys, now, &study, &case, &mut open, Event::Opened)?;
    Ok(Taken::Stored)
}

/// Whether anything in a questionnaire depends on the day of the interview.
fn asks_for_the_day(version: &Version) -> bool {
    serde_json::to_string(&version.document).is_ok_and(|document| document.contains("today"))
}

/// What the frame says of a case's unit that the questionnaire may use.
fn frame_values(
    connection: &mut Connection,
    case: &CaseRow,
) -> Result<BTreeMap<String, String>, Error> {
    let Some(unit) = case.sampled_unit_id else { return Ok(BTreeMap::new()) };
    samples::attributes_of(connection, unit)
}

/// An arm of each split ballot, those given least so far first.
fn even_arms(
    connection: &mut Connection,
    study: Id,
    version: &Version,
    seed: u64,
) -> Result<Answers, Error> {
    let mut drawn = Answers::default();
    for question in arms_at_start(version) {
        let given = arms::given(connection, study, Id(question.id))?;
        let so_far = |code: &str| given.get(code).copied().unwrap_or(0);
        if let Some(code) = even_arm(version, question, seed, so_far) {
            arms::give(connection, study, Id(question.id), &code)?;
            drawn.set(question.id, Answer::Value(Value::Option(code)));
        }
    }
    Ok(drawn)
}
