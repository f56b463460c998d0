//! Who stands for the translations of a draft, by language.

use diesel::prelude::*;
use survey_builder::questionnaire::translation::SignedTexts;

use super::column::Json;
use super::schema::{sign_offs, users};
use super::{Connection, Id, Instant};
use crate::error::Error;

/// A language that was signed off.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = sign_offs)]
pub struct SignOff {
    /// The study.
    pub study_id: Id,
    /// The code of the language.
    pub language: String,
    /// What was seen of its texts.
    pub texts: Json<SignedTexts>,
    /// Who stands for them.
    pub signed_by: Id,
    /// Since when.
    pub signed_at: Instant,
}

/// Those of a study, each with the name of who signed.
pub fn of_study(connection: &mut Connection, study: Id) -> Result<Vec<(SignOff, String)>, Error> {
    let rows: Vec<SignOff> = sign_offs::table
        .filter(sign_offs::study_id.eq(study))
        .order(sign_offs::language)
        .load(connection)?;
    let who: Vec<Id> = rows.iter().map(|row| row.signed_by).collect();
    let names: Vec<(Id, String)> = users::table
        .filter(users::id.eq_any(who))
        .select((users::id, users::name))
        .load(connection)?;
    let name = |id: Id| names.iter().find(|(one, _)| *one == id).map(|(_, name)| name.clone());
    let named = rows.into_iter().map(|row| {
        let name = name(row.signed_by).unwrap_or_default();
        (row, name)
    });
    Ok(named.collect())
}

/// Puts one in the place of what was there.
pub fn put(connection: &mut Connection, row: &SignOff) -> Result<(), Error> {
    remove(connection, row.study_id, &row.language)?;
    diesel::insert_into(sign_offs::table).values(row.clone()).execute(connection)?;
    Ok(())
}

/// Takes one away. Returns whether it was there.
pub fn remove(connection: &mut Connection, study: Id, language: &str) -> Result<bool, Error> {
    let row = sign_offs::table.find((study, language.to_owned()));
    Ok(diesel::delete(row).execute(connection)? > 0)
}

/// Takes all of a study away.
pub fn remove_all(connection: &mut Connection, study: Id) -> Result<(), Error> {
    diesel::delete(sign_offs::table.filter(sign_offs::study_id.eq(study))).execute(connection)?;
    Ok(())
}
