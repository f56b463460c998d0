//! What is set for a study, and changed while it goes on.

use chrono::NaiveDate;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Problem};
use crate::rules::statement::Statement;
use crate::rules::states::{AuditAction, StudyStatus};
use crate::store::studies::{self, Study};
use crate::store::{Connection, Id, Instant, Json, audit};

/// The most days that may be set between two messages to one person.
pub const LONGEST_GAP: i64 = 90;

/// What may be changed of a study.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Settings {
    /// Short name for the team.
    pub name: String,
    /// Who runs it, as respondents read.
    pub organisation: String,
    /// Where respondents can ask.
    pub phone: String,
    /// The last day for answers.
    pub closes_on: Option<NaiveDate>,
    /// Days that must lie between two messages to one person.
    pub gap_days: i64,
    /// Whether a version is published only when the experts say that it is good.
    pub review_required: bool,
    /// What only people know of how it was made.
    pub statement: Statement,
}

impl Settings {
    /// As they are.
    pub fn of(study: &Study) -> Self {
        Self {
            name: study.name.clone(),
            organisation: study.organisation.clone(),
            phone: study.phone.clone(),
            closes_on: study.closes_on,
            gap_days: study.gap_days,
            review_required: study.review_required,
            statement: study.statement.clone().into_inner(),
        }
    }

    /// What they are, in short: so that nobody changes what somebody else has changed
    /// since it was seen.
    pub fn stamp(&self) -> String {
        let whole = serde_json::to_vec(self).unwrap_or_default();
        let hash = Sha256::digest(&whole);
        let (first, _) = hash.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
        format!("{:016x}", u64::from_be_bytes(*first))
    }

    fn problems(&self, before: &Study, today: NaiveDate) -> Vec<Problem> {
        let texts =
            [("name", &self.name), ("organisation", &self.organisation), ("phone", &self.phone)];
        let empty = texts.iter().filter(|(_, text)| text.trim().is_empty());
        let mut problems: Vec<Problem> =
            empty.map(|(name, _)| Problem::new("required", *name)).collect();
        if !(0..=LONGEST_GAP).contains(&self.gap_days) {
            problems.push(Problem::new("gap-range", "gap_days").with("most", LONGEST_GAP));
        }
        if self.closes_on != before.closes_on {
            if before.status == StudyStatus::Closed {
                problems.push(Problem::new("closed-has-its-day", "closes_on"));
            } else if self.closes_on.is_some_and(|day| day < today) {
                problems.push(Problem::new("day-is-past", "closes_on"));
            }
        }
        problems
    }

    /// What is different, as the record says it.
    fn differences(&self, before: &Self) -> String {
        let day = |day: Option<NaiveDate>| day.map_or_else(|| "–".to_owned(), locale::date);
        let ticked = |ticked: bool| if ticked { "☑" } else { "☐" }.to_owned();
        let pairs = [
            (before.name.clone(), self.name.clone()),
            (before.organisation.clone(), self.organisation.clone()),
            (before.phone.clone(), self.phone.clone()),
            (day(before.closes_on), day(self.closes_on)),
            (before.gap_days.to_string(), self.gap_days.to_string()),
            (ticked(before.review_required), ticked(self.review_required)),
            (before.statement.sponsor.clone(), self.statement.sponsor.clone()),
            (before.statement.population.clone(), self.statement.population.clone()),
            (before.statement.incentives.clone(), self.statement.incentives.clone()),
            (before.statement.quality.clone(), self.statement.quality.clone()),
        ];
        let shown = |text: String| if text.is_empty() { "–".to_owned() } else { text };
        let changed = pairs.into_iter().filter(|(was, is)| was != is);
        let told = changed.map(|(was, is)| format!("{} → {}", shown(was), shown(is)));
        told.collect::<Vec<_>>().join("; ")
    }
}

/// Changes what is set for a study. Nothing is written where nothing is different.
/// `seen` is the stamp of what was there when the change was thought of.
///
/// # Errors
///
/// Empty names, a gap outside 0 to [`LONGEST_GAP`] days, a last day that is past, or
/// another last day for a study that is closed: all at once, each at its field. Settings
/// that are others than those that were seen.
pub fn change_settings(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    study: Id,
    (seen, settings): (&str, &Settings),
) -> Result<(), Error> {
    let row = studies::require(connection, study)?;
    let before = Settings::of(&row);
    if *settings == before {
        return Ok(());
    }
    if seen != before.stamp() {
        return Err(Error::invalid("settings-changed-since", ""));
    }
    let problems = settings.problems(&row, row.today(now));
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let changed = Study {
        name: settings.name.clone(),
        organisation: settings.organisation.clone(),
        phone: settings.phone.clone(),
        closes_on: settings.closes_on,
        gap_days: settings.gap_days,
        review_required: settings.review_required,
        statement: Json::new(settings.statement.clone()),
        ..row
    };
    studies::set_settings(connection, &changed)?;
    let told = settings.differences(&before);
    audit::record(connection, now, user, AuditAction::SettingsChanged, &study.to_string(), &told)
}
