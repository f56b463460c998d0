//! Fills example studies as fieldwork would: a list, a draw, invitations that go
//! nowhere, and invented people who answer page by page. What stopped on the way goes
//! on: each step looks whether it is done, and what people answer follows from a seed.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use survey_builder::questionnaire::document::Kind;
use survey_builder::questionnaire::order::{offered_codes, offered_for};
use survey_builder::questionnaire::path::{Standpoint, Stop};
use survey_builder::questionnaire::validate::Posted;

use super::{move_pool, prepare};
use crate::acts::draw::draw_sample;
use crate::acts::example::end_example;
use crate::acts::interview::{self, Form, Interview, Saved, Standing};
use crate::acts::study;
use crate::app::App;
use crate::error::Error;
use crate::example::people::{Behaviour, Control, Resident, residents};
use crate::example::{SEED, draw_request};
use crate::rules::states::StudyStatus;
use crate::store::{Id, Scope, cases, outbox, rounds, samples, studies};

/// Fills what is to be filled, again and again.
pub async fn run(app: App, pause: Duration) {
    loop {
        if let Err(error) = fill_all(&app).await {
            tracing::error!(%error, "an example study could not be filled");
        }
        tokio::time::sleep(pause).await;
    }
}

/// Fills every example study that is not filled yet. Returns how many there were.
///
/// # Errors
///
/// What the database says.
pub async fn fill_all(app: &App) -> Result<usize, Error> {
    let waiting = app.store.read(studies::examples_to_fill).await?;
    for study in &waiting {
        match fill(app, *study).await {
            // Whoever has it may close or remove it at any time.
            Ok(()) | Err(Error::NotFound(_) | Error::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(waiting.len())
}

async fn fill(app: &App, study: Id) -> Result<(), Error> {
    let in_work = app.clone();
    let people = tokio::task::spawn_blocking(move || open(&in_work, study)).await;
    let people = people
        .map_err(|error| Error::Damaged { what: "example study", reason: error.to_string() })??;
    for (resident, case) in people {
        answer(app, &resident, case).await?;
    }
    app.store.write(Scope::Study(study), move |connection| end_example(connection, study)).await?;
    // Who answered last is in the results at once.
    let in_work = app.clone();
    off_thread(move || move_pool::move_all(&in_work).map(drop)).await
}

/// Work that would hold up what else runs here.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::WriterStopped)?
}

/// Brings the study into the field, as far as it is not there. Returns who is asked,
/// with their cases.
fn open(app: &App, study: Id) -> Result<Vec<(Resident, Id)>, Error> {
    let all = residents(SEED);
    let (drawn, status, written) = app.store.read_now(|connection| {
        let round = rounds::current(connection, study)?.id;
        let drawn = samples::of_study(connection, study)?.is_some();
        let written = outbox::last_of_round(connection, round)?.is_some();
        Ok((drawn, studies::require(connection, study)?.status, written))
    })?;
    if !drawn {
        let drawn = draw_sample(&draw_request(&all, SEED)).map_err(Error::Invalid)?;
        prepare::store_sample(app, None, study, drawn)?;
    }
    if status == StudyStatus::Draft {
        let now = app.clock.now();
        app.store.write_now(Scope::Study(study), move |connection| {
            study::open_study(connection, now, None, study)
        })?;
    }
    if !written && status != StudyStatus::Closed {
        prepare::invite(app, None, study)?;
    }
    let by_id: HashMap<&str, &Resident> = all.iter().map(|one| (one.id.as_str(), one)).collect();
    app.store.read_now(|connection| {
        let units = samples::unit_keys(connection, study)?;
        let cases = cases::page(connection, study, 0, i64::MAX)?;
        let asked = cases.into_iter().filter_map(|case| {
            let resident = by_id.get(units.get(&case.sampled_unit_id?)?.as_str())?;
            Some(((*resident).clone(), case.id))
        });
        Ok(asked.collect())
    })
}

/// One person, from the first page to wherever they stop.
async fn answer(app: &App, resident: &Resident, case: Id) -> Result<(), Error> {
    let pages = match resident.behaviour() {
        Behaviour::Silent => return Ok(()),
        Behaviour::Looks => 0,
        Behaviour::BreaksOff(pages) => pages,
        Behaviour::Refuses | Behaviour::Completes => usize::MAX,
    };
    let Some(interview) = load(app, case).await? else { return Ok(()) };
    if interview.standing() == Standing::New {
        interview::begin(app, &interview, resident.language(), BTreeMap::new()).await?;
    }
    let mut before = None;
    loop {
        let Some(interview) = load(app, case).await? else { return Ok(()) };
        let has_enough = interview.progress.pages.len() >= pages;
        if interview.standing() != Standing::Open || has_enough {
            return Ok(());
        }
        let Some(stop) = interview.first_open_stop(interview.path()).cloned() else {
            return interview::submit(app, &interview).await.map(drop);
        };
        // A page that is not taken the second time either ends it: whoever has the study
        // may have published a questionnaire of which these people know nothing.
        let tries = before.take().filter(|(last, _)| *last == stop).map_or(0, |(_, tries)| tries);
        if tries == 2 {
            return Ok(());
        }
        let posted = fill_page(&interview, &stop, resident, tries > 0);
        let form = Form { posted, sequence: interview.progress.sequence, files: Vec::new() };
        match interview::save_page(app, interview, &stop, form).await? {
            Saved::Ended(_) | Saved::OffPath | Saved::NotOpen => return Ok(()),
            Saved::Next(_) | Saved::AtEnd | Saved::Again => before = Some((stop, tries + 1)),
        }
    }
}

async fn load(app: &App, case: Id) -> Result<Option<Interview>, Error> {
    let in_query = app.clone();
    app.store.read(move |connection| Interview::load_case(&in_query, connection, case)).await
}

/// What a person puts into a page.
fn fill_page(interview: &Interview, stop: &Stop, resident: &Resident, insist: bool) -> Posted {
    let (version, path) = (&*interview.version, interview.path());
    let page = stop.page_index().and_then(|index| version.page(index));
    let questions = page.map(|page| &page.questions[..]).unwrap_or_default();
    let at = Standpoint { version, path, within: &stop.within, today: interview.began_on() };
    let mut posted = Posted::new();
    for question in questions.iter().filter(|question| question.kind.takes_answer()) {
        let codes = offered_codes(&at, question, interview.seed());
        for item in question.items().iter().filter(|item| path.asks_item(stop.key(item.id))) {
            let codes = offered_for(version, question, item, &codes);
            let control = match &*item.kind_in(question) {
                Kind::Multiple(_) => Control::Several(&codes),
                _ if codes.is_empty() => Control::Text,
                _ => Control::One(&codes),
            };
            let values = resident.answer(&item.name, &control, insist);
            if !values.is_empty() {
                posted.insert(item.name.to_string(), values);
            }
        }
    }
    posted
}
