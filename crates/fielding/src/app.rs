//! The application: everything a request or a job needs, and how it is put together.
//! `main` and the tests build it the same way.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, RwLock};

use survey_builder::questionnaire::compile::compile_version;
use survey_builder::questionnaire::version::Version;
use survey_builder::sampling::{Columns, Frame};

use crate::clock::Clock;
use crate::error::{Error, Missing};
use crate::jobs::watch::Watch;
use crate::keys::Keys;
use crate::rules::second_factor::Requirement;
use crate::store::{Connection, Id, Instant, Store, studies};

/// The frame that was read last, by the identity of its row.
type Held = Arc<RwLock<Option<(Id, Columns, Arc<Frame>)>>>;

/// What a request needs. Cheap to clone; holds nothing that another node would
/// miss.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub store: Store,
    /// Secrets.
    pub keys: Keys,
    /// What time it is.
    pub clock: Clock,
    /// How the world reaches us: `https://survey.example.org`, without a slash
    /// at the end.
    pub public_address: Arc<str>,
    /// Whom letters come from, where somebody has said how they leave.
    pub sender: Option<Arc<str>>,
    /// Who must have a second factor.
    pub second_factor: Requirement,
    /// What failed in the background and was started again, on this node.
    pub watch: Arc<Watch>,
    /// The data folder, where there is one.
    pub data: Option<Arc<Path>>,
    versions: Arc<RwLock<HashMap<Id, Arc<Version>>>>,
    frame: Held,
    waiting: Arc<RwLock<HashMap<Id, (Instant, usize)>>>,
}

/// How long the number of what waits for somebody is not counted anew.
const WAITING_SECONDS: i64 = 60;

impl App {
    /// Puts the application together.
    pub fn new(store: Store, keys: Keys, public_address: &str) -> Self {
        Self {
            store,
            keys,
            clock: Clock::system(),
            public_address: public_address.trim_end_matches('/').into(),
            sender: None,
            second_factor: Requirement::Off,
            watch: Arc::default(),
            data: None,
            versions: Arc::default(),
            frame: Arc::default(),
            waiting: Arc::default(),
        }
    }

    /// The same by another clock.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// The same with letters from `sender`.
    #[must_use]
    pub fn with_sender(self, sender: &str) -> Self {
        Self { sender: Some(sender.into()), ..self }
    }

    /// The same with a data folder.
    #[must_use]
    pub fn with_data(self, data: &Path) -> Self {
        Self { data: Some(data.into()), ..self }
    }

    /// The same with another rule of who must have a second factor.
    #[must_use]
    pub fn with_second_factor(self, second_factor: Requirement) -> Self {
        Self { second_factor, ..self }
    }

    /// A published version, compiled once and then held: it never changes. It is
    /// not reviewed again, because the rules of today are for what is published
    /// today, and its hash is the one that was stored with it.
    pub fn version(&self, connection: &mut Connection, id: Id) -> Result<Arc<Version>, Error> {
        if let Some(version) =
            self.versions.read().unwrap_or_else(std::sync::PoisonError::into_inner).get(&id)
        {
            return Ok(Arc::clone(version));
        }
        let row = studies::version(connection, id)?.ok_or(Error::NotFound(Missing::Version))?;
        let (mut version, _) = compile_version(row.document.into_inner());
        version.hash = row.hash;
        let version = Arc::new(version);
        self.versions
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .insert(id, Arc::clone(&version));
        Ok(version)
    }

    /// How many things wait for somebody, if that was counted within the last minute.
    pub fn waiting(&self, user: Id, now: Instant) -> Option<usize> {
        let counted = self.waiting.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (at, count) = *counted.get(&user)?;
        (at <= now && now < at.plus_seconds(WAITING_SECONDS)).then_some(count)
    }

    /// Holds how many things wait for somebody; `None`, when something was done that
    /// may change it.
    pub fn hold_waiting(&self, user: Id, counted: Option<(Instant, usize)>) {
        let mut held = self.waiting.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        match counted {
            Some(counted) => held.insert(user, counted),
            None => held.remove(&user),
        };
    }

    /// The frame that was read last, if it is this one, read for these columns.
    pub fn held_frame(&self, id: Id, columns: &Columns) -> Option<Arc<Frame>> {
        let held = self.frame.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (.., frame) = held.as_ref().filter(|(held, of, _)| (held, of) == (&id, columns))?;
        Some(Arc::clone(frame))
    }

    /// Holds a frame in the place of the one held before: a plan is looked at
    /// many times before it is drawn by.
    pub fn hold_frame(&self, id: Id, columns: &Columns, frame: &Arc<Frame>) {
        let mut held = self.frame.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        *held = Some((id, columns.clone(), Arc::clone(frame)));
    }

    /// Lets a held frame go.
    pub fn drop_frame(&self) {
        *self.frame.write().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
    }
}
