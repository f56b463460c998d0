//! What only people know of how a study was made, for the statement of its method
//! (AAPOR's Transparency Initiative; ESOMAR and WAPOR ask for the same).

use serde::{Deserialize, Serialize};

/// What was stated; empty texts where nothing was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Statement {
    /// Who paid for it.
    pub sponsor: String,
    /// Whom the figures are about.
    pub population: String,
    /// What respondents were given.
    pub incentives: String,
    /// How the quality of the data was looked after.
    pub quality: String,
}
