//! Who may do what. A role is held in a unit and reaches every unit below it,
//! never above.

/// What a person is in a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// May do everything, also give roles.
    Owner,
    /// Writes questionnaires and draws samples.
    Designer,
    /// Runs the fieldwork: cases, invitations, opening and closing.
    FieldManager,
    /// Reads and downloads results.
    Analyst,
    /// Looks, changes nothing, downloads nothing.
    Viewer,
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
    /// Download tables and reports.
    Download,
    /// Download a row a response (never with a name).
    DownloadResponses,
    /// Give roles, add people.
    Administer,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] =
        [Self::Owner, Self::Designer, Self::FieldManager, Self::Analyst, Self::Viewer];

    /// Its name in the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Designer => "designer",
            Self::FieldManager => "field_manager",
            Self::Analyst => "analyst",
            Self::Viewer => "viewer",
        }
    }

    /// The role with that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Whether the role carries that right.
    pub fn may(self, action: Action) -> bool {
        match action {
            Action::View => true,
            Action::Design => matches!(self, Self::Owner | Self::Designer),
            Action::Field => matches!(self, Self::Owner | Self::FieldManager),
            Action::Download => {
                matches!(self, Self::Owner | Self::Designer | Self::FieldManager | Self::Analyst)
            }
            Action::DownloadResponses => matches!(self, Self::Owner | Self::Analyst),
            Action::Administer => self == Self::Owner,
        }
    }
}
