//! Studies, their questionnaires and published versions.

use chrono::NaiveDate;
use diesel::prelude::*;
use survey_builder::questionnaire::document::{Document, Text};

use super::schema::{questionnaires, studies, versions};
use super::{Connection, Id, Instant, Json, Zone};
use crate::error::{Error, Missing, Problem};
use crate::rules::appearance::Appearance;
use crate::rules::margins::MarginShare;
use crate::rules::statement::Statement;
use crate::rules::states::{Example, Privacy, StudyStatus};

/// One study.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = studies)]
pub struct Study {
    /// Identity.
    pub id: Id,
    /// The unit it belongs to.
    pub unit_id: Id,
    /// Short name for the team.
    pub name: String,
    /// Title for respondents, by language.
    pub title: Json<Text>,
    /// How far it protects who answered.
    pub privacy: Privacy,
    /// Where it stands.
    pub status: StudyStatus,
    /// Who runs it, as respondents read.
    pub organisation: String,
    /// Where respondents can ask.
    pub phone: String,
    /// The last day on which answers are accepted.
    pub closes_on: Option<NaiveDate>,
    /// In a confidential study, the day on which the way from cases to
    /// responses is destroyed.
    pub link_ends_on: Option<NaiveDate>,
    /// From which share of the applicable questions a broken-off interview is
    /// a partial one.
    pub partial_threshold: f64,
    /// Margins to rake to.
    pub margins: Json<Vec<MarginShare>>,
    /// When it was made.
    pub created_at: Instant,
    /// Where its days begin and end.
    pub time_zone: Zone,
    /// Days that must lie between two messages to one person.
    pub gap_days: i64,
    /// Why it is called anonymous although it asks who people are; empty where it
    /// does not.
    pub privacy_reason: String,
    /// What only people know of how it was made.
    pub statement: Json<Statement>,
    /// Since when it is out of the way.
    pub archived_at: Option<Instant>,
    /// Since when it is being deleted; then nobody finds it.
    pub deleted_at: Option<Instant>,
    /// Whether a version is published only when the experts say that it is good.
    pub review_required: bool,
    /// Whether it is the example study.
    pub example: Example,
    /// How whoever asks appears to respondents.
    pub appearance: Json<Appearance>,
}

impl Study {
    /// Whether a response must never be matched with its case.
    pub fn is_anonymous(&self) -> bool {
        self.privacy == Privacy::Anonymous
    }

    /// Whether answers are accepted on that day.
    pub fn accepts_answers(&self, today: NaiveDate) -> bool {
        self.status == StudyStatus::Open && self.closes_on.is_none_or(|last| today <= last)
    }

    /// What day it is where the study is; a day ends at local midnight.
    pub fn today(&self, now: Instant) -> NaiveDate {
        now.day_in(self.time_zone)
    }

    /// A moment as this study keeps it: to the day when it is anonymous.
    pub fn keeps(&self, moment: Instant) -> Instant {
        if self.is_anonymous() { moment.to_day_in(self.time_zone) } else { moment }
    }
}

/// A published version as stored.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = versions)]
pub struct VersionRow {
    /// Identity.
    pub id: Id,
    /// The questionnaire.
    pub questionnaire_id: Id,
    /// 1, 2, …
    pub number: i64,
    /// Content hash.
    pub hash: String,
    /// The document.
    pub document: Json<Document>,
    /// When it was published.
    pub published_at: Instant,
    /// The last edit of the draft that it holds, where that is known.
    pub draft_number: Option<i64>,
}

/// Adds a study.
pub fn insert(connection: &mut Connection, study: &Study) -> Result<(), Error> {
    diesel::insert_into(studies::table).values(study.clone()).execute(connection)?;
    Ok(())
}

/// One study; none that is being deleted.
pub fn find(connection: &mut Connection, id: Id) -> Result<Option<Study>, Error> {
    let left = studies::table.find(id).filter(studies::deleted_at.is_null());
    Ok(left.first(connection).optional()?)
}

/// One study that has to be there.
///
/// # Errors
///
/// There is none, or it is being deleted.
pub fn require(connection: &mut Connection, id: Id) -> Result<Study, Error> {
    find(connection, id)?.ok_or(Error::NotFound(Missing::Study))
}

/// The studies of some units, newest first, after the given one: those in use, or
/// those that are out of the way.
pub fn of_units(
    connection: &mut Connection,
    units: &[Id],
    archived: bool,
    before: Option<Id>,
    limit: i64,
) -> Result<Vec<Study>, Error> {
    let mut query = studies::table
        .filter(studies::unit_id.eq_any(units.to_vec()))
        .filter(studies::deleted_at.is_null())
        .filter(studies::archived_at.is_not_null().eq(archived))
        .order(studies::id.desc())
        .limit(limit)
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(studies::id.lt(before));
    }
    Ok(query.load(connection)?)
}

