//! The bar beside every page of those who work here: where one is, the study and its
//! stages, and the next step.

use fielding::acts::media::missing_media;
use fielding::app::App;
use fielding::error::Error;
use fielding::rules::access::Action;
use fielding::rules::disposition::Disposition;
use fielding::rules::rates::counts_of;
use fielding::rules::road::{Facts, Frame, Mark, Road, Sampling, Stage, Step};
use fielding::rules::states::{Example, StudyStatus};
use fielding::store::studies::{self, Study};
use fielding::store::{
    Connection, Instant, frames, outbox, outcomes, preparations, responses, rounds, samples,
};
use serde::Serialize;

use crate::session::SignedIn;

/// A page of the bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// None of it.
    Elsewhere,
    /// What waits.
    Home,
    /// The list of studies.
    Studies,
    /// Blocks of questions.
    Library,
    /// Search.
    Search,
    /// Units and people.
    Administration,
    /// One's own account.
    Account,
    /// A study as a whole.
    Overview,
    /// A stage of a study.
    Stage(Stage),
    /// What was done with a study.
    Record,
    /// What is set for a study.
    Settings,
}

impl Place {
    fn word(self) -> &'static str {
        match self {
            Self::Elsewhere => "",
            Self::Home => "home",
            Self::Studies => "studies",
            Self::Library => "library",
            Self::Search => "search",
            Self::Administration => "administration",
            Self::Account => "account",
            Self::Overview => "overview",
            Self::Stage(stage) => stage.word(),
            Self::Record => "record",
            Self::Settings => "settings",
        }
    }
}

/// The bar.
#[derive(Clone, Debug, Serialize)]
pub struct Bar {
    /// Where one is.
    place: &'static str,
    /// The study that the page is about.
    study: Option<StudyBar>,
}

/// A study in the bar and at the head of its pages.
#[derive(Clone, Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "what a template asks is yes or no")]
pub struct StudyBar {
    address: String,
    name: String,
    status: &'static str,
    /// Whether its people are invented.
    is_example: bool,
    /// Whether nothing is published yet that could be opened.
    unpublished: bool,
    /// Days until the last one, while answers are taken.
    days_left: Option<i64>,
    interviews: i64,
    cases: i64,
    /// Whether who reads may change what is set.
    may_design: bool,
    stages: Vec<StageLine>,
    next: Option<NextStep>,
    /// Whether there is nothing to do for anybody but to wait for answers.
    waits: bool,
}

#[derive(Clone, Debug, Serialize)]
struct StageLine {
    stage: &'static str,
    mark: &'static str,
    address: String,
}

/// The next step of a study, where whoever reads may do it.
#[derive(Clone, Debug, Serialize)]
pub struct NextStep {
    /// Its word.
    pub step: &'static str,
    /// The page on which it is done.
    pub address: String,
}

/// A study, and where it stands.
pub struct Standing {
    /// What is known of it.
    pub facts: Facts,
    /// The road by that.
    pub road: Road,
    /// Cases by stratum and disposition.
    pub outcome_counts: Vec<(String, Disposition, i64)>,
    /// When the sample was drawn.
    pub drawn_at: Option<Instant>,
    /// People on the list that waits.
    pub listed: Option<i64>,
    /// The last day for answers, in days from today.
    pub days_left: Option<i64>,
    /// Whether who reads may design, and may lead the field.
    pub may: (bool, bool),
}

impl Standing {
    /// Reads where a study stands.
    pub fn read(
        app: &App,
        connection: &mut Connection,
        who: &SignedIn,
        study: &Study,
        now: Instant,
    ) -> Result<Self, Error> {
        let round = rounds::current(connection, study.id)?.id;
        let published = studies::current_version(connection, study.id)?;
        let missing_media = match published {
            Some(version) => {
                let version = app.version(connection, version)?;
                missing_media(connection, study.id, &version.document)?.len()
            }
            None => 0,
        };
        let outcome_counts = outcomes::counts_of(connection, round)?;
        let frame = frames::waiting(connection, study.id)?;
        let listed = frame.as_ref().map(|row| row.units);
        let drawn_at = samples::of_study(connection, study.id)?.map(|sample| sample.drawn_at);
        let all = counts_of(outcome_counts.iter());
        let unanswered = all.non_contact + all.other + all.unknown_household + all.unknown_other;
        let facts = Facts {
            unpublished: published.is_none(),
            missing_media,
            sample: match frame {
                _ if drawn_at.is_some() => Sampling::Drawn,
                None => Sampling::NoList,
                Some(row) if row.roles.is_none() => Sampling::Listed,
                Some(row) if row.plan.is_empty() => Sampling::ColumnsNamed,
                Some(_) => Sampling::Planned,
            },
            preparing: preparations::of_study(connection, study.id)?,
            cases: whole(all.total()),
            unanswered: whole(unanswered),
            interviews: responses::interview_count(connection, study.id)?,
            written_on: outbox::last_of_round(connection, round)?.map(|(_, at)| study.today(at)),
            doubtful: outbox::doubtful(connection, study.id, 0)?.0,
        };
        let today = study.today(now);
        let frame = Frame {
            status: study.status,
            closes_on: study.closes_on,
            gap_days: study.gap_days,
            today,
        };
        let open = study.status == StudyStatus::Open;
        let last = study.closes_on.filter(|_| open);
        Ok(Self {
            road: Road::of(frame, &facts),
            facts,
            outcome_counts,
            drawn_at,
            listed,
            days_left: last.map(|last| (last - today).num_days()).filter(|days| *days >= 0),
            may: (
                who.may_in(connection, study.unit_id, Action::Design)?,
                who.may_in(connection, study.unit_id, Action::Field)?,
            ),
        })
    }

