//! Who may do what. A role is held in a unit and reaches every unit below it,
//! never above.

use super::words::words;

words! {
    /// What a person is in a unit.
    pub enum Role {
        /// May do everything, also give roles.
        Owner = "owner",
        /// Writes questionnaires and draws samples.
        Designer = "designer",
        /// Runs the fieldwork: cases, invitations, opening and closing.
        FieldManager = "field_manager",
        /// Reads and downloads results.
        Analyst = "analyst",
        /// Looks, changes nothing, downloads nothing.
        Viewer = "viewer",
    }
}

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// See the study, its questionnaire, sample, counts and tables.
    View,
    /// Make a study; change its questionnaire and margins; draw.
    Design,
    /// Open, close, invite, remind.
    Field,
    /// Work cases of an area that was given to one.
    WorkCases,
    /// Download the list of sampled units, as who works in the field needs it.
    DownloadUnits,
    /// Download tables and reports.
    Download,
    /// Download a row a response (never with a name).
    DownloadResponses,
    /// Give roles, add people.
    Administer,
}

impl Action {
    /// Every one, in the order in which a role's rights are told.
    pub const ALL: [Self; 8] = [
        Self::View,
        Self::Design,
        Self::Field,
        Self::WorkCases,
        Self::DownloadUnits,
        Self::Download,
        Self::DownloadResponses,
        Self::Administer,
    ];

    /// The end of the key of its text.
    pub const fn word(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Design => "design",
            Self::Field => "field",
            Self::WorkCases => "work-cases",
            Self::DownloadUnits => "download-units",
            Self::Download => "download",
            Self::DownloadResponses => "download-responses",
            Self::Administer => "administer",
        }
    }
}

impl Role {
    /// Whether whoever has this role may give the other: nobody gives what they have
    /// not.
    pub fn may_give(self, other: Self) -> bool {
        self.may(Action::Administer)
            && Action::ALL.iter().all(|action| self.may(*action) || !other.may(*action))
    }

    /// Whether the role carries that right.
    pub fn may(self, action: Action) -> bool {
        match action {
            Action::View => true,
            Action::Design => matches!(self, Self::Owner | Self::Designer),
            Action::Field => matches!(self, Self::Owner | Self::FieldManager),
            Action::WorkCases => matches!(self, Self::Owner | Self::FieldManager),
            Action::DownloadUnits => {
                matches!(self, Self::Owner | Self::Designer | Self::FieldManager)
            }
            Action::Download => {
                matches!(self, Self::Owner | Self::Designer | Self::FieldManager | Self::Analyst)
            }
            Action::DownloadResponses => matches!(self, Self::Owner | Self::Analyst),
            Action::Administer => self == Self::Owner,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_gives_what_they_have_not() {
        for giver in Role::ALL {
            for given in Role::ALL {
                assert_eq!(giver.may_give(*given), *giver == Role::Owner, "{giver} {given}");
            }
        }
    }
}
