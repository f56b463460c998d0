//! The pool: ended interviews of anonymous studies, sealed to a batch, until at
//! least a handful can move on together.
//!
//! A batch has a salt; with it the program's key makes the batch's own. The salt
//! is deleted with the batch, in the transaction in which its interviews move, so
//! that what was sealed to it can never be opened again, wherever a copy of it is.
//! What stays behind is sealed anew to the next batch under other identities.

use diesel::prelude::*;

use super::schema::{batches, pooled_files, pooled_responses};
use super::{Connection, Id};
use crate::error::Error;
use crate::keys::{Keys, random_bytes};

/// What ended lies in this many bytes or twice as many, and so on: its length
/// must not tell which it is.
const LEAST_BYTES: usize = 4096;

/// An interview of the pool, opened.
#[derive(Clone, Debug)]
pub struct Pooled {
    /// Its identity in the pool.
    pub id: Id,
    /// Its content, as it was put in.
    pub content: Vec<u8>,
    /// The files that came with it.
    pub files: Vec<Vec<u8>>,
}

/// The batch of a round into which interviews go now: identity and salt.
fn batch_of(connection: &mut Connection, round: Id) -> Result<(Id, Vec<u8>), Error> {
    let found: Option<(Id, Vec<u8>)> = batches::table
        .filter(batches::round_id.eq(round))
        .order(batches::id.asc())
        .select((batches::id, batches::salt))
        .first(connection)
        .optional()?;
    if let Some(batch) = found {
        return Ok(batch);
    }
    let (id, salt) = (Id::random(), random_bytes::<32>().to_vec());
    diesel::insert_into(batches::table)
        .values((batches::id.eq(id), batches::round_id.eq(round), batches::salt.eq(salt.clone())))
        .execute(connection)?;
    Ok((id, salt))
}

/// Puts an interview and its files in.
pub fn insert(
    connection: &mut Connection,
    keys: &Keys,
    round: Id,
    content: &[u8],
    files: &[Vec<u8>],
) -> Result<(), Error> {
    let (batch, salt) = batch_of(connection, round)?;
    let id = Id::random();
    diesel::insert_into(pooled_responses::table)
        .values((
            pooled_responses::id.eq(id),
            pooled_responses::round_id.eq(round),
            pooled_responses::batch_id.eq(batch),
            pooled_responses::sealed.eq(keys.seal_pooled(&salt, id, &padded(content))?),
        ))
        .execute(connection)?;
    for file in files {
        let own = Id::random();
        diesel::insert_into(pooled_files::table)
            .values((
                pooled_files::id.eq(own),
                pooled_files::pooled_id.eq(id),
                pooled_files::sealed.eq(keys.seal_pooled(&salt, own, &padded(file))?),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// How many interviews of a round wait.
pub fn count(connection: &mut Connection, round: Id) -> Result<i64, Error> {
    Ok(pooled_responses::table
        .filter(pooled_responses::round_id.eq(round))
        .count()
        .get_result(connection)?)
}

/// The rounds that have interviews waiting.
pub fn rounds(connection: &mut Connection) -> Result<Vec<Id>, Error> {
    Ok(batches::table.select(batches::round_id).distinct().load(connection)?)
}

/// Every interview of a round that waits, without its files, in no order.
pub fn all(connection: &mut Connection, keys: &Keys, round: Id) -> Result<Vec<Pooled>, Error> {
    let rows: Vec<(Id, Vec<u8>, Vec<u8>)> = pooled_responses::table
        .inner_join(batches::table)
        .filter(pooled_responses::round_id.eq(round))
        .order(pooled_responses::id.asc())
        .select((pooled_responses::id, pooled_responses::sealed, batches::salt))
        .load(connection)?;
    rows.into_iter()
        .map(|(id, sealed, salt)| {
            let content = unpadded(&keys.unseal_pooled(&salt, id, &sealed)?)?;
            Ok(Pooled { id, content, files: Vec::new() })
        })
        .collect()
}

/// The files of an interview that waits.
pub fn files_of(connection: &mut Connection, keys: &Keys, id: Id) -> Result<Vec<Vec<u8>>, Error> {
    let rows: Vec<(Id, Vec<u8>, Vec<u8>)> = pooled_files::table
        .inner_join(pooled_responses::table.inner_join(batches::table))
        .filter(pooled_files::pooled_id.eq(id))
        .order(pooled_files::id.asc())
        .select((pooled_files::id, pooled_files::sealed, batches::salt))
        .load(connection)?;
    let opened = rows
        .into_iter()
        .map(|(own, sealed, salt)| unpadded(&keys.unseal_pooled(&salt, own, &sealed)?));
    opened.collect()
}

/// Empties the pool of a round and destroys its batches.
pub fn clear(connection: &mut Connection, round: Id) -> Result<(), Error> {
    let of_round = pooled_responses::table
        .filter(pooled_responses::round_id.eq(round))
        .select(pooled_responses::id);
    diesel::delete(pooled_files::table.filter(pooled_files::pooled_id.eq_any(of_round)))
        .execute(connection)?;
    diesel::delete(pooled_responses::table.filter(pooled_responses::round_id.eq(round)))
        .execute(connection)?;
    diesel::delete(batches::table.filter(batches::round_id.eq(round))).execute(connection)?;
    Ok(())
}

/// The length, the content, and zeros up to a power of two.
fn padded(content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u64).to_be_bytes();
    let mut padded = [length.as_slice(), content].concat();
    padded.resize(padded.len().next_power_of_two().max(LEAST_BYTES), 0);
    padded
}

fn unpadded(padded: &[u8]) -> Result<Vec<u8>, Error> {
    let damaged = || Error::Damaged { what: "pooled response", reason: "its length".to_owned() };
    let (length, rest) = padded.split_first_chunk::<8>().ok_or_else(damaged)?;
    let length = usize::try_from(u64::from_be_bytes(*length)).map_err(|_| damaged())?;
    rest.get(..length).map(<[u8]>::to_vec).ok_or_else(damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_tell_little_and_contents_come_back() {
        for length in [0, 1, 4088, 4089, 10_000] {
            let content = vec![7; length];
            let padded = padded(&content);
            assert!(padded.len().is_power_of_two() && padded.len() >= LEAST_BYTES);
            assert_eq!(unpadded(&padded).expect("a length"), content);
        }
        assert!(unpadded(&[255; 4096]).is_err());
    }
}
