//! One person's interview, from the link to the last page.
//!
//! Loading reads the case, its response and the revisions; the path is worked
//! out anew. Saving checks a page on the calling thread and then only appends,
//! so the writer never waits for an expression. Every function here is the
//! same for every mode; pages and other fronts call them.

mod save;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use survey_builder::questionnaire::answer::{Answer, Answers, ItemId, Value};
use survey_builder::questionnaire::document::Ending;
use survey_builder::questionnaire::order::{arms_at_start, arms_of, drawn_answers, even_arm};
use survey_builder::questionnaire::path::{Path, Stop};
use survey_builder::questionnaire::preload::{Known, preloaded};
use survey_builder::questionnaire::routing::route;
use survey_builder::questionnaire::validate::{Mistake, Posted};
use survey_builder::questionnaire::version::Version;
use uuid::Uuid;

pub use self::save::{Form, save_members, save_page};
use crate::app::App;
use crate::error::Error;
use crate::keys::random_bytes;
use crate::store::cases::{self, CaseRow};
use crate::store::responses::{self, Progress, ResponseRow, RevisionRow};
use crate::store::studies::{self, Study};
use crate::store::{Connection, Id, Instant, arms, outbox, samples};

/// The code of the doubt whether members of a roster are to go.
pub const MEMBERS_LOST: &str = "members_lost";

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
    /// What has been answered.
    pub progress: Progress,
    /// Today.
    pub today: NaiveDate,
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

/// What was typed on a page that was not accepted, shown again as it was.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Pending {
    /// The fields as posted.
    pub posted: Posted,
    /// What must be put right.
    pub mistakes: Vec<Mistake>,
    /// What was left blank and has now been asked for once more.
    pub blanks: Vec<ItemId>,
    /// What may be wrong and has now been asked about.
    #[serde(default)]
    pub doubts: Vec<Mistake>,
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
}

impl Interview {
    /// Loads the interview of a link or access code.
    pub fn load(
        app: &App,
        connection: &mut Connection,
        secret: &str,
    ) -> Result<Option<Self>, Error> {
        let hash = app.keys.lookup(secret);
        let Some(case) = cases::find_by_secret(connection, &hash)? else { return Ok(None) };
        if case.status == cases::WAITING {
            // Not released: as if there were no such link.
            return Ok(None);
        }
        Self::of_case(app, connection, case).map(Some)
    }

    fn of_case(app: &App, connection: &mut Connection, case: CaseRow) -> Result<Self, Error> {
        let study = studies::find(connection, case.study_id)?.ok_or(Error::NotFound("study"))?;
        let response = responses::of_case(connection, case.id)?;
        let version_id = match &response {
            Some(response) => response.version_id,
            None => studies::current_version(connection, study.id)?
                .ok_or(Error::NotFound("published questionnaire"))?,
        };
        let version = app.version(connection, version_id)?;
        let progress = match &response {
            Some(response) => responses::progress(connection, response.id)?,
            None => Progress::default(),
        };
        let today = Instant::now().day();
        Ok(Self { case, study, version, version_id, response, progress, today })
    }

    /// An interview that nobody gives, in which nothing is answered: for showing
    /// what a version looks like.
    pub fn example(version: Arc<Version>) -> Self {
        let (id, today) = (Id(Uuid::nil()), Instant::now().day());
        let case = CaseRow {
            id,
            study_id: id,
            sampled_unit_id: None,
            number: 0,
            stratum: String::new(),
            link_hash: Vec::new(),
            code_hash: Vec::new(),
            language: String::new(),
            status: "open".to_owned(),
            disposition: String::new(),
            ended_on: None,
        };
        let study = Study {
            id,
            unit_id: id,
            name: String::new(),
            title: String::new(),
            privacy: "anonymous".to_owned(),
            status: "draft".to_owned(),
            organisation: String::new(),
            phone: String::new(),
            closes_on: None,
            link_ends_on: None,
            partial_threshold: 0.0,
            margins: String::new(),
            created_at: Instant(0),
        };
        let progress = Progress::default();
        Self { case, study, version, version_id: id, response: None, progress, today }
    }

    /// Where the interview stands.
    pub fn standing(&self) -> Standing {
        match self.case.status.as_str() {
            "done" => Standing::Done,
            "refused" => Standing::Refused,
            // Broken off when the study closed: ended, also if it opens again.
            "closed" => Standing::Closed,
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

    /// The path as the answers stand.
    pub fn path(&self) -> Path {
        route(&self.version, &self.progress.answers, self.began_on())
    }

    /// The first stop on the path that is not yet accepted; `None` when only
    /// submitting is left.
    pub fn first_open_stop<'p>(&self, path: &'p Path) -> Option<&'p Stop> {
        path.stops.iter().find(|stop| !self.is_accepted(stop))
    }

    fn is_accepted(&self, stop: &Stop) -> bool {
        matches!(self.latest(stop), Some((_, None)))
    }

    /// The latest revision of a stop: its sequence and what is pending.
    fn latest(&self, stop: &Stop) -> Option<&(i64, Option<String>)> {
        self.progress.pages.get(&Id(stop.id(&self.version)?))
    }

