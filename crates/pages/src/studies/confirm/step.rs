//! The acts that have a page of consequences.

use fielding::rules::access::Action;
use fielding::rules::road::Stage;

use crate::bar::Place;
use crate::render::in_address;

/// An act whose consequences have a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Answers are taken.
    Open,
    /// Invitations to those who have had none.
    Invite,
    /// The next reminder.
    Remind,
    /// Once more what may have gone out.
    Resend,
    /// No more answers.
    Close,
    /// Replicates, up to this number.
    Release(u32),
    /// The frame that waits is deleted.
    RemoveFrame,
    /// A file that the questionnaire shows is deleted.
    RemoveMedia(String),
    /// The study is deleted.
    Delete,
}

impl Step {
    /// Who may do it.
    pub fn right(&self) -> Action {
        match self {
            Self::RemoveFrame | Self::RemoveMedia(_) => Action::Design,
            Self::Delete => Action::Administer,
            _ => Action::Field,
        }
    }

    /// Where its form goes, below the study's address.
    pub fn address(&self) -> String {
        match self {
            Self::Open => "opening".to_owned(),
            Self::Invite => "invitations".to_owned(),
            Self::Remind => "reminders".to_owned(),
            Self::Resend => "resending".to_owned(),
            Self::Close => "closure".to_owned(),
            Self::Release(_) => "sample/release".to_owned(),
            Self::RemoveFrame => "frame/removal".to_owned(),
            Self::RemoveMedia(name) => format!("media/{}/removal", in_address(name)),
            Self::Delete => "deletion".to_owned(),
        }
    }

    /// Where one comes from and goes back to, below the study's address.
    pub fn origin(&self) -> &'static str {
        match self {
            Self::Release(_) | Self::RemoveFrame => "/sample",
            Self::RemoveMedia(_) => "/design#media",
            Self::Open => "",
            Self::Delete => "/settings#end",
            _ => "/field",
        }
    }

    /// Whether it is about the sample rather than the fieldwork.
    pub fn is_about_sample(&self) -> bool {
        matches!(self, Self::Release(_) | Self::RemoveFrame)
    }

    /// Where its page is.
    pub fn place(&self) -> Place {
        Place::Stage(match self {
            Self::Delete => return Place::Settings,
            Self::Release(_) | Self::RemoveFrame => Stage::Sample,
            Self::RemoveMedia(_) => Stage::Design,
            Self::Open | Self::Invite | Self::Remind | Self::Resend | Self::Close => Stage::Field,
        })
    }
}
