//! Frames: their hash and counts for good, their rows sealed and in parts until
//! they are drawn from or let go.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::column::Json;
use super::schema::{frame_parts, frames};
use super::{Connection, Id, Instant};
use crate::error::Error;
use crate::files::roles::Roles;
use crate::rules::frame_report::Report;
use crate::rules::states::FrameState;

/// What is kept of a frame.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = frames)]
pub struct FrameRow {
    /// Identity.
    pub id: Id,
    /// The study it was read for.
    pub study_id: Id,
    /// The file's name.
    pub name: String,
    /// SHA-256 of what was read.
    pub hash: String,
    /// Frame units.
    pub units: i64,
    /// When it was read.
    pub read_at: Instant,
    /// The day whose population it lists, if that was said.
    pub as_of: Option<NaiveDate>,
    /// Where its rows are.
    pub state: FrameState,
    /// How the file's text was written.
    pub encoding: String,
    /// What stands between cells of the rows kept.
    pub separator: String,
    /// What its columns are, once that is said.
    pub roles: Json<Option<Roles>>,
    /// What was found when it was looked through, once it was.
    pub report: Json<Option<Report>>,
    /// The plan that is being written for it, as text; empty until then.
    pub plan: String,
}

impl FrameRow {
    /// What stands between the cells of its rows.
    pub fn mark(&self) -> u8 {
        self.separator.bytes().next().unwrap_or(b',')
    }

    /// A frame of a study that has just been read, without rows to wait.
    pub fn new(study: Id, name: &str, hash: &str, units: usize, now: Instant) -> Self {
        Self {
            id: Id::rising(),
            study_id: study,
            name: name.to_owned(),
            hash: hash.to_owned(),
            units: i64::try_from(units).unwrap_or(i64::MAX),
            read_at: now,
            as_of: None,
            state: FrameState::LetGo,
            encoding: "utf8".to_owned(),
            separator: ",".to_owned(),
            roles: Json::default(),
            report: Json::default(),
            plan: String::new(),
        }
    }
}

/// Keeps a frame's row.
pub fn insert(connection: &mut Connection, frame: &FrameRow) -> Result<(), Error> {
    diesel::insert_into(frames::table).values(frame.clone()).execute(connection)?;
    Ok(())
}

/// One frame.
pub fn find(connection: &mut Connection, id: Id) -> Result<Option<FrameRow>, Error> {
    Ok(frames::table.find(id).first(connection).optional()?)
}

/// Every frame of a study that was read whole, the newest first.
pub fn of_study(connection: &mut Connection, study: Id) -> Result<Vec<FrameRow>, Error> {
    Ok(frames::table
        .filter(frames::study_id.eq(study))
        .filter(frames::state.ne(FrameState::Arriving))
        .order(frames::id.desc())
        .load(connection)?)
}

/// Frames that began to come in before a moment and are not there yet, each with its
/// study.
pub fn arriving(connection: &mut Connection, before: Instant) -> Result<Vec<(Id, Id)>, Error> {
    Ok(frames::table
        .filter(frames::state.eq(FrameState::Arriving))
        .filter(frames::read_at.lt(before))
        .select((frames::study_id, frames::id))
        .load(connection)?)
}

/// The frame of a study that waits to be drawn from.
pub fn waiting(connection: &mut Connection, study: Id) -> Result<Option<FrameRow>, Error> {
    Ok(frames::table
        .filter(frames::study_id.eq(study))
        .filter(frames::state.eq(FrameState::Kept))
        .order(frames::id.desc())
        .first(connection)
        .optional()?)
}

/// Keeps a sealed part of a frame's rows.
pub fn put_part(
    connection: &mut Connection,
    frame: Id,
    sequence: i64,
    sealed: &[u8],
) -> Result<(), Error> {
    diesel::insert_into(frame_parts::table)
        .values((
            frame_parts::frame_id.eq(frame),
            frame_parts::sequence.eq(sequence),
            frame_parts::sealed.eq(sealed.to_vec()),
        ))
        .execute(connection)?;
    Ok(())
}

/// A sealed part of a frame's rows.
pub fn part(
    connection: &mut Connection,
    frame: Id,
    sequence: i64,
) -> Result<Option<Vec<u8>>, Error> {
    Ok(frame_parts::table
        .find((frame, sequence))
        .select(frame_parts::sealed)
        .first(connection)
        .optional()?)
}

/// Removes the sealed parts of a frame with these numbers, both ends counted.
pub fn drop_parts(
    connection: &mut Connection,
    frame: Id,
    (least, most): (i64, i64),
) -> Result<(), Error> {
    let own = frame_parts::table
        .filter(frame_parts::frame_id.eq(frame))
        .filter(frame_parts::sequence.between(least, most));
    diesel::delete(own).execute(connection)?;
    Ok(())
}

/// A frame has arrived whole: it waits, and every other frame of its study is
/// let go.
pub fn has_arrived(connection: &mut Connection, frame: &FrameRow) -> Result<(), Error> {
    for other in all_with_rows(connection, frame.study_id)? {
        if other != frame.id {
            discard(connection, other)?;
        }
    }
    diesel::update(frames::table.find(frame.id))
        .set((
            frames::state.eq(FrameState::Kept),
            frames::hash.eq(&frame.hash),
            frames::units.eq(frame.units),
        ))
        .execute(connection)?;
    Ok(())
}

/// Removes the rows of a frame; one that never arrived whole goes altogether.
pub fn discard(connection: &mut Connection, frame: Id) -> Result<(), Error> {
    diesel::delete(frame_parts::table.filter(frame_parts::frame_id.eq(frame)))
        .execute(connection)?;
    diesel::delete(frames::table.find(frame).filter(frames::state.eq(FrameState::Arriving)))
        .execute(connection)?;
    diesel::update(frames::table.find(frame))
        .set(frames::state.eq(FrameState::LetGo))
        .execute(connection)?;
    Ok(())
}

fn all_with_rows(connection: &mut Connection, study: Id) -> Result<Vec<Id>, Error> {
    Ok(frames::table
        .filter(frames::study_id.eq(study))
        .filter(frames::state.ne(FrameState::LetGo))
        .select(frames::id)
        .load(connection)?)
}

/// Keeps what the columns of a frame are and what was found looking through it.
pub fn set_roles(
    connection: &mut Connection,
    frame: Id,
    roles: Roles,
    report: Report,
) -> Result<(), Error> {
    let units = i64::try_from(report.units).unwrap_or(i64::MAX);
    let (roles, report) = (Json::new(Some(roles)), Json::new(Some(report)));
    diesel::update(frames::table.find(frame))
        .set((frames::roles.eq(roles), frames::report.eq(report), frames::units.eq(units)))
        .execute(connection)?;
    Ok(())
}

/// Keeps the plan that is being written for a frame.
pub fn set_plan(connection: &mut Connection, frame: Id, plan: &str) -> Result<(), Error> {
    diesel::update(frames::table.find(frame)).set(frames::plan.eq(plan)).execute(connection)?;
    Ok(())
}
