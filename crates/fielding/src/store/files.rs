//! Files: what a questionnaire shows, and what respondents send in.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::responses::COUNTED;
use super::schema::{media, response_files, responses};
use super::{Connection, Id};
use crate::error::Error;
use crate::keys::Keys;

/// A picture, sound or film that a questionnaire shows.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = media)]
pub struct MediaRow {
    /// The study.
    pub study_id: Id,
    /// What the questionnaire calls it.
    pub name: String,
    /// Its media type, such as `image/png`.
    pub media_type: String,
    /// Bytes.
    pub size: i64,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// A file that a respondent sent in.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = response_files)]
pub struct FileRow {
    /// Identity; random.
    pub id: Id,
    /// Whose it is.
    pub response_id: Id,
    /// `jpg`, `pdf`, …
    pub ending: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl FileRow {
    /// The name that the answer holds.
    pub fn name(&self) -> String {
        name_of(self.id, &self.ending)
    }
}

/// The name of a file, as answers hold it.
fn name_of(id: Id, ending: &str) -> String {
    format!("{}.{ending}", id.0)
}

/// Keeps a file that a questionnaire shows, replacing one of the same name.
pub fn put_media(connection: &mut Connection, row: &MediaRow) -> Result<(), Error> {
    diesel::delete(media::table.find((row.study_id, &row.name))).execute(connection)?;
    diesel::insert_into(media::table).values(row.clone()).execute(connection)?;
    Ok(())
}

/// Takes a file that a questionnaire shows away. Returns whether it was there.
pub fn remove_media(connection: &mut Connection, study: Id, name: &str) -> Result<bool, Error> {
    Ok(diesel::delete(media::table.find((study, name))).execute(connection)? > 0)
}

/// The files of a study's questionnaire: name, media type, bytes.
pub fn media_of(
    connection: &mut Connection,
    study: Id,
) -> Result<Vec<(String, String, i64)>, Error> {
    Ok(media::table
        .filter(media::study_id.eq(study))
        .order(media::name.asc())
        .select((media::name, media::media_type, media::size))
        .load(connection)?)
}

/// One file that a questionnaire shows.
pub fn find_media(
    connection: &mut Connection,
    study: Id,
    name: &str,
) -> Result<Option<MediaRow>, Error> {
    Ok(media::table.find((study, name)).first(connection).optional()?)
}

/// Keeps a file that was sent in; `sealed` while an interview of an anonymous
/// study is open.
pub fn insert(
    connection: &mut Connection,
    keys: &Keys,
    row: &FileRow,
    sealed: bool,
) -> Result<(), Error> {
    let mut row = row.clone();
    if sealed {
        row.bytes = keys.seal_open(row.id.0.as_bytes(), &row.bytes)?;
    }
    diesel::insert_into(response_files::table).values(row).execute(connection)?;
    Ok(())
}

/// The files of a response: name and content.
pub fn of_response(
    connection: &mut Connection,
    keys: &Keys,
    response: Id,
    sealed: bool,
) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let rows: Vec<FileRow> =
        response_files::table.filter(response_files::response_id.eq(response)).load(connection)?;
    rows.into_iter()
        .map(|row| {
            let row = opened(keys, row, sealed)?;
            Ok((row.name(), row.bytes))
        })
        .collect()
}

fn opened(keys: &Keys, row: FileRow, sealed: bool) -> Result<FileRow, Error> {
    if !sealed {
        return Ok(row);
    }
    let bytes = keys.unseal_open(row.id.0.as_bytes(), &row.bytes)?;
    Ok(FileRow { bytes, ..row })
}

/// A response's own file of that name.
pub fn find(
    connection: &mut Connection,
    keys: &Keys,
    response: Id,
    name: &str,
    sealed: bool,
) -> Result<Option<FileRow>, Error> {
    let Some((id, ending)) = name.split_once('.') else { return Ok(None) };
    let Some(id) = Id::parse(id) else { return Ok(None) };
    let found: Option<FileRow> = response_files::table
        .find(id)
        .filter(response_files::response_id.eq(response))
        .filter(response_files::ending.eq(ending))
        .first(connection)
        .optional()?;
    found.map(|row| opened(keys, row, sealed)).transpose()
}

/// Removes the files of a response that its answers do not name.
pub fn keep_only(
    connection: &mut Connection,
    response: Id,
    names: &BTreeSet<&str>,
) -> Result<(), Error> {
    let there: Vec<(Id, String)> = response_files::table
        .filter(response_files::response_id.eq(response))
        .select((response_files::id, response_files::ending))
        .load(connection)?;
    for (id, ending) in there {
        if !names.contains(name_of(id, &ending).as_str()) {
            diesel::delete(response_files::table.find(id)).execute(connection)?;
        }
    }
    Ok(())
}

/// Removes every file of a response.
pub fn delete_of(connection: &mut Connection, response: Id) -> Result<(), Error> {
    diesel::delete(response_files::table.filter(response_files::response_id.eq(response)))
        .execute(connection)?;
    Ok(())
}

/// Whether a study's interviews have any file.
pub fn any_of_interviews(connection: &mut Connection, study: Id) -> Result<bool, Error> {
    let files = response_files::table
        .inner_join(responses::table)
        .filter(responses::study_id.eq(study))
        .filter(responses::state.eq_any(COUNTED));
    let first: Option<Id> = files.select(response_files::id).first(connection).optional()?;
    Ok(first.is_some())
}

/// The files of a study's interviews: response and name, in the order of their
/// random identities.
pub fn of_interviews(connection: &mut Connection, study: Id) -> Result<Vec<(Id, String)>, Error> {
    let rows: Vec<(Id, Id, String)> = response_files::table
        .inner_join(responses::table)
        .filter(responses::study_id.eq(study))
        .filter(responses::state.eq_any(COUNTED))
        .order(response_files::id.asc())
        .select((response_files::response_id, response_files::id, response_files::ending))
        .load(connection)?;
    Ok(rows.into_iter().map(|(response, id, ending)| (response, name_of(id, &ending))).collect())
}
