//! States of a draft get names, and the draft is brought back to one: by operations like
//! any other, so that it stands in the history, can be undone, and takes nothing away that
//! others write meanwhile.

use survey_builder::questionnaire::operation::{Edit, restore, rewind};

use super::draft::{Edited, draft_of, keep};
use crate::error::{Error, Missing, Problem};
use crate::rules::states::{AuditAction, EditStep};
use crate::store::states::{self, StateRow};
use crate::store::{Connection, Id, Instant, Json, audit, drafts, studies};

/// The most characters of a name.
pub const LONGEST_NAME: usize = 80;
/// Names that a questionnaire may have.
pub const MOST: usize = 100;
/// Edits that are gone back through.
const MOST_EDITS: i64 = 20_000;

/// Something to which a draft can be brought back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// A named state.
    State(Id),
    /// A published version.
    Version(Id),
}

/// Names the draft as its author saw it, whatever others have made of it since.
///
/// # Errors
///
/// A name that is empty, too long or taken, or more names than there may be.
pub fn name_state(
    connection: &mut Connection,
    now: Instant,
    author: Id,
    study: Id,
    (name, seen): (&str, i64),
) -> Result<Id, Error> {
    let mut stored = draft_of(connection, study)?;
    let (of, name) = (stored.questionnaire, name.trim());
    let (count, taken) = states::names(connection, of, name)?;
    let problem = if name.is_empty() {
        Some(Problem::new("required", "name"))
    } else if name.chars().count() > LONGEST_NAME {
        Some(Problem::new("state-name-too-long", "name").with("most", LONGEST_NAME))
    } else if taken {
        Some(Problem::new("state-name-taken", "name"))
    } else if count >= MOST {
        Some(Problem::new("too-many-states", "name").with("most", MOST))
    } else {
        None
    };
    if let Some(problem) = problem {
        return Err(Error::Invalid(vec![problem]));
    }
    let number = seen.clamp(0, stored.number);
    let since = since(connection, of, (number, stored.number))?;
    rewind(&mut stored.draft, &since).map_err(|refusal| Error::Damaged {
        what: "edit of a questionnaire",
        reason: format!("{of} does not go back to {number}: {}", refusal.code()),
    })?;
    let state = StateRow {
        id: Id::rising(),
        questionnaire_id: of,
        number,
        name: name.to_owned(),
        document: Json::new(stored.draft.document),
        named_by: author,
        named_at: now,
    };
    states::insert(connection, &state)?;
    let (action, subject) = (AuditAction::StateNamed, study.to_string());
    audit::record(connection, now, Some(author), action, &subject, name)?;
    Ok(state.id)
}

/// The edits after a number up to the newest.
fn since(
    connection: &mut Connection,
    questionnaire: Id,
    (number, newest): (i64, i64),
) -> Result<Vec<Edit>, Error> {
    if newest - number > MOST_EDITS {
        let told = Problem::new("state-too-far", "").with("most", MOST_EDITS);
        return Err(Error::Invalid(vec![told]));
    }
    drafts::edits_after(connection, questionnaire, number)
}

/// Takes the name of a state away; the edits stay in the history.
///
/// # Errors
///
/// No such study.
pub fn forget_state(
    connection: &mut Connection,
    now: Instant,
    author: Id,
    study: Id,
    state: Id,
) -> Result<(), Error> {
    let questionnaire = draft_of(connection, study)?.questionnaire;
    let Some(row) = states::find(connection, questionnaire, state)? else { return Ok(()) };
    states::remove(connection, state)?;
    let (action, subject) = (AuditAction::StateForgotten, study.to_string());
    audit::record(connection, now, Some(author), action, &subject, &row.name)
}

/// Brings the draft back to what it was, as its author saw it: what others do after that
/// stays, and what meets it is told. `None` where it is so already.
///
/// # Errors
///
/// A state or version that is not there, or of which it is not known which edits it holds;
/// one from too long ago.
pub fn restore_draft(
    connection: &mut Connection,
    now: Instant,
    author: Id,
    study: Id,
    (goal, seen, sent_as): (Goal, i64, Id),
) -> Result<Option<Edited>, Error> {
    let mut stored = draft_of(connection, study)?;
    let of = stored.questionnaire;
    if let Some(before) = drafts::sent(connection, of, sent_as)? {
        let refused = before.refused.into_inner();
        return Ok(Some(Edited { number: stored.number, refused }));
    }
    let (to, called) = match goal {
        Goal::State(id) => {
            let state = states::find(connection, of, id)?;
            let state = state.ok_or(Error::NotFound(Missing::Version))?;
            (Some(state.number), state.name)
        }
        Goal::Version(id) => {
            let version = studies::version(connection, id)?;
            let version = version.filter(|version| version.questionnaire_id == of);
            let version = version.ok_or(Error::NotFound(Missing::Version))?;
            (version.draft_number, format!("v{}", version.number))
        }
    };
    let to = to.ok_or_else(|| Error::invalid("state-not-kept", ""))?;
    let seen = seen.clamp(0, stored.number);
    let mut edits = since(connection, of, (to.min(seen), stored.number))?;
    let later = edits.split_off(edits.partition_point(|edit| edit.number <= seen));
    let outcome = restore(&mut stored.draft, &edits, &later);
    if outcome.is_nothing() {
        return Ok(None);
    }
    let (action, subject) = (AuditAction::DraftRestored, study.to_string());
    audit::record(connection, now, Some(author), action, &subject, &called)?;
    let step = (sent_as, EditStep::Change, None);
    keep(connection, now, (study, author), stored, step, outcome).map(Some)
}
