//! Frames of a study: taken in, their columns named, their rows waiting sealed
//! until a sample is drawn or they are let go.

pub mod meanwhile;

use std::fs::File;
use std::io::Read;
use std::sync::Arc;

use survey_builder::list::Unreadable;
use survey_builder::list::rows::{Asked, List, cell};
use survey_builder::sampling::frame::contacts::{self, Contacts, coverage, find_twins};
use survey_builder::sampling::frame::places::{Doubt, PlaceDoubt, PlaceList};
use survey_builder::sampling::frame::totals::Totals;
use survey_builder::sampling::{self, Columns, Frame};

use self::meanwhile::{Kept, Meanwhile};
use crate::app::App;
use crate::error::{Clash, Error, Problem};
use crate::files::list::{Declared, ListFile, Opening};
use crate::files::roles::Roles;
use crate::keys::Keys;
use crate::rules::frame_report::Report;
use crate::rules::states::{AuditAction, FrameState};
use crate::store::frames::{self, FrameRow};
use crate::store::studies::{self, Study};
use crate::store::{Connection, Id, Instant, Scope, Store, audit, samples};

/// Bytes of rows in a part.
const PART: usize = 1 << 20;
/// Rows that a page shows of a frame.
const SHOWN: usize = 5;
/// Rows, titles among them, from which somebody tells where a list begins.
pub const SHOWN_ROWS: usize = 12;

/// Problems of sampling as this crate tells them.
pub fn as_problems(problems: &[sampling::Problem]) -> Vec<Problem> {
    problems.iter().map(Problem::from).collect()
}

/// A frame's file that was sent.
pub struct SentFrame {
    /// The study.
    pub study: Id,
    /// Who sent it.
    pub user: Option<Id>,
    /// The file.
    pub file: File,
    /// Its name.
    pub name: String,
    /// What is said of its encoding.
    pub declared: Declared,
    /// The day whose population it lists, if that is said.
    pub as_of: Option<chrono::NaiveDate>,
    /// The sheet of a workbook, if somebody chose one.
    pub sheet: Option<String>,
}

/// Takes a frame's file in: its rows go into sealed parts, converted to UTF-8.
/// Works on the calling thread and holds one part at a time. Nobody sees the frame
/// before it is there whole.
///
/// # Errors
///
/// What makes the file unreadable; then nothing is kept of it.
pub fn store_sealed(app: &App, sent: SentFrame) -> Result<FrameRow, Error> {
    let (store, keys, now) = (&app.store, &app.keys, app.clock.now());
    let SentFrame { study, user, file, name, declared, as_of, sheet } = sent;
    let invalid = |problems: Vec<sampling::Problem>| Error::Invalid(as_problems(&problems));
    let whole = file.try_clone().map_err(|error| {
        invalid(vec![sampling::Problem::FrameUnreadable { reason: Unreadable::from(error).into() }])
    })?;
    let opening = Opening { declared, sheet: sheet.as_deref(), ..Opening::default() };
    let opened = ListFile::open(file, &name, opening).map_err(invalid)?;
    let encoding = serde_json::to_value(opened.encoding).unwrap_or_default();
    let row = FrameRow {
        hash: opened.hash().map_err(invalid)?,
        as_of,
        state: FrameState::Arriving,
        encoding: encoding.as_str().unwrap_or_default().to_owned(),
        separator: char::from(opened.separator).to_string(),
        ..FrameRow::new(study, &name, "", 0, now)
    };
    let inserted = row.clone();
    store.write_now(Scope::Study(study), move |connection| begin_frame(connection, &inserted))?;
    let discarded = |error: Error| -> Result<FrameRow, Error> {
        let frame = row.id;
        store
            .write_now(Scope::Study(study), move |connection| frames::discard(connection, frame))?;
        Err(error)
    };
    let sealed = seal_rows(store, keys, &row, opened.rows().map_err(invalid)?).and_then(|lines| {
        let sheets = opened.sheets(SHOWN_ROWS).map_err(invalid)?;
        if !sheets.is_empty() {
            // Which sheet is meant is asked next.
            let taken = opened.sheet_taken().map(str::to_owned);
            let kept = Kept {
                name: name.clone(),
                declared,
                taken,
                header_row: 1,
                sheets,
                ..Kept::default()
            };
            meanwhile::keep(app, (study, row.id), Meanwhile::Frame, &kept, whole)?;
        }
        Ok(lines)
    });
    // Without a row that contains something it is not a list: whoever sent it would
    // be asked what its columns are.
    let nothing = matches!(
        &sealed,
        Ok(lines) if *lines == 0 || is_blank(Rows::of(app, row.id), row.mark())
    );
    match sealed {
        Ok(_) if nothing => {
            discarded(Error::Invalid(as_problems(&[sampling::Problem::FrameEmpty])))
        }
        Ok(lines) => {
            let units = i64::try_from(lines.saturating_sub(1)).unwrap_or(i64::MAX);
            let arrived = FrameRow { units, ..row.clone() };
            let kept = arrived.clone();
            let written = store.write_now(Scope::Study(study), move |connection| {
                frame_arrived(connection, now, user, &arrived)
            });
            written.map_or_else(discarded, |()| Ok(kept))
        }
        Err(error) => discarded(error),
    }
}

