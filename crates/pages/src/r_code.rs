//! The design of a study's responses as a script for R and its package `survey`.

use fielding::results::Results;
use fielding::results::design::{DesignFrom, StageNames};

/// Lines that read `responses.csv` and tell R its design, with the weights before
/// any fitting. Where columns cannot hold the whole design, what they hold.
pub fn r_code(results: &Results) -> String {
    let weight = &results.names.base_weight;
    let mut sorted = String::new();
    let (arguments, nest) = match &results.design_from {
        DesignFrom::Record(columns) => {
            let arguments = of_stages(&columns.stages);
            (
                if columns.by_size {
                    sorted = in_order(&columns.stages);
                    format!("{arguments},\n  pps = \"brewer\"")
                } else {
                    arguments
                },
                "",
            )
        }
        DesignFrom::Groups { clustered, .. } => {
            let id = if *clustered { results.names.psu.as_str() } else { "1" };
            (format!("id = ~{id}, strata = ~{}", results.names.stratum), ",\n  nest = TRUE")
        }
    };
    format!(
        "library(survey)\n\
         options(survey.lonely.psu = \"adjust\")\n\
         d <- read.csv(\"responses.csv\", fileEncoding = \"UTF-8-BOM\")\n\
         {sorted}\
         design <- svydesign({arguments},\n  weights = ~{weight}{nest}, data = d)\n"
    )
}

/// Rows in the order of their clusters. `survey` (4.1) adds up each cluster in that order and takes
/// their probabilities in the order of the rows, so that errors by Brewer are wrong in any other.
fn in_order(stages: &[StageNames]) -> String {
    let clusters: Vec<String> = stages.iter().map(|stage| format!("d${}", stage.cluster)).collect();
    format!("d <- d[order({}), ]\n", clusters.join(", "))
}

/// The stages; those drawn with replacement end with the first, whose members vary
/// with everything below them. No two members or lists have one code, so nothing is
/// nested.
fn of_stages(stages: &[StageNames]) -> String {
    let sum = |names: &mut dyn Iterator<Item = &str>| names.collect::<Vec<_>>().join(" + ");
    let probabilities: Option<Vec<&str>> =
        stages.iter().map(|stage| stage.probability.as_deref()).collect();
    let used = if probabilities.is_some() { stages } else { &stages[..1] };
    let clusters = sum(&mut used.iter().map(|stage| stage.cluster.as_str()));
    let strata = sum(&mut used.iter().map(|stage| stage.stratum.as_str()));
    let mut arguments = format!("id = ~{clusters},\n  strata = ~{strata}");
    if let Some(probabilities) = probabilities {
        let fpc = probabilities.join(" + ");
        arguments.push_str(&format!(",\n  fpc = ~{fpc}"));
    }
    arguments
}
