//! Authors of one draft see who else has it open, and what they have chosen.

use crate::error::Error;
use crate::store::draft_authors::{ABSENT_SECONDS, find, forget, put};
use crate::store::{Connection, Id, Instant, deletion};

/// Seconds after which it is put down again that somebody is still there.
pub const HEARD_SECONDS: i64 = 15;

/// Where somebody is in a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// At that part, or at none.
    At(Option<Id>),
    /// Still where they were.
    AsBefore,
}

/// Whether there is something to put down that is not known yet.
pub fn is_news(
    connection: &mut Connection,
    now: Instant,
    (study, author): (Id, Id),
    chosen: Chosen,
) -> Result<bool, Error> {
    Ok(match (find(connection, study, author)?, chosen) {
        (None, _) => true,
        (Some((before, _)), Chosen::At(item)) if before != item => true,
        (Some((_, seen)), _) => now >= seen.plus_seconds(HEARD_SECONDS),
    })
}

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
