//! Responses and their revisions.
//!
//! Saving a page appends one revision and updates nothing; the current answers
//! are the fold of the revisions. At the end they are folded once into the
//! response, and in an anonymous study everything that could lead back to the
//! case goes with them: the link, the revisions and their times.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::prelude::*;
use survey_builder::questionnaire::answer::{Answers, Value};
use survey_builder::questionnaire::validate::is_file_name;

use super::schema::{response_links, response_revisions, responses};
use super::studies::Study;
use super::{Connection, Id, Instant, files};
use crate::error::Error;

/// One response.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = responses)]
pub struct ResponseRow {
    /// Identity; random, so that its order says nothing.
    pub id: Id,
    /// The study.
    pub study_id: Id,
    /// The version it answers.
    pub version_id: Id,
    /// `open`, `complete`, `partial` or `refused`.
    pub state: String,
    /// Seed of every random order this person sees.
    pub seed: i64,
    /// Language last used.
    pub language: String,
    /// How it is answered: `web`.
    pub mode: String,
    /// The day it began, which `today()` means in expressions.
    pub began_on: NaiveDate,
    /// The day it ended.
    pub ended_on: Option<NaiveDate>,
    /// Stratum, copied from the case.
    pub stratum: String,
    /// Primary sampling unit, copied from the case.
    pub psu: String,
    /// Base weight, copied from the case.
    pub base_weight: f64,
    /// The folded answers, JSON, once it has ended.
    pub answers: Option<String>,
}

/// One saved page.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = response_revisions)]
pub struct RevisionRow {
    /// The response.
    pub response_id: Id,
    /// 1, 2, …
    pub sequence: i64,
    /// The page.
    pub page_id: Id,
    /// The page's valid answers, JSON.
    pub answers: String,
    /// What was typed and what is wrong with it, JSON, when the page was not
    /// accepted yet.
    pub pending: Option<String>,
    /// When, as the study keeps times.
    pub saved_at: Instant,
}

/// What a respondent has said so far.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// The current answers.
    pub answers: Answers,
    /// For each page seen, its latest revision: sequence and what is pending.
    pub pages: BTreeMap<Id, (i64, Option<String>)>,
    /// The last sequence number.
    pub sequence: i64,
}

/// Opens a response for a case.
pub fn insert(connection: &mut Connection, case: Id, response: &ResponseRow) -> Result<(), Error> {
    diesel::insert_into(responses::table).values(response.clone()).execute(connection)?;
    diesel::insert_into(response_links::table)
        .values((response_links::case_id.eq(case), response_links::response_id.eq(response.id)))
        .execute(connection)?;
    Ok(())
}

/// The response of a case, as long as there is a way to it.
pub fn of_case(connection: &mut Connection, case: Id) -> Result<Option<ResponseRow>, Error> {
    Ok(response_links::table
        .inner_join(responses::table)
        .filter(response_links::case_id.eq(case))
        .select(responses::all_columns)
        .first(connection)
        .optional()?)
}

/// Folds a response's revisions.
pub fn progress(connection: &mut Connection, response: Id) -> Result<Progress, Error> {
    let revisions: Vec<RevisionRow> = response_revisions::table
        .filter(response_revisions::response_id.eq(response))
        .order(response_revisions::sequence.asc())
        .load(connection)?;
    let mut progress = Progress::default();
    for revision in revisions {
        progress.answers.apply(&read_answers(&revision.answers)?);
        progress.pages.insert(revision.page_id, (revision.sequence, revision.pending));
        progress.sequence = revision.sequence;
    }
    Ok(progress)
}

/// Appends a revision after `expected`, the last one the caller has seen.
/// Another that came first is a conflict; the caller folds again and decides.
pub fn append(connection: &mut Connection, revision: &RevisionRow) -> Result<(), Error> {
    diesel::insert_into(response_revisions::table).values(revision.clone()).execute(connection)?;
    Ok(())
}

/// Remembers the language a respondent switched to.
pub fn set_language(
    connection: &mut Connection,
    response: Id,
    language: &str,
) -> Result<(), Error> {
    diesel::update(responses::table.find(response))
        .set(responses::language.eq(language))
        .execute(connection)?;
    Ok(())
}

