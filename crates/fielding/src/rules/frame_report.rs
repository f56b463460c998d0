//! What was found when a frame was looked through.

use serde::{Deserialize, Serialize};
use survey_builder::problem::Problem;
use survey_builder::sampling::Frame;
use survey_builder::sampling::frame::contacts::{Contacts, Coverage};
use survey_builder::sampling::frame::places::PlaceReport;

/// Strata that a report lists.
const STRATA_SHOWN: usize = 500;

/// A stratum as a report shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StratumReport {
    /// Its name.
    pub stratum: String,
    /// Its units.
    pub units: u64,
    /// Its clusters.
    pub clusters: u64,
    /// The sum of its units' sizes.
    pub size: f64,
    /// Its units by an independent count.
    pub known: Option<f64>,
    /// The first count over the second.
    pub share: Option<f64>,
}

/// Two rows that may be one unit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TwinReport {
    /// The later row; the header is row 1.
    pub row: u64,
    /// The earlier one.
    pub first: u64,
    /// The columns that say the same.
    pub columns: String,
}

/// What was found when a frame was looked through.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    /// Its units.
    pub units: u64,
    /// Its clusters.
    pub clusters: u64,
    /// How many strata it has.
    pub strata_count: u64,
    /// The first strata.
    pub strata: Vec<StratumReport>,
    /// The first rows that may be the same unit as another.
    pub twins: Vec<TwinReport>,
    /// How many in all.
    pub twin_count: u64,
    /// How its places stand to a list of places of its day, where one was given.
    #[serde(default)]
    pub places: Option<PlaceReport>,
    /// What is worth a look.
    #[serde(default)]
    pub notes: Vec<Problem>,
}

impl Report {
    /// The report on a frame that was looked through.
    pub fn of(
        frame: &Frame,
        coverage: &[Coverage],
        twins: &Contacts,
        places: Option<PlaceReport>,
        notes: Vec<Problem>,
    ) -> Self {
        let strata = frame.strata.iter().zip(coverage).take(STRATA_SHOWN);
        Self {
            units: frame.units.len() as u64,
            clusters: frame.clusters.len() as u64,
            strata_count: frame.strata.len() as u64,
            strata: strata
                .map(|(stratum, coverage)| StratumReport {
                    stratum: stratum.name.clone(),
                    units: stratum.units.len() as u64,
                    clusters: stratum.clusters.len() as u64,
                    size: stratum.size,
                    known: coverage.known,
                    share: coverage.share,
                })
                .collect(),
            twins: twins
                .twins
                .iter()
                .take(20)
                .map(|twin| TwinReport {
                    row: twin.row,
                    first: twin.first,
                    columns: twin.columns.clone(),
                })
                .collect(),
            twin_count: twins.count,
            places,
            notes,
        }
    }
}
