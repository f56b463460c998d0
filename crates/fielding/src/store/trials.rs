//! Tests of drafts: the link by which anybody begins one, and what was answered. They
//! are in tables of their own, which nothing that counts or exports answers reads.

use chrono::NaiveDate;
use diesel::prelude::*;
use survey_builder::questionnaire::document::Document;

use super::column::Json;
use super::responses::{Content, Progress};
use super::schema::{trial_documents, trial_links, trial_steps, trials};
use super::{Connection, Id, Instant};
use crate::error::Error;
use crate::keys::Keys;
use crate::rules::states::TrialState;

/// The link by which anybody tries the draft of a study.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable, Selectable)]
#[diesel(table_name = trial_links)]
pub struct TrialLink {
    /// The study.
    pub study_id: Id,
    /// Identity, from which its token is made.
    pub id: Id,
    /// The keyed hash of the token.
    pub token_hash: Vec<u8>,
    /// Who made it.
    pub made_by: Id,
    /// When.
    pub made_at: Instant,
    /// The last day on which it works.
    pub until: NaiveDate,
}

/// One test.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable, Selectable)]
#[diesel(table_name = trials)]
pub struct TrialRow {
    /// Identity, from which the token of its pages is made.
    pub id: Id,
    /// The study.
    pub study_id: Id,
    /// The link by which it began.
    pub link_id: Id,
    /// The draft that is tried, by its last edit.
    pub number: i64,
    /// The keyed hash of the token.
    pub token_hash: Vec<u8>,
    /// The language in which it began.
    pub language: String,
    /// Seed of every random order.
    pub seed: i64,
    /// The day on which it began: `today()` in expressions.
    pub began_on: NaiveDate,
    /// When it began.
    pub began_at: Instant,
    /// When it ended.
    pub ended_at: Option<Instant>,
    /// How far it came.
    pub state: TrialState,
    /// Bytes of its steps.
    pub size: i64,
}

/// A page of a test as it was saved.
#[derive(Clone, Debug)]
pub struct TrialStep {
    /// 1, 2, …
    pub sequence: i64,
    /// The page, for the members that it is about; nil for what chance drew first.
    pub page_id: Id,
    /// What was answered.
    pub content: Content,
    /// When.
    pub saved_at: Instant,
}

/// The link of a study.
pub fn link_of(connection: &mut Connection, study: Id) -> Result<Option<TrialLink>, Error> {
    Ok(trial_links::table.find(study).first(connection).optional()?)
}

/// The link with that token.
pub fn link_of_token(
    connection: &mut Connection,
    token_hash: &[u8],
) -> Result<Option<TrialLink>, Error> {
    let own = trial_links::table.filter(trial_links::token_hash.eq(token_hash.to_vec()));
    Ok(own.first(connection).optional()?)
}

/// Puts a link in the place of the one before.
pub fn put_link(connection: &mut Connection, link: &TrialLink) -> Result<(), Error> {
    remove_link(connection, link.study_id)?;
    diesel::insert_into(trial_links::table).values(link.clone()).execute(connection)?;
    Ok(())
}

/// Takes the link away. Returns whether there was one.
pub fn remove_link(connection: &mut Connection, study: Id) -> Result<bool, Error> {
    Ok(diesel::delete(trial_links::table.find(study)).execute(connection)? > 0)
}

/// The draft as it was after an edit, if somebody tries it.
pub fn document(
    connection: &mut Connection,
    study: Id,
    number: i64,
) -> Result<Option<Document>, Error> {
    let found: Option<Json<Document>> = trial_documents::table
        .find((study, number))
        .select(trial_documents::document)
        .first(connection)
        .optional()?;
    Ok(found.map(Json::into_inner))
}

