//! What is done to the draft of a questionnaire: edits in the order in which they
//! come, taken back and done again by their authors, and published as a version.

use std::collections::BTreeSet;

use survey_builder::questionnaire::document::{Document, Kind, Source};
use survey_builder::questionnaire::operation::{
    Operation, Outcome, Refusal, next_redo, next_undo, perform, take_back,
};
use survey_builder::questionnaire::preload::number_columns;
use survey_builder::questionnaire::validate::{Number, read_number};

use super::media::missing_media;
use super::study::publish_document;
use crate::error::{Clash, Error, Missing, Problem};
use crate::rules::identity::identifying_questions;
use crate::rules::states::{AuditAction, EditStep, StudyStatus, Verdict};
use crate::store::comments::{self, Expert};
use crate::store::drafts::{self, EditRow, StoredDraft};
use crate::store::studies::{self, VersionRow};
use crate::store::{Connection, Id, Instant, Json, audit, samples, trials};

/// The most operations that are taken at once: a pasted list of a thousand options.
pub const MOST_AT_ONCE: usize = 2_000;

/// The most characters of one text.
pub const LONGEST_TEXT: usize = 20_000;

/// The most parts that a questionnaire may have.
pub const MOST_PARTS: usize = 50_000;

/// Seconds in an hour.
const AN_HOUR: i64 = 60 * 60;

/// Edits after which the draft is stored anew.
const KEPT_EVERY: i64 = 32;

/// What an author sends.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The author's own name for it: sent twice, it is done once.
    pub sent_as: Id,
    /// The last edit that the author had seen.
    pub seen: i64,
    /// What is wished, in order.
    pub wishes: Vec<Operation>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Edited {
    /// The number of the last edit now.
    pub number: i64,
    /// What could not be done, with its words, and why.
    pub refused: Vec<(Operation, Refusal)>,
}

pub(super) fn draft_of(connection: &mut Connection, study: Id) -> Result<StoredDraft, Error> {
    drafts::of_study(connection, study)?.ok_or(Error::NotFound(Missing::Questionnaire))
}

/// Does to a draft what an author wished who had seen it at an earlier edit; what
/// others have made of it since stays. What cannot be done is told, the rest is done.
///
/// # Errors
///
/// More at once than is taken, a text that is too long, a questionnaire that would
/// become too large.
pub fn edit_draft(
    connection: &mut Connection,
    now: Instant,
    author: Id,
    study: Id,
    sent: &Sent,
) -> Result<Edited, Error> {
    check_sizes(&sent.wishes)?;
    let mut stored = draft_of(connection, study)?;
    if let Some(before) = drafts::sent(connection, stored.questionnaire, sent.sent_as)? {
        return Ok(Edited { number: stored.number, refused: before.refused.into_inner() });
    }
    let seen = sent.seen.clamp(0, stored.number);
    let since = drafts::edits_after(connection, stored.questionnaire, seen)?;
    let outcome = perform(&mut stored.draft, &sent.wishes, &since);
    if outcome.operations.is_empty() {
        return Ok(Edited { number: stored.number, refused: outcome.refused });
    }
    if stored.draft.document.identities().len() > MOST_PARTS {
        return Err(Error::Invalid(vec![
            Problem::new("edit_too_large", "").with("most", MOST_PARTS),
        ]));
    }
    keep(connection, now, (study, author), stored, (sent.sent_as, EditStep::Change, None), outcome)
}

/// Takes an author's last edit back that was not taken back yet. Where others built on
/// it, that part stays and is told. `None` where there is none.
pub fn undo_edit(
    connection: &mut Connection,
    now: Instant,
    author: Id,
    study: Id,
    sent_as: Id,
) -> Result<Option<Edited>, Error> {
    back(connection, now, (study, author), sent_as, EditStep::Undo)
}

/// Does again what an author took back last. `None` where there is nothing.
pub fn redo_edit(
    connection: &mut Connection,
    now: Instant,
    author: Id,
    study: Id,
    sent_as: Id,
) -> Result<Option<Edited>, Error> {
    back(connection, now, (study, author), sent_as, EditStep::Redo)
}