/// The studies of some units that are not closed, newest first.
pub fn unfinished(
    connection: &mut Connection,
    units: &[Id],
    limit: i64,
) -> Result<Vec<Study>, Error> {
    Ok(studies::table
        .filter(studies::unit_id.eq_any(units.to_vec()))
        .filter(studies::status.ne(StudyStatus::Closed))
        .filter(studies::archived_at.is_null())
        .filter(studies::deleted_at.is_null())
        .order(studies::id.desc())
        .limit(limit)
        .load(connection)?)
}

/// The example study of a unit, in the way or out of it.
pub fn example_of(connection: &mut Connection, unit: Id) -> Result<Option<Study>, Error> {
    Ok(studies::table
        .filter(studies::unit_id.eq(unit))
        .filter(studies::example.ne(Example::No))
        .filter(studies::deleted_at.is_null())
        .first(connection)
        .optional()?)
}

/// Example studies that are to be filled.
pub fn examples_to_fill(connection: &mut Connection) -> Result<Vec<Id>, Error> {
    Ok(studies::table
        .filter(studies::example.eq(Example::Filling))
        .filter(studies::archived_at.is_null())
        .filter(studies::deleted_at.is_null())
        .select(studies::id)
        .load(connection)?)
}

/// Says how far the example study is.
pub fn set_example(connection: &mut Connection, id: Id, example: Example) -> Result<(), Error> {
    let change = studies::example.eq(example);
    diesel::update(studies::table.find(id)).set(change).execute(connection)?;
    Ok(())
}

/// How many studies of some units are out of the way.
pub fn archived_count(connection: &mut Connection, units: &[Id]) -> Result<i64, Error> {
    Ok(studies::table
        .filter(studies::unit_id.eq_any(units.to_vec()))
        .filter(studies::deleted_at.is_null())
        .filter(studies::archived_at.is_not_null())
        .count()
        .get_result(connection)?)
}

/// Puts a study out of the way, or brings it back.
pub fn set_archived(
    connection: &mut Connection,
    id: Id,
    since: Option<Instant>,
) -> Result<(), Error> {
    let change = studies::archived_at.eq(since);
    diesel::update(studies::table.find(id)).set(change).execute(connection)?;
    Ok(())
}

/// Opens or closes a study.
pub fn set_status(connection: &mut Connection, id: Id, status: StudyStatus) -> Result<(), Error> {
    diesel::update(studies::table.find(id)).set(studies::status.eq(status)).execute(connection)?;
    Ok(())
}

/// Changes what is set for a study.
pub fn set_settings(connection: &mut Connection, study: &Study) -> Result<(), Error> {
    diesel::update(studies::table.find(study.id))
        .set((
            studies::name.eq(&study.name),
            studies::organisation.eq(&study.organisation),
            studies::phone.eq(&study.phone),
            studies::closes_on.eq(study.closes_on),
            studies::gap_days.eq(study.gap_days),
            studies::statement.eq(study.statement.clone()),
            studies::review_required.eq(study.review_required),
        ))
        .execute(connection)?;
    Ok(())
}

/// Sets how whoever asks appears to respondents.
pub fn set_appearance(
    connection: &mut Connection,
    id: Id,
    appearance: &Appearance,
) -> Result<(), Error> {
    let change = studies::appearance.eq(Json::new(appearance.clone()));
    diesel::update(studies::table.find(id)).set(change).execute(connection)?;
    Ok(())
}

/// Sets the margins to rake to.
pub fn set_margins(
    connection: &mut Connection,
    id: Id,
    margins: Vec<MarginShare>,
) -> Result<(), Error> {
    diesel::update(studies::table.find(id))
        .set(studies::margins.eq(Json::new(margins)))
        .execute(connection)?;
    Ok(())
}

/// Keeps a questionnaire's draft, making the questionnaire when new.
pub fn save_draft(
    connection: &mut Connection,
    study: Id,
    draft: &Json<Document>,
    now: Instant,
) -> Result<Id, Error> {
    let changed = diesel::update(questionnaires::table.filter(questionnaires::study_id.eq(study)))
        .set((questionnaires::draft.eq(draft), questionnaires::updated_at.eq(now)))
        .execute(connection)?;
    if changed == 0 {
        let id = Id::rising();
        diesel::insert_into(questionnaires::table)
            .values((
                questionnaires::id.eq(id),
                questionnaires::study_id.eq(study),
                questionnaires::draft.eq(draft),
                questionnaires::updated_at.eq(now),
            ))
            .execute(connection)?;
        return Ok(id);
    }
    Ok(questionnaires::table
        .filter(questionnaires::study_id.eq(study))
        .select(questionnaires::id)
        .first(connection)?)
}

/// Keeps what reading the questionnaire's file told.
pub fn keep_import_notes(
    connection: &mut Connection,
    questionnaire: Id,
    notes: Vec<Problem>,
) -> Result<(), Error> {
    diesel::update(questionnaires::table.find(questionnaire))
        .set(questionnaires::import_notes.eq(Json::new(notes)))
        .execute(connection)?;
    Ok(())
}

