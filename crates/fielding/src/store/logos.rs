//! The pictures of logos, by the study or unit that has them.

use diesel::prelude::*;

use super::schema::logos;
use super::{Connection, Id};
use crate::error::Error;

/// A logo's picture.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = logos)]
pub struct LogoRow {
    /// The study or unit.
    pub owner_id: Id,
    /// The hash of the bytes.
    pub hash: String,
    /// What they are.
    pub media_type: String,
    /// The picture.
    pub bytes: Vec<u8>,
}

/// The logo of a study or unit.
pub fn find(connection: &mut Connection, owner: Id) -> Result<Option<LogoRow>, Error> {
    Ok(logos::table.find(owner).first(connection).optional()?)
}

/// Puts a logo in the place of what was there.
pub fn put(connection: &mut Connection, row: &LogoRow) -> Result<(), Error> {
    remove(connection, row.owner_id)?;
    diesel::insert_into(logos::table).values(row.clone()).execute(connection)?;
    Ok(())
}

/// Takes the logo of a study or unit away.
pub fn remove(connection: &mut Connection, owner: Id) -> Result<(), Error> {
    diesel::delete(logos::table.find(owner)).execute(connection)?;
    Ok(())
}