fn back(
    connection: &mut Connection,
    now: Instant,
    (study, author): (Id, Id),
    sent_as: Id,
    step: EditStep,
) -> Result<Option<Edited>, Error> {
    let mut stored = draft_of(connection, study)?;
    let questionnaire = stored.questionnaire;
    if let Some(before) = drafts::sent(connection, questionnaire, sent_as)? {
        let refused = before.refused.into_inner();
        return Ok(Some(Edited { number: stored.number, refused }));
    }
    let own = drafts::own_steps(connection, questionnaire, author)?;
    let of = if step == EditStep::Undo { next_undo(&own) } else { next_redo(&own) };
    let Some(of) = of else { return Ok(None) };
    let edit = drafts::edit(connection, questionnaire, of)?.ok_or(Error::Damaged {
        what: "edit of a questionnaire",
        reason: format!("number {of} of {questionnaire} is not there"),
    })?;
    let since = drafts::edits_after(connection, questionnaire, of)?;
    let outcome = take_back(&mut stored.draft, &edit.edit(), &since);
    // Also where nothing could be taken back: the next undo goes on before it.
    keep(connection, now, (study, author), stored, (sent_as, step, Some(of)), outcome).map(Some)
}

/// Stores an edit that was done to a draft.
pub(super) fn keep(
    connection: &mut Connection,
    now: Instant,
    (study, author): (Id, Id),
    stored: StoredDraft,
    (sent_as, step, of_number): (Id, EditStep, Option<i64>),
    outcome: Outcome,
) -> Result<Edited, Error> {
    let StoredDraft { questionnaire, number, kept, draft } = stored;
    let number = number + 1;
    // Who wrote when is in the edits; the record says once an hour that somebody did.
    let last = drafts::last_of_author(connection, questionnaire, author)?;
    if last.is_none_or(|last| last.plus_seconds(AN_HOUR) <= now) {
        let action = AuditAction::QuestionnaireEdited;
        audit::record(connection, now, Some(author), action, &study.to_string(), "")?;
    }
    let refused = outcome.refused.clone();
    let edit = EditRow {
        questionnaire_id: questionnaire,
        number,
        author_id: author,
        sent_as,
        step,
        of_number,
        operations: Json::new(outcome.operations),
        inverses: Json::new(outcome.inverses),
        refused: Json::new(outcome.refused),
        made_at: now,
    };
    drafts::insert(connection, edit)?;
    if number - kept >= KEPT_EVERY {
        drafts::keep(connection, questionnaire, number, &draft, now)?;
    }
    Ok(Edited { number, refused })
}