/// Whether the rows of a frame contain nothing.
fn is_blank(rows: impl Read, mark: u8) -> bool {
    let found = List::open(rows, mark, Asked::default());
    found.is_err_and(|problems| problems == [sampling::Problem::FrameEmpty])
}

/// A frame begins to come in; not for a study that has its sample.
pub fn begin_frame(connection: &mut Connection, row: &FrameRow) -> Result<(), Error> {
    studies::require(connection, row.study_id)?;
    if samples::of_study(connection, row.study_id)?.is_some() {
        return Err(Error::Conflict(Clash::SampleDrawn));
    }
    frames::insert(connection, row)
}

/// A frame has come in whole: it waits for the draw, and any other of its study is
/// let go.
pub fn frame_arrived(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    row: &FrameRow,
) -> Result<(), Error> {
    if samples::of_study(connection, row.study_id)?.is_some() {
        return Err(Error::Conflict(Clash::SampleDrawn));
    }
    // Another may have arrived meanwhile and taken its place.
    if frames::find(connection, row.id)?.is_none() {
        return Err(Error::Conflict(Clash::FrameChanged));
    }
    frames::has_arrived(connection, row)?;
    let subject = row.study_id.to_string();
    audit::record(connection, now, user, AuditAction::FrameRead, &subject, &row.hash[..12])
}

/// The frame of a study that waits, if it is still this one.
fn waiting_still(connection: &mut Connection, study: Id, frame: Id) -> Result<FrameRow, Error> {
    let row = frames::waiting(connection, study)?.filter(|row| row.id == frame);
    row.ok_or(Error::Conflict(Clash::FrameChanged))
}

/// Keeps what the columns of a waiting frame are and what was found by that; files that
/// were kept to ask about them go.
pub fn name_columns(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    study: Id,
    frame: Id,
    (roles, report): (&Roles, &Report),
) -> Result<(), Error> {
    waiting_still(connection, study, frame)?;
    frames::set_roles(connection, frame, roles.clone(), report.clone())?;
    frames::drop_parts(connection, frame, meanwhile::ALL)?;
    audit::record(connection, now, user, AuditAction::FrameColumnsNamed, &study.to_string(), "")
}

/// Keeps the plan that is being written for a waiting frame.
pub fn keep_plan(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    study: Id,
    frame: Id,
    plan: &str,
) -> Result<(), Error> {
    waiting_still(connection, study, frame)?;
    frames::set_plan(connection, frame, plan)?;
    audit::record(connection, now, user, AuditAction::PlanKept, &study.to_string(), "")
}

