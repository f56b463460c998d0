//! Cases: sampled units while they are fielded.

use survey_builder::sampling::sample::Sample;

/// A case to be opened.
#[derive(Clone, Debug, PartialEq)]
pub struct NewCase {
    /// Number within the study, from 1, in the order of the draw.
    pub number: u32,
    /// The unit's identity in the frame.
    pub unit: String,
    /// Its stratum.
    pub stratum: String,
    /// Its primary sampling unit; empty when units are drawn directly.
    pub psu: String,
    /// Inclusion probability over all stages and phases.
    pub probability: f64,
    /// Its inverse.
    pub base_weight: f64,
    /// Its replicate, if the sample has replicates.
    pub replicate: Option<u32>,
}

/// One case a sampled unit; of two phases, those of the second are in the field.
pub fn open_cases(sample: &Sample) -> Vec<NewCase> {
    let two_phases = sample.plan.second_phase.is_some();
    let fielded = sample.units.iter().filter(|unit| !two_phases || unit.second_phase.is_some());
    (1..)
        .zip(fielded)
        .map(|(number, unit)| {
            let of_phase = unit.second_phase.map_or(1.0, |stage| stage.probability);
            NewCase {
                number,
                unit: unit.unit.clone(),
                stratum: unit.stratum.clone(),
                psu: unit.cluster.clone().unwrap_or_default(),
                probability: unit.probability * of_phase,
                base_weight: unit.weight / of_phase,
                replicate: unit.replicate,
            }
        })
        .collect()
}

/// The smallest number of cases that share stratum, primary unit, weight and
/// what the questionnaire takes from the frame: in an anonymous study these
/// travel with the answers, so a combination that few people share could point
/// at one of them.
pub fn smallest_design_cell(cases: &[NewCase], beside: impl Fn(&NewCase) -> Vec<String>) -> usize {
    let mut cells: std::collections::HashMap<(&str, &str, u64, Vec<String>), usize> =
        std::collections::HashMap::new();
    for case in cases {
        let cell = (&*case.stratum, &*case.psu, case.base_weight.to_bits(), beside(case));
        *cells.entry(cell).or_default() += 1;
    }
    cells.into_values().min().unwrap_or(0)
}
