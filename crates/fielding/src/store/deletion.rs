//! What belongs to a study is deleted in portions: each deletes some rows that
//! nothing refers to any more, and the study's own row goes last.

use diesel::prelude::*;

use super::schema::{
    areas, arm_counts, batches, block_uses, block_versions, cases, comments, contact_details,
    contacts, day_counts, draft_edits, draft_states, ended_marks, experts, frame_parts, frames,
    media, outbox, outcome_counts, pooled_files, pooled_responses, preparations, questionnaires,
    response_files, response_links, response_revisions, responses, rounds, sample_entries,
    sampled_units, samples, sealed_links, studies, substitutions, versions,
};
use super::{Connection, Id, Instant, draft_authors, logos, sign_offs, trials};
use crate::error::Error;
use crate::keys::{Keys, Mark};

/// Files of a portion: each may have megabytes.
const FILES: i64 = 8;

/// Marks a study as one that is being deleted. Returns whether it was there.
pub fn begin(connection: &mut Connection, study: Id, now: Instant) -> Result<bool, Error> {
    let unmarked = studies::table.find(study).filter(studies::deleted_at.is_null());
    let marked = diesel::update(unmarked).set(studies::deleted_at.eq(now)).execute(connection)?;
    Ok(marked == 1)
}

/// Studies whose deletion has begun.
pub fn begun(connection: &mut Connection) -> Result<Vec<Id>, Error> {
    let marked = studies::table.filter(studies::deleted_at.is_not_null());
    Ok(marked.select(studies::id).order(studies::id).load(connection)?)
}

/// Whether a study is being deleted, or has been.
pub fn is_deleted(connection: &mut Connection, study: Id) -> Result<bool, Error> {
    let left = studies::table.find(study).filter(studies::deleted_at.is_null());
    Ok(!diesel::select(diesel::dsl::exists(left)).get_result::<bool>(connection)?)
}

/// Deletes about `limit` rows of a study whose deletion has begun. Returns whether
/// there were any.
pub fn portion(
    connection: &mut Connection,
    keys: &Keys,
    study: Id,
    limit: i64,
) -> Result<bool, Error> {
    Ok(some_cases(connection, keys, study, limit)?
        || some_responses(connection, study, limit)?
        || some_pooled(connection, study, limit)?
        || some_media(connection, study)?
        || some_of_samples(connection, study, limit)?
        || some_of_frames(connection, study)?
        || trials::remove_some(connection, study, limit)? > 0
        || some_edits(connection, study, limit)?)
}

/// Cases with all that is kept of the people behind them.
fn some_cases(
    connection: &mut Connection,
    keys: &Keys,
    study: Id,
    limit: i64,
) -> Result<bool, Error> {
    let ids: Vec<Id> = cases::table
        .filter(cases::study_id.eq(study))
        .select(cases::id)
        .limit(limit)
        .load(connection)?;
    if ids.is_empty() {
        return Ok(false);
    }
    let marks = |purpose| ids.iter().map(|id| keys.mark(purpose, *id)).collect::<Vec<_>>();
    diesel::delete(sealed_links::table.filter(sealed_links::mark.eq_any(marks(Mark::Link))))
        .execute(connection)?;
    diesel::delete(ended_marks::table.filter(ended_marks::mark.eq_any(marks(Mark::Ended))))
        .execute(connection)?;
    diesel::delete(contact_details::table.filter(contact_details::case_id.eq_any(ids.clone())))
        .execute(connection)?;
    diesel::delete(contacts::table.filter(contacts::case_id.eq_any(ids.clone())))
        .execute(connection)?;
    diesel::delete(outbox::table.filter(outbox::case_id.eq_any(ids.clone())))
        .execute(connection)?;
    diesel::delete(response_links::table.filter(response_links::case_id.eq_any(ids.clone())))
        .execute(connection)?;
    diesel::delete(cases::table.filter(cases::id.eq_any(ids))).execute(connection)?;
    Ok(true)
}