/// Keeps the draft as it is for those who begin to try it.
pub fn keep_document(
    connection: &mut Connection,
    study: Id,
    number: i64,
    document: &Document,
) -> Result<(), Error> {
    let kept = trial_documents::table.find((study, number));
    if diesel::select(diesel::dsl::exists(kept)).get_result::<bool>(connection)? {
        return Ok(());
    }
    diesel::insert_into(trial_documents::table)
        .values((
            trial_documents::study_id.eq(study),
            trial_documents::number.eq(number),
            trial_documents::document.eq(Json::new(document.clone())),
        ))
        .execute(connection)?;
    Ok(())
}

/// Adds a test.
pub fn insert(connection: &mut Connection, trial: &TrialRow) -> Result<(), Error> {
    diesel::insert_into(trials::table).values(trial.clone()).execute(connection)?;
    Ok(())
}

/// The test with that identity.
pub fn find(connection: &mut Connection, id: Id) -> Result<Option<TrialRow>, Error> {
    Ok(trials::table.find(id).first(connection).optional()?)
}

/// The test with that token.
pub fn of_token(connection: &mut Connection, token_hash: &[u8]) -> Result<Option<TrialRow>, Error> {
    let own = trials::table.filter(trials::token_hash.eq(token_hash.to_vec()));
    Ok(own.first(connection).optional()?)
}

/// The tests of a study, the newest first.
pub fn of_study(connection: &mut Connection, study: Id) -> Result<Vec<TrialRow>, Error> {
    Ok(trials::table
        .filter(trials::study_id.eq(study))
        .order((trials::began_at.desc(), trials::id.desc()))
        .load(connection)?)
}

/// How many tests a study has.
pub fn count(connection: &mut Connection, study: Id) -> Result<i64, Error> {
    Ok(trials::table.filter(trials::study_id.eq(study)).count().get_result(connection)?)
}

/// How many pages were saved in each test of a study.
pub fn saved(connection: &mut Connection, study: Id) -> Result<Vec<(Id, i64)>, Error> {
    let of_study = trials::table.filter(trials::study_id.eq(study)).select(trials::id);
    Ok(trial_steps::table
        .filter(trial_steps::trial_id.eq_any(of_study))
        .filter(trial_steps::page_id.ne(Id(uuid::Uuid::nil())))
        .group_by(trial_steps::trial_id)
        .select((trial_steps::trial_id, diesel::dsl::count_star()))
        .load(connection)?)
}

fn place(trial: Id, sequence: i64) -> Vec<u8> {
    [b"trial".as_slice(), trial.0.as_bytes(), &sequence.to_be_bytes()].concat()
}

fn damaged(error: &serde_json::Error) -> Error {
    Error::Damaged { what: "page of a test", reason: error.to_string() }
}

/// The last sequence number of a test; 0 before its first step.
pub fn last_sequence(connection: &mut Connection, trial: Id) -> Result<i64, Error> {
    let last: Option<i64> = trial_steps::table
        .filter(trial_steps::trial_id.eq(trial))
        .select(diesel::dsl::max(trial_steps::sequence))
        .first(connection)?;
    Ok(last.unwrap_or(0))
}

/// Adds a step, sealed. Returns its bytes.
pub fn append(
    connection: &mut Connection,
    keys: &Keys,
    trial: Id,
    step: &TrialStep,
) -> Result<i64, Error> {
    let plain = serde_json::to_vec(&step.content).map_err(|error| damaged(&error))?;
    let sealed = keys.seal_open(&place(trial, step.sequence), &plain)?;
    let size = i64::try_from(sealed.len()).unwrap_or(i64::MAX);
    diesel::insert_into(trial_steps::table)
        .values((
            trial_steps::trial_id.eq(trial),
            trial_steps::sequence.eq(step.sequence),
            trial_steps::page_id.eq(step.page_id),
            trial_steps::content.eq(sealed),
            trial_steps::saved_at.eq(step.saved_at),
        ))
        .execute(connection)?;
    Ok(size)
}

