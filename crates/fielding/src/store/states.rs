//! States of a draft that somebody gave a name.

use diesel::prelude::*;
use survey_builder::questionnaire::document::Document;

use super::column::Json;
use super::schema::{draft_states, users};
use super::{Connection, Id, Instant};
use crate::error::Error;

/// A named state.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = draft_states)]
pub struct StateRow {
    /// Identity.
    pub id: Id,
    /// The questionnaire.
    pub questionnaire_id: Id,
    /// The last edit that it holds.
    pub number: i64,
    /// Its name.
    pub name: String,
    /// What the draft was.
    pub document: Json<Document>,
    /// Who named it.
    pub named_by: Id,
    /// When.
    pub named_at: Instant,
}

/// What a list says of a named state.
#[derive(Clone, Debug, Queryable)]
pub struct Listed {
    /// Identity.
    pub id: Id,
    /// The last edit that it holds.
    pub number: i64,
    /// Its name.
    pub name: String,
    /// When it was named.
    pub named_at: Instant,
    /// The name of who did.
    pub author: String,
}

/// The named states of a questionnaire, the newest first.
pub fn listed(connection: &mut Connection, questionnaire: Id) -> Result<Vec<Listed>, Error> {
    Ok(draft_states::table
        .inner_join(users::table.on(users::id.eq(draft_states::named_by)))
        .filter(draft_states::questionnaire_id.eq(questionnaire))
        .order((draft_states::named_at.desc(), draft_states::id.desc()))
        .select((
            draft_states::id,
            draft_states::number,
            draft_states::name,
            draft_states::named_at,
            users::name,
        ))
        .load(connection)?)
}

/// One named state of a questionnaire.
pub fn find(
    connection: &mut Connection,
    questionnaire: Id,
    id: Id,
) -> Result<Option<StateRow>, Error> {
    let own = draft_states::table.filter(draft_states::questionnaire_id.eq(questionnaire));
    Ok(own.filter(draft_states::id.eq(id)).first(connection).optional()?)
}

/// How many names a questionnaire has, and whether that is one of them.
pub fn names(
    connection: &mut Connection,
    questionnaire: Id,
    name: &str,
) -> Result<(usize, bool), Error> {
    let own = draft_states::table.filter(draft_states::questionnaire_id.eq(questionnaire));
    let names: Vec<String> = own.select(draft_states::name).load(connection)?;
    Ok((names.len(), names.iter().any(|one| one == name)))
}

/// Adds one.
pub fn insert(connection: &mut Connection, state: &StateRow) -> Result<(), Error> {
    diesel::insert_into(draft_states::table).values(state.clone()).execute(connection)?;
    Ok(())
}

/// Takes a name away. Returns whether it was there.
pub fn remove(connection: &mut Connection, id: Id) -> Result<bool, Error> {
    Ok(diesel::delete(draft_states::table.find(id)).execute(connection)? > 0)
}