    /// What is pending at a stop.
    pub fn pending(&self, stop: &Stop) -> Result<Option<Pending>, Error> {
        match self.latest(stop) {
            Some((_, Some(pending))) => read_pending(pending).map(Some),
            _ => Ok(None),
        }
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

fn read_pending(pending: &str) -> Result<Pending, Error> {
    serde_json::from_str(pending)
        .map_err(|error| Error::Damaged { what: "revision", reason: error.to_string() })
}

/// Begins an interview: makes the response and notes that a person opened it.
/// Safe to call twice; the second call changes nothing.
pub async fn begin(
    app: &App,
    interview: &Interview,
    language: &str,
    link: BTreeMap<String, String>,
) -> Result<(), Error> {
    if interview.standing() != Standing::New {
        return Ok(());
    }
    let (case, study) = (interview.case.clone(), interview.study.clone());
    let (version_id, today, language) =
        (interview.version_id, interview.today, language.to_owned());
    let version = Arc::clone(&interview.version);
    app.store
        .write(move |connection| {
            if responses::of_case(connection, case.id)?.is_some() {
                return Ok(());
            }
            let (stratum, psu, base_weight) = cases::design_variables(connection, &case)?;
            let response = ResponseRow {
                id: if study.is_anonymous() { Id::random() } else { Id::rising() },
                study_id: study.id,
                version_id,
                state: "open".to_owned(),
                seed: i64::from_le_bytes(random_bytes()),
                language,
                mode: "web".to_owned(),
                began_on: today,
                ended_on: None,
                stratum,
                psu,
                base_weight,
                answers: None,
            };
            responses::insert(connection, case.id, &response)?;
            let seed = response.seed.cast_unsigned();
            let known = Known {
                frame: frame_values(connection, &case)?,
                link,
                language: response.language.clone(),
                mode: response.mode.clone(),
                today,
            };
            let mut drawn = even_arms(connection, study.id, &version, seed)?;
            drawn.apply(&preloaded(&version, &known));
            drawn.apply(&drawn_answers(&version, &drawn, today, seed));
            if !drawn.0.is_empty() {
                responses::append(
                    connection,
                    &RevisionRow {
                        response_id: response.id,
                        sequence: 1,
                        page_id: Id(Uuid::nil()),
                        answers: responses::write_answers(&drawn)?,
                        pending: None,
                        saved_at: study.keeps(Instant::now()),
                    },
                )?;
            }
            cases::record(connection, &case, study.keeps(Instant::now()), "web", "opened")?;
            Ok(())
        })
        .await
}

/// What the frame says of a case's unit that the questionnaire may use.
fn frame_values(
    connection: &mut Connection,
    case: &CaseRow,
) -> Result<BTreeMap<String, String>, Error> {
    let Some(unit) = case.sampled_unit_id else { return Ok(BTreeMap::new()) };
    serde_json::from_str(&samples::attributes_of(connection, unit)?)
        .map_err(|error| Error::Damaged { what: "sampled unit", reason: error.to_string() })
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
        let codes = arms_of(version, question);
        let given = arms::given(connection, study, Id(question.id), &codes)?;
        let so_far = |code: &str| given.get(code).copied().unwrap_or(0);
        if let Some(code) = even_arm(version, question, seed, so_far) {
            arms::give(connection, study, Id(question.id), &code)?;
            drawn.set(question.id, Answer::Value(Value::Option(code)));
        }
    }
    Ok(drawn)
}

/// Submits the interview. Returns the first stop that is still open, if one is;
/// then nothing has changed.
pub async fn submit(app: &App, interview: &Interview) -> Result<Option<Stop>, Error> {
    match interview.standing() {
        Standing::Done => return Ok(None),
        Standing::Open => {}
        _ => return Err(Error::Conflict("interview-not-open")),
    }
    let path = interview.path();
    if let Some(open) = interview.first_open_stop(&path) {
        return Ok(Some(open.clone()));
    }
    end(app, interview, interview.progress.answers.clone(), "complete", "completed", "done")
        .await?;
    Ok(None)
}

async fn finish_with(
    app: &App,
    interview: &Interview,
    answers: Answers,
    ending: Ending,
) -> Result<(), Error> {
    match ending {
        Ending::Refused => refuse(app, interview).await,
        Ending::ScreenedOut => {
            end(app, interview, answers, "screened_out", "screened_out", "done").await
        }
    }
}

async fn end(
    app: &App,
    interview: &Interview,
    answers: Answers,
    state: &'static str,
    event: &'static str,
    status: &'static str,
) -> Result<(), Error> {
    let Some(response) = interview.response.clone() else {
        return Err(Error::NotFound("response"));
    };
    let (case, study, today) = (interview.case.clone(), interview.study.clone(), interview.today);
    app.store
        .write(move |connection| {
            // Two tabs may submit at once; the second finds it done.
            if cases::find(connection, case.id)?.is_none_or(|case| case.status != "open") {
                return Ok(());
            }
            responses::end(connection, &study, &response, state, &answers, today)?;
            cases::record(connection, &case, study.keeps(Instant::now()), "web", event)?;
            cases::end(connection, case.id, status, today)?;
            outbox::cancel(connection, case.id)
        })
        .await
}

/// The person does not take part: what was answered is removed.
pub async fn refuse(app: &App, interview: &Interview) -> Result<(), Error> {
    let response = interview.response.as_ref().map(|response| response.id);
    let (case, study, today) = (interview.case.clone(), interview.study.clone(), interview.today);
    app.store
        .write(move |connection| {
            if let Some(response) = response {
                responses::delete(connection, response)?;
            }
            cases::record(connection, &case, study.keeps(Instant::now()), "web", "opted_out")?;
            cases::end(connection, case.id, "refused", today)?;
            outbox::cancel(connection, case.id)
        })
        .await
}