/// What reading the file of a study's questionnaire told.
pub fn import_notes(connection: &mut Connection, study: Id) -> Result<Vec<Problem>, Error> {
    let notes: Option<Json<Vec<Problem>>> = questionnaires::table
        .filter(questionnaires::study_id.eq(study))
        .select(questionnaires::import_notes)
        .first(connection)
        .optional()?;
    Ok(notes.map(Json::into_inner).unwrap_or_default())
}

/// The document of a study's current version: what is asked now, whatever its draft
/// says.
///
/// # Errors
///
/// A study of which nothing is published yet.
pub fn published(connection: &mut Connection, study: Id) -> Result<Json<Document>, Error> {
    let document = versions::table
        .inner_join(
            questionnaires::table.on(questionnaires::version_id.eq(versions::id.nullable())),
        )
        .filter(questionnaires::study_id.eq(study))
        .select(versions::document)
        .first(connection)
        .optional()?;
    document.ok_or(Error::NotFound(Missing::Questionnaire))
}

/// Keeps why a study is called anonymous although it asks who people are.
pub fn set_privacy_reason(connection: &mut Connection, id: Id, reason: &str) -> Result<(), Error> {
    diesel::update(studies::table.find(id))
        .set(studies::privacy_reason.eq(reason))
        .execute(connection)?;
    Ok(())
}

/// Keeps the title that respondents read.
pub fn set_title(connection: &mut Connection, id: Id, title: &Text) -> Result<(), Error> {
    diesel::update(studies::table.find(id))
        .set(studies::title.eq(Json::new(title.clone())))
        .execute(connection)?;
    Ok(())
}

/// Keeps a published version and makes it the current one. Publishing the same
/// content again gives the version that is already there.
pub fn insert_version(
    connection: &mut Connection,
    questionnaire: Id,
    (hash, document): (&str, &Json<Document>),
    draft_number: i64,
    now: Instant,
) -> Result<VersionRow, Error> {
    let latest: Option<VersionRow> = versions::table
        .filter(versions::questionnaire_id.eq(questionnaire))
        .order(versions::number.desc())
        .first(connection)
        .optional()?;
    if let Some(same) = latest.as_ref().filter(|latest| latest.hash == hash) {
        return Ok(same.clone());
    }
    let version = VersionRow {
        id: Id::rising(),
        questionnaire_id: questionnaire,
        number: latest.map_or(1, |latest| latest.number + 1),
        hash: hash.to_owned(),
        document: document.clone(),
        published_at: now,
        draft_number: Some(draft_number),
    };
    diesel::insert_into(versions::table).values(version.clone()).execute(connection)?;
    diesel::update(questionnaires::table.find(questionnaire))
        .set(questionnaires::version_id.eq(version.id))
        .execute(connection)?;
    Ok(version)
}

/// What a list says of a published version.
#[derive(Clone, Debug, Queryable)]
pub struct ListedVersion {
    /// Identity.
    pub id: Id,
    /// 1, 2, …
    pub number: i64,
    /// When it was published.
    pub published_at: Instant,
    /// The last edit of the draft that it holds, where that is known.
    pub draft_number: Option<i64>,
}

/// The published versions of a questionnaire, the newest first, without what they ask.
pub fn versions_of(
    connection: &mut Connection,
    questionnaire: Id,
) -> Result<Vec<ListedVersion>, Error> {
    Ok(versions::table
        .filter(versions::questionnaire_id.eq(questionnaire))
        .order(versions::number.desc())
        .select((versions::id, versions::number, versions::published_at, versions::draft_number))
        .load(connection)?)
}

/// The identity of a study's current version, if one is published.
pub fn current_version(connection: &mut Connection, study: Id) -> Result<Option<Id>, Error> {
    Ok(questionnaires::table
        .filter(questionnaires::study_id.eq(study))
        .select(questionnaires::version_id)
        .first::<Option<Id>>(connection)
        .optional()?
        .flatten())
}

/// One version.
pub fn version(connection: &mut Connection, id: Id) -> Result<Option<VersionRow>, Error> {
    Ok(versions::table.find(id).first(connection).optional()?)
}

/// Number and hash of each version of a study's questionnaire, oldest first.
pub fn version_numbers(
    connection: &mut Connection,
    study: Id,
) -> Result<Vec<(i64, String)>, Error> {
    Ok(versions::table
        .inner_join(questionnaires::table)
        .filter(questionnaires::study_id.eq(study))
        .order(versions::number.asc())
        .select((versions::number, versions::hash))
        .load(connection)?)
}

/// Every version of a study's questionnaire by its identity, oldest first.
pub fn version_ids(connection: &mut Connection, study: Id) -> Result<Vec<Id>, Error> {
    Ok(versions::table
        .inner_join(questionnaires::table)
        .filter(questionnaires::study_id.eq(study))
        .order(versions::number.asc())
        .select(versions::id)
        .load(connection)?)
}
