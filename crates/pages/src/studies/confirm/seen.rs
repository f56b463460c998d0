//! What is counted of a step before it is done, by the functions that its act
//! works with, and the act itself.

use std::sync::Arc;

use fielding::acts::media::media_named;
use fielding::acts::{deletion, frame, invitations, media, release, study as study_acts};
use fielding::app::App;
use fielding::error::{Clash, Error, Missing};
use fielding::rules::states::{MessageKind, StudyStatus};
use fielding::store::studies::{self, Study};
use fielding::store::{
    Connection, Id, Instant, files, frames, outbox, outcomes, pool, responses, rounds,
};
use survey_builder::questionnaire::version::Version;

use super::step::Step;

/// What was counted of a step, by the functions that its act works with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// What answers are taken with: the questionnaire's version and the cases; whether the
    /// study takes answers already.
    Opening { version: i64, cases: i64, open: bool },
    /// Letters by kind and language, and the number of the reminder.
    Letters { number: i64, letters: Vec<(MessageKind, String, i64)> },
    /// What ends with a study.
    Closure { under_way: i64, queued: i64, pooled: i64 },
    /// Cases of replicates.
    Release { span: (i64, i64), replicates: u32, reserve: u32, cases: i64 },
    /// A frame's rows.
    Frame { id: Id, name: String, rows: i64 },
    /// A file, and whether the questionnaire shows it.
    Media { bytes: i64, shown: bool },
    /// What goes with a study.
    Deletion { interviews: i64, cases: i64 },
}

impl Seen {
    /// Counts: nothing is changed.
    pub fn of(
        app: &App,
        connection: &mut Connection,
        now: Instant,
        study: Id,
        step: &Step,
    ) -> Result<Self, Error> {
        // As it is now, not as it was when the request came.
        let study = &studies::require(connection, study)?;
        match step {
            Step::Open => {
                let version = study_acts::version_to_open(connection, study.id)?.number;
                let round = rounds::current(connection, study.id)?.id;
                let counts = outcomes::counts_of(connection, round)?;
                let cases = counts.iter().map(|(_, _, count)| count).sum();
                Ok(Self::Opening { version, cases, open: study.status == StudyStatus::Open })
            }
            Step::Delete if study.status == StudyStatus::Open => {
                Err(Error::Conflict(Clash::StudyOpen))
            }
            Step::Delete => {
                let round = rounds::current(connection, study.id)?.id;
                let counts = outcomes::counts_of(connection, round)?;
                let cases = counts.iter().map(|(_, _, count)| count).sum();
                let interviews = responses::interview_count(connection, study.id)?;
                Ok(Self::Deletion { interviews, cases })
            }
            Step::Invite => invitations::invitations_due(connection, now, study.id).map(due),
            Step::Remind => invitations::reminders_due(connection, now, study.id).map(due),
            Step::Resend => {
                let letters = invitations::doubtful_due(connection, now, study.id)?;
                Ok(Self::Letters { number: 0, letters })
            }
            Step::Close if study.status != StudyStatus::Open => {
                Err(Error::Conflict(Clash::StudyNotOpen))
            }
            Step::Close => {
                let round = rounds::current(connection, study.id)?.id;
                Ok(Self::Closure {
                    under_way: responses::open_count(connection, study.id)?,
                    queued: outbox::queued_count(connection, study.id)?,
                    pooled: pool::count(connection, round)?,
                })
            }
            Step::Release(upto) => {
                let due = release::release_due(connection, study.id, *upto)?;
                let cases = due.cases(connection)?;
                let (span, replicates, reserve) = (due.span, due.replicates, due.reserve);
                Ok(Self::Release { span, replicates, reserve, cases })
            }
            Step::RemoveFrame => {
                let row = frames::waiting(connection, study.id)?
                    .ok_or(Error::NotFound(Missing::Frame))?;
                Ok(Self::Frame { id: row.id, name: row.name, rows: row.units })
            }
            Step::RemoveMedia(name) => {
                let known = files::media_of(connection, study.id)?;
                let found = known.into_iter().find(|(known, _, _)| known == name);
                let (_, _, bytes) = found.ok_or(Error::NotFound(Missing::File))?;
                media::may_be_removed(study)?;
                let version = version_of(app, connection, study)?;
                let shown = media_named(&version.document).contains(name.as_str());
                Ok(Self::Media { bytes, shown })
            }
        }
    }

    /// How many it is about.
    pub fn number(&self) -> i64 {
        match self {
            Self::Opening { cases, .. } | Self::Release { cases, .. } => *cases,
            Self::Deletion { interviews, .. } => *interviews,
            Self::Letters { letters, .. } => letters.iter().map(|(_, _, count)| count).sum(),
            Self::Closure { under_way, .. } => *under_way,
            Self::Frame { rows, .. } => *rows,
            Self::Media { .. } => 1,
        }
    }

    /// What was counted, as it travels with the form.
    pub fn stamp(&self) -> String {
        match self {
            Self::Opening { version, cases, open } => format!("{version}.{cases}.{open}"),
            Self::Letters { number, letters } => {
                let parts = letters
                    .iter()
                    .map(|(kind, language, count)| format!("{kind}-{language}-{count}"));
                [number.to_string()].into_iter().chain(parts).collect::<Vec<_>>().join(".")
            }
            Self::Closure { under_way, queued, pooled } => format!("{under_way}.{queued}.{pooled}"),
            Self::Release { span, cases, .. } => format!("{}.{}.{cases}", span.0, span.1),
            Self::Frame { id, rows, .. } => format!("{id}.{rows}"),
            Self::Media { bytes, shown } => format!("{bytes}.{shown}"),
            Self::Deletion { interviews, cases } => format!("{interviews}.{cases}"),
        }
    }