/// Responses with their files and what was saved on the way.
fn some_responses(connection: &mut Connection, study: Id, limit: i64) -> Result<bool, Error> {
    let ids: Vec<Id> = responses::table
        .filter(responses::study_id.eq(study))
        .select(responses::id)
        .limit(limit)
        .load(connection)?;
    if ids.is_empty() {
        return Ok(false);
    }
    let files: Vec<Id> = response_files::table
        .filter(response_files::response_id.eq_any(ids.clone()))
        .select(response_files::id)
        .limit(FILES)
        .load(connection)?;
    if !files.is_empty() {
        diesel::delete(response_files::table.filter(response_files::id.eq_any(files)))
            .execute(connection)?;
        return Ok(true);
    }
    let revisions = response_revisions::response_id.eq_any(ids.clone());
    diesel::delete(response_revisions::table.filter(revisions)).execute(connection)?;
    diesel::delete(responses::table.filter(responses::id.eq_any(ids))).execute(connection)?;
    Ok(true)
}

/// Ended interviews that wait to move on.
fn some_pooled(connection: &mut Connection, study: Id, limit: i64) -> Result<bool, Error> {
    let of_study = rounds::table.filter(rounds::study_id.eq(study)).select(rounds::id);
    let ids: Vec<Id> = pooled_responses::table
        .filter(pooled_responses::round_id.eq_any(of_study))
        .select(pooled_responses::id)
        .limit(limit)
        .load(connection)?;
    if ids.is_empty() {
        return Ok(false);
    }
    diesel::delete(pooled_files::table.filter(pooled_files::pooled_id.eq_any(ids.clone())))
        .execute(connection)?;
    diesel::delete(pooled_responses::table.filter(pooled_responses::id.eq_any(ids)))
        .execute(connection)?;
    Ok(true)
}

fn some_media(connection: &mut Connection, study: Id) -> Result<bool, Error> {
    let names: Vec<String> = media::table
        .filter(media::study_id.eq(study))
        .select(media::name)
        .limit(FILES)
        .load(connection)?;
    let named = media::table.filter(media::study_id.eq(study)).filter(media::name.eq_any(names));
    Ok(diesel::delete(named).execute(connection)? > 0)
}

/// Units that were drawn; nothing is asked of them any more.
fn some_of_samples(connection: &mut Connection, study: Id, limit: i64) -> Result<bool, Error> {
    let of_study = samples::table.filter(samples::study_id.eq(study)).select(samples::id);
    let ids: Vec<Id> = sampled_units::table
        .filter(sampled_units::sample_id.eq_any(of_study))
        .select(sampled_units::id)
        .limit(limit)
        .load(connection)?;
    let units = sampled_units::table.filter(sampled_units::id.eq_any(ids));
    Ok(diesel::delete(units).execute(connection)? > 0)
}

/// Sealed parts of lists.
fn some_of_frames(connection: &mut Connection, study: Id) -> Result<bool, Error> {
    let of_study = frames::table.filter(frames::study_id.eq(study)).select(frames::id);
    let parts: Vec<(Id, i64)> = frame_parts::table
        .filter(frame_parts::frame_id.eq_any(of_study))
        .order((frame_parts::frame_id, frame_parts::sequence))
        .select((frame_parts::frame_id, frame_parts::sequence))
        .limit(FILES)
        .load(connection)?;
    for part in &parts {
        diesel::delete(frame_parts::table.find(*part)).execute(connection)?;
    }
    Ok(!parts.is_empty())
}

fn some_edits(connection: &mut Connection, study: Id, limit: i64) -> Result<bool, Error> {
    let of_study = questionnaires::table.filter(questionnaires::study_id.eq(study));
    let of_study: Vec<Id> = of_study.select(questionnaires::id).load(connection)?;
    let last: Option<i64> = draft_edits::table
        .filter(draft_edits::questionnaire_id.eq_any(of_study.clone()))
        .order(draft_edits::number)
        .select(draft_edits::number)
        .limit(limit)
        .load(connection)?
        .pop();
    let Some(last) = last else { return Ok(false) };
    let first = draft_edits::table
        .filter(draft_edits::questionnaire_id.eq_any(of_study))
        .filter(draft_edits::number.le(last));
    Ok(diesel::delete(first).execute(connection)? > 0)
}