    /// The next step, where whoever reads may do it.
    pub fn next(&self, study: &Study) -> Option<NextStep> {
        // While the example is filled its steps are taken by themselves.
        let step = self.road.next.filter(|_| study.example != Example::Filling)?;
        let (design, field) = self.may;
        let (address, right) = match step {
            Step::Write => ("/builder", design),
            Step::SendMedia => ("/design#media", design),
            Step::SendList => ("/sample#upload-title", design),
            Step::NameColumns => ("/frame", design),
            Step::Plan => ("/sample/plan", design),
            Step::Draw => ("/sample/draw", design),
            Step::Open => ("/opening", field),
            Step::Invite => ("/invitations", field),
            Step::Resend => ("/field#doubtful", field),
            Step::Remind => ("/reminders", field),
            Step::Close => ("/closure", field),
            Step::Read => ("/tables", true),
        };
        let address = format!("/studies/{}{address}", study.id);
        right.then_some(NextStep { step: step.word(), address })
    }
}

/// Cases are whole numbers.
fn whole(cases: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "cases are far fewer than 2^53")]
    let whole = cases.round() as i64;
    whole
}

impl Bar {
    /// On the page of the next step itself nothing leads there.
    pub fn is_at(&mut self, address: &str) {
        if let Some(study) = &mut self.study {
            study.next.take_if(|next| next.address == address);
        }
    }

    /// Beside a page that is about no study.
    pub fn plain(place: Place) -> Self {
        Self { place: place.word(), study: None }
    }

    /// Beside a page of a study.
    pub fn of(place: Place, study: &Study, standing: &Standing) -> Self {
        let address = format!("/studies/{}", study.id);
        let line = |(stage, mark): &(Stage, Mark)| StageLine {
            stage: stage.word(),
            mark: mark.word(),
            address: format!("{address}/{}", page_of(*stage)),
        };
        Self {
            place: place.word(),
            study: Some(StudyBar {
                name: study.name.clone(),
                status: study.status.word(),
                is_example: study.example != Example::No,
                unpublished: standing.facts.unpublished,
                days_left: standing.days_left,
                interviews: standing.facts.interviews,
                cases: standing.facts.cases,
                may_design: standing.may.0,
                stages: standing.road.stages.iter().map(line).collect(),
                next: standing.next(study),
                waits: standing.road.next.is_none()
                    && study.status == StudyStatus::Open
                    && study.example == Example::No,
                address,
            }),
        }
    }
}

/// The page of a stage, below its study's.
pub fn page_of(stage: Stage) -> &'static str {
    match stage {
        Stage::Design => "design",
        Stage::Sample => "sample",
        Stage::Field => "field",
        Stage::Results => "tables",
        Stage::Report => "report",
    }
}

#[cfg(test)]
impl Bar {
    /// As an example: beside a page of a study.
    pub fn example() -> Self {
        let line = |(stage, mark): (Stage, &'static str)| StageLine {
            stage: stage.word(),
            mark,
            address: "/studies/0190/sample".to_owned(),
        };
        let marks = ["done", "now", "blocked", "later", "later"];
        let step = Step::Invite.word();
        let address = "/studies/0190/invitations".to_owned();
        Self {
            place: Place::Stage(Stage::Sample).word(),
            study: Some(StudyBar {
                address: "/studies/0190".to_owned(),
                name: "Đi lại 2026".to_owned(),
                status: "open",
                is_example: false,
                unpublished: false,
                days_left: Some(9),
                interviews: 551,
                cases: 1_200,
                may_design: true,
                stages: Stage::ALL.iter().copied().zip(marks).map(line).collect(),
                next: Some(NextStep { step, address }),
                waits: false,
            }),
        }
    }
}
