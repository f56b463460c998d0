//! Somebody stands for a translation as it is: a language of a draft is signed off. What
//! is written later does not undo that; it is said which texts it no longer covers.

use survey_builder::questionnaire::translation::{SignedTexts, missing};

use super::draft::draft_of;
use crate::error::{Error, Problem};
use crate::rules::states::AuditAction;
use crate::store::sign_offs::{self, SignOff};
use crate::store::{Connection, Id, Instant, Json, audit};

/// Signs a language off, as it was when its page was read: `seen` is its stamp.
///
/// # Errors
///
/// A language that is not translated into, texts that are missing, texts that have changed
/// since the page was read.
pub fn sign_off(
    connection: &mut Connection,
    now: Instant,
    author: Id,
    study: Id,
    (language, seen): (&str, &str),
) -> Result<(), Error> {
    let document = draft_of(connection, study)?.draft.document;
    let known = document.languages.iter().find(|one| one.code == language);
    let named = known.filter(|one| one.code != document.default_language);
    let name = named.ok_or_else(gone)?.name.clone();
    let (lacking, texts) = (missing(&document, language), SignedTexts::of(&document, language));
    let problem = if texts.stamp() != seen {
        Some(Problem::new("sign-off-changed", ""))
    } else if lacking > 0 {
        Some(Problem::new("sign-off-missing", "").with("count", lacking))
    } else {
        None
    };
    if let Some(problem) = problem {
        return Err(Error::Invalid(vec![problem]));
    }
    let row = SignOff {
        study_id: study,
        language: language.to_owned(),
        texts: Json::new(texts),
        signed_by: author,
        signed_at: now,
    };
    sign_offs::put(connection, &row)?;
    let action = AuditAction::LanguageSignedOff;
    audit::record(connection, now, Some(author), action, &study.to_string(), &name)
}

fn gone() -> Error {
    Error::Invalid(vec![Problem::new("sign-off-gone", "")])
}

/// Takes back that a language was signed off, whoever did it.
///
/// # Errors
///
/// A language that nobody has signed off.
pub fn withdraw_sign_off(
    connection: &mut Connection,
    now: Instant,
    author: Id,
    study: Id,
    language: &str,
) -> Result<(), Error> {
    let document = draft_of(connection, study)?.draft.document;
    if !sign_offs::remove(connection, study, language)? {
        return Err(gone());
    }
    let known = document.languages.iter().find(|one| one.code == language);
    let name = known.map_or(language, |one| &one.name);
    let action = AuditAction::SignOffWithdrawn;
    audit::record(connection, now, Some(author), action, &study.to_string(), name)
}
