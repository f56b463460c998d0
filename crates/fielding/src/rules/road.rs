//! The road of a study: where each of its stages stands, and the one next step.

use chrono::NaiveDate;

use super::states::{Prepared, StudyStatus};
use super::words::words;

words! {
    /// A part of the work on a study, in the order of the work.
    pub enum Stage {
        /// What is asked.
        Design = "design",
        /// Who is asked.
        Sample = "sample",
        /// Asking.
        Field = "field",
        /// What was answered.
        Results = "results",
        /// What is told of it.
        Report = "report",
    }
}

words! {
    /// How far a stage has come.
    pub enum Mark {
        /// Nothing is left to do.
        Done = "done",
        /// It is being worked on.
        Now = "now",
        /// Something keeps it from going on.
        Blocked = "blocked",
        /// Its time has not come.
        Later = "later",
    }
}

words! {
    /// What is to be done next.
    pub enum Step {
        /// Write the questionnaire and publish it.
        Write = "write",
        /// Send the pictures, sounds and films that the questionnaire shows.
        SendMedia = "send-media",
        /// Send the list of people.
        SendList = "send-list",
        /// Say what the columns of the list are.
        NameColumns = "name-columns",
        /// Say how many are drawn and how.
        Plan = "plan",
        /// Draw the sample.
        Draw = "draw",
        /// Begin to take answers.
        Open = "open",
        /// Write to everybody.
        Invite = "invite",
        /// Decide about letters that may have gone out.
        Resend = "resend",
        /// Write again to who has not answered.
        Remind = "remind",
        /// Take no more answers.
        Close = "close",
        /// Read what was found.
        Read = "read",
    }
}

/// How far the sample of a study has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sampling {
    /// There is no list of people.
    #[default]
    NoList,
    /// A list was read.
    Listed,
    /// It is said what its columns are.
    ColumnsNamed,
    /// It is said how many are drawn and how.
    Planned,
    /// It was drawn.
    Drawn,
}

/// What the road of a study is told by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whether no version of the questionnaire is published.
    pub unpublished: bool,
    /// Files that the questionnaire shows and that are not there.
    pub missing_media: usize,
    /// How far the sample has come.
    pub sample: Sampling,
    /// What is being prepared just now.
    pub preparing: Vec<Prepared>,
    /// Cases of the round.
    pub cases: i64,
    /// Cases that have neither answered nor ended otherwise.
    pub unanswered: i64,
    /// Interviews that count.
    pub interviews: i64,
    /// The day of the last message, where anybody was written to.
    pub written_on: Option<NaiveDate>,
    /// Messages that may have gone out.
    pub doubtful: i64,
}

/// Where a study stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Road {
    /// Each stage, in order.
    pub stages: Vec<(Stage, Mark)>,
    /// What is to be done next; nothing while the field only has to be waited for.
    pub next: Option<Step>,
}

/// What is known of a study whatever it has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Whether it takes answers.
    pub status: StudyStatus,
    /// The last day for answers.
    pub closes_on: Option<NaiveDate>,
    /// Days that must lie between two messages to one person.
    pub gap_days: i64,
    /// Today, where the study is.
    pub today: NaiveDate,
}

impl Road {
    /// The road of a study by what is known of it.
    pub fn of(frame: Frame, facts: &Facts) -> Self {
        let next = Self::next(frame, facts);
        let (open, closed) =
            (frame.status == StudyStatus::Open, frame.status == StudyStatus::Closed);
        let design = match () {
            () if facts.missing_media > 0 && !closed => Mark::Blocked,
            () if facts.unpublished => Mark::Now,
            () if facts.sample == Sampling::Drawn || open || closed => Mark::Done,
            () => Mark::Now,
        };
        let sample = match facts.sample {
            Sampling::Drawn => Mark::Done,
            Sampling::NoList => Mark::Later,
            _ => Mark::Now,
        };
        let field = match () {
            () if closed => Mark::Done,
            () if facts.doubtful > 0 => Mark::Blocked,
            () if open => Mark::Now,
            () => Mark::Later,
        };
        let results = match () {
            () if facts.interviews == 0 => Mark::Later,
            () if closed => Mark::Done,
            () => Mark::Now,
        };
        let report = match () {
            () if facts.interviews == 0 => Mark::Later,
            () if closed => Mark::Now,
            () => Mark::Later,
        };
        let stages = Stage::ALL.iter().copied().zip([design, sample, field, results, report]);
        Self { stages: stages.collect(), next }
    }

