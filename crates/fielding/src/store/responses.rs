//! Responses and their revisions.
//!
//! Saving a page appends one revision and updates nothing; the current answers
//! are the fold of the revisions. At the end they are folded once into the
//! response. In an anonymous study what is open is sealed under a key outside
//! the database, the way to it too, and what has ended leaves this table for the
//! [pool](super::pool), from which it comes back under another identity.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use survey_builder::questionnaire::answer::{Answers, ItemId, Value};
use survey_builder::questionnaire::validate::{Mistake, Posted, is_file_name};

use super::column::Json;
use super::schema::{ended_marks, response_links, response_revisions, responses, sealed_links};
use super::{Connection, Id, Instant, files};
use crate::error::Error;
use crate::keys::{Keys, Mark};
use crate::rules::disposition::Disposition;
use crate::rules::grouping::DesignCell;
use crate::rules::states::{Ended, Mode, ResponseState};

/// The states that count as an interview.
pub const COUNTED: [ResponseState; 2] = [ResponseState::Complete, ResponseState::Partial];

/// One response.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = responses)]
pub struct ResponseRow {
    /// Identity; in an anonymous study random, so that its order says nothing.
    pub id: Id,
    /// The study.
    pub study_id: Id,
    /// The round.
    pub round_id: Id,
    /// The version it answers.
    pub version_id: Id,
    /// Where it stands.
    pub state: ResponseState,
    /// Seed of every random order this person sees.
    pub seed: i64,
    /// Language last used; in an anonymous study empty once it has ended.
    pub language: String,
    /// How it is answered.
    pub mode: Mode,
    /// The day it began, which `today()` means in expressions. In an anonymous
    /// study that never asks for it, once it has ended, the first day of the round.
    pub began_on: NaiveDate,
    /// The day it ended; in an anonymous study never kept.
    pub ended_on: Option<NaiveDate>,
    /// Stratum, copied from the case; in an anonymous study of its group.
    pub stratum: String,
    /// Primary sampling unit, copied from the case; likewise.
    pub psu: String,
    /// Base weight, copied from the case; likewise the mean of its group.
    pub base_weight: f64,
    /// The folded answers once it has ended.
    pub answers: Option<Json<Answers>>,
    /// While an interview of an anonymous study is open: its [`Known`], sealed.
    pub sealed: Option<Vec<u8>>,
}

/// What is known of an open interview of an anonymous study beside its answers.
/// It is stored sealed; nobody without the key sees in which cluster somebody is
/// answering.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Known {
    /// Seed of every random order this person sees.
    pub seed: i64,
    /// Language last used.
    pub language: String,
    /// How it is answered.
    pub mode: Mode,
    /// The day it began.
    pub began_on: NaiveDate,
    /// Stratum of the case.
    pub stratum: String,
    /// Primary sampling unit of the case.
    pub psu: String,
    /// Base weight of the case.
    pub base_weight: f64,
    /// What the list, the link and the interview said of the person before the
    /// first question.
    pub preloaded: Answers,
    /// Whether the questionnaire asks what day it is: then the day goes on with
    /// the answers, if enough people share it.
    pub day_matters: bool,
    /// As what the case is counted.
    pub disposition: Disposition,
}

/// An open response, with what is sealed of it opened.
#[derive(Clone, Debug)]
pub struct Open {
    /// The response, every column as it would be in the open.
    pub row: ResponseRow,
    /// What was sealed; absent in studies that are not anonymous.
    pub known: Option<Known>,
}

/// What a respondent typed on a page that was not accepted, shown again as it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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

/// One saved page.
#[derive(Clone, Debug)]
pub struct Revision {
    /// The response.
    pub response_id: Id,
    /// 1, 2, …
    pub sequence: i64,
    /// The page.
    pub page_id: Id,
    /// What it holds.
    pub content: Content,
    /// When, as the study keeps times.
    pub saved_at: Instant,
}

/// What a revision holds. It is stored sealed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Content {
    /// The page's valid answers.
    pub answers: Answers,
    /// What was typed and what is wrong with it, when the page was not accepted yet.
    pub pending: Option<Pending>,
}

/// What a respondent has said so far.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// The current answers.
    pub answers: Answers,
    /// For each page seen, its latest revision: sequence and what is pending.
    pub pages: BTreeMap<Id, (i64, Option<Pending>)>,
    /// The last sequence number.
    pub sequence: i64,
}