/// Deletes what is left and is not much: counts, records, the questionnaire with its
/// versions, and the study.
pub fn end(connection: &mut Connection, study: Id) -> Result<(), Error> {
    let of_rounds: Vec<Id> =
        rounds::table.filter(rounds::study_id.eq(study)).select(rounds::id).load(connection)?;
    let of_samples: Vec<Id> =
        samples::table.filter(samples::study_id.eq(study)).select(samples::id).load(connection)?;
    let own = questionnaires::table.filter(questionnaires::study_id.eq(study));
    let of_questionnaires: Vec<Id> = own.select(questionnaires::id).load(connection)?;

    // Answers refer to what they answer.
    let answers = comments::table.filter(comments::study_id.eq(study));
    diesel::delete(answers.filter(comments::root_id.is_not_null())).execute(connection)?;
    diesel::delete(comments::table.filter(comments::study_id.eq(study))).execute(connection)?;
    diesel::delete(experts::table.filter(experts::study_id.eq(study))).execute(connection)?;

    trials::remove_link(connection, study)?;
    logos::remove(connection, study)?;
    sign_offs::remove_all(connection, study)?;
    draft_authors::forget(connection, study, Instant(i64::MAX))?;
    diesel::delete(arm_counts::table.filter(arm_counts::study_id.eq(study))).execute(connection)?;
    diesel::delete(day_counts::table.filter(day_counts::round_id.eq_any(of_rounds.clone())))
        .execute(connection)?;
    let counts = outcome_counts::round_id.eq_any(of_rounds.clone());
    diesel::delete(outcome_counts::table.filter(counts)).execute(connection)?;
    diesel::delete(batches::table.filter(batches::round_id.eq_any(of_rounds)))
        .execute(connection)?;

    diesel::delete(areas::table.filter(areas::sample_id.eq_any(of_samples.clone())))
        .execute(connection)?;
    diesel::delete(
        substitutions::table.filter(substitutions::sample_id.eq_any(of_samples.clone())),
    )
    .execute(connection)?;
    diesel::delete(sample_entries::table.filter(sample_entries::sample_id.eq_any(of_samples)))
        .execute(connection)?;
    diesel::delete(samples::table.filter(samples::study_id.eq(study))).execute(connection)?;
    diesel::delete(frames::table.filter(frames::study_id.eq(study))).execute(connection)?;

    // What was cut out of it stays the library's, and no more says where it is from.
    diesel::delete(block_uses::table.filter(block_uses::study_id.eq(study))).execute(connection)?;
    diesel::update(block_versions::table.filter(block_versions::study_id.eq(study)))
        .set(block_versions::study_id.eq(None::<Id>))
        .execute(connection)?;

    // The questionnaire and its current version refer to one another.
    diesel::update(questionnaires::table.filter(questionnaires::study_id.eq(study)))
        .set(questionnaires::version_id.eq(None::<Id>))
        .execute(connection)?;
    let named = draft_states::questionnaire_id.eq_any(of_questionnaires.clone());
    diesel::delete(draft_states::table.filter(named)).execute(connection)?;
    diesel::delete(versions::table.filter(versions::questionnaire_id.eq_any(of_questionnaires)))
        .execute(connection)?;
    diesel::delete(questionnaires::table.filter(questionnaires::study_id.eq(study)))
        .execute(connection)?;
    diesel::delete(rounds::table.filter(rounds::study_id.eq(study))).execute(connection)?;
    diesel::delete(preparations::table.filter(preparations::study_id.eq(study)))
        .execute(connection)?;
    diesel::delete(studies::table.find(study)).execute(connection)?;
    Ok(())
}