    /// Whether what somebody saw counted, by its stamp, covers this. People answer and
    /// letters go out while a page is read: to fewer than were shown it may be done.
    /// Of interviews that end with their study, one in ten more may have begun.
    pub fn is_covered_by(&self, stamp: &str) -> bool {
        if self.stamp() == stamp {
            return true;
        }
        let seen: Vec<&str> = stamp.split('.').collect();
        match self {
            Self::Letters { number, letters } => {
                seen.first().is_some_and(|seen| *seen == number.to_string())
                    && letters.iter().all(|(kind, language, count)| {
                        let same = |part: &&str| {
                            let (of, counted) = part.rsplit_once('-')?;
                            let counted: i64 = counted.parse().ok()?;
                            (of == format!("{kind}-{language}")).then_some(counted)
                        };
                        seen.iter().find_map(same).is_some_and(|counted| *count <= counted)
                    })
            }
            Self::Closure { under_way, queued, .. } => {
                let seen: Vec<i64> = seen.iter().filter_map(|part| part.parse().ok()).collect();
                matches!(*seen, [then, waiting, _]
                    if *under_way <= then + then / 10 && *queued <= waiting)
            }
            Self::Opening { .. }
            | Self::Release { .. }
            | Self::Frame { .. }
            | Self::Media { .. }
            | Self::Deletion { .. } => false,
        }
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Opening { open, .. } => *open,
            Self::Letters { .. } | Self::Release { .. } => self.number() == 0,
            Self::Closure { .. }
            | Self::Frame { .. }
            | Self::Media { .. }
            | Self::Deletion { .. } => false,
        }
    }
}

/// Letters by language.
fn due(due: invitations::Due) -> Seen {
    let (kind, number) = due.message;
    let languages = due.languages.into_iter();
    let letters = languages.map(|(language, count)| (kind, language, count)).collect();
    Seen::Letters { number, letters }
}

/// The questionnaire of a study.
pub fn version_of(
    app: &App,
    connection: &mut Connection,
    study: &Study,
) -> Result<Arc<Version>, Error> {
    let version = studies::current_version(connection, study.id)?
        .ok_or(Error::NotFound(Missing::Questionnaire))?;
    app.version(connection, version)
}

/// What is left to do of a step, in portions.
#[derive(Clone, Copy, Debug)]
pub enum Rest {
    /// Nothing.
    Nothing,
    /// Messages are queued.
    Queue(invitations::Queueing),
    /// What is under way in a study is ended.
    Close(study_acts::Closing),
    /// Cases of released replicates are opened.
    Open(release::Releasing),
    /// What belongs to a study is deleted.
    Delete,
}

/// Does what the page said, or begins with it.
pub fn act(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    study: Id,
    (step, seen): (&Step, &Seen),
) -> Result<Rest, Error> {
    let done = match (step, seen) {
        (Step::Open, _) => study_acts::open_study(connection, now, user, study),
        (Step::Invite, _) => {
            return invitations::invite(connection, now, study).map(Rest::Queue);
        }
        (Step::Remind, _) => {
            return invitations::remind(connection, now, study).map(Rest::Queue);
        }
        (Step::Close, _) => {
            let closing = study_acts::close_study(connection, now, user, study)?;
            return Ok(closing.map_or(Rest::Nothing, Rest::Close));
        }
        (Step::Delete, _) => {
            return deletion::begin_deletion(connection, now, user, study).map(|()| Rest::Delete);
        }
        (Step::Resend, _) => {
            invitations::send_doubtful_again(connection, now, user, study).map(drop)
        }
        (Step::Release(upto), _) => {
            return release::release(connection, now, user, study, *upto).map(Rest::Open);
        }
        (Step::RemoveFrame, Seen::Frame { id, .. }) => {
            frame::discard(connection, now, user, study, *id)
        }
        (Step::RemoveFrame, _) => Err(Error::NotFound(Missing::Frame)),
        (Step::RemoveMedia(name), _) => media::remove_media(connection, now, user, study, name),
    };
    done.map(|()| Rest::Nothing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_covers_fewer_and_not_more() {
        let letters = |number, vi, en| Seen::Letters {
            number,
            letters: vec![
                (MessageKind::Reminder, "vi".to_owned(), vi),
                (MessageKind::Reminder, "en".to_owned(), en),
            ],
        };
        let seen = letters(1, 20, 5).stamp();
        assert!(letters(1, 20, 5).is_covered_by(&seen) && letters(1, 18, 5).is_covered_by(&seen));
        assert!(!letters(1, 21, 5).is_covered_by(&seen), "one more");
        assert!(!letters(2, 20, 5).is_covered_by(&seen), "another reminder");
        let other = vec![(MessageKind::Reminder, "fr".to_owned(), 1)];
        assert!(!Seen::Letters { number: 1, letters: other }.is_covered_by(&seen));
        let closure = |under_way, queued| Seen::Closure { under_way, queued, pooled: 3 };
        let seen = closure(30, 100).stamp();
        assert!(closure(33, 90).is_covered_by(&seen) && closure(0, 0).is_covered_by(&seen));
        assert!(!closure(34, 90).is_covered_by(&seen), "more than one in ten");
        assert!(!closure(30, 101).is_covered_by(&seen), "a mailing since");
        for blind in ["", "30", "a.b.c", "30.100"] {
            assert!(!closure(30, 100).is_covered_by(blind), "{blind}");
        }
    }
}