    /// The one thing to do next.
    fn next(frame: Frame, facts: &Facts) -> Option<Step> {
        if !facts.preparing.is_empty() {
            return None;
        }
        match frame.status {
            StudyStatus::Draft if facts.unpublished => Some(Step::Write),
            StudyStatus::Draft if facts.missing_media > 0 => Some(Step::SendMedia),
            StudyStatus::Draft => Some(match facts.sample {
                Sampling::NoList => Step::SendList,
                Sampling::Listed => Step::NameColumns,
                Sampling::ColumnsNamed => Step::Plan,
                Sampling::Planned => Step::Draw,
                Sampling::Drawn => Step::Open,
            }),
            StudyStatus::Open if frame.closes_on.is_some_and(|last| last < frame.today) => {
                Some(Step::Close)
            }
            StudyStatus::Open if facts.doubtful > 0 => Some(Step::Resend),
            StudyStatus::Open => match facts.written_on {
                None => (facts.cases > 0).then_some(Step::Invite),
                Some(_) if facts.unanswered == 0 => Some(Step::Close),
                Some(day) => {
                    ((frame.today - day).num_days() >= frame.gap_days).then_some(Step::Remind)
                }
            },
            StudyStatus::Closed => (facts.interviews > 0).then_some(Step::Read),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Mark::{Blocked, Done, Later, Now};
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 12, day).expect("a day")
    }

    fn at(status: StudyStatus, today: u32) -> Frame {
        Frame { status, closes_on: Some(day(20)), gap_days: 2, today: day(today) }
    }

    #[test]
    fn each_step_follows_the_one_before() {
        let mut facts = Facts::default();
        let draft = at(StudyStatus::Draft, 1);
        let next = |frame, facts: &Facts| Road::of(frame, facts).next;
        facts.missing_media = 1;
        let unwritten = Facts { unpublished: true, ..facts.clone() };
        assert_eq!(next(draft, &unwritten), Some(Step::Write));
        assert_eq!(next(draft, &facts), Some(Step::SendMedia));
        facts.missing_media = 0;
        assert_eq!(next(draft, &facts), Some(Step::SendList));
        facts.sample = Sampling::Listed;
        assert_eq!(next(draft, &facts), Some(Step::NameColumns));
        facts.sample = Sampling::ColumnsNamed;
        assert_eq!(next(draft, &facts), Some(Step::Plan));
        facts.sample = Sampling::Planned;
        assert_eq!(next(draft, &facts), Some(Step::Draw));
        facts.preparing = vec![Prepared::Sample];
        assert_eq!(next(draft, &facts), None, "it is being drawn");
        facts = Facts { sample: Sampling::Drawn, cases: 40, unanswered: 40, ..Facts::default() };
        assert_eq!(next(draft, &facts), Some(Step::Open));
        let open = |today| at(StudyStatus::Open, today);
        assert_eq!(next(open(2), &facts), Some(Step::Invite));
        facts.written_on = Some(day(2));
        assert_eq!(next(open(3), &facts), None, "the gap between two messages");
        assert_eq!(next(open(4), &facts), Some(Step::Remind));
        facts.doubtful = 3;
        assert_eq!(next(open(4), &facts), Some(Step::Resend));
        assert_eq!(next(open(21), &facts), Some(Step::Close), "its last day is over");
        facts = Facts { doubtful: 0, unanswered: 0, interviews: 30, ..facts };
        assert_eq!(next(open(4), &facts), Some(Step::Close), "everybody has answered");
        assert_eq!(next(at(StudyStatus::Closed, 4), &facts), Some(Step::Read));
    }

    #[test]
    fn stages_are_done_now_blocked_or_later() {
        let marks = |frame, facts: &Facts| {
            let road = Road::of(frame, facts);
            road.stages.into_iter().map(|(_, mark)| mark).collect::<Vec<_>>()
        };
        let draft = at(StudyStatus::Draft, 1);
        assert_eq!(marks(draft, &Facts::default()), [Now, Later, Later, Later, Later]);
        let missing = Facts { missing_media: 1, sample: Sampling::Listed, ..Facts::default() };
        assert_eq!(marks(draft, &missing), [Blocked, Now, Later, Later, Later]);
        let drawn = Facts { sample: Sampling::Drawn, cases: 9, unanswered: 9, ..Facts::default() };
        assert_eq!(marks(draft, &drawn), [Done, Done, Later, Later, Later]);
        let some = Facts { interviews: 5, ..drawn };
        assert_eq!(marks(at(StudyStatus::Open, 2), &some), [Done, Done, Now, Now, Later]);
        let doubtful = Facts { doubtful: 1, ..some.clone() };
        assert_eq!(marks(at(StudyStatus::Open, 2), &doubtful), [Done, Done, Blocked, Now, Later]);
        assert_eq!(marks(at(StudyStatus::Closed, 2), &some), [Done, Done, Done, Done, Now]);
    }
}
