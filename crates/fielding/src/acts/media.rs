//! What a questionnaire shows besides words: pictures, sounds and films. The
//! document names them; the study keeps them.

use std::collections::BTreeSet;

use survey_builder::questionnaire::document::{Document, FileRule, MediaKind};

use crate::error::{Clash, Error, Missing, Problem};
use crate::files::upload::accept;
use crate::rules::states::{AuditAction, StudyStatus};
use crate::store::files::{self, MediaRow};
use crate::store::studies::{self, Study};
use crate::store::{Connection, Id, Instant, audit};

/// The name under which a file is kept: without the folder or the site that a
/// questionnaire of another system, or a browser, puts before it.
pub fn own_name(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

/// Files as they were sent, ready to be kept: what browsers can show or play,
/// under their own names.
pub fn read_media(
    study_id: Id,
    sent: Vec<(String, Vec<u8>)>,
) -> Result<Vec<MediaRow>, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut rows = Vec::new();
    if sent.is_empty() {
        problems.push(Problem::new("no-file", "media"));
    }
    for (name, bytes) in sent {
        let name = own_name(&name).to_owned();
        let rule = FileRule { media: MediaKind::Any, at_most: None };
        match accept(&rule, bytes) {
            Ok((sort, bytes)) if !sort.is_paper() => rows.push(MediaRow {
                study_id,
                name,
                media_type: sort.media_type.to_owned(),
                size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
                bytes,
            }),
            _ => problems.push(Problem::new("media-file", &name)),
        }
    }
    if problems.is_empty() { Ok(rows) } else { Err(problems) }
}

/// Keeps the files that a questionnaire shows.
pub fn add_media(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    study: Id,
    rows: &[MediaRow],
) -> Result<(), Error> {
    studies::require(connection, study)?;
    for row in rows {
        files::put_media(connection, row)?;
        let subject = study.to_string();
        audit::record(connection, now, user, AuditAction::MediaAdded, &subject, &row.name)?;
    }
    Ok(())
}

/// Whether files of a study may be removed: not while respondents look at them.
///
/// # Errors
///
/// A study that is open.
pub fn may_be_removed(study: &Study) -> Result<(), Error> {
    if study.status == StudyStatus::Open { Err(Error::Conflict(Clash::StudyOpen)) } else { Ok(()) }
}

/// Takes a file away that a questionnaire shows; not while respondents look at it.
pub fn remove_media(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    study: Id,
    name: &str,
) -> Result<(), Error> {
    let row = studies::require(connection, study)?;
    may_be_removed(&row)?;
    if !files::remove_media(connection, study, name)? {
        return Err(Error::NotFound(Missing::File));
    }
    audit::record(connection, now, user, AuditAction::MediaRemoved, &study.to_string(), name)
}

/// The files that a document shows.
pub fn media_named(document: &Document) -> BTreeSet<&str> {
    let options = document.lists.iter().flat_map(|list| &list.options);
    let of_options = options.filter_map(|option| option.image.as_deref());
    let of_questions = document
        .questions()
        .flat_map(|question| &question.media)
        .flat_map(|media| media.file.0.values())
        .map(String::as_str);
    of_options.chain(of_questions).map(own_name).filter(|name| !name.is_empty()).collect()
}

/// The files that a study's questionnaire shows and that are not there yet.
pub fn missing_media(
    connection: &mut Connection,
    study: Id,
    document: &Document,
) -> Result<Vec<String>, Error> {
    let there = files::media_of(connection, study)?;
    let named = media_named(document).into_iter();
    let missing = named.filter(|name| !there.iter().any(|(known, _, _)| known == name));
    Ok(missing.map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_own_name() {
        for name in [
            "cat.png",
            "images/cat.png",
            "jr://images/cat.png",
            "https://example.org/a/cat.png",
            "C:\\pictures\\cat.png",
        ] {
            assert_eq!(own_name(name), "cat.png", "{name}");
        }
    }
}
