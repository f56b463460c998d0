//! Authors of one draft see who else has it open, and what they have chosen.

use crate::error::Error;
use crate::store::draft_authors::{ABSENT_SECONDS, Chosen, find, forget, is_news, put};
use crate::store::{Connection, Id, Instant, deletion};

/// Puts down that somebody has a draft open, and forgets who has gone. Nothing is
/// written of a study that is being deleted.
pub fn be_present(
    connection: &mut Connection,
    now: Instant,
    author: Id,
    study: Id,
    chosen: Chosen,
) -> Result<(), Error> {
    let gone = deletion::is_deleted(connection, study)?;
    if gone || !is_news(connection, now, (study, author), chosen)? {
        return Ok(());
    }
    let item = match chosen {
        Chosen::At(item) => item,
        Chosen::AsBefore => find(connection, study, author)?.and_then(|(item, _)| item),
    };
    put(connection, (study, author), item, now)?;
    forget(connection, study, now.plus_seconds(-ABSENT_SECONDS))
}