/// Lets a waiting frame go without a draw.
pub fn discard(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    study: Id,
    frame: Id,
) -> Result<(), Error> {
    let row = waiting_still(connection, study, frame)?;
    frames::discard(connection, row.id)?;
    let subject = study.to_string();
    audit::record(connection, now, user, AuditAction::FrameLetGo, &subject, &row.hash[..12])
}

/// Keeps a part of a frame that is still there: a draw, or another frame, may have come
/// first.
pub fn put_part(
    connection: &mut Connection,
    frame: Id,
    sequence: i64,
    sealed: &[u8],
) -> Result<(), Error> {
    let row = frames::find(connection, frame)?;
    if row.is_none_or(|row| row.state == FrameState::LetGo) {
        return Err(Error::Conflict(Clash::FrameChanged));
    }
    frames::put_part(connection, frame, sequence, sealed)
}

/// Writes rows into sealed parts; gives the number of lines, by their ends.
fn seal_rows(
    store: &Store,
    keys: &Keys,
    frame: &FrameRow,
    mut rows: impl Read,
) -> Result<u64, Error> {
    let (study, frame) = (frame.study_id, frame.id);
    let (mut part, mut sequence, mut lines, mut open) = (Vec::with_capacity(PART), 0, 0, false);
    loop {
        let read = rows.by_ref().take((PART - part.len()) as u64).read_to_end(&mut part);
        let count = read.map_err(|error| {
            let reason = Unreadable::from(error).into();
            Error::Invalid(as_problems(&[sampling::Problem::FrameUnreadable { reason }]))
        })?;
        if part.len() == PART || count == 0 && !part.is_empty() {
            lines += part.split(|byte| *byte == b'\n').skip(1).count() as u64;
            open = part.last() != Some(&b'\n');
            let sealed = keys.seal_part(frame, sequence, &part)?;
            store.write_now(Scope::Study(study), move |connection| {
                put_part(connection, frame, sequence, &sealed)
            })?;
            sequence += 1;
            part.clear();
        }
        if count == 0 {
            return Ok(lines + u64::from(open));
        }
    }
}

/// The rows of a waiting frame, as CSV in UTF-8.
pub struct Rows {
    store: Store,
    keys: Keys,
    frame: Id,
    sequence: i64,
    part: std::io::Cursor<Vec<u8>>,
}

impl Rows {
    /// From the first row on.
    pub fn of(app: &App, frame: Id) -> Self {
        let (store, keys) = (app.store.clone(), app.keys.clone());
        Self { store, keys, frame, sequence: 0, part: std::io::Cursor::default() }
    }

    fn next_part(&self) -> Result<Option<Vec<u8>>, Error> {
        let (frame, sequence) = (self.frame, self.sequence);
        let sealed = self.store.read_now(|connection| frames::part(connection, frame, sequence))?;
        sealed.map(|sealed| self.keys.unseal_part(frame, sequence, &sealed)).transpose()
    }
}

impl Read for Rows {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.part.read(buffer)?;
        if count > 0 || buffer.is_empty() {
            return Ok(count);
        }
        match self.next_part().map_err(std::io::Error::other)? {
            Some(part) => {
                self.sequence += 1;
                self.part = std::io::Cursor::new(part);
                self.part.read(buffer)
            }
            None => Ok(0),
        }
    }
}

/// The beginning of a waiting frame.
pub struct Beginning {
    /// The row, from 1, that the names of the columns are in.
    pub header_row: u64,
    /// These names.
    pub header: Vec<String>,
    /// The first rows below.
    pub rows: Vec<Vec<String>>,
    /// The first rows of the file, titles among them.
    pub all: Vec<Vec<String>>,
}

