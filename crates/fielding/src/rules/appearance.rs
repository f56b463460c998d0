//! How whoever asks appears to respondents: one accent colour, and a logo.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use survey_builder::questionnaire::document::Text;

use super::colour::Colour;

/// What a unit or a study has of it; nothing is the program's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Appearance {
    /// The accent colour, six digits; empty where there is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub accent: String,
    /// The logo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<Logo>,
}

/// A logo, without its picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logo {
    /// The hash of its picture.
    pub hash: String,
    /// What it says, for whoever does not see it, by language.
    pub alt: Text,
}

impl Appearance {
    /// The accent as a colour.
    pub fn colour(&self) -> Option<Colour> {
        Colour::parse(&self.accent)
    }

    /// Whether there is nothing of its own.
    pub fn is_plain(&self) -> bool {
        self.accent.is_empty() && self.logo.is_none()
    }

    /// What it is, in short: so that nobody changes what somebody else has changed since
    /// it was seen.
    pub fn stamp(&self) -> String {
        let hash = Sha256::digest(serde_json::to_vec(self).unwrap_or_default());
        let (first, _) = hash.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
        format!("{:016x}", u64::from_be_bytes(*first))
    }
}
