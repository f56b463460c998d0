//! The application: everything a request needs, and how it is put together.
//! `main` and the tests build it the same way.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::version::{Version, publish};

use crate::error::Error;
use crate::keys::Keys;
use crate::store::{Connection, Id, Store, studies};

/// What a request needs. Cheap to clone; holds nothing that another node would
/// miss.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub store: Store,
    /// Secrets.
    pub keys: Keys,
    /// How the world reaches us: `https://survey.example.org`, without a slash
    /// at the end.
    pub public_address: Arc<str>,
    /// Whether cookies are sent over HTTPS only.
    pub secure: bool,
    versions: Arc<RwLock<HashMap<Id, Arc<Version>>>>,
}

impl App {
    /// Puts the application together.
    pub fn new(store: Store, keys: Keys, public_address: &str) -> Self {
        Self {
            store,
            keys,
            public_address: public_address.trim_end_matches('/').into(),
            secure: public_address.starts_with("https://"),
            versions: Arc::default(),
        }
    }

    /// A published version, compiled once and then held: it never changes.
    pub fn version(&self, connection: &mut Connection, id: Id) -> Result<Arc<Version>, Error> {
        if let Some(version) =
            self.versions.read().unwrap_or_else(std::sync::PoisonError::into_inner).get(&id)
        {
            return Ok(Arc::clone(version));
        }
        let row = studies::version(connection, id)?.ok_or(Error::NotFound("version"))?;
        let document = read_document(&row.document)?;
        let version = publish(document).map_err(|findings| Error::Damaged {
            what: "version",
            reason: findings.first().map(ToString::to_string).unwrap_or_default(),
        })?;
        let version = Arc::new(version);
        self.versions
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .insert(id, Arc::clone(&version));
        Ok(version)
    }
}

/// Reads a stored document.
pub fn read_document(json: &str) -> Result<Document, Error> {
    serde_json::from_str(json)
        .map_err(|error| Error::Damaged { what: "document", reason: error.to_string() })
}