/// The header and the first rows of a waiting frame; `header_row` is the row of the
/// header where somebody said it.
///
/// # Errors
///
/// Rows that cannot be read, or that no such row is among them.
pub fn beginning(app: &App, row: &FrameRow, header_row: Option<u64>) -> Result<Beginning, Error> {
    let invalid = |problems: Vec<sampling::Problem>| Error::Invalid(as_problems(&problems));
    let rows = || Rows::of(app, row.id).take(PART as u64);
    let asked = Asked { header_row, wanted: &[] };
    let mut list = List::open(rows(), row.mark(), asked).map_err(invalid)?;
    let mut shown = Vec::new();
    let mut record = csv::ByteRecord::new();
    let cells = |record: &csv::ByteRecord| -> Vec<String> {
        (0..record.len()).map(|place| cell(record, place)).collect()
    };
    while shown.len() < SHOWN && list.next_row(&mut record).map_err(invalid)?.is_some() {
        shown.push(cells(&record));
    }
    // Titles first, the rows below after them.
    let mut all: Vec<Vec<String>> = list.titles.iter().map(cells).collect();
    all.extend(shown.iter().cloned());
    all.truncate(SHOWN_ROWS.max(usize::try_from(list.header_row).unwrap_or(SHOWN_ROWS)));
    Ok(Beginning { header_row: list.header_row, header: list.header, rows: shown, all })
}

/// Looks a waiting frame through by what its columns are.
///
/// # Errors
///
/// Everything wrong with it.
pub fn report_on(
    app: &App,
    study: &Study,
    row: &FrameRow,
    roles: &Roles,
    totals: &Totals,
    places: Option<&PlaceList>,
) -> Result<Report, Error> {
    let invalid = |problems: Vec<sampling::Problem>| Error::Invalid(as_problems(&problems));
    let separator = row.mark();
    let twins = match roles.identifying() {
        none if none == contacts::ContactColumns::default() => Contacts::default(),
        columns => find_twins(Rows::of(app, row.id), separator, &columns, &roles.columns.reading)
            .map_err(invalid)?,
    };
    let frame = load(app, row, &roles.columns)?;
    let coverage = coverage(&frame, &totals.of_strata).map_err(invalid)?;
    // Without a day of its own the frame is of the day it was read.
    let day = row.as_of.unwrap_or_else(|| study.today(row.read_at));
    let places = places.map(|places| places.check(&frame, day));
    let notes = as_problems(&frame.notes).into_iter().chain(as_problems(&totals.notes)).collect();
    Ok(Report::of(&frame, &coverage, &twins, places, notes))
}

/// What is doubtful about the name of a place, in words.
pub fn place_doubt(doubt: &PlaceDoubt, language: &str) -> String {
    let say = |key: &str, arguments: &[(&str, &str)]| locale::text(language, key, arguments);
    let name = ("name", doubt.name.as_str());
    match &doubt.what {
        Doubt::Unknown => say("place-unknown", &[name]),
        Doubt::NotYet { from } => say("place-not-yet", &[name, ("from", &locale::date(*from))]),
        Doubt::Ended { to, successors } if successors.is_empty() => {
            say("place-ended", &[name, ("to", &locale::date(*to))])
        }
        Doubt::Ended { to, successors } => {
            let successors = successors.join(", ");
            let to = locale::date(*to);
            say("place-became", &[name, ("to", &to), ("successors", &successors)])
        }
    }
}

/// A waiting frame, read by what its columns are; the one read last is held.
///
/// # Errors
///
/// Everything wrong with it.
pub fn load(app: &App, row: &FrameRow, columns: &Columns) -> Result<Arc<Frame>, Error> {
    if let Some(frame) = app.held_frame(row.id, columns) {
        return Ok(frame);
    }
    let mut frame = Frame::read_separated(Rows::of(app, row.id), row.mark(), columns)
        .map_err(|problems| Error::Invalid(as_problems(&problems)))?;
    frame.hash.clone_from(&row.hash);
    let frame = Arc::new(frame);
    app.hold_frame(row.id, columns, &frame);
    Ok(frame)
}