/// Opens a response for a case. In an anonymous study what is `known` of it is
/// sealed, and so is the way to it.
pub fn insert(
    connection: &mut Connection,
    keys: &Keys,
    case: Id,
    row: &ResponseRow,
    known: Option<&Known>,
) -> Result<(), Error> {
    let Some(known) = known else {
        diesel::insert_into(responses::table).values(row.clone()).execute(connection)?;
        diesel::insert_into(response_links::table)
            .values((response_links::case_id.eq(case), response_links::response_id.eq(row.id)))
            .execute(connection)?;
        return Ok(());
    };
    let bare = ResponseRow {
        seed: 0,
        language: String::new(),
        mode: Mode::Web,
        began_on: NaiveDate::default(),
        stratum: String::new(),
        psu: String::new(),
        base_weight: 0.0,
        sealed: Some(seal_known(keys, row.id, known)?),
        ..row.clone()
    };
    diesel::insert_into(responses::table).values(bare).execute(connection)?;
    diesel::insert_into(sealed_links::table)
        .values((
            sealed_links::mark.eq(keys.mark(Mark::Link, case)),
            sealed_links::sealed.eq(keys.seal_link(case, row.id)?),
        ))
        .execute(connection)?;
    Ok(())
}

fn seal_known(keys: &Keys, response: Id, known: &Known) -> Result<Vec<u8>, Error> {
    keys.seal_open(response.0.as_bytes(), &json(known)?)
}

/// What is sealed is JSON; it has no column type, because the key is not the
/// database's to know.
fn json(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value)
        .map_err(|error| Error::Damaged { what: "response", reason: error.to_string() })
}

fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(bytes)
        .map_err(|error| Error::Damaged { what: "response", reason: error.to_string() })
}

/// The open response of a case, or the ended one where the study keeps the way.
pub fn of_case(connection: &mut Connection, keys: &Keys, case: Id) -> Result<Option<Open>, Error> {
    let sealed: Option<Vec<u8>> = sealed_links::table
        .find(keys.mark(Mark::Link, case))
        .select(sealed_links::sealed)
        .first(connection)
        .optional()?;
    let row: Option<ResponseRow> = match sealed {
        Some(sealed) => {
            let response = keys.unseal_link(case, &sealed)?;
            responses::table.find(response).first(connection).optional()?
        }
        None => response_links::table
            .inner_join(responses::table)
            .filter(response_links::case_id.eq(case))
            .select(responses::all_columns)
            .first(connection)
            .optional()?,
    };
    row.map(|row| opened(keys, row)).transpose()
}

/// Whether a case has begun to answer, in a study that keeps the way.
pub fn is_linked(connection: &mut Connection, case: Id) -> Result<bool, Error> {
    let found = response_links::table.find(case);
    Ok(diesel::select(diesel::dsl::exists(found)).get_result(connection)?)
}

/// A response that is still open, by its identity.
pub fn find_open(
    connection: &mut Connection,
    keys: &Keys,
    response: Id,
) -> Result<Option<Open>, Error> {
    let row: Option<ResponseRow> = responses::table
        .find(response)
        .filter(responses::state.eq(ResponseState::Open))
        .first(connection)
        .optional()?;
    row.map(|row| opened(keys, row)).transpose()
}

/// A response with what is sealed of it opened.
fn opened(keys: &Keys, row: ResponseRow) -> Result<Open, Error> {
    let Some(sealed) = &row.sealed else { return Ok(Open { row, known: None }) };
    let known: Known = from_json(&keys.unseal_open(row.id.0.as_bytes(), sealed)?)?;
    let row = ResponseRow {
        seed: known.seed,
        language: known.language.clone(),
        mode: known.mode,
        began_on: known.began_on,
        stratum: known.stratum.clone(),
        psu: known.psu.clone(),
        base_weight: known.base_weight,
        ..row
    };
    Ok(Open { row, known: Some(known) })
}

/// Keeps what is known of an open interview of an anonymous study anew.
pub fn set_known(
    connection: &mut Connection,
    keys: &Keys,
    response: Id,
    known: &Known,
) -> Result<(), Error> {
    diesel::update(responses::table.find(response))
        .set(responses::sealed.eq(seal_known(keys, response, known)?))
        .execute(connection)?;
    Ok(())
}

/// Folds a response's revisions.
pub fn progress(connection: &mut Connection, keys: &Keys, response: Id) -> Result<Progress, Error> {
    let revisions: Vec<(i64, Id, Vec<u8>)> = response_revisions::table
        .filter(response_revisions::response_id.eq(response))
        .order(response_revisions::sequence.asc())
        .select((
            response_revisions::sequence,
            response_revisions::page_id,
            response_revisions::content,
        ))
        .load(connection)?;
    let mut progress = Progress::default();
    for (sequence, page, content) in revisions {
        let content = read_content(keys, response, sequence, &content)?;
        progress.answers.apply(&content.answers);
        progress.pages.insert(page, (sequence, content.pending));
        progress.sequence = sequence;
    }
    Ok(progress)
}

