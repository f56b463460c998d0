//! Drafts of questionnaires: what was stored, and what authors did to it since, in
//! order.

use diesel::prelude::*;
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::operation::{Conflict, Draft, Edit, Operation, Refusal, Step};
use survey_builder::questionnaire::translation::Translations;

use super::schema::{draft_edits, questionnaires, users};
use super::{Connection, Id, Instant, Json};
use crate::error::Error;
use crate::rules::states::EditStep;

/// A draft as it is now.
#[derive(Clone, Debug)]
pub struct StoredDraft {
    /// The questionnaire.
    pub questionnaire: Id,
    /// The number of the last edit; 0 before the first.
    pub number: i64,
    /// The edits that the stored document holds.
    pub kept: i64,
    /// The draft.
    pub draft: Draft,
}

/// A questionnaire, its stored draft with the edits that it holds, and what authors
/// disagree about in it.
type Kept = (Id, Json<Document>, i64, Json<Vec<Conflict>>);

/// An edit as stored.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = draft_edits)]
pub struct EditRow {
    /// The questionnaire.
    pub questionnaire_id: Id,
    /// Its place in the order of all edits, from 1.
    pub number: i64,
    /// Who did it.
    pub author_id: Id,
    /// Its author's own name for it.
    pub sent_as: Id,
    /// What it is in its author's line.
    pub step: EditStep,
    /// The edit that it takes back.
    pub of_number: Option<i64>,
    /// What was done.
    pub operations: Json<Vec<Operation>>,
    /// What takes it back.
    pub inverses: Json<Vec<Operation>>,
    /// What could not be done, and why.
    pub refused: Json<Vec<(Operation, Refusal)>>,
    /// When.
    pub made_at: Instant,
}

/// The step of an edit, with the number of the one that it takes back.
fn step(step: EditStep, of: Option<i64>) -> Step {
    match (step, of) {
        (EditStep::Undo, Some(of)) => Step::Undo(of),
        (EditStep::Redo, Some(of)) => Step::Redo(of),
        _ => Step::Change,
    }
}

impl EditRow {
    /// It, as the draft knows it.
    pub fn edit(&self) -> Edit {
        Edit {
            number: self.number,
            author: self.author_id.0,
            step: step(self.step, self.of_number),
            operations: self.operations.to_vec(),
            inverses: self.inverses.to_vec(),
        }
    }
}

/// The draft of a study's questionnaire, as it is now.
///
/// # Errors
///
/// An edit that does not follow from those before it: the file is damaged.
pub fn of_study(connection: &mut Connection, study: Id) -> Result<Option<StoredDraft>, Error> {
    let found: Option<Kept> = questionnaires::table
        .filter(questionnaires::study_id.eq(study))
        .select((
            questionnaires::id,
            questionnaires::draft,
            questionnaires::draft_number,
            questionnaires::conflicts,
        ))
        .first(connection)
        .optional()?;
    let Some((questionnaire, document, kept, conflicts)) = found else { return Ok(None) };
    let mut draft = Draft::of(document.into_inner());
    draft.conflicts = conflicts.into_inner();
    let mut number = kept;
    let later: Vec<(i64, Json<Vec<Operation>>)> = draft_edits::table
        .filter(draft_edits::questionnaire_id.eq(questionnaire))
        .filter(draft_edits::number.gt(kept))
        .order(draft_edits::number)
        .select((draft_edits::number, draft_edits::operations))
        .load(connection)?;
    for (at, operations) in later {
        for operation in operations.iter() {
            operation.apply(&mut draft).map_err(|refusal| Error::Damaged {
                what: "edit of a questionnaire",
                reason: format!("number {at} of {questionnaire}: {}", refusal.code()),
            })?;
        }
        number = at;
    }
    Ok(Some(StoredDraft { questionnaire, number, kept, draft }))
}

/// The number of the last edit of a study's draft; `None` without a questionnaire.
pub fn number(connection: &mut Connection, study: Id) -> Result<Option<i64>, Error> {
    let found: Option<(Id, i64)> = questionnaires::table
        .filter(questionnaires::study_id.eq(study))
        .select((questionnaires::id, questionnaires::draft_number))
        .first(connection)
        .optional()?;
    let Some((questionnaire, kept)) = found else { return Ok(None) };
    let last: Option<i64> = draft_edits::table
        .filter(draft_edits::questionnaire_id.eq(questionnaire))
        .select(diesel::dsl::max(draft_edits::number))
        .first(connection)?;
    Ok(Some(last.unwrap_or(0).max(kept)))
}