fn check_sizes(wishes: &[Operation]) -> Result<(), Error> {
    let mut problems = Vec::new();
    if wishes.len() > MOST_AT_ONCE {
        problems.push(Problem::new("edit_too_many", "").with("most", MOST_AT_ONCE));
    }
    let long = |wish: &&Operation| matches!(wish, Operation::Write { now, .. } if now.chars().count() > LONGEST_TEXT);
    if wishes.iter().any(|wish| long(&wish)) {
        problems.push(Problem::new("edit_too_long", "").with("most", LONGEST_TEXT));
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// What stands against publishing a draft for that study, beside its own mistakes.
pub fn publishing_problems(
    connection: &mut Connection,
    study: &studies::Study,
    stored: &StoredDraft,
    reason: &str,
) -> Result<Vec<Problem>, Error> {
    let document = &stored.draft.document;
    let mut problems = Vec::new();
    if !stored.draft.conflicts.is_empty() {
        let count = stored.draft.conflicts.len();
        problems.push(Problem::new("draft_conflicts", "").with("count", count));
    }
    if study.is_anonymous() && study.privacy_reason.is_empty() && reason.is_empty() {
        let asked = identifying_questions(document);
        if !asked.is_empty() {
            let names = asked.join(", ");
            problems
                .push(Problem::new("anonymous-asks-identity", "privacy").with("questions", names));
        }
    }
    if study.review_required {
        problems.extend(review_problems(connection, study.id)?);
    }
    let used = columns_used(document);
    if !used.is_empty()
        && let Some(sample) = samples::of_study(connection, study.id)?
    {
        let kept: BTreeSet<String> = samples::columns_kept(connection, sample.id)?;
        let lacking = used.iter().filter(|column| !kept.contains(**column));
        problems.extend(
            lacking.map(|column| {
                Problem::new("frame-column-not-kept", *column).with("column", *column)
            }),
        );
        problems.extend(unclear_numbers(connection, sample.id, document)?);
    }
    if study.status == StudyStatus::Open {
        let missing = missing_media(connection, study.id, document)?;
        problems.extend(missing.iter().map(|name| Problem::new("media-missing", name)));
    }
    Ok(problems)
}

/// Columns of the frame that are taken as numbers since the sample was drawn, with cells
/// that can be read in two ways: these would stay blank without a word.
fn unclear_numbers(
    connection: &mut Connection,
    sample: Id,
    document: &Document,
) -> Result<Vec<Problem>, Error> {
    let columns = number_columns(document);
    if columns.is_empty() {
        return Ok(Vec::new());
    }
    let kept = samples::attributes(connection, sample)?;
    let mut problems = Vec::new();
    for column in columns {
        let cells = kept.iter().filter_map(|unit| unit.get(column));
        let unclear: Vec<&String> =
            cells.filter(|cell| matches!(read_number(cell), Number::Ambiguous { .. })).collect();
        if let Some(first) = unclear.first() {
            let problem = Problem::new("frame-numbers-unclear", column).with("column", column);
            problems.push(problem.with("count", unclear.len()).with("text", first.as_str()));
        }
    }
    Ok(problems)
}

/// What a review lacks without which nothing is published: somebody who was asked, a
/// good word of everybody who may comment, and an answer to what must change.
fn review_problems(connection: &mut Connection, study: Id) -> Result<Vec<Problem>, Error> {
    let mut experts = comments::experts_of(connection, study)?;
    experts.retain(Expert::owes_verdict);
    let mut problems = Vec::new();
    if experts.is_empty() {
        problems.push(Problem::new("review-nobody", ""));
    }
    experts.retain(|expert| matches!(expert.verdict, Verdict::None | Verdict::NotYet));
    if !experts.is_empty() {
        let names: Vec<String> = experts.into_iter().map(|expert| expert.name).collect();
        problems.push(Problem::new("review-not-good", "").with("names", names.join(", ")));
    }
    let demands = comments::demands_of(connection, study)?;
    if demands > 0 {
        problems.push(Problem::new("review-demands", "").with("count", demands));
    }
    Ok(problems)
}

/// Publishes the draft as it was seen, as the next version: whoever is answering goes
/// on with the version they began with. Tests of the draft and their link go.
///
/// # Errors
///
/// A closed study; a draft that was edited since it was seen; everything that is wrong
/// with the questionnaire, or that authors have not agreed about; a sample that was
/// drawn without what the questionnaire now takes from the list; in an anonymous study
/// questions that ask who somebody is, unless a reason is given; a review that is not
/// settled, where the study wants one.
pub fn publish_draft(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    study: Id,
    (seen, reason): (i64, &str),
) -> Result<VersionRow, Error> {
    let row = studies::require(connection, study)?;
    if row.status == StudyStatus::Closed {
        return Err(Error::Conflict(Clash::StudyClosed));
    }
    let stored = draft_of(connection, study)?;
    if stored.number != seen {
        return Err(Error::invalid("draft_changed_since", ""));
    }
    let mut problems = publishing_problems(connection, &row, &stored, reason)?;
    let version = match publish_document(stored.draft.document.clone()) {
        Ok(version) => Some(version),
        Err(found) => {
            problems.extend(found);
            None
        }
    };
    let Some(version) = version.filter(|_| problems.is_empty()) else {
        return Err(Error::Invalid(problems));
    };
    drafts::keep(connection, stored.questionnaire, stored.number, &stored.draft, now)?;
    if !reason.is_empty() && row.privacy_reason.is_empty() {
        studies::set_privacy_reason(connection, study, reason)?;
    }
    studies::set_title(connection, study, &version.document.title)?;
    let document = Json::new(version.document);
    let (of, what) = (stored.questionnaire, (version.hash.as_str(), &document));
    let published = studies::insert_version(connection, of, what, stored.number, now)?;
    // What was tried was this draft: the tests go with it, and nobody confuses the link
    // with that of an invitation.
    trials::remove_link(connection, study)?;
    trials::remove_some(connection, study, i64::MAX)?;
    let detail = format!("v{} {}", published.number, &published.hash[..12]);
    audit::record(connection, now, user, AuditAction::Published, &study.to_string(), &detail)?;
    Ok(published)
}

/// The columns of the frame that a questionnaire uses.
pub fn columns_used(document: &Document) -> Vec<&str> {
    let sources = document.questions().filter_map(|question| match &question.kind {
        Kind::Hidden(hidden) => match &hidden.source {
            Source::Frame(column) => Some(column.as_str()),
            _ => None,
        },
        _ => None,
    });
    let names: BTreeSet<&str> = sources.collect();
    names.into_iter().collect()
}