/// The first byte of a revision that is plain: one from before they were sealed.
const PLAIN: u8 = 0;
/// The first byte of a sealed one.
const SEALED: u8 = 1;

fn revision_place(response: Id, sequence: i64) -> Vec<u8> {
    [response.0.as_bytes().as_slice(), &sequence.to_be_bytes()].concat()
}

fn read_content(
    keys: &Keys,
    response: Id,
    sequence: i64,
    content: &[u8],
) -> Result<Content, Error> {
    match content.split_first() {
        Some((&PLAIN, plain)) => from_json(plain),
        Some((&SEALED, sealed)) => {
            from_json(&keys.unseal_open(&revision_place(response, sequence), sealed)?)
        }
        _ => Err(Error::Damaged { what: "revision", reason: "it has no content".to_owned() }),
    }
}

/// The last sequence number of a response; 0 before its first revision.
pub fn last_sequence(connection: &mut Connection, response: Id) -> Result<i64, Error> {
    let last: Option<i64> = response_revisions::table
        .filter(response_revisions::response_id.eq(response))
        .select(diesel::dsl::max(response_revisions::sequence))
        .first(connection)?;
    Ok(last.unwrap_or(0))
}

/// Appends a revision.
pub fn append(connection: &mut Connection, keys: &Keys, revision: &Revision) -> Result<(), Error> {
    let place = revision_place(revision.response_id, revision.sequence);
    let sealed = keys.seal_open(&place, &json(&revision.content)?)?;
    diesel::insert_into(response_revisions::table)
        .values((
            response_revisions::response_id.eq(revision.response_id),
            response_revisions::sequence.eq(revision.sequence),
            response_revisions::page_id.eq(revision.page_id),
            response_revisions::content.eq([&[SEALED][..], &sealed].concat()),
            response_revisions::saved_at.eq(revision.saved_at),
        ))
        .execute(connection)?;
    Ok(())
}

/// Ends a response of a study that is not anonymous: folds the answers.
pub fn end(
    connection: &mut Connection,
    response: Id,
    state: ResponseState,
    answers: &Answers,
    on: NaiveDate,
) -> Result<(), Error> {
    files::keep_only(connection, response, &file_names(answers))?;
    diesel::update(responses::table.find(response))
        .set((
            responses::state.eq(state),
            responses::answers.eq(Json::new(answers.clone())),
            responses::ended_on.eq(on),
        ))
        .execute(connection)?;
    Ok(())
}

/// Removes a response and everything under it: the person refused, or it moves
/// to the pool.
pub fn delete(
    connection: &mut Connection,
    keys: &Keys,
    case: Id,
    response: Id,
) -> Result<(), Error> {
    files::delete_of(connection, response)?;
    diesel::delete(sealed_links::table.find(keys.mark(Mark::Link, case))).execute(connection)?;
    diesel::delete(response_links::table.filter(response_links::response_id.eq(response)))
        .execute(connection)?;
    diesel::delete(response_revisions::table.filter(response_revisions::response_id.eq(response)))
        .execute(connection)?;
    diesel::delete(responses::table.find(response)).execute(connection)?;
    Ok(())
}

/// Keeps a response that has ended elsewhere, as it comes out of the pool.
pub fn insert_ended(connection: &mut Connection, row: &ResponseRow) -> Result<(), Error> {
    diesel::insert_into(responses::table).values(row.clone()).execute(connection)?;
    Ok(())
}

/// How many ended responses of a round share each cell of the design.
pub fn design_counts(
    connection: &mut Connection,
    round: Id,
) -> Result<Vec<(DesignCell, usize)>, Error> {
    let rows: Vec<(String, String, f64, i64)> = responses::table
        .filter(responses::round_id.eq(round))
        .filter(responses::state.ne(ResponseState::Open))
        .group_by((responses::stratum, responses::psu, responses::base_weight))
        .select((
            responses::stratum,
            responses::psu,
            responses::base_weight,
            diesel::dsl::count_star(),
        ))
        .order((responses::stratum.asc(), responses::psu.asc(), responses::base_weight.asc()))
        .load(connection)?;
    let cells = rows.into_iter().map(|(stratum, psu, base_weight, count)| {
        (DesignCell { stratum, psu, base_weight }, usize::try_from(count).unwrap_or(0))
    });
    Ok(cells.collect())
}