/// The edits after a number, in order.
pub fn edits_after(
    connection: &mut Connection,
    questionnaire: Id,
    number: i64,
) -> Result<Vec<Edit>, Error> {
    let rows: Vec<EditRow> = draft_edits::table
        .filter(draft_edits::questionnaire_id.eq(questionnaire))
        .filter(draft_edits::number.gt(number))
        .order(draft_edits::number)
        .load(connection)?;
    Ok(rows.iter().map(EditRow::edit).collect())
}

/// The most edits of which it is looked at what they did to texts: the newest.
const MOST_LOOKED_AT: i64 = 20_000;

/// What was done to the texts of a draft.
pub fn translations(connection: &mut Connection, questionnaire: Id) -> Result<Translations, Error> {
    let mut edits: Vec<(i64, Json<Vec<Operation>>)> = draft_edits::table
        .filter(draft_edits::questionnaire_id.eq(questionnaire))
        .order(draft_edits::number.desc())
        .limit(MOST_LOOKED_AT)
        .select((draft_edits::number, draft_edits::operations))
        .load(connection)?;
    edits.reverse();
    let mut done = Translations::default();
    for (number, operations) in &edits {
        done.take(*number, operations);
    }
    Ok(done)
}

/// One edit.
pub fn edit(
    connection: &mut Connection,
    questionnaire: Id,
    number: i64,
) -> Result<Option<EditRow>, Error> {
    Ok(draft_edits::table.find((questionnaire, number)).first(connection).optional()?)
}

/// The edit that its author sent under that name.
pub fn sent(
    connection: &mut Connection,
    questionnaire: Id,
    sent_as: Id,
) -> Result<Option<EditRow>, Error> {
    Ok(draft_edits::table
        .filter(draft_edits::questionnaire_id.eq(questionnaire))
        .filter(draft_edits::sent_as.eq(sent_as))
        .first(connection)
        .optional()?)
}

/// What an author did, in order: numbers and steps.
pub fn own_steps(
    connection: &mut Connection,
    questionnaire: Id,
    author: Id,
) -> Result<Vec<(i64, Step)>, Error> {
    let rows: Vec<(i64, EditStep, Option<i64>)> = draft_edits::table
        .filter(draft_edits::questionnaire_id.eq(questionnaire))
        .filter(draft_edits::author_id.eq(author))
        .order(draft_edits::number)
        .select((draft_edits::number, draft_edits::step, draft_edits::of_number))
        .load(connection)?;
    Ok(rows.into_iter().map(|(number, word, of)| (number, step(word, of))).collect())
}

/// When an author last changed the draft.
pub fn last_of_author(
    connection: &mut Connection,
    questionnaire: Id,
    author: Id,
) -> Result<Option<Instant>, Error> {
    Ok(draft_edits::table
        .filter(draft_edits::questionnaire_id.eq(questionnaire))
        .filter(draft_edits::author_id.eq(author))
        .order(draft_edits::number.desc())
        .select(draft_edits::made_at)
        .first(connection)
        .optional()?)
}

/// The newest edits before a number, newest first, with the names of their authors.
pub fn history(
    connection: &mut Connection,
    questionnaire: Id,
    before: i64,
    limit: i64,
) -> Result<Vec<(EditRow, String)>, Error> {
    Ok(draft_edits::table
        .inner_join(users::table.on(users::id.eq(draft_edits::author_id)))
        .filter(draft_edits::questionnaire_id.eq(questionnaire))
        .filter(draft_edits::number.lt(before))
        .order(draft_edits::number.desc())
        .limit(limit)
        .select((EditRow::as_select(), users::name))
        .load(connection)?)
}

/// Adds an edit.
pub fn insert(connection: &mut Connection, edit: EditRow) -> Result<(), Error> {
    diesel::insert_into(draft_edits::table).values(edit).execute(connection)?;
    Ok(())
}

/// Stores the draft as it is after an edit, so that reading it need not do the edits
/// before again.
pub fn keep(
    connection: &mut Connection,
    questionnaire: Id,
    number: i64,
    draft: &Draft,
    now: Instant,
) -> Result<(), Error> {
    diesel::update(questionnaires::table.find(questionnaire))
        .set((
            questionnaires::draft.eq(Json::new(draft.document.clone())),
            questionnaires::draft_number.eq(number),
            questionnaires::conflicts.eq(Json::new(draft.conflicts.clone())),
            questionnaires::updated_at.eq(now),
        ))
        .execute(connection)?;
    Ok(())
}
