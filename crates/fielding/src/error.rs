//! The one error of this crate, and how each kind of it is told.
//!
//! Six kinds reach a person (invalid, unauthorised, forbidden, not found,
//! conflict, internal). The table in [`Error::presentation`] gives each its
//! HTTP status and the key of its text; what is not in the table is internal
//! and shown as a bland page with a logged number.

use std::path::PathBuf;

use locale::problem_text;

use crate::rules::words::words;

pub use survey_builder::problem::Problem;

words! {
    /// What is not there. Each has a text of its own, `missing-…`.
    pub enum Missing {
        /// An address that leads nowhere.
        Page = "page",
        /// A study, or one that the person may not know of.
        Study = "study",
        /// A file of a study or of an interview.
        File = "file",
        /// A frame that waits for a draw.
        Frame = "frame",
        /// A sample that was drawn.
        Sample = "sample",
        /// A unit of a sample.
        SampledUnit = "sampled-unit",
        /// An area of a sample.
        Area = "area",
        /// A questionnaire that was published.
        Questionnaire = "questionnaire",
        /// A version of one.
        Version = "version",
        /// A question.
        Question = "question",
        /// A block of the library, or one that the person may not know of.
        Block = "block",
        /// A round of a study.
        Round = "round",
        /// A case.
        Case = "case",
        /// The contact of one.
        Contact = "contact",
        /// A link that was sent.
        Link = "link",
        /// Somebody who works here.
        User = "user",
        /// A unit of the organisation.
        Unit = "unit",
        /// An invitation that waits.
        Invitation = "invitation",
        /// What somebody is in a unit.
        Role = "role",
        /// The first unit.
        Organisation = "organisation",
    }
}

words! {
    /// What something clashes with. Each has a text of its own, `clash-…`.
    pub enum Clash {
        /// The study takes no answers.
        StudyNotOpen = "study-not-open",
        /// The study takes answers.
        StudyOpen = "study-open",
        /// The study takes no answers any more.
        StudyClosed = "study-closed",
        /// Nobody has been invited yet.
        NobodyInvited = "nobody-invited",
        /// The study has its sample.
        SampleDrawn = "sample-drawn",
        /// Another frame waits, or none.
        FrameChanged = "frame-changed",
        /// There is no interview yet.
        NoInterviews = "no-interviews",
        /// No respondent has sent a file.
        NoFiles = "no-files",
        /// The interview has ended.
        InterviewEnded = "interview-ended",
        /// A sample, messages or a closing is still being stored.
        Preparing = "preparing",
        /// What was being stored was taken back.
        TakenBack = "taken-back",
        /// Somebody works here already.
        AlreadySetUp = "already-set-up",
        /// Somebody has that address.
        UserExists = "user-exists",
        /// A second factor is set up already.
        FactorSetUp = "factor-set-up",
        /// There is no second factor.
        NoFactor = "no-factor",
    }
}

/// Where one goes on from an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To the list of studies, or to the code for who answers.
    Start,
    /// To the page of the study that the address is about.
    Study,
    /// To its sample.
    Sample,
    /// To its invitations.
    Invitations,
    /// To the interview.
    Interview,
    /// To the sign-in page.
    SignIn,
    /// To where a second factor is set up.
    SecondFactor,
}