/// The steps of a test, in order.
pub fn steps(connection: &mut Connection, keys: &Keys, trial: Id) -> Result<Vec<TrialStep>, Error> {
    let rows: Vec<(i64, Id, Vec<u8>, Instant)> = trial_steps::table
        .filter(trial_steps::trial_id.eq(trial))
        .order(trial_steps::sequence)
        .select((
            trial_steps::sequence,
            trial_steps::page_id,
            trial_steps::content,
            trial_steps::saved_at,
        ))
        .load(connection)?;
    rows.into_iter()
        .map(|(sequence, page_id, sealed, saved_at)| {
            let plain = keys.unseal_open(&place(trial, sequence), &sealed)?;
            let content = serde_json::from_slice(&plain).map_err(|error| damaged(&error))?;
            Ok(TrialStep { sequence, page_id, content, saved_at })
        })
        .collect()
}

/// What was answered in steps, as it stands after them.
pub fn progress(steps: &[TrialStep]) -> Progress {
    let mut progress = Progress::default();
    for step in steps {
        progress.answers.apply(&step.content.answers);
        progress.pages.insert(step.page_id, (step.sequence, step.content.pending.clone()));
        progress.sequence = step.sequence;
    }
    progress
}

/// Says how far a test has come and how large it is.
pub fn set_state(
    connection: &mut Connection,
    trial: Id,
    (state, ended_at): (TrialState, Option<Instant>),
    size: i64,
) -> Result<(), Error> {
    diesel::update(trials::table.find(trial))
        .set((trials::state.eq(state), trials::ended_at.eq(ended_at), trials::size.eq(size)))
        .execute(connection)?;
    Ok(())
}

/// Deletes tests with their steps, and the drafts that nobody tries then.
fn remove_these(connection: &mut Connection, study: Id, ids: &[Id]) -> Result<usize, Error> {
    let steps = trial_steps::trial_id.eq_any(ids.to_vec());
    diesel::delete(trial_steps::table.filter(steps)).execute(connection)?;
    let these = trials::table.filter(trials::id.eq_any(ids.to_vec()));
    let removed = diesel::delete(these).execute(connection)?;
    let tried: Vec<i64> = trials::table
        .filter(trials::study_id.eq(study))
        .select(trials::number)
        .distinct()
        .load(connection)?;
    let of_study = trial_documents::table.filter(trial_documents::study_id.eq(study));
    diesel::delete(of_study.filter(trial_documents::number.ne_all(tried))).execute(connection)?;
    Ok(removed)
}

/// Deletes tests of a study, as many as that. Returns how many there were.
pub fn remove_some(connection: &mut Connection, study: Id, most: i64) -> Result<usize, Error> {
    let of_study = trials::table.filter(trials::study_id.eq(study)).select(trials::id);
    let ids: Vec<Id> = of_study.limit(most).load(connection)?;
    remove_these(connection, study, &ids)
}

/// Deletes one test of a study. Returns whether it was there.
pub fn remove(connection: &mut Connection, study: Id, trial: Id) -> Result<bool, Error> {
    let own = trials::table.filter(trials::study_id.eq(study)).filter(trials::id.eq(trial));
    let ids: Vec<Id> = own.select(trials::id).load(connection)?;
    Ok(remove_these(connection, study, &ids)? > 0)
}

/// Deletes the tests of a study that began before a moment. Returns how many.
pub fn remove_before(
    connection: &mut Connection,
    study: Id,
    before: Instant,
) -> Result<usize, Error> {
    let old = trials::table.filter(trials::study_id.eq(study)).filter(trials::began_at.lt(before));
    let ids: Vec<Id> = old.select(trials::id).load(connection)?;
    remove_these(connection, study, &ids)
}

/// Studies with tests that began before a moment.
pub fn with_older(connection: &mut Connection, before: Instant) -> Result<Vec<Id>, Error> {
    let old = trials::table.filter(trials::began_at.lt(before));
    Ok(old.select(trials::study_id).distinct().load(connection)?)
}