/// Gives the ended responses of one cell of the design another.
pub fn set_design(
    connection: &mut Connection,
    round: Id,
    from: &DesignCell,
    to: &DesignCell,
) -> Result<(), Error> {
    diesel::update(
        responses::table
            .filter(responses::round_id.eq(round))
            .filter(responses::state.ne(ResponseState::Open))
            .filter(responses::stratum.eq(&from.stratum))
            .filter(responses::psu.eq(&from.psu))
            .filter(responses::base_weight.eq(from.base_weight)),
    )
    .set((
        responses::stratum.eq(&to.stratum),
        responses::psu.eq(&to.psu),
        responses::base_weight.eq(to.base_weight),
    ))
    .execute(connection)?;
    Ok(())
}

/// Every ended response of a round.
pub fn ended_of_round(connection: &mut Connection, round: Id) -> Result<Vec<ResponseRow>, Error> {
    Ok(responses::table
        .filter(responses::round_id.eq(round))
        .filter(responses::state.ne(ResponseState::Open))
        .order(responses::id.asc())
        .load(connection)?)
}

/// Keeps the answers of an ended response after something was taken out of them.
pub fn set_blanked(
    connection: &mut Connection,
    response: Id,
    answers: Answers,
    began_on: NaiveDate,
) -> Result<(), Error> {
    diesel::update(responses::table.find(response))
        .set((responses::answers.eq(Json::new(answers)), responses::began_on.eq(began_on)))
        .execute(connection)?;
    Ok(())
}

/// Whether a case of an anonymous study has ended, and how.
pub fn ending_of(
    connection: &mut Connection,
    keys: &Keys,
    case: Id,
) -> Result<Option<Ended>, Error> {
    Ok(ended_marks::table
        .find(keys.mark(Mark::Ended, case))
        .select(ended_marks::ending)
        .first(connection)
        .optional()?)
}

/// Marks that a case of an anonymous study has ended; nothing is written to the
/// case.
pub fn mark_ended(
    connection: &mut Connection,
    keys: &Keys,
    case: Id,
    ending: Ended,
) -> Result<(), Error> {
    diesel::insert_into(ended_marks::table)
        .values((
            ended_marks::mark.eq(keys.mark(Mark::Ended, case)),
            ended_marks::ending.eq(ending),
        ))
        .execute(connection)?;
    Ok(())
}

/// Whether somebody is answering for a case of an anonymous study.
pub fn has_sealed_link(connection: &mut Connection, keys: &Keys, case: Id) -> Result<bool, Error> {
    let mark: Option<Vec<u8>> = sealed_links::table
        .find(keys.mark(Mark::Link, case))
        .select(sealed_links::mark)
        .first(connection)
        .optional()?;
    Ok(mark.is_some())
}

/// How many responses of a study are open.
pub fn open_count(connection: &mut Connection, study: Id) -> Result<i64, Error> {
    Ok(responses::table
        .filter(responses::study_id.eq(study))
        .filter(responses::state.eq(ResponseState::Open))
        .count()
        .get_result(connection)?)
}

/// The ended responses that count as interviews, in the order of their random
/// identities.
pub fn interviews(connection: &mut Connection, study: Id) -> Result<Vec<ResponseRow>, Error> {
    Ok(responses::table
        .filter(responses::study_id.eq(study))
        .filter(responses::state.eq_any(COUNTED))
        .order(responses::id.asc())
        .load(connection)?)
}

/// How many ended responses count as interviews.
pub fn interview_count(connection: &mut Connection, study: Id) -> Result<i64, Error> {
    Ok(responses::table
        .filter(responses::study_id.eq(study))
        .filter(responses::state.eq_any(COUNTED))
        .count()
        .get_result(connection)?)
}

/// How many ended responses of each of some studies count as interviews; a study
/// without one is left out.
pub fn interviews_by_study(
    connection: &mut Connection,
    studies: &[Id],
) -> Result<HashMap<Id, i64>, Error> {
    let counts: Vec<(Id, i64)> = responses::table
        .filter(responses::study_id.eq_any(studies.to_vec()))
        .filter(responses::state.eq_any(COUNTED))
        .group_by(responses::study_id)
        .select((responses::study_id, diesel::dsl::count_star()))
        .load(connection)?;
    Ok(counts.into_iter().collect())
}

/// The first and the last day on which a study that keeps days was answered;
/// `None` before.
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