/// Everything that can go wrong in the service.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was sent is wrong: all problems at once.
    #[error("{}", list(.0))]
    Invalid(Vec<Problem>),
    /// Nobody is signed in.
    #[error("sign-in needed")]
    Unauthorised,
    /// The person may not do this.
    #[error("not allowed")]
    Forbidden,
    /// The person must set up a second factor before anything else.
    #[error("a second factor must be set up first")]
    FactorNeeded,
    /// There is no such thing, or the person may not know that there is.
    #[error("{0} not found")]
    NotFound(Missing),
    /// It clashes with what is there.
    #[error("conflict: {0}")]
    Conflict(Clash),
    /// Too many tries; wait.
    #[error("too many tries")]
    TooMany,
    /// More is waiting to be written than may wait.
    #[error("busy: the write queue is full")]
    Busy,
    /// What was sent came too slowly.
    #[error("the request's body came too slowly")]
    Slow,
    /// Looking into what was sent takes too long.
    #[error("looking into the file took too long")]
    TooLong,
    /// The program is about to end.
    #[error("the program is ending")]
    Stopping,
    /// The database address has a scheme that is not known.
    #[error("unknown database address \"{0}\": use sqlite:PATH or postgresql://USER@HOST/NAME")]
    UnknownDatabase(String),
    /// The data folder cannot be written to.
    #[error("cannot write to the data folder {}: {reason}; choose another with --data or make room", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The database cannot be reached.
    #[error("cannot reach the database: {0}")]
    Unreachable(String),
    /// The tables cannot be brought up to date.
    #[error("cannot bring the database up to date: {0}")]
    Migration(String),
    /// The database was made by a later program.
    #[error(
        "the database was made by a later program (it has the change {0}); use that program, or restore a backup of this one"
    )]
    LaterDatabase(String),
    /// A program has the database open.
    #[error("a program has {} open; stop it first", .0.display())]
    InUse(PathBuf),
    /// A query failed.
    #[error("query failed: {0}")]
    Query(#[from] diesel::result::Error),
    /// What was written could not be committed, and was undone.
    #[error("nothing was stored: {0}")]
    Commit(String),
    /// The writer or a worker stopped.
    #[error("the database writer stopped")]
    WriterStopped,
    /// A defect: a job panicked and was undone.
    #[error("a job failed unexpectedly: {0}")]
    Panicked(String),
    /// What is stored cannot be read back.
    #[error("stored {what} cannot be read: {reason}")]
    Damaged {
        /// Which record.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// The key file cannot be read or made.
    #[error("key file {}: {reason}", file.display())]
    Keys {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// One of the two keys is not where it must be.
    #[error("{} does not hold both service.key and contact.key; take them from a backup", .0.display())]
    KeysMissing(PathBuf),
    /// A template or a translation failed.
    #[error("page could not be made: {0}")]
    Render(String),
    /// Mail could not be set up.
    #[error("mail: {0}")]
    Mail(String),
    /// What is stored does not allow what is asked: all problems at once.
    #[error("{}", list(.0))]
    Refused(Vec<Problem>),
}

/// In English: it is for logs.
fn list(problems: &[Problem]) -> String {
    problems.iter().map(|problem| problem_text(problem, "en")).collect::<Vec<_>>().join("; ")
}

impl Error {
    /// One problem.
    pub fn invalid(code: &str, place: &str) -> Self {
        Self::Invalid(vec![Problem::new(code, place)])
    }

    /// Whether something with the same key was there already.
    pub fn is_taken(&self) -> bool {
        matches!(
            self,
            Self::Query(diesel::result::Error::DatabaseError(
                diesel::result::DatabaseErrorKind::UniqueViolation,
                _,
            ))
        )
    }

    /// Whether what was tried met another change and may be tried again: on
    /// `PostgreSQL` a serialisation failure or a deadlock.
    pub fn may_be_tried_again(&self) -> bool {
        match self {
            Self::Query(diesel::result::Error::DatabaseError(
                diesel::result::DatabaseErrorKind::SerializationFailure,
                _,
            )) => true,
            Self::Query(diesel::result::Error::DatabaseError(_, told)) => {
                told.message().contains("deadlock detected")
            }
            _ => false,
        }
    }

    /// HTTP status and the key of the text that a person reads.
    pub fn presentation(&self) -> (u16, String) {
        let (status, key) = match self {
            Self::Invalid(_) => (422, "error-invalid"),
            Self::Unauthorised => (401, "error-unauthorised"),
            Self::Forbidden => (403, "error-forbidden"),
            Self::FactorNeeded => (403, "error-factor-needed"),
            Self::NotFound(missing) => return (404, format!("missing-{missing}")),
            Self::Conflict(clash) => return (409, format!("clash-{clash}")),
            Self::Refused(_) => (409, "error-refused"),
            Self::TooMany => (429, "error-too-many"),
            Self::Busy => (503, "error-busy"),
            Self::Slow => (408, "error-slow"),
            Self::TooLong => (422, "error-too-long"),
            Self::Stopping => (503, "error-stopping"),
            _ => (500, "error-internal"),
        };
        (status, key.to_owned())
    }

    /// What is done next.
    pub fn way(&self) -> Way {
        match self {
            Self::NotFound(
                Missing::Frame | Missing::Sample | Missing::Area | Missing::SampledUnit,
            )
            | Self::Conflict(Clash::SampleDrawn | Clash::FrameChanged) => Way::Sample,
            Self::Conflict(Clash::NobodyInvited) => Way::Invitations,
            Self::Conflict(Clash::InterviewEnded) | Self::NotFound(Missing::Question) => {
                Way::Interview
            }
            Self::Conflict(Clash::AlreadySetUp) | Self::Unauthorised => Way::SignIn,
            Self::FactorNeeded => Way::SecondFactor,
            Self::NotFound(Missing::File | Missing::Questionnaire | Missing::Version)
            | Self::Conflict(_)
            | Self::Forbidden
            | Self::Invalid(_)
            | Self::Refused(_)
            | Self::Busy => Way::Study,
            _ => Way::Start,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_texts() {
        let missing = Missing::ALL.iter().map(|one| Error::NotFound(*one));
        let clashes = Clash::ALL.iter().map(|one| Error::Conflict(*one));
        let others = [
            Error::Invalid(Vec::new()),
            Error::Refused(Vec::new()),
            Error::Unauthorised,
            Error::Forbidden,
            Error::FactorNeeded,
            Error::TooMany,
            Error::Busy,
            Error::Slow,
            Error::TooLong,
            Error::Stopping,
            Error::WriterStopped,
        ];
        for error in missing.chain(clashes).chain(others) {
            let (_, key) = error.presentation();
            for (language, _) in locale::LANGUAGES {
                for part in ["title", "body"] {
                    let key = format!("{key}-{part}");
                    assert!(locale::has(language, &key), "{language}: {key}");
                }
            }
        }
    }
}