/// Ends a response: folds the answers, and in an anonymous study removes the
/// way from the case and every revision.
pub fn end(
    connection: &mut Connection,
    study: &Study,
    response: &ResponseRow,
    state: &str,
    answers: &Answers,
    on: NaiveDate,
) -> Result<(), Error> {
    let folded = write_answers(answers)?;
    files::keep_only(connection, response.id, &file_names(answers))?;
    diesel::update(responses::table.find(response.id))
        .set((
            responses::state.eq(state),
            responses::answers.eq(folded),
            responses::ended_on.eq(on),
        ))
        .execute(connection)?;
    if study.is_anonymous() {
        diesel::delete(response_links::table.filter(response_links::response_id.eq(response.id)))
            .execute(connection)?;
        diesel::delete(
            response_revisions::table.filter(response_revisions::response_id.eq(response.id)),
        )
        .execute(connection)?;
    }
    Ok(())
}

/// Removes a response and everything under it: the person refused.
pub fn delete(connection: &mut Connection, response: Id) -> Result<(), Error> {
    files::delete_of(connection, response)?;
    diesel::delete(response_links::table.filter(response_links::response_id.eq(response)))
        .execute(connection)?;
    diesel::delete(response_revisions::table.filter(response_revisions::response_id.eq(response)))
        .execute(connection)?;
    diesel::delete(responses::table.find(response)).execute(connection)?;
    Ok(())
}

/// The open responses of a study with their cases: `(case, response)`.
pub fn open_of_study(
    connection: &mut Connection,
    study: Id,
) -> Result<Vec<(Id, ResponseRow)>, Error> {
    Ok(response_links::table
        .inner_join(responses::table)
        .filter(responses::study_id.eq(study))
        .filter(responses::state.eq("open"))
        .select((response_links::case_id, responses::all_columns))
        .load(connection)?)
}

/// The ended responses that count as interviews, in the order of their random
/// identities.
pub fn interviews(connection: &mut Connection, study: Id) -> Result<Vec<ResponseRow>, Error> {
    Ok(responses::table
        .filter(responses::study_id.eq(study))
        .filter(responses::state.eq_any(["complete", "partial"]))
        .order(responses::id.asc())
        .load(connection)?)
}

/// How many ended responses count as interviews.
pub fn interview_count(connection: &mut Connection, study: Id) -> Result<i64, Error> {
    Ok(responses::table
        .filter(responses::study_id.eq(study))
        .filter(responses::state.eq_any(["complete", "partial"]))
        .count()
        .get_result(connection)?)
}

/// The first and the last day on which a study was answered; `None` before.
pub fn days_of_study(
    connection: &mut Connection,
    study: Id,
) -> Result<Option<(NaiveDate, NaiveDate)>, Error> {
    let of_study = responses::table.filter(responses::study_id.eq(study));
    let first: Option<NaiveDate> =
        of_study.select(diesel::dsl::min(responses::began_on)).first(connection)?;
    let began: Option<NaiveDate> =
        of_study.select(diesel::dsl::max(responses::began_on)).first(connection)?;
    let ended: Option<NaiveDate> =
        of_study.select(diesel::dsl::max(responses::ended_on)).first(connection)?;
    // A day that is not there is before any other.
    Ok(first.zip(began.max(ended)))
}

/// The names of files among some answers.
pub fn file_names(answers: &Answers) -> BTreeSet<&str> {
    let texts = answers.0.values().filter_map(|answer| match answer.value() {
        Some(Value::Text(text)) => Some(text.as_str()),
        _ => None,
    });
    texts.filter(|text| is_file_name(text)).collect()
}

/// Reads stored answers.
pub fn read_answers(json: &str) -> Result<Answers, Error> {
    serde_json::from_str(json)
        .map_err(|error| Error::Damaged { what: "answers", reason: error.to_string() })
}

/// Writes answers as they are stored.
pub fn write_answers(answers: &Answers) -> Result<String, Error> {
    serde_json::to_string(answers)
        .map_err(|error| Error::Damaged { what: "answers", reason: error.to_string() })
}
