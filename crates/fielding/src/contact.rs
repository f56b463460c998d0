//! Who a sampled person is, sealed apart from all that is answered.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::keys::Keys;
use crate::store::Id;

/// Name and addresses of a sampled person. Sealed in the store, opened only to
/// send, never shown beside an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactDetails {
    /// Name, for the greeting.
    pub name: String,
    /// E-mail address; empty when there is none.
    pub email: String,
    /// Telephone; empty when there is none.
    #[serde(default)]
    pub phone: String,
    /// Address, for who visits; empty when there is none.
    #[serde(default)]
    pub address: String,
}

impl ContactDetails {
    /// Seals the details for a case.
    pub fn seal(&self, keys: &Keys, case: Id) -> Result<Vec<u8>, Error> {
        let json = serde_json::to_vec(self)
            .map_err(|error| Error::Damaged { what: "contact", reason: error.to_string() })?;
        keys.seal(case, &json)
    }

    /// Opens sealed details.
    pub fn open(keys: &Keys, case: Id, sealed: &[u8]) -> Result<Self, Error> {
        serde_json::from_slice(&keys.unseal(case, sealed)?)
            .map_err(|error| Error::Damaged { what: "contact", reason: error.to_string() })
    }

    /// What is remembered when the address wants no more mail.
    pub fn suppression_hash(&self, keys: &Keys) -> Vec<u8> {
        keys.lookup(&format!("suppressed|{}", self.email.trim().to_lowercase()))
    }

    /// Enough of the address for its owner to know it: `l•••@example.org`.
    pub fn masked_email(&self) -> String {
        match self.email.split_once('@') {
            Some((name, domain)) => {
                format!("{}•••@{domain}", name.chars().next().unwrap_or_default())
            }
            None => String::new(),
        }
    }

    /// The domain, for throttling.
    pub fn domain(&self) -> &str {
        self.email.rsplit('@').next().unwrap_or_default()
    }
}
